//! Putting an incident off: for how long, why, and what wakes it before its time.

use serde::{Deserialize, Serialize};

use super::severity::Severity;
use super::text::Outside;
use super::time::{Span, Time};

/// An incident that was put off. It stays what it was to everybody else: nobody holds it by that, paths page and
/// deadlines run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snooze {
    /// By whom.
    pub by: String,
    /// Since when.
    pub since: Time,
    /// Until when, unless it gets worse.
    pub until: Time,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub because: Option<Outside>,
    /// How it got worse since; it is awake from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worse: Option<Worse>,
}

/// How an incident got worse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Worse {
    /// It is this bad now, or a source says so.
    Severity(Severity),
    /// A signal that went away fires again.
    FiresAgain,
    /// Another signal joined it.
    NewSignal,
    /// The acknowledgement ran out, or was handed back.
    NobodyHoldsIt,
    /// Whoever held it at its source let go there, or that is over.
    LetGoThere,
    /// A page was missed, or there is nobody left to page.
    NobodyAnswers,
    /// Nobody knows whether an action was done.
    Unknown,
}

impl Worse {
    /// Whether it is a notice of its own, or the deed of somebody who looks.
    pub fn is_told(&self) -> bool {
        matches!(self, Self::NobodyHoldsIt | Self::NobodyAnswers | Self::Unknown)
    }

    /// In a few words.
    pub fn words(&self) -> String {
        match self {
            Self::Severity(severity) => format!("it is {} now", severity.word()),
            Self::FiresAgain => "it fires again".to_owned(),
            Self::NewSignal => "another signal joined it".to_owned(),
            Self::LetGoThere => "it was let go at its source".to_owned(),
            Self::NobodyHoldsIt => "nobody holds it any more".to_owned(),
            Self::NobodyAnswers => "nobody answers its pages".to_owned(),
            Self::Unknown => "an outcome is unknown".to_owned(),
        }
    }
}

/// For how long an incident may be put off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// At most.
    pub at_most: Span,
    /// A critical one at most, and only with a reason.
    pub critical: Span,
}

impl Default for Limits {
    fn default() -> Self {
        Self { at_most: Span::mins(8 * 60), critical: Span::mins(60) }
    }
}

impl Limits {
    /// The longest for one of this severity.
    pub fn of(&self, severity: Severity) -> Span {
        if severity == Severity::Critical { self.critical.min(self.at_most) } else { self.at_most }
    }

    /// Whether one of this severity may be put off from `at` until then.
    ///
    /// # Errors
    /// Why not, and what may be.
    pub fn allow(&self, severity: Severity, at: Time, until: Time) -> Result<(), String> {
        let most = self.of(severity);
        if until - at <= most.delta() {
            return Ok(());
        }
        Err(match severity {
            Severity::Critical => format!("a critical incident can be snoozed for {most} at most"),
            _ => format!("an incident can be snoozed for {most} at most"),
        })
    }
}

/// Why it is put off must be said of what is critical.
pub const NEEDS_REASON: &str = "a critical incident is snoozed with a reason only: say why";

/// Reads `30m`, `90 min` or `until 14:00Z` (UTC also without the Z, the next one) at the beginning of some words; gives the time and how
/// many words it took.
///
/// # Errors
/// The place of the wrong word, or of the one that is missing, and how to write it.
pub fn until(words: &[&str], now: Time) -> Result<(Time, usize), (usize, String)> {
    const HOW: &str = "write for how long or until when, as in: 30m, or: until 14:00Z (times are UTC)";
    let Some(first) = words.first() else { return Err((0, HOW.to_owned())) };
    if *first == "until" {
        let Some(clock) = words.get(1) else {
            return Err((1, "until when, in UTC? as in: until 14:00Z".to_owned()));
        };
        let at = next(clock, now).ok_or_else(|| {
            (1, format!("`{}` is no time of day in UTC; write it like 14:00Z", clock.escape_default()))
        })?;
        return Ok((at, 2));
    }
    let both = words.get(1).and_then(|unit| Span::parse(&format!("{first} {unit}")).ok());
    let (span, taken) = match (Span::parse(first), both) {
        (Ok(span), _) => (span, 1),
        (Err(_), Some(span)) => (span, 2),
        (Err(_), None) => {
            return Err((0, format!("`{}` is no length of time; {HOW}", first.escape_default())));
        }
    };
    Ok((now + span.delta(), taken))
}

/// The next time the clock says so, in UTC.
fn next(clock: &str, now: Time) -> Option<Time> {
    let (hours, minutes) = clock.trim_end_matches(['Z', 'z']).split_once(':')?;
    let number = |text: &str| text.bytes().all(|c| c.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    let today = now.date_naive().and_hms_opt(number(hours)?, number(minutes)?, 0)?.and_utc();
    Some(if today > now { today } else { today + chrono::TimeDelta::days(1) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        text.parse().unwrap()
    }

    #[test]
    fn until_when_is_read_in_either_way() {
        let now = at("2026-11-20T13:58:30Z");
        for (words, time, taken) in [
            (vec!["30m"], "2026-11-20T14:28:30Z", 1),
            (vec!["90", "min", "why"], "2026-11-20T15:28:30Z", 2),
            (vec!["until", "14:00", "why"], "2026-11-20T14:00:00Z", 2),
            (vec!["until", "13:58Z"], "2026-11-21T13:58:00Z", 2),
            (vec!["until", "9:05"], "2026-11-21T09:05:00Z", 2),
        ] {
            assert_eq!(until(&words, now), Ok((at(time), taken)), "{words:?}");
        }
        for (words, place) in [
            (vec![], 0),
            (vec!["soon"], 0),
            (vec!["until"], 1),
            (vec!["until", "25:00"], 1),
            (vec!["until", "14"], 1),
            (vec!["until", "+4:00"], 1),
        ] {
            assert_eq!(until(&words, now).map_err(|(at, _)| at), Err(place), "{words:?}");
        }
    }

    #[test]
    fn what_is_critical_is_put_off_for_less() {
        let limits = Limits::default();
        let now = at("2026-11-20T13:58:30Z");
        let may = |severity, mins| limits.allow(severity, now, now + Span::mins(mins).delta()).is_ok();
        assert!(may(Severity::Critical, 60) && !may(Severity::Critical, 61));
        assert!(may(Severity::High, 480) && !may(Severity::High, 481));
        let longer = Limits { critical: Span::mins(6000), ..limits };
        assert_eq!(longer.of(Severity::Critical), limits.at_most, "never for longer than the rest");
    }
}
