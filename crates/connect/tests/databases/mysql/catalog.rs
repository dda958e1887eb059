//! What is listed and described.

use super::*;
use arrow::datatypes::DataType;
use weft_core::ErrorKind;
use weft_core::relation::RelationKind;

#[tokio::test]
async fn databases_are_schemas_and_those_of_the_server_are_hidden() {
    let site = Site::new("listed_one");
    SERVER.sql("CREATE OR REPLACE DATABASE `Listed ``two`").unwrap();
    let schemas = site.connector.schemas().await.unwrap();
    assert!(schemas.contains(&"listed_one".to_owned()) && schemas.contains(&"Listed `two".to_owned()));
    assert!(
        schemas.iter().all(|s| !["mysql", "sys", "information_schema", "performance_schema"].contains(&s.as_str()))
    );
    assert!(site.connector.relation("mysql", "user").await.unwrap().is_none());

    let only = open(&SERVER, &[("database", "listed_one")], &[]);
    assert_eq!(only.schemas().await.unwrap(), ["listed_one"]);
    assert!(only.relation("Listed `two", "t").await.unwrap().is_none());
}

#[tokio::test]
async fn tables_and_views_are_listed_with_their_columns() {
    let site = Site::with("listed", &[("database", "listed")], &[]);
    site.sql(
        "CREATE TABLE `b ``x` (`Ä b` int NOT NULL, j json) COMMENT 'about b'; CREATE TABLE B (x int); CREATE TABLE b (y text); \
         CREATE VIEW v AS SELECT x FROM B; CREATE TABLE gone (x int); CREATE VIEW broken AS SELECT x FROM gone; DROP TABLE gone; \
         CREATE SEQUENCE s; INSERT INTO b VALUES ('1'), ('2')",
    );
    let tables = site.connector.tables().await.unwrap();
    let names: Vec<_> = tables.iter().map(|t| t.table.as_str()).collect();
    assert_eq!(names, ["B", "b", "b `x", "broken", "v"]);
    assert_eq!(tables[2].comment.as_deref(), Some("about b"));
    let columns = tables[2].columns.as_ref().unwrap();
    assert_eq!((columns.field(0).name().as_str(), columns.field(0).is_nullable()), ("Ä b", false));
    assert_eq!(columns.field(1).data_type(), &DataType::Utf8);
    assert_eq!(tables[3].columns.as_ref().unwrap_err().kind(), ErrorKind::ObjectNotInPrerequisiteState);
    assert_eq!((tables[4].kind, tables[4].comment.as_deref()), (RelationKind::View, None));
    assert_eq!(
        site.connector.relation("listed", "broken").await.unwrap_err().kind(),
        ErrorKind::ObjectNotInPrerequisiteState
    );

    assert_eq!(site.rows("b").await.unwrap(), [["1"], ["2"]]);
    assert_eq!(site.rows("B").await.unwrap(), [] as [Vec<String>; 0]);
    assert_eq!(site.rows("b `x").await.unwrap(), [] as [Vec<String>; 0]);
    assert!(site.connector.relation("listed", "V").await.unwrap().is_none());
    assert!(site.connector.relation("LISTED", "v").await.unwrap().is_none());
    assert!(site.connector.relation("listed", "it's").await.unwrap().is_none());
}

#[tokio::test]
async fn descriptions_are_remembered_until_they_prove_wrong() {
    let site = Site::new("remembered");
    assert!(site.connector.relation("remembered", "t").await.unwrap().is_none());
    site.sql("CREATE TABLE t (x int)");
    let before = site.relation("t").await;
    let acquired = site.connector.pool().unwrap().acquired;
    site.relation("t").await;
    assert_eq!(site.connector.pool().unwrap().acquired, acquired, "no question to the source");

    site.sql("ALTER TABLE t RENAME COLUMN x TO y");
    let error = read(&before, &format!("SELECT {} FROM {{}}", list(&before)), before.schema.clone()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UndefinedColumn);
    assert_eq!(site.relation("t").await.schema.field(0).name(), "y");

    site.sql("DROP TABLE t");
    let error = site.rows("t").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UndefinedTable);
    assert!(site.connector.relation("remembered", "t").await.unwrap().is_none());
}
