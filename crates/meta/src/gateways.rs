//! The gateways that use this store: their signs of life, by which others learn that one has gone. It must not know what a gateway does.

use crate::db::{Id, Pool, Query, Row, Sql, Transaction, now};
use crate::store::Metastore;
use chrono::{DateTime, TimeDelta, Utc};
use std::time::Duration;
use uuid::Uuid;
use weft_core::Result;

/// How often a gateway gives a sign of life.
pub const BEAT: Duration = Duration::from_secs(5);

/// A gateway that has given none for so long has gone.
const GONE: TimeDelta = TimeDelta::seconds(20);

/// The ids of those that live; `$1` is the moment since when that must be known.
const LIVING: Sql = Sql {
    sqlite: "SELECT id FROM gateways WHERE seen_at >= $1",
    postgres: "SELECT id FROM gateways WHERE seen_at >= clock_timestamp() - interval '20 seconds'",
};

/// A gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayRecord {
    /// Its id, which it keeps when it starts again.
    pub id: Uuid,
    /// Where it runs.
    pub name: String,
    /// When it started last.
    pub started_at: DateTime<Utc>,
    /// Its last sign of life.
    pub seen_at: DateTime<Utc>,
}

/// The repository of gateways.
pub struct Gateways<'m> {
    pub(crate) store: &'m Metastore,
}

impl Gateways<'_> {
    /// A gateway begins. A file has one at a time: others have gone.
    pub async fn enter(&self, id: Uuid, name: &str) -> Result<()> {
        let enter = |db: Pool| async move {
            let mut transaction = db.begin().await?;
            if !db.is_shared() {
                transaction.query("DELETE FROM gateways").execute().await?;
            }
            beat(transaction.query(BEAT_SQL), id, name).await?;
            transaction.query("UPDATE gateways SET started_at = seen_at WHERE id = $1").bind(Id(id)).execute().await?;
            Ok(transaction.commit().await?)
        };
        self.store.write(enter).await
    }

    /// A sign of life.
    pub async fn beat(&self, id: Uuid, name: &str) -> Result<()> {
        // It waits for no other writer: a gateway lives while another one writes for long.
        let beat = |db: Pool| async move { Ok(beat(db.query(BEAT_SQL), id, name).await?) };
        self.store.write(beat).await
    }

    /// A gateway ends as it should.
    pub async fn leave(&self, id: Uuid) -> Result<()> {
        let leave = |db: Pool| async move {
            db.query("DELETE FROM gateways WHERE id = $1").bind(Id(id)).execute().await?;
            Ok(())
        };
        self.store.write(leave).await
    }

    /// Those that have not gone for long, by name.
    pub async fn list(&self) -> Result<Vec<GatewayRecord>> {
        let list = |db: Pool| async move {
            let rows = db.query("SELECT * FROM gateways ORDER BY name, id").fetch_all().await?;
            Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
        };
        self.store.read(list).await
    }
}

/// PostgreSQL's own clock counts, for gateways' clocks differ: it leaves `$3` aside.
const BEAT_SQL: Sql = Sql {
    sqlite: "INSERT INTO gateways (id, name, started_at, seen_at) VALUES ($1, $2, $3, $3) \
        ON CONFLICT (id) DO UPDATE SET name = excluded.name, seen_at = excluded.seen_at",
    postgres: "INSERT INTO gateways (id, name, started_at, seen_at) VALUES ($1, $2, clock_timestamp(), clock_timestamp()) \
        ON CONFLICT (id) DO UPDATE SET name = excluded.name, seen_at = excluded.seen_at",
};

async fn beat(query: Query<'_>, id: Uuid, name: &str) -> Result<(), sqlx::Error> {
    query.bind(Id(id)).bind(name).bind(now()).execute().await.map(|_| ())
}

/// The ids of those that live.
pub(crate) async fn living(transaction: &mut Transaction) -> Result<Vec<Uuid>, sqlx::Error> {
    let rows = transaction.query(LIVING).bind(now() - GONE).fetch_all().await?;
    rows.iter().map(Row::id).collect()
}

fn read(row: &Row) -> Result<GatewayRecord, sqlx::Error> {
    Ok(GatewayRecord {
        id: row.id()?,
        name: row.try_get("name")?,
        started_at: row.try_get("started_at")?,
        seen_at: row.try_get("seen_at")?,
    })
}
