//! The silences that people made or extended from here, as far as what was done from here tells.

use super::Incident;
use crate::domain::action::{Action, Settlement, Stage, Verb};
use crate::domain::matcher::Matchers;
use crate::domain::parameter::Kind;
use crate::domain::record::Entry;
use crate::domain::signal::Signal;
use crate::domain::time::Time;
use crate::domain::upstream::Silence;

/// A silence that was made or extended from here, and not ended from here.
#[derive(Clone, Debug, PartialEq)]
pub struct Quieted<'a> {
    /// What made it; where others did, what extended it first.
    pub action: &'a Action,
    /// The source that keeps quiet.
    pub source: &'a str,
    /// What its comment ends with, where it was made here.
    key: Option<&'a str>,
    /// Its id there, once that is known.
    id: Option<&'a str>,
    /// When it ends, unless somebody changed that there.
    pub until: Time,
    /// When it was changed last from here.
    pub changed: Time,
}

impl Quieted<'_> {
    /// Whether a source means this one: who edits it there gives it another id and leaves its comment.
    pub fn is(&self, silence: &Silence) -> bool {
        self.id == Some(silence.id.raw()) || self.key.is_some_and(|key| silence.comment.raw().contains(key))
    }

    /// Whether it would keep a signal quiet if it still stood.
    pub fn is_about(&self, signal: &Signal) -> bool {
        let matchers = self.action.plan.parameters.values().find(|value| value.kind == Kind::Matchers);
        let fits = |text: &str| Matchers::parse(text).is_ok_and(|all| all.fit(&signal.labels));
        signal.key.source == self.source && matchers.is_none_or(|value| fits(value.value.raw()))
    }
}

/// What an action did to a silence that was there.
struct Touched<'a> {
    id: &'a str,
    comment: &'a str,
    /// When it ends now; `None` where it was ended.
    until: Option<Time>,
}

impl Incident {
    /// The source of which an entry says that what it was asked was done.
    pub fn changed_there(&self, entry: &Entry) -> Option<&str> {
        let Entry::Settled { action, settlement: Settlement::Verified, .. } = entry else { return None };
        self.actions.get(action)?.plan.verb.of().split_once('/').map(|(source, _)| source)
    }

    /// The silences that were made or extended from here and not ended from here, oldest first.
    pub fn silences(&self) -> Vec<Quieted<'_>> {
        let mut out: Vec<Quieted<'_>> = Vec::new();
        for action in self.actions.values().filter(|action| stands(action)) {
            let Verb::Upstream { playbook } = &action.plan.verb else { continue };
            let source = playbook.split('/').next().unwrap_or_default();
            let changed = action.moved_at;
            let Some(touched) = touched(action) else {
                let makes = action.plan.parameters.values().any(|value| value.kind == Kind::Matchers);
                if let Some(until) = action.lasts_until().filter(|_| makes) {
                    let key = Some(action.plan.key.as_str());
                    out.push(Quieted { action, source, key, id: None, until, changed });
                }
                continue;
            };
            let this = |one: &Quieted<'_>| {
                let same = one.id == Some(touched.id);
                one.source == source && (same || one.key.is_some_and(|key| touched.comment.contains(key)))
            };
            match (out.iter_mut().find(|one| this(one)), touched.until) {
                (Some(known), Some(until)) => {
                    (known.id, known.until, known.changed) = (Some(touched.id), until, changed);
                }
                (None, Some(until)) => {
                    out.push(Quieted { action, source, key: None, id: Some(touched.id), until, changed });
                }
                (_, None) => out.retain(|one| !this(one)),
            }
        }
        out
    }
}

/// What it asked for took effect, as far as is known, and was not taken back.
fn stands(action: &Action) -> bool {
    matches!(action.stage, Stage::Accepted | Stage::Verified | Stage::SettledByHand)
}

fn touched(action: &Action) -> Option<Touched<'_>> {
    let (_, id) = action.plan.target.as_ref().filter(|(name, _)| name == "silence")?;
    let shown = action.plan.look_up.iter().flat_map(|look_up| &look_up.shown);
    let comment = shown.filter(|(at, _)| at == "/comment").map(|(_, said)| said.raw()).next();
    Some(Touched { id: id.raw(), comment: comment.unwrap_or_default(), until: action.lasts_until() })
}
