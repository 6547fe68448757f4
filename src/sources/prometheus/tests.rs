//! What it makes of answers, by hand-written ones.

use serde_json::{Value, json};

use super::*;
use crate::domain::signal::{Answer, Standing};
use crate::net::peer::{Act, Peer};

fn now() -> Time {
    "2026-11-20T14:02:00Z".parse().unwrap()
}

fn alert(name: &str, state: &str) -> Value {
    json!({ "labels": { "alertname": name, "service": "orders", "severity": "critical" },
            "annotations": { "summary": "orders fail", "description": "since 14:01", "team": "core" },
            "state": state, "activeAt": "2026-11-20T14:01:22.5Z", "value": "1e+00" })
}

fn page(alerts: &[Value]) -> Vec<u8> {
    json!({ "status": "success", "data": { "alerts": alerts } }).to_string().into_bytes()
}

fn read(alerts: &[Value]) -> Answer {
    decode::page(&page(alerts), "prom", now()).unwrap()
}

#[test]
fn an_alert_becomes_a_signal_and_a_pending_one_says_so() {
    let answer = read(&[alert("OrdersFail", "firing"), alert("Slow", "pending")]);
    let [firing, pending] = answer.signals.as_slice() else { panic!() };
    assert_eq!((firing.title.raw(), firing.alertname.raw()), ("orders fail", "OrdersFail"));
    assert_eq!((&firing.standing, &pending.standing), (&Standing::Firing, &Standing::Pending));
    assert_eq!(firing.annotations.raw_value("value"), Some("1e+00"));
    assert_ne!(firing.key, pending.key);
    assert_eq!((answer.left_out, answer.complete), (0, true));
}

#[test]
fn an_alert_is_the_same_as_long_as_its_labels_are() {
    let mut later = alert("OrdersFail", "firing");
    later["value"] = json!("7e+00");
    assert_eq!(read(&[alert("OrdersFail", "firing")]).signals[0].key, read(&[later]).signals[0].key);
    let mut other = alert("OrdersFail", "firing");
    other["labels"]["pod"] = json!("gw-2");
    assert_ne!(read(&[alert("OrdersFail", "firing")]).signals[0].key, read(&[other]).signals[0].key);
}

#[test]
fn a_poisoned_element_hides_no_other() {
    let answer = read(&[json!({ "labels": 7 }), Value::Null, alert("OrdersFail", "firing")]);
    assert_eq!((answer.signals.len(), answer.left_out), (3, 2));
    assert!(decode::page(br#"{"status":"success","data":{}}"#, "prom", now()).is_err());
}

#[test]
fn what_cannot_be_decoded_is_the_same_while_its_value_moves() {
    let at = |value: &str, labels: Value| json!({ "labels": labels, "state": "firing", "activeAt": 7, "value": value });
    for labels in [json!({ "alertname": 7 }), json!({ "alertname": "OrdersFail" }), Value::Null] {
        let [one, other] = ["1.37e+00", "1.41e+00"].map(|value| read(&[at(value, labels.clone())]));
        assert!(one.signals[0].undecodable);
        assert_eq!(one.signals[0].key, other.signals[0].key, "{labels}");
    }
    // Once it can be read again it is no other alert.
    let good = alert("OrdersFail", "firing");
    assert_eq!(read(&[at("1", good["labels"].clone())]).signals[0].key, read(&[good]).signals[0].key);
}

#[test]
fn what_is_pending_is_named() {
    let pending = |names: &[&str]| {
        let alerts: Vec<Value> = names.iter().map(|name| alert(name, "pending")).collect();
        super::pending(&read(&[alerts, vec![alert("OrdersFail", "firing")]].concat()))
    };
    assert_eq!(pending(&[]), None);
    assert_eq!(pending(&["Slow"]).as_deref(), Some("1 pending: Slow"));
    let many = pending(&["G", "F", "E", "D", "C", "B", "A"]);
    assert_eq!(many.as_deref(), Some("7 pending: A, B, C, D, E, 2 more"));
}

fn remarks(rules: &Value, targets: &Value, receivers: &Value) -> Vec<(String, bool)> {
    let bytes = |value: &Value| Ok(json!({ "status": "success", "data": value }).to_string().into_bytes());
    let (rules, targets, receivers) = (bytes(rules), bytes(targets), bytes(receivers));
    let mut detection = Detection::default();
    detection.hear(Answers { rules, targets, receivers, build: bytes(&Value::Null) }, now());
    said(&detection.vitals())
}

fn said(vitals: &Vitals) -> Vec<(String, bool)> {
    vitals.remarks.iter().map(|remark| (remark.text.raw().to_owned(), remark.partial)).collect()
}

#[test]
fn what_keeps_alerts_from_firing_or_arriving_is_said() {
    let rule =
        |name: &str, health: &str| json!({ "name": name, "health": health, "lastError": "many-to-many" });
    let target = |pool: &str, health: &str| json!({ "scrapePool": pool, "health": health });
    let rules = json!({ "groups": [{ "rules": [rule("Slow", "ok"), rule("Lost", "err")] }] });
    let targets = json!({ "activeTargets": [target("node", "up"), target("orders", "down")] });
    let said = remarks(&rules, &targets, &json!({ "activeAlertmanagers": [] }));
    let expected = [
        ("alerts go nowhere: it sends to no Alertmanager", false),
        ("1 of 2 alerting rules cannot be evaluated: Lost: many-to-many", true),
        ("1 of 2 targets are down: orders", false),
    ];
    assert_eq!(said, expected.map(|(text, partial)| (text.to_owned(), partial)));
    let unseen = json!({ "activeTargets": [target("orders", "down"), target("node", "unknown")] });
    let said = remarks(&json!({ "groups": [] }), &unseen, &json!({ "activeAlertmanagers": [{}] }));
    assert!(said[0].1, "what was not scraped yet shows nothing either: {said:?}");
    let down = json!({ "activeTargets": [target("orders", "down")] });
    let said = remarks(&json!({ "groups": [] }), &down, &json!({ "activeAlertmanagers": [{}] }));
    assert!(said[0].1, "who scrapes nothing sees nothing");
    let unknown = ["alerts arrive", "rules can be evaluated", "targets are scraped"];
    let said = remarks(&Value::Null, &Value::Null, &Value::Null);
    assert_eq!(said.len(), 3, "nothing is made up, and that is said: {said:?}");
    for (what, (text, partial)) in unknown.iter().zip(said) {
        assert!(text.starts_with(&format!("whether {what} cannot be read: ")) && !partial, "{text}");
    }
}

#[tokio::test]
async fn the_same_answer_is_not_read_again_until_it_is_forgotten() {
    let body = page(&[alert("OrdersFail", "firing")]);
    let beside = || Act::say(404, b"404 page not found");
    let acts = [Act::say(200, &body), beside(), beside(), beside(), beside()];
    let peer = Peer::new(acts.into_iter().chain([Act::say(200, &body), Act::say(200, &body)]));
    let tenant = "headers = { X-Scope-OrgID = 'tenant-1' }";
    let text = format!("name = 'prom'\nurl = '{}'\n{tenant}", peer.url(""));
    let source = Prometheus::new(&toml::from_str(&text).unwrap(), |_| None).unwrap();
    let first = source.poll(now()).await.unwrap();
    assert!(peer.seen().iter().all(|it| it.contains("x-scope-orgid: tenant-1")), "{:?}", peer.seen());
    assert_eq!(first.answer.map(|answer| answer.signals.len()), Some(1));
    assert_eq!(source.poll(now()).await.unwrap().answer, None);
    source.forget();
    assert!(source.poll(now()).await.unwrap().answer.is_some());
}

#[tokio::test]
async fn what_is_not_said_for_once_of_detection_stays_as_it_was_said() {
    let rule = json!({ "name": "Lost", "health": "err", "lastError": "many-to-many" });
    let rules = json!({ "status": "success", "data": { "groups": [{ "rules": [rule] }] } }).to_string();
    let alerts = page(&[alert("OrdersFail", "firing")]);
    // Whoever of the four is asked first: only one of them is about rules.
    let round = |status: u16, body: &str| {
        let beside = [(); 4].map(|()| Act::say(status, body.as_bytes()));
        std::iter::once(Act::say(200, &alerts)).chain(beside).collect::<Vec<_>>()
    };
    let peer = Peer::new(round(200, &rules).into_iter().chain(round(503, "")));
    let text = format!("name = 'prom'\nurl = '{}'\n", peer.url(""));
    let source = Prometheus::new(&toml::from_str(&text).unwrap(), |_| None).unwrap();
    let first = said(&source.poll(now()).await.unwrap().vitals);
    assert!(first[0].0.starts_with("1 of 1 alerting rules cannot be evaluated") && first[0].1, "{first:?}");
    let later = now() + Span::secs(61).delta();
    let second = said(&source.poll(later).await.unwrap().vitals);
    assert_eq!(second[0], first[0]);
    let unread = "whether rules can be evaluated cannot be read: status 503 Service Unavailable";
    assert!(second.contains(&(unread.to_owned(), false)), "{second:?}");
    assert_eq!(peer.seen().len(), 10, "it was asked again");
}

#[test]
fn what_was_said_of_detection_long_ago_says_nothing_of_now() {
    let rule = json!({ "name": "Lost", "health": "err", "lastError": "many-to-many" });
    let rules = json!({ "data": { "groups": [{ "rules": [rule] }] } }).to_string().into_bytes();
    let refused = || Err(Fault { status: Some(403), ..Fault::new(FaultKind::Unauthorised, "status 403") });
    let answers = |rules| Answers { rules, targets: refused(), receivers: refused(), build: refused() };
    let mut detection = Detection::default();
    detection.hear(answers(Ok(rules)), now());
    let told =
        |detection: &Detection| said(&detection.vitals()).iter().any(|(text, _)| text.contains("Lost"));
    for (minutes, stands) in [(1, true), (10, true), (11, false), (12, false)] {
        detection.hear(answers(refused()), now() + Span::mins(minutes).delta());
        assert_eq!(told(&detection), stands, "{minutes}");
    }
    let unread = ("whether alerts arrive cannot be read: status 403".to_owned(), false);
    assert_eq!(said(&detection.vitals())[0], unread);
}

/// A Prometheus that answers one poll after the other: its alerts, and the health of their rules where it is asked.
async fn polled(source: &Prometheus, at: u64) -> (Vec<String>, bool, String) {
    let polled = source.poll(now() + Span::secs(at).delta()).await.unwrap();
    let answer = polled.answer.expect("an answer");
    let names = answer.signals.iter().map(|signal| signal.alertname.raw().to_owned()).collect();
    let partial = said(&polled.vitals).into_iter().filter(|(_, partial)| *partial);
    (names, answer.complete, partial.map(|(text, _)| text).collect())
}

#[tokio::test]
async fn what_a_prometheus_that_has_just_started_does_not_list_is_not_over() {
    let rules = |health: &str| {
        let rule = |name: &str| json!({ "name": name, "health": health });
        let groups = json!([{ "rules": [rule("OrdersFail"), rule("Slow")] }]);
        json!({ "data": { "groups": groups } }).to_string()
    };
    // Whoever of the four is asked first.
    let round = |alerts: &[Value], status: u16, beside: String| {
        let beside = [(); 4].map(|()| Act::say(status, beside.as_bytes()));
        std::iter::once(Act::say(200, &page(alerts))).chain(beside).collect::<Vec<_>>()
    };
    let burns = || [alert("OrdersFail", "firing")];
    let peer = Peer::new(
        [
            round(&burns(), 200, rules("unknown")),
            round(&burns(), 200, rules("ok")),
            round(&[], 200, rules("unknown")),
            round(&[], 503, String::new()),
            round(&[], 200, rules("ok")),
            vec![Act::say(200, &page(&burns()))],
            round(&[], 503, String::new()),
            round(&[], 503, String::new()),
        ]
        .into_iter()
        .flatten(),
    );
    let text = format!("name = 'prom'\nurl = '{}'\n", peer.url(""));
    let source = Prometheus::new(&toml::from_str(&text).unwrap(), |_| None).unwrap();
    let burning = vec!["OrdersFail".to_owned()];
    let waits = "what is gone may burn: OrdersFail and 1 more was not evaluated since it started";
    assert_eq!(polled(&source, 0).await, (burning.clone(), false, waits.to_owned()));
    assert_eq!(polled(&source, 15).await, (burning, true, String::new()), "all of it is said now");
    let waits = "what is gone may burn: OrdersFail was not evaluated since it started";
    assert_eq!(polled(&source, 30).await, (Vec::new(), false, waits.to_owned()));
    let (names, complete, why) = polled(&source, 45).await;
    assert!(names.is_empty() && !complete && why.contains("cannot be read: status 503"), "{why}");
    assert_eq!(polled(&source, 60).await, (Vec::new(), true, String::new()), "and what is over is over");
    assert!(polled(&source, 75).await.1);
    assert!(!polled(&source, 90).await.1, "its rule may not have been evaluated");
    assert!(polled(&source, 691).await.1, "for ten minutes nobody could say so");
}

#[tokio::test]
async fn what_it_says_is_wrong_is_said() {
    let said = br#"{"status":"error","errorType":"unavailable","error":"WAL replay"}"#;
    let peer = Peer::new([Act::say(503, said)]);
    let text = format!("name = 'prom'\nurl = '{}'\n", peer.url(""));
    let source = Prometheus::new(&toml::from_str(&text).unwrap(), |_| None).unwrap();
    let fault = source.poll(now()).await.unwrap_err();
    assert!(fault.detail.raw().ends_with("unavailable: WAL replay"), "{fault:?}");
}

#[tokio::test]
async fn what_has_to_hold_for_a_while_fires_from_then_on() {
    let rules = |duration: u32| {
        let rule = |name: &str, duration: u32| json!({ "name": name, "health": "ok", "duration": duration });
        let groups =
            json!([{ "rules": [rule("OrdersFail", 60), rule("OrdersFail", duration), rule("Slow", 0)] }]);
        json!({ "data": { "groups": groups } }).to_string()
    };
    let round = |alerts: &[Value], beside: String| {
        let beside = [(); 4].map(|()| Act::say(200, beside.as_bytes()));
        std::iter::once(Act::say(200, &page(alerts))).chain(beside).collect::<Vec<_>>()
    };
    let active = |name: &str, at: &str, value: &str| {
        let mut alert = alert(name, "firing");
        (alert["activeAt"], alert["value"]) = (at.into(), value.into());
        alert
    };
    let all = |value: &str| {
        [
            active("OrdersFail", "2026-11-20T13:40:00Z", value),
            active("Slow", "2026-11-20T13:40:00Z", value),
            // As long as the longest of that name it has not burnt: another one of them says so.
            active("OrdersFail", "2026-11-20T13:58:00Z", value),
        ]
    };
    let mut peer = round(&[all("1")[0].clone(), all("1")[1].clone()], rules(900));
    peer.push(Act::say(200, &page(&[all("2")[0].clone(), all("2")[1].clone()])));
    let peer = Peer::new(peer);
    let text = format!("name = 'prom'\nurl = '{}'\n", peer.url(""));
    let source = Prometheus::new(&toml::from_str(&text).unwrap(), |_| None).unwrap();
    let since = async |at: u64| {
        let answer = source.poll(now() + Span::secs(at).delta()).await.unwrap().answer.unwrap();
        answer.signals.iter().map(|it| it.since.format("%H:%M").to_string()).collect::<Vec<_>>()
    };
    assert_eq!(since(0).await, ["13:55", "13:40"]);
    assert_eq!(since(15).await, ["13:55", "13:40"], "and that stands");
    let peer = Peer::new(round(&all("1")[2..], rules(900)));
    let text = format!("name = 'prom'\nurl = '{}'\n", peer.url(""));
    let source = Prometheus::new(&toml::from_str(&text).unwrap(), |_| None).unwrap();
    let answer = source.poll(now()).await.unwrap().answer.unwrap();
    assert_eq!(answer.signals[0].since, now(), "it fires, so it began by now");
}
