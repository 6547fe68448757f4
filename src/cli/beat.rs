//! `quell beat NAME`: what a heartbeat monitor watches says that it lives.

use clap::Args;

use super::Global;
use super::boot::Boot;
use super::failure::{Exit, Failure};
use super::out::Out;
use crate::backend::Backend;
use crate::domain::time::clock_time;

/// `quell beat NAME`.
#[derive(Debug, Args)]
pub(super) struct Beat {
    /// The monitor's name
    name: String,
}

impl Beat {
    pub(super) async fn run(&self, global: &Global, out: &Out) -> Result<Exit, Failure> {
        let boot = Boot::load(global)?;
        let at = boot.engine().await?.beat(&boot.operator, &self.name).await?;
        out.either(&serde_json::json!({ "monitor": self.name, "at": at }), || {
            vec![format!("{} beat at {}", self.name, clock_time(at))]
        });
        Ok(Exit::Ok)
    }
}
