//! Through SSH it is the person's own terminal that is asked, in the words it understands; the bell is the floor.

use crate::notices::{asked_for, watching};
use crate::support::venue::critical;
use crate::support::vt;

const SSH: (&str, &str) = ("SSH_CONNECTION", "203.0.113.9 50000 10.0.0.1 22");

#[test]
fn each_terminal_is_asked_in_its_own_words() {
    let terminals = [
        (("TERM_PROGRAM", "iTerm.app"), "[bell, osc9]", "9;quell: NEW ANA-1: critical, trading"),
        (("TERM_PROGRAM", "WezTerm"), "[bell, osc777]", "777;notify;NEW ANA-1;critical, trading"),
        (("TERM", "xterm-kitty"), "[bell, osc99]", "99;i="),
        (("TERM", "xterm-256color"), "[bell]", ""),
    ];
    let consoles = terminals.map(|(variable, how, asked)| (watching(&[SSH, variable]), how, asked));
    for ((venue, _scratch, console), how, asked) in &consoles {
        venue.fire(&[critical("GatewayDown")]);
        console.shows(how);
        let bytes = console.whole_bytes();
        let all = asked_for(&bytes);
        assert!(asked.is_empty() == all.is_empty(), "{how}: {all:?}");
        assert!(asked.is_empty() || all[0].starts_with(asked), "{how}: {all:?}");
        assert_eq!(console.bells(), 1, "{how}");
        vt::assert_only_allowed(&bytes);
    }
}

#[test]
fn going_blind_is_a_notice() {
    let (venue, scratch, console) = watching(&[SSH, ("TERM_PROGRAM", "iTerm.app")]);
    scratch.run(&["open", "--severity", "high", "Something by hand"]).ok();
    venue.server.stop();
    let screen = console.shows("BLIND");
    assert!(!screen.to_lowercase().contains("all clear"), "{screen}");
    let blind = |bytes: &[u8]| asked_for(bytes).iter().any(|osc| osc.starts_with("9;quell: BLIND"));
    vt::assert_only_allowed(&console.until_bytes(blind, "a notification of blindness"));
    console.until(|screen| screen.contains("DOWN") && screen.contains("Something by hand"), "every row kept");
}
