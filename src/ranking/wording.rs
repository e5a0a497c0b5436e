//! The ranking in words: why a bump has its verdict, and how the whole list is made.
//!
//! In: a [`Reason`]. Out: one sentence, as `reason` in report.json and bumps.csv. [`method`] is the paragraph on the page.

use super::verdict::{CONFIRM_P, NeighbourZ, Reason, START_BINS, WIDEST_SIGMA_BINS};

/// Why a bump has its verdict, for people.
pub fn sentence(reason: &Reason) -> String {
    match reason {
        Reason::FewRawEvents { raw, sum_w } => format!("{raw} simulated events stand for {sum_w:.0} in the window"),
        Reason::KnownEdge { name } => format!("at a known edge: {name}"),
        Reason::NearStart { bin } => format!("bin {bin} of the spectrum: the turn-on is near"),
        Reason::Wide { sigma_bins } => format!("{sigma_bins:.1} resolutions wide"),
        Reason::NotBacked { backed_z } => format!("the cross-check fits leave z {backed_z:.1} of it"),
        Reason::NoNeighbour => "no neighbouring multiplicity has events enough".to_string(),
        Reason::Seen(z) | Reason::NotSeen(z) => listed(z),
        Reason::LittleExpected(z) => format!("{}; too little is expected there", listed(z)),
    }
}

/// `z +3.1 in incl/2mu.os/0j, z +2.0 in incl/2mu.os/2j`.
fn listed(neighbours: &[NeighbourZ]) -> String {
    let each = neighbours.iter().map(|NeighbourZ { category, z }| format!("z {z:+.1} in {category}"));
    each.collect::<Vec<_>>().join(", ")
}

/// How the list is ordered and what the verdicts mean, for the report: one paragraph.
pub fn method() -> String {
    let confirm_percent = 100.0 * CONFIRM_P;
    [
        BUMP,
        NEIGHBOURS,
        INCLUSIVE,
        &format!(
            "`confirmed`: the neighbours together have a chance below {confirm_percent} % and no known edge explains the \
             bump. `isolated`: a neighbour could have seen it and did not. `shape?`: within {START_BINS} bins of the \
             start, wider than {WIDEST_SIGMA_BINS} bins, at a known edge, or with less than half of its z in the \
             cross-checks."
        ),
        EVIDENCE,
        NO_STATISTICS,
        ORDER,
    ]
    .join(" ")
}

const BUMP: &str = "A bump is a local maximum of the network's z. p_spectrum is the chance that a background-only \
    spectrum of the same class (bins, kind of background, error of z) is as significant anywhere, by \
    z / sqrt(1 + error^2), from simulated spectra that went through the same trimming (transverse masses have tables of \
    their own).";

const NEIGHBOURS: &str = "Jets are counted exclusively, so the spectra with one jet fewer and one jet more are \
    independent: the chance of their z at this very mass is combined with that of the spectrum itself by Fisher's \
    method (z_combined).";

const INCLUSIVE: &str = "Xj spectra hold the same events as the exclusive ones; they use their own chance alone and \
    inherit the verdict of the exclusive spectrum with the smallest chance at this mass.";

const EVIDENCE: &str = "Evidence is counted with the smallest of three estimates of z: the network's, the likelihood \
    ratio of the counts against the network's background, and a side-band fit (cubic in ln b) around the bump; how often \
    background alone has such a z comes from simulated spectra as well.";

const NO_STATISTICS: &str = "`no statistics`: no neighbour could have seen it, or the window holds fewer simulated events \
    than their weights sum to. Bumps at known particles or edges are named.";

const ORDER: &str = "Order: confirmed and unnamed first (masses before transverse masses), then other unnamed bumps, \
    then `shape?`, then named ones; within each by combined evidence, bumps at one place of one mass together, exclusive \
    multiplicities before Xj. p_campaign is the chance that any of n scanned spectra is as significant, 1 - (1 - p)^n, p the \
    combined chance.";

#[cfg(test)]
mod tests {
    use super::*;

    fn z(category: &str, z: f64) -> NeighbourZ {
        NeighbourZ { category: category.parse().expect("a category"), z }
    }

    #[test]
    fn every_reason_says_the_numbers_that_decided() {
        let both = || vec![z("incl/2mu.os/0j", 3.12), z("incl/2mu.os/2j", -0.26)];
        let sentences = [
            (Reason::FewRawEvents { raw: 12, sum_w: 50.4 }, "12 simulated events stand for 50 in the window"),
            (Reason::KnownEdge { name: "edge WW 160.8".into() }, "at a known edge: edge WW 160.8"),
            (Reason::NearStart { bin: 2 }, "bin 2 of the spectrum: the turn-on is near"),
            (Reason::Wide { sigma_bins: 6.0 }, "6.0 resolutions wide"),
            (Reason::NotBacked { backed_z: 0.96 }, "the cross-check fits leave z 1.0 of it"),
            (Reason::NoNeighbour, "no neighbouring multiplicity has events enough"),
            (Reason::Seen(both()), "z +3.1 in incl/2mu.os/0j, z -0.3 in incl/2mu.os/2j"),
            (Reason::NotSeen(vec![z("a/1e/6j+", 0.0)]), "z +0.0 in a/1e/6j+"),
            (Reason::LittleExpected(vec![z("a/1e/Xj", 1.0)]), "z +1.0 in a/1e/Xj; too little is expected there"),
        ];
        for (reason, expected) in sentences {
            assert_eq!(sentence(&reason), expected);
        }
    }

    #[test]
    fn the_method_is_one_paragraph_with_the_limits_of_the_verdicts() {
        let text = method();
        assert_eq!(text.lines().count(), 1);
        assert!(!text.contains("  "), "{text}");
        for limit in ["below 0.5 % and", "within 3 bins of", "wider than 4 bins,"] {
            assert!(text.contains(limit), "{limit}");
        }
    }
}
