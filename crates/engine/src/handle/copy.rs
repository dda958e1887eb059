//! COPY … TO STDOUT: a query whose rows a protocol room writes as the options say. It must not know how.

use super::Bound;
use super::query::Described;
use crate::outcome::Column;
use crate::plan::bind;
use crate::session::Session;
use std::sync::Arc;
use weft_core::{Error, ErrorKind, Result};
use weft_sql::{Copy, CopySource, ForceQuote};

/// The command tag.
const TAG: &str = "COPY";

pub(super) async fn bind(session: &Arc<Session>, statement: &Copy) -> Result<Described> {
    let query = bind::bind(&session.environment(), &*statement.source.query()?, &[]).await?;
    if !query.parameters.is_empty() {
        // COPY takes none in PostgreSQL either.
        return Err(Error::new(ErrorKind::UndefinedParameter, "there is no parameter $1"));
    }
    if let ForceQuote::Columns(forced) = &statement.options.force_quote {
        for name in forced {
            require(name, &query.columns, &statement.source)?;
        }
    }
    // It returns no rows as a query does: a client that asks beforehand is told of none.
    Ok((Bound::Query { query: Box::new(query), tag: TAG }, vec![], None))
}

fn require(name: &str, columns: &[Column], source: &CopySource) -> Result<()> {
    if columns.iter().any(|column| column.name == name) {
        return Ok(());
    }
    Err(match source {
        CopySource::Table { columns, .. } if !columns.is_empty() => Error::new(
            ErrorKind::InvalidColumnReference,
            format!("FORCE_QUOTE column \"{name}\" not referenced by COPY"),
        ),
        _ => Error::new(ErrorKind::UndefinedColumn, format!("column \"{name}\" does not exist")).about(name),
    })
}
