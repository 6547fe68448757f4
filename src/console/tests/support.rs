//! A console with an engine that lives in the test.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::backend::{
    Applicable, Asked, Catalogue, Changes, Detail, Holder, Offer, Receipt, Refusal, RefusalKind,
};
use crate::console::chord::Chord;
use crate::console::effect::Effect;
use crate::console::keymap::Keymap;
use crate::console::message::Message;
use crate::console::model::{Model, Settings, Size};
use crate::console::update;
use crate::domain::action::{Outcome, Stage, Verb};
use crate::domain::category::Category;
use crate::domain::escalation::{Path, Step};
use crate::domain::freshness::SourceStatus;
use crate::domain::id::{Cursor, IncidentId};
use crate::domain::incident::Incident;
use crate::domain::monitor::{Health, MonitorStatus};
use crate::domain::notice::Notice;
use crate::domain::opening::{Joining, Opening};
use crate::domain::operator::{Actor, Operator};
use crate::domain::plan::{Basis, HttpRequest, LookUp, Plan, Purpose, Request, Telling, Value, Verify};
use crate::domain::playbook::{Confirm, Origin, Playbook};
use crate::domain::record::{Entry, FORMAT, Record};
use crate::domain::severity::Severity;
use crate::domain::signal::{Labels, Signal, SignalKey, Standing};
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time};

/// `14:03:22` on the day all tests play on.
pub fn at(clock: &str) -> Time {
    format!("2026-11-20T{clock}Z").parse().unwrap()
}

pub fn id(number: u64) -> IncidentId {
    IncidentId::new("INC", number)
}

fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().map(|(key, value)| (Outside::new(*key), Outside::new(*value))).collect()
}

fn person(name: &str) -> Actor {
    Actor::Person(Operator::new(name, "bastion"))
}

/// An incident that prod-am opened.
pub fn incident(number: u64, severity: Severity, opened: &str, title: &str) -> Incident {
    with_labels(
        number,
        severity,
        opened,
        title,
        &[("service", "trading"), ("pod", "gw-2"), ("account_id", "88213")],
    )
}

pub fn with_labels(
    number: u64,
    severity: Severity,
    opened: &str,
    title: &str,
    pairs: &[(&str, &str)],
) -> Incident {
    let mut all = labels(pairs);
    all.insert(Outside::new("alertname"), Outside::new("OrderGatewayDown"));
    let joining = Joining {
        key: SignalKey { source: "prod-am".into(), fingerprint: Outside::new(format!("5f3c{number}")) },
        title: Outside::new(title),
        severity,
        unmapped: false,
        labels: all,
        since: at(opened),
    };
    let opening = Opening {
        title: Outside::new(title),
        severity,
        unmapped: false,
        category: Category::Outage,
        service: Outside::new("trading"),
        group: None,
        signal: Some(joining),
        because: Outside::new("rule: severity=page"),
        labels: Labels::new(),
        ack_due: None,
        recurrence_of: None,
        reported: None,
    };
    Incident::open(&record(number, at(opened), Actor::Engine, Entry::Opened(Box::new(opening)))).unwrap()
}

pub fn record(number: u64, at: Time, by: Actor, entry: Entry) -> Record {
    Record { v: FORMAT, seq: 1, at, by, incident: Some(id(number)), entry }
}

pub fn source(name: &str, as_of: Option<&str>) -> SourceStatus {
    SourceStatus { as_of: as_of.map(at), ..SourceStatus::never(name, Span::secs(15)) }
}

pub fn monitor(name: &str, health: Health, as_of: &str) -> MonitorStatus {
    MonitorStatus {
        source: source(name, Some(as_of)),
        kind: "http".into(),
        service: "auth".into(),
        target: format!("https://{name}.example.com/health"),
        severity: Severity::Critical,
        health,
        since: Some(at("13:00:00")),
        streak: if health == Health::Up { 40 } else { -3 },
        wrong: (health == Health::Down).then(|| Outside::new("connection refused")),
        samples: [Some(40), Some(42), None, Some(120), Some(80)].into_iter().collect(),
    }
}

/// An engine that lives in the test.
pub struct Engine {
    pub incidents: BTreeMap<IncidentId, Arc<Incident>>,
    pub records: Vec<Record>,
    pub sources: Vec<SourceStatus>,
    pub monitors: Vec<MonitorStatus>,
    pub playbooks: Vec<Playbook>,
    /// What each signal says of the account.
    pub offers: Vec<&'static str>,
    pub confirm: Confirm,
    pub refuse: Option<Refusal>,
    plans: BTreeMap<String, Plan>,
}

impl Engine {
    fn new() -> Self {
        Self {
            incidents: BTreeMap::new(),
            records: Vec::new(),
            sources: vec![source("prod-am", Some("14:03:21")), source("pd", Some("14:03:19"))],
            monitors: Vec::new(),
            playbooks: vec![playbook("freeze-account", "Freeze account")],
            offers: vec!["88213"],
            confirm: Confirm::TypeTarget,
            refuse: None,
            plans: BTreeMap::new(),
        }
    }

    pub fn catalogue(&self) -> Catalogue {
        let mut paths = Path::compiled_in();
        paths[0].steps = vec![
            Step { after: Span::mins(0), to: vec!["inc-room".into()] },
            Step { after: Span::mins(5), to: vec!["pd-platform".into()] },
        ];
        Catalogue {
            actions_enabled: true,
            playbooks: self.playbooks.clone(),
            paths,
            channels: vec!["inc-room".into(), "pd-platform".into()],
            tellers: vec!["inc-room".into(), "pd-platform".into()],
            ack_lasts_s: 1800,
        }
    }

    pub fn changes(&self, now: Time) -> Changes {
        Changes {
            cursor: Cursor::default(),
            incidents: self.incidents.values().cloned().collect(),
            removed: Vec::new(),
            sources: self.sources.clone(),
            monitors: self.monitors.clone(),
            notices: Vec::new(),
            watch: None,
            holder: Some(Holder { pid: 4711, tty: None, here: true, beat: Some(now) }),
            now,
        }
    }

    pub fn put(&mut self, incident: Incident) {
        self.incidents.insert(incident.id.clone(), Arc::new(incident));
    }

    /// Applies a record and keeps it.
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

    pub fn by(&mut self, who: &str, number: u64, clock: &str, entry: Entry) {
        self.apply(number, at(clock), person(who), entry).unwrap();
    }

    pub fn rule(&mut self, number: u64, clock: &str, entry: Entry) {
        self.apply(number, at(clock), Actor::Engine, entry).unwrap();
    }

    fn detail(&self, id: &IncidentId) -> Option<Detail> {
        let incident = self.incidents.get(id)?;
        let signals = incident.signals.values().zip(incident.upstream()).map(|(joined, upstream)| Signal {
            key: SignalKey { source: "prod-am".into(), fingerprint: Outside::new(upstream) },
            title: joined.title.clone(),
            alertname: Outside::new("OrderGatewayDown"),
            description: Outside::new(
                "gw-2 refuses TCP 9443 since 14:01:12Z; 100 % of orders rejected in eu-1",
            ),
            labels: joined.labels.clone(),
            annotations: Labels::new(),
            runbook: Some(Outside::new("https://runbooks.example.com/gateway")),
            link: Some(Outside::new("http://prom.example.com/graph?g0.expr=up")),
            since: joined.since,
            standing: Standing::Firing,
            undecodable: false,
        });
        let opened = Entry::Opened(Box::new(incident.opening.clone()));
        let mut records = vec![record(id.number(), incident.opened_at, Actor::Engine, opened)];
        records.extend(self.records.iter().filter(|r| r.incident.as_ref() == Some(id)).cloned());
        Some(Detail {
            incident: Arc::clone(incident),
            records,
            signals: signals.collect(),
            monitors: vec!["order-gw".into()],
            earlier: vec![],
        })
    }

    fn applicable(&self, id: &IncidentId) -> Vec<Applicable> {
        let incident = &self.incidents[id];
        let offers: Vec<Offer> = self
            .offers
            .iter()
            .map(|value| Offer {
                value: Outside::new(*value),
                from: Outside::new(format!("Login failures acct {value}")),
            })
            .collect();
        let account = Asked {
            name: "account".into(),
            allow: "^[0-9]{4,12}$".into(),
            label: Some("account_id".into()),
            prefilled: (offers.len() == 1).then(|| offers[0].value.clone()),
            offers,
        };
        let offer = |verb, title: &str, blast: &str, asked| Applicable {
            verb,
            title: title.into(),
            blast: blast.into(),
            asked,
            steps: Vec::new(),
            barred: None,
            suggested: false,
        };
        let mut out: Vec<Applicable> = self
            .playbooks
            .iter()
            .map(|playbook| {
                let verb = Verb::Contain { playbook: playbook.id.clone() };
                offer(verb, &playbook.title, &playbook.blast, vec![account.clone()])
            })
            .collect();
        for action in incident.actions.values().filter(|a| a.stage == Stage::Verified) {
            let verb = Verb::Undo { playbook: action.plan.verb.of().into(), action: action.id };
            out.push(offer(verb, "Unfreeze account", "one customer can trade again", vec![]));
        }
        for (place, path) in self.catalogue().paths.iter().enumerate().take(2) {
            let item = |name: &String| Asked {
                name: name.clone(),
                allow: String::new(),
                label: None,
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
            it.suggested = place == 0;
            if path.steps.is_empty() {
                it.barred = Some("its path has no steps; add them under [[path]]".into());
            }
            out.push(it);
        }
        out
    }

    pub fn plan(&self, id: &IncidentId, verb: &Verb, values: &BTreeMap<String, Outside>, now: Time) -> Plan {
        let incident = &self.incidents[id];
        let account = values.get("account").cloned().unwrap_or(Outside::new("88213"));
        let get = |url: &str| HttpRequest {
            api: "exchange".into(),
            method: "GET".into(),
            url: format!("https://admin.exchange.example.com{url}"),
            headers: BTreeMap::new(),
            body: None,
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
        let target = (!told).then(|| ("account".to_owned(), account.clone()));
        let earlier = incident.actions.values().filter(|a| a.plan.verb.of() == verb.of());
        let value = Value { value: account.clone(), origin: Origin::Label("account_id".into()) };
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
                read: get("/admin/accounts/88213"),
                shown: vec![
                    ("/owner".into(), Outside::new("M. Okafor")),
                    ("/tier".into(), Outside::new("retail")),
                ],
                digest: "d1".into(),
                unverified: None,
            }),
            verify: (!told).then(|| Verify {
                read: get("/admin/accounts/88213"),
                expect: BTreeMap::from([("/status".into(), serde_json::json!("frozen"))]),
                within: Span::secs(30),
            }),
            undone_by: (!told)
                .then(|| "POST https://admin.exchange.example.com/admin/accounts/88213/unfreeze".into()),
            blast: if told {
                "tells inc-room now, then pd-platform after 5m"
            } else {
                "one customer can no longer trade or withdraw"
            }
            .into(),
            confirm: if told { Confirm::Enter } else { self.confirm },
            idempotent: true,
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
            },
            made_at: now,
        }
        .seal()
    }

    fn answer(&mut self, effect: &Effect, now: Time) -> Option<Message> {
        let refusal = |text: String| Refusal::new(RefusalKind::Refused, text);
        Some(match effect {
            Effect::LoadCatalogue => Message::Listed(Ok(Box::new(self.catalogue()))),
            Effect::Load(asked) => {
                let found = IncidentId::parse(asked).and_then(|id| self.detail(&id));
                let none = || Refusal::new(RefusalKind::NotFound, "no such incident");
                Message::Opened { asked: asked.clone(), detail: found.map(Box::new).ok_or_else(none) }
            }
            Effect::Record { id, entry, .. } => {
                let done = match self.refuse.take() {
                    Some(refusal) => Err(refusal),
                    None => self.apply(id.number(), now, person("ana"), (**entry).clone()).map_err(refusal),
                };
                Message::Recorded { id: id.clone(), incident: done }
            }
            Effect::FindApplicable(id) => {
                Message::Found { id: id.clone(), applicable: Ok(self.applicable(id)) }
            }
            Effect::Plan { id, verb, parameters } => {
                if let Some(refusal) = self.refuse.take() {
                    return Some(Message::Planned { id: id.clone(), plan: Err(refusal) });
                }
                let plan = self.plan(id, verb, parameters, now);
                self.plans.insert(plan.hash.0.clone(), plan.clone());
                Message::Planned { id: id.clone(), plan: Ok(Box::new(plan)) }
            }
            Effect::Submit { hash, .. } => {
                if let Some(refusal) = self.refuse.take() {
                    return Some(Message::Submitted { hash: hash.clone(), receipt: Err(refusal) });
                }
                let plan = self.plans[&hash.0].clone();
                let number = plan.basis.incident.number();
                let receipt = if matches!(plan.request, Request::Tell(_)) {
                    Receipt {
                        incident: Arc::clone(&self.incidents[&id(number)]),
                        action: None,
                        repeated: false,
                    }
                } else {
                    let action = self.incidents[&id(number)].next_action();
                    let intended = Entry::Intended { action, plan: Box::new(plan) };
                    if let Err(why) = self.apply(number, now, person("ana"), intended) {
                        return Some(Message::Submitted { hash: hash.clone(), receipt: Err(refusal(why)) });
                    }
                    let incident = self.apply(number, now, person("ana"), Entry::Sent { action }).unwrap();
                    Receipt { incident, action: Some(action), repeated: false }
                };
                Message::Submitted { hash: hash.clone(), receipt: Ok(Box::new(receipt)) }
            }
            _ => return None,
        })
    }
}

fn playbook(id: &str, title: &str) -> Playbook {
    serde_json::from_value(serde_json::json!({
        "id": id, "title": title, "blast": "one customer can no longer trade or withdraw", "do": {}
    }))
    .unwrap()
}

/// A console being played.
pub struct Play {
    pub model: Model,
    pub engine: Engine,
    pub now: Time,
    /// Everything asked so far.
    pub asked: Vec<Effect>,
}

/// A console at 14:03:22 on 80x24, with nothing on its board.
pub fn console() -> Play {
    let settings = Settings {
        operator: "ana".into(),
        config: "~/.config/quell/config.toml".into(),
        remark: None,
        keymap: Keymap::default(),
    };
    let now = at("14:03:22");
    let model = Model::new(settings, Size { cols: 80, rows: 24 }, at("14:00:00"));
    let mut play = Play { model, engine: Engine::new(), now, asked: Vec::new() };
    play.tell(Message::Started { open: None });
    play
}

impl Play {
    pub fn sized(mut self, cols: u16, rows: u16) -> Self {
        self.tell(Message::Resized { cols, rows });
        self
    }

    /// Puts these on the board.
    pub fn board(mut self, incidents: impl IntoIterator<Item = Incident>) -> Self {
        for incident in incidents {
            self.engine.put(incident);
        }
        self.poll();
        self.wait(2000);
        self
    }

    /// The four incidents most tests look at.
    pub fn usual(self) -> Self {
        use Severity::{Critical, High, Normal};
        self.board([
            incident(1047, Critical, "14:01:22", "Order gateway refuses connections"),
            incident(1051, High, "13:57:00", "Login failures acct 88213, 4 IPs"),
            incident(1050, High, "13:56:00", "Consumer lag orders-v2"),
            incident(1029, Normal, "11:00:00", "Cert api-eu expires in 13 days"),
        ])
    }

    pub fn wait(&mut self, millis: i64) {
        self.now += chrono::TimeDelta::milliseconds(millis);
        self.tell(Message::Ticked);
    }

    /// The engine tells how everything is.
    pub fn poll(&mut self) {
        for source in &mut self.engine.sources {
            if source.failures == 0 && source.as_of.is_some() {
                source.as_of = Some(self.now);
            }
        }
        let changes = self.engine.changes(self.now);
        self.tell(Message::Changed(Box::new(changes)));
    }

    pub fn notice(&mut self, seq: u64, clock: &str, notice: Notice) {
        let mut changes = self.engine.changes(self.now);
        changes.notices = vec![(seq, at(clock), notice)];
        self.tell(Message::Changed(Box::new(changes)));
    }

    /// Tells the console, answers what it asks, and draws.
    pub fn tell(&mut self, message: Message) {
        let mut inbox = vec![message];
        while let Some(message) = inbox.pop() {
            let effects = update(&mut self.model, self.now, message);
            inbox.extend(effects.iter().filter_map(|effect| self.engine.answer(effect, self.now)));
            self.asked.extend(effects);
        }
        if self.model.awaits_frame() {
            update(&mut self.model, self.now, Message::Drawn);
        }
    }

    /// Presses keys, one each 300 ms.
    pub fn press(&mut self, keys: &str) {
        for key in keys.split_whitespace() {
            self.now += chrono::TimeDelta::milliseconds(300);
            self.tell(Message::Pressed(Chord::parse(key).unwrap_or_else(|| panic!("{key} is no key"))));
        }
    }

    /// Types text, as fast as a paste over SSH.
    pub fn typing(&mut self, text: &str) {
        for c in text.chars() {
            let key = if c == ' ' { "space".to_owned() } else { c.to_string() };
            self.tell(Message::Pressed(Chord::parse(&key).unwrap()));
        }
    }

    /// Presses keys and returns what they asked for, loads and titles aside.
    pub fn keys(&mut self, keys: &str) -> Vec<Effect> {
        let before = self.asked.len();
        self.press(keys);
        let new = self.asked[before..].iter();
        new.filter(|e| !matches!(e, Effect::Load(_) | Effect::Retitle(_) | Effect::LoadCatalogue))
            .cloned()
            .collect()
    }

    pub fn selected(&self) -> u64 {
        self.model.selected_id().map_or(0, IncidentId::number)
    }

    pub fn rows(&self) -> Vec<u64> {
        self.model.triage.rows.iter().map(IncidentId::number).collect()
    }

    pub fn toast(&self) -> &str {
        self.model.toast.as_ref().map_or("", |toast| &toast.text)
    }

    pub fn submitted(&self) -> usize {
        self.asked.iter().filter(|effect| matches!(effect, Effect::Submit { .. })).count()
    }
}

/// An answer of the other side.
pub fn answered(action: u32, outcome: Outcome, detail: &str) -> Entry {
    Entry::Answered { action, outcome, detail: Outside::new(detail) }
}
