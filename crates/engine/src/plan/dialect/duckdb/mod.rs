//! DuckDB, where files are read: what may go there ([`allow`]), its literals, and the macros that our own functions become ([`macros`]).

mod allow;
mod literal;
pub(super) use literal::value_text;
pub mod macros;

use super::{AggregateCall, Failure, NamedQueries, Nulls, Operand, OrderKey, Refusal, Words};
use crate::function::numeric::QUOTIENT_SCALE;
use arrow::datatypes::DataType;
use datafusion::common::{DFSchema, Result, ScalarValue, internal_err};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{Expr, LogicalPlan, Operator};
use weft_core::name::quote_always;

/// DuckDB's words.
#[derive(Debug)]
pub struct DuckDb;

impl Words for DuckDb {
    fn product(&self) -> &'static str {
        "DuckDB"
    }

    fn expression(&self, expr: &Expr, schema: &DFSchema, failure: Failure) -> Result<(), Refusal> {
        allow::expression(expr, schema, failure)
    }

    fn operator(&self, _: &LogicalPlan) -> Result<(), Refusal> {
        Ok(())
    }

    fn named_queries(&self) -> NamedQueries {
        NamedQueries::Common
    }

    fn identifier(&self, name: &str) -> String {
        quote_always(name)
    }

    fn literal(&self, value: &ScalarValue) -> Result<String> {
        literal::literal(value)
    }

    fn cast(&self, value: Operand<'_>, target: &DataType) -> Result<String> {
        Ok(format!("CAST({} AS {})", value.text, literal::type_name(target)?))
    }

    fn binary(&self, left: Operand<'_>, op: Operator, right: Operand<'_>) -> Result<String> {
        Ok(format!("({} {} {})", left.text, super::expression::operator(op)?, right.text))
    }

    fn like(&self, value: &str, negated: &str, pattern: &str) -> String {
        format!("({value} {negated}LIKE {pattern})")
    }

    fn function(&self, function: &ScalarFunction, arguments: &[Operand<'_>]) -> Result<String> {
        let texts: Vec<&str> = arguments.iter().map(|a| a.text).collect();
        Ok(match (function.func.name(), texts.as_slice()) {
            ("weft_add" | "weft_numeric_add" | "weft_date_add_days", [a, b]) => format!("({a} + {b})"),
            ("weft_subtract" | "weft_numeric_subtract", [a, b]) => format!("({a} - {b})"),
            ("weft_multiply" | "weft_numeric_multiply", [a, b]) => format!("({a} * {b})"),
            ("weft_negate", [a]) => format!("(- {a})"),
            ("weft_date_difference", [a, b]) => format!("CAST(({a} - {b}) AS INTEGER)"),
            // By way of bigint: DuckDB's casts from double to the smaller ones are wrong at their edges.
            ("weft_to_int2", [a]) => format!("CAST(CAST({a} AS BIGINT) AS SMALLINT)"),
            ("weft_to_int4", [a]) => format!("CAST(CAST({a} AS BIGINT) AS INTEGER)"),
            ("weft_to_int8", [a]) => format!("CAST({a} AS BIGINT)"),
            ("weft_numeric_divide", [a, b]) => {
                let Some(scale) = allow::declared_scale(&function.args[0]) else {
                    return internal_err!("the scale of a numerator is not known");
                };
                let power = |digits: i8| format!("1{}", "0".repeat(usize::try_from(digits).unwrap_or(0)));
                format!("weft_numeric_divide({a}, {b}, {}, {})", power(scale), power(QUOTIENT_SCALE - scale))
            }
            ("character_length", [a]) => format!("CAST(length({a}) AS INTEGER)"),
            ("strpos", [a, b]) => format!("CAST(strpos({a}, {b}) AS INTEGER)"),
            ("date_part", [unit, value]) => format!("CAST(date_part({unit}, {value}) AS INTEGER)"),
            ("substr", texts) => format!("substring({})", texts.join(", ")),
            (name, texts) => format!("{name}({})", texts.join(", ")),
        })
    }

    fn aggregate(&self, call: &AggregateCall<'_>) -> Result<String> {
        let arguments: Vec<&str> = call.arguments.iter().map(|a| a.text).collect();
        let filter = call.filter.map(|f| format!(" FILTER (WHERE {f})")).unwrap_or_default();
        Ok(format!("{}({}{}){filter}{}", call.name, call.distinct, arguments.join(", "), call.over))
    }

    fn order_key(&self, key: &OrderKey<'_>) -> String {
        let nulls = if key.nulls == Nulls::First { "FIRST" } else { "LAST" };
        format!("{} {} NULLS {nulls}", key.value.text, key.direction)
    }

    fn limit(&self, fetch: Option<&str>, skip: Option<&str>) -> String {
        super::select::limit_and_offset(fetch, skip)
    }
}
