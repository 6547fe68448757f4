//! Offering the watch, and taking it.

use super::*;
use crate::support::play::offer;
use quell::backend::{Refusal, RefusalKind};
use quell::console::banner::banner;
use quell::console::hints::hints;
use quell::console::model::Screen;
use quell::console::page::prompt::sheet;
use quell::console::page::{Line, handover};

/// What is asked, as it is read.
fn asked(play: &Play) -> String {
    let sheet = sheet(&play.model, 400, play.now).unwrap();
    sheet.body.iter().map(Line::text).collect()
}

/// A watch that bo offers, with a card of so many lines.
fn offered(lines: usize) -> Play {
    let mut play = console().usual();
    play.engine.by("bo", 1047, "14:02:00", Entry::Acknowledged { lasts_s: 1800, from: None });
    let role = quell::domain::role::Role::Lead;
    play.engine.by("bo", 1050, "14:02:10", Entry::RoleTaken { role, name: Outside::new("bo"), from: None });
    let card = Outside::new(format!("# Hand-over\n\n{}", "- a line\n".repeat(lines)));
    play.engine.watch = Some(offer(5, "bo", "ana", card, at("14:01:00")));
    play.poll();
    play
}

fn last_read(play: &Play) -> Option<chrono::TimeDelta> {
    let read = play.asked.iter().rev().find_map(|effect| match effect {
        Effect::ReadWatch { since } => Some(*since),
        _ => None,
    });
    read.map(|since| play.now - since)
}

#[test]
fn the_card_is_of_the_last_twelve_hours_unless_somebody_says_otherwise() {
    let mut play = console().usual();
    play.press("H");
    assert_eq!(last_read(&play), Some(chrono::TimeDelta::hours(12)));
    play.press("right");
    assert_eq!(last_read(&play), Some(chrono::TimeDelta::hours(24)));
    play.press("left left");
    assert_eq!(last_read(&play), Some(chrono::TimeDelta::hours(8)));
    assert_eq!(play.keys("q tab tab"), []);
    assert!(matches!(play.model.screen, Screen::HandOver { .. }), "it stands in the cycle");
}

#[test]
fn the_card_is_read_again_once_something_has_happened() {
    let mut play = console().usual();
    play.press("H");
    let reads = |play: &Play| play.asked.iter().filter(|e| matches!(e, Effect::ReadWatch { .. })).count();
    let before = reads(&play);
    play.wait(10_000);
    play.poll();
    assert_eq!(reads(&play), before);
    play.engine.by("bo", 1047, "14:03:00", Entry::Noted { text: Outside::new("hypothesis: a bad deploy") });
    play.poll();
    assert_eq!(reads(&play), before + 1);
}

#[test]
fn the_watch_goes_to_a_named_person_with_the_card() {
    let mut play = console().usual();
    assert_eq!(play.keys("w"), [], "what is handed over is looked at first");
    assert!(matches!(play.model.screen, Screen::HandOver { .. }));
    assert_eq!(play.keys("w enter"), []);
    play.typing("ana");
    assert_eq!(play.keys("enter"), [], "not to oneself");
    play.press("ctrl-u");
    play.typing("bo");
    let asked = play.keys("enter");
    let [Effect::OfferWatch { to, card }] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!(to, "bo");
    assert!(card.raw().starts_with("# Hand-over of 2026-11-20") && card.raw().contains("INC-1047"));
    assert_eq!(play.toast(), "the watch is offered to bo; it is yours until they take it");
    play.poll();
    assert_eq!(play.model.offered_to_me(), None, "it is offered to somebody else");
}

#[test]
fn a_name_that_was_refused_is_not_lost() {
    let mut play = console().usual();
    play.press("H w");
    play.typing("bo");
    play.engine.refuse = Some(Refusal::new(RefusalKind::Unreachable, "the ledger is busy; try again"));
    play.press("enter");
    let Some(Prompt::OfferWatch { field, error }) = &play.model.prompt else { panic!() };
    assert_eq!((field.text().as_str(), error.as_deref()), ("bo", Some("the ledger is busy; try again")));
}

#[test]
fn who_offers_the_watch_sees_that_and_takes_it_back_or_offers_it_to_another_one() {
    let mut play = console().usual();
    play.press("H w");
    play.typing("nobody");
    play.press("enter");
    let unknown = "the watch is offered to nobody; nobody of that name has been seen here: w offers it anew";
    assert_eq!(play.toast(), unknown);
    play.poll();
    let stands = "It is offered to nobody since";
    let first = handover::page(&play.model, 100, play.now).remove(0).text();
    assert!(first.contains("you offered the watch to nobody") && first.contains("not yet taken"), "{first}");
    play.press("w");
    assert!(asked(&play).contains(stands), "{}", asked(&play));
    play.typing("bo");
    assert_eq!(hints(&play.model, play.now)[0].1, "offer it");
    assert!(matches!(play.keys("enter").as_slice(), [Effect::OfferWatch { to, .. }] if to == "bo"));
    play.poll();
    assert_eq!(play.keys("w enter"), [], "it may have been meant for something else");
    assert_eq!(play.keys("- enter"), [Effect::KeepWatch { offer: 9 }]);
    assert_eq!(play.toast(), "the watch stays with you: what was offered to bo is taken back");
    play.poll();
    assert_eq!(play.model.offered_by_me(), None);
    assert_eq!(play.keys("w enter"), [], "there is nothing to take back");
    assert_eq!(play.keys("- enter"), [], "nobody is called so");
    let Some(Prompt::OfferWatch { error, .. }) = &play.model.prompt else { panic!() };
    assert_eq!(error.as_deref(), Some("no offer of yours stands: it was taken, or taken back"));
}

#[test]
fn an_offer_is_seen_on_every_screen() {
    for keys in ["", "enter", "tab", "H", "M", "m", "s"] {
        let mut play = offered(1);
        play.press(keys);
        let (line, _) = banner(&play.model, play.now).unwrap();
        assert_eq!(
            line.text(),
            "  bo offers you the watch since 14:01:00Z: w shows the card and takes it",
            "{keys}"
        );
        assert_eq!(hints(&play.model, play.now)[0], ("w".to_owned(), "take the watch".to_owned()), "{keys}");
    }
}

#[test]
fn taking_the_watch_needs_a_deliberate_enter_and_says_what_changed_hands() {
    let mut play = offered(1);
    assert_eq!(play.keys("w enter"), [], "too soon");
    play.wait(600);
    assert_eq!(play.keys("enter"), [Effect::TakeWatch { offer: 5 }]);
    assert_eq!(play.toast(), "you have the watch of bo: holds INC-1047, lead of INC-1050");
    let taken = play.model.handover.taken.clone().unwrap();
    assert_eq!(taken.what, ["holds INC-1047", "lead of INC-1050"]);
    assert_eq!(play.model.prompt, None);
}

#[test]
fn a_long_card_is_read_to_its_end_first() {
    let mut play = offered(60);
    play.press("w");
    play.wait(600);
    assert_eq!(play.keys("enter"), []);
    let Some(Prompt::Agree(agree)) = &play.model.prompt else { panic!() };
    assert_eq!(agree.guard.nudge.as_deref(), Some("there is more of it below: pgdn shows the rest"));
    play.press("G");
    play.wait(600);
    assert_eq!(play.keys("enter"), [Effect::TakeWatch { offer: 5 }]);
}

#[test]
fn an_offer_that_is_gone_is_not_taken_and_a_refusal_is_shown() {
    let mut play = offered(1);
    play.press("w");
    play.engine.watch = None;
    play.poll();
    play.wait(600);
    assert_eq!(play.keys("enter"), []);
    assert_eq!(play.toast(), "the offer of bo stands no more; nothing changed hands");

    let mut play = offered(1);
    play.press("w");
    play.wait(600);
    play.engine.refuse = Some(Refusal::new(RefusalKind::Refused, "a newer offer was made"));
    play.press("enter");
    let Some(Prompt::Agree(agree)) = &play.model.prompt else { panic!() };
    assert_eq!((agree.guard.nudge.as_deref(), agree.guard.sent), (Some("a newer offer was made"), false));
    assert_eq!(play.model.handover.taken, None);
}

#[test]
fn the_metrics_are_of_thirty_days_unless_somebody_says_otherwise() {
    let mut play = console().usual();
    let since = |play: &Play| {
        let read = play.asked.iter().rev().find_map(|effect| match effect {
            Effect::Count { reach, at } => Some(reach.since(*at)),
            _ => None,
        });
        read.map(|since| (play.now - since).num_days())
    };
    play.press("M");
    assert_eq!(since(&play), Some(30));
    play.press("left");
    assert_eq!(since(&play), Some(7));
    let counted = play.model.measure.counted.as_ref().unwrap();
    assert_eq!((counted.metrics.all.incidents, counted.bins.len()), (4, 8));
    assert_eq!(counted.bins.iter().map(|bin| bin.opened).sum::<u64>(), 4);
    play.press("right right right right");
    assert!(since(&play) > Some(20_000), "everything");
    let reads = |play: &Play| play.asked.iter().filter(|e| matches!(e, Effect::Count { .. })).count();
    let before = reads(&play);
    play.wait(10_000);
    assert_eq!(reads(&play), before);
    play.wait(30_000);
    assert_eq!(reads(&play), before + 1);
}

#[test]
fn whoever_gave_the_watch_is_told_who_took_it_and_when() {
    let mut play = console().usual();
    play.press("H");
    play.engine.watch = Some(offer(9, "ana", "bo", Outside::new("# all of it"), play.now));
    play.poll();
    let page = |play: &Play| {
        let page = handover::page(&play.model, 120, play.now);
        page.iter().map(Line::text).collect::<Vec<_>>().join("\n")
    };
    assert!(page(&play).contains("not yet taken"), "{}", page(&play));
    let handed = quell::backend::WatchHanded { by: "ana".into(), to: "bo".into(), at: play.now };
    (play.engine.watch, play.engine.handed) = (None, Some(handed));
    play.poll();
    assert_eq!(play.toast(), "bo took the watch, and what you held");
    assert!(page(&play).contains("✓ bo took the watch 14:"), "{}", page(&play));
    assert!(!page(&play).contains("not yet taken"));
    let handed = |it: quell::backend::WatchHanded| quell::backend::WatchHanded {
        at: it.at - chrono::TimeDelta::hours(13),
        ..it
    };
    play.engine.handed = play.engine.handed.take().map(handed);
    play.poll();
    assert!(!page(&play).contains("took the watch"), "the next night is another one");
}

#[test]
fn the_card_names_the_monitors_that_are_not_up() {
    use quell::domain::monitor::{Health, MonitorStatus};
    let mut play = console().usual();
    let monitor = |name: &str, health| {
        let mut it = MonitorStatus::never(name, quell::domain::time::Span::secs(15));
        (it.source.as_of, it.health) = (Some(play.now), health);
        it
    };
    play.engine.monitors = vec![monitor("api", Health::Down), monitor("orders", Health::Up)];
    play.poll();
    play.press("H");
    let page = quell::console::page::handover::page(&play.model, 100, play.now);
    let text = page.iter().map(quell::console::page::Line::text).collect::<Vec<_>>().join("\n");
    assert!(text.contains("every source is LIVE\n ! 1 of 2 monitors is not up: api"), "{text}");
    let card = play.model.handover.card(&play.model.board, play.now).unwrap().markdown();
    assert!(card.contains("Every source is LIVE. 1 of 2 monitors is not up: api."), "{card}");
}
