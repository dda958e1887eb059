//! What a bound query stands on: the tables that its names meant, and what the catalogs held that it asks about. As long as that is the same, the query
//! can be run again without being bound anew. It must not know what the query does with them.

use super::remote::RemoteTable;
use crate::catalog::{self, Drafts, Hidden, Lookup, Resolved, SearchPath};
use crate::function::{pg, session};
use crate::gateway::Gateway;
use crate::principals::Rights;
use crate::system::directory::Directory;
use crate::views::View;
use datafusion::common::TableReference;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::logical_expr::{Expr, LogicalPlan, ScalarUDF, Volatility};
use std::sync::Arc;
use weft_core::{ErrorKind, Privilege, Result, TableName};

/// The tables of a query, by the names that it uses, and the directories that it reads.
pub struct Footing {
    path: SearchPath,
    tables: Vec<(TableReference, Privilege, Arc<RemoteTable>)>,
    /// Each with the catalog in which it is.
    views: Vec<(TableReference, &'static View, String)>,
    directories: Vec<Arc<Directory>>,
}

impl Footing {
    /// Nothing yet; names are looked up along this path.
    pub fn new(path: SearchPath) -> Footing {
        Footing { path, tables: Vec::new(), views: Vec::new(), directories: Vec::new() }
    }

    /// Takes note of a name, what is done with it, and the table that it means.
    pub fn add(&mut self, name: TableReference, privilege: Privilege, table: Arc<RemoteTable>) {
        self.tables.push((name, privilege, table));
    }

    /// Takes note of a name, the built-in view of this catalog that it means, and what that stands on: directories alone, for no such view reads a source,
    /// and what names mean in its own text never changes.
    pub fn add_view(&mut self, name: TableReference, view: &'static View, catalog: String, of: Footing) {
        self.views.push((name, view, catalog));
        of.directories.into_iter().for_each(|directory| self.add_directory(directory));
    }

    /// Takes note of what it reads in a directory.
    pub fn add_directory(&mut self, directory: Arc<Directory>) {
        if !self.directories.iter().any(|known| Arc::ptr_eq(known, &directory)) {
            self.directories.push(directory);
        }
    }

    /// Whether the query reads directories and no source.
    pub fn is_of_directories(&self) -> bool {
        self.tables.is_empty() && self.reads_directories()
    }

    /// Whether the query reads what catalogs hold.
    pub fn reads_directories(&self) -> bool {
        !(self.views.is_empty() && self.directories.is_empty())
    }

    /// Whether it reads what this catalog holds.
    pub fn reads_directory_of(&self, catalog: &str) -> bool {
        self.directories.iter().any(|directory| directory.catalog() == catalog)
    }

    /// Whether for this user, with these schemas in the path, every name still means what it meant and may be used so by these rights, and the catalogs hold
    /// what they held. A source that is away is an error: binding anew would only wait for it once more.
    pub async fn holds(&self, gateway: &Gateway, rights: &Rights, user: &str, schemas: &[String]) -> Result<bool> {
        // What was bound in a transaction that changes datasets is not asked.
        let drafts = Drafts::default();
        let lookup = Lookup { path: &self.path, rights, hidden: Hidden::Invisible, drafts: &drafts };
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
        for (name, view, catalog) in &self.views {
            let found = resolve(gateway, lookup, name).await;
            if !matches!(found, Ok(Resolved::View(v, c)) if std::ptr::eq(v, *view) && c == *catalog) {
                return Ok(false);
            }
        }
        for directory in &self.directories {
            if !directory.is_current(gateway, user, schemas).await? {
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
    calls_only(plan, |f| f.signature().volatility == Volatility::Immutable)
}

/// Whether the plan is so, if these functions are.
pub fn is_timeless_but_for(plan: &LogicalPlan, functions: &[&str]) -> bool {
    calls_only(plan, |f| f.signature().volatility == Volatility::Immutable || functions.contains(&f.name()))
}

/// Whether the plan says the same whenever it is run by this user in this catalog, as long as its directories are the same.
pub fn is_repeatable(plan: &LogicalPlan) -> bool {
    calls_only(plan, |f| {
        f.signature().volatility == Volatility::Immutable || pg::is_directed(f.name()) || session::is_of_user(f.name())
    })
}

/// Whether something that a session can set is part of the plan.
pub fn has_settings(plan: &LogicalPlan) -> bool {
    !calls_only(plan, |f| !session::is_of_settings(f.name()))
}

fn calls_only(plan: &LogicalPlan, fine: impl Fn(&ScalarUDF) -> bool) -> bool {
    let mut all = true;
    let walked = plan.apply_with_subqueries(|node| {
        node.apply_expressions(|expr| {
            expr.apply(|e| {
                all &= match e {
                    Expr::ScalarFunction(f) => fine(&f.func),
                    Expr::ScalarVariable(..) => false,
                    _ => true,
                };
                Ok(if all { TreeNodeRecursion::Continue } else { TreeNodeRecursion::Stop })
            })
        })
    });
    all && walked.is_ok()
}
