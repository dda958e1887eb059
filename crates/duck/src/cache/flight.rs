//! Blocks on their way: who wants one that is already being fetched waits for it. It must not know how they are fetched.

use super::block::BlockId;
use crate::request::Why;
use bytes::Bytes;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::watch;

/// How far a block is.
#[derive(Debug, Clone)]
pub(crate) enum Stage {
    /// On its way.
    Flying,
    /// Here, and soon on the disk.
    Arrived(Bytes),
    /// It will not come.
    Failed(Why),
}

/// All blocks on their way.
#[derive(Clone, Default)]
pub(crate) struct Flights {
    flying: Arc<Mutex<HashMap<BlockId, watch::Receiver<Stage>>>>,
}

/// Whoever brings a block. Dropping it ends the flight.
pub(crate) struct Landing {
    pub(crate) number: u32,
    id: BlockId,
    stage: watch::Sender<Stage>,
    flights: Flights,
}

/// Whoever waits for a block.
pub(crate) struct Flight(watch::Receiver<Stage>);

impl Flights {
    /// Begins those that are not on their way yet.
    pub(crate) fn begin(&self, blocks: impl Iterator<Item = (u32, BlockId)>) -> Vec<Landing> {
        let mut flying = self.flying.lock();
        let mut begun = Vec::new();
        for (number, id) in blocks {
            flying.entry(id).or_insert_with(|| {
                let (stage, receiver) = watch::channel(Stage::Flying);
                begun.push(Landing { number, id, stage, flights: self.clone() });
                receiver
            });
        }
        begun
    }

    /// Waits for a block, if it is on its way.
    pub(crate) fn watch(&self, id: &BlockId) -> Option<Flight> {
        self.flying.lock().get(id).cloned().map(Flight)
    }
}

impl Landing {
    /// The block is here.
    pub(crate) fn arrive(&self, bytes: Bytes) {
        self.stage.send_replace(Stage::Arrived(bytes));
    }

    /// It will not come.
    pub(crate) fn fail(self, why: Why) {
        self.stage.send_replace(Stage::Failed(why));
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        self.flights.flying.lock().remove(&self.id);
    }
}

impl Flight {
    /// What became of it. Whoever fetches it has limits, so that this ends; a flight that broke off is still flying.
    pub(crate) async fn landed(&mut self) -> Stage {
        // An error is a flight that is over: its last stage counts.
        let _ = self.0.wait_for(|stage| !matches!(stage, Stage::Flying)).await;
        self.0.borrow().clone()
    }
}
