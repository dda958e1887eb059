//! PREVIEW: the first rows of a table, with the limit in the statement that the source runs. What would have to read more than it shows is refused, with
//! the reason.

use super::Done;
use super::query::{self, Described};
use crate::environment;
use crate::plan::bind::{self, BoundQuery};
use crate::plan::execute::{self, Physical, Pushdown};
use crate::plan::remote::RemoteExec;
use crate::plan::spread::{Limits, Spread};
use crate::session::Session;
use datafusion::common::ScalarValue;
use datafusion::physical_plan::ExecutionPlan;
use std::sync::Arc;
use weft_core::pgtype::ColumnType;
use weft_core::{Error, ErrorKind, Result};
use weft_sql::Preview;

const TAG: &str = "PREVIEW";

pub(super) async fn bind(
    session: &Arc<Session>,
    statement: &Preview,
    declared: &[Option<ColumnType>],
) -> Result<Described> {
    let most = session.gateway().settings().preview_rows as u64;
    let query = statement.query(rows(statement.limit, most)?)?;
    let previewed = std::slice::from_ref(&statement.table);
    let query = bind::bind_preview(&session.environment(), &query, declared, previewed).await?;
    Ok(query::described(query, TAG))
}

/// The rows that may be shown: as many as asked for, if that is not more than the setting allows.
pub(crate) fn rows(asked: Option<u64>, most: u64) -> Result<u64> {
    match asked {
        Some(rows) if rows > most => Err(Error::new(
            ErrorKind::ConfigurationLimitExceeded,
            format!("a preview of {rows} rows is more than the {most} that are allowed"),
        )
        .with_hint("Ask for fewer rows, or use SELECT. The limit is the setting preview_rows.")),
        Some(rows) => Ok(rows),
        None => Ok(most),
    }
}

pub(super) async fn execute(session: &Arc<Session>, query: &BoundQuery, values: Vec<ScalarValue>) -> Result<Done> {
    // One statement of the source has the limit in it.
    if let Some(batches) = query::by_template(session, query, &values) {
        return Ok(Done::Rows { columns: query.columns.clone(), batches, tag: TAG });
    }
    let environment = session.environment();
    // Whatever the session says of push-down: without it a preview may read all of the table.
    let limits = Limits { spread: Spread::Never, ..environment::limits(&environment.gateway, &environment.variables) };
    let physical = query::plan(&environment, query, &values, Pushdown::On(limits)).await?;
    require_limited(&physical)?;
    let batches = execute::run(&environment.state, &physical)?;
    Ok(Done::Rows { columns: query.columns.clone(), batches, tag: TAG })
}

/// The limit is in the source's statement if that is all there is to do, or if no source is asked at all.
fn require_limited(physical: &Physical) -> Result<()> {
    if physical.plan.downcast_ref::<RemoteExec>().is_some() || !asks_a_source(&physical.plan) {
        return Ok(());
    }
    let reasons: Vec<_> =
        physical.stayed.iter().map(|stayed| format!("{}: {}", stayed.operator, stayed.reason)).collect();
    Err(Error::new(ErrorKind::FeatureNotSupported, "the preview would have to read more rows than it shows")
        .with_detail(reasons.join("; "))
        .with_hint("Leave the condition out, or use SELECT."))
}

fn asks_a_source(plan: &Arc<dyn ExecutionPlan>) -> bool {
    plan.downcast_ref::<RemoteExec>().is_some() || plan.children().into_iter().any(asks_a_source)
}
