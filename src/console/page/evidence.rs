//! What is kept with an incident.

use super::{Page, Role, moment, own, wrapped};
use crate::domain::evidence::Kept;
use crate::domain::incident::Incident;
use crate::domain::story;
use crate::domain::text::size;
use crate::domain::time::Time;

/// One piece after another, the newest last.
pub(super) fn page(incident: &Incident, cols: u16, now: Time) -> Page {
    let piece = |kept: &Kept| {
        let evidence = &kept.evidence;
        let head = format!(" {}  {} ", moment(kept.at, now), own(&kept.by));
        let sha256 = story::short(&evidence.sha256);
        let name = evidence.name.capped_safe(80);
        let of = evidence.kind.action().map(|action| format!(" of #{action}")).unwrap_or_default();
        let text = format!("{name}, {}{of}, {}, {sha256}", evidence.kind.word(), size(evidence.bytes));
        let mut out = wrapped(Role::Plain, &head, &text, cols);
        out.extend(evidence.note.iter().flat_map(|note| wrapped(Role::Dim, "   ", &note.safe(), cols)));
        out
    };
    incident.evidence.iter().flat_map(piece).collect()
}
