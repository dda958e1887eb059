//! Where the metastore is: a setting with a password in it, which is never shown. It must not know how to connect.

use crate::Secret;
use std::fmt;

/// What stands for a password.
pub(crate) const HIDDEN: &str = "***";

/// Where definitions, jobs and scans are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MetastoreAt {
    /// In a file of the data folder.
    Sqlite,
    /// On a PostgreSQL server, by its URL.
    Postgres(Secret),
}

impl MetastoreAt {
    /// Reads `sqlite` or a URL; nothing for any other text.
    pub fn read(text: &str) -> Option<MetastoreAt> {
        match text {
            "sqlite" => Some(MetastoreAt::Sqlite),
            url if is_url(url) => Some(MetastoreAt::Postgres(Secret::new(url))),
            _ => None,
        }
    }
}

fn is_url(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, rest)| matches!(scheme, "postgres" | "postgresql") && !rest.is_empty())
}

/// Without the password.
impl fmt::Display for MetastoreAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MetastoreAt::Sqlite => f.write_str("sqlite"),
            MetastoreAt::Postgres(url) => f.write_str(&without_password(url.expose())),
        }
    }
}

/// Hides what may be a password: all between the first colon of the login and the last `@`, and what follows the question mark.
fn without_password(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
    let (rest, query) = match rest.split_once('?') {
        Some((rest, _)) => (rest, format!("?{HIDDEN}")),
        None => (rest, String::new()),
    };
    match rest.rsplit_once('@') {
        Some((login, place)) => match login.split_once(':') {
            Some((user, _)) => format!("{scheme}://{user}:{HIDDEN}@{place}{query}"),
            None => format!("{scheme}://{login}@{place}{query}"),
        },
        None => format!("{scheme}://{rest}{query}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_hidden() {
        for (url, shown) in [
            ("postgres://u:gEhEiM@h:5432/d", "postgres://u:***@h:5432/d"),
            ("postgres://u:gEhEiM@gEhEiM/gEhEiM@h/d", "postgres://u:***@h/d"),
            ("postgresql://h/d?user=u&password=gEhEiM", "postgresql://h/d?***"),
            ("postgres://u@h/d", "postgres://u@h/d"),
            ("sqlite", "sqlite"),
        ] {
            let read = MetastoreAt::read(url).expect("read");
            assert_eq!(read.to_string(), shown);
            assert!(!format!("{read:?}").contains("gEhEiM"));
        }
        for wrong in ["", "SQLite", "mysql://u:p@h/d", "postgres://", "postgres"] {
            assert_eq!(MetastoreAt::read(wrong), None, "{wrong}");
        }
    }
}
