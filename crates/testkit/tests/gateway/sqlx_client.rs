//! sqlx as a client: a pool, statements that are prepared and described, parameters and columns of typed values and arrays, rows that stream, errors,
//! transactions.

use crate::{clients, eventually};
use futures::TryStreamExt;
use libtest_mimic::Trial;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions, PgSslMode};
use sqlx::types::chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use sqlx::types::{Decimal, Json, Uuid};
use sqlx::{Column, Connection, Either, Executor, Row, SqlSafeStr, Statement, TypeInfo};
use std::collections::HashMap;
use std::time::Duration;

pub fn trials() -> Vec<Trial> {
    vec![crate::test("clients::sqlx", all)]
}

async fn all() {
    let (_source, weft) = clients::shop().await.unwrap();
    let gateway = &weft.endpoint;
    let options = PgConnectOptions::new()
        .host(&gateway.host)
        .port(gateway.port)
        .username(&gateway.user)
        .password(&gateway.password)
        .database("pg")
        .application_name("sqlx")
        .ssl_mode(PgSslMode::Disable);
    let pool = PgPoolOptions::new().max_connections(3).connect_with(options).await.unwrap();
    describes(&pool).await;
    takes_typed_values(&pool).await;
    streams(&pool).await;
    tells_errors(&pool).await;
    keeps_transactions(&pool).await;
    pool.close().await;
}

async fn describes(pool: &PgPool) {
    let mut connection = pool.acquire().await.unwrap();
    let sql = "SELECT id, amount, note, placed, tags FROM shop.orders WHERE id = $1 AND placed > $2";
    let statement = connection.prepare(sql.into_sql_str()).await.unwrap();
    let columns: Vec<_> = statement.columns().iter().map(|c| (c.name(), c.type_info().name())).collect();
    let expected = [("id", "INT8"), ("amount", "NUMERIC"), ("note", "TEXT"), ("placed", "DATE"), ("tags", "TEXT[]")];
    assert_eq!(columns, expected);
    let Some(Either::Left(parameters)) = statement.parameters() else { panic!("no types of parameters") };
    assert_eq!(parameters.iter().map(TypeInfo::name).collect::<Vec<_>>(), ["INT8", "DATE"]);
    // What `sqlx::query!` asks when a program is compiled: for that it has the prepared statement explained, which is not there yet.
    let described = connection.describe(sql.into_sql_str()).await.unwrap_err();
    assert!(described.to_string().contains("EXPLAIN EXECUTE is not supported"), "{described}");
    let day = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
    for id in 1..=3_i64 {
        let row = statement.query().bind(id).bind(day).fetch_one(&mut *connection).await.unwrap();
        assert_eq!(row.get::<i64, _>("id"), id);
        assert_eq!(row.get::<Decimal, _>("amount"), Decimal::new(125 * id, 2));
        assert_eq!(row.get::<Vec<String>, _>("tags"), ["a".to_owned(), format!("b,{id}")]);
    }
}

async fn takes_typed_values(pool: &PgPool) {
    /// What came is what was sent.
    macro_rules! echoed {
        ($type:literal, $value:expr, $as:ty) => {
            let value: $as = $value;
            let sql = concat!("SELECT $1::", $type, " AS value, $1::", $type, " IS NULL AS missing");
            let row = sqlx::query(sql).bind(value.clone()).fetch_one(pool).await.expect($type);
            assert_eq!(row.get::<$as, _>("value"), value, $type);
            assert!(!row.get::<bool, _>("missing"), $type);
            let row = sqlx::query(sql).bind(None::<$as>).fetch_one(pool).await.expect($type);
            assert_eq!(row.get::<Option<$as>, _>("value"), None, $type);
        };
    }
    let day = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
    let at: NaiveDateTime = day.and_hms_micro_opt(12, 34, 56, 789_012).unwrap();
    echoed!("boolean", true, bool);
    echoed!("smallint", -7, i16);
    echoed!("integer", 7, i32);
    echoed!("bigint", i64::MAX, i64);
    echoed!("real", 1.5, f32);
    echoed!("double precision", 1e300, f64);
    echoed!("text", "naïve 'text'".to_owned(), String);
    echoed!("bytea", vec![0, 1, 255], Vec<u8>);
    echoed!("numeric", "-1234567.0089".parse().unwrap(), Decimal);
    echoed!("date", day, NaiveDate);
    echoed!("time", NaiveTime::from_hms_micro_opt(23, 59, 59, 1).unwrap(), NaiveTime);
    echoed!("timestamp", at, NaiveDateTime);
    echoed!("timestamptz", at.and_utc(), DateTime<Utc>);
    echoed!("uuid", Uuid::from_u128(0x1234_5678), Uuid);
    echoed!("integer[]", vec![1, 2, 3], Vec<i32>);
    echoed!("bigint[]", vec![Some(1), None], Vec<Option<i64>>);
    echoed!("text[]", vec!["a".to_owned(), "b,\"c\"".to_owned()], Vec<String>);
    echoed!("double precision[]", vec![0.5], Vec<f64>);
    echoed!("jsonb", Json(HashMap::from([("a".to_owned(), 1)])), Json<HashMap<String, i32>>);
    echoed!("json", Json(vec![1, 2]), Json<Vec<i32>>);

    let some =
        sqlx::query_as::<_, (i64, Decimal)>("SELECT id, amount FROM shop.orders WHERE id = ANY ($1) ORDER BY id")
            .bind(vec![3_i64, 1, 2])
            .fetch_all(pool)
            .await
            .unwrap();
    assert_eq!(some.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [1, 2, 3]);
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM shop.customers WHERE created >= $1 AND name LIKE $2")
        .bind(NaiveDate::from_ymd_opt(2024, 1, 1).unwrap().and_time(NaiveTime::MIN).and_utc())
        .bind("customer 1%")
        .fetch_one(pool)
        .await
        .unwrap();
    assert_eq!(count, 12);
}

async fn streams(pool: &PgPool) {
    let sql = "SELECT id, note FROM shop.orders ORDER BY id";
    let mut rows = sqlx::query_as::<_, (i64, Option<String>)>(sql).fetch(pool);
    let mut seen = 0;
    while let Some((id, note)) = rows.try_next().await.unwrap() {
        seen += 1;
        assert_eq!(id, seen);
        assert_eq!(note.is_none(), id % 3 == 0);
    }
    assert_eq!(seen, 10_000);
    // A stream that is given up leaves a connection that can be used.
    let mut rows = sqlx::query(sql).fetch(pool);
    assert!(rows.try_next().await.unwrap().is_some());
    drop(rows);
    for _ in 0..4 {
        assert_eq!(sqlx::query_scalar::<_, i32>("SELECT 1").fetch_one(pool).await.unwrap(), 1);
    }
    // Several statements in one message.
    let done = sqlx::raw_sql("SELECT 1; SELECT 2").fetch_all(pool).await.unwrap();
    assert_eq!(done.iter().map(|row| row.get::<i32, _>(0)).collect::<Vec<_>>(), [1, 2]);
}

async fn tells_errors(pool: &PgPool) {
    let error = sqlx::query("SELECT nothing FROM shop.orders").fetch_all(pool).await.unwrap_err();
    assert_eq!(error.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref(), Some("42703"));
    let error = sqlx::query("SELECT 1 / $1::integer").bind(0).fetch_all(pool).await.unwrap_err();
    assert_eq!(error.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref(), Some("22012"));
    let slow = "SELECT count(*) FROM shop.orders a, shop.orders b, shop.orders c WHERE a.id + b.id + c.id < 0";
    // Out of the pool: it would wait for the end of the statement, which takes hours.
    let mut connection = pool.acquire().await.unwrap().detach();
    let given_up = tokio::time::timeout(Duration::from_millis(300), sqlx::query(slow).fetch_one(&mut connection)).await;
    assert!(given_up.is_err());
    drop(connection);
    let running = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%c.id < 0' AND pid <> pg_backend_pid()";
    let ended = async || sqlx::query_scalar::<_, i64>(running).fetch_one(pool).await.is_ok_and(|running| running == 0);
    eventually("what nobody waits for has ended", Duration::from_secs(10), ended).await;
}

async fn keeps_transactions(pool: &PgPool) {
    let mut transaction = pool.begin().await.unwrap();
    let mut inner = transaction.begin().await.unwrap();
    assert!(sqlx::query("SELECT 1 / 0").execute(&mut *inner).await.is_err());
    inner.rollback().await.unwrap();
    sqlx::query("CREATE VIEW lake.public.counted AS SELECT count(*) AS n FROM pg.shop.orders")
        .execute(&mut *transaction)
        .await
        .unwrap();
    let counted = "SELECT n FROM lake.public.counted";
    assert_eq!(sqlx::query_scalar::<_, i64>(counted).fetch_one(&mut *transaction).await.unwrap(), 10_000);
    transaction.rollback().await.unwrap();
    let mut connection = pool.acquire().await.unwrap();
    assert!(sqlx::query(counted).fetch_one(&mut *connection).await.is_err());
    connection.ping().await.unwrap();
}
