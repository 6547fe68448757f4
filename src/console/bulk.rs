//! One playbook on every marked incident: each target planned by itself, all confirmed at once, carried out one by one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub mod fitting;
mod out;

use super::board::Board;
use super::field::Field;
use super::guard::Guard;
use super::prompt::{Facts, Form};
use crate::backend::{Applicable, Confirmation, Receipt};
use crate::domain::action::{Action, ActionId, Stage, Verb};
use crate::domain::id::IncidentId;
use crate::domain::plan::{Plan, PlanHash};
use crate::domain::playbook::{Playbook, together};
use crate::domain::text::Outside;
use crate::domain::time::Time;

pub use out::over;

/// The values of a plan's parameters.
pub type Values = BTreeMap<String, Outside>;

/// One playbook on every marked incident.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bulk {
    /// Every marked incident.
    pub targets: Vec<Target>,
    /// How far it is.
    pub step: Step,
    /// Lines scrolled away, and when the final Enter counts.
    pub guard: Guard,
}

/// How far it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// It is asked what can be done about each.
    Finding,
    /// One of the playbooks that apply to all is chosen.
    Choosing {
        /// Those.
        offers: Vec<Offered>,
        /// The place of the highlighted one.
        at: usize,
        /// Why it cannot be taken.
        error: Option<String>,
    },
    /// Each target's plan is made.
    Planning(Playbook),
    /// It waits for the final Enter.
    Confirming {
        /// What would be carried out.
        playbook: Playbook,
        /// What is typed.
        typed: Field,
    },
    /// They are carried out one by one.
    Running {
        /// What.
        playbook: Playbook,
        /// What confirms each of them.
        confirmed: Confirmation,
        /// None is begun after the one that is under way.
        stop: bool,
    },
    /// Nothing more is begun.
    Ended(Playbook),
}

/// A playbook that applies to all of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Offered {
    /// It.
    pub playbook: Playbook,
    /// Why it cannot be taken for all of them.
    pub barred: Option<String>,
}

/// A marked incident, and what becomes of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Target {
    /// The incident.
    pub id: IncidentId,
    /// The list does not show it.
    pub hidden: bool,
    /// What can be done about it, once that is known.
    pub found: Option<Vec<Applicable>>,
    /// Its own plan, and what the incident was like when that came.
    pub plan: Option<Box<(Plan, Facts)>>,
    /// Where it stands.
    pub state: State,
}

/// Where a target stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It has no plan yet.
    Waiting,
    /// It can be carried out.
    Ready,
    /// It cannot, and why.
    Cannot(String),
    /// It was over before its turn, and how.
    Out(String),
    /// It is being carried out, as this action once that is known.
    Submitted(Option<ActionId>),
    /// The other side said yes.
    Accepted,
    /// It was not done, and why.
    Failed(String),
    /// It may have been done.
    Unknown,
    /// It was not begun.
    NotBegun,
}

impl State {
    /// What became of one that was submitted; none while that is open.
    pub fn of(action: &Action) -> Option<Self> {
        let why = || format!("{}: {}", action.stage.word(), action.detail.safe());
        Some(match action.stage {
            Stage::Intended | Stage::Sent => return None,
            Stage::Accepted | Stage::Verified | Stage::SettledByHand => Self::Accepted,
            Stage::Refused | Stage::NotSent | Stage::NotDone | Stage::Undone => Self::Failed(why()),
            Stage::Unknown => Self::Unknown,
        })
    }
}

impl Target {
    /// Its plan.
    pub fn plan(&self) -> Option<&Plan> {
        self.plan.as_deref().map(|(plan, _)| plan)
    }

    /// Whether it is left out.
    pub fn is_out(&self) -> bool {
        matches!(self.state, State::Out(_))
    }

    fn value(&self) -> Option<&Outside> {
        self.plan()?.target.as_ref().map(|(_, value)| value)
    }

    fn offers(&self, playbook: &str) -> Option<&Applicable> {
        let is = |it: &&Applicable| matches!(&it.verb, Verb::Contain { playbook: id } if id == playbook);
        self.found.iter().flatten().find(is)
    }

    /// Why its plan is none that is carried out among others.
    fn unfit(&self, before: &[Self]) -> Option<String> {
        let plan = self.plan()?;
        let twin = before.iter().find(|other| other.state == State::Ready && other.value() == self.value());
        let unknown = plan.basis.earlier.iter().find(|(_, stage)| *stage == Stage::Unknown);
        let ahead = before.iter().filter(|other| other.state == State::Ready).count();
        let room = plan.room.filter(|room| usize::try_from(*room).is_ok_and(|room| ahead >= room));
        match (twin, unknown) {
            (Some(twin), _) => Some(format!("the same target as {}", twin.id)),
            (_, Some((action, _))) => Some(format!("#{action} on it is UNKNOWN: settle that first")),
            _ if plan.approvals > 0 => Some("it needs a second person: contain it by itself".to_owned()),
            _ if plan.target.is_none() => Some("it names no target".to_owned()),
            _ => room.map(|room| format!("only {room} more are allowed this hour")),
        }
    }
}

impl Bulk {
    /// Begins with these incidents; of each, whether the list hides it.
    pub fn new(marked: impl IntoIterator<Item = (IncidentId, bool)>) -> Self {
        let target = |(id, hidden)| Target { id, hidden, found: None, plan: None, state: State::Waiting };
        let targets = marked.into_iter().map(target).collect();
        Self { targets, step: Step::Finding, guard: Guard::default() }
    }

    /// What it is about, once that is chosen.
    pub fn playbook(&self) -> Option<&Playbook> {
        match &self.step {
            Step::Finding | Step::Choosing { .. } => None,
            Step::Planning(playbook) | Step::Ended(playbook) => Some(playbook),
            Step::Confirming { playbook, .. } | Step::Running { playbook, .. } => Some(playbook),
        }
    }

    /// Whether it was confirmed: it goes on whatever is on the screen.
    pub fn is_confirmed(&self) -> bool {
        matches!(self.step, Step::Running { .. } | Step::Ended(_))
    }

    /// How many are in this state.
    pub fn count(&self, state: &State) -> usize {
        self.targets.iter().filter(|target| target.state == *state).count()
    }

    /// Those that are not left out.
    pub fn left(&self) -> impl Iterator<Item = &Target> {
        self.targets.iter().filter(|target| !target.is_out())
    }

    /// Those that can be carried out.
    fn ready(&self) -> impl Iterator<Item = &Target> {
        self.targets.iter().filter(|target| target.state == State::Ready)
    }

    /// What must be typed: the playbook, and how many of its targets can be carried out; of a single one, its target.
    pub fn wanted(&self) -> String {
        let mut ready = self.ready();
        match (ready.next(), ready.count()) {
            (Some(only), 0) => only.value().map(|value| value.raw().to_owned()).unwrap_or_default(),
            (_, others) => self.playbook().map(|it| together(&it.id, others + 1)).unwrap_or_default(),
        }
    }

    /// Takes in what can be done about one; once that is known of all, what can be done about all is chosen from.
    pub fn found(&mut self, id: &IncidentId, applicable: Vec<Applicable>, playbooks: &[Playbook]) {
        if self.step != Step::Finding {
            return;
        }
        if let Some(target) = self.targets.iter_mut().find(|target| target.id == *id) {
            target.found = Some(applicable);
        }
        self.offered(playbooks, None);
    }

    /// Goes on to the choice once it is known of all that are left; this playbook stays the highlighted one.
    fn offered(&mut self, playbooks: &[Playbook], chosen: Option<&str>) {
        if self.left().all(|target| target.found.is_some()) {
            let offers = self.offers(playbooks);
            let is = |it: &Offered| chosen.map_or(it.barred.is_none(), |chosen| it.playbook.id == chosen);
            let at = offers.iter().position(is).unwrap_or(0);
            self.step = Step::Choosing { offers, at, error: None };
        }
    }

    /// The playbooks that apply to all that are left.
    fn offers(&self, playbooks: &[Playbook]) -> Vec<Offered> {
        let of_all = |it: &&Playbook| self.left().all(|target| target.offers(&it.id).is_some());
        let offer = |it: &Playbook| Offered { barred: self.barred(it), playbook: it.clone() };
        playbooks.iter().filter(of_all).map(offer).collect()
    }

    /// Goes back from the plans to what can be chosen; `None` where there was nothing to choose.
    #[must_use]
    pub fn choose_again(mut self, playbooks: &[Playbook]) -> Option<Self> {
        let offers = self.offers(playbooks);
        let chosen = self.playbook().map(|it| it.id.clone());
        let at = offers.iter().position(|it| Some(&it.playbook.id) == chosen.as_ref())?;
        if offers.len() < 2 {
            return None;
        }
        for target in self.targets.iter_mut().filter(|target| !target.is_out()) {
            (target.plan, target.state) = (None, State::Waiting);
        }
        Some(Self { step: Step::Choosing { offers, at, error: None }, guard: Guard::default(), ..self })
    }

    /// Why a playbook cannot be taken for all of them.
    fn barred(&self, playbook: &Playbook) -> Option<String> {
        let mut own = self.left().filter_map(|target| target.offers(&playbook.id)?.barred.clone());
        fitting::barred(playbook, self.left().count()).or_else(|| own.next())
    }

    /// Takes the highlighted playbook, and says what to plan for which incident. A target whose values its incident
    /// does not say for sure cannot be among them.
    pub fn choose(&mut self) -> Vec<(IncidentId, Verb, Values)> {
        let Step::Choosing { offers, at, error } = &mut self.step else { return Vec::new() };
        let Some(offered) = offers.get(*at) else { return Vec::new() };
        if offered.barred.is_some() {
            error.clone_from(&offered.barred);
            return Vec::new();
        }
        let playbook = offered.playbook.clone();
        let mut plans = Vec::new();
        for target in self.targets.iter_mut().filter(|target| !target.is_out()) {
            let Some(applicable) = target.offers(&playbook.id).cloned() else { continue };
            let verb = applicable.verb.clone();
            let form = Form::new(&target.id, applicable);
            match form.values() {
                Ok(values) => plans.push((target.id.clone(), verb, values)),
                Err(place) => {
                    let name = form.fields.get(place).map(|(asked, _)| asked.name.as_str());
                    let why = format!("{} must be said: contain it by itself", name.unwrap_or("a value"));
                    target.state = State::Cannot(why);
                }
            }
        }
        self.step = Step::Planning(playbook);
        self.listed();
        plans
    }

    /// Takes in a target's plan, or why there is none.
    pub fn planned(&mut self, id: &IncidentId, answer: Result<(Plan, Facts), String>) {
        let Step::Planning(playbook) = &self.step else { return };
        let wanted = Verb::Contain { playbook: playbook.id.clone() };
        let waits = |it: &&mut Target| it.id == *id && it.state == State::Waiting;
        let Some(target) = self.targets.iter_mut().find(waits) else { return };
        match answer {
            // A plan of another verb was asked for before.
            Ok((plan, _)) if plan.verb != wanted || plan.basis.incident != *id => return,
            Ok(planned) => (target.plan, target.state) = (Some(Box::new(planned)), State::Ready),
            Err(why) => target.state = State::Cannot(why),
        }
        self.listed();
    }

    /// Goes on once it is known of every target whether it can be carried out.
    fn listed(&mut self) {
        let Step::Planning(playbook) = &self.step else { return };
        if self.count(&State::Waiting) > 0 {
            return;
        }
        let playbook = playbook.clone();
        for place in 0..self.targets.len() {
            let (before, rest) = self.targets.split_at_mut(place);
            let Some(target) = rest.first_mut() else { continue };
            if let Some(why) = target.unfit(before) {
                target.state = State::Cannot(why);
            }
        }
        self.step = Step::Confirming { playbook, typed: Field::default() };
        self.guard = Guard::default();
    }

    /// Why the Enter pressed at `at` does not count.
    pub fn objection(&self, at: Time) -> Option<String> {
        let Step::Confirming { typed, .. } = &self.step else { return None };
        if self.count(&State::Ready) == 0 {
            return Some("none of them can be carried out; esc leaves it".to_owned());
        }
        if typed.text() != self.wanted() {
            return Some(format!("type {}", self.wanted()));
        }
        self.guard.objection(at).map(str::to_owned)
    }

    /// It was confirmed.
    pub fn begin(&mut self) {
        if let Step::Confirming { playbook, typed } = &self.step {
            let mut together: Vec<PlanHash> =
                self.ready().filter_map(Target::plan).map(|plan| plan.hash.clone()).collect();
            if together.len() == 1 {
                together.clear();
            }
            let confirmed =
                Confirmation { typed: Some(typed.outside()), together, ..Confirmation::default() };
            self.step = Step::Running { playbook: playbook.clone(), confirmed, stop: false };
            self.guard = Guard::default();
        }
    }

    /// The next one to submit, with what confirms it; none while one is under way, or when it is over.
    pub fn begin_next(&mut self) -> Option<(PlanHash, Confirmation)> {
        let Step::Running { playbook, confirmed, stop } = &self.step else { return None };
        if self.targets.iter().any(|target| matches!(target.state, State::Submitted(_))) {
            return None;
        }
        let stopped = *stop || self.count(&State::Unknown) > 0;
        let next = self.targets.iter_mut().find(|target| target.state == State::Ready && !stopped);
        if let Some(target) = next {
            target.state = State::Submitted(None);
            return target.plan().map(|plan| (plan.hash.clone(), confirmed.clone()));
        }
        self.step = Step::Ended(playbook.clone());
        for target in self.targets.iter_mut().filter(|target| target.state == State::Ready) {
            target.state = State::NotBegun;
        }
        None
    }

    /// The one that is under way.
    fn under_way(&mut self) -> Option<&mut Target> {
        self.targets.iter_mut().find(|target| matches!(target.state, State::Submitted(_)))
    }

    /// Whether this plan is the one that is under way.
    pub fn submits(&self, hash: &PlanHash) -> bool {
        let is = |target: &Target| matches!(target.state, State::Submitted(_));
        self.targets.iter().any(|target| is(target) && target.plan().is_some_and(|plan| plan.hash == *hash))
    }

    /// Takes in what the engine says of the one that is under way. After a refusal that would meet the others too,
    /// none is begun any more.
    pub fn submitted(&mut self, answer: Result<&Receipt, (String, bool)>) {
        let Some(target) = self.under_way() else { return };
        let mut ends = false;
        target.state = match answer {
            Ok(receipt) if receipt.action.is_some() => State::Submitted(receipt.action),
            Ok(_) => State::Failed("it waits for a second person".to_owned()),
            Err((why, all)) => {
                ends = all;
                State::Failed(why)
            }
        };
        if let Step::Running { stop, .. } = &mut self.step {
            *stop |= ends;
        }
    }

    /// Looks whether the one that is under way has an outcome.
    pub fn follow(&mut self, board: &Board) {
        let Some(target) = self.under_way() else { return };
        let State::Submitted(Some(number)) = target.state else { return };
        let Some(action) = board.get(&target.id).and_then(|incident| incident.actions.get(&number)) else {
            return;
        };
        if let Some(state) = State::of(action) {
            target.state = state;
        }
    }

    /// What became of it, in one line.
    pub fn summary(&self) -> String {
        let name = self.playbook().map(|playbook| playbook.id.clone()).unwrap_or_default();
        let of = |is: fn(&State) -> bool| -> Vec<String> {
            self.targets.iter().filter(|it| is(&it.state)).map(|it| it.id.to_string()).collect()
        };
        let mut out = format!("{name}: {} of {} accepted", self.count(&State::Accepted), self.targets.len());
        for (word, ids) in [
            ("UNKNOWN", of(|it| matches!(it, State::Unknown))),
            ("failed", of(|it| matches!(it, State::Failed(_)))),
            ("not begun", of(|it| matches!(it, State::NotBegun))),
            ("could not be", of(|it| matches!(it, State::Cannot(_)))),
            ("left out", of(|it| matches!(it, State::Out(_)))),
        ] {
            if !ids.is_empty() {
                out.push_str(&format!("; {word} {}", ids.join(", ")));
            }
        }
        out
    }
}
