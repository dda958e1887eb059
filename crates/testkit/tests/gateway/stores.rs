//! Catalogs of objects with a backup store: which of the two is read when the first falls silent, and what is told of it.

use crate::{eventually, refusal, test};
use libtest_mimic::Trial;
use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio_postgres::{AsyncMessage, Client, NoTls, SimpleQueryMessage};
use weft_testkit::redis::Redis;
use weft_testkit::relay::Relay;
use weft_testkit::seaweed::{KEY, READER_KEY, READER_SECRET, SECRET, SHARED, Seaweed};
use weft_testkit::weft::Builder;
use weft_testkit::{Weft, Worker};

pub fn trials() -> Vec<Trial> {
    vec![
        test("stores::a_silent_store_costs_no_query", silent),
        test("stores::a_killed_store_costs_no_query", killed),
        test("stores::a_silent_store_is_left_before_its_requests_end", patient),
        test("stores::if_both_are_away_the_first_is_told", both_away),
        test("stores::a_backup_is_checked_and_changed", options),
        test("stores::a_backup_is_not_scanned", scans),
        test("stores::workers_read_the_store_that_serves", workers),
    ]
}

const LIMIT: Duration = Duration::from_secs(20);

/// Two servers with the bucket `lake`, of which the first is behind a relay. `t` is the same in both; `p` and `q` tell which one they are from.
struct Stores {
    primary: Seaweed,
    backup: Seaweed,
    relay: Relay,
}

impl Stores {
    async fn start() -> Stores {
        let (primary, backup) = (Seaweed::start().unwrap(), Seaweed::start().unwrap());
        for (server, mark) in [(&primary, "1"), (&backup, "22")] {
            server.create_bucket("lake").unwrap();
            server.put("lake", "t.csv", "a,b\n1,x\n2,y\n3,z\n").unwrap();
            for name in ["p", "q"] {
                server.put("lake", &format!("{name}.csv"), format!("mark\n{mark}\n")).unwrap();
            }
        }
        let relay = Relay::to(primary.port).await.unwrap();
        Stores { primary, backup, relay }
    }

    /// `OPTIONS (…)` of the first store alone.
    fn alone(&self) -> String {
        let endpoint = format!("http://127.0.0.1:{}", self.relay.port);
        format!("bucket 'lake', endpoint '{endpoint}', allow_http 'true', key_id '{KEY}', secret '{SECRET}'")
    }

    /// The options of the other one.
    fn spare(&self) -> String {
        let endpoint = self.backup.endpoint();
        format!(
            "backup_endpoint '{endpoint}', backup_allow_http 'true', backup_key_id '{KEY}', backup_secret '{SECRET}'"
        )
    }

    fn create(&self, with: &str) -> String {
        format!("CREATE CATALOG c USING s3 OPTIONS ({}, {}) WITH ({with})", self.alone(), self.spare())
    }
}

/// Requests that are given up soon.
const HASTY: &str = "connect_timeout = '500ms', request_timeout = '1s', max_retries = 0, health_interval = '1s'";

fn settings() -> Builder {
    Weft::builder().setting("health_timeout", "1s").setting("listing_timeout", "1s")
}

/// A client that keeps what it is told beside answers.
struct Listening {
    client: Client,
    notices: Arc<Mutex<Vec<String>>>,
}

impl Listening {
    async fn to(weft: &Weft) -> Listening {
        let (client, mut connection) = weft.endpoint.config().connect(NoTls).await.unwrap();
        let notices = Arc::new(Mutex::new(Vec::new()));
        let kept = notices.clone();
        tokio::spawn(async move {
            while let Some(Ok(message)) = poll_fn(|cx| connection.poll_message(cx)).await {
                if let AsyncMessage::Notice(n) = message {
                    let text = format!("{} {} {}", n.severity(), n.code().code(), n.message());
                    kept.lock().unwrap().push(text);
                }
            }
        });
        Listening { client, notices }
    }

    /// What it was told since it was asked last.
    fn told(&self) -> Vec<String> {
        std::mem::take(&mut *self.notices.lock().unwrap())
    }
}

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

const POOL: &str =
    "SELECT role, state, serving, failovers FROM system.runtime.pools WHERE catalog_name = 'c' ORDER BY role DESC";

async fn pool(client: &Client) -> Vec<String> {
    texts(client, POOL).await
}

/// One value of each of two tables, which must be of one store.
const MARKS: &str = "SELECT p.mark, q.mark FROM c.public.p CROSS JOIN c.public.q";

/// Catches: a query that fails while there is a store that could answer it, one that is answered by both, a client that is not told, and reads that never come back.
async fn silent() {
    let mut stores = Stores::start().await;
    let weft = settings().setting("metadata_ttl", "1s").start().unwrap();
    let listening = Listening::to(&weft).await;
    let client = &listening.client;
    run(client, &stores.create(HASTY)).await;
    assert_eq!(pool(client).await, ["primary healthy t 0", "backup healthy f 0"]);
    let prepared = client.prepare("SELECT b FROM c.public.t WHERE a = $1").await.unwrap();
    let query = async || {
        let marks = texts(client, MARKS).await;
        let row = client.query_one(&prepared, &[&2_i64]).await.unwrap();
        assert_eq!(row.get::<_, String>(0), "y");
        assert_eq!(texts(client, "SELECT sum(a) FROM c.public.t").await, ["6"]);
        let marks = marks.concat();
        assert!(["1 1", "22 22"].contains(&marks.as_str()), "of one store: {marks}");
        marks
    };
    for _ in 0..5 {
        assert_eq!(query().await, "1 1");
    }
    assert_eq!(listening.told(), Vec::<String>::new());
    let plan = texts(client, &format!("EXPLAIN {MARKS}")).await.join("\n");
    assert!(plan.contains("Catalog \"c\" is read from its primary store http://127.0.0.1:"), "{plan}");

    for round in 1..=2 {
        stores.relay.cut().await.unwrap();
        let cut = Instant::now();
        let first = query().await;
        println!("the first three queries took {:?} and were answered {first}", cut.elapsed());
        for _ in 0..20 {
            assert_eq!(query().await, "22 22");
        }
        assert_eq!(
            pool(client).await,
            [format!("primary unhealthy f {}", round - 1), format!("backup healthy t {round}")]
        );
        let told = listening.told();
        assert!(told.len() >= 60, "one for each statement that read: {told:?}");
        let warning =
            "WARNING 01000 catalog \"c\" is read from its backup store: the primary store is unhealthy since ";
        assert!(told.iter().all(|told| told.starts_with(warning)), "{told:?}");
        let plan = texts(client, &format!("EXPLAIN {MARKS}")).await.join("\n");
        let note = format!(
            "Catalog \"c\" is read from its backup store {}/lake, because the primary",
            stores.backup.endpoint()
        );
        assert!(plan.contains(&note), "{plan}");
        let health = "SELECT state, last_error FROM system.runtime.health WHERE catalog_name = 'c'";
        eventually("its health tells", LIMIT, || async {
            texts(client, health).await.concat().starts_with("degraded catalog \"c\"")
        })
        .await;
        assert_eq!(texts(client, "SHOW POOLS").await.len(), 2);

        stores.relay.mend().unwrap();
        let back = eventually("reads come back", LIMIT, || async { query().await == "1 1" }).await;
        println!("reads came back after {back:?}");
        // Two checks, a second and a tenth apart at most, one that may have been under way, and a machine that does other things.
        assert!(back < Duration::from_secs(8), "{back:?}");
        assert_eq!(pool(client).await, [format!("primary healthy t {round}"), format!("backup healthy f {round}")]);
        listening.told();
        assert_eq!(query().await, "1 1");
        assert_eq!(listening.told(), Vec::<String>::new());
    }
}

/// Catches: a query among many that fails, or reads both stores, when the first one is killed.
async fn killed() {
    let mut stores = Stores::start().await;
    let weft = settings().setting("metadata_ttl", "200ms").start().unwrap();
    let client = weft.connect().await.unwrap();
    run(&client, &stores.create(HASTY)).await;
    let ended = Instant::now() + Duration::from_secs(4);
    let mut clients = Vec::new();
    for _ in 0..4 {
        let client = weft.connect().await.unwrap();
        clients.push(tokio::spawn(async move {
            let mut seen = Vec::new();
            while Instant::now() < ended {
                seen.push(texts(&client, MARKS).await.concat());
            }
            seen
        }));
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    stores.primary.process().kill().unwrap();
    for client in clients {
        let mut seen = client.await.unwrap();
        let all = seen.len();
        seen.dedup();
        assert_eq!(seen, ["1 1", "22 22"], "{all} queries");
    }
    assert_eq!(pool(&client).await, ["primary unhealthy f 0", "backup healthy t 1"]);
}

/// Catches: a statement that waits for a silent store as long as its requests may take, though checks know better.
async fn patient() {
    let mut stores = Stores::start().await;
    let weft = settings().setting("metadata_ttl", "60s").start().unwrap();
    let client = weft.connect().await.unwrap();
    run(&client, &stores.create("request_timeout = '60s', health_interval = '5min'")).await;
    assert_eq!(texts(&client, MARKS).await, ["1 1"]);
    stores.relay.cut().await.unwrap();
    let cut = Instant::now();
    assert_eq!(texts(&client, MARKS).await, ["22 22"]);
    println!("answered after {:?}", cut.elapsed());
    assert!(cut.elapsed() < Duration::from_secs(15), "{:?}", cut.elapsed());
    stores.relay.mend().unwrap();
    for _ in 0..3 {
        assert_eq!(texts(&client, "CHECK CATALOG c").await.len(), 2);
    }
    assert_eq!(
        pool(&client).await,
        ["primary unhealthy f 0", "backup healthy t 1"],
        "good checks in a row count at intervals"
    );
}

/// Catches: an error about the backup alone, or none in time.
async fn both_away() {
    // What was listed just now is not asked for again; what is older is, of one store after the other.
    for pause in [Duration::ZERO, Duration::from_millis(300)] {
        both_away_after(pause).await;
    }
}

async fn both_away_after(pause: Duration) {
    let mut stores = Stores::start().await;
    let weft = settings().setting("metadata_ttl", "100ms").start().unwrap();
    let client = weft.connect().await.unwrap();
    run(&client, &stores.create(HASTY)).await;
    assert_eq!(texts(&client, MARKS).await, ["1 1"]);
    stores.backup.process().kill().unwrap();
    assert_eq!(texts(&client, MARKS).await, ["1 1"]);
    tokio::time::sleep(pause).await;
    stores.relay.cut().await.unwrap();
    let cut = Instant::now();
    let (state, message) = refusal(client.simple_query(MARKS).await);
    assert_eq!((state.as_str(), message.as_str()), ("08001", "catalog \"c\" cannot be reached"));
    println!("refused after {:?}", cut.elapsed());
    assert!(cut.elapsed() < Duration::from_secs(10), "{:?}", cut.elapsed());
    let unhealthy = || async {
        let states = texts(&client, "SELECT role, state, serving FROM system.runtime.pools ORDER BY role DESC").await;
        states == ["primary unhealthy t", "backup unhealthy f"]
    };
    eventually("both are known to be away", LIMIT, unhealthy).await;
    stores.relay.mend().unwrap();
    assert_eq!(texts(&client, MARKS).await, ["1 1"], "the first is tried");
}

/// Catches: a backup that is found to be of no use when it is needed, one that cannot be changed, and a key that is told.
async fn options() {
    let stores = Stores::start().await;
    stores.backup.create_bucket(SHARED).unwrap();
    let weft = settings().start().unwrap();
    let listening = Listening::to(&weft).await;
    let client = &listening.client;
    let create = |options: &str| format!("CREATE CATALOG c USING s3 OPTIONS ({}, {options})", stores.alone());
    let nobody = format!("http://127.0.0.1:{}", weft_testkit::port::free());
    let endpoint = stores.backup.endpoint();
    let keys = format!("backup_key_id '{KEY}', backup_secret '{SECRET}'");
    let mut seen = Vec::new();
    for (options, state, message) in [
        (keys.clone(), "22023", "option backup_key_id must be given together with backup_endpoint or backup_bucket"),
        (
            format!("backup_endpoint '{endpoint}', {keys}"),
            "22023",
            "option backup_endpoint must be https://, unless backup_allow_http is true",
        ),
        (
            format!("backup_endpoint 'http://127.0.0.1:{}', backup_allow_http 'true'", stores.relay.port),
            "22023",
            "option backup_bucket must be another place than that which it is the backup of",
        ),
        (stores.spare().replace(SECRET, "wrong"), "42501", "backup bucket \"lake\" of catalog \"c\" may not be read"),
        (
            format!("{}, backup_bucket 'none'", stores.spare()),
            "58P01",
            "backup bucket \"none\" of catalog \"c\" does not exist",
        ),
        (
            stores.spare().replace(KEY, READER_KEY).replace(SECRET, READER_SECRET),
            "42501",
            "backup bucket \"lake\" of catalog \"c\" may not be read",
        ),
    ] {
        let error = client.batch_execute(&create(&options)).await.unwrap_err();
        seen.push(format!("{error:?}"));
        assert_eq!(refusal(Err::<(), _>(error)), (state.to_owned(), message.to_owned()), "{options}");
    }
    // One that is away is told, and taken.
    run(client, &create(&format!("backup_endpoint '{nobody}', backup_allow_http 'true', {keys}"))).await;
    let told = listening.told().concat();
    assert!(
        told.starts_with("WARNING 01000 the backup store of catalog \"c\" cannot be reached: 127.0.0.1:"),
        "{told}"
    );
    assert_eq!(pool(client).await, ["primary healthy t 0", "backup unhealthy f 0"]);
    let alter = format!("ALTER CATALOG c OPTIONS (SET backup_endpoint '{endpoint}')");
    run(client, &alter).await;
    assert_eq!(pool(client).await, ["primary healthy t 0", "backup healthy f 0"]);
    assert_eq!(listening.told(), Vec::<String>::new());
    let wrong = client.batch_execute("ALTER CATALOG c OPTIONS (SET backup_secret 'wrong')").await;
    assert_eq!(refusal(wrong).0, "42501");
    run(client, "ALTER CATALOG c SET (fail_over_after = 5, health_interval = '2s')").await;
    assert_eq!(texts(client, "CHECK CATALOG c").await.len(), 2);
    assert_eq!(refusal(client.batch_execute("ALTER CATALOG c SET (fail_back_after = 0)").await).0, "22023");
    let shown = texts(client, "SHOW CREATE CATALOG c").await.concat();
    assert!(shown.contains("backup_secret '***'") && shown.contains(&format!("backup_key_id '{KEY}'")), "{shown}");
    let address = "SELECT address FROM system.runtime.pools WHERE role = 'backup'";
    assert_eq!(texts(client, address).await, [format!("{endpoint}/lake")]);
    seen.extend([shown, texts(client, "SELECT * FROM system.runtime.pools").await.concat()]);
    let drop = "ALTER CATALOG c OPTIONS (DROP backup_endpoint, DROP backup_allow_http, DROP backup_key_id, DROP backup_secret)";
    run(client, drop).await;
    assert_eq!(pool(client).await, ["primary healthy t 0"]);
    assert_eq!(texts(client, MARKS).await, ["1 1"]);
    seen.push(weft.log());
    for text in seen {
        assert!(!text.contains(SECRET) && !text.contains(READER_SECRET), "{text}");
    }
}

/// Catches: tables that are recorded as dropped because the backup does not have them.
async fn scans() {
    let mut stores = Stores::start().await;
    stores.primary.put("lake", "new.csv", "a\n1\n").unwrap();
    let weft = settings().setting("metadata_ttl", "100ms").start().unwrap();
    let client = weft.connect().await.unwrap();
    run(&client, &stores.create(HASTY)).await;
    run(&client, "SCAN CATALOG c LEVEL 2").await;
    stores.relay.cut().await.unwrap();
    assert_eq!(texts(&client, MARKS).await, ["22 22"]);
    let error = client.batch_execute("SCAN CATALOG c LEVEL 2").await.unwrap_err();
    assert!(
        error.as_db_error().and_then(|e| e.detail()).is_some_and(|d| d.starts_with("Reason: the primary store")),
        "{error:?}"
    );
    let (state, message) = refusal(Err::<(), _>(error));
    assert_eq!(state, "55000");
    assert_eq!(message, "catalog \"c\" is read from its backup store, which is not scanned");
    let changes = "SELECT count(*) FROM system.metadata.changes WHERE catalog_name = 'c' AND change = 'removed'";
    assert_eq!(texts(&client, changes).await, ["0"]);
    // What the backup has not is told as it is.
    assert_eq!(refusal(client.simple_query("SELECT * FROM c.public.new").await).0, "42P01");
    stores.relay.mend().unwrap();
    eventually("reads come back", LIMIT, || async { texts(&client, MARKS).await == ["1 1"] }).await;
    run(&client, "SCAN CATALOG c LEVEL 2").await;
    assert_eq!(texts(&client, "SELECT a FROM c.public.new").await, ["1"]);
}

/// Catches: a worker that is sent to the store that is away.
async fn workers() {
    let mut stores = Stores::start().await;
    let redis = Redis::start().unwrap();
    let weft = settings().setting("redis", &redis.url()).setting("worker_fallback", "refused").start().unwrap();
    let client = weft.connect().await.unwrap();
    let _worker = Worker::builder()
        .setting("worker_id", "w1")
        .setting("redis", &redis.url())
        .setting("worker_key_file", weft.data_dir().join("worker-key").to_str().unwrap())
        .start()
        .unwrap();
    let workers = "SELECT state FROM system.runtime.workers WHERE worker_id = 'w1'";
    eventually("the worker is there", LIMIT, || async { texts(&client, workers).await == ["active"] }).await;
    run(&client, &stores.create(HASTY)).await;
    assert_eq!(texts(&client, MARKS).await, ["1 1"]);
    stores.relay.cut().await.unwrap();
    assert_eq!(texts(&client, MARKS).await, ["22 22"]);
    // Looks into objects are the gateway's.
    let tasks = "SELECT DISTINCT worker_id FROM system.runtime.tasks WHERE state = 'finished' AND files > 0";
    assert_eq!(texts(&client, tasks).await, ["w1"]);
}
