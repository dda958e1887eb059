//! The folder of the lake, and what is asked of it. A table's files lie in `<table's id>/<day of writing>/<id>.parquet`; ids of files grow with time.

use crate::column::{self, Column};
use crate::read;
use crate::write::{self, Written};
use std::path::{Path, PathBuf};
use uuid::Uuid;
use weft_core::relation::Relation;
use weft_core::{BatchStream, Error, ErrorKind, Result};

/// Bytes after which the rows of one statement go on in another file: files are what is divided among workers.
const FILE_BYTES: usize = 256 << 20;

/// A file of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataFile {
    /// Below the lake's folder.
    pub path: String,
    /// Its rows.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
}

/// A table as this crate knows it.
#[derive(Debug, Clone, Copy)]
pub struct TableRef<'a> {
    /// Its id, which it keeps whatever it is called.
    pub id: Uuid,
    /// Its name, for errors.
    pub name: &'a str,
    /// Its columns.
    pub columns: &'a [Column],
}

/// The tables' files on a disk.
#[derive(Debug, Clone)]
pub struct Lake {
    folder: PathBuf,
    file_bytes: usize,
}

impl Lake {
    /// The lake in this folder, which is there. No look is taken at it.
    pub fn new(folder: PathBuf) -> Lake {
        Lake { folder, file_bytes: FILE_BYTES }
    }

    /// The folder of all files.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes rows that have exactly the table's columns. They are on the disk when this returns, and belong to nobody: the files go unless they are kept.
    pub async fn write(&self, table: TableRef<'_>, rows: BatchStream) -> Result<Written> {
        let target = write::Target {
            folder: self.folder.clone(),
            table: table.id,
            name: table.name.to_owned(),
            columns: table.columns.to_vec(),
            schema: column::schema(table.columns),
            file_bytes: self.file_bytes,
        };
        write::write(target, rows).await
    }

    /// How the table is read if it is made of these files.
    pub fn relation(&self, table: TableRef<'_>, files: &[DataFile]) -> Relation {
        read::relation(&self.folder, table, files)
    }
}

/// The error for a failed write.
pub(crate) fn unwritten(path: &Path, error: std::io::Error) -> Error {
    let kind = match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => ErrorKind::DiskFull,
        _ => ErrorKind::IoError,
    };
    Error::new(kind, "the rows could not be written")
        .with_detail(format!("{}: {error}", path.display()))
        .with_source(error)
}
