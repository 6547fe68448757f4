//! What was closed is found, opened by its id, and opened again.

use super::recording::unanswered;
use super::verbs::recorded;
use super::*;
use quell::console::model::Screen;
use quell::console::prompt::Picked;
use quell::domain::escalation::Step;
use quell::domain::phase::Phase;
use quell::domain::record::{CloseReason, PathArmed};
use quell::domain::time::Span;

/// A critical that still fires, closed as a false alarm by three keys and a word.
fn closed() -> Play {
    let mut play = console().usual();
    play.press("X j enter");
    play.typing("drill");
    let note = Some(Outside::new("drill"));
    assert_eq!(
        recorded(&play.keys("enter")),
        [(1047, Entry::Closed { reason: CloseReason::FalseAlarm, note })]
    );
    play
}

fn back(to: Phase) -> Entry {
    Entry::PhaseMoved { to, waived: None }
}

fn phase(play: &Play, number: u64) -> Phase {
    play.model.board.get(&id(number)).unwrap().phase
}

fn offered(play: &Play) -> Vec<String> {
    let Some(Prompt::Choose(choose)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    choose.choices.iter().map(|choice| choice.title.clone()).collect()
}

#[test]
fn undo_right_after_closing_opens_it_again_where_it_stood_wherever_the_cursor_is() {
    for wait in [0, 2000] {
        let mut play = closed();
        play.wait(wait);
        let shown = crate::screens::text(&play);
        assert!(shown.contains("INC-1047 is closed: false-alarm; u reopens it"), "{shown}");
        assert_eq!(play.rows().contains(&1047), wait == 0, "its row stands for a moment");
        assert_eq!(recorded(&play.keys("u")), [(1047, back(Phase::Identify))]);
        assert_eq!(play.toast(), "INC-1047 is in Identify again");
        play.wait(2000);
        assert_eq!((play.rows(), play.model.board.tally().critical), (vec![1047, 1050, 1051, 1029], 1));
    }
    // Whoever goes on means what is selected then.
    let mut play = closed();
    play.wait(2000);
    play.press("j");
    assert!(!crate::screens::text(&play).contains("reopens it"));
    assert!(!play.keys("u").iter().any(|effect| matches!(effect, Effect::Record { .. })));
    assert_eq!(phase(&play, 1047), Phase::Closed);
}

#[test]
fn undo_right_after_means_no_other_one_where_somebody_was_faster() {
    let mut play = closed();
    play.engine.by("bo", 1047, "14:03:40", back(Phase::Identify));
    play.poll();
    assert!(!crate::screens::text(&play).contains("reopens it"));
    assert_eq!(recorded(&play.keys("u")), []);
    assert_eq!(play.toast(), "INC-1047: it is not closed");
}

#[test]
fn on_its_page_undo_and_phase_ask_how_far_back_it_goes() {
    for key in ["u", "P"] {
        let mut play = console().usual();
        play.press("enter");
        let note = Some(Outside::new("a drill"));
        play.engine.by(
            "bo",
            1047,
            "14:03:40",
            Entry::PhaseMoved { to: Phase::Mitigate, waived: note.clone() },
        );
        play.engine.by("bo", 1047, "14:03:41", Entry::Closed { reason: CloseReason::FalseAlarm, note });
        play.poll();
        let hint = crate::screens::text(&play);
        assert!(hint.contains("u reopen"), "{hint}");
        assert_eq!(recorded(&play.keys(key)), [], "a key alone pages nobody");
        assert_eq!(offered(&play), ["Identify", "Contain", "Mitigate"]);
        assert_eq!(recorded(&play.keys("enter")), [(1047, back(Phase::Mitigate))], "where it was closed");
        play.engine.by(
            "bo",
            1047,
            "14:03:50",
            Entry::Closed { reason: CloseReason::FalseAlarm, note: Some(Outside::new("x")) },
        );
        play.poll();
        play.press(key);
        assert_eq!(recorded(&play.keys("k k enter")), [(1047, back(Phase::Identify))]);
    }
}

#[test]
fn whom_opening_it_again_pages_and_when_is_said_first() {
    let mut play = console().usual();
    play.press("enter");
    let steps = vec![Step { after: Span::mins(5), to: vec!["room".into()] }];
    play.engine.rule(1047, "14:02:30", Entry::PathArmed(PathArmed { path: "incident".into(), steps }));
    let note = Some(Outside::new("a drill"));
    play.engine.by("bo", 1047, "14:03:40", Entry::Closed { reason: CloseReason::FalseAlarm, note });
    play.poll();
    play.press("u");
    let Some(Prompt::Choose(choose)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    assert_eq!(choose.choices[0].says, "opens it again: room is paged at 14:07:30Z");
    assert!(crate::screens::text(&play).contains("opens it again: room is paged at 14:07:30Z"));
    assert_eq!(recorded(&play.keys("enter")), [(1047, back(Phase::Identify))]);
    assert_eq!(play.toast(), "INC-1047 is in Identify again; room is paged at 14:07:30Z");
}

#[test]
fn what_is_closed_takes_no_other_verb_and_says_how_it_is_opened_again() {
    let mut play = closed();
    assert_eq!(recorded(&play.keys("X")), []);
    assert_eq!(play.toast(), "INC-1047 is closed; only notes can be added, or P moves it back");
    assert_eq!(recorded(&play.keys("a")), []);
}

#[test]
fn a_review_that_was_ended_goes_on() {
    let mut play = console().usual().in_review();
    play.press("v");
    let waived = Some(Outside::new("nothing to learn"));
    play.engine.by("ana", 1033, "14:03:30", Entry::PhaseMoved { to: Phase::Closed, waived });
    play.poll();
    play.press(":");
    play.typing("open INC-1033");
    play.press("enter P");
    assert_eq!(offered(&play), ["Identify", "Contain", "Mitigate", "Recover", "Review"]);
    assert_eq!(recorded(&play.keys("enter")), [(1033, back(Phase::Review))]);
    assert_eq!((play.toast(), phase(&play, 1033)), ("INC-1033 is in Review again", Phase::Review));
}

#[test]
fn undo_on_one_that_is_linked_asks_what_is_meant() {
    let mut play = console().usual();
    play.press("enter :");
    play.typing("link 1050");
    play.press("enter");
    let note = Some(Outside::new("a drill"));
    play.engine.by("bo", 1047, "14:03:40", Entry::Closed { reason: CloseReason::FalseAlarm, note });
    play.poll();
    play.press("u");
    let Some(Prompt::Choose(choose)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    let picked: Vec<&Picked> = choose.choices.iter().map(|choice| &choice.picked).collect();
    assert_eq!(picked, [&Picked::Phase(Phase::Identify), &Picked::Unlink(id(1050))]);
    assert_eq!(recorded(&play.keys("enter")), [(1047, back(Phase::Identify))]);
}

#[test]
fn any_incident_is_opened_by_its_id_whatever_stands_in_the_list() {
    let mut play = closed();
    play.wait(2000);
    play.press(":");
    play.typing("open ");
    let shown = crate::screens::text(&play);
    assert!(
        shown.contains("1047  Order gateway refuses connections"),
        "what is in no list is offered: {shown}"
    );
    play.typing("INC-1047");
    play.press("enter");
    assert!(matches!(&play.model.screen, Screen::Incident { id: shown, .. } if *shown == id(1047)));
    // Also from a page, where its name alone does nothing.
    play.press(":");
    play.typing("open INC-1029");
    play.press("enter");
    assert!(matches!(&play.model.screen, Screen::Incident { id: shown, .. } if *shown == id(1029)));
    play.press(":");
    play.typing("open INC-9");
    play.press("enter");
    assert_eq!(play.toast(), "no such incident");
    play.press(":");
    play.typing("open INC-1 INC-2");
    play.press("enter");
    let Some(Prompt::Line(line)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    assert_eq!(line.error.as_ref().map(|wrong| wrong.says.as_str()), Some("the id of one incident only"));
}

#[test]
fn until_the_one_that_was_named_is_there_no_key_acts_on_another() {
    let mut play = console().usual();
    play.press("space :");
    play.typing("open INC-1029");
    let asked = unanswered(&mut play, &["enter", "a", "u", "c"]);
    assert_eq!(recorded(&asked), []);
    assert_eq!(play.toast(), "INC-1029 is being opened: press again");
    assert!(play.model.prompt.is_none() && play.model.marks.ids.len() == 1);
    let load = Effect::Load("INC-1029".to_owned());
    let answer = play.engine.answer(&load, play.now).unwrap();
    play.tell(answer);
    assert!(matches!(&play.model.screen, Screen::Incident { id: shown, .. } if *shown == id(1029)));
    assert_eq!(recorded(&play.keys("a")).iter().map(|it| it.0).collect::<Vec<_>>(), [1029]);

    // Whoever goes back before is not taken there later.
    let mut play = console().usual();
    play.press(":");
    play.typing("open INC-1029");
    unanswered(&mut play, &["enter", "esc"]);
    let answer = play.engine.answer(&load, play.now).unwrap();
    play.tell(answer);
    assert_eq!(play.model.screen, Screen::Triage);
}

#[test]
fn undo_right_after_resolving_undoes_nothing_of_the_row_that_comes_under_the_cursor() {
    let mut play = console().usual();
    play.poll();
    play.press(":");
    play.typing("close resolved");
    play.press("enter w");
    play.typing("it is over");
    play.press("enter");
    play.wait(1500);
    play.press("enter");
    assert_eq!(phase(&play, 1047), Phase::Review, "{}", crate::screens::text(&play));
    play.wait(2000);
    assert_ne!(play.model.selected_id(), Some(&id(1047)));
    assert_eq!(recorded(&play.keys("u")), []);
    assert_eq!(play.toast(), "INC-1047 is in Review: P on its page moves it back");
    assert!(play.model.prompt.is_none());
}
