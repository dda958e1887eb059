//! Operators by the types of their operands. What is not rewritten here means the same in DataFusion and PostgreSQL.
//!
//! Source: PostgreSQL's `pg_operator.dat` for the result types.

use super::expression::narrow_literals;
use super::{json, operand};
use crate::function::numeric::PRECISION;
use crate::function::{arithmetic, calendar, call, datetime, numeric, text, zone};
use arrow::datatypes::{DataType, TimeUnit};
use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::logical_expr::planner::{ExprPlanner, PlannerResult, RawBinaryExpr};
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, Operator, ScalarUDF, cast};
use sqlparser::ast::BinaryOperator;
use std::sync::Arc;

/// The hook into DataFusion's SQL planner: its type checks run on what this returns.
#[derive(Debug)]
pub struct PostgresOperators;

impl ExprPlanner for PostgresOperators {
    /// EXTRACT is a numeric; seconds and the epoch have a fraction.
    fn plan_extract(&self, args: Vec<Expr>) -> Result<PlannerResult<Vec<Expr>>> {
        let [Expr::Literal(unit, _), value] = args.as_slice() else { return Ok(PlannerResult::Original(args)) };
        let unit = unit.try_as_str().flatten().unwrap_or_default().to_lowercase();
        let scaled = |function, factor: i128| {
            let factor = Expr::Literal(ScalarValue::Decimal128(Some(factor), 7, 0), None);
            call(&numeric::MULTIPLY, vec![call(function, vec![value.clone()]), factor])
        };
        Ok(PlannerResult::Planned(match unit.as_str() {
            "second" | "seconds" => call(&datetime::SECONDS, vec![value.clone()]),
            "millisecond" | "milliseconds" => scaled(&datetime::SECONDS, 1000),
            "microsecond" | "microseconds" => cast(scaled(&datetime::SECONDS, 1_000_000), DataType::Decimal128(10, 0)),
            "epoch" => call(&datetime::EPOCH, vec![value.clone()]),
            word if calendar::EXTRACTED.contains(&word) => {
                let unit = Expr::Literal(ScalarValue::Utf8(Some(unit)), None);
                let field = call(&calendar::EXTRACT, vec![unit.clone(), value.clone()]);
                if is_julian(&unit) { field } else { cast(field, DataType::Decimal128(10, 0)) }
            }
            _ => cast(call(&datafusion::functions::datetime::date_part(), args), DataType::Decimal128(10, 0)),
        }))
    }

    fn plan_binary_op(&self, raw: RawBinaryExpr, schema: &DFSchema) -> Result<PlannerResult<RawBinaryExpr>> {
        let left = narrow_literals(raw.left);
        let right = narrow_literals(raw.right);
        let (left, right) = operand::checked(left, &raw.op, right, schema)?;
        if let Some(part) = json::rewrite(&left, &raw.op, &right, schema)? {
            return Ok(PlannerResult::Planned(part));
        }
        let op = match raw.op {
            BinaryOperator::PGExp => {
                let power = datafusion::functions::math::power();
                return Ok(PlannerResult::Planned(call(&power, vec![left, right])));
            }
            BinaryOperator::StringConcat => return Ok(PlannerResult::Original(concat(raw.op, left, right, schema))),
            BinaryOperator::Plus => Some(Operator::Plus),
            BinaryOperator::Minus => Some(Operator::Minus),
            BinaryOperator::Multiply => Some(Operator::Multiply),
            BinaryOperator::Divide => Some(Operator::Divide),
            BinaryOperator::Modulo => Some(Operator::Modulo),
            BinaryOperator::Eq => Some(Operator::Eq),
            BinaryOperator::NotEq => Some(Operator::NotEq),
            BinaryOperator::Lt => Some(Operator::Lt),
            BinaryOperator::LtEq => Some(Operator::LtEq),
            BinaryOperator::Gt => Some(Operator::Gt),
            BinaryOperator::GtEq => Some(Operator::GtEq),
            _ => None,
        };
        Ok(match op.and_then(|op| rewrite(&left, op, &right, schema)) {
            Some(expr) => PlannerResult::Planned(expr),
            None => PlannerResult::Original(RawBinaryExpr { op: raw.op, left, right }),
        })
    }
}

/// The one field of these with a fraction.
fn is_julian(unit: &Expr) -> bool {
    matches!(unit, Expr::Literal(ScalarValue::Utf8(Some(word)), _) if word == "julian")
}

/// `||` with something that arrow writes otherwise than PostgreSQL.
fn concat(op: BinaryOperator, left: Expr, right: Expr, schema: &DFSchema) -> RawBinaryExpr {
    let written = |e: Expr| match e.get_type(schema) {
        Ok(t) if text::differs(&t) => call(&text::TO_TEXT, vec![e]),
        _ => e,
    };
    RawBinaryExpr { op, left: written(left), right: written(right) }
}

/// The operation as PostgreSQL types and computes it; nothing if DataFusion's own way is the same or the types are not known yet.
pub(super) fn rewrite(left: &Expr, op: Operator, right: &Expr, schema: &DFSchema) -> Option<Expr> {
    if matches!(
        op,
        Operator::Eq
            | Operator::Lt
            | Operator::LtEq
            | Operator::Gt
            | Operator::GtEq
            | Operator::NotEq
            | Operator::IsDistinctFrom
            | Operator::IsNotDistinctFrom
    ) {
        return compare(left, op, right, schema);
    }
    let function = arithmetic_function(op)?;
    let (l, r) = (left.get_type(schema).ok()?, right.get_type(schema).ok()?);
    match (Class::of(&l)?, Class::of(&r)?) {
        (Class::Integer(a), Class::Integer(b)) => {
            let common = [DataType::Int16, DataType::Int32, DataType::Int64][usize::from(a.max(b))].clone();
            Some(call(function, vec![to(left, &l, &common), to(right, &r, &common)]))
        }
        (Class::Float(a), Class::Float(b)) => {
            let common = if a.max(b) == 0 { DataType::Float32 } else { DataType::Float64 };
            float(left, op, right, function, &common)
        }
        (Class::Float(_), Class::Integer(_) | Class::Numeric)
        | (Class::Integer(_) | Class::Numeric, Class::Float(_)) => float(left, op, right, function, &DataType::Float64),
        (Class::Numeric, Class::Numeric | Class::Integer(_)) | (Class::Integer(_), Class::Numeric) => match op {
            Operator::Divide => {
                Some(call(&numeric::DIVIDE, vec![to(left, &l, &as_numeric(&l)), to(right, &r, &as_numeric(&r))]))
            }
            Operator::Plus => {
                Some(call(&numeric::ADD, vec![to(left, &l, &as_numeric(&l)), to(right, &r, &as_numeric(&r))]))
            }
            Operator::Minus => {
                Some(call(&numeric::SUBTRACT, vec![to(left, &l, &as_numeric(&l)), to(right, &r, &as_numeric(&r))]))
            }
            Operator::Multiply => {
                Some(call(&numeric::MULTIPLY, vec![to(left, &l, &as_numeric(&l)), to(right, &r, &as_numeric(&r))]))
            }
            // DataFusion's exact remainder has PostgreSQL's scale.
            _ => None,
        },
        (Class::Date, Class::Date) if op == Operator::Minus => {
            Some(call(&datetime::DATE_DIFFERENCE, vec![left.clone(), right.clone()]))
        }
        (Class::Date, Class::Integer(i)) if i < 2 && matches!(op, Operator::Plus | Operator::Minus) => {
            let days = to(right, &r, &DataType::Int32);
            let days = if op == Operator::Plus { days } else { call(&arithmetic::NEGATE, vec![days]) };
            Some(call(&datetime::DATE_ADD_DAYS, vec![left.clone(), days]))
        }
        (Class::Integer(i), Class::Date) if i < 2 && op == Operator::Plus => {
            Some(call(&datetime::DATE_ADD_DAYS, vec![right.clone(), to(left, &l, &DataType::Int32)]))
        }
        (Class::Date, Class::Interval) if matches!(op, Operator::Plus | Operator::Minus) => {
            Some(binary(to(left, &l, &timestamp()), op, right.clone()))
        }
        (Class::Interval, Class::Date) if op == Operator::Plus => {
            Some(binary(to(right, &r, &timestamp()), op, left.clone()))
        }
        (Class::Interval, Class::Integer(_) | Class::Float(_) | Class::Numeric) if op == Operator::Multiply => {
            Some(call(&datetime::INTERVAL_MULTIPLY, vec![left.clone(), to(right, &r, &DataType::Float64)]))
        }
        (Class::Integer(_) | Class::Float(_) | Class::Numeric, Class::Interval) if op == Operator::Multiply => {
            Some(call(&datetime::INTERVAL_MULTIPLY, vec![right.clone(), to(left, &l, &DataType::Float64)]))
        }
        (Class::Interval, Class::Integer(_) | Class::Float(_) | Class::Numeric) if op == Operator::Divide => {
            Some(call(&datetime::INTERVAL_DIVIDE, vec![left.clone(), to(right, &r, &DataType::Float64)]))
        }
        (Class::Instant, Class::Instant | Class::Date | Class::Timestamp)
        | (Class::Date | Class::Timestamp, Class::Instant)
            if op == Operator::Minus =>
        {
            let instant = zone::instant();
            Some(call(&datetime::TIMESTAMP_DIFFERENCE, vec![to(left, &l, &instant), to(right, &r, &instant)]))
        }
        (Class::Date | Class::Timestamp, Class::Date | Class::Timestamp) if op == Operator::Minus => {
            Some(call(&datetime::TIMESTAMP_DIFFERENCE, vec![to(left, &l, &timestamp()), to(right, &r, &timestamp())]))
        }
        _ => None,
    }
}

/// A float compared with any other number is compared as double precision.
fn compare(left: &Expr, op: Operator, right: &Expr, schema: &DFSchema) -> Option<Expr> {
    let (l, r) = (left.get_type(schema).ok()?, right.get_type(schema).ok()?);
    match (Class::of(&l)?, Class::of(&r)?) {
        (Class::Float(_), Class::Integer(_) | Class::Numeric)
        | (Class::Integer(_) | Class::Numeric, Class::Float(_)) => {
            Some(binary(to(left, &l, &DataType::Float64), op, to(right, &r, &DataType::Float64)))
        }
        // DataFusion would compare in nanoseconds, which do not reach far.
        (Class::Date, Class::Timestamp) => Some(binary(to(left, &l, &timestamp()), op, right.clone())),
        (Class::Timestamp, Class::Date) => Some(binary(left.clone(), op, to(right, &r, &timestamp()))),
        (Class::Date | Class::Timestamp, Class::Instant) => {
            Some(binary(to(left, &l, &zone::instant()), op, right.clone()))
        }
        (Class::Instant, Class::Date | Class::Timestamp) => {
            Some(binary(left.clone(), op, to(right, &r, &zone::instant())))
        }
        (Class::Interval, Class::Interval) => {
            let order = |e: &Expr| call(&datetime::INTERVAL_ORDER, vec![e.clone()]);
            Some(binary(order(left), op, order(right)))
        }
        _ => None,
    }
}

/// The kinds of operands that behave alike.
enum Class {
    /// By width: 0 smallint, 1 integer, 2 bigint.
    Integer(u8),
    /// By width: 0 real, 1 double precision.
    Float(u8),
    Numeric,
    Date,
    Timestamp,
    Instant,
    Interval,
}

impl Class {
    fn of(data_type: &DataType) -> Option<Class> {
        Some(match data_type {
            DataType::Int16 => Class::Integer(0),
            DataType::Int32 => Class::Integer(1),
            DataType::Int64 => Class::Integer(2),
            DataType::Float32 => Class::Float(0),
            DataType::Float64 => Class::Float(1),
            DataType::Decimal128(..) => Class::Numeric,
            DataType::Date32 => Class::Date,
            DataType::Timestamp(_, None) => Class::Timestamp,
            DataType::Timestamp(_, Some(_)) => Class::Instant,
            DataType::Interval(_) => Class::Interval,
            _ => return None,
        })
    }
}

fn arithmetic_function(op: Operator) -> Option<&'static Arc<ScalarUDF>> {
    Some(match op {
        Operator::Plus => &arithmetic::ADD,
        Operator::Minus => &arithmetic::SUBTRACT,
        Operator::Multiply => &arithmetic::MULTIPLY,
        Operator::Divide => &arithmetic::INT_DIVIDE,
        Operator::Modulo => &arithmetic::INT_MODULO,
        _ => return None,
    })
}

/// Whether a function is one of those that integers' operators become.
pub(super) fn is_integer_arithmetic(name: &str) -> bool {
    matches!(name, "weft_add" | "weft_subtract" | "weft_multiply" | "weft_int_divide" | "weft_int_modulo")
}

/// Both operands in the wider type, if their types are not the same.
pub(super) fn same_width(args: &[Expr], schema: &DFSchema) -> Option<Vec<Expr>> {
    let [left, right] = args else { return None };
    let (l, r) = (left.get_type(schema).ok()?, right.get_type(schema).ok()?);
    if l == r {
        return None;
    }
    let (Class::Integer(a), Class::Integer(b)) = (Class::of(&l)?, Class::of(&r)?) else { return None };
    let common = [DataType::Int16, DataType::Int32, DataType::Int64][usize::from(a.max(b))].clone();
    Some(vec![to(left, &l, &common), to(right, &r, &common)])
}

fn float(left: &Expr, op: Operator, right: &Expr, function: &Arc<ScalarUDF>, common: &DataType) -> Option<Expr> {
    let (left, right) = (cast(left.clone(), common.clone()), cast(right.clone(), common.clone()));
    match op {
        Operator::Modulo => None,
        Operator::Divide => Some(call(&arithmetic::FLOAT_DIVIDE, vec![left, right])),
        _ => Some(call(function, vec![left, right])),
    }
}

/// The exact numeric that an integer of this type fits.
pub(super) fn as_numeric(data_type: &DataType) -> DataType {
    match data_type {
        DataType::Int16 => DataType::Decimal128(5, 0),
        DataType::Int32 => DataType::Decimal128(10, 0),
        DataType::Int64 => DataType::Decimal128(19, 0),
        DataType::Decimal128(..) => data_type.clone(),
        _ => DataType::Decimal128(PRECISION, 0),
    }
}

fn timestamp() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, None)
}

fn binary(left: Expr, op: Operator, right: Expr) -> Expr {
    Expr::BinaryExpr(BinaryExpr::new(Box::new(left), op, Box::new(right)))
}

fn to(expr: &Expr, from: &DataType, target: &DataType) -> Expr {
    if from == target { expr.clone() } else { cast(expr.clone(), target.clone()) }
}
