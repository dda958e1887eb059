//! What is listed and described.

use super::*;
use weft_core::relation::RelationKind;

const TABLES: &str = "CREATE TABLE t (id int PRIMARY KEY, name text NOT NULL, gone int, price numeric(8,2)); ALTER TABLE t DROP gone; \
    COMMENT ON TABLE t IS 'things'; CREATE VIEW v AS SELECT id FROM t; CREATE MATERIALIZED VIEW m AS SELECT id FROM t; \
    CREATE TABLE parts (id int) PARTITION BY RANGE (id); CREATE TABLE part1 PARTITION OF parts FOR VALUES FROM (0) TO (9); \
    CREATE TABLE empty (); CREATE SCHEMA \"Odd \"\"name\"; CREATE TABLE \"Odd \"\"name\".\"T {} \"\"x\" (\"a \"\"b\" int); \
    CREATE SEQUENCE s; CREATE INDEX ON t (name)";

#[tokio::test]
async fn tables_views_and_their_columns() {
    let site = Site::new("listed").await;
    site.sql(TABLES).await;
    site.sql("INSERT INTO t SELECT n, 'x', 1 FROM generate_series(1, 1000) n; ANALYZE t").await;
    assert_eq!(site.connector.schemas().await.unwrap(), ["Odd \"name", "public"]);
    let tables = site.connector.tables().await.unwrap();
    let names: Vec<_> = tables.iter().map(|t| format!("{}.{}", t.schema, t.table)).collect();
    assert_eq!(names, ["Odd \"name.T {} \"x", "public.empty", "public.m", "public.parts", "public.t", "public.v"]);
    let t = &tables[4];
    assert_eq!((t.kind, t.comment.as_deref()), (RelationKind::Table, Some("things")));
    assert!(t.bytes.is_some_and(|bytes| bytes >= 8192 && bytes % 8192 == 0));
    let columns: Vec<_> =
        t.columns.as_ref().unwrap().fields().iter().map(|f| (f.name().clone(), f.is_nullable())).collect();
    assert_eq!(columns, [("id".to_owned(), false), ("name".to_owned(), false), ("price".to_owned(), true)]);
    assert_eq!(
        (tables[5].kind, tables[2].kind, tables[3].kind),
        (RelationKind::View, RelationKind::View, RelationKind::Table)
    );
    assert_eq!(tables[1].columns.as_ref().unwrap().fields().len(), 0);

    let relation = site.relation("t").await;
    assert_eq!(relation.rows, Some(1000));
    assert!(relation.schema.fields().iter().all(|f| f.is_nullable()));
    assert_eq!(table(&relation).from, "\"public\".\"t\"");
    let part = site.relation("part1").await;
    assert_eq!(part.schema.fields().len(), 1);
    let odd = site.connector.relation("Odd \"name", "T {} \"x").await.unwrap().unwrap();
    assert_eq!(table(&odd).from, "\"Odd \"\"name\".\"T {} \"\"x\"");
    assert!(site.connector.relation("public", "T").await.unwrap().is_none());
    assert!(site.connector.relation("pg_catalog", "pg_class").await.unwrap().is_none());
}

#[tokio::test]
async fn only_what_the_role_may_read() {
    let site = Site::new("granted").await;
    site.sql(TABLES).await;
    site.sql("CREATE SCHEMA secret; CREATE TABLE secret.t (id int); CREATE ROLE reader LOGIN PASSWORD 'r'; GRANT SELECT (id, price) ON t TO reader; \
        GRANT SELECT ON v TO reader").await;
    let mine = open(&[("database", "granted"), ("user", "reader"), ("password", "r")], &[]);
    assert_eq!(mine.schemas().await.unwrap(), ["public"]);
    let tables = mine.tables().await.unwrap();
    assert_eq!(tables.iter().map(|t| t.table.as_str()).collect::<Vec<_>>(), ["t", "v"]);
    let relation = mine.relation("public", "t").await.unwrap().unwrap();
    let names: Vec<_> = relation.schema.fields().iter().map(|f| f.name().as_str()).collect();
    assert_eq!(names, ["id", "price"]);
    let error = numbers(&relation, "SELECT count(name) FROM {}").await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::InsufficientPrivilege, "permission denied for table t"));
    assert!(error.detail().unwrap().starts_with("Reported by catalog \"shop\" at 127.0.0.1:"));
    let chosen = open(&[("database", "granted"), ("schemas", "secret")], &[]);
    assert_eq!(chosen.schemas().await.unwrap(), ["secret"]);
    assert_eq!(chosen.tables().await.unwrap().len(), 1);
    assert!(chosen.relation("public", "t").await.unwrap().is_none());
}

#[tokio::test]
async fn descriptions_are_remembered_until_they_are_wrong() {
    let site = Site::new("altered").await;
    site.sql("CREATE TABLE t (id int, name text); INSERT INTO t VALUES (1, 'x'); CREATE TABLE u (id int)").await;
    let acquired = || site.connector.pool().unwrap().acquired;
    site.relation("t").await;
    site.relation("u").await;
    let before = acquired();
    let relation = site.relation("t").await;
    assert_eq!(acquired(), before);
    site.sql("ALTER TABLE t RENAME name TO title").await;
    let error =
        read(&relation, &format!("SELECT {} FROM {{}}", list(&relation)), relation.schema.clone()).await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::UndefinedColumn, "column t1.name does not exist"));
    assert_eq!(error.hint(), Some("The source may have changed since Weft looked at it: run the statement again."));
    assert_eq!(site.rows("t").await.unwrap(), ["1|x"]);

    site.sql("ALTER TABLE t ALTER id TYPE text").await;
    let error = site.rows("t").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DatatypeMismatch);
    assert_eq!(error.detail(), Some("column \"id\" came as text where Int32 was expected"));
    assert_eq!(site.rows("t").await.unwrap(), ["1|x"]);

    site.sql("DROP TABLE t").await;
    assert_eq!(site.rows("t").await.unwrap_err().kind(), ErrorKind::UndefinedTable);
    assert!(site.connector.relation("public", "t").await.unwrap().is_none());
}

#[tokio::test]
async fn texts_are_compared_by_bytes() {
    let site = Site::new("collated").await;
    site.sql(
        "CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false); \
        CREATE TABLE t (plain text, loose text COLLATE ci, fixed char(4) COLLATE ci); \
        INSERT INTO t VALUES ('a', 'a', 'a'), ('A', 'A', 'A')",
    )
    .await;
    let relation = site.relation("t").await;
    for column in ["plain", "loose", "fixed"] {
        let value = value(&relation, column);
        let count = format!("SELECT count(*) FROM {{}} WHERE {value} = 'a'");
        assert_eq!(numbers(&relation, &count).await.unwrap(), ["1"], "{column}");
        let groups = format!("SELECT count(DISTINCT {value}) FROM {{}}");
        assert_eq!(numbers(&relation, &groups).await.unwrap(), ["2"], "{column}");
    }
    assert_eq!(value(&relation, "plain"), "t1.\"plain\"");
    // Of a query's column nothing tells the collation.
    let query = site.connector.native("SELECT loose FROM public.t").await.unwrap();
    let count = format!("SELECT count(*) FROM {{}} WHERE {} = 'a'", value(&query, "loose"));
    assert_eq!(numbers(&query, &count).await.unwrap(), ["1"]);
}

#[tokio::test]
async fn what_the_server_may_compute() {
    let site = Site::new("computed").await;
    site.sql("CREATE TABLE t (i int, s varchar(9), d numeric, j json, a int[], u uuid)").await;
    let relation = site.relation("t").await;
    let operations: Vec<_> = table(&relation).columns.iter().map(|c| c.operations).collect();
    use Operations::{All, Return};
    assert_eq!(operations, [All, All, All, Return, Return, All]);
}
