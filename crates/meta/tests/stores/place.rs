//! Where a test keeps its metastore.

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use tempfile::TempDir;
use weft_core::{Result, Secret};
use weft_meta::Metastore;
use weft_testkit::Postgres;

/// A folder with the key and perhaps the database, and perhaps a server.
pub struct Place {
    pub folder: TempDir,
    pub server: Option<Postgres>,
}

impl Place {
    pub fn sqlite() -> Place {
        Place { folder: tempfile::tempdir().expect("a folder"), server: None }
    }

    pub fn postgres() -> Place {
        Place { server: Some(Postgres::start().expect("a server")), ..Place::sqlite() }
    }

    pub fn database(&self) -> PathBuf {
        self.folder.path().join("meta.db")
    }

    pub fn key(&self) -> PathBuf {
        self.folder.path().join("master-key")
    }

    /// A file for the copy of a server: each gateway has its own.
    pub fn copy(&self) -> PathBuf {
        self.folder.path().join(format!("{}.db", uuid::Uuid::now_v7()))
    }

    pub async fn try_open(&self) -> Result<Arc<Metastore>> {
        match &self.server {
            None => Metastore::open_sqlite(&self.database(), &self.key()).await,
            Some(server) => Metastore::open_postgres(&Secret::new(server.url()), &self.key(), &self.copy()).await,
        }
    }

    pub async fn open(&self) -> Arc<Metastore> {
        self.try_open().await.expect("opened")
    }

    /// Runs a statement behind the back of the metastore; `bytes'…'` is a literal of bytes.
    pub async fn run(&self, sql: &str) {
        match &self.server {
            None => {
                let url = format!("sqlite://{}", self.database().display());
                let pool = sqlx::SqlitePool::connect(&url).await.expect("a pool");
                let sql = sql.replace("bytes'", "x'");
                sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&pool).await.expect("run");
                pool.close().await;
            }
            Some(server) => {
                let options = PgConnectOptions::from_str(&server.url()).expect("a URL");
                let options = options.options([("search_path", "system,manager,metadata")]);
                let pool = PgPoolOptions::new().connect_with(options).await.expect("a pool");
                let sql = sql.replace("bytes'", "'\\x");
                sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&pool).await.expect("run");
                pool.close().await;
            }
        }
    }
}
