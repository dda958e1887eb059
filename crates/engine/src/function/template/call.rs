//! The functions as they are called: `to_char(time, template)`, `to_date(text, template)`, `to_timestamp(text, template)`, `to_timestamp(seconds)`. Moments
//! are shown and read in the zone of the session.

use super::super::raise;
use super::{Piece, out_of_range, pieces, read, write};
use arrow::array::{Array, ArrayRef, AsArray, Date32Array, StringArray, TimestampMicrosecondArray};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, TimeUnit, TimestampMicrosecondType};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Offset, TimeZone};
use chrono_tz::{OffsetName, Tz};
use datafusion::common::{Result, ScalarValue};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};
use std::sync::Arc;
use weft_core::pgtype::ColumnType;
use weft_core::{Error, ErrorKind};

/// The functions of a session, by name.
pub fn functions(zone: Tz) -> Vec<(String, Arc<ScalarUDF>)> {
    let function = |name: &'static str, does: Does, signature: Signature| {
        (name.to_owned(), Arc::new(ScalarUDF::new_from_impl(Templated { name, does, zone, signature })))
    };
    let texts = || TypeSignature::Exact(vec![DataType::Utf8, DataType::Utf8]);
    let moments = vec![texts(), TypeSignature::Exact(vec![DataType::Float64])];
    vec![
        function("to_char", Does::Write, Signature::any(2, Volatility::Stable)),
        function("to_date", Does::ReadDate, Signature::new(texts(), Volatility::Stable)),
        function("to_timestamp", Does::ReadMoment, Signature::one_of(moments, Volatility::Stable)),
    ]
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Does {
    Write,
    ReadDate,
    ReadMoment,
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct Templated {
    name: &'static str,
    does: Does,
    zone: Tz,
    signature: Signature,
}

impl ScalarUDFImpl for Templated {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        match self.does {
            Does::ReadDate => Ok(DataType::Date32),
            Does::ReadMoment => Ok(moments()),
            Does::Write => match types {
                [DataType::Timestamp(..) | DataType::Date32 | DataType::Null, DataType::Utf8 | DataType::Null] => {
                    Ok(DataType::Utf8)
                }
                [value, template] => Err(raise(no_such(value, template))),
                _ => Err(raise(Error::internal("to_char of other than two arguments"))),
            },
        }
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let scalar = args.args.iter().all(|a| matches!(a, ColumnarValue::Scalar(_)));
        let rows = if scalar { 1 } else { args.number_rows };
        let values = args.args[0].to_array(rows)?;
        let result = match args.args.get(1) {
            None => seconds(&values)?,
            Some(template) => {
                let templates = Templates::of(template, rows)?;
                self.invoke(&values, &templates).map_err(raise)?
            }
        };
        if scalar {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&result, 0)?));
        }
        Ok(ColumnarValue::Array(result))
    }
}

/// The templates of some rows.
enum Templates {
    /// One for all.
    One(Option<Vec<Piece>>),
    /// One a row.
    Each(StringArray),
}

impl Templates {
    fn of(value: &ColumnarValue, rows: usize) -> Result<Templates> {
        Ok(match value {
            ColumnarValue::Scalar(value) => {
                let text = value.try_as_str().flatten();
                Templates::One(text.map(pieces).transpose().map_err(raise)?)
            }
            ColumnarValue::Array(_) => {
                let texts = cast(&value.to_array(rows)?, &DataType::Utf8)?;
                Templates::Each(texts.as_string::<i32>().clone())
            }
        })
    }

    /// What this makes of each row that has a value and a template.
    fn each<T>(
        &self,
        values: &dyn Array,
        mut make: impl FnMut(usize, &[Piece]) -> Result<Option<T>, Error>,
    ) -> Result<Vec<Option<T>>, Error> {
        let row = |row: usize| match self {
            _ if values.is_null(row) => Ok(None),
            Templates::One(None) => Ok(None),
            Templates::One(Some(pieces)) => make(row, pieces),
            Templates::Each(texts) if texts.is_null(row) => Ok(None),
            Templates::Each(texts) => make(row, &pieces(texts.value(row))?),
        };
        (0..values.len()).map(row).collect()
    }
}

impl Templated {
    fn invoke(&self, values: &ArrayRef, templates: &Templates) -> Result<ArrayRef, Error> {
        let odd = |e| Error::internal("a cast that was planned is not there").with_source(e);
        match self.does {
            Does::Write => {
                let zoned = matches!(values.data_type(), DataType::Timestamp(_, Some(_)));
                let target = if zoned { moments() } else { DataType::Timestamp(TimeUnit::Microsecond, None) };
                let times = cast(values, &target).map_err(odd)?;
                let times = times.as_primitive::<TimestampMicrosecondType>();
                let texts = templates.each(times, |row, pieces| {
                    // As in PostgreSQL, an empty template gives no text.
                    match pieces {
                        [] => Ok(None),
                        pieces => Ok(Some(write::write(pieces, &self.shown(times.value(row), &target)?))),
                    }
                })?;
                Ok(Arc::new(StringArray::from(texts)))
            }
            Does::ReadDate => {
                let texts = cast(values, &DataType::Utf8).map_err(odd)?;
                let texts = texts.as_string::<i32>();
                let days = templates.each(texts, |row, pieces| {
                    let date = read::read(pieces, texts.value(row))?.clock.date();
                    let days = date.signed_duration_since(NaiveDate::default()).num_days();
                    i32::try_from(days).map(Some).map_err(|_| out_of_range(texts.value(row)))
                })?;
                Ok(Arc::new(Date32Array::from(days)))
            }
            Does::ReadMoment => {
                let texts = cast(values, &DataType::Utf8).map_err(odd)?;
                let texts = texts.as_string::<i32>();
                let micros = templates.each(texts, |row, pieces| {
                    let told = read::read(pieces, texts.value(row))?;
                    let wrong = || out_of_range(texts.value(row));
                    let clock = told.clock.and_utc().timestamp_micros();
                    match told.offset {
                        Some(offset) => clock.checked_sub(i64::from(offset) * 1_000_000).ok_or_else(wrong),
                        None => super::super::zone::moment(clock, self.zone).ok_or_else(wrong),
                    }
                    .map(Some)
                })?;
                Ok(Arc::new(TimestampMicrosecondArray::from(micros).with_data_type(moments())))
            }
        }
    }

    fn shown(&self, micros: i64, of: &DataType) -> Result<write::Shown, Error> {
        let moment = DateTime::from_timestamp_micros(micros).ok_or_else(|| out_of_range(&micros.to_string()))?;
        let clock: NaiveDateTime = moment.naive_utc();
        if matches!(of, DataType::Timestamp(_, None)) {
            return Ok(write::Shown { clock, zone: None });
        }
        let offset = self.zone.offset_from_utc_datetime(&clock);
        let name = offset.abbreviation().unwrap_or_default().to_owned();
        let east = offset.fix().local_minus_utc();
        Ok(write::Shown { clock: moment.with_timezone(&self.zone).naive_local(), zone: Some((name, east)) })
    }
}

fn moments() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("+00:00".into()))
}

/// Moments by their seconds since 1970.
fn seconds(values: &ArrayRef) -> Result<ArrayRef> {
    let seconds = cast(values, &DataType::Float64)?;
    let micros = seconds.as_primitive::<Float64Type>().iter().map(|seconds| {
        let Some(seconds) = seconds else { return Ok(None) };
        let micros = (seconds * 1_000_000.0).round_ties_even();
        #[allow(clippy::cast_possible_truncation)]
        let micros = micros.is_finite().then_some(micros as i64);
        let known = micros.filter(|micros| DateTime::from_timestamp_micros(*micros).is_some());
        known.map(Some).ok_or_else(|| {
            let message = format!("timestamp out of range: \"{seconds}\"");
            Error::new(ErrorKind::DatetimeOutOfRange, message)
        })
    });
    let micros: Vec<_> = micros.collect::<Result<_, Error>>().map_err(raise)?;
    Ok(Arc::new(TimestampMicrosecondArray::from(micros).with_data_type(moments())))
}

fn no_such(value: &DataType, template: &DataType) -> Error {
    let name = |t: &DataType| ColumnType::of_arrow(t).sql_name();
    match value {
        DataType::Interval(_) => Error::unsupported("to_char of intervals"),
        t if t.is_numeric() => Error::unsupported("to_char of numbers"),
        _ => {
            let message = format!("function to_char({}, {}) does not exist", name(value), name(template));
            Error::new(ErrorKind::UndefinedFunction, message)
        }
    }
}
