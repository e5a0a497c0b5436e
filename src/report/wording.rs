//! What the numbers say, in words: the one-line finding, chances, controls.
//!
//! In: [`ReportData`] and its [`Bump`]s. Out: sentences without markup, shared by the page and the terminal.

use super::ReportData;
use crate::digits;
use crate::ranking::{Bump, Verdict};

/// What a reader should know first.
#[derive(Debug, Clone, PartialEq)]
pub enum Finding {
    /// Candidates that are excesses: their ranks.
    Found(Vec<usize>),
    /// No such candidate; the rank of the first in an invariant mass of which nothing is known, if there is one.
    Nothing(Option<usize>),
    /// Nothing can be told, and why.
    CannotTell(String),
}

impl Finding {
    /// Looks through the ranked lines.
    pub fn of(data: &ReportData) -> Finding {
        let heads = heads(data);
        if let Some(why) = &data.cannot_tell {
            return Finding::CannotTell(why.clone());
        }
        if data.stacks.invariant + data.stacks.transverse == 0 {
            return Finding::CannotTell(format!("no stack could be searched{}", why_not(data)));
        }
        let found: Vec<usize> =
            heads.iter().filter(|bump| bump.verdict == Verdict::Excess).map(|bump| bump.rank).collect();
        if !found.is_empty() {
            return Finding::Found(found);
        }
        let first = heads.iter().find(|bump| bump.verdict == Verdict::Chance && !bump.is_transverse());
        if !heads.is_empty() && heads.iter().all(|bump| bump.verdict == Verdict::CannotTell) {
            return Finding::CannotTell("every line has too few simulated events behind it".into());
        }
        Finding::Nothing(first.map(|bump| bump.rank))
    }

    /// The finding as one or two sentences.
    pub fn sentence(&self, data: &ReportData) -> String {
        let head = |rank: usize| data.bumps.iter().find(|bump| bump.rank == rank);
        match self {
            Finding::Found(ranks) => {
                let first = ranks.first().and_then(|rank| head(*rank)).map_or(String::new(), excess);
                match ranks.len() {
                    1 => format!("Found: one excess stands out, {first}."),
                    n => format!("Found: {n} excesses stand out, the first {first}."),
                }
            }
            Finding::Nothing(Some(rank)) => head(*rank).map_or(String::new(), |bump| {
                format!(
                    "Nothing stands out. The first candidate is {} in {}; chance alone gives one like it with \
                     probability {} in a campaign of this size.",
                    place(bump),
                    bump.category,
                    chance(bump.p_campaign, bump.p_stack_is_extrapolated),
                )
            }),
            Finding::Nothing(None) => {
                "Nothing stands out: no stack of an invariant mass has a line of which nothing is known.".into()
            }
            Finding::CannotTell(why) => format!("Cannot tell: {why}."),
        }
    }
}

/// Why there is nothing to search: nothing was booked, or what was is not enough.
fn why_not(data: &ReportData) -> String {
    let spectra = |n: u64| digits::counted(n, "spectrum", "spectra");
    match (data.spectra.booked, data.spectra.skipped.iter().max_by_key(|(_, n)| *n)) {
        (0, _) => ": no mass was booked (the warnings say why)".into(),
        (booked, None) => format!(" among {}", spectra(booked)),
        (booked, Some((reason, n))) => {
            format!(": of {}, {} not scanned: {reason}", spectra(booked), digits::count(*n as f64))
        }
    }
}

/// The head of each candidate.
pub fn heads(data: &ReportData) -> Vec<&Bump> {
    let mut heads: Vec<&Bump> = Vec::new();
    for bump in &data.bumps {
        if heads.last().is_none_or(|head| head.rank != bump.rank) {
            heads.push(bump);
        }
    }
    heads
}

fn excess(bump: &Bump) -> String {
    format!(
        "{} in {} (campaign p {}, {} events on {}, local z {})",
        place(bump),
        bump.category,
        chance(bump.p_campaign, bump.p_stack_is_extrapolated),
        digits::count(bump.observed),
        with_error(bump.expected, bump.expected_error),
        digits::z(bump.z_combined),
    )
}

/// A probability; `~` marks one that is extrapolated beyond the toys.
pub fn chance(p: f64, extrapolated: bool) -> String {
    format!("{}{}", if extrapolated && p < 1.0 { "~" } else { "" }, digits::probability(p))
}

/// `3.21 ± 0.69`.
pub fn with_error(value: f64, error: f64) -> String {
    format!("{} ± {}", digits::count(value), digits::count(error))
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

/// The control categories of a bump, if there are any: `m(mu1,mu2) in incl/2mu.ss/Xj: 4 events on 4.9 ± 1.1 (p 0.63)`.
pub fn controls(bump: &Bump) -> Option<String> {
    let parts: Vec<String> = bump
        .controls
        .iter()
        .map(|control| {
            format!(
                "{} in {}: {} on {} (p {})",
                control.mass,
                control.category,
                digits::count(control.observed),
                with_error(control.expected, control.expected_error),
                digits::probability(control.p),
            )
        })
        .collect();
    (!parts.is_empty()).then(|| format!("Control categories, same window: {}.", parts.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_report_json() -> Result<(), serde_json::Error> {
        for verdict in Verdict::ALL {
            assert_eq!(serde_json::to_string(&verdict)?, format!("\"{}\"", verdict.name()));
        }
        Ok(())
    }
}
