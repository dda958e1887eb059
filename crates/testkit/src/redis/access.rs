//! Who may come in to servers of Redis, and how. It must not know how servers are arranged.

use super::Certificates;
use crate::identity::Identity;
use crate::{Result, port};
use std::path::Path;

/// A user of the ACL who is no administrator, and at sentinels one who may ask for the master only.
pub const GUEST: &str = "guest";

/// Its password, with signs that mean something in a URL.
pub const GUEST_PASSWORD: &str = "gEhEiM/42@x";

/// What the README says that a user of the ACL needs.
pub const GUEST_RULES: &[&str] = &[
    "resetkeys",
    "~{weft}:*",
    "resetchannels",
    "&{weft}:*",
    "-@all",
    "+@connection",
    "+@transaction",
    "+@hash",
    "+@string",
    "+@sortedset",
    "+del",
    "+exists",
    "+pexpire",
    "+eval",
    "+publish",
    "+subscribe",
    "+role",
    "+cluster",
];

/// How clients reach servers.
#[derive(Debug, Clone, Copy)]
pub enum Access<'a> {
    /// In clear, with the password of all.
    Plain,
    /// Over TLS with a certificate of these, as [`GUEST`]. Servers speak TLS among each other, too.
    Guarded(&'a Certificates),
}

impl Access<'_> {
    /// A port for TLS, if it is spoken.
    pub(super) fn tls_port(self) -> Option<u16> {
        match self {
            Access::Plain => None,
            Access::Guarded(_) => Some(port::free()),
        }
    }

    /// What a server is told of it on its command line; its folder belongs to its user.
    pub(super) fn of_server(self, tls_port: Option<u16>, folder: &Path, user: &Identity) -> Result<Vec<String>> {
        let mut words = Vec::new();
        for (name, value) in self.tls(tls_port, folder, user)? {
            words.extend([format!("--{name}"), value]);
        }
        if let Access::Guarded(_) = self {
            words.extend(["--user", GUEST, "on"].map(str::to_owned));
            words.push(format!(">{GUEST_PASSWORD}"));
            words.extend(GUEST_RULES.iter().map(|rule| (*rule).to_owned()));
        }
        Ok(words)
    }

    /// The lines about it in the configuration of a sentinel.
    pub(super) fn of_sentinel(self, tls_port: Option<u16>, folder: &Path, user: &Identity) -> Result<String> {
        let tls = self.tls(tls_port, folder, user)?.into_iter().map(|(name, value)| format!("{name} {value}\n"));
        let mut lines: String = tls.collect();
        if let Access::Guarded(_) = self {
            lines += &format!("user {GUEST} on >{GUEST_PASSWORD} -@all +sentinel|get-master-addr-by-name\n");
        }
        Ok(lines)
    }

    /// The options of TLS, by their names.
    fn tls(self, port: Option<u16>, folder: &Path, user: &Identity) -> Result<Vec<(&'static str, String)>> {
        let (Access::Guarded(certificates), Some(port)) = (self, port) else { return Ok(Vec::new()) };
        let mut options = certificates.install(folder, user)?;
        options.extend([
            ("tls-port", port.to_string()),
            ("tls-auth-clients", "no".to_owned()),
            ("tls-replication", "yes".to_owned()),
        ]);
        Ok(options)
    }

    /// What redis-cli is told when it is to speak as servers do among each other.
    pub(super) fn of_cli(self) -> Vec<String> {
        match self {
            Access::Plain => Vec::new(),
            Access::Guarded(certificates) => {
                ["--tls".to_owned(), "--cacert".to_owned(), certificates.authority().display().to_string()].into()
            }
        }
    }

    /// How URLs of the setting `redis` begin: `redis+cluster://:secret@`.
    pub(super) fn url(self, mode: &str) -> String {
        match self {
            Access::Plain => format!("redis+{mode}://:{}@", super::PASSWORD),
            Access::Guarded(_) => format!("rediss+{mode}://{GUEST}:{GUEST_PASSWORD}@"),
        }
    }
}
