//! Flight SQL over the wire, by the client of the crate `arrow-flight` and by ADBC's driver for Python.

mod access;
pub mod client;
mod drivers;
mod limits;
mod metadata;
mod statements;

use libtest_mimic::Trial;

pub fn trials() -> Vec<Trial> {
    [access::trials(), statements::trials(), metadata::trials(), limits::trials(), drivers::trials()]
        .into_iter()
        .flatten()
        .collect()
}
