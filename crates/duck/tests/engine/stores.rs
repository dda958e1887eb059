//! Object stores: each statement opens its own and no other, whatever else runs in the engine, and what goes wrong is told without the key.

use crate::{all, bigints, both, config};
use arrow::array::AsArray;
use arrow::datatypes::{DataType, Field, Int64Type, Schema};
use futures::{StreamExt, TryStreamExt};
use std::net::TcpListener;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};
use weft_core::executor::{Executor, RemoteStatement};
use weft_core::store::{Addressing, Store, StoreRole};
use weft_core::worker::Worker;
use weft_core::{Error, ErrorKind, Secret};
use weft_duck::Engine;
use weft_testkit::seaweed::{KEY, READER_KEY, READER_SECRET, SECRET, SHARED, Seaweed};

/// One server for all tests of this file. It ends with the process.
pub(crate) static SERVER: LazyLock<Seaweed> = LazyLock::new(|| {
    let server = Seaweed::start().expect("SeaweedFS");
    for bucket in ["own", SHARED] {
        server.create_bucket(bucket).expect("a bucket");
        server.put(bucket, "n.csv", format!("n\n{}\n", bucket.len())).expect("an object");
        server.put(bucket, "p/n.csv", "n\n100\n").expect("an object");
    }
    server
});

pub(crate) fn store(scope: &str) -> Store {
    Store {
        catalog: "lake".to_owned(),
        role: StoreRole::Primary,
        scope: scope.to_owned(),
        endpoint: SERVER.endpoint(),
        region: "us-east-1".to_owned(),
        key_id: Some(KEY.to_owned()),
        secret: Some(Secret::new(SECRET)),
        session_token: None,
        addressing: Addressing::Path,
        request_timeout: Duration::from_secs(10),
        max_retries: 0,
    }
}

fn with_key(scope: &str, key: &str, secret: &str) -> Store {
    Store { key_id: Some(key.to_owned()), secret: Some(Secret::new(secret)), ..store(scope) }
}

pub(crate) fn reading(urls: &[&str], stores: &[&Store]) -> RemoteStatement {
    let urls: Vec<_> = urls.iter().map(|url| format!("'{url}'")).collect();
    RemoteStatement::new(format!("SELECT sum(n)::BIGINT FROM read_csv([{}])", urls.join(", ")))
        .on(stores.iter().map(|store| Arc::new((*store).clone())).collect())
}

pub(crate) async fn sum(engine: &Engine, urls: &[&str], stores: &[&Store]) -> Result<i64, Error> {
    let batches: Vec<_> = engine.execute(&reading(urls, stores), bigints()).await?.try_collect().await?;
    Ok(batches[0].column(0).as_primitive::<Int64Type>().value(0))
}

#[tokio::test]
async fn a_statement_opens_its_own_stores_only() {
    let folder = tempfile::tempdir().expect("a folder");
    for engine in both(folder.path(), 4) {
        let (own, prefix, shared) = (store("s3://own/"), store("s3://own/p/"), store("s3://shared/"));
        let (at_own, at_prefix, at_shared) = ("s3://own/n.csv", "s3://own/p/n.csv", "s3://shared/n.csv");
        assert_eq!(sum(&engine, &[at_own], &[&own]).await.expect("rows"), 3);
        assert_eq!(sum(&engine, &[at_shared], &[&shared]).await.expect("rows"), 6);
        assert_eq!(sum(&engine, &[at_own, at_shared], &[&shared, &own]).await.expect("rows"), 9);
        for (url, stores) in [
            (at_own, vec![&shared]),
            (at_shared, vec![&own]),
            (at_own, vec![&prefix]),
            (at_own, vec![]),
            ("s3a://own/n.csv", vec![&own]),
            ("https://example.com/n.csv", vec![&own]),
        ] {
            assert!(sum(&engine, &[url], &stores).await.is_err(), "{url} was read with {stores:?}");
        }
        assert_eq!(sum(&engine, &[at_prefix], &[&prefix]).await.expect("rows"), 100);
        let file = folder.path().join("n.csv");
        std::fs::write(&file, "n\n1000\n").expect("written");
        let with_a_file = sum(&engine, &[at_own, file.to_str().expect("UTF-8")], &[&own]).await;
        assert_eq!(with_a_file.expect("one statement may join files and objects"), 1003);
        let locked = RemoteStatement::new("SET s3_region = 'x'").on(reading(&[], &[&own]).stores);
        let outcome: Result<Vec<_>, _> = engine.execute(&locked, bigints()).await.expect("started").try_collect().await;
        assert!(outcome.is_err(), "the configuration is not locked");
    }
}

#[tokio::test]
async fn keys_of_one_statement_do_not_serve_another() {
    let folder = tempfile::tempdir().expect("a folder");
    for engine in both(folder.path(), 4) {
        let (admin, reader) = (store("s3://own/"), with_key("s3://own/", READER_KEY, READER_SECRET));
        let wrong = with_key("s3://own/", KEY, "not-the-secret");
        let url = "s3://own/n.csv";
        for _ in 0..2 {
            assert_eq!(sum(&engine, &[url], &[&admin]).await.expect("rows"), 3);
            for refused in [&reader, &wrong] {
                let error = sum(&engine, &[url], &[refused]).await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::InsufficientPrivilege, "{error:?}");
                assert_eq!(error.message(), "object \"n.csv\" of catalog \"lake\" may not be read");
                let told = format!("{error:?}");
                assert!(!told.contains("not-the-secret") && !told.contains(READER_SECRET), "{told}");
            }
        }
        let may = with_key("s3://shared/", READER_KEY, READER_SECRET);
        assert_eq!(sum(&engine, &["s3://shared/n.csv", url], &[&may, &admin]).await.expect("rows"), 9);
        let both = sum(&engine, &[url], &[&admin, &reader]).await.unwrap_err();
        assert_eq!(both.kind(), ErrorKind::FeatureNotSupported);
        let listed =
            RemoteStatement::new("SELECT secret_string FROM duckdb_secrets()").on(reading(&[], &[&admin]).stores);
        let text = Arc::new(Schema::new(vec![Field::new("s", DataType::Utf8, true)]));
        let rows: Vec<_> = engine.execute(&listed, text).await.expect("started").try_collect().await.expect("rows");
        assert_eq!(rows[0].num_rows(), 1, "exactly the secret of the statement's store");
        assert!(!rows[0].column(0).as_string::<i32>().value(0).contains(SECRET));
    }
}

#[tokio::test]
async fn failures_are_told_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    for engine in both(folder.path(), 4) {
        let missing = sum(&engine, &["s3://own/gone.csv"], &[&store("s3://own/")]).await.unwrap_err();
        assert_eq!(missing.message(), "object \"gone.csv\" of catalog \"lake\" does not exist any more");
        assert_eq!(missing.kind(), ErrorKind::UndefinedFile);
        let column = RemoteStatement::new("SELECT other::BIGINT FROM read_csv(['s3://own/n.csv'])")
            .on(vec![Arc::new(store("s3://own/"))]);
        let rows: Result<Vec<_>, _> = engine.execute(&column, bigints()).await.expect("started").try_collect().await;
        assert_eq!(rows.unwrap_err().kind(), ErrorKind::ObjectNotInPrerequisiteState);
        let closed = Store { endpoint: "http://127.0.0.1:1".to_owned(), ..store("s3://own/") };
        let refused = sum(&engine, &["s3://own/n.csv"], &[&closed]).await.unwrap_err();
        assert_eq!(
            (refused.kind(), refused.message()),
            (ErrorKind::ConnectionFailed, "catalog \"lake\" cannot be reached")
        );
        assert!(refused.detail().is_some_and(|d| d.starts_with("127.0.0.1:1: ")), "{refused:?}");
    }
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_given_up() {
    let folder = tempfile::tempdir().expect("a folder");
    for engine in both(folder.path(), 1) {
        let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
        let endpoint = format!("http://{}", silent.local_addr().expect("an address"));
        let slow = Store { endpoint, request_timeout: Duration::from_secs(2), ..store("s3://own/") };
        let begun = Instant::now();
        let error = sum(&engine, &["s3://own/n.csv"], &[&slow]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionFailed, "{error:?}");
        assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());

        // Whoever does not want the answer any more is free at once; the connection is when the request has ended.
        let begun = Instant::now();
        drop(engine.execute(&reading(&["s3://own/n.csv"], &[&slow]), bigints()).await.expect("started"));
        assert!(begun.elapsed() < Duration::from_secs(1));
        assert_eq!(all(&engine, "SELECT 1::BIGINT").await.expect("the next statement runs")[0].num_rows(), 1);
        assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn dropping_the_stream_ends_a_read() {
    let folder = tempfile::tempdir().expect("a folder");
    for engine in both(folder.path(), 1) {
        let lines: String = (0..4_000_000).map(|n| format!("{n}\n")).collect();
        SERVER.put("own", "large.csv", format!("n\n{lines}")).expect("an object");
        let own = store("s3://own/");
        let statement = RemoteStatement::new("SELECT n FROM read_csv(['s3://own/large.csv'])").on(vec![Arc::new(own)]);
        let mut stream = engine.execute(&statement, bigints()).await.expect("started");
        assert!(stream.next().await.expect("a batch").is_ok());
        drop(stream);
        let begun = Instant::now();
        all(&engine, "SELECT 1::BIGINT").await.expect("the only permit is free again");
        assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn databases_are_bounded_and_share_one_budget() {
    let folder = tempfile::tempdir().expect("a folder");
    for engine in both(folder.path(), 8) {
        // Three databases may be open, for files and seven stores; statements take turns.
        let statements = (0..7).flat_map(|n| [n, n]).map(|n| {
            let engine = engine.clone();
            tokio::spawn(async move {
                let store = Store { catalog: format!("c{n}"), ..store("s3://own/") };
                sum(&engine, &["s3://own/n.csv"], &[&store]).await
            })
        });
        for statement in statements.collect::<Vec<_>>() {
            assert_eq!(statement.await.expect("no panic").expect("rows"), 3);
        }
        let limits = |statement: RemoteStatement| {
            let engine = engine.clone();
            async move {
                let text = Arc::new(Schema::new(vec![Field::new("s", DataType::Utf8, true)]));
                let rows: Vec<_> =
                    engine.execute(&statement, text).await.expect("started").try_collect().await.expect("rows");
                rows[0].column(0).as_string::<i32>().value(0).to_owned()
            }
        };
        let limit = limits(RemoteStatement::new("SELECT current_setting('memory_limit')")).await;
        assert_eq!(limit, "256.0 MiB", "a third of 768 MiB");
    }
}

#[tokio::test]
async fn without_the_extension_the_error_says_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut config = config(folder.path(), 1);
    config.extensions = Some(folder.path().to_owned());
    let engine = Engine::open(config).expect("an engine");
    let error = engine.reads_stores().unwrap_err();
    assert!(error.hint().is_some_and(|hint| hint.contains("duckdb_extensions")), "{error:?}");
    // A file that is none is refused by DuckDB.
    std::fs::write(folder.path().join("httpfs.duckdb_extension"), "nothing").expect("written");
    engine.reads_stores().expect("it is there");
    let error = sum(&engine, &["s3://own/n.csv"], &[&store("s3://own/")]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::FeatureNotSupported, "{error:?}");
    assert!(error.hint().is_some_and(|hint| hint.contains("duckdb_extensions")), "{error:?}");
}
