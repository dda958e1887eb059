//! Catalogs of objects in a real store: what is listed, described and read, what changes, and what goes wrong without a key being told.

use crate::{read, rows, worker};
use arrow::datatypes::{DataType, Field, Schema};
use futures::TryStreamExt;
use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use weft_connect::{Connector, Context, Given, kind};
use weft_core::executor::RemoteStatement;
use weft_core::relation::Reading;
use weft_core::worker::Worker;
use weft_core::{Error, ErrorKind};
use weft_testkit::seaweed::{KEY, PUBLIC, READER_KEY, READER_SECRET, SECRET, SHARED, Seaweed};

/// One server for all tests of this file. It ends with the process.
static SERVER: LazyLock<Seaweed> = LazyLock::new(|| {
    let server = Seaweed::start().unwrap();
    server.create_bucket(SHARED).unwrap();
    server.put(SHARED, "t.csv", "a\n1\n").unwrap();
    server
});

struct Site {
    bucket: String,
    folder: TempDir,
    worker: Arc<dyn Worker>,
}

impl Site {
    fn new(bucket: &str) -> Self {
        SERVER.create_bucket(bucket).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let worker = worker(&folder.path().canonicalize().unwrap());
        Site { bucket: bucket.to_owned(), folder, worker }
    }

    fn put(&self, key: &str, bytes: impl AsRef<[u8]>) {
        SERVER.put(&self.bucket, key, bytes).unwrap();
    }

    /// Writes the rows as a Parquet object.
    async fn copy(&self, select: &str, key: &str) {
        let file = self.folder.path().canonicalize().unwrap().join("t.parquet");
        let sql = format!("COPY ({select}) TO '{}'", file.display());
        let count = Arc::new(Schema::new(vec![Field::new("Count", DataType::Int64, true)]));
        let done = self.worker.execute(&RemoteStatement::new(sql), count).await.unwrap();
        done.try_collect::<Vec<_>>().await.unwrap();
        self.put(key, std::fs::read(file).unwrap());
    }

    fn try_open(
        &self,
        options: &[(&str, &str)],
        properties: &[(&str, &str)],
        ttl: Duration,
    ) -> Result<Arc<dyn Connector>, Error> {
        let endpoint = SERVER.endpoint();
        let usual = [
            ("bucket", self.bucket.as_str()),
            ("endpoint", &endpoint),
            ("allow_http", "true"),
            ("key_id", KEY),
            ("secret", SECRET),
        ];
        let map = |pairs: &[(&str, &str)]| -> BTreeMap<_, _> {
            pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect()
        };
        let mut all = map(&usual);
        all.extend(map(options));
        all.retain(|_, value| !value.is_empty());
        let context = Context {
            worker: self.worker.clone(),
            file_roots: Vec::new(),
            max_files_per_table: 3,
            metadata_ttl: ttl,
            store_health_interval: Duration::from_secs(30),
            health_timeout: Duration::from_secs(5),
        };
        let given = Given { catalog: "lake".to_owned(), options: all, properties: map(properties) };
        (kind("s3").unwrap().open)(&given, &context)
    }

    fn open(&self, options: &[(&str, &str)]) -> Arc<dyn Connector> {
        self.try_open(options, &[], Duration::from_secs(60)).unwrap()
    }

    async fn read(&self, catalog: &dyn Connector, schema: &str, table: &str) -> (Vec<String>, Vec<String>) {
        read(&*self.worker, catalog, schema, table).await
    }
}

/// `schema.table files columns` or `schema.table SQLSTATE message` of each table.
async fn listed(catalog: &dyn Connector) -> Vec<String> {
    let tables = catalog.tables().await.unwrap();
    let shown = tables.iter().map(|t| match &t.columns {
        Ok(columns) => format!("{}.{} {} {}", t.schema, t.table, t.files.unwrap(), columns.fields().len()),
        Err(error) => format!("{}.{} {} {}", t.schema, t.table, error.kind().sqlstate(), error.message()),
    });
    shown.collect()
}

#[tokio::test]
async fn layout_is_that_of_files() {
    let site = Site::new("layout");
    site.put("orders.csv", "id,v\n1,2\n");
    site.put("sales/x.jsonl", "{\"a\":1}\n{\"a\":null,\"b\":[1]}\n");
    site.copy("SELECT 1 a, 'x' b", "ev/day=2020-01-01/1.parquet").await;
    site.copy("SELECT 2 a, 3.5::DOUBLE c", "ev/day=2020-01-02/1.parquet").await;
    site.copy("SELECT 7 n", "sales/deep/er/1.parquet").await;
    site.put("sales/_tmp/1.csv", "no\n");
    site.put("README.md", "no");
    for n in 0..4 {
        site.put(&format!("sales/many/{n}.csv"), "a\n1\n");
    }
    let catalog = site.open(&[]);
    assert_eq!(
        listed(&*catalog).await,
        [
            "public.ev 2 4",
            "public.orders 1 2",
            "sales.deep 1 1",
            "sales.many 53400 the table is made of more than 3 files",
            "sales.x 1 2",
        ]
    );
    assert_eq!(catalog.schemas().await.unwrap(), ["public", "sales"]);
    assert_eq!(catalog.compute_context(), "duckdb");
    let (columns, mut rows) = site.read(&*catalog, "public", "ev").await;
    rows.sort();
    assert_eq!(columns, ["a integer", "b text", "c double precision", "day date"]);
    assert_eq!(rows, ["1|x|-|2020-01-01", "2|-|3.5|2020-01-02"]);
    assert_eq!(site.read(&*catalog, "public", "orders").await.1, ["1|2"]);
    assert_eq!(site.read(&*catalog, "sales", "x").await.1, ["1|-", "-|[1]"]);
    assert!(catalog.relation("sales", "none").await.unwrap().is_none());
    let (entry, relation) =
        (&catalog.tables().await.unwrap()[1], catalog.relation("public", "orders").await.unwrap().unwrap());
    assert_eq!((entry.bytes, entry.updated_at.is_some(), relation.bytes), (Some(9), true, Some(9)));

    let below = site.open(&[("prefix", "/sales/"), ("format", "json")]);
    assert_eq!(listed(&*below).await, ["public.x 1 2"]);
    assert_eq!(site.read(&*below, "public", "x").await.1.len(), 2);
    let partitions = site.open(&[("prefix", "ev"), ("hive_partitioning", "false")]);
    assert_eq!(listed(&*partitions).await, ["public.ev 2 3"]);
}

#[tokio::test]
async fn names_are_taken_literally() {
    let site = Site::new("names");
    for key in ["q?s3_region=x.csv", "star[1]*.csv", "s/we ird+%20&'#ü/k=a b/1.csv", "s/pl+us.csv", "s/pl us.csv"] {
        site.put(key, format!("v\n{}\n", key.len()));
    }
    site.put("star1x.csv", "v\n0\n");
    let catalog = site.open(&[]);
    for (schema, table, row) in [
        ("public", "q?s3_region=x", "17"),
        ("public", "star[1]*", "12"),
        ("s", "we ird+%20&'#ü", "29|a b"),
        ("s", "pl+us", "11"),
        ("s", "pl us", "11"),
    ] {
        assert_eq!(site.read(&*catalog, schema, table).await.1, [row], "{table}");
    }
}

#[tokio::test]
async fn a_key_that_cannot_be_used_spoils_its_own_folder_only() {
    let site = Site::new("odd");
    site.put("t.csv", "a\n1\n");
    site.put("s/u/1.csv", "a\n2\n");
    site.put("s/odd/ta\tb/1.csv", "a\n3\n");
    let catalog = site.open(&[]);
    assert_eq!(
        listed(&*catalog).await,
        [
            "public.t 1 1",
            "s.odd 0A000 a key with empty parts, with . or .. as a part, or with control characters is not supported",
            "s.u 1 1",
        ]
    );
    assert_eq!(site.read(&*catalog, "s", "u").await.1, ["2"]);
    assert!(catalog.check().await[0].error.is_none());
}

#[tokio::test]
async fn public_buckets_need_no_key() {
    let site = Site::new(PUBLIC);
    site.put("t.csv", "a\n1\n");
    let catalog = site.open(&[("key_id", ""), ("secret", "")]);
    assert_eq!(site.read(&*catalog, "public", "t").await.1, ["1"]);
}

#[tokio::test]
async fn csv_as_described_is_as_it_is_read() {
    let site = Site::new("csv");
    site.put("semi.csv", "a;b;when\n1;x, y;2020-01-01 10:00:00\n2;;2020-01-02 00:00:00\n");
    site.put("s/mixed/1.csv", "k\n1\n");
    site.put("s/mixed/2.csv", "k,extra\nt,2\n");
    site.put("plain.csv", "1|NA\n2|x\n");
    let catalog = site.open(&[]);
    let (columns, rows) = site.read(&*catalog, "public", "semi").await;
    assert_eq!(columns, ["a bigint", "b text", "when timestamp without time zone"]);
    assert_eq!(rows, ["1|x, y|2020-01-01T10:00:00", "2|-|2020-01-02T00:00:00"]);
    let (columns, rows) = site.read(&*catalog, "s", "mixed").await;
    assert_eq!((columns, rows), (vec!["k text".into(), "extra bigint".into()], vec!["1|-".into(), "t|2".into()]));
    let options = site.open(&[("header", "false"), ("delimiter", "|"), ("null_string", "NA")]);
    let (columns, rows) = site.read(&*options, "public", "plain").await;
    assert_eq!(
        (columns, rows),
        (vec!["column0 bigint".into(), "column1 text".into()], vec!["1|-".into(), "2|x".into()])
    );
}

#[tokio::test]
async fn damaged_objects_spoil_only_their_tables() {
    let site = Site::new("damaged");
    site.copy("SELECT 1 a", "s/t/1.parquet").await;
    site.put("s/t/2.parquet", "PAR1 and then nothing");
    site.put("good.csv", "a\n1\n");
    site.put("zip.csv.gz", "this is not gzip");
    let catalog = site.open(&[]);
    assert_eq!(
        listed(&*catalog).await,
        [
            "public.good 1 1",
            "public.zip XX001 file \"zip.csv.gz\" cannot be read as CSV",
            "s.t XX001 file \"s/t/2.parquet\" cannot be read as Parquet",
        ]
    );
    assert_eq!(site.read(&*catalog, "public", "good").await.1, ["1"]);
}

#[tokio::test]
async fn what_changes_is_seen_in_time() {
    let site = Site::new("changes");
    site.copy("SELECT 1 a", "t.parquet").await;
    let ttl = Duration::from_secs(2);
    let catalog = site.try_open(&[], &[], ttl).unwrap();
    assert_eq!(catalog.tables().await.unwrap().len(), 1);
    assert_eq!(site.read(&*catalog, "public", "t").await.1, ["1"]);
    site.copy("SELECT 'n' b", "new.parquet").await;
    assert_eq!(site.read(&*catalog, "public", "new").await.1, ["n"], "a name that was not known is looked for at once");

    // Within the time to live a relation is what it was; what is read is told apart from it.
    site.copy("SELECT 2 a", "t.parquet").await;
    assert_eq!(site.read(&*catalog, "public", "t").await.1, ["2"]);
    let relation = catalog.relation("public", "t").await.unwrap().unwrap();
    SERVER.delete("changes", "t.parquet").unwrap();
    let gone = rows(&*site.worker, &relation).await.unwrap_err();
    assert_eq!(
        (gone.kind(), gone.message()),
        (ErrorKind::UndefinedFile, "object \"t.parquet\" of catalog \"lake\" does not exist any more")
    );
    tokio::time::sleep(ttl).await;
    assert!(catalog.relation("public", "t").await.unwrap().is_none());
    site.copy("SELECT 'changed' a, 5 b", "t.parquet").await;
    assert_eq!(site.read(&*catalog, "public", "t").await.1, ["changed|5"]);
}

#[tokio::test]
async fn keys_are_the_catalogs_own() {
    let site = Site::new("keys");
    site.put("t.csv", "a\n1\n");
    let kind_of = async |options: &[(&str, &str)]| {
        let catalog = site.open(options);
        let error = catalog.tables().await.unwrap_err();
        let checked = catalog.check().await.remove(0).error.unwrap();
        assert_eq!(checked.kind(), error.kind());
        let told = format!("{error:?} {checked:?} {catalog:?}");
        for secret in [SECRET, READER_SECRET, "not-the-secret"] {
            assert!(!told.contains(secret), "{told}");
        }

        (error.kind(), error.message().to_owned())
    };
    let refused = (ErrorKind::InsufficientPrivilege, "bucket \"keys\" of catalog \"lake\" may not be read".to_owned());
    assert_eq!(kind_of(&[("secret", "not-the-secret")]).await, refused);
    assert_eq!(kind_of(&[("key_id", "nobody")]).await, refused);
    assert_eq!(kind_of(&[("key_id", READER_KEY), ("secret", READER_SECRET)]).await, refused);
    assert_eq!(kind_of(&[("key_id", ""), ("secret", "")]).await, refused);
    let missing = kind_of(&[("bucket", "nowhere")]).await;
    assert_eq!(missing, (ErrorKind::UndefinedFile, "bucket \"nowhere\" of catalog \"lake\" does not exist".to_owned()));

    let reader = site.open(&[("bucket", SHARED), ("key_id", READER_KEY), ("secret", READER_SECRET)]);
    assert_eq!(site.read(&*reader, "public", "t").await.1, ["1"]);
    assert!(reader.check().await[0].error.is_none());
    let relation = reader.relation("public", "t").await.unwrap().unwrap();
    let Reading::Worker(statement) = &relation.reading else { panic!("a worker reads objects") };
    assert!(!statement.sql.contains(READER_KEY) && !format!("{statement:?}").contains(READER_SECRET));
}

/// A port whose connections are never accepted: the queue is full, packets are dropped.
fn dropping() -> (TcpListener, SocketAddr, Vec<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let mut queued = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(300)) {
        queued.push(stream);
    }
    (listener, address, queued)
}

#[tokio::test]
async fn a_store_that_is_away_is_given_up_in_time() {
    let site = Site::new("away");
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let (_listener, full, _queued) = dropping();
    let properties = [("connect_timeout", "1s"), ("request_timeout", "2s")];
    for address in [silent.local_addr().unwrap(), full, "127.0.0.1:1".parse().unwrap()] {
        let endpoint = format!("http://{address}");
        let catalog = site.try_open(&[("endpoint", &endpoint)], &properties, Duration::from_secs(60)).unwrap();
        let begun = Instant::now();
        let error = catalog.tables().await.unwrap_err();
        assert!(begun.elapsed() < Duration::from_secs(4), "{address}: {:?}", begun.elapsed());
        assert_eq!(
            (error.kind(), error.message()),
            (ErrorKind::ConnectionFailed, "catalog \"lake\" cannot be reached")
        );
        assert!(error.detail().is_some_and(|d| d.starts_with(&address.to_string())), "{error:?}");
        let check = catalog.check().await.remove(0);
        assert_eq!(check.node, address.to_string());
        assert_eq!(check.error.map(|e| e.kind()), Some(ErrorKind::ConnectionFailed));
    }
}

#[tokio::test]
async fn a_point_query_asks_for_no_listing() {
    let site = Site::new("quiet");
    site.put("t.csv", "a\n1\n");
    let catalog = site.open(&[]);
    assert!(catalog.relation("public", "t").await.unwrap().is_some());
    let begun = Instant::now();
    for _ in 0..200 {
        assert!(catalog.relation("public", "t").await.unwrap().is_some());
    }
    assert!(begun.elapsed() < Duration::from_millis(200), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn options_are_checked_without_a_request() {
    let site = Site::new("options");
    let message = |options: &[(&str, &str)]| {
        let opened = site.try_open(options, &[], Duration::ZERO);
        opened.map(drop).map_err(|e| e.message().to_owned())
    };
    assert_eq!(message(&[("endpoint", "http://nowhere.invalid:1")]), Ok(()));
    assert_eq!(message(&[("endpoint", "")]), Ok(()));
    assert_eq!(message(&[("bucket", "")]), Err("option bucket is required".to_owned()));
    assert_eq!(
        message(&[("allow_http", "")]),
        Err("option endpoint must be https://, unless allow_http is true".to_owned())
    );
    assert_eq!(message(&[("secret", "")]), Err("option secret must be given together with key_id".to_owned()));
    assert_eq!(message(&[("sekret", "x")]), Err("unknown option sekret".to_owned()));
    assert!(message(&[("delimiter", "\n")]).is_err());
}
