//! What an incident's labels say: what all of its signals share, and of what differs how many values there are.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{Line, Page, Role, wrapped};
use crate::domain::incident::{Incident, Joined};
use crate::domain::signal::Packed;
use crate::domain::text::{Outside, Width};

/// A label of all that fires.
enum Shown {
    /// They share it.
    Same(Outside),
    /// It has so many values; that one has none counts as one.
    Differs(usize),
}

impl Shown {
    /// `service=trading`, `instance: 60 values`.
    fn pieces(&self, name: &Outside, most: usize) -> [(Role, String); 2] {
        let name = name.capped_safe(64);
        match self {
            Self::Same(value) => {
                [(Role::Dim, format!("{name}=")), (Role::Plain, value.capped_safe(most).to_string())]
            }
            Self::Differs(values) => {
                [(Role::Dim, format!("{name}: ")), (Role::Dim, format!("{values} values"))]
            }
        }
    }
}

/// All of them, or as many as fit on a line.
pub(super) fn lines(incident: &Incident, all_of_them: bool, cols: u16) -> Page {
    let all = of(incident);
    match all_of_them {
        _ if all.is_empty() => Page::new(),
        true => in_lines(&all, cols),
        false => vec![in_one(&all, cols)],
    }
}

/// Of what fires, or else of what fired: what is worth reading, the service first and what differs last.
fn of(incident: &Incident) -> Vec<(Outside, Shown)> {
    let firing = incident.signals.values().filter(|it| it.cleared.is_none());
    let mut signals: Vec<&Joined> = firing.map(|it| &**it).collect();
    if signals.is_empty() {
        signals = incident.signals.values().map(|it| &**it).collect();
    }
    if signals.is_empty() {
        let given = incident.opening.labels.iter();
        return sorted(given.map(|(name, value)| (name.clone(), Shown::Same(value.clone()))).collect());
    }
    let shared = shared(signals.iter().map(|it| &it.labels));
    let named = signals.iter().flat_map(|it| it.labels.raw()).map(|(name, _)| name);
    let differs: BTreeSet<&str> = named.filter(|name| !shared.contains_key(name)).collect();
    let values = |name: &&str| {
        let all: HashSet<Option<&str>> = signals.iter().map(|it| it.labels.raw_value(name)).collect();
        all.len()
    };
    let mut out: Vec<(Outside, Shown)> =
        shared.iter().map(|(name, value)| (Outside::new(*name), Shown::Same(Outside::new(*value)))).collect();
    out.extend(differs.iter().map(|name| (Outside::new(*name), Shown::Differs(values(name)))));
    sorted(out)
}

/// What all of these say, and say alike.
pub(super) fn shared<'a>(mut all: impl Iterator<Item = &'a Packed>) -> BTreeMap<&'a str, &'a str> {
    let mut shared: BTreeMap<&str, &str> = all.next().map(|it| it.raw().collect()).unwrap_or_default();
    for other in all {
        let same = other.raw().filter(|(name, value)| shared.get(name) == Some(value)).count();
        if same < shared.len() {
            shared.retain(|name, value| other.raw_value(name) == Some(*value));
        }
    }
    shared
}

fn sorted(mut all: Vec<(Outside, Shown)>) -> Vec<(Outside, Shown)> {
    all.retain(|(name, _)| name.raw() != "alertname");
    all.sort_by(|(a, one), (b, other)| {
        let key =
            |name: &Outside, shown: &Shown| (matches!(shown, Shown::Differs(_)), name.raw() != "service");
        key(a, one).cmp(&key(b, other)).then_with(|| a.raw().cmp(b.raw()))
    });
    all
}

/// These labels, one after the other.
pub(super) fn in_full(all: impl Iterator<Item = (Outside, Outside)>, cols: u16) -> Page {
    let all: Vec<_> = all.map(|(name, value)| (name, Shown::Same(value))).collect();
    if all.is_empty() { Page::new() } else { in_lines(&all, cols) }
}

/// Every label, a name never apart from its value: `service=trading  pod=gw-2`.
fn in_lines(all: &[(Outside, Shown)], cols: u16) -> Page {
    let mut out = vec![Line::of(Role::Dim, " ")];
    for (name, shown) in all {
        let [(role, name), (tone, value)] = shown.pieces(name, usize::MAX);
        let width = name.width() + value.width();
        let used = out.last().map_or(0, |line| line.text().width());
        if used + width > usize::from(cols) && used > 1 {
            out.push(Line::of(Role::Dim, " "));
        }
        if 1 + width > usize::from(cols) {
            out.pop();
            out.extend(wrapped(tone, &format!(" {name}"), &value, cols));
        } else if let Some(last) = out.last_mut() {
            last.0.extend([(role, name), (tone, format!("{value}  "))]);
        }
    }
    out
}

/// `service=trading  pod=gw-2  +5 labels`
fn in_one(all: &[(Outside, Shown)], cols: u16) -> Line {
    let mut line = Line::of(Role::Dim, " ");
    let mut used = 1;
    let mut fit = 0;
    for (name, shown) in all {
        let [(role, name), (tone, value)] = shown.pieces(name, 64);
        let width = name.width() + value.width() + 2;
        if used + width + 12 > usize::from(cols) && fit > 0 {
            break;
        }
        used += width;
        fit += 1;
        line = line.and(role, name).and(tone, format!("{value}  "));
    }
    match all.len() - fit {
        0 => line,
        1 => line.and(Role::Dim, "+1 label"),
        more => line.and(Role::Dim, format!("+{more} labels")),
    }
}
