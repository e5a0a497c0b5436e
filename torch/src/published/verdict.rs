//! What should come out of a spectrum, and whether it did.
//!
//! In: an [`Expectation`] of the list and what the network said. Out: an [`Outcome`] with a sentence. In YAML
//! `expect: quiet` or `expect: {near_gev: 125, z: 6.9, within: 1.5}`.

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::compare::Peak;
use bumphound::digits;

/// A spectrum in which background alone has such a Zmax less often than this is not quiet.
pub const QUIET_ABOVE: f64 = 0.01;

/// What should come out.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Expectation {
    /// Nothing: p_spectrum at or above [`QUIET_ABOVE`].
    Quiet,
    /// The largest excess at a known place.
    Excess(Excess),
}

/// A known excess.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Excess {
    /// Where, GeV.
    pub near_gev: f64,
    /// Distance that is near, GeV; two bins if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_gev: Option<f64>,
    /// z there; any if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub z: Option<f64>,
    /// It is the largest of the spectrum; if false only z near the place counts.
    #[serde(default = "default_largest")]
    pub largest: bool,
    /// Distance from `z` that is allowed: scatter between two ways to find a background, see docs/guides/validate.md.
    #[serde(default = "default_within")]
    pub within: f64,
}

fn default_within() -> f64 {
    1.5
}

fn default_largest() -> bool {
    true
}

/// Whether it came out.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Outcome {
    /// Yes.
    AsExpected,
    /// No, and why.
    NotAsExpected {
        /// A sentence.
        why: String,
    },
    /// The list expects nothing of this spectrum.
    NoExpectation,
}

impl Outcome {
    /// In a word or two.
    pub fn name(&self) -> &'static str {
        match self {
            Outcome::AsExpected => "as expected",
            Outcome::NotAsExpected { .. } => "NOT as expected",
            Outcome::NoExpectation => "-",
        }
    }
}

impl Excess {
    /// Refuses values that cannot be meant.
    pub(super) fn check(&self) -> Result<(), String> {
        let positive = |value: f64| value.is_finite() && value > 0.0;
        if !positive(self.near_gev) {
            return Err(format!("near_gev {} is not a mass in GeV", self.near_gev));
        }
        if let Some(within) = self.within_gev.filter(|&within| !positive(within)) {
            return Err(format!("within_gev {within} is not a distance in GeV"));
        }
        if !positive(self.within) || self.z.is_some_and(|z| !z.is_finite()) {
            return Err(format!("z {} within {} cannot be tested", self.z.unwrap_or(0.0), self.within));
        }
        Ok(())
    }
}

impl Excess {
    /// Masses that are near, GeV; `bin_gev`: width of a bin there.
    pub fn near(&self, bin_gev: f64) -> std::ops::RangeInclusive<f64> {
        let within_gev = self.within_gev.unwrap_or(2.0 * bin_gev);
        self.near_gev - within_gev..=self.near_gev + within_gev
    }
}

impl Expectation {
    /// In words.
    pub fn sentence(&self) -> String {
        match self {
            Expectation::Quiet => "quiet".to_string(),
            Expectation::Excess(excess) => {
                let at = format!("excess near {} GeV", digits::mass(excess.near_gev));
                match excess.z {
                    Some(z) => format!("{at}, z {} ± {}", digits::z(z), digits::z(excess.within)),
                    None => at,
                }
            }
        }
    }

    /// Compares with the network's largest z, in the spectrum or near the place as the expectation asks; `bin_gev`: width of a bin at the expected mass, GeV.
    pub fn verdict(&self, zmax: &Peak, p_spectrum: f64, bin_gev: f64) -> Outcome {
        let no = |why: String| Outcome::NotAsExpected { why };
        match self {
            Expectation::Quiet if p_spectrum >= QUIET_ABOVE => Outcome::AsExpected,
            Expectation::Quiet => no(format!(
                "expected nothing, found z {} at {} GeV; background alone does that in {} of such spectra",
                digits::z(zmax.z),
                digits::mass(zmax.gev),
                digits::probability(p_spectrum)
            )),
            Expectation::Excess(excess) => {
                let within_gev = excess.within_gev.unwrap_or(2.0 * bin_gev);
                // NaN is neither near nor equal.
                let near = (zmax.gev - excess.near_gev).abs() <= within_gev;
                let strong = excess.z.is_none_or(|z| (zmax.z - z).abs() <= excess.within);
                if near && strong {
                    return Outcome::AsExpected;
                }
                let found = format!("found z {} at {} GeV", digits::z(zmax.z), digits::mass(zmax.gev));
                no(match near {
                    true => format!("expected {}, {found}", self.sentence()),
                    false => format!("expected {} (within {} GeV), {found}", self.sentence(), digits::mass(within_gev)),
                })
            }
        }
    }
}

impl<'de> Deserialize<'de> for Expectation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Expectation, D::Error> {
        struct QuietOrExcess;
        impl<'de> Visitor<'de> for QuietOrExcess {
            type Value = Expectation;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("`quiet` or {near_gev: 125, z: 6.9, within: 1.5}")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Expectation, E> {
                match text {
                    "quiet" => Ok(Expectation::Quiet),
                    other => Err(E::invalid_value(serde::de::Unexpected::Str(other), &self)),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Expectation, A::Error> {
                Excess::deserialize(MapAccessDeserializer::new(map)).map(Expectation::Excess)
            }
        }
        deserializer.deserialize_any(QuietOrExcess)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peak(z: f64, gev: f64) -> Peak {
        Peak { bin: 0, gev, z }
    }

    #[test]
    fn quiet_means_not_rare() {
        assert_eq!(Expectation::Quiet.verdict(&peak(3.0, 500.0), 0.2, 10.0), Outcome::AsExpected);
        let Outcome::NotAsExpected { why } = Expectation::Quiet.verdict(&peak(7.0, 500.0), 1e-4, 10.0) else {
            panic!("a rare Zmax is not quiet");
        };
        assert!(why.contains("z 7.0 at 500 GeV"), "{why}");
    }

    #[test]
    fn an_excess_is_expected_at_its_place_and_height() {
        let expectation =
            Expectation::Excess(Excess { near_gev: 125.0, within_gev: None, z: Some(6.9), largest: true, within: 1.5 });
        let verdict = |z, gev| expectation.verdict(&peak(z, gev), 1e-6, 1.0);
        assert_eq!(verdict(5.6, 126.5), Outcome::AsExpected);
        assert_ne!(verdict(5.0, 125.5), Outcome::AsExpected);
        assert_ne!(verdict(6.9, 127.5), Outcome::AsExpected);
        assert_ne!(verdict(f64::NAN, 125.5), Outcome::AsExpected);
    }
}
