//! The gateway as its clients meet it: the program is started, everything else goes over the wire. One binary for all of it, a module for each area;
//! a test starts the gateway that it needs, so that each can run alone, in any order and beside the others.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod catalogs;
mod clients;
mod deep_scans;
mod demo;
mod differential;
mod disconnect;
mod errors;
mod failover;
mod files;
mod flight;
mod http;
mod lifecycle;
mod limits;
mod memory;
mod metastore;
mod objects;
mod plans;
mod principals;
mod protocol;
mod psql;
mod psql_source;
mod python;
mod raw;
mod registry;
mod scans;
mod secrets;
mod site;
mod slt;
mod sources;
mod sqlx_client;
mod statistics;
mod stores;
mod streaming;
mod tables;
mod tpch;
mod traces;
mod workers;

use libtest_mimic::{Arguments, Trial};
use std::future::Future;
use std::time::{Duration, Instant};

fn main() {
    let arguments = Arguments::from_args();
    let trials = [
        slt::trials(),
        protocol::trials(),
        errors::trials(),
        limits::trials(),
        lifecycle::trials(),
        catalogs::trials(),
        secrets::trials(),
        streaming::trials(),
        tables::trials(),
        disconnect::trials(),
        differential::trials(),
        tpch::trials(),
        plans::trials(),
        principals::trials(),
        scans::trials(),
        metastore::trials(),
        registry::trials(),
        statistics::trials(),
        deep_scans::trials(),
        sources::trials(),
        objects::trials(),
        stores::trials(),
        demo::trials(),
        psql::trials(),
        psql_source::trials(),
        workers::trials(),
        failover::trials(),
        flight::trials(),
        http::trials(),
        clients::trials(),
        traces::trials(),
        sqlx_client::trials(),
    ];
    let pending = pending();
    let trials = trials.into_iter().flatten().map(|trial| {
        let waits = pending.iter().any(|name| name == trial.name());
        trial.with_ignored_flag(waits)
    });
    libtest_mimic::run(&arguments, trials.collect()).exit();
}

/// Trials whose statements Weft does not answer as PostgreSQL yet: `tests/pending.txt` names each, with its reason. They are reported as ignored, and run
/// with `--ignored`.
fn pending() -> Vec<String> {
    let text = std::fs::read_to_string(files::root().join("tests/pending.txt")).unwrap_or_default();
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
}

/// A test that fails by panicking, in a runtime of its own.
fn test<F: Future<Output = ()> + 'static>(name: &str, body: fn() -> F) -> Trial {
    Trial::test(name, move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        runtime.block_on(body());
        Ok(())
    })
}

/// Asks until the answer is yes; tells how long that took. Panics after `limit`.
async fn eventually<F: Future<Output = bool>>(what: &str, limit: Duration, mut probe: impl FnMut() -> F) -> Duration {
    let started = Instant::now();
    while !probe().await {
        assert!(started.elapsed() < limit, "not within {limit:?}: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    started.elapsed()
}

/// SQLSTATE and message of a refusal by the server.
fn refusal<T>(outcome: Result<T, tokio_postgres::Error>) -> (String, String) {
    let Err(error) = outcome else { panic!("an error was expected") };
    let Some(db) = error.as_db_error().cloned() else {
        panic!("not the server's error: {}", weft_testkit::Error::from(error))
    };
    (db.code().code().to_owned(), db.message().to_owned())
}
