//! By keyboard, on a real source: a duplicate is merged, fires on, and is taken out again; a storm is one row.

use serde_json::{Value, json};

use crate::support::faultd::{Faultd, Reply};
use crate::support::pty::Pty;
use crate::support::scratch::Scratch;
use crate::support::venue::until_shown;

const ALERTS: &str = "GET /api/v2/alerts";

fn scene(alerts: &[Value]) -> (Faultd, Scratch, Pty) {
    let source = Faultd::start();
    source.on(ALERTS, [Reply::ok(&json!(alerts))]);
    let table = "[[source]]\nkind = \"alertmanager\"\nname = \"prod-am\"\nevery = \"1s\"";
    let machine = Scratch::with_config(&format!("ids = \"ANA\"\n{table}\nurls = [\"{}\"]\n", source.url()));
    let console = machine.console(&[], 120, 40);
    (source, machine, console)
}

fn alert(name: &str, fingerprint: &str) -> Value {
    json!({ "labels": { "alertname": name, "service": "gateway", "severity": "critical" },
            "annotations": { "summary": format!("{name} happens") },
            "startsAt": chrono::Utc::now().to_rfc3339(), "fingerprint": fingerprint,
            "status": { "state": "active", "silencedBy": [], "inhibitedBy": [] } })
}

#[test]
fn a_duplicate_is_merged_goes_on_there_and_comes_out_again() {
    let (source, machine, console) = scene(&[alert("GatewayDown", "a"), alert("OrdersFail", "b")]);
    console.shows("OrdersFail happens");
    console.shows("GatewayDown happens");
    until_shown(&console, "D", |screen| screen.contains("is a duplicate of"));
    console.keys("j enter");
    console.shows("It closes as a duplicate; its signal goes on in ANA-");
    until_shown(&console, "enter", |screen| screen.contains("merged into ANA-"));
    console.until(|screen| screen.contains("CRIT 1") && screen.contains("×2"), "one incident, two signals");
    // What would have joined the one that is gone joins the one it goes on in.
    let more = [
        alert("GatewayDown", "a"),
        alert("OrdersFail", "b"),
        alert("GatewayDown", "c"),
        alert("OrdersFail", "d"),
    ];
    source.on(ALERTS, [Reply::ok(&json!(more))]);
    console.until(|screen| screen.contains("CRIT 1") && screen.contains("×4"), "all of them");
    until_shown(&console, "u", |screen| screen.contains("ress Enter to take it out again"));
    until_shown(&console, "enter", |screen| screen.contains("stands by itself again"));
    console.until(|screen| screen.contains("CRIT 2"), "two incidents again");
    assert!(machine.run(&["ledger", "verify"]).ok().contains("every link holds"));
}

#[test]
fn a_storm_is_one_row_that_enter_opens() {
    let many: Vec<Value> = (0..30).map(|n| alert(&format!("Down{n}"), &n.to_string())).collect();
    let (_source, _machine, console) = scene(&many);
    let screen = console.shows("×30");
    assert!(screen.contains("CRIT 30") && screen.contains("30 open · 30 folded"), "{screen}");
    until_shown(&console, "a", |screen| {
        screen.contains("this row stands for 30 incidents: enter shows them")
    });
    console.keys("enter");
    let screen = console.shows("▼ shown");
    assert!(screen.contains(" Identify ") && !screen.contains("folded"), "{screen}");
}
