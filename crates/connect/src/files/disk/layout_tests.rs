//! Tests of the rules of layout, on real folders.

use super::*;
use crate::files::options::{CsvOptions, Formats, Tristate};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::PathBuf;

fn site(path: &Path, roots: &[&Path]) -> Site {
    Site {
        path: path.to_owned(),
        roots: roots.iter().map(|r| r.to_path_buf()).collect(),
        formats: Formats {
            only: None,
            hive: Tristate::Auto,
            csv: CsvOptions { header: Tristate::Auto, delimiter: None, null_string: None, skip: 0 },
        },
        max_files: 3,
    }
}

fn tree(files: &[&str]) -> tempfile::TempDir {
    let tree = tempfile::tempdir().expect("folder");
    for file in files {
        let path = tree.path().join(file);
        fs::create_dir_all(path.parent().expect("parent")).expect("folder");
        fs::write(path, "x").expect("file");
    }
    tree
}

/// `schema.table format files` or `schema.table SQLSTATE` of each table.
fn shown(tables: &[Table]) -> Vec<String> {
    let state = |t: &Table| match &t.files {
        Ok(set) => format!("{} {}", t.format.word(), set.files.len()),
        Err(error) => error.kind().sqlstate().to_owned(),
    };
    tables.iter().map(|t| format!("{}.{} {}", t.schema, t.name, state(t))).collect()
}

fn listed(files: &[&str]) -> Vec<String> {
    let tree = tree(files);
    shown(&list(&site(tree.path(), &[tree.path()])).expect("listed"))
}

#[test]
fn files_folders_and_schemas() {
    let tables = listed(&[
        "a.parquet",
        "Orders.csv.gz",
        "README.md",
        ".hidden.csv",
        "_SUCCESS",
        "sales/x.csv",
        "sales/y/1.parquet",
        "sales/y/deep/2.parquet",
        "sales/_tmp/3.parquet",
        "empty/notes.txt",
    ]);
    assert_eq!(tables, ["public.Orders csv 1", "public.a parquet 1", "sales.x csv 1", "sales.y parquet 2"]);
}

#[test]
fn partitions_make_a_table() {
    let tables = listed(&["events/y=1/m=1/a.parquet", "events/y=1/m=2/a.parquet", "s/t/y=1/a.csv", "s/t/y=2/a.csv"]);
    assert_eq!(tables, ["public.events parquet 2", "s.t csv 2"]);
}

#[test]
fn a_path_that_holds_partitions_is_one_table() {
    let tree = tree(&["ev/y=1/a.parquet", "ev/y=2/b.parquet", "ev/other.csv"]);
    let tables = list(&site(&tree.path().join("ev"), &[tree.path()])).expect("listed");
    assert_eq!(shown(&tables), ["public.ev parquet 2", "public.other csv 1"]);
    let keys = tables[0].files.as_ref().map(|f| f.partition_keys.clone()).expect("files");
    assert_eq!(keys, ["y"]);
}

#[test]
fn contested_names() {
    let tables = listed(&[
        "a.json",
        "a.csv",
        "a.parquet",
        "a.pq",
        "a_csv.csv",
        "b.csv",
        "b.tsv",
        "s/t.csv",
        "s/t/1.csv",
        "s/t/1.json",
    ]);
    assert_eq!(
        tables,
        [
            "public.a parquet 1",
            "public.a_2 parquet 1",
            "public.a_csv csv 1",
            "public.a_csv_2 csv 1",
            "public.a_json json 1",
            "public.b csv 1",
            "public.b_2 csv 1",
            "s.t csv 1",
            "s.t_2 csv 1",
            "s.t_json json 1",
        ]
    );
}

#[test]
fn one_file() {
    let tree = tree(&["a.parquet", "data.txt"]);
    let tables = list(&site(&tree.path().join("a.parquet"), &[tree.path()])).expect("listed");
    assert_eq!(shown(&tables), ["public.a parquet 1"]);
    let mut text = site(&tree.path().join("data.txt"), &[tree.path()]);
    assert_eq!(list(&text).unwrap_err().kind(), ErrorKind::InvalidParameterValue);
    text.formats.only = Some(Format::Csv);
    assert_eq!(shown(&list(&text).expect("listed")), ["public.data csv 1"]);
}

#[test]
fn one_format() {
    let tree = tree(&["a.parquet", "b.csv", "s/t/x.csv", "s/t/x.json"]);
    let mut site = site(tree.path(), &[tree.path()]);
    site.formats.only = Some(Format::Csv);
    assert_eq!(shown(&list(&site).expect("listed")), ["public.b csv 1", "s.t csv 1"]);
}

#[test]
fn too_many_files_spoil_one_table() {
    let tables = listed(&["s/t/1.csv", "s/t/2.csv", "s/t/3.csv", "s/t/4.csv", "s/u/1.csv"]);
    assert_eq!(tables, ["s.t 53400", "s.u csv 1"]);
}

#[test]
fn links_never_lead_out() {
    let outer = tree(&["in/a.csv", "in/s/t/1.csv", "in/s/t/y=1/2.csv", "out/secret.csv", "other/more.csv"]);
    let at = |p: &str| outer.path().join(p);
    symlink(at("out/secret.csv"), at("in/leak.csv")).expect("link");
    symlink(at("out"), at("in/s/folder")).expect("link");
    symlink(at("out"), at("in/level1")).expect("link");
    symlink(at("nowhere.csv"), at("in/gone.csv")).expect("link");
    symlink(at("in/s"), at("in/s/t/loop")).expect("link");
    symlink(at("other/more.csv"), at("in/fine.csv")).expect("link");
    let tables = list(&site(&at("in"), &[&at("in"), &at("other")])).expect("listed");
    assert_eq!(
        shown(&tables),
        [
            "public.a csv 1",
            "public.fine csv 1",
            "public.gone 58P01",
            "public.leak 42501",
            "public.level1 42501",
            "s.folder 42501",
            "s.t 58030",
        ]
    );
    let message = tables[3].files.as_ref().unwrap_err().message().to_owned();
    assert_eq!(message, "link \"leak.csv\" leads outside of the folders that catalogs may read");
}

#[test]
fn the_fence_is_checked_again_when_a_table_is_read() {
    let outer = tree(&["in/a.csv", "in/s/t/1.csv", "out/secret.csv"]);
    let at = |p: &str| outer.path().join(p);
    let site = site(&at("in"), &[&at("in")]);
    let tables = list(&site).expect("listed");
    for file in ["in/a.csv", "in/s/t/1.csv"] {
        fs::remove_file(at(file)).expect("removed");
        symlink(at("out/secret.csv"), at(file)).expect("link");
    }
    for table in &tables {
        assert_eq!(refresh(&site, table).unwrap_err().kind(), ErrorKind::InsufficientPrivilege, "{}", table.name);
    }
    fs::remove_dir_all(at("in/s")).expect("removed");
    symlink(at("out"), at("in/s")).expect("link");
    assert_eq!(refresh(&site, &tables[1]).unwrap_err().kind(), ErrorKind::InsufficientPrivilege);
}

#[test]
fn a_table_is_read_as_it_is_now() {
    let tree = tree(&["s/t/1.csv"]);
    let site = site(tree.path(), &[tree.path()]);
    let tables = list(&site).expect("listed");
    fs::write(tree.path().join("s/t/2.csv"), "y").expect("file");
    let now = refresh(&site, &tables[0]).expect("read").expect("there");
    assert_eq!(now.files.len(), 2);
    assert_ne!(Some(now.fingerprint), tables[0].files.as_ref().ok().map(|f| f.fingerprint));
}

#[test]
fn what_is_not_there_or_not_allowed() {
    let tree = tree(&["in/a.csv"]);
    let inside = tree.path().join("in");
    let kind = |path: PathBuf| list(&site(&path, &[&inside])).unwrap_err().kind();
    assert_eq!(kind(inside.join("missing")), ErrorKind::UndefinedFile);
    assert_eq!(kind(tree.path().to_owned()), ErrorKind::InsufficientPrivilege);
}
