//! What a worker is ordered to do, as it stands in Redis. It must not know how it gets there.

use std::fmt;

/// An order. None is as good as [`Order::Active`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Take statements. It stands there so that a worker that remembers another one does not put that back.
    Active,
    /// Finish what runs and take nothing new, be it after a restart.
    Draining,
    /// The life of this number ends when what runs has finished.
    Removed(u64),
}

impl Order {
    /// Reads what `Display` wrote; nothing for what another version may write.
    pub(super) fn read(text: &str) -> Option<Order> {
        match text.split_once(' ') {
            None if text == "active" => Some(Order::Active),
            None if text == "draining" => Some(Order::Draining),
            Some(("removed", incarnation)) => incarnation.parse().ok().map(Order::Removed),
            _ => None,
        }
    }

    /// Whether it keeps this life of the worker from taking statements.
    pub(super) fn closes(self, incarnation: u64) -> bool {
        match self {
            Order::Active => false,
            Order::Draining => true,
            Order::Removed(removed) => removed == incarnation,
        }
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Order::Active => f.write_str("active"),
            Order::Draining => f.write_str("draining"),
            Order::Removed(incarnation) => write!(f, "removed {incarnation}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back() {
        for order in [Order::Active, Order::Draining, Order::Removed(u64::MAX)] {
            assert_eq!(Order::read(&order.to_string()), Some(order));
        }
        assert_eq!(Order::read("paused"), None);
        assert!(Order::Removed(1).closes(1) && !Order::Removed(1).closes(2));
    }
}
