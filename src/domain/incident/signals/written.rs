//! A signal as records say it, those of the first format included: they said beside it what its source does about it.

use serde::Deserialize;

use super::{Joined, There};
use crate::domain::sensitive::Said;
use crate::domain::severity::Severity;
use crate::domain::signal::Packed;
use crate::domain::text::Outside;
use crate::domain::time::Time;

/// What a record may say of a signal that moves.
#[derive(Deserialize)]
pub(super) struct Written {
    title: Outside,
    severity: Severity,
    unmapped: bool,
    labels: Packed,
    #[serde(default)]
    sensitive: Said,
    since: Time,
    cleared: Option<Time>,
    returned: Option<Time>,
    there: Option<Box<There>>,
    seen: Option<Time>,
    policy: Option<Outside>,
    held_by: Option<Outside>,
    #[serde(default)]
    exhausted: bool,
}

impl From<Written> for Joined {
    fn from(written: Written) -> Self {
        let Written { title, severity, unmapped, labels, sensitive, since, cleared, returned, .. } = written;
        let Written { there, seen, policy, held_by, exhausted, .. } = written;
        let beside = There { policy, held_by, exhausted, unnamed_state: None };
        let there = there.or_else(|| (beside != There::default()).then(|| Box::new(beside)));
        let sensitive = sensitive.into();
        Self { title, severity, unmapped, labels, sensitive, since, cleared, returned, there, seen }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_its_source_does_about_it_is_read_wherever_it_was_written() {
        let mut said = serde_json::json!({
            "title": "gateway", "severity": "high", "unmapped": false, "labels": {}, "since": "2026-11-20T14:00:00Z",
            "cleared": null, "returned": null,
        });
        let plain: Joined = serde_json::from_value(said.clone()).unwrap();
        assert_eq!(plain.there, None);
        (said["policy"], said["held_by"], said["exhausted"]) = ("default".into(), "bo".into(), true.into());
        let first: Joined = serde_json::from_value(said).unwrap();
        let there = first.there.as_deref().unwrap();
        assert_eq!((there.policy.as_ref().map(Outside::raw), there.exhausted), (Some("default"), true));
        assert_eq!(first.held_by().map(Outside::raw), Some("bo"));
        let today = serde_json::to_value(&first).unwrap();
        assert_eq!((&today["there"]["held_by"], today.get("held_by")), (&"bo".into(), None));
        assert_eq!(serde_json::from_value::<Joined>(today).unwrap(), first);
    }
}
