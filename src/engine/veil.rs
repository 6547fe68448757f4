//! The engine as people see it: every answer passes here, and what is sensitive is hidden until they ask for it, which
//! is a record first.
//!
//! An incident, its records and notices quote what sources said when signals joined: what is sensitive of that stands
//! beside it. What quotes a source now is veiled with what it says now.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::Engine;
use super::plans::refused;
use crate::backend::{
    Applicable, Asked, Backend, Catalogue, Changes, Confirmation, Detail, Receipt, Refusal, RefusalKind,
    Report,
};
use crate::domain::action::Verb;
use crate::domain::chain::{Stored, Verdict};
use crate::domain::fault::Fault;
use crate::domain::id::{Cursor, IncidentId};
use crate::domain::incident::Incident;
use crate::domain::notice::WITHHELD;
use crate::domain::operator::{Actor, Operator};
use crate::domain::packet::Packet;
use crate::domain::plan::{Plan, PlanHash, Request};
use crate::domain::record::{Entry, Record};
use crate::domain::sensitive::{HIDDEN, Known, Said, Veil};
use crate::domain::signal::Signal;
use crate::domain::text::Outside;
use crate::domain::tie::{Seen, Tie};
use crate::domain::time::Time;
use crate::ledger::Draft;

impl Engine {
    fn hides_nothing(&self) -> bool {
        self.0.setup.sensitive.is_empty()
    }

    /// What hides an incident's sensitive values, those its sources say now among them, from this person, or from
    /// anybody who has not read them.
    fn veil(&self, who: Option<&Operator>, incident: &Incident, now: &[Signal]) -> Veil<'_> {
        let sensitive = &self.0.setup.sensitive;
        let mut said = sensitive.said_of(incident);
        now.iter().for_each(|signal| said.extend(sensitive.said_by(signal)));
        let read = who.map(|who| self.0.mirror.read().readings.of(&who.name, &incident.id));
        sensitive.veil(&said, read.unwrap_or_default())
    }

    /// For what quotes its sources as they are now.
    pub(super) async fn veil_now(&self, who: Option<&Operator>, incident: &Incident) -> Veil<'_> {
        let now = if self.hides_nothing() { Vec::new() } else { self.signals_of(incident).await };
        self.veil(who, incident, &now)
    }

    fn seen(&self, who: &Operator, incident: Arc<Incident>) -> Arc<Incident> {
        // Nothing of the fold was said after its signals joined.
        let veil = self.veil(Some(who), &incident, &[]);
        if veil.is_empty() { incident } else { Arc::new(veil.incident(&incident)) }
    }

    fn detail_seen(&self, who: Option<&Operator>, mut detail: Detail) -> Detail {
        let Detail { incident, records, signals, earlier, monitors: _ } = &mut detail;
        let veil = self.veil(who, incident, signals);
        records.iter_mut().for_each(|record| veil.record(record));
        if !veil.is_empty() {
            *incident = Arc::new(veil.incident(incident));
            signals.iter_mut().for_each(|signal| veil.signal(signal));
            earlier.iter_mut().for_each(|earlier| veil.earlier(earlier));
        }
        detail
    }

    /// A refusal about an incident.
    async fn refusal_seen(&self, who: &Operator, id: &IncidentId, mut refusal: Refusal) -> Refusal {
        let Refusal { message, differences, current, kind: _ } = &mut refusal;
        *current = current.take().map(|current| self.seen(who, current));
        if let Ok(incident) = self.incident_now(id).await {
            let veil = self.veil_now(Some(who), &incident).await;
            *message = veil.text(message);
            differences.iter_mut().for_each(|difference| veil.words(difference));
        }
        refusal
    }

    /// An answer that is an incident, or why there is none.
    async fn incident_seen(
        &self,
        who: &Operator,
        id: &IncidentId,
        answer: Result<Arc<Incident>, Refusal>,
    ) -> Result<Arc<Incident>, Refusal> {
        match answer {
            Ok(incident) => Ok(self.seen(who, incident)),
            Err(refusal) => Err(self.refusal_seen(who, id, refusal).await),
        }
    }

    async fn receipt_seen(
        &self,
        who: &Operator,
        id: &IncidentId,
        answer: Result<Receipt, Refusal>,
    ) -> Result<Receipt, Refusal> {
        match answer {
            Ok(receipt) => Ok(Receipt { incident: self.seen(who, receipt.incident), ..receipt }),
            Err(refusal) => Err(self.refusal_seen(who, id, refusal).await),
        }
    }

    async fn records_seen(&self, who: &Operator, mut records: Vec<Record>) -> Result<Vec<Record>, Refusal> {
        if self.hides_nothing() {
            return Ok(records);
        }
        let mut veils: BTreeMap<IncidentId, Veil<'_>> = BTreeMap::new();
        for record in &mut records {
            let Some(id) = record.incident.clone() else { continue };
            if !veils.contains_key(&id) {
                let incident = self.incident_now(&id).await?;
                veils.insert(id.clone(), self.veil(Some(who), &incident, &[]));
            }
            veils.get(&id).iter().for_each(|veil| veil.record(record));
        }
        Ok(records)
    }

    /// Shows this person what is hidden from them. That they read it is durable before it is shown.
    async fn reveal(&self, who: &Operator, id: &IncidentId, veil: &Veil<'_>) -> Result<(), Refusal> {
        self.0.mirror.write(|view| view.readings.ask(&who.name, id, veil.hidden().clone()));
        let entry = Entry::SensitiveRead { labels: veil.labels().into_iter().map(Outside::new).collect() };
        let appended = self.append(vec![Draft::of(id, Actor::Person(who.clone()), self.now(), entry)]).await;
        self.0.mirror.write(|view| match appended {
            Ok(_) => view.readings.recorded(&who.name, id),
            Err(_) => view.readings.forget(&who.name, id),
        });
        appended.map(drop).map_err(Refusal::from)
    }

    /// As somebody asks for it.
    async fn reveal_all(&self, who: &Operator, id: &IncidentId) -> Result<Arc<Incident>, Refusal> {
        let incident = self.incident_now(id).await?;
        if self.veil_now(None, &incident).await.is_empty() {
            return Err(refused(format!("{id} has no sensitive label; nothing of it is hidden")));
        }
        let veil = self.veil_now(Some(who), &incident).await;
        if !veil.is_empty() {
            self.reveal(who, id, &veil).await?;
        }
        self.incident_now(id).await
    }

    /// A plan is literal: who sees one that says what is hidden from them reads it.
    async fn plan_read(&self, who: &Operator, plan: &Plan) -> Result<(), Refusal> {
        if self.hides_nothing() {
            return Ok(());
        }
        let incident = self.incident_now(&plan.basis.incident).await?;
        let veil = self.veil_now(Some(who), &incident).await;
        if veil.hides(&json(plan)) { self.reveal(who, &incident.id, &veil).await } else { Ok(()) }
    }

    /// What the plan of a message to others warns of: what a person sends is not hidden.
    pub(super) async fn told_with(&self, incident: &Incident, plan: &Plan) -> Option<String> {
        let told = match &plan.request {
            Request::Tell(telling) => json(telling),
            Request::Publish(publication) => json(publication),
            Request::Http(_) | Request::Exec(_) => return None,
        };
        let veil = self.veil_now(None, incident).await;
        let labels: Vec<String> =
            veil.labels().into_iter().map(|it| Outside::new(it).safe().to_string()).collect();
        veil.hides(&told).then(|| format!("what is sensitive leaves as it is: {}", labels.join(", ")))
    }
}

#[async_trait]
impl Backend for Engine {
    async fn changes(&self, who: &Operator, cursor: &Cursor, wait: Duration) -> Result<Changes, Fault> {
        let mut changes = self.feed(who, cursor, wait).await?;
        if self.hides_nothing() {
            return Ok(changes);
        }
        for incident in &mut changes.incidents {
            *incident = self.seen(who, incident.clone());
        }
        for (_, _, notice) in &mut changes.notices {
            match notice.incident.as_ref().map(|id| self.find(id)) {
                None => {}
                Some(Some(incident)) => self.veil(Some(who), &incident, &[]).notice(notice),
                // Closed long ago: what it hides is not known here any more.
                Some(None) => notice.text = Outside::new(HIDDEN),
            }
        }
        Ok(changes)
    }

    async fn incident(&self, who: &Operator, id: &str) -> Result<Detail, Refusal> {
        Ok(self.detail_seen(Some(who), self.detail(id).await?))
    }

    async fn incident_known(&self, who: &Operator, id: &IncidentId) -> Result<Detail, Refusal> {
        Ok(self.detail_seen(Some(who), self.detail_of(id).await?))
    }

    async fn incident_for_anybody(&self, _who: &Operator, id: &IncidentId) -> Result<Detail, Refusal> {
        Ok(self.detail_seen(None, self.detail_of(id).await?))
    }

    async fn open(&self, who: &Operator, report: Report) -> Result<Arc<Incident>, Refusal> {
        Ok(self.seen(who, self.open_by_hand(who, report).await?))
    }

    async fn record(
        &self,
        who: &Operator,
        id: &IncidentId,
        seen: u64,
        entry: Entry,
    ) -> Result<Arc<Incident>, Refusal> {
        if let Entry::PacketFilled { value, .. } = &entry {
            none_hidden([value])?;
        }
        let recorded = match entry {
            Entry::SensitiveRead { .. } => self.reveal_all(who, id).await,
            entry => self.record_local(who, id, seen, entry).await,
        };
        self.incident_seen(who, id, recorded).await
    }

    async fn acknowledge_there(&self, who: &Operator, id: &IncidentId) -> Vec<Result<Receipt, Refusal>> {
        let mut out = Vec::new();
        for answer in self.acknowledge_at_sources(who, id).await.unwrap_or_else(|why| vec![Err(why)]) {
            out.push(self.receipt_seen(who, id, answer).await);
        }
        out
    }

    async fn catalogue(&self, _who: &Operator) -> Result<Catalogue, Refusal> {
        Ok(self.0.setup.catalogue())
    }

    async fn applicable(&self, who: &Operator, id: &IncidentId) -> Result<Vec<Applicable>, Refusal> {
        let mut all = self.applicable_to(who, id).await?;
        let veil = self.veil_now(Some(who), &*self.incident_now(id).await?).await;
        for Asked { prefilled, offers, name: _, parameter: _ } in all.iter_mut().flat_map(|it| &mut it.asked)
        {
            for offer in offers {
                let filled = prefilled.as_ref() == Some(&offer.value);
                veil.offer(offer);
                if filled {
                    *prefilled = Some(offer.value.clone());
                }
            }
            prefilled.iter_mut().for_each(|text| *text = veil.text(text));
        }
        Ok(all)
    }

    async fn packet(&self, who: &Operator, id: &IncidentId, path: &str) -> Result<Packet, Refusal> {
        let incident = self.incident_now(id).await?;
        let mut packet = self.packet_on(&incident, path).await?;
        self.veil_now(Some(who), &incident).await.packet(&mut packet);
        Ok(packet)
    }

    async fn plan(
        &self,
        who: &Operator,
        id: &IncidentId,
        verb: Verb,
        mut parameters: BTreeMap<String, Outside>,
    ) -> Result<Plan, Refusal> {
        if none_hidden(parameters.values()).is_err() {
            // What was left as the form showed it is filled in as the form was.
            let offered = self.applicable(who, id).await?;
            let asked = offered.iter().filter(|it| it.verb == verb).flat_map(|it| &it.asked);
            for asked in asked.filter(|asked| asked.parameter.is_some()) {
                if parameters.get(&asked.name) == asked.prefilled.as_ref() {
                    parameters.remove(&asked.name);
                }
            }
            none_hidden(parameters.values())?;
        }
        match self.make_plan(who, id, verb, parameters).await {
            Ok(plan) => self.plan_read(who, &plan).await.map(|()| plan),
            Err(refusal) => Err(self.refusal_seen(who, id, refusal).await),
        }
    }

    async fn look_up_plan(&self, who: &Operator, hash: &PlanHash) -> Result<Plan, Refusal> {
        let (plan, _) = self.kept_plan(hash).await?;
        self.plan_read(who, &plan).await.map(|()| plan)
    }

    async fn submit(
        &self,
        who: &Operator,
        hash: &PlanHash,
        confirmation: Confirmation,
    ) -> Result<Receipt, Refusal> {
        let id = self.kept_plan(hash).await?.0.basis.incident;
        self.receipt_seen(who, &id, self.carry_out(who, hash, confirmation).await).await
    }

    async fn approve(
        &self,
        who: &Operator,
        hash: &PlanHash,
        confirmation: Confirmation,
    ) -> Result<Receipt, Refusal> {
        // What another console asked for a moment ago may not be read yet.
        self.catch_up().await?;
        // Whoever agrees to a plan has read it.
        let asked =
            self.0.mirror.all().into_iter().find_map(|it| Some((it.asks.get(hash)?.plan.clone(), it)));
        let Some((plan, incident)) = asked else { return self.approve_plan(who, hash, &confirmation).await };
        self.plan_read(who, &plan).await?;
        self.receipt_seen(who, &incident.id, self.approve_plan(who, hash, &confirmation).await).await
    }

    async fn records(&self, who: &Operator, from: u64, limit: usize) -> Result<Vec<Record>, Refusal> {
        self.records_seen(who, self.0.ledger.records(from, limit).await?).await
    }

    async fn newest(
        &self,
        who: &Operator,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<Record>, Refusal> {
        self.records_seen(who, self.0.ledger.newest(before, limit).await?).await
    }

    /// Its links stay those of the bytes as they stand in the file.
    async fn stored(&self, who: &Operator, seq: u64) -> Result<Stored, Refusal> {
        let found = self.0.ledger.stored(seq, 1).await?.into_iter().find(|stored| stored.seq == seq);
        let missing = || Refusal::new(RefusalKind::NotFound, format!("there is no record {seq}"));
        let stored = found.ok_or_else(missing)?;
        if self.hides_nothing() {
            return Ok(stored);
        }
        let Ok(record) = serde_json::from_str::<Record>(stored.bytes.raw()) else {
            // Whatever it is, what is sensitive of it cannot be told from the rest.
            return Ok(Stored { bytes: Outside::new(HIDDEN), ..stored });
        };
        match self.records_seen(who, vec![record.clone()]).await?.pop() {
            Some(seen) if seen != record => Ok(Stored { bytes: json(&seen), ..stored }),
            _ => Ok(stored),
        }
    }

    async fn refresh(&self, _who: &Operator) -> Result<(), Refusal> {
        let now = self.now();
        let here = *self.0.held.borrow();
        match here {
            true => drop(self.0.hurried.send_replace(Some(now))),
            // Who holds the lease looks each second.
            false => self.0.live.want_answers(now).await,
        }
        Ok(())
    }

    async fn verify(&self, _who: &Operator) -> Result<Verdict, Refusal> {
        Ok(self.0.ledger.verify().await?)
    }

    async fn keep_evidence(
        &self,
        who: &Operator,
        id: &IncidentId,
        name: Outside,
        content: Vec<u8>,
        note: Option<Outside>,
    ) -> Result<Arc<Incident>, Refusal> {
        self.incident_seen(who, id, self.keep_file(who, id, &name, content, note).await).await
    }

    /// Whole: that it was read is a record of its own.
    async fn evidence(&self, who: &Operator, sha256: &str) -> Result<Vec<u8>, Refusal> {
        self.read_evidence(who, sha256).await
    }

    /// Whole: that it was exported is a record of its own.
    async fn export(&self, who: &Operator, id: &IncidentId, to: &str) -> Result<Vec<u8>, Refusal> {
        self.export_bundle(who, id, to).await
    }

    async fn history(&self, who: &Operator, since: Time) -> Result<Vec<Arc<Incident>>, Refusal> {
        let all = self.0.ledger.history(since).await?;
        Ok(all.into_iter().map(|incident| self.seen(who, incident)).collect())
    }

    async fn tie(
        &self,
        who: &Operator,
        tie: Tie,
        of: &[Seen],
        to: &Seen,
    ) -> Result<Vec<Arc<Incident>>, Refusal> {
        match self.tie_to(who, &tie, of, to).await {
            Ok(tied) => Ok(tied.into_iter().map(|incident| self.seen(who, incident)).collect()),
            Err(refusal) => Err(self.refusal_seen(who, &to.id, refusal).await),
        }
    }

    /// Others read the card too, whatever whoever wrote it has read; and it also names what ended, however long ago.
    async fn offer_watch(&self, who: &Operator, to: &str, card: Outside) -> Result<bool, Refusal> {
        let sensitive = &self.0.setup.sensitive;
        let mut all = self.0.ledger.history(Time::UNIX_EPOCH).await?;
        let named = IncidentId::all_in(card.raw());
        all.retain(|incident| named.contains(&incident.id));
        all.extend(self.0.mirror.all());
        let said: Said = all.iter().flat_map(|incident| sensitive.said_of(incident)).collect();
        self.offer_the_watch(who, to, sensitive.veil(&said, Known::new()).text(&card)).await
    }

    async fn accept_watch(&self, who: &Operator, offer: u64) -> Result<(), Refusal> {
        self.take_the_watch(who, offer).await
    }

    async fn beat(&self, _who: &Operator, monitor: &str) -> Result<Time, Refusal> {
        self.hear(monitor).await
    }

    async fn delivered(&self, who: &Operator, notice: u64, console: &str, how: &str) -> Result<(), Refusal> {
        // Each console that begins in quiet hours withholds it.
        if how == WITHHELD && self.0.mirror.read().is_withheld(notice, |it| who.sat_at(it)) {
            return Ok(());
        }
        let entry = Entry::NoticeDelivered { notice, console: console.to_owned(), how: how.to_owned() };
        self.append(vec![Draft::console(Actor::Person(who.clone()), self.now(), entry)]).await?;
        Ok(())
    }
}

fn json(said: &impl serde::Serialize) -> Outside {
    Outside::new(serde_json::to_string(said).unwrap_or_else(|_| HIDDEN.to_owned()))
}

/// Refuses a text that was taken from where something is hidden: nobody means the dots themselves.
fn none_hidden<'a>(texts: impl IntoIterator<Item = &'a Outside>) -> Result<(), Refusal> {
    match texts.into_iter().any(|text| text.raw().contains(HIDDEN)) {
        false => Ok(()),
        true => {
            let why = format!("{HIDDEN} stands for what is hidden; show it first, then write what is meant");
            Err(Refusal::new(RefusalKind::Usage, why))
        }
    }
}
