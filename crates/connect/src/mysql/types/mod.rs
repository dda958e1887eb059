//! What each type of MySQL is in Weft: the Arrow field, the expression that yields its value, and what the source may do with it. The table of
//! [`super::DOC`] in code. It must not ask the source.

mod declared;
mod sent;

pub(crate) use declared::Declaration;
pub(crate) use sent::of_sent;

use super::server::Server;
use arrow::datatypes::{DataType, Field, TimeUnit};
use weft_core::executor::MySqlServer;
use weft_core::pgtype::{self, tagged};
use weft_core::relation::{DatabaseColumn, Operations};

/// Digits of a decimal that fit Arrow's 128 bits.
const WIDEST: u8 = 38;

/// A type of MySQL or MariaDB, as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SourceType {
    /// A whole number of so many bits.
    Integer(u8, Sign),
    /// So many bits as a number.
    Bit(u64),
    /// A year.
    Year,
    /// Digits, and those of them behind the point.
    Decimal(u8, u8),
    /// Single precision.
    Float,
    /// Double precision.
    Double,
    /// A day.
    Date,
    /// A day and a time of an unnamed zone.
    DateTime,
    /// A moment.
    Timestamp,
    /// Up to 838 hours, negative ones too.
    Time,
    /// Text.
    Text(Encoding, Length),
    /// JSON, which is sent as text.
    Json,
    /// Bytes.
    Binary(Length),
    /// A shape.
    Geometry,
    /// What has a text form: `inet6`, `uuid`, and what is yet to come.
    Printable,
}

/// Whether a number may be negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    /// It may.
    Signed,
    /// It may not.
    Unsigned,
}

/// How text is stored and compared where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// In UTF-8 with this collation.
    Utf8(String),
    /// In another character set, or as a number that stands for the text.
    Other,
}

/// Bytes of text, or bytes, at most.
pub(crate) type Length = u64;

/// What to do where a type of MySQL has values that PostgreSQL's has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Reading {
    /// Of dates without a month or a day.
    pub(crate) zero_dates: ZeroDates,
    /// Of times.
    pub(crate) times: Times,
    /// Of decimals with more than 38 digits.
    pub(crate) wide_decimals: WideDecimals,
}

/// What `0000-00-00` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ZeroDates {
    /// An error of the query that returns it.
    Error,
    /// NULL.
    Null,
}

/// What a column of type `time` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Times {
    /// A time of day; other values are errors.
    TimeOfDay,
    /// Text.
    Text,
}

/// What a decimal of more than 38 digits is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WideDecimals {
    /// As many digits as fit; longer values are errors.
    Numeric,
    /// Text.
    Text,
}

/// A column as the source has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceColumn {
    pub(crate) name: String,
    pub(crate) source_type: SourceType,
    pub(crate) nullable: Nullable,
}

/// Whether a column may be NULL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nullable {
    /// It may.
    Yes,
    /// It may not.
    No,
}

/// The value of a column: its type, the expression that yields it, and what the source may do with it.
struct Value {
    data_type: DataType,
    template: String,
    operations: Operations,
}

/// The column in Weft, and how it is read.
pub(crate) fn map(column: &SourceColumn, server: &Server, reading: &Reading) -> (Field, DatabaseColumn) {
    let Value { data_type, template, operations } = value(&column.source_type, server, reading);
    let turns_null = reading.zero_dates == ZeroDates::Null
        && matches!(column.source_type, SourceType::Date | SourceType::DateTime | SourceType::Timestamp);
    let field = Field::new(&column.name, data_type, column.nullable == Nullable::Yes || turns_null);
    let field = if column.source_type == SourceType::Json { tagged(field, &pgtype::JSON) } else { field };
    (field, DatabaseColumn { name: column.name.clone(), value: template, operations })
}

fn value(source_type: &SourceType, server: &Server, reading: &Reading) -> Value {
    use SourceType::*;
    match source_type {
        Integer(bits, sign) => plain(integer(*bits, *sign)),
        // As a number, and a signed one: bits alone are sent as bytes, and computed with as unsigned.
        Bit(64) => all(DataType::Decimal128(20, 0), "CAST({} AS UNSIGNED)"),
        Bit(_) => all(DataType::Int64, "CAST({} AS SIGNED)"),
        // A year alone is equal to its last two digits.
        Year => all(DataType::Int32, "CAST({} AS SIGNED)"),
        Decimal(digits, _) if *digits > WIDEST && reading.wide_decimals == WideDecimals::Text => {
            returned(DataType::Utf8, "CAST({} AS CHAR)")
        }
        Decimal(digits, scale) => {
            plain(DataType::Decimal128((*digits).clamp(1, WIDEST), (*scale).min(WIDEST).cast_signed()))
        }
        // As the equal double: the text of a float has six digits. The source computes with more digits than PostgreSQL, and so differently.
        Float => returned(DataType::Float32, "({} + 0e0)"),
        // Of double(m, d), the source would send d digits of every result.
        Double => all(DataType::Float64, "({} + 0e0)"),
        Date => moment(DataType::Date32, reading),
        DateTime => moment(DataType::Timestamp(TimeUnit::Microsecond, None), reading),
        Timestamp => moment(DataType::Timestamp(TimeUnit::Microsecond, Some("+00:00".into())), reading),
        Time if reading.times == Times::TimeOfDay => plain(DataType::Time64(TimeUnit::Microsecond)),
        Time => converted(server),
        Text(encoding, length) => text(encoding, *length, server),
        Json => returned(DataType::Utf8, "{}"),
        Binary(length) => {
            Value { data_type: DataType::Binary, template: "{}".to_owned(), operations: sortable(*length, server) }
        }
        Geometry => returned(DataType::Binary, well_known_binary(server.kind)),
        Printable => converted(server),
    }
}

/// Unsigned ones get the next wider type.
fn integer(bits: u8, sign: Sign) -> DataType {
    match (bits, sign) {
        (..=8, _) | (9..=16, Sign::Signed) => DataType::Int16,
        (9..=16, Sign::Unsigned) | (17..=24, _) | (25..=32, Sign::Signed) => DataType::Int32,
        (25..=32, Sign::Unsigned) | (_, Sign::Signed) => DataType::Int64,
        (_, Sign::Unsigned) => DataType::Decimal128(20, 0),
    }
}

fn moment(data_type: DataType, reading: &Reading) -> Value {
    match reading.zero_dates {
        ZeroDates::Error => plain(data_type),
        ZeroDates::Null => all(data_type, "CASE WHEN MONTH({}) = 0 OR DAYOFMONTH({}) = 0 THEN NULL ELSE {} END"),
    }
}

/// Text compares in Weft bytewise and without padding, so it must there.
fn text(encoding: &Encoding, length: Length, server: &Server) -> Value {
    let collation = server.collation();
    let template = match encoding {
        Encoding::Utf8(own) if own == collation => "{}".to_owned(),
        Encoding::Utf8(_) => format!("({{}} COLLATE {collation})"),
        Encoding::Other => return Value { operations: sortable(length, server), ..converted(server) },
    };
    Value { data_type: DataType::Utf8, template, operations: sortable(length, server) }
}

/// Text out of something else.
fn converted(server: &Server) -> Value {
    let template = format!("(CONVERT({{}} USING utf8mb4) COLLATE {})", server.collation());
    Value { data_type: DataType::Utf8, template, operations: Operations::All }
}

/// Of text that may be longer than this the source would compare the beginning only when it sorts.
fn sortable(length: Length, server: &Server) -> Operations {
    match server.sorts_exactly_up_to() {
        Some(limit) if length > limit => Operations::Return,
        _ => Operations::All,
    }
}

/// Longitude before latitude, as everywhere else.
fn well_known_binary(server: MySqlServer) -> &'static str {
    match server {
        MySqlServer::MySql => "ST_AsBinary({}, 'axis-order=long-lat')",
        MySqlServer::MariaDb => "ST_AsBinary({})",
    }
}

fn plain(data_type: DataType) -> Value {
    all(data_type, "{}")
}

fn all(data_type: DataType, template: &str) -> Value {
    Value { data_type, template: template.to_owned(), operations: Operations::All }
}

fn returned(data_type: DataType, template: &str) -> Value {
    Value { data_type, template: template.to_owned(), operations: Operations::Return }
}

#[cfg(test)]
mod tests;
