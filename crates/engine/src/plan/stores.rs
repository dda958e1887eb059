//! The object stores that a plan reads. It must not know who decides which of a catalog's stores that is.

use super::remote;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::logical_expr::LogicalPlan;
use std::sync::Arc;
use weft_core::store::Store;

/// The stores, each once.
pub fn read_by(plan: &LogicalPlan) -> Arc<[Arc<Store>]> {
    let mut found: Vec<Arc<Store>> = Vec::new();
    // Nothing in it fails.
    let _ = plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node
            && let Some(table) = remote::table(scan)
        {
            let new = table.place.stores.iter().filter(|store| !found.contains(store)).cloned().collect::<Vec<_>>();
            found.extend(new);
        }
        Ok(TreeNodeRecursion::Continue)
    });
    found.into()
}

/// Whether they are of two minds: reads went from one store of a catalog to the other one while the plan was made.
pub fn are_mixed(stores: &[Arc<Store>]) -> bool {
    let other = |a: &Store, b: &Store| a.catalog == b.catalog && a.role != b.role;
    stores.iter().any(|a| stores.iter().any(|b| other(a, b)))
}
