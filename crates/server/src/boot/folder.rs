//! The data folder: private to its owner, used by one gateway at a time, with a file that tells the address.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use weft_core::{Error, ErrorKind, Result};

/// Only the owner may look inside.
const PRIVATE_FOLDER: u32 = 0o700;
const PRIVATE_FILE: u32 = 0o600;

/// The file whose lock says that a gateway runs here.
const LOCK: &str = "lock";

/// The file with the address of the PostgreSQL protocol.
const ADDRESS: &str = "pg-address";

/// A data folder, locked.
pub(super) struct DataFolder {
    root: PathBuf,
    /// Holds the lock; the system gives it back however the process ends.
    _lock: File,
}

impl DataFolder {
    /// Creates the folder if needed, and locks it.
    pub(super) fn open(root: &Path) -> Result<DataFolder> {
        let failed = |e: std::io::Error| io_error(format!("cannot use the data folder {}: {e}", root.display()));
        DirBuilder::new().recursive(true).mode(PRIVATE_FOLDER).create(root).map_err(failed)?;
        let root = root.canonicalize().map_err(failed)?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(PRIVATE_FILE)
            .open(root.join(LOCK))
            .map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(DataFolder { root, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(Error::new(
                ErrorKind::ObjectInUse,
                format!("the data folder {} is in use by another gateway or worker", root.display()),
            )
            .with_hint("Stop that one, or choose another folder with data_dir.")),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    /// A file or folder in it.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// A folder in it, made if it is not there.
    pub(super) fn room(&self, name: &str) -> Result<PathBuf> {
        let path = self.path(name);
        let made = DirBuilder::new().recursive(true).mode(PRIVATE_FOLDER).create(&path);
        made.map_err(|e| io_error(format!("cannot create the folder {}: {e}", path.display())))?;
        Ok(path)
    }

    /// Writes a file as a whole, readable for the owner alone.
    pub(super) fn write(&self, name: &str, text: &str) -> Result<()> {
        let failed = |e: std::io::Error| io_error(format!("cannot write {}: {e}", self.path(name).display()));
        let draft = self.path(&format!("{name}.new"));
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(PRIVATE_FILE)
            .open(&draft)
            .map_err(failed)?;
        file.write_all(text.as_bytes()).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        std::fs::rename(&draft, self.path(name)).map_err(failed)
    }

    /// Tells the address to whoever looks into the folder.
    pub(super) fn publish(&self, socket: SocketAddr) -> Result<Address> {
        self.publish_as(ADDRESS, socket)
    }

    /// Tells an address in the file of this name.
    pub(super) fn publish_as(&self, name: &str, socket: SocketAddr) -> Result<Address> {
        self.write(name, &format!("{socket}\n"))?;
        Ok(Address { file: self.path(name), socket })
    }
}

fn io_error(message: String) -> Error {
    Error::new(ErrorKind::IoError, message)
}

/// The published address; dropping it takes the file away.
pub struct Address {
    file: PathBuf,
    socket: SocketAddr,
}

impl Address {
    /// The address itself.
    pub fn socket(&self) -> SocketAddr {
        self.socket
    }
}

impl Drop for Address {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.file) {
            tracing::warn!(file = %self.file.display(), %error, "cannot remove the file of the address");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn one_gateway_at_a_time() {
        let parent = tempfile::tempdir().expect("folder");
        let root = parent.path().join("data");
        let first = DataFolder::open(&root).expect("opened");
        assert_eq!(DataFolder::open(&root).map(|_| ()).unwrap_err().kind(), ErrorKind::ObjectInUse);
        drop(first);
        assert!(DataFolder::open(&root).is_ok());
        assert_eq!(std::fs::metadata(&root).expect("there").permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn the_address_goes_with_its_guard() {
        let root = tempfile::tempdir().expect("folder");
        let folder = DataFolder::open(root.path()).expect("opened");
        let address = folder.publish("127.0.0.1:1234".parse().expect("address")).expect("written");
        assert_eq!(std::fs::read_to_string(folder.path(ADDRESS)).expect("read"), "127.0.0.1:1234\n");
        drop(address);
        assert!(!folder.path(ADDRESS).exists());
    }
}
