//! The key that gateways and workers share. What is sealed under it was made by one who has it, and is read by nobody else. It must not know what is
//! sealed.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use rand::TryRngCore;
use rand::rngs::OsRng;
use sha2::{Digest, Sha256};
use std::fmt::{self, Write as _};
use std::fs::OpenOptions;
use std::io::{ErrorKind as IoKind, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use weft_core::{Error, ErrorKind, Result, Secret};

/// Characters that a key file has at least: what is shorter can be guessed.
const SHORTEST: usize = 32;

/// Bytes of randomness in a key file that Weft makes.
const GENERATED: usize = 32;

const NONCE: usize = 24;

/// What a sealed text is for: one that was made for something else does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A statement for a worker.
    Ticket,
    /// A worker's proof that it has the key.
    Answer,
    /// What a worker is to do besides.
    Order,
}

impl Purpose {
    fn context(self, about: &[u8]) -> Vec<u8> {
        let name: &[u8] = match self {
            Purpose::Ticket => b"weft worker ticket 1",
            Purpose::Answer => b"weft worker answer 1",
            Purpose::Order => b"weft worker order 1",
        };
        [name, about].concat()
    }
}

/// The shared key.
#[derive(Clone)]
pub struct Key(XChaCha20Poly1305);

impl Key {
    /// The key that a text of at least 32 characters stands for.
    pub fn of(text: &Secret) -> Option<Key> {
        let text = text.expose().trim();
        if text.len() < SHORTEST {
            return None;
        }
        let digest = Sha256::new().chain_update(b"weft worker key 1").chain_update(text).finalize();
        let digest: [u8; 32] = digest.into();
        Some(Key(XChaCha20Poly1305::new(&digest.into())))
    }

    /// Reads the key from its file.
    pub fn read(file: &Path) -> Result<Key> {
        let text = std::fs::read_to_string(file).map_err(|e| {
            Error::new(ErrorKind::IoError, format!("cannot read the workers' key {}: {e}", file.display()))
                .with_hint("A gateway makes one at its first start, in worker_key_file. Gateways and workers share it.")
        })?;
        Key::of(&Secret::new(text)).ok_or_else(|| {
            let message = format!("the workers' key {} has less than {SHORTEST} characters", file.display());
            Error::new(ErrorKind::InvalidParameterValue, message)
                .with_hint("Remove it, and a gateway makes another one at its next start.")
        })
    }

    /// Reads the key from its file, which is made if it is not there, readable by its owner only.
    pub fn ensure(file: &Path) -> Result<Key> {
        let mut bytes = [0; GENERATED];
        OsRng.try_fill_bytes(&mut bytes).map_err(|e| Error::internal("no randomness").with_source(e))?;
        let mut text = String::new();
        for byte in bytes {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
        }
        text.push('\n');
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
        let written = made.and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()));
        match written {
            Err(e) if e.kind() != IoKind::AlreadyExists => {
                let message = format!("cannot write the workers' key {}: {e}", file.display());
                Err(Error::new(ErrorKind::IoError, message).with_source(e))
            }
            _ => Key::read(file),
        }
    }

    /// Seals a text that is about something that the reader knows too.
    pub(crate) fn seal(&self, purpose: Purpose, about: &[u8], text: &[u8]) -> Result<Vec<u8>> {
        let mut nonce = [0; NONCE];
        OsRng.try_fill_bytes(&mut nonce).map_err(|e| Error::internal("no randomness").with_source(e))?;
        let aad = purpose.context(about);
        let sealed = self.0.encrypt(&XNonce::from(nonce), Payload { msg: text, aad: &aad });
        let sealed = sealed.map_err(|_| Error::internal("a ticket could not be encrypted"))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what was sealed under this key for this.
    pub(crate) fn open(&self, purpose: Purpose, about: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE)?;
        let nonce: [u8; NONCE] = nonce.try_into().ok()?;
        let aad = purpose.context(about);
        self.0.decrypt(&XNonce::from(nonce), Payload { msg: sealed, aad: &aad }).ok()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> Key {
        Key::of(&Secret::new(text)).expect("a key")
    }

    #[test]
    fn opens_what_it_sealed_for_the_same_purpose_only() {
        let (one, other) = (key(&"a".repeat(32)), key(&"b".repeat(32)));
        let sealed = one.seal(Purpose::Ticket, b"x", b"text").expect("sealed");
        assert_eq!(one.open(Purpose::Ticket, b"x", &sealed).as_deref(), Some(b"text".as_slice()));
        assert_eq!(one.open(Purpose::Ticket, b"y", &sealed), None);
        assert_eq!(one.open(Purpose::Answer, b"x", &sealed), None);
        assert_eq!(other.open(Purpose::Ticket, b"x", &sealed), None);
        assert_eq!(one.open(Purpose::Ticket, b"x", &sealed[..10]), None);
    }

    #[test]
    fn a_key_is_long_and_kept() {
        assert!(Key::of(&Secret::new("short")).is_none());
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("key");
        assert_eq!(Key::read(&file).map_err(|e| e.kind()).err(), Some(ErrorKind::IoError));
        let sealed = Key::ensure(&file).and_then(|k| k.seal(Purpose::Ticket, b"", b"x")).expect("sealed");
        let again = Key::ensure(&file).expect("the same key");
        assert!(again.open(Purpose::Ticket, b"", &sealed).is_some());
    }
}
