//! Answers that are not what was asked for: refused, late, endless, double, redirected.

use quell::backend::Backend;
use quell::domain::fault::FaultKind;
use quell::domain::notice::NoticeKind;
use quell::domain::record::Entry;
use serde_json::{Value, json};

use super::polled;
use super::rig::{Rig, Screen, alertmanager};
use crate::sources::KINDS;
use crate::sources::contract::Kind;
use crate::support::faultd::{Faultd, Reply};
use crate::support::http;

const ALERTS: &str = "GET /api/v2/alerts";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f02_a_source_that_hangs_delays_no_other() {
    let (hangs, answers) = (Faultd::start(), Faultd::start());
    hangs.on(ALERTS, [Reply::ok("[]"), Reply::hang()]);
    answers.on(ALERTS, [Reply::ok("[]")]);
    let tables = alertmanager("hangs", "1s", &hangs.url()) + &alertmanager("answers", "1s", &answers.url());
    let rig = Rig::watching(&tables).await;
    hangs.wait_for(ALERTS, 2);
    let told = |screen: &Screen| {
        let both = screen.sources().contains("○ hangs STALE") && screen.sources().contains("● answers ");
        assert!(!(both && screen.text().contains("All clear")), "{screen:?}");
        both
    };
    rig.until("who hangs, and who does not", told).await;
    answers.wait_for(ALERTS, answers.count(ALERTS) + 3);
    assert_eq!(hangs.count(ALERTS), 2, "one question at a time");
    // Given up after ten seconds, and asked again.
    hangs.on(ALERTS, [Reply::ok("[]")]);
    rig.until("it to answer again", |screen| screen.sources().contains("● hangs ")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f05_a_wait_that_is_asked_for_is_kept_up_to_a_minute() {
    let asking = |wait: Option<&str>| {
        let server = Faultd::start();
        let refused = Reply::status(429);
        server.on(ALERTS, [wait.map_or(refused.clone(), |wait| refused.header("Retry-After", wait))]);
        server
    };
    let servers = [asking(Some("9")), asking(Some("86400")), asking(None)];
    let names = ["nine", "absurd", "silent"];
    let tables: String =
        names.iter().zip(&servers).map(|(name, it)| alertmanager(name, "1s", &it.url())).collect();
    let rig = Rig::watching(&tables).await;
    // Whoever leans on the key changes nothing about that.
    let (engine, ana) = (rig.engine.clone(), rig.ana.clone());
    let hurry = tokio::spawn(async move {
        loop {
            engine.refresh(&ana).await.unwrap();
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    });
    for (name, from, to) in [("nine", 3, 9), ("absurd", 45, 60), ("silent", 0, 4)] {
        let status = rig.source(name, |status| status.failures > 0).await;
        assert_eq!(status.fault.as_ref().map(|fault| fault.kind), Some(FaultKind::Throttled), "{status:?}");
        let wait = (status.next_poll.unwrap() - rig.now()).num_seconds();
        assert!((from..=to).contains(&wait), "{name}: {wait} s");
    }
    rig.source("silent", |status| status.failures >= 3).await;
    let screen = rig.until("who says nothing", |screen| screen.sources().contains("✗ silent DOWN")).await;
    let next = regex::Regex::new(r"silent DOWN, next try \d\d:\d\d:\d\dZ").unwrap();
    assert!(next.is_match(screen.sources()), "{screen:?}");
    hurry.abort();
    for (server, most) in servers.iter().zip([3, 1, 12]) {
        assert!(server.requests().len() <= most, "{:?}", server.requests());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f05_every_kind_of_source_is_left_alone_for_as_long_as_it_asks() {
    for kind in KINDS {
        for header in ["Retry-After", "ratelimit-reset"] {
            let server = Faultd::start();
            (kind.beside)(&server);
            server.on(kind.route, [Reply::status(429).header(header, "40")]);
            let rig = Rig::watching(&kind.tables(&[server.url()])).await;
            let name = kind.source(&[server.url()]).name().to_owned();
            let status = rig.source(&name, |status| status.failures > 0).await;
            let wait = (status.next_poll.unwrap() - rig.now()).num_seconds();
            assert!((20..=40).contains(&wait), "{name}: {header}: {wait} s");
            // Whoever hurries waits as well.
            assert!(status.alone_until.is_some_and(|until| until == status.next_poll.unwrap()), "{status:?}");
            assert_eq!(server.count(kind.route), 1, "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pipeline_that_dies_is_no_recovery() {
    let alert = |name: &str| {
        json!({ "labels": { "alertname": name, "service": "orders", "severity": "critical" }, "fingerprint": name,
                "startsAt": "2026-11-20T14:01:22Z", "status": { "silencedBy": [], "inhibitedBy": [] } })
    };
    let server = Faultd::start();
    // Prometheus dies, and Alertmanager lets everything expire.
    server.on(ALERTS, [Reply::ok(&json!([alert("Watchdog"), alert("Down")])), Reply::ok("[]")]);
    let table = alertmanager("am", "1s", &server.url()) + "watchdog = [\"Watchdog\"]\n";
    let rig = Rig::watching(&table).await;
    rig.source("am", |status| status.watchdog_missing == ["Watchdog"]).await;
    server.wait_for(ALERTS, server.count(ALERTS) + 3);
    let cleared = |records: Vec<quell::domain::record::Record>| {
        records.iter().filter(|record| matches!(record.entry, Entry::SignalCleared { .. })).count()
    };
    let screen = rig.until("that it is blind", |screen| screen.sources().contains("◍ am PARTIAL")).await;
    assert!(screen.text().contains("Down"), "{screen:?}");
    assert_eq!(cleared(rig.records().await), 0, "what is absent may burn");
    server.on(ALERTS, [Reply::ok(&json!([alert("Watchdog")]))]);
    rig.until("it to see again", |screen| screen.sources().contains("● am ")).await;
    assert_eq!(cleared(rig.records().await), 1, "and what is over then is over");
}

#[tokio::test]
async fn f10_two_million_elements_are_not_taken_in() {
    for kind in KINDS {
        let one = (kind.body)(&[json!("@")]).to_string();
        let many = one.replace("\"@\"", &vec!["0"; 2_000_000].join(","));
        let fault = kind.answered([Reply::ok(&many)]).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::TooLarge, "{fault:?}");
        assert_eq!(fault.detail.raw(), "the answer is a list of more than 100000 elements");
        // So many that nobody looks at each are counted, and what is missing may be among them.
        let many = one.replace("\"@\"", &(0..3000).map(|n| n.to_string()).collect::<Vec<_>>().join(","));
        let answer = kind.answered([Reply::ok(&many)]).await.unwrap();
        // Where nothing tells them apart, one stands for all of them.
        assert!((1..=1000).contains(&answer.signals.len()), "{}", answer.signals.len());
        assert_eq!((answer.left_out, answer.complete), (3000, false));
    }
}

#[tokio::test]
async fn f12_what_is_nested_without_end_is_one_bad_element_or_no_answer() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let objects = format!("{}1{}", "{\"a\":".repeat(200_000), "}".repeat(200_000));
    for kind in KINDS {
        for deep in [&deep, &objects] {
            match kind.answered([Reply::ok(deep)]).await {
                Err(fault) => assert_eq!(fault.kind, FaultKind::Malformed, "{fault:?}"),
                // A list of one element, which is a list.
                Ok(answer) => assert_eq!((answer.signals.len(), answer.left_out), (1, 1)),
            }
            let element = (kind.element)("first", "burns");
            let page = (kind.body)(&[element.clone(), json!("@deep")]).to_string();
            let answer = kind.answered([Reply::ok(&page.replace("\"@deep\"", deep))]).await.unwrap();
            assert_eq!((answer.signals.len(), answer.left_out), (2, 1), "{:?}", answer.left_out);
            // Within an element that says everything else well.
            let mut within = element;
            within["details"] = json!("@deep");
            let page = (kind.body)(&[within]).to_string();
            let answer = kind.answered([Reply::ok(&page.replace("\"@deep\"", deep))]).await.unwrap();
            assert_eq!(answer.signals.len(), 1);
        }
    }
}

/// An answer whose list is another thing, or is not there.
fn without_list(kind: &Kind) -> Vec<Value> {
    let whole = (kind.body)(&[]);
    if whole.is_array() {
        return vec![json!({}), json!(null), json!({ "alerts": [] }), json!({ "error": "no" }), json!("")];
    }
    let text = whole.to_string();
    let other = |list: &str| serde_json::from_str(&text.replacen("[]", list, 1)).unwrap();
    vec![other("null"), other("{}"), other("\"\""), json!({}), json!([]), json!({ "error": { "code": 1 } })]
}

#[tokio::test]
async fn f14_an_empty_list_is_nothing_open_and_a_missing_one_is_a_failure() {
    for kind in KINDS {
        let calm = kind.answered([kind.page(&[])]).await.unwrap();
        assert_eq!((calm.signals.len(), calm.left_out, calm.complete), (0, 0, true));
        for body in without_list(kind) {
            let fault = kind.answered([Reply::ok(&body)]).await.expect_err(&body.to_string());
            assert_eq!(fault.kind, FaultKind::Malformed, "{body}: {fault:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f18_what_is_delivered_twice_is_one_row_and_one_notice() {
    for kind in KINDS {
        let server = Faultd::start();
        (kind.beside)(&server);
        server.on(kind.route, [kind.page(&["same", "same"])]);
        let rig = Rig::watching(&kind.tables(&[server.url()])).await;
        server.wait_for(kind.route, 1);
        rig.until("the row", |screen| screen.text().contains(" 1 open")).await;
        // The same once more, in another order of bytes.
        server.on(kind.route, [Reply::ok(&format!(" {} ", (kind.body)(&kind.elements(&["same", "same"]))))]);
        server.wait_for(polled(kind), server.count(polled(kind)) + 2);
        let changes = rig.changes().await;
        assert_eq!(changes.incidents.len(), 1, "{:#?}", changes.incidents);
        let records = rig.records().await;
        let told = |entry: &Entry| matches!(entry, Entry::NoticeRaised(notice) if notice.kind == NoticeKind::NewCritical);
        let opened = records.iter().filter(|record| matches!(record.entry, Entry::Opened(_))).count();
        let told = records.iter().filter(|record| told(&record.entry)).count();
        assert!(opened == 1 && told <= 1, "opened {opened}, told {told}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f19_no_answer_overtakes_another_since_nothing_is_asked_before_it_came() {
    let (server, other, kind) = (Faultd::start(), Faultd::start(), KINDS[0]);
    // It is held back until a later request, which is the test's own, was answered.
    let late = kind.page(&["old"]).reordered();
    server.on(kind.route, [kind.page(&["first"]), late, kind.page(&["new"])]);
    other.on(ALERTS, [Reply::ok("[]")]);
    let other_table = alertmanager("other", "1s", &other.url());
    let rig = Rig::watching(&(kind.tables(&[server.url()]) + &other_table)).await;
    server.wait_for(kind.route, 2);
    for _ in 0..3 {
        rig.engine.refresh(&rig.ana).await.unwrap();
        other.wait_for(ALERTS, other.count(ALERTS) + 1);
    }
    assert_eq!(server.count(kind.route), 2, "whoever hurries waits for the answer that is due");
    http::get(server.port(), "/later").unwrap();
    server.wait_for(kind.route, 3);
    rig.changed("only the newest to fire", |changes| {
        let signals = changes.incidents.iter().flat_map(|incident| incident.signals.iter());
        let firing = signals.filter(|(_, signal)| signal.cleared.is_none());
        let names: Vec<&str> = firing.filter_map(|(key, _)| Some(key.split_once('\0')?.1)).collect();
        (names == ["new"]).then_some(())
    })
    .await;
}

#[tokio::test]
async fn f20_a_connection_that_is_reset_within_the_answer_is_a_failed_poll() {
    for kind in KINDS {
        let fault = kind.answered([kind.page(&["f1", "f2"]).reset_after(250)]).await.unwrap_err();
        assert_eq!(fault.kind, FaultKind::NoAnswer, "{fault:?}");
        assert!(fault.detail.raw().contains("reset"), "{fault:?}");
    }
}

#[tokio::test]
async fn f21_no_redirect_is_followed_wherever_it_leads() {
    for kind in KINDS {
        let other = Faultd::start();
        other.on("*", [kind.page(&["theirs"])]);
        for status in [301, 302, 307, 308] {
            for to in [other.url(), "http://169.254.169.254/latest/meta-data/".into(), "/".into()] {
                let server = Faultd::start();
                server.on("*", [Reply::redirect(status, &to)]);
                let fault = kind.poll(&[server.url()]).await.unwrap_err();
                assert_eq!((fault.kind, fault.status), (FaultKind::Redirected, Some(status)), "{fault:?}");
                let lists = server.requests().iter().filter(|it| it.path.starts_with("/incidents")).count();
                assert!(lists <= 1 && server.requests().len() <= 6, "{:?}", server.requests());
            }
        }
        assert_eq!(other.requests(), [], "nobody else was asked");
        let refused = kind.build(&["http://169.254.169.254".into()], "").err().unwrap();
        assert!(refused.detail.raw().contains("link-local"), "{refused:?}");
    }
}
