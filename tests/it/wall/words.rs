//! What the wall may say, and when.

use std::collections::BTreeSet;

use quell::console::message::Message;
use quell::console::page::wall::{dark, verdict};
use quell::console::wall::{NEW_LASTS, PAGE_LASTS};
use quell::domain::fault::{Fault, FaultKind};
use quell::domain::severity::Severity;
use quell::domain::text::Outside;

use super::{COLOUR, Told, blind, calm, night};
use crate::support::play::{at, incident, source};

/// What the head of each tile on the screen names.
fn shown(told: &Told) -> Vec<u64> {
    let text = told.text(&COLOUR);
    let heads = text.lines().filter_map(|line| {
        let line = line.trim_start().trim_start_matches(['!', '·', ' ']);
        let rest = ["CRIT ", "HIGH ", "NORM "].iter().find_map(|word| line.strip_prefix(word))?;
        rest.split(' ').next()?.strip_prefix("INC-")?.parse().ok()
    });
    heads.collect()
}

#[test]
fn a_new_critical_is_on_the_very_next_frame_wherever_the_pages_are() {
    for turned in 0..6 {
        let mut told = night(80, 24);
        told.wait(turned * 8 + 5);
        // It is the youngest of many: by rank it would stand on a later page.
        for number in 1060..1066 {
            told.engine.put(incident(number, Severity::Critical, "13:00:00", "Withdrawals stuck"));
        }
        told.poll();
        told.wait(61);
        told.engine.put(incident(1070, Severity::Critical, "14:03:22", "Order book is empty"));
        told.poll();
        assert_eq!(shown(&told)[0], 1070, "{}", told.text(&COLOUR));
        assert!(told.text(&COLOUR).contains("NEW 14:0"));
        // It stays first, and does not stay new for ever.
        told.wait(NEW_LASTS.delta().num_seconds() - 1);
        assert_eq!(told.wall.order()[0].id.number(), 1070);
        told.wait(1);
        assert_ne!(told.wall.order()[0].id.number(), 1070);
        assert!(!told.text(&COLOUR).contains("NEW"));
    }
}

#[test]
fn what_burned_before_the_wall_began_is_not_new() {
    let told = night(80, 24);
    assert!(told.wall.news.is_empty() && !told.text(&COLOUR).contains("NEW"));
}

#[test]
fn every_incident_comes_to_the_screen_and_the_page_is_counted() {
    let mut told = night(80, 24);
    let mut seen = BTreeSet::new();
    let first = shown(&told)[0];
    for page in 1..=5 {
        assert!(told.text(&COLOUR).contains(&format!(" page {page}/5 ")), "{}", told.text(&COLOUR));
        let now = shown(&told);
        assert_eq!(now[0], first, "what ranks first stays in sight");
        seen.extend(now);
        told.wait(PAGE_LASTS.delta().num_seconds());
        told.poll();
    }
    assert_eq!(seen, BTreeSet::from([1047, 1042, 1051, 1050, 1039, 1029]));
    assert!(told.text(&COLOUR).contains(" page 1/5 "));
}

#[test]
fn of_hundreds_all_but_the_first_are_lines_so_that_a_round_is_over_in_minutes() {
    let mut told = night(80, 24);
    for number in 2000..2200 {
        told.engine.put(incident(number, Severity::Normal, "13:00:00", "Consumer lag"));
    }
    told.poll();
    let (first, lines) = (shown(&told)[0], shown(&told).len());
    assert!(lines > 5, "{}", told.text(&COLOUR));
    let (mut seen, pages) = (BTreeSet::new(), 205_usize.div_ceil(lines - 1));
    assert!(told.text(&COLOUR).contains(&format!("/{pages} · 206 open")), "{}", told.text(&COLOUR));
    for _ in 0..pages {
        assert_eq!(shown(&told)[0], first, "what ranks first stays in sight");
        seen.extend(shown(&told));
        told.wait(PAGE_LASTS.delta().num_seconds());
        told.poll();
    }
    assert_eq!(seen.len(), 206, "every one came");
}

#[test]
fn none_is_said_only_when_every_source_was_read_whole() {
    let told = calm(80, 24);
    assert_eq!(verdict(&told.wall, told.now).1, "ALL CLEAR");
    assert!(!told.text(&COLOUR).contains('?'));
    type Break = fn(&mut Told);
    let breaks: [Break; 3] = [
        |told| told.engine.sources[0].left_out = 1,
        |told| told.engine.sources.push(source("prom", None)),
        |told| {
            told.engine.sources[0].fault = Some(Fault::new(FaultKind::Unauthorised, "401"));
        },
    ];
    for (place, breaks) in breaks.into_iter().enumerate() {
        let mut told = calm(80, 24);
        breaks(&mut told);
        told.hear();
        assert_eq!(verdict(&told.wall, told.now).1, "UNKNOWN", "{place}");
        let text = told.text(&COLOUR);
        assert!(text.contains("1 of ") && !told.wall.is_whole(told.now), "{place}: {text}");
    }
    // Time alone makes it so.
    let mut told = calm(80, 24);
    told.engine.sources[0].as_of = Some(at("14:02:00"));
    told.hear();
    assert_eq!(verdict(&told.wall, told.now).1, "UNKNOWN");
}

#[test]
fn what_was_opened_by_hand_burns_although_nothing_is_watched() {
    for (cols, rows) in [(80, 24), (200, 60), (36, 9), (30, 5)] {
        let mut told = Told::new(cols, rows);
        told.engine.sources.clear();
        told.poll();
        assert_eq!(dark(&told.wall, told.now).map(|it| it.words), Some("NOTHING IS WATCHED"));
        told.engine.put(incident(7, Severity::Critical, "14:03:00", "Withdrawals hang"));
        told.poll();
        let text = told.text(&COLOUR);
        assert_eq!(dark(&told.wall, told.now), None);
        assert!(text.contains("NOT TAKEN"), "{text}");
        assert!(rows < 24 || text.contains("nothing is watched: add a [[source]]"), "{text}");
        assert!(!told.wall.is_whole(told.now), "the dead man's switch is not held");
    }
}

#[test]
fn what_was_known_is_said_first_by_a_wall_that_sees_nothing() {
    for (cols, rows) in [(80, 24), (40, 10)] {
        let mut told = night(cols, rows);
        for source in &mut told.engine.sources {
            source.as_of = Some(at("13:50:00"));
            source.failures = 3;
            source.fault = Some(Fault::new(FaultKind::NoAnswer, "no answer in 5s ".repeat(20)));
        }
        told.engine.monitors.clear();
        told.hear();
        let seen = dark(&told.wall, told.now).unwrap();
        assert_eq!(seen.why[0], "known then: 2 CRITICAL, 1 NOT TAKEN, 3 HIGH, 1 NORMAL");
        assert!(seen.why.len() > 2 && told.text(&COLOUR).contains("known then: 2 CRITICAL"), "{seen:?}");
    }
}

#[test]
fn a_wall_says_which_quell_it_is_where_there_is_room() {
    let last = |cols| {
        let text = night(cols, 24).text(&COLOUR);
        text.lines().last().unwrap().to_owned()
    };
    assert!(last(80).ends_with("quell 0.1.0 3fa9c2d1"), "{}", last(80));
    assert!(!last(40).contains("quell"), "{}", last(40));
}

#[test]
fn that_the_dead_mans_switch_did_not_hear_is_said_with_why_at_any_size() {
    for (cols, rows, said) in [
        (120, 40, "DEAD MAN'S SWITCH FAILED 14:03:22Z: connection refused · 6 open"),
        (80, 24, "DEAD MAN'S SWITCH FAILED 14:03:22Z: connection refused"),
        (40, 12, "SWITCH FAILED: connection"),
        (36, 9, "SWITCH FAILED: connec"),
    ] {
        let mut told = night(cols, rows);
        told.wall.ping = Some((told.now, Some(Fault::new(FaultKind::Unreachable, "connection refused"))));
        let text = told.text(&COLOUR);
        let last = text.lines().last().unwrap();
        let (page, rest) = last.split_once(" · ").unwrap();
        assert!(page.starts_with(" page ") && rest.starts_with(said), "{cols}x{rows}: {last}");
        let x = u16::try_from(last.chars().position(|it| it == 'F').unwrap()).unwrap();
        let cell = told.frame(&COLOUR)[(x, rows - 1)].style();
        assert_eq!(cell.fg, COLOUR.role(quell::console::page::Role::Bad).fg, "{cols}x{rows}");
    }
}

#[test]
fn a_title_that_large_letters_cut_is_whole_above_them() {
    let mut told = night(80, 24);
    for (number, title) in [(1070, "Token issuance fails always"), (1071, "Withdrawals are stuck there")] {
        told.engine.put(incident(number, Severity::Critical, "14:03:22", title));
        told.poll();
    }
    let text = told.text(&COLOUR);
    assert!(text.contains("NOT TAKEN  Token issuance fails always"), "{text}");
    assert!(text.contains("NOT TAKEN  Withdrawals are stuck there"), "{text}");
}

#[test]
fn one_monitor_of_one_is_not_counted_out_of_one() {
    use quell::domain::monitor::Health;
    let mut told = calm(80, 24);
    told.engine.monitors = vec![crate::support::play::monitor("order-gw", Health::Down, "14:03:20")];
    told.poll();
    assert_eq!(verdict(&told.wall, told.now).2, "1 monitor is not up");
}

#[test]
fn a_critical_that_nobody_has_taken_is_said_in_words_without_any_colour() {
    let told = night(80, 24);
    let buffer = told.frame(&super::Theme::new(super::Look::Mono));
    let reversed =
        |y: u16| (0..80).all(|x| buffer[(x, y)].modifier.contains(ratatui::style::Modifier::REVERSED));
    assert_eq!((0..24).filter(|y| reversed(*y)).count(), 4, "a band of four rows, from edge to edge");
    assert!(told.text(&COLOUR).contains("CRIT INC-1047") && told.text(&COLOUR).contains("NOT TAKEN"));
    let mut taken = night(80, 24);
    let entry = quell::domain::record::Entry::Acknowledged { lasts_s: 1800, from: None };
    taken.engine.by("bo", 1047, "14:03:00", entry);
    taken.poll();
    assert!(!taken.text(&COLOUR).contains("NOT TAKEN"));
}

#[test]
fn a_lost_engine_turns_the_whole_screen_and_comes_back() {
    let mut told = night(80, 24);
    told.wait(2);
    told.wall
        .take(told.now, Message::EngineLost(Fault::new(FaultKind::NoAnswer, "the engine does not answer")));
    let seen = dark(&told.wall, told.now).unwrap();
    assert_eq!((seen.words, seen.since), ("STALE SINCE", Some(at("14:03:22"))));
    let buffer = told.frame(&COLOUR);
    let alarm = COLOUR.alarm();
    assert!(
        buffer
            .content
            .iter()
            .all(|cell| cell.style().fg == alarm.fg && cell.modifier.contains(alarm.add_modifier))
    );
    assert!(!told.wall.is_whole(told.now));
    told.poll();
    assert_eq!(dark(&told.wall, told.now), None);
}

#[test]
fn the_sign_of_life_turns_with_what_is_heard_and_not_with_frames() {
    let mut told = calm(80, 24);
    let beat = |told: &Told| told.text(&COLOUR).chars().find(|c| "◐◑".contains(*c)).unwrap();
    let before = beat(&told);
    told.wait(3);
    assert_eq!(beat(&told), before, "time passes");
    told.poll();
    assert_ne!(beat(&told), before, "the engine was heard");
}

#[test]
fn a_poll_loop_that_stands_still_is_blind_within_two_intervals() {
    let mut told = calm(80, 24);
    told.wait(30);
    assert_eq!(dark(&told.wall, told.now), None);
    told.wait(1);
    assert_eq!(dark(&told.wall, told.now).unwrap().since, Some(at("14:03:22")));
}

#[test]
fn no_number_on_the_wall_reads_as_a_count_of_pages() {
    use quell::domain::escalation::Step;
    use quell::domain::record::{Entry, PathArmed};
    use quell::domain::time::Span;
    let mut told = calm(80, 24);
    told.engine.put(incident(5, Severity::Critical, "14:01:22", "Order gateway"));
    let steps = vec![Step { after: Span::mins(5), to: vec!["room".into()] }];
    told.engine.rule(5, "14:01:22", Entry::PathArmed(PathArmed { path: "incident".into(), steps }));
    told.poll();
    let text = told.text(&COLOUR);
    assert!(text.contains(" due: INC-5 page in ") && !text.contains("pages in"), "{text}");
    let (_, [whole, short]) = quell::console::page::wall::deadline(&told.wall, told.now).unwrap();
    assert_eq!(whole.strip_prefix("INC-"), Some(short.as_str()), "what fits less often says no less");
}

#[test]
fn on_the_smallest_wall_the_number_comes_before_what_is_wrong() {
    let first = |told: Told| told.text(&COLOUR).lines().next().unwrap().to_owned();
    let lost = |cols| {
        let mut told = night(cols, 1);
        told.wall.take(told.now, Message::EngineLost(Fault::new(FaultKind::NoAnswer, "no answer in 5s")));
        told
    };
    for (cols, says) in [(12, "2 CRIT STALE"), (7, "2!STALE"), (6, "2!?"), (3, "2!?")] {
        assert_eq!(first(lost(cols)), says, "{cols}x1");
        assert_eq!(first(blind(cols, 1)), says, "{cols}x1");
    }
}

#[test]
fn that_nobody_will_be_paged_any_more_is_said_on_the_wall() {
    use quell::domain::escalation::{Step, Stopped};
    use quell::domain::record::{Entry, PathArmed, PathStopped};
    let mut told = night(80, 24);
    let path = || "incident".to_owned();
    let steps = vec![Step { after: quell::domain::time::Span::mins(0), to: vec!["room".into()] }];
    told.engine.rule(1047, "14:01:30", Entry::PathArmed(PathArmed { path: path(), steps }));
    told.poll();
    assert!(!told.text(&COLOUR).contains("EXHAUSTED"));
    let because = Stopped::Exhausted;
    told.engine.rule(1047, "14:02:30", Entry::PathStopped(PathStopped { path: path(), because }));
    told.poll();
    let text = told.text(&COLOUR);
    assert!(text.contains("NOT TAKEN, EXHAUSTED"), "{text}");
}

#[test]
fn a_program_that_does_not_hear_is_said_at_the_foot() {
    for (cols, rows) in [(80, 24), (200, 60)] {
        let mut told = night(cols, rows);
        assert!(!told.text(&COLOUR).contains("NOTIFY.EXEC"));
        let mut changes = told.engine.changes(told.now);
        changes.deaf = Some(Outside::new("exit 3: no such topic"));
        told.wall.take(told.now, Message::Changed(Box::new(changes)));
        assert!(told.text(&COLOUR).contains("NOTIFY.EXEC FAILED · 6 open"), "{}", told.text(&COLOUR));
    }
}

#[test]
fn what_is_stale_late_or_unknown_is_said_however_long_the_title_is() {
    let title = "Token issuance failing, 38 % refused now";
    for (cols, rows) in [(80, 24), (120, 40), (60, 20)] {
        for lines in [false, true] {
            let mut told = Told::new(cols, rows);
            told.engine.put(incident(4, Severity::Critical, "14:01:00", title));
            told.engine.put(incident(5, Severity::Critical, "14:00:00", title));
            let of_hundreds = if lines { 2000..2200 } else { 0..0 };
            for number in of_hundreds {
                told.engine.put(incident(number, Severity::Critical, "13:00:00", title));
            }
            told.poll();
            let source = &mut told.engine.sources[0];
            (source.failures, source.fault) = (3, Some(Fault::new(FaultKind::NoAnswer, "no answer in 5s")));
            told.wait(120);
            told.poll();
            let text = told.text(&COLOUR);
            let heads: Vec<&str> = text.lines().filter(|line| line.contains("CRIT INC-")).collect();
            assert!(heads.len() > 1 + 2 * usize::from(lines), "{text}");
            assert!(heads.iter().all(|head| head.contains("STALE 14:0")), "{cols}x{rows}: {text}");
        }
    }
}

#[test]
fn a_countdown_gives_way_to_a_title_and_what_is_overdue_does_not() {
    use quell::domain::escalation::Step;
    use quell::domain::record::{Entry, PathArmed};
    use quell::domain::time::Span;
    let mut told = Told::new(80, 24);
    let title = "Token issuance failing, 38 % refused now";
    told.engine.put(incident(4, Severity::Critical, "14:01:00", title));
    let steps = vec![Step { after: Span::mins(5), to: vec!["room".into()] }];
    told.engine.rule(4, "14:01:22", Entry::PathArmed(PathArmed { path: "incident".into(), steps }));
    told.poll();
    let line = |told: &Told, cols| {
        let incident = told.wall.board.ranked().next().unwrap();
        let tile = quell::console::page::wall::tile(&told.wall, incident, told.now);
        tile.line(tile.role, cols).text()
    };
    let least = format!("!! CRIT INC-4  NOT TAKEN  {title}");
    let all = format!("!! CRIT INC-4  NOT TAKEN  page in 3:00  {title}");
    assert_eq!(line(&told, all.chars().count()), all);
    assert_eq!(line(&told, least.chars().count()), least);
    told.wait(200);
    assert!(line(&told, least.chars().count()).contains("  page OVERDUE 20s  Token"), "{}", line(&told, 66));
}

#[test]
fn a_long_name_pushes_nothing_out() {
    let mut told = night(80, 24);
    let name = "a-very-long-name-of-somebody-".repeat(4);
    let entry = quell::domain::record::Entry::Acknowledged { lasts_s: 1800, from: None };
    told.engine.by(&name, 1047, "14:03:00", entry);
    told.poll();
    let incident = told.wall.board.ranked().find(|it| it.id.number() == 1047).unwrap();
    let [head, ..] = quell::console::page::wall::tile(&told.wall, incident, told.now).heads;
    assert_eq!(head.text(), "!! CRIT INC-1047  a-very-long-name-of-som… has it  2m  Identify");
}
