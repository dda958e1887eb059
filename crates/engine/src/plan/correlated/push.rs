//! Carries the domain, the distinct sets of outer values, down into a subquery to where it refers to no outer value any more, and joins it there.

use super::recursive::{Work, recursive};
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, JoinType, NullEquality, Result, not_impl_err};
use datafusion::functions_window::expr_fn::row_number;
use datafusion::logical_expr::expr::WindowFunctionParams;
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{
    Aggregate, Distinct, Expr, FetchType, Join, LogicalPlan, LogicalPlanBuilder, Operator, SkipType, SortExpr, lit,
};
use std::sync::Arc;

/// The distinct sets of outer values.
#[derive(Clone)]
pub(super) struct Domain {
    /// Gives them, under their new names.
    plan: LogicalPlan,
    /// Columns of the outer rows, and their new names.
    columns: Vec<(Column, String)>,
    /// Values computed of the outer rows: their names there, and their new names.
    computed: Vec<(String, String)>,
    /// The working tables that have its columns.
    work: Vec<Work>,
}

impl Domain {
    pub(super) fn new(
        input: LogicalPlan,
        columns: Vec<(Column, String)>,
        computed: Vec<(Expr, String)>,
    ) -> Result<Domain> {
        let mut exprs: Vec<Expr> = columns.iter().map(|(c, name)| Expr::Column(c.clone()).alias(name)).collect();
        let renamed: Vec<(String, String)> =
            computed.iter().map(|(_, name)| (name.clone(), format!("{name}_d"))).collect();
        exprs.extend(computed.into_iter().zip(&renamed).map(|((expr, _), (_, name))| expr.alias(name)));
        let plan = if exprs.is_empty() {
            LogicalPlanBuilder::empty(true).build()?
        } else {
            LogicalPlanBuilder::from(input).project(exprs)?.distinct()?.build()?
        };
        Ok(Domain { plan, columns, computed: renamed, work: Vec::new() })
    }

    /// The same in a term that reads this working table.
    pub(super) fn within(&self, work: Work) -> Domain {
        let mut within = self.clone();
        within.work.push(work);
        within
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.columns.iter().map(|(_, name)| name).chain(self.computed.iter().map(|(_, name)| name))
    }

    /// Its columns.
    pub(super) fn exprs(&self) -> Vec<Expr> {
        self.names().map(|name| Expr::Column(Column::new_unqualified(name))).collect()
    }

    /// The new name of a computed value.
    pub(super) fn name_of(&self, computed: &str) -> String {
        self.computed
            .iter()
            .find(|(name, _)| name == computed)
            .map_or_else(|| computed.to_owned(), |(_, new)| new.clone())
    }

    /// The columns of the outer rows, and those of the domain that are equal to them.
    pub(super) fn keys(&self) -> (Vec<Column>, Vec<Column>) {
        let outer = self
            .columns
            .iter()
            .map(|(c, _)| c.clone())
            .chain(self.computed.iter().map(|(name, _)| Column::new_unqualified(name)));
        (outer.collect(), self.names().map(Column::new_unqualified).collect())
    }

    /// The same under other names.
    fn renamed(&self, suffix: &str) -> Result<Domain> {
        let exprs: Vec<Expr> =
            self.names().map(|n| Expr::Column(Column::new_unqualified(n)).alias(format!("{n}{suffix}"))).collect();
        let plan = if exprs.is_empty() {
            self.plan.clone()
        } else {
            LogicalPlanBuilder::from(self.plan.clone()).project(exprs)?.build()?
        };
        let columns = self.columns.iter().map(|(c, n)| (c.clone(), format!("{n}{suffix}"))).collect();
        let computed = self.computed.iter().map(|(o, n)| (o.clone(), format!("{n}{suffix}"))).collect();
        Ok(Domain { plan, columns, computed, work: self.work.clone() })
    }

    /// Outer references become columns of the domain.
    fn replace(&self, expr: Expr) -> Result<Expr> {
        let replaced = expr.transform_up(|e| match &e {
            Expr::OuterReferenceColumn(_, column) => match self.columns.iter().find(|(c, _)| c == column) {
                Some((_, name)) => Ok(Transformed::yes(Expr::Column(Column::new_unqualified(name)))),
                None => Ok(Transformed::no(e)),
            },
            _ => Ok(Transformed::no(e)),
        })?;
        Ok(replaced.data)
    }
}

/// Every outer column that the plan refers to, in subqueries too.
pub(super) fn outer_columns(plan: &LogicalPlan) -> Result<Vec<Column>> {
    let mut columns = Vec::new();
    plan.apply_with_subqueries(|node| {
        node.apply_expressions(|expr| {
            expr.apply(|e| {
                if let Expr::OuterReferenceColumn(_, column) = e
                    && !columns.contains(column)
                {
                    columns.push(column.clone());
                }
                Ok(TreeNodeRecursion::Continue)
            })
        })
    })?;
    Ok(columns)
}

fn refers(plan: &LogicalPlan, domain: &Domain) -> Result<bool> {
    for work in &domain.work {
        if work.is_read(plan)? {
            return Ok(true);
        }
    }
    Ok(outer_columns(plan)?.iter().any(|c| domain.columns.iter().any(|(d, _)| d == c)))
}

/// Whether only the filters under a plan's projections refer to outer values: what DataFusion's own rules take.
pub(super) fn is_simple(plan: &LogicalPlan) -> bool {
    let own = |plan: &LogicalPlan| plan.expressions().iter().all(|e| !e.contains_outer());
    match plan {
        LogicalPlan::Filter(f) => is_simple(&f.input),
        LogicalPlan::Projection(_) | LogicalPlan::Distinct(_) | LogicalPlan::Aggregate(_) => {
            own(plan) && plan.inputs().into_iter().all(is_simple)
        }
        other => outer_columns(other).is_ok_and(|columns| columns.is_empty()),
    }
}

/// Whether only filters at the top refer to outer values, and only to say that one is equal to something here.
pub(super) fn is_equal(plan: &LogicalPlan) -> bool {
    let equal = |e: &&Expr| match e {
        Expr::BinaryExpr(b) => b.op == Operator::Eq && (b.left.contains_outer() != b.right.contains_outer()),
        _ => false,
    };
    match plan {
        LogicalPlan::Filter(f) => {
            split_conjunction(&f.predicate).iter().filter(|e| e.contains_outer()).all(equal) && is_equal(&f.input)
        }
        other => outer_columns(other).is_ok_and(|columns| columns.is_empty()),
    }
}

/// The plan for every set of outer values at once: its own columns and the domain's.
pub(super) fn push(plan: LogicalPlan, domain: &Domain) -> Result<LogicalPlan> {
    if !refers(&plan, domain)? {
        return LogicalPlanBuilder::from(domain.plan.clone()).cross_join(plan)?.build();
    }
    match plan {
        LogicalPlan::Projection(p) => {
            let mut exprs = p
                .expr
                .into_iter()
                .zip(p.schema.iter())
                .map(|(e, (q, f))| {
                    let e = domain.replace(e)?;
                    let same = e.qualified_name() == (q.cloned(), f.name().clone());
                    Ok(if same { e } else { e.alias_qualified(q.cloned(), f.name()) })
                })
                .collect::<Result<Vec<_>>>()?;
            exprs.extend(domain.exprs());
            LogicalPlanBuilder::from(push(Arc::unwrap_or_clone(p.input), domain)?).project(exprs)?.build()
        }
        LogicalPlan::Filter(f) => {
            let predicate = domain.replace(f.predicate)?;
            LogicalPlanBuilder::from(push(Arc::unwrap_or_clone(f.input), domain)?).filter(predicate)?.build()
        }
        LogicalPlan::SubqueryAlias(a) => {
            let own: Vec<Column> = a.schema.columns();
            let aliased = LogicalPlanBuilder::from(push(Arc::unwrap_or_clone(a.input), domain)?)
                .alias(a.alias.clone())?
                .build()?;
            let mut exprs: Vec<Expr> = own.into_iter().map(Expr::Column).collect();
            exprs.extend(domain.names().map(|n| Expr::Column(Column::new(Some(a.alias.clone()), n)).alias(n)));
            LogicalPlanBuilder::from(aliased).project(exprs)?.build()
        }
        LogicalPlan::Aggregate(a) => aggregate(a, domain),
        LogicalPlan::Distinct(Distinct::All(input)) => {
            LogicalPlanBuilder::from(push(Arc::unwrap_or_clone(input), domain)?).distinct()?.build()
        }
        LogicalPlan::Sort(s) if s.fetch.is_none() => {
            let order = sort_exprs(s.expr, domain)?;
            LogicalPlanBuilder::from(push(Arc::unwrap_or_clone(s.input), domain)?).sort(order)?.build()
        }
        LogicalPlan::Limit(l) => limit(l, domain),
        LogicalPlan::Join(j) => join(j, domain),
        LogicalPlan::Unnest(u) => {
            let input = push(Arc::unwrap_or_clone(u.input), domain)?;
            LogicalPlanBuilder::from(input).unnest_columns_with_options(u.exec_columns, u.options)?.build()
        }
        LogicalPlan::Union(u) => {
            let mut parts = u.inputs.into_iter().map(|i| push(Arc::unwrap_or_clone(i), domain));
            let Some(first) = parts.next() else { return not_impl_err!("a union of nothing") };
            parts.try_fold(first?, |left, right| LogicalPlanBuilder::from(left).union(right?)?.build())
        }
        LogicalPlan::Subquery(s) => push(Arc::unwrap_or_clone(s.subquery), domain),
        LogicalPlan::RecursiveQuery(query) => recursive(query, domain),
        LogicalPlan::TableScan(scan) => {
            for work in &domain.work {
                if work.is_read(&LogicalPlan::TableScan(scan.clone()))? {
                    return work.read(&scan, domain);
                }
            }
            not_impl_err!("a correlated subquery with a table of its own")
        }
        other => not_impl_err!("a correlated subquery with {}", other.display()),
    }
}

fn sort_exprs(exprs: Vec<SortExpr>, domain: &Domain) -> Result<Vec<SortExpr>> {
    exprs.into_iter().map(|s| Ok(SortExpr { expr: domain.replace(s.expr)?, ..s })).collect()
}

/// Groups by the domain too. Without groups of its own an aggregate has a row for every set of outer values, also where nothing is aggregated.
fn aggregate(a: Aggregate, domain: &Domain) -> Result<LogicalPlan> {
    let own: Vec<Column> = a.schema.columns();
    let grouped = !a.group_expr.is_empty();
    let mut groups = a.group_expr.into_iter().map(|e| domain.replace(e)).collect::<Result<Vec<_>>>()?;
    let aggregates = a.aggr_expr.into_iter().map(|e| domain.replace(e)).collect::<Result<Vec<_>>>()?;
    groups.extend(domain.exprs());
    let empty: Vec<Option<Expr>> = aggregates
        .iter()
        .zip(a.schema.fields().iter().skip(own.len() - aggregates.len()))
        .map(|(e, f)| {
            let Expr::AggregateFunction(function) = e.clone().unalias() else { return Ok(None) };
            let value = function.func.default_value(f.data_type())?;
            Ok(if value.is_null() { None } else { Some(lit(value)) })
        })
        .collect::<Result<_>>()?;
    let names: Vec<_> = aggregates.iter().map(|e| e.qualified_name()).collect();
    let plan = LogicalPlanBuilder::from(push(Arc::unwrap_or_clone(a.input), domain)?)
        .aggregate(groups, aggregates)?
        .build()?;
    let inner = domain.renamed("_a")?;
    let (keys, inner_keys): (Vec<Column>, Vec<Column>) = domain
        .names()
        .zip(inner.names())
        .map(|(d, i)| (Column::new_unqualified(d), Column::new_unqualified(i)))
        .unzip();
    if grouped || keys.is_empty() {
        return Ok(plan);
    }
    let mut renamed: Vec<Expr> = names.iter().map(|(q, n)| Expr::Column(Column::new(q.clone(), n))).collect();
    renamed.extend(keys.iter().zip(&inner_keys).map(|(d, i)| Expr::Column(d.clone()).alias(i.name.as_str())));
    let plan = LogicalPlanBuilder::from(plan).project(renamed)?.build()?;
    let all = LogicalPlanBuilder::from(domain.plan.clone())
        .join_detailed(plan, JoinType::Left, (keys, inner_keys), None, NullEquality::NullEqualsNull)?
        .build()?;
    let mut exprs: Vec<Expr> = own
        .into_iter()
        .zip(names)
        .zip(empty)
        .map(|((old, (q, n)), empty)| {
            let column = Expr::Column(Column::new(q, n));
            match empty {
                Some(value) => datafusion::functions::core::coalesce()
                    .call(vec![column, value])
                    .alias_qualified(old.relation, old.name),
                None => column,
            }
        })
        .collect();
    exprs.extend(domain.exprs());
    LogicalPlanBuilder::from(all).project(exprs)?.build()
}

/// A limit for every set of outer values: rows are numbered within it.
fn limit(l: datafusion::logical_expr::Limit, domain: &Domain) -> Result<LogicalPlan> {
    let (SkipType::Literal(skip), FetchType::Literal(fetch)) = (l.get_skip_type()?, l.get_fetch_type()?) else {
        return not_impl_err!("a computed LIMIT in a correlated subquery");
    };
    let own: Vec<Column> = l.input.schema().columns();
    let (input, order) = match Arc::unwrap_or_clone(l.input) {
        LogicalPlan::Sort(s) => (Arc::unwrap_or_clone(s.input), sort_exprs(s.expr, domain)?),
        other => (other, Vec::new()),
    };
    let pushed = push(input, domain)?;
    let mut number = row_number();
    if let Expr::WindowFunction(window) = &mut number {
        let WindowFunctionParams { partition_by, order_by, .. } = &mut window.params;
        *partition_by = domain.exprs();
        *order_by = order;
    }
    let name = format!("__row_{}", domain.names().next().map_or("", String::as_str));
    let row = || Expr::Column(Column::new_unqualified(&name));
    let numbered = LogicalPlanBuilder::from(pushed).window(vec![number.alias(&name)])?;
    let skip = i64::try_from(skip).unwrap_or(i64::MAX);
    let mut kept = row().gt(lit(skip));
    if let Some(fetch) = fetch {
        kept = kept.and(row().lt_eq(lit(skip.saturating_add(i64::try_from(fetch).unwrap_or(i64::MAX)))));
    }
    let mut exprs: Vec<Expr> = own.into_iter().map(Expr::Column).collect();
    exprs.extend(domain.exprs());
    numbered.filter(kept)?.project(exprs)?.build()
}

fn join(j: Join, domain: &Domain) -> Result<LogicalPlan> {
    let (left, right) = (Arc::unwrap_or_clone(j.left), Arc::unwrap_or_clone(j.right));
    if !matches!(j.join_type, JoinType::Inner | JoinType::Left) {
        return not_impl_err!("a correlated subquery with a {} join", j.join_type);
    }
    let on = j.on.into_iter().map(|(l, r)| Ok(domain.replace(l)?.eq(domain.replace(r)?)));
    let filter =
        on.chain(j.filter.map(|f| domain.replace(f))).collect::<Result<Vec<_>>>()?.into_iter().reduce(Expr::and);
    if !refers(&right, domain)? {
        let left = push(left, domain)?;
        return LogicalPlanBuilder::from(left)
            .join_on(right, j.join_type, [filter.unwrap_or_else(|| lit(true))])?
            .build();
    }
    if j.join_type == JoinType::Inner && !refers(&left, domain)? {
        let own: Vec<Column> = j.schema.columns();
        let right = push(right, domain)?;
        let joined =
            LogicalPlanBuilder::from(left).join_on(right, JoinType::Inner, [filter.unwrap_or_else(|| lit(true))])?;
        let mut exprs: Vec<Expr> = own.into_iter().map(Expr::Column).collect();
        exprs.extend(domain.exprs());
        return joined.project(exprs)?.build();
    }
    let own: Vec<Column> = j.schema.columns();
    let inner = domain.renamed("_r")?;
    let (left, right) = (push(left, domain)?, push(right, &inner)?);
    let (_, keys) = domain.keys();
    let (_, inner_keys) = inner.keys();
    let joined = LogicalPlanBuilder::from(left).join_detailed(
        right,
        j.join_type,
        (keys, inner_keys),
        filter,
        NullEquality::NullEqualsNull,
    )?;
    let mut exprs: Vec<Expr> = own.into_iter().map(Expr::Column).collect();
    exprs.extend(domain.exprs());
    joined.project(exprs)?.build()
}
