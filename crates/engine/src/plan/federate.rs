//! Cuts a plan into the sub-plans that a worker can answer as one statement, as large as they come, and the rest. It works on the analysed, not yet
//! optimised plan: DataFusion's optimiser rewrites joins and subqueries into forms that no longer unparse (ADR 0001).

use super::duckdb::allow::{self, Failure};
use super::duckdb::select;
use super::remote::{Place, RemoteTable};
use arrow::datatypes::{Field, Schema};
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, NullEquality, Result};
use datafusion::datasource::{provider_as_source, source_as_provider};
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{
    Distinct, Expr, JoinType, LogicalPlan, LogicalPlanBuilder, Projection, Sort, TableScan,
};
use std::sync::Arc;

/// Why an operator stayed in the gateway, for EXPLAIN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stayed {
    /// The operator, in one line.
    pub operator: String,
    /// The reason.
    pub reason: String,
}

/// A plan that has been cut.
pub enum Cut {
    /// One statement answers all of it.
    Whole {
        /// Who answers.
        place: Place,
        /// The statement.
        sql: String,
    },
    /// The gateway works on the rows of the statements in it.
    Mixed {
        /// The plan, with a table in place of each sub-plan.
        plan: LogicalPlan,
        /// Why its operators are here.
        stayed: Vec<Stayed>,
    },
}

/// Whether columns of an outer query may appear: they may where the outer query is part of the same statement.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outer {
    Allowed,
    Refused,
}

/// Cuts the plan.
pub fn cut(plan: LogicalPlan) -> Result<Cut> {
    let failure = if computes_all_first(&plan) { Failure::CanStartOver } else { Failure::IsFinal };
    let mut cutter = Cutter { failure, stayed: Vec::new() };
    match cutter.visit(plan)? {
        Visited::Whole { plan, place } => {
            let sql = select::statement(&plan, &tables(&plan)?)?;
            Ok(Cut::Whole { place, sql })
        }
        Visited::Here(plan) => Ok(Cut::Mixed { plan, stayed: cutter.stayed }),
    }
}

/// Whether the first row leaves only when all have been computed.
fn computes_all_first(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Projection(p) => computes_all_first(&p.input),
        LogicalPlan::Limit(l) => computes_all_first(&l.input),
        LogicalPlan::SubqueryAlias(a) => computes_all_first(&a.input),
        LogicalPlan::Filter(f) => computes_all_first(&f.input),
        LogicalPlan::Sort(_) | LogicalPlan::Aggregate(_) => true,
        _ => false,
    }
}

enum Visited {
    /// A worker can answer all of this.
    Whole { plan: LogicalPlan, place: Place },
    /// Some of it runs in the gateway.
    Here(LogicalPlan),
}

struct Cutter {
    failure: Failure,
    stayed: Vec<Stayed>,
}

impl Cutter {
    fn visit(&mut self, node: LogicalPlan) -> Result<Visited> {
        if let LogicalPlan::TableScan(scan) = &node {
            return Ok(match remote(scan) {
                Some(table) => Visited::Whole { place: table.place.clone(), plan: node },
                None => Visited::Here(node),
            });
        }
        let children = node.inputs().into_iter().cloned().map(|child| self.visit(child)).collect::<Result<Vec<_>>>()?;
        let verdict = match common_place(&children) {
            Some(place) => allowed(&node, Outer::Refused, &place, self.failure).map(|()| place),
            // Nothing to push: no reason to give.
            None => Err(String::new()),
        };
        let whole_children = children.iter().any(|c| matches!(c, Visited::Whole { .. }));
        match verdict {
            Ok(place) => Ok(Visited::Whole { plan: node, place }),
            Err(reason) => {
                if whole_children && !reason.is_empty() {
                    self.stayed.push(Stayed { operator: operator_text(&node), reason });
                }
                let inputs = children.into_iter().map(seal).collect::<Result<Vec<_>>>()?;
                Ok(Visited::Here(self.cut_subqueries(with_inputs(node, inputs)?)?))
            }
        }
    }

    /// The subqueries in the expressions of a node that stays are cut by themselves.
    fn cut_subqueries(&mut self, node: LogicalPlan) -> Result<LogicalPlan> {
        let done = node.map_subqueries(|subquery| match subquery {
            LogicalPlan::Subquery(mut inner) => {
                let visited = self.visit(inner.subquery.as_ref().clone())?;
                inner.subquery = Arc::new(seal(visited)?);
                Ok(Transformed::yes(LogicalPlan::Subquery(inner)))
            }
            other => Ok(Transformed::no(other)),
        })?;
        Ok(done.data)
    }
}

/// The node on other inputs.
fn with_inputs(node: LogicalPlan, mut inputs: Vec<LogicalPlan>) -> Result<LogicalPlan> {
    // DataFusion's own way panics on a DISTINCT ON with more keys in its ORDER BY.
    if let (LogicalPlan::Distinct(Distinct::On(mut on)), 1) = (node.clone(), inputs.len()) {
        on.input = Arc::new(inputs.remove(0));
        return Ok(LogicalPlan::Distinct(Distinct::On(on)));
    }
    node.with_new_exprs(node.expressions(), inputs)
}

/// The place where all children are, if they are whole and it is one.
fn common_place(children: &[Visited]) -> Option<Place> {
    let mut common: Option<Place> = None;
    for child in children {
        let Visited::Whole { place, .. } = child else { return None };
        match &common {
            Some(other) if other.context != place.context => return None,
            _ => common = Some(place.clone()),
        }
    }
    common
}

/// The worker's table behind a scan.
fn remote(scan: &TableScan) -> Option<Arc<RemoteTable>> {
    let provider = source_as_provider(&scan.source).ok()?;
    let provider: Arc<dyn std::any::Any + Send + Sync> = provider;
    provider.downcast::<RemoteTable>().ok()
}

/// Whether the node itself means the same at the place; its children are there already.
fn allowed(node: &LogicalPlan, outer: Outer, place: &Place, failure: Failure) -> Result<(), String> {
    let refuse = |what: &str| Err(format!("{what} runs in the gateway"));
    match node {
        LogicalPlan::Projection(_)
        | LogicalPlan::Filter(_)
        | LogicalPlan::Sort(_)
        | LogicalPlan::SubqueryAlias(_)
        | LogicalPlan::Union(_)
        | LogicalPlan::Window(_) => {}
        LogicalPlan::Aggregate(aggregate) => {
            if aggregate.group_expr.iter().any(|e| matches!(e, Expr::GroupingSet(_))) {
                return refuse("a grouping set");
            }
            // A constant key would be read as the number of a column.
            if aggregate.group_expr.iter().any(|e| e.column_refs().is_empty()) {
                return refuse("grouping by a constant");
            }
        }
        LogicalPlan::Distinct(Distinct::All(_)) => {}
        LogicalPlan::Limit(limit) => {
            let plain = |e: &Option<Box<Expr>>| e.as_ref().is_none_or(|e| matches!(**e, Expr::Literal(..)));
            if !plain(&limit.skip) || !plain(&limit.fetch) {
                return refuse("a computed LIMIT");
            }
            return Ok(());
        }
        LogicalPlan::Join(join) => {
            if join.null_equality != NullEquality::NullEqualsNothing
                || !matches!(join.join_type, JoinType::Inner | JoinType::Left | JoinType::Right | JoinType::Full)
            {
                return refuse("this kind of join");
            }
        }
        other => return refuse(&operator_text(other)),
    }
    let schema = merge_schema(&node.inputs());
    for expr in node.expressions() {
        allow::expression(&expr, &schema, failure)?;
        if outer == Outer::Refused && refers_outwards(&expr) {
            return Err("it refers to an outer query".to_owned());
        }
    }
    subqueries_allowed(node, place, failure)
}

/// Whether every subquery in the node's expressions is at the same place as a whole.
fn subqueries_allowed(node: &LogicalPlan, place: &Place, failure: Failure) -> Result<(), String> {
    let mut refusal = Ok(());
    let walked = node.apply_subqueries(|subquery| {
        let inner = match subquery {
            LogicalPlan::Subquery(s) => s.subquery.as_ref(),
            other => other,
        };
        refusal = wholly(inner, place, failure);
        Ok(if refusal.is_ok() { TreeNodeRecursion::Jump } else { TreeNodeRecursion::Stop })
    });
    refusal.and(walked.map(|_| ()).map_err(|e| e.to_string()))
}

fn wholly(plan: &LogicalPlan, place: &Place, failure: Failure) -> Result<(), String> {
    if let LogicalPlan::TableScan(scan) = plan {
        return match remote(scan) {
            Some(table) if table.place.context == place.context => Ok(()),
            _ => Err(format!("{} is not at the same place", scan.table_name)),
        };
    }
    let inputs = plan.inputs();
    if inputs.is_empty() {
        return Err("a subquery without a table runs in the gateway".to_owned());
    }
    inputs.into_iter().try_for_each(|child| wholly(child, place, failure))?;
    allowed(plan, Outer::Allowed, place, failure)
}

fn refers_outwards(expr: &Expr) -> bool {
    expr.exists(|e| Ok(matches!(e, Expr::OuterReferenceColumn(..)))).unwrap_or(true)
}

/// A whole sub-plan below an operator that stays: a table whose statement is the sub-plan.
fn seal(visited: Visited) -> Result<LogicalPlan> {
    let (plan, place) = match visited {
        Visited::Here(plan) => return Ok(plan),
        Visited::Whole { plan, place } => (plan, place),
    };
    match plan {
        // A bare table: DataFusion moves columns and filters into its scan by itself.
        LogicalPlan::TableScan(_) => Ok(plan),
        LogicalPlan::SubqueryAlias(ref alias) if matches!(*alias.input, LogicalPlan::TableScan(_)) => Ok(plan),
        // The order of a statement's rows is lost above it: sort here.
        LogicalPlan::Sort(Sort { expr, input, fetch: None }) => {
            let input = seal(Visited::Whole { plan: Arc::unwrap_or_clone(input), place })?;
            Ok(LogicalPlan::Sort(Sort { expr, input: Arc::new(input), fetch: None }))
        }
        LogicalPlan::Projection(Projection { expr, input, .. }) if matches!(*input, LogicalPlan::Sort(_)) => {
            let input = seal(Visited::Whole { plan: Arc::unwrap_or_clone(input), place })?;
            Ok(LogicalPlan::Projection(Projection::try_new(expr, Arc::new(input))?))
        }
        plan => sealed(plan, place),
    }
}

fn sealed(plan: LogicalPlan, place: Place) -> Result<LogicalPlan> {
    let schema = plan.schema().clone();
    let name = |i: usize| format!("c{i}");
    let numbered: Vec<Expr> = (0..schema.fields().len())
        .map(|i| Expr::Column(Column::from(schema.qualified_field(i))).alias(name(i)))
        .collect();
    let fields: Vec<Field> =
        schema.fields().iter().enumerate().map(|(i, f)| f.as_ref().clone().with_name(name(i))).collect();
    let names = tables(&plan)?;
    let projected = LogicalPlan::Projection(Projection::try_new(numbered, Arc::new(plan))?);
    let sql = select::statement(&projected, &names)?;
    let table = RemoteTable { place, sql, schema: Arc::new(Schema::new(fields)) };
    let original: Vec<Expr> = (0..schema.fields().len())
        .map(|i| {
            let (qualifier, field) = schema.qualified_field(i);
            Expr::Column(Column::new(Some("statement"), name(i))).alias_qualified(qualifier.cloned(), field.name())
        })
        .collect();
    LogicalPlanBuilder::scan("statement", provider_as_source(Arc::new(table)), None)?.project(original)?.build()
}

/// The worker's tables in the plan, subqueries included.
fn tables(plan: &LogicalPlan) -> Result<select::Tables> {
    let mut tables = select::Tables::new();
    plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node
            && let Some(table) = remote(scan)
        {
            tables.insert(select::local_name(&scan.table_name), table.sql.clone());
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(tables)
}

fn operator_text(node: &LogicalPlan) -> String {
    const SHOWN: usize = 160;
    let text = node.display().to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
