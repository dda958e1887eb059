//! The files of the blocks. A file is written beside its place and moved there, so that a crash leaves it whole or not at all; what is damaged all the same
//! is seen when it is read. All of it blocks. It must not know what is worth keeping.

use super::block::BlockId;
use super::index::MOST;
use bytes::Bytes;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

/// The form of the files: another one goes into a folder of another name.
const FORM: &str = "v1";

/// How files are called that are being written.
const UNFINISHED: &str = ".tmp";

/// A folder with blocks.
pub(crate) struct Shelf {
    root: PathBuf,
    /// How many files have been begun.
    begun: AtomicU64,
}

/// What came of reading a file.
pub(crate) enum Taken {
    /// The bytes.
    Whole(Bytes),
    /// There is none.
    Absent,
    /// It was not what had been written, and is gone.
    Damaged,
}

impl Shelf {
    /// Creates the folder unless it is there, and sees whether it can be written to.
    pub(crate) fn open(folder: &Path) -> io::Result<Shelf> {
        let root = folder.join(FORM);
        fs::create_dir_all(&root)?;
        let trial = root.join(format!("trial-{}{UNFINISHED}", std::process::id()));
        File::create(&trial)?;
        fs::remove_file(&trial)?;
        Ok(Shelf { root, begun: AtomicU64::new(0) })
    }

    fn path(&self, id: &BlockId) -> PathBuf {
        self.root.join(id.folder()).join(id.name())
    }

    /// The bytes of a block, which has this length. What cannot be read is as good as damaged.
    pub(crate) fn read(&self, id: &BlockId, length: u64) -> Taken {
        let path = self.path(id);
        let mut content = Vec::new();
        let read = File::open(&path).and_then(|file| {
            // One more than there should be: a file that is too long must not be read on.
            content.reserve_exact(usize::try_from(length).unwrap_or(0) + 8);
            Read::take(file, length + 8).read_to_end(&mut content)
        });
        match read.map(|_| id.unseal(content, length)) {
            Ok(Some(bytes)) => Taken::Whole(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Taken::Absent,
            Ok(None) | Err(_) => {
                self.remove(id);
                Taken::Damaged
            }
        }
    }

    /// Keeps a block; tells the bytes of its file. It is not forced to the disk: after a power cut it is damaged, which is seen.
    pub(crate) fn write(&self, id: &BlockId, bytes: &[u8]) -> io::Result<u64> {
        let folder = self.root.join(id.folder());
        let number = self.begun.fetch_add(1, Ordering::Relaxed);
        let unfinished = folder.join(format!("{}-{number}{UNFINISHED}", std::process::id()));
        let seal = id.seal(bytes);
        let written = create(&unfinished, &folder).and_then(|mut file| {
            file.write_all(bytes)?;
            file.write_all(&seal)?;
            fs::rename(&unfinished, folder.join(id.name()))
        });
        match written {
            Ok(()) => Ok((bytes.len() + seal.len()) as u64),
            Err(error) => {
                // It may not have been created.
                let _ = fs::remove_file(&unfinished);
                Err(error)
            }
        }
    }

    /// Notes that a block is in use, for the time after a restart.
    pub(crate) fn touch(&self, id: &BlockId) {
        // A file that is gone needs no time.
        let _ = File::open(self.path(id)).and_then(|file| file.set_modified(SystemTime::now()));
    }

    /// Throws a block away.
    pub(crate) fn remove(&self, id: &BlockId) {
        // It may be gone already.
        let _ = fs::remove_file(self.path(id));
    }

    /// The blocks that are there and the bytes of their files, the one used longest ago first. Nothing is read; what was left unfinished is removed.
    pub(crate) fn survey(&self) -> Vec<(BlockId, u64)> {
        let mut found = Vec::new();
        for folder in entries(&self.root) {
            for file in entries(&folder.path()) {
                let name = file.file_name();
                let name = name.to_string_lossy();
                match (BlockId::of_name(&name), file.metadata()) {
                    (Some(id), Ok(metadata)) if found.len() < MOST => {
                        found.push((metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH), id, metadata.len()));
                    }
                    // What is not ours stays.
                    (None, _) if !name.ends_with(UNFINISHED) => {}
                    _ => drop(fs::remove_file(file.path())),
                }
            }
        }
        found.sort_by_key(|(used, ..)| *used);
        found.into_iter().map(|(_, id, bytes)| (id, bytes)).collect()
    }
}

fn create(file: &Path, folder: &Path) -> io::Result<File> {
    match File::create(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs::create_dir_all(folder)?;
            File::create(file)
        }
        other => other,
    }
}

/// What cannot be listed has nothing in it.
fn entries(folder: &Path) -> impl Iterator<Item = fs::DirEntry> {
    fs::read_dir(folder).into_iter().flatten().flatten()
}

#[cfg(test)]
mod tests {
    use super::super::block::ObjectId;
    use super::*;

    fn id(number: u32) -> BlockId {
        BlockId { object: ObjectId::new(&["o"]), number }
    }

    #[test]
    fn what_is_written_is_read_until_it_is_damaged() {
        let folder = tempfile::tempdir().expect("a folder");
        let shelf = Shelf::open(folder.path()).expect("a shelf");
        assert_eq!(shelf.write(&id(1), b"bytes").expect("written"), 9);
        assert!(matches!(shelf.read(&id(1), 5), Taken::Whole(bytes) if bytes == "bytes"));
        assert!(matches!(shelf.read(&id(2), 5), Taken::Absent));
        fs::write(shelf.path(&id(1)), b"other").expect("damaged");
        assert!(matches!(shelf.read(&id(1), 5), Taken::Damaged));
        assert!(matches!(shelf.read(&id(1), 5), Taken::Absent));
    }

    #[test]
    fn a_survey_finds_blocks_and_sweeps_leftovers() {
        let folder = tempfile::tempdir().expect("a folder");
        let shelf = Shelf::open(folder.path()).expect("a shelf");
        for number in [1, 2] {
            shelf.write(&id(number), b"x").expect("written");
        }
        let old = File::open(shelf.path(&id(2))).expect("there");
        old.set_modified(SystemTime::UNIX_EPOCH).expect("set");
        let beside = shelf.path(&id(1)).with_file_name("7-0.tmp");
        fs::write(&beside, "half").expect("written");
        let shelf = Shelf::open(folder.path()).expect("a shelf");
        assert_eq!(shelf.survey(), [(id(2), 5), (id(1), 5)]);
        assert!(!beside.exists());
    }
}
