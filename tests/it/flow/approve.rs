//! A second person: at the console of whoever asks, and of whoever is asked.

use super::*;
use crate::support::play::listed;
use quell::backend::{Confirmation, Refusal, RefusalKind};
use quell::console::approvals;
use quell::console::chord::Chord;
use quell::console::hints::hints;
use quell::console::message::Message;
use quell::console::model::Screen;
use quell::console::prompt::{Confirm, Way};
use quell::console::{banner, standing};
use quell::domain::action::Stage;
use quell::domain::approval::AskState;
use quell::domain::identity::Standing;
use quell::domain::notice::{Notice, NoticeKind};
use quell::domain::plan::PlanHash;

fn confirm(play: &Play) -> &Confirm {
    match &play.model.prompt {
        Some(Prompt::Confirm(confirm)) => confirm,
        other => panic!("{other:?}"),
    }
}

fn nudge(play: &Play) -> &str {
    confirm(play).guard.nudge.as_deref().unwrap_or_default()
}

fn disabled(play: &Play) -> String {
    approvals::disabled(&play.model, confirm(play), play.now).unwrap_or_default()
}

/// Ana's console, after bo asked that 88213 is frozen.
fn asked() -> (Play, PlanHash) {
    let mut play = console().usual();
    let hash = play.engine.asks("bo", 1047, "14:03:20", "88213");
    play.poll();
    play.wait(2000);
    (play, hash)
}

/// With the plan before her and its target typed, a moment later.
fn reading() -> (Play, PlanHash) {
    let (mut play, hash) = asked();
    play.press("A");
    play.typing("88213");
    play.wait(600);
    (play, hash)
}

fn banner(play: &Play) -> String {
    banner::banner(&play.model, play.now).map(|(line, _)| line.text()).unwrap_or_default()
}

fn next(play: &Play, number: u64) -> String {
    let incident = play.model.board.get(&id(number)).unwrap();
    standing::standing(&play.model, incident, false, play.now, 13).1
}

fn offers(play: &Play, word: &str) -> bool {
    hints(&play.model, play.now).iter().any(|(key, says)| key == "A" && says == word)
}

#[test]
fn what_one_asked_for_another_reads_and_approves_with_its_target_typed() {
    let (mut play, hash) = reading();
    assert!(matches!(&confirm(&play).way, Way::Approve(of) if of.by.name == "bo"));
    let effects = play.keys("enter");
    let [Effect::Approve { hash: approved, ask: 1, until, confirmation }] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert_eq!((approved, *until), (&hash, at("14:18:20")));
    let typed = Some(Outside::new("88213"));
    assert_eq!(*confirmation, Confirmation { typed, ..Confirmation::default() });
    assert_eq!(play.toast(), "INC-1047 freeze-account 88213 approved and confirmed; see its row");
    assert_eq!((&play.model.prompt, play.submitted()), (&None, 0));
    let incident = play.model.selected().unwrap();
    assert_eq!(incident.asks[&hash].state, AskState::Used { action: 1 });
    assert_eq!((incident.actions[&1].stage, next(&play, 1047).as_str()), (Stage::Sent, "sending…"));
    assert!(!banner(&play).contains("APPROVE"), "{}", banner(&play));
}

#[test]
fn approving_has_the_guard_of_containing() {
    let (mut play, _) = asked();
    play.press("A");
    assert_eq!(play.keys("enter"), []);
    assert_eq!(nudge(&play), "type the target first: 88213");
    play.tell(Message::Pasted(Outside::new("88213")));
    play.wait(600);
    assert_eq!(play.keys("enter"), []);
    play.typing("88213");
    play.tell(Message::Pressed(Chord::parse("enter").unwrap()));
    assert_eq!(nudge(&play), "press Enter again, after a breath");
    assert_eq!(play.keys("enter").len(), 1);
}

#[test]
fn whoever_may_approve_is_told_in_the_banner_in_the_row_and_by_a_key() {
    let (mut play, _) = asked();
    assert_eq!(banner(&play), "  ! APPROVE 14:54 left INC-1047 freeze-account, asked by bo · A");
    assert_eq!(next(&play, 1047), "approve 14:54");
    assert!(offers(&play, "approve"));
    let text = Outside::new("Withdrawals fail");
    let notice = Notice::new(NoticeKind::NewCritical, Some(id(1047)), text);
    play.notice(7, "14:03:30", notice);
    assert!(banner(&play).contains("NEW 14:03:30Z"), "a new critical stands above: {}", banner(&play));
    assert_eq!(banner::aside(&play.model, play.now).as_deref(), Some("A approves 1047, 14:54 left"));
    play.wait(15 * 60 * 1000);
    assert!(!offers(&play, "approve"));
    assert!(!next(&play, 1047).contains("approve"), "{}", next(&play, 1047));
}

#[test]
fn whoever_asked_sees_that_it_waits_and_is_not_woken_by_it() {
    let mut play = console().usual();
    play.engine.asks("ana", 1047, "14:03:20", "88213");
    let text = Outside::new("ana asks");
    let notice = Notice::new(NoticeKind::Approval, Some(id(1047)), text);
    play.notice(7, "14:03:20", notice.clone());
    assert!(!play.asked.iter().any(|effect| matches!(effect, Effect::Deliver { .. })));
    assert_eq!((banner(&play).as_str(), next(&play, 1047).as_str()), ("", "waits 14:56"));
    assert!(offers(&play, "approvals") && !offers(&play, "approve"));
    let waits = |play: &Play| {
        let incident = play.model.board.get(&id(1047)).unwrap();
        quell::console::page::approvals::lines(&play.model, incident, 120, play.now)[0].text()
    };
    assert!(waits(&play).ends_with("asked by ana"), "the key is not hers: {}", waits(&play));
    play.press("A enter");
    assert_eq!(disabled(&play), "you asked for this yourself, so somebody else must");
    play.typing("88213");
    play.wait(600);
    assert_eq!(play.keys("enter"), []);

    let (mut other, _) = asked();
    assert!(waits(&other).ends_with("asked by bo · A"), "{}", waits(&other));
    other.notice(7, "14:03:20", notice);
    assert!(matches!(other.asked.last(), Some(Effect::Deliver { seq: Some(7), .. })));
}

#[test]
fn only_approvers_are_told_where_it_is_known_who_they_are() {
    let (mut play, _) = asked();
    for (standing, told) in [(Standing::Responder, false), (Standing::Approver, true)] {
        play.engine.people = vec![listed("ana", standing), listed("bo", Standing::Responder)];
        play.tell(Message::Resumed);
        assert_eq!(banner(&play).contains("APPROVE"), told, "{standing:?}");
        assert_eq!(offers(&play, "approve"), told);
        play.press("A");
        if !told {
            assert_eq!(play.model.screen, Screen::Approvals);
            play.press("enter");
            assert_eq!(disabled(&play), "you have not the role approver, which a [[person]] gives");
        }
        assert_eq!(play.keys("enter"), []);
        play.press("esc esc");
    }
}

#[test]
fn the_screen_lists_what_waits_and_opens_what_is_under_the_cursor() {
    let mut play = console().usual();
    let first = play.engine.asks("bo", 1051, "14:03:00", "88213");
    let second = play.engine.asks("cy", 1050, "14:03:20", "90001");
    play.poll();
    play.press("A");
    assert_eq!(play.model.screen, Screen::Approvals);
    play.press("enter");
    assert_eq!(confirm(&play).plan.hash, first, "the first to end stands on top");
    play.press("esc j enter");
    assert_eq!(confirm(&play).plan.hash, second);
    play.press("esc");
    play.engine.approves("dee", &first, at("14:03:40")).unwrap();
    play.poll();
    play.press("enter");
    assert_eq!(confirm(&play).plan.hash, second, "the cursor is a plan and not a row");
    play.press("esc q");
    assert_eq!(play.model.screen, Screen::Triage);
    play.press("shift-tab");
    assert_eq!(play.model.screen, Screen::Approvals, "while there are some it is one of the screens");
}

#[test]
fn what_ended_stands_there_for_a_while() {
    let (mut play, hash) = asked();
    let ended = |play: &Play| approvals::all(&play.model.board, play.now).len();
    play.engine.approves("cy", &hash, at("14:03:23")).unwrap();
    play.poll();
    assert_eq!((ended(&play), approvals::for_me(&play.model, play.now).len()), (1, 0));
    play.wait(16 * 60 * 1000);
    assert_eq!(ended(&play), 0);
    play.press("tab tab tab tab tab tab tab");
    assert_eq!(play.model.screen, Screen::Triage);
}

#[test]
fn what_runs_out_or_is_approved_by_another_while_it_is_read_is_not_sent() {
    let (mut play, hash) = reading();
    play.engine.approves("cy", &hash, at("14:03:40")).unwrap();
    play.poll();
    assert_eq!(play.keys("enter"), []);
    assert_eq!(disabled(&play), "it was carried out already, as #1");

    let (mut play, _) = reading();
    play.wait(15 * 60 * 1000);
    assert_eq!(play.keys("enter"), []);
    assert_eq!(disabled(&play), "its time was over at 14:18Z, bo must ask again");
}

#[test]
fn what_it_was_made_on_is_compared_before_it_is_read_and_while_it_is() {
    let (mut play, _) = asked();
    play.engine.by("cy", 1047, "14:03:30", Entry::Acknowledged { lasts_s: 1800, from: None });
    play.poll();
    play.press("A");
    assert_eq!(confirm(&play).differences, ["the owner was nobody, is now cy"]);
    assert_eq!(play.keys("enter"), []);
    assert_eq!(play.model.prompt, None, "only bo can ask again");

    let (mut play, _) = reading();
    play.engine.by("cy", 1047, "14:03:30", Entry::Acknowledged { lasts_s: 1800, from: None });
    play.poll();
    assert_eq!(confirm(&play).differences, ["the owner was nobody, is now cy"]);
    assert_eq!(play.keys("enter"), []);
}

#[test]
fn refusals_are_shown_where_it_was_confirmed() {
    let (mut play, _) = reading();
    let mut refusal = Refusal::new(RefusalKind::Changed, "something changed");
    refusal.differences = vec!["the target's own record has changed".into()];
    play.engine.refuse = Some(refusal);
    play.press("enter");
    assert_eq!(confirm(&play).differences, ["the target's own record has changed"]);

    let (mut play, _) = reading();
    play.engine.refuse = Some(Refusal::new(RefusalKind::Refused, "it must be signed: `quell identity init`"));
    play.press("enter");
    assert_eq!(
        (nudge(&play), confirm(&play).guard.sent),
        ("it must be signed: `quell identity init`", false)
    );
    assert_eq!(play.keys("enter").len(), 1, "it can be pressed again");
}

#[test]
fn an_answer_that_was_looked_away_from_is_told_all_the_same() {
    let (mut play, hash) = reading();
    let Some(Prompt::Confirm(confirm)) = &mut play.model.prompt else { panic!() };
    confirm.guard.sent = true;
    play.press("esc");
    let refusal = Refusal::new(RefusalKind::Refused, "cy approved it already");
    play.tell(Message::Approved { hash, receipt: Err(refusal) });
    assert_eq!((play.toast(), &play.model.prompt), ("cy approved it already", &None));
}

/// On the plan of freezing 88213, which takes two.
fn asking() -> Play {
    let mut play = console().usual();
    play.engine.approvals = 1;
    play.press("c enter");
    play
}

fn hint(play: &Play, word: &str) -> bool {
    hints(&play.model, play.now).iter().any(|(_, says)| says == word)
}

#[test]
fn what_needs_a_second_person_is_asked_for_by_the_same_enter() {
    let mut play = asking();
    assert!(hint(&play, "ask") && hint(&play, "break the glass"));
    play.typing("88213");
    play.wait(600);
    let effects = play.keys("enter");
    let [Effect::Submit { confirmation, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(confirmation.break_glass, None);
    assert!(play.toast().contains("waits for a second person until"), "{}", play.toast());
    assert!(next(&play, 1047).starts_with("waits 1"), "{}", next(&play, 1047));
    assert!(play.model.selected().unwrap().actions.is_empty());
}

#[test]
fn what_was_done_since_to_the_same_target_leaves_nothing_to_approve() {
    let (mut play, hash) = asked();
    assert_eq!((approvals::for_me(&play.model, play.now).len(), offers(&play, "approve")), (1, true));
    play.press("c enter");
    play.typing("88213");
    play.wait(600);
    play.press("enter");
    play.poll();
    assert_eq!(play.submitted(), 1);
    assert_eq!((approvals::for_me(&play.model, play.now).len(), offers(&play, "approve")), (0, false));
    let incident = play.model.board.get(&id(1047)).unwrap();
    let sought = approvals::Sought { incident, ask: &incident.asks[&hash] };
    assert!(!sought.is_open(play.now) && approvals::of(incident, play.now).is_empty());
    let why = approvals::barred(&play.model, sought, play.now);
    assert_eq!(why.unwrap(), "#1 was begun since on the same target, so bo must ask again");
}

#[test]
fn the_glass_is_broken_with_a_reason_and_the_target_typed_anew() {
    let mut play = asking();
    play.typing("88213");
    play.press("ctrl-g");
    play.wait(600);
    play.typing("now");
    assert_eq!(play.keys("enter"), []);
    assert_eq!(nudge(&play), "say in at least 10 characters why it cannot wait for a second person");
    play.tell(Message::Pasted(Outside::new(", funds leave")));
    assert_eq!(play.keys("enter"), []);
    assert!(confirm(&play).target.as_ref().unwrap().is_blank(), "what was typed before counts for nothing");
    assert!(hint(&play, "break the glass") && hint(&play, "ask instead"));
    play.wait(600);
    assert_eq!(play.keys("enter"), []);
    assert_eq!(nudge(&play), "type the target first: 88213");
    play.typing("88213");
    play.wait(600);
    let effects = play.keys("enter");
    let [Effect::Submit { confirmation, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    let typed = Some(Outside::new("88213"));
    let break_glass = Some(Outside::new("now, funds leave"));
    assert_eq!(*confirmation, Confirmation { typed, break_glass, ..Confirmation::default() });
    let action = &play.model.selected().unwrap().actions[&1];
    assert_eq!(action.confirmed.break_glass.as_ref().map(Outside::raw), Some("now, funds leave"));
}

#[test]
fn esc_leads_from_the_glass_back_to_asking_and_the_key_does_nothing_where_nobody_is_needed() {
    let mut play = asking();
    play.press("ctrl-g");
    play.typing("funds leave, nobody answers");
    play.press("enter esc");
    assert_eq!(confirm(&play).way, Way::Submit);
    play.typing("88213");
    play.wait(600);
    let effects = play.keys("enter");
    assert!(
        matches!(effects.as_slice(), [Effect::Submit { confirmation, .. }] if confirmation.break_glass.is_none()),
        "{effects:?}"
    );

    let mut alone = console().usual();
    alone.press("c enter ctrl-g");
    assert_eq!(confirm(&alone).way, Way::Submit);
    assert!(!hint(&alone, "break the glass"));
}
