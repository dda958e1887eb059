//! What can be typed: the commands, and a flag for each declared setting. Knows no meaning.

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use std::path::PathBuf;
use weft_core::settings::SPECS;

/// `--config`
pub(super) const CONFIG: &str = "config";
/// `--print-config`
pub(super) const PRINT_CONFIG: &str = "print-config";
/// `--stay`
pub(super) const STAY: &str = "stay";
/// `--reference`
pub(super) const REFERENCE: &str = "reference";

/// The whole command line.
pub(super) fn command() -> Command {
    Command::new("weft")
        .version(env!("CARGO_PKG_VERSION"))
        .about("A SQL gateway to many sources, spoken to over the PostgreSQL protocol.")
        .after_help(
            "Settings: command line over environment (WEFT_DATA_DIR, …) over ./weft.toml or --config over defaults.",
        )
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .subcommand(
            with_settings(Command::new("serve").about("Serves until it is told to stop."))
                .arg(flag(PRINT_CONFIG, "Prints the effective settings as TOML and ends.")),
        )
        .subcommand(
            with_settings(Command::new("worker").about("Runs statements for gateways, until it is told to stop."))
                .arg(flag(PRINT_CONFIG, "Prints the effective settings as TOML and ends.")),
        )
        .subcommand(
            Command::new("demo")
                .about("Serves sample data from a temporary folder and runs a tour of SQL on it.")
                .arg(flag(STAY, "Goes on serving after the tour.")),
        )
        .subcommand(with_settings(
            Command::new("check-config").about("Reads the settings and says what is wrong with them."),
        ))
        .subcommand(
            Command::new("help")
                .about("Prints this, or the reference.")
                .arg(flag(REFERENCE, "Prints the reference of all statements and tables.")),
        )
}

fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).help(help).action(ArgAction::SetTrue)
}

fn with_settings(command: Command) -> Command {
    let config = Arg::new(CONFIG)
        .long(CONFIG)
        .value_name("PATH")
        .help("The file of settings; ./weft.toml if there is one.")
        .value_parser(value_parser!(PathBuf));
    SPECS.iter().fold(command.arg(config), |command, spec| {
        let default = if spec.default.is_empty() { String::new() } else { format!(" [default: {}]", spec.default) };
        let arg = Arg::new(spec.key)
            .long(spec.key.replace('_', "-"))
            .value_name("VALUE")
            .allow_hyphen_values(true)
            .help(format!("{}{default}", spec.doc));
        command.arg(arg)
    })
}

/// The settings that were given as flags.
pub(super) fn settings_of(given: &ArgMatches) -> impl Iterator<Item = (&'static str, &str)> {
    SPECS
        .iter()
        .filter(|spec| given.value_source(spec.key) == Some(ValueSource::CommandLine))
        .filter_map(|spec| given.get_one::<String>(spec.key).map(|value| (spec.key, value.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn flags_are_settings() {
        let matches =
            command().try_get_matches_from(["weft", "serve", "--data-dir", "x", "--pg-listen=y"]).expect("read");
        let (_, serve) = matches.subcommand().expect("serve");
        assert_eq!(settings_of(serve).collect::<Vec<_>>(), [("data_dir", "x"), ("pg_listen", "y")]);
    }
}
