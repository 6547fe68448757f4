//! Who plays which role: the sheet, and the words of the detail.

use super::fields::caret;
use super::prompt::{Sheet, error};
use super::{Line, Page, Role, own, wrapped};
use crate::console::model::Model;
use crate::console::prompt::Roles;
use crate::domain::incident::Incident;
use crate::domain::record::Entry;
use crate::domain::role;
use crate::domain::time::{Time, age};

/// The sheet.
pub fn sheet(model: &Model, roles: &Roles, cols: u16, now: Time) -> Sheet {
    let id = &roles.id;
    let me = model.settings.operator.as_str();
    let mut body = Page::new();
    let mut foot = vec![caret(" name > ", &roles.field, cols)];
    if let Some(incident) = model.board.get(id) {
        for one in role::Role::ALL {
            let here = one == roles.at;
            let line = line(incident, one, if here { "▶" } else { " " }, now);
            body.push(if here { line.in_role(Role::Chosen) } else { line });
        }
        let does = match roles.change(incident, me) {
            Ok(entry) => wrapped(Role::Plain, " ", &does(&entry, roles.at, me), cols),
            Err(why) => wrapped(Role::Dim, " ", &own(&why), cols),
        };
        foot.extend(match &roles.error {
            Some(why) => error(Some(own(why).to_string()), cols),
            None => does,
        });
    }
    let at = role::Role::ALL.iter().position(|one| *one == roles.at).unwrap_or(0);
    let top = u16::try_from(at.saturating_sub(2)).unwrap_or(0);
    Sheet { title: format!("roles of {id}"), head: 0, body, foot, top, grave: false }
}

fn line(incident: &Incident, one: role::Role, mark: &str, now: Time) -> Line {
    let line = Line::of(Role::Plain, format!(" {mark} {:<14} ", one.word()));
    match incident.roles.get(&one) {
        Some(held) => {
            let offered = held.offered.as_ref().map(|to| format!(" → {} (offered)", to.capped_safe(24)));
            line.and(Role::Strong, held.name.capped_safe(24))
                .and(Role::Warn, offered.unwrap_or_default())
                .and(Role::Dim, format!("  since {}", age(held.since, now)))
        }
        None if one == role::Role::Commander && incident.lacks_commander() => {
            line.and(Role::Warn, "nobody: a critical incident needs one")
        }
        None => line.and(Role::Dim, "—"),
    }
}

/// What Enter will do, before it is pressed.
fn does(entry: &Entry, one: role::Role, me: &str) -> String {
    let word = one.word();
    match entry {
        Entry::RoleTaken { name, from: None, .. } if name.raw() == me => {
            format!("Enter makes you {word}; or type a name")
        }
        Entry::RoleTaken { name, from: None, .. } => format!("Enter makes {} {word}", name.safe()),
        Entry::RoleTaken { from: Some(from), .. } => {
            format!("Enter takes it over from {}", from.safe())
        }
        Entry::RoleOffered { to, .. } => {
            format!("Enter offers it to {}: theirs once they accept", to.safe())
        }
        _ => format!("Enter accepts: you will be {word}"),
    }
}

/// `ana`, `ana → bo (offered)`
pub fn holder(incident: &Incident, one: role::Role) -> Option<String> {
    let held = incident.roles.get(&one)?;
    let offered = held.offered.as_ref().map(|to| format!(" → {} (offered)", to.capped_safe(24)));
    Some(format!("{}{}", held.name.capped_safe(24), offered.unwrap_or_default()))
}
