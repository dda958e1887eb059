//! Certificates of an authority of their own, made by openssl.

use crate::error::Context;
use crate::identity::Identity;
use crate::{Error, Ran, Result, program};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// An authority and a certificate of it for `localhost` and 127.0.0.1; dropping it removes the files.
#[derive(Debug)]
pub struct Certificates {
    folder: TempDir,
}

impl Certificates {
    /// Makes them.
    pub fn make() -> Result<Certificates> {
        let folder = crate::process::folder("tls")?;
        let made = Certificates { folder };
        let at = |name: &str| made.file(name).display().to_string();
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
        openssl(
            &["req", "-x509"],
            &key,
            &["-keyout", &at("ca.key"), "-out", &at("ca.pem"), "-subj", "/CN=Weft test authority"],
        )?;
        openssl(
            &["req"],
            &key[..5],
            &["-keyout", &at("server.key"), "-out", &at("server.csr"), "-subj", "/CN=localhost"],
        )?;
        let extensions = made.file("extensions");
        std::fs::write(&extensions, "subjectAltName = DNS:localhost, IP:127.0.0.1\n").context(extensions.display())?;
        openssl(
            &["x509", "-req", "-days", "2", "-in", &at("server.csr"), "-extfile", &at("extensions")],
            &["-CA", &at("ca.pem"), "-CAkey", &at("ca.key"), "-CAcreateserial"],
            &["-out", &at("server.pem")],
        )?;
        Ok(made)
    }

    /// The authority's certificate.
    pub fn authority(&self) -> PathBuf {
        self.file("ca.pem")
    }

    /// The server's certificate.
    pub fn certificate(&self) -> PathBuf {
        self.file("server.pem")
    }

    /// The server's private key.
    pub fn key(&self) -> PathBuf {
        self.file("server.key")
    }

    /// Copies them to where a server of Redis may read them, and tells its options that name them.
    pub(super) fn install(&self, folder: &Path, user: &Identity) -> Result<Vec<(&'static str, String)>> {
        let files = [
            ("tls-ca-cert-file", self.authority()),
            ("tls-cert-file", self.certificate()),
            ("tls-key-file", self.key()),
        ];
        let copies = files.into_iter().map(|(option, from)| {
            let to = folder.join(format!("{option}.pem"));
            std::fs::copy(&from, &to).context(to.display())?;
            user.own(&to)?;
            Ok((option, to.display().to_string()))
        });
        copies.collect()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn openssl(first: &[&str], second: &[&str], third: &[&str]) -> Result<()> {
    let mut command = Command::new(program::find("openssl")?);
    let ran = Ran::of(command.args(first).args(second).args(third))?;
    if ran.ok() { Ok(()) } else { Err(Error::new(format!("openssl {first:?}: {}", ran.stderr))) }
}
