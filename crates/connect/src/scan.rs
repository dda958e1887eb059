//! What a scan can tell from a listing alone: for sources without catalogs of their own. It must not know any particular source.

use std::collections::BTreeMap;
use weft_core::Result;
use weft_core::metadata::{
    ColumnShape, FoundSchema, FoundTable, PORTION, ScanLevel, ScanScope, ScanSink, ShapeKind, TableShape,
};
use weft_core::pgtype::type_text;
use weft_core::relation::TableEntry;

/// The part of a listing that is in a scope.
pub(crate) struct Found<'s> {
    scope: &'s ScanScope,
    schemas: BTreeMap<String, FoundSchema>,
    tables: Vec<FoundTable>,
}

impl<'s> Found<'s> {
    pub(crate) fn within(scope: &'s ScanScope) -> Self {
        Found { scope, schemas: BTreeMap::new(), tables: Vec::new() }
    }

    pub(crate) fn schema(&mut self, name: String) {
        if self.scope.schema.as_ref().is_none_or(|s| *s == name) {
            let found = FoundSchema { name: name.clone(), tables: 0, bytes: None, updated_at: None, comment: None };
            self.schemas.entry(name).or_insert(found);
        }
    }

    pub(crate) fn table(&mut self, table: TableEntry) {
        let updated_at = table.updated_at.map(Into::into);
        self.schema(table.schema.clone());
        if let Some(schema) = self.schemas.get_mut(&table.schema) {
            schema.tables += 1;
            schema.bytes = match (schema.bytes, table.bytes) {
                (Some(a), Some(b)) => Some(a.saturating_add(b)),
                (a, b) => a.or(b),
            };
            schema.updated_at = schema.updated_at.max(updated_at);
        }
        if !self.scope.has(&table.schema, &table.table) {
            return;
        }
        let columns = table.columns.iter().flat_map(|schema| schema.fields()).map(|field| ColumnShape {
            name: field.name().clone(),
            data_type: type_text(field),
            nullable: field.is_nullable(),
            default: None,
            comment: None,
        });
        let shape = TableShape {
            kind: ShapeKind::from(table.kind),
            columns: columns.collect(),
            comment: table.comment,
            constraints: Vec::new(),
            indexes: Vec::new(),
        };
        let bytes = table.bytes;
        self.tables.push(FoundTable { schema: table.schema, name: table.table, rows: None, bytes, updated_at, shape });
    }

    /// Hands it all over.
    pub(crate) async fn told(mut self, level: ScanLevel, sink: &mut dyn ScanSink) -> Result<()> {
        sink.schemas(self.schemas.into_values().collect()).await?;
        while level == ScanLevel::Tables && !self.tables.is_empty() {
            let rest = self.tables.split_off(self.tables.len().min(PORTION));
            sink.tables(std::mem::replace(&mut self.tables, rest)).await?;
        }
        Ok(())
    }
}
