//! What has come or changed within the last moments, so that a glance finds it. Nothing moves and nothing blinks for it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::board::Change;
use crate::domain::id::IncidentId;
use crate::domain::time::{Span, Time};

/// A row is marked for so long.
const LASTS: Span = Span::secs(5);

/// What has become of an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum New {
    /// It is there.
    Came,
    /// Something was written down about it.
    Changed,
}

impl New {
    /// As it stands in front of a row.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Came => "+",
            Self::Changed => "~",
        }
    }
}

/// What has come or changed lately.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct News(BTreeMap<IncidentId, (Time, New)>);

impl News {
    /// Takes note of changes, unless they are all there is: then none of them is news.
    pub fn note(&mut self, changes: &[Change], at: Time, first: bool) {
        self.0.retain(|_, (since, _)| is_recent(*since, at));
        if first {
            return;
        }
        for change in changes {
            let came = change.was.is_none() || matches!(self.0.get(&change.id), Some((_, New::Came)));
            self.0.insert(change.id.clone(), (at, if came { New::Came } else { New::Changed }));
        }
    }

    /// What has become of an incident within the last moments.
    pub fn of(&self, id: &IncidentId, now: Time) -> Option<New> {
        self.0.get(id).filter(|(since, _)| is_recent(*since, now)).map(|(_, new)| *new)
    }
}

fn is_recent(since: Time, now: Time) -> bool {
    (since..since + LASTS.delta()).contains(&now)
}
