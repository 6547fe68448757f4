//! Whose child this process is, and whether anybody could continue it if it were stopped.

// Of a process in another PID namespace these say 0, which is no id for `rustix`.
use nix::unistd::{Pid, getpgid, getppid, getsid};

/// So many ancestors are looked at.
pub const MOST: usize = 64;

/// The name and the parent of a process; nothing where `/proc` does not tell, or tells of another PID namespace.
pub fn look(pid: u32) -> Option<(String, u32)> {
    let here = std::fs::read_link("/proc/self").ok()?;
    if here.to_str() != Some(std::process::id().to_string().as_str()) {
        return None;
    }
    parse(&std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// The name of who opened the terminal of this process, and shows it: the parent of the leader of its session.
pub fn opener() -> Option<String> {
    let (_, opener) = look(getsid(None).ok()?.as_raw().cast_unsigned())?;
    look(opener).map(|(name, _)| name)
}

/// What is known of a process; the ids of what belongs to another PID namespace are 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Kin {
    group: i32,
    session: i32,
    /// `None` where nobody tells.
    parent: Option<i32>,
    /// It is a shell that stops and continues what it starts.
    shell: bool,
}

/// The first process of a PID namespace.
const INIT: i32 = 1;

/// Whether a shell started the group of this process, and so can continue it. The kernel asks nearly the same before it
/// stops a group for a key, but not before a `SIGSTOP`.
pub fn somebody_continues() -> bool {
    let known = |pid: i32| {
        let of = Some(Pid::from_raw(pid));
        let (group, session) = (getpgid(of).ok()?.as_raw(), getsid(of).ok()?.as_raw());
        let parent = look(pid.cast_unsigned()).map(|(_, parent)| parent.cast_signed());
        Some(Kin { group, session, parent, shell: pid != INIT || ignores_stops(pid) })
    };
    // Of oneself 0 asks, and the kernel tells the parent where `/proc` does not.
    let own = known(0).map(|own| Kin { parent: Some(getppid().as_raw()), ..own });
    own.is_some_and(|own| continues(own, known))
}

fn continues(own: Kin, known: impl Fn(i32) -> Option<Kin>) -> bool {
    if own.group == 0 || own.session == 0 {
        return false;
    }
    let starts = |it: &Kin| it.session == own.session && it.shell;
    let mut above = own.parent;
    for _ in 0..MOST {
        match above {
            None => break,
            // It is in another namespace, or there is none.
            Some(0) => return false,
            Some(pid) => match known(pid) {
                // Scripts around quell are of its group.
                Some(it) if it.group == own.group => above = it.parent,
                Some(it) => return starts(&it),
                None => break,
            },
        }
    }
    // Whoever made a group in a session that still has its leader is taken for a shell.
    known(own.session).is_some_and(|leader| leader.group != own.group && starts(&leader))
}

/// Whether a process is not stopped by a key, as shells are not; the first process of a container may be one.
fn ignores_stops(pid: i32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
    let stop = rustix::process::Signal::TSTP.as_raw().cast_unsigned() - 1;
    (ignored >> stop) & 1 == 1
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

    fn kin(group: i32, session: i32, parent: impl Into<Option<i32>>) -> Kin {
        Kin { group, session, parent: parent.into(), shell: true }
    }

    /// The answer for quell with this kin, among these others.
    fn answer(own: Kin, others: &[(i32, Kin)]) -> bool {
        continues(own, |pid| others.iter().find(|(id, _)| *id == pid).map(|(_, kin)| *kin))
    }

    #[test]
    fn whoever_made_the_group_in_the_same_session_continues_it() {
        let shell = (10, kin(10, 10, 2));
        assert!(answer(kin(20, 10, 10), &[shell]));
        assert!(answer(kin(20, 10, 21), &[(21, kin(20, 10, 10)), shell]), "within a script");
        assert!(!answer(kin(20, 20, 10), &[shell]), "a session of its own: tmux, ssh, a terminal");
        assert!(!answer(kin(10, 10, 10), &[(10, kin(10, 10, 2)), (2, kin(2, 2, 1))]), "`ssh -t host quell`");
        assert!(!answer(kin(20, 10, 1), &[(1, kin(1, 1, 0))]), "its shell has ended");
    }

    #[test]
    fn what_is_in_another_namespace_continues_nothing_and_has_no_id() {
        assert!(!answer(kin(0, 0, 0), &[]), "the first in a namespace, in a group from outside");
        assert!(!answer(kin(0, 0, 1), &[(1, kin(0, 0, 0))]), "a script there");
        assert!(!answer(kin(4, 4, 3), &[(3, kin(0, 0, 1))]), "a session of its own there");
        assert!(!answer(kin(1, 1, 0), &[]), "`docker run`");
    }

    #[test]
    fn the_first_process_of_a_container_continues_it_where_it_is_a_shell() {
        for shell in [true, false] {
            let init = Kin { shell, ..kin(1, 1, 0) };
            assert_eq!(answer(kin(7, 1, 1), &[(1, init)]), shell);
            assert_eq!(answer(kin(7, 1, 8), &[(1, init), (8, kin(7, 1, None))]), shell, "not told");
        }
    }

    #[test]
    fn where_nobody_tells_the_parents_the_session_says_it() {
        let (shell, sudo) = ((10, kin(10, 10, None)), (21, kin(20, 10, None)));
        assert!(answer(kin(20, 10, 21), &[sudo, shell]));
        assert!(!answer(kin(20, 10, 21), &[sudo]), "the shell has ended");
        assert!(answer(kin(20, 10, 9), &[shell]), "not even the group of its parent is told");
        assert!(!answer(kin(20, 20, 9), &[(20, kin(20, 20, None))]), "started by none");
    }
}
