//! The gateway as a program: command line, boot, and the PostgreSQL protocol. It turns bytes into calls of `weft_engine` and rows into bytes; it
//! must not know what a statement means.

pub mod boot;
pub mod cli;
pub mod pg;
