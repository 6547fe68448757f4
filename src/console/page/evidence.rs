//! What is kept with an incident.

use super::{Page, Role, moment, own, wrapped};
use crate::domain::evidence::Kept;
use crate::domain::incident::Incident;
use crate::domain::time::Time;

/// Digits of a SHA-256 that are shown: enough to name it.
const DIGITS: usize = 12;

/// One piece after another, the newest last.
pub(super) fn page(incident: &Incident, cols: u16, now: Time) -> Page {
    let piece = |kept: &Kept| {
        let evidence = &kept.evidence;
        let head = format!(" {}  {} ", moment(kept.at, now), own(&kept.by));
        let sha256 = evidence.sha256.get(..DIGITS).unwrap_or(&evidence.sha256);
        let name = evidence.name.capped_safe(80);
        let of = evidence.kind.action().map(|action| format!(" of #{action}")).unwrap_or_default();
        let text = format!("{name}, {}{of}, {}, {sha256}", evidence.kind.word(), size(evidence.bytes));
        let mut out = wrapped(Role::Plain, &head, &text, cols);
        out.extend(evidence.note.iter().flat_map(|note| wrapped(Role::Dim, "   ", &note.safe(), cols)));
        out
    };
    incident.evidence.iter().flat_map(piece).collect()
}

/// `512 B`, `1.5 KiB`, `12.0 MiB`.
fn size(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_576 => format!("{}.{} KiB", bytes / 1024, bytes % 1024 * 10 / 1024),
        _ => format!("{}.{} MiB", bytes >> 20, (bytes % 1_048_576) * 10 / 1_048_576),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        for (bytes, words) in [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (16 << 20, "16.0 MiB")] {
            assert_eq!(size(bytes), words);
        }
    }
}
