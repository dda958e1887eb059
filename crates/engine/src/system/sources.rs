//! The rows of the tables about sources as they run: their connections, their health, their secrets' names. None of them asks a source.

use super::rows::as_count;
use super::tables::{GatewayRow, HealthRow, PoolRow, SecretRow};
use crate::catalog::Source;
use crate::environment::Environment;
use std::sync::Arc;
use weft_core::Result;
use weft_meta::StoreHealth;

/// The sources that the role sees.
fn shown(environment: &Environment) -> impl Iterator<Item = Arc<Source>> {
    let rights = environment.viewer();
    let sources = environment.gateway.catalogs().sources().into_iter();
    sources.filter(move |source| rights.is_everything() || rights.sees(&source.thing()))
}

pub(super) fn pools(environment: &Environment) -> Vec<PoolRow> {
    let rows = shown(environment).filter_map(|source| {
        let pool = source.connector().ok()?.pool()?;
        Some(PoolRow {
            catalog_name: source.name().to_owned(),
            max_connections: as_count(pool.max_connections),
            min_connections: as_count(pool.min_connections),
            open_connections: as_count(pool.open),
            idle_connections: as_count(pool.idle),
            waiting: as_count(pool.waiting),
            acquired: as_count(pool.acquired),
            timed_out: as_count(pool.timed_out),
        })
    });
    rows.collect()
}

pub(super) fn health(environment: &Environment) -> Vec<HealthRow> {
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
    rows.chain(metastore(environment).filter(|_| environment.viewer().is_everything())).collect()
}

/// A metadata store on a server is something that can be away, too.
fn metastore(environment: &Environment) -> Option<HealthRow> {
    let (state, failures, last_error, checked_at) = match environment.gateway.metastore().health()? {
        StoreHealth::Healthy => ("healthy", 0, None, None),
        StoreHealth::Degraded { error, since } => {
            let (message, detail) = (error.message(), error.detail().unwrap_or_default());
            ("degraded", 1, Some(format!("{message}: its copy answers, nothing can be changed. {detail}")), Some(since))
        }
    };
    Some(HealthRow {
        catalog_name: "(metastore)".to_owned(),
        state: state.to_owned(),
        latency_ms: None,
        version: None,
        failures,
        last_error,
        checked_at,
    })
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
