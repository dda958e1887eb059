//! MySQL and MariaDB. Their connection is set up so that text compares by bytes without padding, backslashes are themselves, quotients have 30 decimals
//! more than their numerators, and times are UTC (`connect::mysql`); what still means something else stays in the gateway.

mod allow;
mod literal;

use super::{AggregateCall, Failure, NamedQueries, Nulls, Operand, OrderKey, Refusal, Words};
use crate::function::numeric::{QUOTIENT_SCALE, scale_of};
use arrow::datatypes::DataType;
use datafusion::common::{DFSchema, Result, ScalarValue, internal_err};
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::{Expr, JoinType, LogicalPlan, Operator};

/// MySQL's words.
#[derive(Debug)]
pub(super) struct MySql;

impl Words for MySql {
    fn product(&self) -> &'static str {
        "MySQL"
    }

    fn expression(&self, expr: &Expr, schema: &DFSchema, failure: Failure) -> Result<(), Refusal> {
        allow::expression(expr, schema, failure)
    }

    fn operator(&self, node: &LogicalPlan) -> Result<(), Refusal> {
        match node {
            LogicalPlan::Join(join) if join.join_type == JoinType::Full => Err("MySQL has no FULL JOIN".to_owned()),
            _ => Ok(()),
        }
    }

    fn named_queries(&self) -> NamedQueries {
        NamedQueries::Inline
    }

    fn identifier(&self, name: &str) -> String {
        format!("`{}`", name.replace('`', "``"))
    }

    fn literal(&self, value: &ScalarValue) -> Result<String> {
        literal::literal(value)
    }

    fn cast(&self, value: Operand<'_>, target: &DataType) -> Result<String> {
        let widened = matches!((value.data_type, target), (DataType::Decimal128(_, from), DataType::Decimal128(_, to)) if from <= to);
        Ok(match literal::cast_type(target)? {
            // More decimals of an exact number change nothing, and a cast could clamp.
            Some(name) if !widened => format!("CAST({} AS {name})", value.text),
            _ => value.text.to_owned(),
        })
    }

    fn binary(&self, left: Operand<'_>, op: Operator, right: Operand<'_>) -> Result<String> {
        let (l, r) = (left.text, right.text);
        Ok(match op {
            Operator::StringConcat => format!("CONCAT({l}, {r})"),
            Operator::IsNotDistinctFrom => format!("({l} <=> {r})"),
            Operator::IsDistinctFrom => format!("(NOT ({l} <=> {r}))"),
            // The second condition decides; by the first, which it implies, the index of the column's own collation is used.
            Operator::Eq => match (own_collation(l), r.starts_with('\'')) {
                (Some(column), true) => format!("({column} = {r} AND {l} = {r})"),
                _ => format!("({l} = {r})"),
            },
            other => format!("({l} {} {r})", super::expression::operator(other)?),
        })
    }

    fn like(&self, value: &str, negated: &str, pattern: &str) -> String {
        // The servers disagree on what escapes where nothing is said.
        format!("({value} {negated}LIKE {pattern} ESCAPE '\\')")
    }

    fn function(&self, function: &ScalarFunction, arguments: &[Operand<'_>]) -> Result<String> {
        let texts: Vec<&str> = arguments.iter().map(|a| a.text).collect();
        Ok(match (function.func.name(), texts.as_slice()) {
            ("weft_add" | "weft_numeric_add", [a, b]) => format!("({a} + {b})"),
            ("weft_subtract" | "weft_numeric_subtract", [a, b]) => format!("({a} - {b})"),
            ("weft_multiply" | "weft_numeric_multiply", [a, b]) => format!("({a} * {b})"),
            ("weft_negate", [a]) => format!("(- {a})"),
            ("weft_int_divide", [a, b]) => unless_zero(a, b, &format!("({a} DIV {b})")),
            ("weft_int_modulo", [a, b]) => unless_zero(a, b, &format!("({a} % {b})")),
            ("weft_numeric_divide", [a, b]) => {
                let scale = arguments.iter().filter_map(|o| scale_of(o.data_type)).fold(QUOTIENT_SCALE, i8::max);
                unless_zero(a, b, &format!("ROUND({a} / {b}, {scale})"))
            }
            ("weft_date_difference", [a, b]) => format!("DATEDIFF({a}, {b})"),
            ("weft_date_add_days", [a, b]) => format!("DATE_ADD({a}, INTERVAL {b} DAY)"),
            ("character_length", [a]) => format!("CHAR_LENGTH({a})"),
            ("substr", texts) => format!("SUBSTRING({})", texts.join(", ")),
            // PostgreSQL's concat passes over NULLs.
            ("concat", texts) => format!("CONCAT_WS('', {})", texts.join(", ")),
            ("strpos", [a, b]) => format!("LOCATE({b}, {a})"),
            ("date_part", [unit, value]) => format!("EXTRACT({} FROM {value})", unit.trim_matches('\'').to_uppercase()),
            ("coalesce" | "nullif" | "left" | "right" | "replace" | "abs", texts) => {
                format!("{}({})", function.func.name().to_uppercase(), texts.join(", "))
            }
            (name, _) => return internal_err!("function {name} cannot be said to MySQL"),
        })
    }

    fn aggregate(&self, call: &AggregateCall<'_>) -> Result<String> {
        let texts: Vec<&str> = call.arguments.iter().map(|a| a.text).collect();
        let argument = match (call.filter, texts.as_slice()) {
            (None, texts) => texts.join(", "),
            (Some(filter), [only]) => format!("CASE WHEN {filter} THEN {only} END"),
            (Some(_), _) => return internal_err!("a filtered aggregate of several arguments cannot be said to MySQL"),
        };
        Ok(format!("{}({}{argument}){}", call.name, call.distinct, call.over))
    }

    /// MySQL's NULLs are below every value and cannot be placed: a key before the key places them.
    fn order_key(&self, key: &OrderKey<'_>) -> String {
        let text = key.value.text;
        match (key.nulls, key.direction) {
            (Nulls::First, "DESC") => format!("({text} IS NULL) DESC, {text} DESC"),
            (Nulls::Last, "ASC") => format!("({text} IS NULL), {text}"),
            (_, direction) => format!("{text} {direction}"),
        }
    }

    fn limit(&self, fetch: Option<&str>, skip: Option<&str>) -> String {
        match (fetch, skip) {
            (None, None) => String::new(),
            (Some(fetch), None) => format!(" LIMIT {fetch}"),
            // There is no OFFSET alone; the manual's way is a number that is never reached.
            (fetch, Some(skip)) => format!(" LIMIT {} OFFSET {skip}", fetch.unwrap_or("18446744073709551615")),
        }
    }
}

/// MySQL's division by zero is NULL. It shall be an error: one of MySQL's own, upon which the gateway computes the answer, or the right error, itself.
fn unless_zero(a: &str, b: &str, quotient: &str) -> String {
    format!(
        "CASE WHEN {b} = 0 AND {a} IS NOT NULL THEN 9223372036854775807 + CAST(ABS({b}) AS SIGNED) + 1 ELSE {quotient} END"
    )
}

/// The bare column of a text that is a column under our collation: ``(t1.`a` COLLATE utf8mb4_nopad_bin)``.
fn own_collation(text: &str) -> Option<&str> {
    let (column, _) = text.strip_prefix('(')?.strip_suffix(')')?.split_once(" COLLATE ")?;
    let is_bare = column.ends_with('`') && column.matches('`').count() == 2 && !column.contains(['(', '\'']);
    is_bare.then_some(column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equality_names_the_column_for_its_index() {
        let text = |text| Operand { text, data_type: &DataType::Utf8 };
        let said = |left| MySql.binary(text(left), Operator::Eq, text("'x'")).expect("said");
        assert_eq!(said("(t1.`a` COLLATE c)"), "(t1.`a` = 'x' AND (t1.`a` COLLATE c) = 'x')");
        assert_eq!(said("(CONVERT(t1.`a` USING u) COLLATE c)"), "((CONVERT(t1.`a` USING u) COLLATE c) = 'x')");
    }
}
