//! The options of kind `mysql`: declared, and as the rest of this room wants them. It must not connect.

use super::types::{Reading, Times, WideDecimals, ZeroDates};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use std::collections::BTreeMap;
use weft_core::option::{Exposure, OptionSpec, OptionType, Presence, check};
use weft_core::{Error, ErrorKind, Result, Secret};

const fn option(name: &'static str, kind: OptionType, presence: Presence, doc: &'static str) -> OptionSpec {
    OptionSpec { name, kind, presence, exposure: Exposure::Public, doc }
}

/// What `CREATE CATALOG … USING mysql OPTIONS (…)` takes.
pub(crate) static OPTIONS: &[OptionSpec] = &[
    option("host", OptionType::Text, Presence::Required, "The server's name or address."),
    option("port", OptionType::Integer(1, 65_535), Presence::Default("3306"), "Its TCP port."),
    option("user", OptionType::Text, Presence::Required, "Who Weft is to the server. The right to read is enough."),
    OptionSpec {
        name: "password",
        kind: OptionType::Text,
        presence: Presence::Default(""),
        exposure: Exposure::Secret,
        doc: "The user's password.",
    },
    option(
        "database",
        OptionType::Text,
        Presence::Default(""),
        "Only this database; every database that the user may see is a schema unless given.",
    ),
    option(
        "ssl_mode",
        OptionType::Choice(&["disabled", "preferred", "required", "verify_identity"]),
        Presence::Default("preferred"),
        "As in MySQL's clients: `preferred` encrypts where the server can, `required` insists, `verify_identity` also checks the server's certificate and \
         its name.",
    ),
    option(
        "ssl_ca",
        OptionType::Text,
        Presence::Default(""),
        "The certificates of authorities to trust instead of the public ones, as PEM text.",
    ),
    option(
        "ssl_name",
        OptionType::Text,
        Presence::Default(""),
        "The name that the server's certificate must have, if it is not `host`.",
    ),
    option(
        "zero_dates",
        OptionType::Choice(&["error", "null"]),
        Presence::Default("error"),
        "What a date whose month or day is zero is read as. `null` keeps indexes on dates from being used.",
    ),
    option(
        "time_as",
        OptionType::Choice(&["time", "text"]),
        Presence::Default("time"),
        "What columns of type `time` are: `time`, where a value outside of a day is an error, or text.",
    ),
    option(
        "numeric_as",
        OptionType::Choice(&["decimal", "text"]),
        Presence::Default("decimal"),
        "How `decimal` with more than 38 digits is shown: as `numeric` of 38 digits, where a longer value is an error, or text.",
    ),
];

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SslMode {
    /// Not at all.
    Disabled,
    /// Encrypted if the server can.
    Preferred,
    /// Encrypted.
    Required,
    /// Encrypted, and the certificate has a known signer and is for this host.
    VerifyIdentity,
}

/// Everything that a catalog of this kind is made of.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    /// Name or address.
    pub(crate) host: String,
    /// TCP port.
    pub(crate) port: u16,
    /// Who logs in.
    pub(crate) user: String,
    /// With what, if anything.
    pub(crate) password: Option<Secret>,
    /// The only database to be shown, if the user said so.
    pub(crate) database: Option<String>,
    /// Protection of the connection.
    pub(crate) ssl_mode: SslMode,
    /// Authorities to trust instead of the public ones.
    pub(crate) ssl_ca: Option<String>,
    /// The name in the server's certificate, if it is not the host.
    pub(crate) ssl_name: Option<String>,
    /// How values are read for which there is a choice.
    pub(crate) reading: Reading,
}

impl Site {
    /// Checks what the user gave.
    pub(crate) fn read(given: &BTreeMap<String, String>) -> Result<Site> {
        let options = check(OPTIONS, given)?;
        let text = |name: &str| options.get(name).map(String::as_str).unwrap_or_default();
        let some = |name: &str| Some(text(name)).filter(|t| !t.is_empty());
        for name in ["host", "user"] {
            if text(name).is_empty() || text(name).contains('\0') {
                return Err(Error::new(
                    ErrorKind::InvalidParameterValue,
                    format!("option {name} cannot be empty or contain a null byte"),
                ));
            }
        }
        Ok(Site {
            host: text("host").to_owned(),
            port: text("port").parse().unwrap_or(3306),
            user: text("user").to_owned(),
            password: some("password").map(Secret::new),
            database: some("database").map(str::to_owned),
            ssl_mode: match text("ssl_mode") {
                "disabled" => SslMode::Disabled,
                "required" => SslMode::Required,
                "verify_identity" => SslMode::VerifyIdentity,
                _ => SslMode::Preferred,
            },
            ssl_ca: some("ssl_ca").map(certificates).transpose()?,
            ssl_name: some("ssl_name").map(str::to_owned),
            reading: Reading {
                zero_dates: if text("zero_dates") == "null" { ZeroDates::Null } else { ZeroDates::Error },
                times: if text("time_as") == "text" { Times::Text } else { Times::TimeOfDay },
                wide_decimals: if text("numeric_as") == "text" { WideDecimals::Text } else { WideDecimals::Numeric },
            },
        })
    }

    /// `host:port`.
    pub(crate) fn address(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

/// The text, if there is a certificate in it.
fn certificates(pem: &str) -> Result<String> {
    let read: std::result::Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    match read {
        Ok(found) if !found.is_empty() => Ok(pem.to_owned()),
        _ => Err(Error::new(ErrorKind::InvalidParameterValue, "option ssl_ca is no certificate in PEM's form")
            .with_hint("It takes the text itself, from -----BEGIN CERTIFICATE----- on, not the name of a file.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Site> {
        Site::read(&pairs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect())
    }

    #[test]
    fn defaults_and_secrets() {
        let site = read(&[("host", "::1"), ("user", "u"), ("password", "p4ss")]).unwrap();
        assert_eq!((site.address().as_str(), site.ssl_mode), ("[::1]:3306", SslMode::Preferred));
        assert_eq!((site.database.as_ref(), site.ssl_ca.as_ref()), (None, None));
        assert!(!format!("{site:?}").contains("p4ss"));
    }

    #[test]
    fn refusals() {
        assert!(read(&[("user", "u")]).is_err());
        assert!(read(&[("host", ""), ("user", "u")]).is_err());
        assert!(read(&[("host", "h"), ("user", "u"), ("ssl_mode", "maybe")]).is_err());
        assert!(read(&[("host", "h"), ("user", "u"), ("port", "0")]).is_err());
        assert!(read(&[("host", "h"), ("user", "u"), ("ssl_ca", "/etc/ca.pem")]).is_err());
    }
}
