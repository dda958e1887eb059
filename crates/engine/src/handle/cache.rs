//! DROP CACHE.

use super::Done;
use crate::session::Session;
use std::sync::Arc;
use weft_core::Result;

pub(super) async fn drop(session: &Arc<Session>) -> Result<Done> {
    session.require_superuser("drop caches")?;
    session.gateway().worker().drop_caches().await?;
    tracing::info!(user = session.user(), "what was kept of objects was dropped");
    Ok(Done::Tag("DROP CACHE".to_owned()))
}
