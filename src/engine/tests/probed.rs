//! What a monitor's incident goes through: turns, flapping, maintenance, beats.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;

use super::bench::Bench;
use crate::backend::{Backend, RefusalKind};
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::freshness::SourceState;
use crate::domain::incident::Incident;
use crate::domain::monitor::maintenance::Window;
use crate::domain::monitor::{Found, Health, MonitorStatus, Streaks};
use crate::domain::operator::Operator;
use crate::domain::record::Entry;
use crate::domain::severity::Severity;
use crate::domain::signal::SignalKey;
use crate::domain::text::Outside;
use crate::domain::time::Span;
use crate::engine::deadlines::Sight;
use crate::engine::setup::Watch;
use crate::engine::{Engine, Setup};
use crate::monitors::heartbeat::Heartbeat;
use crate::monitors::{Asked, Monitor};

/// An endpoint that is up or not, as a test wants it.
struct Switch {
    up: AtomicBool,
    /// Whoever is asked about it answers.
    seen: AtomicBool,
}

impl Switch {
    fn new() -> Self {
        Self { up: AtomicBool::new(true), seen: AtomicBool::new(true) }
    }
}

#[async_trait]
impl Monitor for Switch {
    async fn probe(&self, _asked: &Asked) -> Found {
        if !self.seen.load(Ordering::SeqCst) {
            Found::Unseen(Fault::new(FaultKind::Unauthorised, "status 401"))
        } else if self.up.load(Ordering::SeqCst) {
            Found::Right(Outside::new("status 200"))
        } else {
            Found::Wrong(Outside::new("connection refused"))
        }
    }
}

pub(super) fn watch() -> Watch {
    Watch {
        name: "order-gw".into(),
        kind: "tcp".into(),
        service: "trading".into(),
        target: "127.0.0.1:1".into(),
        every: Span::secs(10),
        severity: Severity::Critical,
        streaks: Streaks { down_after: 1, up_after: 1 },
        maintenance: Vec::new(),
        is_fed: false,
    }
}

/// A monitor of a bench, probed every ten seconds.
struct Probed {
    bench: Bench,
    watch: Watch,
    switch: Arc<Switch>,
}

impl Probed {
    async fn new(watch: Watch) -> Self {
        let bench = Bench::with(Setup::default(), |_| Default::default()).await;
        Self { bench, watch, switch: Arc::new(Switch::new()) }
    }

    /// Probes it, up or down, after a while.
    async fn finds(&self, up: bool, after: Span) {
        self.switch.seen.store(true, Ordering::SeqCst);
        self.switch.up.store(up, Ordering::SeqCst);
        self.is_probed(after).await;
    }

    /// Probes it where nobody says anything of it, after a while.
    async fn sees_nothing(&self, after: Span) {
        self.switch.seen.store(false, Ordering::SeqCst);
        self.is_probed(after).await;
    }

    async fn is_probed(&self, after: Span) {
        self.bench.hand.advance(after);
        let monitor: Arc<dyn Monitor> = self.switch.clone();
        self.bench.engine.probe_once(&self.watch, &monitor).await;
    }

    fn status(&self) -> MonitorStatus {
        self.bench.engine.0.mirror.read().monitors[0].clone()
    }

    /// Its own incidents.
    fn incidents(&self) -> Vec<Arc<Incident>> {
        let of_gate = |incident: &Arc<Incident>| !incident.signals.is_empty();
        self.bench.engine.0.mirror.all().into_iter().filter(of_gate).collect()
    }

    /// What the ledger says of its signal, a word each.
    async fn story(&self) -> Vec<String> {
        let word = |entry: Entry| match entry {
            Entry::Opened(_) => Some("opened".to_owned()),
            Entry::SignalReturned { .. } => Some("returned".to_owned()),
            Entry::SignalCleared { .. } => Some("cleared".to_owned()),
            Entry::SignalFlapped { times, .. } => Some(format!("flapped {times}")),
            _ => None,
        };
        self.bench.records().await.into_iter().filter_map(|record| word(record.entry)).collect()
    }
}

const SOON: Span = Span::secs(10);

#[tokio::test]
async fn a_turn_that_could_not_be_written_down_is_written_down_at_the_next_probe() {
    let probed = Probed::new(watch()).await;
    probed.finds(false, SOON).await;
    let id = probed.incidents()[0].id.clone();
    // It came up and went down again, and only the latter was not written down.
    let key = SignalKey { source: "order-gw".into(), fingerprint: Outside::new("order-gw") };
    probed.bench.ana_does(&id, Entry::SignalCleared { key, because: "up".into() }).await;
    probed.finds(false, SOON).await;
    assert_eq!(probed.incidents()[0].firing(), 1);
    probed.finds(false, SOON).await;
    assert_eq!(probed.bench.records().await.len(), 3, "once");
}

#[tokio::test]
async fn what_cannot_be_seen_opens_nothing_and_clears_nothing() {
    let probed = Probed::new(watch()).await;
    let state = || probed.status().source.state(probed.bench.now());
    for _probe in 0..4 {
        probed.sees_nothing(SOON).await;
    }
    assert_eq!((state(), probed.status().health), (SourceState::Auth, Health::Unknown));
    assert!(probed.story().await.is_empty() && probed.status().not_up());
    let wait = probed.status().source.next_poll.unwrap() - probed.bench.now();
    assert_eq!(wait.num_seconds(), 60, "who is refused does not hammer");
    // It flaps, which is one incident, and then nobody sees it until long after that would be over.
    for turn in 0..8 {
        probed.finds(turn % 2 == 1, SOON).await;
    }
    let before = probed.story().await;
    for _probe in 0..12 {
        probed.sees_nothing(Span::mins(1)).await;
    }
    assert_eq!(probed.story().await, before);
    assert_eq!((probed.incidents()[0].firing(), state()), (1, SourceState::Auth));
    probed.finds(true, SOON).await;
    assert_eq!((probed.incidents()[0].firing(), state()), (0, SourceState::Live));
}

#[tokio::test]
async fn a_monitor_that_is_not_read_for_long_is_one_notice_while_others_are_read() {
    let probed = Probed::new(watch()).await;
    let (bench, other) = (&probed.bench, Watch { name: "auth-gw".into(), ..watch() });
    let mut sight = bench.engine.sight();
    let works: Arc<dyn Monitor> = Arc::new(Switch::new());
    let minutes = async |sight: &mut Sight, engine: &Engine, minutes: u64| {
        for _minute in 0..minutes {
            probed.sees_nothing(Span::mins(1)).await;
            bench.engine.probe_once(&other, &works).await;
            engine.refresh_live().await;
            engine.keep_deadlines(sight).await;
        }
    };
    probed.finds(true, SOON).await;
    let since = crate::domain::time::date_time(bench.now());
    minutes(&mut sight, &bench.engine, 9).await;
    assert_eq!(bench.notices().await, [""; 0]);
    minutes(&mut sight, &bench.engine, 5).await;
    let told = [format!("not read: monitor order-gw, AUTH, since {since}")];
    assert_eq!(bench.notices().await, told);
    // Whoever holds the lease next knows that it was told.
    let next = bench.another().await;
    next.refresh_live().await;
    minutes(&mut next.sight(), &next, 5).await;
    assert_eq!(bench.notices().await, told);
    // Seen again, and lost again.
    probed.finds(true, SOON).await;
    let mut sight = bench.engine.sight();
    minutes(&mut sight, &bench.engine, 11).await;
    assert_eq!(bench.notices().await.len(), 2);
}

#[tokio::test]
async fn a_monitor_that_is_lost_as_the_lease_moves_is_told_of_once_by_whoever_has_it_then() {
    let probed = Probed::new(watch()).await;
    let (bench, other) = (&probed.bench, Watch { name: "auth-gw".into(), ..watch() });
    let (works, sees) = (Arc::new(Switch::new()), Watch { name: "web".into(), ..watch() });
    let other_switch = Arc::new(Switch::new());
    let (works, others): (Arc<dyn Monitor>, Arc<dyn Monitor>) = (works, other_switch.clone());
    let minutes = async |sight: &mut Sight, engine: &Engine, minutes: u64| {
        for _minute in 0..minutes {
            probed.sees_nothing(Span::mins(1)).await;
            bench.engine.probe_once(&other, &others).await;
            bench.engine.probe_once(&sees, &works).await;
            engine.refresh_live().await;
            engine.keep_deadlines(sight).await;
        }
    };
    probed.finds(true, SOON).await;
    let mut sight = bench.engine.sight();
    minutes(&mut sight, &bench.engine, 9).await;
    // It was read before the notice about the first one, and is counted as lost after it.
    other_switch.seen.store(false, Ordering::SeqCst);
    minutes(&mut sight, &bench.engine, 1).await;
    let told = bench.notices().await;
    assert!(matches!(told.as_slice(), [one] if one.contains("order-gw")), "{told:?}");
    for _holder in 0..3 {
        let next = bench.another().await;
        next.refresh_live().await;
        minutes(&mut next.sight(), &next, 12).await;
        let told = bench.notices().await;
        assert!(matches!(told.as_slice(), [_, two] if two.contains("monitor auth-gw")), "{told:?}");
    }
    // Read again, which is written down once, and lost again.
    other_switch.seen.store(true, Ordering::SeqCst);
    let next = bench.another().await;
    minutes(&mut next.sight(), &next, 3).await;
    let turned = |entry: &Entry| matches!(entry, Entry::SourceTurned { source, to: SourceState::Live, .. } if source == "auth-gw");
    let turns = async || bench.records().await.iter().filter(|record| turned(&record.entry)).count();
    assert_eq!(turns().await, 1);
    other_switch.seen.store(false, Ordering::SeqCst);
    minutes(&mut next.sight(), &next, 14).await;
    assert_eq!((bench.notices().await.len(), turns().await), (3, 1));
}

#[tokio::test]
async fn a_flapping_monitor_has_one_incident_whose_turns_are_counted() {
    let probed = Probed::new(watch()).await;
    probed.finds(true, SOON).await;
    // Four turns are told one by one; from the fifth on they are counted.
    for turn in 0..20 {
        probed.finds(turn % 2 == 1, SOON).await;
    }
    assert_eq!(
        probed.story().await,
        ["opened", "cleared", "returned", "cleared", "returned", "flapped 1", "flapped 6", "flapped 6"]
    );
    assert_eq!((probed.incidents().len(), probed.incidents()[0].firing()), (1, 1));
    assert_eq!(probed.status().word(probed.bench.now()), "flapping");
    // It stays up, and once it has for long enough that is believed.
    probed.finds(true, Span::mins(9)).await;
    assert_eq!(probed.incidents()[0].firing(), 1);
    probed.finds(true, Span::mins(2)).await;
    assert_eq!(probed.incidents()[0].firing(), 0);
    assert_eq!(probed.status().word(probed.bench.now()), "up");
}

#[tokio::test]
async fn a_flapping_monitor_is_told_to_its_service_until_it_flaps_and_when_it_stops() {
    let probed = Probed::new(watch()).await;
    probed.bench.open(Severity::High).await;
    for turn in 0..12 {
        probed.finds(turn % 2 == 0, SOON).await;
    }
    probed.finds(true, Span::mins(11)).await;
    let turn = |entry: Entry| match entry {
        Entry::MonitorTurned { up, detail, .. } => Some((up, detail.raw().to_owned())),
        _ => None,
    };
    let records = probed.bench.records().await;
    let told: Vec<_> = records.into_iter().filter_map(|record| turn(record.entry)).collect();
    assert_eq!(told.len(), 7, "{told:?}");
    assert_eq!(told[5], (false, "flapping, so further turns are not told; connection refused".to_owned()));
    assert_eq!(told[6], (true, "status 200".to_owned()));
}

#[tokio::test]
async fn what_is_down_in_maintenance_opens_nothing_before_it_ends() {
    let window = r#"{ "from": "2026-11-20T14:00Z", "to": "2026-11-20T14:30Z" }"#;
    let window: Window = serde_json::from_str(window).unwrap();
    let probed = Probed::new(Watch { maintenance: vec![window], ..watch() }).await;
    probed.finds(true, SOON).await;
    probed.finds(false, SOON).await;
    let status = probed.status();
    assert_eq!((status.health, status.maintenance.is_some()), (Health::Down, true));
    assert!(probed.incidents().is_empty());
    probed.finds(false, Span::mins(30)).await;
    assert_eq!((probed.incidents().len(), probed.status().maintenance), (1, None));
}

#[tokio::test]
async fn a_beat_comes_from_anywhere_and_outlives_the_engine() {
    let mut fed = watch();
    (fed.kind, fed.is_fed) = ("heartbeat".to_owned(), true);
    let setup = || Setup { watches: vec![fed.clone()], ..Setup::default() };
    let bench = Bench::with(setup(), |_| Default::default()).await;
    let settings = toml::from_str("name = 'order-gw'\nwithin = '10m'").unwrap();
    let monitor: Arc<dyn Monitor> = Arc::new(Heartbeat::new(&settings));
    let health = |engine: &Engine| engine.0.mirror.read().monitors[0].health;
    let bo = Operator::new("bo", "desk");
    bench.engine.probe_once(&fed, &monitor).await;
    assert_eq!(health(&bench.engine), Health::Unknown);
    // Another process on the same files hears it.
    let other = bench.another_with(setup(), Default::default()).await;
    assert_eq!(Backend::beat(&other, &bo, "order-gw").await.unwrap(), bench.now());
    bench.hand.advance(Span::mins(10));
    bench.engine.probe_once(&fed, &monitor).await;
    assert_eq!(health(&bench.engine), Health::Up);
    // An engine that begins now knows of it, and that it is too long ago.
    let next = bench.another_with(setup(), Default::default()).await;
    next.probe_once(&fed, &monitor).await;
    assert_eq!(health(&next), Health::Up);
    bench.hand.advance(SOON);
    next.probe_once(&fed, &monitor).await;
    assert_eq!(health(&next), Health::Down);
    let wrong = next.0.mirror.read().monitors[0].wrong.clone().unwrap();
    assert!(wrong.raw().starts_with("no beat since 2026-11-20 14:00:"), "{wrong:?}");
    let refused = Backend::beat(&other, &bo, "order-gx").await.unwrap_err();
    assert_eq!(refused.kind, RefusalKind::Usage);
    assert!(refused.to_string().contains("there are order-gw"), "{refused}");
}

#[tokio::test]
async fn a_beat_of_a_clock_that_was_a_day_ahead_counts_from_now_and_a_right_one_replaces_it() {
    let mut fed = watch();
    (fed.kind, fed.is_fed) = ("heartbeat".to_owned(), true);
    let bench = Bench::with(Setup::default(), |_| Default::default()).await;
    let settings = toml::from_str("name = 'order-gw'\nwithin = '10m'").unwrap();
    let monitor: Arc<dyn Monitor> = Arc::new(Heartbeat::new(&settings));
    let live = &bench.engine.0.live;
    let tomorrow = bench.now() + Span::mins(24 * 60).delta();
    let health = || bench.engine.0.mirror.read().monitors[0].health;
    live.put_heard("order-gw", tomorrow).await;
    for (minutes, expected) in [(0, Health::Up), (10, Health::Up), (1, Health::Down)] {
        bench.hand.advance(Span::mins(minutes));
        bench.engine.probe_once(&fed, &monitor).await;
        assert_eq!(health(), expected, "{minutes} minutes later");
    }
    live.put_heard("order-gw", tomorrow).await;
    live.put_heard("order-gw", bench.now()).await;
    let file = rusqlite::Connection::open(bench.state().join("live.db")).unwrap();
    let at: i64 = file.query_row("SELECT at FROM beats", [], |row| row.get(0)).unwrap();
    assert_eq!(at, bench.now().timestamp_millis());
}

#[tokio::test]
async fn a_beat_that_cannot_be_read_is_none_that_was_missed() {
    let mut fed = watch();
    (fed.kind, fed.is_fed) = ("heartbeat".to_owned(), true);
    let bench = Bench::with(Setup::default(), |_| Default::default()).await;
    let settings = toml::from_str("name = 'order-gw'\nwithin = '10m'").unwrap();
    let monitor: Arc<dyn Monitor> = Arc::new(Heartbeat::new(&settings));
    bench.engine.probe_once(&fed, &monitor).await;
    bench.hand.advance(Span::mins(60));
    bench.engine.0.live.put_heard("order-gw", bench.now()).await;
    bench.engine.probe_once(&fed, &monitor).await;
    let file = rusqlite::Connection::open(bench.state().join("live.db")).unwrap();
    file.execute_batch("DROP TABLE beats").unwrap();
    bench.engine.probe_once(&fed, &monitor).await;
    let status = bench.engine.0.mirror.read().monitors[0].clone();
    assert_eq!((status.health, status.wrong), (Health::Up, None));
    assert_eq!(status.says, Some(Outside::new("the live tables did not say when it beat last")));
}

#[tokio::test]
async fn what_never_beats_is_down_even_if_the_engine_begins_anew_each_time() {
    let mut fed = watch();
    (fed.kind, fed.is_fed) = ("heartbeat".to_owned(), true);
    let bench = Bench::with(Setup::default(), |_| Default::default()).await;
    let settings = toml::from_str("name = 'order-gw'\nwithin = '10m'").unwrap();
    let monitor: Arc<dyn Monitor> = Arc::new(Heartbeat::new(&settings));
    for (minutes, health) in [(0, Health::Unknown), (6, Health::Unknown), (6, Health::Down)] {
        bench.hand.advance(Span::mins(minutes));
        let engine = bench.another().await;
        engine.probe_once(&fed, &monitor).await;
        assert_eq!(engine.0.mirror.read().monitors[0].health, health, "after {minutes} minutes more");
    }
}
