//! What readers were promised: the next one in time, the last one in any case, a new series once it came back.

use super::*;
use crate::domain::category::Category;
use crate::domain::deadline::Deadline;
use crate::domain::phase::Phase;
use crate::domain::record::{BulletinSettled, CloseReason, Entry};
use crate::domain::signal::SignalKey;

#[tokio::test(start_paused = true)]
async fn users_hear_within_five_minutes_then_as_promised_and_no_more_once_it_is_over() {
    let scene = Scene::new(&[("page", Reach::Broadcast)]).await;
    let quiet = scene.bench.open(Severity::High).await;
    let id = scene.bench.open(Severity::Critical).await;
    scene.bench.pass(Span::secs(0)).await;
    scene.bench.pass(Span::mins(5)).await;
    let first = ["set bulletin users 11-20 14:05:00", "missed bulletin users", "notice"];
    assert_eq!(scene.bench.dues().await, first);
    assert!(scene.bench.incident(&quiet).deadlines.is_empty(), "nobody hears of one that is not critical");
    let said = scene.says(&id, &[("next", "30m")]).await;
    assert!(!said.deadlines.iter().any(Deadline::is_overdue));
    scene.bench.pass(Span::mins(1)).await;
    assert_eq!(scene.bench.dues().await[3..], ["set bulletin users 11-20 14:35:00"]);
    scene.bench.to("2026-11-20T14:27:29Z").await;
    assert_eq!(scene.bench.dues().await.len(), 4);
    scene.bench.to("2026-11-20T14:28:00Z").await;
    assert_eq!(scene.bench.dues().await[4..], ["near bulletin users", "notice"]);
    scene.says(&id, &[("status", "identified"), ("next", "20m")]).await;
    scene.bench.pass(Span::secs(0)).await;
    assert_eq!(scene.bench.dues().await[6..], ["set bulletin users 11-20 14:48:00"]);
    scene.says(&id, &RESOLVED).await;
    scene.bench.pass(Span::mins(300)).await;
    assert_eq!(scene.bench.dues().await.len(), 7, "{:?}", scene.bench.dues().await);
}

#[tokio::test(start_paused = true)]
async fn a_bulletin_nobody_is_sure_of_keeps_its_deadline() {
    let scene = Scene::new(&[("page", Reach::Broadcast)]).await;
    let id = scene.bench.open(Severity::Critical).await;
    scene.bench.pass(Span::secs(0)).await;
    scene.fails(0, FaultKind::NoAnswer);
    let said = scene.says(&id, &[]).await;
    assert_eq!(said.open_deadlines().len(), 1);
    scene.bench.pass(Span::mins(5)).await;
    assert!(scene.bench.incident(&id).is_late());
}

#[tokio::test(start_paused = true)]
async fn who_looked_settles_it_and_the_next_is_due_as_it_promised_only_where_it_stands() {
    for posted in [true, false] {
        let scene = Scene::new(&[("page", Reach::Broadcast)]).await;
        let id = scene.bench.open(Severity::Critical).await;
        scene.bench.pass(Span::secs(0)).await;
        scene.fails(0, FaultKind::NoAnswer);
        scene.says(&id, &[("next", "30m")]).await;
        let note = Outside::new("looked at the page");
        let settled = BulletinSettled { number: 1, channel: "page".into(), posted, note };
        let by_hand = Entry::BulletinSettled(settled);
        scene.bench.ana_does(&id, by_hand).await;
        scene.bench.pass(Span::mins(1)).await;
        let dues = scene.bench.dues().await;
        let next: &[&str] = if posted { &["set bulletin users 11-20 14:30:00"] } else { &[] };
        assert_eq!(dues[1..], *next, "{dues:?}");
        assert_eq!(scene.posted(0).len(), 1, "nothing is posted again");
    }
}

#[tokio::test(start_paused = true)]
async fn readers_who_were_told_that_it_is_over_hear_again_once_it_came_back() {
    let scene = Scene::new(&[("page", Reach::Broadcast)]).await;
    let id = scene.bench.fire().await;
    let because = Some(Outside::new("orders fail"));
    scene.bench.ana_does(&id, Entry::SeveritySet { severity: Severity::Critical, because }).await;
    scene.says(&id, &[]).await;
    scene.says(&id, &RESOLVED).await;
    let key = || SignalKey { source: "prod-am".into(), fingerprint: Outside::new("5f3c") };
    let note = Some(Outside::new("over"));
    for entry in [
        Entry::SignalCleared { key: key(), because: "absent".into() },
        Entry::Closed { reason: CloseReason::Resolved, note },
    ] {
        scene.bench.ana_does(&id, entry).await;
    }
    scene.bench.pass(Span::mins(10)).await;
    let before = scene.bench.dues().await.len();
    scene.bench.ana_does(&id, Entry::SignalReturned { key: key() }).await;
    scene.bench.pass(Span::mins(1)).await;
    assert_eq!(scene.bench.dues().await[before..], ["set bulletin users 11-20 14:15:00"]);
    scene.says(&id, &[("happened", "The problem is back. We are looking into it again.")]).await;
    assert_eq!(scene.posted(0)[2].series, None, "the old series was said to be over");
}

#[tokio::test(start_paused = true)]
async fn one_that_came_back_before_anybody_was_told_owes_its_first_bulletin_from_then() {
    let scene = Scene::new(&[("page", Reach::Broadcast)]).await;
    let id = scene.bench.fire().await;
    let because = || Some(Outside::new("orders fail"));
    let (severity, category) = (Severity::Critical, Category::Outage);
    scene.bench.ana_does(&id, Entry::SeveritySet { severity, because: because() }).await;
    scene.bench.ana_does(&id, Entry::CategorySet { category, because: because() }).await;
    scene.bench.pass(Span::secs(0)).await;
    let key = || SignalKey { source: "prod-am".into(), fingerprint: Outside::new("5f3c") };
    scene.bench.ana_does(&id, Entry::SignalCleared { key: key(), because: "absent".into() }).await;
    let note = Some(Outside::new("it was over before anybody had to be told"));
    scene.bench.ana_does(&id, Entry::Closed { reason: CloseReason::Resolved, note }).await;
    scene.bench.pass(Span::mins(10)).await;
    let before = scene.bench.dues().await.len();
    scene.bench.ana_does(&id, Entry::SignalReturned { key: key() }).await;
    scene.bench.pass(Span::mins(1)).await;
    assert_eq!(scene.bench.dues().await[before..], ["set bulletin users 11-20 14:15:00"]);
}

#[tokio::test(start_paused = true)]
async fn what_goes_and_comes_owes_its_first_bulletin_all_the_same() {
    let scene = Scene::new(&[("page", Reach::Broadcast)]).await;
    let id = scene.bench.fire().await;
    let because = || Some(Outside::new("orders fail"));
    let (severity, category) = (Severity::Critical, Category::Outage);
    scene.bench.ana_does(&id, Entry::SeveritySet { severity, because: because() }).await;
    scene.bench.ana_does(&id, Entry::CategorySet { category, because: because() }).await;
    let key = || SignalKey { source: "prod-am".into(), fingerprint: Outside::new("5f3c") };
    // Five minutes are there for it, while it burns; three at least the first time that less is left.
    for (over, back) in [("14:02:00", "14:04:00"), ("14:05:00", "14:10:00"), ("14:11:00", "14:16:00")] {
        scene.bench.to(&format!("2026-11-20T{over}Z")).await;
        scene.bench.ana_does(&id, Entry::SignalCleared { key: key(), because: "absent".into() }).await;
        let (reason, note) = (CloseReason::Resolved, Some(Outside::new("over")));
        scene.bench.ana_does(&id, Entry::Closed { reason, note }).await;
        scene.bench.to(&format!("2026-11-20T{back}Z")).await;
        scene.bench.ana_does(&id, Entry::SignalReturned { key: key() }).await;
        scene.bench.pass(Span::secs(1)).await;
    }
    let dues = scene.bench.dues().await;
    let set: Vec<&str> =
        dues.iter().filter_map(|due| due.strip_prefix("set bulletin users 11-20 ")).collect();
    assert_eq!(set[set.len() - 3..], ["14:07:00", "14:13:00", "14:18:00"], "{dues:?}");
}

#[tokio::test(start_paused = true)]
async fn who_was_told_of_it_can_be_told_of_its_end_after_it_was_closed() {
    let scene = Scene::new(&[("page", Reach::Broadcast)]).await;
    let id = scene.bench.open(Severity::Critical).await;
    scene.bench.pass(Span::secs(0)).await;
    scene.says(&id, &[]).await;
    scene.bench.pass(Span::secs(0)).await;
    let note = Some(Outside::new("over"));
    scene.bench.ana_does(&id, Entry::Closed { reason: CloseReason::Resolved, note }).await;
    let waived = Some(Outside::new("nothing to learn"));
    scene.bench.ana_does(&id, Entry::PhaseMoved { to: Phase::Closed, waived }).await;
    scene.bench.pass(Span::mins(20)).await;
    assert!(scene.bench.incident(&id).is_late(), "a promise is a promise");
    scene.says(&id, &RESOLVED).await;
    assert!(scene.bench.incident(&id).open_deadlines().is_empty());
    let refused = scene.plan(&id, Audience::Users, &RESOLVED).await.unwrap_err();
    assert!(refused.message.raw().contains("the incident is closed"), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn how_often_counts_from_when_bulletins_became_due_and_a_late_promise_is_said() {
    let scene = Scene::new(&[("page", Reach::Broadcast)]).await;
    let id = scene.bench.open(Severity::High).await;
    scene.bench.pass(Span::mins(180)).await;
    assert_eq!(scene.bench.incident(&id).bulletins_due_since(), None);
    let because = Some(Outside::new("orders fail"));
    scene.bench.ana_does(&id, Entry::SeveritySet { severity: Severity::Critical, because }).await;
    scene.bench.pass(Span::secs(0)).await;
    let since = scene.bench.now();
    assert_eq!(scene.bench.incident(&id).bulletins_due_since(), Some(since));
    let late = "later than your cadence, by which it is due in 20m";
    let warned = async |next| {
        let plan = scene.plan(&id, Audience::Users, &[("next", next)]).await.unwrap();
        plan.warnings.iter().any(|warning| warning.ends_with(late))
    };
    assert!(warned("60m").await && !warned("20m").await);
    scene.says(&id, &[]).await;
    scene.bench.pass(Span::secs(0)).await;
    assert_eq!(scene.bench.dues().await[1..], ["set bulletin users 11-20 17:20:00"], "not an hour later");
    assert_eq!(
        scene.bench.incident(&id).bulletins_due_since(),
        Some(since),
        "the second is of the same series"
    );
}
