//! Brings DuckDB's types to those that clients of PostgreSQL can be sent, and writes the select list that does it. DuckDB's own names of types decide:
//! its Arrow schema cannot tell a UUID or JSON from text. This module must not know files.

use arrow::datatypes::{DataType, Field, IntervalUnit, Schema, SchemaRef, TimeUnit};
use std::collections::HashSet;
use std::sync::Arc;
use weft_core::name::quote_always;
use weft_core::pgtype::{JSON, PgType, UUID, tagged};

/// A column as DuckDB describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Described {
    /// Its name, as DuckDB made it unique.
    pub(crate) name: String,
    /// DuckDB's name of its type.
    pub(crate) duckdb_type: String,
}

/// In what the files of a table disagree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Disagreement {
    /// Columns that have another type in one file than in another, in lower case. DuckDB (1.5.5) fails where it pushes the filter of a join down to such a
    /// column ("Can't convert TableFilterType (BLOOM_FILTER) from global to local indexes"), so it is read as an expression.
    pub(crate) types: HashSet<String>,
    /// Columns that some files do not have, in lower case: some of the files may have none.
    pub(crate) absent: HashSet<String>,
}

impl Disagreement {
    fn is_of_types(&self, name: &str) -> bool {
        !self.types.is_empty() && self.types.contains(&name.to_lowercase())
    }

    /// The column as it is read.
    fn read(&self, name: &str) -> String {
        let quoted = quote_always(name);
        if self.is_of_types(name) { format!("CASE WHEN {quoted} IS NULL THEN NULL ELSE {quoted} END") } else { quoted }
    }
}

/// The columns as Weft types them, and how to select them.
#[derive(Debug, Clone)]
pub(crate) struct Columns {
    /// Every column may be null: files promise nothing.
    pub(crate) schema: SchemaRef,
    /// The select list in DuckDB's dialect.
    pub(crate) select_list: String,
}

/// How a value gets from DuckDB's type to the carried one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    Keep,
    Cast,
    ToJson,
}

/// DuckDB's `T[]` is a list, its `T[3]` an array, another type to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Length {
    Varying,
    Fixed,
}

/// The type that carries a column.
#[derive(Debug, Clone)]
struct Carried {
    arrow: DataType,
    /// The type's name in DuckDB's dialect.
    sql: String,
    change: Change,
    tag: Option<&'static PgType>,
}

/// The carried columns for those that DuckDB describes.
pub(crate) fn normalise(described: &[Described], files: &Disagreement) -> Columns {
    let carried: Vec<_> = described.iter().map(|c| (c, carry(&c.duckdb_type))).collect();
    let fields: Vec<_> = carried.iter().map(|(column, carried)| field(&column.name, carried)).collect();
    let select_list = if carried.iter().all(|(column, c)| c.change == Change::Keep && !files.is_of_types(&column.name))
    {
        "*".to_owned()
    } else {
        let items: Vec<_> = carried.iter().map(|(column, carried)| item(&column.name, files, carried)).collect();
        items.join(", ")
    };
    Columns { schema: Arc::new(Schema::new(fields)), select_list }
}

/// The select list for some of the files: types are said, for some files alone may have others. None if that cannot be said of a column.
pub(crate) fn divided(described: &[Described], files: &Disagreement) -> Option<String> {
    let item = |column: &Described| {
        let carried = carry(&column.duckdb_type);
        let (name, read) = (quote_always(&column.name), files.read(&column.name));
        match carried.change {
            Change::Keep => Some(format!("CAST({read} AS {}) AS {name}", column.duckdb_type)),
            Change::Cast => Some(format!("CAST(CAST({read} AS {}) AS {}) AS {name}", column.duckdb_type, carried.sql)),
            // The fields of a structure are those of all files.
            Change::ToJson => None,
        }
    };
    let items: Vec<String> = described.iter().map(item).collect::<Option<_>>()?;
    Some(items.join(", "))
}

/// A relation without rows that has the columns, for files that may not have them all.
pub(crate) fn without_rows(described: &[Described]) -> String {
    let column = |c: &Described| format!("CAST(NULL AS {}) AS {}", c.duckdb_type, quote_always(&c.name));
    let columns: Vec<String> = described.iter().map(column).collect();
    format!("SELECT {} WHERE false", columns.join(", "))
}

fn field(name: &str, carried: &Carried) -> Field {
    let field = Field::new(name, carried.arrow.clone(), true);
    match carried.tag {
        Some(tag) => tagged(field, tag),
        None => field,
    }
}

fn item(name: &str, files: &Disagreement, carried: &Carried) -> String {
    let (read, name) = (files.read(name), quote_always(name));
    match carried.change {
        Change::Keep if read == name => name,
        Change::Keep => format!("{read} AS {name}"),
        Change::Cast => format!("CAST({read} AS {}) AS {name}", carried.sql),
        Change::ToJson => format!("CAST(to_json({read}) AS VARCHAR) AS {name}"),
    }
}

fn carry(duckdb_type: &str) -> Carried {
    if let Some((element, length)) = element_of(duckdb_type) {
        return carry_list(&carry(element), length);
    }
    if ["STRUCT(", "MAP(", "UNION("].iter().any(|start| duckdb_type.starts_with(start)) || duckdb_type == "VARIANT" {
        return json(Change::ToJson);
    }
    let microseconds = DataType::Timestamp(TimeUnit::Microsecond, None);
    match duckdb_type {
        "BOOLEAN" => keep(DataType::Boolean, "BOOLEAN"),
        "SMALLINT" => keep(DataType::Int16, "SMALLINT"),
        "INTEGER" => keep(DataType::Int32, "INTEGER"),
        "BIGINT" => keep(DataType::Int64, "BIGINT"),
        "FLOAT" => keep(DataType::Float32, "FLOAT"),
        "DOUBLE" => keep(DataType::Float64, "DOUBLE"),
        "VARCHAR" => keep(DataType::Utf8, "VARCHAR"),
        "BLOB" => keep(DataType::Binary, "BLOB"),
        "DATE" => keep(DataType::Date32, "DATE"),
        "TIME" => keep(DataType::Time64(TimeUnit::Microsecond), "TIME"),
        "TIMESTAMP" => keep(microseconds, "TIMESTAMP"),
        "TIMESTAMP WITH TIME ZONE" => {
            keep(DataType::Timestamp(TimeUnit::Microsecond, Some("+00:00".into())), "TIMESTAMP WITH TIME ZONE")
        }
        "INTERVAL" => keep(DataType::Interval(IntervalUnit::MonthDayNano), "INTERVAL"),
        "TINYINT" | "UTINYINT" => cast(DataType::Int16, "SMALLINT"),
        "USMALLINT" => cast(DataType::Int32, "INTEGER"),
        "UINTEGER" => cast(DataType::Int64, "BIGINT"),
        "UBIGINT" => cast(DataType::Decimal128(20, 0), "DECIMAL(20,0)"),
        // DuckDB would hand values of 39 digits over in an Arrow type of 38; the cast makes them an error.
        "HUGEINT" | "UHUGEINT" => cast(DataType::Decimal128(38, 0), "DECIMAL(38,0)"),
        "TIMESTAMP_S" | "TIMESTAMP_MS" | "TIMESTAMP_NS" => cast(microseconds, "TIMESTAMP"),
        "TIME_NS" => cast(DataType::Time64(TimeUnit::Microsecond), "TIME"),
        "UUID" => Carried { tag: Some(&UUID), ..cast(DataType::Utf8, "VARCHAR") },
        "JSON" => json(Change::Cast),
        other => match decimal(other) {
            Some((precision, scale)) => keep(DataType::Decimal128(precision, scale), other),
            None => cast(DataType::Utf8, "VARCHAR"),
        },
    }
}

fn keep(arrow: DataType, sql: &str) -> Carried {
    Carried { arrow, sql: sql.to_owned(), change: Change::Keep, tag: None }
}

fn cast(arrow: DataType, sql: &str) -> Carried {
    Carried { arrow, sql: sql.to_owned(), change: Change::Cast, tag: None }
}

fn json(change: Change) -> Carried {
    Carried { arrow: DataType::Utf8, sql: "VARCHAR".to_owned(), change, tag: Some(&JSON) }
}

/// A list of scalars is PostgreSQL's array. Lists of lists are not: theirs need not be rectangular.
fn carry_list(element: &Carried, length: Length) -> Carried {
    let is_array = matches!(element.arrow, DataType::List(_));
    if is_array || element.tag.is_some_and(|t| *t == JSON) {
        return json(Change::ToJson);
    }
    let change = if length == Length::Fixed { Change::Cast } else { element.change };
    let arrow = DataType::List(Field::new_list_field(element.arrow.clone(), true).into());
    Carried { arrow, sql: format!("{}[]", element.sql), change, tag: element.tag }
}

/// The element's type of `T[]` and `T[3]`.
fn element_of(duckdb_type: &str) -> Option<(&str, Length)> {
    let (element, length) = duckdb_type.strip_suffix(']')?.rsplit_once('[')?;
    match length {
        "" => Some((element, Length::Varying)),
        digits if digits.bytes().all(|b| b.is_ascii_digit()) => Some((element, Length::Fixed)),
        _ => None,
    }
}

fn decimal(duckdb_type: &str) -> Option<(u8, i8)> {
    let (precision, scale) = duckdb_type.strip_prefix("DECIMAL(")?.strip_suffix(')')?.split_once(',')?;
    Some((precision.trim().parse().ok()?, scale.trim().parse().ok()?))
}

#[cfg(test)]
#[path = "columns_tests.rs"]
mod tests;
