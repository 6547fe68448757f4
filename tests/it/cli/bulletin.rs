//! What those outside are told: shown to the letter, linted, sent once, and each end with its exit code.

use super::snapshot;
use crate::support::exchange::Exchange;
use crate::support::faultd::{Faultd, Reply};
use crate::support::scratch::Scratch;

const TEMPLATE: [&str; 7] = ["bulletin", "1", "--to", "users", "--template", "--product", "withdrawals"];

/// A room that everybody reads and that answers like this, and a machine with an incident.
fn scene(reply: Reply) -> (Faultd, Scratch) {
    let room = Faultd::start();
    room.on("POST /news", [reply]);
    let machine = Scratch::with_config(&format!(
        "operator = \"ana\"\nids = \"ANA\"\n[[channel]]\nkind = \"webhook\"\nname = \"news\"\nstyle = \"generic\"\n\
         reach = \"broadcast\"\nurl = \"{}/news\"\n[[bulletin]]\naudience = \"users\"\nto = [\"news\"]\n",
        room.url()
    ));
    machine.run(&["open", "--severity", "critical", "Withdrawals stand still"]).ok();
    (room, machine)
}

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&TEMPLATE[..], more].concat()
}

/// Without the code and the hours, which differ from run to run.
fn letter(text: &str) -> String {
    let steady = [
        (r"\b[0-9A-Z]{3}-[0-9A-Z]{3}-[0-9A-Z]{3}\b", "<code>"),
        (r"\d\d:\d\d UTC(,? (on )?\d+ \w+( \d{4})?)?", "<hour>"),
        (r"\d\d:\d\dZ", "<minute>"),
    ];
    steady.iter().fold(text.to_owned(), |text, (pattern, instead)| {
        regex::Regex::new(pattern).unwrap().replace_all(&text, *instead).into_owned()
    })
}

#[test]
fn a_bulletin_is_shown_to_the_letter_and_leaves_with_yes_only() {
    let (room, machine) = scene(Reply::ok("{}"));
    let dry = machine.run(&with(&["--dry-run"])).ok();
    snapshot("bulletin", &letter(&dry));
    let shy = machine.run(&TEMPLATE);
    assert_eq!(shy.code, Some(2), "{shy:?}");
    assert!(shy.stderr.contains("add --yes") && shy.stdout.contains("plan "), "{shy:?}");
    assert_eq!(room.requests().len(), 0);
    let hash = dry.lines().last().unwrap().strip_prefix("plan ").unwrap();
    let sent = machine.run(&["bulletin", "1", "--plan", hash, "--yes"]).ok();
    assert!(sent.contains("ANA-1 bulletin 1 on news: accepted"), "{sent}");
    let posted = room.requests();
    assert_eq!(posted.len(), 1);
    let line = dry.lines().find(|line| line.contains("code of this incident")).unwrap();
    assert!(posted[0].text().contains(line.trim()), "what was shown is what left: {posted:?}");
}

#[test]
fn whoever_waits_for_the_last_one_is_named_when_it_is_resolved() {
    let (_room, machine) = scene(Reply::ok("{}"));
    machine.run(&with(&["--yes"])).ok();
    let way = "a last bulletin to users: quell bulletin ANA-1 --to users --status resolved";
    let refused = machine.run(&["close", "1", "resolved"]);
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains(way), "{refused:?}");
    machine.run(&with(&["--status", "resolved", "--yes"])).ok();
    let refused = machine.run(&["close", "1", "resolved"]);
    assert!(!refused.stderr.contains("bulletin"), "{refused:?}");
}

#[test]
fn the_next_one_shows_what_is_new_and_carries_the_same_code() {
    let (room, machine) = scene(Reply::ok("{}"));
    machine.run(&with(&["--yes"])).ok();
    let next = ["--status", "identified", "--happened", "One system stopped. We know why.", "--next", "30m"];
    let dry = machine.run(&with(&[&next[..], &["--dry-run"]].concat())).ok();
    for line in ["  since the last one, ", "    status: [-investigating-]{+identified+}", "We know why"] {
        assert!(dry.contains(line), "{line}: {dry}");
    }
    let json = machine.run(&with(&[&next[..], &["--yes", "--json"]].concat())).json();
    assert_eq!((&json["number"], &json["channels"]["news"]["outcome"]), (&2.into(), &"accepted".into()));
    let code = |text: String| {
        let found = regex::Regex::new(r"[0-9A-Z]{3}-[0-9A-Z]{3}-[0-9A-Z]{3}").unwrap();
        found.find(&text).unwrap().as_str().to_owned()
    };
    let posted = room.requests();
    assert_eq!(code(posted[0].text()), code(posted[1].text()));
    let told = &machine.run(&["show", "1", "--json"]).json()["response"]["bulletins"];
    assert_eq!((&told[1]["audience"], &told[1]["status"]), (&"users".into(), &"identified".into()));
    let shown = machine.run(&["show", "1"]).ok();
    assert!(
        shown.contains("bulletin 2 to users, identified: ") && shown.contains("on news: accepted"),
        "{shown}"
    );
}

#[test]
fn what_may_not_leave_is_refused_line_by_line_with_what_to_do() {
    let (room, machine) = scene(Reply::ok("{}"));
    let wrong =
        machine.run(&with(&["--happened", "The pod of 10.1.2.3 crashed.", "--headline", "", "--yes"]));
    assert_eq!((wrong.code, wrong.stdout.as_str()), (Some(1), ""), "{wrong:?}");
    assert!(wrong.stderr.contains("may not leave like this"), "{wrong:?}");
    let findings: Vec<&str> = wrong.stderr.lines().filter(|line| line.starts_with("  ")).collect();
    assert!(findings.iter().any(|line| line.contains("what happened, internals: ")), "{wrong:?}");
    assert!(findings.iter().any(|line| line.contains("headline, empty-part: ")), "{wrong:?}");
    assert!(findings.iter().all(|line| line.contains("; ")), "each with its remedy: {wrong:?}");
    assert_eq!(room.requests().len(), 0);
}

#[test]
fn each_end_of_a_bulletin_has_its_exit_code() {
    for (reply, code, words) in [
        (Reply::status(400), 1, "REFUSED"),
        (Reply::status(500), 4, "UNKNOWN"),
        (Reply::reset(), 4, "UNKNOWN"),
    ] {
        let (_room, machine) = scene(reply);
        let ran = machine.run(&with(&["--yes"]));
        assert_eq!(ran.code, Some(code), "{words}: {ran:?}");
        assert!(ran.stdout.contains(words), "{ran:?}");
    }
}

#[test]
fn what_makes_no_sense_is_a_mistake_of_the_command_line() {
    let (room, machine) = scene(Reply::ok("{}"));
    for (wrong, words) in [
        (&["bulletin", "1"][..], "--to"),
        (&["bulletin", "1", "--to", "everybody"], "write one of users"),
        (&["bulletin", "1", "--to", "users", "--template", "--dry-run"], "--product P"),
        (&["bulletin", "1", "--to", "users", "--product", "x"], "--template"),
        (&["bulletin", "1", "--to", "regulator", "--dry-run"], "[[bulletin]]"),
        (&["bulletin", "1", "--to", "users", "--yes", "--dry-run"], "--dry-run"),
        (&["bulletin", "1", "--plan", "0123", "--headline", "x", "--yes"], "--plan"),
    ] {
        let ran = machine.run(wrong);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{wrong:?}: {ran:?}");
        assert!(ran.stderr.contains(words), "{wrong:?}: {ran:?}");
    }
    assert_eq!(room.requests().len(), 0);
}

#[test]
fn the_exchange_s_status_page_and_mailbox_get_their_own_codes() {
    let exchange = Exchange::start();
    let machine = exchange.machine("5s", "");
    machine.run(&["open", "--severity", "critical", "Withdrawals stand still"]).ok();
    machine.run(&["classify", "1", "--area", "withdrawals"]).ok();
    for audience in ["public", "users"] {
        machine.run(&["bulletin", "1", "--to", audience, "--template", "--yes"]).ok();
    }
    let text = machine.run(&["show", "1"]).ok();
    assert!(text.contains("on status-page: accepted") && text.contains("on mail-users: accepted"), "{text}");
}
