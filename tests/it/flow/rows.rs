//! What a row says in its few cells, and which keys it offers.

use super::*;
use crate::support::play::{answered, playbook};
use quell::console::hints::hints;
use quell::console::page;
use quell::console::standing::standing;
use quell::domain::action::{Outcome, Settlement};
use quell::domain::deadline::DeadlineKind;
use quell::domain::escalation::{Receipt, Step, Stopped};
use quell::domain::plan::Plan;
use quell::domain::record::{CloseReason, DeadlineSet, PathArmed, PathHeld, StepSent, StepStarted};
use quell::domain::signal::SignalKey;
use quell::domain::story;
use quell::domain::time::Span;

/// The selected row's words in so many cells.
fn said(play: &Play, cells: usize) -> String {
    standing(&play.model, play.model.selected().unwrap(), false, play.now, cells).1
}

/// INC-1047 is silenced at its source, and that is read back.
fn silences(play: &mut Play) {
    play.engine.playbooks = vec![playbook("prod-am/silence", "Silence at prod-am")];
    play.poll();
    play.press("t enter enter");
    play.verified("active");
    play.now = at("14:03:42");
    play.poll();
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
    play.verified("frozen");
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
    assert_eq!(asked.title, "ask source of INC-1047 ── Silence at prod-am");
    play.press("enter");
    play.verified("active");
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
fn an_acknowledgement_stands_before_a_coming_page_and_both_where_there_is_room() {
    let mut late = incident(1047, Severity::Critical, "14:01:22", "Order gateway");
    late.ack_due = Some(at("14:02:00"));
    let mut play = console().board([late]);
    assert_eq!(said(&play, 13), "ack OVERDUE");
    let (path, to) = (|| "incident".to_owned(), || vec!["room".to_owned()]);
    let steps = [1, 5].map(|after| Step { after: Span::mins(after), to: to() }).to_vec();
    play.engine.rule(1047, "14:01:22", Entry::PathArmed(PathArmed { path: path(), steps }));
    let begun = StepStarted { path: path(), step: 1, resumes: false, missing: Vec::new() };
    play.engine.rule(1047, "14:02:22", Entry::StepStarted(begun));
    let receipt = Receipt { channel: "room".to_owned(), accepted: true, detail: Outside::new("200") };
    let sent = StepSent { path: path(), step: 1, receipts: vec![receipt] };
    play.engine.rule(1047, "14:02:23", Entry::StepSent(sent));
    play.poll();
    assert_eq!((said(&play, 13), said(&play, 24)), ("LATE pg 2:58".into(), "ack OVERDUE, pages 2:58".into()));
    let unseen =
        |play: &Play, cells| standing(&play.model, play.model.selected().unwrap(), true, play.now, cells).1;
    assert_eq!(unseen(&play, 13), "STALE OVERDUE");
    let mut open = incident(1048, Severity::Critical, "14:01:22", "Order gateway");
    open.ack_due = Some(at("14:07:00"));
    let mut play = console().board([open]);
    assert_eq!(unseen(&play, 13), "STALE, 3:36", "until when somebody must take it");
    let steps = vec![Step { after: Span::mins(5), to: vec!["room".into()] }];
    play.engine.rule(1048, "14:01:22", Entry::PathArmed(PathArmed { path: "incident".into(), steps }));
    play.poll();
    assert_eq!(unseen(&play, 13), "STALE pg 2:58", "who is told next, where that comes first");
    let both = unseen(&play, 25);
    assert!(both.starts_with("STALE 14:0") && both.ends_with("Z, pages 2:58"), "{both}");
}

#[test]
fn of_a_page_and_the_time_to_acknowledge_the_sooner_one_is_said_first() {
    let mut it = incident(1047, Severity::Critical, "14:01:22", "Order gateway");
    it.ack_due = Some(at("14:10:00"));
    let mut play = console().board([it]);
    let steps = vec![Step { after: Span::mins(5), to: vec!["room".into()] }];
    play.engine.rule(1047, "14:01:22", Entry::PathArmed(PathArmed { path: "incident".into(), steps }));
    play.poll();
    assert_eq!((said(&play, 13), said(&play, 30)), ("pages 2:58".into(), "pages 2:58, ack in 6:36".into()));
    let mut sooner = incident(1047, Severity::Critical, "14:01:22", "Order gateway");
    sooner.ack_due = Some(at("14:06:10"));
    let mut play = console().board([sooner]);
    let steps = vec![Step { after: Span::mins(5), to: vec!["room".into()] }];
    play.engine.rule(1047, "14:01:22", Entry::PathArmed(PathArmed { path: "incident".into(), steps }));
    play.poll();
    assert_eq!(said(&play, 30), "ack in 2:46, pages 2:58");
}

#[test]
fn what_a_source_did_does_not_stand_for_an_acknowledgement_that_is_due() {
    let mut it = incident(1047, Severity::Critical, "14:01:22", "Order gateway");
    it.ack_due = Some(at("14:06:22"));
    let mut play = console().board([it]);
    silences(&mut play);
    assert_eq!(said(&play, 13), "ack in 2:40");
    assert_eq!(said(&play, 32), "ack in 2:40, silence verified");
}

#[test]
fn a_containment_is_seen_for_a_moment_and_then_the_acknowledgement_counts_down_again() {
    let mut it = incident(1047, Severity::Critical, "14:01:22", "Order gateway");
    it.ack_due = Some(at("14:06:22"));
    let mut play = console().board([it]);
    play.press("c enter");
    play.typing("88213");
    play.wait(600);
    play.press("enter");
    assert_eq!(said(&play, 13), "sending…");
    play.engine.rule(1047, "14:03:40", answered(1, Outcome::Accepted, "200"));
    let settled =
        Entry::Settled { action: 1, settlement: Settlement::Verified, detail: Outside::new("frozen") };
    play.engine.rule(1047, "14:03:41", settled);
    play.now = at("14:03:42");
    play.poll();
    assert_eq!((said(&play, 13), said(&play, 24)), ("contained".into(), "contained, ack in 2:40".into()));
    play.wait(6000);
    assert_eq!(said(&play, 13), "ack in 2:34");
}

#[test]
fn what_nobody_took_in_time_and_nobody_was_paged_for_says_when_that_comes_at_any_width() {
    let mut play = paging();
    let due = at("14:03:00");
    let (title, name) = (Outside::new("acknowledge it"), String::new());
    let set = DeadlineSet { deadline: DeadlineKind::Ack, name, title, due };
    play.engine.rule(1047, "14:02:00", Entry::DeadlineSet(set));
    play.now = at("14:03:32");
    play.poll();
    assert_eq!([15, 13].map(|cells| said(&play, cells)), ["OVERDUE pg 2:50", "LATE pg 2:50"]);
    assert_eq!(said(&play, 24), "ack OVERDUE, pages 2:50");
}

#[test]
fn what_another_incident_covers_says_when_that_one_pages() {
    let covered = incident(1048, Severity::Critical, "14:02:00", "token-api is down");
    let mut play = paging();
    play.engine.put(covered);
    let steps = vec![Step { after: Span::mins(5), to: vec!["room".into()] }];
    let because = Stopped::CoveredBy(id(1047));
    play.engine.rule(1048, "14:02:00", Entry::PathHeld(PathHeld { path: "incident".into(), steps, because }));
    play.poll();
    play.wait(10_000);
    let one = play.model.board.get(&id(1048)).unwrap().clone();
    let row = |play: &Play, cells| standing(&play.model, &one, false, play.now, cells).1;
    let said = [25, 18, 13, 10].map(|cells| row(&play, cells));
    let says_who = ["INC-1047 pages 2:48", "INC-1047 page 2:48", "see INC-1047", "covered"];
    assert_eq!(said, says_who, "a page of another one is not read as a page of this one");
}

#[test]
fn what_is_overdue_stands_before_a_containment_that_went_well() {
    let mut play = console().usual();
    let due = at("14:03:00");
    let set = DeadlineSet {
        deadline: DeadlineKind::Bulletin,
        name: "users".into(),
        title: Outside::new("next bulletin"),
        due,
    };
    play.engine.rule(1047, "14:02:00", Entry::DeadlineSet(set));
    play.poll();
    play.press("c enter");
    play.typing("88213");
    play.wait(600);
    play.press("enter");
    assert_eq!(said(&play, 13), "sending…", "what is under way lasts moments");
    play.engine.rule(1047, "14:03:40", answered(1, Outcome::Accepted, "200"));
    let settled =
        Entry::Settled { action: 1, settlement: Settlement::Verified, detail: Outside::new("frozen") };
    play.engine.rule(1047, "14:03:41", settled);
    play.now = at("14:03:42");
    play.poll();
    assert_eq!(said(&play, 13), "upd OVERDUE");
    assert_eq!(said(&play, 40), "upd OVERDUE, contained 14:03:41Z");
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

#[test]
fn new_incidents_are_counted_where_they_will_stand() {
    let mut play = console().usual();
    play.press("j j");
    let news = |play: &Play| play.model.triage.news(&play.model.board);
    for (number, severity, expected) in [
        (1060, Severity::Normal, (0, 1)),
        (1061, Severity::Critical, (1, 1)),
        (1062, Severity::Normal, (1, 2)),
    ] {
        play.engine.put(incident(number, severity, "14:03:20", "Withdrawals fail"));
        play.poll();
        assert_eq!(news(&play), expected);
    }
    play.wait(10_000);
    assert_eq!(news(&play), (0, 0));
}

#[test]
fn what_can_be_taken_back_says_by_which_key() {
    let mut play = console().usual();
    silences(&mut play);
    let shown = |play: &Play| {
        let page = page::detail::page(&play.model, 120, 30, play.now);
        page.iter().map(page::Line::text).find(|line| line.starts_with(" #1 ")).unwrap()
    };
    assert_eq!(shown(&play), " #1 prod-am/silence 88213 verified 14:03:41Z · u takes it back");
    assert!(hints(&play.model, play.now).iter().any(|(key, _)| key == "u"));
}

#[test]
fn what_cleared_says_that_it_moves_on_and_names_no_phase() {
    let mut play = console().usual();
    let key = play.model.selected().unwrap().signals.keys().next().unwrap().clone();
    let (source, fingerprint) = key.split_once('\0').unwrap();
    let key = SignalKey { source: source.to_owned(), fingerprint: Outside::new(fingerprint) };
    play.engine.rule(1047, "14:03:25", Entry::SignalCleared { key, because: "absent".into() });
    play.poll();
    play.wait(2000);
    let page = page::detail::page(&play.model, 120, 30, play.now);
    let all: Vec<String> = page.iter().map(page::Line::text).collect();
    assert!(all.iter().any(|line| line == " signals cleared 14:03:25Z; P moves it on"), "{all:#?}");
}

#[test]
fn what_is_silenced_at_its_source_says_so_as_long_as_that_is_known() {
    let mut play = console().usual();
    let fingerprint = |play: &Play| {
        let key = play.model.selected().unwrap().signals.keys().next().unwrap();
        Outside::new(key.split_once('\0').unwrap().1)
    };
    play.press("j");
    let (number, one) = (play.selected(), fingerprint(&play));
    let silenced = |play: &mut Play, until: Option<&str>| {
        play.engine.sources[0].vitals.silenced =
            until.map(|until| (one.clone(), Some(at(until)))).into_iter().collect();
        play.poll();
    };
    assert_eq!(said(&play, 24), "");
    silenced(&mut play, Some("16:58:00"));
    assert_eq!((said(&play, 24).as_str(), said(&play, 11).as_str()), ("silenced until 16:58Z", "silenced"));
    let december: quell::domain::time::Time = "2026-12-05T08:00:00Z".parse().unwrap();
    play.engine.sources[0].vitals.silenced = [(one.clone(), Some(december))].into();
    play.poll();
    assert_eq!(said(&play, 24), "silenced until Dec 05", "as the review and the ledger write a day");
    silenced(&mut play, Some("16:58:00"));
    play.press("k");
    assert!(!said(&play, 40).contains("silenced"), "another one is not: {}", said(&play, 40));
    play.press("j");
    assert_eq!(play.selected(), number);
    silenced(&mut play, Some("14:03:00"));
    assert_eq!(said(&play, 24), "", "it ended, and its source was not asked since");
    silenced(&mut play, Some("16:58:00"));
    play.engine.sources[0].failures = 9;
    play.engine.sources[0].as_of = Some(at("13:00:00"));
    play.poll();
    assert!(!said(&play, 24).contains("silenced"), "{}", said(&play, 24));
}
