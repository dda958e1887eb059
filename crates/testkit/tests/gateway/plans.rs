//! Plans that are kept and run again: with other parameters, after their tables have changed, in other sessions.

use crate::files::{mount, reads, samples};
use crate::{refusal, test};
use libtest_mimic::Trial;
use std::time::Duration;
use tokio_postgres::Client;
use tokio_postgres::types::{ToSql, Type};
use weft_testkit::{Postgres, Weft};

pub fn trials() -> Vec<Trial> {
    vec![
        test("plans::parameters_are_compared_as_in_postgresql", parameters),
        test("plans::a_table_that_changed_is_read_as_it_is", changed_table),
        test("plans::a_catalog_that_changed_is_read_where_it_is", changed_catalog),
        test("plans::what_is_switched_off_is_told", switched_off),
        test("plans::statements_about_the_catalog_see_its_changes", catalog_statements),
        test("plans::what_depends_on_the_session_or_the_moment_is_not_kept", not_kept),
    ]
}

const TABLE: &str = "CREATE TABLE t AS SELECT i::int2 AS s, i AS n, i::bigint * 1000000000 AS b, 'it''s ' || i AS x, \
    (i / 3.0)::numeric(12, 4) AS d, date '2024-01-01' + i AS day, timestamp '2024-01-01 00:00' + i * interval '1 hour' AS moment, \
    i % 2 = 0 AS even, i / 8.0::float8 AS f FROM generate_series(-5, 20) AS i";

type Values = Vec<Box<dyn ToSql + Sync>>;

async fn catalog(client: &Client, server: &Postgres) {
    let options =
        format!("host '127.0.0.1', port '{}', database 'postgres', \"user\" 'app', password 'secret'", server.port());
    client.batch_execute(&format!("CREATE CATALOG pg USING postgres OPTIONS ({options})")).await.unwrap();
}

async fn counted(client: &Client, sql: &str) -> String {
    client.query_one(sql, &[]).await.unwrap().get(0)
}

/// Catches: a hole that is filled with something else than the value, and one that stands where the plan depends on the value.
async fn parameters() {
    let server = Postgres::start().unwrap();
    let direct = server.connect().await.unwrap();
    direct.batch_execute(TABLE).await.unwrap();
    let weft = Weft::start().unwrap();
    catalog(&weft.connect().await.unwrap(), &server).await;
    let gateway = weft.endpoint.database("pg").connect().await.unwrap();
    let day = |text: &str| text.to_owned();
    let values: Vec<(&str, Type, Values)> = vec![
        ("n = $1", Type::INT4, vec![Box::new(3i32), Box::new(-3i32), Box::new(i32::MAX), Box::new(None::<i32>)]),
        ("n = $1", Type::INT2, vec![Box::new(3i16), Box::new(-3i16), Box::new(None::<i16>)]),
        ("n < $1", Type::INT8, vec![Box::new(3i64), Box::new(i64::MAX), Box::new(i64::MIN)]),
        ("s >= $1", Type::INT8, vec![Box::new(3i64), Box::new(100_000i64)]),
        ("b IN ($1, 7000000000, 1)", Type::INT8, vec![Box::new(3_000_000_000i64), Box::new(4i64)]),
        ("x = $1", Type::TEXT, vec![Box::new("it's 3"), Box::new("'; DROP TABLE t; --"), Box::new("\\"), Box::new("")]),
        ("x BETWEEN $1 AND 'it''s 5'", Type::TEXT, vec![Box::new("it's"), Box::new(None::<&str>), Box::new("É")]),
        ("x LIKE $1", Type::TEXT, vec![Box::new("%3"), Box::new("it_s %")]),
        ("even = $1", Type::BOOL, vec![Box::new(true), Box::new(false), Box::new(None::<bool>)]),
        (
            "f < $1",
            Type::FLOAT8,
            vec![Box::new(1.5f64), Box::new(f64::NAN), Box::new(f64::INFINITY), Box::new(-0.0f64)],
        ),
        ("n + $1 > 4", Type::INT4, vec![Box::new(3i32), Box::new(-3i32)]),
        ("$1 < n", Type::INT4, vec![Box::new(3i32)]),
        ("$1 IS NULL OR n = $1", Type::INT4, vec![Box::new(3i32), Box::new(None::<i32>)]),
        ("day > $1::text::date", Type::TEXT, vec![Box::new(day("2024-01-04")), Box::new(day("1999-12-31"))]),
        ("n IN (SELECT s FROM t WHERE s > $1)", Type::INT4, vec![Box::new(3i32), Box::new(19i32)]),
        ("true ORDER BY n LIMIT $1", Type::INT8, vec![Box::new(3i64), Box::new(0i64)]),
    ];
    for (condition, data_type, values) in values {
        let sql = format!("SELECT n::text FROM t WHERE {condition}");
        let ours = gateway.prepare_typed(&sql, std::slice::from_ref(&data_type)).await;
        let ours = ours.unwrap_or_else(|e| panic!("{sql}: {}", weft_testkit::Error::from(e)));
        let theirs = direct.prepare_typed(&sql, &[data_type]).await.unwrap();
        for value in values {
            let rows = |rows: Result<Vec<tokio_postgres::Row>, _>| match rows {
                Ok(rows) => {
                    let mut rows: Vec<String> = rows.iter().map(|r| r.get(0)).collect();
                    rows.sort();
                    Ok(rows)
                }
                refused => Err(refusal(refused).0),
            };
            let expected = rows(direct.query(&theirs, &[value.as_ref()]).await);
            let answer = rows(gateway.query(&ours, &[value.as_ref()]).await);
            assert_eq!(answer, expected, "{sql} with {value:?}");
        }
    }
}

/// Catches: a plan that is run again though the table has other columns, and a client that is sent columns it was not told of.
async fn changed_table() {
    let server = Postgres::start().unwrap();
    let direct = server.connect().await.unwrap();
    direct.batch_execute("CREATE TABLE t AS SELECT 1 AS a, 'one' AS b").await.unwrap();
    let weft = Weft::builder().setting("metadata_ttl", "50ms").start().unwrap();
    catalog(&weft.connect().await.unwrap(), &server).await;
    let client = weft.endpoint.database("pg").connect().await.unwrap();
    let (all, one) =
        (client.prepare("SELECT * FROM t").await.unwrap(), client.prepare("SELECT b FROM t").await.unwrap());
    assert_eq!(client.query(&all, &[]).await.unwrap()[0].len(), 2);
    assert_eq!(client.query("SELECT * FROM t", &[]).await.unwrap()[0].len(), 2);
    direct.batch_execute("ALTER TABLE t ADD COLUMN c int DEFAULT 7; ALTER TABLE t DROP COLUMN a").await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let rows = client.query("SELECT * FROM t", &[]).await.unwrap();
    assert_eq!((rows[0].get::<_, &str>(0), rows[0].get::<_, i32>(1)), ("one", 7));
    // Its columns are what they were, though the table is not.
    assert_eq!(client.query(&one, &[]).await.unwrap()[0].get::<_, &str>(0), "one");
    let (state, message) = refusal(client.query(&all, &[]).await);
    assert_eq!((state.as_str(), message.as_str()), ("0A000", "cached plan must not change result type"));
}

/// Catches: a prepared statement, or a text that was run before, that still asks the server that a catalog had before.
async fn changed_catalog() {
    let (before, after) = (Postgres::start().unwrap(), Postgres::start().unwrap());
    for (server, name) in [(&before, "before"), (&after, "after")] {
        let direct = server.connect().await.unwrap();
        direct.batch_execute(&format!("CREATE TABLE t AS SELECT '{name}' AS a")).await.unwrap();
    }
    let weft = Weft::start().unwrap();
    let admin = weft.connect().await.unwrap();
    catalog(&admin, &before).await;
    let client = weft.endpoint.database("pg").connect().await.unwrap();
    let prepared = client.prepare("SELECT a FROM t").await.unwrap();
    assert_eq!(client.query(&prepared, &[]).await.unwrap()[0].get::<_, &str>(0), "before");
    admin.batch_execute(&format!("ALTER CATALOG pg OPTIONS (SET port '{}')", after.port())).await.unwrap();
    assert_eq!(client.query(&prepared, &[]).await.unwrap()[0].get::<_, &str>(0), "after");
    assert_eq!(counted(&client, "SELECT a FROM t").await, "after");
    admin.batch_execute("DROP CATALOG pg").await.unwrap();
    assert_eq!(refusal(client.query(&prepared, &[]).await).0, "3D000");
}

/// Catches: a user, a setting or a time of an earlier statement in a later one.
async fn not_kept() {
    let server = Postgres::start().unwrap();
    let direct = server.connect().await.unwrap();
    direct
        .batch_execute("CREATE SCHEMA s; CREATE TABLE t AS SELECT 'public' AS a; CREATE TABLE s.t AS SELECT 's' AS a")
        .await
        .unwrap();
    let weft = Weft::start().unwrap();
    catalog(&weft.connect().await.unwrap(), &server).await;
    let client = weft.endpoint.database("pg").connect().await.unwrap();
    assert_eq!(counted(&client, "SELECT a FROM t").await, "public");
    client.batch_execute("SET search_path = s").await.unwrap();
    assert_eq!(counted(&client, "SELECT a FROM t").await, "s");
    let moment = "SELECT now()::text FROM t";
    let first = counted(&client, moment).await;
    assert_ne!(counted(&client, moment).await, first);
    let setting = "SELECT current_setting('application_name') FROM t WHERE current_setting('application_name') <> ''";
    for name in ["one", "two"] {
        client.batch_execute(&format!("SET application_name = {name}")).await.unwrap();
        assert_eq!(counted(&client, setting).await, name);
    }
}

/// Catches: a plan without push-down that gives no reason, and one that gives a reason where there was nothing to push.
async fn switched_off() {
    let weft = reads(&[&samples()]).start().unwrap();
    let client = mount(&weft, "ny", &samples()).await.connect().await.unwrap();
    client.batch_execute("SET weft.pushdown = off").await.unwrap();
    let reasons = async |sql: &str| {
        let lines = client.query(&format!("EXPLAIN {sql}"), &[]).await.unwrap();
        let lines = lines.iter().map(|row| row.get::<_, String>(0));
        lines.filter(|l| l.contains("in the gateway") || l.contains("because")).collect::<Vec<_>>()
    };
    assert_eq!(
        reasons("SELECT count(*) FROM nyc.airlines").await,
        ["Stays in the gateway: all operators but scans", "  because weft.pushdown is off"]
    );
    assert!(reasons("SELECT 1").await.is_empty());
    client.batch_execute("SET weft.pushdown = on").await.unwrap();
    assert!(reasons("SELECT count(*) FROM nyc.airlines").await.is_empty());
}

/// Catches: a kept statement about the catalog that answers for another table, user or path, or tells what was there before a scan, a comment or a rename.
async fn catalog_statements() {
    let server = Postgres::start().unwrap();
    let direct = server.connect().await.unwrap();
    direct.batch_execute("CREATE TABLE a (x int, y text); CREATE TABLE b (z int); CREATE SCHEMA s").await.unwrap();
    let weft = Weft::builder().setting("metadata_ttl", "100ms").start().unwrap();
    let admin = weft.connect().await.unwrap();
    catalog(&admin, &server).await;
    admin.batch_execute("SCAN CATALOG pg").await.unwrap();
    let client = weft.endpoint.database("pg").connect().await.unwrap();
    let text = async |sql: &str| -> Vec<String> {
        use tokio_postgres::SimpleQueryMessage::Row;
        let messages =
            client.simple_query(sql).await.unwrap_or_else(|e| panic!("{sql}: {}", weft_testkit::Error::from(e)));
        let row = |m| if let Row(r) = m { Some(r.get(0).unwrap_or("NULL").to_owned()) } else { None };
        messages.into_iter().filter_map(row).collect()
    };
    let oid =
        async |name: &str| text(&format!("SELECT oid::text FROM pg_class WHERE relname = '{name}'")).await.concat();
    let (a, b) = (oid("a").await, oid("b").await);
    let columns = |oid: &str| {
        format!("SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = '{oid}' AND attnum > 0 ORDER BY attnum")
    };
    let name =
        |oid: &str| format!("SELECT oid::regclass FROM pg_class WHERE oid = '{oid}' AND pg_table_is_visible('{oid}')");
    for _ in 0..3 {
        assert_eq!(text(&columns(&a)).await, ["x", "y"]);
        assert_eq!(text(&columns(&b)).await, ["z"]);
        let wrong = columns("99999999999999999999999");
        assert_eq!(refusal(client.simple_query(&wrong).await).0, "22003");
        assert_eq!((text(&name(&a)).await, text(&name(&b)).await), (vec!["a".to_owned()], vec!["b".to_owned()]));
    }
    // Parameters of the client's own.
    let own = client
        .prepare("SELECT attname::text FROM pg_attribute WHERE attrelid = $1 AND attnum > 0 ORDER BY attnum")
        .await;
    let own = own.unwrap_or_else(|e| panic!("{}", weft_testkit::Error::from(e)));
    let read = async |oid: Option<i64>| -> Vec<String> {
        client.query(&own, &[&oid]).await.unwrap().iter().map(|r| r.get(0)).collect()
    };
    let number = |oid: &str| Some(oid.parse::<i64>().unwrap());
    for _ in 0..2 {
        assert_eq!(
            (read(number(&a)).await, read(number(&b)).await, read(None).await.len()),
            (vec!["x".to_owned(), "y".to_owned()], vec!["z".to_owned()], 0)
        );
    }
    let comment = format!("SELECT obj_description('{b}')");
    assert_eq!(text(&comment).await, ["NULL"]);
    direct.batch_execute("ALTER TABLE b ADD COLUMN w int").await.unwrap();
    admin.batch_execute("SCAN CATALOG pg; COMMENT ON TABLE pg.public.b IS 'said'").await.unwrap();
    let changed = async || text(&columns(&b)).await == ["z", "w"];
    crate::eventually("the new column is told", Duration::from_secs(10), || async { changed().await }).await;
    assert_eq!(read(number(&b)).await, ["z", "w"]);
    assert_eq!(text(&comment).await, ["said"]);
    // What a session can set.
    let settings = "SELECT current_setting('search_path') FROM pg_class LIMIT 1";
    let visible = format!("SELECT pg_table_is_visible(oid) FROM pg_class WHERE oid = '{b}'");
    let named = client.prepare(settings).await.unwrap();
    let before: String = client.query_one(&named, &[]).await.unwrap().get(0);
    assert_eq!(text(&visible).await, ["t"]);
    client.batch_execute("SET search_path = s").await.unwrap();
    assert_eq!(text(&visible).await, ["f"]);
    assert_eq!(text(settings).await, ["s"]);
    let after: String = client.query_one(&named, &[]).await.unwrap().get(0);
    assert_ne!(before, after);
}
