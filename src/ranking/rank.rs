//! All lines of a campaign as candidates, the one that chance explains least first (physics.md section 10.7).
//!
//! In: a book, what the network says about its spectra, options, a seed. Out: [`Bump`]s in order, what was searched, and
//! spectra to be drawn. The order is that of p_campaign alone; transverse masses, lines that too few simulated events
//! stand behind, and known structure follow in lists of their own.

use std::ops::Range;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::bump::{Bump, RowSeen, Verdict};
use super::controls::controls;
use super::picture::{Picture, picture};
use super::same_events::same_candidate;
use super::structure::known_in;
use super::summary::{SearchedStack, StackSummary};
use super::{EXCESS_P, NAMED_P, RankingOptions, mid_p, wording};
use crate::categories::{Category, JetCount};
use crate::histograms::Book;
use crate::particles::MassLabel;
use crate::progress::Progress;
use crate::scan::Scan;
use crate::seeds::rng_for_purpose;
use crate::significance::poisson::p_value_smeared;
use crate::significance::trials::p_of_any;
use crate::stacks::{FoundLine, Line, RowCount, SearchOptions, Searched, Stack, search, stacks};

/// Transverse masses have this part of the toys: none of them is called an excess.
const TRANSVERSE_TOYS: usize = 5;
/// So has a campaign whose simulated events stand for more than one each: all of its stacks are clumpy, none can be told.
const THIN_TOYS: usize = 15;
/// So many candidates have controls.
const WITH_CONTROLS: usize = 50;

/// What is ranked.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// Counts.
    pub book: &'a Book,
    /// Weighted sums that the counts were drawn around, if they were.
    pub simulated: Option<&'a Book>,
    /// What the network says about the spectra of the book.
    pub scan: &'a Scan,
    /// Options of the campaign.
    pub options: &'a RankingOptions,
    /// Seed of the campaign: toys derive from it.
    pub seed: u64,
    /// Candidates to be drawn.
    pub pictures: usize,
}

/// What a campaign shows.
#[derive(Debug, Clone, Default)]
pub struct Ranked {
    /// Lines, candidate by candidate.
    pub bumps: Vec<Bump>,
    /// What was searched.
    pub stacks: StackSummary,
    /// Spectra of the first candidates.
    pub pictures: Vec<Picture>,
    /// Simulated events and the sum of weights that they stand for, where each stands for more than one: no excess can be
    /// told from chance then.
    pub thin: Option<(u64, f64)>,
}

/// A line before it has a place.
struct Placed<'a> {
    bump: Bump,
    score: f64,
    stack: &'a Stack,
    line: Line,
}

/// Ranks a campaign.
pub fn rank(input: &Input, progress: &dyn Progress) -> Ranked {
    let all = stacks(input.book);
    let thin = thin(input);
    progress.begin("stacks", all.list.len() as u64, "stacks");
    let searched: Vec<Option<Searched>> = all
        .list
        .par_iter()
        .map(|stack| {
            let found = searched(stack, input, thin.is_some());
            progress.advance(1);
            found
        })
        .collect();
    let found: Vec<(&Stack, &Searched)> =
        all.list.iter().zip(&searched).filter_map(|(stack, searched)| Some((stack, searched.as_ref()?))).collect();
    let trials = |transverse: bool| found.iter().filter(|(stack, _)| stack.mass.is_transverse() == transverse).count();
    let mut summary = StackSummary {
        invariant: trials(false) as u64,
        transverse: trials(true) as u64,
        left_out: all.left_out.clone().into_iter().collect(),
        negative_bins: all.negative_bins,
        toys: found.iter().map(|(_, searched)| searched.toys as u64).sum(),
        list: found.iter().map(|(stack, searched)| summary_of(stack, searched)).collect(),
    };
    let failed = (all.list.len() - found.len()) as u64;
    if failed > 0 {
        summary.left_out.push(("the fit of the background failed".into(), failed));
    }
    let placed = found.iter().flat_map(|(stack, searched)| {
        let trials = if stack.mass.is_transverse() { summary.transverse } else { summary.invariant };
        searched.lines.iter().map(move |found| placed(stack, searched, found, trials, input))
    });
    let mut lines = in_order(placed.collect());
    let by_place: FxHashMap<(&Category, MassLabel), &Stack> =
        all.list.iter().map(|stack| ((&stack.group, stack.mass), stack)).collect();
    for Placed { bump, stack, .. } in lines.iter_mut().filter(|placed| placed.bump.rank <= WITH_CONTROLS) {
        let window = (bump.low_gev, bump.high_gev);
        bump.controls = controls(&stack.group, stack.mass, window, |group, mass| by_place.get(&(group, mass)).copied());
    }
    let mut heads: Vec<&Placed> = Vec::new();
    for placed in &lines {
        if heads.last().is_none_or(|head| head.bump.rank != placed.bump.rank) && heads.len() < input.pictures {
            heads.push(placed);
        }
    }
    let pictures = heads.iter().filter_map(|head| picture(head.bump.rank, head.stack, &head.line)).collect();
    Ranked { bumps: lines.into_iter().map(|placed| placed.bump).collect(), stacks: summary, pictures, thin }
}

/// Raw events and sum of weights, where simulated events stand for more than one each.
fn thin(input: &Input) -> Option<(u64, f64)> {
    let sums = input.simulated.unwrap_or(input.book);
    let inclusive = sums.categories().any(|(category, _)| category.jets == JetCount::Any);
    // Every event once: `Xj` holds what the multiplicities hold.
    let once = sums.categories().filter(|(category, _)| !inclusive || category.jets == JetCount::Any);
    let (raw, sum_w) = once.fold((0, 0.0), |(raw, sum_w), (_, total)| (raw + total.entries, sum_w + total.sum_w()));
    let few = raw > 0 && raw as f64 <= input.scan.min_raw_fraction * sum_w;
    (sums.is_weighted() && few).then_some((raw, sum_w))
}

fn searched(stack: &Stack, input: &Input, thin: bool) -> Option<Searched> {
    let options = input.options;
    let part = if thin { THIN_TOYS } else { 1 } * if stack.mass.is_transverse() { TRANSVERSE_TOYS } else { 1 };
    let toys = options.toys / part;
    let search_options = SearchOptions {
        least_window: options.min_window_events,
        most_lines: options.max_per_spectrum,
        least_z: options.z_min,
        most_toys: toys.max(1),
    };
    let mut rng = rng_for_purpose(input.seed, "toys of a stack", &format!("{} {}", stack.group, stack.mass));
    search(stack, &search_options, &mut rng, &|line| !names(stack, line).is_empty())
}

fn summary_of(stack: &Stack, searched: &Searched) -> SearchedStack {
    let unknown = searched.lines.iter().filter(|found| found.known.is_none());
    SearchedStack {
        category: stack.group.clone(),
        mass: stack.mass,
        events: stack.events(),
        bins: stack.bins(),
        rows: stack.rows.len(),
        p_stack: unknown.map(|found| found.chance.p).fold(1.0, f64::min),
    }
}

/// Names of what is known in the window of a line.
fn names(stack: &Stack, line: &Line) -> Vec<String> {
    let middle = (line.window.start + line.window.end) / 2;
    let bin_gev = stack.edges[middle + 1] - stack.edges[middle];
    known_in(stack.mass, window_gev(stack, &line.window), bin_gev).into_iter().map(|known| known.name).collect()
}

fn window_gev(stack: &Stack, window: &Range<usize>) -> (f64, f64) {
    (stack.edges[window.start], stack.edges[window.end])
}

fn placed<'a>(stack: &'a Stack, searched: &Searched, found: &FoundLine, trials: u64, input: &Input) -> Placed<'a> {
    let FoundLine { line, chance, known } = found;
    let (low_gev, high_gev) = window_gev(stack, &line.window);
    let known: Vec<String> = match known {
        Some(number) => searched.lines.get(*number).map(|known| names(stack, &known.line)).unwrap_or_default(),
        None if chance.p < NAMED_P => names(stack, line),
        None => Vec::new(),
    };
    let p_campaign = p_of_any(chance.p, trials);
    let few = few_raw_events(stack, line, input);
    let verdict = match (known.is_empty(), few, p_campaign < EXCESS_P) {
        (false, ..) => Verdict::Known,
        (_, Some(_), _) => Verdict::CannotTell,
        (.., false) => Verdict::Chance,
        (.., true) if stack.mass.is_transverse() => Verdict::Shape,
        (.., true) => Verdict::Excess,
    };
    let network = |category: &Category| network_z(input.scan, category, stack.mass, (low_gev, high_gev));
    let rows: Vec<RowSeen> =
        line.by_row.iter().enumerate().map(|(row, count)| row_seen(stack, row, count, &network)).collect();
    let counted: Vec<JetCount> = stack.rows[line.rows.clone()].to_vec();
    let category = match counted.as_slice() {
        [one] if stack.rows.len() > 1 => stack.group.with_jets(*one),
        _ => stack.group.clone(),
    };
    let RowCount { observed, expected, error } = line.count;
    let bump = Bump {
        rank: 0,
        z_network: network(&category),
        category,
        mass: stack.mass,
        peak_gev: gev_of(&stack.edges, line.middle),
        low_gev,
        high_gev,
        width_bins: line.window.len(),
        jets: wording::jets(&counted, stack.rows.len()),
        observed,
        expected,
        expected_error: error,
        p_local: p_value_smeared(observed, expected, error / expected.max(1e-12)),
        p_stack: chance.p,
        p_stack_toys: chance.toys as u64,
        p_stack_is_extrapolated: chance.extrapolated,
        p_campaign,
        z_combined: line.z,
        reason: wording::reason(&wording::Facts { line, chance, rows: &rows, few }),
        rows,
        controls: Vec::new(),
        verdict,
        known,
    };
    Placed { bump, score: line.score, stack, line: line.clone() }
}

fn row_seen(stack: &Stack, row: usize, count: &RowCount, network: &impl Fn(&Category) -> Option<f64>) -> RowSeen {
    let category = stack.category(row);
    RowSeen {
        observed: count.observed,
        expected: count.expected,
        expected_error: count.error,
        p: mid_p(count),
        z_network: network(&category),
        category,
    }
}

/// Mass at a place between bins, GeV.
fn gev_of(edges: &[f64], place: f64) -> f64 {
    let bin = (place as usize).min(edges.len() - 2);
    edges[bin] + (place - bin as f64) * (edges[bin + 1] - edges[bin])
}

/// Largest z of the network in a window.
fn network_z(scan: &Scan, category: &Category, mass: MassLabel, (low, high): (f64, f64)) -> Option<f64> {
    let scanned = scan.get(category, mass)?;
    let edges = scanned.scanned_edges();
    let inside = (0..scanned.curve.z.len()).filter(|bin| edges[*bin] < high && edges[bin + 1] > low);
    inside.map(|bin| scanned.curve.z[bin]).reduce(f64::max)
}

/// Weighted simulation fluctuates by its raw events: where these are fewer than the weights say, no excess can be told
/// from chance. Raw events and sum of weights then.
fn few_raw_events(stack: &Stack, line: &Line, input: &Input) -> Option<(u64, f64)> {
    let simulated = input.simulated.unwrap_or(input.book);
    if !simulated.is_weighted() {
        return None;
    }
    let window = stack.first_bin + line.window.start..stack.first_bin + line.window.end;
    let (raw, sum_w) = line
        .rows
        .clone()
        .filter_map(|row| simulated.get(&stack.category(row), stack.mass))
        .flat_map(|spectrum| spectrum.filled().collect::<Vec<_>>())
        // Bin 0 is underflow.
        .filter(|(bin, _)| bin.checked_sub(1).is_some_and(|bin| window.contains(&bin)))
        .fold((0, 0.0), |(raw, sum_w), (_, content)| (raw + content.entries, sum_w + content.sum_w()));
    let enough = raw as f64 >= input.scan.min_raw_fraction * sum_w;
    (!enough).then_some((raw, sum_w))
}

/// The list that a line belongs to.
fn tier(bump: &Bump) -> u8 {
    match (bump.verdict, bump.is_transverse()) {
        (Verdict::Known, _) => 3,
        (Verdict::CannotTell, _) => 2,
        (_, true) => 1,
        (_, false) => 0,
    }
}

/// Candidates in order, each with its lines, numbered from 1.
fn in_order(mut lines: Vec<Placed>) -> Vec<Placed> {
    lines.sort_by_cached_key(|placed| (placed.bump.category.to_string(), placed.bump.mass.to_string()));
    lines.sort_by(|a, b| {
        tier(&a.bump)
            .cmp(&tier(&b.bump))
            .then(a.bump.p_campaign.total_cmp(&b.bump.p_campaign))
            .then(a.bump.p_stack.total_cmp(&b.bump.p_stack))
            .then(b.score.total_cmp(&a.score))
    });
    let mut candidates: Vec<Vec<Placed>> = Vec::new();
    for placed in lines {
        let known = |bump: &Bump| bump.verdict == Verdict::Known;
        let joins = |head: &Bump| known(head) == known(&placed.bump) && same_candidate(head, &placed.bump);
        match candidates.iter_mut().find(|lines| lines.first().is_some_and(|head| joins(&head.bump))) {
            Some(lines) => lines.push(placed),
            None => candidates.push(vec![placed]),
        }
    }
    let numbered = candidates.into_iter().enumerate().flat_map(|(number, lines)| {
        lines.into_iter().map(move |mut placed| {
            placed.bump.rank = number + 1;
            placed
        })
    });
    numbered.collect()
}
