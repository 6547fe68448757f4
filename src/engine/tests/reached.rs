//! A step is tried until it is too late, and nobody reached is news.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use super::bench::Bench;
use crate::backend::{Backend, Confirmation};
use crate::channels::{Accepted, Channel};
use crate::domain::action::Verb;
use crate::domain::escalation::{Receipt, Step, StepState};
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::notice::NoticeKind;
use crate::domain::operator::Operator;
use crate::domain::plan::{Purpose, Telling};
use crate::domain::record::{Entry, PathArmed, StepStarted};
use crate::domain::severity::Severity;
use crate::domain::time::Span;
use crate::engine::{Adapters, Setup};
use crate::os::clock::Hand;

/// A channel that fails like this, attempt by attempt, and then takes everything. An attempt and the pause after it
/// take five seconds.
struct Flaky {
    faults: Mutex<VecDeque<FaultKind>>,
    keys: Mutex<Vec<String>>,
    hand: Hand,
}

#[async_trait]
impl Channel for Flaky {
    fn name(&self) -> &str {
        "room"
    }
    async fn tell(&self, telling: &Telling) -> Result<Accepted, Fault> {
        self.hand.advance(Span::secs(5));
        self.keys.lock().unwrap().push(telling.key.clone());
        match self.faults.lock().unwrap().pop_front() {
            Some(kind) => Err(Fault::new(kind, "connection refused")),
            None => Ok(Accepted::status(200)),
        }
    }
}

fn at_once() -> Vec<Step> {
    vec![Step { after: Span::mins(0), to: vec!["room".into()] }]
}

/// An engine that pages by that channel, on its first path.
async fn bench(faults: impl IntoIterator<Item = FaultKind>) -> (Bench, Arc<Flaky>) {
    let mut setup = Setup::default();
    let path = &mut setup.paths[0];
    path.when = Some("sev:critical".parse().unwrap());
    path.steps = at_once();
    let faults = Mutex::new(faults.into_iter().collect());
    let mut room = None;
    let bench = Bench::with(setup, |hand| {
        let channel = Arc::new(Flaky { faults, keys: Mutex::default(), hand: hand.clone() });
        room = Some(Arc::clone(&channel));
        let channel: Arc<dyn Channel> = channel;
        Adapters { channels: BTreeMap::from([("room".to_owned(), channel)]), ..Adapters::default() }
    })
    .await;
    (bench, room.unwrap())
}

fn receipts(incident: &Incident) -> Option<Vec<Receipt>> {
    match &incident.escalation()?.steps[0].state {
        StepState::Sent(receipts) => Some(receipts.clone()),
        _ => None,
    }
}

/// Pages by that channel. Gives back the keys it was told with, the receipts, and what was raised.
async fn page(faults: impl IntoIterator<Item = FaultKind>) -> (Vec<String>, Vec<Receipt>, Vec<String>) {
    let (bench, room) = bench(faults).await;
    let id = bench.open(Severity::Critical).await;
    let mut sight = bench.engine.sight();
    // The first second arms the path, the second one sends.
    for _second in 0..2 {
        bench.engine.keep_deadlines(&mut sight).await;
    }
    let told = bench.until(&id, |incident| receipts(incident).is_some()).await;
    let raised = bench.records().await.into_iter().filter_map(|record| match record.entry {
        Entry::NoticeRaised(notice) if notice.kind == NoticeKind::Escalation => {
            Some(notice.text.raw().to_owned())
        }
        _ => None,
    });
    let keys = room.keys.lock().unwrap().clone();
    (keys, receipts(&told).unwrap(), raised.collect())
}

#[tokio::test(start_paused = true)]
async fn a_channel_that_fails_is_asked_until_its_time_is_over_with_one_key_and_then_nobody_was_reached() {
    let (keys, receipts, raised) = page([FaultKind::NoAnswer; 20]).await;
    assert_eq!(keys.len(), 11, "every five seconds until its time is over");
    assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    assert!(matches!(&receipts[..], [receipt] if !receipt.accepted), "{receipts:?}");
    assert!(matches!(&raised[..], [text] if text.contains("nobody was reached")), "{raised:?}");
}

#[tokio::test(start_paused = true)]
async fn one_that_takes_it_in_the_end_is_not_asked_again_and_is_no_news() {
    for faults in [&[][..], &[FaultKind::Unreachable, FaultKind::Throttled, FaultKind::Broken]] {
        let (keys, receipts, raised) = page(faults.iter().copied()).await;
        assert_eq!(keys.len(), faults.len() + 1);
        assert!(receipts[0].accepted, "{receipts:?}");
        assert!(raised.is_empty(), "{raised:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_refuses_is_not_asked_again_and_nobody_was_reached() {
    let (keys, receipts, raised) = page([FaultKind::Refused]).await;
    assert_eq!((keys.len(), receipts[0].accepted, raised.len()), (1, false, 1));
}

/// An incident whose page was taken, and what it is held by from then on: every attempt after it fails like these.
async fn held(faults: impl IntoIterator<Item = FaultKind>) -> (Bench, Arc<Flaky>, IncidentId) {
    let (bench, room) = bench([]).await;
    let id = bench.open(Severity::Critical).await;
    for _second in 0..2 {
        bench.pass(Span::secs(1)).await;
    }
    bench.until(&id, |incident| receipts(incident).is_some()).await;
    room.faults.lock().unwrap().extend(faults);
    room.keys.lock().unwrap().clear();
    bench.ana_does(&id, Entry::Acknowledged { lasts_s: 36_000, from: None }).await;
    (bench, room, id)
}

/// Looks once a minute for so long.
async fn minutes(bench: &Bench, minutes: usize) {
    for _minute in 0..minutes {
        bench.pass(Span::secs(60)).await;
        while bench.engine.0.in_flight.load(Ordering::SeqCst) > 0 {
            tokio::task::yield_now().await;
        }
    }
}

fn told(incident: &Incident) -> Option<&Purpose> {
    incident.escalation()?.told.as_ref()
}

async fn not_told(bench: &Bench) -> Vec<String> {
    bench.notices().await.into_iter().filter(|text| text.contains("NOT told")).collect()
}

#[tokio::test(start_paused = true)]
async fn what_no_channel_took_afterwards_is_told_again_with_one_key_until_it_is_taken() {
    let (bench, room, id) = held([FaultKind::Refused; 3]).await;
    minutes(&bench, 1).await;
    assert_eq!((told(&bench.incident(&id)), room.keys.lock().unwrap().len()), (Some(&Purpose::Page), 1));
    bench.pass(Span::secs(50)).await;
    assert_eq!(room.keys.lock().unwrap().len(), 1, "after a pause");
    minutes(&bench, 5).await;
    assert_eq!(
        not_told(&bench).await,
        [format!("{id}: room was NOT told: ana holds it; quell goes on trying")]
    );
    minutes(&bench, 15).await;
    assert_eq!(told(&bench.incident(&id)), Some(&Purpose::Acknowledged("ana".into())));
    let keys = room.keys.lock().unwrap().clone();
    assert!(keys.len() == 4 && keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    assert_eq!(not_told(&bench).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn what_nobody_takes_for_most_of_an_hour_is_given_up_and_said_while_somebody_holds_it() {
    let (bench, room, id) = held([FaultKind::Refused; 100]).await;
    minutes(&bench, 90).await;
    assert_eq!(room.keys.lock().unwrap().len(), 8);
    let said = not_told(&bench).await;
    assert_eq!(said.len(), 2, "{said:?}");
    assert_eq!(said[1], format!("{id}: room was NOT told: ana holds it; tell them yourself"));
}

#[tokio::test(start_paused = true)]
async fn a_path_that_is_armed_while_a_person_sends_its_step_is_not_armed_twice() {
    let (bench, room) = bench([]).await;
    let (id, ana) = (bench.open(Severity::Critical).await, Operator::new("ana", "bastion"));
    let path = Setup::default().paths[0].id.clone();
    let plan = bench.engine.plan(&ana, &id, Verb::escalate(&path), BTreeMap::new()).await.unwrap();
    bench.elsewhere(&id, Entry::PathArmed(PathArmed { path, steps: at_once() })).await;
    bench.engine.submit(&ana, &plan.hash, Confirmation::default()).await.unwrap();
    let told = bench.until(&id, |incident| receipts(incident).is_some()).await;
    assert!(receipts(&told).unwrap()[0].accepted);
    assert_eq!((told.escalations.len(), room.keys.lock().unwrap().len()), (1, 1));
}

#[tokio::test]
async fn a_step_is_sent_again_as_soon_as_whoever_sent_it_lets_it_go_and_not_while_it_is_being_sent() {
    let (bench, _) = bench([]).await;
    let (id, path) = (bench.open(Severity::Critical).await, Setup::default().paths[0].id.clone());
    let engine = &bench.engine;
    let held = engine.lock_step(&id, &path, 1).unwrap();
    let mut wait = Box::pin(engine.lock_idle_step(&id, &path, 1));
    tokio::select! {
        biased;
        _ = &mut wait => panic!("somebody is at it"),
        () = std::future::ready(()) => drop(held),
    }
    let again = wait.await.unwrap();

    bench.ana_does(&id, Entry::PathArmed(PathArmed { path: path.clone(), steps: at_once() })).await;
    let started = StepStarted { path: path.clone(), step: 1, resumes: false, missing: Vec::new() };
    bench.ana_does(&id, Entry::StepStarted(started)).await;
    let refusal = engine.lock_idle_step(&id, &path, 1).await.err().unwrap();
    assert_eq!(refusal.message.raw(), "this step is being sent at this moment");
    drop(again);
}
