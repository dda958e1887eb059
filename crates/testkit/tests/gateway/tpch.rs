//! The 22 queries of TPC-H: the answers must be those of DuckDB on the same files.

use crate::{python, test};
use libtest_mimic::Trial;

pub fn trials() -> Vec<Trial> {
    vec![test("tpch::answers_are_those_of_duckdb", answers)]
}

/// Catches: a rewrite or a split of a query that changes its result.
async fn answers() {
    let ran = python::run("benches/tpch/run.py", &["--scale", "0.1", "--check"]);
    print!("{}", ran.stdout);
    assert!(ran.ok(), "exit code {}\n{}{}", ran.code, ran.stdout, ran.stderr);
    assert_eq!(ran.stdout.matches(": same ").count(), 22, "{}", ran.stdout);
}
