//! `quell packet`: what an escalation would say, and where each value was found.

use clap::Args;

use super::Global;
use super::boot::Boot;
use super::escalate::suggested;
use super::failure::{Exit, Failure};
use super::out::Out;
use crate::backend::Backend;

/// `quell packet ID [--path P]`.
#[derive(Debug, Args)]
#[command(override_usage = "quell packet <ID> [--path <PATH>]")]
pub(super) struct Packet {
    /// The incident
    id: String,
    /// The path; the suggested one unless it is said
    #[arg(long)]
    path: Option<String>,
}

impl Packet {
    pub(super) async fn run(&self, global: &Global, out: &Out) -> Result<Exit, Failure> {
        let boot = Boot::load(global)?;
        let engine = boot.fresh_engine().await?;
        let who = &boot.operator;
        let id = engine.incident(who, &self.id).await?.incident.id.clone();
        let path = match &self.path {
            Some(path) => path.clone(),
            None => suggested(engine.applicable(who, &id).await?)?.verb.of().to_owned(),
        };
        let packet = engine.packet(who, &id, &path).await?;
        out.either(&packet, || packet.text().lines().map(str::to_owned).collect());
        Ok(Exit::Ok)
    }
}
