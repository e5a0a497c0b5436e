//! The command line: one file per subcommand.

use clap::{Parser, Subcommand};

#[cfg(feature = "torch")]
pub mod evaluate;
pub mod terminal;
#[cfg(feature = "torch")]
pub mod train;

use terminal::Failure;

/// Hunts unexpected resonances in collider ntuples.
#[derive(Debug, Parser)]
#[command(version, about)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[cfg(feature = "torch")]
    Train(train::TrainArgs),
    #[cfg(feature = "torch")]
    Evaluate(evaluate::EvaluateArgs),
}

impl Cli {
    /// Runs the command.
    pub fn run(&self) -> Result<(), Failure> {
        match &self.command {
            #[cfg(feature = "torch")]
            Command::Train(args) => train::train(args),
            #[cfg(feature = "torch")]
            Command::Evaluate(args) => evaluate::evaluate(args),
        }
    }
}
