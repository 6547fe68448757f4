//! Opening an incident by hand: what a partner, a colleague or oneself saw.

use super::*;
use quell::backend::{Refusal, RefusalKind, Report};
use quell::console::message::Message;
use quell::console::report::ReportForm;
use quell::domain::opening::Reporter;

fn form(play: &Play) -> &ReportForm {
    match &play.model.prompt {
        Some(Prompt::Report(form)) => form,
        other => panic!("{other:?}"),
    }
}

fn opened(effects: &[Effect]) -> &Report {
    match effects {
        [Effect::Open(report)] => report,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_i_saw_needs_one_line() {
    let mut play = console().usual();
    play.press("N enter");
    assert_eq!(play.keys("ctrl-s"), []);
    assert_eq!(form(&play).error, Some(Outside::new("say in one line what is wrong")));
    play.typing("Withdrawals hang");
    let effects = play.keys("ctrl-s");
    let report = opened(&effects);
    assert_eq!((report.title.raw(), report.severity), ("Withdrawals hang", Severity::High));
    assert_eq!(report.reported, None);
    assert_eq!(play.model.prompt, None);
    assert_eq!(play.model.selected().unwrap().title().raw(), "Withdrawals hang");
    play.press("esc");
    assert_eq!(play.selected(), 1052, "and it is selected on Triage");
}

#[test]
fn a_partner_s_report_asks_for_what_the_security_path_needs() {
    let mut play = console();
    play.poll();
    play.press("N up p tab");
    play.typing("Signatures of webhooks can be forged");
    play.press("tab c tab u tab tab");
    play.typing("acme");
    play.press("tab");
    play.typing("mail");
    play.press("tab");
    play.typing("the signature");
    play.press("alt-enter");
    play.typing("is not checked");
    play.press("enter");
    play.typing("/v1/hooks");
    let effects = play.keys("tab tab tab tab enter");
    let report = opened(&effects);
    assert_eq!(report.severity, Severity::Critical);
    let reported = report.reported.as_ref().unwrap();
    assert_eq!((reported.from, reported.by.raw(), reported.via.raw()), (Reporter::Partner, "acme", "mail"));
    let told: Vec<(&str, &str)> =
        reported.told.iter().map(|(item, told)| (item.as_str(), told.raw())).collect();
    let expected =
        [("affected endpoint", "/v1/hooks"), ("technical details", "the signature\nis not checked")];
    assert_eq!(told, expected);
}

#[test]
fn who_told_it_is_asked() {
    let mut play = console().usual();
    play.press("N up i tab x");
    assert_eq!(play.keys("ctrl-s"), []);
    assert_eq!(form(&play).fields.here().unwrap().key, "by");
}

#[test]
fn a_refused_report_keeps_what_was_typed() {
    let mut play = console().usual();
    play.press("N");
    play.typing("Withdrawals hang");
    play.engine.refuse = Some(Refusal::new(RefusalKind::Unreachable, "no room on the disk"));
    play.press("ctrl-s");
    assert_eq!(form(&play).fields.text("title"), "Withdrawals hang");
    assert_eq!(form(&play).error, Some(Outside::new("no room on the disk")));
    play.press("ctrl-c");
    assert!(form(&play).fields.leaving);
    play.press("n ctrl-s");
    assert_eq!(play.model.prompt, None);
}

#[test]
fn ctrl_c_held_down_throws_nothing_away_and_ends_nothing() {
    for begin in ["N x", "e f x", "n x"] {
        let mut play = console().usual();
        play.press(begin);
        for _ in 0..20 {
            assert_eq!(play.keys("ctrl-c"), [], "{begin}");
        }
        assert!(asks(&mut play), "{begin}: {:?}", play.model.prompt);
        play.press("y");
        assert!(!asks(&mut play), "{begin}");
    }
}

#[test]
fn who_pastes_into_what_asks_whether_it_goes_keeps_it() {
    for begin in ["N x esc", "e f x esc", "n x esc"] {
        let mut play = console().usual();
        play.press(begin);
        assert!(asks(&mut play), "{begin}");
        play.tell(Message::Pasted(Outside::new("a long account")));
        assert!(!asks(&mut play), "{begin}");
        play.press("y");
        assert!(play.model.prompt.is_some(), "{begin}: y is a letter again");
    }
}

/// Whether it is asked if what was typed goes.
fn asks(play: &mut Play) -> bool {
    play.model.prompt.as_mut().and_then(Prompt::leaving).is_some_and(|leaving| *leaving)
}
