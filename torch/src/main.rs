//! Parse, run, print the error, set the exit code. `bumphound` starts this program with its own arguments.

use std::process::ExitCode;

use bumphound::cli::{Cli, exit};
use clap::Parser;

fn main() -> ExitCode {
    exit(bumphound_torch::cli::run(&Cli::parse()))
}
