//! The program `weft`. Everything is in the library, so that tests reach it.

fn main() -> std::process::ExitCode {
    weft_server::cli::main()
}
