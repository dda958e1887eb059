//! The same cases on PostgreSQL and on Weft, with sub-plans in the worker and without. What is known to differ is listed in
//! `tests/differential/known.txt`, a list that may only become shorter.

use crate::files::{mount, reads, root};
use crate::{python, test};
use libtest_mimic::Trial;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use weft_testkit::Postgres;
use weft_testkit::differential::{Origin, Report, Suite};

pub fn trials() -> Vec<Trial> {
    vec![
        test("differential::agrees_with_postgresql", agrees),
        Trial::test("differential::list_only_shrinks", || {
            only_shrinks();
            Ok(())
        }),
    ]
}

/// Fewer cases that agree say that the suite was not really run.
const AT_LEAST: usize = 150;

/// The lines of the files of cases.
struct Lines(BTreeMap<&'static str, Vec<String>>);

impl Lines {
    fn read(folder: &Path) -> Lines {
        let read = |name: &'static str| {
            let text = std::fs::read_to_string(folder.join(name)).unwrap();
            (name, text.lines().map(|line| line.trim().to_owned()).collect())
        };
        Lines(["expressions.txt", "queries.sql"].into_iter().map(read).collect())
    }

    /// A case as it is written.
    fn of(&self, origin: Origin) -> &str {
        &self.0[origin.file][origin.line - 1]
    }
}

/// The cases of a list, without its headings.
fn known(text: &str) -> BTreeSet<&str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

/// What is wrong with the list, given the cases that there are and those that differ somewhere.
fn complaints(known: &BTreeSet<&str>, cases: &BTreeSet<&str>, differ: &BTreeSet<&str>) -> Vec<String> {
    let new = differ.difference(known).map(|case| format!("differs: {case}"));
    let healed = known.intersection(cases).filter(|case| !differ.contains(*case));
    let healed = healed.map(|case| format!("agrees, take it off the list: {case}"));
    let stale = known.difference(cases).map(|case| format!("no such case, take it off the list: {case}"));
    new.chain(healed).chain(stale).collect()
}

/// Catches: a value, a type's text, an error or an order that is not PostgreSQL's, in either place where expressions are computed.
async fn agrees() {
    let folder = root().join("tests/differential");
    let suite = Suite::read(&folder).unwrap();
    let lines = Lines::read(&folder);
    let list = std::fs::read_to_string(folder.join("known.txt")).unwrap();
    let known = known(&list);

    let postgres = Postgres::start().unwrap();
    let oracle = postgres.connect().await.unwrap();
    suite.load(&oracle).await.unwrap();
    let fixture = tempfile::tempdir().unwrap();
    let ran = python::run("tests/differential/fixture.py", &[fixture.path().to_str().unwrap()]);
    assert!(ran.ok(), "fixture.py: {}", ran.stderr);
    let weft = reads(&[fixture.path()]).start().unwrap();
    let endpoint = mount(&weft, "diff", fixture.path()).await;

    let mut reports = BTreeMap::new();
    for mode in ["on", "off"] {
        let client = endpoint.connect().await.unwrap();
        client.batch_execute(&format!("SET weft.pushdown = {mode}")).await.unwrap();
        reports.insert(mode, suite.run(&oracle, &client).await);
    }
    let differing = |report: &Report| -> BTreeSet<(&str, usize)> {
        report.mismatches.iter().map(|m| (m.origin.file, m.origin.line)).collect()
    };
    let (pushed, here) = (differing(&reports["on"]), differing(&reports["off"]));
    let either: BTreeSet<_> = pushed.union(&here).copied().collect();
    let total = suite.cases.len();
    let both = total - either.len();
    let (agree_pushed, agree_here) = (total - pushed.len(), total - here.len());
    println!("{total} cases, {agree_pushed} agree pushed down, {agree_here} agree in the gateway, {both} in both");
    for (mode, report) in &reports {
        assert_eq!(report.cases, total, "weft.pushdown = {mode}: the run broke off\n{report}");
    }

    let cases: BTreeSet<&str> = suite.cases.iter().map(|case| lines.of(case.origin)).collect();
    let differ: BTreeSet<&str> = either.iter().map(|(file, line)| lines.0[file][line - 1].as_str()).collect();
    let complaints = complaints(&known, &cases, &differ);
    if !complaints.is_empty() {
        for (mode, report) in &reports {
            for mismatch in report.mismatches.iter().filter(|m| !known.contains(lines.of(m.origin))) {
                println!("weft.pushdown = {mode}: {mismatch}");
            }
        }
        // What an internal error hides from clients.
        weft.log().lines().filter(|line| line.contains("internal")).for_each(|line| println!("{line}"));
        panic!("{} complaints\n{}", complaints.len(), complaints.join("\n"));
    }
    assert!(both >= AT_LEAST, "only {both} cases agree");
}

/// The list itself: what it must complain of.
fn only_shrinks() {
    let list = known("# reason\n  a + 1\n\n# another\nb @ c\ngone\n");
    let complaints = complaints(&list, &BTreeSet::from(["a + 1", "b @ c", "d"]), &BTreeSet::from(["a + 1", "d"]));
    assert_eq!(
        complaints,
        ["differs: d", "agrees, take it off the list: b @ c", "no such case, take it off the list: gone"]
    );
}
