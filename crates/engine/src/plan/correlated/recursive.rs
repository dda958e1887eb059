//! The domain in a recursive query: its columns are among those of the first term, and the working table hands them from one round to the next.

use super::push::{Domain, push};
use arrow::datatypes::{Field, Schema};
use datafusion::catalog::cte_worktable::CteWorkTable;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{Column, Result};
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, RecursiveQuery, TableScan};
use std::sync::Arc;

/// The working table of a recursive query, as its terms see it.
#[derive(Clone)]
pub(super) struct Work {
    name: String,
    /// Its columns, with those of the domain.
    schema: Arc<Schema>,
}

impl Work {
    /// Whether this reads it.
    fn is(&self, scan: &TableScan) -> bool {
        scan.table_name.schema().is_none() && scan.table_name.table() == self.name
    }

    /// Whether something in the plan reads it.
    pub(super) fn is_read(&self, plan: &LogicalPlan) -> Result<bool> {
        let mut found = false;
        plan.apply_with_subqueries(|node| {
            found |= matches!(node, LogicalPlan::TableScan(scan) if self.is(scan));
            Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
        })?;
        Ok(found)
    }

    /// The same read, with the domain's columns.
    pub(super) fn read(&self, scan: &TableScan, domain: &Domain) -> Result<LogicalPlan> {
        let source = provider_as_source(Arc::new(CteWorkTable::new(&self.name, self.schema.clone())));
        let table = scan.table_name.clone();
        let mut exprs: Vec<Expr> = scan.projected_schema.columns().into_iter().map(Expr::Column).collect();
        exprs.extend(domain.names().map(|n| Expr::Column(Column::new(Some(table.clone()), n)).alias(n)));
        LogicalPlanBuilder::scan(table, source, None)?.project(exprs)?.build()
    }
}

/// The query for every set of outer values at once.
pub(super) fn recursive(query: RecursiveQuery, domain: &Domain) -> Result<LogicalPlan> {
    let first = with_domain(Arc::unwrap_or_clone(query.static_term), domain)?;
    let nullable = |field: &Arc<Field>| field.as_ref().clone().with_nullable(true);
    let schema = Schema::new(first.schema().fields().iter().map(nullable).collect::<Vec<_>>());
    let work = Work { name: query.name.clone(), schema: Arc::new(schema) };
    let next = with_domain(Arc::unwrap_or_clone(query.recursive_term), &domain.within(work))?;
    LogicalPlanBuilder::from(first).to_recursive_query(query.name, next, query.is_distinct)?.build()
}

/// The term's own columns, then the domain's.
fn with_domain(term: LogicalPlan, domain: &Domain) -> Result<LogicalPlan> {
    let mut exprs: Vec<Expr> = term.schema().columns().into_iter().map(Expr::Column).collect();
    exprs.extend(domain.exprs());
    LogicalPlanBuilder::from(push(term, domain)?).project(exprs)?.build()
}
