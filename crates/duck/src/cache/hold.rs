//! One cache uses a folder: two would not know of each other's blocks, and hold twice as many as they may.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a predecessor that is ending is waited for.
const ENDED: Duration = Duration::from_secs(3);

/// A look at whether it has ended.
const LOOK: Duration = Duration::from_millis(20);

/// The right to use a folder, until this is dropped or the process ends.
pub(super) struct Hold {
    _file: File,
}

impl Hold {
    /// Creates the folder unless it is there, and takes it. Blocks.
    pub(super) fn take(folder: &Path) -> io::Result<Hold> {
        fs::create_dir_all(folder)?;
        let file = File::options().create(true).truncate(false).write(true).open(folder.join("lock"))?;
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Hold { _file: file }),
                Err(TryLockError::WouldBlock) if begun.elapsed() < ENDED => sleep(LOOK),
                Err(TryLockError::WouldBlock) => {
                    return Err(io::Error::new(io::ErrorKind::ResourceBusy, "another worker uses it"));
                }
                // A file system without locks: whoever shares a folder there loses no more than space.
                Err(TryLockError::Error(error)) => {
                    tracing::warn!(%error, "the folder of the cache cannot be locked");
                    return Ok(Hold { _file: file });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_taken_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = Hold::take(folder.path()).expect("free");
        assert!(Hold::take(folder.path()).is_err());
        drop(first);
        Hold::take(folder.path()).expect("free again");
    }
}
