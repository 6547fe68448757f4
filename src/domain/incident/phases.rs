//! How the response moves, and what each phase needs before it is left.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{Illegal, Incident, illegal};
use crate::domain::action::{Action, Contained, Stage, Verb};
use crate::domain::deadline::DeadlineKind;
use crate::domain::escalation::Stopped;
use crate::domain::gate::{Gate, sentence};
use crate::domain::parameter::Kind;
use crate::domain::phase::Phase;
use crate::domain::record::{CloseReason, Entry, Record};
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time};

/// Gates that were passed unmet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    /// Which.
    pub gates: Vec<Gate>,
    /// Why.
    pub because: Outside,
    /// By whom.
    pub by: String,
    /// When.
    pub at: Time,
    /// It came back since: they count again.
    pub void: bool,
}

/// How what watches an incident has been since it was mended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Whether all of it is healthy.
    pub healthy: bool,
    /// Since when.
    pub since: Time,
    /// For how long it must stay so.
    pub needs: Span,
    /// What was looked at, or what is not healthy.
    pub detail: Outside,
}

impl Health {
    /// Whether it has been healthy for long enough.
    pub fn is_proved(&self, at: Time) -> bool {
        self.healthy && at - self.since >= self.needs.delta()
    }

    /// How much of the time it needs is over: `4/10m`.
    pub fn progress(&self, at: Time) -> String {
        let (spent, needs) = (at - self.since, self.needs.delta());
        match needs.num_minutes() {
            0 => format!("{}/{}s", spent.num_seconds().max(0), needs.num_seconds()),
            minutes => format!("{}/{minutes}m", spent.num_minutes().max(0)),
        }
    }
}

/// Records of an earlier format knew no gate for bulletins.
const BULLETINS_SINCE: u32 = 2;
/// A post-mortem counted whatever was written down after it was published.
const PUBLISHED_LAST_SINCE: u32 = 6;
/// And for containments looked at the first that applies of all of them, however many were verified.
const ANY_CONTAINMENT_SINCE: u32 = 5;

impl Incident {
    pub(super) fn apply_phase(&mut self, record: &Record) -> Result<(), Illegal> {
        match &record.entry {
            Entry::PhaseMoved { to, .. } if self.is_closed() && *to != Phase::Closed => {
                self.reopen(*to, record)?;
            }
            _ if self.is_closed() => return self.is_over(),
            Entry::NothingToContain { because } if because.is_blank() => {
                return illegal("say why nothing needs to be contained");
            }
            Entry::NothingToContain { because } => self.nothing_to_contain = Some(because.clone()),
            Entry::Mitigated { what } if what.is_blank() => return illegal("say what was done"),
            Entry::Mitigated { what } => {
                self.mitigated = Some(what.clone());
                self.learn(record.at);
            }
            Entry::ContainmentKept { action, because } => {
                if because.is_blank() {
                    return illegal("say why it stays in force");
                }
                match self.actions.get_mut(action).filter(|kept| kept.is_in_force()) {
                    Some(kept) => kept.kept = Some(because.clone()),
                    None => return illegal(format!("action #{action} is not in force")),
                }
            }
            Entry::HealthTurned { healthy, needs, detail } => {
                let (needs, detail) = (*needs, detail.clone());
                // Unhealthy for another reason is the same state: it keeps its `since`.
                let before = self.health.as_ref().filter(|before| !healthy && !before.healthy);
                let since = before.map_or(record.at, |before| before.since);
                self.health = Some(Box::new(Health { healthy: *healthy, since, needs, detail }));
            }
            Entry::PhaseMoved { to, waived } => self.move_phase(*to, waived.as_ref(), record)?,
            Entry::Closed { reason, note } => self.close(*reason, note.as_ref(), record)?,
            _ => {}
        }
        Ok(())
    }

    /// How long the response was in a phase, all visits together; `None` where it never was.
    pub fn spent_in(&self, phase: Phase, now: Time) -> Option<TimeDelta> {
        let end = |place: usize| self.phases.get(place + 1).map_or(now, |(_, at)| *at);
        let visits = self.phases.iter().enumerate().filter(|(_, (visited, _))| *visited == phase);
        visits.map(|(place, (_, at))| end(place) - *at).reduce(|sum, spent| sum + spent)
    }

    /// Whether a gate of a phase was waived.
    pub fn is_waived(&self, phase: Phase) -> bool {
        let standing = self.waived.iter().filter(|waiver| !waiver.void);
        standing.flat_map(|waiver| &waiver.gates).any(|gate| gate.phase() == phase)
    }

    /// The gates between here and `to` that are neither met nor waived. Back is free.
    pub fn missing_for(&self, to: Phase, at: Time) -> Vec<Gate> {
        self.missing(to, |gate| self.is_met(gate, at))
    }

    fn missing(&self, to: Phase, is_met: impl Fn(Gate) -> bool) -> Vec<Gate> {
        let waived =
            |gate: &Gate| self.waived.iter().any(|waiver| !waiver.void && waiver.gates.contains(gate));
        let between = |gate: &Gate| gate.phase() < to && to > self.phase;
        Gate::ALL.into_iter().filter(|gate| between(gate) && !is_met(*gate) && !waived(gate)).collect()
    }

    /// Whether what a gate asks for is there.
    pub fn is_met(&self, gate: Gate, at: Time) -> bool {
        match gate {
            Gate::Severity => self.severity_set,
            Gate::Category => self.category_set,
            Gate::Impact => self.impact.is_some(),
            Gate::Lead => self.lead().is_some(),
            Gate::Containment => self.was_contained() || self.nothing_to_contain.is_some(),
            Gate::Mitigation => self.mitigated.is_some(),
            Gate::Health => self.health.as_ref().is_some_and(|health| health.is_proved(at)),
            Gate::InForce => self.undecided().is_empty(),
            Gate::Bulletins => self.owed_bulletins(at).is_empty(),
            Gate::RootCause => self.review.root_cause.is_some(),
            Gate::Items => !self.review.items.is_empty(),
            Gate::Published => self.review.published.is_some() && !self.is_published_early(),
        }
    }

    fn was_contained(&self) -> bool {
        let mut contained = self.actions.values().filter(|it| matches!(it.plan.verb, Verb::Contain { .. }));
        contained.any(|action| match action.stage {
            Stage::Verified => true,
            // One that is undone once Contain was left did its work: Recover asks for that.
            Stage::Undone => self.phase > Phase::Contain,
            _ => false,
        })
    }

    /// The same, as records of an earlier format were judged.
    fn was_contained_then(&self) -> bool {
        let counted = |action: &&Action| action.stage != Stage::SettledByHand;
        match Contained::of(self.actions.values().filter(counted)) {
            Contained::Verified => true,
            Contained::Undone => self.phase > Phase::Contain,
            _ => false,
        }
    }

    /// Containments in force that nobody has undone or kept on purpose.
    pub fn undecided(&self) -> Vec<&Action> {
        self.actions.values().filter(|action| action.is_in_force() && action.kept.is_none()).collect()
    }

    fn move_phase(&mut self, to: Phase, because: Option<&Outside>, record: &Record) -> Result<(), Illegal> {
        if to == self.phase {
            return illegal(format!("it is in {} already", to.title()));
        }
        if to == Phase::Review || (to == Phase::Closed && self.phase != Phase::Review) {
            return illegal("closing it with a reason is how it gets there");
        }
        self.pass_gates(to, because, record)?;
        self.phase = to;
        if to.is_open() {
            self.closed = None;
            self.is_not_over();
        }
        if to == Phase::Closed {
            self.meet_review(record);
        }
        Ok(())
    }

    /// Writes down which gates were passed unmet; refuses when nobody said why.
    fn pass_gates(&mut self, to: Phase, because: Option<&Outside>, record: &Record) -> Result<(), Illegal> {
        let gates = self.asked_for(to, record);
        if gates.is_empty() {
            return Ok(());
        }
        let Some(because) = because.filter(|because| !because.is_blank()) else {
            return illegal(format!("missing: {}", sentence(&gates)));
        };
        let by = record.by.name().to_owned();
        self.waived.push(Waiver { gates, because: because.clone(), by, at: record.at, void: false });
        Ok(())
    }

    /// The gates a record has to pass: those there were when it was written.
    fn asked_for(&self, to: Phase, record: &Record) -> Vec<Gate> {
        self.missing(to, |gate| match gate {
            Gate::Bulletins if record.v < BULLETINS_SINCE => true,
            Gate::Containment if record.v < ANY_CONTAINMENT_SINCE => {
                self.was_contained_then() || self.nothing_to_contain.is_some()
            }
            Gate::Published if record.v < PUBLISHED_LAST_SINCE => self.review.published.is_some(),
            gate => self.is_met(gate, record.at),
        })
    }

    fn meet_review(&mut self, record: &Record) {
        self.meet(DeadlineKind::Review, "", record.at, record.by.name());
    }

    /// Why ending it for this reason needs a person's own words; `None` when it does not.
    pub fn closing_needs_words(&self, reason: CloseReason, at: Time) -> Option<String> {
        self.needs_words(reason, &self.missing_for(Phase::Review, at))
    }

    /// Why no words that are said of others as well end it; `None` where they may.
    pub fn ends_by_itself(&self) -> Option<&'static str> {
        match () {
            () if self.phase == Phase::Review => Some("it is in Review"),
            () if self.actions.values().any(|action| action.stage.is_open()) => {
                Some("what became of an action is not known yet")
            }
            () if self.has_containment() => Some("something was contained"),
            () if !self.bulletins.is_empty() => Some("its readers were told of it"),
            () => None,
        }
    }

    fn has_containment(&self) -> bool {
        self.actions.values().any(|action| matches!(action.plan.verb, Verb::Contain { .. }))
    }

    fn needs_words(&self, reason: CloseReason, missing: &[Gate]) -> Option<String> {
        let contained = self.has_containment();
        match self.firing() {
            0 if reason != CloseReason::Resolved && contained => {
                Some("after a containment this needs a reason in words".to_owned())
            }
            0 if reason != CloseReason::Resolved && !self.bulletins.is_empty() => {
                Some("after a bulletin this needs a reason in words".to_owned())
            }
            0 if reason == CloseReason::Resolved && !missing.is_empty() => {
                Some(format!("missing: {}; a reason in words waives it", sentence(missing)))
            }
            0 => None,
            1 => Some("its signal still fires; say in words why it ends all the same".to_owned()),
            firing => {
                Some(format!("{firing} of its signals still fire; say in words why it ends all the same"))
            }
        }
    }

    fn close(&mut self, reason: CloseReason, note: Option<&Outside>, record: &Record) -> Result<(), Illegal> {
        let by_person = record.by.person().is_some();
        if let Some(open) = self.actions.values().find(|action| action.stage.is_open()) {
            return illegal(format!(
                "action #{} is {}; it must be settled first",
                open.id,
                open.stage.word()
            ));
        }
        if !by_person && (self.touched || self.firing() > 0) {
            return illegal("somebody looks at it, or a signal fires again");
        }
        if reason == CloseReason::Resolved && self.phase == Phase::Review {
            return illegal("it is in Review already; moving it to closed ends the review");
        }
        let noted = note.is_some_and(|note| !note.is_blank());
        if by_person
            && !noted
            && let Some(why) = self.needs_words(reason, &self.asked_for(Phase::Review, record))
        {
            return illegal(why);
        }
        if reason == CloseReason::Resolved {
            self.pass_gates(Phase::Review, note, record)?;
            self.milestones.recovered.get_or_insert(record.at);
            self.phase = Phase::Review;
        } else {
            self.phase = Phase::Closed;
            self.meet_review(record);
        }
        self.closed = Some((reason, record.at));
        let cut = self.cut_short(&Stopped::Ended, record.at);
        if self.is_closed() {
            self.keep_cut_short(cut);
        }
        Ok(())
    }

    /// It came back: what was proved or waived before does not count any more.
    pub(super) fn begin_again(&mut self) {
        self.phase = Phase::Identify;
        self.is_not_over();
        for waiver in &mut self.waived {
            waiver.void = true;
        }
    }

    /// What an end rests on has to come about anew: nobody has looked at its health since, and a post-mortem would
    /// tell half of the story.
    pub(super) fn is_not_over(&mut self) {
        self.health = None;
        self.milestones.recovered = None;
        self.review.published = None;
        self.deadlines.retain(|set| set.kind != DeadlineKind::Review);
    }
}

impl Action {
    /// A containment that still holds, as far as is known.
    pub fn is_in_force(&self) -> bool {
        matches!(self.plan.verb, Verb::Contain { .. })
            && matches!(self.stage, Stage::Accepted | Stage::Verified | Stage::SettledByHand)
    }

    /// Whether this containment holds what this other one does: of the same playbook and target, and proved by the same
    /// answer to the same read, or neither by any.
    pub fn holds_as(&self, other: &Action) -> bool {
        let alike = match (&self.plan.verify, &other.plan.verify) {
            (Some(here), Some(there)) => here.is_at(there) && here.expect == there.expect,
            (None, None) => true,
            _ => false,
        };
        let same = self.plan.verb == other.plan.verb && self.plan.slot() == other.plan.slot();
        self.is_in_force() && same && alike
    }

    /// A containment that holds and can be taken back: somebody may wait for that. One that cannot is done.
    pub fn can_be_released(&self) -> bool {
        self.is_in_force() && self.plan.undone_by.is_some()
    }

    /// When it is over by itself, where its plan says for how long it is meant.
    pub fn lasts_until(&self) -> Option<Time> {
        let mut values = self.plan.parameters.values();
        let lasts = values.find(|value| value.kind == Kind::Duration)?;
        Some(self.plan.made_at + Span::parse(lasts.value.raw()).ok()?.delta())
    }
}
