//! A block of an object: what it is called, and how its file is sealed against damage. No I/O happens here.

use bytes::Bytes;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::ops::Range;

/// Bytes of a block; the last one of an object is shorter. A column of a row group often has less than a megabyte: what is fetched beside it is of no use.
pub(crate) const BLOCK: u64 = 256 << 10;

/// Bytes that a file has after those of its block.
const SEAL: usize = 4;

/// One version of an object of one store. It tells nothing of names or keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ObjectId([u8; 20]);

impl ObjectId {
    /// Of what tells it from all others. Blocks of another size than [`BLOCK`] are others, too.
    pub(crate) fn new(parts: &[&str]) -> ObjectId {
        let mut hasher = Sha256::new();
        hasher.update(BLOCK.to_le_bytes());
        for part in parts {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
        let mut id = [0; 20];
        id.copy_from_slice(&hasher.finalize()[..20]);
        ObjectId(id)
    }
}

/// A block of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct BlockId {
    pub(crate) object: ObjectId,
    pub(crate) number: u32,
}

impl BlockId {
    /// The folder that its file is in: one of 256.
    pub(crate) fn folder(&self) -> String {
        format!("{:02x}", self.object.0[0])
    }

    /// The name of its file.
    pub(crate) fn name(&self) -> String {
        let mut name = String::with_capacity(49);
        for byte in self.object.0 {
            // Writing to a text cannot fail.
            let _ = write!(name, "{byte:02x}");
        }
        let _ = write!(name, "-{:x}", self.number);
        name
    }

    /// The block whose file is called so.
    pub(crate) fn of_name(name: &str) -> Option<BlockId> {
        let (object, number) = name.split_once('-')?;
        let mut id = [0; 20];
        if object.len() != 2 * id.len() || !object.is_ascii() {
            return None;
        }
        for (byte, digits) in id.iter_mut().zip(object.as_bytes().chunks(2)) {
            *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        }
        Some(BlockId { object: ObjectId(id), number: u32::from_str_radix(number, 16).ok()? })
    }

    /// What stands after the bytes in the file: it fits these bytes in this place only.
    pub(crate) fn seal(&self, bytes: &[u8]) -> [u8; SEAL] {
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&self.object.0);
        hasher.update(&self.number.to_le_bytes());
        hasher.update(bytes);
        hasher.finalize().to_le_bytes()
    }

    /// The bytes of a file; none if it is not as it was written.
    pub(crate) fn unseal(&self, file: Vec<u8>, length: u64) -> Option<Bytes> {
        let bytes = file.len().checked_sub(SEAL)?;
        if bytes as u64 != length || self.seal(&file[..bytes]) != file[bytes..] {
            return None;
        }
        let mut file = Bytes::from(file);
        file.truncate(bytes);
        Some(file)
    }
}

/// The blocks that hold these bytes of an object.
pub(crate) fn blocks(bytes: &Range<u64>) -> Range<u32> {
    let number = |at: u64| u32::try_from(at).unwrap_or(u32::MAX);
    number(bytes.start / BLOCK)..number(bytes.end.div_ceil(BLOCK))
}

/// The bytes of an object of this size that a block holds.
pub(crate) fn extent(number: u32, size: u64) -> Range<u64> {
    let start = u64::from(number) * BLOCK;
    start.min(size)..(start + BLOCK).min(size)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        let object = ObjectId::new(&["http://h", "b", "k", "\"e\""]);
        assert_ne!(object, ObjectId::new(&["http://h", "b", "k\"", "e\""]));
        for number in [0, 17, u32::MAX] {
            let id = BlockId { object, number };
            assert_eq!(BlockId::of_name(&id.name()), Some(id));
            assert!(id.name().starts_with(&id.folder()));
        }
        for name in ["", "x", "-1", "zz-0", "0123-0", &format!("{}-g", "0".repeat(40))] {
            assert_eq!(BlockId::of_name(name), None, "{name}");
        }
    }

    #[test]
    fn damage_is_seen() {
        let id = BlockId { object: ObjectId::new(&["o"]), number: 3 };
        let file = [b"bytes".as_slice(), &id.seal(b"bytes")].concat();
        assert_eq!(id.unseal(file.clone(), 5).as_deref(), Some(b"bytes".as_slice()));
        assert_eq!(id.unseal(file.clone(), 4), None);
        assert_eq!(BlockId { number: 4, ..id }.unseal(file.clone(), 5), None);
        let mut damaged = file.clone();
        damaged[1] ^= 1;
        assert_eq!(id.unseal(damaged, 5), None);
        assert_eq!(id.unseal(file[..3].to_vec(), 0), None);
    }

    #[test]
    fn blocks_cover_what_is_asked_for() {
        assert_eq!(blocks(&(0..1)), 0..1);
        assert_eq!(blocks(&(BLOCK - 1..BLOCK + 1)), 0..2);
        assert_eq!(blocks(&(BLOCK..2 * BLOCK)), 1..2);
        assert_eq!(extent(1, BLOCK + 7), BLOCK..BLOCK + 7);
    }
}
