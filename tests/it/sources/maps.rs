//! What every field of an ordinary element becomes. Each says another text than the others, so that no two can be swapped.

use quell::domain::signal::Standing;
use quell::domain::text::Outside;
use quell::domain::time::Time;
use serde_json::{Value, json};

use super::contract::Kind;
use crate::support::faultd::Reply;

/// Since when all of them burn.
const SINCE: &str = "2026-11-20T14:01:22Z";
/// What other times they say.
const LATER: &str = "2026-11-21T09:30:00Z";

/// What a signal says.
#[derive(Clone, Debug, PartialEq)]
pub struct Mapped {
    title: &'static str,
    description: &'static str,
    /// All of them: service and severity are read from them.
    labels: Vec<(&'static str, &'static str)>,
    link: Option<&'static str>,
    runbook: Option<&'static str>,
    standing: Standing,
    held_by: Option<&'static str>,
}

/// An element as it comes, and what it is here.
type Pair = (Value, Mapped);

pub async fn every_field_is_where_it_belongs(kind: &Kind) {
    for (element, expected) in (kind.maps)() {
        let answer = kind.answered([Reply::ok(&(kind.body)(std::slice::from_ref(&element)))]).await.unwrap();
        assert_eq!((answer.signals.len(), answer.left_out, answer.complete), (1, 0, true), "{answer:#?}");
        let signal = &answer.signals[0];
        assert_eq!(
            (signal.since, signal.undecodable),
            (SINCE.parse::<Time>().unwrap(), false),
            "{element:#}"
        );
        let raw = |text: &Option<Outside>| text.as_ref().map(|text| text.raw().to_owned());
        let held_by = raw(&signal.upstream.as_ref().and_then(|upstream| upstream.held_by.clone()));
        let mut labels: Vec<_> = signal.labels.raw().collect();
        labels.sort_unstable();
        let Mapped { title, description, labels: wanted, link, runbook, standing, .. } = expected;
        assert_eq!((signal.title.raw(), signal.description.raw()), (title, description));
        assert_eq!(labels, wanted, "{element:#}");
        assert_eq!((raw(&signal.link).as_deref(), raw(&signal.runbook).as_deref()), (link, runbook));
        assert_eq!((&signal.standing, held_by.as_deref()), (&standing, expected.held_by), "{element:#}");
    }
}

/// The same element with another value at a pointer, which changes only that.
fn changed((element, mapped): &Pair, at: &str, value: Value, change: impl FnOnce(&mut Mapped)) -> Pair {
    let (mut element, mut mapped) = (element.clone(), mapped.clone());
    *element.pointer_mut(at).unwrap() = value;
    change(&mut mapped);
    (element, mapped)
}

pub fn alertmanager() -> Vec<Pair> {
    let firing = (
        json!({ "labels": { "alertname": "QueueStalls", "service": "orders", "severity": "critical" },
                "annotations": { "summary": "queue stalls", "description": "nothing leaves it",
                                 "runbook_url": "https://run.example/q" },
                "startsAt": SINCE, "updatedAt": LATER, "endsAt": LATER, "fingerprint": "f1",
                "generatorURL": "https://prom.example/g", "receivers": [{ "name": "on-call" }],
                "status": { "state": "active", "silencedBy": [], "inhibitedBy": [], "mutedBy": [] } }),
        Mapped {
            title: "queue stalls",
            description: "nothing leaves it",
            labels: vec![("alertname", "QueueStalls"), ("service", "orders"), ("severity", "critical")],
            link: Some("https://prom.example/g"),
            runbook: Some("https://run.example/q"),
            standing: Standing::Firing,
            held_by: None,
        },
    );
    let by = vec![Outside::new("f2")];
    let quiet = |by: &str, standing: Standing| {
        changed(&firing, &format!("/status/{by}"), json!(["f2"]), |it| it.standing = standing)
    };
    let silenced = quiet("silencedBy", Standing::Silenced);
    let inhibited = quiet("inhibitedBy", Standing::Inhibited { by });
    let muted = quiet("mutedBy", Standing::Silenced);
    vec![firing, silenced, inhibited, muted]
}

pub fn prometheus() -> Vec<Pair> {
    let firing = (
        json!({ "labels": { "alertname": "QueueStalls", "service": "orders", "severity": "critical" },
                "annotations": { "summary": "queue stalls", "description": "nothing leaves it",
                                 "runbook_url": "https://run.example/q" },
                "state": "firing", "activeAt": SINCE, "value": "1e+00" }),
        Mapped {
            title: "queue stalls",
            description: "nothing leaves it",
            labels: vec![("alertname", "QueueStalls"), ("service", "orders"), ("severity", "critical")],
            // It says none.
            link: None,
            runbook: Some("https://run.example/q"),
            standing: Standing::Firing,
            held_by: None,
        },
    );
    let pending = changed(&firing, "/state", json!("pending"), |it| it.standing = Standing::Pending);
    vec![firing, pending]
}

pub fn pagerduty() -> Vec<Pair> {
    let held = (
        json!({ "id": "PINC1", "incident_number": 4711, "title": "queue stalls", "status": "acknowledged",
                "urgency": "high", "created_at": SINCE, "updated_at": LATER, "last_status_change_at": LATER,
                "html_url": "https://pd.example/PINC1", "service": { "id": "PSVC", "summary": "orders" },
                "priority": { "id": "PPRI", "summary": "P1" }, "pending_actions": null,
                "escalation_policy": { "id": "PPOL", "summary": "Trading" },
                "teams": [{ "id": "PT", "summary": "Core" }],
                "assignments": [{ "at": LATER, "assignee": { "id": "PU1", "summary": "Bo" } }],
                "acknowledgements": [{ "at": LATER, "acknowledger": { "id": "PU2", "summary": "Ana" } }] }),
        Mapped {
            title: "queue stalls",
            description: "",
            labels: vec![
                ("pd_id", "PINC1"),
                ("pd_number", "4711"),
                ("policy", "Trading"),
                ("priority", "P1"),
                ("service", "orders"),
                ("team", "Core"),
                ("urgency", "high"),
            ],
            link: Some("https://pd.example/PINC1"),
            runbook: None,
            standing: Standing::Firing,
            held_by: Some("Ana"),
        },
    );
    let open = changed(&held, "/status", json!("triggered"), |it| it.held_by = None);
    vec![held, open]
}

pub fn http_json() -> Vec<Pair> {
    let held = (
        json!({ "number": "i1", "summary": "queue stalls", "text": "nothing leaves it", "component": "orders",
                "severity": "critical", "opened": SINCE, "touched": LATER, "url": "https://desk.example/i1",
                "phase": "held", "owner": { "name": "Ana" }, "tags": { "region": "eu-1" } }),
        Mapped {
            title: "queue stalls",
            description: "nothing leaves it",
            labels: vec![
                ("desk_id", "i1"),
                ("region", "eu-1"),
                ("service", "orders"),
                ("severity", "critical"),
            ],
            link: Some("https://desk.example/i1"),
            runbook: None,
            standing: Standing::Firing,
            held_by: Some("Ana"),
        },
    );
    let open = changed(&held, "/phase", json!("open"), |it| it.held_by = None);
    vec![held, open]
}
