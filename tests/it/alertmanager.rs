//! A source that works, and every way in which one does not: what is listed, and what is said of it.

use std::time::{Duration, Instant};

use regex::Regex;
use serde_json::{Value, json};

use crate::support::eventually;
use crate::support::faultd::{Faultd, Reply};
use crate::support::real::Alertmanager;
use crate::support::scratch::Scratch;

const ALERTS: &str = "GET /api/v2/alerts";

/// A machine that asks these peers.
fn watching(every: &str, urls: &[&str]) -> Scratch {
    let table = "[[source]]\nkind = \"alertmanager\"\nname = \"prod-am\"";
    Scratch::with_config(&format!(
        "operator = \"ana\"\nids = \"ANA\"\n{table}\nevery = \"{every}\"\nurls = {urls:?}\n"
    ))
}

fn list(machine: &Scratch) -> Value {
    let ran = machine.run(&["list", "--json"]);
    let list: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
    let sees = matches!(list["sources"][0]["state"].as_str(), Some("LIVE" | "PARTIAL"));
    assert_eq!(ran.code, Some(if sees { 0 } else { 3 }), "{ran:?}");
    list
}

fn state(list: &Value) -> &str {
    list["sources"][0]["state"].as_str().unwrap()
}

fn rows<'a>(list: &'a Value, field: &str) -> Vec<&'a Value> {
    list["incidents"].as_array().unwrap().iter().map(|row| &row[field]).collect()
}

/// Fires an alert of this name and severity, titled by its name.
fn fire(alertmanager: &Alertmanager, name: &str, severity: &str) {
    let labels = [("alertname", name), ("service", "orders"), ("severity", severity)];
    alertmanager.fire(&labels, &[("summary", &format!("{name} happens"))]);
}

#[test]
fn a_stopped_alertmanager_keeps_its_rows_and_is_never_a_calm_lie() {
    let Some(mut alertmanager) = Alertmanager::start() else { return };
    for (name, severity) in [("Slow", "warning"), ("Gone", "critical"), ("Lagging", "error")] {
        fire(&alertmanager, name, severity);
    }
    let every = Duration::from_secs(1);
    let machine = watching("1s", &[&alertmanager.url()]);
    let ranked = ["Gone happens", "Lagging happens", "Slow happens"];
    let console = machine.console(&[], 110, 30);
    let screen = console.until(|screen| ranked.iter().all(|title| screen.contains(title)), "all rows");
    let places: Vec<_> = ranked.iter().map(|title| screen.find(title)).collect();
    assert!(places.is_sorted(), "the worst comes first:\n{screen}");
    let before = list(&machine);
    assert_eq!(
        (state(&before), rows(&before, "title")),
        ("LIVE", ranked.iter().map(|t| json!(t)).collect::<Vec<_>>().iter().collect())
    );

    alertmanager.stop();
    let stopped = Instant::now();
    let down = Regex::new(r"prod-am DOWN \d\d:\d\d:\d\dZ").unwrap();
    let screen = console.until(|screen| down.is_match(screen), "the dead source");
    assert!(stopped.elapsed() < every * 4, "took {:?}", stopped.elapsed());
    assert!(screen.contains("STALE"), "rows say how old they are:\n{screen}");
    assert!(screen.contains("BLIND"), "no source answers:\n{screen}");
    assert!(ranked.iter().all(|title| screen.contains(title)), "no row is lost:\n{screen}");
    assert!(!screen.to_lowercase().contains("all clear"), "{screen}");
    let dead = list(&machine);
    assert_eq!(state(&dead), "DOWN");
    assert_eq!(rows(&dead, "id"), rows(&before, "id"));
    assert!(rows(&dead, "stale").iter().all(|stale| **stale == true), "{dead:#}");
    assert!(dead["sources"][0]["fault"].as_str().unwrap().contains("refused"), "{dead:#}");

    alertmanager.start_again();
    for (name, severity) in [("Slow", "warning"), ("Gone", "critical"), ("Lagging", "error")] {
        fire(&alertmanager, name, severity);
    }
    console.until(|screen| screen.contains("● prod-am") && !screen.contains("STALE"), "it to heal");
    let healed = list(&machine);
    assert_eq!((state(&healed), rows(&healed, "id")), ("LIVE", rows(&before, "id")));
}

#[test]
fn silenced_and_inhibited_alerts_open_nothing() {
    let rule = "inhibit_rules: [{ source_matchers: ['severity=\"critical\"'], \
                target_matchers: ['severity=\"warning\"'], equal: ['service'] }]\n";
    let Some(alertmanager) = Alertmanager::start_with(rule) else { return };
    let silence = alertmanager.silence("Noisy");
    for (name, severity) in [("Noisy", "error"), ("Gone", "critical"), ("Slow", "warning")] {
        fire(&alertmanager, name, severity);
    }
    eventually("two to be suppressed", || {
        let suppressed = |alert: &Value| alert["status"]["state"] == "suppressed";
        (alertmanager.alerts().iter().filter(|alert| suppressed(alert)).count() == 2).then_some(())
    });
    let machine = watching("1s", &[&alertmanager.url()]);
    assert_eq!(rows(&list(&machine), "title"), ["Gone happens"]);
    alertmanager.unsilence(&silence);
    eventually("the silence to end", || (rows(&list(&machine), "title").len() == 2).then_some(()));
    assert_eq!(rows(&list(&machine), "title"), ["Gone happens", "Noisy happens"]);
}

#[test]
fn one_peer_that_answers_suffices() {
    let Some(alertmanager) = Alertmanager::start() else { return };
    fire(&alertmanager, "Gone", "critical");
    let gone = Faultd::start();
    let url = gone.url();
    gone.stop();
    let machine = watching("1s", &[&url, &alertmanager.url()]);
    let list = list(&machine);
    assert_eq!((state(&list), rows(&list, "title")), ("LIVE", vec![&json!("Gone happens")]));
}

fn alert(name: &str) -> Value {
    json!({ "labels": { "alertname": name, "service": "orders", "severity": "critical" },
            "annotations": { "summary": format!("{name} happens") }, "startsAt": chrono::Utc::now().to_rfc3339(),
            "fingerprint": name, "status": { "state": "active", "silencedBy": [], "inhibitedBy": [] } })
}

#[test]
fn one_poisoned_alert_blinds_nobody() {
    let source = Faultd::start();
    let mut poisoned = alert("Poisoned");
    poisoned["startsAt"] = json!({ "a": [1, 2] });
    let page = json!([alert("First"), poisoned, null, 7, { "labels": "no" }, alert("Last")]);
    source.on(ALERTS, [Reply::ok(&page)]);
    let machine = watching("1s", &[&source.url()]);
    let list = list(&machine);
    assert_eq!(state(&list), "PARTIAL");
    let titles = rows(&list, "title");
    assert!(
        titles.contains(&&json!("First happens")) && titles.contains(&&json!("Last happens")),
        "{list:#}"
    );
    let placeholders = list["incidents"].as_array().unwrap().iter().filter(|row| row["unmapped"] == true);
    assert!(placeholders.clone().all(|row| row["severity"] == "high"), "{list:#}");
    assert!(placeholders.count() > 0, "what cannot be read is not passed over:\n{list:#}");
}

/// What is answered, and the state after that. Every failure there is: `sources`.
fn failures() -> [(&'static str, Reply, &'static str); 3] {
    let html = "<html><body>Please log in</body></html>";
    [
        ("a log-in page", Reply::body(200, "text/html", html), "DOWN"),
        ("401", Reply::status(401), "AUTH"),
        ("a reset", Reply::reset(), "DOWN"),
    ]
}

#[test]
fn a_source_that_never_answered_is_no_calm_one() {
    for (what, reply, expected) in failures() {
        let source = Faultd::start();
        source.on(ALERTS, [reply]);
        let machine = watching("1s", &[&source.url()]);
        list(&machine);
        let list = list(&machine);
        assert_eq!(state(&list), expected, "{what}: {list:#}");
        assert!(list["sources"][0]["fault"].is_string(), "{what}: {list:#}");
        assert_eq!(rows(&list, "id").len(), 0, "{what}: {list:#}");
        let plain = machine.run(&["list"]);
        assert!(plain.stdout.contains("no answer yet") && !plain.stdout.contains("all clear"), "{plain:?}");
    }
}

#[test]
fn a_source_that_answered_before_keeps_its_rows_however_it_fails() {
    let source = Faultd::start();
    let machine = watching("1s", &[&source.url()]);
    let console = machine.console(&[], 110, 30);
    for (what, reply, expected) in failures() {
        source.on(ALERTS, [Reply::ok(&json!([alert("Gone")]))]);
        console.shows("● prod-am");
        source.on(ALERTS, [reply]);
        console.shows(&format!("✗ prod-am {expected}"));
        let list = list(&machine);
        assert_eq!(rows(&list, "title"), ["Gone happens"], "{what}");
        assert_eq!(rows(&list, "stale"), [true], "{what}");
        assert!(list["sources"][0]["as_of"].is_string(), "{what}: {list:#}");
    }
}

#[test]
fn a_source_that_hangs_is_stale_as_long_as_nobody_knows_more() {
    let source = Faultd::start();
    source.on(ALERTS, [Reply::ok(&json!([alert("Gone")]))]);
    let machine = watching("1s", &[&source.url()]);
    let console = machine.console(&[], 110, 30);
    console.shows("Gone happens");
    source.on(ALERTS, [Reply::hang()]);
    let stale = Regex::new(r"○ prod-am STALE \d\d:\d\d:\d\dZ").unwrap();
    let screen = console.until(|screen| stale.is_match(screen), "the stale source");
    assert!(screen.contains("Gone happens") && !screen.to_lowercase().contains("all clear"), "{screen}");
    let list = list(&machine);
    assert_eq!((state(&list), rows(&list, "stale")), ("STALE", vec![&json!(true)]));
}

#[test]
fn a_watchdog_that_is_silent_makes_the_source_partial_and_opens_nothing_when_it_is_heard() {
    let source = Faultd::start();
    let machine = watching("1s", &[&source.url()]);
    let config = std::fs::read_to_string(machine.config_file()).unwrap();
    machine.write_config(&format!("{config}watchdog = [\"Watchdog\"]\n"));
    source.on(ALERTS, [Reply::ok("[]")]);
    assert_eq!(state(&list(&machine)), "PARTIAL");
    assert!(!machine.run(&["list"]).ok().contains("all clear"));
    source.on(ALERTS, [Reply::ok(&json!([alert("Watchdog")]))]);
    let heard = eventually("the watchdog", || Some(list(&machine)).filter(|list| state(list) == "LIVE"));
    assert_eq!(rows(&heard, "id").len(), 0);
    assert!(machine.run(&["list"]).ok().contains("all clear"));
}
