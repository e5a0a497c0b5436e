//! Plans that no training can follow are refused before anything is drawn.
//!
//! In: a [`TrainingPlan`]. Out: nothing, or which value is wrong and what it may be.

use super::fit::TrainingPlan;
use crate::znet::card::LONGEST;
use bumphound::binning::trim::LEAST_BINS;
use bumphound::significance::SIGNAL_WIDTHS;
use bumphound::toys::spectra::Recipe;

impl TrainingPlan {
    /// An error that names the first value that is wrong.
    pub fn check(&self) -> Result<(), String> {
        let of_file = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
        if self.name.is_empty() || self.name.starts_with('.') || !self.name.chars().all(of_file) {
            return Err(format!("name `{}` is the name of a file: letters, digits, `_`, `-`, `.`", self.name));
        }
        within("steps", self.steps as f64, 0.0, 1e9)?;
        within("batch", self.batch as f64, 1.0, 1e5)?;
        within("learning_rate", self.learning_rate, 1e-12, 1e3)?;
        within("steady_part", self.steady_part, 0.0, 1.0)?;
        for (key, [low, high]) in [("bins", self.bins), ("bins_wide", self.bins_wide)] {
            if !(LEAST_BINS <= low && low <= high && high <= LONGEST) {
                return Err(format!("{key} [{low}, {high}] is no range between {LEAST_BINS} and {LONGEST}"));
            }
        }
        within("zmax_weight", self.zmax_weight, 0.0, 1e6)?;
        within("background_weight", self.background_weight, 0.0, 1e6)?;
        self.network.check().map_err(|what| format!("network: {what}"))?;
        recipe(&self.recipe).map_err(|what| format!("recipe.{what}"))?;
        if self.network.by_width && self.recipe.target_widths != SIGNAL_WIDTHS {
            return Err(format!(
                "recipe.target_widths: a network with `by_width` has a target for each of {SIGNAL_WIDTHS:?}"
            ));
        }
        Ok(())
    }
}

fn recipe(recipe: &Recipe) -> Result<(), String> {
    let shares = [
        ("functions", recipe.functions),
        ("wide_functions", recipe.wide_functions),
        ("sparse", recipe.sparse),
        ("trimmed", recipe.trimmed),
        ("dilepton", recipe.dilepton),
        ("jacobian", recipe.jacobian),
        ("shoulders", recipe.shoulders),
        ("steps", recipe.steps),
        ("simulation", recipe.simulation),
    ];
    for (key, share) in shares {
        within(key, share, 0.0, 1e6)?;
    }
    within("y_min", recipe.y_min, 1e-6, 1e12)?;
    if !(recipe.y_max > recipe.y_min && recipe.y_max <= 1e12) {
        return Err(format!("y_max {} is not between y_min and 1e12", recipe.y_max));
    }
    within("signal_share", recipe.signal_share, 0.0, 1.0)?;
    within("second_signal_share", recipe.second_signal_share, 0.0, 1.0)?;
    within("signal_z_max", recipe.signal_z_max, 1e-3, 1e3)?;
    for (key, widths) in [("signal_widths", &recipe.signal_widths), ("target_widths", &recipe.target_widths)] {
        if !(1..=16).contains(&widths.len()) {
            return Err(format!("{key}: 1 to 16 widths are needed"));
        }
        widths.iter().try_for_each(|width| within(key, *width, 0.05, 100.0))?;
    }
    Ok(())
}

/// NaN lies nowhere.
fn within(key: &str, value: f64, least: f64, most: f64) -> Result<(), String> {
    match (least..=most).contains(&value) {
        true => Ok(()),
        false => Err(format!("{key} {value} is not between {least} and {most}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: &str = include_str!("../../../selections/training/dmfmw.yaml");

    #[test]
    fn hostile_plans_are_refused_with_the_key() {
        let check = |from: &str, to: &str| {
            assert!(PLAN.contains(from), "{from}");
            let plan: TrainingPlan = serde_saphyr::from_str(&PLAN.replacen(from, to, 1)).expect(to);
            plan.check()
        };
        assert_eq!(check("name: DMFmw", "name: DMFmw"), Ok(()));
        for (from, to, key) in [
            ("name: DMFmw", "name: ../../x", "name"),
            ("steps: 15000", "steps: -1", "steps"),
            ("batch: 128", "batch: 99999999999", "batch"),
            ("learning_rate: 0.002", "learning_rate: .nan", "learning_rate"),
            ("bins: [30, 100]", "bins: [100, 30]", "bins"),
            ("bins: [30, 100]", "bins: [30, 99999999]", "bins"),
            ("bins_wide: [20, 150]", "bins_wide: [0, 150]", "bins_wide"),
            ("functions: 0.4", "functions: .nan", "recipe.functions"),
            ("functions: 0.4", "functions: -1", "recipe.functions"),
            ("signal_share: 0.7", "signal_share: 7", "recipe.signal_share"),
            ("signal_z_max: 10", "signal_z_max: 0", "recipe.signal_z_max"),
            ("channels: 32", "channels: 99999999999", "network"),
            ("layers: 2", "layers: 0x7fffffff", "network"),
            ("kernels: [3, 11]", "kernels: [4]", "network"),
            ("kernels: [3, 11]", "kernels: [3, 3]", "network"),
        ] {
            let error = check(from, to).expect_err(to);
            assert!(error.starts_with(key), "{to}: {error}");
        }
    }
}
