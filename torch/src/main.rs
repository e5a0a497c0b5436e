//! Parse, run, print the error, set the exit code. `bumphound` starts this program with its own arguments.

use std::process::ExitCode;

use bumphound::cli::{exit, parse};

fn main() -> ExitCode {
    match parse() {
        Ok(cli) => exit(bumphound_torch::cli::run(&cli)),
        Err(code) => code,
    }
}
