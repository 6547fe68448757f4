//! What was put off wakes by itself, second by second on a clock turned by hand.

use super::bench::Bench;
use crate::backend::{Backend, RefusalKind};
use crate::domain::id::IncidentId;
use crate::domain::notice::{Notice, NoticeKind};
use crate::domain::operator::{Actor, Operator};
use crate::domain::record::{Entry, SnoozeEnded, Snoozed};
use crate::domain::severity::Severity;
use crate::domain::snooze::Worse;
use crate::domain::text::Outside;
use crate::domain::time::Span;
use crate::ledger::Draft;

fn ana() -> Operator {
    Operator::new("ana", "bastion")
}

/// Ana puts it off for so many minutes.
async fn put_off(bench: &Bench, id: &IncidentId, mins: u64) -> Result<(), RefusalKind> {
    let until = bench.now() + Span::mins(mins).delta();
    let entry = Entry::Snoozed(Snoozed { until, because: Some(Outside::new("it rolls back")) });
    let seen = bench.incident(id).version;
    bench.engine.record(&ana(), id, seen, entry).await.map(drop).map_err(|refusal| refusal.kind)
}

/// The notices and the ends of snoozes since, in order.
async fn since(bench: &Bench, seq: u64) -> Vec<String> {
    let said = |entry| match entry {
        Entry::NoticeRaised(notice) => Some(format!("{}: {}", notice.kind.word(), notice.text.raw())),
        Entry::SnoozeEnded(SnoozeEnded { because: Some(worse) }) => Some(format!("ended, {}", worse.words())),
        Entry::SnoozeEnded(_) => Some("ended".to_owned()),
        _ => None,
    };
    let records = bench.records().await.into_iter().filter(|record| record.seq > seq);
    records.filter_map(|record| said(record.entry)).collect()
}

#[tokio::test]
async fn it_wakes_when_its_time_is_over_and_says_so_once() {
    let bench = Bench::new().await;
    let id = bench.open(Severity::High).await;
    bench.pass(Span::secs(1)).await;
    put_off(&bench, &id, 30).await.unwrap();
    let begun = bench.records().await.len() as u64;
    bench.pass(Span::mins(29)).await;
    assert_eq!(since(&bench, begun).await, [""; 0]);
    assert!(bench.incident(&id).is_snoozed(bench.now()));
    bench.pass(Span::mins(1)).await;
    bench.pass(Span::secs(1)).await;
    assert_eq!(since(&bench, begun).await, ["ended", "AWAKE: its snooze is over: gateway"]);
    assert!(!bench.incident(&id).is_put_off());
    assert!(bench.incident(&id).noticed.contains(&NoticeKind::Awake));
}

#[tokio::test]
async fn it_wakes_at_once_when_it_gets_worse_and_is_told_of_that_once() {
    let bench = Bench::new().await;
    let (high, held) = (bench.open(Severity::High).await, bench.open(Severity::High).await);
    bench.ana_does(&held, Entry::Acknowledged { lasts_s: 60, from: None }).await;
    bench.pass(Span::secs(1)).await;
    put_off(&bench, &high, 30).await.unwrap();
    put_off(&bench, &held, 30).await.unwrap();
    let begun = bench.records().await.len() as u64;
    let because = Some(Outside::new("every order is refused"));
    bench.ana_does(&high, Entry::SeveritySet { severity: Severity::Critical, because }).await;
    assert!(!bench.incident(&high).is_snoozed(bench.now()), "before anybody has looked");
    bench.pass(Span::secs(1)).await;
    assert_eq!(since(&bench, begun).await, ["UPGRADED: gateway", "ended, it is critical now"]);
    let begun = bench.records().await.len() as u64;
    bench.pass(Span::mins(2)).await;
    bench.pass(Span::secs(1)).await;
    let said = since(&bench, begun).await;
    assert!(said[0].starts_with("ACK EXPIRED"), "{said:?}");
    assert_eq!(said[1..], ["ended, nobody holds it any more"], "one notice is enough");
}

#[tokio::test]
async fn nobody_puts_it_off_for_longer_than_is_configured() {
    let bench = Bench::new().await;
    let (critical, high) = (bench.open(Severity::Critical).await, bench.open(Severity::High).await);
    assert_eq!(put_off(&bench, &critical, 61).await, Err(RefusalKind::Refused));
    assert_eq!(put_off(&bench, &critical, 60).await, Ok(()));
    assert_eq!(put_off(&bench, &high, 481).await, Err(RefusalKind::Refused));
    assert_eq!(put_off(&bench, &high, 480).await, Ok(()));
    let catalogue = bench.engine.catalogue(&ana()).await.unwrap();
    assert_eq!(catalogue.snooze.critical, Span::mins(60));
}

#[tokio::test]
async fn a_path_pages_on_while_it_is_put_off() {
    let bench = Bench::new().await;
    let id = bench.open(Severity::High).await;
    put_off(&bench, &id, 30).await.unwrap();
    let before = bench.incident(&id).escalations.clone();
    bench.pass(Span::mins(20)).await;
    assert_eq!(bench.incident(&id).escalations, before, "nothing of them was stopped");
    assert!(bench.incident(&id).snooze.as_ref().is_some_and(|snooze| snooze.worse.is_none()));
    let worse = Some(Worse::NewSignal);
    let entry = Entry::SnoozeEnded(SnoozeEnded { because: worse });
    let seen = bench.incident(&id).version;
    assert!(bench.engine.record(&ana(), &id, seen, entry).await.is_err(), "people wake it, not reasons");
}

#[tokio::test]
async fn who_put_it_off_is_told_that_it_woke_although_somebody_holds_it() {
    let bench = Bench::new().await;
    let (held, free) = (bench.open(Severity::High).await, bench.open(Severity::High).await);
    bench.ana_does(&held, Entry::Acknowledged { lasts_s: 7200, from: None }).await;
    bench.pass(Span::secs(1)).await;
    put_off(&bench, &held, 30).await.unwrap();
    put_off(&bench, &free, 30).await.unwrap();
    bench.pass(Span::mins(30)).await;
    let to = |entry| match entry {
        Entry::NoticeRaised(Notice { kind: NoticeKind::Awake, incident, to, .. }) => Some((incident?, to)),
        _ => None,
    };
    let told: Vec<_> = bench.records().await.into_iter().filter_map(|record| to(record.entry)).collect();
    assert_eq!(told, [(held, Some("ana".to_owned())), (free, None)]);
}

#[tokio::test]
async fn what_is_let_go_at_its_source_wakes_and_says_so() {
    let bench = Bench::new().await;
    let id = bench.fire().await;
    let key =
        crate::domain::signal::SignalKey { source: "prod-am".into(), fingerprint: Outside::new("5f3c") };
    let turned = |held_by: Option<&str>| Entry::UpstreamTurned {
        key: key.clone(),
        held_by: held_by.map(Outside::new),
        exhausted: false,
        pages_again: false,
        unnamed_state: None,
    };
    let by_engine = |entry| Draft::of(&id, Actor::Engine, bench.now(), entry);
    bench.engine.append(vec![by_engine(turned(Some("bo")))]).await.unwrap();
    bench.pass(Span::secs(1)).await;
    put_off(&bench, &id, 30).await.unwrap();
    let begun = bench.records().await.len() as u64;
    bench.engine.append(vec![by_engine(turned(None))]).await.unwrap();
    bench.pass(Span::secs(1)).await;
    let said = since(&bench, begun).await;
    let title = "it was let go at its source: ";
    assert_eq!(said[0], "ended, it was let go at its source", "{said:?}");
    assert!(said[1].starts_with(&format!("AWAKE: {title}")), "{said:?}");
}

#[tokio::test]
async fn what_got_worse_since_it_was_shown_is_not_put_off_until_it_was_shown_again() {
    let bench = Bench::new().await;
    let id = bench.open(Severity::Normal).await;
    let seen = bench.incident(&id).version;
    let until = bench.now() + Span::mins(30).delta();
    let entry = Entry::Snoozed(Snoozed { until, because: None });
    let again = async |seen| bench.engine.record(&ana(), &id, seen, entry.clone()).await;
    bench.ana_does(&id, Entry::Noted { text: Outside::new("it spreads") }).await;
    let because = Some(Outside::new("it spreads"));
    bench.ana_does(&id, Entry::SeveritySet { severity: Severity::High, because }).await;
    let refused = again(seen).await.unwrap_err();
    assert_eq!(refused.kind, RefusalKind::Changed);
    assert_eq!(refused.message.raw(), format!("{id} is not snoozed: it is high now, since you were asked"));
    assert!(refused.current.is_some_and(|current| current.severity == Severity::High));
    let seen = bench.incident(&id).version;
    bench.ana_does(&id, Entry::Noted { text: Outside::new("it still spreads") }).await;
    assert!(again(seen).await.is_ok(), "a note makes nothing worse");
    assert!(bench.incident(&id).is_snoozed(bench.now()));
}
