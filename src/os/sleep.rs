//! Notices that the machine slept: the clock that counts sleep gets ahead of the one that does not.

use std::time::Duration;

use super::clock;

/// A shorter sleep changes nothing anybody would see.
const WORTH_TELLING: Duration = Duration::from_secs(5);

/// How long the machine has slept, as far as known.
pub struct Slept(Duration);

impl Slept {
    /// Begins to watch.
    pub fn watch() -> Self {
        Self(so_far(clock::boottime(), clock::monotonic()))
    }

    /// Whether the machine slept since this was last asked.
    pub fn again(&mut self) -> bool {
        self.check(so_far(clock::boottime(), clock::monotonic()))
    }

    fn check(&mut self, now: Duration) -> bool {
        let slept = now.saturating_sub(self.0) > WORTH_TELLING;
        if slept {
            self.0 = now;
        }
        slept
    }
}

fn so_far(with_sleep: Duration, without: Duration) -> Duration {
    with_sleep.saturating_sub(without)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sleep_is_told_once() {
        let mut slept = Slept(Duration::from_secs(100));
        assert!(!slept.check(Duration::from_secs(104)));
        assert!(slept.check(Duration::from_secs(3700)));
        assert!(!slept.check(Duration::from_secs(3700)));
    }
}
