//! Parse, run, print the error, set the exit code.

use std::process::ExitCode;

use bumphound::cli::{Cli, terminal};
use clap::Parser;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            terminal::note(&format!("error: {failure}"));
            ExitCode::from(2)
        }
    }
}
