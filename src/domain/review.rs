//! What was learnt: the root cause and what is done so that it does not happen again.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::calendar::{Calendar, Within};
use super::rare::Bare;
use super::text::Outside;
use super::time::Time;

/// Something that is done so that it does not happen again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// What.
    pub text: Outside,
    /// By whom.
    pub owner: Outside,
    /// Until when.
    pub due: Time,
    /// What will prove it done.
    pub check: Outside,
    /// What proved it done, by whom and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<(Outside, String, Time)>,
}

/// What was learnt.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Review {
    /// Why it happened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_cause: Option<Outside>,
    /// When that was written down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_cause_at: Option<Time>,
    /// What is done about it, numbered from 1 in this order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<Item>,
    /// When the post-mortem was published, and the SHA-256 of its Markdown in lower-case hex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<(Time, String)>,
}

impl Bare for Review {
    const BARE: &'static Self =
        &Self { root_cause: None, root_cause_at: None, items: Vec::new(), published: None };
}

/// Until when, as people write it: `2026-12-01` (the end of that day, UTC), `14 days`, `2w` or `5 business days`.
///
/// # Errors
/// How to write it.
pub fn until(text: &str, now: Time, calendar: &Calendar) -> Result<Time, String> {
    let text = text.trim();
    let due = match (NaiveDate::parse_from_str(text, "%Y-%m-%d").ok(), Within::parse(text)) {
        (Some(day), _) => day.and_hms_opt(23, 59, 59).map(|end| end.and_utc()),
        (None, Ok(within)) => Some(calendar.due(now, within)),
        (None, Err(_)) => None,
    };
    match due {
        Some(due) if due < now => Err("that day has passed; name one to come".to_owned()),
        Some(due) => Ok(due),
        None => {
            Err("write a day like 2026-12-01, or a time like 14 days, 2 weeks or 5 business days".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn until_when_is_a_day_a_span_or_business_days() {
        // A Friday.
        let now = "2026-11-20T14:03:22Z".parse().unwrap();
        let read = |text: &str| until(text, now, &Calendar::default()).map(|due| due.to_rfc3339());
        assert_eq!(read("2026-12-01").as_deref(), Ok("2026-12-01T23:59:59+00:00"));
        assert_eq!(read(" 2026-11-20 ").as_deref(), Ok("2026-11-20T23:59:59+00:00"));
        for two_weeks in ["14d", "14 days", "2 weeks"] {
            assert_eq!(read(two_weeks).as_deref(), Ok("2026-12-04T14:03:22+00:00"));
        }
        assert_eq!(read("5 business days").as_deref(), Ok("2026-11-27T23:59:59+00:00"));
        assert_eq!(read("2026-11-19"), Err("that day has passed; name one to come".to_owned()));
        for bad in ["", "soon", "5 workdays", "2026-13-01", "14"] {
            assert!(read(bad).unwrap_err().contains("5 business days"), "{bad}");
        }
    }
}
