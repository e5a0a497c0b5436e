//! Columns that belong together: same objects in every entry, one number per entry, signs.
//!
//! In: [`Column`]s as they were read. Out: what an [`super::EventBatch`] holds, or an error that names branch and entry.

use std::path::Path;

use super::error::NtupleError;
use crate::rootfile::{Column, Values};

/// A column for messages: where it is, what it is called, what it holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named<'a> {
    pub path: &'a Path,
    pub branch: &'a str,
    pub type_name: &'a str,
}

impl Named<'_> {
    pub(super) fn wrong_type(&self, wanted: &'static str) -> NtupleError {
        NtupleError::WrongType {
            path: self.path.to_path_buf(),
            branch: self.branch.to_string(),
            found: self.type_name.to_string(),
            wanted,
        }
    }

    /// Offsets of a column must be those of `reference`, one number per object. `first_entry`: of the range.
    pub(super) fn counts_as(
        &self,
        found: &[u32],
        reference: &str,
        offsets: &[u32],
        first_entry: u64,
    ) -> Result<(), NtupleError> {
        if found == offsets {
            return Ok(());
        }
        let counts = |offsets: &[u32], entry: usize| -> i64 {
            let pair = offsets.get(entry).zip(offsets.get(entry + 1));
            pair.map_or(0, |(start, end)| i64::from(end.saturating_sub(*start)))
        };
        let entries = offsets.len().saturating_sub(1);
        match (0..entries).find(|entry| counts(found, *entry) != counts(offsets, *entry)) {
            Some(entry) if !found.is_empty() => Err(NtupleError::CountsDisagree {
                path: self.path.to_path_buf(),
                branch: self.branch.to_string(),
                reference: reference.to_string(),
                entry: first_entry + entry as u64,
                found: counts(found, entry),
                expected: counts(offsets, entry),
            }),
            _ => Err(self.wrong_type("one number per object")),
        }
    }

    /// Offsets of a column must be those that the file's own counter of these objects tells: `counts`, one number per
    /// entry, read from `counter`. `first_entry`: of the range.
    pub(super) fn counted_by(
        &self,
        offsets: &[u32],
        counter: &str,
        counts: &Values,
        first_entry: u64,
    ) -> Result<(), NtupleError> {
        let (mut pairs, mut entry, mut wrong) = (offsets.windows(2), first_entry, None);
        let counted = counts.for_each_int(|expected| {
            let found = match pairs.next() {
                Some([start, end]) => i64::from(*end) - i64::from(*start),
                _ => 0,
            };
            if found != expected && wrong.is_none() {
                wrong = Some((entry, found, expected));
            }
            entry += 1;
        });
        match wrong {
            Some((entry, found, expected)) if counted.is_some() => Err(NtupleError::CountsDisagree {
                path: self.path.to_path_buf(),
                branch: self.branch.to_string(),
                reference: counter.to_string(),
                entry,
                found,
                expected,
            }),
            _ => Ok(()),
        }
    }
}

/// The first number of every entry, `missing` where there is none.
pub(super) fn first_per_entry<T>(column: &Column, missing: f64, convert: impl Fn(f64) -> T, out: &mut Vec<T>) {
    out.clear();
    let width = column.width.max(1);
    match column.offsets.as_slice() {
        [] => out.extend((0..column.entries()).map(|i| convert(column.values.get(i * width).unwrap_or(missing)))),
        offsets => out.extend(offsets.windows(2).map(|pair| match pair {
            [start, end] if start < end => convert(column.values.get(*start as usize * width).unwrap_or(missing)),
            _ => convert(missing),
        })),
    }
}

/// -1, 0 or 1.
pub(super) fn signs(values: &Values, out: &mut Vec<i8>) {
    out.clear();
    if values.for_each_int(|charge| out.push(charge.signum() as i8)).is_none() {
        let numbers = (0..values.len()).filter_map(|i| values.get(i));
        out.extend(numbers.map(|charge| if charge > 0.0 { 1 } else { -i8::from(charge < 0.0) }));
    }
}

/// All numbers as f64.
pub(super) fn numbers(values: &Values, out: &mut Vec<f64>) {
    out.clear();
    match values {
        Values::F32(v) => out.extend(v.iter().map(|x| f64::from(*x))),
        Values::F64(v) => out.extend_from_slice(v),
        other => out.extend((0..other.len()).filter_map(|i| other.get(i))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_without_met_has_none_and_one_without_weight_counts_once() {
        let column = Column { values: Values::F32(vec![30.0, 50.0, 60.0]), offsets: vec![0, 1, 1, 3], width: 1 };
        let mut out = Vec::new();
        first_per_entry(&column, 0.0, |value| value as f32, &mut out);
        assert_eq!(out, [30.0, 0.0, 50.0]);
        let fixed = Column { values: Values::F64(vec![0.5, 2.0]), offsets: vec![], width: 1 };
        let mut weights = Vec::new();
        first_per_entry(&fixed, 1.0, |value| value, &mut weights);
        assert_eq!(weights, [0.5, 2.0]);
    }

    #[test]
    fn charges_become_signs_whatever_their_type() {
        let mut out = Vec::new();
        signs(&Values::I32(vec![-1, 2, 0]), &mut out);
        assert_eq!(out, [-1, 1, 0]);
        signs(&Values::F32(vec![-1.0, 1.0, f32::NAN]), &mut out);
        assert_eq!(out, [-1, 1, 0]);
    }

    #[test]
    fn the_first_entry_that_counts_differently_is_named() {
        let named = Named { path: Path::new("f.root"), branch: "Jet_eta", type_name: "float[]" };
        assert!(named.counts_as(&[0, 1, 3], "Jet_pt", &[0, 1, 3], 0).is_ok());
        let error = named.counts_as(&[0, 1, 2, 3], "Jet_pt", &[0, 1, 3, 3], 100).expect_err("they differ");
        assert!(matches!(error, NtupleError::CountsDisagree { entry: 101, found: 1, expected: 2, .. }), "{error}");
        assert!(named.counts_as(&[], "Jet_pt", &[0, 1], 0).is_err());
    }

    #[test]
    fn the_first_entry_that_the_counter_of_the_file_counts_differently_is_named() {
        let named = Named { path: Path::new("f.root"), branch: "Jet_pt", type_name: "float[]" };
        let counted = |counts: Values| named.counted_by(&[0, 2, 2, 5], "nJet", &counts, 100);
        assert!(counted(Values::I32(vec![2, 0, 3])).is_ok());
        assert!(counted(Values::U64(vec![2, 0, 3])).is_ok());
        let error = counted(Values::I32(vec![2, -1, 4])).expect_err("they differ");
        assert!(matches!(error, NtupleError::CountsDisagree { entry: 101, found: 0, expected: -1, .. }), "{error}");
    }
}
