//! The gateway as a program: command line, boot, the PostgreSQL protocol, Flight SQL and HTTP. It turns bytes into calls of `weft_engine` and rows into bytes; it
//! must not know what a statement means.

pub mod access;
pub mod boot;
pub mod cli;
pub mod flight;
pub mod http;
pub mod pg;
