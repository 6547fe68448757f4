//! A venue that a test plays: its alerts and one account on a fault server, and a configuration that watches it.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::faultd::{Faultd, Reply};
use super::pty::Pty;
use super::scratch::Scratch;
use super::{BOUND, eventually};

/// The account that can be frozen.
pub const ACCOUNT: &str = "88213";
/// Where the freeze arrives.
pub const FREEZE: &str = "POST /admin/accounts/88213/freeze";

/// Whether a text names the account. Digits of a time or of a hash can be the same by chance.
pub fn names_account(text: &str) -> bool {
    let chance = |c: char| matches!(c, '0'..='9' | 'a'..='f');
    text.match_indices(ACCOUNT)
        .any(|(at, name)| !text[..at].ends_with(chance) && !text[at + name.len()..].starts_with(chance))
}

/// A venue; nothing fires yet.
pub struct Venue {
    /// What plays it.
    pub server: Faultd,
}

impl Venue {
    /// Starts one. The account reads as frozen from the start: what was done is told by [`Venue::freezes`].
    pub fn start() -> Self {
        let server = Faultd::start();
        server.on("GET /api/v2/alerts", [Reply::ok("[]")]);
        server.on("GET /admin/accounts/88213", [Reply::ok(&json!({ "status": "frozen", "owner": "C-1" }))]);
        server.on(FREEZE, [Reply::ok("{}").applying("freeze")]);
        Self { server }
    }

    /// One whose account is being taken over.
    pub fn under_attack() -> Self {
        let venue = Self::start();
        venue.fire(&[takeover()]);
        venue
    }

    /// These alerts fire from the next poll on, and no others.
    pub fn fire(&self, alerts: &[Value]) {
        self.server.on("GET /api/v2/alerts", [Reply::ok(&json!(alerts))]);
    }

    /// How often the account was frozen.
    pub fn freezes(&self) -> usize {
        self.server.effects("freeze")
    }

    /// A configuration that watches it every second and may freeze the account.
    pub fn config(&self) -> String {
        CONFIG.replace("@URL@", &self.server.url())
    }

    /// A private machine that is configured for it.
    pub fn scratch(&self) -> Scratch {
        Scratch::with_config(&self.config())
    }
}

/// An alert on the account.
pub fn takeover() -> Value {
    let labels = json!({
        "alertname": "CredentialStuffing", "service": "auth", "severity": "critical",
        "category": "unauthorized-access", "account_id": ACCOUNT,
    });
    alert(&labels, "Credential stuffing on account 88213")
}

/// A critical alert of this name.
pub fn critical(name: &str) -> Value {
    alert(
        &json!({ "alertname": name, "service": "trading", "severity": "critical" }),
        &format!("{name} is burning"),
    )
}

fn alert(labels: &Value, summary: &str) -> Value {
    let now = chrono::Utc::now().to_rfc3339();
    json!({
        "labels": labels,
        "annotations": { "summary": summary },
        "fingerprint": labels["alertname"],
        "startsAt": now,
        "updatedAt": now,
        "endsAt": "2199-01-01T00:00:00Z",
        "generatorURL": "http://127.0.0.1/rule",
        "receivers": [{ "name": "nobody" }],
        "status": { "state": "active", "silencedBy": [], "inhibitedBy": [] },
    })
}

/// Goes from the list to the plan that freezes the account, with the target still to be typed.
pub fn ask_to_freeze(console: &Pty) {
    fill_in_freeze(console);
    console.keys("enter");
    console.shows("Type 88213 and press Enter");
}

/// Goes from the list to the form of the playbook that freezes the account.
pub fn fill_in_freeze(console: &Pty) {
    let said_before = console.shows("c contain").contains("press again");
    console.keys("c");
    let form = "enter plan to confirm";
    let moved = |screen: &str| !said_before && screen.contains("press again");
    let screen = console.until(|screen| screen.contains(form) || moved(screen), "the playbook's form");
    if !screen.contains(form) {
        console.keys("c");
        console.shows(form);
    }
}

/// Types the target: again if it came before the question could be read.
pub fn type_target(console: &Pty) {
    let rubout = "backspace ".repeat(2 * ACCOUNT.len());
    until_shown(console, &format!("{rubout} \"{ACCOUNT}\""), |screen| {
        screen.lines().any(|line| line.trim() == "> 88213")
    });
}

/// Types the target and presses Enter until it counts: too soon after the last key it does not.
pub fn confirm_freeze(console: &Pty) {
    type_target(console);
    until_shown(console, "enter", |screen| !screen.contains("enter contain"));
}

/// Presses keys, again every 300 ms, until the screen is as wanted: for keys that a guard may swallow.
pub fn until_shown(console: &Pty, keys: &str, wanted: impl Fn(&str) -> bool) {
    eventually(&format!("an effect of the keys {keys}"), || {
        console.keys(keys);
        // Sooner it could be a key that is held down.
        let again = Instant::now() + Duration::from_secs(1);
        while Instant::now() < again {
            if wanted(&console.screen()) {
                return Some(());
            }
            std::thread::park_timeout(Duration::from_millis(10));
        }
        None
    });
}

/// Leaves a console, as somebody does who reads what would stop.
pub fn leave(console: &Pty) {
    console.keys("q").shows("enter leave");
    until_shown(console, "enter", |screen| !screen.contains("enter leave"));
}

/// Waits until the ledger has the first action of the first incident at this stage, and returns it.
pub fn until_stage(scratch: &Scratch, stage: &str) -> Value {
    eventually(&format!("the action to be {stage} within {BOUND:?}"), || {
        let action = first_action(scratch);
        (action["stage"] == stage).then_some(action)
    })
}

/// The first action of the first incident, as another process reads it.
pub fn first_action(scratch: &Scratch) -> Value {
    let shown = scratch.run(&["show", "1", "--json"]).json();
    shown["incident"]["actions"]["1"].clone()
}

const CONFIG: &str = r#"
operator = "ana"

[[source]]
kind = "alertmanager"
name = "venue"
urls = ["@URL@"]
every = "1s"

[[api]]
name = "venue"
url = "@URL@"

[[playbook]]
id = "freeze-account"
title = "Freeze account"
when = "category:unauthorized-access"
blast = "one customer can no longer trade or withdraw"
target = "account"
confirm = "type-target"
idempotent = true

[[playbook.parameter]]
name = "account"
from = "label:account_id"
allow = "^[0-9]{4,12}$"

[playbook.lookup]
http = { api = "venue", path = "/admin/accounts/{{account}}", show = ["/owner"] }

[playbook.do]
http = { api = "venue", method = "POST", path = "/admin/accounts/{{account}}/freeze", json = { reason = "{{incident.id}}" } }

[playbook.verify]
http = { api = "venue", path = "/admin/accounts/{{account}}", expect = { "/status" = "frozen" }, within = "30s" }

[actions]
enabled = true
"#;
