//! The options of kind `postgres`: declared, and as the rest of this room wants them. It must not do any I/O.

use super::columns::NumericAs;
use super::tls::Encryption;
use crate::connector::Given;
use crate::database::{Limits, Place};
use std::collections::BTreeMap;
use weft_core::option::{Exposure, OptionSpec, OptionType, Presence, check};
use weft_core::{Error, ErrorKind, Result, Secret};

const fn option(name: &'static str, kind: OptionType, presence: Presence, doc: &'static str) -> OptionSpec {
    OptionSpec { name, kind, presence, exposure: Exposure::Public, doc }
}

/// What `CREATE CATALOG … USING postgres OPTIONS (…)` takes.
pub(super) static OPTIONS: &[OptionSpec] = &[
    option("host", OptionType::Text, Presence::Required, "Name or address of the server."),
    option("port", OptionType::Integer(1, 65535), Presence::Default("5432"), "Its TCP port."),
    option("database", OptionType::Text, Presence::Required, "The database whose schemas the catalog shows."),
    option(
        "user",
        OptionType::Text,
        Presence::Required,
        "Who logs in; what this role may read is what the catalog shows.",
    ),
    OptionSpec {
        name: "password",
        kind: OptionType::Text,
        presence: Presence::Default(""),
        exposure: Exposure::Secret,
        doc: "The password of `user`.",
    },
    option(
        "sslmode",
        OptionType::Choice(&["disable", "prefer", "require", "verify-ca", "verify-full"]),
        Presence::Default("prefer"),
        "As in libpq: `prefer` encrypts if the server can, `require` always; `verify-ca` checks the server's certificate, `verify-full` its name too.",
    ),
    option(
        "sslrootcert",
        OptionType::Text,
        Presence::Default(""),
        "The certificates to trust, as PEM text; without it those that browsers trust. With it, `require` means `verify-ca`.",
    ),
    option(
        "schemas",
        OptionType::Text,
        Presence::Default(""),
        "Only these schemas are shown, separated by commas; all that the role may use unless given.",
    ),
    option(
        "numeric_as",
        OptionType::Choice(&["decimal", "text"]),
        Presence::Default("decimal"),
        "How `numeric` without precision, or with more than 38 digits, is shown: `numeric(38,16)`, or text.",
    ),
];

/// Everything that a catalog of kind `postgres` is made of.
#[derive(Debug, Clone)]
pub(super) struct Site {
    /// Catalog and `host:port`.
    pub(super) place: Place,
    /// Name or address of the server.
    pub(super) host: String,
    /// TCP port.
    pub(super) port: u16,
    /// The database.
    pub(super) database: String,
    /// Who logs in.
    pub(super) user: String,
    /// With what.
    pub(super) password: Option<Secret>,
    /// Whether and how the connection is encrypted.
    pub(super) encryption: Encryption,
    /// The only schemas to show, if the user said so.
    pub(super) schemas: Option<Vec<String>>,
    /// How numbers without a known scale are shown.
    pub(super) numeric_as: NumericAs,
    /// Connections and times.
    pub(super) limits: Limits,
}

impl Site {
    /// Checks what the user gave.
    pub(super) fn read(given: &Given) -> Result<Site> {
        let options = check(OPTIONS, &given.options)?;
        let text = |name: &str| options.get(name).cloned().unwrap_or_default();
        let (host, port) = (filled(&options, "host")?, text("port").parse().unwrap_or(5432));
        let bracketed = if host.contains(':') { format!("[{host}]") } else { host.clone() };
        let schemas: Vec<_> =
            text("schemas").split(',').map(|s| s.trim().to_owned()).filter(|s| !s.is_empty()).collect();
        Ok(Site {
            place: Place { catalog: given.catalog.clone(), address: format!("{bracketed}:{port}") },
            host,
            port,
            database: filled(&options, "database")?,
            user: filled(&options, "user")?,
            password: options.get("password").map(Secret::new),
            encryption: Encryption::read(&text("sslmode"), options.get("sslrootcert").map(String::as_str))?,
            schemas: Some(schemas).filter(|s| !s.is_empty()),
            numeric_as: if text("numeric_as") == "text" { NumericAs::Text } else { NumericAs::Decimal },
            limits: Limits::read(&given.properties)?,
        })
    }

    /// What has the same can be joined in one statement: server, database and role.
    pub(super) fn compute_context(&self) -> String {
        format!("postgres {} database {} user {}", self.place.address, self.database, self.user)
    }
}

fn filled(options: &BTreeMap<String, String>, name: &str) -> Result<String> {
    match options.get(name) {
        Some(text) if !text.is_empty() && !text.contains('\0') => Ok(text.clone()),
        _ => Err(Error::new(
            ErrorKind::InvalidParameterValue,
            format!("option {name} cannot be empty or contain a null byte"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Site> {
        let mut options = BTreeMap::from([("host", "h"), ("database", "d"), ("user", "u")]);
        options.extend(pairs.iter().copied());
        let options = options.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect();
        Site::read(&Given { catalog: "c".to_owned(), options, properties: BTreeMap::new() })
    }

    #[test]
    fn contexts_differ_by_server_database_and_user() {
        let contexts: std::collections::BTreeSet<_> =
            [("host", "i"), ("port", "1"), ("database", "e"), ("user", "v"), ("password", "x")]
                .map(|pair| read(&[pair]).expect("valid").compute_context())
                .into();
        assert_eq!(contexts.len(), 5);
        assert!(contexts.contains("postgres h:5432 database d user u"));
    }

    #[test]
    fn passwords_are_not_printed() {
        let site = read(&[("password", "hunter2")]).expect("valid");
        assert!(!format!("{site:?}").contains("hunter2"));
    }

    #[test]
    fn mistakes_are_named() {
        assert!(read(&[("host", "")]).is_err());
        assert!(read(&[("sslmode", "always")]).is_err());
        assert!(read(&[("sslmode", "verify-ca"), ("sslrootcert", "/etc/ca.pem")]).is_err());
        let site = read(&[("schemas", "a, b ,"), ("host", "::1")]).expect("valid");
        assert_eq!(site.schemas, Some(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(site.place.address, "[::1]:5432");
    }
}
