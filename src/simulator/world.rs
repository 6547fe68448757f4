//! The exchange's world: a pure value moved on by explicit steps of time.

use serde_json::Value;

use super::alert::Alert;
use super::effects::{Answer, Call, Effects, Verb};
use super::floor::Floor;
use super::health::{self, Health, Service};
use super::storyline::account_takeover::AccountTakeover;
use super::storyline::background;
use super::storyline::bad_deploy::BadDeploy;
use super::storyline::token_outage::TokenOutage;
use crate::domain::time::{Span, Time};

/// The world moves in steps of this length, so that it does not matter when it is looked at.
pub const STEP: Span = Span::millis(250);

/// Everything that is true of the exchange at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct World {
    seed: u64,
    opened: Time,
    stepped: Time,
    now: Time,
    floor: Floor,
    takeover: AccountTakeover,
    outage: TokenOutage,
    deploy: BadDeploy,
    effects: Effects,
}

impl World {
    /// The world at opening.
    pub fn new(seed: u64, opened: Time) -> Self {
        Self {
            seed,
            opened,
            stepped: opened,
            now: opened,
            floor: Floor::new(seed, opened),
            takeover: AccountTakeover::new(seed, opened),
            outage: TokenOutage::new(seed, opened),
            deploy: BadDeploy::new(seed, opened),
            effects: Effects::default(),
        }
    }

    /// Moves on to a later time; an earlier one changes nothing.
    pub fn advance(&mut self, to: Time) {
        while self.stepped + STEP.delta() <= to {
            self.stepped += STEP.delta();
            self.takeover.step(self.stepped, &mut self.floor);
            self.outage.step(self.stepped, &mut self.floor);
            self.deploy.step(self.stepped, &mut self.floor);
        }
        self.now = self.now.max(to);
    }

    /// The time it is.
    pub fn now(&self) -> Time {
        self.now
    }

    /// The time it opened.
    pub fn opened(&self) -> Time {
        self.opened
    }

    /// The alerts firing now, by fingerprint.
    pub fn alerts(&self) -> Vec<Alert> {
        let mut alerts = background::alerts(self.seed, self.opened, self.now);
        // As of the last step: what an alert names is there.
        alerts.extend(self.takeover.alerts(self.stepped));
        alerts.extend(self.outage.alert(&self.floor));
        alerts.extend(self.deploy.alert());
        alerts.sort_by_cached_key(Alert::fingerprint);
        alerts
    }

    /// How well a service does.
    pub fn health(&self, service: Service) -> Health {
        let backlog = background::webhooks_wait(self.seed, self.opened, self.now);
        health::look(service, self.seed, &self.floor, backlog, self.now)
    }

    /// An account as the admin API shows it.
    pub fn account(&self, id: &str) -> Option<Value> {
        self.floor.account(id)
    }

    /// Opens a customer's account, unless there is one of that id.
    pub fn open_account(&mut self, id: &str) {
        self.floor.open_account(id);
    }

    /// A replica as the admin API shows it.
    pub fn replica(&self, id: &str) -> Option<Value> {
        self.floor.replica(id)
    }

    /// All replicas.
    pub fn replicas(&self) -> Vec<Value> {
        self.floor.replicas.keys().filter_map(|id| self.floor.replica(id)).collect()
    }

    /// An account's API keys.
    pub fn keys(&self, account: &str) -> Option<Vec<Value>> {
        self.floor.keys(account)
    }

    /// One API key of an account.
    pub fn key(&self, account: &str, key: &str) -> Option<Value> {
        self.floor.key(account, key)
    }

    /// All services with their versions.
    pub fn services(&self) -> Vec<Value> {
        self.floor.releases.values().map(|releases| releases.json(self.now)).collect()
    }

    /// One service with its versions.
    pub fn service(&self, service: Service) -> Option<Value> {
        self.floor.releases.get(&service).map(|releases| releases.json(self.now))
    }

    /// One version of a service.
    pub fn version(&self, service: Service, version: &str) -> Option<Value> {
        self.floor.releases.get(&service)?.version(version, self.now)
    }

    /// Does what an operator asked, at most once for each key.
    pub fn act(&mut self, verb: Verb, target: &str, key: Option<String>, reason: Option<String>) -> Answer {
        let call = Call { at: self.now, verb, target: target.to_owned(), key, reason, replayed: false };
        let (floor, now) = (&mut self.floor, self.now);
        self.effects.take(call, || floor.apply(verb, target, now))
    }

    /// What operators did so far.
    pub fn effects(&self) -> &Effects {
        &self.effects
    }
}
