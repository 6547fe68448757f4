//! A timeline in which what many signals did in the same second takes one line.

use super::detail::TOLD;
use super::{Line, Role, hanging, moment, own};
use crate::backend::Detail;
use crate::domain::incident::Incident;
use crate::domain::record::{Entry, Record};
use crate::domain::story::{self, Tone};
use crate::domain::time::Time;

/// What happened of what is wanted, the newest first; only what is taken is put into words.
pub fn timeline(
    detail: &Detail,
    incident: &Incident,
    cols: u16,
    now: Time,
    wanted: impl Fn(Tone) -> bool,
) -> impl Iterator<Item = Line> {
    let records = &detail.records;
    let mut left = records.len();
    let told = std::iter::from_fn(move || {
        let record = records.get(left.checked_sub(1)?)?;
        let many =
            records.iter().take(left).rev().take_while(|other| goes_with(other, record)).count().max(1);
        left -= many;
        let (tone, lines) = match records.get(left) {
            Some(first) if many > 1 => several(first, many),
            _ => story::in_lines(record, Some(incident), TOLD),
        };
        Some((record, tone, lines))
    });
    told.filter(move |(_, tone, _)| wanted(*tone)).flat_map(move |(record, tone, lines)| {
        let (role, indent) = match tone {
            Tone::Good => (Role::Good, ""),
            Tone::Bad => (Role::Bad, ""),
            Tone::Act => (Role::Plain, ""),
            Tone::Quiet => (Role::Dim, ""),
            Tone::Aside => (Role::Dim, "  "),
        };
        hanging(role, &format!(" {}  {indent}", moment(record.at, now)), &lines, cols)
    })
}

/// Whether a signal of the same source did the same in the same second.
fn goes_with(one: &Record, other: &Record) -> bool {
    let same = match (&one.entry, &other.entry) {
        (Entry::SignalJoined(a), Entry::SignalJoined(b)) => a.key.source == b.key.source,
        (Entry::SignalCleared { key: a, because: why }, Entry::SignalCleared { key: b, because }) => {
            a.source == b.source && why == because
        }
        _ => false,
    };
    same && one.at.timestamp() == other.at.timestamp()
}

/// What the first of so many says for all of them.
fn several(first: &Record, many: usize) -> (Tone, Vec<String>) {
    let others = match many - 1 {
        1 => "1 other".to_owned(),
        more => format!("{more} others"),
    };
    match &first.entry {
        Entry::SignalJoined(signal) => {
            let (source, title) = (own(&signal.key.source), signal.title.safe());
            (Tone::Quiet, vec![format!("{many} signals joined from {source}: {title} and {others}")])
        }
        Entry::SignalCleared { key, because } => {
            let source = own(&key.source);
            (Tone::Good, vec![format!("{many} signals cleared at {source}: {}", own(because))])
        }
        _ => story::in_lines(first, None, TOLD),
    }
}
