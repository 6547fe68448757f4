//! From the file as typed to the configuration as meant: what tables say of each other.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::PathBuf;

use serde::Deserialize;
use toml::de::{DeTable, DeValue};

use super::shape::{nearest, quoted};
use super::trial::Trial;
use super::walk::{Entry, Typed, Walk, get};
use super::{
    Config, bulletin, calendar, dead_man, guard, keys, monitor, notices, people, playbook, response, source,
};
use crate::console::keymap::Keymap;
use crate::console::look::Look;
use crate::console::views::View;
use crate::domain::escalation::{Path, Step};
use crate::domain::packet::{Pattern, Patterns, same_item};
use crate::domain::query::Query;
use crate::domain::rule::Rule;
use crate::domain::sensitive::Sensitive;
use crate::domain::time::Span;
use crate::engine::setup::Watch;
use crate::net::{ApiSettings, Environment};
use crate::{channels, monitors, sources};

/// Labels that become the words of a row.
const TELLING: [&str; 4] = ["alertname", "service", "severity", "category"];

#[derive(Deserialize)]
struct Ack {
    #[serde(default)]
    within: Within,
    expires: Option<Span>,
}

#[derive(Default, Deserialize)]
struct Within {
    critical: Option<Span>,
    high: Option<Span>,
    normal: Option<Span>,
}

#[derive(Deserialize)]
struct Actions {
    per_hour: Option<u32>,
    #[serde(default)]
    enabled: bool,
    safety_file: Option<PathBuf>,
}

/// A `[[path]]` as typed: what it does not say stays as it is compiled in.
#[derive(Deserialize)]
struct TypedPath {
    id: String,
    title: Option<String>,
    when: Option<Query>,
    steps: Option<Vec<Step>>,
    packet: Option<Vec<String>>,
    complete: Option<bool>,
}

/// Reads every table into `config`, and notes what is wrong.
/// With an environment, adapters are built to see whether they can be.
pub(super) fn read<'a>(
    walk: &mut Walk<'_>,
    root: &'a Typed<'a>,
    config: &mut Config,
    environment: Option<Environment>,
) {
    top(walk, root, config);
    dead_man::read(walk, root, config, environment);
    let approvable = people::read(walk, root, config);
    calendar::read(walk, root, config, environment.is_some());
    notices::read(walk, root, config);
    let sources: Vec<Entry<'_, sources::Settings>> = walk.kinded(root, "source", keys::SOURCES);
    let monitors: Vec<Entry<'_, monitors::Settings>> = walk.kinded(root, "monitor", keys::MONITORS);
    let apis: Vec<Entry<'_, ApiSettings>> = walk.all(root, "api", &keys::API);
    let channels: Vec<Entry<'_, channels::Settings>> = walk.kinded(root, "channel", keys::CHANNELS);
    let rules: Vec<Entry<'_, Rule>> = walk.all(root, "rule", &keys::RULE);
    let playbooks = walk.all(root, "playbook", &keys::PLAYBOOK);
    let paths: Vec<Entry<'_, TypedPath>> = walk.all(root, "path", &keys::PATH);
    let patterns: Vec<Entry<'_, Pattern>> = walk.all(root, "pattern", &keys::PATTERN);
    for names in [&["source", "monitor"][..], &["api"], &["channel"], &["person"]] {
        unique(walk, root, names, "name");
    }
    unique(walk, root, &["playbook"], "id");
    unique(walk, root, &["path"], "id");
    unique(walk, root, &["bulletin"], "audience");

    views(walk, root, config);

    let known_apis = called(root, "api", "name");
    for source in &sources {
        source::check(walk, source, &known_apis);
    }
    for monitor in &monitors {
        monitor::check(walk, monitor);
    }
    for channel in &channels {
        secret_of(walk, channel);
    }
    let known_channels = called(root, "channel", "name");
    let pages: Vec<&str> =
        channels.iter().filter(|entry| !entry.value.tells()).map(|entry| entry.value.name()).collect();
    for entry in &paths {
        steps(walk, entry, &known_channels, &pages);
        merge(&mut config.setup.paths, &entry.value);
        waits_or_arms(walk, entry, &config.setup.paths);
    }
    bulletin::read(walk, root, &channels, &known_channels, &mut config.setup.bulletins);
    for entry in patterns.iter().filter(|entry| entry.sound) {
        for flaw in entry.value.flaws() {
            walk.wrong(entry.at(&[flaw.key]), flaw.message, flaw.remedy);
        }
    }
    for entry in &rules {
        if entry.sound
            && entry.value.severity.is_none()
            && entry.value.category.is_none()
            && entry.value.service.is_none()
        {
            let remedy = "add severity, category or service";
            walk.wrong(entry.span.clone(), "a rule that gives nothing does nothing", remedy);
        }
    }

    if let Some(environment) = environment {
        let trial = Trial { walk, environment };
        trial.all(&sources, &monitors, &apis, &channels);
    }

    config.setup.patterns = Patterns::new(&values(patterns));
    let items = |item: &str| known_item(item, &config.setup.patterns, &config.setup.paths);
    for entry in &playbooks {
        playbook::check(walk, entry, &known_apis, &items, approvable);
        guard::limits(walk, entry);
    }
    guard::read(walk, root, config, &called(root, "playbook", "id"), approvable);

    let setup = &mut config.setup;
    setup.watches = monitors.iter().map(|entry| watch(&entry.value)).collect();
    setup.rules = values(rules).into_iter().chain(std::mem::take(&mut setup.rules)).collect();
    setup.playbooks = values(playbooks);
    setup.reaches = channels
        .iter()
        .filter_map(|entry| Some((entry.value.name().to_owned(), entry.value.reach()?)))
        .collect();
    let tellers = channels.iter().filter(|entry| entry.value.tells());
    setup.tellers = tellers.map(|entry| entry.value.name().to_owned()).collect();
    config.sources = values(sources);
    config.monitors = values(monitors);
    config.apis = values(apis);
    config.channels = values(channels);
}

/// The values that stand before the first table, and the tables there is one of.
fn top(walk: &mut Walk<'_>, root: &Typed<'_>, config: &mut Config) {
    let text = |name| get(root, name).and_then(|value| value.get_ref().as_str());
    if let Some(operator) = text("operator") {
        config.operator = operator.to_owned();
        config.is_operator_said = true;
    }
    if let Some(ids) = text("ids") {
        config.ids = ids.to_owned();
    }
    if let Some(look) = text("theme").and_then(Look::named) {
        config.look = look;
    }
    if let Some(DeValue::Array(argv)) = get(root, "open").map(toml::Spanned::get_ref) {
        config.open = argv.iter().filter_map(|part| part.get_ref().as_str()).map(str::to_owned).collect();
    }
    if let Some(span) = text("clear_after").and_then(|text| Span::parse(text).ok()) {
        config.setup.clear_after = span;
    }
    if let Some(DeValue::Array(labels)) = get(root, "group_by").map(toml::Spanned::get_ref) {
        config.setup.group_by =
            labels.iter().filter_map(|label| label.get_ref().as_str()).map(str::to_owned).collect();
    }
    sensitive(walk, root, config);
    if let Some(entry) = walk.one::<Ack>(root, "ack", &keys::ACK) {
        let (ack, set) = (&mut config.setup.ack, entry.value);
        ack.critical = set.within.critical.or(ack.critical);
        ack.high = set.within.high.or(ack.high);
        ack.normal = set.within.normal.or(ack.normal);
        ack.expires = set.expires.unwrap_or(ack.expires);
    }
    response::read(walk, root, config);
    if let Some(entry) = walk.one::<Actions>(root, "actions", &keys::ACTIONS) {
        config.setup.actions_enabled = entry.value.enabled;
        config.setup.per_hour = entry.value.per_hour.unwrap_or(config.setup.per_hour);
        config.setup.safety_file = entry.value.safety_file;
    }
    if let Some(table) = get(root, "keys").and_then(|value| value.get_ref().as_table()) {
        keymap(walk, table, config);
    }
}

/// The labels whose values are hidden. Those that say what sort of incident it is cannot be: nobody could choose by them.
fn sensitive(walk: &mut Walk<'_>, root: &Typed<'_>, config: &mut Config) {
    let Some(DeValue::Array(labels)) = get(root, "sensitive").map(toml::Spanned::get_ref) else { return };
    let mut names: Vec<&str> = Vec::new();
    for (label, name) in labels.iter().filter_map(|label| Some((label, label.get_ref().as_str()?))) {
        let one = Sensitive::new([name]);
        if !name.is_empty() && !Sensitive::is_name(name) {
            let message = format!("`{}` is no label's name, and would hide nothing", name.escape_default());
            walk.wrong(label.span(), message, "write the name alone, without spaces around it");
        } else if TELLING.iter().any(|telling| one.names(telling)) {
            let message = format!("`{name}` says what an incident is, and cannot be hidden");
            walk.wrong(label.span(), message, "name labels that identify a person or an account");
        } else if names.iter().any(|known| one.names(known)) {
            walk.wrong(label.span(), format!("`{}` is there already", name.escape_default()), "remove it");
        }
        names.push(name);
    }
    config.setup.sensitive = Sensitive::new(names);
}

/// The saved views: a digit shows one, and one that shows everything is none.
fn views(walk: &mut Walk<'_>, root: &Typed<'_>, config: &mut Config) {
    let all: Vec<Entry<'_, View>> = walk.all(root, "view", &keys::VIEW);
    let mut taken: BTreeMap<u8, String> = BTreeMap::new();
    for entry in &all {
        let View { key, name, filter } = &entry.value;
        if let Some(earlier) = taken.insert(*key, name.clone()) {
            let message = format!("key {key} shows `{}` already", earlier.escape_default());
            walk.wrong(entry.at(&["key"]), message, "give it another one from 1 to 9");
        }
        if entry.sound && filter.source().trim().is_empty() {
            walk.wrong(entry.at(&["filter"]), "this shows everything, as 0 does", "write what it is to show");
        }
    }
    unique(walk, root, &["view"], "name");
    config.views = values(all);
    config.views.sort_by_key(|view| view.key);
}

fn keymap(walk: &mut Walk<'_>, table: &DeTable<'_>, config: &mut Config) {
    let mut changed = BTreeMap::new();
    for (command, value) in table {
        let texts: Vec<&str> = match value.get_ref() {
            DeValue::Array(items) => items.iter().filter_map(|item| item.get_ref().as_str()).collect(),
            item => item.as_str().into_iter().collect(),
        };
        match texts.into_iter().map(|text| text.to_owned().try_into()).collect::<Result<Vec<_>, String>>() {
            Ok(chords) => drop(changed.insert(command.get_ref().to_string(), chords)),
            Err(why) => walk.wrong(value.span(), why, ""),
        }
    }
    match Keymap::with(&changed) {
        Ok(keymap) => config.keymap = keymap,
        Err(conflicts) => {
            for conflict in conflicts {
                let named = |name: &str| conflict.contains(&format!("`{name}`"));
                let at = table.iter().find(|(name, _)| named(name.get_ref())).map(|(name, _)| name.span());
                let (what, remedy) = conflict.split_once("; ").unwrap_or((&conflict, ""));
                walk.wrong(at.unwrap_or_default(), what, remedy);
            }
        }
    }
}

/// Notes names that stand twice among these tables.
fn unique(walk: &mut Walk<'_>, root: &Typed<'_>, tables: &[&str], key: &str) {
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for table in tables {
        let Some(DeValue::Array(items)) = get(root, table).map(toml::Spanned::get_ref) else { continue };
        for item in items {
            let Some(value) = item.get_ref().as_table().and_then(|table| get(table, key)) else { continue };
            let Some(name) = value.get_ref().as_str() else { continue };
            if let Some(earlier) = seen.insert(name, table) {
                let message = format!("there is a {earlier} called `{}` already", name.escape_default());
                walk.wrong(value.span(), message, format!("give this {table} another {key}"));
            }
        }
    }
}

/// The names of tables as typed, right or wrong in other ways: one mistake is told once.
fn called<'a>(root: &'a Typed<'_>, table: &str, key: &str) -> Vec<&'a str> {
    let items = get(root, table).and_then(|value| value.get_ref().as_array());
    let name =
        |item: &'a toml::Spanned<DeValue<'_>>| get(item.get_ref().as_table()?, key)?.get_ref().as_str();
    items.into_iter().flatten().filter_map(name).collect()
}

/// Notes a secret that is named in no way, or in more than one.
fn secret_of(walk: &mut Walk<'_>, entry: &Entry<'_, channels::Settings>) {
    use channels::Settings::{Cachet, Exec, Mail, PagerdutyEvents, Statuspage, Webhook};
    let (key, what, why) = match &entry.value {
        Webhook(_) => ("url", "URL", "whoever knows the URL can write there"),
        PagerdutyEvents(_) => ("routing_key", "routing key", "whoever knows the key can page there"),
        Mail(_) | Statuspage(_) | Cachet(_) | Exec(_) => return,
    };
    let ways = ["", "_command", "_keyring", "_file", "_env"].map(|way| format!("{key}{way}"));
    let given: Vec<&str> =
        ways.iter().map(String::as_str).filter(|way| get(entry.table, way).is_some()).collect();
    match given.as_slice() {
        [_] => {}
        [] if !entry.sound => {}
        [] => {
            let remedy = format!("add {key}_command, {key}_keyring, {key}_file, {key}_env or {key}; {why}");
            walk.wrong(entry.span.clone(), format!("[[channel]] lacks its {what}"), remedy);
        }
        [_, other, ..] => {
            let message = format!("the {what} is given more than once: {}", given.join(", "));
            walk.wrong(entry.at(&[other]), message, "keep one of them");
        }
    }
}

/// Notes a name that no channel has.
pub(super) fn no_channel(walk: &mut Walk<'_>, at: Range<usize>, unknown: &str, known: &[&str]) {
    let shown = unknown.escape_default();
    let remedy = match known {
        [] => format!("add a [[channel]] with name = \"{shown}\""),
        known => format!("there are {}", quoted(known)),
    };
    walk.wrong(at, format!("there is no channel `{shown}`"), remedy);
}

/// Whether anything finds an item of the packet, or else what there is.
fn known_item(item: &str, patterns: &Patterns, paths: &[Path]) -> Result<(), String> {
    let asked = paths.iter().flat_map(|path| &path.packet).map(String::as_str);
    let known: BTreeSet<&str> = patterns.items().iter().map(String::as_str).chain(asked).collect();
    if known.iter().any(|known| same_item(known, item)) {
        return Ok(());
    }
    Err(match nearest(item, known.iter().copied()) {
        Some(meant) => format!("did you mean \"packet:{meant}\"?"),
        None => {
            format!("there are {}; a [[pattern]] can add it", quoted(&known.into_iter().collect::<Vec<_>>()))
        }
    })
}

/// Notes steps out of order, and those to channels that are not there or, being `pages`, tell nobody.
fn steps(walk: &mut Walk<'_>, entry: &Entry<'_, TypedPath>, channels: &[&str], pages: &[&str]) {
    let steps = entry.value.steps.as_deref().unwrap_or_default();
    let mut before = Span::millis(0);
    for (index, step) in steps.iter().enumerate() {
        for unknown in step.to.iter().filter(|name| !channels.contains(&name.as_str())) {
            no_channel(walk, entry.at_item("steps", index, "to"), unknown, channels);
        }
        for page in step.to.iter().filter(|name| pages.contains(&name.as_str())) {
            let message = format!("the channel `{page}` carries bulletins only");
            walk.wrong(
                entry.at_item("steps", index, "to"),
                message,
                "name a webhook, pagerduty-events, mail or exec channel",
            );
        }
        if step.after < before {
            let at = entry.at_item("steps", index, "after");
            walk.wrong(at, "this step comes before the one above it", "order the steps by time");
        }
        before = step.after;
    }
    if entry.sound && entry.value.when.is_some() && entry.value.steps.as_ref().is_none_or(Vec::is_empty) {
        walk.wrong(entry.at(&["when"]), "`when` arms steps, and there are none", "add steps, or remove when");
    }
}

/// A path that waits for a complete packet cannot go out by itself.
fn waits_or_arms(walk: &mut Walk<'_>, entry: &Entry<'_, TypedPath>, paths: &[Path]) {
    let path = paths.iter().find(|path| path.id == entry.value.id);
    if path.is_some_and(|path| path.complete && path.when.is_some()) {
        walk.wrong(
            entry.at(&["when"]),
            "this path waits for a complete packet, so it cannot arm by itself",
            "remove when, or set complete = false",
        );
    }
}

fn merge(paths: &mut Vec<Path>, typed: &TypedPath) {
    let known = paths.iter().position(|path| path.id == typed.id);
    let index = known.unwrap_or_else(|| {
        paths.push(Path {
            id: typed.id.clone(),
            title: typed.id.clone(),
            when: None,
            steps: Vec::new(),
            packet: Vec::new(),
            complete: false,
        });
        paths.len() - 1
    });
    let Some(path) = paths.get_mut(index) else { return };
    path.title = typed.title.clone().unwrap_or_else(|| path.title.clone());
    path.when = typed.when.clone().or_else(|| path.when.clone());
    path.steps = typed.steps.clone().unwrap_or_else(|| path.steps.clone());
    path.packet = typed.packet.clone().unwrap_or_else(|| path.packet.clone());
    path.complete = typed.complete.unwrap_or(path.complete);
}

fn watch(settings: &monitors::Settings) -> Watch {
    let common = settings.common();
    Watch {
        name: common.name.clone(),
        kind: settings.kind().to_owned(),
        service: common.service.clone(),
        target: settings.target(),
        every: common.every,
        severity: common.severity,
        streaks: settings.streaks(),
        maintenance: common.maintenance.clone(),
        is_fed: settings.is_fed(),
    }
}

fn values<T>(entries: Vec<Entry<'_, T>>) -> Vec<T> {
    entries.into_iter().map(|entry| entry.value).collect()
}
