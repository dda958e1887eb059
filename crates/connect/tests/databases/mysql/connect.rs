//! Servers that are away, or let nobody in.

use super::*;
use std::net::TcpListener;
use std::time::Instant;
use weft_core::ErrorKind;

fn at(port: u16, options: &[(&str, &str)]) -> Arc<dyn Connector> {
    let port = port.to_string();
    let mut all = vec![("port", port.as_str())];
    all.extend(options);
    open(&SERVER, &all, &[("connect_timeout", "300ms")])
}

#[tokio::test]
async fn a_check_tells_version_and_latency() {
    let nodes = open(&SERVER, &[], &[]).check().await;
    assert_eq!((nodes.len(), nodes[0].node.as_str()), (1, format!("127.0.0.1:{}", SERVER.port).as_str()));
    assert!(nodes[0].version.as_ref().unwrap().contains("MariaDB"));
    assert!(nodes[0].error.is_none() && !nodes[0].latency.is_zero());
}

#[tokio::test]
async fn a_wrong_password_is_told_without_it() {
    let connector = at(SERVER.port, &[("password", "wr0ng")]);
    let error = connector.tables().await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::ConnectionFailed, "catalog \"shop\" cannot be reached"));
    assert!(error.detail().unwrap().contains("Access denied for user 'app'"));
    assert!(!format!("{error:?} {connector:?}").contains("wr0ng"));
    assert_eq!(connector.check().await[0].error.as_ref().unwrap().kind(), ErrorKind::ConnectionFailed);
}

#[tokio::test]
async fn a_port_without_a_server_is_refused_at_once() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let error = at(port, &[]).relation("app", "t").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionFailed);
    assert!(error.detail().unwrap().starts_with(&format!("127.0.0.1:{port}: ")));
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let connector = at(silent.local_addr().unwrap().port(), &[]);
    let begun = Instant::now();
    assert_eq!(connector.schemas().await.unwrap_err().kind(), ErrorKind::ConnectionFailed);
    assert_eq!(connector.native("SELECT 1").await.unwrap_err().kind(), ErrorKind::ConnectionFailed);
    assert!(connector.check().await[0].error.is_some());
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    assert_eq!(connector.pool().unwrap().open, 0);
}

#[tokio::test]
async fn encryption_is_demanded_in_vain() {
    for mode in ["required", "verify_identity"] {
        let error = at(SERVER.port, &[("ssl_mode", mode)]).schemas().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionFailed, "{mode}");
        assert!(error.detail().unwrap().contains("does not encrypt"), "{mode}: {error:?}");
    }
    for mode in ["disabled", "preferred"] {
        at(SERVER.port, &[("ssl_mode", mode)]).schemas().await.unwrap();
    }
}

#[tokio::test]
async fn places_that_differ_cannot_be_joined() {
    let context = |options: &[(&str, &str)]| at(SERVER.port, options).compute_context();
    assert_eq!(context(&[]), context(&[("password", "other"), ("zero_dates", "null")]));
    assert_ne!(context(&[]), context(&[("database", "app")]));
    assert_ne!(context(&[]), context(&[("user", "root")]));
    assert_ne!(context(&[]), at(1, &[]).compute_context());
}

/// A key and a certificate for `localhost` that signs itself.
fn certificate(folder: &std::path::Path) -> String {
    let subject = [
        "-subj",
        "/CN=weft",
        "-addext",
        "subjectAltName=DNS:localhost",
        "-addext",
        "basicConstraints=critical,CA:FALSE",
    ];
    let made = std::process::Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args(subject)
        .args(["-keyout", "key.pem", "-out", "cert.pem"])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    for file in ["", "key.pem", "cert.pem"] {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(folder.join(file), std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    std::fs::read_to_string(folder.join("cert.pem")).unwrap()
}

#[tokio::test]
async fn encryption_proves_what_the_mode_asks_for() {
    let folder = tempfile::tempdir().unwrap();
    let pem = certificate(folder.path());
    let file = |option: &str, name: &str| format!("--ssl-{option}={}", folder.path().join(name).display());
    let server = MariaDb::builder().option(&file("cert", "cert.pem")).option(&file("key", "key.pem")).start().unwrap();
    let schemas = async |options: &[(&str, &str)]| open(&server, options, &[]).schemas().await;

    for mode in ["disabled", "preferred", "required"] {
        schemas(&[("ssl_mode", mode)]).await.unwrap_or_else(|e| panic!("{mode}: {e:?}"));
    }
    let by_name = [("ssl_mode", "verify_identity"), ("ssl_ca", pem.as_str()), ("host", "localhost")];
    schemas(&by_name).await.unwrap();
    schemas(&[("ssl_mode", "verify_identity"), ("ssl_ca", pem.as_str()), ("ssl_name", "localhost")]).await.unwrap();
    for refused in [
        vec![("ssl_mode", "verify_identity"), ("ssl_ca", pem.as_str())],
        vec![("ssl_mode", "verify_identity"), ("host", "localhost")],
    ] {
        let error = schemas(&refused).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionFailed, "{refused:?}");
    }
    let relation = open(&server, &[("ssl_mode", "required")], &[])
        .native("SELECT VARIABLE_VALUE AS t FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'Ssl_cipher'")
        .await
        .unwrap();
    assert!(texts(&relation, "SELECT t FROM {}").await[0].starts_with("TLS_"));
}
