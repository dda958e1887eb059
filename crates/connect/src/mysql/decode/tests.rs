use super::*;
use arrow::array::AsArray;
use arrow::datatypes::{DataType, Field, Int64Type, Schema, TimeUnit};
use mysql_common::row::new_row;
use std::sync::Arc;
use weft_core::ErrorKind;

fn sent(types: &[ColumnType]) -> Vec<SentColumn> {
    types.iter().map(|t| SentColumn::new(*t)).collect()
}

fn schema(types: &[DataType]) -> SchemaRef {
    Arc::new(Schema::new(types.iter().map(|t| Field::new("x", t.clone(), true)).collect::<Vec<_>>()))
}
