//! An engine that lives in the test: it keeps incidents, and answers at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use quell::backend::{Changes, Detail, Holder, Receipt, Refusal, RefusalKind, WatchHanded, WatchOffer};
use quell::console::effect::Effect;
use quell::console::measure::Counted;
use quell::console::message::Message;
use quell::domain::bulletin::Settings;
use quell::domain::card::Account;
use quell::domain::chain::Verdict;
use quell::domain::earlier::Earlier;
use quell::domain::fault::Fault;
use quell::domain::freshness::SourceStatus;
use quell::domain::id::{Cursor, IncidentId};
use quell::domain::identity::Person;
use quell::domain::incident::Incident;
use quell::domain::monitor::MonitorStatus;
use quell::domain::opening::Opening;
use quell::domain::operator::Actor;
use quell::domain::parameter::Parameter;
use quell::domain::plan::{Plan, Request};
use quell::domain::playbook::{Confirm, Playbook};
use quell::domain::record::{Entry, Record};
use quell::domain::signal::{Packed, Signal, SignalKey, Standing};
use quell::domain::text::Outside;
use quell::domain::time::Time;
use quell::domain::upstream::Upstream;

use super::incidents::{opening, source};
use super::offers::playbook;
use super::writing::started;
use crate::support::board::{at, id, person, record, records};

/// An engine that lives in the test.
pub struct Engine {
    pub incidents: BTreeMap<IncidentId, Arc<Incident>>,
    /// How each was opened, with the signal that may have left it since.
    opened: BTreeMap<IncidentId, Opening>,
    pub records: Vec<Record>,
    pub sources: Vec<SourceStatus>,
    pub monitors: Vec<MonitorStatus>,
    pub playbooks: Vec<Playbook>,
    /// What each signal says of the account.
    pub offers: Vec<&'static str>,
    /// What the signals of an incident say of the account, where that is something else.
    pub accounts: BTreeMap<u64, &'static str>,
    /// What keeps signals quiet at their source.
    pub quiet: Option<Box<Upstream>>,
    /// The accounts whose plans are refused.
    pub protected: Vec<&'static str>,
    /// How many the caps allow, where they count.
    pub room: Option<u32>,
    /// What containments ask beside it.
    pub parameters: Vec<Parameter>,
    pub confirm: Confirm,
    /// How many second persons its plans need.
    pub approvals: u32,
    /// Whose keys are known.
    pub people: Vec<Person>,
    pub refuse: Option<Refusal>,
    /// The incident before, of the same group.
    pub earlier: Option<Earlier>,
    /// The watch that waits to be taken.
    pub watch: Option<WatchOffer>,
    /// The watch that was taken last.
    pub handed: Option<WatchHanded>,
    /// The record that is not as it was written.
    pub bad: Option<Verdict>,
    /// Why nothing can be written down.
    pub ledger: Option<Fault>,
    /// Who polls: this process unless it is another's.
    pub polls: Option<u32>,
    /// Where each audience reads, and what bulletins may say.
    pub bulletins: Settings,
    plans: BTreeMap<String, Plan>,
}

impl Engine {
    pub fn new() -> Self {
        Self {
            incidents: BTreeMap::new(),
            opened: BTreeMap::new(),
            records: Vec::new(),
            quiet: None,
            sources: vec![source("prod-am", Some("14:03:21")), source("pd", Some("14:03:19"))],
            monitors: Vec::new(),
            playbooks: vec![playbook("freeze-account", "Freeze account")],
            offers: vec!["88213"],
            accounts: BTreeMap::new(),
            protected: Vec::new(),
            earlier: None,
            room: None,
            parameters: Vec::new(),
            confirm: Confirm::TypeTarget,
            approvals: 0,
            people: Vec::new(),
            refuse: None,
            watch: None,
            handed: None,
            bad: None,
            ledger: None,
            polls: None,
            bulletins: Settings::default(),
            plans: BTreeMap::new(),
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
            watch: self.watch.clone(),
            handed: self.handed.clone(),
            holder: Some(Holder {
                pid: self.polls.unwrap_or(4711),
                tty: None,
                here: self.polls.is_none(),
                beat: Some(now),
            }),
            actions: quell::backend::ActionsNow::On,
            ledger: self.ledger.clone(),
            deaf: None,
            now,
        }
    }

    pub fn put(&mut self, incident: Incident) {
        self.opened.insert(incident.id.clone(), opening(&incident));
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
            annotations: Packed::default(),
            runbook: Some(Outside::new("https://runbooks.example.com/gateway")),
            link: Some(Outside::new("http://prom.example.com/graph?g0.expr=up")),
            since: joined.since,
            standing: match &self.quiet {
                Some(quiet) if !quiet.silences.is_empty() => Standing::Silenced,
                _ => Standing::Firing,
            },
            upstream: self.quiet.clone(),
            undecodable: false,
            watched: false,
        });
        let opened = Entry::Opened(Box::new(self.opened.get(id)?.clone()));
        let mut records = vec![record(id.number(), incident.opened_at, Actor::Engine, opened)];
        records.extend(self.records.iter().filter(|r| r.incident.as_ref() == Some(id)).cloned());
        Some(Detail {
            incident: Arc::clone(incident),
            records,
            signals: signals.collect(),
            monitors: vec!["order-gw".into()],
            earlier: self.earlier.iter().cloned().collect(),
        })
    }

    fn records_of(&self, id: &IncidentId) -> Vec<Record> {
        self.records.iter().filter(|record| record.incident.as_ref() == Some(id)).cloned().collect()
    }

    fn refused(&mut self) -> Result<(), Refusal> {
        self.refuse.take().map_or(Ok(()), Err)
    }

    pub fn answer(&mut self, effect: &Effect, now: Time) -> Option<Message> {
        let refusal = |text: String| Refusal::new(RefusalKind::Refused, text);
        Some(match effect {
            Effect::LoadCatalogue => Message::Listed(Ok(Box::new(self.catalogue()))),
            Effect::Load(asked) => {
                let found = IncidentId::parse(asked).and_then(|id| self.detail(&id));
                let none = || Refusal::new(RefusalKind::NotFound, "no such incident");
                Message::Opened { asked: asked.clone(), detail: found.map(Box::new).ok_or_else(none) }
            }
            Effect::ReadAhead(id) => {
                let none = || Refusal::new(RefusalKind::NotFound, "no such incident");
                let detail = self.detail(id).map(Box::new).ok_or_else(none);
                Message::Opened { asked: id.to_string(), detail }
            }
            Effect::Record { token, id, entry, .. } => {
                let done = match self.refuse.take() {
                    Some(refusal) => Err(refusal),
                    None => self.apply(id.number(), now, person("ana"), (**entry).clone()).map_err(refusal),
                };
                Message::Recorded { token: *token, incident: done }
            }
            Effect::FindApplicable(id) => {
                Message::Found { id: id.clone(), applicable: Ok(self.applicable(id)) }
            }
            Effect::Plan { id, verb, parameters } => {
                if let Some(refusal) = self.refuse.take() {
                    return Some(Message::Planned { id: id.clone(), plan: Err(refusal) });
                }
                let plan = self.plan(id, verb, parameters, now);
                let target = plan.target.as_ref().map(|(_, value)| value.raw());
                if target.is_some_and(|target| self.protected.contains(&target)) {
                    let why = format!("the account {} is protected", target.unwrap_or_default());
                    return Some(Message::Planned { id: id.clone(), plan: Err(refusal(why)) });
                }
                self.plans.insert(plan.hash.0.clone(), plan.clone());
                Message::Planned { id: id.clone(), plan: Ok(Box::new(plan)) }
            }
            Effect::Submit { hash, confirmation } => {
                if let Some(refusal) = self.refuse.take() {
                    return Some(Message::Submitted { hash: hash.clone(), receipt: Err(refusal) });
                }
                let plan = self.plans[&hash.0].clone();
                let number = plan.basis.incident.number();
                let receipt = if let Request::Publish(publication) = &plan.request {
                    let incident = self.apply(number, now, person("ana"), started(publication)).unwrap();
                    Receipt { incident, action: None, repeated: false, waits: None }
                } else if matches!(plan.request, Request::Tell(_)) {
                    Receipt {
                        incident: Arc::clone(&self.incidents[&id(number)]),
                        action: None,
                        repeated: false,
                        waits: None,
                    }
                } else {
                    match self.confirmed(&plan, confirmation, now) {
                        Ok(receipt) => receipt,
                        Err(why) => {
                            let receipt = Err(refusal(why));
                            return Some(Message::Submitted { hash: hash.clone(), receipt });
                        }
                    }
                };
                Message::Submitted { hash: hash.clone(), receipt: Ok(Box::new(receipt)) }
            }
            Effect::Approve { hash, .. } => {
                let refused = self.refused();
                let receipt = refused.and_then(|()| self.approves("ana", hash, now).map_err(refusal));
                Message::Approved { hash: hash.clone(), receipt: receipt.map(Box::new) }
            }
            Effect::ReadWatch { since } => {
                let account = |incident: &Arc<Incident>| Account {
                    incident: Arc::clone(incident),
                    records: self.records_of(&incident.id),
                    signals: Vec::new(),
                };
                let read = self.incidents.values().map(account).collect();
                Message::WatchRead { since: *since, read: Ok(read) }
            }
            Effect::Count { reach, at } => {
                let since = reach.since(*at);
                let history = self.incidents.values().filter(|it| it.was_open_since(since));
                let counted = Counted::of(&history.cloned().collect::<Vec<_>>(), *reach, *at);
                Message::Counted { reach: *reach, of: *at, counted: Ok(Box::new(counted)) }
            }
            Effect::ReadRecords(stretch) => {
                let records = Ok(records::stretch(&self.records, *stretch));
                Message::RecordsRead { stretch: *stretch, records }
            }
            Effect::ReadStored(seq) => {
                Message::StoredRead { seq: *seq, stored: records::stored(&self.records, *seq) }
            }
            Effect::Refresh => Message::Refreshed(self.refused()),
            Effect::Verify => {
                let intact = || records::intact(&self.records);
                Message::Verified(
                    self.refuse.take().map_or_else(|| Ok(self.bad.clone().unwrap_or_else(intact)), Err),
                )
            }
            Effect::Tie(tying) => {
                let after = self.refused().and_then(|()| self.tie(tying, now).map_err(refusal));
                Message::Tied { tying: tying.clone(), after }
            }
            Effect::OfferWatch { to, card } => {
                let offered = self.refused();
                if offered.is_ok() {
                    self.watch = Some(offer(9, "ana", to, card.clone(), now));
                }
                Message::WatchOffered { to: to.clone(), offered: offered.map(|()| to != "nobody") }
            }
            Effect::TakeWatch { offer } | Effect::KeepWatch { offer } => {
                let taken = self.refused();
                if taken.is_ok() {
                    self.watch = None;
                }
                Message::WatchTaken { offer: *offer, taken }
            }
            Effect::Publish { id, .. } => {
                let entry = Entry::Published { sha256: "3f2a".repeat(16) };
                let published = self.refused().and_then(|()| {
                    let done = self.apply(id.number(), now, person("ana"), entry).map_err(refusal)?;
                    Ok((done, format!("~/.local/state/quell/reviews/{id}.md")))
                });
                Message::Published { id: id.clone(), published }
            }
            Effect::ReadPacket { id, path } => {
                let packet = self.packet(id, path);
                Message::PacketRead { id: id.clone(), path: path.clone(), packet: Ok(Box::new(packet)) }
            }
            Effect::Open(report) => Message::Reported(match self.refuse.take() {
                Some(refusal) => Err(refusal),
                None => Ok(self.open(report, now)),
            }),
            _ => return None,
        })
    }
}

/// A watch that waits to be taken.
pub fn offer(seq: u64, by: &str, to: &str, card: Outside, at: Time) -> WatchOffer {
    WatchOffer { seq, at, by: by.into(), to: to.into(), card }
}
