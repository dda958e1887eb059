//! The answer of a query that metadata are made of, as a whole: what a catalog holds is in memory anyway. It must not know what is asked.

use super::super::fit;
use super::super::statement::{self, settled};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::compute::concat_batches;
use arrow::datatypes::DataType;
use futures::TryStreamExt;
use std::sync::Arc;
use weft_core::{Error, Result};
use weft_engine::{Outcome, Session};

/// Rows of an answer.
pub(crate) struct Table(RecordBatch);

/// Asks in this session.
pub(crate) async fn ask(session: &Arc<Session>, sql: &str) -> Result<Table> {
    let prepared = statement::prepare(session, sql).await?;
    settled(session, async {
        let Outcome::Rows(rows) = session.execute(&prepared, Vec::new()).await? else {
            return Err(Error::internal("a query about metadata returns no rows"));
        };
        let schema = rows.batches.schema().clone();
        let batches: Vec<RecordBatch> = rows.batches.try_collect().await?;
        let whole = concat_batches(&schema, &batches);
        whole.map(Table).map_err(|e| Error::internal("metadata of several shapes").with_source(e))
    })
    .await
}

impl Table {
    /// A column of texts.
    pub(crate) fn texts(&self, column: usize) -> Vec<Option<String>> {
        match fit::cast(self.0.column(column), &DataType::Utf8) {
            Ok(texts) => texts.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect(),
            Err(_) => vec![None; self.0.num_rows()],
        }
    }

    /// A column of texts where there is always one.
    pub(crate) fn names(&self, column: usize) -> Vec<String> {
        self.texts(column).into_iter().map(Option::unwrap_or_default).collect()
    }

    /// A column of several texts each.
    pub(crate) fn lists(&self, column: usize) -> Vec<Vec<String>> {
        let Some(lists) = self.0.column(column).as_list_opt::<i32>() else {
            return vec![Vec::new(); self.0.num_rows()];
        };
        let texts = |list: Option<Arc<dyn Array>>| {
            let texts = list.and_then(|list| fit::cast(&list, &DataType::Utf8).ok());
            texts
                .map(|texts| texts.as_string::<i32>().iter().flatten().map(str::to_owned).collect())
                .unwrap_or_default()
        };
        lists.iter().map(texts).collect()
    }

    /// A column of yes and no.
    pub(crate) fn flags(&self, column: usize) -> Vec<bool> {
        let flags = self.0.column(column).as_boolean_opt();
        flags.map(|flags| flags.iter().map(|flag| flag == Some(true)).collect()).unwrap_or_default()
    }

    /// How many there are.
    pub(crate) fn rows(&self) -> usize {
        self.0.num_rows()
    }
}
