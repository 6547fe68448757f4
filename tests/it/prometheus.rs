//! A real Prometheus as the other side of promql monitors, and as a source of its own.

use quell::domain::monitor::Found;
use quell::domain::time::Time;
use quell::monitors::{self, Asked};

use crate::support::eventually;
use crate::support::real::Prometheus;
use crate::support::scratch::Scratch;

async fn probe(prometheus: &Prometheus, query: &str, more: &str) -> Result<String, String> {
    let url = prometheus.url();
    let text = format!("kind = 'promql'\nname = 'm'\nurl = '{url}'\nquery = '''{query}'''\n{more}");
    let monitor = monitors::build(&toml::from_str(&text).unwrap(), |_| None).unwrap();
    match monitor.probe(&Asked::first(Time::UNIX_EPOCH)).await {
        Found::Right(says) => Ok(says.raw().to_owned()),
        Found::Wrong(wrong) => Err(wrong.raw().to_owned()),
        Found::Unseen(fault) | Found::Busy(fault) => Err(format!("unseen: {}", fault.detail.raw())),
        Found::Early(_) => panic!("an answer is never too early"),
    }
}

#[tokio::test]
async fn every_kind_of_answer_is_said_for_what_it_is() {
    let Some(prometheus) = Prometheus::start() else { return };
    let two =
        r#"label_replace(vector(6), "pod", "a", "", "") or label_replace(vector(9), "pod", "b", "", "")"#;
    let long = format!("vector(3) or vector({})", ["1"; 2000].join(" + "));
    for (query, more, said) in [
        ("vector(3)", "above = 5", Ok("3, not above 5")),
        ("vector(7.5)", "above = 5", Err("7.5, above 5")),
        ("vector(0.25)", "below = 0.5", Err("0.25, below 0.5")),
        ("3", "above = 5", Ok("3, not above 5")),
        ("vector(0) / vector(0)", "above = 5", Err("NaN, which is no number")),
        ("vector(1) / vector(0)", "above = 5", Err("+Inf, above 5")),
        ("nothing_like_this", "above = 5", Err("the query finds no series; empty = \"ok\" allows that")),
        ("nothing_like_this", "above = 5\nempty = 'ok'", Ok("no series, which is ok")),
        (two, "above = 5", Err("2 of 2 series: {pod=\"b\"} is 9, above 5")),
        (two, "above = 9", Ok("9, not above 9, the closest of 2 series")),
        ("\"a text\"", "above = 5", Err("unseen: the query gives a text; ask for a number")),
        ("nothing_like_this[5m]", "above = 5", Err("unseen: the query gives a range; ")),
        ("sum(", "above = 5", Err("unseen: Prometheus refuses the query: ")),
        // Over GET it would be cut, or refused by whoever stands before it.
        (long.as_str(), "above = 5", Ok("3, not above 5")),
    ] {
        let found = probe(&prometheus, query, more).await;
        match (&found, said) {
            (Err(wrong), Err(words)) => assert!(wrong.starts_with(words), "{query:.80}: {wrong}"),
            (found, said) => {
                assert_eq!(found.as_deref().map_err(String::as_str), said, "{query:.80}");
            }
        }
    }
}

#[test]
fn a_value_beyond_its_threshold_opens_an_incident() {
    let Some(prometheus) = Prometheus::start() else { return };
    let monitor = |name: &str, query: &str| {
        format!(
            "[[monitor]]\nkind = 'promql'\nname = '{name}'\nservice = 'trading'\nurl = '{}'\n\
             query = '{query}'\nabove = 5\ndown_after = 1\nseverity = 'critical'\n\n",
            prometheus.url()
        )
    };
    let machine = Scratch::with_config(&(monitor("errors", "vector(7)") + &monitor("lag", "vector(3)")));
    let list = machine.run(&["--json", "list"]).json();
    let incidents = list["incidents"].as_array().unwrap();
    assert_eq!(incidents.len(), 1, "{list:#}");
    assert_eq!(incidents[0]["title"], "errors is down: 7, above 5");
    assert_eq!(incidents[0]["severity"], "critical");
    assert_eq!(incidents[0]["service"], "trading");
    assert!(list["sources"].as_array().unwrap().iter().all(|source| source["state"] == "LIVE"), "{list:#}");
}

const RULES: &str = r#"
groups:
  - name: trading
    rules:
      - alert: Watchdog
        expr: vector(1)
      - alert: OrdersFail
        expr: vector(7) > 5
        labels: { severity: critical, service: orders }
        annotations: { summary: "orders fail at {{ $value }} a minute" }
      - alert: Slow
        expr: vector(1)
        for: 1h
        labels: { severity: warning }
"#;

#[test]
fn its_alerts_are_incidents_and_what_is_pending_or_watches_is_not() {
    let Some(prometheus) = Prometheus::with_rules(RULES) else { return };
    let source = |name: &str, watchdog: &str| {
        let url = prometheus.url();
        format!(
            "[[source]]\nkind = 'prometheus'\nname = '{name}'\nurl = '{url}'\nevery = '1s'\nwatchdog = ['{watchdog}']\n"
        )
    };
    let machine = Scratch::with_config(&source("prom", "Watchdog"));
    let list = eventually("the rules to be evaluated", || {
        let list = machine.run(&["--json", "list"]).json();

        list["incidents"].as_array().is_some_and(|all| !all.is_empty()).then_some(list)
    });
    let incidents = list["incidents"].as_array().unwrap();
    assert_eq!(incidents.len(), 1, "{list:#}");
    assert_eq!(incidents[0]["title"], "orders fail at 7 a minute");
    assert_eq!((&incidents[0]["severity"], &incidents[0]["service"]), (&"critical".into(), &"orders".into()));
    assert_eq!(list["sources"][0]["state"], "LIVE", "{list:#}");
    let doctor = machine.run(&["doctor"]).stdout;
    assert!(doctor.contains("alerts go nowhere: it sends to no Alertmanager"), "{doctor}");
    assert!(doctor.contains("; 1 pending: Slow"), "{doctor}");
    // One whose watchdog does not fire sees nothing for certain.
    let blind = Scratch::with_config(&source("prom", "NobodyFires"));
    assert_eq!(blind.run(&["--json", "list"]).json()["sources"][0]["state"], "PARTIAL");
}
