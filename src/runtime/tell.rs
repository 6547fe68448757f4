//! Notices reach the operator: the bell, then the first rung that takes them; a storm or a backlog as one.

mod bell;
mod popups;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use futures_util::future::join;
use tokio::time::timeout;

use self::bell::{Bell, Rang};
use self::popups::{Closing, Popups};
use super::effects::Caller;
use super::writer::Writer;
use crate::console::message::Message;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::notice::{Notice, NoticeKind, WITHHELD};
use crate::domain::text::Outside;
use crate::domain::time::Time;
use crate::notify::desktop::Shown;
use crate::notify::pace::{Due, Pace, Verdict};
use crate::notify::{Delivery, Ladder, Place, Popup};
use crate::os::spawn;

/// The backlog is told after this even if a source has not answered.
const BACKLOG: TimeDelta = TimeDelta::seconds(10);
/// What the desktop shows is told, whether the bell rings within this or not.
const RINGS_WITHIN: Duration = Duration::from_secs(3);

/// A notice the operator has not been told of.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Untold {
    /// Its sequence number, if the ledger knows it.
    pub seq: Option<u64>,
    /// What it says.
    pub notice: Notice,
    /// Somebody is looking: no popup.
    pub watched: bool,
    /// It, or what it speaks of, is critical.
    pub critical: bool,
    /// The incident it speaks of, as it is now.
    pub about: Option<Arc<Incident>>,
}

/// Tells the operator.
pub(super) struct Teller {
    ladder: Arc<Ladder>,
    caller: Caller,
    writer: Writer,
    pace: Pace,
    bell: Bell,
    gate: Gate,
    popups: Popups,
    /// What was told, and written down: where the bell rang for what a storm held back, that was told already.
    told: Arc<Mutex<BTreeSet<u64>>>,
}

/// What is to be shown, and how whoever watches it hears that it is over.
struct Showing {
    popup: Popup,
    closing: Option<Closing>,
}

impl From<Popup> for Showing {
    fn from(popup: Popup) -> Self {
        Self { popup, closing: None }
    }
}

impl Teller {
    /// Begins at `now`, with the backlog still open.
    pub fn new(ladder: Ladder, caller: Caller, writer: Writer, now: Time) -> Self {
        let ladder = Arc::new(ladder);
        Self {
            pace: Pace::new(ladder.quiet().cloned()),
            bell: Bell::new(ladder.clone(), writer.clone()),
            ladder,
            caller,
            writer,
            gate: Gate::Open { until: now + BACKLOG, backlog: Vec::new() },
            popups: Popups::default(),
            told: Arc::default(),
        }
    }

    /// Tells of a notice, or keeps it with the backlog.
    pub fn tell(&mut self, now: Time, untold: Untold) {
        if let Some(untold) = self.gate.pass(untold) {
            self.one(now, &untold);
        }
    }

    /// Time has passed, or the engine has spoken; `answered` says whether every source has been asked by now, and is asked
    /// only while that counts: it may look at every incident. What was found at the start and still `matters` is told as
    /// one, and so is what a storm or the quiet hours held back. Popups of what does not matter any more are closed.
    /// `about` finds an incident as it is now.
    pub fn go_on(
        &mut self,
        now: Time,
        answered: impl Fn() -> bool,
        matters: impl Fn(&Notice) -> bool,
        about: impl Fn(&IncidentId) -> Option<Arc<Incident>>,
    ) {
        self.popups.settle(&matters);
        self.bell.settle(&matters);
        let mut backlog = self.gate.close(now, answered, &matters);
        if backlog.len() > 1 {
            self.several(now, &backlog);
        } else if let Some(only) = backlog.pop() {
            self.one(now, &only);
        }
        for due in self.pace.due(now, matters) {
            let (seqs, told, showing) = match due {
                Due::Held { only: Some(notice), seqs, .. } => {
                    let about = notice.incident.as_ref().and_then(&about);
                    let critical = notice.is_critical(about.as_deref());
                    (seqs, vec![notice.clone()], self.showing(&notice, about.as_deref(), critical))
                }
                Due::Held { count, seqs, .. } => (seqs, Vec::new(), Popup::of_many(count).into()),
                Due::Withheld { popup, seqs } => (seqs, Vec::new(), popup.into()),
            };
            self.deliver(now, seqs, told, Some(showing));
        }
        self.bell.ring(&mut self.pace, now);
    }

    /// Hands a text to the clipboard of the person's terminal.
    pub fn copy(&self, text: &str) {
        self.writer.beside(self.ladder.clipboard(text));
    }

    /// Says, in the place of a popup whose button was pressed, that it did nothing.
    pub fn refuse(&mut self, id: IncidentId, why: String) {
        self.popups.forget(&id);
        let title = Outside::new(format!("NOT ACKNOWLEDGED {id}")).safe();
        let place = Some(Place { incident: id, waits: true });
        let popup = Popup { place, ..Popup::plain(title, Outside::new(why).safe()) };
        let ladder = self.ladder.clone();
        drop(spawn::task("refuse", async move {
            // Where it was pressed, it can be shown.
            drop(ladder.deliver(&popup).await);
        }));
    }

    /// Takes every popup away: nobody is left whom their buttons would reach.
    pub async fn end(&self) {
        self.ladder.close_all().await;
    }

    fn one(&mut self, now: Time, untold: &Untold) {
        let (seqs, told): (Vec<u64>, _) = (untold.seq.into_iter().collect(), vec![untold.notice.clone()]);
        match self.pace.take_shown(now, untold.seq, &untold.notice, untold.critical, !untold.watched) {
            Verdict::Withhold => self.withhold(seqs),
            Verdict::Tell if !untold.watched => {
                let showing = self.showing(&untold.notice, untold.about.as_deref(), untold.critical);
                self.deliver(now, seqs, told, Some(showing));
            }
            Verdict::Tell | Verdict::Hold => self.deliver(now, seqs, told, None),
        }
    }

    fn showing(&mut self, notice: &Notice, about: Option<&Incident>, critical: bool) -> Showing {
        let popup = Popup { critical, ..Popup::of(notice, about, self.ladder.detail()) };
        let closing = popup.acknowledges.then(|| self.popups.open(notice)).flatten();
        Showing { popup, closing }
    }

    /// Tells several as one; those for which nobody is woken now are withheld by themselves.
    fn several(&mut self, now: Time, backlog: &[Untold]) {
        let aloud = |untold: &&Untold| !self.pace.is_quiet(now, untold.critical);
        let (told, withheld): (Vec<&Untold>, Vec<&Untold>) = backlog.iter().partition(aloud);
        for untold in withheld {
            self.one(now, untold);
        }
        if !told.is_empty() {
            let watched = told.iter().any(|untold| untold.watched);
            let seqs = told.iter().filter_map(|untold| untold.seq).collect();
            let notices = told.iter().map(|untold| untold.notice.clone()).collect();
            self.deliver(now, seqs, notices, (!watched).then(|| summary(&told).into()));
        }
    }

    /// Leaves these to the banner, and writes down why.
    fn withhold(&self, seqs: Vec<u64>) {
        let caller = self.caller.clone();
        drop(spawn::task("withhold", async move { caller.told_all(seqs, WITHHELD).await }));
    }

    /// Tells these: rings, as soon as the last bell is long enough ago, and shows a popup, if there is one. What the terminal was given
    /// counts once it has taken it: a link that stalls may end with all of it.
    fn deliver(&mut self, now: Time, seqs: Vec<u64>, told: Vec<Notice>, showing: Option<Showing>) {
        let bell = self.bell.owe(&mut self.pace, told);
        self.bell.ring(&mut self.pace, now);
        let (ladder, writer, caller) = (self.ladder.clone(), self.writer.clone(), self.caller.clone());
        let known = self.told.clone();
        drop(spawn::task("tell", async move {
            let delivery = match &showing {
                Some(showing) => ladder.deliver(&showing.popup).await,
                None => Delivery::default(),
            };
            let Delivery { asked, failed, shown, late } = delivery;
            if let Some(fault) = &failed {
                tracing::warn!(fault = %fault.detail.safe(), "the desktop did not take a notification");
            }
            let (failed, on_desktop) = (failed.is_some(), shown.is_some());
            let told = async {
                let asked = async {
                    let (by, bytes) = asked?;
                    writer.told(bytes).await.then_some(by)
                };
                let rang = async {
                    match on_desktop {
                        true => timeout(RINGS_WITHIN, bell).await.ok()?.ok(),
                        false => bell.await.ok(),
                    }
                };
                let (rang, asked) = join(rang, asked).await;
                let how = [
                    rang.map(|rang| if rang == Rang::Aloud { "bell" } else { "no bell" }),
                    failed.then_some("no desktop"),
                    on_desktop.then_some("desktop"),
                    asked,
                ];
                let how = how.into_iter().flatten().collect::<Vec<_>>().join(", ");
                if rang == Some(Rang::Aloud) || on_desktop || asked.is_some() {
                    let news = {
                        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
                        seqs.into_iter().filter(|seq| known.insert(*seq)).collect()
                    };
                    caller.told_all(news, &how).await;
                } else if rang.is_some() {
                    // Nobody heard of it: the next console tells it again.
                    caller.shown_all(seqs, &how).await;
                }
            };
            let watched = async {
                let Showing { popup, closing } = showing?;
                let (closing, Place { incident, .. }) = closing.zip(popup.place)?;
                let shown = match late {
                    Some(late) => late.shown().await,
                    None => shown,
                };
                caller.watch(&ladder, shown?, closing, incident).await;
                Some(())
            };
            // Nothing of what the desktop says waits for the ledger.
            join(told, watched).await;
        }));
    }
}

impl Caller {
    /// Waits until the button of a popup is pressed, and until it is over: not every server takes away what was pressed.
    /// It reads what the desktop says all that time, or every popup would wait for this one.
    async fn watch(&self, ladder: &Ladder, mut shown: Shown, mut closing: Closing, id: IncidentId) {
        let mut pressed = false;
        let over = loop {
            tokio::select! {
                over = &mut closing => break over,
                again = shown.pressed() => {
                    if !again {
                        return;
                    }
                    if !std::mem::replace(&mut pressed, true) {
                        self.answers.send(Message::PopupPressed(id.clone())).await.ok();
                    }
                }
            }
        };
        if over.is_ok() {
            ladder.close(shown).await;
        }
    }

    async fn told_all(&self, notices: Vec<u64>, how: &str) {
        for notice in notices {
            self.told(notice, how).await;
        }
    }

    /// Writes down, and says on the screen, how the operator was told.
    async fn told(&self, notice: u64, how: &str) {
        let console = self.operator.console();
        if let Err(refusal) = self.backend.delivered(&self.operator, notice, &console, how).await {
            tracing::warn!(%refusal, notice, "a delivery was not written down");
        }
        self.shown_all(vec![notice], how).await;
    }

    /// Says on the screen how the operator was told.
    async fn shown_all(&self, notices: Vec<u64>, how: &str) {
        for notice in notices {
            self.answers.send(Message::NoticeShown { notice, how: how.to_owned() }).await.ok();
        }
    }
}

/// Keeps together what was burning before this console began.
#[derive(Debug, PartialEq)]
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
    fn close(
        &mut self,
        now: Time,
        answered: impl Fn() -> bool,
        matters: impl Fn(&Notice) -> bool,
    ) -> Vec<Untold> {
        match self {
            Self::Open { until, backlog } if now >= *until || answered() => {
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
fn summary(backlog: &[&Untold]) -> Popup {
    let (critical, others): (Vec<&Untold>, Vec<&Untold>) =
        backlog.iter().partition(|untold| is_about_a_critical(untold.notice.kind));
    // An incident with several notices counts once.
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
    let body = Outside::new("since before this console began").safe();
    Popup { critical: criticals > 0, ..Popup::plain(Outside::new(title).safe(), body) }
}

fn is_about_a_critical(kind: NoticeKind) -> bool {
    matches!(kind, NoticeKind::NewCritical | NoticeKind::Upgraded | NoticeKind::Unacknowledged)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::IncidentId;

    fn untold(seq: u64, kind: NoticeKind) -> Untold {
        let incident = (kind != NoticeKind::Blind).then(|| IncidentId::new("INC", seq));
        let notice = Notice::new(kind, incident, Outside::new("x"));
        Untold { seq: Some(seq), notice, watched: false, critical: kind.is_critical(), about: None }
    }

    #[test]
    fn what_was_burning_before_is_given_out_once_and_together() {
        let start = Time::UNIX_EPOCH;
        let mut gate = Gate::Open { until: start + BACKLOG, backlog: Vec::new() };
        assert_eq!(gate.pass(untold(1, NoticeKind::NewCritical)), None);
        assert_eq!(gate.pass(untold(2, NoticeKind::NewCritical)), None);
        assert_eq!(gate.close(start + TimeDelta::seconds(9), || false, |_| true), []);
        assert_eq!(gate.close(start + TimeDelta::seconds(9), || true, |_| true).len(), 2);
        assert_eq!(gate.pass(untold(3, NoticeKind::NewCritical)).and_then(|untold| untold.seq), Some(3));
        let asked_for_nothing = || unreachable!("what comes is new, whoever was asked");
        assert_eq!(gate.close(start + TimeDelta::seconds(20), asked_for_nothing, |_| true), []);
    }

    #[test]
    fn a_source_that_never_answers_does_not_keep_the_backlog() {
        let mut gate = Gate::Open { until: Time::UNIX_EPOCH, backlog: vec![untold(1, NoticeKind::Blind)] };
        assert_eq!(gate.close(Time::UNIX_EPOCH, || false, |_| true).len(), 1);
    }

    #[test]
    fn what_was_settled_meanwhile_is_not_told() {
        let backlog = (1..=10).map(|seq| untold(seq, NoticeKind::NewCritical)).collect();
        let mut gate = Gate::Open { until: Time::UNIX_EPOCH, backlog };
        let closed = [Some(IncidentId::new("INC", 3)), Some(IncidentId::new("INC", 7))];
        let open = gate.close(Time::UNIX_EPOCH, || true, |notice| !closed.contains(&notice.incident));
        assert_eq!(
            summary(&open.iter().collect::<Vec<_>>()).title.to_string(),
            "8 critical incidents are open"
        );
    }

    #[test]
    fn an_incident_raised_twice_is_counted_once() {
        let again = Untold { seq: Some(2), ..untold(1, NoticeKind::Upgraded) };
        let title = summary(&[&untold(1, NoticeKind::NewCritical), &again]).title.to_string();
        assert_eq!(title, "1 critical incident is open");
    }

    #[test]
    fn several_notices_are_one_sentence() {
        let all = [(1, NoticeKind::NewCritical), (2, NoticeKind::Upgraded), (3, NoticeKind::AckExpired)];
        let all = all.map(|(seq, kind)| untold(seq, kind));
        let mut backlog = vec![&all[0], &all[1]];
        assert_eq!(summary(&backlog).title.to_string(), "2 critical incidents are open");
        backlog.push(&all[2]);
        assert_eq!(summary(&backlog).title.to_string(), "2 critical incidents are open, 1 other notice");
        assert!(summary(&backlog).critical);
        assert!(!summary(&[&all[2]]).critical);
    }
}
