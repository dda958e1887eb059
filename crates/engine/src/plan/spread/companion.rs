//! Tables beside the divided one of which a part needs only some files. Where every row of a part that counts has the same key in both tables, and files say
//! between which values their keys lie, files whose keys meet none of the part's need not be read: tables that were written in the order of a common
//! key are divided along with each other. It must not know how many workers there are, nor what statements look like.

use super::parts::{occurrences, scans};
use crate::plan::remote::table;
use arrow::datatypes::DataType;
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, JoinType, Result};
use datafusion::logical_expr::utils::split_conjunction;
use datafusion::logical_expr::{BinaryExpr, Distinct, Expr, Join, LogicalPlan, Operator, Sort};
use std::sync::Arc;
use weft_core::input::{Input, InputFile, Range};

/// A table that is divided along with another one.
#[derive(Debug, Clone)]
pub(super) struct Companion {
    /// The table.
    pub(super) input: Arc<Input>,
    /// Its column.
    column: String,
    /// The column of the divided table that has the same value.
    pub(super) key: String,
    /// How many times it would be read if each file of the divided table were a part: 1 is perfect, as often as there are files useless.
    pub(super) readings: f64,
}

impl Companion {
    fn new(input: Arc<Input>, column: String, divided: &Input, key: String) -> Companion {
        let mut found = Companion { input, column, key, readings: 0.0 };
        let one = |own: usize| -> u64 { found.files(divided, &[own]).iter().map(|file| file.bytes).sum() };
        let all: u64 = (0..divided.files.len()).map(one).sum();
        found.readings = all as f64 / found.input.bytes.max(1) as f64;
        found
    }

    /// Its files that must be read with these files of the divided table. At least one: a statement names some.
    pub(super) fn files(&self, divided: &Input, with: &[usize]) -> Vec<&InputFile> {
        let keys = divided.bounds.of(&self.key).unwrap_or_default();
        let own: Vec<Option<Range>> = with.iter().map(|i| keys.get(*i).copied().flatten()).collect();
        let there = self.input.bounds.of(&self.column).unwrap_or_default();
        // What is not known meets everything.
        let meets = |file: usize| match there.get(file).copied().flatten() {
            Some(file) => own.iter().any(|own| own.is_none_or(|own| own.meets(&file))),
            None => true,
        };
        let files = self.input.files.iter().enumerate().filter(|(i, _)| meets(*i)).map(|(_, file)| file);
        let files: Vec<&InputFile> = files.collect();
        if files.is_empty() { self.input.files.iter().take(1).collect() } else { files }
    }
}

/// The companions of the table in the plan, which reads it once.
pub(super) fn companions(plan: &LogicalPlan, divided: &Input) -> Result<Vec<Companion>> {
    let mut search = Search { divided, found: Vec::new() };
    plan.apply_with_subqueries(|node| {
        search.look_at(node)?;
        Ok(TreeNodeRecursion::Continue)
    })?;
    let mut companions: Vec<Companion> = Vec::new();
    for found in search.found {
        if found.readings >= divided.files.len() as f64 || occurrences(plan, &found.input)? != 1 {
            continue;
        }
        match companions.iter_mut().find(|c| *c.input == *found.input) {
            Some(other) if other.readings <= found.readings => {}
            Some(other) => *other = found,
            None => companions.push(found),
        }
    }
    Ok(companions)
}

struct Search<'a> {
    divided: &'a Input,
    found: Vec<Companion>,
}

impl Search<'_> {
    fn look_at(&mut self, node: &LogicalPlan) -> Result<()> {
        match node {
            LogicalPlan::Filter(filter) => {
                for (a, b) in equalities(&filter.predicate) {
                    self.try_both(a, b, &filter.input, &filter.input);
                }
            }
            LogicalPlan::Join(join) => self.look_at_join(join),
            _ => {}
        }
        if let [input] = node.inputs()[..] {
            node.apply_subqueries(|subquery| {
                let LogicalPlan::Subquery(inner) = subquery else { return Ok(TreeNodeRecursion::Continue) };
                self.look_into(&inner.subquery, input)?;
                Ok(TreeNodeRecursion::Jump)
            })?;
        }
        Ok(())
    }

    /// A row of the side that is kept in any case may only be looked for in the other one.
    fn look_at_join(&mut self, join: &Join) {
        let (left, right) = (&*join.left, &*join.right);
        let filters = join.filter.as_ref().map(equalities).unwrap_or_default();
        for (a, b) in join.on.iter().map(|(a, b)| (a, b)).chain(filters) {
            for (of_left, of_right) in [(a, b), (b, a)] {
                match join.join_type {
                    JoinType::Inner => {
                        self.try_one(of_left, left, of_right, right);
                        self.try_one(of_right, right, of_left, left);
                    }
                    JoinType::Left | JoinType::LeftSemi | JoinType::LeftAnti | JoinType::LeftMark => {
                        self.try_one(of_left, left, of_right, right);
                    }
                    JoinType::Right | JoinType::RightSemi | JoinType::RightAnti | JoinType::RightMark => {
                        self.try_one(of_right, right, of_left, left);
                    }
                    JoinType::Full => {}
                }
            }
        }
    }

    /// Conditions of a subquery on a column of the query around it, whose rows are those of `outer`.
    fn look_into(&mut self, subquery: &LogicalPlan, outer: &LogicalPlan) -> Result<()> {
        subquery.apply(|node| {
            if let LogicalPlan::Filter(filter) = node {
                for (a, b) in equalities(&filter.predicate) {
                    for (inner, around) in [(a, b), (b, a)] {
                        if let Some(Expr::OuterReferenceColumn(_, column)) = whole_number(around) {
                            let around = Expr::Column(column.clone());
                            self.try_one(&around, outer, inner, &filter.input);
                        }
                    }
                }
            }
            Ok(TreeNodeRecursion::Continue)
        })?;
        Ok(())
    }

    fn try_both(&mut self, a: &Expr, b: &Expr, of_a: &LogicalPlan, of_b: &LogicalPlan) {
        self.try_one(a, of_a, b, of_b);
        self.try_one(b, of_b, a, of_a);
    }

    /// Rows in which both are equal are all that counts: is the first one the divided table's, and the second one another table's?
    fn try_one(&mut self, own: &Expr, of_own: &LogicalPlan, other: &Expr, of_other: &LogicalPlan) {
        let (Some(own), Some(other)) = (source(own, of_own), source(other, of_other)) else { return };
        if !scans(own.scan, self.divided)
            || own.is_date != other.is_date
            || self.divided.bounds.of(&own.column).is_none()
        {
            return;
        }
        let LogicalPlan::TableScan(scan) = other.scan else { return };
        let Some(table) = table(scan) else { return };
        let [input] = &table.place.inputs[..] else { return };
        if **input != *self.divided && input.split.is_some() && input.bounds.of(&other.column).is_some() {
            self.found.push(Companion::new(input.clone(), other.column, self.divided, own.column));
        }
    }
}

/// The equalities that must hold.
fn equalities(predicate: &Expr) -> Vec<(&Expr, &Expr)> {
    let equality = |expr| match expr {
        &Expr::BinaryExpr(BinaryExpr { ref left, op: Operator::Eq, ref right }) => Some((&**left, &**right)),
        _ => None,
    };
    split_conjunction(predicate).into_iter().filter_map(equality).collect()
}

/// Where a value comes from.
struct Source<'p> {
    scan: &'p LogicalPlan,
    column: String,
    is_date: bool,
}

/// The column of a table that the expression is, if a condition on it might as well be put on that table.
fn source<'p>(expr: &Expr, plan: &'p LogicalPlan) -> Option<Source<'p>> {
    let Expr::Column(column) = whole_number(expr)? else { return None };
    trace(plan, index(plan, column)?)
}

fn index(plan: &LogicalPlan, column: &Column) -> Option<usize> {
    plan.schema().maybe_index_of_column(column)
}

/// The expression below changes of names and of the width of whole numbers: they keep the value or fail.
fn whole_number(expr: &Expr) -> Option<&Expr> {
    match expr {
        Expr::Column(_) | Expr::OuterReferenceColumn(..) => Some(expr),
        Expr::Alias(alias) => whole_number(&alias.expr),
        Expr::Cast(cast) if matches!(cast.field.data_type(), DataType::Int16 | DataType::Int32 | DataType::Int64) => {
            whole_number(&cast.expr)
        }
        _ => None,
    }
}

fn trace(plan: &LogicalPlan, index: usize) -> Option<Source<'_>> {
    match plan {
        LogicalPlan::TableScan(scan) => {
            let field = scan.projected_schema.field(index);
            let is_date = *field.data_type() == DataType::Date32;
            let is_whole = matches!(field.data_type(), DataType::Int16 | DataType::Int32 | DataType::Int64);
            (is_date || is_whole).then(|| Source { scan: plan, column: field.name().clone(), is_date })
        }
        LogicalPlan::Filter(filter) => trace(&filter.input, index),
        LogicalPlan::SubqueryAlias(alias) => trace(&alias.input, index),
        LogicalPlan::Distinct(Distinct::All(input)) => trace(input, index),
        LogicalPlan::Sort(Sort { input, fetch: None, .. }) => trace(input, index),
        LogicalPlan::Projection(projection) => source(projection.expr.get(index)?, &projection.input),
        LogicalPlan::Aggregate(aggregate) => {
            let key = aggregate.group_expr.get(index)?;
            if matches!(aggregate.group_expr[..], [Expr::GroupingSet(_)]) {
                return None;
            }
            source(key, &aggregate.input)
        }
        LogicalPlan::Join(join) => trace_side(join, index),
        _ => None,
    }
}

fn trace_side(join: &Join, index: usize) -> Option<Source<'_>> {
    use JoinType::{Inner, Left, LeftAnti, LeftMark, LeftSemi, Right, RightAnti, RightMark, RightSemi};
    let left = join.left.schema().fields().len();
    match join.join_type {
        Inner if index >= left => trace(&join.right, index - left),
        Right if index >= left => trace(&join.right, index - left),
        Inner | Left | LeftSemi | LeftAnti | LeftMark if index < left => trace(&join.left, index),
        RightSemi | RightAnti | RightMark if index < join.right.schema().fields().len() => trace(&join.right, index),
        _ => None,
    }
}
