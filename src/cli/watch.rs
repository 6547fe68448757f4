//! `quell watch`: one sentence, or one object, for each change; for pipes, scripts and screen readers.

mod printer;
#[cfg(test)]
mod tests;
mod told;

use std::collections::BTreeMap;
use std::io;
use std::process::ExitCode;

use clap::Args;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::boot::Boot;
use super::failure::{Exit, Failure};
use super::follow::{Follower, LOOK, Stop};
use super::out::{Out, json_line};
use super::{Global, list};
use crate::console::board::Sight;
use crate::domain::freshness::SourceState;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::query::{Asker, Query};
use crate::domain::record::Record;
use crate::domain::time::Time;
use printer::Printer;
use told::{Rows, Told, is_change};
pub(in crate::cli) use told::{seen, sees};

/// `quell watch [--plain] [QUERY]`.
#[derive(Debug, Args)]
#[command(
    after_help = "The first line says as of when and how many. It ends with 130, 143 or 129 after SIGINT, SIGTERM or \
                  SIGHUP, and with 0 when nobody reads it any more, and with 3 when what it tells cannot be printed. With a \
                  query, that an incident comes to match by time alone is told too."
)]
pub(super) struct Watch {
    /// One sentence per change, which is what it prints unless --json is given
    #[arg(long, conflicts_with = "json")]
    plain: bool,
    /// Only incidents that match, or did: sev:critical -is:acked "token"
    #[arg(value_name = "QUERY", allow_hyphen_values = true)]
    query: Option<String>,
}

impl Watch {
    pub(super) async fn run(&self, global: &Global, out: &Out) -> Result<ExitCode, Failure> {
        let query = self.query.as_deref().map(list::query).transpose()?;
        let boot = Boot::load(global)?;
        let mut follower = Follower::begin(&boot).await?;
        let mut stop = Stop::listen()?;
        let printer = Printer::start(std::io::stdout());
        let printer = printer.map_err(|why| unprinted(&why))?;
        let mut account = Account::new(&follower, query, out, printer);
        // Whoever does not read what is told holds up no source.
        follower.keep_watch(&boot);
        let telling = async {
            account.begin(&follower).await?;
            while !is_unread() {
                follower.next(LOOK).await;
                account.go_on(&mut follower).await?;
            }
            Ok::<(), io::Error>(())
        };
        let told = stop.unless(telling).await;
        follower.leave().await;
        match told {
            Err(ended) => Ok(ExitCode::from(ended.code())),
            Ok(Err(why)) if why.kind() != io::ErrorKind::BrokenPipe => Err(unprinted(&why)),
            // Whoever stopped reading wants no more.
            Ok(_) => Ok(Exit::Ok.into()),
        }
    }
}

fn unprinted(why: &io::Error) -> Failure {
    Failure::new(Exit::Unreachable, format!("it watches no more: what it tells cannot be printed: {why}"))
}

/// What has been told.
struct Account<'a> {
    out: &'a Out,
    printer: Printer,
    query: Option<Query>,
    /// The incidents that match; `false`: that did, and of which nothing was written since.
    matching: BTreeMap<IncidentId, bool>,
    states: BTreeMap<String, SourceState>,
    sight: Sight,
    /// It saw something.
    saw: bool,
    next: u64,
    before: Option<Time>,
}

impl<'a> Account<'a> {
    fn new(follower: &Follower, query: Option<Query>, out: &'a Out, printer: Printer) -> Self {
        let now = follower.now();
        let mut account = Self {
            out,
            printer,
            query,
            matching: BTreeMap::new(),
            states: follower.board.watched().map(|status| (status.name.clone(), status.state(now))).collect(),
            sight: follower.board.sight(now),
            saw: sees(&follower.board.sight(now)),
            next: follower.began_after + 1,
            before: None,
        };
        account.matching = follower
            .board
            .ranked()
            .filter(|it| account.wants(it, follower))
            .map(|it| (it.id.clone(), true))
            .collect();
        account
    }

    /// Tells how it is now.
    async fn begin(&mut self, follower: &Follower) -> io::Result<()> {
        let count = self.query.as_ref().map(|_| self.matching.len());
        self.tell(&Told::begin(&follower.board, &follower.everything(), count)).await
    }

    /// Tells what has changed.
    async fn go_on(&mut self, follower: &mut Follower) -> io::Result<()> {
        loop {
            let records = follower.records(self.next).await;
            let Some(last) = records.last() else { break };
            self.next = last.seq + 1;
            // A record is told with its incident as it is after it.
            follower.catch_up().await;
            let rows = self.rows(follower);
            for record in &records {
                self.record(record, follower, rows.as_ref()).await?;
            }
        }
        let now = follower.now();
        for status in follower.board.watched() {
            let state = status.state(now);
            match self.states.insert(status.name.clone(), state) {
                Some(was) if was != state => {
                    let monitor = follower.board.monitors.iter().find(|it| it.source.name == status.name);
                    self.tell(&Told::source(status, monitor, was, now)).await?;
                }
                _ => {}
            }
        }
        let sight = follower.board.sight(now);
        let other = sees(&sight) != sees(&self.sight)
            || !sees(&sight) && std::mem::discriminant(&sight) != std::mem::discriminant(&self.sight);
        if other {
            self.tell(&Told::sight(&follower.board, &self.sight, &sight, self.saw, now)).await?;
            self.saw |= sees(&sight);
            self.sight = sight;
        }
        self.judge(follower).await
    }

    /// Tells which incidents came to match although nothing was written about them: time alone can do that.
    async fn judge(&mut self, follower: &Follower) -> io::Result<()> {
        if self.query.is_none() {
            return Ok(());
        }
        let mut come = Vec::new();
        for incident in follower.board.ranked() {
            let matches = self.wants(incident, follower);
            match self.matching.get_mut(&incident.id) {
                Some(known) if *known == matches => {}
                Some(known) if !matches => *known = false,
                None if !matches => {}
                _ => come.push(incident),
            }
        }
        if come.is_empty() {
            return Ok(());
        }
        let (rows, now) = (self.rows(follower), follower.now());
        for incident in come {
            self.matching.insert(incident.id.clone(), true);
            self.tell(&Told::matched(incident, rows.as_ref(), now)).await?;
        }
        Ok(())
    }

    /// What the rows of all that is told now are made of; a sentence needs none.
    fn rows(&self, follower: &Follower) -> Option<Rows> {
        self.out.json.then(|| Rows::of(&follower.board, follower.everything()))
    }

    async fn record(&mut self, record: &Record, follower: &Follower, rows: Option<&Rows>) -> io::Result<()> {
        let about = match &record.incident {
            Some(id) => follower.incident(id).await,
            None => None,
        };
        let about = about.as_deref();
        let is_change = is_change(record, about);
        let wanted = match about {
            Some(incident) => {
                let matched = self.matching.contains_key(&incident.id);
                let matches = self.wants(incident, follower);
                if !matches {
                    self.matching.remove(&incident.id);
                } else if is_change {
                    self.matching.insert(incident.id.clone(), true);
                }
                matched || matches
            }
            None => self.query.is_none(),
        };
        if wanted && is_change {
            self.tell(&Told::record(record, about, rows)).await?;
        }
        Ok(())
    }

    fn wants(&self, incident: &Incident, follower: &Follower) -> bool {
        let Some(query) = &self.query else { return true };
        let asker = Asker { me: follower.me(), now: follower.now() };
        let stale = follower.board.is_stale(incident, follower.now());
        (query.asks_phase() || incident.is_on_triage()) && incident.is_meant(query, &asker, stale)
    }

    async fn tell(&mut self, told: &Told) -> io::Result<()> {
        let line = |told: &Told| self.out.shown(&told.line(self.before)) + "\n";
        let text = if self.out.json { json_line(told) } else { line(told) };
        self.before = Some(told.time());
        self.printer.print(text).await
    }
}

/// Whether nobody reads what is printed any more.
fn is_unread() -> bool {
    let stdout = rustix::stdio::stdout();
    let mut reader = [PollFd::new(&stdout, PollFlags::empty())];
    let gone = poll(&mut reader, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })) == Ok(1);
    gone && reader.iter().any(|reader| reader.revents().intersects(PollFlags::ERR | PollFlags::HUP))
}
