//! GRANT and REVOKE. Who may grant is a superuser, the owner of the object, or somebody who was granted it so that they may; who may give a role to others,
//! a superuser or a member WITH ADMIN OPTION.

use super::Done;
use crate::catalog::{self, Catalog, Hidden, LAKE, LAKE_SCHEMA, Resolved, SYSTEM};
use crate::principals::{Kind, Rights, Thing};
use crate::session::Session;
use std::sync::Arc;
use uuid::Uuid;
use weft_core::name::quote_always;
use weft_core::{Error, ErrorKind, ObjectName, Privilege, Privileges, Result};
use weft_meta::{Dependents, GrantOption, PUBLIC, Revoked, Terms};
use weft_sql::{Behavior, Deed, Grant, GrantRole, GrantTarget, Grantee};

pub(super) async fn privileges(session: &Arc<Session>, grant: &Grant) -> Result<Done> {
    let tag = if grant.deed.gives() { "GRANT" } else { "REVOKE" };
    super::catalog::outside_of_transaction(session, tag)?;
    let gateway = session.gateway();
    let rights = session.rights();
    let things = things(session, grant).await?;
    let wanted = wanted(grant, &things)?;
    let privileges = grantable(&rights, grant, &things, wanted)?;
    let mut roles = Vec::with_capacity(grant.roles.len());
    for grantee in &grant.roles {
        roles.push(role(session, grantee, grant.deed).await?);
    }
    let objects = things.iter().map(Thing::object).collect();
    let about = things.first().map(|thing| thing.name().to_string()).unwrap_or_default();
    let terms = Terms { roles, objects, privileges };
    let (metastore, by, deed) = (gateway.metastore().clone(), session.user(), grant.deed);
    let owns = |thing: &Thing| thing.owned_by().is_some_and(|owner| rights.owns(owner));
    // Who was only granted it may take back what they have given.
    let granted_by = match rights.is_everything() || things.iter().all(owns) {
        true => None,
        false => Some(gateway.principals().now().belongs_to(&by)),
    };
    let changed = async move {
        let grants = metastore.grants();
        match deed {
            Deed::Grant => grants.grant(&terms, GrantOption::Without, &about, &by).await,
            Deed::GrantWithOption => grants.grant(&terms, GrantOption::With, &about, &by).await,
            Deed::Revoke(behavior) | Deed::RevokeOption(behavior) => {
                let what = if matches!(deed, Deed::Revoke(_)) { Revoked::Everything } else { Revoked::Option };
                grants.revoke(&terms, what, dependents(behavior), granted_by.as_ref(), &about, &by).await
            }
        }
    };
    gateway.principals().changed(changed).await?;
    if matches!(grant.deed, Deed::Revoke(_)) {
        tell_what_is_left(session, grant, &things, privileges);
    }
    Ok(Done::Tag(tag.to_owned()))
}

fn dependents(behavior: Behavior) -> Dependents {
    match behavior {
        Behavior::Cascade => Dependents::Cascade,
        Behavior::Restrict => Dependents::Restrict,
    }
}

/// The privileges that are asked for, which the objects must be able to have.
fn wanted(grant: &Grant, things: &[Thing]) -> Result<Privileges> {
    let is_relation = things.iter().any(|t| matches!(t.kind(), Kind::Table | Kind::View));
    match &grant.privileges {
        Some(privileges) if is_relation && privileges.contains(&Privilege::Usage) => Err(Error::new(
            ErrorKind::InvalidGrantOperation,
            format!("invalid privilege type {} for table", Privilege::Usage),
        )
        .with_hint("USAGE is of catalogs and schemas: to enter them.")),
        Some(privileges) => Ok(privileges.iter().copied().collect()),
        None => Ok(Privilege::ALL.into_iter().filter(|p| !is_relation || *p != Privilege::Usage).collect()),
    }
}

/// Those of them that the session may grant on all of the objects: each that is named, or as many as it may of ALL.
fn grantable(rights: &Rights, grant: &Grant, things: &[Thing], wanted: Privileges) -> Result<Privileges> {
    let mut all = wanted;
    for thing in things {
        let may = rights.held(thing).may_grant;
        let these: Privileges = wanted.iter().filter(|p| may.has(*p)).collect();
        if these.is_empty() || (grant.privileges.is_some() && these != wanted) {
            return Err(rights.denied(thing).with_hint(
                "A superuser, the owner, or who was granted it WITH GRANT OPTION may grant it and revoke it.",
            ));
        }
        all = all.iter().filter(|p| these.has(*p)).collect();
    }
    Ok(all)
}

/// The role's id.
async fn role(session: &Arc<Session>, grantee: &Grantee, deed: Deed) -> Result<Uuid> {
    let name = match grantee {
        Grantee::Public if deed == Deed::GrantWithOption => {
            return Err(Error::new(ErrorKind::InvalidGrantOperation, "grant options can only be granted to roles"));
        }
        Grantee::Public => return Ok(PUBLIC),
        Grantee::Role(name) => name,
    };
    match session.gateway().metastore().roles().get(name).await? {
        Some(role) => Ok(role.id),
        None => Err(no_role(name)),
    }
}

fn no_role(name: &str) -> Error {
    Error::new(ErrorKind::UndefinedObject, format!("role \"{name}\" does not exist"))
        .with_hint("SHOW ROLES lists them; CREATE ROLE makes one.")
}

/// The objects. They must be there, except to take something back.
async fn things(session: &Arc<Session>, grant: &Grant) -> Result<Vec<Thing>> {
    let catalogs = session.gateway().catalogs();
    let mut things = Vec::new();
    match &grant.objects {
        GrantTarget::Catalogs(names) => {
            for name in names {
                things.push(catalogs.thing(name)?);
            }
        }
        GrantTarget::Schemas(names) => {
            for name in names {
                things.push(schema(session, name, grant.deed).await?);
            }
        }
        GrantTarget::Tables(names) => {
            for name in names {
                things.push(table(session, name, grant.deed).await?);
            }
        }
        GrantTarget::AllTablesIn(names) => {
            for name in names {
                let schema = schema(session, name, grant.deed).await?;
                things.extend(tables_in(session, &schema).await?);
            }
        }
    }
    match things.iter().find(|thing| thing.is_system()) {
        Some(_) => Err(Error::new(ErrorKind::WrongObjectType, "system tables can be read by everybody")
            .with_hint("Each role sees in them what it may see.")),
        None => Ok(things),
    }
}

async fn schema(session: &Arc<Session>, name: &ObjectName, deed: Deed) -> Result<Thing> {
    let catalogs = session.gateway().catalogs();
    let (catalog, schema) = match name.0.as_slice() {
        [catalog, schema] => (catalogs.canonical(catalog)?, schema),
        [schema] => (session.catalog().to_owned(), schema),
        _ => return Err(improper(name)),
    };
    let thing = catalogs.thing(&catalog)?.schema_in(schema);
    let undefined = || {
        let message = format!("schema \"{schema}\" does not exist in catalog \"{catalog}\"");
        Err(Error::new(ErrorKind::UndefinedSchema, message))
    };
    match catalogs.get(&catalog)? {
        Catalog::System => Ok(thing),
        Catalog::Lake if schema == LAKE_SCHEMA => Ok(thing),
        Catalog::Source(source) if deed.gives() => {
            let listed = source.listing().await;
            match listed.contents {
                Some(contents) if contents.schemas.iter().any(|s| s == schema) => Ok(thing),
                Some(_) => undefined(),
                None => Err(listed.error.unwrap_or_else(|| Error::internal("a listing without content or error"))),
            }
        }
        Catalog::Source(_) => Ok(thing),
        Catalog::Lake => undefined(),
    }
}

async fn table(session: &Arc<Session>, name: &ObjectName, deed: Deed) -> Result<Thing> {
    let catalogs = session.gateway().catalogs();
    let environment = session.environment();
    let parts: Vec<&str> = name.0.iter().map(String::as_str).collect();
    let lookup = environment.lookup(Hidden::Invisible);
    match (catalog::resolve(catalogs, lookup, &parts).await, parts.as_slice()) {
        (Ok(Resolved::Relation { name, .. }), _) => {
            Ok(catalogs.thing(&name.catalog)?.schema_in(&name.schema).table_in(&name.table))
        }
        (Ok(Resolved::Dataset(dataset)), _) => catalogs.view(&dataset),
        (Ok(Resolved::System(_) | Resolved::View(..)), _) => catalogs.thing(SYSTEM),
        // What is gone, or away, may be taken back all the same.
        (Err(error), [catalog, schema, table])
            if !deed.gives()
                && [ErrorKind::UndefinedTable, ErrorKind::UndefinedSchema, ErrorKind::ConnectionFailed]
                    .contains(&error.kind()) =>
        {
            Ok(catalogs.thing(catalog)?.schema_in(schema).table_in(table))
        }
        (Err(error), _) => Err(error),
    }
}

/// The tables and views that are in a schema now.
async fn tables_in(session: &Arc<Session>, schema: &Thing) -> Result<Vec<Thing>> {
    let gateway = session.gateway();
    let name = schema.name();
    let [catalog, in_schema] = name.0.as_slice() else { return Err(improper(&name)) };
    if catalog == LAKE {
        let datasets = gateway.metastore().datasets().list().await?;
        return datasets.iter().map(|d| gateway.catalogs().view(d)).collect();
    }
    let listing = catalog::snapshot(gateway.catalogs(), catalog).await?;
    let tables = listing.tables.iter().filter(|t| t.schema == *in_schema);
    Ok(tables.map(|t| schema.table_in(&t.name)).collect())
}

/// Says who may still do what was taken from them, and why that can be.
fn tell_what_is_left(session: &Session, grant: &Grant, things: &[Thing], privileges: Privileges) {
    let principals = session.gateway().principals().now();
    for name in grant.roles.iter().filter_map(|g| if let Grantee::Role(name) = g { Some(name) } else { None }) {
        let rights = principals.rights(name);
        let left = |thing: &&Thing| privileges.iter().any(|p| rights.held(thing).may.has(p));
        if rights.is_everything() {
            session.notice("WARNING", "01000", format!("role \"{name}\" is a superuser and may do everything"));
        } else if let Some(thing) = things.iter().find(left) {
            let kept: Privileges = privileges.iter().filter(|p| rights.held(thing).may.has(*p)).collect();
            let kept = kept.iter().map(Privilege::word).collect::<Vec<_>>().join(", ");
            session.notice(
                "WARNING",
                "01000",
                format!(
                    "role \"{name}\" still has {kept} on {}: it owns it, or was granted it on what it lies in, by another role or as PUBLIC",
                    thing.name()
                ),
            );
        }
    }
}

pub(super) async fn roles(session: &Arc<Session>, grant: &GrantRole) -> Result<Done> {
    let (tag, verb) = if grant.deed.gives() { ("GRANT ROLE", "grant") } else { ("REVOKE ROLE", "revoke") };
    super::catalog::outside_of_transaction(session, tag)?;
    let (gateway, by) = (session.gateway(), session.user());
    let principals = gateway.principals().now();
    for role in &grant.roles {
        if !principals.may_give(&by, role) {
            let message = format!("permission denied to {verb} role {}", quote_always(role));
            return Err(Error::new(ErrorKind::InsufficientPrivilege, message).with_detail(format!(
                "Only roles with the ADMIN option on role {} may {verb} this role.",
                quote_always(role)
            )));
        }
    }
    let (metastore, deed) = (gateway.metastore().clone(), grant.deed);
    let (roles, members) = (grant.roles.clone(), grant.members.clone());
    let changed = async move {
        let grants = metastore.grants();
        match deed {
            Deed::Grant => grants.join(&roles, &members, GrantOption::Without, &by).await.map(|()| Vec::new()),
            Deed::GrantWithOption => grants.join(&roles, &members, GrantOption::With, &by).await.map(|()| Vec::new()),
            Deed::Revoke(_) => grants.part(&roles, &members, Revoked::Everything, &by).await,
            Deed::RevokeOption(_) => grants.part(&roles, &members, Revoked::Option, &by).await,
        }
    };
    let strangers = gateway.principals().changed(changed).await?;
    for (role, member) in strangers {
        let message = format!("role \"{member}\" has not been granted membership in role \"{role}\"");
        session.notice("WARNING", "01000", message);
    }
    Ok(Done::Tag(tag.to_owned()))
}

fn improper(name: &ObjectName) -> Error {
    Error::new(ErrorKind::SyntaxError, format!("improper qualified name: {name}"))
}
