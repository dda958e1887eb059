//! Cuts a plan into the sub-plans that one place can answer as one statement, as large as they come, and the rest. It works on the analysed, not yet
//! optimised plan: DataFusion's optimiser rewrites joins and subqueries into forms that no longer unparse (ADR 0001).

use super::dialect::{self, Failure, Refusal, select};
use super::place::Place;
use super::remote::{self, RemoteTable, TableText, table};
use super::spread::Spreading;
use arrow::datatypes::{Field, Schema};
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, Result};
use datafusion::datasource::provider_as_source;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{Distinct, Expr, FetchType, LogicalPlan, LogicalPlanBuilder, Projection, Sort};
use std::sync::Arc;
use weft_core::executor::RowOrder;

/// Why an operator stayed in the gateway, for EXPLAIN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stayed {
    /// The operator, in one line.
    pub operator: String,
    /// The reason.
    pub reason: String,
}

impl Stayed {
    /// Everything stayed, because a statement could not be written.
    pub fn all(error: &DataFusionError) -> Self {
        Stayed { operator: "all operators".to_owned(), reason: error.strip_backtrace() }
    }

    /// Everything stayed but the scans of sources, if there are any, because the user wants it so.
    pub fn switched_off(plan: &LogicalPlan) -> Vec<Self> {
        let reads = |node: &LogicalPlan| matches!(node, LogicalPlan::TableScan(scan) if table(scan).is_some());
        if !plan.exists(|node| Ok(reads(node))).unwrap_or(true) {
            return Vec::new();
        }
        vec![Stayed { operator: "all operators but scans".to_owned(), reason: "weft.pushdown is off".to_owned() }]
    }
}

/// A plan that has been cut.
pub enum Cut {
    /// One statement answers all of it.
    Whole {
        /// Who answers.
        place: Place,
        /// The statement.
        sql: String,
        /// What is known of the order of its rows.
        order: RowOrder,
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
pub fn cut(plan: LogicalPlan, spreading: &Spreading) -> Result<Cut> {
    let failure = if computes_all_first(&plan) { Failure::CanStartOver } else { Failure::IsFinal };
    let mut cutter = Cutter { failure, spreading, stayed: Vec::new() };
    match cutter.visit(plan)? {
        Visited::Whole { plan, place } => match spreading.spread(&plan, &place)? {
            Some(plan) => Ok(Cut::Mixed { plan, stayed: Vec::new() }),
            None => {
                let sql = select::statement(place.words(), &plan)?;
                Ok(Cut::Whole { place, sql, order: row_order(&plan) })
            }
        },
        Visited::Here(plan) => Ok(Cut::Mixed { plan, stayed: cutter.stayed }),
    }
}

/// What is known of the order of a statement's rows: a plain scan of files keeps that of the files.
pub(super) fn row_order(plan: &LogicalPlan) -> RowOrder {
    match plan {
        LogicalPlan::TableScan(scan) => table(scan).map_or(RowOrder::Free, |table| table.order),
        LogicalPlan::Projection(_) | LogicalPlan::Filter(_) | LogicalPlan::SubqueryAlias(_) => {
            let has_subquery = plan.expressions().iter().any(|e| e.exists(|e| Ok(is_subquery(e))).unwrap_or(true));
            match (plan.inputs().as_slice(), has_subquery) {
                ([input], false) => row_order(input),
                _ => RowOrder::Free,
            }
        }
        _ => RowOrder::Free,
    }
}

fn is_subquery(expr: &Expr) -> bool {
    matches!(expr, Expr::ScalarSubquery(_) | Expr::InSubquery(_) | Expr::Exists(_) | Expr::SetComparison(_))
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

struct Cutter<'a> {
    failure: Failure,
    spreading: &'a Spreading,
    stayed: Vec<Stayed>,
}

impl Cutter<'_> {
    fn visit(&mut self, node: LogicalPlan) -> Result<Visited> {
        if let LogicalPlan::TableScan(scan) = &node {
            return Ok(match table(scan) {
                Some(table) => Visited::Whole { place: table.place.clone(), plan: node },
                None => Visited::Here(node),
            });
        }
        let children = node.inputs().into_iter().cloned().map(|child| self.visit(child)).collect::<Result<Vec<_>>>()?;
        let verdict = match common_place(&children) {
            Some(place) => allowed(&node, Outer::Refused, place, self.failure),
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
                let inputs =
                    children.into_iter().map(|child| seal(child, self.spreading)).collect::<Result<Vec<_>>>()?;
                Ok(Visited::Here(self.cut_subqueries(with_inputs(node, inputs)?)?))
            }
        }
    }

    /// The subqueries in the expressions of a node that stays are cut by themselves.
    fn cut_subqueries(&mut self, node: LogicalPlan) -> Result<LogicalPlan> {
        let done = node.map_subqueries(|subquery| match subquery {
            LogicalPlan::Subquery(mut inner) => {
                let visited = self.visit(inner.subquery.as_ref().clone())?;
                inner.subquery = Arc::new(seal(visited, self.spreading)?);
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
        common = Some(match common {
            Some(other) => other.joined(place)?,
            None => place.clone(),
        });
    }
    common
}

/// The place, with what the node's subqueries need there, if the node itself means the same there; its children are there already.
fn allowed(node: &LogicalPlan, outer: Outer, place: Place, failure: Failure) -> Result<Place, Refusal> {
    dialect::operator(place.words(), node, failure)?;
    if outer == Outer::Refused && node.expressions().iter().any(refers_outwards) {
        return Err("it refers to an outer query".to_owned());
    }
    with_subqueries(node, place, failure)
}

/// The place with what it takes to run every subquery in the node's expressions there as a whole.
fn with_subqueries(node: &LogicalPlan, place: Place, failure: Failure) -> Result<Place, Refusal> {
    let mut common = Ok(place);
    let walked = node.apply_subqueries(|subquery| {
        let inner = match subquery {
            LogicalPlan::Subquery(s) => s.subquery.as_ref(),
            other => other,
        };
        common = common.clone().and_then(|place| wholly(inner, place, failure));
        Ok(if common.is_ok() { TreeNodeRecursion::Jump } else { TreeNodeRecursion::Stop })
    });
    walked.map_err(|e| e.to_string())?;
    common
}

fn wholly(plan: &LogicalPlan, place: Place, failure: Failure) -> Result<Place, Refusal> {
    if let LogicalPlan::TableScan(scan) = plan {
        let elsewhere = || format!("{} is not at the same place", scan.table_name);
        return table(scan).and_then(|table| place.joined(&table.place)).ok_or_else(elsewhere);
    }
    let inputs = plan.inputs();
    if inputs.is_empty() {
        return Err("a subquery without a table runs in the gateway".to_owned());
    }
    let place = inputs.into_iter().try_fold(place, |place, child| wholly(child, place, failure))?;
    allowed(plan, Outer::Allowed, place, failure)
}

fn refers_outwards(expr: &Expr) -> bool {
    expr.exists(|e| Ok(matches!(e, Expr::OuterReferenceColumn(..)))).unwrap_or(true)
}

/// A whole sub-plan below an operator that stays: a table whose statement is the sub-plan.
fn seal(visited: Visited, spreading: &Spreading) -> Result<LogicalPlan> {
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
            let input = seal(Visited::Whole { plan: Arc::unwrap_or_clone(input), place }, spreading)?;
            Ok(LogicalPlan::Sort(Sort { expr, input: Arc::new(input), fetch: None }))
        }
        LogicalPlan::Projection(Projection { expr, input, .. }) if matches!(*input, LogicalPlan::Sort(_)) => {
            let input = seal(Visited::Whole { plan: Arc::unwrap_or_clone(input), place }, spreading)?;
            Ok(LogicalPlan::Projection(Projection::try_new(expr, Arc::new(input))?))
        }
        plan => match spreading.spread(&plan, &place)? {
            Some(plan) => Ok(plan),
            None => sealed(plan, place),
        },
    }
}

fn sealed(plan: LogicalPlan, place: Place) -> Result<LogicalPlan> {
    let schema = plan.schema().clone();
    let order = row_order(&plan);
    let name = |i: usize| format!("c{i}");
    let numbered: Vec<Expr> = (0..schema.fields().len())
        .map(|i| Expr::Column(Column::from(schema.qualified_field(i))).alias(name(i)))
        .collect();
    let fields: Vec<Field> =
        schema.fields().iter().enumerate().map(|(i, f)| f.as_ref().clone().with_name(name(i))).collect();
    let rows = table_rows(&plan);
    let projected = LogicalPlan::Projection(Projection::try_new(numbered, Arc::new(plan))?);
    let sql = select::statement(place.words(), &projected)?;
    let table = RemoteTable { place, text: TableText::Query(sql), schema: Arc::new(Schema::new(fields)), rows, order };
    let original: Vec<Expr> = (0..schema.fields().len())
        .map(|i| {
            let (qualifier, field) = schema.qualified_field(i);
            Expr::Column(Column::new(Some("statement"), name(i))).alias_qualified(qualifier.cloned(), field.name())
        })
        .collect();
    LogicalPlanBuilder::scan("statement", provider_as_source(Arc::new(table)), None)?.project(original)?.build()
}

/// An estimate of what the sub-plan yields: an aggregate or a limit yields few, else as many as its largest table has.
pub(super) fn table_rows(plan: &LogicalPlan) -> Option<usize> {
    match plan {
        LogicalPlan::TableScan(scan) => table(scan).and_then(|t| t.rows),
        LogicalPlan::Limit(limit) => match limit.get_fetch_type() {
            Ok(FetchType::Literal(Some(n))) => Some(n),
            _ => table_rows(&limit.input),
        },
        LogicalPlan::Sort(Sort { fetch: Some(n), .. }) => Some(*n),
        LogicalPlan::Filter(filter) => table_rows(&filter.input).map(remote::after_filter),
        LogicalPlan::Aggregate(a) if a.group_expr.is_empty() => Some(1),
        LogicalPlan::Aggregate(a) => table_rows(&a.input).map(remote::after_filter),
        other => other.inputs().into_iter().map(table_rows).collect::<Option<Vec<_>>>()?.into_iter().max(),
    }
}

fn operator_text(node: &LogicalPlan) -> String {
    const SHOWN: usize = 160;
    let text = node.display().to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
