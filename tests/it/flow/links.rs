//! Opening a runbook and the source: shown in full first, https only.

use super::*;
use quell::console::message::Message;
use quell::console::page;
use quell::domain::fault::{Fault, FaultKind};

fn scene() -> Play {
    let mut play = console().usual();
    play.wait(2000);
    play
}

fn opened(effects: &[Effect]) -> Vec<String> {
    let link = |effect: &Effect| match effect {
        Effect::OpenLink(link) => Some(link.url().to_owned()),
        _ => None,
    };
    effects.iter().filter_map(link).collect()
}

#[test]
fn a_runbook_is_read_in_full_before_it_is_opened() {
    let mut play = scene();
    assert_eq!(play.keys("o"), []);
    let Some(Prompt::Link(asked)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    assert_eq!(asked.link.url(), "https://runbooks.example.com/gateway");
    assert_eq!(asked.link.host(), "runbooks.example.com");
    assert_eq!(opened(&play.keys("enter")), Vec::<String>::new(), "nobody reads that fast");
    play.wait(600);
    assert_eq!(opened(&play.keys("enter")), ["https://runbooks.example.com/gateway"]);
    assert_eq!(play.model.prompt, None);
    play.tell(Message::LinkOpened { host: "runbooks.example.com".into(), opened: Ok(()) });
    assert_eq!(play.toast(), "xdg-open shows runbooks.example.com");
    let fault = Fault::new(FaultKind::Broken, "xdg-open ended with exit 3");
    play.tell(Message::LinkOpened { host: "runbooks.example.com".into(), opened: Err(fault) });
    assert!(play.toast().contains("exit 3") && play.toast().contains("press y"), "{}", play.toast());
}

#[test]
fn what_is_not_https_is_not_opened() {
    let mut play = scene();
    assert_eq!(play.keys("O"), []);
    assert_eq!(play.model.prompt, None);
    let why = "the source is not opened: it begins with http:, not https:";
    assert_eq!(play.toast(), why);
    play.wait(2000);
    play.press(":");
    play.typing("open-source");
    let sheet = page::prompt::sheet(&play.model, 80, play.now).unwrap();
    let told: Vec<String> = sheet.foot.iter().map(quell::console::page::Line::text).collect();
    assert!(told.iter().any(|line| line.contains(why)), "whole, where its row is too short: {told:?}");
}

#[test]
fn without_a_display_the_link_goes_to_the_terminals_clipboard() {
    let mut play = scene();
    play.model.settings.opener = None;
    play.press("o");
    play.wait(600);
    let link = "https://runbooks.example.com/gateway".to_owned();
    assert_eq!(play.keys("enter"), [Effect::Copy(link.clone())]);
    assert_eq!(play.toast(), "the link of the runbook sent to the terminal's clipboard");
    play.model.settings.opener = Some("xdg-open".into());
    play.press("o");
    assert_eq!(play.keys("y"), [Effect::Copy(link)], "with one as well, when that is asked for");
    play.press("o");
    assert_eq!(play.keys("esc"), []);
    assert_eq!(play.model.prompt, None);
}

#[test]
fn a_link_that_says_what_is_sensitive_is_not_opened_before_that_is_read() {
    let mut play = scene();
    let detail = play.model.detail.as_mut().unwrap();
    detail.signals[0].runbook = Some(Outside::new("https://runbooks.example.com/?account=••••"));
    assert_eq!(play.keys("o"), []);
    assert!(play.toast().contains("sensitive") && play.toast().contains("reveal"), "{}", play.toast());
    let detail = play.model.detail.as_mut().unwrap();
    detail.signals[0].runbook = Some(Outside::new("https://runbooks.example.com@evil.example/"));
    assert_eq!(play.keys("o"), []);
    assert!(play.toast().contains("user"), "{}", play.toast());
    let detail = play.model.detail.as_mut().unwrap();
    detail.signals[0].runbook = None;
    assert_eq!(play.keys("o"), []);
    assert_eq!(play.toast(), "INC-1047 names no runbook");
}
