//! `quell packet`: what an escalation would say, found in labels, nested details and notes.

use serde_json::{Value, json};

use super::alert;
use crate::support::faultd::{Faultd, Reply};
use crate::support::scratch::Scratch;

const CONFIG: &str = r#"
ids = "ANA"
operator = "ana"

[[pattern]]
item = "tickets"
in = ["notes"]
find = "DESK-([0-9]+)"

[[source]]
kind = "alertmanager"
name = "prod-am"
every = "30s"
"#;

fn scene() -> (Faultd, Scratch) {
    let mut gone = alert(
        "5f3c",
        &json!({ "alertname": "Gone", "service": "trading", "severity": "page", "order_id": "ORD-1" }),
    );
    let trace =
        json!({ "trace": { "request_ids": ["r-9f2", "r-9f3"] }, "client": "{\"sdk_version\":\"2.4.1\"}" });
    gone["annotations"]["description"] = format!("orders are refused. details={trace}").into();
    let source = Faultd::start();
    source.on("GET /api/v2/alerts", [Reply::ok(&json!([gone]))]);
    let machine = Scratch::with_config(&format!("{CONFIG}urls = [\"{}\"]\n", source.url()));
    machine.run(&["list"]).ok();
    (source, machine)
}

#[test]
fn a_packet_says_every_value_with_where_it_was_found() {
    let (_source, machine) = scene();
    machine.run(&["note", "1", "order id is ORD-2, see DESK-77"]).ok();
    let text = machine.run(&["packet", "1", "--path", "technical"]).ok();
    for line in [
        "ANA-1 packet: technical",
        "endpoint: not yet known",
        "request id:",
        "  r-9f3 [/description/details/trace/request_ids/1 of Order gateway refuses connections]",
        "  ORD-1 [label order_id of Order gateway refuses connections]",
    ] {
        assert!(text.lines().any(|said| said == line), "{line}: {text}");
    }
    for start in [
        "SDK version: 2.4.1 [/description/details/client",
        "  ORD-2 [note of ana ",
        "tickets: 77 [note of ana ",
    ] {
        assert!(text.lines().any(|said| said.starts_with(start)), "{start}: {text}");
    }
}

#[test]
fn a_packet_is_read_by_programs_and_a_path_is_suggested() {
    let (_source, machine) = scene();
    let packet = machine.run(&["packet", "1", "--json"]).json();
    assert_eq!((&packet["incident"], &packet["path"]), (&"ANA-1".into(), &"incident".into()));
    let items: &Vec<Value> = packet["items"].as_array().unwrap();
    let orders = items.iter().find(|item| item["name"] == "order ids").unwrap();
    assert_eq!(orders["required"], true);
    assert_eq!(orders["values"][0]["value"], "ORD-1");
    assert_eq!(orders["values"][0]["whence"]["label"]["label"], "order_id");
    let nowhere = machine.run(&["packet", "1", "--path", "nowhere"]);
    assert_eq!(nowhere.code, Some(2), "{nowhere:?}");
    assert!(nowhere.stderr.contains("there are: incident"), "{nowhere:?}");
}
