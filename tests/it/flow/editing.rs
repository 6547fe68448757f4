//! Long texts go to the person's editor and come back into the field they left.

use super::*;
use quell::console::editing::Handed;
use quell::console::message::Message;
use quell::console::model::{Toast, ToastState};

fn edit(play: &mut Play) -> Option<Handed> {
    match play.keys("ctrl-o").as_slice() {
        [Effect::Edit(handed)] => Some(handed.clone()),
        [] => None,
        other => panic!("{other:?}"),
    }
}

/// What was written comes back; whether the file with it is deleted.
fn comes_back(play: &mut Play, handed: &Handed, written: Result<&str, &str>) -> bool {
    let written = written.map(Outside::new).map_err(str::to_owned);
    let file = Some("/home/ana/drafts/1/text.md".to_owned());
    let before = play.asked.len();
    play.tell(Message::Edited { handed: handed.clone(), written, file });
    play.asked[before..].contains(&Effect::DropDraft)
}

/// Hands a half-written note about the selected incident out.
fn half(play: &mut Play) -> Handed {
    play.press("n");
    play.typing("half");
    edit(play).unwrap()
}

fn toast(text: &str) -> Toast {
    let (state, at) = (ToastState::Failed, at("14:03:22"));
    Toast { text: text.to_owned(), state, at, reverse: None, before: false, untold: None }
}

fn note(play: &Play) -> String {
    let Some(Prompt::Text(text)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    text.field.text()
}

#[test]
fn a_note_comes_back_in_its_lines_and_a_reason_as_one() {
    let mut play = console().usual();
    let handed = half(&mut play);
    assert_eq!(handed.text, "half");
    assert!(comes_back(&mut play, &handed, Ok("half of the pods\n\trestarted\x1b[31m\n")));
    assert_eq!(note(&play), "half of the pods\n    restarted [31m");
    let handed = edit(&mut play).unwrap();
    assert!(!comes_back(&mut play, &handed, Ok(&"x".repeat(3000))), "the rest is only there");
    let said = "kept in /home/ana/drafts/1/text.md: the text was too long: its end is cut off";
    assert_eq!((note(&play).len(), play.toast()), (2000, said));
}

#[test]
fn a_text_of_several_lines_comes_back_whole_and_its_tabulators_as_what_is_seen_of_them() {
    let mut play = console().in_review();
    play.press("tab r");
    let handed = edit(&mut play).unwrap();
    assert_eq!(handed.text, "");
    assert!(comes_back(&mut play, &handed, Ok("the certificate\r\n\tran out\n")));
    let Some(Prompt::Lesson(form)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    assert_eq!(form.fields.slots[0].text(), "the certificate\n    ran out");
}

#[test]
fn an_editor_that_fails_leaves_what_stood_there_and_what_was_said() {
    let mut play = console().usual();
    let handed = half(&mut play);
    assert!(!comes_back(&mut play, &handed, Err("the editor ended with exit 1")));
    assert_eq!(note(&play), "half");
    let said = "kept in /home/ana/drafts/1/text.md: the text is as it was: the editor ended with exit 1";
    assert_eq!(play.toast(), said);
    assert!(comes_back(&mut play, &handed, Ok("whole")));
    assert_eq!(play.toast(), "", "what failed was made good");
    // What was said of something else is not taken for something that is settled by coming back.
    let handed = edit(&mut play).unwrap();
    play.model.toast = Some(toast("INC-1050: refused"));
    assert!(comes_back(&mut play, &handed, Ok("whole again")));
    assert_eq!(play.toast(), "INC-1050: refused");
}

#[test]
fn what_was_written_for_another_field_goes_nowhere() {
    let mut play = console().usual();
    let handed = half(&mut play);
    play.typing(" of it");
    assert!(!comes_back(&mut play, &handed, Ok("what is wrong")), "it says something else by now");
    assert_eq!(note(&play), "half of it");
    assert!(play.toast().contains("went nowhere"), "{}", play.toast());
    play.press("esc y");
    assert!(!comes_back(&mut play, &handed, Ok("what is wrong")));
    assert_eq!(play.model.prompt, None);
    // The same words about another incident are another text.
    play.press("j n");
    play.typing("half");
    assert!(!comes_back(&mut play, &handed, Ok("what is wrong")));
    assert_eq!(note(&play), "half");
}

#[test]
fn nothing_else_is_handed_to_an_editor() {
    let mut play = console().usual();
    assert_eq!(edit(&mut play), None, "nothing is asked");
    play.press(":");
    assert_eq!(edit(&mut play), None, "one line, for the program");
    play.press("esc c");
    play.press("esc P");
    assert_eq!(edit(&mut play), None, "one of several");
}
