//! How the house looks inside: hosts, addresses, paths, traces, and what alerts call things.

use std::sync::LazyLock;

use super::reading::{Patterns, Reading, find};
use super::{Context, Findings, Rule, Rules, fold, links, quoted};
use crate::domain::id::IncidentId;

/// Ends of names that are resolved inside only.
const INSIDE: [&str; 14] = [
    "internal",
    "local",
    "localdomain",
    "lan",
    "corp",
    "intranet",
    "intra",
    "private",
    "home",
    "svc",
    "cluster",
    "consul",
    "arpa",
    "test",
];

pub(super) const INTERNALS: &[(&str, &str)] = &[
    (r"\b(?:\d{1,3}\.){3}\d{1,3}\b", "an IP address"),
    (r"(?i)(?:\b[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}\b", "an IP address"),
    (
        r"(?i)\b[0-9a-f]{0,4}(?::[0-9a-f]{1,4})*::(?:[0-9a-f]{1,4}:)*[0-9a-f]{1,4}\b|(?:^|\s)::[0-9a-f]{1,4}\b",
        "an IP address",
    ),
    (r"(?i)\blocalhost\b", "a host name"),
    (r"(?i)\bip-\d{1,3}(?:-\d{1,3}){3}\b", "a host name"),
    (
        r"(?i)\b(?:[a-z0-9]+-)*(?:api|app|bastion|cache|db|gw|host|lb|node|prod|proxy|srv|staging|stg|vm|web|worker)(?:-[a-z0-9]+)*(?:-\d{1,4}|\d{2,4})\b|\b(?:db|gw|kafka|mysql|pg|postgres|redis|srv)-?\d{1,4}\b",
        "a host name",
    ),
    (r"\b[a-z0-9]+(?:-[a-z0-9]+)*-[a-f0-9]{8,10}-[a-z0-9]{5}\b", "the name of a pod"),
    (
        r"\b(?:af|ap|ca|eu|me|sa|us)-(?:gov-)?(?:north|south|east|west|central|northeast|northwest|southeast|southwest)-?\d[a-f]?\b",
        "a data centre",
    ),
    (r"\barn:aws[a-z-]*:\S+", "a cloud resource"),
    (r"\b(?:i|vol|vpc|subnet|sg|ami|eni|snap)-[0-9a-f]{8,17}\b", "a cloud resource"),
    (
        r"(?:^|[\s\x22'(=])/(?:app|bin|boot|data|dev|etc|home|lib|mnt|opt|proc|root|run|sbin|srv|sys|tmp|usr|var)/[\w./-]+",
        "a file",
    ),
    (r"(?:^|[\s\x22'(])~/[\w./-]+", "a file"),
    (r"(?i)\b[a-z]:\\[\w\\.-]+|\\\\[\w.-]+\\[\w$.-]+", "a file"),
    (
        r"\b[\w/-]+\.(?:rs|go|py|java|js|ts|rb|kt|scala|cpp|cc|sql|yaml|yml|toml|conf|log|sh|env):?\d*\b",
        "a file",
    ),
    (r"\bat [\w.$<>]+\([\w.]+(?::\d+)?\)", "a stack trace"),
    (
        r"Traceback \(most recent call last\)|(?i)\bpanicked at\b|\bgoroutine \d+\b|\bcore dumped\b",
        "a stack trace",
    ),
    (r"\b(?:[A-Z][a-z0-9]+){1,5}(?:Exception|Error)\b", "a programmer's error"),
    (
        r"\bSQLSTATE\b|\bE(?:CONN(?:REFUSED|RESET|ABORTED)|TIMEDOUT|NOENT|PIPE|ACCES)\b|\bSIG(?:KILL|TERM|SEGV)\b",
        "a programmer's error",
    ),
    (r"\b0x[0-9a-fA-F]{6,16}\b", "a place in memory"),
];

static INTERNAL: LazyLock<Patterns> = LazyLock::new(|| Patterns::new(INTERNALS));

pub(super) fn check(reading: &Reading<'_>, rules: &Rules, context: &Context, findings: &mut Findings) {
    let part = reading.part;
    let mut wrong = |what: &str, words: &str| {
        let remedy = "remove it: it helps an attacker and no reader";
        findings.add(Rule::Internals, part, format!("{what}: {}", quoted(words)), remedy);
    };
    for host in links::hosts(&reading.text).into_iter().chain(links::linked_hosts(&reading.text)) {
        if is_inside(&host, rules) && !rules.is_official(&host) {
            wrong("a host inside the house", &host);
        }
    }
    // What is official may look like something inside.
    let text = links::without_links(&reading.text);
    for (found, what) in INTERNAL.all(&text) {
        if what != "an IP address" || is_address(found) {
            wrong(what, found);
        }
    }
    for (lower, word) in &context.names.things {
        if find(&reading.lower, lower).is_some() {
            wrong("what an alert calls something", word);
        }
    }
    for id in &context.upstream {
        let seen = fold::fold(id).to_lowercase();
        if seen.chars().count() > 2
            && IncidentId::parse(id).is_none()
            && find(&reading.lower, &seen).is_some()
        {
            wrong("what another system calls it", id);
        }
    }
}

/// Whether a name is of a host that only the house knows.
pub(super) fn is_inside(host: &str, rules: &Rules) -> bool {
    let last = host.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
    rules.is_internal(host) || INSIDE.contains(&last.as_str()) || FILES.contains(&last.as_str())
}

/// Ends of file names, which look like those of hosts.
const FILES: [&str; 14] =
    ["rs", "go", "py", "java", "js", "ts", "rb", "sql", "yaml", "yml", "toml", "conf", "log", "env"];

/// Whether numbers between dots are those of an address and not of a version.
fn is_address(found: &str) -> bool {
    found.contains(':') || found.split('.').all(|number| number.parse::<u8>().is_ok())
}
