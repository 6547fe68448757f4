//! What a playbook must be beyond its shape: a containment that hits what was shown, and nothing else.

use crate::domain::parameter::{Parameter, Prefill};
use crate::domain::playbook::{Before, Confirm, Playbook};
use crate::net::header_flaw;
use crate::playbooks::render::RUN_WITHIN;

use super::walk::{Entry, Walk};
use super::{carry, guard};

/// The value every template may name.
pub(super) const INCIDENT_ID: &str = "incident.id";

/// Checks one playbook; `apis` are the names of those there are, `items` says of an item of the packet what else there
/// is when nothing finds it, `approvable` says that somebody may approve.
pub(super) fn check(
    walk: &mut Walk<'_>,
    entry: &Entry<'_, Playbook>,
    apis: &[&str],
    items: &dyn Fn(&str) -> Result<(), String>,
    approvable: bool,
) {
    let playbook = &entry.value;
    if playbook.approvals > 0 && !approvable {
        guard::nobody_approves(walk, entry.at(&["approvals"]));
    }
    if entry.sound {
        target(walk, entry);
    }
    if let Some((flaw, remedy)) = header_flaw(&playbook.key_header) {
        let shown = playbook.key_header.escape_default();
        walk.wrong(entry.at(&["key_header"]), format!("the header `{shown}` {flaw}"), remedy);
    }
    parameters(walk, entry, items);
    for (place, carry) in [
        ("lookup", playbook.lookup.as_ref()),
        ("do", Some(&playbook.carry)),
        ("verify", playbook.verify.as_ref()),
        ("undo", playbook.undo.as_ref()),
    ] {
        if let Some(carry) = carry {
            carry::check(walk, entry, &[place], carry, apis);
        }
    }
    if let Some(lookup) = &playbook.lookup
        && lookup.within().is_some_and(|within| within > RUN_WITHIN)
    {
        let remedy = format!("write at most \"{RUN_WITHIN}\": whoever confirms waits for it");
        walk.wrong(carry::at(entry, &["lookup"], lookup, "within"), "`within` is too long", remedy);
    }
    for (index, before) in playbook.before.iter().enumerate() {
        self::before(walk, entry, index, before, apis);
    }
    if let Some(undo) = &playbook.undo
        && !undo.expect_after().is_empty()
        && entry.sound
        && playbook.verify.is_none()
    {
        let at = carry::at(entry, &["undo"], undo, "expect_after");
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

fn parameters(walk: &mut Walk<'_>, entry: &Entry<'_, Playbook>, items: &dyn Fn(&str) -> Result<(), String>) {
    let playbook = &entry.value;
    for (index, parameter) in playbook.parameter.iter().enumerate() {
        let at = |key: &str| entry.at_item("parameter", index, key);
        if playbook.parameter.iter().take(index).any(|earlier| earlier.name == parameter.name) {
            let name = parameter.name.escape_default();
            walk.wrong(at("name"), format!("two parameters are called `{name}`"), "give one another name");
        }
        for flaw in parameter.allowed().err().into_iter().flatten() {
            walk.wrong(at(flaw.key), flaw.message, flaw.remedy);
        }
        if let Some(Prefill::Item(item)) = parameter.prefill()
            && let Err(remedy) = items(item)
        {
            let message = format!("nothing finds `{}` for the packet", item.escape_default());
            walk.wrong(at("from"), message, remedy);
        }
    }
}

/// What is read before the change: under a name of its own, and soon.
fn before(walk: &mut Walk<'_>, entry: &Entry<'_, Playbook>, index: usize, before: &Before, apis: &[&str]) {
    let number = index.to_string();
    let place = ["before", number.as_str()];
    let at = |key: &str| entry.at(&[place.as_slice(), &[key]].concat());
    if entry.value.before.iter().take(index).any(|earlier| earlier.name == before.name) {
        let message = format!("two captures are called `{}`", before.name.escape_default());
        walk.wrong(at("name"), message, "give one another name");
    }
    if before.within > Before::LONGEST {
        let remedy = format!("write at most \"{}\": the change waits for it", Before::LONGEST);
        walk.wrong(at("within"), "`within` is too long", remedy);
    }
    carry::check(walk, entry, &place, &before.carry(), apis);
}

pub(super) fn declared(playbook: &Playbook) -> String {
    let names: Vec<String> = playbook.parameter.iter().flat_map(Parameter::names).collect();
    match names.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => "declare it as a [[playbook.parameter]]".to_owned(),
        names => format!("its parameters are {}", super::shape::quoted(names)),
    }
}
