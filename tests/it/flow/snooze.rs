//! Putting off, one or all that are marked, and taking up again.

use super::recording::unanswered;
use super::*;
use quell::console::banner;
use quell::console::message::Message;
use quell::console::page;
use quell::console::prompt::{Asks, Picked};
use quell::domain::escalation::{Step, Stopped};
use quell::domain::fault::{Fault, FaultKind};
use quell::domain::id::IncidentId;
use quell::domain::notice::{Notice, NoticeKind};
use quell::domain::record::{CloseReason, PathArmed, PathHeld, SnoozeEnded, Snoozed};
use quell::domain::time::{Span, countdown};

/// What was asked to be written down of putting off: of which, until when, why.
fn put_off(effects: &[Effect]) -> Vec<(u64, String, Option<String>)> {
    let one = |effect: &Effect| match effect {
        Effect::Record { id, entry, .. } => match entry.as_ref() {
            Entry::Snoozed(Snoozed { until, because }) => {
                let until = until.format("%H:%M").to_string();
                Some((id.number(), until, because.as_ref().map(|why| why.raw().to_owned())))
            }
            _ => None,
        },
        _ => None,
    };
    effects.iter().filter_map(one).collect()
}

fn woken(effects: &[Effect]) -> Vec<u64> {
    let one = |effect: &Effect| match effect {
        Effect::Record { id, entry, .. } if matches!(entry.as_ref(), Entry::SnoozeEnded(_)) => {
            Some(id.number())
        }
        _ => None,
    };
    effects.iter().filter_map(one).collect()
}

fn offered(play: &Play) -> Vec<String> {
    let Some(Prompt::Choose(choose)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    choose.choices.iter().map(|choice| choice.title.clone()).collect()
}

#[test]
fn two_keys_put_it_off_and_it_sinks_below_all_that_is_not() {
    let mut play = console().usual();
    play.press("j z");
    assert_eq!(offered(&play), ["15m", "30m", "1h", "2h", "4h", "8h", "until…"]);
    assert_eq!(put_off(&play.keys("enter")), [(1050, "14:33".into(), None)]);
    assert_eq!(play.toast(), "INC-1050 is snoozed until 14:33Z; nobody is paged for it by itself");
    assert_eq!(play.rows(), [1047, 1050, 1051, 1029], "rows hold still");
    play.wait(2000);
    assert_eq!(play.rows(), [1047, 1051, 1029, 1050], "below what is not, however bad");
    assert_eq!(play.selected(), 1051, "the cursor does not follow it to the end");
    assert_eq!(play.model.board.tally().snoozed, 1);
    play.press("G");
    assert_eq!((play.selected(), woken(&play.keys("W"))), (1050, vec![1050]));
    play.wait(2000);
    assert_eq!(play.rows(), [1047, 1050, 1051, 1029]);
}

#[test]
fn what_is_critical_asks_why_and_is_put_off_for_no_longer_than_is_allowed() {
    let mut play = console().usual();
    play.press("z");
    assert_eq!(offered(&play), ["15m", "30m", "1h", "until…"]);
    assert_eq!(play.keys("enter"), [], "it asks why");
    assert!(matches!(&play.model.prompt, Some(Prompt::Text(text)) if matches!(text.asks, Asks::Snoozing(_))));
    assert_eq!(play.keys("enter"), [], "nothing is no reason");
    play.typing("rollback runs");
    assert_eq!(put_off(&play.keys("enter")), [(1047, "14:33".into(), Some("rollback runs".into()))]);
}

#[test]
fn all_that_are_marked_are_put_off_and_woken_together() {
    let mut play = console().usual();
    play.press("j space space z");
    let asked = put_off(&play.keys("enter"));
    assert_eq!(asked.iter().map(|(number, ..)| *number).collect::<Vec<_>>(), [1050, 1051]);
    assert_eq!(play.toast(), "you snoozed all that were marked");
    assert_eq!(play.model.marks.ids.len(), 0);
    play.wait(2000);
    play.press("G space k space");
    assert_eq!(woken(&play.keys("W")), [1050, 1051]);
    assert_eq!(play.toast(), "you woke all that were marked");
}

#[test]
fn the_only_one_that_is_marked_is_marked_no_more_once_it_is_put_off() {
    let mut play = console().usual();
    play.press("j space z");
    assert_eq!(put_off(&play.keys("enter")).len(), 1);
    assert_eq!(play.model.marks.ids.len(), 0, "the next key acts on the row under the cursor");
    // On its own page it is about this one alone, whatever is marked.
    play.press("g space space G enter z");
    assert_eq!(put_off(&play.keys("enter")).len(), 1);
    assert_eq!(play.model.marks.ids.len(), 2);
    assert!(!play.toast().contains("all that were marked"), "{}", play.toast());
}

#[test]
fn one_critical_among_those_marked_asks_why_for_all_and_what_fails_stays_marked() {
    let mut play = console().usual();
    play.press("space space z");
    assert_eq!(offered(&play), ["15m", "30m", "1h"], "what is allowed for each of them");
    play.press("enter");
    play.typing("rollback");
    play.engine.refuse = Some(quell::backend::Refusal::new(quell::backend::RefusalKind::Refused, "not now"));
    let asked = put_off(&play.keys("enter"));
    assert_eq!(asked.len(), 2);
    assert!(asked.iter().all(|(_, _, why)| why.as_deref() == Some("rollback")));
    let left: Vec<u64> = play.model.marks.ids.iter().map(IncidentId::number).collect();
    assert_eq!(left.len(), 1);
    let Some(Prompt::Text(text)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    let why = text.error.clone().unwrap_or_default();
    assert!(why.contains("not done: ") && why.contains("not now"), "{why}");
}

#[test]
fn those_that_a_filter_hides_are_never_put_off() {
    let mut play = console().usual();
    play.press("space / s e v : h i g h enter");
    play.wait(2000);
    assert_eq!(play.keys("z"), []);
    assert_eq!(play.model.prompt, None);
    assert!(play.toast().contains("1 of 1 marked are hidden"), "{}", play.toast());
}

#[test]
fn a_line_takes_a_length_or_a_time_of_day_and_points_at_what_is_wrong() {
    let line = |text: &str| {
        let mut play = console().usual();
        play.press("j :");
        play.typing(text);
        let asked = put_off(&play.keys("enter"));
        let wrong = match &play.model.prompt {
            Some(Prompt::Line(line)) => line.error.as_ref().map(|wrong| (wrong.at, wrong.cells)),
            _ => None,
        };
        (asked, wrong)
    };
    let done =
        |until: &str, why: Option<&str>| (vec![(1050, until.to_owned(), why.map(str::to_owned))], None);
    assert_eq!(line("snooze 45m deploy runs"), done("14:48", Some("deploy runs")));
    assert_eq!(line("snooze until 15:10"), done("15:10", None));
    assert_eq!(line("snooze soon"), (vec![], Some((7, 4))));
    assert_eq!(line("snooze until noon"), (vec![], Some((13, 4))));
    let mut play = console().usual();
    play.press(":");
    play.typing("snooze 30m");
    assert_eq!(play.keys("enter"), [], "critical, and no reason");
    play.typing(" rollback");
    assert_eq!(put_off(&play.keys("enter")), [(1047, "14:33".into(), Some("rollback".into()))]);
}

#[test]
fn undo_takes_it_up_again_where_nothing_else_can_be_undone() {
    let mut play = console().usual();
    play.press("j z enter");
    assert_eq!(
        (play.selected(), woken(&play.keys("u"))),
        (1050, vec![1050]),
        "rows hold still: it is still there"
    );
    assert_eq!(play.keys("W"), []);
    assert_eq!(play.toast(), "INC-1050 is not snoozed");
}

#[test]
fn undo_right_after_takes_that_one_up_again_though_the_cursor_went_on() {
    let put_off = || {
        let mut play = console().usual();
        play.press("j z enter");
        play.wait(2000);
        assert_eq!(play.selected(), 1051);
        play
    };
    let mut play = put_off();
    let shown = crate::screens::text(&play);
    assert!(shown.contains("nobody is paged for it by itself;") && shown.contains("u wakes it"), "{shown}");
    assert_eq!(woken(&play.keys("u")), [1050]);
    assert_eq!(woken(&play.keys("u")), Vec::<u64>::new(), "once");
    // Woken by somebody else meanwhile: it means no other one.
    let mut play = put_off();
    play.engine.by("bo", 1050, "14:03:40", Entry::SnoozeEnded(SnoozeEnded { because: None }));
    play.poll();
    assert!(!crate::screens::text(&play).contains("wakes it"));
    assert_eq!(play.keys("u"), []);
    assert_eq!(play.toast(), "INC-1050 is awake already");
    // It is over meanwhile: nobody wakes it, and it is not awake.
    let mut play = put_off();
    let over = Entry::Closed { reason: CloseReason::FalseAlarm, note: Some(Outside::new("a drill")) };
    play.engine.by("bo", 1050, "14:03:40", over);
    play.poll();
    assert_eq!(play.keys("u"), []);
    assert_eq!(play.toast(), "INC-1050 is in Closed: there is nothing to snooze");
    // Whoever goes on means what is selected then.
    let mut play = put_off();
    play.wait(1000);
    play.press("k j");
    assert!(!crate::screens::text(&play).contains("wakes it"));
    assert_eq!((play.selected(), woken(&play.keys("u"))), (1051, Vec::new()));
}

#[test]
fn the_filter_finds_what_is_put_off_until_its_time() {
    let mut play = console().usual();
    play.press("j z enter");
    play.wait(2000);
    play.press("/");
    play.typing("is:snoozed");
    play.press("enter");
    play.wait(2000);
    assert_eq!(play.rows(), [1050]);
    play.wait(31 * 60_000);
    play.wait(2000);
    assert_eq!(play.rows(), [0u64; 0], "its time is over, whoever writes that down");
}

#[test]
fn an_answer_that_is_late_is_taken_in_and_the_choice_is_bound_to_what_was_shown() {
    let mut play = console().usual();
    play.press("j z");
    let seen = play.engine.incidents[&id(1050)].version;
    let Some(Prompt::Choose(choose)) = &play.model.prompt else { panic!() };
    assert_eq!(choose.choices[1].picked, Picked::Snooze(Span::mins(30)));
    assert_eq!(choose.seen, seen);
    let asked = unanswered(&mut play, &["enter"]);
    assert!(matches!(&asked[0], Effect::Record { seen: bound, .. } if *bound == seen));
}

#[test]
fn what_was_said_of_it_is_not_said_on_while_it_is_put_off() {
    let mut play = console().usual();
    let text = Outside::new("Order gateway refuses connections");
    let notice = Notice::new(NoticeKind::NewCritical, Some(id(1047)), text);
    play.notice(1, "14:03:22", notice.clone());
    let stands = |play: &Play| banner::matters(&play.model, &notice, play.now);
    assert!(stands(&play));
    play.press("z enter");
    play.typing("rollback");
    play.press("enter");
    assert!(!stands(&play), "whoever put it off has read it");
    let note = Outside::new("it spreads");
    play.engine.by("bo", 1047, "14:03:40", Entry::Noted { text: note });
    play.poll();
    assert!(!stands(&play), "a note wakes nothing");
    play.press("W");
    assert!(stands(&play));
}

#[test]
fn what_was_refused_is_asked_again_about_the_incident_as_it_is_now() {
    let mut play = console().usual();
    play.press("z enter");
    play.typing("rollback");
    let note = Outside::new("it spreads");
    play.engine.by("bo", 1047, "14:03:23", Entry::Noted { text: note });
    play.poll();
    play.engine.refuse =
        Some(quell::backend::Refusal::new(quell::backend::RefusalKind::Changed, "it changed"));
    play.press("enter");
    assert!(matches!(&play.model.prompt, Some(Prompt::Text(text)) if text.error.is_some()));
    let now = play.engine.incidents[&id(1047)].version;
    let asked = unanswered(&mut play, &["enter"]);
    assert!(matches!(&asked[0], Effect::Record { seen, .. } if *seen == now), "{asked:?}");
}

#[test]
fn what_slides_under_the_cursor_is_not_hit_by_a_key_meant_for_what_was_put_off() {
    let mut play = console().usual();
    play.press("j z enter");
    play.now += chrono::TimeDelta::milliseconds(1100);
    play.tell(Message::Ticked);
    assert_eq!(play.selected(), 1051);
    assert_eq!(play.keys("a"), []);
    assert_eq!(play.toast(), "list moved: press again");
}

#[test]
fn who_woke_it_is_no_reason() {
    let mut play = console().usual();
    play.press("j z enter");
    let asked = play.keys("W");
    let Effect::Record { entry, .. } = &asked[0] else { panic!("{asked:?}") };
    assert_eq!(**entry, Entry::SnoozeEnded(SnoozeEnded { because: None }));
}

/// The sheet as it is drawn.
fn sheet(play: &Play) -> String {
    let sheet = page::prompt::sheet(&play.model, 80, play.now).unwrap();
    let lines: Vec<String> =
        sheet.body.iter().chain(&sheet.foot).map(quell::console::page::Line::text).collect();
    lines.join("\n")
}

#[test]
fn whoever_puts_it_off_reads_that_its_pages_go_on() {
    let mut play = console().usual();
    play.press("j z");
    assert!(!sheet(&play).contains("pages"), "{}", sheet(&play));
    play.press("esc");
    let steps = vec![Step { after: Span::mins(5), to: vec!["room".into()] }];
    let path = "incident".to_owned();
    let armed = PathArmed { path: path.clone(), steps: steps.clone() };
    play.engine.rule(1050, "14:02:00", Entry::PathArmed(armed));
    let held = PathHeld { path, steps, because: Stopped::CoveredBy(id(1050)) };
    play.engine.rule(1051, "14:02:00", Entry::PathHeld(held));
    play.poll();
    let next = |play: &Play| countdown(at("14:07:00"), play.now);
    play.press("z");
    let (first, said) = (next(&play), sheet(&play));
    assert!(said.contains(&format!(" its pages go on: {first}")), "{said}");
    play.wait(10_000);
    assert_ne!(next(&play), first);
    let (left, said) = (next(&play), sheet(&play));
    assert!(said.contains(&format!(" its pages go on: {left}")), "{said}");
    play.press("esc j z");
    let (left, said) = (next(&play), sheet(&play));
    assert!(said.contains(&format!(" the pages of INC-1050, which covers it, go on: {left}")), "{said}");
    play.press("esc g space space space z");
    let (left, said) = (next(&play), sheet(&play));
    assert!(said.contains(&format!(" pages of 2 go on: 1050 {left}, 1051 {left} (by INC-1050)")), "{said}");
}

#[test]
fn who_put_it_off_sees_that_it_woke_although_it_is_held_until_somebody_acts_on_it() {
    let mut play = console().usual();
    play.engine.by("bo", 1047, "14:02:00", Entry::Acknowledged { lasts_s: 1800, from: None });
    play.poll();
    let shown = |play: &Play| {
        let banner = banner::banner(&play.model, play.now);
        banner.is_some_and(|(line, _)| line.text().contains("AWAKE"))
    };
    let awake = |to: &str| Notice {
        to: Some(to.to_owned()),
        ..Notice::new(NoticeKind::Awake, Some(id(1047)), Outside::new("its snooze is over: Order gateway"))
    };
    let told = |play: &Play| play.asked.iter().filter(|it| matches!(it, Effect::Deliver { .. })).count();
    let before = told(&play);
    play.notice(1, "14:03:22", awake("cyd"));
    assert!(!shown(&play) && told(&play) == before, "that is for cyd");
    play.notice(2, "14:03:22", awake("ana"));
    assert!(shown(&play));
    assert_eq!(told(&play), before + 1);
    play.engine.by("bo", 1047, "14:03:40", Entry::Noted { text: Outside::new("on it") });
    play.poll();
    assert!(!shown(&play), "who holds it goes on with it");
}

#[test]
fn what_was_put_off_until_now_is_awake_although_nobody_can_write_that_down() {
    let mut play = console().usual();
    play.press("j z");
    play.press("up enter");
    play.wait(2000);
    assert_eq!((play.rows(), play.model.board.tally().snoozed), (vec![1047, 1051, 1029, 1050], 1));
    play.engine.ledger = Some(Fault::new(FaultKind::Local, "disk full"));
    play.wait(15 * 60 * 1000);
    play.tell(Message::Ticked);
    assert_eq!((play.rows(), play.model.board.tally().snoozed), (vec![1047, 1050, 1051, 1029], 0));
}

#[test]
fn only_what_pages_is_said_to_be_paged_for() {
    let mut play = console().usual();
    let steps = vec![Step { after: Span::mins(5), to: vec!["room".into()] }];
    play.engine.rule(1050, "14:02:00", Entry::PathArmed(PathArmed { path: "incident".into(), steps }));
    play.poll();
    play.press("j z");
    let Some(Prompt::Choose(choose)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    assert_eq!(choose.choices[0].says, "it is still paged for, and worse wakes it");
    play.press("enter");
    assert_eq!(play.toast(), "INC-1050 is snoozed until 14:33Z; it is still paged for");
}
