//! What a source says is taken in whole, or counts as not said.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use super::bench::{Bench, gateway_down};
use crate::domain::escalation::{Step, Stopped};
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::freshness::{SourceState, Vitals};
use crate::domain::signal::{Answer, Signal, Standing};
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time};
use crate::engine::poller::Memory;
use crate::engine::{Adapters, Setup};
use crate::sources::{Polled, Schedule, Source};

/// A source that says one thing after the other, and counts how often it was asked in its mark.
struct Scripted {
    watchdog: Vec<String>,
    says: Mutex<VecDeque<Result<Polled, Fault>>>,
    asked: Mutex<u32>,
}

#[async_trait]
impl Source for Scripted {
    fn schedule(&self) -> Schedule<'_> {
        Schedule { name: "prom", every: Span::secs(15), watchdog: &self.watchdog }
    }
    async fn poll(&self, _now: Time) -> Result<Polled, Fault> {
        *self.asked.lock().unwrap() += 1;
        self.says.lock().unwrap().pop_front().unwrap()
    }
    fn mark(&self) -> Option<String> {
        Some(self.asked.lock().unwrap().to_string())
    }
}

fn scripted(says: impl IntoIterator<Item = Result<Polled, Fault>>) -> Arc<dyn Source> {
    watched(says, Vec::new())
}

/// The same, of which these always fire.
fn watched(says: impl IntoIterator<Item = Result<Polled, Fault>>, watchdog: Vec<String>) -> Arc<dyn Source> {
    Arc::new(Scripted { watchdog, says: Mutex::new(says.into_iter().collect()), asked: Mutex::default() })
}

/// An answer in which alerts of one name fire, under these fingerprints.
fn firing(fingerprints: &[&str]) -> Result<Polled, Fault> {
    let signal = |fingerprint: &&str| Arc::new(gateway_down("prom", fingerprint));
    Ok(Answer { signals: fingerprints.iter().map(signal).collect(), left_out: 0, complete: true }.into())
}

#[tokio::test]
async fn what_cannot_be_written_of_one_signal_holds_up_no_other_of_its_incident() {
    let bench = Bench::new().await;
    let source = scripted([firing(&["a"]), firing(&["a", "b", "b", "c"]), firing(&["c"])]);
    let mut memory = Memory::new(false);
    for _ in 0..3 {
        bench.engine.poll_once(&source, &mut memory, bench.now()).await;
        bench.hand.advance(Span::secs(15));
    }
    let all = bench.engine.0.mirror.all();
    assert_eq!(all.len(), 1);
    let cleared: Vec<_> =
        all[0].signals.iter().map(|(key, it)| (key.as_str(), it.cleared.is_some())).collect();
    assert_eq!(cleared, [("prom\0a", true), ("prom\0b", true), ("prom\0c", false)]);
}

#[tokio::test]
async fn while_its_watchdog_is_missing_nothing_clears_and_nothing_closes_itself() {
    let dog = || Signal { alertname: Outside::new("Watchdog"), ..gateway_down("prom", "w") };
    let with_dog = |fingerprints: &[&str]| {
        let mut polled = firing(fingerprints).unwrap();
        polled.answer.as_mut().unwrap().signals.push(Arc::new(dog()));
        Ok(polled)
    };
    let says =
        [with_dog(&["a"]), firing(&[]), with_dog(&[]), firing(&[]), Ok(Polled::default()), with_dog(&[])];
    let source = watched(says, vec!["Watchdog".to_owned()]);
    let adapters = Adapters { sources: vec![Arc::clone(&source)], ..Adapters::default() };
    let bench = Bench::with(Setup::default(), |_| adapters).await;
    let mut memory = Memory::new(false);
    let mut saw = Vec::new();
    for _ in 0..6 {
        bench.engine.poll_once(&source, &mut memory, bench.now()).await;
        bench.pass(Span::millis(1)).await;
        let all = bench.engine.0.mirror.all();
        let state = bench.engine.0.mirror.read().sources[0].state(bench.now());
        saw.push((
            all.iter().map(|it| it.firing()).sum::<usize>(),
            all.iter().any(|it| it.phase.is_open()),
            state,
        ));
        bench.hand.advance(bench.engine.0.setup.clear_after);
    }
    let (live, partial) = (SourceState::Live, SourceState::Partial);
    let expected = [
        (1, true, live),
        (1, true, partial),
        (0, true, live),
        // Long enough ago, and nobody can know.
        (0, true, partial),
        (0, true, partial),
        (0, false, live),
    ];
    assert_eq!(saw, expected);
}

#[tokio::test]
async fn what_takes_several_questions_is_as_old_as_the_last_of_them() {
    let bench = Bench::new().await;
    let long = firing(&["a"]).map(|polled| Polled { after: Span::secs(14), ..polled });
    let (source, asked) = (scripted([long]), bench.now());
    bench.engine.poll_once(&source, &mut Memory::new(false), asked).await;
    let as_of = bench.engine.0.mirror.read().sources[0].as_of;
    assert_eq!(as_of, Some(asked + Span::secs(14).delta()));
}

#[tokio::test]
async fn what_a_poll_that_failed_left_behind_is_no_memory_of_what_was_said() {
    let bench = Bench::new().await;
    let late = Err(Fault::new(FaultKind::NoAnswer, "no answer within 5 s"));
    let source = scripted([firing(&["a"]), Ok(Polled::default()), late]);
    let mut memory = Memory::new(false);
    let mut marks = Vec::new();
    for _ in 0..3 {
        bench.engine.poll_once(&source, &mut memory, bench.now()).await;
        marks.push(bench.engine.0.live.settled("prom").await.map(|settled| settled.mark));
        bench.hand.advance(Span::secs(15));
    }
    assert_eq!(marks, [None, Some("2".to_owned()), None]);
}

/// The same alert, standing so, since then by its own account.
fn standing(standing: &Standing, since: Time) -> Result<Polled, Fault> {
    let signal = Signal { standing: standing.clone(), since, ..gateway_down("prom", "a") };
    Ok(Answer { signals: vec![Arc::new(signal)], left_out: 0, complete: true }.into())
}

/// Whether the path of the only incident pages, once these were said, each eleven minutes after the one before; the last
/// one to another process.
async fn pages(says: &[(Standing, i64)]) -> bool {
    let mut setup = Setup::default();
    let path = setup.paths.first_mut().unwrap();
    path.when = Some("sev:high".parse().unwrap());
    path.steps = vec![Step { after: Span::mins(1), to: vec!["room".into()] }];
    let bench = Bench::with(setup.clone(), |_| Adapters::default()).await;
    let began = bench.now();
    let said = says.iter().map(|(how, minutes)| standing(how, began + chrono::TimeDelta::minutes(*minutes)));
    let source = scripted(said);
    let (mut memory, next) = (Memory::new(false), bench.another_with(setup, Adapters::default()).await);
    for _ in 1..says.len() {
        bench.engine.poll_once(&source, &mut memory, bench.now()).await;
        bench.hand.advance(Span::mins(11));
    }
    next.poll_once(&source, &mut Memory::new(false), bench.now()).await;
    next.keep_deadlines(&mut next.sight()).await;
    let all = next.0.mirror.all();
    let [incident] = all.as_slice() else { panic!("{all:?}") };
    match &incident.escalation_on("incident").unwrap().stopped {
        None => true,
        Some(Stopped::BurningBefore) => false,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_was_watched_before_it_fired_pages_however_long_ago_it_began() {
    let inhibited = Standing::Inhibited { by: vec![Outside::new("b")] };
    for quiet in [Standing::Pending, Standing::Silenced, inhibited] {
        let fires = || (Standing::Firing, 0);
        assert!(pages(&[(quiet.clone(), 0), fires()]).await, "{quiet:?}");
        assert!(
            pages(&[(quiet.clone(), -60), (quiet.clone(), -60), (Standing::Firing, -60)]).await,
            "{quiet:?}"
        );
    }
    assert!(!pages(&[(Standing::Firing, -11)]).await, "it fired before anybody looked");
    assert!(pages(&[(Standing::Firing, -10)]).await);
    // What was silenced is over; what burns now began while nobody looked.
    assert!(!pages(&[(Standing::Silenced, -60), (Standing::Firing, 0)]).await);
    // A rule that waits says when it fires, which is after what was pending began.
    assert!(pages(&[(Standing::Pending, 0), (Standing::Firing, 10)]).await);
}

/// The same, from whoever started then.
fn told_by(fingerprints: &[&str], started: Time) -> Result<Polled, Fault> {
    let vitals = Vitals { told_by: vec![started], ..Vitals::default() };
    firing(fingerprints).map(|polled| Polled { vitals, ..polled })
}

#[tokio::test]
async fn what_whoever_started_anew_does_not_list_burns_until_it_was_told_again() {
    let bench = Bench::new().await;
    let began = bench.now();
    let (long_ago, lately) = (began - Span::mins(60).delta(), began + Span::secs(20).delta());
    let later = began + Span::mins(10).delta();
    let source = scripted([
        told_by(&["a", "b"], long_ago),
        told_by(&[], lately),
        firing(&[]),
        told_by(&["a"], lately),
        told_by(&["a"], lately),
        told_by(&["a", "b"], lately),
        told_by(&["a"], lately),
        told_by(&[], later),
        told_by(&[], later),
    ]);
    let (mut engine, mut memory) = (bench.engine.clone(), Memory::new(false));
    let mut saw = Vec::new();
    for at in [0, 21, 30, 36, 51, 66, 81, 899, 900] {
        let at = began + Span::secs(at).delta();
        bench.hand.advance(Span::millis(u64::try_from((at - bench.now()).num_milliseconds()).unwrap()));
        if saw.len() == 4 {
            // Another process goes on.
            (engine, memory) = (bench.another().await, Memory::new(false));
            engine.refresh_live().await;
        }
        engine.poll_once(&source, &mut memory, at).await;
        let status = engine.0.mirror.read().sources[0].clone();
        let why = status.vitals.remarks.first().map(|remark| remark.text.raw().to_owned());
        saw.push((engine.0.mirror.all()[0].firing(), status.state(at), why.unwrap_or_default()));
    }
    let said = |misses: u32, at: &str| {
        format!("{misses} that it does not list may burn: it started at {at}, and is told again what does")
    };
    let (live, partial) = (SourceState::Live, SourceState::Partial);
    let expected = [
        (2, live, String::new()),
        (2, partial, said(2, "14:00:20Z")),
        (2, partial, "2 that it does not list may burn: it does not say when it started".to_owned()),
        (2, partial, said(1, "14:00:20Z")),
        (2, partial, said(1, "14:00:20Z")),
        (2, live, String::new()),
        // It was told of this one, and says that it is over.
        (1, live, String::new()),
        (1, partial, said(1, "14:10:00Z")),
        (0, live, String::new()),
    ];
    assert_eq!(saw, expected);
}

#[tokio::test]
async fn who_stopped_saying_when_it_started_is_believed_after_five_minutes_without_a_gap_whatever_its_clock()
{
    for ahead_ms in [-61_000, 0, 301_000] {
        let bench = Bench::new().await;
        let (began, skew_ms) = (bench.now(), Some(ahead_ms));
        let long_ago = began - Span::mins(60).delta();
        let silent = || {
            let vitals = Vitals { skew_ms, ..Vitals::default() };
            firing(&[]).map(|polled| Polled { vitals, ..polled })
        };
        let said = told_by(&["a"], long_ago).map(|polled| {
            let vitals = Vitals { skew_ms, ..polled.vitals };
            Polled { vitals, ..polled }
        });
        let down = Err(Fault::new(FaultKind::NoAnswer, "connection refused"));
        let source = scripted([said, silent(), silent(), down, silent(), silent(), silent()]);
        let mut memory = Memory::new(false);
        let mut saw = Vec::new();
        for at in [0, 15, 300, 312, 330, 629, 630] {
            let at = began + Span::secs(at).delta();
            bench.hand.advance(Span::millis(u64::try_from((at - bench.now()).num_milliseconds()).unwrap()));
            bench.engine.poll_once(&source, &mut memory, at).await;
            saw.push(bench.engine.0.mirror.all()[0].firing());
        }
        assert_eq!(saw, [1, 1, 1, 1, 1, 1, 0], "{ahead_ms}");
    }
}

#[tokio::test]
async fn who_stopped_saying_when_it_started_and_fails_now_and_then_is_believed_after_half_an_hour() {
    let bench = Bench::new().await;
    let began = bench.now();
    let long_ago = began - Span::mins(60).delta();
    let down = || Err(Fault::new(FaultKind::NoAnswer, "connection refused"));
    // Each four minutes one fails.
    let polls = (1..=16).flat_map(|_| [firing(&[]), down()]);
    let source = scripted([told_by(&["a"], long_ago)].into_iter().chain(polls));
    let mut memory = Memory::new(false);
    let mut fires = Vec::new();
    for minute in (0..=35).step_by(2) {
        let at = began + Span::mins(minute).delta();
        bench.hand.advance(Span::millis(u64::try_from((at - bench.now()).num_milliseconds()).unwrap()));
        bench.engine.poll_once(&source, &mut memory, at).await;
        fires.push(bench.engine.0.mirror.all()[0].firing());
    }
    let last = fires.iter().rposition(|fires| *fires == 1).unwrap();
    assert_eq!(last * 2, 32, "it was seen first after two minutes: {fires:?}");
}
