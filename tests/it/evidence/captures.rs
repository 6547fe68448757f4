//! What is read before a change that may destroy it: kept when it comes, said when it does not, and never in the way.

use std::time::Duration;

use serde_json::Value;

use crate::support::exchange::Exchange;
use crate::support::faultd::{Faultd, Reply};
use crate::support::scratch::Scratch;

/// A machine with an incident about replica tok-1, and a playbook that asks `slow` for three things first.
fn scene(exchange: &Exchange, slow: &Faultd) -> Scratch {
    let playbook = format!(
        r#"
[[api]]
name = "slow"
url = "{}"

[[playbook]]
id = "isolate"
title = "Isolate replica"
when = "label:replica"
blast = "one replica takes no new requests"
target = "replica"
idempotent = true

[[playbook.parameter]]
name = "replica"
from = "label:replica"
allow = "^tok-[0-9]{{1,3}}$"

[[playbook.before]]
name = "connections"
http = {{ api = "slow", path = "/{{{{replica}}}}/connections" }}

[[playbook.before]]
name = "memory"
http = {{ api = "slow", path = "/{{{{replica}}}}/memory" }}
within = "1s"

[[playbook.before]]
name = "threads"
http = {{ api = "slow", path = "/{{{{replica}}}}/threads" }}

[playbook.do]
http = {{ api = "exchange", method = "POST", path = "/admin/replicas/{{{{replica}}}}/isolate" }}

[playbook.verify]
http = {{ api = "exchange", path = "/admin/replicas/{{{{replica}}}}", expect = {{ "/rotation" = "out" }}, within = "5s" }}
"#,
        slow.url()
    );
    let machine = exchange.machine("5s", "");
    let config = std::fs::read_to_string(machine.config_file()).unwrap();
    machine.write_config(&(config + &playbook));
    machine.run(&["open", "--severity", "high", "Tokens are late", "--label", "replica=tok-1"]).ok();
    machine
}

const CONTAIN: [&str; 5] = ["contain", "1", "isolate", "--confirm-target", "tok-1"];

fn entries(machine: &Scratch) -> Vec<Value> {
    let all = machine.run(&["ledger", "tail", "-n", "1000", "--json"]).ok();
    let record = |line: &str| serde_json::from_str::<Value>(line).unwrap()["entry"].clone();
    all.lines().map(record).collect()
}

#[test]
fn what_comes_in_time_is_kept_and_what_does_not_holds_nothing_up() {
    let (exchange, slow) = (Exchange::start(), Faultd::start());
    slow.on("GET /tok-1/connections", [Reply::ok("[\"203.0.113.7\"]")]);
    slow.on("GET /tok-1/memory", [Reply::hang()]);
    slow.on("GET /tok-1/threads", [Reply::status(503)]);
    let machine = scene(&exchange, &slow);
    let plan = machine.run(&["plan", "1", "isolate"]).ok();
    assert!(plan.contains(&format!("keeps memory: GET {}/tok-1/memory within 1s", slow.url())), "{plan}");
    assert_eq!(slow.requests().len(), 0, "a plan reads nothing but the target's own record");

    machine.run(&CONTAIN).ok();
    assert_eq!(exchange.effects("isolate", "tok-1"), 1);
    let entries = entries(&machine);
    let place = |key: &str| entries.iter().position(|entry| entry.get(key).is_some()).unwrap();
    let kept = &entries[place("evidence-kept")]["evidence-kept"];
    assert_eq!((&kept["name"], &kept["bytes"]), (&"connections".into(), &15.into()));
    assert_eq!(kept["kind"]["capture"]["action"], 1);
    let missed: Vec<&Value> = entries.iter().filter_map(|entry| entry.get("capture-missed")).collect();
    assert_eq!(missed.len(), 2, "{missed:?}");
    assert_eq!(
        (&missed[0]["name"], &missed[0]["because"]),
        (&"memory".into(), &"no answer within 1s".into())
    );
    assert!(missed[1]["because"].as_str().unwrap().contains("503"), "{missed:?}");
    let order = ["intended", "evidence-kept", "capture-missed", "sent", "answered"].map(place);
    assert!(order.is_sorted(), "{order:?}");
    let content = machine.run(&["evidence", "show", kept["sha256"].as_str().unwrap()]).ok();
    assert_eq!(content, "[\"203.0.113.7\"]\n");
    let answer = entries.iter().filter_map(|entry| entry.get("evidence-kept")).next_back().unwrap();
    assert_eq!(answer["kind"]["answer"]["action"], 1, "and so is what the other side said");
}

#[test]
fn captures_are_taken_at_once_each_within_its_own_time() {
    let (exchange, slow) = (Exchange::start(), Faultd::start());
    for name in ["connections", "memory", "threads"] {
        slow.on(&format!("GET /tok-1/{name}"), [Reply::hang()]);
    }
    let machine = scene(&exchange, &slow);
    let config = std::fs::read_to_string(machine.config_file()).unwrap();
    machine.write_config(
        &config
            .replace("/threads\" }\n", "/threads\" }\nwithin = \"2s\"\n")
            .replace("/connections\" }\n", "/connections\" }\nwithin = \"2s\"\n"),
    );
    let running = std::thread::scope(|scope| {
        let contain = scope.spawn(|| machine.run(&CONTAIN));
        // All three are asked before any of them is given up.
        slow.wait_for("*", 3);
        assert_eq!(exchange.effects("isolate", "tok-1"), 0, "nothing leaves before they had their time");
        contain.join().unwrap()
    });
    running.ok();
    assert_eq!(exchange.effects("isolate", "tok-1"), 1);
    let missed = entries(&machine).iter().filter(|entry| entry.get("capture-missed").is_some()).count();
    assert_eq!(missed, 3);
}

#[test]
fn changes_turned_off_while_captures_are_taken_stop_the_change() {
    let (exchange, slow) = (Exchange::start(), Faultd::start());
    for name in ["connections", "memory", "threads"] {
        slow.on(&format!("GET /tok-1/{name}"), [Reply::ok("[]").delayed(Duration::from_secs(1))]);
    }
    let machine = scene(&exchange, &slow);
    let stop = machine.path("home/STOP");
    let config = std::fs::read_to_string(machine.config_file()).unwrap();
    let line = format!("enabled = true\nsafety_file = \"{}\"", stop.display());
    machine.write_config(&config.replace("enabled = true", &line));
    let refused = std::thread::scope(|scope| {
        let contain = scope.spawn(|| machine.run(&CONTAIN));
        slow.wait_for("*", 1);
        std::fs::write(&stop, "").unwrap();
        contain.join().unwrap()
    });
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("SAFETY OFF"), "{refused:?}");
    assert_eq!(exchange.calls().len(), 0);
    let answered = entries(&machine).into_iter().find_map(|entry| entry.get("answered").cloned()).unwrap();
    assert_eq!(answered["outcome"], "not-sent");
}
