//! Events that were recorded once and would be counted twice.
//!
//! In: the numbers of events (run, luminosity block, event) of all files that have them. Out: how many events are in two
//! files, or twice in one. Data are compared over all samples, simulation within a sample: different generators number from
//! 1. Numbers that repeat in more than half of a file say nothing about its events, and are left out.

use std::collections::BTreeMap;

use super::FillError;
use super::passes::Passes;
use super::work_units::{ReadBuffers, Unit};
use crate::campaign::{Campaign, OnDuplicate, Role};
use crate::digits;

/// Events whose numbers are held in memory at once, 16 bytes each.
const EVENTS_PER_ROUND: u64 = 50_000_000;
/// Pairs of files that are named.
const NAMED: usize = 5;

/// Number of an event, and of its file over all samples.
type Numbered = (u64, u32);

/// Events in the first file and in the second; the same file: more than once in it.
type Shared = BTreeMap<(u32, u32), u64>;

/// Looks for them, in all events of all files; an error for data unless the campaign allows it. Else sentences.
pub(crate) fn look(passes: &Passes) -> Result<Vec<String>, FillError> {
    let Passes { campaign, inputs, .. } = *passes;
    let units = if passes.first_events_only { &inputs.units(None) } else { &passes.units };
    let mut sentences = Vec::new();
    let is_data = |sample: usize| campaign.samples.get(sample).is_some_and(|one| one.role == Role::Data);
    let data: Vec<Unit> = units.iter().filter(|unit| is_data(unit.sample)).cloned().collect();
    if let Some(found) = sentence(passes, &data) {
        match campaign.on_duplicate {
            OnDuplicate::Stop => return Err(FillError::Duplicates { found }),
            OnDuplicate::Keep => sentences.push(format!("{found}; they are kept, as `on_duplicate: keep` says")),
        }
    }
    for sample in (0..campaign.samples.len()).filter(|sample| !is_data(*sample)) {
        let units: Vec<Unit> = units.iter().filter(|unit| unit.sample == sample).cloned().collect();
        sentences.extend(sentence(passes, &units).map(|found| format!("sample {}: {found}", name(campaign, sample))));
    }
    Ok(sentences)
}

fn name(campaign: &Campaign, sample: usize) -> &str {
    campaign.samples.get(sample).map_or("", |sample| &sample.name)
}

/// `60 events are in both a.root and b.root; 3 events are more than once in c.root`.
fn sentence(passes: &Passes, units: &[Unit]) -> Option<String> {
    let shared = shared(passes, units);
    let path = |number: u32| {
        let unit = units.iter().find(|unit| unit.file_number as u32 == number);
        unit.map(|unit| passes.inputs.path_of(unit)).unwrap_or_default()
    };
    let mut sentences: Vec<String> = Vec::new();
    for (&(first, second), &events) in shared.iter().take(NAMED) {
        let (is, events) = (if events == 1 { "is" } else { "are" }, digits::counted(events, "event", "events"));
        sentences.push(match first == second {
            true => format!("{events} {is} more than once in {}", path(first)),
            false => format!("{events} {is} in both {} and {}", path(first), path(second)),
        });
    }
    if shared.len() > NAMED {
        sentences.push(format!("so it is with {} more pairs of files", shared.len() - NAMED));
    }
    (!sentences.is_empty()).then(|| sentences.join("; "))
}

fn shared(passes: &Passes, units: &[Unit]) -> Shared {
    let mut found = Shared::new();
    let events: u64 = units.iter().map(|unit| unit.range.end - unit.range.start).sum();
    let rounds = events.div_ceil(EVENTS_PER_ROUND).max(1);
    let first = |unit: &&Unit| passes.inputs.numbers_events(unit);
    if !units.iter().any(|unit| first(&unit)) {
        return found;
    }
    for round in 0..rounds {
        let workers = passes.some_units(
            "event numbers",
            units,
            <(ReadBuffers, Vec<u64>, Vec<Numbered>)>::default,
            |(buffers, ids, numbered), _, unit| {
                // A unit that cannot be read is reported when its events are read.
                if passes.inputs.read_event_numbers(unit, buffers, ids).is_ok() {
                    let file = unit.file_number as u32;
                    numbered.extend(ids.iter().filter(|id| *id % rounds == round).map(|&id| (id, file)));
                }
            },
        );
        let mut numbered: Vec<Numbered> = workers.into_iter().flat_map(|(_, _, numbered)| numbered).collect();
        numbered.sort_unstable();
        add_shared(&numbered, &mut found);
    }
    found
}

/// Counts numbers that stand in a sorted list more than once.
fn add_shared(numbered: &[Numbered], found: &mut Shared) {
    let mut events: BTreeMap<u32, u64> = BTreeMap::new();
    let mut repeated: BTreeMap<u32, u64> = BTreeMap::new();
    let mut in_two = Shared::new();
    for same in numbered.chunk_by(|a, b| a.0 == b.0) {
        let mut files: Vec<u32> = Vec::new();
        for in_file in same.chunk_by(|a, b| a.1 == b.1) {
            let [(_, file), more @ ..] = in_file else { continue };
            *events.entry(*file).or_default() += in_file.len() as u64;
            if !more.is_empty() {
                *repeated.entry(*file).or_default() += more.len() as u64;
            }
            files.push(*file);
        }
        for pair in files.windows(2) {
            *in_two.entry((pair[0], pair[1])).or_default() += 1;
        }
    }
    let tells = |file: &u32| {
        let (all, again) = (events.get(file).copied().unwrap_or(0), repeated.get(file).copied().unwrap_or(0));
        again * 2 <= all
    };
    for (file, again) in repeated.iter().filter(|(file, _)| tells(file)) {
        *found.entry((*file, *file)).or_default() += again;
    }
    for ((a, b), events) in in_two.into_iter().filter(|((a, b), _)| tells(a) && tells(b)) {
        *found.entry((a, b)).or_default() += events;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_two_files_are_told_from_numbers_that_say_nothing() {
        let mut numbered: Vec<Numbered> = (0..60).map(|id| (id, 0)).collect();
        numbered.extend((40..100).map(|id| (id, 1)));
        numbered.push((41, 1));
        // All events of the third file have the number 5.
        numbered.extend([(5, 2); 30]);
        numbered.sort_unstable();
        let mut found = Shared::new();
        add_shared(&numbered, &mut found);
        assert_eq!(found, Shared::from([((0, 1), 20), ((1, 1), 1)]));
    }
}
