//! Client libraries as people use them: each program of `tests/clients` runs against a gateway whose catalog `shop` is a PostgreSQL with keys, indexes
//! and comments. What a program needs is installed by `scripts/install-test-tools.sh`; one whose runtime is not there says so and is skipped.

use crate::files::root;
use libtest_mimic::{Failed, Trial};
use std::path::{Path, PathBuf};
use std::process::Command;
use weft_testkit::{Postgres, Ran, Weft, program};

/// What one program may take, in seconds: several of them wait for what they cancel.
const PATIENCE: &str = "180";

/// What runs a program, if it is there.
type Runner = fn(&Path) -> Option<Command>;

/// The programs, and what runs each.
const PROGRAMS: [(&str, Runner); 13] = [
    ("psycopg3.py", python),
    ("psycopg2_client.py", python),
    ("sqlalchemy_reflection.py", python),
    ("asyncpg_client.py", python),
    ("Jdbc.java", java),
    ("node_postgres.js", node),
    ("pgcli_completion.py", python),
    ("pg8000_client.py", python),
    ("odbc.py", python),
    ("connectorx_client.py", python),
    ("lookup.sql", pgbench),
    ("dbt_project.py", dbt),
    ("superset_api.py", superset),
];

pub fn trials() -> Vec<Trial> {
    let trial = |(file, runner): (&'static str, Runner)| {
        let name = format!("clients::{}", file.split('.').next().unwrap_or(file));
        Trial::test(name, move || run(file, runner))
    };
    PROGRAMS.map(trial).into()
}

fn run(file: &str, runner: Runner) -> Result<(), Failed> {
    let Some(mut command) = runner(&root().join("tests/clients").join(file)) else {
        println!("skipped: {file} has no runtime here");
        return Ok(());
    };
    let (_source, weft) = tokio::runtime::Runtime::new()?.block_on(shop())?;
    let gateway = &weft.endpoint;
    let ran = Ran::of(
        command
            .current_dir(root().join("tests/clients"))
            .env("PGHOST", &gateway.host)
            .env("PGPORT", gateway.port.to_string())
            .env("PGUSER", &gateway.user)
            .env("PGPASSWORD", &gateway.password)
            .env("PGDATABASE", "pg"),
    )?;
    if ran.ok() {
        println!("{}", ran.stdout.trim());
        return Ok(());
    }
    Err(format!("{file}:\n{}\n{}\n{}", ran.stdout, ran.stderr, weft.log()).into())
}

/// A gateway whose catalog `pg` is a PostgreSQL with the schema `shop`.
pub async fn shop() -> weft_testkit::Result<(Postgres, Weft)> {
    let (source, weft) = (Postgres::start()?, Weft::start()?);
    fill(&source, &weft).await?;
    Ok((source, weft))
}

async fn fill(source: &Postgres, weft: &Weft) -> weft_testkit::Result<()> {
    let fixture = std::fs::read_to_string(root().join("tests/clients/fixture.sql")).unwrap();
    source.connect().await?.batch_execute(&fixture).await?;
    let client = weft.connect().await?;
    let (port, user, password) = (source.endpoint.port, &source.endpoint.user, &source.endpoint.password);
    let options =
        format!("host '127.0.0.1', port '{port}', database 'postgres', \"user\" '{user}', password '{password}'");
    client.batch_execute(&format!("CREATE CATALOG pg USING postgres OPTIONS ({options})")).await?;
    client.batch_execute("SCAN CATALOG pg LEVEL 2").await?;
    Ok(())
}

/// A program that is ended when it takes too long.
fn patient(program: &Path) -> Command {
    let mut command = Command::new("timeout");
    command.arg(PATIENCE).arg(program);
    command
}

fn python(script: &Path) -> Option<Command> {
    let own = program::cache_dir().join("venv/bin/python3");
    let python = if own.is_file() { own } else { program::find("python3").ok()? };
    let mut command = patient(&python);
    command.arg(script);
    Some(command)
}

/// dbt has an environment of its own.
fn dbt(script: &Path) -> Option<Command> {
    let python = program::cache_dir().join("dbt-venv/bin/python3");
    let mut command = patient(&python);
    command.arg(script);
    python.is_file().then_some(command)
}

/// Superset is too large for every run: `make superset` names the Python that has it.
fn superset(script: &Path) -> Option<Command> {
    let python = std::env::var_os("WEFT_TEST_SUPERSET")?;
    let mut command = Command::new("timeout");
    command.arg("600").arg(python).arg(script);
    Some(command)
}

/// Java runs a file of source by itself.
fn java(source: &Path) -> Option<Command> {
    let driver = PathBuf::from("/usr/share/java/postgresql.jar");
    let mut command = patient(&program::find("java").ok()?);
    command.arg("-cp").arg(&driver).arg(source);
    // The compiler comes with the development kit alone.
    program::find("javac").ok().filter(|_| driver.is_file()).map(|_| command)
}

fn node(script: &Path) -> Option<Command> {
    let modules = program::cache_dir().join("node/node_modules");
    let mut command = patient(&program::find("node").ok()?);
    command.arg(script).env("NODE_PATH", &modules);
    modules.is_dir().then_some(command)
}

/// Each of its three ways to send a statement.
fn pgbench(script: &Path) -> Option<Command> {
    let mut command = Command::new("sh");
    let each =
        "for mode in simple extended prepared; do timeout 60 \"$1\" -n -t 50 -c 2 -M $mode -f \"$2\" || exit 1; done";
    command.args(["-c", each, "sh"]).arg(program::postgres("pgbench").ok()?).arg(script);
    Some(command)
}
