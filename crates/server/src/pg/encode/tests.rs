//! Expected texts and bytes are PostgreSQL's own, taken from a running server.

use super::*;
use arrow::array::*;
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{DataType, Field, Int32Type, IntervalMonthDayNano, Schema, UInt16Type, i256};
use std::sync::Arc;
use weft_core::pgtype::{self, ColumnType};
use weft_engine::{ByteaOutput, IntervalStyle};

fn style() -> TextFormat {
    TextFormat {
        time_zone: chrono_tz::Europe::Berlin,
        bytea: ByteaOutput::Hex,
        interval: IntervalStyle::Postgres,
        extra_float_digits: 1,
    }
}

/// The values of one column as a client receives them.
fn cells(array: ArrayRef, column_type: ColumnType, format: Format, style: TextFormat) -> Vec<Option<Vec<u8>>> {
    let schema = Schema::new(vec![Field::new("x", array.data_type().clone(), true)]);
    let batch = RecordBatch::try_new(Arc::new(schema), vec![array]).expect("a batch");
    let column = Column { name: "x".to_owned(), column_type, modifier: -1 };
    let encoder = RowEncoder::new(&batch, &[column], &[format], style).expect("an encoder");
    (0..encoder.rows())
        .map(|row| {
            let mut out = Vec::new();
            encoder.put(row, &mut out).expect("a row");
            let length = u32::from_be_bytes(out[1..5].try_into().expect("4 bytes")) as usize;
            assert_eq!((out[0], length, &out[5..7]), (b'D', out.len() - 1, &[0u8, 1][..]));
            match i32::from_be_bytes(out[7..11].try_into().expect("4 bytes")) {
                -1 => None,
                n => {
                    assert_eq!(n as usize, out.len() - 11);
                    Some(out[11..].to_vec())
                }
            }
        })
        .collect()
}

fn text_in(array: impl Array + 'static, style: TextFormat) -> Vec<String> {
    let column_type = ColumnType::of_arrow(array.data_type());
    cells(Arc::new(array), column_type, Format::Text, style)
        .into_iter()
        .map(|c| c.map_or("NULL".to_owned(), |c| String::from_utf8(c).expect("UTF-8")))
        .collect()
}

fn text(array: impl Array + 'static) -> Vec<String> {
    text_in(array, style())
}

fn binary_as(array: impl Array + 'static, column_type: ColumnType) -> Vec<Vec<u8>> {
    cells(Arc::new(array), column_type, Format::Binary, style()).into_iter().map(|c| c.expect("not null")).collect()
}

fn binary(array: impl Array + 'static) -> Vec<Vec<u8>> {
    let column_type = ColumnType::of_arrow(array.data_type());
    binary_as(array, column_type)
}

#[test]
fn floats() {
    let values = vec![
        1e20,
        0.1,
        -0.0,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        1e15,
        123456789012345.0,
        1e-4,
        1.5e-5,
        5e-324,
        f64::MAX,
        12.0,
        100.0,
    ];
    assert_eq!(
        text(Float64Array::from(values)),
        [
            "1e+20",
            "0.1",
            "-0",
            "NaN",
            "Infinity",
            "-Infinity",
            "1e+15",
            "123456789012345",
            "0.0001",
            "1.5e-05",
            "5e-324",
            "1.7976931348623157e+308",
            "12",
            "100"
        ]
    );
    let values = vec![1e6f32, 123456.0, 1234567.0, 0.1, 1.5e-5, f32::MAX, 1e-45];
    assert_eq!(
        text(Float32Array::from(values)),
        ["1e+06", "123456", "1.234567e+06", "0.1", "1.5e-05", "3.4028235e+38", "1e-45"]
    );
    let halfway = vec![257409792.0f32, -41888232.0];
    assert_eq!(text(Float32Array::from(halfway)), ["2.5740979e+08", "-4.1888232e+07"]);
    let halfway = vec![-60_769_823_887_929_696_f64, 67_104_463_533_466_256.0];
    assert_eq!(text(Float64Array::from(halfway)), ["-6.0769823887929696e+16", "6.7104463533466256e+16"]);
    let rounded = TextFormat { extra_float_digits: 0, ..style() };
    let values = vec![0.1 + 0.2, 1e20 / 3.0, 1e-7 / 3.0, 1e15, 100000.0, -0.0];
    assert_eq!(
        text_in(Float64Array::from(values), rounded),
        ["0.3", "3.33333333333333e+19", "3.33333333333333e-08", "1e+15", "100000", "-0"]
    );
    assert_eq!(text_in(Float32Array::from(vec![123456789f32, 0.1]), rounded), ["1.23457e+08", "0.1"]);
    let coarse = TextFormat { extra_float_digits: -15, ..style() };
    assert_eq!(text_in(Float64Array::from(vec![123.456]), coarse), ["1e+02"]);
    assert_eq!(binary(Float32Array::from(vec![1.5])), [1.5f32.to_be_bytes()]);
}

#[test]
fn integers() {
    assert_eq!(text(Int64Array::from(vec![Some(i64::MIN), None])), ["-9223372036854775808", "NULL"]);
    assert_eq!(text(UInt64Array::from(vec![u64::MAX])), ["18446744073709551615"]);
    assert_eq!(text(Int8Array::from(vec![-1])), ["-1"]);
    assert_eq!(binary(UInt8Array::from(vec![255])), [[0, 255]]);
    assert_eq!(binary(Int32Array::from(vec![-2])), [(-2i32).to_be_bytes()]);
    assert_eq!(binary_as(Int64Array::from(vec![2_205]), ColumnType::Scalar(&pgtype::OID)), [2_205u32.to_be_bytes()]);
    assert_eq!(binary_as(Int64Array::from(vec![7]), ColumnType::Scalar(&pgtype::INT4)), [7i32.to_be_bytes()]);
    assert_eq!(text(BooleanArray::from(vec![true, false])), ["t", "f"]);
}

#[test]
fn numerics() {
    let decimal =
        |values: Vec<i128>, scale| Decimal128Array::from(values).with_precision_and_scale(38, scale).expect("fits");
    assert_eq!(text(decimal(vec![12345, -5, 0, 100], 2)), ["123.45", "-0.05", "0.00", "1.00"]);
    assert_eq!(text(decimal(vec![7, 0], -3)), ["7000", "0"]);
    let largest = 10i128.pow(38) - 1;
    assert_eq!(
        text(decimal(vec![largest, -largest], 38)),
        ["0.".to_owned() + &"9".repeat(38), "-0.".to_owned() + &"9".repeat(38)]
    );
    let wide = Decimal256Array::from(vec![i256::from_i128(-12345)]).with_precision_and_scale(76, 3).expect("fits");
    assert_eq!(text(wide.clone()), ["-12.345"]);
    let send = |value, scale| binary(decimal(vec![value], scale)).remove(0);
    assert_eq!(send(12_345_678, 3), [0, 3, 0, 1, 0, 0, 0, 3, 0, 1, 9, 41, 26, 124]);
    assert_eq!(send(0, 0), [0; 8]);
    assert_eq!(send(1, 4), [0, 1, 255, 255, 0, 0, 0, 4, 0, 1]);
    assert_eq!(send(-10_000, 0), [0, 1, 0, 1, 64, 0, 0, 0, 0, 1]);
    assert_eq!(send(100_000_000, 0), [0, 1, 0, 2, 0, 0, 0, 0, 0, 1]);
    assert_eq!(send(0, 2), [0, 0, 0, 0, 0, 0, 0, 2]);
    assert_eq!(send(150, 2), [0, 2, 0, 0, 0, 0, 0, 2, 0, 1, 19, 136]);
    assert_eq!(send(12, 6), [0, 1, 255, 254, 0, 0, 0, 6, 4, 176]);
    assert_eq!(binary(wide), [[0, 2, 0, 0, 64, 0, 0, 3, 0, 12, 13, 122]]);
}

#[test]
fn dates_and_times() {
    let bc = days_from_civil(-43, 3, 15) as i32;
    let far = days_from_civil(10_000, 1, 1) as i32;
    assert_eq!(
        text(Date32Array::from(vec![19_724, bc, far, i32::MAX, i32::MIN])),
        ["2024-01-02", "0044-03-15 BC", "10000-01-01", "infinity", "-infinity"]
    );
    assert_eq!(binary(Date32Array::from(vec![19_724, i32::MAX])), [8_767i32.to_be_bytes(), i32::MAX.to_be_bytes()]);
    assert_eq!(
        text(Time64MicrosecondArray::from(vec![14_706_789_000, 0, 86_400_000_000])),
        ["04:05:06.789", "00:00:00", "24:00:00"]
    );
    assert_eq!(text(Time32SecondArray::from(vec![61])), ["00:01:01"]);
    let bc_noon = i64::from(bc) * 86_400_000_000 + 43_200_000_000;
    assert_eq!(
        text(TimestampMicrosecondArray::from(vec![bc_noon, -500_000, i64::MAX, -i64::MAX])),
        ["0044-03-15 12:00:00 BC", "1969-12-31 23:59:59.5", "infinity", "-infinity"]
    );
    assert_eq!(text(TimestampNanosecondArray::from(vec![-1])), ["1969-12-31 23:59:59.999999"]);
    assert_eq!(text(TimestampSecondArray::from(vec![0])), ["1970-01-01 00:00:00"]);
    let zoned =
        TimestampMicrosecondArray::from(vec![1_704_161_045_678_000, 1_719_889_445_000_000, -3_786_825_600_000_000])
            .with_timezone("+00:00");
    assert_eq!(
        text(zoned.clone()),
        ["2024-01-02 03:04:05.678+01", "2024-07-02 05:04:05+02", "1850-01-01 00:53:28+00:53:28"]
    );
    let india = TextFormat { time_zone: chrono_tz::Asia::Kolkata, ..style() };
    assert_eq!(text_in(zoned.slice(0, 1), india), ["2024-01-02 07:34:05.678+05:30"]);
    assert_eq!(
        binary(TimestampMicrosecondArray::from(vec![1_704_153_600_000_001])),
        [[0, 2, 176, 233, 242, 192, 160, 1]]
    );
}

#[test]
fn intervals() {
    let of = |months, days, micros: i64| IntervalMonthDayNano::new(months, days, micros * 1_000);
    let values = vec![
        of(14, 3, 14_706_700_000),
        of(-14, 3, -14_706_700_000),
        of(0, 0, 0),
        of(0, -3, 14_400_000_000),
        of(1, 0, 0),
        of(0, 0, 360_000_000_000),
        of(0, 0, -1_500_000),
    ];
    assert_eq!(
        text(IntervalMonthDayNanoArray::from(values.clone())),
        [
            "1 year 2 mons 3 days 04:05:06.7",
            "-1 years -2 mons +3 days -04:05:06.7",
            "00:00:00",
            "-3 days +04:00:00",
            "1 mon",
            "100:00:00",
            "-00:00:01.5"
        ]
    );
    let iso = TextFormat { interval: IntervalStyle::Iso8601, ..style() };
    assert_eq!(
        text_in(IntervalMonthDayNanoArray::from(values), iso),
        ["P1Y2M3DT4H5M6.7S", "P-1Y-2M3DT-4H-5M-6.7S", "PT0S", "P-3DT4H", "P1M", "PT100H", "PT-1.5S"]
    );
    let sent = binary(IntervalMonthDayNanoArray::from(vec![of(1, 2, 3_000_000)]));
    assert_eq!(sent, [[0, 0, 0, 0, 0, 45, 198, 192, 0, 0, 0, 2, 0, 0, 0, 1]]);
    assert_eq!(text(DurationSecondArray::from(vec![90_061])), ["1 day 01:01:01"]);
}

#[test]
fn strings_and_bytes() {
    assert_eq!(text(StringViewArray::from(vec![Some("a"), None])), ["a", "NULL"]);
    assert_eq!(text(LargeStringArray::from(vec!["é"])), ["é"]);
    let dictionary: DictionaryArray<UInt16Type> = vec![Some("x"), None, Some("x")].into_iter().collect();
    assert_eq!(text(dictionary), ["x", "NULL", "x"]);
    let bytes = || BinaryArray::from(vec![&[0u8, 255, 92, 65][..]]);
    assert_eq!(text(bytes()), ["\\x00ff5c41"]);
    assert_eq!(text_in(bytes(), TextFormat { bytea: ByteaOutput::Escape, ..style() }), ["\\000\\377\\\\A"]);
    assert_eq!(binary(bytes()), [[0, 255, 92, 65]]);
    let json = || StringArray::from(vec!["{}"]);
    assert_eq!(binary_as(json(), ColumnType::Scalar(&pgtype::JSONB)), [b"\x01{}"]);
    assert_eq!(binary_as(json(), ColumnType::Scalar(&pgtype::JSON)), [b"{}"]);
    let uuid = "0a0b0c0d-0e0f-1011-1213-141516171819";
    let sent = binary_as(StringArray::from(vec![uuid]), ColumnType::Scalar(&pgtype::UUID)).remove(0);
    assert_eq!((sent[0], sent[15], sent.len()), (10, 25, 16));
    let fixed = FixedSizeBinaryArray::try_from_iter([sent].into_iter()).expect("16 bytes");
    let shown = cells(Arc::new(fixed), ColumnType::Scalar(&pgtype::UUID), Format::Text, style());
    assert_eq!(shown, [Some(uuid.as_bytes().to_vec())]);
    let vector = binary_as(StringArray::from(vec!["1 2"]), ColumnType::Scalar(&pgtype::INT2VECTOR));
    assert_eq!(
        vector,
        [[0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 21, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 0, 0, 2, 0, 2]]
    );
}

#[test]
fn arrays() {
    let numbers =
        || ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1), None, Some(3)]), Some(vec![]), None]);
    assert_eq!(text(numbers()), ["{1,NULL,3}", "{}", "NULL"]);
    let sent = binary(numbers().slice(0, 2));
    assert_eq!(
        sent[0],
        [
            0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 23, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 1, 255, 255, 255, 255, 0,
            0, 0, 4, 0, 0, 0, 3
        ]
    );
    assert_eq!(sent[1], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 23]);

    let mut words = ListBuilder::new(StringBuilder::new());
    for word in [Some("a b"), Some(""), Some("null"), Some("x\"y"), Some("b\\c"), Some("plain"), None, Some("{")] {
        words.values().append_option(word);
    }
    words.append(true);
    assert_eq!(text(words.finish()), [r#"{"a b","","null","x\"y","b\\c",plain,NULL,"{"}"#]);

    let inner =
        ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1), Some(2)]), Some(vec![Some(3), Some(4)])]);
    let field = Arc::new(Field::new_list_field(inner.data_type().clone(), true));
    let outer = ListArray::new(field, OffsetBuffer::from_lengths([2]), Arc::new(inner), None);
    assert_eq!(text(outer), ["{{1,2},{3,4}}"]);

    let moments = TimestampMicrosecondArray::from(vec![1_704_153_600_000_000]);
    let field = Arc::new(Field::new_list_field(moments.data_type().clone(), true));
    let list = ListArray::new(field, OffsetBuffer::from_lengths([1]), Arc::new(moments), None);
    assert_eq!(text(list), [r#"{"2024-01-02 00:00:00"}"#]);
}

#[test]
fn structs_are_records() {
    let names = ["a", "b", "c"];
    let columns: [ArrayRef; 3] = [
        Arc::new(Int32Array::from(vec![Some(1), None])),
        Arc::new(StringArray::from(vec!["x (\"\\", ""])),
        Arc::new(Float64Array::from(vec![1.5, f64::NAN])),
    ];
    let field = |(name, column): (&str, &ArrayRef)| Field::new(name, column.data_type().clone(), true);
    let fields: Vec<Field> = names.into_iter().zip(&columns).map(field).collect();
    let rows = StructArray::new(fields.into(), columns.to_vec(), None);
    let expected = [r#"(1,"x (""\\",1.5)"#, r#"(,"",NaN)"#];
    assert_eq!(text(rows.clone()), expected);
    let sent = binary_as(rows.clone(), ColumnType::Scalar(&pgtype::RECORD));
    assert_eq!(sent[1][..12], [0, 0, 0, 3, 0, 0, 0, 23, 255, 255, 255, 255]);
    assert_eq!(sent[1][12..20], [0, 0, 0, 25, 0, 0, 0, 0]);

    let field = Arc::new(Field::new_list_field(rows.data_type().clone(), true));
    let list = ListArray::new(field, OffsetBuffer::from_lengths([2]), Arc::new(rows), None);
    let quoted = expected.map(|row| format!("\"{}\"", row.replace('\\', "\\\\").replace('"', "\\\"")));
    assert_eq!(text(list), [format!("{{{}}}", quoted.join(","))]);
}

#[test]
fn maps_are_json() {
    let mut map = MapBuilder::new(None, StringBuilder::new(), Float64Builder::new());
    map.keys().append_value("x\n\u{1}");
    map.values().append_value(1.5);
    map.keys().append_value("é");
    map.values().append_value(f64::NAN);
    map.append(true).expect("as many keys as values");
    assert_eq!(text(map.finish()), [r#"{"x\n\u0001":1.5,"é":"NaN"}"#]);
}

#[test]
fn arrays_of_two_dimensions_in_binary() {
    let list = |lengths: &[usize]| {
        let items = Int32Array::from_iter_values(0..lengths.iter().sum::<usize>() as i32);
        let field = Arc::new(Field::new_list_field(DataType::Int32, true));
        let inner = ListArray::new(field, OffsetBuffer::from_lengths(lengths.to_vec()), Arc::new(items), None);
        let field = Arc::new(Field::new_list_field(inner.data_type().clone(), true));
        ListArray::new(field, OffsetBuffer::from_lengths([lengths.len()]), Arc::new(inner), None)
    };
    let ints = ColumnType::Array(&pgtype::INT4);
    let numbers = |bytes: &[u8]| -> Vec<i32> {
        bytes.chunks(4).map(|b| i32::from_be_bytes(b.try_into().expect("four bytes"))).collect()
    };
    let sent = binary_as(list(&[2, 2]), ints);
    assert_eq!(numbers(&sent[0]), [2, 0, 23, 2, 1, 2, 1, 4, 0, 4, 1, 4, 2, 4, 3]);
    assert_eq!(numbers(&binary_as(list(&[0, 0]), ints)[0]), [0, 0, 23]);
    let batch = RecordBatch::try_from_iter([("x", Arc::new(list(&[1, 2])) as ArrayRef)]).expect("a batch");
    let column = Column { name: "x".to_owned(), column_type: ints, modifier: -1 };
    let encoder = RowEncoder::new(&batch, &[column], &[Format::Binary], style()).expect("an encoder");
    assert_eq!(encoder.put(0, &mut Vec::new()).unwrap_err().kind(), ErrorKind::DataException);
}

#[test]
fn a_value_that_does_not_fit_leaves_nothing_behind() {
    let array: ArrayRef = Arc::new(Int64Array::from(vec![i64::MAX]));
    let batch = RecordBatch::try_from_iter([("x", array)]).expect("a batch");
    let column = Column { name: "x".to_owned(), column_type: ColumnType::Scalar(&pgtype::INT4), modifier: -1 };
    let encoder = RowEncoder::new(&batch, &[column], &[Format::Binary], style()).expect("an encoder");
    let mut out = b"before".to_vec();
    assert_eq!(encoder.put(0, &mut out).unwrap_err().kind(), ErrorKind::NumericOutOfRange);
    assert_eq!(&out[..], b"before");
}
