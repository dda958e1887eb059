//! What a session hands to a protocol room: described statements, rows, tags. Knows no protocol.

use crate::handle::Bound;
use crate::interrupt::Interrupt;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use weft_core::BatchStream;
use weft_core::pgtype::{ColumnType, tagged};
pub use weft_core::text::IntervalStyle;
use weft_sql::Statement;

/// A column of a result as a client is told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name; several columns may have the same.
    pub name: String,
    /// Its type.
    pub column_type: ColumnType,
    /// The type modifier (`numeric(p,s)`), or -1.
    pub modifier: i32,
}

/// A statement that has been bound against the catalogs: what it takes and what it returns.
pub struct Prepared {
    /// The statement.
    pub statement: Statement,
    /// The types of `$1`, `$2`, ….
    pub parameters: Vec<ColumnType>,
    /// The columns it returns; `None` for statements that return no rows at all.
    pub columns: Option<Arc<[Column]>>,
    pub(crate) plan: Bound,
    /// Whether it has been run since it was bound: what stands on nothing that can be looked at again is bound anew then.
    pub(crate) used: AtomicBool,
    /// Its text without secrets, once somebody has asked for it.
    pub(crate) shown: OnceLock<Arc<str>>,
}

impl Prepared {
    pub(crate) fn new(
        statement: Statement,
        parameters: Vec<ColumnType>,
        columns: Option<Arc<[Column]>>,
        plan: Bound,
    ) -> Prepared {
        Prepared { statement, parameters, columns, plan, used: AtomicBool::new(false), shown: OnceLock::new() }
    }

    /// The columns it returns as Arrow has them; `None` for statements that return no rows at all. Batches may have narrower types, and other names.
    pub fn schema(&self) -> Option<SchemaRef> {
        match &self.plan {
            Bound::Query { query, .. } => Some(query.schema.clone()),
            Bound::Shaped { shape, .. } => shape.schema(),
            Bound::Execute(inner) => inner.schema(),
            Bound::Explain(_) | Bound::Cursor(_) | Bound::Insert(_) | Bound::Plain => {
                let columns = self.columns.as_ref()?;
                Some(Arc::new(Schema::new(columns.iter().map(Column::field).collect::<Vec<_>>())))
            }
        }
    }
}

impl Column {
    /// A column of Arrow that carries it.
    fn field(&self) -> Field {
        field(&self.name, self.column_type)
    }
}

/// A nullable column of Arrow for values of this type, marked with the type where Arrow has none of its own.
pub fn field(name: &str, column_type: ColumnType) -> Field {
    let field = Field::new(name, column_type.arrow_type().unwrap_or(DataType::Utf8), true);
    match column_type {
        ColumnType::Scalar(t) | ColumnType::Array(t) if ColumnType::of_field(&field) != column_type => tagged(field, t),
        _ => field,
    }
}

/// What a statement did.
pub enum Outcome {
    /// Rows to be streamed; the command tag is `tag`, followed by the number of rows for `SELECT`.
    Rows(Rows),
    /// No rows: the command tag, such as `CREATE CATALOG`.
    Done(String),
    /// An empty statement.
    Empty,
}

/// Rows as they come.
pub struct Rows {
    /// As described.
    pub columns: Arc<[Column]>,
    /// Batches with exactly these columns. It ends with 57014 when the statement is cancelled or times out. Dropping it stops the work.
    pub batches: BatchStream,
    /// `SELECT`, `SHOW`, `EXPLAIN`, …
    pub tag: &'static str,
    /// Fires when the statement must stop although nobody polls `batches`: wait for it while writing to a slow client.
    pub interrupt: Interrupt,
}

/// Where a session stands in a transaction, as ReadyForQuery says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactionState {
    /// `I`
    Idle,
    /// `T`
    Active,
    /// `E`: only the end of the transaction is accepted.
    Failed,
}

/// A message beside the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// `NOTICE` or `WARNING`.
    pub severity: &'static str,
    /// Its SQLSTATE.
    pub sqlstate: &'static str,
    /// The text.
    pub message: String,
}

/// How values become text in this session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextFormat {
    /// The `TimeZone` of the session: how timestamptz is shown.
    pub time_zone: chrono_tz::Tz,
    /// `bytea_output`.
    pub bytea: ByteaOutput,
    /// `IntervalStyle`.
    pub interval: IntervalStyle,
    /// `DateStyle`: the output form; `ISO` is all that is supported.
    pub extra_float_digits: i8,
}

/// `bytea_output`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteaOutput {
    /// `\x0102`
    Hex,
    /// `\001\002`
    Escape,
}
