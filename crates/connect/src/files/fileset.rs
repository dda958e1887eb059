//! The files of one table at one moment. It must not look at the disk nor know SQL.

use super::format::{Format, partition_key};
use super::tree::DataFile;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::time::SystemTime;

/// Files of one format that make one table, sorted by path.
#[derive(Debug, Clone)]
pub(crate) struct FileSet {
    /// The files.
    pub(crate) files: Vec<DataFile>,
    /// Bytes of all of them.
    pub(crate) bytes: u64,
    /// The last change of any of them.
    pub(crate) newest: Option<SystemTime>,
    /// Changes when a file comes, goes, or is written: the key of what is known of their columns.
    pub(crate) fingerprint: u64,
    /// Keys of the `key=value` folders below the table's folder, in order of first appearance.
    pub(crate) partition_keys: Vec<String>,
}

impl FileSet {
    /// Sorts the files out. `origin` is the table's folder, or its only file.
    pub(crate) fn new(format: Format, origin: &Path, mut files: Vec<DataFile>) -> FileSet {
        // An empty CSV or JSON file has no columns to give: beside others it would only add a made-up one.
        if format != Format::Parquet && files.iter().any(|f| f.bytes > 0) {
            files.retain(|f| f.bytes > 0);
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let mut hasher = DefaultHasher::new();
        files.hash(&mut hasher);
        FileSet {
            bytes: files.iter().map(|f| f.bytes).sum(),
            newest: files.iter().filter_map(|f| f.modified).max(),
            fingerprint: hasher.finish(),
            partition_keys: partition_keys(origin, &files),
            files,
        }
    }
}

impl FileSet {
    /// One of the files by itself, otherwise as in the whole.
    pub(crate) fn only(&self, file: &DataFile) -> FileSet {
        FileSet {
            files: vec![file.clone()],
            bytes: file.bytes,
            newest: file.modified,
            fingerprint: 0,
            partition_keys: self.partition_keys.clone(),
        }
    }
}

fn partition_keys(origin: &Path, files: &[DataFile]) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    for file in files {
        let path = Path::new(&file.path);
        let folders = path.strip_prefix(origin).ok().and_then(Path::parent).into_iter().flat_map(Path::components);
        for key in folders.filter_map(|c| c.as_os_str().to_str()).filter_map(partition_key) {
            if !keys.iter().any(|k| k == key) {
                keys.push(key.to_owned());
            }
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, bytes: u64) -> DataFile {
        DataFile { path: path.to_owned(), bytes, modified: Some(SystemTime::UNIX_EPOCH), etag: None }
    }

    #[test]
    fn the_fingerprint_sees_every_change() {
        let of = |files| FileSet::new(Format::Csv, Path::new("/r/t"), files).fingerprint;
        let first = of(vec![file("/r/t/a.csv", 1), file("/r/t/b.csv", 2)]);
        assert_eq!(first, of(vec![file("/r/t/b.csv", 2), file("/r/t/a.csv", 1)]));
        assert_ne!(first, of(vec![file("/r/t/a.csv", 1)]));
        assert_ne!(first, of(vec![file("/r/t/a.csv", 1), file("/r/t/b.csv", 3)]));
        let touched = DataFile { modified: Some(SystemTime::now()), ..file("/r/t/b.csv", 2) };
        assert_ne!(first, of(vec![file("/r/t/a.csv", 1), touched]));
        let rewritten = DataFile { etag: Some("2".to_owned()), ..file("/r/t/b.csv", 2) };
        assert_ne!(first, of(vec![file("/r/t/a.csv", 1), rewritten]));
    }

    #[test]
    fn partitions_are_folders_below_the_table() {
        let set = FileSet::new(Format::Parquet, Path::new("/a=1/t"), vec![file("/a=1/t/y=1/m=2/x=y.parquet", 4)]);
        assert_eq!(set.partition_keys, ["y", "m"]);
        let flat = FileSet::new(Format::Parquet, Path::new("/a=1/t.parquet"), vec![file("/a=1/t.parquet", 4)]);
        assert!(flat.partition_keys.is_empty());
    }

    #[test]
    fn empty_text_files_do_not_count() {
        let files = vec![file("/t/a.csv", 0), file("/t/b.csv", 2)];
        assert_eq!(FileSet::new(Format::Csv, Path::new("/t"), files.clone()).files.len(), 1);
        assert_eq!(FileSet::new(Format::Parquet, Path::new("/t"), files.clone()).files.len(), 2);
        assert_eq!(FileSet::new(Format::Csv, Path::new("/t"), files[..1].to_vec()).files.len(), 1);
    }
}
