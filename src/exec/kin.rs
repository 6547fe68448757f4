//! Those who come from a program although they left its process group, as far as `/proc` tells.

use std::collections::BTreeMap;
use std::fs;
use std::os::fd::AsFd;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use rustix::fs::fstat;
use rustix::process::{Pid, PidfdFlags, Signal, geteuid, pidfd_open, pidfd_send_signal};
use tokio::process::Child;

/// How often new ones are looked for while they are killed.
const ROUNDS: usize = 5;
/// Of a link in `/proc/PID/fd`: the file is open for writing.
const WRITES: u32 = 0o200;

/// Those who descend from a program, or began after it and can write where it prints: whoever cut all these ties is not
/// known. Who is older than the program is none of its kin, whatever it was handed.
#[derive(Clone)]
pub(super) struct Kin {
    group: i32,
    /// When the program began, in the kernel's ticks; nobody but its group is ended where that is not known.
    began: Option<u64>,
    /// The pipes it prints to, as `/proc` names them.
    pipes: Vec<String>,
    /// When each of them began; a number alone may be another's by now.
    known: BTreeMap<i32, u64>,
}

/// A process as `/proc/PID/stat` tells it.
struct Process {
    pid: i32,
    name: String,
    parent: i32,
    group: i32,
    began: u64,
}

impl Kin {
    /// Of a program that leads its group, before its output is taken and its end is waited for.
    pub(super) fn of(child: &Child) -> Self {
        let number = |fd: rustix::io::Result<rustix::fs::Stat>| fd.ok().map(|stat| stat.st_ino);
        let out = child.stdout.as_ref().and_then(|out| number(fstat(out.as_fd())));
        let err = child.stderr.as_ref().and_then(|err| number(fstat(err.as_fd())));
        let group = child.id().and_then(|id| i32::try_from(id).ok()).unwrap_or_default();
        let pipes = out.into_iter().chain(err).map(|number| format!("pipe:[{number}]")).collect();
        let began = stat(group).and_then(|stat| began(&stat));
        Self { group, began, pipes, known: BTreeMap::new() }
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

    /// Those who are older than the program and can write where it prints: what it had them do may go on.
    pub(super) fn older(&mut self) -> Vec<String> {
        let older = processes().into_iter().filter(|it| Some(it.began) < self.began && self.writes(it.pid));
        older.map(|it| format!("{} ({})", it.name, it.pid)).collect()
    }

    fn signal(&mut self, signal: Signal) -> bool {
        let outside = self.outside();
        outside.iter().for_each(|it| it.signal(signal));
        !outside.is_empty()
    }

    fn outside(&mut self) -> Vec<Process> {
        let (mut kin, mut others) = (Vec::new(), processes());
        let mut found: Vec<Process> = others.extract_if(.., |it| self.begins(it)).collect();
        self.known.clear();
        while !found.is_empty() {
            self.known.extend(found.iter().map(|it| (it.pid, it.began)));
            kin.append(&mut found);
            found.extend(others.extract_if(.., |it| self.descends(it)));
        }
        kin.retain(|it| it.group != self.group);
        kin
    }

    /// Whether it is the program itself, somebody known, or began after it and can write where it prints.
    fn begins(&self, it: &Process) -> bool {
        let Some(began) = self.began.filter(|began| *began <= it.began) else { return false };
        let itself = it.pid == self.group && it.began == began;
        itself || self.known.get(&it.pid) == Some(&it.began) || self.writes(it.pid)
    }

    fn descends(&self, it: &Process) -> bool {
        self.known.get(&it.parent).is_some_and(|began| *began <= it.began)
    }

    /// Whether it can write where the program prints.
    fn writes(&self, pid: i32) -> bool {
        // What others hold cannot be seen, or could not be ended.
        if !fs::metadata(format!("/proc/{pid}")).is_ok_and(|it| it.uid() == geteuid().as_raw()) {
            return false;
        }
        let open = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
        let mut pipes = open.filter(|fd| {
            let target = fs::read_link(fd.path()).ok();
            let name = target.as_deref().and_then(Path::to_str).unwrap_or_default();
            self.pipes.iter().any(|pipe| pipe == name)
        });
        // What quell itself holds, and for a moment whatever it has just begun, is the other end.
        pipes.any(|fd| fd.metadata().is_ok_and(|link| link.permissions().mode() & WRITES != 0))
    }
}

impl Process {
    /// Signals it, and nobody who has its number by now: what is held keeps its number.
    fn signal(&self, signal: Signal) {
        let held = Pid::from_raw(self.pid).and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok());
        let is_it = || stat(self.pid).and_then(|stat| began(&stat)) == Some(self.began);
        if let Some(held) = held.filter(|_| is_it()) {
            // Who is gone already is where they should be.
            pidfd_send_signal(held, signal).ok();
        }
    }
}

/// Every process that has not ended.
fn processes() -> Vec<Process> {
    let all = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = all.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    numbers.filter_map(|pid| read(pid, &stat(pid)?)).collect()
}

fn stat(pid: i32) -> Option<String> {
    // Its name may be any bytes.
    Some(String::from_utf8_lossy(&fs::read(format!("/proc/{pid}/stat")).ok()?).into_owned())
}

/// The fields of a line of `stat`. The name in it may say anything, so what counts begins behind its last bracket.
fn fields(stat: &str) -> Option<Vec<&str>> {
    Some(stat.rsplit_once(')')?.1.split_whitespace().collect())
}

fn began(stat: &str) -> Option<u64> {
    fields(stat)?.get(19)?.parse().ok()
}

fn read(pid: i32, stat: &str) -> Option<Process> {
    let fields = fields(stat)?;
    if matches!(*fields.first()?, "Z" | "X") {
        return None;
    }
    let name = stat.split_once('(')?.1.rsplit_once(')')?.0.to_owned();
    let [parent, group] = [1, 2].map(|place| fields.get(place).and_then(|field| field.parse().ok()));
    Some(Process { pid, name, parent: parent?, group: group?, began: began(stat)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_pretend_to_be_the_rest_of_the_line() {
        let stat = "7 (a) R 1 1 (b)) S 5 6 6 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 4711 2670592 1";
        let it = read(7, stat).unwrap();
        assert_eq!((it.name.as_str(), it.parent, it.group, it.began), ("a) R 1 1 (b)", 5, 6, 4711));
        assert!(read(7, "7 (sh) Z 5 6 6 0").is_none());
        assert!(read(7, "").is_none());
    }
}
