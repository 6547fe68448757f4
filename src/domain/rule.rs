//! Ordered rules that give a signal its severity, category and service.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::category::Category;
use super::phase::Phase;
use super::query::{Asker, Query, Subject, Users};
use super::severity::Severity;
use super::signal::Signal;
use super::time::Time;

/// One rule. The first that matches and says something about a field decides that field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The signals it is for.
    pub when: Query,
    /// Gives this severity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Gives this category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    /// Gives this service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
}

/// What the rules make of a signal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sorted {
    /// How bad.
    pub severity: Severity,
    /// No rule knew the severity: it is `high`, and says so.
    pub unmapped: bool,
    /// What sort of trouble.
    pub category: Category,
    /// Of which service.
    pub service: String,
    /// The rule that gave the severity, as written.
    pub rule: String,
}

/// The rules quell ships, tried after the configured ones.
pub fn shipped() -> Vec<Rule> {
    let rule = |when: &str| Rule {
        when: Query::parse(when).unwrap_or_else(|_| Query::everything()),
        severity: None,
        category: None,
        service: None,
    };
    let mut rules = Vec::new();
    for (severity, words) in [
        (Severity::Critical, &["critical", "page", "p1", "disaster"][..]),
        (Severity::High, &["high", "error", "major", "p2"]),
        (Severity::Normal, &["warning", "warn", "minor", "info", "none", "low", "p3", "p4", "normal"]),
    ] {
        for word in words {
            rules.push(Rule { severity: Some(severity), ..rule(&format!("label:severity={word}")) });
        }
    }
    // PagerDuty's own order of priorities; without one, its urgency.
    for (severity, when) in [
        (Severity::Critical, "label:pd_priority=1"),
        (Severity::High, "label:pd_priority=2"),
        (Severity::Normal, "label:pd_priority"),
        (Severity::High, "label:pd_id label:urgency=high -label:priority"),
        (Severity::Normal, "label:pd_id label:urgency=low -label:priority"),
    ] {
        rules.push(Rule { severity: Some(severity), ..rule(when) });
    }
    for category in Category::ALL {
        rules.push(Rule { category: Some(category), ..rule(&format!("label:category={}", category.word())) });
    }
    rules
}

/// Sorts a signal by rules in their order.
pub fn sort(signal: &Signal, rules: &[Rule], now: Time) -> Sorted {
    let subject = Unsorted(signal);
    let asker = Asker { me: "", now };
    let matching = || rules.iter().filter(|rule| rule.when.matches(&subject, &asker));
    let severity = matching().find_map(|rule| Some((rule.severity?, rule.when.source().to_owned())));
    let category = matching().find_map(|rule| rule.category);
    let service = matching().find_map(|rule| rule.service.clone());
    let unmapped = severity.is_none();
    let (severity, rule) = severity.unwrap_or((Severity::High, "no rule knows its severity".to_owned()));
    let from_label = || ["service", "job", "app"].into_iter().find_map(|key| signal.label(key));
    Sorted {
        severity,
        unmapped,
        category: category.unwrap_or(Category::Outage),
        service: service.or_else(|| from_label().map(str::to_owned)).unwrap_or_default(),
        rule,
    }
}

/// A signal as queries see it before it is sorted.
struct Unsorted<'a>(&'a Signal);

impl Subject for Unsorted<'_> {
    fn severity(&self) -> Option<Severity> {
        None
    }
    fn phase(&self) -> Option<Phase> {
        None
    }
    fn category(&self) -> Option<Category> {
        None
    }
    fn service(&self) -> &str {
        self.0.label("service").unwrap_or_default()
    }
    fn label(&self, key: &str) -> Vec<&str> {
        self.0.label(key).into_iter().collect()
    }
    fn sources(&self) -> Vec<&str> {
        vec![&self.0.key.source]
    }
    fn owner(&self) -> Option<&str> {
        None
    }
    fn is_stale(&self) -> bool {
        false
    }
    fn is_unknown(&self) -> bool {
        false
    }
    fn opened_at(&self) -> Option<Time> {
        Some(self.0.since)
    }
    fn users(&self) -> Option<Users> {
        None
    }
    fn text(&self) -> Vec<Cow<'_, str>> {
        vec![self.0.title.raw().into(), self.0.alertname.raw().into()]
    }
}
