//! Hostile text in every place that shows text, on every screen and prompt: the bytes that would reach the terminal
//! hold nothing of it, and no column moves. Drawing itself fails here when the last-line sweep finds a cell to
//! replace.

mod incremental;
mod life;
mod places;
mod play;
mod remapped;

use std::collections::{BTreeMap, BTreeSet};
use std::mem::discriminant;

use quell::backend::{Refusal, RefusalKind};
use quell::console::look::Look;
use quell::console::message::Message;
use quell::domain::fault::{Fault, FaultKind};
use quell::domain::notice::{Notice, NoticeKind};
use quell::domain::text::Outside;
use quell::notify::terminal::{Form, Through, sequence};
use quell::notify::{Detail, Popup};
use quell::view::Theme;

use places::{PLACES, TYPED};
use play::Play;

use crate::screens::suite::{PROMPTS, SCREENS, of_prompt, of_screen};
use crate::support::board::id;
use crate::support::torture::texts;
use crate::support::vt::{assert_inert, assert_only_allowed};

const COLOUR: Theme = Theme::new(Look::Dark);
const MONO: Theme = Theme::new(Look::Mono);
const ASCII: Theme = Theme::new(Look::Dark).in_ascii();

/// The incident that says hostile things; its neighbour says nothing of the kind.
const HOSTILE: u64 = 1047;
const NEIGHBOUR: u64 = 1050;
const HARMLESS: &str = "Order gateway refuses connections";

/// Every payload, half of them for each of the two threads that a test gets.
fn each(act: impl Fn(&str, &str) + Sync) {
    let all = texts();
    assert!(all.len() > 70, "{}", all.len());
    let (first, second) = all.split_at(all.len() / 2);
    std::thread::scope(|scope| {
        for part in [first, second] {
            scope.spawn(|| part.iter().for_each(|(name, text)| act(name, text)));
        }
    });
}

/// Everything that is on a screen.
fn seen(play: &Play) -> String {
    play.shown(&play.bytes(&COLOUR)).0.screen().contents()
}

#[test]
fn every_place_is_one_of_its_own_and_is_reached_from_the_one_before() {
    let (mut frames, mut wrong) = (BTreeMap::new(), Vec::new());
    let mut tour = Play::new(HARMLESS, 80, 24);
    for (place, keys) in PLACES {
        let mut play = Play::new(HARMLESS, 80, 24);
        let began = play.now;
        play.reach(place, keys);
        tour.reach(place, keys);
        let stand =
            |play: &Play| (discriminant(&play.model.screen), play.model.prompt.as_ref().map(discriminant));
        if stand(&tour) != stand(&play) {
            wrong.push(format!("{place} is another place after the others"));
        }
        tour.home();
        // The same moment for all of them, and too late for what is only said in passing.
        let elapsed = (play.now - began).num_milliseconds();
        play.wait(30_000 - elapsed);
        if let Some(other) = frames.insert(seen(&play), place) {
            wrong.push(format!("{place} is {other}:\n{}", seen(&play)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn there_is_no_screen_and_no_prompt_without_a_place() {
    let mut play = Play::new(HARMLESS, 80, 24);
    let mut met = BTreeSet::new();
    for (place, keys) in PLACES {
        play.reach(place, keys);
        // A prompt that is open over a screen is what is looked at.
        met.insert(play.model.prompt.as_ref().map_or_else(|| of_screen(&play.model.screen), of_prompt));
        play.home();
    }
    let all: BTreeSet<&str> = SCREENS.iter().chain(PROMPTS).copied().collect();
    assert_eq!(all.difference(&met).collect::<Vec<_>>(), Vec::<&&str>::new());
}

#[test]
fn no_payload_reaches_the_terminal_from_any_place() {
    each(|name, text| {
        let mut play = Play::new(text, 80, 24);
        for (count, (place, keys)) in PLACES.iter().enumerate() {
            play.reach(place, keys);
            if TYPED.contains(place) {
                play.tell(Message::Pasted(Outside::new(text)));
            }
            let theme = [COLOUR, ASCII, MONO][count % 3];
            play.look(&theme, name, place);
            play.home();
        }
        assert!(play.titles.iter().all(|title| title.bytes().all(|byte| (b' '..=b'~').contains(&byte))));
    });
}

/// Of a page that scrolls, a place shows no more than its beginning or its end; here all of it has room.
#[test]
fn no_payload_reaches_the_terminal_from_between_the_ends_of_a_page() {
    each(|name, text| {
        let mut play = Play::new(text, 100, 400);
        for keys in ["enter", "p", "H", "l j j enter"] {
            play.press(keys);
            play.look(&COLOUR, name, &format!("all of {keys}"));
            play.home();
        }
    });
}

#[test]
fn no_payload_comes_back_as_a_message_about_what_was_done() {
    each(|name, text| {
        let mut play = Play::new(text, 120, 40);
        for keys in [
            "L z",
            "K down down",
            ": d o n e space 7",
            "P down down enter w z",
            "I u n k n o w n space b e c a u s e space",
            "n z",
        ] {
            play.press(keys);
            play.tell(Message::Pasted(Outside::new(text)));
            play.press("enter");
            play.look(&COLOUR, name, keys);
            play.home();
        }
        play.press("e enter enter");
        play.look(&COLOUR, name, "a refusal");
        play.home();
        for keys in ["o", "O"] {
            // What cannot be read as a link is said, and not opened.
            play.press(keys);
            play.look(&COLOUR, name, keys);
            play.home();
        }
        let host = play.text.clone();
        for opened in [Ok(()), Err(Fault::new(FaultKind::NoAnswer, play.text.as_str()))] {
            play.tell(Message::LinkOpened { host: host.clone(), opened });
            play.look(&MONO, name, "a link");
        }
        play.tell(Message::EngineLost(Fault::new(FaultKind::NoAnswer, play.text.as_str())));
        play.look(&ASCII, name, "a lost engine");
    });
}

#[test]
fn no_column_and_no_row_moves_whatever_a_title_says() {
    // Mark and severity to phase; then, right of the owner, what is urgent.
    type Cells = &'static [(u16, u16)];
    let columns: [(u16, u16, Cells); 3] =
        [(80, 24, &[(0, 29), (35, 48)]), (200, 60, &[(0, 29), (35, 48)]), (40, 12, &[(0, 20)])];
    for (cols, rows, kept) in columns {
        let harmless = Play::new(HARMLESS, cols, rows);
        let expected = harmless.shown(&harmless.bytes(&COLOUR));
        let y = expected.row(HOSTILE).expect("the row");
        each(|name, text| {
            let play = Play::new(text, cols, rows);
            for theme in [&COLOUR, &MONO, &ASCII] {
                let bytes = play.look(theme, name, "triage");
                if theme.ascii {
                    continue;
                }
                let shown = play.shown(&bytes);
                assert_eq!(
                    shown.row(HOSTILE),
                    Some(y),
                    "{name}: its row is elsewhere\n{}",
                    shown.0.screen().contents()
                );
                for (from, to) in kept {
                    assert_eq!(
                        shown.cells(y, *from, *to),
                        expected.cells(y, *from, *to),
                        "{name} at {cols}x{rows}: {}",
                        shown.cells(y, 0, cols)
                    );
                }
                let below = expected.row(NEIGHBOUR).expect("the neighbour's row");
                let width = if cols == 200 { 110 } else { cols };
                assert_eq!(
                    shown.cells(below, 0, width),
                    expected.cells(below, 0, width),
                    "{name}: the row below"
                );
                assert_eq!(shown.cells(0, 0, cols), expected.cells(0, 0, cols), "{name}: the counts");
            }
        });
    }
}

/// What reaches the terminal, where GNU screen takes its own sequences away.
fn passed_by_screen(bytes: &[u8], through: Through) -> Vec<u8> {
    if through != Through::Screen {
        return bytes.to_vec();
    }
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let pieces = text.split_terminator("\u{1b}\\").map(|piece| piece.strip_prefix("\u{1b}P").unwrap());
    pieces.collect::<String>().into_bytes()
}

#[test]
fn no_payload_ends_or_extends_a_notification() {
    each(|name, text| {
        let notice = Notice::new(NoticeKind::NewCritical, Some(id(HOSTILE)), Outside::new(text));
        let popup = Popup::of(&notice, None, Detail::Full);
        for form in [Form::Osc9, Form::Osc777, Form::Osc99] {
            for through in [Through::Nothing, Through::Tmux, Through::Screen] {
                for title in [&popup.title, &popup.body] {
                    let way = [through, Through::Nothing];
                    let bytes = sequence(form, &Popup { title: title.clone(), ..popup.clone() }, way);
                    assert!(bytes.len() < 8192, "{name}: {} bytes", bytes.len());
                    let checked = std::panic::catch_unwind(|| {
                        let bytes = passed_by_screen(&bytes, through);
                        assert_only_allowed(&bytes);
                        assert_inert(&bytes, text.as_bytes());
                    });
                    assert!(checked.is_ok(), "{name} as {form:?}, through {through:?}");
                }
            }
        }
        assert_only_allowed(popup.body.as_bytes());
    });
}

#[test]
fn a_line_of_output_is_one_line_and_says_no_more_than_it_shows() {
    for (name, text) in texts() {
        let outside = Outside::new(text.as_str());
        for shown in [outside.safe(), outside.exact()] {
            assert!(!shown.contains(['\n', '\r', '\u{1b}', '\u{7}']), "{name}: {shown:?}");
            assert_only_allowed(shown.as_bytes());
            assert_inert(shown.as_bytes(), text.as_bytes());
        }
        assert!(outside.exact().is_ascii(), "{name}");
        assert!(!outside.safe().trim().is_empty(), "{name} shows nothing");
        assert!(outside.safe().len() <= 20 * 1024, "{name}: {} bytes", outside.safe().len());
        for line in outside.lines(40) {
            assert_only_allowed(line.as_bytes());
        }
    }
}

#[test]
fn no_payload_gets_out_of_a_name_the_watch_was_offered_to() {
    each(|name, text| {
        let mut play = Play::new(text, 80, 24);
        if let Some(offer) = &mut play.engine.watch {
            offer.to.clone_from(&play.text);
        }
        let changes = play.engine.changes(play.now);
        play.tell(Message::Changed(Box::new(changes)));
        for (theme, keys) in [(COLOUR, "H"), (ASCII, "w"), (MONO, "enter")] {
            play.press(keys);
            play.look(&theme, name, keys);
            play.tell(Message::Pasted(Outside::new(text)));
            play.look(&theme, name, keys);
        }
        let incident = play.model.board.get(&id(HOSTILE)).cloned().unwrap();
        for file in [Ok((incident, play.text.clone())), Err(Refusal::new(RefusalKind::Refused, text))] {
            play.tell(Message::Published { id: id(HOSTILE), published: file });
            play.look(&COLOUR, name, "published");
        }
    });
}

#[test]
fn no_payload_gets_out_of_a_reason_to_break_the_glass() {
    each(|name, text| {
        let mut play = Play::new(text, 80, 24);
        play.engine.approvals = 1;
        play.press("c enter down z enter ctrl-g");
        play.tell(Message::Pasted(Outside::new(text)));
        play.look(&COLOUR, name, "the reason");
        play.press("a space r e a s o n enter");
        play.look(&ASCII, name, "the plan once more");
        play.press("enter");
        play.look(&MONO, name, "not the target");
    });
}
