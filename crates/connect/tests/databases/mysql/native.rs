//! Queries in the source's own words.

use super::*;
use arrow::datatypes::DataType;
use weft_core::ErrorKind;

async fn all(relation: &Relation) -> Vec<Vec<String>> {
    read(relation, &format!("SELECT {} FROM {{}}", list(relation)), relation.schema.clone()).await.unwrap()
}

#[tokio::test]
async fn a_query_is_a_table() {
    let site = Site::new("native");
    site.sql("CREATE TABLE t (x int unsigned, f float, s varchar(9), e enum('b','a'), d decimal(10,2) unsigned, y year, g point, u uuid); \
              INSERT INTO t VALUES (1, 0.1, 'ä ', 'a', 2.50, 2024, point(1,2), uuid())");
    let relation =
        site.connector.native("SELECT x, f, s, e, d, y, ST_X(g) AS gx, 'it''s\\' AS l FROM native.t; ").await.unwrap();
    let types: Vec<_> = relation.schema.fields().iter().map(|f| f.data_type().clone()).collect();
    use DataType::*;
    assert_eq!(types, [Int64, Float32, Utf8, Utf8, Decimal128(10, 2), Int32, Float64, Utf8]);
    assert_eq!(all(&relation).await, [["1", "0.1", "ä ", "a", "2.50", "2024", "1.0", "it's\\"]]);
    let s = value(&relation, "s");
    assert_eq!(numbers(&relation, &format!("SELECT count(*) FROM {{}} WHERE {s} = 'ä'")).await, [0]);
    let whole = site.connector.native("SELECT * FROM native.t").await.unwrap();
    assert_eq!(all(&whole).await[0].len(), 8);
}

#[tokio::test]
async fn comments_and_lists_do_no_harm() {
    let site = Site::new("native_comments");
    for (sql, expected) in [
        ("SELECT 1 AS n -- the end", "1"),
        ("SELECT 2 AS n # the end", "2"),
        ("WITH c AS (SELECT 3 AS n) SELECT n FROM c ORDER BY n LIMIT 1", "3"),
        ("SELECT 4 AS n UNION SELECT 4", "4"),
        ("SELECT ':x' AS n", ":x"),
    ] {
        let relation = site.connector.native(sql).await.unwrap_or_else(|e| panic!("{sql}: {e:?}"));
        assert_eq!(all(&relation).await, [[expected]], "{sql}");
    }
}

#[tokio::test]
async fn what_is_no_single_query_is_refused() {
    let site = Site::new("native_refused");
    site.sql("CREATE TABLE t (x int)");
    for (sql, kind) in [
        ("SELECT 1; DROP TABLE native_refused.t", ErrorKind::SyntaxError),
        ("SELECT 1) AS t; DROP TABLE native_refused.t; SELECT * FROM (SELECT 1", ErrorKind::SyntaxError),
        ("SELECT 1) AS t -- ", ErrorKind::SyntaxError),
        ("SELECT 1 /* ", ErrorKind::SyntaxError),
        ("DELETE FROM native_refused.t", ErrorKind::ReadOnlyTransaction),
        ("SET GLOBAL max_connections = 1", ErrorKind::SyntaxError),
        ("SHOW TABLES FROM app", ErrorKind::SyntaxError),
        ("SELECT ?", ErrorKind::FeatureNotSupported),
        ("SELECT :x", ErrorKind::FeatureNotSupported),
        ("SELECT 1 AS a, 2 AS a", ErrorKind::DuplicateColumn),
        ("SELECT x FROM t", ErrorKind::UndefinedSchema),
        ("SELECT x FROM nowhere.t", ErrorKind::UndefinedTable),
        ("", ErrorKind::SyntaxError),
    ] {
        let error = site.connector.native(sql).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{sql}: {error:?}");
    }
    assert_eq!(site.rows("t").await.unwrap(), [] as [Vec<String>; 0]);
    let figures = site.connector.pool().unwrap();
    assert_eq!(figures.open, figures.idle);
}

#[tokio::test]
async fn the_database_of_the_catalog_is_the_one_that_is_meant() {
    let site = Site::with("native_database", &[("database", "native_database")], &[]);
    site.sql("CREATE TABLE t (x int); INSERT INTO t VALUES (7)");
    let relation = site.connector.native("SELECT x FROM t").await.unwrap();
    assert_eq!(all(&relation).await, [["7"]]);
}
