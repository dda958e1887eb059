//! Flight SQL (Arrow's `FlightSql.proto`) over gRPC: sockets, tokens, statements, prepared statements and metadata. Batches go to clients as the engine yields
//! them. It knows a session of `weft_engine` and nothing of what happens behind it.
//!
//! A token is one session. Its statements may run beside each other: each result has a task that computes it and stops with it.

mod action;
mod basic;
mod caller;
mod command;
mod encode;
mod entrance;
mod fit;
mod handles;
mod ingest;
mod line;
mod listener;
mod metadata;
mod options;
mod parameters;
mod prepared;
mod put;
mod query;
mod run;
mod service;
mod session_option;
mod statement;
mod status;
mod tickets;
mod tokens;
mod visitor;

pub use listener::Listener;
