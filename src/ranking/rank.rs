//! Verdict, combined evidence and order of the bump list.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::RankingOptions;
use super::backed::backed_z;
use super::bump::{Bump, Neighbour, Verdict};
use super::candidates::{Candidate, WIDTHS, candidates};
use super::evidence::{fisher_ln_p, z_of_ln_p};
use super::neighbours::{Look, Place, controls, look};
use super::structure::{Known, known_structure};
use crate::categories::{Category, JetCount};
use crate::histograms::book::Book;
use crate::particles::MassLabel;
use crate::scan::Scanner;
use crate::scan::calibration::{Calibration, Calibrations};
use crate::scan::{Scan, Scanned};
use crate::significance::TemplateCache;
use crate::significance::trials::p_of_any;

/// How the list is ordered and what the verdicts mean, for the report.
pub const METHOD: &str = "A bump is a local maximum of the network's z. p_spectrum is the chance that a background-only \
spectrum of the same class (bins, kind of background, error of z) is as significant anywhere, by z / sqrt(1 + error^2), from simulated spectra that went through \
the same trimming (transverse masses have tables of their own). Jets are counted exclusively, so the spectra with one jet less and one jet more are independent: the \
chance of their z at this very mass is combined with that of the spectrum itself by Fisher's method (z_combined). Xj \
spectra hold the same events as the exclusive ones; they use their own chance alone and take their verdict from the exclusive \
spectrum with the largest z at this mass. `confirmed`: the neighbours together have a chance below 0.5 % and no known \
edge explains the bump. `isolated`: a neighbour could have seen it and did not. `shape?`: within 3 bins of the start, \
wider than 4 bins, at a known edge, or with less than half of its z in the cross-checks. Evidence is counted with the smallest of three estimates of z: the network's, the likelihood ratio of the counts against the network's background, and a side-band fit (cubic in ln b) around the bump; how often background alone has such a z comes from simulated spectra as well. `no statistics`: no neighbour could tell, or fewer simulated events stand in the window than their weights say. Bumps at known particles are named. \
Order: confirmed and unnamed first (masses before transverse masses), then other unnamed bumps, then `shape?`, then named ones; within each by combined \
evidence, bumps at one place of one mass together, exclusive multiplicities before Xj. p_campaign multiplies the combined chance by the number of scanned spectra.";

/// Neighbours together must be less likely than this to confirm.
pub const CONFIRM_P: f64 = 0.005;
/// A neighbour that expects at least this z could have seen the bump.
const COULD_SEE_Z: f64 = 1.0;
/// The counts must have this part of the network's z over the network's own background.
const LEAST_BACKING: f64 = 0.5;
/// Bumps nearer to the start than this are suspected to be the turn-on.
const START_BINS: usize = 3;
/// Wider bumps (sigma in bins, each one resolution) are suspected to be a shape.
const WIDEST_SIGMA_BINS: f64 = 4.0;

/// What all verdicts of a campaign are made from.
struct Judge<'a> {
    scan: &'a Scan,
    book: &'a Book,
    /// Where the raw events behind each bin are known.
    simulated: &'a Book,
    calibrations: &'a Calibrations,
}

/// The ranked list of all bumps of a campaign. `book`: the counts that were scanned; `simulated`: the weighted sums that
/// they were drawn around, if they were.
pub fn rank(
    scan: &Scan,
    book: &Book,
    simulated: Option<&Book>,
    options: &RankingOptions,
    predictor: &dyn Scanner,
) -> Vec<Bump> {
    let judge = Judge { scan, book, simulated: simulated.unwrap_or(book), calibrations: predictor.calibrations() };
    let templates = TemplateCache::new(&WIDTHS);
    let bumps: Vec<(f64, Bump)> = scan
        .scanned
        .iter()
        .flat_map(|own| {
            candidates(&own.counts, &own.curve, &templates.of(own.counts.len()), options)
                .into_iter()
                .map(|candidate| judge.judge(own, &candidate))
                .collect::<Vec<_>>()
        })
        .collect();
    let mut keyed: Vec<(f64, f64, Bump)> =
        group_evidence(&bumps).into_iter().zip(bumps).map(|(group, (ln_p, bump))| (group, ln_p, bump)).collect();
    keyed.sort_by(|(group_a, ln_p_a, a), (group_b, ln_p_b, b)| {
        tier(a)
            .cmp(&tier(b))
            .then(group_a.total_cmp(group_b))
            .then(is_inclusive(a).cmp(&is_inclusive(b)))
            .then(ln_p_a.total_cmp(ln_p_b))
            .then(b.z_local.total_cmp(&a.z_local))
            .then_with(|| in_text_order(a).cmp(&in_text_order(b)))
    });
    keyed
        .into_iter()
        .enumerate()
        .map(|(i, (_, _, mut bump))| {
            bump.rank = i + 1;
            bump
        })
        .collect()
}

fn in_text_order(bump: &Bump) -> (String, String) {
    (bump.category.to_string(), bump.mass.to_string())
}

fn is_inclusive(bump: &Bump) -> bool {
    bump.category.jets == JetCount::Any
}

/// Per bump the best evidence (ln of the combined chance) of its group: bumps of one mass in one object category, of one
/// tier, with overlapping windows. A group stands together, led by an exclusive multiplicity: its neighbours can be shown.
fn group_evidence(bumps: &[(f64, Bump)]) -> Vec<f64> {
    let mut groups: FxHashMap<(Category, MassLabel, u8), Vec<usize>> = FxHashMap::default();
    for (i, (_, bump)) in bumps.iter().enumerate() {
        let objects = bump.category.with_jets(JetCount::Any);
        groups.entry((objects, bump.mass, tier(bump))).or_default().push(i);
    }
    let mut best: Vec<f64> = bumps.iter().map(|(ln_p, _)| *ln_p).collect();
    for members in groups.values() {
        for &i in members {
            let here = &bumps[i].1;
            let overlap = |other: &Bump| other.low_gev < here.high_gev && here.low_gev < other.high_gev;
            best[i] =
                members.iter().filter(|&&j| overlap(&bumps[j].1)).map(|&j| bumps[j].0).fold(f64::INFINITY, f64::min);
        }
    }
    best
}

fn tier(bump: &Bump) -> u8 {
    match (bump.known.is_empty(), bump.verdict, bump.is_transverse()) {
        (true, Verdict::Confirmed, false) => 0,
        (true, Verdict::Confirmed, true) => 1,
        (true, Verdict::Isolated | Verdict::NoStatistics, _) => 2,
        (true, Verdict::Shape, _) => 3,
        (false, _, _) => 4,
    }
}

impl Judge<'_> {
    /// One candidate with its verdict and the logarithm of its combined chance.
    fn judge(&self, own: &Scanned, candidate: &Candidate) -> (f64, Bump) {
        let edges = own.scanned_edges();
        let peak_gev = candidate.centre_gev(edges, &own.counts, &own.curve.background);
        let bin_gev = edges[candidate.peak + 1] - edges[candidate.peak];
        let known = known_structure(own.mass, peak_gev, bin_gev);
        let tables = self.calibrations.of(own.mass.into());
        let conditions = own.curve.conditions(candidate.peak);
        let p = tables.network.p_value(candidate.z, conditions);
        // Evidence is what all estimates of z agree on.
        let backed = backed_z(&own.counts, &own.backed_z, candidate);
        let ln_p_own = tables.backed.p_value(backed, conditions).p.max(1e-300).ln();
        let inclusive = own.category.jets == JetCount::Any;
        let sides = if inclusive {
            sides_of_inclusive(own, candidate, self.scan, self.book, &tables.backed)
        } else {
            sides_of(own, candidate, self.scan, self.book, &tables.backed)
        };
        let informed: Vec<&Look> = sides.iter().filter(|side| side.ln_p.is_some()).collect();
        let ln_p_sides = fisher_ln_p(&informed.iter().filter_map(|side| side.ln_p).collect::<Vec<_>>());
        let ln_p_combined = if inclusive {
            ln_p_own
        } else {
            let mut all = vec![ln_p_own];
            all.extend(informed.iter().filter_map(|side| side.ln_p));
            fisher_ln_p(&all)
        };
        let (verdict, reason) = match self.few_raw_events(own, candidate) {
            Some(reason) => (Verdict::NoStatistics, reason),
            None => verdict(candidate, backed, &known, &informed, ln_p_sides),
        };
        let [minus, plus] = sides.map(|side| side.neighbour);
        let place =
            Place { own, window: candidate.window.clone(), peak: candidate.peak, sigma_bins: candidate.sigma_bins };
        let bump = Bump {
            rank: 0,
            category: own.category.clone(),
            mass: own.mass,
            peak_gev,
            low_gev: edges[candidate.window.start],
            high_gev: edges[candidate.window.end],
            width_bins: candidate.window.len(),
            observed: candidate.observed,
            expected: candidate.expected,
            z_local: candidate.z,
            z_local_interval: own.curve.z_intervals.get(candidate.peak).map(|intervals| intervals.central68),
            expected_interval: own.curve.background_interval(candidate.window.clone()),
            p_spectrum: p.p,
            p_spectrum_is_bound: p.extrapolated,
            p_campaign: p_of_any(ln_p_combined.exp(), self.scan.scanned.len() as u64),
            neighbour_minus: minus,
            neighbour_plus: plus,
            controls: controls(&place, self.scan),
            z_combined: z_of_ln_p(ln_p_combined),
            verdict,
            known: known.into_iter().map(|known| known.name).collect(),
            reason,
        };
        (ln_p_combined, bump)
    }

    /// Weighted simulation fluctuates by its raw events: where these are fewer than the weights say, in all multiplicities
    /// alike for copies of few events, no bump can be told from chance.
    fn few_raw_events(&self, own: &Scanned, candidate: &Candidate) -> Option<String> {
        if !self.simulated.is_weighted() {
            return None;
        }
        let spectrum = self.simulated.get(&own.category, own.mass)?;
        // Bin 0 is underflow.
        let first = own.range.start + 1;
        let window = first + candidate.window.start..first + candidate.window.end;
        let (raw, sum_w) = spectrum
            .filled()
            .filter(|(bin, _)| window.contains(bin))
            .fold((0, 0.0), |(raw, sum_w), (_, content)| (raw + content.entries, sum_w + content.sum_w()));
        let enough = raw as f64 >= self.scan.min_raw_fraction * sum_w;
        (!enough).then(|| format!("{raw} simulated events stand for {sum_w:.0} in the window"))
    }
}

fn verdict(
    candidate: &Candidate,
    backed: f64,
    known: &[Known],
    informed: &[&Look],
    ln_p_sides: f64,
) -> (Verdict, String) {
    if let Some(edge) = known.iter().find(|known| !known.particle) {
        return (Verdict::Shape, format!("at a known edge: {}", edge.name));
    }
    if candidate.peak < START_BINS {
        return (Verdict::Shape, format!("bin {} of the spectrum: the turn-on is near", candidate.peak + 1));
    }
    if candidate.sigma_bins > WIDEST_SIGMA_BINS {
        return (Verdict::Shape, format!("{:.1} resolutions wide", candidate.sigma_bins));
    }
    if backed < LEAST_BACKING * candidate.z {
        return (Verdict::Shape, format!("the cross-check fits leave z {backed:.1} of it"));
    }
    if informed.is_empty() {
        return (Verdict::NoStatistics, "no neighbouring multiplicity has events enough".to_string());
    }
    let seen: Vec<String> = informed
        .iter()
        .filter_map(|side| side.neighbour.category.as_ref().zip(side.neighbour.z))
        .map(|(category, z)| format!("z {z:+.1} in {category}"))
        .collect();
    let seen = seen.join(", ");
    if ln_p_sides < CONFIRM_P.ln() {
        (Verdict::Confirmed, seen)
    } else if informed.iter().any(|side| side.expected_z >= COULD_SEE_Z) {
        (Verdict::Isolated, seen)
    } else {
        (Verdict::NoStatistics, format!("{seen}; too little is expected there"))
    }
}

fn sides_of(own: &Scanned, candidate: &Candidate, scan: &Scan, book: &Book, calibration: &Calibration) -> [Look; 2] {
    let place = Place { own, window: candidate.window.clone(), peak: candidate.peak, sigma_bins: candidate.sigma_bins };
    [-1, 1].map(|step| look(&place, own.category.neighbour(step), scan, book, calibration))
}

/// An Xj spectrum is judged by its exclusive parts: the one with the largest z there, seen from its neighbours.
fn sides_of_inclusive(
    own: &Scanned,
    candidate: &Candidate,
    scan: &Scan,
    book: &Book,
    calibration: &Calibration,
) -> [Look; 2] {
    let place = Place { own, window: candidate.window.clone(), peak: candidate.peak, sigma_bins: candidate.sigma_bins };
    let parts: BTreeMap<usize, Look> = (0..=6)
        .map(|jets| {
            (jets, look(&place, Some(own.category.with_jets(JetCount::exclusive(jets))), scan, book, calibration))
        })
        .filter(|(_, part)| part.ln_p.is_some())
        .collect();
    let best = parts.iter().min_by(|(_, a), (_, b)| {
        let value = |part: &Look| part.ln_p.unwrap_or(0.0);
        value(a).total_cmp(&value(b))
    });
    let Some((&best, _)) = best else { return [Look::default(), Look::default()] };
    let side = |jets: Option<usize>| {
        jets.and_then(|jets| parts.get(&jets))
            .cloned()
            .unwrap_or(Look { neighbour: Neighbour::default(), ..Look::default() })
    };
    [side(best.checked_sub(1)), side(Some(best + 1))]
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::histograms::{Bins, Content, Page};
    use crate::progress::{Progress, Silent};
    use crate::scan::ScanOptions;
    use crate::scan::ZCurve;
    use crate::scan::calibration::{Calibrations, Conditions, N_CLASSES, NullTables};
    use crate::scan::scan;
    use crate::significance::{Templates, z_per_bin};

    const BINS: usize = 60;

    /// Knows the true background, so that the test is about ranking and not about a network.
    struct Truth {
        calibrations: Calibrations,
    }

    fn background(scale: f64) -> Vec<f64> {
        (0..BINS).map(|i| scale * (-0.07 * i as f64).exp()).collect()
    }

    impl Scanner for Truth {
        fn curves(&self, spectra: &[&[f64]], _progress: &dyn Progress) -> Result<Vec<ZCurve>, String> {
            spectra
                .iter()
                .map(|counts| {
                    // The first bin holds the scale: signals are put elsewhere.
                    let background: Vec<f64> = background(counts[0])[..counts.len()].to_vec();
                    let z = z_per_bin(counts, &background, &Templates::uniform(counts.len(), &[1.0, 2.0]))
                        .map_err(|error| error.to_string())?;
                    Ok(ZCurve { z, background, ..ZCurve::default() })
                })
                .collect()
        }

        fn calibrations(&self) -> &Calibrations {
            &self.calibrations
        }
    }

    fn truth() -> Truth {
        let toys: Vec<f64> = (0..20_000).map(|i| 1.5 + 0.35 * -(1.0 - (f64::from(i) + 0.5) / 20_000.0).ln()).collect();
        let mut per_class = vec![Vec::new(); N_CLASSES];
        per_class[Conditions { bins: 50, error: 0.0, kind: 0 }.class().unwrap_or(0)] = toys;
        let tables = NullTables {
            network: Calibration::from_toys(per_class.clone()),
            backed: Calibration::from_toys(per_class),
        };
        Truth { calibrations: Calibrations { invariant: tables.clone(), transverse: tables } }
    }

    /// Spectra of m(mu1,mu2) in `incl/2mu.ss/Nj` with `signal` events in bins 29..=31; `content`: of so many events.
    fn book(categories: &[(&str, f64, f64)], edges_from: f64, content: impl Fn(u64) -> Content) -> Book {
        let edges: Arc<[f64]> = (0..=BINS).map(|i| edges_from * 1.03f64.powi(i as i32)).collect();
        let pages = categories
            .iter()
            .map(|&(category, scale, signal)| {
                let mut counts: Vec<f64> = background(scale).into_iter().map(f64::round).collect();
                for (bin, share) in [(29, 0.25), (30, 0.5), (31, 0.25)] {
                    counts[bin] += (signal * share).round();
                }
                counts[BINS - 1] = counts[BINS - 1].max(1.0);
                let total: f64 = counts.iter().sum();
                let mut page = Page::new(category.parse().expect("category"), content(total as u64));
                let filled = counts.iter().enumerate().map(|(bin, n)| (bin as u16 + 1, content(*n as u64)));
                page.push("m(mu1,mu2)".parse().expect("label"), Bins::all_of(0), filled.filter(|(_, c)| c.entries > 0));
                page
            })
            .collect();
        Book::new(String::new(), vec![edges], pages).expect("a book")
    }

    fn bumps(categories: &[(&str, f64, f64)], edges_from: f64) -> Vec<Bump> {
        ranked(&book(categories, edges_from, Content::unit), None)
    }

    fn ranked(book: &Book, simulated: Option<&Book>) -> Vec<Bump> {
        let truth = truth();
        let scan = scan(book, &ScanOptions::default(), &truth, &Silent).expect("a scan");
        assert_eq!(scan.booked, scan.scanned.len() as u64 + scan.skipped.values().sum::<u64>());
        rank(&scan, book, simulated, &RankingOptions::default(), &truth)
    }

    #[test]
    fn a_resonance_in_three_multiplicities_is_confirmed_and_first() {
        let bumps = bumps(
            &[("incl/2mu.ss/0j", 400.0, 60.0), ("incl/2mu.ss/1j", 300.0, 50.0), ("incl/2mu.ss/2j", 200.0, 40.0)],
            200.0,
        );
        let first = &bumps[0];
        assert_eq!((first.rank, first.verdict), (1, Verdict::Confirmed), "{first:?}");
        assert!(first.low_gev < 200.0 * 1.03f64.powi(30) && 200.0 * 1.03f64.powi(31) < first.high_gev);
        assert!(first.z_combined > 5.0 && first.p_campaign < 1e-4, "{first:?}");
        assert!(first.observed - first.expected > 20.0);
    }

    #[test]
    fn a_bump_of_few_simulated_events_is_not_confirmed() {
        let categories =
            [("incl/2mu.ss/0j", 400.0, 60.0), ("incl/2mu.ss/1j", 300.0, 50.0), ("incl/2mu.ss/2j", 200.0, 40.0)];
        let of_weight = |weight: f64| {
            move |n: u64| {
                let mut content = Content::default();
                for _ in 0..(n as f64 / weight).ceil() as u64 {
                    content.add(Content::of(weight));
                }
                content
            }
        };
        let counts = book(&categories, 200.0, Content::unit);
        let thin = ranked(&counts, Some(&book(&categories, 200.0, of_weight(4.0))));
        assert_eq!(thin[0].verdict, Verdict::NoStatistics, "{:?}", thin[0]);
        assert!(thin[0].reason.contains("simulated events stand for"), "{}", thin[0].reason);
        let rich = ranked(&counts, Some(&book(&categories, 200.0, of_weight(0.5))));
        assert_eq!(rich[0].verdict, Verdict::Confirmed, "{:?}", rich[0]);
    }

    #[test]
    fn a_fluctuation_in_one_multiplicity_is_isolated() {
        let bumps = bumps(
            &[("incl/2mu.ss/0j", 400.0, 0.0), ("incl/2mu.ss/1j", 300.0, 50.0), ("incl/2mu.ss/2j", 200.0, 0.0)],
            200.0,
        );
        let bump = bumps.iter().find(|bump| bump.category.jets == JetCount::Exactly(1)).expect("it is listed");
        assert_eq!(bump.verdict, Verdict::Isolated, "{bump:?}");
    }

    #[test]
    fn a_bump_without_neighbours_has_no_statistics() {
        let bumps = bumps(&[("incl/2mu.ss/3j", 300.0, 50.0)], 200.0);
        assert_eq!(bumps[0].verdict, Verdict::NoStatistics);
        assert_eq!(bumps[0].neighbour_minus, Neighbour::default());
    }

    #[test]
    fn bumps_at_known_particles_are_named_and_last() {
        // Bin 30 lies at 91 GeV.
        let from = 91.0 / 1.03f64.powf(30.5);
        let bumps = bumps(&[("incl/2mu.ss/0j", 400.0, 90.0), ("incl/2mu.ss/1j", 300.0, 80.0)], from);
        assert!(bumps.iter().any(|bump| bump.known == ["Z 91.2"]), "{bumps:?}");
        assert!(bumps.iter().filter(|bump| bump.known.is_empty()).all(|bump| bump.rank < bumps.len()));
    }

    #[test]
    fn the_inclusive_spectrum_takes_its_verdict_from_its_parts() {
        let bumps = bumps(
            &[
                ("incl/2mu.ss/0j", 400.0, 60.0),
                ("incl/2mu.ss/1j", 300.0, 50.0),
                ("incl/2mu.ss/2j", 200.0, 40.0),
                ("incl/2mu.ss/Xj", 900.0, 150.0),
            ],
            200.0,
        );
        let inclusive = bumps.iter().find(|bump| bump.category.jets == JetCount::Any).expect("it is listed");
        assert_eq!(inclusive.verdict, Verdict::Confirmed, "{inclusive:?}");
        assert!(inclusive.neighbour_minus.category.is_some() || inclusive.neighbour_plus.category.is_some());
    }
}
