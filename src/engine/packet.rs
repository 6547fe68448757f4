//! The required information of an escalation, as far as the incident already knows it.

use std::collections::BTreeMap;

use crate::domain::action::{Stage, Verb};
use crate::domain::classification::Impact;
use crate::domain::escalation::Path;
use crate::domain::incident::Incident;
use crate::domain::text::Outside;
use crate::domain::time::date_time;

/// What every packet carries where it is known, and the labels that may know it.
const ALWAYS: [(&str, &[&str]); 7] = [
    ("product area", &["product_area", "product", "service"]),
    ("environment", &["environment", "env", "region", "cluster"]),
    ("request ids", &["request_id", "request_ids"]),
    ("order ids", &["order_id", "order_ids"]),
    ("user-mapping ids", &["user_mapping_id", "user_mapping_ids"]),
    ("webhook event ids", &["event_id", "webhook_event_id"]),
    ("logs", &["logs", "log_url"]),
];

/// Every item of the path's packet with its value: what a person gave, else what the incident knows, else nothing yet.
pub fn fill(
    path: &Path,
    incident: &Incident,
    given: &BTreeMap<String, Outside>,
) -> Vec<(String, Option<Outside>)> {
    let mut out: Vec<(String, Option<Outside>)> = Vec::new();
    let said = |item: &str| {
        let filled = || incident.filled.get(item).map(|filled| filled.value.clone());
        given.get(item).cloned().or_else(filled)
    };
    for item in &path.packet {
        out.push((item.clone(), said(item).or_else(|| known(item, incident))));
    }
    for (item, labels) in ALWAYS {
        let value = said(item).or_else(|| label(incident, labels));
        if value.is_some() && !out.iter().any(|(name, _)| name == item) {
            out.push((item.to_owned(), value));
        }
    }
    out
}

/// The items that nobody has filled in yet.
pub fn missing(packet: &[(String, Option<Outside>)]) -> Vec<&str> {
    packet.iter().filter(|(_, value)| value.is_none()).map(|(item, _)| item.as_str()).collect()
}

fn known(item: &str, incident: &Incident) -> Option<Outside> {
    match item {
        "impact scope" | "affected users" => impact(incident),
        "start time" => {
            let began =
                incident.signals.values().map(|signal| signal.since).min().unwrap_or(incident.opened_at);
            Some(Outside::new(date_time(began)))
        }
        "current mitigation" => mitigation(incident),
        "technical details" => Some(incident.title().clone()),
        "affected endpoint" | "endpoint" => {
            label(incident, &["endpoint", "handler", "path", "instance", "service"])
        }
        "order ids" => label(incident, &["order_id", "order_ids"]),
        "request id" => label(incident, &["request_id", "request_ids"]),
        "SDK version" => label(incident, &["sdk_version", "version"]),
        "region" => label(incident, &["region"]),
        "urgency" => Some(Outside::new(incident.severity.word())),
        "whether still active" => {
            let firing = incident.firing();
            Some(Outside::new(if firing > 0 {
                format!("yes, {firing} signals fire")
            } else {
                "no signal fires".to_owned()
            }))
        }
        _ => None,
    }
}

fn impact(incident: &Incident) -> Option<Outside> {
    match incident.impact.as_ref()? {
        Impact::Users { min, max } if min == max => Some(Outside::new(format!("{max} users"))),
        Impact::Users { min, max } => Some(Outside::new(format!("{min} to {max} users"))),
        Impact::Unknown { because } => Some(Outside::new(format!("unknown: {}", because.raw()))),
    }
}

fn mitigation(incident: &Incident) -> Option<Outside> {
    let done = incident.actions.values().rev().find(|action| {
        matches!(action.plan.verb, Verb::Contain { .. })
            && matches!(action.stage, Stage::Verified | Stage::Accepted)
    })?;
    let target = done.plan.target.as_ref().map(|(_, value)| value.raw()).unwrap_or_default();
    Some(Outside::new(format!("{} {target} ({})", done.plan.title, done.stage.word())))
}

fn label(incident: &Incident, keys: &[&str]) -> Option<Outside> {
    let values = keys.iter().map(|key| incident.label_values(key)).find(|values| !values.is_empty())?;
    let joined: Vec<&str> = values.into_iter().map(|(value, _)| value.raw()).collect();
    Some(Outside::new(joined.join(", ")))
}
