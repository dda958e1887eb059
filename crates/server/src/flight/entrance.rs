//! How a request finds its session: by its token, or by a password that opens one. It must not know what is asked.

use super::basic::{self, AUTHORIZATION, BEARER, Credentials};
use super::caller::{Caller, MAX_SESSIONS};
use super::status::status;
use super::tokens::{Tokens, digest};
use super::visitor::{Visit, Visitor};
use std::sync::Arc;
use tonic::metadata::MetadataMap;
use tonic::{Request, Response, Status};
use weft_core::{Error, ErrorKind, Result, Secret};
use weft_engine::Hello;

/// A request whose client is known.
pub(crate) struct Entered {
    /// Its session.
    pub(crate) visit: Visit,
    /// The token that its client is to be told.
    token: Option<String>,
}

impl Entered {
    /// The response, with the token if the client has none.
    pub(crate) fn answer<T>(self, done: Result<T>) -> Result<Response<T>, Status> {
        let mut response = Response::new(done.map_err(|e| status(&e))?);
        if let Some(token) = self.token {
            tell(&mut response, &token);
        }
        Ok(response)
    }
}

/// Tells a client its token.
pub(crate) fn tell<T>(response: &mut Response<T>, token: &str) {
    if let Ok(value) = format!("{BEARER}{token}").parse() {
        response.metadata_mut().insert(AUTHORIZATION, value);
    }
}

impl Tokens {
    /// Lets a request in.
    pub(crate) async fn enter<T>(&self, request: &Request<T>) -> Result<Entered, Status> {
        let caller = request.extensions().get::<Caller>().cloned();
        self.known(request.metadata(), caller).await.map_err(|e| status(&e))
    }

    /// Opens a session, for a client that asks for one: its token.
    pub(crate) async fn handshake<T>(&self, request: &Request<T>) -> Result<String> {
        let headers = request.metadata();
        match (basic::credentials(headers)?, request.extensions().get::<Caller>()) {
            (Some(Credentials::Password { user, password }), Some(caller)) => {
                let visitor = self.login(caller, headers, user, password).await?;
                // From now on it is idle.
                drop(visitor.visit(caller));
                Ok(self.issue(visitor))
            }
            _ => Err(Error::new(ErrorKind::InvalidAuthorization, "a handshake takes user and password")
                .with_hint("Send them in the header authorization, as Basic.")),
        }
    }

    async fn known(&self, headers: &MetadataMap, caller: Option<Caller>) -> Result<Entered> {
        let caller = caller.ok_or_else(|| Error::internal("a request without a connection"))?;
        match basic::credentials(headers)? {
            Some(Credentials::Token(token)) => {
                let visitor = self.find(token.expose())?;
                caller.welcome();
                Ok(Entered { visit: visitor.visit(&caller), token: None })
            }
            Some(Credentials::Password { user, password }) => self.by_password(headers, &caller, user, password).await,
            None => Err(Error::new(ErrorKind::InvalidAuthorization, "no authorization header").with_hint(
                "Call Handshake with user and password, and send the token that it answers with each request.",
            )),
        }
    }

    /// A client that sends its password with each request has one session a connection, and is told its token.
    async fn by_password(
        &self,
        headers: &MetadataMap,
        caller: &Caller,
        user: String,
        password: Secret,
    ) -> Result<Entered> {
        let catalog = basic::catalog(headers);
        let told = headers.get(AUTHORIZATION).map(|v| v.as_bytes().to_vec()).unwrap_or_default();
        let key = digest(&format!("{:?}\n{catalog:?}", told));
        let mut sessions = caller.sessions().lock().await;
        sessions.retain(|(_, visitor)| visitor.strong_count() > 0);
        let known = sessions.iter().find(|(known, _)| *known == key).and_then(|(_, visitor)| visitor.upgrade());
        if let Some(visitor) = known {
            return Ok(Entered { visit: visitor.visit(caller), token: None });
        }
        if sessions.len() >= MAX_SESSIONS {
            return Err(Error::new(ErrorKind::TooManyConnections, "too many sessions on one connection")
                .with_hint("Send the token that the first request was answered with."));
        }
        let visitor = self.login(caller, headers, user, password).await?;
        let visit = visitor.visit(caller);
        sessions.push((key, Arc::downgrade(&visitor)));
        Ok(Entered { visit, token: Some(self.issue(visitor)) })
    }

    /// Proves who it is, and opens a session.
    async fn login(
        &self,
        caller: &Caller,
        headers: &MetadataMap,
        user: String,
        password: Secret,
    ) -> Result<Arc<Visitor>> {
        let access = self.access();
        let variables: Vec<_> =
            basic::application(headers).map(|name| ("application_name".to_owned(), name)).into_iter().collect();
        let entered = async {
            let candidate = access.candidate(&user).await?;
            access.prove(&candidate, password).await?;
            let (database, variables) = (basic::catalog(headers), variables.clone());
            let hello = Hello { database, client_addr: Some(caller.address()), variables, ..Hello::default() };
            access.admit(&candidate, hello).await
        };
        let patience = access.gateway().settings().authentication_timeout.0;
        let guest = tokio::time::timeout(patience, entered)
            .await
            .unwrap_or_else(|_| {
                Err(Error::new(ErrorKind::CannotConnectNow, "not logged in within authentication_timeout"))
            })
            .inspect_err(|error| tracing::info!(client = %caller.address(), %error, "login refused"))?;
        caller.welcome();
        tracing::debug!(client = %caller.address(), pid = guest.session.pid(), "logged in");
        let visitor = Visitor::new(access.clone(), user, guest);
        variables.iter().for_each(|(name, value)| visitor.remember(name, value));
        Ok(visitor)
    }
}
