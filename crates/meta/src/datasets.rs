//! Datasets: queries that are kept as views, with their versions, tables of the lake, and where their columns come from. It must not know what a query means.

use crate::db::{Document, Id, Pool, Row, Transaction, now};
use crate::error::Failure;
use crate::lake_files::{self, LakeFile};
use crate::store::Metastore;
use crate::versions::{Part, newest, note};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::to_string;
use std::collections::HashMap;
use uuid::Uuid;
use weft_core::{Error, ErrorKind, Result};

/// A dataset as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatasetRecord {
    /// Its id, which it keeps whatever changes.
    pub id: Uuid,
    /// Its schema in the lake.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: DatasetKind,
    /// The query of a view.
    pub definition: String,
    /// The catalog in which names of the query are looked up.
    pub catalog: String,
    /// The schemas in which they are looked up.
    pub search_path: Vec<String>,
    /// Its columns.
    pub columns: Vec<DatasetColumn>,
    /// Who created it.
    pub owner: String,
    /// Which of its queries this is, from 1.
    pub version: i64,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
}

/// What a dataset is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatasetKind {
    /// A query.
    View,
    /// Rows in files.
    Table,
}

impl DatasetKind {
    /// As SQL calls it.
    pub fn word(self) -> &'static str {
        match self {
            DatasetKind::View => "view",
            DatasetKind::Table => "table",
        }
    }
}

/// A column of a dataset.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetColumn {
    /// Its name.
    pub name: String,
    /// Its type when the dataset was created, as SQL spells it.
    #[serde(rename = "type")]
    pub data_type: String,
    /// What the query calls it, if that is another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query_name: Option<String>,
    /// `dimension` or `measure`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// How its values are to be written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// How its values are put together, unless said otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aggregate: Option<String>,
    /// Whether each row of a table has a value of it: NOT NULL.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// The most characters that a value of a table may have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<u64>,
}

/// Where something of a dataset comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// The dataset's column; nothing for its rows.
    pub column: Option<String>,
    /// The catalog of the source.
    pub source_catalog: String,
    /// Its schema.
    pub source_schema: String,
    /// Its table.
    pub source_table: String,
    /// The table's column; nothing for its rows.
    pub source_column: Option<String>,
}

/// A change of datasets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatasetChange {
    /// A new one, or a new version of the one that it has the id of.
    Put {
        /// As it is to be.
        dataset: DatasetRecord,
        /// Where it comes from.
        origins: Vec<Origin>,
    },
    /// What is told of its columns, or its name.
    Update {
        /// Its name so far.
        before: String,
        /// As it is to be.
        dataset: DatasetRecord,
    },
    /// A table has more rows.
    Append {
        /// The table.
        dataset: DatasetRecord,
        /// In which files they are.
        files: Vec<LakeFile>,
    },
    /// Some are dropped.
    Drop(Vec<DatasetRecord>),
}

/// The repository of datasets. Dropped ones keep their row and are not seen.
pub struct Datasets<'m> {
    pub(crate) store: &'m Metastore,
}

impl Datasets<'_> {
    /// Every dataset, by name.
    pub async fn list(&self) -> Result<Vec<DatasetRecord>> {
        let list = |db: Pool| async move {
            let rows = db
                .query("SELECT * FROM datasets WHERE deleted_at IS NULL ORDER BY schema_name, name")
                .fetch_all()
                .await?;
            Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
        };
        self.store.read(list).await
    }

    /// The dataset of this name.
    pub async fn get(&self, schema: &str, name: &str) -> Result<Option<DatasetRecord>> {
        let get = |db: Pool| async move {
            let sql = "SELECT * FROM datasets WHERE schema_name = $1 AND name = $2 AND deleted_at IS NULL";
            Ok(db.query(sql).bind(schema).bind(name).fetch_optional().await?.map(|row| read(&row)).transpose()?)
        };
        self.store.read(get).await
    }

    /// The version in which one of them, or rows of one, was changed last: as long as it is the same, so are all.
    pub async fn stamp(&self) -> Result<Option<i64>> {
        let stamp =
            |db: Pool| async move { Ok(newest(&db, Part::Datasets).await?.max(newest(&db, Part::Rows).await?)) };
        self.store.read(stamp).await
    }

    /// Makes changes, each with who makes it: all of them or none, in their order. 42P07 if a name is taken, 55006 if a dataset is no longer what it was.
    pub async fn apply(&self, changes: &[(DatasetChange, String)]) -> Result<()> {
        let apply = |db: Pool| async move {
            let mut transaction = db.begin().await?;
            let mut written = HashMap::new();
            for (change, author) in changes {
                match change {
                    DatasetChange::Put { dataset, origins } => {
                        put(&mut transaction, &mut written, dataset, origins, author).await?;
                    }
                    DatasetChange::Update { before, dataset } => {
                        update(&mut transaction, &mut written, before, dataset, author).await?;
                    }
                    DatasetChange::Append { dataset, files } => {
                        lake_files::append(&mut transaction, dataset, files, author).await?;
                    }
                    DatasetChange::Drop(datasets) => drop(&mut transaction, datasets, author).await?,
                }
            }
            Ok(transaction.commit().await?)
        };
        self.store.write(apply).await
    }

    /// Brings back the dataset of this kind and name that was dropped last; tells whether there was one. 42P07 if the name is taken by now.
    pub async fn undrop(&self, kind: DatasetKind, schema: &str, name: &str, author: &str) -> Result<bool> {
        let undrop = |db: Pool| async move {
            let mut transaction = db.begin().await?;
            let done = transaction
                .query(
                    "UPDATE datasets SET deleted_at = NULL, updated_at = $3 WHERE id = (SELECT id FROM datasets \
                     WHERE schema_name = $1 AND name = $2 AND kind = $4 AND deleted_at IS NOT NULL ORDER BY deleted_at DESC LIMIT 1)",
                )
                .bind(schema)
                .bind(name)
                .bind(now())
                .bind(kind.word())
                .execute()
                .await;
            let found = done.map_err(|e| taken(e, name))? > 0;
            if found {
                note(&mut transaction, Part::Datasets, name, author).await?;
            }
            transaction.commit().await?;
            Ok(found)
        };
        self.store.write(undrop).await
    }

    /// Where everything in all datasets comes from, with the id of each dataset.
    pub async fn lineage(&self) -> Result<Vec<(Uuid, Origin)>> {
        let lineage = |db: Pool| async move {
            let sql = "SELECT l.* FROM lineage l JOIN datasets d ON d.id = l.dataset_id WHERE d.deleted_at IS NULL \
                       ORDER BY d.schema_name, d.name, l.column_name, l.source_catalog, l.source_schema, l.source_table, l.source_column";
            let rows = db.query(sql).fetch_all().await?;
            Ok(rows.iter().map(origin).collect::<Result<_, _>>()?)
        };
        self.store.read(lineage).await
    }
}

/// When datasets were written by changes of the same transaction that came before: what the next one finds.
type Written = HashMap<Uuid, DateTime<Utc>>;

async fn put(
    transaction: &mut Transaction,
    written: &mut Written,
    dataset: &DatasetRecord,
    origins: &[Origin],
    author: &str,
) -> Result<(), Failure> {
    let (search_path, columns) = (document(&dataset.search_path)?, document(&dataset.columns)?);
    let now = now();
    let stored = transaction
        .query(
            "INSERT INTO datasets (id, schema_name, name, definition, catalog_name, search_path, columns, owner, version, created_at, updated_at, kind) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $13) ON CONFLICT (id) DO UPDATE SET definition = excluded.definition, \
             catalog_name = excluded.catalog_name, search_path = excluded.search_path, columns = excluded.columns, \
             version = excluded.version, updated_at = excluded.updated_at \
             WHERE datasets.deleted_at IS NULL AND datasets.updated_at = $12",
        )
        .bind(Id(dataset.id))
        .bind(&dataset.schema)
        .bind(&dataset.name)
        .bind(&dataset.definition)
        .bind(&dataset.catalog)
        .bind(&search_path)
        .bind(&columns)
        .bind(&dataset.owner)
        .bind(dataset.version)
        .bind(dataset.created_at)
        .bind(now)
        .bind(*written.get(&dataset.id).unwrap_or(&dataset.updated_at))
        .bind(dataset.kind.word())
        .execute()
        .await;
    if stored.map_err(|e| taken(e, &dataset.name))? == 0 {
        return Err(changed(dataset).into());
    }
    written.insert(dataset.id, now);
    transaction
        .query("INSERT INTO dataset_versions (dataset_id, version, definition, author, created_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(Id(dataset.id))
        .bind(dataset.version)
        .bind(&dataset.definition)
        .bind(author)
        .bind(now)
        .execute()
        .await
        .map_err(|e| raced(e, dataset))?;
    trace(transaction, dataset.id, origins).await?;
    note(transaction, Part::Datasets, &dataset.name, author).await
}

async fn update(
    transaction: &mut Transaction,
    written: &mut Written,
    before: &str,
    dataset: &DatasetRecord,
    author: &str,
) -> Result<(), Failure> {
    let columns = document(&dataset.columns)?;
    let now = now();
    let sql = "UPDATE datasets SET name = $2, columns = $3, updated_at = $4 WHERE id = $1 AND deleted_at IS NULL AND updated_at = $5";
    let done = transaction
        .query(sql)
        .bind(Id(dataset.id))
        .bind(&dataset.name)
        .bind(&columns)
        .bind(now)
        .bind(*written.get(&dataset.id).unwrap_or(&dataset.updated_at))
        .execute()
        .await;
    if done.map_err(|e| taken(e, &dataset.name))? == 0 {
        return Err(changed(dataset).into());
    }
    written.insert(dataset.id, now);
    note(transaction, Part::Datasets, &dataset.name, author).await?;
    follow_name(transaction, &dataset.schema, before, &dataset.name).await?;
    note(transaction, Part::Annotations, &dataset.name, author).await
}

/// Marks datasets as dropped.
async fn drop(transaction: &mut Transaction, datasets: &[DatasetRecord], author: &str) -> Result<(), Failure> {
    for dataset in datasets {
        let sql = "UPDATE datasets SET deleted_at = $2, updated_at = $2 WHERE id = $1 AND deleted_at IS NULL";
        transaction.query(sql).bind(Id(dataset.id)).bind(now()).execute().await?;
        note(transaction, Part::Datasets, &dataset.name, author).await?;
    }
    Ok(())
}

/// What people say of a dataset goes with its name.
async fn follow_name(transaction: &mut Transaction, schema: &str, before: &str, after: &str) -> Result<(), Failure> {
    if before == after {
        return Ok(());
    }
    for sql in [
        "DELETE FROM annotations WHERE catalog_id = $1 AND schema_name = $2 AND table_name = $3",
        "DELETE FROM tags WHERE catalog_id = $1 AND schema_name = $2 AND table_name = $3",
        "DELETE FROM favorites WHERE catalog_id = $1 AND schema_name = $2 AND table_name = $3",
    ] {
        transaction.query(sql).bind(Id(Uuid::nil())).bind(schema).bind(after).execute().await?;
    }
    for sql in [
        "UPDATE annotations SET table_name = $4 WHERE catalog_id = $1 AND schema_name = $2 AND table_name = $3",
        "UPDATE tags SET table_name = $4 WHERE catalog_id = $1 AND schema_name = $2 AND table_name = $3",
        "UPDATE favorites SET table_name = $4 WHERE catalog_id = $1 AND schema_name = $2 AND table_name = $3",
    ] {
        transaction.query(sql).bind(Id(Uuid::nil())).bind(schema).bind(before).bind(after).execute().await?;
    }
    Ok(())
}

/// Takes note of where a dataset comes from.
async fn trace(transaction: &mut Transaction, id: Uuid, origins: &[Origin]) -> Result<(), Failure> {
    transaction.query("DELETE FROM lineage WHERE dataset_id = $1").bind(Id(id)).execute().await?;
    for origin in origins {
        transaction
            .query(
                "INSERT INTO lineage (dataset_id, column_name, source_catalog, source_schema, source_table, source_column) \
                 VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            )
            .bind(Id(id))
            .bind(origin.column.as_deref().unwrap_or_default())
            .bind(&origin.source_catalog)
            .bind(&origin.source_schema)
            .bind(&origin.source_table)
            .bind(origin.source_column.as_deref().unwrap_or_default())
            .execute()
            .await?;
    }
    Ok(())
}

fn document(value: &impl Serialize) -> Result<Document> {
    to_string(value).map(Document).map_err(|e| Error::internal("a dataset is no JSON").with_source(e))
}

fn taken(error: sqlx::Error, name: &str) -> Failure {
    match error {
        sqlx::Error::Database(e) if e.is_unique_violation() => {
            Error::new(ErrorKind::DuplicateTable, format!("relation \"{name}\" already exists")).into()
        }
        e => e.into(),
    }
}

/// Two sessions have made the same version.
fn raced(error: sqlx::Error, dataset: &DatasetRecord) -> Failure {
    match error {
        sqlx::Error::Database(e) if e.is_unique_violation() => changed(dataset).into(),
        e => e.into(),
    }
}

fn changed(dataset: &DatasetRecord) -> Error {
    let message = format!("{} \"{}\" was changed by another session", dataset.kind.word(), dataset.name);
    Error::new(ErrorKind::ObjectInUse, message)
        .with_hint("Look at it again, and repeat the statement if it still applies.")
}

fn read(row: &Row) -> Result<DatasetRecord, sqlx::Error> {
    Ok(DatasetRecord {
        id: row.id()?,
        schema: row.try_get("schema_name")?,
        name: row.try_get("name")?,
        kind: if row.try_get::<String>("kind")? == "table" { DatasetKind::Table } else { DatasetKind::View },
        definition: row.try_get("definition")?,
        catalog: row.try_get("catalog_name")?,
        search_path: list(row, "search_path")?,
        columns: list(row, "columns")?,
        owner: row.try_get("owner")?,
        version: row.try_get("version")?,
        created_at: row.try_get("created_at")?,
        updated_at: row.try_get("updated_at")?,
    })
}

fn list<T: for<'d> Deserialize<'d>>(row: &Row, column: &str) -> Result<Vec<T>, sqlx::Error> {
    let text: Document = row.try_get(column)?;
    serde_json::from_str(&text.0).map_err(|e| sqlx::Error::Decode(Box::new(e)))
}

fn origin(row: &Row) -> Result<(Uuid, Origin), sqlx::Error> {
    let some = |text: String| Some(text).filter(|t| !t.is_empty());
    let origin = Origin {
        column: some(row.try_get("column_name")?),
        source_catalog: row.try_get("source_catalog")?,
        source_schema: row.try_get("source_schema")?,
        source_table: row.try_get("source_table")?,
        source_column: some(row.try_get("source_column")?),
    };
    Ok((row.uuid("dataset_id")?, origin))
}
