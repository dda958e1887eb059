//! `WITH (…)` of every database: how many connections there may be and how long one waits. Declared, and as the pool wants them.

use std::collections::BTreeMap;
use std::time::Duration;
use weft_core::Result;
use weft_core::option::{Exposure, OptionSpec, OptionType, Presence, check};
use weft_core::settings::Span;

const DAY: Duration = Duration::from_secs(86_400);

const fn property(name: &'static str, kind: OptionType, default: &'static str, doc: &'static str) -> OptionSpec {
    OptionSpec { name, kind, presence: Presence::Default(default), exposure: Exposure::Public, doc }
}

/// What `CREATE CATALOG … WITH (…)` takes for a database.
pub(crate) static PROPERTIES: &[OptionSpec] = &[
    crate::kind::MANAGE,
    crate::kind::SCAN_LEVEL,
    crate::kind::SCAN_SCHEDULE,
    property(
        "max_connections",
        OptionType::Integer(1, 1000),
        "8",
        "Connections to the source at once, and so statements at once; more wait.",
    ),
    property(
        "min_connections",
        OptionType::Integer(0, 1000),
        "0",
        "Connections that stay open though idle, once they have been needed.",
    ),
    property(
        "idle_timeout",
        OptionType::Time(Duration::ZERO, DAY),
        "5min",
        "A connection that is idle for this long is closed; 0 never.",
    ),
    property(
        "acquire_timeout",
        OptionType::Time(Duration::from_millis(1), DAY),
        "10s",
        "A statement that waits for a connection for this long fails with 53300.",
    ),
    property(
        "connect_timeout",
        OptionType::Time(Duration::from_millis(1), DAY),
        "5s",
        "A server that has not let Weft in after this long cannot be reached: 08001.",
    ),
];

/// How many connections, and how long one waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Open at once.
    pub(crate) max_connections: usize,
    /// Kept though idle.
    pub(crate) min_connections: usize,
    /// An idle one lives this long; for ever if there is no such limit.
    pub(crate) idle_timeout: Option<Duration>,
    /// Until one is free.
    pub(crate) acquire_timeout: Duration,
    /// Until one is made.
    pub(crate) connect_timeout: Duration,
}

impl Limits {
    /// Checks what the user gave.
    pub(crate) fn read(given: &BTreeMap<String, String>) -> Result<Limits> {
        let checked = check(PROPERTIES, given)?;
        let text = |name: &str| checked.get(name).map(String::as_str).unwrap_or_default();
        let count = |name: &str| text(name).parse::<usize>().unwrap_or_default();
        let time = |name: &str| text(name).parse::<Span>().map_or(Duration::ZERO, |span| span.0);
        Ok(Limits {
            max_connections: count("max_connections").max(1),
            min_connections: count("min_connections"),
            idle_timeout: Some(time("idle_timeout")).filter(|t| !t.is_zero()),
            acquire_timeout: time("acquire_timeout"),
            connect_timeout: time("connect_timeout"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Limits> {
        Limits::read(&pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect())
    }

    #[test]
    fn defaults() {
        let limits = read(&[]).expect("valid");
        assert_eq!((limits.max_connections, limits.min_connections), (8, 0));
        assert_eq!(limits.idle_timeout, Some(Duration::from_secs(300)));
        assert_eq!((limits.acquire_timeout.as_secs(), limits.connect_timeout.as_secs()), (10, 5));
    }

    #[test]
    fn zero_is_for_ever_only_where_that_makes_sense() {
        assert_eq!(read(&[("idle_timeout", "0")]).expect("valid").idle_timeout, None);
        assert!(read(&[("connect_timeout", "0")]).is_err());
        assert!(read(&[("max_connections", "0")]).is_err());
    }
}
