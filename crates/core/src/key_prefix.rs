//! What all keys of one Weft begin with in a Redis that others use too. It must not know the keys.

use std::fmt;

/// Longer ones would only make every command longer.
const LONGEST: usize = 64;

/// What a text that cannot be read should have been.
pub(crate) const EXPECTED: &str = "up to 64 letters, digits and any of `_.:-`";

/// Letters, digits and a few signs: no braces, for a cluster would take what is between them for the part that tells the node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyPrefix(String);

impl KeyPrefix {
    /// Reads it; nothing if it has other signs, or none.
    pub fn read(text: &str) -> Option<KeyPrefix> {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':' | '-');
        (!text.is_empty() && text.len() <= LONGEST && text.chars().all(fits)).then(|| KeyPrefix(text.to_owned()))
    }
}

impl fmt::Display for KeyPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_and_spaces_are_refused() {
        assert_eq!(KeyPrefix::read("weft-2:eu").map(|p| p.to_string()).as_deref(), Some("weft-2:eu"));
        for wrong in ["", "{weft}", "we ft", "wéft", "weft*", &"x".repeat(65)] {
            assert_eq!(KeyPrefix::read(wrong), None, "{wrong}");
        }
    }
}
