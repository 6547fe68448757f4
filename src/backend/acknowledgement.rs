//! An acknowledgement here that is one at the incident's sources too.

use std::collections::BTreeMap;

use super::{Backend, Confirmation, Receipt, Refusal};
use crate::domain::action::Verb;
use crate::domain::incident::Incident;
use crate::domain::operator::Operator;

/// Acknowledges it wherever its sources want that and nobody holds it there: what became of each so far. Nothing where
/// there is nothing to do.
pub async fn acknowledge_there(
    backend: &dyn Backend,
    who: &Operator,
    incident: &Incident,
) -> Vec<Result<Receipt, Refusal>> {
    if incident.held_upstream().is_some() {
        return Vec::new();
    }
    let offered = match backend.applicable(who, &incident.id).await {
        Ok(offered) => offered,
        Err(refusal) => return vec![Err(refusal)],
    };
    let brought = |verb: &Verb| matches!(verb, Verb::Upstream { .. });
    let mut out = Vec::new();
    for it in offered.iter().filter(|it| it.suggested && it.barred.is_none() && brought(&it.verb)) {
        let Some(target) = it.asked.first() else { continue };
        // One for each of its incidents there.
        for offer in &target.offers {
            let given = BTreeMap::from([(target.name.clone(), offer.value.clone())]);
            let planned = backend.plan(who, &incident.id, it.verb.clone(), given).await;
            out.push(match planned {
                Ok(plan) => backend.submit(who, &plan.hash, Confirmation::default()).await,
                Err(refusal) => Err(refusal),
            });
        }
    }
    out
}
