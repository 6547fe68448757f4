//! What an incident's labels say: what all of its signals share, and of what differs how many values there are.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Line, Page, Role, wrapped};
use crate::domain::incident::{Incident, Joined};
use crate::domain::signal::Packed;
use crate::domain::text::{Outside, Width};

/// So many names stand where all of them should: of thousands nobody reads each.
const MOST: usize = 30;
/// Between two labels on a line.
const GAP: &str = "  ";

/// A label of all that fires.
#[derive(Clone, Copy)]
enum Shown<'a> {
    /// They share it.
    Same(&'a str),
    /// It has so many values; that one has none counts as one.
    Differs(usize),
}

impl Shown<'_> {
    /// `service=trading`, `instance: 60 values`.
    fn pieces(self, name: &str, most: usize) -> [(Role, String); 2] {
        let name = Outside::new(name).capped_safe(64);
        match self {
            Self::Same(value) => {
                let value = Outside::new(value).capped_safe(most);
                [(Role::Dim, format!("{name}=")), (Role::Plain, value.to_string())]
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
        true => in_some(&all, cols),
        false => vec![in_one(&all, cols)],
    }
}

/// What signals say under one name.
struct Values<'a> {
    name: &'a str,
    /// How many of them say anything.
    named: usize,
    first: &'a str,
    others: HashSet<&'a str>,
}

impl<'a> Values<'a> {
    /// As it is shown of so many signals.
    fn shown(&self, signals: usize) -> Shown<'a> {
        let all_have = self.named == signals;
        match self.others.len() {
            0 if all_have => Shown::Same(self.first),
            others => Shown::Differs(1 + others + usize::from(!all_have)),
        }
    }
}

/// Of what fires, or else of what fired: what is worth reading, the service first and what differs last.
fn of(incident: &Incident) -> Vec<(&str, Shown<'_>)> {
    let firing = incident.signals.values().filter(|it| it.cleared.is_none());
    let mut signals: Vec<&Joined> = firing.map(|it| &**it).collect();
    if signals.is_empty() {
        signals = incident.signals.values().map(|it| &**it).collect();
    }
    if signals.is_empty() {
        let given = incident.opening.labels.iter();
        return sorted(given.map(|(name, value)| (name.raw(), Shown::Same(value.raw()))).collect());
    }
    sorted(counted(signals.iter().map(|it| &it.labels)))
}

/// What these say under each name. Each label is looked at once: there can be thousands of them, and as many names.
fn counted<'a>(signals: impl ExactSizeIterator<Item = &'a Packed>) -> Vec<(&'a str, Shown<'a>)> {
    let many = signals.len();
    let (mut all, mut places): (Vec<Values<'_>>, HashMap<&str, usize>) = Default::default();
    for signal in signals {
        // Most have the names of the one before, in the same order: those are not searched for.
        let mut next = 0;
        for (name, value) in signal.raw() {
            let place = match all.get(next) {
                Some(values) if values.name == name => next,
                _ => *places.entry(name).or_insert(all.len()),
            };
            next = place + 1;
            match all.get_mut(place) {
                None => all.push(Values { name, named: 1, first: value, others: HashSet::new() }),
                Some(values) => {
                    values.named += 1;
                    if values.first != value {
                        values.others.insert(value);
                    }
                }
            }
        }
    }
    all.into_iter().map(|values| (values.name, values.shown(many))).collect()
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

fn sorted<'a>(mut all: Vec<(&'a str, Shown<'a>)>) -> Vec<(&'a str, Shown<'a>)> {
    all.retain(|(name, _)| *name != "alertname");
    all.sort_by_key(|(name, shown)| (matches!(shown, Shown::Differs(_)), *name != "service", *name));
    all
}

/// These labels, one after the other.
pub(super) fn in_full<'a>(all: impl Iterator<Item = (&'a str, &'a str)>, cols: u16) -> Page {
    in_lines(all.map(|(name, value)| (name, Shown::Same(value))), cols)
}

/// Each of these labels, a name never apart from its value: `service=trading  pod=gw-2`.
fn in_lines<'a>(all: impl Iterator<Item = (&'a str, Shown<'a>)>, cols: u16) -> Page {
    let mut out = Page::new();
    // Cells that are taken on the last line, where another label can follow on it.
    let mut open: Option<usize> = None;
    for (name, shown) in all {
        let [(role, name), (tone, value)] = shown.pieces(name, usize::MAX);
        let width = name.width() + value.width();
        let fits = |before: &usize| before + width <= usize::from(cols);
        match (open.map(|used| used + GAP.width()).filter(fits), out.last_mut()) {
            (Some(before), Some(last)) => {
                last.0.extend([(Role::Plain, GAP.to_owned()), (role, name), (tone, value)]);
                open = Some(before + width);
            }
            _ if fits(&1) => {
                out.push(Line::of(Role::Dim, " ").and(role, name).and(tone, value));
                open = Some(1 + width);
            }
            // Behind what is wrapped nothing follows: it would read as a part of that value.
            _ => {
                let head = format!(" {name}");
                out.extend(match head.width() <= usize::from(cols) / 2 {
                    true => wrapped(tone, &head, &value, cols),
                    // Beside a longer name nothing can be wrapped.
                    false => wrapped(tone, " ", &format!("{name}{value}"), cols),
                });
                open = None;
            }
        }
    }
    out
}

/// As many of them as anybody reads, each whole, and how many more there are.
fn in_some(all: &[(&str, Shown<'_>)], cols: u16) -> Page {
    let mut out = in_lines(all.iter().copied().take(MOST), cols);
    if let Some(more) = all.len().checked_sub(MOST).filter(|more| *more > 0) {
        let names = if more == 1 { "name" } else { "names" };
        out.push(Line::of(Role::Dim, format!(" and {more} more {names}")));
    }
    out
}

/// `service=trading  pod=gw-2  +5 labels`
fn in_one(all: &[(&str, Shown<'_>)], cols: u16) -> Line {
    let mut line = Line::of(Role::Dim, " ");
    let mut used = 1;
    let mut fit = 0;
    for (name, shown) in all {
        let [(role, name), (tone, value)] = shown.pieces(name, 64);
        let width = name.width() + value.width() + GAP.width();
        if used + width + 12 > usize::from(cols) && fit > 0 {
            break;
        }
        used += width;
        fit += 1;
        line = line.and(role, name).and(tone, format!("{value}{GAP}"));
    }
    match all.len() - fit {
        0 => line,
        1 => line.and(Role::Dim, "+1 label"),
        more => line.and(Role::Dim, format!("+{more} labels")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::signal::READ;

    /// So many signals, each with a name of its own, two that all share and one that differs.
    fn signals(many: usize) -> Vec<Packed> {
        let pair = |name: &str, value: &str| (Outside::new(name), Outside::new(value));
        let of = |at: usize| {
            let (own, host) = (format!("x_{at:03}"), format!("host-{at}"));
            [pair("region", "eu-1"), pair("service", "trading"), pair("instance", &host), pair(&own, "1")]
        };
        (0..many).map(|at| Packed::from(of(at))).collect()
    }

    #[test]
    fn each_label_is_read_once_however_many_names_there_are() {
        let signals = signals(200);
        READ.with(|count| count.set(0));
        let all = sorted(counted(signals.iter()));
        assert_eq!(READ.with(std::cell::Cell::get), 200 * (4 + 1), "and once that there are no more");
        assert_eq!(all.len(), 3 + 200);
    }

    #[test]
    fn of_more_names_than_anybody_reads_the_others_are_counted() {
        let text = |many| -> Vec<String> {
            let signals = signals(many);
            in_some(&sorted(counted(signals.iter())), 50).iter().map(Line::text).collect()
        };
        let few = text(2);
        assert_eq!(
            few,
            [" service=trading  region=eu-1  instance: 2 values", " x_000: 2 values  x_001: 2 values"]
        );
        assert_eq!(text(28).last().map(String::as_str), Some(" and 1 more name"));
        let many = text(500);
        assert_eq!(many.last().map(String::as_str), Some(" and 473 more names"));
        assert_eq!(many.join(" ").matches('_').count(), 27, "{many:#?}");
    }

    #[test]
    fn a_label_that_some_have_has_one_value_more() {
        let pair = |name: &str, value: &str| (Outside::new(name), Outside::new(value));
        let signals =
            [Packed::from([pair("a", "1"), pair("b", "1")]), Packed::from([pair("a", "1"), pair("b", "2")])];
        let text = |signals: &[Packed]| in_one(&sorted(counted(signals.iter())), 80).text();
        assert_eq!(text(&signals), " a=1  b: 2 values  ");
        assert_eq!(text(&[&signals[..], &[Packed::default()]].concat()), " a: 2 values  b: 3 values  ");
    }
}
