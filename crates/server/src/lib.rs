//! The gateway as a program: command line, boot, the PostgreSQL protocol and Flight SQL. It turns bytes into calls of `weft_engine` and rows into bytes; it
//! must not know what a statement means.

pub mod access;
pub mod boot;
pub mod cli;
pub mod flight;
pub mod pg;
