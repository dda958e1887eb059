//! Databases with servers of their own, against real ones: what is listed, described, read and stopped.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod mysql;
mod postgres;
mod shared;
