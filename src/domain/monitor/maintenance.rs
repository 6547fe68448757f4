//! Windows of maintenance: what is down meanwhile opens nothing.

use chrono::{DateTime, Datelike, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday};
use serde::{Deserialize, Serialize};

use crate::domain::calendar::weekday;
use crate::domain::time::{Span, Time};

/// The longest window that comes every week.
const LONGEST: Span = Span::mins(7 * 24 * 60);

/// A window as configuration writes it: `{ from = "2026-12-01T02:00Z", to = "2026-12-01T04:00Z" }` or
/// `{ weekly = "sun 02:00Z", lasts = "2h" }`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Typed", into = "Typed")]
pub enum Window {
    /// Once.
    Once {
        /// Its first moment.
        from: Time,
        /// The first moment after it.
        to: Time,
    },
    /// Every week, UTC.
    Weekly {
        /// On which day it begins.
        day: Weekday,
        /// When on that day.
        at: NaiveTime,
        /// How long it lasts.
        lasts: Span,
    },
}

/// A window as it is written.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Typed {
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weekly: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lasts: Option<Span>,
}

impl Window {
    /// Until when it lasts, if it covers this moment.
    pub fn until(&self, now: Time) -> Option<Time> {
        let (from, to) = match self {
            Self::Once { from, to } => (*from, *to),
            Self::Weekly { day, at, lasts } => {
                let back = now.weekday().days_since(*day);
                let begins = (now.date_naive() - TimeDelta::days(i64::from(back))).and_time(*at).and_utc();
                // Begins later today: the last time was a week ago.
                let begins = if begins > now { begins - TimeDelta::weeks(1) } else { begins };
                (begins, begins + lasts.delta())
            }
        };
        (from <= now && now < to).then_some(to)
    }
}

/// Until when the longest of the windows that cover this moment lasts.
pub fn until(windows: &[Window], now: Time) -> Option<Time> {
    windows.iter().filter_map(|window| window.until(now)).max()
}

/// Reads `2026-12-01T02:00Z`, with or without seconds, or with an offset instead of `Z`.
///
/// # Errors
/// A sentence that says how to write it.
pub fn moment(text: &str) -> Result<Time, String> {
    let whole = DateTime::parse_from_rfc3339(text).map(|at| at.with_timezone(&Utc));
    let short = || NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%MZ").map(|at| at.and_utc());
    whole
        .or_else(|_| short())
        .map_err(|_| format!("`{}` is no moment; write it like \"2026-12-01T02:00Z\"", text.escape_default()))
}

/// Reads `sun 02:00Z`.
///
/// # Errors
/// A sentence that says how to write it.
pub fn of_week(text: &str) -> Result<(Weekday, NaiveTime), String> {
    let parts = text.split_once(' ').and_then(|(day, at)| {
        let at = NaiveTime::parse_from_str(at.strip_suffix('Z')?, "%H:%M").ok()?;
        Some((weekday(day)?, at))
    });
    parts.ok_or_else(|| {
        format!("`{}` is no moment of a week; write it like \"sun 02:00Z\"", text.escape_default())
    })
}

impl TryFrom<Typed> for Window {
    type Error = String;
    fn try_from(typed: Typed) -> Result<Self, String> {
        match (typed.from, typed.to, typed.weekly, typed.lasts) {
            (Some(from), Some(to), None, None) => {
                let (from, to) = (moment(&from)?, moment(&to)?);
                if from >= to {
                    return Err("a maintenance ends after it begins; swap from and to".to_owned());
                }
                Ok(Self::Once { from, to })
            }
            (None, None, Some(weekly), Some(lasts)) => {
                let (day, at) = of_week(&weekly)?;
                if lasts.as_millis() == 0 || lasts > LONGEST {
                    return Err("a weekly maintenance lasts up to 7d; correct lasts".to_owned());
                }
                Ok(Self::Weekly { day, at, lasts })
            }
            _ => Err("a maintenance has from and to, or weekly and lasts; \
                      write it like { weekly = \"sun 02:00Z\", lasts = \"2h\" }"
                .to_owned()),
        }
    }
}

impl From<Window> for Typed {
    fn from(window: Window) -> Self {
        match window {
            Window::Once { from, to } => {
                Self { from: Some(from.to_rfc3339()), to: Some(to.to_rfc3339()), ..Self::default() }
            }
            Window::Weekly { day, at, lasts } => {
                let weekly = format!("{} {}", day.to_string().to_lowercase(), at.format("%H:%MZ"));
                Self { weekly: Some(weekly), lasts: Some(lasts), ..Self::default() }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(text: &str) -> Result<Window, String> {
        #[derive(Deserialize)]
        struct Table {
            w: Window,
        }
        toml::from_str::<Table>(&format!("w = {text}"))
            .map(|table| table.w)
            .map_err(|error| error.message().to_owned())
    }

    fn at(text: &str) -> Time {
        moment(text).unwrap()
    }

    #[test]
    fn a_window_covers_its_first_moment_and_not_its_end() {
        let once = window("{ from = '2026-12-01T02:00Z', to = '2026-12-01T04:00:00+00:00' }").unwrap();
        for (now, until) in [
            ("2026-12-01T01:59:59Z", None),
            ("2026-12-01T02:00:00Z", Some("2026-12-01T04:00Z")),
            ("2026-12-01T03:59:59Z", Some("2026-12-01T04:00Z")),
            ("2026-12-01T04:00:00Z", None),
        ] {
            assert_eq!(once.until(at(now)), until.map(at), "{now}");
        }
    }

    #[test]
    fn a_week_begins_anew_and_a_window_may_reach_into_the_next_day() {
        // 2026-11-22 is a Sunday.
        let weekly = window("{ weekly = 'sun 23:00Z', lasts = '2h' }").unwrap();
        for (now, until) in [
            ("2026-11-22T22:59Z", None),
            ("2026-11-22T23:00Z", Some("2026-11-23T01:00Z")),
            ("2026-11-23T00:30Z", Some("2026-11-23T01:00Z")),
            ("2026-11-23T01:00Z", None),
            ("2026-11-29T23:30Z", Some("2026-11-30T01:00Z")),
        ] {
            assert_eq!(weekly.until(at(now)), until.map(at), "{now}");
        }
        let always = window("{ weekly = 'wed 12:00Z', lasts = '7d' }").unwrap();
        for now in ["2026-11-25T11:59Z", "2026-11-25T12:00Z", "2026-11-26T00:00Z"] {
            assert!(always.until(at(now)).is_some(), "{now}");
        }
    }

    #[test]
    fn of_several_the_last_end_counts() {
        let windows = [
            window("{ from = '2026-12-01T02:00Z', to = '2026-12-01T04:00Z' }").unwrap(),
            window("{ from = '2026-12-01T03:00Z', to = '2026-12-01T05:00Z' }").unwrap(),
        ];
        assert_eq!(until(&windows, at("2026-12-01T03:30Z")), Some(at("2026-12-01T05:00Z")));
        assert_eq!(until(&windows, at("2026-12-01T06:00Z")), None);
    }

    #[test]
    fn a_window_is_written_as_it_was_read_and_what_is_none_says_how() {
        for text in [
            "{ from = '2026-12-01T02:00Z', to = '2026-12-01T04:00Z' }",
            "{ weekly = 'mon 02:30Z', lasts = '90m' }",
        ] {
            let read = window(text).unwrap();
            let written = serde_json::to_string(&read).unwrap();
            assert_eq!(serde_json::from_str::<Window>(&written).unwrap(), read, "{written}");
        }
        for (text, words) in [
            ("{ from = '2026-12-01T02:00Z' }", "from and to"),
            ("{ from = '2026-12-01', to = '2026-12-02' }", "2026-12-01T02:00Z"),
            ("{ from = '2026-12-02T02:00Z', to = '2026-12-01T02:00Z' }", "swap"),
            ("{ weekly = 'sunday 02:00Z', lasts = '2h' }", "sun 02:00Z"),
            ("{ weekly = 'sun 02:00', lasts = '2h' }", "sun 02:00Z"),
            ("{ weekly = 'sun 02:00Z', lasts = '8d' }", "7d"),
            ("{ weekly = 'sun 02:00Z', lasts = '2h', to = '2026-12-01T02:00Z' }", "weekly and lasts"),
        ] {
            let said = window(text).unwrap_err();
            assert!(said.contains(words), "{text}: {said}");
        }
    }
}
