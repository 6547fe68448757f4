//! Whether detection works: rules that cannot be evaluated, targets that are not scraped, alerts that go nowhere.

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::domain::freshness::{Remark, Vitals};
use crate::domain::text::Outside;

/// Bytes that are kept of one thing's name or error.
const WORDS_BYTES: usize = 200;

/// What is known of it; each part only where it was said.
#[derive(Debug, Default)]
pub(super) struct Detection {
    rules: Option<Vec<Rule>>,
    targets: Option<Vec<Target>>,
    receivers: Option<usize>,
    version: Option<String>,
}

#[derive(Deserialize)]
struct Said<T> {
    data: T,
}

#[derive(Deserialize)]
struct Groups {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    rules: Vec<Rule>,
}

#[derive(Debug, Deserialize)]
struct Rule {
    name: String,
    #[serde(default)]
    health: String,
    #[serde(default, rename = "lastError")]
    last_error: String,
}

#[derive(Deserialize)]
struct Targets {
    #[serde(rename = "activeTargets")]
    active: Vec<Target>,
}

#[derive(Debug, Deserialize)]
struct Target {
    health: String,
    #[serde(default, rename = "scrapePool")]
    pool: String,
}

#[derive(Deserialize)]
struct Receivers {
    #[serde(rename = "activeAlertmanagers")]
    active: Vec<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Build {
    version: String,
}

fn said<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    serde_json::from_slice::<Said<T>>(body).ok().map(|said| said.data)
}

impl Detection {
    /// Reads what was said; a body that says nothing of it leaves its part unknown.
    pub(super) fn of(rules: &[u8], targets: &[u8], receivers: &[u8], build: &[u8]) -> Self {
        Self {
            rules: said::<Groups>(rules)
                .map(|it| it.groups.into_iter().flat_map(|group| group.rules).collect()),
            targets: said::<Targets>(targets).map(|it| it.active),
            receivers: said::<Receivers>(receivers).map(|it| it.active.len()),
            version: said::<Build>(build).map(|it| it.version),
        }
    }

    /// What was said now; what was not stays as it was said last.
    pub(super) fn or(self, earlier: Self) -> Self {
        Self {
            rules: self.rules.or(earlier.rules),
            targets: self.targets.or(earlier.targets),
            receivers: self.receivers.or(earlier.receivers),
            version: self.version.or(earlier.version),
        }
    }

    /// As the screen of sources shows it.
    pub(super) fn vitals(&self) -> Vitals {
        let remarks = [self.nowhere(), self.broken_rules(), self.lost_targets()].into_iter().flatten();
        let version = self.version.as_ref().map(|version| Outside::capped(version.as_str(), WORDS_BYTES));
        Vitals { version, remarks: remarks.collect(), ..Vitals::default() }
    }

    fn nowhere(&self) -> Option<Remark> {
        let text = "alerts go nowhere: it sends to no Alertmanager";
        (self.receivers == Some(0)).then(|| Remark { text: Outside::new(text), partial: false })
    }

    /// What cannot be evaluated cannot fire.
    fn broken_rules(&self) -> Option<Remark> {
        let rules = self.rules.as_ref()?;
        let mut broken = rules.iter().filter(|rule| rule.health == "err");
        let first = broken.next()?;
        let more = broken.count();
        let text = format!(
            "{} of {} alerting rules cannot be evaluated: {}: {}",
            more + 1,
            rules.len(),
            first.name,
            first.last_error
        );
        Some(Remark { text: Outside::capped(text, 2 * WORDS_BYTES), partial: true })
    }

    /// What is not scraped cannot fire either, but who watches a fleet always misses some: only all of it blinds.
    fn lost_targets(&self) -> Option<Remark> {
        let targets = self.targets.as_ref()?;
        let down: Vec<&Target> = targets.iter().filter(|target| target.health == "down").collect();
        let mut pools: Vec<&str> = down.iter().map(|target| target.pool.as_str()).collect();
        pools.dedup();
        let named = pools.iter().take(3).copied().collect::<Vec<_>>().join(", ");
        let text = format!("{} of {} targets are down: {named}", down.len(), targets.len());
        let partial = down.len() == targets.len();
        (!down.is_empty()).then(|| Remark { text: Outside::capped(text, 2 * WORDS_BYTES), partial })
    }
}
