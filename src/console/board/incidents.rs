//! The incidents that are known, found by their ids: among a hundred thousand as soon as among a hundred.

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use foldhash::fast::RandomState;
use serde::{Deserialize, Serialize, Serializer};

use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;

/// Incidents by their ids. They are in no order, and are written down as a map in that of the ids.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "BTreeMap<IncidentId, Arc<Incident>>")]
pub struct Incidents(HashSet<ById, RandomState>);

/// The id is read where the incident is, and takes no memory besides.
#[derive(Clone, Debug)]
struct ById(Arc<Incident>);

impl Borrow<IncidentId> for ById {
    fn borrow(&self) -> &IncidentId {
        &self.0.id
    }
}

impl Hash for ById {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.id.hash(state);
    }
}

impl PartialEq for ById {
    fn eq(&self, other: &Self) -> bool {
        self.0.id == other.0.id
    }
}

impl Eq for ById {}

impl Incidents {
    /// The one with this id.
    pub fn get(&self, id: &IncidentId) -> Option<&Arc<Incident>> {
        self.0.get(id).map(|ById(it)| it)
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Incident>> {
        self.0.iter().map(|ById(it)| it)
    }

    /// Takes one in, in place of what had its id.
    pub fn put(&mut self, incident: Arc<Incident>) {
        self.0.replace(ById(incident));
    }

    /// Takes one out.
    pub fn remove(&mut self, id: &IncidentId) -> Option<Arc<Incident>> {
        self.0.take(id).map(|ById(it)| it)
    }
}

impl PartialEq for Incidents {
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len() && self.iter().all(|it| other.get(&it.id) == Some(it))
    }
}

impl From<BTreeMap<IncidentId, Arc<Incident>>> for Incidents {
    fn from(all: BTreeMap<IncidentId, Arc<Incident>>) -> Self {
        Self(all.into_values().map(ById).collect())
    }
}

impl Serialize for Incidents {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.iter().map(|it| (&it.id, it)).collect::<BTreeMap<_, _>>().serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::category::Category;
    use crate::domain::opening::Opening;
    use crate::domain::operator::Actor;
    use crate::domain::record::{Entry, FORMAT, Record};
    use crate::domain::severity::Severity;
    use crate::domain::signal::Labels;
    use crate::domain::text::Outside;
    use crate::domain::time::Time;

    fn one(number: u64, title: &str) -> Arc<Incident> {
        let opening = Opening {
            title: Outside::new(title),
            severity: Severity::High,
            unmapped: false,
            category: Category::Outage,
            service: Outside::default(),
            group: None,
            signal: None,
            because: Outside::default(),
            labels: Labels::new().into(),
            ack_due: None,
            recurrence_of: None,
            reported: None,
        };
        let (incident, entry) = (Some(IncidentId::new("ANA", number)), Entry::Opened(Box::new(opening)));
        let (at, by) = (Time::UNIX_EPOCH, Actor::Engine);
        Arc::new(Incident::open(&Record { v: FORMAT, on: None, seq: 1, at, by, incident, entry }).unwrap())
    }

    fn of(all: &[Arc<Incident>]) -> Incidents {
        let mut out = Incidents::default();
        all.iter().for_each(|it| out.put(Arc::clone(it)));
        out
    }

    #[test]
    fn they_are_written_down_in_one_order_and_read_as_they_were() {
        let mut all: Vec<_> = (1..=20).map(|number| one(number, "down")).collect();
        let incidents = of(&all);
        all.reverse();
        let written = serde_json::to_string(&incidents).unwrap();
        assert_eq!(serde_json::to_string(&of(&all)).unwrap(), written);
        let by_id: BTreeMap<IncidentId, Arc<Incident>> = serde_json::from_str(&written).unwrap();
        assert_eq!(serde_json::to_string(&by_id).unwrap(), written);
        assert_eq!(serde_json::from_str::<Incidents>(&written).unwrap(), incidents);
    }

    #[test]
    fn two_are_alike_where_all_that_is_known_is() {
        let mut incidents = of(&[one(1, "down"), one(2, "down")]);
        let before = incidents.clone();
        incidents.put(one(2, "up"));
        assert_ne!(incidents, before);
        assert_eq!(incidents.get(&IncidentId::new("ANA", 2)).map(|it| it.title().raw()), Some("up"));
        incidents.put(one(2, "down"));
        assert_eq!(incidents, before);
        assert_eq!(incidents.remove(&IncidentId::new("ANA", 1)).map(|it| it.id.number()), Some(1));
        assert_ne!(incidents, before);
        assert_eq!(incidents.iter().count(), 1);
    }
}
