//! What a message says to people, before a channel writes it its own way.

use crate::domain::plan::{Purpose, Telling};
use crate::domain::text::Outside;

/// Lines of one item of the packet.
const MAX_LINES: usize = 20;
/// Cells of one line.
const MAX_CELLS: usize = 1000;

/// A message; no control character is left in it, and every text is one line.
pub(super) struct Said {
    /// Which incident, and what is new about it.
    pub(super) lead: String,
    /// What the incident is.
    pub(super) subject: String,
    /// What is known.
    pub(super) items: Vec<Item>,
}

/// One item of the packet.
pub(super) struct Item {
    pub(super) name: String,
    /// Its value; none when it is not yet known.
    pub(super) lines: Vec<String>,
}

/// What people are told.
pub(super) fn said(telling: &Telling) -> Said {
    let id = &telling.incident;
    let lead = match &telling.purpose {
        Purpose::Page => id.to_string(),
        Purpose::Filled => format!("{id}, now known:"),
        Purpose::Acknowledged(who) => format!("{id}: {} holds it; paging stops.", Outside::new(who).safe()),
        Purpose::Ended => format!("{id} has ended."),
        Purpose::Merged(into) => format!("{id} goes on in {into}: it was merged into it."),
        Purpose::Reopened => format!("{id} is NOT over: it goes on, and nobody holds it."),
    };
    // Who is paged no further needs no packet.
    let packet = match &telling.purpose {
        Purpose::Page | Purpose::Filled => telling.packet.as_slice(),
        Purpose::Acknowledged(_) | Purpose::Ended | Purpose::Merged(_) | Purpose::Reopened => &[],
    };
    let item = |(name, value): &(String, Option<Outside>)| Item {
        name: Outside::new(name).safe().clip(MAX_CELLS),
        lines: value.iter().flat_map(|v| v.lines(MAX_LINES)).map(|line| line.clip(MAX_CELLS)).collect(),
    };
    Said { lead, subject: telling.subject.safe().clip(MAX_CELLS), items: packet.iter().map(item).collect() }
}

/// As many of these parts as fit into `room` bytes; where that leaves some out, one more says how many.
pub(super) fn fit<T>(
    mut parts: Vec<T>,
    room: usize,
    size: impl Fn(&T) -> usize,
    marker: impl Fn(String) -> T,
) -> Vec<T> {
    if parts.iter().map(&size).sum::<usize>() <= room {
        return parts;
    }
    let marker = |left_out: usize| marker(format!("…[+{left_out} lines; quell has them all]"));
    let mut used = size(&marker(parts.len()));
    let fits = |part: &&T| {
        used += size(part);
        used <= room
    };
    let kept = parts.iter().take_while(fits).count();
    let left_out = parts.len() - kept;
    parts.truncate(kept);
    parts.push(marker(left_out));
    parts
}
