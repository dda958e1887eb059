//! Proves that a client is the role it says: the SCRAM-SHA-256 exchange, with channel binding under TLS. Unknown roles go the same way to the same
//! answer. Source: chapter 55.3 of PostgreSQL's manual, RFC 5802.

use super::error::Stop;
use super::frame::Body;
use super::message;
use super::wire::Wire;
use bytes::Bytes;
use pgwire::api::auth::sasl::scram::{ScramSecret, ScramServerAuth};
use pgwire::error::PgWireError;
use weft_core::{Error, ErrorKind};

/// AuthenticationSASL, AuthenticationSASLContinue, AuthenticationSASLFinal.
const SASL: i32 = 10;
const SASL_CONTINUE: i32 = 11;
const SASL_FINAL: i32 = 12;

const PLAIN: &str = "SCRAM-SHA-256";
const BOUND: &str = "SCRAM-SHA-256-PLUS";

/// Runs the exchange. `secret` proves the role's password; `server` knows the certificate if the socket is under TLS. Any failure is `28P01` for the
/// client.
pub(crate) async fn scram(
    wire: &mut Wire,
    server: &ScramServerAuth,
    user: &str,
    secret: ScramSecret,
) -> Result<(), Stop> {
    let mut mechanisms = String::new();
    if server.supports_channel_binding() {
        mechanisms += BOUND;
        mechanisms.push('\0');
    }
    mechanisms += PLAIN;
    mechanisms += "\0\0";
    message::authentication(&mut wire.outbox, SASL, mechanisms.as_bytes());
    wire.flush().await?;

    let (mechanism, first) = initial(password(wire).await?).map_err(Stop::Fatal)?;
    if mechanism != PLAIN && !(mechanism == BOUND && server.supports_channel_binding()) {
        let error =
            Error::new(ErrorKind::ProtocolViolation, "client selected an invalid SASL authentication mechanism");
        return Err(Stop::Fatal(error));
    }
    let (reply, waiting) = server.on_client_first_message_with_secret(&first, secret).map_err(|e| refused(user, &e))?;
    message::authentication(&mut wire.outbox, SASL_CONTINUE, reply.as_bytes());
    wire.flush().await?;

    let last = password(wire).await?;
    let reply = waiting.on_client_final_message(&last.0).map_err(|e| refused(user, &e))?;
    message::authentication(&mut wire.outbox, SASL_FINAL, reply.as_bytes());
    Ok(())
}

/// The next message, which must be one of the password family.
async fn password(wire: &mut Wire) -> Result<Body, Stop> {
    let frame = wire.frame().await?;
    match frame.tag {
        b'p' => Ok(frame.body),
        b'X' => Err(Stop::Gone("it left at the password".into())),
        other => {
            let message = format!("expected SASL response, got message type {other}");
            Err(Stop::Fatal(Error::new(ErrorKind::ProtocolViolation, message)))
        }
    }
}

/// SASLInitialResponse: the mechanism and the client's first message.
fn initial(mut body: Body) -> weft_core::Result<(String, Bytes)> {
    let mechanism = body.text()?;
    let length = body.int32()?;
    let length =
        usize::try_from(length).map_err(|_| Error::new(ErrorKind::ProtocolViolation, "malformed SCRAM message"))?;
    let first = body.bytes(length)?;
    body.end()?;
    Ok((mechanism, first))
}

fn refused(user: &str, error: &PgWireError) -> Stop {
    Stop::Fatal(match error {
        PgWireError::InvalidPassword(_) => weft_engine::invalid_password(user),
        _ => Error::new(ErrorKind::ProtocolViolation, "malformed SCRAM message").with_detail(error.to_string()),
    })
}
