//! DataFusion's errors, classified once. Our own errors pass through it boxed and come out unchanged.

use datafusion::arrow::error::ArrowError;
use datafusion::common::SchemaError;
use datafusion::error::DataFusionError;
use weft_core::name::nearest;
use weft_core::{Error, ErrorKind};

/// The error that a client is told.
pub fn classify(error: DataFusionError) -> Error {
    classify_root(error.find_root())
}

fn classify_root(error: &DataFusionError) -> Error {
    match error {
        DataFusionError::External(inner) => match inner.downcast_ref::<Error>() {
            Some(ours) => ours.clone(),
            None => foreign(&inner.to_string()),
        },
        DataFusionError::ArrowError(inner, _) => arrow(inner),
        DataFusionError::SchemaError(inner, _) => schema(inner),
        DataFusionError::Plan(message) => plan(message),
        DataFusionError::SQL(inner, _) => Error::new(ErrorKind::SyntaxError, inner.to_string()),
        DataFusionError::NotImplemented(message) => Error::new(ErrorKind::FeatureNotSupported, first_line(message)),
        DataFusionError::ResourcesExhausted(message) => {
            Error::new(ErrorKind::OutOfMemory, "the query needs more memory than query_memory allows")
                .with_detail(first_line(message))
        }
        DataFusionError::Execution(message) => execution(message),
        DataFusionError::Diagnostic(_, inner) | DataFusionError::Context(_, inner) => classify_root(inner),
        DataFusionError::Collection(errors) => {
            errors.first().map_or_else(|| Error::internal("no error"), classify_root)
        }
        DataFusionError::Shared(inner) => classify_root(inner),
        other => Error::internal(other.to_string()),
    }
}

/// An error of a library below DataFusion: the regular expressions' own is the user's.
fn foreign(message: &str) -> Error {
    if message.contains("regex parse error") {
        let cause = message.lines().last().unwrap_or_default().trim_start_matches("error:").trim().to_owned();
        return Error::new(ErrorKind::InvalidRegularExpression, format!("invalid regular expression: {cause}"));
    }
    Error::internal(message)
}

fn first_line(message: &str) -> String {
    message.lines().next().unwrap_or(message).trim().to_owned()
}

fn arrow(error: &ArrowError) -> Error {
    match error {
        ArrowError::ExternalError(inner) => match inner.downcast_ref::<DataFusionError>() {
            Some(inner) => classify_root(inner.find_root()),
            None => match inner.downcast_ref::<Error>() {
                Some(ours) => ours.clone(),
                None => foreign(&inner.to_string()),
            },
        },
        ArrowError::DivideByZero => Error::new(ErrorKind::DivisionByZero, "division by zero"),
        ArrowError::ArithmeticOverflow(message) => {
            Error::new(ErrorKind::NumericOutOfRange, "value out of range").with_detail(message)
        }
        ArrowError::CastError(message) | ArrowError::ParseError(message) => cast(message),
        ArrowError::ComputeError(message) => execution(message),
        ArrowError::InvalidArgumentError(message) if message.contains("too large to store") => {
            Error::new(ErrorKind::NumericOutOfRange, "numeric field overflow").with_detail(message)
        }
        ArrowError::NotYetImplemented(message) => Error::new(ErrorKind::FeatureNotSupported, first_line(message)),
        other => Error::internal(other.to_string()),
    }
}

fn cast(message: &str) -> Error {
    let whole =
        |word: &str| word.trim_matches('\'').trim().trim_start_matches(['-', '+']).bytes().all(|b| b.is_ascii_digit());
    let too_large = message.contains("can't cast value") && message.contains("to type Int")
        || message.contains("Overflowing on")
        || (message.contains("of Int")
            && message.split('\'').nth(1).is_some_and(|word| !word.trim().is_empty() && whole(word)));
    let kind = if too_large {
        ErrorKind::NumericOutOfRange
    } else if message.contains("imestamp") || message.contains("Date") || message.contains("date") {
        ErrorKind::InvalidDatetimeFormat
    } else if message.contains("out of range") || message.contains("overflow") || message.contains("too large") {
        ErrorKind::NumericOutOfRange
    } else {
        ErrorKind::InvalidTextRepresentation
    };
    Error::new(kind, input_syntax(message).unwrap_or_else(|| lower(message)))
}

/// PostgreSQL's words for `Cannot cast string 'a' to value of Int32 type`.
fn input_syntax(message: &str) -> Option<String> {
    let rest = message.trim_start_matches("Cast error: ").strip_prefix("Cannot cast string '")?;
    let (text, rest) = rest.rsplit_once("' to value of ")?;
    let name = match rest.split([' ', '(']).next()? {
        "Int16" => "smallint",
        "Int32" => "integer",
        "Int64" => "bigint",
        "Float32" => "real",
        "Float64" => "double precision",
        "Decimal128" => "numeric",
        "Boolean" => "boolean",
        "Date32" => "date",
        _ => return None,
    };
    let whole =
        !text.trim().is_empty() && text.trim().trim_start_matches(['-', '+']).bytes().all(|b| b.is_ascii_digit());
    Some(match name {
        "smallint" | "integer" | "bigint" if whole => format!("value \"{text}\" is out of range for type {name}"),
        _ => format!("invalid input syntax for type {name}: \"{text}\""),
    })
}

fn execution(message: &str) -> Error {
    let line = first_line(message);
    if line.contains("Divide by zero") || line.contains("division by zero") {
        return Error::new(ErrorKind::DivisionByZero, "division by zero");
    }
    if line.contains("more than one row") || line.contains("More than one row") {
        return Error::new(
            ErrorKind::CardinalityViolation,
            "more than one row returned by a subquery used as an expression",
        );
    }
    if line.contains("square root of a negative") || line.contains("raised to a negative power") {
        return Error::new(ErrorKind::InvalidArgumentForPower, lower(line.trim_start_matches("Execution error: ")));
    }
    if line.contains("regular expression") || line.contains("regex") {
        return Error::new(ErrorKind::InvalidRegularExpression, lower(&line));
    }
    Error::new(ErrorKind::DataException, lower(&line))
}

fn schema(error: &SchemaError) -> Error {
    match error {
        SchemaError::FieldNotFound { field, valid_fields } => {
            let error =
                Error::new(ErrorKind::UndefinedColumn, format!("column \"{}\" does not exist", column_text(field)))
                    .about(&field.name);
            let known = valid_fields.iter().map(|c| c.name.as_str());
            match nearest(&field.name, known) {
                Some(near) if near != field.name => {
                    error.with_hint(format!("Perhaps you meant the column \"{near}\"."))
                }
                _ if valid_fields.is_empty() => error,
                _ => error.with_detail(columns_detail(valid_fields)),
            }
        }
        SchemaError::AmbiguousReference { field } => {
            Error::new(ErrorKind::AmbiguousColumn, format!("column reference \"{}\" is ambiguous", field.name))
                .about(&field.name)
        }
        SchemaError::DuplicateQualifiedField { name, .. } | SchemaError::DuplicateUnqualifiedField { name } => {
            Error::new(ErrorKind::DuplicateColumn, format!("column \"{name}\" specified more than once"))
        }
    }
}

fn column_text(column: &datafusion::common::Column) -> String {
    match &column.relation {
        Some(relation) => format!("{}.{}", relation.table(), column.name),
        None => column.name.clone(),
    }
}

fn columns_detail(columns: &[datafusion::common::Column]) -> String {
    const SHOWN: usize = 12;
    let names: Vec<_> = columns.iter().take(SHOWN).map(|c| c.name.as_str()).collect();
    let more = if columns.len() > SHOWN { ", …" } else { "" };
    format!("Columns here: {}{more}.", names.join(", "))
}

fn plan(message: &str) -> Error {
    let line = first_line(message);
    let has = |words: &str| line.contains(words);
    if has("Invalid function") {
        let name = line.split('\'').nth(1).unwrap_or_default();
        let error = Error::new(ErrorKind::UndefinedFunction, format!("function {name} does not exist")).about(name);
        return match message.split("Did you mean '").nth(1).and_then(|m| m.split('\'').next()) {
            Some(near) => error.with_hint(format!("Perhaps you meant {near}.")),
            None => error,
        };
    }
    let kind = if has("GROUP BY") || has("must appear") || has("aggregate") {
        ErrorKind::GroupingError
    } else if has("coerc") || has("type") || has("cast") || has("Cast") || has("signature") {
        ErrorKind::DatatypeMismatch
    } else if has("not supported") || has("Unsupported") {
        ErrorKind::FeatureNotSupported
    } else {
        ErrorKind::SyntaxError
    };
    Error::new(kind, lower(&line))
}

/// PostgreSQL's messages begin in lower case.
fn lower(message: &str) -> String {
    let mut chars = message.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}
