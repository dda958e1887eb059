//! Single expressions: integer literals that are `integer`, checked negation, casts that round.

use super::operand::{self, Family};
use super::operator;
use crate::function::numeric::PRECISION;
use crate::function::{arithmetic, calendar, call, cast, input, json_path, raise, text, typed};
use arrow::datatypes::DataType;
use datafusion::common::metadata::FieldMetadata;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::logical_expr::expr::{Cast, ScalarFunction};
use datafusion::logical_expr::{Expr, ExprSchemable, cast as cast_to};
use weft_core::pgtype::{ColumnType, PG_TYPE_KEY};
use weft_core::{Error, ErrorKind};

/// Rewrites the expression from its leaves up. Its name may change.
pub(super) fn rewrite(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    expr.transform_up(|e| rewrite_one(e, schema))
}

fn rewrite_one(expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
    match expr {
        Expr::Literal(value, metadata) => Ok(typed_literal(value, metadata)),
        Expr::BinaryExpr(binary) => Ok(match operator::rewrite(&binary.left, binary.op, &binary.right, schema) {
            Some(better) => Transformed::yes(better),
            None => Transformed::no(Expr::BinaryExpr(binary)),
        }),
        Expr::Negative(inner) => match inner.get_type(schema) {
            Ok(DataType::Int16 | DataType::Int32 | DataType::Int64) => {
                Ok(Transformed::yes(call(&arithmetic::NEGATE, vec![*inner])))
            }
            _ => Ok(Transformed::no(Expr::Negative(inner))),
        },
        Expr::Cast(c) => {
            use DataType::*;
            if is_plain(c.field.metadata())
                && let Some(value) = read_as(&c.expr, c.field.data_type())?
            {
                return Ok(Transformed::yes(value));
            }
            if let Some(read) = read_marked(&c, schema)? {
                return Ok(Transformed::yes(Expr::Cast(Cast { expr: Box::new(read), field: c.field })));
            }
            let from = c.expr.get_type(schema);
            match (from, c.field.data_type(), cast::to_integer_function(c.field.data_type())) {
                (Ok(Float32 | Float64 | Decimal128(..)), _, Some(function)) => {
                    Ok(Transformed::yes(call(function, vec![*c.expr])))
                }
                (Ok(t), Utf8 | Utf8View | LargeUtf8, _) if text::differs(&t) => {
                    Ok(Transformed::yes(call(&text::TO_TEXT, vec![*c.expr])))
                }
                (Ok(Utf8 | Utf8View | LargeUtf8), target, _) => match input::reader(target) {
                    Some(function) => Ok(Transformed::yes(call(function, vec![*c.expr]))),
                    None => Ok(Transformed::no(Expr::Cast(c))),
                },
                (Ok(Boolean), Int16 | Int64 | Float32 | Float64 | Decimal128(..), _)
                | (Ok(Int16 | Int64 | Float32 | Float64 | Decimal128(..)), Boolean, _)
                | (Ok(Date32), Int16 | Int32 | Int64, _)
                | (Ok(Int16 | Int32 | Int64), Date32, _) => {
                    Err(cannot_cast(&c.expr.get_type(schema)?, c.field.data_type()))
                }
                _ => Ok(Transformed::no(Expr::Cast(c))),
            }
        }
        Expr::Between(mut between) => {
            let target = between.expr.to_field(schema);
            if let Ok((_, target)) = &target {
                for bound in [&mut between.low, &mut between.high] {
                    if let Some(value) = operand::read_beside(bound, target)? {
                        **bound = value;
                    }
                }
            }
            Ok(Transformed::yes(Expr::Between(between)))
        }
        Expr::InList(mut list) => {
            if let Ok((_, target)) = list.expr.to_field(schema) {
                for item in &mut list.list {
                    if let Some(value) = operand::read_beside(item, &target)? {
                        *item = value;
                    }
                }
            }
            Ok(Transformed::yes(Expr::InList(list)))
        }
        Expr::Case(mut case) => {
            if case.expr.is_none() {
                for (when, _) in &case.when_then_expr {
                    operand::truth(when, schema, "CASE/WHEN")?;
                }
            }
            // PostgreSQL looks at ELSE first.
            let mut arms: Vec<&mut Expr> = case.else_expr.iter_mut().map(AsMut::as_mut).collect();
            arms.extend(case.when_then_expr.iter_mut().map(|(_, then)| then.as_mut()));
            operand::unify("CASE", &mut arms, schema)?;
            Ok(Transformed::yes(Expr::Case(case)))
        }
        Expr::Like(like) => {
            if let Ok((_, field)) = like.expr.to_field(schema)
                && Family::of(field.data_type()).is_some_and(|family| family != Family::Text)
            {
                let op = match (like.negated, like.case_insensitive) {
                    (false, false) => "~~",
                    (true, false) => "!~~",
                    (false, true) => "~~*",
                    (true, true) => "!~~*",
                };
                return Err(operand::no_operator(&ColumnType::of_field(&field).sql_name(), op, "unknown"));
            }
            Ok(Transformed::no(Expr::Like(like)))
        }
        Expr::ScalarFunction(mut f) if f.func.name() == typed::NAME && !f.args.is_empty() => {
            Ok(Transformed::yes(f.args.swap_remove(0)))
        }
        Expr::ScalarFunction(mut f) if f.func.name() == typed::NUMERIC && !f.args.is_empty() => {
            let value = f.args.swap_remove(0);
            let text = match &value {
                Expr::Literal(ScalarValue::Utf8(Some(text)), _) => Some(text.as_str()),
                _ => None,
            };
            let target = typed::numeric_type(&value.get_type(schema)?, text);
            match operand::read(&value, &target)? {
                Some(value) => Ok(Transformed::yes(value)),
                None => Ok(Transformed::yes(rewrite_one(cast_to(value, target), schema)?.data)),
            }
        }
        Expr::ScalarFunction(mut f) if f.func.name() == typed::MOMENT && !f.args.is_empty() => {
            let value = f.args.swap_remove(0);
            let is_date = value.get_type(schema).is_ok_and(|t| t == DataType::Date32);
            Ok(Transformed::yes(if is_date { cast_to(value, typed::moment_type()) } else { value }))
        }
        Expr::ScalarFunction(f) if f.func.name() == "date_part" && f.args.len() == 2 => {
            check_field(&f.args[0], &f.args[1], schema)?;
            Ok(Transformed::no(Expr::ScalarFunction(f)))
        }
        // Its operands were of one type when it was planned; a literal below may have become narrower since.
        Expr::ScalarFunction(f) if operator::is_integer_arithmetic(f.func.name()) => {
            match operator::same_width(&f.args, schema) {
                Some(args) => Ok(Transformed::yes(Expr::ScalarFunction(ScalarFunction::new_udf(f.func, args)))),
                None => Ok(Transformed::no(Expr::ScalarFunction(f))),
            }
        }
        // How many decimals are kept is part of the type where it is written down.
        Expr::ScalarFunction(f) if matches!(f.func.name(), "round" | "trunc") && f.args.len() == 2 => {
            let decimals = match &f.args[1] {
                Expr::Literal(ScalarValue::Int32(Some(n)), _) => i8::try_from(*n).ok(),
                _ => None,
            };
            match (decimals, f.args[0].get_type(schema)) {
                (Some(n), Ok(DataType::Decimal128(_, scale))) if (0..scale).contains(&n) => {
                    let kept = DataType::Decimal128(PRECISION, n);
                    Ok(Transformed::yes(cast_to(Expr::ScalarFunction(f), kept)))
                }
                _ => Ok(Transformed::no(Expr::ScalarFunction(f))),
            }
        }
        Expr::ScalarFunction(f) if matches!(f.func.name(), "coalesce" | "nullif" | "greatest" | "least") => {
            let types = f.args.iter().map(|a| a.get_type(schema)).collect::<Result<Vec<_>>>()?;
            let Some(common) = operand::common_moment(types.iter()) else {
                return Ok(Transformed::no(Expr::ScalarFunction(f)));
            };
            let args = f.args.into_iter().map(|a| cast_to(a, common.clone())).collect();
            Ok(Transformed::yes(Expr::ScalarFunction(ScalarFunction::new_udf(f.func, args))))
        }
        Expr::ScalarFunction(f) if matches!(f.func.name(), "concat" | "concat_ws") => {
            let args = f.args.into_iter().map(|a| match a.get_type(schema) {
                Ok(t) if text::differs(&t) => call(&text::TO_TEXT, vec![a]),
                Ok(DataType::Boolean) => call(&text::BOOL_LETTER, vec![a]),
                _ => a,
            });
            Ok(Transformed::yes(Expr::ScalarFunction(ScalarFunction::new_udf(f.func, args.collect()))))
        }
        other => Ok(Transformed::no(other)),
    }
}

/// 22023 for a field that nothing has, 0A000 for one that a date has not.
fn check_field(unit: &Expr, value: &Expr, schema: &DFSchema) -> Result<()> {
    const OF_A_DATE: &[&str] =
        &["year", "years", "month", "months", "day", "days", "quarter", "week", "dow", "isodow", "doy", "isoyear"];
    const OF_A_TIME: &[&str] = &["hour", "hours", "minute", "minutes", "timezone_hour", "timezone_minute"];
    let (Expr::Literal(unit, _), Ok(data_type)) = (unit, value.get_type(schema)) else { return Ok(()) };
    let unit = unit.try_as_str().flatten().unwrap_or_default().to_lowercase();
    let unit = unit.as_str();
    if OF_A_TIME.contains(&unit) && data_type == DataType::Date32 {
        return Err(calendar::unsupported(unit, &data_type));
    }
    if OF_A_DATE.contains(&unit) || OF_A_TIME.contains(&unit) {
        return Ok(());
    }
    let name = ColumnType::of_arrow(&data_type).sql_name();
    let message = format!("unit \"{unit}\" not recognized for type {name}");
    Err(raise(Error::new(ErrorKind::InvalidParameterValue, message)))
}

/// The literal in quotes as this type, where we read it ourselves.
fn read_as(expr: &Expr, target: &DataType) -> Result<Option<Expr>> {
    if input::reader(target).is_some() { operand::read(expr, target) } else { Ok(None) }
}

/// The text below a cast to a type that Arrow carries as text, read as that type; nothing if it is spelled so.
fn read_marked(cast: &Cast, schema: &DFSchema) -> Result<Option<Expr>> {
    let Some(wanted) = cast.field.metadata().get(PG_TYPE_KEY) else { return Ok(None) };
    let Some((function, spell)) = input::marked_reader(wanted) else { return Ok(None) };
    match cast.expr.as_ref() {
        Expr::Literal(ScalarValue::Utf8(Some(text)), metadata) => {
            let spelled = spell(text).map_err(raise)?;
            Ok((spelled != *text).then(|| Expr::Literal(ScalarValue::Utf8(Some(spelled)), metadata.clone())))
        }
        Expr::ScalarFunction(f) if f.func.name() == function.name() || json_path::gives_json(f.func.name()) => Ok(None),
        text => match text.to_field(schema) {
            Ok((_, field))
                if matches!(field.data_type(), DataType::Utf8 | DataType::Utf8View | DataType::LargeUtf8) =>
            {
                let is_read = field.metadata().get(PG_TYPE_KEY).is_some_and(|tag| is_spelled_like(tag, wanted));
                Ok((!is_read).then(|| call(function, vec![text.clone()])))
            }
            _ => Ok(None),
        },
    }
}

/// Whether values of one marked type are spelled as those of the other.
fn is_spelled_like(given: &str, wanted: &str) -> bool {
    given == wanted || (given.starts_with("json") && wanted.starts_with("json"))
}

/// Whether a type is what Arrow says it is.
fn is_plain(metadata: &std::collections::HashMap<String, String>) -> bool {
    !metadata.contains_key(PG_TYPE_KEY)
}

fn cannot_cast(from: &DataType, to: &DataType) -> datafusion::error::DataFusionError {
    let name = |t: &DataType| ColumnType::of_arrow(t).sql_name();
    raise(Error::new(ErrorKind::CannotCoerce, format!("cannot cast type {} to {}", name(from), name(to))))
}

/// A number as PostgreSQL types it: an `integer` if it fits, a numeric without digits dropped from its end.
fn typed_literal(value: ScalarValue, metadata: Option<FieldMetadata>) -> Transformed<Expr> {
    match value {
        ScalarValue::Int64(Some(v)) if i32::try_from(v).is_ok() => {
            Transformed::yes(Expr::Literal(ScalarValue::Int32(Some(v as i32)), metadata))
        }
        ScalarValue::Decimal128(Some(v), _, scale) if scale < 0 => {
            let whole = 10i128.checked_pow(u32::from(scale.unsigned_abs())).and_then(|power| v.checked_mul(power));
            match whole.filter(|w| w.unsigned_abs() < 10u128.pow(38)) {
                Some(whole) => Transformed::yes(Expr::Literal(ScalarValue::Decimal128(Some(whole), 38, 0), metadata)),
                None => Transformed::no(Expr::Literal(value, metadata)),
            }
        }
        other => Transformed::no(Expr::Literal(other, metadata)),
    }
}

/// The literals of an operand as PostgreSQL types them: `5` is an `integer` if it fits.
pub(super) fn narrow_literals(expr: Expr) -> Expr {
    let narrowed = expr.clone().transform_down(|e| match e {
        Expr::Literal(value, metadata) => Ok(typed_literal(value, metadata)),
        // The same aggregate must look the same wherever it stands in the query: DataFusion finds it by that.
        Expr::AggregateFunction(_) | Expr::WindowFunction(_) => Ok(Transformed::new(e, false, TreeNodeRecursion::Jump)),
        other => Ok(Transformed::no(other)),
    });
    narrowed.map(|t| t.data).unwrap_or(expr)
}
