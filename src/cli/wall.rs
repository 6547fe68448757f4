//! `quell wall`: a screen across the room that nobody touches.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::boot::{Boot, usual_config};
use super::failure::Failure;
use super::{Global, look, looks};
use crate::console::look::Look;
use crate::domain::operator::Operator;
use crate::notify::dead_man::DeadMan;
use crate::os::clock::Clock;
use crate::os::env;
use crate::runtime::wall::{self, Parts};

/// As whom a wall listens. No person can be called that: what one of them has read stays hidden here.
const NOBODY: &str = "the wall";

/// `quell wall [--theme NAME]`.
#[derive(Debug, Args)]
pub(super) struct Wall {
    /// Draw it in these colours
    #[arg(long, value_name = "NAME", value_parser = looks())]
    theme: Option<Look>,
}

impl Wall {
    pub(super) async fn run(&self, global: &Global) -> Result<ExitCode, Failure> {
        show(&Boot::load(global)?, &global.looking(self.theme)).await
    }
}

/// Shows the wall until it is told to end.
async fn show(boot: &Boot, global: &Global) -> Result<ExitCode, Failure> {
    let engine = boot.engine_at_any_rate().await?;
    let file = boot.config.file.clone().or_else(usual_config);
    let dead_man =
        boot.config.dead_man.as_ref().map(|settings| DeadMan::new(settings, env::var)).transpose()?;
    let operator =
        Operator { tty: boot.operator.tty.clone(), ..Operator::new(NOBODY, boot.operator.host.clone()) };
    let parts = Parts {
        backend: Arc::new(engine.clone()),
        engine: Some(engine),
        operator,
        config: file.map(|file| file.display().to_string()).unwrap_or_default(),
        build: boot.config.build(),
        theme: look::theme(global, boot.config.look),
        clock: Clock::system(),
        crashes: boot.state.clone(),
        dead_man,
    };
    Ok(ExitCode::from(wall::run(parts)?.code()))
}
