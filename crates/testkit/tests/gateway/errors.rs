//! What stands beside an error's code and message: hint, detail, position; and notices, which are no errors.

use crate::files::{mount, reads, samples};
use crate::raw::{self, Raw};
use crate::test;
use libtest_mimic::Trial;
use tokio_postgres::SimpleQueryMessage;
use weft_testkit::Weft;

pub fn trials() -> Vec<Trial> {
    vec![
        test("errors::hints_and_positions", hints),
        test("errors::a_check_tells_the_reason", reasons),
        test("errors::notices", notices),
    ]
}

/// Catches: advice that is lost on the way, and a position that points beside the mistake (it counts characters, from 1).
async fn hints() {
    let weft = reads(&[&samples()]).setting("auth", "trust").start().unwrap();
    mount(&weft, "ny", &samples()).await;
    let mut client = Raw::login(weft.endpoint.port, "ny");
    let xml = format!("CREATE CATALOG x USING file OPTIONS (path '{}', format 'xml')", samples().display());
    // Statement, SQLSTATE, what the hint contains, position.
    for (sql, state, hint, position) in [
        ("SELEC 1", "42601", "Did you mean SELECT?", Some(1)),
        ("SELECT 'é', 1 1", "42601", "", Some(15)),
        ("SELECT 1; SELEC 2", "42601", "Did you mean SELECT?", Some(11)),
        ("SELECT 1 FROM", "42601", "", Some(14)),
        ("SELECT nme FROM nyc.airlines", "42703", "name", None),
        ("SELECT * FROM nyc.airlins", "42P01", "SHOW TABLES FROM", None),
        ("SELECT * FROM nycc.airlines", "3F000", "Did you mean nyc?", None),
        ("SELECT * FROM nyy.nyc.airlines", "3D000", "Did you mean ny?", None),
        ("SELECT lenth('a')", "42883", "length", None),
        ("SET serch_path = x", "42704", "Did you mean search_path?", None),
        ("CREATE CATALOG x USING fle OPTIONS (path 'x')", "42704", "Did you mean file?", None),
        ("CREATE CATALOG x USING file OPTIONS (pth 'x')", "22023", "Did you mean path?", None),
        ("CREATE CATALOG x USING file OPTIONS (path '/')", "42501", "file_roots", None),
        (xml.as_str(), "22023", "parquet", None),
        ("SELECT cuont(*) FROM nyc.airlines", "42883", "Perhaps you meant count.", None),
        ("SELECT * FROM preveiw('nyc.airlines')", "42883", "Perhaps you meant preview.", None),
        ("SET weft.pushdwn = off", "42704", "Did you mean weft.pushdown?", None),
        ("SHOW TABLS", "42704", "Did you mean SHOW TABLES?", None),
        ("SHOW TABLS FROM ny.nyc", "42601", "Did you mean SHOW TABLES?", Some(6)),
        ("ALTER CATALOG ny SET (max_conections = 8)", "22023", "Known properties: manage", None),
        ("SCAN CATALOG ny LEVEL 3", "42601", "LEVEL is 1 or 2.", Some(23)),
        ("SCAN TABLE ny.nyc.flihgts", "42P01", "SHOW TABLES FROM ny.nyc", None),
        ("SCAN SCHEMA ny.nycc", "3F000", "Did you mean nyc?", None),
        ("CREATE SCHEDULE s CRON '@daily' DO SCAN CATALOG nyy", "3D000", "Did you mean ny?", None),
        ("CREATE SCHEDULE s CRON '0 3 31 2 *' DO SCAN CATALOG ny", "22023", "change the day or the month", None),
        ("CREATE SCHEDULE s CRON '0 0 3 * * *' DO SCAN CATALOG ny", "22023", "Five fields", None),
    ] {
        let answer = client.ask(&raw::query(sql));
        let error = answer.iter().find(|m| m.tag == b'E').unwrap_or_else(|| panic!("{sql}: {answer:?}"));
        let fields = error.fields();
        assert_eq!(fields[&'C'], state, "{sql}: {fields:?}");
        assert_eq!((fields[&'S'].as_str(), fields[&'V'].as_str()), ("ERROR", "ERROR"), "{sql}");
        let found = fields.get(&'H').cloned().unwrap_or_default();
        assert!(found.contains(hint), "{sql}: hint {found:?}");
        if let Some(position) = position {
            assert_eq!(fields.get(&'P'), Some(&position.to_string()), "{sql}: {fields:?}");
        }
        assert!(!fields[&'M'].starts_with(char::is_uppercase), "{sql}: {}", fields[&'M']);
    }
}

/// Catches: a source that cannot be reached, nobody knows why.
async fn reasons() {
    let weft = Weft::start().unwrap();
    let client = weft.connect().await.unwrap();
    for kind in ["postgres", "mysql"] {
        // Nobody listens there.
        let options = "host '127.0.0.1', port '1', database 'x', \"user\" 'u', password 'p'";
        let options = if kind == "mysql" { options.replace("database 'x', ", "") } else { options.to_owned() };
        let rows = client.simple_query(&format!("CHECK CATALOG USING {kind} OPTIONS ({options})")).await.unwrap();
        let error = rows.iter().find_map(|row| match row {
            SimpleQueryMessage::Row(row) => row.get("error").map(str::to_owned),
            _ => None,
        });
        let error = error.unwrap();
        assert!(error.contains(": ") && error.contains("refused"), "{kind}: {error}");
    }
}

/// Catches: a statement that is skipped without a word.
async fn notices() {
    let weft = reads(&[&samples()]).setting("auth", "trust").start().unwrap();
    mount(&weft, "ny", &samples()).await;
    let mut client = Raw::login(weft.endpoint.port, "lake");
    let create = format!("CREATE CATALOG IF NOT EXISTS ny USING file OPTIONS (path '{}')", samples().display());
    for (sql, severity, state, message, tag) in [
        (create.as_str(), "NOTICE", "42P04", "catalog \"ny\" already exists, skipping", "CREATE CATALOG"),
        ("DROP CATALOG IF EXISTS x", "NOTICE", "00000", "catalog \"x\" does not exist, skipping", "DROP CATALOG"),
        ("ROLLBACK", "WARNING", "25P01", "there is no transaction in progress", "ROLLBACK"),
        ("COMMIT", "WARNING", "25P01", "there is no transaction in progress", "COMMIT"),
    ] {
        let extended = [raw::parse("", sql), raw::bind("", ""), raw::execute("", 0), raw::sync()].concat();
        for bytes in [raw::query(sql), extended] {
            let answer = client.ask(&bytes);
            let notice = answer.iter().find(|m| m.tag == b'N').unwrap_or_else(|| panic!("{sql}: {answer:?}")).fields();
            assert_eq!(
                (notice[&'S'].as_str(), notice[&'C'].as_str(), notice[&'M'].as_str()),
                (severity, state, message)
            );
            assert_eq!(answer[answer.len() - 2].texts(), [tag], "{sql}");
        }
    }
    client.ask(&raw::query("SET client_min_messages = error"));
    let answer = client.ask(&raw::query("ROLLBACK"));
    assert!(answer.iter().all(|m| m.tag != b'N'), "{answer:?}");
}
