//! Which source it is, in the words of errors. It must not know any password.

use weft_core::name::quote_always;
use weft_core::{Error, ErrorKind};

/// A catalog and the address of its server.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The catalog's name; empty while it is only proposed.
    pub(crate) catalog: String,
    /// `host:port`.
    pub(crate) address: String,
}

impl Place {
    /// `catalog "sales"`, or `the source` while it has no name.
    pub(crate) fn subject(&self) -> String {
        if self.catalog.is_empty() {
            "the source".to_owned()
        } else {
            format!("catalog {}", quote_always(&self.catalog))
        }
    }

    /// `08001`: there is no connection to be had, and why.
    pub(crate) fn unreachable(&self, why: impl std::fmt::Display) -> Error {
        Error::new(ErrorKind::ConnectionFailed, format!("{} cannot be reached", self.subject()))
            .with_detail(format!("{}: {why}", self.address))
    }

    /// `08001`: there was a connection, and it broke.
    pub(crate) fn lost(&self, why: impl std::fmt::Display) -> Error {
        Error::new(ErrorKind::ConnectionFailed, format!("the connection to {} was lost", self.subject()))
            .with_detail(format!("{}: {why}", self.address))
    }
}
