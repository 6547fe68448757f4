//! `quell review`: the post-mortem, written, printed and published, and what was learnt.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use sha2::{Digest, Sha256};

use super::Global;
use super::boot::Boot;
use super::failure::{Exit, Failure};
use super::out::Out;
use crate::backend::{Backend, Detail};
use crate::domain::calendar::Calendar;
use crate::domain::incident::Incident;
use crate::domain::phase::Phase;
use crate::domain::plan::hex;
use crate::domain::record::Entry;
use crate::domain::review::{Item, until};
use crate::domain::text::Outside;
use crate::domain::time::day;
use crate::domain::{postmortem, timeline_svg};
use crate::os::{clock, files};

/// `quell review ID`.
#[derive(Debug, Args)]
#[command(
    override_usage = "quell review <ID> [--out <FILE>] [--svg <FILE>]\n       quell review <ID> <COMMAND>"
)]
pub(super) struct Review {
    /// Its id
    id: String,
    /// Write the post-mortem to a new file instead of printing it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write a picture of the timeline to a new file
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    #[command(subcommand)]
    step: Option<Step>,
}

/// What a review writes down.
#[derive(Debug, Subcommand)]
enum Step {
    /// Write down why it happened
    #[command(override_usage = "quell review <ID> cause <TEXT>")]
    Cause {
        /// Why
        text: String,
    },
    /// Add an action item
    #[command(override_usage = "quell review <ID> item <TEXT> --owner <NAME> --due <WHEN> --check <TEXT>")]
    Item {
        /// What is to be done
        text: String,
        /// By whom
        #[arg(long, value_name = "NAME")]
        owner: String,
        /// Until when (UTC): 2026-12-01, 14d or "5 business days"
        #[arg(long, value_name = "WHEN")]
        due: String,
        /// What will prove it done
        #[arg(long, value_name = "TEXT")]
        check: String,
    },
    /// Say what proves an action item done
    #[command(override_usage = "quell review <ID> done <NUMBER> <PROOF>")]
    Done {
        /// The item's number
        number: u32,
        /// What proves it
        proof: String,
    },
    /// Write the post-mortem to a new file and put its SHA-256 into the ledger
    #[command(override_usage = "quell review <ID> publish <FILE>")]
    Publish {
        /// The new file
        file: PathBuf,
    },
}

impl Review {
    pub(super) async fn run(&self, global: &Global, out: &Out) -> Result<Exit, Failure> {
        let boot = Boot::load(global)?;
        let engine = boot.engine().await?;
        let detail = engine.incident(&boot.operator, &self.id).await?;
        let markdown = postmortem::markdown(&detail.incident, &detail.records, &detail.earlier);
        if let Some(file) = &self.svg {
            write(file, &timeline_svg::svg(&detail.incident, &detail.records))?;
        }
        if let Some(file) = &self.out {
            write(file, &markdown)?;
        }
        let Some(step) = &self.step else {
            self.print(&detail, &markdown, out);
            return Ok(Exit::Ok);
        };
        let entry = step.entry(&detail.incident, &markdown, &boot.config.setup.calendar)?;
        let before = &detail.incident;
        let after = engine.record(&boot.operator, &before.id, before.version, entry).await?;
        out.either(&after, || vec![step.said(&after)]);
        Ok(Exit::Ok)
    }

    fn print(&self, detail: &Detail, markdown: &str, out: &Out) {
        let review = &detail.incident.review;
        if out.json {
            out.value(&serde_json::json!({
                "id": detail.incident.id, "sha256": sha256(markdown), "review": review, "markdown": markdown,
            }));
        } else if self.out.is_none() && self.svg.is_none() {
            out.text(markdown, Exit::Ok);
        } else {
            let written = [&self.out, &self.svg].into_iter().flatten();
            written.for_each(|file| out.line(format!("{} written", file.display())));
        }
    }
}

impl Step {
    /// What is written down. A post-mortem that is published is in its file by then.
    fn entry(&self, incident: &Incident, markdown: &str, calendar: &Calendar) -> Result<Entry, Failure> {
        let outside = |text: &String| Outside::new(text.clone());
        Ok(match self {
            Self::Cause { text } => Entry::RootCauseFound { text: outside(text) },
            Self::Item { text, owner, due, check } => Entry::ItemAdded {
                item: Item {
                    text: outside(text),
                    owner: outside(owner),
                    due: until(due, clock::now(), calendar).map_err(|why| Failure::new(Exit::Usage, why))?,
                    check: outside(check),
                    done: None,
                },
            },
            Self::Done { number, proof } => Entry::ItemDone { item: *number, proof: outside(proof) },
            Self::Publish { file } => {
                may_publish(incident)?;
                write(file, markdown)?;
                Entry::Published { sha256: sha256(markdown) }
            }
        })
    }

    fn said(&self, after: &Incident) -> String {
        let id = &after.id;
        match self {
            Self::Cause { .. } => format!("{id} root cause written"),
            Self::Item { .. } => {
                let due = after.review.items.last().map(|item| day(item.due)).unwrap_or_default();
                format!("{id} action item {} due {due}", after.review.items.len())
            }
            Self::Done { number, .. } => format!("{id} action item {number} done"),
            Self::Publish { file } => {
                let hash =
                    after.review.published.as_ref().map(|(_, sha256)| sha256.clone()).unwrap_or_default();
                let lacks = match after.unsaid() {
                    lacks if lacks.is_empty() => String::new(),
                    lacks => format!(
                        "; it does not say yet: {}: publish it again once they are written",
                        lacks.join(", ")
                    ),
                };
                format!("{id} post-mortem published, {} has SHA-256 {hash}{lacks}", file.display())
            }
        }
    }
}

/// Refuses before the file is written what the ledger would refuse after.
fn may_publish(incident: &Incident) -> Result<(), Failure> {
    let (id, phase) = (&incident.id, incident.phase);
    let remedy = match phase {
        Phase::Review => return Ok(()),
        Phase::Closed => format!("`quell review {id} --out FILE` writes it without publishing"),
        _ => format!("`quell close {id} resolved` leads there"),
    };
    let message = format!("a post-mortem is published in Review, and {id} is in {}; {remedy}", phase.title());
    Err(Failure::new(Exit::Refused, message))
}

fn write(file: &Path, content: &str) -> Result<(), Failure> {
    if file.symlink_metadata().is_ok() {
        let message = format!("{} exists already; name a new file", file.display());
        return Err(Failure::new(Exit::Usage, message));
    }
    Ok(files::write_private(file, content.as_bytes())?)
}

fn sha256(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}
