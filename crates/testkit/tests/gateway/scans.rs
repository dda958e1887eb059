//! Scans: what they find, what they find changed, and what is left of one that is stopped.

use crate::{eventually, refusal, test};
use libtest_mimic::Trial;
use std::time::{Duration, Instant};
use tokio_postgres::Client;
use weft_testkit::{MariaDb, Postgres, Weft};

pub fn trials() -> Vec<Trial> {
    vec![
        test("scans::tables_with_all_that_belongs_to_them", everything),
        test("scans::psql_describes_tables_as_postgresql_does", described),
        test("scans::exactly_what_changed", changes),
        test("scans::only_managed_tables_can_be_queried", managed),
        test("scans::a_change_tells_what_it_affects", affected),
        test("scans::a_source_is_scanned_by_itself", by_itself),
        test("scans::a_cancelled_job_stops_in_the_source", cancelled),
        test("scans::old_jobs_go_with_what_they_found", history),
        test("scans::schedules_run_until_they_are_paused", scheduled),
        test("scans::a_killed_gateway_leaves_what_was_known", killed),
    ]
}

pub async fn run(client: &Client, sql: &str) {
    client.batch_execute(sql).await.unwrap_or_else(|e| panic!("{sql}: {}", weft_testkit::Error::from(e)));
}

/// Rows as text, columns separated by bars.
pub async fn rows(client: &Client, sql: &str) -> Vec<String> {
    let messages = client.simple_query(sql).await.unwrap_or_else(|e| panic!("{sql}: {}", weft_testkit::Error::from(e)));
    let row = |message: &tokio_postgres::SimpleQueryMessage| match message {
        tokio_postgres::SimpleQueryMessage::Row(row) => {
            Some((0..row.len()).map(|i| row.get(i).unwrap_or("NULL")).collect::<Vec<_>>().join("|"))
        }
        _ => None,
    };
    messages.iter().filter_map(row).collect()
}

pub async fn catalog(client: &Client, server: &Postgres) {
    let options =
        format!("host '127.0.0.1', port '{}', database 'postgres', \"user\" 'app', password 'secret'", server.port());
    run(client, &format!("CREATE CATALOG pg USING postgres OPTIONS ({options})")).await;
}

const SHOP: &str = "CREATE SCHEMA shop; \
    CREATE TABLE shop.customer (id int PRIMARY KEY, name varchar(20) NOT NULL DEFAULT 'x', email text UNIQUE); \
    COMMENT ON TABLE shop.customer IS 'who buys'; COMMENT ON COLUMN shop.customer.email IS 'where to write'; \
    CREATE TABLE shop.sale (id int, customer_id int REFERENCES shop.customer (id), amount numeric(10, 2) CHECK (amount > 0), PRIMARY KEY (id, customer_id)); \
    CREATE INDEX by_amount ON shop.sale (amount, lower('a')); CREATE VIEW shop.big AS SELECT * FROM shop.sale WHERE amount > 100";

/// Catches: a key, index, default or comment that is lost, and one of another table.
async fn everything() {
    let server = Postgres::start().unwrap();
    run(&server.connect().await.unwrap(), SHOP).await;
    let mariadb = MariaDb::start().unwrap();
    mariadb
        .sql(
            "CREATE TABLE app.customer (id int PRIMARY KEY, email varchar(50) COMMENT 'where to write', UNIQUE KEY mail (email)) COMMENT 'who buys'; \
             CREATE TABLE app.sale (id int PRIMARY KEY, customer_id int, CONSTRAINT buyer FOREIGN KEY (customer_id) REFERENCES app.customer (id));",
        )
        .unwrap();
    let weft = Weft::start().unwrap();
    let client = weft.connect().await.unwrap();
    catalog(&client, &server).await;
    let options = format!(
        "host '127.0.0.1', port '{}', \"user\" '{}', password '{}'",
        mariadb.port, mariadb.user, mariadb.password
    );
    run(&client, &format!("CREATE CATALOG my USING mysql OPTIONS ({options})")).await;

    let scanned = rows(&client, "SCAN CATALOG pg LEVEL 1").await;
    assert_eq!(scanned[0].split_once('|').unwrap().1, "succeeded|2|0|0|0|0|0");
    let sizes = "SELECT schema_name, tables, bytes > 0, scanned_at IS NOT NULL FROM system.metadata.schemas WHERE catalog_name = 'pg' AND schema_name = 'shop'";
    assert_eq!(rows(&client, sizes).await, ["shop|3|t|t"]);
    let scanned = rows(&client, "SCAN CATALOG pg").await;
    assert_eq!(scanned[0].split_once('|').unwrap().1, "succeeded|2|3|9|0|0|0");
    assert_eq!(
        rows(&client, "SELECT table_name, constraint_type, columns, referenced_table, referenced_columns, definition FROM system.metadata.constraints \
                       WHERE catalog_name = 'pg' ORDER BY table_name, constraint_name").await,
        [
            "customer|UNIQUE|{email}|NULL|{}|UNIQUE (email)",
            "customer|PRIMARY KEY|{id}|NULL|{}|PRIMARY KEY (id)",
            "sale|CHECK|{amount}|NULL|{}|CHECK (amount > 0::numeric)",
            "sale|FOREIGN KEY|{customer_id}|customer|{id}|FOREIGN KEY (customer_id) REFERENCES shop.customer(id)",
            "sale|PRIMARY KEY|{id,customer_id}|NULL|{}|PRIMARY KEY (id, customer_id)",
        ]
    );
    assert_eq!(
        rows(
            &client,
            "SELECT index_name, is_unique, columns[1] FROM system.metadata.indexes WHERE catalog_name = 'pg' ORDER BY 1"
        )
        .await,
        ["by_amount|f|amount", "customer_email_key|t|email", "customer_pkey|t|id", "sale_pkey|t|id"]
    );
    let scanned = rows(&client, "SCAN SCHEMA my.app").await;
    assert_eq!(scanned[0].split_once('|').unwrap().1, "succeeded|1|2|4|0|0|0");
    assert_eq!(
        rows(&client, "SELECT table_name, constraint_name, constraint_type, columns, referenced_table FROM system.metadata.constraints \
                       WHERE catalog_name = 'my' ORDER BY 1, 2").await,
        [
            "customer|PRIMARY|PRIMARY KEY|{id}|NULL",
            "customer|mail|UNIQUE|{email}|NULL",
            "sale|PRIMARY|PRIMARY KEY|{id}|NULL",
            "sale|buyer|FOREIGN KEY|{customer_id}|customer",
        ]
    );
    assert_eq!(rows(&client, "SHOW SCANS").await.len(), 3);
    for (words, expected) in [
        ("customer", vec!["my|customer|{}", "my|sale|{customer_id}", "pg|customer|{}", "pg|sale|{customer_id}"]),
        ("WRITE", vec!["my|customer|{email}", "pg|customer|{email}"]),
        ("cust buy", vec!["my|customer|{}", "pg|customer|{}"]),
        ("nothing-of-this", vec![]),
        ("* OR \"", vec![]),
    ] {
        let sql = format!(
            "SELECT catalog_name, table_name, columns FROM search('{words}') WHERE table_name <> 'big' ORDER BY 1, 2"
        );
        assert_eq!(rows(&client, &sql).await, expected, "{words}");
    }
    let best = rows(&client, "SELECT table_name, highlight FROM search('shop customer', 1)").await;
    assert_eq!(best, ["customer|[shop] [customer]"]);
    assert_eq!(
        rows(&client, "SELECT state, kind, statement FROM system.history.jobs ORDER BY created_at").await[2],
        "succeeded|scan|SCAN SCHEMA my.app"
    );
    for (sql, state) in [
        ("SCAN CATALOG nowhere", "3D000"),
        ("SCAN CATALOG system", "42809"),
        ("SCAN TABLE pg.shop.sale LEVEL 1", "22023"),
        ("SCAN CATALOG pg WITH (timeot = '1s')", "22023"),
        ("CANCEL JOB 'x'", "42704"),
        ("BEGIN; SCAN CATALOG pg", "25001"),
    ] {
        assert_eq!(refusal(client.batch_execute(sql).await).0, state, "{sql}");
        let _ = client.batch_execute("ROLLBACK").await;
    }
}

/// Tables that make psql ask for keys, references, conditions, indexes, defaults and comments.
const DESCRIBED: &str = "CREATE TABLE plain (a int, b numeric(10, 2), c timestamptz DEFAULT now(), d text[]); \
    CREATE TABLE child (x int DEFAULT 7 REFERENCES kept ON DELETE CASCADE, y int UNIQUE CHECK (y > 0)); \
    COMMENT ON COLUMN kept.name IS 'as people say it'";

/// Catches: `\d` that prints other keys, references or defaults than PostgreSQL, and a query of psql that is refused.
async fn described() {
    let server = Postgres::start().unwrap();
    let direct = server.connect().await.unwrap();
    run(&direct, "CREATE TABLE kept (id int PRIMARY KEY, name text NOT NULL DEFAULT 'x'); CREATE INDEX by_name ON kept (lower(name), id)").await;
    run(&direct, DESCRIBED).await;
    let weft = Weft::start().unwrap();
    catalog(&weft.connect().await.unwrap(), &server).await;
    run(&weft.connect().await.unwrap(), "SCAN CATALOG pg").await;
    for command in ["\\d kept", "\\d plain", "\\d child", "\\d kept_pkey", "\\d by_name", "\\dd", "\\d public.*"] {
        let printed = |endpoint: weft_testkit::Endpoint| {
            let output = endpoint.psql_command(&["--quiet", "--command", command]).unwrap().output().unwrap();
            String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
        };
        assert_eq!(printed(weft.endpoint.database("pg")), printed(server.endpoint.clone()), "{command}");
    }
    let client = weft.endpoint.database("pg").connect().await.unwrap();
    let keys = "SELECT constraint_name, table_name, column_name, position_in_unique_constraint FROM information_schema.key_column_usage WHERE table_schema = 'public' ORDER BY 1";
    assert_eq!(rows(&client, keys).await, rows(&direct, keys).await);
    let rules = "SELECT constraint_name, unique_constraint_name, update_rule, delete_rule FROM information_schema.referential_constraints";
    assert_eq!(rows(&client, rules).await, rows(&direct, rules).await);
    let defaults = "SELECT column_name, column_default FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position";
    assert_eq!(rows(&client, defaults).await, rows(&direct, defaults).await);
}

/// Catches: a table that is queried though nobody has chosen it, by whatever way, and one that stays out of reach though somebody has.
async fn managed() {
    let server = Postgres::start().unwrap();
    let direct = server.connect().await.unwrap();
    run(&direct, "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int); CREATE TABLE c (id int); INSERT INTO a VALUES (1)").await;
    let weft = Weft::start().unwrap();
    let client = weft.connect().await.unwrap();
    catalog(&client, &server).await;
    assert_eq!(rows(&client, "SELECT count(*) FROM pg.public.a").await, ["1"]);
    let prepared = client.prepare("SELECT count(*) FROM pg.public.a").await.unwrap();
    run(&client, "ALTER CATALOG pg SET (manage = 'selected')").await;
    for sql in ["SELECT * FROM pg.public.a", "PREVIEW pg.public.a", "CREATE VIEW v AS SELECT * FROM pg.public.a"] {
        let (code, message) = refusal(client.batch_execute(sql).await);
        assert_eq!((code.as_str(), message.as_str()), ("55000", "table \"pg.public.a\" is not managed"), "{sql}");
    }
    assert!(client.query(&prepared, &[]).await.is_err(), "a prepared statement reads what is not managed");
    run(&client, "ALTER CATALOG pg SET (manage = 'all')").await;
    run(&client, "CREATE VIEW over AS SELECT * FROM pg.public.a").await;
    let prepared = client.prepare("SELECT count(*) FROM over").await.unwrap();
    assert!(client.query(&prepared, &[]).await.is_ok());
    let explained = client.prepare("EXPLAIN ANALYZE SELECT now(), * FROM pg.public.a").await.unwrap();
    run(&client, "ALTER CATALOG pg SET (manage = 'selected')").await;
    assert!(
        client.query(&prepared, &[]).await.is_err(),
        "a prepared statement reads by way of a view what is not managed"
    );
    assert!(client.query(&explained, &[]).await.is_err(), "an EXPLAIN ANALYZE reads what is not managed");
    run(&client, "DROP VIEW over").await;
    let states = "SELECT table_name, state FROM system.metadata.tables WHERE catalog_name = 'pg' AND schema_name = 'public' ORDER BY 1";
    assert_eq!(rows(&client, states).await, ["a|unmanaged", "b|unmanaged", "c|unmanaged"]);
    run(&client, "MANAGE TABLE pg.public.a").await;
    assert_eq!(rows(&client, "SELECT * FROM pg.public.a").await, ["1"]);
    assert_eq!(rows(&client, states).await, ["a|ready", "b|unmanaged", "c|unmanaged"]);
    let inside = weft.endpoint.database("pg").connect().await.unwrap();
    let listed = "SELECT relname FROM pg_class WHERE relkind = 'r' ORDER BY 1";
    assert_eq!(rows(&inside, listed).await, ["a"]);
    // It was looked at closely.
    let keys = "SELECT constraint_name FROM system.metadata.constraints WHERE catalog_name = 'pg'";
    assert_eq!(rows(&client, keys).await, ["a_pkey"]);
    run(&client, "MANAGE SCHEMA pg.public EXCEPT (b)").await;
    assert_eq!(rows(&client, states).await, ["a|ready", "b|unmanaged", "c|ready"]);
    let (code, _) = refusal(client.batch_execute("MANAGE SCHEMA pg.public LIMIT TO (x)").await);
    assert_eq!(code, "42P01");
    run(&client, "UNMANAGE TABLE pg.public.c").await;
    assert_eq!(rows(&client, states).await, ["a|ready", "b|unmanaged", "c|unmanaged"]);
    // Where all are managed, one can still be left out.
    run(&client, "ALTER CATALOG pg SET (manage = 'all')").await;
    assert_eq!(rows(&client, "SELECT count(*) FROM pg.public.b").await, ["0"]);
    let (code, _) = refusal(client.batch_execute("SELECT * FROM pg.public.c").await);
    assert_eq!(code, "55000");
}

/// Catches: a change that does not tell of the views above the table, and a view that does not say what has become of its source.
async fn affected() {
    let server = Postgres::start().unwrap();
    let direct = server.connect().await.unwrap();
    run(&direct, "CREATE TABLE t (id int, name text); CREATE TABLE u (id int)").await;
    let weft = Weft::builder().setting("metadata_ttl", "50ms").start().unwrap();
    let client = weft.connect().await.unwrap();
    catalog(&client, &server).await;
    run(&client, "SCAN CATALOG pg").await;
    run(&client, "CREATE VIEW below AS SELECT id, name FROM pg.public.t").await;
    run(&client, "CREATE VIEW above AS SELECT count(*) AS n FROM below").await;
    run(&client, "CREATE SCHEDULE look CRON '0 5 * * *' DO SCAN TABLE pg.public.t").await;
    run(&direct, "ALTER TABLE t RENAME name TO title; ALTER TABLE u ADD x int").await;
    run(&client, "SCAN CATALOG pg").await;
    let changes = "SELECT table_name, change, affects FROM system.metadata.changes ORDER BY 1";
    assert_eq!(
        rows(&client, changes).await,
        ["t|modified|{\"view lake.public.below\",\"view lake.public.above\",\"schedule look\"}", "u|modified|{}"]
    );
    tokio::time::sleep(Duration::from_millis(100)).await;
    let error = client.batch_execute("SELECT * FROM above").await.unwrap_err();
    let error = error.as_db_error().unwrap();
    assert_eq!(error.code().code(), "42703");
    assert!(error.hint().is_some_and(|hint| hint.contains("SCAN TABLE pg.public.t")), "{error:?}");
    let (code, _) = refusal(client.batch_execute("DROP CATALOG pg").await);
    assert_eq!(code, "2BP01");
    run(&client, "DROP CATALOG pg CASCADE").await;
    assert_eq!(rows(&client, "SELECT count(*) FROM system.metadata.datasets").await, ["0"]);
}

/// Catches: a source that nobody scans at night, or still does when it is gone.
async fn by_itself() {
    let server = Postgres::start().unwrap();
    let weft = Weft::start().unwrap();
    let client = weft.connect().await.unwrap();
    catalog(&client, &server).await;
    let schedules = "SELECT schedule_name, cron, statement, next_run_at > now() FROM system.admin.schedules";
    assert_eq!(rows(&client, schedules).await, ["scan_pg|0 0 * * *|SCAN CATALOG pg LEVEL 1|t"]);
    run(&client, "ALTER CATALOG pg SET (scan_schedule = '30 3 1 1 *', scan_level = 'table')").await;
    assert_eq!(rows(&client, schedules).await, ["scan_pg|30 3 1 1 *|SCAN CATALOG pg LEVEL 2|t"]);
    let (code, _) = refusal(client.batch_execute("ALTER CATALOG pg SET (scan_schedule = 'soon')").await);
    assert_eq!(code, "22023");
    run(&client, "ALTER CATALOG pg RENAME TO other").await;
    assert_eq!(rows(&client, schedules).await, ["scan_other|30 3 1 1 *|SCAN CATALOG other LEVEL 2|t"]);
    run(&client, "ALTER CATALOG other SET (scan_schedule = 'off')").await;
    assert_eq!(rows(&client, schedules).await, [""; 0]);
    run(&client, "ALTER CATALOG other SET (scan_schedule = '@daily')").await;
    run(&client, "DROP CATALOG other").await;
    assert_eq!(rows(&client, schedules).await, [""; 0]);
}

/// Catches: a change that is missed, one that is none, and a scan of a part that takes the rest for dropped.
async fn changes() {
    let server = Postgres::start().unwrap();
    let direct = server.connect().await.unwrap();
    let tables: Vec<String> = (0..50).map(|i| format!("CREATE TABLE t{i} (a int, b text)")).collect();
    run(&direct, &tables.join("; ")).await;
    run(&direct, "CREATE SCHEMA other; CREATE TABLE other.t AS SELECT 1 AS a").await;
    let weft = Weft::start().unwrap();
    let client = weft.connect().await.unwrap();
    catalog(&client, &server).await;
    let found = async |sql: &str| rows(&client, sql).await[0].split('|').skip(3).collect::<Vec<_>>().join("|");
    assert_eq!(found("SCAN CATALOG pg").await, "51|101|0|0|0");
    run(&direct, "INSERT INTO t1 SELECT i, 'x' FROM generate_series(1, 1000) AS i; ANALYZE t1").await;
    assert_eq!(found("SCAN CATALOG pg").await, "51|101|0|0|0");
    run(
        &direct,
        "ALTER TABLE t1 ADD COLUMN c int; ALTER TABLE t2 DROP COLUMN b; ALTER TABLE t3 RENAME COLUMN a TO x; COMMENT ON TABLE t4 IS 'new'; \
         CREATE UNIQUE INDEX u ON t5 (a); CREATE TABLE n1 (a int); CREATE TABLE n2 (a int); CREATE VIEW n3 AS SELECT 1 AS a; DROP TABLE t6; DROP TABLE t7",
    )
    .await;
    assert_eq!(found("SCAN SCHEMA pg.other").await, "1|1|0|0|0");
    assert_eq!(found("SCAN TABLE pg.public.t1").await, "1|3|0|1|0");
    assert_eq!(found("SCAN CATALOG pg").await, "52|100|3|4|2");
    assert_eq!(found("SCAN CATALOG pg").await, "52|100|0|0|0");
    assert_eq!(
        rows(&client, "SELECT change, table_name FROM system.metadata.changes ORDER BY 1, 2").await,
        [
            "added|n1",
            "added|n2",
            "added|n3",
            "modified|t1",
            "modified|t2",
            "modified|t3",
            "modified|t4",
            "modified|t5",
            "removed|t6",
            "removed|t7",
        ]
    );
    let detail = "SELECT before, after FROM system.metadata.changes WHERE table_name = 't4'";
    let detail = &rows(&client, detail).await[0];
    assert!(
        detail.contains("\"comment\":\"new\"") && !detail.split('|').next().unwrap().contains("comment"),
        "{detail}"
    );
    // What was known is found to be gone; what is not known either is a mistake.
    run(&direct, "DROP TABLE t8; DROP SCHEMA other CASCADE").await;
    assert_eq!(found("SCAN TABLE pg.public.t8").await, "0|0|0|0|1");
    assert_eq!(found("SCAN SCHEMA pg.other").await, "0|0|0|0|1");
    for (sql, state) in [
        ("SCAN TABLE pg.public.t8", "42P01"),
        ("SCAN TABLE pg.public.gone", "42P01"),
        ("SCAN TABLE pg.gone.t", "3F000"),
        ("SCAN SCHEMA pg.other", "3F000"),
    ] {
        assert_eq!(refusal(client.batch_execute(sql).await).0, state, "{sql}");
    }
    // The index of the search has followed.
    assert_eq!(rows(&client, "SELECT table_name, columns FROM search('x')").await, ["t3|{x}"]);
    assert_eq!(rows(&client, "SELECT table_name FROM search('t6')").await, [""; 0]);
}

/// Locks the catalogs, so that a scan waits in the server.
const LOCK: &str = "BEGIN; LOCK TABLE pg_catalog.pg_constraint IN ACCESS EXCLUSIVE MODE";

/// Statements of a gateway that wait for a lock in the server.
pub async fn waiting(direct: &Client) -> i64 {
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'weft'";
    direct.query_one(sql, &[]).await.unwrap().get(0)
}

/// Catches: a job that goes on after CANCEL JOB, its timeout, or the end of who waits for it; and one that goes on in the source.
async fn cancelled() {
    let server = Postgres::start().unwrap();
    let (direct, locker) = (server.connect().await.unwrap(), server.connect().await.unwrap());
    run(&direct, SHOP).await;
    let weft = Weft::start().unwrap();
    let client = weft.connect().await.unwrap();
    catalog(&client, &server).await;
    run(&client, "SCAN CATALOG pg").await;
    run(&locker, LOCK).await;
    let id = rows(&client, "SCAN CATALOG pg WITH (detached)").await[0].split('|').next().unwrap().to_owned();
    let soon = Duration::from_secs(10);
    eventually("the scan waits", soon, || async { waiting(&direct).await == 1 }).await;
    assert_eq!(refusal(client.batch_execute("SCAN SCHEMA pg.shop").await).0, "55006");
    run(&client, &format!("CANCEL JOB '{id}'")).await;
    eventually("the source has heard", soon, || async { waiting(&direct).await == 0 }).await;
    let state = format!("SELECT state, sqlstate FROM system.history.jobs WHERE job_id = '{id}'");
    eventually("the job has ended", soon, || async { rows(&client, &state).await == ["cancelled|57014"] }).await;
    assert_eq!(refusal(client.batch_execute(&format!("CANCEL JOB '{id}'")).await).0, "55000");

    let started = Instant::now();
    assert_eq!(refusal(client.batch_execute("SCAN CATALOG pg WITH (timeout = '500ms')").await).0, "57014");
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    run(&client, "SET statement_timeout = '500ms'").await;
    assert_eq!(refusal(client.batch_execute("SCAN CATALOG pg").await).0, "57014");
    run(&client, "SET statement_timeout = 0").await;
    eventually("the source has heard", soon, || async { waiting(&direct).await == 0 }).await;
    run(&locker, "ROLLBACK").await;
    let complete = "SELECT count(*) FROM system.metadata.scans WHERE is_complete";
    assert_eq!(rows(&client, complete).await, ["1"]);
    assert_eq!(rows(&client, "SELECT count(*) FROM system.metadata.constraints").await, ["5"]);
    assert_eq!(rows(&client, "SELECT count(*) FROM system.history.jobs WHERE state = 'running'").await, ["0"]);
}

/// Catches: half of a scan in force after a crash, and a job that runs for ever in the history.
async fn killed() {
    let server = Postgres::start().unwrap();
    let (direct, locker) = (server.connect().await.unwrap(), server.connect().await.unwrap());
    run(&direct, SHOP).await;
    let folder = tempfile::tempdir().unwrap();
    let start = || Weft::builder().data_dir(folder.path().join("data")).start().unwrap();
    let mut weft = start();
    let client = weft.connect().await.unwrap();
    catalog(&client, &server).await;
    run(&client, "SCAN CATALOG pg").await;
    run(&direct, "DROP TABLE shop.sale CASCADE; DROP TABLE shop.customer").await;
    run(&locker, LOCK).await;
    rows(&client, "SCAN CATALOG pg WITH (detached)").await;
    eventually("the scan waits", Duration::from_secs(10), || async { waiting(&direct).await == 1 }).await;
    weft.kill().unwrap();
    let weft = start();
    let client = weft.connect().await.unwrap();
    assert_eq!(rows(&client, "SELECT count(*) FROM system.metadata.constraints").await, ["5"]);
    run(&locker, "ROLLBACK").await;
    // The scan is run again, once, as a job of its own.
    let states = "SELECT state FROM system.history.jobs ORDER BY created_at";
    eventually("the scan has been run again", Duration::from_secs(20), || async {
        rows(&client, states).await == ["succeeded", "interrupted", "succeeded"]
    })
    .await;
    let again = "SELECT count(*) FROM system.history.jobs a JOIN system.history.jobs b ON b.retried_of = a.job_id \
                 WHERE a.state = 'interrupted' AND b.statement = a.statement AND a.gateway_id = b.gateway_id";
    assert_eq!(rows(&client, again).await, ["1"]);
    assert_eq!(rows(&client, "SELECT count(*) FROM system.metadata.changes WHERE change = 'removed'").await, ["3"]);
    let scanned = rows(&client, "SCAN CATALOG pg").await;
    assert!(scanned[0].ends_with("|0|0|0"), "{scanned:?}");
}

/// Catches: a history that grows for ever, and one that takes what is in force with it.
async fn history() {
    let server = Postgres::start().unwrap();
    let direct = server.connect().await.unwrap();
    run(&direct, "CREATE TABLE t (c0 int PRIMARY KEY)").await;
    let weft = Weft::builder().setting("job_history", "3").start().unwrap();
    let client = weft.connect().await.unwrap();
    catalog(&client, &server).await;
    for number in 1..10 {
        run(&direct, &format!("ALTER TABLE t ADD COLUMN c{number} int")).await;
        run(&client, "SCAN CATALOG pg").await;
    }
    for table in ["history.jobs", "metadata.scans", "metadata.changes"] {
        // When the last one began there was room for three.
        let left: u32 = rows(&client, &format!("SELECT count(*) FROM system.{table}")).await[0].parse().unwrap();
        assert!((3..=5).contains(&left), "{table}: {left}");
    }
    assert_eq!(rows(&client, "SELECT count(*) FROM system.metadata.constraints").await, ["1"]);
    let many = format!("SELECT * FROM search('{}')", "word ".repeat(65));
    assert_eq!(refusal(client.batch_execute(&many).await).0, "54000");
}

/// Has a schedule run every second, or in these seconds. Nobody can write that, and no test can wait for a minute.
pub async fn hurry(metastore: &Postgres, schedule: &str, seconds: &str) {
    let sql = format!(
        "UPDATE manager.schedules SET cron = '{seconds} * * * * *', next_run_at = date_trunc('second', now()) WHERE name = '{schedule}'"
    );
    run(&metastore.connect().await.unwrap(), &sql).await;
}

/// Catches: a schedule that does not run, runs as nobody, or goes on when it is paused.
async fn scheduled() {
    let server = Postgres::start().unwrap();
    run(&server.connect().await.unwrap(), SHOP).await;
    let metastore = Postgres::start().unwrap();
    let weft = Weft::builder().setting("metastore", &metastore.url()).start().unwrap();
    let client = weft.connect().await.unwrap();
    catalog(&client, &server).await;
    run(&client, "CREATE SCHEDULE often CRON '0 3 * * *' DO SCAN CATALOG pg LEVEL 1").await;
    hurry(&metastore, "often", "*").await;
    run(&client, "CREATE SCHEDULE nightly CRON '0 3 * * *' TIME ZONE 'Europe/Berlin' DO SCAN CATALOG pg").await;
    let jobs = "SELECT count(*) FROM system.history.jobs WHERE state = 'succeeded' AND owner = 'weft'";
    let count = async || rows(&client, jobs).await[0].parse::<u32>().unwrap();
    eventually("it has run three times", Duration::from_secs(30), || async { count().await >= 3 }).await;
    run(&client, "PAUSE SCHEDULE often").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = count().await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(count().await, before);
    let shown = "SELECT schedule_name, state, next_run_at IS NULL, last_outcome FROM system.admin.schedules WHERE schedule_name NOT LIKE 'scan_%' ORDER BY 1";
    assert_eq!(rows(&client, shown).await, ["nightly|active|f|NULL", "often|paused|t|succeeded"]);
    run(&client, "RESUME SCHEDULE often").await;
    eventually("it goes on", Duration::from_secs(30), || async { count().await > before }).await;
    // The third is the catalog's own.
    assert_eq!(rows(&client, "SHOW SCHEDULES").await.len(), 3);
    run(&client, "DROP SCHEDULE often; DROP SCHEDULE IF EXISTS often").await;
    // It is run in a session with another catalog.
    let elsewhere = weft.endpoint.database("pg").connect().await.unwrap();
    run(&elsewhere, "CREATE SCHEDULE short CRON '0 3 * * *' DO SCAN SCHEMA shop").await;
    let statement = "SELECT statement FROM system.admin.schedules WHERE schedule_name = 'short'";
    assert_eq!(rows(&client, statement).await, ["SCAN SCHEMA pg.shop"]);
    for (sql, state) in [
        ("DROP SCHEDULE often", "42704"),
        ("CREATE SCHEDULE nightly CRON '@daily' DO SCAN CATALOG pg", "42710"),
        ("CREATE SCHEDULE x CRON '61 * * * *' DO SCAN CATALOG pg", "22023"),
        ("CREATE SCHEDULE x CRON '0 0 3 * * *' DO SCAN CATALOG pg", "22023"),
        ("CREATE SCHEDULE x CRON '@daily' DO SCAN CATALOG gone", "3D000"),
        ("CREATE SCHEDULE x CRON '@daily' DO ANALYZE gone.s.t", "3D000"),
        ("CREATE SCHEDULE x CRON '@daily' TIME ZONE 'Moon' DO SCAN CATALOG pg", "22023"),
        ("CREATE SCHEDULE x CRON '@daily' DO DROP CATALOG pg", "42601"),
    ] {
        assert_eq!(refusal(client.batch_execute(sql).await).0, state, "{sql}");
    }
}
