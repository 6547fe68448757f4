//! `quell upstream`: what the source of an incident can be asked, and asking it.

use clap::Args;

use super::boot::Boot;
use super::confirm::Confirm;
use super::failure::{Exit, Failure};
use super::out::Out;
use super::{Global, contain, plan, words};
use crate::backend::Backend;
use crate::domain::action::Verb;

/// `quell upstream ID [VERB --set user=… | --plan HASH] (--yes | --confirm-target VALUE)`.
#[derive(Debug, Args)]
#[command(override_usage = "quell upstream <ID>\n       \
                      quell upstream <ID> <VERB|--plan <HASH>> [--set <KEY=VALUE>]... <--yes|--confirm-target <VALUE>>")]
pub(super) struct Upstream {
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
    /// What to ask, as `quell plan ID` lists it: pd/resolve
    verb: Option<String>,
    /// A plan that `quell plan` printed
    #[arg(long, value_name = "HASH")]
    plan: Option<String>,
}

impl Upstream {
    pub(super) async fn run(&self, global: &Global, out: &Out) -> Result<Exit, Failure> {
        let boot = Boot::load(global)?;
        let engine = boot.fresh_engine().await?;
        let incident = engine.incident(&boot.operator, &self.id).await?.incident;
        let plan = match (&self.what.verb, &self.what.plan) {
            (_, Some(hash)) => plan::kept(&boot, &engine, &incident.id, hash, "upstream").await?,
            (verb, None) => {
                let verb = Verb::Upstream { playbook: verb.clone().unwrap_or_default() };
                engine.plan(&boot.operator, &incident.id, verb, words::values(&self.set)).await?
            }
        };
        contain::carry_out(&boot, &engine, out, plan, &self.confirm).await
    }
}
