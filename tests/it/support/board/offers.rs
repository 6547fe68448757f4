//! What the engine of the test offers, and the plans it makes of that.

use std::collections::BTreeMap;

use quell::backend::{Applicable, Asked, Catalogue, Offer, OfferedStep};
use quell::domain::action::Verb;
use quell::domain::bulletin::{self, Audience, Bulletin, Outlet, Posting, Reach, Status, VerificationCode};
use quell::domain::escalation::{Path, Step};
use quell::domain::id::IncidentId;
use quell::domain::parameter::{Kind, Origin, Parameter};
use quell::domain::plan::{
    Basis, Capture, HttpRequest, LookUp, Meant, Plan, Publication, Purpose, Request, Telling, Value, Verify,
};
use quell::domain::playbook::{Confirm, Playbook};
use quell::domain::text::Outside;
use quell::domain::time::{Span, Time};

use super::Engine;

impl Engine {
    pub(super) fn catalogue(&self) -> Catalogue {
        let mut paths = Path::compiled_in();
        for path in &mut paths {
            path.title.clone_from(&self.text);
            path.steps = vec![
                Step { after: Span::mins(0), to: vec![self.text.clone()] },
                Step { after: Span::mins(5), to: vec![self.text.clone()] },
            ];
        }
        let playbook = serde_json::json!({ "id": "freeze", "title": self.text, "blast": self.text, "max_targets": 3, "do": {} });
        let playbook: Playbook = serde_json::from_value(playbook).unwrap();
        Catalogue {
            playbooks: vec![playbook],
            paths,
            tellers: vec![self.text.clone()],
            reaches: [(self.text.clone(), Reach::Broadcast)].into(),
            bulletins: bulletin::Settings {
                outlets: vec![Outlet {
                    audience: Audience::Users,
                    to: vec![self.text.clone()],
                    templates: Default::default(),
                }],
                ..bulletin::Settings::default()
            },
            ack_lasts_s: 1800,
            snooze: quell::domain::snooze::Limits::default(),
            calendar: Default::default(),
            people: Vec::new(),
        }
    }

    /// Two containments and two things its source can be asked for, the second one of both barred; the undo of every action;
    /// an escalation.
    pub(super) fn applicable(&self, id: &IncidentId) -> Vec<Applicable> {
        let asked = |name: &str, choices: Vec<String>, offers: Vec<Offer>| Asked {
            name: name.to_owned(),
            parameter: Some(Parameter {
                name: name.to_owned(),
                title: Some(self.text.clone()),
                allow: Some(".+".into()),
                choices: choices.clone(),
                ..Parameter::default()
            }),
            prefilled: None,
            offers,
        };
        let origin = Origin::Label(self.text.clone());
        let offer =
            |value: Outside| Offer { value, from: self.outside(), origin: origin.clone(), held: None };
        let account = asked("account", Vec::new(), vec![offer(self.outside()), offer(Outside::new("88213"))]);
        let region = asked("region", vec![self.text.clone(), "eu-1".to_owned()], vec![offer(self.outside())]);
        let applicable = |verb, asked, barred| Applicable {
            verb,
            title: self.text.clone(),
            blast: self.text.clone(),
            asked,
            target: None,
            steps: Vec::new(),
            barred,
            suggested: false,
        };
        let asked_of = if self.distinct {
            let own = Outside::new(id.number().to_string());
            vec![Asked { prefilled: Some(own), ..asked("account", Vec::new(), Vec::new()) }]
        } else {
            vec![account, region]
        };
        let contain = |id: &str| Verb::Contain { playbook: id.into() };
        let there = |id: &str| Verb::Upstream { playbook: format!("prod-am/{id}") };
        let mut out = vec![
            applicable(contain("freeze"), asked_of.clone(), None),
            applicable(contain("isolate"), Vec::new(), Some(self.text.clone())),
            applicable(there("snooze"), asked_of, None),
            applicable(there("silence"), Vec::new(), Some(self.text.clone())),
        ];
        for action in self.incidents[id].actions.values() {
            let verb = Verb::Undo { playbook: action.plan.verb.of().into(), action: action.id };
            out.push(applicable(verb, Vec::new(), None));
        }
        let item = Asked { prefilled: Some(self.outside()), ..asked(&self.text, Vec::new(), Vec::new()) };
        let mut path = applicable(Verb::escalate("incident"), vec![item], None);
        path.steps =
            OfferedStep::all(&self.catalogue().paths[0], self.incidents[id].escalation_on("incident"));
        out.push(path);
        out
    }

    pub(super) fn plan(
        &mut self,
        id: &IncidentId,
        verb: &Verb,
        values: &BTreeMap<String, Outside>,
        now: Time,
    ) -> Option<Plan> {
        let incident = self.incidents.get(id)?;
        let tells = matches!(verb, Verb::Escalate { .. } | Verb::Publish { .. });
        let account = values.get("account").cloned().unwrap_or(Outside::new("88213"));
        let call = |method: &str| HttpRequest {
            api: self.text.clone(),
            method: method.into(),
            url: format!("https://exchange.example.com/accounts/{}", self.text),
            headers: BTreeMap::from([(self.text.clone(), self.text.clone())]),
            body: Some(self.text.clone()),
            instead: Vec::new(),
        };
        let telling = Telling {
            incident: id.clone(),
            path: verb.of().into(),
            step: 1,
            purpose: Purpose::Page,
            to: vec![self.text.clone()],
            key: format!("{id}/incident/1"),
            thread: format!("{id}/incident"),
            severity: incident.severity,
            subject: self.outside(),
            packet: vec![(self.text.clone(), Some(self.outside())), ("order ids".into(), None)],
        };
        let slot = (verb.of(), (!tells).then_some(&account));
        let earlier = incident.actions.values().filter(|action| action.plan.slot() == slot);
        let value =
            Value { value: account.clone(), origin: Origin::Label(self.text.clone()), kind: Kind::String };
        let plan = Plan {
            hash: Default::default(),
            verb: verb.clone(),
            title: self.text.clone(),
            target: (!tells).then(|| ("account".to_owned(), account.clone())),
            parameters: if tells { BTreeMap::new() } else { BTreeMap::from([("account".into(), value)]) },
            request: match verb {
                Verb::Escalate { .. } => Request::Tell(telling),
                Verb::Publish { audience } => Request::Publish(self.publication(id, *audience, values)),
                _ => Request::Http(call("POST")),
            },
            look_up: (!tells).then(|| LookUp {
                read: call("GET").into(),
                shown: vec![(self.text.clone(), self.outside())],
                digest: "d1".into(),
                taken: BTreeMap::new(),
                hits: None,
                unverified: None,
            }),
            verify: (!tells).then(|| Verify {
                read: call("GET").into(),
                meant: Meant::default(),
                expect: BTreeMap::from([(self.text.clone(), serde_json::json!(self.text))]),
                within: Span::secs(30),
            }),
            undone_by: (!tells).then(|| self.text.clone()),
            blast: self.text.clone(),
            confirm: if tells { Confirm::Enter } else { Confirm::TypeTarget },
            approvals: if tells { 0 } else { self.approvals },
            approval_because: vec![self.text.clone()],
            caps: Vec::new(),
            room: None,
            before: (!tells)
                .then(|| Capture { name: self.text.clone(), read: call("GET").into(), within: Span::secs(5) })
                .into_iter()
                .collect(),
            idempotent: true,
            key_lifetime: None,
            key: "quell-6b1f".into(),
            warnings: vec![self.text.clone()],
            basis: Basis {
                incident: id.clone(),
                open: !incident.is_closed(),
                severity: incident.severity,
                owner: incident.owner.as_ref().map(|owner| owner.name.clone()),
                parameters: values.clone(),
                look_up: Some("d1".into()),
                earlier: earlier.map(|action| (action.id, action.stage)).collect(),
                ends: Vec::new(),
            },
            made_at: now,
        }
        .seal();
        self.plans.insert(plan.hash.0.clone(), plan.clone());
        Some(plan)
    }

    fn publication(
        &self,
        id: &IncidentId,
        audience: Audience,
        values: &BTreeMap<String, Outside>,
    ) -> Publication {
        let text = |name: &str| values.get(name).cloned().unwrap_or_default();
        let bulletin = Bulletin {
            audience,
            status: Status::Investigating,
            headline: text("headline"),
            happened: text("happened"),
            impact: text("impact"),
            todo: text("todo"),
            next_at: None,
        };
        let posting = Posting {
            channel: self.text.clone(),
            incident: id.clone(),
            number: u32::try_from(self.incidents[id].bulletins.len() + 1).unwrap(),
            key: "k".into(),
            audience,
            status: bulletin.status,
            subject: self.outside(),
            body: self.outside(),
            series: None,
        };
        Publication { bulletin, code: VerificationCode::from_random([7; 8]), postings: vec![posting] }
    }
}
