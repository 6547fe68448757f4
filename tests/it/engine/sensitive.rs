//! Labels that are sensitive: hidden from everybody until they ask, and asking is on record first.

use std::collections::BTreeMap;
use std::time::Duration;

use quell::backend::{Backend, Report};
use quell::domain::action::Stage;
use quell::domain::category::Category;
use quell::domain::id::{Cursor, IncidentId};
use quell::domain::operator::Operator;
use quell::domain::record::Entry;
use quell::domain::sensitive::{HIDDEN, Sensitive};
use quell::domain::severity::Severity;
use quell::domain::signal::Labels;
use quell::domain::text::Outside;
use quell::domain::tie::{Seen, Tie};
use quell::os::clock::Clock;
use quell::simulator::Exchange;

use super::{Verb, World, freeze, on};

fn world() -> impl Future<Output = World> {
    let exchange = Exchange::new(7, "token", Clock::system());
    World::set_up(exchange, |setup| setup.sensitive = Sensitive::new(["Account_ID"]))
}

fn reading() -> Entry {
    Entry::SensitiveRead { labels: Vec::new() }
}

impl World {
    /// Everything this person can see of an incident without asking for what is hidden.
    async fn seen_by(&self, who: &Operator, id: &IncidentId) -> String {
        let engine = &self.engine;
        let changes = engine.changes(who, &Cursor::default(), Duration::ZERO).await.unwrap();
        let listed = changes.incidents.iter().find(|incident| incident.id == *id).unwrap();
        let detail = engine.incident(who, &id.to_string()).await.unwrap();
        let packet = engine.packet(who, id, "security").await.unwrap();
        let records = engine.records(who, 1, 1000).await.unwrap();
        let newest = engine.newest(who, None, 1000).await.unwrap();
        let applicable = engine.applicable(who, id).await.unwrap();
        let history = engine.history(who, quell::domain::time::Time::UNIX_EPOCH).await.unwrap();
        let mut seen = vec![
            serde_json::to_string(listed).unwrap(),
            serde_json::to_string(&changes.notices).unwrap(),
            serde_json::to_string(&detail).unwrap(),
            serde_json::to_string(&packet).unwrap(),
            serde_json::to_string(&applicable).unwrap(),
            serde_json::to_string(&records).unwrap(),
            serde_json::to_string(&newest).unwrap(),
            serde_json::to_string(&history).unwrap(),
        ];
        for record in &records {
            seen.push(engine.stored(who, record.seq).await.unwrap().bytes.raw().to_owned());
        }
        seen.join("\n")
    }

    async fn readings(&self, id: &IncidentId) -> Vec<(String, Vec<Outside>)> {
        let records = self.engine.incident(&self.ana, &id.to_string()).await.unwrap().records;
        let read = |record: quell::domain::record::Record| match record.entry {
            Entry::SensitiveRead { labels } => Some((record.by.name().to_owned(), labels)),
            _ => None,
        };
        records.into_iter().filter_map(read).collect()
    }

    /// The account that is attacked, as the exchange knows it.
    async fn account(&self) -> String {
        let alerts = self.ask("GET", "/api/v2/alerts", None);
        let mut all = alerts.as_array().unwrap().iter().map(|alert| &alert["labels"]);
        let attacked =
            all.find(|labels| labels["severity"] == "critical" && labels["account_id"].is_string());
        attacked.unwrap()["account_id"].as_str().unwrap().to_owned()
    }
}

#[test]
fn they_are_hidden_wherever_a_source_said_them_until_somebody_asks_on_record() {
    on(world(), async |world| {
        let incident = world.takeover().await;
        let account = world.account().await;
        world
            .until("the notice of it", |changes| {
                let mut about = changes.notices.iter().filter_map(|(_, _, notice)| notice.incident.as_ref());
                about.any(|id| *id == incident.id).then_some(())
            })
            .await;
        let seen = world.seen_by(&world.ana, &incident.id).await;
        assert!(seen.contains(HIDDEN) && !seen.contains(&account), "{account} in {seen}");
        assert!(incident.title().raw().ends_with(&format!("account {HIDDEN}")), "{:?}", incident.title());

        let revealed =
            world.engine.record(&world.ana, &incident.id, incident.version, reading()).await.unwrap();
        assert_eq!(revealed.label_values("account_id")[0].0.raw(), account);
        let read = [("ana".to_owned(), vec![Outside::new("account_id")])];
        assert_eq!(world.readings(&incident.id).await, read);
        assert!(world.seen_by(&world.ana, &incident.id).await.contains(&account));
        let bo = Operator::new("bo", "bastion");
        let seen = world.seen_by(&bo, &incident.id).await;
        assert!(!seen.contains(&account), "what ana reads is still hidden from bo: {seen}");
        assert!(!revealed.touched, "reading is no response to it");
    });
}

#[test]
fn a_target_is_shown_where_it_is_planned_and_that_is_on_record_once() {
    on(world(), async |world| {
        let incident = world.takeover().await;
        let account = world.account().await;
        let offered = world.engine.applicable(&world.ana, &incident.id).await.unwrap();
        let contain = offered.iter().find(|it| it.verb == freeze()).unwrap();
        assert_eq!(contain.asked[0].prefilled, Some(Outside::new(HIDDEN)));
        let plan = world.plan(&incident.id, freeze()).await.unwrap();
        assert_eq!(plan.target, Some(("account".to_owned(), Outside::new(account.as_str()))));
        assert_eq!(world.readings(&incident.id).await.len(), 1);
        let bo = Operator::new("bo", "bastion");
        let again = world.engine.plan(&bo, &incident.id, freeze(), BTreeMap::new()).await.unwrap();
        assert_eq!(again.target, plan.target);
        assert_eq!(world.readings(&incident.id).await.len(), 2, "bo read it too");
        world.confirm(&plan).await.unwrap();
        world.stage(&incident.id, 1, Stage::Verified).await;
        assert_eq!(world.effects("freeze", &account), 1);
    });
}

#[test]
fn an_escalation_says_it_whole_and_its_plan_says_so() {
    on(world(), async |world| {
        let incident = world.takeover().await;
        let account = world.account().await;
        let plan = world.plan(&incident.id, Verb::escalate("security")).await.unwrap();
        assert!(serde_json::to_string(&plan.request).unwrap().contains(&account));
        assert!(
            plan.warnings.iter().any(|it| it == "what is sensitive leaves as it is: account_id"),
            "{plan:?}"
        );
        assert_eq!(world.readings(&incident.id).await.len(), 1);
    });
}

#[test]
fn what_was_merged_says_no_more_than_before() {
    on(world(), async |world| {
        let incident = world.takeover().await;
        let account = world.account().await;
        let report = Report {
            title: Outside::new("Customers call"),
            severity: Severity::High,
            category: Category::UnauthorizedAccess,
            service: Outside::new("auth"),
            labels: Labels::new(),
            reported: None,
        };
        let other = world.engine.open(&world.ana, report).await.unwrap();
        let (of, to) = ([Seen::of(&incident)], Seen::of(&other));
        let tied = world.engine.tie(&world.ana, Tie::Merge, &of, &to).await.unwrap();
        assert_eq!(tied.last().unwrap().signals.len(), 1, "its signal came along");
        let said = serde_json::to_string(&tied).unwrap();
        assert!(said.contains(HIDDEN) && !said.contains(&account), "{said}");
        for id in [&incident.id, &other.id] {
            let seen = world.seen_by(&world.ana, id).await;
            assert!(!seen.contains(&account), "{account} in {seen}");
        }
    });
}

#[test]
fn what_one_person_read_is_not_in_the_card_that_others_get() {
    on(world(), async |world| {
        let incident = world.takeover().await;
        let account = world.account().await;
        world.engine.record(&world.ana, &incident.id, incident.version, reading()).await.unwrap();
        let card = Outside::new(format!("- {}: account {account} is under attack", incident.id));
        world.engine.offer_watch(&world.ana, "bo", card).await.unwrap();
        let bo = Operator::new("bo", "bastion");
        let changes = world.engine.changes(&bo, &Cursor::default(), Duration::ZERO).await.unwrap();
        let card = changes.watch.unwrap().card;
        assert_eq!(card.raw(), format!("- {}: account {HIDDEN} is under attack", incident.id));
    });
}

#[test]
fn dots_are_never_taken_for_what_they_hide() {
    on(world(), async |world| {
        let incident = world.takeover().await;
        let value = Outside::new(format!("account {HIDDEN}"));
        let filled = Entry::PacketFilled { item: "evidence".into(), value: value.clone() };
        let refusal =
            world.engine.record(&world.ana, &incident.id, incident.version, filled).await.unwrap_err();
        assert!(refusal.message.raw().contains("stands for what is hidden"), "{refusal}");
        let given = BTreeMap::from([("evidence".to_owned(), value)]);
        let escalate = Verb::escalate("security");
        assert!(world.engine.plan(&world.ana, &incident.id, escalate, given).await.is_err());
        assert_eq!(world.readings(&incident.id).await.len(), 0);
    });
}
