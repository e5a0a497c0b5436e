//! Reading speed, one core: numbers per second of a column, events per second of the 18 columns of an event batch.
//!
//! On the committed samples, one per compression; also on the bulk samples where the shared folder is there.

use std::hint::black_box;
use std::path::{Path, PathBuf};

use bumphound::ntuples::layouts::Layout;
use bumphound::ntuples::{EventBatch, Scratch};
use bumphound::rootfile::{self, Column, RootFile};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn root_of_crate() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files() -> Vec<(String, PathBuf)> {
    let tiny = [("lz4", "diboson"), ("zlib", "diphoton"), ("lzma", "singletop"), ("zstd", "zprime_mumu_m500")];
    let tiny = tiny.map(|(codec, name)| {
        (format!("{name} ({codec})"), root_of_crate().join(format!("data-samples/tiny/{name}.root")))
    });
    let shared = std::env::var_os("BUMPHOUND_SHARED").map_or_else(|| root_of_crate().join("../shared"), PathBuf::from);
    let bulk = ["ttbar", "wjets", "zjets", "qcd"];
    let bulk = bulk.map(|name| (format!("bulk {name}"), shared.join(format!("samples/bulk/{name}/{name}_00.root"))));
    tiny.into_iter().chain(bulk).filter(|(_, path)| path.exists()).collect()
}

fn open(criterion: &mut Criterion) {
    let path = root_of_crate().join("data-samples/tiny/zprime_mumu_m500.root");
    criterion.bench_function("open a file and a tree of 147 branches", |bench| {
        bench.iter(|| black_box(RootFile::open(&path).and_then(|file| file.tree("Delphes")).expect("a good file")));
    });
}

fn column(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("numbers of Jet.PT");
    for (name, path) in files() {
        let tree = RootFile::open(&path).and_then(|file| file.tree("Delphes")).expect("a good file");
        let branch = tree.branch("Jet.PT").expect("it has jets");
        let (mut scratch, mut column) = (rootfile::Scratch::default(), Column::default());
        tree.read(branch, 0..tree.entries(), &mut scratch, &mut column).expect("a good file");
        group.throughput(Throughput::Elements(column.values.len() as u64));
        group.bench_function(name, |bench| {
            bench.iter(|| {
                tree.read(branch, 0..tree.entries(), &mut scratch, &mut column).expect("a good file");
                black_box(column.values.len())
            });
        });
    }
}

fn events(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("events");
    for (name, path) in files() {
        let source = Layout::default().open(&path).expect("a Delphes file");
        let (mut scratch, mut batch) = (Scratch::default(), EventBatch::default());
        group.throughput(Throughput::Elements(source.entries()));
        group.bench_function(name, |bench| {
            bench.iter(|| {
                source.read_into(0..source.entries(), &mut scratch, &mut batch).expect("a good file");
                black_box(batch.len())
            });
        });
    }
}

criterion_group!(benches, open, column, events);
criterion_main!(benches);
