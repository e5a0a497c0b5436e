//! The inputs of a campaign: opened files, cut into work units.
//!
//! In: the samples of a campaign. Out: sources of events, units (file, entry range) that do not depend on the number of
//! threads, a summary for the report, and what could not be read. Every file is opened once to be looked at; a limited number
//! stays open and the others are opened again when their events are wanted, so that neither memory nor file handles
//! grow with their number.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use rayon::prelude::*;

use super::accounting::{InputFile, InputSummary};
use super::open_files::{KEPT_OPEN, OpenFiles};
use serde::{Deserialize, Serialize};

use super::FillError;
use crate::campaign::{Campaign, Role};
use crate::ntuples::layouts::Layout;
use crate::ntuples::{self, EVENTS_PER_UNIT, EventBatch, NtupleError, Part, Quantity, Reader, Scratch};
use crate::objects::BadValue;

/// What a thread needs for reading; reused from unit to unit.
#[derive(Default)]
pub struct ReadBuffers {
    /// The events.
    pub batch: EventBatch,
    /// Memory of the reader.
    pub scratch: Scratch,
}

/// Files slow to open that stay open: a process may often have no more than 1024 files.
const MOST_KEPT_OPEN: usize = 500;

/// A part of a file, the work of one thread at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unit {
    /// Sample number in the campaign.
    pub sample: usize,
    /// File number in the sample.
    pub file: usize,
    /// File number over all samples, unreadable files left out.
    pub file_number: usize,
    /// Entries.
    pub range: Range<u64>,
}

/// A file, or a part of one, that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedInput {
    /// Sample name.
    pub sample: String,
    /// File.
    pub path: String,
    /// Entries that are missing; None: the whole file.
    pub entries: Option<Range<u64>>,
    /// Why.
    pub reason: String,
    /// What to try, where there is something.
    pub hint: Option<String>,
}

impl SkippedInput {
    /// For people.
    pub fn sentence(&self) -> String {
        let what = match &self.entries {
            Some(range) => format!("entries {} to {} of {} are", range.start, range.end, self.path),
            None => format!("{} is", self.path),
        };
        format!("sample {}: {what} missing from all results: {}", self.sample, self.reason)
    }
}

/// Something that went wrong in a unit.
#[derive(Debug)]
pub(crate) struct UnitProblem {
    pub unit: Unit,
    pub reason: String,
}

/// What of a unit is still to be read: damage inside costs the entries that it is in and no others.
pub(crate) struct Parts<'a> {
    unit: &'a Unit,
    /// The next one last.
    todo: Vec<Range<u64>>,
    /// How often something could not be read.
    lost: usize,
}

/// After so many damaged places the rest of a unit is not tried.
const MOST_DAMAGED_PLACES: usize = 1000;

impl Parts<'_> {
    pub(crate) fn of(unit: &Unit) -> Parts<'_> {
        Parts { unit, todo: vec![unit.range.clone()], lost: 0 }
    }

    /// Takes out what cannot be read of a part; the rest is still to be read.
    fn damaged(&mut self, part: Range<u64>, lost: Option<Range<u64>>, reason: String) -> UnitProblem {
        self.lost += 1;
        let inside = lost.map(|lost| lost.start.max(part.start)..lost.end.min(part.end));
        let lost = inside.filter(|lost| !lost.is_empty() && self.lost < MOST_DAMAGED_PLACES).unwrap_or(part.clone());
        let rest = [lost.end..part.end, part.start..lost.start];
        self.todo.extend(rest.into_iter().filter(|range| !range.is_empty()));
        UnitProblem { unit: Unit { range: lost, ..self.unit.clone() }, reason }
    }
}

/// All files of a campaign, looked at where that was possible.
pub(crate) struct Inputs {
    samples: Vec<SampleInputs>,
    open: OpenFiles,
}

struct SampleInputs {
    name: String,
    files: Vec<FileInput>,
}

struct FileInput {
    /// As shown to people.
    path: String,
    seen: Result<Seen, Unreadable>,
}

/// Why a file cannot be opened, and what to try.
struct Unreadable {
    reason: String,
    hint: Option<String>,
}

/// What is known of a file once it was open.
struct Seen {
    entries: u64,
    bytes: u64,
    units: Vec<Range<u64>>,
    notes: Vec<String>,
    /// Sum of the weights of all events that were generated for it.
    generated: Option<f64>,
    /// What MET, b-tags and weights are read from: the same in all files of a sample.
    read_from: [String; 3],
    source: Origin,
}

/// What files of a sample may not differ in, in the order of [`Seen::read_from`].
const ALIKE: [(&str, Part, Quantity); 3] = [
    ("MET", Part::Met, Quantity::Pt),
    ("b-tags", Part::Jet, Quantity::BTag),
    ("event weights", Part::Met, Quantity::Weight),
];

/// Where the events of a file come from.
enum Origin {
    /// A source that stays open.
    Open(Arc<dyn Reader>),
    /// A file that is opened when it is needed.
    File { path: PathBuf, layout: Arc<Layout> },
}

impl Seen {
    fn look(source: &dyn Reader, origin: Origin) -> Seen {
        let (entries, bytes, units) = (source.entries(), source.bytes(), source.units(EVENTS_PER_UNIT));
        let read_from = ALIKE.map(|(_, part, quantity)| source.branches_of(part, quantity));
        Seen { entries, bytes, units, notes: source.notes(), generated: source.generated(), read_from, source: origin }
    }
}

/// Looks at all files, in the current thread pool; a file that cannot be opened is kept with the reason.
pub(crate) fn open(campaign: &Campaign) -> Result<Inputs, FillError> {
    let inputs = Inputs { samples: Vec::new(), open: OpenFiles::default() };
    let layouts: Vec<Arc<Layout>> = campaign.samples.iter().map(|sample| Arc::new(sample.layout.clone())).collect();
    let samples = campaign.samples.iter().zip(&layouts).enumerate();
    let files: Vec<(usize, usize, &Path, &Arc<Layout>)> = samples
        .flat_map(|(i, (sample, layout))| sample.files.iter().enumerate().map(move |(k, path)| (i, k, &**path, layout)))
        .collect();
    let seen: Vec<Result<Seen, Unreadable>> = files
        .par_iter()
        .enumerate()
        .map(|(number, &(sample, file, path, layout))| {
            let source = open_file(path, layout, &inputs.open)?;
            if layout.kind().slow_to_open && number < MOST_KEPT_OPEN {
                return Ok(Seen::look(&*source, Origin::Open(source.clone())));
            }
            let origin = Origin::File { path: path.to_path_buf(), layout: layout.clone() };
            let seen = Seen::look(&*source, origin);
            // The first files are wanted first.
            if number < KEPT_OPEN {
                inputs.open.keep((sample, file), source);
            }
            Ok(seen)
        })
        .collect();
    let mut seen = seen.into_iter();
    let samples = campaign.samples.iter().map(|sample| {
        let files = sample.files.iter().zip(&mut seen);
        let files = files.map(|(path, seen)| FileInput { path: campaign.shown_path(path), seen });
        SampleInputs { name: sample.name.clone(), files: files.collect() }
    });
    let samples = samples.collect();
    let inputs = Inputs { samples, ..inputs };
    if inputs.readable_files() == 0 {
        return Err(FillError::NothingToRead { skipped: inputs.skipped(Vec::new()) });
    }
    inputs.all_alike(campaign)?;
    Ok(inputs)
}

/// Why something cannot be a file of events, before it is opened: a pipe would never end.
fn not_a_file(path: &Path) -> Option<Unreadable> {
    let shown = path.display();
    let (reason, hint) = match (path.metadata(), std::fs::read_link(path)) {
        (Ok(there), _) if there.is_file() => return None,
        (Ok(there), _) if there.is_dir() => (format!("{shown} is a folder"), "narrow the glob"),
        (Ok(_), _) => (format!("{shown} is a pipe or a device"), "only files can be read"),
        (Err(_), Ok(to)) => {
            (format!("{shown} is a link to {}, which is not there", to.display()), "is the storage mounted?")
        }
        (Err(_), Err(_)) => return None,
    };
    Some(Unreadable { reason, hint: Some(hint.into()) })
}

/// `1 of 2 files (a.root)`, `3 of 9 files (a.root ...)`.
fn some_files(paths: &[&str], all: usize) -> String {
    let (first, more) = (paths.first().copied().unwrap_or_default(), if paths.len() > 1 { " ..." } else { "" });
    format!("{} of {all} files ({first}{more})", paths.len())
}

fn open_file(path: &Path, layout: &Layout, kept: &OpenFiles) -> Result<Arc<dyn Reader>, Unreadable> {
    if let Some(unreadable) = not_a_file(path) {
        return Err(unreadable);
    }
    let mut opened = layout.open(path);
    if opened.as_ref().is_err_and(NtupleError::too_many_open_files) {
        kept.close();
        opened = layout.open(path);
    }
    match opened {
        Ok(source) => Ok(source.into()),
        Err(error) => {
            let other = error.may_be_layout().then(|| ntuples::better_layout(path, layout)).flatten();
            let hint = other.or_else(|| error.hint());
            Err(Unreadable { reason: error.to_string(), hint })
        }
    }
}

impl Inputs {
    /// Sources that are open already; a sample without sources has no events.
    pub(crate) fn given(campaign: &Campaign, sources: Vec<Vec<Box<dyn Reader>>>) -> Inputs {
        let mut sources = sources.into_iter();
        let samples = campaign.samples.iter().map(|sample| {
            let files = sources.next().unwrap_or_default().into_iter().enumerate().map(|(i, source)| FileInput {
                path: sample
                    .files
                    .get(i)
                    .map_or_else(|| format!("{} {i}", sample.name), |path| path.display().to_string()),
                seen: {
                    let source: Arc<dyn Reader> = source.into();
                    Ok(Seen::look(&*source, Origin::Open(source.clone())))
                },
            });
            SampleInputs { name: sample.name.clone(), files: files.collect() }
        });
        Inputs { samples: samples.collect(), open: OpenFiles::default() }
    }

    /// Replaces `buffers.batch` by the next events of a unit, in order; None: that is all. What cannot be read is given
    /// back, and reading goes on behind it.
    pub(crate) fn read(&self, parts: &mut Parts, buffers: &mut ReadBuffers) -> Option<Result<(), UnitProblem>> {
        let ReadBuffers { batch, scratch } = buffers;
        self.read_part(parts, |source, range| source.read_into(range, scratch, batch))
    }

    /// The same for `buffers.batch.weight` and generator weights.
    pub(crate) fn read_weights(&self, parts: &mut Parts, buffers: &mut ReadBuffers) -> Option<Result<(), UnitProblem>> {
        let ReadBuffers { batch, scratch } = buffers;
        self.read_part(parts, |source, range| source.read_weights(range, scratch, &mut batch.weight))
    }

    fn read_part(
        &self,
        parts: &mut Parts,
        read: impl FnOnce(&dyn Reader, Range<u64>) -> Result<(), NtupleError>,
    ) -> Option<Result<(), UnitProblem>> {
        let range = parts.todo.pop()?;
        let source = match self.source(parts.unit) {
            Ok(source) => source,
            Err(reason) => return Some(Err(parts.damaged(range, None, reason))),
        };
        let done = read(&*source, range.clone());
        Some(done.map_err(|error| parts.damaged(range, error.lost_entries(), error.to_string())))
    }

    /// Sum of the weights of all events that were generated for the files of a sample, as they know it themselves; None if
    /// one of them does not.
    pub(crate) fn generated(&self, sample: usize) -> Option<f64> {
        let files = &self.samples.get(sample)?.files;
        let seen = files.iter().filter_map(|file| file.seen.as_ref().ok());
        seen.map(|seen| seen.generated).sum()
    }

    /// True if the events of the file of a unit are numbered.
    pub(crate) fn numbers_events(&self, unit: &Unit) -> bool {
        self.source(unit).is_ok_and(|source| source.numbers_events())
    }

    /// Replaces `numbers` by those of the events of a unit; none where the file has none.
    pub(crate) fn read_event_numbers(
        &self,
        unit: &Unit,
        buffers: &mut ReadBuffers,
        numbers: &mut Vec<u64>,
    ) -> Result<(), String> {
        let range = unit.range.clone();
        self.source(unit)?.read_event_numbers(range, &mut buffers.scratch, numbers).map_err(|error| error.to_string())
    }

    /// The file of a unit, as shown to people.
    pub(crate) fn path_of(&self, unit: &Unit) -> String {
        let file = self.samples.get(unit.sample).and_then(|sample| sample.files.get(unit.file));
        file.map_or_else(String::new, |file| file.path.clone())
    }

    /// Closes the file of a unit that was its last: what it took goes to the spectra.
    pub(crate) fn done_with(&self, unit: &Unit) {
        self.open.close_one((unit.sample, unit.file));
    }

    /// Closes the files; they are opened again if they are wanted.
    pub(crate) fn close(&self) {
        self.open.close();
    }

    fn source(&self, unit: &Unit) -> Result<Arc<dyn Reader>, String> {
        let file = self.samples.get(unit.sample).and_then(|sample| sample.files.get(unit.file));
        match file.map(|file| &file.seen) {
            Some(Ok(Seen { source: Origin::Open(source), .. })) => Ok(source.clone()),
            Some(Ok(Seen { source: Origin::File { path, layout }, .. })) => self
                .open
                .get((unit.sample, unit.file), || open_file(path, layout, &self.open).map_err(|error| error.reason)),
            Some(Err(error)) => Err(error.reason.clone()),
            None => Err("there is no such file".into()),
        }
    }

    /// All units, sample by sample, file by file; `first_events`: of each file only so many.
    pub(crate) fn units(&self, first_events: Option<u64>) -> Vec<Unit> {
        let mut units = Vec::new();
        let mut file_number = 0;
        for (sample, inputs) in self.samples.iter().enumerate() {
            for (file, input) in inputs.files.iter().enumerate() {
                let Ok(seen) = &input.seen else { continue };
                let mut ranges = seen.units.clone();
                if let Some(first) = first_events {
                    ranges.retain(|range| range.start < first);
                    if let Some(last) = ranges.last_mut() {
                        last.end = last.end.min(first);
                    }
                }
                units.extend(ranges.into_iter().map(|range| Unit { sample, file, file_number, range }));
                file_number += 1;
            }
        }
        units
    }

    /// Units of each readable file, to be counted down.
    pub(crate) fn units_per_file(&self, units: &[Unit]) -> Vec<AtomicUsize> {
        let mut counts = vec![0; self.readable_files()];
        for unit in units {
            if let Some(count) = counts.get_mut(unit.file_number) {
                *count += 1;
            }
        }
        counts.into_iter().map(AtomicUsize::new).collect()
    }

    /// What the files of each sample decided, once per sample; where not all of them did, with the first that did.
    pub(crate) fn notes(&self) -> Vec<String> {
        let mut notes: Vec<String> = Vec::new();
        for SampleInputs { name, files } in &self.samples {
            let seen: Vec<(&str, &Seen)> =
                files.iter().filter_map(|file| Some((&*file.path, file.seen.as_ref().ok()?))).collect();
            let mut told: Vec<&String> = Vec::new();
            for note in seen.iter().flat_map(|(_, seen)| &seen.notes) {
                if told.contains(&note) {
                    continue;
                }
                told.push(note);
                let with: Vec<&str> =
                    seen.iter().filter(|(_, seen)| seen.notes.contains(note)).map(|(path, _)| *path).collect();
                notes.push(match with.len() == seen.len() {
                    true => format!("sample {name}: {note}"),
                    false => format!("sample {name}, {}: {note}", some_files(&with, seen.len())),
                });
            }
        }
        notes
    }

    /// An error if files of a sample are read from different branches: their events could not be added.
    fn all_alike(&self, campaign: &Campaign) -> Result<(), FillError> {
        for (inputs, sample) in self.samples.iter().zip(&campaign.samples) {
            let seen: Vec<(&str, &Seen)> = inputs
                .files
                .iter()
                .filter_map(|file| Some((&*file.path, file.seen.as_ref().ok().filter(|seen| seen.entries > 0)?)))
                .collect();
            for (i, (what, _, quantity)) in ALIKE.iter().enumerate() {
                if *quantity == Quantity::Weight && sample.role == Role::Data {
                    continue;
                }
                let mut ways: Vec<(&str, Vec<&str>)> = Vec::new();
                for (path, seen) in &seen {
                    let way = seen.read_from[i].as_str();
                    match ways.iter_mut().find(|(other, _)| *other == way) {
                        Some((_, paths)) => paths.push(path),
                        None => ways.push((way, vec![path])),
                    }
                }
                if ways.len() > 1 {
                    let all = seen.len();
                    let way = |(way, paths): &(&str, Vec<&str>)| {
                        let way = if way.is_empty() { "nothing: they have none" } else { way };
                        format!("{} from {way}", some_files(paths, all))
                    };
                    return Err(FillError::FilesDiffer {
                        sample: inputs.name.clone(),
                        what,
                        ways: ways.iter().map(way).collect(),
                    });
                }
            }
        }
        Ok(())
    }

    /// The branches that a quantity of a sample is read from, for messages.
    pub(crate) fn branches_of(&self, sample: usize, part: Part, quantity: Quantity) -> String {
        let unit = |file| Unit { sample, file, file_number: 0, range: 0..0 };
        let files = 0..self.samples.get(sample).map_or(0, |sample| sample.files.len());
        let source = files.into_iter().find_map(|file| self.source(&unit(file)).ok());
        source.map(|source| source.branches_of(part, quantity)).unwrap_or_default()
    }

    /// The error about an impossible value.
    pub(crate) fn bad_value(&self, unit: &Unit, entry: u64, bad: Option<BadValue>) -> FillError {
        let sample = self.samples.get(unit.sample);
        let file = sample.and_then(|sample| sample.files.get(unit.file));
        let source = self.source(unit).ok();
        let branch = bad.zip(source).map(|(bad, source)| source.branches_of(bad.part, bad.quantity));
        FillError::BadValue {
            sample: sample.map_or_else(String::new, |sample| sample.name.clone()),
            path: file.map_or_else(String::new, |file| file.path.clone()),
            entry,
            what: bad.map_or_else(String::new, |bad| bad.what()),
            value: bad.map_or(f64::NAN, |bad| bad.value),
            branch: branch.unwrap_or_default(),
        }
    }

    /// Files that could be opened.
    pub(crate) fn readable_files(&self) -> usize {
        self.samples.iter().flat_map(|sample| &sample.files).filter(|file| file.seen.is_ok()).count()
    }

    /// Everything that could not be read, files first to last, then units in order.
    pub(crate) fn skipped(&self, mut problems: Vec<UnitProblem>) -> Vec<SkippedInput> {
        let mut skipped = Vec::new();
        for sample in &self.samples {
            for file in &sample.files {
                if let Err(Unreadable { reason, hint }) = &file.seen {
                    let (sample, path) = (sample.name.clone(), file.path.clone());
                    let (reason, hint) = (reason.clone(), hint.clone());
                    skipped.push(SkippedInput { sample, path, entries: None, reason, hint });
                }
            }
        }
        problems.sort_by_key(|UnitProblem { unit, .. }| (unit.sample, unit.file, unit.range.start));
        // Damage that goes on is one: its first words say where it begins.
        problems.dedup_by(|next, first| {
            let (one, other) = (&mut first.unit, &next.unit);
            let goes_on = (one.sample, one.file, one.range.end) == (other.sample, other.file, other.range.start);
            if goes_on {
                one.range.end = other.range.end;
            }
            goes_on
        });
        skipped.extend(problems.into_iter().map(|UnitProblem { unit, reason, .. }| {
            let sample = self.samples.get(unit.sample);
            SkippedInput {
                sample: sample.map_or_else(String::new, |sample| sample.name.clone()),
                path: sample.and_then(|s| s.files.get(unit.file)).map_or_else(String::new, |file| file.path.clone()),
                entries: Some(unit.range),
                reason,
                hint: None,
            }
        }));
        skipped
    }

    /// For the report.
    pub(crate) fn summary(&self, campaign: &Campaign) -> Vec<InputSummary> {
        let one = |(inputs, sample): (&SampleInputs, &crate::campaign::Sample)| InputSummary {
            sample: inputs.name.clone(),
            role: match sample.role {
                Role::Data => "data".into(),
                Role::MonteCarlo { cross_section_pb } => format!("mc {cross_section_pb} pb"),
                Role::AsIs => "weights as in the file".into(),
            },
            planted: sample.planted,
            files: inputs
                .files
                .iter()
                .map(|file| InputFile {
                    path: file.path.clone(),
                    bytes: file.seen.as_ref().map_or(0, |seen| seen.bytes),
                    entries: file.seen.as_ref().map_or(0, |seen| seen.entries),
                })
                .collect(),
        };
        self.samples.iter().zip(&campaign.samples).map(one).collect()
    }
}
