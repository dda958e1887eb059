//! Which server answers, and how every session with it is set up. Text only: nothing is sent here.
//!
//! **What the writer of statements may rely on**, on every connection of a source:
//!
//! - Names stand in backticks (a backtick doubled), text in single quotes (a quote doubled): `NO_BACKSLASH_ESCAPES` makes a backslash itself, and
//!   without `ANSI_QUOTES` a double quote begins text, as the source's own queries expect.
//! - `||` is OR, as in MySQL: concatenate with `CONCAT`, which is NULL where one part is, like PostgreSQL's `||`.
//! - `LIKE` always needs its `ESCAPE '…'`: without it the servers disagree on whether a backslash is one.
//! - NULL sorts before all else; `NULLS LAST` takes a key of its own, `x IS NULL`.
//! - `CAST(text AS SIGNED)` and its like read what they can and never fail: they are not PostgreSQL's casts.
//! - Text literals, and text made from other values, are UTF-8 with [`Server::collation`]: compared bytewise, without padding. Columns get it from
//!   their template.
//! - Times are those of UTC: a `timestamptz` is read and written as the `TIMESTAMP '…'` of UTC.
//! - `/` has thirty digits more than its left side has and is NULL, not an error, where the right side is zero. Round it before it is returned: a
//!   value with more digits than the schema says is refused.
//! - `a - b` of unsigned values may be negative (`NO_UNSIGNED_SUBTRACTION`); other results out of range are errors (1690), never other values.
//! - `GROUP BY` need not name what depends on it: `ONLY_FULL_GROUP_BY` is off.
//! - Everything is read only.

use weft_core::executor::MySqlServer;
use weft_core::{Error, ErrorKind, Result};

/// Of longer sort keys MariaDB compares the beginning only. A character is three bytes of a key: 64 KiB of text fit.
const MARIADB_SORT_BYTES: u32 = 256 * 1024;

/// MariaDB refuses to sort unless fifteen of the longest keys fit. It takes no more than the rows need.
const MARIADB_SORT_BUFFER: u32 = 16 << 20;

/// Seconds that a server waits for a reader who takes nothing. A client may read slowly; one that is gone has its statement killed.
const WRITE_TIMEOUT: u32 = 8 * 3600;

/// What a server told about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Server {
    /// Which of the two.
    pub(crate) kind: MySqlServer,
    /// Its version, in its own words.
    pub(crate) version: String,
}

impl Server {
    /// Reads what `SELECT VERSION()` gives. A version that lacks what we rely on is refused.
    pub(crate) fn of_version(version: &str) -> Result<Server> {
        let (kind, name, oldest) = if version.contains("MariaDB") {
            (MySqlServer::MariaDb, "MariaDB", (10, 6, 0))
        } else {
            (MySqlServer::MySql, "MySQL", (8, 0, 17))
        };
        if numbers(version) < oldest {
            let (major, minor, patch) = oldest;
            return Err(Error::new(
                ErrorKind::FeatureNotSupported,
                format!("server version \"{version}\" is not supported"),
            )
            .with_hint(format!("Sources of kind mysql need {name} {major}.{minor}.{patch} or later.")));
        }
        Ok(Server { kind, version: version.to_owned() })
    }

    /// The collation that compares UTF-8 bytewise and without padding, as Weft does.
    pub(crate) fn collation(&self) -> &'static str {
        match self.kind {
            MySqlServer::MySql => "utf8mb4_0900_bin",
            MySqlServer::MariaDb => "utf8mb4_nopad_bin",
        }
    }

    /// Bytes up to which text is sorted exactly; none if at any length. MySQL ignores `max_sort_length` where a collation does not pad.
    pub(crate) fn sorts_exactly_up_to(&self) -> Option<u64> {
        match self.kind {
            MySqlServer::MySql => None,
            MySqlServer::MariaDb => Some(u64::from(MARIADB_SORT_BYTES / 3)),
        }
    }

    /// The statements that make a session what the module's page promises, to be sent at once.
    pub(crate) fn session(&self) -> String {
        let sort = match self.kind {
            MySqlServer::MySql => String::new(),
            MySqlServer::MariaDb => format!(
                ", max_sort_length = {MARIADB_SORT_BYTES}, sort_buffer_size = GREATEST(@@sort_buffer_size, {MARIADB_SORT_BUFFER})"
            ),
        };
        format!(
            "SET NAMES utf8mb4 COLLATE {collation}; \
             SET SESSION time_zone = '+00:00', \
             sql_mode = 'NO_BACKSLASH_ESCAPES,NO_UNSIGNED_SUBTRACTION,STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO', \
             sql_auto_is_null = 0, sql_select_limit = 18446744073709551615, div_precision_increment = 30, \
             net_write_timeout = {WRITE_TIMEOUT}{sort}; \
             SET SESSION TRANSACTION READ ONLY",
            collation = self.collation()
        )
    }
}

/// `10.11.6-MariaDB-log`, `8.0.36-0ubuntu0.22.04.1`; old MariaDB put `5.5.5-` in front.
fn numbers(version: &str) -> (u32, u32, u32) {
    let version = version.strip_prefix("5.5.5-").unwrap_or(version);
    let mut parts = version.split(|c: char| !c.is_ascii_digit()).map(|part| part.parse().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        let kind = |version: &str| Server::of_version(version).map(|s| s.kind);
        assert_eq!(kind("10.11.6-MariaDB-0+deb12u1").unwrap(), MySqlServer::MariaDb);
        assert_eq!(kind("5.5.5-10.6.1-MariaDB").unwrap(), MySqlServer::MariaDb);
        assert_eq!(kind("11.4.2-MariaDB-ubu2404").unwrap(), MySqlServer::MariaDb);
        assert_eq!(kind("8.0.36-0ubuntu0.22.04.1").unwrap(), MySqlServer::MySql);
        assert_eq!(kind("9.1.0").unwrap(), MySqlServer::MySql);
        for old in ["5.7.44-log", "8.0.16", "10.5.23-MariaDB", "strange"] {
            assert_eq!(kind(old).unwrap_err().kind(), ErrorKind::FeatureNotSupported, "{old}");
        }
    }
}
