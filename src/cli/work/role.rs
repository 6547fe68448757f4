//! Who does what: `lead` and `role`.

use clap::Args;

use super::{Setting, Writes, refused};
use crate::cli::failure::Failure;
use crate::cli::words;
use crate::domain::incident::Incident;
use crate::domain::record::Entry;
use crate::domain::role::Role;
use crate::domain::text::Outside;
use crate::domain::time::date_time;

/// `quell lead ID NAME`.
#[derive(Debug, Args)]
#[command(override_usage = "quell lead <ID> <NAME> [--take-over]")]
pub(in crate::cli) struct Lead {
    /// Its id
    id: String,
    /// Who leads
    #[arg(value_parser = words::text)]
    name: String,
    /// Take it over from whoever leads
    #[arg(long)]
    take_over: bool,
}

/// `quell role ID ROLE [NAME] [--accept] [--take-over]`.
#[derive(Debug, Args)]
#[command(
    override_usage = "quell role <ID> <ROLE> [NAME] [--take-over]\n       quell role <ID> <ROLE> --accept"
)]
pub(in crate::cli) struct Part {
    /// Its id
    id: String,
    /// lead, commander, communications or scribe
    #[arg(value_parser = words::role)]
    role: Role,
    /// Who plays it; you unless it is said
    #[arg(value_parser = words::text)]
    name: Option<String>,
    /// Accept what was offered to you
    #[arg(long, conflicts_with_all = ["name", "take_over"])]
    accept: bool,
    /// Take it over from whoever plays it
    #[arg(long)]
    take_over: bool,
}

/// A free role is named, one's own is offered, another's is taken over on purpose only.
fn given(role: Role, name: &str, take_over: bool, on: &Setting<'_>) -> Result<Entry, Failure> {
    let (word, id, name) = (role.word(), &on.incident.id, Outside::new(name.trim()));
    let Some(held) = on.incident.roles.get(&role) else {
        return Ok(Entry::RoleTaken { role, name, from: None });
    };
    let holder = held.name.safe();
    if held.name == name {
        return refused(format!("{holder} is {word} of {id} already"));
    }
    if take_over {
        return Ok(Entry::RoleTaken { role, name, from: Some(held.name.clone()) });
    }
    if held.name.raw() == on.me {
        return Ok(Entry::RoleOffered { role, to: name });
    }
    if held.offered.as_ref().is_some_and(|to| *to == name && to.raw() == on.me) {
        return refused(format!("{holder} offers you {word} of {id}: quell role {id} {word} --accept"));
    }
    let since = date_time(held.since);
    refused(format!("{holder} is {word} of {id} since {since}; add --take-over to take it over"))
}

/// Who plays it now, and to whom it was offered.
fn held(role: Role, after: &Incident) -> String {
    let (id, word) = (&after.id, role.word());
    match after.roles.get(&role) {
        None => format!("{id} {word} nobody"),
        Some(held) => match &held.offered {
            Some(to) => {
                let (name, to) = (held.name.safe(), to.safe());
                format!(
                    "{id} {word} {name}, offered to {to}, who takes it with quell role {id} {word} --accept"
                )
            }
            None => format!("{id} {word} {}", held.name.safe()),
        },
    }
}

impl Writes for Lead {
    fn id(&self) -> &str {
        &self.id
    }

    fn entries(&self, on: &Setting<'_>) -> Result<Vec<Entry>, Failure> {
        Ok(vec![given(Role::Lead, &self.name, self.take_over, on)?])
    }

    fn said(&self, after: &Incident) -> String {
        held(Role::Lead, after)
    }
}

impl Writes for Part {
    fn id(&self) -> &str {
        &self.id
    }

    fn entries(&self, on: &Setting<'_>) -> Result<Vec<Entry>, Failure> {
        if self.accept {
            return Ok(vec![Entry::RoleAccepted { role: self.role }]);
        }
        let name = self.name.as_deref().unwrap_or(on.me);
        Ok(vec![given(self.role, name, self.take_over, on)?])
    }

    fn said(&self, after: &Incident) -> String {
        held(self.role, after)
    }
}
