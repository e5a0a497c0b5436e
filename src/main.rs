//! Parse, run, print the error, set the exit code.

use std::process::ExitCode;

use bumphound::cli::{Cli, exit};
use clap::Parser;

fn main() -> ExitCode {
    exit(Cli::parse().run())
}
