//! Leaving and being suspended: neither happens by reflex, and neither is kept from the person who means it.

use super::*;
use quell::backend::WatchOffer;
use quell::console::message::Message;
use quell::console::model::Screen;
use quell::console::page;
use quell::console::prompt::Leaving;
use quell::domain::deadline::DeadlineKind;
use quell::domain::escalation::Step;
use quell::domain::record::{DeadlineSet, PathArmed};
use quell::domain::role::Role;
use quell::domain::severity::Severity;
use quell::domain::time::Span;

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
fn esc_shows_all_again_and_q_leaves_whatever_is_shown() {
    let mut play = console().usual();
    play.press("/ l a g enter");
    let hints = |play: &Play| quell::console::hints::hints(&play.model, play.now);
    let word =
        |play: &Play, key: &str| hints(play).iter().find(|(it, _)| it == key).map(|(_, word)| word.clone());
    assert_eq!((word(&play, "esc"), word(&play, "q")), (Some("show all".into()), Some("leave".into())));
    play.press("q");
    assert!(matches!(play.model.prompt, Some(Prompt::Leave { .. })), "one meaning, whatever is filtered");
    play.press("esc");
    assert_eq!(play.rows(), [1050]);
    play.press("esc");
    assert_eq!((play.rows().len(), play.model.prompt.clone()), (4, None));
    assert_eq!(word(&play, "esc"), None);
    play.press("l / 1 enter");
    assert_eq!((word(&play, "esc"), word(&play, "q")), (Some("show all".into()), Some("back".into())));
    play.press("q");
    assert_eq!(play.model.screen, Screen::Triage);
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
fn ctrl_c_held_down_does_not_leave() {
    let mut play = console().usual();
    for _ in 0..20 {
        assert_eq!(play.keys("ctrl-c"), []);
    }
    assert!(matches!(play.model.prompt, Some(Prompt::Leave { .. })));
    assert_eq!(play.toast(), "let the key go for a second, then press it again");
    play.wait(1_000);
    assert_eq!(play.keys("ctrl-c"), [Effect::Quit]);
}

/// What is named to whoever asks to leave now.
fn leaving(play: &mut Play) -> Leaving {
    play.press("ctrl-c");
    let Some(Prompt::Leave { leaving, .. }) = &play.model.prompt else { panic!("it did not ask") };
    let leaving = leaving.clone();
    play.press("esc");
    leaving
}

fn due(deadline: DeadlineKind, name: &str, title: &str, due: &str) -> Entry {
    let (name, title) = (name.to_owned(), Outside::new(title));
    Entry::DeadlineSet(DeadlineSet { deadline, name, title, due: at(due) })
}

#[test]
fn what_nobody_has_seen_to_is_named_to_whoever_leaves_the_worst_first() {
    let mut play = console().usual();
    assert_eq!(leaving(&mut play).waits, ["INC-1047: CRITICAL, and nobody has it"]);
    let bulletin = |due_at| due(DeadlineKind::Bulletin, "users", "next bulletin", due_at);
    play.engine.rule(1050, "14:02:00", bulletin("14:02:30"));
    play.engine.rule(1047, "14:02:00", bulletin("14:10:00"));
    play.engine.rule(1051, "14:02:00", bulletin("14:02:10"));
    play.engine.rule(1029, "14:02:00", bulletin("14:20:00"));
    play.engine.watch = Some(WatchOffer {
        seq: 1,
        at: at("14:01:00"),
        by: "ana".into(),
        to: "bo".into(),
        card: Outside::new("# Hand-over"),
    });
    play.poll();
    assert_eq!(
        leaving(&mut play).waits,
        [
            "the watch offered to bo at 14:01Z: not taken",
            "INC-1047: CRITICAL, and nobody has it",
            "INC-1051: bulletin users OVERDUE since 14:02Z",
            "INC-1050: bulletin users OVERDUE since 14:02Z",
            "INC-1047: bulletin users due 14:10:00Z",
        ],
        "what is due in more than ten minutes can wait"
    );
}

#[test]
fn whoever_leaves_reads_what_is_theirs() {
    let mut play = console().usual();
    assert!(leaving(&mut play).holds.is_empty());
    play.press("c enter");
    play.verified("frozen");
    let me = Outside::new("ana");
    play.engine.by("ana", 1051, "14:03:42", Entry::Acknowledged { lasts_s: 1800, from: None });
    for role in [Role::Lead, Role::Scribe] {
        play.engine.by("ana", 1051, "14:03:43", Entry::RoleTaken { role, name: me.clone(), from: None });
    }
    play.engine.by("ana", 1051, "14:03:44", due(DeadlineKind::Timer, "", "bo: look", "14:20:00"));
    let bo = Outside::new("bo");
    let taken = Entry::RoleTaken { role: Role::Lead, name: bo, from: None };
    play.engine.by("bo", 1050, "14:03:44", taken);
    play.poll();
    assert_eq!(
        leaving(&mut play).holds,
        [
            "INC-1047: #1 freeze-account 88213 is in force",
            "INC-1051: acknowledged until 14:33Z",
            "INC-1051: you are lead, scribe",
            "INC-1051: timer 1 at 14:20:00Z: bo: look",
        ]
    );
}

#[test]
fn what_would_page_is_named_with_its_incident_the_soonest_first() {
    let mut play = console().usual();
    for (number, armed) in [(1047, "14:02:30"), (1050, "14:01:22")] {
        let steps = vec![Step { after: Span::mins(5), to: vec!["room".into()] }];
        play.engine.rule(number, armed, Entry::PathArmed(PathArmed { path: "incident".into(), steps }));
    }
    play.poll();
    let stops = leaving(&mut play).stops;
    assert_eq!(stops[0], "INC-1050: page to room at 14:06:22Z");
    assert_eq!(stops[1..], ["INC-1047: page to room at 14:07:30Z", "polling of 2 sources"]);
    let steps = vec![Step { after: Span::mins(9), to: vec!["legal".into()] }];
    play.engine.rule(1047, "14:02:30", Entry::PathArmed(PathArmed { path: "security".into(), steps }));
    play.poll();
    let stops = leaving(&mut play).stops;
    assert_eq!(stops[1], "INC-1047: page to room at 14:07:30Z, first of 2 paths");
}

#[test]
fn what_does_not_fit_is_counted_on_a_sheet_that_fits() {
    let mut play = console().usual();
    for number in 2000..2040 {
        play.engine.put(incident(number, Severity::Critical, "14:00:00", "Withdrawals stuck"));
    }
    play.poll();
    play.press("q");
    for (cols, rows, more) in [(80, 24, 28), (40, 12, 40)] {
        play.tell(Message::Resized { cols, rows });
        let sheet = page::prompt::sheet(&play.model, cols, play.now).unwrap();
        let lines: Vec<String> = sheet.body.iter().map(page::Line::text).collect();
        assert!(sheet.body.len() + sheet.foot.len() <= usize::from(rows - 6), "{lines:#?}");
        assert!(lines.contains(&format!("   and {more} more")), "{lines:#?}");
        assert!(lines.contains(&"   polling of 2 sources".to_owned()), "{lines:#?}");
    }
}

#[test]
fn a_q_that_is_held_down_leaves_nothing() {
    let mut play = console().usual();
    play.press("q");
    // The first repeat of a held key comes late.
    play.wait(660);
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
    let mut play = console().usual();
    assert_eq!(play.keys("q q"), [], "who presses q again and again wants to go back");
    assert_eq!(play.toast(), "enter or y leaves, or q after a breath");
    play.wait(1000);
    assert_eq!(play.keys("q"), [Effect::Quit]);
    let mut play = console().usual();
    play.press("q");
    play.wait(300);
    assert_eq!(play.keys("y"), [Effect::Quit]);
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
        let kind = |prompt: &Option<Prompt>| prompt.as_ref().map(std::mem::discriminant);
        assert_eq!(kind(&play.model.prompt), kind(&before), "{keys}");
        play.tell(Message::Resumed);
        assert_eq!(play.model.prompt.is_some(), before.is_some(), "{keys}");
    }
    let mut play = console().usual();
    play.press("c enter 8");
    assert_eq!(play.keys("ctrl-z"), [Effect::Suspend]);
}

#[test]
fn ctrl_l_draws_the_screen_again_whatever_is_asked_and_changes_nothing() {
    for keys in ["", "n g w", "/ s", "S", "P", "c", "c enter 8", "e", "x", "q", "I 1", "?", ":"] {
        let mut play = console().usual();
        play.press(keys);
        let stands = |play: &Play| {
            let model = &play.model;
            (model.screen.clone(), model.prompt.as_ref().map(std::mem::discriminant), model.toast.clone())
        };
        let before = stands(&play);
        assert_eq!(play.keys("ctrl-l"), [Effect::Redraw], "{keys}");
        assert_eq!(stands(&play), before, "{keys}");
    }
}

#[test]
fn a_silence_is_named_until_it_ends_or_is_ended() {
    use quell::domain::parameter::{Kind, Origin};
    use quell::domain::plan::{LookUp, Value};
    let mut play = console().usual();
    play.press("c enter");
    play.verified("frozen");
    let shown = |play: &mut Play, change: &dyn Fn(&mut quell::domain::incident::Incident)| {
        let mut incident = quell::domain::incident::Incident::clone(&play.engine.incidents[&id(1047)]);
        change(&mut incident);
        incident.version += 1;
        play.engine.put(incident);
        play.poll();
        leaving(play).holds
    };
    let value = |text: &str, kind| Value { value: Outside::new(text), origin: Origin::Person, kind };
    let made = shown(&mut play, &|incident| {
        let plan = &mut incident.actions.get_mut(&1).unwrap().plan;
        plan.verb = Verb::Upstream { playbook: "prod-am/silence".into() };
        plan.key = "quell-key".into();
        plan.parameters.insert("matchers".into(), value("alertname=X", Kind::Matchers));
        plan.parameters.insert("for".into(), value("2h", Kind::Duration));
    });
    assert!(
        matches!(made.as_slice(), [only] if only.contains("#1 silence 88213") && only.contains(", until 16:")),
        "{made:?}"
    );
    let ended = shown(&mut play, &|incident| {
        let mut end = incident.actions[&1].clone();
        end.id = 2;
        end.plan.verb = Verb::Upstream { playbook: "prod-am/expire-silence".into() };
        end.plan.target = Some(("silence".into(), Outside::new("5f3c")));
        end.plan.parameters.clear();
        let shown = vec![("/comment".to_owned(), Outside::new("deploying (INC-1047, quell-key)"))];
        let read = end.plan.verify.as_ref().unwrap().read.clone();
        end.plan.look_up = Some(LookUp { shown, ..LookUp::of(read) });
        incident.actions.insert(2, end);
    });
    assert_eq!(ended, [""; 0]);
}
