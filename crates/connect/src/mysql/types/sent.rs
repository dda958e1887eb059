//! Types as the metadata of an answer tells them: those of a query in the source's own words.

use super::{Encoding, Length, Sign, SourceType};
use mysql_async::Column;
use mysql_async::consts::{ColumnFlags, ColumnType};

/// The number of the character set `binary`: bytes, and numbers.
const BINARY: u16 = 63;

/// Bytes of a character of the connection's character set, by which lengths are counted.
const BYTES_PER_CHARACTER: u32 = 4;

/// The type of a column of an answer.
pub(crate) fn of_sent(column: &Column) -> SourceType {
    use ColumnType::*;
    let sign = if column.flags().contains(ColumnFlags::UNSIGNED_FLAG) { Sign::Unsigned } else { Sign::Signed };
    match column.column_type() {
        MYSQL_TYPE_TINY => SourceType::Integer(8, sign),
        MYSQL_TYPE_SHORT => SourceType::Integer(16, sign),
        MYSQL_TYPE_INT24 => SourceType::Integer(24, sign),
        MYSQL_TYPE_LONG => SourceType::Integer(32, sign),
        MYSQL_TYPE_LONGLONG => SourceType::Integer(64, sign),
        MYSQL_TYPE_BIT => SourceType::Bit(u64::from(column.column_length())),
        MYSQL_TYPE_YEAR => SourceType::Year,
        MYSQL_TYPE_DECIMAL | MYSQL_TYPE_NEWDECIMAL => decimal(column, sign),
        MYSQL_TYPE_FLOAT => SourceType::Float,
        MYSQL_TYPE_DOUBLE => SourceType::Double,
        MYSQL_TYPE_DATE | MYSQL_TYPE_NEWDATE => SourceType::Date,
        MYSQL_TYPE_DATETIME | MYSQL_TYPE_DATETIME2 => SourceType::DateTime,
        MYSQL_TYPE_TIMESTAMP | MYSQL_TYPE_TIMESTAMP2 => SourceType::Timestamp,
        MYSQL_TYPE_TIME | MYSQL_TYPE_TIME2 => SourceType::Time,
        MYSQL_TYPE_JSON => SourceType::Json,
        MYSQL_TYPE_GEOMETRY => SourceType::Geometry,
        _ if column.character_set() == BINARY && !is_list(column) => {
            SourceType::Binary(Length::from(column.column_length()))
        }
        // In which character set and collation it is stored is not told.
        _ => SourceType::Text(Encoding::Other, Length::from(column.column_length() / BYTES_PER_CHARACTER)),
    }
}

/// Of a decimal the length is told as it is displayed: with its point, and its sign if it has one.
fn decimal(column: &Column, sign: Sign) -> SourceType {
    let scale = column.decimals();
    let marks = u32::from(scale > 0) + u32::from(sign == Sign::Signed);
    let digits = column.column_length().saturating_sub(marks);
    SourceType::Decimal(u8::try_from(digits).unwrap_or(u8::MAX).max(scale), scale)
}

/// `enum` and `set`, whatever the type that they are sent as.
fn is_list(column: &Column) -> bool {
    column.flags().intersects(ColumnFlags::ENUM_FLAG | ColumnFlags::SET_FLAG)
}
