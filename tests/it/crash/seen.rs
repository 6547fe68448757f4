//! A quell that dies while it takes an answer in: what began to fire is never taken for what was decided before.

use quell::os::crash::Point;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};

use crate::support::eventually;
use crate::support::faultd::{Faultd, Reply};
use crate::support::scratch::{Scratch, run};

fn alert(name: &str) -> Value {
    json!({ "labels": { "alertname": name, "service": "orders", "severity": "critical" }, "annotations": {},
            "startsAt": chrono::Utc::now().to_rfc3339(), "fingerprint": name,
            "status": { "state": "active", "silencedBy": [], "inhibitedBy": [] } })
}

/// Whether the next quell need not decide again on what the source said last.
fn is_settled(machine: &Scratch) -> bool {
    let live = Connection::open_with_flags(machine.state().join("live.db"), OpenFlags::SQLITE_OPEN_READ_ONLY)
        .unwrap();
    live.query_row("SELECT count(*) > 0 FROM settled", [], |row| row.get(0)).unwrap()
}

#[test]
fn dead_before_an_incident_is_written_down_it_is_opened_by_whoever_looks_next() {
    let (source, slow, gone) = (Faultd::start(), alert("Slow"), alert("Gone"));
    source.on("GET /api/v2/alerts", [Reply::ok(&json!([slow]))]);
    let machine = Scratch::with_config(&format!(
        "operator = \"ana\"\nids = \"ANA\"\n[[source]]\nkind = \"alertmanager\"\nname = \"prod-am\"\n\
         every = \"1s\"\nurls = [\"{}\"]\n",
        source.url()
    ));
    eventually("the first answer to be settled", || {
        machine.run(&["list"]).ok();
        is_settled(&machine).then_some(())
    });
    source.on("GET /api/v2/alerts", [Reply::ok(&json!([slow, gone]))]);
    eventually("the death", || {
        let ran = run(machine.quell(&["list"]).env("QUELL_CRASH_AT", Point::AfterSignals.name()));
        ran.code.is_none().then_some(())
    });
    let list = machine.run(&["list", "--json"]).json();
    let titles: Vec<_> = list["incidents"].as_array().unwrap().iter().map(|row| &row["title"]).collect();
    assert!(titles.contains(&&json!("Gone")), "{list:#}");
}
