//! Whether this process may have the memory it needs: what is too little is said at the start, since an allocation that
//! fails later ends the program without a word.

use rustix::process::{Resource, getrlimit};

use crate::domain::fault::Fault;

/// Bytes of address space, most of them never touched: each of a dozen threads takes some to allocate in, and an answer
/// of the largest size must fit beside all that is known.
const LEAST: u64 = 1 << 30;

/// Says whether the limit on address space leaves enough.
///
/// # Errors
/// What the limit is, and what is needed.
pub fn enough() -> Result<(), Fault> {
    within(getrlimit(Resource::As).current)
}

fn within(limit: Option<u64>) -> Result<(), Fault> {
    match limit {
        Some(limit) if limit < LEAST => Err(Fault::local(format!(
            "quell may use {} MiB of address space and needs {}; raise the limit (ulimit -v), or remove it",
            limit >> 20,
            LEAST >> 20
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_limit_that_is_too_low_is_in_the_way() {
        assert!(within(None).is_ok() && within(Some(LEAST)).is_ok());
        let why = within(Some(300 << 20)).unwrap_err();
        assert_eq!(
            why.detail.raw(),
            "quell may use 300 MiB of address space and needs 1024; raise the limit (ulimit -v), or remove it"
        );
    }
}
