//! Expressions as DuckDB's SQL. Columns are written as the text that the enclosing SELECT gives them; only what [`super::allow`] lets through is known
//! here.

use super::literal::{literal, type_name};
use super::select::Writer;
use crate::function::numeric::QUOTIENT_SCALE;
use datafusion::common::{Column, Result, internal_err};
use datafusion::logical_expr::expr::{AggregateFunction, Case, ScalarFunction, Sort, WindowFunction};
use datafusion::logical_expr::{
    Expr, Operator, WindowFrame, WindowFrameBound, WindowFrameUnits, WindowFunctionDefinition,
};
use std::collections::HashMap;

/// The texts of the columns that can be named in one SELECT, and the scope around it.
pub(super) struct Scope<'a> {
    columns: HashMap<Column, &'a str>,
    outer: Option<&'a Scope<'a>>,
}

impl<'a> Scope<'a> {
    pub(super) fn new(columns: impl Iterator<Item = (Column, &'a str)>, outer: Option<&'a Scope<'a>>) -> Self {
        Scope { columns: columns.collect(), outer }
    }

    fn column(&self, column: &Column) -> Result<String> {
        let plain = Column { spans: Default::default(), ..column.clone() };
        if let Some(text) = self.columns.get(&plain) {
            return Ok((*text).to_owned());
        }
        // A name without qualifier, where only one column has it.
        let mut named = self.columns.iter().filter(|(c, _)| c.name == column.name && column.relation.is_none());
        match (named.next(), named.next()) {
            (Some((_, text)), None) => Ok((*text).to_owned()),
            _ => internal_err!("column {column} is not in the statement's scope"),
        }
    }

    fn outer_column(&self, column: &Column) -> Result<String> {
        let mut scope = self.outer;
        while let Some(outer) = scope {
            if let Ok(text) = outer.column(column) {
                return Ok(text);
            }
            scope = outer.outer;
        }
        internal_err!("outer column {column} is not in the statement's scope")
    }
}

/// The expression's text, in parentheses wherever it could bind otherwise.
pub(super) fn write(writer: &mut Writer, expr: &Expr, scope: &Scope<'_>) -> Result<String> {
    let mut sub = |e: &Expr| write(writer, e, scope);
    Ok(match expr {
        Expr::Alias(alias) => sub(&alias.expr)?,
        Expr::Column(column) => scope.column(column)?,
        Expr::OuterReferenceColumn(_, column) => scope.outer_column(column)?,
        Expr::Literal(value, _) => literal(value)?,
        Expr::Not(e) => format!("(NOT {})", sub(e)?),
        Expr::IsNull(e) => format!("({} IS NULL)", sub(e)?),
        Expr::IsNotNull(e) => format!("({} IS NOT NULL)", sub(e)?),
        Expr::IsTrue(e) => format!("({} IS TRUE)", sub(e)?),
        Expr::IsNotTrue(e) => format!("({} IS NOT TRUE)", sub(e)?),
        Expr::IsFalse(e) => format!("({} IS FALSE)", sub(e)?),
        Expr::IsNotFalse(e) => format!("({} IS NOT FALSE)", sub(e)?),
        Expr::IsUnknown(e) => format!("({} IS NULL)", sub(e)?),
        Expr::IsNotUnknown(e) => format!("({} IS NOT NULL)", sub(e)?),
        Expr::BinaryExpr(b) => format!("({} {} {})", sub(&b.left)?, operator(b.op)?, sub(&b.right)?),
        Expr::Like(like) => {
            let op = match (like.negated, like.case_insensitive) {
                (false, false) => "LIKE",
                (true, false) => "NOT LIKE",
                (false, true) => "ILIKE",
                (true, true) => "NOT ILIKE",
            };
            format!("({} {op} {})", sub(&like.expr)?, sub(&like.pattern)?)
        }
        Expr::Between(b) => {
            let not = if b.negated { "NOT " } else { "" };
            format!("({} {not}BETWEEN {} AND {})", sub(&b.expr)?, sub(&b.low)?, sub(&b.high)?)
        }
        Expr::InList(list) => {
            let not = if list.negated { "NOT " } else { "" };
            let items = list.list.iter().map(&mut sub).collect::<Result<Vec<_>>>()?;
            format!("({} {not}IN ({}))", sub(&list.expr)?, items.join(", "))
        }
        Expr::Case(case) => write_case(writer, case, scope)?,
        Expr::Cast(c) => format!("CAST({} AS {})", sub(&c.expr)?, type_name(c.field.data_type())?),
        Expr::ScalarFunction(f) => write_function(writer, f, scope)?,
        Expr::AggregateFunction(f) => write_aggregate(writer, f, scope)?,
        Expr::WindowFunction(f) => write_window(writer, f, scope)?,
        Expr::Exists(exists) => {
            let not = if exists.negated { "NOT " } else { "" };
            format!("({not}EXISTS ({}))", writer.query(&exists.subquery.subquery, Some(scope))?)
        }
        Expr::InSubquery(within) => {
            let not = if within.negated { "NOT " } else { "" };
            let left = sub(&within.expr)?;
            format!("({left} {not}IN ({}))", writer.query(&within.subquery.subquery, Some(scope))?)
        }
        Expr::ScalarSubquery(subquery) => format!("({})", writer.query(&subquery.subquery, Some(scope))?),
        other => return internal_err!("{} cannot be said to DuckDB", other.variant_name()),
    })
}

fn operator(op: Operator) -> Result<&'static str> {
    Ok(match op {
        Operator::And => "AND",
        Operator::Or => "OR",
        Operator::Eq => "=",
        Operator::NotEq => "<>",
        Operator::Lt => "<",
        Operator::LtEq => "<=",
        Operator::Gt => ">",
        Operator::GtEq => ">=",
        Operator::IsDistinctFrom => "IS DISTINCT FROM",
        Operator::IsNotDistinctFrom => "IS NOT DISTINCT FROM",
        Operator::Plus => "+",
        Operator::Minus => "-",
        Operator::Multiply => "*",
        Operator::StringConcat => "||",
        other => return internal_err!("operator {other} cannot be said to DuckDB"),
    })
}

fn write_case(writer: &mut Writer, case: &Case, scope: &Scope<'_>) -> Result<String> {
    let mut text = "CASE".to_owned();
    if let Some(base) = &case.expr {
        text.push_str(&format!(" {}", write(writer, base, scope)?));
    }
    for (when, then) in &case.when_then_expr {
        text.push_str(&format!(" WHEN {} THEN {}", write(writer, when, scope)?, write(writer, then, scope)?));
    }
    if let Some(last) = &case.else_expr {
        text.push_str(&format!(" ELSE {}", write(writer, last, scope)?));
    }
    text.push_str(" END");
    Ok(text)
}

fn write_function(writer: &mut Writer, function: &ScalarFunction, scope: &Scope<'_>) -> Result<String> {
    let args = function.args.iter().map(|a| write(writer, a, scope)).collect::<Result<Vec<_>>>()?;
    Ok(match (function.func.name(), args.as_slice()) {
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
            let Some(scale) = super::allow::declared_scale(&function.args[0]) else {
                return internal_err!("the scale of a numerator is not known");
            };
            let power = |digits: i8| format!("1{}", "0".repeat(usize::try_from(digits).unwrap_or(0)));
            format!("weft_numeric_divide({a}, {b}, {}, {})", power(scale), power(QUOTIENT_SCALE - scale))
        }
        ("character_length", [a]) => format!("CAST(length({a}) AS INTEGER)"),
        ("strpos", [a, b]) => format!("CAST(strpos({a}, {b}) AS INTEGER)"),
        ("date_part", [unit, value]) => format!("CAST(date_part({unit}, {value}) AS {})", "INTEGER"),
        ("substr", args) => format!("substring({})", args.join(", ")),
        (name, args) => format!("{name}({})", args.join(", ")),
    })
}

fn write_aggregate(writer: &mut Writer, function: &AggregateFunction, scope: &Scope<'_>) -> Result<String> {
    let params = &function.params;
    let distinct = if params.distinct { "DISTINCT " } else { "" };
    let args = params.args.iter().map(|a| write(writer, a, scope)).collect::<Result<Vec<_>>>()?;
    let mut text = format!("{}({distinct}{})", function.func.name(), args.join(", "));
    if let Some(filter) = &params.filter {
        text.push_str(&format!(" FILTER (WHERE {})", write(writer, filter, scope)?));
    }
    Ok(text)
}

fn write_window(writer: &mut Writer, function: &WindowFunction, scope: &Scope<'_>) -> Result<String> {
    let params = &function.params;
    let name = match &function.fun {
        WindowFunctionDefinition::AggregateUDF(f) => f.name(),
        WindowFunctionDefinition::WindowUDF(f) => f.name(),
    };
    let args = params.args.iter().map(|a| write(writer, a, scope)).collect::<Result<Vec<_>>>()?;
    let mut over = Vec::new();
    if !params.partition_by.is_empty() {
        let parts = params.partition_by.iter().map(|e| write(writer, e, scope)).collect::<Result<Vec<_>>>()?;
        over.push(format!("PARTITION BY {}", parts.join(", ")));
    }
    if !params.order_by.is_empty() {
        over.push(format!("ORDER BY {}", write_order(writer, &params.order_by, scope)?));
        over.push(write_frame(&params.window_frame)?);
    }
    Ok(format!("{name}({}) OVER ({})", args.join(", "), over.join(" ")))
}

fn write_frame(frame: &WindowFrame) -> Result<String> {
    let units = match frame.units {
        WindowFrameUnits::Rows => "ROWS",
        WindowFrameUnits::Range => "RANGE",
        WindowFrameUnits::Groups => "GROUPS",
    };
    let bound = |b: &WindowFrameBound| -> Result<String> {
        Ok(match b {
            WindowFrameBound::CurrentRow => "CURRENT ROW".to_owned(),
            WindowFrameBound::Preceding(v) if v.is_null() => "UNBOUNDED PRECEDING".to_owned(),
            WindowFrameBound::Following(v) if v.is_null() => "UNBOUNDED FOLLOWING".to_owned(),
            WindowFrameBound::Preceding(v) => format!("{v} PRECEDING"),
            WindowFrameBound::Following(v) => format!("{v} FOLLOWING"),
        })
    };
    Ok(format!("{units} BETWEEN {} AND {}", bound(&frame.start_bound)?, bound(&frame.end_bound)?))
}

/// The keys of ORDER BY, each with its direction and the place of NULLs: DuckDB's defaults are not PostgreSQL's.
pub(super) fn write_order(writer: &mut Writer, keys: &[Sort], scope: &Scope<'_>) -> Result<String> {
    let mut key = |sort: &Sort| -> Result<String> {
        let direction = if sort.asc { "ASC" } else { "DESC" };
        let nulls = if sort.nulls_first { "NULLS FIRST" } else { "NULLS LAST" };
        Ok(format!("{} {direction} {nulls}", write(writer, &sort.expr, scope)?))
    };
    Ok(keys.iter().map(&mut key).collect::<Result<Vec<_>>>()?.join(", "))
}
