//! Rows in memory as a table. Where they are in the order of a number, a statement that asks for some numbers reads those rows alone. It must not know
//! what the rows are about.

use arrow::array::{Array, Int64Array, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::{DataType, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::{Result as PlanResult, ScalarValue};
use datafusion::datasource::memory::MemorySourceConfig;
use datafusion::logical_expr::{BinaryExpr, Expr, Operator, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;
use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use weft_core::{Error, Result};

/// Rows, and where those of a number are.
#[derive(Clone)]
pub struct Rows {
    batch: RecordBatch,
    key: Option<Arc<Key>>,
}

/// The rows of each number: they stand together.
struct Key {
    column: &'static str,
    ranges: HashMap<i64, Range<usize>>,
}

impl From<RecordBatch> for Rows {
    fn from(batch: RecordBatch) -> Self {
        Rows { batch, key: None }
    }
}

impl Rows {
    /// Rows that are asked for by the number in this column. Those of one number must stand together.
    pub fn keyed(batch: RecordBatch, column: &'static str) -> Result<Rows> {
        let numbers = batch.column_by_name(column).and_then(|c| c.as_any().downcast_ref::<Int64Array>());
        let numbers = numbers.ok_or_else(|| Error::internal(format!("{column} is no column of numbers")))?;
        let mut ranges: HashMap<i64, Range<usize>> = HashMap::new();
        for row in 0..numbers.len() {
            let range = ranges.entry(numbers.value(row)).or_insert(row..row);
            if range.end != row {
                return Err(Error::internal(format!("rows of one {column} do not stand together")));
            }
            range.end = row + 1;
        }
        Ok(Rows { key: Some(Arc::new(Key { column, ranges })), batch })
    }

    /// Whether a condition asks for numbers, be it for one that is told later.
    fn asks_for_numbers(&self, condition: &Expr) -> bool {
        let Some(key) = &self.key else { return false };
        let is_key = |e: &Expr| matches!(e, Expr::Column(c) if c.name == key.column);
        let is_later = |e: &Expr| match e {
            Expr::Placeholder(p) => p.field.as_ref().is_some_and(|f| *f.data_type() == DataType::Int64),
            _ => false,
        };
        match condition {
            Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right })
                if (is_key(left) && is_later(right)) || (is_later(left) && is_key(right)) =>
            {
                true
            }
            _ => self.numbers(condition).is_some(),
        }
    }

    /// The numbers that a condition asks for, if it asks for such.
    fn numbers(&self, condition: &Expr) -> Option<Vec<i64>> {
        let key = self.key.as_ref()?;
        let is_key = |e: &Expr| matches!(e, Expr::Column(c) if c.name == key.column);
        match condition {
            Expr::BinaryExpr(BinaryExpr { left, op: Operator::Eq, right }) => match (&**left, &**right) {
                (column, Expr::Literal(value, _)) | (Expr::Literal(value, _), column) if is_key(column) => {
                    number(value).map(|n| n.into_iter().collect())
                }
                _ => None,
            },
            Expr::InList(list) if !list.negated && is_key(&list.expr) => {
                let value = |e: &Expr| match e {
                    Expr::Literal(value, _) => number(value),
                    _ => None,
                };
                let numbers: Option<Vec<_>> = list.list.iter().map(value).collect();
                Some(numbers?.into_iter().flatten().collect())
            }
            _ => None,
        }
    }

    /// The rows with these numbers.
    fn of(&self, mut numbers: Vec<i64>) -> PlanResult<RecordBatch> {
        let Some(key) = &self.key else { return Ok(self.batch.clone()) };
        numbers.sort_unstable();
        numbers.dedup();
        let mut ranges: Vec<_> = numbers.iter().filter_map(|n| key.ranges.get(n).cloned()).collect();
        ranges.sort_by_key(|r| r.start);
        let slices: Vec<_> = ranges.into_iter().map(|r| self.batch.slice(r.start, r.len())).collect();
        match slices.as_slice() {
            [] => Ok(self.batch.slice(0, 0)),
            [one] => Ok(one.clone()),
            many => Ok(concat_batches(&self.batch.schema(), many)?),
        }
    }
}

/// The number that a value is. NULL is none, and asks for no row.
fn number(value: &ScalarValue) -> Option<Option<i64>> {
    match value {
        ScalarValue::Int64(n) => Some(*n),
        _ => None,
    }
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} rows", self.batch.num_rows())
    }
}

#[async_trait]
impl TableProvider for Rows {
    fn schema(&self) -> SchemaRef {
        self.batch.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> PlanResult<Vec<TableProviderFilterPushDown>> {
        let used = |filter: &&Expr| match self.asks_for_numbers(filter) {
            true => TableProviderFilterPushDown::Exact,
            false => TableProviderFilterPushDown::Unsupported,
        };
        Ok(filters.iter().map(used).collect())
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        _: Option<usize>,
    ) -> PlanResult<Arc<dyn ExecutionPlan>> {
        let mut asked: Option<Vec<i64>> = None;
        for filter in filters {
            let Some(numbers) = self.numbers(filter) else {
                return datafusion::common::internal_err!("a condition on numbers that were not told: {filter}");
            };
            asked = Some(match asked {
                Some(before) => before.into_iter().filter(|n| numbers.contains(n)).collect(),
                None => numbers,
            });
        }
        let batch = match asked {
            Some(numbers) => self.of(numbers)?,
            None => self.batch.clone(),
        };
        Ok(MemorySourceConfig::try_new_exec(&[vec![batch]], self.batch.schema(), projection.cloned())?)
    }
}
