//! CREATE SECRET, DROP SECRET and the change of the key under which secrets are stored.

use super::Done;
use super::catalog::{allowed, map};
use crate::catalog::secret_values;
use crate::session::Session;
use std::sync::Arc;
use weft_core::{Error, ErrorKind, Result};
use weft_meta::NewSecret;
use weft_sql::{CreateSecret, DropSecret, OnDuplicate, OnMissing};

pub(super) async fn create(session: &Arc<Session>, statement: &CreateSecret) -> Result<Done> {
    allowed(session, "create a secret", "CREATE SECRET")?;
    let kind = weft_connect::kind(&statement.kind)?;
    let new = NewSecret {
        name: statement.name.clone(),
        kind: kind.name.to_owned(),
        values: secret_values(kind, map(&statement.options)?)?,
        owner: session.user().to_owned(),
    };
    match session.gateway().metastore().secrets().create(&new).await {
        Err(error) if error.kind() == ErrorKind::DuplicateObject && statement.on_duplicate == OnDuplicate::Skip => {
            session.notice("NOTICE", error.kind().sqlstate(), format!("{}, skipping", error.message()));
        }
        other => other?,
    }
    Ok(Done::Tag("CREATE SECRET".to_owned()))
}

pub(super) async fn drop(session: &Arc<Session>, statement: &DropSecret) -> Result<Done> {
    allowed(session, "drop a secret", "DROP SECRET")?;
    match session.gateway().metastore().secrets().drop(&statement.name, session.user()).await {
        Err(error) if error.kind() == ErrorKind::UndefinedObject && statement.on_missing == OnMissing::Skip => {
            session.notice("NOTICE", "00000", format!("{}, skipping", error.message()));
        }
        other => other?,
    }
    Ok(Done::Tag("DROP SECRET".to_owned()))
}

pub(super) async fn rotate(session: &Arc<Session>) -> Result<Done> {
    allowed(session, "change the encryption key", "ALTER SYSTEM")?;
    if let Some(journal) = session.gateway().metastore().journal()
        && journal.counts().await?.pending > 0
    {
        let message = "the encryption key cannot be changed while statements wait in the journal";
        return Err(Error::new(ErrorKind::ObjectNotInPrerequisiteState, message)
            .with_detail("They are sealed under it.")
            .with_hint("SHOW JOURNAL lists them; they are run when the metadata store is back."));
    }
    let values = session.gateway().metastore().rotate_key().await?;
    tracing::info!(values, user = session.user(), "the encryption key was changed");
    Ok(Done::Tag("ALTER SYSTEM".to_owned()))
}
