//! ANALYZE: takes figures of a table's columns and a sample of its rows, and keeps them, as a job.

use super::{Done, answer, show};
use crate::analysis::{self, Target};
use crate::catalog::{self, Hidden, Resolved};
use crate::outcome::Column;
use crate::plan::footing;
use crate::principals::Rights;
use crate::session::Session;
use crate::system::{SystemRow, system_table};
use crate::variables::Variables;
use std::sync::Arc;
use weft_core::name::{quote_always, quote_identifier};
use weft_core::option::{self, OptionSpec};
use weft_core::{Error, ErrorKind, Privilege, Result};
use weft_meta::{Depth, Extent, NewJob, TableFigures};
use weft_sql::Analyze;

system_table! {
    /// What ANALYZE answers. Figures are missing while it goes on by itself.
    "answer"."analyze" => AnalyzeRow {
        /// The job that did it, or does it.
        job_id: String,
        /// `succeeded` or `running`.
        state: String,
        /// Rows of the table; of a sample, what the source believes them to be.
        row_count: Option<i64>,
        /// Columns that were looked at.
        columns: Option<i64>,
        /// `full`, or `sample` if the table has more rows than might be read.
        method: Option<String>,
        /// Rows that were read.
        sampled_rows: Option<i64>,
    }
}

/// What WITH takes.
const OPTIONS: &[OptionSpec] = &[super::scan::TIMEOUT, super::scan::DETACHED, super::statistics::MAX_ROWS];

/// The columns of its answer.
pub(super) fn columns() -> Arc<[Column]> {
    let fields: Vec<_> = AnalyzeRow::columns().into_iter().map(|(field, _)| field).collect();
    crate::plan::bind::columns(&Arc::new(arrow::datatypes::Schema::new(fields)))
}

pub(super) async fn execute(session: &Arc<Session>, statement: &Analyze) -> Result<Done> {
    super::catalog::outside_of_transaction(session, "ANALYZE")?;
    let gateway = session.gateway();
    let with = option::check(OPTIONS, &super::catalog::map(&statement.with)?)?;
    let behaviour = super::scan::Behaviour::read(&with);
    let max_rows = super::statistics::max_rows(gateway, &with);
    let (catalog, schema, table) = show::full_name(session, &statement.table)?;
    refuse_twice(&table, &statement.columns)?;
    let source = gateway.catalogs().source(&catalog)?;
    require_table(session, &catalog, &schema, &table).await?;
    let target = Target::find(&source, &schema, &table, &statement.columns).await?;
    let extent = if statement.columns.is_empty() { Extent::Table } else { Extent::Columns };
    let part = format!("{}.{}", quote_always(&schema), quote_always(&table));
    let claim = gateway.jobs().claim(source.record.id, &part, &format!("table {part}"))?;
    let text = session.last_statement();
    let user = session.user();
    let new = NewJob { kind: "analyze", statement: &text, catalog: Some(&catalog), owner: &user };
    // What is found does not depend on the session's variables, such as its time zone.
    let variables = Variables::new(gateway.settings(), &user);
    let environment = gateway.environment(&user, session.pid(), &catalog, &variables);
    // Who may have a table analysed need not be able to read it.
    let environment = environment.with(Rights::Everything);
    let started = gateway
        .jobs()
        .start(new, session.begun_job(), behaviour.timeout, |work| async move {
            let _claim = claim;
            work.progress.expect(1);
            let work_done = async {
                let analysed = analysis::analyse(&environment, &target, Depth::Full, max_rows).await;
                let figures = source.watched(analysed)?;
                let statistics = environment.gateway.metastore().statistics();
                statistics.store(&target.key, &figures, extent, None).await?;
                statistics.trim(environment.gateway.settings().sample_bytes.0).await?;
                Ok(figures)
            };
            let figures = work.interrupt.guard(work_done).await?;
            work.progress.advance(1);
            Ok(figures)
        })
        .await?;
    let id = started.id.to_string();
    let figures = match behaviour.waiting {
        super::scan::Waiting::Detached => {
            started.detach();
            None
        }
        super::scan::Waiting::ToTheEnd => Some(started.outcome().await?),
    };
    answer(&[row(id, figures.as_ref())], "ANALYZE")
}

fn row(job_id: String, figures: Option<&TableFigures>) -> AnalyzeRow {
    AnalyzeRow {
        job_id,
        state: if figures.is_some() { "succeeded" } else { "running" }.to_owned(),
        row_count: figures.and_then(|f| f.rows),
        columns: figures.map(|f| i64::try_from(f.columns.len()).unwrap_or(i64::MAX)),
        method: figures.map(|f| f.method.to_string()),
        sampled_rows: figures.map(|f| f.sampled_rows),
    }
}

/// The name is looked up as in a query, so that its errors are those of a query.
async fn require_table(session: &Arc<Session>, catalog: &str, schema: &str, table: &str) -> Result<()> {
    let (catalogs, environment) = (session.gateway().catalogs(), session.environment());
    let lookup = environment.lookup(Hidden::Invisible);
    match catalog::resolve(catalogs, lookup, &[catalog, schema, table]).await? {
        Resolved::Relation { name, .. } => {
            footing::require(session.gateway(), &environment.rights, &name, Privilege::Scan)
        }
        Resolved::System(_) | Resolved::View(..) | Resolved::Dataset(_) => {
            Err(Error::new(ErrorKind::WrongObjectType, format!("{} is not a table of a source", quote_always(table))))
        }
    }
}

fn refuse_twice(table: &str, columns: &[String]) -> Result<()> {
    let twice = columns.iter().enumerate().find(|(i, name)| columns[..*i].contains(name));
    match twice {
        Some((_, name)) => Err(Error::new(
            ErrorKind::DuplicateColumn,
            format!("column {} of relation {} appears more than once", quote_identifier(name), quote_always(table)),
        )),
        None => Ok(()),
    }
}
