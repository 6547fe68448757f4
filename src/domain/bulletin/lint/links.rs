//! Links: only to official hosts, only over https, and never in disguise.

use std::sync::LazyLock;

use super::reading::{Patterns, Reading};
use super::{Findings, Rule, Rules, quoted};

pub(super) const ADDRESSES: &[(&str, &str)] = &[
    (r"(?i)\b[a-z][a-z0-9+.-]*://[^\s<>()\x22]+", "a link"),
    (r"(?i)\b(?:mailto|tel|sms|javascript|data|file|intent):\S+", "a link"),
];
pub(super) const MAILS: &[(&str, &str)] =
    &[(r"(?i)[a-z0-9._%+'-]+@[a-z0-9.-]+\.[a-z]{2,}", "an e-mail address")];
pub(super) const HOSTS: &[(&str, &str)] =
    &[(r"(?i)\b(?:[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?\.)+[a-z](?:[a-z-]*[a-z])+(?:/[^\s<>()]*)?", "a host")];

static LINK: LazyLock<Patterns> = LazyLock::new(|| Patterns::new(ADDRESSES));
static MAIL: LazyLock<Patterns> = LazyLock::new(|| Patterns::new(MAILS));
static HOST: LazyLock<Patterns> = LazyLock::new(|| Patterns::new(HOSTS));

/// The text without links and mail addresses, for rules about words.
pub(super) fn without_links(text: &str) -> String {
    MAIL.without(&LINK.without(text))
}

/// The mail addresses in a text.
pub(super) fn mails(text: &str) -> Vec<&str> {
    MAIL.all(text).map(|(found, _)| found).collect()
}

/// The names of hosts that stand in a text outside links and mail addresses.
pub(super) fn hosts(text: &str) -> Vec<String> {
    let rest = without_links(text);
    HOST.all(&rest).map(|(found, _)| host_of(found).to_owned()).collect()
}

/// The hosts of the links in a text.
pub(super) fn linked_hosts(text: &str) -> Vec<String> {
    let after = |link: &str| link.split_once("://").map(|(_, rest)| host_of(rest).to_owned());
    LINK.all(text).filter_map(|(found, _)| after(found)).collect()
}

pub(super) fn check(reading: &Reading<'_>, rules: &Rules, findings: &mut Findings) {
    let part = reading.part;
    for (found, _) in LINK.all(&reading.text) {
        let link = found.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'']);
        if let Some((why, remedy)) = wrong(link, &reading.text, reading.raw, rules) {
            findings.add(Rule::Links, part, format!("{why}: {}", quoted(link)), remedy);
        }
    }
    for host in hosts(&reading.text) {
        // Internal ones are told as such.
        if !rules.is_official(&host) && !super::internals::is_inside(&host, rules) {
            findings.add(Rule::Links, part, format!("no official host: {}", quoted(&host)), official(rules));
        }
    }
}

/// Why a link may not stand there.
fn wrong(link: &str, seen: &str, raw: &str, rules: &Rules) -> Option<(&'static str, String)> {
    let Some((scheme, rest)) = link.split_once("://") else {
        return Some(("a link that opens a program", "name the official page instead".to_owned()));
    };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    if raw.matches(link).count() < seen.matches(link).count() {
        return Some(("a link in disguise", "type it in plain letters".to_owned()));
    }
    if !scheme.eq_ignore_ascii_case("https") {
        return Some(("no https link", "write https://".to_owned()));
    }
    if authority.contains(['@', ':']) || rest.contains('\\') {
        return Some((
            "a link with more than a host before its path",
            "write https:// and the host".to_owned(),
        ));
    }
    let host = host_of(rest);
    (!rules.is_official(host)).then(|| ("no official host", official(rules)))
}

/// The host at the beginning of an address.
fn host_of(rest: &str) -> &str {
    rest.split(['/', '?', '#', '\\', ':']).next().unwrap_or_default().trim_end_matches('.')
}

fn official(rules: &Rules) -> String {
    match rules.links.as_slice() {
        [] => "name the official hosts in [bulletins] links, or remove it".to_owned(),
        hosts => format!("official are {}", hosts.join(", ")),
    }
}
