//! From a start-up message to a session: protocol version, authentication, the greeting. Source: chapter 55.2.1 of PostgreSQL's manual.

use super::auth;
use super::error::{Stop, put_stop};
use super::frame::Body;
use super::listener::Shared;
use super::message;
use super::parameters::Parameters;
use super::wire::{Limits, Wire};
use crate::access::Guest;
use crate::access::socket::Socket;
use pgwire::api::auth::sasl::scram::ScramServerAuth;
use std::net::SocketAddr;
use weft_core::settings::{Auth, Tls};
use weft_core::{Error, ErrorKind};
use weft_engine::Hello;

/// The protocol's versions, as a start-up message says them: major in the upper 16 bits.
const MAJOR: u32 = 3;
const NEWEST_MINOR: u32 = 2;

/// The longest message of a client that is not in yet, in bytes (PostgreSQL's PG_MAX_AUTH_TOKEN_LENGTH).
const MAX_LOGIN_BYTES: usize = 65_535;

/// Logs the client in and greets it, up to the first ReadyForQuery. A refusal is left in the outbox.
pub(crate) async fn login(
    shared: &Shared,
    socket: Socket,
    version: u32,
    body: Body,
    client: SocketAddr,
) -> Result<(Wire, Guest), (Wire, Stop)> {
    let encrypted = matches!(socket, Socket::Tls(_));
    let mut wire = Wire::new(socket, Limits { message: MAX_LOGIN_BYTES, ..shared.limits });
    let scram = match (&shared.tls, encrypted) {
        (Some(tls), true) => tls.scram.clone(),
        _ => ScramServerAuth::new(),
    };
    let greeting = async {
        if shared.access.gateway().settings().tls == Tls::Required && !encrypted {
            return Err(Stop::Fatal(
                Error::new(ErrorKind::InvalidAuthorization, "connection without TLS refused")
                    .with_hint("Connect with sslmode=require."),
            ));
        }
        let parameters = negotiate(&mut wire, version, body)?;
        greet(shared, &mut wire, &scram, parameters, client).await
    };
    match greeting.await {
        Ok(guest) => {
            wire.set_limits(shared.limits);
            Ok((wire, guest))
        }
        Err(stop) => {
            put_stop(&mut wire.outbox, &stop);
            Err((wire, stop))
        }
    }
}

/// Agrees on the version: what is newer than ours, or asks for options of the protocol, is told what we have.
fn negotiate(wire: &mut Wire, version: u32, body: Body) -> Result<Parameters, Stop> {
    let (major, minor) = (version >> 16, version & 0xffff);
    if major != MAJOR {
        let message = format!(
            "unsupported frontend protocol {major}.{minor}: server supports {MAJOR}.0 to {MAJOR}.{NEWEST_MINOR}"
        );
        return Err(Stop::Fatal(Error::new(ErrorKind::FeatureNotSupported, message)));
    }
    let parameters = Parameters::read(body).map_err(Stop::Fatal)?;
    if minor > NEWEST_MINOR || !parameters.protocol_options.is_empty() {
        let agreed = (MAJOR << 16) | minor.min(NEWEST_MINOR);
        message::negotiate_version(&mut wire.outbox, agreed as i32, &parameters.protocol_options);
    }
    Ok(parameters)
}

async fn greet(
    shared: &Shared,
    wire: &mut Wire,
    scram: &ScramServerAuth,
    parameters: Parameters,
    client: SocketAddr,
) -> Result<Guest, Stop> {
    let Parameters { user, database, variables, .. } = parameters;
    let access = &shared.access;
    let candidate = wire.attend(access.candidate(&user)).await?.map_err(Stop::Fatal)?;
    match access.auth() {
        Auth::Scram => auth::scram(wire, scram, &user, access.secret(&candidate)).await?,
        Auth::Trust => {}
    }
    let hello = Hello { user, database, client_addr: Some(client), variables, ..Hello::default() };
    let guest = wire.attend(access.admit(&candidate, hello)).await?.map_err(Stop::Fatal)?;
    let session = &guest.session;

    message::authentication(&mut wire.outbox, 0, &[]);
    for (name, value) in session.reports() {
        message::parameter_status(&mut wire.outbox, &name, &value);
    }
    message::backend_key(&mut wire.outbox, session.pid(), &session.secret());
    Ok(guest)
}
