//! The append-only, hash-chained account of everything that happened, in SQLite.
//!
//! One thread owns the writing connection and commits whatever has queued up as one transaction; another reads.
//! Beside the records stands a projection: every incident as its records leave it, rebuilt whenever it is in doubt.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::Connection;
use tokio::sync::{oneshot, watch};

use crate::domain::chain::Verdict;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::operator::Actor;
use crate::domain::record::{Entry, Field, Process, Record};
use crate::domain::time::Time;

pub mod account;
mod append;
pub mod bundle;
pub mod chain;
mod copy;
pub mod custody;
pub mod evidence;
pub mod live;
pub mod lock;
mod projection;
mod read;
mod reading;
mod reopen;
mod schema;
mod slots;
mod stamp;
pub mod tail;
mod trouble;
mod worker;
mod writer;

use schema::Unusable;
pub use stamp::Stamp;
use worker::Worker;
use writer::{Job, Writer};

/// What an append is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Subject {
    /// The console as a whole.
    Console,
    /// An incident that begins with it.
    New,
    /// An incident.
    Incident(IncidentId),
}

/// A record before it has a place.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// About what.
    pub subject: Subject,
    /// Who.
    pub by: Actor,
    /// When.
    pub at: Time,
    /// What.
    pub entry: Entry,
    /// The version the person saw; refused when the same field changed since. `None` does not ask.
    pub seen: Option<u64>,
    /// Written only on exactly this version of the incident; refused with [`LedgerError::Moved`] otherwise.
    pub version: Option<u64>,
    /// An action may take over a slot whose outcome is unknown.
    pub takes_over: bool,
    /// Which process writes it; filled in when it is appended.
    pub on: Option<Process>,
}

impl Draft {
    fn about(subject: Subject, by: Actor, at: Time, entry: Entry) -> Self {
        Self { subject, by, at, entry, seen: None, version: None, takes_over: false, on: None }
    }

    /// A draft about an incident.
    pub fn of(id: &IncidentId, by: Actor, at: Time, entry: Entry) -> Self {
        Self::about(Subject::Incident(id.clone()), by, at, entry)
    }

    /// A draft that opens an incident.
    pub fn opening(by: Actor, at: Time, entry: Entry) -> Self {
        Self::about(Subject::New, by, at, entry)
    }

    /// A draft about the console as a whole.
    pub fn console(by: Actor, at: Time, entry: Entry) -> Self {
        Self::about(Subject::Console, by, at, entry)
    }
}

/// A record in its place, and the incident it leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct Appended {
    /// The record.
    pub record: Record,
    /// The incident after it, with the last record about it in an append.
    pub incident: Option<Arc<Incident>>,
}

/// Why nothing was written.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LedgerError {
    /// The transition table does not allow it now.
    #[error("{why}")]
    Illegal {
        /// Why.
        why: String,
        /// The incident as it is.
        current: Option<Arc<Incident>>,
    },
    /// The same field changed since the person looked.
    #[error("its {field:?} changed since you looked")]
    Changed {
        /// Which.
        field: Field,
        /// The incident as it is.
        current: Arc<Incident>,
    },
    /// The incident is no longer at the version the draft was made for.
    #[error("it changed in the meantime")]
    Moved,
    /// Another action on the same target is open.
    #[error("an action on this target is open already: {incident} #{action}; settle that one first")]
    SlotTaken {
        /// Of which incident.
        incident: String,
        /// Its number.
        action: u32,
    },
    /// There is no such incident.
    #[error("there is no incident {0}")]
    NotFound(String),
    /// The file cannot be written or read.
    #[error("the ledger {path} {why}")]
    Broken {
        /// The file.
        path: String,
        /// In which way.
        why: String,
    },
}

/// The ledger of one console or team.
#[derive(Clone)]
pub struct Ledger {
    writer: Writer,
    reader: Worker,
    path: Arc<PathBuf>,
    prefix: Arc<str>,
    stamp: Option<Arc<Stamp>>,
}

impl Ledger {
    /// Opens the ledger at `path`, and creates it with that id prefix when there is none. One that can be read and
    /// not written says so as its [trouble](Self::trouble).
    ///
    /// # Errors
    /// [`LedgerError::Broken`] when the file cannot be read as a whole: it is damaged, in use by somebody who lets
    /// nobody in, or was written by a newer quell.
    pub fn open(path: &Path, prefix: &str) -> Result<Self, LedgerError> {
        Self::open_in_place(path, prefix).or_else(|why| match copy::of(path, prefix) {
            Ok(copy) if copy.whole => Ok(Self::on_copy(path, copy, why)),
            _ => Err(why),
        })
    }

    /// As [`open`](Self::open), for who wants to see what can be seen: of a file that cannot be used, what can be read
    /// of it. Nothing is ever written to that, and the file is left as it is; why stands in its
    /// [trouble](Self::trouble).
    ///
    /// # Errors
    /// [`LedgerError::Broken`], where there is no room in memory.
    pub async fn open_at_any_rate(path: &Path, prefix: &str) -> Result<Self, LedgerError> {
        let opened = match Self::open(path, prefix) {
            // It can be open and hold a page that cannot be read.
            Ok(ledger) => ledger.is_readable().await.map(|()| ledger),
            Err(why) => Err(why),
        };
        opened.or_else(|why| match copy::of(path, prefix) {
            Ok(copy) => Ok(Self::on_copy(path, copy, why)),
            Err(_) => Err(why),
        })
    }

    fn open_in_place(path: &Path, prefix: &str) -> Result<Self, LedgerError> {
        let broken = |error: rusqlite::Error| broken(path, &error);
        let mut connection = Connection::open(path).map_err(broken)?;
        schema::prepare(&mut connection, prefix).map_err(|why| why.of(path))?;
        let prefix = schema::prefix(&connection).map_err(broken)?;
        let mut reading = Connection::open(path).map_err(broken)?;
        schema::only_read(&reading).map_err(broken)?;
        projection::rebuild_if_behind(&mut connection, &mut reading, path)?;
        let read_only = connection.is_readonly("main").map_err(broken)?;
        let connection = if read_only { Err(reopen::read_only(path)) } else { Ok(connection) };
        Ok(Self {
            writer: Writer::start(connection, path.to_owned(), prefix.clone()),
            reader: Worker::start("ledger-reader", reading),
            path: Arc::new(path.to_owned()),
            prefix: prefix.into(),
            stamp: None,
        })
    }

    fn on_copy(path: &Path, copy: copy::Copy, why: LedgerError) -> Self {
        let why = match why {
            LedgerError::Broken { path, why } if !copy.whole => {
                LedgerError::Broken { path, why: format!("{why}; only what could be read of it is shown") }
            }
            why => why,
        };
        Self {
            writer: Writer::none(why),
            reader: Worker::start("ledger-reader", copy.connection),
            path: Arc::new(path.to_owned()),
            prefix: copy.prefix.into(),
            stamp: None,
        }
    }

    /// The same ledger, on whose records this process says who it is.
    #[must_use]
    pub fn stamped(self, stamp: Stamp) -> Self {
        Self { stamp: Some(Arc::new(stamp)), ..self }
    }

    fn signed(&self, mut drafts: Vec<Draft>) -> Vec<Draft> {
        if let Some(stamp) = &self.stamp {
            drafts.iter_mut().for_each(|draft| draft.on = Some(stamp.now()));
        }
        drafts
    }

    /// The prefix of its ids.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Where it stands.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Why nothing can be written now.
    pub fn trouble(&self) -> Option<LedgerError> {
        self.writer.trouble.borrow().clone()
    }

    /// The same, for who waits until it changes.
    pub fn troubles(&self) -> watch::Receiver<Option<LedgerError>> {
        self.writer.trouble.clone()
    }

    /// Appends all drafts or none, durably, and waits for the file if need be.
    ///
    /// # Errors
    /// See [`LedgerError`]; nothing was written then.
    pub async fn append(&self, drafts: Vec<Draft>) -> Result<Vec<Appended>, LedgerError> {
        let (job, answer, _) = Job::new(self.signed(drafts));
        self.writer.queue(job);
        answer.await.unwrap_or_else(|_| Err(self.gone()))
    }

    /// Reads the whole chain, on a thread of its own, and names the first bad record.
    ///
    /// # Errors
    /// [`LedgerError::Broken`].
    pub async fn verify(&self) -> Result<Verdict, LedgerError> {
        let (reply, answer) = oneshot::channel();
        let path = Arc::clone(&self.path);
        let check = move || drop(reply.send(chain::verify(&path)));
        // Without a thread the answer never comes, which is seen below.
        drop(std::thread::Builder::new().name("ledger-check".to_owned()).spawn(check));
        answer.await.unwrap_or_else(|_| Err(self.gone()))
    }

    /// As [`append`](Self::append), for a person who waits: while nothing can be written it is refused at once, and
    /// what was refused is not written later.
    ///
    /// # Errors
    /// See [`LedgerError`]; nothing was written then.
    pub async fn append_now(&self, drafts: Vec<Draft>) -> Result<Vec<Appended>, LedgerError> {
        let mut trouble = self.troubles();
        if let Some(why) = trouble.borrow_and_update().clone() {
            return Err(why);
        }
        let (job, mut answer, claim) = Job::new(self.signed(drafts));
        self.writer.queue(job);
        loop {
            tokio::select! {
                biased;
                answer = &mut answer => return answer.unwrap_or_else(|_| Err(self.gone())),
                Ok(()) = trouble.changed() => {}
            }
            let why = trouble.borrow_and_update().clone();
            if let Some(why) = why
                && claim.take()
            {
                return Err(why);
            }
        }
    }

    fn gone(&self) -> LedgerError {
        self.trouble().unwrap_or_else(|| self.broken("is no longer open"))
    }

    fn broken(&self, why: &str) -> LedgerError {
        LedgerError::Broken { path: self.path.display().to_string(), why: why.to_owned() }
    }

    async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, LedgerError> {
        self.answered(self.reader.run(move |connection| Ok(job(connection)?)).await)
    }

    /// As [`read`](Self::read), for what a newer quell may have written. Incidents beside the records that cannot be
    /// read are made again first, wherever that is found out.
    async fn read_own<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<T, Unusable> + Clone + Send + 'static,
    ) -> Result<T, LedgerError> {
        let again = job.clone();
        let read = self.reader.run(job).await;
        if matches!(read, Some(Err(Unusable::Projection))) && self.trouble().is_none() {
            let path = self.path.clone();
            let rebuilt = self.reader.run(move |_| projection::rebuild_at(&path)).await;
            rebuilt.unwrap_or_else(|| Err(self.gone()))?;
            return self.answered(self.reader.run(again).await);
        }
        self.answered(read)
    }

    fn answered<T>(&self, read: Option<Result<T, Unusable>>) -> Result<T, LedgerError> {
        read.map_or_else(|| Err(self.gone()), |read| read.map_err(|why| why.of(&self.path)))
    }
}

fn broken(path: &Path, error: &rusqlite::Error) -> LedgerError {
    use rusqlite::ErrorCode;
    let why = match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => "cannot be written: the disk is full".to_owned(),
        Some(ErrorCode::ReadOnly) => "cannot be written: it is read-only".to_owned(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            "is locked by another program".to_owned()
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            "is damaged; keep it, and run `quell ledger verify`".to_owned()
        }
        Some(ErrorCode::CannotOpen) => "cannot be opened; check the folder and its permissions".to_owned(),
        Some(ErrorCode::SystemIoFailure) => {
            format!("is refused by the disk or a limit ({error}); look at it")
        }
        _ => format!("cannot be used: {error}"),
    };
    LedgerError::Broken { path: path.display().to_string(), why }
}
