//! How DuckDB reads a table: a SELECT over its files, or over nothing. Text only: it must not look at the disk.

use crate::column;
use crate::lake::{DataFile, TableRef};
use arrow::datatypes::DataType;
use std::path::Path;
use std::sync::Arc;
use weft_core::executor::RemoteStatement;
use weft_core::input::{Bounds, Input, InputFile, Split, disk_literal};
use weft_core::name::quote_always;
use weft_core::relation::{Reading, Relation};

/// What stands around the list of files: they all have the table's columns, and folders say nothing of rows.
const HEAD: &str = "SELECT * FROM read_parquet([";
const TAIL: &str = "], hive_partitioning = false)";

/// The table that is made of these files.
pub(crate) fn relation(folder: &Path, table: TableRef<'_>, files: &[DataFile]) -> Relation {
    let statement = match files {
        [] => RemoteStatement::new(nothing(table)),
        files => {
            let input = input(folder, table, files);
            let literals: Vec<&str> = input.files.iter().map(|file| file.literal.as_str()).collect();
            let sql = format!("{HEAD}{}{TAIL}", literals.join(", "));
            RemoteStatement { inputs: vec![Arc::new(input)], ..RemoteStatement::new(sql) }
        }
    };
    Relation {
        schema: column::schema(table.columns),
        reading: Reading::Worker(statement),
        bytes: Some(files.iter().map(|file| file.bytes).sum()),
        rows: Some(files.iter().map(|file| file.rows).sum()),
    }
}

fn input(folder: &Path, table: TableRef<'_>, files: &[DataFile]) -> Input {
    let file = |file: &DataFile| {
        let path = folder.join(&file.path).display().to_string();
        InputFile { literal: disk_literal(&path), path, bytes: file.bytes }
    };
    Input {
        name: folder.join(table.id.to_string()).display().to_string(),
        files: files.iter().map(file).collect(),
        bytes: files.iter().map(|file| file.bytes).sum(),
        folder: Some(folder.to_owned()),
        split: (files.len() > 1).then(|| Split { head: HEAD.to_owned(), tail: TAIL.to_owned() }),
        bounds: Arc::new(Bounds::default()),
    }
}

/// The columns without rows.
fn nothing(table: TableRef<'_>) -> String {
    let column = |column: &column::Column| {
        format!("CAST(NULL AS {}) AS {}", duckdb_type(column.field.data_type()), quote_always(column.field.name()))
    };
    let columns: Vec<String> = table.columns.iter().map(column).collect();
    format!("SELECT {} WHERE false", columns.join(", "))
}

/// DuckDB's name of the type that a file of this Arrow type has for it.
fn duckdb_type(data_type: &DataType) -> String {
    match data_type {
        DataType::Boolean => "BOOLEAN".to_owned(),
        DataType::Int16 => "SMALLINT".to_owned(),
        DataType::Int32 => "INTEGER".to_owned(),
        DataType::Int64 => "BIGINT".to_owned(),
        DataType::Float32 => "FLOAT".to_owned(),
        DataType::Float64 => "DOUBLE".to_owned(),
        DataType::Decimal128(precision, scale) => format!("DECIMAL({precision}, {scale})"),
        DataType::Binary => "BLOB".to_owned(),
        DataType::Date32 => "DATE".to_owned(),
        DataType::Time64(_) => "TIME".to_owned(),
        DataType::Timestamp(_, None) => "TIMESTAMP".to_owned(),
        DataType::Timestamp(_, Some(_)) => "TIMESTAMPTZ".to_owned(),
        DataType::List(item) => format!("{}[]", duckdb_type(item.data_type())),
        _ => "VARCHAR".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Column;
    use uuid::Uuid;
    use weft_core::pgtype::field_of_text;

    fn sql(columns: &[Column], files: &[DataFile]) -> String {
        let table = TableRef { id: Uuid::nil(), name: "t", columns };
        match relation(Path::new("/l[1]"), table, files).reading {
            Reading::Worker(statement) => statement.sql,
            Reading::Database(_) => unreachable!("it is read by workers"),
        }
    }

    #[test]
    fn files_are_named_and_nothing_has_types() {
        let column = |name, text| Column { field: field_of_text(name, text), max_length: None };
        let columns = [column("a", "numeric(10,2)"), column("B", "text[]")];
        assert_eq!(
            sql(&columns, &[]),
            "SELECT CAST(NULL AS DECIMAL(10, 2)) AS \"a\", CAST(NULL AS VARCHAR[]) AS \"B\" WHERE false"
        );
        let file = DataFile { path: "x/y.parquet".to_owned(), rows: 1, bytes: 9 };
        assert_eq!(
            sql(&columns, &[file]),
            "SELECT * FROM read_parquet(['/l[[]1]/x/y.parquet'], hive_partitioning = false)"
        );
    }
}
