//! `quell plan`: the literal plan of a containment, and nothing sent.

use clap::Args;

use super::Global;
use super::boot::Boot;
use super::failure::{Exit, Failure};
use super::out::Out;
use super::words;
use crate::backend::Backend;
use crate::domain::action::Verb;
use crate::domain::plan::sheet;

/// `quell plan ID PLAYBOOK --set account=…`.
#[derive(Debug, Args)]
#[command(override_usage = "quell plan <ID> <PLAYBOOK> [--set <KEY=VALUE>]...")]
pub(super) struct DryRun {
    /// The incident
    id: String,
    /// The playbook
    playbook: String,
    /// A parameter's value
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = words::pair)]
    set: Vec<(String, String)>,
}

impl DryRun {
    pub(super) async fn run(&self, global: &Global, out: &Out) -> Result<Exit, Failure> {
        let boot = Boot::load(global)?;
        let engine = boot.fresh_engine().await?;
        let incident = engine.incident(&boot.operator, &self.id).await?.incident;
        let verb = Verb::Contain { playbook: self.playbook.clone() };
        let plan = engine.plan(&boot.operator, &incident.id, verb, words::values(&self.set)).await?;
        out.either(&plan, || sheet::text(&plan));
        Ok(Exit::Ok)
    }
}
