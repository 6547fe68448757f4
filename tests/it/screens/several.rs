//! An incident of many signals: which of them something is said of, and what all of them share.

use super::*;
use crate::support::play::joining;
use quell::console::page::{self, Line};
use quell::console::prompt::Prompt;
use quell::domain::incident::Joined;
use quell::domain::signal::SignalKey;

fn on_host(number: u64, host: usize) -> quell::domain::incident::Incident {
    let (title, instance) = (format!("GatewayDown on host-{host}"), format!("host-{host}"));
    let labels = [("service", "trading"), ("instance", &*instance), ("region", "eu-1")];
    with_labels(number, Severity::Critical, "14:01:22", &title, &labels)
}

fn first(of: &quell::domain::incident::Incident) -> (&str, &Joined) {
    let (key, joined) = of.signals.iter().next().unwrap();
    (key, joined)
}

/// Sixty signals in one incident: 59 joined in the same second. In the order of their keys the one that opened it is the last.
fn storm(cols: u16, rows: u16) -> Play {
    let mut play = console().sized(cols, rows);
    play.engine.put(on_host(1047, 0));
    for host in 1..60 {
        let other = on_host(10_000 + host as u64, host);
        let (key, joined) = first(&other);
        play.engine.rule(1047, "14:01:25", Entry::SignalJoined(Box::new(joining(key, joined))));
    }
    said(&mut play);
    play
}

/// Reads it, and each of its signals says what is its own.
fn said(play: &mut Play) {
    play.poll();
    play.wait(2000);
    for signal in &mut play.model.detail.as_mut().unwrap().signals {
        let host = signal.title.raw().replace("GatewayDown on ", "");
        signal.description = Outside::new(format!("value is {host}"));
        signal.runbook = Some(Outside::new(format!("https://runbooks.example.com/{host}/")));
    }
}

fn clears(play: &mut Play, host: usize) {
    let of = if host == 0 { on_host(1047, 0) } else { on_host(10_000 + host as u64, host) };
    let (source, fingerprint) = first(&of).0.split_once('\0').unwrap();
    let key = SignalKey { source: source.into(), fingerprint: Outside::new(fingerprint) };
    let because = "it is gone from a complete answer".to_owned();
    play.engine.rule(1047, "14:02:30", Entry::SignalCleared { key, because });
}

#[test]
fn what_is_said_of_one_of_many_says_so_and_is_of_the_one_that_the_title_is_of() {
    let mut play = storm(80, 24);
    let shown = text(&play);
    for words in [
        " One of 60 signals firing: value is host-0\n",
        " service=trading  region=eu-1  instance: 60 values",
        "https://runbooks.example.com/host-0/",
    ] {
        assert!(shown.contains(words), "{words:?} in\n{shown}");
    }
    assert!(!shown.contains("instance=host"), "{shown}");

    play.press("o");
    let Some(Prompt::Link(asked)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    assert_eq!(asked.link.url(), "https://runbooks.example.com/host-0/");
    let shown = text(&play);
    let whose = "GatewayDown on host-0, one of 60 signals; others lead elsewhere";
    assert!(shown.contains(whose), "{shown}");

    let mut play = storm(80, 24);
    clears(&mut play, 0);
    said(&mut play);
    let shown = text(&play);
    let host =
        shown.split("https://runbooks.example.com/").nth(1).and_then(|it| it.split('/').next()).unwrap();
    let whose = format!(" One of 59 signals firing, GatewayDown on {host}: value is {host}\n");
    assert!(host != "host-0" && shown.contains(&whose), "{shown}");

    let mut play = console().board([on_host(1047, 0)]);
    said(&mut play);
    let shown = text(&play);
    assert!(shown.contains(" service=trading  instance=host-0  region=eu-1"), "{shown}");
    assert!(!shown.contains("One of") && !shown.contains("signals firing"), "{shown}");
    play.press("o");
    assert!(!text(&play).contains("others lead"), "{}", text(&play));
}

#[test]
fn the_timeline_stands_before_the_signals_and_what_came_at_once_takes_one_line() {
    let mut play = storm(80, 24);
    for host in [3, 4] {
        clears(&mut play, host);
    }
    said(&mut play);
    let shown = text(&play);
    assert!(
        shown.contains(" 59 signals joined from prod-am: GatewayDown on host-1 and 58 others\n"),
        "{shown}"
    );
    let page = page::incident::page(&play.model, &id(1047), 80, play.now);
    let lines: Vec<String> = page.iter().map(Line::text).collect();
    let place =
        |words: &str| lines.iter().position(|line| line.contains(words)).unwrap_or_else(|| panic!("{words}"));
    assert!(place("Timeline, newest first") < 20, "{lines:#?}");
    assert_eq!(lines.iter().filter(|line| line.contains("joined")).count(), 1);
    let cleared: Vec<&String> = lines.iter().filter(|line| line.contains("cleared at prod-am")).collect();
    assert_eq!(cleared, [" 14:02:30Z  2 signals cleared at prod-am: it is gone from a complete answer"]);
    let signals = place("Signals, 60, 58 firing");
    assert!(place("opened from prod-am") < signals);
    let of = |host: usize| format!(" GatewayDown on host-{host}");
    assert_eq!(lines[signals + 1], " all of them:");
    let (source, labels) = (lines[signals + 2].trim(), lines[signals + 3].trim());
    assert_eq!(
        (source, labels),
        (
            "source  http://prom.example.com/graph?g0.expr=up",
            "alertname=OrderGatewayDown  region=eu-1  service=trading"
        )
    );
    // First the one that the title is of; what all of them say is not said of it again.
    assert!(lines[signals + 4].contains("5f3c1047"), "{lines:#?}");
    assert_eq!(lines[signals + 5], of(0));
    let of_it: Vec<&str> = lines[signals + 6..].iter().take(3).map(|line| line.trim()).collect();
    assert_eq!(of_it, ["value is host-0", "runbook https://runbooks.example.com/host-0/", "instance=host-0"]);
    assert!((1..60).all(|host| lines.contains(&of(host))), "{lines:#?}");
    assert_eq!(lines.iter().filter(|line| line.contains("region=eu-1")).count(), 1);
}

#[test]
fn of_more_signals_than_a_page_takes_the_others_are_counted() {
    let mut play = storm(80, 24);
    let detail = play.model.detail.as_mut().unwrap();
    let some = detail.signals.clone();
    detail.signals.extend(some);
    let page = page::incident::page(&play.model, &id(1047), 80, play.now);
    let lines: Vec<String> = page.iter().map(Line::text).collect();
    assert_eq!(lines.iter().filter(|line| line.starts_with(" GatewayDown on host-")).count(), 100 + 1);
    assert_eq!(lines.last().unwrap(), " and 20 more: quell show INC-1047 says all of them");
}

#[test]
fn others_lead_elsewhere_only_where_they_lead_anywhere() {
    let mut play = storm(80, 24);
    let signals = &mut play.model.detail.as_mut().unwrap().signals;
    let own = |signal: &quell::domain::signal::Signal| signal.title.raw().ends_with("host-0");
    signals.iter_mut().filter(|it| !own(it)).for_each(|it| it.runbook = None);
    play.press("o");
    let Some(Prompt::Link(asked)) = &play.model.prompt else { panic!("{:?}", play.model.prompt) };
    assert_eq!((asked.link.url(), &asked.whose), ("https://runbooks.example.com/host-0/", &None));
    play.press("esc");
    let signals = &mut play.model.detail.as_mut().unwrap().signals;
    let other = signals.iter_mut().find(|it| !own(it)).unwrap();
    other.runbook = Some(Outside::new("https://runbooks.example.com/other/"));
    play.press("o");
    assert!(text(&play).contains("one of 60 signals; others lead elsewhere"), "{}", text(&play));
}

#[test]
fn labels_stand_whole_wherever_they_fit_and_none_behind_one_that_is_wrapped() {
    let labelled = |pairs: &[(&str, &str)], cols: u16| -> Vec<String> {
        let mut play = storm(80, 24);
        for signal in &mut play.model.detail.as_mut().unwrap().signals {
            let pairs = pairs.iter().map(|(name, value)| (Outside::new(*name), Outside::new(*value)));
            signal.labels =
                quell::domain::signal::Packed::from(pairs.collect::<std::collections::BTreeMap<_, _>>());
            (signal.annotations, signal.link) = (Default::default(), None);
        }
        let page = page::incident::page(&play.model, &id(1047), cols, play.now);
        let mut lines = page.iter().map(Line::text).skip_while(|line| line != " all of them:").skip(1);
        let lines: Vec<String> = lines.by_ref().take_while(|line| !line.contains("5f3c1047")).collect();
        assert!(lines.iter().all(|line| line.chars().count() <= cols.into()), "{cols}: {lines:?}");
        lines
    };
    let pairs = [("pod", "gw-2"), ("region", "eu-1"), ("service", "trading")];
    for cols in 20..60 {
        let shown = labelled(&pairs, cols);
        let whole = |(name, value): &(&str, &str)| {
            let pair = format!("{name}={value}");
            shown.iter().any(|line| line.split("  ").any(|it| it.trim() == pair))
        };
        assert!(pairs.iter().all(whole), "{cols}: {shown:?}");
    }
    assert_eq!(labelled(&pairs, 27), [" pod=gw-2  region=eu-1", " service=trading"]);
    let fits = " pod=gw-2  region=eu-1  service=trading";
    assert_eq!(labelled(&pairs, 39), [fits], "to the last cell");
    let long = "B".repeat(50);
    let shown = labelled(&[("one", &long), ("service", "x")], 40);
    let rest = format!("     {}", "B".repeat(15));
    assert_eq!(shown, [format!(" one={}", "B".repeat(35)), rest, " service=x".to_owned()]);
    let name = "a_name_that_is_longer_than_half_a_line";
    let shown = labelled(&[(name, &long)], 60);
    assert_eq!(shown.iter().map(|line| line.trim()).collect::<String>(), format!("{name}={long}"));
}

#[test]
fn a_fact_is_broken_before_its_time_and_for_how_long_gives_way() {
    let mut play = night();
    play.press("j");
    play.wait(2000);
    let shown = text(&play);
    assert!(shown.contains("Impact not assessed"), "{shown}");
    assert!(shown.lines().all(|line| !line.trim_end().ends_with("until")), "{shown}");
}

#[test]
fn sources_say_what_was_wrong_with_them_last() {
    let mut play = night();
    let status = &mut play.engine.sources[0];
    status.ended(at("14:02:43"), Some(Fault::new(FaultKind::NoAnswer, "no answer within 10s")));
    status.ended(at("14:03:18"), None);
    play.poll();
    play.press("s");
    let shown = text(&play);
    assert!(shown.contains("\n     last fault 14:02:43Z: no answer within 10s, over 14:03:18Z\n"), "{shown}");
    assert_eq!(shown.matches("last fault").count(), 1, "what fails now says so itself: {shown}");
}

#[test]
fn why_a_row_stands_there_names_its_place_and_what_sets_it_apart_from_the_one_above() {
    let mut play = night();
    let mut place = |keys: &str| {
        play.press(keys);
        let Some(Prompt::Explain { place, reasons, .. }) = &play.model.prompt else { panic!("{keys}") };
        let (place, last) = (place.clone(), reasons.last().cloned().unwrap());
        assert!(text(&play).replace("\n", " ").contains("Row "), "{}", text(&play));
        play.press("esc");
        (place, last)
    };
    let (first, last) = place("x");
    assert_eq!((first.as_str(), last.as_str()), ("Row 1 of 6.", "opened 14:01:22Z: older first"));
    let places: Vec<String> = (1..6).map(|_| place("j x").0).collect();
    assert_eq!(
        places,
        [
            "Row 2 of 6. INC-1047 stands above it: nobody has acknowledged it.",
            "Row 3 of 6. INC-1042 stands above it: severity critical before high.",
            "Row 4 of 6. INC-1051 stands above it: it is older, opened 13:55:00Z.",
            "Row 5 of 6. INC-1050 stands above it: nobody has acknowledged it.",
            "Row 6 of 6. INC-1039 stands above it: severity high before normal.",
        ]
    );
}

#[test]
fn a_title_keeps_its_room_however_wide_the_screen_is() {
    let room = |cols: u16| {
        let title = "x".repeat(300);
        let play = console().sized(cols, 40).board([incident(1047, Severity::High, "14:01:22", &title)]);
        let shown = text(&play);
        let row = shown.lines().nth(4).unwrap();
        let end = row.find('│').map(|end| row.split_at(end));
        if let Some((row, _)) = end {
            assert!(row.ends_with("… ") || row.ends_with("~ "), "a blank before the rule: {row:?}");
        }
        (end.is_some(), end.map_or(row, |(row, _)| row).matches('x').count())
    };
    let rooms: Vec<(u16, (bool, usize))> = (80..=240).map(|cols| (cols, room(cols))).collect();
    for pair in rooms.windows(2) {
        let [(_, (was_beside, before)), (cols, (beside, now))] = pair else { unreachable!() };
        let least = if *beside && !was_beside { 55 } else { *before };
        assert!(*now >= least, "{now} at {cols} columns, {before} at one less");
    }
    assert_eq!(rooms.iter().find(|(_, (beside, _))| *beside).map(|(cols, _)| *cols), Some(170));
}
