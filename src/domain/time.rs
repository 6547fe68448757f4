//! Time as an argument: instants, spans, and how both are written.

use chrono::{DateTime, DurationRound, TimeDelta, Timelike, Utc};
use serde::{Deserialize, Serialize};

/// An instant, UTC.
pub type Time = DateTime<Utc>;

/// A length of time as configuration writes it: `15s`, `5m`, `800ms`, `2h`, `14d`. Kept in milliseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span(u64);

impl Span {
    /// A span of milliseconds.
    pub const fn millis(millis: u64) -> Self {
        Self(millis)
    }

    /// A span of seconds.
    pub const fn secs(secs: u64) -> Self {
        Self(secs * 1000)
    }

    /// A span of minutes.
    pub const fn mins(mins: u64) -> Self {
        Self(mins * 60_000)
    }

    /// Whether it is no time at all.
    pub const fn is_zero(&self) -> bool {
        self.0 == 0
    }

    /// Reads `15s`, `5m`, `800ms`, `2h`, `14d` or `2w`, and the same in words: `90 min`, `2 hours`, `14 days`.
    ///
    /// # Errors
    /// A sentence that says how to write it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at_checked(digits).unwrap_or((text, ""));
        let scale = match unit.trim_start() {
            "ms" => 1,
            "s" | "sec" | "secs" | "second" | "seconds" => 1000,
            "m" | "min" | "mins" | "minute" | "minutes" => 60_000,
            "h" | "hour" | "hours" => 3_600_000,
            "d" | "day" | "days" => 86_400_000,
            "w" | "week" | "weeks" => 7 * 86_400_000,
            _ => 0,
        };
        match number.parse::<u64>().ok().and_then(|n| n.checked_mul(scale)) {
            Some(millis) if scale > 0 && millis <= 3_660 * 86_400_000 => Ok(Self(millis)),
            _ => Err(format!(
                "`{}` is not a length of time; write it like \"15s\", \"5m\", \"90 min\", \"2h\", \"14 days\" or \"2w\"",
                text.escape_default()
            )),
        }
    }

    /// In milliseconds.
    pub fn as_millis(self) -> u64 {
        self.0
    }

    /// For timers.
    pub fn std(self) -> std::time::Duration {
        std::time::Duration::from_millis(self.0)
    }

    /// For arithmetic with [`Time`].
    pub fn delta(self) -> TimeDelta {
        TimeDelta::milliseconds(i64::try_from(self.0).unwrap_or(i64::MAX / 2))
    }
}

/// The minute that a moment is in, which is what those read who read minutes.
pub fn minute_of(at: Time) -> Time {
    at.duration_trunc(TimeDelta::minutes(1)).unwrap_or(at)
}

/// The whole minute that a moment ends with: those who read minutes are told no earlier one than was meant.
pub fn whole_minute(at: Time) -> Time {
    let begun = minute_of(at);
    if begun == at { at } else { begun + TimeDelta::minutes(1) }
}

impl TryFrom<String> for Span {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text)
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        span.to_string()
    }
}

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1000, "s")];
        match units.into_iter().find(|(scale, _)| self.0 > 0 && self.0.is_multiple_of(*scale)) {
            Some((scale, unit)) => write!(f, "{}{unit}", self.0 / scale),
            None => write!(f, "{}ms", self.0),
        }
    }
}

/// `14:03:22Z`.
pub fn clock_time(at: Time) -> String {
    format!("{:02}:{:02}:{:02}Z", at.hour(), at.minute(), at.second())
}

/// `14:03Z`.
pub fn clock_minute(at: Time) -> String {
    format!("{:02}:{:02}Z", at.hour(), at.minute())
}

/// `2026-11-20 14:03:22Z`, for times that may be of another day.
pub fn date_time(at: Time) -> String {
    format!("{} {}", day(at), clock_time(at))
}

/// A time as it is said beside `now`: the day only when it is another one.
pub fn moment(at: Time, now: Time) -> String {
    if at.date_naive() == now.date_naive() { clock_time(at) } else { date_time(at) }
}

/// `2026-11-20 14:03Z`.
pub fn date_minute(at: Time) -> String {
    format!("{} {}", day(at), clock_minute(at))
}

/// `2026-11-20`.
pub fn day(at: Time) -> String {
    at.date_naive().to_string()
}

/// `Nov 05`, for days that are near: as wide on every day.
pub fn near_day(at: Time) -> String {
    at.format("%b %d").to_string()
}

/// An age in at most three characters and a unit: `9s`, `12m`, `3h`, `13d`. Never negative.
pub fn age(since: Time, now: Time) -> String {
    let secs = (now - since).num_seconds().max(0);
    match secs {
        0..60 => format!("{secs}s"),
        60..3600 => format!("{}m", secs / 60),
        3600..172_800 => format!("{}h", secs / 3600),
        _ => format!("{}d", (secs / 86_400).min(999)),
    }
}

/// How long something lasted, in words of its two greatest units: `48 seconds`, `1 hour 4 minutes`. Never negative.
pub fn lasted(from: Time, to: Time) -> String {
    let secs = (to - from).num_seconds().max(0);
    let parts = [
        (secs / 86_400, "day"),
        (secs / 3600 % 24, "hour"),
        (secs / 60 % 60, "minute"),
        (secs % 60, "second"),
    ];
    let words =
        |(number, unit): &(i64, &str)| format!("{number} {unit}{}", if *number == 1 { "" } else { "s" });
    let first = parts.iter().position(|(number, _)| *number > 0).unwrap_or(parts.len() - 1);
    let shown = parts
        .iter()
        .skip(first)
        .take(2)
        .enumerate()
        .filter(|(place, (number, _))| *place == 0 || *number > 0);
    shown.map(|(_, part)| words(part)).collect::<Vec<_>>().join(" ")
}

/// A countdown: `2:58`, `1:04:10`; `0:00` once due.
pub fn countdown(due: Time, now: Time) -> String {
    let secs = (due - now).num_seconds().max(0);
    if secs >= 3600 {
        format!("{}:{:02}:{:02}", secs / 3600, secs / 60 % 60, secs % 60)
    } else {
        format!("{}:{:02}", secs / 60, secs % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_that_is_near_is_as_wide_as_any_other() {
        let day = |text: &str| near_day(text.parse().unwrap());
        assert_eq!(day("2026-11-25T23:59:59Z"), "Nov 25");
        assert_eq!(day("2026-12-05T00:00:00Z"), "Dec 05");
    }

    #[test]
    fn what_lasted_is_said_in_two_units() {
        let since = |secs| lasted(Time::UNIX_EPOCH, Time::UNIX_EPOCH + TimeDelta::seconds(secs));
        for (secs, words) in [
            (-5, "0 seconds"),
            (0, "0 seconds"),
            (61, "1 minute 1 second"),
            (3600, "1 hour"),
            (3605, "1 hour"),
            (93_600, "1 day 2 hours"),
        ] {
            assert_eq!(since(secs), words);
        }
    }

    #[test]
    fn spans_read_and_write_the_same() {
        for text in ["800ms", "15s", "5m", "2h", "14d"] {
            assert_eq!(Span::parse(text).map(String::from), Ok(text.to_owned()));
        }
        for (text, same) in [
            ("90 min", "90m"),
            ("5min", "5m"),
            ("1 hour", "1h"),
            ("14 days", "14d"),
            ("2 weeks", "14d"),
            ("2w", "14d"),
        ] {
            assert_eq!(Span::parse(text), Span::parse(same), "{text}");
        }
        for bad in ["", "5", "m", "5 M", "-5m", "5 months", "a day", "99999999999999999999s"] {
            assert!(Span::parse(bad).is_err(), "{bad}");
        }
    }
}
