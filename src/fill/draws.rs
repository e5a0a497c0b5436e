//! Random choices that derive from names.
//!
//! In: the campaign seed, a purpose, a name. Out: seeds and numbers that depend on nothing else: not on threads, not on
//! other samples or spectra, not on the machine.

use sha2::{Digest, Sha256};

/// Seed of a random generator for one purpose and one name.
pub(crate) fn seed(campaign_seed: u64, purpose: &str, name: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(campaign_seed.to_le_bytes());
    hash.update((purpose.len() as u64).to_le_bytes());
    hash.update(purpose.as_bytes());
    hash.update(name.as_bytes());
    hash.finalize().into()
}

/// Gives every event of a sample a number that looks random.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EventDraw {
    key: u64,
}

impl EventDraw {
    /// For one purpose and one sample.
    pub(crate) fn new(campaign_seed: u64, purpose: &str, sample: &str) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = seed(campaign_seed, purpose, sample);
        EventDraw { key: u64::from_le_bytes([a, b, c, d, e, f, g, h]) }
    }

    /// 64 random bits of an event.
    pub(crate) fn bits(&self, file: usize, entry: u64) -> u64 {
        mix(mix(self.key ^ mix(file as u64)) ^ entry)
    }

    /// Uniform in [0, 1).
    pub(crate) fn uniform(&self, file: usize, entry: u64) -> f64 {
        (self.bits(file, entry) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Spreads every bit over all 64 (the finaliser of SplitMix64, Steele, Lea and Flood 2014).
fn mix(mut x: u64) -> u64 {
    x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_other_files_samples_and_seeds_draw_other_numbers() {
        let draw = EventDraw::new(1, "events", "ttbar");
        assert_eq!(draw.bits(0, 5), EventDraw::new(1, "events", "ttbar").bits(0, 5));
        for other in [
            EventDraw::new(2, "events", "ttbar").bits(0, 5),
            EventDraw::new(1, "unweight", "ttbar").bits(0, 5),
            EventDraw::new(1, "events", "zjets").bits(0, 5),
            draw.bits(1, 5),
            draw.bits(0, 6),
        ] {
            assert_ne!(draw.bits(0, 5), other);
        }
    }

    #[test]
    fn numbers_are_uniform() {
        let draw = EventDraw::new(7, "unweight", "a");
        let n = 20_000;
        let mean = (0..n).map(|entry| draw.uniform(0, entry)).sum::<f64>() / n as f64;
        // sd of the mean: sqrt(1/12/n) = 0.002.
        assert!((mean - 0.5).abs() < 0.01, "{mean}");
    }
}
