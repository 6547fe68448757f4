//! The demo's playbooks beyond freezing: a stolen API key is revoked, a bad version is rolled back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use quell::backend::Backend;
use quell::domain::action::{Contained, Stage, Verb};
use quell::domain::id::Cursor;
use quell::domain::incident::Incident;
use quell::domain::text::Outside;
use quell::domain::time::Span;
use quell::os::clock::{self, Clock, Hand};
use quell::simulator::{Exchange, MARKET_MAKER};

use super::World;

/// An exchange that opened two minutes ago: every story has begun.
async fn late() -> (World, Hand) {
    let ago = Span::secs(120);
    let (clock, hand) = Clock::by_hand(clock::now() - ago.delta());
    let exchange = Exchange::new(7, "token", clock);
    hand.advance(ago);
    (World::watching(exchange).await, hand)
}

fn block(test: impl AsyncFn(World, Hand)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let (world, hand) = late().await;
        test(world, hand).await;
    });
}

fn contain(playbook: &str) -> Verb {
    Verb::Contain { playbook: playbook.into() }
}

impl World {
    /// The incident whose alert has this label.
    async fn about(&self, label: &str) -> Arc<Incident> {
        self.until(label, |changes| {
            let mut all = changes.incidents.iter();
            all.find(|incident| incident.label_values(label).len() == 1).cloned()
        })
        .await
    }

    /// Waits until the incident's signals are read, and returns an annotation of the first.
    async fn annotation(&self, incident: &Incident, key: &str) -> Outside {
        let mut cursor = Cursor::default();
        loop {
            let detail = self.engine.incident(&self.ana, &incident.id.to_string()).await.unwrap();
            if let Some(signal) = detail.signals.first() {
                return Outside::new(signal.annotations.raw_value(key).unwrap());
            }
            cursor = self.engine.changes(&self.ana, &cursor, Duration::from_secs(1)).await.unwrap().cursor;
        }
    }

    /// Waits until no alert of the incident fires.
    async fn quiet(&self, incident: &Incident) {
        self.until("the end of the alert", |changes| {
            let now = changes.incidents.iter().find(|other| other.id == incident.id)?;
            (now.firing() == 0).then_some(())
        })
        .await;
    }
}

fn label(incident: &Incident, key: &str) -> String {
    incident.label_values(key)[0].0.raw().to_owned()
}

#[test]
fn a_stolen_key_is_revoked_and_its_alert_ends() {
    block(async |world, hand| {
        let incident = world.about("api_key").await;
        let (account, key) = (label(&incident, "account_id"), label(&incident, "api_key"));
        let path = format!("/admin/accounts/{account}/keys/{key}");
        let plan = world.plan(&incident.id, contain("revoke-api-key")).await.unwrap();
        assert_eq!(plan.typed_target().as_ref().map(Outside::raw), Some(key.as_str()));
        let look_up = plan.look_up.as_ref().unwrap();
        assert!(look_up.shown.iter().any(|(_, scopes)| scopes.raw() == "read trade withdraw"), "{look_up:?}");
        assert_eq!(world.ask("GET", &path, None)["state"], "active", "a plan sends nothing");

        world.confirm(&plan).await.unwrap();
        let done = world.stage(&incident.id, 1, Stage::Verified).await;
        assert_eq!(done.contained(), Contained::Verified);
        assert_eq!(world.ask("GET", &path, None)["state"], "revoked");
        assert_eq!(world.effects("revoke-key", &format!("{account}/{key}")), 1);
        hand.advance(Span::secs(20));
        world.quiet(&incident).await;
    });
}

#[test]
fn a_key_that_is_not_this_accounts_or_is_protected_is_refused() {
    block(async |world, _| {
        let incident = world.about("api_key").await;
        let protected = world.ask("GET", &format!("/admin/accounts/{MARKET_MAKER}/keys"), None);
        let key = Outside::new(protected["keys"][0]["id"].as_str().unwrap());
        for (account, why) in [(MARKET_MAKER, "must not be touched"), ("88213", "could not be looked up")] {
            let given: BTreeMap<_, _> =
                [("account".to_owned(), Outside::new(account)), ("key".to_owned(), key.clone())].into();
            let plan = world.engine.plan(&world.ana, &incident.id, contain("revoke-api-key"), given).await;
            let refusal = plan.unwrap_err();
            assert!(refusal.message.raw().contains(why), "{refusal}");
        }
        assert_eq!(world.ask("GET", "/admin/effects", None)["calls"].as_array().map(Vec::len), Some(0));
    });
}

#[test]
fn a_bad_version_is_rolled_back_and_its_service_is_well_again() {
    block(async |world, hand| {
        let incident = world.about("version").await;
        let (version, previous) = (label(&incident, "version"), label(&incident, "previous"));
        let service = label(&incident, "service");
        let health = format!("/{service}/health");
        assert_eq!(world.ask("GET", &health, None)["version"], version.as_str());
        assert_eq!(world.ask("GET", &health, None)["status"], "degraded");
        let plan = world.plan(&incident.id, contain("roll-back")).await.unwrap();
        assert_eq!(plan.typed_target().as_ref().map(Outside::raw), Some(version.as_str()));
        let look_up = plan.look_up.as_ref().unwrap();
        assert!(look_up.shown.iter().any(|(_, shown)| shown.raw() == previous), "{look_up:?}");

        world.confirm(&plan).await.unwrap();
        world.stage(&incident.id, 1, Stage::Verified).await;
        assert_eq!(world.effects("roll-back", &format!("{service}/{version}")), 1);
        hand.advance(Span::secs(20));
        assert_eq!(world.ask("GET", &health, None)["version"], previous.as_str());
        assert_eq!(world.ask("GET", &health, None)["status"], "ok");
        world.quiet(&incident).await;

        let refusal = world.plan(&incident.id, contain("roll-back")).await.unwrap_err();
        assert!(refusal.message.raw().contains("must not be touched"), "it is rolled back: {refusal}");
    });
}

#[test]
fn what_the_alert_knows_in_its_details_reaches_the_incident() {
    block(async |world, _| {
        let incident = world.about("source_ips").await;
        let raw = world.annotation(&incident, "details").await;
        let details: serde_json::Value = serde_json::from_str(raw.raw()).unwrap();
        assert_eq!(details["account"]["id"], label(&incident, "account_id").as_str());
        assert!(details["user"]["mapping_id"].as_str().unwrap().starts_with("um_"));
    });
}
