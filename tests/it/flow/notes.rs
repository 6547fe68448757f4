//! A note keeps the lines it was written in; a reason is one.

use super::verbs::recorded;
use super::*;
use quell::console::field::Field;
use quell::console::message::Message;
use quell::console::page;
use quell::console::prompt::{Asks, Text};

fn paste(play: &mut Play, text: &str) {
    play.tell(Message::Pasted(Outside::new(text)));
}

fn noted(text: &str) -> (u64, Entry) {
    (1047, Entry::Noted { text: Outside::new(text) })
}

/// The lines of the screen.
fn screen(play: &Play) -> Vec<String> {
    let lines = page::of_screen(&play.model, 80, play.now);
    lines.iter().map(page::Line::text).collect()
}

#[test]
fn what_is_pasted_into_a_note_keeps_its_lines_and_the_field_shows_where_they_end() {
    let mut play = console().usual();
    play.press("n");
    paste(&mut play, "ok  gw-1\r\n  bad gw-2\u{1b}[2J\n");
    play.press("ctrl-j");
    play.typing("two");
    play.press("alt-enter");
    play.typing("three");
    let Some(Prompt::Text(text)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    let line = page::field("> ", &text.field, false).text();
    assert_eq!(line.trim_end(), "> ok  gw-1⏎  bad gw-2 [2J⏎two⏎three");
    let effects = play.keys("enter");
    assert_eq!(recorded(&effects), [noted("ok  gw-1\n  bad gw-2 [2J\ntwo\nthree")]);
}

#[test]
fn a_note_of_the_command_line_keeps_its_lines_and_other_commands_have_one() {
    for (typed, kept) in [("note ", "one\ntwo"), ("", "note one\ntwo"), ("note see ", "one\ntwo")] {
        let mut play = console().usual();
        play.press(":");
        play.typing(typed);
        paste(&mut play, kept);
        let whole = format!("{typed}{kept}");
        let effects = play.keys("enter");
        assert_eq!(recorded(&effects), [noted(whole.strip_prefix("note ").unwrap())]);
    }
    let mut play = console().usual();
    play.press(":");
    paste(&mut play, "snooze 30m\nthen");
    let Some(Prompt::Line(line)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    assert_eq!(line.field.text(), "snooze 30m then");
}

#[test]
fn a_reason_stays_one_line_however_it_is_given() {
    let mut play = console().usual();
    let (field, together) = (Field::default(), Vec::new());
    let asked =
        Text { id: id(1047), seen: 1, together, asks: Asks::Mitigation, field, error: None, leaving: false };
    play.model.prompt = Some(Prompt::Text(asked));
    paste(&mut play, "off\nto bed");
    play.press("ctrl-j");
    let Some(Prompt::Text(text)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    assert_eq!(text.field.text(), "off to bed");
}

#[test]
fn a_note_stands_in_its_lines_under_each_other_and_hostile_ones_harm_nothing() {
    let mut play = console().usual();
    let text = Outside::new("seen:\n  gw-1 \u{1b}[2J ok\n\n\u{202e}gw-2\n");
    play.engine.by("bo", 1047, "14:03:00", Entry::Noted { text });
    play.poll();
    play.wait(2000);
    play.press("enter");
    play.wait(1000);
    let all = screen(&play);
    let first = all.iter().position(|line| line.contains("bo: seen:")).unwrap();
    let head = " ".repeat(all[first].find("bo: seen:").unwrap());
    let below = all[first + 1..first + 4].iter().map(|line| line.trim_end().to_owned());
    let wanted = [format!("{head}  gw-1 \\x1b[2J ok"), String::new(), format!("{head}\\u{{202e}}gw-2")];
    assert_eq!(below.collect::<Vec<_>>(), wanted);
}

#[test]
fn a_long_note_is_cut_where_it_is_shown_and_says_so() {
    let mut play = console().usual();
    let text = (0..100).map(|n| format!("line {n}\n")).collect::<String>();
    play.engine.by("bo", 1047, "14:03:00", Entry::Noted { text: Outside::new(text) });
    play.poll();
    play.wait(2000);
    play.press("enter");
    play.wait(1000);
    let all = screen(&play).join("\n");
    assert!(all.contains("line 38") && !all.contains("line 39") && all.contains("…[+61 lines]"), "{all}");
}
