//! Who is asked: the workers that can run a statement, in the order in which they are asked. The same table goes to the same worker, whose cache has it,
//! unless that one has more to do than the others. Pure: it must not talk to anybody.

use crate::record::{PROTOCOL, Record, State};
use sha2::{Digest, Sha256};
use std::cmp::Reverse;
use std::path::Path;
use std::sync::Arc;
use weft_core::executor::RemoteStatement;
use weft_core::input::Input;

/// How much more than its share a worker may have, in quarters.
const QUARTERS_OF_A_SHARE: usize = 5;

/// Why a worker is not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// Its program is of another version.
    Skewed,
    /// It finishes what it has.
    Draining,
    /// It does not see a folder of the statement.
    Blind,
}

/// Whether the worker could run a statement on these files.
pub(crate) fn fit(worker: &Record, setup: &str, inputs: &[Arc<Input>]) -> Result<(), Unfit> {
    if worker.protocol != PROTOCOL || worker.setup != setup {
        return Err(Unfit::Skewed);
    }
    if worker.state != State::Active {
        return Err(Unfit::Draining);
    }
    let sees = |folder: &Path| worker.file_roots.iter().any(|root| folder.starts_with(root));
    if inputs.iter().filter_map(|i| i.folder.as_deref()).all(sees) { Ok(()) } else { Err(Unfit::Blind) }
}

/// What decides who runs a statement: its largest table, whose files are worth being kept, or the statement itself if it has none.
pub(crate) fn key(statement: &RemoteStatement) -> &str {
    let largest = statement.inputs.iter().max_by_key(|input| input.bytes);
    largest.map_or(statement.sql.as_str(), |input| input.name.as_str())
}

/// Sorts the workers by their claim to the key: highest random weight (Thaler and Ravishankar, 1998). One who comes or goes moves only the keys that are
/// its own.
pub(crate) fn by_claim<T>(workers: &mut [T], key: &str, id: impl Fn(&T) -> &str) {
    workers.sort_by_cached_key(|worker| Reverse(weight(id(worker), key)));
}

fn weight(id: &str, key: &str) -> u64 {
    let digest = Sha256::new().chain_update(id).chain_update([0]).chain_update(key).finalize();
    digest.first_chunk::<8>().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

/// How many statements a worker may have before the next one is asked: a share and a quarter, as in consistent hashing with bounded loads (Mirrokni and
/// others, 2018).
pub(crate) fn most_running(running: usize, workers: usize) -> usize {
    ((running + 1) * QUARTERS_OF_A_SHARE).div_ceil(workers.max(1) * 4)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_who_goes_moves_only_its_own_keys() {
        let all = ["a", "b", "c", "d"];
        let first = |workers: &[&'static str], key: &str| {
            let mut workers = workers.to_vec();
            by_claim(&mut workers, key, |w| w);
            workers[0]
        };
        let keys: Vec<String> = (0..1000).map(|n| format!("table{n}")).collect();
        for key in &keys {
            let before = first(&all, key);
            let after = first(&["a", "b", "d"], key);
            assert!(before == after || before == "c", "{key}");
        }
        for worker in all {
            let share = keys.iter().filter(|key| first(&all, key) == worker).count();
            assert!((180..320).contains(&share), "{worker} has {share} of 1000");
        }
    }

    #[test]
    fn shares_are_bounded() {
        assert_eq!(most_running(0, 3), 1);
        assert_eq!(most_running(3, 3), 2);
        assert_eq!(most_running(11, 3), 5);
        assert_eq!(most_running(5, 0), 8);
    }
}
