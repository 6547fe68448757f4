//! Which days are business days, and when something is due by them.

pub mod ics;
#[cfg(test)]
mod tests;
mod weekdays;
mod within;
mod zone;

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use serde::{Deserialize, Serialize};

use super::text::Outside;
use super::time::Time;

pub use weekdays::{Weekdays, weekday};
pub use within::Within;
pub use zone::Zone;

/// How far beyond a midnight that no clock showed the first moment after it is looked for. The longest gap there was
/// is the day that Apia left out, 2011-12-30.
const LONGEST_GAP_MINUTES: i64 = 2 * 24 * 60;

/// A day that is no business day although its weekday is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holiday {
    /// The day, in the zone of the calendar it stands in.
    pub day: NaiveDate,
    /// What it is called; blank where nobody said.
    pub name: Outside,
}

/// Which days are business days, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// By whose clocks days begin and end.
    pub zone: Zone,
    /// The weekdays on which there is business.
    pub weekdays: Weekdays,
    /// The days that do not count although their weekday does, and what they are called.
    pub holidays: BTreeMap<NaiveDate, Outside>,
}

/// Monday to Friday in UTC, without holidays.
impl Default for Calendar {
    fn default() -> Self {
        Self { zone: Zone::UTC, weekdays: Weekdays::default(), holidays: BTreeMap::new() }
    }
}

impl Calendar {
    /// When something that began at `from` is due.
    ///
    /// An elapsed span counts every hour, whatever the calendar says. Business days are counted as periods of days
    /// are in Regulation (EEC, Euratom) No 1182/71, Article 3:
    /// * the day on which it began, by the clocks of the zone, does not count, whatever the hour;
    /// * the next business day is the first, so from a Saturday "1 business day" is Monday;
    /// * it is due when the last day ends: at the last second of it, so that its date is the one to be met.
    ///
    /// Beginning and due time are instants, so a clock that is set forward or back can only move where a day ends.
    /// A day ends with the last second whose date it is, also where midnight is left out or comes twice; a day that
    /// no clock showed, because its zone crossed the date line, does not count.
    pub fn due(&self, from: Time, within: Within) -> Time {
        let due = match within {
            Within::Elapsed(span) => from.checked_add_signed(span.delta()),
            Within::BusinessDays(days) => {
                let after = self.day_of(from).iter_days().skip(1);
                let mut ends = after.filter(|day| self.is_open(*day)).filter_map(|day| self.end_of(day));
                ends.nth(usize::from(days.get()) - 1)
            }
        };
        due.unwrap_or(Time::MAX_UTC)
    }

    /// The date at `at`, by the clocks of the zone.
    fn day_of(&self, at: Time) -> NaiveDate {
        self.zone.shown_at(at).date()
    }

    /// How many business days follow the day of `from`, up to and with the day of `to`; at most so many as are in ten
    /// years.
    pub fn business_days(&self, from: Time, to: Time) -> usize {
        let last = self.day_of(to);
        let days = self.day_of(from).iter_days().skip(1).take(3660).take_while(|day| *day <= last);
        days.filter(|day| self.is_open(*day)).count()
    }

    /// Takes these days as holidays as well. A name that is known stays.
    pub fn add(&mut self, holidays: impl IntoIterator<Item = Holiday>) {
        for Holiday { day, name } in holidays {
            let known = self.holidays.entry(day).or_default();
            if known.is_blank() {
                *known = name;
            }
        }
    }

    fn is_open(&self, day: NaiveDate) -> bool {
        self.weekdays.contains(day) && !self.holidays.contains_key(&day)
    }

    /// The last second of a day; `None` if no clock of the zone showed that day.
    fn end_of(&self, day: NaiveDate) -> Option<Time> {
        let midnight = day.succ_opt()?.and_time(NaiveTime::MIN);
        let next = (0..LONGEST_GAP_MINUTES).find_map(|minutes| {
            let clock = midnight.checked_add_signed(TimeDelta::minutes(minutes))?;
            Some(self.zone.moments_of(clock)).filter(|moments| !moments.is_empty())
        })?;
        let before = |next: Time| next.checked_sub_signed(TimeDelta::seconds(1));
        // Of a midnight that comes twice, the later ends the day only if the clocks went back into it.
        next.into_iter().rev().filter_map(before).find(|end| self.day_of(*end) == day)
    }
}
