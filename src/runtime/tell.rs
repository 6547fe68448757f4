//! Notices reach the operator: the bell at once, then the first rung that takes them; a storm or a backlog as one.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::TimeDelta;
use tokio::task::JoinHandle;

use super::effects::Caller;
use super::writer::Writer;
use crate::console::message::Message;
use crate::domain::notice::{Notice, NoticeKind};
use crate::domain::text::Outside;
use crate::domain::time::Time;
use crate::notify::storm::{Storm, Verdict};
use crate::notify::terminal::BELL;
use crate::notify::{Ladder, Popup};
use crate::os::spawn;

/// The backlog is told after this even if a source has not answered.
const BACKLOG: TimeDelta = TimeDelta::seconds(10);

/// A notice the operator has not been told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Untold {
    /// Its sequence number, if the ledger knows it.
    pub seq: Option<u64>,
    /// What it says.
    pub notice: Notice,
    /// Somebody is looking: no popup.
    pub watched: bool,
}

/// Tells the operator.
pub(super) struct Teller {
    ladder: Arc<Ladder>,
    caller: Caller,
    writer: Writer,
    storm: Storm,
    gate: Gate,
}

impl Teller {
    /// Begins at `now`, with the backlog still open.
    pub fn new(ladder: Ladder, caller: Caller, writer: Writer, now: Time) -> Self {
        Self {
            ladder: Arc::new(ladder),
            caller,
            writer,
            storm: Storm::default(),
            gate: Gate::Open { until: now + BACKLOG, backlog: Vec::new() },
        }
    }

    /// Tells of a notice, or keeps it with the backlog.
    pub fn tell(&mut self, now: Time, untold: Untold) {
        if let Some(untold) = self.gate.pass(untold) {
            self.one(now, &untold);
        }
    }

    /// Time has passed, or the engine has spoken; `answered` says that every source has been asked by now. What was
    /// found at the start and still `matters` is told as one, and so is what a storm held back.
    pub fn go_on(&mut self, now: Time, answered: bool, matters: impl Fn(&Notice) -> bool) {
        let mut backlog = self.gate.close(now, answered, matters);
        if backlog.len() > 1 {
            let popup = (!backlog.iter().any(|untold| untold.watched)).then(|| summary(&backlog));
            let seqs = backlog.into_iter().filter_map(|untold| untold.seq).collect();
            self.deliver(now, seqs, popup);
        } else if let Some(only) = backlog.pop() {
            self.one(now, &only);
        }
        if let Some(held) = self.storm.summary(now) {
            self.deliver(now, Vec::new(), Some(Popup::of_many(held)));
        }
        self.ring(now);
    }

    /// Hands a text to the clipboard of the person's terminal.
    pub fn copy(&self, text: &str) {
        self.writer.beside(self.ladder.clipboard(text));
    }

    fn one(&mut self, now: Time, untold: &Untold) {
        let popup = Popup::of(&untold.notice);
        let told = self.storm.take(now, popup.critical) == Verdict::Tell;
        self.deliver(now, untold.seq.into_iter().collect(), (told && !untold.watched).then_some(popup));
    }

    fn ring(&mut self, now: Time) {
        if self.storm.rings(now) {
            self.writer.beside(vec![BELL]);
        }
    }

    /// Rings, as soon as the last bell is long enough ago, and shows a popup, if there is one.
    fn deliver(&mut self, now: Time, seqs: Vec<u64>, popup: Option<Popup>) {
        self.storm.owe_bell();
        self.ring(now);
        let mut how = vec!["bell"];
        let (ladder, writer, caller) = (self.ladder.clone(), self.writer.clone(), self.caller.clone());
        let shown: JoinHandle<()> = spawn::task("tell", async move {
            if let Some(popup) = popup {
                let delivery = ladder.deliver(&popup).await;
                if !delivery.bytes.is_empty() {
                    writer.beside(delivery.bytes);
                }
                if let Some(fault) = delivery.failed {
                    tracing::warn!(fault = %fault.detail.safe(), "the desktop did not take a notification");
                    how.push("no desktop");
                }
                how.extend(delivery.by);
            }
            let how = how.join(", ");
            for notice in seqs {
                caller.told(notice, &how).await;
            }
        });
        drop(shown);
    }
}

impl Caller {
    /// Writes down, and says on the screen, how the operator was told.
    async fn told(&self, notice: u64, how: &str) {
        let console = self.operator.console();
        if let Err(refusal) = self.backend.delivered(&self.operator, notice, &console, how).await {
            tracing::warn!(%refusal, notice, "a delivery was not written down");
        }
        self.answers.send(Message::NoticeShown { notice, how: how.to_owned() }).await.ok();
    }
}

/// Keeps together what was burning before this console began.
#[derive(Debug, PartialEq, Eq)]
enum Gate {
    /// Not every source has been asked; what comes is backlog.
    Open { until: Time, backlog: Vec<Untold> },
    /// What comes is new.
    Closed,
}

impl Gate {
    /// Gives the notice back if it is new.
    fn pass(&mut self, untold: Untold) -> Option<Untold> {
        match self {
            Self::Open { backlog, .. } => {
                backlog.push(untold);
                None
            }
            Self::Closed => Some(untold),
        }
    }

    /// Gives out, once, what of the backlog still `matters`.
    fn close(&mut self, now: Time, answered: bool, matters: impl Fn(&Notice) -> bool) -> Vec<Untold> {
        match self {
            Self::Open { until, backlog } if answered || now >= *until => {
                let mut backlog = std::mem::take(backlog);
                *self = Self::Closed;
                backlog.retain(|untold| matters(&untold.notice));
                backlog
            }
            _ => Vec::new(),
        }
    }
}

/// Several notices in one popup.
fn summary(backlog: &[Untold]) -> Popup {
    let (critical, others): (Vec<&Untold>, Vec<&Untold>) = backlog
        .iter()
        .partition(|untold| matches!(untold.notice.kind, NoticeKind::NewCritical | NoticeKind::Upgraded));
    // One that was raised and raised again is one incident.
    let critical: BTreeSet<_> = critical.iter().map(|untold| untold.notice.incident.as_ref()).collect();
    let (criticals, others) = (critical.len(), others.len());
    let text = |count: usize, one: &str, many: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{count} {many}")),
    };
    let parts = [
        text(criticals, "critical incident is open", "critical incidents are open"),
        text(others, "other notice", "other notices"),
    ];
    let title = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    Popup {
        title: Outside::new(title).safe(),
        body: Outside::new("since before this console began").safe(),
        critical: criticals > 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::IncidentId;

    fn untold(seq: u64, kind: NoticeKind) -> Untold {
        let incident = (kind != NoticeKind::Blind).then(|| IncidentId::new("INC", seq));
        Untold { seq: Some(seq), notice: Notice { kind, incident, text: Outside::new("x") }, watched: false }
    }

    #[test]
    fn what_was_burning_before_is_given_out_once_and_together() {
        let start = Time::UNIX_EPOCH;
        let mut gate = Gate::Open { until: start + BACKLOG, backlog: Vec::new() };
        assert_eq!(gate.pass(untold(1, NoticeKind::NewCritical)), None);
        assert_eq!(gate.pass(untold(2, NoticeKind::NewCritical)), None);
        assert_eq!(gate.close(start + TimeDelta::seconds(9), false, |_| true), []);
        assert_eq!(gate.close(start + TimeDelta::seconds(9), true, |_| true).len(), 2);
        assert_eq!(gate.pass(untold(3, NoticeKind::NewCritical)).and_then(|untold| untold.seq), Some(3));
        assert_eq!(gate.close(start + TimeDelta::seconds(20), true, |_| true), []);
    }

    #[test]
    fn a_source_that_never_answers_does_not_keep_the_backlog() {
        let mut gate = Gate::Open { until: Time::UNIX_EPOCH, backlog: vec![untold(1, NoticeKind::Blind)] };
        assert_eq!(gate.close(Time::UNIX_EPOCH, false, |_| true).len(), 1);
    }

    #[test]
    fn what_was_settled_meanwhile_is_not_told() {
        let backlog = (1..=10).map(|seq| untold(seq, NoticeKind::NewCritical)).collect();
        let mut gate = Gate::Open { until: Time::UNIX_EPOCH, backlog };
        let closed = [Some(IncidentId::new("INC", 3)), Some(IncidentId::new("INC", 7))];
        let open = gate.close(Time::UNIX_EPOCH, true, |notice| !closed.contains(&notice.incident));
        assert_eq!(summary(&open).title.to_string(), "8 critical incidents are open");
    }

    #[test]
    fn an_incident_raised_twice_is_counted_once() {
        let again = Untold { seq: Some(2), ..untold(1, NoticeKind::Upgraded) };
        let title = summary(&[untold(1, NoticeKind::NewCritical), again]).title.to_string();
        assert_eq!(title, "1 critical incident is open");
    }

    #[test]
    fn several_notices_are_one_sentence() {
        let mut backlog = vec![untold(1, NoticeKind::NewCritical), untold(2, NoticeKind::Upgraded)];
        assert_eq!(summary(&backlog).title.to_string(), "2 critical incidents are open");
        backlog.push(untold(3, NoticeKind::AckExpired));
        assert_eq!(summary(&backlog).title.to_string(), "2 critical incidents are open, 1 other notice");
        assert!(summary(&backlog).critical);
        assert!(!summary(&[untold(3, NoticeKind::AckExpired)]).critical);
    }
}
