//! A source that works, and every way in which one does not: what is listed, and what is said of it.

mod anew;
mod lasting;

use std::time::{Duration, Instant};

use regex::Regex;
use serde_json::{Value, json};

use crate::support::eventually;
use crate::support::faultd::{Faultd, Reply};
use crate::support::http;
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
        // Who was refused would be asked seldom.
        console.keys("R").shows("● prod-am");
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

/// A machine that may change what its Alertmanager does.
fn acting(alertmanager: &Alertmanager) -> Scratch {
    let machine = watching("1s", &[&alertmanager.url()]);
    let config = std::fs::read_to_string(machine.config_file()).unwrap();
    machine.write_config(&format!("{config}silence_hits = 3\n[actions]\nenabled = true\n"));
    machine
}

/// The silences that hold.
fn silences(alertmanager: &Alertmanager) -> Vec<Value> {
    let all = http::get(alertmanager.port(), "/api/v2/silences").unwrap().json();
    let holds = |silence: &&Value| silence["status"]["state"] == "active";
    all.as_array().unwrap().iter().filter(holds).cloned().collect()
}

#[test]
fn a_silence_is_shown_with_what_it_hits_made_extended_and_undone() {
    let Some(alertmanager) = Alertmanager::start() else { return };
    fire(&alertmanager, "Noisy", "error");
    let machine = acting(&alertmanager);
    assert_eq!(rows(&list(&machine), "title"), ["Noisy happens"]);
    let applicable = machine.run(&["plan", "1"]).ok();
    assert!(applicable.contains("prod-am/silence") && !applicable.contains("expire-silence"), "{applicable}");

    let set = ["--set", "comment=we are at it"];
    let target = "alertname=Noisy,service=orders";
    let plan = machine.run(&[&["plan", "1", "prod-am/silence"][..], &set].concat()).ok();
    for said in ["hits now = 1 (of at most 3)", target, "endsAt", "finds then"] {
        assert!(plan.contains(said), "{said}:\n{plan}");
    }
    let make = [&["upstream", "1", "prod-am/silence", "--confirm-target", "1"][..], &set].concat();
    let made = machine.run(&make).ok();
    assert!(made.contains("verified"), "{made}");
    let [silence] = silences(&alertmanager).try_into().unwrap();
    assert_eq!(silence["createdBy"], "ana");
    assert!(silence["comment"].as_str().unwrap().starts_with("we are at it (ANA-1, quell-"), "{silence}");

    let silenced = eventually("the alert to be silenced", || {
        let show = machine.run(&["show", "1"]).ok();
        show.contains("silenced by ana until").then_some(show)
    });
    assert!(silenced.contains("we are at it"), "{silenced}");
    assert_eq!(rows(&list(&machine), "title"), ["Noisy happens"], "what is silenced later is not over");
    let extend = ["upstream", "1", "prod-am/extend-silence", "--set", "for=5h", "--yes"];
    let extended = machine.run(&extend).ok();
    assert!(extended.contains("verified"), "{extended}");
    let [longer] = silences(&alertmanager).try_into().unwrap();
    assert_eq!(longer["id"], silence["id"], "what is only extended keeps its id");
    assert!(longer["endsAt"].as_str() > silence["endsAt"].as_str(), "{longer}");

    let card = || machine.run(&["report", "--since", "1h"]).ok();
    let ends = longer["endsAt"].as_str().unwrap()[..19].replace('T', " ");
    let said = eventually("the card to say the new end", || Some(card()).filter(|card| card.contains(&ends)));
    assert_eq!(said.matches("In force").count(), 1, "one silence is one line: {said}");
    let ended = machine.run(&["upstream", "1", "prod-am/expire-silence", "--yes"]).ok();
    assert!(ended.contains("verified"), "{ended}");
    assert_eq!(silences(&alertmanager), Vec::<Value>::new());
    assert!(!card().contains("In force"), "{}", card());
    machine.run(&make).ok();
    let [longer] = silences(&alertmanager).try_into().unwrap();

    // Somebody narrows it elsewhere: Alertmanager ends it and makes another one.
    let mut edited = longer.clone();
    let more = json!({ "name": "severity", "value": "error", "isRegex": false, "isEqual": true });
    edited["matchers"].as_array_mut().unwrap().push(more);
    assert_eq!(http::post(alertmanager.port(), "/api/v2/silences", &edited).unwrap().status, 200);
    let [edited] = silences(&alertmanager).try_into().unwrap();
    assert_ne!(edited["id"], silence["id"]);
    let undone = machine.run(&["undo", "1", "4", "--confirm-target", "ANA-1"]).ok();
    assert!(undone.contains("verified"), "{undone}");
    assert_eq!(silences(&alertmanager), Vec::<Value>::new(), "the one that took its place is over");
}

#[test]
fn a_silence_that_has_not_begun_is_extended_all_the_same_and_one_that_is_over_is_not() {
    let Some(alertmanager) = Alertmanager::start() else { return };
    fire(&alertmanager, "Noisy", "error");
    let machine = acting(&alertmanager);
    assert_eq!(rows(&list(&machine), "title"), ["Noisy happens"]);
    let at = |hours: i64| (chrono::Utc::now() + chrono::TimeDelta::hours(hours)).to_rfc3339();
    let matchers = json!([{ "name": "alertname", "value": "Noisy", "isRegex": false, "isEqual": true }]);
    let silence = json!({ "matchers": matchers, "startsAt": at(1), "endsAt": at(2), "createdBy": "zed", "comment": "later" });
    let made = http::post(alertmanager.port(), "/api/v2/silences", &silence).unwrap().json();
    let which = format!("silence={}", made["silenceID"].as_str().unwrap());
    let set = ["--set", &which, "--set", "for=5h", "--yes"];
    let extended = machine.run(&[&["upstream", "1", "prod-am/extend-silence"][..], &set].concat()).ok();
    assert!(extended.contains("verified") && !extended.contains("not verified"), "{extended}");
    let all = http::get(alertmanager.port(), "/api/v2/silences").unwrap().json();
    assert_eq!(all[0]["status"]["state"], "pending", "{all}");
    machine.run(&["upstream", "1", "prod-am/expire-silence", "--set", &which, "--yes"]).ok();
    let over = machine.run(&[&["upstream", "1", "prod-am/extend-silence"][..], &set].concat());
    assert!(over.code != Some(0) && format!("{over:?}").contains("expired"), "{over:?}");
}

#[test]
fn a_silence_goes_to_the_first_peer_that_can_be_reached_and_the_plan_says_where_else() {
    let Some(alertmanager) = Alertmanager::start() else { return };
    fire(&alertmanager, "Noisy", "error");
    let gone = Faultd::start();
    let url = gone.url();
    gone.stop();
    let machine = watching("1h", &[&url, &alertmanager.url()]);
    let config = std::fs::read_to_string(machine.config_file()).unwrap();
    machine.write_config(&format!("{config}[actions]\nenabled = true\n"));
    assert_eq!(rows(&list(&machine), "title"), ["Noisy happens"]);
    // Whoever did not poll does not know who is up.
    let set = ["--set", "comment=we are at it"];
    let plan = machine.run(&[&["plan", "1", "prod-am/silence"][..], &set].concat()).ok();
    let instead = format!("where it certainly did not arrive there: {}/api/v2/silences", alertmanager.url());
    assert!(plan.contains(&format!("POST {url}/api/v2/silences")) && plan.contains(&instead), "{plan}");
    let target = "alertname=Noisy,service=orders";
    let make = [&["upstream", "1", "prod-am/silence", "--confirm-target", target][..], &set].concat();
    let made = machine.run(&make).ok();
    assert!(made.contains("verified"), "{made}");
    assert_eq!(silences(&alertmanager).len(), 1);
    let shown = machine.run(&["show", "1"]).ok();
    let by = format!("by {}, since {url}: connection refused", alertmanager.url());
    assert!(shown.contains(&by), "{shown}");
}

#[test]
fn why_a_silence_is_refused_is_said_in_its_own_words() {
    let server = Faultd::start();
    server.on(ALERTS, [Reply::ok(&json!([alert("Noisy")]))]);
    let words = "Failed to create silence: at least one matcher must not match the empty string";
    server.on("POST /api/v2/silences", [Reply::body(400, "application/json", json!(words).to_string())]);
    let machine = watching("1h", &[&server.url()]);
    let config = std::fs::read_to_string(machine.config_file()).unwrap();
    machine.write_config(&format!("{config}[actions]\nenabled = true\n"));
    list(&machine);
    let arguments = ["upstream", "1", "prod-am/silence", "--set", "comment=we are at it", "--confirm-target"];
    let refused = machine.run(&[&arguments[..], &["alertname=Noisy,service=orders"]].concat());
    assert_eq!(refused.code, Some(1), "{refused:?}");
    let said = format!("status 400 Bad Request: {words}");
    assert!(refused.stdout.contains(&said) || refused.stderr.contains(&said), "{refused:?}");
}

#[test]
fn a_silence_that_is_too_broad_is_refused() {
    let Some(alertmanager) = Alertmanager::start() else { return };
    for n in ["1", "2", "3", "4"] {
        let labels = [("alertname", "Noisy"), ("service", "orders"), ("severity", "error"), ("pod", n)];
        alertmanager.fire(&labels, &[("summary", "Noisy happens")]);
    }
    let machine = acting(&alertmanager);
    list(&machine);
    let refused = |matchers: &str| {
        let (matchers, why) = (format!("matchers={matchers}"), "comment=we are at it");
        let ran = machine.run(&["plan", "1", "prod-am/silence", "--set", &matchers, "--set", why]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        ran.stderr
    };
    assert!(refused("alertname=Noisy").contains("it hits 4 now, which is more than 3"));
    for broad in ["severity=error", "alertname=~.+", "service=~\".*\",alertname=~\".*\"", "alertname="] {
        assert!(refused(broad).contains("one of them alertname=… or service=…"), "{broad}");
    }
    let narrow = ["--set", "matchers=alertname=Noisy,pod=1", "--set", "comment=we are at it"];
    machine.run(&[&["plan", "1", "prod-am/silence"][..], &narrow].concat()).ok();
    assert_eq!(silences(&alertmanager), Vec::<Value>::new());
}

#[test]
fn ten_thousand_alerts_are_listed() {
    let Some(alertmanager) = Alertmanager::start() else { return };
    let alert = |n: usize| {
        json!({ "labels": { "alertname": format!("Lag{}", n / 10), "service": "orders", "pod": n.to_string(),
                            "severity": "warning" },
                "annotations": { "summary": format!("pod {n} lags") }, "endsAt": "2199-01-01T00:00:00Z" })
    };
    for from in (0..10_000).step_by(1000) {
        alertmanager.post(&json!((from..from + 1000).map(alert).collect::<Vec<_>>()));
    }
    let machine = watching("1m", &[&alertmanager.url()]);
    let list = list(&machine);
    assert_eq!((state(&list), list["incidents"].as_array().unwrap().len()), ("LIVE", 1000));
    let signals = rows(&list, "signals").into_iter().map(|count| count.as_u64().unwrap());
    assert_eq!(signals.sum::<u64>(), 10_000);
}
