//! What people write down about an incident: verbs that stay in our ledger.

mod due;
mod hold;
mod phase;
mod role;
mod snooze;
mod weigh;

use std::sync::Arc;
use std::time::Duration;

use clap::Subcommand;
use serde::Serialize;

pub(super) use due::name;

use super::Global;
use super::boot::Boot;
use super::failure::{Exit, Failure};
use super::out::Out;
use super::words::which;
use crate::backend::{Backend, Receipt, Refusal, RefusalKind};
use crate::domain::action::Stage;
use crate::domain::incident::Incident;
use crate::domain::record::{Entry, Record};
use crate::domain::story;
use crate::domain::time::Time;
use crate::engine::Engine;
use crate::os::clock;

/// How long an exchange with a source may take to end.
const ENDS_WITHIN: Duration = Duration::from_secs(12);

/// The verbs that stay in our ledger.
#[derive(Debug, Subcommand)]
pub(super) enum Work {
    /// Take an incident: you hold it until the acknowledgement expires
    Ack(hold::Ack),
    /// Hand your acknowledgement back: whoever is next on its paths is told
    Back(hold::Back),
    /// Put an incident off here for a while: it is still paged for, and wakes when it gets worse
    Snooze(snooze::Snooze),
    /// Take up again what was snoozed
    Wake(snooze::Wake),
    /// Add a note
    Note(hold::Note),
    /// Fill in an item of the packet
    Fill(hold::Fill),
    /// Name the response lead, or offer it to somebody when it is you
    Lead(role::Lead),
    /// Take a role, name somebody, offer yours, or accept what was offered
    Role(role::Part),
    /// Say how many users are affected
    Impact(weigh::ImpactOf),
    /// Say how bad it is, or confirm it
    Severity(weigh::SeverityOf),
    /// Say what sort of incident it is, or confirm it
    Category(weigh::CategoryOf),
    /// Say what else it weighs: urgency, scope, product area, environment, funds at risk
    Classify(weigh::Classify),
    /// Ask somebody for something within a time
    Timer(due::Timer),
    /// Write down a callout: everybody on the bridge was asked
    Callout(due::Callout),
    /// Say that something due is done: a timer, a callout, a report
    Done(due::Done),
    /// Say why nothing needs to be contained
    NoContainment(phase::NoContainment),
    /// Say what was done to make it better
    Mitigated(phase::Mitigated),
    /// Keep a containment in force on purpose
    Keep(phase::Keep),
    /// Say where the response stands
    Phase(phase::Move),
    /// End it
    Close(phase::Close),
}

/// What a verb is written on.
struct Setting<'a> {
    incident: &'a Incident,
    me: &'a str,
    ack_lasts_s: u64,
    now: Time,
}

/// A verb that stays in our ledger.
trait Writes {
    /// The incident it is about, as it was typed.
    fn id(&self) -> &str;

    /// What is written down.
    fn entries(&self, on: &Setting<'_>) -> Result<Vec<Entry>, Failure>;

    /// A refusal in words of the command line.
    fn explained(&self, refusal: Refusal, _now: &Incident) -> Failure {
        refusal.into()
    }

    /// What there is to know about what was written down, given the records before it.
    fn beside(&self, _records: &[Record]) -> Option<String> {
        None
    }

    /// What was done, each line beginning with the id.
    fn said(&self, after: &Incident) -> String;
}

impl Work {
    pub(super) async fn run(&self, global: &Global, out: &Out) -> Result<Exit, Failure> {
        let verb = self.verb();
        let boot = Boot::load(global)?;
        let engine = boot.engine().await?;
        let (before, records) = match self {
            Self::Ack(_) => (boot.incident_at_once(&engine, verb.id()).await?, Vec::new()),
            _ => {
                let read = engine.incident(&boot.operator, verb.id()).await?;
                (read.incident, read.records)
            }
        };
        if let Some(which) = which(verb.id(), &before).filter(|_| !out.json) {
            out.aside(which);
        }
        let ack_lasts_s = engine.catalogue(&boot.operator).await?.ack_lasts_s;
        let on = Setting { incident: &before, me: &boot.operator.name, ack_lasts_s, now: clock::now() };
        let entries = verb.entries(&on)?;
        let mut after = before.clone();
        for entry in entries {
            match engine.record(&boot.operator, &before.id, after.version, entry).await {
                Ok(recorded) => after = recorded,
                Err(refusal) => {
                    // What was looked at for this may have moved it.
                    let now = engine.incident(&boot.operator, &before.id.to_string()).await;
                    let now = now.map_or_else(|_| before.clone(), |detail| detail.incident);
                    let failure = verb.explained(refusal, &now);
                    if out.json && after.version > before.version {
                        out.value(&Written { incident: &after, failed: vec![failure.message.clone()] });
                    }
                    return Err(failure);
                }
            }
        }
        if !out.json {
            out.line(verb.said(&after));
            verb.beside(&records).into_iter().for_each(|said| out.aside(said));
        }
        let Self::Ack(_) = self else {
            out.either(&after, Vec::new);
            return Ok(Exit::Ok);
        };
        // It is written down, whatever a source makes of it; who acknowledges there too must know what it says now.
        engine.stand_in().await;
        if let Some(doubt) = doubt(&boot, &engine, verb.id(), &after).await {
            out.aside(doubt);
        }
        let there = engine.acknowledge_there(&boot.operator, &after.id).await;
        let came = brought(&boot, &engine, &mut after, there).await;
        let written = Written { incident: &after, failed: came.failed };
        out.either(&written, || [&came.lines[..], &written.failed[..]].concat());
        Ok(came.exit)
    }

    fn verb(&self) -> &dyn Writes {
        match self {
            Self::Ack(verb) => verb,
            Self::Back(verb) => verb,
            Self::Snooze(verb) => verb,
            Self::Wake(verb) => verb,
            Self::Note(verb) => verb,
            Self::Fill(verb) => verb,
            Self::Lead(verb) => verb,
            Self::Role(verb) => verb,
            Self::Impact(verb) => verb,
            Self::Severity(verb) => verb,
            Self::Category(verb) => verb,
            Self::Classify(verb) => verb,
            Self::Timer(verb) => verb,
            Self::Callout(verb) => verb,
            Self::Done(verb) => verb,
            Self::NoContainment(verb) => verb,
            Self::Mitigated(verb) => verb,
            Self::Keep(verb) => verb,
            Self::Phase(verb) => verb,
            Self::Close(verb) => verb,
        }
    }
}

fn refused<T>(why: impl Into<String>) -> Result<T, Failure> {
    Err(Failure::new(Exit::Refused, why))
}

/// An incident as a verb leaves it, and what of that failed.
#[derive(Serialize)]
struct Written<'a> {
    #[serde(flatten)]
    incident: &'a Incident,
    /// One line each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failed: Vec<String>,
}

/// What became of an acknowledgement at the incident's sources.
struct Came {
    exit: Exit,
    /// What was done, one line each.
    lines: Vec<String>,
    /// What was not, or may not have been.
    failed: Vec<String>,
}

impl Came {
    fn failed(&mut self, exit: Exit, why: String) {
        self.exit = self.exit.or_worse(exit);
        self.failed.push(why);
    }
}

/// What became of an acknowledgement at the incident's sources, once that is known. Here it is written down, whatever
/// cannot be learnt of it there.
async fn brought(
    boot: &Boot,
    engine: &Engine,
    after: &mut Arc<Incident>,
    there: Vec<Result<Receipt, Refusal>>,
) -> Came {
    let mut came = Came { exit: Exit::Ok, lines: Vec::new(), failed: Vec::new() };
    if there.is_empty() {
        return came;
    }
    engine.drain(ENDS_WITHIN).await;
    match engine.incident(&boot.operator, &after.id.to_string()).await {
        Ok(detail) => *after = detail.incident,
        Err(refusal) => {
            let why = Failure::from(refusal).message;
            came.failed(Exit::Unknown, format!("{} may be held at its source or not: {why}", after.id));
            return came;
        }
    }
    for receipt in there {
        let action = match receipt {
            Ok(receipt) => receipt.action.and_then(|id| after.actions.get(&id)),
            Err(refusal) => {
                let Failure { exit, message, .. } = refusal.into();
                came.failed(exit, format!("{} is held here only, not at its source: {message}", after.id));
                continue;
            }
        };
        let Some(action) = action else { continue };
        let (what, word) = (story::what(&action.plan), action.stage.word());
        let line = format!("{} {what} {word}: {}", after.id, action.detail.safe());
        match action.stage {
            Stage::Accepted | Stage::Verified => came.lines.push(line),
            Stage::Refused | Stage::NotSent => came.failed(Exit::Refused, line),
            _ => came.failed(Exit::Unknown, line),
        }
    }
    came
}

/// Why what was typed may have meant another incident, now that every source was asked.
async fn doubt(boot: &Boot, engine: &Engine, typed: &str, taken: &Incident) -> Option<String> {
    let refusal = engine.incident(&boot.operator, typed).await.err()?;
    let doubtful = refusal.kind == RefusalKind::Usage;
    doubtful.then(|| format!("{} was taken, but {}", taken.id, refusal.message.safe()))
}
