//! Places that follow each other round and round.

/// The next place of so many; the first or last from nowhere.
pub fn step(here: Option<usize>, count: usize, by: isize) -> usize {
    match here {
        Some(here) => (here + count).saturating_add_signed(by) % count.max(1),
        None if by > 0 => 0,
        None => count.saturating_sub(1),
    }
}
