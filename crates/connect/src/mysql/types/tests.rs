//! Declarations of every type, and how they are read.

use super::*;

fn server(version: &str) -> Server {
    Server::of_version(version).unwrap()
}

fn mapped(declaration: Declaration, version: &str, reading: Reading) -> (DataType, String, Operations) {
    let column = SourceColumn { name: "x".to_owned(), source_type: declaration.source_type(), nullable: Nullable::No };
    let (field, column) = map(&column, &server(version), &reading);
    (field.data_type().clone(), column.value, column.operations)
}

const STRICT: Reading =
    Reading { zero_dates: ZeroDates::Error, times: Times::TimeOfDay, wide_decimals: WideDecimals::Numeric };

const LENIENT: Reading = Reading { zero_dates: ZeroDates::Null, times: Times::Text, wide_decimals: WideDecimals::Text };

fn of(column_type: &str) -> Declaration {
    let data_type = column_type.split([' ', '(']).next().unwrap_or_default().to_owned();
    Declaration { data_type, column_type: column_type.to_owned(), ..Declaration::default() }
}

fn text(column_type: &str, character_set: &str, collation: &str, octets: u64) -> Declaration {
    Declaration {
        character_set: Some(character_set.to_owned()),
        collation: Some(collation.to_owned()),
        octets: Some(octets),
        ..of(column_type)
    }
}

const MARIADB: &str = "10.11.6-MariaDB";
const MYSQL: &str = "8.0.36";

#[test]
fn unsigned_integers_become_wider() {
    let of_integer = |column_type: &str| mapped(of(column_type), MARIADB, STRICT).0;
    assert_eq!(of_integer("tinyint(1)"), DataType::Int16);
    assert_eq!(of_integer("tinyint(3) unsigned"), DataType::Int16);
    assert_eq!(of_integer("smallint(6)"), DataType::Int16);
    assert_eq!(of_integer("smallint(5) unsigned"), DataType::Int32);
    assert_eq!(of_integer("mediumint(8) unsigned zerofill"), DataType::Int32);
    assert_eq!(of_integer("int"), DataType::Int32);
    assert_eq!(of_integer("int unsigned"), DataType::Int64);
    assert_eq!(of_integer("bigint(20)"), DataType::Int64);
    assert_eq!(of_integer("bigint(20) unsigned"), DataType::Decimal128(20, 0));
}

#[test]
fn decimals_of_more_than_38_digits_are_a_choice() {
    let decimal = |p, s| Declaration { precision: Some(p), scale: Some(s), ..of("decimal") };
    assert_eq!(mapped(decimal(38, 10), MARIADB, LENIENT).0, DataType::Decimal128(38, 10));
    assert_eq!(mapped(decimal(65, 30), MARIADB, STRICT).0, DataType::Decimal128(38, 30));
    let (data_type, template, operations) = mapped(decimal(39, 0), MARIADB, LENIENT);
    assert_eq!((data_type, template.as_str(), operations), (DataType::Utf8, "CAST({} AS CHAR)", Operations::Return));
}

#[test]
fn text_is_compared_bytewise_without_padding() {
    let template = |declaration, version| mapped(declaration, version, STRICT).1;
    let own = text("varchar(10)", "utf8mb4", "utf8mb4_nopad_bin", 40);
    assert_eq!(template(own.clone(), MARIADB), "{}");
    assert_eq!(template(own, MYSQL), "({} COLLATE utf8mb4_0900_bin)");
    let usual = text("varchar(10)", "utf8mb4", "utf8mb4_general_ci", 40);
    assert_eq!(template(usual, MARIADB), "({} COLLATE utf8mb4_nopad_bin)");
    let latin = text("varchar(10)", "latin1", "latin1_bin", 10);
    assert_eq!(template(latin, MARIADB), "(CONVERT({} USING utf8mb4) COLLATE utf8mb4_nopad_bin)");
    let list = text("enum('b','a')", "utf8mb4", "utf8mb4_nopad_bin", 4);
    assert_eq!(template(list, MARIADB), "(CONVERT({} USING utf8mb4) COLLATE utf8mb4_nopad_bin)");
}

#[test]
fn what_is_too_long_to_be_sorted_is_only_returned() {
    let operations = |octets, version| mapped(text("text", "utf8mb4", "x", octets), version, STRICT).2;
    assert_eq!(operations(65_535, MARIADB), Operations::All);
    assert_eq!(operations(16_777_215, MARIADB), Operations::Return);
    assert_eq!(operations(4_294_967_295, MYSQL), Operations::All);
    let blob = Declaration { octets: Some(16_777_215), ..of("mediumblob") };
    assert_eq!(mapped(blob, MARIADB, STRICT).2, Operations::Return);
}

#[test]
fn dates_without_a_month_or_day_are_a_choice() {
    assert_eq!(mapped(of("date"), MARIADB, STRICT), (DataType::Date32, "{}".to_owned(), Operations::All));
    assert!(mapped(of("date"), MARIADB, LENIENT).1.starts_with("CASE WHEN MONTH({}) = 0"));
    let column = SourceColumn { name: "x".to_owned(), source_type: SourceType::Date, nullable: Nullable::No };
    assert!(map(&column, &server(MARIADB), &LENIENT).0.is_nullable());
    assert!(!map(&column, &server(MARIADB), &STRICT).0.is_nullable());
}

#[test]
fn the_rest() {
    let template = |column_type: &str, version| mapped(of(column_type), version, STRICT).1;
    assert_eq!(template("year(4)", MARIADB), "CAST({} AS SIGNED)");
    assert_eq!(template("point", MARIADB), "ST_AsBinary({})");
    assert_eq!(template("point", MYSQL), "ST_AsBinary({}, 'axis-order=long-lat')");
    assert_eq!(mapped(of("time"), MARIADB, LENIENT).0, DataType::Utf8);
    assert_eq!(mapped(of("uuid"), MARIADB, STRICT).0, DataType::Utf8);
    assert_eq!(mapped(of("float"), MARIADB, STRICT).2, Operations::Return);
    let bit = |n| Declaration { precision: Some(n), ..of("bit") };
    assert_eq!(mapped(bit(63), MARIADB, STRICT).0, DataType::Int64);
    assert_eq!(mapped(bit(64), MARIADB, STRICT).0, DataType::Decimal128(20, 0));
    let json = SourceColumn { name: "x".to_owned(), source_type: SourceType::Json, nullable: Nullable::Yes };
    assert_eq!(pgtype::ColumnType::of_field(&map(&json, &server(MYSQL), &STRICT).0).sql_name(), "json");
}
