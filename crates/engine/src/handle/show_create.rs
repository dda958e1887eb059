//! SHOW CREATE: the configuration as statements that would make it again. Secret values are not in it: a comment says so where they belong, and the
//! statement is refused until they are put there.

use crate::catalog::{HIDDEN, SECRET, Source};
use crate::session::Session;
use std::sync::Arc;
use weft_core::Result;
use weft_core::name::{quote_identifier, quote_literal};
use weft_meta::{Availability, SecretRecord};

/// Every secret and every source, in an order in which they can be made.
pub(super) async fn all(session: &Arc<Session>) -> Result<Vec<String>> {
    session.require_superuser("see the whole configuration")?;
    let secrets = session.gateway().metastore().secrets().list().await?;
    let sources = session.gateway().catalogs().sources();
    Ok(secrets.iter().map(secret).chain(sources.iter().flat_map(|source| catalog(source))).collect())
}

fn secret(record: &SecretRecord) -> String {
    let values: String = record.options.iter().map(|option| format!(", {}", hidden(option))).collect();
    format!("CREATE SECRET {} (TYPE {}{values})", quote_identifier(&record.name), quote_identifier(&record.kind))
}

/// One source: its CREATE, and what else brings it to where it is.
pub(super) fn catalog(source: &Source) -> Vec<String> {
    let definition = &source.record.definition;
    let name = quote_identifier(&definition.name);
    let mut options: Vec<_> = definition.options.iter().map(|(option, value)| shown(option, value)).collect();
    options.extend(definition.secret.iter().map(|name| shown(SECRET, name)));
    options.extend(source.record.secret_options.iter().map(|option| hidden(option)));
    options.sort();
    let with = definition.with.iter().map(|(k, v)| format!("{} = {}", quote_identifier(k), quote_literal(v))).collect();
    let mut statements = vec![format!(
        "CREATE CATALOG {name} USING {}{}{}",
        quote_identifier(&source.record.kind),
        list(" OPTIONS", options),
        list(" WITH", with)
    )];
    if definition.availability == Availability::Disabled {
        statements.push(format!("ALTER CATALOG {name} DISABLE"));
    }
    statements
}

fn list(word: &str, items: Vec<String>) -> String {
    if items.is_empty() { String::new() } else { format!("{word} ({})", items.join(", ")) }
}

fn shown(option: &str, value: &str) -> String {
    format!("{} {}", quote_identifier(option), quote_literal(value))
}

/// An option whose value is not told.
fn hidden(option: &str) -> String {
    format!("{} {} /* not shown */", quote_identifier(option), quote_literal(HIDDEN))
}
