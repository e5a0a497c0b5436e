//! The inputs of a campaign: opened files, cut into work units.
//!
//! In: the samples of a campaign. Out: sources of events, units (file, entry range) that do not depend on the number of
//! threads, a summary for the report, and what could not be read.

use std::ops::Range;
use std::path::Path;
use std::sync::atomic::AtomicUsize;

use super::accounting::{InputFile, InputSummary};
use super::{FillError, shown};
use crate::campaign::{Campaign, Layout, Role};
use crate::ntuples::{EventBatch, Scratch, Source};

/// A file of events, or anything that gives events like one. All methods may be called from any thread.
pub trait EventSource: Send + Sync {
    /// Number of events.
    fn entries(&self) -> u64;
    /// Size on disk.
    fn bytes(&self) -> u64;
    /// Ranges of about `events` entries each that together cover all entries in order.
    fn units(&self, events: u64) -> Vec<Range<u64>>;
    /// Replaces `buffers.batch` by the events of a range.
    fn read(&self, range: Range<u64>, buffers: &mut ReadBuffers) -> Result<(), String>;
    /// Replaces `buffers.batch.weight` by the generator weights of a range; the rest of the batch is left to chance.
    fn read_weights(&self, range: Range<u64>, buffers: &mut ReadBuffers) -> Result<(), String> {
        self.read(range, buffers)
    }
}

impl EventSource for Source {
    fn entries(&self) -> u64 {
        Source::entries(self)
    }

    fn bytes(&self) -> u64 {
        Source::bytes(self)
    }

    fn units(&self, events: u64) -> Vec<Range<u64>> {
        Source::units(self, events)
    }

    fn read(&self, range: Range<u64>, buffers: &mut ReadBuffers) -> Result<(), String> {
        self.read_into(range, &mut buffers.scratch, &mut buffers.batch).map_err(|error| error.to_string())
    }

    fn read_weights(&self, range: Range<u64>, buffers: &mut ReadBuffers) -> Result<(), String> {
        Source::read_weights(self, range, &mut buffers.scratch, &mut buffers.batch.weight)
            .map_err(|error| error.to_string())
    }
}

/// What a thread needs for reading; reused from unit to unit.
#[derive(Default)]
pub struct ReadBuffers {
    /// The events.
    pub batch: EventBatch,
    /// Memory of the reader.
    pub scratch: Scratch,
}

/// A part of a file, the work of one thread at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unit {
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedInput {
    /// Sample name.
    pub sample: String,
    /// File.
    pub path: String,
    /// Entries that are missing; None: the whole file.
    pub entries: Option<Range<u64>>,
    /// Why.
    pub reason: String,
}

impl SkippedInput {
    /// For people.
    pub fn sentence(&self) -> String {
        let what = match &self.entries {
            Some(range) => format!("entries {} to {} of {} are", range.start, range.end, self.path),
            None => format!("{} is", self.path),
        };
        format!("sample {}: {what} missing from all results, not readable: {}", self.sample, self.reason)
    }
}

/// Something that went wrong in a unit.
#[derive(Debug)]
pub(super) struct UnitProblem {
    pub number: usize,
    pub unit: Unit,
    pub reason: String,
}

/// All files of a campaign, opened where that was possible.
pub(super) struct Inputs {
    samples: Vec<SampleInputs>,
}

struct SampleInputs {
    name: String,
    files: Vec<FileInput>,
}

struct FileInput {
    path: String,
    source: Result<Box<dyn EventSource>, String>,
}

/// Opens all files; a file that cannot be opened is kept with the reason.
pub(super) fn open(campaign: &Campaign) -> Result<Inputs, FillError> {
    let samples = campaign
        .samples
        .iter()
        .map(|sample| SampleInputs {
            name: sample.name.clone(),
            files: sample
                .files
                .iter()
                .map(|path| FileInput { path: campaign.shown_path(path), source: open_file(path, &sample.layout) })
                .collect(),
        })
        .collect();
    let inputs = Inputs { samples };
    if inputs.readable_files() == 0 {
        return Err(FillError::NothingToRead { skipped: inputs.skipped(Vec::new()) });
    }
    Ok(inputs)
}

fn open_file(path: &Path, layout: &Layout) -> Result<Box<dyn EventSource>, String> {
    match Source::open(path, layout) {
        Ok(source) => Ok(Box::new(source)),
        Err(error) => Err(error.to_string()),
    }
}

impl Inputs {
    /// Sources that are open already; a sample without sources has no events.
    pub(super) fn given(campaign: &Campaign, sources: Vec<Vec<Box<dyn EventSource>>>) -> Inputs {
        let mut sources = sources.into_iter();
        let samples = campaign.samples.iter().map(|sample| {
            let files = sources.next().unwrap_or_default().into_iter().enumerate().map(|(i, source)| FileInput {
                path: sample.files.get(i).map_or_else(|| format!("{} {i}", sample.name), |path| shown(path)),
                source: Ok(source),
            });
            SampleInputs { name: sample.name.clone(), files: files.collect() }
        });
        Inputs { samples: samples.collect() }
    }

    /// The source of a unit.
    pub(super) fn source(&self, unit: &Unit) -> Option<&dyn EventSource> {
        self.samples.get(unit.sample)?.files.get(unit.file)?.source.as_deref().ok()
    }

    /// All units, sample by sample, file by file; `first_events`: of each file only so many.
    pub(super) fn units(&self, events: u64, first_events: Option<u64>) -> Vec<Unit> {
        let mut units = Vec::new();
        let mut file_number = 0;
        for (sample, inputs) in self.samples.iter().enumerate() {
            for (file, input) in inputs.files.iter().enumerate() {
                let Ok(source) = &input.source else { continue };
                let mut ranges = source.units(events);
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
    pub(super) fn units_per_file(&self, units: &[Unit]) -> Vec<AtomicUsize> {
        let mut counts = vec![0; self.readable_files()];
        for unit in units {
            if let Some(count) = counts.get_mut(unit.file_number) {
                *count += 1;
            }
        }
        counts.into_iter().map(AtomicUsize::new).collect()
    }

    /// Files that could be opened.
    pub(super) fn readable_files(&self) -> usize {
        self.samples.iter().flat_map(|sample| &sample.files).filter(|file| file.source.is_ok()).count()
    }

    /// Everything that could not be read, files first to last, then units in order.
    pub(super) fn skipped(&self, mut problems: Vec<UnitProblem>) -> Vec<SkippedInput> {
        let mut skipped = Vec::new();
        for sample in &self.samples {
            for file in &sample.files {
                if let Err(reason) = &file.source {
                    let (sample, path) = (sample.name.clone(), file.path.clone());
                    skipped.push(SkippedInput { sample, path, entries: None, reason: reason.clone() });
                }
            }
        }
        problems.sort_by_key(|problem| problem.number);
        skipped.extend(problems.into_iter().map(|UnitProblem { unit, reason, .. }| {
            let sample = self.samples.get(unit.sample);
            SkippedInput {
                sample: sample.map_or_else(String::new, |sample| sample.name.clone()),
                path: sample.and_then(|s| s.files.get(unit.file)).map_or_else(String::new, |file| file.path.clone()),
                entries: Some(unit.range),
                reason,
            }
        }));
        skipped
    }

    /// For the report.
    pub(super) fn summary(&self, campaign: &Campaign) -> Vec<InputSummary> {
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
                    bytes: file.source.as_ref().map_or(0, |source| source.bytes()),
                    entries: file.source.as_ref().map_or(0, |source| source.entries()),
                })
                .collect(),
        };
        self.samples.iter().zip(&campaign.samples).map(one).collect()
    }
}
