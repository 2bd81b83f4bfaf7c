//! Templates on the wire: what fills one when it is sent ([`sent`]), how they are made, changed and listed ([`manage`], [`list`]), and what programs
//! are told of them ([`notify`]).
pub mod list;
pub mod manage;
pub mod notify;
pub mod sent;
