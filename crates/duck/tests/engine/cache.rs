//! The cache of objects: what it keeps is not fetched again, what changed is, and it answers nobody but the statement that it is kept for.

use crate::stores::{SERVER, reading, store, sum};
use crate::{bigints, keeping};
use arrow::array::AsArray;
use arrow::datatypes::{DataType, Field, Schema};
use futures::future::join_all;
use futures::{StreamExt, TryStreamExt};
use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use weft_core::ErrorKind;
use weft_core::executor::{Executor, RemoteStatement};
use weft_core::store::Store;
use weft_core::worker::{CacheFigures, Worker};
use weft_duck::Engine;
use weft_testkit::relay::Relay;
use weft_testkit::witness::Witness;

const MIB: u64 = 1 << 20;

/// Bytes of a block.
const BLOCK: u64 = 256 << 10;

/// The store as another catalog has it: DuckDB's own memory knows nothing of it.
fn as_of(catalog: &str, store: &Store) -> Store {
    Store { catalog: catalog.to_owned(), ..store.clone() }
}

/// An object of a column of numbers, so many bytes and their sum.
fn put(key: &str, rows: i64, first: i64) -> (u64, i64) {
    let text: String = std::iter::once("n\n".to_owned()).chain((0..rows).map(|n| format!("{}\n", first + n))).collect();
    SERVER.put("own", key, &text).expect("an object");
    (text.len() as u64, (0..rows).map(|n| first + n).sum())
}

fn figures(engine: &Engine) -> CacheFigures {
    engine.caches().pop().expect("a cache")
}

/// Files of blocks, and all that is in them.
fn files(folder: &Path) -> Vec<PathBuf> {
    let inside = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path());
    inside(&folder.join("cache/v1")).flat_map(|folder| inside(&folder).collect::<Vec<_>>()).collect()
}

#[tokio::test]
async fn what_was_read_is_not_fetched_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let witness = Witness::to(SERVER.port).await.expect("a witness");
    let own = Store { endpoint: format!("http://127.0.0.1:{}", witness.port), ..store("s3://own/") };
    let (bytes, expected) = put("twice.csv", 400_000, 0);
    let urls = ["s3://own/twice.csv"];

    let engine = keeping(folder.path(), 4, 64 * MIB);
    let first = reading(&urls, &[&own]);
    let rows: Vec<_> = engine.execute(&first, bigints()).await.expect("begun").try_collect().await.expect("rows");
    assert_eq!(rows[0].column(0).as_primitive::<arrow::datatypes::Int64Type>().value(0), expected);
    assert_eq!(first.traffic.fetched(), bytes, "all of it, once");
    let asked = witness.take();
    assert!(asked.iter().any(|line| line.starts_with("GET ")), "{asked:?}");

    // A database of its own, a statement of its own: only whether it is still the same is asked.
    let second = reading(&urls, &[&as_of("again", &own)]);
    engine.execute(&second, bigints()).await.expect("begun").try_collect::<Vec<_>>().await.expect("rows");
    // DuckDB reads the beginning of CSV twice, to see what it is.
    assert_eq!((second.traffic.fetched(), second.traffic.cached() / bytes), (0, 2));
    assert_eq!(witness.take(), ["HEAD /own/twice.csv HTTP/1.1"]);
    assert_eq!((figures(&engine).fetched_bytes, figures(&engine).bytes), (bytes, bytes + 4 * bytes.div_ceil(BLOCK)));

    // What is on the disk outlives the process.
    drop(engine);
    let engine = keeping(folder.path(), 4, 64 * MIB);
    assert_eq!(sum(&engine, &urls, &[&own]).await.expect("rows"), expected);
    assert_eq!(witness.take(), ["HEAD /own/twice.csv HTTP/1.1"]);
    assert_eq!(figures(&engine).fetched_bytes, 0);

    engine.drop_caches().await.expect("dropped");
    assert_eq!((figures(&engine).entries, files(folder.path()).len()), (0, 0));
    assert_eq!(sum(&engine, &urls, &[&own]).await.expect("rows"), expected);
    assert_eq!(figures(&engine).fetched_bytes, bytes, "not even DuckDB's memory has it");
}

#[tokio::test]
async fn a_changed_object_is_read_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = keeping(folder.path(), 4, 64 * MIB);
    let own = store("s3://own/");
    for first in [1, 2, 7] {
        let (_, expected) = put("changing.csv", 1000, first);
        for catalog in ["one", "two"] {
            let sum = sum(&engine, &["s3://own/changing.csv"], &[&as_of(catalog, &own)]).await;
            assert_eq!(sum.expect("rows"), expected);
        }
    }
}

#[tokio::test]
async fn an_object_that_changes_while_it_is_read_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = keeping(folder.path(), 4, 512 * MIB);
    SERVER.put("own", "replaced.csv", format!("n\n{}", "1234567\n".repeat(12_000_000))).expect("an object");
    let statement = RemoteStatement::new("SELECT n FROM read_csv(['s3://own/replaced.csv'], buffer_size = 2000000)")
        .on(vec![Arc::new(store("s3://own/"))]);
    let mut stream = engine.execute(&statement, bigints()).await.expect("started");
    assert!(stream.next().await.expect("a batch").is_ok());
    SERVER.put("own", "replaced.csv", format!("n\n{}", "7654321\n".repeat(11_000_000))).expect("an object");
    let rest: Result<Vec<_>, _> = stream.try_collect().await;
    let error = rest.expect_err("rows of two versions");
    assert_eq!(error.kind(), ErrorKind::ObjectNotInPrerequisiteState, "{error:?}");
    assert_eq!(error.message(), "object \"replaced.csv\" of catalog \"lake\" changed while it was read");
}

#[tokio::test]
async fn only_a_running_statement_is_answered() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = keeping(folder.path(), 4, 64 * MIB);
    let sql = "SELECT secret_string || ' pass=' || current_setting('s3_access_key_id') FROM duckdb_secrets()";
    let text = Arc::new(Schema::new(vec![Field::new("s", DataType::Utf8, true)]));
    let listed = RemoteStatement::new(sql).on(reading(&[], &[&store("s3://own/")]).stores);
    let rows: Vec<_> = engine.execute(&listed, text).await.expect("started").try_collect().await.expect("rows");
    let told = rows[0].column(0).as_string::<i32>().value(0).to_owned();
    let part = |name: &str| {
        let (_, rest) = told.split_once(&format!("{name}=")).expect(name);
        rest.split([';', ' ']).next().expect(name).to_owned()
    };
    let (address, pass) = (part("endpoint"), part("pass"));
    assert_eq!(pass.len(), 32, "{told}");
    for pass in [None, Some("0".repeat(32)), Some(pass)] {
        let address = address.clone();
        let answer = tokio::task::spawn_blocking(move || {
            let credential =
                pass.map(|pass| format!("Authorization: AWS4-HMAC-SHA256 Credential={pass}/x\r\n")).unwrap_or_default();
            let mut socket = TcpStream::connect(address).expect("the cache");
            let request = format!(
                "GET /own/n.csv HTTP/1.1\r\nHost: x\r\n{credential}Range: bytes=0-1\r\nConnection: close\r\n\r\n"
            );
            socket.write_all(request.as_bytes()).expect("asked");
            let mut answer = String::new();
            socket.read_to_string(&mut answer).expect("answered");
            answer
        });
        let answer = answer.await.expect("asked");
        assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    }
}

#[tokio::test]
async fn the_limit_holds() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = keeping(folder.path(), 4, 3 * MIB);
    let own = store("s3://own/");
    for round in 0..2 {
        for n in 0..3 {
            let key = format!("limited-{n}.csv");
            let (_, expected) = put(&key, 300_000, n);
            let of = as_of(&format!("c{round}"), &own);
            assert_eq!(sum(&engine, &[&format!("s3://own/{key}")], &[&of]).await.expect("rows"), expected);
        }
    }
    let kept: u64 = files(folder.path()).iter().map(|file| fs::metadata(file).expect("a file").len()).sum();
    let told = figures(&engine);
    assert!(told.evicted_bytes > MIB && told.bytes <= told.max_bytes && kept <= 3 * MIB, "{kept} {told:?}");

    // What is found after a restart with another limit is cut, too.
    drop(engine);
    let engine = keeping(folder.path(), 4, MIB);
    let (_, expected) = put("limited-9.csv", 10, 0);
    assert_eq!(sum(&engine, &["s3://own/limited-9.csv"], &[&own]).await.expect("rows"), expected);
    assert!(figures(&engine).bytes <= MIB, "{:?}", figures(&engine));
}

#[tokio::test]
async fn a_damaged_block_is_fetched_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = keeping(folder.path(), 4, 64 * MIB);
    let own = store("s3://own/");
    let (bytes, expected) = put("damaged.csv", 400_000, 0);
    assert_eq!(sum(&engine, &["s3://own/damaged.csv"], &[&own]).await.expect("rows"), expected);
    let files = files(folder.path());
    assert_eq!(files.len() as u64, bytes.div_ceil(BLOCK));
    let mut content = fs::read(&files[0]).expect("a block");
    content[1000] ^= 1;
    fs::write(&files[0], content).expect("damaged");
    fs::write(&files[1], "short").expect("cut");
    fs::remove_file(&files[2]).expect("gone");
    let read = reading(&["s3://own/damaged.csv"], &[&as_of("again", &own)]);
    assert_eq!(sum(&engine, &["s3://own/damaged.csv"], &[&as_of("again", &own)]).await.expect("rows"), expected);
    assert_eq!(figures(&engine).damaged, 2);
    engine.execute(&read, bigints()).await.expect("begun").try_collect::<Vec<_>>().await.expect("rows");
    assert_eq!(read.traffic.fetched(), 0, "they are whole again");
}

#[tokio::test]
async fn a_store_that_is_away_is_an_error_though_its_objects_are_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = keeping(folder.path(), 4, 64 * MIB);
    let mut relay = Relay::to(SERVER.port).await.expect("a relay");
    let endpoint = format!("http://127.0.0.1:{}", relay.port);
    let own = Store { endpoint, request_timeout: Duration::from_secs(2), ..store("s3://own/") };
    assert_eq!(sum(&engine, &["s3://own/n.csv"], &[&own]).await.expect("rows"), 3);
    relay.cut().await.expect("cut");
    let begun = Instant::now();
    let error = sum(&engine, &["s3://own/n.csv"], &[&own]).await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::ConnectionFailed, "catalog \"lake\" cannot be reached"));
    let detail = error.detail().expect("a detail");
    assert!(detail.starts_with(&format!("127.0.0.1:{}: ", relay.port)), "{detail}");
    assert!(begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_several_read_at_once_is_fetched_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = keeping(folder.path(), 8, 64 * MIB);
    let own = store("s3://own/");
    let (bytes, expected) = put("together.csv", 2_000_000, 0);
    let sums = (0..8).map(|n| {
        let (engine, own) = (engine.clone(), as_of(&format!("c{}", n % 2), &own));
        async move { sum(&engine, &["s3://own/together.csv"], &[&own]).await }
    });
    for sum in join_all(sums).await {
        assert_eq!(sum.expect("rows"), expected);
    }
    assert_eq!(figures(&engine).fetched_bytes, bytes, "{:?}", figures(&engine));
}

#[tokio::test]
async fn a_disk_that_takes_nothing_makes_reading_slower_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let engine = keeping(folder.path(), 4, 64 * MIB);
    let own = store("s3://own/");
    let (bytes, expected) = put("unwritten.csv", 400_000, 0);
    let kept_in = folder.path().join("cache/v1");
    fs::remove_dir_all(&kept_in).expect("removed");
    fs::write(&kept_in, "no folder").expect("written");
    for catalog in ["one", "two"] {
        let sum = sum(&engine, &["s3://own/unwritten.csv"], &[&as_of(catalog, &own)]).await;
        assert_eq!(sum.expect("rows"), expected);
    }
    let told = figures(&engine);
    assert!(told.unwritten > 0 && told.entries == 0 && told.fetched_bytes >= 2 * bytes, "{told:?}");
}
