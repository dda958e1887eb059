//! SHOW: listings are queries on the system tables that they mirror; variables are rows of their own.

use super::query::{self, Described};
use crate::catalog::{self, Hidden, Resolved};
use crate::session::Session;
use std::sync::Arc;
use weft_core::name::{quote_always, quote_literal};
use weft_core::{Error, ErrorKind, ObjectName, Result};
use weft_sql::stmt::show::mistyped;
use weft_sql::{Show, StatementKind};

pub(super) async fn bind(session: &Arc<Session>, show: &Show) -> Result<Described> {
    let sql = text(session, show).await?;
    match weft_sql::parse(&sql)?.into_iter().next().map(|s| s.kind) {
        Some(StatementKind::Query(query)) => query::bind(session, &query, &[], "SHOW").await,
        _ => Err(Error::internal(format!("SHOW became no query: {sql}"))),
    }
}

/// The query that answers it.
async fn text(session: &Arc<Session>, show: &Show) -> Result<String> {
    Ok(match show {
        Show::Catalogs { like } => format!(
            "SELECT catalog_name, kind, state, last_error, created_at FROM system.metadata.catalogs{} ORDER BY catalog_name",
            filter(None, "catalog_name", like)
        ),
        Show::Schemas { catalog, like } => {
            let catalog = existing(session, catalog.as_deref().unwrap_or(session.catalog()))?;
            let of = format!("catalog_name = {}", quote_literal(&catalog));
            format!("SELECT schema_name FROM system.metadata.schemas{} ORDER BY schema_name", filter(Some(of), "schema_name", like))
        }
        Show::Tables { scope, like } => {
            let of = scope_filter(session, scope.as_ref())?;
            format!(
                "SELECT schema_name, table_name, table_type, files, bytes, updated_at, error FROM system.metadata.tables{} ORDER BY 1, 2",
                filter(Some(of), "table_name", like)
            )
        }
        Show::Columns { table } => {
            // The name is looked up as in a query: a table that is not there is an error, not an empty list.
            let (catalog, schema, table) = full_name(session, table)?;
            let (catalogs, environment) = (session.gateway().catalogs(), session.environment());
            let lookup = environment.lookup(Hidden::Invisible);
            let thing = match catalog::resolve(catalogs, lookup, &[&catalog, &schema, &table]).await? {
                Resolved::Relation { name, .. } => Some(catalogs.thing(&name.catalog)?.schema_in(&name.schema).table_in(&name.table)),
                Resolved::Dataset(dataset) => Some(catalogs.view(&dataset)?),
                Resolved::System(_) | Resolved::View(..) => None,
            };
            if let Some(thing) = thing.filter(|thing| !environment.rights.sees(thing)) {
                return Err(environment.rights.denied(&thing));
            }
            format!(
                "SELECT column_name, data_type, is_nullable, comment FROM system.metadata.columns WHERE catalog_name = {} AND schema_name = {} \
                 AND table_name = {} ORDER BY ordinal_position",
                quote_literal(&catalog),
                quote_literal(&schema),
                quote_literal(&table)
            )
        }
        Show::CreateCatalog { name } => {
            session.require_superuser("see how a catalog was made")?;
            let source = session.gateway().catalogs().source(name)?;
            statements(&super::show_create::catalog(&source))
        }
        Show::CreateAll => statements(&super::show_create::all(session).await?),
        Show::Secrets => "SELECT secret_name, kind, options, used_by, created_at FROM system.admin.secrets ORDER BY secret_name".to_owned(),
        Show::Jobs => "SELECT job_id, kind, catalog_name, state, done, total, remaining_seconds, error, created_at, ended_at \
                       FROM system.history.jobs ORDER BY created_at DESC"
            .to_owned(),
        Show::Journal => "SELECT id, state, statement, user_name, journalled_at, applied_at, error FROM system.runtime.journal ORDER BY journalled_at DESC"
            .to_owned(),
        Show::Scans => "SELECT scan_id, catalog_name, schema_name, table_name, level, is_complete, schemas, tables, columns, added, modified, \
                        removed, started_at, ended_at FROM system.metadata.scans ORDER BY started_at DESC"
            .to_owned(),
        Show::Schedules => "SELECT schedule_name, cron, time_zone, statement, state, next_run_at, last_run_at, last_outcome \
                            FROM system.admin.schedules ORDER BY schedule_name"
            .to_owned(),
        Show::Roles => "SELECT role_name, is_superuser, can_login, member_of, connection_limit, valid_until, created_at \
                        FROM system.admin.roles ORDER BY role_name"
            .to_owned(),
        Show::Grants { role } => format!(
            "SELECT grantee, privilege, object_type, catalog_name, schema_name, object_name, is_grantable, grantor FROM system.admin.grants{} \
             ORDER BY grantee, catalog_name, schema_name NULLS FIRST, object_name NULLS FIRST, privilege",
            role.as_ref().map(|role| format!(" WHERE grantee = {}", grantee(role))).unwrap_or_default()
        ),
        Show::Caches => "SELECT worker_id, entries, bytes, max_bytes, hits, misses, cached_bytes, fetched_bytes FROM system.runtime.caches ORDER BY 1"
            .to_owned(),
        Show::Pools => "SELECT catalog_name, role, kind, address, state, serving, consecutive_failures, failovers, last_check_at, last_error \
                        FROM system.runtime.pools ORDER BY catalog_name, role DESC"
            .to_owned(),
        Show::Workers => "SELECT worker_id, kind, state, address, running, duckdb_version, heartbeat_at FROM system.runtime.workers \
                          ORDER BY kind, worker_id"
            .to_owned(),
        Show::All => "SELECT name, setting, description FROM (SELECT name, setting, short_desc AS description FROM pg_catalog.pg_settings) AS s ORDER BY lower(name)".to_owned(),
        Show::Variable(name) => {
            let value = session.variables().lock().get(name).map_err(|error| match mistyped(name) {
                Some(listing) => error.with_hint(format!("Did you mean SHOW {listing}?")),
                None => error,
            })?;
            let shown = crate::variables::VARIABLES.iter().find(|v| v.name.eq_ignore_ascii_case(name)).map_or(name.as_str(), |v| v.name);
            format!("SELECT {} AS {}", quote_literal(&value), quote_always(shown))
        }
    })
}

/// Everybody is no role, and written so that it looks like none.
fn grantee(role: &str) -> String {
    quote_literal(if role == "public" { "PUBLIC" } else { role })
}

/// A query whose rows are these statements, in their order.
fn statements(texts: &[String]) -> String {
    let row = |(i, text): (usize, &String)| format!("({i}, {})", quote_literal(text));
    let rows: Vec<_> = texts.iter().enumerate().map(row).collect();
    match rows.as_slice() {
        [] => "SELECT '' AS statement WHERE false".to_owned(),
        some => format!("SELECT column2 AS statement FROM (VALUES {}) AS t ORDER BY column1", some.join(", ")),
    }
}

fn filter(of: Option<String>, column: &str, like: &Option<String>) -> String {
    let like = like.as_ref().map(|pattern| format!("{column} LIKE {}", quote_literal(pattern)));
    let conditions: Vec<_> = of.into_iter().chain(like).collect();
    if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) }
}

fn existing(session: &Arc<Session>, catalog: &str) -> Result<String> {
    session.gateway().catalogs().canonical(catalog)
}

fn scope_filter(session: &Arc<Session>, scope: Option<&ObjectName>) -> Result<String> {
    let own = |catalog: &str| {
        format!("catalog_name = {} AND schema_name NOT IN ('pg_catalog', 'information_schema')", quote_literal(catalog))
    };
    let in_schema = |catalog: &str, schema: &str| {
        format!("catalog_name = {} AND schema_name = {}", quote_literal(catalog), quote_literal(schema))
    };
    Ok(match scope.map(|name| name.0.as_slice()) {
        None => own(session.catalog()),
        Some([catalog, schema]) => in_schema(&existing(session, catalog)?, schema),
        // One part is a catalog, or a schema of the current one.
        Some([one]) => match existing(session, one) {
            Ok(catalog) => own(&catalog),
            Err(_) => in_schema(session.catalog(), one),
        },
        Some(_) => return Err(Error::new(ErrorKind::SyntaxError, "SHOW TABLES takes a catalog and a schema")),
    })
}

pub(super) fn full_name(session: &Arc<Session>, name: &ObjectName) -> Result<(String, String, String)> {
    let first_schema =
        || session.variables().lock().search_path().into_iter().next().unwrap_or_else(|| "public".to_owned());
    match name.0.as_slice() {
        [catalog, schema, table] => Ok((existing(session, catalog)?, schema.clone(), table.clone())),
        [schema, table] => Ok((session.catalog().to_owned(), schema.clone(), table.clone())),
        [table] => Ok((session.catalog().to_owned(), first_schema(), table.clone())),
        _ => Err(Error::new(ErrorKind::SyntaxError, format!("improper qualified name: {name}"))),
    }
}
