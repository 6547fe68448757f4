//! What must not be contained, or not so often, and not by one person alone.

use std::ops::Range;

use super::shape::quoted;
use super::walk::{Entry, Typed, Walk};
use super::{Config, keys};
use crate::domain::playbook::Playbook;
use crate::domain::protected::{Needs, Protected};

/// Reads `[[protected]]` into `config`, and notes what is wrong; `playbooks` are the ids of those there are, `approvable`
/// says that somebody may approve.
pub(super) fn read<'a>(
    walk: &mut Walk<'_>,
    root: &'a Typed<'a>,
    config: &mut Config,
    playbooks: &[&str],
    approvable: bool,
) {
    let entries: Vec<Entry<'_, Protected>> = walk.all(root, "protected", &keys::PROTECTED);
    for entry in &entries {
        for (index, why) in entry.value.flaws() {
            let at = entry.at_element("targets", index);
            walk.wrong(at, format!("`targets` holds no regular expression: {why}"), "");
        }
        if entry.value.needs == Needs::Approval && !approvable {
            nobody_approves(walk, entry.at(&["needs"]));
        }
        for (index, unknown) in entry.value.playbooks.iter().enumerate() {
            if !playbooks.contains(&unknown.as_str()) {
                let message = format!("there is no playbook `{}`", unknown.escape_default());
                let remedy = match playbooks {
                    [] => "add a [[playbook]], or remove this".to_owned(),
                    known => format!("there are {}; without `playbooks` it holds for all", quoted(known)),
                };
                walk.wrong(entry.at_element("playbooks", index), message, remedy);
            }
        }
    }
    config.setup.protected = entries.into_iter().map(|entry| entry.value).collect();
}

/// Notes that a second person is wanted, and that nobody can be one.
pub(super) fn nobody_approves(walk: &mut Walk<'_>, at: Range<usize>) {
    let remedy = "add a [[person]] with roles = [\"approver\"]; `quell identity init` prints one's own";
    walk.wrong(at, "nobody may approve this", remedy);
}

/// Notes limits of a playbook that contradict the rest of it.
pub(super) fn limits(walk: &mut Walk<'_>, entry: &Entry<'_, Playbook>) {
    let playbook = &entry.value;
    if playbook.max_targets > 1 && playbook.target.is_none() && entry.sound {
        let message = "`max_targets` is about a `target`, and there is none";
        walk.wrong(
            entry.at(&["max_targets"]),
            message,
            "add target = the parameter that names what is hit, or remove it",
        );
    }
    if playbook.per_hour.is_some_and(|most| most < playbook.max_targets) {
        let message = "`per_hour` is less than `max_targets`: so many at once could never be";
        walk.wrong(entry.at(&["per_hour"]), message, "raise per_hour, or lower max_targets");
    }
    if playbook.key_lifetime.is_some() && !playbook.idempotent {
        let message = "`key_lifetime` is about a key that is recognised, and `idempotent` is not set";
        walk.wrong(entry.at(&["key_lifetime"]), message, "add idempotent = true, or remove it");
    }
}
