//! `quell show ID`: an incident with everything that happened to it.

use clap::Args;

use super::boot::Boot;
use super::failure::{Exit, Failure};
use super::out::Out;
use super::{Global, row};
use crate::backend::{Backend, Detail, Earlier};
use crate::domain::story;
use crate::domain::time::date_time;

/// `quell show ID`.
#[derive(Debug, Args)]
#[command(override_usage = "quell show <ID> [OPTIONS]")]
pub(super) struct Show {
    /// Its id, its number, or an upstream id
    id: String,
}

impl Show {
    pub(super) async fn run(&self, global: &Global, out: &Out) -> Result<Exit, Failure> {
        let boot = Boot::load(global)?;
        let engine = boot.fresh_engine().await?;
        let detail = engine.incident(&boot.operator, &self.id).await?;
        out.either(&detail, || lines(&detail));
        Ok(Exit::Ok)
    }
}

fn lines(detail: &Detail) -> Vec<String> {
    let incident = &detail.incident;
    let mut lines = vec![
        format!("{} {} {}", incident.id, row::severity(incident), incident.title().safe()),
        format!(
            "  {}, {}, opened {}",
            incident.phase.title(),
            incident.category.word(),
            date_time(incident.opened_at)
        ),
    ];
    let mut add = |name: &str, value: String| lines.push(format!("  {name}: {value}"));
    if !incident.opening.service.is_blank() {
        add("service", incident.opening.service.safe().to_string());
    }
    if let Some(owner) = &incident.owner {
        add("held by", format!("{} until {}", owner.name, date_time(owner.until)));
    }
    if let Some(lead) = incident.lead() {
        add("lead", lead.safe().to_string());
    }
    if let Some(impact) = &incident.impact {
        add("impact", story::impact(impact));
    }
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
    add("contained", incident.contained().word().to_owned());
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
    for (key, value) in &incident.opening.labels {
        lines.push(format!("  {}={}", key.safe(), value.safe()));
    }
    for signal in &detail.signals {
        lines.push(format!("  signal: {}: {}", signal.key.source, signal.title.safe()));
        for (key, value) in &signal.labels {
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
    if !detail.earlier.is_empty() {
        let ids: Vec<String> = detail.earlier.iter().map(Earlier::words).collect();
        lines.push(format!("  earlier: {}", ids.join(", ")));
    }
    lines.push(String::new());
    lines.extend(
        detail
            .records
            .iter()
            .map(|record| format!("{} {}", date_time(record.at), story::sentence(record, Some(incident)).1)),
    );
    lines
}
