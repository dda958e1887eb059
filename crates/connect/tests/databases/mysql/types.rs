//! A round trip of each type: edge values and NULL.

use super::*;
use arrow::datatypes::{DataType, TimeUnit};
use weft_core::ErrorKind;
use weft_core::pgtype::ColumnType;

/// A type, what is stored, the type here, and what is read, in the order of storing.
struct Trip(&'static str, &'static [&'static str], DataType, &'static [&'static str]);

fn micros() -> TimeUnit {
    TimeUnit::Microsecond
}

fn trips() -> Vec<Trip> {
    use DataType::*;
    vec![
        Trip("tinyint", &["-128", "127"], Int16, &["-128", "127"]),
        Trip("tinyint(1)", &["2", "true"], Int16, &["2", "1"]),
        Trip("tinyint unsigned", &["0", "255"], Int16, &["0", "255"]),
        Trip("smallint", &["-32768", "32767"], Int16, &["-32768", "32767"]),
        Trip("smallint unsigned", &["65535"], Int32, &["65535"]),
        Trip("mediumint", &["-8388608", "8388607"], Int32, &["-8388608", "8388607"]),
        Trip("mediumint unsigned", &["16777215"], Int32, &["16777215"]),
        Trip("int", &["-2147483648", "2147483647"], Int32, &["-2147483648", "2147483647"]),
        Trip("int(8) unsigned zerofill", &["7", "4294967295"], Int64, &["7", "4294967295"]),
        Trip(
            "bigint",
            &["-9223372036854775808", "9223372036854775807"],
            Int64,
            &["-9223372036854775808", "9223372036854775807"],
        ),
        Trip("bigint unsigned", &["0", "18446744073709551615"], Decimal128(20, 0), &["0", "18446744073709551615"]),
        Trip("decimal(5,2)", &["-999.99", "0", "0.05"], Decimal128(5, 2), &["-999.99", "0.00", "0.05"]),
        Trip(
            "decimal(38,0)",
            &["99999999999999999999999999999999999999"],
            Decimal128(38, 0),
            &["99999999999999999999999999999999999999"],
        ),
        Trip(
            "decimal(38,38)",
            &["-0.00000000000000000000000000000000000001"],
            Decimal128(38, 38),
            &["-0.00000000000000000000000000000000000001"],
        ),
        Trip(
            "decimal(65,30)",
            &["-12345678.000000000000000000000000000001"],
            Decimal128(38, 30),
            &["-12345678.000000000000000000000000000001"],
        ),
        Trip(
            "float",
            &["16777216", "0.1", "-3.4028234e38", "1.17549435e-38"],
            Float32,
            &["16777216.0", "0.1", "-3.4028235e38", "1.1754944e-38"],
        ),
        Trip(
            "double",
            &["-1.7976931348623157e308", "2.2250738585072014e-308", "0.1", "123456789012345678"],
            Float64,
            &["-1.7976931348623157e308", "2.2250738585072014e-308", "0.1", "1.2345678901234568e17"],
        ),
        Trip("double(10,2)", &["1.25", "1e5"], Float64, &["1.25", "100000.0"]),
        Trip("bit(1)", &["b'1'"], Int64, &["1"]),
        Trip("bit(63)", &["b'0'", "9223372036854775807"], Int64, &["0", "9223372036854775807"]),
        Trip("bit(64)", &["18446744073709551615"], Decimal128(20, 0), &["18446744073709551615"]),
        Trip("year", &["0", "1901", "2155"], Int32, &["0", "1901", "2155"]),
        Trip(
            "date",
            &["'0001-01-01'", "'1969-12-31'", "'9999-12-31'"],
            Date32,
            &["0001-01-01", "1969-12-31", "9999-12-31"],
        ),
        Trip(
            "datetime(6)",
            &["'0001-01-01 00:00:00'", "'9999-12-31 23:59:59.999999'"],
            Timestamp(micros(), None),
            &["0001-01-01T00:00:00", "9999-12-31T23:59:59.999999"],
        ),
        Trip("datetime", &["'2024-02-29 12:00:01'"], Timestamp(micros(), None), &["2024-02-29T12:00:01"]),
        Trip(
            "timestamp(6) null",
            &["'1970-01-01 00:00:01'", "'2038-01-19 03:14:07.999999'"],
            Timestamp(micros(), Some("+00:00".into())),
            &["1970-01-01T00:00:01Z", "2038-01-19T03:14:07.999999Z"],
        ),
        Trip(
            "time(6)",
            &["'00:00:00'", "'23:59:59.999999'", "'24:00:00'"],
            Time64(micros()),
            &["00:00:00", "23:59:59.999999", ""],
        ),
        Trip("char(4)", &["'a  '", "''"], Utf8, &["a", ""]),
        Trip("varchar(10)", &["'a '", "''", "'ä€😀'", "'\\\\\\''"], Utf8, &["a ", "", "ä€😀", "\\'"]),
        Trip("varchar(10) character set latin1", &["'ä'"], Utf8, &["ä"]),
        Trip("varchar(10) character set utf16", &["'ä😀'"], Utf8, &["ä😀"]),
        Trip("tinytext", &["'x'"], Utf8, &["x"]),
        Trip("text", &["repeat('x', 65535) is not null"], Utf8, &["1"]),
        Trip("mediumtext", &["'m'"], Utf8, &["m"]),
        Trip("longtext", &["'l'"], Utf8, &["l"]),
        Trip("enum('small','large')", &["'large'", "1"], Utf8, &["large", "small"]),
        Trip("set('b','a')", &["'a,b'", "''"], Utf8, &["b,a", ""]),
        Trip("json", &["'{\"a\": [1, null]}'"], Utf8, &["{\"a\": [1, null]}"]),
        Trip("binary(3)", &["'a'"], Binary, &["610000"]),
        Trip("varbinary(3)", &["x'00ff'", "''"], Binary, &["00ff", ""]),
        Trip("blob", &["x'deadbeef'"], Binary, &["deadbeef"]),
        Trip("longblob", &["x'00'"], Binary, &["00"]),
        Trip("point", &["point(1, 2)"], Binary, &["0101000000000000000000f03f0000000000000040"]),
        Trip(
            "geometry",
            &["st_geomfromtext('POINT(1 2)', 4326)"],
            Binary,
            &["0101000000000000000000f03f0000000000000040"],
        ),
        Trip("inet6", &["'::1'"], Utf8, &["::1"]),
        Trip("uuid", &["'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'"], Utf8, &["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"]),
    ]
}

#[tokio::test]
async fn every_type_makes_a_round_trip() {
    let site = Site::new("types");
    for (at, Trip(source, stored, data_type, expected)) in trips().iter().enumerate() {
        let name = format!("t{at}");
        site.sql(&format!("CREATE TABLE {name} (id int, x {source})"));
        for (id, literal) in stored.iter().enumerate() {
            site.sql(&format!("INSERT INTO {name} VALUES ({id}, {literal})"));
        }
        site.sql(&format!("INSERT INTO {name} VALUES (1000, NULL)"));
        let relation = site.relation(&name).await;
        assert_eq!(relation.schema.field(1).data_type(), data_type, "{source}");
        let rows = site.rows(&name).await.unwrap_or_else(|e| panic!("{source}: {e:?}"));
        let read: Vec<_> = rows.iter().map(|row| row[1].as_str()).collect();
        let expected: Vec<_> = expected.iter().copied().chain(["∅"]).collect();
        // Arrow's own text ends before midnight.
        let read: Vec<_> = read.into_iter().map(|t| if t.starts_with("ERROR") { "" } else { t }).collect();
        assert_eq!(read, expected, "{source}");
    }
    let json = trips().iter().position(|t| t.0 == "json").unwrap();
    let relation = site.relation(&format!("t{json}")).await;
    assert_eq!(ColumnType::of_field(relation.schema.field(1)).sql_name(), "json");
    assert_eq!(operations(&relation, "x"), Operations::Return);
}

#[tokio::test]
async fn dates_that_are_none() {
    let create = "SET sql_mode = ''; CREATE TABLE t (id int, d date NOT NULL, m datetime(3), s timestamp NOT NULL); \
                  INSERT INTO t VALUES (1, '0000-00-00', '2024-00-10 01:02:03', '0000-00-00 00:00:00'), \
                  (2, '2024-01-02', '2024-01-02 03:04:05.678', '2024-01-02 03:04:05')";
    let strict = Site::new("zero_strict");
    strict.sql(create);
    let error = strict.rows("t").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (ErrorKind::DatetimeOutOfRange, "\"0000-00-00\" in column \"d\" is no date")
    );
    assert!(error.hint().unwrap().contains("zero_dates"));

    let lenient = Site::with("zero_null", &[("zero_dates", "null")], &[]);
    lenient.sql(create);
    assert_eq!(
        lenient.rows("t").await.unwrap(),
        [["1", "∅", "∅", "∅"], ["2", "2024-01-02", "2024-01-02T03:04:05.678", "2024-01-02T03:04:05Z"]]
    );
    let relation = lenient.relation("t").await;
    let found = format!("SELECT count(*) FROM {{}} WHERE {} IS NULL", value(&relation, "m"));
    assert_eq!(numbers(&relation, &found).await, [1]);
}

#[tokio::test]
async fn times_that_are_no_times_of_day() {
    let create = "CREATE TABLE t (id int, x time); INSERT INTO t VALUES (1, '-00:00:01'), (2, '838:59:59')";
    let strict = Site::new("times_strict");
    strict.sql(create);
    let error = strict.rows("t").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::DatetimeOutOfRange);
    assert!(error.hint().unwrap().contains("time_as"));
    let lenient = Site::with("times_text", &[("time_as", "text")], &[]);
    lenient.sql(create);
    assert_eq!(lenient.rows("t").await.unwrap(), [["1", "-00:00:01"], ["2", "838:59:59"]]);
}

#[tokio::test]
async fn decimals_that_are_too_long() {
    let create = "CREATE TABLE t (id int, x decimal(65,0)); INSERT INTO t VALUES (1, 1), (2, repeat('9', 39))";
    let strict = Site::new("wide_strict");
    strict.sql(create);
    assert_eq!(strict.rows("t").await.unwrap_err().kind(), ErrorKind::NumericOutOfRange);
    let lenient = Site::with("wide_text", &[("numeric_as", "text")], &[]);
    lenient.sql(create);
    assert_eq!(lenient.rows("t").await.unwrap(), [["1", "1"], ["2", &"9".repeat(39)]]);
}

#[tokio::test]
async fn numbers_are_computed_with_as_numbers() {
    let site = Site::new("arithmetic");
    site.sql(
        "CREATE TABLE t (u int unsigned, b bit(8), y year, d double(10,2)); INSERT INTO t VALUES (1, 5, 2024, 1.25)",
    );
    let relation = site.relation("t").await;
    let [u, b, y, d] = ["u", "b", "y", "d"].map(|c| value(&relation, c));
    assert_eq!(numbers(&relation, &format!("SELECT {u} - 5 FROM {{}}")).await, [-4]);
    assert_eq!(numbers(&relation, &format!("SELECT {b} * -1 FROM {{}}")).await, [-5]);
    assert_eq!(numbers(&relation, &format!("SELECT count(*) FROM {{}} WHERE {y} = 24")).await, [0]);
    let third = Arc::new(Schema::new(vec![arrow::datatypes::Field::new("x", DataType::Float64, true)]));
    let third = read(&relation, &format!("SELECT {d} / 3 FROM {{}}"), third).await.unwrap();
    assert_eq!(third, [["0.4166666666666667"]]);
}
