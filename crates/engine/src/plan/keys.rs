//! Keys that one side of a join sends to the other at run time: DataFusion's hash join tells, once it has read its smaller side, which keys there are;
//! the statement of the larger side then asks for these alone. What cannot be said is left out: the join checks every row in any case.

use super::dialect::{self, Failure, Words, select};
use arrow::datatypes::{DataType, SchemaRef};
use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::logical_expr::expr::InList;
use datafusion::logical_expr::{BinaryExpr, Expr, Operator};
use datafusion::physical_expr::expressions::{
    BinaryExpr as PhysicalBinary, CaseExpr, CastExpr, Column, DynamicFilterPhysicalExpr, InListExpr, Literal,
};
use datafusion::physical_expr::{PhysicalExpr, split_conjunction};
use datafusion::prelude::SessionConfig;
use futures::future::join_all;
use std::sync::Arc;
use std::time::Duration;

/// How long a statement waits for the keys of a join (setting `join_keys_wait`).
#[derive(Debug, Clone, Copy)]
pub struct KeyPatience(pub Duration);

impl KeyPatience {
    /// As the session has it.
    pub fn of(config: &SessionConfig) -> Self {
        config.get_extension::<KeyPatience>().map_or(KeyPatience(Duration::ZERO), |p| *p)
    }
}

/// Filters of joins that are not known before the joins have read their smaller sides.
#[derive(Debug, Clone, Default)]
pub struct AwaitedKeys {
    filters: Vec<Arc<DynamicFilterPhysicalExpr>>,
}

impl AwaitedKeys {
    /// Those among the filters that a plan offers to a scan.
    pub fn among<'f>(offered: impl Iterator<Item = &'f Arc<dyn PhysicalExpr>>) -> Self {
        let dynamic = |f: &Arc<dyn PhysicalExpr>| Arc::downcast::<DynamicFilterPhysicalExpr>(f.clone()).ok();
        AwaitedKeys { filters: offered.filter_map(dynamic).collect() }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.filters.is_empty()
    }

    /// The filters as expressions.
    pub fn expressions(&self) -> impl Iterator<Item = Arc<dyn PhysicalExpr>> {
        self.filters.iter().map(|f| f.clone() as Arc<dyn PhysicalExpr>)
    }

    /// Both.
    pub fn and(&self, more: AwaitedKeys) -> AwaitedKeys {
        AwaitedKeys { filters: self.filters.iter().cloned().chain(more.filters).collect() }
    }

    /// The conditions, once they are known; none if that takes longer than `patience`. `schema` names the columns that the filters number.
    pub async fn known(&self, schema: &SchemaRef, words: &dyn Words, patience: Duration) -> Vec<Expr> {
        if self.is_empty() {
            return Vec::new();
        }
        let all = join_all(self.filters.iter().map(|f| f.wait_complete()));
        if tokio::time::timeout(patience, all).await.is_err() {
            tracing::debug!("the keys of a join were not known in time");
            return Vec::new();
        }
        let Ok(names) = DFSchema::try_from(schema.as_ref().clone()) else { return Vec::new() };
        let sayable = |expr: &Expr| {
            dialect::condition(words, expr, &names, Failure::IsFinal).is_ok()
                && select::expression(words, expr, &names).is_ok()
        };
        let mut conditions = Vec::new();
        for filter in &self.filters {
            let Ok(current) = filter.current() else { continue };
            conditions.extend(conjuncts(&current, schema));
        }
        conditions.retain(sayable);
        conditions
    }
}

/// The conditions that all hold where the filter does; fewer where it cannot be said.
fn conjuncts(filter: &Arc<dyn PhysicalExpr>, schema: &SchemaRef) -> Vec<Expr> {
    let said = |part: &Arc<dyn PhysicalExpr>| match part.downcast_ref::<CaseExpr>() {
        Some(case) => any_branch(case, schema),
        None => condition(part, schema),
    };
    without_implied(split_conjunction(filter).into_iter().filter_map(said).collect())
}

/// A join in partitions has a filter for each and asks a hash which of them counts. What passes one of them may pass.
fn any_branch(case: &CaseExpr, schema: &SchemaRef) -> Option<Expr> {
    let branches = case.when_then_expr().iter().map(|(_, then)| then).chain(case.else_expr());
    let mut said: Vec<Expr> = Vec::new();
    for branch in branches {
        if is_literal(branch, false) {
            continue;
        }
        let all = conjuncts(branch, schema).into_iter().reduce(Expr::and)?;
        match (said.last_mut(), all) {
            (Some(Expr::InList(list)), Expr::InList(more)) if list.expr == more.expr => list.list.extend(more.list),
            (_, other) => said.push(other),
        }
    }
    Some(said.into_iter().reduce(Expr::or).unwrap_or(FALSE))
}

const FALSE: Expr = Expr::Literal(ScalarValue::Boolean(Some(false)), None);

fn is_literal(expr: &Arc<dyn PhysicalExpr>, value: bool) -> bool {
    expr.downcast_ref::<Literal>().is_some_and(|l| *l.value() == ScalarValue::Boolean(Some(value)))
}

/// A range says nothing beside a list of the same column.
fn without_implied(conditions: Vec<Expr>) -> Vec<Expr> {
    let listed: Vec<Expr> = conditions
        .iter()
        .filter_map(|c| match c {
            Expr::InList(list) => Some(list.expr.as_ref().clone()),
            _ => None,
        })
        .collect();
    let implied = |c: &Expr| matches!(c, Expr::BinaryExpr(b) if listed.contains(&b.left));
    conditions.into_iter().filter(|c| !implied(c)).collect()
}

fn condition(part: &Arc<dyn PhysicalExpr>, schema: &SchemaRef) -> Option<Expr> {
    if is_literal(part, false) {
        return Some(FALSE);
    }
    if let Some(binary) = part.downcast_ref::<PhysicalBinary>() {
        let op = *binary.op();
        if !matches!(op, Operator::GtEq | Operator::LtEq | Operator::Eq) {
            return None;
        }
        let (column, data_type) = column(binary.left(), schema)?;
        let value = as_type(binary.right().downcast_ref::<Literal>()?.value(), &data_type)?;
        let literal = Expr::Literal(value, None);
        return Some(Expr::BinaryExpr(BinaryExpr::new(Box::new(column), op, Box::new(literal))));
    }
    let list = part.downcast_ref::<InListExpr>().filter(|list| !list.negated())?;
    let (column, data_type) = column(list.expr(), schema)?;
    let mut values = Vec::with_capacity(list.list().len());
    for item in list.list() {
        let value = item.downcast_ref::<Literal>()?.value();
        // A key that the column's type does not hold is none of its values; NULL equals nothing.
        values.extend(as_type(value, &data_type).filter(|v| !v.is_null()).map(|v| Expr::Literal(v, None)));
    }
    if values.is_empty() {
        return Some(FALSE);
    }
    Some(Expr::InList(InList::new(Box::new(column), values, false)))
}

/// A column and its type, also below a widening cast of an integer.
fn column(expr: &Arc<dyn PhysicalExpr>, schema: &SchemaRef) -> Option<(Expr, DataType)> {
    let inner = match expr.downcast_ref::<CastExpr>() {
        Some(cast) => cast.expr(),
        None => expr,
    };
    let place = inner.downcast_ref::<Column>()?.index();
    let field = schema.fields().get(place)?;
    let widened = |t: &DataType| matches!(t, DataType::Int16 | DataType::Int32);
    if !Arc::ptr_eq(inner, expr) && !widened(field.data_type()) {
        return None;
    }
    Some((Expr::Column(datafusion::common::Column::new_unqualified(field.name())), field.data_type().clone()))
}

/// The value in the column's own type, if it is the same there.
fn as_type(value: &ScalarValue, data_type: &DataType) -> Option<ScalarValue> {
    if value.data_type() == *data_type {
        return Some(value.clone());
    }
    let cast: Result<ScalarValue> = value.cast_to(data_type);
    cast.ok().filter(|cast| cast.cast_to(&value.data_type()).is_ok_and(|back| back == *value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use datafusion::physical_expr::expressions::{in_list, lit};

    #[test]
    fn lists_are_said_in_the_columns_own_type() {
        let schema: SchemaRef =
            Arc::new(arrow::datatypes::Schema::new(vec![arrow::datatypes::Field::new("k", DataType::Int32, true)]));
        let k: Arc<dyn PhysicalExpr> = Arc::new(Column::new("k", 0));
        let wide: Arc<dyn PhysicalExpr> = Arc::new(CastExpr::new(k, DataType::Int64, None));
        let keys = vec![lit(5i64), lit(5_000_000_000i64)];
        let list = in_list(wide, keys, &false, &schema).expect("a list");
        assert_eq!(condition(&list, &schema).map(|c| c.to_string()), Some("k IN ([Int32(5)])".to_owned()));
    }
}
