//! Random streams and choices that derive from names, so that adding a category, a toy or a thread changes no other one.
//!
//! In: the campaign seed and a name such as `"train/batch/17"`. Out: a ChaCha8 generator, the same on every machine. All
//! goes through the sha256 of seed and name, which no version of anything can change.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

/// The generator of `name` under `seed`.
pub fn rng_for(seed: u64, name: &str) -> ChaCha8Rng {
    ChaCha8Rng::from_seed(digest(seed, &[name.as_bytes()]))
}

/// The generator of `name` for one purpose: names are given by users, so one of theirs may look like another purpose's.
pub fn rng_for_purpose(seed: u64, purpose: &str, name: &str) -> ChaCha8Rng {
    ChaCha8Rng::from_seed(key_for_purpose(seed, purpose, name))
}

/// The 32 bytes that [`rng_for_purpose`] starts from, for those who need a number and no stream.
pub fn key_for_purpose(seed: u64, purpose: &str, name: &str) -> [u8; 32] {
    // With its length in front, no purpose and name read as another pair.
    let length = (purpose.len() as u64).to_le_bytes();
    digest(seed, &[&length, purpose.as_bytes(), name.as_bytes()])
}

/// Whether `name` falls into the one half of a split or the other; different splits of the same names are independent.
pub fn in_second_half(split: &str, name: &str) -> bool {
    key_for_purpose(0, split, name)[0] & 1 == 1
}

fn digest(seed: u64, parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(seed.to_le_bytes());
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;

    #[test]
    fn streams_depend_on_seed_and_name_alone() {
        assert_eq!(rng_for(1, "a").next_u64(), rng_for(1, "a").next_u64());
        assert_ne!(rng_for(1, "a").next_u64(), rng_for(1, "b").next_u64());
        assert_ne!(rng_for(1, "a").next_u64(), rng_for(2, "a").next_u64());
    }

    /// sha256 of the bytes, by Python's hashlib.
    #[test]
    fn keys_and_halves_are_what_sha256_says() {
        assert_eq!(digest(7, &[b"train/0/1"])[..4], [237, 62, 77, 252]);
        assert_eq!(key_for_purpose(7, "poisson", "incl/1mu/2j m(mu1,j1)")[..4], [156, 236, 189, 130]);
        let halves = ["a", "b", "c", "d", "e", "f"].map(|name| in_second_half("halves", name));
        assert_eq!(halves, [false, false, false, false, false, true]);
    }

    #[test]
    fn a_purpose_does_not_read_as_a_part_of_the_name() {
        assert_ne!(key_for_purpose(1, "ab", "c"), key_for_purpose(1, "a", "bc"));
        assert_eq!(rng_for_purpose(1, "a", "b").next_u64(), rng_for_purpose(1, "a", "b").next_u64());
    }
}
