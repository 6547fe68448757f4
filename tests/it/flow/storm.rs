//! A storm on the list: one row that is opened and closed, hides nothing uncounted and is never acted on.

use super::*;
use crate::support::play::with_labels;
use quell::console::folds::Row;

/// So many critical incidents of trading, one a second, and a quiet one of before.
pub(super) fn storm(many: u64) -> Play {
    let mut play = console();
    arrives(&mut play, many);
    play.engine.put(incident(1029, Severity::Normal, "11:00:00", "Cert api-eu expires in 13 days"));
    play.poll();
    play.wait(2000);
    play
}

fn arrives(play: &mut Play, many: u64) {
    for n in 0..many {
        let clock = format!("14:02:{n:02}");
        let title = if n % 3 == 0 { "Order gateway refuses connections" } else { "Consumer lag orders-v2" };
        play.engine.put(with_labels(1100 + n, Severity::Critical, &clock, title, &[("service", "trading")]));
    }
}

fn folded(play: &Play) -> usize {
    play.model.triage.folded()
}

#[test]
fn a_storm_is_one_row_that_enter_opens_and_closes() {
    let mut play = storm(37);
    assert_eq!((play.rows(), folded(&play)), (vec![1029], 37));
    assert_eq!(play.model.board.tally().critical, 37, "the header counts them all");
    play.press("enter");
    assert_eq!((play.rows().len(), folded(&play)), (38, 0));
    assert!(play.model.triage.fold().is_some(), "the cursor stays on the row");
    play.press("j");
    assert_eq!(play.selected(), 1100);
    play.press("k enter");
    assert_eq!((play.rows(), folded(&play)), (vec![1029], 37));
}

#[test]
fn what_a_filter_found_of_a_storm_and_was_selected_or_marked_has_a_row_without_the_filter_too() {
    for chosen in ["j", "space"] {
        let mut play = storm(37);
        play.press("/");
        play.typing("1105");
        play.press("enter");
        assert_eq!(play.rows(), [1105]);
        play.press(chosen);
        play.press("/ esc");
        assert_eq!((play.rows(), folded(&play)), (vec![1105, 1029], 36), "{chosen}");
    }
}

#[test]
fn a_verb_on_the_row_of_a_storm_acts_on_nothing() {
    let mut play = storm(12);
    play.wait(800);
    for key in ["a", "c", "e", "D", "X", "n"] {
        assert_eq!(play.keys(key), [], "{key}");
        assert_eq!(
            play.toast(),
            "this row stands for 12 incidents: enter shows them, space marks all",
            "{key}"
        );
        assert_eq!(play.model.prompt, None, "{key}");
    }
    assert!(play.model.marks.ids.is_empty());
}

#[test]
fn space_on_the_row_of_a_storm_marks_all_of_it_where_each_is_seen_and_takes_all_marks_away_again() {
    let mut play = storm(12);
    play.wait(800);
    play.press("space");
    assert_eq!(play.toast(), "all 12 of this row are marked");
    assert_eq!(play.model.marks.counted(&play.model.triage), (12, 0), "none of them is hidden");
    assert!(play.model.triage.fold().is_some_and(|fold| fold.open), "the cursor stays on the row");
    play.press("j j space k k k");
    assert_eq!(play.model.marks.counted(&play.model.triage), (11, 0));
    play.press("space");
    assert_eq!(
        play.model.marks.counted(&play.model.triage),
        (12, 0),
        "the rest is marked before all are not"
    );
    play.press("space");
    assert_eq!(play.toast(), "all 12 of this row are no longer marked");
    assert_eq!(play.model.marks.counted(&play.model.triage), (0, 0));
    play.press("space");
    let held = |effect: &Effect| matches!(effect, Effect::Record { entry, .. } if matches!(**entry, Entry::Acknowledged { .. }));
    assert_eq!(play.keys("a").iter().filter(|effect| held(effect)).count(), 12);
    assert_eq!(play.toast(), "you acknowledged all that were marked");
}

#[test]
fn what_a_filter_hides_of_a_storm_that_was_marked_does_not_act() {
    let mut play = storm(12);
    play.wait(800);
    play.press("space /");
    play.typing("Consumer");
    play.press("enter");
    let (all, hidden) = play.model.marks.counted(&play.model.triage);
    assert_eq!((all, hidden), (12, 4));
    for key in ["a", "n", "X", "z"] {
        assert_eq!(play.keys(key), [], "{key}");
        assert!(play.toast().starts_with("4 of 12 marked are hidden"), "{key}: {}", play.toast());
    }
}

#[test]
fn rows_that_are_held_do_not_move_when_a_storm_comes() {
    let mut play = console().usual();
    play.press("j");
    let before = play.model.triage.rows.clone();
    arrives(&mut play, 30);
    play.poll();
    assert_eq!((&play.model.triage.rows, play.model.triage.waiting.len()), (&before, 30));
    play.press("c");
    play.wait(5000);
    assert_eq!(play.model.triage.rows, before, "a form holds them as long as it stands");
    play.press("esc");
    play.wait(2000);
    assert_eq!((play.selected(), folded(&play)), (1050, 31), "the one before came within the same minute");
    assert!(play.model.triage.waiting.is_empty());
}

#[test]
fn closing_a_storm_hides_nothing_that_somebody_has_just_taken() {
    let mut play = storm(13);
    play.press("enter j");
    assert_eq!(play.selected(), 1100);
    play.press("a k enter");
    assert_eq!((play.rows(), folded(&play)), (vec![1100, 1029], 12), "it is held: its row stays");
    let mut play = storm(12);
    play.press("enter");
    for number in 1101..1112 {
        play.engine.by("bo", number, "14:03:30", Entry::Acknowledged { lasts_s: 1800, from: None });
    }
    play.press("j k");
    play.poll();
    play.press("enter");
    assert_eq!(play.rows().len(), 13, "one alone is no row of many: {:?}", play.model.triage.rows);
}

#[test]
fn a_storm_that_is_over_is_closed_when_it_comes_again() {
    let mut play = storm(12);
    play.press("enter");
    play.wait(2000);
    assert_eq!(play.rows().len(), 13);
    for number in 1100..1112 {
        play.engine.by("bo", number, "14:03:30", Entry::Acknowledged { lasts_s: 1800, from: None });
    }
    play.poll();
    play.wait(2000);
    for n in 0..12 {
        let (number, clock) = (1200 + n, format!("14:04:{n:02}"));
        play.engine.put(with_labels(number, Severity::Critical, &clock, "Lag", &[("service", "trading")]));
    }
    play.poll();
    play.wait(2000);
    assert_eq!(folded(&play), 12, "the next one is one row: {:?}", play.rows());
}

#[test]
fn the_row_of_a_storm_is_one_even_bar_in_every_look() {
    use quell::console::look::Look;
    use quell::view::{Theme, draw};
    for look in [Look::Dark, Look::Light, Look::HighContrast] {
        let mut play = storm(12);
        play.press("j k");
        let mut terminal = ratatui::Terminal::new(ratatui::backend::TestBackend::new(80, 24)).unwrap();
        terminal.draw(|frame| draw(&play.model, &Theme::new(look), play.now, frame)).unwrap();
        let buffer = terminal.backend().buffer();
        let y = (4..10).find(|y| buffer[(0, *y)].symbol() == "▌").unwrap();
        let looks = |x: u16| (buffer[(x, y)].fg, buffer[(x, y)].bg);
        assert!((10..79).all(|x| looks(x) == looks(9)), "{look:?}");
    }
}

#[test]
fn what_is_marked_or_under_the_cursor_is_never_hidden() {
    let mut play = storm(20);
    play.press("enter j j space");
    assert_eq!(play.selected(), 1102);
    play.press("g enter");
    assert_eq!((play.rows(), folded(&play)), (vec![1101, 1029], 19), "the marked one stands by itself");
    assert_eq!(play.model.marks.counted(&play.model.triage), (1, 0));
}

#[test]
fn the_row_under_the_cursor_stands_by_itself_once_its_storm_is_closed_elsewhere() {
    let mut play = console();
    arrives(&mut play, 8);
    play.poll();
    play.wait(2000);
    play.press("j j");
    assert_eq!(play.selected(), 1102);
    for n in 8..20 {
        let clock = format!("14:02:{n:02}");
        play.engine.put(with_labels(1100 + n, Severity::Critical, &clock, "Lag", &[("service", "trading")]));
    }
    play.poll();
    play.wait(2000);
    assert_eq!((play.selected(), play.rows(), folded(&play)), (1102, vec![1102], 19));
}

#[test]
fn whoever_goes_through_an_open_storm_meets_each_of_it_in_turn() {
    let mut play = storm(14);
    play.press("enter j j j j j");
    assert_eq!(play.selected(), 1104);
    // Something else changes, as in a storm it always does.
    play.engine.put(incident(1039, Severity::High, "13:00:00", "Webhooks late"));
    play.poll();
    play.wait(2000);
    let order: Vec<u64> = (1100..1114).chain([1039, 1029]).collect();
    assert_eq!(play.rows(), order, "none of it stands elsewhere");
    play.press("j");
    assert_eq!(play.selected(), 1105);
}

#[test]
fn enter_on_a_storm_moves_no_other_row_and_lets_none_in() {
    let mut play = storm(12);
    play.press("j k");
    play.engine.put(incident(1099, Severity::Critical, "13:00:00", "Token issuance failing"));
    play.poll();
    play.press("enter");
    let order: Vec<u64> = (1100..1112).chain([1029]).collect();
    assert_eq!((play.rows(), play.model.triage.waiting.len()), (order, 1));
    play.press("enter");
    assert_eq!((play.rows(), folded(&play), play.model.triage.waiting.len()), (vec![1029], 12, 1));
    play.wait(2000);
    assert_eq!(play.rows(), [1099, 1029]);
}

#[test]
fn what_pages_or_is_noted_later_comes_out_of_its_fold() {
    let mut play = storm(14);
    let steps = vec![quell::domain::escalation::Step {
        after: quell::domain::time::Span::mins(5),
        to: vec!["room".into()],
    }];
    let armed = Entry::PathArmed(quell::domain::record::PathArmed { path: "incident".into(), steps });
    play.engine.rule(1102, "14:03:10", armed);
    play.poll();
    play.wait(2000);
    assert_eq!((play.rows(), folded(&play)), (vec![1102, 1029], 13));
    play.engine.by("bo", 1105, "14:03:15", Entry::Noted { text: Outside::new("mine") });
    play.poll();
    play.wait(2000);
    assert_eq!((play.rows(), folded(&play)), (vec![1102, 1105, 1029], 12));
}

#[test]
fn why_and_copy_on_the_row_of_a_storm_say_that_it_is_none() {
    let mut play = storm(12);
    for key in ["x", "y"] {
        play.wait(6000);
        assert_eq!(play.keys(key), [], "{key}");
        assert_eq!(
            play.toast(),
            "this row stands for 12 incidents: enter shows them, space marks all",
            "{key}"
        );
    }
}

#[test]
fn what_somebody_takes_leaves_the_fold_and_the_fold_ends_with_its_storm() {
    let mut play = storm(14);
    play.engine.by("bo", 1103, "14:03:20", Entry::Acknowledged { lasts_s: 1800, from: None });
    play.poll();
    play.wait(2000);
    assert_eq!((play.rows(), folded(&play)), (vec![1103, 1029], 13));
    let close = || Entry::Closed {
        reason: quell::domain::record::CloseReason::Duplicate,
        note: Some(Outside::new("all one")),
    };
    for number in 1104..1108 {
        play.engine.by("bo", number, "14:03:25", close());
    }
    play.poll();
    play.wait(2000);
    assert_eq!((play.rows().len(), folded(&play)), (11, 0), "ten are no storm");
}

#[test]
fn the_cursor_on_a_storm_stays_on_it_while_it_grows_and_ranks_elsewhere() {
    let mut play = storm(12);
    play.press("j k");
    assert!(matches!(play.model.triage.rows.first(), Some(Row::Fold(_))));
    let worse = incident(1099, Severity::Critical, "13:00:00", "Token issuance failing");
    play.engine.put(worse);
    play.poll();
    play.wait(2000);
    assert_eq!(play.rows().first(), Some(&1099));
    assert_eq!(
        (play.model.triage.place(), play.model.triage.fold().map(|fold| fold.members.len())),
        (1, Some(12))
    );
}

#[test]
fn a_filter_counts_what_is_folded_among_what_it_shows() {
    let mut play = storm(20);
    play.press("/");
    play.typing("consumer");
    play.press("enter");
    assert_eq!((play.rows().len(), folded(&play)), (0, 13));
}

#[test]
fn whatever_the_keys_do_what_stood_there_looks_as_if_it_were_drawn_anew() {
    use quell::view::{Canvas, Theme, sketch};
    let mut play = storm(12);
    let (cols, rows) = (play.model.size.cols, play.model.size.rows);
    let anew = || Canvas::new(Theme::default(), cols, rows);
    let mut kept = anew();
    for key in
        ["k", "enter", "j", "j", "space", "k", "esc", "k", "enter", "j", "space", "k", "space", "enter"]
    {
        play.press(key);
        kept.begin();
        sketch(&play.model, play.now, &mut kept);
        let mut whole = anew();
        sketch(&play.model, play.now, &mut whole);
        assert!(painted(&kept) == painted(&whole), "{key}");
    }
}

#[test]
fn why_a_row_stands_beside_a_storm_asks_the_first_of_it() {
    let mut play = console();
    // It came while they did, and ranks between the first of them and the last.
    let mut other = incident(1200, Severity::Critical, "14:02:05", "Logins fail");
    other.opening.service = Outside::new("auth");
    play.engine.put(other);
    play.engine.put(incident(1029, Severity::Normal, "11:00:00", "Cert api-eu expires in 13 days"));
    arrives(&mut play, 12);
    play.poll();
    play.wait(2000);
    let mut place = |keys: &str| {
        play.press(keys);
        let Some(Prompt::Explain { place, .. }) = &play.model.prompt else { panic!("{keys}") };
        let place = place.clone();
        play.press("esc");
        place
    };
    let first = "INC-1100, the first of its storm, stands above it: it is older, opened 14:02:00Z.";
    assert_eq!(place("j x"), format!("Row 2 of 3. {first}"));
    assert_eq!(place("k enter j x"), "Row 2 of 15. Its storm's row stands above it.");
    assert_eq!(place("j x"), "Row 3 of 15. INC-1100 stands above it: it is older, opened 14:02:00Z.");
    assert_eq!(place(&format!("{}x", "j ".repeat(11))), format!("Row 14 of 15. {first}"));
    assert_eq!(place("j x"), "Row 15 of 15. INC-1200 stands above it: severity critical before normal.");
}
