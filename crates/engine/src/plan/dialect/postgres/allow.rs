//! The allow-list of PostgreSQL. Left out is what a server's locale decides (`lower`, ILIKE, regular expressions), what a session's time zone decides,
//! and sums of floats in another order would be: those are allowed, because PostgreSQL's own order is as good as ours.

use super::super::{Failure, Refusal, is_text};
use super::literal;
use arrow::datatypes::DataType;
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::logical_expr::expr::{AggregateFunction, ScalarFunction, WindowFunction};
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, Operator, WindowFunctionDefinition};

/// The entry for one node of an expression.
pub(super) fn expression(expr: &Expr, schema: &DFSchema, _: Failure) -> Result<(), Refusal> {
    match expr {
        Expr::Between(_) | Expr::InList(_) | Expr::InSubquery(_) => Ok(()),
        Expr::Literal(value, _) => literal_fits(value),
        Expr::BinaryExpr(binary) => operator(binary, schema),
        Expr::Like(like) if like.case_insensitive => Err("ILIKE depends on the server's locale".to_owned()),
        Expr::Like(like) if like.escape_char.is_some() => Err("LIKE … ESCAPE runs in the gateway".to_owned()),
        Expr::Like(_) => Ok(()),
        Expr::Cast(c) => cast(&c.expr, c.field.data_type(), schema),
        Expr::ScalarFunction(function) => scalar_function(function, schema),
        Expr::AggregateFunction(function) => aggregate(function, schema),
        Expr::WindowFunction(function) => window(function, schema),
        other => Err(format!("{} runs in the gateway", other.variant_name())),
    }
}

fn literal_fits(value: &ScalarValue) -> Result<(), Refusal> {
    let fine = match value {
        // No text of PostgreSQL holds it.
        ScalarValue::Utf8(Some(s)) | ScalarValue::LargeUtf8(Some(s)) | ScalarValue::Utf8View(Some(s)) => {
            !s.contains('\0')
        }
        ScalarValue::Float64(Some(f)) => f.is_finite(),
        ScalarValue::Float32(Some(f)) => f.is_finite(),
        other => literal::literal(other).is_ok(),
    };
    if fine { Ok(()) } else { Err(format!("a literal of type {} runs in the gateway", value.data_type())) }
}

fn operator(binary: &BinaryExpr, schema: &DFSchema) -> Result<(), Refusal> {
    let (Ok(left), Ok(right)) = (binary.left.get_type(schema), binary.right.get_type(schema)) else {
        return Err(format!("the types of {binary} are not known"));
    };
    let fine = match binary.op {
        Operator::And | Operator::Or => true,
        Operator::Eq
        | Operator::NotEq
        | Operator::Lt
        | Operator::LtEq
        | Operator::Gt
        | Operator::GtEq
        | Operator::IsDistinctFrom
        | Operator::IsNotDistinctFrom => comparable(&left) && comparable(&right),
        Operator::Plus | Operator::Minus => {
            matches!(left, DataType::Timestamp(_, None)) && matches!(right, DataType::Interval(_))
        }
        Operator::Modulo => matches!((&left, &right), (DataType::Decimal128(..), DataType::Decimal128(..))),
        Operator::StringConcat => is_text(&left) && is_text(&right),
        _ => false,
    };
    if fine { Ok(()) } else { Err(format!("{left} {} {right} runs in the gateway", binary.op)) }
}

/// Types that PostgreSQL compares and sorts as Weft does, text bytewise.
fn comparable(t: &DataType) -> bool {
    is_text(t)
        || matches!(
            t,
            DataType::Null
                | DataType::Boolean
                | DataType::Int16
                | DataType::Int32
                | DataType::Int64
                | DataType::Float32
                | DataType::Float64
                | DataType::Decimal128(..)
                | DataType::Date32
                | DataType::Time64(_)
                | DataType::Timestamp(..)
                | DataType::Binary
        )
}

fn is_integer(t: &DataType) -> bool {
    matches!(t, DataType::Int16 | DataType::Int32 | DataType::Int64)
}

fn is_number(t: &DataType) -> bool {
    is_integer(t) || matches!(t, DataType::Decimal128(..) | DataType::Float32 | DataType::Float64)
}

fn cast(inner: &Expr, target: &DataType, schema: &DFSchema) -> Result<(), Refusal> {
    let Ok(source) = inner.get_type(schema) else { return Err("the type of a cast is not known".to_owned()) };
    let fine = match (&source, target) {
        (a, b) if a == b => true,
        (a, b) if is_text(a) && is_text(b) => true,
        (DataType::Null, b) => literal::type_name(b).is_ok(),
        (a, b) if is_integer(a) => is_number(b) || is_text(b),
        (DataType::Decimal128(..), b) => is_number(b) && !is_integer(b),
        (DataType::Float32, DataType::Float64) => true,
        (DataType::Date32, DataType::Timestamp(_, None)) | (DataType::Timestamp(_, None), DataType::Date32) => true,
        _ => false,
    };
    if fine { Ok(()) } else { Err(format!("a cast from {source} to {target} runs in the gateway")) }
}

fn scalar_function(function: &ScalarFunction, schema: &DFSchema) -> Result<(), Refusal> {
    let name = function.func.name();
    let types: Vec<_> = function.args.iter().filter_map(|a| a.get_type(schema).ok()).collect();
    let all = |is: fn(&DataType) -> bool| types.len() == function.args.len() && types.iter().all(is);
    let text_first = types.first().is_some_and(is_text) && types.iter().skip(1).all(|t| is_text(t) || is_integer(t));
    let unit = || match function.args.first() {
        Some(Expr::Literal(value, _)) => value.try_as_str().flatten().unwrap_or_default().to_lowercase(),
        _ => String::new(),
    };
    let fine = match name {
        "weft_add" | "weft_subtract" | "weft_multiply" | "weft_negate" | "weft_float_divide" | "abs" => all(is_number),
        "weft_int_divide" | "weft_int_modulo" => all(is_integer),
        "weft_numeric_add" | "weft_numeric_subtract" | "weft_numeric_multiply" | "weft_numeric_divide" => true,
        "weft_numeric_round" | "weft_numeric_trunc" | "weft_numeric_ceil" | "weft_numeric_floor" => true,
        "weft_to_int2" | "weft_to_int4" | "weft_to_int8" => all(is_number),
        "weft_date_difference" | "weft_date_add_days" => true,
        "coalesce" | "nullif" => all(comparable),
        "greatest" | "least" => all(|t| comparable(t) && !is_text(t)),
        "substr" | "strpos" | "starts_with" | "replace" | "translate" | "md5" | "ascii" | "character_length"
        | "left" | "right" | "repeat" | "btrim" | "ltrim" | "rtrim" | "split_part" | "reverse" | "octet_length" => {
            text_first
        }
        "date_part" => {
            let units = ["year", "month", "day", "quarter", "hour", "minute", "week", "doy", "dow"];
            matches!(types.get(1), Some(DataType::Date32 | DataType::Timestamp(_, None)))
                && units.contains(&unit().as_str())
        }
        "date_trunc" => {
            let units = ["second", "minute", "hour", "day", "week", "month", "quarter", "year"];
            matches!(types.get(1), Some(DataType::Timestamp(_, None))) && units.contains(&unit().as_str())
        }
        _ => false,
    };
    if fine { Ok(()) } else { Err(format!("function {name} runs in the gateway")) }
}

fn aggregate(function: &AggregateFunction, schema: &DFSchema) -> Result<(), Refusal> {
    let name = function.func.name();
    let params = &function.params;
    if !params.order_by.is_empty() || params.null_treatment.is_some() {
        return Err(format!("aggregate {name} with an order runs in the gateway"));
    }
    let types: Vec<_> = params.args.iter().filter_map(|a| a.get_type(schema).ok()).collect();
    let fine = match name {
        "count" => params.args.len() <= 1 && (!params.distinct || types.iter().all(comparable)),
        "sum" => types.iter().all(|t| matches!(t, DataType::Int64 | DataType::Decimal128(..) | DataType::Float64)),
        "avg" => types.iter().all(|t| matches!(t, DataType::Float64)),
        "min" | "max" => types.iter().all(has_minimum),
        "bool_and" | "bool_or" => true,
        _ => false,
    };
    if fine { Ok(()) } else { Err(format!("aggregate {name} runs in the gateway")) }
}

/// PostgreSQL has no `min` of these.
fn has_minimum(t: &DataType) -> bool {
    comparable(t) && !matches!(t, DataType::Boolean | DataType::Binary)
}

fn window(function: &WindowFunction, schema: &DFSchema) -> Result<(), Refusal> {
    let params = &function.params;
    let name = match &function.fun {
        WindowFunctionDefinition::AggregateUDF(f) => f.name(),
        WindowFunctionDefinition::WindowUDF(f) => f.name(),
    };
    if params.distinct || params.filter.is_some() || params.null_treatment.is_some() {
        return Err(format!("window function {name} with DISTINCT, FILTER or IGNORE NULLS runs in the gateway"));
    }
    let types: Vec<_> = params.args.iter().filter_map(|a| a.get_type(schema).ok()).collect();
    let fine = match name {
        "row_number" | "rank" | "dense_rank" | "percent_rank" | "cume_dist" => true,
        "count" => params.args.len() <= 1,
        "sum" => types.iter().all(|t| matches!(t, DataType::Int64 | DataType::Decimal128(..))),
        "min" | "max" => types.iter().all(has_minimum),
        _ => false,
    };
    if fine { Ok(()) } else { Err(format!("window function {name} runs in the gateway")) }
}
