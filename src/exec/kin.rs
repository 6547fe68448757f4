//! Those who come from a program although they left its process group, as far as `/proc` tells.

use std::collections::BTreeMap;
use std::os::fd::AsFd;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rustix::fs::fstat;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Child;

/// How often new ones are looked for while they are killed.
const ROUNDS: usize = 5;
/// Of a link in `/proc/PID/fd`: the file is open for writing.
const WRITES: u32 = 0o200;

/// Those who descend from a program, or can still write where it prints: whoever cut all these ties is not known.
pub(super) struct Kin {
    group: i32,
    /// The pipes it prints to, as `/proc` names them.
    pipes: Vec<String>,
    /// When each of them began; a number alone may be another's by now.
    known: BTreeMap<i32, u64>,
}

/// A process as `/proc/PID/stat` tells it.
struct Process {
    pid: i32,
    parent: i32,
    group: i32,
    began: u64,
}

impl Kin {
    /// Of a program that leads its group, before its output is taken.
    pub(super) fn of(child: &Child) -> Self {
        let number = |fd: rustix::io::Result<rustix::fs::Stat>| fd.ok().map(|stat| stat.st_ino);
        let out = child.stdout.as_ref().and_then(|out| number(fstat(out.as_fd())));
        let err = child.stderr.as_ref().and_then(|err| number(fstat(err.as_fd())));
        let group = child.id().and_then(|id| i32::try_from(id).ok()).unwrap_or_default();
        let pipes = out.into_iter().chain(err).map(|number| format!("pipe:[{number}]")).collect();
        Self { group, pipes, known: BTreeMap::new() }
    }

    /// Looks for them. Whether any lives outside of the group; to be asked first while the program itself does.
    pub(super) fn live(&mut self) -> bool {
        !self.outside().is_empty()
    }

    /// Asks every one outside of the group to end.
    pub(super) fn ask(&mut self) {
        self.signal(Signal::TERM);
    }

    /// Ends every one outside of the group, and those they begin meanwhile.
    pub(super) fn kill(&mut self) {
        for _round in 0..ROUNDS {
            if !self.signal(Signal::KILL) {
                return;
            }
        }
    }

    fn signal(&mut self, signal: Signal) -> bool {
        let outside = self.outside();
        for pid in outside.iter().filter_map(|pid| Pid::from_raw(*pid)) {
            // Who is gone already is where they should be.
            kill_process(pid, signal).ok();
        }
        !outside.is_empty()
    }

    fn outside(&mut self) -> Vec<i32> {
        let (mut kin, mut others) = (Vec::new(), processes());
        let mut found: Vec<Process> = others.extract_if(.., |it| self.begins(it)).collect();
        while !found.is_empty() {
            self.known.extend(found.iter().map(|it| (it.pid, it.began)));
            kin.append(&mut found);
            found.extend(others.extract_if(.., |it| self.descends(it)));
        }
        kin.iter().filter(|it| it.group != self.group).map(|it| it.pid).collect()
    }

    /// Whether it is the program itself, somebody known, or can write where the program prints.
    fn begins(&self, it: &Process) -> bool {
        let itself = it.pid == self.group && self.known.is_empty();
        itself || self.known.get(&it.pid) == Some(&it.began) || self.writes(it.pid)
    }

    fn descends(&self, it: &Process) -> bool {
        self.known.get(&it.parent).is_some_and(|began| *began <= it.began)
    }

    /// Whether it can write where the program prints.
    fn writes(&self, pid: i32) -> bool {
        let open = std::fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
        let mut pipes = open.filter(|fd| {
            let target = std::fs::read_link(fd.path()).ok();
            let name = target.as_deref().and_then(Path::to_str).unwrap_or_default();
            self.pipes.iter().any(|pipe| pipe == name)
        });
        // What quell itself holds, and for a moment whatever it has just begun, is the other end.
        pipes.any(|fd| fd.metadata().is_ok_and(|link| link.permissions().mode() & WRITES != 0))
    }
}

/// Every process that has not ended.
fn processes() -> Vec<Process> {
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    numbers.filter_map(|pid| read(pid, &std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)).collect()
}

/// Reads a line of `stat`; the name in it may say anything, so what counts begins behind its last bracket.
fn read(pid: i32, stat: &str) -> Option<Process> {
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_whitespace().collect();
    if matches!(*fields.first()?, "Z" | "X") {
        return None;
    }
    let [parent, group] = [1, 2].map(|place| fields.get(place).and_then(|field| field.parse().ok()));
    Some(Process { pid, parent: parent?, group: group?, began: fields.get(19)?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_pretend_to_be_the_rest_of_the_line() {
        let stat = "7 (a) R 1 1 (b)) S 5 6 6 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4711 2670592 1";
        let it = read(7, stat).unwrap();
        assert_eq!((it.parent, it.group, it.began), (5, 6, 4711));
        assert!(read(7, "7 (sh) Z 5 6 6 0").is_none());
        assert!(read(7, "").is_none());
    }
}
