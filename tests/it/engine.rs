//! The engine on the simulated exchange: from an alert to a verified containment, and every way that can end.

mod approvals;
mod outcomes;
mod playbooks;
mod safety;
mod sensitive;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::support::watched;
use quell::backend::{Backend, Changes, Confirmation, Refusal};
use quell::channels::Channel;
use quell::domain::action::{Contained, Stage, Verb};
use quell::domain::escalation::{Path, Step, StepState, Stopped};
use quell::domain::id::{Cursor, IncidentId};
use quell::domain::incident::Incident;
use quell::domain::operator::Operator;
use quell::domain::plan::{Plan, Request};
use quell::domain::playbook::Playbook;
use quell::domain::record::Entry;
use quell::domain::text::Outside;
use quell::domain::time::Span;
use quell::engine::{Adapters, Engine, Setup};
use quell::ledger::Ledger;
use quell::ledger::live::Live;
use quell::net::{Api, ApiSettings, Environment};
use quell::os::clock::Clock;
use quell::simulator::{Exchange, demo_config, serve};

#[derive(serde::Deserialize)]
struct Demo {
    source: Vec<quell::sources::Settings>,
    api: Vec<ApiSettings>,
    playbook: Vec<Playbook>,
    channel: Vec<quell::channels::Settings>,
}

/// An exchange in trouble and an engine that watches it.
struct World {
    folder: tempfile::TempDir,
    base: String,
    engine: Engine,
    ana: Operator,
}

fn block(test: impl AsyncFn(World)) {
    on(World::new(), test);
}

fn on(world: impl Future<Output = World>, test: impl AsyncFn(World)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async { test(world.await).await });
}

impl World {
    async fn new() -> Self {
        Self::watching(Exchange::new(7, "token", Clock::system())).await
    }

    async fn watching(exchange: Arc<Exchange>) -> Self {
        Self::set_up(exchange, |_| {}).await
    }

    /// One whose other side recognises no key.
    async fn forgetful() -> Self {
        let forget = |setup: &mut Setup| setup.playbooks.iter_mut().for_each(|it| it.idempotent = false);
        Self::set_up(Exchange::new(7, "token", Clock::system()), forget).await
    }

    async fn set_up(exchange: Arc<Exchange>, change: impl FnOnce(&mut Setup)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        drop(tokio::spawn(serve(listener, exchange)));
        let token = folder.path().join("token");
        quell::os::files::write_private(&token, b"token").unwrap();
        let engine = engine_set_up(folder.path(), &base, "3s", change).await;
        engine.start();
        Self { folder, base, engine, ana: Operator::new("ana", "bastion") }
    }

    /// Waits until the engine shows what is asked for.
    async fn until<T>(&self, what: &str, ask: impl Fn(&Changes) -> Option<T>) -> T {
        watched::until(&self.engine, &self.ana, what, ask).await
    }

    async fn takeover(&self) -> Arc<Incident> {
        self.until("the account takeover", |changes| {
            let mut all = changes.incidents.iter();
            all.find(|i| {
                i.contained() == Contained::None
                    && i.label_values("account_id").len() == 1
                    && i.severity == quell::domain::severity::Severity::Critical
            })
            .cloned()
        })
        .await
    }

    async fn plan(&self, incident: &IncidentId, verb: Verb) -> Result<Plan, Refusal> {
        self.engine.plan(&self.ana, incident, verb, BTreeMap::new()).await
    }

    async fn confirm(&self, plan: &Plan) -> Result<quell::backend::Receipt, Refusal> {
        let typed = plan.typed_target();
        self.engine
            .submit(&self.ana, &plan.hash, Confirmation { typed, twice: false, ..Confirmation::default() })
            .await
    }

    async fn stage(&self, id: &IncidentId, action: u32, stage: Stage) -> Arc<Incident> {
        self.until(&format!("action {action} {stage:?}"), |changes| {
            let incident = changes.incidents.iter().find(|incident| incident.id == *id)?;
            (incident.actions.get(&action)?.stage == stage).then(|| incident.clone())
        })
        .await
    }

    fn ask(&self, method: &str, path: &str, body: Option<serde_json::Value>) -> serde_json::Value {
        let port = self.base.rsplit(':').next().unwrap().parse().unwrap();
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let headers = [("authorization", "Bearer token"), ("content-type", "application/json")];
        crate::support::http::request(port, method, path, &headers, &body).unwrap().json()
    }

    /// How often the exchange really did it.
    fn effects(&self, verb: &str, target: &str) -> u64 {
        let effects = self.ask("GET", "/admin/effects", None);
        let all = effects["effects"].as_array().unwrap();
        let one = all.iter().find(|effect| effect["verb"] == verb && effect["target"] == target);
        one.map_or(0, |effect| effect["count"].as_u64().unwrap())
    }
}

async fn engine(state: &std::path::Path, base: &str, first_step: &str) -> Engine {
    engine_set_up(state, base, first_step, |_| {}).await
}

async fn engine_set_up(
    state: &std::path::Path,
    base: &str,
    first_step: &str,
    change: impl FnOnce(&mut Setup),
) -> Engine {
    engine_with(state, base, Clock::system(), |setup| {
        let security = setup.paths.iter_mut().find(|path: &&mut Path| path.id == "security").unwrap();
        security.when = Some("sev:critical category:unauthorized-access".parse().unwrap());
        security.steps = vec![
            Step { after: Span::parse(first_step).unwrap(), to: vec!["sec-room".into()] },
            Step { after: Span::mins(4), to: vec!["sec-room".into()] },
        ];
        change(setup);
    })
    .await
}

/// An engine on the demo's configuration, changed so.
async fn engine_with(
    state: &std::path::Path,
    base: &str,
    clock: Clock,
    change: impl FnOnce(&mut Setup),
) -> Engine {
    let demo: Demo =
        toml::from_str(&demo_config(base, "127.0.0.1:1", state.join("token").to_str().unwrap())).unwrap();
    let environment: Environment = |_| None;
    let mut adapters = Adapters::default();
    for source in &demo.source {
        adapters.sources.push(Arc::from(quell::sources::build(source, &demo.api, environment).unwrap()));
    }
    for api in &demo.api {
        adapters.apis.insert(api.name.clone(), Api::new(api, environment).unwrap());
    }
    for channel in &demo.channel {
        let channel: Arc<dyn Channel> = Arc::from(quell::channels::build(channel, environment).unwrap());
        adapters.channels.insert(channel.name().to_owned(), channel);
    }
    let mut setup = Setup {
        state: state.to_owned(),
        playbooks: demo.playbook,
        actions_enabled: true,
        ..Setup::default()
    };
    change(&mut setup);
    let ledger = Ledger::open(&state.join("ledger.db"), "ANA").unwrap();
    let live = Live::open(&state.join("live.db")).unwrap();
    Engine::new(setup, adapters, ledger, live, clock).await.unwrap()
}

fn freeze() -> Verb {
    Verb::Contain { playbook: "freeze-account".into() }
}

#[test]
fn an_alert_is_contained_verified_and_undone_and_every_stage_is_written_down() {
    block(async |world| {
        let incident = world.takeover().await;
        let account = incident.label_values("account_id")[0].0.raw().to_owned();
        let plan = world.plan(&incident.id, freeze()).await.unwrap();
        assert_eq!(world.effects("freeze", &account), 0, "a plan sends nothing");
        let receipt = world.confirm(&plan).await.unwrap();
        let again = world.confirm(&plan).await.unwrap();
        assert!(again.repeated && again.action == receipt.action, "a repeated submit is the old one");
        let done = world.stage(&incident.id, 1, Stage::Verified).await;
        assert_eq!(done.contained(), Contained::Verified);
        assert_eq!(world.ask("GET", &format!("/admin/accounts/{account}"), None)["status"], "frozen");
        assert_eq!(world.effects("freeze", &account), 1);

        let undo = Verb::Undo { playbook: "freeze-account".into(), action: 1 };
        let plan = world.plan(&incident.id, undo).await.unwrap();
        world.confirm(&plan).await.unwrap();
        let undone = world.stage(&incident.id, 2, Stage::Verified).await;
        assert_eq!(undone.actions[&1].stage, Stage::Undone);
        assert_eq!(world.ask("GET", &format!("/admin/accounts/{account}"), None)["status"], "active");

        let records = world.engine.incident(&world.ana, &incident.id.to_string()).await.unwrap().records;
        let stages = records.iter().filter(|record| {
            matches!(
                record.entry,
                Entry::Intended { .. } | Entry::Sent { .. } | Entry::Answered { .. } | Entry::Settled { .. }
            )
        });
        assert_eq!(stages.count(), 8, "intent, sending, outcome and proof, twice");
    });
}

#[test]
fn a_plan_whose_basis_changed_is_refused_with_the_difference_and_sends_nothing() {
    block(async |world| {
        let incident = world.takeover().await;
        let account = incident.label_values("account_id")[0].0.raw().to_owned();
        let plan = world.plan(&incident.id, freeze()).await.unwrap();
        let bo = Operator::new("bo", "bastion");
        let ack = Entry::Acknowledged { lasts_s: 600, from: None };
        world.engine.record(&bo, &incident.id, incident.version, ack).await.unwrap();
        let refusal = world.confirm(&plan).await.unwrap_err();
        assert_eq!(refusal.differences, ["the owner was nobody, is now bo"]);
        assert_eq!(world.effects("freeze", &account), 0);
        // The same look, once more, is a new plan on what is true now.
        let plan = world.plan(&incident.id, freeze()).await.unwrap();
        world.confirm(&plan).await.unwrap();
        world.stage(&incident.id, 1, Stage::Verified).await;
    });
}

#[test]
fn a_wrongly_typed_target_and_a_protected_account_are_refused() {
    block(async |world| {
        let incident = world.takeover().await;
        let plan = world.plan(&incident.id, freeze()).await.unwrap();
        let typed = Some(Outside::new("88213"));
        let refusal = world
            .engine
            .submit(&world.ana, &plan.hash, Confirmation { typed, twice: false, ..Confirmation::default() })
            .await;
        assert!(refusal.unwrap_err().message.raw().contains("but the target is"));
        let parameters = [("account".to_owned(), Outside::new(quell::simulator::MARKET_MAKER))].into();
        let refusal = world.engine.plan(&world.ana, &incident.id, freeze(), parameters).await.unwrap_err();
        assert!(refusal.message.raw().contains("must not be touched"), "{refusal}");
        assert_eq!(world.ask("GET", "/admin/effects", None)["effects"].as_array().map(Vec::len), Some(0));
    });
}

#[test]
fn an_unacknowledged_critical_pages_by_itself_and_an_acknowledgement_stops_the_next_step() {
    block(async |world| {
        let incident = world.takeover().await;
        let paged = world
            .until("the first step", |changes| {
                let now = changes.incidents.iter().find(|i| i.id == incident.id)?;
                let first = now.escalation()?.steps.first()?;
                matches!(&first.state, StepState::Sent(receipts) if receipts.iter().all(|r| r.accepted))
                    .then(|| now.clone())
            })
            .await;
        let messages = world.ask("GET", "/sink/chat", None);
        assert_eq!(messages["messages"].as_array().unwrap().len(), 1, "{messages}");
        let ack = Entry::Acknowledged { lasts_s: 600, from: None };
        let acked = world.engine.record(&world.ana, &incident.id, paged.version, ack).await.unwrap();
        let escalation = acked.escalation().unwrap();
        assert_eq!(escalation.stopped, Some(Stopped::Acknowledged("ana".into())));
        assert_eq!(escalation.next(), None);
    });
}

#[test]
fn a_packet_is_found_in_nested_details_and_what_a_person_gives_wins() {
    block(async |world| {
        let incident = world.takeover().await;
        let packet = world.engine.packet(&world.ana, &incident.id, "security").await.unwrap();
        let values = |item: &str| {
            let item = packet.items.iter().find(|known| known.name == item);
            item.map(|item| item.values.clone()).unwrap_or_default()
        };
        assert!(
            values("request ids").iter().filter(|fact| fact.value.raw().starts_with("req_")).count() == 3
        );
        let mapping = &values("user-mapping ids")[0];
        assert!(mapping.value.raw().starts_with("um_"), "{mapping:?}");
        assert!(mapping.whence.words().starts_with("/details/user/mapping_id of "), "{mapping:?}");
        let account = &incident.label_values("account_id")[0].0;
        assert!(values("accounts").iter().any(|fact| fact.value == *account));

        let escalate = Verb::escalate("security");
        let given = BTreeMap::from([("user-mapping ids".to_owned(), Outside::new("usr-mine"))]);
        let plan = world.engine.plan(&world.ana, &incident.id, escalate, given).await.unwrap();
        let Request::Tell(telling) = &plan.request else { panic!("{plan:?}") };
        let said = |item: &str| {
            telling.packet.iter().find(|(name, _)| name == item).and_then(|(_, said)| said.clone())
        };
        assert_eq!(said("user-mapping ids"), Some(Outside::new("usr-mine")));
        assert!(said("request ids").unwrap().raw().contains(", req_"));
        assert_eq!(said("evidence"), None);
        assert!(world.engine.packet(&world.ana, &incident.id, "nowhere").await.is_err());
    });
}

#[test]
fn a_second_engine_on_the_ledger_follows_and_can_act() {
    block(async |world| {
        let incident = world.takeover().await;
        let second = engine(world.folder.path(), &world.base, "3s").await;
        second.start();
        let bo = Operator::new("bo", "bastion");
        let plan = second.plan(&bo, &incident.id, freeze(), BTreeMap::new()).await.unwrap();
        let typed = plan.typed_target();
        second
            .submit(&bo, &plan.hash, Confirmation { typed, twice: false, ..Confirmation::default() })
            .await
            .unwrap();
        let seen = world.stage(&incident.id, 1, Stage::Verified).await;
        assert_eq!(seen.actions[&1].by, "bo");
        let view = second.changes(&bo, &Cursor::default(), Duration::ZERO).await.unwrap();
        assert!(view.sources.iter().all(|source| source.as_of.is_some()), "a follower reads freshness");
        assert!(view.holder.is_some());
    });
}

#[test]
fn what_changes_while_the_target_is_looked_up_once_more_stops_the_plan() {
    block(async |world| {
        let incident = world.takeover().await;
        let account = incident.label_values("account_id")[0].0.raw().to_owned();
        let plan = world.plan(&incident.id, freeze()).await.unwrap();
        let slow = serde_json::json!({"path": "/admin/accounts/", "method": "GET", "times": 1, "how": {"delay_ms": 1500}});
        world.ask("POST", "/admin/faults", Some(slow));
        let severity = async {
            // The look-up is under way when this is written down.
            world
                .until("the switch to be used", |_| {
                    let left = world.ask("GET", "/admin/faults", None);
                    left["faults"].as_array().is_none_or(Vec::is_empty).then_some(())
                })
                .await;
            let because = Some(Outside::new("one account only"));
            let severity = quell::domain::severity::Severity::Normal;
            let entry = Entry::SeveritySet { severity, because };
            world.engine.record(&world.ana, &incident.id, incident.version, entry).await.unwrap();
        };
        let (submitted, ()) = tokio::join!(world.confirm(&plan), severity);
        assert_eq!(submitted.unwrap_err().differences, ["severity was critical, is now normal"]);
        assert_eq!(world.effects("freeze", &account), 0);
    });
}

#[test]
fn a_step_sent_again_by_hand_is_really_sent_again() {
    block(async |world| {
        let incident = world.takeover().await;
        let escalate = Verb::escalate("security");
        for attempt in 1..=4 {
            let plan = world.plan(&incident.id, escalate.clone()).await.unwrap();
            let receipt = world.confirm(&plan).await.unwrap();
            assert!(!receipt.repeated, "attempt {attempt}");
            world
                .until("the receipt", |changes| {
                    let now = changes.incidents.iter().find(|i| i.id == incident.id)?;
                    let steps = &now.escalation_on("security")?.steps;
                    let begun: u32 = steps.iter().map(|step| step.attempts).sum();
                    let over = steps.iter().all(|step| !matches!(step.state, StepState::Started(_)));
                    (begun >= attempt && over).then_some(())
                })
                .await;
        }
        let messages = world.ask("GET", "/sink/chat", None);
        let messages = messages["messages"].as_array().unwrap();
        assert!(messages.len() >= 4, "{messages:#?}");
        let keys: Vec<_> = messages.iter().map(|message| message["body"]["key"].to_string()).collect();
        let different: std::collections::BTreeSet<_> = keys.iter().collect();
        assert_eq!(different.len(), keys.len(), "what is meant again is a message of its own: {keys:?}");
    });
}
