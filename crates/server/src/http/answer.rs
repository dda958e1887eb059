//! What is asked, and the answer to it. It must not know how sockets are served.

use super::{exposition, page};
use crate::access::Access;
use crate::access::basic::{self, Credentials};
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Body;
use hyper::header::{self, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use weft_core::{Error, ErrorKind, Result};
use weft_engine::{Hello, samples};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

const TEXT: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";
const HTML: &str = "text/html; charset=utf-8";

/// The page needs nothing from anywhere, and runs nothing.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

type Answer = Response<Full<Bytes>>;

/// Answers requests.
pub(super) struct Desk {
    access: Arc<Access>,
    draining: CancellationToken,
}

impl Desk {
    /// The gateway behind this door, which takes clients until `draining`.
    pub(super) fn new(access: Arc<Access>, draining: CancellationToken) -> Desk {
        Desk { access, draining }
    }

    /// The answer, in time.
    pub(super) async fn answer<B: Body>(&self, request: &Request<B>, client: SocketAddr) -> Answer {
        let answer = async {
            if !matches!(*request.method(), Method::GET | Method::HEAD) {
                let refused = plain(StatusCode::METHOD_NOT_ALLOWED, TEXT, "only GET and HEAD\n".to_owned());
                return with(refused, header::ALLOW, "GET, HEAD");
            }
            match request.uri().path() {
                "/health" => plain(StatusCode::OK, JSON, "{\"status\":\"ok\"}\n".to_owned()),
                "/ready" => self.ready(),
                "/metrics" => self.metrics().await,
                "/" => self.page(request.headers().get(header::AUTHORIZATION), client).await,
                _ => plain(StatusCode::NOT_FOUND, TEXT, "there are /, /health, /ready and /metrics\n".to_owned()),
            }
        };
        let late = |_| plain(StatusCode::SERVICE_UNAVAILABLE, TEXT, "that takes too long\n".to_owned());
        tokio::time::timeout(PATIENCE, answer).await.unwrap_or_else(late)
    }

    /// Whether clients should be sent here.
    fn ready(&self) -> Answer {
        match self.draining.is_cancelled() {
            false => plain(StatusCode::OK, JSON, "{\"status\":\"ready\"}\n".to_owned()),
            true => plain(StatusCode::SERVICE_UNAVAILABLE, JSON, "{\"status\":\"draining\"}\n".to_owned()),
        }
    }

    async fn metrics(&self) -> Answer {
        match samples::of(self.access.gateway()).await {
            Ok(metrics) => plain(StatusCode::OK, exposition::CONTENT_TYPE, exposition::text(&metrics)),
            Err(error) => failed(&error),
        }
    }

    async fn page(&self, authorization: Option<&HeaderValue>, client: SocketAddr) -> Answer {
        match self.show(authorization, client).await {
            Ok(page) => with(plain(StatusCode::OK, HTML, page), header::CONTENT_SECURITY_POLICY, POLICY),
            Err(error) if is_login(&error) => {
                tracing::info!(%client, %error, "the status page is refused");
                self.access.gateway().counts().refused();
                let refused = plain(StatusCode::UNAUTHORIZED, TEXT, format!("{}\n", error.message()));
                with(refused, header::WWW_AUTHENTICATE, "Basic realm=\"Weft\", charset=\"UTF-8\"")
            }
            Err(error) => failed(&error),
        }
    }

    async fn show(&self, authorization: Option<&HeaderValue>, client: SocketAddr) -> Result<String> {
        let nobody = || Error::new(ErrorKind::InvalidAuthorization, "a role and its password are needed");
        let value = authorization.and_then(|value| value.to_str().ok()).ok_or_else(nobody)?;
        let Credentials::Password { user, password } = basic::credentials(value)? else { return Err(nobody()) };
        let candidate = self.access.candidate(&user).await?;
        self.access.prove(&candidate, password).await?;
        let hello = Hello {
            client_addr: Some(client),
            variables: vec![("application_name".to_owned(), "status page".to_owned())],
            ..Hello::default()
        };
        let guest = self.access.admit(&candidate, hello).await?;
        page::render(&guest.session).await
    }
}

fn is_login(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::InvalidAuthorization | ErrorKind::InvalidPassword)
}

fn failed(error: &Error) -> Answer {
    tracing::warn!(%error, "a request of HTTP failed");
    let status = match error.kind() {
        ErrorKind::TooManyConnections | ErrorKind::CannotConnectNow => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    plain(status, TEXT, format!("{}\n", error.message()))
}

fn plain(status: StatusCode, content_type: &'static str, body: String) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(body)));
    *answer.status_mut() = status;
    let answer = with(answer, header::CONTENT_TYPE, content_type);
    // What is shown is of this moment, and for who asked.
    let answer = with(answer, header::CACHE_CONTROL, "no-store");
    with(answer, header::X_CONTENT_TYPE_OPTIONS, "nosniff")
}

fn with(mut answer: Answer, name: header::HeaderName, value: &'static str) -> Answer {
    answer.headers_mut().insert(name, HeaderValue::from_static(value));
    answer
}
