//! What casts to `char(n)`, `timestamp(p)` and `time(p)` do, and the functions that make a text longer. A `character` is kept without the blanks at its
//! end, which mean nothing; its column says how long it is, and the statement's result is filled up (`plan::display`).
//!
//! Source: PostgreSQL `varchar.c` (`bpchar`), `timestamp.c` (`AdjustTimestampForTypmod`), `oracle_compat.c`.

use super::{Function, raise};
use arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray, StringArray};
use arrow::compute::{cast, try_unary};
use arrow::datatypes::{DataType, Field, FieldRef, Int64Type, Time64MicrosecondType, TimestampMicrosecondType};
use arrow::error::ArrowError;
use datafusion::common::{Result, ScalarValue, internal_err};
use datafusion::logical_expr::{
    ColumnarValue, ReturnFieldArgs, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};
use std::sync::{Arc, LazyLock};
use weft_core::pgtype::{BPCHAR, tagged};
use weft_core::{Error, ErrorKind};

/// Where a `character` column says how long it is.
pub const LENGTH_KEY: &str = "weft.length";

/// The most bytes of a text that these functions make, PostgreSQL's limit of a value.
const MAX_BYTES: usize = (1 << 30) - 1;

/// Every function of this module.
pub fn all() -> Vec<Arc<ScalarUDF>> {
    vec![
        Arc::new(ScalarUDF::new_from_impl(Bpchar { signature: Signature::any(2, Volatility::Immutable) })),
        Arc::new(Function::internal(
            "weft_round_moment",
            2,
            |types| Ok(types[0].clone()),
            |a, t| round(&a[0], &a[1], t),
        )),
        Arc::new(Function::with_signature("lpad", two_or_three(), text, |a, _| pad(a, |text, filling| filling + text))),
        RPAD.clone(),
        Arc::new(Function::with_signature("repeat", text_and_number(), text, |a, _| repeat(&a[0], &a[1]))),
    ]
}

/// `rpad`
pub static RPAD: LazyLock<Arc<ScalarUDF>> = LazyLock::new(|| {
    Arc::new(Function::with_signature("rpad", two_or_three(), text, |a, _| {
        pad(a, |text, filling| text.to_owned() + &filling)
    }))
});

fn text(_: &[DataType]) -> Result<DataType> {
    Ok(DataType::Utf8)
}

fn text_and_number() -> Signature {
    Signature::one_of(vec![TypeSignature::Exact(vec![DataType::Utf8, DataType::Int64])], Volatility::Immutable)
}

fn two_or_three() -> Signature {
    Signature::one_of(
        vec![
            TypeSignature::Exact(vec![DataType::Utf8, DataType::Int64]),
            TypeSignature::Exact(vec![DataType::Utf8, DataType::Int64, DataType::Utf8]),
        ],
        Volatility::Immutable,
    )
}

/// `weft_bpchar(text, n)`
#[derive(Debug, PartialEq, Eq, Hash)]
struct Bpchar {
    signature: Signature,
}

impl ScalarUDFImpl for Bpchar {
    fn name(&self) -> &str {
        "weft_bpchar"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8)
    }

    fn return_field_from_args(&self, args: ReturnFieldArgs<'_>) -> Result<FieldRef> {
        let length = args.scalar_arguments.get(1).copied().flatten();
        let mut field = tagged(Field::new("bpchar", DataType::Utf8, true), &BPCHAR);
        if let Some(length) = length.filter(|length| !length.is_null()) {
            let mut metadata = field.metadata().clone();
            metadata.insert(LENGTH_KEY.to_owned(), length.to_string());
            field = field.with_metadata(metadata);
        }
        Ok(Arc::new(field))
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [text, length] = arrays.as_slice() else { return internal_err!("weft_bpchar takes two arguments") };
        let (text, length) = (cast(text, &DataType::Utf8)?, cast(length, &DataType::Int64)?);
        let rows = text.as_string::<i32>().iter().zip(length.as_primitive::<Int64Type>().iter());
        let cut = rows.map(|pair| match pair {
            (Some(text), Some(length)) => Some(first(text, usize::try_from(length).unwrap_or(0)).trim_end_matches(' ')),
            _ => None,
        });
        let array: ArrayRef = Arc::new(cut.collect::<StringArray>());
        if args.args.iter().all(|a| matches!(a, ColumnarValue::Scalar(_))) {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&array, 0)?));
        }
        Ok(ColumnarValue::Array(array))
    }
}

/// Its first letters.
fn first(text: &str, letters: usize) -> &str {
    text.char_indices().nth(letters).map_or(text, |(end, _)| &text[..end])
}

/// Rounds to so many digits of a second, half away from the year 2000.
fn round(array: &ArrayRef, digits: &ArrayRef, target: &DataType) -> Result<ArrayRef> {
    let digits = cast(digits, &DataType::Int64)?;
    let digits = digits.as_primitive::<Int64Type>();
    let digits = if digits.is_empty() || digits.is_null(0) { 6 } else { digits.value(0).clamp(0, 6) };
    let unit = 10i64.pow(u32::try_from(6 - digits).unwrap_or_default());
    const YEAR_2000: i64 = 946_684_800_000_000;
    let rounded = |micros: i64| -> Option<i64> {
        let whole = |distance: i64| Some(distance.checked_add(unit / 2)? / unit * unit);
        if micros >= 0 { whole(micros) } else { whole(-micros).map(|w| -w) }
    };
    let overflow =
        || ArrowError::ExternalError(Box::new(Error::new(ErrorKind::DatetimeOutOfRange, "timestamp out of range")));
    match array.data_type() {
        DataType::Timestamp(..) => {
            let moments: PrimitiveArray<TimestampMicrosecondType> =
                try_unary(array.as_primitive::<TimestampMicrosecondType>(), |micros| {
                    let distance = micros.checked_sub(YEAR_2000).and_then(rounded);
                    distance.and_then(|distance| distance.checked_add(YEAR_2000)).ok_or_else(overflow)
                })?;
            Ok(Arc::new(moments.with_data_type(target.clone())))
        }
        DataType::Time64(_) => {
            let times: PrimitiveArray<Time64MicrosecondType> =
                try_unary(array.as_primitive::<Time64MicrosecondType>(), |micros| {
                    rounded(micros).ok_or_else(overflow)
                })?;
            Ok(Arc::new(times))
        }
        other => internal_err!("{other} has no digits of a second"),
    }
}

/// `lpad` and `rpad`: a negative length is none, a text that is too long is cut at its end.
fn pad(arguments: &[ArrayRef], join: impl Fn(&str, String) -> String) -> Result<ArrayRef> {
    let (texts, lengths) = (arguments[0].as_string::<i32>(), arguments[1].as_primitive::<Int64Type>());
    let fillings = arguments.get(2).map(|a| a.as_string::<i32>());
    let rows = (0..texts.len()).map(|row| {
        if texts.is_null(row) || lengths.is_null(row) || fillings.is_some_and(|f| f.is_null(row)) {
            return Ok(None);
        }
        let filling = fillings.map_or(" ", |f| f.value(row));
        padded(texts.value(row), lengths.value(row), filling, &join).map(Some)
    });
    Ok(Arc::new(rows.collect::<Result<StringArray, Error>>().map_err(raise)?))
}

fn padded(text: &str, length: i64, filling: &str, join: &impl Fn(&str, String) -> String) -> Result<String, Error> {
    let length = usize::try_from(length).unwrap_or(0);
    let present = text.chars().take(length).count();
    let missing = length - present;
    if missing == 0 || filling.is_empty() {
        return Ok(first(text, length).to_owned());
    }
    let widest = filling.chars().map(char::len_utf8).max().unwrap_or(1);
    if missing.saturating_mul(widest).saturating_add(text.len()) > MAX_BYTES {
        return Err(too_long());
    }
    Ok(join(text, filling.chars().cycle().take(missing).collect()))
}

fn repeat(texts: &ArrayRef, numbers: &ArrayRef) -> Result<ArrayRef> {
    let rows = texts.as_string::<i32>().iter().zip(numbers.as_primitive::<Int64Type>().iter());
    let repeated = rows.map(|pair| match pair {
        (Some(text), Some(times)) => {
            let times = usize::try_from(times).unwrap_or(0);
            if text.len().saturating_mul(times) > MAX_BYTES { Err(too_long()) } else { Ok(Some(text.repeat(times))) }
        }
        _ => Ok(None),
    });
    Ok(Arc::new(repeated.collect::<Result<StringArray, Error>>().map_err(raise)?))
}

fn too_long() -> Error {
    Error::new(ErrorKind::ProgramLimitExceeded, "requested length too large")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_filled_and_cut() {
        let left = |text: &str, length, filling: &str| padded(text, length, filling, &|t, f| f + t).expect("fits");
        assert_eq!(left("ab", 5, "xy"), "xyxab");
        assert_eq!(left("abc", 2, "x"), "ab");
        assert_eq!(left("abc", -1, "x"), "");
        assert_eq!(left("äb", 3, "ö"), "öäb");
        assert_eq!(left("ab", 5, ""), "ab");
        assert!(padded("a", i64::MAX, "x", &|t, f| f + t).is_err());
    }
}
