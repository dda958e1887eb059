//! Values that no server should send: each is an error, none a panic. What servers do send is tested against one.

use super::*;
use arrow::array::{Array, AsArray};
use arrow::datatypes::{Decimal128Type, Field, TimeUnit};

fn decimal(precision: u8, scale: i8) -> DataType {
    DataType::Decimal128(precision, scale)
}

/// Header and digits to base 10000.
fn numeric(weight: i16, sign: u16, digits: &[u16]) -> Vec<u8> {
    let header = [digits.len() as u16, weight as u16, sign, 0];
    header.iter().chain(digits).flat_map(|word| word.to_be_bytes()).collect()
}

fn read_decimal(value: &[u8], precision: u8, scale: i8) -> Result<i128, ErrorKind> {
    let mut column = column(&Type::NUMERIC, &decimal(precision, scale)).unwrap();
    column.push(Some(value)).map_err(|misfit| misfit.kind)?;
    Ok(column.finish().unwrap().as_primitive::<Decimal128Type>().value(0))
}

#[test]
fn digits_are_kept_or_refused() {
    let out_of_range = Err(ErrorKind::NumericOutOfRange);
    assert_eq!(read_decimal(&numeric(0, 0, &[]), 5, 2), Ok(0));
    assert_eq!(read_decimal(&numeric(1, 0x4000, &[12, 3456, 7800]), 8, 2), Ok(-12_345_678));
    assert_eq!(read_decimal(&numeric(2, 0, &[1]), 12, 3), Ok(100_000_000_000));
    assert_eq!(read_decimal(&numeric(-1, 0, &[1]), 8, 4), Ok(1));
    assert_eq!(read_decimal(&numeric(-2, 0, &[10]), 8, 7), Ok(1));
    assert_eq!(read_decimal(&numeric(-2, 0, &[1]), 8, 7), out_of_range);
    assert_eq!(read_decimal(&numeric(-3, 0, &[1]), 8, 7), out_of_range);
    assert_eq!(read_decimal(&numeric(0, 0, &[1000]), 5, 2), out_of_range);
    assert_eq!(read_decimal(&numeric(0, 0, &[999]), 5, 2), Ok(99_900));
    assert_eq!(read_decimal(&numeric(9, 0, &[100]), 38, 0), out_of_range);
    assert_eq!(read_decimal(&numeric(9, 0, &[99]), 38, 0), Ok(99 * 10i128.pow(36)));
    assert_eq!(read_decimal(&numeric(i16::MAX, 0, &[1]), 38, 38), out_of_range);
    assert_eq!(read_decimal(&numeric(i16::MIN, 0, &[1]), 38, 38), out_of_range);
    assert_eq!(read_decimal(&numeric(0, 0xC000, &[]), 38, 0), out_of_range);
}

#[test]
fn malformed_values_are_errors() {
    let list = DataType::List(Field::new_list_field(DataType::Utf8, true).into());
    let cases = [
        (Type::BOOL, DataType::Boolean),
        (Type::INT4, DataType::Int32),
        (Type::FLOAT8, DataType::Float64),
        (Type::NUMERIC, decimal(38, 2)),
        (Type::DATE, DataType::Date32),
        (Type::TIMESTAMP, DataType::Timestamp(TimeUnit::Microsecond, None)),
        (Type::UUID, DataType::Utf8),
        (Type::TEXT_ARRAY, list),
    ];
    for (source, wanted) in cases {
        for length in [0, 3, 5, 7, 9, 11, 13, 19, 21, 23] {
            for byte in [0x01, 0x7f, 0xff] {
                let mut column = column(&source, &wanted).unwrap();
                assert!(column.push(Some(&vec![byte; length])).is_err(), "{source}, {length} times {byte}");
            }
        }
        let mut column = column(&source, &wanted).unwrap();
        column.push(None).unwrap();
        assert_eq!(column.finish().unwrap().null_count(), 1);
    }
    let mut text = column(&Type::TEXT, &DataType::Utf8).unwrap();
    assert_eq!(text.push(Some(b"\xff")).unwrap_err().kind, ErrorKind::CharacterNotInRepertoire);
    let mut jsonb = column(&Type::JSONB, &DataType::Utf8).unwrap();
    assert!(jsonb.push(Some(b"\x02{}")).is_err() && jsonb.push(Some(b"")).is_err());
}

#[test]
fn arrays_with_a_wrong_length_are_errors() {
    let wanted = DataType::List(Field::new_list_field(DataType::Int32, true).into());
    let words = |words: &[i32]| words.iter().flat_map(|w| w.to_be_bytes()).collect::<Vec<u8>>();
    for wrong in [
        words(&[1, 0, 23, -1, 1]),
        words(&[1, 0, 23, i32::MAX, 1, -1]),
        words(&[1, 0, 23, 1, 1, 400, 7]),
        words(&[-1, 0, 23]),
    ] {
        assert!(column(&Type::INT4_ARRAY, &wanted).unwrap().push(Some(&wrong)).is_err());
    }
}

#[test]
fn types_that_do_not_stand_for_each_other() {
    assert!(column(&Type::TEXT, &DataType::Int32).is_none());
    assert!(column(&Type::INT4, &DataType::Utf8).is_none());
    assert!(column(&Type::TIMESTAMP, &DataType::Timestamp(TimeUnit::Microsecond, Some("+00:00".into()))).is_none());
    assert!(column(&Type::INET, &DataType::Utf8).is_none());
    assert!(column(&Type::NUMERIC, &decimal(38, -1)).is_none());
}
