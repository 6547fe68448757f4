//! `quell [ID]`: the console on the ledger of this machine.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use tokio::sync::watch::Receiver;

use super::boot::{Boot, usual_config};
use super::failure::Failure;
use super::{Global, look, opener, wrong};
use crate::backend::{Backend, Detail, Refusal, RefusalKind};
use crate::console::model::{Said, Settings};
use crate::engine::Engine;
use crate::notify::{Ladder, Surroundings};
use crate::os::clock::Clock;
use crate::os::env;
use crate::runtime::{self, Console};

pub(super) async fn run(
    global: &Global,
    id: Option<String>,
    record: Option<&Path>,
) -> Result<ExitCode, Failure> {
    let boot = Boot::load(global)?;
    open(&boot, global, id, record, None).await
}

/// The id of the incident that a person means; a word that means none is refused before anything is drawn.
async fn meant(boot: &Boot, engine: &Engine, word: &str) -> Result<String, Failure> {
    let mut found = engine.incident(&boot.operator, word).await;
    let unknown = |found: &Result<Detail, Refusal>| {
        found.as_ref().is_err_and(|refusal| refusal.kind == RefusalKind::NotFound)
    };
    if unknown(&found) && wrong::command_like(word).is_none() {
        // It may be so new that nobody has asked for it yet.
        engine.stand_in().await;
        found = engine.incident(&boot.operator, word).await;
    }
    if unknown(&found) {
        return Err(wrong::no_command_or_incident(word));
    }
    Ok(found?.incident.id.to_string())
}

/// What a demo adds to a console: what else its help says, and what its channels receive.
pub(super) type Staged = (String, Receiver<Vec<Said>>);

/// Opens the console and waits until it ends; `record` is the file it is recorded in.
pub(super) async fn open(
    boot: &Boot,
    global: &Global,
    id: Option<String>,
    record: Option<&Path>,
    staged: Option<Staged>,
) -> Result<ExitCode, Failure> {
    let (remark, sink) = staged.unzip();
    let engine = boot.engine_at_any_rate().await?;
    let id = match id {
        Some(word) => Some(meant(boot, &engine, &word).await?),
        None => None,
    };
    let file = boot.config.file.clone().or_else(usual_config);
    let reviews = boot.state.join("reviews");
    let surroundings = Surroundings::read(env::var).await;
    let opener = opener::opener(&boot.config.open, surroundings.is_elsewhere(), env::var);
    let settings = Settings {
        operator: boot.operator.name.clone(),
        config: file.map(|file| file.display().to_string()).unwrap_or_default(),
        reviews: reviews.display().to_string(),
        remark,
        keymap: boot.config.keymap.clone(),
        views: boot.config.views.clone(),
        opener: opener.first().cloned(),
        build: boot.config.build(),
    };
    let record = record.map(runtime::create_recording).transpose()?;
    let console = Console {
        backend: Arc::new(engine.clone()),
        engine: Some(engine),
        operator: boot.operator.clone(),
        identity: boot.identity.clone(),
        settings,
        open: id,
        theme: look::theme(global, boot.config.look),
        ladder: Ladder::new(&boot.config.notify, &surroundings),
        clock: Clock::system(),
        crashes: boot.state.clone(),
        reviews,
        drafts: boot.state.join("drafts"),
        opener,
        sink,
        record,
    };
    Ok(ExitCode::from(runtime::run(console)?.code()))
}
