//! Text of every type, what it becomes, and what is refused.

use super::*;
use arrow::array::ArrayRef;
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use arrow::util::display::array_value_to_string;
use std::sync::Arc;
use weft_core::ErrorKind;

/// One column with these values, or the error that they are.
fn decoded(data_type: DataType, values: &[Option<&str>]) -> Result<ArrayRef> {
    let schema = Arc::new(Schema::new(vec![Field::new("x", data_type, true)]));
    let mut decoder = Decoder::new(schema, &[SentColumn::new(ColumnType::MYSQL_TYPE_VAR_STRING)])?;
    for value in values {
        decoder.push_value(0, value.map(str::as_bytes))?;
        decoder.rows += 1;
    }
    Ok(decoder.take()?.expect("rows").column(0).clone())
}

fn texts(data_type: DataType, values: &[Option<&str>]) -> Vec<String> {
    let array = decoded(data_type, values).unwrap();
    (0..array.len()).map(|at| array_value_to_string(&array, at).unwrap()).collect()
}

fn refused(data_type: DataType, value: &str) -> ErrorKind {
    decoded(data_type, &[Some(value)]).unwrap_err().kind()
}

#[test]
fn every_type() {
    let micros = || TimeUnit::Microsecond;
    assert_eq!(texts(DataType::Boolean, &[Some("1"), Some("0"), None]), ["true", "false", ""]);
    assert_eq!(texts(DataType::Int16, &[Some("-32768"), None]), ["-32768", ""]);
    assert_eq!(texts(DataType::Int32, &[Some("007")]), ["7"]);
    assert_eq!(texts(DataType::Int64, &[Some("9223372036854775807")]), ["9223372036854775807"]);
    assert_eq!(texts(DataType::Float32, &[Some("0.10000000149011612")]), ["0.1"]);
    assert_eq!(texts(DataType::Float64, &[Some("-1.7976931348623157e308")]), ["-1.7976931348623157e308"]);
    assert_eq!(texts(DataType::Decimal128(5, 2), &[Some("-123.4"), None]), ["-123.40", ""]);
    assert_eq!(texts(DataType::Date32, &[Some("2024-02-29")]), ["2024-02-29"]);
    assert_eq!(texts(DataType::Time64(micros()), &[Some("23:59:59.5")]), ["23:59:59.500"]);
    let moment = [Some("2024-02-29 01:02:03")];
    assert_eq!(texts(DataType::Timestamp(micros(), None), &moment), ["2024-02-29T01:02:03"]);
    assert_eq!(texts(DataType::Timestamp(micros(), Some("+00:00".into())), &moment), ["2024-02-29T01:02:03Z"]);
    for text in [DataType::Utf8, DataType::LargeUtf8, DataType::Utf8View] {
        assert_eq!(texts(text, &[Some("ä "), Some(""), None]), ["ä ", "", ""]);
    }
    for bytes in [DataType::Binary, DataType::LargeBinary, DataType::BinaryView] {
        assert_eq!(texts(bytes, &[Some("\u{1}a")]), ["0161"]);
    }
    assert_eq!(texts(DataType::Null, &[None]), [""]);
}

#[test]
fn what_does_not_fit_is_an_error() {
    assert_eq!(refused(DataType::Boolean, "2"), ErrorKind::InvalidTextRepresentation);
    assert_eq!(refused(DataType::Int16, "32768"), ErrorKind::NumericOutOfRange);
    assert_eq!(refused(DataType::Int64, "1.5"), ErrorKind::NumericOutOfRange);
    assert_eq!(refused(DataType::Decimal128(5, 2), "1000"), ErrorKind::NumericOutOfRange);
    assert_eq!(refused(DataType::Decimal128(5, 2), "1.001"), ErrorKind::NumericOutOfRange);
    assert_eq!(refused(DataType::Float32, "0.1"), ErrorKind::NumericOutOfRange);
    assert_eq!(refused(DataType::Date32, "0000-00-00"), ErrorKind::DatetimeOutOfRange);
    assert_eq!(refused(DataType::Time64(TimeUnit::Microsecond), "-00:00:01"), ErrorKind::DatetimeOutOfRange);
    assert_eq!(refused(DataType::Int32, "x"), ErrorKind::InvalidTextRepresentation);
    assert_eq!(decoded(DataType::Duration(TimeUnit::Second), &[None]).unwrap_err().kind(), ErrorKind::Internal);
}

#[test]
fn types_whose_text_is_not_their_value_are_refused() {
    let schema = Arc::new(Schema::new(vec![Field::new("x", DataType::Float32, true)]));
    let refused = |t| Decoder::new(schema.clone(), &[SentColumn::new(t)]).err().map(|e| e.kind());
    assert_eq!(refused(ColumnType::MYSQL_TYPE_FLOAT), Some(ErrorKind::Internal));
    assert_eq!(refused(ColumnType::MYSQL_TYPE_BIT), Some(ErrorKind::Internal));
    assert_eq!(refused(ColumnType::MYSQL_TYPE_DOUBLE), None);
    assert!(Decoder::new(schema.clone(), &[]).is_err());
}

#[test]
fn null_where_none_may_be_is_an_error() {
    let schema = Arc::new(Schema::new(vec![Field::new("x", DataType::Int32, false)]));
    let mut decoder = Decoder::new(schema, &[SentColumn::new(ColumnType::MYSQL_TYPE_LONG)]).unwrap();
    assert_eq!(decoder.push_value(0, None).unwrap_err().kind(), ErrorKind::DataException);
}

#[test]
fn batches_are_bounded_by_rows_and_bytes() {
    let schema = Arc::new(Schema::new(vec![Field::new("x", DataType::Utf8, true)]));
    let sent = [SentColumn::new(ColumnType::MYSQL_TYPE_VAR_STRING)];
    let mut decoder = Decoder::new(schema, &sent).unwrap();
    decoder.push_value(0, Some(&vec![b'x'; BATCH_BYTES])).unwrap();
    decoder.rows += 1;
    assert!(decoder.is_full());
    assert_eq!(decoder.take().unwrap().expect("a row").num_rows(), 1);
    assert!(!decoder.is_full());
    assert!(decoder.take().unwrap().is_none());
}
