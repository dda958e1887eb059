//! Databases behind the gateway: joins of several of them, what each is asked, and one of them that is away.

use crate::{eventually, objects, python, refusal, test};
use libtest_mimic::Trial;
use std::time::{Duration, Instant};
use tokio_postgres::Client;
use weft_testkit::seaweed::{KEY, SECRET, Seaweed};
use weft_testkit::{MariaDb, Postgres, Relay, Weft, data};

pub fn trials() -> Vec<Trial> {
    vec![
        test("sources::three_way_join", three_way_join),
        test("sources::large_tables_stay_where_they_are", large_tables),
        test("sources::tpch_in_postgresql", tpch_in_postgresql),
        test("sources::tpch_in_mariadb", tpch_in_mariadb),
        test("sources::a_silent_source_delays_nobody", silent_source),
    ]
}

async fn run(client: &Client, sql: &str) {
    client.batch_execute(sql).await.unwrap_or_else(|e| panic!("{sql}: {}", weft_testkit::Error::from(e)));
}

async fn lines(client: &Client, sql: &str) -> Vec<String> {
    client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

pub fn postgres_catalog(name: &str, port: u16) -> String {
    let options = format!("host '127.0.0.1', port '{port}', database 'postgres', \"user\" 'app', password 'secret'");
    format!("CREATE CATALOG {name} USING postgres OPTIONS ({options})")
}

pub fn mysql_catalog(name: &str, server: &MariaDb) -> String {
    let options =
        format!("host '127.0.0.1', port '{}', \"user\" '{}', password '{}'", server.port, server.user, server.password);
    format!("CREATE CATALOG {name} USING mysql OPTIONS ({options})")
}

/// How many rows a node of EXPLAIN ANALYZE brought, found by what its statement says.
fn fetched(plan: &[String], statement: &str) -> u64 {
    let place =
        plan.iter().position(|line| line.contains(statement)).unwrap_or_else(|| panic!("{statement}: {plan:#?}"));
    let node = &plan[place - 1];
    let rows = node.rsplit("(rows=").next().and_then(|text| text.trim_end_matches(')').parse().ok());
    rows.unwrap_or_else(|| panic!("{node}"))
}

/// Catches: wrong rows of a join over sources, and a large side that is fetched although the small one selects a hundred of its keys.
async fn three_way_join() {
    let postgres = Postgres::builder().setting("log_statement", "all").start().unwrap();
    let mariadb = MariaDb::builder().option("--general-log=1").option("--log-output=TABLE").start().unwrap();
    let store = Seaweed::start().unwrap();
    store.create_bucket("lines").unwrap();
    let lineitem = data::tpch("0.1").unwrap().join("lineitem.parquet");
    store.put("lines", "lineitem.parquet", std::fs::read(lineitem).unwrap()).unwrap();
    let direct = postgres.connect().await.unwrap();
    run(&direct, "CREATE TABLE chosen AS SELECT (i * 37)::bigint AS orderkey, 'c' || i AS label FROM generate_series(1, 100) AS i").await;
    run(&direct, "ANALYZE chosen").await;
    mariadb
        .sql(
            "CREATE TABLE app.grades (orderkey bigint PRIMARY KEY, grade varchar(10)); \
              INSERT INTO app.grades SELECT seq, CONCAT('g', seq % 7) FROM seq_1_to_200000; ANALYZE TABLE app.grades;",
        )
        .unwrap();
    let weft = Weft::start().unwrap();
    let client = weft.connect().await.unwrap();
    run(&client, &postgres_catalog("pg", postgres.port())).await;
    run(&client, &mysql_catalog("my", &mariadb)).await;
    run(&client, &objects::catalog("s3", &store, "lines", KEY, SECRET)).await;

    let join = "SELECT c.label, g.grade, l.l_linenumber, l.l_quantity FROM pg.public.chosen AS c \
                JOIN my.app.grades AS g ON g.orderkey = c.orderkey \
                JOIN s3.public.lineitem AS l ON l.l_orderkey = c.orderkey ORDER BY c.orderkey, l.l_linenumber";
    let rows = client.query(join, &[]).await.unwrap();
    // The same by hand: what the files say of these keys, and what the two tables say of each.
    let keys: Vec<String> = (1..=100).map(|i| (i * 37).to_string()).collect();
    let by_hand = format!(
        "SELECT l_orderkey, l_linenumber, l_quantity FROM s3.public.lineitem WHERE l_orderkey IN ({}) ORDER BY 1, 2",
        keys.join(", ")
    );
    let expected = client.query(by_hand.as_str(), &[]).await.unwrap();
    assert!(!expected.is_empty());
    assert_eq!(rows.len(), expected.len());
    for (row, expected) in rows.iter().zip(&expected) {
        let key: i64 = expected.get(0);
        assert_eq!(row.get::<_, &str>(0), format!("c{}", key / 37));
        assert_eq!(row.get::<_, &str>(1), format!("g{}", key % 7));
        assert_eq!(row.get::<_, i32>(2), expected.get::<_, i32>(1));
    }
    let plan = lines(&client, &format!("EXPLAIN ANALYZE {join}")).await;
    let (grades, lineitems) = (fetched(&plan, "`grades`"), fetched(&plan, "read_parquet"));
    assert!(plan.iter().any(|line| line.contains("s3://lines/lineitem.parquet")), "{plan:#?}");
    println!("fetched {grades} of 200000 grades, {lineitems} of 600572 line items");
    assert!(grades < 2_000, "{plan:#?}");
    assert!(lineitems < 6_000, "{plan:#?}");
    // The servers say the same: what they were asked names keys.
    let asked = mariadb.sql("SELECT argument FROM mysql.general_log WHERE argument LIKE '%grades%IN (%'").unwrap();
    assert!(asked.contains("3700"), "{asked}");
    assert!(postgres.log().contains("\"chosen\""), "{}", postgres.log());
}

/// Catches: a statement on a large table that fetches it.
async fn large_tables() {
    let postgres = Postgres::start().unwrap();
    let direct = postgres.connect().await.unwrap();
    // Loading ten million takes a while.
    let rows = std::env::var("WEFT_TEST_ROWS").unwrap_or_else(|_| "1000000".to_owned());
    let series = format!("generate_series(1, {rows}) AS i");
    let columns = "i AS id, i % 100 AS grp, (i::bigint * 7) % 1000003 AS amount";
    run(&direct, &format!("CREATE TABLE large AS SELECT {columns} FROM {series}")).await;
    run(&direct, "ALTER TABLE large ADD PRIMARY KEY (id)").await;
    run(&direct, "ANALYZE large").await;
    let weft = weft_testkit::Weft::start().unwrap();
    let client = weft.connect().await.unwrap();
    run(&client, &postgres_catalog("pg", postgres.port())).await;
    for (sql, most) in [
        ("SELECT count(*) FROM pg.public.large", 1),
        ("SELECT * FROM pg.public.large LIMIT 1", 1),
        ("SELECT * FROM pg.public.large ORDER BY amount DESC LIMIT 10", 10),
        ("SELECT grp, sum(amount) FROM pg.public.large GROUP BY grp", 100),
        ("SELECT DISTINCT grp FROM pg.public.large WHERE amount > 5", 100),
        ("SELECT * FROM pg.public.large WHERE id = 77", 1),
        ("SELECT max(amount), min(id) FROM pg.public.large WHERE grp IN (1, 2)", 1),
    ] {
        let plan = lines(&client, &format!("EXPLAIN ANALYZE {sql}")).await;
        let fetched = fetched(&plan, "\"large\"");
        println!("{fetched} of {rows} rows fetched: {sql}");
        assert!(fetched <= most, "{sql}: {plan:#?}");
    }
}

/// Catches: an answer that changes when a query goes to a PostgreSQL as a whole, and a query that goes there in parts.
async fn tpch_in_postgresql() {
    let server = Postgres::start().unwrap();
    let port = server.port().to_string();
    tpch(
        &["--kind", "postgres", "--port", &port, "--user", "app", "--password", "secret", "--database", "postgres"],
        22,
    );
}

/// The same in a MariaDB.
async fn tpch_in_mariadb() {
    let server = MariaDb::builder().option("--innodb-buffer-pool-size=256M").start().unwrap();
    let port = server.port.to_string();
    tpch(&["--kind", "mysql", "--port", &port, "--user", server.user, "--password", server.password], 22);
}

fn tpch(args: &[&str], whole: usize) {
    // `tests/soak/run` asks for scale 0.1, whose loading takes a while.
    let scale = std::env::var("WEFT_TEST_SCALE").unwrap_or_else(|_| "0.01".to_owned());
    let args: Vec<&str> = args.iter().copied().chain(["--scale", &scale]).collect();
    let ran = python::run("benches/tpch/databases.py", &args);
    print!("{}", ran.stdout);
    assert!(ran.ok(), "exit code {}\n{}{}", ran.code, ran.stdout, ran.stderr);
    assert_eq!(ran.stdout.matches("one statement").count(), whole, "{}", ran.stdout);
}

/// What psql asks for `\dt`.
const DT: &str = "SELECT n.nspname AS \"Schema\", c.relname AS \"Name\", pg_catalog.pg_get_userbyid(c.relowner) AS \"Owner\" \
    FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
    WHERE c.relkind IN ('r','p','') AND n.nspname <> 'pg_catalog' AND n.nspname !~ '^pg_toast' \
    AND n.nspname <> 'information_schema' AND pg_catalog.pg_table_is_visible(c.oid) ORDER BY 1,2";

/// A gateway with 20 catalogs, one of them by this port, and a client in another of them.
async fn twenty_sources(server: &Postgres, port: u16) -> (Weft, Client) {
    // Listings are old at once, so that each statement wants to look again. Probes are seldom: each logs in anew, which takes time of the machine.
    let weft = Weft::builder().setting("metadata_ttl", "10ms").start().unwrap();
    let admin = weft.connect().await.unwrap();
    for number in 1..20 {
        run(&admin, &postgres_catalog(&format!("pg{number}"), server.port())).await;
    }
    run(&admin, &postgres_catalog("away", port)).await;
    let client = weft.endpoint.database("pg7").connect().await.unwrap();
    // What was never listed cannot be told: this one is.
    client.query("SELECT a FROM away.public.t", &[]).await.unwrap();
    (weft, client)
}

/// Catches: a listing, or a query elsewhere, that waits for a server that is silent.
async fn silent_source() {
    let postgres = Postgres::start().unwrap();
    run(&postgres.connect().await.unwrap(), "CREATE TABLE t AS SELECT 1 AS a").await;
    let mut relay = Relay::to(postgres.port()).await.unwrap();
    let (_all_there, whole) = twenty_sources(&postgres, postgres.port()).await;
    let (_one_away, client) = twenty_sources(&postgres, relay.port).await;
    relay.cut().await.unwrap();
    for sql in [
        DT,
        "SHOW CATALOGS",
        "SELECT * FROM information_schema.tables",
        "SELECT a FROM pg7.public.t",
        "SELECT a.a FROM pg3.public.t AS a, pg4.public.t AS b",
    ] {
        // By turns, so that whatever else the machine does falls on both.
        let (mut with_all, mut with_one_away) = (Vec::new(), Vec::new());
        for _ in 0..15 {
            with_all.push(took(&whole, sql).await);
            with_one_away.push(took(&client, sql).await);
        }
        let (before, after) = (median(with_all), median(with_one_away));
        println!("{before:?} with all, {after:?} with one away: {}", sql.split_at(13).0);
        assert!(after < before * 3 / 2 + Duration::from_millis(20), "{sql}: {after:?} instead of {before:?}");
    }
    let started = Instant::now();
    let refused = client.batch_execute(&postgres_catalog("never", relay.port)).await;
    assert_eq!(refusal(refused).0, "08001");
    println!("a new catalog: refused after {:?}", started.elapsed());
    let started = Instant::now();
    let (state, message) = refusal(client.query("SELECT a FROM away.public.t", &[]).await);
    println!("a query of it: refused after {:?}: {message}", started.elapsed());
    assert_eq!((state.as_str(), message.contains("\"away\"")), ("08001", true), "{message}");
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
    let health = "SELECT state FROM system.runtime.health WHERE catalog_name = 'away'";
    eventually("the source is known to be away", Duration::from_secs(10), || async {
        lines(&client, health).await == ["unreachable"]
    })
    .await;
}

async fn took(client: &Client, sql: &str) -> Duration {
    let started = Instant::now();
    client.query(sql, &[]).await.unwrap();
    started.elapsed()
}

fn median(mut took: Vec<Duration>) -> Duration {
    took.sort();
    took[took.len() / 2]
}
