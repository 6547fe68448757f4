//! What waits for a second person, and the prompts of both of them.

use super::prompts::everywhere_after;
use super::*;
use quell::domain::identity::Standing;

/// Three wait, one of them by ana herself; one was carried out, and to one nobody agreed.
fn waiting(play: &mut Play) {
    for name in ["ana", "bo", "cy"] {
        play.engine.people.push(crate::support::play::listed(name, Standing::Approver));
    }
    play.tell(Message::Resumed);
    play.engine.asks("bo", 1039, "13:47:00", "70007");
    let done = play.engine.asks("bo", 1050, "13:58:00", "90001");
    play.engine.approves("cy", &done, at("13:59:10")).unwrap();
    play.engine.rule(1050, "13:59:12", answered(1, Outcome::Accepted, "200"));
    let verified = Outside::new("/status = frozen");
    let settled = Entry::Settled { action: 1, settlement: Settlement::Verified, detail: verified };
    play.engine.rule(1050, "13:59:13", settled);
    play.engine.asks("cy", 1042, "13:50:00", "55120");
    play.engine.asks("bo", 1051, "14:01:03", "88213");
    play.engine.asks("ana", 1047, "14:02:30", "61003");
    play.poll();
    play.wait(2000);
}

/// A night in which they wait.
pub(super) fn some_wait() -> Play {
    let mut play = night();
    waiting(&mut play);
    play
}

#[test]
fn the_screen() {
    everywhere_after("approvals", |play| {
        waiting(play);
        play.press("A j");
    });
    let mut play = night();
    play.press("A");
    insta::assert_snapshot!("approvals_empty", shot(&play, &COLOUR));
}

#[test]
fn whoever_is_asked() {
    everywhere_after("approve", |play| {
        waiting(play);
        play.press("A j enter");
        play.typing("88213");
    });
    everywhere_after("approve_own", |play| {
        waiting(play);
        play.press("A j j enter");
    });
    everywhere_after("approve_changed", |play| {
        waiting(play);
        play.engine.by("cy", 1051, "14:03:30", Entry::Acknowledged { lasts_s: 1800, from: None });
        play.poll();
        play.press("A j enter");
    });
    everywhere_after("approve_told", |play| {
        waiting(play);
        play.engine.by("ana", 1047, "14:03:24", Entry::Acknowledged { lasts_s: 1800, from: None });
        play.poll();
        play.press("j j");
    });
    let mut play = night();
    waiting(&mut play);
    play.press("j j enter");
    insta::assert_snapshot!("approve_incident", shot(&play, &COLOUR));
}

/// On the plan of freezing 88213, which takes two.
fn asking(play: &mut Play, keys: &str) {
    play.engine.approvals = 1;
    play.press("c enter");
    play.press(keys);
}

#[test]
fn whoever_asks() {
    everywhere_after("ask", |play| asking(play, ""));
    everywhere_after("ask_asked", |play| {
        asking(play, "");
        play.typing("88213");
        play.wait(600);
        play.press("enter");
    });
    everywhere_after("glass", |play| {
        asking(play, "ctrl-g");
        play.typing("now");
        play.press("enter");
    });
    everywhere_after("glass_confirm", |play| {
        asking(play, "ctrl-g");
        play.typing("funds leave, nobody answers");
        play.press("enter");
        play.typing("88213");
    });
}
