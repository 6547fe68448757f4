//! Every screen.

use super::*;
use quell::console::model::Said;
use quell::domain::freshness::{Budget, Remark, Vitals};
use quell::domain::monitor::Streaks;
use quell::domain::record::{BulletinAnswered, BulletinSeen, DeadlineSet};
use quell::domain::upstream::{Silence, Upstream};

/// In every look; the one at 80x24 is called by the name alone.
fn everywhere(name: &str, at: impl Fn(u16, u16) -> Play) {
    for (look, shot) in looks(at) {
        let name = if look == "80x24" { name.to_owned() } else { format!("{name}_{look}") };
        insta::assert_snapshot!(name, shot);
    }
}

#[test]
fn triage() {
    for (look, shot) in looks(night_at) {
        insta::assert_snapshot!(format!("triage_{look}"), shot);
    }
    insta::assert_snapshot!("triage_160x40", shot(&night_at(160, 40), &COLOUR));
    insta::assert_snapshot!("tiny", shot(&night_at(20, 6), &COLOUR));
}

#[test]
fn triage_while_rows_hold() {
    let mut play = night();
    play.press("j j");
    play.engine.put(incident(1053, Severity::Critical, "14:03:20", "Withdrawals fail"));
    play.poll();
    insta::assert_snapshot!(shot(&play, &COLOUR));
}

#[test]
fn other_screens() {
    for (name, keys) in
        [("incident", "enter"), ("monitors", "m"), ("sources", "s"), ("help", "?"), ("review", "tab")]
    {
        everywhere(name, |cols, rows| {
            let mut play = night_at(cols, rows);
            play.press(keys);
            play
        });
    }
}

#[test]
fn what_the_rooms_of_the_demo_received() {
    everywhere("sink", |cols, rows| {
        let mut play = heard(cols, rows);
        play.press("shift-tab");
        play
    });
}

/// A night in which two of the rooms were told something.
pub(super) fn heard(cols: u16, rows: u16) -> Play {
    let mut play = night_at(cols, rows);
    let said = |clock: &str, room: &str, text: &str| Said {
        at: at(clock),
        room: room.to_owned(),
        text: Outside::new(text),
    };
    play.tell(Message::Heard(vec![
        said("14:01:24", "inc-room", "INC-1047 CRITICAL Order gateway refuses connections\nservice: trading"),
        said(
            "14:02:10",
            "mail users",
            "Log-ins fail for some of you. Your own anti-phishing code: quiet-otter-41",
        ),
    ]));
    play
}

#[test]
fn a_monitor_of_each_kind_shows_what_it_saw() {
    let mut play = night();
    let kind = |kind: &str, name: &str, target: &str, said: Result<&str, &str>| {
        let health = if said.is_ok() { Health::Up } else { Health::Down };
        let mut status = monitor(name, health, "14:03:20");
        (status.kind, status.target) = (kind.to_owned(), target.to_owned());
        status.says = said.ok().map(Outside::new);
        status.wrong = said.err().map(Outside::new);
        status
    };
    let mut kept = kind("tcp", "ledger-db", "10.0.0.7:5432", Err("connection refused"));
    kept.maintenance = Some(at("16:00:00"));
    let mut flaps = kind("http", "order-gw", "https://gw.example.com/health", Ok("status 200, 1.2 KiB"));
    for second in 0..6 {
        flaps.flapping.turn(at(&format!("14:02:0{second}")));
    }
    let mut early = kind(
        "heartbeat",
        "eod-report",
        "every 25h",
        Ok("waits for its first beat until 2026-11-21 15:03:22Z"),
    );
    (early.health, early.since, early.streak) = (Health::Unknown, None, 0);
    early.samples.clear();
    let mut stale = kind("dns", "api-dns", "api.example.com at 127.0.0.1:53", Ok("203.0.113.7, 203.0.113.8"));
    stale.source.as_of = Some(at("14:01:00"));
    let mut failing = kind("http", "www", "https://www.example.com/", Err("status 503, expected 2xx"));
    (failing.health, failing.streak) = (Health::Up, -2);
    failing.streaks = Streaks { down_after: 3, up_after: 2 };
    play.engine.monitors = vec![
        kind("http", "token-api", "https://token-api.example.com/health?verbose", Ok("status 200, 1.2 KiB")),
        flaps,
        kept,
        kind(
            "tls",
            "api-cert",
            "api.example.com:443",
            Err("the certificate expires in 9 days (2026-12-01), wants 14"),
        ),
        kind("tls", "www-cert", "www.example.com:443", Ok("41 days left (2027-01-02)")),
        failing,
        stale,
        kind("promql", "order-errors", "sum(rate(order_errors_total[5m]))", Err("7.25, above 5")),
        kind("heartbeat", "nightly-batch", "every 25h", Ok("beat 2026-11-20 02:14:07Z")),
        early,
    ];
    play.poll();
    play.press("m");
    insta::assert_snapshot!("monitors_of_each_kind", shot(&play, &COLOUR));
    insta::assert_snapshot!("monitors_of_each_kind_ascii", shot(&play, &ASCII));
    insta::assert_snapshot!("monitors_of_each_kind_40x12", shot(&play.sized(40, 12), &COLOUR));
}

#[test]
fn a_response_in_recovery() {
    let shown = |cols, rows, keys: &str| {
        let mut play = night();
        recovering(&mut play);
        play.press(keys);
        play.sized(cols, rows)
    };
    for (look, shot) in looks(|cols, rows| shown(cols, rows, "")) {
        insta::assert_snapshot!(format!("recovery_{look}"), shot);
    }
    insta::assert_snapshot!("recovery_incident", shot(&shown(80, 60, "enter"), &COLOUR));
    insta::assert_snapshot!("recovery_incident_40x12", shot(&shown(40, 12, "enter"), &COLOUR));
}

#[test]
fn what_keeps_a_signal_quiet_stands_with_it() {
    let mut play = night_at(80, 44);
    let silence = Silence {
        id: Outside::new("8d9e1a2b"),
        by: Outside::new("bo"),
        comment: Outside::new("order gateway moves to eu-2 (INC-1047, quell-6b1f)"),
        until: Some(at("16:00:00")),
        ..Silence::default()
    };
    play.engine.quiet = Some(Box::new(Upstream {
        silences: vec![silence, Silence { id: Outside::new("0c11"), ..Silence::default() }],
        inhibits: vec![Outside::new("Order latency above 2 s"), Outside::new("12 more")],
        inhibited_by: vec![Outside::new("Rack eu-1-b lost power")],
        ..Upstream::default()
    }));
    play.model.detail = None;
    play.press("j k enter");
    insta::assert_snapshot!("incident_quiet", shot(&play, &COLOUR));
}

#[test]
fn first_frames() {
    let connecting = console();
    insta::assert_snapshot!("first_connecting", shot(&connecting, &COLOUR));

    let mut none = console();
    none.engine.sources.clear();
    none.poll();
    insta::assert_snapshot!("first_no_sources", shot(&none, &COLOUR));

    let mut reading = console();
    reading.engine.sources = vec![source("prod-am", None), source("pd", None), source("prom", None)];
    reading.engine.put(incident(1047, Severity::Critical, "13:51:22", "Order gateway refuses connections"));
    reading.poll();
    insta::assert_snapshot!("first_from_the_ledger", shot(&reading, &COLOUR));

    insta::assert_snapshot!("all_clear", shot(&console().board([]), &COLOUR));
}

#[test]
fn blind_lost_and_partly() {
    let mut play = night();
    play.tell(Message::EngineLost(Fault::new(FaultKind::NoAnswer, "no answer from the engine in 5s")));
    insta::assert_snapshot!("engine_lost", shot(&play, &COLOUR));

    let mut play = night();
    for status in play.engine.sources.iter_mut().chain(play.engine.monitors.iter_mut().map(|m| &mut m.source))
    {
        status.failures = 3;
        status.fault = Some(Fault::new(FaultKind::Unreachable, "connection refused"));
    }
    play.wait(60_000);
    play.poll();
    insta::assert_snapshot!("blind", shot(&play, &COLOUR));

    let mut play = console().board([]);
    play.engine.sources[1].failures = 2;
    play.engine.sources[1].fault =
        Some(Fault::new(FaultKind::Unauthorised, "401: the token is not accepted"));
    play.poll();
    insta::assert_snapshot!("nothing_but_not_clear", shot(&play, &COLOUR));
}

/// The row and the detail of an action, from its confirmation to its proof.
#[test]
fn an_action_from_sent_to_verified() {
    let mut play = night();
    play.press("j j c enter");
    play.typing("88213");
    play.wait(600);
    play.press("enter");
    insta::assert_snapshot!("action_sent", shot(&play, &COLOUR));
    let now = play.now.format("%H:%M:%S").to_string();
    play.engine.rule(1051, &now, answered(1, Outcome::Accepted, "200"));
    play.poll();
    play.wait(12_000);
    insta::assert_snapshot!("action_verifying", shot(&play, &COLOUR));
    let mut unknown = night();
    unknown.press("j j c enter");
    unknown.typing("88213");
    unknown.wait(600);
    unknown.press("enter");
    unknown.engine.rule(1051, &now, answered(1, Outcome::Unknown, "connection reset"));
    unknown.poll();
    unknown.wait(2000);
    unknown.wait(60_000);
    insta::assert_snapshot!("action_unknown", shot(&unknown, &COLOUR));
    let now = play.now.format("%H:%M:%S").to_string();
    let verified = Entry::Settled {
        action: 1,
        settlement: Settlement::Verified,
        detail: Outside::new("/status = frozen"),
    };
    play.engine.rule(1051, &now, verified);
    play.poll();
    play.wait(2000);
    insta::assert_snapshot!("action_verified", shot(&play, &COLOUR));
}

/// The lines of a frame, without their styles.
fn lines(play: &Play) -> Vec<String> {
    shot(play, &COLOUR).lines().map(str::to_owned).collect()
}

#[test]
fn a_large_screen_with_few_incidents() {
    let play = console().sized(200, 60).usual();
    insta::assert_snapshot!(shot(&play, &COLOUR));
}

#[test]
fn what_is_down_is_seen_on_a_narrow_screen() {
    let mut play = night_at(40, 12);
    assert_eq!(lines(&play)[1], " ✗ prom DOWN  ◍ monitors 1/2 up  +2 (s)");
    play.engine.sources.pop();
    play.poll();
    assert_eq!(lines(&play)[1], " ● prod-am  ● pd  ◍ monitors 1/2 up");
}

#[test]
fn monitors_alone_are_something_to_look_at() {
    let mut play = console();
    play.engine.sources.clear();
    play.engine.monitors = vec![monitor("token-api", Health::Up, "14:03:20")];
    play.poll();
    for keys in ["", "s", "m"] {
        play.press(keys);
        let all = shot(&play, &COLOUR).to_lowercase();
        assert!(!all.contains("no sources configured"), "{all}");
    }
    play.press("s");
    assert_eq!(lines(&play)[4], " only monitors are configured, 1 of them: m shows them");
}

#[test]
fn the_key_that_shows_all_keys_is_always_among_the_hints() {
    for (cols, rows) in [(36, 9), (40, 12), (80, 24), (200, 60)] {
        let mut play = night();
        play.engine.playbooks.extend(play.engine.playbooks.clone());
        play.press("j j c enter enter");
        play.typing("88213");
        play.wait(600);
        play.press("enter");
        play.engine.rule(1051, "14:04:00", answered(1, Outcome::Unknown, "connection reset"));
        play.tell(Message::Resumed);
        play.poll();
        let mut play = play.sized(cols, rows);
        for keys in ["", "k k", "/ s e v enter", "enter"] {
            play.press(keys);
            let last = lines(&play)[usize::from(rows) - 1].clone();
            assert!(last.contains("? keys"), "{cols}x{rows} {keys}: {last}");
        }
    }
}

#[test]
fn the_detail_shows_both_links_and_what_happened_last() {
    let all = shot(&night(), &COLOUR);
    for needed in
        ["\n runbook https://", "\n source  http://", "monitor order-gw is down", "escalated, step 1"]
    {
        assert!(all.contains(needed), "{needed}: {all}");
    }
}

#[test]
fn a_wrong_filter_says_all_of_what_is_wrong() {
    let mut play = night();
    play.press("/");
    play.typing("sev:critical -is:acked age>10m service:auth loud:yes");
    let Some(quell::console::prompt::Prompt::Filter { error: Some(error), .. }) = play.model.prompt.clone()
    else {
        panic!("it was taken")
    };
    let all = lines(&play)[4..22].join(" ");
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ");
    assert!(words(&all).contains(&words(&error.says)), "{error:?}: {all}");
}

#[test]
fn an_escalation_leads_with_what_matters_and_names_its_incident_once() {
    let mut play = night();
    let text = Outside::new("nobody acknowledged INC-1047: every step of incident was sent");
    let notice = Notice::new(NoticeKind::Escalation, Some(id(1047)), text);
    play.notice(8, "14:03:22", notice);
    let banner = lines(&play)[2].clone();
    assert!(banner.starts_with(" !! ESCALATION nobody acknowledged INC-1047: every step"), "{banner}");
    assert_eq!(banner.matches("1047").count(), 1, "{banner}");
}

#[test]
fn what_is_down_says_when_it_is_asked_next_where_there_is_room() {
    let sources = |cols| lines(&night_at(cols, 40))[1].clone();
    assert!(sources(120).contains("prom DOWN 13:58:02Z, next try 14:03:40Z"), "{}", sources(120));
    assert!(sources(80).contains("prom DOWN 13:58:02Z  ◍"), "{}", sources(80));
    let mut play = night();
    for status in &mut play.engine.sources {
        (status.failures, status.next_poll) = (3, Some(at("14:05:00")));
    }
    play.engine.monitors.clear();
    play.wait(60_000);
    play.poll();
    assert!(lines(&play)[2].contains("; next try 14:05:00Z"), "{}", lines(&play)[2]);
}

#[test]
fn a_long_description_is_three_lines_and_whole_on_its_own_page() {
    let mut play = night_at(120, 40);
    let fields: Vec<String> = (0..60).map(|n| format!("\"field{n}\":\"{n:012}\"")).collect();
    let mut detail = play.model.detail.clone().unwrap();
    detail.signals[0].description = Outside::new(format!("{{{}}}", fields.join(",")));
    play.tell(Message::Opened { asked: "INC-1047".into(), detail: Ok(detail.clone()) });
    let all = lines(&play);
    let shown = all.iter().filter(|line| line.contains("\"field")).count();
    assert_eq!(shown, 3, "{all:#?}");
    assert!(all.iter().any(|line| line.ends_with("… enter shows all")), "{all:#?}");
    play.press("enter");
    play.tell(Message::Opened { asked: "INC-1047".into(), detail: Ok(detail) });
    let play = play.sized(120, 100);
    let all = lines(&play);
    for field in &fields {
        assert!(all.iter().any(|line| line.contains(field)), "{field}: {all:#?}");
    }
}

#[test]
fn a_line_stands_between_list_and_detail() {
    let play = night_at(200, 60);
    let all = lines(&play);
    let at = |line: &str, sign| line.chars().position(|c| c == sign);
    let place = at(&all[3], '┬');
    assert!(place.is_some());
    assert!(all[4..58].iter().all(|line| at(line, '│') == place), "{all:#?}");
    let title = |line: &str| line.split_once("Order").map(|(before, _)| before.chars().count());
    assert_eq!(title(&all[4]), Some(3 + 1 + 5 + 1 + 4 + 1 + 4 + 1 + 8 + 1 + 6 + 1 + 15 + 1));
}

#[test]
fn a_countdown_is_whole_on_the_smallest_screen() {
    let mut it = incident(1060, Severity::Critical, "14:03:00", "Withdrawals fail");
    it.ack_due = Some(at("14:18:00"));
    let play = console().sized(40, 12).board([it]);
    assert!(lines(&play)[4].contains("ack 14:3"), "{}", lines(&play)[4]);
}

/// What was said to those outside, and what became of it.
#[test]
fn an_incident_with_bulletins() {
    let mut play = night();
    play.engine.bulletins = told_by_mail();
    play.tell(Message::Resumed);
    let due = Entry::DeadlineSet(DeadlineSet {
        deadline: DeadlineKind::Bulletin,
        name: "users".into(),
        title: Outside::new("next bulletin to users"),
        due: at("14:23:00"),
    });
    play.press("b enter");
    play.typing("withdrawals");
    play.press("ctrl-s end");
    play.wait(600);
    play.press("enter");
    let answered = |channel: &str, outcome, detail: &str| {
        Entry::BulletinAnswered(BulletinAnswered {
            number: 1,
            channel: channel.into(),
            outcome,
            detail: Outside::new(detail),
            reference: None,
        })
    };
    play.engine.rule(1047, "14:03:40", answered("mailer", Outcome::Accepted, "202"));
    play.engine.rule(1047, "14:03:41", answered("status-page", Outcome::Unknown, "no answer in 10s"));
    let seen = Entry::BulletinSeen(BulletinSeen {
        number: 1,
        channel: "mailer".into(),
        visible: false,
        detail: Outside::new("readers do not see it yet"),
    });
    play.engine.rule(1047, "14:05:40", seen);
    play.engine.rule(1047, "14:05:41", due);
    play.poll();
    let mut play = play.sized(80, 34);
    play.press("enter");
    insta::assert_snapshot!(shot(&play, &COLOUR));
}

#[test]
fn sources_say_what_they_grant_and_what_to_know_of_them() {
    let mut play = night();
    let remark = |text: &str, partial| Remark { text: Outside::new(text), partial, ..Remark::default() };
    play.engine.sources[1].vitals = Vitals {
        budget: Some(Budget { left: 17, of: 960, until: at("14:04:00") }),
        skew_ms: Some(-42_000),
        remarks: vec![
            remark("only the first 10 000 are read: 25 more are open", true),
            remark("the alerts of 31 are not read yet", false),
        ],
        ..Vitals::default()
    };
    play.poll();
    play.press("s");
    insta::assert_snapshot!("sources_vitals", shot(&play, &COLOUR));
}
