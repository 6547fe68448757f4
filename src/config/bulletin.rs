//! What bulletins must be beyond their shape: official hosts that are hosts, channels that carry them, templates
//! whose names have values.

use std::ops::Range;

use super::check::no_channel;
use super::keys;
use super::shape::quoted;
use super::walk::{Entry, Typed, Walk};
use crate::channels;
use crate::domain::bulletin::lint::Rules;
use crate::domain::bulletin::{Outlet, Settings, Status, template};
use crate::domain::template::names;

/// Reads `[bulletins]` and every `[[bulletin]]`; `known` are the names of all channels as typed.
pub(super) fn read<'a>(
    walk: &mut Walk<'_>,
    root: &'a Typed<'a>,
    channels: &[Entry<'_, channels::Settings>],
    known: &[&str],
    settings: &mut Settings,
) {
    if let Some(entry) = walk.one::<Settings>(root, "bulletins", &keys::BULLETINS) {
        rules(walk, &entry, &entry.value.rules);
        *settings = entry.value;
    }
    let outlets: Vec<Entry<'_, Outlet>> = walk.all(root, "bulletin", &keys::BULLETIN);
    for entry in &outlets {
        carried(walk, entry, channels, known);
        apart(walk, entry, &outlets, channels);
        templates(walk, entry);
    }
    settings.outlets = outlets.into_iter().map(|entry| entry.value).collect();
}

fn rules(walk: &mut Walk<'_>, entry: &Entry<'_, Settings>, rules: &Rules) {
    for (key, hosts) in [("links", &rules.links), ("internal", &rules.internal)] {
        for host in hosts.iter().filter(|host| !is_host(host)) {
            let message = format!("`{key}` holds `{}`, which is no host", host.escape_default());
            walk.wrong(
                entry.at(&[key]),
                message,
                "write hosts like \"status.example.com\" or \"*.example.com\"",
            );
        }
    }
}

/// Whether this is a host's name, or `*.` and the end of one.
fn is_host(text: &str) -> bool {
    let name = text.strip_prefix("*.").unwrap_or(text);
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    name.contains('.') && name.split('.').all(is_label)
}

fn carried(
    walk: &mut Walk<'_>,
    entry: &Entry<'_, Outlet>,
    channels: &[Entry<'_, channels::Settings>],
    known: &[&str],
) {
    for name in &entry.value.to {
        let at = entry.at(&["to"]);
        match channels.iter().find(|channel| channel.value.name() == name) {
            None if known.contains(&name.as_str()) => {}
            None => no_channel(walk, at, name, known),
            Some(channel) if channel.sound && channel.value.reach().is_none() => walk.wrong(
                at,
                format!("the channel `{}` carries no bulletins", name.escape_default()),
                "give it reach = \"broadcast\" if everybody reads the same there, or reach = \"per-recipient\" if the \
                 official mailer puts each reader's own code in",
            ),
            Some(_) => {}
        }
    }
}

/// What only the house or an authority may read carries no code and names what the house knows: it goes where nobody
/// else reads.
fn apart(
    walk: &mut Walk<'_>,
    entry: &Entry<'_, Outlet>,
    outlets: &[Entry<'_, Outlet>],
    channels: &[Entry<'_, channels::Settings>],
) {
    let (audience, to) = (entry.value.audience, &entry.value.to);
    if audience.needs_code() {
        return;
    }
    let is_public =
        |name: &str| channels.iter().any(|channel| channel.value.name() == name && channel.value.is_public());
    for name in to {
        let others = outlets.iter().map(|other| &other.value).filter(|other| other.audience.needs_code());
        let reader =
            others.into_iter().find(|other| other.to.contains(name)).map(|other| other.audience.word());
        let why = match reader {
            _ if is_public(name) => "is a page that everybody reads".to_owned(),
            Some(reader) => format!("is where {reader} read"),
            None => continue,
        };
        let word = audience.word();
        walk.wrong(
            entry.at(&["to"]),
            format!(
                "`{}` {why}, and a bulletin to {word} may say what they must not read",
                name.escape_default()
            ),
            format!("give {word} a channel that nobody else reads"),
        );
    }
}

fn templates(walk: &mut Walk<'_>, entry: &Entry<'_, Outlet>) {
    for status in Status::ALL {
        let Some(texts) = entry.value.templates.get(status).map(template::Template::texts) else { continue };
        for (key, text) in texts {
            named(walk, entry.at(&["templates", status.word(), key]), status, text);
        }
    }
}

fn named(walk: &mut Walk<'_>, at: Range<usize>, status: Status, text: &str) {
    let possible = |name: &&str| status != Status::Resolved || *name != "next";
    let possible: Vec<&str> = template::NAMES.into_iter().filter(possible).collect();
    match names(text) {
        Err(why) => walk.wrong(at, why, "close it with }}"),
        Ok(names) => {
            for name in names.iter().filter(|name| !possible.contains(&name.as_str())) {
                let message = format!("`{{{{{}}}}}` has no value here", name.escape_default());
                walk.wrong(at.clone(), message, format!("there are {}", quoted(&possible)));
            }
        }
    }
}
