//! CREATE, ALTER and DROP ROLE, REASSIGN OWNED. A role may change its own password and variables; all else is a superuser's.

use super::Done;
use crate::principals;
use crate::session::Session;
use crate::variables::Variables;
use arrow::compute::kernels::cast_utils::string_to_datetime;
use chrono::{DateTime, Utc};
use std::sync::Arc;
use weft_core::name::quote_identifier;
use weft_core::{Error, ErrorKind, Result};
use weft_meta::Role;
use weft_sql::stmt::set::SetValue;
use weft_sql::{
    AlterRole, CreateRole, DropRole, OnDuplicate, OnMissing, Password, ResetTarget, RoleChange, RoleOptions,
};

pub(super) async fn create(session: &Arc<Session>, create: &CreateRole) -> Result<Done> {
    super::catalog::allowed(session, "create role", "CREATE ROLE")?;
    not_reserved(&create.name)?;
    let mut role = Role::new(&create.name);
    said(session, &create.options).await?.put(&mut role);
    let (metastore, by, member_of) = (session.gateway().metastore().clone(), session.user(), create.member_of.clone());
    let created = async move { metastore.roles().create(&role, &member_of, &by).await };
    match session.gateway().principals().changed(created).await {
        Err(error) if error.kind() == ErrorKind::DuplicateObject && create.on_duplicate == OnDuplicate::Skip => {
            session.notice("NOTICE", error.kind().sqlstate(), format!("{}, skipping", error.message()));
        }
        other => other?,
    }
    done("CREATE ROLE")
}

pub(super) async fn alter(session: &Arc<Session>, alter: &AlterRole) -> Result<Done> {
    let tag = if matches!(alter.change, RoleChange::Reassign(_)) { "REASSIGN OWNED" } else { "ALTER ROLE" };
    match is_own_matter(session, alter) {
        true => super::catalog::outside_of_transaction(session, tag)?,
        false => super::catalog::allowed(session, "alter role", tag)?,
    }
    let (gateway, by, name) = (session.gateway(), session.user(), alter.name.clone());
    if let RoleChange::Rename(new) = &alter.change {
        if [by.as_str(), session.login()].contains(&name.as_str()) {
            let message = "session user cannot be renamed";
            return Err(Error::new(ErrorKind::FeatureNotSupported, message).with_hint("Log in as another one."));
        }
        not_reserved(new)?;
    }
    let metastore = gateway.metastore().clone();
    if let RoleChange::Reassign(to) = &alter.change {
        let to = to.clone();
        let reassigned = async move { metastore.roles().reassign(&name, &to, &by).await };
        gateway.principals().changed(reassigned).await?;
    } else {
        let change = change(session, alter).await?;
        let altered = async move { metastore.roles().alter(&name, &by, change).await };
        gateway.principals().changed(altered).await?;
    }
    if matches!(alter.change, RoleChange::Rename(_) | RoleChange::Reassign(_)) {
        // What is mounted knows its owner by name.
        gateway.catalogs().reload().await?;
    }
    done(tag)
}

/// What is to be done to the stored role.
type Change = Box<dyn FnOnce(&mut Role) + Send>;

async fn change(session: &Arc<Session>, alter: &AlterRole) -> Result<Change> {
    Ok(match &alter.change {
        RoleChange::Options(options) => {
            let said = said(session, options).await?;
            Box::new(|role| said.put(role))
        }
        RoleChange::Rename(new) => {
            let new = new.clone();
            Box::new(|role| role.name = new)
        }
        RoleChange::Set(variable, SetValue::Values(values)) => {
            let mut variables = Variables::new(session.gateway().settings(), &alter.name);
            variables.set(variable, &values.join(", "))?;
            let (variable, value) = (variable.to_lowercase(), variables.get(variable)?);
            Box::new(|role| {
                role.variables.insert(variable, value);
            })
        }
        RoleChange::Set(variable, SetValue::Default) | RoleChange::Reset(ResetTarget::Name(variable)) => {
            let variable = variable.to_lowercase();
            Box::new(move |role| {
                role.variables.remove(&variable);
            })
        }
        RoleChange::Reset(ResetTarget::All) => Box::new(|role| role.variables.clear()),
        RoleChange::Reassign(_) => return Err(Error::internal("to give things away changes no role")),
    })
}

pub(super) async fn drop(session: &Arc<Session>, drop: &DropRole) -> Result<Done> {
    super::catalog::allowed(session, "drop role", "DROP ROLE")?;
    let gateway = session.gateway();
    let mut names = Vec::with_capacity(drop.names.len());
    for name in &drop.names {
        if [&session.user(), session.login()].contains(&name.as_str()) {
            return Err(Error::new(ErrorKind::ObjectInUse, "current user cannot be dropped")
                .with_hint("Log in as another superuser."));
        }
        if drop.on_missing == OnMissing::Skip && gateway.metastore().roles().get(name).await?.is_none() {
            session.notice("NOTICE", "00000", format!("role \"{name}\" does not exist, skipping"));
        } else if !names.contains(name) {
            names.push(name.clone());
        }
    }
    let (metastore, by) = (gateway.metastore().clone(), session.user());
    gateway.principals().changed(async move { metastore.roles().drop(&names, &by).await }).await?;
    done("DROP ROLE")
}

/// Whether somebody changes what is theirs to change.
fn is_own_matter(session: &Session, alter: &AlterRole) -> bool {
    let own = match &alter.change {
        RoleChange::Options(options) => RoleOptions { password: None, ..options.clone() } == RoleOptions::default(),
        RoleChange::Set(..) | RoleChange::Reset(_) => true,
        RoleChange::Rename(_) | RoleChange::Reassign(_) => false,
    };
    own && alter.name == session.user()
}

/// What is said of a role, read and with its password hashed.
struct Said {
    superuser: Option<bool>,
    login: Option<bool>,
    verifier: Option<Option<String>>,
    valid_until: Option<Option<DateTime<Utc>>>,
    connection_limit: Option<Option<u32>>,
}

impl Said {
    fn put(self, role: &mut Role) {
        role.superuser = self.superuser.unwrap_or(role.superuser);
        role.login = self.login.unwrap_or(role.login);
        if let Some(verifier) = self.verifier {
            role.verifier = verifier;
        }
        if let Some(valid_until) = self.valid_until {
            role.valid_until = valid_until;
        }
        if let Some(limit) = self.connection_limit {
            role.connection_limit = limit;
        }
    }
}

async fn said(session: &Arc<Session>, options: &RoleOptions) -> Result<Said> {
    let valid_until = options.valid_until.as_deref().map(|text| moment_of(session, text)).transpose()?;
    let connection_limit = match options.connection_limit {
        None => None,
        Some(-1) => Some(None),
        Some(limit) => Some(Some(u32::try_from(limit).map_err(|_| {
            Error::new(ErrorKind::InvalidParameterValue, format!("invalid connection limit: {limit}"))
                .with_hint("It is a number of sessions, or -1 for no limit.")
        })?)),
    };
    let verifier = match &options.password {
        None => None,
        Some(Password::Null) => Some(None),
        Some(Password::Text(text)) if text.is_empty() => {
            session.notice("NOTICE", "00000", "empty string is not a valid password, clearing password");
            Some(None)
        }
        Some(Password::Text(text)) => {
            let text = text.clone();
            let hashed = tokio::task::spawn_blocking(move || principals::stored(&text)).await;
            Some(Some(hashed.map_err(|e| Error::internal("the password could not be hashed").with_source(e))??))
        }
    };
    Ok(Said { superuser: options.superuser, login: options.login, verifier, valid_until, connection_limit })
}

/// A time in the session's zone; nothing stands for never.
fn moment_of(session: &Session, text: &str) -> Result<Option<DateTime<Utc>>> {
    if text.trim().eq_ignore_ascii_case("infinity") {
        return Ok(None);
    }
    let zone = session.text_format().time_zone;
    let moment = string_to_datetime(&zone, text.trim()).map_err(|_| {
        let message = format!("invalid input syntax for type timestamp with time zone: \"{text}\"");
        Error::new(ErrorKind::InvalidDatetimeFormat, message).with_hint("It is written as '2030-12-31 23:59:59+00'.")
    })?;
    Ok(Some(moment.with_timezone(&Utc)))
}

/// Names that mean something else.
fn not_reserved(name: &str) -> Result<()> {
    if !name.starts_with("pg_") && !["public", "none"].iter().any(|word| word.eq_ignore_ascii_case(name)) {
        return Ok(());
    }
    Err(Error::new(ErrorKind::ReservedName, format!("role name {} is reserved", quote_identifier(name)))
        .with_hint("Choose a name that is not public or none and does not begin with pg_."))
}

fn done(tag: &str) -> Result<Done> {
    Ok(Done::Tag(tag.to_owned()))
}
