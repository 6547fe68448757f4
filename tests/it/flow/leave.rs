//! Leaving and being suspended: neither happens by reflex, and neither is kept from the person who means it.

use super::*;
use quell::backend::WatchOffer;
use quell::console::message::Message;
use quell::console::model::Screen;
use quell::domain::deadline::DeadlineKind;
use quell::domain::record::DeadlineSet;

#[test]
fn esc_on_triage_does_nothing_and_after_a_filter_neither() {
    let mut play = console().usual();
    assert_eq!(play.keys("esc esc enter"), []);
    play.press("esc esc esc");
    assert_eq!((play.model.screen.clone(), play.model.prompt.clone()), (Screen::Triage, None));
    play.press("/ s enter esc esc");
    assert_eq!(play.model.prompt, None);
}

#[test]
fn a_reflex_enter_does_not_leave() {
    let mut play = console().usual();
    assert_eq!(play.keys("q enter"), [], "300 ms after its first frame");
    assert!(matches!(play.model.prompt, Some(Prompt::Leave { .. })));
    assert_eq!(play.toast(), "press Enter again, after a breath");
    assert_eq!(play.keys("enter"), [Effect::Quit]);
}

#[test]
fn what_nobody_has_seen_to_is_named_to_whoever_leaves() {
    let mut play = console().usual();
    let waits = |play: &mut Play| {
        play.press("ctrl-c");
        let Some(Prompt::Leave { waits, .. }) = &play.model.prompt else { panic!("it did not ask") };
        let waits = waits.clone();
        play.press("esc");
        waits
    };
    assert!(waits(&mut play).is_empty());
    let set = |name: &str| {
        let (name, title) = (name.to_owned(), Outside::new("next bulletin"));
        let due = at("14:02:30");
        Entry::DeadlineSet(DeadlineSet { deadline: DeadlineKind::Bulletin, name, title, due })
    };
    for audience in ["users", "partners", "public", "regulator", "internal"] {
        play.engine.rule(1047, "14:02:00", set(audience));
    }
    play.engine.rule(1050, "14:02:00", set("users"));
    play.engine.watch = Some(WatchOffer {
        seq: 1,
        at: at("14:01:00"),
        by: "ana".into(),
        to: "bo".into(),
        card: Outside::new("# Hand-over"),
    });
    play.poll();
    let said = waits(&mut play);
    assert_eq!(said[0], "the watch offered to bo at 14:01Z: not taken");
    assert_eq!(said[1], "INC-1047: bulletin users OVERDUE since 14:02Z");
    assert_eq!((said.len(), said[6].as_str()), (7, "and 1 more that are overdue"));
}

#[test]
fn a_q_that_is_held_down_leaves_nothing() {
    let mut play = console().usual();
    play.press("q");
    for _ in 0..60 {
        play.wait(33);
        play.typing("q");
        assert!(matches!(play.model.prompt, Some(Prompt::Leave { .. })));
    }
    play.wait(100);
    play.typing("y");
    assert_eq!(play.toast(), "press y again, after a breath");
    assert_eq!(play.keys("y"), [Effect::Quit]);
}

#[test]
fn a_second_q_or_y_leaves_after_a_breath_and_n_stays() {
    assert_eq!(console().usual().keys("q q"), [Effect::Quit]);
    let mut play = console().usual();
    play.press("q");
    play.typing("q");
    assert_eq!(
        play.toast(),
        "press q again, after a breath",
        "who presses q again and again wants to go back"
    );
    assert_eq!(play.keys("q"), [Effect::Quit]);
    assert_eq!(console().usual().keys("q y"), [Effect::Quit]);
    let mut play = console().usual();
    assert_eq!(play.keys("q n"), []);
    assert_eq!(play.model.prompt, None);
}

#[test]
fn ctrl_z_suspends_from_every_prompt_and_goes_back_to_it() {
    for keys in ["", "n g w", "/ s", "S", "P", "c", "e", "x", "q", "I 1"] {
        let mut play = console().usual();
        play.press(keys);
        let before = play.model.prompt.clone();
        assert_eq!(play.keys("ctrl-z"), [Effect::Suspend], "{keys}");
        assert_eq!(play.model.prompt, before, "{keys}");
        play.tell(Message::Resumed);
        assert_eq!(play.model.prompt.is_some(), before.is_some(), "{keys}");
    }
    let mut play = console().usual();
    play.press("c enter 8");
    assert_eq!(play.keys("ctrl-z"), [Effect::Suspend]);
}
