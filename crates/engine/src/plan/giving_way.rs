//! Operators that share their thread: after every batch the other tasks of the thread have their turn, and with them timeouts, cancels and clients
//! that leave. DataFusion gives way after 128 batches, which for joins can be seconds. Knows nothing of what the batches are.

use arrow::array::RecordBatch;
use datafusion::common::Result;
use datafusion::common::tree_node::{Transformed, TreeNode, TreeNodeRecursion};
use datafusion::execution::{SendableRecordBatchStream, TaskContext};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::joins::{CrossJoinExec, HashJoinExec, NestedLoopJoinExec};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::{DisplayAs, DisplayFormatType, ExecutionPlan, PlanProperties};
use futures::{Stream, StreamExt};
use std::fmt;
use std::sync::Arc;

/// Makes the joins give way: they make many batches of one that they read.
pub fn joins(plan: Arc<dyn ExecutionPlan>) -> Result<Arc<dyn ExecutionPlan>> {
    let wrapped = plan.transform_up(|node| {
        let is_join = node.is::<HashJoinExec>() || node.is::<NestedLoopJoinExec>() || node.is::<CrossJoinExec>();
        if !is_join {
            return Ok(Transformed::no(node));
        }
        let giving_way: Arc<dyn ExecutionPlan> = Arc::new(GivingWay { input: node });
        Ok(Transformed::yes(giving_way))
    })?;
    Ok(wrapped.data)
}

/// The batches, with a turn of the others after each.
pub fn batches<B: Send>(batches: impl Stream<Item = B> + Send) -> impl Stream<Item = B> + Send {
    batches.then(|batch| async move {
        tokio::task::yield_now().await;
        batch
    })
}

/// Its input, batch by batch.
#[derive(Debug)]
pub struct GivingWay {
    input: Arc<dyn ExecutionPlan>,
}

impl GivingWay {
    /// The operator that does the work.
    pub fn input(&self) -> &Arc<dyn ExecutionPlan> {
        &self.input
    }
}

impl DisplayAs for GivingWay {
    fn fmt_as(&self, _: DisplayFormatType, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GivingWay")
    }
}

impl ExecutionPlan for GivingWay {
    fn name(&self) -> &str {
        "GivingWay"
    }

    fn properties(&self) -> &Arc<PlanProperties> {
        self.input.properties()
    }

    fn maintains_input_order(&self) -> Vec<bool> {
        vec![true]
    }

    fn children(&self) -> Vec<&Arc<dyn ExecutionPlan>> {
        vec![&self.input]
    }

    fn apply_expressions(
        &self,
        _: &mut dyn FnMut(&Arc<dyn PhysicalExpr>) -> Result<TreeNodeRecursion>,
    ) -> Result<TreeNodeRecursion> {
        Ok(TreeNodeRecursion::Continue)
    }

    fn with_new_children(self: Arc<Self>, children: Vec<Arc<dyn ExecutionPlan>>) -> Result<Arc<dyn ExecutionPlan>> {
        match <[_; 1]>::try_from(children) {
            Ok([input]) => Ok(Arc::new(GivingWay { input })),
            Err(_) => datafusion::common::internal_err!("an operator that gives way has one input"),
        }
    }

    fn execute(&self, partition: usize, context: Arc<TaskContext>) -> Result<SendableRecordBatchStream> {
        let stream = self.input.execute(partition, context)?;
        let schema = stream.schema();
        Ok(Box::pin(RecordBatchStreamAdapter::new(schema, batches::<Result<RecordBatch>>(stream))))
    }
}
