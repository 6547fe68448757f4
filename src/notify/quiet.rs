//! Quiet hours: when only what is critical is told aloud.

use std::fmt;
use std::str::FromStr;

use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use crate::domain::calendar::{Weekdays, Zone};
use crate::domain::time::Time;

/// `[notify.quiet]`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quiet {
    /// When, by the clocks of the zone.
    pub hours: Vec<Hours>,
    /// The days on which they begin; every day where none is named.
    pub days: Option<Weekdays>,
    /// By whose clocks; those of `[calendar]` where none is named.
    pub zone: Option<Zone>,
    /// Whether what is critical is told all the same.
    #[serde(default = "yes")]
    pub critical: bool,
}

fn yes() -> bool {
    true
}

impl Quiet {
    /// Whether they hold at `at`. A clock that is set forward or back moves no hour: what it shows counts.
    pub fn holds(&self, at: Time) -> bool {
        let shown = self.zone.as_ref().unwrap_or(&Zone::UTC).shown_at(at);
        let begins =
            |day: Option<NaiveDate>| day.is_some_and(|day| self.days.is_none_or(|it| it.contains(day)));
        let (today, yesterday) = (begins(Some(shown.date())), begins(shown.date().pred_opt()));
        self.hours.iter().any(|hours| {
            let (begun, over) = (shown.time() >= hours.from, shown.time() >= hours.to);
            if hours.from < hours.to {
                today && begun && !over
            } else {
                (today && begun) || (yesterday && !over)
            }
        })
    }
}

/// From one time of day to another, which is of the next day where it is not later: `22:00-07:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hours {
    from: NaiveTime,
    to: NaiveTime,
}

impl FromStr for Hours {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let time = |text: &str| match text {
            "24:00" => Some(NaiveTime::MIN),
            _ if text.len() == 5 => NaiveTime::parse_from_str(text, "%H:%M").ok(),
            _ => None,
        };
        let both = text.split_once('-').and_then(|(from, to)| Some((time(from)?, time(to)?)));
        let (from, to) = both.filter(|_| !text.starts_with("24:00")).ok_or_else(|| {
            format!("`{}` names no hours; write them like \"22:00-07:00\"", text.escape_default())
        })?;
        Ok(Self { from, to })
    }
}

impl TryFrom<String> for Hours {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.from.format("%H:%M"), self.to.format("%H:%M"))
    }
}

impl From<Hours> for String {
    fn from(hours: Hours) -> Self {
        hours.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holding(quiet: &str, moments: &[&str]) -> Vec<String> {
        let quiet: Quiet = toml::from_str(quiet).unwrap();
        let holds = |moment: &&&str| quiet.holds(moment.parse().unwrap());
        moments.iter().filter(holds).map(|moment| (*moment).to_owned()).collect()
    }

    #[test]
    fn a_night_belongs_to_the_day_it_begins_on() {
        // 2026-11-20 is a Friday.
        let night = "hours = ['22:00-07:00']\ndays = ['fri']";
        let moments = [
            "2026-11-20T06:59:00Z",
            "2026-11-20T21:59:59Z",
            "2026-11-20T22:00:00Z",
            "2026-11-21T06:59:59Z",
            "2026-11-21T07:00:00Z",
            "2026-11-21T23:00:00Z",
        ];
        assert_eq!(holding(night, &moments), ["2026-11-20T22:00:00Z", "2026-11-21T06:59:59Z"]);
    }

    #[test]
    fn hours_are_those_that_the_clocks_of_the_zone_show() {
        // Paris is two hours ahead until 2026-10-25, 01:00 UTC, and one hour after.
        let noon = "hours = ['12:00-13:00']\nzone = 'Europe/Paris'";
        let moments =
            ["2026-10-24T10:30:00Z", "2026-10-24T11:30:00Z", "2026-10-25T10:30:00Z", "2026-10-25T11:30:00Z"];
        assert_eq!(holding(noon, &moments), ["2026-10-24T10:30:00Z", "2026-10-25T11:30:00Z"]);
    }

    #[test]
    fn the_same_hour_twice_is_a_whole_day_and_several_hours_add_up() {
        let weekend = "hours = ['00:00-24:00']\ndays = ['sat', 'sun']";
        let moments =
            ["2026-11-20T23:59:00Z", "2026-11-21T00:00:00Z", "2026-11-22T23:59:59Z", "2026-11-23T00:00:00Z"];
        assert_eq!(holding(weekend, &moments), ["2026-11-21T00:00:00Z", "2026-11-22T23:59:59Z"]);
        let both = "hours = ['08:00-09:00', '12:00-13:00']";
        let moments = ["2026-11-20T08:30:00Z", "2026-11-20T10:30:00Z", "2026-11-20T12:30:00Z"];
        assert_eq!(holding(both, &moments), ["2026-11-20T08:30:00Z", "2026-11-20T12:30:00Z"]);
    }

    #[test]
    fn hours_are_written_in_one_way() {
        assert_eq!("22:00-07:00".parse::<Hours>().unwrap().to_string(), "22:00-07:00");
        for wrong in ["", "22-7", "22:00", "22:00-25:00", "9:00-10:00", "24:00-07:00", "22:00 - 07:00"] {
            assert!(wrong.parse::<Hours>().unwrap_err().contains("22:00-07:00"), "{wrong}");
        }
    }
}
