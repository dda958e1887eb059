//! `system.metadata`: what there is in the sources, and what is known of it.

use crate::system::system_table;
use chrono::{DateTime, Utc};

system_table! {
    /// Every catalog: the sources, and Weft's own.
    "metadata"."catalogs" => CatalogRow {
        /// Name, as in `catalog.schema.table`.
        catalog_name: String,
        /// Kind of source: `file`, or `lake` and `system` for Weft's own.
        kind: String,
        /// `healthy`, `degraded`, `unreachable`, `disabled`, or `unknown` until its source was first asked. Details: `system.runtime.health`.
        state: String,
        /// Why it is not healthy.
        last_error: Option<String>,
        /// Who created it.
        owner: Option<String>,
        /// When it was created.
        created_at: Option<DateTime<Utc>>,
        /// When it was changed last.
        updated_at: Option<DateTime<Utc>>,
    }
}

system_table! {
    /// Every schema of every catalog.
    "metadata"."schemas" => SchemaRow {
        /// Its catalog.
        catalog_name: String,
        /// Its name.
        schema_name: String,
        /// Tables and views in it, as the last scan found them.
        tables: Option<i64>,
        /// Their bytes, as the last scan found them.
        bytes: Option<i64>,
        /// Files of its tables, where they are made of files.
        files: Option<i64>,
        /// How many files have each format, as JSON: `{"csv": 2, "parquet": 10}`.
        formats: Option<String>,
        /// The last change of any of them, where the source tells.
        updated_at: Option<DateTime<Utc>>,
        /// When it was scanned last.
        scanned_at: Option<DateTime<Utc>>,
    }
}

system_table! {
    /// Every table of every catalog.
    "metadata"."tables" => TableRow {
        /// Its catalog.
        catalog_name: String,
        /// Its schema.
        schema_name: String,
        /// Its name.
        table_name: String,
        /// `BASE TABLE` or `VIEW`.
        table_type: String,
        /// `unmanaged`: it cannot be queried; `pending`, `scanning`, `ready` or `failed`: it can, and so far has the look at it come.
        state: String,
        /// What is known of it in words.
        comment: Option<String>,
        /// The folder in which it lies.
        folder: Option<String>,
        /// Files that it is made of.
        files: Option<i64>,
        /// Bytes of those files.
        bytes: Option<i64>,
        /// Last change of any of them.
        updated_at: Option<DateTime<Utc>>,
        /// Why it cannot be read, if so.
        error: Option<String>,
        /// 1: only its schema was scanned; 2: it was scanned itself. Nothing: neither.
        scan_level: Option<i32>,
        /// When that was.
        scanned_at: Option<DateTime<Utc>>,
        /// `manual`, or `auto` for a scan by a schedule.
        scan_method: Option<String>,
        /// What its statistics are taken from: `full`: all rows, `sample`: some; `basic`: there are none.
        method: Option<String>,
        /// Whether the scan has found all that it set out to find, and the table's files are still those that it read, as far as they were listed since.
        is_complete: Option<bool>,
    }
}

system_table! {
    /// Every column of every readable table.
    "metadata"."columns" => ColumnRow {
        /// Its catalog.
        catalog_name: String,
        /// Its schema.
        schema_name: String,
        /// Its table.
        table_name: String,
        /// Its name.
        column_name: String,
        /// Its place in the table, from 1.
        ordinal_position: i32,
        /// Its type, as SQL spells it.
        data_type: String,
        /// Whether it may be NULL.
        is_nullable: bool,
        /// Expression of its default, in the words of the source; known after a scan.
        column_default: Option<String>,
        /// What is known of it in words.
        comment: Option<String>,
    }
}

system_table! {
    /// Scans of sources, the newest first.
    "metadata"."scans" => ScanRow {
        /// Its id.
        scan_id: String,
        /// The job that did it (`system.history.jobs`).
        job_id: String,
        /// The catalog.
        catalog_name: String,
        /// The schema, if only one was scanned.
        schema_name: Option<String>,
        /// The table, if only one was scanned.
        table_name: Option<String>,
        /// 1: schemas with their sizes; 2: tables with all that belongs to them.
        level: i32,
        /// `manual`, or `auto` for one that a schedule began.
        method: String,
        /// Whether it came to its end. What another one found is not in force.
        is_complete: bool,
        /// Schemas that it found.
        schemas: i64,
        /// Tables and views that it found.
        tables: i64,
        /// Their columns.
        columns: i64,
        /// Tables that were not there at the scan before.
        added: i64,
        /// Tables that were made of something else at the scan before.
        modified: i64,
        /// Tables that were there at the scan before.
        removed: i64,
        /// Tables whose statistics it took.
        analyzed: i64,
        /// Tables of which it could not take them.
        failed: i64,
        /// When it began.
        started_at: DateTime<Utc>,
        /// When what it found came in force.
        ended_at: Option<DateTime<Utc>>,
    }
}

system_table! {
    /// What each scan found to be changed since the scan before, the newest first.
    "metadata"."changes" => ChangeRow {
        /// The scan (`system.metadata.scans`).
        scan_id: String,
        /// The catalog.
        catalog_name: String,
        /// Schema of the table.
        schema_name: String,
        /// The table.
        table_name: String,
        /// `added`, `modified` or `removed`.
        change: String,
        /// What the table was made of, as JSON: kind, comment, columns, constraints, indexes.
        before: Option<String>,
        /// What it is made of, as JSON.
        after: Option<String>,
        /// What reads the table, be it by way of others: views, and schedules that name it. Of a table that is gone, also what was granted on it.
        affects: Vec<String>,
        /// When the scan came to its end.
        found_at: DateTime<Utc>,
    }
}

system_table! {
    /// Keys and other conditions of tables, as the last scan of level 2 found them.
    "metadata"."constraints" => ConstraintRow {
        /// The catalog.
        catalog_name: String,
        /// Schema of the table.
        schema_name: String,
        /// The table.
        table_name: String,
        /// Its name.
        constraint_name: String,
        /// `PRIMARY KEY`, `UNIQUE`, `FOREIGN KEY`, `CHECK` or `EXCLUDE`.
        constraint_type: String,
        /// The columns that it is about, in their order.
        columns: Vec<String>,
        /// Schema of the table that a foreign key refers to.
        referenced_schema: Option<String>,
        /// That table.
        referenced_table: Option<String>,
        /// Its columns.
        referenced_columns: Vec<String>,
        /// As the source writes it.
        definition: Option<String>,
    }
}

system_table! {
    /// Indexes of tables, as the last scan of level 2 found them.
    "metadata"."indexes" => IndexRow {
        /// The catalog.
        catalog_name: String,
        /// Schema of the table.
        schema_name: String,
        /// The table.
        table_name: String,
        /// Its name.
        index_name: String,
        /// Whether no two rows have the same key.
        is_unique: bool,
        /// Its columns, or expressions, in their order.
        columns: Vec<String>,
        /// As the source writes it.
        definition: Option<String>,
    }
}

system_table! {
    /// Datasets: queries that are kept as views of the catalog `lake`.
    "metadata"."datasets" => DatasetRow {
        /// Its schema.
        schema_name: String,
        /// Its name.
        dataset_name: String,
        /// Its query.
        definition: String,
        /// The catalog in which names of the query are looked up.
        looked_up_in: String,
        /// The schemas in which they are looked up.
        search_path: Vec<String>,
        /// Which of its queries this is, from 1.
        version: i64,
        /// Who created it.
        owner: String,
        /// When it was created.
        created_at: DateTime<Utc>,
        /// When it was changed last.
        updated_at: DateTime<Utc>,
    }
}

system_table! {
    /// Columns of datasets, with what was told of them.
    "metadata"."dataset_columns" => DatasetColumnRow {
        /// Schema of the dataset.
        schema_name: String,
        /// The dataset.
        dataset_name: String,
        /// Its name.
        column_name: String,
        /// Its place, from 1.
        ordinal_position: i32,
        /// Its type when the dataset was created.
        data_type: String,
        /// `dimension` or `measure`.
        role: Option<String>,
        /// How its values are to be written.
        format: Option<String>,
        /// How its values are put together, unless said otherwise.
        aggregate: Option<String>,
    }
}

system_table! {
    /// Where datasets and their columns come from.
    "metadata"."lineage" => LineageRow {
        /// Catalog of the dataset.
        catalog_name: String,
        /// Its schema.
        schema_name: String,
        /// Its name.
        object_name: String,
        /// Its column; NULL for its rows.
        column_name: Option<String>,
        /// Catalog of what it reads.
        source_catalog: String,
        /// Schema of it.
        source_schema: String,
        /// The table or view that it reads.
        source_table: String,
        /// The column of it; NULL for its rows.
        source_column: Option<String>,
    }
}

system_table! {
    /// Tags of catalogs, schemas, tables and columns.
    "metadata"."tags" => TagRow {
        /// The catalog.
        catalog_name: String,
        /// Its schema.
        schema_name: Option<String>,
        /// Its table.
        table_name: Option<String>,
        /// Its column.
        column_name: Option<String>,
        /// Name of the tag.
        tag_name: String,
        /// Its value.
        value: String,
        /// Who gave it last.
        author: String,
        /// When.
        updated_at: DateTime<Utc>,
    }
}

system_table! {
    /// Figures of columns, as ANALYZE and scans took them.
    "metadata"."statistics" => StatisticsRow {
        /// The catalog.
        catalog_name: String,
        /// Schema of the table.
        schema_name: String,
        /// The table.
        table_name: String,
        /// The column.
        column_name: String,
        /// Rows of the table; of a sample, what the source believes them to be, if it believes anything.
        row_count: Option<i64>,
        /// The part of the rows that were read in which it is NULL, from 0 to 1. Nothing: there are no rows.
        null_ratio: Option<f64>,
        /// Different values in the rows that were read, without NULL. Nothing: its type has no equality.
        distinct_count: Option<i64>,
        /// Its least value in them, as text of at most 256 letters. Nothing: its type has no order, or there is no value.
        min_value: Option<String>,
        /// Its greatest value in them.
        max_value: Option<String>,
        /// `full`: all rows were read; `sample`: the first of them.
        method: String,
        /// Rows that were read.
        sampled_rows: i64,
        /// When.
        analyzed_at: DateTime<Utc>,
    }
}

system_table! {
    /// Folders over all catalogs.
    "metadata"."folders" => FolderRow {
        /// Its path.
        folder_path: String,
        /// What it is, in words.
        comment: Option<String>,
        /// Things that lie in it.
        objects: i64,
        /// Who created it.
        owner: String,
        /// When it was created.
        created_at: DateTime<Utc>,
    }
}

system_table! {
    /// What the current user wants to find again.
    "metadata"."favorites" => FavoriteRow {
        /// The catalog.
        catalog_name: String,
        /// Its schema.
        schema_name: Option<String>,
        /// Its table.
        table_name: Option<String>,
    }
}

system_table! {
    /// Values of columns in the first rows that ANALYZE and scans found: at most 1000. The oldest go when all of them are more than `sample_bytes`.
    "metadata"."samples" => SampleRow {
        /// The catalog.
        catalog_name: String,
        /// Schema of the table.
        schema_name: String,
        /// The table.
        table_name: String,
        /// The column.
        column_name: String,
        /// The values, as texts of at most 256 letters, in the order of the rows: the first of each column are of one row.
        sample_values: Vec<Option<String>>,
        /// When they were read.
        sampled_at: DateTime<Utc>,
    }
}

system_table! {
    /// The files that tables are made of, as the last scan listed them: at most `scan_files` of a scan.
    "metadata"."files" => FileRow {
        /// The catalog.
        catalog_name: String,
        /// Schema of the table.
        schema_name: String,
        /// The table that it belongs to.
        table_name: String,
        /// Where it is: a path, or `s3://bucket/key`.
        path: String,
        /// Its format: `parquet`, `csv` or `json`.
        format: String,
        /// Its size in bytes.
        bytes: i64,
        /// What an object store calls its content.
        etag: Option<String>,
        /// Its last change.
        modified_at: Option<DateTime<Utc>>,
    }
}

system_table! {
    /// The versions of what Weft keeps, the newest first: `major` is the layout of the metastore, `minor` counts changes of definitions, `patch` scans since then.
    "metadata"."versions" => VersionRow {
        /// `major.minor.patch`.
        version: String,
        /// What kind of thing was changed: `layout`, `catalogs`, `roles`, `grants`, `secrets`, `schedules`, `datasets`, `annotations`, `managed` or `scans`.
        part: String,
        /// What was changed, by name.
        object_name: String,
        /// Who changed it.
        changed_by: String,
        /// When.
        changed_at: DateTime<Utc>,
    }
}
