//! How an incident is put off, and what wakes it.

use super::{Illegal, Incident, illegal};
use crate::domain::escalation::Stopped;
use crate::domain::record::{Entry, Record, SnoozeEnded, Snoozed, Tied};
use crate::domain::severity::Severity;
use crate::domain::snooze::{NEEDS_REASON, Snooze, Worse};
use crate::domain::text::Outside;
use crate::domain::time::Time;

/// Records of earlier formats did not tell where it was let go.
const SAYS_WHERE_SINCE: u32 = 4;

/// What must not get worse while somebody looks elsewhere.
#[derive(PartialEq)]
pub(super) struct Calm {
    severity: Severity,
    worst: Option<Severity>,
    firing: usize,
    held: bool,
    unknown: bool,
    unanswered: usize,
}

impl Calm {
    /// As it is now; `None` while it is not put off.
    pub(super) fn of(incident: &Incident) -> Option<Self> {
        incident.is_put_off().then(|| Self::now(incident))
    }

    fn now(incident: &Incident) -> Self {
        Self {
            severity: incident.severity,
            worst: incident.worst_firing(),
            firing: incident.firing(),
            // What has cleared needs nobody.
            held: incident.is_acked() || incident.cleared_at.is_some(),
            unknown: incident.has_unknown(),
            unanswered: incident.unanswered(),
        }
    }
}

impl Incident {
    /// Whether it is put off at this moment: it stands at the end of Triage, and what was said of it is not said again.
    pub fn is_snoozed(&self, at: Time) -> bool {
        self.is_put_off() && self.snooze.as_ref().is_some_and(|snooze| at < snooze.until)
    }

    /// Whether it was put off, and nothing that is written down has woken it.
    pub fn is_put_off(&self) -> bool {
        self.snooze.as_ref().is_some_and(|snooze| snooze.worse.is_none())
    }

    /// What would have woken it, had it been put off when it was at this version: who puts it off now has not seen that.
    /// And the version these records lead to.
    ///
    /// # Errors
    /// The records are not those of an incident.
    pub fn worse_since<'a>(
        records: impl IntoIterator<Item = &'a Record>,
        seen: u64,
    ) -> Result<(u64, Option<Worse>), Illegal> {
        let mut incident: Option<Self> = None;
        let mut found = None;
        for record in records {
            let Some(known) = &mut incident else {
                incident = Some(Self::open(record)?);
                continue;
            };
            let (was, unseen) = (Calm::now(known), known.version >= seen);
            known.apply(record)?;
            let worse = unseen.then(|| worse(&was, &Calm::now(known), record)).flatten();
            found = found.or(worse);
        }
        Ok((incident.map_or(0, |incident| incident.version), found))
    }

    /// How often nobody answered, here or at its sources.
    fn unanswered(&self) -> usize {
        let here = self.escalations.iter().filter(|path| path.stopped == Some(Stopped::Exhausted)).count();
        let there = self.signals.values().filter(|signal| signal.is_exhausted()).count();
        self.milestones.steps_missed + here + there
    }

    pub(super) fn apply_snooze(&mut self, record: &Record) -> Result<(), Illegal> {
        match &record.entry {
            Entry::Snoozed(Snoozed { until, because }) => {
                let Some(by) = record.by.person() else { return illegal("only a person snoozes it") };
                if !self.phase.is_open() {
                    return illegal(format!("it is in {}: there is nothing to snooze", self.phase.title()));
                }
                if *until <= record.at {
                    return illegal("the time until which it is snoozed is over already");
                }
                if self.severity == Severity::Critical && because.as_ref().is_none_or(Outside::is_blank) {
                    return illegal(NEEDS_REASON);
                }
                let (by, because) = (by.to_owned(), because.clone());
                let snooze = Snooze { by, since: record.at, until: *until, because, worse: None };
                self.snooze = Some(Box::new(snooze));
            }
            Entry::SnoozeEnded(SnoozeEnded { because }) => {
                let Some(snooze) = &self.snooze else { return illegal("it is not snoozed") };
                match record.by.person() {
                    Some(_) if because.is_some() => {
                        return illegal("a person wakes it for no reason but theirs");
                    }
                    None if *because != snooze.worse => return illegal("it did not get worse in that way"),
                    None if because.is_none() && record.at < snooze.until => {
                        return illegal("its snooze is not over");
                    }
                    _ => {}
                }
                self.snooze = None;
            }
            _ => {}
        }
        Ok(())
    }

    /// What got worse with a record wakes it at once; what is over is not put off.
    pub(super) fn wake(&mut self, was: Option<&Calm>, record: &Record) {
        if !self.phase.is_open() {
            self.snooze = None;
        }
        let worse = was.zip(Calm::of(self)).and_then(|(was, now)| worse(was, &now, record));
        if let (Some(snooze), Some(worse)) = (&mut self.snooze, worse) {
            snooze.worse = Some(worse);
        }
    }
}

fn worse(was: &Calm, now: &Calm, record: &Record) -> Option<Worse> {
    let entry = &record.entry;
    let worst = now.worst.max(Some(now.severity));
    if now.severity > was.severity || (now.worst > was.worst && worst > Some(was.severity)) {
        return worst.map(Worse::Severity);
    }
    if matches!(entry, Entry::SignalReturned { .. }) {
        return Some(Worse::FiresAgain);
    }
    // Whatever it was that burned apart, it burns here now.
    let came = matches!(entry, Entry::Tied(Tied::TookIn { .. }));
    let here =
        record.v < SAYS_WHERE_SINCE || matches!(entry, Entry::AckExpired { .. } | Entry::HandedBack { .. });
    let let_go = if here { Worse::NobodyHoldsIt } else { Worse::LetGoThere };
    let all = [
        (came || now.firing > was.firing, Worse::NewSignal),
        (now.unknown && !was.unknown, Worse::Unknown),
        (now.unanswered > was.unanswered, Worse::NobodyAnswers),
        (was.held && !now.held, let_go),
    ];
    all.into_iter().find_map(|(so, worse)| so.then_some(worse))
}
