//! The review of an incident, from the root cause to its end, by keys.

use super::verbs::recorded;
use super::*;
use quell::backend::{Refusal, RefusalKind};
use quell::console::message::Message;
use quell::console::model::Screen;
use quell::console::prompt::Agreement;
use quell::console::update;
use quell::domain::phase::Phase;
use quell::domain::review::Item;

fn reviewing() -> Play {
    let mut play = console().usual().in_review();
    play.press("tab enter");
    play.wait(2000);
    assert_eq!(play.selected(), 1033);
    play
}

fn error(play: &Play) -> Option<String> {
    match &play.model.prompt {
        Some(Prompt::Lesson(form)) => form.error.as_ref().map(|error| error.safe().to_string()),
        _ => None,
    }
}

#[test]
fn a_root_cause_has_as_many_lines_as_it_needs() {
    let mut play = reviewing();
    play.press("r");
    play.typing("a certificate ran out");
    play.press("ctrl-j");
    play.typing("nobody watched it");
    let text = Outside::new("a certificate ran out\nnobody watched it");
    assert_eq!(recorded(&play.keys("ctrl-s")), [(1033, Entry::RootCauseFound { text })]);
    assert_eq!(play.toast(), "INC-1033: the root cause is written down");
    play.press("r");
    let Some(Prompt::Lesson(form)) = &play.model.prompt else { panic!() };
    assert_eq!(form.fields.text("cause"), "a certificate ran out\nnobody watched it");
    let said = |play: &Play| {
        let foot = quell::console::page::prompt::sheet(&play.model, 80, play.now).unwrap().foot;
        foot.iter().map(quell::console::page::Line::text).collect::<String>()
    };
    assert_eq!(said(&play), " enter goes on, ctrl-j begins a new line · ctrl-s writes it down");
    play.press("enter");
    assert_eq!(said(&play), " enter writes it down, as ctrl-s does on any line");
    let text = Outside::new("a certificate ran out\nnobody watched it");
    assert_eq!(recorded(&play.keys("enter")), [(1033, Entry::RootCauseFound { text })]);
}

#[test]
fn an_item_needs_what_who_until_when_and_its_proof() {
    let mut play = reviewing();
    play.press("i");
    play.typing("watch every certificate");
    play.press("enter");
    play.typing("dee");
    play.press("enter");
    play.typing("some day");
    play.press("enter");
    play.typing("a monitor turns red on a test");
    assert_eq!(play.keys("enter enter"), []);
    assert_eq!(
        error(&play).as_deref(),
        Some("write a day like 2026-12-01, or a time like 14 days, 2 weeks or 5 business days")
    );
    play.press("ctrl-u");
    play.typing("5 business days");
    let item = Item {
        text: Outside::new("watch every certificate"),
        owner: Outside::new("dee"),
        due: "2026-11-27T23:59:59Z".parse().unwrap(),
        check: Outside::new("a monitor turns red on a test"),
        done: None,
    };
    assert_eq!(recorded(&play.keys("ctrl-s")), [(1033, Entry::ItemAdded { item })]);
    assert_eq!(play.toast(), "INC-1033: item 1 for dee, due 2026-11-27");
}

#[test]
fn a_form_that_could_not_be_written_down_is_not_lost() {
    let mut play = reviewing();
    play.press("r");
    play.typing("a certificate");
    play.engine.refuse = Some(Refusal::new(RefusalKind::Unreachable, "the ledger is busy; try again"));
    play.press("ctrl-s");
    assert_eq!(error(&play).as_deref(), Some("the ledger is busy; try again"));
    assert_eq!(play.keys("ctrl-s").len(), 1);
}

fn with_items(count: u8) -> Play {
    let mut play = reviewing();
    for n in 0..count {
        let item = Item {
            text: Outside::new(format!("do {n}")),
            owner: Outside::new("dee"),
            due: at("23:00:00"),
            check: Outside::new("a test"),
            done: None,
        };
        play.engine.by("bo", 1033, "10:00:00", Entry::ItemAdded { item });
    }
    play.poll();
    play
}

#[test]
fn an_item_is_done_once_something_proves_it() {
    let mut play = reviewing();
    play.press("d");
    assert_eq!(play.toast(), "INC-1033 has no action item that is not done");
    let mut play = with_items(2);
    play.press("d");
    assert_eq!(play.keys("ctrl-s"), []);
    assert_eq!(error(&play).as_deref(), Some("say what shows that it is done"));
    play.typing("merged");
    play.press("shift-tab backspace 3");
    assert_eq!(play.keys("ctrl-s"), []);
    assert_eq!(error(&play).as_deref(), Some("write the number of an item that is not done: 1, 2"));
    play.press("backspace 2");
    let proof = Outside::new("merged");
    assert_eq!(recorded(&play.keys("ctrl-s")), [(1033, Entry::ItemDone { item: 2, proof })]);
    play.press("d");
    let Some(Prompt::Lesson(form)) = &play.model.prompt else { panic!() };
    assert_eq!(form.fields.text("item"), "1", "the first that is not done");
}

#[test]
fn what_is_published_is_what_was_shown() {
    let mut play = reviewing();
    play.press("p");
    assert!(matches!(play.model.screen, Screen::PostMortem { .. }));
    play.press("p");
    assert_eq!(play.keys("enter"), [], "too soon");
    play.wait(600);
    let asked = play.keys("enter");
    let [Effect::Publish { markdown, .. }] = asked.as_slice() else { panic!("{asked:?}") };
    let detail = play.model.detail.clone().unwrap();
    assert!(markdown.starts_with("# Post-mortem of INC-1033"));
    assert_eq!(*markdown, quell::domain::postmortem::markdown(&detail.incident, &detail.records, &[]));
    assert_eq!(play.toast(), "INC-1033 is published: ~/.local/state/quell/reviews/INC-1033.md");
    play.press("q");
    assert!(matches!(play.model.screen, Screen::Incident { .. }));
}

fn agreeing(play: &Play) -> (&str, &[String], Option<&str>) {
    let Some(Prompt::Agree(agree)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    let Agreement::Publish { markdown, news, .. } = &agree.to else { panic!() };
    (markdown, news, agree.guard.nudge.as_deref())
}

#[test]
fn what_is_written_down_while_it_is_asked_is_shown_and_can_be_published_too() {
    let mut play = reviewing();
    play.press("p p");
    play.wait(600);
    play.engine.by("bo", 1033, "14:03:00", Entry::RootCauseFound { text: Outside::new("an old key") });
    play.poll();
    let (markdown, news, nudge) = agreeing(&play);
    assert!(markdown.contains("an old key") && news.iter().any(|line| line.contains("an old key")));
    assert_eq!(nudge, Some("it has changed since you asked"));
    assert_eq!(play.keys("enter"), [], "nobody has read that yet");
    play.wait(600);
    let asked = play.keys("enter");
    let [Effect::Publish { markdown, .. }] = asked.as_slice() else { panic!("{asked:?}") };
    assert!(markdown.contains("an old key"));
    assert_eq!(play.model.prompt, None);
}

#[test]
fn what_has_changed_where_no_record_says_so_is_read_again() {
    let mut play = reviewing();
    play.press("p p");
    play.wait(600);
    let before = agreeing(&play).0.to_owned();
    play.engine.earlier = Some(quell::domain::earlier::Earlier {
        id: id(1007),
        opened_at: at("03:00:00"),
        ended: None,
        contained: Vec::new(),
        asked: Vec::new(),
        mitigated: None,
        root_cause: None,
    });
    play.engine.refuse = Some(Refusal::new(RefusalKind::Changed, "it says something else by now"));
    play.press("enter");
    let (now, news, _) = agreeing(&play);
    assert_ne!(now, before);
    assert!(news.iter().any(|line| line.contains("INC-1007")), "{news:?}");
    play.wait(600);
    assert_eq!(play.keys("enter").len(), 1);
}

#[test]
fn what_was_not_read_to_its_last_record_is_not_published() {
    let mut play = reviewing();
    play.press("p");
    let note = Entry::Noted { text: Outside::new("one more thing") };
    play.engine.by("bo", 1033, "14:03:00", note);
    let changes = play.engine.changes(play.now);
    // The engine has told of it, and has not answered with its records yet.
    drop(update(&mut play.model, play.now, Message::Changed(Box::new(changes))));
    assert_eq!(play.keys("p"), []);
    assert_eq!(play.model.prompt, None);
    assert_eq!(play.toast(), "its records are not read yet; press it again");
}

#[test]
fn a_publication_that_was_refused_says_so_where_it_was_asked() {
    let mut play = reviewing();
    play.press("p p");
    play.wait(600);
    play.engine.refuse = Some(Refusal::new(RefusalKind::Refused, "INC-1033.md exists"));
    play.press("enter");
    let Some(Prompt::Agree(agree)) = &play.model.prompt else { panic!() };
    assert_eq!(agree.guard.nudge.as_deref(), Some("INC-1033.md exists"));
    let mut play = console().usual();
    play.press("p p");
    assert_eq!(play.toast(), "a post-mortem is published in Review, and INC-1047 is in Identify");
}

#[test]
fn a_review_is_filled_in_and_ended_from_its_gates() {
    let mut play = reviewing();
    play.press("P enter enter");
    play.typing("a certificate ran out");
    play.press("ctrl-s");
    assert!(matches!(play.model.prompt, Some(Prompt::Gates(_))), "the sheet comes back");
    play.press("esc i");
    play.typing("watch it");
    play.press("enter");
    play.typing("dee");
    play.press("enter");
    play.typing("14d");
    play.press("enter");
    play.typing("a test");
    play.press("ctrl-s p p");
    play.wait(600);
    play.press("enter q");
    let ended = recorded(&play.keys("P enter"));
    assert_eq!(ended, [(1033, Entry::PhaseMoved { to: Phase::Closed, waived: None })]);
}
