//! Notices beyond the consoles: what is critical is told again until somebody holds it, and the program of the operator
//! hears of everything, from the holder of the lease alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use super::Engine;
use crate::domain::fault::Fault;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::notice::{FAILED, Notice, NoticeKind, PROGRAM, WITHHELD, is_noticed, is_told_again};
use crate::domain::operator::Actor;
use crate::domain::record::Entry;
use crate::domain::sensitive::HIDDEN;
use crate::domain::sight::{blind, still_holds};
use crate::domain::text::{Outside, named};
use crate::domain::time::{Span, Time};
use crate::ledger::Draft;
use crate::notify::pace::{Due, Pace, Verdict};
use crate::notify::{Detail, Popup};
use crate::os::spawn;

/// So often an incident is told again at most; by then others were paged, or nobody listens.
const MOST: u64 = 12;
/// How many incidents are named when several are told again at once.
const NAMED: usize = 3;
/// A notice this old is no news to a program that has not heard of it.
const RECENT: Span = Span::mins(10);
/// The backlog is told after this even if a source was not read.
const BACKLOG: Span = Span::secs(10);
/// Before a program that failed is run once more.
const TRY_AGAIN: [Duration; 2] = [Duration::from_secs(5), Duration::from_secs(20)];

fn is_program(console: &str) -> bool {
    console == PROGRAM
}

/// A notice, where it stands in the ledger and since when.
type Raised = (u64, Time, Notice);

/// What is told again now, if anything: one notice for all that nobody has acknowledged for so long. Others are part of
/// it, and all begin to wait anew: however many there are, it is at most one notice in that time.
fn again<'a>(
    every: Span,
    raised: impl Iterator<Item = &'a Raised>,
    incidents: impl Iterator<Item = &'a Incident>,
    now: Time,
) -> Option<Notice> {
    let (mut last, mut news) = (None, BTreeMap::new());
    // What was said at a time that is far ahead was said before the clock was set back: it silences nobody.
    for (_, at, notice) in raised.filter(|(_, at, _)| *at < now + every.delta()) {
        match &notice.incident {
            _ if notice.kind == NoticeKind::Unacknowledged => last = last.max(Some(*at)),
            Some(of) if notice.is_settled_by_acknowledging() => drop(news.insert(of, *at)),
            _ => {}
        }
    }
    let due = |since: Time| since + every.delta();
    if last.is_some_and(|last| now < due(last)) {
        return None;
    }
    let most = every.delta() * i32::try_from(MOST + 1).unwrap_or(i32::MAX);
    let opened = |incident: &Incident| Some(incident.opened_at).filter(|at| *at < now + every.delta());
    let since = |incident: &Incident| {
        let known = news.get(&incident.id).copied().or_else(|| opened(incident));
        known.unwrap_or(now - every.delta())
    };
    let waiting: Vec<&Incident> =
        incidents.filter(|it| is_told_again(it, now) && now < since(it) + most).collect();
    if !waiting.iter().any(|incident| now >= due(since(incident))) {
        return None;
    }
    let minutes = |incident: &Incident| (now - incident.opened_at).num_minutes().max(0);
    let (incident, text) = match waiting.as_slice() {
        [one] => {
            let (id, title) = (&one.id, one.title().raw());
            (Some(id.clone()), format!("{id} waits for somebody since {} min: {title}", minutes(one)))
        }
        several => {
            let named = named(several.iter().map(|it| it.id.to_string()), NAMED);
            (None, format!("{} critical incidents wait for somebody: {named}", several.len()))
        }
    };
    Some(Notice::new(NoticeKind::Unacknowledged, incident, Outside::new(text)))
}

/// What the program was not told of yet.
pub(super) struct Outbox {
    pace: Pace,
    /// Since when this holder keeps watch.
    begun: Time,
    /// The last notice that was looked at; `None` before the first look, at which several are told as one.
    seen: Option<u64>,
    /// Before the program is run once more.
    pub(super) pauses: [Duration; 2],
}

impl Engine {
    /// What a program that was told nothing by this process yet may have to hear.
    pub(super) fn outbox(&self) -> Outbox {
        let pace = Pace::new(self.0.setup.quiet.clone());
        Outbox { pace, begun: self.now(), seen: None, pauses: TRY_AGAIN }
    }

    /// Raises a notice once more for what of these nobody has acknowledged for too long.
    pub(super) async fn repeat_notices(&self, among: &[Arc<Incident>], now: Time) {
        let Some(every) = self.0.setup.repeat else { return };
        let notice = {
            let view = self.0.mirror.read();
            let as_they_are = among.iter().filter_map(|it| view.incidents.get(&it.id));
            again(every, view.notices.iter(), as_they_are.map(AsRef::as_ref), now)
        };
        let Some(notice) = notice else { return };
        let draft = |id: &IncidentId| self.by_engine(id, Entry::NoticeRaised(notice.clone()));
        let alone = || Draft::console(Actor::Engine, now, Entry::NoticeRaised(notice.clone()));
        self.note(vec![notice.incident.as_ref().map_or_else(alone, draft)]).await;
    }

    /// Has the program hear of what was raised since the last look.
    pub(super) async fn tell_program(&self, outbox: &mut Outbox, now: Time) {
        if self.0.adapters.exec.is_none() {
            return;
        }
        let first = outbox.seen.is_none();
        if first && !self.knows_the_backlog(outbox.begun, now) {
            return;
        }
        let (fresh, last) = self.unheard(outbox, now);
        outbox.seen = Some(last);
        let is_quiet = |it: &Raised| outbox.pace.is_quiet(now, self.is_critical(&it.2));
        let (quiet, fresh): (Vec<Raised>, Vec<Raised>) = fresh.into_iter().partition(is_quiet);
        for (seq, _, notice) in &quiet {
            // It is told when the quiet hours end.
            outbox.pace.take(now, Some(*seq), notice, self.is_critical(notice));
        }
        let quiet = {
            let view = self.0.mirror.read();
            quiet.iter().map(|(seq, ..)| *seq).filter(|seq| !view.is_withheld(*seq, is_program)).collect()
        };
        if first && fresh.len() > 1 {
            let count = fresh.len();
            let title = Outside::new(format!("{count} notices wait for somebody")).safe();
            let body = Outside::new("since before quell kept watch here").safe();
            let popup = Popup { critical: true, ..Popup::plain(title, body) };
            self.run_program(outbox.pauses, fresh.iter().map(|(seq, ..)| *seq).collect(), popup);
        } else {
            for (seq, _, notice) in fresh {
                let critical = self.is_critical(&notice);
                if outbox.pace.take(now, Some(seq), &notice, critical) == Verdict::Tell {
                    let popup = Popup { critical, ..self.popup_for_all(notice).await };
                    self.run_program(outbox.pauses, vec![seq], popup);
                }
            }
        }
        for due in outbox.pace.due(now, |notice| self.still_asks(notice, now)) {
            let (seqs, popup) = match due {
                Due::Held { only: Some(notice), seqs, .. } => {
                    let critical = self.is_critical(&notice);
                    (seqs, Popup { critical, ..self.popup_for_all(notice).await })
                }
                Due::Held { count, seqs, .. } => (seqs, Popup::of_many(count)),
                Due::Withheld { popup, seqs } => (seqs, popup),
            };
            self.run_program(outbox.pauses, seqs, popup);
        }
        // Last: whoever is told now does not wait for a ledger that cannot be written.
        self.note_told(quiet, WITHHELD).await;
    }

    /// Whether what burned before this holder `begun` has been raised by now: every source was read since, or it has
    /// waited for them for long enough.
    fn knows_the_backlog(&self, begun: Time, now: Time) -> bool {
        let view = self.0.mirror.read();
        let read =
            |name: &str| view.sources.iter().any(|source| source.name == name && source.as_of >= Some(begun));
        !(begun..begun + BACKLOG.delta()).contains(&now)
            || self.0.adapters.sources.iter().all(|source| read(source.name()))
                && view.incidents.values().all(|incident| is_noticed(incident))
    }

    /// Whether a notice breaks through what mutes others: by what it says, or by how bad that is of which it speaks.
    fn is_critical(&self, notice: &Notice) -> bool {
        let about = notice.incident.as_ref().and_then(|id| self.find(id));
        notice.is_critical(about.as_deref())
    }

    /// The notices that came since the last look, of which the program has not heard and that still ask for somebody;
    /// and the last there was at that moment.
    fn unheard(&self, outbox: &Outbox, now: Time) -> (Vec<Raised>, u64) {
        let (fresh, last): (Vec<Raised>, u64) = {
            // Before the mirror: what has been heard meanwhile stands there.
            let hearing = self.hearing().clone();
            let view = self.0.mirror.read();
            let heard = |seq: &u64| {
                hearing.contains(seq)
                    || view.told.get(seq).is_some_and(|by| by.iter().any(|it| it == PROGRAM))
            };
            let fresh = |(seq, at, _): &&Raised| {
                let is_news = now - *at < RECENT.delta() || view.is_withheld(*seq, is_program);
                outbox.seen.is_none_or(|seen| *seq > seen) && is_news && !heard(seq)
            };
            let last = view.notices.back().map_or(0, |(seq, ..)| *seq);
            (view.notices.iter().filter(fresh).cloned().collect(), last)
        };
        (fresh.into_iter().filter(|(.., notice)| self.still_asks(notice, now)).collect(), last)
    }

    /// Whether what a notice speaks of has neither ended nor found its owner.
    fn still_asks(&self, notice: &Notice, now: Time) -> bool {
        match &notice.incident {
            // It is one person's, at their console.
            _ if notice.to.is_some() => false,
            Some(id) => self.find(id).is_some_and(|incident| notice.still_asks(&incident, now)),
            None if notice.kind == NoticeKind::Unacknowledged => {
                self.0.mirror.read().incidents.values().any(|incident| is_told_again(incident, now))
            }
            None if notice.kind == NoticeKind::Blind => {
                let view = self.0.mirror.read();
                let blind = blind(&view.sources, &view.monitors, now).is_some();
                still_holds(notice, blind, &view.monitors, now)
            }
            None => true,
        }
    }

    /// A notice as those may read it who have read nothing that is sensitive.
    async fn popup_for_all(&self, mut notice: Notice) -> Popup {
        let detail = self.0.adapters.exec.as_ref().map_or_else(Detail::default, |exec| exec.detail());
        let about = notice.incident.as_ref().and_then(|id| self.find(id));
        let about = match about {
            Some(incident) => {
                let veil = self.veil_now(None, &incident).await;
                veil.notice(&mut notice);
                Some(veil.incident(&incident))
            }
            None => {
                if notice.incident.is_some() {
                    notice.text = Outside::new(HIDDEN);
                }
                None
            }
        };
        Popup::of(&notice, about.as_ref(), detail)
    }

    /// Shows whether the program hears, as soon as that is known.
    fn note_program(&self, told: &Result<(), Fault>) {
        let deaf = told.as_ref().err().map(|fault| fault.detail.clone());
        if self.0.mirror.read().deaf != deaf {
            self.0.mirror.write(|view| view.deaf = deaf);
        }
    }

    /// What the program hears of while this is held: whoever takes the lease anew tells it no second time.
    fn hearing(&self) -> MutexGuard<'_, BTreeSet<u64>> {
        self.0.hearing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs the program, once more where it fails, and writes down what became of it.
    fn run_program(&self, pauses: [Duration; 2], notices: Vec<u64>, popup: Popup) {
        let Some(exec) = self.0.adapters.exec.clone() else { return };
        let (engine, in_flight) = (self.clone(), self.take_off());
        self.hearing().extend(&notices);
        drop(spawn::task("notify exec", async move {
            let mut told = exec.tell(&popup, engine.now()).await;
            engine.note_program(&told);
            for pause in pauses {
                if told.is_ok() {
                    break;
                }
                tokio::time::sleep(pause).await;
                told = exec.tell(&popup, engine.now()).await;
                engine.note_program(&told);
            }
            let how = match &told {
                Ok(()) => "exit 0".to_owned(),
                Err(fault) => {
                    tracing::warn!(why = %fault.detail.safe(), "notify.exec did not hear of a notice");
                    format!("{FAILED}{}", fault.detail.safe())
                }
            };
            engine.note_told(notices.clone(), &how).await;
            engine.hearing().retain(|seq| !notices.contains(seq));
            drop(in_flight);
        }));
    }

    /// Writes down how the program was told of these, or that it is not yet.
    async fn note_told(&self, notices: Vec<u64>, how: &str) {
        let at = self.now();
        let draft = |notice| {
            let entry = Entry::NoticeDelivered { notice, console: PROGRAM.to_owned(), how: how.to_owned() };
            Draft::console(Actor::Engine, at, entry)
        };
        if !notices.is_empty() {
            self.note(notices.into_iter().map(draft).collect()).await;
        }
    }
}
