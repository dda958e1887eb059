//! A whole sub-plan as one DuckDB statement. DataFusion's unparser writes the query; the tables in it become CTEs that read their files, so that the
//! statement carries everything a worker needs.

use super::dialect::DuckDb;
use datafusion::common::{Result, TableReference};
use datafusion::logical_expr::{Expr, LogicalPlan};
use datafusion::sql::unparser::Unparser;
use sqlparser::ast::{self, Ident, ObjectName, ObjectNamePart, TableFactor, VisitMut, VisitorMut};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use weft_core::name::quote_always;

/// The tables that a plan reads: their names in the plan, and the `SELECT` that yields each.
pub type Tables = BTreeMap<String, String>;

/// The name of a table inside of a statement.
pub fn local_name(reference: &TableReference) -> String {
    match reference {
        TableReference::Bare { table } => table.to_string(),
        TableReference::Partial { schema, table } => format!("{schema}.{table}"),
        TableReference::Full { catalog, schema, table } => format!("{catalog}.{schema}.{table}"),
    }
}

/// The statement for the plan.
pub fn of_plan(plan: &LogicalPlan, tables: &Tables) -> Result<String> {
    let mut statement = Unparser::new(&DuckDb).plan_to_sql(plan)?;
    // The visitor has no way to break.
    let _: ControlFlow<Never> = statement.visit(&mut Localise);
    Ok(with_tables(&statement.to_string(), tables))
}

/// The expression alone, its columns without qualifiers.
pub fn of_expression(expr: &Expr) -> Result<String> {
    Ok(Unparser::new(&DuckDb).expr_to_sql(expr)?.to_string())
}

fn with_tables(query: &str, tables: &Tables) -> String {
    if tables.is_empty() {
        return query.to_owned();
    }
    let ctes: Vec<_> = tables.iter().map(|(name, sql)| format!("{} AS NOT MATERIALIZED ({sql})", quote_always(name))).collect();
    format!("WITH {} {query}", ctes.join(", "))
}

/// `catalog.schema.table` becomes one identifier, `"catalog.schema.table"`: the name of its CTE.
struct Localise;

enum Never {}

impl VisitorMut for Localise {
    type Break = Never;

    fn pre_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<Never> {
        if let TableFactor::Table { name, .. } = factor
            && name.0.len() > 1
        {
            let parts: Vec<_> = name.0.iter().filter_map(ObjectNamePart::as_ident).map(|i| i.value.as_str()).collect();
            *name = ObjectName::from(vec![Ident::with_quote('"', parts.join("."))]);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expr: &mut ast::Expr) -> ControlFlow<Never> {
        if let ast::Expr::CompoundIdentifier(parts) = expr
            && parts.len() > 2
            && let Some((column, table)) = parts.split_last()
        {
            let table: Vec<_> = table.iter().map(|i| i.value.as_str()).collect();
            *parts = vec![Ident::with_quote('"', table.join(".")), column.clone()];
        }
        ControlFlow::Continue(())
    }
}
