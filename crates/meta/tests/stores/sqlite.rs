//! What is special about files: their mode, their damage, several opens at once.

use crate::rows::catalog;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use weft_core::{ErrorKind, Result};
use weft_meta::Metastore;

async fn open(path: &Path) -> Result<Arc<Metastore>> {
    Metastore::open_sqlite(path, &path.with_file_name("master-key")).await
}

#[tokio::test]
async fn the_file_is_private_and_two_processes_may_open_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("meta.db");
    let one = open(&path).await.expect("opened");
    let two = open(&path).await.expect("opened twice");
    assert_eq!(std::fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
    one.catalogs().create(&catalog("x")).await.expect("created");
    assert_eq!(two.catalogs().list().await.expect("listed").len(), 1);
}

#[tokio::test]
async fn a_damaged_file_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("meta.db");
    std::fs::write(&path, vec![b'x'; 8192]).expect("written");
    let error = open(&path).await.err().expect("an error");
    assert_eq!(error.kind(), ErrorKind::DataCorrupted);
    assert!(error.message().contains("meta.db"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn first_opens_at_once_all_succeed() {
    for _ in 0..10 {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("meta.db");
        let open = || {
            let path = path.clone();
            tokio::spawn(async move { open(&path).await.map(|_| ()) })
        };
        let (one, two, three) = tokio::join!(open(), open(), open());
        for opened in [one, two, three] {
            opened.expect("joined").expect("opened");
        }
    }
}

#[tokio::test]
async fn a_file_of_a_newer_program_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("meta.db");
    open(&path).await.expect("opened").close().await;
    let pool = sqlx::SqlitePool::connect(&format!("sqlite://{}", path.display())).await.expect("a pool");
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'x', true, x'00', 0)";
    sqlx::query(newer).execute(&pool).await.expect("a newer migration");
    pool.close().await;
    let error = open(&path).await.err().expect("an error");
    assert_eq!(error.kind(), ErrorKind::ObjectNotInPrerequisiteState);
    assert!(error.hint().is_some());
}

#[tokio::test]
async fn a_missing_folder_is_an_error_with_the_path() {
    let folder = tempfile::tempdir().expect("a folder");
    let error = open(&folder.path().join("none/meta.db")).await.err().expect("an error");
    assert_eq!(error.kind(), ErrorKind::IoError);
    assert!(error.message().contains("none/meta.db"));
}
