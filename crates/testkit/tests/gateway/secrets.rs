//! Passwords of sources: nowhere to be read, under keys that can be changed at any moment, also the last one.

use crate::files::{reads, samples};
use crate::{refusal, test};
use libtest_mimic::Trial;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;
use tokio_postgres::{Client, SimpleQueryMessage};
use weft_testkit::{Postgres, Ran, Weft};

pub fn trials() -> Vec<Trial> {
    vec![
        test("secrets::appear_nowhere", appear_nowhere),
        test("secrets::a_crash_in_a_change_of_keys_loses_nothing", crash),
        test("secrets::a_key_that_others_may_read_is_refused", key_file),
    ]
}

/// What every secret of these tests contains.
const MARK: &str = "gEhEiM";

/// Whatever the gateway says to the statement, as text: rows, or the error with all its fields.
async fn said(client: &Client, sql: &str) -> String {
    let simple = match client.simple_query(sql).await {
        Ok(messages) => messages.iter().map(text).collect(),
        Err(error) => format!("{error:?}"),
    };
    let extended = match client.prepare(sql).await {
        Ok(statement) => format!("{statement:?}"),
        Err(error) => format!("{error:?}"),
    };
    format!("{simple}\n{extended}\n")
}

fn text(message: &SimpleQueryMessage) -> String {
    match message {
        SimpleQueryMessage::Row(row) => {
            (0..row.len()).map(|i| format!("{} ", row.get(i).unwrap_or_default())).collect()
        }
        other => format!("{other:?}"),
    }
}

/// Catches: a secret in an error, a log, a listing, a plan, the list of sessions, or a file.
async fn appear_nowhere() {
    let postgres = Postgres::start().unwrap();
    let direct = postgres.connect().await.unwrap();
    for (role, password) in [("one", "gEhEiM-own"), ("two", "gEhEiM-named"), ("three", "gEhEiM-later")] {
        direct.batch_execute(&format!("CREATE ROLE {role} LOGIN PASSWORD '{password}'")).await.unwrap();
    }
    direct.batch_execute("CREATE TABLE t AS SELECT 1 AS a; GRANT SELECT ON t TO PUBLIC").await.unwrap();
    let mut weft = Weft::builder().setting("log", "debug").start().unwrap();
    let client = weft.connect().await.unwrap();
    let at = format!("host '127.0.0.1', port '{}', database 'postgres'", postgres.port());

    let mut answers = String::new();
    for (sql, succeeds) in [
        (format!("CREATE CATALOG own USING postgres OPTIONS ({at}, \"user\" 'one', password 'gEhEiM-own')"), true),
        ("CREATE SECRET s (TYPE postgres, \"user\" 'two', password 'gEhEiM-named')".to_owned(), true),
        (format!("CREATE CATALOG named USING postgres OPTIONS ({at}, secret s)"), true),
        ("ALTER CATALOG own OPTIONS (SET \"user\" 'three', SET password 'gEhEiM-later')".to_owned(), true),
        // Refused by the source, by the checks of options, and by the parser.
        (format!("CREATE CATALOG x USING postgres OPTIONS ({at}, \"user\" 'one', password 'gEhEiM-wrong')"), false),
        ("ALTER CATALOG own OPTIONS (SET password 'gEhEiM-wrong')".to_owned(), false),
        (format!("CREATE CATALOG x USING postgres OPTIONS ({at}, \"user\" 'one', pasword 'gEhEiM-typo')"), false),
        ("CREATE SECRET x (TYPE postgres, pasword 'gEhEiM-typo')".to_owned(), false),
        ("CREATE SECRET x (TYPE postgres, port 'gEhEiM-port', password 'gEhEiM')".to_owned(), false),
        ("CREATE SECRET s (TYPE postgres, password 'gEhEiM-again')".to_owned(), false),
        ("CREATE CATALOG x USING postgres OPTIONS (password 'gEhEiM' 'gEhEiM')".to_owned(), false),
        ("CREATE CATALOG x USING postgres OPTIONS (password 'gEhEiM, host 'h')".to_owned(), false),
        ("CREATE CATALOG x USING postgres OPTIONS (password = 'gEhEiM')".to_owned(), false),
        ("ALTER CATALOG own OPTIONS (ADD password 'gEhEiM')".to_owned(), false),
        ("CREATE SECRET x (TYPE postgres, password 'gEhEiM' x)".to_owned(), false),
        ("CREATE SECRET x (TYPE postgres, password gEhEiM x)".to_owned(), false),
        ("CREATE SECRET x (TYPE postgres, password $$gEhEiM)".to_owned(), false),
        ("CREATE SECRET 'gEhEiM'".to_owned(), false),
        ("EXPLAIN CREATE SECRET x (TYPE postgres, password 'gEhEiM')".to_owned(), false),
        ("CREATE USER u PASSWORD 'gEhEiM-user'".to_owned(), true),
        ("ALTER ROLE u PASSWORD 'gEhEiM-other'".to_owned(), true),
        ("ALTER ROLE u PASSWORD 'gEhEiM' PASSWORD 'gEhEiM'".to_owned(), false),
        ("ALTER ROLE u PASWORD 'gEhEiM'".to_owned(), false),
        ("ALTER ROLE nobody PASSWORD 'gEhEiM'".to_owned(), false),
        ("CREATE USER u PASSWORD 'gEhEiM'".to_owned(), false),
        (format!("CHECK CATALOG USING postgres OPTIONS ({at}, \"user\" 'one', password 'gEhEiM-wrong')"), true),
        ("CHECK CATALOG own".to_owned(), true),
        ("ALTER SYSTEM ROTATE ENCRYPTION KEY".to_owned(), true),
        ("SELECT * FROM own.public.t JOIN named.public.t AS u USING (a)".to_owned(), true),
        ("EXPLAIN (ANALYZE, VERBOSE) SELECT * FROM own.public.t".to_owned(), true),
        ("EXPLAIN (VERBOSE, FORMAT json) SELECT * FROM own.public.t".to_owned(), true),
        ("PREVIEW named.public.t".to_owned(), true),
    ] {
        let done = client.simple_query(&sql).await;
        assert_eq!(done.is_ok(), succeeds, "{sql}: {done:?}");
        answers.push_str(&match done {
            Ok(messages) => messages.iter().map(text).collect(),
            Err(error) => format!("{error:?}"),
        });
        // Other sessions see the statement that ran last.
        answers.push_str(&said(&weft.connect().await.unwrap(), "SELECT statement FROM system.runtime.sessions").await);
    }
    for sql in [
        "SHOW ROLES",
        "TABLE pg_authid",
        "TABLE pg_shadow",
        "SHOW CREATE ALL",
        "SHOW CREATE CATALOG own",
        "SHOW SECRETS",
        "SHOW CATALOGS",
        "SHOW ALL",
    ] {
        answers.push_str(&said(&client, sql).await);
    }
    let tables = "SELECT schema_name || '.' || table_name FROM system.metadata.tables WHERE catalog_name = 'system'";
    for table in client.query(tables, &[]).await.unwrap() {
        answers.push_str(&said(&client, &format!("SELECT * FROM system.{}", table.get::<_, &str>(0))).await);
    }
    assert!(answers.contains("*** /* not shown */") || answers.contains("'***' /* not shown */"), "{answers}");
    clean("an answer", answers.as_bytes());

    drop(client);
    weft.stop().unwrap();
    clean("the log", weft.log().as_bytes());
    files(&weft.data_dir(), &mut |path, bytes| clean(&path.display().to_string(), bytes));
}

fn clean(what: &str, bytes: &[u8]) {
    let found = bytes.windows(MARK.len()).position(|window| window == MARK.as_bytes());
    if let Some(at) = found {
        let around = &bytes[at.saturating_sub(300)..(at + 40).min(bytes.len())];
        panic!("{what} holds a secret: {}", String::from_utf8_lossy(around));
    }
}

fn files(folder: &Path, look: &mut impl FnMut(&Path, &[u8])) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, look);
        } else {
            look(&path, &fs::read(&path).unwrap());
        }
    }
}

/// Catches: values under a key that a crash has taken away.
async fn crash() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let start = || reads(&[&samples()]).data_dir(&data).start().unwrap();
    let mut weft = start();
    let client = weft.connect().await.unwrap();
    for i in 0..10 {
        let create = format!(
            "CREATE SECRET s{i} (TYPE file, path '{}'); CREATE CATALOG c{i} USING file OPTIONS (secret s{i})",
            samples().display()
        );
        client.batch_execute(&create).await.unwrap();
    }
    let key = || fs::read_to_string(data.join("master-key")).unwrap();
    let first = key();
    for delay in [60, 95, 130] {
        let client = weft.connect().await.unwrap();
        let rotating =
            tokio::spawn(
                async move { while client.batch_execute("ALTER SYSTEM ROTATE ENCRYPTION KEY").await.is_ok() {} },
            );
        tokio::time::sleep(Duration::from_millis(delay)).await;
        weft.kill().unwrap();
        rotating.await.unwrap();
        weft = start();
        assert_eq!(key().lines().count(), 1, "an old key was left");
        let client = weft.connect().await.unwrap();
        for i in 0..10 {
            let rows = client.query_one(&format!("SELECT count(*) FROM c{i}.nyc.airlines"), &[]).await;
            assert_eq!(rows.unwrap().get::<_, i64>(0), 16);
        }
    }
    assert_ne!(key(), first);
}

/// Catches: a gateway that starts with a key which is no secret any more, or with none at all, over secrets that it cannot open.
async fn key_file() {
    let folder = tempfile::tempdir().unwrap();
    let (data, key) = (folder.path().join("data"), folder.path().join("kept/key"));
    fs::create_dir(folder.path().join("kept")).unwrap();
    let mut weft = Weft::builder().data_dir(&data).setting("master_key_file", key.to_str().unwrap()).start().unwrap();
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    let client = weft.connect().await.unwrap();
    client.batch_execute("CREATE SECRET s (TYPE file, path '/x')").await.unwrap();
    let taken = client.batch_execute("CREATE SECRET s (TYPE file, path '/x')").await;
    assert_eq!(refusal(taken).0, "42710");
    drop(client);
    weft.stop().unwrap();
    let start = || {
        let mut command = crate::files::weft();
        command
            .args([
                "serve",
                "--pg-listen",
                "127.0.0.1:0",
                "--flight-listen",
                "127.0.0.1:0",
                "--http-listen",
                "127.0.0.1:0",
                "--data-dir",
            ])
            .arg(&data);
        let ran = Ran::of(command.arg("--master-key-file").arg(&key).current_dir("/")).unwrap();
        (ran.code, ran.stderr)
    };
    fs::set_permissions(&key, PermissionsExt::from_mode(0o640)).unwrap();
    let (code, told) = start();
    assert!(code == 1 && told.contains("is not private") && told.contains("chmod 600"), "{told}");
    fs::remove_file(&key).unwrap();
    let (code, told) = start();
    assert!(code == 1 && told.contains("is missing") && !key.exists(), "{told}");
}
