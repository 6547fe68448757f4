//! The command line.

use super::verbs::recorded;
use super::*;
use quell::console::model::Screen;
use quell::domain::deadline::DeadlineKind;
use quell::domain::record::{DeadlineMet, DeadlineSet};
use quell::domain::role::Role;

/// What is said about a line, and where it points.
fn wrong(line: &str) -> (usize, usize, String) {
    let mut play = console().usual();
    play.press(":");
    play.typing(line);
    assert_eq!(play.keys("enter"), [], "{line}");
    let Some(Prompt::Line(it)) = &play.model.prompt else { panic!("{line} was taken") };
    let error = it.error.clone().unwrap();
    (error.at, error.cells, error.says)
}

fn run(play: &mut Play, line: &str) -> Vec<Effect> {
    play.press(":");
    play.typing(line);
    play.keys("enter")
}

#[test]
fn a_timer_is_set_and_done() {
    let mut play = console().usual();
    let set = run(&mut play, "timer bob 3m check matching engine");
    let due = play.now + chrono::TimeDelta::minutes(3);
    let title = Outside::new("bob: check matching engine");
    let timer =
        Entry::DeadlineSet(DeadlineSet { deadline: DeadlineKind::Timer, name: String::new(), title, due });
    assert_eq!(recorded(&set), [(1047, timer)]);
    let met = run(&mut play, "done 1 it is fine");
    let note = Some(Outside::new("it is fine"));
    let done = Entry::DeadlineMet(DeadlineMet { deadline: DeadlineKind::Timer, name: "1".into(), note });
    assert_eq!(recorded(&met), [(1047, done)]);
    assert!(play.model.selected().unwrap().open_deadlines().is_empty());
}

#[test]
fn duties_and_callouts_are_met_by_their_names() {
    let mut play = console().usual();
    for (deadline, name) in [(DeadlineKind::Regulator, "dora/initial"), (DeadlineKind::Callout, "")] {
        let (title, due) = (Outside::new("report"), crate::support::play::at("18:00:00"));
        play.engine.rule(
            1047,
            "14:02:00",
            Entry::DeadlineSet(DeadlineSet { deadline, name: name.into(), title, due }),
        );
    }
    play.poll();
    let met = |deadline, name: &str, note: Option<&str>| {
        (1047, Entry::DeadlineMet(DeadlineMet { deadline, name: name.into(), note: note.map(Outside::new) }))
    };
    let done = run(&mut play, "done dora/initial");
    assert_eq!(recorded(&done), [met(DeadlineKind::Regulator, "dora/initial", None)]);
    let done = run(&mut play, "callout db fine, gw restarting");
    assert_eq!(recorded(&done), [met(DeadlineKind::Callout, "", Some("db fine, gw restarting"))]);
}

#[test]
fn roles_and_handing_back() {
    let mut play = console().usual();
    let name = Outside::new("bo");
    let taken = Entry::RoleTaken { role: Role::Commander, name, from: None };
    assert_eq!(recorded(&run(&mut play, "role commander bo")), [(1047, taken)]);
    assert_eq!(run(&mut play, "role commander ana"), [], "from bo, it asks once more");
    assert!(matches!(&play.model.prompt, Some(Prompt::Roles(roles)) if roles.sure));
    play.press("esc a");
    let because = Some(Outside::new("my shift is over"));
    assert_eq!(
        recorded(&run(&mut play, "hand-back my shift is over")),
        [(1047, Entry::HandedBack { because })]
    );
    play.press("a");
    assert_eq!(run(&mut play, "hand-back"), []);
    assert!(matches!(play.model.prompt, Some(Prompt::Text(_))), "without a reason it asks");
}

#[test]
fn every_command_of_a_key_runs_by_its_name_or_its_beginning() {
    let mut play = console().usual();
    assert_eq!(recorded(&run(&mut play, "ack")), [(1047, Entry::Acknowledged { lasts_s: 1800, from: None })]);
    run(&mut play, "monitors");
    assert_eq!(play.model.screen, Screen::Monitors { top: 0 });
    run(&mut play, "quit");
    assert!(matches!(play.model.prompt, Some(Prompt::Leave { .. })));
}

#[test]
fn what_is_wrong_points_at_its_word() {
    assert_eq!(wrong("dance now").0, 0);
    let (at, cells, says) = wrong("timer bob 3x check");
    assert_eq!((at, cells), (10, 2));
    assert!(says.contains("write it like"), "{says}");
    let (at, _, says) = wrong("timer bob");
    assert_eq!(at, 10);
    assert_eq!(says, "within which time, as in: timer bob 3m check the matching engine");
    assert_eq!(wrong("role boss ana").0, 5);
    assert_eq!(wrong("done 7").2, "nothing is due on INC-1047 that a word could end");
    assert_eq!(wrong("callout all fine").2, "no callout is due on INC-1047; n writes a note");
    assert_eq!(wrong("note hello").0, 5);
}

#[test]
fn what_somebody_believes_is_a_note_that_the_card_knows() {
    let mut play = console().usual();
    let text = Outside::new("hypothesis: a bad deploy");
    assert_eq!(recorded(&run(&mut play, "hypothesis a bad deploy")), [(1047, Entry::Noted { text })]);
    assert_eq!(run(&mut play, "hypothesis"), []);
    play.press("enter");
    let Some(Prompt::Line(line)) = &play.model.prompt else { panic!() };
    assert!(line.error.as_ref().is_some_and(|wrong| wrong.says.starts_with("what you believe")));
}

#[test]
fn tab_completes_and_backspace_leaves_an_empty_line() {
    let mut play = console().usual();
    play.press(": t i tab");
    let Some(Prompt::Line(line)) = &play.model.prompt else { panic!() };
    assert_eq!(line.field.text(), "timer ");
    play.press("ctrl-u backspace");
    assert_eq!(play.model.prompt, None);
}

#[test]
fn a_line_that_was_refused_is_there_again() {
    let mut play = console().usual();
    let refusal = quell::backend::Refusal::new(quell::backend::RefusalKind::Unreachable, "try again");
    play.engine.refuse = Some(refusal);
    run(&mut play, "timer bob 3m check");
    let Some(Prompt::Line(line)) = &play.model.prompt else { panic!("it is gone") };
    assert_eq!(line.field.text(), "timer bob 3m check");
    assert_eq!(recorded(&play.keys("enter")).len(), 1);
}
