//! `quell wait`: what it waits for comes, does not come, or could not be seen.

use rustix::process::Signal;
use serde_json::json;

use super::keys;
use crate::support::faultd::Reply;
use crate::support::lines::Printing;
use crate::support::venue::{Venue, critical};

#[test]
fn what_matches_already_is_printed_as_a_list_is() {
    let venue = Venue::under_attack();
    let machine = venue.scratch();
    let list = machine.run(&["list"]).ok();
    let waited = machine.run(&["wait", "sev:critical", "--timeout", "1m"]).ok();
    let without_age = |text: &str| {
        text.split_whitespace().filter(|word| !word.ends_with('s')).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(without_age(&waited), without_age(&list));
    let waited = machine.run(&["wait", "--json", "sev:critical", "--timeout", "1m"]).json();
    assert_eq!(keys(&waited), ["version", "as_of", "sources", "incidents"]);
    assert_eq!(waited["incidents"][0]["id"], "ANA-1");
}

#[test]
fn what_comes_later_ends_it() {
    let venue = Venue::start();
    let machine = venue.scratch();
    // The other one tells when the source was read.
    let watching = Printing::start(machine.quell(&["watch"]));
    watching.says("every source is LIVE");
    let waiting = Printing::start(machine.quell(&["wait", "service:trading"]));
    venue.fire(&[critical("GatewayDown")]);
    waiting.says("ANA-1");
    assert_eq!(waiting.finish(), (Some(0), String::new()));
}

#[test]
fn when_nothing_comes_in_time_it_says_what_was_seen() {
    let venue = Venue::start();
    let machine = venue.scratch();
    let ran = machine.run(&["wait", "sev:critical", "--timeout", "10ms"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{ran:?}");
    assert_eq!(ran.stderr, "error: nothing matched sev:critical within 10ms; every source is LIVE\n");
    let ran = machine.run(&["wait", "sev:critical", "--timeout", "10ms", "--json"]);
    assert_eq!(ran.code, Some(1));
    let listed: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((&listed["incidents"], &listed["sources"][0]["state"]), (&json!([]), &json!("LIVE")));
    for wrong in [&["wait"][..], &["wait", "sev:terrible"], &["wait", "sev:critical", "--timeout", "5"]] {
        assert_eq!(machine.run(wrong).code, Some(2), "{wrong:?}");
    }
}

#[test]
fn blind_it_never_says_that_there_was_nothing() {
    let venue = Venue::start();
    venue.server.on("GET /api/v2/alerts", [Reply::status(401)]);
    let machine = venue.scratch();
    let ran = machine.run(&["wait", "sev:critical", "--timeout", "10ms"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    let told = "nobody can say whether anything matches sev:critical: BLIND: no source can be seen";
    assert!(ran.stderr.contains(told), "{ran:?}");
}

#[test]
fn a_signal_ends_it_with_its_code() {
    let venue = Venue::start();
    let machine = venue.scratch();
    let watching = Printing::start(machine.quell(&["watch"]));
    watching.says("every source is LIVE");
    let waiting = Printing::start(machine.quell(&["wait", "sev:critical"]));
    let asked = venue.server.requests().len();
    // It is there as soon as the ledger is its as well, which no file tells: the signal's own end is the same.
    crate::support::eventually("another poll", || (venue.server.requests().len() > asked).then_some(()));
    waiting.signal(Signal::TERM);
    assert_eq!(waiting.finish().0.unwrap_or(143), 143);
}
