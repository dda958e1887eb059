//! PREPARE, EXECUTE and DEALLOCATE as SQL statements. The protocol's own prepared statements are the protocol room's.

use super::query::Described;
use super::{Bound, Done};
use crate::outcome::Prepared;
use crate::session::{NamedStatement, Session};
use datafusion::common::ScalarValue;
use sqlparser::ast::{Expr, UnaryOperator, Value};
use std::sync::Arc;
use weft_core::pgtype::{ColumnType, SCALARS};
use weft_core::{Error, ErrorKind, Result};
use weft_sql::{Deallocate, Execute, Prepare, StatementKind};

/// Statements that a session may PREPARE.
const MAX_NAMED: usize = 10_000;

pub(super) async fn prepare(session: &Arc<Session>, statement: &Prepare) -> Result<Done> {
    if session.named().lock().contains_key(&statement.name) {
        return Err(Error::new(
            ErrorKind::DuplicateStatement,
            format!("prepared statement \"{}\" already exists", statement.name),
        ));
    }
    let declared = statement.types.iter().map(|t| named_type(&t.to_string()).map(Some)).collect::<Result<Vec<_>>>()?;
    let bound = Box::pin(super::bind(session, (*statement.statement).clone(), &declared)).await?;
    let named = NamedStatement {
        statement: (*statement.statement).clone(),
        parameter_oids: bound.parameters.iter().map(|t| t.oid()).collect(),
    };
    let mut all = session.named().lock();
    if all.len() >= MAX_NAMED {
        return Err(Error::new(
            ErrorKind::ProgramLimitExceeded,
            format!("a session has at most {MAX_NAMED} prepared statements"),
        ));
    }
    all.insert(statement.name.clone(), named);
    Ok(Done::Tag("PREPARE".to_owned()))
}

/// The type that a user wrote.
fn named_type(text: &str) -> Result<ColumnType> {
    let lower = text.to_lowercase();
    let alias = match lower.as_str() {
        "int" => "integer",
        "timestamp" => "timestamp without time zone",
        "float" | "double" => "double precision",
        "char" => "character",
        "decimal" => "numeric",
        other => other,
    };
    let found = SCALARS.iter().find(|t| t.name == alias || t.sql_name == alias);
    found
        .map(|t| ColumnType::Scalar(t))
        .ok_or_else(|| Error::new(ErrorKind::UndefinedObject, format!("type \"{text}\" does not exist")))
}

pub(super) async fn bind_execute(session: &Arc<Session>, statement: &Execute) -> Result<Described> {
    let named = session.named().lock().get(&statement.name).cloned().ok_or_else(|| missing(&statement.name))?;
    let declared: Vec<_> = named.parameter_oids.iter().map(|oid| ColumnType::from_oid(*oid)).collect();
    let inner = Box::pin(super::bind(session, named.statement, &declared)).await?;
    let columns = inner.columns.clone();
    Ok((Bound::Execute(Box::new(inner)), vec![], columns))
}

fn missing(name: &str) -> Error {
    Error::new(ErrorKind::InvalidStatementName, format!("prepared statement \"{name}\" does not exist"))
}

/// The values of EXECUTE's arguments.
pub(super) fn arguments(_session: &Arc<Session>, outer: &Prepared, inner: &Prepared) -> Result<Vec<ScalarValue>> {
    let StatementKind::Execute(execute) = &outer.statement.kind else {
        return Err(Error::internal("arguments of a statement that is no EXECUTE"));
    };
    if execute.arguments.len() != inner.parameters.len() {
        return Err(Error::new(
            ErrorKind::SyntaxError,
            format!("wrong number of parameters for prepared statement \"{}\"", execute.name),
        )
        .with_detail(format!(
            "Expected {} parameters but got {}.",
            inner.parameters.len(),
            execute.arguments.len()
        )));
    }
    execute.arguments.iter().zip(&inner.parameters).map(|(argument, t)| constant(argument, *t)).collect()
}

fn constant(argument: &Expr, column_type: ColumnType) -> Result<ScalarValue> {
    let target = column_type
        .arrow_type()
        .ok_or_else(|| Error::unsupported(format!("a parameter of type {}", column_type.sql_name())))?;
    let text = match argument {
        Expr::Value(value) => match &value.value {
            Value::Null => return ScalarValue::try_from(&target).map_err(crate::error::classify),
            Value::Boolean(b) => b.to_string(),
            Value::Number(n, _) => n.clone(),
            Value::SingleQuotedString(s)
            | Value::DollarQuotedString(sqlparser::ast::DollarQuotedString { value: s, .. }) => s.clone(),
            other => return Err(Error::unsupported(format!("{other} as an argument of EXECUTE"))),
        },
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => match expr.as_ref() {
            Expr::Value(value) => format!("-{}", value.value),
            other => return Err(Error::unsupported(format!("{other} as an argument of EXECUTE"))),
        },
        other => {
            return Err(Error::unsupported(format!("{other} as an argument of EXECUTE")).with_hint("Give a constant."));
        }
    };
    ScalarValue::try_from_string(text, &target).map_err(crate::error::classify)
}

pub(super) fn deallocate(session: &Arc<Session>, statement: &Deallocate) -> Result<Done> {
    let mut named = session.named().lock();
    let tag = match statement {
        Deallocate::All => {
            named.clear();
            "DEALLOCATE ALL"
        }
        Deallocate::Name(name) => {
            named.remove(name).ok_or_else(|| missing(name))?;
            "DEALLOCATE"
        }
    };
    Ok(Done::Tag(tag.to_owned()))
}
