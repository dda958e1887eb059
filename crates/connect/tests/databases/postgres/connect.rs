//! Servers that are away, or let nobody in, and how many connections there are.

use super::*;
use std::net::TcpListener;

fn at(options: &[(&str, &str)]) -> Arc<dyn Connector> {
    open(options, &[("connect_timeout", "300ms")])
}

#[tokio::test]
async fn a_check_tells_version_and_latency() {
    let nodes = open(&[], &[]).check().await;
    assert_eq!((nodes.len(), nodes[0].node.clone()), (1, format!("127.0.0.1:{}", SERVER.port())));
    assert!(nodes[0].version.as_ref().unwrap().starts_with("1"), "{:?}", nodes[0].version);
    assert!(nodes[0].error.is_none() && !nodes[0].latency.is_zero());
}

#[tokio::test]
async fn who_is_not_let_in_is_told_why_and_not_the_password() {
    for (options, said, hint) in [
        (
            [("password", "wr0ng")],
            "password authentication failed for user \"app\" (SQLSTATE 28P01)",
            "Check the options user and password",
        ),
        (
            [("user", "nobody")],
            "password authentication failed for user \"nobody\" (SQLSTATE 28P01)",
            "Check the options user and password",
        ),
        (
            [("database", "missing")],
            "database \"missing\" does not exist (SQLSTATE 3D000)",
            "Check the option database",
        ),
    ] {
        let connector = open(&options, &[("connect_timeout", "1min")]);
        let error = connector.tables().await.unwrap_err();
        assert_eq!(
            (error.kind(), error.message()),
            (ErrorKind::ConnectionFailed, "catalog \"shop\" cannot be reached")
        );
        assert_eq!(error.detail().unwrap(), format!("127.0.0.1:{}: {said}", SERVER.port()));
        assert!(error.hint().unwrap().starts_with(hint));
        assert!(!format!("{error:?} {connector:?}").contains("wr0ng"));
        assert_eq!(connector.check().await[0].error.as_ref().unwrap().kind(), ErrorKind::ConnectionFailed);
        assert_eq!(connector.pool().unwrap().open, 0);
    }
}

#[tokio::test]
async fn a_port_without_a_server_is_refused_at_once() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let error = at(&[("port", &port)]).relation("public", "t").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionFailed);
    assert!(error.detail().unwrap().contains("Connection refused"), "{error:?}");
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port().to_string();
    let connector = at(&[("port", &port)]);
    let begun = Instant::now();
    for error in [
        connector.schemas().await.unwrap_err(),
        connector.relation("public", "t").await.unwrap_err(),
        connector.native("SELECT 1").await.unwrap_err(),
        connector.check().await.remove(0).error.unwrap(),
    ] {
        assert_eq!(error.kind(), ErrorKind::ConnectionFailed);
        assert_eq!(error.detail().unwrap(), format!("127.0.0.1:{port}: no answer within 300ms"));
    }
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    assert_eq!(connector.pool().unwrap().open, 0);
}

/// Packets to this network are dropped, or refused where there is no route at all.
#[tokio::test]
async fn a_host_that_is_not_there_is_given_up() {
    let begun = Instant::now();
    let error = at(&[("host", "192.0.2.1")]).schemas().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionFailed);
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn there_are_never_more_connections_than_allowed() {
    let properties = [("max_connections", "2"), ("acquire_timeout", "1s"), ("idle_timeout", "300ms")];
    let site = Site::with("limited", &[], &properties).await;
    let query = site.connector.native("SELECT 1::int8 AS n").await.unwrap();
    let pool = || site.connector.pool().unwrap();
    let busy = async {
        let endless = "SELECT n FROM {}, pg_sleep(600) AS held";
        tokio::join!(numbers(&query, endless), numbers(&query, endless))
    };
    let refused = async {
        until("both run", || async { site.running("held").await == 2 }).await;
        assert_eq!((pool().max_connections, pool().open, pool().idle, pool().waiting), (2, 2, 0, 0));
        let (refused, ()) = tokio::join!(numbers(&query, "SELECT n FROM {}"), async {
            until("one waits", || async { pool().waiting == 1 }).await;
        });
        assert_eq!(site.connections().await, 2);
        refused.unwrap_err()
    };
    let refused = tokio::select! {
        refused = refused => refused,
        ended = busy => panic!("{ended:?}"),
    };
    assert_eq!(refused.kind(), ErrorKind::TooManyConnections);
    assert_eq!(refused.message(), "catalog \"shop\" has no free connection");
    assert_eq!((pool().timed_out, pool().waiting), (1, 0));
    until("what was given up is closed", || async { site.connections().await == 0 && pool().open == 0 }).await;
    assert_eq!(numbers(&query, "SELECT n FROM {}").await.unwrap(), ["1"]);
    until("idle connections are closed", || async { site.connections().await == 0 && pool().open == 0 }).await;
}

#[tokio::test]
async fn a_connection_that_broke_while_idle_is_replaced() {
    let site = Site::new("restarted").await;
    let query = site.connector.native("SELECT 1::int8 AS n").await.unwrap();
    site.admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'restarted' AND application_name = 'weft'", &[]).await.unwrap();
    assert_eq!(numbers(&query, "SELECT n FROM {}").await.unwrap(), ["1"]);
}

#[tokio::test]
async fn places_that_differ_cannot_be_joined() {
    let context = |options: &[(&str, &str)]| at(options).compute_context();
    assert_eq!(context(&[]), context(&[("password", "other")]));
    for other in [("user", "reader"), ("database", "other"), ("port", "1"), ("host", "localhost")] {
        assert_ne!(context(&[]), context(&[other]));
    }
}
