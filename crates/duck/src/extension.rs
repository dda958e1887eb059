//! Where DuckDB's extension for object stores is. It must not load it: DuckDB does, and checks the signature.

use crate::ffi::library_version;
use std::path::{Path, PathBuf};
use weft_core::{Error, ErrorKind, Result};

/// The file's name; DuckDB derives the extension's from it.
const HTTPFS: &str = "httpfs.duckdb_extension";

/// The extension's file in the given folder, else where the library of DuckDB is looked for.
pub(crate) fn httpfs(given: Option<&Path>) -> Result<PathBuf> {
    let folders = given.map_or_else(beside_the_library, |folder| vec![folder.to_owned()]);
    if let Some(file) = folders.iter().map(|folder| folder.join(HTTPFS)).find(|file| file.is_file()) {
        return Ok(file);
    }
    let searched: Vec<_> = folders.iter().map(|folder| folder.display().to_string()).collect();
    Err(Error::new(ErrorKind::FeatureNotSupported, "DuckDB's extension for object stores is not installed")
        .with_detail(format!("There is no {HTTPFS} in {}.", searched.join(", ")))
        .with_hint(advice()))
}

/// How to get the extension that fits.
pub(crate) fn advice() -> String {
    let version = library_version();
    format!(
        "Set duckdb_extensions to a folder with {HTTPFS} of DuckDB {version}: scripts/fetch-httpfs.sh fetches it, and so does INSTALL httpfs in \
         DuckDB's own shell."
    )
}

/// The folders that the program is linked to look for the library in.
fn beside_the_library() -> Vec<PathBuf> {
    let program = std::env::current_exe().ok();
    let own = program.as_deref().and_then(Path::parent);
    let linked = option_env!("DUCKDB_LIB_DIR").map(PathBuf::from);
    own.into_iter().flat_map(|folder| [folder.to_owned(), folder.join("../lib")]).chain(linked).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_extension_says_how_to_get_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let error = httpfs(Some(folder.path())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::FeatureNotSupported);
        assert!(error.hint().is_some_and(|hint| hint.contains("duckdb_extensions") && hint.contains("v1.5")));
        std::fs::write(folder.path().join(HTTPFS), "").expect("written");
        assert_eq!(httpfs(Some(folder.path())).expect("found"), folder.path().join(HTTPFS));
    }
}
