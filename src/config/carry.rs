//! What each part of a playbook must be: a call that can be sent, or a program that can be run, and one of them.

use std::ops::Range;

use super::playbook::{INCIDENT_ID, declared};
use super::walk::{Entry, Walk, get};
use crate::domain::playbook::{Call, Carry, Playbook};
use crate::net::header_flaw;
use crate::playbooks::template;

/// What may stand beside `exec` only.
const OF_A_PROGRAM: [&str; 7] = ["env", "within", "refused", "show", "refuse", "expect", "expect_after"];

/// Checks a part of a playbook; `place` are the keys that lead to it, `apis` the names of those there are.
pub(super) fn check(
    walk: &mut Walk<'_>,
    entry: &Entry<'_, Playbook>,
    place: &[&str],
    carry: &Carry,
    apis: &[&str],
) {
    match (&carry.http, &carry.exec) {
        (Some(call), exec) => {
            self::call(walk, entry, place, call, apis);
            if exec.is_some() {
                walk.wrong(
                    within(entry, place, &["exec"]),
                    "`exec` stands beside `http`",
                    "keep one of them",
                );
            } else {
                lost(walk, entry, place);
            }
        }
        (None, Some(argv)) => program(walk, entry, place, argv, carry.env()),
        (None, None) if entry.sound => {
            let part = place.first().copied().unwrap_or_default();
            let message = format!("[playbook.{part}] says neither `http` nor `exec`");
            walk.wrong(entry.at(place), message, "add one of them");
        }
        (None, None) => {}
    }
    if entry.sound && carry.http.is_some() {
        reads(walk, entry, place, carry);
    }
}

/// Where a key of a part stands: in its call, or beside its program.
pub(super) fn at(entry: &Entry<'_, Playbook>, place: &[&str], carry: &Carry, key: &str) -> Range<usize> {
    if carry.http.is_some() { within(entry, place, &["http", key]) } else { within(entry, place, &[key]) }
}

fn within(entry: &Entry<'_, Playbook>, place: &[&str], keys: &[&str]) -> Range<usize> {
    entry.at(&[place, keys].concat())
}

/// A read over HTTP answers something to everything: what is to be seen in it must be said. A program's own success
/// may be what is asked for.
fn reads(walk: &mut Walk<'_>, entry: &Entry<'_, Playbook>, place: &[&str], carry: &Carry) {
    let lookup = place == ["lookup"] && carry.show().is_empty() && carry.refuse().is_empty();
    if lookup {
        let message = "a lookup that neither shows nor refuses does nothing";
        let remedy = "add show = [\"/owner\"], refuse = { \"/protected\" = true }, or both";
        walk.wrong(within(entry, place, &["http"]), message, remedy);
    }
    if place == ["verify"] && carry.expect().is_empty() {
        let remedy = "add what proves it, like { \"/status\" = \"frozen\" }";
        let at = within(entry, place, &["http", "expect"]);
        walk.wrong(at, "`expect` is empty: anything would prove it", remedy);
    }
}

/// What is said of a program where a call stands.
fn lost(walk: &mut Walk<'_>, entry: &Entry<'_, Playbook>, place: &[&str]) {
    let [part] = place else { return };
    let Some(part) = get(entry.table, part).and_then(|part| part.get_ref().as_table()) else { return };
    for key in OF_A_PROGRAM.into_iter().filter(|key| get(part, key).is_some()) {
        let remedy = format!("write it within http = {{ … }}, or remove `{key}`");
        walk.wrong(within(entry, place, &[key]), format!("`{key}` here is for `exec`"), remedy);
    }
}

fn program(
    walk: &mut Walk<'_>,
    entry: &Entry<'_, Playbook>,
    place: &[&str],
    argv: &[String],
    env: &[String],
) {
    let at = || within(entry, place, &["exec"]);
    if let Some((why, remedy)) = argv.first().and_then(|name| template::program_flaw(name)) {
        walk.wrong(at(), format!("`exec` {why}"), remedy);
    }
    for argument in argv.iter().skip(1) {
        names(walk, entry, at(), template::names(argument));
    }
    if let Some(name) = env.iter().find(|name| !template::is_variable(name)) {
        let message = format!("`env` holds `{}`, which cannot be passed on", name.escape_default());
        walk.wrong(within(entry, place, &["env"]), message, template::VARIABLES);
    }
}

fn names(
    walk: &mut Walk<'_>,
    entry: &Entry<'_, Playbook>,
    at: Range<usize>,
    names: Result<Vec<String>, String>,
) {
    let names = match names {
        Ok(names) => names,
        Err(why) => return walk.wrong(at, why, "close it with }}"),
    };
    for name in names {
        let declared_here = entry.value.parameter.iter().any(|p| p.names().contains(&name));
        if entry.sound && !declared_here && name != INCIDENT_ID {
            let message = format!("`{{{{{}}}}}` names no parameter", name.escape_default());
            walk.wrong(at.clone(), message, declared(&entry.value));
        }
    }
}

/// One call; `place` are the keys that lead to what it belongs to.
fn call(walk: &mut Walk<'_>, entry: &Entry<'_, Playbook>, place: &[&str], call: &Call, apis: &[&str]) {
    let at = |key: &str| within(entry, place, &["http", key]);
    if !apis.contains(&call.api.as_str()) {
        no_api(walk, at("api"), &call.api, apis);
    }
    if !call.path.starts_with('/') {
        let remedy = "a path begins with /; its host comes from the api";
        walk.wrong(at("path"), "`path` must begin with /", remedy);
    }
    headers(walk, entry, place, call);
    let mut templates = vec![("path", template::names(&call.path))];
    templates.extend(call.headers.values().map(|value| ("headers", template::names(value))));
    templates.extend(call.json.iter().map(|json| ("json", template::json_names(json))));
    for (key, found) in templates {
        names(walk, entry, at(key), found);
    }
}

/// Notes a name that no api has.
pub(super) fn no_api(walk: &mut Walk<'_>, at: Range<usize>, unknown: &str, known: &[&str]) {
    let shown = unknown.escape_default();
    let remedy = match known {
        [] => format!("add an [[api]] with name = \"{shown}\""),
        known => format!("there are {}", super::shape::quoted(known)),
    };
    walk.wrong(at, format!("there is no api `{shown}`"), remedy);
}

/// What it brings must be sendable, and be sent once: a name means the same in any case.
fn headers(walk: &mut Walk<'_>, entry: &Entry<'_, Playbook>, place: &[&str], call: &Call) {
    let headers = [place, &["http", "headers"]].concat();
    let key_header = &entry.value.key_header;
    let mut seen: Vec<&str> = if matches!(place, ["do" | "undo"]) { vec![key_header] } else { Vec::new() };
    if !call.headers.is_empty() {
        // Some carry credentials by another name.
        walk.hide(entry.at(&headers));
    }
    for name in call.headers.keys() {
        let at = || within(entry, &headers, &[name]);
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
