//! The copy of a server's content in a local file, from which reads are answered while the server is away. It follows the versions of the content: what
//! has not changed is not copied. What scans have staged is not copied at all. It must not know when the copy is read.

use crate::db::{Document, Id, Pool, Row, Transaction};
use crate::error::Failure;
use chrono::{DateTime, Utc};
use sqlx::types::Json;
use std::collections::BTreeMap;
use tables::{Kind, TABLES, Table};
use uuid::Uuid;

mod tables;

/// Scanned tables that are read at a time.
const PAGE: i64 = 500;

/// Brings the copy up to date; tells the number of the version that it has.
pub(crate) async fn follow(server: &Pool, copy: &Pool) -> Result<i64, Failure> {
    const NEWEST: &str = "SELECT coalesce(max(number), 0) AS number FROM versions";
    let known: i64 = copy.query(NEWEST).fetch_one().await?.try_get("number")?;
    let newest: i64 = server.query(NEWEST).fetch_one().await?.try_get("number")?;
    if known == newest {
        return Ok(newest);
    }
    let mut from = server.snapshot().await?;
    let mut to = copy.begin().await?;
    to.query("PRAGMA defer_foreign_keys = ON").execute().await?;
    let newest: i64 = from.query(NEWEST).fetch_one().await?.try_get("number")?;
    let scanned = scanned_since(&mut from, known).await?;
    for table in TABLES {
        copy_table(&mut from, &mut to, table).await?;
    }
    for catalog in scanned {
        copy_scanned_tables(&mut from, &mut to, catalog).await?;
    }
    to.commit().await?;
    Ok(newest)
}

/// Replaces the rows of a table.
async fn copy_table(from: &mut Transaction, to: &mut Transaction, table: &Table) -> Result<(), Failure> {
    let rows = from.query(table.select).fetch_all().await?;
    to.query(table.clear).execute().await?;
    for row in &rows {
        insert(to, table, row).await?;
    }
    Ok(())
}

async fn insert(to: &mut Transaction, table: &Table, row: &Row) -> Result<(), sqlx::Error> {
    let mut query = to.query(table.insert);
    for (column, kind) in table.columns {
        query = match kind {
            Kind::Id => query.bind(row.try_get::<Option<Id>>(column)?),
            Kind::Text => query.bind(row.try_get::<Option<String>>(column)?),
            Kind::Number => query.bind(row.try_get::<Option<i64>>(column)?),
            Kind::Real => query.bind(row.try_get::<Option<f64>>(column)?),
            Kind::Truth => query.bind(row.try_get::<Option<bool>>(column)?),
            Kind::Time => query.bind(row.try_get::<Option<DateTime<Utc>>>(column)?),
            Kind::Bytes => query.bind(row.try_get::<Option<Vec<u8>>>(column)?),
            Kind::Texts => query.bind(row.try_get::<Option<Json<BTreeMap<String, String>>>>(column)?),
            Kind::Document => query.bind(row.try_get::<Option<Document>>(column)?.map(|document| document.0)),
        };
    }
    query.execute().await.map(|_| ())
}

/// The catalogs that were scanned after a version; all that ever were, if it is too old to tell.
async fn scanned_since(from: &mut Transaction, known: i64) -> Result<Vec<Uuid>, Failure> {
    let rows = from
        .query(
            "SELECT id FROM catalogs WHERE name IN (SELECT object FROM versions WHERE part = 'scans' AND number > $1) \
             UNION SELECT catalog_id AS id FROM scanned_tables WHERE (SELECT min(number) FROM versions) > $1",
        )
        .bind(known)
        .fetch_all()
        .await?;
    Ok(rows.iter().map(Row::id).collect::<Result<_, _>>()?)
}

/// Brings the tables of one catalog up to date; those that are the same are not written, for the search would index them anew.
async fn copy_scanned_tables(from: &mut Transaction, to: &mut Transaction, catalog: Uuid) -> Result<(), Failure> {
    const GONE: &str = "UPDATE scanned_tables SET catalog_id = '-' || catalog_id WHERE catalog_id = $1";
    to.query(GONE).bind(Id(catalog)).execute().await?;
    let mut last = i64::MIN;
    loop {
        let rows = from
            .query(
                "SELECT id, catalog_id, schema_name, table_name, row_count, bytes, updated_at, shape, signature FROM scanned_tables \
                 WHERE catalog_id = $1 AND id > $2 ORDER BY id LIMIT $3",
            )
            .bind(Id(catalog))
            .bind(last)
            .bind(PAGE)
            .fetch_all()
            .await?;
        let Some(end) = rows.last() else { break };
        last = end.try_get("id")?;
        for row in &rows {
            for sql in tables::SCANNED_TABLE {
                to.query(sql)
                    .bind(Id(catalog))
                    .bind(row.try_get::<String>("schema_name")?)
                    .bind(row.try_get::<String>("table_name")?)
                    .bind(row.try_get::<Option<i64>>("row_count")?)
                    .bind(row.try_get::<Option<i64>>("bytes")?)
                    .bind(row.try_get::<Option<DateTime<Utc>>>("updated_at")?)
                    .bind(row.try_get::<Document>("shape")?.0)
                    .bind(row.try_get::<Option<String>>("signature")?)
                    .execute()
                    .await?;
            }
        }
    }
    to.query("DELETE FROM scanned_tables WHERE catalog_id = '-' || $1").bind(Id(catalog)).execute().await?;
    Ok(())
}
