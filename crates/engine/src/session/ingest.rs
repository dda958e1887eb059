//! Bulk ingestion through the door: it is a statement like any other, but for its text.

use super::Session;
use crate::handle;
use crate::handle::Ingest;
use futures::FutureExt;
use std::sync::Arc;
use weft_core::Result;

impl Session {
    /// Takes rows into a table of the lake; tells how many there were. They come into force together, or none does.
    pub async fn ingest(self: &Arc<Self>, ingest: Ingest) -> Result<u64> {
        self.refuse_if_failed()?;
        self.require_role()?;
        *self.last_statement.lock() = format!("INGEST INTO {}", ingest.table).into();
        let mut running = self.gateway.counts().begin();
        let (interrupt, _done) = self.begin_statement();
        let taken = interrupt.guard(super::run::unpanicked(handle::ingest(self, ingest).boxed())).await;
        running.ended(taken.as_ref().err().map(|error| error.kind()));
        taken.map_err(|error| self.discreet(error))
    }
}
