//! What is long is whole where there is room for it, and what is unwell comes first where there is none.

use super::*;
use quell::console::prompt::Prompt;
use quell::domain::opening::{Reported, Reporter};
use quell::domain::time::Time;

fn lines(play: &Play) -> Vec<String> {
    shot(play, &COLOUR).lines().map(str::to_owned).collect()
}

/// Words that take several lines on any screen.
fn long() -> String {
    (1..=60).map(|n| format!("word-{n}")).collect::<Vec<_>>().join(" ")
}

/// One incident of which everything is long, held by somebody with a long name.
fn wordy(cols: u16, rows: u16) -> Play {
    let label = format!("https://example.com/{}", "a".repeat(180));
    let mut play = console().sized(cols, rows);
    play.engine.monitors =
        vec![monitor("a-monitor-with-quite-a-long-name-of-its-own", Health::Down, "14:03:20")];
    play.engine.monitors[0].wrong = Some(Outside::new(long()));
    play.engine.sources[0].failures = 3;
    play.engine.sources[0].fault = Some(Fault::new(FaultKind::NoAnswer, long()));
    play.engine.put(with_labels(1047, Severity::Critical, "14:01:22", &long(), &[("dashboard", &label)]));
    play.engine.by("ana", 1047, "14:02:00", Entry::Acknowledged { lasts_s: 1800, from: None });
    play.engine.by("ana", 1047, "14:02:01", Entry::Noted { text: Outside::new(long()) });
    play.poll();
    play.wait(2000);
    play
}

/// Every screen and prompt at 200x60 that shows something long: its last word is seen, and nothing ends with `…`.
#[test]
fn nothing_is_cut_on_a_large_screen() {
    for keys in
        ["", "enter", "m", "s", "H", "n", "c", "c enter", "e", "e enter", "K", "I", "L", "P enter", "x", "l"]
    {
        let mut play = wordy(200, 60);
        play.press(keys);
        let all = lines(&play);
        // The row of the list is one line; beside it the whole title is shown.
        let body = all.iter().skip(4).take(54);
        let below = |line: &String| line.split('│').next_back().unwrap_or_default().trim_end().to_owned();
        // What somebody may write, whose end is theirs, is no cut line.
        let ends = |line: &String| line.ends_with('…') && !line.ends_with("unknown because …");
        let cut: Vec<String> = body.map(below).filter(ends).collect();
        let row = |line: &String| line.contains("CRIT") || line.contains("SEQ") || line.starts_with('▌');
        let cut: Vec<&String> = cut.iter().filter(|line| !row(line) && !line.contains("noted")).collect();
        assert!(cut.is_empty(), "{keys}: {cut:#?}\n{}", all.join("\n"));
    }
    for keys in ["", "enter", "m", "s", "e enter"] {
        let mut play = wordy(200, 60);
        play.press(keys);
        assert!(lines(&play).iter().any(|line| line.contains("word-60")), "{keys}");
    }
}

#[test]
fn what_an_escalation_would_say_is_wrapped_in_the_list_of_paths() {
    let mut play = wordy(80, 60);
    play.press("e");
    let all = lines(&play);
    assert!(all.iter().any(|line| line.contains("goes out with:")), "{all:#?}");
    assert!(all.iter().skip(4).all(|line| !line.ends_with('…') || line.contains("CRIT")), "{all:#?}");
}

#[test]
fn a_long_answer_to_the_person_s_own_key_is_whole() {
    let mut play = night();
    play.tell(Message::Refreshed(Err(Refusal::new(RefusalKind::Refused, long()))));
    let all = lines(&play);
    assert!(all[19].starts_with(" ✗ 14:03:24Z word-1 "), "{all:#?}");
    assert!(all[22].starts_with("             "), "{all:#?}");
    play.tell(Message::Refreshed(Err(Refusal::new(RefusalKind::Refused, "not now"))));
    assert_eq!(lines(&play)[22], " ✗ 14:03:24Z not now");
}

#[test]
fn what_is_unwell_comes_first_and_monitors_are_always_counted() {
    let mut play = night_at(80, 24);
    for name in ["prometheus-eu-central-1", "pagerduty-trading", "zabbix-datacentre", "sentry"] {
        play.engine.sources.push(source(name, Some("14:03:20")));
    }
    play.poll();
    let line = lines(&play)[1].clone();
    assert!(line.starts_with(" ✗ prom DOWN 13:58:02Z  ◍ monitors 1/2 up  ● prod-am  "), "{line}");
    assert!(line.ends_with(" LIVE (s)"), "{line}");
    // However many are unwell, no well one stands before them.
    for place in [0, 4, 5] {
        play.engine.sources[place].failures = 3;
        play.engine.sources[place].fault = Some(Fault::new(FaultKind::NoAnswer, "no answer in 5s"));
    }
    play.poll();
    let line = lines(&play)[1].clone();
    assert!(line.starts_with(" ✗ prod-am DOWN  ✗ prom DOWN  "), "{line}");
    assert!(line.contains("◍ monitors 1/2 up") && !line.contains("●"), "{line}");
    for place in [0, 2, 4, 5] {
        let name = play.engine.sources[place].name.clone();
        play.engine.sources[place] = source(&name, Some("14:03:20"));
    }
    // All is well: nothing needs to come first, and the monitors are still counted.
    play.engine.monitors[1] = monitor("order-gw", Health::Up, "14:03:20");
    play.poll();
    let line = lines(&play)[1].clone();
    assert!(line.starts_with(" ● monitors 2/2 up  ● prod-am"), "{line}");
}

#[test]
fn what_a_partner_told_stands_in_the_detail_and_on_the_page() {
    let told = [("affected endpoint", "/v1/orders"), ("request ids", "req_1\nreq_2")];
    let mut it = incident(1060, Severity::Critical, "14:03:00", "Orders are refused");
    it.opening.reported = Some(Box::new(Reported {
        from: Reporter::Partner,
        by: Outside::new("Acme Desk"),
        via: Outside::new("mail"),
        told: told.map(|(name, text)| (name.to_owned(), Outside::new(text))).into(),
    }));
    let mut play = console().sized(120, 40).board([it]);
    for keys in ["", "enter"] {
        play.press(keys);
        let all = lines(&play).join("\n");
        assert!(all.contains("Reported  by Acme Desk (partner), via mail"), "{all}");
        assert!(
            all.contains("   affected endpoint = /v1/orders\n   request ids = req_1\n                 req_2"),
            "{all}"
        );
    }
}

#[test]
fn a_record_that_is_cut_in_the_ledger_is_whole_below_it() {
    let mut play = wordy(200, 60);
    play.press("l");
    let all = lines(&play);
    assert!(all.iter().any(|line| line.contains("word-60")), "{all:#?}");
}

/// What was typed is long: the caret is seen, and nothing of another field is lost.
#[test]
fn long_values_scroll_under_the_caret_and_wrap_elsewhere() {
    let mut play = night();
    play.press("I 5 tab");
    play.typing(&long());
    let all = lines(&play);
    assert!(all.iter().any(|line| line.contains("…") && line.trim_end().ends_with("word-60")), "{all:#?}");
    play.press("tab");
    let all = lines(&play);
    let seen = (1..=60).all(|n| all.iter().any(|line| line.contains(&format!("word-{n}"))));
    assert!(seen, "{all:#?}");
    assert!(matches!(play.model.prompt, Some(Prompt::Fill(_))));
}

/// Data of another day widens its column on every line.
#[test]
fn columns_stand_under_their_heads_whatever_the_day() {
    let mut play = night();
    let yesterday: Time = "2026-11-19T08:00:00Z".parse().unwrap();
    play.engine.sources[2].as_of = Some(yesterday);
    play.poll();
    play.press("s");
    let all = lines(&play);
    let heads = all.iter().position(|line| line.contains("DATA AS OF")).unwrap();
    let quiet = all[heads].split_once("QUIET").unwrap().0.chars().count();
    let rows: Vec<&String> = all
        .iter()
        .skip(heads + 1)
        .filter(|line| line.contains(" LIVE ") || line.contains(" DOWN  "))
        .collect();
    assert_eq!(rows.len(), 3, "{all:#?}");
    assert!(rows.iter().all(|row| row.chars().nth(quiet) == Some('0')), "{all:#?}");
}
