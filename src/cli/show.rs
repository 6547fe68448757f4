//! `quell show ID`: an incident with everything that happened to it.

mod response;

use clap::Args;
use serde::Serialize;

use super::boot::Boot;
use super::failure::{Exit, Failure};
use super::out::Out;
use super::{Global, row};
use crate::backend::{Backend, Detail, Earlier};
use crate::domain::incident::{Incident, key_text};
use crate::domain::record::Entry;
use crate::domain::signal::Signal;
use crate::domain::story;
use crate::domain::text::Outside;
use crate::domain::time::{Time, date_time};
use crate::os::clock;
use response::Response;

/// `quell show ID`.
#[derive(Debug, Args)]
#[command(override_usage = "quell show <ID> [OPTIONS]")]
pub(super) struct Show {
    /// Its id, its number, or an upstream id
    id: String,
    /// Show the values of sensitive labels too; a record says that you read them
    #[arg(long)]
    reveal: bool,
}

/// Lines of a note that are printed.
const NOTED: usize = 500;

/// Everything about an incident.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    detail: &'a Detail,
    response: Response,
}

impl Show {
    pub(super) async fn run(&self, global: &Global, out: &Out) -> Result<Exit, Failure> {
        let boot = Boot::load(global)?;
        let engine = boot.fresh_engine().await?;
        let mut detail = engine.incident(&boot.operator, &self.id).await?;
        if self.reveal {
            let (id, seen) = (detail.incident.id.clone(), detail.incident.version);
            engine.record(&boot.operator, &id, seen, Entry::SensitiveRead { labels: Vec::new() }).await?;
            detail = engine.incident(&boot.operator, &id.to_string()).await?;
        }
        let now = clock::now();
        let shown = Shown { detail: &detail, response: Response::of(&detail.incident, now) };
        out.either(&shown, || lines(&detail, &shown.response, now));
        Ok(Exit::Ok)
    }
}

fn lines(detail: &Detail, response: &Response, now: Time) -> Vec<String> {
    let incident = &detail.incident;
    let mut lines = vec![
        format!("{} {} {}", incident.id, row::severity(incident), incident.title().safe()),
        format!(
            "  {}, {}, opened {}",
            incident.phase.title(),
            incident.category.word(),
            date_time(incident.opened_at)
        ),
        format!("  phases: {}", response.strip()),
    ];
    let mut about = state(incident, now);
    about.extend(response.people());
    about.extend(response.way());
    about.extend(measures(incident));
    about.extend(response.promises());
    lines.extend(about.into_iter().map(|line| format!("  {line}")));
    lines.extend(signals(detail));
    if !detail.earlier.is_empty() {
        let ids: Vec<String> = detail.earlier.iter().map(Earlier::words).collect();
        lines.push(format!("  earlier: {}", ids.join(", ")));
    }
    lines.push(String::new());
    for record in &detail.records {
        let mut told = story::in_lines(record, Some(incident), NOTED).1.into_iter();
        lines.push(format!("{} {}", date_time(record.at), told.next().unwrap_or_default()));
        lines.extend(told.chain(headers(&record.entry)).map(|line| format!("    {line}")));
    }
    lines
}

/// What else came with an answer.
fn headers(entry: &Entry) -> Option<String> {
    let Entry::Answered { answer, .. } = entry else { return None };
    let said = answer.headers.iter().map(|(name, value)| format!("{}: {}", name.safe(), value.safe()));
    let said = said.collect::<Vec<_>>().join("; ");
    (!said.is_empty()).then(|| format!("headers {said}"))
}

/// Who holds it, whom it hits.
fn state(incident: &Incident, now: Time) -> Vec<String> {
    let mut lines = Vec::new();
    let mut add = |name: &str, value: String| lines.push(format!("{name}: {value}"));
    if !incident.opening.service.is_blank() {
        add("service", incident.opening.service.safe().to_string());
    }
    if let Some(reported) = &incident.opening.reported {
        let (by, via) = (reported.by.safe(), reported.via.safe());
        add("reported", format!("by {by} ({}), via {via}", reported.from.word()));
    }
    if let Some(merged) = &incident.merged {
        let (into, by, at) = (&merged.into, Outside::new(merged.by.as_str()), date_time(merged.at));
        add(
            "merged into",
            format!("{into} by {}, {at}; quell unmerge {} takes it back", by.safe(), incident.id),
        );
    }
    for taken in &incident.taken_in {
        add("merged in", format!("{} {}", taken.id, taken.title.safe()));
    }
    if !incident.links.is_empty() {
        add("linked", incident.links.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
    }
    if let Some(owner) = &incident.owner {
        add(
            "held by",
            format!("{} until {}", Outside::new(owner.name.clone()).safe(), date_time(owner.until)),
        );
    } else if let Some((by, source)) = incident.held_at() {
        add("held by", format!("{}, at {source}", by.safe()));
    } else if incident.phase.is_open() {
        add("held by", "nobody".to_owned());
    }
    if let Some(snooze) = incident.snooze.as_ref().filter(|_| incident.is_snoozed(now)) {
        let why = snooze.because.as_ref().map(|why| format!(": {}", why.safe())).unwrap_or_default();
        let by = Outside::new(snooze.by.as_str());
        add("snoozed", format!("by {} until {}{why}", by.safe(), date_time(snooze.until)));
    }
    add("impact", incident.impact.as_ref().map_or_else(|| "not assessed".to_owned(), story::impact));
    lines
}

/// Who is told, and what was done.
fn measures(incident: &Incident) -> Vec<String> {
    let mut lines = Vec::new();
    let mut add = |name: &str, value: String| lines.push(format!("{name}: {value}"));
    for escalation in &incident.escalations {
        let next = match (&escalation.stopped, escalation.next()) {
            (Some(why), _) => story::stopped(why),
            (None, Some((_, step))) => format!("next {} {}", step.to.join(", "), date_time(step.due)),
            (None, None) => escalation.tally(),
        };
        add(
            "escalation",
            format!("{} {}/{}, {next}", escalation.path, escalation.sent(), escalation.steps.len()),
        );
    }
    let none_needed = incident.nothing_to_contain.as_ref();
    let none_needed = none_needed.map(|why| format!(", none needed: {}", why.safe())).unwrap_or_default();
    add("contained", format!("{}{none_needed}", incident.contained().word()));
    for action in incident.actions.values() {
        let overdue = if action.overdue { ", not verified in time" } else { "" };
        add(
            &format!("action #{}", action.id),
            format!(
                "{}: {}{overdue}: {}",
                story::what(&action.plan),
                action.stage.word(),
                action.detail.safe()
            ),
        );
    }
    if let Some(what) = &incident.mitigated {
        add("mitigated", what.safe().to_string());
    }
    for (item, filled) in &incident.filled {
        add(&Outside::new(item.clone()).safe().to_string(), filled.value.safe().to_string());
    }
    lines
}

/// What keeps a signal quiet at its source, and what it keeps quiet there.
fn quiet(signal: &Signal) -> Vec<String> {
    let Some(upstream) = signal.upstream.as_deref() else { return Vec::new() };
    let silences = upstream.silences.iter().map(|silence| format!("    silenced {}", silence.words()));
    let muted =
        upstream.muted_by.iter().map(|name| format!("    muted by the time interval {}", name.safe()));
    let by = upstream.inhibited_by.iter().map(|title| format!("    inhibited by {}", title.safe()));
    let inhibits = upstream.inhibits.iter().map(|title| format!("    inhibits {}", title.safe()));
    silences.chain(muted).chain(by).chain(inhibits).collect()
}

/// What its signals say, and the labels given by hand.
fn signals(detail: &Detail) -> Vec<String> {
    let labels = detail.incident.opening.labels.iter();
    let mut lines: Vec<String> =
        labels.map(|(key, value)| format!("  {}={}", key.safe(), value.safe())).collect();
    for signal in &detail.signals {
        let joined = detail.incident.signals.get(&key_text(&signal.key));
        let cleared = joined.and_then(|joined| joined.cleared);
        let over = cleared.map(|at| format!(" (cleared {})", date_time(at))).unwrap_or_default();
        lines.push(format!("  signal: {}: {}{over}", signal.key.source, signal.title.safe()));
        lines.extend(quiet(signal));
        for (key, value) in signal.labels.iter() {
            lines.push(format!("    {}={}", key.safe(), value.safe()));
        }
        let links = [("runbook", &signal.runbook), ("source", &signal.link)];
        for (name, link) in links.into_iter().filter_map(|(name, link)| Some((name, link.as_ref()?))) {
            lines.push(format!("    {name}: {}", link.safe()));
        }
        if !signal.description.is_blank() {
            let description = signal.description.lines(20);
            lines
                .extend(description.iter().filter(|line| !line.is_empty()).map(|line| format!("    {line}")));
        }
    }
    lines
}
