//! Which blocks there are, and which of them go when there are too many. It must not touch the disk.

use super::block::BlockId;
use lru::LruCache;
use std::time::{Duration, Instant};

/// What a file takes at least: that of a disk's block.
const LEAST: u64 = 4096;

/// Blocks at once: up to a terabyte of whole ones.
pub(crate) const MOST: usize = 1 << 22;

/// How old the time of a file may be that tells, after a restart, which blocks were used last.
const TOUCHED_AGAIN: Duration = Duration::from_secs(600);

/// The blocks, in the order in which they were used.
pub(crate) struct Index {
    blocks: LruCache<BlockId, Entry>,
    bytes: u64,
    limit: u64,
}

struct Entry {
    bytes: u64,
    touched: Instant,
}

/// A block that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// Its file tells when it was used, near enough.
    Fresh,
    /// Its file should be told that it is in use.
    Stale,
}

impl Index {
    /// Empty, for this many bytes.
    pub(crate) fn new(limit: u64) -> Index {
        Index { blocks: LruCache::unbounded(), bytes: 0, limit }
    }

    /// How many there are, and the bytes that they take.
    pub(crate) fn size(&self) -> (u64, u64) {
        (self.blocks.len() as u64, self.bytes)
    }

    /// As many bytes as they may take.
    pub(crate) fn limit(&self) -> u64 {
        self.limit
    }

    /// Looks for a block, which is used by that.
    pub(crate) fn find(&mut self, id: &BlockId) -> Option<Found> {
        let entry = self.blocks.get_mut(id)?;
        if entry.touched.elapsed() < TOUCHED_AGAIN {
            return Some(Found::Fresh);
        }
        entry.touched = Instant::now();
        Some(Found::Stale)
    }

    /// Whether there is such a block, without using it.
    pub(crate) fn contains(&self, id: &BlockId) -> bool {
        self.blocks.contains(id)
    }

    /// One more block; tells which ones have to go, and their bytes.
    pub(crate) fn insert(&mut self, id: BlockId, bytes: u64) -> (Vec<BlockId>, u64) {
        self.remove(&id);
        let bytes = bytes.max(LEAST);
        self.bytes += bytes;
        self.blocks.put(id, Entry { bytes, touched: Instant::now() });
        let (mut gone, before) = (Vec::new(), self.bytes);
        while (self.bytes > self.limit || self.blocks.len() > MOST)
            && let Some((id, entry)) = self.blocks.pop_lru()
        {
            self.bytes -= entry.bytes;
            gone.push(id);
        }
        (gone, before - self.bytes)
    }

    /// The block is not there any more.
    pub(crate) fn remove(&mut self, id: &BlockId) {
        if let Some(entry) = self.blocks.pop(id) {
            self.bytes -= entry.bytes;
        }
    }

    /// What was found on the disk, the oldest first, is older than what came meanwhile; tells which blocks have to go.
    pub(crate) fn put_below(&mut self, found: Vec<(BlockId, u64)>) -> Vec<BlockId> {
        let above = std::mem::replace(self, Index::new(self.limit));
        let above: Vec<_> = above.blocks.iter().rev().map(|(id, entry)| (*id, entry.bytes)).collect();
        found.into_iter().chain(above).flat_map(|(id, bytes)| self.insert(id, bytes).0).collect()
    }

    /// Forgets all of them; tells which they were.
    pub(crate) fn clear(&mut self) -> Vec<BlockId> {
        let all = std::mem::replace(self, Index::new(self.limit));
        all.blocks.iter().map(|(id, _)| *id).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::block::ObjectId;
    use super::*;

    fn id(number: u32) -> BlockId {
        BlockId { object: ObjectId::new(&["o"]), number }
    }

    #[test]
    fn what_was_used_longest_ago_goes() {
        let mut index = Index::new(3 * LEAST);
        for number in 0..3 {
            assert_eq!(index.insert(id(number), 1), (vec![], 0));
        }
        assert_eq!(index.find(&id(0)), Some(Found::Fresh));
        assert_eq!(index.insert(id(3), LEAST), (vec![id(1)], LEAST));
        assert_eq!(index.insert(id(3), 2 * LEAST), (vec![id(2)], LEAST), "a block that comes again counts once");
        assert_eq!(index.size(), (2, 3 * LEAST));
        assert_eq!(index.insert(id(9), 9 * LEAST).0.len(), 3, "what is larger than all does not stay");
        assert_eq!(index.size(), (0, 0));
    }

    #[test]
    fn what_was_on_the_disk_is_older() {
        let mut index = Index::new(3 * LEAST);
        index.insert(id(7), 1);
        index.insert(id(8), 1);
        let gone = index.put_below(vec![(id(1), 1), (id(2), 1), (id(7), 1)]);
        assert_eq!(gone, [id(1)]);
        assert!(index.contains(&id(2)) && index.contains(&id(7)) && index.contains(&id(8)));
        assert_eq!(index.clear().len(), 3);
    }
}
