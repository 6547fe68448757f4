//! How holding it, and saying how much it weighs, moves an incident.

use serde::{Deserialize, Serialize};

use super::{Illegal, Incident, illegal};
use crate::domain::classification::Impact;
use crate::domain::escalation::Stopped;
use crate::domain::packet::Filled;
use crate::domain::phase::Phase;
use crate::domain::record::{Entry, Record};
use crate::domain::text::Outside;
use crate::domain::time::Time;

/// Records of an earlier format gave no reason where a person differed from a source.
const SOURCES_SINCE: u32 = 4;

/// Who holds the acknowledgement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// Who.
    pub name: String,
    /// Since when.
    pub since: Time,
    /// Until when, unless the owner acts.
    pub until: Time,
    /// How long an act renews it, in seconds.
    pub lasts_s: u64,
}

impl Incident {
    pub(super) fn apply_work(&mut self, record: &Record) -> Result<(), Illegal> {
        match &record.entry {
            _ if self.phase == Phase::Closed => return self.is_over(),
            Entry::Acknowledged { lasts_s, from } => {
                let Some(name) = record.by.person() else { return illegal("only a person acknowledges") };
                match &self.owner {
                    Some(owner) if owner.name == name => {}
                    Some(owner) if from.as_ref() != Some(&owner.name) => {
                        return illegal(format!("{} holds it; taking over must name them", owner.name));
                    }
                    _ => {}
                }
                let until = record.at + chrono::TimeDelta::seconds(i64::try_from(*lasts_s).unwrap_or(0));
                self.milestones.acknowledged.get_or_insert(record.at);
                let owner = Owner { name: name.to_owned(), since: record.at, until, lasts_s: *lasts_s };
                self.owner = Some(Box::new(owner));
                self.stop_paths(&Stopped::Acknowledged(name.to_owned()));
            }
            Entry::AckExpired { owner } => match &self.owner {
                Some(held) if held.name == *owner && held.until <= record.at => {
                    self.owner = None;
                    if self.held_upstream().is_none() {
                        self.resume_paths(record.at);
                    }
                }
                _ => return illegal(format!("{owner} does not hold it any more, or has acted since")),
            },
            Entry::HandedBack { .. } => {
                let Some(owner) = self.owner.take() else { return illegal("nobody holds it") };
                if record.by.person() != Some(&owner.name) {
                    let why = format!("{} holds it, and only they hand it back", owner.name);
                    self.owner = Some(owner);
                    return illegal(why);
                }
                self.hand_paths_on(record.at);
            }
            Entry::ImpactAssessed { impact, because } => {
                let changes = self.impact.as_ref().is_some_and(|was| was != impact);
                Self::is_a_reasoned_change(changes, because.as_ref())?;
                match impact {
                    Impact::Users { min, max } if min > max => return illegal("the range is upside down"),
                    Impact::Unknown { because } if because.raw().trim().is_empty() => {
                        return illegal("unknown needs a because");
                    }
                    _ => {}
                }
                self.impact = Some(impact.clone());
                self.learn(record.at);
            }
            Entry::SeveritySet { severity, because } => {
                let asked =
                    if record.v < SOURCES_SINCE { self.severity_set } else { self.is_severity_said() };
                Self::is_a_reasoned_change(asked && self.severity != *severity, because.as_ref())?;
                let news = !self.severity_set || self.severity != *severity;
                self.severity = *severity;
                self.severity_set = true;
                self.classify(news, record.at);
            }
            Entry::CategorySet { category, because } => {
                let asked =
                    if record.v < SOURCES_SINCE { self.category_set } else { self.is_category_said() };
                Self::is_a_reasoned_change(asked && self.category != *category, because.as_ref())?;
                let news = !self.category_set || self.category != *category;
                self.category = *category;
                self.category_set = true;
                self.classify(news, record.at);
            }
            Entry::Classified { fact, because } => {
                if fact.value().is_blank() {
                    return illegal(format!("{} needs words", fact.name()));
                }
                let known = self.classification.facts().into_iter().find(|was| was.name() == fact.name());
                let news = known.as_ref() != Some(fact);
                Self::is_a_reasoned_change(news && known.is_some(), because.as_ref())?;
                self.classification.take(fact);
                self.learn(record.at);
            }
            Entry::PacketFilled { item, value } => {
                if value.is_blank() || item.trim().is_empty() {
                    return illegal("an item of the packet needs words");
                }
                let by = record.by.name().to_owned();
                self.filled.insert(item.clone(), Filled { value: value.clone(), by, at: record.at });
                self.learn(record.at);
            }
            _ => {}
        }
        Ok(())
    }

    /// When a person says something new about how bad it is or of what sort, what follows from that counts from then; what
    /// is said later of how much it weighs gives nobody more time.
    fn classify(&mut self, news: bool, at: Time) {
        if news && self.severity_set && self.category_set {
            self.milestones.classified = Some(at);
        }
    }

    /// Whoever changes what was said before says why.
    fn is_a_reasoned_change(changes: bool, because: Option<&Outside>) -> Result<(), Illegal> {
        if changes && because.is_none_or(Outside::is_blank) {
            return illegal("it was said before; say why it changes");
        }
        Ok(())
    }
}
