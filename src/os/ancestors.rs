//! Whose child this process is, and whether anybody could continue it if it were stopped.

use rustix::process::{Pid, getpgid, getpgrp, getppid, getsid};

/// So many ancestors are looked at.
pub const MOST: usize = 64;

/// The name and the parent of a process; nothing where `/proc` does not tell.
pub fn look(pid: u32) -> Option<(String, u32)> {
    parse(&std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// Whether a shell started the group of this process, and so can continue it. The kernel asks the same before it stops a
/// group for a key, but not before a `SIGSTOP`.
pub fn somebody_continues() -> bool {
    let parent = |pid: &Pid| {
        let (_, parent) = look(pid.as_raw_pid().cast_unsigned())?;
        Pid::from_raw(parent.cast_signed())
    };
    // Scripts around quell are of its group.
    let group = getpgrp();
    let starter = std::iter::successors(getppid(), parent)
        .take(MOST)
        .find(|ancestor| getpgid(Some(*ancestor)).is_ok_and(|its| its != group));
    let session = |pid: Option<Pid>| getsid(pid).ok();
    starter.is_some_and(|starter| session(Some(starter)).is_some_and(|its| Some(its) == session(None)))
}

/// The name and the parent in what `/proc/PID/stat` says; a name may hold anything, brackets also.
fn parse(stat: &str) -> Option<(String, u32)> {
    let (begin, rest) = stat.rsplit_once(')')?;
    let (_, name) = begin.split_once('(')?;
    let parent = rest.split_whitespace().nth(1)?.parse().ok()?;
    Some((name.to_owned(), parent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_hold_brackets() {
        assert_eq!(parse("7 (a) (b) S 3 7 7 0"), Some(("a) (b".to_owned(), 3)));
        assert_eq!(parse("7 (mosh-server) S 1 7 7 0"), Some(("mosh-server".to_owned(), 1)));
        assert_eq!(parse("nothing"), None);
    }
}
