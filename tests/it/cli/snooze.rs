//! Putting an incident off and taking it up again.

use crate::support::scratch::{Ran, Scratch};

fn opened(severity: &str) -> Scratch {
    let machine = Scratch::with_config("ids = \"ANA\"\n[snooze]\nat_most = \"2h\"\ncritical = \"10m\"\n");
    assert_eq!(machine.run(&["open", "--severity", severity, "Orders are late"]).ok(), "ANA-1\n");
    machine
}

fn ends(ran: &Ran, code: i32, words: &str) {
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(code), ""), "{ran:?}");
    assert!(ran.stderr.contains(words), "{words}: {ran:?}");
}

#[test]
fn it_is_put_off_shown_as_such_and_taken_up_again() {
    let machine = opened("high");
    machine.run(&["open", "--severity", "normal", "A certificate"]).ok();
    let said = machine.run(&["snooze", "1", "30m", "the deploy", "rolls back"]).ok();
    assert!(
        said.starts_with("ANA-1 snoozed until 20") && said.contains("nobody is paged for it by itself"),
        "{said}"
    );
    let listed = machine.run(&["list"]).ok();
    let rows: Vec<&str> = listed.lines().filter(|line| line.contains("ANA-")).collect();
    assert!(rows[0].contains("ANA-2") && rows[1].contains("(snoozed until "), "it ranks last: {listed}");
    let row = &machine.run(&["list", "--json"]).json()["incidents"][1];
    assert_eq!(
        (&row["snoozed"]["by"], &row["snoozed"]["because"]),
        (&"ana".into(), &"the deploy rolls back".into())
    );
    assert_eq!(machine.run(&["list", "--json"]).json()["incidents"][0]["snoozed"], serde_json::Value::Null);
    assert!(machine.run(&["show", "1"]).ok().contains("snoozed: by ana until "));
    assert_eq!(machine.run(&["list", "--json", "is:snoozed"]).json()["incidents"][0]["id"], "ANA-1");
    assert_eq!(machine.run(&["wake", "1"]).ok(), "ANA-1 awake\n");
    ends(&machine.run(&["wake", "1"]), 1, "not snoozed");
    let shown = machine.run(&["show", "1"]).ok();
    assert!(shown.contains("ana snoozed it until") && shown.contains("ana woke it"), "{shown}");
}

#[test]
fn until_when_is_written_in_either_way() {
    let machine = opened("high");
    for words in [&["until", "14:00"][..], &["until 14:00"], &["90 min"], &["90", "min", "why"]] {
        let ran = machine.run(&[&["snooze", "1"], words].concat());
        assert!(ran.code == Some(0) || ran.stderr.contains("2h at most"), "{words:?}: {ran:?}");
    }
    ends(&machine.run(&["snooze", "1", "soon"]), 2, "30m");
    ends(&machine.run(&["snooze", "1", "until", "noon"]), 2, "14:00");
    assert_eq!(machine.run(&["snooze", "1"]).code, Some(2));
}

#[test]
fn what_is_critical_takes_a_reason_and_less_time() {
    let machine = opened("critical");
    ends(&machine.run(&["snooze", "1", "5m"]), 1, "with a reason");
    ends(&machine.run(&["snooze", "1", "11m", "rollback"]), 1, "10m at most");
    machine.run(&["snooze", "1", "10m", "rollback"]).ok();
}
