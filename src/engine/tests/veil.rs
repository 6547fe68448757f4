//! What is hidden from whom, and when that ends: by asking, on record, and in no other way.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;

use super::bench::Bench;
use crate::backend::{Backend, Refusal, Report};
use crate::channels::{Accepted, Channel};
use crate::domain::action::Verb;
use crate::domain::category::Category;
use crate::domain::escalation::Step;
use crate::domain::fault::Fault;
use crate::domain::id::{Cursor, IncidentId};
use crate::domain::operator::Operator;
use crate::domain::plan::{Plan, Telling};
use crate::domain::record::{CloseReason, Entry, PathArmed};
use crate::domain::sensitive::{HIDDEN, Sensitive};
use crate::domain::severity::Severity;
use crate::domain::signal::{Labels, Signal, SignalKey, Standing};
use crate::domain::text::Outside;
use crate::domain::tie::{Seen, Tie};
use crate::domain::time::{Span, Time};
use crate::engine::{Adapters, Engine, Setup};
use crate::net::Api;

const FREEZE: &str =
    "id = 'freeze'\ntitle = 'freeze'\nblast = 'one customer'\ntarget = 'account'\nconfirm = 'enter'
    parameter = [{ name = 'account', allow = '[A-Z0-9]+', from = 'label:account' }]
    do.http = { api = 'exchange', path = '/accounts/{{account}}/freeze' }";

fn setup() -> Setup {
    Setup {
        sensitive: Sensitive::new(["account", "email"]),
        actions_enabled: true,
        playbooks: vec![toml::from_str(FREEZE).unwrap()],
        tellers: vec!["room".into()],
        ..Setup::default()
    }
}

/// Keeps what it was told.
#[derive(Default)]
struct Room(Mutex<Vec<Telling>>);

#[async_trait]
impl Channel for Room {
    fn name(&self) -> &str {
        "room"
    }

    async fn tell(&self, telling: &Telling) -> Result<Accepted, Fault> {
        self.0.lock().unwrap().push(telling.clone());
        Ok(Accepted::status(200))
    }
}

fn adapters(room: &Arc<Room>) -> Adapters {
    let mut adapters = Adapters::default();
    let api = toml::from_str("name = 'exchange'\nurl = 'http://127.0.0.1:1'\n").unwrap();
    adapters.apis.insert("exchange".to_owned(), Api::new(&api, |_| None).unwrap());
    adapters.channels.insert("room".to_owned(), Arc::clone(room) as Arc<dyn Channel>);
    adapters
}

async fn bench() -> Bench {
    Bench::with(setup(), |_| adapters(&Arc::default())).await
}

fn who(name: &str) -> Operator {
    Operator::new(name, "bastion")
}

fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().map(|(name, value)| (Outside::new(*name), Outside::new(*value))).collect()
}

/// An account is under attack, and the title says which. In letters too: digits alone are found in times by chance.
async fn attacked(engine: &Engine, account: &str) -> IncidentId {
    let report = Report {
        title: Outside::new(format!("Login failures acct {account}")),
        severity: Severity::Critical,
        category: Category::UnauthorizedAccess,
        service: Outside::new("auth"),
        labels: labels(&[("account", account)]),
        reported: None,
    };
    engine.open(&who("ana"), report).await.unwrap().id.clone()
}

/// Everything this person can see without asking for what is hidden.
async fn seen(engine: &Engine, name: &str, id: &IncidentId) -> String {
    let who = who(name);
    let changes = engine.changes(&who, &Cursor::default(), Duration::ZERO).await.unwrap();
    let detail = engine.incident(&who, &id.to_string()).await.unwrap();
    let all = (
        (&changes.incidents, &changes.notices, &detail),
        engine.applicable(&who, id).await.unwrap(),
        engine.packet(&who, id, "security").await.unwrap(),
        engine.records(&who, 1, 1000).await.unwrap(),
        engine.newest(&who, None, 1000).await.unwrap(),
        engine.history(&who, Time::UNIX_EPOCH).await.unwrap(),
    );
    let mut seen = serde_json::to_string(&all).unwrap();
    for record in &all.3 {
        seen.push_str(engine.stored(&who, record.seq).await.unwrap().bytes.raw());
    }
    seen
}

async fn reveal(engine: &Engine, name: &str, id: &IncidentId) -> Result<(), Refusal> {
    engine.record(&who(name), id, u64::MAX, Entry::SensitiveRead { labels: Vec::new() }).await.map(drop)
}

/// Who has read something, as the ledger says it.
async fn readings(bench: &Bench) -> Vec<String> {
    let read = bench.records().await.into_iter().filter_map(|record| match record.entry {
        Entry::SensitiveRead { labels } => {
            let labels: Vec<&str> = labels.iter().map(Outside::raw).collect();
            Some(format!("{} {}", record.by.name(), labels.join(",")))
        }
        _ => None,
    });
    read.collect()
}

async fn freeze(
    engine: &Engine,
    name: &str,
    id: &IncidentId,
    account: Option<&str>,
) -> Result<Plan, Refusal> {
    let given = account.map(|account| ("account".to_owned(), Outside::new(account)));
    let verb = Verb::Contain { playbook: "freeze".into() };
    engine.plan(&who(name), id, verb, given.into_iter().collect()).await
}

#[tokio::test]
async fn acknowledging_and_asking_what_applies_show_nothing_and_record_nothing() {
    let bench = bench().await;
    let id = attacked(&bench.engine, "KX88213").await;
    let held = Entry::Acknowledged { lasts_s: 600, from: None };
    bench.engine.record(&who("ana"), &id, 1, held).await.unwrap();
    assert!(bench.engine.acknowledge_there(&who("ana"), &id).await.is_empty());
    let seen = seen(&bench.engine, "ana", &id).await;
    assert!(seen.contains(&format!("acct {HIDDEN}")) && !seen.contains("KX88213"), "{seen}");
    assert_eq!(readings(&bench).await, [""; 0]);
}

#[tokio::test]
async fn a_form_that_shows_dots_plans_what_they_stand_for_and_that_is_a_reading() {
    let bench = bench().await;
    let (engine, id) = (&bench.engine, attacked(&bench.engine, "KX88213").await);
    let offered = engine.applicable(&who("ana"), &id).await.unwrap();
    let asked = &offered.iter().find(|it| it.verb.of() == "freeze").unwrap().asked[0];
    assert_eq!((asked.prefilled.as_ref().unwrap().raw(), asked.offers[0].value.raw()), (HIDDEN, HIDDEN));
    let plan = freeze(engine, "ana", &id, Some(HIDDEN)).await.unwrap();
    assert_eq!(plan.target.as_ref().unwrap().1.raw(), "KX88213");
    assert_eq!(readings(&bench).await, ["ana account"]);
    assert!(seen(engine, "ana", &id).await.contains("KX88213"));
    assert!(!seen(engine, "bo", &id).await.contains("KX88213"));
    // Another one who looks the plan up has read it, once.
    for _ in 0..2 {
        engine.look_up_plan(&who("bo"), &plan.hash).await.unwrap();
    }
    assert_eq!(readings(&bench).await, ["ana account", "bo account"]);
}

#[tokio::test]
async fn a_refusal_says_no_more_than_the_form_and_dots_never_choose() {
    let bench = bench().await;
    let (engine, ana) = (&bench.engine, who("ana"));
    let (one, other) = (attacked(engine, "KX88213").await, bench.fire_with("account", "KX90114").await);
    let (of, to) = (Seen::of(&bench.incident(&one)), Seen::of(&bench.incident(&other)));
    engine.tie(&ana, Tie::Merge, &[to], &of).await.unwrap();
    let said = freeze(engine, "ana", &one, None).await.unwrap_err().message;
    assert!(said.raw().contains(&format!("there are 2 different values ({HIDDEN}, {HIDDEN})")), "{said:?}");
    let said = freeze(engine, "ana", &one, Some(HIDDEN)).await.unwrap_err().message;
    assert!(said.raw().contains("stands for what is hidden"), "{said:?}");
    assert_eq!(readings(&bench).await, [""; 0]);
}

#[tokio::test]
async fn what_comes_after_a_reading_is_hidden_until_somebody_asks_again() {
    let bench = bench().await;
    let (engine, ana) = (&bench.engine, who("ana"));
    let (one, other) = (attacked(engine, "KX88213").await, attacked(engine, "KX90114").await);
    reveal(engine, "ana", &one).await.unwrap();
    let (of, to) = (Seen::of(&bench.incident(&other)), Seen::of(&bench.incident(&one)));
    engine.tie(&ana, Tie::Merge, &[of], &to).await.unwrap();
    let seen_now = seen(engine, "ana", &one).await;
    assert!(seen_now.contains("acct KX88213") && !seen_now.contains("KX90114"), "{seen_now}");
    reveal(engine, "ana", &one).await.unwrap();
    assert!(seen(engine, "ana", &one).await.contains("acct KX90114"));
    reveal(engine, "ana", &one).await.unwrap();
    assert_eq!(readings(&bench).await, ["ana account"; 2], "what is shown already is no reading");
}

#[tokio::test]
async fn what_a_source_says_now_is_hidden_wherever_it_is_quoted() {
    let bench = bench().await;
    let id = bench.fire().await;
    let signal = Signal {
        key: SignalKey { source: "prod-am".into(), fingerprint: Outside::new("5f3c") },
        title: Outside::new("Login failures of ana@example.com"),
        alertname: Outside::new("Login failures of ana@example.com"),
        description: Outside::new("order_id=ana@example.com"),
        labels: labels(&[("alertname", "gateway")]).into(),
        annotations: labels(&[("details", r#"{"user":{"email":"ana@example.com"}}"#)]).into(),
        runbook: Some(Outside::new("http://wiki/?who=ana%40example.com")),
        link: None,
        since: bench.now(),
        standing: Standing::Firing,
        upstream: None,
        undecodable: false,
        watched: false,
    };
    bench.engine.0.live.put_signals("prod-am", vec![Arc::new(signal)]).await;
    let shown = seen(&bench.engine, "ana", &id).await;
    assert!(shown.contains(HIDDEN) && !shown.contains("example.com"), "{shown}");
    assert_eq!(readings(&bench).await, [""; 0]);
    reveal(&bench.engine, "ana", &id).await.unwrap();
    assert!(seen(&bench.engine, "ana", &id).await.contains("?who=ana%40example.com"));
}

#[tokio::test]
async fn another_engine_of_the_same_person_hides_it_still() {
    let bench = bench().await;
    let id = attacked(&bench.engine, "KX88213").await;
    let other = bench.another_with(setup(), adapters(&Arc::default())).await;
    reveal(&bench.engine, "ana", &id).await.unwrap();
    other.catch_up().await.unwrap();
    assert!(seen(&bench.engine, "ana", &id).await.contains("KX88213"));
    assert!(!seen(&other, "ana", &id).await.contains("KX88213"));
}

/// An incident that was closed three days ago, and an engine that has never had it in memory.
async fn closed_long_ago() -> (Bench, Engine, IncidentId) {
    let bench = bench().await;
    let id = attacked(&bench.engine, "KX88213").await;
    let (reason, note) = (CloseReason::FalseAlarm, Some(Outside::new("a test of the scanner")));
    bench.ana_does(&id, Entry::Closed { reason, note }).await;
    bench.hand.advance(Span::mins(3 * 24 * 60));
    let engine = bench.another_with(setup(), adapters(&Arc::default())).await;
    assert!(engine.find(&id).is_none(), "it is not in memory");
    (bench, engine, id)
}

#[tokio::test]
async fn what_was_closed_long_ago_is_shown_too_once_that_is_on_record() {
    let (bench, engine, id) = closed_long_ago().await;
    reveal(&engine, "ana", &id).await.unwrap();
    let detail = engine.incident(&who("ana"), &id.to_string()).await.unwrap();
    assert_eq!(detail.incident.title().raw(), "Login failures acct KX88213");
    assert_eq!(readings(&bench).await, ["ana account"]);
}

#[tokio::test]
async fn a_card_hides_what_is_sensitive_of_one_that_is_not_in_memory_any_more() {
    let (_bench, engine, id) = closed_long_ago().await;
    engine.offer_watch(&who("ana"), "bo", Outside::new(format!("{id}: acct KX88213"))).await.unwrap();
    let changes = engine.changes(&who("bo"), &Cursor::default(), Duration::ZERO).await.unwrap();
    assert_eq!(changes.watch.unwrap().card.raw(), format!("{id}: acct {HIDDEN}"));
}

#[tokio::test]
async fn what_could_not_be_written_down_stays_hidden() {
    let bench = bench().await;
    let id = attacked(&bench.engine, "KX88213").await;
    let other = rusqlite::Connection::open(bench.state().join("ledger.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    reveal(&bench.engine, "ana", &id).await.unwrap_err();
    other.execute_batch("ROLLBACK").unwrap();
    // Nor does another's record of it show it here.
    bench.elsewhere(&id, Entry::SensitiveRead { labels: vec![Outside::new("account")] }).await;
    bench.engine.catch_up().await.unwrap();
    assert!(!seen(&bench.engine, "ana", &id).await.contains("KX88213"));
}

#[tokio::test]
async fn a_stored_record_that_cannot_be_read_is_shown_where_nothing_is_sensitive() {
    let bench = bench().await;
    attacked(&bench.engine, "KX88213").await;
    let open = bench.another().await;
    let direct = rusqlite::Connection::open(bench.state().join("ledger.db")).unwrap();
    let values = rusqlite::params![2, &b"{\"account\":KX88213"[..], [0u8; 32]];
    direct.execute("INSERT INTO records (seq, bytes, hash) VALUES (?1, ?2, ?3)", values).unwrap();
    assert_eq!(bench.engine.stored(&who("ana"), 2).await.unwrap().bytes.raw(), HIDDEN);
    assert_eq!(open.stored(&who("ana"), 2).await.unwrap().bytes.raw(), "{\"account\":KX88213");
}

#[tokio::test]
async fn what_others_read_is_as_they_would_see_it() {
    let room = Arc::<Room>::default();
    let bench = Bench::with(setup(), |_| adapters(&room)).await;
    let (engine, id) = (&bench.engine, attacked(&bench.engine, "KX88213").await);
    reveal(engine, "ana", &id).await.unwrap();
    let published = engine.incident_for_anybody(&who("ana"), &id).await.unwrap();
    assert!(!serde_json::to_string(&published).unwrap().contains("KX88213"));
    engine.offer_watch(&who("ana"), "bo", Outside::new("acct KX88213 is attacked")).await.unwrap();
    let changes = engine.changes(&who("bo"), &Cursor::default(), Duration::ZERO).await.unwrap();
    assert_eq!(changes.watch.unwrap().card.raw(), format!("acct {HIDDEN} is attacked"));

    let steps = Step::read_all("0m room").unwrap();
    bench.ana_does(&id, Entry::PathArmed(PathArmed { path: "incident".into(), steps })).await;
    engine.send_step_in_background(id, "incident".into(), 1).await;
    engine.drain(Duration::from_secs(20)).await;
    let heard = serde_json::to_string(&*room.0.lock().unwrap()).unwrap();
    assert!(heard.contains(&format!("acct {HIDDEN}")) && !heard.contains("KX88213"), "{heard}");
}

#[tokio::test]
async fn a_reading_is_no_act_of_who_holds_it() {
    let bench = bench().await;
    let id = attacked(&bench.engine, "KX88213").await;
    let held = Entry::Acknowledged { lasts_s: 600, from: None };
    bench.engine.record(&who("ana"), &id, 1, held).await.unwrap();
    let until = bench.incident(&id).owner.clone().unwrap().until;
    bench.hand.advance(Span::mins(5));
    reveal(&bench.engine, "ana", &id).await.unwrap();
    assert_eq!(bench.incident(&id).owner.clone().unwrap().until, until);
}
