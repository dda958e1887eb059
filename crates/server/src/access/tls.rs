//! TLS of the listeners: certificate and key from PEM files, and the data by which SCRAM binds a login to the certificate. Knows no message.

use pgwire::api::auth::sasl::scram::ScramServerAuth;
use rustls::ServerConfig;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use weft_core::settings::{Settings, Tls as Mode};
use weft_core::{Error, ErrorKind, Result};

/// The name of PostgreSQL's protocol in ALPN; a client that begins with TLS at once must offer it.
pub(crate) const POSTGRESQL: &[u8] = b"postgresql";

/// The name of HTTP/2 in ALPN, under which clients of gRPC come.
const HTTP2: &[u8] = b"h2";

/// The name of HTTP/1.1 in ALPN.
const HTTP1: &[u8] = b"http/1.1";

/// The listeners' side of TLS.
#[derive(Clone)]
pub struct Tls {
    /// Encrypts a socket of PostgreSQL's protocol.
    pub(crate) postgresql: TlsAcceptor,
    /// Encrypts a socket of gRPC.
    pub(crate) grpc: TlsAcceptor,
    /// Encrypts a socket of HTTP.
    pub(crate) http: TlsAcceptor,
    /// SCRAM with channel binding to our certificate; without it if the certificate's kind has none.
    pub(crate) scram: ScramServerAuth,
}

impl Tls {
    /// Reads certificate and key; `None` if TLS is off. A key that is missing, broken or another certificate's is an error.
    pub fn load(settings: &Settings) -> Result<Option<Tls>> {
        if settings.tls == Mode::Off {
            return Ok(None);
        }
        let certificate = given("tls_cert", settings.tls_cert.as_deref())?;
        let key = given("tls_key", settings.tls_key.as_deref())?;
        let pem =
            std::fs::read(certificate).map_err(|e| unusable("tls_cert", certificate).with_detail(e.to_string()))?;
        let chain = CertificateDer::pem_slice_iter(&pem)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|e| unusable("tls_cert", certificate).with_detail(e.to_string()))?;
        if chain.is_empty() {
            return Err(unusable("tls_cert", certificate).with_detail("It holds no certificate."));
        }
        let key_der =
            PrivateKeyDer::from_pem_file(key).map_err(|e| unusable("tls_key", key).with_detail(e.to_string()))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .and_then(|builder| builder.with_no_client_auth().with_single_cert(chain, key_der))
            .map_err(|e| unusable("tls_key", key).with_detail(e.to_string()))?;
        let mut grpc = config.clone();
        grpc.alpn_protocols = vec![HTTP2.to_vec()];
        let mut http = config.clone();
        http.alpn_protocols = vec![HTTP1.to_vec()];
        config.alpn_protocols = vec![POSTGRESQL.to_vec()];
        let mut scram = ScramServerAuth::new();
        if let Err(error) = scram.configure_certificate(&pem) {
            tracing::warn!(%error, "SCRAM without channel binding: the certificate's kind is not known to it");
        }
        let [postgresql, grpc, http] = [config, grpc, http].map(|config| TlsAcceptor::from(Arc::new(config)));
        Ok(Some(Tls { postgresql, grpc, http, scram }))
    }
}

fn given<'a>(key: &str, path: Option<&'a Path>) -> Result<&'a Path> {
    path.ok_or_else(|| {
        Error::new(ErrorKind::InvalidParameterValue, format!("setting {key} is needed unless tls is off"))
            .with_hint(format!("Set {key} to a PEM file, or tls = \"off\"."))
    })
}

fn unusable(key: &str, path: &Path) -> Error {
    Error::new(ErrorKind::InvalidParameterValue, format!("setting {key}: \"{}\" cannot be used", path.display()))
}
