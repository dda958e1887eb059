//! Object stores behind the gateway: joins with files in one statement, keys that nobody sees, and what is missing or away.

use crate::files::{mount, reads};
use crate::{eventually, refusal, test};
use libtest_mimic::Trial;
use std::path::Path;
use std::time::Duration;
use tokio_postgres::Client;
use weft_testkit::process::Signal;
use weft_testkit::redis::Redis;
use weft_testkit::seaweed::{KEY, READER_KEY, READER_SECRET, SECRET, SHARED, Seaweed};
use weft_testkit::{Weft, Worker, data};

pub fn trials() -> Vec<Trial> {
    vec![
        test("objects::files_and_objects_in_one_statement", one_statement),
        test("objects::keys_are_seen_nowhere", keys),
        test("objects::two_keys_for_one_place", two_keys),
        test("objects::without_the_extension", without_the_extension),
        test("objects::what_was_read_is_kept", kept),
        test("objects::workers_tell_what_they_keep", kept_on_workers),
    ]
}

/// `CREATE CATALOG` for a bucket.
pub fn catalog(name: &str, server: &Seaweed, bucket: &str, key: &str, secret: &str) -> String {
    let endpoint = server.endpoint();
    format!(
        "CREATE CATALOG {name} USING s3 OPTIONS (bucket '{bucket}', endpoint '{endpoint}', allow_http 'true', key_id '{key}', secret '{secret}')"
    )
}

async fn lines(client: &Client, sql: &str) -> Vec<String> {
    client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

/// A store with the tables of TPC-H in one bucket, and an empty one for the reader.
fn store(files: &Path) -> Seaweed {
    let server = Seaweed::start().unwrap();
    for bucket in ["tpch", SHARED] {
        server.create_bucket(bucket).unwrap();
    }
    for table in data::TPCH_TABLES {
        let file = format!("{table}.parquet");
        server.put("tpch", &file, std::fs::read(files.join(&file)).unwrap()).unwrap();
    }
    server.put(SHARED, "t.csv", "a\n1\n").unwrap();
    server
}

/// Catches: a join of files and objects that is computed in the gateway, and other rows than those of files alone.
async fn one_statement() {
    let files = data::tpch("0.001").unwrap();
    let server = store(&files);
    let weft = reads(&[&files]).start().unwrap();
    let client = mount(&weft, "disk", &files).await.connect().await.unwrap();
    client.batch_execute(&catalog("cloud", &server, "tpch", KEY, SECRET)).await.unwrap();
    let query = |orders: &str, customer: &str| {
        format!(
            "SELECT c.c_mktsegment, count(*), sum(o.o_totalprice)::text FROM {orders}.public.orders AS o \
             JOIN {customer}.public.customer AS c ON c.c_custkey = o.o_custkey GROUP BY 1 ORDER BY 1"
        )
    };
    let answer = async |sql: String| {
        let rows = client.query(sql.as_str(), &[]).await.unwrap();
        rows.iter().map(|r| (r.get::<_, String>(0), r.get::<_, i64>(1), r.get::<_, String>(2))).collect::<Vec<_>>()
    };
    let expected = answer(query("disk", "disk")).await;
    assert_eq!(expected.len(), 5);
    assert_eq!(answer(query("cloud", "disk")).await, expected);
    assert_eq!(answer(query("cloud", "cloud")).await, expected);
    let plan = lines(&client, &format!("EXPLAIN {}", query("cloud", "disk"))).await.join("\n");
    assert_eq!(plan.matches("DuckDB on worker").count(), 1, "{plan}");
    assert!(plan.contains("s3://tpch/orders.parquet") && plan.contains("customer.parquet"), "{plan}");
    // A subquery brings its own store to the statement.
    for (outer, inner) in [("disk", "cloud"), ("cloud", "disk")] {
        let inner = format!("SELECT c_custkey FROM {inner}.public.customer WHERE c_acctbal > 0");
        let sql = format!("SELECT count(*)::text FROM {outer}.public.orders WHERE o_custkey IN ({inner})");
        let expected = sql.replace("cloud.", "disk.");
        assert_eq!(lines(&client, &sql).await, lines(&client, &expected).await);
        let plan = lines(&client, &format!("EXPLAIN {sql}")).await.join("\n");
        assert_eq!(plan.matches("DuckDB on worker").count(), 1, "{plan}");
    }
}

/// Catches: a statement that reads a place of two catalogs with the key of one of them, or is refused.
async fn two_keys() {
    let server = Seaweed::start().unwrap();
    server.create_bucket(SHARED).unwrap();
    server.put(SHARED, "t.csv", "a\n1\n2\n").unwrap();
    let weft = Weft::start().unwrap();
    let client = weft.connect().await.unwrap();
    for (name, key, secret) in [("admin", KEY, SECRET), ("reader", READER_KEY, READER_SECRET)] {
        client.batch_execute(&catalog(name, &server, SHARED, key, secret)).await.unwrap();
    }
    for join in [
        "SELECT x.a::text FROM admin.public.t AS x JOIN reader.public.t AS y ON x.a = y.a ORDER BY 1",
        "SELECT a::text FROM admin.public.t WHERE a IN (SELECT a FROM reader.public.t) ORDER BY 1",
        "SELECT a::text FROM admin.public.t UNION SELECT a::text FROM reader.public.t ORDER BY 1",
    ] {
        assert_eq!(lines(&client, join).await, ["1", "2"], "{join}");
        let plan = lines(&client, &format!("EXPLAIN {join}")).await.join("\n");
        assert_eq!(plan.matches("DuckDB on worker").count(), 2, "{plan}");
    }
}

/// Catches: a key in a plan, a listing, an error or the log, and a statement that is answered with the key of another catalog.
async fn keys() {
    let files = data::tpch("0.001").unwrap();
    let server = store(&files);
    let weft = Weft::start().unwrap();
    let client = weft.connect().await.unwrap();
    client.batch_execute(&catalog("admin", &server, "tpch", KEY, SECRET)).await.unwrap();
    client.batch_execute(&catalog("reader", &server, SHARED, READER_KEY, READER_SECRET)).await.unwrap();
    let mut seen = Vec::new();
    let (state, message) =
        refusal(client.batch_execute(&catalog("thief", &server, "tpch", READER_KEY, READER_SECRET)).await);
    assert_eq!((state.as_str(), message.as_str()), ("42501", "bucket \"tpch\" of catalog \"thief\" may not be read"));
    seen.push(message);
    let (state, _) = refusal(client.batch_execute(&catalog("none", &server, "nowhere", KEY, SECRET)).await);
    assert_eq!(state, "58P01");
    assert_eq!(client.query("SELECT a FROM reader.public.t", &[]).await.unwrap().len(), 1);
    let join = "SELECT n.n_name FROM admin.public.nation AS n JOIN reader.public.t AS t ON t.a = n.n_nationkey";
    assert_eq!(client.query(join, &[]).await.unwrap().len(), 1);
    seen.extend(lines(&client, &format!("EXPLAIN (VERBOSE) {join}")).await);
    seen.extend(lines(&client, "SHOW CREATE CATALOG admin").await);
    seen.extend(lines(&client, "SHOW CREATE ALL").await);
    server.delete("tpch", "nation.parquet").unwrap();
    seen.push(format!("{:?}", client.query("SELECT * FROM admin.public.nation", &[]).await.unwrap_err()));
    seen.push(weft.log());
    for text in &seen {
        assert!(!text.contains(SECRET) && !text.contains(READER_SECRET), "{text}");
    }
}

/// Catches: a catalog that is created though nothing can read it.
async fn without_the_extension() {
    let server = Seaweed::start().unwrap();
    server.create_bucket(SHARED).unwrap();
    let empty = tempfile::tempdir().unwrap();
    let weft = Weft::builder().setting("duckdb_extensions", empty.path().to_str().unwrap()).start().unwrap();
    let client = weft.connect().await.unwrap();
    let (state, message) = refusal(client.batch_execute(&catalog("c", &server, SHARED, KEY, SECRET)).await);
    assert_eq!((state.as_str(), message.as_str()), ("0A000", "DuckDB's extension for object stores is not installed"));
}

/// Catches: objects that are fetched again by a gateway that was restarted, by another catalog, or never counted; a cache that cannot be emptied or switched off.
async fn kept() {
    let files = data::tpch("0.001").unwrap();
    let server = store(&files);
    let folder = tempfile::tempdir().unwrap();
    let start = |cache: &str| reads(&[&files]).data_dir(folder.path()).setting("worker_cache", cache).start().unwrap();
    let query = "SELECT count(*), sum(l_quantity)::text FROM cloud.public.lineitem";
    let figures = "SELECT cached_bytes, fetched_bytes, entries FROM system.runtime.caches";
    let object = i64::try_from(std::fs::metadata(files.join("lineitem.parquet")).unwrap().len()).unwrap();
    let mut expected = None;
    for (cache, is_fetched, is_cached) in [("64MiB", true, false), ("64MiB", false, true), ("0", false, false)] {
        let mut weft = start(cache);
        let client = weft.connect().await.unwrap();
        if expected.is_none() {
            client.batch_execute(&catalog("cloud", &server, "tpch", KEY, SECRET)).await.unwrap();
        }
        let plan = lines(&client, &format!("EXPLAIN (ANALYZE, DISTRIBUTED) {query}")).await.join("\n");
        assert_eq!(plan.contains(" cached, "), is_fetched || is_cached, "{plan}");
        let row = client.query_one(query, &[]).await.unwrap();
        let answer = (row.get::<_, i64>(0), row.get::<_, String>(1));
        assert_eq!(expected.get_or_insert_with(|| answer.clone()), &answer);
        let told = client.query(figures, &[]).await.unwrap();
        let figure = |at: usize| told.first().map_or(0, |row| row.get::<_, i64>(at));
        // More than all the other tables have together, whose columns are looked at as well.
        assert_eq!(
            (figure(1) >= object, is_fetched || figure(0) > 0),
            (is_fetched, is_fetched || is_cached),
            "{cache}"
        );
        client.batch_execute("DROP CACHE ALL").await.unwrap();
        if is_cached {
            assert_eq!(client.query_one(figures, &[]).await.unwrap().get::<_, i64>(2), 0);
        }
        if is_fetched {
            client.query_one(query, &[]).await.unwrap();
            let again = client.query_one(figures, &[]).await.unwrap();
            assert_eq!(again.get::<_, i64>(1) - figure(1), object, "not even DuckDB's memory has it");
        }
        drop(client);
        weft.stop().unwrap();
    }
}

/// Catches: caches of registered workers that nobody sees, are emptied, or are hit again.
async fn kept_on_workers() {
    let files = data::tpch("0.001").unwrap();
    let (server, redis) = (store(&files), Redis::start().unwrap());
    let weft = Weft::builder().setting("redis", &redis.url()).setting("worker_cache", "0").start().unwrap();
    let client = weft.connect().await.unwrap();
    client.batch_execute(&catalog("cloud", &server, "tpch", KEY, SECRET)).await.unwrap();
    let key_file = weft.data_dir().join("worker-key");
    let worker = |id: &str| {
        let worker = Worker::builder().setting("worker_id", id).setting("redis", &redis.url());
        worker.setting("worker_key_file", key_file.to_str().unwrap()).setting("worker_cache", "64MiB").start().unwrap()
    };
    let mut workers = [worker("w1"), worker("w2")];
    let count = async |sql: &str| client.query_one(sql, &[]).await.unwrap().get::<_, i64>(0);
    let wait = Duration::from_secs(20);
    eventually("two workers", wait, async || count("SELECT count(*) FROM system.runtime.caches").await == 2).await;
    let query = "SELECT count(*) FROM cloud.public.orders WHERE o_totalprice > 0";
    let fetched = "SELECT coalesce(sum(fetched_bytes), 0)::bigint FROM system.runtime.tasks";
    for _ in 0..2 {
        assert_eq!(count(query).await, 1500);
    }
    let object = i64::try_from(std::fs::metadata(files.join("orders.parquet")).unwrap().len()).unwrap();
    assert_eq!(count(fetched).await, object, "one worker has it, and has it once");
    let entries = "SELECT count(*) FROM system.runtime.caches WHERE entries > 0 AND fetched_bytes > 0";
    eventually("the figures", wait, async || count(entries).await == 1).await;
    client.batch_execute("DROP CACHE ALL").await.unwrap();
    eventually("no entry", wait, async || count(entries).await == 0).await;
    assert_eq!(count(query).await, 1500);
    assert_eq!(count(fetched).await, 2 * object, "neither the disk nor DuckDB's memory has it");
    workers[0].process().signal(Signal::STOP).unwrap();
    let (state, message) = refusal(client.batch_execute("DROP CACHE ALL").await);
    assert_eq!((state.as_str(), message.as_str()), ("08001", "1 of 2 workers did not do as they were told"));
    workers[0].process().signal(Signal::CONT).unwrap();
}
