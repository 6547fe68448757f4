//! An engine that lives in the test, and every piece of text it tells of the test's choosing.

use std::collections::BTreeMap;
use std::sync::Arc;

use quell::backend::{
    Applicable, Asked, Catalogue, Changes, Detail, Earlier, Holder, Offer, Receipt as Receipted, Refusal,
    RefusalKind, WatchOffer,
};
use quell::console::effect::Effect;
use quell::console::keymap::Keymap;
use quell::console::message::Message;
use quell::console::model::{Model, Settings, Size};
use quell::domain::action::Verb;
use quell::domain::bulletin::{self, Audience, Bulletin, Outlet, Posting, Reach, Status, VerificationCode};
use quell::domain::category::Category;
use quell::domain::escalation::{Path, Step};
use quell::domain::fault::{Fault, FaultKind};
use quell::domain::freshness::SourceStatus;
use quell::domain::id::{Cursor, IncidentId};
use quell::domain::incident::Incident;
use quell::domain::monitor::{Health, MonitorStatus};
use quell::domain::opening::{Joining, Opening};
use quell::domain::operator::{Actor, Operator};
use quell::domain::packet::{Fact, Item, Packet, Whence};
use quell::domain::plan::{
    Basis, HttpRequest, LookUp, Plan, Publication, Purpose, Request, Telling, Value, Verify,
};
use quell::domain::playbook::{Confirm, Origin, Playbook};
use quell::domain::record::{BulletinStarted, Entry, FORMAT, Record};
use quell::domain::severity::Severity;
use quell::domain::signal::{Labels, Signal, SignalKey, Standing};
use quell::domain::text::Outside;
use quell::domain::time::{Span, Time};

/// `14:03:22` on the day these tests play on.
pub fn at(clock: &str) -> Time {
    format!("2026-11-20T{clock}Z").parse().unwrap()
}

/// The incident with this number.
pub fn id(number: u64) -> IncidentId {
    IncidentId::new("INC", number)
}

/// Somebody at a console.
pub fn person(name: &str) -> Actor {
    Actor::Person(Operator::new(name, "bastion"))
}

/// A console of ana's that has just begun.
pub fn console(cols: u16, rows: u16) -> Model {
    let settings = Settings {
        operator: "ana".into(),
        config: "~/.config/quell/config.toml".into(),
        reviews: "~/.local/state/quell/reviews".into(),
        remark: None,
        keymap: Keymap::default(),
    };
    Model::new(settings, Size { cols, rows }, at("14:00:00"))
}

/// An engine that lives in the test.
pub struct Engine {
    /// Stands wherever text from outside, or of the configuration, can stand.
    text: String,
    /// Every incident.
    pub incidents: BTreeMap<IncidentId, Arc<Incident>>,
    /// Every plan by its hash.
    pub plans: BTreeMap<String, Plan>,
    /// The state of every source.
    pub sources: Vec<SourceStatus>,
    /// The state of every monitor.
    pub monitors: Vec<MonitorStatus>,
    /// The watch that waits to be taken.
    pub watch: Option<WatchOffer>,
    records: Vec<Record>,
}

impl Engine {
    /// An engine all of whose text is this one.
    pub fn saying(text: &str) -> Self {
        let mut engine = Self {
            text: text.to_owned(),
            incidents: BTreeMap::new(),
            plans: BTreeMap::new(),
            sources: Vec::new(),
            monitors: Vec::new(),
            watch: None,
            records: Vec::new(),
        };
        engine.sources = vec![engine.source("prod-am"), engine.source("pd")];
        engine
    }

    fn outside(&self) -> Outside {
        Outside::new(self.text.as_str())
    }

    /// A source that answers.
    pub fn source(&self, name: &str) -> SourceStatus {
        SourceStatus { as_of: Some(at("14:03:20")), ..SourceStatus::never(name, Span::mins(60)) }
    }

    /// A source that does not, a watchdog that is missing, and a monitor that is down.
    pub fn ail(&mut self) {
        let mut down = self.source(&self.text);
        down.failures = 3;
        down.fault = Some(Fault::new(FaultKind::NoAnswer, self.text.as_str()));
        let mut partial = self.source("partial");
        partial.watchdog_missing = vec![self.text.clone()];
        self.sources.extend([down, partial]);
        self.monitors.push(MonitorStatus {
            source: self.source(&self.text),
            kind: self.text.clone(),
            service: self.text.clone(),
            target: self.text.clone(),
            severity: Severity::Critical,
            health: Health::Down,
            since: Some(at("13:00:00")),
            streak: -3,
            wrong: Some(self.outside()),
            samples: [Some(40), None, Some(80)].into_iter().collect(),
        });
    }

    /// A new incident of prod-am, with this title and the engine's text in every other place.
    pub fn open(&mut self, number: u64, severity: Severity, opened: Time, title: &str) {
        let text = self.outside();
        let mut labels = Labels::from([(Outside::new("account"), text.clone())]);
        for key in ["service", "alertname", title] {
            labels.insert(Outside::new(key), text.clone());
        }
        let fingerprint = Outside::new(format!("{number}{}", self.text));
        let opening = Opening {
            title: Outside::new(title),
            severity,
            unmapped: false,
            category: Category::Outage,
            service: text.clone(),
            group: None,
            signal: Some(Joining {
                key: SignalKey { source: "prod-am".into(), fingerprint },
                title: Outside::new(title),
                severity,
                unmapped: false,
                labels,
                since: opened,
            }),
            because: text,
            labels: Labels::new(),
            ack_due: None,
            recurrence_of: None,
            reported: None,
        };
        let record = record(number, opened, Actor::Engine, Entry::Opened(Box::new(opening)));
        self.incidents.insert(id(number), Arc::new(Incident::open(&record).unwrap()));
        self.records.push(record);
    }

    /// Applies an entry and keeps it, unless the transition table refuses.
    pub fn apply(
        &mut self,
        number: u64,
        now: Time,
        by: Actor,
        entry: Entry,
    ) -> Result<Arc<Incident>, String> {
        let record = record(number, now, by, entry);
        let incident = self.incidents.get_mut(&id(number)).ok_or("no such incident")?;
        let mut next = (**incident).clone();
        next.apply(&record).map_err(|illegal| illegal.to_string())?;
        *incident = Arc::new(next);
        self.records.push(record);
        Ok(Arc::clone(incident))
    }

    /// How everything is.
    pub fn changes(&self, now: Time) -> Changes {
        Changes {
            cursor: Cursor::default(),
            incidents: self.incidents.values().cloned().collect(),
            removed: Vec::new(),
            sources: self.sources.clone(),
            monitors: self.monitors.clone(),
            notices: Vec::new(),
            watch: self.watch.clone(),
            holder: Some(Holder { pid: 4711, tty: Some(self.text.clone()), here: true, beat: Some(now) }),
            actions: quell::backend::ActionsNow::On,
            ledger: None,
            now,
        }
    }

    /// Answers what a console asks.
    pub fn answer(&mut self, effect: &Effect, now: Time) -> Option<Message> {
        let gone = || Refusal::new(RefusalKind::NotFound, "no such incident");
        Some(match effect {
            Effect::LoadCatalogue => Message::Listed(Ok(Box::new(self.catalogue()))),
            Effect::Load(asked) => {
                let detail = IncidentId::parse(asked).and_then(|id| self.detail(&id));
                Message::Opened { asked: asked.clone(), detail: detail.map(Box::new).ok_or_else(gone) }
            }
            Effect::Record { id, entry, .. } => {
                let done = self.apply(id.number(), now, person("ana"), (**entry).clone());
                let incident = done.map_err(|why| Refusal::new(RefusalKind::Refused, why));
                Message::Recorded { id: id.clone(), incident }
            }
            Effect::FindApplicable(id) => {
                let known = self.incidents.contains_key(id);
                let applicable = if known { Ok(self.applicable(id)) } else { Err(gone()) };
                Message::Found { id: id.clone(), applicable }
            }
            Effect::Plan { id, verb, parameters } => {
                let plan = self.plan(id, verb, parameters, now).ok_or_else(gone);
                Message::Planned { id: id.clone(), plan: plan.map(Box::new) }
            }
            Effect::Submit { hash, .. } => {
                let plan = self.plans[&hash.0].clone();
                let receipt = self.submit(&plan, now).map(Box::new);
                Message::Submitted {
                    hash: hash.clone(),
                    receipt: receipt.map_err(|why| Refusal::new(RefusalKind::Refused, why)),
                }
            }
            Effect::Deliver { seq, .. } => {
                Message::NoticeShown { notice: (*seq)?, how: format!("bell, {}", self.text) }
            }
            Effect::ReadWatch { since } => Message::WatchRead { since: *since, read: Ok(self.read_watch()) },
            Effect::ReadHistory { since } => {
                let history = self.incidents.values().cloned().collect();
                Message::HistoryRead { since: *since, history: Ok(history) }
            }
            Effect::OfferWatch { to, .. } => Message::WatchOffered { to: to.clone(), offered: Ok(()) },
            Effect::TakeWatch { offer } => Message::WatchTaken { offer: *offer, taken: Ok(()) },
            Effect::Publish { id, .. } => {
                let entry = Entry::Published { sha256: "3f".repeat(32) };
                let done = self.apply(id.number(), now, person("ana"), entry);
                let done = done.map(|incident| (incident, format!("/reviews/{id}.md")));
                let published = done.map_err(|why| Refusal::new(RefusalKind::Refused, why));
                Message::Published { id: id.clone(), published }
            }
            Effect::ReadPacket { id, path } => {
                let whence = Whence::Label { signal: self.outside(), label: self.outside() };
                let fact = Fact { value: self.outside(), whence };
                let item = |name: &str, values: Vec<Fact>| Item {
                    name: name.to_owned(),
                    required: true,
                    values,
                    more: 1,
                };
                let mut note = fact.clone();
                note.whence = Whence::Note { by: self.text.clone(), at: now };
                let items = vec![item(&self.text, vec![fact, note]), item("order ids", Vec::new())];
                let packet = Packet { incident: id.clone(), path: path.clone(), items, unread: 0 };
                Message::PacketRead { id: id.clone(), path: path.clone(), packet: Ok(Box::new(packet)) }
            }
            Effect::Open(_) => Message::Reported(Err(Refusal::new(RefusalKind::Refused, self.text.as_str()))),
            Effect::Retitle(_) | Effect::Suspend | Effect::Quit | Effect::Copy(_) => return None,
        })
    }

    /// Refuses what a console asks; what cannot be refused is answered.
    pub fn refuse(&mut self, effect: &Effect, kind: RefusalKind, now: Time) -> Option<Message> {
        let mut refusal = Refusal::new(kind, self.text.as_str());
        if kind == RefusalKind::Changed {
            refusal.differences = vec![self.text.clone()];
        }
        Some(match effect {
            Effect::Record { id, .. } => Message::Recorded { id: id.clone(), incident: Err(refusal) },
            Effect::FindApplicable(id) => Message::Found { id: id.clone(), applicable: Err(refusal) },
            Effect::Plan { id, .. } => Message::Planned { id: id.clone(), plan: Err(refusal) },
            Effect::Submit { hash, .. } => Message::Submitted { hash: hash.clone(), receipt: Err(refusal) },
            Effect::ReadWatch { since } => Message::WatchRead { since: *since, read: Err(refusal) },
            Effect::ReadHistory { since } => Message::HistoryRead { since: *since, history: Err(refusal) },
            Effect::OfferWatch { to, .. } => Message::WatchOffered { to: to.clone(), offered: Err(refusal) },
            Effect::TakeWatch { offer } => Message::WatchTaken { offer: *offer, taken: Err(refusal) },
            Effect::Publish { id, .. } => Message::Published { id: id.clone(), published: Err(refusal) },
            other => return self.answer(other, now),
        })
    }

    fn submit(&mut self, plan: &Plan, now: Time) -> Result<Receipted, String> {
        let id = &plan.basis.incident;
        let incident = self.incidents.get(id).cloned().ok_or("no such incident")?;
        if let Request::Publish(publication) = &plan.request {
            let started = Entry::BulletinStarted(BulletinStarted {
                number: publication.postings[0].number,
                bulletin: Box::new(publication.bulletin.clone()),
                code: publication.code.clone(),
                to: vec![self.text.clone()],
            });
            let incident = self.apply(id.number(), now, person("ana"), started)?;
            return Ok(Receipted { incident, action: None, repeated: false, waits: None });
        }
        if matches!(plan.request, Request::Tell(_)) {
            return Ok(Receipted { incident, action: None, repeated: false, waits: None });
        }
        let action = incident.next_action();
        let intended = Entry::intended(action, Box::new(plan.clone()));
        self.apply(id.number(), now, person("ana"), intended)?;
        let incident = self.apply(id.number(), now, person("ana"), Entry::Sent { action })?;
        Ok(Receipted { incident, action: Some(action), repeated: false, waits: None })
    }

    fn catalogue(&self) -> Catalogue {
        let mut paths = Path::compiled_in();
        for path in &mut paths {
            path.title.clone_from(&self.text);
            path.steps = vec![
                Step { after: Span::mins(0), to: vec![self.text.clone()] },
                Step { after: Span::mins(5), to: vec![self.text.clone()] },
            ];
        }
        let playbook =
            serde_json::json!({ "id": "freeze", "title": self.text, "blast": self.text, "do": {} });
        let playbook: Playbook = serde_json::from_value(playbook).unwrap();
        Catalogue {
            playbooks: vec![playbook],
            paths,
            channels: vec![self.text.clone()],
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
            calendar: Default::default(),
            people: Vec::new(),
        }
    }

    fn read_watch(&self) -> Vec<(Arc<Incident>, Vec<Record>)> {
        let records = |id: &IncidentId| {
            let mine = |record: &&Record| record.incident.as_ref() == Some(id);
            self.records.iter().filter(mine).cloned().collect()
        };
        self.incidents.values().map(|incident| (Arc::clone(incident), records(&incident.id))).collect()
    }

    fn detail(&self, id: &IncidentId) -> Option<Detail> {
        let incident = self.incidents.get(id)?;
        let text = self.outside();
        let joined = incident.signals.values().next()?;
        let signal = Signal {
            key: SignalKey { source: "prod-am".into(), fingerprint: text.clone() },
            title: joined.title.clone(),
            alertname: text.clone(),
            description: text.clone(),
            labels: joined.labels.clone(),
            annotations: Labels::from([(text.clone(), text.clone())]),
            runbook: Some(text.clone()),
            link: Some(text),
            since: joined.since,
            standing: Standing::Firing,
            undecodable: true,
        };
        let records = self.records.iter().filter(|record| record.incident.as_ref() == Some(id));
        Some(Detail {
            incident: Arc::clone(incident),
            records: records.cloned().collect(),
            signals: vec![signal],
            monitors: vec![self.text.clone()],
            earlier: vec![Earlier {
                id: IncidentId::new("INC", 7),
                opened_at: incident.opened_at,
                ended: None,
                contained: vec![self.text.clone()],
                root_cause: Some(self.outside()),
            }],
        })
    }

    /// Two containments, the second one barred; the undo of every action; an escalation.
    fn applicable(&self, id: &IncidentId) -> Vec<Applicable> {
        let asked = |name: &str, offers: Vec<Offer>| Asked {
            name: name.to_owned(),
            allow: self.text.clone(),
            label: Some(self.text.clone()),
            prefilled: None,
            offers,
        };
        let offer = |value: Outside| Offer { value, from: self.outside() };
        let account = asked("account", vec![offer(self.outside()), offer(Outside::new("88213"))]);
        let applicable = |verb, asked, barred| Applicable {
            verb,
            title: self.text.clone(),
            blast: self.text.clone(),
            asked,
            steps: Vec::new(),
            barred,
            suggested: false,
        };
        let contain = |id: &str| Verb::Contain { playbook: id.into() };
        let mut out = vec![
            applicable(contain("freeze"), vec![account], None),
            applicable(contain("isolate"), Vec::new(), Some(self.text.clone())),
        ];
        for action in self.incidents[id].actions.values() {
            let verb = Verb::Undo { playbook: action.plan.verb.of().into(), action: action.id };
            out.push(applicable(verb, Vec::new(), None));
        }
        let item = Asked { prefilled: Some(self.outside()), ..asked(&self.text, Vec::new()) };
        out.push(applicable(Verb::escalate("incident"), vec![item], None));
        out
    }

    fn plan(
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
        let earlier = incident.actions.values().filter(|action| action.plan.verb.of() == verb.of());
        let value = Value { value: account.clone(), origin: Origin::Label(self.text.clone()) };
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
                unverified: None,
            }),
            verify: (!tells).then(|| Verify {
                read: call("GET").into(),
                expect: BTreeMap::from([(self.text.clone(), serde_json::json!(self.text))]),
                within: Span::secs(30),
            }),
            undone_by: (!tells).then(|| self.text.clone()),
            blast: self.text.clone(),
            confirm: if tells { Confirm::Enter } else { Confirm::TypeTarget },
            approvals: 0,
            approval_because: Vec::new(),
            before: Vec::new(),
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
            },
            made_at: now,
        }
        .seal();
        self.plans.insert(plan.hash.0.clone(), plan.clone());
        Some(plan)
    }
}

impl Engine {
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

/// A record about the incident with this number.
pub fn record(number: u64, at: Time, by: Actor, entry: Entry) -> Record {
    Record { v: FORMAT, on: None, seq: 1, at, by, incident: Some(id(number)), entry }
}
