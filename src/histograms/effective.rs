//! Are these counts? Every z of this program is that of counts of events; a sum of weights is none.
//!
//! In: a [`CountsTable`], with or without variances. Out: the same in counts and what was done, or why there are none.
//! Whole numbers whose variances, where given, are the numbers themselves are counts. A sum of weights w with variances
//! v is worth n = w sum(w)/sum(v) events, on average over the spectrum: so its fluctuations are those of n. That holds where the
//! weights are alike along the spectrum; a density (weights 1/width) is multiplied by its widths first. Contents and expected
//! background are scaled alike, by bin.

use thiserror::Error;

use super::counts_csv::CountsTable;
use crate::digits::nine_digits;

/// Weights may differ by this factor between the fifths of a spectrum, in variance over content.
const ALIKE: f64 = 1.5;
/// Parts of the events between which weights are compared.
const PARTS: usize = 5;
/// Equal to rounding of text.
const EQUAL: f64 = 1e-6;
/// So many filled bins that all share a divisor are no chance (counts do at 2 to the minus this).
const BINS_THAT_TELL: usize = 24;

/// A table in counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Counts {
    /// Contents and expected background in counts.
    pub table: CountsTable,
    /// What was done, for people; None: nothing.
    pub note: Option<String>,
}

/// Contents that are not counts and cannot be made so.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum NotCounts {
    /// Fractions without variances.
    #[error(
        "bin {bin} holds {}: not counts, but sums of weights, a density or rates\nhint: give counts, or variances beside the contents (UHI storage `weighted`, column `sum_w2`); `--weighted` takes the contents for counts, as if every weight were 1",
        nine_digits(*value)
    )]
    Fractions {
        /// Bin, from 0.
        bin: usize,
        /// What it holds.
        value: f64,
    },
    /// Multiples of one number.
    #[error(
        "all contents are multiples of {divisor}: counts times a number\nhint: give the counts themselves, or variances beside the contents; `--weighted` takes the contents for counts"
    )]
    Multiples {
        /// The number.
        divisor: u64,
    },
    /// A bin with contents and no variance.
    #[error(
        "bin {bin} holds {} with variance 0: not counts\nhint: variances are sums of squared weights",
        nine_digits(*value)
    )]
    NoVariance {
        /// Bin, from 0.
        bin: usize,
        /// What it holds.
        value: f64,
    },
    /// Weights differ along the spectrum.
    #[error(
        "the weights differ along the spectrum: variance over content is {least:.3e} at {least_at} and {most:.3e} at {most_at}, so no number of events stands for them\nhint: scan the part that one sample fills, or draw counts first (`pseudo_data: poisson` in a campaign)"
    )]
    Uneven {
        /// Smallest ratio.
        least: f64,
        /// Mass where it is.
        least_at: f64,
        /// Largest ratio.
        most: f64,
        /// Mass where it is.
        most_at: f64,
    },
}

/// The table in counts. `taken`: contents without variances are taken for counts as they are.
pub fn counts(table: CountsTable, taken: bool) -> Result<Counts, NotCounts> {
    let as_is = |table, note| Ok(Counts { table, note });
    let Some(variances) = &table.variances else {
        return match not_counts(&table.observed) {
            None => as_is(table, None),
            Some(_) if taken => as_is(table, Some("the contents are taken for counts (--weighted)".to_string())),
            Some(why) => Err(why),
        };
    };
    let pairs = || table.observed.iter().zip(variances);
    if pairs().all(|(n, v)| (n - v).abs() <= EQUAL * n.abs()) {
        return match not_counts(&table.observed) {
            Some(why) if !taken => Err(why),
            _ => as_is(table, None),
        };
    }
    if let Some(bin) = pairs().position(|(n, v)| *n > 0.0 && *v == 0.0) {
        return Err(NotCounts::NoVariance { bin, value: table.observed[bin] });
    }
    let widths: Vec<f64> = table.edges.windows(2).map(|edge| edge[1] - edge[0]).collect();
    let plain = event_weight(&table, &vec![1.0; widths.len()]);
    let (weight, widths) = match (plain, event_weight(&table, &widths)) {
        (Ok(weight), _) => (weight, None),
        (Err(_), Ok(weight)) => (weight, Some(widths)),
        (Err(why), Err(_)) => return Err(why),
    };
    let factor = |bin: usize| widths.as_ref().map_or(1.0, |widths| widths[bin]) / weight;
    let scaled = |values: &[f64]| values.iter().enumerate().map(|(bin, value)| value * factor(bin)).collect::<Vec<_>>();
    let observed = scaled(&table.observed);
    let times = if widths.is_some() { "times the width of each bin, " } else { "" };
    let note = format!(
        "sums of weights, not counts: taken for {:.1} effective events (contents {times}over {weight:.4e}, the mean weight by the variances)",
        observed.iter().sum::<f64>()
    );
    let expected = table.expected.as_deref().map(scaled);
    Ok(Counts { table: CountsTable { observed, expected, variances: None, ..table }, note: Some(note) })
}

/// Why contents without variances are no counts.
fn not_counts(contents: &[f64]) -> Option<NotCounts> {
    let fraction = |n: f64| (n - n.round()).abs() > EQUAL * n.max(1.0);
    if let Some(bin) = contents.iter().position(|&n| fraction(n)) {
        return Some(NotCounts::Fractions { bin, value: contents[bin] });
    }
    // Beyond 2^53 every float is a multiple of something.
    let filled = || contents.iter().filter(|n| **n > 0.0 && **n < 9e15).map(|n| n.round() as u64);
    let divisor = filled().fold(0, gcd);
    (divisor > 1 && filled().count() >= BINS_THAT_TELL).then_some(NotCounts::Multiples { divisor })
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Mean weight of an event, sum(variances) over sum(contents), if it is alike in all parts of the spectrum.
fn event_weight(table: &CountsTable, scale: &[f64]) -> Result<f64, NotCounts> {
    let bins =
        || table.observed.iter().zip(table.variances.iter().flatten()).zip(scale).map(|((n, v), s)| (n * s, v * s * s));
    // Parts with alike effective events (n^2 / v), so that each says as much.
    let effective = |(n, v): (f64, f64)| if v > 0.0 { n * n / v } else { 0.0 };
    let total: f64 = bins().map(effective).sum();
    let mut parts = [(0.0, 0.0, f64::NAN); PARTS];
    let mut before = 0.0;
    for (bin, (n, v)) in bins().enumerate() {
        let part = &mut parts[((before / total * PARTS as f64) as usize).min(PARTS - 1)];
        before += effective((n, v));
        let middle = 0.5 * (table.edges[bin] + table.edges[bin + 1]);
        *part = (part.0 + n, part.1 + v, if part.2.is_nan() { middle } else { part.2 });
    }
    let ratios = || parts.iter().filter(|part| part.0 > 0.0).map(|(n, v, at)| (v / n, *at));
    let by_ratio = |a: &(f64, f64), b: &(f64, f64)| a.0.total_cmp(&b.0);
    let (Some((least, least_at)), Some((most, most_at))) = (ratios().min_by(by_ratio), ratios().max_by(by_ratio))
    else {
        return Ok(1.0);
    };
    if most > ALIKE * least {
        return Err(NotCounts::Uneven { least, least_at, most, most_at });
    }
    let (n, v) = bins().fold((0.0, 0.0), |sum, bin| (sum.0 + bin.0, sum.1 + bin.1));
    Ok(v / n)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const COUNTS: [f64; 24] = [
        905.0, 820.0, 741.0, 668.0, 607.0, 548.0, 497.0, 449.0, 407.0, 368.0, 333.0, 301.0, 272.0, 247.0, 223.0, 202.0,
        183.0, 165.0, 150.0, 135.0, 122.0, 111.0, 100.0, 91.0,
    ];

    /// Bins that grow by 5 % each; contents and variances of events with this weight in bin i.
    fn table(weight: impl Fn(usize) -> f64, with_variances: bool) -> CountsTable {
        let of = |power: i32| COUNTS.iter().enumerate().map(|(i, n)| n * weight(i).powi(power)).collect::<Vec<_>>();
        CountsTable {
            edges: (0..=COUNTS.len()).map(|i| 100.0 * 1.05f64.powi(i as i32)).collect(),
            observed: of(1),
            variances: with_variances.then(|| of(2)),
            expected: Some(of(1)),
            comments: Vec::new(),
        }
    }

    fn close(a: &[f64], b: &[f64]) -> bool {
        a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-9 * b)
    }

    #[test]
    fn counts_stay_and_weights_of_any_size_give_their_events() {
        for with_variances in [false, true] {
            let same = counts(table(|_| 1.0, with_variances), false).expect("counts");
            assert_eq!((same.table.observed, same.note), (COUNTS.to_vec(), None));
        }
        for weight in [10.0, 0.01, 1e-30, 0.9] {
            let found = counts(table(|_| weight, true), false).expect("weights");
            assert!(close(&found.table.observed, &COUNTS), "{weight}: {:?}", found.table.observed);
            assert!(close(found.table.expected.as_deref().unwrap_or(&[]), &COUNTS) && found.note.is_some());
        }
    }

    #[test]
    fn a_density_with_variances_is_multiplied_by_its_widths() {
        // Widths grow by a factor of 3 over the spectrum.
        let density = table(|i| 1.0 / (5.0 * 1.05f64.powi(i as i32)), true);
        let found = counts(density, false).expect("a density");
        assert!(close(&found.table.observed, &COUNTS), "{:?}", found.table.observed);
        assert!(found.note.is_some_and(|note| note.contains("times the width of each bin")));
    }

    #[test]
    fn what_cannot_be_counts_is_refused() {
        let why = |table: CountsTable| counts(table, false).expect_err("no counts").to_string();
        assert!(why(table(|_| 0.013, false)).starts_with("bin 0 holds 11.765: not counts, but sums of weights"));
        assert!(why(table(|_| 10.0, false)).starts_with("all contents are multiples of 10"));
        assert!(
            why(table(|i| if i < 12 { 1.0 } else { 20.0 }, true)).starts_with("the weights differ along the spectrum")
        );
        let mut without = table(|_| 2.0, true);
        without.variances.as_mut().expect("there")[3] = 0.0;
        assert!(why(without).starts_with("bin 3 holds 1336 with variance 0"));
        let taken = counts(table(|_| 0.013, false), true).expect("as asked");
        assert!((taken.table.observed[0] - 11.765).abs() < 1e-9 && taken.note.is_some());
        // Variances that repeat the contents do not make a fraction a count.
        let mut copied = table(|_| 0.013, false);
        copied.variances = Some(copied.observed.clone());
        assert!(why(copied).contains("not counts"));
    }

    #[test]
    fn a_few_even_numbers_are_counts() {
        let mut few = table(|_| 1.0, false);
        few.observed = (0..COUNTS.len()).map(|i| if i < 10 { 2.0 } else { 0.0 }).collect();
        assert!(counts(few, false).is_ok());
        let empty = CountsTable {
            observed: vec![0.0; COUNTS.len()],
            variances: Some(vec![0.0; COUNTS.len()]),
            ..table(|_| 1.0, true)
        };
        assert!(counts(empty, false).is_ok());
    }

    proptest! {
        #[test]
        fn any_contents_give_finite_counts_or_a_reason(
            contents in prop::collection::vec((0.0..1e300_f64, 0.0..1e300_f64), 1..30), taken: bool,
        ) {
            let table = CountsTable {
                edges: (0..=contents.len()).map(|i| i as f64).collect(),
                observed: contents.iter().map(|pair| pair.0).collect(),
                variances: Some(contents.iter().map(|pair| pair.1).collect()),
                ..CountsTable::default()
            };
            if let Ok(found) = counts(table, taken) {
                prop_assert_eq!(found.table.observed.len(), contents.len());
            }
        }
    }
}
