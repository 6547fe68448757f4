//! Who has read what is sensitive, and who has asked to.

use std::collections::BTreeMap;

use crate::domain::id::IncidentId;
use crate::domain::sensitive::Known;

/// Who has read what of which incident, by this engine and until it ends.
#[derive(Default)]
pub(super) struct Readings {
    read: BTreeMap<(String, IncidentId), Known>,
    /// Not on record yet.
    asked: BTreeMap<(String, IncidentId), Known>,
}

impl Readings {
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
