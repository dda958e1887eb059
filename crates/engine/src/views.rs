//! The built-in views: SQL files under `catalog/`, one view each, bound in every catalog as `pg_catalog` and `information_schema`. Their first lines,
//! after `--`, are their comment.

use arrow::datatypes::Field;
use std::sync::{LazyLock, OnceLock};

/// PostgreSQL's catalog.
pub const PG_CATALOG: &str = "pg_catalog";

/// The standard's catalog.
pub const INFORMATION_SCHEMA: &str = "information_schema";

/// One built-in view.
pub struct View {
    /// `pg_catalog` or `information_schema`.
    pub schema: &'static str,
    /// Its name.
    pub name: &'static str,
    text: &'static str,
    columns: OnceLock<Vec<Field>>,
}

macro_rules! views {
    ($($schema:literal: $($name:ident)+;)+) => {
        static VIEWS: LazyLock<Vec<View>> = LazyLock::new(|| vec![$($(View {
            schema: $schema,
            name: stringify!($name),
            text: include_str!(concat!("../../../catalog/", $schema, "/", stringify!($name), ".sql")),
            columns: OnceLock::new(),
        }),+),+]);
    };
}

views! {
    "pg_catalog": pg_namespace pg_database pg_class pg_attribute pg_type;
    "information_schema": schemata tables columns;
}

/// Every view.
pub fn all() -> &'static [View] {
    &VIEWS
}

/// The view of this name.
pub fn find(schema: &str, name: &str) -> Option<&'static View> {
    VIEWS.iter().find(|v| v.schema == schema && v.name == name)
}

/// What a schema of views holds.
pub fn schema_comment(schema: &str) -> &'static str {
    if schema == PG_CATALOG { "system catalog schema" } else { "the catalog of the SQL standard" }
}

impl View {
    /// Its comment: the lines at its top.
    pub fn comment(&self) -> String {
        let lines = self.text.lines().take_while(|l| l.starts_with("--"));
        lines.map(|l| l.trim_start_matches('-').trim()).collect::<Vec<_>>().join(" ")
    }

    /// Its query.
    pub fn query(&self) -> &'static str {
        let start = self.text.lines().take_while(|l| l.starts_with("--")).map(|l| l.len() + 1).sum::<usize>();
        self.text[start.min(self.text.len())..].trim().trim_end_matches(';')
    }

    /// Its columns, once the gateway has bound it.
    pub fn columns(&self) -> Vec<Field> {
        self.columns.get().cloned().unwrap_or_default()
    }

    /// Tells its columns; the first time counts.
    pub fn describe(&self, columns: Vec<Field>) {
        let _ = self.columns.set(columns);
    }
}
