//! Each real server once: it starts, answers its own client, and is gone after the guard.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::net::TcpStream;
use std::path::Path;
use weft_testkit::slt::{Protocol, Setup, run_file};
use weft_testkit::{MariaDb, Postgres, Redis, Seaweed, Weft};

fn listens(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

#[test]
fn postgres() {
    let server = Postgres::builder().setting("log_statement", "all").start().unwrap();
    let ran = server
        .psql(&["-Atc", "SELECT current_setting('server_encoding'), datcollate FROM pg_database LIMIT 1"])
        .unwrap();
    assert_eq!((ran.stdout.trim(), ran.stderr.as_str()), ("UTF8|C.UTF-8", ""));
    assert!(server.log().contains("server_encoding"), "{}", server.log());
    let refused = server.endpoint.login("app", "wrong").psql(&["-c", "SELECT 1"]).unwrap();
    assert!(!refused.ok() && refused.stderr.contains("password authentication failed"), "{}", refused.stderr);
    let (port, folder) = (server.port(), server.folder().to_owned());
    drop(server);
    assert!(!listens(port) && !folder.exists());
}

#[test]
fn mariadb() {
    let server = MariaDb::start().unwrap();
    server.sql("CREATE TABLE t (a INT, b TEXT); INSERT INTO t VALUES (1, 'é')").unwrap();
    assert_eq!(server.sql("SELECT a, b, @@character_set_server FROM t").unwrap(), "1\té\tutf8mb4\n");
    assert!(server.sql("SELECT nothing").is_err());
    let (port, folder) = (server.port, server.folder().to_owned());
    drop(server);
    assert!(!listens(port) && !folder.exists());
}

#[test]
fn redis() {
    let server = Redis::start().unwrap();
    assert_eq!(server.command(&["SET", "key", "a b"]).unwrap(), "+OK");
    assert_eq!(server.command(&["STRLEN", "key"]).unwrap(), ":3");
    let port = server.port();
    drop(server);
    assert!(!listens(port));
}

#[test]
fn seaweed() {
    let server = Seaweed::start().unwrap();
    server.create_bucket("lake").unwrap();
    assert!(server.create_bucket("NOT A BUCKET").is_err());
    let port = server.port;
    drop(server);
    assert!(!listens(port));
}

/// The decoder of binary results is held against the text of a real server: both protocols must agree with one file.
#[test]
fn both_protocols_print_the_same() {
    let server = Postgres::start().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/slt");
    let setup = Setup::new(server.endpoint.clone()).label("postgresql");
    for protocol in Protocol::ALL {
        runtime.block_on(run_file(&folder.join("types.slt"), protocol, &setup)).unwrap();
        let wrong =
            runtime.block_on(run_file(&folder.join("wrong_result.slt"), protocol, &setup)).unwrap_err().to_string();
        assert!(wrong.contains("wrong_result.slt:4") && wrong.contains("mismatch"), "{wrong}");
        let broken =
            runtime.block_on(run_file(&folder.join("parse_error.slt"), protocol, &setup)).unwrap_err().to_string();
        assert!(broken.contains("parse_error.slt:6"), "{broken}");
    }
}

/// PostgreSQL against itself: nothing differs but what a setting of one of them changes.
#[test]
fn differential_finds_what_differs() {
    use weft_testkit::differential::{Suite, expressions, queries};
    let (left, right) = (Postgres::start().unwrap(), Postgres::start().unwrap());
    let mut cases = expressions("a + 1\nf\nn / 3 @ n > 0\n!22012 a / 0\nb").unwrap();
    cases.extend(queries("SELECT sum(f) FROM t;").unwrap());
    let fixture = "CREATE TABLE t (id int, a int, f float8, n numeric, b bytea);
                   INSERT INTO t VALUES (1, 10, 0.1, 2.5, '\\x00'), (2, NULL, 1e23, NULL, NULL);";
    let suite = Suite { fixture: fixture.to_owned(), cases };
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let (a, b) = (left.connect().await.unwrap(), right.connect().await.unwrap());
        suite.load(&a).await.unwrap();
        suite.load(&b).await.unwrap();
        let report = suite.run(&a, &b).await;
        assert!(report.ok() && report.cases == 6, "{report}");
        b.batch_execute("SET bytea_output = 'escape'; DELETE FROM t WHERE id = 2").await.unwrap();
        let report = suite.run(&a, &b).await.to_string();
        assert!(report.contains("expressions.txt:5") && report.contains("2 rows"), "{report}");
    });
}

/// Many values of the types whose text is computed, by both protocols.
#[test]
fn binary_decoding_agrees_with_the_text_of_a_server() {
    use sqllogictest::{AsyncDB, DBOutput};
    use weft_testkit::slt::Engine;
    let server = Postgres::start().unwrap();
    let values = "SELECT i, 2::float8 ^ i, 10::float8 ^ i, i / 7::float8, (2::float8 ^ (i % 120))::float4, (i / 9::float8)::float4,
                         (10::float8 ^ (i % 38))::float4, i::numeric / 7, (i::numeric * 123456789) ^ 3, round(i / 3.0, i + 300),
                         make_interval(months => i % 30, days => -i, secs => i * 1234.5678), '2000-01-01'::date + i * 2400,
                         '2000-01-01'::timestamp + i * interval '2400 days 7.000123 sec', ARRAY[i::float4, NULL, -i],
                         ARRAY[i::text, ' ' || i], make_time(abs(i) % 24, abs(i) % 60, abs(i) % 60 / 7::float8)
                  FROM generate_series(-290, 290) AS i";
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let mut printed = Vec::new();
        for protocol in Protocol::ALL {
            let mut engine = Engine::connect(&Setup::new(server.endpoint.clone()), protocol).await.unwrap();
            match engine.run(values).await {
                Ok(DBOutput::Rows { rows, .. }) => printed.push(rows),
                Ok(_) => panic!("no rows over {protocol:?}"),
                Err(error) => panic!("{protocol:?}: {error}"),
            }
        }
        assert_eq!((printed[0].len(), printed[1].len()), (581, 581));
        for (text, binary) in printed[0].iter().zip(&printed[1]) {
            assert_eq!(text, binary);
        }
    });
}

/// The project's own cases: each must be a valid case, and a deterministic one, or it could not tell anything about Weft.
#[test]
fn differential_cases_hold_on_postgresql() {
    use weft_testkit::differential::Suite;
    let suite = Suite::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/differential")).unwrap();
    let (left, right) = (Postgres::start().unwrap(), Postgres::start().unwrap());
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let (a, b) = (left.connect().await.unwrap(), right.connect().await.unwrap());
        suite.load(&a).await.unwrap();
        suite.load(&b).await.unwrap();
        let report = suite.run(&a, &b).await;
        assert!(report.ok(), "{report}");
    });
}

/// The guard of Weft, with a stand-in for the program: what it promises to tests must not depend on the state of the real one.
#[test]
fn weft_guard_waits_stops_and_tells_why_a_start_failed() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let stand_in = |name: &str, body: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{body}")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        path
    };
    let serve = "echo \"started: $* $WEFT_ADMIN_PASSWORD $EXTRA\"; trap 'echo drained; exit 0' TERM
                 sleep 0.2; echo 127.0.0.1:4321 > \"$3/pg-address\"; while :; do sleep 0.05; done";
    let builder = || Weft::builder().binary(stand_in("serve", serve)).password("p");
    let mut weft = builder().setting("statement_timeout", "1s").env("EXTRA", "more").start().unwrap();
    assert_eq!(weft.url(), "postgres://weft:p@127.0.0.1:4321/lake");
    let log = weft.log();
    assert!(log.contains("started: serve --data-dir") && log.contains("--statement-timeout 1s p more"), "{log}");
    assert!(weft.stop().unwrap().success() && weft.log().contains("drained"));
    let mut weft = builder().data_dir(folder.path().join("kept")).start().unwrap();
    assert!(!weft.kill().unwrap().success());
    drop(weft);
    assert!(folder.path().join("kept/pg-address").exists());
    let error =
        Weft::builder().binary(stand_in("fail", "echo bad setting >&2; exit 2")).start().unwrap_err().to_string();
    assert!(error.contains("exit status: 2") && error.contains("bad setting"), "{error}");
}

#[test]
fn tpch_data_is_generated_and_kept() {
    let folder = weft_testkit::data::tpch("0.001").unwrap();
    for table in weft_testkit::data::TPCH_TABLES {
        let file = folder.join(format!("{table}.parquet"));
        assert!(std::fs::read(&file).unwrap().starts_with(b"PAR1"), "{}", file.display());
    }
    assert_eq!(weft_testkit::data::tpch("0.001").unwrap(), folder);
}
