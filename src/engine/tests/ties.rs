//! Merges and links in the ledger: on all of the incidents or on none, whoever else writes.

use super::bench::Bench;
use crate::backend::{Backend, RefusalKind};
use crate::domain::escalation::{Step, Stopped};
use crate::domain::id::IncidentId;
use crate::domain::operator::{Actor, Operator};
use crate::domain::phase::Phase;
use crate::domain::record::{Entry, PathArmed};
use crate::domain::severity::Severity;
use crate::domain::signal::SignalKey;
use crate::domain::text::Outside;
use crate::domain::tie::{Seen, Tie};
use crate::domain::time::Span;
use crate::engine::Engine;
use crate::ledger::Draft;

fn operator(name: &str) -> Operator {
    Operator::new(name, "bastion")
}

async fn seen(engine: &Engine, id: &IncidentId) -> Seen {
    Seen::of(&engine.ledger().incident(id).await.unwrap().unwrap())
}

fn note() -> Entry {
    Entry::Noted { text: Outside::new("looking") }
}

#[tokio::test]
async fn of_two_consoles_that_merge_the_same_one_is_refused_and_told_who_was_first() {
    let bench = Bench::new().await;
    let (one, here, there) =
        (bench.fire().await, bench.open(Severity::High).await, bench.open(Severity::High).await);
    let bo = bench.another().await;
    let shown = (seen(&bo, &one).await, seen(&bo, &there).await);
    let to = seen(&bench.engine, &here).await;
    let after =
        bench.engine.tie(&operator("ana"), Tie::Merge, std::slice::from_ref(&shown.0), &to).await.unwrap();
    assert_eq!((after[0].phase, after[1].firing()), (Phase::Closed, 1));
    let before = bo.ledger().last_seq().await.unwrap();
    let refused = bo.tie(&operator("bo"), Tie::Merge, &[shown.0], &shown.1).await.unwrap_err();
    assert_eq!(refused.message.raw(), "ANA-1: ana merged it into ANA-2 at 14:00Z");
    assert_eq!(refused.current.unwrap().id, one, "and shown what it is now");
    assert_eq!(bo.ledger().last_seq().await.unwrap(), before, "nothing of it was written down");
}

#[tokio::test]
async fn what_changed_since_it_was_shown_is_not_merged_and_a_note_is_no_change() {
    let bench = Bench::new().await;
    let (one, other) = (bench.fire().await, bench.open(Severity::High).await);
    let (of, to) = (seen(&bench.engine, &one).await, seen(&bench.engine, &other).await);
    bench.elsewhere(&other, note()).await;
    bench.elsewhere(&other, Entry::Acknowledged { lasts_s: 600, from: None }).await;
    let refused =
        bench.engine.tie(&operator("bo"), Tie::Merge, std::slice::from_ref(&of), &to).await.unwrap_err();
    assert_eq!(refused.kind, RefusalKind::Changed);
    assert_eq!(refused.message.raw(), "ANA-2 changed since you looked: who holds it");
    let to = seen(&bench.engine, &other).await;
    bench.elsewhere(&other, note()).await;
    bench.engine.tie(&operator("bo"), Tie::Merge, &[of], &to).await.unwrap();
}

#[tokio::test]
async fn several_are_merged_together_or_not_at_all() {
    let bench = Bench::new().await;
    let (one, other, into) =
        (bench.fire().await, bench.open(Severity::High).await, bench.open(Severity::High).await);
    let closed = bench.open(Severity::High).await;
    let reason = crate::domain::record::CloseReason::FalseAlarm;
    bench.ana_does(&closed, Entry::Closed { reason, note: None }).await;
    let mut of = vec![seen(&bench.engine, &one).await, seen(&bench.engine, &other).await];
    let to = seen(&bench.engine, &into).await;
    of.push(seen(&bench.engine, &closed).await);
    let refused = bench.engine.tie(&operator("ana"), Tie::Merge, &of, &to).await.unwrap_err();
    assert_eq!(refused.message.raw(), "ANA-4: it is in Closed; only what is open is merged");
    assert_eq!((bench.incident(&one).phase, bench.incident(&into).taken_in.len()), (Phase::Identify, 0));
    of.pop();
    bench.engine.tie(&operator("ana"), Tie::Merge, &of, &to).await.unwrap();
    assert_eq!((bench.incident(&into).taken_in.len(), bench.incident(&into).firing()), (2, 1));
    for same in [vec![of[0].clone(), of[0].clone()], Vec::new()] {
        let refused = bench.engine.tie(&operator("ana"), Tie::Merge, &same, &to).await.unwrap_err();
        assert_eq!(refused.kind, RefusalKind::Usage);
    }
    let link = Tie::Link { signals: Vec::new() };
    let itself = bench.engine.tie(&operator("ana"), link, std::slice::from_ref(&to), &to).await;
    assert_eq!(itself.unwrap_err().message.raw(), "ANA-3: it is one incident; name another one");
}

#[tokio::test]
async fn what_the_source_says_of_a_signal_while_it_moves_is_not_lost() {
    let bench = Bench::new().await;
    let (one, into) = (bench.fire().await, bench.open(Severity::High).await);
    // The signal went away, and this engine has not read that yet.
    let key = SignalKey { source: "prod-am".into(), fingerprint: Outside::new("5f3c") };
    let gone = Entry::SignalCleared { key, because: "absent".into() };
    let (of, to) = (seen(&bench.engine, &one).await, seen(&bench.engine, &into).await);
    let draft = Draft::of(&one, Actor::Engine, bench.now(), gone);
    bench.engine.ledger().append(vec![draft]).await.unwrap();
    bench.engine.tie(&operator("ana"), Tie::Merge, &[of], &to).await.unwrap();
    assert!(bench.incident(&into).cleared_at.is_some(), "it moved as it was");
}

#[tokio::test]
async fn a_merge_is_taken_back_after_a_day_and_survives_a_restart() {
    let bench = Bench::new().await;
    let (one, into) = (bench.fire().await, bench.open(Severity::High).await);
    let (of, to) = (seen(&bench.engine, &one).await, seen(&bench.engine, &into).await);
    bench.engine.tie(&operator("ana"), Tie::Merge, &[of], &to).await.unwrap();
    bench.hand.advance(Span::mins(25 * 60));
    let later = bench.another().await;
    assert!(later.find(&one).is_none(), "it is let go of memory");
    assert_eq!(later.find(&into).unwrap().firing(), 1);
    let (of, to) = (seen(&later, &one).await, seen(&later, &into).await);
    later.tie(&operator("bo"), Tie::Unmerge, &[of], &to).await.unwrap();
    assert_eq!((later.find(&one).unwrap().firing(), later.find(&into).unwrap().firing()), (1, 0));
}

#[tokio::test]
async fn what_pages_goes_on_to_page_where_it_was_merged_into() {
    let bench = Bench::new().await;
    let (one, other, into) =
        (bench.fire().await, bench.fire_with("pod", "gw-2").await, bench.open(Severity::High).await);
    let steps = vec![Step { after: Span::mins(5), to: vec!["room".into()] }];
    for id in [&one, &other] {
        let path = PathArmed { path: "incident".into(), steps: steps.clone() };
        bench.ana_does(id, Entry::PathArmed(path)).await;
    }
    let of = [seen(&bench.engine, &one).await, seen(&bench.engine, &other).await];
    let to = seen(&bench.engine, &into).await;
    bench.engine.tie(&operator("ana"), Tie::Merge, &of, &to).await.unwrap();
    let into = bench.incident(&into);
    assert_eq!(into.escalations.len(), 1);
    assert_eq!((into.escalations[0].path.as_str(), into.escalations[0].stopped.clone()), ("incident", None));
    assert_eq!(bench.incident(&one).escalations[0].stopped, Some(Stopped::Merged(into.id.clone())));
}

#[tokio::test]
async fn several_that_share_a_signal_are_taken_out_together_in_whatever_order_they_are_named() {
    for order in [[0, 1], [1, 0]] {
        let bench = Bench::new().await;
        let ids = [bench.fire().await, bench.fire().await];
        let into = bench.open(Severity::High).await;
        for id in &ids {
            let (of, to) = (seen(&bench.engine, id).await, seen(&bench.engine, &into).await);
            bench.engine.tie(&operator("ana"), Tie::Merge, &[of], &to).await.unwrap();
        }
        let mut of = Vec::new();
        for place in order {
            of.push(seen(&bench.engine, &ids[place]).await);
        }
        let to = seen(&bench.engine, &into).await;
        let first = [seen(&bench.engine, &ids[0]).await];
        let alone = bench.engine.tie(&operator("ana"), Tie::Unmerge, &first, &to).await.unwrap_err();
        assert!(alone.message.raw().contains("came later"), "{alone:?}");
        bench.engine.tie(&operator("ana"), Tie::Unmerge, &of, &to).await.unwrap();
        let firing = [&ids[0], &ids[1], &into].map(|id| bench.incident(id).firing());
        assert_eq!(firing, [1, 1, 0]);
    }
}

#[tokio::test]
async fn a_path_stays_for_whichever_is_left_that_it_pages_for() {
    for own in [false, true] {
        let bench = Bench::new().await;
        let (one, other, into) =
            (bench.fire().await, bench.fire_with("pod", "gw-2").await, bench.open(Severity::High).await);
        let steps = vec![Step { after: Span::mins(5), to: vec!["room".into()] }];
        for id in [&one, &other].into_iter().chain(own.then_some(&into)) {
            let path = PathArmed { path: "incident".into(), steps: steps.clone() };
            bench.ana_does(id, Entry::PathArmed(path)).await;
        }
        for (tie, id) in [(Tie::Merge, &one), (Tie::Merge, &other), (Tie::Unmerge, &other)] {
            let (of, to) = (seen(&bench.engine, id).await, seen(&bench.engine, &into).await);
            bench.engine.tie(&operator("ana"), tie, &[of], &to).await.unwrap();
        }
        assert_eq!(bench.incident(&into).escalations[0].stopped, None);
        let (of, to) = (seen(&bench.engine, &one).await, seen(&bench.engine, &into).await);
        bench.engine.tie(&operator("ana"), Tie::Unmerge, &[of], &to).await.unwrap();
        let stopped = bench.incident(&into).escalations[0].stopped.clone();
        assert_eq!(stopped, (!own).then_some(Stopped::LetGo(one)));
    }
}

/// A path armed on an incident, of which the first step is due in five minutes.
async fn armed(bench: &Bench, id: &IncidentId) {
    let steps = vec![Step { after: Span::mins(5), to: vec!["room".into()] }];
    bench.ana_does(id, Entry::PathArmed(PathArmed { path: "incident".into(), steps })).await;
}

async fn ties(bench: &Bench, tie: Tie, one: &IncidentId, other: &IncidentId) {
    let (of, to) = (seen(&bench.engine, one).await, seen(&bench.engine, other).await);
    bench.engine.tie(&operator("ana"), tie, &[of], &to).await.unwrap();
}

#[tokio::test]
async fn a_path_that_came_from_a_third_goes_back_with_whichever_it_paged_for() {
    for (own, held) in [(false, false), (true, false), (false, true)] {
        let bench = Bench::new().await;
        let (third, one, other) =
            (bench.fire().await, bench.open(Severity::High).await, bench.open(Severity::High).await);
        armed(&bench, &third).await;
        if own {
            armed(&bench, &other).await;
        }
        if held {
            bench.ana_does(&one, Entry::Acknowledged { lasts_s: 600, from: None }).await;
        }
        ties(&bench, Tie::Merge, &third, &one).await;
        ties(&bench, Tie::Merge, &one, &other).await;
        ties(&bench, Tie::Unmerge, &one, &other).await;
        let stopped = |id: &IncidentId| bench.incident(id).escalations.last().map(|it| it.stopped.clone());
        let back = held.then(|| Stopped::Acknowledged("ana".into()));
        assert_eq!(stopped(&one), Some(back), "own {own}, held {held}");
        let there = (!own).then(|| Stopped::LetGo(one.clone()));
        assert_eq!(stopped(&other), (!held).then_some(there), "own {own}, held {held}");
        ties(&bench, Tie::Unmerge, &third, &one).await;
        assert_eq!(stopped(&third), Some(None), "and on to where it began");
        assert_eq!(stopped(&one), Some(Some(Stopped::LetGo(third))));
    }
}

#[tokio::test]
async fn what_is_quiet_by_the_time_it_comes_out_pages_nobody() {
    let bench = Bench::new().await;
    let (one, other) = (bench.fire().await, bench.open(Severity::High).await);
    armed(&bench, &one).await;
    ties(&bench, Tie::Merge, &one, &other).await;
    let key = SignalKey { source: "prod-am".into(), fingerprint: Outside::new("5f3c") };
    bench.ana_does(&other, Entry::SignalCleared { key, because: "absent".into() }).await;
    ties(&bench, Tie::Unmerge, &one, &other).await;
    assert!(bench.incident(&one).escalation().unwrap().next().is_none());
}
