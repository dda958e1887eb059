//! The fence: which real paths may be read. Paths are compared after every symbolic link in them is resolved. It must not know tables.

use std::io;
use std::path::{Path, PathBuf};
use weft_core::{Error, ErrorKind, Result};

/// The folders that may be read, resolved now.
#[derive(Debug)]
pub(crate) struct Roots(Vec<PathBuf>);

impl Roots {
    /// Resolves the folders that the operator named. One that does not exist allows nothing.
    pub(crate) fn resolve(folders: &[PathBuf]) -> Roots {
        Roots(folders.iter().filter_map(|f| f.canonicalize().ok()).collect())
    }

    /// Whether a resolved path lies inside.
    pub(crate) fn contain(&self, real: &Path) -> bool {
        self.0.iter().any(|root| real.starts_with(root))
    }

    /// Resolves a path that a user named. What lies outside is refused whether it exists or not, so that nobody can probe the disk.
    pub(crate) fn admit(&self, path: &Path) -> Result<PathBuf> {
        match path.canonicalize() {
            Ok(real) if self.contain(&real) => Ok(real),
            Ok(_) => Err(outside(path)),
            Err(error) => {
                let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
                let parent = absolute.ancestors().skip(1).find_map(|p| p.canonicalize().ok());
                let climbs = path.components().any(|c| c == std::path::Component::ParentDir);
                if climbs || !parent.is_some_and(|p| self.contain(&p)) {
                    return Err(outside(path));
                }
                Err(io_error(&error, &format!("\"{}\"", path.display())))
            }
        }
    }
}

fn outside(path: &Path) -> Error {
    let message = format!("\"{}\" is outside of the folders that catalogs may read", path.display());
    Error::new(ErrorKind::InsufficientPrivilege, message)
        .with_hint("An administrator can add its folder to the setting file_roots.")
}

/// The error for a link that leads out.
pub(crate) fn link_outside(shown: &str) -> Error {
    Error::new(
        ErrorKind::InsufficientPrivilege,
        format!("link \"{shown}\" leads outside of the folders that catalogs may read"),
    )
    .with_hint("An administrator can add the folder of its target to the setting file_roots.")
}

/// The error for a failed look at the disk; `what` is quoted already.
pub(crate) fn io_error(error: &io::Error, what: &str) -> Error {
    let (kind, problem) = match error.kind() {
        io::ErrorKind::NotFound => (ErrorKind::UndefinedFile, "does not exist"),
        io::ErrorKind::PermissionDenied => (ErrorKind::InsufficientPrivilege, "may not be read by the gateway"),
        _ => (ErrorKind::IoError, "cannot be read"),
    };
    Error::new(kind, format!("{what} {problem}")).with_detail(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn only_inside() {
        let tree = tempfile::tempdir().expect("folder");
        let (inside, other) = (tree.path().join("in"), tree.path().join("other"));
        fs::create_dir_all(inside.join("a")).expect("folder");
        fs::create_dir_all(&other).expect("folder");
        symlink(&other, inside.join("out")).expect("link");
        let roots = Roots::resolve(&[inside.clone(), tree.path().join("missing")]);
        let kind = |path: &Path| roots.admit(path).map_err(|e| e.kind());

        assert!(roots.admit(&inside.join("a")).is_ok());
        assert!(roots.admit(&inside.join("a/../a")).is_ok());
        assert_eq!(kind(&inside.join("b")), Err(ErrorKind::UndefinedFile));
        assert_eq!(kind(&inside.join("out")), Err(ErrorKind::InsufficientPrivilege));
        assert_eq!(kind(&inside.join("out/missing")), Err(ErrorKind::InsufficientPrivilege));
        assert_eq!(kind(&inside.join("../other")), Err(ErrorKind::InsufficientPrivilege));
        assert_eq!(kind(&other.join("missing")), Err(ErrorKind::InsufficientPrivilege));
        assert_eq!(kind(&tree.path().join("in-not")), Err(ErrorKind::InsufficientPrivilege));
        assert!(Roots::resolve(&[]).admit(&inside).is_err());
        assert!(roots.admit(&other).unwrap_err().hint().is_some_and(|h| h.contains("file_roots")));
    }
}
