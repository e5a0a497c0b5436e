//! Stacks on made-up counts: background alone is as common as it should be, a resonance in several multiplicities is found.

use bumphound::categories::JetCount;
use bumphound::seeds::rng_for;
use bumphound::stacks::{FoundLine, SearchOptions, Searched, Stack, search};
use rand::Rng;
use rand_distr::{Distribution, Poisson};

const OPTIONS: SearchOptions = SearchOptions { least_window: 3.0, most_lines: 3, least_z: 0.0, most_toys: 100 };

/// A stack of means, fluctuated.
fn stack(rows: &[Vec<f64>], rng: &mut impl Rng) -> Stack {
    let bins = rows[0].len();
    let draw = |mean: &f64| if *mean > 0.0 { Poisson::new(*mean).expect("a mean").sample(rng) } else { 0.0 };
    Stack {
        group: "incl/2mu.os/Xj".parse().expect("a group"),
        mass: "m(mu1,mu2)".parse().expect("a label"),
        edges: (0..=bins).map(|bin| 100.0 * 1.03f64.powi(bin as i32)).collect(),
        first_bin: 0,
        rows: (0..rows.len()).map(JetCount::exclusive).collect(),
        counts: rows.iter().flatten().map(draw).collect(),
    }
}

/// Falling spectra of a few multiplicities; `events` in the first.
fn falling(events: f64) -> Vec<Vec<f64>> {
    let row =
        |share: f64, slope: f64| (0..60).map(|bin| share * events * slope * (-slope * f64::from(bin)).exp()).collect();
    vec![row(1.0, 0.11), row(0.5, 0.10), row(0.2, 0.09)]
}

/// A threshold with a hump, as Z and soft jets have it, in a few multiplicities.
fn humps(events: f64) -> Vec<Vec<f64>> {
    let row = |share: f64, place: f64| {
        let shape: Vec<f64> = (0..45)
            .map(|bin| {
                let x = f64::from(bin) / place;
                x * x * (-2.0 * x).exp()
            })
            .collect();
        let sum: f64 = shape.iter().sum();
        shape.into_iter().map(|x| share * events * x / sum).collect()
    };
    vec![row(0.6, 5.0), row(0.3, 6.0), row(0.1, 7.0)]
}

/// A threshold as sharp as two bins.
fn sharp(events: f64) -> Vec<Vec<f64>> {
    let row = |share: f64| {
        let shape: Vec<f64> = (0..45)
            .map(|bin| {
                let x = (f64::from(bin) + 0.5) / 2.0;
                (1.0 - (-x * x * x).exp()) * (-0.13 * f64::from(bin)).exp()
            })
            .collect();
        let sum: f64 = shape.iter().sum();
        shape.into_iter().map(|x| share * events * x / sum).collect()
    };
    vec![row(0.6), row(0.3), row(0.1)]
}

fn searched(stack: &Stack, name: &str) -> Searched {
    search(stack, &OPTIONS, &mut rng_for(1, name), &|_| false).expect("a search")
}

/// The smallest chance of a stack.
fn p_of(rows: &[Vec<f64>], name: &str) -> f64 {
    let stack = stack(rows, &mut rng_for(2, name));
    searched(&stack, name).lines.first().map_or(1.0, |found| found.chance.p)
}

#[test]
fn background_alone_is_as_common_as_its_chance_says() {
    for (name, rows) in [
        ("falling, few", falling(40.0)),
        ("falling", falling(1500.0)),
        ("humps, few", humps(150.0)),
        ("humps", humps(1700.0)),
        ("sharp, few", sharp(200.0)),
        ("sharp", sharp(1000.0)),
    ] {
        let n = 120;
        let p: Vec<f64> = (0..n).map(|toy| p_of(&rows, &format!("{name}/{toy}"))).collect();
        let below = |level: f64| p.iter().filter(|p| **p <= level).count();
        // Within three standard deviations of a binomial, from above; from below chance may be overstated where
        // few events make steps.
        assert!(below(0.1) <= 22, "{name}: {} of {n} below 0.1", below(0.1));
        assert!(below(0.01) <= 5, "{name}: {} of {n} below 0.01", below(0.01));
        assert!(below(0.5) >= 30, "{name}: {} of {n} below 0.5", below(0.5));
    }
}

#[test]
fn a_resonance_in_several_multiplicities_is_the_best_line() {
    let mut rows = falling(1500.0);
    for (row, events) in rows.iter_mut().zip([8.0, 6.0, 4.0]) {
        for (bin, share) in [(38, 0.25), (39, 0.5), (40, 0.25)] {
            row[bin] += events * share;
        }
    }
    let stack = stack(&rows, &mut rng_for(3, "resonance"));
    let found = searched(&stack, "resonance");
    let FoundLine { line, chance, known } = &found.lines[0];
    assert!((37.0..42.0).contains(&line.middle), "{line:?}");
    assert!(chance.p < 1e-3 && chance.extrapolated, "{chance:?}");
    assert_eq!((line.by_row.len(), *known), (3, None));
    assert!(line.count.expected < 10.0 && line.count.error > 0.0);
}

#[test]
fn known_structure_is_cut_out_and_the_rest_is_searched_again() {
    let mut rows = falling(4000.0);
    for row in &mut rows {
        row[20] += 300.0;
        row[21] += 300.0;
        row[45] += 12.0;
    }
    let stack = stack(&rows, &mut rng_for(4, "known"));
    let is_known = |line: &bumphound::stacks::Line| line.window.contains(&20) || line.window.contains(&21);
    let found = search(&stack, &OPTIONS, &mut rng_for(1, "known"), &is_known).expect("a search");
    assert_eq!(found.lines[0].known, Some(0));
    let free: Vec<&FoundLine> = found.lines.iter().filter(|found| found.known.is_none()).collect();
    assert!(free.iter().all(|found| !found.line.window.contains(&20)), "{free:?}");
    assert!(free[0].line.window.contains(&45) && free[0].chance.p < 1e-3, "{:?}", free[0]);
}

#[test]
fn extreme_counts_give_numbers() {
    let mut rng = rng_for(5, "extreme");
    let mut huge = stack(&falling(1500.0), &mut rng);
    huge.counts.iter_mut().for_each(|count| *count *= 1e12);
    let mut alone = stack(&falling(1500.0), &mut rng);
    alone.counts.fill(0.0);
    alone.counts[30] = 1e6;
    for stack in [huge, alone] {
        let options = SearchOptions { most_toys: 5, ..OPTIONS };
        let found = search(&stack, &options, &mut rng, &|_| false);
        for found in found.map(|found| found.lines).unwrap_or_default() {
            assert!(found.line.z.is_finite() && found.chance.p.is_finite() && found.line.count.error.is_finite());
        }
    }
}
