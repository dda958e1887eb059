//! What a gateway tells a worker to do besides running statements. It travels sealed, as tickets do. No I/O happens here.

use crate::key::{Key, Purpose};
use crate::ticket::{fresh, unsealed};
use chrono::{DateTime, Utc};
use rand::RngCore;
use serde::{Deserialize, Serialize};
use weft_core::{Error, ErrorKind, Result};

/// The name of the action by which orders go.
pub(crate) const ACTION: &str = "order";

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Errand {
    /// Forget what is kept of objects.
    DropCaches,
}

/// An order.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    /// Differs between all orders and tickets.
    pub(crate) id: u128,
    issued_at: DateTime<Utc>,
    /// What is to be done.
    pub(crate) errand: Errand,
}

impl Order {
    /// An order that is given now.
    pub(crate) fn new(errand: Errand) -> Order {
        let mut id = [0; 16];
        rand::rng().fill_bytes(&mut id);
        Order { id: u128::from_le_bytes(id), issued_at: Utc::now(), errand }
    }

    /// The order as it travels.
    pub(crate) fn seal(&self, key: &Key) -> Result<Vec<u8>> {
        let text =
            serde_json::to_vec(self).map_err(|e| Error::internal("an order cannot be written").with_source(e))?;
        key.seal(Purpose::Order, b"", &text)
    }

    /// Reads an order that has travelled. One that was made with another key or long ago is refused, and so is one that this version does not know.
    pub(crate) fn open(sealed: &[u8], key: &Key) -> Result<Order> {
        let text = key.open(Purpose::Order, b"", sealed).ok_or_else(unsealed)?;
        let order: Order = serde_json::from_slice(&text).map_err(|e| {
            Error::new(ErrorKind::CannotConnectNow, "gateway and worker are not of one version")
                .with_detail(format!("The order cannot be read: {e}."))
                .with_hint("Run the same version of Weft on both.")
        })?;
        fresh(order.issued_at)?;
        Ok(order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use weft_core::Secret;

    #[test]
    fn opens_with_the_same_key_and_in_time_only() {
        let key = |text: &str| Key::of(&Secret::new(text.repeat(32))).expect("a key");
        let mut order = Order::new(Errand::DropCaches);
        let sealed = order.seal(&key("a")).expect("sealed");
        assert_eq!(Order::open(&sealed, &key("a")).expect("opened").id, order.id);
        assert_eq!(Order::open(&sealed, &key("b")).expect_err("another key").kind(), ErrorKind::InvalidAuthorization);
        order.issued_at -= TimeDelta::minutes(6);
        let old = order.seal(&key("a")).expect("sealed");
        assert_eq!(Order::open(&old, &key("a")).expect_err("too old").kind(), ErrorKind::InvalidAuthorization);
    }
}
