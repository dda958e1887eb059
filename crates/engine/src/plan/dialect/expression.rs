//! Expressions as SQL. Columns are written as the text that the enclosing SELECT gives them; only what [`super::allow`] lets through is known here.

use super::select::Writer;
use super::{AggregateCall, Nulls, Operand, OrderKey};
use arrow::datatypes::DataType;
use datafusion::common::{Column, DFSchema, Result, internal_err};
use datafusion::logical_expr::expr::{AggregateFunction, Case, ScalarFunction, Sort, WindowFunction};
use datafusion::logical_expr::{
    Expr, ExprSchemable, Operator, WindowFrame, WindowFrameBound, WindowFrameUnits, WindowFunctionDefinition,
};
use std::collections::HashMap;

/// The texts of the columns that can be named in one SELECT, and the scope around it.
pub(super) struct Scope<'a> {
    schema: &'a DFSchema,
    columns: HashMap<Column, &'a str>,
    outer: Option<&'a Scope<'a>>,
}

impl<'a> Scope<'a> {
    /// The columns of the schema, in its order, by their texts.
    pub(super) fn new(schema: &'a DFSchema, texts: &'a [String], outer: Option<&'a Scope<'a>>) -> Self {
        Scope { schema, columns: schema.columns().into_iter().zip(texts.iter().map(String::as_str)).collect(), outer }
    }

    fn type_of(&self, expr: &Expr) -> Result<DataType> {
        expr.get_type(self.schema)
    }

    fn is_never_null(&self, expr: &Expr) -> bool {
        expr.nullable(self.schema).is_ok_and(|nullable| !nullable)
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
pub(super) fn write(writer: &mut Writer<'_>, expr: &Expr, scope: &Scope<'_>) -> Result<String> {
    let mut sub = |e: &Expr| write(writer, e, scope);
    Ok(match expr {
        Expr::Alias(alias) => sub(&alias.expr)?,
        Expr::Column(column) => scope.column(column)?,
        Expr::OuterReferenceColumn(_, column) => scope.outer_column(column)?,
        Expr::Literal(value, _) => writer.words.literal(value)?,
        // A parameter of a template: its name is what marks its place.
        Expr::Placeholder(parameter) => parameter.id.clone(),
        Expr::Not(e) => format!("(NOT {})", sub(e)?),
        Expr::IsNull(e) => format!("({} IS NULL)", sub(e)?),
        Expr::IsNotNull(e) => format!("({} IS NOT NULL)", sub(e)?),
        Expr::IsTrue(e) => format!("({} IS TRUE)", sub(e)?),
        Expr::IsNotTrue(e) => format!("({} IS NOT TRUE)", sub(e)?),
        Expr::IsFalse(e) => format!("({} IS FALSE)", sub(e)?),
        Expr::IsNotFalse(e) => format!("({} IS NOT FALSE)", sub(e)?),
        Expr::IsUnknown(e) => format!("({} IS NULL)", sub(e)?),
        Expr::IsNotUnknown(e) => format!("({} IS NOT NULL)", sub(e)?),
        Expr::BinaryExpr(b) => write_binary(writer, (&b.left, b.op, &b.right), scope)?,
        Expr::Like(like) => {
            let (value, pattern) = (sub(&like.expr)?, sub(&like.pattern)?);
            writer.words.like(&value, if like.negated { "NOT " } else { "" }, &pattern)
        }
        Expr::Between(b) => {
            let low = write_binary(writer, (&b.expr, Operator::GtEq, &b.low), scope)?;
            let high = write_binary(writer, (&b.expr, Operator::LtEq, &b.high), scope)?;
            format!("({}({low} AND {high}))", if b.negated { "NOT " } else { "" })
        }
        Expr::InList(list) => {
            let not = if list.negated { "NOT " } else { "" };
            let items = list.list.iter().map(&mut sub).collect::<Result<Vec<_>>>()?;
            format!("({} {not}IN ({}))", sub(&list.expr)?, items.join(", "))
        }
        Expr::Case(case) => write_case(writer, case, scope)?,
        Expr::Cast(c) => {
            let value = sub(&c.expr)?;
            writer.words.cast(Operand { text: &value, data_type: &scope.type_of(&c.expr)? }, c.field.data_type())?
        }
        Expr::ScalarFunction(f) => write_function(writer, f, scope)?,
        Expr::AggregateFunction(f) => write_aggregate(writer, expr, f, scope)?,
        Expr::WindowFunction(f) => write_window(writer, expr, f, scope)?,
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
        other => return internal_err!("{} cannot be said in SQL", other.variant_name()),
    })
}

fn write_binary(
    writer: &mut Writer<'_>,
    (left, op, right): (&Expr, Operator, &Expr),
    scope: &Scope<'_>,
) -> Result<String> {
    let (l, r) = (write(writer, left, scope)?, write(writer, right, scope)?);
    let (left_type, right_type) = (scope.type_of(left)?, scope.type_of(right)?);
    writer.words.binary(Operand { text: &l, data_type: &left_type }, op, Operand { text: &r, data_type: &right_type })
}

fn write_case(writer: &mut Writer<'_>, case: &Case, scope: &Scope<'_>) -> Result<String> {
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

fn write_function(writer: &mut Writer<'_>, function: &ScalarFunction, scope: &Scope<'_>) -> Result<String> {
    let written = operands(writer, &function.args, scope)?;
    writer.words.function(function, &written.each())
}

fn write_aggregate(
    writer: &mut Writer<'_>,
    expr: &Expr,
    call: &AggregateFunction,
    scope: &Scope<'_>,
) -> Result<String> {
    let params = &call.params;
    let arguments = operands(writer, &params.args, scope)?;
    let filter = params.filter.as_ref().map(|f| write(writer, f, scope)).transpose()?;
    writer.words.aggregate(&AggregateCall {
        name: call.func.name(),
        distinct: if params.distinct { "DISTINCT " } else { "" },
        arguments: &arguments.each(),
        filter: filter.as_deref(),
        returns: &scope.type_of(expr)?,
        over: "",
    })
}

fn write_window(writer: &mut Writer<'_>, expr: &Expr, call: &WindowFunction, scope: &Scope<'_>) -> Result<String> {
    let params = &call.params;
    let name = match &call.fun {
        WindowFunctionDefinition::AggregateUDF(f) => f.name(),
        WindowFunctionDefinition::WindowUDF(f) => f.name(),
    };
    let arguments = operands(writer, &params.args, scope)?;
    let mut over = Vec::new();
    if !params.partition_by.is_empty() {
        let parts = params.partition_by.iter().map(|e| write(writer, e, scope)).collect::<Result<Vec<_>>>()?;
        over.push(format!("PARTITION BY {}", parts.join(", ")));
    }
    if !params.order_by.is_empty() {
        over.push(format!("ORDER BY {}", write_order(writer, &params.order_by, scope)?));
        over.push(write_frame(&params.window_frame)?);
    }
    writer.words.aggregate(&AggregateCall {
        name,
        distinct: "",
        arguments: &arguments.each(),
        filter: None,
        returns: &scope.type_of(expr)?,
        over: &format!(" OVER ({})", over.join(" ")),
    })
}

/// Written operands with their types.
struct Operands(Vec<(String, DataType)>);

impl Operands {
    fn each(&self) -> Vec<Operand<'_>> {
        self.0.iter().map(|(text, data_type)| Operand { text, data_type }).collect()
    }
}

fn operands(writer: &mut Writer<'_>, exprs: &[Expr], scope: &Scope<'_>) -> Result<Operands> {
    let each = exprs.iter().map(|e| Ok((write(writer, e, scope)?, scope.type_of(e)?)));
    Ok(Operands(each.collect::<Result<_>>()?))
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

/// The keys of ORDER BY, each with its direction and the place of NULLs: the defaults of others are not PostgreSQL's.
pub(super) fn write_order(writer: &mut Writer<'_>, keys: &[Sort], scope: &Scope<'_>) -> Result<String> {
    let mut written = Vec::with_capacity(keys.len());
    for sort in keys {
        let text = write(writer, &sort.expr, scope)?;
        let nulls = match (scope.is_never_null(&sort.expr), sort.nulls_first) {
            (true, _) => Nulls::Absent,
            (false, true) => Nulls::First,
            (false, false) => Nulls::Last,
        };
        written.push(writer.words.order_key(&OrderKey {
            value: Operand { text: &text, data_type: &scope.type_of(&sort.expr)? },
            direction: if sort.asc { "ASC" } else { "DESC" },
            nulls,
        }));
    }
    Ok(written.join(", "))
}

/// The operators that every dialect spells alike.
pub(super) fn operator(op: Operator) -> Result<&'static str> {
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
        other => return internal_err!("operator {other} has no other spelling"),
    })
}
