//! Catalogs of files on a disk: what is listed, described and read, and what damaged files do.

use crate::{read, worker};
use arrow::datatypes::{DataType, Field, Schema};
use futures::TryStreamExt;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use weft_connect::{Connector, Context, Given, kind};
use weft_core::ErrorKind;
use weft_core::executor::RemoteStatement;
use weft_core::worker::Worker;

struct Site {
    folder: TempDir,
    worker: Arc<dyn Worker>,
}

impl Site {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap();
        Site { worker: worker(&real), folder }
    }

    fn path(&self, file: &str) -> PathBuf {
        let path = self.folder.path().canonicalize().unwrap().join("data").join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }

    fn write(&self, file: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(file), text).unwrap();
    }

    async fn copy(&self, select: &str, file: &str) {
        let sql = format!("COPY ({select}) TO '{}'", self.path(file).display());
        let count = Arc::new(Schema::new(vec![Field::new("Count", DataType::Int64, true)]));
        let done = self.worker.execute(&RemoteStatement::new(sql), count).await.unwrap();
        done.try_collect::<Vec<_>>().await.unwrap();
    }

    fn open(&self, options: &[(&str, &str)]) -> Arc<dyn Connector> {
        let path = self.path("x").parent().unwrap().display().to_string();
        let mut all = BTreeMap::from([("path".to_owned(), path)]);
        all.extend(options.iter().map(|(k, v)| (k.to_string(), v.to_string())));
        let context = Context {
            worker: self.worker.clone(),
            file_roots: vec![self.folder.path().to_owned()],
            max_files_per_table: 100,
            metadata_ttl: Duration::from_secs(5),
            store_health_interval: Duration::from_secs(30),
            health_timeout: Duration::from_secs(5),
        };
        let given = Given { catalog: "files".to_owned(), options: all, properties: BTreeMap::new() };
        (kind("file").unwrap().open)(&given, &context).unwrap()
    }

    /// `name type` of each column, and the rows.
    async fn read(&self, catalog: &dyn Connector, schema: &str, table: &str) -> (Vec<String>, Vec<String>) {
        read(&*self.worker, catalog, schema, table).await
    }
}

#[tokio::test]
async fn types_of_parquet() {
    let site = Site::new();
    let select = "SELECT 1::UTINYINT a, 255::USMALLINT b, 18446744073709551615::UBIGINT c, '7d8f7f0e-2d56-4b39-9a0f-000000000000'::UUID u, \
                  [1, 2] l, {'x': 1} s, map {'k': 1} m, '{\"j\": 1}'::JSON j, 'e'::ENUM('e') e, [1::UTINYINT] lu, [[1]] ll, \
                  TIMESTAMP_NS '2020-01-01 00:00:00.123456789' ns, 1.50::DECIMAL(5, 2) d, 'x'::BLOB bin, \
                  TIMESTAMPTZ '2020-01-01 00:00:00+01' tz, TIME '10:00:00' t, INTERVAL '1 day' i, 'v' AS \"Mixed Name\"";
    site.copy(select, "t.parquet").await;
    let catalog = site.open(&[]);
    let (columns, rows) = site.read(&*catalog, "public", "t").await;
    assert_eq!(
        columns,
        [
            "a smallint",
            "b integer",
            "c numeric",
            "u uuid",
            "l integer[]",
            "s json",
            "m json",
            "j json",
            "e text",
            "lu smallint[]",
            "ll json",
            "ns timestamp without time zone",
            "d numeric",
            "bin bytea",
            "tz timestamp with time zone",
            "t time without time zone",
            "i interval",
            "Mixed Name text",
        ]
    );
    assert_eq!(
        rows[0],
        "1|255|18446744073709551615|7d8f7f0e-2d56-4b39-9a0f-000000000000|[1, 2]|{\"x\":1}|{\"k\":1}|{\"j\": 1}|e|[1]|[[1]]|\
         2020-01-01T00:00:00.123456|1.50|78|2019-12-31T23:00:00Z|10:00:00|1 days|v"
    );
}

#[tokio::test]
async fn partitions_and_files_of_different_columns() {
    let site = Site::new();
    site.copy("SELECT 1 a, 'x' b", "ev/day=2020-01-01/1.parquet").await;
    site.copy("SELECT 2 a, 3.5::DOUBLE c", "ev/day=2020-01-02/1.parquet").await;
    let catalog = site.open(&[]);
    let (columns, mut rows) = site.read(&*catalog, "public", "ev").await;
    rows.sort();
    assert_eq!(columns, ["a integer", "b text", "c double precision", "day date"]);
    assert_eq!(rows, ["1|x|-|2020-01-01", "2|-|3.5|2020-01-02"]);
    let plain = site.open(&[("hive_partitioning", "false")]);
    assert_eq!(site.read(&*plain, "public", "ev").await.0.len(), 3);
}

#[tokio::test]
async fn csv_in_many_spellings() {
    let site = Site::new();
    site.write("semi.csv", "a;b;when\n1;x, y;2020-01-01 10:00:00\n2;;2020-01-02 00:00:00\n");
    site.write("tabs.tsv", "a\tb\n1\t2.5\n");
    site.write("single.csv", "name\nbob, the\nann\n");
    site.write("odd[1]*.csv", "A,a,it's\n1,2,3\n");
    site.write("odd1.csv", "zz\n9\n");
    site.write("s/d[1]?/k=a b/1.csv", "v\n1\n");
    site.write("header_only.csv", "a,b\n");
    site.write("s/mixed/1.csv", "k\n1\n");
    site.write("s/mixed/2.csv", "k,extra\nt,2\n");
    site.write("s/both/1.csv", "k,v\n1,2\n");
    site.write("s/both/2.tsv", "k\tv\n3\t4\n");
    site.write("s/both/3.csv", "");
    site.write("late.csv", format!("a\n{}x\n", "1\n".repeat(30_000)));
    let catalog = site.open(&[]);
    let read = async |schema: &str, table: &str| site.read(&*catalog, schema, table).await;

    let (columns, rows) = read("public", "semi").await;
    assert_eq!(columns, ["a bigint", "b text", "when timestamp without time zone"]);
    assert_eq!(rows, ["1|x, y|2020-01-01T10:00:00", "2|-|2020-01-02T00:00:00"]);
    assert_eq!(
        read("public", "tabs").await,
        (vec!["a bigint".into(), "b double precision".into()], vec!["1|2.5".into()])
    );
    assert_eq!(read("public", "single").await.1, ["bob, the", "ann"]);
    assert_eq!(
        read("public", "odd[1]*").await,
        (vec!["A bigint".into(), "a_1 bigint".into(), "it's bigint".into()], vec!["1|2|3".into()])
    );
    assert_eq!(read("public", "header_only").await, (vec!["a text".into(), "b text".into()], vec![]));
    assert_eq!(
        read("s", "mixed").await,
        (vec!["k text".into(), "extra bigint".into()], vec!["1|-".into(), "t|2".into()])
    );
    assert_eq!(read("s", "both").await, (vec!["k bigint".into(), "v bigint".into()], vec!["1|2".into(), "3|4".into()]));
    assert_eq!(read("s", "d[1]?").await.1, ["1|a b"]);
    let (columns, rows) = read("public", "late").await;
    assert_eq!((columns, rows.len()), (vec!["a text".into()], 30_001));
}

#[tokio::test]
async fn csv_options() {
    let site = Site::new();
    site.write("t.csv", "a preamble\n1|NA\n2|x\n");
    let catalog = site.open(&[("skip", "1"), ("header", "false"), ("delimiter", "|"), ("null_string", "NA")]);
    let (columns, rows) = site.read(&*catalog, "public", "t").await;
    assert_eq!(
        (columns, rows),
        (vec!["column0 bigint".into(), "column1 text".into()], vec!["1|-".into(), "2|x".into()])
    );
}

#[tokio::test]
async fn json_lines_and_documents() {
    let site = Site::new();
    site.write("lines.jsonl", "{\"id\":1,\"o\":{\"x\":1},\"l\":[1,2]}\n{\"id\":2.5,\"more\":true}\n");
    site.write("array.json", "[{\"a\":1},{\"a\":null}]");
    let catalog = site.open(&[]);
    let (columns, rows) = site.read(&*catalog, "public", "lines").await;
    assert_eq!(columns, ["id double precision", "o json", "l bigint[]", "more boolean"]);
    assert_eq!(rows, ["1.0|{\"x\":1}|[1, 2]|-", "2.5|-|-|true"]);
    assert_eq!(site.read(&*catalog, "public", "array").await.1, ["1", "-"]);
}

#[tokio::test]
async fn damaged_files_spoil_only_their_tables() {
    let site = Site::new();
    site.copy("SELECT 1 a", "good.parquet").await;
    site.copy("SELECT 1 a", "s/t/1.parquet").await;
    site.write("s/t/2.parquet", "PAR1 and then nothing");
    site.write("empty.parquet", "");
    site.write("broken.json", "{\"a\":1}\n{\"a\":tru\n");
    site.write("ragged.csv", "a,b\n1,2\n3\n4,5,6\n");
    site.write("noise.csv", [0_u8, 1, 2, 255, 254, 10, 0, 7].repeat(50));
    site.write("nul.csv", "\0\u{1},\0\n1,2\n");
    site.write("zip.csv.gz", "this is not gzip");
    let catalog = site.open(&[]);
    let tables = catalog.tables().await.unwrap();
    let states: Vec<_> = tables
        .iter()
        .map(|t| match &t.columns {
            Ok(_) => format!("{} ok", t.table),
            Err(error) => format!("{} {} {}", t.table, error.kind().sqlstate(), error.message()),
        })
        .collect();
    assert_eq!(
        states,
        [
            "broken XX001 file \"broken.json\" cannot be read as JSON",
            "empty XX001 file \"empty.parquet\" cannot be read as Parquet",
            "good ok",
            "noise XX001 file \"noise.csv\" cannot be read as CSV",
            "nul XX001 file \"nul.csv\" cannot be read as CSV",
            "ragged XX001 file \"ragged.csv\" cannot be read as CSV",
            "zip XX001 file \"zip.csv.gz\" cannot be read as CSV",
            "t XX001 file \"s/t/2.parquet\" cannot be read as Parquet",
        ]
    );
    let home = site.folder.path().display().to_string();
    for error in tables.iter().filter_map(|t| t.columns.as_ref().err()) {
        assert!(!error.detail().unwrap_or_default().contains(&home), "{error:?}");
    }
    assert_eq!(catalog.relation("s", "t").await.unwrap_err().kind(), ErrorKind::DataCorrupted);
    assert_eq!(site.read(&*catalog, "public", "good").await.1, ["1"]);
    assert_eq!(catalog.schemas().await.unwrap(), ["public", "s"]);

    // Repaired, it is read at once although the listing is remembered.
    site.copy("SELECT 2 a", "s/t/2.parquet").await;
    assert_eq!(site.read(&*catalog, "s", "t").await.1, ["1", "2"]);
}

#[tokio::test]
async fn what_changes_is_seen() {
    let site = Site::new();
    site.copy("SELECT 1 a", "t.parquet").await;
    let catalog = site.open(&[]);
    assert_eq!(catalog.tables().await.unwrap().len(), 1);
    assert!(catalog.relation("public", "new").await.unwrap().is_none());
    site.copy("SELECT 'n' b", "new.parquet").await;
    assert_eq!(catalog.tables().await.unwrap().len(), 1, "the listing is still recent");
    assert_eq!(site.read(&*catalog, "public", "new").await.1, ["n"]);
    assert_eq!(catalog.tables().await.unwrap().len(), 2, "a table that was asked for made a new one");
    site.copy("SELECT 'changed' a, 5 b", "t.parquet").await;
    assert_eq!(site.read(&*catalog, "public", "t").await.1, ["changed|5"]);
    fs::remove_file(site.path("t.parquet")).unwrap();
    assert!(catalog.relation("public", "t").await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_may_ask_at_once() {
    let site = Site::new();
    for n in 0..20 {
        site.write(&format!("t{n}.csv"), "a\n1\n");
    }
    let catalog = site.open(&[]);
    let asks = (0..16).map(|n| {
        let catalog = catalog.clone();
        tokio::spawn(async move {
            let tables = catalog.tables().await.unwrap();
            assert!(tables.iter().all(|t| t.columns.is_ok()));
            (tables.len(), catalog.relation("public", &format!("t{n}")).await.unwrap().is_some())
        })
    });
    for ask in asks.collect::<Vec<_>>() {
        assert_eq!(ask.await.unwrap(), (20, true));
    }
}

#[tokio::test]
async fn options_are_checked_without_looking_at_the_disk() {
    let site = Site::new();
    let context = Context {
        worker: site.worker.clone(),
        file_roots: Vec::new(),
        max_files_per_table: 1,
        metadata_ttl: Duration::ZERO,
        store_health_interval: Duration::from_secs(30),
        health_timeout: Duration::from_secs(5),
    };
    let open = |options: &[(&str, &str)]| {
        let options = options.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        let given = Given { catalog: "files".to_owned(), options, properties: BTreeMap::new() };
        (kind("file").unwrap().open)(&given, &context).map(drop).map_err(|e| e.message().to_owned())
    };
    assert_eq!(open(&[("path", "/nowhere")]), Ok(()));
    assert_eq!(open(&[]), Err("option path is required".to_owned()));
    assert_eq!(open(&[("path", "/x"), ("format", "xml")]), Err("option format cannot be 'xml'".to_owned()));
    assert_eq!(open(&[("path", "/x"), ("pth", "y")]), Err("unknown option pth".to_owned()));
    assert!(open(&[("path", "/x"), ("delimiter", "")]).is_err());
    assert_eq!(open(&[("path", "/x"), ("delimiter", "\\t")]), Ok(()));
}

#[tokio::test]
async fn checks() {
    let site = Site::new();
    let catalog = site.open(&[]);
    let checks = catalog.check().await;
    assert!(matches!(checks.as_slice(), [only] if only.error.is_none()));
    let kind_of = async |path: &Path| {
        let catalog = site.open(&[("path", &path.display().to_string())]);
        let error = catalog.check().await.remove(0).error.unwrap();
        assert_eq!(catalog.tables().await.unwrap_err().kind(), error.kind());
        error.kind()
    };
    assert_eq!(kind_of(&site.path("missing")).await, ErrorKind::UndefinedFile);
    assert_eq!(kind_of(Path::new("/")).await, ErrorKind::InsufficientPrivilege);
    assert_eq!(kind_of(Path::new("/etc/passwd")).await, ErrorKind::InsufficientPrivilege);
    assert_eq!(kind_of(&site.folder.path().join("../")).await, ErrorKind::InsufficientPrivilege);
}
