//! Parse, run, print the error, set the exit code.

use std::process::ExitCode;

use bumphound::cli::{Cli, Done, terminal};
use clap::Parser;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(Done::Whole) => ExitCode::SUCCESS,
        Ok(Done::WithSkippedInput | Done::NotAsExpected) => ExitCode::from(1),
        Err(failure) => {
            terminal::note(&format!("error: {failure}"));
            ExitCode::from(2)
        }
    }
}
