//! Values that want to be more than a value: refused before anybody confirms them, or encoded as exactly one thing.

use serde_json::{Value, json};

use super::alert;
use crate::support::exchange::Exchange;
use crate::support::faultd::{Faultd, Reply};
use crate::support::scratch::Scratch;
use crate::support::torture::{self, Payload};

/// Every payload made for actions, and what terminals send by themselves.
fn payloads() -> Vec<(String, String)> {
    let ours =
        |payload: &Payload| ["action-injection", "terminal-input"].contains(&payload.category.as_str());
    let text = |payload: Payload| Some((payload.name.clone(), payload.text()?.to_owned()));
    let payloads: Vec<_> = torture::all().into_iter().filter(ours).filter_map(text).collect();
    assert!(payloads.len() >= 19, "{payloads:#?}");
    payloads
}

/// The arguments that contain ANA-1 with this value, confirmed as whoever believes in it would.
fn contain(playbook: &str, value: &str) -> [String; 5] {
    let arguments = ["contain", "1", playbook, &format!("--set=account={value}")];
    let [contain, id, playbook, set] = arguments.map(str::to_owned);
    [contain, id, playbook, set, format!("--confirm-target={value}")]
}

fn run(machine: &Scratch, arguments: &[String]) -> crate::support::scratch::Ran {
    machine.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn as_a_parameter_it_is_refused_before_it_is_confirmed() {
    let exchange = Exchange::start();
    let machine = exchange.machine("2s", "");
    machine.run(&["open", "--severity", "high", "Log-ins", "--label", "account_id=88213"]).ok();
    for (name, text) in payloads() {
        for playbook in ["freeze-account", "revoke-sessions", &text] {
            let ran = run(&machine, &contain(playbook, &text));
            assert!(matches!(ran.code, Some(1 | 2)), "{name}: {ran:?}");
            assert!(!ran.stdout.contains("plan "), "{name} was planned: {ran:?}");
        }
    }
    // The market maker is a number like any other: its own record says no.
    let ran = run(&machine, &contain("freeze-account", "70001"));
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stderr.contains("/protected is true"), "{ran:?}");
    assert_eq!(exchange.calls(), Vec::<Value>::new());
}

#[test]
fn as_a_label_of_an_alert_it_is_refused_before_it_is_confirmed() {
    let (exchange, source) = (Exchange::start(), Faultd::start());
    let payloads = payloads();
    let alerts: Vec<Value> = payloads
        .iter()
        .map(|(name, text)| {
            alert(name, &json!({ "alertname": name, "account_id": text, "severity": "high" }))
        })
        .collect();
    source.on("GET /api/v2/alerts", [Reply::ok(&json!(alerts))]);
    let table = "[[source]]\nkind = \"alertmanager\"\nname = \"prod-am\"\nevery = \"1h\"";
    let machine = exchange.machine("2s", &format!("{table}\nurls = [\"{}\"]\n", source.url()));
    let listed = machine.run(&["list", "--json"]).json();
    let incidents = listed["incidents"].as_array().unwrap();
    assert_eq!(incidents.len(), payloads.len());
    for incident in incidents {
        let id = incident["id"].as_str().unwrap();
        let upstream = incident["upstream"][0].as_str().unwrap();
        let (name, text) = payloads.iter().find(|(name, _)| name == upstream).unwrap();
        let confirm = format!("--confirm-target={text}");
        let ran = machine.run(&["contain", id, "freeze-account", &confirm]);
        assert_eq!(ran.code, Some(1), "{name}: {ran:?}");
        assert!(ran.stderr.contains("account "), "{name}: {ran:?}");
    }
    assert_eq!(exchange.calls(), Vec::<Value>::new());
}

/// What a percent-encoded segment stands for.
fn decoded(segment: &str) -> String {
    let mut bytes = segment.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
            out.push(u8::from_str_radix(str::from_utf8(&digits).unwrap(), 16).unwrap());
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).unwrap()
}

#[test]
fn where_anything_is_allowed_it_is_one_segment_and_one_string_or_refused() {
    let target = Faultd::start();
    target.on("*", [Reply::ok("{}")]);
    let machine = Scratch::with_config(&format!(
        r#"operator = "ana"
ids = "ANA"
[actions]
enabled = true
[[api]]
name = "exchange"
url = "{}"
[[playbook]]
id = "freeze-account"
title = "Freeze account"
blast = "one customer can no longer trade"
when = "sev:high"
target = "account"
confirm = "type-target"
[[playbook.parameter]]
name = "account"
allow = "(?s).*"
[playbook.do]
http = {{ api = "exchange", method = "POST", path = "/accounts/{{{{account}}}}/freeze", json = {{ reason = "for {{{{account}}}}", all = false }} }}
"#,
        target.url()
    ));
    let mut sent = 0;
    for (name, text) in payloads() {
        // A target that is open would be in the way of the next one.
        let id = machine.run(&["open", "--severity", "high", "Log-ins"]).ok();
        let mut arguments = contain("freeze-account", &text);
        arguments[1] = id.trim().to_owned();
        let ran = run(&machine, &arguments);
        let requests = target.requests();
        if ran.code != Some(0) {
            assert_eq!(requests.len(), sent, "{name} was refused and sent: {ran:?}");
            assert!(text.is_empty() || text.chars().any(char::is_control), "{name}: {ran:?}");
            continue;
        }
        sent += 1;
        assert_eq!(requests.len(), sent, "{name}");
        let request = requests.last().unwrap();
        let segments: Vec<&str> = request.path.split('/').collect();
        let ["", "accounts", segment, "freeze"] = segments.as_slice() else { panic!("{name}: {request:?}") };
        assert!(!segment.contains(['?', '#', ';', '&']), "{name}: {request:?}");
        assert_eq!(decoded(segment), text, "{name}");
        assert_eq!(request.json(), json!({ "reason": format!("for {text}"), "all": false }), "{name}");
        assert_eq!(request.header("x-admin"), None, "{name}");
    }
    assert!(sent >= 9, "{sent}");
}
