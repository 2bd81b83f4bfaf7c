//! Templates on the wire: what fills one when it is sent ([`sent`]), how they are made, changed and listed ([`manage`], [`list`]), and what programs
//! are told of them ([`notify`]). Beside: the library of ready-made ones ([`library`]), how one-time codes look ([`previews`]), what customers made of
//! two of them ([`compare`]), and what programs say that no rule asks about ([`extras`]).
pub mod compare;
pub mod extras;
pub mod library;
pub mod list;
pub mod manage;
pub mod notify;
pub mod previews;
pub mod sent;
