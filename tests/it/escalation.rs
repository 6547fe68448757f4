//! Telling people over time: late, again, by hand, afterwards, and by the engine that takes over.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use quell::backend::{Applicable, Backend, Confirmation, Refusal, RefusalKind, Report};
use quell::channels::{Accepted, Channel};
use quell::domain::action::Verb;
use quell::domain::category::Category;
use quell::domain::deadline::DeadlineKind;
use quell::domain::escalation::{Escalation, Path, Step, StepState, Stopped};
use quell::domain::fault::Fault;
use quell::domain::id::{Cursor, IncidentId};
use quell::domain::incident::Incident;
use quell::domain::operator::Operator;
use quell::domain::plan::{Plan, Purpose, Telling};
use quell::domain::record::Entry;
use quell::domain::severity::Severity;
use quell::domain::text::Outside;
use quell::domain::time::{Span, Time};
use quell::engine::{Adapters, Engine, Setup};
use quell::ledger::Ledger;
use quell::ledger::live::Live;
use quell::os::clock::{Clock, Hand};
use tokio::sync::watch;

use crate::support::eventually;

/// A channel that keeps what it was told, and answers when it is let.
struct Room {
    name: String,
    heard: Mutex<Vec<Telling>>,
    answers: watch::Sender<bool>,
}

#[async_trait]
impl Channel for Room {
    fn name(&self) -> &str {
        &self.name
    }

    async fn tell(&self, telling: &Telling) -> Result<Accepted, Fault> {
        self.heard.lock().unwrap().push(telling.clone());
        self.answers.subscribe().wait_for(|answers| *answers).await.unwrap();
        Ok(Accepted::status(200))
    }
}

/// An engine whose clock is turned by hand, two rooms, and an incident that somebody opened.
struct Night {
    folder: tempfile::TempDir,
    clock: Clock,
    hand: Hand,
    rooms: [Arc<Room>; 2],
    steps: String,
    engine: Engine,
    ana: Operator,
    id: IncidentId,
}

fn block(steps: &str, test: impl AsyncFn(Night)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let night = Night::new(steps).await;
        test(night).await;
    });
}

impl Night {
    async fn new(steps: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (clock, hand) = Clock::by_hand(Time::UNIX_EPOCH + Span::secs(1_800_000_000).delta());
        let rooms = ["room", "pd"].map(|name| {
            let (name, heard, answers) = (name.to_owned(), Mutex::default(), watch::Sender::new(true));
            Arc::new(Room { name, heard, answers })
        });
        let engine = engine(&folder, &clock, &rooms, steps).await;
        let ana = Operator::new("ana", "bastion");
        let report = Report {
            title: Outside::new("Orders are refused"),
            severity: Severity::Critical,
            category: Category::Outage,
            service: Outside::default(),
            labels: BTreeMap::new(),
            reported: None,
        };
        let id = engine.open(&ana, report).await.unwrap().id.clone();
        engine.start();
        Self { folder, clock, hand, rooms, steps: steps.to_owned(), engine, ana, id }
    }

    /// Another engine takes over on the same ledger.
    async fn take_over(self) -> Self {
        self.engine.release().await;
        let engine = engine(&self.folder, &self.clock, &self.rooms, &self.steps).await;
        engine.start();
        Self { engine, ..self }
    }

    /// Waits until the incident is as asked for.
    async fn until<T>(&self, what: &str, ask: impl Fn(&Incident) -> Option<T>) -> T {
        let watch = async {
            let mut cursor = Cursor::default();
            loop {
                let changes = self.engine.changes(&self.ana, &cursor, Duration::from_secs(1)).await.unwrap();
                let found = changes.incidents.iter().find(|incident| incident.id == self.id);
                if let Some(found) = found.and_then(|incident| ask(incident)) {
                    return found;
                }
                cursor = changes.cursor;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), watch)
            .await
            .unwrap_or_else(|_| panic!("never saw {what}"))
    }

    /// Waits until a step was sent and taken.
    async fn sent(&self, path: &str, step: u32) {
        self.until(&format!("step {step} of {path}"), |incident| {
            let state = &incident.escalation_on(path)?.step(step)?.state;
            matches!(state, StepState::Sent(receipts) if receipts.iter().all(|r| r.accepted)).then_some(())
        })
        .await;
    }

    /// Waits until those who were paged were told so often.
    async fn told(&self, times: u32) -> Escalation {
        self.until(&format!("follow-up {times}"), |incident| {
            incident.escalation_on("incident").filter(|escalation| escalation.tellings == times).cloned()
        })
        .await
    }

    async fn does(&self, who: &str, entry: Entry) {
        self.engine.record(&Operator::new(who, "bastion"), &self.id, u64::MAX, entry).await.unwrap();
    }

    async fn plan(&self, step: Option<u32>, steps: Option<&str>) -> Result<Plan, Refusal> {
        let steps = steps.map(|steps| Step::read_all(steps).unwrap());
        let verb = Verb::Escalate { path: "incident".into(), step, steps };
        self.engine.plan(&self.ana, &self.id, verb, BTreeMap::new()).await
    }

    async fn escalate(&self, step: Option<u32>, steps: Option<&str>) {
        let plan = self.plan(step, steps).await.unwrap();
        self.engine.submit(&self.ana, &plan.hash, Confirmation::default()).await.unwrap();
    }

    async fn offer(&self, path: &str) -> Applicable {
        let all = self.engine.applicable(&self.ana, &self.id).await.unwrap();
        all.into_iter().find(|applicable| applicable.verb.of() == path).unwrap()
    }

    /// What a room was told, oldest first.
    fn heard(&self, room: usize) -> Vec<Telling> {
        self.rooms[room].heard.lock().unwrap().clone()
    }
}

async fn engine(folder: &tempfile::TempDir, clock: &Clock, rooms: &[Arc<Room>], steps: &str) -> Engine {
    let mut adapters = Adapters::default();
    for room in rooms {
        adapters.channels.insert(room.name.clone(), room.clone());
    }
    let mut setup = Setup { state: folder.path().to_owned(), ..Setup::default() };
    setup.tellers = vec!["room".into(), "pd".into()];
    setup.ack.critical = Some(Span::secs(30));
    let incident = setup.paths.iter_mut().find(|path: &&mut Path| path.id == "incident").unwrap();
    incident.steps = Step::read_all(steps).unwrap();
    incident.when = (!steps.is_empty()).then(|| "sev:critical".parse().unwrap());
    let ledger = Ledger::open(&folder.path().join("ledger.db"), "ANA").unwrap();
    let live = Live::open(&folder.path().join("live.db")).unwrap();
    Engine::new(setup, adapters, ledger, live, clock.clone()).await.unwrap()
}

fn acknowledged() -> Entry {
    Entry::Acknowledged { lasts_s: 7200, from: None }
}

#[test]
fn a_step_that_is_still_on_the_wire_is_not_missed_and_its_receipt_counts() {
    block("0m room", async |night| {
        night.rooms[0].answers.send_replace(false);
        eventually("the page to leave", || (night.heard(0).len() == 1).then_some(()));
        night.hand.advance(Span::secs(62));
        let passed = |incident: &Incident| incident.passed.contains_key(&DeadlineKind::Ack).then_some(());
        night.until("the deadline to pass", passed).await;
        night.rooms[0].answers.send_replace(true);
        night.sent("incident", 1).await;
        assert_eq!(night.heard(0).len(), 1);
    });
}

#[test]
fn a_step_sent_again_is_a_message_of_its_own() {
    block("0m room; 50m pd", async |night| {
        night.sent("incident", 1).await;
        let offered = night.offer("incident").await.steps;
        let next: Vec<_> = offered.iter().map(|step| (step.next, step.due.is_some())).collect();
        assert_eq!(next, [(false, false), (true, true)]);
        let plan = night.plan(Some(1), None).await.unwrap();
        assert!(plan.warnings.iter().any(|warning| warning.contains("sent before")), "{plan:?}");
        night.escalate(Some(1), None).await;
        eventually("the second message", || (night.heard(0).len() == 2).then_some(()));
        let keys: Vec<_> = night.heard(0).into_iter().map(|telling| telling.key).collect();
        assert_eq!(keys, ["ANA-1/incident/1/1", "ANA-1/incident/1/2"]);
        let none = night.plan(Some(3), None).await.unwrap_err();
        assert!(none.kind == RefusalKind::Usage && none.message.raw().contains("it has 2"), "{none}");
        assert_eq!(night.heard(1).len(), 0, "the second step keeps its time");
    });
}

#[test]
fn what_becomes_known_and_who_holds_it_follows_once_whoever_holds_the_lease() {
    block("0m room", async |night| {
        night.sent("incident", 1).await;
        night.does("ana", Entry::PacketFilled { item: "order ids".into(), value: Outside::new("o-1") }).await;
        night.hand.advance(Span::secs(16));
        let escalation = night.told(1).await;
        assert!(!escalation.missing.contains(&"order ids".to_owned()), "{escalation:?}");
        let night = night.take_over().await;
        night.does("bo", acknowledged()).await;
        night.told(2).await;
        let night = night.take_over().await;
        let note = Some(Outside::new("a drill"));
        let reason = quell::domain::record::CloseReason::FalseAlarm;
        night.does("bo", Entry::Closed { reason, note }).await;
        night.told(3).await;
        let heard = night.heard(0);
        let purposes: Vec<_> = heard.iter().map(|telling| telling.purpose.clone()).collect();
        let held = Purpose::Acknowledged("bo".into());
        assert_eq!(purposes, [Purpose::Page, Purpose::Filled, held, Purpose::Ended]);
        assert_eq!(heard[1].packet, [("order ids".to_owned(), Some(Outside::new("o-1")))]);
        assert!(heard.iter().all(|telling| telling.thread == "ANA-1/incident"));
        let keys: std::collections::BTreeSet<_> = heard.iter().map(|telling| &telling.key).collect();
        assert_eq!(keys.len(), 4, "{keys:?}");
    });
}

#[test]
fn handed_back_the_next_step_is_sent_at_once() {
    block("0m room; 50m pd", async |night| {
        night.sent("incident", 1).await;
        night.does("ana", acknowledged()).await;
        night.told(1).await;
        night.does("ana", Entry::HandedBack { because: None }).await;
        night.sent("incident", 2).await;
        assert_eq!(night.heard(1)[0].purpose, Purpose::Page);
    });
}

#[test]
fn a_missed_step_is_sent_by_hand_and_the_later_ones_keep_their_times() {
    block("1m room; 5m pd", async |night| {
        let armed = night.until("the path", |incident| incident.escalation().cloned()).await;
        night.hand.advance(Span::secs(125));
        let missed = |incident: &Incident| {
            let step = incident.escalation()?.step(1)?;
            (step.state == StepState::Missed && incident.passed.contains_key(&DeadlineKind::Step))
                .then_some(())
        };
        night.until("the missed step", missed).await;
        assert_eq!(night.heard(0).len(), 0, "nothing is sent late");
        night.escalate(None, None).await;
        night.sent("incident", 1).await;
        let later = night.until("the path", |incident| incident.escalation().cloned()).await;
        assert_eq!(later.steps[1].due, armed.steps[1].due);
        night.hand.advance(Span::secs(180));
        night.sent("incident", 2).await;
        assert_eq!((night.heard(0).len(), night.heard(1).len()), (1, 1));
    });
}

#[test]
fn a_path_without_steps_takes_those_of_a_person_once_they_can_be_sent() {
    block("", async |night| {
        let offer = night.offer("incident").await;
        assert!(offer.steps.is_empty() && offer.barred.is_some(), "{offer:?}");
        let bare = night.plan(None, None).await.unwrap_err();
        assert!(bare.message.raw().contains("--steps"), "{bare}");
        for (steps, why) in
            [("0m pigeon", "there are: room, pd"), ("", "at least one"), ("5m pd; 1m room", "order")]
        {
            let refused = night.plan(None, Some(steps)).await.unwrap_err();
            assert!(refused.kind == RefusalKind::Usage && refused.message.raw().contains(why), "{refused}");
        }
        assert_eq!(night.plan(Some(1), Some("0m pd")).await.unwrap_err().kind, RefusalKind::Usage);
        night.escalate(None, Some("1m pd; 6m room")).await;
        night.sent("incident", 1).await;
        let runs = night.plan(None, Some("0m room")).await.unwrap_err();
        assert!(runs.message.raw().contains("runs already"), "{runs}");
        let states: Vec<_> = night.offer("incident").await.steps.into_iter().map(|step| step.state).collect();
        assert!(matches!(&states[..], [StepState::Sent(_), StepState::Waiting]), "{states:?}");
        night.hand.advance(Span::mins(5));
        night.sent("incident", 2).await;
        night.hand.advance(Span::mins(6));
        let exhausted =
            |incident: &Incident| (incident.escalation()?.stopped == Some(Stopped::Exhausted)).then_some(());
        night.until("the end of the path", exhausted).await;
        assert_eq!((night.heard(1).len(), night.heard(0).len()), (1, 1));
    });
}

#[test]
fn what_a_person_gives_is_known_to_the_steps_that_follow() {
    block("0m room; 5m pd", async |night| {
        night.sent("incident", 1).await;
        let given = BTreeMap::from([("affected users".to_owned(), Outside::new("about 500"))]);
        let verb = Verb::Escalate { path: "incident".into(), step: Some(1), steps: None };
        let plan = night.engine.plan(&night.ana, &night.id, verb, given).await.unwrap();
        night.engine.submit(&night.ana, &plan.hash, Confirmation::default()).await.unwrap();
        night.hand.advance(Span::mins(5));
        night.sent("incident", 2).await;
        let told = night.heard(1)[0].packet.iter().find(|(item, _)| item == "affected users").cloned();
        assert_eq!(told.and_then(|(_, value)| value), Some(Outside::new("about 500")));
    });
}
