//! Chance that repeats: numbers that depend only on a seed, what they are for, and a number.

use super::alert::fnv;

/// A stream of numbers (splitmix64).
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The stream for the `number`th `purpose` of a seed.
    pub fn new(seed: u64, purpose: &str, number: u64) -> Self {
        Self(seed ^ fnv(purpose.as_bytes()) ^ number.wrapping_mul(0xd134_2543_de82_ef95))
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high.saturating_sub(low) + 1)
    }

    /// The first one or one of the others.
    pub fn pick<T: Copy>(&mut self, first: T, others: &[T]) -> T {
        let at = usize::try_from(self.between(0, others.len() as u64)).unwrap_or(0);
        others.get(at).copied().unwrap_or(first)
    }

    /// So many hexadecimal digits, at most sixteen.
    pub fn hex(&mut self, digits: usize) -> String {
        format!("{:016x}", self.next()).chars().take(digits).collect()
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
