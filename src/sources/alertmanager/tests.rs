//! Alertmanager's answers, good and poisoned.

mod recalled;
mod silences;

use serde_json::json;

use super::*;
use crate::domain::signal::Standing;
use crate::net::peer::{Act, Peer};

thread_local! {
    /// How often an answer was parsed in this test.
    pub(super) static PARSED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

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
    assert_eq!(signal.annotations.raw().count(), 1);
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
        let muted = answer.signals[0].upstream.as_ref().is_some_and(|it| it.muted_by == [Outside::new("s1")]);
        assert_eq!(muted, list == "mutedBy", "and by what");
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
    assert_eq!(signal.labels.raw().count(), 129);
    assert_eq!(signal.label("…"), Some("874 more left out"));
}

#[tokio::test]
async fn what_has_no_fingerprint_is_the_same_however_often_it_is_heard_of() {
    let at = |labels: serde_json::Value, moment: &str| json!({ "labels": labels, "startsAt": 7, "updatedAt": moment, "endsAt": moment });
    for labels in [json!({ "alertname": 7 }), json!(null)] {
        let mut keys = Vec::new();
        for moment in ["2026-11-20T14:02:22Z", "2026-11-20T14:02:37Z"] {
            let answer = says(&json!([at(labels.clone(), moment)]).to_string()).await.unwrap();
            assert!(answer.signals[0].undecodable);
            keys.push(answer.signals[0].key.clone());
        }
        assert_eq!(keys[0], keys[1], "{labels}");
    }
}

#[test]
fn settings_are_checked() {
    let unknown = toml::from_str::<Settings>("name = 'am'\nurls = []\nulrs = []").unwrap_err().to_string();
    assert!(unknown.contains("ulrs"), "{unknown}");
    for urls in [vec![], vec!["http://am.example".to_owned()]] {
        assert!(Alertmanager::new(&settings(&urls), |_| None).is_err());
    }
}

/// One Alertmanager that answers so, asked so often; what each time came of it.
async fn polls(acts: Vec<Act>, times: usize) -> Vec<Polled> {
    let peer = Peer::new(acts);
    let source = Alertmanager::new(&settings(&[peer.url("")]), |_| None).unwrap();
    let mut polls = Vec::new();
    for _ in 0..times {
        polls.push(source.poll(at()).await.unwrap());
    }
    polls
}

fn say(body: &serde_json::Value) -> Act {
    Act::say(200, body.to_string().as_bytes())
}

fn about(version: &str) -> Act {
    say(&json!({ "cluster": { "status": "disabled" }, "versionInfo": { "version": version },
                 "config": { "original": "canary" } }))
}

/// There are no silences.
fn none() -> Act {
    say(&json!([]))
}

#[tokio::test]
async fn the_same_answer_again_is_not_parsed_and_one_that_only_was_heard_of_later_is_no_news() {
    let first = json!([alert("f1"), alert("f2")]);
    let mut later = first.clone();
    later[0]["updatedAt"] = json!("2026-11-20T14:02:22Z");
    later[0]["endsAt"] = json!("2026-11-20T14:10:22Z");
    let acts = vec![say(&first), none(), about("0.25.0"), say(&first), say(&first), say(&later)];
    let before = PARSED.get();
    let polls = polls(acts, 4).await;
    assert_eq!(PARSED.get() - before, 2, "the first answer and the one that differs");
    let news: Vec<bool> = polls.iter().map(|polled| polled.answer.is_some()).collect();
    assert_eq!(news, [true, false, false, false]);
    assert!(polls.iter().all(|polled| polled.vitals.version == Some(Outside::new("0.25.0"))), "{polls:?}");
    assert!(!format!("{polls:?}").contains("canary"));
}

#[tokio::test]
async fn of_an_answer_that_changed_only_what_is_new_is_made_anew() {
    let named = |name: &str, title: &str| {
        let mut alert = alert(name);
        alert["annotations"]["summary"] = json!(title);
        alert
    };
    let acts = vec![
        say(&json!([named("f1", "one"), named("f3", "three"), named("f5", "five")])),
        none(),
        about("0.28.0"),
        say(&json!([named("f1", "one"), named("f2", "two"), named("f5", "changed")])),
    ];
    let polls = polls(acts, 2).await;
    let [first, second] = [0, 1].map(|n| polls[n].answer.clone().unwrap());
    assert_eq!(fingerprints(&second), ["f1", "f2", "f5"]);
    assert!(Arc::ptr_eq(&first.signals[0], &second.signals[0]), "what did not change is shared");
    assert_eq!(second.signals[2].title.raw(), "changed");
}

#[tokio::test]
async fn a_silence_says_who_made_it_and_what_inhibits_is_named() {
    let mut silenced = alert("f1");
    silenced["status"] = json!({ "state": "suppressed", "silencedBy": ["s1"], "inhibitedBy": [] });
    let mut inhibited = alert("f2");
    inhibited["status"] = json!({ "state": "suppressed", "silencedBy": [], "inhibitedBy": ["f3"] });
    let silence = |comment: &str| {
        json!([{ "id": "s1", "createdBy": "ana", "comment": comment, "endsAt": "2026-11-20T16:00:00Z",
                 "status": { "state": "active" }, "matchers": [] }, 7])
    };
    let page = json!([silenced, inhibited, alert("f3")]);
    let acts = vec![say(&page), say(&silence("deploy")), about("0.25.0"), say(&page)];
    let polls = polls(acts, 2).await;
    assert_eq!(polls[1].answer, None, "what silences say is asked seldom");
    let answer = polls[0].answer.clone().unwrap();
    let upstream = |n: usize| answer.signals[n].upstream.clone().unwrap();
    assert_eq!(upstream(0).silences[0].words().to_string(), "by ana until 2026-11-20 16:00:00Z: deploy");
    assert_eq!(upstream(1).inhibited_by, [Outside::new("gateway refuses")]);
    assert_eq!(upstream(2).inhibits, [Outside::new("gateway refuses")]);
    let remarks: Vec<&str> = polls[1].vitals.remarks.iter().map(|remark| remark.text.raw()).collect();
    let listed = [
        "1 silenced by 1 silence, 1 inhibited",
        "1 silence; the first to end is ana's, at 2026-11-20 16:00:00Z (as of 2026-11-20 14:00:00Z)",
        "silence s1 of (blank) by ana until 2026-11-20 16:00:00Z",
        "1 silence cannot be read",
    ];
    assert_eq!(remarks, listed);
}

#[tokio::test]
async fn silences_that_no_alert_names_are_listed_and_asked_for_seldom() {
    let silence = |id: &str, state: &str, end: &str, comment: &str| {
        json!({ "id": id, "createdBy": "zed", "comment": comment, "endsAt": end, "status": { "state": state },
                "matchers": [{ "name": "alertname", "value": "Lag", "isRegex": false, "isEqual": true },
                             { "name": "pod", "value": "eu-.*", "isRegex": true, "isEqual": false }] })
    };
    let all = json!([
        silence("s1", "active", "2026-11-20T16:00:00Z", "deploy\u{1b}[2J"),
        silence("s2", "active", "2026-11-30T12:00:00Z", "forgotten"),
        silence("s3", "pending", "2026-11-21T12:00:00Z", "the move"),
        silence("s4", "expired", "2026-11-19T12:00:00Z", "over"),
        silence("s5", "active", "2026-11-20T13:00:00Z", "ended meanwhile"),
        7,
    ]);
    let page = || say(&json!([]));
    let peer = Peer::new([page(), say(&all), about("0.28.0"), page(), page(), none()]);
    let source = Alertmanager::new(&settings(&[peer.url("")]), |_| None).unwrap();
    let remarks = async |minutes: i64| {
        let polled = source.poll(at() + chrono::TimeDelta::minutes(minutes)).await.unwrap();
        polled.vitals.remarks.iter().map(|it| it.text.safe().to_string()).collect::<Vec<_>>()
    };
    let said = remarks(0).await;
    assert_eq!((said.len(), said[4].as_str()), (5, "1 silence cannot be read"), "{said:?}");
    assert!(said[0].starts_with("3 silences; the first to end is zed's, at 2026-11-20 16:00:00Z"));
    let lag = r#"alertname="Lag", pod!~••••"#;
    assert_eq!(said[1], format!("silence s2 of {lag} by zed until 2026-11-30 12:00:00Z"));
    assert_eq!(said[2], format!("silence s3 of {lag}, not begun yet, by zed until 2026-11-21 12:00:00Z"));
    assert!(said[3].starts_with("silence s1 ") && !said[3].contains('\u{1b}'), "{said:?}");
    assert!(source.mark().is_some(), "what nobody names is no reason to ask everything again");
    assert_eq!(remarks(4).await, said, "as they were read");
    assert_eq!(remarks(5).await, Vec::<String>::new(), "they ended");
    assert_eq!(peer.seen().iter().filter(|it| it.starts_with("GET /api/v2/silences")).count(), 2);
}

#[tokio::test]
async fn its_headers_are_on_every_question_and_on_every_change() {
    let peer = Peer::new([say(&json!([])), none(), about("0.28.0"), say(&json!({}))]);
    let text = format!(
        "name = 'am'\nurls = ['{}']\ntoken_env = 'T'\nheaders = {{ X-Scope-OrgID = 'tenant-1' }}",
        peer.url("")
    );
    let source = Alertmanager::new(&toml::from_str(&text).unwrap(), |_| Some("hunter2".into())).unwrap();
    source.poll(at()).await.unwrap();
    let api = source.api().unwrap();
    let request = crate::domain::plan::HttpRequest {
        api: "am/api".into(),
        method: "POST".into(),
        url: api.url("/api/v2/silences"),
        headers: BTreeMap::new(),
        body: Some("{}".into()),
        instead: Vec::new(),
    };
    api.change(&request, Limits::WRITE).await.unwrap();
    let seen = peer.seen();
    let both = |it: &String| it.contains("x-scope-orgid: tenant-1") && it.contains("Bearer hunter2");
    assert!(seen.len() == 4 && seen.iter().all(both), "{seen:#?}");
    let secret = text.replace("X-Scope-OrgID", "Authorization");
    let refused = Alertmanager::new(&toml::from_str(&secret).unwrap(), |_| None).unwrap_err();
    assert!(refused.detail.raw().contains("token_command"), "{refused:?}");
}

#[tokio::test]
async fn peers_that_disagree_are_counted() {
    let mut silenced = alert("f1");
    silenced["status"]["silencedBy"] = json!(["s1"]);
    let silences = || say(&json!([]));
    let peers = [
        Peer::new([say(&json!([silenced])), silences(), about("0.25.0")]),
        Peer::new([say(&json!([alert("f1"), alert("f2")])), silences(), about("0.26.0")]),
    ];
    let urls: Vec<String> = peers.iter().map(|peer| peer.url("")).collect();
    let polled = Alertmanager::new(&settings(&urls), |_| None).unwrap().poll(at()).await.unwrap();
    assert_eq!(polled.answer.unwrap().signals[0].standing, Standing::Firing);
    let remarks: Vec<&str> = polled.vitals.remarks.iter().map(|remark| remark.text.raw()).collect();
    assert!(remarks.contains(&"its peers disagree on 2 alerts"), "{remarks:?}");
    assert!(remarks[0].contains("do not know each other"), "{remarks:?}");
    assert_eq!(polled.vitals.version, Some(Outside::new("0.25.0 and 0.26.0")));
}

#[tokio::test]
async fn what_it_refuses_is_said_in_its_own_words() {
    let peer = Peer::new([Act::say(400, br#""bad matcher format: x""#)]);
    let source = Alertmanager::new(&settings(&[peer.url("")]), |_| None).unwrap();
    let fault = source.poll(at()).await.unwrap_err();
    assert!(fault.detail.raw().ends_with("400 Bad Request: bad matcher format: x"), "{fault:?}");
}

#[tokio::test]
async fn what_an_earlier_process_was_told_is_not_said_anew_and_what_differs_is_whole() {
    let first = json!([alert("f1"), alert("f2")]);
    let told = Peer::new([say(&first), none(), about("0.25.0")]);
    let earlier = Alertmanager::new(&settings(&[told.url("")]), |_| None).unwrap();
    earlier.poll(at()).await.unwrap();
    let mark = earlier.mark().unwrap();
    let next = json!([alert("f1"), alert("f2"), alert("f3")]);
    // What differs from what was only recognised is asked for once more.
    let peer = Peer::new([say(&first), about("0.25.0"), say(&next), say(&next)]);
    let later = Alertmanager::new(&settings(&[peer.url("")]), |_| None).unwrap();
    later.recall(&mark);
    assert_eq!(later.poll(at()).await.unwrap().answer, None);
    let answer = later.poll(at()).await.unwrap().answer.unwrap();
    assert_eq!(fingerprints(&answer), ["f1", "f2", "f3"]);
}

#[tokio::test]
async fn what_changed_and_could_not_be_read_is_still_to_be_said() {
    let told = Peer::new([say(&json!([alert("f1")])), none(), about("0.25.0")]);
    let earlier = Alertmanager::new(&settings(&[told.url("")]), |_| None).unwrap();
    earlier.poll(at()).await.unwrap();
    let next = say(&json!([alert("f2")]));
    let again = say(&json!([alert("f2")]));
    let peer = Peer::new([next, Act::say(503, b""), again, none(), about("0.25.0")]);
    let later = Alertmanager::new(&settings(&[peer.url("")]), |_| None).unwrap();
    later.recall(&earlier.mark().unwrap());
    assert_eq!(later.poll(at()).await.unwrap_err().kind, FaultKind::Broken);
    assert_eq!(fingerprints(&later.poll(at()).await.unwrap().answer.unwrap()), ["f2"]);
}

#[tokio::test]
async fn a_peer_that_is_silent_later_takes_nothing_with_it_that_was_only_recalled() {
    let page = || say(&json!([alert("f1")]));
    let two = [Peer::new([page(), none(), about("0.25.0")]), Peer::new([page(), none(), about("0.25.0")])];
    let earlier = Alertmanager::new(&settings(&two.each_ref().map(|peer| peer.url(""))), |_| None).unwrap();
    earlier.poll(at()).await.unwrap();
    let one = Peer::new([page(), page(), about("0.25.0")]);
    let later = Alertmanager::new(&settings(&[one.url(""), Peer::new([]).gone()]), |_| None).unwrap();
    later.recall(&earlier.mark().unwrap());
    assert_eq!(fingerprints(&later.poll(at()).await.unwrap().answer.unwrap()), ["f1"]);
}

#[tokio::test]
async fn what_nobody_waited_for_was_not_said() {
    let told = Peer::new([say(&json!([alert("f1")])), none(), about("0.25.0")]);
    let earlier = Alertmanager::new(&settings(&[told.url("")]), |_| None).unwrap();
    earlier.poll(at()).await.unwrap();
    let next = || say(&json!([alert("f1"), alert("f2")]));
    let peer = Peer::new([next(), Act::Hang, next(), next(), about("0.25.0")]);
    let later = Alertmanager::new(&settings(&[peer.url("")]), |_| None).unwrap();
    let mark = earlier.mark();
    later.recall(mark.as_deref().unwrap());
    let given_up = async {
        while peer.seen().len() < 2 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        polled = later.poll(at()) => panic!("{polled:?}"),
        () = given_up => {}
    }
    assert_eq!(later.mark(), mark);
    assert_eq!(fingerprints(&later.poll(at()).await.unwrap().answer.unwrap()), ["f1", "f2"]);
}

#[tokio::test]
async fn of_what_was_only_recognised_one_peer_that_says_it_again_suffices() {
    let page = || say(&json!([alert("f1")]));
    let two = [Peer::new([page(), none(), about("0.25.0")]), Peer::new([page(), none(), about("0.25.0")])];
    let earlier = Alertmanager::new(&settings(&two.each_ref().map(|peer| peer.url(""))), |_| None).unwrap();
    earlier.poll(at()).await.unwrap();
    let next = || say(&json!([alert("f1"), alert("f2")]));
    let two = [Peer::new([next(), next(), about("0.25.0")]), Peer::new([next(), Act::say(503, b"")])];
    let later = Alertmanager::new(&settings(&two.each_ref().map(|peer| peer.url(""))), |_| None).unwrap();
    later.recall(&earlier.mark().unwrap());
    let polled = later.poll(at()).await.unwrap();
    assert_eq!(fingerprints(&polled.answer.unwrap()), ["f1", "f2"]);
    let remarks: Vec<&str> = polled.vitals.remarks.iter().map(|remark| remark.text.raw()).collect();
    assert!(remarks.iter().any(|remark| remark.starts_with("peer 2 of 2: ")), "{remarks:?}");
}
