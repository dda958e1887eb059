//! Catalogs that change while they are used, and what is known of them when their sources are away.

use crate::files::{mount, reads, samples};
use crate::{eventually, refusal, test};
use futures::StreamExt;
use libtest_mimic::Trial;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio_postgres::{Client, SimpleQueryMessage};
use weft_testkit::{Postgres, Weft};

pub fn trials() -> Vec<Trial> {
    vec![
        test("catalogs::a_change_is_live", live),
        test("catalogs::a_changed_pool_is_a_new_one", pools),
        test("catalogs::a_change_that_breaks_is_refused", refused),
        test("catalogs::health_follows_the_source", health),
        test("catalogs::a_listing_is_answered_from_memory", memory),
        test("catalogs::what_is_shown_can_be_run", replay),
    ]
}

const LIMIT: Duration = Duration::from_secs(20);

async fn texts(client: &Client, sql: &str) -> Vec<String> {
    let rows = client.simple_query(sql).await.unwrap_or_else(|e| panic!("{sql}: {}", weft_testkit::Error::from(e)));
    let text = |message: SimpleQueryMessage| match message {
        SimpleQueryMessage::Row(row) => {
            let cells: Vec<_> = (0..row.len()).map(|i| row.get(i).unwrap_or("NULL").to_owned()).collect();
            Some(cells.join(" "))
        }
        _ => None,
    };
    rows.into_iter().filter_map(text).collect()
}

async fn run(client: &Client, sql: &str) {
    client.batch_execute(sql).await.unwrap_or_else(|e| panic!("{sql}: {}", weft_testkit::Error::from(e)));
}

fn postgres_catalog(name: &str, port: u16) -> String {
    let options = format!("host '127.0.0.1', port '{port}', database 'postgres', \"user\" 'app', password 'secret'");
    format!("CREATE CATALOG {name} USING postgres OPTIONS ({options})")
}

/// Catches: a statement that loses its source to an ALTER or DROP, and a change that only later statements of new sessions see.
async fn live() {
    let weft = reads(&[&samples()]).start().unwrap();
    let busy = mount(&weft, "ny", &samples()).await.connect().await.unwrap();
    let other = weft.connect().await.unwrap();
    let sql = "SELECT a.*, b.n FROM nyc.flights AS a CROSS JOIN (VALUES (1), (2), (3)) AS b(n)";
    let mut rows = std::pin::pin!(busy.query_raw(sql, std::iter::empty::<i32>()).await.unwrap());
    rows.next().await.unwrap().unwrap();
    run(&other, &format!("ALTER CATALOG ny OPTIONS (SET path '{}')", samples().join("nyc").display())).await;
    assert_eq!(texts(&other, "SELECT count(*) FROM ny.public.airlines").await, ["16"]);
    assert_eq!(refusal(other.simple_query("SELECT count(*) FROM ny.nyc.airlines").await).0, "3F000");
    run(&other, "DROP CATALOG ny").await;
    let mut count = 1;
    while let Some(row) = rows.next().await {
        row.unwrap();
        count += 1;
    }
    assert_eq!(count, 80_789 * 3);
}

/// Catches: a setting of a pool that needs a restart, and one that is not checked.
async fn pools() {
    let postgres = Postgres::start().unwrap();
    let weft = Weft::start().unwrap();
    let client = weft.connect().await.unwrap();
    run(&client, &format!("{} WITH (max_connections = 3)", postgres_catalog("pg", postgres.port()))).await;
    let pool = "SELECT catalog_name, max_connections FROM system.runtime.pools";
    assert_eq!(texts(&client, pool).await, ["pg 3"]);
    run(&client, "ALTER CATALOG pg SET (max_connections = 2)").await;
    assert_eq!(texts(&client, pool).await, ["pg 2"]);
    let shape = "SELECT role, kind, state, serving, checks, acquired >= 0 FROM system.runtime.pools";
    assert_eq!(texts(&client, shape).await, ["primary postgres healthy t NULL t"]);
    assert_eq!(texts(&client, "SELECT count(*) FROM pg.pg_catalog.pg_class WHERE relname = 'none'").await, ["0"]);
    let wrong = client.batch_execute("ALTER CATALOG pg SET (max_connections = 0)").await;
    assert_eq!(refusal(wrong).0, "22023");
    let health = "SELECT catalog_name, state, version LIKE '%1%' FROM system.runtime.health";
    assert_eq!(texts(&client, health).await, ["pg healthy t"]);
    let shown = texts(&client, "SHOW CREATE CATALOG pg").await.concat();
    assert!(
        shown.contains("password '***' /* not shown */") && shown.ends_with("WITH (max_connections = '2')"),
        "{shown}"
    );
}

/// Catches: an ALTER that leaves a catalog which cannot be reached, or that changes it by half.
async fn refused() {
    let postgres = Postgres::start().unwrap();
    let weft = Weft::start().unwrap();
    let client = weft.connect().await.unwrap();
    run(&client, &postgres_catalog("pg", postgres.port())).await;
    let nobody = weft_testkit::port::free();
    let alter = format!("ALTER CATALOG pg OPTIONS (SET port '{nobody}', SET password 'other')");
    assert_eq!(refusal(client.batch_execute(&alter).await).0, "08001");
    assert_eq!(refusal(client.batch_execute("ALTER CATALOG pg OPTIONS (SET password 'wrong')").await).0, "08001");
    assert_eq!(texts(&client, "SELECT state FROM system.runtime.health").await, ["healthy"]);
    // The password is still the right one.
    run(&client, "ALTER CATALOG pg SET (max_connections = 2)").await;
    run(&client, "ALTER CATALOG pg DISABLE").await;
    run(&client, &alter).await;
    assert_eq!(refusal(client.batch_execute("ALTER CATALOG pg ENABLE").await).0, "08001");
    let back = format!("ALTER CATALOG pg OPTIONS (SET port '{}', SET password 'secret')", postgres.port());
    run(&client, &back).await;
    run(&client, "ALTER CATALOG pg ENABLE").await;
    assert_eq!(texts(&client, "SELECT * FROM remote_query('pg', 'SELECT 41 + 1 AS answer')").await, ["42"]);
    let written = client.simple_query("SELECT * FROM remote_query('pg', 'CREATE TABLE t ()')").await;
    assert!(!refusal(written).0.is_empty());
}

/// Catches: a state that is only as good as the last statement, and a source that stays away after it is back.
async fn health() {
    let folder = tempfile::tempdir().unwrap();
    let (here, away) = (folder.path().join("here"), folder.path().join("away"));
    std::fs::create_dir(&here).unwrap();
    std::fs::write(here.join("t.csv"), "a,b\n1,2\n").unwrap();
    let weft = reads(&[folder.path()]).setting("health_interval", "1s").start().unwrap();
    let client = mount(&weft, "f", &here).await.connect().await.unwrap();
    let state =
        || async { texts(&client, "SELECT state FROM system.metadata.catalogs WHERE kind = 'file'").await.concat() };
    assert_eq!(state().await, "healthy");
    std::fs::rename(&here, &away).unwrap();
    eventually("it is found to be away", LIMIT, || async { state().await == "unreachable" }).await;
    let told = texts(&client, "SELECT last_error, failures > 0 FROM system.runtime.health").await.concat();
    assert!(told.contains("does not exist t"), "{told}");
    std::fs::rename(&away, &here).unwrap();
    eventually("it is found to be back", LIMIT, || async { state().await == "healthy" }).await;
    assert_eq!(texts(&client, "SELECT failures FROM system.runtime.health").await, ["0"]);
}

/// Catches: a listing that waits for a server which takes connections and says nothing, and one that forgets what it knew.
async fn memory() {
    let postgres = Postgres::start().unwrap();
    run(&postgres.connect().await.unwrap(), "CREATE TABLE known (a int)").await;
    let weft = Weft::builder()
        .setting("health_interval", "1s")
        .setting("health_timeout", "1s")
        .setting("listing_timeout", "2s")
        .setting("metadata_ttl", "100ms")
        .start()
        .unwrap();
    let client = weft.connect().await.unwrap();
    let line = Line::to(postgres.port()).await;
    run(&client, &postgres_catalog("pg", line.port)).await;
    let tables = "SELECT table_name FROM system.metadata.tables WHERE catalog_name = 'pg' AND schema_name = 'public'";
    assert_eq!(texts(&client, tables).await, ["known"]);
    line.silent.store(true, Ordering::Relaxed);
    let started = Instant::now();
    assert_eq!(texts(&client, tables).await, ["known"]);
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    eventually("it is found to be away", LIMIT, || async {
        texts(&client, "SELECT state FROM system.runtime.health").await == ["unreachable"]
    })
    .await;
    for sql in [tables, "SHOW CATALOGS", "SELECT * FROM nowhere", "SELECT count(*) FROM information_schema.tables"] {
        let started = Instant::now();
        drop(client.simple_query(sql).await);
        assert!(started.elapsed() < Duration::from_secs(1), "{sql}: {:?}", started.elapsed());
    }
    line.silent.store(false, Ordering::Relaxed);
    eventually("it is found to be back", LIMIT, || async {
        texts(&client, "SELECT state FROM system.runtime.health").await == ["healthy"]
    })
    .await;
}

/// A line to a server on which nothing comes through while it is silent: what dropped packets look like.
struct Line {
    port: u16,
    silent: Arc<AtomicBool>,
}

impl Line {
    async fn to(server: u16) -> Line {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let line = Line { port: listener.local_addr().unwrap().port(), silent: Arc::default() };
        let silent = line.silent.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await else { continue };
                let ((from_client, to_client), (from_server, to_server)) = (client.into_split(), server.into_split());
                tokio::spawn(carry(from_client, to_server, silent.clone()));
                tokio::spawn(carry(from_server, to_client, silent.clone()));
            }
        });
        line
    }
}

async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, silent: Arc<AtomicBool>) {
    let mut buffer = vec![0; 8192];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        while silent.load(Ordering::Relaxed) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}

/// Catches: a configuration that cannot be made again from what SHOW CREATE ALL prints.
async fn replay() {
    let weft = reads(&[&samples()]).start().unwrap();
    let client = weft.connect().await.unwrap();
    run(&client, &format!("CREATE SECRET \"Place\" (TYPE file, path '{}')", samples().display())).await;
    run(&client, "CREATE CATALOG \"it's\" USING file OPTIONS (secret \"Place\", null_string 'it''s')").await;
    run(&client, &format!("CREATE CATALOG off USING file OPTIONS (path '{}')", samples().display())).await;
    run(&client, "ALTER CATALOG off DISABLE").await;
    let shown = texts(&client, "SHOW CREATE ALL").await;
    assert_eq!(shown.len(), 4, "{shown:#?}");
    let again = reads(&[&samples()]).start().unwrap();
    let client = again.connect().await.unwrap();
    for statement in &shown {
        run(&client, &statement.replace("***", samples().to_str().unwrap())).await;
    }
    assert_eq!(texts(&client, "SHOW CREATE ALL").await, shown);
}
