//! Who does what must be done once: one process holds the lease, the others follow.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use super::intake::Intake;
use super::restless::Restless;
use super::{Engine, Setup};
use crate::backend::Holder;
use crate::domain::time::Span;
use crate::ledger::LedgerError;
use crate::ledger::live::Beat;
use crate::ledger::lock::Lock;
use crate::ledger::tail::{Tail, log};
use crate::os::ready::{Tick, Written};
use crate::os::sleep::{Jump, Slept};
use crate::os::spawn;

/// How late whoever does not hold the lease hears of an answer: so often it looks.
pub(super) const LOOK: Span = Span::secs(1);

/// How often a follower looks for a free lease, and a holder keeps its deadlines.
const SECOND: Duration = Duration::from_secs(1);
/// How often the ledger is looked at for what other processes append while they do.
const TAIL: Duration = Duration::from_millis(250);
/// How rarely while nobody does, as far as the kernel says.
const RESTS: Duration = Duration::from_secs(5);

/// The file whose lock is the lease.
pub(super) fn path(setup: &Setup) -> PathBuf {
    setup.state.join("engine.lock")
}

/// The tasks of a holder; dropped, they end.
struct Duties(Vec<JoinHandle<()>>);

impl Drop for Duties {
    fn drop(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}

impl Engine {
    /// Starts following the ledger and asking for the lease.
    pub fn start(&self) {
        self.0.wanted.send_replace(true);
        self.follow();
        // It runs until the process ends.
        drop(spawn::task("lease", self.clone().seek_lease_for_ever()));
    }

    /// Starts taking in what other processes append to the ledger.
    pub fn follow(&self) {
        // They run until the process ends.
        drop(spawn::task("ledger-tail", self.clone().follow_for_ever()));
        drop(spawn::task("safety", self.clone().watch_safety_for_ever()));
        drop(spawn::task("ledger-trouble", self.clone().watch_trouble_for_ever()));
    }

    /// Gives the lease up and waits until it is free: before the process is suspended.
    pub async fn release(&self) {
        self.0.wanted.send_replace(false);
        let mut held = self.0.held.subscribe();
        let freed = held.wait_for(|held| !held);
        // A holder that cannot let go within a second is suspended all the same; the others will say so.
        drop(tokio::time::timeout(SECOND, freed).await);
    }

    /// Asks for the lease again.
    pub fn resume(&self) {
        self.0.wanted.send_replace(true);
    }

    /// Takes the lease unless another process has it, and reads what its last holder left: nobody decides on less.
    pub(super) async fn take_lease(&self) -> Result<Option<Lock>, LedgerError> {
        let path = path(&self.0.setup);
        let lock = Lock::try_take(&path).map_err(|error| LedgerError::Broken {
            path: self.0.ledger.path().display().to_string(),
            why: format!("has nobody who polls: {} cannot be locked: {error}", path.display()),
        })?;
        let Some(lock) = lock else { return Ok(None) };
        self.catch_up().await?;
        self.refresh_live().await;
        Ok(Some(lock))
    }

    /// The lease, where it can be had; that it cannot even be asked for is said to whoever looks.
    pub(super) async fn ask_for_lease(&self) -> Option<Lock> {
        // Who cannot write anything down leaves it to those who can.
        if self.0.ledger.trouble().is_some() {
            return None;
        }
        let taken = self.take_lease().await;
        let trouble = taken.as_ref().err().cloned();
        if self.0.mirror.read().leaseless != trouble {
            self.0.mirror.write(|view| view.leaseless = trouble);
        }
        taken.ok().flatten()
    }

    /// Reads the ledger as far as it goes now.
    pub(super) async fn catch_up(&self) -> Result<(), LedgerError> {
        let seq = self.0.ledger.last_seq().await?;
        self.0.mirror.catch_up(&self.0.ledger, seq).await
    }

    async fn seek_lease_for_ever(self) {
        let mut wanted = self.0.wanted.subscribe();
        loop {
            if *wanted.borrow_and_update()
                && let Some(lock) = self.ask_for_lease().await
            {
                self.0.held.send_replace(true);
                self.hold(&mut wanted).await;
                drop(lock);
                self.0.held.send_replace(false);
            }
            self.read_live(LOOK).await;
            // Being wanted again is a reason to look at once.
            drop(tokio::time::timeout(SECOND, wanted.changed()).await);
        }
    }

    /// Does the holder's duties until the lease is not wanted any more.
    async fn hold(&self, wanted: &mut tokio::sync::watch::Receiver<bool>) {
        self.beat();
        self.note_configuration().await;
        self.forget_removed_sources().await;
        // Before anybody is asked: what they say now covers up that nobody looked.
        self.doubt_health().await;
        let duties = self.begin_duties();
        let (mut sight, mut outbox) = (self.sight(), self.outbox());
        let mut slept = Slept::watch(self.now());
        let tick = Tick::every(SECOND);
        loop {
            let work = async {
                let among = sight.restless.wake(&self.0.mirror.read(), self.now());
                self.recover(among).await;
                self.keep_deadlines(&mut sight).await;
                self.tell_program(&mut outbox, self.now()).await;
            };
            tokio::select! {
                biased;
                // A sign of life does not wait for what the holder is busy with.
                () = self.beat_for_ever(&tick) => {}
                () = work => {}
            }
            // One step of time wakes this task for both.
            tokio::select! {
                () = tick.next() => self.beat(),
                _ = wanted.wait_for(|wanted| !wanted) => break,
            }
            match slept.again(self.now()) {
                Some(Jump::Slept) => {
                    tracing::info!("the machine slept; every source is asked again");
                    break;
                }
                Some(Jump::Set) => {
                    tracing::info!("the clock was set; every source is asked now");
                    self.0.hurried.send_replace(Some(self.now()));
                    // What rests until a time of the other clock is looked at.
                    sight.restless = Restless::default();
                }
                None => {}
            }
        }
        drop(duties);
        self.0.live.end_beat().await;
        self.0.mirror.write(|view| view.holder = None);
    }

    fn begin_duties(&self) -> Duties {
        let adapters = &self.0.adapters;
        let polls = adapters.sources.iter().cloned();
        let polls = polls.map(|source| spawn::task("poller", self.clone().poll_for_ever(source)));
        let probes = self.0.setup.watches.iter().cloned().zip(adapters.monitors.iter().cloned());
        let probes = probes
            .map(|(watch, monitor)| spawn::task("monitor", self.clone().probe_for_ever(watch, monitor)));
        Duties(polls.chain(probes).collect())
    }

    async fn beat_for_ever(&self, tick: &Tick) {
        loop {
            tick.next().await;
            self.beat();
        }
    }

    /// Gives a sign of life, and hears whether somebody has asked for every source to be asked at once. Nothing here waits.
    pub(super) fn beat(&self) {
        let Ok(written) = Arc::clone(&self.0.beating).try_lock_owned() else { return };
        let beat = Beat {
            instance: self.0.instance,
            pid: std::process::id(),
            tty: self.0.setup.tty.clone(),
            at: self.now(),
        };
        let hurried = self.0.hurried.clone();
        self.0.live.put_beat(&beat, move |wanted| {
            hurried.send_if_modified(|known| {
                let newer = wanted > *known;
                *known = if newer { wanted } else { *known };
                newer
            });
            drop(written);
        });
        let holder = Holder { pid: beat.pid, tty: beat.tty, here: true, beat: Some(beat.at) };
        self.0.mirror.write(|view| view.holder = Some(holder));
    }

    /// Sources that are configured no longer clear what they said.
    async fn forget_removed_sources(&self) {
        let sources: Vec<String> = self.0.adapters.sources.iter().map(|s| s.name().to_owned()).collect();
        let monitors: Vec<String> = self.0.setup.watches.iter().map(|watch| watch.name.clone()).collect();
        let incidents = self.0.mirror.all();
        let mut named: Vec<&str> = incidents.iter().flat_map(|incident| incident.sources()).collect();
        named.sort_unstable();
        named.dedup();
        let gone =
            named.into_iter().filter(|name| !sources.iter().chain(&monitors).any(|known| known == name));
        let intake = |source| Intake {
            setup: &self.0.setup,
            incidents: &incidents,
            source,
            watchdogs: &[],
            now: self.now(),
            behind: Span::default(),
        };
        let batches: Vec<_> = gone.flat_map(|source| intake(source).removed().batches()).collect();
        self.note_all(batches).await;
        self.0.live.keep_only(sources.clone(), monitors.clone()).await;
        self.0.mirror.write(|view| {
            view.sources.retain(|status| sources.contains(&status.name));
            view.monitors.retain(|status| monitors.contains(&status.source.name));
        });
    }

    /// Shows why nothing can be written down, as soon as that is known.
    async fn watch_trouble_for_ever(self) {
        let mut trouble = self.0.ledger.troubles();
        loop {
            let now = trouble.borrow_and_update().clone();
            if self.0.mirror.read().unwritten != now {
                self.0.mirror.write(|view| view.unwritten = now);
            }
            if trouble.changed().await.is_err() {
                return;
            }
        }
    }

    /// Takes in what other processes append.
    async fn follow_for_ever(self) {
        let path = self.0.ledger.path();
        let (mut tail, mut written) = (Tail::default(), Written::of(vec![path.to_owned(), log(path)]));
        loop {
            // In trouble it is not the file alone that counts.
            let in_trouble = self.0.mirror.read().trouble.is_some();
            let rested = tail.rests() && !in_trouble && written.wait(RESTS).await;
            if !rested {
                written.again();
                tokio::time::sleep(TAIL).await;
            }
            if !tail.asks_to_read(path) && !rested && !in_trouble {
                continue;
            }
            let trouble = self.catch_up().await.err();
            if self.0.mirror.read().trouble != trouble {
                self.0.mirror.write(|view| view.trouble = trouble);
            }
        }
    }
}
