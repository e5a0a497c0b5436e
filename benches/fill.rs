//! Events per second of `fill`: reading, objects, all categories, all subset masses, histograms.
//!
//! `cargo bench --bench fill`. Input: the files of `data-samples/tiny`, and, where the bulk samples are at hand
//! (`BUMPHOUND_SHARED`, else `../shared`), 70 000 events: the first two files of ttbar, wjets, zjets and qcd, on which a
//! compiled ROOT TTreeReader loop does 22 000 to 24 000 events/s on one core.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test or benchmark stops at the first surprise")]

use std::ops::Range;
use std::path::{Path, PathBuf};

use bumphound::campaign::{self, Campaign};
use bumphound::fill::{OpenInputs, Silent, fill};
use bumphound::ntuples::{EventBatch, NtupleError, Reader, Scratch};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// Events in memory, so that the event loop is timed without reading.
#[derive(Debug)]
struct InMemory(Vec<EventBatch>);

impl Reader for InMemory {
    fn entries(&self) -> u64 {
        self.0.iter().map(|batch| batch.len() as u64).sum()
    }

    fn bytes(&self) -> u64 {
        0
    }

    fn units(&self, _: u64) -> Vec<Range<u64>> {
        self.0.iter().map(|batch| batch.first_entry..batch.first_entry + batch.len() as u64).collect()
    }

    fn read_into(&self, range: Range<u64>, _: &mut Scratch, batch: &mut EventBatch) -> Result<(), NtupleError> {
        let found = self.0.iter().find(|batch| batch.first_entry == range.start);
        batch.clone_from(found.expect("units are those of the file"));
        Ok(())
    }
}

fn in_memory(campaign: &Campaign) -> Vec<Vec<Box<dyn Reader>>> {
    let load = |path: &PathBuf| -> Box<dyn Reader> {
        let source = campaign.samples[0].layout.open(path).expect("benchmark inputs are readable");
        let units = source.units(20_000).into_iter();
        let read = |unit| source.read(unit, &mut Scratch::default()).expect("benchmark inputs are readable");
        Box::new(InMemory(units.map(read).collect()))
    };
    vec![campaign.samples[0].files.iter().map(load).collect()]
}

fn campaign(files: &[PathBuf]) -> Campaign {
    let list: Vec<String> = files.iter().map(|file| format!("{:?}", file.display().to_string())).collect();
    let text = format!("inputs:\n  - files: [{}]\n    layout: delphes\n    data: true\n", list.join(", "));
    campaign::parse(&text, Path::new("bench.yaml"), &[]).unwrap_or_else(|errors| panic!("{errors}"))
}

fn events_per_second(criterion: &mut Criterion) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = std::env::var_os("BUMPHOUND_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    let tiny = ["diboson", "diphoton", "singletop", "zprime_mumu_m500"];
    let bulk = ["ttbar", "wjets", "zjets", "qcd"];
    let sets = [
        ("tiny", tiny.map(|name| root.join(format!("data-samples/tiny/{name}.root"))).to_vec()),
        (
            "bulk",
            bulk.iter()
                .flat_map(|name| [0, 1].map(|i| shared.join(format!("samples/bulk/{name}/{name}_0{i}.root"))))
                .collect(),
        ),
        (
            "leptoquarks (most events in rare categories)",
            ["lq_be_m600", "lq_bmu_m600", "lq_be_m1000", "lq_bmu_m1000"]
                .map(|name| shared.join(format!("samples/bulk/{name}/{name}_00.root")))
                .to_vec(),
        ),
    ];
    for (name, files) in sets {
        if !files.iter().all(|file| file.exists()) {
            eprintln!("SKIPPED: {name}, its files are not here (set BUMPHOUND_SHARED)");
            continue;
        }
        let campaign = campaign(&files);
        let filled = fill(&campaign, 1, &Silent).expect("benchmark inputs can be filled");
        let events = filled.cutflow.first().map_or(0, |row| row.events);
        eprintln!(
            "{name}: {events} events, {} categories, {} spectra",
            filled.book.categories().count(),
            filled.book.len()
        );
        let mut group = criterion.benchmark_group("fill");
        group.sample_size(10).throughput(Throughput::Elements(events));
        for threads in [1, 2] {
            group.bench_function(format!("{name}, {threads} threads"), |bencher| {
                bencher.iter(|| fill(&campaign, threads, &Silent).map(|filled| filled.book.len()));
            });
        }
        group.bench_function(format!("{name}, 1 thread, events in memory"), |bencher| {
            bencher.iter_batched(
                || in_memory(&campaign),
                |sources| {
                    let inputs = OpenInputs::given(&campaign, sources, 1)?;
                    inputs.book(&Silent).map(|filled| filled.book.len())
                },
                criterion::BatchSize::PerIteration,
            );
        });
        group.finish();
    }
}

criterion_group!(benches, events_per_second);
criterion_main!(benches);
