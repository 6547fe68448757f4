//! What a response leaves behind: the post-mortem with its picture, the report, the hand-over card.

use quell::domain::plan::hex;
use sha2::{Digest, Sha256};

use super::snapshot;
use crate::support::scratch::{Ran, Scratch};

/// A response that stands in Review.
fn resolved() -> Scratch {
    let machine = Scratch::with_config("ids = \"ANA\"\n");
    for work in [
        &["open", "--severity", "critical", "Orders | are late", "--service", "trading"][..],
        &["ack", "1"],
        &["lead", "1", "bo"],
        &["note", "1", "Hypothesis: the new matching engine"],
        &["impact", "1", "--users", "10..20"],
        &["close", "1", "resolved", "--note", "it was rolled back"],
    ] {
        machine.run(work).ok();
    }
    machine
}

fn refused(ran: &Ran, code: i32, words: &str) {
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(code), ""), "{ran:?}");
    assert!(ran.stderr.contains(words), "{words}: {ran:?}");
}

#[test]
fn a_review_goes_from_the_cause_to_the_published_page_and_ends() {
    let machine = resolved();
    assert_eq!(
        machine.run(&["review", "1", "cause", "A lock was held\nfor too long"]).ok(),
        "ANA-1 root cause written\n"
    );
    let item = [
        "review",
        "1",
        "item",
        "Time the lock out",
        "--owner",
        "bo",
        "--due",
        "2026-12-01",
        "--check",
        "a test holds it",
    ];
    assert_eq!(machine.run(&item).ok(), "ANA-1 action item 1 due 2026-12-01\n");
    let early = machine.run(&["phase", "1", "closed"]);
    refused(&early, 1, "quell review ANA-1 publish FILE");
    let printed = machine.run(&["review", "1"]).ok();
    let published = machine.run(&["review", "1", "publish", "page.md"]).ok();
    let page = std::fs::read_to_string(machine.path("page.md")).unwrap();
    assert_eq!(page, printed, "what was looked at is what was published");
    let sha256 = hex(&Sha256::digest(page.as_bytes()));
    assert!(published.contains(&sha256), "{published}");
    assert_eq!(
        machine.run(&["review", "1", "--json"]).json()["sha256"],
        sha256,
        "publishing changes nothing in it"
    );
    let tail = machine.run(&["ledger", "tail", "--json"]).ok();
    assert!(tail.contains(&format!(r#""published":{{"sha256":"{sha256}"}}"#)), "{tail}");
    assert_eq!(
        machine.run(&["review", "1", "done", "1", "the test passes"]).ok(),
        "ANA-1 action item 1 done\n"
    );
    machine.run(&["phase", "1", "closed"]).ok();
    let after = machine.run(&["review", "1"]).ok();
    assert!(after.contains("the test passes") && after.contains("Orders \\| are late"), "{after}");
}

#[test]
fn what_a_review_cannot_do_is_refused_and_leaves_nothing_behind() {
    let machine = resolved();
    machine.run(&["open", "--severity", "high", "Another"]).ok();
    refused(
        &machine.run(&["review", "2", "publish", "page.md"]),
        1,
        "`quell close ANA-2 resolved` leads there",
    );
    assert!(!machine.path("page.md").exists());
    std::fs::write(machine.path("mine.md"), "mine").unwrap();
    for file in [
        &["review", "1", "publish", "mine.md"][..],
        &["review", "1", "--out", "mine.md"],
        &["review", "1", "--svg", "mine.md"],
    ] {
        refused(&machine.run(file), 2, "exists already; name a new file");
    }
    assert_eq!(std::fs::read_to_string(machine.path("mine.md")).unwrap(), "mine");
    refused(&machine.run(&["review", "1", "done", "3", "x"]), 1, "no item 3");
    refused(&machine.run(&["review", "1", "cause", " "]), 1, "needs words");
    refused(&machine.run(&["review", "9"]), 1, "no incident");
    let item =
        |due| machine.run(&["review", "1", "item", "x", "--owner", "bo", "--check", "y", "--due", due]);
    refused(&item("soon"), 2, "2026-12-01");
    refused(&item("2026-01-05"), 2, "that day has passed");
    for due in ["14d", "5 business days"] {
        assert!(item(due).ok().contains("action item"), "{due}");
    }
}

#[test]
fn a_picture_is_written_beside_the_page() {
    let machine = resolved();
    let said = machine.run(&["review", "1", "--out", "page.md", "--svg", "page.svg"]).ok();
    assert_eq!(said, "page.md written\npage.svg written\n");
    let picture = std::fs::read_to_string(machine.path("page.svg")).unwrap();
    assert_eq!(roxmltree::Document::parse(&picture).unwrap().root_element().tag_name().name(), "svg");
    assert!(std::fs::read_to_string(machine.path("page.md")).unwrap().starts_with("# Post-mortem of ANA-1"));
}

#[test]
fn a_report_is_of_the_ledger_and_with_since_the_card_of_a_watch() {
    let machine = Scratch::with_config("ids = \"ANA\"\n");
    assert!(machine.run(&["report"]).ok().contains("0 incidents in the ledger"));
    let machine = resolved();
    machine.run(&["open", "--severity", "high", "# Another\n\n## All clear"]).ok();
    let report = machine.run(&["report"]).ok();
    assert!(
        report.contains("2 incidents in the ledger, 1 of them not ended") && !report.contains("Hand-over"),
        "{report}"
    );
    let watch = machine.run(&["report", "--since", "12h"]).ok();
    assert!(watch.starts_with("# Hand-over of ") && watch.contains("90 % within"), "{watch}");
    assert_eq!(watch.lines().filter(|line| line.starts_with('#')).count(), 4, "{watch}");
    let json = machine.run(&["report", "--since", "12h", "--json"]).json();
    assert_eq!(json["card"]["open"][1]["hypotheses"][0], "the new matching engine");
    assert_eq!(json["metrics"]["all"]["recover"]["count"], 1);
    assert!(machine.run(&["report", "--json"]).json()["card"].is_null());
    refused(&machine.run(&["report", "--since", "yesterday"]), 2, "is not a length of time");
    let times = regex::Regex::new(r"\d+ (second|minute)s? *").unwrap();
    snapshot("report", &times.replace_all(&report, "<lasted> "));
}
