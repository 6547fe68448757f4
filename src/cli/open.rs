//! `quell open`: an incident opened by hand, or as a partner or a colleague reported it.

use clap::Args;

use super::Global;
use super::boot::Boot;
use super::failure::{Exit, Failure};
use super::out::Out;
use super::words::{self, outside};
use crate::backend::{Backend, Report};
use crate::domain::category::Category;
use crate::domain::escalation::SECURITY;
use crate::domain::incident::Incident;
use crate::domain::opening::{Reported, Reporter};
use crate::domain::severity::Severity;
use crate::engine::Engine;

const REPORTS: &str = "A report is asked for the packet of the security path: technical details, affected endpoint, evidence, \
     urgency, whether still active. What --set leaves out is listed afterwards; quell fill adds it.";

/// `quell open --severity critical "title"`.
#[derive(Debug, Args)]
#[command(after_help = REPORTS)]
pub(super) struct Open {
    /// What is wrong, in one line
    title: String,
    /// How bad: critical, high or normal
    #[arg(long, value_parser = words::severity)]
    severity: Severity,
    /// Of which service
    #[arg(long, default_value = "", hide_default_value = true)]
    service: String,
    /// unauthorized-access, anomaly, outage, integrity or integration
    #[arg(long, value_parser = words::category, default_value = "outage")]
    category: Category,
    /// A label
    #[arg(long = "label", value_name = "KEY=VALUE", value_parser = words::pair)]
    labels: Vec<(String, String)>,
    #[command(flatten)]
    report: Source,
}

/// Who reported it.
#[derive(Debug, Args)]
struct Source {
    /// It was reported by a partner, or internal: by somebody of the house
    #[arg(long, value_name = "WHERE", value_parser = words::reporter, requires_all = ["by", "via"])]
    from: Option<Reporter>,
    /// Who reported it
    #[arg(long, value_name = "WHO", value_parser = words::text, requires = "from")]
    by: Option<String>,
    /// How they reported it: mail, phone, a chat room
    #[arg(long, value_name = "HOW", value_parser = words::text, requires = "from")]
    via: Option<String>,
    /// What they told: an item of the packet
    #[arg(long = "set", value_name = "ITEM=VALUE", value_parser = words::pair, requires = "from")]
    set: Vec<(String, String)>,
}

impl Source {
    fn reported(&self) -> Option<Reported> {
        let (by, via) = (self.by.as_ref()?, self.via.as_ref()?);
        let told = words::values(&self.set);
        Some(Reported { from: self.from?, by: outside(by), via: outside(via), told })
    }
}

impl Open {
    pub(super) async fn run(&self, global: &Global, out: &Out) -> Result<Exit, Failure> {
        let boot = Boot::load(global)?;
        let engine = boot.engine().await?;
        let report = Report {
            title: outside(&self.title),
            severity: self.severity,
            category: self.category,
            service: outside(&self.service),
            labels: self.labels.iter().map(|(key, value)| (outside(key), outside(value))).collect(),
            reported: self.report.reported(),
        };
        let is_report = report.reported.is_some();
        let incident = engine.open(&boot.operator, report).await?;
        let id = &incident.id;
        if !is_report {
            out.either(&serde_json::json!({ "id": id }), || vec![id.to_string()]);
            return Ok(Exit::Ok);
        }
        let missing = missing(&boot, &engine, &incident).await;
        out.either(&serde_json::json!({ "id": id, "missing": missing }), || vec![id.to_string()]);
        if !out.json && !missing.is_empty() {
            out.aside(format!("not yet known: {}; quell fill {id} ITEM VALUE", missing.join(", ")));
        }
        Ok(Exit::Ok)
    }
}

/// What the packet of a report still lacks. The incident is open by now: what cannot be said is not a failure.
async fn missing(boot: &Boot, engine: &Engine, incident: &Incident) -> Vec<String> {
    let packet = engine.packet(&boot.operator, &incident.id, SECURITY).await;
    packet.map(|packet| packet.missing().into_iter().map(str::to_owned).collect()).unwrap_or_default()
}
