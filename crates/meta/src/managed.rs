//! Which tables may be queried, where that was decided table by table. It must not know what is decided of all others.

use crate::db::{Id, Pool, Row, now};
use crate::store::Metastore;
use crate::versions::{Part, note};
use std::fmt;
use uuid::Uuid;
use weft_core::Result;
use weft_core::metadata::ScanScope;

/// Where a table stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ManageState {
    /// It may not be queried.
    Unmanaged,
    /// It may; nobody has looked at it closely yet.
    Pending,
    /// It is being looked at.
    Scanning,
    /// It was looked at.
    Ready,
    /// Looking at it met an error.
    Failed,
}

impl ManageState {
    const ALL: [ManageState; 5] =
        [ManageState::Unmanaged, ManageState::Pending, ManageState::Scanning, ManageState::Ready, ManageState::Failed];
}

impl fmt::Display for ManageState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ManageState::Unmanaged => "unmanaged",
            ManageState::Pending => "pending",
            ManageState::Scanning => "scanning",
            ManageState::Ready => "ready",
            ManageState::Failed => "failed",
        })
    }
}

/// What was decided of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagedRecord {
    /// Its catalog.
    pub catalog: Uuid,
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub table: String,
    /// Where it stands.
    pub state: ManageState,
    /// What looking at it met.
    pub error: Option<String>,
}

/// The repository of decisions.
pub struct Managed<'m> {
    pub(crate) store: &'m Metastore,
}

impl Managed<'_> {
    /// Every decision.
    pub async fn list(&self) -> Result<Vec<ManagedRecord>> {
        let list = |db: Pool| async move {
            let rows = db.query("SELECT * FROM managed").fetch_all().await?;
            Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
        };
        self.store.read(list).await
    }

    /// Decides of tables of a catalog, by schema and name.
    pub async fn decide(&self, catalog: Uuid, tables: &[(String, String)], state: ManageState, by: &str) -> Result<()> {
        let decide = |db: Pool| async move {
            let mut transaction = db.begin().await?;
            for (schema, table) in tables {
                transaction
                    .query(
                        "INSERT INTO managed (catalog_id, schema_name, table_name, state, changed_by, changed_at) VALUES ($1, $2, $3, $4, $5, $6) \
                         ON CONFLICT (catalog_id, schema_name, table_name) DO UPDATE SET state = excluded.state, error = NULL, \
                         changed_by = excluded.changed_by, changed_at = excluded.changed_at",
                    )
                    .bind(Id(catalog))
                    .bind(schema)
                    .bind(table)
                    .bind(state.to_string())
                    .bind(by)
                    .bind(now())
                    .execute()
                    .await?;
            }
            let what = tables.first().map_or_else(String::new, |(schema, table)| format!("{schema}.{table}"));
            note(&mut transaction, Part::Managed, &what, by).await?;
            Ok(transaction.commit().await?)
        };
        self.store.write(decide).await
    }

    /// Takes note of how far the look at managed tables within the scope has come.
    pub async fn progress(
        &self,
        catalog: Uuid,
        scope: &ScanScope,
        state: ManageState,
        error: Option<&str>,
        by: &str,
    ) -> Result<()> {
        let progress = |db: Pool| async move {
            let mut transaction = db.begin().await?;
            let changed = transaction
                .query(
                    "UPDATE managed SET state = $4, error = $5 WHERE catalog_id = $1 AND ($2 IS NULL OR schema_name = $2) \
                     AND ($3 IS NULL OR table_name = $3) AND state <> 'unmanaged' AND state <> $4",
                )
                .bind(Id(catalog))
                .bind(&scope.schema)
                .bind(&scope.table)
                .bind(state.to_string())
                .bind(error)
                .execute()
                .await?;
            if changed > 0 {
                note(&mut transaction, Part::Managed, scope.table.as_deref().unwrap_or_default(), by).await?;
            }
            Ok(transaction.commit().await?)
        };
        self.store.write(progress).await
    }
}

fn read(row: &Row) -> Result<ManagedRecord, sqlx::Error> {
    let state: String = row.try_get("state")?;
    let known = ManageState::ALL.into_iter().find(|s| s.to_string() == state);
    Ok(ManagedRecord {
        catalog: row.uuid("catalog_id")?,
        schema: row.try_get("schema_name")?,
        table: row.try_get("table_name")?,
        state: known.ok_or_else(|| sqlx::Error::Decode(format!("state {state}").into()))?,
        error: row.try_get("error")?,
    })
}
