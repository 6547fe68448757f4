//! The paths an incident can be escalated on, and the literal plan of one step.

use std::collections::BTreeMap;

use super::refused;
use crate::backend::{Applicable, Asked, OfferedStep, Refusal, RefusalKind};
use crate::domain::action::{Stage, Verb};
use crate::domain::escalation::{ArmedStep, Escalation, Path, Step, StepState};
use crate::domain::incident::Incident;
use crate::domain::operator::Operator;
use crate::domain::parameter::{Kind, Origin};
use crate::domain::plan::{Basis, Plan, Request, Value};
use crate::domain::query::Asker;
use crate::domain::text::Outside;
use crate::domain::time::Span;
use crate::engine::{Engine, telling};
use crate::playbooks::render;

/// What a person asks for.
pub(super) struct Wanted<'a> {
    /// The verb as it came.
    pub(super) verb: &'a Verb,
    /// On this path.
    pub(super) path: &'a str,
    /// This step, sent before or not; without one the next that was not sent.
    pub(super) step: Option<u32>,
    /// These steps instead of those it has.
    pub(super) steps: Option<&'a [Step]>,
}

impl Engine {
    /// Every path, the one quell would pick first.
    pub(super) async fn paths(&self, who: &Operator, incident: &Incident) -> Vec<Applicable> {
        let asker = Asker { me: &who.name, now: self.now() };
        let armed = incident.escalation().map(|escalation| escalation.path.as_str());
        let fits = |path: &Path| path.when.as_ref().is_some_and(|when| incident.matches(when, &asker, false));
        let first_fitting = self.0.setup.paths.iter().find(|path| fits(path)).map(|path| path.id.as_str());
        let suggested = armed.or(first_fitting).unwrap_or("incident");
        let gathered = self.gather(incident).await;
        let findings = gathered.findings(self, incident);
        let offer = |path: &Path| {
            let asked = findings.packet(path).said().into_iter().map(|(name, value)| Asked {
                name,
                parameter: None,
                prefilled: value,
                offers: Vec::new(),
            });
            let armed = incident.escalation_on(&path.id);
            let steps = steps_of(path, armed);
            let next = armed.map_or(1, Escalation::next_or_first);
            let barred = if !incident.phase.is_open() {
                Some("the incident has ended".to_owned())
            } else if steps.is_empty() {
                Some("it has no steps; say who is told, or copy its packet from here".to_owned())
            } else {
                None
            };
            Applicable {
                verb: Verb::escalate(&path.id),
                title: path.title.clone(),
                blast: step_words(&steps, next, incident),
                asked: asked.collect(),
                target: None,
                steps: OfferedStep::all(path, armed),
                barred,
                suggested: path.id == suggested,
            }
        };
        let mut out: Vec<Applicable> = self.0.setup.paths.iter().map(offer).collect();
        out.sort_by_key(|applicable| (!applicable.suggested, applicable.barred.is_some()));
        out
    }

    pub(super) async fn plan_escalation(
        &self,
        who: &Operator,
        incident: &Incident,
        wanted: &Wanted<'_>,
        given: &BTreeMap<String, Outside>,
    ) -> Result<Plan, Refusal> {
        let id = wanted.path;
        let path = self.known_path(id)?;
        if !incident.phase.is_open() {
            return Err(refused("the incident has ended; nobody is told any more"));
        }
        let armed = incident.escalation_on(id);
        let steps = self.steps_wanted(path, armed, wanted)?;
        let number = match (wanted.step, wanted.steps) {
            (Some(number), _) => number,
            (None, Some(_)) => 1,
            (None, None) => armed.map_or(1, Escalation::next_or_first),
        };
        let step = self.step_wanted(&steps, number, armed, wanted)?;
        let packet = self.gather(incident).await.given(who, self.now(), given).packet(self, incident, path);
        let telling = telling::page(incident, id, (number, &step), packet.said());
        let missing = packet.missing();
        if path.complete && !missing.is_empty() {
            return Err(refused(format!(
                "{id} waits for a complete packet; missing: {}",
                missing.join(", ")
            )));
        }
        let mut warnings = Vec::new();
        if !missing.is_empty() {
            warnings.push(format!("not yet known, said as such: {}", missing.join(", ")));
        }
        if let Some(owner) = incident.owner.as_ref().filter(|owner| owner.name != who.name) {
            warnings.push(format!("{} holds this incident", owner.name));
        }
        if matches!(step.state, StepState::Sent(_)) {
            warnings.push(format!("step {number} was sent before; this is a new message"));
        }
        let parameters = given
            .iter()
            .map(|(name, value)| {
                (name.clone(), Value { value: value.clone(), origin: Origin::Person, kind: Kind::String })
            })
            .collect();
        let (basis, key) = (basis(incident, wanted.verb, &parameters), telling.key.clone());
        let plan = Plan {
            title: path.title.clone(),
            parameters,
            blast: step_words(&steps, number, incident),
            idempotent: true,
            warnings,
            ..Plan::of(wanted.verb.clone(), Request::Tell(telling), basis, key, self.now())
        };
        Ok(plan.seal())
    }

    /// The steps the path has then: a person's own, else those it is armed with, else the configured ones.
    fn steps_wanted(
        &self,
        path: &Path,
        armed: Option<&Escalation>,
        wanted: &Wanted<'_>,
    ) -> Result<Vec<Step>, Refusal> {
        let usage = |why: &str| Refusal::new(RefusalKind::Usage, why);
        let Some(own) = wanted.steps else {
            let steps = steps_of(path, armed);
            if steps.is_empty() {
                let id = &path.id;
                return Err(refused(format!(
                    "the path {id} has no steps; say who is told (--steps \"0m CHANNEL\"), or add them in \
                     [[path]] of the configuration"
                )));
            }
            return Ok(steps);
        };
        if wanted.step.is_some() {
            return Err(usage("say which step, or other steps, not both"));
        }
        Step::check_all(own, &self.0.setup.tellers).map_err(|why| usage(&why))?;
        if armed.is_some_and(|armed| armed.stopped.is_none()) {
            return Err(refused(format!(
                "{} runs already; send one of its steps, or acknowledge the incident to stop it first",
                path.id
            )));
        }
        Ok(own.to_vec())
    }

    /// The step with this number as it stands, or as it would once it is armed.
    fn step_wanted(
        &self,
        steps: &[Step],
        number: u32,
        armed: Option<&Escalation>,
        wanted: &Wanted<'_>,
    ) -> Result<ArmedStep, Refusal> {
        let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        let Some(step) = index.and_then(|index| steps.get(index)) else {
            return Err(Refusal::new(
                RefusalKind::Usage,
                format!("{} has no step {number}; it has {}, numbered from 1", wanted.path, steps.len()),
            ));
        };
        let before = armed.and_then(|armed| armed.step(number));
        let is_itself = before.filter(|_| wanted.steps.is_none());
        Ok(ArmedStep {
            after: step.after,
            to: step.to.clone(),
            due: self.now(),
            state: is_itself.map_or(StepState::Waiting, |before| before.state.clone()),
            attempts: 0,
            round: before.map_or(0, |before| before.round),
        })
    }
}

/// What a telling rests on: every attempt at a step of its path counts as an earlier action.
pub(in crate::engine) fn basis(
    incident: &Incident,
    verb: &Verb,
    parameters: &BTreeMap<String, Value>,
) -> Basis {
    let steps = incident.escalation_on(verb.of()).map(|e| e.steps.as_slice()).unwrap_or_default();
    let stage = |state: &StepState| match state {
        StepState::Waiting => Stage::Intended,
        StepState::Started(_) => Stage::Sent,
        StepState::Sent(_) => Stage::Accepted,
        StepState::Missed => Stage::NotSent,
    };
    let attempts = |(number, step): (u32, &ArmedStep)| {
        std::iter::repeat_n((number, stage(&step.state)), usize::try_from(step.attempts).unwrap_or(0))
    };
    let earlier = (1..).zip(steps).flat_map(attempts).collect();
    Basis { earlier, ..render::basis(incident, verb, None, parameters, None) }
}

/// The same spacing, with the first step due now.
pub(in crate::engine) fn from_now(steps: &[Step]) -> Vec<Step> {
    let first = steps.first().map_or(0, |step| step.after.as_millis());
    let sooner = |step: &Step| Step {
        after: Span::millis(step.after.as_millis().saturating_sub(first)),
        to: step.to.clone(),
    };
    steps.iter().map(sooner).collect()
}

/// The steps a path is armed with, else those it is configured with.
fn steps_of(path: &Path, armed: Option<&Escalation>) -> Vec<Step> {
    let Some(armed) = armed else { return path.steps.clone() };
    armed.steps.iter().map(|step| Step { after: step.after, to: step.to.clone() }).collect()
}

fn step_words(steps: &[Step], number: u32, incident: &Incident) -> String {
    let mut coming = steps.iter().skip(usize::try_from(number).map_or(0, |number| number.saturating_sub(1)));
    let Some(next) = coming.next() else { return "nobody: it has no steps".to_owned() };
    let later = coming.count();
    let more = if later == 0 || incident.owner.is_some() {
        String::new()
    } else {
        format!(", then {later} more unless somebody acknowledges")
    };
    format!("tells {} now{more}", next.to.join(", "))
}
