//! MANAGE and UNMANAGE: which tables of a source may be queried. What becomes managed is looked at closely, by a scan of its own.

use super::Done;
use crate::catalog::{self, Catalog, Hidden, Resolved};
use crate::plan::footing;
use crate::session::Session;
use std::collections::BTreeMap;
use std::sync::Arc;
use weft_core::metadata::ScanScope;
use weft_core::name::quote_always;
use weft_core::{Error, ErrorKind, ObjectName, Privilege, Result, TableName};
use weft_meta::ManageState;
use weft_sql::{Choice, Manage, ManageScope, Scan, ScanTarget, Wish};

/// So many tables are looked at one by one; of more, their schemas are.
const FEW: usize = 20;

pub(super) async fn execute(session: &Arc<Session>, manage: &Manage) -> Result<Done> {
    let tag = match manage.wish {
        Wish::Manage => "MANAGE",
        Wish::Unmanage => "UNMANAGE",
    };
    super::catalog::outside_of_transaction(session, tag)?;
    let mut chosen: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for name in tables(session, manage).await? {
        chosen.entry(name.catalog).or_default().push((name.schema, name.table));
    }
    let (catalogs, managed) = (session.gateway().catalogs(), session.gateway().metastore().managed());
    let state = match manage.wish {
        Wish::Manage => ManageState::Pending,
        Wish::Unmanage => ManageState::Unmanaged,
    };
    for (catalog, tables) in &chosen {
        managed.decide(catalogs.id(catalog)?, tables, state, &session.user()).await?;
    }
    catalogs.learn().await?;
    if manage.wish == Wish::Manage {
        for (catalog, tables) in chosen {
            look_at(session, &manage.scope, &catalog, tables).await?;
        }
        catalogs.learn().await?;
    }
    Ok(Done::Tag(tag.to_owned()))
}

/// The tables that were named. They must be there, except to be unmanaged.
async fn tables(session: &Arc<Session>, manage: &Manage) -> Result<Vec<TableName>> {
    let catalogs = session.gateway().catalogs();
    match &manage.scope {
        ManageScope::Tables(names) => {
            let environment = session.environment();
            let lookup = environment.lookup(Hidden::Invisible);
            let mut tables = Vec::with_capacity(names.len());
            for name in names {
                let parts: Vec<&str> = name.0.iter().map(String::as_str).collect();
                match (catalog::resolve(catalogs, lookup, &parts).await, parts.as_slice()) {
                    (Ok(Resolved::Relation { name, .. }), _) => tables.push(name),
                    (Ok(other), _) => return Err(not_of_a_source(&other.name())),
                    // What is gone, or away, may be left out all the same.
                    (Err(error), [catalog, schema, table])
                        if manage.wish == Wish::Unmanage
                            && [ErrorKind::UndefinedTable, ErrorKind::ConnectionFailed].contains(&error.kind()) =>
                    {
                        tables.push(TableName::new(catalogs.canonical(catalog)?, *schema, *table));
                    }
                    (Err(error), _) => return Err(error),
                }
            }
            for table in &tables {
                footing::require(session.gateway(), &environment.rights, table, Privilege::Manage)?;
            }
            Ok(tables)
        }
        ManageScope::Schema(name, choice) => {
            let (catalog, schema) = match name.0.as_slice() {
                [catalog, schema] => (catalogs.canonical(catalog)?, schema),
                [schema] => (session.catalog().to_owned(), schema),
                _ => return Err(improper(name)),
            };
            session.rights().require(&catalogs.thing(&catalog)?.schema_in(schema), Privilege::Manage)?;
            let known = listed(session, &catalog, Some(schema)).await?;
            if let Choice::LimitTo(names) | Choice::Except(names) = choice
                && let Some(missing) = names.iter().find(|n| !known.iter().any(|k| k.table == **n))
            {
                let name = TableName::new(catalog, schema, missing);
                return Err(Error::new(ErrorKind::UndefinedTable, format!("relation \"{name}\" does not exist")));
            }
            let chosen = |t: &TableName| match choice {
                Choice::All => true,
                Choice::LimitTo(names) => names.contains(&t.table),
                Choice::Except(names) => !names.contains(&t.table),
            };
            Ok(known.into_iter().filter(chosen).collect())
        }
        ManageScope::Catalog(name) => {
            session.rights().require(&catalogs.thing(name)?, Privilege::Manage)?;
            listed(session, &catalogs.canonical(name)?, None).await
        }
    }
}

/// The tables of a source, or of one of its schemas.
async fn listed(session: &Arc<Session>, catalog: &str, schema: Option<&str>) -> Result<Vec<TableName>> {
    let catalogs = session.gateway().catalogs();
    let Catalog::Source(source) = catalogs.get(catalog)? else {
        catalogs.source(catalog)?;
        return Ok(Vec::new());
    };
    let listed = source.listing().await;
    let Some(contents) = listed.contents else {
        return Err(listed.error.unwrap_or_else(|| Error::internal("a listing without content or error")));
    };
    if let Some(schema) = schema
        && !contents.schemas.iter().any(|s| s == schema)
    {
        let message = format!("schema \"{schema}\" does not exist in catalog \"{catalog}\"");
        return Err(Error::new(ErrorKind::UndefinedSchema, message));
    }
    let within = contents.tables.iter().filter(|t| schema.is_none_or(|schema| t.schema == schema));
    Ok(within.map(|t| TableName::new(catalog, &t.schema, &t.table)).collect())
}

/// Scans what was chosen. If that fails the tables are managed all the same, and say so.
async fn look_at(
    session: &Arc<Session>,
    scope: &ManageScope,
    catalog: &str,
    tables: Vec<(String, String)>,
) -> Result<()> {
    let name = |parts: &[&str]| ObjectName(parts.iter().map(|p| (*p).to_owned()).collect());
    let targets: Vec<(ScanTarget, ScanScope)> = match scope {
        ManageScope::Catalog(_) => vec![(ScanTarget::Catalog(catalog.to_owned()), ScanScope::default())],
        _ if tables.len() <= FEW => tables
            .iter()
            .map(|(schema, table)| {
                let scope = ScanScope { schema: Some(schema.clone()), table: Some(table.clone()) };
                (ScanTarget::Table(name(&[catalog, schema, table])), scope)
            })
            .collect(),
        _ => {
            let mut schemas: Vec<&String> = tables.iter().map(|(schema, _)| schema).collect();
            schemas.dedup();
            let scope = |schema: &String| ScanScope { schema: Some(schema.clone()), table: None };
            schemas.into_iter().map(|s| (ScanTarget::Schema(name(&[catalog, s])), scope(s))).collect()
        }
    };
    let (managed, id) = (session.gateway().metastore().managed(), session.gateway().catalogs().id(catalog)?);
    for (target, scope) in targets {
        managed.progress(id, &scope, ManageState::Scanning, None, &session.user()).await?;
        let scan = Scan { target, level: Some(2).filter(|_| scope.table.is_none()), with: Vec::new() };
        let (state, error) = match super::scan::start(session, &scan).await {
            Ok(_) => (ManageState::Ready, None),
            Err(error) if error.kind() == ErrorKind::QueryCanceled => {
                managed.progress(id, &scope, ManageState::Pending, None, &session.user()).await?;
                return Err(error);
            }
            Err(error) => (ManageState::Failed, Some(error)),
        };
        if let Some(error) = &error {
            session.notice("WARNING", error.kind().sqlstate(), format!("{scan} failed: {}", error.message()));
        }
        managed.progress(id, &scope, state, error.as_ref().map(Error::message), &session.user()).await?;
    }
    Ok(())
}

fn not_of_a_source(name: &TableName) -> Error {
    Error::new(ErrorKind::WrongObjectType, format!("{} is not a table of a source", quote_always(&name.table)))
}

fn improper(name: &ObjectName) -> Error {
    Error::new(ErrorKind::SyntaxError, format!("improper qualified name: {name}"))
}
