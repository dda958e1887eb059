//! The direction of the crates, and the size and opening of their files. What may depend on what is written in `ARCHITECTURE.md`; this is its test.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// For each of Weft's crates, those that it may depend on.
const ALLOWED: &[(&str, &[&str])] = &[
    (
        "weft-server",
        &["weft-engine", "weft-meta", "weft-connect", "weft-duck", "weft-fleet", "weft-lake", "weft-sql", "weft-core"],
    ),
    ("weft-engine", &["weft-sql", "weft-meta", "weft-connect", "weft-fleet", "weft-lake", "weft-duck", "weft-core"]),
    ("weft-sql", &["weft-core"]),
    ("weft-meta", &["weft-core"]),
    ("weft-connect", &["weft-core"]),
    ("weft-fleet", &["weft-core"]),
    ("weft-duck", &["weft-core"]),
    ("weft-lake", &["weft-core", "weft-fleet"]),
    ("weft-core", &[]),
    ("weft-testkit", &[]),
];

/// Dependencies of which only one crate may know.
const OWNED: &[(&str, &str)] = &[("libduckdb-sys", "weft-duck")];

/// A file that is longer does more than one thing.
const LONGEST: usize = 800;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

/// Crate and dependency, for every dependency that ends up in a program: tests may use what they like.
fn edges(packages: &[Value]) -> Vec<(String, String)> {
    let mut edges = Vec::new();
    for package in packages {
        for dependency in package["dependencies"].as_array().unwrap() {
            if dependency["kind"].as_str() != Some("dev") {
                edges.push((package["name"].as_str().unwrap().into(), dependency["name"].as_str().unwrap().into()));
            }
        }
    }
    edges
}

/// Why these edges are wrong, one line each.
fn complaints(edges: &[(String, String)]) -> Vec<String> {
    let mut complaints = Vec::new();
    for (from, to) in edges {
        if let Some((_, owner)) = OWNED.iter().find(|(name, _)| name == to)
            && owner != from
        {
            complaints.push(format!("{from} depends on {to}, which only {owner} may"));
        }
        if !to.starts_with("weft-") {
            continue;
        }
        match ALLOWED.iter().find(|(name, _)| name == from) {
            Some((_, allowed)) if allowed.contains(&to.as_str()) => {}
            Some(_) => complaints.push(format!("{from} must not depend on {to}")),
            None => complaints.push(format!("{from} is not in the list of crates of this test")),
        }
    }
    complaints
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() && !path.ends_with("target") {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn crates_depend_only_downwards() {
    let packages = packages();
    for package in &packages {
        let name = package["name"].as_str().unwrap();
        assert!(ALLOWED.iter().any(|(known, _)| *known == name), "{name} is not in the list of crates of this test");
    }
    let complaints = complaints(&edges(&packages));
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn wrong_edges_are_found() {
    let edge = |from: &str, to: &str| (from.to_owned(), to.to_owned());
    let edges = [
        edge("weft-sql", "weft-meta"),
        edge("weft-engine", "libduckdb-sys"),
        edge("weft-lake", "weft-fleet"),
        edge("weft-core", "serde"),
        edge("weft-new", "weft-core"),
    ];
    let complaints = complaints(&edges);
    assert_eq!(
        complaints,
        [
            "weft-sql must not depend on weft-meta",
            "weft-engine depends on libduckdb-sys, which only weft-duck may",
            "weft-new is not in the list of crates of this test",
        ]
    );
}

#[test]
fn files_are_short_and_open_with_what_they_do() {
    let mut files = Vec::new();
    sources(&root().join("crates"), &mut files);
    assert!(files.len() > 10, "found only {} files", files.len());
    let mut complaints = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let name = file.strip_prefix(root()).unwrap().display().to_string();
        if text.lines().count() > LONGEST {
            complaints.push(format!("{name} has more than {LONGEST} lines"));
        }
        if name.contains("/src/") && !text.starts_with("//!") {
            complaints.push(format!("{name} does not open with `//!`"));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
