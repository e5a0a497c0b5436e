//! The commands that need the network: one file each. Their arguments are defined in [`bumphound::cli`].

mod doctor;
mod evaluate;
mod network;
mod rank;
mod run;
mod scan;
mod train;
mod validate;

use bumphound::cli::launch::same_build;
use bumphound::cli::terminal::Failure;
use bumphound::cli::{Cli, Command, Done};

/// Runs any command.
pub fn run(cli: &Cli) -> Result<Done, Failure> {
    same_build()?;
    match &cli.command {
        Command::Run(args) => return run::run(args),
        Command::Rank(args) => return rank::rank(args),
        Command::Scan(args) => return Ok(Done::unless_skipped(scan::scan(args)?)),
        Command::Validate(args) => return validate::validate(args),
        Command::Train(args) => train::train(args)?,
        Command::Evaluate(args) => evaluate::evaluate(args)?,
        Command::Doctor(_) => doctor::doctor()?,
        _ => return cli.run(),
    }
    Ok(Done::Whole)
}
