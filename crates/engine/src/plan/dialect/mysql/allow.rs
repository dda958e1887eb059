//! The allow-list of MySQL and MariaDB: what means there what it means in PostgreSQL. Integers are computed in 64 bits there, so that only bigints
//! overflow where PostgreSQL's do; casts clamp instead of failing; times have years from 1000 to 9999.

use super::super::{Failure, Refusal, is_text};
use arrow::datatypes::DataType;
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::logical_expr::expr::{AggregateFunction, InSubquery, ScalarFunction, WindowFunction};
use datafusion::logical_expr::{
    BinaryExpr, Expr, ExprSchemable, Like, LogicalPlan, Operator, WindowFunctionDefinition,
};

/// Digits of MySQL's DECIMAL, and how many of them may follow the point.
const MAX_DIGITS: i32 = 65;
const MAX_SCALE: i32 = 30;

/// The entry for one node of an expression.
pub(super) fn expression(expr: &Expr, schema: &DFSchema, failure: Failure) -> Result<(), Refusal> {
    match expr {
        Expr::Between(b) => compared(&[&b.expr, &b.low, &b.high], schema),
        Expr::InList(list) => compared(&[&list.expr], schema),
        Expr::InSubquery(within) => in_subquery(within, schema),
        Expr::Literal(value, _) => literal(value),
        Expr::BinaryExpr(binary) => operator(binary, schema),
        Expr::Like(like) => pattern(like),
        Expr::Cast(c) => cast(&c.expr, c.field.data_type(), schema),
        Expr::ScalarFunction(function) => scalar_function(function, schema, failure),
        Expr::AggregateFunction(function) => aggregate(function, schema),
        Expr::WindowFunction(function) => window(function, schema),
        other => Err(format!("{} is not proven equal in MySQL", other.variant_name())),
    }
}

fn refused(what: impl std::fmt::Display) -> Refusal {
    format!("{what} is not proven equal in MySQL")
}

fn check(fine: bool, what: impl std::fmt::Display) -> Result<(), Refusal> {
    if fine { Ok(()) } else { Err(refused(what)) }
}

fn literal(value: &ScalarValue) -> Result<(), Refusal> {
    let fine = match value {
        ScalarValue::Float64(Some(f)) => f.is_finite(),
        ScalarValue::Decimal128(Some(_), _, scale) => (0..=MAX_SCALE).contains(&i32::from(*scale)),
        ScalarValue::Utf8(Some(s)) | ScalarValue::LargeUtf8(Some(s)) | ScalarValue::Utf8View(Some(s)) => {
            !s.contains('\0')
        }
        // Years of four digits.
        ScalarValue::Date32(Some(days)) => (-354_285..=2_932_896).contains(days),
        ScalarValue::TimestampMicrosecond(Some(micros), _) => {
            (-354_285..=2_932_896).contains(&micros.div_euclid(86_400_000_000))
        }
        other => {
            matches!(other.data_type(), DataType::Null | DataType::Boolean | DataType::Time64(_))
                || is_integer(&other.data_type())
                || other.is_null()
        }
    };
    check(fine, format_args!("a literal of type {}", value.data_type()))
}

fn compared(operands: &[&Expr], schema: &DFSchema) -> Result<(), Refusal> {
    let comparable_all = operands.iter().all(|e| e.get_type(schema).is_ok_and(|t| comparable(&t)));
    check(comparable_all, "a comparison of these types")
}

fn in_subquery(within: &InSubquery, schema: &DFSchema) -> Result<(), Refusal> {
    // MySQL does not take LIMIT in such a subquery.
    let limited = matches!(within.subquery.subquery.as_ref(), LogicalPlan::Limit(_))
        || matches!(within.subquery.subquery.as_ref(), LogicalPlan::Sort(s) if s.fetch.is_some());
    if limited {
        return Err("MySQL has no IN (SELECT … LIMIT …)".to_owned());
    }
    compared(&[&within.expr], schema)
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
        Operator::StringConcat => is_text(&left) && is_text(&right),
        _ => false,
    };
    check(fine, format_args!("{left} {} {right}", binary.op))
}

/// Types that MySQL compares and sorts as Weft does, on the connection that Weft sets up.
fn comparable(t: &DataType) -> bool {
    is_text(t)
        || is_integer(t)
        || matches!(
            t,
            DataType::Null
                | DataType::Boolean
                | DataType::Float64
                | DataType::Decimal128(..)
                | DataType::Date32
                | DataType::Time64(_)
                | DataType::Timestamp(..)
        )
}

fn is_integer(t: &DataType) -> bool {
    matches!(t, DataType::Int16 | DataType::Int32 | DataType::Int64)
}

fn pattern(like: &Like) -> Result<(), Refusal> {
    let plain = match like.pattern.as_ref() {
        Expr::Literal(value, _) => value.try_as_str().flatten().is_some_and(|p| !p.contains('\\')),
        _ => false,
    };
    check(
        plain && !like.case_insensitive && like.escape_char.is_none(),
        "LIKE with an escape, a computed pattern or ILIKE",
    )
}

fn cast(inner: &Expr, target: &DataType, schema: &DFSchema) -> Result<(), Refusal> {
    let Ok(source) = inner.get_type(schema) else { return Err("the type of a cast is not known".to_owned()) };
    let width = |t: &DataType| match t {
        DataType::Int16 => 5,
        DataType::Int32 => 10,
        _ => 19,
    };
    let whole = |p: u8, s: i8| i32::from(p) - i32::from(s);
    let fine = match (&source, target) {
        (a, b) if a == b => true,
        (a, b) if is_text(a) && is_text(b) => true,
        (DataType::Null, _) => true,
        (a, b) if is_integer(a) && is_integer(b) => width(b) >= width(a),
        // A cast that could clamp does not go there.
        (a, DataType::Decimal128(p, s)) if is_integer(a) => whole(*p, *s) >= width(a) && i32::from(*s) <= MAX_SCALE,
        // All 38 digits is what the plan makes of two types; fewer is what a user asks for, and may not fit.
        (DataType::Decimal128(p, s), DataType::Decimal128(to_p, to_s)) => {
            (*to_p == 38 || whole(*to_p, *to_s) >= whole(*p, *s)) && to_s >= s && i32::from(*to_s) <= MAX_SCALE
        }
        (a, DataType::Float64) if is_integer(a) => true,
        (DataType::Decimal128(p, _), DataType::Float64) => *p <= 15,
        (a, b) if is_integer(a) && is_text(b) => true,
        (DataType::Date32, DataType::Timestamp(_, None)) | (DataType::Timestamp(_, None), DataType::Date32) => true,
        _ => false,
    };
    check(fine, format_args!("a cast from {source} to {target}"))
}

fn digits(t: &DataType) -> (i32, i32) {
    match t {
        DataType::Decimal128(precision, scale) => (i32::from(*precision), i32::from(*scale)),
        DataType::Int16 => (5, 0),
        DataType::Int32 => (10, 0),
        _ => (19, 0),
    }
}

fn scalar_function(function: &ScalarFunction, schema: &DFSchema, failure: Failure) -> Result<(), Refusal> {
    let name = function.func.name();
    let types: Vec<_> = function.args.iter().filter_map(|a| a.get_type(schema).ok()).collect();
    let all = |is: fn(&DataType) -> bool| types.len() == function.args.len() && types.iter().all(is);
    let text_first = types.first().is_some_and(is_text);
    let positive_rest = || function.args.iter().skip(1).all(is_positive);
    let fine = match (name, types.as_slice()) {
        ("weft_add" | "weft_subtract" | "weft_multiply" | "weft_negate", types) => {
            types.iter().all(|t| matches!(t, DataType::Int64))
        }
        ("weft_numeric_add" | "weft_numeric_subtract", [a, b]) => {
            let ((p1, s1), (p2, s2)) = (digits(a), digits(b));
            s1.max(s2) <= MAX_SCALE && (p1 - s1).max(p2 - s2) + s1.max(s2) < MAX_DIGITS
        }
        ("weft_numeric_multiply", [a, b]) => {
            let ((p1, s1), (p2, s2)) = (digits(a), digits(b));
            s1 + s2 <= MAX_SCALE && p1 + p2 <= MAX_DIGITS
        }
        ("weft_numeric_divide", [_, _]) | ("weft_int_divide" | "weft_int_modulo", [_, _]) => {
            failure == Failure::CanStartOver
        }
        ("weft_date_difference" | "weft_date_add_days", _) => true,
        ("coalesce" | "nullif", _) => all(comparable),
        ("concat", _) => all(is_text),
        ("substr" | "left" | "right", _) => text_first && positive_rest(),
        ("strpos" | "replace" | "character_length", _) => all(is_text),
        ("date_part", [_, DataType::Date32 | DataType::Timestamp(_, None)]) => match &function.args[0] {
            Expr::Literal(unit, _) => ["year", "month", "day", "quarter", "hour", "minute"]
                .contains(&unit.try_as_str().flatten().unwrap_or_default().to_lowercase().as_str()),
            _ => false,
        },
        _ => false,
    };
    check(fine, format_args!("function {name}"))
}

fn is_positive(expr: &Expr) -> bool {
    match expr {
        Expr::Literal(ScalarValue::Int64(Some(v)), _) => *v > 0,
        Expr::Literal(ScalarValue::Int32(Some(v)), _) => *v > 0,
        Expr::Cast(c) => is_positive(&c.expr),
        _ => false,
    }
}

fn aggregate(function: &AggregateFunction, schema: &DFSchema) -> Result<(), Refusal> {
    let (name, params) = (function.func.name(), &function.params);
    let types: Vec<_> = params.args.iter().filter_map(|a| a.get_type(schema).ok()).collect();
    let plain = params.order_by.is_empty() && params.null_treatment.is_none() && params.args.len() <= 1;
    check(plain && summed(name, &types), format_args!("aggregate {name}"))
}

/// What MySQL adds up, counts and compares as PostgreSQL does.
fn summed(name: &str, types: &[DataType]) -> bool {
    match name {
        "count" => types.iter().all(comparable),
        "sum" => types.iter().all(|t| matches!(t, DataType::Int64 | DataType::Decimal128(..))),
        "min" | "max" => types.iter().all(|t| comparable(t) && !matches!(t, DataType::Boolean)),
        _ => false,
    }
}

fn window(function: &WindowFunction, schema: &DFSchema) -> Result<(), Refusal> {
    let params = &function.params;
    let name = match &function.fun {
        WindowFunctionDefinition::AggregateUDF(f) => f.name(),
        WindowFunctionDefinition::WindowUDF(f) => f.name(),
    };
    let types: Vec<_> = params.args.iter().filter_map(|a| a.get_type(schema).ok()).collect();
    let plain = !params.distinct && params.filter.is_none() && params.null_treatment.is_none();
    let ranked = matches!(name, "row_number" | "rank" | "dense_rank");
    check(plain && (ranked || summed(name, &types)), format_args!("window function {name}"))
}
