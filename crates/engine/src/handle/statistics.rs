//! The last part of a scan: statistics of the tables in its scope, under a budget. What is done when the budget is spent stays; the job says how far it
//! came. It must not know how figures are taken.

use crate::analysis::rule::{Thresholds, Wish, is_due};
use crate::analysis::{self, Target};
use crate::catalog::Source;
use crate::environment::Environment;
use crate::gateway::Gateway;
use crate::jobs::Work;
use chrono::Utc;
use futures::{FutureExt, StreamExt, TryStreamExt, stream};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use uuid::Uuid;
use weft_core::metadata::ScanScope;
use weft_core::option::{Exposure, OptionSpec, OptionType, Presence};
use weft_core::{Error, ErrorKind, Result};
use weft_meta::{Candidate, Depth, Extent, TableKey};

/// The option of ANALYZE and SCAN.
pub(super) const MAX_ROWS: OptionSpec = OptionSpec {
    name: "max_rows",
    kind: OptionType::Integer(1, 1_000_000_000),
    presence: Presence::Default(""),
    exposure: Exposure::Public,
    doc: "The most rows of a table that are read; figures of a larger one are those of a sample.",
};

/// Tables that are looked up at once.
const PORTION: i64 = 500;

/// The rows of the option, or else of the setting.
pub(super) fn max_rows(gateway: &Gateway, with: &BTreeMap<String, String>) -> u64 {
    let given = with.get("max_rows").and_then(|text| text.parse().ok());
    given.unwrap_or(gateway.settings().analyze_rows.max(1) as u64)
}

/// What a scan may spend on statistics.
#[derive(Debug, Clone, Copy)]
pub(super) struct Budget {
    /// What it is to find out.
    pub(super) wish: Wish,
    /// Rows of each table.
    pub(super) max_rows: u64,
    /// Statements at once.
    pub(super) connections: usize,
}

/// How far the statistics of a scan have come.
#[derive(Debug, Default)]
pub(super) struct Tally {
    due: AtomicI64,
    analyzed: AtomicI64,
    failed: AtomicI64,
}

/// The tables of a scan that are analysed.
pub(super) struct Statistics<'a> {
    pub(super) environment: &'a Environment,
    pub(super) source: &'a Arc<Source>,
    pub(super) scope: &'a ScanScope,
    pub(super) budget: Budget,
}

impl Statistics<'_> {
    /// Takes and keeps them, and notes with the scan how many there are. An error says how many were kept.
    pub(super) async fn take(&self, scan: Uuid, work: &Work) -> Result<()> {
        let metastore = self.environment.gateway.metastore();
        let tally = Tally::default();
        let outcome = work.interrupt.guard(self.run(work, &tally)).await;
        let (analyzed, failed, due) =
            (tally.analyzed.load(Relaxed), tally.failed.load(Relaxed), tally.due.load(Relaxed));
        if due > 0 {
            metastore.scans().analyzed(scan, analyzed, failed).await?;
            metastore.statistics().trim(self.environment.gateway.settings().sample_bytes.0).await?;
        }
        outcome.map_err(|error| {
            let message = format!("{}; statistics of {analyzed} of {due} tables are kept", error.message());
            Error::new(error.kind(), message).with_source(error)
        })
    }

    async fn run(&self, work: &Work, tally: &Tally) -> Result<()> {
        // What is wanted is noted first, so that what is not reached is known to be missing.
        let mut last = None;
        while let Some(due) = self.portion(&mut last).await? {
            tally.due.fetch_add(i64::try_from(due.len()).unwrap_or(0), Relaxed);
            self.environment.gateway.metastore().statistics().want(self.source.record.id, &due).await?;
        }
        let (done, _) = work.progress.figures();
        work.progress.expect(done + tally.due.load(Relaxed));
        let mut last = None;
        while let Some(due) = self.portion(&mut last).await? {
            let tables = due.into_iter().map(|(table, depth)| self.one(table, depth, work, tally).boxed());
            stream::iter(tables).buffer_unordered(self.budget.connections).try_collect::<()>().await?;
        }
        Ok(())
    }

    /// The tables that are due of those that come after this one; nothing if none come.
    async fn portion(&self, last: &mut Option<Candidate>) -> Result<Option<Vec<(Candidate, Depth)>>> {
        let gateway = &self.environment.gateway;
        let thresholds = Thresholds::of(gateway.settings());
        let statistics = gateway.metastore().statistics();
        let portion = statistics.candidates(self.source.record.id, self.scope, last.as_ref(), PORTION).await?;
        let Some(newest) = portion.last() else { return Ok(None) };
        *last = Some(newest.clone());
        let now = Utc::now();
        let due = portion.into_iter().filter_map(|table| {
            let depth = thresholds.depth(self.budget.wish, &table, now)?;
            is_due(&table, depth, self.budget.max_rows).then_some((table, depth))
        });
        Ok(Some(due.collect()))
    }

    /// One table. What is wrong with it is noted and does not keep the others; a source that is away does.
    async fn one(&self, table: Candidate, depth: Depth, work: &Work, tally: &Tally) -> Result<()> {
        let metastore = self.environment.gateway.metastore();
        let analysed = async {
            let target = Target::find(self.source, &table.schema, &table.table, &[]).await?;
            let figures = analysis::analyse(self.environment, &target, depth, self.budget.max_rows).await;
            Ok::<_, Error>((target, self.source.watched(figures)?))
        };
        let analysed = analysed.await;
        work.progress.advance(1);
        match analysed {
            Ok((target, figures)) => {
                let signature = table.signature.as_deref();
                metastore.statistics().store(&target.key, &figures, Extent::Table, signature).await?;
                tally.analyzed.fetch_add(1, Relaxed);
                Ok(())
            }
            Err(error) if matches!(error.kind(), ErrorKind::ConnectionFailed | ErrorKind::AdminShutdown) => Err(error),
            Err(error) => {
                tracing::debug!(schema = table.schema, table = table.table, %error, "a table was not analysed");
                let key = TableKey {
                    catalog: self.source.record.id,
                    schema: table.schema.clone(),
                    table: table.table.clone(),
                };
                tally.failed.fetch_add(1, Relaxed);
                metastore.statistics().failed(&key, &error).await
            }
        }
    }
}
