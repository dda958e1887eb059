//! DataFusion's errors, classified once. Our own errors pass through it boxed and come out unchanged.

use crate::plan::displayed;
use datafusion::arrow::error::ArrowError;
use datafusion::common::{Column, SchemaError};
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
    let too_large = message.contains("an't cast value") && message.contains("to type Int")
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
    Error::new(kind, input_syntax(message).or_else(|| narrowed(message)).unwrap_or_else(|| lower(message)))
}

/// PostgreSQL's words for `Can't cast value 70000 to type Int16`.
fn narrowed(message: &str) -> Option<String> {
    let (_, target) = message.split_once("an't cast value ")?.1.split_once(" to type ")?;
    Some(format!("{} out of range", type_text(target)))
}

/// PostgreSQL's words for `Cannot cast string 'a' to value of Int32 type`.
fn input_syntax(message: &str) -> Option<String> {
    let rest = message.trim_start_matches("Cast error: ").strip_prefix("Cannot cast ")?;
    let rest = rest.strip_prefix("string '").or_else(|| rest.strip_prefix("value '"))?;
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
    if line.contains("negative count not allowed") || line.contains("negative substring length") {
        return Error::new(ErrorKind::SubstringError, "negative substring length not allowed");
    }
    if line.contains("field position must not be zero") {
        return Error::new(ErrorKind::InvalidParameterValue, "field position must not be zero");
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
        SchemaError::FieldNotFound { field, valid_fields } => field_not_found(field, valid_fields),
        SchemaError::AmbiguousReference { field } => ambiguous(&field.name),
        SchemaError::DuplicateQualifiedField { name, .. } | SchemaError::DuplicateUnqualifiedField { name } => {
            Error::new(ErrorKind::DuplicateColumn, format!("column \"{name}\" specified more than once"))
        }
    }
}

fn field_not_found(field: &Column, valid_fields: &[Column]) -> Error {
    if let Some(relation) = &field.relation
        && !valid_fields.iter().any(|c| c.relation.as_ref().is_some_and(|r| r.table() == relation.table()))
    {
        let table = relation.table();
        return Error::new(ErrorKind::UndefinedTable, format!("missing FROM-clause entry for table \"{table}\""))
            .about(table);
    }
    let same =
        |c: &&Column| displayed(&c.name) == field.name && (field.relation.is_none() || c.relation == field.relation);
    // A name that is there, but marked, stands for several columns.
    if valid_fields.iter().filter(same).count() > 1 {
        return ambiguous(&field.name);
    }
    let error = Error::new(ErrorKind::UndefinedColumn, format!("column {} does not exist", column_text(field)))
        .about(&field.name);
    let known = valid_fields.iter().map(|c| displayed(&c.name));
    match nearest(&field.name, known) {
        Some(near) if near != field.name => error.with_hint(format!("Perhaps you meant the column \"{near}\".")),
        _ if valid_fields.is_empty() => error,
        _ => error.with_detail(columns_detail(valid_fields)),
    }
}

fn ambiguous(name: &str) -> Error {
    Error::new(ErrorKind::AmbiguousColumn, format!("column reference \"{name}\" is ambiguous")).about(name)
}

/// As PostgreSQL writes it: quoted if it stands alone.
fn column_text(column: &Column) -> String {
    match &column.relation {
        Some(relation) => format!("{}.{}", relation.table(), column.name),
        None => format!("\"{}\"", column.name),
    }
}

fn columns_detail(columns: &[Column]) -> String {
    const SHOWN: usize = 12;
    let names: Vec<_> = columns.iter().take(SHOWN).map(|c| displayed(&c.name)).collect();
    let more = if columns.len() > SHOWN { ", …" } else { "" };
    format!("Columns here: {}{more}.", names.join(", "))
}

/// Errors of DataFusion's planner, which has no kinds: by their words.
fn plan(message: &str) -> Error {
    let line = first_line(message);
    let has = |words: &str| line.contains(words);
    if has("Invalid function") {
        let name = line.split('\'').nth(1).unwrap_or_default();
        // Who knows the functions adds a hint.
        return Error::new(ErrorKind::UndefinedFunction, format!("function {name} does not exist")).about(name);
    }
    if let Some(error) = known_plan(&line) {
        return error;
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

/// PostgreSQL's words for what its users meet most.
fn known_plan(line: &str) -> Option<Error> {
    let after = |words: &str| line.split_once(words).map(|(_, rest)| rest);
    let error = |kind, message: String| Some(Error::new(kind, message));
    if line.contains("Aggregate functions are not allowed in the WHERE clause") {
        return error(ErrorKind::GroupingError, "aggregate functions are not allowed in WHERE".to_owned());
    }
    if line.contains("must appear in the GROUP BY clause or must be part of an aggregate function") {
        let column = after("column \"")?.split('"').next()?;
        let parts: Vec<&str> = column.rsplit('.').take(2).collect();
        let text = parts.iter().rev().map(|part| displayed(part)).collect::<Vec<_>>().join(".");
        let message =
            format!("column \"{text}\" must appear in the GROUP BY clause or be used in an aggregate function");
        return Some(Error::new(ErrorKind::GroupingError, message).about(*parts.first()?));
    }
    if let Some(rest) = after("Order by column out of bounds, specified: ") {
        let position = rest.split(',').next()?;
        return error(ErrorKind::InvalidColumnReference, format!("ORDER BY position {position} is not in select list"));
    }
    if line.contains("Order by index starts at 1") {
        return error(ErrorKind::InvalidColumnReference, "ORDER BY position 0 is not in select list".to_owned());
    }
    if let Some(rest) = after("Cannot find column with position ") {
        let position = rest.split(' ').next()?;
        return error(ErrorKind::InvalidColumnReference, format!("GROUP BY position {position} is not in select list"));
    }
    if line.contains("Too many columns! The subquery should only return one column") {
        return error(ErrorKind::SyntaxError, "subquery must return only one column".to_owned());
    }
    if line.starts_with("WITH query name") {
        return error(ErrorKind::DuplicateAlias, line.to_owned());
    }
    if let Some(rest) = after("requires a boolean expression, got ") {
        return error(
            ErrorKind::DatatypeMismatch,
            format!("argument of NOT must be type boolean, not type {}", type_text(rest)),
        );
    }
    if line.contains("Cannot create filter with non-boolean predicate") {
        let found = line.rsplit_once("returning ")?.1;
        return error(
            ErrorKind::DatatypeMismatch,
            format!("argument of WHERE must be type boolean, not type {}", type_text(found)),
        );
    }
    if let Some(rest) = after("Incompatible inputs for Union: Previous inputs were of type ") {
        let (first, rest) = rest.split_once(", but got incompatible type ")?;
        let second = rest.split(" on column").next()?;
        return error(
            ErrorKind::DatatypeMismatch,
            format!("UNION types {} and {} cannot be matched", type_text(first), type_text(second)),
        );
    }
    if let Some(operation) = ["UNION", "INTERSECT", "EXCEPT"].iter().find(|word| line.starts_with(**word))
        && line.contains("different number of columns")
    {
        return error(ErrorKind::SyntaxError, format!("each {operation} query must have the same number of columns"));
    }
    no_function(line)
}

/// A call whose arguments no function takes.
fn no_function(line: &str) -> Option<Error> {
    let (_, rest) = line.split_once("No function matches the given name and argument types '")?;
    let (name, rest) = rest.split_once('(')?;
    let types: Vec<String> = rest.rsplit_once(")'")?.0.split(", ").map(type_text).collect();
    if let ("coalesce" | "nullif" | "greatest" | "least", [first, .., last]) = (name, types.as_slice()) {
        let message = format!("{} types {first} and {last} cannot be matched", name.to_uppercase());
        return Some(Error::new(ErrorKind::DatatypeMismatch, message).about(name));
    }
    let message = format!("function {name}({}) does not exist", types.join(", "));
    Some(
        Error::new(ErrorKind::UndefinedFunction, message)
            .with_hint(
                "No function matches the given name and argument types. You might need to add explicit type casts.",
            )
            .about(name),
    )
}

/// PostgreSQL's name of a type that DataFusion wrote.
fn type_text(written: &str) -> String {
    let written = written.trim();
    let name = match written.split('(').next().unwrap_or(written) {
        "Int16" => "smallint",
        "Int32" => "integer",
        "Int64" => "bigint",
        "Float32" => "real",
        "Float64" => "double precision",
        "Decimal128" => "numeric",
        "Boolean" => "boolean",
        "Utf8" | "Utf8View" | "LargeUtf8" | "String" => "text",
        "Date32" => "date",
        "Time64" => "time without time zone",
        "Timestamp" if written.contains("Some(") || written.contains('"') => "timestamp with time zone",
        "Timestamp" => "timestamp without time zone",
        "Interval" => "interval",
        "Binary" => "bytea",
        "Null" => "unknown",
        _ => return written.to_owned(),
    };
    name.to_owned()
}

/// PostgreSQL's messages begin in lower case.
fn lower(message: &str) -> String {
    let mut chars = message.chars();
    match chars.next() {
        // A word of SQL stays as it is.
        Some(_) if chars.as_str().starts_with(char::is_uppercase) => message.to_owned(),
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}
