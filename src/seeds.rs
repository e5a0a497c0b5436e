//! Random streams that derive from names, so that adding a category, a toy or a thread changes no other stream.
//!
//! In: the campaign seed and a name such as `"train/batch/17"`. Out: a ChaCha8 generator, the same on every machine.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

/// The generator of `name` under `seed`.
pub fn rng_for(seed: u64, name: &str) -> ChaCha8Rng {
    let mut hash = Sha256::new();
    hash.update(seed.to_le_bytes());
    hash.update(name.as_bytes());
    let digest: [u8; 32] = hash.finalize().into();
    ChaCha8Rng::from_seed(digest)
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
}
