//! What people write down about an incident: verbs that stay in our ledger.

mod due;
mod hold;
mod phase;
mod role;
mod weigh;

use std::sync::Arc;
use std::time::Duration;

use clap::Subcommand;

pub(super) use due::name;

use super::Global;
use super::boot::Boot;
use super::failure::{Exit, Failure};
use super::out::Out;
use crate::backend::{Backend, Receipt, Refusal};
use crate::domain::action::Stage;
use crate::domain::incident::Incident;
use crate::domain::record::Entry;
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
    fn explained(&self, refusal: Refusal, _before: &Incident) -> Failure {
        refusal.into()
    }

    /// What was done, each line beginning with the id.
    fn said(&self, after: &Incident) -> String;
}

impl Work {
    pub(super) async fn run(&self, global: &Global, out: &Out) -> Result<Exit, Failure> {
        let verb = self.verb();
        let boot = Boot::load(global)?;
        // Who acknowledges at the sources too must know what they say now.
        let engine = match self {
            Self::Ack(_) => boot.fresh_engine().await?,
            _ => boot.engine().await?,
        };
        let before = engine.incident(&boot.operator, verb.id()).await?.incident;
        let ack_lasts_s = engine.catalogue(&boot.operator).await?.ack_lasts_s;
        let on = Setting { incident: &before, me: &boot.operator.name, ack_lasts_s, now: clock::now() };
        let entries = verb.entries(&on)?;
        let mut after = before.clone();
        for entry in entries {
            let recorded = engine.record(&boot.operator, &before.id, after.version, entry).await;
            after = recorded.map_err(|refusal| verb.explained(refusal, &before))?;
        }
        let there = match self {
            Self::Ack(_) => engine.acknowledge_there(&boot.operator, &after.id).await,
            _ => Vec::new(),
        };
        let (exit, lines) = brought(&boot, &engine, &mut after, there).await?;
        out.either(&after, || std::iter::once(verb.said(&after)).chain(lines).collect());
        Ok(exit)
    }

    fn verb(&self) -> &dyn Writes {
        match self {
            Self::Ack(verb) => verb,
            Self::Back(verb) => verb,
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

/// What became of an acknowledgement at the incident's sources, once that is known.
async fn brought(
    boot: &Boot,
    engine: &Engine,
    after: &mut Arc<Incident>,
    there: Vec<Result<Receipt, Refusal>>,
) -> Result<(Exit, Vec<String>), Failure> {
    if there.is_empty() {
        return Ok((Exit::Ok, Vec::new()));
    }
    engine.drain(ENDS_WITHIN).await;
    *after = engine.incident(&boot.operator, &after.id.to_string()).await?.incident;
    let (mut exit, mut lines) = (Exit::Ok, Vec::new());
    for receipt in there {
        let action = match receipt {
            Ok(receipt) => receipt.action.and_then(|id| after.actions.get(&id)),
            Err(refusal) => {
                let failure = Failure::from(refusal);
                exit = exit.or_worse(failure.exit);
                lines.push(format!("{} is held here only, not at its source: {}", after.id, failure.message));
                continue;
            }
        };
        let Some(action) = action else { continue };
        exit = exit.or_worse(match action.stage {
            Stage::Accepted | Stage::Verified => Exit::Ok,
            Stage::Refused | Stage::NotSent => Exit::Refused,
            _ => Exit::Unknown,
        });
        let (what, word) = (story::what(&action.plan), action.stage.word());
        lines.push(format!("{} {what} {word}: {}", after.id, action.detail.safe()));
    }
    Ok((exit, lines))
}
