//! Correlated subqueries that DataFusion cannot run: a scalar one without an aggregate, `EXISTS` and `IN` outside of WHERE, LATERAL. Each becomes a join
//! with the subquery's answers for every distinct set of outer values it refers to, as in Neumann and Kemper, "Unnesting Arbitrary Queries" (BTW 2015).
//!
//! Subqueries that DataFusion runs, and that a source or worker may answer as they are, stay.

mod push;
mod recursive;
mod single;

use arrow::datatypes::DataType;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, DFSchema, JoinType, NullEquality, Result};
use datafusion::functions_aggregate::{bool_and_or, count};
use datafusion::logical_expr::expr::{Exists, InSubquery};
use datafusion::logical_expr::{Expr, LogicalPlan, LogicalPlanBuilder, Subquery, cast, lit, when};
use push::{Domain, push};
use std::sync::Arc;

/// The aggregate that is the value of a subquery's one row.
pub use single::single;

/// Rewrites such subqueries of the plan.
pub fn rewrite(plan: LogicalPlan) -> Result<LogicalPlan> {
    Rewriter { number: 0 }.plan(plan)
}

struct Rewriter {
    number: usize,
}

impl Rewriter {
    fn plan(&mut self, plan: LogicalPlan) -> Result<LogicalPlan> {
        let plan = plan.map_children(|child| self.plan(child).map(Transformed::yes))?.data;
        let plan = self.inside(plan)?;
        match plan {
            LogicalPlan::Join(join)
                if matches!(join.right.as_ref(), LogicalPlan::Subquery(_) | LogicalPlan::SubqueryAlias(_)) =>
            {
                self.lateral(join)
            }
            plan => self.expressions(plan),
        }
    }

    /// Rewrites the plans of the node's own subqueries.
    fn inside(&mut self, plan: LogicalPlan) -> Result<LogicalPlan> {
        let rewritten = plan.map_expressions(|expr| {
            expr.transform_up(|e| {
                let mut e = e;
                let subquery = match &mut e {
                    Expr::ScalarSubquery(s) => s,
                    Expr::Exists(x) => &mut x.subquery,
                    Expr::InSubquery(x) => &mut x.subquery,
                    _ => return Ok(Transformed::no(e)),
                };
                let plan = self.plan(subquery.subquery.as_ref().clone())?;
                subquery.outer_ref_columns = plan.all_out_ref_exprs();
                subquery.subquery = Arc::new(plan);
                Ok(Transformed::yes(e))
            })
        })?;
        Ok(rewritten.data)
    }

    fn expressions(&mut self, plan: LogicalPlan) -> Result<LogicalPlan> {
        let is_filter = matches!(plan, LogicalPlan::Filter(_));
        let inputs = plan.inputs();
        let [input] = inputs.as_slice() else { return Ok(plan) };
        let mut input = (*input).clone();
        let original = input.schema().clone();
        let mut changed = false;
        let mut exprs = Vec::new();
        for expr in plan.expressions() {
            let conjunct = is_filter;
            let rewritten = self.expression(expr, conjunct, &mut input)?;
            changed |= rewritten.transformed;
            exprs.push(rewritten.data);
        }
        if !changed {
            return Ok(plan);
        }
        let wide = matches!(plan, LogicalPlan::Filter(_) | LogicalPlan::Sort(_) | LogicalPlan::Window(_));
        let names = plan.schema().clone();
        let exprs = if matches!(plan, LogicalPlan::Projection(_)) { named_as_before(exprs, &names) } else { exprs };
        let node = plan.with_new_exprs(exprs, vec![input])?;
        if !wide {
            return Ok(node);
        }
        let kept = if matches!(node, LogicalPlan::Window(_)) { names } else { original };
        let columns = kept.iter().map(|(q, f)| Expr::Column(Column::new(q.cloned(), f.name())));
        LogicalPlanBuilder::from(node).project(columns.collect::<Vec<_>>())?.build()
    }

    /// Replaces the subqueries of an expression by columns that are joined to the input.
    fn expression(&mut self, expr: Expr, filter: bool, input: &mut LogicalPlan) -> Result<Transformed<Expr>> {
        // The conjuncts of a WHERE may be EXISTS and IN: those DataFusion runs.
        if filter
            && let Expr::BinaryExpr(b) = &expr
            && b.op == datafusion::logical_expr::Operator::And
        {
            let left = self.expression((*b.left).clone(), true, input)?;
            let right = self.expression((*b.right).clone(), true, input)?;
            let transformed = left.transformed || right.transformed;
            return Ok(Transformed::new(left.data.and(right.data), transformed, TreeNodeRecursion::Continue));
        }
        if filter && matches!(expr, Expr::Exists(_) | Expr::InSubquery(_)) && runs(&expr) {
            return Ok(Transformed::no(expr));
        }
        if filter
            && let Expr::Not(inner) = &expr
            && matches!(inner.as_ref(), Expr::Exists(_) | Expr::InSubquery(_))
            && runs(inner)
        {
            return Ok(Transformed::no(expr));
        }
        expr.transform_up(|e| match e {
            Expr::ScalarSubquery(subquery)
                if !subquery.outer_ref_columns.is_empty() && !is_single(&subquery.subquery) =>
            {
                self.scalar(subquery, input).map(Transformed::yes)
            }
            Expr::Exists(exists) => self.exists(exists, input).map(Transformed::yes),
            Expr::InSubquery(within) => self.within(within, input).map(Transformed::yes),
            other => Ok(Transformed::no(other)),
        })
    }

    fn fresh(&mut self, what: &str) -> String {
        self.number += 1;
        format!("__{what}_{}", self.number)
    }

    /// The outer values that the subquery refers to and that this input has.
    fn domain(&mut self, subquery: &LogicalPlan, input: &LogicalPlan, also: Vec<(Expr, String)>) -> Result<Domain> {
        let mut columns = Vec::new();
        for column in push::outer_columns(subquery)? {
            if input.schema().has_column(&column) {
                let name = self.fresh("outer");
                columns.push((column, name));
            }
        }
        Domain::new(input.clone(), columns, also)
    }

    /// `(SELECT e …)`: the answers, at most one for each set of outer values.
    fn scalar(&mut self, subquery: Subquery, input: &mut LogicalPlan) -> Result<Expr> {
        let domain = self.domain(&subquery.subquery, input, Vec::new())?;
        let value = Column::from(subquery.subquery.schema().qualified_field(0));
        let pushed = push(subquery.subquery.as_ref().clone(), &domain)?;
        let name = self.fresh("value");
        let one = single().call(vec![Expr::Column(value)]).alias(&name);
        let answers = LogicalPlanBuilder::from(pushed).aggregate(domain.exprs(), vec![one])?.build()?;
        *input = self.join(input.clone(), answers, &domain, JoinType::Left)?;
        Ok(Expr::Column(Column::new_unqualified(name)))
    }

    /// `EXISTS (SELECT …)`: the sets of outer values that have an answer.
    fn exists(&mut self, exists: Exists, input: &mut LogicalPlan) -> Result<Expr> {
        let domain = self.domain(&exists.subquery.subquery, input, Vec::new())?;
        let pushed = push(exists.subquery.subquery.as_ref().clone(), &domain)?;
        let name = self.fresh("found");
        let number = count::count_udaf().call(vec![lit(1_i64)]).alias(&name);
        let answers = LogicalPlanBuilder::from(pushed).aggregate(domain.exprs(), vec![number])?.build()?;
        *input = self.join(input.clone(), answers, &domain, JoinType::Left)?;
        let column = Expr::Column(Column::new_unqualified(name));
        // No row of the answers is no answer; without outer values there is always a row, which counts.
        let found = datafusion::functions::core::coalesce().call(vec![column, lit(0_i64)]).gt(lit(0_i64));
        Ok(if exists.negated { Expr::Not(Box::new(found)) } else { found })
    }

    /// `x IN (SELECT …)`: true, false, or NULL where only a NULL might be equal.
    fn within(&mut self, within: InSubquery, input: &mut LogicalPlan) -> Result<Expr> {
        let probe = self.fresh("probe");
        let also = vec![(within.expr.as_ref().clone(), probe.clone())];
        let domain = self.domain(&within.subquery.subquery, input, also)?;
        // The probe is a column of the input, so that the join back finds it.
        let mut columns: Vec<Expr> =
            input.schema().iter().map(|(q, f)| Expr::Column(Column::new(q.cloned(), f.name()))).collect();
        columns.push(within.expr.alias(&probe));
        *input = LogicalPlanBuilder::from(input.clone()).project(columns)?.build()?;
        let value = Expr::Column(Column::from(within.subquery.subquery.schema().qualified_field(0)));
        let pushed = push(within.subquery.subquery.as_ref().clone(), &domain)?;
        let equal = Expr::Column(Column::new_unqualified(domain.name_of(&probe))).eq(value);
        let (any, all, known) = (self.fresh("any"), self.fresh("all"), self.fresh("known"));
        let aggregates = vec![
            bool_and_or::bool_or_udaf().call(vec![equal.clone()]).alias(&any),
            count::count_udaf().call(vec![lit(1_i64)]).alias(&all),
            count::count_udaf().call(vec![equal]).alias(&known),
        ];
        let answers = LogicalPlanBuilder::from(pushed).aggregate(domain.exprs(), aggregates)?.build()?;
        *input = self.join(input.clone(), answers, &domain, JoinType::Left)?;
        let column = |name: &str| Expr::Column(Column::new_unqualified(name));
        let truth = when(column(&any).is_true(), lit(true))
            .when(column(&all).gt(column(&known)), cast(lit(datafusion::common::ScalarValue::Null), DataType::Boolean))
            .otherwise(lit(false))?;
        Ok(if within.negated { Expr::Not(Box::new(truth)) } else { truth })
    }

    /// `left, LATERAL (SELECT …)`: the answers are joined to the rows that they belong to.
    fn lateral(&mut self, join: datafusion::logical_expr::Join) -> Result<LogicalPlan> {
        let (inner, alias) = match join.right.as_ref() {
            LogicalPlan::Subquery(s) => (s.subquery.as_ref().clone(), None),
            LogicalPlan::SubqueryAlias(a) => match a.input.as_ref() {
                LogicalPlan::Subquery(s) => (s.subquery.as_ref().clone(), Some(a.alias.clone())),
                _ => return self.expressions(LogicalPlan::Join(join)),
            },
            _ => return Ok(LogicalPlan::Join(join)),
        };
        let aliased = match &alias {
            Some(alias) => LogicalPlanBuilder::from(inner).alias(alias.clone())?.build()?,
            None => inner,
        };
        let left = join.left.as_ref().clone();
        let domain = self.domain(&aliased, &left, Vec::new())?;
        let answers = push(aliased, &domain)?;
        let wide = join_on(left, answers, &domain, join.join_type, join.filter.clone(), &join.on)?;
        let columns = join.schema.iter().map(|(q, f)| Expr::Column(Column::new(q.cloned(), f.name())));
        LogicalPlanBuilder::from(wide).project(columns.collect::<Vec<_>>())?.build()
    }

    fn join(&self, left: LogicalPlan, right: LogicalPlan, domain: &Domain, kind: JoinType) -> Result<LogicalPlan> {
        join_on(left, right, domain, kind, None, &[])
    }
}

/// Joins rows and answers where the outer values are the same, NULL being the same as NULL.
fn join_on(
    left: LogicalPlan,
    right: LogicalPlan,
    domain: &Domain,
    kind: JoinType,
    filter: Option<Expr>,
    on: &[(Expr, Expr)],
) -> Result<LogicalPlan> {
    let filter = on.iter().map(|(l, r)| l.clone().eq(r.clone())).chain(filter).reduce(Expr::and);
    let (outer, inner) = domain.keys();
    if outer.is_empty() && filter.is_none() {
        if kind == JoinType::Inner {
            return LogicalPlanBuilder::from(left).cross_join(right)?.build();
        }
        return LogicalPlanBuilder::from(left).join_on(right, kind, [lit(true)])?.build();
    }
    LogicalPlanBuilder::from(left)
        .join_detailed(right, kind, (outer, inner), filter, NullEquality::NullEqualsNull)?
        .build()
}

/// The columns of a projection keep the names by which the nodes above know them.
fn named_as_before(exprs: Vec<Expr>, schema: &DFSchema) -> Vec<Expr> {
    let each = exprs.into_iter().zip(schema.iter()).map(|(expr, (qualifier, field))| {
        let same = expr.qualified_name() == (qualifier.cloned(), field.name().clone());
        if same { expr } else { expr.alias_qualified(qualifier.cloned(), field.name()) }
    });
    each.collect()
}

/// Whether a subquery in WHERE is one that DataFusion's own rules take: correlated, if at all, by its own filter.
fn runs(expr: &Expr) -> bool {
    let subquery = match expr {
        Expr::Exists(exists) => &exists.subquery,
        Expr::InSubquery(within) => &within.subquery,
        _ => return false,
    };
    push::is_simple(&subquery.subquery)
}

/// Whether DataFusion knows that there is one row: an aggregate without groups.
fn is_single(plan: &LogicalPlan) -> bool {
    match plan {
        LogicalPlan::Projection(p) => is_single(&p.input),
        LogicalPlan::SubqueryAlias(a) => is_single(&a.input),
        LogicalPlan::Aggregate(a) => a.group_expr.is_empty() && push::is_equal(&a.input),
        _ => false,
    }
}
