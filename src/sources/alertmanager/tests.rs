//! Alertmanager's answers, good and poisoned.

use serde_json::json;

use super::*;
use crate::net::peer::{Act, Peer};

fn at() -> Time {
    Time::from_timestamp(1_795_183_200, 0).unwrap()
}

fn alert(fingerprint: &str) -> serde_json::Value {
    json!({
        "labels": {"alertname": "OrderGatewayDown", "service": "trading"},
        "annotations": {"summary": "gateway refuses", "description": "two\nlines", "runbook_url": "https://r.example", "team": "eu"},
        "startsAt": "2026-11-20T14:01:22.123Z", "endsAt": "2026-11-20T14:09:22Z", "updatedAt": "2026-11-20T14:01:22Z",
        "fingerprint": fingerprint, "receivers": [{"name": "x"}],
        "status": {"state": "active", "silencedBy": [], "inhibitedBy": []},
        "generatorURL": "http://prom/graph",
    })
}

fn settings(urls: &[String]) -> Settings {
    toml::from_str(&format!("name = 'am'\nurls = {urls:?}")).unwrap()
}

async fn poll(acts: Vec<Act>) -> Result<Answer, Fault> {
    let peers: Vec<Peer> = acts.into_iter().map(|act| Peer::new([act])).collect();
    let urls: Vec<String> = peers.iter().map(|peer| peer.url("/")).collect();
    let answer = Alertmanager::new(&settings(&urls), |_| None).unwrap().poll(at()).await;
    assert!(peers[0].seen().concat().starts_with("GET /api/v2/alerts HTTP/1.1"));
    answer.map(|polled| polled.answer.unwrap())
}

async fn says(body: &str) -> Result<Answer, Fault> {
    poll(vec![Act::say(200, body.as_bytes())]).await
}

fn fingerprints(answer: &Answer) -> Vec<&str> {
    answer.signals.iter().map(|signal| signal.key.fingerprint.raw()).collect()
}

#[tokio::test]
async fn an_alert_becomes_a_signal() {
    let answer = says(&json!([alert("f1")]).to_string()).await.unwrap();
    assert!(answer.complete && answer.left_out == 0);
    let signal = &answer.signals[0];
    assert_eq!((signal.title.raw(), signal.alertname.raw()), ("gateway refuses", "OrderGatewayDown"));
    assert_eq!(signal.description.raw(), "two\nlines");
    assert_eq!(signal.annotations.len(), 1);
    assert_eq!(signal.runbook.as_ref().map(Outside::raw), Some("https://r.example"));
    assert_eq!((signal.since.timestamp(), &signal.standing), (1_795_183_282, &Standing::Firing));
}

#[tokio::test]
async fn an_empty_list_is_an_answer_and_nothing_else_is() {
    assert_eq!(says("[]").await.unwrap().signals, []);
    for body in ["", "null", "{}", "<html>log in</html>", "{\"error\":\"x\"}", "\"bad\"", "[{}", "[] x"] {
        assert_eq!(says(body).await.unwrap_err().kind, FaultKind::Malformed, "{body}");
    }
    let deep = "[".repeat(200_000);
    assert_eq!(says(&deep).await.unwrap_err().kind, FaultKind::Malformed);
}

#[tokio::test]
async fn a_poisoned_element_hides_no_other() {
    let good = |name: &str| alert(name).to_string();
    let deep = format!("{{\"labels\":{}1{}}}", "[".repeat(5000), "]".repeat(5000));
    for poison in [
        "{\"fingerprint\":\"\\ud800\"}",
        "{\"startsAt\":1e999}",
        "null",
        "7",
        "{\"labels\":{\"a\":1}}",
        &deep,
    ] {
        let answer = says(&format!("[{},{poison},{}]", good("f1"), good("f3"))).await.unwrap();
        assert_eq!((answer.signals.len(), answer.left_out), (3, 1), "{poison}");
        let kept = fingerprints(&answer);
        assert!(kept.contains(&"f1") && kept.contains(&"f3"), "{poison}");
    }
}

#[tokio::test]
async fn a_placeholder_keeps_the_identity_of_its_alert() {
    let mut poisoned = alert("f1");
    poisoned["annotations"]["summary"] = json!(12);
    let answer = says(&json!([poisoned]).to_string()).await.unwrap();
    assert!(answer.signals[0].undecodable);
    assert_eq!(fingerprints(&answer), ["f1"]);
}

#[tokio::test]
async fn invalid_utf8_blinds_nothing() {
    let mut body = json!([alert("f1")]).to_string().into_bytes();
    let place = body.windows(7).position(|part| part == b"gateway").unwrap();
    body[place] = 0xff;
    let answer = poll(vec![Act::say(200, &body)]).await.unwrap();
    assert_eq!(answer.signals[0].title.raw(), "\u{fffd}ateway refuses");
}

#[tokio::test]
async fn what_is_quiet_says_why() {
    let quiet = |list: &str| {
        let mut alert = alert("f1");
        alert["status"] = json!({"state": "suppressed", list: ["s1"]});
        alert
    };
    for (list, standing) in [
        ("silencedBy", Standing::Silenced),
        ("mutedBy", Standing::Silenced),
        ("inhibitedBy", Standing::Inhibited { by: vec![Outside::new("s1")] }),
        ("unheardOf", Standing::Firing),
    ] {
        let answer = says(&json!([quiet(list)]).to_string()).await.unwrap();
        assert_eq!(answer.signals[0].standing, standing, "{list}");
    }
}

#[tokio::test]
async fn peers_are_united_and_one_suffices() {
    let page = |names: &[&str]| {
        Act::say(200, json!(names.iter().map(|n| alert(n)).collect::<Vec<_>>()).to_string().as_bytes())
    };
    let answer = poll(vec![page(&["f1", "f2"]), page(&["f2", "f3"]), Act::say(503, b"")]).await.unwrap();
    assert_eq!(fingerprints(&answer), ["f1", "f2", "f3"]);
    assert!(answer.complete);
    assert_eq!(
        poll(vec![Act::say(401, b""), Act::say(503, b"")]).await.unwrap_err().kind,
        FaultKind::Unauthorised
    );
}

#[tokio::test]
async fn a_silence_only_one_peer_knows_of_silences_nothing() {
    let mut silenced = alert("f1");
    silenced["status"]["silencedBy"] = json!(["s1"]);
    let page = |alert: serde_json::Value| Act::say(200, json!([alert]).to_string().as_bytes());
    let answer = poll(vec![page(silenced), page(alert("f1"))]).await.unwrap();
    assert_eq!(answer.signals[0].standing, Standing::Firing);
}

#[tokio::test]
async fn sizes_are_capped_on_the_way_in() {
    let mut big = alert("f1");
    big["annotations"]["summary"] = json!("x".repeat(1 << 20));
    for n in 0..1000 {
        big["labels"][format!("l{n}")] = json!("v");
    }
    let answer = says(&json!([big]).to_string()).await.unwrap();
    let signal = &answer.signals[0];
    assert!(signal.title.raw().len() <= 1024 && signal.title.raw().contains("sha256:"));
    assert_eq!(signal.labels.len(), 129);
    assert_eq!(signal.label("…").map(Outside::raw), Some("874 more left out"));
}

#[test]
fn settings_are_checked() {
    let unknown = toml::from_str::<Settings>("name = 'am'\nurls = []\nulrs = []").unwrap_err().to_string();
    assert!(unknown.contains("ulrs"), "{unknown}");
    for urls in [vec![], vec!["http://am.example".to_owned()]] {
        assert!(Alertmanager::new(&settings(&urls), |_| None).is_err());
    }
}
