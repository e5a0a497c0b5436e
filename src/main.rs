//! Parse, run, print the error, set the exit code.

use std::process::ExitCode;

use bumphound::cli::{exit, parse};

fn main() -> ExitCode {
    match parse() {
        Ok(cli) => exit(cli.run()),
        Err(code) => code,
    }
}
