//! A source that is mounted as a catalog: how it is stored, how it is reached, what is known of it. It is never changed: another one takes its place,
//! and what runs on this one ends on it.

use super::health::{Finding, Health, HealthState, Patience, Probe};
use super::shelf::{Contents, Shelf};
use crate::principals::Thing;
use std::future::pending;
use std::sync::Arc;
use std::time::Instant;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use weft_connect::{Connector, StorePool};
use weft_core::name::{quote_always, quote_identifier};
use weft_core::relation::Relation;
use weft_core::store::Store;
use weft_core::{Error, ErrorKind, Result};
use weft_meta::{Availability, CatalogRecord};

/// A source that was created.
pub struct Source {
    /// As stored.
    pub record: CatalogRecord,
    connector: Result<Arc<dyn Connector>>,
    health: Arc<Health>,
    shelf: Arc<Shelf>,
    patience: Patience,
    _probe: Option<Probe>,
}

/// What a source is known to hold.
pub struct Listed {
    /// What it holds, or held when it was listed last.
    pub contents: Option<Arc<Contents>>,
    /// Why that may be old or missing.
    pub error: Option<Error>,
}

impl Source {
    /// Mounts a source and begins to watch its health. `finding` is what a check has just found out.
    pub fn mount(
        record: CatalogRecord,
        connector: Result<Arc<dyn Connector>>,
        finding: Option<Finding>,
        patience: Patience,
        turns: &Arc<Semaphore>,
    ) -> Source {
        let connector = match record.definition.availability {
            Availability::Enabled => connector,
            Availability::Disabled => Err(disabled(&record.definition.name)),
        };
        let (health, probe) = match (&connector, record.definition.availability) {
            (_, Availability::Disabled) => (Health::new(HealthState::Disabled), None),
            (Err(error), Availability::Enabled) => (
                Health::known(Finding { error: Some(error.clone()), ..Finding::blank(HealthState::Unreachable) }),
                None,
            ),
            (Ok(connector), Availability::Enabled) => {
                let health = finding.map_or_else(|| Health::new(HealthState::Unknown), Health::known);
                let name = record.definition.name.clone();
                let probe = Probe::start(name, connector.clone(), health.clone(), patience, turns.clone());
                (health, Some(probe))
            }
        };
        Source { record, connector, health, shelf: Arc::default(), patience, _probe: probe }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.record.definition.name
    }

    /// It as privileges know it.
    pub fn thing(&self) -> Thing {
        Thing::of_catalog(self.record.id, self.name(), Some(&self.record.owner))
    }

    /// The open source; 55000 if it is switched off, or why it could not be opened.
    pub fn connector(&self) -> Result<&Arc<dyn Connector>> {
        self.connector.as_ref().map_err(Clone::clone)
    }

    /// What is known of its health.
    pub fn finding(&self) -> Finding {
        self.health.finding()
    }

    /// How many tables it has, if it was listed.
    pub fn known_tables(&self) -> Option<i64> {
        self.shelf.known().map(|contents| i64::try_from(contents.tables.len()).unwrap_or(i64::MAX))
    }

    /// What it holds. A source that is away is answered for from memory, at once.
    pub async fn listing(&self) -> Listed {
        let known = |error| Listed { contents: self.shelf.known(), error: Some(error) };
        let connector = match &self.connector {
            Ok(connector) => connector,
            Err(error) => return Listed { contents: None, error: Some(error.clone()) },
        };
        if let Some(error) = self.health.unreachable() {
            return known(error);
        }
        match self.shelf.refresh(self.name(), connector, self.patience.listing).await {
            Ok(contents) => Listed { contents: Some(contents), error: None },
            Err(error) => {
                self.health.suspect(&error);
                known(error)
            }
        }
    }

    /// How a table is read; nothing if there is no such table.
    pub async fn relation(&self, schema: &str, table: &str) -> Result<Option<Relation>> {
        self.answered(self.connector()?.relation(schema, table)).await
    }

    /// A query in the source's own words as a table.
    pub async fn native(&self, sql: &str) -> Result<Relation> {
        self.answered(self.connector()?.native(sql)).await
    }

    /// What the source answers; if it is silent for long, it is asked whether it is there at all.
    async fn answered<T>(&self, answer: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::pin!(answer);
        match timeout(self.patience.listing, &mut answer).await {
            Ok(outcome) => self.watched(outcome),
            Err(_) => tokio::select! {
                outcome = &mut answer => self.watched(outcome),
                error = self.health.until_unreachable() => Err(error),
            },
        }
    }

    /// Its stores, if it is open and has any.
    pub fn stores(&self) -> Option<&StorePool> {
        self.connector.as_ref().ok()?.store_pool()
    }

    /// A statement that was begun then on its stores has met an error.
    pub fn blame(&self, store: &Store, error: &Error, begun: Instant) {
        if let Some(pool) = self.stores().filter(|_| store.is_blamed(error)) {
            pool.blame(store, error, begun);
            self.health.suspect(error);
        }
    }

    /// Waits until statements on this store had better begin anew on another one, and tells why; for ever if there is no other. A store that is silent for
    /// long is asked whether it is there at all.
    pub async fn left(&self, store: &Store) -> Error {
        let Some(left) = self.stores().and_then(|pool| pool.left(store)) else { return pending().await };
        tokio::pin!(left);
        loop {
            match timeout(self.patience.listing, &mut left).await {
                Ok(error) => return error,
                Err(_) => self.health.look(),
            }
        }
    }

    /// Has the source looked at soon if it could not be reached.
    pub fn watched<T>(&self, outcome: Result<T>) -> Result<T> {
        if let Err(error) = &outcome
            && error.kind() == ErrorKind::ConnectionFailed
        {
            self.health.suspect(error);
        }
        outcome
    }
}

fn disabled(name: &str) -> Error {
    Error::new(ErrorKind::ObjectNotInPrerequisiteState, format!("catalog {} is disabled", quote_always(name)))
        .with_hint(format!("ALTER CATALOG {} ENABLE makes it usable.", quote_identifier(name)))
}
