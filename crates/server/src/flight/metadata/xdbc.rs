//! GetXdbcTypeInfo: the types of SQL, as ODBC and JDBC describe them. It must not know how they are sent.

use super::unbuilt;
use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use arrow_flight::sql::metadata::{XdbcTypeInfo, XdbcTypeInfoDataBuilder};
use arrow_flight::sql::{CommandGetXdbcTypeInfo, Nullable, Searchable, XdbcDataType, XdbcDatetimeSubcode};
use weft_core::Result;

/// The columns.
pub(super) fn schema() -> SchemaRef {
    XdbcTypeInfoDataBuilder::new().schema()
}

/// Every type, or those of one kind.
pub(super) fn answer(command: CommandGetXdbcTypeInfo) -> Result<RecordBatch> {
    let mut builder = XdbcTypeInfoDataBuilder::new();
    types().into_iter().for_each(|info| builder.append(info));
    let data = builder.build().map_err(unbuilt)?;
    command.into_builder(&data).build().map_err(unbuilt)
}

/// A type whose values are written as they are.
fn plain(name: &str, data_type: XdbcDataType, size: i32) -> XdbcTypeInfo {
    XdbcTypeInfo {
        type_name: name.to_owned(),
        data_type,
        column_size: Some(size),
        nullable: Nullable::NullabilityNullable,
        searchable: Searchable::Full,
        local_type_name: Some(name.to_owned()),
        sql_data_type: data_type,
        ..XdbcTypeInfo::default()
    }
}

/// One whose values are written between quotes.
fn quoted(name: &str, data_type: XdbcDataType, size: i32) -> XdbcTypeInfo {
    XdbcTypeInfo {
        literal_prefix: Some("'".to_owned()),
        literal_suffix: Some("'".to_owned()),
        ..plain(name, data_type, size)
    }
}

/// A number; its size is in digits of this radix.
fn number(name: &str, data_type: XdbcDataType, size: i32, radix: i32) -> XdbcTypeInfo {
    XdbcTypeInfo {
        unsigned_attribute: Some(false),
        auto_increment: Some(false),
        num_prec_radix: Some(radix),
        ..plain(name, data_type, size)
    }
}

/// A time with microseconds.
fn moment(name: &str, data_type: XdbcDataType, size: i32, subcode: XdbcDatetimeSubcode) -> XdbcTypeInfo {
    XdbcTypeInfo {
        minimum_scale: Some(6),
        maximum_scale: Some(6),
        sql_data_type: XdbcDataType::XdbcDatetime,
        datetime_subcode: Some(subcode),
        ..quoted(name, data_type, size)
    }
}

/// The longest text or byte string.
const LONGEST: i32 = 1 << 30;

fn types() -> Vec<XdbcTypeInfo> {
    use XdbcDataType::*;
    vec![
        plain("boolean", XdbcBit, 1),
        number("smallint", XdbcSmallint, 5, 10),
        number("integer", XdbcInteger, 10, 10),
        number("bigint", XdbcBigint, 19, 10),
        number("real", XdbcReal, 24, 2),
        number("double precision", XdbcDouble, 53, 2),
        XdbcTypeInfo {
            create_params: Some(vec!["precision".to_owned(), "scale".to_owned()]),
            minimum_scale: Some(0),
            maximum_scale: Some(38),
            ..number("numeric", XdbcNumeric, 38, 10)
        },
        XdbcTypeInfo { case_sensitive: true, ..quoted("text", XdbcLongvarchar, LONGEST) },
        XdbcTypeInfo {
            case_sensitive: true,
            create_params: Some(vec!["length".to_owned()]),
            ..quoted("character varying", XdbcVarchar, LONGEST)
        },
        XdbcTypeInfo { case_sensitive: true, ..quoted("json", XdbcLongvarchar, LONGEST) },
        XdbcTypeInfo { case_sensitive: true, ..quoted("jsonb", XdbcLongvarchar, LONGEST) },
        quoted("uuid", XdbcChar, 36),
        XdbcTypeInfo { literal_prefix: Some("'\\x".to_owned()), ..quoted("bytea", XdbcLongvarbinary, LONGEST) },
        // The subcode of dates has the number of that of years.
        XdbcTypeInfo {
            minimum_scale: None,
            maximum_scale: None,
            ..moment("date", XdbcDate, 10, XdbcDatetimeSubcode::XdbcSubcodeYear)
        },
        moment("time without time zone", XdbcTime, 15, XdbcDatetimeSubcode::XdbcSubcodeTime),
        moment("timestamp without time zone", XdbcTimestamp, 26, XdbcDatetimeSubcode::XdbcSubcodeTimestamp),
        moment("timestamp with time zone", XdbcTimestamp, 32, XdbcDatetimeSubcode::XdbcSubcodeTimestampWithTimezone),
        XdbcTypeInfo { interval_precision: Some(6), ..quoted("interval", XdbcInterval, 49) },
    ]
}
