//! Polls sources, probes monitors, folds the ledger, runs actions and deadlines: the [`Backend`](crate::backend::Backend)
//! in this process.
//!
//! Several engines may stand on one ledger. One of them holds the lease and does what must be done once; every one
//! follows the ledger by sequence, answers its console and carries out what its own operator submits.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::watch;

use crate::backend::{Refusal, RefusalKind};
use crate::channels::Channel;
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::operator::Actor;
use crate::domain::record::Entry;
use crate::domain::time::Time;
use crate::ledger::live::Live;
use crate::ledger::{Appended, Draft, Ledger, LedgerError};
use crate::monitors::Monitor;
use crate::notify::exec::Exec;
use crate::os::clock::Clock;
use crate::playbooks::carry::Apis;
use crate::sources::Source;

mod acknowledgement;
mod actions;
mod approvals;
mod bulletins;
mod configuration;
mod deadlines;
mod due;
mod duties;
mod escalations;
mod evidence;
mod feed;
mod guards;
mod handover;
mod health;
pub mod intake;
mod lease;
mod local;
mod mirror;
mod notices;
mod noting;
mod one_shot;
mod packet;
mod plans;
mod poller;
mod probing;
mod readback;
mod readings;
mod recovery;
mod restless;
mod safety;
mod sending;
pub mod setup;
mod telling;
#[cfg(test)]
mod tests;
mod ties;
mod veil;

use mirror::Mirror;
pub use one_shot::Ahead;
pub use setup::Setup;
pub use telling::ENDS_WITHIN as TELLING_ENDS_WITHIN;

/// A source, a monitor and a channel as the engine holds them.
type Sources = Vec<Arc<dyn Source>>;
type Monitors = Vec<Arc<dyn Monitor>>;
type Channels = BTreeMap<String, Arc<dyn Channel>>;

/// The adapters of one configuration, ready to be asked.
#[derive(Default)]
pub struct Adapters {
    /// Incident backends to poll.
    pub sources: Sources,
    /// Endpoints to probe.
    pub monitors: Monitors,
    /// Ways to reach people, by name.
    pub channels: Channels,
    /// Hosts that playbooks call, by name.
    pub apis: Apis,
    /// The program that hears of notices.
    pub exec: Option<Arc<Exec>>,
}

/// The engine of one process. Clones share everything.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    setup: Setup,
    adapters: Adapters,
    ledger: Ledger,
    live: Live,
    clock: Clock,
    mirror: Mirror,
    /// A random number that tells this engine from any other on the same files.
    instance: u64,
    /// Actions and tellings on the wire.
    in_flight: AtomicUsize,
    settled: watch::Sender<()>,
    /// Whether this process wants the lease.
    wanted: watch::Sender<bool>,
    held: watch::Sender<bool>,
    /// Whoever decides what an answer opens: of two sources that see one thing at once, the second joins what the first
    /// opened.
    intake: tokio::sync::Mutex<()>,
    /// When somebody last asked for every source to be asked at once.
    hurried: watch::Sender<Option<Time>>,
    /// Whoever writes the sign of life: one that is not written yet is not followed by a next one.
    beating: Arc<tokio::sync::Mutex<()>>,
    /// Which configuration counts is written down.
    configured: tokio::sync::OnceCell<()>,
    /// The notices of which the program hears at this moment.
    hearing: std::sync::Mutex<std::collections::BTreeSet<u64>>,
}

impl Engine {
    /// An engine on this ledger, with its incidents as the ledger leaves them. It polls nothing yet.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub async fn new(
        setup: Setup,
        adapters: Adapters,
        ledger: Ledger,
        live: Live,
        clock: Clock,
    ) -> Result<Self, LedgerError> {
        if let Err(fault) = crate::os::files::private_dir(&setup.state.join("locks")) {
            // A lock that cannot be taken is taken for another's: nothing is carried out without one.
            tracing::warn!(why = %fault.detail.safe(), "there is no folder for locks");
        }
        let mirror = Mirror::load(&ledger, clock.now()).await?;
        let engine = Self(Arc::new(Inner {
            setup,
            adapters,
            ledger,
            live,
            clock,
            mirror,
            instance: RandomState::new().hash_one(std::process::id()),
            in_flight: AtomicUsize::new(0),
            settled: watch::Sender::new(()),
            wanted: watch::Sender::new(false),
            held: watch::Sender::new(false),
            intake: tokio::sync::Mutex::new(()),
            hurried: watch::Sender::new(None),
            beating: Arc::default(),
            configured: tokio::sync::OnceCell::new(),
            hearing: std::sync::Mutex::default(),
        }));
        engine.refresh_live().await;
        let (actions, unwritten) = (engine.actions_now(), engine.0.ledger.trouble());
        engine.0.mirror.write(|view| {
            view.actions = actions;
            view.unwritten = unwritten;
        });
        Ok(engine)
    }

    /// The ledger it stands on.
    pub fn ledger(&self) -> &Ledger {
        &self.0.ledger
    }

    fn now(&self) -> Time {
        self.0.clock.now()
    }

    fn find(&self, id: &IncidentId) -> Option<Arc<Incident>> {
        self.0.mirror.get(id)
    }

    /// Appends for a person, who is refused at once while nothing can be written, and waits until the mirror shows it.
    async fn append(&self, drafts: Vec<Draft>) -> Result<Vec<Appended>, LedgerError> {
        Ok(self.shown(self.0.ledger.append_now(drafts).await?).await)
    }

    /// What was appended, once the mirror shows it. It is durable, whether or not that can be read at this moment.
    async fn shown(&self, appended: Vec<Appended>) -> Vec<Appended> {
        if let Some(last) = appended.last()
            && let Err(error) = self.0.mirror.catch_up(&self.0.ledger, last.record.seq).await
        {
            tracing::warn!(%error, "what was written down cannot be read yet");
        }
        appended
    }

    /// Refuses while nothing can be written down: what is not written down first is not done.
    fn can_write(&self) -> Result<(), Refusal> {
        self.0.ledger.trouble().map_or(Ok(()), |why| Err(why.into()))
    }

    /// Appends what the engine decided by rule. What the table refuses was overtaken by somebody; what cannot be
    /// written is logged and decided again the next time.
    async fn note(&self, drafts: Vec<Draft>) -> bool {
        if drafts.is_empty() {
            return true;
        }
        match self.write_down(drafts).await {
            Ok(_) => true,
            Err(error) => {
                tracing::warn!(%error, "a record was not written");
                false
            }
        }
    }

    /// Appends what nobody waits for at a keyboard.
    async fn write_down(&self, drafts: Vec<Draft>) -> Result<Vec<Appended>, LedgerError> {
        Ok(self.shown(self.0.ledger.append(drafts).await?).await)
    }

    fn by_engine(&self, id: &IncidentId, entry: Entry) -> Draft {
        Draft::of(id, Actor::Engine, self.now(), entry)
    }

    /// Waits until nothing of this process is on the wire, at most this long.
    pub async fn drain(&self, at_most: Duration) {
        let mut settled = self.0.settled.subscribe();
        let done = async {
            while self.0.in_flight.load(Ordering::SeqCst) > 0 {
                if settled.changed().await.is_err() {
                    break;
                }
            }
        };
        // What is not settled by then is found by the next engine.
        drop(tokio::time::timeout(at_most, done).await);
    }

    /// Lets go of the lease, so that nothing more begins here, and waits for what has left, at most this long.
    pub async fn leave(&self, at_most: Duration) {
        self.release().await;
        self.drain(at_most).await;
    }

    fn take_off(&self) -> InFlight {
        self.0.in_flight.fetch_add(1, Ordering::SeqCst);
        InFlight(self.clone())
    }
}

/// Something on the wire; dropped when its outcome is written down.
struct InFlight(Engine);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.0.in_flight.fetch_sub(1, Ordering::SeqCst);
        self.0.0.settled.send_replace(());
    }
}

impl From<LedgerError> for Refusal {
    fn from(error: LedgerError) -> Self {
        let kind = match &error {
            LedgerError::Illegal { .. } | LedgerError::SlotTaken { .. } => RefusalKind::Refused,
            LedgerError::Changed { .. } | LedgerError::Moved => RefusalKind::Changed,
            LedgerError::NotFound(_) => RefusalKind::NotFound,
            LedgerError::Broken { .. } => RefusalKind::Unreachable,
        };
        let refusal = Self::new(kind, error.to_string());
        match error {
            LedgerError::Illegal { current, .. } => Self { current, ..refusal },
            LedgerError::Changed { current, .. } => Self { current: Some(current), ..refusal },
            _ => refusal,
        }
    }
}

/// A ledger that cannot be used, as the feed says it.
fn unreachable(error: &LedgerError) -> Fault {
    Fault::new(FaultKind::Local, error.to_string())
}

/// A ledger that cannot be written, as the feed says it: the reason alone, since there is one line for it.
fn unwritten(error: &LedgerError) -> Fault {
    match error {
        LedgerError::Broken { why, .. } => Fault::local(why.clone()),
        other => unreachable(other),
    }
}
