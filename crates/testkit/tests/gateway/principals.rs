//! Roles over the wire: who may log in, and what a session may do once something was taken from its role.

use crate::files::{mount, reads, samples};
use crate::metastore::{Place, SOON, catalog, rows, run, stop};
use crate::{eventually, refusal, test};
use libtest_mimic::Trial;
use std::time::Duration;
use tokio_postgres::Client;
use weft_testkit::{Postgres, Weft};

pub fn trials() -> Vec<Trial> {
    vec![
        test("principals::who_may_log_in", login),
        test("principals::a_role_begins_with_its_variables", variables),
        test("principals::what_is_revoked_is_refused_at_once", revoked),
        test("principals::a_plan_of_one_role_is_not_run_for_another", kept),
        test("principals::who_is_dropped_is_refused", dropped),
        test("principals::what_is_refused_names_the_grant", hints),
        test("principals::another_gateway_follows", followed),
        test("principals::a_folder_of_an_older_gateway", older),
    ]
}

async fn refused(client: &Client, sql: &str) -> (String, String) {
    refusal(client.batch_execute(sql).await)
}

fn said(state: &str, message: &str) -> (String, String) {
    (state.to_owned(), message.to_owned())
}

/// Catches: a login with a password that has expired, without leave, too many of them, and one to a catalog that is nobody's business.
async fn login() {
    let weft = reads(&[&samples()]).start().unwrap();
    let admin = weft.connect().await.unwrap();
    mount(&weft, "ny", &samples()).await;
    run(&admin, "CREATE USER ann PASSWORD 'one'; CREATE ROLE bob PASSWORD 'two'; CREATE USER eve PASSWORD NULL").await;
    run(
        &admin,
        "CREATE USER late PASSWORD 'x' VALID UNTIL '2001-01-01'; CREATE USER few PASSWORD 'x' CONNECTION LIMIT 2",
    )
    .await;
    let login = async |user: &str, password: &str| weft.endpoint.login(user, password).connect().await;
    let ann = login("ann", "one").await.unwrap();
    assert_eq!(rows(&ann, "SELECT current_user, session_user, current_setting('is_superuser')").await, ["ann|ann|off"]);
    assert_eq!(refusal(login("ann", "two").await).0, "28P01");
    assert_eq!(refusal(login("bob", "two").await), said("28000", "role \"bob\" is not permitted to log in"));
    let wrong = "password authentication failed for user";
    for (user, password) in [("eve", ""), ("eve", "x"), ("late", "x"), ("nobody", "x")] {
        assert_eq!(refusal(login(user, password).await), said("28P01", &format!("{wrong} \"{user}\"")));
    }
    run(&admin, "ALTER ROLE late VALID UNTIL 'infinity'; ALTER ROLE bob LOGIN").await;
    login("late", "x").await.unwrap();
    login("bob", "two").await.unwrap();
    // One's own password is one's own to change.
    run(&ann, "ALTER ROLE ann PASSWORD 'three'").await;
    assert_eq!(refusal(login("ann", "one").await).0, "28P01");
    login("ann", "three").await.unwrap();

    let (first, _second) = (login("few", "x").await.unwrap(), login("few", "x").await.unwrap());
    assert_eq!(refusal(login("few", "x").await), said("53300", "too many connections for role \"few\""));
    drop(first);
    eventually("there is room again", SOON, || async { login("few", "x").await.is_ok() }).await;

    let ny = weft.endpoint.login("ann", "three").database("ny");
    assert_eq!(refusal(ny.connect().await), said("42501", "permission denied for database \"ny\""));
    run(&admin, "GRANT USAGE ON CATALOG ny TO ann").await;
    ny.connect().await.unwrap();
}

/// Catches: a variable of a role that its sessions do not have, and one that goes over what the client says.
async fn variables() {
    let weft = Weft::start().unwrap();
    let admin = weft.connect().await.unwrap();
    run(&admin, "CREATE USER ann PASSWORD 'x'; ALTER ROLE ann SET statement_timeout TO '7s'; ALTER ROLE ann SET application_name = 'hers'").await;
    let ann = weft.endpoint.login("ann", "x").connect().await.unwrap();
    assert_eq!(rows(&ann, "SHOW statement_timeout").await, ["7s"]);
    // The client says what it is called.
    assert_eq!(rows(&ann, "SHOW application_name").await, ["weft-testkit"]);
    run(&ann, "SET statement_timeout = 0; RESET statement_timeout").await;
    assert_eq!(rows(&ann, "SHOW statement_timeout").await, ["7s"]);
}

/// Catches: a kept plan, a prepared statement, or one that was bound and not run yet, that still does what was taken from its role.
async fn revoked() {
    let server = Postgres::start().unwrap();
    run(&server.connect().await.unwrap(), "CREATE TABLE t AS SELECT 7 AS n").await;
    let weft = Weft::start().unwrap();
    let admin = weft.connect().await.unwrap();
    catalog(&admin, "pg", &server).await;
    run(&admin, "CREATE USER ann PASSWORD 'x'; CREATE USER bob; CREATE ROLE r; GRANT r TO ann").await;
    run(&admin, "CREATE VIEW v AS SELECT n FROM pg.public.t; GRANT SELECT ON v TO r").await;
    let ann = weft.endpoint.login("ann", "x").connect().await.unwrap();
    let table = "SELECT n::text FROM pg.public.t";
    let ways = [
        ("GRANT USAGE, SELECT ON CATALOG pg TO ann", "REVOKE SELECT ON CATALOG pg FROM ann", "table t"),
        ("GRANT SELECT ON CATALOG pg TO ann", "REVOKE USAGE ON CATALOG pg FROM ann", "table t"),
        ("GRANT USAGE, SELECT ON SCHEMA pg.public TO r", "REVOKE r FROM ann", "schema public"),
    ];
    for (i, (grant, revoke, denied)) in ways.into_iter().enumerate() {
        run(&admin, "REVOKE ALL ON CATALOG pg FROM ann").await;
        run(&admin, grant).await;
        run(&admin, "GRANT USAGE ON CATALOG pg TO ann").await;
        let (ran, bound) = (ann.prepare(table).await.unwrap(), ann.prepare(table).await.unwrap());
        run(&ann, &format!("PREPARE p{i} AS SELECT n FROM pg.public.t")).await;
        assert_eq!(ann.query_one(&ran, &[]).await.unwrap().get::<_, &str>(0), "7");
        assert_eq!(rows(&ann, table).await, ["7"]);
        run(&admin, revoke).await;
        if denied.starts_with("schema") {
            run(&admin, "REVOKE USAGE ON CATALOG pg FROM ann").await;
        }
        for outcome in [
            ann.query(&ran, &[]).await.map(drop),
            ann.query(&bound, &[]).await.map(drop),
            ann.batch_execute(table).await,
            ann.batch_execute(&format!("EXECUTE p{i}")).await,
        ] {
            let (state, message) = refusal(outcome);
            assert!(state == "42501" && message.starts_with("permission denied for"), "{revoke}: {message}");
        }
    }
    // What stands on nothing that is looked at again.
    run(&admin, "GRANT r TO ann").await;
    for (sql, take, give) in [
        ("SELECT n FROM v", "REVOKE SELECT ON v FROM r", "GRANT SELECT ON v TO r"),
        (
            "SELECT * FROM remote_query('pg', 'SELECT 1 AS n')",
            "REVOKE SELECT ON CATALOG pg FROM ann",
            "GRANT USAGE, SELECT ON CATALOG pg TO ann",
        ),
    ] {
        run(&admin, give).await;
        let (ran, bound) = (ann.prepare(sql).await.unwrap(), ann.prepare(sql).await.unwrap());
        ann.query_one(&ran, &[]).await.unwrap();
        run(&admin, take).await;
        assert_eq!(refusal(ann.query(&ran, &[]).await).0, "42501", "{sql}");
        assert_eq!(refusal(ann.query(&bound, &[]).await).0, "42501", "{sql}");
    }
    // A listing that was bound before.
    let listing =
        ann.prepare("SELECT count(*) FROM system.metadata.tables WHERE catalog_name = 'pg' AND table_name = 't'");
    let listing = listing.await.unwrap();
    run(&admin, "REVOKE ALL ON CATALOG pg FROM ann; REVOKE ALL ON SCHEMA pg.public FROM r").await;
    assert_eq!(ann.query_one(&listing, &[]).await.unwrap().get::<_, i64>(0), 0);
    // One that SET ROLE has chosen, and that is taken away.
    run(&ann, "SET ROLE r").await;
    run(&admin, "REVOKE r FROM ann").await;
    assert_eq!(refused(&ann, "SELECT 1").await, said("42501", "permission denied to set role \"r\""));
    run(&ann, "RESET ROLE; SELECT 1").await;
    assert_eq!(refused(&ann, "SET ROLE weft").await.0, "42501");
    assert!(rows(&admin, "SELECT count(*) FROM pg.public.t").await == ["1"]);
}

/// Catches: a plan that was kept for who may everything, and is run for who may not.
async fn kept() {
    let server = Postgres::start().unwrap();
    run(&server.connect().await.unwrap(), "CREATE TABLE t AS SELECT 7 AS n").await;
    let weft = Weft::start().unwrap();
    let admin = weft.connect().await.unwrap();
    catalog(&admin, "pg", &server).await;
    run(&admin, "CREATE USER ann PASSWORD 'x'").await;
    let ann = weft.endpoint.login("ann", "x").connect().await.unwrap();
    let sql = "SELECT n FROM pg.public.t";
    assert_eq!((rows(&admin, sql).await, rows(&admin, sql).await), (vec!["7".to_owned()], vec!["7".to_owned()]));
    assert_eq!(refused(&ann, sql).await.0, "42501");
    // Nor within one session.
    let prepared = admin.prepare(sql).await.unwrap();
    admin.query(&prepared, &[]).await.unwrap();
    run(&admin, "SET ROLE ann").await;
    assert_eq!(refusal(admin.query(&prepared, &[]).await).0, "42501");
    assert_eq!(refused(&admin, sql).await.0, "42501");
    run(&admin, "RESET ROLE").await;
    admin.query(&prepared, &[]).await.unwrap();
}

/// Catches: a session that goes on as a role that is no more, or that another one has become.
async fn dropped() {
    let weft = Weft::start().unwrap();
    let admin = weft.connect().await.unwrap();
    run(&admin, "CREATE USER ann PASSWORD 'x'; CREATE USER bob PASSWORD 'x'; CREATE USER eve SUPERUSER PASSWORD 'x'")
        .await;
    let connect = async |user: &str| weft.endpoint.login(user, "x").connect().await.unwrap();
    let (ann, bob, eve) = (connect("ann").await, connect("bob").await, connect("eve").await);
    let prepared = ann.prepare("SELECT 1").await.unwrap();
    run(&admin, "DROP ROLE ann; ALTER ROLE bob RENAME TO rob; ALTER ROLE eve NOSUPERUSER").await;
    assert_eq!(refused(&ann, "SELECT 1").await, said("28000", "role \"ann\" does not exist"));
    assert_eq!(refusal(ann.query(&prepared, &[]).await).0, "28000");
    assert_eq!(refused(&bob, "SELECT 1").await.0, "28000");
    assert_eq!(refused(&eve, "CREATE ROLE x").await.0, "42501");
    // Who was the first superuser may be called otherwise, and no second one appears.
    run(&admin, "ALTER ROLE eve SUPERUSER").await;
    run(&eve, "ALTER ROLE weft RENAME TO root").await;
    assert_eq!(refused(&admin, "SELECT 1").await.0, "28000");
    let roles = "SELECT string_agg(role_name, ' ' ORDER BY role_name) FROM system.admin.roles";
    assert_eq!(rows(&eve, roles).await, ["eve rob root"]);
}

/// Catches: a refusal that does not say what would allow it.
async fn hints() {
    let weft = reads(&[&samples()]).start().unwrap();
    let admin = weft.connect().await.unwrap();
    mount(&weft, "ny", &samples()).await;
    run(&admin, "CREATE USER \"Ann\" PASSWORD 'x'").await;
    let ann = weft.endpoint.login("Ann", "x").connect().await.unwrap();
    let hint = async || {
        let error = ann.batch_execute("SELECT * FROM ny.nyc.airlines").await.unwrap_err();
        let db = error.as_db_error().unwrap();
        (db.message().to_owned(), db.hint().unwrap_or_default().to_owned())
    };
    // What the hint says is done, until there is none.
    let (message, first) = hint().await;
    assert_eq!(message, "permission denied for schema nyc");
    run(&admin, first.strip_suffix(" opens it.").unwrap()).await;
    let (message, second) = hint().await;
    assert_eq!(message, "permission denied for table airlines");
    run(&admin, second.strip_suffix(" allows it.").unwrap()).await;
    assert_eq!(rows(&ann, "SELECT count(*) FROM ny.nyc.airlines").await, ["16"]);
}

/// Catches: a gateway on which what another one has revoked can still be done, also while the metastore is away.
async fn followed() {
    let mut at = Place::new();
    let source = Postgres::start().unwrap();
    run(&source.connect().await.unwrap(), "CREATE TABLE t AS SELECT 7 AS n; CREATE TABLE u AS SELECT 8 AS n").await;
    let (one, two) = (at.gateway("one"), at.gateway("two"));
    let admin = one.connect().await.unwrap();
    catalog(&admin, "pg", &source).await;
    run(&admin, "CREATE USER ann PASSWORD 'x'; CREATE ROLE r; GRANT r TO ann").await;
    run(&admin, "GRANT USAGE ON CATALOG pg TO r; GRANT SELECT ON pg.public.t, pg.public.u TO r").await;
    let ann = two.endpoint.login("ann", "x").connect().await.unwrap();
    let may = async |sql: &str| ann.simple_query(sql).await.is_ok();
    let (t, u) = ("SELECT n FROM pg.public.t", "SELECT n FROM pg.public.u");
    eventually("it may", SOON, || async { may(t).await && may(u).await }).await;
    let prepared = ann.prepare(t).await.unwrap();
    ann.query(&prepared, &[]).await.unwrap();
    run(&admin, "REVOKE SELECT ON pg.public.t FROM r").await;
    eventually("it may not any more", SOON, || async { !may(t).await }).await;
    assert_eq!(refusal(ann.query(&prepared, &[]).await).0, "42501");
    assert!(may(u).await);
    // The copy, too, knows who may what.
    tokio::time::sleep(Duration::from_secs(6)).await;
    stop(&mut at.server).await;
    assert!(may(u).await && !may(t).await);
    drop(two);
    let two = at.gateway("two");
    let ann = two.endpoint.login("ann", "x").connect().await.unwrap();
    assert_eq!(rows(&ann, u).await, ["8"]);
    assert_eq!(refused(&ann, t).await.0, "42501");
    let root = two.connect().await.unwrap();
    assert_eq!(refused(&root, "GRANT SELECT ON pg.public.t TO r").await.0, "25006");
    at.server.restart().unwrap();
    eventually("changes are taken again", Duration::from_secs(30), || async {
        root.batch_execute("GRANT SELECT ON pg.public.t TO r").await.is_ok()
    })
    .await;
    assert_eq!(rows(&ann, t).await, ["7"]);
    run(&root, "DROP ROLE ann").await;
    assert_eq!(refused(&ann, u).await.0, "28000");
}

/// Catches: a superuser that is made anew because the first one has another name, and a role that loses its password at a restart.
async fn older() {
    let folder = tempfile::tempdir().unwrap();
    let start = || Weft::builder().data_dir(folder.path().join("data")).start().unwrap();
    let mut weft = start();
    let admin = weft.connect().await.unwrap();
    run(&admin, "CREATE USER root SUPERUSER PASSWORD 'x'").await;
    let root = weft.endpoint.login("root", "x").connect().await.unwrap();
    run(&root, "DROP ROLE weft").await;
    weft.stop().unwrap();
    let weft = start();
    assert_eq!(refusal(weft.endpoint.connect().await).0, "28P01");
    let root = weft.endpoint.login("root", "x").connect().await.unwrap();
    assert_eq!(rows(&root, "SELECT role_name FROM system.admin.roles").await, ["root"]);
}
