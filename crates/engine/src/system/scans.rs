//! The rows of the tables about jobs, scans and what they found. They are read from the metastore; no source is asked.

use super::seen::Seen;
use super::tables::{ChangeRow, ConstraintRow, IndexRow, JobRow, ScanRow, ScheduleRow, VersionRow};
use super::{SystemRow, system_table};
use crate::catalog::LAKE;
use crate::environment::Environment;
use arrow::array::RecordBatch;
use chrono::Utc;
use std::collections::HashMap;
use weft_core::metadata::ConstraintShape;
use weft_core::{Result, TableName};
use weft_meta::{ChangeRecord, JobRecord, JobState, Pause};

system_table! {
    /// What `search('words')` finds: tables that have all of the words, in names or comments of theirs or of their columns.
    "answer"."search" => HitRow {
        /// The catalog.
        catalog_name: String,
        /// Schema of the table.
        schema_name: String,
        /// The table.
        table_name: String,
        /// Its columns that have one of the words.
        columns: Vec<String>,
        /// The best passage, with the words in brackets.
        highlight: String,
        /// How well it fits: more is better.
        score: f64,
    }
}

/// Hits that are looked at for who does not see all of them.
const MOST_HITS: u32 = 10_000;

/// The rows of `search('words')`, the best first.
pub async fn search(environment: &Environment, text: &str, rows: u64) -> Result<RecordBatch> {
    // Of what is found some may not be shown: more must be looked at.
    let most = if environment.viewer().is_everything() { u32::try_from(rows).unwrap_or(u32::MAX) } else { MOST_HITS };
    let hits = environment.gateway.metastore().search(text, most).await?.into_iter().map(|hit| HitRow {
        catalog_name: hit.catalog_name,
        schema_name: hit.schema,
        table_name: hit.table,
        columns: hit.columns,
        highlight: hit.highlight,
        score: hit.score,
    });
    let mut hits: Vec<HitRow> = hits.collect();
    let seen = Seen::of(environment).await?;
    let said = super::said::search(environment, text).await?;
    for hit in said {
        let same = |h: &&mut HitRow| {
            (&h.catalog_name, &h.schema_name, &h.table_name) == (&hit.catalog_name, &hit.schema_name, &hit.table_name)
        };
        match hits.iter_mut().find(same) {
            // What people say of a table tells more than its columns do.
            Some(known) => {
                known.score += hit.score;
                known.highlight = hit.highlight;
            }
            None => hits.push(hit),
        }
    }
    hits.retain(|h| seen.table(&h.catalog_name, &h.schema_name, &h.table_name));
    hits.sort_by(|a, b| b.score.total_cmp(&a.score));
    hits.truncate(usize::try_from(rows).unwrap_or(usize::MAX));
    HitRow::batch(&hits)
}

pub(super) async fn jobs(environment: &Environment) -> Result<Vec<JobRow>> {
    let jobs = environment.gateway.metastore().jobs().list().await?;
    let rights = environment.viewer();
    Ok(jobs.into_iter().filter(|job| rights.owns(&job.owner)).map(|job| row(environment, job)).collect())
}

fn row(environment: &Environment, job: JobRecord) -> JobRow {
    let progress = environment.gateway.jobs().progress(job.id).map(|p| p.figures());
    let (done, total) = progress.unwrap_or((job.done, job.total));
    let took = (Utc::now() - job.created_at).as_seconds_f64();
    let remaining = match total {
        Some(total) if job.state == JobState::Running && done > 0 => Some(took * (total - done) as f64 / done as f64),
        _ => None,
    };
    let (sqlstate, error) = job.error.unzip();
    JobRow {
        job_id: job.id.to_string(),
        kind: job.kind,
        catalog_name: job.catalog,
        state: job.state.to_string(),
        done,
        total,
        remaining_seconds: remaining,
        statement: job.statement,
        owner: job.owner,
        sqlstate,
        error,
        gateway_id: job.gateway.map(|id| id.to_string()),
        retried_of: job.retried_of.map(|id| id.to_string()),
        created_at: job.created_at,
        ended_at: job.ended_at,
    }
}

pub(super) async fn versions(environment: &Environment) -> Result<Vec<VersionRow>> {
    // They name whatever was changed by anybody.
    let shown = environment.viewer().is_everything();
    let versions = environment.gateway.metastore().versions().list().await?.into_iter().filter(|_| shown);
    let versions = versions.map(|version| VersionRow {
        version: version.version,
        part: version.part,
        object_name: version.object,
        changed_by: version.changed_by,
        changed_at: version.changed_at,
    });
    Ok(versions.collect())
}

pub(super) async fn scans(environment: &Environment) -> Result<Vec<ScanRow>> {
    let seen = Seen::of(environment).await?;
    let scans = environment.gateway.metastore().scans().list().await?.into_iter();
    let scans = scans.filter(|s| seen.object(&s.catalog_name, s.schema.as_deref(), s.table.as_deref()));
    let scans = scans.map(|scan| ScanRow {
        scan_id: scan.id.to_string(),
        job_id: scan.job.to_string(),
        catalog_name: scan.catalog_name,
        schema_name: scan.schema,
        table_name: scan.table,
        level: i32::try_from(scan.level).unwrap_or(0),
        method: scan.method,
        is_complete: scan.ended_at.is_some(),
        schemas: scan.found.schemas,
        tables: scan.found.tables,
        columns: scan.found.columns,
        added: scan.found.added,
        modified: scan.found.modified,
        removed: scan.found.removed,
        analyzed: scan.analyzed,
        failed: scan.failed,
        started_at: scan.started_at,
        ended_at: scan.ended_at,
    });
    Ok(scans.collect())
}

pub(super) async fn schedules(environment: &Environment) -> Result<Vec<ScheduleRow>> {
    let rights = environment.viewer();
    let schedules = environment.gateway.metastore().schedules().list().await?.into_iter();
    let schedules = schedules.filter(|s| rights.owns(&s.owner)).map(|s| ScheduleRow {
        schedule_name: s.name,
        cron: s.cron,
        time_zone: s.time_zone,
        statement: s.statement,
        owner: s.owner,
        state: if s.paused == Pause::Yes { "paused" } else { "active" }.to_owned(),
        next_run_at: s.next_run_at,
        last_run_at: s.last_run_at,
        last_outcome: s.last_outcome,
        created_at: s.created_at,
    });
    Ok(schedules.collect())
}

pub(super) async fn changes(environment: &Environment) -> Result<Vec<ChangeRow>> {
    let (readers, seen) = (Readers::of(environment).await?, Seen::of(environment).await?);
    let grants = super::grants::of_tables_by_name(environment);
    let affects = |change: &ChangeRecord| {
        let table = TableName::new(&change.catalog_name, &change.schema, &change.table);
        let mut affected = readers.of_table(&table);
        // What was granted on a table that is gone would be found again by another one of its name.
        if change.change == "removed" {
            affected.extend(grants.get(&table).into_iter().flatten().cloned());
        }
        affected
    };
    let changes = environment.gateway.metastore().scans().changes().await?.into_iter();
    let changes = changes.filter(|c| seen.table(&c.catalog_name, &c.schema, &c.table)).map(|change| ChangeRow {
        affects: affects(&change),
        scan_id: change.scan.to_string(),
        catalog_name: change.catalog_name,
        schema_name: change.schema,
        table_name: change.table,
        change: change.change,
        before: change.before,
        after: change.after,
        found_at: change.found_at,
    });
    Ok(changes.collect())
}

/// What reads tables.
struct Readers {
    views: Vec<(TableName, TableName)>,
    schedules: Vec<(String, String)>,
}

impl Readers {
    async fn of(environment: &Environment) -> Result<Readers> {
        let metastore = environment.gateway.metastore();
        let names: HashMap<_, _> = metastore.datasets().list().await?.into_iter().map(|d| (d.id, d)).collect();
        let views = metastore.datasets().lineage().await?.into_iter().filter(|(_, o)| o.column.is_none());
        let views = views.filter_map(|(id, o)| {
            let view = names.get(&id)?;
            let source = TableName::new(o.source_catalog, o.source_schema, o.source_table);
            Some((source, TableName::new(LAKE, &view.schema, &view.name)))
        });
        let schedules = metastore.schedules().list().await?.into_iter().map(|s| (s.name, s.statement));
        Ok(Readers { views: views.collect(), schedules: schedules.collect() })
    }

    fn of_table(&self, table: &TableName) -> Vec<String> {
        let mut found: Vec<&TableName> = Vec::new();
        let mut looked_at = 0;
        let mut next = Some(table);
        while let Some(source) = next {
            for (_, view) in self.views.iter().filter(|(of, _)| of == source) {
                if !found.contains(&view) {
                    found.push(view);
                }
            }
            next = found.get(looked_at).copied();
            looked_at += 1;
        }
        let text = table.to_string();
        let names = |statement: &str| statement.split([' ', ',', '(', ')']).any(|word| word == text);
        let schedules = self.schedules.iter().filter(|(_, statement)| names(statement));
        let views = found.into_iter().map(|view| format!("view {view}"));
        views.chain(schedules.map(|(name, _)| format!("schedule {name}"))).collect()
    }
}

pub(super) async fn constraints(environment: &Environment) -> Result<Vec<ConstraintRow>> {
    let mut rows = Vec::new();
    let seen = Seen::of(environment).await?;
    let tables = environment.gateway.metastore().scans().tables().await?;
    for table in tables.into_iter().filter(|t| seen.table(&t.catalog_name, &t.schema, &t.table)) {
        let (catalog, schema, name) = (table.catalog_name, table.schema, table.table);
        rows.extend(table.shape.constraints.into_iter().map(|constraint| {
            let ConstraintShape { name: constraint_name, kind, columns, references, definition } = constraint;
            let (schema_of, table_of, columns_of) = match references {
                Some(r) => (Some(r.schema), Some(r.table), r.columns),
                None => (None, None, Vec::new()),
            };
            ConstraintRow {
                catalog_name: catalog.clone(),
                schema_name: schema.clone(),
                table_name: name.clone(),
                constraint_name,
                constraint_type: kind.to_string(),
                columns,
                referenced_schema: schema_of,
                referenced_table: table_of,
                referenced_columns: columns_of,
                definition,
            }
        }));
    }
    Ok(rows)
}

pub(super) async fn indexes(environment: &Environment) -> Result<Vec<IndexRow>> {
    let mut rows = Vec::new();
    let seen = Seen::of(environment).await?;
    let tables = environment.gateway.metastore().scans().tables().await?;
    for table in tables.into_iter().filter(|t| seen.table(&t.catalog_name, &t.schema, &t.table)) {
        let (catalog, schema, name) = (table.catalog_name, table.schema, table.table);
        rows.extend(table.shape.indexes.into_iter().map(|index| IndexRow {
            catalog_name: catalog.clone(),
            schema_name: schema.clone(),
            table_name: name.clone(),
            index_name: index.name,
            is_unique: index.unique,
            columns: index.columns,
            definition: index.definition,
        }));
    }
    Ok(rows)
}
