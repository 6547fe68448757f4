//! The hand-over card: what the next person on watch must know, incident by incident.

mod beliefs;
mod page;
mod quiet;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::action::{Action, ActionId, Contained, Stage, Verb};
use super::bulletin::{Audience, Status};
use super::deadline::{Deadline, DeadlineKind};
use super::escalation::Stopped;
use super::freshness::{SourceState, SourceStatus};
use super::id::IncidentId;
use super::incident::{Incident, Owner};
use super::monitor::MonitorStatus;
use super::phase::Phase;
use super::rank;
use super::record::{CloseReason, Record};
use super::role::Role;
use super::severity::Severity;
use super::signal::Signal;
use super::snooze::Snooze;
use super::story;
use super::text::{Outside, named, some_of};
use super::time::Time;
use super::upstream::Silence;
use beliefs::Beliefs;

pub use beliefs::{Denied, hypothesis};

/// So many monitors that are not up are named.
const NAMED: usize = 5;

/// What the next person on watch must know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Card {
    /// Since when.
    pub since: Time,
    /// As of when.
    pub now: Time,
    /// How many sources and monitors there are.
    pub watched: usize,
    /// The sources and monitors that are not LIVE, and the time of their data.
    pub blind: Vec<(String, SourceState, Option<Time>)>,
    /// How many monitors there are.
    #[serde(default)]
    pub monitors: usize,
    /// Those that are not up and should be, by name.
    #[serde(default)]
    pub not_up: Vec<String>,
    /// What still goes on, in rank order; those in Review come last.
    pub open: Vec<Open>,
    /// What ended since, the latest first.
    pub ended: Vec<Ended>,
}

/// An incident that is not closed, or whose action has an unknown outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Open {
    /// Its id.
    pub id: IncidentId,
    /// One line.
    pub title: Outside,
    /// How bad.
    pub severity: Severity,
    /// Those that were merged into it.
    pub merged_in: Vec<IncidentId>,
    /// Those it is linked with.
    pub linked: Vec<IncidentId>,
    /// Where the response stands.
    pub phase: Phase,
    /// Since when.
    pub phase_since: Time,
    /// Who holds it.
    pub owner: Option<Owner>,
    /// Who holds it at its sources, and at which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_at: Option<(Outside, String)>,
    /// When somebody must have acknowledged, while nobody has.
    pub ack_due: Option<Time>,
    /// Until when somebody put it off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snoozed: Option<Snooze>,
    /// Who plays which role.
    pub roles: Vec<(Role, Outside)>,
    /// It is critical, and nobody commands it.
    pub lacks_commander: bool,
    /// Who is affected, in words.
    pub impact: Option<Outside>,
    /// What its containments amount to.
    pub contained: Contained,
    /// Why nothing needs to be contained.
    pub nothing_to_contain: Option<Outside>,
    /// Containments that still hold, and silences made from here that have not ended.
    pub in_force: Vec<InForce>,
    /// The silences of others that keep its signals quiet at their sources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub silences: Vec<Silence>,
    /// What is believed: the last three notes that begin with "hypothesis:", newest first and without that word.
    /// None once the root cause is written.
    pub hypotheses: Vec<Outside>,
    /// What was believed and is not any more: the last three, newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ruled_out: Vec<Outside>,
    /// Why it happened, where that is written.
    pub root_cause: Option<Outside>,
    /// The last bulletin to each audience that may have been read.
    pub bulletins: Vec<LastBulletin>,
    /// What is due or overdue, the next one first.
    pub deadlines: Vec<Deadline>,
    /// Actions that are under way, being read back, or unknown.
    pub actions: Vec<Unfinished>,
    /// Paths that go on by themselves.
    pub escalations: Vec<NextStep>,
    /// Paths that have no step left while nobody holds it, and what became of their steps.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exhausted: Vec<(String, String)>,
}

/// A containment that holds, or a silence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InForce {
    /// Its number.
    pub action: ActionId,
    /// What it did to whom.
    pub what: String,
    /// Since when.
    pub since: Time,
    /// When it ends by itself.
    pub until: Option<Time>,
    /// Why it stays in force after the incident; `None` while nobody has decided.
    pub kept: Option<Outside>,
}

/// What an audience read last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastBulletin {
    /// To whom.
    pub audience: Audience,
    /// Its number.
    pub number: usize,
    /// What it said of the response.
    pub status: Status,
    /// When.
    pub at: Time,
    /// When the next one is due.
    pub next: Option<Time>,
}

/// An action that is not over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unfinished {
    /// Its number.
    pub action: ActionId,
    /// What it does to whom.
    pub what: String,
    /// Where it stands.
    pub stage: Stage,
    /// Since when.
    pub since: Time,
}

/// The step a path takes next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextStep {
    /// The path's id.
    pub path: String,
    /// From 1.
    pub step: u32,
    /// How many there are.
    pub steps: usize,
    /// The names of channels.
    pub to: Vec<String>,
    /// When.
    pub due: Time,
}

/// An incident that ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// Its id.
    pub id: IncidentId,
    /// One line.
    pub title: Outside,
    /// How bad.
    pub severity: Severity,
    /// Why it ended.
    pub reason: CloseReason,
    /// The one it goes on in.
    pub into: Option<IncidentId>,
    /// When.
    pub at: Time,
}

/// What a card is told of one incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// The incident.
    pub incident: Arc<Incident>,
    /// Its records, where it goes on.
    pub records: Vec<Record>,
    /// Its signals as their sources say them, where it goes on.
    pub signals: Vec<Signal>,
}

impl Card {
    /// The card of a watch from `since` to `now`, of incidents as they were `read_at` and of sources and monitors.
    pub fn of<'a>(
        accounts: &[Account],
        read_at: Time,
        sources: impl IntoIterator<Item = &'a SourceStatus>,
        since: Time,
        now: Time,
    ) -> Self {
        let goes_on = |it: &Incident| !it.is_closed() || it.has_unknown() || it.leaves_something(now);
        let mut open: Vec<_> = accounts.iter().filter(|account| goes_on(&account.incident)).collect();
        open.sort_by_key(|it| (!it.incident.is_on_triage(), rank::key(&it.incident, now)));
        // What is closed and goes on stands above.
        let over = |it: &&Account| !(it.incident.is_closed() && goes_on(&it.incident));
        let mut ended: Vec<Ended> =
            accounts.iter().filter(over).filter_map(|it| Ended::of(&it.incident)).collect();
        ended.retain(|ended| ended.at >= since);
        ended.sort_by_key(|ended| (std::cmp::Reverse(ended.at), ended.id.number()));
        let sources: Vec<&SourceStatus> = sources.into_iter().collect();
        let blind = sources.iter().map(|source| (source.name.clone(), source.state(now), source.as_of));
        Self {
            since,
            now,
            watched: sources.len(),
            blind: blind.filter(|(_, state, _)| *state != SourceState::Live).collect(),
            monitors: 0,
            not_up: Vec::new(),
            open: open.into_iter().map(|account| Open::of(account, read_at, &sources, now)).collect(),
            ended,
        }
    }

    /// The card with what these monitors found.
    #[must_use]
    pub fn watching(mut self, monitors: &[MonitorStatus]) -> Self {
        let not_up = monitors.iter().filter(|monitor| monitor.not_up());
        (self.monitors, self.not_up) = (monitors.len(), not_up.map(|it| it.source.name.clone()).collect());
        self
    }

    /// `2 of 5 monitors are not up: api, orders`, where some are not.
    pub fn failing(&self) -> Option<String> {
        let are = if self.not_up.len() == 1 { "is" } else { "are" };
        let names =
            named(self.not_up.iter().map(|name| Outside::new(name.as_str()).safe().to_string()), NAMED);
        let some = some_of(self.not_up.len(), self.monitors, "monitor");
        let said = format!("{some} {are} not up: {names}");
        (!self.not_up.is_empty()).then_some(said)
    }

    /// What still goes on; apart from it what only awaits its review, and what is closed and has left something to see to.
    pub fn parts(&self) -> [Vec<&Open>; 3] {
        let (open, rest): (Vec<_>, Vec<_>) =
            self.open.iter().partition(|open| open.phase < Phase::Review || open.has_unknown());
        let (review, closed) = rest.into_iter().partition(|open| !open.is_over());
        [open, review, closed]
    }

    /// `2 open, 1 in review, 0 ended`, and how many that are closed have left something, where some have.
    pub fn counted(&self) -> String {
        let [open, review, closed] = self.parts().map(|part| part.len());
        let closed =
            if closed > 0 { format!("{closed} closed with something left, ") } else { String::new() };
        format!("{open} open, {review} in review, {closed}{} ended", self.ended.len())
    }

    /// The card as a page.
    pub fn markdown(&self) -> String {
        page::markdown(self)
    }
}

impl Open {
    fn has_unknown(&self) -> bool {
        self.actions.iter().any(|action| action.stage == Stage::Unknown)
    }

    /// It is closed: what it left is all there is to say.
    pub fn is_over(&self) -> bool {
        self.phase == Phase::Closed && !self.has_unknown()
    }

    fn of(account: &Account, read_at: Time, sources: &[&SourceStatus], now: Time) -> Self {
        let Account { incident, records, signals } = account;
        let quiet = quiet::Quiet::of(incident, (signals, read_at), sources, now);
        let root_cause = incident.review.root_cause.clone();
        let beliefs = if root_cause.is_some() { Beliefs::default() } else { Beliefs::of(records) };
        let role = |role: Role| incident.role(role).map(|name| (role, name.clone()));
        let actions = incident.actions.values();
        Self {
            id: incident.id.clone(),
            title: incident.title().clone(),
            severity: incident.severity,
            merged_in: incident.taken_in.iter().map(|taken| taken.id.clone()).collect(),
            linked: incident.links.iter().cloned().collect(),
            phase: incident.phase,
            phase_since: incident.phases.last().map_or(incident.opened_at, |(_, since)| *since),
            owner: incident.owner.as_deref().cloned(),
            held_at: incident.held_at().map(|(by, source)| (by.clone(), source.to_owned())),
            ack_due: incident.ack_due(),
            snoozed: incident.snooze.as_deref().filter(|_| incident.is_snoozed(now)).cloned(),
            roles: Role::ALL.into_iter().filter_map(role).collect(),
            lacks_commander: incident.lacks_commander(),
            impact: incident.impact.as_ref().map(|impact| Outside::new(story::impact(impact))),
            contained: incident.contained(),
            nothing_to_contain: incident.nothing_to_contain.clone(),
            in_force: actions.clone().filter_map(|action| InForce::of(action, &quiet)).collect(),
            silences: quiet.others,
            hypotheses: beliefs.standing,
            ruled_out: beliefs.ruled_out,
            root_cause,
            bulletins: Audience::ALL.into_iter().filter_map(|to| LastBulletin::of(incident, to)).collect(),
            deadlines: incident.open_deadlines().into_iter().cloned().collect(),
            actions: actions.filter(|a| a.stage.is_open() || a.is_verifying()).map(Unfinished::of).collect(),
            escalations: next_steps(incident),
            exhausted: exhausted(incident),
        }
    }
}

impl InForce {
    fn of(action: &Action, quiet: &quiet::Quiet) -> Option<Self> {
        let silence = quiet.ours.get(&action.id).copied();
        if !action.is_in_force() && silence.is_none() {
            return None;
        }
        let until = silence.or_else(|| action.lasts_until());
        let what = story::what(&action.plan);
        Some(Self { action: action.id, what, since: action.at, until, kept: action.kept.clone() })
    }
}

impl Unfinished {
    fn of(action: &Action) -> Self {
        let what = match action.plan.verb {
            Verb::Contain { .. } => format!("contain {}", story::what(&action.plan)),
            _ => story::what(&action.plan),
        };
        Self { action: action.id, what, stage: action.stage, since: action.moved_at }
    }
}

impl LastBulletin {
    fn of(incident: &Incident, audience: Audience) -> Option<Self> {
        let last = incident.last_bulletin(audience)?;
        let number = incident.bulletins.iter().position(|sent| std::ptr::eq(sent, last))? + 1;
        let due = incident.deadline(DeadlineKind::Bulletin, audience.word()).filter(|set| set.is_open());
        let status = last.bulletin.status;
        let next = due.map(|set| set.due).or(last.bulletin.next_at).filter(|_| status != Status::Resolved);
        Some(Self { audience, number, status, at: last.at, next })
    }
}

impl Ended {
    fn of(incident: &Incident) -> Option<Self> {
        let (reason, at) = incident.closed?;
        let (id, title) = (incident.id.clone(), incident.title().clone());
        let into = incident.merged.as_ref().map(|merged| merged.into.clone());
        Some(Self { id, title, severity: incident.severity, reason, into, at })
    }
}

fn exhausted(incident: &Incident) -> Vec<(String, String)> {
    let paths = incident.escalations.iter().filter(|path| path.stopped == Some(Stopped::Exhausted));
    let paths = paths.filter(|_| incident.phase.is_open() && !incident.is_acked());
    paths.map(|path| (path.path.clone(), path.tally())).collect()
}

fn next_steps(incident: &Incident) -> Vec<NextStep> {
    let next = incident.escalations.iter().filter_map(|escalation| {
        let (step, armed) = escalation.next()?;
        let (path, steps) = (escalation.path.clone(), escalation.steps.len());
        Some(NextStep { path, step, steps, to: armed.to.clone(), due: armed.due })
    });
    let mut next: Vec<NextStep> = next.collect();
    next.sort_by_key(|step| step.due);
    next
}
