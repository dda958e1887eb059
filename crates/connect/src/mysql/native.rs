//! A query in the source's own words as a table. The source itself says whether it is one statement, and of which columns.

use super::dial::Dialer;
use super::error;
use super::server::Server;
use super::source::Source;
use super::types::{Nullable, SourceColumn, of_sent};
use crate::database::Lease;
use mysql_async::Statement;
use mysql_async::prelude::Queryable;
use weft_core::{Error, ErrorKind, Result};

/// A query that can stand after FROM.
pub(super) struct Native {
    /// In parentheses.
    pub(super) from: String,
    pub(super) columns: Vec<SourceColumn>,
    /// Who described it.
    pub(super) server: Server,
}

/// Has the source describe the query without running it.
pub(super) async fn describe(source: &Source, sql: &str) -> Result<Native> {
    let sql = sql.trim_end_matches(|c: char| c == ';' || c.is_whitespace());
    // A line's end ends a comment that would swallow the parenthesis.
    let from = format!("({sql}\n)");
    let mut lease = source.pool.acquire().await?;
    // Alone it must be one whole statement: then it cannot close the parenthesis that is put around it.
    prepare(source, &mut lease, sql).await?;
    let columns = prepare(source, &mut lease, &format!("SELECT * FROM {from} AS t")).await?;
    let server = lease.server.clone();
    lease.give_back();
    Ok(Native { from, columns, server })
}

/// The columns that the statement would return. Servers refuse to prepare more than one statement at a time.
async fn prepare(source: &Source, lease: &mut Lease<Dialer>, sql: &str) -> Result<Vec<SourceColumn>> {
    let connection = &mut lease.connection;
    let statement = connection.prep(sql).await.map_err(|e| error::at_statement(e, &source.place))?;
    let described = columns(&statement);
    connection.close(statement).await.map_err(|e| error::at_statement(e, &source.place))?;
    described
}

fn columns(statement: &Statement) -> Result<Vec<SourceColumn>> {
    if statement.num_params() > 0 {
        return Err(Error::unsupported("a parameter in a query for remote_query"));
    }
    if statement.num_columns() == 0 {
        return Err(Error::new(ErrorKind::SyntaxError, "remote_query takes a query, a statement that returns rows"));
    }
    let column = |sent: &mysql_async::Column| SourceColumn {
        name: sent.name_str().into_owned(),
        source_type: of_sent(sent),
        nullable: Nullable::Yes,
    };
    Ok(statement.columns().iter().map(column).collect())
}
