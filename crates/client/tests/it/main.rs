//! Customers' devices against a network and a small endpoint, everything encrypted.
mod conversations;
mod devices;
mod relation;
mod shop;
mod terminal;
mod world;
