//! How roles change hands.

use super::{Illegal, Incident, illegal};
use crate::domain::record::{Entry, Record};
use crate::domain::role::Held;

impl Incident {
    pub(super) fn apply_role(&mut self, record: &Record) -> Result<(), Illegal> {
        if self.is_closed() {
            return self.is_over();
        }
        let Some(by) = record.by.person() else { return illegal("only a person gives a role") };
        match &record.entry {
            Entry::RoleTaken { role, name, from } => {
                if name.is_blank() {
                    return illegal(format!("a {} needs a name", role.word()));
                }
                let held = self.role(*role);
                if held.is_some() && held != from.as_ref() && held != Some(name) {
                    let holder = held.map(|held| held.safe().to_string()).unwrap_or_default();
                    return illegal(format!("{holder} is {}; taking over must name them", role.word()));
                }
                self.roles.insert(*role, Held { name: name.clone(), since: record.at, offered: None });
            }
            Entry::RoleOffered { role, to } => {
                let Some(held) = self.roles.get_mut(role) else {
                    return illegal(format!("nobody is {} yet; it can be taken", role.word()));
                };
                if held.name.raw() != by {
                    let holder = held.name.safe();
                    return illegal(format!("{holder} is {}, and only they offer it", role.word()));
                }
                if to.is_blank() || *to == held.name {
                    return illegal("an offer needs the name of somebody else");
                }
                held.offered = Some(to.clone());
            }
            Entry::RoleAccepted { role } => {
                let Some(held) = self.roles.get_mut(role) else {
                    return illegal(format!("nobody offered to be {}", role.word()));
                };
                match held.offered.take() {
                    Some(to) if to.raw() == by => {
                        *held = Held { name: to, since: record.at, offered: None };
                    }
                    Some(to) => {
                        let why = format!("{} was offered to {}", role.word(), to.safe());
                        held.offered = Some(to);
                        return illegal(why);
                    }
                    None => return illegal(format!("nobody offered {} to anybody", role.word())),
                }
            }
            _ => {}
        }
        Ok(())
    }
}
