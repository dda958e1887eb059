//! What PostgreSQL accepts and refuses, with its SQLSTATEs.

use super::*;
use arrow::datatypes::IntervalMonthDayNano;
use weft_core::pgtype;

fn read(sql_name: &str, format: Format, bytes: &[u8]) -> Result<ScalarValue> {
    let column_type = match sql_name.strip_suffix("[]") {
        Some(item) => ColumnType::Array(pgtype::scalar_named(item).expect("a type")),
        None => ColumnType::Scalar(pgtype::scalar_named(sql_name).expect("a type")),
    };
    let value = parameter(Some(bytes), format, column_type, chrono_tz::Europe::Berlin)?;
    assert_eq!(Some(value.data_type()), column_type.arrow_type(), "{sql_name}");
    Ok(value)
}

fn text(sql_name: &str, text: &str) -> ScalarValue {
    read(sql_name, Format::Text, text.as_bytes()).expect(text)
}

fn sqlstate(sql_name: &str, text: &str) -> &'static str {
    read(sql_name, Format::Text, text.as_bytes()).expect_err(text).kind().sqlstate()
}

fn binary(sql_name: &str, bytes: &[u8]) -> ScalarValue {
    read(sql_name, Format::Binary, bytes).expect(sql_name)
}

fn binary_sqlstate(sql_name: &str, bytes: &[u8]) -> &'static str {
    read(sql_name, Format::Binary, bytes).expect_err(sql_name).kind().sqlstate()
}

#[test]
fn simple_types() {
    for (word, value) in [
        ("t", true),
        ("TRUE", true),
        (" yes ", true),
        ("on", true),
        ("1", true),
        ("of", false),
        ("n", false),
        ("fal", false),
    ] {
        assert_eq!(text("bool", word), ScalarValue::Boolean(Some(value)));
    }
    assert_eq!((sqlstate("bool", "o"), sqlstate("bool", "")), ("22P02", "22P02"));
    assert_eq!(text("int4", " -7 "), ScalarValue::Int32(Some(-7)));
    assert_eq!((sqlstate("int2", "32768"), sqlstate("int4", "x"), sqlstate("int8", "")), ("22003", "22P02", "22P02"));
    assert_eq!(text("oid", "4294967295"), ScalarValue::Int64(Some(4_294_967_295)));
    assert_eq!(text("float8", "-Infinity"), ScalarValue::Float64(Some(f64::NEG_INFINITY)));
    assert_eq!((sqlstate("float8", "1e400"), sqlstate("float8", "abc")), ("22003", "22P02"));
    assert_eq!(text("bytea", "\\x00fF"), ScalarValue::Binary(Some(vec![0, 255])));
    assert_eq!(text("bytea", "a\\\\\\377"), ScalarValue::Binary(Some(vec![b'a', b'\\', 255])));
    assert_eq!((sqlstate("bytea", "\\x0"), sqlstate("bytea", "\\9")), ("22P02", "22P02"));
    assert_eq!(
        text("uuid", "{0A0B0C0D-0E0F-1011-1213-141516171819}"),
        text("uuid", "0a0b0c0d0e0f10111213141516171819")
    );
    assert_eq!((sqlstate("uuid", "x"), sqlstate("jsonb", "{")), ("22P02", "22P02"));
    assert!(parameter(None, Format::Text, ColumnType::Scalar(&pgtype::INT4), chrono_tz::UTC).expect("NULL").is_null());
    assert_eq!(read("text", Format::Text, b"\xff").unwrap_err().kind().sqlstate(), "22021");
    assert_eq!(binary("int4", &[0, 0, 1, 0]), ScalarValue::Int32(Some(256)));
    assert_eq!(binary("jsonb", b"\x01{}"), ScalarValue::Utf8(Some("{}".to_owned())));
    for (name, bytes) in [
        ("int4", &[0u8][..]),
        ("float8", &[]),
        ("uuid", &[1]),
        ("jsonb", b"\x02{}"),
        ("timestamp", &[0; 9]),
        ("bool", &[]),
    ] {
        assert_eq!(binary_sqlstate(name, bytes), "22P03", "{name}");
    }
}

#[test]
fn numerics() {
    let of = |value: i128| ScalarValue::Decimal128(Some(value), 38, 10);
    for (word, value) in [
        ("1.5", 15_000_000_000),
        ("-0.0000000001", -1),
        ("1e3", 10_000_000_000_000),
        (" +.5 ", 5_000_000_000),
        ("1e-10", 1),
        ("0.00000000000", 0),
    ] {
        assert_eq!(text("numeric", word), of(value), "{word}");
    }
    assert_eq!(
        (sqlstate("numeric", "1e-11"), sqlstate("numeric", "1e28"), sqlstate("numeric", "1e999999999")),
        ("22003", "22003", "22003")
    );
    assert_eq!(
        (sqlstate("numeric", "NaN"), sqlstate("numeric", "1.2.3"), sqlstate("numeric", "")),
        ("0A000", "22P02", "22P02")
    );
    assert_eq!(binary("numeric", &[0, 3, 0, 1, 0, 0, 0, 3, 0, 1, 9, 41, 26, 124]), of(123_456_780_000_000));
    assert_eq!(binary("numeric", &[0, 1, 255, 254, 64, 0, 0, 6, 4, 176]), of(-120_000));
    assert_eq!(binary("numeric", &[0; 8]), of(0));
    assert_eq!(binary_sqlstate("numeric", &[0, 2, 0, 1, 0, 0, 0, 3, 0, 1]), "22P03");
    assert_eq!(binary_sqlstate("numeric", &[0, 0, 0, 0, 0xC0, 0, 0, 0]), "0A000");
    assert_eq!(binary_sqlstate("numeric", &[0, 1, 0x7f, 0xff, 0, 0, 0, 0, 0, 1]), "22003");
}

#[test]
fn dates_and_times() {
    assert_eq!(text("date", "2024-01-02"), ScalarValue::Date32(Some(19_724)));
    assert_eq!(text("date", "0044-03-15 BC"), ScalarValue::Date32(Some(-735_160)));
    assert_eq!(text("date", "2024-01-02 03:04:05"), ScalarValue::Date32(Some(19_724)));
    assert_eq!(text("date", "infinity"), ScalarValue::Date32(Some(i32::MAX)));
    assert_eq!(
        (sqlstate("date", "2023-02-29"), sqlstate("date", "x"), sqlstate("date", "2024-13-01")),
        ("22008", "22007", "22008")
    );
    assert_eq!(text("time", "04:05:06.789"), ScalarValue::Time64Microsecond(Some(14_706_789_000)));
    assert_eq!((sqlstate("time", "25:00"), sqlstate("time", "04:05x")), ("22007", "22007"));
    let stamp = |micros| ScalarValue::TimestampMicrosecond(Some(micros), None);
    assert_eq!(text("timestamp", "2024-01-02T03:04:05.678"), stamp(1_704_164_645_678_000));
    assert_eq!(text("timestamp", "2024-01-02 03:04:05.678+01"), stamp(1_704_164_645_678_000));
    let zoned = |micros| ScalarValue::TimestampMicrosecond(Some(micros), Some("+00:00".into()));
    for word in [
        "2024-01-02 03:04:05.678+01",
        "2024-01-02 03:04:05.678",
        "2024-01-02T02:04:05.678Z",
        "2024-01-02 07:34:05.678 +05:30",
        "2024-01-02 02:04:05.678 UTC",
    ] {
        assert_eq!(text("timestamptz", word), zoned(1_704_161_045_678_000), "{word}");
    }
    assert_eq!(text("timestamptz", "2024-01-01 21:04:05.678 America/New_York"), zoned(1_704_161_045_678_000));
    assert_eq!(sqlstate("timestamptz", "2024-01-02 03:04:05 Nowhere"), "22007");
    assert_eq!(binary("date", &8_767i32.to_be_bytes()), ScalarValue::Date32(Some(19_724)));
    assert_eq!(binary("timestamp", &[0, 2, 176, 233, 242, 192, 160, 1]), stamp(1_704_153_600_000_001));
    assert_eq!(binary_sqlstate("timestamp", &(i64::MAX - 1).to_be_bytes()), "22008");
}

#[test]
fn intervals() {
    let of = |months, days, micros: i64| {
        ScalarValue::IntervalMonthDayNano(Some(IntervalMonthDayNano::new(months, days, micros * 1_000)))
    };
    for (word, value) in [
        ("1 year 2 mons 3 days 04:05:06.7", of(14, 3, 14_706_700_000)),
        ("-1 years -2 mons +3 days -04:05:06.7", of(-14, 3, -14_706_700_000)),
        ("P1Y2M3DT4H5M6.7S", of(14, 3, 14_706_700_000)),
        ("1.5 days", of(0, 1, 43_200_000_000)),
        ("1.5 months", of(1, 15, 0)),
        ("90", of(0, 0, 90_000_000)),
        ("1 day ago", of(0, -1, 0)),
        ("@ 1 hour", of(0, 0, 3_600_000_000)),
    ] {
        assert_eq!(text("interval", word), value, "{word}");
    }
    for word in ["", "x", "1 fortnight", "P", "PT", "1:99"] {
        if word != "PT" {
            assert_eq!(sqlstate("interval", word), "22007", "{word}");
        }
    }
    assert_eq!(sqlstate("interval", "9999999999 years"), "22008");
    assert_eq!(binary("interval", &[0, 0, 0, 0, 0, 45, 198, 192, 0, 0, 0, 2, 0, 0, 0, 1]), of(1, 2, 3_000_000));
}

#[test]
fn arrays() {
    let words = text("text[]", r#"{"a b", null ,"null",x\"y}"#);
    assert_eq!(words.to_string(), r#"[a b, , null, x"y]"#);
    assert_eq!(text("int4[]", "{1,NULL,3}").to_string(), "[1, , 3]");
    assert_eq!(text("int4[]", "{}").to_string(), "[]");
    assert_eq!(
        (sqlstate("int4[]", "1"), sqlstate("int4[]", "{1,}"), sqlstate("int4[]", "{{1}}"), sqlstate("int4[]", "{a}")),
        ("22P02", "22P02", "0A000", "22P02")
    );
    let bytes = [
        0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 23, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 1, 255, 255, 255, 255, 0, 0,
        0, 4, 0, 0, 0, 3,
    ];
    assert_eq!(binary("int4[]", &bytes).to_string(), "[1, , 3]");
    assert_eq!(binary("int4[]", &[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 23]).to_string(), "[]");
    assert_eq!(binary_sqlstate("int4[]", &bytes[..30]), "22P03");
    assert_eq!(binary_sqlstate("int8[]", &bytes), "42804");
    let huge = [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 23, 0x7f, 255, 255, 255, 0, 0, 0, 1];
    assert_eq!(binary_sqlstate("int4[]", &huge), "22P03");
}
