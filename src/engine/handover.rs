//! Handing the watch over: offered with a card, taken with everything its giver holds.

use super::Engine;
use super::plans::refused;
use crate::backend::Refusal;
use crate::domain::incident::Incident;
use crate::domain::operator::{Actor, Operator};
use crate::domain::record::Entry;
use crate::domain::text::Outside;
use crate::ledger::Draft;

/// Bytes of a card that are kept.
const MAX_CARD: usize = 256 * 1024;

impl Engine {
    pub(super) async fn offer_the_watch(
        &self,
        who: &Operator,
        to: &str,
        card: Outside,
    ) -> Result<bool, Refusal> {
        let to = to.trim();
        if to.is_empty() || to == who.name {
            return Err(refused("the watch is offered to somebody else; say to whom"));
        }
        let card = Outside::capped(card.raw(), MAX_CARD);
        let entry = Entry::WatchOffered { to: to.to_owned(), card };
        self.append(vec![Draft::console(Actor::Person(who.clone()), self.now(), entry)]).await?;
        let listed = self.0.setup.people.iter().any(|person| person.name == to);
        // It is offered whatever that says: nobody may have looked here before their first night.
        Ok(listed || self.0.ledger.has_seen(to).await.unwrap_or(true))
    }

    /// All or nothing: the watch, the acknowledgements and the roles change hands together.
    pub(super) async fn take_the_watch(&self, who: &Operator, offer: u64) -> Result<(), Refusal> {
        let watch = self.0.mirror.read().watch.clone().filter(|watch| watch.seq == offer);
        let Some(watch) = watch else {
            return Err(refused("that offer stands no more: it was taken, or a newer one was made"));
        };
        let back = watch.by == who.name;
        if watch.to != who.name && !back {
            return Err(refused(format!("the watch was offered to {}", Outside::new(watch.to).safe())));
        }
        let (actor, now) = (Actor::Person(who.clone()), self.now());
        let entry = if back { Entry::WatchWithdrawn(offer) } else { Entry::WatchAccepted { offer } };
        let mut drafts = vec![Draft::console(actor.clone(), now, entry)];
        let lasts_s = self.0.setup.ack.expires.as_millis() / 1000;
        for incident in self.0.mirror.all().iter().filter(|incident| !back && !incident.is_closed()) {
            let entries = handed(incident, &watch.by, &who.name, lasts_s);
            drafts
                .extend(entries.into_iter().map(|entry| Draft::of(&incident.id, actor.clone(), now, entry)));
        }
        self.append(drafts).await?;
        Ok(())
    }
}

/// What changes hands on one incident.
fn handed(incident: &Incident, from: &str, to: &str, lasts_s: u64) -> Vec<Entry> {
    let mut out = Vec::new();
    if incident.owner.as_ref().is_some_and(|owner| owner.name == from) && incident.phase.is_open() {
        out.push(Entry::Acknowledged { lasts_s, from: Some(from.to_owned()) });
    }
    let mine = incident.roles.iter().filter(|(_, held)| held.name.raw() == from);
    out.extend(mine.map(|(role, held)| Entry::RoleTaken {
        role: *role,
        name: Outside::new(to),
        from: Some(held.name.clone()),
    }));
    out
}
