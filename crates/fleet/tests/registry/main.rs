//! The registry of workers on real servers of Redis: alone, with TLS, watched by sentinels, as a cluster; killed, emptied and failed over.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod access;
mod faults;
mod life;
mod orders;
mod stage;
