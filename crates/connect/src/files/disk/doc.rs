//! The page of the reference about kind `file`. Text only.

/// Rules of layout, names, types and safety, as users read them.
pub const DOC: &str = "\
A catalog of kind `file` shows the Parquet, CSV and JSON files of one folder as tables.

    CREATE CATALOG sales USING file OPTIONS (path '/data/sales');

**Which tables there are**

- A file directly in `path` is a table of schema `public`, named by the file without its extension.
- A folder directly in `path` is a schema. A file directly in it is a table. A folder in it is one table, made of all files of one format below it, \
however deep.
- Folders named `key=value` are Hive partitions: each key becomes a column. A folder directly in `path` that holds partitions is itself a table of \
schema `public`; if `path` itself holds partitions, they are one table of schema `public` named like the folder.
- `path` may also be one file: one table of schema `public`.
- Formats go by extension: `.parquet`, `.pq`; `.csv`, `.tsv`; `.json`, `.jsonl`, `.ndjson`; all but Parquet also with `.gz` or `.zst`. Other files are \
passed over, and so are names that begin with `.` or `_`, sockets and pipes.
- Names keep their spelling: `Orders.csv` is `\"Orders\"`. Where two tables would have one name, the order is Parquet, CSV, JSON, and file before folder; \
the first keeps the name, one of another format gets `_csv` or `_json` appended, and what is still equal is numbered `_2`, `_3`.

**Columns**

- Files of one table may have different columns: the table has all of them, NULL where a file lacks one. Every column may be null.
- Small and unsigned integers become the next larger type of PostgreSQL, `ubigint` `numeric(20,0)`; nanoseconds are cut to microseconds; UUIDs are \
`uuid`; lists of scalars are arrays; structs, maps, unions and nested lists are `json`; types that PostgreSQL lacks are text.
- Types of CSV and JSON are found by looking: through all of it up to 32 MiB, else at the beginning of each file. A later value that does not fit is an \
error of the query that reads it. CSV files that disagree on a column's type make it text. Of CSV files nothing is skipped silently; lines before the \
header need `skip`.

**What may be read**

- Only what lies below the setting `file_roots`, after links are resolved: SQLSTATE 42501 otherwise. A link that leads out makes its own table fail, \
no other, and is looked at again when the table is read.
- A missing folder is 58P01, a damaged file XX001 with its name. The table of a damaged file is listed without columns.
- A table of more than `max_files_per_table` files is 53400. New tables appear at once when they are named, and in listings after `metadata_ttl`.
";
