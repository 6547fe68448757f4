//! The same on the command line.

use serde_json::json;

use crate::support::pagerduty::Pagerduty;
use crate::support::scratch::Scratch;

fn machine(double: &Pagerduty, more: &str) -> Scratch {
    let actions = "[actions]\nenabled = true\n";
    Scratch::with_config(&format!(
        "operator = \"ana\"\nids = \"ANA\"\n[[source]]\n{}{more}{actions}",
        double.table()
    ))
}

#[test]
fn it_is_listed_planned_acknowledged_and_resolved() {
    let double = Pagerduty::start();
    let id = double.account().open(4711, "Order gateway refuses connections");
    let machine = machine(&double, "");
    let list = machine.run(&["list", "--json"]).json();
    let row = &list["incidents"][0];
    assert_eq!(
        (&list["sources"][0]["state"], &row["upstream"]),
        (&json!("LIVE"), &json!(["4711"])),
        "{list:#}"
    );
    assert_eq!(row["severity"], "high");

    let offered = machine.run(&["plan", "pd:4711"]);
    for verb in ["pd/acknowledge", "pd/resolve", "pd/escalate", "pd/merge"] {
        assert!(offered.stdout.contains(verb), "{offered:?}");
    }
    let plan = machine.run(&["plan", "1", "pd/escalate", "--set", "level=2"]);
    assert!(
        plan.code == Some(0) && plan.stdout.contains("escalation_level") && plan.stdout.contains(&id),
        "{plan:?}"
    );
    assert!(double.account().writes().is_empty(), "a plan sends nothing");

    // However long ago it was read: who acknowledges looks first.
    for file in std::fs::read_dir(machine.state()).unwrap().map(Result::unwrap) {
        if file.file_name().to_string_lossy().starts_with("live.db") {
            std::fs::remove_file(file.path()).unwrap();
        }
    }
    let acked = machine.run(&["ack", "1"]);
    assert_eq!((acked.code, double.account().status(&id)), (Some(0), "acknowledged"), "{acked:?}");
    assert!(acked.stdout.contains("pd/acknowledge"), "{acked:?}");

    let resolve = ["upstream", "1", "pd/resolve", "--set", "resolution=rolled back"];
    let untyped = machine.run(&[&resolve[..], &["--yes"]].concat());
    assert_eq!((untyped.code, double.account().status(&id)), (Some(2), "acknowledged"), "{untyped:?}");
    let done = machine.run(&[&resolve[..], &["--confirm-target", &id]].concat());
    assert_eq!((done.code, double.account().status(&id)), (Some(0), "resolved"), "{done:?}");
    let again = machine.run(&["upstream", "1", "pd/acknowledge", "--yes"]);
    assert_eq!((again.code, double.account().status(&id)), (Some(1), "resolved"), "{again:?}");
    assert!(again.stderr.contains("resolved"), "{again:?}");
}

#[test]
fn an_acknowledgement_it_refuses_is_never_silent() {
    let double = Pagerduty::start();
    let id = double.account().open(4711, "Order gateway refuses connections");
    let machine = machine(&double, "from = \"nobody@example.com\"\n");
    machine.run(&["list"]);
    let acked = machine.run(&["ack", "1"]);
    assert_eq!((acked.code, double.account().status(&id)), (Some(1), "triggered"), "{acked:?}");
    assert!(acked.stdout.contains("there is no user with the address in `from`"), "{acked:?}");
    let shown = machine.run(&["show", "1", "--json"]).json();
    assert_eq!(shown["incident"]["owner"]["name"], "ana", "here it is held all the same");
}

#[test]
fn what_its_table_gets_wrong_is_said_with_a_remedy() {
    let table = |more: &str| {
        let machine =
            Scratch::with_config(&format!("[[source]]\nkind = \"pagerduty\"\nname = \"pd\"\n{more}"));
        machine.run(&["config", "check"]).stderr
    };
    for (more, said) in [
        ("", "say where the key is with token_command, token_keyring, token_file or token_env"),
        ("token_env = \"PD\"\nfrom = \"ana\"\n", "from is no address"),
        ("token_env = \"PD\"\nteams = [\"a b\"]\n", "teams holds what is no id"),
        ("token_env = \"PD\"\nurl = \"http://pd.example.com\"\n", "http"),
        ("token_env = \"PD\"\nbasic = \"ana\"\n", "basic"),
        ("token_env = \"PD\"\nwhole_every = \"5s\"\n", "whole_every"),
    ] {
        let complaint = table(more);
        assert!(complaint.contains(said), "{more}: {complaint}");
    }
}
