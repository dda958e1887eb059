//! Options of sources on their way between users, the metastore and connectors: sorted into what may be shown and what is stored encrypted, and put
//! together again when a source is opened. It must not look at what an option means.

use std::collections::BTreeMap;
use std::sync::Arc;
use weft_connect::{Connector, Context, Given, Kind};
use weft_core::name::quote_identifier;
use weft_core::option::{Exposure, OptionSpec, check, recognise};
use weft_core::secret::wipe;
use weft_core::{Error, ErrorKind, Result, Secret};
use weft_meta::{CatalogDefinition, Metastore};
use weft_sql::OptionChange;

/// The option that names a secret whose values are options too.
pub const SECRET: &str = "secret";

/// What stands for a value that is not shown.
pub const HIDDEN: &str = "***";

/// Options by where they are kept.
#[derive(Debug, Clone, Default)]
pub struct Sorted {
    /// Those that may be shown.
    pub shown: BTreeMap<String, String>,
    /// Those that are stored encrypted.
    pub hidden: BTreeMap<String, Secret>,
    /// The secret that is named.
    pub secret: Option<String>,
}

impl Sorted {
    /// Adds an option, in place of the one of its name.
    pub async fn set(&mut self, kind: &Kind, metastore: &Metastore, name: &str, value: &str) -> Result<()> {
        let declared = kind.options.iter().find(|spec| spec.name == name);
        if name == SECRET {
            // A kind may have an option of this name; then the word is a secret's name if there is such a secret.
            if declared.is_none() || metastore.secrets().values(value).await?.is_some() {
                self.hidden.remove(name);
                self.secret = Some(value.to_owned());
                return Ok(());
            }
            self.secret = None;
        }
        match declared.map(|spec| spec.exposure) {
            Some(Exposure::Secret) => {
                refuse_placeholder(name, value)?;
                self.hidden.insert(name.to_owned(), Secret::new(value));
            }
            // What is not declared is refused when the source is opened.
            Some(Exposure::Public) | None => drop(self.shown.insert(name.to_owned(), value.to_owned())),
        }
        Ok(())
    }

    /// Takes an option away; 42704 if it is not there.
    pub fn remove(&mut self, name: &str) -> Result<()> {
        let named = name == SECRET && self.secret.take().is_some();
        let hidden = self.hidden.remove(name).is_some();
        if self.shown.remove(name).is_some() || hidden || named {
            return Ok(());
        }
        Err(Error::new(ErrorKind::UndefinedObject, format!("option {} is not set", quote_identifier(name)))
            .with_hint("SHOW CREATE CATALOG shows the options that are set."))
    }

    /// Does what ALTER CATALOG … OPTIONS says.
    pub async fn change(&mut self, kind: &Kind, metastore: &Metastore, changes: &[OptionChange]) -> Result<()> {
        for change in changes {
            match change {
                OptionChange::Set(name, value) => self.set(kind, metastore, name, value).await?,
                OptionChange::Drop(name) => self.remove(name)?,
            }
        }
        Ok(())
    }
}

/// The values of a new secret, checked and as they are stored.
pub fn secret_values(kind: &Kind, given: BTreeMap<String, String>) -> Result<BTreeMap<String, Secret>> {
    for (name, value) in &given {
        refuse_placeholder(name, value)?;
    }
    // Whatever the kind says of them: all that is put into a secret is secret.
    let hidden = |spec: &OptionSpec| OptionSpec { exposure: Exposure::Secret, ..*spec };
    recognise(&kind.options.iter().map(hidden).collect::<Vec<_>>(), &given)?;
    if given.is_empty() {
        return Err(Error::new(ErrorKind::InvalidParameterValue, "a secret without values is of no use")
            .with_hint("Give it the options of the source that are secret: (TYPE s3, KEY_ID '…', SECRET '…')."));
    }
    Ok((kind.settle)(given)?.into_iter().map(|(name, value)| (name, Secret::new(value))).collect())
}

/// A statement that SHOW CREATE has printed, run without putting the values in.
fn refuse_placeholder(name: &str, value: &str) -> Result<()> {
    if value != HIDDEN {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::InvalidParameterValue,
        format!("option {} has '{HIDDEN}' in place of its value", quote_identifier(name)),
    )
    .with_hint("SHOW CREATE hides secret values: put the value there."))
}

/// Opens a source, with the values of the secret that it names.
pub async fn open(
    metastore: &Metastore,
    context: &Context,
    kind: &Kind,
    definition: &CatalogDefinition,
    hidden: &BTreeMap<String, Secret>,
) -> Result<Arc<dyn Connector>> {
    let mut merged = definition.options.clone();
    merged.extend(hidden.iter().map(|(name, value)| (name.clone(), value.expose().to_owned())));
    let given = match add_secret(metastore, kind, definition.secret.as_deref(), &mut merged).await {
        Ok(()) => check(kind.options, &merged),
        Err(error) => Err(error),
    };
    wipe(&mut merged);
    let given = Given {
        catalog: definition.name.clone(),
        options: given?,
        properties: check(kind.properties, &definition.with).map_err(of_properties)?,
    };
    (kind.open)(&given, context)
}

async fn add_secret(
    metastore: &Metastore,
    kind: &Kind,
    secret: Option<&str>,
    options: &mut BTreeMap<String, String>,
) -> Result<()> {
    let Some(secret) = secret else { return Ok(()) };
    let Some((of, values)) = metastore.secrets().values(secret).await? else {
        return Err(Error::new(ErrorKind::UndefinedObject, format!("secret \"{secret}\" does not exist"))
            .about(secret)
            .with_hint("SHOW SECRETS lists them; CREATE SECRET adds one."));
    };
    if of != kind.name {
        return Err(Error::new(
            ErrorKind::InvalidParameterValue,
            format!("secret \"{secret}\" is of type {of}, the catalog of kind {}", kind.name),
        )
        .with_hint("The two must be the same."));
    }
    for (name, value) in values {
        if options.contains_key(&name) {
            return Err(Error::new(
                ErrorKind::InvalidParameterValue,
                format!("option {} is given twice", quote_identifier(&name)),
            )
            .with_detail(format!("Secret \"{secret}\" has a value for it too."))
            .with_hint("Leave it to the secret, or to the catalog."));
        }
        options.insert(name, value.expose().to_owned());
    }
    Ok(())
}

/// The list of WITH is not that of OPTIONS.
fn of_properties(error: Error) -> Error {
    let message = error.message().replacen("option", "property", 1);
    let told = Error::new(error.kind(), message);
    match error.hint() {
        Some(hint) => told.with_hint(hint.replace("Known options: .", "It has none.").replace("options", "properties")),
        None => told,
    }
}
