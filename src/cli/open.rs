//! `quell open`: an incident opened by hand.

use clap::Args;

use super::Global;
use super::boot::Boot;
use super::failure::{Exit, Failure};
use super::out::Out;
use super::words;
use crate::backend::{Backend, Report};
use crate::domain::category::Category;
use crate::domain::severity::Severity;
use crate::domain::text::Outside;

/// `quell open --severity critical "title"`.
#[derive(Debug, Args)]
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
}

impl Open {
    pub(super) async fn run(&self, global: &Global, out: &Out) -> Result<Exit, Failure> {
        let boot = Boot::load(global)?;
        let engine = boot.engine().await?;
        let outside = |text: &String| Outside::new(text.clone());
        let report = Report {
            title: outside(&self.title),
            severity: self.severity,
            category: self.category,
            service: outside(&self.service),
            labels: self.labels.iter().map(|(key, value)| (outside(key), outside(value))).collect(),
            reported: None,
        };
        let incident = engine.open(&boot.operator, report).await?;
        out.either(&serde_json::json!({ "id": incident.id }), || vec![incident.id.to_string()]);
        Ok(Exit::Ok)
    }
}
