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
    for mode in ["required", "verify_ca", "verify_identity"] {
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
    assert_eq!(context(&[]), context(&[("database", "app")]));
    assert_ne!(context(&[]), context(&[("user", "root")]));
    assert_ne!(context(&[]), at(1, &[]).compute_context());
}
