//! PostgreSQL, whose meaning is ours: nearly every expression may go there. What stays is what depends on the server's locale or time zone, and what
//! has a type that Weft knows otherwise.

mod allow;
mod literal;

use super::{AggregateCall, Failure, NamedQueries, Nulls, Operand, OrderKey, Refusal, Words, is_text};
use crate::function::numeric::{QUOTIENT_SCALE, scale_of};
use arrow::datatypes::DataType;
use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{Expr, JoinType, LogicalPlan, Operator};
use weft_core::name::quote_always;

/// PostgreSQL's words.
#[derive(Debug)]
pub(super) struct Postgres;

impl Words for Postgres {
    fn product(&self) -> &'static str {
        "PostgreSQL"
    }

    fn expression(&self, expr: &Expr, schema: &DFSchema, failure: Failure) -> Result<(), Refusal> {
        allow::expression(expr, schema, failure)
    }

    fn operator(&self, node: &LogicalPlan) -> Result<(), Refusal> {
        match node {
            LogicalPlan::Join(join)
                if join.join_type == JoinType::Full && (join.on.is_empty() || join.filter.is_some()) =>
            {
                Err("PostgreSQL has FULL JOIN on equal columns only".to_owned())
            }
            _ => Ok(()),
        }
    }

    fn named_queries(&self) -> NamedQueries {
        NamedQueries::Inline
    }

    fn identifier(&self, name: &str) -> String {
        quote_always(name)
    }

    fn literal(&self, value: &ScalarValue) -> Result<String> {
        literal::literal(value)
    }

    fn cast(&self, value: Operand<'_>, target: &DataType) -> Result<String> {
        Ok(format!("({})::{}", value.text, literal::type_name(target)?))
    }

    fn binary(&self, left: Operand<'_>, op: Operator, right: Operand<'_>) -> Result<String> {
        // Equality is by bytes under every deterministic collation; order is not.
        let ordered = matches!(op, Operator::Lt | Operator::LtEq | Operator::Gt | Operator::GtEq);
        let collation = if ordered && is_text(left.data_type) { BYTEWISE } else { "" };
        let op = match op {
            Operator::Modulo => "%",
            other => super::expression::operator(other)?,
        };
        Ok(format!("({} {op} {}{collation})", left.text, right.text))
    }

    fn like(&self, value: &str, negated: &str, pattern: &str) -> String {
        format!("({value} {negated}LIKE {pattern})")
    }

    fn function(&self, function: &ScalarFunction, arguments: &[Operand<'_>]) -> Result<String> {
        let texts: Vec<&str> = arguments.iter().map(|a| a.text).collect();
        Ok(match (function.func.name(), texts.as_slice()) {
            ("weft_add" | "weft_numeric_add" | "weft_date_add_days", [a, b]) => format!("({a} + {b})"),
            ("weft_subtract" | "weft_numeric_subtract" | "weft_date_difference", [a, b]) => format!("({a} - {b})"),
            ("weft_multiply" | "weft_numeric_multiply", [a, b]) => format!("({a} * {b})"),
            ("weft_int_divide" | "weft_float_divide", [a, b]) => format!("({a} / {b})"),
            ("weft_int_modulo", [a, b]) => format!("({a} % {b})"),
            ("weft_negate", [a]) => format!("(- {a})"),
            ("weft_to_int2", [a]) => format!("({a})::smallint"),
            ("weft_to_int4", [a]) => format!("({a})::integer"),
            ("weft_to_int8", [a]) => format!("({a})::bigint"),
            // The zero gives the numerator the decimals that the quotient shall have at least; PostgreSQL may give more.
            ("weft_numeric_divide", [a, b]) => {
                let scale = arguments.iter().filter_map(|o| scale_of(o.data_type)).fold(QUOTIENT_SCALE, i8::max);
                let zeros = "0".repeat(usize::try_from(scale).unwrap_or(0));
                format!("round(({a} + 0.{zeros}) / {b}, {scale})")
            }
            ("weft_numeric_round", [a]) => format!("round({a})"),
            ("weft_numeric_trunc", [a]) => format!("trunc({a})"),
            ("weft_numeric_ceil", [a]) => format!("ceil({a})"),
            ("weft_numeric_floor", [a]) => format!("floor({a})"),
            ("character_length", [a]) => format!("length({a})"),
            ("date_part", [unit, value]) => format!("date_part({unit}, {value})::integer"),
            // DataFusion counts characters in bigints, PostgreSQL's functions take integers.
            ("substr" | "left" | "right" | "repeat" | "split_part", _) => {
                let each = arguments.iter().map(|a| match a.data_type {
                    DataType::Int64 => format!("({})::integer", a.text),
                    _ => a.text.to_owned(),
                });
                format!("{}({})", function.func.name(), each.collect::<Vec<_>>().join(", "))
            }
            (name, texts) => format!("{name}({})", texts.join(", ")),
        })
    }

    fn aggregate(&self, call: &AggregateCall<'_>) -> Result<String> {
        let collation = match call.arguments {
            [only] if is_text(only.data_type) && matches!(call.name, "min" | "max") => BYTEWISE,
            _ => "",
        };
        let arguments: Vec<&str> = call.arguments.iter().map(|a| a.text).collect();
        let filter = call.filter.map(|f| format!(" FILTER (WHERE {f})")).unwrap_or_default();
        let text = format!("{}({}{}{collation}){filter}{}", call.name, call.distinct, arguments.join(", "), call.over);
        // PostgreSQL's sum of bigints is a numeric, which divides otherwise.
        Ok(match (call.name, call.returns) {
            ("sum", DataType::Int64) => format!("({text})::bigint"),
            _ => text,
        })
    }

    fn order_key(&self, key: &OrderKey<'_>) -> String {
        let collation = if is_text(key.value.data_type) { BYTEWISE } else { "" };
        let nulls = match (key.nulls, key.direction) {
            (Nulls::First, "ASC") => " NULLS FIRST",
            (Nulls::Last, "DESC") => " NULLS LAST",
            _ => "",
        };
        let direction = if key.direction == "DESC" { " DESC" } else { "" };
        format!("{}{collation}{direction}{nulls}", key.value.text)
    }

    fn limit(&self, fetch: Option<&str>, skip: Option<&str>) -> String {
        super::select::limit_and_offset(fetch, skip)
    }
}

/// Weft's order of text is by bytes.
const BYTEWISE: &str = " COLLATE \"C\"";
