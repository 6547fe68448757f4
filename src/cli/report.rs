//! `quell report`: how fast the response is, and with `--since` the hand-over card of that watch before it.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use clap::Args;
use serde::Serialize;

use super::Global;
use super::boot::Boot;
use super::failure::{Exit, Failure};
use super::out::Out;
use super::{row, words};
use crate::backend::{Backend, Changes};
use crate::domain::card::{Account, Card};
use crate::domain::id::Cursor;
use crate::domain::incident::Incident;
use crate::domain::metrics::{Group, Metrics, Spread};
use crate::domain::text::SafeText;
use crate::domain::time::{Span, Time, date_time, lasted};
use crate::engine::Engine;

/// The version of what `--json` prints.
const VERSION: u32 = 1;
/// Cells of a group's name.
const NAME: usize = 24;

/// `quell report [--since 12h]`.
#[derive(Debug, Args)]
pub(super) struct Report {
    /// The hand-over card of this watch, and the times of what was open in it: 12h, 30d
    #[arg(long, value_name = "TIME", value_parser = words::span)]
    since: Option<Span>,
}

#[derive(Serialize)]
struct Reported {
    version: u32,
    since: Option<Time>,
    card: Option<Card>,
    metrics: Metrics,
}

impl Report {
    pub(super) async fn run(&self, global: &Global, out: &Out) -> Result<Exit, Failure> {
        let boot = Boot::load(global)?;
        let engine = boot.fresh_engine().await?;
        let changes = engine.changes(&boot.operator, &Cursor::default(), Duration::ZERO).await?;
        let now = changes.now;
        let since = self.since.map(|since| now - since.delta());
        let spanned = engine.history(&boot.operator, since.unwrap_or(Time::UNIX_EPOCH)).await?;
        let card = match since {
            Some(since) => Some(card(&engine, &boot, &spanned, &changes, since).await?),
            None => None,
        };
        let metrics = Metrics::of(spanned.iter().map(AsRef::as_ref), now);
        let reported = Reported { version: VERSION, since, card, metrics };
        out.either(&reported, || lines(&reported));
        Ok(Exit::Ok)
    }
}

/// The hand-over card of what was open since.
pub(super) async fn watch_card(
    engine: &Engine,
    boot: &Boot,
    changes: &Changes,
    since: Time,
) -> Result<Card, Failure> {
    let spanned = engine.history(&boot.operator, since).await?;
    card(engine, boot, &spanned, changes, since).await
}

async fn card(
    engine: &Engine,
    boot: &Boot,
    incidents: &[Arc<Incident>],
    changes: &Changes,
    since: Time,
) -> Result<Card, Failure> {
    let mut detailed = Vec::with_capacity(incidents.len());
    for incident in incidents {
        let detail = engine.incident(&boot.operator, &incident.id.to_string()).await?;
        let (incident, records, signals) = (detail.incident, detail.records, detail.signals);
        detailed.push(Account { incident, records, signals });
    }
    let card = Card::of(&detailed, changes.now, row::statuses(changes), since, changes.now);
    Ok(card.watching(&changes.monitors))
}

fn lines(reported: &Reported) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    if let Some(card) = &reported.card {
        lines.extend(card.markdown().lines().map(str::to_owned));
        lines.push(String::new());
    }
    let metrics = &reported.metrics;
    let all = match reported.since {
        Some(since) => format!("open since {}", date_time(since)),
        None => "in the ledger".to_owned(),
    };
    let open = metrics.all.open;
    lines.push(format!("{} incidents {all}, {open} of them not ended", metrics.all.incidents));
    if metrics.all.incidents == 0 {
        return lines;
    }
    lines.push(String::new());
    lines.push(columns(["", "happened", "", "median", "90 % within", "pending", "never"]));
    lines.extend(spreads("all", &metrics.all));
    for (severity, group) in &metrics.severities {
        lines.extend(spreads(severity.word(), group));
    }
    for (service, group) in &metrics.services {
        let name =
            if service.is_blank() { "no service".to_owned() } else { format!("service {}", service.safe()) };
        lines.extend(spreads(&SafeText::display(&name).clip(NAME), group));
    }
    lines.push(String::new());
    lines.extend(undone(&metrics.all));
    lines.push(format!("opened by week until now: {}", weeks(metrics)));
    lines.push("times count from the opening to the first acknowledgement, the first verified containment, the resolution; \
                what is pending or never came is not in them".to_owned());
    lines
}

/// A group's three times, one line each.
fn spreads(name: &str, group: &Group) -> [String; 3] {
    let line = |name: &str, what: &str, spread: &Spread| {
        let [count, pending, never] =
            [spread.count, spread.pending, spread.never].map(|number| number.to_string());
        let (median, p90) = (seconds(spread.median_s), seconds(spread.p90_s));
        columns([name, &count, what, &median, &p90, &pending, &never])
    };
    [
        line(name, "acknowledge", &group.acknowledge),
        line("", "contain", &group.contain),
        line("", "recover", &group.recover),
    ]
}

fn columns([name, count, what, median, p90, pending, never]: [&str; 7]) -> String {
    let width = if name.is_empty() { 0 } else { SafeText::display(name).width() };
    let pad = " ".repeat(NAME.saturating_sub(width));
    format!("{name}{pad} {count:>8} {what:<11} {median:<21} {p90:<21} {pending:>7} {never:>5}")
}

fn seconds(seconds: Option<u64>) -> String {
    let delta = seconds.and_then(|seconds| TimeDelta::try_seconds(i64::try_from(seconds).ok()?));
    delta.map_or_else(|| "-".to_owned(), |delta| lasted(Time::UNIX_EPOCH, Time::UNIX_EPOCH + delta))
}

fn undone(group: &Group) -> Vec<String> {
    [
        ("waived gates", group.waived_gates),
        ("overdue reviews", group.overdue_reviews),
        ("overdue action items", group.overdue_items),
        ("escalation steps missed", group.steps_missed),
        ("bulletins late", group.bulletins_late),
    ]
    .into_iter()
    .map(|(what, count)| format!("{what}: {count}"))
    .collect()
}

fn weeks(metrics: &Metrics) -> String {
    metrics.weeks.iter().map(|week| week.opened.to_string()).collect::<Vec<_>>().join(" ")
}
