//! What a playbook must be beyond its shape: a containment that hits what was shown, and nothing else.

use crate::domain::parameter::{Parameter, Prefill};
use crate::domain::playbook::{Before, Call, Carry, Confirm, Playbook};
use crate::net::header_flaw;
use crate::playbooks::template;

use super::guard;
use super::walk::{Entry, Walk};

/// The value every template may name.
const INCIDENT_ID: &str = "incident.id";

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
    let carries = [
        ("lookup", playbook.lookup.as_ref()),
        ("do", Some(&playbook.carry)),
        ("verify", playbook.verify.as_ref()),
        ("undo", playbook.undo.as_ref()),
    ];
    for (name, call) in carries.into_iter().filter_map(|(name, carry)| Some((name, carry?.http.as_ref()?))) {
        self::call(walk, entry, &[name], call, apis);
    }
    for (index, before) in playbook.before.iter().enumerate() {
        self::before(walk, entry, index, before, apis);
    }
    let has = |carry: &Option<Carry>| carry.as_ref().is_some_and(|carry| carry.http.is_some());
    if let Some(call) = playbook.lookup.as_ref().and_then(|carry| carry.http.as_ref())
        && entry.sound
        && call.show.is_empty()
        && call.refuse.is_empty()
    {
        let remedy = "add show = [\"/owner\"], refuse = { \"/protected\" = true }, or both";
        walk.wrong(
            entry.at(&["lookup", "http"]),
            "a lookup that neither shows nor refuses does nothing",
            remedy,
        );
    }
    if let Some(call) = playbook.verify.as_ref().and_then(|carry| carry.http.as_ref())
        && entry.sound
        && call.expect.is_empty()
    {
        let remedy = "add what proves it, like { \"/status\" = \"frozen\" }";
        walk.wrong(
            entry.at(&["verify", "http", "expect"]),
            "`expect` is empty: anything would prove it",
            remedy,
        );
    }
    if playbook
        .undo
        .as_ref()
        .and_then(|carry| carry.http.as_ref())
        .is_some_and(|c| !c.expect_after.is_empty())
        && entry.sound
        && !has(&playbook.verify)
    {
        walk.wrong(
            entry.at(&["undo", "http", "expect_after"]),
            "`expect_after` is read at verify's path, and there is no [playbook.verify]",
            "add one, or remove expect_after",
        );
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
    if let Some(call) = &before.http {
        self::call(walk, entry, &place, call, apis);
    }
}

/// One call; `place` are the keys that lead to what it belongs to.
fn call(walk: &mut Walk<'_>, entry: &Entry<'_, Playbook>, place: &[&str], call: &Call, apis: &[&str]) {
    let at = |key: &str| entry.at(&[place, &["http", key]].concat());
    if !apis.contains(&call.api.as_str()) {
        let shown = call.api.escape_default();
        let remedy = match apis {
            [] => format!("add an [[api]] with name = \"{shown}\""),
            known => format!("there are {}", super::shape::quoted(known)),
        };
        walk.wrong(at("api"), format!("there is no api `{shown}`"), remedy);
    }
    if !call.path.starts_with('/') {
        let remedy = "a path begins with /; its host comes from the api";
        walk.wrong(at("path"), "`path` must begin with /", remedy);
    }
    headers(walk, entry, place, call);
    let mut templates = vec![("path", template::names(&call.path))];
    templates.extend(call.headers.values().map(|value| ("headers", template::names(value))));
    templates.extend(call.json.iter().map(|json| ("json", template::json_names(json))));
    for (key, names) in templates {
        let at = at(key);
        match names {
            Err(why) => walk.wrong(at, why, "close it with }}"),
            Ok(names) => {
                for name in names {
                    let declared_here = entry.value.parameter.iter().any(|p| p.names().contains(&name));
                    if entry.sound && !declared_here && name != INCIDENT_ID {
                        let message = format!("`{{{{{}}}}}` names no parameter", name.escape_default());
                        walk.wrong(at.clone(), message, declared(&entry.value));
                    }
                }
            }
        }
    }
}

/// What it brings must be sendable, and be sent once: a name means the same in any case.
fn headers(walk: &mut Walk<'_>, entry: &Entry<'_, Playbook>, place: &[&str], call: &Call) {
    let within = [place, &["http", "headers"]].concat();
    let key_header = &entry.value.key_header;
    let mut seen: Vec<&str> = if matches!(place, ["do" | "undo"]) { vec![key_header] } else { Vec::new() };
    if !call.headers.is_empty() {
        // Some carry credentials by another name.
        walk.hide(entry.at(&within));
    }
    for name in call.headers.keys() {
        let at = || entry.at(&[within.as_slice(), &[name]].concat());
        let shown = name.escape_default();
        if let Some((flaw, remedy)) = header_flaw(name) {
            walk.wrong(at(), format!("the header `{shown}` {flaw}"), remedy);
        } else if let Some(same) = seen.iter().find(|same| same.eq_ignore_ascii_case(name)) {
            let remedy = if *same == key_header {
                "remove it; every write carries its key there, or name another key_header"
            } else {
                "keep one of them"
            };
            walk.wrong(at(), format!("the header `{shown}` would be sent twice"), remedy);
        }
        seen.push(name);
    }
}

fn declared(playbook: &Playbook) -> String {
    let names: Vec<String> = playbook.parameter.iter().flat_map(Parameter::names).collect();
    match names.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => "declare it as a [[playbook.parameter]]".to_owned(),
        names => format!("its parameters are {}", super::shape::quoted(names)),
    }
}
