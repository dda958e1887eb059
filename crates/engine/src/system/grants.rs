//! The rows of the tables about roles: who is a member of whom, and what was granted to whom. A role sees what was granted to it and by it.

use super::internal::{InternalMemberRow, TableGrantRow};
use super::tables::{GrantRow, MemberRow, RoleRow};
use crate::catalog::{SYSTEM, Table};
use crate::environment::Environment;
use crate::principals::Snapshot;
use crate::views;
use std::collections::{BTreeSet, HashMap, HashSet};
use uuid::Uuid;
use weft_core::{Privilege, Result, TableName};
use weft_meta::{GrantRecord, PUBLIC};

/// What can be granted on a table.
fn of_tables() -> impl Iterator<Item = Privilege> {
    Privilege::ALL.into_iter().filter(|p| *p != Privilege::Usage)
}

pub(super) fn roles(environment: &Environment) -> Vec<RoleRow> {
    let principals = environment.gateway.principals().now();
    let row = |role: &weft_meta::Role| {
        let mut member_of: Vec<String> = principals
            .members()
            .iter()
            .filter(|m| m.member == role.id)
            .map(|m| principals.name_of(m.role).to_owned())
            .collect();
        member_of.sort();
        RoleRow {
            role_name: role.name.clone(),
            is_superuser: role.superuser,
            can_login: role.login,
            has_password: role.verifier.is_some(),
            member_of,
            connection_limit: role.connection_limit.map(i64::from),
            valid_until: role.valid_until,
            variables: role.variables.iter().map(|(k, v)| format!("{k}={v}")).collect(),
            created_at: role.created_at,
        }
    };
    principals.roles().into_iter().map(row).collect()
}

pub(super) fn members(environment: &Environment) -> Vec<MemberRow> {
    let principals = environment.gateway.principals().now();
    let row = |m: &weft_meta::MemberRecord| MemberRow {
        role_name: principals.name_of(m.role).to_owned(),
        member_name: principals.name_of(m.member).to_owned(),
        is_admin: m.admin,
        grantor: m.grantor.clone(),
    };
    principals.members().iter().map(row).collect()
}

pub(super) async fn grants(environment: &Environment) -> Result<Vec<GrantRow>> {
    let (principals, catalogs) = (environment.gateway.principals().now(), environment.gateway.catalogs());
    let datasets = environment.gateway.metastore().datasets().list().await?;
    let views: HashMap<Uuid, _> = datasets.into_iter().map(|d| (d.id, d)).collect();
    let shown = shown(environment, &principals);
    let row = |grant: &GrantRecord| {
        let object = &grant.object;
        let some = |text: &str| Some(text.to_owned()).filter(|t| !t.is_empty());
        let (object_type, catalog_name, schema_name, object_name) = match views.get(&object.id) {
            Some(view) => ("view", crate::catalog::LAKE.to_owned(), Some(view.schema.clone()), Some(view.name.clone())),
            // Of what was dropped nothing is shown.
            None => {
                let kind = match (object.schema.as_str(), object.table.as_str()) {
                    ("", _) => "catalog",
                    (_, "") => "schema",
                    _ => "table",
                };
                (kind, catalogs.name_of(object.id)?, some(&object.schema), some(&object.table))
            }
        };
        Some(GrantRow {
            grantee: principals.name_of(grant.role).to_owned(),
            privilege: grant.privilege.to_string(),
            object_type: object_type.to_owned(),
            catalog_name,
            schema_name,
            object_name,
            is_grantable: grant.grantable,
            grantor: grant.grantor.clone(),
            granted_at: grant.created_at,
        })
    };
    Ok(principals.grants().iter().filter(|g| shown(g)).filter_map(row).collect())
}

/// Which grants the role of a statement is shown.
fn shown(environment: &Environment, principals: &Snapshot) -> impl Fn(&GrantRecord) -> bool {
    let everything = environment.viewer().is_everything();
    let belongs = principals.belongs_to(&environment.user);
    let names: HashMap<Uuid, String> = principals.roles().iter().map(|r| (r.id, r.name.clone())).collect();
    move |grant: &GrantRecord| {
        let to_us = grant.role == PUBLIC || names.get(&grant.role).is_some_and(|name| belongs.contains(name));
        everything || to_us || belongs.contains(&grant.grantor)
    }
}

/// What was granted on each table, for `changes`: as it would be told.
pub(super) fn of_tables_by_name(environment: &Environment) -> HashMap<TableName, Vec<String>> {
    let (principals, catalogs) = (environment.gateway.principals().now(), environment.gateway.catalogs());
    let shown = shown(environment, &principals);
    let mut found: HashMap<TableName, Vec<String>> = HashMap::new();
    for grant in principals.grants().iter().filter(|g| !g.object.table.is_empty() && shown(g)) {
        let Some(catalog) = catalogs.name_of(grant.object.id) else { continue };
        let table = TableName::new(catalog, &grant.object.schema, &grant.object.table);
        let told = format!("grant of {} to {}", grant.privilege, principals.name_of(grant.role));
        found.entry(table).or_default().push(told);
    }
    found
}

pub(super) async fn internal_members(environment: &Environment) -> Result<Vec<InternalMemberRow>> {
    let directory = environment.directory().await?;
    let principals = directory.principals();
    let ours: HashSet<&str> = directory.roles().iter().filter(|r| r.is_ours).map(|r| r.name.as_str()).collect();
    let number = |name: &str| directory.roles().iter().find(|r| r.name == name).map(|r| r.oid).unwrap_or_default();
    let row = |m: &weft_meta::MemberRecord| {
        let (role, member) = (principals.name_of(m.role), principals.name_of(m.member));
        InternalMemberRow {
            oid: super::Oid(crate::catalog::of_name(&["member", role, member])),
            role_oid: number(role),
            role: role.to_owned(),
            member_oid: number(member),
            member: member.to_owned(),
            grantor_oid: number(&m.grantor),
            is_admin: m.admin,
            is_ours: ours.contains(member),
        }
    };
    Ok(principals.members().iter().map(row).collect())
}

/// What may be done with each table of the current catalog, and by whom that was granted.
pub(super) async fn table_grants(environment: &Environment) -> Result<Vec<TableGrantRow>> {
    let directory = environment.directory().await?;
    let principals = directory.principals();
    let Some(catalog) = directory.thing(directory.catalog()) else { return Ok(Vec::new()) };
    let shown = shown(environment, principals);
    let grants: Vec<&GrantRecord> = principals.grants().iter().filter(|g| shown(g)).collect();
    let viewer = environment.viewer();
    let ours: HashSet<&str> = directory.roles().iter().filter(|r| r.is_ours).map(|r| r.name.as_str()).collect();
    let mut rows = Vec::new();
    for table in directory.tables() {
        // Grantor, grantee, privilege, whether it may be granted on.
        let mut found: BTreeSet<(String, String, Privilege, bool)> = BTreeSet::new();
        if is_built_in(directory.catalog(), table) {
            found.insert(("weft".to_owned(), "PUBLIC".to_owned(), Privilege::Select, false));
        } else if let Some(thing) = directory.thing_of(table) {
            if let Some(owner) = thing.owned_by().filter(|owner| viewer.owns(owner)) {
                found.extend(of_tables().map(|p| (owner.to_owned(), owner.to_owned(), p, true)));
            }
            let object = thing.object();
            let place = thing.place().object();
            let on_it = |g: &&&GrantRecord| {
                g.privilege != Privilege::Usage
                    && (g.object.covers(&object) || g.object.covers(&place) || g.object == catalog.object())
            };
            found.extend(
                grants
                    .iter()
                    .filter(on_it)
                    .map(|g| (g.grantor.clone(), principals.name_of(g.role).to_owned(), g.privilege, g.grantable)),
            );
        }
        rows.extend(found.into_iter().map(|(grantor, grantee, privilege, grantable)| TableGrantRow {
            namespace: table.schema.clone(),
            relation: table.name.clone(),
            is_ours: grantee == "PUBLIC" || ours.contains(grantee.as_str()),
            grantor,
            grantee,
            privilege: privilege.to_string(),
            is_grantable: grantable,
        }));
    }
    Ok(rows)
}

fn is_built_in(catalog: &str, table: &Table) -> bool {
    catalog == SYSTEM || [views::PG_CATALOG, views::INFORMATION_SCHEMA].contains(&table.schema.as_str())
}
