//! The rows of the tables about sources as they run: their health, their secrets' names. None of them asks a source.

use super::tables::{GatewayRow, HealthRow, JournalRow, SecretRow};
use crate::catalog::Source;
use crate::environment::Environment;
use std::sync::Arc;
use weft_core::Result;
use weft_core::settings::MetastoreWrites;
use weft_meta::{JournalCounts, StoreHealth};

/// The sources that the role sees.
pub(super) fn shown(environment: &Environment) -> impl Iterator<Item = Arc<Source>> {
    let rights = environment.viewer();
    let sources = environment.gateway.catalogs().sources().into_iter();
    sources.filter(move |source| rights.is_everything() || rights.sees(&source.thing()))
}

pub(super) async fn health(environment: &Environment) -> Result<Vec<HealthRow>> {
    let rows = shown(environment).map(|source| {
        let finding = source.finding();
        HealthRow {
            catalog_name: source.name().to_owned(),
            state: finding.state.to_string(),
            latency_ms: finding.latency.map(|l| l.as_secs_f64() * 1000.0),
            version: finding.version,
            failures: i64::from(finding.failures),
            last_error: finding.error.map(|e| e.message().to_owned()),
            checked_at: finding.checked_at,
        }
    });
    // What Weft itself stands on is its operators' business.
    if !environment.viewer().is_everything() {
        return Ok(rows.collect());
    }
    Ok(rows.chain(metastore(environment).await?).chain(super::workers::redis(environment)).collect())
}

/// A metadata store on a server is something that can be away, too.
async fn metastore(environment: &Environment) -> Result<Option<HealthRow>> {
    let metastore = environment.gateway.metastore();
    let Some(health) = metastore.health() else { return Ok(None) };
    let counts = match metastore.journal() {
        Some(journal) => journal.counts().await?,
        None => JournalCounts::default(),
    };
    let waiting = match (counts.pending, counts.conflicts) {
        (0, 0) => None,
        (pending, 0) => Some(format!("{pending} journalled statements wait")),
        (0, conflicts) => Some(format!("{conflicts} journalled statements are in conflict")),
        (pending, conflicts) => Some(format!("{pending} journalled statements wait, {conflicts} are in conflict")),
    };
    let (state, failures, last_error, checked_at) = match health {
        StoreHealth::Healthy => ("healthy", 0, waiting, None),
        StoreHealth::Degraded { error, since } => {
            let (message, detail) = (error.message(), error.detail().unwrap_or_default());
            let changes = match environment.gateway.settings().metastore_writes {
                MetastoreWrites::Refuse => "nothing can be changed",
                MetastoreWrites::Journal => "changes are journalled",
            };
            let waiting = waiting.map(|waiting| format!("; {waiting}")).unwrap_or_default();
            let told = format!("{message}: its copy answers, {changes}{waiting}. {detail}");
            ("degraded", 1, Some(told), Some(since))
        }
    };
    Ok(Some(HealthRow {
        catalog_name: "(metastore)".to_owned(),
        state: state.to_owned(),
        latency_ms: None,
        version: None,
        failures,
        last_error,
        checked_at,
    }))
}

pub(super) async fn journal(environment: &Environment) -> Result<Vec<JournalRow>> {
    let Some(journal) = environment.gateway.metastore().journal() else { return Ok(Vec::new()) };
    if !environment.viewer().is_everything() {
        return Ok(Vec::new());
    }
    let all = journal.list().await?.into_iter().map(|entry| JournalRow {
        id: entry.id.to_string(),
        statement: entry.statement,
        user_name: entry.user,
        journalled_at: entry.journalled_at,
        state: entry.state,
        error: entry.error,
        applied_at: entry.applied_at,
    });
    Ok(all.collect())
}

pub(super) async fn gateways(environment: &Environment) -> Result<Vec<GatewayRow>> {
    let all = environment.gateway.metastore().gateways().list().await?.into_iter().map(|gateway| GatewayRow {
        gateway_id: gateway.id.to_string(),
        gateway_name: gateway.name,
        started_at: gateway.started_at,
        seen_at: gateway.seen_at,
    });
    Ok(all.collect())
}

pub(super) async fn secrets(environment: &Environment) -> Result<Vec<SecretRow>> {
    let rights = environment.viewer();
    let all = environment.gateway.metastore().secrets().list().await?.into_iter();
    let all = all.filter(|secret| rights.owns(&secret.owner)).map(|secret| SecretRow {
        secret_name: secret.name,
        kind: secret.kind,
        options: secret.options,
        used_by: secret.used_by,
        owner: secret.owner,
        created_at: secret.created_at,
    });
    Ok(all.collect())
}
