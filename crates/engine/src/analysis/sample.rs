//! Some rows of a table as texts, of limited size. Its rows are the first that the source finds.

use super::ask::{rows, texts};
use super::{Target, cut};
use crate::environment::Environment;
use arrow::datatypes::{DataType, FieldRef};
use futures::TryStreamExt;
use weft_core::Result;
use weft_core::name::quote_always;

/// Bytes of all the values that are kept of a table.
const BYTES: usize = 256 << 10;

/// Values of each column, in the order of the rows.
pub(super) async fn take(environment: &Environment, target: &Target, limit: u64) -> Result<Vec<Vec<Option<String>>>> {
    let mut samples = vec![Vec::new(); target.columns.len()];
    if samples.is_empty() {
        return Ok(samples);
    }
    let mut batches = rows(environment, &statement(target, limit)).await?;
    let mut room = BYTES;
    while let Some(batch) = batches.try_next().await? {
        for row in 0..batch.num_rows() {
            let values: Vec<_> = texts(&batch, row)?.into_iter().map(|value| value.map(cut)).collect();
            let size: usize = values.iter().map(|value| value.as_ref().map_or(4, |v| v.len() + 3)).sum();
            let Some(left) = room.checked_sub(size) else { return Ok(samples) };
            room = left;
            samples.iter_mut().zip(values).for_each(|(sample, value)| sample.push(value));
        }
    }
    Ok(samples)
}

fn statement(target: &Target, limit: u64) -> String {
    let names = || target.columns.iter().enumerate().map(|(i, (_, field))| (i, quote_always(field.name())));
    let inner: Vec<_> = names().map(|(i, name)| format!("{name} AS c{i}")).collect();
    let as_text = |(i, (_, field)): (usize, &(i64, FieldRef))| match field.data_type() {
        // `texts` writes them.
        DataType::Binary | DataType::List(_) => format!("c{i}"),
        _ => format!("c{i}::text"),
    };
    let outer: Vec<_> = target.columns.iter().enumerate().map(as_text).collect();
    let (outer, inner) = (outer.join(", "), inner.join(", "));
    format!("SELECT {outer} FROM (SELECT {inner} FROM {} LIMIT {limit}) AS t", target.name())
}
