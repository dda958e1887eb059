//! Several gateways on one metastore in PostgreSQL: what one changes the others see, what is due runs once, and what one leaves another takes over.

use crate::scans::hurry;
use crate::{eventually, refusal, test};
use libtest_mimic::Trial;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio_postgres::Client;
use weft_testkit::process::Signal;
use weft_testkit::weft::Builder;
use weft_testkit::{Postgres, Weft};

pub fn trials() -> Vec<Trial> {
    vec![
        test("metastore::two_gateways_see_the_same", same),
        test("metastore::what_is_due_runs_once", once),
        test("metastore::what_was_missed_runs_once", missed),
        test("metastore::a_scan_is_taken_over", taken_over),
        test("metastore::the_password_is_not_shown", password),
        test("metastore::queries_go_on_while_it_is_away", away),
        test("metastore::changes_are_journalled_while_it_is_away", journalled),
    ]
}

/// Long enough for what is announced, and for what is only seen by looking.
const SOON: Duration = Duration::from_secs(15);

/// A metastore, and the master key that its gateways share.
struct Place {
    server: Postgres,
    folder: TempDir,
}

impl Place {
    fn new() -> Place {
        Place { server: Postgres::start().unwrap(), folder: tempfile::tempdir().unwrap() }
    }

    /// A gateway of its own data folder.
    fn gateway(&self, name: &str) -> Weft {
        self.builder(name).start().unwrap()
    }

    /// One that keeps changes while the metastore is away, four at most.
    fn keeper(&self, name: &str) -> Weft {
        let builder = self.builder(name).setting("metastore_writes", "journal");
        builder.setting("metastore_journal_entries", "4").start().unwrap()
    }

    fn builder(&self, name: &str) -> Builder {
        Weft::builder()
            .data_dir(self.folder.path().join(name))
            .setting("file_roots", self.folder.path().to_str().unwrap())
            .setting("metastore", &self.server.url())
            .setting("master_key_file", self.folder.path().join("master-key").to_str().unwrap())
    }
}

async fn rows(client: &Client, sql: &str) -> Vec<String> {
    use tokio_postgres::SimpleQueryMessage::Row;
    let messages = client.simple_query(sql).await.unwrap_or_else(|e| panic!("{sql}: {}", weft_testkit::Error::from(e)));
    let row = |row: tokio_postgres::SimpleQueryRow| {
        (0..row.len()).map(|i| row.get(i).unwrap_or("NULL").to_owned()).collect::<Vec<_>>().join("|")
    };
    messages.into_iter().filter_map(|message| if let Row(r) = message { Some(row(r)) } else { None }).collect()
}

async fn run(client: &Client, sql: &str) {
    client.batch_execute(sql).await.unwrap_or_else(|e| panic!("{sql}: {}", weft_testkit::Error::from(e)));
}

async fn catalog(client: &Client, name: &str, source: &Postgres) {
    let at = &source.endpoint;
    let options = format!(
        "host '{}', port '{}', database '{}', user '{}', password '{}'",
        at.host, at.port, at.database, at.user, at.password
    );
    run(client, &format!("CREATE CATALOG {name} USING postgres OPTIONS ({options})")).await;
}

/// Catches: a catalog that only the gateway knows on which it was created, a lost update, and gateways that start together and create two superusers.
async fn same() {
    let at = Place::new();
    let (one, two) = std::thread::scope(|scope| {
        let other = scope.spawn(|| at.gateway("two"));
        (at.gateway("one"), other.join().unwrap())
    });
    let (a, b) = (one.connect().await.unwrap(), two.connect().await.unwrap());
    assert_eq!(rows(&a, "SELECT count(*) FROM system.admin.roles").await, ["1"]);
    assert_eq!(rows(&a, "SELECT count(*) FROM system.runtime.gateways").await, ["2"]);
    let source = Postgres::start().unwrap();
    run(&source.connect().await.unwrap(), "CREATE TABLE t AS SELECT 7 AS n").await;
    catalog(&a, "pg", &source).await;
    let sees = async |client: &Client, sql: &str| client.simple_query(sql).await.is_ok();
    eventually("the other sees it", SOON, || async { sees(&b, "SELECT n FROM pg.public.t").await }).await;
    assert_eq!(rows(&b, "SELECT n FROM pg.public.t").await, ["7"]);
    run(&b, "ALTER CATALOG pg RENAME TO other").await;
    eventually("the first sees the name", SOON, || async { sees(&a, "SELECT n FROM other.public.t").await }).await;
    assert_eq!(refusal(a.batch_execute("SELECT n FROM pg.public.t").await).0, "3D000");
    // Both at once: one of them is told, or sees what the other has done. Nothing is lost.
    let both = tokio::join!(
        a.batch_execute("ALTER CATALOG other RENAME TO x"),
        b.batch_execute("ALTER CATALOG other RENAME TO y")
    );
    let refused: Vec<_> = [both.0, both.1].into_iter().filter(Result::is_err).map(refusal).collect();
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert!(["55006", "3D000"].contains(&refused[0].0.as_str()), "{refused:?}");
    let names =
        "SELECT string_agg(catalog_name, ' ') FROM system.metadata.catalogs WHERE catalog_name IN ('x', 'y', 'other')";
    eventually("they agree", SOON, || async {
        let (a, b) = (rows(&a, names).await, rows(&b, names).await);
        a == b && (a == ["x"] || a == ["y"])
    })
    .await;
    let name = rows(&a, names).await.remove(0);
    run(&a, &format!("DROP CATALOG {name}")).await;
    eventually("it is gone", SOON, || async { rows(&b, names).await == ["NULL"] }).await;
    // Created, renamed twice, dropped: each is a version of the definitions.
    let versions = "SELECT count(*), count(DISTINCT version) FROM system.metadata.versions WHERE part = 'catalogs' AND version LIKE '%.0'";
    assert_eq!(rows(&b, versions).await, ["4|4"]);
    let newest = "SELECT object_name, changed_by FROM system.metadata.versions WHERE part = 'catalogs' ORDER BY changed_at DESC LIMIT 1";
    assert_eq!(rows(&b, newest).await, [format!("{name}|weft")]);
}

/// Catches: a time that was missed while no gateway ran and is never made up for, or is once for every time that was missed.
async fn missed() {
    let at = Place::new();
    let source = Postgres::start().unwrap();
    run(&source.connect().await.unwrap(), "CREATE TABLE t (a int)").await;
    let mut weft = at.gateway("one");
    let client = weft.connect().await.unwrap();
    catalog(&client, "pg", &source).await;
    run(&client, "CREATE SCHEDULE daily CRON '0 3 * * *' DO SCAN CATALOG pg LEVEL 1").await;
    weft.stop().unwrap();
    let days_ago = "UPDATE manager.schedules SET next_run_at = now() - interval '3 days' WHERE name = 'daily'";
    run(&at.server.connect().await.unwrap(), days_ago).await;
    let weft = at.gateway("one");
    let client = weft.connect().await.unwrap();
    let runs = "SELECT count(*) FROM system.history.jobs";
    eventually("it is made up for", SOON, || async { rows(&client, runs).await == ["1"] }).await;
    tokio::time::sleep(Duration::from_secs(7)).await;
    assert_eq!(rows(&client, runs).await, ["1"]);
    let next = "SELECT next_run_at > now(), last_outcome FROM system.admin.schedules WHERE schedule_name = 'daily'";
    assert_eq!(rows(&client, next).await, ["t|succeeded"]);
}

/// Catches: a schedule that runs on both gateways.
async fn once() {
    let at = Place::new();
    let (one, two) = (at.gateway("one"), at.gateway("two"));
    let (a, b) = (one.connect().await.unwrap(), two.connect().await.unwrap());
    let source = Postgres::start().unwrap();
    run(&source.connect().await.unwrap(), "CREATE TABLE t (a int)").await;
    catalog(&a, "pg", &source).await;
    eventually("the other sees it", SOON, || async { b.simple_query("SELECT a FROM pg.public.t").await.is_ok() }).await;
    run(&a, "CREATE SCHEDULE often CRON '0 3 * * *' DO SCAN CATALOG pg LEVEL 1").await;
    hurry(&at.server, "often", "*/2").await;
    tokio::time::sleep(Duration::from_secs(12)).await;
    run(&b, "PAUSE SCHEDULE often").await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    let per_time = "SELECT count(*) FROM system.history.jobs \
                    GROUP BY floor(extract(epoch FROM created_at) / 2) ORDER BY 1 DESC";
    let per_time = rows(&b, per_time).await;
    assert!(per_time.len() >= 3 && per_time.iter().all(|n| n == "1"), "{per_time:?}");
    assert_eq!(rows(&a, "SELECT count(*) FROM system.history.jobs WHERE state <> 'succeeded'").await, ["0"]);
}

/// Catches: a job of a gateway that was killed and runs for ever, that nobody or everybody takes over, or half of whose finds are in force.
async fn taken_over() {
    let at = Place::new();
    let source = Postgres::start().unwrap();
    let (direct, locker) = (source.connect().await.unwrap(), source.connect().await.unwrap());
    run(&direct, "CREATE TABLE t (a int PRIMARY KEY)").await;
    let (mut one, two, three) = (at.gateway("one"), at.gateway("two"), at.gateway("three"));
    let (a, b) = (one.connect().await.unwrap(), two.connect().await.unwrap());
    catalog(&a, "pg", &source).await;
    run(&locker, "BEGIN; LOCK TABLE pg_catalog.pg_constraint IN ACCESS EXCLUSIVE MODE").await;
    rows(&a, "SCAN CATALOG pg WITH (detached)").await;
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'weft'";
    let waiting = async || direct.query_one(waiting, &[]).await.unwrap().get::<_, i64>(0);
    eventually("the scan waits", SOON, || async { waiting().await >= 1 }).await;
    one.kill().unwrap();
    run(&locker, "ROLLBACK").await;
    let states = "SELECT state FROM system.history.jobs ORDER BY created_at";
    assert_eq!(rows(&b, states).await, ["running"]);
    eventually("it was taken over", Duration::from_secs(60), || async {
        rows(&b, states).await == ["interrupted", "succeeded"]
    })
    .await;
    let again = "SELECT count(*) FROM system.history.jobs a JOIN system.history.jobs b ON b.retried_of = a.job_id \
                 WHERE a.gateway_id <> b.gateway_id AND a.statement = b.statement";
    assert_eq!(rows(&b, again).await, ["1"]);
    assert_eq!(rows(&b, "SELECT count(*) FROM system.metadata.constraints").await, ["1"]);
    drop(three);
}

/// Catches: the metastore's password in an answer, a log, or what the program prints.
async fn password() {
    let at = Place::new();
    let weft = at.gateway("one");
    let client = weft.connect().await.unwrap();
    let shown = rows(&client, "SELECT value FROM system.admin.settings WHERE setting_name = 'metastore'").await;
    assert_eq!(shown, [format!("postgres://app:***@127.0.0.1:{}/postgres", at.server.port())]);
    assert!(!weft.log().contains(":secret@"));
}

/// Stops the server without ending its sessions as it should, or starts it on the same port again.
async fn stop(server: &mut Postgres) {
    server.process().signal(Signal::INT).unwrap();
    server.process().wait(Duration::from_secs(30)).unwrap();
}

/// Catches: a gateway that cannot answer, be logged in to or start without its metastore, a change that is lost, and one that never comes back.
async fn away() {
    let mut at = Place::new();
    let source = Postgres::start().unwrap();
    run(&source.connect().await.unwrap(), "CREATE TABLE t AS SELECT 7 AS n").await;
    let files = at.folder.path().join("files");
    std::fs::create_dir(&files).unwrap();
    std::fs::write(files.join("f.csv"), "a\n1\n").unwrap();
    let mut weft = at.gateway("one");
    let client = weft.connect().await.unwrap();
    catalog(&client, "pg", &source).await;
    run(&client, &format!("CREATE CATALOG f USING file OPTIONS (path '{}')", files.display())).await;
    run(&client, "SCAN CATALOG pg").await;
    let health = "SELECT state FROM system.runtime.health WHERE catalog_name = '(metastore)'";
    assert_eq!(rows(&client, health).await, ["healthy"]);
    let copy = at.folder.path().join("one/replica.db");
    assert_eq!(std::fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    // What was changed last is in the copy, too.
    tokio::time::sleep(Duration::from_secs(6)).await;
    // A job that ends meanwhile.
    let locker = source.connect().await.unwrap();
    run(&locker, "BEGIN; LOCK TABLE pg_catalog.pg_constraint IN ACCESS EXCLUSIVE MODE").await;
    let id = rows(&client, "SCAN CATALOG pg WITH (detached)").await[0].split('|').next().unwrap().to_owned();
    stop(&mut at.server).await;
    run(&locker, "ROLLBACK").await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    at.server.restart().unwrap();
    let state = format!("SELECT state FROM system.history.jobs WHERE job_id = '{id}'");
    let ended = async || rows(&client, &state).await.concat();
    eventually("its end is stored", Duration::from_secs(30), || async {
        ["failed", "succeeded"].contains(&ended().await.as_str())
    })
    .await;
    run(&client, "SCAN CATALOG pg").await;
    tokio::time::sleep(Duration::from_secs(6)).await;
    stop(&mut at.server).await;

    let works = async |weft: &Weft| {
        let started = Instant::now();
        let client = weft.connect().await.unwrap();
        assert_eq!(rows(&client, "SELECT n FROM pg.public.t").await, ["7"]);
        assert_eq!(rows(&client, "SELECT a FROM f.public.f").await, ["1"]);
        let catalogs = "SELECT count(*) FROM system.metadata.catalogs WHERE catalog_name IN ('pg', 'f')";
        assert_eq!(rows(&client, catalogs).await, ["2"]);
        assert_eq!(rows(&client, "SELECT table_name FROM search('t')").await, ["t"]);
        assert_eq!(rows(&client, health).await, ["degraded"]);
        let (state, message) = refusal(client.batch_execute("DROP CATALOG f").await);
        assert_eq!(
            (state.as_str(), message.as_str()),
            ("25006", "nothing can be changed while the metadata store is away")
        );
        assert!(started.elapsed() < Duration::from_secs(12), "{:?}", started.elapsed());
        client
    };
    works(&weft).await;
    // A gateway that starts now has the copy only.
    weft.stop().unwrap();
    let weft = at.gateway("one");
    let client = works(&weft).await;

    at.server.restart().unwrap();
    eventually("it is back", Duration::from_secs(30), || async { rows(&client, health).await == ["healthy"] }).await;
    run(&client, "DROP CATALOG f").await;
    run(&client, "SCAN CATALOG pg").await;
    let running = "SELECT count(*) FROM system.history.jobs WHERE state IN ('running', 'interrupted')";
    assert_eq!(rows(&client, running).await, ["0"]);
    eventually("others know of it", Duration::from_secs(20), || async {
        rows(&client, "SELECT count(*) FROM system.runtime.gateways WHERE seen_at > now() - interval '10 seconds'")
            .await
            == ["1"]
    })
    .await;
}

/// The files of the journal.
fn journal_files(folder: &Path) -> Vec<PathBuf> {
    let all = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    all.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with("journal.db")).collect()
}

/// Catches: a change that was acknowledged and is lost with a restart, is in force too early, is made twice after a crash, overwrites what another gateway
/// has done, or shows a password; and one that is kept although nobody asked for that.
async fn journalled() {
    let mut at = Place::new();
    let files = at.folder.path().join("files");
    std::fs::create_dir(&files).unwrap();
    std::fs::write(files.join("f.csv"), "a\n1\n").unwrap();
    let create = |name: &str| format!("CREATE CATALOG {name} USING file OPTIONS (path '{}')", files.display());
    let mut one = at.keeper("one");
    let client = one.connect().await.unwrap();
    run(&client, &create("f")).await;
    let health = "SELECT state FROM system.runtime.health WHERE catalog_name = '(metastore)'";
    let trouble = "SELECT last_error FROM system.runtime.health WHERE catalog_name = '(metastore)'";
    let states = "SELECT state FROM system.runtime.journal ORDER BY journalled_at";
    // What was changed last is in the copy, too.
    tokio::time::sleep(Duration::from_secs(6)).await;
    stop(&mut at.server).await;
    eventually("it is seen to be away", SOON, || async { rows(&client, health).await == ["degraded"] }).await;

    // What the copy knows to be wrong is wrong.
    for (sql, state) in [
        (create("f").as_str(), "42P04"),
        ("DROP SECRET none", "42704"),
        ("ALTER CATALOG none DISABLE", "3D000"),
        ("CREATE CATALOG x USING file OPTIONS (pth 'y')", "22023"),
        // No change of definitions.
        ("SCAN CATALOG f", "25006"),
        ("ALTER SYSTEM ROTATE ENCRYPTION KEY", "25006"),
    ] {
        assert_eq!(refusal(client.batch_execute(sql).await).0, state, "{sql}");
    }
    let told = one.psql(&["-c", &create("g")]).unwrap();
    assert!(
        told.stderr.contains("NOTICE:  the metadata store is away: the statement is journalled"),
        "{}",
        told.stderr
    );
    run(&client, "CREATE SECRET s (TYPE postgres, \"user\" 'app', password 'gEhEiM-journal')").await;
    run(&client, &create("taken")).await;
    run(&client, "ALTER CATALOG f DISABLE").await;
    let (state, message) = refusal(client.batch_execute("DROP CATALOG f").await);
    assert_eq!((state.as_str(), message.as_str()), ("53400", "the journal has 4 statements that wait"));
    // None is in force.
    assert_eq!(refusal(client.batch_execute("SELECT a FROM g.public.f").await).0, "3D000");
    assert_eq!(rows(&client, "SELECT a FROM f.public.f").await, ["1"]);
    let shown = rows(&client, "SHOW JOURNAL").await.concat();
    assert!(shown.contains("password '***'") && !shown.contains("gEhEiM"), "{shown}");
    assert!(rows(&client, trouble).await.concat().contains("changes are journalled; 4 journalled statements wait"));
    one.stop().unwrap();
    for file in journal_files(&at.folder.path().join("one")) {
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{}", file.display());
        assert!(!String::from_utf8_lossy(&std::fs::read(&file).unwrap()).contains("gEhEiM"), "{}", file.display());
    }
    assert!(!one.log().contains("gEhEiM"));

    // It is still there after a restart.
    let mut one = at.keeper("one");
    let client = one.connect().await.unwrap();
    assert_eq!(rows(&client, states).await, ["pending"; 4]);
    drop(client);
    one.stop().unwrap();
    let kept: Vec<_> = journal_files(&at.folder.path().join("one"))
        .into_iter()
        .map(|f| (f.clone(), std::fs::read(f).unwrap()))
        .collect();
    at.server.restart().unwrap();

    // Another gateway was faster.
    let two = at.gateway("two");
    let other = two.connect().await.unwrap();
    run(&other, &create("taken")).await;
    run(&other, "ALTER CATALOG f SET (manage = 'all')").await;
    let mut one = at.keeper("one");
    let client = one.connect().await.unwrap();
    let ended = ["applied", "applied", "conflict", "conflict"];
    eventually("all was tried", Duration::from_secs(30), || async { rows(&client, states).await == ended }).await;
    assert_eq!(rows(&client, "SELECT a FROM g.public.f").await, ["1"]);
    assert_eq!(rows(&client, "SELECT secret_name FROM system.admin.secrets").await, ["s"]);
    assert_eq!(rows(&client, "SELECT a FROM f.public.f").await, ["1"]);
    let errors =
        rows(&client, "SELECT error FROM system.runtime.journal WHERE error IS NOT NULL ORDER BY journalled_at").await;
    assert!(errors[0].starts_with("42P04: catalog \"taken\" already exists"), "{errors:?}");
    assert!(errors[1].starts_with("55000: \"f\" was changed by weft since"), "{errors:?}");
    assert_eq!(rows(&client, trouble).await, ["2 journalled statements are in conflict"]);
    // Each change is marked in its own transaction.
    let marked = "SELECT count(*) FROM system.journalled JOIN system.versions USING (number) WHERE (part, object) IN (('catalogs', 'g'), ('secrets', 's'))";
    assert_eq!(rows(&at.server.connect().await.unwrap(), marked).await, ["2"]);
    eventually("the other sees it", SOON, || async { other.simple_query("SELECT a FROM g.public.f").await.is_ok() })
        .await;
    run(&other, "DROP CATALOG g").await;
    drop(client);
    one.stop().unwrap();

    // A crash after the changes and before they were noted as made: none is made again.
    for file in journal_files(&at.folder.path().join("one")) {
        std::fs::remove_file(file).unwrap();
    }
    for (file, bytes) in kept {
        std::fs::write(file, bytes).unwrap();
    }
    let one = at.keeper("one");
    let client = one.connect().await.unwrap();
    eventually("all was looked at", Duration::from_secs(30), || async { rows(&client, states).await == ended }).await;
    assert_eq!(rows(&client, "SELECT count(*) FROM system.metadata.catalogs WHERE catalog_name = 'g'").await, ["0"]);
}
