//! The columns that a table of the lake can have: types that come back from a Parquet file as they were. It must not know where rows come from.

use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use std::sync::Arc;
use weft_core::pgtype::{self, ColumnType, PgType};
use weft_core::{Error, ErrorKind, Result};

/// Scalar types that are kept, alone and in arrays.
const KEPT: &[&PgType] = &[
    &pgtype::BOOL,
    &pgtype::INT2,
    &pgtype::INT4,
    &pgtype::INT8,
    &pgtype::FLOAT4,
    &pgtype::FLOAT8,
    &pgtype::NUMERIC,
    &pgtype::TEXT,
    &pgtype::VARCHAR,
    &pgtype::NAME,
    &pgtype::BYTEA,
    &pgtype::DATE,
    &pgtype::TIME,
    &pgtype::TIMESTAMP,
    &pgtype::TIMESTAMPTZ,
    &pgtype::UUID,
    &pgtype::JSON,
];

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name and type; NOT NULL if it is not nullable.
    pub field: Field,
    /// The most characters of a value.
    pub max_length: Option<usize>,
}

/// 0A000 unless values of this type can be kept.
pub fn keepable(column: &str, column_type: ColumnType) -> Result<()> {
    let (ColumnType::Scalar(scalar) | ColumnType::Array(scalar)) = column_type;
    if KEPT.contains(&scalar) {
        return Ok(());
    }
    let error = Error::unsupported(format!("column \"{column}\" of type {} in a table", column_type.sql_name()));
    Err(match scalar.name {
        "jsonb" => error.with_hint("Use json."),
        _ => error,
    })
}

/// The schema of these columns. A reader is promised nothing of nulls.
pub(crate) fn schema(columns: &[Column]) -> SchemaRef {
    let field = |column: &Column| column.field.clone().with_nullable(true);
    Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()))
}

/// Refuses rows that break a column's promises, in PostgreSQL's words.
pub(crate) fn check(columns: &[Column], table: &str, batch: &RecordBatch) -> Result<()> {
    for (column, values) in columns.iter().zip(batch.columns()) {
        let name = column.field.name();
        if !column.field.is_nullable() && values.null_count() > 0 {
            let message =
                format!("null value in column \"{name}\" of relation \"{table}\" violates not-null constraint");
            return Err(Error::new(ErrorKind::NotNullViolation, message));
        }
        let Some(most) = column.max_length else { continue };
        let DataType::Utf8 = values.data_type() else { continue };
        if values.as_string::<i32>().iter().flatten().any(|text| text.chars().count() > most) {
            let message = format!("value too long for type character varying({most})");
            return Err(Error::new(ErrorKind::StringDataRightTruncation, message)
                .with_detail(format!("The column is \"{name}\" of \"{table}\".")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{ArrayRef, StringArray};

    #[test]
    fn promises_are_kept() {
        let column = |max_length, nullable| Column { field: Field::new("c", DataType::Utf8, nullable), max_length };
        let batch = |values: Vec<Option<&str>>| {
            let values: ArrayRef = Arc::new(StringArray::from(values));
            RecordBatch::try_from_iter_with_nullable([("c", values, true)]).expect("batch")
        };
        let tried = |column: Column, values| check(&[column], "t", &batch(values)).map_err(|e| e.kind().sqlstate());
        assert_eq!(tried(column(Some(2), true), vec![Some("äö"), None]), Ok(()));
        assert_eq!(tried(column(Some(2), true), vec![Some("abc")]), Err("22001"));
        assert_eq!(tried(column(None, false), vec![Some("abc"), None]), Err("23502"));
    }

    #[test]
    fn what_would_not_come_back_is_refused() {
        assert!(keepable("c", ColumnType::Array(&pgtype::INT4)).is_ok());
        assert_eq!(keepable("c", ColumnType::Scalar(&pgtype::JSONB)).unwrap_err().hint(), Some("Use json."));
        assert!(keepable("c", ColumnType::Scalar(&pgtype::INTERVAL)).is_err());
    }
}
