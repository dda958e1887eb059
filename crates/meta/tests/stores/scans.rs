//! Scans and the search, on either database: what is staged, compared, in force and found.

use crate::on_both;
use crate::place::Place;
use crate::rows::catalog;
use chrono::Utc;
use uuid::Uuid;
use weft_core::metadata::{ColumnShape, FoundSchema, FoundTable, ScanLevel, ScanScope, ShapeKind, TableShape};
use weft_meta::{Counts, Metastore, NewJob, NewScan, ScanMethod};

on_both!(only_changes_are_kept, words_are_found, ten_thousand_tables);

fn table(name: &str, comment: Option<&str>, columns: &[(&str, Option<&str>)]) -> FoundTable {
    FoundTable {
        schema: "shop".to_owned(),
        name: name.to_owned(),
        rows: Some(5),
        bytes: None,
        updated_at: Some(Utc::now()),
        signature: None,
        shape: TableShape {
            kind: ShapeKind::Table,
            comment: comment.map(str::to_owned),
            columns: columns
                .iter()
                .map(|(name, comment)| ColumnShape {
                    name: (*name).to_owned(),
                    data_type: "int".to_owned(),
                    nullable: true,
                    default: None,
                    comment: comment.map(str::to_owned),
                })
                .collect(),
            constraints: Vec::new(),
            indexes: Vec::new(),
            definition: None,
        },
    }
}

async fn scan(store: &Metastore, catalog: Uuid, scope: &ScanScope, found: &[FoundTable]) -> Counts {
    let job = NewJob { kind: "scan", statement: "SCAN CATALOG c", catalog: Some("c"), owner: "weft" };
    let job = store.jobs().begin(job, Uuid::now_v7(), 100).await.expect("begun");
    let new = NewScan { job, catalog, catalog_name: "c", scope, level: ScanLevel::Tables, method: ScanMethod::Manual };
    let scan = store.scans().begin(new.clone()).await.expect("begun");
    let schema = FoundSchema {
        name: "shop".to_owned(),
        tables: found.len() as u64,
        bytes: Some(1 << 40),
        updated_at: None,
        comment: None,
        files: None,
    };
    store.scans().stage_schemas(scan, &[schema]).await.expect("staged");
    for portion in found.chunks(500) {
        store.scans().stage_tables(scan, portion).await.expect("staged");
    }
    store.scans().finish(scan, &new).await.expect("in force")
}

async fn only_changes_are_kept(at: Place) {
    let store = at.open().await;
    let id = store.catalogs().create(&catalog("c")).await.expect("created").id;
    let whole = ScanScope::default();
    // The text of a shape is compared: quotes, backslashes and the order of keys must stay.
    let odd = table("odd \"name\"", Some("back\\slash \"quoted\" ünï\n"), &[("z", None), ("a", Some("x"))]);
    let first = [odd.clone(), table("gone", None, &[("a", None)]), table("same", None, &[])];
    let counts = scan(&store, id, &whole, &first).await;
    assert_eq!(counts, Counts { schemas: 1, tables: 3, columns: 3, ..Counts::default() });
    let counts = scan(&store, id, &whole, &first).await;
    assert_eq!(counts, Counts { schemas: 1, tables: 3, columns: 3, ..Counts::default() });
    let changed = table("odd \"name\"", None, &[("z", None)]);
    let second = [changed.clone(), first[2].clone(), table("new", None, &[])];
    let counts = scan(&store, id, &whole, &second).await;
    assert_eq!(counts, Counts { schemas: 1, tables: 3, columns: 1, added: 1, modified: 1, removed: 1 });
    let changes = store.scans().changes().await.expect("listed");
    let listed: Vec<_> = changes.iter().map(|c| (c.table.as_str(), c.change.as_str())).collect();
    assert_eq!(listed, [("gone", "removed"), ("new", "added"), ("odd \"name\"", "modified")]);
    let before: TableShape = serde_json::from_str(changes[2].before.as_deref().expect("a shape")).expect("JSON");
    assert_eq!(before, odd.shape);
    let tables = store.scans().tables().await.expect("listed");
    assert_eq!(tables.iter().map(|t| t.table.as_str()).collect::<Vec<_>>(), ["new", "odd \"name\"", "same"]);
    assert_eq!(tables[1].shape, changed.shape);
    // A part leaves the rest alone.
    let part = ScanScope { schema: Some("shop".to_owned()), table: Some("same".to_owned()) };
    assert_eq!(store.scans().expected_tables(id, &part).await.expect("counted"), 1);
    assert_eq!(scan(&store, id, &part, &[]).await, Counts { schemas: 1, removed: 1, ..Counts::default() });
    assert_eq!(store.scans().expected_tables(id, &whole).await.expect("counted"), 2);
    let schemas = store.scans().schemas().await.expect("listed");
    assert_eq!((schemas[0].schema.as_str(), schemas[0].bytes), ("shop", Some(1 << 40)));
    assert_eq!(store.scans().list().await.expect("listed").len(), 4);
}

async fn words_are_found(at: Place) {
    let store = at.open().await;
    let id = store.catalogs().create(&catalog("c")).await.expect("created").id;
    let tables = [
        table("customer", None, &[("mail_to", Some("where to write")), ("id", None)]),
        table("sale", Some("what a customer bought in a Café"), &[("n", None)]),
        table("other", None, &[("customer_id", None), ("v", Some("see shop.sale"))]),
    ];
    scan(&store, id, &ScanScope::default(), &tables).await;
    let names = async |text: &str| {
        let hits = store.search(text, 10).await.expect("searched");
        hits.into_iter().map(|hit| hit.table).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names("custom").await, "customer sale other");
    assert_eq!(names("CUSTOMER bought").await, "sale");
    assert_eq!(names("cafe").await, "sale");
    assert_eq!(names("sale' | 'x \\ & !").await, "");
    assert_eq!(names("nothing").await, "");
    let hit = store.search("mail", 10).await.expect("searched").remove(0);
    assert_eq!(
        (hit.catalog_name.as_str(), hit.schema.as_str(), hit.columns.join(" ")),
        ("c", "shop", "mail_to".into())
    );
    assert!(hit.highlight.contains("[mail]_to") && hit.score > 0.0, "{hit:?}");
    let hit = store.search("bought", 10).await.expect("searched").remove(0);
    assert!(hit.highlight.contains("customer [bought] in a Café"), "{hit:?}");
    assert_eq!(store.search("custom", 1).await.expect("searched").len(), 1);
    // The index follows.
    let tables = [table("customer", Some("news"), &[("id", None)])];
    scan(&store, id, &ScanScope::default(), &tables).await;
    assert_eq!(
        (names("mail").await.as_str(), names("sale").await.as_str(), names("news").await.as_str()),
        ("", "", "customer")
    );
}

async fn ten_thousand_tables(at: Place) {
    let store = at.open().await;
    let id = store.catalogs().create(&catalog("c")).await.expect("created").id;
    let columns: Vec<_> = (0..10).map(|i| format!("column_{i}")).collect();
    let columns: Vec<_> = columns.iter().map(|name| (name.as_str(), None)).collect();
    let tables: Vec<_> = (0..10_000).map(|i| table(&format!("t{i}"), None, &columns)).collect();
    for _ in 0..2 {
        let started = std::time::Instant::now();
        let counts = scan(&store, id, &ScanScope::default(), &tables).await;
        assert_eq!((counts.tables, counts.columns, counts.modified), (10_000, 100_000, 0));
        eprintln!("10,000 tables in {:?}", started.elapsed());
    }
    assert_eq!(store.search("t99", 1000).await.expect("searched").len(), 111);
}
