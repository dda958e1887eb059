//! CREATE and ALTER VIEW: queries that are kept in the lake under a name; tables are renamed here too. A query is bound when it is kept, so that a view that cannot be read is never
//! made.

use super::Done;
use super::relation::{self, change, dependants, in_lake, manages, missing};
use crate::catalog::{LAKE, LAKE_SCHEMA};
use crate::outcome::TransactionState;
use crate::plan::bind;
use crate::plan::lineage::{self, Lineage};
use crate::session::Session;
use chrono::Utc;
use std::collections::HashSet;
use std::sync::Arc;
use uuid::Uuid;
use weft_core::name::{nearest, quote_identifier};
use weft_core::option::{self, Exposure, OptionSpec, OptionType, Presence};
use weft_core::pgtype::text_of;
use weft_core::{Error, ErrorKind, Privilege, Result};
use weft_meta::{DatasetChange, DatasetColumn, DatasetKind, DatasetRecord, Origin};
use weft_sql::{AlterView, CreateView, OnExisting, Relation, ViewChange};

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
    let name = in_lake(session, &create.name, Relation::View)?;
    let rights = session.rights();
    rights.require(&session.gateway().catalogs().thing(LAKE)?.schema_in(LAKE_SCHEMA), Privilege::Manage)?;
    let environment = session.environment();
    let bound = bind::bind(&environment, &create.query, &[]).await?;
    if !bound.parameters.is_empty() {
        return Err(Error::new(ErrorKind::UndefinedParameter, "a view cannot have parameters"));
    }
    let columns = columns("CREATE VIEW", &create.columns, &bound)?;
    let origins = origins(&lineage::of(&bound.plan, &bound.names), &columns);
    let before = session.drafts().get(session.gateway().metastore(), LAKE_SCHEMA, &name).await?;
    let now = Utc::now();
    let dataset = match before {
        None => DatasetRecord {
            id: Uuid::now_v7(),
            schema: LAKE_SCHEMA.to_owned(),
            name,
            kind: DatasetKind::View,
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
        Some(before) if before.kind != DatasetKind::View => return Err(relation::is_another(&before)),
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

/// The columns of a query under the names that a statement gives them.
pub(super) fn columns(statement: &str, names: &[String], bound: &bind::BoundQuery) -> Result<Vec<DatasetColumn>> {
    if names.len() > bound.columns.len() {
        let message = format!("{statement} specifies more column names than columns");
        return Err(Error::new(ErrorKind::SyntaxError, message));
    }
    let mut taken = HashSet::new();
    let mut columns = Vec::with_capacity(bound.columns.len());
    let mut queried = HashSet::new();
    for (i, column) in bound.columns.iter().enumerate() {
        let name = names.get(i).unwrap_or(&column.name).clone();
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
pub(super) async fn acyclic(session: &Arc<Session>, view: &DatasetRecord, origins: &[Origin]) -> Result<()> {
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

pub(super) async fn alter(session: &Arc<Session>, alter: &AlterView) -> Result<Done> {
    let name = in_lake(session, &alter.name, Relation::View)?;
    let found = session.drafts().get(session.gateway().metastore(), LAKE_SCHEMA, &name).await?;
    let Some(mut dataset) = found else { return Err(missing(session, Relation::View, &name).await) };
    if dataset.kind != DatasetKind::View && !matches!(alter.change, ViewChange::Rename(_)) {
        return Err(relation::is_another(&dataset));
    }
    manages(session, &dataset)?;
    match &alter.change {
        ViewChange::Rename(new) => {
            if session.transaction() == TransactionState::Idle {
                // In a transaction another view may take its place until it is committed.
                named_by_none(session, dataset.kind, &name).await?;
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

/// Refuses to take the name from a view or table that views read by it.
pub(super) async fn named_by_none(session: &Arc<Session>, kind: DatasetKind, name: &str) -> Result<()> {
    let readers = dependants(session, LAKE, Some((LAKE_SCHEMA, name))).await?;
    let Some(reader) = readers.first() else { return Ok(()) };
    let message = format!("cannot rename {} {} because other views name it", kind.word(), quote_identifier(name));
    Err(Error::new(ErrorKind::DependentObjects, message)
        .with_detail(format!("view {} reads it", quote_identifier(&reader.name)))
        .with_hint(format!("In a transaction another {} may take its place.", kind.word())))
}
