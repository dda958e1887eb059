//! Queries in PostgreSQL's own words, and what is refused.

use super::*;

#[tokio::test]
async fn a_query_is_a_table() {
    let site = Site::new("natives").await;
    site.sql("CREATE TABLE t (id int, name varchar(9), price numeric(8,2), tags text[]); INSERT INTO t VALUES (1, 'a', 2.5, '{x}'), (2, 'b', 3, NULL)").await;
    let query =
        "WITH q AS (SELECT * FROM public.t) SELECT q.*, id + 1 AS next, '10.0.0.1'::inet AS ip FROM q -- all of it";
    let relation = site.connector.native(query).await.unwrap();
    let types: Vec<_> = relation.schema.fields().iter().map(|f| ColumnType::of_field(f).sql_name()).collect();
    assert_eq!(types, ["integer", "text", "numeric", "text[]", "integer", "text"]);
    let rows = read(&relation, &format!("SELECT {} FROM {{}} ORDER BY 1", list(&relation)), relation.schema.clone())
        .await
        .unwrap();
    assert_eq!(rows, ["1|a|2.50|[x]|2|10.0.0.1", "2|b|3.00|∅|3|10.0.0.1"]);
    for query in [
        "VALUES (1), (2)",
        "TABLE public.t",
        "(SELECT 1)",
        "SELECT 1 /* ; */",
        "SELECT ')' AS \"(\"",
        "SELECT 1 UNION SELECT 2",
    ] {
        site.connector.native(query).await.unwrap_or_else(|e| panic!("{query}: {e:?}"));
    }
    let acquired = site.connector.pool().unwrap().acquired;
    site.connector.native("TABLE public.t").await.unwrap();
    assert_eq!(site.connector.pool().unwrap().acquired, acquired);
}

#[tokio::test]
async fn what_is_no_query_is_refused() {
    let site = Site::new("refusals").await;
    site.sql("CREATE TABLE t (id int)").await;
    for (sql, kind) in [
        ("SELECT 1;", ErrorKind::SyntaxError),
        ("SELECT 1; DROP TABLE public.t", ErrorKind::SyntaxError),
        ("SELECT 1) AS a, (SELECT 2", ErrorKind::SyntaxError),
        ("SELECT 1) AS t1; DELETE FROM public.t; SELECT * FROM (SELECT 1", ErrorKind::SyntaxError),
        ("SELECT 1 /*", ErrorKind::SyntaxError),
        ("SELECT 'a", ErrorKind::SyntaxError),
        ("", ErrorKind::FeatureNotSupported),
        ("SHOW TimeZone", ErrorKind::FeatureNotSupported),
        ("EXPLAIN SELECT 1", ErrorKind::FeatureNotSupported),
        ("DELETE FROM public.t RETURNING id", ErrorKind::FeatureNotSupported),
        ("WITH d AS (DELETE FROM public.t RETURNING id) SELECT * FROM d", ErrorKind::FeatureNotSupported),
        ("INSERT INTO public.t VALUES (1)", ErrorKind::FeatureNotSupported),
        ("CREATE TABLE public.u ()", ErrorKind::FeatureNotSupported),
        ("SELECT 1 INTO public.u", ErrorKind::FeatureNotSupported),
        ("COMMIT", ErrorKind::FeatureNotSupported),
        ("SELECT $1::int", ErrorKind::FeatureNotSupported),
        ("SELECT 1 AS a, 2 AS a", ErrorKind::DuplicateColumn),
        ("SELECT * FROM t", ErrorKind::UndefinedTable),
        ("SELECT 1 +", ErrorKind::SyntaxError),
    ] {
        let error = site.connector.native(sql).await.err().unwrap_or_else(|| panic!("{sql} was taken"));
        assert_eq!(error.kind(), kind, "{sql}: {error:?}");
        assert!(error.hint().is_some() || sql.contains('$'), "{sql}: {error:?}");
    }
    let figures = site.connector.pool().unwrap();
    assert_eq!((figures.open, figures.idle), (1, 1));
}

#[tokio::test]
async fn nothing_is_written() {
    let site = Site::new("unwritten").await;
    site.sql("CREATE TABLE t (id int); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'INSERT INTO public.t VALUES (1) RETURNING id'").await;
    let write = site.connector.native("SELECT public.f()::int8 AS n").await.unwrap();
    let error = numbers(&write, "SELECT n FROM {}").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReadOnlyTransaction);
    // Nor by leaving the read-only transaction from within.
    let leave = "SELECT set_config('transaction_read_only', 'off', false), public.f()";
    let leave = site.connector.native(leave).await.unwrap();
    assert!(numbers(&leave, "SELECT f FROM {}").await.is_err());
    assert!(numbers(&leave, "SELECT f::int8 FROM {} WHERE set_config <> ''").await.is_err());
    // A query cannot make the session another one for those that come after it.
    for (setting, value) in
        [("default_transaction_read_only", "off"), ("search_path", "public"), ("TimeZone", "Asia/Tokyo")]
    {
        let set =
            site.connector.native(&format!("SELECT set_config('{setting}', '{value}', false) AS c")).await.unwrap();
        assert_eq!(read(&set, "SELECT c FROM {}", one("c", DataType::Utf8)).await.unwrap(), [value]);
    }
    let error = numbers(&write, "SELECT n FROM {}").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ReadOnlyTransaction);
    let zone = site
        .connector
        .native("SELECT current_setting('TimeZone') || current_setting('search_path') AS c")
        .await
        .unwrap();
    assert_eq!(read(&zone, "SELECT c FROM {}", one("c", DataType::Utf8)).await.unwrap(), ["UTCpg_catalog"]);
    let count: i64 = site.admin.query_one("SELECT count(*) FROM t", &[]).await.unwrap().get(0);
    assert_eq!(count, 0);
    assert_eq!(site.connections().await, 1);
}
