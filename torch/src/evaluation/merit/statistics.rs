//! The figures of merit: what is made of pairs of true and found Zmax.
//!
//! In: lists of numbers. Out: means, spreads, quantiles, areas under ROC curves, efficiencies. Empty lists give None,
//! never a number that looks like a result. All in units of z or parts of one.

/// Mean, or None of nothing.
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Standard deviation (with n, not n - 1).
pub fn sd(values: &[f64]) -> Option<f64> {
    let mean = mean(values)?;
    Some((values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64).sqrt())
}

/// Statistical error of the mean.
pub fn error_of_mean(values: &[f64]) -> Option<f64> {
    Some(sd(values)? / (values.len() as f64).sqrt())
}

/// Value below which the part `p` of the values lies.
pub fn quantile(values: &[f64], p: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (p * sorted.len() as f64) as usize;
    sorted.get(at.min(sorted.len().saturating_sub(1))).copied()
}

/// Half of the central 68.27 % interval.
pub fn half68(values: &[f64]) -> Option<f64> {
    Some(0.5 * (quantile(values, 0.84135)? - quantile(values, 0.15865)?))
}

/// Part of the values for which `which` holds.
pub fn part(values: &[f64], which: impl Fn(f64) -> bool) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().filter(|v| which(**v)).count() as f64 / values.len() as f64)
}

/// Binomial error of a part; at least that of one count.
pub fn error_of_part(part: f64, n: usize) -> Option<f64> {
    let n = n as f64;
    (n > 0.0).then(|| (part * (1.0 - part) / n).sqrt().max(1.0 / n))
}

/// Area under the ROC curve: the chance that a signal spectrum has the larger value (ties count half).
pub fn auc(signal: &[f64], background: &[f64]) -> Option<f64> {
    if signal.is_empty() || background.is_empty() {
        return None;
    }
    let mut sorted = background.to_vec();
    sorted.sort_by(f64::total_cmp);
    let wins: f64 = signal
        .iter()
        .map(|value| {
            let below = sorted.partition_point(|b| b < value) as f64;
            let not_above = sorted.partition_point(|b| b <= value) as f64;
            0.5 * (below + not_above)
        })
        .sum();
    Some(wins / (signal.len() as f64 * background.len() as f64))
}

/// Points (part of the background above, part of the signal above) of a ROC curve, one per part in `at`.
pub fn roc(signal: &[f64], background: &[f64], at: &[f64]) -> Vec<(f64, f64)> {
    at.iter()
        .filter_map(|&rate| {
            let cut = threshold(background, rate)?;
            Some((rate, part(signal, |v| v > cut)?))
        })
        .collect()
}

/// Value that the part `rate` of the background exceeds; None if that would be less than one spectrum.
pub fn threshold(background: &[f64], rate: f64) -> Option<f64> {
    (rate * background.len() as f64 >= 1.0 - 1e-9).then(|| quantile(background, 1.0 - rate)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn auc_of_separated_and_equal_samples() {
        assert_eq!(auc(&[2.0, 3.0], &[0.0, 1.0]), Some(1.0));
        assert_eq!(auc(&[1.0], &[1.0]), Some(0.5));
        assert_eq!(auc(&[], &[1.0]), None);
    }

    #[test]
    fn thresholds_let_the_asked_part_through() {
        let background: Vec<f64> = (0..1000).map(f64::from).collect();
        for rate in [0.1, 0.01, 0.001] {
            let cut = threshold(&background, rate).expect("enough spectra");
            let above = part(&background, |v| v >= cut).expect("not empty");
            assert!((above - rate).abs() < 1e-9, "{rate}: {above}");
        }
        assert_eq!(threshold(&background, 1e-4), None);
        assert_eq!(roc(&[2000.0], &background, &[0.5]), [(0.5, 1.0)]);
    }

    #[test]
    fn spreads_of_a_uniform_distribution() {
        let values: Vec<f64> = (0..10_000).map(|i| f64::from(i) / 10_000.0).collect();
        assert!((sd(&values).expect("not empty") - (1.0f64 / 12.0).sqrt()).abs() < 1e-3);
        assert!((half68(&values).expect("not empty") - 0.34135).abs() < 1e-3);
        assert_eq!((mean(&[]), sd(&[]), quantile(&[], 0.5)), (None, None, None));
    }
}
