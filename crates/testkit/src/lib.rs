//! What tests stand on: real servers on free ports in temporary folders, the `.slt` driver over all protocols, and the differential
//! comparison with PostgreSQL. It sees Weft only from outside, as a program and a port: it must not know any of Weft's own crates.

// Tests want to stop at the first surprise, and so does what they stand on where no test could go on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

pub mod data;
pub mod differential;
pub mod endpoint;
mod error;
mod identity;
pub mod mariadb;
pub mod pgtext;
pub mod port;
pub mod postgres;
pub mod process;
pub mod program;
pub mod redis;
pub mod relay;
pub mod seaweed;
pub mod slt;
pub mod weft;
pub mod witness;
pub mod worker;

pub use endpoint::{Endpoint, Ran};
pub use error::{Error, Result};
pub use mariadb::MariaDb;
pub use postgres::Postgres;
pub use redis::Redis;
pub use relay::Relay;
pub use seaweed::Seaweed;
pub use weft::Weft;
pub use witness::Witness;
pub use worker::Worker;
