//! What applies to an incident, and the literal plan of it.

pub(super) mod escalation;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Engine;
use super::safety::why_not;
use crate::backend::{Applicable, Asked, Offer, Refusal, RefusalKind};
use crate::domain::action::{Action, ActionId, Verb};
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::operator::Operator;
use crate::domain::plan::{LookUp, Plan, PlanHash, Value};
use crate::domain::playbook::{Confirm, Playbook};
use crate::domain::query::Asker;
use crate::domain::text::Outside;
use crate::domain::time::clock_time;
use crate::exec;
use crate::playbooks::render::{self, Setting};
use crate::playbooks::{carry, parameters};
use escalation::Wanted;

pub(super) fn refused(why: impl Into<String>) -> Refusal {
    Refusal::new(RefusalKind::Refused, why)
}

impl Engine {
    pub(super) async fn incident_now(&self, id: &IncidentId) -> Result<Arc<Incident>, Refusal> {
        match self.find(id) {
            Some(incident) => Ok(incident),
            None => self
                .0
                .ledger
                .incident(id)
                .await?
                .ok_or_else(|| Refusal::new(RefusalKind::NotFound, format!("there is no incident {id}"))),
        }
    }

    pub(super) async fn applicable_to(
        &self,
        who: &Operator,
        id: &IncidentId,
    ) -> Result<Vec<Applicable>, Refusal> {
        let incident = self.incident_now(id).await?;
        let mut out = self.containments(who, &incident);
        out.extend(self.undos(&incident));
        out.extend(self.paths(who, &incident).await);
        out.extend(self.bulletins(&incident));
        Ok(out)
    }

    fn barred(&self, incident: &Incident) -> Option<String> {
        if incident.is_closed() {
            Some("the incident is closed".to_owned())
        } else {
            why_not(&self.actions_now())
        }
    }

    fn containments(&self, who: &Operator, incident: &Incident) -> Vec<Applicable> {
        let asker = Asker { me: &who.name, now: self.now() };
        let fitting = self.0.setup.playbooks.iter().filter(|p| incident.matches(&p.when, &asker, false));
        let mut out: Vec<Applicable> = fitting
            .map(|playbook| Applicable {
                verb: Verb::Contain { playbook: playbook.id.clone() },
                title: playbook.title.clone(),
                blast: playbook.blast.clone(),
                asked: asked(playbook, incident),
                steps: Vec::new(),
                barred: self.barred(incident),
                suggested: false,
            })
            .collect();
        if let Some(first) = out.first_mut() {
            first.suggested = true;
        }
        out
    }

    fn undos(&self, incident: &Incident) -> Vec<Applicable> {
        let in_force = incident.actions.values().rev().filter(|action| {
            matches!(action.plan.verb, Verb::Contain { .. }) && action.stage.can_be_undone()
        });
        in_force
            .filter_map(|action| {
                let playbook = self.0.setup.playbook(action.plan.verb.of())?;
                playbook.undo.as_ref()?;
                Some(Applicable {
                    verb: Verb::Undo { playbook: playbook.id.clone(), action: action.id },
                    title: format!("Undo: {}", playbook.title),
                    blast: format!("reverses: {}", playbook.blast),
                    asked: Vec::new(),
                    steps: Vec::new(),
                    barred: self.barred(incident),
                    suggested: false,
                })
            })
            .collect()
    }

    pub(super) async fn make_plan(
        &self,
        who: &Operator,
        id: &IncidentId,
        verb: Verb,
        given: BTreeMap<String, Outside>,
    ) -> Result<Plan, Refusal> {
        let incident = self.incident_now(id).await?;
        let mut plan = match &verb {
            Verb::Contain { playbook } => self.plan_containment(&incident, playbook, &given).await?,
            Verb::Undo { action, .. } => self.plan_undo(&incident, *action).await?,
            Verb::Escalate { path, step, steps } => {
                let wanted = Wanted { verb: &verb, path, step: *step, steps: steps.as_deref() };
                self.plan_escalation(who, &incident, &wanted, &given).await?
            }
            Verb::Publish { audience } => self.plan_bulletin(&incident, *audience, &given)?,
        };
        let reads = plan.verify.iter().map(|verify| &verify.read).chain(plan.before.iter().map(|c| &c.read));
        for request in plan.request.invocation().iter().chain(reads) {
            let sendable = carry::check(&self.0.adapters.apis, request);
            sendable.map_err(|fault| refused(format!("it could not be sent: {}", fault.detail.raw())))?;
        }
        plan.warnings.extend(self.stale_warning(&incident));
        if !plan.warnings.is_empty() && self.stale_warning(&incident).is_some() && plan.target.is_some() {
            // The alert data is old: the target is typed whatever the playbook says.
            plan.confirm = Confirm::TypeTarget;
            plan = plan.seal();
        }
        self.0.live.put_plan(&plan, self.now()).await;
        Ok(plan)
    }

    async fn plan_containment(
        &self,
        incident: &Incident,
        id: &str,
        given: &BTreeMap<String, Outside>,
    ) -> Result<Plan, Refusal> {
        let playbook = self.configured(id)?;
        let values = parameters::resolve(playbook, incident, given).map_err(refused)?;
        let group = self.group_of(incident).await?;
        let setting = self.setting(incident, &group, &values);
        let look_up = self.look_up(playbook, &setting).await?;
        render::contain(playbook, &setting, look_up).map_err(refused)
    }

    async fn plan_undo(&self, incident: &Incident, action: ActionId) -> Result<Plan, Refusal> {
        let action = action_of(incident, action)?;
        let playbook = self.configured(action.plan.verb.of())?;
        let group = self.group_of(incident).await?;
        let setting = self.setting(incident, &group, &action.plan.parameters);
        let look_up = self.look_up(playbook, &setting).await?;
        render::undo(playbook, &setting, action, look_up).map_err(refused)
    }

    async fn group_of(&self, incident: &Incident) -> Result<Vec<Arc<Incident>>, Refusal> {
        match &incident.opening.group {
            Some(group) => Ok(self.0.ledger.of_group(group).await?),
            None => Ok(Vec::new()),
        }
    }

    pub(super) fn setting<'a>(
        &'a self,
        incident: &'a Incident,
        group: &'a [Arc<Incident>],
        parameters: &'a BTreeMap<String, Value>,
    ) -> Setting<'a> {
        let urls = &self.0.adapters.urls;
        Setting { incident, group, urls, find: exec::find, parameters, at: self.now() }
    }

    fn configured(&self, id: &str) -> Result<&Playbook, Refusal> {
        self.0.setup.playbook(id).ok_or_else(|| {
            let known: Vec<&str> =
                self.0.setup.playbooks.iter().map(|playbook| playbook.id.as_str()).collect();
            let id = crate::domain::text::SafeText::exact(id);
            Refusal::new(
                RefusalKind::Usage,
                match known.as_slice() {
                    [] => format!("there is no playbook {id}; none is configured"),
                    known => format!("there is no playbook {id}; configured: {}", known.join(", ")),
                },
            )
        })
    }

    /// The target's authoritative record; a failed read is allowed only where the playbook says so.
    pub(super) async fn look_up(
        &self,
        playbook: &Playbook,
        setting: &Setting<'_>,
    ) -> Result<Option<LookUp>, Refusal> {
        let Some(lookup) = &playbook.lookup else { return Ok(None) };
        let request = setting.read(lookup).map_err(refused)?;
        match carry::look_up(&self.0.adapters.apis, request.clone(), lookup).await {
            Ok(look_up) => Ok(Some(look_up)),
            Err(fault)
                if fault.kind == crate::domain::fault::FaultKind::Refused && fault.status.is_none() =>
            {
                Err(refused(fault.detail.raw()))
            }
            Err(fault) if playbook.lookup_optional => Ok(Some(carry::not_looked_up(request, &fault))),
            Err(fault) => Err(refused(format!("the target could not be looked up: {}", fault.detail.raw()))),
        }
    }

    /// Says how old the alert data is when none of the incident's sources can be seen.
    fn stale_warning(&self, incident: &Incident) -> Option<String> {
        let view = self.0.mirror.read();
        let now = self.now();
        let names = incident.sources();
        let mine: Vec<_> = view.watched().filter(|status| names.contains(&status.name.as_str())).collect();
        if mine.is_empty() || mine.iter().any(|status| status.state(now).sees()) {
            return None;
        }
        let as_of = mine.iter().filter_map(|status| status.as_of).max();
        Some(match as_of {
            Some(at) => format!("alert data as of {}", clock_time(at)),
            None => "no alert data in this session".to_owned(),
        })
    }

    /// A plan that can still be submitted, and the action it became.
    pub(super) async fn kept_plan(&self, hash: &PlanHash) -> Result<(Plan, Option<String>), Refusal> {
        self.0.live.plan(hash, self.now()).await.ok_or_else(|| {
            Refusal::new(
                RefusalKind::NotFound,
                "there is no such plan, or it is older than ten minutes; plan again",
            )
        })
    }
}

fn action_of(incident: &Incident, id: ActionId) -> Result<&Action, Refusal> {
    incident
        .actions
        .get(&id)
        .ok_or_else(|| Refusal::new(RefusalKind::NotFound, format!("{} has no action #{id}", incident.id)))
}

/// What a form asks for.
fn asked(playbook: &Playbook, incident: &Incident) -> Vec<Asked> {
    let ask = |parameter: &crate::domain::playbook::Parameter| {
        let offers = parameter.label().map(|key| incident.label_values(key)).unwrap_or_default();
        Asked {
            name: parameter.name.clone(),
            allow: parameter.allow.clone(),
            label: parameter.label().map(str::to_owned),
            prefilled: parameters::prefill(parameter, incident)
                .cloned()
                .or_else(|| parameter.default.clone().filter(|_| offers.is_empty()).map(Outside::new)),
            offers: offers
                .into_iter()
                .map(|(value, from)| Offer { value: value.clone(), from: from.clone() })
                .collect(),
        }
    };
    playbook.parameter.iter().map(ask).collect()
}
