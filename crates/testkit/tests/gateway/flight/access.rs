//! Who comes in: passwords, tokens, places, TLS.

use super::client::{self, channel, connect, query, refusal, site, told};
use crate::files::reads;
use crate::{eventually, test};
use arrow_flight::flight_service_client::FlightServiceClient;
use arrow_flight::sql::client::FlightSqlServiceClient;
use arrow_flight::{Action, Criteria, HandshakeRequest};
use libtest_mimic::Trial;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tonic::metadata::MetadataValue;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};
use tonic::{Code, Request, Status};
use weft_testkit::Weft;
use weft_testkit::redis::Certificates;

pub fn trials() -> Vec<Trial> {
    vec![
        test("flight::who_may_log_in", login),
        test("flight::a_password_with_each_request", each_request),
        test("flight::places_are_shared", places),
        test("flight::sessions_end", sessions_end),
        test("flight::close_session", closed),
        test("flight::strangers_are_hung_up_on", strangers),
        test("flight::tls", tls),
    ]
}

/// `Basic` with `user:password`, in Base64.
fn basic(user: &str, password: &str) -> MetadataValue<tonic::metadata::Ascii> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let text = format!("{user}:{password}");
    let encoded: String = text
        .as_bytes()
        .chunks(3)
        .flat_map(|chunk| {
            let bits = chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
            (0..4).map(move |i| match i <= chunk.len() {
                true => LETTERS[(bits >> (18 - 6 * i) & 63) as usize] as char,
                false => '=',
            })
        })
        .collect();
    format!("Basic {encoded}").parse().unwrap()
}

async fn handshake(channel: Channel, user: &str, password: &str) -> Result<String, Status> {
    let hello = HandshakeRequest { protocol_version: 0, payload: Default::default() };
    let mut request = Request::new(futures::stream::iter([hello]));
    request.metadata_mut().insert("authorization", basic(user, password));
    let response = FlightServiceClient::new(channel).handshake(request).await?;
    let told = response.metadata().get("authorization").expect("a token").to_str().unwrap();
    Ok(told.strip_prefix("Bearer ").expect("a bearer token").to_owned())
}

async fn run(weft: &Weft, sql: &str) {
    weft.connect().await.unwrap().batch_execute(sql).await.unwrap();
}

/// Catches: a login by a wrong or expired password, without leave, and one whose error says which of them it was.
async fn login() {
    let weft = site().await;
    run(&weft, "CREATE USER ann PASSWORD 'one'; CREATE ROLE bob PASSWORD 'two'; CREATE USER eve PASSWORD NULL").await;
    run(
        &weft,
        "CREATE USER late PASSWORD 'x' VALID UNTIL '2001-01-01'; CREATE USER few PASSWORD 'x' CONNECTION LIMIT 1",
    )
    .await;
    let channel = channel(&weft).await;
    for (user, password) in [("ann", "two"), ("ann", ""), ("eve", ""), ("late", "x"), ("nobody", "x")] {
        let refused = handshake(channel.clone(), user, password).await.unwrap_err();
        assert_eq!(told(&refused), (Code::Unauthenticated, "28P01".to_owned()), "{user}: {refused}");
        assert!(
            refused.message().contains(&format!("password authentication failed for user \"{user}\"")),
            "{refused}"
        );
    }
    let refused = handshake(channel.clone(), "bob", "two").await.unwrap_err();
    assert_eq!(told(&refused), (Code::Unauthenticated, "28000".to_owned()));
    handshake(channel.clone(), "few", "x").await.unwrap();
    let refused = handshake(channel.clone(), "few", "x").await.unwrap_err();
    assert_eq!(told(&refused), (Code::ResourceExhausted, "53300".to_owned()));

    let mut client = FlightSqlServiceClient::new(channel);
    for token in ["", "x"] {
        client.set_token(token.to_owned());
        assert_eq!(refusal(query(&mut client, "SELECT 1").await), (Code::Unauthenticated, "28000".to_owned()));
    }
    let mut client = client::login(&weft, "lake", "ann", "one").await;
    assert_eq!(query(&mut client, "SELECT current_user").await.unwrap(), ["ann"]);
    // What the role may not see, it may not see here either.
    let (code, state) = refusal(query(&mut client, "SELECT * FROM ny.nyc.airlines").await);
    assert_eq!((code, state.as_str()), (Code::PermissionDenied, "42501"));
}

/// Catches: clients that send a password with each request and get a session with each.
async fn each_request() {
    let weft = site().await;
    let mut client = FlightServiceClient::new(channel(&weft).await);
    let mut tokens = Vec::new();
    for _ in 0..3 {
        let mut request = Request::new(Criteria::default());
        request.metadata_mut().insert("authorization", basic(&weft.endpoint.user, &weft.endpoint.password));
        let response = client.list_flights(request).await.unwrap();
        tokens.extend(response.metadata().get("authorization").map(|token| token.to_str().unwrap().to_owned()));
    }
    assert_eq!(tokens.len(), 1, "the first request is answered with a token");
    let sessions = "SELECT count(*) FROM system.runtime.sessions";
    let rows = weft.connect().await.unwrap().query_one(sessions, &[]).await.unwrap();
    assert_eq!(rows.get::<_, i64>(0), 2, "one for the client, one for the question");
    let mut client = FlightSqlServiceClient::new(channel(&weft).await);
    client.set_token(tokens[0].strip_prefix("Bearer ").unwrap().to_owned());
    assert_eq!(query(&mut client, "SELECT 1").await.unwrap(), ["1"]);
    let refused = FlightServiceClient::new(channel(&weft).await).list_flights(Criteria::default()).await.unwrap_err();
    assert_eq!(told(&refused), (Code::Unauthenticated, "28000".to_owned()));
}

/// Catches: clients of one protocol that the other one does not count.
async fn places() {
    let weft = Weft::builder().setting("max_connections", "2").start().unwrap();
    let pg = weft.connect().await.unwrap();
    let mut client = connect(&weft, "lake").await;
    let refused = handshake(channel(&weft).await, &weft.endpoint.user, &weft.endpoint.password).await.unwrap_err();
    assert_eq!(told(&refused), (Code::ResourceExhausted, "53300".to_owned()));
    assert!(weft.connect().await.is_err());
    drop(pg);
    eventually("there is room again", Duration::from_secs(5), || async { weft.connect().await.is_ok() }).await;
    assert_eq!(query(&mut client, "SELECT 1").await.unwrap(), ["1"]);
}

/// Catches: sessions that nobody uses and that stay, and tokens that outlive them.
async fn sessions_end() {
    let weft = Weft::builder().setting("flight_session_timeout", "1s").start().unwrap();
    let mut client = connect(&weft, "lake").await;
    assert_eq!(query(&mut client, "SELECT 1").await.unwrap(), ["1"]);
    let pg = weft.connect().await.unwrap();
    let alone =
        async || pg.query_one("SELECT count(*) FROM system.runtime.sessions", &[]).await.unwrap().get::<_, i64>(0) == 1;
    eventually("the session ends", Duration::from_secs(10), alone).await;
    assert_eq!(refusal(query(&mut client, "SELECT 1").await), (Code::Unauthenticated, "28000".to_owned()));
}

/// Catches: a session that was closed and still has its place, or answers.
async fn closed() {
    let weft = Weft::builder().setting("max_connections", "1").start().unwrap();
    let mut client = connect(&weft, "lake").await;
    let mut request = Request::new(Action::new("CloseSession", ""));
    let bearer = format!("Bearer {}", client.token().unwrap());
    request.metadata_mut().insert("authorization", bearer.parse().unwrap());
    client.inner_mut().do_action(request).await.unwrap();
    assert_eq!(refusal(query(&mut client, "SELECT 1").await), (Code::Unauthenticated, "28000".to_owned()));
    let mut client = connect(&weft, "lake").await;
    assert_eq!(query(&mut client, "SELECT 1").await.unwrap(), ["1"]);
}

/// Catches: connections that nobody logs in on and that stay, and bytes that end more than their connection.
async fn strangers() {
    let weft = Weft::builder().setting("authentication_timeout", "1s").start().unwrap();
    let port = weft.flight_port().unwrap();
    let mut client = connect(&weft, "lake").await;
    let greeting: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    let hostile: [&[u8]; 4] = [b"", greeting, b"\0\0\0\x08\x04\xd2\x16\x2f", b"\x16\x03\x01\xff\xff garbage"];
    for bytes in hostile {
        let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut heard = Vec::new();
        let ended = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut heard)).await;
        assert!(ended.is_ok(), "{bytes:?}: nobody hangs up");
    }
    // Longer than a stranger may take.
    assert_eq!(query(&mut client, "SELECT 1").await.unwrap(), ["1"]);
}

/// Catches: plain connections where TLS is required, and TLS that clients of gRPC do not take.
async fn tls() {
    let made = Certificates::make().unwrap();
    let file = |path: std::path::PathBuf| path.to_str().unwrap().to_owned();
    let with = |mode: &str| {
        reads(&[])
            .setting("tls", mode)
            .setting("tls_cert", &file(made.certificate()))
            .setting("tls_key", &file(made.key()))
            .start()
            .unwrap()
    };
    let authority = Certificate::from_pem(std::fs::read(made.authority()).unwrap());
    let encrypted = async |weft: &Weft| {
        let uri = format!("https://localhost:{}", weft.flight_port().unwrap());
        let config = ClientTlsConfig::new().ca_certificate(authority.clone());
        let channel = Endpoint::from_shared(uri).unwrap().tls_config(config).unwrap().connect().await.unwrap();
        let mut client = FlightSqlServiceClient::new(channel);
        client.handshake(&weft.endpoint.user, &weft.endpoint.password).await.unwrap();
        query(&mut client, "SELECT 1").await.unwrap()
    };
    let allowed = with("allowed");
    assert_eq!(encrypted(&allowed).await, ["1"]);
    assert_eq!(query(&mut connect(&allowed, "lake").await, "SELECT 1").await.unwrap(), ["1"]);
    let required = with("required");
    assert_eq!(encrypted(&required).await, ["1"]);
    let uri = format!("http://127.0.0.1:{}", required.flight_port().unwrap());
    let refused = async {
        let channel = Endpoint::from_shared(uri).unwrap().connect().await.map_err(|e| e.to_string())?;
        handshake(channel, "weft", "x").await.map_err(|e| format!("{:?}", e.code()))
    };
    let refused = refused.await.unwrap_err();
    assert!(!refused.contains("Unauthenticated"), "it was asked for its password: {refused}");
}
