//! CANCEL JOB.

use super::Done;
use crate::session::Session;
use std::sync::Arc;
use uuid::Uuid;
use weft_core::{Error, ErrorKind, Result};

pub(super) async fn cancel(session: &Arc<Session>, id: &str) -> Result<Done> {
    let gateway = session.gateway();
    let unknown = || {
        Error::new(ErrorKind::UndefinedObject, format!("job \"{id}\" does not exist"))
            .with_hint("SHOW JOBS lists them.")
    };
    let uuid = Uuid::parse_str(id).map_err(|_| unknown())?;
    // Who began it may end it.
    let owner = gateway.metastore().jobs().get(uuid).await?.ok_or_else(unknown)?.owner;
    if !session.rights().owns(&owner) {
        session.require_superuser("cancel a job of another role")?;
    }
    if gateway.jobs().cancel(uuid) {
        return Ok(Done::Tag("CANCEL JOB".to_owned()));
    }
    let job = gateway.metastore().jobs().get(uuid).await?.ok_or_else(unknown)?;
    Err(Error::new(ErrorKind::ObjectNotInPrerequisiteState, format!("job \"{id}\" does not run: it is {}", job.state)))
}
