//! The names of keys and the channel in Redis. All have one hash tag: in a cluster they are on one node, where one command or script may touch several.

use weft_core::key_prefix::KeyPrefix;

/// What the keys of one Weft are called.
#[derive(Debug, Clone)]
pub(super) struct Keys(String);

impl Keys {
    /// Those that begin with this.
    pub(super) fn new(prefix: &KeyPrefix) -> Keys {
        Keys(format!("{{{prefix}}}"))
    }

    /// A hash: the address of each worker by its id.
    pub(super) fn services(&self) -> String {
        format!("{}:nodes:services", self.0)
    }

    /// A sorted set: the workers that take statements, each with its cores as its weight.
    pub(super) fn ring(&self) -> String {
        format!("{}:cluster:hash_ring", self.0)
    }

    /// A hash: what a worker says of itself. It expires when the worker falls silent.
    pub(super) fn node(&self, id: &str) -> String {
        format!("{}:node:{id}", self.0)
    }

    /// A text: what a worker is ordered to do.
    pub(super) fn order(&self, id: &str) -> String {
        format!("{}:order:{id}", self.0)
    }

    /// A text: which life of a worker has ended as it should. It tells a worker that left from one whose key was lost.
    pub(super) fn left(&self, id: &str) -> String {
        format!("{}:left:{id}", self.0)
    }

    /// The channel that says which worker's keys have changed.
    pub(super) fn channel(&self) -> String {
        format!("{}:nodes:changed", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_have_the_same_hash_tag() {
        let keys = Keys::new(&KeyPrefix::read("eu:weft").expect("a prefix"));
        for key in [keys.services(), keys.ring(), keys.node("a}{b"), keys.order("x"), keys.left("x"), keys.channel()] {
            // What a cluster hashes is between the first brace and the next one that closes.
            assert!(key.starts_with("{eu:weft}:"), "{key}");
        }
    }
}
