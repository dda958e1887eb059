//! Scans of files and objects: what a listing tells, what the rule has them read, and that nothing is read again that has not changed.

use crate::files::reads;
use crate::scans::{rows, run};
use crate::test;
use libtest_mimic::Trial;
use std::fs::File;
use std::path::Path;
use std::time::{Duration, SystemTime};
use tokio_postgres::Client;
use weft_testkit::seaweed::{KEY, SECRET, Seaweed};
use weft_testkit::{Weft, Witness, data};

pub fn trials() -> Vec<Trial> {
    vec![
        test("deep_scans::a_listing_is_enough_for_level_1", shallow),
        test("deep_scans::what_has_not_changed_is_not_read_again", incremental),
        test("deep_scans::size_and_age_decide_what_is_read", rule),
        test("deep_scans::files_are_not_opened_again", disk),
    ]
}

async fn mount(client: &Client, name: &str, folder: &Path) {
    run(client, &format!("CREATE CATALOG {name} USING file OPTIONS (path '{}')", folder.display())).await;
}

fn bucket(name: &str, port: u16) -> String {
    format!(
        "CREATE CATALOG {name} USING s3 OPTIONS (bucket 'lake', endpoint 'http://127.0.0.1:{port}', allow_http 'true', key_id '{KEY}', secret '{SECRET}')"
    )
}

/// Requests for objects; those for the bucket are listings.
fn objects(asked: &[String]) -> Vec<String> {
    let path =
        |line: &String| line.split(' ').nth(1).unwrap_or_default().split('?').next().unwrap_or_default().to_owned();
    asked.iter().map(path).filter(|path| !path.trim_start_matches("/lake").trim_matches('/').is_empty()).collect()
}

fn fill(server: &Seaweed) -> Vec<(&'static str, Vec<u8>)> {
    server.create_bucket("lake").unwrap();
    let files = data::tpch("0.001").unwrap();
    let parquet = |table: &str| std::fs::read(files.join(format!("{table}.parquet"))).unwrap();
    let objects = vec![
        ("shop/nation.parquet", parquet("nation")),
        ("shop/customer/1.parquet", parquet("customer")),
        ("shop/notes.csv", b"a,b\n1,x\n2,\n2,\xc3\xbc\n".to_vec()),
        ("logs/day/1.json", b"{\"n\":1}\n{\"n\":2}\n".to_vec()),
        ("logs/day/2.json", b"{\"n\":3}\n".to_vec()),
        ("top.csv", b"a\n1\n".to_vec()),
        ("shop/picture.png", b"no table".to_vec()),
    ];
    for (key, bytes) in &objects {
        server.put("lake", key, bytes).unwrap();
    }
    objects
}

/// Catches: a first look that opens objects, and figures that are not those of the objects.
async fn shallow() {
    let server = Seaweed::start().unwrap();
    let objects_there = fill(&server);
    let witness = Witness::to(server.port).await.unwrap();
    let weft = Weft::builder().setting("scan_files", "4").start().unwrap();
    let client = weft.connect().await.unwrap();
    run(&client, &bucket("s", witness.port)).await;
    witness.take();
    let said = rows(&client, "SCAN CATALOG s LEVEL 1").await;
    assert_eq!(said[0].split_once('|').unwrap().1, "succeeded|3|0|0|0|0|0");
    let asked = witness.take();
    assert!(!asked.is_empty(), "nothing went by the witness");
    assert_eq!(objects(&asked), [""; 0], "{asked:#?}");
    let size = |start: &str| -> usize {
        objects_there
            .iter()
            .filter(|(key, _)| key.starts_with(start) && !key.ends_with("png"))
            .map(|(_, bytes)| bytes.len())
            .sum()
    };
    let schemas = "SELECT schema_name, tables, bytes, files, formats, updated_at > now() - interval '1 hour' \
                   FROM system.metadata.schemas WHERE catalog_name = 's' AND files IS NOT NULL ORDER BY 1";
    assert_eq!(
        rows(&client, schemas).await,
        [
            format!("logs|1|{}|2|{{\"json\":2}}|t", size("logs/")),
            "public|1|4|1|{\"csv\":1}|t".to_owned(),
            format!("shop|3|{}|3|{{\"csv\":1,\"parquet\":2}}|t", size("shop/")),
        ]
    );
    // The list has a limit; the number does not.
    let files = "SELECT path, format, bytes, etag IS NOT NULL, modified_at IS NOT NULL FROM system.metadata.files WHERE catalog_name = 's' ORDER BY 1";
    let listed = rows(&client, files).await;
    assert_eq!(listed.len(), 4, "{listed:#?}");
    assert!(listed.contains(&"s3://lake/logs/day/2.json|json|8|t|t".to_owned()), "{listed:#?}");
    run(&client, "SCAN SCHEMA s.shop LEVEL 1").await;
    assert_eq!(rows(&client, files).await.len(), 6);
}

async fn figures(client: &Client, table: &str) -> Vec<String> {
    let sql = format!(
        "SELECT column_name, row_count, null_ratio, distinct_count, min_value, max_value, method FROM system.metadata.statistics \
         WHERE table_name = '{table}' ORDER BY 1"
    );
    rows(client, &sql).await
}

/// Catches: an object that is read again though it has not changed, also after a restart, and one that has changed and is not.
async fn incremental() {
    let server = Seaweed::start().unwrap();
    fill(&server);
    let witness = Witness::to(server.port).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let start = || Weft::builder().data_dir(folder.path().join("data")).start().unwrap();
    let mut weft = start();
    let client = weft.connect().await.unwrap();
    run(&client, &bucket("s", witness.port)).await;
    let said = rows(&client, "SCAN CATALOG s").await;
    assert_eq!(said[0].split_once('|').unwrap().1, "succeeded|3|5|16|0|0|0");
    assert!(objects(&witness.take()).iter().any(|path| path.contains("nation.parquet")), "the witness saw nothing");
    let states = "SELECT table_name, scan_level, method, is_complete FROM system.metadata.tables WHERE catalog_name = 's' AND scan_level IS NOT NULL ORDER BY 1";
    let complete = ["customer|2|full|t", "day|2|full|t", "nation|2|full|t", "notes|2|full|t", "top|2|full|t"];
    assert_eq!(rows(&client, states).await, complete);
    assert_eq!(figures(&client, "notes").await, ["a|3|0|2|1|2|full", "b|3|0.3333333333333333|2|x|ü|full"]);
    let keys = "SELECT count(*), count(DISTINCT n_name), min(n_name), max(n_name) FROM s.shop.nation";
    let nation = rows(&client, keys).await[0].split('|').map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(
        figures(&client, "nation").await[1],
        format!("n_name|{}|0|{}|{}|{}|full", nation[0], nation[1], nation[2], nation[3])
    );
    assert_eq!(
        rows(&client, "SELECT sample_values FROM system.metadata.samples WHERE table_name = 'day'").await,
        ["{1,2,3}"]
    );

    witness.take();
    let again = rows(&client, "SCAN CATALOG s").await;
    assert_eq!(again[0].split_once('|').unwrap().1, "succeeded|3|5|16|0|0|0");
    let asked = witness.take();
    assert_eq!(objects(&asked), [""; 0], "{asked:#?}");
    assert!(!asked.is_empty());
    // What a gateway remembers is not what keeps it from reading.
    weft.stop().unwrap();
    weft = start();
    let client = weft.connect().await.unwrap();
    witness.take();
    rows(&client, "SCAN CATALOG s").await;
    let asked = witness.take();
    assert_eq!(objects(&asked), [""; 0], "{asked:#?}");
    assert_eq!(rows(&client, "SELECT analyzed FROM system.metadata.scans ORDER BY started_at").await, ["5", "0", "0"]);

    // One that has changed, of the same size.
    server.put("lake", "logs/day/2.json", b"{\"n\":7}\n").unwrap();
    witness.take();
    rows(&client, "SCAN CATALOG s").await;
    let asked = objects(&witness.take());
    assert!(asked.iter().any(|path| path.contains("2.json")), "{asked:#?}");
    assert!(asked.iter().all(|path| path.contains("logs")), "{asked:#?}");
    assert_eq!(figures(&client, "day").await, ["n|3|0|3|1|7|full"]);
    assert_eq!(rows(&client, states).await, complete);
    // Level 1 sees that it has changed; what is known is then not all.
    server.put("lake", "logs/day/3.json", b"{\"n\":8}\n").unwrap();
    rows(&client, "SCAN CATALOG s LEVEL 1").await;
    assert_eq!(rows(&client, states).await[1], "day|2|full|f");
    rows(&client, "SCAN TABLE s.logs.day").await;
    assert_eq!(rows(&client, states).await, complete);
    assert_eq!(figures(&client, "day").await, ["n|4|0|4|1|8|full"]);
    assert_eq!(rows(&client, "SELECT count(*) FROM system.metadata.files WHERE table_name = 'day'").await, ["3"]);
}

fn write(path: &Path, lines: u32, age_in_days: u64) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let text: String = (0..lines).map(|i| format!("{i},{}\n", i % 5)).collect();
    std::fs::write(path, format!("id,grp\n{text}")).unwrap();
    let then = SystemTime::now() - Duration::from_secs(age_in_days * 86_400);
    File::options().write(true).open(path).unwrap().set_modified(then).unwrap();
}

/// Catches: a table that is read though the rule says no, one that is not though it says yes, and a sample that passes for all.
async fn rule() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    write(&at("s/small.csv"), 100, 0);
    write(&at("s/small_and_old.csv"), 100, 200);
    write(&at("s/middle.csv"), 5_000, 0);
    write(&at("s/middle_and_old.csv"), 5_000, 91);
    write(&at("s/large.csv"), 20_000, 0);
    std::fs::write(at("s/broken.parquet"), "this is no parquet").unwrap();
    let builder = reads(&[folder.path()]).setting("scan_full_bytes", "10KiB").setting("scan_sample_bytes", "100KiB");
    let weft = builder.start().unwrap();
    let client = weft.connect().await.unwrap();
    mount(&client, "f", folder.path()).await;
    run(&client, "SCAN CATALOG f").await;
    let states = "SELECT table_name, method, is_complete FROM system.metadata.tables WHERE catalog_name = 'f' AND scan_level = 2 ORDER BY 1";
    assert_eq!(
        rows(&client, states).await,
        [
            "broken|basic|f",
            "large|sample|t",
            "middle|basic|t",
            "middle_and_old|sample|t",
            "small|full|t",
            "small_and_old|full|t",
        ]
    );
    assert_eq!(figures(&client, "small").await, ["grp|100|0|5|0|4|full", "id|100|0|100|0|99|full"]);
    assert_eq!(figures(&client, "middle").await, [""; 0]);
    // Of the first ten thousand rows; how many there are in all is not known without reading them.
    assert_eq!(figures(&client, "large").await, ["grp|NULL|0|5|0|4|sample", "id|NULL|0|10000|0|9999|sample"]);
    let columns = "SELECT count(*) FROM system.metadata.columns WHERE table_name = 'middle'";
    assert_eq!(rows(&client, columns).await, ["2"]);
    // Who names a table, or wants statistics, gets all of it.
    run(&client, "SCAN TABLE f.s.middle").await;
    assert_eq!(figures(&client, "middle").await, ["grp|5000|0|5|0|4|full", "id|5000|0|5000|0|4999|full"]);
    run(&client, "SCAN CATALOG f WITH (statistics = true, max_rows = 15000)").await;
    assert_eq!(figures(&client, "large").await[1], "id|NULL|0|15000|0|14999|sample");
    run(&client, "SCAN CATALOG f WITH (statistics = true)").await;
    assert_eq!(figures(&client, "large").await[1], "id|20000|0|20000|0|19999|full");
    let tally = rows(&client, "SELECT analyzed, failed FROM system.metadata.scans ORDER BY started_at").await;
    // The broken one is tried by who wants statistics of all.
    assert_eq!(tally, ["4|0", "1|0", "2|1", "1|1"]);
    // None at all.
    write(&at("s/small.csv"), 101, 0);
    run(&client, "SCAN CATALOG f WITH (statistics = false)").await;
    assert_eq!(figures(&client, "small").await[0], "grp|100|0|5|0|4|full");
    assert_eq!(rows(&client, states).await[4], "small|full|f");
}

/// Catches: a file that is opened again though neither its size nor its time has changed, and one that is not though its time has.
async fn disk() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s/t.csv");
    write(&path, 9, 1);
    let weft = reads(&[folder.path()]).start().unwrap();
    let client = weft.connect().await.unwrap();
    mount(&client, "f", folder.path()).await;
    run(&client, "SCAN CATALOG f").await;
    let before = figures(&client, "t").await;
    assert_eq!(before, ["grp|9|0|5|0|4|full", "id|9|0|9|0|8|full"]);
    // Other rows under the same size and time: who reads them is found out.
    let modified = std::fs::metadata(&path).unwrap().modified().unwrap();
    let text = std::fs::read_to_string(&path).unwrap().replace("0,0\n", "9,9\n");
    std::fs::write(&path, text).unwrap();
    File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
    run(&client, "SCAN CATALOG f").await;
    assert_eq!(figures(&client, "t").await, before);
    File::options().write(true).open(&path).unwrap().set_modified(SystemTime::now()).unwrap();
    run(&client, "SCAN CATALOG f").await;
    assert_eq!(figures(&client, "t").await, ["grp|9|0|6|0|9|full", "id|9|0|9|1|9|full"]);
    assert_eq!(rows(&client, "SELECT analyzed FROM system.metadata.scans ORDER BY started_at").await, ["1", "0", "1"]);
    assert_eq!(
        rows(&client, "SELECT path, format FROM system.metadata.files").await,
        [format!("{}|csv", path.canonicalize().unwrap().display())]
    );
}
