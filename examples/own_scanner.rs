//! A method of scanning of your own beside the ranking, as the network is: `cargo run --release --example own_scanner`.
//!
//! In: a campaign (the first argument; the quickstart). Out: on stdout its ten first candidates with their chance, and
//! what side bands say there: three bins are compared with what the bins on both sides let expect. Needs no libtorch.

use bumphound::campaign;
use bumphound::fill::fill;
use bumphound::progress::{Progress, Silent};
use bumphound::ranking::{Input, rank};
use bumphound::scan::calibration::{Calibration, Calibrations, N_CLASSES, NullTables};
use bumphound::scan::{Scanner, ZCurve, scan};
use bumphound::seeds::rng_for;
use rand_distr::{Distribution, Poisson};

/// A signal is looked for in so many bins on each side of the middle one.
const REACH: usize = 1;
/// So many bins beside it are left out, and so many behind those tell the background.
const GAP: usize = 3;
const SIDE: usize = 8;
/// Lengths of the background-only spectra, one per class of length, and how many of each.
const TOY_BINS: [usize; 3] = [36, 54, 90];
const TOYS: usize = 2000;

struct SideBands {
    calibrations: Calibrations,
}

impl SideBands {
    /// The scanner with its own tables of how often background alone does as much.
    fn calibrated() -> SideBands {
        let mut largest = vec![Vec::new(); N_CLASSES];
        for bins in TOY_BINS {
            for toy in 0..TOYS {
                let curve = curve(&background_only(bins, toy));
                let found = curve.most_significant().map(|(bin, z)| (curve.conditions(bin), z));
                let Some((conditions, z)) = found else { continue };
                if let Some(class) = conditions.class() {
                    largest[class].push(conditions.significance(z));
                }
            }
        }
        let network = Calibration::from_toys(largest);
        let tables = NullTables { network };
        SideBands { calibrations: Calibrations { invariant: tables.clone(), transverse: tables } }
    }
}

impl Scanner for SideBands {
    fn curves(&self, spectra: &[&[f64]], _progress: &dyn Progress) -> Result<Vec<ZCurve>, String> {
        Ok(spectra.iter().map(|counts| curve(counts)).collect())
    }

    fn calibrations(&self) -> &Calibrations {
        &self.calibrations
    }
}

/// z and background per bin; z = 0 where a side is missing.
fn curve(counts: &[f64]) -> ZCurve {
    let sum = |from: usize, to: usize| counts.get(from..to).map(|bins| bins.iter().sum::<f64>());
    let (mut z, mut background) = (Vec::new(), Vec::new());
    for (bin, count) in counts.iter().enumerate() {
        let left = bin.checked_sub(REACH + GAP + SIDE).and_then(|from| sum(from, from + SIDE));
        let right = sum(bin + REACH + GAP + 1, bin + REACH + GAP + 1 + SIDE);
        let (Some(left), Some(right)) = (left, right) else {
            z.push(0.0);
            background.push(count.max(0.1));
            continue;
        };
        // Between two sides of an exponential lies their geometric mean; its relative error is that of both counts.
        let (left, right) = (left.max(1.0), right.max(1.0));
        let expected = (left * right).sqrt() / SIDE as f64;
        let window = (2 * REACH + 1) as f64 * expected;
        let error = 0.5 * window * (1.0 / left + 1.0 / right).sqrt();
        let found = sum(bin - REACH, bin + REACH + 1).unwrap_or(0.0);
        z.push((found - window) / (window + error * error).sqrt());
        background.push(expected);
    }
    ZCurve { z, background, ..ZCurve::default() }
}

/// A falling spectrum of some ten to some thousand events per bin at its start, without a signal.
fn background_only(bins: usize, toy: usize) -> Vec<f64> {
    let mut rng = rng_for(1, &format!("own scanner/{bins}/{toy}"));
    let start = 10_f64.powf(1.0 + 2.0 * (toy as f64 / TOYS as f64));
    let fall = start.ln() / bins as f64;
    let means = (0..bins).map(|bin| start * (-fall * bin as f64).exp());
    means.map(|mean| Poisson::new(mean).map_or(0.0, |poisson| poisson.sample(&mut rng))).collect()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "selections/quickstart.yaml".to_string());
    let campaign = campaign::load(path.as_ref(), &[])?;
    let filled = fill(&campaign, 2, &Silent)?;
    let scanner = SideBands::calibrated();
    let scanned = scan(&filled.book, &campaign.scan, &scanner, &Silent)?;
    let input = Input {
        book: &filled.book,
        simulated: filled.simulated.as_ref(),
        scan: &scanned,
        options: &campaign.ranking,
        seed: campaign.seed,
        pictures: 0,
    };
    let ranked = rank(&input, &Silent);
    // Lines of one candidate share its rank; the first of them is its head.
    for head in ranked.bumps.chunk_by(|a, b| a.rank == b.rank).filter_map(|lines| lines.first()).take(10) {
        let (place, mass, verdict) = (&head.category, &head.mass, head.verdict.name());
        // The scan of whatever method: here that of the side bands.
        let bands = head.z_network.map_or("not scanned".to_string(), |z| format!("z = {z:.1}"));
        let (rank, peak, p) = (head.rank, head.peak_gev, head.p_campaign);
        println!("{rank:3}  {place} {mass} at {peak:.0} GeV: {verdict}, p = {p:.1e}; side bands: {bands}");
    }
    Ok(())
}
