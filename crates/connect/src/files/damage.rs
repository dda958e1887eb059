//! Turns what a worker says of files into an error that names the file as the catalog knows it: relative to the catalog's folder, never the machine's.

use super::fileset::FileSet;
use std::path::Path;
use weft_core::input::escape_glob;
use weft_core::{Error, ErrorKind};

/// The files that an error may be about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Suspects<'a> {
    /// The table, as errors name it.
    pub(crate) table: &'a str,
    /// What its files should be, as errors name it.
    pub(crate) title: &'a str,
    /// The catalog's folder, as paths of files begin.
    pub(crate) base: &'a Path,
    /// The table's files.
    pub(crate) set: &'a FileSet,
}

impl Suspects<'_> {
    /// The error that a client gets for one of a worker's.
    pub(crate) fn explain(&self, error: Error) -> Error {
        use ErrorKind::*;
        let text = format!("{}\n{}", error.message(), error.detail().unwrap_or_default());
        match error.kind() {
            QueryCanceled | OutOfMemory | DiskFull | ConnectionFailed | TooManyConnections | AdminShutdown
            | CannotConnectNow => error,
            // What an object store did not give, the worker has said already.
            InsufficientPrivilege | ObjectNotInPrerequisiteState | FeatureNotSupported | InvalidParameterValue => error,
            UndefinedFile => self.about(UndefinedFile, "does not exist any more", &text).with_source(error),
            _ if text.contains("Permission denied") => {
                self.about(InsufficientPrivilege, "may not be read by the gateway", &text).with_source(error)
            }
            // A defect or a full table of open files says nothing about what is in the files.
            Internal if !error.message().starts_with("DuckDB: ") => error,
            IoError if text.contains("Too many open files") => {
                self.about(IoError, "cannot be opened now", &text).with_source(error)
            }
            _ => self.damaged(Some(&text), "").with_source(error),
        }
    }

    /// `XX001`, with what the worker said or our own reason.
    pub(crate) fn damaged(&self, said: Option<&str>, reason: &str) -> Error {
        self.about(ErrorKind::DataCorrupted, &format!("cannot be read as {}", self.title), said.unwrap_or(reason))
    }

    fn about(&self, kind: ErrorKind, problem: &str, said: &str) -> Error {
        let subject = match self.culprit(said) {
            Some(path) => format!("file \"{}\"", self.shown(path)),
            None => format!("table {}", self.table),
        };
        let error = Error::new(kind, format!("{subject} {problem}"));
        match self.detail(said) {
            detail if detail.is_empty() => error,
            detail => error.with_detail(detail),
        }
    }

    fn culprit(&self, said: &str) -> Option<&str> {
        match self.set.files.as_slice() {
            [only] => Some(&only.path),
            // The longest that fits: `a.csv` is also part of `a.csv.gz`.
            files => files.iter().map(|f| f.path.as_str()).filter(|p| mentions(said, p)).max_by_key(|p| p.len()),
        }
    }

    fn shown<'p>(&self, path: &'p str) -> &'p str {
        Path::new(path).strip_prefix(self.base).ok().and_then(Path::to_str).unwrap_or(path)
    }

    /// The first lines of what was said: the rest repeats the statement and gives advice on DuckDB's parameters.
    fn detail(&self, said: &str) -> String {
        let prefix = format!("{}/", self.base.display());
        let told = said.strip_prefix("DuckDB: ").unwrap_or(said);
        let lines = told
            .lines()
            .map(str::trim)
            .take_while(|l| !l.starts_with("LINE ") && !l.starts_with("Possible "))
            .filter(|l| !l.is_empty());
        let mut kept: Vec<&str> = Vec::new();
        for line in lines.take(4) {
            if !kept.contains(&line) {
                kept.push(line);
            }
        }
        kept.join("\n").replace(&prefix, "").replace(&escape_glob(&prefix), "")
    }
}

fn mentions(said: &str, path: &str) -> bool {
    said.contains(path) || said.contains(&escape_glob(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::format::Format;
    use crate::files::tree::DataFile;

    fn set(paths: &[&str]) -> FileSet {
        let files =
            paths.iter().map(|p| DataFile { path: (*p).to_owned(), bytes: 9, modified: None, etag: None }).collect();
        FileSet::new(Format::Parquet, Path::new("/secret/data/s/t"), files)
    }

    #[test]
    fn the_file_is_named_without_the_machines_path() {
        let set = set(&["/secret/data/s/t/a.parquet", "/secret/data/s/t/b.parquet"]);
        let suspects = Suspects { table: "s.t", title: "Parquet", base: Path::new("/secret/data"), set: &set };
        let said =
            Error::new(ErrorKind::DataCorrupted, "No magic bytes found at end of file '/secret/data/s/t/b.parquet'");
        let error = suspects.explain(said);
        assert_eq!(error.kind(), ErrorKind::DataCorrupted);
        assert_eq!(error.message(), "file \"s/t/b.parquet\" cannot be read as Parquet");
        assert!(!error.detail().unwrap_or_default().contains("secret"), "{error:?}");

        let vague = suspects.explain(Error::new(ErrorKind::DataException, "schema mismatch"));
        assert_eq!(vague.message(), "table s.t cannot be read as Parquet");
        let canceled = suspects.explain(Error::new(ErrorKind::QueryCanceled, "x"));
        assert_eq!(canceled.kind(), ErrorKind::QueryCanceled);
    }
}
