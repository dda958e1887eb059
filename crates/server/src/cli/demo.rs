//! `weft demo`: a gateway in a temporary folder, and a tour of SQL over the wire, as any client would run it.

use super::script::{Step, steps};
use super::serve::{Server, log_to_stderr, runtime};
use super::show;
use super::signals::Signals;
use super::table::Table;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use tokio_postgres::{NoTls, SimpleQueryMessage};
use weft_core::settings::Settings;
use weft_core::{Error, ErrorKind, Result};

/// The statements of the tour.
const TOUR: &str = include_str!("../../../../examples/tour.sql");

/// The longest that one statement of the tour may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// What happens after the tour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stay {
    /// The gateway stops.
    Leave,
    /// It goes on serving until a signal.
    Serve,
}

impl Stay {
    /// As `--stay` says.
    pub(super) fn from_flag(given: bool) -> Stay {
        if given { Stay::Serve } else { Stay::Leave }
    }
}

/// Runs the tour; fails at the first statement that does not do what it is expected to.
pub(super) fn demo(stay: Stay) -> Result<()> {
    let folder =
        tempfile::tempdir().map_err(|e| Error::new(ErrorKind::IoError, format!("no temporary folder: {e}")))?;
    super::samples::unpack(folder.path())?;
    // The tour names the samples as the README does: `examples/data`, from the working directory.
    std::env::set_current_dir(folder.path())
        .map_err(|e| Error::new(ErrorKind::IoError, format!("no working directory: {e}")))?;
    let settings = settings(folder.path())?;
    log_to_stderr(&settings)?;
    let runtime = runtime()?;
    let done = runtime.block_on(async {
        let mut signals = Signals::listen()?;
        let server = Server::start(settings).await?;
        let serving = server.spawn();
        let toured = tokio::select! {
            toured = tour(server.address()) => toured,
            () = signals.next() => Ok(()),
        };
        if toured.is_ok() && stay == Stay::Serve {
            show(format_args!(
                "\nserving on {}: psql -h 127.0.0.1 -p {} -U weft lake\nand Flight SQL on grpc://{}, for the user weft without password",
                server.address(),
                server.address().port(),
                server.flight_address()
            ));
            signals.next().await;
        }
        serving.abort();
        server.stop(&mut signals).await?;
        toured
    });
    runtime.shutdown_timeout(Duration::from_secs(1));
    done
}

/// No password is asked for: the gateway listens on loopback only and holds sample data only.
fn settings(folder: &Path) -> Result<Settings> {
    let mut settings = Settings::defaults()?;
    let data = folder.join("data");
    for (key, value) in [
        ("data_dir", data.display().to_string()),
        ("pg_listen", "127.0.0.1:0".to_owned()),
        ("flight_listen", "127.0.0.1:0".to_owned()),
        ("http_listen", "127.0.0.1:0".to_owned()),
        ("auth", "trust".to_owned()),
        ("file_roots", folder.display().to_string()),
        ("log", "warn".to_owned()),
        ("drain_timeout", "2s".to_owned()),
    ] {
        settings.set(key, &value)?;
    }
    Ok(settings)
}

async fn tour(address: SocketAddr) -> Result<()> {
    let failed =
        |e: tokio_postgres::Error| Error::new(ErrorKind::ConnectionFailed, format!("the tour cannot connect: {e}"));
    let (client, connection) = tokio_postgres::Config::new()
        .host(address.ip().to_string())
        .port(address.port())
        .user("weft")
        .dbname("lake")
        .connect(NoTls)
        .await
        .map_err(failed)?;
    let connection = tokio::spawn(connection);
    for step in steps(TOUR) {
        run(&client, &step).await?;
    }
    drop(client);
    // It ends with its client.
    let _ = tokio::time::timeout(PATIENCE, connection).await;
    Ok(())
}

/// Runs one statement and prints it with what it returned.
async fn run(client: &tokio_postgres::Client, step: &Step) -> Result<()> {
    for line in &step.heading {
        show(format_args!("-- {line}"));
    }
    show(&step.sql);
    let unexpected =
        |message: String| Error::new(ErrorKind::DataException, message).with_detail(format!("In: {}", step.sql));
    let answer = tokio::time::timeout(PATIENCE, client.simple_query(&step.sql))
        .await
        .map_err(|_| unexpected("a statement of the tour takes too long".to_owned()))?;
    match (answer, step.expected_error.as_deref()) {
        (Ok(messages), None) => print(&messages),
        (Ok(_), Some(code)) => {
            return Err(unexpected(format!("a statement of the tour succeeded instead of failing with {code}")));
        }
        (Err(error), Some(code)) if error.code().is_some_and(|c| c.code() == code) => {
            let told = error.as_db_error();
            show(format_args!("ERROR: {code}: {}", told.map(|e| e.message()).unwrap_or_default()));
            if let Some(hint) = told.and_then(|e| e.hint()) {
                show(format_args!("HINT: {hint}"));
            }
        }
        (Err(error), _) => {
            let message = error
                .as_db_error()
                .map_or_else(|| error.to_string(), |e| format!("{}: {}", e.code().code(), e.message()));
            return Err(unexpected(format!("a statement of the tour failed: {message}")));
        }
    }
    show("");
    Ok(())
}

fn print(messages: &[SimpleQueryMessage]) {
    let mut table: Option<Table> = None;
    for message in messages {
        match message {
            SimpleQueryMessage::RowDescription(columns) => {
                table = Some(Table { names: columns.iter().map(|c| c.name().to_owned()).collect(), rows: Vec::new() });
            }
            SimpleQueryMessage::Row(row) => {
                if let Some(table) = &mut table {
                    table.rows.push((0..row.len()).map(|i| row.get(i).map(str::to_owned)).collect());
                }
            }
            SimpleQueryMessage::CommandComplete(_) => match table.take() {
                Some(table) => show(table),
                None => show("ok"),
            },
            _ => {}
        }
    }
}
