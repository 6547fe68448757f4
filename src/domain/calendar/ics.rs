//! Holidays from an iCalendar file (RFC 5545): its all-day entries, once or yearly.
//!
//! A file that is no calendar is an error; an entry of it that is no holiday is skipped, with the reason. Nothing is
//! left out without a word. What comes again for ever is read to the end of [`LAST_YEAR`].

mod lines;
mod repeat;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::Holiday;
use crate::domain::text::Outside;
use lines::Line;
use repeat::Repeat;

/// The last year for which holidays are read.
pub const LAST_YEAR: i32 = 2099;
/// The most bytes of a file.
pub const MOST_BYTES: usize = 2 * 1024 * 1024;
/// The first year of the calendar we use.
const FIRST_YEAR: i32 = 1583;
/// The most entries that come again.
const MOST_REPEATS: usize = 200;
/// The most days of one file.
const MOST_DAYS: usize = 20_000;
/// The most days of one entry.
const LONGEST: i64 = 366;
/// Bytes of a name that are kept.
const NAME_BYTES: usize = 256;

/// Why a file is no calendar that can be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct Unreadable {
    /// From 1.
    pub line: usize,
    /// What is wrong, and what to do.
    pub why: String,
}

impl Unreadable {
    fn at(line: usize, why: impl Into<String>) -> Self {
        Self { line, why: why.into() }
    }
}

/// An entry that is no holiday.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// Where it begins, from 1.
    pub line: usize,
    /// What it is called.
    pub name: Outside,
    /// Why: a sentence without its subject.
    pub why: String,
}

/// An entry as it stands in the file.
#[derive(Default)]
struct Entry<'a> {
    line: usize,
    properties: Vec<&'a Line>,
}

/// Reads the holidays of a file, in its order.
///
/// # Errors
/// The first thing that makes it unreadable, or too large.
pub fn holidays(text: &str) -> Result<(Vec<Holiday>, Vec<Skipped>), Unreadable> {
    if text.len() > MOST_BYTES {
        let why = format!("the file is larger than {} MiB; keep only its holidays", MOST_BYTES / 1024 / 1024);
        return Err(Unreadable::at(1, why));
    }
    let lines = lines::read(text)?;
    let (entries, mut skipped) = entries(&lines)?;
    let (mut found, mut repeats) = (Vec::new(), 0);
    for entry in &entries {
        repeats += usize::from(entry.value("RRULE").is_some());
        if repeats > MOST_REPEATS {
            let why = format!("more than {MOST_REPEATS} entries come again; keep only the holidays");
            return Err(Unreadable::at(entry.line, why));
        }
        let name = entry.name();
        match entry.days() {
            Ok(days) => found.extend(days.into_iter().map(|day| Holiday { day, name: name.clone() })),
            Err(why) => skipped.push(Skipped { line: entry.line, name, why }),
        }
        if found.len() > MOST_DAYS {
            let why =
                format!("the file has more than {MOST_DAYS} holidays up to {LAST_YEAR}; keep fewer entries");
            return Err(Unreadable::at(entry.line, why));
        }
    }
    skipped.sort_by_key(|entry| entry.line);
    Ok((found, skipped))
}

/// The file's entries, and what stands in their place without being one.
fn entries(lines: &[Line]) -> Result<(Vec<Entry<'_>>, Vec<Skipped>), Unreadable> {
    let (mut entries, mut skipped): (Vec<Entry<'_>>, _) = (Vec::new(), Vec::new());
    let mut open: Vec<(usize, String)> = Vec::new();
    for line in lines {
        let of = line.value.trim().to_ascii_uppercase();
        match (line.name.as_str(), open.len()) {
            ("BEGIN", 0) if of == "VCALENDAR" => open.push((line.number, of)),
            (_, 0) => return Err(Unreadable::at(line.number, "a calendar begins with BEGIN:VCALENDAR")),
            ("BEGIN", depth) => {
                match (depth, of.as_str()) {
                    (1, "VEVENT") => entries.push(Entry { line: line.number, properties: Vec::new() }),
                    // The zones of other entries.
                    (1, "VTIMEZONE") => {}
                    (1, other) => {
                        let why = format!("is a {}, not a VEVENT", shown(other));
                        skipped.push(Skipped { line: line.number, name: Outside::default(), why });
                    }
                    // What stands in an entry, a reminder say, is part of it.
                    _ => {}
                }
                open.push((line.number, of));
            }
            ("END", _) => {
                let begun = open.pop();
                if let Some((_, begun)) = begun.filter(|(_, begun)| *begun != of) {
                    let why = format!("END:{} where {} should end", shown(&of), shown(&begun));
                    return Err(Unreadable::at(line.number, why + "; export the calendar again"));
                }
            }
            (_, 2) if open.last().is_some_and(|(_, of)| of == "VEVENT") => {
                entries.last_mut().into_iter().for_each(|entry| entry.properties.push(line));
            }
            _ => {}
        }
    }
    match (open.pop(), lines.is_empty()) {
        (Some((begun, of)), _) => {
            let why = format!("{} has no end; the file is cut off, fetch it again", shown(&of));
            Err(Unreadable::at(begun, why))
        }
        (None, true) => Err(Unreadable::at(1, "the file is empty; a calendar begins with BEGIN:VCALENDAR")),
        (None, false) => Ok((entries, skipped)),
    }
}

impl Entry<'_> {
    fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        let lines = self.properties.iter().filter(move |line| line.name == name);
        lines.map(|line| line.value.trim())
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.values(name).next()
    }

    fn name(&self) -> Outside {
        Outside::capped(lines::unescaped(self.value("SUMMARY").unwrap_or_default()), NAME_BYTES)
    }

    /// Every day of it, or why it is no holiday.
    fn days(&self) -> Result<BTreeSet<NaiveDate>, String> {
        if let Some(twice) =
            ["DTSTART", "DTEND", "DURATION", "RRULE"].into_iter().find(|n| self.values(n).count() > 1)
        {
            return Err(format!("has more than one {twice}"));
        }
        if self.value("STATUS").is_some_and(|status| status.eq_ignore_ascii_case("CANCELLED")) {
            return Err("is cancelled".to_owned());
        }
        if self.value("RECURRENCE-ID").is_some() {
            return Err("moves one day of another entry; write it as an entry of its own, with EXDATE there"
                .to_owned());
        }
        let first = self.value("DTSTART").ok_or("has no DTSTART")?;
        let first = date(first).ok_or_else(|| not_a_day("DTSTART", first))?;
        if !(FIRST_YEAR..=LAST_YEAR).contains(&first.year()) {
            return Err(format!("begins outside the years {FIRST_YEAR} to {LAST_YEAR}"));
        }
        let length = self.length(first)?;
        let mut begins = match self.value("RRULE") {
            Some(rule) => Repeat::parse(rule)?.days(first).take(MOST_DAYS + 1).collect(),
            None => BTreeSet::from([first]),
        };
        begins.extend(self.dates("RDATE")?);
        for day in self.dates("EXDATE")? {
            begins.remove(&day);
        }
        match begins.len().saturating_mul(length) {
            0 => Err("has no day left by its own EXDATE and UNTIL".to_owned()),
            1..=MOST_DAYS => {
                Ok(begins.into_iter().flat_map(|begin| begin.iter_days().take(length)).collect())
            }
            _ => Err(format!("comes to more than {MOST_DAYS} days")),
        }
    }

    /// How many days it lasts.
    fn length(&self, first: NaiveDate) -> Result<usize, String> {
        let days = match (self.value("DTEND"), self.value("DURATION")) {
            (Some(end), _) => {
                let end = date(end).ok_or_else(|| not_a_day("DTEND", end))?;
                // Some programs write the same day twice and mean one day.
                if end == first { 1 } else { (end - first).num_days() }
            }
            (None, Some(duration)) => {
                whole_days(duration).ok_or_else(|| format!("lasts `{}`, not whole days", shown(duration)))?
            }
            (None, None) => 1,
        };
        match usize::try_from(days) {
            Ok(length) if (1..=LONGEST).contains(&days) => Ok(length),
            _ if days < 1 => Err("ends before it begins".to_owned()),
            _ => Err(format!("lasts longer than {LONGEST} days")),
        }
    }

    fn dates(&self, name: &str) -> Result<Vec<NaiveDate>, String> {
        let listed = self.values(name).flat_map(|value| value.split(','));
        listed.map(|text| date(text.trim()).ok_or_else(|| not_a_day(name, text))).collect()
    }
}

/// `20261225`.
fn date(text: &str) -> Option<NaiveDate> {
    let digits = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit());
    NaiveDate::parse_from_str(text, "%Y%m%d").ok().filter(|_| digits)
}

/// `P1D`, `P2W`.
fn whole_days(text: &str) -> Option<i64> {
    let number = text.strip_prefix('P')?;
    let (number, unit) = number.split_at_checked(number.len().checked_sub(1)?)?;
    let scale = match unit {
        "D" => 1,
        "W" => 7,
        _ => return None,
    };
    number.parse::<u16>().ok().map(|number| i64::from(number) * scale)
}

fn not_a_day(name: &str, value: &str) -> String {
    match value.split_once('T') {
        Some((day, _)) if date(day).is_some() => {
            format!("has a time of day in {name}: only all-day entries are holidays")
        }
        _ => format!("has as {name} what is no date: `{}`", shown(value)),
    }
}

/// A little of a text, for a message.
fn shown(text: &str) -> String {
    text.chars().take(40).flat_map(char::escape_default).collect()
}
