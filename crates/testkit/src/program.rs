//! Where programs are: those of other projects on the path or in the folder into which `scripts/install-test-tools.sh` puts Python's, and Weft's
//! own beside the test. It must not know what they do.

use crate::{Error, Result};
use std::path::{Path, PathBuf};

/// The folder that outlives a build: downloads, generated data, tools.
pub fn cache_dir() -> PathBuf {
    let base = match std::env::var_os("XDG_CACHE_HOME").filter(|v| !v.is_empty()) {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(std::env::var_os("HOME").unwrap_or_else(|| "/tmp".into())).join(".cache"),
    };
    base.join("weft")
}

/// The program `name`, or an error that says how to get it.
pub fn find(name: &str) -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([
        cache_dir().join("venv/bin"),
        PathBuf::from("/usr/sbin"),
        PathBuf::from("/usr/local/sbin"),
    ]);
    folders
        .map(|folder| folder.join(name))
        .find(|candidate| candidate.is_file())
        .ok_or_else(|| Error::new(format!("{name} is not installed: run scripts/install-test-tools.sh")))
}

/// The program `name` of the newest PostgreSQL server that Debian's packages installed.
pub fn postgres(name: &str) -> Result<PathBuf> {
    newest(Path::new("/usr/lib/postgresql"), name)
        .ok_or_else(|| Error::new(format!("PostgreSQL's {name} is not installed: run scripts/install-test-tools.sh")))
}

/// The program `weft`: given, named by the environment, or beside the test's own executable (`<target>/debug/deps/test-…`).
pub fn weft(given: Option<&Path>) -> Result<PathBuf> {
    let named = ["WEFT_BIN", "CARGO_BIN_EXE_weft", "NEXTEST_BIN_EXE_weft"].into_iter().find_map(std::env::var_os);
    let path = match (given, named) {
        (_, Some(path)) if std::env::var_os("WEFT_BIN").is_some() => PathBuf::from(path),
        (Some(path), _) => path.to_owned(),
        (None, Some(path)) => PathBuf::from(path),
        (None, None) => {
            let test = std::env::current_exe()?;
            let profile = test.ancestors().find(|folder| folder.join("weft").is_file());
            profile.map(|folder| folder.join("weft")).unwrap_or_else(|| PathBuf::from("weft"))
        }
    };
    if path.is_file() {
        return Ok(std::fs::canonicalize(path)?);
    }
    Err(Error::new(format!("no program {}: run `cargo build --bin weft`, or set WEFT_BIN", path.display())))
}

fn newest(root: &Path, name: &str) -> Option<PathBuf> {
    let versions = std::fs::read_dir(root).ok()?.flatten();
    versions
        .filter_map(|entry| {
            let number: u32 = entry.file_name().to_str()?.parse().ok()?;
            let program = entry.path().join("bin").join(name);
            program.is_file().then_some((number, program))
        })
        .max()
        .map(|(_, program)| program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn newest_version_is_chosen_by_number_and_must_have_the_program() {
        let root = tempfile::tempdir().unwrap();
        for (version, program) in [("9", "initdb"), ("15", "initdb"), ("16", "psql"), ("notes", "initdb")] {
            let bin = root.path().join(version).join("bin");
            std::fs::create_dir_all(&bin).unwrap();
            std::fs::write(bin.join(program), "").unwrap();
        }
        assert_eq!(newest(root.path(), "initdb"), Some(root.path().join("15/bin/initdb")));
        assert_eq!(newest(root.path(), "postgres"), None);
    }

    #[test]
    fn missing_program_names_the_script() {
        let error = find("no-such-program-of-weft").unwrap_err().to_string();
        assert!(error.contains("install-test-tools.sh"), "{error}");
    }

    #[test]
    fn missing_program_says_how_to_build_it() {
        if std::env::var_os("WEFT_BIN").is_none() {
            let error = weft(Some(Path::new("/nowhere/weft"))).unwrap_err().to_string();
            assert!(error.contains("cargo build"), "{error}");
        }
    }
}
