//! `bumphound inspect`: what a file holds, how it would be read, and what becomes of one of its events.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use crate::campaign;
use crate::campaign::{Campaign, Role, Sample};
use crate::digits;
use crate::fill::explain::{ExplainedEvent, explain};
use crate::fill::survey::{Survey, survey};
use crate::nearest::nearest;
use crate::ntuples::describe::{FileDescription, RawField, RawValues, describe, raw_entry};
use crate::ntuples::layouts::{Layout, Part};
use crate::ntuples::{Detected, NtupleError, Quantity, Reader, Scratch, detect};

use super::terminal::{Failure, note, text};

mod columns;
mod event;
mod overview;
mod snippet;

/// Show what a file holds, its layout, and what happens to its events.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bumphound inspect data-samples/tiny/diboson.root
  bumphound inspect data-samples/tiny/diboson.root --event 7 --campaign selections/quickstart.yaml
  bumphound inspect data-samples/tiny/diboson.root --emit-map > my.yaml")]
pub struct InspectArgs {
    /// ROOT file or text of events.
    file: PathBuf,
    /// Show one event (its entry, from 0): raw values, objects, composites, categories, every mass.
    #[arg(long, value_name = "ENTRY", conflicts_with = "emit_map")]
    event: Option<u64>,
    /// Campaign whose layout, selections, regions and masses are used for --event (defaults otherwise).
    #[arg(long, requires = "event")]
    campaign: Option<PathBuf>,
    /// Override a key of the campaign, e.g. --set selection.jet.pt_min=30; may be repeated.
    #[arg(long, value_name = "KEY=VALUE", requires = "campaign")]
    set: Vec<String>,
    /// Write a campaign with the layout spelled out branch by branch, to start from.
    #[arg(long)]
    emit_map: bool,
    /// Show everything.
    #[arg(long)]
    all: bool,
    /// JSON instead of text.
    #[arg(long, conflicts_with = "emit_map")]
    json: bool,
    /// Events to read for the overview (0: none).
    #[arg(long, default_value_t = 2000)]
    sample_events: u64,
}

/// How a file would be read.
struct Found {
    layout: Result<Detected, String>,
    notes: Vec<String>,
    /// Branches that are read, and as what.
    used: Used,
    /// First event of a text.
    first_fields: Vec<RawField>,
    survey: Option<Survey>,
    snippet: Option<String>,
}

/// Branch to what it is read as: `electron pt`.
type Used = BTreeMap<String, String>;

impl Found {
    /// The tree that is read, if one is.
    fn tree(&self) -> Option<&str> {
        self.layout.as_ref().ok().map(|detected| detected.layout.tree())
    }
}

/// Runs the command.
pub fn inspect(args: &InspectArgs) -> Result<(), Failure> {
    missing(&args.file)?;
    let description = describe(&args.file).map_err(|error| hinted(&error))?;
    if let Some(entry) = args.event {
        return show_event(args, &description, entry);
    }
    let detected = detect(&args.file);
    if args.emit_map {
        return emit_map(args, &description, detected);
    }
    let layout = detected.map_err(|error| hinted(&error).to_string());
    let mut found =
        Found { layout, notes: vec![], used: Used::new(), first_fields: vec![], survey: None, snippet: None };
    look_inside(args, &mut found);
    if args.json {
        return json(&Overview::new(&description, &found));
    }
    text(&overview::text(&description, &found, args.all));
    Ok(())
}

/// A campaign with every branch named; for an unknown layout a frame to be filled in.
fn emit_map(
    args: &InspectArgs,
    file: &FileDescription,
    detected: Result<Detected, NtupleError>,
) -> Result<(), Failure> {
    match detected {
        Ok(detected) => {
            // What cannot be read is said by `inspect` and `fill`; the map is wanted all the same.
            let source = detected.layout.open(&args.file).ok();
            let survey = source.and_then(|source| first_events(args, &detected.layout, &*source).ok().flatten());
            let map = snippet::with_map(&args.file, &detected, survey.as_ref()).map_err(Failure::new)?;
            check(&map)?;
            text(&map);
        }
        Err(NtupleError::UnknownLayout { .. }) if file.tables.iter().any(|table| !table.columns.is_empty()) => {
            text(&snippet::frame(&args.file, file).map_err(Failure::new)?);
            note("no known layout: fill in the branches of the objects that you have, and remove the #");
        }
        Err(error) => return Err(hinted(&error)),
    }
    Ok(())
}

/// Opens the file with the layout that was found; what goes wrong becomes a note.
fn look_inside(args: &InspectArgs, found: &mut Found) {
    let Ok(detected) = &found.layout else { return };
    let source = match detected.layout.open(&args.file) {
        Ok(source) => source,
        Err(error) => {
            found.notes.push(hinted(&error).to_string());
            return;
        }
    };
    found.notes.extend(source.notes());
    found.used = used(&*source);
    if source.entries() > 0 {
        found.first_fields = source.raw_fields(0, &mut Scratch::default()).unwrap_or_default();
    }
    match first_events(args, &detected.layout, &*source) {
        Ok(survey) => found.survey = survey,
        Err(reason) => found.notes.push(reason),
    }
    match snippet::campaign(&args.file, &detected.layout, found.survey.as_ref()) {
        Ok(text) => found.snippet = Some(text),
        Err(reason) => found.notes.push(reason),
    }
}

/// A look at the first events; None if none is wanted. Errors are sentences.
fn first_events(args: &InspectArgs, layout: &Layout, source: &dyn Reader) -> Result<Option<Survey>, String> {
    if args.sample_events == 0 {
        return Ok(None);
    }
    let text = snippet::campaign(&args.file, layout, None)?;
    let campaign = check(&text).map_err(|error| error.to_string())?;
    survey(&campaign, source, args.sample_events).map(Some)
}

/// What the branches are read as that a source can name.
fn used(source: &dyn Reader) -> Used {
    let mut used = Used::new();
    let quantities = [
        Quantity::Pt,
        Quantity::Eta,
        Quantity::Phi,
        Quantity::Mass,
        Quantity::Charge,
        Quantity::BTag,
        Quantity::Weight,
    ];
    for part in [Part::Electron, Part::Muon, Part::Photon, Part::Jet, Part::Met] {
        for quantity in quantities {
            for branch in source.branches_of(part, quantity).split(", ").filter(|branch| !branch.is_empty()) {
                let meant = match (part, quantity) {
                    (_, Quantity::Weight) => "weight".to_string(),
                    (Part::Met, _) => "met".to_string(),
                    (_, Quantity::BTag) => format!("{} b-tag", part.name()),
                    _ => format!("{} {}", part.name(), quantity.name()),
                };
                // px is part of pt, eta and phi.
                let several = |known: &mut String| {
                    if *known != meant && known.starts_with(part.name()) && quantity != Quantity::Weight {
                        *known = format!("{} momentum", part.name());
                    }
                };
                used.entry(branch.to_string()).and_modify(several).or_insert(meant.clone());
            }
        }
    }
    used
}

/// What scripts get.
#[derive(Serialize)]
struct Overview<'a> {
    file: &'a FileDescription,
    layout: Option<LayoutFound<'a>>,
    layout_problem: Option<&'a str>,
    notes: &'a [String],
    read_as: &'a Used,
    first_fields: &'a [RawField],
    first_events: Option<&'a Survey>,
    campaign: Option<&'a str>,
}

#[derive(Serialize)]
struct LayoutFound<'a> {
    name: &'a str,
    tree: &'a str,
    why: &'a str,
    unmatched: &'a [String],
    yaml: Option<String>,
}

impl<'a> Overview<'a> {
    fn new(file: &'a FileDescription, found: &'a Found) -> Self {
        let layout = found.layout.as_ref().ok().map(|detected| LayoutFound {
            name: detected.layout.name(),
            tree: detected.layout.tree(),
            why: &detected.why,
            unmatched: &detected.unmatched,
            yaml: detected.layout.yaml().ok(),
        });
        Overview {
            file,
            layout,
            layout_problem: found.layout.as_ref().err().map(String::as_str),
            notes: &found.notes,
            read_as: &found.used,
            first_fields: &found.first_fields,
            first_events: found.survey.as_ref(),
            campaign: found.snippet.as_deref(),
        }
    }
}

#[derive(Serialize)]
struct OneEvent<'a> {
    path: &'a str,
    layout: &'static str,
    raw: &'a [RawValues],
    fields: &'a [RawField],
    event: &'a ExplainedEvent,
}

fn show_event(args: &InspectArgs, file: &FileDescription, entry: u64) -> Result<(), Failure> {
    let campaign = args.campaign.as_ref().map(|path| campaign::load(path, &args.set)).transpose()?;
    let own = campaign.as_ref().and_then(|campaign| sample_in(campaign, &args.file)).cloned();
    let layout = match &own {
        Some(sample) => sample.layout.clone(),
        None => detect(&args.file).map_err(|error| hinted(&error))?.layout,
    };
    let campaign = match campaign {
        Some(campaign) => campaign,
        None => check(&snippet::campaign(&args.file, &layout, None).map_err(Failure::new)?)?,
    };
    let source = layout.open(&args.file).map_err(|error| hinted(&error))?;
    if entry >= source.entries() {
        let events = digits::counted(source.entries(), "event", "events");
        return Err(Failure::new(format!(
            "no event {entry}: {} has {events}\nhint: entries count from 0",
            args.file.display()
        )));
    }
    let batch = source.read(entry..entry + 1, &mut Scratch::default()).map_err(|error| hinted(&error))?;
    let role = own.as_ref().or(campaign.samples.first()).map_or(Role::Data, |sample| sample.role);
    let explained = explain(&campaign, (&layout, role), &batch, 0)?;
    // Text has no branches; if they cannot be read this way the objects are shown all the same.
    let tree = layout.tree();
    let mut raw = if tree.is_empty() { vec![] } else { raw_entry(&args.file, tree, entry).unwrap_or_default() };
    let fields = source.raw_fields(entry, &mut Scratch::default()).map_err(|error| hinted(&error))?;
    let used = used(&*source);
    raw.sort_by_key(|one| !used.contains_key(&one.branch));
    if args.json {
        return json(&OneEvent {
            path: &file.path,
            layout: layout.name(),
            raw: &raw,
            fields: &fields,
            event: &explained,
        });
    }
    let shown = event::text(&explained, (&raw, &fields), args.all);
    text(&format!("{} ({})\n{shown}", file.path, layout.name()));
    Ok(())
}

/// The sample of a campaign that a file belongs to.
fn sample_in<'a>(campaign: &'a Campaign, file: &Path) -> Option<&'a Sample> {
    let real = |path: &Path| path.canonicalize().ok();
    let wanted = real(file)?;
    let mut samples = campaign.samples.iter();
    samples.find(|sample| sample.files.iter().any(|path| real(path).as_ref() == Some(&wanted)))
}

/// A campaign text, as the program itself understands it.
fn check(text: &str) -> Result<Campaign, Failure> {
    Ok(campaign::parse(text, Path::new("inspect.yaml"), &[])?)
}

fn json(value: &impl Serialize) -> Result<(), Failure> {
    text(&serde_json::to_string_pretty(value)?);
    Ok(())
}

/// The error with what to try.
fn hinted(error: &NtupleError) -> Failure {
    let because = std::error::Error::source(error).map(|cause| format!(": {cause}")).unwrap_or_default();
    let hint = error.hint().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
    Failure::new(format!("{error}{because}{hint}"))
}

/// A file that is not there, with those that are called nearly so.
fn missing(path: &Path) -> Result<(), Failure> {
    if path.is_file() {
        return Ok(());
    }
    if path.is_dir() {
        return Err(Failure::new(format!("{} is a folder\nhint: give one of the files in it", path.display())));
    }
    if path.exists() {
        return Err(Failure::new(format!("{} is not a regular file", path.display())));
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let names: Vec<String> = names.collect();
    let near = nearest(&name, names.iter().map(String::as_str)).into_iter();
    let near: Vec<String> = near.map(|name| format!("`{}`", folder.join(name).display())).collect();
    let near = if near.is_empty() { String::new() } else { format!("\n  nearest: {}", near.join(", ")) };
    Err(Failure::new(format!("{} does not exist{near}", path.display())))
}
