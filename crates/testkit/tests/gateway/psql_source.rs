//! What people see in psql of a PostgreSQL database: each command of `tests/psql/source/commands.txt` prints the same on the server and through Weft, in
//! each psql that is installed, unless the file says that it does not.

use crate::files::root;
use libtest_mimic::{Failed, Trial};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use weft_testkit::{Endpoint, Postgres, Weft, program};

/// What stands before the output of a command.
const MARK: &str = "@@@ ";

/// Versions that `scripts/install-test-tools.sh` brings besides Debian's.
const OTHERS: [&str; 2] = ["16", "18"];

pub fn trials() -> Vec<Trial> {
    vec![Trial::test("psql_source::prints_the_same", run)]
}

/// Every psql that is installed.
fn installed() -> Result<Vec<PathBuf>, Failed> {
    let others = OTHERS.map(|version| program::cache_dir().join(format!("psql-{version}/bin/psql")));
    let (there, missing): (Vec<_>, Vec<_>) = others.into_iter().partition(|psql| psql.is_file());
    missing.iter().for_each(|psql| println!("skipped: there is no {}", psql.display()));
    Ok(std::iter::once(program::find("psql")?).chain(there).collect())
}

fn run() -> Result<(), Failed> {
    let folder = root().join("tests/psql/source");
    let commands = std::fs::read_to_string(folder.join("commands.txt"))?;
    let commands: Vec<&str> = commands.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).collect();
    let plain: Vec<&str> = commands.iter().map(|c| c.trim_start_matches('!')).collect();

    let source = Postgres::start()?;
    let weft = Weft::start()?;
    let fixture = std::fs::read_to_string(folder.join("fixture.sql"))?;
    tokio::runtime::Runtime::new()?.block_on(fill(&source, &weft, &fixture))?;
    let mut complaints = Vec::new();
    for psql in installed()? {
        let there = printed(&psql, &Endpoint { database: "rich".to_owned(), ..source.endpoint.clone() }, &plain)?;
        let here = printed(&psql, &Endpoint { database: "rich".to_owned(), ..weft.endpoint.clone() }, &plain)?;
        for (command, plain) in commands.iter().zip(&plain) {
            let (there, here) = (there.get(*plain), here.get(*plain));
            let what = format!("{}: {plain}", psql.display());
            match (there == here, command.starts_with('!')) {
                (false, false) => complaints.push(format!("{what} differs: {there:#?}\n--- through Weft\n{here:#?}")),
                (true, true) => complaints.push(format!("{what} prints the same: it needs no ! any more")),
                _ => {}
            }
        }
    }
    if complaints.is_empty() { Ok(()) } else { Err(complaints.join("\n").into()) }
}

async fn fill(source: &Postgres, weft: &Weft, fixture: &str) -> weft_testkit::Result<()> {
    source.connect().await?.batch_execute("CREATE DATABASE rich").await?;
    let inside = Endpoint { database: "rich".to_owned(), ..source.endpoint.clone() };
    inside.connect().await?.batch_execute(fixture).await?;
    let client = weft.connect().await?;
    let Endpoint { port, user, password, .. } = &inside;
    let options = format!("host '127.0.0.1', port '{port}', database 'rich', \"user\" '{user}', password '{password}'");
    client.batch_execute(&format!("CREATE CATALOG rich USING postgres OPTIONS ({options})")).await?;
    client.batch_execute("SCAN CATALOG rich LEVEL 2").await?;
    Ok(())
}

/// What psql prints for each command, with the owners of both servers under one name.
fn printed(psql: &Path, endpoint: &Endpoint, commands: &[&str]) -> Result<HashMap<String, Vec<String>>, Failed> {
    let script: String =
        commands.iter().map(|c| format!("\\echo '{MARK}{}'\n{c}\n", c.replace('\\', "\\\\"))).collect();
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("script.sql");
    std::fs::write(&file, script)?;
    let both = tempfile::NamedTempFile::new()?;
    let output = std::fs::OpenOptions::new().append(true).open(both.path())?;
    let mut command = endpoint.psql_command_of(psql, &["--no-align", "--quiet", "--file"])?;
    command.arg(&file).env("LC_ALL", "C.UTF-8").env("PAGER", "cat").stdin(std::process::Stdio::null());
    command.stdout(output.try_clone()?).stderr(output).status()?;

    let mut found: HashMap<String, Vec<String>> = HashMap::new();
    let mut lines = None;
    for line in std::fs::read_to_string(both.path())?.lines() {
        match (line.strip_prefix(MARK), &mut lines) {
            (Some(command), _) => lines = Some(found.entry(command.to_owned()).or_default()),
            (None, Some(lines)) => lines.push(normal(line)),
            (None, None) => return Err(format!("psql printed: {line}").into()),
        }
    }
    Ok(found)
}

fn normal(line: &str) -> String {
    // Errors begin with the script's name and the place in it.
    let line = line.strip_prefix("psql:").and_then(|rest| rest.split_once(": ")).map_or(line, |(_, said)| said);
    let owner = |field: &str| if ["app", "pg_database_owner"].contains(&field) { "weft" } else { field }.to_owned();
    line.split('|').map(owner).collect::<Vec<_>>().join("|")
}
