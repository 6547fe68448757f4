//! What an attacker writes into an alert reaches the wall as letters only, large or small.

use quell::domain::severity::Severity;
use quell::domain::text::Outside;

use super::{COLOUR, CONSOLE, Told};
use crate::support::play::incident;
use crate::support::torture;
use crate::support::vt;
use crate::support::wired::Wired;

#[test]
fn no_payload_is_more_than_letters() {
    for (name, text) in torture::texts() {
        let mut told = Told::new(80, 24);
        told.engine.put(incident(1, Severity::Critical, "14:01:22", text));
        told.engine.put(incident(2, Severity::High, "14:01:23", text));
        told.engine.sources[1].name = Outside::new(text).raw().to_owned();
        told.poll();
        for theme in [COLOUR, CONSOLE, COLOUR.in_ascii()] {
            let bytes = Wired::new(80, 24).shows(&told.frame(&theme));
            vt::assert_only_allowed(&bytes);
            assert!(!theme.ascii || bytes.is_ascii(), "{name}");
        }
    }
}
