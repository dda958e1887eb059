//! Between which values the columns of a table lie in each of its Parquet files, as the files' footers say. Only whole numbers and dates: of other types a
//! footer may say less than the values are. It must not know what this is good for.

use super::columns::Described;
use super::fileset::FileSet;
use super::format::Format;
use super::ground::Paths;
use std::collections::HashMap;
use weft_core::input::{Bounds, Range};
use weft_core::name::quote_literal;

/// Of tables of more files nothing is known: it would take longer to ask than it could save.
const MOST_FILES: usize = 1024;
/// The first columns of these types; keys come first.
const MOST_COLUMNS: usize = 16;

/// The columns of a row of the answer: a file, a column, its least and its greatest value.
pub(crate) const ANSWER: [&str; 4] = ["file_name", "path_in_schema", "least", "greatest"];

/// The statement that asks; none if nothing can be known.
pub(crate) fn question(format: Format, set: &FileSet, described: &[Described], paths: Paths) -> Option<String> {
    if format != Format::Parquet || !(2..=MOST_FILES).contains(&set.files.len()) {
        return None;
    }
    let of_type = |c: &&Described| matches!(c.duckdb_type.as_str(), "SMALLINT" | "INTEGER" | "BIGINT" | "DATE");
    let asked: Vec<&Described> = described.iter().filter(of_type).take(MOST_COLUMNS).collect();
    if asked.is_empty() {
        return None;
    }
    let list = |columns: &[&Described]| columns.iter().map(|c| quote_literal(&c.name)).collect::<Vec<_>>().join(", ");
    let dates: Vec<&Described> = asked.iter().filter(|c| c.duckdb_type == "DATE").copied().collect();
    let number = |value: &str| {
        let whole = format!("TRY_CAST({value} AS BIGINT)");
        if dates.is_empty() {
            return whole;
        }
        let days = format!("TRY_CAST({value} AS DATE) - DATE '1970-01-01'");
        format!("CASE WHEN path_in_schema IN ({}) THEN {days} ELSE {whole} END", list(&dates))
    };
    let files: Vec<String> = set.files.iter().map(|f| paths.literal(&f.path)).collect();
    // A part of a file without figures, or with nulls alone, leaves the whole file unknown.
    Some(format!(
        "SELECT file_name, path_in_schema, CAST(min(a) AS VARCHAR) AS least, CAST(max(b) AS VARCHAR) AS greatest \
         FROM (SELECT file_name, path_in_schema, {} AS a, {} AS b FROM parquet_metadata([{}]) WHERE path_in_schema IN ({})) \
         GROUP BY file_name, path_in_schema HAVING bool_and(a IS NOT NULL AND b IS NOT NULL)",
        number("stats_min_value"),
        number("stats_max_value"),
        files.join(", "),
        list(&asked),
    ))
}

/// What the answer says.
pub(crate) fn read(set: &FileSet, answer: Vec<[String; 4]>) -> Bounds {
    let places: HashMap<&str, usize> = set.files.iter().enumerate().map(|(i, f)| (f.path.as_str(), i)).collect();
    let mut columns: HashMap<String, Vec<Option<Range>>> = HashMap::new();
    for [file, column, least, greatest] in answer {
        let (Some(place), Ok(least), Ok(greatest)) = (places.get(file.as_str()), least.parse(), greatest.parse())
        else {
            continue;
        };
        let files = columns.entry(column).or_insert_with(|| vec![None; set.files.len()]);
        if let Some(file) = files.get_mut(*place) {
            *file = Some(Range { least, greatest });
        }
    }
    let mut bounds = Bounds::default();
    for (column, files) in columns {
        bounds.add(column, files);
    }
    bounds
}
