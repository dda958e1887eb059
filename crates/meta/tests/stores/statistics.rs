//! Statistics and files, on either database: what is kept, what is due, what goes.

use crate::on_both;
use crate::place::Place;
use crate::rows::catalog;
use uuid::Uuid;
use weft_core::metadata::{
    FileMix, FoundFile, FoundFiles, FoundSchema, FoundTable, ScanLevel, ScanScope, ShapeKind, TableShape,
};
use weft_core::{Error, ErrorKind};
use weft_meta::{
    ColumnFigures, Depth, Extent, Metastore, NewJob, NewScan, ScanMethod, TableFigures, TableKey, TableState,
};

on_both!(files_and_marks, figures_are_kept);

fn table(name: &str, kind: ShapeKind, signature: Option<&str>) -> FoundTable {
    FoundTable {
        schema: "shop".to_owned(),
        name: name.to_owned(),
        rows: None,
        bytes: Some(7),
        updated_at: None,
        signature: signature.map(str::to_owned),
        shape: TableShape {
            kind,
            comment: None,
            columns: Vec::new(),
            constraints: Vec::new(),
            indexes: Vec::new(),
            definition: None,
        },
    }
}

fn files(name: &str, signature: &str, paths: &[&str]) -> FoundFiles {
    let file = |path: &&str| FoundFile {
        path: (*path).to_owned(),
        bytes: 7,
        etag: Some("\"e\"".to_owned()),
        modified_at: Some(chrono::DateTime::UNIX_EPOCH),
    };
    FoundFiles {
        schema: "shop".to_owned(),
        table: name.to_owned(),
        format: "csv".to_owned(),
        signature: signature.to_owned(),
        count: 9,
        files: paths.iter().map(file).collect(),
    }
}

async fn scan(
    store: &Metastore,
    catalog: uuid::Uuid,
    (level, scope, method): (ScanLevel, &ScanScope, ScanMethod),
    tables: &[FoundTable],
    listed: &[FoundFiles],
) {
    let job = NewJob { kind: "scan", statement: "SCAN CATALOG c", catalog: Some("c"), owner: "weft" };
    let job = store.jobs().begin(job, Uuid::now_v7(), 100).await.expect("begun");
    let new = NewScan { job, catalog, catalog_name: "c", scope, level, method };
    let scan = store.scans().begin(new.clone()).await.expect("begun");
    let mut mix = FileMix::default();
    mix.add("csv", 9);
    let schema = FoundSchema {
        name: "shop".to_owned(),
        tables: 2,
        bytes: None,
        updated_at: None,
        comment: None,
        files: Some(mix),
    };
    store.scans().stage_schemas(scan, &[schema]).await.expect("staged");
    store.scans().stage_tables(scan, tables).await.expect("staged");
    store.filesets().stage(scan, listed).await.expect("staged");
    store.scans().finish(scan, &new).await.expect("in force");
}

const ALL: ScanScope = ScanScope { schema: None, table: None };

async fn states(store: &Metastore) -> Vec<(String, Option<String>, bool)> {
    let states = store.filesets().states().await.expect("states").into_iter();
    states.map(|TableState { table, method, is_complete, .. }| (table, method, is_complete)).collect()
}

fn state(table: &str, method: Option<&str>, is_complete: bool) -> (String, Option<String>, bool) {
    (table.to_owned(), method.map(str::to_owned), is_complete)
}

async fn files_and_marks(at: Place) {
    let store = at.open().await;
    let id = store.catalogs().create(&catalog("c")).await.expect("created").id;
    let (a, b) = (table("a", ShapeKind::Table, Some("1")), table("b", ShapeKind::Table, None));
    let deep = (ScanLevel::Tables, &ALL, ScanMethod::Manual);
    scan(&store, id, deep, &[a.clone(), b.clone()], &[files("a", "1", &["x"]), files("b", "1", &[])]).await;
    let schema = &store.scans().schemas().await.expect("schemas")[0];
    assert_eq!((schema.files, schema.formats.as_deref()), (Some(9), Some("{\"csv\":9}")));
    // What could not be read is not complete, and what was read is remembered by its signature.
    assert_eq!(states(&store).await, [state("a", None, true), state("b", None, false)]);
    let recall = async |signature: &str| store.filesets().recall(id, "shop", "a", signature).await.expect("read");
    assert_eq!((recall("1").await, recall("2").await), (Some(a.shape.clone()), None));
    let listed = store.filesets().list().await.expect("files");
    assert_eq!(listed[0].files, files("a", "1", &["x"]).files);

    // A listing sees new files; what is known of them is then old. Shapes and what a listing leaves out stay.
    let shallow = (ScanLevel::Schemas, &ALL, ScanMethod::Auto);
    scan(&store, id, shallow, &[], &[files("a", "2", &["x", "y"]), files("b", "1", &["z"])]).await;
    assert_eq!(states(&store).await, [state("a", None, false), state("b", None, false)]);
    let paths = async || {
        let listed = store.filesets().list().await.expect("files").into_iter();
        listed.flat_map(|t| t.files).map(|f| f.path).collect::<Vec<_>>()
    };
    // A list that was cut is made longer, even if the files are the same.
    assert_eq!(paths().await, ["x", "y", "z"]);
    assert_eq!(recall("1").await, Some(a.shape.clone()));

    let marks = async || {
        let marks = store.filesets().marks().await.expect("marks").into_iter();
        let mut marks: Vec<_> = marks.map(|m| format!("{}.{} {} {}", m.schema, m.table, m.level, m.method)).collect();
        marks.sort();
        marks
    };
    assert_eq!(marks().await, [". 1 auto", ". 2 manual"]);
    let of_a = ScanScope { schema: Some("shop".to_owned()), table: Some("a".to_owned()) };
    let a = table("a", ShapeKind::Table, Some("2"));
    scan(&store, id, (ScanLevel::Tables, &of_a, ScanMethod::Auto), &[a], &[files("a", "2", &["x"])]).await;
    assert_eq!(marks().await, [". 1 auto", ". 2 manual", "shop.a 2 auto"]);
    // The others of the catalog are not touched.
    assert_eq!(paths().await, ["x", "z"]);
    assert_eq!(states(&store).await, [state("a", None, true), state("b", None, false)]);
    scan(&store, id, deep, &[b], &[]).await;
    assert_eq!(marks().await, [". 2 manual"]);
    assert_eq!(paths().await, [""; 0]);
}

fn figures(method: Depth, sample: usize) -> TableFigures {
    let column = |position: i64| ColumnFigures {
        name: format!("c{position}"),
        position,
        null_ratio: Some(0.25),
        distinct: Some(3),
        min: Some("it's \"a\" ü".to_owned()),
        max: None,
        sample: vec![Some("x".to_owned()), None].into_iter().cycle().take(sample).collect(),
    };
    TableFigures {
        asked: Depth::Full,
        method,
        rows: Some(4),
        sampled_rows: 4,
        max_rows: 10,
        columns: vec![column(1), column(2)],
    }
}

async fn figures_are_kept(at: Place) {
    let store = at.open().await;
    let id = store.catalogs().create(&catalog("c")).await.expect("created").id;
    let found = [
        table("a", ShapeKind::Table, None),
        table("b", ShapeKind::Table, Some("1")),
        table("v", ShapeKind::View, None),
    ];
    let deep = (ScanLevel::Tables, &ALL, ScanMethod::Manual);
    scan(&store, id, deep, &found, &[files("b", "1", &[])]).await;
    let statistics = store.statistics();
    let due = statistics.candidates(id, &ALL, None, 10).await.expect("candidates");
    assert_eq!(due.iter().map(|c| c.table.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    let first = statistics.candidates(id, &ALL, None, 1).await.expect("candidates").remove(0);
    let second = statistics.candidates(id, &ALL, Some(&first), 1).await.expect("candidates").remove(0);
    assert_eq!((first.table.as_str(), second.table.as_str(), second.signature.as_deref()), ("a", "b", Some("1")));
    assert!(statistics.candidates(id, &ALL, Some(&second), 1).await.expect("candidates").is_empty());

    let wanted: Vec<_> = due.into_iter().map(|c| (c, Depth::Full)).collect();
    statistics.want(id, &wanted).await.expect("noted");
    let incomplete = [state("a", None, false), state("b", None, false), state("v", None, true)];
    assert_eq!(states(&store).await, incomplete);
    let key = |name: &str| TableKey { catalog: id, schema: "shop".to_owned(), table: name.to_owned() };
    statistics.failed(&key("a"), &Error::new(ErrorKind::DivisionByZero, "division by zero")).await.expect("noted");
    statistics.store(&key("b"), &figures(Depth::Sample, 4), Extent::Table, Some("1")).await.expect("kept");
    assert_eq!(states(&store).await[..2], [state("a", None, false), state("b", Some("sample"), true)]);
    let known = statistics.candidates(id, &ALL, Some(&first), 1).await.expect("candidates").remove(0);
    assert_eq!(
        (known.known, known.known_asked, known.known_signature.as_deref(), known.known_max_rows),
        (Some(Depth::Sample), Some(Depth::Full), Some("1"), 10)
    );
    let kept = statistics.list().await.expect("figures");
    assert_eq!(kept.len(), 2);
    let expected = &figures(Depth::Sample, 0).columns[0];
    assert_eq!((&kept[0].figures, kept[0].rows, kept[0].method.as_str()), (expected, Some(4), "sample"));
    let values = [Some("x".to_owned()), None, Some("x".to_owned()), None];
    assert_eq!(statistics.samples().await.expect("samples")[1].values, values);

    // One column by itself leaves the other as it is, and a whole table that has lost one forgets it.
    let mut one = figures(Depth::Full, 1);
    one.columns.remove(0);
    statistics.store(&key("b"), &one, Extent::Columns, None).await.expect("kept");
    let methods = async || statistics.list().await.expect("figures").into_iter().map(|s| s.method).collect::<Vec<_>>();
    assert_eq!(methods().await, ["sample", "full"]);
    assert_eq!(states(&store).await[1], state("b", Some("sample"), true));
    statistics.store(&key("b"), &one, Extent::Table, Some("1")).await.expect("kept");
    assert_eq!(methods().await, ["full"]);

    // The oldest samples go first.
    statistics.store(&key("a"), &figures(Depth::Full, 10), Extent::Table, None).await.expect("kept");
    statistics.trim(1_000).await.expect("trimmed");
    assert_eq!(statistics.samples().await.expect("samples").len(), 3);
    statistics.trim(95).await.expect("trimmed");
    let left: Vec<_> = statistics.samples().await.expect("samples").into_iter().map(|s| s.table).collect();
    assert_eq!(left, ["a", "a"]);
    assert_eq!(methods().await.len(), 3);
    scan(&store, id, deep, &found[1..], &[files("b", "1", &[])]).await;
    assert_eq!(methods().await, ["full"]);
}
