//! Runs `.slt` files over pg-wire's simple and extended protocol and over Flight SQL, each file against each protocol as a test of its own. What the files say is
//! sqllogictest's format: NULL is `NULL`, an empty string is `(empty)`, and `statement error` is matched against `SQLSTATE: message`. It must not
//! know which server answers.

mod engine;
mod flight;

pub use engine::{Engine, Failure};

use crate::endpoint::Endpoint;
use crate::error::Context;
use crate::{Error, Result};
use libtest_mimic::{Failed, Trial};
use sqllogictest::{DefaultColumnType, QueryExpect, Record, Runner, parse_file};
use std::path::{Path, PathBuf};

/// How statements reach the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Text both ways, several statements in one message.
    Simple,
    /// Parse, bind, execute; binary results.
    Extended,
    /// Flight SQL; batches of Arrow.
    Flight,
}

impl Protocol {
    /// Those that PostgreSQL has, too.
    pub const ALL: [Protocol; 2] = [Protocol::Simple, Protocol::Extended];

    /// The name for `skipif` and `onlyif`, and in the names of tests.
    pub fn name(self) -> &'static str {
        match self {
            Protocol::Simple => "simple",
            Protocol::Extended => "extended",
            Protocol::Flight => "flight",
        }
    }
}

/// What a run needs besides the file.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Where the statements go. Each file gets connections of its own.
    pub endpoint: Endpoint,
    /// Where the same server speaks Flight SQL, if it does.
    pub flight: Option<u16>,
    /// Further names for `skipif` and `onlyif`, for example `weft` or `postgresql`.
    pub labels: Vec<String>,
    /// Values for `$NAME` in statements, once the file says `control substitution on`, and in expected rows.
    pub variables: Vec<(String, String)>,
}

impl Setup {
    /// Without labels and variables.
    pub fn new(endpoint: Endpoint) -> Self {
        Setup { endpoint, flight: None, labels: Vec::new(), variables: Vec::new() }
    }

    /// Says where Flight SQL is.
    pub fn flight(self, port: u16) -> Self {
        Setup { flight: Some(port), ..self }
    }

    /// Adds a label.
    pub fn label(mut self, label: &str) -> Self {
        self.labels.push(label.to_owned());
        self
    }

    /// Adds a variable.
    pub fn variable(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }
}

/// Runs one file. The error names file and line, the statement, and the difference.
pub async fn run_file(path: &Path, protocol: Protocol, setup: &Setup) -> Result<()> {
    let mut runner = Runner::new(|| Engine::connect(setup, protocol));
    runner.with_column_validator(same_width);
    for label in &setup.labels {
        runner.add_label(label);
    }
    for (name, value) in &setup.variables {
        runner.set_var(name.clone(), value.clone());
    }
    let mut records = parse_file(path).map_err(|error| Error::new(error.to_string()))?;
    records.iter_mut().for_each(|record| substitute(record, &setup.variables));
    let ran = runner.run_multi_async(records).await;
    runner.shutdown_async().await;
    ran.map_err(|error| Error::new(format!("{}: {}", error.location(), error.display(false))))
}

/// Puts the values of variables into expected rows too; the runner has them in statements only.
fn substitute(record: &mut Record<DefaultColumnType>, variables: &[(String, String)]) {
    let Record::Query { expected: QueryExpect::Results { results, .. }, .. } = record else { return };
    for (name, value) in variables {
        for row in results.iter_mut() {
            *row = row.replace(&format!("${name}"), value);
        }
    }
}

/// One test for each `.slt` file under `root` and each protocol, named `simple::area/file`. A file that only others include ends in `.slt.part`.
pub fn trials(root: &Path, protocols: &[Protocol], setup: &Setup) -> Result<Vec<Trial>> {
    let files = files(root)?;
    if files.is_empty() {
        return Err(Error::new(format!("no .slt file under {}", root.display())));
    }
    let mut trials = Vec::new();
    for protocol in protocols.iter().copied() {
        for file in &files {
            let name = file.strip_prefix(root).unwrap_or(file).with_extension("");
            let (file, setup) = (file.clone(), setup.clone());
            trials.push(Trial::test(format!("{}::{}", protocol.name(), name.display()), move || {
                let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
                runtime.block_on(run_file(&file, protocol, &setup)).map_err(|e| Failed::from(e.to_string()))
            }));
        }
    }
    Ok(trials)
}

/// All `.slt` files under a folder, sorted.
pub fn files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root).context(root.display())? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "slt") {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The letters of `query TTI` say how many columns there are; what they are is compared by their text. `query` alone says nothing.
#[allow(clippy::ptr_arg)] // the runner wants a plain `fn` of exactly this type
fn same_width(actual: &Vec<DefaultColumnType>, expected: &Vec<DefaultColumnType>) -> bool {
    expected.is_empty() || actual.len() == expected.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_files_in_subfolders() {
        let root = tempfile::tempdir().unwrap();
        std::fs::create_dir(root.path().join("area")).unwrap();
        for name in ["b.slt", "area/a.slt", "area/common.slt.part", "notes.md"] {
            std::fs::write(root.path().join(name), "").unwrap();
        }
        let found = files(root.path()).unwrap();
        assert_eq!(found, [root.path().join("area/a.slt"), root.path().join("b.slt")]);
    }
}
