//! What a playbook must be beyond its shape: a containment that hits what was shown, and nothing else.

use crate::domain::playbook::{Confirm, Playbook};
use crate::net::header_flaw;

use super::carry;
use super::walk::{Entry, Walk};

/// The value every template may name.
pub(super) const INCIDENT_ID: &str = "incident.id";

/// Checks one playbook; `apis` are the names of those there are.
pub(super) fn check(walk: &mut Walk<'_>, entry: &Entry<'_, Playbook>, apis: &[&str]) {
    let playbook = &entry.value;
    if playbook.approvals > 0 {
        walk.wrong(
            entry.at(&["approvals"]),
            "this build cannot ask for a second person's approval yet",
            "write approvals = 0",
        );
    }
    if entry.sound {
        target(walk, entry);
    }
    if let Some((flaw, remedy)) = header_flaw(&playbook.key_header) {
        let shown = playbook.key_header.escape_default();
        walk.wrong(entry.at(&["key_header"]), format!("the header `{shown}` {flaw}"), remedy);
    }
    parameters(walk, entry);
    for (place, carry) in [
        ("lookup", playbook.lookup.as_ref()),
        ("do", Some(&playbook.carry)),
        ("verify", playbook.verify.as_ref()),
        ("undo", playbook.undo.as_ref()),
    ] {
        if let Some(carry) = carry {
            carry::check(walk, entry, place, carry, apis);
        }
    }
    if let Some(undo) = &playbook.undo
        && !undo.expect_after().is_empty()
        && entry.sound
        && playbook.verify.is_none()
    {
        let at = carry::at(entry, "undo", undo, "expect_after");
        let message = "`expect_after` is read as [playbook.verify] reads, and there is none";
        walk.wrong(at, message, "add one, or remove expect_after");
    }
}

fn target(walk: &mut Walk<'_>, entry: &Entry<'_, Playbook>) {
    let playbook = &entry.value;
    match &playbook.target {
        Some(target) if !playbook.parameter.iter().any(|parameter| parameter.name == *target) => {
            let message = format!("`target` names no parameter: `{}`", target.escape_default());
            walk.wrong(entry.at(&["target"]), message, declared(playbook));
        }
        None if playbook.confirm == Confirm::TypeTarget => walk.wrong(
            entry.at(&["confirm"]),
            "confirm = \"type-target\" needs a `target` to type",
            "add target = the parameter that names what is hit, or write confirm = \"enter\" if it is harmless",
        ),
        _ => {}
    }
}

fn parameters(walk: &mut Walk<'_>, entry: &Entry<'_, Playbook>) {
    let playbook = &entry.value;
    for (index, parameter) in playbook.parameter.iter().enumerate() {
        let at = |key: &str| entry.at_item("parameter", index, key);
        let name = parameter.name.escape_default();
        if playbook.parameter.iter().take(index).any(|earlier| earlier.name == parameter.name) {
            walk.wrong(at("name"), format!("two parameters are called `{name}`"), "give one another name");
        }
        if parameter.name == INCIDENT_ID
            || parameter.name.contains(['{', '}'])
            || parameter.name.trim() != parameter.name
        {
            walk.wrong(at("name"), format!("no parameter can be called `{name}`"), "give it a plain name");
        }
        if parameter.from.is_some() && parameter.label().is_none_or(str::is_empty) {
            walk.wrong(at("from"), "`from` names no label", "write it like from = \"label:account_id\"");
        }
        // Matched whole, as it will be.
        match regex::Regex::new(&format!("^(?:{})$", parameter.allow)) {
            Ok(allow) => {
                if parameter.default.as_deref().is_some_and(|default| !allow.is_match(default)) {
                    walk.wrong(at("default"), "`default` does not match `allow`", "change one of them");
                }
            }
            Err(error) => {
                let why = error.to_string();
                let why = why.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
                walk.wrong(at("allow"), format!("`allow` is no regular expression: {why}"), "");
            }
        }
    }
}

pub(super) fn declared(playbook: &Playbook) -> String {
    let names: Vec<&str> = playbook.parameter.iter().map(|parameter| parameter.name.as_str()).collect();
    match names.as_slice() {
        [] => "declare it as a [[playbook.parameter]]".to_owned(),
        names => format!("its parameters are {}", super::shape::quoted(names)),
    }
}
