//! Who plays which role: taken, offered and accepted on one sheet.

use serde::{Deserialize, Serialize};

use crate::console::field::Field;
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::record::Entry;
use crate::domain::role::Role;
use crate::domain::text::Outside;

/// Who plays which role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Roles {
    /// In the response to which incident.
    pub id: IncidentId,
    /// The version that was shown.
    pub seen: u64,
    /// The highlighted role.
    pub at: Role,
    /// The name that is typed; empty means the person themselves.
    pub field: Field,
    /// The person was told from whom it is taken.
    pub sure: bool,
    /// Why it will not do.
    pub error: Option<String>,
}

/// The first role that was offered to somebody and waits for them.
pub fn offered_to(incident: &Incident, name: &str) -> Option<Role> {
    let waits = |role: &Role| {
        let offered = incident.roles.get(role).and_then(|held| held.offered.as_ref());
        offered.is_some_and(|to| to.raw() == name)
    };
    Role::ALL.into_iter().find(waits).filter(|_| !incident.is_closed())
}

impl Roles {
    /// The roles of an incident, this one highlighted.
    pub fn new(incident: &Incident, at: Role) -> Self {
        let (id, seen) = (incident.id.clone(), incident.version);
        Self { id, seen, at, field: Field::default(), sure: false, error: None }
    }

    /// What Enter asks to be written down.
    ///
    /// # Errors
    /// Why there is nothing to write, and what to type instead.
    pub fn change(&self, incident: &Incident, me: &str) -> Result<Entry, String> {
        let (role, typed) = (self.at, self.field.text());
        let mine = typed.trim().is_empty() || typed.trim() == me;
        let name = Outside::new(if mine { me } else { typed.trim() });
        let word = role.word();
        match incident.roles.get(&role) {
            None => Ok(Entry::RoleTaken { role, name, from: None }),
            Some(held) if mine && held.offered.as_ref() == Some(&name) => Ok(Entry::RoleAccepted { role }),
            Some(held) if held.name == name && mine => {
                Err(format!("you are {word}; type a name to offer it to somebody"))
            }
            Some(held) if held.name == name => Err(format!("{} is {word} already", name.safe())),
            Some(held) if mine => Ok(Entry::RoleTaken { role, name, from: Some(held.name.clone()) }),
            Some(held) if held.name.raw() == me => Ok(Entry::RoleOffered { role, to: name }),
            Some(held) => {
                let holder = held.name.safe();
                Err(format!("{holder} is {word}, and only they offer it; without a name you take it over"))
            }
        }
    }
}
