//! Whether what the configuration names can be built: its addresses, files and ways to log in.

use std::ops::Range;

use super::walk::{Entry, Walk, get};
use crate::domain::fault::Fault;
use crate::net::{Api, ApiSettings, Environment};
use crate::{channels, monitors, sources};

/// Builds adapters and lets go of them; nothing is sent, no secret is fetched.
pub(super) struct Trial<'w, 't> {
    pub(super) walk: &'w mut Walk<'t>,
    pub(super) environment: Environment,
}

impl Trial<'_, '_> {
    /// Notes which of these cannot be built, and why. A table of a wrong shape is not tried.
    pub(super) fn all(
        mut self,
        sources: &[Entry<'_, sources::Settings>],
        monitors: &[Entry<'_, monitors::Settings>],
        apis: &[Entry<'_, ApiSettings>],
        channels: &[Entry<'_, channels::Settings>],
    ) {
        let environment = self.environment;
        let usable = |api: &&Entry<'_, ApiSettings>| api.sound && Api::new(&api.value, environment).is_ok();
        let usable: Vec<ApiSettings> = apis.iter().filter(usable).map(|api| api.value.clone()).collect();
        // What is wrong with the api it goes through is told there.
        let alone = |source: &sources::Settings| {
            source.api().is_none_or(|name| usable.iter().any(|api| api.name == name))
        };
        let build = |source: &sources::Settings| sources::build(source, &usable, environment).err();
        self.each("source", sources, |source| build(source).filter(|_| alone(source)));
        self.each("monitor", monitors, |monitor| monitors::build(monitor, environment).err());
        self.each("api", apis, |api| Api::new(api, environment).err());
        self.each("channel", channels, |channel| channels::build(channel, environment).err());
    }

    fn each<T>(&mut self, table: &str, entries: &[Entry<'_, T>], build: impl Fn(&T) -> Option<Fault>) {
        for entry in entries.iter().filter(|entry| entry.sound) {
            let Some(fault) = build(&entry.value) else { continue };
            // What its own keys say of each other is noted already.
            let urls = entry.table.iter().filter(|(key, _)| key.get_ref().starts_with("url"));
            let mut places = urls.map(|(_, value)| value.span()).chain([entry.span.clone()]);
            if places.any(|place| self.walk.is_wrong(&place)) {
                continue;
            }
            let at = culprit(entry, fault.detail.raw());
            let (why, remedy) = fault.detail.raw().split_once("; ").unwrap_or((fault.detail.raw(), ""));
            self.walk.wrong(at, format!("this {table} cannot be used: {why}"), remedy);
        }
    }
}

/// The key that a fault speaks of: by its name, by the file it names, or else the address.
fn culprit<T>(entry: &Entry<'_, T>, detail: &str) -> Range<usize> {
    let why = detail.split("; ").next().unwrap_or(detail);
    let words: Vec<&str> = why.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
    let spoken_of = |key: &str| {
        let file = ["ca_file", "client_cert"].contains(&key);
        let path = get(entry.table, key).and_then(|value| value.get_ref().as_str());
        words.contains(&key) || file && path.is_some_and(|path| why.contains(path))
    };
    let named = entry.table.iter().find(|(key, _)| spoken_of(key.get_ref()));
    let address = || ["urls", "url", "address"].into_iter().find_map(|key| get(entry.table, key));
    named.map(|(_, value)| value).or_else(address).map_or_else(|| entry.span.clone(), toml::Spanned::span)
}
