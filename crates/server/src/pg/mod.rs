//! The PostgreSQL protocol, version 3 (chapter 55 of PostgreSQL's manual): sockets, login, messages, and Arrow rows as text or binary. It knows a
//! session of `weft_engine` and nothing of what happens behind it.
//!
//! A connection is one task that owns its socket. While a statement runs, the same task reads ahead what the client sends, so that a client that
//! leaves is noticed at once, and dropping the task drops the statement.

mod auth;
mod connection;
mod copy;
pub(crate) mod decode;
pub(crate) mod encode;
mod error;
mod extended;
mod frame;
mod handshake;
mod listener;
mod login;
mod message;
mod parameters;
mod portals;
mod rows;
mod simple;
mod statements;
mod wire;

pub use listener::Listener;
