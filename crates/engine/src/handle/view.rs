//! CREATE, ALTER, DROP and UNDROP VIEW: queries that are kept in the lake under a name. A query is bound when it is kept, so that a view that cannot be
//! read is never made. In a transaction the changes are drafts until it is committed.

use super::Done;
use crate::catalog::{LAKE, LAKE_SCHEMA};
use crate::outcome::TransactionState;
use crate::plan::bind;
use crate::plan::lineage::{self, Lineage};
use crate::session::Session;
use chrono::Utc;
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use uuid::Uuid;
use weft_core::name::{nearest, quote_identifier};
use weft_core::option::{self, Exposure, OptionSpec, OptionType, Presence};
use weft_core::pgtype::text_of;
use weft_core::{Error, ErrorKind, ObjectName, Privilege, Result};
use weft_meta::{DatasetChange, DatasetColumn, DatasetRecord, Origin};
use weft_sql::{AlterView, Behavior, CreateView, DropView, OnExisting, OnMissing, ViewChange};

/// What is told of a column; `none` and an empty text take it back.
const COLUMN: &[OptionSpec] = &[
    told("role", OptionType::Choice(&["dimension", "measure", "none"]), "Whether it is counted by or counted."),
    told("format", OptionType::Text, "How its values are to be written."),
    told(
        "aggregate",
        OptionType::Choice(&["sum", "avg", "min", "max", "count", "count_distinct", "none"]),
        "How its values are put together.",
    ),
];

const fn told(name: &'static str, kind: OptionType, doc: &'static str) -> OptionSpec {
    OptionSpec { name, kind, presence: Presence::Default(""), exposure: Exposure::Public, doc }
}

pub(super) async fn create(session: &Arc<Session>, create: &CreateView) -> Result<Done> {
    let name = in_lake(session, &create.name)?;
    let rights = session.rights();
    rights.require(&session.gateway().catalogs().thing(LAKE)?.schema_in(LAKE_SCHEMA), Privilege::Manage)?;
    let environment = session.environment();
    let bound = bind::bind(&environment, &create.query, &[]).await?;
    if !bound.parameters.is_empty() {
        return Err(Error::new(ErrorKind::UndefinedParameter, "a view cannot have parameters"));
    }
    let columns = columns(create, &bound)?;
    let origins = origins(&lineage::of(&bound.plan, &bound.names), &columns);
    let before = session.drafts().get(session.gateway().metastore(), LAKE_SCHEMA, &name).await?;
    let now = Utc::now();
    let dataset = match before {
        None => DatasetRecord {
            id: Uuid::now_v7(),
            schema: LAKE_SCHEMA.to_owned(),
            name,
            definition: create.text.clone(),
            catalog: environment.path.catalog,
            search_path: environment.path.schemas,
            columns,
            owner: session.user(),
            version: 1,
            created_at: now,
            updated_at: now,
        },
        Some(_) if create.on_existing == OnExisting::Fail => {
            let message = format!("relation \"{name}\" already exists");
            return Err(Error::new(ErrorKind::DuplicateTable, message)
                .with_hint("CREATE OR REPLACE VIEW gives it another query."));
        }
        // The new query would be read with the privileges of its owner: to manage it is not enough.
        Some(before) if !rights.owns(&before.owner) => {
            return Err(Error::new(ErrorKind::InsufficientPrivilege, format!("must be owner of view {name}")));
        }
        Some(before) => {
            acyclic(session, &before, &origins).await?;
            DatasetRecord {
                definition: create.text.clone(),
                catalog: environment.path.catalog,
                search_path: environment.path.schemas,
                columns: replaced(&before, columns)?,
                version: before.version + 1,
                ..before
            }
        }
    };
    change(session, DatasetChange::Put { dataset, origins }).await?;
    Ok(Done::Tag("CREATE VIEW".to_owned()))
}

/// The columns under the names that they are to have.
fn columns(create: &CreateView, bound: &bind::BoundQuery) -> Result<Vec<DatasetColumn>> {
    if create.columns.len() > bound.columns.len() {
        let message = "CREATE VIEW specifies more column names than columns";
        return Err(Error::new(ErrorKind::SyntaxError, message));
    }
    let mut taken = HashSet::new();
    let mut columns = Vec::with_capacity(bound.columns.len());
    let mut queried = HashSet::new();
    for (i, column) in bound.columns.iter().enumerate() {
        let name = create.columns.get(i).unwrap_or(&column.name).clone();
        if !taken.insert(name.clone()) || !queried.insert(&column.name) {
            let name = if queried.contains(&column.name) && taken.contains(&name) { &name } else { &column.name };
            let message = format!("column {} specified more than once", quote_identifier(name));
            return Err(Error::new(ErrorKind::DuplicateColumn, message)
                .with_hint("Give the columns of the query names of their own: AS name."));
        }
        columns.push(DatasetColumn {
            query_name: Some(column.name.clone()).filter(|n| *n != name),
            name,
            data_type: text_of(column.column_type, column.modifier),
            ..DatasetColumn::default()
        });
    }
    Ok(columns)
}

/// As in PostgreSQL, a new query may add columns; the ones that are there keep their names, and here what was told of them.
fn replaced(before: &DatasetRecord, mut columns: Vec<DatasetColumn>) -> Result<Vec<DatasetColumn>> {
    let refused = |message: String| Err(Error::new(ErrorKind::InvalidTableDefinition, message));
    for (i, old) in before.columns.iter().enumerate() {
        match columns.get_mut(i) {
            None => return refused("cannot drop columns from view".to_owned()),
            Some(new) if new.name != old.name => {
                return refused(format!(
                    "cannot change name of view column {} to {}",
                    quote_identifier(&old.name),
                    quote_identifier(&new.name)
                ));
            }
            Some(new) => {
                new.role.clone_from(&old.role);
                new.format.clone_from(&old.format);
                new.aggregate.clone_from(&old.aggregate);
            }
        }
    }
    Ok(columns)
}

/// The lineage under the names of the view's columns.
fn origins(lineage: &Lineage, columns: &[DatasetColumn]) -> Vec<Origin> {
    let rows = lineage.tables.iter().map(|t| Origin {
        column: None,
        source_catalog: t.catalog.clone(),
        source_schema: t.schema.clone(),
        source_table: t.table.clone(),
        source_column: None,
    });
    let each = columns.iter().zip(&lineage.columns).flat_map(|(column, sources)| {
        sources.iter().map(|(t, source)| Origin {
            column: Some(column.name.clone()),
            source_catalog: t.catalog.clone(),
            source_schema: t.schema.clone(),
            source_table: t.table.clone(),
            source_column: Some(source.clone()),
        })
    });
    rows.chain(each).collect()
}

/// A view must not read itself, by whatever way.
async fn acyclic(session: &Arc<Session>, view: &DatasetRecord, origins: &[Origin]) -> Result<()> {
    let above = dependants(session, LAKE, Some((&view.schema, &view.name))).await?;
    let itself = |o: &&Origin| {
        o.source_catalog == LAKE
            && o.source_schema == view.schema
            && (o.source_table == view.name || above.iter().any(|d| d.name == o.source_table))
    };
    match origins.iter().find(itself) {
        None => Ok(()),
        Some(origin) => Err(Error::new(
            ErrorKind::InvalidObjectDefinition,
            format!("infinite recursion: view \"{}\" would read itself", view.name),
        )
        .with_detail(format!("It would read \"{}\".", origin.source_table))),
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

pub(super) async fn drop(session: &Arc<Session>, drop: &DropView) -> Result<Done> {
    let (drafts, metastore) = (session.drafts(), session.gateway().metastore());
    let mut gone: Vec<DatasetRecord> = Vec::new();
    let mut cascaded: Vec<DatasetRecord> = Vec::new();
    for given in &drop.names {
        let name = in_lake(session, given)?;
        match drafts.get(metastore, LAKE_SCHEMA, &name).await? {
            Some(dataset) => {
                manages(session, &dataset)?;
                cascaded.extend(dependants(session, LAKE, Some((LAKE_SCHEMA, &name))).await?);
                gone.push(dataset);
            }
            None if drop.on_missing == OnMissing::Skip => {
                session.notice("NOTICE", "00000", format!("view \"{given}\" does not exist, skipping"));
            }
            None => return Err(no_view(session, &name).await),
        }
    }
    cascaded.retain(|d| !gone.iter().any(|g| g.id == d.id));
    let mut seen = BTreeSet::new();
    cascaded.retain(|d| seen.insert(d.id));
    if !cascaded.is_empty() {
        let what = gone.iter().map(|g| format!("view {}", quote_identifier(&g.name))).collect::<Vec<_>>().join(", ");
        if drop.behavior == Behavior::Restrict {
            return Err(depended_on(&what, &cascaded));
        }
        tell_cascade(session, &cascaded);
    }
    gone.extend(cascaded);
    change(session, DatasetChange::Drop(gone)).await?;
    Ok(Done::Tag("DROP VIEW".to_owned()))
}

/// Says what goes with what was named.
pub(super) fn tell_cascade(session: &Arc<Session>, cascaded: &[DatasetRecord]) {
    match cascaded {
        [] => {}
        [one] => session.notice("NOTICE", "00000", format!("drop cascades to view {}", quote_identifier(&one.name))),
        many => session.notice("NOTICE", "00000", format!("drop cascades to {} other objects", many.len())),
    }
}

pub(super) async fn alter(session: &Arc<Session>, alter: &AlterView) -> Result<Done> {
    let name = in_lake(session, &alter.name)?;
    let found = session.drafts().get(session.gateway().metastore(), LAKE_SCHEMA, &name).await?;
    let Some(mut dataset) = found else { return Err(no_view(session, &name).await) };
    manages(session, &dataset)?;
    match &alter.change {
        ViewChange::Rename(new) => {
            if session.transaction() == TransactionState::Idle {
                // In a transaction another view may take its place until it is committed.
                named_by_none(session, &name).await?;
            }
            if session.drafts().get(session.gateway().metastore(), LAKE_SCHEMA, new).await?.is_some() {
                let message = format!("relation \"{new}\" already exists");
                return Err(Error::new(ErrorKind::DuplicateTable, message));
            }
            new.clone_into(&mut dataset.name);
        }
        ViewChange::Column(column, pairs) => {
            let given = super::catalog::map(pairs)?;
            option::check(COLUMN, &given)?;
            let names: Vec<String> = dataset.columns.iter().map(|c| c.name.clone()).collect();
            let Some(found) = dataset.columns.iter_mut().find(|c| c.name == *column) else {
                let message = format!("column \"{column}\" of view \"{name}\" does not exist");
                let error = Error::new(ErrorKind::UndefinedColumn, message);
                return Err(match nearest(column, names.iter().map(String::as_str)) {
                    Some(near) => error.with_hint(format!("Perhaps you meant {}.", quote_identifier(near))),
                    None => error,
                });
            };
            let set = |slot: &mut Option<String>, key: &str| {
                if let Some(value) = given.get(key) {
                    *slot = Some(value.clone()).filter(|v| !v.is_empty() && v != "none");
                }
            };
            set(&mut found.role, "role");
            set(&mut found.format, "format");
            set(&mut found.aggregate, "aggregate");
        }
    }
    change(session, DatasetChange::Update { before: name, dataset }).await?;
    Ok(Done::Tag("ALTER VIEW".to_owned()))
}

/// Makes a change: at once, or in a transaction as one of its drafts.
pub(super) async fn change(session: &Arc<Session>, change: DatasetChange) -> Result<()> {
    let author = session.user();
    match session.transaction() {
        TransactionState::Idle => session.gateway().metastore().datasets().apply(&[(change, author)]).await,
        TransactionState::Active | TransactionState::Failed => session.transaction_cell().lock().draft(change, author),
    }
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
            named_by_none(session, before).await?;
        }
        // What a view was renamed to may be what it reads, by way of those that name it so.
        let lineage = match &mut lineage {
            Some(lineage) => lineage,
            None => lineage.insert(drafts.lineage(metastore).await?),
        };
        if let Some(view) = drafts.list(metastore).await?.iter().find(|d| d.id == dataset.id) {
            let origins: Vec<Origin> =
                lineage.iter().filter(|(id, _)| *id == view.id).map(|(_, origin)| origin.clone()).collect();
            acyclic(session, view, &origins).await?;
        }
    }
    match drafts.is_empty() {
        true => Ok(()),
        false => metastore.datasets().apply(drafts.changes()).await,
    }
}

/// Refuses to take the name from a view that others read by it.
async fn named_by_none(session: &Arc<Session>, name: &str) -> Result<()> {
    let readers = dependants(session, LAKE, Some((LAKE_SCHEMA, name))).await?;
    let Some(reader) = readers.first() else { return Ok(()) };
    let message = format!("cannot rename view {} because other views name it", quote_identifier(name));
    Err(Error::new(ErrorKind::DependentObjects, message)
        .with_detail(format!("view {} reads it", quote_identifier(&reader.name)))
        .with_hint("In a transaction another view may take its place."))
}

pub(super) async fn undrop(session: &Arc<Session>, name: &ObjectName) -> Result<Done> {
    super::catalog::allowed(session, "bring back a view", "UNDROP VIEW")?;
    let name = in_lake(session, name)?;
    if !session.gateway().metastore().datasets().undrop(LAKE_SCHEMA, &name, &session.user()).await? {
        return Err(Error::new(ErrorKind::UndefinedTable, format!("there is no dropped view \"{name}\"")));
    }
    Ok(Done::Tag("UNDROP VIEW".to_owned()))
}

/// 42501 unless the session's role owns the view or was granted to manage it.
fn manages(session: &Session, dataset: &DatasetRecord) -> Result<()> {
    session.rights().require(&session.gateway().catalogs().view(dataset)?, Privilege::Manage)
}

async fn no_view(session: &Arc<Session>, name: &str) -> Error {
    let error = Error::new(ErrorKind::UndefinedTable, format!("view \"{name}\" does not exist"));
    let known = session.drafts().list(session.gateway().metastore()).await.unwrap_or_default();
    match nearest(name, known.iter().map(|d| d.name.as_str())) {
        Some(near) => error.with_hint(format!("Perhaps you meant {}.", quote_identifier(near))),
        None => error,
    }
}

/// The view's name; views are kept in the lake.
fn in_lake(session: &Arc<Session>, name: &ObjectName) -> Result<String> {
    let catalogs = session.gateway().catalogs();
    let (catalog, schema, view) = match name.0.as_slice() {
        [view] => (session.catalog().to_owned(), None, view),
        [schema, view] => (session.catalog().to_owned(), Some(schema), view),
        [catalog, schema, view] => (catalogs.canonical(catalog)?, Some(schema), view),
        _ => return Err(Error::new(ErrorKind::SyntaxError, format!("improper qualified name: {name}"))),
    };
    if catalog != LAKE {
        let message = format!("views are kept in the catalog {LAKE}, not in {}", quote_identifier(&catalog));
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
