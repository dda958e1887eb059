//! What stands beside an operator: a literal in quotes has no type of its own and takes that of its neighbour, and operands that no operator takes are
//! 42883. Source: PostgreSQL's manual, chapter 10.2; `pg_operator.dat`.

use crate::function::{input, raise, typed, zone};
use arrow::datatypes::{DataType, Field, TimeUnit};
use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Expr, ExprSchemable, cast};
use sqlparser::ast::BinaryOperator;
use weft_core::pgtype::{ColumnType, PG_TYPE_KEY};
use weft_core::{Error, ErrorKind};

/// Types that operators treat alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Number,
    Text,
    Truth,
    Date,
    Timestamp,
    Time,
    Interval,
}

impl Family {
    /// Nothing for types whose operators are not known here, such as arrays.
    pub(super) fn of(data_type: &DataType) -> Option<Family> {
        Some(match data_type {
            t if t.is_numeric() => Family::Number,
            DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8 => Family::Text,
            DataType::Boolean => Family::Truth,
            DataType::Date32 => Family::Date,
            DataType::Timestamp(..) => Family::Timestamp,
            DataType::Time64(_) => Family::Time,
            DataType::Interval(_) => Family::Interval,
            _ => return None,
        })
    }
}

/// Both operands, with a literal in quotes read as what stands on the other side; 42883 where no operator takes them.
pub(super) fn checked(left: Expr, op: &BinaryOperator, right: Expr, schema: &DFSchema) -> Result<(Expr, Expr)> {
    let (left, right) = match op {
        BinaryOperator::And | BinaryOperator::Or => {
            let (left, right) = (as_truth(left)?, as_truth(right)?);
            for side in [&left, &right] {
                truth(side, schema, &op.to_string())?;
            }
            return Ok((left, right));
        }
        _ if !is_arithmetic(op) && !is_comparison(op) && *op != BinaryOperator::StringConcat => {
            return Ok((left, right));
        }
        BinaryOperator::StringConcat => (left, right),
        _ => {
            let beside = |literal: &Expr, other: &Expr| match other.to_field(schema) {
                Ok((_, other)) if takes(op, other.data_type()) => read_beside(literal, &other),
                _ => Ok(None),
            };
            match (beside(&left, &right)?, beside(&right, &left)?) {
                (Some(literal), None) => (literal, right),
                (None, Some(literal)) => (left, literal),
                _ => (left, right),
            }
        }
    };
    let (Ok((_, l)), Ok((_, r))) = (left.to_field(schema), right.to_field(schema)) else { return Ok((left, right)) };
    match (Family::of(l.data_type()), Family::of(r.data_type())) {
        // What it is read as is found later.
        _ if *op != BinaryOperator::StringConcat && (is_unknown(&left) || is_unknown(&right)) => Ok((left, right)),
        (Some(a), Some(b)) if !exists(op, a, b) => Err(no_operator(&name(&left, &l), op, &name(&right, &r))),
        _ => Ok((left, right)),
    }
}

/// 42804 unless the expression may be a condition.
pub(super) fn truth(expr: &Expr, schema: &DFSchema, of: &str) -> Result<()> {
    match expr.to_field(schema) {
        Ok((_, field)) if !matches!(field.data_type(), DataType::Boolean | DataType::Null) => {
            let found = name(expr, &field);
            let message = format!("argument of {of} must be type boolean, not type {found}");
            Err(raise(Error::new(ErrorKind::DatatypeMismatch, message)))
        }
        _ => Ok(()),
    }
}

fn as_truth(expr: Expr) -> Result<Expr> {
    Ok(read(&expr, &DataType::Boolean)?.unwrap_or(expr))
}

/// The literal in quotes as a value of this type; nothing if it is none, or if DataFusion reads it as PostgreSQL does.
pub(super) fn read(literal: &Expr, target: &DataType) -> Result<Option<Expr>> {
    let Expr::Literal(ScalarValue::Utf8(Some(text)), _) = literal else { return Ok(None) };
    let value = match target {
        DataType::Boolean => ScalarValue::Boolean(Some(input::boolean(text).map_err(raise)?)),
        DataType::Date32 => ScalarValue::Date32(Some(input::date(text).map_err(raise)?)),
        DataType::Timestamp(TimeUnit::Microsecond, None) => {
            ScalarValue::TimestampMicrosecond(Some(input::timestamp(text).map_err(raise)?), None)
        }
        DataType::Float32 => ScalarValue::Float32(Some(input::real(text).map_err(raise)?)),
        DataType::Float64 => ScalarValue::Float64(Some(input::double(text).map_err(raise)?)),
        DataType::Binary => ScalarValue::Binary(Some(input::bytea(text).map_err(raise)?)),
        DataType::Int16 | DataType::Int32 | DataType::Int64 => {
            // Blanks around a number are nothing.
            ScalarValue::Utf8(Some(text.trim().to_owned())).cast_to(target)?
        }
        DataType::Decimal128(..) => {
            ScalarValue::Utf8(Some(text.trim().to_owned())).cast_to(&typed::written(text.trim()))?
        }
        _ => return Ok(None),
    };
    Ok(Some(Expr::Literal(value, None)))
}

/// The literal in quotes as a value of the column or expression that it stands beside.
pub(super) fn read_beside(literal: &Expr, other: &Field) -> Result<Option<Expr>> {
    match other.metadata().get(PG_TYPE_KEY).map(String::as_str) {
        Some("uuid") => {
            let Expr::Literal(ScalarValue::Utf8(Some(text)), _) = literal else { return Ok(None) };
            let text = input::uuid(text).map_err(raise)?;
            Ok(Some(Expr::Literal(ScalarValue::Utf8(Some(text)), None)))
        }
        _ => read(literal, other.data_type()),
    }
}

/// Gives the arms of a CASE one type, as far as DataFusion would choose another: literals in quotes take the type of the others, dates become timestamps
/// beside timestamps. 42804 where no type fits.
pub(super) fn unify(what: &str, arms: &mut [&mut Expr], schema: &DFSchema) -> Result<()> {
    let mut chosen: Option<(Family, DataType, String)> = None;
    for arm in arms.iter().filter(|arm| !is_unknown(arm)) {
        let Ok((_, field)) = arm.to_field(schema) else { return Ok(()) };
        if field.data_type().is_null() {
            continue;
        }
        let Some(family) = Family::of(field.data_type()) else { return Ok(()) };
        let name = ColumnType::of_field(&field).sql_name();
        chosen = match chosen {
            None => Some((family, field.data_type().clone(), name)),
            Some((Family::Date, ..)) if family == Family::Timestamp => Some((family, field.data_type().clone(), name)),
            Some((Family::Timestamp, t, n)) if family == Family::Date => Some((Family::Timestamp, t, n)),
            Some((first, _, n)) if first != family => {
                let message = format!("{what} types {n} and {name} cannot be matched");
                return Err(raise(Error::new(ErrorKind::DatatypeMismatch, message)));
            }
            // The common type of numbers is DataFusion's business; a literal must not be cut to the narrower.
            Some((Family::Number, t, n)) => Some((Family::Number, wider(t, field.data_type()), n)),
            same => same,
        };
    }
    let Some((family, data_type, _)) = chosen else { return Ok(()) };
    for arm in arms.iter_mut() {
        if let Some(value) = read(arm, &data_type)? {
            **arm = value;
        } else if family == Family::Timestamp && arm.get_type(schema).is_ok_and(|t| t == DataType::Date32) {
            **arm = cast(arm.clone(), data_type.clone());
        }
    }
    Ok(())
}

/// The type of moments among these types, if values of several are mixed: dates become timestamps beside timestamps, and both moments beside moments.
pub(super) fn common_moment<'a>(types: impl Iterator<Item = &'a DataType>) -> Option<DataType> {
    let of = |t: &DataType| match t {
        DataType::Date32 => Some(0),
        DataType::Timestamp(TimeUnit::Microsecond, None) => Some(1),
        DataType::Timestamp(TimeUnit::Microsecond, Some(_)) => Some(2),
        _ => None,
    };
    let ranks = types.filter(|t| !t.is_null()).map(of).collect::<Option<Vec<u8>>>()?;
    let highest = ranks.iter().max()?;
    match highest {
        _ if ranks.iter().all(|rank| rank == highest) => None,
        1 => Some(typed::moment_type()),
        _ => Some(zone::instant()),
    }
}

/// The number type that holds the values of both: floats before numerics before integers.
fn wider(a: DataType, b: &DataType) -> DataType {
    let rank = |t: &DataType| match t {
        DataType::Int16 => 0,
        DataType::Int32 => 1,
        DataType::Int64 => 2,
        DataType::Decimal128(..) => 3,
        DataType::Float32 => 4,
        _ => 5,
    };
    if rank(&a) >= rank(b) { a } else { b.clone() }
}

fn is_arithmetic(op: &BinaryOperator) -> bool {
    use BinaryOperator::*;
    matches!(op, Plus | Minus | Multiply | Divide | Modulo)
}

fn is_comparison(op: &BinaryOperator) -> bool {
    use BinaryOperator::*;
    matches!(op, Eq | NotEq | Lt | LtEq | Gt | GtEq)
}

/// Whether a literal beside an operand of this type takes its type. The sum of a date and a literal is ambiguous, that of a timestamp takes an interval.
fn takes(op: &BinaryOperator, other: &DataType) -> bool {
    match Family::of(other) {
        Some(Family::Number) => true,
        Some(_) => is_comparison(op) || (*op == BinaryOperator::Minus && matches!(other, DataType::Date32)),
        None => false,
    }
}

/// Whether PostgreSQL has the operator for operands of these families.
fn exists(op: &BinaryOperator, left: Family, right: Family) -> bool {
    use BinaryOperator::*;
    use Family::*;
    if is_comparison(op) {
        let moment = |family| matches!(family, Date | Timestamp);
        return left == right
            || (moment(left) && moment(right))
            || matches!((left, right), (Time, Interval) | (Interval, Time));
    }
    match (op, left, right) {
        (StringConcat, l, r) => l == Text || r == Text,
        (Plus | Minus | Multiply | Divide | Modulo, Number, Number) => true,
        (Plus | Minus, Date | Timestamp | Time | Interval, Interval) => true,
        (Plus, Interval, Date | Timestamp | Time) => true,
        (Plus | Minus, Date, Number) | (Plus, Number, Date) => true,
        (Plus, Date, Time) | (Plus, Time, Date) => true,
        (Minus, Date | Timestamp, Date | Timestamp) | (Minus, Time, Time) => true,
        (Multiply, Interval, Number) | (Multiply, Number, Interval) | (Divide, Interval, Number) => true,
        _ => false,
    }
}

/// Whether it is a literal in quotes.
fn is_unknown(expr: &Expr) -> bool {
    matches!(expr, Expr::Literal(ScalarValue::Utf8(Some(_)), _))
}

fn name(expr: &Expr, field: &Field) -> String {
    if is_unknown(expr) { "unknown".to_owned() } else { ColumnType::of_field(field).sql_name() }
}

/// `42883`
pub(super) fn no_operator(left: &str, op: impl std::fmt::Display, right: &str) -> DataFusionError {
    let message = format!("operator does not exist: {left} {op} {right}");
    let hint = "No operator matches the given name and argument types. You might need to add explicit type casts.";
    raise(Error::new(ErrorKind::UndefinedFunction, message).with_hint(hint))
}
