//! Starts from the ledger, bears any size, and leaves without a trace.

use std::collections::BTreeSet;

use crate::pty::given_back;
use crate::support::eventually;
use crate::support::faultd::Reply;
use crate::support::pty::{Modes, Pty};
use crate::support::scratch::Scratch;
use crate::support::venue::{FREEZE, Venue, ask_to_freeze, critical, leave, type_target, until_shown};
use crate::support::vt;

/// The modes of a terminal nothing has changed.
pub fn scratch_modes() -> Modes {
    let scratch = Scratch::new();
    let pty = Pty::start(&scratch.program("cat", &[]), 80, 24);
    let modes = pty.modes();
    pty.keys("ctrl-d");
    pty.finish();
    modes
}

#[test]
fn the_first_frame_comes_from_the_ledger_while_the_source_hangs() {
    let venue = Venue::start();
    venue.server.on("GET /api/v2/alerts", [Reply::hang()]);
    let scratch = venue.scratch();
    for title in ["Order gateway refuses connections", "Withdrawals stuck"] {
        scratch.run(&["open", "--severity", "critical", title]).ok();
    }
    let console = scratch.console(&[], 80, 24);
    let screen = console.until(|screen| screen.contains("ANA-1"), "the first incident's details");
    assert!(screen.contains("CRIT 2"), "{screen}");
    assert!(screen.contains("Order gateway refuses") && screen.contains("Withdrawals stuck"), "{screen}");
    assert!(screen.contains("NEVER"), "the source that has not answered says so:\n{screen}");
    assert!(!screen.to_lowercase().contains("all clear"), "{screen}");
    console.until_bytes(|bytes| vt::oscs(bytes).iter().any(|osc| osc.starts_with("2;2 CRIT")), "the title");
    vt::assert_only_allowed(&console.whole_bytes());
}

#[test]
fn leaving_gives_everything_back() {
    let scratch = Scratch::new();
    scratch.run(&["open", "--severity", "critical", "Token issuance failing"]).ok();
    // Its modes are those of a fresh terminal: nothing has run in it before.
    let before = scratch_modes();
    let console = scratch.console(&[], 80, 24);
    console.shows("Token issuance failing");
    assert!(console.on_alternate_screen());
    assert!(console.title().starts_with("1 CRIT"), "{}", console.title());
    leave(&console);
    let (exit, _) = console.finish();
    assert_eq!(exit.code, 0, "{exit:?}");
    given_back(&console, &before);
}

#[test]
fn any_size_is_borne() {
    let before = scratch_modes();
    let scratch = Scratch::new();
    scratch.run(&["open", "--severity", "critical", "Withdrawals stuck"]).ok();
    let console = scratch.console(&[], 80, 24);
    console.shows("Withdrawals stuck");
    let sizes =
        [(1, 1), (0, 0), (80, 0), (0, 24), (1000, 40), (1, 50), (65_535, 1), (6, 1), (40, 12), (36, 9)];
    for (columns, rows) in sizes.into_iter().cycle().take(200) {
        console.resize(columns, rows);
    }
    console.resize(6, 1);
    console.until(|screen| screen.trim() == "1 CRIT", "the critical count, at 6x1");
    console.resize(40, 12);
    console.shows("▌!! CRIT     1");
    console.resize(200, 60);
    console.shows("? keys");
    console.resize(80, 24);
    console.shows("Withdrawals stuck");
    vt::assert_only_allowed(&console.whole_bytes());
    assert_eq!(console.ended(), None);
    leave(&console);
    assert_eq!(console.finish().0.code, 0);
    given_back(&console, &before);
}

#[test]
fn where_the_locale_is_not_of_unicode_every_byte_is_ascii() {
    let venue = Venue::under_attack();
    let scratch = venue.scratch();
    let mut quell = scratch.quell(&[]);
    let console = Pty::start(quell.env("LC_ALL", "C"), 80, 24);
    console.shows("Credential stuffing");
    assert!(console.whole_bytes().is_ascii());
    leave(&console);
    assert_eq!(console.finish().0.code, 0);
}

/// What is selected, urgent or bold is seen by that; no cell has a colour of its own.
#[test]
fn with_no_color_there_is_bold_and_reverse_and_no_colour() {
    let venue = Venue::under_attack();
    let scratch = venue.scratch();
    let mut quell = scratch.quell(&[]);
    let console = Pty::start(quell.env("NO_COLOR", "1"), 80, 24);
    console.shows("Credential stuffing");
    let bytes = console.whole_bytes();
    let pens: BTreeSet<u16> = vt::tokens(&bytes)
        .into_iter()
        .filter_map(|token| match token {
            vt::Token::Csi { parameters, last: 'm' } => Some(parameters),
            _ => None,
        })
        .flat_map(|pen| pen.split([';', ':']).filter_map(|part| part.parse().ok()).collect::<Vec<_>>())
        .collect();
    assert!(pens.contains(&1) && pens.contains(&7), "{pens:?}");
    let colours = pens.iter().filter(|pen| matches!(pen, 30..=38 | 40..=48 | 90..=97 | 100..=107));
    assert_eq!(colours.count(), 0, "{pens:?}");
    leave(&console);
    assert_eq!(console.finish().0.code, 0);
}

#[test]
fn without_a_terminal_it_says_what_to_use_instead() {
    let ran = Scratch::new().run(&[]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.stderr.contains("quell needs a terminal") && ran.stderr.contains("`quell list`"), "{ran:?}");
    assert!(!ran.stdout.contains('\u{1b}') && !ran.stderr.contains('\u{1b}'), "{ran:?}");
}

#[test]
fn the_smallest_screen_still_says_what_to_type() {
    let venue = Venue::under_attack();
    let scratch = venue.scratch();
    let console = scratch.console(&[], 40, 12);
    ask_to_freeze(&console);
    assert!(console.screen().contains("pgdn more"), "{}", console.screen());
    type_target(&console);
    console.keys(&"pgdn ".repeat(12));
    until_shown(&console, "enter", |screen| !screen.contains("enter contain"));
    venue.server.wait_for(FREEZE, 1);
    vt::assert_only_allowed(&console.whole_bytes());
}

#[test]
fn a_terminal_that_only_prints_is_told_of_what_it_can_show() {
    let scratch = Scratch::new();
    for (term, says) in [("dumb", "TERM is dumb"), ("", "TERM is not set")] {
        for args in [&[][..], &["--ascii"]] {
            let console = Pty::start(scratch.quell(args).env("TERM", term), 80, 24);
            let (exit, bytes) = console.finish();
            let said = String::from_utf8(bytes).unwrap();
            assert_eq!(exit.code, 2, "{term:?} {args:?}: {said}");
            let way = format!("cannot be drawn on ({says}); `quell watch --plain` tells each change");
            assert!(said.contains(&way) && !said.contains('\x1b'), "{said:?}");
        }
    }
}

#[test]
fn what_somebody_else_writes_on_the_screen_is_gone_once_it_is_drawn_again() {
    let venue = Venue::start();
    let scratch = venue.scratch();
    let console = scratch.console(&[], 80, 24);
    venue.fire(&[critical("OrderGatewayDown")]);
    console.shows("OrderGatewayDown is burning");
    console.keys(":").shows("acknowledge");
    console.scribble(b"\x1b[4;20HBroadcast message\x1b[20;3H\x1b[31mfrom root\x07");
    console.shows("Broadcast message");
    // A question is no obstacle, and stays.
    console.keys("ctrl-l");
    let again = |screen: &str| !screen.contains("Broadcast") && screen.contains("acknowledge");
    let screen = console.until(again, "a screen that was drawn again");
    assert!(!screen.contains("from root"), "{screen}");
    console.keys("esc").shows("a ack");
    // Line drawing, inserting, rows counted from a margin, and the other screen.
    console.scribble(b"\x1b(0\x0e\x1b[4h\x1b[?6h\x1b[?1049l");
    eventually("the other screen", || (!console.on_alternate_screen()).then_some(()));
    console.keys("ctrl-l");
    eventually("the screen it is drawn on", || console.on_alternate_screen().then_some(()));
    let again = b"\x1b[?1049h\x1b(B\x0f\x1b[4l\x1b[?6l\x1b[?69l\x1b[r";
    console.until_bytes(|bytes| bytes.windows(again.len()).any(|part| part == again), "all of it taken back");
    console.shows("OrderGatewayDown is burning");
    leave(&console);
}
