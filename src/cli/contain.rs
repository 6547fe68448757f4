//! `quell contain`, `quell upstream` and `quell undo`: a change, confirmed on the command line and waited for.

use clap::Args;

use super::approval;
use super::boot::Boot;
use super::confirm::{Confirm, sign};
use super::failure::{Exit, Failure};
use super::out::Out;
use super::{Global, plan, settle, words};
use crate::backend::{Backend, Confirmation};
use crate::domain::action::{ActionId, Verb};
use crate::domain::identity::Statement;
use crate::domain::incident::Incident;
use crate::domain::plan::{Plan, sheet};
use crate::engine::Engine;

/// `quell contain ID (PLAYBOOK --set account=… | --plan HASH) (--yes | --confirm-target VALUE)`, or `quell upstream …` for
/// the playbook of a source.
#[derive(Debug, Args)]
pub(super) struct Change {
    /// The incident
    id: String,
    #[command(flatten)]
    what: What,
    /// A parameter's value
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = words::pair, conflicts_with = "plan")]
    set: Vec<(String, String)>,
    #[command(flatten)]
    confirm: Confirm,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct What {
    /// The playbook, as `quell plan ID` lists it; one of a source bears its name: pd/resolve
    playbook: Option<String>,
    /// A plan that `quell plan` printed
    #[arg(long, value_name = "HASH")]
    plan: Option<String>,
}

/// `quell undo ID (ACTION | --plan HASH) (--yes | --confirm-target VALUE)`.
#[derive(Debug, Args)]
#[command(override_usage = "quell undo <ID> <ACTION|--plan <HASH>> <--yes|--confirm-target <VALUE>>")]
pub(super) struct Undo {
    /// The incident
    id: String,
    #[command(flatten)]
    which: Which,
    #[command(flatten)]
    confirm: Confirm,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// The number of the action to reverse
    action: Option<u32>,
    /// A plan that `quell plan --undo` printed
    #[arg(long, value_name = "HASH")]
    plan: Option<String>,
}

impl Change {
    /// Makes the change that `of` makes of a playbook.
    pub(super) async fn run(
        &self,
        global: &Global,
        out: &Out,
        of: impl FnOnce(String) -> Verb,
    ) -> Result<Exit, Failure> {
        let boot = Boot::load(global)?;
        let engine = boot.fresh_engine().await?;
        let incident = engine.incident(&boot.operator, &self.id).await?.incident;
        let verb = of(self.what.playbook.clone().unwrap_or_default());
        let plan = match &self.what.plan {
            Some(hash) => plan::kept(&boot, &engine, &incident.id, hash, verb.word()).await?,
            None => engine.plan(&boot.operator, &incident.id, verb, words::values(&self.set)).await?,
        };
        carry_out(&boot, &engine, out, plan, &self.confirm).await
    }
}

impl Undo {
    pub(super) async fn run(&self, global: &Global, out: &Out) -> Result<Exit, Failure> {
        let boot = Boot::load(global)?;
        let engine = boot.fresh_engine().await?;
        let incident = engine.incident(&boot.operator, &self.id).await?.incident;
        let plan = match (self.which.action, &self.which.plan) {
            (_, Some(hash)) => plan::kept(&boot, &engine, &incident.id, hash, "undo").await?,
            (action, None) => {
                let verb = undo(&incident, action.unwrap_or_default())?;
                engine.plan(&boot.operator, &incident.id, verb, words::values(&[])).await?
            }
        };
        carry_out(&boot, &engine, out, plan, &self.confirm).await
    }
}

/// The reversal of an action.
pub(super) fn undo(incident: &Incident, action: ActionId) -> Result<Verb, Failure> {
    let reversed = incident
        .actions
        .get(&action)
        .ok_or_else(|| Failure::new(Exit::Refused, format!("{} has no action #{action}", incident.id)))?;
    Ok(Verb::Undo { playbook: reversed.plan.verb.of().to_owned(), action })
}

pub(super) async fn carry_out(
    boot: &Boot,
    engine: &Engine,
    out: &Out,
    plan: Plan,
    confirm: &Confirm,
) -> Result<Exit, Failure> {
    let confirmation = confirm.of(&plan)?;
    if !out.json {
        sheet::text(&plan).iter().for_each(|line| out.line(line));
    }
    let request = Statement::Request { plan: &plan.hash };
    let signature = sign(boot, out, confirmation.signing(&plan), &request).await;
    let confirmation = Confirmation { signature, ..confirmation };
    let receipt = engine.submit(&boot.operator, &plan.hash, confirmation).await?;
    let number = match (receipt.action, receipt.waits) {
        (Some(number), _) => number,
        (None, Some(until)) => match approval::wait(boot, engine, out, &plan, until, confirm.wait).await? {
            Some(number) => number,
            None => return Ok(Exit::Refused),
        },
        (None, None) => return Err(Failure::new(Exit::Bug, "the plan was submitted and is no action")),
    };
    settle::finish(boot, engine, out, &plan, number).await
}
