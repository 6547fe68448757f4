//! What is worth having beside the list of incidents, and never worth waiting for.

use chrono::TimeDelta;
use serde_json::json;

use quell::domain::time::Span;

use super::reading::{Asker, label, remarks};

/// What is worth having only beside the list.
const BESIDE: [&str; 4] = ["GET /priorities", "GET /users/me", "GET /oncalls", "GET /incidents/P"];

#[tokio::test]
async fn what_stands_beside_the_list_neither_blinds_it_nor_delays_it_for_long() {
    let mut asker = Asker::new();
    {
        let mut account = asker.account();
        for number in 1..=3 {
            let id = account.open(number, "burns");
            account.set(&id, "priority", json!({ "id": "PRIP1", "summary": "P1" }));
            account.alert(&id, "gw-2 refuses TCP", &json!({}));
        }
        account.hanging = BESIDE.to_vec();
    }
    let soon = std::time::Duration::from_secs(8);
    for _ in 0..2 {
        let polled = tokio::time::timeout(soon, asker.polled()).await.expect("an answer soon").unwrap();
        assert!(polled.answer.is_none_or(|answer| answer.complete && answer.signals.len() == 3));
        let said = remarks(&polled.vitals);
        assert!(
            said.contains("priorities cannot be read: no answer in time") && !said.contains('!'),
            "{said}"
        );
    }
    assert_eq!(asker.asked("/priorities"), 1, "who does not answer is left alone for a while");
    asker.account().hanging.clear();
    asker.now += Span::mins(1).delta();
    for route in &BESIDE[..3] {
        asker.account().refusals.push_back((*route, 500, 0));
    }
    let polled = asker.polled().await.unwrap();
    let said = remarks(&polled.vitals);
    assert!(said.contains("priorities cannot be read: status 500"), "{said}");
    assert!(said.contains("who is on call cannot be read: status 500"), "{said}");
    let answer = polled.answer.expect("what its alerts say");
    assert_eq!((answer.signals.len(), label(&answer.signals[0], "pd_priority")), (3, None));
    asker.now += Span::mins(1).delta();
    let answer = asker.answer().await;
    assert_eq!(label(&answer.signals[0], "pd_priority"), Some("1"), "as soon as its place is known");
    assert_eq!(answer.signals[0].upstream.as_deref().unwrap().on_call.len(), 2);
}

#[tokio::test]
async fn who_asks_what_can_be_chosen_waits_for_nobody_and_asks_seldom() {
    let asker = Asker::new();
    let now = asker.now;
    let prepared = async |seconds: i64| {
        let at = now + TimeDelta::seconds(seconds);
        let ready = tokio::time::timeout(std::time::Duration::from_secs(5), asker.source.prepare(at)).await;
        ready.expect("to be ready soon");
        (asker.asked("/priorities"), asker.asked("/users/me"))
    };
    asker.account().hanging = BESIDE.to_vec();
    assert_eq!(prepared(0).await, (1, 0));
    assert_eq!(
        asker.source.acknowledges().as_deref(),
        Some("pd/acknowledge"),
        "on whose behalf is not known yet: that is said when it is tried"
    );
    asker.account().hanging.clear();
    assert_eq!(prepared(5).await.0, 1, "who does not answer is left alone for a minute");
    assert_eq!(prepared(61).await, (2, 1));
    assert_eq!(prepared(200).await, (2, 1));
    assert_eq!(prepared(362).await, (3, 1), "after five minutes it is old");
    assert_eq!(prepared(363).await, (3, 1), "also when nothing is different");
}

#[tokio::test]
async fn what_alerts_say_is_asked_for_again_where_it_could_not_be_read() {
    let mut asker = Asker::new();
    let (id, other) = {
        let mut account = asker.account();
        let [id, other] = [1, 2].map(|number| account.open(number, "burns"));
        account.alert(&id, "gw-2 refuses TCP", &json!({ "order_id": "O-8831-77" }));
        account.alert(&other, "gw-3 refuses TCP", &json!({ "order_id": "O-8831-78" }));
        (id, other)
    };
    let route = "GET /incidents/P000001/alerts";
    let (path, beside) = (format!("/incidents/{id}/alerts"), format!("/incidents/{other}/alerts"));
    asker.polled().await.unwrap();
    asker.account().refusals.push_back((route, 503, 0));
    let said = remarks(&asker.polled().await.unwrap().vitals);
    assert!(said.contains("the alerts of 1 are not read yet"), "{said}");
    assert_eq!((asker.asked(&path), asker.asked(&beside)), (1, 1), "it keeps nobody else's from being read");
    asker.polled().await.unwrap();
    assert_eq!(asker.asked(&path), 1, "nor is it asked in each round");
    asker.now += Span::mins(1).delta();
    let details = |answer: &quell::domain::signal::Answer| {
        let signal = answer.signals.iter().find(|it| it.key.fingerprint.raw() == "1").unwrap();
        signal.annotations.raw().any(|(_, text)| text.contains("O-8831-77"))
    };
    assert!(details(&asker.answer().await), "a minute later it is");

    // What was read holds while what is there now cannot be read, and where it is not there for us any more.
    for status in [503, 404] {
        asker.account().alert(&id, "gw-2 refuses TCP", &json!({}));
        asker.account().note_changed(&id);
        asker.account().refusals.push_back((route, status, 0));
        asker.now += Span::mins(1).delta();
        let before = asker.asked(&path);
        assert!(details(&asker.answer().await), "{status}");
        assert_eq!(asker.asked(&path), before + 1, "{status}");
        asker.polled().await.unwrap();
    }
    let said = remarks(&asker.polled().await.unwrap().vitals);
    assert!(!said.contains("not read yet"), "the same question brings the same answer: {said}");
}
