//! Tests of the mapping of types.

use super::*;
use weft_core::pgtype::ColumnType;

fn one(duckdb_type: &str) -> (DataType, String, ColumnType) {
    let columns =
        normalise(&[Described { name: "c".to_owned(), duckdb_type: duckdb_type.to_owned() }], &Disagreement::default());
    let field = columns.schema.field(0);
    assert!(field.is_nullable());
    (field.data_type().clone(), columns.select_list, ColumnType::of_field(field))
}

#[test]
fn plain_types_need_no_cast() {
    for (duckdb_type, oid) in [
        ("BOOLEAN", 16),
        ("SMALLINT", 21),
        ("INTEGER", 23),
        ("BIGINT", 20),
        ("FLOAT", 700),
        ("DOUBLE", 701),
        ("DECIMAL(18,3)", 1700),
        ("VARCHAR", 25),
        ("BLOB", 17),
        ("DATE", 1082),
        ("TIME", 1083),
        ("TIMESTAMP", 1114),
        ("TIMESTAMP WITH TIME ZONE", 1184),
        ("INTERVAL", 1186),
        ("VARCHAR[]", 1009),
        ("DECIMAL(4,1)[]", 1231),
    ] {
        let (_, sql, pg) = one(duckdb_type);
        assert_eq!((sql.as_str(), pg.oid()), ("*", oid), "{duckdb_type}");
    }
    assert_eq!(one("DECIMAL(18,3)").0, DataType::Decimal128(18, 3));
}

#[test]
fn others_are_cast() {
    for (duckdb_type, sql_type, oid) in [
        ("TINYINT", "SMALLINT", 21),
        ("UTINYINT", "SMALLINT", 21),
        ("USMALLINT", "INTEGER", 23),
        ("UINTEGER", "BIGINT", 20),
        ("UBIGINT", "DECIMAL(20,0)", 1700),
        ("HUGEINT", "DECIMAL(38,0)", 1700),
        ("TIMESTAMP_NS", "TIMESTAMP", 1114),
        ("UUID", "VARCHAR", 2950),
        ("JSON", "VARCHAR", 114),
        ("ENUM('a', 'b[]')", "VARCHAR", 25),
        ("TIME WITH TIME ZONE", "VARCHAR", 25),
        ("BIT", "VARCHAR", 25),
        ("\"NULL\"", "VARCHAR", 25),
        ("UTINYINT[]", "SMALLINT[]", 1005),
        ("UUID[]", "VARCHAR[]", 2951),
        ("INTEGER[3]", "INTEGER[]", 1007),
        ("ENUM('a')[]", "VARCHAR[]", 1009),
    ] {
        let (_, sql, pg) = one(duckdb_type);
        assert_eq!((sql, pg.oid()), (format!("CAST(\"c\" AS {sql_type}) AS \"c\""), oid), "{duckdb_type}");
    }
}

#[test]
fn nested_values_become_json() {
    for duckdb_type in [
        "STRUCT(x INTEGER)",
        "STRUCT(\"z[]\" INTEGER[])",
        "MAP(VARCHAR, INTEGER)",
        "UNION(n INTEGER)",
        "STRUCT(x INTEGER)[]",
        "INTEGER[][]",
        "JSON[]",
        "VARIANT",
    ] {
        let (arrow, sql, pg) = one(duckdb_type);
        assert_eq!((arrow, pg.oid()), (DataType::Utf8, 114), "{duckdb_type}");
        assert_eq!(sql, "CAST(to_json(\"c\") AS VARCHAR) AS \"c\"");
    }
}

#[test]
fn one_cast_lists_every_column() {
    let column = |name: &str, t: &str| Described { name: name.to_owned(), duckdb_type: t.to_owned() };
    let columns = normalise(&[column("a\"b", "BIGINT"), column("Id", "UUID")], &Disagreement::default());
    assert_eq!(columns.select_list, r#""a""b", CAST("Id" AS VARCHAR) AS "Id""#);
}
