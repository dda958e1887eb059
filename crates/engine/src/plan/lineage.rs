//! Lineage: from which columns of which tables each column of a query comes, read off the plan before it is optimised. What decides whether a row is there
//! (conditions, keys of joins) is lineage of the rows, not of a column. It must not know where it is stored.

use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, ScalarValue, TableReference};
use datafusion::logical_expr::utils::grouping_set_to_exprlist;
use datafusion::logical_expr::{Distinct, Expr, JoinType, LogicalPlan};
use std::collections::{BTreeSet, HashMap};
use weft_core::TableName;

/// What the names of a query stand for.
pub type Names = HashMap<TableReference, TableName>;

/// A column of a table.
pub type Source = (TableName, String);

/// Where a query comes from.
#[derive(Debug, Default)]
pub struct Lineage {
    /// The tables that it reads.
    pub tables: BTreeSet<TableName>,
    /// The sources of each of its columns.
    pub columns: Vec<BTreeSet<Source>>,
}

/// The lineage of a plan.
pub fn of(plan: &LogicalPlan, names: &Names) -> Lineage {
    Lineage { tables: names.values().cloned().collect(), columns: columns(plan, names) }
}

/// The sources of each column of the plan, in order.
fn columns(plan: &LogicalPlan, names: &Names) -> Vec<BTreeSet<Source>> {
    let named = |name: Option<&TableName>| {
        let source = |column: &String| name.map(|n| (n.clone(), column.clone())).into_iter().collect();
        plan.schema().fields().iter().map(|f| source(f.name())).collect()
    };
    match plan {
        LogicalPlan::TableScan(scan) => named(names.get(&scan.table_name)),
        // A view stands in the plan as its own query under its name.
        LogicalPlan::SubqueryAlias(node) if names.contains_key(&node.alias) => named(names.get(&node.alias)),
        LogicalPlan::Projection(node) => computed(plan, &node.expr, names),
        LogicalPlan::Aggregate(node) => {
            let groups: Vec<Expr> = match node.group_expr.as_slice() {
                // They have a column of their own, which tells them apart.
                [Expr::GroupingSet(_)] => match grouping_set_to_exprlist(&node.group_expr) {
                    Ok(groups) => groups.into_iter().cloned().chain([Expr::Literal(ScalarValue::Null, None)]).collect(),
                    Err(_) => return vec![BTreeSet::new(); plan.schema().fields().len()],
                },
                groups => groups.to_vec(),
            };
            let exprs: Vec<Expr> = groups.into_iter().chain(node.aggr_expr.iter().cloned()).collect();
            computed(plan, &exprs, names)
        }
        LogicalPlan::Window(node) => {
            let mut all = columns(&node.input, names);
            let known = node.input.schema().columns().into_iter().zip(all.clone()).collect();
            all.extend(node.window_expr.iter().map(|expr| sources(expr, &known, names)));
            all
        }
        LogicalPlan::Distinct(Distinct::On(on)) => computed(plan, &on.select_expr, names),
        LogicalPlan::Union(node) => {
            let mut all = vec![BTreeSet::new(); plan.schema().fields().len()];
            for input in &node.inputs {
                all.iter_mut().zip(columns(input, names)).for_each(|(all, one)| all.extend(one));
            }
            all
        }
        LogicalPlan::Join(node) => match node.join_type {
            JoinType::LeftSemi | JoinType::LeftAnti => columns(&node.left, names),
            JoinType::RightSemi | JoinType::RightAnti => columns(&node.right, names),
            JoinType::LeftMark => {
                let mut all = columns(&node.left, names);
                all.push(BTreeSet::new());
                all
            }
            _ => columns(&node.left, names).into_iter().chain(columns(&node.right, names)).collect(),
        },
        other => {
            let width = other.schema().fields().len();
            match other.inputs().as_slice() {
                [input] if input.schema().fields().len() == width => columns(input, names),
                inputs => {
                    // Nodes that make columns of their own: each may come from anything below.
                    let all: BTreeSet<Source> = inputs.iter().flat_map(|i| columns(i, names)).flatten().collect();
                    vec![all; width]
                }
            }
        }
    }
}

/// The sources of expressions over the plan's inputs.
fn computed(plan: &LogicalPlan, exprs: &[Expr], names: &Names) -> Vec<BTreeSet<Source>> {
    let mut known: HashMap<Column, BTreeSet<Source>> = HashMap::new();
    for input in plan.inputs() {
        known.extend(input.schema().columns().into_iter().zip(columns(input, names)));
    }
    exprs.iter().map(|expr| sources(expr, &known, names)).collect()
}

fn sources(expr: &Expr, known: &HashMap<Column, BTreeSet<Source>>, names: &Names) -> BTreeSet<Source> {
    let mut found = BTreeSet::new();
    let _ = expr.apply(|e| {
        match e {
            Expr::Column(column) => found.extend(known.get(column).into_iter().flatten().cloned()),
            Expr::ScalarSubquery(query) => found.extend(columns(&query.subquery, names).into_iter().flatten()),
            Expr::InSubquery(query) => found.extend(columns(&query.subquery.subquery, names).into_iter().flatten()),
            _ => {}
        }
        Ok(TreeNodeRecursion::Continue)
    });
    found
}
