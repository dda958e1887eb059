//! Numbers of objects (`oid`), derived from their names: the same after a restart and on every gateway. Two names that meet on one number are
//! parted by the order of their names.

use sha2::{Digest, Sha256};
use std::collections::HashSet;

/// The first number that is not PostgreSQL's own (`FirstNormalObjectId`).
const FIRST: u32 = 16_384;

/// The number of a name in the absence of collisions. `parts` begin with the kind of object.
pub fn of_name(parts: &[&str]) -> u32 {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let digest = hash.finalize();
    let number = u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]);
    // Clients read it as a signed number here and there.
    FIRST + number % (i32::MAX as u32 - FIRST)
}

/// Gives numbers to the names of one listing, which must come in a fixed order.
#[derive(Default)]
pub struct Oids {
    taken: HashSet<u32>,
}

impl Oids {
    /// The number of the next name.
    pub fn assign(&mut self, parts: &[&str]) -> u32 {
        let mut number = of_name(parts);
        while !self.taken.insert(number) {
            number = if number >= i32::MAX as u32 - 1 { FIRST } else { number + 1 };
        }
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_alone_decide() {
        assert_eq!(of_name(&["table", "lake", "public", "t"]), of_name(&["table", "lake", "public", "t"]));
        assert_ne!(of_name(&["table", "a", "bc"]), of_name(&["table", "ab", "c"]));
        let mut oids = Oids::default();
        let first = oids.assign(&["x"]);
        assert_eq!(oids.assign(&["x"]), first + 1);
    }
}
