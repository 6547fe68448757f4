//! Marks, and what is done to all that are marked.

use super::prompts::everywhere_after;
use super::*;

/// The account of each incident, and a playbook that takes five at once.
fn prepared(play: &mut Play) {
    play.engine.accounts = [(1047, "88213"), (1042, "90001"), (1051, "90002"), (1050, "90003")].into();
    play.engine.playbooks[0].max_targets = 5;
    play.tell(Message::Resumed);
}

/// Three of four can be.
fn planned(play: &mut Play) {
    prepared(play);
    play.engine.protected = vec!["90001"];
    play.press("space space space space c");
}

/// The playbook is being typed.
pub(super) fn typed() -> Play {
    let mut play = night();
    planned(&mut play);
    play.typing("freeze-acc");
    play
}

fn begun(play: &mut Play) {
    planned(play);
    play.typing("freeze-account 3");
    // All of it is read first.
    play.press("pgdn pgdn pgdn pgdn pgdn pgdn");
    play.wait(600);
    play.press("enter");
}

fn answer(play: &mut Play, number: u64, outcome: Outcome, words: &str) {
    play.engine.rule(number, "14:03:40", answered(1, outcome, words));
    play.poll();
}

#[test]
fn marks() {
    everywhere_after("marks", |play| {
        prepared(play);
        play.press("space j space");
    });
    everywhere_after("marks_hidden", |play| {
        prepared(play);
        play.press("space space space /");
        play.typing("sev:critical");
        play.press("enter");
    });
}

#[test]
fn planned_together() {
    everywhere_after("bulk", |play| {
        planned(play);
        play.typing("freeze-acc");
    });
    everywhere_after("bulk_end", |play| {
        planned(play);
        play.press("pgdn pgdn pgdn pgdn");
    });
    everywhere_after("bulk_choice", |play| {
        prepared(play);
        let mut second = crate::support::play::playbook("revoke-sessions", "Revoke all sessions");
        second.approvals = 1;
        second.max_targets = 3;
        play.engine.playbooks.push(second);
        play.tell(Message::Resumed);
        play.press("space space c");
    });
}

#[test]
fn carried_out_one_by_one() {
    everywhere_after("bulk_running", |play| {
        begun(play);
        answer(play, 1047, Outcome::Accepted, "200");
    });
    everywhere_after("bulk_stopped", |play| {
        begun(play);
        answer(play, 1047, Outcome::Accepted, "200");
        answer(play, 1051, Outcome::Unknown, "no answer");
    });
}

#[test]
fn a_plan_that_is_only_looked_at() {
    everywhere_after("plan_only", |play| play.press("j j c ctrl-p"));
    everywhere_after("plan_only_end", |play| play.press("j j c ctrl-p G"));
}
