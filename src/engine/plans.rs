//! What applies to an incident, and the literal plan of it.

pub(super) mod escalation;
mod held;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::Engine;
use super::safety::why_not;
use crate::backend::{Applicable, Asked, Refusal, RefusalKind};
use crate::domain::action::{Action, ActionId, Verb};
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::operator::Operator;
use crate::domain::packet::Item;
use crate::domain::parameter::Parameter;
use crate::domain::plan::{LookUp, Meant, Plan, PlanHash, Value};
use crate::domain::playbook::{Carry, Class, Confirm, Playbook};
use crate::domain::query::Asker;
use crate::domain::text::{Outside, SafeText};
use crate::domain::time::clock_time;
use crate::exec;
use crate::playbooks::carry;
use crate::playbooks::parameters::{self, Known, Silences};
use crate::playbooks::render::{self, Setting};
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
        let mut out = self.containments(who, &incident).await;
        out.extend(self.upstream_calls(who, &incident).await);
        out.extend(self.undos(&incident));
        out.extend(self.paths(who, &incident).await);
        out.extend(self.bulletins(&incident));
        Ok(out)
    }

    fn barred(&self, incident: &Incident) -> Option<String> {
        closed(incident).or_else(|| why_not(&self.actions_now()))
    }

    async fn containments(&self, who: &Operator, incident: &Incident) -> Vec<Applicable> {
        let asker = Asker { me: &who.name, now: self.now() };
        let all = self.0.setup.playbooks.iter();
        let fitting: Vec<&Playbook> = all.filter(|p| incident.matches(&p.when, &asker, false)).collect();
        let offered = self.offered_for(incident, &fitting).await;
        let verb = |playbook: &Playbook| Verb::Contain { playbook: playbook.id.clone() };
        let barred = self.barred(incident);
        let offered = |playbook: &Playbook| {
            let known = offered.known(incident, playbook);
            let mut offer = applicable(playbook, verb(playbook), known, barred.clone());
            self.mark_held(incident, &mut offer);
            offer
        };
        let mut out: Vec<Applicable> = fitting.into_iter().map(offered).collect();
        if let Some(first) = out.first_mut() {
            first.suggested = true;
        }
        out
    }

    /// What the incident's sources can be asked.
    pub(super) async fn upstream_calls(&self, who: &Operator, incident: &Incident) -> Vec<Applicable> {
        let asker = Asker { me: &who.name, now: self.now() };
        let names = incident.sources();
        let (mut all, mut brought) = (Vec::<Playbook>::new(), Vec::new());
        for source in self.0.adapters.sources.iter().filter(|source| names.contains(&source.name())) {
            source.prepare(self.now()).await;
            all.extend(source.playbooks());
            brought.extend(source.acknowledges());
        }
        let fitting: Vec<&Playbook> =
            all.iter().filter(|it| incident.matches(&it.when, &asker, false)).collect();
        let offered = self.offered_for(incident, &fitting).await;
        // Where nothing is silenced, no silence can be changed.
        let silenced = |playbook: &&Playbook| {
            !parameters::takes_silence(playbook) || !offered.known(incident, playbook).silences().is_empty()
        };
        let offer = |playbook: &Playbook| {
            let verb = Verb::Upstream { playbook: playbook.id.clone() };
            let permitted = match playbook.class {
                Class::Tell => closed(incident),
                Class::Change => self.barred(incident),
            };
            let barred = playbook.barred.clone().or(permitted);
            // An acknowledgement here brings it along, unless somebody holds it there.
            let suggested = brought.contains(&playbook.id) && incident.held_upstream().is_none();
            let known = offered.known(incident, playbook);
            Applicable { suggested, ..applicable(playbook, verb, known, barred) }
        };
        fitting.into_iter().filter(silenced).map(offer).collect()
    }

    fn undos(&self, incident: &Incident) -> Vec<Applicable> {
        let in_force = incident.actions.values().rev().filter(|action| {
            matches!(action.plan.verb, Verb::Contain { .. } | Verb::Upstream { .. })
                && action.stage.can_be_undone()
        });
        in_force
            .filter_map(|action| {
                let playbook = self.playbook(&action.plan.verb)?;
                playbook.undo.as_ref()?;
                let target = action.plan.target.as_ref().map(|(_, target)| format!(" {}", target.exact()));
                let (target, at) = (target.unwrap_or_default(), clock_time(action.at));
                Some(Applicable {
                    verb: Verb::Undo { playbook: playbook.id.clone(), action: action.id },
                    // Of two alike somebody chooses by their targets and times.
                    title: format!("Undo #{}: {}{target}, {at}", action.id, playbook.title),
                    blast: format!("reverses: {}", playbook.blast),
                    asked: Vec::new(),
                    target: None,
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
            Verb::Contain { .. } | Verb::Upstream { .. } => {
                self.plan_playbook(who, &incident, &verb, &given).await?
            }
            Verb::Undo { action, .. } => self.plan_undo(who, &incident, *action).await?,
            Verb::Escalate { path, step, steps } => {
                let wanted = Wanted { verb: &verb, path, step: *step, steps: steps.as_deref() };
                self.plan_escalation(who, &incident, &wanted, &given).await?
            }
            Verb::Publish { audience } => self.plan_bulletin(&incident, *audience, &given).await?,
        };
        let reads = plan.verify.iter().map(|verify| &verify.read).chain(plan.before.iter().map(|c| &c.read));
        for request in plan.request.invocation().iter().chain(reads) {
            let sendable = carry::check(&self.0.adapters.apis, request);
            sendable.map_err(|fault| refused(format!("it could not be sent: {}", fault.detail.raw())))?;
        }
        let guarded = self.guarded(&who.name, &plan)?;
        (plan.caps, plan.room) = (guarded.caps, guarded.room);
        if !guarded.approval_because.is_empty() {
            plan.approvals = 1;
            plan.approval_because.extend(guarded.approval_because);
            plan = plan.seal();
        }
        plan.warnings.extend(self.stale_warning(&incident));
        if !plan.warnings.is_empty() && self.stale_warning(&incident).is_some() && plan.target.is_some() {
            // The alert data is old: the target is typed whatever the playbook says.
            plan.confirm = Confirm::TypeTarget;
            plan = plan.seal();
        }
        plan.warnings.extend(self.held_already(&incident, &plan));
        let what = plan.target.as_ref().map_or("target", |(name, _)| name);
        plan.warnings.extend(plan.basis.ends.iter().map(|ended| ended.words(id, what)));
        plan.warnings.extend(self.in_doubt(&incident, &plan));
        plan.warnings.extend(self.told_with(&incident, &plan).await);
        if !self.0.live.put_plan(&plan, self.now()).await {
            let why =
                "the plan cannot be kept: the files beside the ledger cannot be written; look at their disk";
            return Err(Refusal::new(RefusalKind::Unreachable, why));
        }
        Ok(plan)
    }

    async fn plan_playbook(
        &self,
        who: &Operator,
        incident: &Incident,
        verb: &Verb,
        given: &BTreeMap<String, Outside>,
    ) -> Result<Plan, Refusal> {
        let asks = |source: &str| verb.of().strip_prefix(source).is_some_and(|rest| rest.starts_with('/'));
        for source in self.0.adapters.sources.iter().filter(|source| asks(source.name())) {
            source.prepare(self.now()).await;
        }
        let playbook = &*self.configured(verb)?;
        self.is_its_own(incident, verb)?;
        if let Some(why) = &playbook.barred {
            return Err(refused(why.clone()));
        }
        let offered = self.offered_for(incident, &[playbook]).await;
        let values =
            parameters::resolve(playbook, offered.known(incident, playbook), given).map_err(refused)?;
        let group = self.group_of(incident).await?;
        let setting = self.setting(who, incident, &group, &values);
        let look_up = self.look_up(playbook, &setting, false).await?;
        render::contain(playbook, verb.clone(), &setting, look_up.as_ref()).map_err(refused)
    }

    async fn plan_undo(
        &self,
        who: &Operator,
        incident: &Incident,
        action: ActionId,
    ) -> Result<Plan, Refusal> {
        // It names what else it ends: what another process contained a moment ago may not be read yet.
        self.catch_up().await?;
        let action = action_of(incident, action)?;
        let playbook = &*self.configured(&action.plan.verb)?;
        let group = self.group_of(incident).await?;
        let setting = self.setting(who, incident, &group, &action.plan.parameters);
        let look_up = self.look_up(playbook, &render::undoing(&setting, action, None), true).await?;
        let mut plan = render::undo(playbook, &setting, action, look_up.as_ref()).map_err(refused)?;
        plan.basis.ends = self.ended_with(who, incident, &plan);
        Ok(plan.seal())
    }

    /// What these playbooks can take values from, beside the incident itself.
    async fn offered_for(&self, incident: &Incident, playbooks: &[&Playbook]) -> Offered {
        let names = parameters::items(playbooks.iter().copied());
        let mut offered = Offered::default();
        if !names.is_empty() {
            let gathered = self.gather(incident).await;
            let findings = gathered.findings(self, incident);
            let item = |name: &str| (name.to_owned(), findings.item(name, false));
            offered.items = names.into_iter().map(item).collect();
        }
        if playbooks.iter().any(|playbook| parameters::takes_silence(playbook)) {
            for signal in self.signals_of(incident).await {
                let there = offered.silences.entry(signal.key.source).or_default();
                for silence in signal.upstream.into_iter().flat_map(|upstream| upstream.silences) {
                    if !there.contains(&silence) {
                        there.push(silence);
                    }
                }
            }
        }
        offered
    }

    async fn group_of(&self, incident: &Incident) -> Result<Vec<Arc<Incident>>, Refusal> {
        match &incident.opening.group {
            Some(group) => Ok(self.0.ledger.of_group(group).await?),
            None => Ok(Vec::new()),
        }
    }

    pub(super) fn setting<'a>(
        &'a self,
        who: &'a Operator,
        incident: &'a Incident,
        group: &'a [Arc<Incident>],
        parameters: &'a BTreeMap<String, Value>,
    ) -> Setting<'a> {
        let apis = &self.0.adapters.apis;
        let (who, at) = (who.name.as_str(), self.now());
        Setting { who, incident, group, apis, find: exec::find, parameters, key: None, found: None, at }
    }

    /// The playbook that a verb carries out or reverses: what is configured contains, and only a source is asked for
    /// what bears its name.
    pub(super) fn playbook(&self, verb: &Verb) -> Option<Cow<'_, Playbook>> {
        let id = verb.of();
        match (verb, Verb::playbook(id)) {
            (Verb::Contain { .. } | Verb::Undo { .. }, Verb::Contain { .. }) => {
                self.0.setup.playbook(id).map(Cow::Borrowed)
            }
            (Verb::Upstream { .. } | Verb::Undo { .. }, Verb::Upstream { .. }) => {
                let mut all = self.0.adapters.sources.iter().flat_map(|source| source.playbooks());
                all.find(|playbook| playbook.id == id).map(Cow::Owned)
            }
            _ => None,
        }
    }

    pub(super) fn configured(&self, verb: &Verb) -> Result<Cow<'_, Playbook>, Refusal> {
        self.playbook(verb).ok_or_else(|| {
            let known: Vec<&str> =
                self.0.setup.playbooks.iter().map(|playbook| playbook.id.as_str()).collect();
            let id = SafeText::exact(verb.of());
            let why = match (verb, Verb::playbook(verb.of()), known.as_slice()) {
                (Verb::Contain { .. }, Verb::Upstream { .. }, _) => {
                    format!("{id} is no containment: `quell upstream` asks its source for it")
                }
                (Verb::Upstream { .. }, Verb::Contain { .. }, _) => {
                    format!("{id} is asked of no source: `quell contain` carries it out")
                }
                (_, _, []) => format!("there is no playbook {id}; none is configured"),
                (_, _, known) => format!("there is no playbook {id}; configured: {}", known.join(", ")),
            };
            Refusal::new(RefusalKind::Usage, why)
        })
    }

    /// Whether it is a source of the incident that is asked, where one is.
    fn is_its_own(&self, incident: &Incident, verb: &Verb) -> Result<(), Refusal> {
        let Verb::Upstream { playbook } = verb else { return Ok(()) };
        let asked = playbook.split('/').next().unwrap_or_default();
        if incident.sources().contains(&asked) {
            return Ok(());
        }
        let (id, asked) = (&incident.id, SafeText::exact(asked));
        Err(refused(format!("nothing of {id} comes from {asked}; ask it about an incident of its own")))
    }

    /// The target's authoritative record; a failed read is allowed only where the playbook says so.
    pub(super) async fn look_up(
        &self,
        playbook: &Playbook,
        setting: &Setting<'_>,
        undoing: bool,
    ) -> Result<Option<LookUp>, Refusal> {
        let Some(lookup) = playbook.lookup_for(undoing) else { return Ok(None) };
        let request = setting.read(lookup).map_err(refused)?;
        let meant = setting.meant(lookup).map_err(refused)?;
        let refuse = setting.refuses(lookup).map_err(refused)?;
        match carry::look_up(&self.0.adapters.apis, request.clone(), lookup, &meant, &refuse).await {
            Ok(found) => self.weigh(lookup, setting, found).await.map(Some),
            Err(fault)
                if fault.kind == crate::domain::fault::FaultKind::Refused && fault.status.is_none() =>
            {
                Err(refused(fault.detail.raw()))
            }
            Err(fault) if playbook.lookup_optional => Ok(Some(carry::not_looked_up(request, &fault))),
            Err(fault) => {
                let none =
                    if fault.status == Some(404) { "; nothing there is called that: correct it" } else { "" };
                Err(refused(format!("the target could not be looked up: {}{none}", fault.detail.raw())))
            }
        }
    }

    /// What a look-up asks of what it found: that what is wanted lasts longer, and how many that hits.
    async fn weigh(&self, lookup: &Carry, setting: &Setting<'_>, found: LookUp) -> Result<LookUp, Refusal> {
        let setting = Setting { found: Some(&found), ..*setting };
        setting.outlasts(lookup).map_err(refused)?;
        let Some(counts) = lookup.http.as_ref().and_then(|call| call.counts.as_deref()) else {
            return Ok(found);
        };
        let counts = Carry::from(counts.clone());
        let request = setting.read(&counts).map_err(refused)?;
        let (meant, refuse) = (Meant::default(), BTreeMap::new());
        let hits = carry::look_up(&self.0.adapters.apis, request, &counts, &meant, &refuse).await;
        let hits = hits.map_err(|fault| refused(fault.detail.raw()))?;
        Ok(LookUp { shown: [found.shown, hits.shown].concat(), ..found })
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
        // Whoever can write the file beside the ledger changes no plan under its hash.
        let kept = self.0.live.plan(hash, self.now()).await.filter(|(plan, _)| plan.is_sealed());
        kept.ok_or_else(|| {
            Refusal::new(
                RefusalKind::NotFound,
                "there is no such plan, or it is older than ten minutes; plan again",
            )
        })
    }
}

/// What values can be taken from, beside the incident itself.
#[derive(Default)]
struct Offered {
    items: BTreeMap<String, Item>,
    silences: Silences,
}

impl Offered {
    fn known<'a>(&'a self, incident: &'a Incident, playbook: &'a Playbook) -> Known<'a> {
        Known { incident, source: playbook.source(), items: &self.items, silences: &self.silences }
    }
}

/// Why nothing can be asked for any more.
fn closed(incident: &Incident) -> Option<String> {
    incident.is_closed().then(|| "the incident is closed".to_owned())
}

fn action_of(incident: &Incident, id: ActionId) -> Result<&Action, Refusal> {
    incident
        .actions
        .get(&id)
        .ok_or_else(|| Refusal::new(RefusalKind::NotFound, format!("{} has no action #{id}", incident.id)))
}

fn applicable(playbook: &Playbook, verb: Verb, known: Known<'_>, barred: Option<String>) -> Applicable {
    Applicable {
        verb,
        title: playbook.title.clone(),
        blast: playbook.blast.clone(),
        asked: playbook.parameter.iter().map(|parameter| asked(parameter, known)).collect(),
        target: playbook.target.clone(),
        steps: Vec::new(),
        barred,
        suggested: false,
    }
}

/// What a form asks for.
fn asked(parameter: &Parameter, known: Known<'_>) -> Asked {
    let offers = parameters::offers(parameter, known);
    Asked {
        name: parameter.name.clone(),
        prefilled: parameters::prefilled(parameter, &offers).map(|(value, _)| value),
        parameter: Some(parameter.clone()),
        offers,
    }
}
