//! A recording as a file: a line of JSON that says how the console began, then one for each step.

use std::fs::{File, OpenOptions, Permissions, TryLockError};
use std::io::{BufReader, Read, Seek, Write};
use std::ops::Range;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::console::model::Model;
use crate::console::tape::Step;
use crate::domain::fault::Fault;
use crate::domain::text::SafeText;
use crate::domain::time::Time;
use crate::domain::version;
use crate::os::files;
use crate::runtime::mode;

/// The format this build writes.
const VERSION: u32 = 1;
/// What the first line calls itself.
const KIND: &str = "recording";
/// Bytes within which the first line must say what it is.
const HEAD: u64 = 256;
/// Bytes that are read at most; more than any recording has.
const LARGEST: u64 = 128 * 1024 * 1024;

/// The first line. What it is, is said first.
#[derive(Serialize, Deserialize)]
struct Head<M> {
    quell: String,
    version: u32,
    program: String,
    at: Time,
    model: M,
}

/// A line after it.
#[derive(Deserialize)]
struct Line {
    at: Time,
    step: Step,
}

/// The first line of a recording.
pub fn head(model: &Model, at: Time) -> String {
    let program = version::VERSION.to_owned();
    let head = Head { quell: KIND.to_owned(), version: VERSION, program, at, model };
    serde_json::to_string(&head).unwrap_or_default() + "\n"
}

/// The file a session is to be recorded in: a new one, or a recording, which it takes the place of once it [begins](begin).
/// Until then nothing of it is gone; while it is held, nobody else records there.
///
/// # Errors
/// A [local](Fault::local) fault where something else stands there, it cannot be written, or there is no terminal to record.
pub fn create(path: &Path) -> Result<File, Fault> {
    let file = if files::may_exist(path) {
        existing(path)?
    } else {
        mode::check()?;
        files::new_private(path)?
    };
    // A file system that knows no locks takes recordings all the same.
    if matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
        let shown = path.display();
        return Err(Fault::local(format!("{shown} is being recorded by another quell; name another file")));
    }
    Ok(file)
}

/// A recording of this user, or a file of theirs in which nothing stands.
fn existing(path: &Path) -> Result<File, Fault> {
    let shown = path.display();
    let nofollow = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
    let opened = OpenOptions::new().read(true).write(true).custom_flags(nofollow).open(path);
    let file = opened.map_err(|error| files::unwritable(path, &error))?;
    let found = file.metadata().map_err(|error| files::unwritable(path, &error))?;
    let mine = found.is_file() && found.uid() == rustix::process::geteuid().as_raw();
    let mut begins = Vec::new();
    let read = (&file).take(HEAD).read_to_end(&mut begins);
    let is_ours = begins.starts_with(format!("{{\"quell\":\"{KIND}\"").as_bytes());
    if !mine || read.is_err() || !(is_ours || begins.is_empty()) {
        let why = format!("{shown} exists and is no recording of yours; name another file");
        return Err(Fault::local(why));
    }
    Ok(file)
}

/// Empties the file for this user alone and writes the first line; says how many bytes that has.
///
/// # Errors
/// The file takes nothing.
pub fn begin(file: &mut File, model: &Model, at: Time) -> std::io::Result<u64> {
    let head = head(model, at);
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(head.as_bytes())?;
    Ok(head.len() as u64)
}

/// A recording that can be gone through.
#[derive(Debug)]
pub struct Recorded {
    text: String,
    lines: Vec<(Time, Range<usize>, bool)>,
    /// How the console began.
    pub model: Model,
    /// When.
    pub at: Time,
    /// The version of quell that recorded it.
    pub program: String,
    /// Its last line is not whole: whatever wrote it was ended.
    pub cut: bool,
}

impl Recorded {
    /// Reads a file, whole.
    ///
    /// # Errors
    /// A [local](Fault::local) fault that says what to do.
    pub fn load(path: &Path) -> Result<Self, Fault> {
        let shown = SafeText::display(&path.display().to_string()).to_string();
        let unreadable = |error| Fault::local(format!("{shown} cannot be read: {error}"));
        let file = File::open(path).map_err(unreadable)?;
        let mut text = Vec::new();
        BufReader::new(file).take(LARGEST + 1).read_to_end(&mut text).map_err(unreadable)?;
        if text.len() as u64 > LARGEST {
            return Err(Fault::local(format!("{shown} is larger than any recording quell makes")));
        }
        let text = String::from_utf8(text);
        Self::read(text.map_err(|_| no_recording(&shown))?, &shown)
    }

    /// Reads what a file has; `name` is what it is called.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn read(text: String, name: &str) -> Result<Self, Fault> {
        let mut whole: Vec<Range<usize>> = Vec::new();
        let mut from = 0;
        for line in text.split_inclusive('\n') {
            whole.push(from..from + line.len());
            from += line.len();
        }
        let mut ranges = whole.into_iter();
        let first = ranges.next().and_then(|range| text.get(range)).ok_or_else(|| no_recording(name))?;
        let said: Head<serde::de::IgnoredAny> =
            serde_json::from_str(first).map_err(|_| no_recording(name))?;
        if said.quell != KIND {
            return Err(no_recording(name));
        }
        let program = SafeText::display(&said.program).to_string();
        if said.version != VERSION {
            return Err(Fault::local(format!(
                "{name} is a recording of format {}, made by quell {program}; this quell {} reads format {VERSION}: \
                 replay it with quell {program}",
                said.version,
                version::VERSION
            )));
        }
        let other = |line: usize, error: &serde_json::Error| unreadable(name, &program, line, error);
        let head: Head<Model> = serde_json::from_str(first).map_err(|error| other(1, &error))?;
        let (mut lines, mut cut) = (Vec::new(), false);
        for (number, range) in (2..).zip(ranges) {
            let text = text.get(range.clone()).unwrap_or_default();
            match serde_json::from_str::<Line>(text) {
                Ok(line) => lines.push((line.at, range, line.step.is_quiet())),
                // Only the last one can have no end.
                Err(_) if !text.ends_with('\n') => cut = true,
                Err(error) => return Err(other(number, &error)),
            }
        }
        Ok(Self { text, lines, model: head.model, at: head.at, program, cut })
    }

    /// How many steps it has.
    pub fn steps(&self) -> usize {
        self.lines.len()
    }

    /// When a step was, and whether it shows nothing by itself.
    pub fn moment(&self, step: usize) -> Option<(Time, bool)> {
        self.lines.get(step).map(|(at, _, quiet)| (*at, *quiet))
    }

    /// One step.
    pub fn step(&self, step: usize) -> Option<(Time, Step)> {
        let (_, range, _) = self.lines.get(step)?;
        let line: Line = serde_json::from_str(self.text.get(range.clone())?).ok()?;
        Some((line.at, line.step))
    }

    /// When it ends.
    pub fn end(&self) -> Time {
        self.lines.last().map_or(self.at, |(at, ..)| *at)
    }
}

fn no_recording(name: &str) -> Fault {
    Fault::local(format!("{name} is no recording of quell; quell --record FILE makes one"))
}

fn unreadable(name: &str, program: &str, line: usize, error: &serde_json::Error) -> Fault {
    let ours = version::VERSION;
    let before = match line {
        1 => String::new(),
        _ => format!("; what comes before can be replayed: head -n {} FILE > PART", line - 1),
    };
    let how = if program == ours {
        format!("it is damaged there{before}")
    } else {
        format!("it was made by quell {program}, and this is {ours}: replay it with that one{before}")
    };
    Fault::local(format!(
        "line {line} of {name} cannot be read: {how} ({})",
        SafeText::display(&error.to_string())
    ))
}
