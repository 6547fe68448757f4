//! The days on which an entry of an iCalendar file comes again: yearly rules (RFC 5545, 3.3.10).

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, Weekday};

use super::LAST_YEAR;

/// The most values of one part of a rule.
const MOST_VALUES: usize = 31;

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("MO", Weekday::Mon),
    ("TU", Weekday::Tue),
    ("WE", Weekday::Wed),
    ("TH", Weekday::Thu),
    ("FR", Weekday::Fri),
    ("SA", Weekday::Sat),
    ("SU", Weekday::Sun),
];

/// A yearly rule.
#[derive(Debug, Default)]
pub(super) struct Repeat {
    interval: Option<usize>,
    count: Option<usize>,
    until: Option<NaiveDate>,
    months: BTreeSet<i32>,
    /// Days of a month; from its end where negative.
    days: BTreeSet<i32>,
    /// Weekdays; the n-th, from the end where negative, of the month or year, or each where 0.
    weekdays: Vec<(i32, Weekday)>,
}

impl Repeat {
    /// Reads the value of an RRULE.
    ///
    /// # Errors
    /// Follows "it ": why the rule cannot be used.
    pub(super) fn parse(rule: &str) -> Result<Self, String> {
        let mut read = Self::default();
        let mut yearly = false;
        for part in rule.split(';').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let known = match name.to_ascii_uppercase().as_str() {
                "FREQ" => {
                    yearly = value.eq_ignore_ascii_case("YEARLY");
                    yearly.then_some(())
                }
                "INTERVAL" => positive(value).map(|n| read.interval = Some(n)),
                "COUNT" => positive(value).map(|n| read.count = Some(n)),
                // The date alone: whatever its time of day, that day is still meant.
                "UNTIL" => value.get(..8).and_then(super::date).map(|until| read.until = Some(until)),
                "BYMONTH" => numbers(value, 1..=12).map(|months| read.months = months),
                "BYMONTHDAY" => numbers(value, -31..=31).map(|days| read.days = days),
                "BYDAY" => weekdays(value).map(|weekdays| read.weekdays = weekdays),
                // Where a week begins matters only to rules by weeks.
                "WKST" => Some(()),
                _ => None,
            };
            if known.is_none() {
                return Err(format!("comes again by `{}`, which is not read", super::shown(part)));
            }
        }
        match yearly {
            true => Ok(read),
            false => Err("comes again, but its rule has no FREQ".to_owned()),
        }
    }

    /// The days on which what begins on `first` begins again, `first` included, in order, up to [`LAST_YEAR`].
    pub(super) fn days(&self, first: NaiveDate) -> impl Iterator<Item = NaiveDate> {
        let years = (first.year()..=LAST_YEAR).step_by(self.interval.unwrap_or(1));
        let begins = years.filter_map(|year| NaiveDate::from_yo_opt(year, 1));
        let all =
            begins.flat_map(|begin| begin.iter_days().take_while(move |day| day.year() == begin.year()));
        let later = all.filter(move |day| *day > first && self.meets(first, *day));
        let until = self.until.unwrap_or(NaiveDate::MAX);
        let count = self.count.unwrap_or(usize::MAX);
        std::iter::once(first).chain(later).take_while(move |day| *day <= until).take(count)
    }

    fn meets(&self, first: NaiveDate, day: NaiveDate) -> bool {
        // What a rule does not say is as it was on the first day.
        let month = match (self.months.is_empty(), self.days.is_empty() && self.weekdays.is_empty()) {
            (false, _) => self.months.contains(&number(day.month())),
            (true, true) => day.month() == first.month(),
            (true, false) => true,
        };
        let date = match (self.days.is_empty(), self.weekdays.is_empty()) {
            (false, _) => {
                let (from_start, from_end) = counted(day.day(), u32::from(day.num_days_in_month()));
                self.days.contains(&from_start) || self.days.contains(&from_end)
            }
            (true, true) => day.day() == first.day(),
            (true, false) => true,
        };
        month
            && date
            && (self.weekdays.is_empty() || self.weekdays.iter().any(|named| self.is_nth(*named, day)))
    }

    fn is_nth(&self, (nth, weekday): (i32, Weekday), day: NaiveDate) -> bool {
        let (at, length) = match self.months.is_empty() {
            true => (day.ordinal(), if day.leap_year() { 366 } else { 365 }),
            false => (day.day(), u32::from(day.num_days_in_month())),
        };
        let (from_start, from_end) = counted(at, length);
        let weeks = [0, (from_start + 6) / 7, (from_end - 6) / 7];
        day.weekday() == weekday && weeks.contains(&nth)
    }
}

/// A place among so many, from the start (1, 2, …) and from the end (-1, -2, …).
fn counted(at: u32, length: u32) -> (i32, i32) {
    (number(at), number(at) - number(length) - 1)
}

/// Days and months of a year are small.
fn number(small: u32) -> i32 {
    i32::try_from(small).unwrap_or(i32::MAX)
}

fn positive(text: &str) -> Option<usize> {
    text.parse().ok().filter(|number| *number > 0)
}

fn numbers(text: &str, range: std::ops::RangeInclusive<i32>) -> Option<BTreeSet<i32>> {
    let parse = |part: &str| part.parse().ok().filter(|n| *n != 0 && range.contains(n));
    list(text).and_then(|parts| parts.into_iter().map(parse).collect())
}

fn weekdays(text: &str) -> Option<Vec<(i32, Weekday)>> {
    let parse = |part: &str| {
        let (nth, name) = part.split_at_checked(part.len().checked_sub(2)?)?;
        let (_, weekday) = WEEKDAYS.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        let nth = if nth.is_empty() {
            0
        } else {
            nth.parse().ok().filter(|n: &i32| (1..=53).contains(&n.abs()))?
        };
        Some((nth, weekday))
    };
    list(text).and_then(|parts| parts.into_iter().map(parse).collect())
}

fn list(text: &str) -> Option<Vec<&str>> {
    let parts: Vec<&str> = text.split(',').take(MOST_VALUES + 1).collect();
    (parts.len() <= MOST_VALUES).then_some(parts)
}
