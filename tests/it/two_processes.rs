//! Several quells on one ledger: one polls and escalates, all see, and a death is found by the others.

use std::process::Stdio;

use regex::Regex;
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::eventually;
use crate::support::exchange::Exchange;
use crate::support::faultd::{Faultd, Reply};
use crate::support::pty::Pty;
use crate::support::scratch::{Scratch, run};

const ALERTS: &str = "GET /api/v2/alerts";

/// A source that is asked each second, an exchange to act on, and a machine for several consoles.
struct Scene {
    source: Faultd,
    exchange: Exchange,
    machine: Scratch,
}

impl Scene {
    fn new() -> Self {
        let (source, exchange) = (Faultd::start(), Exchange::start());
        source.on(ALERTS, [Reply::ok("[]")]);
        let table = "[[source]]\nkind = \"alertmanager\"\nname = \"prod-am\"\nevery = \"1s\"";
        let machine = exchange.machine("60s", &format!("{table}\nurls = [\"{}\"]\n", source.url()));
        let config = std::fs::read_to_string(machine.config_file()).unwrap();
        machine.write_config(&config.replace("after = \"1m\"", "after = \"1s\""));
        Self { source, exchange, machine }
    }

    fn console(&self) -> Pty {
        let console = self.machine.console(&[], 120, 30);
        console.shows("● prod-am");
        console
    }

    /// Two consoles, the first of which holds the lease.
    fn consoles(&self) -> (Pty, Pty) {
        let first = self.console();
        let second = self.console();
        second.shows(&format!("engine pid {}", first.pid()));
        assert!(!first.screen().contains("engine pid"), "{}", first.screen());
        (first, second)
    }

    fn fire(&self, name: &str, labels: &Value) {
        self.source.on(ALERTS, [Reply::ok(&json!([alert(name, labels)]))]);
    }

    fn list(&self) -> Value {
        serde_json::from_str(&self.machine.run(&["list", "--json"]).stdout).unwrap()
    }
}

fn alert(name: &str, more: &Value) -> Value {
    let mut labels = json!({ "alertname": name, "service": "gateway", "severity": "critical" });
    labels.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let now = chrono::Utc::now().to_rfc3339();
    json!({ "labels": labels, "annotations": { "summary": format!("{name} happens") }, "startsAt": now,
            "fingerprint": name, "status": { "state": "active", "silencedBy": [], "inhibitedBy": [] } })
}

/// The time of the source's data, as the header shows it.
fn as_of(screen: &str) -> Option<String> {
    let found = Regex::new(r"● prod-am (\d\d:\d\d:\d\dZ)").unwrap();
    Some(found.captures(screen)?[1].to_owned())
}

fn gets_fresh_data(console: &Pty) {
    let before = as_of(&console.screen());
    console.until(|screen| as_of(screen).is_some_and(|now| Some(now) != before), "newer data");
}

#[test]
fn one_polls_and_pages_once_and_both_see_and_ring() {
    let scene = Scene::new();
    let (first, second) = scene.consoles();
    scene.fire("OrderGatewayDown", &json!({}));
    for console in [&first, &second] {
        console.shows("OrderGatewayDown happens");
        eventually("the bell", || (console.bells() > 0).then_some(()));
        gets_fresh_data(console);
    }
    eventually("the page", || (!scene.exchange.messages("inc-room").is_empty()).then_some(()));
    let asked = scene.source.requests().len();
    scene.source.wait_for(ALERTS, asked + 3);
    let messages = scene.exchange.messages("inc-room");
    assert_eq!(messages.len(), 1, "{messages:#?}");
    assert_eq!(scene.list()["sources"][0]["state"], "LIVE");
    assert_eq!(scene.list()["incidents"].as_array().unwrap().len(), 1);

    // The holder is killed: the other polls, and does not page again.
    first.signal(Signal::KILL);
    second.until(|screen| !screen.contains("engine pid"), "the lease to be taken over");
    let asked = scene.source.requests().len();
    scene.source.wait_for(ALERTS, asked + 2);
    gets_fresh_data(&second);
    assert_eq!(scene.exchange.messages("inc-room").len(), 1);
    scene.machine.run(&["ledger", "verify"]).ok();
}

#[test]
fn contain_works_beside_a_console_and_its_death_is_found_by_that_console() {
    let scene = Scene::new();
    scene.fire("TokenReplicaLate", &json!({ "service": "tokens", "replica": "tok-2" }));
    let console = scene.console();
    console.shows("TokenReplicaLate happens");
    let contain = ["contain", "1", "isolate-replica", "--confirm-target", "tok-2"];
    scene.machine.run(&contain).ok();
    console.until(|screen| screen.to_lowercase().contains("contained"), "the containment");
    scene.machine.run(&["undo", "1", "1", "--confirm-target", "tok-2"]).ok();

    let path = "/admin/replicas/tok-2";
    scene.exchange.misbehave("GET", path, 2, json!({ "delay_ms": 0 }));
    scene.exchange.misbehave("GET", path, 10_000, json!({ "status": 503 }));
    scene.exchange.misbehave("POST", path, 1, "apply_then_hang");
    let mut second = scene.machine.quell(&contain);
    let mut second = second.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    eventually("the effect", || (scene.exchange.effects("isolate", "tok-2") == 2).then_some(()));
    let bells = console.bells();
    second.kill().unwrap();
    second.wait().unwrap();
    console.shows("UNKNOWN");
    eventually("the bell", || (console.bells() > bells).then_some(()));
    assert_eq!(scene.list()["incidents"][0]["contained"], "unknown");
    let calls = scene.exchange.calls().len();
    scene.exchange.behave();
    eventually("the read-back", || (scene.list()["incidents"][0]["contained"] == "verified").then_some(()));
    assert_eq!((scene.exchange.effects("isolate", "tok-2"), scene.exchange.calls().len()), (2, calls));
}

#[test]
fn a_suspended_holder_is_told_by_the_others_and_keeps_the_lease() {
    let scene = Scene::new();
    let (first, second) = scene.consoles();
    first.signal(Signal::STOP);
    // Its process id is what one needs to do something about it.
    second.until(
        |screen| screen.contains(&format!("engine stalled (pid {}", first.pid())) && screen.contains("DOWN"),
        "the stalled engine",
    );
    let listed = run(&mut scene.machine.quell(&["list", "--json"]));
    assert_eq!(listed.code, Some(3), "nobody polls: {listed:?}");
    assert!(!second.screen().contains("All clear"), "{}", second.screen());
    first.signal(Signal::CONT);
    second.until(|screen| !screen.contains("stalled"), "the engine to go on");
    second.shows(&format!("engine pid {}", first.pid()));
    gets_fresh_data(&second);
}
