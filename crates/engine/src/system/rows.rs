//! Where the rows of system tables come from: snapshots of the catalogs, the sessions, the settings. One function a table.

use super::directory::Directory;
use super::internal::*;
use super::table::Rows;
use super::tables::*;
use super::{Oid, SystemRow, TableDoc};
use crate::catalog::{Catalog, Catalogs, Listing, Oids, Remark};
use crate::environment::Environment;
use crate::gateway::Gateway;
use crate::principals::Rights;
use crate::variables::{Takes, VARIABLES};
use arrow::array::RecordBatch;
use std::collections::HashMap;
use std::sync::Arc;
use weft_core::pgtype::{self, ColumnType, type_text};
use weft_core::relation::RelationKind;
use weft_core::{Error, Result};

/// The rows of a table as this statement sees them.
pub async fn rows(environment: &Environment, table: &TableDoc) -> Result<Rows> {
    match of_directory(environment, table).await? {
        Some((_, rows)) => Ok(rows),
        None => batch(environment, table).await.map(Rows::from),
    }
}

/// The rows of a table that is in the directory of the current catalog, with that.
pub async fn of_directory(environment: &Environment, table: &TableDoc) -> Result<Option<(Arc<Directory>, Rows)>> {
    if table.schema != "internal" {
        return Ok(None);
    }
    let directory = environment.directory().await?;
    let rows = directory.rows(table.table).transpose()?;
    Ok(rows.map(|rows| (directory, rows)))
}

async fn batch(environment: &Environment, table: &TableDoc) -> Result<RecordBatch> {
    match (table.schema, table.table) {
        ("metadata", "catalogs") => CatalogRow::batch(&catalogs(environment)),
        ("metadata", "schemas") => SchemaRow::batch(&schemas(environment).await?),
        ("metadata", "tables") => TableRow::batch(&tables(environment).await?),
        ("metadata", "columns") => ColumnRow::batch(&columns(environment).await?),
        ("metadata", "scans") => ScanRow::batch(&super::scans::scans(environment).await?),
        ("metadata", "changes") => ChangeRow::batch(&super::scans::changes(environment).await?),
        ("metadata", "constraints") => ConstraintRow::batch(&super::scans::constraints(environment).await?),
        ("metadata", "indexes") => IndexRow::batch(&super::scans::indexes(environment).await?),
        ("metadata", "datasets") => DatasetRow::batch(&super::objects::datasets(environment).await?),
        ("metadata", "dataset_columns") => {
            DatasetColumnRow::batch(&super::objects::dataset_columns(environment).await?)
        }
        ("metadata", "lineage") => LineageRow::batch(&super::objects::lineage(environment).await?),
        ("metadata", "tags") => TagRow::batch(&super::objects::tags(environment).await?),
        ("metadata", "folders") => FolderRow::batch(&super::objects::folders(environment).await?),
        ("metadata", "favorites") => FavoriteRow::batch(&super::objects::favorites(environment).await?),
        ("metadata", "versions") => VersionRow::batch(&super::scans::versions(environment).await?),
        ("runtime", "gateways") => GatewayRow::batch(&super::sources::gateways(environment).await?),
        ("metadata", "statistics") => StatisticsRow::batch(&super::statistics::statistics(environment).await?),
        ("metadata", "samples") => SampleRow::batch(&super::statistics::samples(environment).await?),
        ("metadata", "files") => FileRow::batch(&super::statistics::files(environment).await?),
        ("history", "jobs") => JobRow::batch(&super::scans::jobs(environment).await?),
        ("admin", "schedules") => ScheduleRow::batch(&super::scans::schedules(environment).await?),
        ("runtime", "sessions") => SessionRow::batch(&sessions(environment)),
        ("runtime", "pools") => super::pools::PoolRow::batch(&super::pools::pools(environment)),
        ("runtime", "health") => HealthRow::batch(&super::sources::health(environment).await?),
        ("runtime", "journal") => JournalRow::batch(&super::sources::journal(environment).await?),
        ("admin", "secrets") => SecretRow::batch(&super::sources::secrets(environment).await?),
        ("runtime", "caches") => CacheRow::batch(&super::workers::caches(environment)),
        ("runtime", "metrics") => MetricRow::batch(&super::samples::rows(environment).await?),
        ("runtime", "tasks") => TaskRow::batch(&super::workers::tasks(environment)),
        ("runtime", "workers") => WorkerRow::batch(&super::workers::workers(environment)),
        ("admin", "roles") => RoleRow::batch(&super::grants::roles(environment)),
        ("admin", "role_members") => MemberRow::batch(&super::grants::members(environment)),
        ("admin", "grants") => GrantRow::batch(&super::grants::grants(environment).await?),
        ("admin", "settings") => SettingRow::batch(&settings(environment)),
        ("internal", "types") => TypeRow::batch(&types()),
        ("internal", "functions") => FunctionRow::batch(super::routines::rows(environment)),
        ("internal", "role_members") => InternalMemberRow::batch(&super::grants::internal_members(environment).await?),
        ("internal", "table_grants") => TableGrantRow::batch(&super::grants::table_grants(environment).await?),
        ("internal", "timezones") => TimeZoneRow::batch(&super::timezones::rows()),
        ("internal", "cursors") => CursorRow::batch(&cursors(environment)),
        ("internal", "prepared_statements") => PreparedRow::batch(&prepared(environment)),
        ("internal", "variables") => VariableRow::batch(&variables(environment)),
        (schema, table) => Err(Error::internal(format!("system.{schema}.{table} has no rows"))),
    }
}

async fn listings(environment: &Environment) -> Result<Vec<Arc<Listing>>> {
    let inventories = environment.gateway.inventories();
    // At the same time: a slow source delays nothing but its own rows.
    let all = names(environment.gateway.catalogs(), &environment.viewer())
        .into_iter()
        .map(|name| async move { inventories.listing(environment, &name).await });
    let all = all.collect::<Vec<_>>();
    // One that is dropped meanwhile is not there any more.
    Ok(futures::future::join_all(all).await.into_iter().filter_map(Result::ok).collect())
}

/// The catalogs that the role sees.
fn names(catalogs: &Catalogs, rights: &Rights) -> Vec<String> {
    let mut names = catalogs.names();
    if !rights.is_everything() {
        names.retain(|name| catalogs.thing(name).is_ok_and(|thing| rights.sees(&thing)));
    }
    names
}

fn catalogs(environment: &Environment) -> Vec<CatalogRow> {
    let catalogs = environment.gateway.catalogs();
    let row = |name: String| -> Result<CatalogRow> {
        let catalog = catalogs.get(&name)?;
        let kind = catalog.kind().to_owned();
        Ok(match catalog {
            // Nobody is asked: a source that is away must not keep the others from being shown.
            Catalog::Source(source) => {
                let finding = source.finding();
                CatalogRow {
                    catalog_name: name,
                    kind,
                    state: finding.state.to_string(),
                    last_error: finding.error.map(|e| e.message().to_owned()),
                    owner: Some(source.record.owner.clone()),
                    created_at: Some(source.record.created_at),
                    updated_at: Some(source.record.updated_at),
                }
            }
            Catalog::Lake | Catalog::System => CatalogRow {
                catalog_name: name,
                kind,
                state: "healthy".to_owned(),
                last_error: None,
                owner: None,
                created_at: None,
                updated_at: None,
            },
        })
    };
    // One that is dropped meanwhile is not there any more.
    names(environment.gateway.catalogs(), &environment.viewer()).into_iter().filter_map(|name| row(name).ok()).collect()
}

async fn schemas(environment: &Environment) -> Result<Vec<SchemaRow>> {
    let scanned = environment.gateway.metastore().scans().schemas().await?.into_iter();
    let mut scanned: HashMap<_, _> = scanned.map(|s| ((s.catalog_name.clone(), s.schema.clone()), s)).collect();
    let mut rows = Vec::new();
    for listing in listings(environment).await? {
        for schema in &listing.schemas {
            let (catalog_name, schema_name) = (listing.catalog.clone(), schema.name.clone());
            let scanned = scanned.remove(&(catalog_name.clone(), schema_name.clone()));
            rows.push(SchemaRow {
                catalog_name,
                schema_name,
                tables: scanned.as_ref().map(|s| s.tables),
                bytes: scanned.as_ref().and_then(|s| s.bytes),
                files: scanned.as_ref().and_then(|s| s.files),
                formats: scanned.as_ref().and_then(|s| s.formats.clone()),
                updated_at: scanned.as_ref().and_then(|s| s.updated_at),
                scanned_at: scanned.map(|s| s.scanned_at),
            });
        }
    }
    Ok(rows)
}

async fn tables(environment: &Environment) -> Result<Vec<TableRow>> {
    let folders = folders(environment).await?;
    let known = super::statistics::Known::read(environment).await?;
    let mut rows = Vec::new();
    for listing in listings(environment).await? {
        rows.extend(listing.tables.iter().map(|t| {
            let known = known.of(&listing.catalog, &t.schema, &t.name);
            TableRow {
                catalog_name: listing.catalog.clone(),
                schema_name: t.schema.clone(),
                table_name: t.name.clone(),
                table_type: match t.kind {
                    RelationKind::Table => "BASE TABLE".to_owned(),
                    RelationKind::View => "VIEW".to_owned(),
                },
                state: t.state.to_string(),
                comment: t.comment.clone(),
                folder: folders.get(&(listing.catalog.clone(), t.schema.clone(), t.name.clone())).cloned(),
                files: t.files.map(as_count),
                bytes: t.bytes.map(as_count),
                updated_at: t.updated_at,
                error: t.columns.as_ref().err().map(|e| e.message().to_owned()),
                scan_level: known.level,
                scanned_at: known.scanned_at,
                scan_method: known.scan_method,
                method: known.method,
                is_complete: known.is_complete,
            }
        }));
    }
    Ok(rows)
}

/// The folders of tables, by catalog, schema and name.
async fn folders(environment: &Environment) -> Result<HashMap<(String, String, String), String>> {
    let catalogs = environment.gateway.catalogs();
    let said = environment.gateway.metastore().annotations().list(None).await?.into_iter();
    let folder = |a: weft_meta::AnnotationRecord| {
        Some(((catalogs.name_of(a.object.catalog)?, a.object.schema, a.object.table), a.folder?))
    };
    Ok(said.filter(|a| a.object.column.is_empty()).filter_map(folder).collect())
}

pub(super) fn as_count(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

async fn columns(environment: &Environment) -> Result<Vec<ColumnRow>> {
    let mut rows = Vec::new();
    for listing in listings(environment).await? {
        for table in &listing.tables {
            for (position, field) in table.columns.iter().flatten().enumerate() {
                let Remark { comment, default } = table.remark(position);
                rows.push(ColumnRow {
                    catalog_name: listing.catalog.clone(),
                    schema_name: table.schema.clone(),
                    table_name: table.name.clone(),
                    column_name: field.name().clone(),
                    ordinal_position: i32::try_from(position + 1).unwrap_or(i32::MAX),
                    data_type: type_text(field),
                    is_nullable: field.is_nullable(),
                    column_default: default,
                    comment,
                });
            }
        }
    }
    Ok(rows)
}

/// The type as `format_type` prints it.
pub(super) fn sessions(environment: &Environment) -> Vec<SessionRow> {
    use crate::outcome::TransactionState;
    let rights = environment.viewer();
    let all = environment.gateway.sessions().into_iter().map(|session| SessionRow {
        pid: session.pid(),
        user_name: session.login().to_owned(),
        catalog_name: session.catalog().to_owned(),
        client_address: session.client_addr().map(|a| a.to_string()).filter(|_| rights.owns(session.login())),
        application_name: session.application_name(),
        state: match (session.is_active(), session.transaction()) {
            (true, _) => "active",
            (false, TransactionState::Idle) => "idle",
            (false, TransactionState::Active) => "idle in transaction",
            (false, TransactionState::Failed) => "idle in transaction (aborted)",
        }
        .to_owned(),
        // As in PostgreSQL, what others run is theirs to know.
        statement: match rights.owns(session.login()) {
            true => session.last_statement(),
            false => "<insufficient privilege>".to_owned(),
        },
        started_at: session.started_at(),
        transaction_started_at: session.transaction_began().filter(|_| rights.owns(session.login())),
        statement_started_at: session.moments().statement.filter(|_| rights.owns(session.login())),
        state_changed_at: Some(session.moments().state).filter(|_| rights.owns(session.login())),
    });
    all.collect()
}

/// Those of the session that runs the statement.
fn cursors(environment: &Environment) -> Vec<CursorRow> {
    let session = environment.gateway.session(environment.pid);
    let open = session.map(|session| session.cursors().list()).unwrap_or_default();
    let row = |open: crate::session::OpenCursor| CursorRow {
        name: open.name,
        statement: open.statement,
        is_holdable: open.hold,
        is_binary: open.binary,
        is_scrollable: open.scrolls,
        created_at: open.created_at,
    };
    open.into_iter().map(row).collect()
}

/// Those of the session that runs the statement.
fn prepared(environment: &Environment) -> Vec<PreparedRow> {
    let Some(session) = environment.gateway.session(environment.pid) else { return Vec::new() };
    let spelled = |oids: &[u32]| {
        oids.iter()
            .map(|oid| ColumnType::from_oid(*oid).map_or_else(|| oid.to_string(), ColumnType::sql_name))
            .collect()
    };
    let named = session.named().lock();
    let mut rows: Vec<_> = named
        .iter()
        .map(|(name, statement)| PreparedRow {
            name: name.clone(),
            statement: statement.text.clone(),
            created_at: statement.prepared_at,
            parameter_types: spelled(&statement.parameter_oids),
            result_types: spelled(statement.result_oids.as_deref().unwrap_or_default()),
        })
        .collect();
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    rows
}

fn settings(environment: &Environment) -> Vec<SettingRow> {
    let values = environment.gateway.settings().list();
    // They tell where things lie on the gateway's machine.
    let shown = environment.viewer().is_everything();
    let all = weft_core::settings::SPECS.iter().zip(values).filter(|_| shown).map(|(spec, (_, value))| SettingRow {
        setting_name: spec.key.to_owned(),
        value,
        default_value: spec.default.to_owned(),
        comment: spec.doc.to_owned(),
    });
    all.collect()
}

pub(super) fn databases(gateway: &Gateway, viewer: &Rights) -> Vec<DatabaseRow> {
    let catalogs = gateway.catalogs();
    let mut oids = Oids::default();
    let all = names(catalogs, viewer).into_iter().map(|name| {
        let oid = Oid(oids.assign(&["database", &name]));
        let comment = match name.as_str() {
            crate::catalog::LAKE => Some("managed tables and datasets".to_owned()),
            crate::catalog::SYSTEM => Some("Weft's system tables".to_owned()),
            _ => catalogs.get(&name).ok().map(|c| format!("source of kind {}", c.kind())),
        };
        DatabaseRow { oid, name, comment }
    });
    all.collect()
}

pub(super) fn types() -> Vec<TypeRow> {
    let mut rows = Vec::new();
    for t in pgtype::SCALARS {
        rows.push(TypeRow {
            oid: Oid(t.oid),
            name: t.name.to_owned(),
            sql_name: t.sql_name.to_owned(),
            length: t.len,
            category: t.category.to_string(),
            kind: if matches!(t.category, 'P' | 'X') { "p" } else { "b" }.to_owned(),
            element_oid: Oid(0),
            array_oid: Oid(t.array_oid),
        });
        if t.array_oid != 0 {
            rows.push(TypeRow {
                oid: Oid(t.array_oid),
                name: format!("_{}", t.name),
                sql_name: format!("{}[]", t.sql_name),
                length: -1,
                category: "A".to_owned(),
                kind: "b".to_owned(),
                element_oid: Oid(t.oid),
                array_oid: Oid(0),
            });
        }
    }
    rows
}

pub(super) fn internal_roles(gateway: &Gateway, user: &str) -> Vec<InternalRoleRow> {
    let mut oids = Oids::default();
    let principals = gateway.principals().now();
    let everything = principals.rights(user).is_everything();
    let belongs = principals.belongs_to(user);
    let row = |role: &weft_meta::Role| InternalRoleRow {
        // PostgreSQL's first superuser is number 10, and owns everything that is built in.
        oid: if role.name == "weft" { Oid(10) } else { Oid(oids.assign(&["role", &role.name])) },
        name: role.name.clone(),
        superuser: role.superuser,
        login: role.login,
        connection_limit: role.connection_limit.and_then(|limit| i32::try_from(limit).ok()).unwrap_or(-1),
        valid_until: role.valid_until,
        variables: role.variables.iter().map(|(name, value)| format!("{name}={value}")).collect(),
        is_ours: everything || belongs.contains(&role.name),
    };
    principals.roles().into_iter().map(row).collect()
}

fn variables(environment: &Environment) -> Vec<VariableRow> {
    let all = VARIABLES.iter().map(|v| VariableRow {
        name: v.name.to_owned(),
        value: environment.variables.get(v.name).unwrap_or_default(),
        reset_value: environment.variables.initial(v.name),
        comment: v.doc.to_owned(),
        context: if v.takes == Takes::Nothing { "internal" } else { "user" }.to_owned(),
        kind: match v.takes {
            Takes::Boolean => "bool",
            Takes::Integer(..) | Takes::Time => "integer",
            Takes::Word(_) => "enum",
            _ => "string",
        }
        .to_owned(),
    });
    all.collect()
}
