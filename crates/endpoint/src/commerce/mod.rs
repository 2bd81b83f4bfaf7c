//! What a business sells (R49): its catalogues and their products, as messages, customers' devices and programs are shown them, and what is ordered.
//!
//! | file | subject |
//! |---|---|
//! | [`rows`] | what is stored |
//! | [`catalogs`], [`products`], [`batch`] | made, changed and taken away |
//! | [`list`] | pages of products |
//! | [`goods`] | what may not be sold |
//! | [`shown`] | products as messages and devices show them |
//! | [`pages`] | the catalogue as a customer's device asks for it |
//! | [`orders`] | what customers order |
mod batch;
mod catalogs;
mod goods;
mod list;
pub(crate) mod orders;
pub(crate) mod pages;
mod products;
mod rows;
mod shown;
