//! Reports that look like real ones, for tests and for looking at the page.
//!
//! In: how many lines and plots. Out: a [`ReportData`] of falling dimuon spectra with a resonance near 495 GeV, made by a
//! fixed generator: the same every time. The z are window scores, good enough to be drawn.

use bumphound::categories::Category;
use bumphound::particles::MassLabel;
use bumphound::provenance::Provenance;
use bumphound::ranking::{Bump, Control, EXCESS_P, RowSeen, SearchedStack, StackSummary, Verdict, mid_p};
use bumphound::report::{
    BumpPlot, CutflowRow, DrawnSpectrum, InputFile, InputSummary, ReportData, SCHEMA, ScannedSpectrum, SpectraSummary,
};
use bumphound::significance::poisson::p_value_smeared;
use bumphound::significance::trials::p_of_any;
use bumphound::stacks::RowCount;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_distr::{Distribution, Poisson};

pub fn category(text: &str) -> Category {
    text.parse().expect("a category")
}

pub fn label(text: &str) -> MassLabel {
    text.parse().expect("a label")
}

/// Edges that grow with the mass, as those of a dimuon resolution do; GeV.
fn edges(from: f64, to: f64, relative: f64) -> Vec<f64> {
    let mut edges = vec![from];
    let mut edge = from;
    while edge < to {
        edge += edge * (relative + 1.0e-4 * edge * relative / 0.015 * 0.35);
        edges.push(edge);
    }
    edges
}

/// A falling spectrum with a bump of `signal` events at 495 GeV.
pub fn spectrum(
    rng: &mut ChaCha8Rng,
    category: &Category,
    mass: MassLabel,
    start: f64,
    signal: f64,
    relative: f64,
) -> DrawnSpectrum {
    let edges = edges(110.0, 1900.0, relative);
    let (mut observed, mut background) = (Vec::new(), Vec::new());
    for (i, bin) in edges.windows(2).enumerate() {
        let middle = 0.5 * (bin[0] + bin[1]);
        let expected = start * (-(i as f64) * 9.0 / edges.len() as f64).exp();
        let pull = (middle - 495.0) / (0.032 * 495.0);
        let gauss = (-0.5 * pull * pull).exp() * (bin[1] - bin[0]) / (0.032 * 495.0 * 2.5066);
        let mean = expected + signal * gauss;
        observed.push(Poisson::new(mean.max(1e-6)).map_or(0.0, |poisson| poisson.sample(rng)));
        background.push(expected * (1.0 + 0.05 * (i as f64 / 9.0).sin()));
    }
    let z = window_scores(&observed, &background);
    DrawnSpectrum { category: category.clone(), mass, edges, observed, background, z }
}

/// z of each bin and its neighbours.
fn window_scores(observed: &[f64], background: &[f64]) -> Vec<f64> {
    let sum = |values: &[f64], i: usize| -> f64 { values[i.saturating_sub(1)..(i + 2).min(values.len())].iter().sum() };
    let score = |i: usize| {
        let (n, b): (f64, f64) = (sum(observed, i), sum(background, i));
        let log = if n > 0.0 { n * (n / b).ln() } else { 0.0 };
        ((n - b).signum() * (2.0 * (log - (n - b))).max(0.0).sqrt() * 1e3).round() / 1e3
    };
    (0..observed.len()).map(score).collect()
}

/// Jet multiplicities of a stack, and background and signal in them.
const JETS: [&str; 5] = ["0j", "1j", "2j", "3j", "6j+"];
const START: [f64; 5] = [2200.0, 900.0, 320.0, 90.0, 25.0];
const SIGNAL: [f64; 5] = [70.0, 90.0, 60.0, 20.0, 5.0];
/// Stacks of invariant and of transverse masses.
const STACKS: [u64; 2] = [512, 128];

/// Three digits of a probability: the same on every machine.
fn short(p: f64) -> f64 {
    format!("{p:.2e}").parse().expect("a number")
}

/// The window in one multiplicity; the network has not seen the smallest one.
fn row_of(spectrum: &DrawnSpectrum, (low, high): (f64, f64)) -> RowSeen {
    let inside = |i: &usize| spectrum.edges[*i] >= low && spectrum.edges[i + 1] <= high;
    let bins: Vec<usize> = (0..spectrum.z.len()).filter(inside).collect();
    let sum = |values: &[f64]| bins.iter().map(|i| values[*i]).sum::<f64>();
    let (observed, expected) = (sum(&spectrum.observed), sum(&spectrum.background));
    let error = 0.05 * expected;
    RowSeen {
        category: spectrum.category.clone(),
        observed,
        expected,
        expected_error: error,
        p: short(mid_p(&RowCount { observed, expected, error })),
        z_network: (expected > 3.0).then(|| bins.iter().map(|i| spectrum.z[*i]).fold(-9.0, f64::max)),
    }
}

/// The spectra of a picture: all together, and the two multiplicities with the largest excess.
fn picture(rank: usize, group: &Category, stack: &[DrawnSpectrum], rows: &[RowSeen]) -> BumpPlot {
    let mut all = stack[0].clone();
    all.category = group.clone();
    for other in &stack[1..] {
        all.observed.iter_mut().zip(&other.observed).for_each(|(sum, n)| *sum += n);
        all.background.iter_mut().zip(&other.background).for_each(|(sum, b)| *sum += b);
    }
    all.z = window_scores(&all.observed, &all.background);
    let mut spectra = vec![all];
    if rows.len() > 1 {
        let mut best: Vec<usize> = (0..rows.len()).collect();
        best.sort_by(|a, b| rows[*a].p.total_cmp(&rows[*b].p));
        best.truncate(2);
        best.sort_unstable();
        spectra.extend(best.into_iter().map(|row| stack[row].clone()));
    }
    BumpPlot { rank, spectra }
}

/// A report with so many lines, the first `plots` of their candidates drawn. The third line and every ninth after it
/// belong to the candidate of the line before. Every verdict, masses with and without peaks, wide and narrow bins, stacks
/// of one and of many multiplicities come in turn.
pub fn sample_report(bumps: usize, plots: usize) -> ReportData {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let mut data = empty_report();
    data.campaign = "quickstart".into();
    data.about = "250 pb⁻¹ of simulated lepton events with a planted dimuon resonance at 500 GeV.".into();
    let mut rank = 0;
    for i in 0..bumps {
        let variant = i % 9;
        let joined = variant == 2;
        rank += usize::from(!joined);
        let (mass, known) = match variant {
            3 => ("mT(mu1,met)", vec![]),
            4 => ("mT(mu1,met)", vec!["edge W mT(l,met) 80.4".to_string()]),
            5 => ("m(mu1,mu2,j1)", vec![]),
            6 => ("m(mu1,mu2)", vec!["Z 91.2".to_string()]),
            _ => ("m(mu1,mu2)", vec![]),
        };
        let mass = label(mass);
        let group = category(if joined { "met200/2mu.os/Xj" } else { "incl/2mu.os/Xj" });
        let relative = if variant == 7 { 0.008 } else { 0.024 };
        let few = variant == 8;
        let window = (462.0, 531.0);
        let stack: Vec<DrawnSpectrum> = (0..if few { 1 } else { JETS.len() })
            .map(|row| {
                let category = group.with_jets(JETS[row].parse().expect("jets"));
                let signal = if i < 4 { SIGNAL[row] } else { 0.15 * SIGNAL[row] };
                spectrum(&mut rng, &category, mass, START[row], signal, relative)
            })
            .collect();
        let rows: Vec<RowSeen> = stack.iter().map(|spectrum| row_of(spectrum, window)).collect();
        // All, the first alone, from the third on.
        let (jets, counted) = match i % 3 {
            1 if !few => ("0j", 0..1),
            2 if !few => ("2j to 6j+", 2..5),
            _ => ("Xj", 0..rows.len()),
        };
        let sum = |of: fn(&RowSeen) -> f64| rows[counted.clone()].iter().map(of).sum::<f64>();
        let (observed, expected) = (sum(|row| row.observed), sum(|row| row.expected));
        let expected_error = 0.06 * expected;
        let extrapolated = i < 4 || !known.is_empty();
        let p_stack = if extrapolated { 1e-5 * (i + 1) as f64 } else { (0.0003 * i as f64).min(1.0) };
        let p_campaign = short(p_of_any(p_stack, STACKS[usize::from(mass.is_transverse())]));
        let verdict = match (known.is_empty(), p_campaign < EXCESS_P) {
            (false, _) => Verdict::Known,
            _ if few => Verdict::CannotTell,
            (_, false) => Verdict::Chance,
            _ if mass.is_transverse() => Verdict::Shape,
            _ => Verdict::Excess,
        };
        let seen = |row: &RowSeen| format!("{} ({} on {:.1})", row.category.jets, row.observed, row.expected);
        let control = |text: &str, mass: MassLabel| Control {
            category: category(text),
            mass,
            observed: 4.0,
            expected: 4.9,
            expected_error: 1.1,
            p: 0.63,
        };
        data.bumps.push(Bump {
            rank,
            category: if jets == "0j" { stack[0].category.clone() } else { group.clone() },
            mass,
            peak_gev: 495.3 + (i % 5) as f64,
            low_gev: window.0,
            high_gev: window.1,
            width_bins: 3,
            jets: jets.into(),
            observed,
            expected,
            expected_error,
            p_local: short(p_value_smeared(observed, expected, 0.06)),
            p_stack,
            p_stack_toys: if extrapolated { 1500 } else { 280 },
            p_stack_is_extrapolated: extrapolated,
            p_campaign,
            z_combined: if i < 4 { 7.9 - 0.6 * i as f64 } else { 2.0 + 2.2 / (1.0 + 0.05 * i as f64) },
            z_network: if jets == "0j" { rows[0].z_network } else { None },
            controls: match i % 4 {
                0 => vec![control("incl/2mu.ss/Xj", mass), control("incl/2e.os/Xj", label("m(e1,e2)"))],
                _ => vec![],
            },
            verdict,
            known,
            reason: match verdict {
                Verdict::CannotTell => "3 simulated events stand for 17 in the window".into(),
                _ => format!("seen in {}", rows.iter().map(seen).collect::<Vec<_>>().join(", ")),
            },
            rows: rows.clone(),
        });
        if !joined && rank <= plots {
            data.plots.push(picture(rank, &group, &stack, &rows));
        }
    }
    for i in 0..640_usize {
        let p: f64 = rng.random();
        let mass = if i % 5 == 0 { "mT(mu1,met)" } else { "m(mu1,mu2)" };
        data.spectra.list.push(ScannedSpectrum {
            category: category(&format!("incl/2mu.os/{}", ["0j", "1j", "2j", "3j", "4j", "5j", "6j+"][i % 7])),
            mass: label(mass),
            from_gev: 110.0,
            to_gev: 1900.0,
            bins: 64,
            entries: 120.0 + 31.0 * i as f64,
            zmax: 1.0 - p.ln(),
            zmax_gev: 300.0 + i as f64,
            p_spectrum: if i < 3 { 1e-5 } else { p },
        });
        data.stacks.list.push(SearchedStack {
            category: category("incl/2mu.os/Xj"),
            mass: label(mass),
            events: 300.0 + 71.0 * i as f64,
            bins: 64,
            rows: 5,
            p_stack: if i < 3 { 1e-5 } else { p },
        });
    }
    data.stacks.invariant = STACKS[0];
    data.stacks.transverse = STACKS[1];
    data.stacks.left_out = vec![("fewer than 10 events in all multiplicities".into(), 1310)];
    data.stacks.toys = 310_000;
    data.categories = 412;
    data.spectra.booked = 4315;
    data.spectra.scanned = 640;
    data.spectra.skipped = vec![("fewer than 100 entries".into(), 3510), ("fewer than 30 bins".into(), 165)];
    data.expectation = vec![
        "p of the 512 stacks of invariant masses, known structure left out: 55 below 0.1 where chance alone gives 51."
            .into(),
    ];
    for (sample, planted, entries) in
        [("zjets", false, 61_210), ("ttbar", false, 24_800), ("zprime_mumu_500", true, 150)]
    {
        let file = |k: u64| InputFile {
            path: format!("data-samples/{sample}_{k}.root"),
            bytes: 3_400_000 + 70 * entries,
            entries,
        };
        data.inputs.push(InputSummary {
            sample: sample.into(),
            role: if planted { "data, 150 events chosen".into() } else { "data".into() },
            planted,
            files: (0..if planted { 1 } else { 2 }).map(file).collect(),
        });
        for (step, part) in [
            ("read", 1.0),
            ("bad values", 1.0),
            ("preselection", 0.83),
            ("region incl", 0.83),
            ("region met200", 0.031),
        ] {
            let events = (entries as f64 * part).round();
            data.cutflow.push(CutflowRow {
                sample: sample.into(),
                step: step.into(),
                events: events as u64,
                sum_w: events,
            });
        }
    }
    data.warnings = vec!["data-samples/ttbar_1.root: 3 events with a MET that is no number were dropped.".into()];
    data
}

/// A report of a campaign that found nothing to read.
pub fn empty_report() -> ReportData {
    ReportData {
        schema: SCHEMA,
        campaign: "empty".into(),
        about: String::new(),
        provenance: Provenance {
            version: "0.1.0".into(),
            commit: "0123456789ab".into(),
            campaign_sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".into(),
            seed: 1,
            device: "cpu".into(),
            model: "DMFmw, sha256 60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752".into(),
        },
        inputs: vec![],
        notes: vec![],
        warnings: vec![],
        cutflow: vec![],
        categories: 0,
        spectra: SpectraSummary::default(),
        stacks: StackSummary::default(),
        cannot_tell: None,
        expectation: vec![],
        rows: 200,
        bumps: vec![],
        plots: vec![],
    }
}

/// The sample with texts that try to break out of markup, tables and rows, and the longest labels.
pub fn nasty_report() -> ReportData {
    let mut data = sample_report(12, 4);
    let nasty = "incl_</text><script>alert(1)</script>_\"quoted\"_&amp;_'a'/2e2mu1g1Z1V1T1HM.os/3j";
    let long_category = category("a_region_whose_name_is_long_and_holds_no_markup/2e2mu1g1Z1V1T1HM/3j");
    let long_mass = label("m(e1,e2,mu1,mu2,g1,Z1,V1,T1,HM1,j1,j2,j3,j4,b1,b2,b3)");
    data.campaign = format!("<b>{nasty}</b>");
    data.about = "a,b\n\"c\"".into();
    data.cannot_tell = Some(nasty.into());
    data.stacks.left_out.push((nasty.into(), 3));
    for bump in &mut data.bumps {
        bump.category = long_category.clone();
        bump.mass = long_mass;
        bump.jets = "<b>2j</b> to \"6j+\"".into();
        bump.known = vec!["top edge m(l,b) 153 </td>".into(), "W 80.4".into()];
        bump.reason = "because <img src=x onerror=alert(1)>, \"says\nhe\"".into();
        bump.rows.iter_mut().for_each(|row| row.category = long_category.clone());
        for control in &mut bump.controls {
            control.category = long_category.clone();
            control.mass = long_mass;
        }
    }
    for drawn in data.plots.iter_mut().flat_map(|plot| &mut plot.spectra) {
        drawn.category = long_category.clone();
        drawn.mass = long_mass;
    }
    data.warnings.push(format!("{nasty} {}", "longword".repeat(40)));
    data.inputs[0].files[0].path = format!("/data/{nasty}/{}.root", "very_long_name_".repeat(12));
    data.spectra.skipped.push((nasty.into(), 3));
    data
}
