//! What people see in psql: each `tests/psql/*.sql` is run against a gateway with the sample data as database `ny`, and must print its `.out`. With
//! `WEFT_BLESS=1` the `.out` files are written instead; whoever does that reads the difference.

use crate::files::{mount, reads, root, samples};
use libtest_mimic::{Failed, Trial};
use std::path::{Path, PathBuf};
use weft_testkit::Endpoint;

pub fn trials() -> Vec<Trial> {
    let folder = root().join("tests/psql");
    let entries = std::fs::read_dir(&folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    let mut scripts: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|e| e == "sql")).collect();
    scripts.sort();
    if scripts.is_empty() {
        let missing = move || Err(Failed::from(format!("no script in {}", folder.display())));
        return vec![Trial::test("psql::scripts", missing)];
    }
    let trial = |script: PathBuf| {
        let name = format!("psql::{}", script.file_stem().unwrap().to_string_lossy());
        Trial::test(name, move || run(&script))
    };
    scripts.into_iter().map(trial).collect()
}

fn run(script: &Path) -> Result<(), Failed> {
    let weft = reads(&[&samples()]).start()?;
    let runtime = tokio::runtime::Runtime::new()?;
    let printed = printed(&runtime.block_on(mount(&weft, "ny", &samples())), script)?;
    let file = script.with_extension("out");
    if std::env::var_os("WEFT_BLESS").is_some_and(|value| value == "1") {
        return Ok(std::fs::write(&file, printed)?);
    }
    let expected =
        std::fs::read_to_string(&file).map_err(|e| format!("{}: {e} (WEFT_BLESS=1 writes it)", file.display()))?;
    match difference(&expected, &printed) {
        None => Ok(()),
        Some(difference) => Err(format!("{}:{difference}", file.display()).into()),
    }
}

/// Output and errors in the order in which psql wrote them, each statement before its answer.
fn printed(endpoint: &Endpoint, script: &Path) -> Result<String, Failed> {
    let name = script.file_name().unwrap().to_str().unwrap();
    let both = tempfile::NamedTempFile::new()?;
    let mut command = endpoint.psql_command(&["--echo-all", "--quiet", "--file", name])?;
    command.current_dir(script.parent().unwrap()).env("LC_ALL", "C.UTF-8").env("PAGER", "cat");
    // Appending, so that neither of the two overwrites the other.
    let file = std::fs::OpenOptions::new().append(true).open(both.path())?;
    command.stdin(std::process::Stdio::null()).stdout(file.try_clone()?).stderr(file).status()?;
    Ok(std::fs::read_to_string(both.path())?)
}

/// The first line that differs, with its surroundings.
fn difference(expected: &str, printed: &str) -> Option<String> {
    let (left, right): (Vec<&str>, Vec<&str>) = (expected.lines().collect(), printed.lines().collect());
    let line = (0..left.len().max(right.len())).find(|line| left.get(*line) != right.get(*line))?;
    let around =
        |lines: &[&str]| lines.iter().skip(line.saturating_sub(5)).take(15).copied().collect::<Vec<_>>().join("\n");
    Some(format!("{}: expected\n{}\n--- printed\n{}", line + 1, around(&left), around(&right)))
}
