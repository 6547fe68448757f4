//! What is said of two incidents or more: `merge`, `unmerge`, `link`, `unlink`. Nothing leaves the machine.

use std::sync::Arc;

use clap::{Args, Subcommand};

use super::Global;
use super::boot::Boot;
use super::failure::{Exit, Failure};
use super::out::Out;
use crate::backend::Backend;
use crate::domain::incident::{Incident, SignalKeyText};
use crate::domain::text::SafeText;
use crate::domain::tie::{Seen, Tie};
use crate::engine::Engine;

/// What is said of two incidents or more.
#[derive(Debug, Subcommand)]
pub(super) enum Ties {
    /// Merge duplicates into another incident: they close, their signals go on there
    Merge(Merge),
    /// Take a merge back: what was merged stands by itself again
    Unmerge(Unmerge),
    /// Link two incidents, so that each shows the other; both stay
    Link(Link),
    /// Take a link back
    Unlink(Unlink),
}

/// `quell merge ID... INTO`.
#[derive(Debug, Args)]
#[command(
    override_usage = "quell merge <ID>... <INTO>",
    after_help = "It is merged here, in the ledger; at PagerDuty by `quell upstream ID pd/merge`."
)]
pub(super) struct Merge {
    /// The duplicates, and last the one they go on in
    #[arg(required = true, num_args = 2.., value_names = ["ID", "INTO"])]
    ids: Vec<String>,
}

/// `quell unmerge ID`.
#[derive(Debug, Args)]
#[command(override_usage = "quell unmerge <ID>")]
pub(super) struct Unmerge {
    /// The one that was merged into another
    id: String,
}

/// `quell link ID OTHER [--signal SIGNAL]`.
#[derive(Debug, Args)]
#[command(override_usage = "quell link <ID> <OTHER> [--signal <SIGNAL>]...")]
pub(super) struct Link {
    /// The one
    id: String,
    /// The other
    other: String,
    /// A signal of the first, by its upstream id, that belongs to the other: it moves there
    #[arg(long = "signal", value_name = "SIGNAL")]
    signals: Vec<String>,
}

/// `quell unlink ID OTHER`.
#[derive(Debug, Args)]
#[command(override_usage = "quell unlink <ID> <OTHER>")]
pub(super) struct Unlink {
    /// The one
    id: String,
    /// The other
    other: String,
}

/// A ledger, and who writes on it.
struct Desk {
    boot: Boot,
    engine: Engine,
}

impl Ties {
    pub(super) async fn run(&self, global: &Global, out: &Out) -> Result<Exit, Failure> {
        let boot = Boot::load(global)?;
        let engine = boot.engine().await?;
        let desk = Desk { boot, engine };
        let (after, lines) = match self {
            Self::Merge(Merge { ids }) => desk.merge(ids).await?,
            Self::Unmerge(Unmerge { id }) => desk.unmerge(id).await?,
            Self::Link(Link { id, other, signals }) => desk.link(id, other, signals).await?,
            Self::Unlink(Unlink { id, other }) => desk.unlink(id, other).await?,
        };
        out.either(&after, || lines);
        Ok(Exit::Ok)
    }
}

/// The incidents as they are now, and what was done, each line beginning with an id.
type Said = Result<(Vec<Arc<Incident>>, Vec<String>), Failure>;

impl Desk {
    async fn merge(&self, ids: &[String]) -> Said {
        let Some((into, ids)) = ids.split_last() else {
            return Err(Failure::new(Exit::Usage, "name the duplicates, and last the one they go on in"));
        };
        let into = self.find(into).await?;
        let mut ones = Vec::new();
        for id in ids {
            ones.push(self.find(id).await?);
        }
        let after = self.tie(Tie::Merge, &ones, &into).await?;
        let closed = |one: &Arc<Incident>| format!("{} closed: duplicate of {}", one.id, into.id);
        let mut lines: Vec<String> = ones.iter().map(closed).collect();
        lines.extend(after.last().map(|it| format!("{} goes on with {}", it.id, firing(it))));
        Ok((after, lines))
    }

    async fn unmerge(&self, id: &str) -> Said {
        let one = self.find(id).await?;
        let Some(merged) = &one.merged else {
            return Err(Failure::new(Exit::Refused, format!("{} was not merged into another one", one.id)));
        };
        let other = self.find(&merged.into.to_string()).await?;
        let doubtful: Vec<String> =
            other.doubtful_paths_of(&one.id).map(|path| goes_on(&other, path)).collect();
        let after = self.tie(Tie::Unmerge, &[one], &other).await?;
        let again = after.first().map(|it| {
            format!("{} stands by itself again, in {}, with {}", it.id, it.phase.title(), firing(it))
        });
        let rest = after.last().map(|it| format!("{} goes on with {}", it.id, firing(it)));
        let lines = again.into_iter().chain(rest).chain(doubtful).collect();
        Ok((after, lines))
    }

    async fn link(&self, id: &str, other: &str, signals: &[String]) -> Said {
        let (one, other) = (self.find(id).await?, self.find(other).await?);
        let signals = signals.iter().map(|typed| signal(&one, typed)).collect::<Result<Vec<_>, _>>()?;
        let moved = signals.len();
        let tie = Tie::Link { signals };
        let after = self.tie(tie, std::slice::from_ref(&one), &other).await?;
        let with = match moved {
            0 => String::new(),
            1 => ", which has its signal now".to_owned(),
            n => format!(", which has {n} of its signals now"),
        };
        Ok((after, vec![format!("{} linked with {}{with}", one.id, other.id)]))
    }

    async fn unlink(&self, id: &str, other: &str) -> Said {
        let (one, other) = (self.find(id).await?, self.find(other).await?);
        let after = self.tie(Tie::Unlink, std::slice::from_ref(&one), &other).await?;
        Ok((after, vec![format!("{} unlinked from {}", one.id, other.id)]))
    }

    async fn find(&self, id: &str) -> Result<Arc<Incident>, Failure> {
        Ok(self.engine.incident(&self.boot.operator, id).await?.incident)
    }

    async fn tie(
        &self,
        tie: Tie,
        ones: &[Arc<Incident>],
        other: &Incident,
    ) -> Result<Vec<Arc<Incident>>, Failure> {
        let of: Vec<Seen> = ones.iter().map(|one| Seen::of(one)).collect();
        Ok(self.engine.tie(&self.boot.operator, tie, &of, &Seen::of(other)).await?)
    }
}

/// The signal of an incident that a person means by its upstream id, with its source before it or without.
fn signal(incident: &Incident, typed: &str) -> Result<SignalKeyText, Failure> {
    let whole = typed.replacen(':', "\0", 1);
    let is = |key: &&SignalKeyText| **key == whole || key.split_once('\0').is_some_and(|(_, id)| id == typed);
    let mut found = incident.signals.keys().filter(is);
    match (found.next(), found.next()) {
        (Some(key), None) => Ok(key.clone()),
        (Some(_), Some(_)) => {
            let why = format!("{} has that signal from several sources; write SOURCE:ID", incident.id);
            Err(Failure::new(Exit::Usage, why))
        }
        (None, _) => {
            let there: Vec<String> =
                incident.upstream().into_iter().map(|id| SafeText::exact(id).to_string()).collect();
            let there = if there.is_empty() { "none".to_owned() } else { there.join(", ") };
            let why = format!("{} has no signal {}; it has {there}", incident.id, SafeText::exact(typed));
            Err(Failure::new(Exit::Refused, why))
        }
    }
}

/// An earlier format did not say which paths a merge brought.
fn goes_on(incident: &Incident, path: &str) -> String {
    let (id, path) = (&incident.id, SafeText::display(path));
    format!("{id} goes on paging on {path}, too: an older quell merged them and did not say whose it is")
}

fn firing(incident: &Incident) -> String {
    match incident.firing() {
        0 => "no signal that fires".to_owned(),
        1 => "1 signal that fires".to_owned(),
        n => format!("{n} signals that fire"),
    }
}
