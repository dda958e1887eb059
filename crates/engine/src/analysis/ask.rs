//! Statements that nobody typed, by the way of all queries. It must not know what they ask.

use super::VALUE_LETTERS;
use crate::environment::Environment;
use crate::handle;
use crate::plan::bind;
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch};
use arrow::datatypes::DataType;
use arrow::util::display::array_value_to_string;
use datafusion::common::ScalarValue;
use futures::TryStreamExt;
use weft_core::{BatchStream, Error, Result};
use weft_sql::StatementKind;

/// The rows of a query.
pub(super) async fn rows(environment: &Environment, sql: &str) -> Result<BatchStream> {
    let kind = weft_sql::parse(sql)?.into_iter().next().map(|statement| statement.kind);
    let Some(StatementKind::Query(query)) = kind else {
        return Err(Error::internal(format!("a statement of an analysis is no query: {sql}")));
    };
    let bound = bind::bind(environment, &query, &[]).await?;
    handle::query_rows(environment, &bound, &[]).await
}

/// The only row of a query.
pub(super) async fn row(environment: &Environment, sql: &str) -> Result<Vec<ScalarValue>> {
    let mut batches = rows(environment, sql).await?;
    while let Some(batch) = batches.try_next().await? {
        if batch.num_rows() > 0 {
            return batch.columns().iter().map(|column| value(column, 0)).collect();
        }
    }
    Err(Error::internal("an aggregate has no row"))
}

fn value(column: &ArrayRef, row: usize) -> Result<ScalarValue> {
    ScalarValue::try_from_array(column, row).map_err(crate::error::classify)
}

/// A whole number.
pub(super) fn number(value: Option<&ScalarValue>) -> Option<i64> {
    match value {
        Some(ScalarValue::Int64(number)) => *number,
        _ => None,
    }
}

/// A text.
pub(super) fn text(value: Option<&ScalarValue>) -> Option<String> {
    value.and_then(|v| v.try_as_str().flatten()).map(str::to_owned)
}

/// The texts of a row of a batch, one for each column; bytes, of which the first are enough, and arrays as PostgreSQL writes them.
pub(super) fn texts(batch: &RecordBatch, row: usize) -> Result<Vec<Option<String>>> {
    let as_text = |value: ScalarValue| match value {
        ScalarValue::Binary(bytes) => bytes.map(|bytes| hex(&bytes)),
        ScalarValue::List(list) if list.is_null(0) => None,
        ScalarValue::List(list) => Some(array(&list.value(0))),
        other => text(Some(&other)),
    };
    batch.columns().iter().map(|column| value(column, row).map(as_text)).collect()
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().take(VALUE_LETTERS).map(|byte| format!("{byte:02x}"));
    std::iter::once("\\x".to_owned()).chain(digits).collect()
}

/// `{1,NULL,"a b"}`: the first of its elements.
fn array(elements: &ArrayRef) -> String {
    let element = |i: usize| match elements.data_type() {
        _ if elements.is_null(i) => "NULL".to_owned(),
        DataType::List(_) => match elements.as_list_opt::<i32>() {
            Some(lists) => array(&lists.value(i)),
            None => String::new(),
        },
        DataType::Boolean => array_value_to_string(elements, i).unwrap_or_default().chars().take(1).collect(),
        DataType::Timestamp(..) => quoted(&array_value_to_string(elements, i).unwrap_or_default().replace('T', " ")),
        _ => quoted(&array_value_to_string(elements, i).unwrap_or_default()),
    };
    let shown: Vec<_> = (0..elements.len().min(VALUE_LETTERS)).map(element).collect();
    format!("{{{}}}", shown.join(","))
}

fn quoted(text: &str) -> String {
    let is_plain = |c: char| !c.is_whitespace() && !matches!(c, '{' | '}' | ',' | '"' | '\\');
    if !text.is_empty() && text.chars().all(is_plain) && !text.eq_ignore_ascii_case("null") {
        return text.to_owned();
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
