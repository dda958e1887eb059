//! The command line. Exit codes: 0 fine, 1 failed, 2 wrong usage or settings.

mod command;
mod demo;
mod layers;
mod samples;
mod script;
mod serve;
mod signals;
mod table;
mod worker;

use crate::access::tls::Tls;
pub(crate) use layers::ADMIN_PASSWORD;

use clap::ArgMatches;
use std::fmt::Display;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use weft_core::settings::{Auth, Settings};
use weft_core::{Error, ErrorKind, Result};

const FAILED: u8 = 1;
const WRONG_USAGE: u8 = 2;

/// Runs the command that the arguments of the process ask for.
pub fn main() -> ExitCode {
    let matches = match command::command().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => {
            // Also `--help` and `--version`, which are no mistakes.
            let code = if error.use_stderr() { ExitCode::from(WRONG_USAGE) } else { ExitCode::SUCCESS };
            // Nobody is there to read it if this fails.
            let _ = error.print();
            return code;
        }
    };
    let (done, wrong) = match matches.subcommand() {
        Some(("serve", given)) => match settings(given).and_then(checked) {
            Ok(settings) if given.get_flag(command::PRINT_CONFIG) => (print_config(&settings), FAILED),
            Ok(settings) => (serve::serve(settings), FAILED),
            Err(error) => (Err(error), WRONG_USAGE),
        },
        Some(("worker", given)) => match settings(given).and_then(worker::checked) {
            Ok(settings) if given.get_flag(command::PRINT_CONFIG) => (print_config(&settings), FAILED),
            Ok(settings) => (worker::work(settings), FAILED),
            Err(error) => (Err(error), WRONG_USAGE),
        },
        Some(("check-config", given)) => {
            (settings(given).and_then(checked).map(|_| show("the settings are valid")), WRONG_USAGE)
        }
        Some(("demo", given)) => (demo::demo(demo::Stay::from_flag(given.get_flag(command::STAY))), FAILED),
        Some(("help", given)) if given.get_flag(command::REFERENCE) => {
            show(weft_engine::reference());
            (Ok(()), FAILED)
        }
        _ => {
            show(command::command().render_long_help());
            (Ok(()), FAILED)
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(&error);
            ExitCode::from(wrong)
        }
    }
}

/// The settings of all layers: command line over environment over file over defaults.
fn settings(given: &ArgMatches) -> Result<Settings> {
    let mut settings = Settings::defaults()?;
    let file = given.get_one::<PathBuf>(command::CONFIG);
    layers::apply_file(&mut settings, file.map(PathBuf::as_path))?;
    layers::apply_environment(&mut settings, std::env::vars_os())?;
    for (key, value) in command::settings_of(given) {
        settings.set(key, value)?;
    }
    Ok(settings)
}

/// Refuses settings that do not fit together.
fn checked(settings: Settings) -> Result<Settings> {
    for (setting, address) in [
        ("pg_listen", settings.pg_listen),
        ("flight_listen", settings.flight_listen),
        ("http_listen", settings.http_listen),
    ] {
        if settings.auth == Auth::Trust && !address.ip().is_loopback() {
            return Err(Error::new(ErrorKind::InvalidParameterValue, "auth = \"trust\" is refused off loopback")
                .with_detail(format!("{setting} is {address}; anyone who reaches it could be anyone."))
                .with_hint("Use auth = \"scram\", or listen on 127.0.0.1."));
        }
    }
    Tls::load(&settings)?;
    in_time(&settings)?;
    Ok(settings)
}

/// Refuses times with which workers would come and go without reason.
fn in_time(settings: &Settings) -> Result<()> {
    let (heartbeat, ttl, limit) = (settings.worker_heartbeat, settings.worker_ttl, settings.redis_timeout);
    if heartbeat.0.is_zero() || limit.0.is_zero() {
        return Err(Error::new(ErrorKind::InvalidParameterValue, "worker_heartbeat and redis_timeout cannot be 0"));
    }
    if ttl.0 < heartbeat.0 * 2 {
        return Err(Error::new(ErrorKind::InvalidParameterValue, "worker_ttl is too short for worker_heartbeat")
            .with_detail(format!(
                "One sign of life in {heartbeat} is expected, and after {ttl} without any a worker is gone."
            ))
            .with_hint("Let worker_ttl be at least twice as long as worker_heartbeat."));
    }
    Ok(())
}

fn print_config(settings: &Settings) -> Result<()> {
    for (key, value) in settings.list() {
        let value = match value.parse::<i64>() {
            Ok(number) => toml::Value::Integer(number),
            Err(_) => toml::Value::String(value),
        };
        show(format_args!("{key} = {value}"));
    }
    Ok(())
}

/// One line for whoever runs the program.
fn show(line: impl Display) {
    use std::io::Write;
    // A closed pipe is the reader's choice.
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// An error for whoever runs the program.
fn report(error: &Error) {
    use std::io::Write;
    let mut stderr = std::io::stderr();
    let _ = writeln!(stderr, "weft: {}", error.message());
    for (label, line) in [("detail", error.detail()), ("hint", error.hint())] {
        if let Some(line) = line {
            let _ = writeln!(stderr, "  {label}: {line}");
        }
    }
}

/// The address a local client can reach a listener by.
fn reachable(address: SocketAddr) -> SocketAddr {
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}
