//! What views and tables of the lake have in common: their names, DROP and UNDROP, what depends on them, and how changes are made: at once, or in a
//! transaction as drafts until it is committed.

use super::{Done, view};
use crate::catalog::{LAKE, LAKE_SCHEMA};
use crate::outcome::TransactionState;
use crate::session::Session;
use std::collections::BTreeSet;
use std::sync::Arc;
use weft_core::name::{nearest, quote_identifier};
use weft_core::{Error, ErrorKind, ObjectName, Privilege, Result};
use weft_lake::Written;
use weft_meta::{DatasetChange, DatasetKind, DatasetRecord, Origin};
use weft_sql::{Behavior, DropRelation, OnMissing, Relation};

/// As the metadata store calls it.
pub(super) fn kind(relation: Relation) -> DatasetKind {
    match relation {
        Relation::View => DatasetKind::View,
        Relation::Table => DatasetKind::Table,
    }
}

/// 42809: the name is that of a view where a table is meant, or of a table where a view is.
pub(super) fn is_another(dataset: &DatasetRecord) -> Error {
    let wanted = match dataset.kind {
        DatasetKind::View => "table",
        DatasetKind::Table => "view",
    };
    Error::new(ErrorKind::WrongObjectType, format!("\"{}\" is not a {wanted}", dataset.name))
}

/// DROP VIEW, DROP TABLE. What a table holds stays on the disk until nobody can bring it back.
pub(super) async fn drop(session: &Arc<Session>, drop: &DropRelation) -> Result<Done> {
    let (drafts, metastore) = (session.drafts(), session.gateway().metastore());
    let mut gone: Vec<DatasetRecord> = Vec::new();
    let mut cascaded: Vec<DatasetRecord> = Vec::new();
    for given in &drop.names {
        let name = in_lake(session, given, drop.relation)?;
        match drafts.get(metastore, LAKE_SCHEMA, &name).await? {
            Some(dataset) if dataset.kind != kind(drop.relation) => {
                let word = dataset.kind.word();
                let hint = format!("Use DROP {} to remove a {word}.", word.to_uppercase());
                return Err(is_another(&dataset).with_hint(hint));
            }
            Some(dataset) => {
                manages(session, &dataset)?;
                cascaded.extend(dependants(session, LAKE, Some((LAKE_SCHEMA, &name))).await?);
                gone.push(dataset);
            }
            None if drop.on_missing == OnMissing::Skip => {
                let word = kind(drop.relation).word();
                session.notice("NOTICE", "00000", format!("{word} \"{given}\" does not exist, skipping"));
            }
            None => return Err(missing(session, drop.relation, &name).await),
        }
    }
    cascaded.retain(|d| !gone.iter().any(|g| g.id == d.id));
    let mut seen = BTreeSet::new();
    cascaded.retain(|d| seen.insert(d.id));
    if !cascaded.is_empty() {
        let what: Vec<_> = gone.iter().map(|g| format!("{} {}", g.kind.word(), quote_identifier(&g.name))).collect();
        if drop.behavior == Behavior::Restrict {
            return Err(depended_on(&what.join(", "), &cascaded));
        }
        tell_cascade(session, &cascaded);
    }
    gone.extend(cascaded);
    change(session, DatasetChange::Drop(gone)).await?;
    Ok(Done::Tag(format!("DROP {}", drop.relation)))
}

/// Says what goes with what was named.
pub(super) fn tell_cascade(session: &Arc<Session>, cascaded: &[DatasetRecord]) {
    match cascaded {
        [] => {}
        [one] => session.notice("NOTICE", "00000", format!("drop cascades to view {}", quote_identifier(&one.name))),
        many => session.notice("NOTICE", "00000", format!("drop cascades to {} other objects", many.len())),
    }
}

/// The datasets that read something of a catalog, or one table of it, be it by way of others; those that are read come before their readers.
pub(super) async fn dependants(
    session: &Arc<Session>,
    catalog: &str,
    table: Option<(&str, &str)>,
) -> Result<Vec<DatasetRecord>> {
    let (drafts, metastore) = (session.drafts(), session.gateway().metastore());
    let lineage = drafts.lineage(metastore).await?;
    let mut rest = drafts.list(metastore).await?;
    let mut found: Vec<DatasetRecord> = Vec::new();
    loop {
        let reads = |dataset: &DatasetRecord| {
            lineage.iter().filter(|(id, _)| *id == dataset.id).any(|(_, o)| {
                let direct = o.source_catalog == catalog
                    && table.is_none_or(|(schema, name)| o.source_schema == schema && o.source_table == name);
                direct
                    || (o.source_catalog == LAKE
                        && found.iter().any(|f| f.schema == o.source_schema && f.name == o.source_table))
            })
        };
        let (more, others): (Vec<_>, Vec<_>) = rest.into_iter().partition(reads);
        rest = others;
        if more.is_empty() {
            return Ok(found);
        }
        found.extend(more);
    }
}

/// The error for what others depend on.
pub(super) fn depended_on(what: &str, dependants: &[DatasetRecord]) -> Error {
    let list: Vec<_> =
        dependants.iter().map(|d| format!("view {} depends on {what}", quote_identifier(&d.name))).collect();
    Error::new(ErrorKind::DependentObjects, format!("cannot drop {what} because other objects depend on it"))
        .with_detail(list.join("\n"))
        .with_hint("Use DROP ... CASCADE to drop the dependent objects too.")
}

/// Makes a change: at once, or in a transaction as one of its drafts.
pub(super) async fn change(session: &Arc<Session>, change: DatasetChange) -> Result<()> {
    change_all(session, vec![change], Vec::new()).await
}

/// Makes changes, all of them or none; `written` are the files that they give to tables.
pub(super) async fn change_all(
    session: &Arc<Session>,
    changes: Vec<DatasetChange>,
    written: Vec<Arc<Written>>,
) -> Result<()> {
    let author = session.user();
    match session.transaction() {
        TransactionState::Idle => {
            let changes = changes.into_iter().map(|change| (change, author.clone())).collect();
            apply(session, changes, written).await
        }
        TransactionState::Active | TransactionState::Failed => {
            let cell = session.transaction_cell();
            let mut transaction = cell.lock();
            for change in changes {
                transaction.draft(change, author.clone())?;
            }
            transaction.hold(written);
            Ok(())
        }
    }
}

/// Brings changes to the metadata store. It is done to its end, even if the statement is cancelled meanwhile: files that a table may have must stay.
async fn apply(
    session: &Arc<Session>,
    changes: Vec<(DatasetChange, String)>,
    written: Vec<Arc<Written>>,
) -> Result<()> {
    let metastore = session.gateway().metastore().clone();
    written.iter().for_each(|written| written.keep());
    let applied = tokio::spawn(weft_meta::carried(async move {
        let applied = metastore.datasets().apply(&changes).await;
        if applied.as_ref().is_err_and(|error| was_not_done(error.kind())) {
            written.iter().for_each(|written| written.give_up());
        }
        applied
    }));
    applied.await.map_err(|e| Error::internal("a change of the lake broke off").with_source(e))?
}

/// Whether the error says that nothing was changed. After others the files stay: that they take space is better than that rows are lost.
fn was_not_done(kind: ErrorKind) -> bool {
    use ErrorKind::{DuplicateTable, ObjectInUse, ReadOnlyTransaction, UndefinedTable};
    matches!(kind, DuplicateTable | ObjectInUse | ReadOnlyTransaction | UndefinedTable)
}

/// Makes what the transaction has drafted, all of it or nothing.
pub(super) async fn commit(session: &Arc<Session>) -> Result<()> {
    let (drafts, metastore) = (session.drafts(), session.gateway().metastore());
    let renamed = drafts.changes().iter().filter_map(|(change, _)| match change {
        DatasetChange::Update { before, dataset } if *before != dataset.name => Some((before, dataset)),
        _ => None,
    });
    let mut lineage = None;
    for (before, dataset) in renamed {
        if drafts.get(metastore, LAKE_SCHEMA, before).await?.is_none() {
            view::named_by_none(session, dataset.kind, before).await?;
        }
        // What a view was renamed to may be what it reads, by way of those that name it so.
        let lineage = match &mut lineage {
            Some(lineage) => lineage,
            None => lineage.insert(drafts.lineage(metastore).await?),
        };
        if let Some(found) = drafts.list(metastore).await?.iter().find(|d| d.id == dataset.id) {
            let origins: Vec<Origin> =
                lineage.iter().filter(|(id, _)| *id == found.id).map(|(_, origin)| origin.clone()).collect();
            view::acyclic(session, found, &origins).await?;
        }
    }
    match drafts.is_empty() {
        true => Ok(()),
        false => apply(session, drafts.changes().to_vec(), drafts.written().to_vec()).await,
    }
}

/// UNDROP VIEW, UNDROP TABLE.
pub(super) async fn undrop(session: &Arc<Session>, relation: Relation, name: &ObjectName) -> Result<Done> {
    let word = kind(relation).word();
    super::catalog::allowed(session, &format!("bring back a {word}"), &format!("UNDROP {relation}"))?;
    let name = in_lake(session, name, relation)?;
    let datasets = session.gateway().metastore().datasets();
    if !datasets.undrop(kind(relation), LAKE_SCHEMA, &name, &session.user()).await? {
        return Err(Error::new(ErrorKind::UndefinedTable, format!("there is no dropped {word} \"{name}\"")));
    }
    Ok(Done::Tag(format!("UNDROP {relation}")))
}

/// 42501 unless the session's role owns the view or table, or was granted to manage it.
pub(super) fn manages(session: &Session, dataset: &DatasetRecord) -> Result<()> {
    session.rights().require(&session.gateway().catalogs().view(dataset)?, Privilege::Manage)
}

/// The error for a name that nothing has.
pub(super) async fn missing(session: &Arc<Session>, relation: Relation, name: &str) -> Error {
    let message = format!("{} \"{name}\" does not exist", kind(relation).word());
    let error = Error::new(ErrorKind::UndefinedTable, message);
    let known = session.drafts().list(session.gateway().metastore()).await.unwrap_or_default();
    match nearest(name, known.iter().filter(|d| d.kind == kind(relation)).map(|d| d.name.as_str())) {
        Some(near) => error.with_hint(format!("Perhaps you meant {}.", quote_identifier(near))),
        None => error,
    }
}

/// The name of a view or table; both are kept in the lake.
pub(super) fn in_lake(session: &Arc<Session>, name: &ObjectName, relation: Relation) -> Result<String> {
    let catalogs = session.gateway().catalogs();
    let (catalog, schema, view) = match name.0.as_slice() {
        [view] => (session.catalog().to_owned(), None, view),
        [schema, view] => (session.catalog().to_owned(), Some(schema), view),
        [catalog, schema, view] => (catalogs.canonical(catalog)?, Some(schema), view),
        _ => return Err(Error::new(ErrorKind::SyntaxError, format!("improper qualified name: {name}"))),
    };
    if catalog != LAKE {
        let word = kind(relation).word();
        let message = format!("{word}s are kept in the catalog {LAKE}, not in {}", quote_identifier(&catalog));
        return Err(Error::new(ErrorKind::FeatureNotSupported, message)
            .with_hint(format!("Name it {LAKE}.{LAKE_SCHEMA}.{}.", quote_identifier(view))));
    }
    match schema {
        Some(schema) if schema != LAKE_SCHEMA => {
            let message = format!("schema \"{schema}\" does not exist in catalog \"{LAKE}\"");
            Err(Error::new(ErrorKind::UndefinedSchema, message).with_hint(format!("Its schema is {LAKE_SCHEMA}.")))
        }
        _ => Ok(view.clone()),
    }
}
