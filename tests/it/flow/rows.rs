//! What a row says in its few cells, and which keys it offers.

use super::*;
use crate::support::play::{answered, playbook};
use quell::console::hints::hints;
use quell::console::page;
use quell::console::standing::standing;
use quell::domain::action::{Outcome, Settlement};
use quell::domain::escalation::Step;
use quell::domain::plan::Plan;
use quell::domain::record::{CloseReason, PathArmed};
use quell::domain::story;
use quell::domain::time::Span;

/// The selected row's words in so many cells.
fn said(play: &Play, cells: usize) -> String {
    standing(&play.model, play.model.selected().unwrap(), false, play.now, cells).1
}

/// INC-1047 pages at 14:06:22.
fn paging() -> Play {
    let mut play = console().usual();
    let steps = vec![Step { after: Span::mins(5), to: vec!["room".into()] }];
    play.engine.rule(1047, "14:01:22", Entry::PathArmed(PathArmed { path: "incident".into(), steps }));
    play.poll();
    play
}

#[test]
fn a_verification_stands_before_a_coming_page_for_a_moment_only() {
    let mut play = paging();
    play.press("c enter");
    play.typing("88213");
    play.wait(600);
    play.press("enter");
    play.engine.rule(1047, "14:03:40", answered(1, Outcome::Accepted, "200"));
    let detail = Outside::new("frozen");
    let settled = Entry::Settled { action: 1, settlement: Settlement::Verified, detail };
    play.engine.rule(1047, "14:03:41", settled);
    play.now = at("14:03:42");
    play.poll();
    assert_eq!(said(&play, 13), "contained");
    assert_eq!(said(&play, 20), "contained, page 2:40");
    play.wait(6000);
    assert_eq!(said(&play, 13), "pages 2:34");
    assert_eq!(said(&play, 20), "pages 2:34");
}

#[test]
fn what_a_source_was_asked_for_is_called_by_its_name() {
    let mut play = paging();
    play.engine.playbooks = vec![playbook("prod-am/silence", "Silence at prod-am")];
    play.poll();
    play.press("t enter");
    let asked = page::prompt::sheet(&play.model, 80, play.now).unwrap();
    assert_eq!(asked.title, "ask the source of INC-1047 ── Silence at prod-am");
    play.press("enter");
    play.typing("88213");
    play.wait(600);
    play.press("enter");
    play.engine.rule(1047, "14:03:40", answered(1, Outcome::Accepted, "200"));
    let detail = Outside::new("active");
    let settled = Entry::Settled { action: 1, settlement: Settlement::Verified, detail };
    play.engine.rule(1047, "14:03:41", settled);
    play.now = at("14:03:42");
    play.poll();
    assert_eq!(said(&play, 13), "silence done");
    assert_eq!(said(&play, 20), "silence verified");
    play.wait(6000);
    assert_eq!(said(&play, 20), "pages 2:34", "a silence contains nothing");
    let mut plan = play.model.selected().unwrap().actions[&1].plan.clone();
    let named = |plan: &Plan| (story::what(plan), story::brief(plan));
    assert_eq!(named(&plan), ("prod-am/silence 88213".to_owned(), "silence 88213".to_owned()));
    let matchers = "alertname=LedgerDrift,service=withdrawals";
    plan.target = Some(("matchers".to_owned(), Outside::new(matchers)));
    let brief = "silence alertname=LedgerDrift,s…".to_owned();
    assert_eq!(named(&plan), (format!("prod-am/silence {matchers}"), brief), "its state must stay in sight");
}

#[test]
fn a_coming_page_stands_before_an_overdue_acknowledgement() {
    let mut late = incident(1047, Severity::Critical, "14:01:22", "Order gateway");
    late.ack_due = Some(at("14:02:00"));
    let mut play = console().board([late]);
    assert_eq!(said(&play, 13), "ack OVERDUE");
    let steps = vec![Step { after: Span::mins(5), to: vec!["room".into()] }];
    play.engine.rule(1047, "14:01:22", Entry::PathArmed(PathArmed { path: "incident".into(), steps }));
    play.poll();
    assert_eq!(said(&play, 13), "pages 2:58");
    assert_eq!(standing(&play.model, play.model.selected().unwrap(), true, play.now, 13).1, "pages 2:58");
}

#[test]
fn words_are_dropped_before_digits() {
    let mut it = incident(1047, Severity::Critical, "14:01:22", "Order gateway");
    it.ack_due = Some(at("14:17:51"));
    let mut play = console().board([it]);
    assert_eq!((said(&play, 13), said(&play, 11)), ("ack in 14:27".into(), "ack 14:27".into()));
    play.engine.by("ana", 1047, "13:35:00", Entry::Acknowledged { lasts_s: 1800, from: None });
    play.poll();
    assert_eq!((said(&play, 13), said(&play, 11)), ("ack ends 1:36".into(), "ends 1:36".into()));
}

#[test]
fn what_has_ended_offers_no_response_and_refuses_to_be_held() {
    let mut play = paging();
    let offered = |play: &Play, word: &str| {
        let all = hints(&play.model, play.now);
        all.iter().any(|(_, hint)| hint.starts_with(word))
    };
    assert!(["ack", "contain", "escalate"].iter().all(|word| offered(&play, word)));
    let note = Some(Outside::new("gw-2 is back"));
    play.engine.by("bo", 1047, "14:03:25", Entry::Closed { reason: CloseReason::Resolved, note });
    play.press("enter");
    play.poll();
    assert_eq!(play.model.selected().unwrap().phase.title(), "Review");
    for word in ["ack", "contain", "escalate"] {
        assert!(!offered(&play, word), "{word}");
    }
    play.wait(2000);
    assert_eq!(play.keys("a"), []);
    assert_eq!(play.toast(), "INC-1047 is in Review: nobody needs to hold it any more");
}
