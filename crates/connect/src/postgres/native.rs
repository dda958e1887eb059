//! A query in the source's own words as a table. The server's parser is the judge of what is a query; nothing is run to find out. It must not know what
//! the query is for.

use super::catalog::in_time;
use super::columns::{Column, Equality, Shape, SourceType};
use super::connector::{Described, Source};
use super::error::{failed, is_lost};
use super::statement::Busy;
use crate::database::Origin;
use arrow::datatypes::{Field, Schema};
use std::collections::HashSet;
use std::sync::Arc;
use tokio_postgres::types::{Kind, Type};
use tokio_postgres::{Client, Statement};
use weft_core::relation::DatabaseColumn;
use weft_core::{Error, ErrorKind, Result};

/// Where a collation finds texts equal whose bytes differ, nothing tells whether a query's column has it.
const HAS_SUCH_COLLATIONS: &str = "SELECT EXISTS (SELECT FROM pg_collation WHERE NOT collisdeterministic)";

const ONLY_QUERIES: &str = "It takes one query: SELECT, VALUES, TABLE, or WITH that changes nothing.";

/// What the source says that it is.
struct Prepared {
    query: Statement,
    equality: Equality,
}

/// The columns of the query, and how it is read.
pub(super) async fn describe(source: &Source, sql: &str) -> Result<Described> {
    // On lines of its own: its last one may end with a comment.
    let from = format!("(\n{sql}\n)");
    let Prepared { query, equality } = in_time(source, prepare(source, sql, &from)).await?;
    if !query.params().is_empty() {
        return Err(Error::unsupported("a parameter in the query of remote_query"));
    }
    let mut names = HashSet::new();
    if let Some(twice) = query.columns().iter().find(|c| !names.insert(c.name())) {
        let message = format!("column name \"{}\" specified more than once", twice.name());
        return Err(Error::new(ErrorKind::DuplicateColumn, message)
            .with_hint("Name each column of the query by itself: SELECT a.id AS a_id, b.id AS b_id."));
    }
    let columns = query.columns().iter().map(|column| {
        let (oid, shape) = shape_of(column.type_());
        let typed = SourceType { oid, modifier: column.type_modifier(), shape, equality };
        let Column { field, reading } = Column::of(column.name(), typed, source.site.numeric_as);
        (field, reading)
    });
    let (fields, columns): (Vec<Field>, Vec<DatabaseColumn>) = columns.unzip();
    Ok(Described { from, schema: Arc::new(Schema::new(fields)), columns, rows: None, bytes: None })
}

async fn prepare(source: &Source, sql: &str, from: &str) -> Result<Prepared> {
    loop {
        let lease = source.pool.acquire().await?;
        let (origin, client) = (lease.origin(), lease.client.clone());
        let mut busy = Busy::with(lease);
        match prepare_in(&client, sql, from).await {
            Ok(prepared) => {
                busy.done();
                return prepared;
            }
            // The server may have been started anew while the connection was idle.
            Err(error) if is_lost(&error) && origin == Origin::Reused => {}
            Err(error) if is_lost(&error) => return Err(failed(&source.site.place, &error)),
            Err(error) => {
                busy.done();
                return Err(explained(failed(&source.site.place, &error)));
            }
        }
    }
}

/// The query is parsed twice. What the server takes for one statement by itself has its parentheses, quotes and comments in order, so that it cannot get
/// out of the parentheses around it; what it also takes in parentheses is a query.
async fn prepare_in(client: &Client, sql: &str, from: &str) -> Result<Result<Prepared>, tokio_postgres::Error> {
    let query = client.prepare(sql).await?;
    let in_place = format!("SELECT FROM {from} AS q");
    let (in_place, language) = tokio::join!(client.prepare(&in_place), client.query_typed(HAS_SUCH_COLLATIONS, &[]));
    match in_place {
        Ok(_) => {}
        Err(error) => match error.as_db_error() {
            Some(said) => return Ok(Err(refused(sql, said.message()))),
            None => return Err(error),
        },
    }
    let language = language?.first().is_none_or(|row| row.try_get(0).unwrap_or(true));
    Ok(Ok(Prepared { query, equality: if language { Equality::Language } else { Equality::Bytes } }))
}

fn refused(sql: &str, why: &str) -> Error {
    if sql.trim_end().ends_with(';') {
        return Error::new(ErrorKind::SyntaxError, "the query of remote_query ends with a semicolon")
            .with_hint("Leave it out.");
    }
    Error::unsupported("such a statement in remote_query").with_detail(why).with_hint(ONLY_QUERIES)
}

fn explained(error: Error) -> Error {
    match (error.kind(), error.hint()) {
        (ErrorKind::UndefinedTable | ErrorKind::UndefinedFunction | ErrorKind::UndefinedObject, None) => {
            error.with_hint("Name it with its schema: the search path of remote_query is pg_catalog.")
        }
        (ErrorKind::SyntaxError, None) => error.with_hint(ONLY_QUERIES),
        _ => error,
    }
}

/// The type behind domains, and whether there are many of it.
fn shape_of(source: &Type) -> (u32, Shape) {
    match source.kind() {
        Kind::Domain(base) => shape_of(base),
        Kind::Array(item) if *source != Type::INT2_VECTOR && *source != Type::OID_VECTOR => match item.kind() {
            Kind::Domain(base) => (shape_of(base).0, Shape::ArrayOfDomain),
            _ => (item.oid(), Shape::Array),
        },
        _ => (source.oid(), Shape::Scalar),
    }
}
