//! Figures of columns with samples of their values, and for each table what is known and what is still wanted. It must not know how figures are found.

use crate::db::{Document, Id, Pool, Row, Sql, Transaction, now};
use crate::store::Metastore;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::fmt;
use uuid::Uuid;
use weft_core::metadata::ScanScope;
use weft_core::{Error, Result};

/// Whether figures are those of all rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// Of some of the rows.
    Sample,
    /// Of all rows.
    Full,
}

impl Depth {
    fn of(text: Option<String>) -> Option<Depth> {
        match text.as_deref() {
            Some("full") => Some(Depth::Full),
            Some("sample") => Some(Depth::Sample),
            _ => None,
        }
    }
}

impl fmt::Display for Depth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Depth::Sample => "sample",
            Depth::Full => "full",
        })
    }
}

/// A table of a catalog.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableKey {
    /// The catalog.
    pub catalog: Uuid,
    /// The schema.
    pub schema: String,
    /// The table.
    pub table: String,
}

/// What was found of a column.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ColumnFigures {
    /// Its name.
    pub name: String,
    /// Its place in the table, from 1.
    pub position: i64,
    /// The part of the rows that are NULL; none if there are no rows.
    pub null_ratio: Option<f64>,
    /// Different values, NULL not counted; none for types without equality.
    pub distinct: Option<i64>,
    /// The least value as text; none for types without order.
    pub min: Option<String>,
    /// The greatest.
    pub max: Option<String>,
    /// Some of its values.
    pub sample: Vec<Option<String>>,
}

/// What was found of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct TableFigures {
    /// What was asked for.
    pub asked: Depth,
    /// Of all rows or not.
    pub method: Depth,
    /// How many rows it has, or may have.
    pub rows: Option<i64>,
    /// How many were read.
    pub sampled_rows: i64,
    /// How many might be read.
    pub max_rows: i64,
    /// Its columns.
    pub columns: Vec<ColumnFigures>,
}

/// Which columns figures are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// All of the table.
    Table,
    /// Some of its columns; what is known of the others stays.
    Columns,
}

/// A table of which a scan may take statistics, and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub table: String,
    /// Its bytes.
    pub bytes: Option<i64>,
    /// Its last change.
    pub updated_at: Option<DateTime<Utc>>,
    /// The signature of its files.
    pub signature: Option<String>,
    /// Of all rows or not.
    pub known: Option<Depth>,
    /// What was asked for then.
    pub known_asked: Option<Depth>,
    /// The signature of the files that were read for that.
    pub known_signature: Option<String>,
    /// How many rows might be read for that.
    pub known_max_rows: i64,
}

/// Figures of a column as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StatisticsRecord {
    /// Name of the catalog.
    pub catalog_name: String,
    /// The schema.
    pub schema: String,
    /// The table.
    pub table: String,
    /// What was found; the sample is left out.
    pub figures: ColumnFigures,
    /// How many rows the table has, or may have.
    pub rows: Option<i64>,
    /// `full` or `sample`.
    pub method: String,
    /// How many rows were read.
    pub sampled_rows: i64,
    /// When.
    pub analyzed_at: DateTime<Utc>,
}

/// Values of a column as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleRecord {
    /// Name of the catalog.
    pub catalog_name: String,
    /// The schema.
    pub schema: String,
    /// The table.
    pub table: String,
    /// The column.
    pub column: String,
    /// The values.
    pub values: Vec<Option<String>>,
    /// When they were read.
    pub taken_at: DateTime<Utc>,
}

/// `$1` is the catalog, `$2` the tables as a JSON array of schema, name and what is wanted.
const WANT: Sql = Sql {
    sqlite: "INSERT INTO table_statistics (catalog_id, schema_name, table_name, wanted) \
        SELECT $1, value ->> 0, value ->> 1, value ->> 2 FROM json_each($2) WHERE true \
        ON CONFLICT (catalog_id, schema_name, table_name) DO UPDATE SET wanted = excluded.wanted, sqlstate = NULL, error = NULL",
    postgres: "INSERT INTO table_statistics (catalog_id, schema_name, table_name, wanted) \
        SELECT $1, value ->> 0, value ->> 1, value ->> 2 FROM json_array_elements(CAST($2 AS json)) \
        ON CONFLICT (catalog_id, schema_name, table_name) DO UPDATE SET wanted = excluded.wanted, sqlstate = NULL, error = NULL",
};

/// `$1`, `$2` and `$3` are the table, `$4` its columns as a JSON array, `$5` its rows, `$6` the method, `$7` the rows that were read, `$8` the moment.
const COLUMNS: Sql = Sql {
    sqlite: "INSERT INTO column_statistics (catalog_id, schema_name, table_name, column_name, ordinal_position, null_ratio, \
        distinct_count, min_value, max_value, sample, sample_bytes, row_count, method, sampled_rows, analyzed_at) \
        SELECT $1, $2, $3, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7, \
        $5, $6, $7, $8 FROM json_each($4) WHERE true \
        ON CONFLICT (catalog_id, schema_name, table_name, column_name) DO UPDATE SET ordinal_position = excluded.ordinal_position, \
        null_ratio = excluded.null_ratio, distinct_count = excluded.distinct_count, min_value = excluded.min_value, \
        max_value = excluded.max_value, sample = excluded.sample, sample_bytes = excluded.sample_bytes, row_count = excluded.row_count, \
        method = excluded.method, sampled_rows = excluded.sampled_rows, analyzed_at = excluded.analyzed_at",
    postgres: "INSERT INTO column_statistics (catalog_id, schema_name, table_name, column_name, ordinal_position, null_ratio, \
        distinct_count, min_value, max_value, sample, sample_bytes, row_count, method, sampled_rows, analyzed_at) \
        SELECT $1, $2, $3, value ->> 0, CAST(value ->> 1 AS bigint), CAST(value ->> 2 AS double precision), \
        CAST(value ->> 3 AS bigint), value ->> 4, value ->> 5, CAST(value ->> 6 AS json), CAST(value ->> 7 AS bigint), \
        $5, $6, $7, $8 FROM json_array_elements(CAST($4 AS json)) \
        ON CONFLICT (catalog_id, schema_name, table_name, column_name) DO UPDATE SET ordinal_position = excluded.ordinal_position, \
        null_ratio = excluded.null_ratio, distinct_count = excluded.distinct_count, min_value = excluded.min_value, \
        max_value = excluded.max_value, sample = excluded.sample, sample_bytes = excluded.sample_bytes, row_count = excluded.row_count, \
        method = excluded.method, sampled_rows = excluded.sampled_rows, analyzed_at = excluded.analyzed_at",
};

/// The repository of statistics.
pub struct Statistics<'m> {
    pub(crate) store: &'m Metastore,
}

impl Statistics<'_> {
    /// Tables of the scope that a scan has found, without views, after this one in the order of names.
    pub async fn candidates(
        &self,
        catalog: Uuid,
        scope: &ScanScope,
        after: Option<&Candidate>,
        limit: i64,
    ) -> Result<Vec<Candidate>> {
        let (schema, table) = after.map_or(("", ""), |c| (c.schema.as_str(), c.table.as_str()));
        let list = |db: Pool| async move {
            let rows = db
                .query(
                    "SELECT t.schema_name, t.table_name, t.bytes, t.updated_at, t.signature, s.asked, s.method, \
                     s.signature AS known_signature, s.max_rows, s.error \
                     FROM scanned_tables t LEFT JOIN table_statistics s \
                     ON s.catalog_id = t.catalog_id AND s.schema_name = t.schema_name AND s.table_name = t.table_name \
                     WHERE t.catalog_id = $1 AND (t.schema_name, t.table_name) > ($2, $3) \
                     AND ($4 IS NULL OR t.schema_name = $4) AND ($5 IS NULL OR t.table_name = $5) \
                     AND t.shape ->> 'kind' = 'table' ORDER BY t.schema_name, t.table_name LIMIT $6",
                )
                .bind(Id(catalog))
                .bind(schema)
                .bind(table)
                .bind(&scope.schema)
                .bind(&scope.table)
                .bind(limit)
                .fetch_all()
                .await?;
            Ok(rows.iter().map(candidate).collect::<Result<_, _>>()?)
        };
        self.store.read(list).await
    }

    /// Notes what a scan sets out to find of these tables.
    pub async fn want(&self, catalog: Uuid, wanted: &[(Candidate, Depth)]) -> Result<()> {
        let rows = wanted.iter().map(|(table, depth)| json!([table.schema, table.table, depth.to_string()]));
        let rows = Value::Array(rows.collect()).to_string();
        let want = |db: Pool| async move {
            db.query(WANT).bind(Id(catalog)).bind(rows).execute().await?;
            Ok(())
        };
        self.store.write(want).await
    }

    /// Notes why nothing was found of a table.
    pub async fn failed(&self, table: &TableKey, error: &Error) -> Result<()> {
        let failed = |db: Pool| async move {
            db.query(
                "UPDATE table_statistics SET sqlstate = $4, error = $5 WHERE catalog_id = $1 AND schema_name = $2 AND table_name = $3",
            )
            .bind(Id(table.catalog))
            .bind(&table.schema)
            .bind(&table.table)
            .bind(error.kind().sqlstate())
            .bind(error.message())
            .execute()
            .await?;
            Ok(())
        };
        self.store.write(failed).await
    }

    /// Keeps what was found. `signature` is that of the files that were read.
    pub async fn store(
        &self,
        table: &TableKey,
        figures: &TableFigures,
        extent: Extent,
        signature: Option<&str>,
    ) -> Result<()> {
        let columns = Value::Array(figures.columns.iter().map(row).collect()).to_string();
        let store = |db: Pool| async move {
            let mut transaction = db.begin().await?;
            let now = now();
            if extent == Extent::Table {
                whole(&mut transaction, table, figures, signature, now).await?;
            }
            transaction
                .query(COLUMNS)
                .bind(Id(table.catalog))
                .bind(&table.schema)
                .bind(&table.table)
                .bind(columns)
                .bind(figures.rows)
                .bind(figures.method.to_string())
                .bind(figures.sampled_rows)
                .bind(now)
                .execute()
                .await?;
            transaction.commit().await?;
            Ok(())
        };
        self.store.write(store).await
    }

    /// Lets the oldest samples go until all of them have so many bytes at most.
    pub async fn trim(&self, bytes: u64) -> Result<()> {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        let trim = |db: Pool| async move {
            db.query(
                "UPDATE column_statistics SET sample = NULL, sample_bytes = 0 \
                 WHERE (catalog_id, schema_name, table_name, column_name) IN ( \
                     SELECT catalog_id, schema_name, table_name, column_name FROM ( \
                         SELECT catalog_id, schema_name, table_name, column_name, sum(sample_bytes) \
                             OVER (ORDER BY analyzed_at DESC, catalog_id, schema_name, table_name, column_name) AS bytes \
                         FROM column_statistics WHERE sample_bytes > 0) AS kept \
                     WHERE bytes > $1)",
            )
            .bind(bytes)
            .execute()
            .await?;
            Ok(())
        };
        self.store.write(trim).await
    }

    /// Every figure, of catalogs that there are.
    pub async fn list(&self) -> Result<Vec<StatisticsRecord>> {
        let sql = "SELECT c.name AS catalog_name, s.schema_name, s.table_name, s.column_name, s.ordinal_position, s.row_count, s.null_ratio, \
                   s.distinct_count, s.min_value, s.max_value, s.method, s.sampled_rows, s.analyzed_at \
                   FROM column_statistics s JOIN catalogs c ON c.id = s.catalog_id WHERE c.deleted_at IS NULL \
                   ORDER BY c.name, s.schema_name, s.table_name, s.ordinal_position";
        self.rows(sql, record).await
    }

    /// Every sample, of catalogs that there are.
    pub async fn samples(&self) -> Result<Vec<SampleRecord>> {
        let sql = "SELECT c.name AS catalog_name, s.schema_name, s.table_name, s.column_name, s.sample, s.analyzed_at \
                   FROM column_statistics s JOIN catalogs c ON c.id = s.catalog_id WHERE c.deleted_at IS NULL AND s.sample IS NOT NULL \
                   ORDER BY c.name, s.schema_name, s.table_name, s.ordinal_position";
        self.rows(sql, sample).await
    }

    async fn rows<T>(&self, sql: &'static str, read: fn(&Row) -> Result<T, sqlx::Error>) -> Result<Vec<T>> {
        let list = |db: Pool| async move {
            let rows = db.query(sql).fetch_all().await?;
            Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
        };
        self.store.read(list).await
    }
}

fn row(column: &ColumnFigures) -> Value {
    let sample = json!(column.sample).to_string();
    let bytes = sample.len();
    json!([column.name, column.position, column.null_ratio, column.distinct, column.min, column.max, sample, bytes])
}

/// What is known of the table as a whole; what is known of its columns makes room.
async fn whole(
    transaction: &mut Transaction,
    table: &TableKey,
    figures: &TableFigures,
    signature: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    transaction
        .query(
            "INSERT INTO table_statistics (catalog_id, schema_name, table_name, asked, method, row_count, sampled_rows, max_rows, signature, analyzed_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (catalog_id, schema_name, table_name) DO UPDATE SET wanted = NULL, \
             asked = excluded.asked, method = excluded.method, row_count = excluded.row_count, sampled_rows = excluded.sampled_rows, \
             max_rows = excluded.max_rows, signature = excluded.signature, sqlstate = NULL, error = NULL, analyzed_at = excluded.analyzed_at",
        )
        .bind(Id(table.catalog))
        .bind(&table.schema)
        .bind(&table.table)
        .bind(figures.asked.to_string())
        .bind(figures.method.to_string())
        .bind(figures.rows)
        .bind(figures.sampled_rows)
        .bind(figures.max_rows)
        .bind(signature)
        .bind(now)
        .execute()
        .await?;
    transaction
        .query("DELETE FROM column_statistics WHERE catalog_id = $1 AND schema_name = $2 AND table_name = $3")
        .bind(Id(table.catalog))
        .bind(&table.schema)
        .bind(&table.table)
        .execute()
        .await?;
    Ok(())
}

fn candidate(row: &Row) -> Result<Candidate, sqlx::Error> {
    let failed: Option<String> = row.try_get("error")?;
    Ok(Candidate {
        schema: row.try_get("schema_name")?,
        table: row.try_get("table_name")?,
        bytes: row.try_get("bytes")?,
        updated_at: row.try_get("updated_at")?,
        signature: row.try_get("signature")?,
        known: Depth::of(row.try_get("method")?).filter(|_| failed.is_none()),
        known_asked: Depth::of(row.try_get("asked")?),
        known_signature: row.try_get("known_signature")?,
        known_max_rows: row.try_get::<Option<i64>>("max_rows")?.unwrap_or(0),
    })
}

fn record(row: &Row) -> Result<StatisticsRecord, sqlx::Error> {
    Ok(StatisticsRecord {
        catalog_name: row.try_get("catalog_name")?,
        schema: row.try_get("schema_name")?,
        table: row.try_get("table_name")?,
        figures: ColumnFigures {
            name: row.try_get("column_name")?,
            position: row.try_get("ordinal_position")?,
            null_ratio: row.try_get("null_ratio")?,
            distinct: row.try_get("distinct_count")?,
            min: row.try_get("min_value")?,
            max: row.try_get("max_value")?,
            sample: Vec::new(),
        },
        rows: row.try_get("row_count")?,
        method: row.try_get("method")?,
        sampled_rows: row.try_get("sampled_rows")?,
        analyzed_at: row.try_get("analyzed_at")?,
    })
}

fn sample(row: &Row) -> Result<SampleRecord, sqlx::Error> {
    let values: Document = row.try_get("sample")?;
    Ok(SampleRecord {
        catalog_name: row.try_get("catalog_name")?,
        schema: row.try_get("schema_name")?,
        table: row.try_get("table_name")?,
        column: row.try_get("column_name")?,
        values: serde_json::from_str(&values.0).map_err(|e| sqlx::Error::Decode(Box::new(e)))?,
        taken_at: row.try_get("analyzed_at")?,
    })
}
