//! What PostgreSQL does by the clocks of the session's zone: casts between `timestamptz` and everything else, its fields, its sums, today's date. All casts
//! are in the plan by now, those that nobody wrote too; where the zone counts they become functions that name it, so that it does not matter where they
//! run. It must not know how zones are computed (`function/zone`).

use crate::function::typed::moment_type as local;
use crate::function::{call, datetime, raise, zone};
use arrow::datatypes::{DataType, TimeUnit};
use chrono_tz::Tz;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::execution::SessionState;
use datafusion::logical_expr::expr::ScalarFunction;
use datafusion::logical_expr::expr_rewriter::NamePreserver;
use datafusion::logical_expr::utils::merge_schema;
use datafusion::logical_expr::{BinaryExpr, Expr, ExprSchemable, LogicalPlan, Operator, cast, lit};
use weft_core::Error;

/// The analysed plan as a session with this zone means it.
pub fn apply(plan: LogicalPlan, state: &SessionState, zone: Tz) -> Result<LogicalPlan> {
    let clocks = Clocks { state, zone };
    let mut changed = false;
    let plan = plan.transform_up_with_subqueries(|node| {
        if !clocks.concern(&node)? {
            return if changed { Ok(Transformed::yes(node.recompute_schema()?)) } else { Ok(Transformed::no(node)) };
        }
        let schema = merge_schema(&node.inputs());
        let names = NamePreserver::new(&node);
        let node = node.map_expressions(|expr| {
            let name = names.save(&expr);
            let rewritten = expr.transform_up(|e| clocks.rewrite(e, &schema))?;
            changed |= rewritten.transformed;
            Ok(if rewritten.transformed { rewritten.update_data(|e| name.restore(e)) } else { rewritten })
        })?;
        // What reads it has its columns as they are now.
        if changed { Ok(Transformed::yes(node.data.recompute_schema()?)) } else { Ok(node) }
    })?;
    Ok(plan.data)
}

struct Clocks<'a> {
    state: &'a SessionState,
    zone: Tz,
}

impl Clocks<'_> {
    /// Whether anything in this node may go by them. In UTC, which most sessions have, it is texts that are read.
    fn concern(&self, node: &LogicalPlan) -> Result<bool> {
        let mut found = self.zone != Tz::UTC;
        let is_read =
            |e: &Expr| matches!(e, Expr::Cast(c) if matches!(c.field.data_type(), DataType::Timestamp(_, Some(_))));
        node.apply_expressions(|expr| {
            found = found || expr.exists(|e| Ok(is_read(e)))?;
            Ok(if found { TreeNodeRecursion::Stop } else { TreeNodeRecursion::Continue })
        })?;
        Ok(found)
    }

    fn rewrite(&self, expr: Expr, schema: &DFSchema) -> Result<Transformed<Expr>> {
        let better = match &expr {
            Expr::Cast(c) => self.converted(&c.expr, c.field.data_type(), schema),
            // The plan is UTC's in all else.
            _ if self.zone == Tz::UTC => None,
            Expr::BinaryExpr(BinaryExpr { left, op: op @ (Operator::Plus | Operator::Minus), right }) => {
                self.moved(left, *op, right, schema)
            }
            Expr::ScalarFunction(f) => self.called(f, schema)?,
            _ => None,
        };
        Ok(match better {
            Some(better) => Transformed::yes(better),
            None => Transformed::no(expr),
        })
    }

    /// A cast from or to `timestamptz`.
    fn converted(&self, value: &Expr, target: &DataType, schema: &DFSchema) -> Option<Expr> {
        use DataType::*;
        let from = value.get_type(schema).ok()?;
        match (&from, target) {
            (Utf8 | Utf8View | LargeUtf8, Timestamp(_, Some(_))) => {
                Some(cast_unless(call(&zone::READ, vec![value.clone(), self.zone()]), target))
            }
            _ if self.zone == Tz::UTC => None,
            (Timestamp(_, None) | Date32 | Date64, Timestamp(_, Some(_))) => {
                let local = cast_unless_is(value.clone(), &from, &local());
                Some(cast_unless(call(&zone::TIMEZONE, vec![self.zone(), local]), target))
            }
            (Timestamp(_, Some(_)), Timestamp(_, None) | Date32 | Date64 | Time32(_) | Time64(_)) => {
                Some(cast_unless_is(self.local(value), &local(), target))
            }
            (Timestamp(_, Some(_)), Utf8 | Utf8View | LargeUtf8) => {
                Some(cast_unless_is(call(&zone::WRITE, vec![value.clone(), self.zone()]), &Utf8, target))
            }
            _ => None,
        }
    }

    /// The sum or difference of a moment and an interval.
    fn moved(&self, left: &Expr, op: Operator, right: &Expr, schema: &DFSchema) -> Option<Expr> {
        let (l, r) = (left.get_type(schema).ok()?, right.get_type(schema).ok()?);
        let (moment, interval) = match (&l, op, &r) {
            (DataType::Timestamp(_, Some(_)), _, DataType::Interval(_)) => (left, right),
            (DataType::Interval(_), Operator::Plus, DataType::Timestamp(_, Some(_))) => (right, left),
            _ => return None,
        };
        let by = match op {
            Operator::Minus => call(&datetime::INTERVAL_MULTIPLY, vec![interval.clone(), lit(-1.0_f64)]),
            _ => interval.clone(),
        };
        Some(call(&zone::ADD, vec![moment.clone(), by, self.zone()]))
    }

    /// A function that goes by clocks.
    fn called(&self, f: &ScalarFunction, schema: &DFSchema) -> Result<Option<Expr>> {
        let is_moment = |e: &Expr| matches!(e.get_type(schema), Ok(DataType::Timestamp(_, Some(_))));
        Ok(match (f.func.name(), &f.args[..]) {
            ("weft_to_text", [moment]) if is_moment(moment) => {
                Some(call(&zone::WRITE, vec![moment.clone(), self.zone()]))
            }
            ("current_date", []) => Some(cast(self.local(&self.now()?), DataType::Date32)),
            ("current_time", []) => Some(cast(self.local(&self.now()?), DataType::Time64(TimeUnit::Microsecond))),
            ("weft_extract_second", [moment]) if is_moment(moment) => {
                Some(Expr::ScalarFunction(ScalarFunction::new_udf(f.func.clone(), vec![self.local(moment)])))
            }
            ("date_part" | "weft_extract", [unit, moment]) if is_moment(moment) => match word(unit).as_deref() {
                Some("epoch") => None,
                Some("timezone") => Some(call(&zone::OFFSET, vec![moment.clone(), self.zone()])),
                Some(word @ ("timezone_hour" | "timezone_minute")) => {
                    let what = format!("extract({word} FROM …) in a zone other than UTC");
                    let hint = "extract(timezone FROM …) gives the offset in seconds.";
                    return Err(raise(Error::unsupported(what).with_hint(hint)));
                }
                _ => {
                    let args = vec![unit.clone(), self.local(moment)];
                    Some(Expr::ScalarFunction(ScalarFunction::new_udf(f.func.clone(), args)))
                }
            },
            _ => None,
        })
    }

    /// What the zone's clocks show at a moment.
    fn local(&self, moment: &Expr) -> Expr {
        call(&zone::TIMEZONE, vec![self.zone(), moment.clone()])
    }

    fn zone(&self) -> Expr {
        lit(self.zone.name())
    }

    fn now(&self) -> Result<Expr> {
        let now = self.state.scalar_functions().get("now");
        let now = now.ok_or_else(|| raise(Error::internal("there is no function now()")))?;
        Ok(Expr::ScalarFunction(ScalarFunction::new_udf(now.clone(), Vec::new())))
    }
}

fn word(unit: &Expr) -> Option<String> {
    match unit {
        Expr::Literal(ScalarValue::Utf8(Some(word)), _) => Some(word.to_lowercase()),
        _ => None,
    }
}

/// The moment in this type.
fn cast_unless(moment: Expr, target: &DataType) -> Expr {
    cast_unless_is(moment, &zone::instant(), target)
}

fn cast_unless_is(value: Expr, from: &DataType, target: &DataType) -> Expr {
    if from == target { value } else { cast(value, target.clone()) }
}
