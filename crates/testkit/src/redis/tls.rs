//! A Redis that speaks TLS, with a certificate of an authority of its own, made by openssl.

use super::{Node, PASSWORD};
use crate::error::Context;
use crate::{Error, Ran, Result, port, program};
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

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

impl Node {
    /// A node that speaks TLS on the port that is returned with it, and plainly on its own.
    pub fn start_tls(certificates: &Certificates) -> Result<(Node, u16)> {
        let port = port::free();
        let node = Node::start_with(&["--tls-auth-clients", "no", "--tls-port", &port.to_string()], |folder, user| {
            let copy = |from: &Path, name: &str| -> Result<String> {
                let to = folder.join(name);
                std::fs::copy(from, &to).context(to.display())?;
                user.own(&to)?;
                Ok(to.display().to_string())
            };
            let files = [
                ("--tls-ca-cert-file", copy(&certificates.authority(), "ca.pem")?),
                ("--tls-cert-file", copy(&certificates.certificate(), "server.pem")?),
                ("--tls-key-file", copy(&certificates.key(), "server.key")?),
            ];
            Ok(files.into_iter().flat_map(|(option, file)| [option.to_owned(), file]).collect())
        })?;
        Ok((node, port))
    }

    /// The setting `redis` of Weft for that port.
    pub fn tls_url(port: u16) -> String {
        format!("rediss://:{PASSWORD}@localhost:{port}")
    }
}

fn openssl(first: &[&str], second: &[&str], third: &[&str]) -> Result<()> {
    let mut command = Command::new(program::find("openssl")?);
    let ran = Ran::of(command.args(first).args(second).args(third))?;
    if ran.ok() { Ok(()) } else { Err(Error::new(format!("openssl {first:?}: {}", ran.stderr))) }
}
