//! `quell config`: write a first configuration, check one, show what holds.

use std::os::unix::fs::DirBuilderExt;

use clap::Subcommand;

use super::Global;
use super::boot::{self, load_config, usual_config};
use super::failure::{Exit, Failure};
use super::out::Out;
use crate::config::STARTER;
use crate::os::files;

/// `quell config init|check|show`.
#[derive(Debug, Subcommand)]
pub(super) enum Config {
    /// Write a first configuration, every line explained
    Init,
    /// Say everything that is wrong with the configuration
    Check,
    /// Print every value and where it came from
    Show,
}

impl Config {
    pub(super) fn run(&self, global: &Global, out: &Out) -> Result<Exit, Failure> {
        match self {
            Self::Init => init(global, out),
            Self::Check => {
                let config = load_config(global)?;
                let file =
                    config.file.as_ref().map_or("no file".to_owned(), |file| file.display().to_string());
                let counted =
                    |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
                let counts = [
                    counted(config.sources.len(), "source"),
                    counted(config.monitors.len(), "monitor"),
                    counted(config.setup.playbooks.len(), "playbook"),
                    counted(config.channels.len(), "channel"),
                ];
                let counts = format!("{file}: {}; nothing is wrong", counts.join(", "));
                let hint = boot::nothing_watched(&config);
                let skipped = config.skipped;
                let json =
                    serde_json::json!({ "file": config.file, "ok": true, "hint": hint, "skipped": skipped });
                out.either(&json, || [counts].into_iter().chain(hint).chain(skipped).collect());
                Ok(Exit::Ok)
            }
            Self::Show => {
                let settings = load_config(global)?.settings;
                out.either(&settings, || settings.iter().map(ToString::to_string).collect());
                Ok(Exit::Ok)
            }
        }
    }
}

fn init(global: &Global, out: &Out) -> Result<Exit, Failure> {
    let path = global.config.clone().or_else(usual_config);
    let path = path.ok_or_else(|| {
        Failure::new(
            Exit::Usage,
            "there is no place for a configuration; set HOME, or name a file with --config",
        )
    })?;
    let shown = path.display();
    if path.exists() {
        return Err(Failure::new(Exit::Refused, format!("{shown} is there already; nothing was written")));
    }
    if let Some(folder) = path.parent() {
        let made = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
        made.map_err(|error| {
            Failure::new(Exit::Usage, format!("the folder {} cannot be made: {error}", folder.display()))
        })?;
    }
    files::write_private(&path, STARTER.as_bytes())?;
    out.either(&serde_json::json!({ "file": path }), || {
        vec![format!("wrote {shown}; take the # off the lines you need, then run `quell config check`")]
    });
    Ok(Exit::Ok)
}
