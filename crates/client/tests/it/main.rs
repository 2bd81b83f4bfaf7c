//! Customers' devices against a network and a small endpoint, everything encrypted.
mod conversations;
mod devices;
mod shop;
mod terminal;
mod world;
