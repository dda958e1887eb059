//! The repositories on real SQLite files.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use weft_core::ErrorKind;
use weft_core::Result;
use weft_meta::{Availability, CatalogDefinition, Metastore, NewCatalog, NewRole};

fn catalog(name: &str) -> NewCatalog {
    NewCatalog {
        kind: "file".to_owned(),
        definition: CatalogDefinition {
            name: name.to_owned(),
            options: BTreeMap::from([("path".to_owned(), "/data".to_owned())]),
            secret: None,
            with: BTreeMap::new(),
            availability: Availability::Enabled,
        },
        secrets: BTreeMap::new(),
        owner: "weft".to_owned(),
    }
}

async fn open(path: &Path) -> Result<Arc<Metastore>> {
    Metastore::open_sqlite(path, &path.with_file_name("master-key")).await
}

#[tokio::test]
async fn rows_survive_a_reopening_and_names_are_free_after_a_drop() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("meta.db");
    let store = open(&path).await.expect("opened");
    let first = store.catalogs().create(&catalog("a")).await.expect("created");
    assert_eq!(store.catalogs().create(&catalog("a")).await.unwrap_err().kind(), ErrorKind::DuplicateCatalog);
    let role = NewRole { name: "weft".to_owned(), verifier: Some("SCRAM…".to_owned()), superuser: true, login: true };
    store.roles().create(&role).await.expect("created");
    assert_eq!(store.roles().create(&role).await.unwrap_err().kind(), ErrorKind::DuplicateObject);
    store.close().await;

    let store = open(&path).await.expect("opened again");
    assert_eq!(store.catalogs().list().await.expect("listed"), std::slice::from_ref(&first));
    store.catalogs().drop(&first).await.expect("dropped");
    assert_eq!(store.catalogs().drop(&first).await.unwrap_err().kind(), ErrorKind::ObjectInUse);
    let second = store.catalogs().create(&catalog("a")).await.expect("created again");
    assert_ne!(second.id, first.id);
    let role = store.roles().get("weft").await.expect("read").expect("there");
    assert!(!format!("{role:?}").contains("SCRAM"));
    store.roles().set_verifier("weft", None).await.expect("changed");
    assert_eq!(store.roles().get("weft").await.expect("read").expect("there").verifier, None);
}

#[tokio::test]
async fn what_was_dropped_comes_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(&folder.path().join("meta.db")).await.expect("opened");
    let catalogs = store.catalogs();
    assert_eq!(catalogs.dropped("a").await.expect("read"), None);
    let first = catalogs.create(&catalog("a")).await.expect("created");
    catalogs.drop(&first).await.expect("dropped");
    let second = catalogs.create(&catalog("a")).await.expect("created");
    let dropped = catalogs.dropped("a").await.expect("read").expect("there");
    assert_eq!(dropped, first);
    assert_eq!(catalogs.undrop(&dropped).await.unwrap_err().kind(), ErrorKind::DuplicateCatalog);
    catalogs.drop(&second).await.expect("dropped");
    // The last one of that name.
    let dropped = catalogs.dropped("a").await.expect("read").expect("there");
    assert_eq!(dropped.id, second.id);
    let back = catalogs.undrop(&dropped).await.expect("undropped");
    assert_eq!(catalogs.list().await.expect("listed"), [back]);
}

#[tokio::test]
async fn of_two_changes_at_once_one_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(&folder.path().join("meta.db")).await.expect("opened");
    let catalogs = store.catalogs();
    let read = catalogs.create(&catalog("a")).await.expect("created");
    catalogs.create(&catalog("taken")).await.expect("created");
    let renamed = |name: &str| CatalogDefinition { name: name.to_owned(), ..read.definition.clone() };
    let after = catalogs.update(&read, renamed("b"), None).await.expect("renamed");
    assert_eq!((after.id, after.definition.name.as_str()), (read.id, "b"));
    assert_eq!(catalogs.update(&read, renamed("c"), None).await.unwrap_err().kind(), ErrorKind::ObjectInUse);
    assert_eq!(catalogs.update(&after, renamed("taken"), None).await.unwrap_err().kind(), ErrorKind::DuplicateCatalog);
    let off = CatalogDefinition { availability: Availability::Disabled, ..after.definition.clone() };
    let off = catalogs.update(&after, off, None).await.expect("disabled");
    assert!(catalogs.list().await.expect("listed").contains(&off));
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
