//! EXPLAIN: where each part of a query runs, the statement that is sent there, and why the rest stays. With ANALYZE the query is run first.

use super::query::{self, Described};
use super::{Bound, Done};
use crate::outcome::Column;
use crate::plan::bind::{self, BoundQuery};
use crate::plan::explain::Detail;
use crate::plan::{execute, explain};
use crate::session::Session;
use arrow::array::{RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use datafusion::common::ScalarValue;
use futures::TryStreamExt;
use std::sync::Arc;
use std::time::Instant;
use weft_core::pgtype::{self, ColumnType};
use weft_core::{BatchStream, Error, Result};
use weft_sql::{Explain, ExplainFormat};

pub(super) async fn bind(
    session: &Arc<Session>,
    statement: &Explain,
    declared: &[Option<ColumnType>],
) -> Result<Described> {
    let query = bind::bind(&session.environment(), &statement.query, declared).await?;
    let parameters = query.parameters.clone();
    Ok((Bound::Explain(Box::new(query)), parameters, Some(columns(statement))))
}

fn columns(statement: &Explain) -> Arc<[Column]> {
    let t = match statement.options.format {
        ExplainFormat::Text => &pgtype::TEXT,
        ExplainFormat::Json => &pgtype::JSON,
    };
    Arc::new([Column { name: "QUERY PLAN".to_owned(), column_type: ColumnType::Scalar(t), modifier: -1 }])
}

pub(super) async fn execute(
    session: &Arc<Session>,
    statement: &Explain,
    bound: &BoundQuery,
    values: Vec<ScalarValue>,
) -> Result<Done> {
    let started = Instant::now();
    let (mut physical, state) = query::physical(session, bound, &values).await?;
    physical.notes.extend(session.gateway().catalogs().notes_on_stores(&bound.stores));
    let planned = started.elapsed();
    let ran = if statement.options.analyze {
        let started = Instant::now();
        let mut batches = execute::run(&state, &physical)?;
        let mut rows = 0;
        while let Some(batch) = batches.try_next().await? {
            rows += batch.num_rows();
        }
        Some(explain::Ran { rows, time: started.elapsed() })
    } else {
        None
    };
    let detail = if statement.options.distributed { Detail::Distributed } else { Detail::Plain };
    let lines = match statement.options.format {
        ExplainFormat::Text => explain::text(&physical, detail, planned, ran),
        ExplainFormat::Json => vec![explain::json(&physical, detail, planned, ran)?],
    };
    let schema = Arc::new(Schema::new(vec![Field::new("QUERY PLAN", DataType::Utf8, false)]));
    let batch = RecordBatch::try_new(schema.clone(), vec![Arc::new(StringArray::from(lines))])
        .map_err(|e| Error::internal("the lines of a plan do not fit").with_source(e))?;
    Ok(Done::Rows { columns: columns(statement), batches: BatchStream::of(schema, vec![batch]), tag: "EXPLAIN" })
}
