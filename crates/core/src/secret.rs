//! Text that must not be seen: wiped from memory when dropped, `***` in every format.

use std::collections::BTreeMap;
use std::fmt;
use zeroize::{Zeroize, Zeroizing};

/// A password or key. There is no `Display`; only [`Secret::expose`] gives the text.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text over.
    pub fn new(text: impl Into<String>) -> Self {
        Secret(Zeroizing::new(text.into()))
    }

    /// The text itself. Call it only where a driver needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Wipes the values of a map that holds secrets among other texts.
pub fn wipe(options: &mut BTreeMap<String, String>) {
    options.values_mut().for_each(Zeroize::zeroize);
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
