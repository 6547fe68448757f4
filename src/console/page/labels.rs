//! What an incident's labels say: what all of its signals share, and of what differs how many values there are.

use std::collections::{BTreeMap, HashSet};

use super::{Line, Page, Role, wrapped};
use crate::domain::incident::{Incident, Joined};
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
        true => in_full(&all, cols),
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
    let Some((first, others)) = signals.split_first() else {
        let given = incident.opening.labels.iter();
        return sorted(given.map(|(name, value)| (name.clone(), Shown::Same(value.clone()))).collect());
    };
    let mut shared: BTreeMap<&str, &str> = first.labels.raw().collect();
    let mut differs: HashSet<&str> = HashSet::new();
    for other in others {
        let mut seen = 0;
        for (name, value) in other.labels.raw() {
            match shared.get(name) {
                Some(same) if *same == value => seen += 1,
                _ => {
                    differs.insert(name);
                }
            }
        }
        if seen < shared.len() {
            let lacks = |name: &&str| other.labels.raw_value(name) != shared.get(*name).copied();
            differs.extend(shared.keys().copied().filter(lacks));
            shared.retain(|name, _| !differs.contains(name));
        }
    }
    shared.retain(|name, _| !differs.contains(name));
    let values = |name: &&str| {
        let all: HashSet<Option<&str>> = signals.iter().map(|it| it.labels.raw_value(name)).collect();
        all.len()
    };
    let mut out: Vec<(Outside, Shown)> =
        shared.iter().map(|(name, value)| (Outside::new(*name), Shown::Same(Outside::new(*value)))).collect();
    out.extend(differs.iter().map(|name| (Outside::new(*name), Shown::Differs(values(name)))));
    sorted(out)
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

/// Every label, a name never apart from its value: `service=trading  pod=gw-2`.
fn in_full(all: &[(Outside, Shown)], cols: u16) -> Page {
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
