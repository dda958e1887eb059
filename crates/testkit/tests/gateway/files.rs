//! Where the files are that tests read: those of the repository, and gateways on the sample data.

use std::path::{Path, PathBuf};
use std::process::Command;
use weft_testkit::weft::Builder;
use weft_testkit::{Endpoint, Weft, program};

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The folder of the sample data.
pub fn samples() -> PathBuf {
    root().join("examples/data")
}

/// A gateway that may read these folders.
pub fn reads(folders: &[&Path]) -> Builder {
    let list: Vec<_> = folders.iter().map(|folder| folder.to_str().unwrap()).collect();
    Weft::builder().setting("file_roots", &list.join(":"))
}

/// Creates a catalog of the files below a folder; returns where it is the database.
pub async fn mount(weft: &Weft, catalog: &str, folder: &Path) -> Endpoint {
    let client = weft.connect().await.unwrap();
    let sql = format!("CREATE CATALOG {catalog} USING file OPTIONS (path '{}')", folder.display());
    client.batch_execute(&sql).await.unwrap();
    weft.endpoint.database(catalog)
}

/// The program itself, without the settings of whoever runs the tests.
pub fn weft() -> Command {
    let mut command = Command::new(program::weft(None).unwrap());
    for (key, _) in std::env::vars_os().filter(|(key, _)| key.to_string_lossy().starts_with("WEFT_")) {
        command.env_remove(key);
    }
    command
}
