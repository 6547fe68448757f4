//! An incident as queries see it.

use std::borrow::Cow;

use super::Incident;
use crate::domain::category::Category;
use crate::domain::classification::Impact;
use crate::domain::phase::Phase;
use crate::domain::query::{Subject, Users};
use crate::domain::sensitive::HIDDEN;
use crate::domain::severity::Severity;
use crate::domain::text::Outside;
use crate::domain::time::Time;

/// An incident as queries see it.
pub(super) struct Row<'a> {
    pub(super) incident: &'a Incident,
    pub(super) stale: bool,
}

impl Subject for Row<'_> {
    fn severity(&self) -> Option<Severity> {
        Some(self.incident.severity)
    }
    fn phase(&self) -> Option<Phase> {
        Some(self.incident.phase)
    }
    fn category(&self) -> Option<Category> {
        Some(self.incident.category)
    }
    fn service(&self) -> &str {
        self.incident.opening.service.raw()
    }
    fn label(&self, key: &str) -> Vec<&str> {
        self.incident.raw_label_values(key).into_iter().map(|(value, _)| value).collect()
    }
    fn sources(&self) -> Vec<&str> {
        self.incident.sources()
    }
    fn owner(&self) -> Option<&str> {
        self.incident.owner.as_ref().map(|owner| owner.name.as_str())
    }
    fn is_acked(&self) -> bool {
        self.incident.is_acked()
    }
    fn is_stale(&self) -> bool {
        self.stale
    }
    fn is_unknown(&self) -> bool {
        self.incident.has_unknown()
    }
    fn is_snoozed(&self, now: Time) -> bool {
        self.incident.is_snoozed(now)
    }
    fn opened_at(&self) -> Option<Time> {
        Some(self.incident.opened_at)
    }
    fn users(&self) -> Option<Users> {
        match &self.incident.impact {
            Some(Impact::Users { min, max }) => Some(Users::Between(*min, *max)),
            Some(Impact::Unknown { .. }) | None => Some(Users::Unknown),
        }
    }
    fn holders(&self) -> Vec<&str> {
        self.owner().into_iter().chain(self.incident.held_upstream().map(Outside::raw)).collect()
    }
    fn text(&self) -> Vec<Cow<'_, str>> {
        let incident = self.incident;
        let labels = incident.signals.values().flat_map(|s| s.labels.raw()).map(|(_, value)| value);
        let own = [incident.title().raw(), incident.opening.service.raw()].into_iter();
        let all = own.chain(incident.upstream()).chain(labels);
        let all = all.chain(incident.opening.labels.values().map(Outside::raw)).map(Cow::Borrowed);
        // What stands in the place of a hidden value is nothing to find.
        all.filter(|text| text.as_ref() != HIDDEN).collect()
    }
    fn told(&self) -> Vec<Cow<'_, str>> {
        let reported = self.incident.opening.reported.iter();
        let reported = reported.flat_map(|it| [it.from.word(), it.by.raw(), it.via.raw()]);
        let all = reported.chain(self.incident.filled.values().map(|filled| filled.value.raw()));
        let seen = |text: &'_ str| text.replace(HIDDEN, " ");
        all.map(|text| if text.contains(HIDDEN) { seen(text).into() } else { text.into() }).collect()
    }
    fn id(&self) -> Option<String> {
        Some(self.incident.id.to_string())
    }
}
