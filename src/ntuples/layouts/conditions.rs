//! Conditions that layouts set on objects and events: b-tags, identification, triggers.
//!
//! In: YAML, `Muon_tightId`, `{branch: Jet_btag, above: 0.3}`, `{any: [trig_e, trig_mu]}`. Out: the branch and its limits;
//! sentences for people. They are applied where branches are read ([`super::branches`]).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Mistakes;

/// A branch that must be true (not 0), or a test of one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Condition {
    /// True, or not 0.
    True(String),
    /// With limits.
    Test(ConditionTest),
}

/// Limits on the values of a branch; all that are given must hold, not 0 if none is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Test")]
pub struct ConditionTest {
    /// The branch.
    pub branch: String,
    /// The value is larger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64")]
    pub above: Option<f64>,
    /// The value is smaller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64")]
    pub below: Option<f64>,
    /// The value is as large or larger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64")]
    pub at_least: Option<f64>,
    /// The value is as small or smaller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64")]
    pub at_most: Option<f64>,
    /// The value is this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "f64")]
    pub equals: Option<f64>,
    /// This bit of an integer is set, 0 the lowest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u8", range(max = 31))]
    pub bit: Option<u8>,
    /// The sign of the value is taken off before the limits.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub absolute: bool,
}

impl Condition {
    /// The branch must be larger than a number.
    pub fn above(branch: impl Into<String>, limit: f64) -> Condition {
        Condition::Test(ConditionTest { branch: branch.into(), above: Some(limit), ..ConditionTest::default() })
    }

    /// The branch.
    pub fn branch(&self) -> &str {
        match self {
            Condition::True(branch) | Condition::Test(ConditionTest { branch, .. }) => branch,
        }
    }

    /// What is wrong with it, told of the place `here`.
    pub(super) fn check(&self, here: &str, mistakes: &mut Mistakes) {
        if let Some(meant) = as_comparison(self.branch()) {
            let message = format!("`{}` is no branch but a comparison: write it as `{meant}`", self.branch());
            mistakes.hinted(here, message, "tests are above, below, at_least, at_most, equals, bit");
            return;
        }
        mistakes.named(here, Some(self.branch()));
        let test = self.test();
        let limits = [test.above, test.below, test.at_least, test.at_most, test.equals];
        if test.bit.is_some() && (limits.iter().any(Option::is_some) || test.absolute) {
            mistakes.push(here, format!("`{}` is tested for a bit and for its size: one of them", test.branch));
        }
    }

    /// As limits.
    pub fn test(&self) -> ConditionTest {
        match self {
            Condition::True(branch) => ConditionTest { branch: branch.clone(), ..ConditionTest::default() },
            Condition::Test(test) => test.clone(),
        }
    }
}

impl std::fmt::Display for Condition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ConditionTest { branch, above, below, at_least, at_most, equals, bit, absolute } = self.test();
        match absolute {
            true => write!(f, "|{branch}|")?,
            false => write!(f, "{branch}")?,
        }
        let limits = [(above, ">"), (below, "<"), (at_least, ">="), (at_most, "<="), (equals, "=")];
        for (limit, sign) in limits {
            if let Some(limit) = limit {
                write!(f, " {sign} {limit}")?;
            }
        }
        match bit {
            Some(bit) => write!(f, " bit {bit}"),
            None => Ok(()),
        }
    }
}

/// `{branch: Jet_btag, above: 0.3}` for `Jet_btag > 0.3`; None: it is no comparison.
fn as_comparison(text: &str) -> Option<String> {
    let at = text.find(['<', '>', '='])?;
    let (branch, rest) = text.split_at(at);
    let sign = rest.trim_end_matches(|c| !"<>=".contains(c)).trim();
    let (key, limit) = match rest.get(..2) {
        Some(">=") => ("at_least", &rest[2..]),
        Some("<=") => ("at_most", &rest[2..]),
        Some("==") => ("equals", &rest[2..]),
        _ if rest.starts_with('>') => ("above", &rest[1..]),
        _ if rest.starts_with('<') => ("below", &rest[1..]),
        _ => ("equals", &rest[1..]),
    };
    let limit = if sign.len() > 2 { "NUMBER" } else { limit.trim() };
    Some(format!("{{branch: {}, {key}: {limit}}}", branch.trim()))
}

/// What an event must fulfil: a condition on a branch with one value per event, or any of several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum EventCondition {
    /// This one.
    One(Condition),
    /// One of several is enough, as with triggers.
    Any(AnyOf),
}

/// Conditions of which one is enough.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnyOf {
    /// The conditions.
    #[schemars(length(min = 1))]
    pub any: Vec<Condition>,
}

impl EventCondition {
    /// What is wrong with those that stand at `here`.
    pub(super) fn check(here: &str, conditions: &[EventCondition], mistakes: &mut Mistakes) {
        for condition in conditions {
            if condition.any().is_empty() {
                mistakes.hinted(here, "`any` holds no conditions, so no event passes", "name at least one branch");
            }
            condition.any().iter().for_each(|one| one.check(here, mistakes));
        }
    }

    /// All conditions, of which one is enough.
    pub fn any(&self) -> &[Condition] {
        match self {
            EventCondition::Any(AnyOf { any }) => any,
            EventCondition::One(one) => std::slice::from_ref(one),
        }
    }
}

impl std::fmt::Display for EventCondition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, condition) in self.any().iter().enumerate() {
            write!(f, "{}{condition}", if i > 0 { " or " } else { "" })?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::as_comparison;

    #[test]
    fn a_comparison_is_said_back_as_it_should_be_written() {
        let said = |text| as_comparison(text).unwrap_or_default();
        assert_eq!(said("Jet_btag > 0.3"), "{branch: Jet_btag, above: 0.3}");
        assert_eq!(said("Muon_id>=2"), "{branch: Muon_id, at_least: 2}");
        assert_eq!(said("x==1"), "{branch: x, equals: 1}");
        assert_eq!(said("Jet.BTag"), "");
    }
}
