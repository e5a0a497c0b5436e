//! All bumps of a campaign, the most interesting first (physics.md section 10.10).
//!
//! In: the scanned spectra and the book that they come from. Out: [`Bump`]s in order: by tier, then by the evidence of all
//! bumps at one place of one mass, then by their own.

use rustc_hash::FxHashMap;

use super::RankingOptions;
use super::bump::{Bump, Verdict};
use super::candidates::{WIDTHS, candidates};
use super::judge::{Judge, Judged};
use crate::categories::{Category, JetCount};
use crate::histograms::book::Book;
use crate::particles::MassLabel;
use crate::scan::{Scan, Scanner};
use crate::significance::TemplateCache;

/// The ranked list of all bumps of a campaign. `book`: the counts that were scanned; `simulated`: the weighted sums that
/// they were drawn around, if they were.
pub fn rank(
    scan: &Scan,
    book: &Book,
    simulated: Option<&Book>,
    options: &RankingOptions,
    scanner: &dyn Scanner,
) -> Vec<Bump> {
    let judge = Judge { scan, book, simulated: simulated.unwrap_or(book), calibrations: scanner.calibrations() };
    let templates = TemplateCache::new(&WIDTHS);
    let mut judged = Vec::new();
    for own in &scan.scanned {
        let found = candidates(&own.counts, &own.curve, &templates.of(own.counts.len()), options);
        judged.extend(found.iter().map(|candidate| judge.judge(own, candidate)));
    }
    in_order(judged)
}

/// Sorted and numbered from 1.
fn in_order(judged: Vec<Judged>) -> Vec<Bump> {
    let mut grouped: Vec<(f64, Judged)> = group_evidence(&judged).into_iter().zip(judged).collect();
    grouped.sort_by(|(group_a, Judged { bump: a, ln_p: ln_p_a }), (group_b, Judged { bump: b, ln_p: ln_p_b })| {
        tier(a)
            .cmp(&tier(b))
            .then(group_a.total_cmp(group_b))
            .then(is_inclusive(a).cmp(&is_inclusive(b)))
            .then(ln_p_a.total_cmp(ln_p_b))
            .then(b.z_local.total_cmp(&a.z_local))
            .then_with(|| in_text_order(a).cmp(&in_text_order(b)))
    });
    let in_order = grouped.into_iter().enumerate();
    in_order.map(|(i, (_, Judged { bump, .. }))| Bump { rank: i + 1, ..bump }).collect()
}

fn in_text_order(bump: &Bump) -> (String, String) {
    (bump.category.to_string(), bump.mass.to_string())
}

fn is_inclusive(bump: &Bump) -> bool {
    bump.category.jets == JetCount::Any
}

/// Per bump the best evidence (ln of the combined chance) of its group: bumps of one mass in one object category, of one
/// tier, with overlapping windows. A group stands together, led by an exclusive multiplicity: its neighbours can be shown.
fn group_evidence(judged: &[Judged]) -> Vec<f64> {
    let mut groups: FxHashMap<(Category, MassLabel, u8), Vec<usize>> = FxHashMap::default();
    for (i, Judged { bump, .. }) in judged.iter().enumerate() {
        let objects = bump.category.with_jets(JetCount::Any);
        groups.entry((objects, bump.mass, tier(bump))).or_default().push(i);
    }
    let mut best: Vec<f64> = judged.iter().map(|one| one.ln_p).collect();
    for members in groups.values() {
        for &i in members {
            let here = &judged[i].bump;
            let overlap = |other: &Bump| other.low_gev < here.high_gev && here.low_gev < other.high_gev;
            let group = members.iter().map(|&j| &judged[j]).filter(|one| overlap(&one.bump));
            best[i] = group.map(|one| one.ln_p).fold(f64::INFINITY, f64::min);
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::histograms::{Bins, Content, Page};
    use crate::progress::{Progress, Silent};
    use crate::ranking::bump::Neighbour;
    use crate::scan::ScanOptions;
    use crate::scan::ZCurve;
    use crate::scan::calibration::{Calibration, Calibrations, Conditions, N_CLASSES, NullTables};
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
