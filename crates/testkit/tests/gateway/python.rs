//! Python programs of the repository, run with the interpreter that `scripts/install-test-tools.sh` gave the packages to.

use crate::files::root;
use std::process::Command;
use weft_testkit::{Ran, program};

/// Runs a program below the repository to its end.
pub fn run(script: &str, args: &[&str]) -> Ran {
    let tools = program::cache_dir().join("venv/bin");
    let own = tools.join("python3");
    let python = if own.is_file() { own } else { program::find("python3").unwrap() };
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths([tools].into_iter().chain(std::env::split_paths(&path))).unwrap();
    let mut command = Command::new(python);
    command.arg(root().join(script)).args(args).env("PATH", path).env("WEFT_BIN", program::weft(None).unwrap());
    Ran::of(command.current_dir(root())).unwrap()
}
