//! A table, or a whole sub-plan, that a DuckDB worker answers: what DataFusion sees of it, and the physical node that runs the statement. Projections,
//! filters and limits that DataFusion moves down to it become part of the statement.

use super::duckdb::{allow, select};
use crate::function::raise;
use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DFSchema, Result};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet, MetricsSet};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties};
use futures::{StreamExt, TryStreamExt};
use std::fmt;
use std::sync::Arc;
use weft_core::executor::RemoteStatement;
use weft_core::name::quote_always;
use weft_core::worker::Worker;

/// Where a statement runs.
#[derive(Clone)]
pub struct Place {
    /// What may be joined in one statement: the connector's `compute_context`.
    pub context: Arc<str>,
    /// Who runs it.
    pub worker: Arc<dyn Worker>,
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.context, self.worker.id())
    }
}

/// A relation that a worker can produce.
#[derive(Debug)]
pub struct RemoteTable {
    /// Where.
    pub place: Place,
    /// A `SELECT` that yields exactly these columns.
    pub sql: String,
    /// The columns.
    pub schema: SchemaRef,
}

impl RemoteTable {
    /// The statement for some of the columns, and the rows that pass the filters.
    fn statement(
        &self,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<(String, SchemaRef)> {
        let fields = self.schema.fields();
        let all: Vec<usize> = (0..fields.len()).collect();
        let wanted = projection.unwrap_or(&all);
        if *wanted == all && filters.is_empty() && limit.is_none() {
            return Ok((self.sql.clone(), self.schema.clone()));
        }
        // Rows without columns are counted by a constant; RemoteExec drops it again.
        let columns = match wanted.as_slice() {
            [] => "TRUE".to_owned(),
            some => some.iter().map(|i| quote_always(fields[*i].name())).collect::<Vec<_>>().join(", "),
        };
        let mut sql = format!("SELECT {columns} FROM ({}) AS t", self.sql);
        if !filters.is_empty() {
            let schema = DFSchema::try_from(self.schema.as_ref().clone())?;
            let texts =
                filters.iter().map(|f| select::expression(&unqualified(f)?, &schema)).collect::<Result<Vec<_>>>()?;
            sql.push_str(&format!(" WHERE {}", texts.join(" AND ")));
        }
        if let Some(limit) = limit {
            sql.push_str(&format!(" LIMIT {limit}"));
        }
        Ok((sql, Arc::new(self.schema.project(wanted)?)))
    }
}

fn unqualified(expr: &Expr) -> Result<Expr> {
    use datafusion::common::tree_node::{Transformed, TreeNode};
    let stripped = expr.clone().transform(|e| {
        Ok(match e {
            Expr::Column(c) => Transformed::yes(Expr::Column(datafusion::common::Column::new_unqualified(c.name))),
            other => Transformed::no(other),
        })
    })?;
    Ok(stripped.data)
}

#[async_trait]
impl TableProvider for RemoteTable {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        let schema = DFSchema::try_from(self.schema.as_ref().clone())?;
        let decide = |filter: &&Expr| -> Result<TableProviderFilterPushDown> {
            let filter = unqualified(filter)?;
            let here = allow::expression(&filter, &schema, allow::Failure::IsFinal).is_err()
                || select::expression(&filter, &schema).is_err();
            Ok(if here { TableProviderFilterPushDown::Unsupported } else { TableProviderFilterPushDown::Exact })
        };
        filters.iter().map(decide).collect()
    }

    async fn scan(
        &self,
        _state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let (sql, schema) = self.statement(projection, filters, limit)?;
        Ok(Arc::new(RemoteExec::new(self.place.clone(), sql, schema)))
    }
}

/// Runs one statement in a worker and streams its rows.
#[derive(Debug)]
pub struct RemoteExec {
    place: Place,
    sql: String,
    schema: SchemaRef,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl RemoteExec {
    /// A node that yields the statement's rows as `schema`.
    pub fn new(place: Place, sql: String, schema: SchemaRef) -> Self {
        let properties = PlanProperties::new(
            EquivalenceProperties::new(schema.clone()),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Incremental,
            Boundedness::Bounded,
        );
        RemoteExec { place, sql, schema, properties: Arc::new(properties), metrics: ExecutionPlanMetricsSet::new() }
    }
}

impl RemoteExec {
    /// The statement.
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// Who runs it.
    pub fn worker_id(&self) -> &str {
        self.place.worker.id()
    }
}

impl DisplayAs for RemoteExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DuckDB: worker={}, sql={}", self.place.worker.id(), self.sql)
    }
}

impl ExecutionPlan for RemoteExec {
    fn name(&self) -> &str {
        "RemoteExec"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        &self.properties
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![]
    }

    fn apply_expressions(
        &self,
        _f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(self: Arc<Self>, _children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn execute(&self, partition: usize, _context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let (worker, sql, schema) = (self.place.worker.clone(), self.sql.clone(), self.schema.clone());
        let baseline = BaselineMetrics::new(&self.metrics, partition);
        // A result without columns is asked for with one, which only counts rows.
        let asked = if schema.fields().is_empty() {
            Arc::new(Schema::new(vec![Field::new("present", DataType::Boolean, true)]))
        } else {
            schema.clone()
        };
        let given = schema.clone();
        let stream =
            futures::stream::once(
                async move { worker.execute(&RemoteStatement::new(sql), asked).await.map_err(raise) },
            )
            .try_flatten_map(move |batch| {
                let batch = if given.fields().is_empty() { without_columns(&batch, &given)? } else { batch };
                baseline.record_output(batch.num_rows());
                Ok(batch)
            });
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, stream)))
    }

    fn metrics(&self) -> Option<MetricsSet> {
        Some(self.metrics.clone_inner())
    }
}

fn without_columns(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let options = RecordBatchOptions::new().with_row_count(Some(batch.num_rows()));
    Ok(RecordBatch::try_new_with_options(schema.clone(), vec![], &options)?)
}

/// Flattens the one stream, brings its errors over, and maps each batch.
trait FlattenMap: Sized {
    fn try_flatten_map(
        self,
        map: impl FnMut(RecordBatch) -> Result<RecordBatch> + Send + 'static,
    ) -> impl futures::Stream<Item = Result<RecordBatch>> + Send;
}

impl<S> FlattenMap for S
where
    S: futures::Stream<Item = Result<weft_core::BatchStream>> + Send,
{
    fn try_flatten_map(
        self,
        mut map: impl FnMut(RecordBatch) -> Result<RecordBatch> + Send + 'static,
    ) -> impl futures::Stream<Item = Result<RecordBatch>> + Send {
        let batches =
            self.map_ok(|batches| batches.map_err(raise)).try_flatten().map(move |batch| batch.and_then(&mut map));
        // A join may take every batch that is ready without ever giving way: then no cancel would be heard.
        batches.then(|batch| async move {
            tokio::task::yield_now().await;
            batch
        })
    }
}
