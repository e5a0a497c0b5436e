//! `bumphound skim`: the events behind a bump, or passing a cut, as a small ROOT ntuple.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::campaign::{Campaign, PseudoData, given_cut, load};
use crate::categories::{Category, JetCount};
use crate::digits;
use crate::part_file::{PartFile, refuse_own_input};
use crate::particles::MassLabel;
use crate::ranking::Bump;
use crate::report::read_report_json;
use crate::skim::SKIM_TREE;
use crate::skim::pick::{MassWindow, Pick, Picked, pick};

use crate::run_files::{RunFile, settle};

use super::Done;
use super::fill::{OnBadFile, open_inputs, stop_if_bad};
use super::progress::Bar;
use super::terminal::{Failure, note};

/// Write the events behind a bump, or passing a cut, as a ROOT ntuple.
#[derive(Debug, Args)]
#[command(
    after_help = "Events must pass the campaign's preselection and everything that is given here. FILE.files.csv, beside FILE.root,
says which file each number in the branch `file` is; `weight` is the weight in the campaign.
Examples:
  bumphound skim out/quickstart --rank 1 --out bump1.root
  bumphound skim selections/quickstart.yaml --out dimuons.root --cut \"MET > 100 and n(mu) >= 2\"
  bumphound skim selections/quickstart.yaml --out window.root --category incl/2mu.os/Xj --mass \"m(mu1,mu2)\" --low 450 --high 550"
)]
pub struct SkimArgs {
    /// Campaign (YAML), or a run directory.
    #[arg(value_name = "CAMPAIGN|DIR")]
    source: PathBuf,
    /// Override a key, e.g. --set base=/data; may be repeated.
    #[arg(long, value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// ROOT file to write.
    #[arg(long, value_name = "FILE.root")]
    out: PathBuf,
    /// The events behind this bump of a run directory (rank in bumps.csv).
    #[arg(long, conflicts_with_all = ["category", "mass"])]
    rank: Option<usize>,
    /// Events that pass a cut, as in a campaign.
    #[arg(long)]
    cut: Option<String>,
    /// Events of a category, e.g. incl/2mu.os/1j.
    #[arg(long)]
    category: Option<Category>,
    /// Events with this mass between --low and --high.
    #[arg(long)]
    mass: Option<MassLabel>,
    /// GeV, inclusive.
    #[arg(long, requires = "mass", default_value_t = 0.0, allow_negative_numbers = true)]
    low: f64,
    /// GeV, exclusive.
    #[arg(long, requires = "mass", default_value_t = f64::INFINITY, allow_negative_numbers = true)]
    high: f64,
    /// Number of threads; the result does not depend on it.
    #[arg(long, default_value_t = super::default_threads(), value_parser = super::threads)]
    threads: usize,
    /// What to do with a file that cannot be read.
    #[arg(long, default_value = "stop")]
    on_bad_file: OnBadFile,
}

/// Runs the command.
pub fn skim(args: &SkimArgs) -> Result<Done, Failure> {
    if args.rank.is_none() && args.cut.is_none() && args.category.is_none() && args.mass.is_none() {
        return Err(Failure::new(
            "no events chosen\nhint: give --rank (with a run directory), --cut, --category or --mass".into(),
        ));
    }
    let (campaign, bump) = campaign_and_bump(args)?;
    let wanted = wanted(args, &campaign, bump.as_ref())?;
    let files_path = args.out.with_extension("files.csv");
    check_output(&[&args.out, &files_path], &args.source, &campaign)?;
    let mut files = PartFile::create(&files_path)?;

    let inputs = open_inputs(&campaign, args.threads, args.on_bad_file)?;
    let bar = Bar::default();
    let picked = pick(&inputs, &wanted, &bar)?;
    bar.finish();
    if args.on_bad_file == OnBadFile::Stop {
        stop_if_bad(&picked.skipped)?;
    }
    for warning in &picked.warnings {
        note(&format!("warning: {warning}"));
    }
    // With a cut, fewer events than in the report are what was asked for.
    let bump_warning = bump.filter(|_| args.cut.is_none()).and_then(|bump| disagreement(&bump, &picked, &campaign));
    let (read, used, skipped) = (picked.read, picked.used, picked.skipped.len());
    let events = picked.skim.write(&args.out)? as u64;
    write_files(&mut files, &campaign)?;
    files.commit()?;

    if let Some(warning) = bump_warning {
        note(&format!("warning: {warning}"));
    }
    let out = args.out.display();
    note(&format!(
        "{} of {} read ({} after the preselection): {out}",
        digits::counted(events, "event", "events"),
        digits::count(read as f64),
        digits::count(used as f64),
    ));
    note(&format!("files by number: {}", files_path.display()));
    note(&format!("open it with uproot.open(\"{out}\")[\"{SKIM_TREE}\"].arrays()"));
    // With a cut, none may be the answer.
    if events == 0 && args.cut.is_none() {
        note(
            "warning: no event was found: is it a mass or category that these events can have? `bumphound export DIR --categories` lists them",
        );
        return Ok(Done::NotAsExpected);
    }
    Ok(Done::unless_skipped(skipped))
}

/// The campaign, of a run directory the resolved one, and the bump that was asked for.
fn campaign_and_bump(args: &SkimArgs) -> Result<(Campaign, Option<Bump>), Failure> {
    let source = args.source.display();
    if !args.source.is_dir() {
        if args.rank.is_some() {
            return Err(Failure::new(format!(
                "--rank needs a run directory, and `{source}` is not one\nhint: `bumphound run CAMPAIGN --out DIR` makes one"
            )));
        }
        return Ok((load(&args.source, &args.set)?, None));
    }
    settle(&args.source)?;
    let resolved = RunFile::Campaign.path(&args.source);
    if !resolved.exists() {
        return Err(Failure::new(format!(
            "{} does not exist\nhint: is `{source}` a run directory? `bumphound run CAMPAIGN --out DIR` makes one",
            resolved.display()
        )));
    }
    let Some(rank) = args.rank else { return Ok((load(&resolved, &args.set)?, None)) };
    let path = RunFile::Report.path(&args.source);
    let file = File::open(&path).map_err(|e| {
        Failure::new(format!("{}: {e}\nhint: `bumphound run CAMPAIGN --out {source}` makes it", path.display()))
    })?;
    let report = read_report_json(BufReader::new(file))?;
    let bumps = report.bumps.iter().map(|bump| bump.rank).max().unwrap_or(0);
    let bump = report.bumps.into_iter().find(|bump| bump.rank == rank).ok_or_else(|| {
        let hint = match bumps {
            0 => "it has none at all".to_string(),
            _ => format!("its bumps are 1 to {bumps}; bumps.csv lists them"),
        };
        Failure::new(format!("{} has no bump of rank {rank}\nhint: {hint}", path.display()))
    })?;
    let campaign = load(&resolved, &args.set)?;
    if args.set.is_empty() && campaign.sha256() != report.provenance.campaign_sha256 {
        note(&format!("warning: {} is not the campaign that {} comes from", resolved.display(), path.display()));
    }
    Ok((campaign, Some(bump)))
}

fn wanted(args: &SkimArgs, campaign: &Campaign, bump: Option<&Bump>) -> Result<Pick, Failure> {
    let cut = args.cut.as_ref().map(|text| given_cut("--cut", text, campaign.preselection.as_ref())).transpose()?;
    let (category, window) = match bump {
        Some(bump) => {
            let (low, high) = (digits::mass(bump.low_gev), digits::mass(bump.high_gev));
            note(&format!("bump {}: {} {} from {low} to {high} GeV", bump.rank, events_of(bump), bump.mass));
            let window = MassWindow { mass: bump.mass, low_gev: bump.low_gev, high_gev: bump.high_gev };
            (Some(events_of(bump)), Some(window))
        }
        None => {
            let window = args.mass.map(|mass| MassWindow { mass, low_gev: args.low, high_gev: args.high });
            (args.category.clone(), window)
        }
    };
    Ok(Pick { cut, category, window })
}

/// The category that holds the events of all rows of a bump.
fn events_of(bump: &Bump) -> Category {
    if bump.rows.len() > 1 { bump.category.with_jets(JetCount::Any) } else { bump.category.clone() }
}

/// Says early if the outputs cannot be written, and never lets them replace what is read, or a file of a run directory.
fn check_output(outs: &[&Path], source: &Path, campaign: &Campaign) -> Result<(), Failure> {
    for out in outs {
        if out.is_dir() {
            return Err(Failure::new(format!("{} is a folder\nhint: --out names a file", out.display())));
        }
        let of_the_run = RunFile::all(source);
        let read = campaign.files_read().chain([source]).chain(of_the_run.iter().map(PathBuf::as_path));
        refuse_own_input(out, read)?;
        // Dropped at once: the file vanishes again.
        PartFile::create(out)?;
    }
    Ok(())
}

/// `file,sample,path`: the campaign's files by number.
fn write_files(out: &mut PartFile, campaign: &Campaign) -> Result<(), Failure> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(["file", "sample", "path"])?;
    let files = campaign.samples.iter().flat_map(|sample| sample.files.iter().map(move |file| (sample, file)));
    for (number, (sample, file)) in files.enumerate() {
        csv.write_record([&number.to_string(), &sample.name, &file.display().to_string()])?;
    }
    csv.flush()?;
    Ok(())
}

/// A sentence where the events are not those that the report counts.
fn disagreement(bump: &Bump, picked: &Picked, campaign: &Campaign) -> Option<String> {
    let found = picked.skim.sum_w();
    // Counts are exact; weights are booked as whole numbers of a small unit, so their sums differ in late digits.
    let observed = bump.observed_in_all();
    if (found - observed).abs() <= 1e-6 * observed.abs().max(1.0) {
        return None;
    }
    let why = match campaign.pseudo_data {
        PseudoData::Poisson => "`pseudo_data: poisson` drew that number around the sum of weights",
        _ => "did the inputs or the campaign change since?",
    };
    let (counted, found) = (digits::count(observed), digits::count(found));
    Some(format!("report.json counts {counted} events in this window, here are {found} (sum of weights): {why}"))
}
