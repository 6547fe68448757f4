//! What a source that is told where everything stands must be beyond its shape: whole, and asked only what is meant.

use super::walk::{Entry, Walk};
use crate::domain::template;
use crate::sources::Settings;
use crate::sources::http_json::{self, Ask};

/// The values that a change there may name.
const NAMES: [&str; 4] = ["id", "text", "operator", "incident.id"];

/// Checks one source; `apis` are the names of those there are.
pub(super) fn check(walk: &mut Walk<'_>, entry: &Entry<'_, Settings>, apis: &[&str]) {
    let Settings::HttpJson(source) = &entry.value else { return };
    if !apis.contains(&source.api.as_str()) {
        super::carry::no_api(walk, entry.at(&["api"]), &source.api, apis);
    }
    path(walk, entry, &["path"], &source.path);
    if let Ok(names) = template::names(&source.path)
        && !names.is_empty()
    {
        walk.wrong(
            entry.at(&["path"]),
            "`path` is asked as it is written: it takes no {{…}}",
            "write it out",
        );
    }
    if source.listing.cursor.is_some() && source.listing.next.is_none() && entry.sound {
        let remedy = "add next, the pointer to what it carries, or remove cursor";
        walk.wrong(
            entry.at(&["cursor"]),
            "`cursor` carries what stands at `next`, and there is none",
            remedy,
        );
    }
    if entry.sound {
        states(walk, entry, source);
    }
    let asks = [("acknowledge", &source.acknowledge), ("note", &source.note), ("resolve", &source.resolve)];
    for (verb, ask) in asks.into_iter().filter_map(|(verb, ask)| Some((verb, ask.as_ref()?))) {
        self::ask(walk, entry, verb, ask);
    }
}

/// A state is pointed to and named, or neither; no word means two of them.
fn states(walk: &mut Walk<'_>, entry: &Entry<'_, Settings>, source: &http_json::Settings) {
    let states = &source.listing.states;
    let all =
        [("open", &states.open), ("acknowledged", &states.acknowledged), ("resolved", &states.resolved)];
    let named = all.iter().any(|(_, words)| !words.is_empty());
    match (&source.listing.state, named) {
        (Some(_), false) => {
            let remedy = "add states = { open = [\"…\"], acknowledged = [\"…\"], resolved = [\"…\"] }";
            walk.wrong(entry.at(&["state"]), "nothing says what the words at `state` mean", remedy);
        }
        (None, true) => {
            let remedy = "add state, the pointer to where they stand";
            walk.wrong(entry.at(&["states"]), "`states` says what words mean that are not read", remedy);
        }
        _ => {}
    }
    let unnamed = source.listing.state.is_some() && !named;
    if source.held_by.is_some() && states.acknowledged.is_empty() && !unnamed {
        let remedy = "add state and states = { acknowledged = [\"…\"] }";
        walk.wrong(
            entry.at(&["held_by"]),
            "`held_by` is read of what is acknowledged, and no state is",
            remedy,
        );
    }
    let words = all.iter().flat_map(|(state, words)| words.iter().map(move |word| (*state, word)));
    let mut seen: Vec<(&str, &String)> = Vec::new();
    for (state, word) in words {
        match seen.iter().find(|(_, known)| *known == word) {
            Some((other, _)) if *other != state => {
                let message = format!("`{}` cannot be {other} and {state}", word.escape_default());
                walk.wrong(entry.at(&["states", state]), message, "keep one of them");
            }
            _ => seen.push((state, word)),
        }
    }
}

/// A change must say which incident it is about, and may name nothing else than it is given.
fn ask(walk: &mut Walk<'_>, entry: &Entry<'_, Settings>, verb: &str, ask: &Ask) {
    path(walk, entry, &[verb, "path"], &ask.path);
    let at = || entry.at(&[verb]);
    let names = match ask.names() {
        Ok(names) => names,
        Err(why) => return walk.wrong(at(), why, "close it with }}"),
    };
    for name in names.iter().filter(|name| !NAMES.contains(&name.as_str())) {
        let message = format!("`{{{{{}}}}}` is nothing that `{verb}` is given", name.escape_default());
        walk.wrong(at(), message, "write {{id}}, {{text}}, {{operator}} or {{incident.id}}");
    }
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    if !has("id") && entry.sound {
        let message = format!("`{verb}` does not say which incident it is about");
        walk.wrong(at(), message, "write {{id}} where its id belongs, in path or json");
    }
    match (verb, has("text")) {
        ("note", false) if entry.sound => {
            walk.wrong(at(), "`note` leaves out what it says", "write {{text}} where that belongs, in json");
        }
        ("acknowledge", true) => {
            let remedy = "remove {{text}}; a note can say more";
            walk.wrong(at(), "`acknowledge` is one key: nobody is asked for a text", remedy);
        }
        _ => {}
    }
}

fn path(walk: &mut Walk<'_>, entry: &Entry<'_, Settings>, at: &[&str], path: &str) {
    if !path.starts_with('/') && !path.is_empty() {
        let remedy = "a path begins with /; its host comes from the api";
        walk.wrong(entry.at(at), "`path` must begin with /", remedy);
    }
}
