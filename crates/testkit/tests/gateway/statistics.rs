//! ANALYZE and scans with statistics: the figures are those that the source itself has, they are computed there, and the budget is kept.

use crate::scans::{catalog, hurry, rows, run, waiting};
use crate::sources::mysql_catalog;
use crate::{eventually, refusal, test};
use libtest_mimic::Trial;
use std::time::{Duration, Instant};
use tokio_postgres::Client;
use weft_testkit::{MariaDb, Postgres, Weft};

pub fn trials() -> Vec<Trial> {
    vec![
        test("statistics::postgresql_has_the_same_figures", postgresql),
        test("statistics::mariadb_has_the_same_figures", mariadb),
        test("statistics::a_large_table_is_sampled", sampled),
        test("statistics::a_cancelled_analysis_stops_in_the_source", cancelled),
        test("statistics::a_scan_keeps_what_its_time_allows", interrupted),
        test("statistics::a_schedule_scans_by_itself", scheduled),
    ]
}

const SOON: Duration = Duration::from_secs(20);

const FIGURES: &str = "SELECT column_name, row_count, null_ratio, distinct_count, min_value, max_value, method, sampled_rows \
    FROM system.metadata.statistics WHERE catalog_name = '{c}' AND table_name = '{t}' ORDER BY column_name";

async fn figures(client: &Client, catalog: &str, table: &str) -> Vec<String> {
    rows(client, &FIGURES.replace("{c}", catalog).replace("{t}", table)).await
}

const MIXED: &str = "CREATE TABLE mixed (i int, b bigint, n numeric(12, 3), f float8, t text, d date, ts timestamp, flag boolean, \
        u uuid, j jsonb, raw bytea, list int[], \"Odd \"\"name\" varchar(10), nothing int); \
    INSERT INTO mixed SELECT nullif(i % 50, 7), i * 10000000000, i / 8.0, i / 4.0, CASE WHEN i % 10 = 0 THEN NULL ELSE 'ü' || i % 33 END, \
        date '1965-01-01' + i, timestamp '2001-02-03 04:05:06' + i * interval '1 minute', i % 2 = 0, \
        ('00000000-0000-0000-0000-' || lpad((i % 20)::text, 12, '0'))::uuid, json_build_object('i', i), decode(md5((i % 9)::text), 'hex'), \
        ARRAY[i, NULL], 'x' || i, NULL FROM generate_series(1, 1000) AS i";

/// Catches: a figure that is not PostgreSQL's own, rows that are fetched to be counted, and a type for which the table cannot be analysed at all.
async fn postgresql() {
    let server = Postgres::builder().setting("log_statement", "all").start().unwrap();
    let direct = server.connect().await.unwrap();
    run(&direct, MIXED).await;
    run(&direct, "CREATE TABLE empty (a int); CREATE TABLE bare (); INSERT INTO bare DEFAULT VALUES").await;
    let weft = Weft::start().unwrap();
    let client = weft.connect().await.unwrap();
    catalog(&client, &server).await;
    let said = rows(&client, "ANALYZE pg.public.mixed").await;
    assert_eq!(said[0].split_once('|').unwrap().1, "succeeded|1000|14|full|1000");

    let plain = |c: &str| (format!("count(DISTINCT {c})::text"), format!("min({c})::text"), format!("max({c})::text"));
    let unordered = |c: &str| (format!("count(DISTINCT {c})::text"), "NULL".to_owned(), "NULL".to_owned());
    let bytewise = |c: &str| {
        (format!("count(DISTINCT {c})::text"), format!("min({c} COLLATE \"C\")"), format!("max({c} COLLATE \"C\")"))
    };
    let opaque = |_: &str| ("NULL".to_owned(), "NULL".to_owned(), "NULL".to_owned());
    let mut expected = Vec::new();
    for column in ["Odd \"name", "b", "d", "f", "flag", "i", "j", "list", "n", "nothing", "raw", "t", "ts", "u"] {
        let c = format!("\"{}\"", column.replace('"', "\"\""));
        let (distinct, min, max) = match column {
            "flag" | "raw" | "u" => unordered(&c),
            "j" | "list" => opaque(&c),
            "t" | "Odd \"name" => bytewise(&c),
            _ => plain(&c),
        };
        let sql = format!(
            "SELECT count(*), (count(*) FILTER (WHERE {c} IS NULL))::float8 / count(*), {distinct}, {min}, {max} FROM mixed"
        );
        expected.push(format!("{column}|{}|full|1000", rows(&direct, &sql).await[0]));
    }
    assert_eq!(figures(&client, "pg", "mixed").await, expected);
    // Nothing but the sample and the aggregate was asked.
    let log = server.log();
    let asked: Vec<_> = log.lines().filter(|line| line.contains("\"mixed\"")).collect();
    assert!(asked.iter().any(|line| line.contains("count(DISTINCT") && line.contains("LIMIT 1000000")), "{asked:#?}");
    let unlimited = asked.iter().filter(|line| line.contains("SELECT") && !line.contains("LIMIT"));
    assert_eq!(unlimited.count(), 0, "{asked:#?}");

    // The values at one place are those of one row, whichever that is.
    for place in [1, 10, 1000] {
        let value = async |column: &str| {
            let sql = format!(
                "SELECT sample_values[{place}] FROM system.metadata.samples WHERE table_name = 'mixed' AND column_name = '{column}'"
            );
            rows(&client, &sql).await.remove(0)
        };
        let d = value("d").await;
        let expected = rows(&direct, &format!("SELECT i, n, raw, j, t, list FROM mixed WHERE d = '{d}'")).await;
        let mut found = Vec::new();
        for column in ["i", "n", "raw", "j", "t", "list"] {
            found.push(value(column).await);
        }
        assert_eq!(expected, [found.join("|")], "row {place}");
    }

    run(&client, "ANALYZE pg.public.empty; ANALYZE pg.public.bare").await;
    assert_eq!(figures(&client, "pg", "empty").await, ["a|0|NULL|0|NULL|NULL|full|0"]);
    assert_eq!(figures(&client, "pg", "bare").await, [""; 0]);
    // Only what was asked for is new, and of a sample it says so.
    run(&direct, "INSERT INTO mixed (i, b) VALUES (77, 0)").await;
    run(&client, "ANALYZE pg.public.mixed (i)").await;
    let now = figures(&client, "pg", "mixed").await;
    assert!(now[5].starts_with("i|1001|") && now[5].contains("|77|full|1001") && now[1] == expected[1], "{now:#?}");
    for (sql, state) in [
        ("ANALYZE pg.public.gone", "42P01"),
        ("ANALYZE pg.gone.mixed", "3F000"),
        ("ANALYZE gone.public.mixed", "3D000"),
        ("ANALYZE system.metadata.tables", "42809"),
        ("ANALYZE pg.pg_catalog.pg_class", "42809"),
        ("ANALYZE pg.public.mixed (gone)", "42703"),
        ("ANALYZE pg.public.mixed (i, i)", "42701"),
        ("ANALYZE pg.public.mixed WITH (max_rows = 0)", "22023"),
        ("ANALYZE pg.public.mixed WITH (maxrows = 1)", "22023"),
        ("BEGIN; ANALYZE pg.public.mixed", "25001"),
    ] {
        assert_eq!(refusal(client.batch_execute(sql).await).0, state, "{sql}");
        let _ = client.batch_execute("ROLLBACK").await;
    }
}

/// Catches: figures of MariaDB's own collation, and a table that is fetched to be counted.
async fn mariadb() {
    let server = MariaDb::builder().option("--general-log=1").option("--log-output=TABLE").start().unwrap();
    server
        .sql(
            "CREATE TABLE app.sale (id int PRIMARY KEY, amount decimal(10, 2), name varchar(20) CHARACTER SET utf8mb4, at datetime); \
             INSERT INTO app.sale SELECT seq, NULLIF(seq % 40, 3) / 4, CASE seq % 4 WHEN 0 THEN 'A' WHEN 1 THEN 'a' WHEN 2 THEN 'b ' ELSE NULL END, \
             TIMESTAMP '2020-01-01 00:00:00' + INTERVAL seq DAY FROM seq_1_to_400;",
        )
        .unwrap();
    let weft = Weft::start().unwrap();
    let client = weft.connect().await.unwrap();
    run(&client, &mysql_catalog("my", &server)).await;
    run(&client, "SCAN CATALOG my WITH (statistics = true)").await;
    let own = "SELECT COUNT(*), AVG(amount IS NULL), COUNT(DISTINCT amount), MIN(amount), MAX(amount), DATE(MIN(at)), DATE(MAX(at)) FROM app.sale";
    let own = server.sql(own).unwrap();
    let own: Vec<_> = own.split_whitespace().collect();
    let null_ratio: f64 = own[1].parse().unwrap();
    assert_eq!(
        figures(&client, "my", "sale").await,
        [
            format!("amount|{}|{null_ratio}|{}|{}|{}|full|400", own[0], own[2], own[3], own[4]),
            format!("at|400|0|400|{} 00:00:00|{} 00:00:00|full|400", own[5], own[6]),
            "id|400|0|400|1|400|full|400".to_owned(),
            // As bytes: A and a are two values, and upper case comes first.
            "name|400|0.25|3|A|b |full|400".to_owned(),
        ]
    );
    let asked = server.sql("SELECT argument FROM mysql.general_log WHERE argument LIKE '%`sale`%DISTINCT%' OR argument LIKE '%DISTINCT%`sale`%'").unwrap();
    assert!(asked.to_lowercase().contains("count(distinct"), "{asked}");
    let unlimited = "SELECT count(*) FROM mysql.general_log WHERE argument LIKE 'SELECT%FROM%`sale`%' AND argument NOT LIKE '%LIMIT%' AND argument NOT LIKE '%general_log%'";
    assert_eq!(server.sql(unlimited).unwrap().trim(), "0");
    let tables =
        "SELECT scan_level, scan_method, method, is_complete FROM system.metadata.tables WHERE table_name = 'sale'";
    assert_eq!(rows(&client, tables).await, ["2|manual|full|t"]);
    assert_eq!(rows(&client, "SELECT analyzed, failed FROM system.metadata.scans").await, ["1|0"]);
}

/// Catches: an analysis that reads more than it may, or says that it has seen all.
async fn sampled() {
    let server = Postgres::start().unwrap();
    let direct = server.connect().await.unwrap();
    run(&direct, "CREATE TABLE large AS SELECT i, i % 10 AS d, repeat('x', 1000) AS long FROM generate_series(1, 5000) AS i; ANALYZE large").await;
    let weft = Weft::builder().setting("analyze_rows", "5000").setting("sample_bytes", "300KiB").start().unwrap();
    let client = weft.connect().await.unwrap();
    catalog(&client, &server).await;
    let x256 = "x".repeat(256);
    run(&client, "ANALYZE pg.public.large WITH (max_rows = 4999)").await;
    assert_eq!(
        figures(&client, "pg", "large").await,
        [
            "d|5000|0|10|0|9|sample|4999".to_owned(),
            "i|5000|0|4999|1|4999|sample|4999".to_owned(),
            format!("long|5000|0|1|{x256}|{x256}|sample|4999"),
        ]
    );
    // Exactly as many as allowed are all.
    run(&client, "ANALYZE pg.public.large").await;
    assert_eq!(figures(&client, "pg", "large").await[1], "i|5000|0|5000|1|5000|full|5000");
    let of = |table: &str| {
        format!(
            "SELECT array_length(sample_values, 1), length(sample_values[1]) FROM system.metadata.samples WHERE table_name = '{table}' AND column_name = 'long'"
        )
    };
    // What is kept of a table is limited in bytes besides rows.
    let kept = rows(&client, &of("large")).await;
    let (many, letters) = kept[0].split_once('|').unwrap();
    assert!((500..1000).contains(&many.parse::<u32>().unwrap()) && letters == "256", "{kept:?}");
    // The oldest sample goes for a newer one; the figures stay.
    run(&direct, "CREATE TABLE other AS SELECT * FROM large").await;
    run(&client, "ANALYZE pg.public.other").await;
    assert_eq!(rows(&client, &of("other")).await.len(), 1);
    assert_eq!(rows(&client, &of("large")).await, [""; 0]);
    assert_eq!(figures(&client, "pg", "large").await.len(), 3);
}

/// Catches: an analysis that goes on after CANCEL JOB, its timeout or the end of who waits for it, and two of one table at once.
async fn cancelled() {
    let server = Postgres::start().unwrap();
    let (direct, locker) = (server.connect().await.unwrap(), server.connect().await.unwrap());
    run(&direct, "CREATE TABLE t AS SELECT 1 AS a; CREATE TABLE u AS SELECT 1 AS a").await;
    let weft = Weft::start().unwrap();
    let client = weft.connect().await.unwrap();
    catalog(&client, &server).await;
    run(&client, "SELECT * FROM pg.public.t").await;
    run(&locker, "BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE").await;
    let id = rows(&client, "ANALYZE pg.public.t WITH (detached)").await[0].split('|').next().unwrap().to_owned();
    eventually("the analysis waits", SOON, || async { waiting(&direct).await == 1 }).await;
    assert_eq!(refusal(client.batch_execute("ANALYZE pg.public.t").await).0, "55006");
    run(&client, "ANALYZE pg.public.u").await;
    run(&client, &format!("CANCEL JOB '{id}'")).await;
    eventually("the source has heard", SOON, || async { waiting(&direct).await == 0 }).await;
    let state = format!("SELECT kind, state, sqlstate FROM system.history.jobs WHERE job_id = '{id}'");
    eventually("the job has ended", SOON, || async { rows(&client, &state).await == ["analyze|cancelled|57014"] })
        .await;
    let started = Instant::now();
    assert_eq!(refusal(client.batch_execute("ANALYZE pg.public.t WITH (timeout = '500ms')").await).0, "57014");
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    eventually("the source has heard", SOON, || async { waiting(&direct).await == 0 }).await;
    run(&locker, "ROLLBACK").await;
    run(&client, "ANALYZE pg.public.t").await;
    assert_eq!(figures(&client, "pg", "t").await, ["a|1|0|1|1|1|full|1"]);
}

/// Catches: a scan that loses what it had when its time is over, or takes what it has not for complete.
async fn interrupted() {
    let server = Postgres::start().unwrap();
    let (direct, locker) = (server.connect().await.unwrap(), server.connect().await.unwrap());
    let tables: Vec<String> = (0..6).map(|i| format!("CREATE TABLE t{i} AS SELECT {i} AS a")).collect();
    run(&direct, &tables.join("; ")).await;
    run(&direct, "CREATE VIEW v AS SELECT 1 AS a; CREATE TABLE bad AS SELECT 1 AS a").await;
    run(&direct, "ALTER TABLE bad ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON bad USING (1 / (a - 1) > 0)").await;
    run(
        &direct,
        "CREATE ROLE reader LOGIN PASSWORD 'secret'; GRANT SELECT ON t0, t1, t2, t3, t4, t5, v, bad TO reader",
    )
    .await;
    let weft = Weft::start().unwrap();
    let client = weft.connect().await.unwrap();
    let options = format!(
        "host '127.0.0.1', port '{}', database 'postgres', \"user\" 'reader', password 'secret'",
        server.port()
    );
    run(&client, &format!("CREATE CATALOG pg USING postgres OPTIONS ({options})")).await;
    // Without being told to, none is analysed.
    run(&client, "SCAN CATALOG pg").await;
    assert_eq!(rows(&client, "SELECT count(*) FROM system.metadata.statistics").await, ["0"]);
    let states = "SELECT table_name, scan_level, method, is_complete FROM system.metadata.tables \
                  WHERE catalog_name = 'pg' AND table_name IN ('t0', 't2', 't5', 'v') ORDER BY 1";
    assert_eq!(rows(&client, states).await, ["t0|2|basic|t", "t2|2|basic|t", "t5|2|basic|t", "v|2|basic|t"]);

    run(&locker, "BEGIN; LOCK TABLE t2 IN ACCESS EXCLUSIVE MODE").await;
    let scan = "SCAN CATALOG pg WITH (statistics = true, max_connections = 1, timeout = '4s')";
    let (state, message) = refusal(client.batch_execute(scan).await);
    assert_eq!(state, "57014");
    assert!(message.ends_with("; statistics of 2 of 7 tables are kept"), "{message}");
    eventually("the source has heard", SOON, || async { waiting(&direct).await == 0 }).await;
    assert_eq!(rows(&client, states).await, ["t0|2|full|t", "t2|2|basic|f", "t5|2|basic|f", "v|2|basic|t"]);
    let job = "SELECT state, error, done < total FROM system.history.jobs ORDER BY created_at DESC LIMIT 1";
    assert_eq!(rows(&client, job).await, [format!("cancelled|{message}|t")]);
    assert_eq!(
        rows(&client, "SELECT is_complete, analyzed FROM system.metadata.scans ORDER BY started_at DESC LIMIT 1").await,
        ["t|2"]
    );
    run(&locker, "ROLLBACK").await;
    // One that cannot be read does not keep the others.
    rows(&client, "SCAN CATALOG pg WITH (statistics = true, max_connections = 4)").await;
    assert_eq!(rows(&client, states).await, ["t0|2|full|t", "t2|2|full|t", "t5|2|full|t", "v|2|basic|t"]);
    let tally =
        rows(&client, "SELECT analyzed, failed FROM system.metadata.scans ORDER BY started_at DESC LIMIT 1").await;
    assert_eq!(tally, ["6|1"]);
    // What is dropped takes its figures along.
    run(&direct, "DROP TABLE t0").await;
    run(&client, "SCAN CATALOG pg").await;
    assert_eq!(figures(&client, "pg", "t0").await, [""; 0]);
    assert_eq!(figures(&client, "pg", "t1").await, ["a|1|0|1|1|1|full|1"]);
    assert_eq!(refusal(client.batch_execute("SCAN CATALOG pg LEVEL 1 WITH (statistics = true)").await).0, "22023");
}

/// Catches: a scan by a schedule that passes for one that a user asked for, and the other way round.
async fn scheduled() {
    let server = Postgres::start().unwrap();
    run(
        &server.connect().await.unwrap(),
        "CREATE TABLE t AS SELECT 1 AS a; CREATE SCHEMA other; CREATE TABLE other.u (a int)",
    )
    .await;
    let metastore = Postgres::start().unwrap();
    let weft = Weft::builder().setting("metastore", &metastore.url()).start().unwrap();
    let client = weft.connect().await.unwrap();
    catalog(&client, &server).await;
    let tables = "SELECT table_name, scan_level, scan_method, method FROM system.metadata.tables WHERE catalog_name = 'pg' AND table_name IN ('t', 'u') ORDER BY 1";
    assert_eq!(rows(&client, tables).await, ["t|NULL|NULL|NULL", "u|NULL|NULL|NULL"]);
    run(&client, "SET application_name = 'schedule x'; SCAN CATALOG pg LEVEL 1").await;
    assert_eq!(rows(&client, tables).await, ["t|1|manual|NULL", "u|1|manual|NULL"]);
    run(&client, "CREATE SCHEDULE often CRON '0 3 * * *' DO SCAN SCHEMA pg.public").await;
    hurry(&metastore, "often", "*").await;
    let auto = ["t|2|auto|basic", "u|1|manual|NULL"];
    eventually("it has run", SOON, || async { rows(&client, tables).await == auto }).await;
    run(&client, "DROP SCHEDULE often; CREATE SCHEDULE a CRON '0 3 * * *' DO ANALYZE pg.public.t").await;
    hurry(&metastore, "a", "*").await;
    let method = "SELECT method FROM system.metadata.scans WHERE schema_name = 'public' AND is_complete ORDER BY started_at LIMIT 1";
    assert_eq!(rows(&client, method).await, ["auto"]);
    eventually("it has run", SOON, || async { figures(&client, "pg", "t").await.len() == 1 }).await;
    run(&client, "DROP SCHEDULE a").await;
}
