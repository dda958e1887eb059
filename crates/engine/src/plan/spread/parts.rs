//! A sub-plan as parts, one a worker, and what the gateway does with their rows. A part is the sub-plan on some of the files of one table; it gives a
//! part of the rows as long as every operator above that table treats its rows one by one. It must not know how many workers are worth it.

use super::aggregate;
use super::companion::Companion;
use crate::plan::dialect::select;
use crate::plan::federate::{row_order, table_rows};
use crate::plan::place::Place;
use crate::plan::remote::{RemoteTable, TableText, table};
use arrow::datatypes::Schema;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{Column, JoinType, Result};
use datafusion::datasource::provider_as_source;
use datafusion::logical_expr::{
    Distinct, Expr, FetchType, Limit, LogicalPlan, LogicalPlanBuilder, Projection, SkipType, Sort, Union, lit,
};
use sha2::{Digest, Sha256};
use std::cmp::Reverse;
use std::sync::Arc;
use weft_core::input::{Input, InputFile, Split};
use weft_core::worker::Seat;

/// Stands for the list of files of a table in a statement: of the divided one, then of its companions. No text of a client has this character.
fn mark(table: usize) -> String {
    format!("\0{table}\0")
}

/// How the parts of one table are read.
pub(super) struct Parts<'a> {
    place: &'a Place,
    divided: &'a Input,
    split: &'a Split,
    companions: &'a [Companion],
    seats: &'a [Seat],
}

/// The sub-plan as parts on these workers, merged; none if its parts could not be merged to the same rows.
pub(super) fn spread(
    plan: &LogicalPlan,
    place: &Place,
    divided: &Input,
    companions: &[Companion],
    seats: &[Seat],
) -> Result<Option<LogicalPlan>> {
    let Some(split) = &divided.split else { return Ok(None) };
    if occurrences(plan, divided)? != 1 {
        return Ok(None);
    }
    Parts { place, divided, split, companions, seats }.merged(plan)
}

/// How often the plan reads the table.
pub(super) fn occurrences(plan: &LogicalPlan, divided: &Input) -> Result<usize> {
    let mut found = 0;
    plan.apply_with_subqueries(|node| {
        found += usize::from(scans(node, divided));
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(found)
}

/// Whether the node reads the table.
pub(super) fn scans(node: &LogicalPlan, divided: &Input) -> bool {
    let LogicalPlan::TableScan(scan) = node else { return false };
    table(scan).is_some_and(|table| table.place.inputs.iter().any(|input| **input == *divided))
}

impl Parts<'_> {
    /// The plan with its rows merged in the gateway.
    fn merged(&self, plan: &LogicalPlan) -> Result<Option<LogicalPlan>> {
        if self.is_rowwise(plan) {
            return self.union(plan).map(Some);
        }
        match plan {
            LogicalPlan::Aggregate(aggregate) if self.is_rowwise(&aggregate.input) => {
                aggregate::split(aggregate, |partial| self.union(partial))
            }
            LogicalPlan::Distinct(Distinct::All(input)) if self.is_rowwise(input) => {
                if !plan.schema().fields().iter().all(|field| aggregate::is_same_to_all(field.data_type())) {
                    return Ok(None);
                }
                let union = self.union(plan)?;
                Ok(Some(LogicalPlan::Distinct(Distinct::All(Arc::new(union)))))
            }
            LogicalPlan::Limit(limit) => self.limited(plan, limit),
            LogicalPlan::Projection(_)
            | LogicalPlan::Filter(_)
            | LogicalPlan::Sort(_)
            | LogicalPlan::SubqueryAlias(_)
            | LogicalPlan::Distinct(Distinct::All(_))
                if !has_subquery(plan) =>
            {
                let [input] = plan.inputs()[..] else { return Ok(None) };
                // All rows would have to be sorted here.
                if matches!(plan, LogicalPlan::Sort(Sort { fetch: None, .. })) && self.is_rowwise(input) {
                    return Ok(None);
                }
                let Some(merged) = self.merged(input)? else { return Ok(None) };
                plan.with_new_exprs(plan.expressions(), vec![merged]).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The first rows of all are among the first rows of each part.
    fn limited(&self, plan: &LogicalPlan, limit: &Limit) -> Result<Option<LogicalPlan>> {
        let (SkipType::Literal(skip), FetchType::Literal(Some(fetch))) =
            (limit.get_skip_type()?, limit.get_fetch_type()?)
        else {
            return Ok(None);
        };
        let (projections, sort, rows) = ordered(&limit.input);
        if !self.is_rowwise(rows) {
            let Some(merged) = self.merged(&limit.input)? else { return Ok(None) };
            return plan.with_new_exprs(plan.expressions(), vec![merged]).map(Some);
        }
        let below = sort.map_or_else(|| rows.clone(), |sort| LogicalPlan::Sort(sort.clone()));
        let first = i64::try_from(skip.saturating_add(fetch)).unwrap_or(i64::MAX);
        let part = LogicalPlan::Limit(Limit { skip: None, fetch: Some(Box::new(lit(first))), input: Arc::new(below) });
        let mut merged = self.union(&part)?;
        if let Some(sort) = sort {
            merged = LogicalPlan::Sort(Sort { input: Arc::new(merged), ..sort.clone() });
        }
        for projection in projections.into_iter().rev() {
            merged = LogicalPlan::Projection(Projection::try_new(projection.expr.clone(), Arc::new(merged))?);
        }
        Ok(Some(LogicalPlan::Limit(Limit { input: Arc::new(merged), ..limit.clone() })))
    }

    /// Whether the rows of the plan on all files are those on some files and those on the others.
    fn is_rowwise(&self, plan: &LogicalPlan) -> bool {
        self.keeps_rows(plan) && is_steady(plan)
    }

    fn keeps_rows(&self, plan: &LogicalPlan) -> bool {
        match plan {
            LogicalPlan::TableScan(_) => scans(plan, self.divided),
            LogicalPlan::Projection(_) | LogicalPlan::Filter(_) | LogicalPlan::SubqueryAlias(_) => {
                let [input] = plan.inputs()[..] else { return false };
                self.keeps_rows(input)
            }
            LogicalPlan::Join(join) => match join.join_type {
                JoinType::Inner => self.keeps_rows(&join.left) || self.keeps_rows(&join.right),
                JoinType::Left | JoinType::LeftSemi | JoinType::LeftAnti | JoinType::LeftMark => {
                    self.keeps_rows(&join.left)
                }
                JoinType::Right | JoinType::RightSemi | JoinType::RightAnti | JoinType::RightMark => {
                    self.keeps_rows(&join.right)
                }
                JoinType::Full => false,
            },
            _ => false,
        }
    }

    /// The rows of all parts, with the plan's columns.
    fn union(&self, plan: &LogicalPlan) -> Result<LogicalPlan> {
        let schema = plan.schema().clone();
        let name = |i: usize| format!("c{i}");
        let numbered = (0..schema.fields().len())
            .map(|i| Expr::Column(Column::from(schema.qualified_field(i))).alias(name(i)))
            .collect();
        let fields = schema.fields().iter().enumerate().map(|(i, f)| f.as_ref().clone().with_name(name(i)));
        let fields = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        let order = row_order(plan);
        let rows = table_rows(plan).map(|rows| rows.div_ceil(self.seats.len()));
        let part = LogicalPlan::Projection(Projection::try_new(numbered, Arc::new(self.marked(plan.clone())?))?);
        let sql = select::statement(self.place.words(), &part)?;
        let scan = |(seat, files): (&Seat, Vec<usize>)| {
            let read = self.read_by(&files);
            let mut sql = sql.clone();
            for (table, input) in read.iter().enumerate() {
                let literals: Vec<&str> = input.files.iter().map(|f| f.literal.as_str()).collect();
                sql = sql.replace(&mark(table), &literals.join(", "));
            }
            let table = RemoteTable {
                place: self.seat(seat, read),
                text: TableText::Query(sql),
                schema: fields.clone(),
                rows,
                order,
            };
            LogicalPlanBuilder::scan("part", provider_as_source(Arc::new(table)), None)?.build().map(Arc::new)
        };
        let scans: Vec<Arc<LogicalPlan>> = self.divide().into_iter().map(scan).collect::<Result<_>>()?;
        let union = LogicalPlan::Union(Union::try_new(scans)?);
        let original = (0..schema.fields().len()).map(|i| {
            let (qualifier, field) = schema.qualified_field(i);
            Expr::Column(Column::from(union.schema().qualified_field(i)))
                .alias_qualified(qualifier.cloned(), field.name())
        });
        let original: Vec<Expr> = original.collect();
        LogicalPlanBuilder::from(union).project(original)?.build()
    }

    /// The plan with marks in place of the lists of files.
    fn marked(&self, plan: LogicalPlan) -> Result<LogicalPlan> {
        let marked = plan.transform_up_with_subqueries(|node| {
            let Some(text) = self.marked_text(&node) else { return Ok(Transformed::no(node)) };
            let LogicalPlan::TableScan(mut scan) = node else { return Ok(Transformed::no(node)) };
            let Some(whole) = table(&scan) else { return Ok(Transformed::no(LogicalPlan::TableScan(scan))) };
            let text = TableText::Query(text);
            scan.source = provider_as_source(Arc::new(RemoteTable { text, ..whole.as_ref().clone() }));
            Ok(Transformed::yes(LogicalPlan::TableScan(scan)))
        })?;
        Ok(marked.data)
    }

    fn marked_text(&self, node: &LogicalPlan) -> Option<String> {
        if scans(node, self.divided) {
            return Some(self.split.reading(&mark(0)));
        }
        let at = self.companions.iter().position(|companion| scans(node, &companion.input))?;
        let split = self.companions.get(at)?.input.split.as_ref()?;
        Some(split.reading(&mark(at + 1)))
    }

    /// What of the divided table and of its companions is read with these files of it.
    fn read_by(&self, files: &[usize]) -> Vec<Input> {
        let of = |input: &Input, files: Vec<&InputFile>| Input {
            bytes: files.iter().map(|f| f.bytes).sum(),
            files: files.into_iter().cloned().collect(),
            split: None,
            bounds: Arc::default(),
            ..input.clone()
        };
        let own = files.iter().filter_map(|i| self.divided.files.get(*i)).collect();
        let beside = self.companions.iter().map(|c| of(&c.input, c.files(self.divided, files)));
        std::iter::once(of(self.divided, own)).chain(beside).collect()
    }

    fn seat(&self, seat: &Seat, read: Vec<Input>) -> Place {
        let whole = std::iter::once(self.divided).chain(self.companions.iter().map(|c| &*c.input));
        let parts: Vec<(&Input, Arc<Input>)> = whole.zip(read.into_iter().map(Arc::new)).collect();
        let part = |input: &Arc<Input>| {
            parts.iter().find(|(whole, _)| **whole == **input).map_or_else(|| input.clone(), |(_, part)| part.clone())
        };
        Place {
            executor: seat.executor.clone(),
            inputs: self.place.inputs.iter().map(part).collect(),
            ..self.place.clone()
        }
    }

    /// The files of each worker, by their places among all: a file goes where it has been before, as long as nobody gets more than a share of the
    /// bytes and a little: the slowest part is what a statement waits for. Nobody is left without any. The order of the files stays.
    fn divide(&self) -> Vec<(&Seat, Vec<usize>)> {
        let files = &self.divided.files;
        let share = self.divided.bytes / self.seats.len() as u64;
        let most = share + share / 32;
        let mut loads = vec![(0u64, Vec::new()); self.seats.len()];
        let mut largest_first: Vec<usize> = (0..files.len()).collect();
        largest_first.sort_by_key(|i| files.get(*i).map(|f| Reverse(f.bytes)));
        for (done, at) in largest_first.iter().enumerate() {
            let Some(file) = files.get(*at) else { continue };
            let idle = loads.iter().filter(|(_, has)| has.is_empty()).count();
            let must_fill = files.len() - done <= idle;
            let claims = loads.iter().enumerate().filter(|(_, (_, has))| !must_fill || has.is_empty());
            let best = claims.max_by_key(|(i, (bytes, _))| {
                let fits = bytes + file.bytes <= most;
                let claim = self.seats.get(*i).map_or(0, |seat| claim(seat.executor.id(), &file.path));
                (fits, if fits { 0 } else { u64::MAX - bytes }, claim)
            });
            let best = best.map(|(i, _)| i).and_then(|i| loads.get_mut(i));
            if let Some((bytes, has)) = best {
                *bytes += file.bytes;
                has.push(*at);
            }
        }
        let parts = self.seats.iter().zip(loads).map(|(seat, (_, mut has))| {
            has.sort_unstable();
            (seat, has)
        });
        parts.filter(|(_, files): &(_, Vec<usize>)| !files.is_empty()).collect()
    }
}

/// How strong a worker's claim to a file is: highest random weight.
fn claim(worker: &str, path: &str) -> u64 {
    let digest = Sha256::new().chain_update(worker).chain_update([0]).chain_update(path).finalize();
    digest.first_chunk::<8>().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

/// The projections above a sort, the sort, and what it sorts.
fn ordered(plan: &LogicalPlan) -> (Vec<&Projection>, Option<&Sort>, &LogicalPlan) {
    let mut projections = Vec::new();
    let mut below = plan;
    loop {
        match below {
            LogicalPlan::Projection(projection) => {
                projections.push(projection);
                below = &projection.input;
            }
            LogicalPlan::Sort(sort) => return (projections, Some(sort), &sort.input),
            _ => return (Vec::new(), None, plan),
        }
    }
}

/// Whether two workers that compute the same find the same: what a LIMIT or a window function finds may depend on the order of rows.
fn is_steady(plan: &LogicalPlan) -> bool {
    let mut steady = true;
    let walked = plan.apply_with_subqueries(|node| {
        steady &= !matches!(
            node,
            LogicalPlan::Limit(_)
                | LogicalPlan::Window(_)
                | LogicalPlan::Distinct(Distinct::On(_))
                | LogicalPlan::Sort(Sort { fetch: Some(_), .. })
        );
        Ok(if steady { TreeNodeRecursion::Continue } else { TreeNodeRecursion::Stop })
    });
    steady && walked.is_ok()
}

fn has_subquery(plan: &LogicalPlan) -> bool {
    let is_one = |e: &Expr| {
        matches!(e, Expr::ScalarSubquery(_) | Expr::InSubquery(_) | Expr::Exists(_) | Expr::SetComparison(_))
    };
    plan.expressions().iter().any(|expr| expr.exists(|e| Ok(is_one(e))).unwrap_or(true))
}
