//! The scripts that change what Redis keeps of a worker: each at once, so that nobody sees half of it. Their keys are all on one node. It must not know
//! when they are run.

use super::keys::Keys;
use super::order::Order;
use crate::record::{Record, State};
use redis::Cmd;
use std::time::Duration;
use weft_core::{Error, Result};

/// How long an order is kept that no worker asks for: longer than a worker may be down for.
const ORDER_KEPT: Duration = Duration::from_secs(7 * 24 * 3600);

/// Another life's key is left alone, and what it says is told. Without an order, one that the worker remembers is put back.
const BEAT: &str = "
local holder = redis.call('HGET', KEYS[1], 'incarnation')
if holder and holder ~= ARGV[2] then
  return {'held', redis.call('HGET', KEYS[1], 'record') or ''}
end
redis.call('HSET', KEYS[1], 'incarnation', ARGV[2], 'record', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[5])
local order = redis.call('GET', KEYS[4])
if not order and ARGV[8] ~= '' then
  order = ARGV[8]
  redis.call('SET', KEYS[4], order)
end
if order then
  redis.call('PEXPIRE', KEYS[4], ARGV[9])
end
local closed = order and (order == 'draining' or order == 'removed ' .. ARGV[2])
if ARGV[6] == 'active' and not closed then
  redis.call('ZADD', KEYS[3], ARGV[7], ARGV[1])
else
  redis.call('ZREM', KEYS[3], ARGV[1])
end
if not holder or ARGV[10] == 'changed' then
  redis.call('PUBLISH', ARGV[11], ARGV[1])
end
return {holder and 'kept' or 'new', order or ''}
";

const LEAVE: &str = "
local holder = redis.call('HGET', KEYS[1], 'incarnation')
if holder and holder ~= ARGV[2] then
  return 0
end
redis.call('DEL', KEYS[1])
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
redis.call('SET', KEYS[4], ARGV[2], 'PX', ARGV[3])
redis.call('PUBLISH', ARGV[4], ARGV[1])
return 1
";

const FORGET: &str = "
if redis.call('EXISTS', KEYS[1]) == 0 then
  redis.call('HDEL', KEYS[2], ARGV[1])
  redis.call('ZREM', KEYS[3], ARGV[1])
end
return 0
";

const ORDER: &str = "
if ARGV[1] ~= ARGV[2] and redis.call('GET', KEYS[1]) == ARGV[2] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
redis.call('PUBLISH', ARGV[4], ARGV[5])
return 1
";

/// Whether the others are to be told of a sign of life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum News {
    /// Nothing that they decide by has changed.
    None,
    /// The worker's state has.
    State,
}

/// A sign of life. The answer is `new`, `kept` or `held`, and the order or what the other life says of itself.
pub(super) fn beat(keys: &Keys, record: &Record, ttl: Duration, remembered: Option<Order>, news: News) -> Result<Cmd> {
    let document = serde_json::to_string(record).map_err(|e| Error::internal("a worker's record").with_source(e))?;
    let mut command = redis::cmd("EVAL");
    command.arg(BEAT).arg(4);
    command.arg(keys.node(&record.id)).arg(keys.services()).arg(keys.ring()).arg(keys.order(&record.id));
    command.arg(&record.id).arg(record.incarnation).arg(document).arg(millis(ttl)).arg(&record.address);
    command.arg(if record.state == State::Active { "active" } else { "draining" }).arg(record.cores);
    command.arg(remembered.map(|order| order.to_string()).unwrap_or_default()).arg(millis(ORDER_KEPT));
    command.arg(if news == News::State { "changed" } else { "" }).arg(keys.channel());
    Ok(command)
}

/// The orderly end of a life. That it was orderly is kept for one time to live, in which the others look.
pub(super) fn leave(keys: &Keys, id: &str, incarnation: u64, ttl: Duration) -> Cmd {
    let mut command = redis::cmd("EVAL");
    command.arg(LEAVE).arg(4).arg(keys.node(id)).arg(keys.services()).arg(keys.ring()).arg(keys.left(id));
    command.arg(id).arg(incarnation).arg(millis(ttl)).arg(keys.channel());
    command
}

/// Takes an id off the lists, unless its worker has come back.
pub(super) fn forget(keys: &Keys, id: &str) -> Cmd {
    let mut command = redis::cmd("EVAL");
    command.arg(FORGET).arg(3).arg(keys.node(id)).arg(keys.services()).arg(keys.ring()).arg(id);
    command
}

/// Gives an order and tells that it is there; 0 if this life of the worker has been removed, which nothing takes back.
pub(super) fn order(keys: &Keys, record: &Record, order: Order) -> Cmd {
    let mut command = redis::cmd("EVAL");
    command.arg(ORDER).arg(1).arg(keys.order(&record.id));
    command.arg(order.to_string()).arg(Order::Removed(record.incarnation).to_string()).arg(millis(ORDER_KEPT));
    command.arg(keys.channel()).arg(&record.id);
    command
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
