//! `weft demo`: the first thing that anybody runs.

use crate::files::{root, weft};
use crate::test;
use libtest_mimic::Trial;
use weft_testkit::Ran;

pub fn trials() -> Vec<Trial> {
    vec![test("demo::runs_the_tour", tour)]
}

/// Catches: a statement of the tour that fails or is left out, and a demo that needs a file of the repository.
async fn tour() {
    let script = std::fs::read_to_string(root().join("examples/tour.sql")).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let mut command = weft();
    command.arg("demo").current_dir(elsewhere.path());
    let ran = Ran::of(&mut command).unwrap();
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    // What stands right before a statement is its heading.
    let lines: Vec<&str> = script.lines().collect();
    for pair in lines.windows(2).filter(|pair| pair[0].starts_with("-- ") && !pair[1].is_empty()) {
        if !pair[0].starts_with("-- expect error ") && !pair[1].starts_with("--") {
            assert!(ran.stdout.contains(pair[0]), "not shown: {}\n{}", pair[0], ran.stdout);
        }
    }
    let rows = ran.stdout.lines().filter(|line| line.starts_with('(') && line.contains(" row")).count();
    assert!(rows > 0, "no rows:\n{}", ran.stdout);
    println!("{rows} statements of the tour printed rows");
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0, "it left files behind");
}
