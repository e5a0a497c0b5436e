//! Reports that look like real ones, for tests and for looking at the page.
//!
//! In: how many bumps and plots. Out: a [`ReportData`] of falling dimuon spectra with a resonance near 495 GeV, made by a
//! fixed generator: the same every time. The z are window scores, good enough to be drawn.

use bumphound::categories::Category;
use bumphound::particles::MassLabel;
use bumphound::provenance::Provenance;
use bumphound::ranking::{Bump, Neighbour, NeighbourMethod, Verdict};
use bumphound::report::{
    BumpPlot, CutflowRow, DrawnSpectrum, InputFile, InputSummary, ReportData, SCHEMA, ScannedSpectrum, SpectraSummary,
};
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
    let sum = |values: &[f64], i: usize| -> f64 { values[i.saturating_sub(1)..(i + 2).min(values.len())].iter().sum() };
    let z = (0..observed.len())
        .map(|i| {
            let (n, b): (f64, f64) = (sum(&observed, i), sum(&background, i));
            let log = if n > 0.0 { n * (n / b).ln() } else { 0.0 };
            ((n - b).signum() * (2.0 * (log - (n - b))).max(0.0).sqrt() * 1e3).round() / 1e3
        })
        .collect();
    DrawnSpectrum { category: category.clone(), mass, edges, observed, background, z }
}

fn neighbour(spectrum: &DrawnSpectrum, low: f64, high: f64, method: NeighbourMethod) -> Neighbour {
    let inside = |i: usize| spectrum.edges[i] >= low && spectrum.edges[i + 1] <= high;
    let sum = |values: &[f64]| (0..values.len()).filter(|&i| inside(i)).map(|i| values[i]).sum::<f64>();
    let z = (0..spectrum.z.len()).filter(|&i| inside(i)).map(|i| spectrum.z[i]).fold(-9.0, f64::max);
    Neighbour {
        category: Some(spectrum.category.clone()),
        method: Some(method),
        z: Some(z),
        observed: Some(sum(&spectrum.observed)),
        background: Some(sum(&spectrum.background)),
        expected_excess: Some(0.4 * sum(&spectrum.background).sqrt() + 8.0),
    }
}

/// A report with so many bumps, the first `plots` of them drawn.
pub fn sample_report(bumps: usize, plots: usize) -> ReportData {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let mut data = empty_report();
    data.campaign = "quickstart".into();
    data.about = "250 pb⁻¹ of simulated lepton events with a planted dimuon resonance at 500 GeV.".into();
    let verdicts = [Verdict::Confirmed, Verdict::Isolated, Verdict::Shape, Verdict::NoStatistics];
    for i in 0..bumps {
        let jets = i % 4;
        let variant = i % 9;
        let (mass, known) = match variant {
            3 => ("mT(mu1,met)", vec!["top mT edge 172".to_string()]),
            5 => ("m(mu1,mu2,j1)", vec![]),
            6 => ("m(mu1,mu2)", vec!["Z 91.2".to_string()]),
            _ => ("m(mu1,mu2)", vec![]),
        };
        let mass = label(mass);
        let category = |jets: usize| category(&format!("incl/2mu.os/{jets}j"));
        let start = [2200.0, 900.0, 320.0, 90.0][jets];
        let signal = if i < 4 { [70.0, 90.0, 60.0, 20.0][jets] } else { 12.0 };
        let relative = if variant == 7 { 0.008 } else { 0.024 };
        let own = spectrum(&mut rng, &category(jets), mass, start, signal, relative);
        let minus = (jets > 0).then(|| spectrum(&mut rng, &category(jets - 1), mass, start * 2.2, signal, relative));
        let mut plus = spectrum(&mut rng, &category(jets + 1), mass, start * 0.35, signal * 0.5, relative);
        let poisson = jets == 3;
        let (low, high) = (462.0, 531.0);
        let window = neighbour(&own, low, high, NeighbourMethod::Network);
        let method = if poisson { NeighbourMethod::Poisson } else { NeighbourMethod::Network };
        let plus_side = neighbour(&plus, low, high, method);
        if poisson {
            plus.z.clear();
            plus.background.clear();
        }
        let minus_side =
            minus.as_ref().map_or(Neighbour::default(), |s| neighbour(s, low, high, NeighbourMethod::Network));
        let z_local = if i < 4 { 7.9 - 0.6 * i as f64 } else { 2.0 + 2.2 / (1.0 + 0.05 * i as f64) };
        let verdict = if i < 3 { Verdict::Confirmed } else { verdicts[(i * 7 + 1) % 4] };
        data.bumps.push(Bump {
            rank: i + 1,
            category: category(jets),
            mass,
            peak_gev: 495.3 + (i % 5) as f64,
            low_gev: low,
            high_gev: high,
            width_bins: 3,
            observed: window.observed.unwrap_or(0.0),
            expected: window.background.unwrap_or(0.0),
            z_local,
            z_local_interval: Some([z_local - 0.6, z_local + 0.7]),
            expected_interval: None,
            p_spectrum: if i < 4 { 1e-5 } else { (0.002 * i as f64).min(1.0) },
            p_spectrum_is_bound: i < 4,
            p_campaign: if i < 4 { 0.0081 } else { (0.08 * i as f64).min(1.0) },
            neighbour_minus: minus_side,
            neighbour_plus: plus_side,
            controls: Vec::new(),
            z_combined: z_local + if i < 4 { 1.8 } else { -0.6 },
            verdict,
            known,
            reason: match verdict {
                Verdict::Confirmed => {
                    "Both neighbouring multiplicities show an excess at this mass, of the size expected.".into()
                }
                Verdict::Isolated => {
                    "The spectrum with one jet more should show 24 events above background and shows 3.".into()
                }
                Verdict::Shape => "The window begins 2 bins after the start of the spectrum.".into(),
                Verdict::NoStatistics => "Neither neighbour has the events to tell.".into(),
            },
        });
        if i < plots {
            data.plots.push(BumpPlot { rank: i + 1, spectrum: own, minus, plus: (variant != 8).then_some(plus) });
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
    }
    data.categories = 412;
    data.spectra.booked = 4315;
    data.spectra.scanned = 640;
    data.spectra.skipped = vec![("fewer than 100 entries".into(), 3510), ("fewer than 30 bins".into(), 165)];
    data.expectation = vec![
        "640 independent background-only spectra would give about 36 with a largest z above 3, 1 above 4 and 0.01 above 5; 41, 4 and 3 were found.".into(),
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
        warnings: vec![],
        cutflow: vec![],
        categories: 0,
        spectra: SpectraSummary::default(),
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
    for bump in &mut data.bumps {
        bump.category = long_category.clone();
        bump.mass = long_mass;
        bump.known = vec!["top edge m(l,b) 153 </td>".into(), "W 80.4".into()];
        bump.reason = "because <img src=x onerror=alert(1)>, \"says\nhe\"".into();
        bump.neighbour_minus.category = None;
    }
    for plot in &mut data.plots {
        for drawn in [Some(&mut plot.spectrum), plot.minus.as_mut(), plot.plus.as_mut()].into_iter().flatten() {
            drawn.category = long_category.clone();
            drawn.mass = long_mass;
        }
    }
    data.warnings.push(format!("{nasty} {}", "longword".repeat(40)));
    data.inputs[0].files[0].path = format!("/data/{nasty}/{}.root", "very_long_name_".repeat(12));
    data.spectra.skipped.push((nasty.into(), 3));
    data
}
