//! `quell list`: incidents, what burns hardest first.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::Args;
use serde::Serialize;

use super::Global;
use super::boot::Boot;
use super::failure::{Exit, Failure};
use super::out::Out;
use super::row::{self, Row, SourceRow};
use super::wrong;
use crate::backend::{Backend, Changes};
use crate::console::page::sign;
use crate::domain::fault::Fault;
use crate::domain::id::{Cursor, IncidentId};
use crate::domain::incident::Incident;
use crate::domain::query::{Asker, Query};
use crate::domain::rank;
use crate::domain::time::{age, date_time};

/// The version of what `--json` prints.
const VERSION: u32 = 1;

/// `quell list [QUERY]`.
#[derive(Debug, Args)]
pub(super) struct List {
    /// Only what matches: sev:critical -is:acked "token"
    #[arg(value_name = "QUERY", allow_hyphen_values = true)]
    query: Option<String>,
}

#[derive(Serialize)]
struct Listing {
    version: u32,
    as_of: String,
    sources: Vec<SourceRow>,
    incidents: Vec<Row>,
}

impl List {
    pub(super) async fn run(&self, global: &Global, out: &Out) -> Result<Exit, Failure> {
        let query = match &self.query {
            // A query term may begin with one hyphen, so clap lets two of them pass.
            Some(word) if word.starts_with("--") => return Err(wrong::no_option(word)),
            Some(text) => Query::parse(text).map_err(|error| Failure::new(Exit::Usage, error.message))?,
            None => Query::everything(),
        };
        let boot = Boot::load(global)?;
        let engine = boot.fresh_engine().await?;
        let changes = engine.changes(&boot.operator, &Cursor::default(), Duration::ZERO).await?;
        let ranked = matching(&changes, &query, &boot.operator.name);
        let listing = || Listing {
            version: VERSION,
            as_of: row::second(changes.now),
            sources: row::sources(&changes),
            incidents: ranked.iter().map(|(rank, incident)| Row::of(incident, *rank, &changes)).collect(),
        };
        if out.json {
            out.value(&listing());
            changes.ledger.iter().for_each(|fault| out.aside(unwritten(fault)));
        } else {
            out.lines(&lines(&ranked, &changes));
        }
        let mut statuses = row::statuses(&changes).peekable();
        let sees = statuses.peek().is_none() || statuses.any(|status| status.state(changes.now).sees());
        Ok(if sees { Exit::Ok } else { Exit::Unreachable })
    }
}

/// What matches, with its place among all. Without a word about phases only what stands on Triage is listed.
fn matching<'a>(changes: &'a Changes, query: &Query, me: &str) -> Vec<(usize, &'a Incident)> {
    let everywhere = query.asks_phase();
    let all = changes.incidents.iter().map(AsRef::as_ref);
    let candidates: BTreeMap<&IncidentId, &Incident> = all
        .filter(|incident| everywhere || incident.is_on_triage())
        .map(|incident| (&incident.id, incident))
        .collect();
    let asker = Asker { me, now: changes.now };
    let order = rank::order(candidates.values().copied());
    let ranked = (1..).zip(order.iter().filter_map(|id| candidates.get(id).copied()));
    ranked.filter(|(_, incident)| incident.matches(query, &asker, row::is_stale(incident, changes))).collect()
}

/// That nothing new is taken in, and why.
fn unwritten(fault: &Fault) -> String {
    format!("warning: nothing new is taken in: the ledger {}", fault.detail.safe())
}

fn lines(ranked: &[(usize, &Incident)], changes: &Changes) -> Vec<String> {
    let unwritten = changes.ledger.iter().map(unwritten);
    let mut lines: Vec<String> = row::statuses(changes)
        .filter(|status| !status.state(changes.now).sees())
        .map(|status| {
            let as_of =
                status.as_of.map_or("no answer yet".to_owned(), |at| format!("data as of {}", date_time(at)));
            let fault =
                status.fault.as_ref().map_or(String::new(), |fault| format!(": {}", fault.detail.safe()));
            format!("{} {} {as_of}{fault}", status.name, status.state(changes.now).word())
        })
        .collect();
    lines.splice(0..0, unwritten);
    if row::statuses(changes).next().is_none() {
        lines.push("no sources configured; `quell config init` writes a first configuration".to_owned());
    }
    if ranked.is_empty() && changes.incidents.iter().all(|incident| !incident.is_on_triage()) {
        let mut watched = row::statuses(changes).peekable();
        let live = watched.peek().is_some() && watched.all(|status| status.is_calm(changes.now));
        if live && changes.ledger.is_none() {
            lines.push("all clear: every source is LIVE".to_owned());
        }
    }
    let width = ranked.iter().map(|(_, incident)| incident.id.to_string().len()).max().unwrap_or_default();
    lines.extend(ranked.iter().map(|(_, incident)| {
        let owner = incident.owner.as_ref().map_or("-", |owner| owner.name.as_str());
        let stale = if row::is_stale(incident, changes) { "STALE " } else { "" };
        format!(
            "{} {:<5} {:<width$} {:>4} {:<8} {owner:<10} {stale}{}",
            sign(incident.severity),
            row::severity(incident),
            incident.id,
            age(incident.opened_at, changes.now),
            incident.phase.title(),
            incident.title().safe(),
        )
    }));
    lines
}

#[cfg(test)]
mod tests;
