//! A table, or a whole sub-plan, that one place answers: what DataFusion sees of it, and the physical node that runs the statement. Projections,
//! filters and limits that DataFusion moves down to it become part of the statement.

use super::dialect::select::{self, Asked};
use super::dialect::{self, Failure};
use super::giving_way;
use super::keys::{AwaitedKeys, KeyPatience};
use super::place::Place;
use crate::function::raise;
use arrow::array::{RecordBatch, RecordBatchOptions};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::config::ConfigOptions;
use datafusion::common::stats::Precision;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::common::{DFSchema, Result, Statistics};
use datafusion::datasource::source_as_provider;
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::logical_expr::{Expr, Operator, TableProviderFilterPushDown, TableScan, TableType};
use datafusion::physical_expr::{EquivalenceProperties, PhysicalExpr};
use datafusion::physical_plan::execution_plan::{Boundedness, EmissionType};
use datafusion::physical_plan::filter_pushdown::{ChildPushdownResult, FilterPushdownPhase, FilterPushdownPropagation};
use datafusion::physical_plan::metrics::{BaselineMetrics, ExecutionPlanMetricsSet, MetricBuilder, MetricsSet};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{
    DisplayAs, DisplayFormatType, ExecutionPlan, Partitioning, PlanProperties, apply_expression_roots,
};
use futures::{StreamExt, TryStreamExt};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use weft_core::BatchStream;
use weft_core::executor::{Dialect, Executor, MySqlServer, RemoteStatement, RowOrder};
use weft_core::relation::{DatabaseColumn, DatabaseTable, OPERATIONS_KEY, Operations, Reading, Relation};
use weft_core::report::Report;
use weft_core::trace::{Role, Trail};
use weft_core::worker::Worker;

/// How a table stands in a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableText {
    /// A `SELECT` that yields exactly its columns.
    Query(String),
    /// A table of a database.
    Named {
        /// What stands after FROM.
        from: String,
        /// How each column is read.
        columns: Vec<DatabaseColumn>,
    },
}

/// A relation that a place can produce.
#[derive(Debug, Clone)]
pub struct RemoteTable {
    /// Where.
    pub place: Place,
    /// How it stands in a statement.
    pub text: TableText,
    /// The columns.
    pub schema: SchemaRef,
    /// An estimate of its rows.
    pub rows: Option<usize>,
    /// Whether they come in the same order each time.
    pub order: RowOrder,
}

impl RemoteTable {
    /// The table of a source, as its connector describes it; `worker` reads files.
    pub fn of(context: String, relation: Relation, worker: &Arc<dyn Worker>) -> Self {
        // Of files only the size is known.
        let rows = relation.rows.or(relation.bytes.map(|b| b.div_ceil(BYTES_A_ROW)));
        let rows = rows.and_then(|n| usize::try_from(n).ok());
        let context = context.into();
        let (place, text, schema, order) = match relation.reading {
            Reading::Worker(RemoteStatement { sql, stores, inputs, .. }) => {
                let place = Place { context, executor: worker.clone(), stores, inputs };
                // DuckDB keeps the order of a table's files and of the rows in each.
                (place, TableText::Query(sql), relation.schema, RowOrder::Fixed)
            }
            Reading::Database(DatabaseTable { executor, from, columns }) => {
                let schema = marked(&relation.schema, &columns);
                let place = Place { context, executor, stores: Vec::new(), inputs: Vec::new() };
                (place, TableText::Named { from, columns }, schema, RowOrder::Free)
            }
        };
        RemoteTable { place, text, schema, rows, order }
    }
}

impl RemoteTable {
    /// Whether reading it means reading the other one, by the same connections.
    pub fn is_read_like(&self, other: &RemoteTable) -> bool {
        let (here, there) = (&self.place, &other.place);
        here.context == there.context
            && Arc::ptr_eq(&here.executor, &there.executor)
            && here.stores == there.stores
            && self.text == other.text
            && self.schema == other.schema
    }
}

/// The schema with a mark on each column that its source may only return.
fn marked(schema: &SchemaRef, columns: &[DatabaseColumn]) -> SchemaRef {
    let fields = schema.fields().iter().zip(columns).map(|(field, column)| {
        let mut field = field.as_ref().clone();
        if column.operations == Operations::Return {
            let mut metadata = field.metadata().clone();
            metadata.insert(OPERATIONS_KEY.to_owned(), "return".to_owned());
            field = field.with_metadata(metadata);
        }
        field
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// The table of a place behind a scan.
pub fn table(scan: &TableScan) -> Option<Arc<RemoteTable>> {
    let provider = source_as_provider(&scan.source).ok()?;
    let provider: Arc<dyn std::any::Any + Send + Sync> = provider;
    provider.downcast::<RemoteTable>().ok()
}

/// What a row of a file is thought to take.
const BYTES_A_ROW: u64 = 50;

/// How many of some rows are thought to pass a condition.
pub fn after_filter(rows: usize) -> usize {
    const PASS_ONE_IN: usize = 10;
    rows.div_ceil(PASS_ONE_IN)
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
            let words = self.place.words();
            let here = dialect::condition(words, &filter, &schema, Failure::IsFinal).is_err()
                || select::expression(words, &filter, &schema).is_err();
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
        let columns = projection.cloned().unwrap_or_else(|| (0..self.schema.fields().len()).collect());
        let schema = Arc::new(self.schema.project(&columns)?);
        let part = Part {
            table: self.clone(),
            columns,
            filters: filters.iter().map(unqualified).collect::<Result<_>>()?,
            limit,
        };
        let rows = self.rows.map(|rows| filters.iter().fold(rows, |rows, _| after_filter(rows)));
        let rows = rows.into_iter().chain(limit).min();
        let sql = part.statement(&[])?;
        Ok(Arc::new(RemoteExec::new(self.place.clone(), sql, self.order, schema, rows).reading(part)))
    }
}

/// What is read of a table.
#[derive(Debug, Clone)]
struct Part {
    table: RemoteTable,
    /// By their places in its schema.
    columns: Vec<usize>,
    /// Columns are named bare.
    filters: Vec<Expr>,
    limit: Option<usize>,
}

impl Part {
    /// The statement, with more conditions.
    fn statement(&self, more: &[Expr]) -> Result<String> {
        let table = &self.table;
        let is_all = self.columns.iter().copied().eq(0..table.schema.fields().len());
        let filters: Vec<Expr> = self.filters.iter().chain(more).cloned().collect();
        if let (TableText::Query(sql), true) = (&table.text, is_all && filters.is_empty() && self.limit.is_none()) {
            return Ok(sql.clone());
        }
        let asked = Asked { columns: &self.columns, filters: &filters, limit: self.limit };
        select::scan(table.place.words(), table, &asked)
    }
}

/// Runs one statement at its place and streams its rows.
#[derive(Debug, Clone)]
pub struct RemoteExec {
    place: Place,
    sql: String,
    order: RowOrder,
    schema: SchemaRef,
    rows: Option<usize>,
    /// What the statement reads, where more conditions can be added.
    part: Option<Arc<Part>>,
    /// Conditions that are known only when it runs.
    keys: AwaitedKeys,
    /// Who ran it.
    report: Arc<Report>,
    properties: Arc<PlanProperties>,
    metrics: ExecutionPlanMetricsSet,
}

impl RemoteExec {
    /// A node that yields the statement's rows as `schema`.
    pub fn new(place: Place, sql: String, order: RowOrder, schema: SchemaRef, rows: Option<usize>) -> Self {
        let properties = Arc::new(PlanProperties::new(
            EquivalenceProperties::new(schema.clone()),
            Partitioning::UnknownPartitioning(1),
            EmissionType::Incremental,
            Boundedness::Bounded,
        ));
        let metrics = ExecutionPlanMetricsSet::new();
        let (keys, report) = (AwaitedKeys::default(), Arc::default());
        RemoteExec { place, sql, order, schema, rows, part: None, keys, report, properties, metrics }
    }

    fn reading(self, part: Part) -> Self {
        RemoteExec { part: Some(Arc::new(part)), ..self }
    }

    /// The statement, without conditions that are known only when it runs.
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// Where it runs.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// What became of it when it ran: empty for databases, and before.
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// Who runs it: a worker's name, or that of a catalog.
    pub fn whereabouts(&self) -> Arc<str> {
        if let Some(last) = self.report.attempts().last() {
            return last.worker.clone();
        }
        let executor = &self.place.executor;
        let statement = self.place.statement(self.sql.clone(), self.order);
        executor.whereabouts(&statement).unwrap_or_else(|| executor.id().into())
    }

    /// Whether it waits for the keys of a join.
    pub fn awaits_keys(&self) -> bool {
        !self.keys.is_empty()
    }

    /// How many conditions and keys of joins it sent when it ran.
    pub fn keys_sent(&self) -> usize {
        self.metrics.clone_inner().sum_by_name(KEYS_SENT).map_or(0, |n| n.as_usize())
    }

    /// The statement with the keys of joins.
    async fn narrowed(&self, partition: usize, patience: Duration) -> Result<RemoteStatement> {
        let mut sql = self.sql.clone();
        if let Some(part) = &self.part {
            let conditions = self.keys.known(&self.schema, self.place.words(), patience).await;
            if !conditions.is_empty() {
                let sent = MetricBuilder::new(&self.metrics).counter(KEYS_SENT, partition);
                sent.add(conditions.iter().map(keys_in).sum());
                sql = part.statement(&conditions)?;
            }
        }
        Ok(RemoteStatement { report: self.report.clone(), ..self.place.statement(sql, self.order) })
    }
}

/// Runs the statement at its place. That workers have is told by who hands it to them; a database tells nobody, so that is told here.
pub(super) async fn ask(
    executor: &dyn Executor,
    statement: &RemoteStatement,
    schema: SchemaRef,
) -> weft_core::Result<BatchStream> {
    let product = match executor.dialect() {
        Dialect::DuckDb => return executor.execute(statement, schema).await,
        Dialect::Postgres => "postgresql",
        Dialect::MySql(MySqlServer::MySql) => "mysql",
        Dialect::MySql(MySqlServer::MariaDb) => "mariadb",
    };
    let mut span = statement.trail.span("source", Role::Client);
    span.tell("db.system.name", product);
    span.tell("weft.catalog", executor.id());
    match executor.execute(statement, schema).await {
        Ok(batches) => Ok(span.over(batches)),
        Err(error) => {
            span.fail(error.kind());
            Err(error)
        }
    }
}

const KEYS_SENT: &str = "keys_sent";

fn keys_in(condition: &Expr) -> usize {
    match condition {
        Expr::InList(list) => list.list.len(),
        Expr::BinaryExpr(both) if matches!(both.op, Operator::And | Operator::Or) => {
            keys_in(&both.left) + keys_in(&both.right)
        }
        _ => 1,
    }
}

impl DisplayAs for RemoteExec {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}, sql={}", self.place.words().product(), self.place.executor.id(), self.sql)
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

    /// The joins look for their filters here: one that is used nowhere is not computed.
    fn apply_expressions(
        &self,
        f: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        apply_expression_roots(self.keys.expressions(), f)
    }

    fn with_new_children(self: Arc<Self>, _children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        Ok(self)
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let (node, schema) = (self.clone(), self.schema.clone());
        let patience = KeyPatience::of(context.session_config()).0;
        let trail = context.session_config().get_extension::<Trail>();
        let trail = trail.map(|trail| trail.as_ref().clone()).unwrap_or_default();
        let baseline = BaselineMetrics::new(&self.metrics, partition);
        // A result without columns is asked for with one, which only counts rows.
        let asked = if schema.fields().is_empty() {
            Arc::new(Schema::new(vec![Field::new("present", DataType::Boolean, true)]))
        } else {
            schema.clone()
        };
        let given = schema.clone();
        let start = async move {
            let statement = RemoteStatement { trail, ..node.narrowed(partition, patience).await? };
            ask(node.place.executor.as_ref(), &statement, asked).await.map_err(raise)
        };
        let stream = futures::stream::once(start).try_flatten_map(move |batch| {
            let batch = if given.fields().is_empty() { without_columns(&batch, &given)? } else { batch };
            baseline.record_output(batch.num_rows());
            Ok(batch)
        });
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, stream)))
    }

    fn handle_child_pushdown_result(
        &self,
        phase: FilterPushdownPhase,
        offered: ChildPushdownResult,
        _config: &ConfigOptions,
    ) -> Result<FilterPushdownPropagation<Arc<dyn ExecutionPlan>>> {
        let mut answer: FilterPushdownPropagation<Arc<dyn ExecutionPlan>> =
            FilterPushdownPropagation::all_unsupported(offered.clone());
        // Below a limit a condition would let other rows in.
        let takes_more = self.part.as_ref().is_some_and(|part| part.limit.is_none());
        if phase == FilterPushdownPhase::Post && takes_more {
            let keys = AwaitedKeys::among(offered.parent_filters.iter().map(|f| &f.filter));
            if !keys.is_empty() {
                let waiting: Arc<dyn ExecutionPlan> =
                    Arc::new(RemoteExec { keys: self.keys.and(keys), ..self.clone() });
                answer.updated_node = Some(waiting);
            }
        }
        Ok(answer)
    }

    fn partition_statistics(&self, _: Option<usize>) -> Result<Arc<Statistics>> {
        let mut statistics = Statistics::new_unknown(&self.schema);
        if let Some(rows) = self.rows {
            statistics.num_rows = Precision::Inexact(rows);
        }
        Ok(Arc::new(statistics))
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
        giving_way::batches(
            self.map_ok(|batches| batches.map_err(raise)).try_flatten().map(move |batch| batch.and_then(&mut map)),
        )
    }
}
