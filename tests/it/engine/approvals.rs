//! A second person: asked, agreeing, refused in every way, done without when the glass is broken.

mod signed;
mod without;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use quell::backend::{Backend, Confirmation, Receipt, Refusal, RefusalKind, Report};
use quell::domain::action::{Action, Stage, Verb};
use quell::domain::approval::{Ask, AskState};
use quell::domain::category::Category;
use quell::domain::id::{Cursor, IncidentId};
use quell::domain::identity::{Person, Signature, Standing, Statement};
use quell::domain::notice::NoticeKind;
use quell::domain::operator::Operator;
use quell::domain::plan::{Plan, PlanHash};
use quell::domain::playbook::Playbook;
use quell::domain::record::{Entry, Record};
use quell::domain::severity::Severity;
use quell::domain::text::Outside;
use quell::domain::time::Span;
use quell::engine::Engine;
use quell::identity::Identity;
use quell::ledger::Draft;
use quell::os::clock::{Clock, Hand};
use quell::simulator::{Exchange, serve};

use super::engine_with;

const REPLICA: &str = "tok-1";

fn isolate() -> Verb {
    Verb::Contain { playbook: "isolate-replica".into() }
}

/// Somebody with a key and an engine of their own on the ledger everybody shares.
struct Someone {
    who: Operator,
    identity: Identity,
    engine: Engine,
    clock: Clock,
}

impl Someone {
    async fn signature(&self, statement: &Statement<'_>) -> Option<Signature> {
        Some(self.identity.sign(statement, self.clock.now()).await.unwrap())
    }

    /// What they confirm, with this signature.
    fn confirmation(&self, signature: Option<Signature>) -> Confirmation {
        Confirmation { typed: Some(Outside::new(REPLICA)), signature, ..Confirmation::default() }
    }

    async fn submit(&self, plan: &Plan) -> Result<Receipt, Refusal> {
        let signature = self.signature(&Statement::Request { plan: &plan.hash }).await;
        self.engine.submit(&self.who, &plan.hash, self.confirmation(signature)).await
    }

    async fn consent(&self, ask: &Ask) -> Option<Signature> {
        let (plan, until) = (&ask.plan.hash, ask.until);
        self.signature(&Statement::Approval { plan, ask: ask.seq, until }).await
    }

    async fn approve(&self, ask: &Ask) -> Result<Receipt, Refusal> {
        self.approve_signed(ask, self.consent(ask).await).await
    }

    async fn approve_signed(&self, ask: &Ask, signature: Option<Signature>) -> Result<Receipt, Refusal> {
        self.engine.approve(&self.who, &ask.plan.hash, self.confirmation(signature)).await
    }
}

/// The exchange, and the people who look after it: `ana` and `bo` may approve, `cy` may only ask, and nobody knows `eve`.
struct Scene {
    base: String,
    hand: Hand,
    id: IncidentId,
    ana: Someone,
    bo: Someone,
    cy: Someone,
    eve: Someone,
    _folder: tempfile::TempDir,
}

impl Scene {
    async fn new() -> Self {
        Self::with(&["ana", "bo", "cy"]).await
    }

    /// Where only these are listed.
    async fn with(listed: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        drop(tokio::spawn(serve(listener, Exchange::new(7, "token", Clock::system()))));
        quell::os::files::write_private(&folder.path().join("token"), b"token").unwrap();
        let (clock, hand) = Clock::by_hand("2026-11-20T14:03:00Z".parse().unwrap());
        let mut identities = BTreeMap::new();
        let mut people = Vec::new();
        for name in ["ana", "bo", "cy", "eve"] {
            let identity = Identity::make(&folder.path().join(name)).unwrap();
            let roles = match name {
                "cy" => vec![Standing::Responder],
                _ => vec![Standing::Responder, Standing::Approver],
            };
            people.push(Person { name: name.to_owned(), key: identity.public().await.unwrap(), roles });
            identities.insert(name, identity);
        }
        people.retain(|person| listed.contains(&person.name.as_str()));
        let mut all = Vec::new();
        for (name, identity) in identities {
            let who = Operator { key: Some(identity.id()), ..Operator::new(name, "bastion") };
            let engine = engine_with(folder.path(), &base, clock.clone(), |setup| {
                let isolate = setup.playbooks.iter_mut().find(|it| it.id == "isolate-replica").unwrap();
                let alone = Playbook { id: "isolate-alone".to_owned(), ..isolate.clone() };
                isolate.approvals = 1;
                setup.playbooks.push(alone);
                setup.people = people.clone();
            });
            all.push(Someone { who, identity, engine: engine.await, clock: clock.clone() });
        }
        let [ana, bo, cy, eve] = all.try_into().unwrap_or_else(|_| unreachable!());
        let report = Report {
            title: Outside::new("Tokens are late"),
            severity: Severity::High,
            category: Category::Outage,
            service: Outside::new("tokens"),
            labels: [(Outside::new("replica"), Outside::new(REPLICA))].into(),
            reported: None,
        };
        let id = ana.engine.open(&ana.who, report).await.unwrap().id.clone();
        for someone in [&ana, &bo, &cy, &eve] {
            someone.engine.follow();
        }
        Self { base, hand, id, ana, bo, cy, eve, _folder: folder }
    }

    async fn plan(&self, by: &Someone, verb: Verb) -> Plan {
        let incident = by.engine.incident(&by.who, &self.id.to_string()).await.unwrap().incident;
        by.engine.plan(&by.who, &incident.id, verb, BTreeMap::new()).await.unwrap()
    }

    /// Ana wants the replica isolated.
    async fn asked(&self) -> Ask {
        let plan = self.plan(&self.ana, isolate()).await;
        let receipt = self.ana.submit(&plan).await.unwrap();
        assert_eq!((receipt.action, receipt.repeated), (None, false));
        let ask = receipt.incident.asks[&plan.hash].clone();
        assert_eq!(receipt.waits, Some(ask.until));
        ask
    }

    async fn records(&self) -> Vec<Record> {
        self.ana.engine.records(&self.ana.who, 1, 1000).await.unwrap()
    }

    /// The approval was refused because of this; that and whose it was is the last thing written down.
    async fn refused(&self, approval: Result<Receipt, Refusal>, by: &Someone, why: &str) {
        let refusal = approval.expect_err(why);
        let told = format!("{refusal} {}", refusal.differences.join(" "));
        assert!(told.contains(why), "{told} lacks {why}");
        let last = self.records().await.pop().unwrap();
        assert_eq!(last.by.person(), Some(by.who.name.as_str()), "{why}");
        let Entry::ApprovalRefused { because, .. } = &last.entry else { panic!("{why}: {last:?}") };
        assert!(because.raw().contains(why), "{because:?} lacks {why}");
    }

    /// Waits until it is known how an action ended.
    async fn ended(&self, by: &Someone, number: u32) -> Action {
        let mut cursor = Cursor::default();
        loop {
            let changes = by.engine.changes(&by.who, &cursor, Duration::from_secs(1)).await.unwrap();
            cursor = changes.cursor;
            let action = changes.incidents.iter().find_map(|it| it.actions.get(&number));
            if let Some(action) = action.filter(|it| it.stage != Stage::Sent && !it.is_verifying()) {
                return action.clone();
            }
        }
    }

    fn call(&self, method: &str, path: &str) -> serde_json::Value {
        let port = self.base.rsplit(':').next().unwrap().parse().unwrap();
        let headers = [("authorization", "Bearer token"), ("content-type", "application/json")];
        crate::support::http::request(port, method, path, &headers, "{}").unwrap().json()
    }

    /// How often the replica was really isolated.
    fn isolated(&self) -> u64 {
        let effects = self.call("GET", "/admin/effects");
        let mut all = effects["effects"].as_array().unwrap().iter();
        let one = all.find(|effect| effect["verb"] == "isolate" && effect["target"] == REPLICA);
        one.map_or(0, |effect| effect["count"].as_u64().unwrap())
    }
}

fn block(test: impl AsyncFn(Scene)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let whole = async { test(Scene::new().await).await };
    runtime.block_on(async { tokio::time::timeout(Duration::from_secs(60), whole).await.unwrap() });
}

#[test]
fn what_one_person_asks_for_another_carries_out() {
    block(async |scene| {
        let ask = scene.asked().await;
        assert_eq!(ask.until - ask.at, Span::mins(15).delta());
        let again = scene.ana.submit(&ask.plan).await.unwrap();
        assert_eq!((again.action, again.waits, again.repeated), (None, Some(ask.until), true));
        assert_eq!(scene.isolated(), 0, "nothing leaves before somebody agrees");

        scene.hand.advance(Span::mins(15));
        let receipt = scene.bo.approve(&ask).await.unwrap();
        assert_eq!(receipt.incident.asks[&ask.plan.hash].state, AskState::Used { action: 1 });
        let action = scene.ended(&scene.bo, 1).await;
        assert_eq!((action.stage, action.by.as_str()), (Stage::Verified, "ana"));
        let confirmed = &action.confirmed;
        assert_eq!(confirmed.approved_by.as_deref(), Some("bo"));
        assert_eq!((&confirmed.typed, &confirmed.signature), (&ask.typed, &Some(ask.signature.clone())));
        assert_eq!(scene.isolated(), 1);

        let ana = scene.ended(&scene.ana, 1).await;
        assert_eq!(ana, action, "whoever asked sees it");
        let old = scene.ana.submit(&ask.plan).await.unwrap();
        assert_eq!((old.action, old.repeated), (Some(1), true));
        assert_eq!(scene.isolated(), 1);
    });
}

#[test]
fn only_another_listed_approver_can_be_the_second_person_and_whoever_else_tries_is_written_down() {
    block(async |scene| {
        let ask = scene.asked().await;
        scene.refused(scene.ana.approve(&ask).await, &scene.ana, "whoever asks cannot be the second").await;
        scene.refused(scene.cy.approve(&ask).await, &scene.cy, "cy has not the role approver").await;
        scene.refused(scene.eve.approve(&ask).await, &scene.eve, "no [[person]] has the key").await;
        // Under another's name, or with another's key.
        let posing = |who: &Operator, by: &Someone| Operator { name: who.name.clone(), ..by.who.clone() };
        let ana = posing(&scene.ana.who, &scene.bo);
        let consent = scene.bo.confirmation(scene.bo.consent(&ask).await);
        let approval = scene.bo.engine.approve(&ana, &ask.plan.hash, consent.clone()).await;
        scene.refused(approval, &scene.ana, "that is bo's key, and not ana's").await;
        let approval = scene.ana.engine.approve(&scene.ana.who, &ask.plan.hash, consent).await;
        scene.refused(approval, &scene.ana, "that is bo's key, and not ana's").await;
        assert_eq!(scene.isolated(), 0);
        scene.bo.approve(&ask).await.unwrap();
    });
}

#[test]
fn after_its_time_an_approval_is_refused_and_an_old_one_does_not_fit_a_new_request() {
    block(async |scene| {
        let ask = scene.asked().await;
        let old = scene.bo.consent(&ask).await;
        scene.hand.advance(Span::millis(15 * 60_000 + 1));
        scene.refused(scene.bo.approve(&ask).await, &scene.bo, "its time was over at 14:18Z; ana must").await;
        let anew = scene.asked().await;
        assert_eq!(anew.plan.hash, ask.plan.hash, "nothing else has changed");
        let approval = scene.bo.approve_signed(&anew, old).await;
        scene.refused(approval, &scene.bo, "the signature is not over").await;
        assert_eq!(scene.isolated(), 0);
        scene.bo.approve(&anew).await.unwrap();
    });
}

#[test]
fn what_changed_since_it_was_asked_for_refuses_the_approval() {
    block(async |scene| {
        let (ana, bo) = (&scene.ana, &scene.bo);
        let ask = scene.asked().await;
        let worse = |severity| Entry::SeveritySet { severity, because: Some(Outside::new("it spreads")) };
        ana.engine.record(&ana.who, &scene.id, u64::MAX, worse(Severity::Critical)).await.unwrap();
        scene.refused(bo.approve(&ask).await, bo, "severity was high, is now critical").await;
        ana.engine.record(&ana.who, &scene.id, u64::MAX, worse(Severity::High)).await.unwrap();
        // Somebody else isolated it in the exchange itself.
        scene.call("POST", &format!("/admin/replicas/{REPLICA}/isolate"));
        scene.refused(bo.approve(&ask).await, bo, "the target's own record has changed").await;
        assert_eq!(scene.isolated(), 1, "by them, not by us");
    });
}

#[test]
fn an_approval_counts_once_however_often_and_by_however_many_it_is_given() {
    block(async |scene| {
        let ask = scene.asked().await;
        let (first, second, third) =
            tokio::join!(scene.bo.approve(&ask), scene.bo.approve(&ask), scene.bo.approve(&ask));
        assert_eq!([&first, &second, &third].iter().filter(|it| it.is_ok()).count(), 1);
        let action = scene.ended(&scene.bo, 1).await;
        assert_eq!(action.stage, Stage::Verified);
        scene.refused(scene.bo.approve(&ask).await, &scene.bo, "used already, for action #1").await;
        let refusals = scene.records().await.into_iter();
        let refusals = refusals.filter(|it| matches!(it.entry, Entry::ApprovalRefused { .. })).count();
        assert_eq!((refusals, scene.isolated()), (3, 1));
    });
}

#[test]
fn whoever_asked_may_carry_out_what_was_approved_and_left_undone() {
    block(async |scene| {
        let ask = scene.asked().await;
        // Bo's process ended between the two.
        let entry = Entry::Approved {
            plan: ask.plan.hash.clone(),
            ask: ask.seq,
            signature: scene.bo.consent(&ask).await.unwrap(),
        };
        let by = quell::domain::operator::Actor::Person(scene.bo.who.clone());
        scene.bo.engine.ledger().append(vec![Draft::of(&scene.id, by, ask.at, entry)]).await.unwrap();
        scene.ended_asking(&ask).await;
        let receipt = scene.ana.submit(&ask.plan).await.unwrap();
        assert_eq!(receipt.action, Some(1));
        let action = scene.ended(&scene.ana, 1).await;
        assert_eq!(action.confirmed.approved_by.as_deref(), Some("bo"));
        scene.refused(scene.bo.approve(&ask).await, &scene.bo, "used already").await;
        assert_eq!(scene.isolated(), 1);
    });
}

impl Scene {
    /// Waits until ana's engine has read that somebody agreed.
    async fn ended_asking(&self, ask: &Ask) {
        let mut cursor = Cursor::default();
        let agreed = |incident: &Arc<quell::domain::incident::Incident>| {
            incident.asks.get(&ask.plan.hash).is_some_and(|ask| ask.state != AskState::Waiting)
        };
        loop {
            let wait = Duration::from_secs(1);
            let changes = self.ana.engine.changes(&self.ana.who, &cursor, wait).await.unwrap();
            if changes.incidents.iter().any(agreed) {
                return;
            }
            cursor = changes.cursor;
        }
    }
}

#[test]
fn the_same_wish_of_another_person_is_no_second_request() {
    block(async |scene| {
        let ask = scene.asked().await;
        let plan = scene.plan(&scene.bo, isolate()).await;
        assert_eq!(plan.hash, ask.plan.hash, "the same wish is the same plan");
        let refusal = scene.bo.submit(&plan).await.unwrap_err();
        let said = format!(
            "ana asked for exactly this at 14:03:00Z; approve it: quell approve {}",
            plan.hash.short()
        );
        assert_eq!(refusal.message.raw(), said);
    });
}

#[test]
fn asking_needs_a_key_that_is_listed_and_somebody_else_who_may_agree() {
    block(async |scene| {
        let plan = scene.plan(&scene.ana, isolate()).await;
        let unsigned = scene.ana.confirmation(None);
        let refusal = scene.ana.engine.submit(&scene.ana.who, &plan.hash, unsigned).await.unwrap_err();
        assert!(refusal.message.raw().contains("must be signed"), "{refusal}");
        let foreign =
            scene.ana.confirmation(scene.bo.signature(&Statement::Request { plan: &plan.hash }).await);
        let refusal = scene.ana.engine.submit(&scene.ana.who, &plan.hash, foreign).await.unwrap_err();
        assert!(refusal.message.raw().contains("the signature is not yours"), "{refusal}");
        let plan = scene.plan(&scene.eve, isolate()).await;
        let refusal = scene.eve.submit(&plan).await.unwrap_err();
        assert!(refusal.message.raw().contains("no [[person]] has the key"), "{refusal}");

        let alone = Scene::with(&["ana", "cy"]).await;
        let plan = alone.plan(&alone.ana, isolate()).await;
        let refusal = alone.ana.submit(&plan).await.unwrap_err();
        assert!(refusal.message.raw().contains("nobody else may approve it"), "{refusal}");
    });
}
