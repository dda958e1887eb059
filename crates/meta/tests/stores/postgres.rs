//! What is special about servers: several gateways, rights, a server that is away, and what a database administrator sees.

use crate::place::Place;
use crate::rows::catalog;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use weft_core::{ErrorKind, Secret};
use weft_meta::{Metastore, NewSecret};
use weft_testkit::process::Signal;

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn first_opens_at_once_all_succeed() {
    let at = Place::postgres();
    let (one, two, three) = tokio::join!(at.try_open(), at.try_open(), at.try_open());
    let (one, two, _) = (one.expect("opened"), two.expect("opened"), three.expect("opened"));
    one.catalogs().create(&catalog("x")).await.expect("created");
    assert_eq!(two.catalogs().list().await.expect("listed").len(), 1);
}

#[tokio::test]
async fn keys_are_shared() {
    let at = Place::postgres();
    let secret = |name: &str| NewSecret {
        name: name.to_owned(),
        kind: "s3".to_owned(),
        values: BTreeMap::from([("key".to_owned(), Secret::new(name))]),
        owner: "weft".to_owned(),
    };
    let (one, two) = (at.open().await, at.open().await);
    one.secrets().create(&secret("a")).await.expect("created");
    for gateway in [&one, &two, &one] {
        assert!(gateway.rotate_key().await.expect("rotated") >= 1);
        for other in [&one, &two] {
            assert!(other.secrets().values("a").await.expect("opened").is_some());
        }
    }
    two.secrets().create(&secret("b")).await.expect("created");
    assert!(one.secrets().values("b").await.expect("opened").is_some());
    // A gateway with a key of its own is told so, and breaks nothing.
    let server = at.server.as_ref().expect("a server");
    let other = at.folder.path().join("other-key");
    let error =
        Metastore::open_postgres(&Secret::new(server.url()), &other, &at.copy()).await.err().expect("another key");
    assert_eq!(error.kind(), ErrorKind::ObjectNotInPrerequisiteState);
    assert!(!other.exists());
}

#[tokio::test]
async fn what_is_wrong_is_told_without_the_password() {
    let mut at = Place::postgres();
    let store = at.open().await;
    let server = at.server.as_mut().expect("a server");
    let (url, key, copy) = (server.url(), at.folder.path().join("master-key"), at.folder.path().join("other.db"));
    for (wrong, kind) in [
        ("mysql://app:secret@127.0.0.1/x".to_owned(), ErrorKind::InvalidParameterValue),
        (url.replace("secret", "gEhEiM"), ErrorKind::ObjectNotInPrerequisiteState),
        (format!("{url}_none"), ErrorKind::ObjectNotInPrerequisiteState),
        (url.replace(&server.port().to_string(), "1"), ErrorKind::CannotConnectNow),
    ] {
        let error = Metastore::open_postgres(&Secret::new(wrong), &key, &copy).await.err().expect("an error");
        assert_eq!(error.kind(), kind, "{error:?}");
        assert!(!format!("{error:?}").contains("secret@") && !format!("{error:?}").contains("gEhEiM"), "{error:?}");
        assert!(error.hint().is_some(), "{error:?}");
    }
    let at_server = format!("at 127.0.0.1:{}/postgres is away", server.port());
    server.process().signal(Signal::INT).expect("stopped");
    server.process().wait(Duration::from_secs(20)).expect("stopped");
    let started = Instant::now();
    // The copy answers; nothing can be changed.
    assert_eq!(store.catalogs().list().await.expect("listed"), []);
    assert!(started.elapsed() < Duration::from_secs(5));
    let error = store.catalogs().create(&catalog("x")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReadOnlyTransaction);
    assert!(error.detail().is_some_and(|d| d.contains(&at_server)), "{error:?}");
}

#[tokio::test]
async fn an_owner_of_the_database_is_enough_and_parts_are_granted() {
    let at = Place::postgres();
    let server = at.server.as_ref().expect("a server");
    let admin = server.connect().await.expect("connected");
    admin
        .batch_execute("CREATE ROLE plain LOGIN PASSWORD 'p'; CREATE ROLE reader LOGIN PASSWORD 'p'")
        .await
        .expect("roles");
    admin.batch_execute("CREATE DATABASE weft OWNER plain").await.expect("a database");
    let endpoint = &server.endpoint;
    let url = |user: &str| format!("postgres://{user}:p@127.0.0.1:{}/weft", endpoint.port);
    let store = Metastore::open_postgres(&Secret::new(url("plain")), &at.key(), &at.copy()).await.expect("opened");
    store.catalogs().create(&catalog("x")).await.expect("created");
    let grants = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/postgres/grants.sql");
    let variables = ["-v", "manager=g_manager", "-v", "system=g_system", "-v", "metadata=g_metadata"];
    for _ in 0..2 {
        let ran = server.psql(&[&["-d", "weft", "-f", grants][..], &variables[..]].concat()).expect("psql");
        assert!(ran.ok(), "{}", ran.stderr);
    }
    admin.batch_execute("GRANT g_metadata TO reader").await.expect("granted");
    let pool = sqlx::PgPool::connect(&url("reader")).await.expect("a pool");
    sqlx::query("SELECT * FROM metadata.scanned_columns").execute(&pool).await.expect("readable");
    for hidden in ["SELECT * FROM manager.catalogs", "SELECT * FROM system.jobs"] {
        assert!(sqlx::query(hidden).execute(&pool).await.is_err(), "{hidden}");
    }
    admin.batch_execute("GRANT g_manager TO reader").await.expect("granted");
    sqlx::query("SELECT name FROM manager.roles").execute(&pool).await.expect("readable");
    for hidden in ["SELECT verifier FROM manager.roles", "SELECT ciphertext FROM manager.secret_values"] {
        assert!(sqlx::query(hidden).execute(&pool).await.is_err(), "{hidden}");
    }
    // Every table says what it is.
    let bare: Vec<String> = sqlx::query_scalar(
        "SELECT relname::text FROM pg_class WHERE relkind IN ('r', 'v') \
         AND relnamespace::regnamespace::text IN ('manager', 'system', 'metadata') AND obj_description(oid, 'pg_class') IS NULL",
    )
    .fetch_all(&sqlx::PgPool::connect(&url("plain")).await.expect("a pool"))
    .await
    .expect("asked");
    assert_eq!(bare, [""; 0]);
}
