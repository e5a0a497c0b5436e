//! Trials: from the probability in one spectrum to the probability in a campaign.

/// Chance that at least one of `n` independent spectra has a probability of `p` or less: 1 - (1 - p)^n.
///
/// Spectra of one campaign share events, so they are not independent and this is an upper estimate.
pub fn p_of_any(p: f64, n: u64) -> f64 {
    -(n as f64 * (-p.clamp(0.0, 1.0)).ln_1p()).exp_m1()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_trials_make_a_small_p_likely() {
        assert!((p_of_any(1e-9, 1000) - 1e-6).abs() < 1e-11);
        assert!((p_of_any(0.5, 2) - 0.75).abs() < 1e-12);
        assert_eq!(p_of_any(1.0, 3), 1.0);
    }
}
