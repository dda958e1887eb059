//! Rows into Parquet files, on a thread of their own: a batch or two are on their way while one is written. It must not know what a table is to its readers.

use crate::column::{self, Column};
use crate::lake::{DataFile, unwritten};
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use chrono::Utc;
use futures::StreamExt;
use parking_lot::Mutex;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::mpsc;
use uuid::Uuid;
use weft_core::{BatchStream, Error, Result, conform};

/// Batches on their way to the writing thread.
const AHEAD: usize = 2;

/// Rows of a row group: as many as DuckDB makes of its own, the least that a thread of it takes.
const GROUP_ROWS: usize = 122_880;

/// Bytes in memory after which a row group is written though it has fewer rows: of wide rows, so many would not fit.
const GROUP_BYTES: usize = 32 << 20;

/// Where rows go.
pub(crate) struct Target {
    pub(crate) folder: PathBuf,
    pub(crate) table: Uuid,
    pub(crate) name: String,
    pub(crate) columns: Vec<Column>,
    pub(crate) schema: SchemaRef,
    pub(crate) file_bytes: usize,
}

/// Files that were written and belong to nobody yet. They are removed when this is dropped, unless they are kept.
#[derive(Debug)]
pub struct Written {
    folder: PathBuf,
    files: Vec<DataFile>,
    /// Whose they are.
    owner: Mutex<Owner>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    Nobody,
    Table,
}

impl Written {
    /// The files; none if there were no rows.
    pub fn files(&self) -> &[DataFile] {
        &self.files
    }

    /// Rows in all of them.
    pub fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).sum()
    }

    /// From now on a table may have them: they stay.
    pub fn keep(&self) {
        *self.owner.lock() = Owner::Table;
    }

    /// No table has them after all.
    pub fn give_up(&self) {
        *self.owner.lock() = Owner::Nobody;
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        if *self.owner.get_mut() == Owner::Nobody {
            self.files.iter().for_each(|file| remove(&self.folder.join(&file.path)));
        }
    }
}

/// What the writing thread is told.
enum Message {
    Rows(RecordBatch),
    /// There are no more: without it the statement was given up.
    End,
}

/// Writes all rows.
pub(crate) async fn write(target: Target, mut rows: BatchStream) -> Result<Written> {
    let (sender, receiver) = mpsc::channel(AHEAD);
    let writing = tokio::task::spawn_blocking(move || Writer::new(target).run(receiver));
    while let Some(batch) = rows.next().await {
        // Dropping the sender tells the thread to give up.
        if sender.send(Message::Rows(batch?)).await.is_err() {
            break;
        }
    }
    // If the thread has ended it says why.
    let _ = sender.send(Message::End).await;
    drop(sender);
    writing.await.map_err(|e| Error::internal("the writing of rows broke off").with_source(e))?
}

/// Removes a file; one that is not there is as good.
fn remove(path: &Path) {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(path = %path.display(), %error, "a file of no table could not be removed");
        }
        _ => {}
    }
}

/// The state of the writing thread.
struct Writer {
    target: Target,
    written: Written,
    open: Option<Open>,
}

/// The file that is being written.
struct Open {
    path: PathBuf,
    writer: ArrowWriter<File>,
}

impl Writer {
    fn new(target: Target) -> Writer {
        let written = Written { folder: target.folder.clone(), files: Vec::new(), owner: Mutex::new(Owner::Nobody) };
        Writer { target, written, open: None }
    }

    fn run(mut self, mut receiver: mpsc::Receiver<Message>) -> Result<Written> {
        loop {
            match receiver.blocking_recv() {
                Some(Message::Rows(batch)) => self.take(batch)?,
                Some(Message::End) => {
                    self.close()?;
                    return Ok(self.written);
                }
                None => return Err(Error::internal("the rows of a statement broke off")),
            }
        }
    }

    fn take(&mut self, batch: RecordBatch) -> Result<()> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        let batch = conform(batch, &self.target.schema)?;
        column::check(&self.target.columns, &self.target.name, &batch)?;
        let open = match &mut self.open {
            Some(open) => open,
            None => {
                let open = self.target.begin()?;
                // From here on it is removed, whatever happens.
                let path = open.path.strip_prefix(&self.target.folder).unwrap_or(&open.path).display().to_string();
                self.written.files.push(DataFile { path, rows: 0, bytes: 0 });
                self.open.insert(open)
            }
        };
        open.writer.write(&batch).map_err(|e| open.failed(e))?;
        if let Some(file) = self.written.files.last_mut() {
            file.rows += batch.num_rows() as u64;
        }
        if open.writer.memory_size() >= GROUP_BYTES {
            open.writer.flush().map_err(|e| open.failed(e))?;
        }
        if open.writer.bytes_written() + open.writer.in_progress_size() >= self.target.file_bytes {
            self.close()?;
        }
        Ok(())
    }

    /// Brings the open file to the disk.
    fn close(&mut self) -> Result<()> {
        let Some(open) = self.open.take() else { return Ok(()) };
        let path = open.path;
        let failed = |e| failed(&path, e);
        let file = open.writer.into_inner().map_err(failed)?;
        file.sync_all().map_err(|e| unwritten(&path, e))?;
        let bytes = file.metadata().map_err(|e| unwritten(&path, e))?.len();
        // Its name must be there after a loss of power too.
        for folder in path.ancestors().skip(1).take(3) {
            File::open(folder).and_then(|folder| folder.sync_all()).map_err(|e| unwritten(folder, e))?;
        }
        if let Some(file) = self.written.files.last_mut() {
            file.bytes = bytes;
        }
        Ok(())
    }
}

impl Target {
    fn begin(&self) -> Result<Open> {
        let folder = self.folder.join(self.table.to_string()).join(Utc::now().format("%Y-%m-%d").to_string());
        fs::create_dir_all(&folder).map_err(|e| unwritten(&folder, e))?;
        let path = folder.join(format!("{}.parquet", Uuid::now_v7()));
        let file = File::create_new(&path).map_err(|e| unwritten(&path, e))?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .set_created_by("weft".to_owned())
            .build();
        let writer = ArrowWriter::try_new(file, self.schema.clone(), Some(properties));
        Ok(Open { writer: writer.map_err(|e| failed(&path, e))?, path })
    }
}

impl Open {
    fn failed(&self, error: parquet::errors::ParquetError) -> Error {
        failed(&self.path, error)
    }
}

fn failed(path: &Path, error: parquet::errors::ParquetError) -> Error {
    if let parquet::errors::ParquetError::External(cause) = &error
        && let Some(cause) = cause.downcast_ref::<io::Error>()
    {
        return unwritten(path, io::Error::new(cause.kind(), cause.to_string()));
    }
    Error::internal("rows could not be written as Parquet").with_source(Arc::new(error))
}
