//! What INSERT makes of a query: each column of the table gets a column of the query, brought to its type as PostgreSQL assigns values, or nothing. Literals
//! and parameters take the type of the column that they are for. Syntax and types only: it must not know where rows go.

use sqlparser::ast::{CastKind, DataType, Expr, Query, Select, SelectItem, SetExpr, TableFactor, Value};
use weft_core::name::{quote_always, quote_identifier};
use weft_core::pgtype::{ColumnType, field_of_text};
use weft_core::{Error, ErrorKind, Result};
use weft_sql::StatementKind;

/// A column that gets values.
#[derive(Debug, Clone)]
pub struct Target {
    /// Its name.
    pub name: String,
    /// Its type.
    pub column_type: ColumnType,
    /// As SQL spells it.
    pub type_text: String,
    /// The same, read.
    data_type: DataType,
}

impl Target {
    /// A column of this name and type.
    pub fn new(name: &str, type_text: &str) -> Result<Target> {
        let column_type = ColumnType::of_field(&field_of_text(name, type_text));
        let data_type = data_type(type_text)?;
        Ok(Target { name: name.to_owned(), column_type, type_text: type_text.to_owned(), data_type })
    }
}

/// Gives what has no type of its own in the query the type of its target.
pub fn type_literals(query: &mut Query, targets: &[Target]) -> Result<()> {
    match &mut *query.body {
        SetExpr::Values(values) => {
            for row in &mut values.rows {
                let cells = &mut row.content;
                if cells.len() > targets.len() {
                    return Err(more_expressions());
                }
                for (cell, target) in cells.iter_mut().zip(targets) {
                    type_literal(cell, target);
                }
            }
            Ok(())
        }
        SetExpr::Select(select) => {
            type_items(select, targets);
            Ok(())
        }
        SetExpr::Query(inner) => type_literals(inner, targets),
        _ => Ok(()),
    }
}

fn type_items(select: &mut Select, targets: &[Target]) {
    for (item, target) in select.projection.iter_mut().zip(targets) {
        match item {
            SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => type_literal(expr, target),
            // How many columns that is, is not known here.
            _ => break,
        }
    }
}

fn type_literal(expr: &mut Expr, target: &Target) {
    let inner = match expr {
        Expr::Identifier(name) if name.quote_style.is_none() && name.value.eq_ignore_ascii_case("default") => {
            Expr::value(Value::Null)
        }
        Expr::Value(value) => match &value.value {
            Value::Number(..) | Value::Boolean(_) => return,
            _ => expr.clone(),
        },
        _ => return,
    };
    let data_type = target.data_type.clone();
    *expr = Expr::Cast { kind: CastKind::Cast, expr: Box::new(inner), data_type, array: false, format: None };
}

/// Whether PostgreSQL would assign a value of one type to a column of the other by itself. Source: its manual, "Value Storage" and `pg_cast`.
pub fn check(target: &Target, given: ColumnType) -> Result<()> {
    if given == target.column_type || assigns(given, target.column_type) {
        return Ok(());
    }
    let message = format!(
        "column {} is of type {} but expression is of type {}",
        quote_always(&target.name),
        target.column_type.sql_name(),
        given.sql_name()
    );
    Err(Error::new(ErrorKind::DatatypeMismatch, message)
        .about(&target.name)
        .with_hint("You will need to rewrite or cast the expression."))
}

fn assigns(given: ColumnType, wanted: ColumnType) -> bool {
    let (ColumnType::Scalar(given), ColumnType::Scalar(wanted)) = (given, wanted) else {
        return match (given, wanted) {
            (ColumnType::Array(given), ColumnType::Array(wanted)) => {
                assigns(ColumnType::Scalar(given), ColumnType::Scalar(wanted)) && wanted.category == given.category
            }
            // An array has a text.
            (ColumnType::Array(_), ColumnType::Scalar(wanted)) => wanted.category == 'S',
            (ColumnType::Scalar(_), _) => false,
        };
    };
    let number = |name: &str| ["int2", "int4", "int8", "float4", "float8", "numeric"].contains(&name);
    let is_text = wanted.category == 'S';
    match (given.name, wanted.name) {
        (a, b) if number(a) && number(b) => true,
        // Whatever it is has a text.
        (_, _) if is_text => true,
        ("date", "timestamp" | "timestamptz")
        | ("timestamp", "date" | "time" | "timestamptz")
        | ("timestamptz", "date" | "time" | "timestamp")
        | ("interval", "time")
        | ("json", "jsonb")
        | ("jsonb", "json") => true,
        _ => false,
    }
}

/// The error for rows of too many values.
pub fn more_expressions() -> Error {
    Error::new(ErrorKind::SyntaxError, "INSERT has more expressions than target columns")
}

/// The error for rows of too few values.
pub fn more_targets() -> Error {
    Error::new(ErrorKind::SyntaxError, "INSERT has more target columns than expressions")
}

/// Where a column of the table has its values from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The query's column at this place, as it is.
    Same(usize),
    /// The query's column at this place, in another type.
    Cast(usize),
    /// Nowhere: it is null.
    Null,
}

/// The query whose columns are those of the table; `width` is how many the given one has.
pub fn wrapped(query: Query, width: usize, columns: &[(Target, Origin)]) -> Result<Query> {
    let item = |(target, origin): &(Target, Origin)| {
        let name = quote_identifier(&target.name);
        match origin {
            Origin::Same(i) => format!("c{i} AS {name}"),
            Origin::Cast(i) => format!("CAST(c{i} AS {}) AS {name}", target.type_text),
            Origin::Null => format!("CAST(NULL AS {}) AS {name}", target.type_text),
        }
    };
    let items: Vec<String> = columns.iter().map(item).collect();
    let names: Vec<String> = (0..width).map(|i| format!("c{i}")).collect();
    let text = format!("SELECT {} FROM (SELECT 1) AS q ({})", items.join(", "), names.join(", "));
    let mut outer = parsed(&text)?;
    let SetExpr::Select(select) = &mut *outer.body else { return Err(unread(&text)) };
    match select.from.first_mut().map(|from| &mut from.relation) {
        Some(TableFactor::Derived { subquery, .. }) => **subquery = query,
        _ => return Err(unread(&text)),
    }
    Ok(outer)
}

/// A query of our own.
pub fn parsed(text: &str) -> Result<Query> {
    match weft_sql::parse(text)?.pop().map(|statement| statement.kind) {
        Some(StatementKind::Query(query)) => Ok(*query),
        _ => Err(unread(text)),
    }
}

fn data_type(text: &str) -> Result<DataType> {
    let query = parsed(&format!("SELECT CAST(NULL AS {text})"))?;
    if let SetExpr::Select(select) = *query.body
        && let Some(SelectItem::UnnamedExpr(Expr::Cast { data_type, .. })) = select.projection.into_iter().next()
    {
        return Ok(data_type);
    }
    Err(unread(text))
}

fn unread(text: &str) -> Error {
    Error::internal(format!("a query of Weft's own is not read: {text}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use weft_core::pgtype::{BOOL, DATE, INT4, JSON, NUMERIC, PgType, TEXT, TIMESTAMP, UUID};

    fn target(name: &str, column_type: &'static PgType, text: &str) -> Target {
        let target = Target::new(name, text).expect("a type");
        assert_eq!(target.column_type, ColumnType::Scalar(column_type));
        target
    }

    #[test]
    fn literals_take_the_types_of_their_columns() {
        let targets = [target("a", &INT4, "integer"), target("b", &DATE, "date")];
        for (given, typed) in [
            (
                "VALUES ('1', $1), (2, DEFAULT)",
                "VALUES (CAST('1' AS INTEGER), CAST($1 AS DATE)), (2, CAST(NULL AS DATE))",
            ),
            ("SELECT NULL, x, 'y' FROM t", "SELECT CAST(NULL AS INTEGER), x, 'y' FROM t"),
            ("SELECT *, 'y' FROM t", "SELECT *, 'y' FROM t"),
        ] {
            let mut query = parsed(given).expect("query");
            type_literals(&mut query, &targets).expect("typed");
            assert_eq!(query.to_string(), typed);
        }
        let mut long = parsed("VALUES (1, 2, 3)").expect("query");
        assert_eq!(type_literals(&mut long, &targets).unwrap_err().kind(), ErrorKind::SyntaxError);
    }

    #[test]
    fn values_are_assigned_as_in_postgresql() {
        let fine = |given, wanted| check(&target("a", wanted, wanted.sql_name), ColumnType::Scalar(given)).is_ok();
        assert!(fine(&NUMERIC, &INT4) && fine(&DATE, &TIMESTAMP) && fine(&UUID, &TEXT) && fine(&BOOL, &TEXT));
        assert!(!fine(&TEXT, &INT4) && !fine(&BOOL, &INT4) && !fine(&TEXT, &JSON) && !fine(&INT4, &DATE));
    }

    #[test]
    fn the_table_s_columns_come_in_their_order() {
        let columns = [
            (target("a", &INT4, "integer"), Origin::Cast(1)),
            (target("B", &TEXT, "text"), Origin::Null),
            (target("c", &DATE, "date"), Origin::Same(0)),
        ];
        let query = wrapped(parsed("TABLE t").expect("query"), 2, &columns).expect("wrapped");
        assert_eq!(
            query.to_string(),
            "SELECT CAST(c1 AS INTEGER) AS a, CAST(NULL AS TEXT) AS \"B\", c0 AS c FROM (SELECT * FROM t) AS q (c0, c1)"
        );
    }
}
