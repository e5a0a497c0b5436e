//! What the numbers say, in words: the one-line finding, verdicts, methods, empty sides.
//!
//! In: [`ReportData`] and its [`Bump`]s. Out: sentences without markup, shared by the page and the terminal.

use super::ReportData;
use crate::categories::JetCount;
use crate::digits;
use crate::ranking::{Bump, Neighbour, NeighbourMethod, Verdict};

/// A bump stands out if the chance of its like in the whole campaign is at most this.
pub const STANDS_OUT: f64 = 0.05;

/// What a reader should know first.
#[derive(Debug, Clone, PartialEq)]
pub enum Finding {
    /// The best bump that is confirmed, bears no known name and is rarer than [`STANDS_OUT`]: its rank.
    StandsOut(usize),
    /// No such bump; the rank of the best that is confirmed and bears no known name, if there is one.
    Nothing(Option<usize>),
    /// No spectrum was scanned.
    NotScanned,
}

impl Finding {
    /// Looks through the ranked bumps.
    pub fn of(data: &ReportData) -> Finding {
        if data.spectra.scanned == 0 {
            return Finding::NotScanned;
        }
        let candidates = || data.bumps.iter().filter(|b| b.verdict == Verdict::Confirmed && b.known.is_empty());
        match candidates().find(|b| b.p_campaign <= STANDS_OUT) {
            Some(bump) => Finding::StandsOut(bump.rank),
            None => Finding::Nothing(candidates().next().map(|b| b.rank)),
        }
    }

    /// The finding as one or two sentences.
    pub fn sentence(&self, data: &ReportData) -> String {
        let bump = |rank: usize| data.bumps.iter().find(|b| b.rank == rank);
        match *self {
            Finding::StandsOut(rank) => bump(rank).map_or(String::new(), |b| stands_out(b, data)),
            Finding::Nothing(Some(rank)) => bump(rank).map_or(String::new(), |b| {
                format!(
                    "Nothing stands out. The best candidate that is confirmed and has no known name is {} in {} (rank \
                     {rank}), and chance alone gives one like it with probability {} in a campaign of this size.",
                    place(b),
                    b.category,
                    digits::bounded_probability(b.p_campaign, false),
                )
            }),
            Finding::Nothing(None) if data.bumps.is_empty() => "Nothing stands out: no spectrum has a bump.".into(),
            Finding::Nothing(None) => "Nothing stands out: no bump without a known name is confirmed by its \
                                       neighbouring jet multiplicities."
                .into(),
            Finding::NotScanned => "No spectrum was scanned.".into(),
        }
    }
}

fn stands_out(bump: &Bump, data: &ReportData) -> String {
    let also = data
        .bumps
        .iter()
        .filter(|b| b.rank != bump.rank && b.mass == bump.mass)
        .filter(|b| b.low_gev <= bump.high_gev && b.high_gev >= bump.low_gev)
        .count();
    let also = match also {
        0 => String::new(),
        1 => " One more listed bump lies at the same place in the same variable.".into(),
        n => format!(" {n} more listed bumps lie at the same place in the same variable."),
    };
    format!(
        "{} stands out: {} in {}, confirmed by its neighbouring jet multiplicities (local z {}, campaign p {}).{also}",
        if bump.is_transverse() { "An excess in a transverse mass" } else { "One excess" },
        place(bump),
        bump.category,
        digits::z(bump.z_local),
        digits::bounded_probability(bump.p_campaign, bump.p_spectrum_is_bound),
    )
}

/// Where a bump is: `m(mu1,mu2) at 495 GeV`; transverse masses are near a value, they have no peak.
pub fn place(bump: &Bump) -> String {
    let near = if bump.is_transverse() { "near" } else { "at" };
    format!("{} {near} {} GeV", bump.mass, digits::mass(bump.peak_gev))
}

/// The names of the samples that were planted, in input order.
pub fn planted(data: &ReportData) -> Vec<&str> {
    data.inputs.iter().filter(|input| input.planted).map(|input| input.sample.as_str()).collect()
}

/// A sentence about planted signals; None if there are none.
pub fn planted_notice(data: &ReportData) -> Option<String> {
    let names = planted(data);
    let list = names.join(", ");
    match names.len() {
        0 => None,
        1 => Some(format!(
            "A signal was planted on purpose: sample {list} was mixed into the data. Finding it shows that the program works; it is not a discovery."
        )),
        _ => Some(format!(
            "Signals were planted on purpose: samples {list} were mixed into the data. Finding them shows that the program works; they are no discoveries."
        )),
    }
}

/// The control categories of a bump, if there are any: `same window in incl/2mu.ss/1j: z −0.3 (4 events, 4.9 expected)`.
pub fn controls(bump: &Bump) -> Option<String> {
    let parts: Vec<String> = bump
        .controls
        .iter()
        .map(|control| {
            format!(
                "{} in {}: z {} ({} events, {} expected)",
                control.mass,
                control.category,
                digits::z(control.z),
                digits::count(control.observed),
                digits::count(control.background),
            )
        })
        .collect();
    (!parts.is_empty()).then(|| format!("Control categories, same window: {}.", parts.join("; ")))
}

/// A verdict as it is spelt in every output.
pub fn verdict_name(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Confirmed => "confirmed",
        Verdict::Isolated => "isolated",
        Verdict::Shape => "shape?",
        Verdict::NoStatistics => "no statistics",
    }
}

/// How a neighbour's z was found, as it is spelt in every output.
pub fn method_name(method: NeighbourMethod) -> &'static str {
    match method {
        NeighbourMethod::Network => "network",
        NeighbourMethod::Poisson => "poisson",
    }
}

/// Which neighbour of a bump.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Jet multiplicity n - 1.
    Minus,
    /// Jet multiplicity n + 1.
    Plus,
}

impl Side {
    /// `one jet fewer`, `one jet more`.
    pub fn name(self) -> &'static str {
        match self {
            Side::Minus => "one jet fewer",
            Side::Plus => "one jet more",
        }
    }
}

/// Why a side of a bump is empty; None if it is not.
pub fn empty_side(bump: &Bump, side: Side, neighbour: &Neighbour) -> Option<String> {
    if let Some(category) = &neighbour.category {
        return neighbour.method.is_none().then(|| format!("{category} has too few events to judge"));
    }
    let jets = bump.category.jets;
    Some(match (side, jets) {
        (_, JetCount::Any) => format!("{jets} sums all jet multiplicities"),
        (Side::Minus, JetCount::Exactly(0)) => format!("{jets} is the lowest multiplicity"),
        (Side::Plus, JetCount::SixOrMore) => format!("{jets} is the highest multiplicity"),
        _ => format!("{} does not exist with {}", bump.mass, side.name()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_report_json() -> Result<(), serde_json::Error> {
        for verdict in [Verdict::Confirmed, Verdict::Isolated, Verdict::Shape, Verdict::NoStatistics] {
            assert_eq!(serde_json::to_string(&verdict)?, format!("\"{}\"", verdict_name(verdict)));
        }
        for method in [NeighbourMethod::Network, NeighbourMethod::Poisson] {
            assert_eq!(serde_json::to_string(&method)?, format!("\"{}\"", method_name(method)));
        }
        Ok(())
    }
}
