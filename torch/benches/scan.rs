//! The network over 30 000 spectra of 30 to 100 bins, all threads.

use bumphound::seeds::rng_for;
use bumphound::toys::spectra::{Recipe, draw};
use bumphound_torch::znet::model::Model;
use bumphound_torch::znet::predict::Predictor;
use criterion::{Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use rand::RngExt;
use rayon::prelude::*;

const SPECTRA: usize = 30_000;

fn scan(criterion: &mut Criterion) {
    let recipe = Recipe { trimmed: 1.0, ..Recipe::reference(&[1.0, 2.0, 3.0, 4.0]) };
    let spectra: Vec<Vec<f64>> = (0..SPECTRA)
        .into_par_iter()
        .map(|i| {
            let mut rng = rng_for(1, &format!("bench/{i}"));
            let bins = rng.random_range(30..=100);
            draw(bins, &recipe, &mut rng).counts
        })
        .collect();
    let views: Vec<&[f64]> = spectra.iter().map(Vec::as_slice).collect();
    let model = Model::embedded().expect("the default network is part of the program");
    let predictor = Predictor::new(model, tch::Device::Cpu, rayon::current_num_threads());
    let mut group = criterion.benchmark_group("scan");
    group.throughput(Throughput::Elements(SPECTRA as u64)).sample_size(10).sampling_mode(SamplingMode::Flat);
    group.bench_function("30 000 spectra of 30 to 100 bins", |bencher| {
        bencher.iter(|| predictor.predict(&views).expect("finite spectra"));
    });
    group.finish();
}

criterion_group!(benches, scan);
criterion_main!(benches);
