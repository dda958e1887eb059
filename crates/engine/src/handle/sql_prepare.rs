//! PREPARE, EXECUTE and DEALLOCATE as SQL statements. The protocol's own prepared statements are the protocol room's.

use super::query::{self, Described};
use super::{Bound, Done};
use crate::outcome::Prepared;
use crate::plan::bind;
use crate::session::{NamedStatement, Session};
use arrow::array::ArrayRef;
use chrono::Utc;
use datafusion::common::ScalarValue;
use futures::TryStreamExt;
use std::sync::Arc;
use weft_core::pgtype::{ColumnType, SCALARS};
use weft_core::{Error, ErrorKind, Result};
use weft_sql::{Deallocate, Execute, Prepare, StatementKind};

/// Statements that a session may PREPARE.
const MAX_NAMED: usize = 10_000;

pub(super) async fn prepare(session: &Arc<Session>, statement: &Prepare, text: &str) -> Result<Done> {
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
        text: text.to_owned(),
        prepared_at: Utc::now(),
        result_oids: bound.columns.as_ref().map(|columns| columns.iter().map(|c| c.column_type.oid()).collect()),
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

/// The values of EXECUTE's arguments, which are expressions without a table.
pub(super) async fn arguments(session: &Arc<Session>, outer: &Execute, inner: &Prepared) -> Result<Vec<ScalarValue>> {
    if outer.arguments.len() != inner.parameters.len() {
        return Err(Error::new(
            ErrorKind::SyntaxError,
            format!("wrong number of parameters for prepared statement \"{}\"", outer.name),
        )
        .with_detail(format!(
            "Expected {} parameters but got {}.",
            inner.parameters.len(),
            outer.arguments.len()
        )));
    }
    if outer.arguments.is_empty() {
        return Ok(Vec::new());
    }
    let casts = outer
        .arguments
        .iter()
        .zip(&inner.parameters)
        .map(|(argument, t)| format!("CAST({argument} AS {})", spelled(*t)));
    let text = format!("SELECT {}", casts.collect::<Vec<_>>().join(", "));
    let Some(StatementKind::Query(query)) = weft_sql::parse(&text)?.pop().map(|s| s.kind) else {
        return Err(Error::internal("arguments that are no query"));
    };
    let environment = session.environment();
    let bound = bind::bind(&environment, &query, &[]).await?;
    let mut batches = query::rows(&environment, &bound, &[]).await?;
    let mut row = None;
    while let Some(batch) = batches.try_next().await? {
        if batch.num_rows() > 0 {
            row = Some(batch);
        }
    }
    let row = row.ok_or_else(|| Error::internal("arguments without a row"))?;
    let value = |(array, t): (&ArrayRef, &ColumnType)| -> Result<ScalarValue> {
        let target =
            t.arrow_type().ok_or_else(|| Error::unsupported(format!("a parameter of type {}", t.sql_name())))?;
        let value = ScalarValue::try_from_array(array, 0).and_then(|value| value.cast_to(&target));
        value.map_err(crate::error::classify)
    };
    row.columns().iter().zip(&inner.parameters).map(value).collect()
}

/// The type as CAST takes it. `character` alone would be one character.
fn spelled(t: ColumnType) -> String {
    match t {
        ColumnType::Scalar(scalar) if scalar.name == "bpchar" => "bpchar".to_owned(),
        other => other.sql_name().to_string(),
    }
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
