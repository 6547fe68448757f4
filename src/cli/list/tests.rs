//! What `list` prints: the promise to scripts, and the order.

use std::sync::Arc;

use super::*;
use crate::domain::category::Category;
use crate::domain::classification::Impact;
use crate::domain::escalation::Step;
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::freshness::SourceStatus;
use crate::domain::monitor::{Health, MonitorStatus};
use crate::domain::opening::{Joining, Opening};
use crate::domain::operator::{Actor, Operator};
use crate::domain::record::{Entry, FORMAT, PathArmed, Record, StepSent, StepStarted};
use crate::domain::severity::Severity;
use crate::domain::signal::{Labels, SignalKey};
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time};
use crate::domain::upstream::Silence;

fn at(text: &str) -> Time {
    format!("2026-11-20T{text}Z").parse().unwrap()
}

fn record(id: &IncidentId, time: &str, by: Actor, entry: Entry) -> Record {
    Record { v: FORMAT, on: None, seq: 1, at: at(time), by, incident: Some(id.clone()), entry }
}

fn gateway() -> Incident {
    let id = IncidentId::new("INC", 1047);
    let joining = Joining {
        sensitive: crate::domain::sensitive::Said::new(),
        key: SignalKey { source: "prod-am".into(), fingerprint: Outside::new("5f3c") },
        title: Outside::new("Order gateway refuses connections"),
        severity: Severity::Critical,
        unmapped: false,
        labels: [].into(),
        since: at("14:01:12"),
        policy: None,
        held_by: None,
        watched: false,
    };
    let opening = Opening {
        title: joining.title.clone(),
        severity: Severity::Critical,
        unmapped: false,
        category: Category::Outage,
        service: Outside::new("trading"),
        group: Some("g".into()),
        signal: Some(Box::new(joining)),
        because: Outside::new("severity=page"),
        labels: Labels::new().into(),
        ack_due: Some(at("14:06:22")),
        recurrence_of: None,
        reported: None,
    };
    let step = |after| Step { after: Span::mins(after), to: vec!["room".into()] };
    let armed = Entry::PathArmed(PathArmed { path: "incident".into(), steps: vec![step(0), step(5)] });
    let records = [
        record(&id, "14:01:22", Actor::Engine, Entry::Opened(Box::new(opening))),
        record(&id, "14:01:22", Actor::Engine, armed),
        record(
            &id,
            "14:01:23",
            Actor::Engine,
            Entry::StepStarted(StepStarted {
                path: "incident".into(),
                step: 1,
                resumes: false,
                missing: Vec::new(),
            }),
        ),
        record(
            &id,
            "14:01:24",
            Actor::Engine,
            Entry::StepSent(StepSent { path: "incident".into(), step: 1, receipts: Vec::new() }),
        ),
    ];
    Incident::fold(&records).unwrap().unwrap()
}

fn changes(incidents: Vec<Incident>) -> Changes {
    let status =
        SourceStatus { as_of: Some(at("14:03:21")), ..SourceStatus::never("prod-am", Span::secs(15)) };
    Changes {
        cursor: Cursor::default(),
        incidents: incidents.into_iter().map(Arc::new).collect(),
        removed: Vec::new(),
        sources: vec![status],
        monitors: Vec::new(),
        notices: Vec::new(),
        watch: None,
        handed: None,
        holder: None,
        actions: crate::backend::ActionsNow::On,
        ledger: None,
        deaf: None,
        now: at("14:03:22"),
    }
}

fn json(changes: &Changes) -> String {
    let listing = Listing {
        version: VERSION,
        as_of: row::second(changes.now),
        sources: row::sources(changes),
        incidents: matching(changes, &Query::everything(), "ana")
            .into_iter()
            .map(|(rank, incident)| Row::of(incident, rank, changes))
            .collect(),
    };
    serde_json::to_string(&listing).unwrap()
}

#[test]
fn json_is_what_scripts_were_promised() {
    let promised = r#"{"version":1,"as_of":"2026-11-20T14:03:22Z",
        "sources":[{"name":"prod-am","state":"LIVE","as_of":"2026-11-20T14:03:21Z","fault":null}],
        "incidents":[{"id":"INC-1047","title":"Order gateway refuses connections","severity":"critical",
        "unmapped":false,"category":"outage","phase":"identify","service":"trading","sources":["prod-am"],
        "upstream":["5f3c"],"opened_at":"2026-11-20T14:01:22Z","acked_by":null,"acked_until":null,"lead":null,
        "commander":null,"affected_users":null,"affected_users_unknown":null,"contained":"none",
        "escalation":{"path":"incident","step":1,"next_at":"2026-11-20T14:06:22Z"},
        "deadlines":[{"kind":"ack","due":"2026-11-20T14:06:22Z"}],"signals":1,"version":4,"rank":1,"stale":false}]}"#;
    let promised: serde_json::Value = serde_json::from_str(promised).unwrap();
    // Compared as text as well: the order of keys is part of what people read.
    assert_eq!(json(&changes(vec![gateway()])), promised.to_string());
}

#[test]
fn a_dead_source_is_said_and_removes_nothing() {
    let mut changes = changes(vec![gateway()]);
    let source = &mut changes.sources[0];
    source.failures = 2;
    source.fault = Some(Fault::new(FaultKind::Unreachable, "connection refused"));
    let ranked = matching(&changes, &Query::everything(), "ana");
    assert_eq!(
        lines(&ranked, &changes),
        [
            "prod-am DOWN data as of 2026-11-20 14:03:21Z: connection refused",
            "!! CRIT  INC-1047   2m Identify -          STALE Order gateway refuses connections",
        ]
    );
}

#[test]
fn all_clear_needs_every_source_live_and_at_least_one() {
    let said = |changes: &Changes| lines(&matching(changes, &Query::everything(), "ana"), changes);
    let mut quiet = changes(Vec::new());
    assert_eq!(said(&quiet), ["all clear: every source is LIVE"]);
    quiet.ledger = Some(Fault::local("cannot be written: the disk is full"));
    assert_eq!(
        said(&quiet),
        ["warning: nothing new is taken in: the ledger cannot be written: the disk is full"]
    );
    quiet.ledger = None;
    let mut api = MonitorStatus::never("api", Span::secs(10));
    (api.source.as_of, api.health) = (Some(at("14:03:21")), Health::Down);
    quiet.monitors = vec![api];
    assert_eq!(said(&quiet), ["not clear: nothing is open, but these monitors are not up: api"]);
    quiet.monitors[0].maintenance = Some(at("15:00:00"));
    assert_eq!(said(&quiet), ["all clear: every source is LIVE"]);
    quiet.sources[0].left_out = 1;
    assert_eq!(said(&quiet), Vec::<String>::new());
    quiet.sources.clear();
    quiet.monitors.clear();
    assert!(said(&quiet)[0].starts_with("no sources configured"));
}

#[test]
fn a_query_keeps_ranks_and_phases_are_listed_when_asked_for() {
    let mut worked = gateway();
    let ana = Actor::Person(Operator::new("ana", "h"));
    let impact = Entry::ImpactAssessed { impact: Impact::Users { min: 1, max: 9 }, because: None };
    worked.apply(&record(&worked.id.clone(), "14:02:00", ana.clone(), impact)).unwrap();
    worked.id = IncidentId::new("INC", 1);
    let changes = changes(vec![gateway(), worked]);
    let found = |text: &str| {
        let query = Query::parse(text).unwrap();
        matching(&changes, &query, "ana")
            .into_iter()
            .map(|(rank, i)| (rank, i.id.number()))
            .collect::<Vec<_>>()
    };
    assert_eq!(found("sev:critical"), [(1, 1047), (2, 1)]);
    assert_eq!(found("users<10"), [(2, 1)]);
    assert_eq!(found("phase:review"), []);
}

#[test]
fn a_severity_that_nobody_knows_is_marked() {
    let mut unmapped = gateway();
    unmapped.signals.values_mut().for_each(|signal| signal.unmapped = true);
    let changes = changes(vec![unmapped]);
    let listed = lines(&matching(&changes, &Query::everything(), "ana"), &changes);
    assert!(listed[0].starts_with("!! CRIT? INC-1047 "), "{listed:?}");
}

#[test]
fn who_holds_it_at_its_source_is_named_with_the_source() {
    let mut incident = gateway();
    let key = SignalKey { source: "prod-am".into(), fingerprint: Outside::new("5f3c") };
    let held_by = Some(Outside::new("Bo Okafor"));
    let turned =
        Entry::UpstreamTurned { key, held_by, exhausted: false, pages_again: false, unnamed_state: None };
    incident.owner = None;
    incident.apply(&record(&incident.id.clone(), "14:03:00", Actor::Engine, turned)).unwrap();
    let rows = rows(&[(1, &incident)], &changes(Vec::new()));
    assert!(rows[0].contains(" Bo Okafor (at prod-am) "), "{rows:?}");
    let said = |incident: &Incident| {
        let said: serde_json::Value = serde_json::from_str(&json(&changes(vec![incident.clone()]))).unwrap();
        let row = &said["incidents"][0];
        (row["acked_by"].to_string(), row.get("held_at").map(ToString::to_string))
    };
    assert_eq!(said(&incident), ("\"Bo Okafor\"".to_owned(), Some("\"prod-am\"".to_owned())));
    let ana = Actor::Person(Operator::new("ana", "h"));
    let ack = Entry::Acknowledged { lasts_s: 600, from: None };
    incident.apply(&record(&incident.id.clone(), "14:03:01", ana, ack)).unwrap();
    assert_eq!(said(&incident), ("\"ana\"".to_owned(), None), "who holds it here comes first");
}

#[test]
fn the_silences_of_a_source_are_listed_with_it() {
    let mut changes = changes(Vec::new());
    let silence = Silence {
        id: Outside::new("8d9e"),
        by: Outside::new("zed"),
        comment: Outside::new("for 88213"),
        matchers: Outside::new("alertname=\"Lag\""),
        until: Some(at("16:00:00")),
        as_of: None,
    };
    changes.sources[0].vitals.silences = vec![silence];
    let promised = r#""fault":null,"silences":[{"id":"8d9e","by":"zed","matchers":"alertname=\"Lag\"",
        "until":"2026-11-20T16:00:00Z","as_of":null}]}]"#;
    let promised = promised.replace("\n        ", "");
    assert!(json(&changes).contains(&promised), "{}", json(&changes));
}

#[test]
fn that_nobody_is_paged_any_more_is_said() {
    use crate::domain::escalation::Stopped;
    use crate::domain::record::PathStopped;
    let mut incident = gateway();
    assert!(!lines_of(&incident).contains("EXHAUSTED"));
    let stopped = PathStopped { path: "incident".into(), because: Stopped::Exhausted };
    let stopped = record(&incident.id.clone(), "14:03:00", Actor::Engine, Entry::PathStopped(stopped));
    incident.apply(&stopped).unwrap();
    assert!(lines_of(&incident).contains("(EXHAUSTED) Order gateway"), "{}", lines_of(&incident));
}

fn lines_of(incident: &Incident) -> String {
    rows(&[(1, incident)], &changes(vec![incident.clone()])).join("\n")
}
