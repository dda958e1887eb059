//! Why a text that MySQL sent is no value of the type that is wanted, and how a user is told.

use arrow::datatypes::Field;
use weft_core::pgtype::ColumnType;
use weft_core::{Error, ErrorKind};

/// Longer values are cut in errors.
const SHOWN_CHARACTERS: usize = 60;

/// Why a text is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It has more digits than the type.
    TooLarge,
    /// It has digits behind the last one that the type keeps.
    TooFine,
    /// Month or day are zero: MySQL's mark for "unknown".
    ZeroDate,
    /// Negative, or beyond 24 hours.
    NoTimeOfDay,
    /// Its bytes are no UTF-8.
    NotUtf8,
    /// It is not what MySQL writes for such a type.
    Malformed,
}

impl Refusal {
    /// The error of a query that reads the value.
    pub(super) fn explain(self, text: &[u8], field: &Field) -> Error {
        let shown: String = String::from_utf8_lossy(text).chars().take(SHOWN_CHARACTERS).collect();
        let (name, wanted) = (field.name(), ColumnType::of_field(field).sql_name());
        let does_not_fit = format!("value \"{shown}\" of column \"{name}\" does not fit type {wanted}");
        match self {
            Refusal::TooLarge | Refusal::TooFine => Error::new(ErrorKind::NumericOutOfRange, does_not_fit),
            Refusal::ZeroDate => {
                Error::new(ErrorKind::DatetimeOutOfRange, format!("\"{shown}\" in column \"{name}\" is no date"))
                    .with_hint("ALTER CATALOG … OPTIONS (SET zero_dates 'null') reads such dates as NULL.")
            }
            Refusal::NoTimeOfDay => {
                Error::new(ErrorKind::DatetimeOutOfRange, format!("\"{shown}\" in column \"{name}\" is no time of day"))
                    .with_hint("ALTER CATALOG … OPTIONS (SET time_as 'text') reads columns of type time as text.")
            }
            Refusal::NotUtf8 => Error::new(
                ErrorKind::CharacterNotInRepertoire,
                format!("column \"{name}\" holds bytes that are not UTF-8"),
            ),
            Refusal::Malformed => Error::new(ErrorKind::InvalidTextRepresentation, does_not_fit),
        }
    }
}
