//! Labels per second: the likelihood ratio of 60 bins and widths 1 to 4, whole labelled training examples, and the average over shapes
//! that the network sees of each.

use bumphound::seeds::rng_for;
use bumphound::shape_average::Library;
use bumphound::shape_average::library::KnownShapes;
use bumphound::significance::{Templates, z_mixed_into};
use bumphound::toys::spectra::{Recipe, example};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;

fn significance(criterion: &mut Criterion) {
    let widths = [1.0, 2.0, 3.0, 4.0];
    let recipe = Recipe::reference(&widths);
    let examples: Vec<_> = (0..100).map(|i| example(60, &recipe, &mut rng_for(1, &format!("bench {i}")))).collect();
    let templates = Templates::uniform(60, &widths);
    let mut z = vec![0.0; 60];
    let mut group = criterion.benchmark_group("significance");
    group.throughput(Throughput::Elements(examples.len() as u64));
    group.bench_function("60 bins, widths 1-4", |bencher| {
        bencher.iter(|| {
            for example in &examples {
                z_mixed_into(black_box(&example.counts), black_box(&example.background), &templates, &mut z);
            }
        });
    });
    group.finish();
    let mut group = criterion.benchmark_group("training");
    group.throughput(Throughput::Elements(100));
    for (name, recipe) in
        [("functions", recipe), ("trimmed", Recipe { functions: 0.0, trimmed: 1.0, ..Recipe::reference(&widths) })]
    {
        group.bench_function(format!("labelled examples of 60 bins, {name}"), |bencher| {
            bencher.iter(|| {
                for i in 0..100 {
                    black_box(example(60, &recipe, &mut rng_for(2, &format!("bench {i}"))));
                }
            });
        });
    }
    group.finish();
    let library = Library::new(60, &widths, KnownShapes::All);
    let mut group = criterion.benchmark_group("shape average");
    group.throughput(Throughput::Elements(examples.len() as u64));
    group.bench_function("60 bins, widths 1-4", |bencher| {
        bencher.iter(|| {
            for example in &examples {
                black_box(library.average(black_box(&example.counts)));
            }
        });
    });
    group.finish();
}

criterion_group!(benches, significance);
criterion_main!(benches);
