//! Verbs that stay in our ledger, and incidents opened by hand.

use std::sync::Arc;

use super::Engine;
use super::plans::refused;
use crate::backend::{Refusal, RefusalKind, Report};
use crate::domain::card::Denied;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::opening::Opening;
use crate::domain::operator::{Actor, Operator};
use crate::domain::record::{CloseReason, Entry, Snoozed};
use crate::domain::severity::Severity;
use crate::domain::text::Outside;
use crate::ledger::{Draft, LedgerError};

impl Engine {
    pub(super) async fn record_local(
        &self,
        who: &Operator,
        id: &IncidentId,
        seen: u64,
        entry: Entry,
    ) -> Result<Arc<Incident>, Refusal> {
        if !entry.is_local() {
            return Err(Refusal::new(RefusalKind::Usage, "that is not something a person writes down"));
        }
        if let Entry::Snoozed(Snoozed { until, .. }) = &entry {
            let limits = self.0.setup.snooze;
            let severity = self.0.mirror.get(id).map_or(Severity::Critical, |incident| incident.severity);
            let allowed = limits.allow(severity, self.now(), *until);
            allowed.map_err(|why| Refusal::new(RefusalKind::Refused, why))?;
            return self.put_off(who, id, seen, entry).await;
        }
        if let Entry::Noted { text } = &entry
            && let Some(denied) = Denied::by(text)
        {
            // What was ruled out in doubt would be missed by whoever reads the card.
            denied.is_clear(&self.0.ledger.records_of(id).await?).map_err(refused)?;
        }
        if let Entry::Closed { reason: CloseReason::Resolved, .. } = &entry {
            self.can_write()?;
            if !*self.0.held.borrow() {
                self.refresh_live().await;
            }
            self.doubt_health().await;
        }
        let actor = Actor::Person(who.clone());
        let draft = Draft { seen: Some(seen), ..Draft::of(id, actor, self.now(), entry) };
        let mut drafts = self.with_all_undone(&[draft]).await?;
        // The person's own comes last in what is told of several.
        drafts.rotate_left(1);
        self.one(drafts).await
    }

    /// Puts it off, unless it got worse than it was when that was asked for.
    async fn put_off(
        &self,
        who: &Operator,
        id: &IncidentId,
        seen: u64,
        entry: Entry,
    ) -> Result<Arc<Incident>, Refusal> {
        loop {
            let records = self.0.ledger.records_of(id).await?;
            let (version, worse) = Incident::worse_since(&records, seen)
                .map_err(|illegal| Refusal::new(RefusalKind::Refused, illegal.0))?;
            if let Some(worse) = worse {
                let why = format!("{id} is not snoozed: {}, since you were asked", worse.words());
                let current = self.find(id);
                return Err(Refusal { current, ..Refusal::new(RefusalKind::Changed, why) });
            }
            let actor = Actor::Person(who.clone());
            let draft = Draft::of(id, actor, self.now(), entry.clone());
            let draft = Draft { seen: Some(seen), version: Some(version), ..draft };
            match self.append(vec![draft]).await {
                // Something was written about it meanwhile: that is looked at as well.
                Err(LedgerError::Moved) => {}
                Err(error) => return Err(error.into()),
                Ok(appended) => {
                    let incident = appended.into_iter().find_map(|appended| appended.incident);
                    return incident.ok_or_else(|| LedgerError::NotFound("the incident".to_owned()).into());
                }
            }
        }
    }

    pub(super) async fn open_by_hand(
        &self,
        who: &Operator,
        report: Report,
    ) -> Result<Arc<Incident>, Refusal> {
        if report.title.is_blank() {
            return Err(Refusal::new(RefusalKind::Usage, "an incident needs a title"));
        }
        let now = self.now();
        let entry = Entry::Opened(Box::new(Opening {
            title: Outside::capped(report.title.raw(), 1024),
            severity: report.severity,
            unmapped: false,
            category: report.category,
            service: report.service,
            group: None,
            signal: None,
            because: Outside::new(format!("opened by {}", who.name)),
            labels: report.labels.into(),
            ack_due: self.0.setup.ack.due(report.severity, now),
            recurrence_of: None,
            reported: report.reported.map(Box::new),
        }));
        self.one(vec![Draft::opening(Actor::Person(who.clone()), now, entry)]).await
    }

    /// Appends, and gives back the incident as the last record leaves it.
    pub(super) async fn one(&self, drafts: Vec<Draft>) -> Result<Arc<Incident>, Refusal> {
        let appended = self.append(drafts).await?;
        let incident = appended.into_iter().filter_map(|appended| appended.incident).next_back();
        incident.ok_or_else(|| LedgerError::NotFound("the incident".to_owned()).into())
    }
}
