//! The signals of an incident: once what all of them say, and of each what the others do not.

use std::cmp::Reverse;
use std::iter;

use super::labels::{in_full, shared};
use super::{Line, Page, Role, detail as brief, moment, own, upstream, wrapped};
use crate::backend::Detail;
use crate::console::links::{joined, leading};
use crate::domain::incident::Incident;
use crate::domain::signal::{Labels, Packed, Signal, Standing};
use crate::domain::text::Outside;
use crate::domain::time::Time;

/// So many stand on a page: of thousands nobody reads each, and a key would wait for them.
const MOST: usize = 100;

/// Their title, and their lines: what fires first, of that what the title is of, then what came last.
pub(super) fn page(incident: &Incident, detail: &Detail, cols: u16, now: Time) -> (String, Page) {
    let leads = leading(detail).map(|signal| &signal.key);
    let some_cleared = incident.firing() < incident.signals.len();
    let cleared = |signal: &Signal| some_cleared.then(|| joined(incident, &signal.key)).flatten()?.cleared;
    let mut all: Vec<(&Signal, Option<Time>)> = detail.signals.iter().map(|it| (it, cleared(it))).collect();
    all.sort_by_cached_key(|(one, cleared)| (cleared.is_some(), Some(&one.key) != leads, Reverse(one.since)));
    let several = match all.as_slice() {
        [] | [_] => None,
        [(first, _), others @ ..] => Some(common(first, others)),
    };
    let title = match all.len() {
        0 | 1 => "Signals".to_owned(),
        many => format!("Signals, {many}, {} firing", incident.firing()),
    };
    let mut out = Page::new();
    if let Some(common) = &several {
        let said = body(common, true, cols);
        if !said.is_empty() {
            out.push(Line::of(Role::Dim, " all of them:"));
            out.extend(said);
        }
    }
    for (one, cleared) in all.iter().take(MOST) {
        out.extend(head(one, *cleared, cols, now));
        match &several {
            None => out.extend(body(one, false, cols)),
            Some(common) => out.extend(body(&without(one, common), true, cols)),
        }
    }
    if let Some(more) = all.len().checked_sub(MOST).filter(|more| *more > 0) {
        let says = format!("and {more} more: quell show {} says all of them", incident.id);
        out.extend(wrapped(Role::Dim, " ", &says, cols));
    }
    (title, out)
}

/// What all of them say.
fn common(first: &Signal, others: &[(&Signal, Option<Time>)]) -> Signal {
    let same = |of: fn(&Signal) -> Option<&Outside>| {
        of(first).filter(|said| others.iter().all(|(other, _)| of(other) == Some(said))).cloned()
    };
    let packed = |of: fn(&Signal) -> &Packed| {
        let all = iter::once(first).chain(others.iter().map(|(other, _)| *other));
        let pairs = shared(all.map(of)).into_iter();
        Packed::from(pairs.map(|(name, value)| (Outside::new(name), Outside::new(value))).collect::<Labels>())
    };
    Signal {
        labels: packed(|signal| &signal.labels),
        annotations: packed(|signal| &signal.annotations),
        description: same(|signal| Some(&signal.description)).unwrap_or_default(),
        runbook: same(|signal| signal.runbook.as_ref()),
        link: same(|signal| signal.link.as_ref()),
        ..first.clone()
    }
}

/// One without what all of them say.
fn without(one: &Signal, common: &Signal) -> Signal {
    let rest = |own: &Packed, common: &Packed| {
        let differs = own.iter().filter(|(name, _)| common.raw_value(name.raw()).is_none());
        Packed::from(differs.collect::<Labels>())
    };
    let said = |own: &Option<Outside>, common: &Option<Outside>| own.clone().filter(|_| own != common);
    Signal {
        labels: rest(&one.labels, &common.labels),
        annotations: rest(&one.annotations, &common.annotations),
        description: Some(&one.description)
            .filter(|it| **it != common.description)
            .cloned()
            .unwrap_or_default(),
        runbook: said(&one.runbook, &common.runbook),
        link: said(&one.link, &common.link),
        ..one.clone()
    }
}

/// Which it is, how it stands, and what its source does about it.
fn head(signal: &Signal, cleared: Option<Time>, cols: u16, now: Time) -> Page {
    let standing = match (&signal.standing, cleared) {
        (_, Some(at)) => format!("cleared {}; as it was said last", moment(at, now)),
        (Standing::Firing, None) => format!("firing since {}", moment(signal.since, now)),
        (Standing::Pending, None) => format!("pending since {}, not firing yet", moment(signal.since, now)),
        (Standing::Silenced, None) => "silenced at its source".to_owned(),
        (Standing::Inhibited { by }, None) => format!("inhibited by {}", counted(by.len())),
    };
    let key = format!(" {} {} ", own(&signal.key.source), signal.key.fingerprint.capped_safe(40));
    let mut out = vec![Line::of(Role::Plain, key).and(Role::Dim, standing)];
    if signal.undecodable {
        out.push(Line::of(Role::Warn, " it could not be decoded; this is what came"));
    }
    out.extend(wrapped(Role::Plain, " ", &signal.title.safe(), cols));
    if let Some(upstream) = &signal.upstream {
        out.extend(upstream::quiet(upstream, cols));
        out.extend(upstream::lines(upstream, cols, now));
    }
    out
}

/// What it says: a line for each label, or one after the other where many signals stand below one another.
fn body(signal: &Signal, dense: bool, cols: u16) -> Page {
    let mut out = brief::description("", signal, cols, usize::MAX);
    out.extend(brief::links(signal, cols));
    if dense {
        out.extend(in_full(signal.labels.raw().chain(signal.annotations.raw()), cols));
        return out;
    }
    for (key, value) in signal.labels.iter().chain(signal.annotations.iter()) {
        out.extend(wrapped(Role::Plain, &format!("   {} = ", key.capped_safe(48)), &value.safe(), cols));
    }
    out
}

fn counted(others: usize) -> String {
    if others == 1 { "another".to_owned() } else { format!("{others} others") }
}
