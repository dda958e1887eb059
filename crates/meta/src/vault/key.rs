//! Master keys, and what they do: a value is sealed under one, bound to the object and option that it belongs to. It must not know where keys and
//! sealed values are kept.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rand::TryRngCore;
use rand::rngs::OsRng;
use sha2::{Digest, Sha256};
use std::fmt::{self, Write};
use uuid::Uuid;
use weft_core::{Error, ErrorKind, Result, Secret};
use zeroize::Zeroizing;

/// Bytes of a key.
const KEY: usize = 32;

/// Bytes of a nonce: enough for random ones never to meet.
const NONCE: usize = 24;

/// Begins what is authenticated besides the value, so that no other use of the key can be taken for this one.
const PURPOSE: &[u8] = b"weft secret value 1";

/// A master key, wiped from memory when dropped.
#[derive(Clone)]
pub(crate) struct MasterKey {
    id: String,
    bytes: Zeroizing<[u8; KEY]>,
}

/// A value that only its key opens.
#[derive(Debug)]
pub(crate) struct Sealed {
    /// The key.
    pub(crate) key_id: String,
    /// Never used twice with one key.
    pub(crate) nonce: Vec<u8>,
    /// The value, and its authentication.
    pub(crate) ciphertext: Vec<u8>,
}

impl MasterKey {
    /// A new key from the system's source of randomness.
    pub(crate) fn generate() -> Result<MasterKey> {
        let mut bytes = Zeroizing::new([0; KEY]);
        random(bytes.as_mut_slice())?;
        Ok(MasterKey::of(bytes))
    }

    fn of(bytes: Zeroizing<[u8; KEY]>) -> MasterKey {
        // The id tells keys apart and nothing about them.
        let digest = Sha256::new().chain_update(b"weft key id").chain_update(bytes.as_slice()).finalize();
        let mut id = String::new();
        write_hex(&mut id, digest.get(..8).unwrap_or_default());
        MasterKey { id, bytes }
    }

    /// The key as 64 hexadecimal digits say it; nothing for any other text.
    pub(crate) fn from_hex(text: &str) -> Option<MasterKey> {
        let mut bytes = Zeroizing::new([0; KEY]);
        let digits = text.as_bytes();
        if digits.len() != 2 * KEY {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |i: usize| pair.get(i).and_then(|d| char::from(*d).to_digit(16));
            *byte = u8::try_from(digit(0)? * 16 + digit(1)?).ok()?;
        }
        Some(MasterKey::of(bytes))
    }

    /// Writes the 64 digits.
    pub(crate) fn write_hex(&self, out: &mut String) {
        write_hex(out, self.bytes.as_slice());
    }

    /// What tells it from other keys.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Seals the value of an option of an object.
    pub(crate) fn seal(&self, object: Uuid, option: &str, value: &Secret) -> Result<Sealed> {
        let mut nonce = [0; NONCE];
        random(&mut nonce)?;
        let aad = context(object, option);
        let ciphertext = self
            .cipher()
            .encrypt(&XNonce::from(nonce), Payload { msg: value.expose().as_bytes(), aad: &aad })
            .map_err(|_| Error::internal("a secret could not be encrypted"))?;
        Ok(Sealed { key_id: self.id.clone(), nonce: nonce.to_vec(), ciphertext })
    }

    /// Opens the value of an option of an object; XX001 if it is not what was sealed for them under this key.
    pub(crate) fn open(&self, object: Uuid, option: &str, sealed: &Sealed) -> Result<Secret> {
        let damaged = || {
            Error::new(ErrorKind::DataCorrupted, format!("the stored value of option {option} does not open"))
                .with_detail("It was changed, moved, or encrypted under another key.")
        };
        let nonce: [u8; NONCE] = sealed.nonce.as_slice().try_into().map_err(|_| damaged())?;
        let aad = context(object, option);
        let payload = Payload { msg: &sealed.ciphertext, aad: &aad };
        let plain = self.cipher().decrypt(&XNonce::from(nonce), payload).map_err(|_| damaged())?;
        // The text takes the bytes over, so that there is no second copy to be wiped.
        String::from_utf8(plain).map(Secret::new).map_err(|_| damaged())
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&*self.bytes).into())
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({})", self.id)
    }
}

/// What binds a value to its place. The id has a fixed length, so no two places give the same bytes.
fn context(object: Uuid, option: &str) -> Vec<u8> {
    [PURPOSE, object.as_bytes(), option.as_bytes()].concat()
}

fn random(bytes: &mut [u8]) -> Result<()> {
    OsRng.try_fill_bytes(bytes).map_err(|e| Error::internal("the system gives no random bytes").with_source(e))
}

fn write_hex(out: &mut String, bytes: &[u8]) {
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_opens_in_its_place_only() {
        let key = MasterKey::generate().expect("a key");
        let (here, there) = (Uuid::now_v7(), Uuid::now_v7());
        let value = Secret::new("pâsswörd");
        let sealed = key.seal(here, "password", &value).expect("sealed");
        assert_eq!(key.open(here, "password", &sealed).expect("opened"), value);
        let again = key.seal(here, "password", &value).expect("sealed");
        assert_ne!((&again.nonce, &again.ciphertext), (&sealed.nonce, &sealed.ciphertext));

        let other = MasterKey::generate().expect("a key");
        let moved = [
            key.open(there, "password", &sealed),
            key.open(here, "user", &sealed),
            other.open(here, "password", &sealed),
        ];
        assert!(moved.iter().all(|m| m.as_ref().is_err_and(|e| e.kind() == ErrorKind::DataCorrupted)));
        let changed = Sealed { ciphertext: sealed.ciphertext.iter().map(|b| b ^ 1).collect(), ..sealed };
        assert_eq!(key.open(here, "password", &changed).unwrap_err().kind(), ErrorKind::DataCorrupted);
    }

    #[test]
    fn keys_are_written_and_read() {
        let key = MasterKey::generate().expect("a key");
        let mut text = String::new();
        key.write_hex(&mut text);
        let read = MasterKey::from_hex(&text).expect("read");
        assert_eq!((read.id(), &read.bytes), (key.id(), &key.bytes));
        assert!(!format!("{key:?}").contains(&text));
        for wrong in
            ["", "00", &text[1..], &format!("{text}0"), &text.replacen(|_: char| true, "g", 1), &"é".repeat(32)]
        {
            assert!(MasterKey::from_hex(wrong).is_none(), "{wrong}");
        }
    }
}
