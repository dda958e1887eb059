//! System tables: each is declared once, as a struct whose doc comments are the comments of the table and its columns. Rows are pushed as whole structs;
//! this module turns them into Arrow. It must not know where rows come from.

pub mod directory;
mod grants;
pub mod internal;
mod objects;
mod pools;
pub mod routines;
pub mod rows;
mod said;
pub mod samples;
pub mod scans;
mod seen;
mod sources;
mod statistics;
pub mod table;
pub mod tables;
mod timezones;
mod workers;

use arrow::array::{
    ArrayRef, BooleanArray, Float64Array, Int16Array, Int32Array, Int64Array, ListArray, ListBuilder, RecordBatch,
    StringArray, StringBuilder, TimestampMicrosecondArray,
};
use arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use chrono::{DateTime, Utc};
use std::sync::Arc;
use weft_core::pgtype::{self, PgType};
use weft_core::{Error, Result};

/// A declared system table.
pub trait SystemRow: Sized {
    /// Its schema in the catalog `system`.
    const SCHEMA: &'static str;
    /// Its name.
    const TABLE: &'static str;
    /// What it holds.
    const COMMENT: &'static str;
    /// Its columns in order: field and comment.
    fn columns() -> Vec<(Field, &'static str)>;
    /// The rows as one batch.
    fn batch(rows: &[Self]) -> Result<RecordBatch>;
}

/// The name, comment and columns of a table, for listings and the reference.
pub struct TableDoc {
    /// Its schema in the catalog `system`.
    pub schema: &'static str,
    /// Its name.
    pub table: &'static str,
    /// What it holds.
    pub comment: &'static str,
    /// Field and comment of each column.
    pub columns: Vec<(Field, &'static str)>,
}

impl TableDoc {
    /// The declaration of a table.
    pub fn of<R: SystemRow>() -> TableDoc {
        TableDoc { schema: R::SCHEMA, table: R::TABLE, comment: R::COMMENT, columns: R::columns() }
    }
}

/// An object's number, shown as `oid`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Oid(pub u32);

/// A Rust type that is a column.
pub trait Cell: Sized {
    /// The Arrow type.
    fn data_type() -> DataType;
    /// Whether NULL occurs.
    const NULLABLE: bool = false;
    /// The PostgreSQL type where the Arrow type does not tell it.
    const PG_TYPE: Option<&'static PgType> = None;
    /// The column of these values.
    fn array<'a>(values: impl Iterator<Item = &'a Self>) -> ArrayRef
    where
        Self: 'a;
}

macro_rules! cells {
    ($($rust:ty, $data_type:expr, $array:ty, $value:expr;)*) => {$(
        impl Cell for $rust {
            fn data_type() -> DataType { $data_type }
            fn array<'a>(values: impl Iterator<Item = &'a Self>) -> ArrayRef {
                Arc::new(values.map(|v| Some($value(v))).collect::<$array>())
            }
        }
        impl Cell for Option<$rust> {
            fn data_type() -> DataType { $data_type }
            const NULLABLE: bool = true;
            fn array<'a>(values: impl Iterator<Item = &'a Self>) -> ArrayRef {
                Arc::new(values.map(|v| v.as_ref().map($value)).collect::<$array>())
            }
        }
    )*};
}

cells! {
    String, DataType::Utf8, StringArray, |v: &'a String| v.as_str();
    bool, DataType::Boolean, BooleanArray, |v: &bool| *v;
    i16, DataType::Int16, Int16Array, |v: &i16| *v;
    i32, DataType::Int32, Int32Array, |v: &i32| *v;
    i64, DataType::Int64, Int64Array, |v: &i64| *v;
    f64, DataType::Float64, Float64Array, |v: &f64| *v;
}

impl Cell for Oid {
    fn data_type() -> DataType {
        DataType::Int64
    }
    const PG_TYPE: Option<&'static PgType> = Some(&pgtype::OID);
    fn array<'a>(values: impl Iterator<Item = &'a Self>) -> ArrayRef {
        Arc::new(values.map(|v| Some(i64::from(v.0))).collect::<Int64Array>())
    }
}

impl Cell for Vec<String> {
    fn data_type() -> DataType {
        DataType::List(Field::new_list_field(DataType::Utf8, true).into())
    }
    fn array<'a>(values: impl Iterator<Item = &'a Self>) -> ArrayRef {
        let mut lists = ListBuilder::new(StringBuilder::new());
        for list in values {
            lists.append_value(list.iter().map(Some));
        }
        Arc::new(lists.finish())
    }
}

impl Cell for Vec<Option<String>> {
    fn data_type() -> DataType {
        DataType::List(Field::new_list_field(DataType::Utf8, true).into())
    }
    fn array<'a>(values: impl Iterator<Item = &'a Self>) -> ArrayRef {
        let mut lists = ListBuilder::new(StringBuilder::new());
        for list in values {
            lists.append_value(list.iter().map(Option::as_ref));
        }
        Arc::new(lists.finish())
    }
}

impl Cell for Vec<i64> {
    fn data_type() -> DataType {
        DataType::List(Field::new_list_field(DataType::Int64, true).into())
    }
    fn array<'a>(values: impl Iterator<Item = &'a Self>) -> ArrayRef {
        let lists = values.map(|list| Some(list.iter().map(|v| Some(*v)).collect::<Vec<_>>()));
        Arc::new(ListArray::from_iter_primitive::<arrow::datatypes::Int64Type, _, _>(lists))
    }
}

fn timestamp() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("+00:00".into()))
}

impl Cell for DateTime<Utc> {
    fn data_type() -> DataType {
        timestamp()
    }
    fn array<'a>(values: impl Iterator<Item = &'a Self>) -> ArrayRef {
        Arc::new(
            TimestampMicrosecondArray::from_iter_values(values.map(|v| v.timestamp_micros())).with_timezone("+00:00"),
        )
    }
}

impl Cell for Option<DateTime<Utc>> {
    fn data_type() -> DataType {
        timestamp()
    }
    const NULLABLE: bool = true;
    fn array<'a>(values: impl Iterator<Item = &'a Self>) -> ArrayRef {
        let micros = values.map(|v| v.map(|t| t.timestamp_micros()));
        Arc::new(micros.collect::<TimestampMicrosecondArray>().with_timezone("+00:00"))
    }
}

/// The field of a declared column.
pub fn field<C: Cell>(name: &str) -> Field {
    let field = Field::new(name, C::data_type(), C::NULLABLE);
    match C::PG_TYPE {
        Some(t) => pgtype::tagged(field, t),
        None => field,
    }
}

/// The columns as a batch of the declared schema.
pub fn assemble(columns: Vec<(Field, &'static str)>, arrays: Vec<ArrayRef>) -> Result<RecordBatch> {
    let fields: Vec<Field> = columns.into_iter().map(|(field, _)| field).collect();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
        .map_err(|e| Error::internal("a system table's rows do not fit its columns").with_source(e))
}

/// Declares a system table.
macro_rules! system_table {
    (
        $(#[doc = $comment:literal])+
        $schema:literal . $table:literal => $row:ident {
            $($(#[doc = $column_comment:literal])+ $column:ident : $type:ty,)+
        }
    ) => {
        $(#[doc = $comment])+
        #[derive(Debug, Clone, PartialEq)]
        pub struct $row { $($(#[doc = $column_comment])+ pub $column: $type,)+ }

        impl $crate::system::SystemRow for $row {
            const SCHEMA: &'static str = $schema;
            const TABLE: &'static str = $table;
            const COMMENT: &'static str = concat!($($comment),+).trim_ascii();
            fn columns() -> Vec<(arrow::datatypes::Field, &'static str)> {
                vec![$(($crate::system::field::<$type>(stringify!($column).trim_start_matches("r#")), concat!($($column_comment),+).trim_ascii())),+]
            }
            fn batch(rows: &[Self]) -> weft_core::Result<arrow::array::RecordBatch> {
                let arrays = vec![$(<$type as $crate::system::Cell>::array(rows.iter().map(|row| &row.$column))),+];
                $crate::system::assemble(Self::columns(), arrays)
            }
        }
    };
}
pub(crate) use system_table;
