//! From Arrow's values to the text that PostgreSQL would print for them: what Flight SQL brings can be held against the other protocols.

use super::{Bytes, array, float, hex, record, time};
use crate::{Error, Result};
use arrow::array::{Array, AsArray};
use arrow::datatypes::*;

/// Days from 1970 to 2000, and microseconds.
const EPOCH_DAYS: i32 = 10_957;
const EPOCH_MICROS: i64 = EPOCH_DAYS as i64 * 86_400_000_000;

/// The text of a cell; nothing if it is NULL.
pub fn cell(column: &dyn Array, row: usize) -> Result<Option<String>> {
    if column.is_null(row) || *column.data_type() == DataType::Null { Ok(None) } else { text(column, row).map(Some) }
}

fn text(column: &dyn Array, row: usize) -> Result<String> {
    macro_rules! value {
        ($t:ty) => {
            column.as_primitive::<$t>().value(row)
        };
    }
    Ok(match column.data_type() {
        DataType::Boolean => if column.as_boolean().value(row) { "t" } else { "f" }.to_owned(),
        DataType::Int8 => value!(Int8Type).to_string(),
        DataType::Int16 => value!(Int16Type).to_string(),
        DataType::Int32 => value!(Int32Type).to_string(),
        DataType::Int64 => value!(Int64Type).to_string(),
        DataType::UInt8 => value!(UInt8Type).to_string(),
        DataType::UInt16 => value!(UInt16Type).to_string(),
        DataType::UInt32 => value!(UInt32Type).to_string(),
        DataType::UInt64 => value!(UInt64Type).to_string(),
        DataType::Float32 => float::float4(value!(Float32Type)),
        DataType::Float64 => float::float8(value!(Float64Type)),
        DataType::Decimal128(..) => column.as_primitive::<Decimal128Type>().value_as_string(row),
        DataType::Decimal256(..) => column.as_primitive::<Decimal256Type>().value_as_string(row),
        DataType::Utf8 => column.as_string::<i32>().value(row).to_owned(),
        DataType::LargeUtf8 => column.as_string::<i64>().value(row).to_owned(),
        DataType::Binary => format!("\\x{}", hex(column.as_binary::<i32>().value(row))),
        DataType::FixedSizeBinary(_) => format!("\\x{}", hex(column.as_fixed_size_binary().value(row))),
        DataType::Date32 => time::date(value!(Date32Type) - EPOCH_DAYS),
        DataType::Time64(TimeUnit::Microsecond) => time::time(value!(Time64MicrosecondType)),
        DataType::Time64(TimeUnit::Nanosecond) => time::time(value!(Time64NanosecondType).div_euclid(1000)),
        DataType::Timestamp(unit, zone) => {
            let micros = match unit {
                TimeUnit::Second => value!(TimestampSecondType) * 1_000_000,
                TimeUnit::Millisecond => value!(TimestampMillisecondType) * 1000,
                TimeUnit::Microsecond => value!(TimestampMicrosecondType),
                TimeUnit::Nanosecond => value!(TimestampNanosecondType).div_euclid(1000),
            };
            time::timestamp(micros - EPOCH_MICROS, if zone.is_some() { "+00" } else { "" })
        }
        DataType::Interval(IntervalUnit::MonthDayNano) => {
            let interval = value!(IntervalMonthDayNanoType);
            let mut bytes = (interval.nanoseconds / 1000).to_be_bytes().to_vec();
            bytes.extend(interval.days.to_be_bytes());
            bytes.extend(interval.months.to_be_bytes());
            time::interval(&mut Bytes(&bytes))?
        }
        DataType::List(item) if !matches!(item.data_type(), DataType::Map(..)) => {
            let items = column.as_list::<i32>().value(row);
            let items = (0..items.len()).map(|i| match (items.data_type(), cell(items.as_ref(), i)?) {
                (_, None) => Ok("NULL".to_owned()),
                (DataType::List(_), Some(inner)) => Ok(inner),
                (_, Some(value)) => Ok(array::quoted(&value)),
            });
            format!("{{{}}}", items.collect::<Result<Vec<_>>>()?.join(","))
        }
        DataType::Struct(_) => {
            let columns = column.as_struct().columns().iter();
            record::joined(columns.map(|column| Ok(cell(column, row)?.map(|value| record::quoted(&value)))))?
        }
        DataType::List(_) | DataType::Map(..) => json(column, row)?,
        other => return Err(Error::new(format!("values of {other} cannot be read by the test kit"))),
    })
}

/// What PostgreSQL has no type for, as JSON.
fn json(column: &dyn Array, row: usize) -> Result<String> {
    if column.is_null(row) {
        return Ok("null".to_owned());
    }
    let joined = |parts: Vec<String>| parts.join(",");
    Ok(match column.data_type() {
        DataType::List(_) => {
            let items = column.as_list::<i32>().value(row);
            format!("[{}]", joined((0..items.len()).map(|i| json(items.as_ref(), i)).collect::<Result<_>>()?))
        }
        DataType::Map(..) => {
            let entries = column.as_map().value(row);
            let entry = |i| {
                Ok(format!("{:?}:{}", cell(entries.column(0), i)?.unwrap_or_default(), json(entries.column(1), i)?))
            };
            format!("{{{}}}", joined((0..entries.len()).map(entry).collect::<Result<_>>()?))
        }
        DataType::Boolean => column.as_boolean().value(row).to_string(),
        t if t.is_numeric() => text(column, row)?,
        _ => format!("{:?}", text(column, row)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::arrow::array::{ArrayRef, BooleanArray, Date32Array, ListArray, TimestampMicrosecondArray};
    use std::sync::Arc;

    #[test]
    fn as_postgresql_prints_them() {
        let list = ListArray::from_iter_primitive::<Int32Type, _, _>([Some(vec![Some(1), None])]);
        let cases: Vec<(ArrayRef, &str)> = vec![
            (Arc::new(BooleanArray::from(vec![true])), "t"),
            (Arc::new(Date32Array::from(vec![0])), "1970-01-01"),
            (
                Arc::new(TimestampMicrosecondArray::from(vec![1_500_000]).with_timezone("+00:00")),
                "1970-01-01 00:00:01.5+00",
            ),
            (Arc::new(list), "{1,NULL}"),
        ];
        for (column, expected) in cases {
            assert_eq!(cell(column.as_ref(), 0).unwrap().as_deref(), Some(expected));
        }
    }
}
