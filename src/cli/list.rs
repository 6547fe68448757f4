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
use crate::domain::time::{age, clock_minute, date_time};

/// The version of what `--json` prints.
const VERSION: u32 = 1;

/// `quell list [QUERY]`.
#[derive(Debug, Args)]
pub(super) struct List {
    /// Only what matches: sev:critical -is:acked "token"
    #[arg(value_name = "QUERY", allow_hyphen_values = true)]
    query: Option<String>,
}

/// Incidents, and what their sources are worth.
#[derive(Serialize)]
pub(super) struct Listing {
    version: u32,
    as_of: String,
    sources: Vec<SourceRow>,
    incidents: Vec<Row>,
}

impl List {
    pub(super) async fn run(&self, global: &Global, out: &Out) -> Result<Exit, Failure> {
        let query = match &self.query {
            Some(text) => self::query(text)?,
            None => Query::everything(),
        };
        let boot = Boot::load(global)?;
        let engine = boot.fresh_engine().await?;
        let changes = engine.changes(&boot.operator, &Cursor::default(), Duration::ZERO).await?;
        let ranked = matching(&changes, &query, &boot.operator.name);
        if out.json {
            out.value(&listing(&ranked, &changes));
            changes.ledger.iter().for_each(|fault| out.aside(unwritten(fault)));
        } else {
            out.lines(&lines(&ranked, &changes));
            if ranked.is_empty() && self.query.is_some() {
                out.aside(nothing(&changes));
            }
        }
        let mut statuses = row::statuses(&changes).peekable();
        let sees = statuses.peek().is_none() || statuses.any(|status| status.state(changes.now).sees());
        Ok(if sees { Exit::Ok } else { Exit::Unreachable })
    }
}

/// The query of a command line.
pub(super) fn query(text: &str) -> Result<Query, Failure> {
    // A query term may begin with one hyphen, so clap lets two of them pass.
    if text.starts_with("--") {
        return Err(wrong::no_option(text));
    }
    Query::parse(text).map_err(|error| Failure::new(Exit::Usage, error.message))
}

/// What is printed as JSON.
pub(super) fn listing(ranked: &[(usize, &Incident)], changes: &Changes) -> Listing {
    Listing {
        version: VERSION,
        as_of: row::second(changes.now),
        sources: row::sources(changes),
        incidents: ranked.iter().map(|(rank, incident)| Row::of(incident, *rank, changes)).collect(),
    }
}

/// What matches, with its place among all. Without a word about phases only what stands on Triage is listed.
pub(super) fn matching<'a>(changes: &'a Changes, query: &Query, me: &str) -> Vec<(usize, &'a Incident)> {
    let everywhere = query.asks_phase();
    let all = changes.incidents.iter().map(AsRef::as_ref);
    let candidates: BTreeMap<&IncidentId, &Incident> = all
        .filter(|incident| everywhere || incident.is_on_triage())
        .map(|incident| (&incident.id, incident))
        .collect();
    let asker = Asker { me, now: changes.now };
    let order = rank::order(candidates.values().copied(), changes.now);
    let ranked = (1..).zip(order.iter().filter_map(|id| candidates.get(id).copied()));
    ranked
        .filter(|(_, incident)| incident.is_meant(query, &asker, row::is_stale(incident, changes)))
        .collect()
}

/// That nothing matches, of how many, and whether that can be believed.
fn nothing(changes: &Changes) -> String {
    let open = changes.incidents.iter().filter(|incident| incident.is_on_triage()).count();
    let unsure = row::statuses(changes).filter(|status| !status.is_calm(changes.now)).count();
    let seen = match (unsure, row::statuses(changes).count()) {
        (_, 0) => "no sources configured".to_owned(),
        (0, _) => "every source is LIVE".to_owned(),
        (unsure, all) => format!("{unsure} of {all} sources and monitors not LIVE"),
    };
    format!("0 of {open} match; {seen}")
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
        let ill: Vec<&str> =
            changes.monitors.iter().filter(|it| it.not_up()).map(|it| it.source.name.as_str()).collect();
        if live && !ill.is_empty() {
            lines.push(format!(
                "not clear: nothing is open, but these monitors are not up: {}",
                ill.join(", ")
            ));
        } else if live && changes.ledger.is_none() {
            lines.push("all clear: every source is LIVE".to_owned());
        }
    }
    lines.extend(rows(ranked, changes));
    lines
}

/// A line for each incident.
pub(super) fn rows(ranked: &[(usize, &Incident)], changes: &Changes) -> Vec<String> {
    let width = ranked.iter().map(|(_, incident)| incident.id.to_string().len()).max().unwrap_or_default();
    let row = |(_, incident): &(usize, &Incident)| {
        let owner = match (&incident.owner, incident.held_at()) {
            (Some(owner), _) => owner.name.clone(),
            (None, Some((by, source))) => format!("{} (at {source})", by.safe()),
            (None, None) => "-".to_owned(),
        };
        let stale = if row::is_stale(incident, changes) { "STALE " } else { "" };
        let snooze = incident.snooze.as_ref().filter(|_| incident.is_snoozed(changes.now));
        let snoozed =
            snooze.map_or_else(String::new, |it| format!("(snoozed until {}) ", clock_minute(it.until)));
        let late = incident.ack_due().is_some_and(|due| due <= changes.now);
        let late = match (incident.is_exhausted(), late) {
            (true, true) => "(EXHAUSTED, ack OVERDUE) ",
            (true, false) => "(EXHAUSTED) ",
            (false, true) => "(ack OVERDUE) ",
            (false, false) => "",
        };
        format!(
            "{} {:<5} {:<width$} {:>4} {:<8} {owner:<10} {stale}{snoozed}{late}{}",
            sign(incident.severity),
            row::severity(incident),
            incident.id,
            age(incident.opened_at, changes.now),
            incident.phase.title(),
            incident.title().safe(),
        )
    };
    ranked.iter().map(row).collect()
}

#[cfg(test)]
mod tests;
