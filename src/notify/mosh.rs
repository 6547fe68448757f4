//! Whether mosh stands between this process and its terminal: it says so nowhere, but its server is an ancestor.

use crate::os::ancestors::{self, look};

/// As its processes call themselves.
const SERVER: &str = "mosh-server";

/// Whether this process runs under mosh.
pub(super) fn is_above() -> bool {
    leads_to(std::process::id())
}

/// Whether a process runs under mosh; `false` where `/proc` does not tell.
pub(super) fn leads_to(pid: u32) -> bool {
    climb(pid, look)
}

/// Climbs from a process to its first ancestor; `look` gives a process's name and parent.
fn climb(from: u32, look: impl Fn(u32) -> Option<(String, u32)>) -> bool {
    let known = std::iter::successors(look(from), |(_, parent)| look(*parent));
    known.take(ancestors::MOST).any(|(name, _)| name == SERVER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ancestor_is_found_and_a_circle_ends() {
        let tree = |pid: u32| match pid {
            9 => Some(("quell".to_owned(), 8)),
            8 => Some(("bash".to_owned(), 7)),
            7 => Some((SERVER.to_owned(), 1)),
            5 => Some(("bash".to_owned(), 5)),
            1 => Some(("systemd".to_owned(), 0)),
            _ => None,
        };
        assert!(climb(9, tree) && climb(7, tree));
        assert!(!climb(1, tree) && !climb(5, tree) && !climb(404, tree));
        assert!(!is_above());
    }
}
