//! File formats: which a file has by its name, and what a table made of it is called. It must not look into files.

/// A format of which tables are made. The order is that in which formats get a contested name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Format {
    /// `.parquet`, `.pq`
    Parquet,
    /// `.csv`, `.tsv`, also with `.gz` or `.zst`
    Csv,
    /// `.json`, `.jsonl`, `.ndjson`, also with `.gz` or `.zst`
    Json,
}

/// Every format.
pub(crate) const FORMATS: [Format; 3] = [Format::Parquet, Format::Csv, Format::Json];

impl Format {
    /// As the option `format` names it, and as it is appended to a contested table name.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Format::Parquet => "parquet",
            Format::Csv => "csv",
            Format::Json => "json",
        }
    }

    /// As errors name it.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Format::Parquet => "Parquet",
            Format::Csv => "CSV",
            Format::Json => "JSON",
        }
    }

    /// The format with this word.
    pub(crate) fn from_word(word: &str) -> Option<Format> {
        FORMATS.into_iter().find(|f| f.word() == word)
    }

    /// The format of a file, and its name without the extension that says so.
    pub(crate) fn of_name(name: &str) -> Option<(Format, &str)> {
        // DuckDB knows a compressed file by this exact spelling only.
        let plain = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst"));
        let (stem, extension) = plain.unwrap_or(name).rsplit_once('.')?;
        let format = match extension.to_ascii_lowercase().as_str() {
            // Parquet compresses its pages itself; DuckDB does not read a Parquet file inside of a gzip one.
            "parquet" | "pq" if plain.is_none() => Format::Parquet,
            "csv" | "tsv" => Format::Csv,
            "json" | "jsonl" | "ndjson" => Format::Json,
            _ => return None,
        };
        (!stem.is_empty()).then_some((format, stem))
    }
}

/// Whether the file says by its name that its values are separated by tabs.
pub(crate) fn is_tab_separated(name: &str) -> bool {
    let plain = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(name);
    plain.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("tsv"))
}

/// Whether a folder's name is that of a Hive partition, `key=value`, and its key.
pub(crate) fn partition_key(name: &str) -> Option<&str> {
    name.split_once('=').map(|(key, _)| key).filter(|key| !key.is_empty())
}

/// Whether a name is passed over: `.hidden`, `_SUCCESS`, `_delta_log`.
pub(crate) fn is_hidden(name: &str) -> bool {
    name.starts_with(['.', '_'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extensions() {
        assert_eq!(Format::of_name("orders.parquet"), Some((Format::Parquet, "orders")));
        assert_eq!(Format::of_name("Orders.2020.PQ"), Some((Format::Parquet, "Orders.2020")));
        assert_eq!(Format::of_name("a.csv.gz"), Some((Format::Csv, "a")));
        assert_eq!(Format::of_name("a.ndjson.zst"), Some((Format::Json, "a")));
        for other in ["README.md", "csv", ".csv", "a.parquet.gz", "a.gz", ""] {
            assert_eq!(Format::of_name(other), None, "{other}");
        }
        assert!(is_tab_separated("x.tsv.gz") && !is_tab_separated("x.csv"));
    }

    #[test]
    fn partitions_and_hidden_names() {
        assert_eq!(partition_key("year=2020"), Some("year"));
        assert_eq!(partition_key("=x"), None);
        assert_eq!(partition_key("plain"), None);
        assert!(is_hidden("_SUCCESS") && is_hidden(".git") && !is_hidden("a_b"));
    }
}
