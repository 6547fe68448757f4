//! `quell escalate`: the next step of a path, sent now.

use std::time::Duration;

use clap::Args;

use super::boot::Boot;
use super::failure::{Exit, Failure};
use super::out::Out;
use super::{Global, words};
use crate::backend::{Applicable, Backend, Confirmation};
use crate::domain::action::Verb;
use crate::domain::escalation::{Receipt, StepState};
use crate::domain::incident::Incident;
use crate::domain::plan::Request;

/// What is on the wire is waited for this long.
const AT_MOST: Duration = Duration::from_secs(30);

/// `quell escalate ID [--path P] [--set k=v]`.
#[derive(Debug, Args)]
#[command(override_usage = "quell escalate <ID> [--path <PATH>] [--set <ITEM=VALUE>]...")]
pub(super) struct Escalate {
    /// The incident
    id: String,
    /// The path; the suggested one unless it is said
    #[arg(long)]
    path: Option<String>,
    /// An item of the packet: "affected users=about 500"
    #[arg(long = "set", value_name = "ITEM=VALUE", value_parser = words::pair)]
    set: Vec<(String, String)>,
}

impl Escalate {
    pub(super) async fn run(&self, global: &Global, out: &Out) -> Result<Exit, Failure> {
        let boot = Boot::load(global)?;
        let engine = boot.fresh_engine().await?;
        let who = &boot.operator;
        let id = engine.incident(who, &self.id).await?.incident.id.clone();
        let verb = match &self.path {
            Some(path) => Verb::escalate(path),
            None => open_verb(suggested(engine.applicable(who, &id).await?)?)?,
        };
        let plan = engine.plan(who, &id, verb, words::values(&self.set)).await?;
        let Request::Tell(telling) = &plan.request else {
            return Err(Failure::new(Exit::Bug, "an escalation's plan tells nobody"));
        };
        engine.submit(who, &plan.hash, Confirmation::default()).await?;
        engine.drain(AT_MOST).await;
        let incident = engine.incident(who, &id.to_string()).await?.incident;
        let Some(receipts) = receipts(&incident, &telling.path, telling.step) else {
            let message =
                format!("it is unknown whether {} was told; see quell show {id}", telling.to.join(", "));
            return Err(Failure::new(Exit::Unknown, message));
        };
        out.either(receipts, || receipts.iter().map(said).collect());
        let told = receipts.iter().any(|receipt| receipt.accepted);
        Ok(if told { Exit::Ok } else { Exit::Refused })
    }
}

/// The path that quell would pick.
pub(super) fn suggested(applicable: Vec<Applicable>) -> Result<Applicable, Failure> {
    let mut paths = applicable.into_iter().filter(|a| matches!(a.verb, Verb::Escalate { .. }));
    let path = paths.find(|path| path.suggested);
    path.ok_or_else(|| Failure::new(Exit::Usage, "no path is suggested; name one with --path"))
}

fn open_verb(path: Applicable) -> Result<Verb, Failure> {
    match path.barred {
        Some(why) => Err(Failure::new(Exit::Refused, format!("{}: {why}", path.title))),
        None => Ok(path.verb),
    }
}

fn receipts<'a>(incident: &'a Incident, path: &str, step: u32) -> Option<&'a Vec<Receipt>> {
    let index = usize::try_from(step).ok()?.checked_sub(1)?;
    match &incident.escalation_on(path)?.steps.get(index)?.state {
        StepState::Sent(receipts) => Some(receipts),
        StepState::Waiting | StepState::Started(_) | StepState::Missed => None,
    }
}

fn said(receipt: &Receipt) -> String {
    let word = if receipt.accepted { "told" } else { "NOT TOLD" };
    format!("{word} {}: {}", receipt.channel, receipt.detail.safe())
}
