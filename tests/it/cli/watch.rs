//! `quell watch`: a sentence per change, as a pipe or a screen reader takes it.

use std::fs::File;
use std::io::Write;

use rustix::process::Signal;
use serde_json::{Value, json};

use super::keys;
use crate::support::eventually;
use crate::support::faultd::Reply;
use crate::support::lines::Printing;
use crate::support::scratch::Scratch;
use crate::support::torture;
use crate::support::venue::{Venue, critical, names_account};

const ALERTS: &str = "GET /api/v2/alerts";

fn watch(machine: &Scratch, arguments: &[&str]) -> Printing {
    let watching = Printing::start(machine.quell(&[&["watch"][..], arguments].concat()));
    watching.says(if arguments.contains(&"--json") { "begin" } else { "as of" });
    watching
}

#[test]
fn every_change_is_one_sentence_and_the_first_line_says_how_it_was() {
    let venue = Venue::under_attack();
    let machine = venue.scratch();
    let watching = watch(&machine, &["--plain"]);
    let first = watching.lines()[0].clone();
    assert!(
        first.starts_with("as of 20") && first.contains(": 1 open, 1 critical (1 unacknowledged)"),
        "{first}"
    );
    assert!(first.ends_with("every source is LIVE"), "{first}");
    machine.run(&["ack", "1"]).ok();
    let acked = watching.says("acknowledged it");
    assert!(
        acked.contains("Z ANA-1 critical: ana acknowledged it (Credential stuffing on account 88213)"),
        "{acked}"
    );
    venue.fire(&[critical("GatewayDown")]);
    watching.says("ANA-2 critical: opened from venue");
    assert!(watching.lines().iter().skip(1).all(|line| !line.contains("notice")), "{:?}", watching.lines());
}

#[test]
fn a_source_that_is_lost_and_found_and_going_blind_are_sentences() {
    let venue = Venue::under_attack();
    let machine = venue.scratch();
    let watching = watch(&machine, &[]);
    venue.server.on(ALERTS, [Reply::status(500)]);
    let down = watching.says("(was LIVE)");
    assert!(down.contains("venue is DOWN") && down.contains("data as of") && down.contains("500"), "{down}");
    watching.says("BLIND: no source can be seen: data as of");
    venue.fire(&[]);
    watching.says("venue is LIVE (was DOWN)");
    watching.says("quell sees again: every source is LIVE");
}

#[test]
fn nothing_hostile_is_printed_and_no_cursor_moves() {
    let venue = Venue::start();
    let machine = venue.scratch();
    let watching = watch(&machine, &["--plain"]);
    let hostile: Vec<Value> = torture::texts()
        .iter()
        .enumerate()
        .map(|(number, (_, payload))| {
            let mut alert = critical(&format!("Hostile{number}"));
            alert["annotations"]["summary"] = json!(payload);
            alert
        })
        .collect();
    let count = hostile.len();
    venue.fire(&hostile);
    watching.says(&format!("ANA-{count} critical"));
    let shown = watching.lines();
    assert!(shown.iter().flat_map(|line| line.chars()).all(|c| !c.is_control()), "{shown:?}");
    let opened = shown.iter().filter(|line| line.contains(": opened from venue")).count();
    assert_eq!(opened, count, "one line each: {shown:?}");
}

#[test]
fn as_json_each_change_is_an_object_with_the_promised_fields() {
    let venue = Venue::start();
    let machine = venue.scratch();
    let watching = watch(&machine, &["--json"]);
    venue.fire(&[critical("GatewayDown")]);
    watching.says(r#""change":"opened""#);
    venue.server.on(ALERTS, [Reply::status(401)]);
    watching.says(r#""kind":"sight""#);
    let told: Vec<Value> = watching.lines().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |kind: &str| {
        told.iter().find(|told| told["kind"] == kind).unwrap_or_else(|| panic!("no {kind}: {told:?}"))
    };
    assert_eq!(
        keys(of("begin")).join(" "),
        "version at kind open critical high normal unacked review matching sight sources sentence"
    );
    let record = of("record");
    assert_eq!(keys(record).join(" "), "version at kind seq change by incident sentence");
    assert_eq!(
        (&record["by"], &record["incident"]["id"], &record["incident"]["rank"]),
        (&json!("quell"), &json!("ANA-1"), &json!(1))
    );
    assert_eq!(keys(of("source")).join(" "), "version at kind was source sentence");
    assert_eq!((&of("source")["was"], &of("source")["source"]["state"]), (&json!("LIVE"), &json!("AUTH")));
    assert_eq!(keys(of("sight")).join(" "), "version at kind was sight sees sentence");
    assert_eq!((&of("sight")["sight"], &of("sight")["sees"]), (&json!("blind"), &json!(false)));
    assert!(told.iter().all(|told| told["version"] == 1), "{told:?}");
}

#[test]
fn a_query_leaves_out_what_never_matched() {
    let venue = Venue::start();
    let machine = venue.scratch();
    let watching = watch(&machine, &["-is:acked service:auth"]);
    assert!(watching.lines()[0].contains("; 0 match; "), "{:?}", watching.lines());
    let mut takeover = critical("Takeover");
    takeover["labels"]["service"] = json!("auth");
    venue.fire(&[critical("GatewayDown"), takeover]);
    let opened = watching.says("opened");
    let id = opened.split_whitespace().find(|word| word.starts_with("ANA-")).unwrap().to_owned();
    machine.run(&["ack", &id]).ok();
    watching.says("acknowledged it");
    machine.run(&["note", &id, "no longer watched"]).ok();
    machine.run(&["open", "--severity", "high", "--service", "auth", "The last one"]).ok();
    watching.says("The last one");
    let told = watching.lines().join("\n");
    assert!(!told.contains("GatewayDown") && !told.contains("no longer watched"), "{told}");
    assert_eq!(machine.run(&["watch", "sev:terrible"]).code, Some(2));
}

#[test]
fn sensitive_values_are_hidden() {
    let venue = Venue::under_attack();
    let machine = Scratch::with_config(&format!("sensitive = [\"account_id\"]\n{}", venue.config()));
    let watching = watch(&machine, &["--json"]);
    machine.run(&["ack", "1"]).ok();
    let acked = watching.says(r#""change":"acknowledged""#);
    assert!(!names_account(&acked) && acked.contains(r"account \u2022\u2022\u2022\u2022"), "{acked}");
}

#[test]
fn one_watch_polls_and_the_other_follows_it() {
    let venue = Venue::start();
    let machine = venue.scratch();
    let (first, second) = (watch(&machine, &[]), watch(&machine, &[]));
    venue.fire(&[critical("GatewayDown")]);
    first.says("ANA-1 critical: opened");
    second.says("ANA-1 critical: opened");
    first.signal(Signal::TERM);
    assert_eq!(first.finish(), (Some(143), String::new()));
    venue.fire(&[critical("GatewayDown"), critical("QueueStuck")]);
    // Nobody else asks the source: the other one has taken the lease.
    second.says("ANA-2 critical: opened");
    second.signal(Signal::INT);
    assert_eq!(second.finish(), (Some(130), String::new()));
}

#[test]
fn it_ends_quietly_when_nobody_reads_any_more() {
    let machine = Scratch::new();
    let watching = Printing::read_once(machine.quell(&["watch", "--plain"]));
    assert!(watching.lines()[0].contains("no sources configured"), "{:?}", watching.lines());
    assert_eq!(watching.finish(), (Some(0), String::new()));
}

#[test]
fn it_ends_when_it_is_told_to_although_nobody_reads() {
    let venue = Venue::start();
    let machine = venue.scratch();
    let (watching, unread) = Printing::unread(machine.quell(&["watch", "--json"]));
    let holds = |bytes: u64| rustix::io::ioctl_fionread(&unread).is_ok_and(|held| held > bytes).then_some(());
    eventually("the first line", || holds(0));
    let alerts: Vec<Value> = (0..200).map(|number| critical(&format!("Down{number}"))).collect();
    venue.fire(&alerts);
    // What a pipe takes, less what does not fit any more.
    eventually("the pipe to be full", || holds(50_000));
    watching.signal(Signal::TERM);
    assert_eq!(watching.finish(), (Some(143), String::new()));
}

#[test]
fn sources_are_asked_although_nobody_reads_its_first_line() {
    let venue = Venue::start();
    let (unread, mut full) = std::io::pipe().unwrap();
    rustix::io::ioctl_fionbio(&full, true).unwrap();
    while full.write(&[b'\n'; 4096]).is_ok() {}
    rustix::io::ioctl_fionbio(&full, false).unwrap();
    let machine = venue.scratch();
    let watching = Printing::onto(machine.quell(&["watch"]), full);
    venue.server.wait_for(ALERTS, 3);
    watching.signal(Signal::TERM);
    assert_eq!(watching.finish(), (Some(143), String::new()));
    drop(unread);
}

#[test]
fn what_cannot_be_printed_ends_it_with_a_reason() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let machine = Scratch::new();
    let (code, said) = Printing::onto(machine.quell(&["watch"]), full).finish();
    assert!(
        code == Some(3) && said.contains("cannot be printed: No space left on device"),
        "{code:?} {said}"
    );
}
