//! `quell escalate`: a step of a path, sent now.

use std::time::Duration;

use clap::Args;

use super::boot::Boot;
use super::failure::{Exit, Failure};
use super::out::Out;
use super::{Global, plan, words};
use crate::backend::{Applicable, Backend, Confirmation};
use crate::domain::action::Verb;
use crate::domain::escalation::{Receipt, Step, StepState};
use crate::domain::incident::Incident;
use crate::domain::plan::Request;
use crate::engine::TELLING_ENDS_WITHIN;

/// After a telling has ended it is written down within this time.
const WRITTEN_WITHIN: Duration = Duration::from_secs(10);

/// `quell escalate ID [--path P] [--step N | --steps "0m inc-room; 5m pd-platform"] [--set k=v]`.
#[derive(Debug, Args)]
#[command(
    override_usage = "quell escalate <ID> [--path <PATH>] [--step <N> | --steps <STEPS>] [--set <ITEM=VALUE>]...\n       quell escalate <ID> --plan <HASH>"
)]
pub(super) struct Escalate {
    /// The incident
    id: String,
    /// The path; the suggested one unless it is said
    #[arg(long)]
    path: Option<String>,
    #[command(flatten)]
    which: Which,
    /// An item of the packet: "affected users=about 500"
    #[arg(long = "set", value_name = "ITEM=VALUE", value_parser = words::pair)]
    set: Vec<(String, String)>,
    /// Exactly the one that `quell plan --escalate` printed
    #[arg(long, value_name = "HASH", conflicts_with_all = ["path", "Which", "set"])]
    plan: Option<String>,
}

/// Which step of the path.
#[derive(Debug, Args)]
pub(super) struct Which {
    /// This step of it, sent before or not; the next one that was not unless it is said
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    step: Option<u32>,
    /// Other steps than the configured ones: "0m inc-room; 5m pd-platform, boss"
    #[arg(long, conflicts_with = "step", value_parser = steps)]
    steps: Option<Steps>,
}

impl Which {
    /// That step of a path.
    pub(super) fn of(&self, path: String) -> Verb {
        Verb::Escalate { path, step: self.step, steps: self.steps.as_ref().map(|Steps(steps)| steps.clone()) }
    }
}

impl Escalate {
    pub(super) async fn run(&self, global: &Global, out: &Out) -> Result<Exit, Failure> {
        let boot = Boot::load(global)?;
        // Whoever is paged must not wait for a source.
        let engine = boot.engine().await?;
        let who = &boot.operator;
        let incident = boot.incident_at_once(&engine, &self.id).await?;
        if let Some(which) = words::which(&self.id, &incident).filter(|_| !out.json) {
            out.aside(which);
        }
        let id = incident.id.clone();
        let plan = match &self.plan {
            Some(hash) => plan::kept(&boot, &engine, &id, hash, "escalate").await?,
            None => {
                let path = match &self.path {
                    Some(path) => path.clone(),
                    None => {
                        let path = suggested(engine.applicable(who, &id).await?)?;
                        open_path(path, self.which.steps.is_some())?
                    }
                };
                engine.plan(who, &id, self.which.of(path), words::values(&self.set)).await?
            }
        };
        let Request::Tell(telling) = &plan.request else {
            return Err(Failure::new(Exit::Bug, "an escalation's plan tells nobody"));
        };
        engine.submit(who, &plan.hash, Confirmation::default()).await?;
        engine.drain(TELLING_ENDS_WITHIN.std() + WRITTEN_WITHIN).await;
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

/// The path's id. One that cannot go out as it is may with steps of its own.
fn open_path(path: Applicable, own_steps: bool) -> Result<String, Failure> {
    match path.barred {
        Some(why) if !own_steps => Err(Failure::new(Exit::Refused, format!("{}: {why}", path.title))),
        _ => Ok(path.verb.of().to_owned()),
    }
}

/// Steps as one argument.
#[derive(Clone, Debug)]
struct Steps(Vec<Step>);

fn steps(text: &str) -> Result<Steps, String> {
    Step::read_all(text).map(Steps)
}

fn receipts<'a>(incident: &'a Incident, path: &str, step: u32) -> Option<&'a Vec<Receipt>> {
    match &incident.escalation_on(path)?.step(step)?.state {
        StepState::Sent(receipts) => Some(receipts),
        StepState::Waiting | StepState::Started(_) | StepState::Missed => None,
    }
}

fn said(receipt: &Receipt) -> String {
    let word = if receipt.accepted { "told" } else { "NOT TOLD" };
    format!("{word} {}: {}", receipt.channel, receipt.detail.safe())
}
