//! Conditions on the values of a branch: b-tags, identification, types of leptons.
//!
//! In: numbers of one branch. Out: true or false per object.

use crate::ntuples::columns::numbers;
use crate::ntuples::layouts::{Condition, ConditionTest};
use crate::rootfile::Values;

/// What values must be.
#[derive(Debug, Clone)]
pub(super) struct Limits(ConditionTest);

impl Limits {
    pub(super) fn of(condition: &Condition) -> Limits {
        Limits(condition.test())
    }

    /// One answer per number; None: the numbers are not integers and bits are asked for. `memory` is used again.
    pub(super) fn test(&self, values: &Values, memory: &mut Vec<f64>, out: &mut Vec<bool>) -> Option<()> {
        out.clear();
        if let Some(bit) = self.0.bit {
            let bit = u32::from(bit).min(63);
            return values.for_each_int(|value| out.push((value >> bit) & 1 == 1));
        }
        if let Values::Bool(flags) = values
            && self.is_plain()
        {
            out.extend_from_slice(flags);
            return Some(());
        }
        numbers(values, memory);
        out.extend(memory.iter().map(|value| self.holds(*value)));
        Some(())
    }

    fn is_plain(&self) -> bool {
        let ConditionTest { above, below, at_least, at_most, equals, .. } = &self.0;
        [above, below, at_least, at_most, equals].into_iter().all(Option::is_none)
    }

    /// A value that is no number passes nothing.
    fn holds(&self, value: f64) -> bool {
        let ConditionTest { above, below, at_least, at_most, equals, absolute, .. } = self.0;
        let value = if absolute { value.abs() } else { value };
        match self.is_plain() {
            true => value != 0.0 && !value.is_nan(),
            false => {
                above.is_none_or(|limit| value > limit)
                    && below.is_none_or(|limit| value < limit)
                    && at_least.is_none_or(|limit| value >= limit)
                    && at_most.is_none_or(|limit| value <= limit)
                    && equals.is_none_or(|wanted| value == wanted)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answers(test: ConditionTest, values: Values) -> Option<Vec<bool>> {
        let mut out = Vec::new();
        Limits(test).test(&values, &mut Vec::new(), &mut out).map(|()| out)
    }

    #[test]
    fn tests_mean_what_they_say() {
        let test = |change: fn(&mut ConditionTest)| {
            let mut test = ConditionTest::default();
            change(&mut test);
            test
        };
        let floats = || Values::F32(vec![0.2, 0.7, f32::NAN]);
        assert_eq!(answers(test(|t| t.above = Some(0.5)), floats()), Some(vec![false, true, false]));
        assert_eq!(answers(ConditionTest::default(), floats()), Some(vec![true, true, false]));
        assert_eq!(answers(ConditionTest::default(), Values::Bool(vec![true, false])), Some(vec![true, false]));
        assert_eq!(answers(test(|t| t.bit = Some(1)), Values::U8(vec![2, 5])), Some(vec![true, false]));
        assert_eq!(answers(test(|t| t.bit = Some(1)), floats()), None);
        let electron = test(|t| (t.equals, t.absolute) = (Some(11.0), true));
        assert_eq!(answers(electron, Values::I32(vec![11, -11, 13])), Some(vec![true, true, false]));
        let window = test(|t| (t.at_least, t.at_most) = (Some(1.0), Some(2.0)));
        assert_eq!(answers(window, Values::I16(vec![0, 1, 2, 3])), Some(vec![false, true, true, false]));
    }
}
