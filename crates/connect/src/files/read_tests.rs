//! Tests of the SQL text.

use super::*;
use crate::files::tree::DataFile;
use std::path::Path;

fn set(format: Format, origin: &str, paths: &[&str]) -> FileSet {
    let files =
        paths.iter().map(|p| DataFile { path: (*p).to_owned(), bytes: 9, modified: None, etag: None }).collect();
    FileSet::new(format, Path::new(origin), files)
}

fn csv() -> CsvOptions {
    CsvOptions { header: Tristate::Auto, delimiter: None, null_string: None, skip: 0 }
}

#[test]
fn parquet() {
    let csv = csv();
    let reader = Reader { format: Format::Parquet, hive: Tristate::Auto, csv: &csv, paths: Paths::Patterns };
    let files = set(Format::Parquet, "/r/t", &["/r/t/y=1/it's.parquet", "/r/t/y=2/b[1]*.parquet"]);
    assert_eq!(
        reader.call(&files, &Dialect::default()),
        "read_parquet(['/r/t/y=1/it''s.parquet', '/r/t/y=2/b[[]1][*].parquet'], hive_partitioning = true, union_by_name = true)"
    );
    let literal = Reader { paths: Paths::Literal, ..reader };
    assert!(literal.call(&files, &Dialect::default()).contains("'/r/t/y=2/b[1]*.parquet'"));
    let off = Reader { hive: Tristate::Off, ..reader };
    assert!(off.call(&files, &Dialect::default()).contains("hive_partitioning = false"));
}

#[test]
fn csv_is_fixed_to_what_was_found() {
    let csv = CsvOptions { header: Tristate::On, null_string: Some("N'A".to_owned()), ..csv() };
    let reader = Reader { format: Format::Csv, hive: Tristate::Auto, csv: &csv, paths: Paths::Patterns };
    let files = set(Format::Csv, "/r", &["/r/a.csv"]);
    assert_eq!(
        reader.call(&files, &Dialect::default()),
        "read_csv(['/r/a.csv'], skip = 0, header = true, nullstr = 'N''A', sample_size = -1, hive_partitioning = false, union_by_name = true)"
    );
    let column = Described { name: "it's".to_owned(), duckdb_type: "BIGINT".to_owned() };
    let dialect = Dialect { delimiter: Some(";".to_owned()), types: vec![column] };
    assert_eq!(
        reader.call(&files, &dialect),
        "read_csv(['/r/a.csv'], skip = 0, delim = ';', header = true, nullstr = 'N''A', types = {'it''s': 'BIGINT'}, \
         hive_partitioning = false, union_by_name = true)"
    );
}

#[test]
fn one_delimiter_only_where_all_files_may_share_it() {
    let csv = csv();
    let reader = Reader { format: Format::Csv, hive: Tristate::Auto, csv: &csv, paths: Paths::Patterns };
    let of = |paths: &[&str]| reader.delimiter_from(&set(Format::Csv, "/r", paths)).map(str::to_owned);
    assert_eq!(of(&["/r/a.csv", "/r/b.csv"]), Some("/r/a.csv".to_owned()));
    assert_eq!(of(&["/r/a.csv", "/r/b.tsv"]), None);
    let given = CsvOptions { delimiter: Some("|".to_owned()), ..csv.clone() };
    let reader = Reader { csv: &given, ..reader };
    assert_eq!(reader.delimiter_from(&set(Format::Csv, "/r", &["/r/a.csv"])), None);
}
