//! A random number per event, as `unweight` and the choice of events need one.
//!
//! In: the campaign seed, a purpose, a sample, then file and entry. Out: numbers that depend on nothing else: not on
//! threads, not on other samples, not on the machine. The stream of a sample is that of [`crate::seeds`]; an event's number
//! is a hash of its place in it, since events are read in any order and a generator per event would cost more than the event.

use crate::seeds::key_for_purpose;

/// Gives every event of a sample a number that looks random.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EventDraw {
    key: u64,
}

impl EventDraw {
    /// For one purpose and one sample.
    pub(crate) fn new(campaign_seed: u64, purpose: &str, sample: &str) -> Self {
        let [a, b, c, d, e, f, g, h, ..] = key_for_purpose(campaign_seed, purpose, sample);
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
