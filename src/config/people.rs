//! Whose keys are known, and where the operator's own is.

use std::collections::BTreeMap;

use super::walk::{Entry, Typed, Walk, get};
use super::{Config, keys};
use crate::domain::identity::{Person, Standing};
use crate::identity;

/// Reads the tables into `config`, and notes what is wrong. Whether somebody may approve, as far as can be read.
pub(super) fn read(walk: &mut Walk<'_>, root: &Typed<'_>, config: &mut Config) -> bool {
    if let Some(entry) = walk.one::<identity::Settings>(root, "identity", &keys::IDENTITY) {
        if entry.value.key_file.is_some() && entry.value.agent.is_some() {
            let message = "a key is in a file or with the agent, not both";
            walk.wrong(entry.at(&["agent"]), message, "keep one of key_file and agent");
        }
        config.identity = entry.value;
    }
    let people: Vec<Entry<'_, Person>> = walk.all(root, "person", &keys::PERSON);
    let mut owners = BTreeMap::new();
    for entry in &people {
        let Person { name, key, .. } = &entry.value;
        if let Some(other) = owners.insert(key.id(), name) {
            let message = format!("this is {other}'s key");
            walk.wrong(
                entry.at(&["key"]),
                message,
                "nobody shares a key; `quell identity show` prints one's own",
            );
        }
    }
    let tables = get(root, "person").and_then(|value| value.get_ref().as_array()).map_or(0, |all| all.len());
    let unread = people.len() < tables;
    config.setup.people = people.into_iter().map(|entry| entry.value).collect();
    unread || config.setup.people.iter().any(|person| person.may(Standing::Approver))
}
