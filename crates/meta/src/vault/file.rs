//! The file of the master keys: one key a line in hexadecimal, the one in force first. There is a second line only while keys are being changed. It must
//! not know what the keys are used for.

use super::key::MasterKey;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use weft_core::{Error, ErrorKind, Result};
use zeroize::Zeroizing;

/// Readable and writable for the owner alone.
const PRIVATE: u32 = 0o600;

/// The bits that must be off: whatever others may do.
const OTHERS: u32 = 0o077;

/// More than any file of keys has.
const MAX_BYTES: u64 = 4096;

/// The file by its path.
#[derive(Debug, Clone)]
pub(crate) struct KeyFile(PathBuf);

impl KeyFile {
    /// Looks at nothing yet.
    pub(crate) fn new(path: &Path) -> KeyFile {
        KeyFile(path.to_owned())
    }

    /// For messages.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The keys, the one in force first; nothing if there is no file. A file that others may read, or that holds anything else, is refused.
    pub(crate) fn read(&self) -> Result<Option<Vec<MasterKey>>> {
        let file = match File::open(&self.0) {
            Ok(file) => file,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(self.failed("read", e)),
        };
        let metadata = file.metadata().map_err(|e| self.failed("read", e))?;
        let mode = metadata.permissions().mode() & 0o777;
        if !metadata.is_file() || mode & OTHERS != 0 {
            return Err(self
                .refused("is not private")
                .with_detail(format!("It must be a file that only its owner may use; its mode is {mode:04o}."))
                .with_hint(format!("chmod 600 {}", self.0.display())));
        }
        let mut text = Zeroizing::new(String::with_capacity(MAX_BYTES as usize + 1));
        let read = file.take(MAX_BYTES + 1).read_to_string(&mut text);
        if read.is_err_and(|e| e.kind() != std::io::ErrorKind::InvalidData) {
            return Err(self.refused("cannot be read"));
        }
        let keys: Option<Vec<_>> = text.lines().map(MasterKey::from_hex).collect();
        match keys {
            Some(keys) if !keys.is_empty() => Ok(Some(keys)),
            _ => Err(self
                .refused("is damaged")
                .with_detail("It must hold one key of 32 bytes, written as 64 hexadecimal digits.")
                .with_hint("Restore it. Secrets that were encrypted under it cannot be opened without it.")),
        }
    }

    /// Replaces the file as a whole: after a crash there is the old one or the new one.
    pub(crate) fn write(&self, keys: &[MasterKey]) -> Result<()> {
        let mut text = Zeroizing::new(String::with_capacity(MAX_BYTES as usize));
        for key in keys {
            key.write_hex(&mut text);
            text.push('\n');
        }
        let draft = self.0.with_added_extension("new");
        let written = || -> std::io::Result<()> {
            // A draft that a crash has left may have another mode.
            match std::fs::remove_file(&draft) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(e),
                _ => {}
            }
            let mut file = OpenOptions::new().create_new(true).write(true).mode(PRIVATE).open(&draft)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            std::fs::rename(&draft, &self.0)?;
            // The name is on disk only when the folder is.
            match self.0.parent() {
                Some(folder) if folder != Path::new("") => File::open(folder)?.sync_all(),
                _ => File::open(".")?.sync_all(),
            }
        };
        written().map_err(|e| self.failed("written", e))
    }

    pub(crate) fn refused(&self, why: &str) -> Error {
        Error::new(ErrorKind::ObjectNotInPrerequisiteState, format!("the master key file {} {why}", self.0.display()))
    }

    fn failed(&self, what: &str, error: std::io::Error) -> Error {
        let message = format!("the master key file {} cannot be {what}: {error}", self.0.display());
        Error::new(ErrorKind::IoError, message).with_source(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{Permissions, set_permissions};

    #[test]
    fn keys_come_back_in_order_and_privately() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = KeyFile::new(&folder.path().join("master-key"));
        assert!(file.read().expect("no file").is_none());
        let keys = [MasterKey::generate().expect("a key"), MasterKey::generate().expect("a key")];
        file.write(&keys).expect("written");
        let read = file.read().expect("read").expect("there");
        assert!(read.iter().map(MasterKey::id).eq(keys.iter().map(MasterKey::id)));
        let mode = std::fs::metadata(file.path()).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, PRIVATE);
        assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1, "a draft was left");
    }

    #[test]
    fn what_is_no_private_key_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = KeyFile::new(&folder.path().join("master-key"));
        file.write(&[MasterKey::generate().expect("a key")]).expect("written");
        for mode in [0o640, 0o604, 0o660, 0o644, 0o601] {
            set_permissions(file.path(), Permissions::from_mode(mode)).expect("changed");
            let error = file.read().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ObjectNotInPrerequisiteState);
            assert!(error.hint().is_some_and(|h| h.starts_with("chmod 600 ")), "{error:?}");
        }
        set_permissions(file.path(), Permissions::from_mode(PRIVATE)).expect("changed");
        let whole = std::fs::read_to_string(file.path()).expect("read");
        for text in ["", "\n", &whole[1..], &whole[..63], &format!("{whole}x\n"), &"0".repeat(65), "\u{e9}"] {
            std::fs::write(file.path(), text).expect("written");
            let error = file.read().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ObjectNotInPrerequisiteState, "{text}");
            assert!(text.trim().len() < 9 || !format!("{error:?}").contains(text.trim()), "{error:?}");
        }
        std::fs::write(file.path(), [0xff; 64]).expect("written");
        assert!(file.read().is_err());
        // The digits may be typed by hand, and the last line may have no end.
        std::fs::write(file.path(), whole.trim().to_uppercase()).expect("written");
        assert!(file.read().expect("read").is_some());
    }
}
