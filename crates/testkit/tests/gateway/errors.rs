//! What stands beside an error's code and message: hint, detail, position; and notices, which are no errors.

use crate::files::{mount, reads, samples};
use crate::raw::{self, Raw};
use crate::test;
use libtest_mimic::Trial;

pub fn trials() -> Vec<Trial> {
    vec![test("errors::hints_and_positions", hints), test("errors::notices", notices)]
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
