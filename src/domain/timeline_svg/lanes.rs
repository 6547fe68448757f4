//! What the picture shows and when, before anything is drawn.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use crate::domain::action::{Outcome, Settlement};
use crate::domain::deadline::DeadlineKind;
use crate::domain::incident::{Incident, SignalKeyText, key_text};
use crate::domain::phase::Phase;
use crate::domain::record::{
    BulletinAnswered, BulletinSeen, BulletinSettled, BulletinStarted, DeadlinePassed, Entry, Record,
    StepMissed, StepSent, Tied, UndoneWith,
};
use crate::domain::story;
use crate::domain::text::{Outside, SafeText};
use crate::domain::time::Time;

/// Signals and monitors that get a line of their own.
const BARS: usize = 8;
/// Cells of a label.
const LABEL: usize = 44;

/// What a mark stands for; each has a shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Response,
    Escalation,
    Action,
    Bulletin,
    Deadline,
}

impl Kind {
    pub(super) const ALL: [Self; 5] =
        [Self::Response, Self::Escalation, Self::Action, Self::Bulletin, Self::Deadline];

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Response => "Response",
            Self::Escalation => "Escalation",
            Self::Action => "Actions",
            Self::Bulletin => "Bulletins",
            Self::Deadline => "Missed",
        }
    }
}

/// One thing that happened at one time.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mark {
    pub(super) at: Time,
    pub(super) label: String,
    /// It failed, was missed, or is unknown.
    pub(super) bad: bool,
}

/// What was so for some time.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) spans: Vec<(Time, Option<Time>)>,
}

impl Bar {
    fn begin(&mut self, at: Time) {
        if self.spans.last().is_none_or(|(_, to)| to.is_some()) {
            self.spans.push((at, None));
        }
    }

    fn end(&mut self, at: Time) {
        if let Some((_, to @ None)) = self.spans.last_mut() {
            *to = Some(at);
        }
    }
}

/// Everything the picture shows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lanes {
    pub(super) from: Time,
    pub(super) to: Time,
    /// The response is over at `to`.
    pub(super) over: bool,
    pub(super) phases: Vec<(Phase, Time, Time)>,
    pub(super) bars: Vec<Bar>,
    /// Signals and monitors without a line.
    pub(super) more_bars: usize,
    pub(super) marks: BTreeMap<Kind, Vec<Mark>>,
    /// The first acknowledgement.
    pub(super) acknowledged: Option<Time>,
    /// Marks after the end of the response.
    pub(super) later: usize,
}

impl Lanes {
    pub(super) fn of(incident: &Incident, records: &[Record]) -> Self {
        let from = incident.opened_at;
        let ended = incident.phases.windows(2).rev().find_map(|pair| match pair {
            [(was, _), (is, at)] if was.is_open() && !is.is_open() => Some(*at),
            _ => None,
        });
        let over = !incident.phase.is_open();
        let to = ended.filter(|_| over).unwrap_or(incident.moved_at).max(from + TimeDelta::minutes(1));
        let mut bars = bars(records);
        let more_bars = bars.len().saturating_sub(BARS);
        bars.truncate(BARS);
        let (mut marks, mut later) = (BTreeMap::<Kind, Vec<Mark>>::new(), 0);
        for record in records {
            match mark(record, incident) {
                Some(_) if record.at > to => later += 1,
                Some((kind, label, bad)) => {
                    let label = SafeText::display(&label).clip(LABEL);
                    marks.entry(kind).or_default().push(Mark { at: record.at, label, bad });
                }
                None => {}
            }
        }
        let phases = phases(incident, to);
        let acknowledged = incident.milestones.acknowledged.filter(|at| *at <= to);
        Self { from, to, over, phases, bars, more_bars, marks, acknowledged, later }
    }
}

fn phases(incident: &Incident, to: Time) -> Vec<(Phase, Time, Time)> {
    let ends = incident.phases.iter().skip(1).map(|(_, at)| *at).chain([to]);
    let bands = incident.phases.iter().zip(ends).map(|((phase, from), end)| (*phase, *from, end.min(to)));
    bands.filter(|(_, from, end)| from < end).collect()
}

fn bars(records: &[Record]) -> Vec<Bar> {
    let mut order = Vec::new();
    let mut bars: BTreeMap<String, Bar> = BTreeMap::new();
    let mut of = |key: String, label: Option<&Outside>, turn: &dyn Fn(&mut Bar)| {
        if !bars.contains_key(&key) {
            order.push(key.clone());
        }
        let bar = bars.entry(key).or_default();
        if let Some(label) = label {
            bar.label = label.safe().clip(LABEL);
        }
        turn(bar);
    };
    for record in records {
        let at = record.at;
        match &record.entry {
            Entry::Opened(opening) => {
                if let Some(signal) = &opening.signal {
                    of(key_text(&signal.key), Some(&signal.title), &|bar| bar.begin(at));
                }
            }
            Entry::SignalJoined(signal) => {
                of(key_text(&signal.key), Some(&signal.title), &|bar| bar.begin(at));
            }
            Entry::Tied(tied) => {
                for (key, signal) in tied.came().filter(|(_, signal)| signal.cleared.is_none()) {
                    of(key.clone(), Some(&signal.title), &|bar| bar.begin(at));
                }
                for key in gone(tied, records) {
                    of(key.clone(), None, &|bar| bar.end(at));
                }
            }
            Entry::SignalReturned { key } => of(key_text(key), None, &|bar| bar.begin(at)),
            Entry::SignalCleared { key, .. } => of(key_text(key), None, &|bar| bar.end(at)),
            Entry::MonitorTurned { monitor, up, .. } => {
                let label = Outside::new(format!("monitor {monitor}"));
                of(format!("\0{monitor}"), Some(&label), &|bar| {
                    if *up { bar.end(at) } else { bar.begin(at) }
                });
            }
            _ => {}
        }
    }
    order.into_iter().filter_map(|key| bars.remove(&key)).filter(|bar| !bar.spans.is_empty()).collect()
}

/// The signals that left with what a person said of two incidents.
fn gone<'a>(tied: &'a Tied, records: &'a [Record]) -> Vec<&'a SignalKeyText> {
    let brought = |record: &'a Record| match &record.entry {
        Entry::Tied(earlier @ Tied::TookIn { .. }) if earlier.other() == tied.other() => Some(earlier),
        _ => None,
    };
    match tied {
        Tied::Linked { went, .. } => went.iter().collect(),
        Tied::LetGo { .. } => {
            records.iter().filter_map(brought).flat_map(Tied::came).map(|(key, _)| key).collect()
        }
        _ => Vec::new(),
    }
}

/// What a record is a mark of, its label, and whether it is bad; `None` for what the picture leaves out.
fn mark(record: &Record, incident: &Incident) -> Option<(Kind, String, bool)> {
    let who = story::who(record);
    let what = |id: &u32| {
        let plan = incident.actions.get(id).map(|action| story::what(&action.plan));
        format!("{id} {}", plan.unwrap_or_default())
    };
    Some(match &record.entry {
        Entry::Acknowledged { .. } => (Kind::Response, format!("{who} acknowledged"), false),
        Entry::AckExpired { owner } => (Kind::Response, format!("acknowledgement of {owner} expired"), true),
        Entry::HandedBack { .. } => (Kind::Response, format!("{who} handed it back"), true),
        Entry::Snoozed(_) => (Kind::Response, format!("{who} snoozed it"), false),
        Entry::SnoozeEnded(_) => (Kind::Response, "awake".to_owned(), false),
        Entry::SeveritySet { severity, .. } => {
            (Kind::Response, format!("severity {}", severity.word()), false)
        }
        Entry::Mitigated { .. } => (Kind::Response, "mitigated".to_owned(), false),
        Entry::HealthTurned { healthy: true, .. } => (Kind::Response, "healthy".to_owned(), false),
        Entry::HealthTurned { healthy: false, .. } => (Kind::Response, "not healthy".to_owned(), true),
        Entry::Tied(tied) => {
            (Kind::Response, story::sentence(record, Some(incident)).1, matches!(tied, Tied::CameOut { .. }))
        }
        Entry::Closed { reason, .. } => (Kind::Response, reason.word().to_owned(), false),
        Entry::StepSent(StepSent { path, step, receipts }) => {
            let to: Vec<&str> = receipts.iter().map(|receipt| receipt.channel.as_str()).collect();
            let bad = receipts.iter().all(|receipt| !receipt.accepted);
            (Kind::Escalation, format!("{path} {step}: {}", to.join(", ")), bad)
        }
        Entry::StepMissed(StepMissed { path, step }) => {
            (Kind::Escalation, format!("{path} {step} missed"), true)
        }
        Entry::Answered { action, outcome, .. } => match outcome {
            // The read-back says what it came to.
            Outcome::Accepted if incident.actions.get(action).is_some_and(|a| a.plan.verify.is_some()) => {
                return None;
            }
            Outcome::Accepted => (Kind::Action, format!("{} accepted", what(action)), false),
            Outcome::Refused => (Kind::Action, format!("{} refused", what(action)), true),
            Outcome::NotSent => (Kind::Action, format!("{} not sent", what(action)), true),
            Outcome::Unknown => (Kind::Action, format!("{} unknown", what(action)), true),
        },
        Entry::Settled { action, settlement, .. } => match settlement {
            Settlement::Verified => (Kind::Action, format!("{} verified", what(action)), false),
            Settlement::NotDone => (Kind::Action, format!("{} not done", what(action)), true),
            Settlement::ByHand => (Kind::Action, format!("{} settled by hand", what(action)), false),
            Settlement::NotVerified => (Kind::Action, format!("{} not verified", what(action)), true),
        },
        Entry::UndoneWith(UndoneWith { action, .. }) => {
            (Kind::Action, format!("{} undone", what(action)), false)
        }
        Entry::BulletinStarted(BulletinStarted { number, bulletin, .. }) => {
            let (audience, status) = (bulletin.audience.word(), bulletin.status.word());
            (Kind::Bulletin, format!("{number} to {audience}: {status}"), false)
        }
        Entry::BulletinAnswered(BulletinAnswered { number, channel, outcome, .. })
            if *outcome != Outcome::Accepted =>
        {
            (Kind::Bulletin, format!("{number} on {channel}: not accepted"), true)
        }
        Entry::BulletinSettled(BulletinSettled { number, channel, posted, .. }) => {
            let word = if *posted { "posted" } else { "not posted" };
            (Kind::Bulletin, format!("{number} on {channel}: {word}"), !posted)
        }
        Entry::BulletinSeen(BulletinSeen { number, channel, visible: false, .. }) => {
            (Kind::Bulletin, format!("{number} on {channel}: not visible"), true)
        }
        Entry::DeadlinePassed(DeadlinePassed { deadline, name, .. }) => {
            let kind = if *deadline == DeadlineKind::Ack { "acknowledgement" } else { deadline.word() };
            (Kind::Deadline, format!("{kind} {name}"), true)
        }
        _ => return None,
    })
}
