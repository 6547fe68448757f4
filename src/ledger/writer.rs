//! The writing thread: one transaction for whatever has queued up, and what it does when nothing can be written.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};
use tokio::sync::{oneshot, watch};

use super::append::{Answer, append_all};
use super::reopen::{self, End};
use super::trouble::Trouble;
use super::{Draft, LedgerError, broken};

/// How many jobs one transaction takes at most.
const GROUP: usize = 256;
/// How long one look at a locked file waits.
const SLICE: Duration = Duration::from_millis(100);
/// A file that is locked for so many slices is said to be.
const LOCKED: u32 = 5;
/// Nobody waits for a lock longer than so many slices.
const GIVE_UP: u32 = 50;
/// Between two attempts to write again.
const AGAIN: Duration = Duration::from_millis(500);

/// What somebody wants appended, all or nothing.
pub(super) struct Job {
    drafts: Vec<Draft>,
    reply: oneshot::Sender<Answer>,
    claim: Claim,
}

impl Job {
    /// A job, where its answer comes, and how the asker withdraws it.
    pub(super) fn new(drafts: Vec<Draft>) -> (Self, oneshot::Receiver<Answer>, Claim) {
        let (reply, answer) = oneshot::channel();
        let claim = Claim::default();
        (Self { drafts, reply, claim: claim.clone() }, answer, claim)
    }

    /// Whether somebody still waits for it.
    fn is_awaited(&self) -> bool {
        !self.reply.is_closed() && !self.claim.0.load(Ordering::SeqCst)
    }

    fn answer(self, answer: Answer) {
        // An asker who has gone meanwhile finds the record in the ledger.
        drop(self.reply.send(answer));
    }
}

/// Who decides on a job: the writer that takes it, or the asker who cannot wait any longer.
#[derive(Clone, Default)]
pub(super) struct Claim(Arc<AtomicBool>);

impl Claim {
    /// Decides on it, unless the other side has.
    pub(super) fn take(&self) -> bool {
        !self.0.swap(true, Ordering::SeqCst)
    }
}

/// The way to the writing thread.
#[derive(Clone)]
pub(super) struct Writer {
    jobs: mpsc::Sender<Job>,
    /// Why nothing can be written now.
    pub(super) trouble: watch::Receiver<Option<LedgerError>>,
}

impl Writer {
    /// Starts the thread. Without a connection it opens the file itself as soon as it can be written again; until
    /// then this is why it cannot.
    pub(super) fn start(connection: Result<Connection, LedgerError>, path: PathBuf, prefix: String) -> Self {
        let (jobs, queue) = mpsc::channel();
        let (connection, why) = match connection {
            Ok(connection) => (Some(connection), None),
            Err(why) => (None, Some(why)),
        };
        let (said, trouble) = watch::channel(why);
        let thread = Thread { connection, end: None, path, prefix, trouble: said };
        // Without a thread every append answers "no longer open".
        drop(std::thread::Builder::new().name("ledger-writer".to_owned()).spawn(move || thread.run(&queue)));
        Self { jobs, trouble }
    }

    /// One that never writes, for this reason.
    pub(super) fn none(why: LedgerError) -> Self {
        Self { jobs: mpsc::channel().0, trouble: watch::channel(Some(why)).1 }
    }

    pub(super) fn queue(&self, job: Job) {
        // A dead thread drops the reply, which the waiting side reports.
        drop(self.jobs.send(job));
    }
}

struct Thread {
    /// `None` when it is not to be trusted: after an error of the disk nobody knows what of it is still true.
    connection: Option<Connection>,
    /// The last record this thread wrote.
    end: Option<End>,
    path: PathBuf,
    prefix: String,
    trouble: watch::Sender<Option<LedgerError>>,
}

impl Thread {
    fn run(mut self, queue: &mpsc::Receiver<Job>) {
        loop {
            let troubled = self.trouble.borrow().is_some();
            // In trouble nobody may ask for long: it looks by itself whether it is over.
            let next = if troubled { queue.recv_timeout(AGAIN) } else { queue.recv().map_err(Into::into) };
            match next {
                Ok(first) => {
                    self.commit(std::iter::once(first).chain(queue.try_iter().take(GROUP)).collect());
                }
                Err(RecvTimeoutError::Timeout) => {
                    let tried = self.trusted().and_then(|()| self.probe());
                    self.say(tried.err());
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Writes every job that somebody waits for, and answers it after the commit.
    fn commit(&mut self, mut jobs: Vec<Job>) {
        let written = self.trusted().and_then(|()| self.write(&mut jobs));
        let answers = match written {
            Ok(answers) => answers,
            Err(error) => vec![Err(error); jobs.len()],
        };
        if let Some(last) = answers.last() {
            self.say(
                last.as_ref().err().filter(|error| matches!(error, LedgerError::Broken { .. })).cloned(),
            );
        }
        for (job, answer) in jobs.into_iter().zip(answers) {
            job.answer(answer);
        }
    }

    /// One transaction; each job stands or falls by itself within it. Jobs that nobody waits for are let go.
    fn write(&mut self, jobs: &mut Vec<Job>) -> Result<Vec<Answer>, LedgerError> {
        let Some(connection) = &self.connection else { return Ok(Vec::new()) };
        let written = (|| -> Result<(Vec<Answer>, Option<End>), Trouble> {
            let Some(mut transaction) = self.begin(connection, jobs)? else { return Ok((Vec::new(), None)) };
            // From here on they are written down, whether or not their askers go on waiting.
            jobs.retain(|job| job.is_awaited() && job.claim.take());
            let mut answers = Vec::with_capacity(jobs.len());
            for job in jobs.iter_mut() {
                let mut savepoint = transaction.savepoint()?;
                let drafts = std::mem::take(&mut job.drafts);
                let answer = append_all(&savepoint, &self.path, &self.prefix, drafts);
                match &answer {
                    Ok(_) => savepoint.commit()?,
                    // SQLite has taken the whole transaction back already.
                    Err(error) if savepoint.is_autocommit() => return Err(error.clone().into()),
                    Err(_) => savepoint.rollback()?,
                }
                answers.push(answer);
            }
            let end = reopen::end(&transaction)?;
            let last = end.map_or(0, |end| end.seq);
            transaction.execute("UPDATE projected SET seq = ?1", [last])?;
            transaction.commit()?;
            Ok((answers, end))
        })();
        match written {
            Ok((answers, end)) => {
                self.end = end.or(self.end);
                Ok(answers)
            }
            Err(Trouble::Sqlite(error)) => Err(self.failed(&error)),
            Err(Trouble::Ledger(error)) => Err(*error),
        }
    }

    /// A transaction that may write; `None` once nobody waits for it any more.
    fn begin<'c>(
        &self,
        connection: &'c Connection,
        jobs: &mut Vec<Job>,
    ) -> rusqlite::Result<Option<Transaction<'c>>> {
        connection.busy_timeout(SLICE)?;
        for slice in 1.. {
            jobs.retain(Job::is_awaited);
            if jobs.is_empty() {
                break;
            }
            match Transaction::new_unchecked(connection, TransactionBehavior::Immediate) {
                Err(error) if is_locked(&error) && slice < GIVE_UP => {
                    if slice >= LOCKED {
                        self.say(Some(broken(&self.path, &error)));
                    }
                }
                begun => return begun.map(Some),
            }
        }
        Ok(None)
    }

    /// Opens the file anew where the connection is not trusted any more.
    fn trusted(&mut self) -> Result<(), LedgerError> {
        if self.connection.is_none() {
            self.connection = Some(reopen::reopen(&self.path, self.end)?);
        }
        Ok(())
    }

    /// Writes and takes it back, durably: what is the same before and after would not be written at all.
    fn probe(&mut self) -> Result<(), LedgerError> {
        let Some(connection) = &self.connection else { return Ok(()) };
        let probed = (|| {
            connection.busy_timeout(SLICE)?;
            let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
            transaction.execute_batch(
                "INSERT INTO meta VALUES ('probe', ''); DELETE FROM meta WHERE key = 'probe'",
            )?;
            transaction.commit()
        })();
        probed.map_err(|error| self.failed(&error))
    }

    /// What an error amounts to. A full disk and a lock pass; after anything else the file is opened anew.
    fn failed(&mut self, error: &rusqlite::Error) -> LedgerError {
        if !is_locked(error) && error.sqlite_error_code() != Some(ErrorCode::DiskFull) {
            self.connection = None;
        }
        broken(&self.path, error)
    }

    /// Lets everybody know why nothing can be written, or that it can be again.
    fn say(&self, why: Option<LedgerError>) {
        self.trouble.send_if_modified(|known| {
            let news = *known != why;
            if news {
                match &why {
                    Some(error) => tracing::warn!(%error, "nothing can be written down"),
                    None => tracing::info!("the ledger can be written again"),
                }
                *known = why;
            }
            news
        });
    }
}

fn is_locked(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

#[cfg(test)]
mod tests;
