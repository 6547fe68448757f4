//! What is kept with an incident, on its page.

use super::*;
use quell::domain::evidence::{Evidence, EvidenceKind};

fn kept(digit: &str, name: &str, bytes: u64, kind: EvidenceKind, note: Option<&str>) -> Entry {
    let (sha256, name, note) = (digit.repeat(64), Outside::new(name), note.map(Outside::new));
    Entry::EvidenceKept(Evidence { sha256, bytes, name, kind, note })
}

#[test]
fn evidence_on_the_page_of_its_incident() {
    let shown = |cols, rows| {
        let mut play = night();
        recovering(&mut play);
        let sessions = kept("a", "sessions", 1536, EvidenceKind::Capture { action: 1 }, None);
        let missed = Outside::new("no answer within 5s");
        let missed = Entry::CaptureMissed { action: 1, name: "memory".into(), because: missed };
        let log = kept("b", "access.log", 12 << 20, EvidenceKind::File, Some("copied from gw-2"));
        play.engine.rule(1047, "14:18:00", sessions);
        play.engine.rule(1047, "14:18:00", missed);
        play.engine.by("bo", 1047, "14:19:00", log);
        play.poll();
        play.press("enter");
        play.sized(cols, rows)
    };
    insta::assert_snapshot!("evidence_80x60", shot(&shown(80, 60), &COLOUR));
}
