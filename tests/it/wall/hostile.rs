//! What an attacker writes into an alert reaches the wall as letters only, large or small.

use quell::domain::severity::Severity;
use quell::runtime::emitter::Emitter;
use ratatui::buffer::Buffer;
use ratatui::layout::Size;

use super::{COLOUR, CONSOLE, Told};
use crate::support::play::incident;
use crate::support::torture;
use crate::support::vt;
use crate::support::wired::Whole;

/// What a terminal is sent for a frame. It is not compared with it: the reader at hand knows fewer combining marks.
fn bytes(frame: &Buffer) -> Vec<u8> {
    let mut emitter = Emitter::new(Size::new(frame.area.width, frame.area.height), true);
    emitter.draw(&Whole(frame));
    emitter.take()
}

#[test]
fn no_payload_is_more_than_letters() {
    for (name, text) in torture::texts() {
        let mut told = Told::new(80, 24);
        told.engine.put(incident(1, Severity::Critical, "14:01:22", &text));
        told.engine.put(incident(2, Severity::High, "14:01:23", &text));
        told.engine.sources[1].name = text;
        told.poll();
        for theme in [COLOUR, CONSOLE, COLOUR.in_ascii()] {
            let bytes = bytes(&told.drawn(&theme));
            vt::assert_only_allowed(&bytes);
            assert!(!theme.ascii || bytes.is_ascii(), "{name}");
        }
    }
}
