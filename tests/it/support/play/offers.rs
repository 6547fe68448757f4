//! What that engine offers to do, and its plans.

use std::collections::BTreeMap;

use quell::backend::{Applicable, Asked, Catalogue, Offer, OfferedStep};
use quell::domain::action::{Action, Verb};
use quell::domain::escalation::{Path, Step};
use quell::domain::id::IncidentId;
use quell::domain::parameter::{Kind, Origin, Parameter};
use quell::domain::plan::{
    Basis, HttpRequest, LookUp, Meant, Plan, Purpose, Request, Telling, Value, Verify,
};
use quell::domain::playbook::{Confirm, Playbook};
use quell::domain::text::Outside;
use quell::domain::time::{Span, Time};

use super::Engine;
use super::writing::reaches;

impl Engine {
    pub fn catalogue(&self) -> Catalogue {
        let mut paths = Path::compiled_in();
        paths[0].steps = vec![
            Step { after: Span::mins(0), to: vec!["inc-room".into()] },
            Step { after: Span::mins(5), to: vec!["pd-platform".into()] },
        ];
        Catalogue {
            playbooks: self.playbooks.clone(),
            paths,
            tellers: vec!["inc-room".into(), "pd-platform".into()],
            reaches: reaches(),
            bulletins: self.bulletins.clone(),
            ack_lasts_s: 1800,
            snooze: quell::domain::snooze::Limits::default(),
            calendar: Default::default(),
            people: self.people.clone(),
        }
    }

    pub fn applicable(&self, id: &IncidentId) -> Vec<Applicable> {
        let incident = &self.incidents[id];
        let own = self.accounts.get(&id.number()).map(|account| vec![*account]);
        let offers: Vec<Offer> = own
            .as_ref()
            .unwrap_or(&self.offers)
            .iter()
            .map(|value| Offer {
                value: Outside::new(*value),
                from: Outside::new(format!("Login failures acct {value}")),
                origin: Origin::Label("account_id".into()),
                held: None,
            })
            .collect();
        let account = Asked {
            name: "account".into(),
            parameter: Some(Parameter {
                name: "account".into(),
                from: Some("label:account_id".into()),
                allow: Some("^[0-9]{4,12}$".into()),
                ..Parameter::default()
            }),
            prefilled: (offers.len() == 1).then(|| offers[0].value.clone()),
            offers,
        };
        let beside = self.parameters.iter().map(|parameter| Asked {
            name: parameter.name.clone(),
            parameter: Some(parameter.clone()),
            prefilled: parameter.default.clone().map(Outside::new),
            offers: Vec::new(),
        });
        let asked: Vec<Asked> = std::iter::once(account).chain(beside).collect();
        let offer = |verb, title: &str, blast: &str, asked| Applicable {
            verb,
            title: title.into(),
            blast: blast.into(),
            asked,
            target: None,
            steps: Vec::new(),
            barred: None,
            suggested: false,
        };
        let mut out: Vec<Applicable> = self
            .playbooks
            .iter()
            .map(|playbook| {
                let verb = Verb::playbook(&playbook.id);
                let target = playbook.target.clone();
                Applicable { target, ..offer(verb, &playbook.title, &playbook.blast, asked.clone()) }
            })
            .collect();
        let reverses =
            |it: &&Action| matches!(it.plan.verb, Verb::Contain { .. }) && it.stage.can_be_undone();
        for action in incident.actions.values().filter(reverses) {
            let verb = Verb::Undo { playbook: action.plan.verb.of().into(), action: action.id };
            out.push(offer(verb, "Unfreeze account", "one customer can trade again", vec![]));
        }
        for (place, path) in self.catalogue().paths.iter().enumerate().take(2) {
            let item = |name: &String| Asked {
                name: name.clone(),
                parameter: None,
                prefilled: (name == "start time").then(|| Outside::new("2026-11-20 14:01:22Z")),
                offers: vec![],
            };
            let verb = Verb::escalate(&path.id);
            let mut it = offer(
                verb,
                &path.title,
                "tells inc-room, then pd-platform after 5m",
                path.packet.iter().map(item).collect(),
            );
            it.steps = OfferedStep::all(path, incident.escalation_on(&path.id));
            it.suggested = place == 0;
            if it.steps.is_empty() {
                it.barred = Some("its path has no steps; add them under [[path]]".into());
            }
            out.push(it);
        }
        out
    }

    pub fn plan(&self, id: &IncidentId, verb: &Verb, values: &BTreeMap<String, Outside>, now: Time) -> Plan {
        let incident = &self.incidents[id];
        if let Verb::Publish { audience } = verb {
            return self.publication(incident, *audience, values, now);
        }
        let account = values.get("account").cloned().unwrap_or(Outside::new("88213"));
        let get = |url: &str| HttpRequest {
            api: "exchange".into(),
            method: "GET".into(),
            url: format!("https://admin.exchange.example.com{url}"),
            headers: BTreeMap::new(),
            body: None,
            instead: Vec::new(),
        };
        let told = matches!(verb, Verb::Escalate { .. });
        let request = if told {
            Request::Tell(Telling {
                incident: id.clone(),
                path: verb.of().into(),
                step: 1,
                purpose: Purpose::Page,
                to: vec!["inc-room".into()],
                key: format!("{id}/incident/1"),
                thread: format!("{id}/incident"),
                severity: incident.severity,
                subject: Outside::new(format!("CRITICAL {id} {}", incident.title().raw())),
                packet: vec![
                    ("impact scope".into(), Some(Outside::new("trading: Order gateway refuses connections"))),
                    ("start time".into(), Some(Outside::new("2026-11-20 14:01:22Z"))),
                    ("affected users".into(), None),
                    ("order ids".into(), None),
                    ("current mitigation".into(), None),
                ],
            })
        } else {
            let word = if matches!(verb, Verb::Undo { .. }) { "unfreeze" } else { "freeze" };
            Request::Http(HttpRequest {
                method: "POST".into(),
                headers: BTreeMap::from([(
                    "Idempotency-Key".into(),
                    "quell-6b1f00d2c4a94e0e8a6b1f00d2c4a94e".into(),
                )]),
                body: Some(format!("{{\"reason\":\"{id}\"}}")),
                ..get(&format!("/admin/accounts/{}/{word}", account.exact()))
            })
        };
        let read = || get(&format!("/admin/accounts/{}", account.exact()));
        let target = (!told).then(|| ("account".to_owned(), account.clone()));
        let slot = (verb.of(), (!told).then_some(&account));
        let earlier = incident.actions.values().filter(|action| action.plan.slot() == slot);
        let value =
            Value { value: account.clone(), origin: Origin::Label("account_id".into()), kind: Kind::String };
        let parameters = if told { BTreeMap::new() } else { BTreeMap::from([("account".to_owned(), value)]) };
        Plan {
            hash: Default::default(),
            verb: verb.clone(),
            title: if told { "Production incident or degraded trading flow" } else { "Freeze account" }
                .into(),
            target,
            parameters,
            request,
            look_up: (!told).then(|| LookUp {
                read: read().into(),
                shown: vec![
                    ("/owner".into(), Outside::new("M. Okafor")),
                    ("/tier".into(), Outside::new("retail")),
                ],
                digest: "d1".into(),
                taken: BTreeMap::new(),
                hits: None,
                unverified: None,
            }),
            verify: (!told).then(|| Verify {
                read: read().into(),
                meant: Meant::default(),
                expect: BTreeMap::from([("/status".into(), serde_json::json!("frozen"))]),
                within: Span::secs(30),
            }),
            undone_by: (!told).then(|| {
                format!("POST https://admin.exchange.example.com/admin/accounts/{}/unfreeze", account.exact())
            }),
            blast: if told {
                "tells inc-room now, then pd-platform after 5m"
            } else {
                "one customer can no longer trade or withdraw"
            }
            .into(),
            confirm: if told { Confirm::Enter } else { self.confirm },
            approvals: if told { 0 } else { self.approvals },
            approval_because: Vec::new(),
            caps: Vec::new(),
            room: self.room,
            before: Vec::new(),
            idempotent: true,
            key_lifetime: None,
            key: "quell-6b1f".into(),
            warnings: vec![],
            basis: Basis {
                incident: id.clone(),
                open: !incident.is_closed(),
                severity: incident.severity,
                owner: incident.owner.as_ref().map(|o| o.name.clone()),
                parameters: BTreeMap::new(),
                look_up: Some("d1".into()),
                earlier: earlier.map(|a| (a.id, a.stage)).collect(),
                ends: Vec::new(),
            },
            made_at: now,
        }
        .seal()
    }
}

/// A playbook that hits one customer.
pub fn playbook(id: &str, title: &str) -> Playbook {
    serde_json::from_value(serde_json::json!({
        "id": id, "title": title, "blast": "one customer can no longer trade or withdraw", "do": {}
    }))
    .unwrap()
}
