//! `quell replay FILE`: a recorded session on the console's screen, where nothing acts.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::boot::state_folder;
use super::failure::{Exit, Failure};
use super::out::Out;
use super::{Global, look, row};
use crate::console::look::Look;
use crate::runtime::{self, Recorded};

/// The version of what `--json` prints.
const VERSION: u32 = 1;

/// `quell replay FILE`.
#[derive(Debug, Args)]
#[command(
    after_help = "space plays and pauses, → and ← step, ] and [ go ten seconds, } and { a minute, + and - change the \
                  speed (1, 4, 16), g and G go to the beginning and the end, q leaves. --json says what it is of instead."
)]
pub(super) struct Replay {
    /// What `quell --record FILE` wrote
    file: PathBuf,
}

/// What a recording is of.
#[derive(Serialize)]
struct Summary {
    version: u32,
    program: String,
    operator: String,
    from: String,
    to: String,
    steps: usize,
    cut: bool,
}

impl Replay {
    pub(super) async fn run(&self, global: &Global, out: &Out) -> Result<ExitCode, Failure> {
        let recorded = Recorded::load(&self.file)?;
        if out.json {
            out.value(&Summary {
                version: VERSION,
                program: recorded.program.clone(),
                operator: recorded.model.settings.operator.clone(),
                from: row::second(recorded.at),
                to: row::second(recorded.end()),
                steps: recorded.steps(),
                cut: recorded.cut,
            });
            return Ok(Exit::Ok.into());
        }
        let ended = runtime::replay(recorded, look::theme(global, Look::default()), state_folder(global)?)?;
        Ok(ExitCode::from(ended.code()))
    }
}
