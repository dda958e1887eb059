//! Rows that a client sends as Arrow, as the columns of a table: found by their names, and brought to its types where that loses nothing. It must not know the protocol by
//! which they come.

use crate::column::{self, Column, keepable};
use arrow::array::{Array, ArrayRef, AsArray, RecordBatch, RecordBatchOptions, new_null_array};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{
    DataType, Field, FieldRef, Schema, SchemaRef, Time64NanosecondType, TimeUnit, TimestampNanosecondType,
};
use std::collections::HashSet;
use weft_core::name::nearest;
use weft_core::pgtype::{ColumnType, PG_TYPE_KEY, scalar_named, tagged};
use weft_core::{Error, ErrorKind, Result};

/// A value that does not fit is an error, not NULL.
const STRICT: CastOptions<'static> =
    CastOptions { safe: false, format_options: arrow::util::display::FormatOptions::new() };

/// How batches become rows of a table.
#[derive(Debug)]
pub struct Incoming {
    /// For each column of the table, which of the batch it is; what is not sent is null.
    picks: Vec<Option<usize>>,
    schema: SchemaRef,
}

impl Incoming {
    /// The columns of a new table for such batches. All of them may be null, whatever the schema promises.
    pub fn columns(schema: &Schema) -> Result<Vec<Column>> {
        if schema.fields().is_empty() {
            let message = "a table must have at least one column";
            return Err(Error::new(ErrorKind::InvalidTableDefinition, message));
        }
        let mut names = HashSet::new();
        let column = |field: &FieldRef| {
            let name = field.name();
            if !names.insert(name.clone()) {
                let message = format!("column \"{name}\" specified more than once");
                return Err(Error::new(ErrorKind::DuplicateColumn, message));
            }
            let field = kept(field).ok_or_else(|| {
                Error::unsupported(format!("column \"{name}\" of Arrow's type {}", field.data_type()))
            })?;
            keepable(name, ColumnType::of_field(&field))?;
            Ok(Column { field, max_length: None })
        };
        schema.fields().iter().map(column).collect()
    }

    /// How batches of this schema become rows of a table that is there.
    pub fn into_table(schema: &Schema, table: &str, columns: &[Column]) -> Result<Incoming> {
        let mut picks = vec![None; columns.len()];
        for (i, field) in schema.fields().iter().enumerate() {
            let name = field.name();
            let Some(place) = columns.iter().position(|column| column.field.name() == name) else {
                let message = format!("column \"{name}\" of relation \"{table}\" does not exist");
                let error = Error::new(ErrorKind::UndefinedColumn, message);
                let near = nearest(name, columns.iter().map(|column| column.field.name().as_str()));
                return Err(near.map_or(error.clone(), |near| error.with_hint(format!("Perhaps you meant {near}."))));
            };
            if picks.get(place).copied().flatten().is_some() {
                let message = format!("column \"{name}\" specified more than once");
                return Err(Error::new(ErrorKind::DuplicateColumn, message));
            }
            let column = &columns[place].field;
            let is_null = *field.data_type() == DataType::Null;
            if !is_null && !kept(field).is_some_and(|given| fits(&given, column)) {
                let wanted = ColumnType::of_field(column).sql_name();
                let message =
                    format!("column \"{name}\" is of type {wanted} but Arrow's type {} was sent", field.data_type());
                return Err(Error::new(ErrorKind::DatatypeMismatch, message));
            }
            picks[place] = Some(i);
        }
        Ok(Incoming { picks, schema: column::schema(columns) })
    }

    /// The rows of a batch.
    pub fn rows(&self, batch: &RecordBatch) -> Result<RecordBatch> {
        let rows = batch.num_rows();
        let columns = self.picks.iter().zip(self.schema.fields()).map(|(pick, field)| match pick {
            Some(i) => values(batch.column(*i), field),
            None => Ok(new_null_array(field.data_type(), rows)),
        });
        let columns = columns.collect::<Result<Vec<_>>>()?;
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)
            .map_err(|e| Error::internal("rows do not fit their table").with_source(e))
    }

    /// The columns of the rows.
    pub fn schema(&self) -> &SchemaRef {
        &self.schema
    }
}

/// The column that keeps such values; none if there is no such column.
fn kept(field: &Field) -> Option<Field> {
    let plain = Field::new(field.name(), carried(field.data_type())?, true);
    let named = field.metadata().get(PG_TYPE_KEY).and_then(|name| scalar_named(name));
    // What another Weft has told of its columns.
    let named = named.filter(|t| ["json", "uuid", "varchar"].contains(&t.name) && *plain.data_type() == DataType::Utf8);
    Some(named.map_or(plain.clone(), |t| tagged(plain, t)))
}

/// The type that carries values of this one.
fn carried(data_type: &DataType) -> Option<DataType> {
    use DataType::*;
    Some(match data_type {
        Int8 | Int16 | UInt8 => Int16,
        Int32 | UInt16 => Int32,
        Int64 | UInt32 => Int64,
        UInt64 => Decimal128(20, 0),
        Float16 | Float32 => Float32,
        Utf8 | LargeUtf8 | Utf8View | Null => Utf8,
        Binary | LargeBinary | BinaryView | FixedSizeBinary(_) => Binary,
        Date32 | Date64 => Date32,
        Time32(_) | Time64(_) => Time64(TimeUnit::Microsecond),
        Timestamp(_, zone) => Timestamp(TimeUnit::Microsecond, zone.as_ref().map(|_| "+00:00".into())),
        Decimal32(precision, scale) | Decimal64(precision, scale) | Decimal128(precision, scale) if *scale >= 0 => {
            Decimal128(*precision, *scale)
        }
        Decimal256(precision, scale) if *precision <= 38 && *scale >= 0 => Decimal128(*precision, *scale),
        Boolean | Float64 => data_type.clone(),
        Dictionary(_, value) => carried(value)?,
        List(item) | LargeList(item) | FixedSizeList(item, _) | ListView(item) | LargeListView(item) => {
            match carried(item.data_type())? {
                List(_) => return None,
                item => List(Field::new_list_field(item, true).into()),
            }
        }
        _ => return None,
    })
}

/// Whether values of one column can be kept in another: numbers if they are in its range, as PostgreSQL assigns them, but for those that would be rounded.
fn fits(given: &Field, column: &Field) -> bool {
    use DataType::*;
    let is_text = |field: &Field| *field.data_type() == Utf8 && ["text", "varchar"].contains(&scalar_name(field));
    match (given.data_type(), column.data_type()) {
        (Utf8, Utf8) => scalar_name(given) == scalar_name(column) || is_text(given) && is_text(column),
        (a, b) if a == b => true,
        (Int16 | Int32 | Int64, Int16 | Int32 | Int64 | Float32 | Float64 | Decimal128(..)) => true,
        (Decimal128(_, 0), Int16 | Int32 | Int64) => true,
        (Decimal128(_, given), Decimal128(_, scale)) => given <= scale,
        (Float32, Float64) | (Float64, Float32) | (Date32, Timestamp(_, None)) => true,
        _ => false,
    }
}

fn scalar_name(field: &Field) -> &'static str {
    match ColumnType::of_field(field) {
        ColumnType::Scalar(t) | ColumnType::Array(t) => t.name,
    }
}

fn values(given: &ArrayRef, field: &Field) -> Result<ArrayRef> {
    if given.data_type() == field.data_type() {
        return Ok(given.clone());
    }
    let name = field.name();
    let fine = |nanoseconds: &i64| nanoseconds % 1000 == 0;
    let whole = match given.data_type() {
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            given.as_primitive::<TimestampNanosecondType>().iter().flatten().all(|v| fine(&v))
        }
        DataType::Time64(TimeUnit::Nanosecond) => {
            given.as_primitive::<Time64NanosecondType>().iter().flatten().all(|v| fine(&v))
        }
        _ => true,
    };
    if !whole {
        let message = format!("a value of column \"{name}\" has fractions of a microsecond");
        return Err(Error::new(ErrorKind::DatetimeOutOfRange, message)
            .with_hint("Round them: types of PostgreSQL have microseconds."));
    }
    cast_with_options(given, field.data_type(), &STRICT).map_err(|e| {
        let message = format!("a value of column \"{name}\" is out of range");
        Error::new(ErrorKind::NumericOutOfRange, message).with_detail(e.to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Int64Array, StringArray, TimestampNanosecondArray};
    use arrow::datatypes::Int32Type;
    use std::sync::Arc;
    use weft_core::pgtype::field_of_text;

    fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
        RecordBatch::try_from_iter(columns).expect("batch")
    }

    fn table(columns: &[(&str, &str)]) -> Vec<Column> {
        columns.iter().map(|(name, text)| Column { field: field_of_text(name, text), max_length: None }).collect()
    }

    fn rows(batch: &RecordBatch, columns: &[Column]) -> Result<RecordBatch> {
        Incoming::into_table(&batch.schema(), "t", columns)?.rows(batch)
    }

    #[test]
    fn columns_are_found_by_name() {
        let sent = batch(vec![
            ("price", Arc::new(Int64Array::from(vec![1, 2]))),
            ("a", Arc::new(StringArray::from(vec!["x", "y"]))),
        ]);
        let kept = rows(&sent, &table(&[("a", "text"), ("price", "integer"), ("c", "date")])).expect("rows");
        assert_eq!(kept.column(1).as_primitive::<Int32Type>().values().as_ref(), [1, 2]);
        assert_eq!(kept.column(2).null_count(), 2);
        let error = rows(&sent, &table(&[("a", "text"), ("prices", "integer")])).unwrap_err();
        assert_eq!((error.kind().sqlstate(), error.hint()), ("42703", Some("Perhaps you meant prices.")));
    }

    #[test]
    fn nothing_is_lost() {
        let code = |column: ArrayRef, text| {
            rows(&batch(vec![("a", column)]), &table(&[("a", text)])).map_err(|e| e.kind().sqlstate())
        };
        let whole = |v: i64| -> ArrayRef { Arc::new(Int64Array::from(vec![v])) };
        assert!(code(whole(7), "numeric(10,2)").is_ok() && code(whole(7), "double precision").is_ok());
        assert_eq!(code(whole(70_000), "smallint").unwrap_err(), "22003");
        assert_eq!(code(whole(7), "text").unwrap_err(), "42804");
        let text: ArrayRef = Arc::new(StringArray::from(vec!["x"]));
        assert_eq!(code(text.clone(), "uuid").unwrap_err(), "42804");
        assert!(code(text, "character varying").is_ok());
        let time = |v| -> ArrayRef { Arc::new(TimestampNanosecondArray::from(vec![v])) };
        assert!(code(time(5000), "timestamp without time zone").is_ok());
        assert_eq!(code(time(5001), "timestamp without time zone").unwrap_err(), "22008");
    }

    #[test]
    fn columns_of_a_new_table() {
        let schema = Schema::new(vec![
            Field::new("a", DataType::UInt64, false),
            Field::new("b", DataType::Dictionary(Box::new(DataType::Int8), Box::new(DataType::LargeUtf8)), true),
        ]);
        let columns = Incoming::columns(&schema).expect("columns");
        let types: Vec<_> = columns.iter().map(|c| c.field.data_type().clone()).collect();
        assert_eq!(types, [DataType::Decimal128(20, 0), DataType::Utf8]);
        let odd = Schema::new(vec![Field::new("a", DataType::Struct(Default::default()), true)]);
        assert_eq!(Incoming::columns(&odd).unwrap_err().kind().sqlstate(), "0A000");
    }
}
