//! What somebody sees of an incident with sensitive labels before they ask for more, and that asking is a record.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Engine;
use super::plans::refused;
use crate::backend::{Applicable, Changes, Detail, Receipt, Refusal, RefusalKind};
use crate::domain::chain::Stored;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::operator::{Actor, Operator};
use crate::domain::plan::{Plan, Request};
use crate::domain::record::{Entry, Record};
use crate::domain::sensitive::{HIDDEN, Veil};
use crate::domain::signal::Signal;
use crate::domain::text::Outside;
use crate::ledger::Draft;

impl Engine {
    /// What hides the sensitive values of an incident from this person; `None` where nothing is hidden from them.
    pub(super) fn veil(&self, who: &Operator, incident: &Incident, signals: &[Signal]) -> Option<Veil<'_>> {
        let sensitive = &self.0.setup.sensitive;
        if sensitive.is_empty() || self.0.mirror.read().has_read(&who.name, &incident.id) {
            return None;
        }
        Some(sensitive.veil(incident, signals))
    }

    /// The values of every sensitive label there is, in lower case, and of one incident as its sources say it now.
    pub fn sensitive_values(&self, detail: Option<&Detail>) -> BTreeSet<String> {
        let sensitive = &self.0.setup.sensitive;
        if sensitive.is_empty() {
            return BTreeSet::new();
        }
        let of =
            |incident: &Incident, signals: &[Signal]| sensitive.veil(incident, signals).values().to_vec();
        let all = self.0.mirror.all();
        let known = all.iter().flat_map(|incident| of(incident, &[]));
        known.chain(detail.into_iter().flat_map(|it| of(&it.incident, &it.signals))).collect()
    }

    /// An incident as this person sees it.
    pub(super) fn seen(&self, who: &Operator, incident: Arc<Incident>) -> Arc<Incident> {
        match self.veil(who, &incident, &[]) {
            Some(veil) if !veil.is_empty() => Arc::new(veil.incident(&incident)),
            _ => incident,
        }
    }

    /// An answer with the incident as this person sees it.
    pub(super) fn answered(
        &self,
        who: &Operator,
        answer: Result<Arc<Incident>, Refusal>,
    ) -> Result<Arc<Incident>, Refusal> {
        answer.map(|incident| self.seen(who, incident)).map_err(|refusal| self.refused(who, refusal))
    }

    /// As [`answered`](Self::answered).
    pub(super) fn received(
        &self,
        who: &Operator,
        answer: Result<Receipt, Refusal>,
    ) -> Result<Receipt, Refusal> {
        let seen = |receipt: Receipt| Receipt { incident: self.seen(who, receipt.incident), ..receipt };
        answer.map(seen).map_err(|refusal| self.refused(who, refusal))
    }

    pub(super) fn refused(&self, who: &Operator, refusal: Refusal) -> Refusal {
        let current = refusal.current.map(|current| self.seen(who, current));
        Refusal { current, ..refusal }
    }

    /// Everything about an incident as this person sees it.
    pub(super) fn detail_seen(&self, who: &Operator, mut detail: Detail) -> Detail {
        if let Some(veil) = self.veil(who, &detail.incident, &detail.signals) {
            detail.incident = Arc::new(veil.incident(&detail.incident));
            detail.records.iter_mut().for_each(|record| veil.record(record));
            detail.signals.iter_mut().for_each(|signal| veil.signal(signal));
        }
        detail
    }

    /// What has happened as this person sees it.
    pub(super) fn changes_seen(&self, who: &Operator, mut changes: Changes) -> Changes {
        if self.0.setup.sensitive.is_empty() {
            return changes;
        }
        for incident in &mut changes.incidents {
            *incident = self.seen(who, incident.clone());
        }
        for (_, _, notice) in &mut changes.notices {
            match notice.incident.as_ref().map(|id| self.find(id)) {
                None => {}
                Some(Some(incident)) => {
                    self.veil(who, &incident, &[]).iter().for_each(|veil| veil.notice(notice));
                }
                // Closed long ago: what it hides is not known here any more.
                Some(None) => notice.text = Outside::new(HIDDEN),
            }
        }
        changes
    }

    /// A text that others read too, whatever whoever wrote it has read.
    pub(super) fn for_anybody(&self, text: Outside) -> Outside {
        let sensitive = &self.0.setup.sensitive;
        if sensitive.is_empty() {
            return text;
        }
        let all = self.0.mirror.all();
        all.iter().fold(text, |text, incident| sensitive.veil(incident, &[]).text(&text))
    }

    /// Records as this person sees them.
    pub(super) async fn records_seen(
        &self,
        who: &Operator,
        mut records: Vec<Record>,
    ) -> Result<Vec<Record>, Refusal> {
        if self.0.setup.sensitive.is_empty() {
            return Ok(records);
        }
        let mut about: BTreeMap<IncidentId, Arc<Incident>> = BTreeMap::new();
        for record in &mut records {
            let Some(id) = record.incident.clone() else { continue };
            let incident = match about.get(&id) {
                Some(incident) => incident.clone(),
                None => about.entry(id.clone()).or_insert(self.incident_now(&id).await?).clone(),
            };
            self.veil(who, &incident, &[]).iter().for_each(|veil| veil.record(record));
        }
        Ok(records)
    }

    /// A stored record as this person sees it. Its links stay those of the bytes as they stand in the file.
    pub(super) async fn stored_seen(&self, who: &Operator, stored: Stored) -> Result<Stored, Refusal> {
        let Ok(record) = serde_json::from_str::<Record>(stored.bytes.raw()) else { return Ok(stored) };
        let seen = self.records_seen(who, vec![record.clone()]).await?;
        match seen.into_iter().next() {
            Some(seen) if seen != record => {
                let bytes = serde_json::to_string(&seen).unwrap_or_else(|_| HIDDEN.to_owned());
                Ok(Stored { bytes: Outside::new(bytes), ..stored })
            }
            _ => Ok(stored),
        }
    }

    /// That somebody reads what is sensitive of an incident, as it is written down.
    pub(super) async fn reading(&self, id: &IncidentId) -> Result<Entry, Refusal> {
        let incident = self.incident_now(id).await?;
        let signals = self.signals_of(&incident).await;
        let veil = self.0.setup.sensitive.veil(&incident, &signals);
        if veil.is_empty() {
            return Err(refused(format!("{id} has no sensitive label; nothing of it is hidden")));
        }
        Ok(Entry::SensitiveRead { labels: veil.labels().cloned().collect() })
    }

    /// Writes down that this person reads what is sensitive: durable before it is shown.
    async fn read_on_record(&self, who: &Operator, id: &IncidentId) -> Result<(), Refusal> {
        let entry = self.reading(id).await?;
        self.append(vec![Draft::of(id, Actor::Person(who.clone()), self.now(), entry)]).await?;
        Ok(())
    }

    /// What applies as this person sees it. A target cannot be chosen unseen: where a form offers a sensitive value for
    /// a change, that is a reading.
    pub(super) async fn applicable_seen(
        &self,
        who: &Operator,
        incident: &Incident,
        mut all: Vec<Applicable>,
    ) -> Result<Vec<Applicable>, Refusal> {
        let offers_it = self.veil(who, incident, &[]).is_some_and(|veil| {
            let changes = all.iter().filter(|it| it.verb.changes()).flat_map(|it| &it.asked);
            changes.flat_map(|asked| &asked.offers).any(|offer| veil.hides(&offer.value))
        });
        if offers_it {
            self.read_on_record(who, &incident.id).await?;
        } else if let Some(veil) = self.veil(who, incident, &[]) {
            for asked in all.iter_mut().flat_map(|it| &mut it.asked) {
                let offered = asked.offers.iter_mut().map(|offer| &mut offer.from);
                offered.chain(&mut asked.prefilled).for_each(|text| *text = veil.text(text));
            }
        }
        Ok(all)
    }

    /// A plan is literal, and what leaves with it is not hidden: who sees one that says what is sensitive has read it, and
    /// one that tells it to others says so.
    pub(super) async fn plan_seen(
        &self,
        who: &Operator,
        incident: &Incident,
        plan: &mut Plan,
    ) -> Result<(), Refusal> {
        let sensitive = &self.0.setup.sensitive;
        if sensitive.is_empty() {
            return Ok(());
        }
        let told: Vec<Outside> = match &plan.request {
            Request::Tell(telling) => {
                let said = telling.packet.iter().filter_map(|(_, said)| said.clone());
                said.chain([telling.subject.clone()]).collect()
            }
            Request::Http(_) | Request::Exec(_) | Request::Publish(_) => Vec::new(),
        };
        let veil = sensitive.veil(incident, &[]);
        if told.iter().any(|text| veil.hides(text)) {
            let labels: Vec<String> = veil.labels().map(|label| label.safe().to_string()).collect();
            plan.warnings.push(format!("what is sensitive leaves as it is: {}", labels.join(", ")));
        }
        let says_it = self.veil(who, incident, &[]).is_some_and(|veil| {
            let mut values = plan.parameters.values().map(|value| &value.value).chain(&told);
            values.any(|text| veil.hides(text))
        });
        if says_it { self.read_on_record(who, &incident.id).await } else { Ok(()) }
    }
}

/// Refuses a text that was taken from where something is hidden: nobody means the dots themselves.
pub(super) fn none_hidden<'a>(texts: impl IntoIterator<Item = &'a Outside>) -> Result<(), Refusal> {
    match texts.into_iter().any(|text| text.raw().contains(HIDDEN)) {
        false => Ok(()),
        true => {
            let why = format!("{HIDDEN} stands for what is hidden; show it first, then write what is meant");
            Err(Refusal::new(RefusalKind::Usage, why))
        }
    }
}
