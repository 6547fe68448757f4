//! A time zone by its name, and what its clocks show.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDateTime, TimeDelta, Timelike};
use jiff::civil;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{Timestamp, tz};
use serde::{Deserialize, Serialize};

use crate::domain::time::Time;

/// A zone of the tz database, which the program brings along.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Zone(TimeZone);

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Self = Self(TimeZone::UTC);

    /// The names there are.
    pub fn names() -> Vec<String> {
        tz::db().available().map(|name| name.as_str().to_owned()).collect()
    }

    /// Its name: `Europe/Paris`.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// What its clocks show at that moment.
    pub fn shown_at(&self, at: Time) -> NaiveDateTime {
        let offset = Timestamp::from_second(at.timestamp()).map_or(Offset::UTC, |at| self.0.to_offset(at));
        let at = at.naive_utc();
        at.checked_add_signed(ahead(offset)).unwrap_or(at)
    }

    /// When its clocks show this, the earliest moment first: never, once, or twice.
    pub fn moments_of(&self, shown: NaiveDateTime) -> Vec<Time> {
        let at = |offset: Offset| Some(shown.checked_sub_signed(ahead(offset))?.and_utc());
        let both = match civil(shown).map(|shown| self.0.to_ambiguous_timestamp(shown).offset()) {
            Some(AmbiguousOffset::Unambiguous { offset }) => [at(offset), None],
            Some(AmbiguousOffset::Fold { before, after }) => [at(before), at(after)],
            Some(AmbiguousOffset::Gap { .. }) => [None, None],
            // So many thousand years from now there are no zones.
            None => [at(Offset::UTC), None],
        };
        both.into_iter().flatten().collect()
    }
}

/// How far its clocks are ahead of UTC.
fn ahead(offset: Offset) -> TimeDelta {
    TimeDelta::seconds(offset.seconds().into())
}

/// What a clock shows, in the other library's terms; seconds are enough for who asks about days.
fn civil(shown: NaiveDateTime) -> Option<civil::DateTime> {
    let small = |number: u32| i8::try_from(number).ok();
    let year = i16::try_from(shown.year()).ok()?;
    let [month, day, hour, minute, second] =
        [shown.month(), shown.day(), shown.hour(), shown.minute(), shown.second()].map(small);
    civil::DateTime::new(year, month?, day?, hour?, minute?, second?, 0).ok()
}

impl FromStr for Zone {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let zone = TimeZone::get(name).ok().filter(|zone| zone.iana_name() == Some(name));
        zone.map(Self).ok_or_else(|| format!("there is no time zone {name}"))
    }
}

impl TryFrom<String> for Zone {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        name.parse()
    }
}

impl From<Zone> for String {
    fn from(zone: Zone) -> Self {
        zone.name().to_owned()
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_known_by_its_exact_name() {
        assert_eq!("Europe/Paris".parse::<Zone>().unwrap().name(), "Europe/Paris");
        assert_eq!("UTC".parse::<Zone>().unwrap(), Zone::UTC);
        for none in ["europe/paris", "Paris", "", "+01:00", "Etc/Unknown"] {
            assert!(none.parse::<Zone>().is_err(), "{none}");
        }
        let names = Zone::names();
        assert!(names.iter().all(|name| name.parse::<Zone>().is_ok()) && names.len() > 400);
    }

    #[test]
    fn a_moment_is_shown_never_once_or_twice() {
        let paris: Zone = "Europe/Paris".parse().unwrap();
        let moments = |shown: &str| {
            let moments = paris.moments_of(shown.parse().unwrap()).into_iter();
            moments.map(|at| at.format("%d %H:%M").to_string()).collect::<Vec<_>>()
        };
        assert_eq!(moments("2026-03-29T02:30:00"), [""; 0]);
        assert_eq!(moments("2026-07-01T12:00:00"), ["01 10:00"]);
        assert_eq!(moments("2026-10-25T02:30:00"), ["25 00:30", "25 01:30"]);
    }
}
