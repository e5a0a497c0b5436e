//! `bumphound check`: the campaign said back in plain English; `bumphound schema`: its JSON schema.

use clap::Args;

use crate::campaign::{describe, json_schema, load};

use super::terminal::{Failure, text};
use super::{CampaignArgs, Done, expected};

/// Check a campaign; describe in plain English what it does and what to expect.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bumphound check selections/quickstart.yaml
  bumphound check selections/quickstart.yaml --set scan.min_entries=50")]
pub struct CheckArgs {
    #[command(flatten)]
    campaign: CampaignArgs,
    /// Events to read per file to estimate categories and spectra (0: none).
    #[arg(long, default_value_t = 2000)]
    sample_events: u64,
}

/// Runs the command.
pub fn check(args: &CheckArgs) -> Result<Done, Failure> {
    let campaign = load(&args.campaign.campaign, &args.campaign.set)?;
    text(&describe(&campaign));
    let (expected, unreadable) = expected::describe(&campaign, args.sample_events)?;
    text(&expected);
    Ok(Done::unless_skipped(unreadable))
}

/// Print the JSON schema of campaigns, for editors.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bumphound schema > campaign.schema.json
  bumphound schema | jq '.properties | keys'")]
pub struct SchemaArgs {}

/// Runs the command.
pub fn schema(_args: &SchemaArgs) -> Result<(), Failure> {
    text(&json_schema());
    Ok(())
}
