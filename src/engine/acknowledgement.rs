//! An acknowledgement here that is one at the incident's sources too.

use std::collections::BTreeMap;

use super::Engine;
use crate::backend::{Applicable, Confirmation, Receipt, Refusal};
use crate::domain::action::Verb;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::operator::Operator;
use crate::domain::parameter::{Offer, Origin};

impl Engine {
    /// Acknowledges it wherever its sources want that and nobody holds it there: what became of each so far.
    pub(super) async fn acknowledge_at_sources(
        &self,
        who: &Operator,
        id: &IncidentId,
    ) -> Result<Vec<Result<Receipt, Refusal>>, Refusal> {
        let incident = &*self.incident_now(id).await?;
        let mut out = Vec::new();
        if incident.held_upstream().is_some() {
            return Ok(out);
        }
        let calls = self.upstream_calls(who, incident).await;
        for it in calls.iter().filter(|it| it.suggested && it.barred.is_none()) {
            let (Some(source), Some(target)) = (asks(it), it.asked.first()) else { continue };
            // One for each of its incidents there.
            for offer in target.offers.iter().filter(|offer| !is_held(incident, source, offer)) {
                let given = BTreeMap::from([(target.name.clone(), offer.value.clone())]);
                let planned = self.make_plan(who, id, it.verb.clone(), given).await;
                out.push(match planned {
                    Ok(plan) => self.carry_out(who, &plan.hash, Confirmation::default()).await,
                    Err(refusal) => Err(refusal),
                });
            }
        }
        Ok(out)
    }
}

/// The source that is asked, where one is.
fn asks(it: &Applicable) -> Option<&str> {
    match &it.verb {
        Verb::Upstream { playbook } => Some(playbook.split_once('/')?.0),
        _ => None,
    }
}

/// Whether somebody holds there what is meant.
fn is_held(incident: &Incident, source: &str, offer: &Offer) -> bool {
    let Origin::Label(label) = &offer.origin else { return false };
    let mut meant = incident.signals_from(source).filter(|signal| {
        signal.cleared.is_none() && signal.labels.raw_value(label.as_str()) == Some(offer.value.raw())
    });
    meant.any(|signal| signal.held_by().is_some())
}
