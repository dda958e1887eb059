//! Classifies what DuckDB says. DuckDB's C interface gives a text that begins with the class of the error.

use crate::request::RequestFailure;
use weft_core::{Error, ErrorKind};

/// The error for a text of DuckDB's, such as `Out of Range Error: Overflow in addition of INT32 (2147483647 + 1)!`.
pub(crate) fn classify(text: &str) -> Error {
    let text = text.trim();
    let (class, rest) = text.split_once(" Error: ").unwrap_or(("", text));
    // Macros of the planner raise errors as `SQLSTATE: message`; see the planner's DuckDB dialect.
    if let Some(error) = raised(rest) {
        return error;
    }
    if let Some(failure) = RequestFailure::read(text) {
        return failure.into_error();
    }
    let line = rest.lines().next().unwrap_or(rest).trim().trim_end_matches('!');
    match class {
        "INTERRUPT" => Error::new(ErrorKind::QueryCanceled, "canceling statement due to user request"),
        "Out of Range" => Error::new(ErrorKind::NumericOutOfRange, overflow_message(line)).with_detail(line),
        "Conversion" => conversion(line),
        "Out of Memory" => Error::new(ErrorKind::OutOfMemory, "the DuckDB worker is out of memory")
            .with_detail(line)
            .with_hint("Raise duckdb_memory or duckdb_spill."),
        "IO" if line.contains("No space left") => Error::new(ErrorKind::DiskFull, line),
        "IO" if line.contains("No files found") || line.contains("No such file") => {
            Error::new(ErrorKind::UndefinedFile, line)
        }
        "IO" | "Permission" => Error::new(ErrorKind::IoError, line),
        "Invalid Input" if line.contains("CSV") => Error::new(ErrorKind::DataCorrupted, line).with_detail(rest.trim()),
        "Invalid Input" if is_damaged_file(line) => Error::new(ErrorKind::DataCorrupted, line),
        "Serialization" => Error::new(ErrorKind::DataCorrupted, line),
        "Invalid Input" if line.contains("more than one row") => Error::new(
            ErrorKind::CardinalityViolation,
            "more than one row returned by a subquery used as an expression",
        ),
        "Invalid Input" if line.contains("More than one row") => Error::new(
            ErrorKind::CardinalityViolation,
            "more than one row returned by a subquery used as an expression",
        ),
        "Invalid Input" => Error::new(ErrorKind::DataException, line),
        _ if line.contains("zstd") || line.contains("snappy") || is_damaged_file(line) => {
            Error::new(ErrorKind::DataCorrupted, line)
        }
        _ => Error::internal(format!("DuckDB: {text}")),
    }
}

fn raised(text: &str) -> Option<Error> {
    let (code, message) = text.split_once(": ")?;
    let kind = match code {
        "22003" => ErrorKind::NumericOutOfRange,
        "22008" => ErrorKind::DatetimeOutOfRange,
        "22012" => ErrorKind::DivisionByZero,
        "22023" => ErrorKind::InvalidParameterValue,
        _ => return None,
    };
    Some(Error::new(kind, message.trim()))
}

/// PostgreSQL names the type that overflowed, DuckDB its own name of it.
fn overflow_message(line: &str) -> &'static str {
    let types =
        [("INT16", "smallint out of range"), ("INT32", "integer out of range"), ("INT64", "bigint out of range")];
    let found =
        types.iter().find(|(name, _)| line.contains(&format!("of {name}")) || line.contains(&format!("type {name}")));
    match found {
        Some((_, message)) => message,
        None if line.contains("DECIMAL") || line.contains("INT128") => "numeric field overflow",
        None if line.contains("timestamp") || line.contains("date") => "timestamp out of range",
        None => "value out of range",
    }
}

fn conversion(line: &str) -> Error {
    let kind = if line.contains("out of range") || line.contains("can't be cast because the value is out of range") {
        ErrorKind::NumericOutOfRange
    } else if line.contains("timestamp") || line.contains("date") || line.contains("time") {
        ErrorKind::InvalidDatetimeFormat
    } else {
        ErrorKind::InvalidTextRepresentation
    };
    Error::new(kind, line)
}

fn is_damaged_file(line: &str) -> bool {
    [
        "magic bytes",
        "too small to be a Parquet",
        "Malformed JSON",
        "malformed",
        "corrupt",
        "Corrupt",
        "TProtocolException",
        "footer",
        "parquet",
    ]
    .iter()
    .any(|sign| line.contains(sign))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes() {
        let overflow = classify("Out of Range Error: Overflow in addition of INT32 (2147483647 + 1)!");
        assert_eq!((overflow.kind(), overflow.message()), (ErrorKind::NumericOutOfRange, "integer out of range"));
        let raised = classify("Invalid Input Error: 22012: division by zero");
        assert_eq!((raised.kind(), raised.message()), (ErrorKind::DivisionByZero, "division by zero"));
        assert_eq!(classify("INTERRUPT Error: Interrupted!").kind(), ErrorKind::QueryCanceled);
        assert_eq!(classify("Binder Error: no such column").kind(), ErrorKind::Internal);
        let damaged = classify("Invalid Input Error: No magic bytes found at end of file 'x.parquet'");
        assert_eq!(damaged.kind(), ErrorKind::DataCorrupted);
    }
}
