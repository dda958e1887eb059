//! COMMENT ON, ALTER … SET TAG, FOLDER or FAVORITE, CREATE and DROP FOLDER: what people say of objects. An object that is not there is an error.

use super::Done;
use crate::catalog::{self, Hidden, Resolved};
use crate::principals::Thing;
use crate::session::Session;
use std::sync::Arc;
use weft_core::{Error, ErrorKind, ObjectName, Privilege, Result};
use weft_meta::Object;
use weft_sql::{Annotate, Favorite, Folder, FolderChange, OnMissing, Remark, Target};

/// Bytes of a comment, and of a tag's value.
const LONGEST: usize = 10_000;

/// Bytes of a folder's path: PostgreSQL has a limit for what is indexed.
const LONGEST_PATH: usize = 1000;

pub(super) async fn execute(session: &Arc<Session>, annotate: &Annotate) -> Result<Done> {
    let tag = match &annotate.remark {
        Remark::Comment(_) => "COMMENT",
        _ => match annotate.target {
            Target::Catalog(_) => "ALTER CATALOG",
            Target::Schema(_) => "ALTER SCHEMA",
            Target::View(_) => "ALTER VIEW",
            _ => "ALTER TABLE",
        },
    };
    // What somebody wants to find again is their own matter.
    if !matches!(annotate.remark, Remark::Favorite(_)) {
        super::catalog::outside_of_transaction(session, tag)?;
    }
    let annotations = session.gateway().metastore().annotations();
    let user = session.user();
    let (author, done) = (user.as_str(), Ok(Done::Tag(tag.to_owned())));
    if let Target::Folder(path) = &annotate.target {
        session.require_superuser("describe a folder")?;
        if let Remark::Comment(comment) = &annotate.remark {
            annotations.comment_folder(&path_of(path)?, bounded(comment.as_deref())?, author).await?;
        }
        return done;
    }
    let (object, thing) = object(session, &annotate.target).await?;
    let rights = session.rights();
    match annotate.remark {
        Remark::Favorite(_) if rights.sees(&thing) => {}
        Remark::Favorite(_) => return Err(rights.denied(&thing)),
        _ => rights.require(&thing, Privilege::Manage)?,
    }
    match &annotate.remark {
        Remark::Comment(comment) => annotations.comment(&object, bounded(comment.as_deref())?, author).await?,
        Remark::Tag(name, value) => {
            bounded(Some(name))?;
            bounded(Some(value))?;
            annotations.tag(&object, name, value, author).await?;
        }
        Remark::Untag(name) => {
            if !annotations.untag(&object, name, author).await? {
                let message = format!("it has no tag \"{name}\"");
                return Err(
                    Error::new(ErrorKind::UndefinedObject, message).with_hint("system.metadata.tags lists the tags.")
                );
            }
        }
        Remark::Folder(path) => {
            let path = path.as_deref().map(path_of).transpose()?;
            annotations.put_into(&object, path.as_deref(), author).await?;
        }
        Remark::Favorite(Favorite::Yes) => annotations.favor(author, &object).await?,
        Remark::Favorite(Favorite::No) => annotations.disfavor(author, &object).await?,
    }
    done
}

pub(super) async fn folder(session: &Arc<Session>, folder: &Folder) -> Result<Done> {
    let annotations = session.gateway().metastore().annotations();
    let path = path_of(&folder.path)?;
    match folder.change {
        FolderChange::Create => {
            super::catalog::allowed(session, "create a folder", "CREATE FOLDER")?;
            annotations.create_folder(&path, &session.user()).await?;
            Ok(Done::Tag("CREATE FOLDER".to_owned()))
        }
        FolderChange::Drop(on_missing) => {
            super::catalog::allowed(session, "drop a folder", "DROP FOLDER")?;
            match annotations.drop_folder(&path, &session.user()).await {
                Err(error) if error.kind() == ErrorKind::UndefinedObject && on_missing == OnMissing::Skip => {
                    session.notice("NOTICE", "00000", format!("{}, skipping", error.message()));
                }
                other => other?,
            }
            Ok(Done::Tag("DROP FOLDER".to_owned()))
        }
    }
}

/// A path from the top, without a slash at its end.
fn path_of(path: &str) -> Result<String> {
    let trimmed = path.strip_suffix('/').unwrap_or(path);
    let well = trimmed.starts_with('/') && trimmed.split('/').skip(1).all(|part| !part.trim().is_empty());
    if well && trimmed.len() <= LONGEST_PATH {
        return Ok(trimmed.to_owned());
    }
    Err(Error::new(ErrorKind::InvalidParameterValue, format!("\"{path}\" is no path of a folder"))
        .with_hint("It begins with a slash: '/finance/2026'."))
}

fn bounded(text: Option<&str>) -> Result<Option<&str>> {
    match text {
        Some(text) if text.len() > LONGEST => {
            Err(Error::new(ErrorKind::ProgramLimitExceeded, format!("the text is longer than {LONGEST} bytes")))
        }
        other => Ok(other),
    }
}

/// The object, which must be there.
async fn object(session: &Arc<Session>, target: &Target) -> Result<(Object, Thing)> {
    let catalogs = session.gateway().catalogs();
    let improper = |name: &ObjectName| Error::new(ErrorKind::SyntaxError, format!("improper qualified name: {name}"));
    match target {
        Target::Catalog(name) => Ok((Object::catalog(catalogs.id(name)?), catalogs.thing(name)?)),
        Target::Schema(name) => {
            let (catalog, schema) = match name.0.as_slice() {
                [catalog, schema] => (catalogs.canonical(catalog)?, schema),
                [schema] => (session.catalog().to_owned(), schema),
                _ => return Err(improper(name)),
            };
            let listing = catalog::snapshot(catalogs, &catalog).await?;
            if !listing.schemas.iter().any(|s| s.name == *schema) {
                let message = format!("schema \"{schema}\" does not exist in catalog \"{catalog}\"");
                return Err(Error::new(ErrorKind::UndefinedSchema, message));
            }
            let thing = catalogs.thing(&catalog)?.schema_in(schema);
            Ok((Object::catalog(catalogs.id(&catalog)?).schema(schema), thing))
        }
        Target::Table(name) | Target::View(name) => table(session, &name.0).await,
        Target::Column(name) => {
            let Some((column, of)) = name.0.split_last() else { return Err(improper(name)) };
            let (table, thing) = table(session, of).await?;
            let catalog = catalogs.name_of(table.catalog).unwrap_or_default();
            let listing = catalog::snapshot(catalogs, &catalog).await?;
            let found = listing.tables.iter().find(|t| t.schema == table.schema && t.name == table.table);
            let known = found.is_some_and(|t| t.columns.iter().flatten().any(|f| f.name() == column));
            if !known {
                let message = format!("column \"{column}\" of relation \"{}\" does not exist", table.table);
                return Err(Error::new(ErrorKind::UndefinedColumn, message));
            }
            Ok((table.column(column), thing))
        }
        Target::Folder(path) => Err(Error::internal(format!("folder {path} is no object of a catalog"))),
    }
}

async fn table(session: &Arc<Session>, parts: &[String]) -> Result<(Object, Thing)> {
    let catalogs = session.gateway().catalogs();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let environment = session.environment();
    let lookup = environment.lookup(Hidden::Invisible);
    let found = catalog::resolve(catalogs, lookup, &parts).await?;
    let name = found.name();
    let thing = match found {
        Resolved::Dataset(dataset) => catalogs.view(&dataset)?,
        _ => catalogs.thing(&name.catalog)?.schema_in(&name.schema).table_in(&name.table),
    };
    Ok((Object::catalog(catalogs.id(&name.catalog)?).schema(name.schema).table(name.table), thing))
}
