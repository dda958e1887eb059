//! CREATE, DROP and CHECK CATALOG.

use super::{Done, answer};
use crate::outcome::{Column, TransactionState};
use crate::session::Session;
use crate::system::{SystemRow, system_table};
use std::collections::BTreeMap;
use std::sync::Arc;
use weft_connect::Connector;
use weft_core::name::quote_always;
use weft_core::{Error, ErrorKind, Result};
use weft_meta::NewCatalog;
use weft_sql::{CheckCatalog, CreateCatalog, DropCatalog, OnDuplicate, OnMissing};

system_table! {
    /// What CHECK CATALOG answers: one row for each node that tried to reach the source.
    "answer"."check_catalog" => CheckRow {
        /// The node that tried.
        node: String,
        /// `ok` or `failed`.
        state: String,
        /// How long it took, in milliseconds.
        latency_ms: f64,
        /// Version of the source.
        version: Option<String>,
        /// What went wrong.
        error: Option<String>,
        /// What to do about it.
        hint: Option<String>,
    }
}

/// The columns of CHECK CATALOG's answer.
pub(super) fn check_columns() -> Arc<[Column]> {
    let fields: Vec<_> = CheckRow::columns().into_iter().map(|(field, _)| field).collect();
    crate::plan::bind::columns(&Arc::new(arrow::datatypes::Schema::new(fields)))
}

pub(super) async fn create(session: &Arc<Session>, statement: &CreateCatalog) -> Result<Done> {
    session.require_superuser("create a catalog")?;
    outside_of_transaction(session, "CREATE CATALOG")?;
    if let Some((name, _)) = statement.with.first() {
        return Err(Error::unsupported(format!("WITH ({name} = …) of CREATE CATALOG")));
    }
    let catalogs = session.gateway().catalogs();
    let tag = Done::Tag("CREATE CATALOG".to_owned());
    if catalogs.names().contains(&statement.name) {
        let message = format!("catalog {} already exists", quote_always(&statement.name));
        return match statement.on_duplicate {
            OnDuplicate::Fail => Err(Error::new(ErrorKind::DuplicateCatalog, message)),
            OnDuplicate::Skip => {
                session.notice("NOTICE", ErrorKind::DuplicateCatalog.sqlstate(), format!("{message}, skipping"));
                Ok(tag)
            }
        };
    }
    let new = NewCatalog {
        name: statement.name.clone(),
        kind: statement.kind.clone(),
        options: options(&statement.options)?,
        with: BTreeMap::new(),
        owner: session.user().to_owned(),
    };
    catalogs.create(new).await?;
    Ok(tag)
}

pub(super) async fn drop(session: &Arc<Session>, statement: &DropCatalog) -> Result<Done> {
    session.require_superuser("drop a catalog")?;
    outside_of_transaction(session, "DROP CATALOG")?;
    let tag = Done::Tag("DROP CATALOG".to_owned());
    match session.gateway().catalogs().drop(&statement.name).await {
        Err(error) if error.kind() == ErrorKind::UndefinedCatalog && statement.on_missing == OnMissing::Skip => {
            session.notice("NOTICE", "00000", format!("{}, skipping", error.message()));
            Ok(tag)
        }
        other => other.map(|()| tag),
    }
}

pub(super) async fn check(session: &Arc<Session>, statement: &CheckCatalog) -> Result<Done> {
    session.require_superuser("check a catalog")?;
    let catalogs = session.gateway().catalogs();
    let connector: Arc<dyn Connector> = match statement {
        CheckCatalog::Proposed { kind, options: given } => {
            catalogs.propose(kind, &options(given)?, &BTreeMap::new())?
        }
        CheckCatalog::Existing(name) => match catalogs.get(name)? {
            crate::catalog::Catalog::Source(mounted) => mounted.connector.clone()?,
            _ => {
                return Err(Error::new(
                    ErrorKind::WrongObjectType,
                    format!("catalog {} is Weft's own", quote_always(name)),
                ));
            }
        },
    };
    let rows: Vec<_> = connector
        .check()
        .await
        .into_iter()
        .map(|node| CheckRow {
            node: node.node,
            state: if node.error.is_none() { "ok" } else { "failed" }.to_owned(),
            latency_ms: node.latency.as_secs_f64() * 1000.0,
            version: node.version,
            hint: node.error.as_ref().and_then(|e| e.hint().map(str::to_owned)),
            error: node.error.map(|e| e.message().to_owned()),
        })
        .collect();
    answer(&rows, "CHECK")
}

fn options(pairs: &[(String, String)]) -> Result<BTreeMap<String, String>> {
    let mut options = BTreeMap::new();
    for (name, value) in pairs {
        if options.insert(name.clone(), value.clone()).is_some() {
            return Err(Error::new(ErrorKind::SyntaxError, format!("option {name} is given twice")));
        }
    }
    Ok(options)
}

fn outside_of_transaction(session: &Arc<Session>, what: &str) -> Result<()> {
    if session.transaction() == TransactionState::Idle {
        return Ok(());
    }
    Err(Error::new(ErrorKind::ActiveTransaction, format!("{what} cannot run inside a transaction block")))
}
