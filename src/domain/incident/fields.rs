//! What two people could change at once, as it was before a record.

use std::collections::BTreeMap;

use super::Incident;
use crate::domain::category::Category;
use crate::domain::classification::{Classification, Impact};
use crate::domain::phase::Phase;
use crate::domain::record::Field;
use crate::domain::role::Role;
use crate::domain::severity::Severity;
use crate::domain::snooze::Snooze;
use crate::domain::text::Outside;

/// The values of every [`Field`].
pub(super) struct Fields {
    severity: Severity,
    owner: Option<String>,
    impact: Option<Impact>,
    category: Category,
    classification: Classification,
    phase: Phase,
    root_cause: Option<Outside>,
    roles: BTreeMap<Role, Outside>,
    snooze: Option<Snooze>,
}

impl Fields {
    pub(super) fn of(incident: &Incident) -> Self {
        Self {
            severity: incident.severity,
            owner: incident.owner.as_ref().map(|owner| owner.name.clone()),
            impact: incident.impact.clone(),
            category: incident.category,
            classification: (*incident.classification).clone(),
            phase: incident.phase,
            root_cause: incident.review.root_cause.clone(),
            roles: incident.roles.iter().map(|(role, held)| (*role, held.name.clone())).collect(),
            snooze: incident.snooze.as_deref().cloned(),
        }
    }

    /// Those that are not what they were.
    pub(super) fn changed_in(&self, now: &Incident) -> Vec<Field> {
        let now = Self::of(now);
        let one = [
            (Field::Severity, self.severity != now.severity),
            (Field::Owner, self.owner != now.owner),
            (Field::Impact, self.impact != now.impact),
            (Field::Category, self.category != now.category),
            (Field::Classification, self.classification != now.classification),
            (Field::Phase, self.phase != now.phase),
            (Field::RootCause, self.root_cause != now.root_cause),
            (Field::Snooze, self.snooze != now.snooze),
        ];
        let roles = Role::ALL.map(|role| (role.into(), self.roles.get(&role) != now.roles.get(&role)));
        one.into_iter().chain(roles).filter(|(_, changed)| *changed).map(|(field, _)| field).collect()
    }
}
