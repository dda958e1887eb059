//! The first bytes of a connection: requests for encryption, to cancel, or to start. Nothing beyond a message is read before it is understood, so
//! that nothing sent in the clear can slip under TLS. Source: chapters 55.2.1, 55.2.9, 55.2.10 of PostgreSQL's manual.

use super::error::Stop;
use super::frame::Body;
use crate::access::socket::Socket;
use crate::access::tls::{POSTGRESQL, Tls};
use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use weft_core::{Error, ErrorKind};

/// The longest message before login, in bytes (PostgreSQL's MAX_STARTUP_PACKET_LENGTH).
const MAX_BYTES: usize = 10_000;

/// Requests for encryption that one client may make before it starts: TLS, and GSSAPI.
const MAX_REQUESTS: usize = 3;

const CANCEL_REQUEST: u32 = 80_877_102;
const SSL_REQUEST: u32 = 80_877_103;
const GSS_REQUEST: u32 = 80_877_104;

/// The first byte of a TLS handshake.
const TLS_HANDSHAKE: u8 = 0x16;

/// What the client wants.
pub(crate) enum Opening {
    /// To log in: the protocol's version, and the rest of the message.
    Start(Socket, u32, Body),
    /// To stop a statement of the session with this number and secret.
    Cancel(i32, Bytes),
}

/// Hears the client out until it starts or cancels.
pub(crate) async fn open(tcp: TcpStream, tls: Option<&Tls>) -> Result<Opening, (Option<Socket>, Stop)> {
    let mut first = [0u8];
    let begins_with_tls = matches!(tcp.peek(&mut first).await, Ok(1)) && first[0] == TLS_HANDSHAKE;
    let mut socket = match (begins_with_tls, tls) {
        (true, Some(tls)) => encrypt(tcp, tls, Handshake::Direct).await.map_err(|stop| (None, stop))?,
        _ => Socket::Plain(tcp),
    };
    for _ in 0..=MAX_REQUESTS {
        let (code, body) = match read(&mut socket).await {
            Ok(message) => message,
            Err(stop) => return Err((Some(socket), stop)),
        };
        socket = match (code, socket, tls) {
            (CANCEL_REQUEST, socket, _) => return cancel(body).map_err(|stop| (Some(socket), stop)),
            (SSL_REQUEST, Socket::Plain(mut tcp), Some(tls)) => {
                answer(&mut tcp, b'S').await.map_err(|stop| (None, stop))?;
                encrypt(tcp, tls, Handshake::Requested).await.map_err(|stop| (None, stop))?
            }
            (SSL_REQUEST | GSS_REQUEST, mut socket, _) => {
                answer(&mut socket, b'N').await.map_err(|stop| (None, stop))?;
                socket
            }
            (version, socket, _) => return Ok(Opening::Start(socket, version, body)),
        };
    }
    Err((Some(socket), Stop::Fatal(Error::new(ErrorKind::ProtocolViolation, "too many requests for encryption"))))
}

/// How the client came to speak TLS.
#[derive(PartialEq, Eq)]
enum Handshake {
    /// After an SSLRequest.
    Requested,
    /// At once; ALPN is required then, so that no other protocol is mistaken for ours.
    Direct,
}

async fn encrypt(tcp: TcpStream, tls: &Tls, handshake: Handshake) -> Result<Socket, Stop> {
    let stream = tls.postgresql.accept(tcp).await.map_err(|e| Stop::Gone(format!("TLS handshake failed: {e}")))?;
    if handshake == Handshake::Direct && stream.get_ref().1.alpn_protocol() != Some(POSTGRESQL) {
        return Err(Stop::Gone("direct TLS without ALPN".into()));
    }
    Ok(Socket::Tls(Box::new(stream)))
}

/// Reads one message: its code and what follows it. A length that cannot be is taken for another protocol, which is not answered.
async fn read(socket: &mut Socket) -> Result<(u32, Body), Stop> {
    let gone = |e: std::io::Error| Stop::Gone(e.to_string());
    let length = socket.read_u32().await.map_err(gone)? as usize;
    if !(8..=MAX_BYTES).contains(&length) {
        return Err(Stop::Gone(format!("invalid length of startup packet: {length}")));
    }
    let code = socket.read_u32().await.map_err(gone)?;
    let mut body = vec![0; length - 8];
    socket.read_exact(&mut body).await.map_err(gone)?;
    Ok((code, Body(body.into())))
}

fn cancel(mut body: Body) -> Result<Opening, Stop> {
    let pid = body.int32().map_err(Stop::Fatal)?;
    Ok(Opening::Cancel(pid, body.0))
}

async fn answer(socket: &mut (impl AsyncWriteExt + Unpin), byte: u8) -> Result<(), Stop> {
    socket.write_all(&[byte]).await.map_err(|e| Stop::Gone(e.to_string()))
}
