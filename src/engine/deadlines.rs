//! What is due, decided each second by the holder of the lease: a pure list of things to do, then doing them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::due::{Due, notice};
use super::intake::{Seen, closes_itself};
use super::restless::Restless;
use super::setup::Setup;
use super::telling::FollowedUp;
use super::{Engine, duties, escalations};
use crate::domain::deadline::DeadlineKind;
use crate::domain::freshness::{SourceState, SourceStatus};
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::monitor::MonitorStatus;
use crate::domain::notice::{Notice, NoticeKind, is_told_again};
use crate::domain::operator::Actor;
use crate::domain::record::{CloseReason, DeadlinePassed, DeadlineSet, Entry, SnoozeEnded};
use crate::domain::severity::Severity;
use crate::domain::sight::{blind, tells_of_unread, unread, unread_since};
use crate::domain::snooze::Worse;
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time, clock_minute};
use crate::ledger::Draft;

/// How long after one notice of being blind the next one waits.
const BLIND_AGAIN: Span = Span::mins(10);

/// What those that are configured now have answered.
pub(super) struct Watched {
    /// When each source and monitor answered last.
    pub(super) seen: Seen,
    /// What is known of each source.
    pub(super) sources: Vec<SourceStatus>,
    /// What is known of each monitor.
    pub(super) monitors: Vec<MonitorStatus>,
}

/// Everything that is due now.
pub(super) fn due(setup: &Setup, incidents: &[Arc<Incident>], watched: &Watched, now: Time) -> Vec<Due> {
    let mut out = Vec::new();
    for incident in incidents {
        let mut note = |entries: Vec<Entry>| out.push(Due::Note(incident.id.clone(), entries));
        if incident.phase.is_open() {
            of_acknowledgement(setup, incident, now).into_iter().for_each(&mut note);
            if closes_itself(incident, setup, &watched.seen, now) {
                note(vec![Entry::Closed { reason: CloseReason::Cleared, note: None }]);
                continue;
            }
            let worse = of_severity(incident);
            let told = worse.is_some();
            worse.into_iter().for_each(&mut note);
            of_snooze(incident, told, now).into_iter().for_each(&mut note);
        }
    }
    escalations::due(setup, incidents, now, &mut out);
    duties::due(setup, incidents, watched, now, &mut out);
    out
}

fn of_acknowledgement(setup: &Setup, incident: &Incident, now: Time) -> Vec<Vec<Entry>> {
    let mut out = Vec::new();
    if let Some(due) = ack_due_sooner(setup, incident, now) {
        let title = Outside::new("acknowledge it");
        out.push(vec![Entry::DeadlineSet(DeadlineSet {
            deadline: DeadlineKind::Ack,
            name: String::new(),
            title,
            due,
        })]);
    }
    if let Some(due) = incident.ack_due().filter(|due| *due <= now)
        && !incident.passed.contains_key(&DeadlineKind::Ack)
    {
        let passed = DeadlinePassed { deadline: DeadlineKind::Ack, name: String::new(), due };
        // Where it is told again by then anyway, that says so. That counts from when it became critical, as this does.
        let given = setup.ack.due(incident.severity, now).map(|at| at - now);
        let again = setup.repeat.zip(given).is_some_and(|(every, given)| given >= every.delta());
        let told = (is_told_again(incident, now) && !again).then(|| unanswered(incident, due));
        out.push([Entry::DeadlinePassed(passed)].into_iter().chain(told).collect());
    }
    if let Some(owner) = incident.owner.as_ref().filter(|owner| owner.until <= now) {
        let text =
            format!("{} held {} and did nothing for {} min", owner.name, incident.id, owner.lasts_s / 60);
        out.push(vec![
            Entry::AckExpired { owner: owner.name.clone() },
            notice(NoticeKind::AckExpired, incident, text),
        ]);
    }
    out
}

/// Nobody took what is critical in time. When somebody is paged for it stands in its row: by hand it may be any moment.
fn unanswered(incident: &Incident, due: Time) -> Entry {
    let title = incident.title().raw();
    let text = format!("nobody took {} by {}: {title}", incident.id, clock_minute(due));
    notice(NoticeKind::Escalation, incident, text)
}

/// What became worse is to be acknowledged within what its severity allows, counted from now, when that is sooner.
fn ack_due_sooner(setup: &Setup, incident: &Incident, now: Time) -> Option<Time> {
    let waits = !incident.is_acked() && incident.cleared_at.is_none();
    let due = setup.ack.due(incident.severity, now).filter(|_| waits)?;
    incident.ack_due.is_none_or(|known| known > due).then_some(due)
}

/// Every critical has its notice, and so has a source that says it is worse than a person said.
fn of_severity(incident: &Incident) -> Option<Vec<Entry>> {
    if incident.rose
        && let Some(worse) = incident.worse_upstream()
    {
        let text = format!("its source says {}: {}", worse.word(), incident.title().raw());
        return Some(vec![notice(NoticeKind::Upgraded, incident, text)]);
    }
    let told =
        incident.noticed.iter().any(|kind| matches!(kind, NoticeKind::NewCritical | NoticeKind::Upgraded));
    if incident.severity != Severity::Critical || told {
        return None;
    }
    let opened_so = incident.opening.severity == Severity::Critical;
    let kind = if opened_so { NoticeKind::NewCritical } else { NoticeKind::Upgraded };
    Some(vec![notice(kind, incident, incident.title().raw().to_owned())])
}

/// What was put off wakes when its time is over or it got worse, and says so where nothing else does.
fn of_snooze(incident: &Incident, told: bool, now: Time) -> Option<Vec<Entry>> {
    let snooze = incident.snooze.as_deref().filter(|_| !incident.is_snoozed(now))?;
    let because = snooze.worse.clone();
    let told = told || because.as_ref().is_some_and(Worse::is_told);
    let why = because.as_ref().map_or_else(|| "its snooze is over".to_owned(), Worse::words);
    let text = format!("{why}: {}", incident.title().raw());
    let mut out = vec![Entry::SnoozeEnded(SnoozeEnded { because })];
    // Who put it off is told even where somebody holds it, and whoever holds it need not be.
    let to = incident.is_acked().then(|| snooze.by.clone());
    let text = Outside::new(text);
    let awake = Notice { to, ..Notice::new(NoticeKind::Awake, Some(incident.id.clone()), text) };
    out.extend((!told).then_some(Entry::NoticeRaised(awake)));
    Some(out)
}

/// What the holder remembers of what it saw.
pub(super) struct Sight {
    /// Since when this process asks.
    began: Time,
    /// This time of being blind was told.
    blind: bool,
    /// When that was told last.
    told: Option<Time>,
    /// The versions at which nothing was known that those who were paged on a path do not know, and until when that holds
    /// where some of them did not take what they were told.
    looked: BTreeMap<(IncidentId, String), (u64, Option<Time>)>,
    /// What it has to look at.
    pub(super) restless: Restless,
}

impl Engine {
    /// Does everything that is due now.
    pub(super) async fn keep_deadlines(&self, sight: &mut Sight) {
        let now = self.now();
        let (incidents, all) = {
            let view = self.0.mirror.read();
            let all = cfg!(debug_assertions).then(|| view.incidents.values().cloned().collect::<Vec<_>>());
            (sight.restless.wake(&view, now), all)
        };
        let (mut notes, mut steps, mut follow_ups) = (Vec::new(), Vec::new(), Vec::new());
        let mut held = Vec::new();
        let drafts = |id: &IncidentId, entries: Vec<Entry>| {
            entries.into_iter().map(|entry| self.by_engine(id, entry)).collect()
        };
        let watched = self.watched();
        let due = due(&self.0.setup, &incidents, &watched, now);
        if let Some(all) = all {
            debug_assert_eq!(due, self::due(&self.0.setup, &all, &watched, now), "what rests is due");
        }
        sight.restless.rest(&self.0.setup, &incidents, &due);
        for due in due {
            match due {
                Due::Note(id, entries) => notes.push(drafts(&id, entries)),
                Due::Step(id, path, step) => steps.push((id, path, step)),
                Due::Missed(id, path, step, entries) => {
                    if let Some(lock) = self.lock_step(&id, &path, step) {
                        notes.push(drafts(&id, entries));
                        held.push(lock);
                    }
                }
                Due::FollowUp(id, path, version) => {
                    let looked = sight.looked.get(&(id.clone(), path.clone()));
                    let rests = |(at, until): &(u64, Option<Time>)| {
                        *at == version && until.is_none_or(|until| until > now)
                    };
                    if !looked.is_some_and(rests) {
                        follow_ups.push((id, path, version));
                    }
                }
            }
        }
        // What pages people comes before what is only written down.
        let sends = steps.into_iter().map(|(id, path, step)| self.send_step_in_background(id, path, step));
        futures_util::future::join_all(sends).await;
        self.note_all(notes).await;
        drop(held);
        for (id, path, version) in follow_ups {
            if let FollowedUp::NothingToSay { until } = self.follow_up_in_background(&id, &path).await {
                sight.looked.insert((id, path), (version, until));
            }
        }
        sight.looked.retain(|(id, _), _| self.find(id).is_some());
        self.watch_sight(sight, now).await;
        self.repeat_notices(&incidents, now).await;
        self.0.mirror.forget_old(&incidents, now);
    }

    /// What each configured source and monitor answered last.
    pub(super) fn watched(&self) -> Watched {
        let names = self.0.adapters.sources.iter().map(|source| source.name().to_owned());
        let names = names.chain(self.0.setup.watches.iter().map(|watch| watch.name.clone()));
        let mut seen: Seen = names.map(|name| (name, None)).collect();
        let view = self.0.mirror.read();
        for status in view.sources.iter().chain(view.monitors.iter().map(|monitor| &monitor.source)) {
            if let Some(as_of) = seen.get_mut(&status.name) {
                // Who misses its watchdog has answered, and seen nothing.
                *as_of = status.as_of.filter(|_| status.watchdog_missing.is_empty());
            }
        }
        Watched { seen, sources: view.sources.clone(), monitors: view.monitors.clone() }
    }

    /// What is known of going blind when this process begins to ask: a notice that no answer has followed still holds.
    pub(super) fn sight(&self) -> Sight {
        let view = self.0.mirror.read();
        let mut all = view.notices.iter().rev().filter(|(.., it)| it.kind == NoticeKind::Blind);
        let told = all.find(|(.., notice)| !tells_of_unread(notice)).map(|(_, at, _)| *at);
        let seen = view.watched().filter_map(|status| status.as_of).max();
        Sight {
            began: self.now(),
            blind: told.is_some() && told > seen,
            told,
            looked: BTreeMap::new(),
            restless: Restless::default(),
        }
    }

    /// Going blind is a notice, once each time; soon after the last one only if it lasts: the banner shows it at once,
    /// and what comes and goes with every poll would ring with every poll. So is a monitor that is not read for long,
    /// while others are. What others left behind is not judged before it was asked again.
    async fn watch_sight(&self, sight: &mut Sight, now: Time) {
        let (blind, unread) = {
            let view = self.0.mirror.read();
            let asked = |status: &SourceStatus| {
                status.next_poll.is_some_and(|at| at > sight.began) && status.state(now) != SourceState::Never
            };
            if !view.watched().all(asked) {
                return;
            }
            (blind(&view.sources, &view.monitors, now), turned_unread(&view.monitors, &view.unseen, now))
        };
        let Some(text) = blind else {
            sight.blind = false;
            let (turns, text) = unread;
            if !turns.is_empty() {
                self.note_sight(turns.into_iter().chain(text.map(raised)), now).await;
            }
            return;
        };
        let again = sight.told.is_none_or(|told| (now - told).abs() >= BLIND_AGAIN.delta());
        if !sight.blind && again {
            self.note_sight([raised(text)], now).await;
            (sight.blind, sight.told) = (true, Some(now));
        }
    }

    async fn note_sight(&self, entries: impl IntoIterator<Item = Entry>, now: Time) {
        let draft = |entry| Draft::console(Actor::Engine, now, entry);
        self.note(entries.into_iter().map(draft).collect()).await;
    }
}

fn raised(text: String) -> Entry {
    Entry::NoticeRaised(Notice::new(NoticeKind::Blind, None, Outside::new(text)))
}

/// The turns of monitors that nobody was told of, with what is to be told of them, and of those that are read again.
/// A notice names few of many: their turns are written down with it, so that the next holder tells none of them again and
/// each of the others once.
fn turned_unread(
    monitors: &[MonitorStatus],
    turned: &BTreeMap<String, (SourceState, Time)>,
    now: Time,
) -> (Vec<Entry>, Option<String>) {
    // Of one that was read since, however shortly, nobody was told yet.
    let holds =
        |it: &&MonitorStatus| turned.get(&it.source.name).is_some_and(|(_, at)| Some(*at) > unread_since(it));
    let told: BTreeSet<String> = monitors.iter().filter(holds).map(|it| it.source.name.clone()).collect();
    let (fresh, text) = unread(monitors, &told, now).unzip();
    let fresh = fresh.unwrap_or_default();
    let turn = |it: &MonitorStatus| {
        let (status, to) = (&it.source, it.source.state(now));
        let from = match turned.get(&status.name) {
            Some((from, _)) if to.sees() => *from,
            _ if fresh.contains(&status.name) => {
                status.as_of.map_or(SourceState::Never, |_| SourceState::Live)
            }
            _ => return None,
        };
        let fault = status.fault.clone().filter(|_| !to.sees());
        Some(Entry::SourceTurned { source: status.name.clone(), from, to, fault })
    };
    (monitors.iter().filter_map(turn).collect(), text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::opening::Opening;
    use crate::domain::operator::Operator;
    use crate::domain::record::{FORMAT, Record};

    fn record(second: u64, by: Actor, entry: Entry) -> Record {
        let (at, incident) = (Time::UNIX_EPOCH + Span::secs(second).delta(), Some(IncidentId::new("ANA", 1)));
        Record { v: FORMAT, on: None, seq: 1, at, by, incident, entry }
    }

    #[test]
    fn what_becomes_worse_is_to_be_acknowledged_within_what_its_severity_allows() {
        let setup = Setup::default();
        let at = |second| Time::UNIX_EPOCH + Span::secs(second).delta();
        let opening = serde_json::json!({
            "title": "slow", "severity": "normal", "unmapped": false, "category": "outage", "service": "",
            "group": null, "signal": null, "because": "", "labels": {}, "ack_due": null, "recurrence_of": null,
        });
        let opening: Opening = serde_json::from_value(opening).unwrap();
        let mut incident =
            Incident::open(&record(0, Actor::Engine, Entry::Opened(Box::new(opening)))).unwrap();
        let mut rises = |second, severity| {
            let ana = Actor::Person(Operator::new("ana", "bastion"));
            let because = Some(Outside::new("it is worse"));
            incident.apply(&record(second, ana, Entry::SeveritySet { severity, because })).unwrap();
            for entry in of_acknowledgement(&setup, &incident, at(second)).into_iter().flatten() {
                incident.apply(&record(second, Actor::Engine, entry)).unwrap();
            }
            assert_eq!(ack_due_sooner(&setup, &incident, at(second + 1)), None, "once is enough");
            incident.ack_due()
        };
        assert_eq!(rises(10, Severity::Normal), None);
        assert_eq!(rises(20, Severity::High), Some(at(20 + 900)));
        assert_eq!(rises(120, Severity::Critical), Some(at(120 + 300)));
    }
}
