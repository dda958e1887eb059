//! The allow-list: which expressions give the same in DuckDB as in PostgreSQL. What is not on it stays in the gateway; each refusal has a reason that
//! EXPLAIN shows. Every entry is exercised by `tests/differential`, pushed down and not.

use super::super::{Failure, Refusal, is_text};
use crate::function::numeric::QUOTIENT_SCALE;
use arrow::datatypes::DataType;
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::logical_expr::expr::{AggregateFunction, ScalarFunction, WindowFunction};
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, Like, Operator, WindowFunctionDefinition};

/// The entry for one node of an expression; its operands have entries of their own.
pub(super) fn expression(expr: &Expr, schema: &DFSchema, failure: Failure) -> Result<(), Refusal> {
    match expr {
        Expr::Between(_) | Expr::InList(_) | Expr::InSubquery(_) => Ok(()),
        Expr::Literal(value, _) => literal(value),
        Expr::BinaryExpr(binary) => operator(binary, schema),
        Expr::Like(like) => pattern(like),
        Expr::Cast(c) => cast(&c.expr, c.field.data_type(), schema),
        Expr::ScalarFunction(function) => scalar_function(function, schema, failure),
        Expr::AggregateFunction(function) => aggregate(function, schema),
        Expr::WindowFunction(function) => window(function, schema),
        other => Err(format!("{} is not proven equal in DuckDB", other.variant_name())),
    }
}

fn literal(value: &ScalarValue) -> Result<(), Refusal> {
    let fine = match value.data_type() {
        DataType::Null
        | DataType::Boolean
        | DataType::Int16
        | DataType::Int32
        | DataType::Int64
        | DataType::Decimal128(..)
        | DataType::Date32 => true,
        DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8 => !text_of(value).contains('\0'),
        DataType::Timestamp(_, zone) => zone.is_none(),
        // Inf and NaN have no literal.
        DataType::Float64 => matches!(value, ScalarValue::Float64(Some(f)) if f.is_finite()),
        DataType::Interval(_) => true,
        _ => false,
    };
    if fine { Ok(()) } else { Err(format!("a literal of type {} is not proven equal in DuckDB", value.data_type())) }
}

fn text_of(value: &ScalarValue) -> &str {
    match value {
        ScalarValue::Utf8(Some(text)) | ScalarValue::Utf8View(Some(text)) | ScalarValue::LargeUtf8(Some(text)) => text,
        _ => "",
    }
}

fn operator(binary: &BinaryExpr, schema: &DFSchema) -> Result<(), Refusal> {
    let (Ok(left), Ok(right)) = (binary.left.get_type(schema), binary.right.get_type(schema)) else {
        return Err(format!("the types of {binary} are not known"));
    };
    match binary.op {
        Operator::And | Operator::Or => Ok(()),
        Operator::Eq
        | Operator::NotEq
        | Operator::Lt
        | Operator::LtEq
        | Operator::Gt
        | Operator::GtEq
        | Operator::IsDistinctFrom
        | Operator::IsNotDistinctFrom
            if comparable(&left) && comparable(&right) =>
        {
            Ok(())
        }
        Operator::Plus | Operator::Minus
            if matches!(left, DataType::Timestamp(_, None)) && matches!(right, DataType::Interval(_)) =>
        {
            Ok(())
        }
        Operator::StringConcat if is_text(&left) && is_text(&right) => Ok(()),
        op => Err(format!("{left} {op} {right} is not proven equal in DuckDB")),
    }
}

/// Whether DuckDB computes the operation in a type that holds every result: 18 digits if both operands have at most 18, else 38.
fn digits_fit(op: Operator, left: &DataType, right: &DataType) -> bool {
    let digits = |t: &DataType| match t {
        DataType::Decimal128(precision, scale) => (i32::from(*precision), i32::from(*scale)),
        DataType::Int16 => (5, 0),
        DataType::Int32 => (10, 0),
        _ => (19, 0),
    };
    let ((p1, s1), (p2, s2)) = (digits(left), digits(right));
    let needed = match op {
        Operator::Multiply => p1 + p2,
        _ => (p1 - s1).max(p2 - s2) + s1.max(s2) + 1,
    };
    needed <= if p1 <= 18 && p2 <= 18 { 18 } else { 38 }
}

/// Types whose order and equality are the same: text by bytes, numbers, dates. Floats differ where NaN and -0 meet DataFusion, not DuckDB.
fn comparable(t: &DataType) -> bool {
    is_text(t)
        || matches!(
            t,
            DataType::Null
                | DataType::Boolean
                | DataType::Int16
                | DataType::Int32
                | DataType::Int64
                | DataType::Decimal128(..)
                | DataType::Float32
                | DataType::Float64
                | DataType::Date32
                | DataType::Time64(_)
                | DataType::Timestamp(..)
        )
}

/// LIKE: PostgreSQL's escape is the backslash, DuckDB has none unless told.
fn pattern(like: &Like) -> Result<(), Refusal> {
    match like.pattern.as_ref() {
        Expr::Literal(value, _)
            if !like.case_insensitive && like.escape_char.is_none() && !text_of(value).contains('\\') =>
        {
            Ok(())
        }
        _ => Err("LIKE with an escape, a computed pattern or ILIKE is not the same in DuckDB".to_owned()),
    }
}

fn cast(inner: &Expr, target: &DataType, schema: &DFSchema) -> Result<(), Refusal> {
    let Ok(source) = inner.get_type(schema) else { return Err("the type of a cast is not known".to_owned()) };
    let integer = |t: &DataType| matches!(t, DataType::Int16 | DataType::Int32 | DataType::Int64);
    let decimal = |t: &DataType| matches!(t, DataType::Decimal128(..));
    let fine = match (&source, target) {
        (a, b) if a == b => true,
        (a, b) if is_text(a) && is_text(b) => true,
        (a, b) if integer(a) && (integer(b) || decimal(b) || matches!(b, DataType::Float64)) => true,
        (a, b) if decimal(a) && decimal(b) => true,
        // Beyond 15 digits DuckDB's double is not always the nearest.
        (DataType::Decimal128(precision, _), DataType::Float64) => *precision <= 15,
        (DataType::Float32, DataType::Float64) => true,
        (DataType::Null, _) => true,
        (DataType::Date32, DataType::Timestamp(_, None)) => true,
        (DataType::Timestamp(_, None), DataType::Date32) => true,
        (a, b) if integer(a) && is_text(b) => true,
        // A literal in a form that both read the same.
        (a, DataType::Date32) if is_text(a) => matches!(inner, Expr::Literal(value, _) if is_iso_date(text_of(value))),
        _ => false,
    };
    if fine { Ok(()) } else { Err(format!("a cast from {source} to {target} is not proven equal in DuckDB")) }
}

/// `YYYY-MM-DD` with a year that both accept.
fn is_iso_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 10
        && bytes.iter().enumerate().all(|(i, b)| if i == 4 || i == 7 { *b == b'-' } else { b.is_ascii_digit() })
        && text.starts_with(|c: char| c != '0')
}

/// The scale that the numerator of a quotient was cast to.
pub(super) fn declared_scale(numerator: &Expr) -> Option<i8> {
    match numerator {
        Expr::Cast(c) => crate::function::numeric::scale_of(c.field.data_type()),
        _ => None,
    }
}

fn scalar_function(function: &ScalarFunction, schema: &DFSchema, failure: Failure) -> Result<(), Refusal> {
    let name = function.func.name();
    let types: Vec<_> = function.args.iter().filter_map(|a| a.get_type(schema).ok()).collect();
    let text_first = types.first().is_some_and(is_text);
    let fine = match name {
        "weft_add" | "weft_subtract" | "weft_multiply" | "weft_negate" => {
            types.iter().all(|t| matches!(t, DataType::Int16 | DataType::Int32 | DataType::Int64))
        }
        "weft_numeric_add" | "weft_numeric_subtract" => {
            failure == Failure::CanStartOver || digits_fit(Operator::Plus, &types[0], &types[1])
        }
        "weft_numeric_multiply" => {
            failure == Failure::CanStartOver || digits_fit(Operator::Multiply, &types[0], &types[1])
        }
        "weft_int_divide" | "weft_int_modulo" | "weft_float_divide" => true,
        "weft_to_int2" | "weft_to_int4" | "weft_to_int8" => true,
        "weft_date_difference" | "weft_date_add_days" => true,
        "weft_numeric_divide" => {
            let digits = declared_scale(&function.args[0])
                .filter(|s| (0..=QUOTIENT_SCALE).contains(s))
                .map(|s| QUOTIENT_SCALE - s);
            match (digits, types.get(1)) {
                (Some(rest), Some(DataType::Decimal128(precision, 0))) => i32::from(*precision) + i32::from(rest) < 38,
                _ => false,
            }
        }
        "coalesce" | "nullif" => true,
        "timezone" => false,
        "date_part" => {
            let unit = function.args.first().map(|a| match a {
                Expr::Literal(value, _) => text_of(value).to_lowercase(),
                _ => String::new(),
            });
            let units = ["year", "month", "day", "quarter", "hour", "minute"];
            matches!(types.get(1), Some(DataType::Date32 | DataType::Timestamp(_, None)))
                && unit.is_some_and(|u| units.contains(&u.as_str()))
        }
        "substr" | "substring" => text_first && function.args[1..].iter().all(positive_literal),
        "strpos" | "starts_with" | "lower" | "replace" | "translate" | "md5" | "ascii" | "character_length" => {
            text_first
        }
        "left" | "right" | "repeat" => text_first,
        "date_trunc" => {
            matches!(types.get(1), Some(DataType::Timestamp(_, None)))
                && matches!(function.args.first(), Some(Expr::Literal(value, _))
                if ["second", "minute", "hour", "day", "week", "month", "quarter", "year"].contains(&text_of(value)))
        }
        _ => false,
    };
    if fine { Ok(()) } else { Err(format!("function {name} is not proven equal in DuckDB")) }
}

fn positive_literal(expr: &Expr) -> bool {
    match expr {
        Expr::Literal(ScalarValue::Int64(Some(v)), _) => *v > 0,
        Expr::Literal(ScalarValue::Int32(Some(v)), _) => *v > 0,
        Expr::Cast(c) => positive_literal(&c.expr),
        _ => false,
    }
}

fn aggregate(function: &AggregateFunction, schema: &DFSchema) -> Result<(), Refusal> {
    let name = function.func.name();
    let params = &function.params;
    if !params.order_by.is_empty() || params.null_treatment.is_some() {
        return Err(format!("aggregate {name} with an order is not proven equal in DuckDB"));
    }
    let types: Vec<_> = params.args.iter().filter_map(|a| a.get_type(schema).ok()).collect();
    let fine = match name {
        "count" => params.args.len() <= 1,
        "sum" => types.iter().all(|t| matches!(t, DataType::Int64 | DataType::Decimal128(..))),
        "min" | "max" => types.iter().all(|t| comparable(t) && !matches!(t, DataType::Boolean)),
        "bool_and" | "bool_or" => true,
        _ => false,
    };
    if fine { Ok(()) } else { Err(format!("aggregate {name} is not proven equal in DuckDB")) }
}

fn window(function: &WindowFunction, schema: &DFSchema) -> Result<(), Refusal> {
    let params = &function.params;
    let name = match &function.fun {
        WindowFunctionDefinition::AggregateUDF(f) => f.name(),
        WindowFunctionDefinition::WindowUDF(f) => f.name(),
    };
    if params.distinct || params.filter.is_some() || params.null_treatment.is_some() {
        return Err(format!(
            "window function {name} with DISTINCT, FILTER or IGNORE NULLS is not proven equal in DuckDB"
        ));
    }
    let types: Vec<_> = params.args.iter().filter_map(|a| a.get_type(schema).ok()).collect();
    let fine = match name {
        "row_number" | "rank" | "dense_rank" | "count" => true,
        "sum" => types.iter().all(|t| matches!(t, DataType::Int64 | DataType::Decimal128(..))),
        "min" | "max" => types.iter().all(|t| comparable(t) && !matches!(t, DataType::Boolean)),
        _ => false,
    };
    if fine { Ok(()) } else { Err(format!("window function {name} is not proven equal in DuckDB")) }
}
