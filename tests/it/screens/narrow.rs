//! Where there is little room: what counts is still said.

use super::*;
use quell::console::tape::{Playing, Tape};

/// The night on a screen of one row, with what happened to it; the row.
fn row(cols: u16, happens: impl Fn(&mut Play)) -> String {
    let mut play = night_at(cols, 1);
    happens(&mut play);
    shot(&play, &COLOUR).lines().next().unwrap().to_owned()
}

fn lost(play: &mut Play) {
    play.tell(Message::EngineLost(Fault::new(FaultKind::NoAnswer, "no answer in 5s")));
}

fn blind(play: &mut Play) {
    let monitors = play.engine.monitors.iter_mut().map(|monitor| &mut monitor.source);
    for status in play.engine.sources.iter_mut().chain(monitors) {
        status.failures = 3;
        status.fault = Some(Fault::new(FaultKind::Unreachable, "connection refused"));
    }
    play.wait(60_000);
    play.poll();
}

fn frozen(play: &mut Play) {
    play.engine.ledger = Some(Fault::local("the disk is full"));
    play.poll();
}

fn replayed(play: &mut Play) {
    play.model.tape = Tape::Replay(Playing { speed: 1, paused: true, at: 1, of: 2, cut: false });
}

#[test]
fn how_many_are_critical_comes_before_what_is_wrong() {
    type Happens = fn(&mut Play);
    let all: [(Happens, [&str; 4]); 5] = [
        (|_| {}, ["2 CRIT", "2 CRIT", "2 CRIT", "2!"]),
        (lost, ["2 CRIT DOWN", "2!DOWN", "2!DOWN", "2!?"]),
        (blind, ["2 CRIT BLIND", "2!BLIND", "2!?", "2!?"]),
        (frozen, ["2 CRIT LEDGER", "2!LEDGER", "2!?", "2!?"]),
        (replayed, ["2 CRIT REPLAY", "2!REPLAY", "2!?", "2!?"]),
    ];
    for (happens, says) in all {
        for (cols, says) in [13, 8, 6, 3].into_iter().zip(says) {
            assert_eq!(row(cols, happens), says, "{cols}x1");
        }
    }
}

#[test]
fn how_long_somebody_holds_it_stands_where_nothing_else_is_due() {
    for (cols, says) in [(60, "held 13m"), (80, "held 13m"), (120, "held 13m"), (139, "bo 13m")] {
        let shown = shot(&night_at(cols, 24), &COLOUR);
        let row = shown.lines().find(|line| line.contains(" 1039 ")).unwrap();
        assert!(row.contains(says) && !row.contains(&format!("{says}m")), "{cols}: {row}");
    }
}

#[test]
fn percentiles_are_said_where_no_column_has_room_for_them() {
    for (cols, says) in
        [(40, "p50 42 p95 120 p99 120 ms"), (80, "p50 42 p95 120 p99 120 ms"), (120, "p50 ms")]
    {
        let mut play = night_at(cols, 24);
        play.press("m");
        let shown = shot(&play, &COLOUR);
        assert_eq!(shown.matches("p50").count(), if cols < 100 { 2 } else { 1 }, "{shown}");
        let flat = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(says), "{cols}: {shown}");
    }
}

#[test]
fn an_empty_list_names_the_keys_there_are() {
    let mut play = console().board([]);
    play.engine.monitors = vec![monitor("order-gw", Health::Down, "14:03:20")];
    play.poll();
    let keys = [("monitors".to_owned(), vec!["f5".to_owned().try_into().unwrap()])].into();
    play.model.settings.keymap = quell::console::keymap::Keymap::with(&keys).unwrap();
    let shown = shot(&play, &COLOUR);
    assert!(shown.contains("not up: f5 shows"), "{shown}");
}

#[test]
fn on_the_smallest_screen_a_plan_is_read_line_by_line_and_a_refusal_is_said() {
    let mut play = night_at(36, 9);
    play.press("c enter");
    play.typing("88213");
    play.wait(600);
    play.press("enter");
    let shown = shot(&play, &COLOUR);
    assert!(shown.contains("there is more of it below"), "{shown}");
    assert!(shown.contains("> 88213"), "{shown}");
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..60 {
        seen.insert(shot(&play, &COLOUR).lines().nth(4).unwrap().to_owned());
        play.press("pgdn");
    }
    assert!(seen.len() > 10, "each page shows a line that was not seen: {seen:?}");
}

#[test]
fn the_smallest_console_has_a_clock_that_moves() {
    for (cols, rows, clock) in [(30, 8, "14:03:24Z"), (20, 3, "14:03:24Z"), (8, 4, "14:03:24")] {
        let shown = shot(&night_at(cols, rows), &COLOUR);
        assert!(shown.lines().any(|line| line == clock) && shown.contains("1 UNA"), "{cols}x{rows}: {shown}");
    }
}

#[test]
fn a_long_filter_gives_way_to_all_that_is_counted() {
    let titled = |cols: u16, rows: u16| {
        let mut play = night_at(cols, rows).in_review();
        play.press("G z enter");
        play.wait(2000);
        play.press("g space space /");
        play.typing("sev:high or sev:normal -phase:recover service:orders");
        play.press("enter");
        text(&play).lines().nth(3).unwrap().to_owned()
    };
    let all = [" open", " hidden", " snoozed", " in review", " · 2 marked, 2 hidden"];
    for (cols, rows, counts) in [(80, 24, &all[..]), (120, 40, &all), (200, 60, &all), (40, 12, &all[4..])] {
        let title = titled(cols, rows);
        assert!(counts.iter().all(|count| title.contains(count)), "{title}");
        let cut =
            |at: usize| title.get(..at).is_some_and(|before| before.ends_with(|c: char| c.is_ascii_digit()));
        assert!(!title.match_indices('…').any(|(at, _)| cut(at)), "{title}");
    }
    assert!(titled(120, 40).contains(" hidden: sev:high or"), "{}", titled(120, 40));
}

#[test]
fn one_that_a_filter_hides_is_one() {
    let mut play =
        console().board([incident(1047, Severity::High, "14:01:22", "Order gateway refuses connections")]);
    play.press("/");
    play.typing("sev:critical");
    play.press("enter");
    assert!(text(&play).contains("1 open is hidden."), "{}", text(&play));
}
