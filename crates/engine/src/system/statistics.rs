//! The rows of the tables about statistics, samples and files, and what is known of how well each table is known. They are read from the metastore; no
//! source is asked.

use super::seen::Seen;
use super::tables::{FileRow, SampleRow, StatisticsRow};
use crate::environment::Environment;
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use weft_core::{Privilege, Result};
use weft_meta::{Mark, ScannedSchema, TableState};

pub(super) async fn statistics(environment: &Environment) -> Result<Vec<StatisticsRow>> {
    // Extremes are values, too.
    let seen = Seen::of(environment).await?;
    let all = environment.gateway.metastore().statistics().list().await?.into_iter();
    let all = all.filter(|s| seen.may(&s.catalog_name, &s.schema, &s.table, Privilege::Select));
    let all = all.map(|s| StatisticsRow {
        catalog_name: s.catalog_name,
        schema_name: s.schema,
        table_name: s.table,
        column_name: s.figures.name,
        row_count: s.rows,
        null_ratio: s.figures.null_ratio,
        distinct_count: s.figures.distinct,
        min_value: s.figures.min,
        max_value: s.figures.max,
        method: s.method,
        sampled_rows: s.sampled_rows,
        analyzed_at: s.analyzed_at,
    });
    Ok(all.collect())
}

pub(super) async fn samples(environment: &Environment) -> Result<Vec<SampleRow>> {
    let seen = Seen::of(environment).await?;
    let all = environment.gateway.metastore().statistics().samples().await?.into_iter();
    let all = all.filter(|s| seen.may(&s.catalog_name, &s.schema, &s.table, Privilege::Preview));
    let all = all.map(|s| SampleRow {
        catalog_name: s.catalog_name,
        schema_name: s.schema,
        table_name: s.table,
        column_name: s.column,
        sample_values: s.values,
        sampled_at: s.taken_at,
    });
    Ok(all.collect())
}

pub(super) async fn files(environment: &Environment) -> Result<Vec<FileRow>> {
    let mut rows = Vec::new();
    let seen = Seen::of(environment).await?;
    let tables = environment.gateway.metastore().filesets().list().await?;
    for table in tables.into_iter().filter(|t| seen.table(&t.catalog_name, &t.schema, &t.table)) {
        rows.extend(table.files.into_iter().map(|file| FileRow {
            catalog_name: table.catalog_name.clone(),
            schema_name: table.schema.clone(),
            table_name: table.table.clone(),
            path: file.path,
            format: table.format.clone(),
            bytes: i64::try_from(file.bytes).unwrap_or(i64::MAX),
            etag: file.etag,
            modified_at: file.modified_at,
        }));
    }
    Ok(rows)
}

/// How well tables are known.
pub(super) struct Known {
    states: HashMap<[String; 3], TableState>,
    schemas: HashMap<[String; 2], ScannedSchema>,
    /// By catalog, schema and table; empty names stand for all.
    marks: HashMap<[String; 3], Vec<Mark>>,
}

/// How well one table is known.
#[derive(Debug, Default)]
pub(super) struct Knowledge {
    pub(super) level: Option<i32>,
    pub(super) scanned_at: Option<DateTime<Utc>>,
    pub(super) scan_method: Option<String>,
    pub(super) method: Option<String>,
    pub(super) is_complete: Option<bool>,
}

impl Known {
    /// What the metastore has of it.
    pub(super) async fn read(environment: &Environment) -> Result<Known> {
        let metastore = environment.gateway.metastore();
        let states = metastore.filesets().states().await?.into_iter();
        let schemas = metastore.scans().schemas().await?.into_iter();
        let mut marks: HashMap<_, Vec<_>> = HashMap::new();
        for mark in metastore.filesets().marks().await? {
            let key = [mark.catalog_name.clone(), mark.schema.clone(), mark.table.clone()];
            marks.entry(key).or_default().push(mark);
        }
        Ok(Known {
            states: states.map(|s| ([s.catalog_name.clone(), s.schema.clone(), s.table.clone()], s)).collect(),
            schemas: schemas.map(|s| ([s.catalog_name.clone(), s.schema.clone()], s)).collect(),
            marks,
        })
    }

    /// What is known of this table. That a scan of its catalog was there is not enough: the table may be newer.
    pub(super) fn of(&self, catalog: &str, schema: &str, table: &str) -> Knowledge {
        let key = [catalog, schema, table].map(str::to_owned);
        let state = self.states.get(&key);
        let of_schema = self.schemas.get(&[catalog.to_owned(), schema.to_owned()]);
        let level = match (state, of_schema) {
            (Some(_), _) => 2,
            (None, Some(_)) => 1,
            (None, None) => return Knowledge::default(),
        };
        let parts = [[catalog, schema, table], [catalog, schema, ""], [catalog, "", ""]];
        let marks = parts.iter().filter_map(|part| self.marks.get(&part.map(str::to_owned))).flatten();
        let mark = marks.filter(|mark| mark.level >= level).max_by_key(|mark| mark.scanned_at);
        Knowledge {
            level: i32::try_from(level).ok(),
            scanned_at: mark.map(|m| m.scanned_at).or(of_schema.map(|s| s.scanned_at)),
            scan_method: Some(mark.map_or("manual", |m| m.method.as_str()).to_owned()),
            method: state.map(|s| s.method.clone().unwrap_or_else(|| "basic".to_owned())),
            is_complete: Some(state.is_some_and(|s| s.is_complete)),
        }
    }
}
