//! What the engine of the test answers, or refuses.

use std::sync::Arc;

use quell::backend::{Detail, Earlier, Receipt, Refusal, RefusalKind};
use quell::console::effect::Effect;
use quell::console::measure::Counted;
use quell::console::message::Message;
use quell::console::tying::Tying;
use quell::domain::card::Account;
use quell::domain::id::IncidentId;
use quell::domain::incident::Incident;
use quell::domain::packet::{Fact, Item, Packet, Whence};
use quell::domain::plan::{Plan, Request};
use quell::domain::record::{BulletinStarted, Entry, Record};
use quell::domain::signal::{Packed, Signal, SignalKey, Standing};
use quell::domain::text::Outside;
use quell::domain::time::Time;
use quell::domain::upstream::{Coming, Silence, Turn, Upstream};

use super::{Engine, at, person, records};

impl Engine {
    /// Answers what a console asks.
    pub fn answer(&mut self, effect: &Effect, now: Time) -> Option<Message> {
        let gone = || Refusal::new(RefusalKind::NotFound, "no such incident");
        Some(match effect {
            Effect::LoadCatalogue => Message::Listed(Ok(Box::new(self.catalogue()))),
            Effect::Load(asked) => {
                let detail = IncidentId::parse(asked).and_then(|id| self.detail(&id));
                Message::Opened { asked: asked.clone(), detail: detail.map(Box::new).ok_or_else(gone) }
            }
            Effect::ReadAhead(id) => {
                let detail = self.detail(id).map(Box::new).ok_or_else(gone);
                Message::Opened { asked: id.to_string(), detail }
            }
            Effect::Record { token, id, entry, .. } => {
                let done = self.apply(id.number(), now, person("ana"), (**entry).clone());
                let incident = done.map_err(|why| Refusal::new(RefusalKind::Refused, why));
                Message::Recorded { token: *token, incident }
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
            Effect::Approve { hash, .. } => {
                let plan = self.plans.get(&hash.0).cloned();
                let receipt = plan.ok_or_else(gone).and_then(|plan| {
                    self.submit(&plan, now).map_err(|why| Refusal::new(RefusalKind::Refused, why))
                });
                Message::Approved { hash: hash.clone(), receipt: receipt.map(Box::new) }
            }
            Effect::Deliver { seq, .. } => {
                Message::NoticeShown { notice: (*seq)?, how: format!("bell, {}", self.text) }
            }
            Effect::ReadWatch { since } => Message::WatchRead { since: *since, read: Ok(self.read_watch()) },
            Effect::Count { reach, at } => {
                let history: Vec<Arc<Incident>> = self.incidents.values().cloned().collect();
                let counted = Ok(Box::new(Counted::of(&history, *reach, *at)));
                Message::Counted { reach: *reach, of: *at, counted }
            }
            Effect::ReadRecords(stretch) => {
                let records = Ok(records::stretch(&self.records, *stretch));
                Message::RecordsRead { stretch: *stretch, records }
            }
            Effect::ReadStored(seq) => {
                Message::StoredRead { seq: *seq, stored: records::stored(&self.records, *seq) }
            }
            Effect::Verify => Message::Verified(Ok(records::intact(&self.records))),
            Effect::Refresh => Message::Refreshed(Ok(())),
            Effect::OfferWatch { to, .. } => Message::WatchOffered { to: to.clone(), offered: Ok(true) },
            Effect::TakeWatch { offer } | Effect::KeepWatch { offer } => {
                Message::WatchTaken { offer: *offer, taken: Ok(()) }
            }
            Effect::Publish { id, .. } => {
                let entry = Entry::Published { sha256: "3f".repeat(32) };
                let done = self.apply(id.number(), now, person("ana"), entry);
                let done = done.map(|incident| (incident, format!("/reviews/{id}.md")));
                let published = done.map_err(|why| Refusal::new(RefusalKind::Refused, why));
                Message::Published { id: id.clone(), published }
            }
            Effect::ReadPacket { id, path } => {
                let whence = Whence::Label { signal: self.outside(), label: self.outside(), cleared: None };
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
            Effect::Tie(tying) => {
                let after = self.tie(tying, now).map_err(|why| Refusal::new(RefusalKind::Refused, why));
                Message::Tied { tying: tying.clone(), after }
            }
            Effect::Open(_) => Message::Reported(Err(Refusal::new(RefusalKind::Refused, self.text.as_str()))),
            Effect::Retitle(_)
            | Effect::Suspend
            | Effect::Quit
            | Effect::Copy(_)
            | Effect::OpenLink(_)
            | Effect::Edit(_)
            | Effect::DropDraft
            | Effect::Redraw
            | Effect::Refuse { .. } => return None,
        })
    }

    /// Refuses what a console asks; what cannot be refused is answered.
    pub fn refuse(&mut self, effect: &Effect, kind: RefusalKind, now: Time) -> Option<Message> {
        let mut refusal = Refusal::new(kind, self.text.as_str());
        if kind == RefusalKind::Changed {
            refusal.differences = vec![self.text.clone()];
        }
        Some(match effect {
            Effect::Record { token, .. } => Message::Recorded { token: *token, incident: Err(refusal) },
            Effect::FindApplicable(id) => Message::Found { id: id.clone(), applicable: Err(refusal) },
            Effect::Plan { id, .. } => Message::Planned { id: id.clone(), plan: Err(refusal) },
            Effect::Submit { hash, .. } => Message::Submitted { hash: hash.clone(), receipt: Err(refusal) },
            Effect::Approve { hash, .. } => Message::Approved { hash: hash.clone(), receipt: Err(refusal) },
            Effect::ReadWatch { since } => Message::WatchRead { since: *since, read: Err(refusal) },
            Effect::Count { reach, at } => Message::Counted { reach: *reach, of: *at, counted: Err(refusal) },
            Effect::ReadRecords(stretch) => Message::RecordsRead { stretch: *stretch, records: Err(refusal) },
            Effect::ReadStored(seq) => Message::StoredRead { seq: *seq, stored: Err(refusal) },
            Effect::Verify => Message::Verified(Err(refusal)),
            Effect::Refresh => Message::Refreshed(Err(refusal)),
            Effect::Tie(tying) => Message::Tied { tying: tying.clone(), after: Err(refusal) },
            Effect::OfferWatch { to, .. } => Message::WatchOffered { to: to.clone(), offered: Err(refusal) },
            Effect::TakeWatch { offer } | Effect::KeepWatch { offer } => {
                Message::WatchTaken { offer: *offer, taken: Err(refusal) }
            }
            Effect::Publish { id, .. } => Message::Published { id: id.clone(), published: Err(refusal) },
            other => return self.answer(other, now),
        })
    }

    /// What a person says of incidents and another one, on both sides of each.
    fn tie(&mut self, tying: &Tying, now: Time) -> Result<Vec<Arc<Incident>>, String> {
        let of = |engine: &Self, id: &IncidentId| engine.incidents.get(id).cloned().ok_or("no such incident");
        for seen in &tying.of {
            let (one, other) = (of(self, &seen.id)?, of(self, &tying.to.id)?);
            let (here, there) = tying.tie.sides(&one, &other);
            self.apply(one.id.number(), now, person("ana"), Entry::Tied(here))?;
            self.apply(other.id.number(), now, person("ana"), Entry::Tied(there))?;
        }
        tying.all().map(|seen| Ok(of(self, &seen.id)?)).collect()
    }

    fn submit(&mut self, plan: &Plan, now: Time) -> Result<Receipt, String> {
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
            return Ok(Receipt { incident, action: None, repeated: false, waits: None });
        }
        if matches!(plan.request, Request::Tell(_)) {
            return Ok(Receipt { incident, action: None, repeated: false, waits: None });
        }
        let action = incident.next_action();
        let intended = Entry::intended(action, Box::new(plan.clone()));
        self.apply(id.number(), now, person("ana"), intended)?;
        let incident = self.apply(id.number(), now, person("ana"), Entry::Sent { action })?;
        Ok(Receipt { incident, action: Some(action), repeated: false, waits: None })
    }

    fn read_watch(&self) -> Vec<Account> {
        let records = |id: &IncidentId| {
            let mine = |record: &&Record| record.incident.as_ref() == Some(id);
            self.records.iter().filter(mine).cloned().collect()
        };
        let account = |incident: &Arc<Incident>| Account {
            incident: Arc::clone(incident),
            records: records(&incident.id),
            signals: Vec::new(),
        };
        self.incidents.values().map(account).collect()
    }

    /// What a source does about its own signal, in its words.
    fn upstream(&self) -> Upstream {
        let all = || vec![self.outside(), self.outside()];
        let until = Some(at("15:00:00"));
        Upstream {
            id: self.outside(),
            held_by: Some(self.outside()),
            unnamed_state: Some(self.outside()),
            policy: Some(self.outside()),
            level: Some(1),
            assigned: all(),
            on_call: all(),
            coming: vec![Coming { turn: Turn::Escalates, at: at("14:10:00"), to: Some(self.outside()) }],
            disarmed: true,
            exhausted: true,
            silences: vec![Silence {
                id: self.outside(),
                by: self.outside(),
                comment: self.outside(),
                matchers: self.outside(),
                until,
                as_of: Some(at("14:00:00")),
            }],
            inhibited_by: all(),
            inhibits: all(),
            muted_by: all(),
        }
    }

    fn detail(&self, id: &IncidentId) -> Option<Detail> {
        let incident = self.incidents.get(id)?;
        let text = self.outside();
        let joined = incident.signals.values().next()?;
        // Of what a link may be, as much as can be read as one.
        let path: String = self.text.chars().filter(|c| !c.is_whitespace()).collect();
        let signal = Signal {
            key: SignalKey { source: "prod-am".into(), fingerprint: text.clone() },
            title: joined.title.clone(),
            alertname: text.clone(),
            description: text.clone(),
            labels: joined.labels.clone(),
            annotations: Packed::from([(text.clone(), text.clone())]),
            runbook: Some(Outside::new(format!("https://wiki.example.com/{path}"))),
            link: Some(Outside::new(format!("https://{path}.example.com/graph"))),
            since: joined.since,
            standing: Standing::Firing,
            upstream: Some(Box::new(self.upstream())),
            undecodable: true,
            watched: false,
        };
        let key = SignalKey { source: "pd".into(), fingerprint: text.clone() };
        let raw = Signal { key, runbook: Some(text.clone()), link: Some(text), ..signal.clone() };
        let records = self.records.iter().filter(|record| record.incident.as_ref() == Some(id));
        Some(Detail {
            incident: Arc::clone(incident),
            records: records.cloned().collect(),
            signals: vec![signal, raw],
            monitors: vec![self.text.clone()],
            earlier: vec![Earlier {
                id: IncidentId::new("INC", 7),
                opened_at: incident.opened_at,
                ended: None,
                contained: vec![self.text.clone()],
                asked: vec![self.text.clone()],
                mitigated: Some(self.outside()),
                root_cause: Some(self.outside()),
            }],
        })
    }
}
