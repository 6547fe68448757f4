//! The cursor is an incident, and rows hold still while a person chooses.

use super::*;
use crate::support::play::source;
use proptest::prelude::*;
use quell::backend::{Changes, Refusal, RefusalKind};
use quell::console::banner::matters;
use quell::console::board::{Board, Sight};
use quell::console::message::Message;
use quell::console::model::Screen;
use quell::domain::fault::{Fault, FaultKind};
use quell::domain::notice::{Notice, NoticeKind};
use quell::domain::time::Span;

fn critical(number: u64, opened: &str) -> quell::domain::incident::Incident {
    incident(number, Severity::Critical, opened, "Token issuance failing")
}

fn arrives(play: &mut Play, number: u64, opened: &str) {
    play.engine.put(critical(number, opened));
    play.poll();
}

#[test]
fn until_the_first_key_the_cursor_follows_rank_one() {
    let mut play = console().usual();
    assert_eq!(play.selected(), 1047);
    arrives(&mut play, 1000, "13:00:00");
    assert_eq!(play.selected(), 1000);
}

#[test]
fn a_verb_right_after_the_list_moved_does_nothing_but_say_so() {
    let mut play = console().usual();
    arrives(&mut play, 1000, "13:00:00");
    assert_eq!(play.keys("a"), []);
    assert_eq!(play.toast(), "list moved: press again");
    assert_eq!(play.selected(), 1000);
    assert!(matches!(play.keys("a").as_slice(), [Effect::Record { id: of, .. }] if *of == id(1000)));
}

#[test]
fn that_the_list_moved_is_said_no_longer_than_until_something_is_asked() {
    let mut play = console().usual();
    arrives(&mut play, 1000, "13:00:00");
    play.press("n");
    assert_eq!(play.toast(), "list moved: press again");
    play.press("n");
    assert_eq!(play.toast(), "");
}

#[test]
fn rows_hold_for_a_second_after_a_key_and_new_ones_are_counted() {
    let mut play = console().usual();
    play.press("j");
    arrives(&mut play, 1000, "13:00:00");
    assert_eq!(play.rows(), [1047, 1050, 1051, 1029]);
    assert_eq!(play.model.triage.waiting.len(), 1);
    assert!(play.model.next_wake(play.now) <= play.model.held_until());
    play.wait(1000);
    assert_eq!(play.rows(), [1000, 1047, 1050, 1051, 1029]);
    assert_eq!(play.selected(), 1050);
}

#[test]
fn rows_hold_while_something_is_asked() {
    let mut play = console().usual();
    play.press("n");
    play.wait(60_000);
    arrives(&mut play, 1000, "13:00:00");
    assert_eq!(play.rows(), [1047, 1050, 1051, 1029]);
    play.typing("seen");
    assert!(matches!(play.keys("enter").as_slice(), [Effect::Record { id: of, .. }] if *of == id(1047)));
}

#[test]
fn a_selected_incident_that_ends_hands_the_cursor_to_its_neighbour_guarded() {
    let mut play = console().usual();
    play.press("j");
    play.wait(2000);
    let note = Some(Outside::new("a drill"));
    let reason = quell::domain::record::CloseReason::FalseAlarm;
    play.engine.by("bo", 1050, "14:03:30", Entry::Closed { reason, note });
    play.poll();
    assert_eq!(play.selected(), 1051);
    assert_eq!(play.keys("a"), []);
    assert_eq!(play.keys("a").len(), 1);
}

#[test]
fn a_lost_engine_shows_as_down_and_keeps_every_row() {
    let mut play = console().usual();
    play.tell(Message::EngineLost(Fault::new(FaultKind::NoAnswer, "no answer in 5s")));
    assert!(matches!(play.model.sight(play.now), Sight::Lost(..)));
    assert_eq!(play.rows().len(), 4);
    assert!(play.asked.contains(&Effect::Retitle("DOWN, 1 CRIT - quell".into())));
    play.poll();
    assert_eq!(play.model.sight(play.now), Sight::Clear);
}

#[test]
fn a_source_that_stops_answering_is_never_all_clear() {
    let mut play = console().board([]);
    assert_eq!(play.model.sight(play.now), Sight::Clear);
    play.now += chrono::TimeDelta::seconds(31);
    play.engine.sources[1].as_of = Some(play.now);
    play.engine.sources[0].failures = 2;
    play.engine.sources[0].fault = Some(Fault::new(FaultKind::Unreachable, "connection refused"));
    play.poll();
    assert_eq!(play.model.sight(play.now), Sight::Partly(1, 2));
    play.engine.sources.clear();
    play.poll();
    assert_eq!(play.model.sight(play.now), Sight::NoSources);
}

#[test]
fn each_notice_is_delivered_once() {
    let mut play = console().usual();
    let notice = Notice::new(NoticeKind::NewCritical, Some(id(1047)), Outside::new("Order gateway"));
    play.notice(7, "14:03:20", notice.clone());
    play.notice(7, "14:03:20", notice.clone());
    let told = |play: &Play| play.asked.iter().filter(|e| matches!(e, Effect::Deliver { .. })).count();
    assert_eq!(told(&play), 1);
    play.notice(8, "14:03:21", notice);
    assert_eq!(told(&play), 2);
    play.tell(Message::NoticeShown { notice: 8, how: "bell, osc9".into() });
    assert_eq!(play.model.banners[1].how.as_deref(), Some("bell, osc9"));
}

#[test]
fn the_title_never_says_nought_before_anything_was_read() {
    let title = |play: &Play| play.model.title.clone();
    let mut play = console();
    assert_eq!(title(&play), "quell");
    let sources = std::mem::take(&mut play.engine.sources);
    play.poll();
    assert_eq!(title(&play), "quell");
    play.engine.sources = vec![source("prom", None)];
    play.poll();
    assert_eq!(title(&play), "? CRIT - quell");
    play.engine.sources = sources;
    play.poll();
    assert_eq!(title(&play), "0 CRIT - quell");
    assert_eq!(title(&play.usual()), "1 CRIT - quell");
}

/// The notices the console raised itself.
fn raised(play: &Play) -> Vec<String> {
    let local = play.asked.iter().filter_map(|effect| match effect {
        Effect::Deliver { seq: None, notice, .. } if notice.kind == NoticeKind::Blind => Some(&notice.text),
        _ => None,
    });
    local.map(|text| text.safe().to_string()).collect()
}

#[test]
fn a_console_whose_engine_is_lost_raises_the_blind_notice_itself_once_each_time() {
    let mut play = console().usual();
    let lost = || Message::EngineLost(Fault::new(FaultKind::NoAnswer, "no answer in 5s"));
    play.tell(lost());
    play.wait(1000);
    play.poll();
    assert_eq!(raised(&play), [""; 0], "a hiccup is no loss");
    for _ in 0..5 {
        play.tell(lost());
        play.wait(1000);
    }
    assert_eq!(raised(&play), ["DOWN since 14:03:25Z: the engine does not answer: no answer in 5s"]);
    play.poll();
    play.tell(lost());
    play.wait(2000);
    assert_eq!(raised(&play).len(), 2);
}

#[test]
fn a_follower_of_a_stalled_engine_raises_the_blind_notice_itself() {
    let mut play = console().usual();
    let mut changes = play.engine.changes(play.now);
    let holder = changes.holder.as_mut().unwrap();
    (holder.here, holder.tty) = (false, Some("pts/3".into()));
    play.tell(Message::Changed(Box::new(changes)));
    play.wait(10_000);
    play.wait(2_000);
    assert_eq!(raised(&play), [""; 0]);
    for _ in 0..5 {
        play.wait(1000);
    }
    let said = "DOWN since 14:03:24Z: engine stalled (pid 4711, pts/3): nothing is polled or escalated";
    assert_eq!(raised(&play), [said]);
}

#[test]
fn a_notice_matters_until_its_incident_ends_or_is_held() {
    let mut play = console().usual();
    let text = Outside::new("Order gateway");
    let notice = Notice::new(NoticeKind::NewCritical, Some(id(1047)), text);
    let matters = |play: &Play| quell::console::banner::matters(&play.model, &notice, play.now);
    assert!(matters(&play));
    play.engine.by("bo", 1047, "14:03:30", Entry::Acknowledged { lasts_s: 60, from: None });
    play.poll();
    assert!(!matters(&play));
    play.engine.rule(1047, "14:05:00", Entry::AckExpired { owner: "bo".into() });
    play.poll();
    assert!(matters(&play));
    let closed = Entry::Closed {
        reason: quell::domain::record::CloseReason::FalseAlarm,
        note: Some(Outside::new("a drill")),
    };
    play.engine.by("bo", 1047, "14:05:10", closed);
    play.poll();
    assert!(!matters(&play));
}

#[test]
fn the_incident_named_on_the_command_line_is_opened() {
    let mut play = console().usual();
    play.tell(Message::Started { open: Some("INC-1051".into()) });
    assert_eq!(play.model.screen, Screen::Incident { id: id(1051), top: 0 });
    assert!(matches!(play.keys("a").as_slice(), [Effect::Record { id: of, .. }] if *of == id(1051)));
}

#[test]
fn every_size_takes_every_key() {
    for (cols, rows) in [(0, 0), (1, 1), (20, 5), (40, 12), (80, 24), (200, 60)] {
        let mut play = console().usual().sized(cols, rows);
        play.press("j k G g ctrl-d pgdn pgup ? j G q m j q s q tab tab tab tab enter G j k q / esc x esc S esc q esc");
    }
}

#[test]
fn nothing_acts_on_what_is_too_small_to_be_seen() {
    let mut play = console().usual().sized(20, 5);
    assert_eq!(play.keys("a c e n X"), []);
    assert_eq!(play.model.prompt, None);
}

#[test]
fn a_model_survives_being_written_and_read() {
    let mut play = console().usual();
    play.press("j c");
    let text = serde_json::to_string(&play.model).unwrap();
    assert_eq!(serde_json::from_str::<quell::console::Model>(&text).unwrap(), play.model);
}

proptest! {
    /// Whatever the engine tells between the keys: the incident a prompt names is the incident acted on.
    #[test]
    fn the_incident_a_prompt_names_is_the_incident_acted_on(steps in prop::collection::vec(0u8..12, 1..60)) {
        let mut play = console().usual();
        let mut next = 1100;
        for step in steps {
            let named = play.model.prompt.as_ref().and_then(|prompt| prompt.id().cloned());
            let before = play.asked.len();
            match step {
                0 => { next += 1; arrives(&mut play, next, "13:30:00"); }
                1 => { next += 1; arrives(&mut play, next, "14:03:00"); }
                2 => {
                    let first = play.rows().first().copied().unwrap_or(0);
                    let now = play.now;
                    let closed = Entry::Closed { reason: quell::domain::record::CloseReason::Cleared, note: None };
                    drop(play.engine.apply(first, now, quell::domain::operator::Actor::Engine, closed));
                    play.poll();
                }
                3 => play.press("j"),
                4 => play.press("c"),
                5 => play.typing("88213"),
                6 | 7 => play.press("enter"),
                8 => play.press("esc"),
                9 => play.press("n"),
                10 => play.wait(700),
                _ => play.press("e"),
            }
            for effect in &play.asked[before..] {
                let of = match effect {
                    Effect::Record { id, .. } | Effect::Plan { id, .. } => Some(id.clone()),
                    Effect::Submit { hash, .. } => match &play.model.prompt {
                        Some(Prompt::Confirm(confirm)) => {
                            prop_assert_eq!(&confirm.plan.hash, hash);
                            Some(confirm.id.clone())
                        }
                        _ => None,
                    },
                    _ => None,
                };
                if let (Some(of), Some(named)) = (of, &named) {
                    prop_assert_eq!(&of, named);
                }
            }
            if let Some(Prompt::Confirm(confirm)) = &play.model.prompt {
                prop_assert_eq!(&confirm.plan.basis.incident, &confirm.id);
            }
        }
    }
}

#[test]
fn what_the_demos_channels_received_is_one_screen_and_only_there() {
    let mut play = console().usual();
    play.press("shift-tab");
    assert_eq!(play.model.screen, Screen::Ledger);
    let text = Outside::new("[CRITICAL] gateway\u{1b}[2J");
    play.tell(Message::Heard(vec![quell::console::model::Said {
        at: play.now,
        room: "inc-room".into(),
        text,
    }]));
    play.press("tab");
    assert_eq!(play.model.screen, Screen::Sink { top: 0 });
    let page = quell::console::page::of_screen(&play.model, 80, play.now);
    let words =
        |line: &quell::console::page::Line| line.0.iter().map(|(_, text)| text.as_str()).collect::<String>();
    let lines: Vec<String> = page.iter().map(words).collect();
    assert!(lines.iter().any(|line| line.contains("[CRITICAL] gateway\\x1b[2J")), "{lines:?}");
    play.press("tab");
    assert_eq!(play.model.screen, Screen::Triage);
}

#[test]
fn that_a_source_says_worse_than_a_person_said_stays_on_the_banner() {
    let mut incident = incident(1047, Severity::Critical, "14:01:22", "Order gateway refuses connections");
    (incident.severity, incident.severity_set) = (Severity::High, true);
    let mut mended = incident.clone();
    let mut play = console().board([incident]);
    let text = Outside::new("its source says critical: Order gateway refuses connections");
    let notice = Notice::new(NoticeKind::Upgraded, Some(id(1047)), text);
    play.notice(1, "14:03:00", notice.clone());
    assert!(matters(&play.model, &notice, play.now));
    mended.signals.values_mut().for_each(|signal| signal.severity = Severity::High);
    mended.version += 1;
    play.engine.put(mended);
    play.poll();
    assert!(!matters(&play.model, &notice, play.now));
}

#[test]
fn every_source_can_be_asked_at_once() {
    let mut play = console().usual();
    assert_eq!(play.keys("R"), [Effect::Refresh]);
    assert_eq!(play.toast(), "every source is asked now");
    play.engine.refuse = Some(Refusal::new(RefusalKind::Unreachable, "the engine does not answer"));
    play.keys("s R");
    assert_eq!(play.toast(), "the engine does not answer");
}

#[test]
fn that_the_engine_lives_is_no_news_and_all_else_is() {
    let mut play = console().usual();
    let whole = play.engine.changes(play.now);
    let mut board = Board::new(play.now);
    let lives = Changes { incidents: Vec::new(), ..whole.clone() };
    assert!(!board.says_only_that_it_lives(&lives), "it was never heard");
    board.absorb(&whole, play.now);
    let later = Changes { now: play.now + Span::secs(1).delta(), ..lives.clone() };
    assert!(board.says_only_that_it_lives(&later));
    assert!(!board.says_only_that_it_lives(&whole));
    let holder = Some(quell::backend::Holder { pid: 4712, tty: None, here: false, beat: Some(play.now) });
    play.engine.sources.pop();
    for news in [
        Changes { holder, ..lives.clone() },
        Changes { sources: play.engine.sources.clone(), ..lives.clone() },
        Changes { removed: vec![id(1047)], ..lives.clone() },
        Changes { ledger: Some(Fault::local("the disk is full")), ..lives.clone() },
        Changes { actions: quell::backend::ActionsNow::Off, ..lives.clone() },
    ] {
        assert!(!board.says_only_that_it_lives(&news), "{news:?}");
    }
}
