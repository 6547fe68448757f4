//! What an incident says of itself.

use super::{Incident, Joined, row};
use crate::domain::action::{Action, Contained, Stage};
use crate::domain::deadline::Deadline;
use crate::domain::escalation::{Escalation, Stopped};
use crate::domain::phase::Phase;
use crate::domain::query::{Asker, Query};
use crate::domain::role::Role;
use crate::domain::severity::Severity;
use crate::domain::text::Outside;
use crate::domain::time::Time;

impl Incident {
    /// One line.
    pub fn title(&self) -> &Outside {
        &self.opening.title
    }

    /// Whether somebody is paged for it by itself: on a path of ours, on that of what covers it, or by its source.
    pub fn is_paged_for(&self) -> bool {
        let covered =
            |it: &Escalation| self.owner.is_none() && matches!(it.stopped, Some(Stopped::CoveredBy(_)));
        let here = self.escalations.iter().any(|it| it.next().is_some() || covered(it));
        here || self.paged_upstream() && self.held_upstream().is_none()
    }

    /// What is said of it where it is put off: that paging goes on, or that nothing pages.
    pub fn paged_words(&self) -> &'static str {
        if self.is_paged_for() { "it is still paged for" } else { "nobody is paged for it by itself" }
    }

    /// Whether it is over.
    pub fn is_closed(&self) -> bool {
        self.phase == Phase::Closed
    }

    /// Whether it stands on Triage.
    pub fn is_on_triage(&self) -> bool {
        self.phase.is_open() || self.has_unknown()
    }

    /// Whether something about it still goes on, or may, whatever its phase: as [`over_at`](Self::over_at), but for times
    /// that somebody has to compare with the clock.
    pub fn is_alive(&self) -> bool {
        self.goes_on() || self.actions.values().any(Action::can_be_released)
    }

    /// When it moved last, or the last of what holds was over by its own time, whichever is later. `None` while something goes
    /// on, or holds until somebody takes it back.
    pub fn over_at(&self) -> Option<Time> {
        let mut held = self.actions.values().filter(|action| action.can_be_released());
        let over = held.try_fold(self.moved_at, |over, action| Some(over.max(action.lasts_until()?)));
        over.filter(|_| !self.goes_on())
    }

    /// A signal fires, an action is open, or something is still due.
    fn goes_on(&self) -> bool {
        !self.is_closed()
            || self.firing() > 0
            || self.actions.values().any(|action| action.stage.is_open())
            || self.deadlines.iter().any(Deadline::is_open)
    }

    /// Whether something is left to see to when it is closed: something is due, or a containment does not end by itself.
    pub fn leaves_something(&self, now: Time) -> bool {
        let holds =
            |action: &Action| action.is_in_force() && action.lasts_until().is_none_or(|end| end > now);
        self.deadlines.iter().any(Deadline::is_open) || self.actions.values().any(holds)
    }

    /// Whether an action's outcome is unknown.
    pub fn has_unknown(&self) -> bool {
        self.actions.values().any(|action| action.stage == Stage::Unknown)
    }

    /// Who leads the response.
    pub fn lead(&self) -> Option<&Outside> {
        self.role(Role::Lead)
    }

    /// Who plays a role.
    pub fn role(&self, role: Role) -> Option<&Outside> {
        self.roles.get(&role).map(|held| &held.name)
    }

    /// It is critical, and nobody commands it.
    pub fn lacks_commander(&self) -> bool {
        self.severity == Severity::Critical
            && self.phase.is_open()
            && !self.roles.contains_key(&Role::Commander)
    }

    /// What its containments amount to.
    pub fn contained(&self) -> Contained {
        Contained::of(self.actions.values())
    }

    /// How many of its signals fire.
    pub fn firing(&self) -> usize {
        self.signals.values().filter(|signal| signal.cleared.is_none()).count()
    }

    /// Its signals that come from this source.
    pub fn signals_from<'a>(&'a self, source: &'a str) -> impl Iterator<Item = &'a Joined> {
        let is_of = move |key: &str| key.split_once('\0').is_some_and(|(name, _)| name == source);
        self.signals.iter().filter(move |(key, _)| is_of(key)).map(|(_, signal)| signal.as_ref())
    }

    /// No rule knew the severity of a firing signal, and no person has said it.
    pub fn is_unmapped(&self) -> bool {
        !self.severity_set && self.signals.values().any(|signal| signal.cleared.is_none() && signal.unmapped)
    }

    /// Whether a person, a source or a rule said how bad it is: whoever differs says why.
    pub fn is_severity_said(&self) -> bool {
        self.severity_set || !self.is_unmapped()
    }

    /// Whether a person, or what opened it, said what sort of trouble it is.
    pub fn is_category_said(&self) -> bool {
        self.category_set || !self.signals.is_empty()
    }

    /// The word for the state of a firing signal at its source, where nothing says what that word means.
    pub fn unnamed_state(&self) -> Option<&Outside> {
        let mut firing = self.signals.values().filter(|signal| signal.cleared.is_none());
        firing.find_map(|signal| signal.unnamed_state())
    }

    /// The escalation that tells somebody next; when none does, the one that began last.
    pub fn escalation(&self) -> Option<&Escalation> {
        let running = self.escalations.iter().filter_map(|e| Some((e.next()?.1.due, e)));
        running.min_by_key(|(due, _)| *due).map(|(_, e)| e).or(self.escalations.last())
    }

    /// The escalation on one path.
    pub fn escalation_on(&self, path: &str) -> Option<&Escalation> {
        self.escalations.iter().find(|escalation| escalation.path == path)
    }

    /// Whether it is of this service; a monitor without one watches no incident.
    pub fn is_of_service(&self, service: &str) -> bool {
        !service.is_empty() && self.opening.service.raw() == service
    }

    /// Whether something about it was still to be done at that time or later, or held that can be taken back.
    pub fn was_open_since(&self, since: Time) -> bool {
        let held =
            |action: &Action| action.can_be_released() && action.lasts_until().is_none_or(|end| end > since);
        !self.is_closed()
            || self.actions.values().any(held)
            || self.has_unknown()
            || self.deadlines.iter().any(Deadline::is_open)
            || self.phases.last().is_none_or(|(_, closed)| *closed >= since)
    }

    /// The worst severity that a firing signal claims, when it is worse than what a person set.
    pub fn worse_upstream(&self) -> Option<Severity> {
        let worst = self.worst_firing()?;
        (self.severity_set && worst > self.severity).then_some(worst)
    }

    /// The sources of its signals, each once.
    pub fn sources(&self) -> Vec<&str> {
        let mut names: Vec<&str> =
            self.signals.keys().map(|key| key.split('\0').next().unwrap_or_default()).collect();
        names.dedup();
        names
    }

    /// The upstream ids of its signals.
    pub fn upstream(&self) -> Vec<&str> {
        self.signals.keys().filter_map(|key| key.split_once('\0').map(|(_, id)| id)).collect()
    }

    /// The different values its firing signals (all, when none fires) and its own labels give a label, with the
    /// signal's title.
    pub fn label_values(&self, key: &str) -> Vec<(Outside, &Outside)> {
        self.raw_label_values(key).into_iter().map(|(value, title)| (Outside::new(value), title)).collect()
    }

    /// The same as they came, for comparing and matching; never for showing.
    pub(super) fn raw_label_values(&self, key: &str) -> Vec<(&str, &Outside)> {
        let firing = self.firing() > 0;
        let joined = self.signals.values().filter(|s| !firing || s.cleared.is_none());
        let theirs = joined.filter_map(|s| Some((s.labels.raw_value(key)?, &s.title)));
        let own = self.opening.labels.get(key).map(|value| (value.raw(), self.title()));
        let mut out: Vec<(&str, &Outside)> = Vec::new();
        for (value, title) in theirs.chain(own) {
            if !out.iter().any(|(seen, _)| *seen == value) {
                out.push((value, title));
            }
        }
        out
    }

    /// Whether somebody holds it, here or wherever each of its signals comes from.
    pub fn is_acked(&self) -> bool {
        self.owner.is_some() || self.held_upstream().is_some()
    }

    /// Who holds it at its sources, where each of its firing signals is held.
    pub fn held_upstream(&self) -> Option<&Outside> {
        self.held_at().map(|(by, _)| by)
    }

    /// The same, with the source at which they do.
    pub fn held_at(&self) -> Option<(&Outside, &str)> {
        let mut firing = self.signals.iter().filter(|(_, signal)| signal.cleared.is_none());
        let (key, first) = firing.next()?;
        let held = (first.held_by()?, key.split('\0').next().unwrap_or_default());
        firing.all(|(_, signal)| signal.held_by().is_some()).then_some(held)
    }

    /// Whether a source pages people about it by a policy of its own.
    pub fn paged_upstream(&self) -> bool {
        self.signals.values().any(|signal| signal.cleared.is_none() && signal.policy().is_some())
    }

    /// When somebody must have acknowledged, while nobody has.
    pub fn ack_due(&self) -> Option<Time> {
        self.ack_due.filter(|_| !self.is_acked() && self.phase.is_open())
    }

    /// Whether somebody who looks for something with a query means it, given whether its row is stale.
    pub fn is_found(&self, query: &Query, asker: &Asker<'_>, stale: bool) -> bool {
        query.finds(&row::Row { incident: self, stale }, asker)
    }

    /// About how many bytes [`is_found`](Self::is_found) may look through.
    pub fn said_bytes(&self) -> usize {
        let signals: usize = self.signals.values().map(|signal| signal.labels.bytes()).sum();
        let opening = self.opening.labels.values().map(|value| value.raw().len()).sum::<usize>();
        let told: usize = self.filled.values().map(|filled| filled.value.raw().len()).sum();
        self.title().raw().len() + signals + opening + told
    }

    /// Whether somebody who writes a query means it, given whether its row is stale.
    pub fn is_meant(&self, query: &Query, asker: &Asker<'_>, stale: bool) -> bool {
        query.means(&row::Row { incident: self, stale }, asker)
    }

    /// Whether a rule's query holds, given whether its row is stale.
    pub fn matches(&self, query: &Query, asker: &Asker<'_>, stale: bool) -> bool {
        query.matches(&row::Row { incident: self, stale }, asker)
    }
}
