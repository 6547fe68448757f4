//! Who has read what is sensitive, and who has asked to.

use std::collections::{BTreeMap, BTreeSet};

use super::Engine;
use crate::backend::Detail;
use crate::domain::id::IncidentId;
use crate::domain::sensitive::{Known, Said};

/// Who has read what of which incident, by this engine and until it ends.
#[derive(Default)]
pub(super) struct Readings {
    read: BTreeMap<(String, IncidentId), Known>,
    /// Not on record yet.
    asked: BTreeMap<(String, IncidentId), Known>,
}

impl Readings {
    /// Every value that anybody may see.
    fn values(&self) -> impl Iterator<Item = String> {
        self.read.values().chain(self.asked.values()).flatten().map(|(_, value)| value.clone())
    }

    /// What this person may see.
    pub(super) fn of(&self, who: &str, id: &IncidentId) -> Known {
        self.read.get(&(who.to_owned(), id.clone())).cloned().unwrap_or_default()
    }

    /// This person asks to see it. Nothing is shown before that is on record.
    pub(super) fn ask(&mut self, who: &str, id: &IncidentId, what: Known) {
        self.asked.entry((who.to_owned(), id.clone())).or_default().extend(what);
    }

    /// A record says that somebody reads. What was not asked for here, another engine shows.
    pub(super) fn recorded(&mut self, who: &str, id: &IncidentId) {
        if let Some((who, what)) = self.asked.remove_entry(&(who.to_owned(), id.clone())) {
            self.read.entry(who).or_default().extend(what);
        }
    }

    /// It could not be written down.
    pub(super) fn forget(&mut self, who: &str, id: &IncidentId) {
        self.asked.remove(&(who.to_owned(), id.clone()));
    }
}

impl Engine {
    /// The values of every sensitive label there is, in lower case, and of one incident as its sources say it now.
    pub fn sensitive_values(&self, detail: Option<&Detail>) -> BTreeSet<String> {
        let sensitive = &self.0.setup.sensitive;
        if sensitive.is_empty() {
            return BTreeSet::new();
        }
        let mut said: Said =
            self.0.mirror.all().iter().flat_map(|incident| sensitive.said_of(incident)).collect();
        if let Some(Detail { incident, signals, .. }) = detail {
            said.extend(sensitive.said_of(incident));
            said.extend(signals.iter().flat_map(|signal| sensitive.said_by(signal)));
        }
        let mut values: BTreeSet<String> =
            sensitive.veil(&said, Known::new()).values().iter().cloned().collect();
        // What was revealed here may be what a source says only now.
        values.extend(self.0.mirror.read().readings.values());
        values
    }
}
