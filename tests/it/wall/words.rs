//! What the wall may say, and when.

use std::collections::BTreeSet;

use quell::console::message::Message;
use quell::console::page::wall::{dark, verdict};
use quell::console::wall::{NEW_LASTS, PAGE_LASTS};
use quell::domain::fault::{Fault, FaultKind};
use quell::domain::severity::Severity;

use super::{COLOUR, Hung, calm, night};
use crate::support::play::{at, incident, source};

/// What the head of each tile on the screen names.
fn shown(hung: &Hung) -> Vec<u64> {
    let text = hung.text(&COLOUR);
    let heads = text.lines().filter_map(|line| {
        let line = line.trim_start().trim_start_matches(['!', '·', ' ']);
        let rest = ["CRITICAL ", "HIGH ", "NORMAL "].iter().find_map(|word| line.strip_prefix(word))?;
        rest.split(' ').next()?.parse().ok()
    });
    heads.collect()
}

#[test]
fn a_new_critical_is_on_the_very_next_frame_wherever_the_pages_are() {
    for turned in 0..6 {
        let mut hung = night(80, 24);
        hung.wait(turned * 8 + 5);
        // It is the youngest of many: by rank it would stand on a later page.
        for number in 1060..1066 {
            hung.engine.put(incident(number, Severity::Critical, "13:00:00", "Withdrawals stuck"));
        }
        hung.poll();
        hung.wait(61);
        hung.engine.put(incident(1070, Severity::Critical, "14:03:22", "Order book is empty"));
        hung.poll();
        assert_eq!(shown(&hung)[0], 1070, "{}", hung.text(&COLOUR));
        assert!(hung.text(&COLOUR).contains("NEW 14:0"));
        // It stays first, and does not stay new for ever.
        hung.wait(NEW_LASTS.delta().num_seconds() - 1);
        assert_eq!(hung.wall.order()[0].id.number(), 1070);
        hung.wait(1);
        assert_ne!(hung.wall.order()[0].id.number(), 1070);
        assert!(!hung.text(&COLOUR).contains("NEW"));
    }
}

#[test]
fn what_burned_before_the_wall_began_is_not_new() {
    let hung = night(80, 24);
    assert!(hung.wall.news.is_empty() && !hung.text(&COLOUR).contains("NEW"));
}

#[test]
fn every_incident_comes_to_the_screen_and_the_page_is_counted() {
    let mut hung = night(80, 24);
    let mut seen = BTreeSet::new();
    let first = shown(&hung)[0];
    for page in 1..=5 {
        assert!(hung.text(&COLOUR).contains(&format!(" page {page}/5 ")), "{}", hung.text(&COLOUR));
        let now = shown(&hung);
        assert_eq!(now[0], first, "what ranks first stays in sight");
        seen.extend(now);
        hung.wait(PAGE_LASTS.delta().num_seconds());
        hung.poll();
    }
    assert_eq!(seen, BTreeSet::from([1047, 1042, 1051, 1050, 1039, 1029]));
    assert!(hung.text(&COLOUR).contains(" page 1/5 "));
}

#[test]
fn none_is_said_only_when_every_source_was_read_whole() {
    let hung = calm(80, 24);
    assert_eq!(verdict(&hung.wall, hung.now).1, "ALL CLEAR");
    assert!(!hung.text(&COLOUR).contains('?'));
    type Break = fn(&mut Hung);
    let breaks: [Break; 3] = [
        |hung| hung.engine.sources[0].left_out = 1,
        |hung| hung.engine.sources.push(source("prom", None)),
        |hung| {
            hung.engine.sources[0].fault = Some(Fault::new(FaultKind::Unauthorised, "401"));
        },
    ];
    for (place, breaks) in breaks.into_iter().enumerate() {
        let mut hung = calm(80, 24);
        breaks(&mut hung);
        hung.hear();
        assert_eq!(verdict(&hung.wall, hung.now).1, "UNKNOWN", "{place}");
        let text = hung.text(&COLOUR);
        assert!(text.contains("1 of ") && !hung.wall.is_whole(hung.now), "{place}: {text}");
    }
    // Time alone makes it so.
    let mut hung = calm(80, 24);
    hung.engine.sources[0].as_of = Some(at("14:02:00"));
    hung.hear();
    assert_eq!(verdict(&hung.wall, hung.now).1, "UNKNOWN");
}

#[test]
fn a_critical_that_nobody_has_taken_is_said_in_words_without_any_colour() {
    let hung = night(80, 24);
    let buffer = hung.frame(&super::Theme::new(super::Look::Mono));
    let reversed =
        |y: u16| (0..80).all(|x| buffer[(x, y)].modifier.contains(ratatui::style::Modifier::REVERSED));
    assert_eq!((0..24).filter(|y| reversed(*y)).count(), 4, "a band of four rows, from edge to edge");
    assert!(hung.text(&COLOUR).contains("CRITICAL 1047") && hung.text(&COLOUR).contains("NOT TAKEN"));
    let mut taken = night(80, 24);
    let entry = quell::domain::record::Entry::Acknowledged { lasts_s: 1800, from: None };
    taken.engine.by("bo", 1047, "14:03:00", entry);
    taken.poll();
    assert!(!taken.text(&COLOUR).contains("NOT TAKEN"));
}

#[test]
fn a_lost_engine_turns_the_whole_screen_and_comes_back() {
    let mut hung = night(80, 24);
    hung.wait(2);
    hung.wall
        .take(hung.now, Message::EngineLost(Fault::new(FaultKind::NoAnswer, "the engine does not answer")));
    let told = dark(&hung.wall, hung.now).unwrap();
    assert_eq!((told.words, told.since), ("STALE SINCE", Some(at("14:03:22"))));
    let buffer = hung.frame(&COLOUR);
    let alarm = COLOUR.alarm();
    assert!(
        buffer
            .content
            .iter()
            .all(|cell| cell.style().fg == alarm.fg && cell.modifier.contains(alarm.add_modifier))
    );
    assert!(!hung.wall.is_whole(hung.now));
    hung.poll();
    assert_eq!(dark(&hung.wall, hung.now), None);
}

#[test]
fn the_sign_of_life_turns_with_what_is_heard_and_not_with_frames() {
    let mut hung = calm(80, 24);
    let beat = |hung: &Hung| hung.text(&COLOUR).chars().find(|c| "◐◑".contains(*c)).unwrap();
    let before = beat(&hung);
    hung.wait(3);
    assert_eq!(beat(&hung), before, "time passes");
    hung.poll();
    assert_ne!(beat(&hung), before, "the engine was heard");
}

#[test]
fn a_poll_loop_that_stands_still_is_blind_within_two_intervals() {
    let mut hung = calm(80, 24);
    hung.wait(30);
    assert_eq!(dark(&hung.wall, hung.now), None);
    hung.wait(1);
    assert_eq!(dark(&hung.wall, hung.now).unwrap().since, Some(at("14:03:22")));
}
