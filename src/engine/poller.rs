//! One loop per source: ask, take in, write down how fresh it is.

mod anew;
mod pause;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use self::anew::Silence;
pub(super) use self::pause::{Jitter, Pause};
use super::intake::{Flaps, Intake};
use super::{Engine, Setup, Source};
use crate::domain::fault::Fault;
use crate::domain::freshness::SourceStatus;
use crate::domain::incident::key_text;
use crate::domain::operator::Actor;
use crate::domain::plan::hex;
use crate::domain::record::Entry;
use crate::domain::signal::{Answer, Signal, SignalKey};
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time};
use crate::ledger::Draft;
use crate::ledger::live::{self, Live, Settled};
use crate::os::crash::{self, Point};
use crate::sources::Polled;

/// A signal as it was written last.
#[derive(Clone, Debug)]
enum Kept {
    /// What it said.
    Said(Arc<Signal>),
    /// A digest of that, of an earlier process.
    Before([u8; 32]),
}

/// What a poller remembers between two answers.
#[derive(Default)]
pub(super) struct Memory {
    /// The signals as they were written last.
    signals: BTreeMap<String, Kept>,
    /// Those that an earlier process has written are among them.
    recollected: bool,
    flaps: Flaps,
    /// The last answer changed nothing more in the ledger.
    settled: bool,
    /// Whoever gave it has started anew, and may not have been told everything again.
    unsure: bool,
    /// Since when they do not say when they started, who did before.
    silent: Option<Silence>,
    /// What else the last answer said: how many were left out, and whether it was complete.
    left_out: u32,
    complete: bool,
}

impl Engine {
    /// Polls one source for as long as this process holds the lease.
    pub(super) async fn poll_for_ever(self, source: Arc<dyn Source>) {
        let mut memory = self.memory_of(source.as_ref()).await;
        let (mut jitter, mut hurried) = (Jitter::new(source.name()), self.0.hurried.subscribe());
        self.leave_alone(source.name()).await;
        loop {
            let pause = self.poll_once(&source, &mut memory, self.now()).await;
            pause.over(&mut jitter, &mut hurried).await;
        }
    }

    /// Waits as long as somebody else was told to.
    pub(super) async fn leave_alone(&self, name: &str) {
        let until = self.0.mirror.read().left_alone(name, self.now());
        let left = until.and_then(|until| (until - self.now()).to_std().ok());
        tokio::time::sleep(left.unwrap_or_default()).await;
    }

    /// Polls one source once, which is asked at `asked_at`; says for how long it is to be left in peace then.
    pub(super) async fn poll_once(
        &self,
        source: &Arc<dyn Source>,
        memory: &mut Memory,
        asked_at: Time,
    ) -> Pause {
        let changed = self.0.mirror.read().changed.get(source.name()).copied();
        changed.into_iter().for_each(|at| source.was_changed(at));
        let polled = source.poll(asked_at).await;
        let (mut vitals, mut as_of) = (None, asked_at);
        let mut answer = polled.map(|Polled { answer, vitals: said, after }| {
            (vitals, as_of) = (Some(said), asked_at + after.delta());
            answer
        });
        let mut status = self.status_of(source);
        let before = status.state(asked_at);
        status.ended(as_of, answer.as_ref().err().cloned());
        if let Ok(answer) = &mut answer {
            let before = std::mem::replace(&mut status.vitals, vitals.unwrap_or_default());
            status.vitals.steady(before.skew_ms);
            let told_by = before.told_by;
            if let Some(answer) = answer {
                memory.recollect(&self.0.live, source.name()).await;
                memory.steady(&self.0.live, answer).await;
                status.left_out = answer.left_out;
                status.watchdog_missing = answer.missing(source.schedule().watchdog);
                // What always fires did not arrive: what else is absent is not gone.
                answer.complete &= status.watchdog_missing.is_empty();
                let is_silent = status.vitals.told_by.is_empty() && !told_by.is_empty();
                memory.silent = is_silent.then(|| Silence::at(as_of, memory.silent));
                if let Some(why) = self.anew(&status, &told_by, memory.silent, answer) {
                    (answer.complete, status.vitals.told_by) = (false, told_by);
                    status.vitals.remarks.push(why);
                    memory.unsure = true;
                    // It is asked for all of it, and who says it, again.
                    source.forget();
                } else {
                    memory.unsure = false;
                }
            }
        }
        let (mut gone, mut fault) = (Vec::new(), None);
        match answer {
            Ok(Some(mut answer)) => {
                let (changed, missing) = memory.changes(&self.0.live, &mut answer).await;
                let news = !changed.is_empty() || !missing.is_empty() || !memory.is_settled();
                if !changed.is_empty() {
                    // What a signal says is known before the incident it opens: a page may leave at once.
                    self.0.live.put_signals(source.name(), changed).await;
                    crash::point(Point::AfterSignals);
                }
                if news {
                    self.take_in(source, &answer, &mut status, memory).await;
                }
                memory.keep(answer);
                gone = missing;
            }
            // The same answer to what is settled decides nothing new.
            Ok(None) if memory.is_settled() => {}
            Ok(None) => self.take_in(source, &memory.answer(), &mut status, memory).await,
            Err(failure) => {
                fault = Some(failure);
                memory.silent = memory.silent.map(Silence::broken);
            }
        }
        let pause = Pause::begin(&mut status, self.now());
        self.note_turn(&status, before, fault).await;
        // What was not taken in is not settled, whatever the source makes of it.
        let settled = if status.fault.is_none() { self.settled(source, memory) } else { None };
        let goes = !gone.is_empty();
        self.0.live.put_source(&status, gone, settled.as_ref()).await;
        if goes {
            self.0.live.keep_gone(source.name(), self.open_signals_of(source.name())).await;
        }
        self.0.mirror.write(|view| match view.sources.iter_mut().find(|known| known.name == status.name) {
            Some(known) => *known = status,
            None => view.sources.push(status),
        });
        pause
    }

    /// What an earlier process knew of this source, as far as that still holds; the source knows no more.
    pub(super) async fn memory_of(&self, source: &dyn Source) -> Memory {
        source.forget();
        let recalled = recall(&self.0.setup, &self.0.live, source).await;
        let settled = self.reaches(recalled);
        if recalled.is_some() && !settled {
            source.forget();
        }
        Memory::new(settled)
    }

    /// Whether the ledger goes as far as it did when something was recalled: one that is not there any more says
    /// nothing about this one.
    pub(super) fn reaches(&self, recalled: Option<u64>) -> bool {
        recalled.is_some_and(|seq| seq <= self.0.mirror.read().seq)
    }

    /// What a next process need not decide again.
    fn settled(&self, source: &Arc<dyn Source>, memory: &Memory) -> Option<Settled> {
        let mark = source.mark().filter(|_| memory.is_settled())?;
        let rules = rules(&self.0.setup, source.as_ref());
        Some(Settled { mark, seq: self.0.mirror.read().seq, rules })
    }

    async fn take_in(
        &self,
        source: &Arc<dyn Source>,
        answer: &Answer,
        status: &mut SourceStatus,
        memory: &mut Memory,
    ) {
        let _turn = self.0.intake.lock().await;
        // Signals of a group that this answer opens join it once it has an id.
        for _round in 0..3 {
            let incidents = self.0.mirror.all();
            let intake = Intake {
                setup: &self.0.setup,
                incidents: &incidents,
                source: source.name(),
                watchdogs: source.schedule().watchdog,
                now: self.now(),
                behind: status.behind(),
            };
            let taken = intake.take(answer, &mut memory.flaps);
            status.quiet = taken.quiet;
            let again = taken.again;
            // A rule about age may decide otherwise on the same answer later.
            let ages = self.0.setup.rules.iter().any(|rule| rule.when.asks_age());
            memory.settled = taken.openings.is_empty() && taken.notes.is_empty() && !ages;
            let mut batches: Vec<_> = taken.batches().collect();
            for draft in batches.iter_mut().flatten() {
                self.name_recurrence(&mut draft.entry).await;
            }
            self.note_each(batches).await;
            if !again {
                break;
            }
        }
    }

    /// What opens knows the last incident of its group, however long ago that was.
    pub(super) async fn name_recurrence(&self, entry: &mut Entry) {
        if let Entry::Opened(opening) = entry
            && let (Some(group), None) = (&opening.group, &opening.recurrence_of)
        {
            let earlier = self.0.ledger.earlier(group, u64::MAX >> 1).await.unwrap_or_default();
            let earlier = earlier.iter().find(|earlier| earlier.merged.is_none());
            opening.recurrence_of = earlier.map(|earlier| Box::new(earlier.id.clone()));
        }
    }

    /// Writes down that a source changed state.
    async fn note_turn(
        &self,
        status: &SourceStatus,
        before: crate::domain::freshness::SourceState,
        fault: Option<Fault>,
    ) {
        let after = status.state(self.now());
        if before != after {
            let entry = Entry::SourceTurned { source: status.name.clone(), from: before, to: after, fault };
            self.note(vec![Draft::console(Actor::Engine, self.now(), entry)]).await;
        }
    }

    fn status_of(&self, source: &Arc<dyn Source>) -> SourceStatus {
        let view = self.0.mirror.read();
        let known = view.sources.iter().find(|status| status.name == source.name()).cloned();
        known.map_or_else(
            || SourceStatus::never(source.name(), source.schedule().every),
            |status| {
                let (every, heard_within) = (source.schedule().every, Span::default());
                SourceStatus { every, heard_within, ..status }
            },
        )
    }
}

/// Reminds a source of what it said last, to whichever process, if what was decided then followed the same rules; gives
/// the last record there was then.
pub(super) async fn recall(setup: &Setup, live: &Live, source: &dyn Source) -> Option<u64> {
    let settled =
        live.settled(source.name()).await.filter(|settled| settled.rules == rules(setup, source))?;
    source.recall(&settled.mark);
    Some(settled.seq)
}

/// A digest of everything that decides what becomes of an answer.
pub(super) fn rules(setup: &Setup, source: &dyn Source) -> String {
    hex(&Sha256::digest(format!("{:?}", (&setup.rules, &setup.group_by, source.schedule().watchdog))))
}

impl Memory {
    /// Of nothing but whether the same answer again decides nothing.
    pub(super) fn new(settled: bool) -> Self {
        Self { settled, ..Self::default() }
    }

    /// Reads, once, what the last poller of that source left in the live tables.
    async fn recollect(&mut self, live: &Live, source: &str) {
        if std::mem::replace(&mut self.recollected, true) {
            return;
        }
        let before = live.digests(source).await.into_iter();
        self.signals = before
            .map(|(fingerprint, digest)| (format!("{source}\0{fingerprint}"), Kept::Before(digest)))
            .collect();
    }

    /// Whether the same answer once more decides nothing.
    fn is_settled(&self) -> bool {
        self.settled && !self.unsure && self.flaps.is_empty()
    }

    /// The last answer once more.
    fn answer(&self) -> Answer {
        let said = |kept: &Kept| match kept {
            Kept::Said(signal) => Some(Arc::clone(signal)),
            Kept::Before(_) => None,
        };
        let signals = self.signals.values().filter_map(said).collect();
        Answer { signals, left_out: self.left_out, complete: self.complete }
    }

    /// What could not be decoded says no time of its own: it fires since it was seen first.
    async fn steady(&self, live: &Live, answer: &mut Answer) {
        for signal in answer.signals.iter_mut().filter(|signal| signal.undecodable) {
            if let Some(known) = self.known(live, signal).await.filter(|known| known.undecodable) {
                Arc::make_mut(signal).since = known.since;
            }
        }
    }

    /// A signal as it was written last.
    async fn known(&self, live: &Live, signal: &Signal) -> Option<Arc<Signal>> {
        match self.signals.get(&key_text(&signal.key))? {
            Kept::Said(known) => Some(Arc::clone(known)),
            Kept::Before(_) => {
                live.signal(&signal.key.source, signal.key.fingerprint.raw()).await.map(Arc::new)
            }
        }
    }

    /// The signals that changed since the last answer, and the keys of those that are gone. What fires now, and was seen
    /// pending, silenced or inhibited before, did not burn before quell looked: that stands in the signal, so that it holds
    /// for whichever process opens its incident.
    async fn changes(&self, live: &Live, answer: &mut Answer) -> (Vec<Arc<Signal>>, Vec<SignalKey>) {
        let (mut changed, mut present) = (Vec::new(), BTreeSet::new());
        for signal in &mut answer.signals {
            let key = key_text(&signal.key);
            let kept = self.signals.get(&key);
            let differs = |signal: &Arc<Signal>| !kept.is_some_and(|kept| kept.is(signal));
            present.insert(key);
            if !differs(signal) {
                continue;
            }
            if self.known(live, signal).await.is_some_and(|known| signal.was_watched(&known)) {
                Arc::make_mut(signal).watched = true;
            }
            if differs(signal) {
                changed.push(Arc::clone(signal));
            }
        }
        // What an incomplete answer leaves out is not gone.
        let gone = self.signals.keys().filter(|key| answer.complete && !present.contains(*key));
        (changed, gone.filter_map(|key| key_of(key)).collect())
    }

    fn keep(&mut self, answer: Answer) {
        (self.left_out, self.complete) = (answer.left_out, answer.complete);
        if answer.complete {
            self.signals.clear();
        }
        let said = answer.signals.into_iter().map(|signal| (key_text(&signal.key), Kept::Said(signal)));
        self.signals.extend(said);
    }
}

impl Kept {
    /// Whether a signal says the same; for what a source shares with what is kept, that is seen without a look inside.
    fn is(&self, signal: &Arc<Signal>) -> bool {
        match self {
            Self::Said(known) => Arc::ptr_eq(known, signal) || known == signal,
            Self::Before(digest) => *digest == live::digest(signal),
        }
    }
}

/// The key that was written as [`key_text`].
fn key_of(text: &str) -> Option<SignalKey> {
    let (source, fingerprint) = text.split_once('\0')?;
    Some(SignalKey { source: source.to_owned(), fingerprint: Outside::new(fingerprint) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Span;

    fn undecodable(since: Time) -> Answer {
        let key = SignalKey { source: "prod-am".into(), fingerprint: Outside::new("5f3c") };
        let signal = Signal::undecodable(key, "an alert", Outside::new("{}"), since);
        Answer { signals: vec![Arc::new(signal)], left_out: 0, complete: true }
    }

    #[tokio::test]
    async fn what_cannot_be_decoded_is_the_same_at_the_next_poll() {
        let live = Live::in_memory().unwrap();
        let mut memory = Memory::default();
        let mut first = undecodable(Time::UNIX_EPOCH);
        assert_eq!(memory.changes(&live, &mut first).await.0.len(), 1);
        memory.keep(first);
        let mut next = undecodable(Time::UNIX_EPOCH + Span::secs(15).delta());
        memory.steady(&live, &mut next).await;
        assert_eq!(memory.changes(&live, &mut next).await, (Vec::new(), Vec::new()));
    }
}
