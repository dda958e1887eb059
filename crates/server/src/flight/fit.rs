//! Batches as they were announced: names, nullability, and types that every client reads. What has the announced types is passed on as it is. It must not know
//! where batches come from.

use arrow::array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Field, FieldRef, Schema, SchemaRef};
use std::sync::Arc;
use weft_core::{Error, Result};

/// A value that does not fit is an error, not NULL.
const STRICT: CastOptions<'static> =
    CastOptions { safe: false, format_options: arrow::util::display::FormatOptions::new() };

/// The columns that a client is told of: dictionaries and views as what they stand for.
pub(crate) fn declared(schema: &Schema) -> SchemaRef {
    let field = |field: &FieldRef| field.as_ref().clone().with_data_type(plain(field.data_type()));
    Arc::new(Schema::new(schema.fields().iter().map(field).collect::<Vec<Field>>()))
}

fn plain(data_type: &DataType) -> DataType {
    let item = |field: &FieldRef| Arc::new(field.as_ref().clone().with_data_type(plain(field.data_type())));
    match data_type {
        DataType::Dictionary(_, value) => plain(value),
        DataType::Utf8View => DataType::Utf8,
        DataType::BinaryView => DataType::Binary,
        DataType::List(field) | DataType::ListView(field) => DataType::List(item(field)),
        DataType::LargeList(field) | DataType::LargeListView(field) => DataType::LargeList(item(field)),
        DataType::FixedSizeList(field, size) => DataType::FixedSizeList(item(field), *size),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(item).collect()),
        other => other.clone(),
    }
}

/// The batch with the columns that were announced.
pub(crate) fn fit(batch: RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let rows = batch.num_rows();
    let columns = batch.columns().iter().zip(schema.fields()).map(|(column, field)| cast(column, field.data_type()));
    let columns = columns.collect::<Result<Vec<_>>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(schema.clone(), columns, &options)
        .map_err(|e| Error::internal("rows are not as they were announced").with_source(e))
}

/// The values as this type.
pub(crate) fn cast(column: &ArrayRef, to: &DataType) -> Result<ArrayRef> {
    if column.data_type() == to {
        return Ok(column.clone());
    }
    cast_with_options(column, to, &STRICT)
        .map_err(|e| Error::internal(format!("{} is not {to}", column.data_type())).with_source(e))
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{AsArray, Int32Array, StringViewArray};
    use arrow::datatypes::Int64Type;

    #[test]
    fn what_fits_is_passed_on() {
        let column: ArrayRef = Arc::new(Int32Array::from(vec![1, 2]));
        let batch = RecordBatch::try_from_iter([("internal", column.clone())]).expect("batch");
        let schema = Arc::new(Schema::new(vec![Field::new("told", DataType::Int32, true)]));
        let fitted = fit(batch.clone(), &schema).expect("fits");
        assert!(fitted.schema() == schema && Arc::ptr_eq(fitted.column(0), &column));
        let wider = Arc::new(Schema::new(vec![Field::new("told", DataType::Int64, true)]));
        assert_eq!(fit(batch, &wider).expect("cast").column(0).as_primitive::<Int64Type>().values().as_ref(), [1, 2]);
    }

    #[test]
    fn views_are_told_as_text() {
        let view: ArrayRef = Arc::new(StringViewArray::from(vec!["a"]));
        let batch = RecordBatch::try_from_iter([("x", view)]).expect("batch");
        let schema = declared(&batch.schema());
        assert_eq!(schema.field(0).data_type(), &DataType::Utf8);
        assert_eq!(fit(batch, &schema).expect("cast").column(0).as_string::<i32>().value(0), "a");
    }
}
