//! What the response is held to, second by second on a clock turned by hand.

use super::bench::Bench;
use crate::backend::{Backend, RefusalKind};
use crate::domain::calendar::Holiday;
use crate::domain::category::Category;
use crate::domain::classification::Impact;
use crate::domain::deadline::DeadlineKind;
use crate::domain::duty;
use crate::domain::id::IncidentId;
use crate::domain::operator::Operator;
use crate::domain::phase::Phase;
use crate::domain::rank;
use crate::domain::record::{CloseReason, DeadlineMet, DeadlineSet, Entry};
use crate::domain::review::Item;
use crate::domain::role::Role;
use crate::domain::severity::Severity;
use crate::domain::text::Outside;
use crate::domain::time::Span;
use crate::engine::{Adapters, Setup};

fn text(words: &str) -> Outside {
    Outside::new(words)
}

fn classified() -> Entry {
    Entry::CategorySet { category: Category::Outage, because: None }
}

fn met(deadline: DeadlineKind, name: &str) -> Entry {
    Entry::DeadlineMet(DeadlineMet { deadline, name: name.into(), note: None })
}

fn ended() -> Entry {
    Entry::Closed { reason: CloseReason::Resolved, note: Some(text("over")) }
}

fn closed() -> Entry {
    Entry::PhaseMoved { to: Phase::Closed, waived: Some(text("nothing to learn")) }
}

async fn with_duties() -> Bench {
    let setup = Setup { duties: duty::shipped("dora-like"), ..Setup::default() };
    Bench::with(setup, |_| Adapters::default()).await
}

#[tokio::test]
async fn reports_begin_with_the_classification_and_each_once_the_one_before_was_made() {
    let bench = with_duties().await;
    let older = bench.open(Severity::Critical).await;
    let id = bench.open(Severity::Critical).await;
    for id in [&older, &id] {
        bench.ana_does(id, Entry::Acknowledged { lasts_s: 1_000_000, from: None }).await;
    }
    bench.pass(Span::secs(60)).await;
    assert_eq!(bench.dues().await, [""; 0], "nobody has said what sort of trouble it is");
    bench.ana_does(&id, classified()).await;
    bench.pass(Span::secs(0)).await;
    bench.pass(Span::mins(60)).await;
    assert_eq!(bench.dues().await, ["set regulator dora-like/initial 11-20 18:01:00"]);
    bench.pass(Span::mins(119)).await;
    assert_eq!(bench.dues().await.len(), 1, "more than a quarter is left");
    bench.pass(Span::mins(1)).await;
    assert_eq!(bench.dues().await[1..], ["near regulator dora-like/initial", "notice"]);
    assert_eq!(bench.ranked().await, [older.clone(), id.clone()]);
    bench.pass(Span::mins(60)).await;
    bench.pass(Span::mins(60)).await;
    assert_eq!(bench.dues().await[3..], ["missed regulator dora-like/initial", "notice"], "once");
    assert_eq!(bench.ranked().await, [id.clone(), older.clone()], "what is late ranks higher");
    let why = rank::explain(&bench.incident(&id), bench.now());
    assert!(why.iter().any(|why| why == "the regulator deadline (dora-like/initial) has passed"), "{why:?}");
    bench.ana_does(&id, met(DeadlineKind::Regulator, "dora-like/initial")).await;
    bench.pass(Span::secs(0)).await;
    bench.pass(Span::secs(1)).await;
    assert_eq!(bench.ranked().await, [older.clone(), id.clone()]);
    assert_eq!(bench.dues().await[5..], ["set regulator dora-like/intermediate 11-23 19:01:00"]);
}

#[tokio::test]
async fn reports_count_from_the_classification_however_late_somebody_looks() {
    let bench = with_duties().await;
    let id = bench.open(Severity::Critical).await;
    bench.ana_does(&id, classified()).await;
    bench.hand.advance(Span::mins(30));
    let impact = Impact::Users { min: 1, max: 5 };
    bench.ana_does(&id, Entry::ImpactAssessed { impact: impact.clone(), because: None }).await;
    bench.hand.advance(Span::mins(30));
    bench.ana_does(&id, Entry::ImpactAssessed { impact, because: None }).await;
    bench.ana_does(&id, Entry::Noted { text: text("on it") }).await;
    bench.pass(Span::mins(240)).await;
    assert_eq!(
        bench.dues().await[0],
        "set regulator dora-like/initial 11-20 18:00:00",
        "a later word gives nobody more time"
    );
    bench.pass(Span::secs(0)).await;
    assert_eq!(bench.dues().await[1..], ["missed regulator dora-like/initial", "notice"]);
}

#[tokio::test]
async fn an_incident_that_becomes_critical_begins_them_then() {
    let bench = with_duties().await;
    let id = bench.open(Severity::High).await;
    bench.ana_does(&id, classified()).await;
    bench.pass(Span::mins(30)).await;
    assert_eq!(bench.dues().await, [""; 0]);
    let because = Some(text("orders fail"));
    bench.ana_does(&id, Entry::SeveritySet { severity: Severity::Critical, because }).await;
    bench.pass(Span::secs(0)).await;
    assert_eq!(bench.dues().await, ["set regulator dora-like/initial 11-20 18:30:00"]);
}

#[tokio::test]
async fn the_first_report_is_due_a_day_after_the_opening_at_the_latest_unless_it_was_classified_after_that() {
    for (hours, due) in [(22, "11-21 14:00:00"), (25, "11-21 19:00:00")] {
        let bench = with_duties().await;
        let id = bench.open(Severity::Critical).await;
        bench.hand.advance(Span::mins(hours * 60));
        bench.ana_does(&id, classified()).await;
        bench.pass(Span::secs(0)).await;
        assert_eq!(bench.dues().await[0], format!("set regulator dora-like/initial {due}"));
    }
}

#[tokio::test]
async fn the_intermediate_report_is_made_again_once_it_is_over_after_it() {
    for early in [true, false] {
        let bench = with_duties().await;
        let id = bench.open(Severity::Critical).await;
        bench.ana_does(&id, classified()).await;
        bench.pass(Span::secs(0)).await;
        bench.ana_does(&id, met(DeadlineKind::Regulator, "dora-like/initial")).await;
        bench.pass(Span::secs(0)).await;
        if early {
            bench.ana_does(&id, ended()).await;
        }
        bench.pass(Span::mins(60)).await;
        bench.ana_does(&id, met(DeadlineKind::Regulator, "dora-like/intermediate")).await;
        bench.pass(Span::mins(60)).await;
        if !early {
            bench.ana_does(&id, ended()).await;
        }
        bench.pass(Span::secs(0)).await;
        let again =
            bench.dues().await.into_iter().find(|due| due.starts_with("set regulator dora-like/recovered"));
        let due = (!early).then(|| "set regulator dora-like/recovered 11-21 16:00:00".to_owned());
        assert_eq!(again, due, "early: {early}");
    }
}

#[tokio::test]
async fn what_was_resolved_before_quell_knew_of_a_report_that_follows_does_not_owe_it() {
    let mut older = duty::shipped("dora-like");
    older.retain(|duty| !duty.once_resolved);
    let bench = Bench::with(Setup { duties: older, ..Setup::default() }, |_| Adapters::default()).await;
    let newer = Setup { duties: duty::shipped("dora-like"), ..Setup::default() };
    let newer = bench.another_with(newer, Adapters::default()).await;
    let id = bench.open(Severity::Critical).await;
    bench.ana_does(&id, classified()).await;
    for report in ["dora-like/initial", "dora-like/intermediate"] {
        bench.pass(Span::mins(60)).await;
        bench.ana_does(&id, met(DeadlineKind::Regulator, report)).await;
    }
    bench.pass(Span::mins(60)).await;
    bench.ana_does(&id, ended()).await;
    bench.pass(Span::secs(1)).await;
    bench.hand.advance(Span::mins(60 * 48));
    newer.catch_up().await.unwrap();
    newer.keep_deadlines(&mut newer.sight()).await;
    let said = bench.dues().await;
    assert!(said.iter().any(|due| due.starts_with("set review")), "{said:?}");
    assert!(!said.iter().any(|due| due.contains("recovered")), "{said:?}");
    // It comes back and is resolved again.
    bench.ana_does(&id, Entry::PhaseMoved { to: Phase::Recover, waived: Some(text("it is back")) }).await;
    bench.ana_does(&id, ended()).await;
    newer.catch_up().await.unwrap();
    newer.keep_deadlines(&mut newer.sight()).await;
    let said = bench.dues().await;
    assert!(said.contains(&"set regulator dora-like/recovered 11-23 17:00:01".to_owned()), "{said:?}");
}

#[tokio::test]
async fn the_next_report_is_due_although_the_incident_was_closed_meanwhile() {
    let bench = with_duties().await;
    let id = bench.open(Severity::Critical).await;
    bench.ana_does(&id, classified()).await;
    bench.pass(Span::secs(0)).await;
    bench.ana_does(&id, met(DeadlineKind::Regulator, "dora-like/initial")).await;
    bench.pass(Span::secs(0)).await;
    for entry in [ended(), closed()] {
        bench.ana_does(&id, entry).await;
    }
    bench.pass(Span::mins(60 * 48)).await;
    bench.ana_does(&id, met(DeadlineKind::Regulator, "dora-like/intermediate")).await;
    bench.pass(Span::secs(0)).await;
    let last = bench.dues().await.pop();
    assert_eq!(last.as_deref(), Some("set regulator dora-like/final 12-22 14:00:00"));
}

#[tokio::test]
async fn nothing_more_is_reported_of_a_false_alarm() {
    let bench = with_duties().await;
    let id = bench.open(Severity::Critical).await;
    bench.ana_does(&id, classified()).await;
    bench.pass(Span::secs(0)).await;
    let reason = CloseReason::FalseAlarm;
    bench.ana_does(&id, Entry::Closed { reason, note: Some(text("a wrong threshold")) }).await;
    bench.ana_does(&id, met(DeadlineKind::Regulator, "dora-like/initial")).await;
    bench.pass(Span::secs(0)).await;
    assert_eq!(bench.dues().await.len(), 1, "{:?}", bench.dues().await);
}

#[tokio::test]
async fn a_commander_asks_around_every_ten_minutes_from_the_last_time() {
    let bench = Bench::new().await;
    let id = bench.open(Severity::Critical).await;
    bench.pass(Span::mins(1)).await;
    assert_eq!(bench.dues().await, [""; 0], "nobody commands it");
    bench.ana_does(&id, Entry::RoleTaken { role: Role::Commander, name: text("ana"), from: None }).await;
    bench.pass(Span::mins(0)).await;
    bench.pass(Span::mins(9)).await;
    assert_eq!(bench.dues().await, ["set callout  11-20 14:11:00"]);
    bench.pass(Span::mins(1)).await;
    bench.pass(Span::mins(4)).await;
    assert_eq!(bench.dues().await[1..], ["missed callout ", "notice"]);
    bench.ana_does(&id, met(DeadlineKind::Callout, "")).await;
    bench.pass(Span::mins(0)).await;
    assert_eq!(bench.dues().await[3..], ["set callout  11-20 14:25:00"]);
    bench.ana_does(&id, ended()).await;
    bench.pass(Span::mins(60)).await;
    assert_eq!(bench.dues().await[4..], ["set review  11-27 23:59:59"], "no callout after the end");
}

#[tokio::test]
async fn one_that_becomes_critical_late_leaves_ten_minutes_for_the_first_round() {
    let bench = Bench::new().await;
    let id = bench.open(Severity::High).await;
    bench.ana_does(&id, Entry::RoleTaken { role: Role::Commander, name: text("ana"), from: None }).await;
    bench.pass(Span::mins(60)).await;
    let because = Some(text("orders fail"));
    bench.ana_does(&id, Entry::SeveritySet { severity: Severity::Critical, because }).await;
    bench.pass(Span::mins(0)).await;
    assert_eq!(bench.dues().await, ["set callout  11-20 15:10:00"]);
}

#[tokio::test]
async fn one_that_is_critical_no_more_asks_nobody_and_begins_anew_when_it_is_again() {
    let bench = Bench::new().await;
    let id = bench.open(Severity::Critical).await;
    bench.ana_does(&id, Entry::RoleTaken { role: Role::Commander, name: text("ana"), from: None }).await;
    bench.pass(Span::mins(0)).await;
    bench.pass(Span::mins(11)).await;
    let callout = || bench.incident(&id).deadline(DeadlineKind::Callout, "").cloned();
    assert!(callout().is_some_and(|it| it.is_overdue()));
    let says = |severity| Entry::SeveritySet { severity, because: Some(text("a workaround holds")) };
    bench.ana_does(&id, says(Severity::High)).await;
    bench.pass(Span::mins(60)).await;
    assert_eq!(bench.dues().await[3..], ["withdrawn callout "]);
    assert_eq!(callout(), None);
    bench.ana_does(&id, says(Severity::Critical)).await;
    bench.pass(Span::mins(0)).await;
    assert_eq!(bench.dues().await[4..], ["set callout  11-20 15:21:00"]);
}

#[tokio::test]
async fn one_that_is_not_critical_asks_nobody() {
    let bench = Bench::new().await;
    let id = bench.open(Severity::High).await;
    bench.ana_does(&id, Entry::RoleTaken { role: Role::Commander, name: text("ana"), from: None }).await;
    bench.pass(Span::mins(60)).await;
    assert_eq!(bench.dues().await, [""; 0]);
}

#[tokio::test]
async fn a_timer_rings_once_whoever_keeps_the_time() {
    let bench = Bench::new().await;
    let id = bench.open(Severity::High).await;
    let due = bench.now() + Span::mins(3).delta();
    let timer = |deadline| {
        Entry::DeadlineSet(DeadlineSet {
            deadline,
            name: String::new(),
            title: text("bo: check the matching engine"),
            due,
        })
    };
    let ana = Operator::new("ana", "bastion");
    let seen = bench.incident(&id).version;
    bench.engine.record(&ana, &id, seen, timer(DeadlineKind::Timer)).await.unwrap();
    let refused = bench.engine.record(&ana, &id, seen, timer(DeadlineKind::Review)).await.unwrap_err();
    assert_eq!(refused.kind, RefusalKind::Usage, "the engine sets the others");
    bench.pass(Span::secs(179)).await;
    assert_eq!(bench.dues().await.len(), 1);
    bench.hand.advance(Span::secs(1));
    let another = bench.another().await;
    bench.pass(Span::secs(0)).await;
    another.keep_deadlines(&mut another.sight()).await;
    bench.pass(Span::mins(10)).await;
    assert_eq!(bench.dues().await[1..], ["missed timer 1", "notice"]);
    assert!(bench.notices().await.contains(&format!("{id}: timer is up: bo: check the matching engine")));
}

#[tokio::test]
async fn a_review_is_due_five_business_days_after_the_end_over_a_week_end_and_a_holiday() {
    let mut setup = Setup::default();
    setup.calendar.add([Holiday { day: "2026-11-26".parse().unwrap(), name: text("Thanksgiving") }]);
    let bench = Bench::with(setup, |_| Adapters::default()).await;
    let id = bench.open(Severity::High).await;
    bench.ana_does(&id, ended()).await;
    bench.pass(Span::mins(90)).await;
    assert_eq!(bench.dues().await, ["set review  11-30 23:59:59"], "from the end, not from when it was seen");
    bench.to("2026-11-29T23:59:58Z").await;
    assert_eq!(bench.dues().await.len(), 1);
    bench.to("2026-11-29T23:59:59Z").await;
    assert_eq!(bench.dues().await[1..], ["near review ", "notice"], "a day before");
    bench.to("2026-11-30T23:59:59Z").await;
    assert_eq!(bench.dues().await[3..], ["missed review ", "notice"]);
    bench.ana_does(&id, closed()).await;
    assert!(!bench.incident(&id).is_late());
}

#[tokio::test]
async fn an_item_is_reminded_of_until_it_is_proved_even_after_the_review() {
    let bench = Bench::new().await;
    let id = bench.open(Severity::High).await;
    bench.ana_does(&id, ended()).await;
    let item = |due: &str| Item {
        text: text("slow logins down"),
        owner: text("dee"),
        due: due.parse().unwrap(),
        check: text("a test"),
        done: None,
    };
    for due in ["2026-11-20T18:00:00Z", "2026-12-01T12:00:00Z"] {
        bench.ana_does(&id, Entry::ItemAdded { item: item(due) }).await;
    }
    bench.ana_does(&id, closed()).await;
    bench.to("2026-11-20T17:00:00Z").await;
    assert_eq!(bench.dues().await, ["near item 1", "notice"], "a quarter before the end");
    bench.ana_does(&id, Entry::ItemDone { item: 1, proof: text("merged") }).await;
    bench.to("2026-11-30T11:59:59Z").await;
    assert_eq!(bench.dues().await.len(), 2, "what is done is not reminded of");
    bench.to("2026-11-30T12:00:00Z").await;
    bench.to("2026-12-01T12:00:00Z").await;
    bench.to("2026-12-05T12:00:00Z").await;
    assert_eq!(bench.dues().await[2..], ["near item 2", "notice", "missed item 2", "notice"]);
}

#[tokio::test]
async fn one_that_was_not_looked_at_in_time_is_missed_and_not_announced_as_near() {
    let bench = with_duties().await;
    let id: IncidentId = bench.open(Severity::Critical).await;
    bench.ana_does(&id, classified()).await;
    bench.pass(Span::secs(0)).await;
    bench.hand.advance(Span::mins(600));
    let restarted = bench.another().await;
    restarted.keep_deadlines(&mut restarted.sight()).await;
    bench.pass(Span::secs(1)).await;
    assert_eq!(bench.dues().await[1..], ["missed regulator dora-like/initial", "notice"]);
}
