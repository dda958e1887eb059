//! Writes the table functions of DuckDB that read a table's files. Text only: it must not look at the disk nor run anything.

use super::columns::Described;
use super::fileset::FileSet;
use super::format::{Format, is_tab_separated};
use super::ground::Paths;
use super::options::{CsvOptions, Tristate};
use weft_core::input::disk_literal;
use weft_core::name::quote_literal;

/// Tables of text up to this size are looked through from end to end to find their types; of larger ones only the beginning of each file.
const FULL_SAMPLE_BYTES: u64 = 32 << 20;

/// How one table is read, all that its files do not say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'a> {
    /// The format of the files.
    pub(crate) format: Format,
    /// Whether `key=value` folders are columns.
    pub(crate) hive: Tristate,
    /// How CSV files are written.
    pub(crate) csv: &'a CsvOptions,
    /// How files are named.
    pub(crate) paths: Paths,
}

/// What has been found out about CSV files, so that reading cannot find otherwise.
#[derive(Debug, Clone, Default)]
pub(crate) struct Dialect {
    /// What separates values.
    pub(crate) delimiter: Option<String>,
    /// The columns and their types, without those of partitions. Empty while they are not known.
    pub(crate) types: Vec<Described>,
}

impl Reader<'_> {
    /// The call that reads the files.
    pub(crate) fn call(&self, set: &FileSet, dialect: &Dialect) -> String {
        let files: Vec<_> = set.files.iter().map(|f| self.paths.literal(&f.path)).collect();
        let mut arguments = vec![format!("[{}]", files.join(", "))];
        match self.format {
            Format::Parquet => {}
            Format::Csv => self.csv_arguments(set, dialect, &mut arguments),
            Format::Json => arguments.extend(sample(set)),
        }
        arguments.push(format!("hive_partitioning = {}", self.is_hive(set)));
        arguments.push("union_by_name = true".to_owned());
        format!("read_{}({})", self.format.word(), arguments.join(", "))
    }

    /// What stands around the list of files in the call that reads some of a table's Parquet files. The types of partitions are those of the whole table.
    pub(crate) fn around(&self, set: &FileSet, described: &[Described]) -> (String, String) {
        let is_hive = self.is_hive(set);
        let mut tail = format!("], hive_partitioning = {is_hive}");
        if is_hive {
            let key = |c: &&Described| set.partition_keys.iter().any(|k| k.eq_ignore_ascii_case(&c.name));
            let types = described.iter().filter(key).map(|c| format!("{}: {}", quote_literal(&c.name), c.duckdb_type));
            tail.push_str(&format!(", hive_types = {{{}}}", types.collect::<Vec<_>>().join(", ")));
        }
        tail.push_str(", union_by_name = true)");
        ("read_parquet([".to_owned(), tail)
    }

    /// Whether `key=value` folders are columns.
    fn is_hive(&self, set: &FileSet) -> bool {
        match self.hive {
            Tristate::Auto => !set.partition_keys.is_empty(),
            Tristate::On => true,
            Tristate::Off => false,
        }
    }

    fn csv_arguments(&self, set: &FileSet, dialect: &Dialect, arguments: &mut Vec<String>) {
        // Without a number to skip DuckDB skips whatever does not look like the rest: rows would be missing without a word.
        arguments.push(format!("skip = {}", self.csv.skip));
        if let Some(delimiter) = self.csv.delimiter.as_ref().or(dialect.delimiter.as_ref()) {
            arguments.push(format!("delim = {}", quote_literal(delimiter)));
        }
        match self.csv.header {
            Tristate::Auto => {}
            Tristate::On => arguments.push("header = true".to_owned()),
            Tristate::Off => arguments.push("header = false".to_owned()),
        }
        if let Some(null) = &self.csv.null_string {
            arguments.push(format!("nullstr = {}", quote_literal(null)));
        }
        if dialect.types.is_empty() {
            arguments.extend(sample(set));
        } else {
            let types: Vec<_> = dialect
                .types
                .iter()
                .map(|c| format!("{}: {}", quote_literal(&c.name), quote_literal(&c.duckdb_type)))
                .collect();
            arguments.push(format!("types = {{{}}}", types.join(", ")));
        }
    }

    /// The file whose delimiter is looked for, if there is one to be found for all files.
    pub(crate) fn delimiter_from<'s>(&self, set: &'s FileSet) -> Option<&'s str> {
        let tabs = set.files.iter().filter(|f| is_tab_separated(&f.path)).count();
        let is_mixed = tabs > 0 && tabs < set.files.len();
        if self.format != Format::Csv || self.csv.delimiter.is_some() || is_mixed {
            return None;
        }
        set.files.iter().find(|f| f.bytes > 0).map(|f| f.path.as_str())
    }
}

/// The statement that tells the delimiter of a CSV file.
pub(crate) fn sniff_delimiter(path: &str, paths: Paths) -> String {
    format!("SELECT \"Delimiter\" FROM sniff_csv({})", paths.literal(path))
}

impl Paths {
    /// The path as a literal that names this file and no other.
    pub(crate) fn literal(self, path: &str) -> String {
        match self {
            Paths::Patterns => disk_literal(path),
            Paths::Literal => quote_literal(path),
        }
    }
}

/// The statement whose rows are the columns of `source` and DuckDB's names of their types.
pub(crate) fn describe(source: &str) -> String {
    format!("SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM {source})")
}

/// The statement whose rows are the columns, in lower case, of which Parquet files disagree, with how many types they have and how many files have them; none
/// where there can be none.
pub(crate) fn disagreement(reader: Reader<'_>, set: &FileSet) -> Option<String> {
    if reader.format != Format::Parquet || set.files.len() < 2 {
        return None;
    }
    let files: Vec<_> = set.files.iter().map(|f| reader.paths.literal(&f.path)).collect();
    // What does not repeat is the file itself.
    Some(format!(
        "SELECT name, CAST(types AS VARCHAR) AS types, CAST(files AS VARCHAR) AS files FROM (SELECT lower(name) AS name, \
         count(DISTINCT (type, type_length, converted_type, precision, scale, CAST(logical_type AS VARCHAR))) AS types, count(DISTINCT file_name) AS files \
         FROM parquet_schema([{}]) WHERE repetition_type IS NOT NULL GROUP BY lower(name)) WHERE types > 1 OR files < {}",
        files.join(", "),
        files.len()
    ))
}

fn sample(set: &FileSet) -> Option<String> {
    (set.bytes <= FULL_SAMPLE_BYTES).then(|| "sample_size = -1".to_owned())
}

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
