//! What a bound query stands on: the tables that its names meant. As long as they mean the same, the query can be run again without being bound anew.
//! It must not know what the query does with them.

use super::remote::RemoteTable;
use crate::catalog::{self, Hidden, Lookup, Resolved, SearchPath};
use crate::gateway::Gateway;
use crate::principals::Rights;
use datafusion::common::TableReference;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::{Expr, LogicalPlan, Volatility};
use std::sync::Arc;
use weft_core::{ErrorKind, Privilege, Result, TableName};

/// The tables of a query, by the names that it uses.
#[derive(Debug)]
pub struct Footing {
    path: SearchPath,
    tables: Vec<(TableReference, Privilege, Arc<RemoteTable>)>,
}

impl Footing {
    /// Nothing yet; names are looked up along this path.
    pub fn new(path: SearchPath) -> Footing {
        Footing { path, tables: Vec::new() }
    }

    /// Takes note of a name, what is done with it, and what it means.
    pub fn add(&mut self, name: TableReference, privilege: Privilege, table: Arc<RemoteTable>) {
        self.tables.push((name, privilege, table));
    }

    /// Whether every name still means what it meant, and may be used so by these rights. A source that is away is an error: binding anew would only wait for it once more.
    pub async fn holds(&self, gateway: &Gateway, rights: &Rights) -> Result<bool> {
        let lookup = Lookup { path: &self.path, rights, hidden: Hidden::Invisible };
        for (name, privilege, table) in &self.tables {
            let same = match resolve(gateway, lookup, name).await {
                Ok(Resolved::Relation { name, context, relation }) => {
                    require(gateway, rights, &name, *privilege).is_ok()
                        && gateway.catalogs().require_managed(&name).await.is_ok()
                        && table.is_read_like(&RemoteTable::of(context, *relation, gateway.worker()))
                }
                Err(error) if error.kind() == ErrorKind::ConnectionFailed => return Err(error),
                _ => false,
            };
            if !same {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// 42501 unless the table of a source may be used so.
pub fn require(gateway: &Gateway, rights: &Rights, table: &TableName, privilege: Privilege) -> Result<()> {
    if rights.is_everything() {
        return Ok(());
    }
    let catalog = gateway.catalogs().thing(&table.catalog)?;
    rights.require(&catalog.schema_in(&table.schema).table_in(&table.table), privilege)
}

/// What the name means.
pub async fn resolve(gateway: &Gateway, lookup: Lookup<'_>, name: &TableReference) -> Result<Resolved> {
    let parts: Vec<&str> = match name {
        TableReference::Bare { table } => vec![table],
        TableReference::Partial { schema, table } => vec![schema, table],
        TableReference::Full { catalog, schema, table } => vec![catalog, schema, table],
    };
    catalog::resolve(gateway.catalogs(), lookup, &parts).await
}

/// Whether the plan says the same whenever and by whomever it is run.
pub fn is_timeless(plan: &LogicalPlan) -> bool {
    is_timeless_but_for(plan, &[])
}

/// Whether the plan is so, if these functions are.
pub fn is_timeless_but_for(plan: &LogicalPlan, functions: &[&str]) -> bool {
    let mut timeless = true;
    let walked = plan.apply_with_subqueries(|node| {
        node.apply_expressions(|expr| {
            expr.apply(|e| {
                timeless &= match e {
                    Expr::ScalarFunction(f) => {
                        f.func.signature().volatility == Volatility::Immutable || functions.contains(&f.func.name())
                    }
                    Expr::ScalarVariable(..) => false,
                    _ => true,
                };
                Ok(if timeless { TreeNodeRecursion::Continue } else { TreeNodeRecursion::Stop })
            })
        })
    });
    timeless && walked.is_ok()
}
