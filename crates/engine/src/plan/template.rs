//! A query that one place answers as a whole, as a statement with holes for its parameters: what is planned once is filled and sent many times. Only
//! parameters that are compared with a column get a hole: there the plan cannot depend on the value.

use super::bind::BoundQuery;
use super::dialect::Failure;
use super::execute::{self, nullable};
use super::federate::{Cut, cut};
use super::place::Place;
use super::remote::ask;
use super::spread::Spreading;
use super::{parameters, simplify};
use crate::trail;
use arrow::datatypes::{DataType, Field, SchemaRef};
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{DFSchema, ScalarValue};
use datafusion::execution::SessionState;
use datafusion::logical_expr::expr::Placeholder;
use datafusion::logical_expr::{BinaryExpr, Expr, LogicalPlan, Operator};
use futures::TryStreamExt;
use rand::RngCore;
use std::sync::Arc;
use weft_core::BatchStream;
use weft_core::executor::{RemoteStatement, RowOrder};

/// A statement that waits for its parameters.
#[derive(Debug)]
pub struct Template {
    place: Place,
    order: RowOrder,
    pieces: Vec<Piece>,
    parameters: Vec<DataType>,
    schema: SchemaRef,
}

#[derive(Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// The parameter's place among the values.
    Hole(usize),
}

impl Template {
    /// The template of the query, if it has one.
    pub fn of(state: &SessionState, query: &BoundQuery) -> Option<Template> {
        let parameters: Vec<DataType> = query.parameters.iter().map(|t| t.arrow_type()).collect::<Option<_>>()?;
        // Nobody can have written it.
        let mark = format!("{:016x}", rand::rng().next_u64());
        let analysed = if parameters.is_empty() {
            query.analysed(state, &[]).ok()?
        } else {
            let marked = parameters::replace_by(query.plan.clone(), |id| {
                let index = parameters::index(id)?;
                let field = Arc::new(Field::new(id, parameters.get(index)?.clone(), true));
                Some(Expr::Placeholder(Placeholder { id: hole(&mark, index), field: Some(field) }))
            });
            execute::analyse(state, marked.ok()?, query.asker.zone).ok()?
        };
        let schema: SchemaRef = Arc::new(analysed.schema().as_arrow().clone());
        let simple = simplify::conditions(state, analysed).ok()?;
        if schema.fields().is_empty() || !only_compared(&simple) {
            return None;
        }
        match cut(simple, &Spreading::never()).ok()? {
            Cut::Whole { place, sql, order } => {
                Some(Template { place, order, pieces: pieces(&sql, &mark)?, parameters, schema: nullable(&schema) })
            }
            Cut::Mixed { .. } => None,
        }
    }

    /// Where it runs.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// The statement with these values; nothing if one of them cannot be said at the place.
    pub fn filled(&self, values: &[ScalarValue]) -> Option<RemoteStatement> {
        let mut sql = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => sql.push_str(text),
                Piece::Hole(index) => sql.push_str(&self.literal(values.get(*index)?, self.parameters.get(*index)?)?),
            }
        }
        Some(RemoteStatement { trail: trail::now(), ..self.place.statement(sql, self.order) })
    }

    fn literal(&self, value: &ScalarValue, data_type: &DataType) -> Option<String> {
        let words = self.place.words();
        let said = Expr::Literal(value.clone(), None);
        let fits =
            value.data_type() == *data_type && words.expression(&said, &DFSchema::empty(), Failure::IsFinal).is_ok();
        if fits { words.literal(value).ok() } else { None }
    }

    /// Runs a filled statement, once its rows are asked for.
    pub fn run(&self, statement: RemoteStatement) -> BatchStream {
        let (executor, schema) = (self.place.executor.clone(), self.schema.clone());
        let started = async move { ask(executor.as_ref(), &statement, schema).await };
        let batches = futures::stream::once(started).try_flatten();
        BatchStream::new(self.schema.clone(), batches)
    }
}

/// What stands in the statement for a parameter: as a string, which dialects take for a constant.
fn hole(mark: &str, index: usize) -> String {
    format!("'{mark}:{index}'")
}

fn pieces(sql: &str, mark: &str) -> Option<Vec<Piece>> {
    let opening = format!("'{mark}:");
    let mut parts = sql.split(&opening);
    let mut pieces = vec![Piece::Text(parts.next()?.to_owned())];
    for part in parts {
        let (index, text) = part.split_once('\'')?;
        pieces.extend([Piece::Hole(index.parse().ok()?), Piece::Text(text.to_owned())]);
    }
    Some(pieces)
}

/// Whether every parameter stands beside a column that is compared with it.
fn only_compared(plan: &LogicalPlan) -> bool {
    let (mut all, mut compared) = (0, 0);
    let walked = plan.apply_with_subqueries(|node| {
        node.apply_expressions(|expr| {
            all += count(expr)?;
            if matches!(node, LogicalPlan::Filter(_)) {
                compared += comparisons(expr)?;
            }
            Ok(TreeNodeRecursion::Continue)
        })
    });
    walked.is_ok() && all == compared
}

fn count(expr: &Expr) -> datafusion::common::Result<usize> {
    let mut found = 0;
    expr.apply(|e| {
        found += usize::from(matches!(e, Expr::Placeholder(_)));
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(found)
}

fn comparisons(expr: &Expr) -> datafusion::common::Result<usize> {
    let mut found = 0;
    expr.apply(|e| {
        let (column, beside): (&Expr, Vec<&Expr>) = match e {
            Expr::BinaryExpr(BinaryExpr { left, op, right }) if is_comparison(*op) => match left.as_ref() {
                Expr::Column(_) => (left, vec![right]),
                _ => (right, vec![left]),
            },
            Expr::Between(b) => (&b.expr, vec![&b.low, &b.high]),
            Expr::InList(list) => (&list.expr, list.list.iter().collect()),
            _ => return Ok(TreeNodeRecursion::Continue),
        };
        if matches!(column, Expr::Column(_)) {
            found += beside.into_iter().filter(|e| is_parameter(e)).count();
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(found)
}

fn is_comparison(op: Operator) -> bool {
    use Operator::{Eq, Gt, GtEq, Lt, LtEq, NotEq};
    matches!(op, Eq | NotEq | Lt | LtEq | Gt | GtEq)
}

/// A parameter, perhaps widened.
fn is_parameter(expr: &Expr) -> bool {
    match expr {
        Expr::Placeholder(_) => true,
        Expr::Cast(cast) => is_parameter(&cast.expr),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::logical_expr::{cast, col, lit};

    fn parameter(index: usize) -> Expr {
        let field = Arc::new(Field::new("$1", DataType::Int64, true));
        Expr::Placeholder(Placeholder { id: hole("m", index), field: Some(field) })
    }

    #[test]
    fn holes_are_where_the_parameters_were() {
        let sql = format!("SELECT {} AND x = {}", hole("m", 1), hole("m", 0));
        let expected = [
            Piece::Text("SELECT ".to_owned()),
            Piece::Hole(1),
            Piece::Text(" AND x = ".to_owned()),
            Piece::Hole(0),
            Piece::Text(String::new()),
        ];
        assert_eq!(pieces(&sql, "m").as_deref(), Some(expected.as_slice()));
        assert_eq!(pieces("SELECT 'm0'", "m").map(|p| p.len()), Some(1));
    }

    #[test]
    fn a_parameter_must_stand_beside_a_column() {
        for (condition, fine) in [
            (col("a").eq(parameter(0)), true),
            (cast(parameter(0), DataType::Int64).lt(col("a")), true),
            (col("a").between(parameter(0), parameter(1)), true),
            (col("a").in_list(vec![parameter(0), lit(1)], false), true),
            (cast(col("a"), DataType::Int64).eq(parameter(0)), false),
            ((col("a") + parameter(0)).eq(col("b")), false),
            (parameter(0).eq(lit(1)), false),
            (parameter(0).is_null(), false),
            (col("a").like(parameter(0)), false),
        ] {
            let all = count(&condition).expect("a walk");
            assert_eq!(comparisons(&condition).expect("a walk") == all, fine, "{condition}");
        }
    }
}
