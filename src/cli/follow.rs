//! What `watch` and `wait` stand on: an engine that keeps watch as a console's does, and the board it tells.

use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::sleep;

use super::boot::Boot;
use super::failure::{Exit, Failure};
use crate::backend::{Backend, Changes};
use crate::console::board::Board;
use crate::domain::fault::Fault;
use crate::domain::id::{Cursor, IncidentId};
use crate::domain::incident::Incident;
use crate::domain::operator::Operator;
use crate::domain::record::Record;
use crate::domain::time::Time;
use crate::engine::Engine;
use crate::os::clock;
use crate::runtime::{self, Ended};

/// A source gets old by time alone: it is looked at so often at least.
pub(super) const LOOK: Duration = Duration::from_secs(1);
/// An engine that cannot answer is asked again after this.
const ASK_AGAIN: Duration = Duration::from_millis(250);
/// What is under way when the command ends is waited for this long.
const FINISH: Duration = Duration::from_secs(12);
/// Records that are read at once.
const BATCH: usize = 500;

/// An engine, and all that it has told.
pub(super) struct Follower {
    engine: Engine,
    operator: Operator,
    cursor: Cursor,
    /// Everything it has told.
    pub(super) board: Board,
    /// Its last answer, with every incident it has told of.
    latest: Changes,
    /// The last record that was in its first answer.
    pub(super) began_after: u64,
}

impl Follower {
    /// Asks whatever is older than two of its intervals, as every command does, and goes on from there: polling itself
    /// where nobody else holds the lease.
    pub(super) async fn begin(boot: &Boot) -> Result<Self, Failure> {
        let mut board = Board::new(clock::now());
        let engine = boot.fresh_engine().await?;
        // Not what is in the ledger by now: others write there, and the answer is of what was read.
        let began_after = engine.last_read();
        let latest = engine.changes(&boot.operator, &Cursor::default(), Duration::ZERO).await?;
        board.absorb(&latest, latest.now);
        let cursor = latest.cursor.clone();
        Ok(Self { engine, operator: boot.operator.clone(), cursor, board, latest, began_after })
    }

    /// Keeps watch from here on. A panic in any task ends the program: what it says must not go on as if nothing were.
    pub(super) fn keep_watch(&self, boot: &Boot) {
        runtime::ends_on_panic(boot.state.clone());
        self.engine.start();
    }

    /// Waits until something changes, at most so long.
    pub(super) async fn next(&mut self, at_most: Duration) {
        let told = self.engine.changes(&self.operator, &self.cursor, at_most).await;
        let lost = told.is_err();
        self.take(told);
        if lost {
            sleep(ASK_AGAIN).await;
        }
    }

    /// Takes in what has changed by now.
    pub(super) async fn catch_up(&mut self) {
        let told = self.engine.changes(&self.operator, &self.cursor, Duration::ZERO).await;
        self.take(told);
    }

    fn take(&mut self, told: Result<Changes, Fault>) {
        match told {
            Ok(changes) => {
                self.cursor = changes.cursor.clone();
                self.board.absorb(&changes, changes.now);
                self.latest = changes;
            }
            Err(fault) => self.board.lose(clock::now(), fault),
        }
    }

    /// The time of what is known: the engine's, while it answers.
    pub(super) fn now(&self) -> Time {
        if self.board.lost.is_some() { clock::now() } else { self.latest.now }
    }

    /// All that is known now, as an answer that tells everything.
    pub(super) fn everything(&self) -> Changes {
        let incidents = self.board.ranked().cloned().collect();
        Changes { incidents, now: self.now(), ..self.latest.clone() }
    }

    /// Who asks.
    pub(super) fn me(&self) -> &str {
        &self.operator.name
    }

    /// Records from this one on. Where they cannot be read the board says why, and they are read later.
    pub(super) async fn records(&self, from: u64) -> Vec<Record> {
        self.engine.records(&self.operator, from, BATCH).await.unwrap_or_default()
    }

    /// An incident as it is now, also one that closed long ago.
    pub(super) async fn incident(&self, id: &IncidentId) -> Option<Arc<Incident>> {
        match self.board.get(id) {
            Some(incident) => Some(incident.clone()),
            None => Some(self.engine.incident(&self.operator, &id.to_string()).await.ok()?.incident),
        }
    }

    /// Lets go of the lease, and finishes what is under way.
    pub(super) async fn leave(self) {
        self.engine.leave(FINISH).await;
    }
}

/// The signals that end a command.
pub(super) struct Stop {
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    /// From here on they end nothing by themselves.
    pub(super) fn listen() -> Result<Self, Failure> {
        let on = |kind| {
            signal(kind).map_err(|error| Failure::new(Exit::Bug, format!("signals cannot be heard: {error}")))
        };
        Ok(Self {
            hangup: on(SignalKind::hangup())?,
            terminate: on(SignalKind::terminate())?,
            interrupt: on(SignalKind::interrupt())?,
        })
    }

    /// Does this.
    ///
    /// # Errors
    /// How the command is to end before it is done.
    pub(super) async fn unless<T>(&mut self, work: impl Future<Output = T>) -> Result<T, Ended> {
        tokio::select! {
            biased;
            ended = self.next() => Err(ended),
            done = work => Ok(done),
        }
    }

    async fn next(&mut self) -> Ended {
        tokio::select! {
            _ = self.hangup.recv() => Ended::HungUp,
            _ = self.terminate.recv() => Ended::Terminated,
            _ = self.interrupt.recv() => Ended::Interrupted,
        }
    }
}
