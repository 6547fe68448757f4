//! The versions of a service: which one runs, which ran before it, and how badly a faulty one does.

use serde_json::{Value, json};

use super::alert::written;
use super::chance::Chance;
use super::effects::Answer;
use super::floor::DRAIN;
use super::health::Service;
use crate::domain::time::{Span, Time};

/// How long it takes until a new version gets all requests.
const ROLL_OUT: Span = Span::secs(150);
/// How far the roll-out is when it begins.
const HEAD_START: Span = Span::secs(30);

/// One version.
#[derive(Clone, Debug, PartialEq)]
struct Release {
    version: String,
    deployed: Time,
    /// The share of requests that fail once it gets all of them.
    worst: f64,
    rolled_back: Option<Time>,
}

/// All versions of one service, oldest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Releases {
    service: Service,
    major: u64,
    minor: u64,
    all: Vec<Release>,
}

impl Releases {
    /// At opening the service runs a good version, and one before it is at hand.
    pub fn new(service: Service, seed: u64, opened: Time) -> Self {
        let mut chance = Chance::new(seed, "versions", service as u64);
        let (major, minor, patch) = (2 * service as u64 + 3, chance.between(2, 20), chance.between(1, 6));
        let release = |patch: u64, days: u64| Release {
            version: format!("{major}.{minor}.{patch}"),
            deployed: opened - Span::mins(days * 24 * 60 + 47).delta(),
            worst: 0.0,
            rolled_back: None,
        };
        Self { service, major, minor, all: vec![release(patch - 1, 16), release(patch, 5)] }
    }

    /// Rolls a new version out of whose requests this share will fail; says which, and which ran before.
    pub fn deploy(&mut self, worst: f64, at: Time) -> (String, String) {
        let previous = self.running().map(|release| release.version.clone()).unwrap_or_default();
        let version = format!("{}.{}.0", self.major, self.minor + self.all.len() as u64 - 1);
        self.all.push(Release { version: version.clone(), deployed: at, worst, rolled_back: None });
        (version, previous)
    }

    /// The version that takes requests.
    fn running(&self) -> Option<&Release> {
        self.all.iter().rev().find(|release| release.rolled_back.is_none())
    }

    /// The version to which one goes back from another.
    fn before(&self, version: &str) -> Option<&Release> {
        let mut earlier = self.all.iter().rev().skip_while(|release| release.version != version).skip(1);
        earlier.find(|release| release.rolled_back.is_none())
    }

    /// Since when a version is rolled back.
    pub fn rolled_back(&self, version: &str) -> Option<Time> {
        self.all.iter().find(|release| release.version == version)?.rolled_back
    }

    /// The share of requests that fail at `at`: more and more while a faulty version rolls out, and for a moment
    /// after it was rolled back.
    pub fn failing(&self, at: Time) -> f64 {
        let Some(newest) = self.all.last() else { return 0.0 };
        let until = newest.rolled_back.unwrap_or(at);
        if at - until >= DRAIN.delta() {
            return 0.0;
        }
        let out = (until - newest.deployed + HEAD_START.delta()).num_milliseconds();
        newest.worst * (out as f64 / ROLL_OUT.as_millis() as f64).min(1.0)
    }

    /// Goes back from this version to the one before it. Another one than the running one is not touched.
    pub fn roll_back(&mut self, version: &str, at: Time) -> Answer {
        let runs = self.running().is_some_and(|release| release.version == version);
        if runs && self.before(version).is_none() {
            return Answer::refusal(409, "there is no earlier version to go back to");
        }
        match self.all.iter_mut().find(|release| release.version == version) {
            None => return Answer::refusal(404, "this service never had this version"),
            Some(release) if runs => release.rolled_back = Some(at),
            Some(release) if release.rolled_back.is_some() => {}
            Some(_) => return Answer::refusal(409, "another version is running"),
        }
        Answer { status: 200, body: self.version(version, at).unwrap_or_default() }
    }

    /// One version as the admin API shows it.
    pub fn version(&self, version: &str, at: Time) -> Option<Value> {
        let release = self.all.iter().find(|release| release.version == version)?;
        let previous = self.before(version).map(|release| release.version.as_str());
        let runs = self.running() == Some(release);
        let state = match release.rolled_back {
            Some(_) => "rolled-back",
            None if runs => "running",
            None => "retired",
        };
        Some(json!({
            "service": self.service.word(),
            "version": version,
            "state": state,
            "previous": previous,
            "can_roll_back": runs && previous.is_some(),
            "deployed_at": written(release.deployed),
            "failing_share": if runs { self.failing(at) } else { 0.0 },
        }))
    }

    /// The service with its versions, newest first, as the admin API shows it.
    pub fn json(&self, at: Time) -> Value {
        let versions: Vec<Value> =
            self.all.iter().rev().filter_map(|release| self.version(&release.version, at)).collect();
        json!({
            "service": self.service.word(),
            "running": self.running_version(),
            "versions": versions,
        })
    }

    /// The number of the version that takes requests.
    pub fn running_version(&self) -> &str {
        self.running().map_or("", |release| release.version.as_str())
    }
}
