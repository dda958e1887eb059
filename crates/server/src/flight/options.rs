//! Session options: `catalog` and `schema`, which drivers know, and the variables of SQL's SET. It must not know how they are written on the wire.

use super::metadata::table;
use super::session_option::{GetSessionOptionsResult, OptionValue, SessionOptionValue};
use super::session_option::{OptionError, OptionErrorValue, SetSessionOptionsRequest, SetSessionOptionsResult};
use super::statement::{self, settled};
use super::visitor::Visit;
use std::collections::HashMap;
use weft_core::name::{quote_always, quote_literal, split_name};
use weft_core::{Error, ErrorKind, Result};

/// The catalog of the session.
const CATALOG: &str = "catalog";

/// The first schema of its search path.
const SCHEMA: &str = "schema";

/// Sets each; those that cannot be set are told.
pub(crate) async fn set(visit: &Visit, request: SetSessionOptionsRequest) -> SetSessionOptionsResult {
    // The others are to be those of the catalog that is chosen.
    let mut options: Vec<_> = request.session_options.into_iter().collect();
    options.sort_by_key(|(name, _)| (name != CATALOG, name.clone()));
    let mut errors = HashMap::new();
    for (name, value) in options {
        if let Err(error) = set_one(visit, &name, value.option_value).await {
            tracing::debug!(name, %error, "a session option is not set");
            let value = match error.kind() {
                ErrorKind::UndefinedObject | ErrorKind::InvalidName => OptionErrorValue::InvalidName,
                ErrorKind::InvalidParameterValue | ErrorKind::UndefinedCatalog | ErrorKind::UndefinedSchema => {
                    OptionErrorValue::InvalidValue
                }
                _ => OptionErrorValue::Error,
            };
            errors.insert(name, OptionError { value: value.into() });
        }
    }
    SetSessionOptionsResult { errors }
}

/// All of them.
pub(crate) async fn get(visit: &Visit) -> Result<GetSessionOptionsResult> {
    let session = visit.session();
    let variables = table::ask(&session, "SHOW ALL").await?;
    let mut options: HashMap<String, String> = variables
        .texts(0)
        .into_iter()
        .zip(variables.texts(1))
        .filter_map(|(name, value)| Some((name?, value?)))
        .collect();
    let path = options.get("search_path").map(|path| split_names(path)).unwrap_or_default();
    // As in PostgreSQL: the schema of the user's name counts only if it is there.
    if let Some(schema) = path.into_iter().find(|schema| schema != "$user") {
        options.insert(SCHEMA.to_owned(), schema);
    }
    options.insert(CATALOG.to_owned(), session.catalog().to_owned());
    let value = |value| SessionOptionValue { option_value: Some(OptionValue::Text(value)) };
    Ok(GetSessionOptionsResult {
        session_options: options.into_iter().map(|(name, text)| (name, value(text))).collect(),
    })
}

async fn set_one(visit: &Visit, name: &str, value: Option<OptionValue>) -> Result<()> {
    let text = value.map(text);
    match (name, text) {
        (CATALOG, Some(catalog)) if catalog == visit.session().catalog() => Ok(()),
        (CATALOG, Some(catalog)) => visit.move_to(&catalog).await,
        (SCHEMA, Some(schema)) => {
            let path = quote_always(&schema);
            run(visit, &format!("SET search_path = {path}")).await?;
            visit.remember("search_path", &path);
            Ok(())
        }
        (CATALOG, None) => Err(Error::new(ErrorKind::InvalidParameterValue, "a session has a catalog")),
        (SCHEMA, None) => run(visit, "RESET search_path").await,
        (name, _) if !is_name(name) => Err(Error::new(ErrorKind::InvalidName, format!("invalid option \"{name}\""))),
        (name, Some(text)) => {
            run(visit, &format!("SET {name} = {}", quote_literal(&text))).await?;
            visit.remember(name, &text);
            Ok(())
        }
        (name, None) => run(visit, &format!("RESET {name}")).await,
    }
}

async fn run(visit: &Visit, sql: &str) -> Result<()> {
    let session = visit.session();
    let prepared = statement::prepare(&session, sql).await?;
    settled(&session, async { session.execute(&prepared, Vec::new()).await.map(drop) }).await
}

fn text(value: OptionValue) -> String {
    match value {
        OptionValue::Text(text) => text,
        OptionValue::Bool(yes) => if yes { "on" } else { "off" }.to_owned(),
        OptionValue::Integer(number) => number.to_string(),
        OptionValue::Double(number) => number.to_string(),
        OptionValue::Texts(texts) => texts.values.join(", "),
    }
}

/// Whether it can stand in a statement as it is.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.')
}

/// Names with commas between them.
fn split_names(path: &str) -> Vec<String> {
    path.split(',').filter_map(|name| split_name(name.trim()).into_iter().next()).collect()
}
