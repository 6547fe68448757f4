//! By which it is known that a board is still the same.

use std::sync::atomic::{AtomicU64, Ordering};

/// Which of all boards there were in this process: each has another one that differs in what a row or the first two lines say.
#[derive(Clone, Copy, Debug)]
pub struct Revision(u64);

impl Revision {
    /// By which it is told from the others.
    pub fn number(self) -> u64 {
        self.0
    }
}

impl Default for Revision {
    fn default() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

/// It is no part of what a board says.
impl PartialEq for Revision {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}
