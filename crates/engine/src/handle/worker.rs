//! ALTER WORKER and DROP WORKER: orders that workers find in Redis, whichever gateway gave them.

use super::Done;
use crate::session::Session;
use std::sync::Arc;
use weft_core::executor::Executor;
use weft_core::{Error, ErrorKind, Result};
use weft_sql::{AlterWorker, WorkerChange};

pub(super) async fn alter(session: &Arc<Session>, alter: &AlterWorker) -> Result<Done> {
    let tag = if alter.change == WorkerChange::Drop { "DROP WORKER" } else { "ALTER WORKER" };
    super::catalog::allowed(session, "change a worker", tag)?;
    let gateway = session.gateway();
    let name = alter.name.as_str();
    if name == gateway.fleet().id() {
        return Err(Error::new(ErrorKind::WrongObjectType, format!("worker \"{name}\" is embedded in the gateway"))
            .with_hint("It comes and goes with the gateway; workers on other machines can be drained and dropped."));
    }
    let registry = gateway.registry();
    match alter.change {
        WorkerChange::Drain => registry.drain(name).await?,
        WorkerChange::Resume => registry.resume(name).await?,
        WorkerChange::Drop => registry.remove(name).await?,
    }
    tracing::info!(worker = name, change = ?alter.change, user = session.user(), "a worker was given an order");
    Ok(Done::Tag(tag.to_owned()))
}
