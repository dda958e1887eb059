//! A dataset in a query: its own query, bound where it was created, with the columns that it had then. It must not know how datasets are stored.

use super::bind;
use super::names::displayed;
use crate::catalog::{LAKE, SearchPath};
use crate::environment::Environment;
use crate::error::classify;
use datafusion::common::Column;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder};
use weft_core::name::quote_identifier;
use weft_core::{Error, ErrorKind, Result, TableName};
use weft_meta::DatasetRecord;
use weft_sql::StatementKind;

/// Views within views.
const MAX_DEPTH: usize = 32;

/// The rows of the dataset.
pub(super) async fn plan(environment: &Environment, dataset: &DatasetRecord) -> Result<LogicalPlan> {
    let name = TableName::new(LAKE, &dataset.schema, &dataset.name);
    if environment.depth >= MAX_DEPTH {
        let message = format!("view \"{name}\" lies within more than {MAX_DEPTH} others");
        return Err(Error::new(ErrorKind::ProgramLimitExceeded, message));
    }
    let path = SearchPath { catalog: dataset.catalog.clone(), schemas: dataset.search_path.clone() };
    // As in PostgreSQL, who may read a view reads it with the privileges of its owner.
    let inside = environment.within_view(path, environment.gateway.principals().rights(&dataset.owner));
    let query = match weft_sql::parse(&dataset.definition)?.into_iter().next().map(|s| s.kind) {
        Some(StatementKind::Query(query)) => *query,
        _ => return Err(Error::internal(format!("view {name} is not a query"))),
    };
    let plan = match bind::inner(&inside, query).await {
        Ok(plan) => plan,
        Err(error) => return Err(broken(environment, dataset, &name, error).await),
    };
    let mut columns = Vec::with_capacity(dataset.columns.len());
    for column in &dataset.columns {
        let wanted = column.query_name.as_deref().unwrap_or(&column.name);
        let mut found = plan.schema().iter().filter(|(_, field)| displayed(field.name()) == wanted);
        let (found, another) = (found.next(), found.next());
        if another.is_some() {
            let two = format!("column reference {} is ambiguous", quote_identifier(wanted));
            return Err(broken(environment, dataset, &name, Error::new(ErrorKind::AmbiguousColumn, two)).await);
        }
        let Some((qualifier, field)) = found else {
            let gone =
                Error::new(ErrorKind::UndefinedColumn, format!("column {} does not exist", quote_identifier(wanted)));
            return Err(broken(environment, dataset, &name, gone).await);
        };
        columns.push(Expr::Column(Column::new(qualifier.cloned(), field.name())).alias(&column.name));
    }
    LogicalPlanBuilder::from(plan).project(columns).and_then(LogicalPlanBuilder::build).map_err(classify)
}

/// What has become of the view's sources, and what to look at.
async fn broken(environment: &Environment, dataset: &DatasetRecord, name: &TableName, error: Error) -> Error {
    let gone = [
        ErrorKind::UndefinedColumn,
        ErrorKind::UndefinedTable,
        ErrorKind::UndefinedSchema,
        ErrorKind::UndefinedCatalog,
        ErrorKind::AmbiguousColumn,
    ];
    if !gone.contains(&error.kind()) {
        return error;
    }
    let lineage = environment.drafts.lineage(environment.gateway.metastore()).await.unwrap_or_default();
    let mut scans: Vec<String> = lineage
        .into_iter()
        .filter(|(id, origin)| *id == dataset.id && origin.source_catalog != LAKE)
        .map(|(_, o)| format!("SCAN TABLE {}", TableName::new(&o.source_catalog, &o.source_schema, &o.source_table)))
        .collect();
    scans.dedup();
    let message = format!("view \"{name}\" cannot be read: {}", error.message());
    let hint = match scans.as_slice() {
        // What is wrong below knows more.
        [] => error.hint().unwrap_or("CREATE OR REPLACE VIEW gives it another query.").to_owned(),
        scans => format!(
            "What it reads has changed: {} looks at it, and system.metadata.changes tells what has become of it.",
            scans.join("; ")
        ),
    };
    Error::new(error.kind(), message).with_hint(hint).with_source(error)
}
