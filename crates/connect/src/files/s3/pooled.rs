//! The connector of kind `s3`: one catalog of files for each of its stores, of which the one that serves answers. What one of them listed is never mixed
//! with what the other holds. It must not know when which of them serves.

use super::pool::StorePool;
use super::site::Site;
use crate::connector::{Connector, NodeCheck};
use crate::files::connector::FileConnector;
use async_trait::async_trait;
use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::timeout;
use weft_core::metadata::{ScanLevel, ScanScope, ScanSink};
use weft_core::relation::{Relation, TableEntry};
use weft_core::settings::Span;
use weft_core::store::StoreRole;
use weft_core::{Error, ErrorKind, Result};

/// The stores of a catalog.
#[derive(Debug)]
pub(crate) struct Pooled {
    pool: StorePool,
    primary: Member,
    backup: Option<Member>,
    /// How long a check of a store may take.
    patience: Duration,
}

/// One of the stores.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) site: Site,
    pub(crate) files: FileConnector,
}

impl Pooled {
    /// Looks at nothing yet. Whoever asks whether the source is there waits for `patience`.
    pub(crate) fn new(pool: StorePool, primary: Member, backup: Option<Member>, patience: Duration) -> Pooled {
        // A little less: who waits for all of them is to hear of each.
        Pooled { pool, primary, backup, patience: patience * 9 / 10 }
    }

    fn member(&self, role: StoreRole) -> &Member {
        match role {
            StoreRole::Primary => &self.primary,
            StoreRole::Backup => self.backup.as_ref().unwrap_or(&self.primary),
        }
    }

    fn members(&self) -> impl Iterator<Item = &Member> {
        std::iter::once(&self.primary).chain(&self.backup)
    }

    /// What the store that serves answers; if it cannot be reached, the other one, unless that is away too.
    async fn ask<'a, T: Send>(
        &'a self,
        question: impl Fn(&'a FileConnector) -> BoxFuture<'a, Result<T>> + Send + Sync,
    ) -> Result<T> {
        let first = self.pool.serving();
        match self.ask_one(first, &question).await {
            Ok(answer) => Ok(answer),
            // Whoever does not serve any more was left while it was asked.
            Err(error) if self.pool.serving() == first => Err(error),
            Err(error) => match self.ask_one(self.pool.serving(), &question).await {
                // Both are away: the catalog is, whichever of them was asked last.
                Err(other) if first == StoreRole::Primary && other.kind() == ErrorKind::ConnectionFailed => Err(error),
                answer => answer,
            },
        }
    }

    async fn ask_one<'a, T: Send>(
        &'a self,
        role: StoreRole,
        question: &(impl Fn(&'a FileConnector) -> BoxFuture<'a, Result<T>> + Send + Sync),
    ) -> Result<T> {
        let (begun, member) = (Instant::now(), self.member(role));
        let outcome = tokio::select! {
            outcome = question(&member.files) => outcome,
            () = self.pool.until_left(role) => Err(member.site.unreachable("another store is read now")),
        };
        if let Err(error) = &outcome {
            self.pool.failed(role, error, begun);
        }
        outcome
    }

    /// The tables. Where there is another store, one that cannot be looked into for the way to it is worth asking that.
    async fn tables_of(&self, files: &FileConnector) -> Result<Arc<Vec<TableEntry>>> {
        let tables = files.tables().await?;
        let mut errors = tables.iter().filter_map(|table| table.columns.as_ref().err());
        match errors.find(|error| self.pool.has_backup() && error.kind() == ErrorKind::ConnectionFailed) {
            Some(error) => Err(error.clone()),
            None => Ok(tables),
        }
    }

    async fn check_one(&self, member: &Member) -> NodeCheck {
        let begun = Instant::now();
        let checked = timeout(self.patience, member.files.check()).await;
        let (latency, error) = match checked.ok().and_then(|nodes| nodes.into_iter().next()) {
            Some(node) => (node.latency, node.error),
            None => {
                let error = member.site.unreachable(format!("no answer within {}", Span(self.patience)));
                (begun.elapsed(), Some(error))
            }
        };
        let role = member.site.store.role;
        self.pool.checked(role, latency, error.as_ref());
        let address = &member.site.place.address;
        let node = match role {
            StoreRole::Primary => address.clone(),
            StoreRole::Backup => format!("{address} (backup)"),
        };
        NodeCheck { node, latency, version: None, error }
    }
}

#[async_trait]
impl Connector for Pooled {
    fn compute_context(&self) -> String {
        self.primary.files.compute_context()
    }

    async fn check(&self) -> Vec<NodeCheck> {
        join_all(self.members().map(|member| self.check_one(member))).await
    }

    async fn schemas(&self) -> Result<Vec<String>> {
        self.ask(|files| files.schemas()).await
    }

    async fn tables(&self) -> Result<Arc<Vec<TableEntry>>> {
        self.ask(|files| self.tables_of(files).boxed()).await
    }

    /// Of the first store only: what a backup does not have yet would be taken for dropped.
    async fn scan(&self, level: ScanLevel, scope: &ScanScope, sink: &mut dyn ScanSink) -> Result<()> {
        if let Some(reason) = self.pool.reason() {
            let message =
                format!("{} is read from its backup store, which is not scanned", self.primary.site.place.subject());
            return Err(Error::new(ErrorKind::ObjectNotInPrerequisiteState, message)
                .with_detail(format!("Reason: {reason}."))
                .with_hint("What was scanned before stays. Scan again when system.runtime.pools tells that the primary serves."));
        }
        let begun = Instant::now();
        let outcome = self.primary.files.scan(level, scope, sink).await;
        if let Err(error) = &outcome {
            self.pool.failed(StoreRole::Primary, error, begun);
        }
        outcome
    }

    async fn relation(&self, schema: &str, table: &str) -> Result<Option<Relation>> {
        self.ask(|files| files.relation(schema, table)).await
    }

    fn store_pool(&self) -> Option<&StorePool> {
        Some(&self.pool)
    }
}
