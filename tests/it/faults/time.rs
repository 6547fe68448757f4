//! Clocks: ours that jumps, theirs that differs, and a machine that slept.

use quell::backend::Backend;
use quell::domain::notice::NoticeKind;
use quell::domain::record::Entry;
use quell::domain::time::{Span, Time};
use quell::os::clock::{Clock, Hand};

use super::rig::{Rig, Screen, alertmanager};
use crate::support::eventually;
use crate::support::faultd::{Faultd, Reply};
use crate::support::scratch::Scratch;

const ALERTS: &str = "GET /api/v2/alerts";

/// An Alertmanager that says what its clock says.
fn dated(server: &Faultd, clock: Time) {
    let date = clock.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    server.on(ALERTS, [Reply::ok("[]").header("Date", &date)]);
}

fn live(screen: &Screen) -> bool {
    screen.sources().contains("● am ")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f07_a_source_that_comes_and_goes_with_every_poll_says_so_and_rings_once() {
    let server = Faultd::start();
    server.flap(ALERTS, [Reply::ok("[]"), Reply::status(503)]);
    let rig = Rig::watching(&alertmanager("am", "1s", &server.url())).await;
    let screen = rig.until("that it flaps", |screen| screen.sources().contains("◍ am flapping")).await;
    assert!(!screen.sources().contains('●'), "{screen:?}");
    server.flap(ALERTS, [Reply::status(503), Reply::status(503), Reply::ok("[]")]);
    server.wait_for(ALERTS, server.count(ALERTS) + 6);
    let blind = |entry: &Entry| matches!(entry, Entry::NoticeRaised(it) if it.kind == NoticeKind::Blind);
    let told = rig.records().await.iter().filter(|record| blind(&record.entry)).count();
    assert!(told <= 1, "told {told} times");
}

/// A source that is asked once a minute, another one that is asked every second, and a clock that the test turns.
async fn by_hand() -> (Faultd, Faultd, Rig, Hand) {
    let (clock, hand) = Clock::by_hand("2026-11-20T14:00:00Z".parse().unwrap());
    let (server, quick) = (Faultd::start(), Faultd::start());
    dated(&server, clock.now());
    quick.on(ALERTS, [Reply::ok("[]")]);
    let tables = alertmanager("am", "1m", &server.url()) + &alertmanager("quick", "1s", &quick.url());
    let rig = Rig::by(clock, &tables).await;
    rig.until("it to be LIVE", live).await;
    (server, quick, rig, hand)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f63_a_clock_that_is_set_makes_everything_stale_first_and_is_no_age_below_nothing() {
    let (server, _quick, rig, hand) = by_hand().await;
    let negative = regex::Regex::new(r" -\d+[smhd]\b").unwrap();
    let century = Span::mins(73 * 365 * 24 * 60);
    for (forward, by) in [(true, Span::mins(60)), (false, Span::mins(60)), (true, century), (false, century)]
    {
        let before = rig.changes().await;
        let asked = server.count(ALERTS);
        if forward {
            hand.advance(by);
        } else {
            hand.set_back(by);
        }
        dated(&server, rig.now());
        let first = rig.shows(&before);
        assert!(first.sources().contains("○ am STALE"), "{first:?}");
        assert!(!first.text().contains("All clear") && !negative.is_match(&first.text()), "{first:?}");
        // Asked at once, and not a minute later.
        server.wait_for(ALERTS, asked + 1);
        rig.until("it to be LIVE again", live).await;
    }
    let records = rig.records().await;
    assert!(records.windows(2).all(|pair| pair[0].seq < pair[1].seq), "whatever the clock said");
    // The clock of the source stays right: it is ours that is told to be wrong.
    let before = server.count(ALERTS);
    hand.advance(Span::mins(60));
    server.wait_for(ALERTS, before + 1);
    let banner = "the clock of am is 3600 s behind this machine's";
    rig.until("the skew", |screen| live(screen) && screen.banner().contains(banner)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f64_the_first_frame_after_a_sleep_is_stale_and_everything_is_asked_once() {
    let (server, quick, rig, hand) = by_hand().await;
    let (before, asked) = (rig.changes().await, server.count(ALERTS));
    hand.advance(Span::mins(8 * 60));
    let first = rig.shows(&before);
    assert!(first.sources().contains("○ am STALE 14:00:00Z"), "{first:?}");
    dated(&server, rig.now());
    server.wait_for(ALERTS, asked + 1);
    rig.until("it to be LIVE again", live).await;
    // No burst of what was missed.
    quick.wait_for(ALERTS, quick.count(ALERTS) + 3);
    assert_eq!(server.count(ALERTS), asked + 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f65_a_source_whose_clock_differs_says_by_how_much() {
    for (minutes, said) in [(10, "ahead of"), (-10, "behind")] {
        let (clock, _hand) = Clock::by_hand("2026-11-20T14:00:00Z".parse().unwrap());
        let (right, wrong) = (Faultd::start(), Faultd::start());
        dated(&right, clock.now());
        dated(&wrong, clock.now() + chrono::TimeDelta::minutes(minutes));
        let tables = alertmanager("right", "1s", &right.url()) + &alertmanager("wrong", "1s", &wrong.url());
        let rig = Rig::by(clock, &tables).await;
        // What a request takes counts: a second less is said on a busy machine.
        let banners = [600, 599].map(|secs| format!("the clock of wrong is {secs} s {said} this machine's"));
        let says = |banner: &str| banners.iter().any(|it| banner.contains(it));
        let screen = rig.until("the skew", |screen| says(screen.banner())).await;
        assert!(
            screen.sources().contains("● wrong 14:00:00Z"),
            "its data are as fresh as they are: {screen:?}"
        );
    }
    let (clock, _hand) = Clock::by_hand("2026-11-20T14:00:00Z".parse().unwrap());
    let servers = [Faultd::start(), Faultd::start()];
    servers.iter().for_each(|server| dated(server, clock.now() + chrono::TimeDelta::minutes(10)));
    let tables = alertmanager("one", "1s", &servers[0].url()) + &alertmanager("two", "1s", &servers[1].url());
    let rig = Rig::by(clock, &tables).await;
    let banner = "this machine's clock is 600 s behind all its sources: check it";
    rig.until("whose clock it is", |screen| screen.banner().contains(banner)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f65_when_something_began_is_shown_by_our_clock() {
    for minutes in [10, -10] {
        let (clock, _hand) = Clock::by_hand("2026-11-20T14:00:00Z".parse().unwrap());
        let server = Faultd::start();
        let theirs = clock.now() + chrono::TimeDelta::minutes(minutes);
        let began = theirs - chrono::TimeDelta::minutes(5);
        let alert = serde_json::json!([{
            "labels": { "alertname": "A", "severity": "critical" }, "startsAt": began.to_rfc3339(),
            "fingerprint": "a", "annotations": {},
            "status": { "state": "active", "silencedBy": [], "inhibitedBy": [] }
        }]);
        let date = theirs.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        server.on(ALERTS, [Reply::ok(&alert).header("Date", &date)]);
        let rig = Rig::by(clock, &alertmanager("am", "1s", &server.url())).await;
        let skewed = |changes: &quell::backend::Changes| {
            changes.sources.first()?.vitals.skew_ms?;
            changes.incidents.first().cloned()
        };
        let incident = rig.changed("the incident", skewed).await;
        let detail = rig.engine.incident(&rig.ana, &incident.id.to_string()).await.unwrap();
        let ours: Time = "2026-11-20T13:55:00Z".parse().unwrap();
        assert!((detail.signals[0].since - ours).num_seconds().abs() <= 30, "{minutes} min ahead");
        assert!(detail.incident.signals.values().all(|signal| signal.since <= rig.now()));
    }
}

#[test]
fn f66_data_are_utc_wherever_the_machine_stands() {
    let server = Faultd::start();
    server.on(ALERTS, [Reply::ok(&serde_json::json!([{
        "labels": { "alertname": "A", "severity": "critical" }, "startsAt": "2026-10-25T00:30:00Z",
        "fingerprint": "a", "annotations": {}, "status": { "state": "active", "silencedBy": [], "inhibitedBy": [] }
    }]))]);
    let machine = Scratch::with_config(&alertmanager("am", "1h", &server.url()));
    let said = |zone: &str, arguments: &[&str]| {
        let mut command = machine.quell(arguments);
        crate::support::scratch::run(command.env("TZ", zone)).ok()
    };
    eventually("the first answer", || said("UTC", &["list", "--json"]).contains("LIVE").then_some(()));
    // What is said of now differs by the second.
    let still = |text: String| {
        let times = regex::Regex::new(r#""as_of":"[^"]*",|"seconds":\d+|\d+[smhd] "#).unwrap();
        times.replace_all(&text, "").into_owned()
    };
    for arguments in [&["list", "--json"][..], &["show", "1", "--json"], &["ledger", "tail"]] {
        let utc = still(said("UTC", arguments));
        assert!(utc.contains("Z"), "{utc}");
        for zone in ["Europe/Berlin", "America/St_Johns", "Asia/Kolkata", ":/nowhere"] {
            assert_eq!(still(said(zone, arguments)), utc, "{zone}");
        }
    }
}
