//! Plan, contain, undo, escalate: what is sent, what is refused, and each exit code.

use serde_json::json;

use super::{alert, snapshot};
use crate::support::exchange::Exchange;
use crate::support::faultd::{Faultd, Reply};
use crate::support::scratch::Scratch;

/// An exchange, and a machine with an incident about its replica tok-1.
fn scene() -> (Exchange, Scratch) {
    let exchange = Exchange::start();
    let machine = exchange.machine("5s", "");
    let open =
        ["open", "--severity", "high", "Tokens are late", "--service", "tokens", "--label", "replica=tok-1"];
    machine.run(&open).ok();
    (exchange, machine)
}

const CONTAIN: [&str; 5] = ["contain", "1", "isolate-replica", "--confirm-target", "tok-1"];

#[test]
fn a_plan_is_literal_and_sends_nothing_and_its_hash_carries_it_out() {
    let (exchange, machine) = scene();
    let plan = machine.run(&["plan", "1", "isolate-replica"]).ok();
    snapshot("plan", &plan);
    assert_eq!(exchange.calls().len(), 0);
    let hash = plan.lines().last().unwrap().strip_prefix("plan ").unwrap();
    assert_eq!(
        machine.run(&["plan", "1", "isolate-replica", "--json"]).json()["hash"],
        hash,
        "the same look, the same plan"
    );
    let done = machine.run(&["contain", "1", "--plan", hash, "--confirm-target", "tok-1"]).ok();
    assert!(done.contains("ANA-1 #1 isolate-replica tok-1: verified"), "{done}");
    assert_eq!(exchange.effects("isolate", "tok-1"), 1);
    let none = machine.run(&["contain", "1", "--plan", "0123", "--confirm-target", "tok-1"]);
    assert_eq!(none.code, Some(1), "{none:?}");
    assert!(none.stderr.contains("no such plan"), "{none:?}");
}

#[test]
fn a_containment_is_verified_and_undone_and_every_stage_is_shown() {
    let (exchange, machine) = scene();
    machine.run(&CONTAIN).ok();
    let row = &machine.run(&["list", "--json"]).json()["incidents"][0];
    assert_eq!((&row["contained"], &row["phase"]), (&"verified".into(), &"contain".into()));
    let undone = machine.run(&["undo", "1", "1", "--confirm-target", "tok-1", "--json"]).json();
    assert_eq!(undone["stage"], "verified");
    assert_eq!(exchange.effects("restore", "tok-1"), 1);
    assert_eq!(machine.run(&["list", "--json"]).json()["incidents"][0]["contained"], "undone");
    snapshot("contained_and_undone", &machine.run(&["show", "1"]).ok());
    let none = machine.run(&["undo", "1", "7", "--confirm-target", "tok-1"]);
    assert_eq!(none.code, Some(1), "{none:?}");
}

#[test]
fn yes_is_a_bare_enter_and_no_more() {
    let (exchange, machine) = scene();
    let refused = machine.run(&["contain", "1", "isolate-replica", "--yes"]);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.stderr.contains("--confirm-target tok-1"), "{refused:?}");
    let other = machine.run(&["contain", "1", "isolate-replica", "--confirm-target", "tok-2"]);
    assert_eq!(other.code, Some(1), "{other:?}");
    assert_eq!(machine.run(&["contain", "1", "isolate-replica"]).code, Some(2));
    assert_eq!(exchange.calls().len(), 0);
    let config = std::fs::read_to_string(machine.config_file()).unwrap();
    machine.write_config(&config.replace("confirm = \"type-target\"", "confirm = \"enter\""));
    let unasked = machine.run(&["contain", "1", "isolate-replica", "--confirm-target", "tok-2"]);
    assert_eq!(unasked.code, Some(1), "what is typed is compared, asked for or not: {unasked:?}");
    assert!(unasked.stderr.contains("typed tok-2, but the target is tok-1"), "{unasked:?}");
    assert_eq!(exchange.calls().len(), 0);
    machine.run(&["contain", "1", "isolate-replica", "--yes"]).ok();
    assert_eq!(exchange.effects("isolate", "tok-1"), 1);
}

#[test]
fn where_signals_disagree_the_target_must_be_said() {
    let (exchange, source) = (Exchange::start(), Faultd::start());
    let late = |replica: &str| {
        let labels =
            json!({ "alertname": "TokensLate", "service": "tokens", "severity": "page", "replica": replica });
        alert(replica, &labels)
    };
    source.on("GET /api/v2/alerts", [Reply::ok(&json!([late("tok-1"), late("tok-2")]))]);
    let table = "[[source]]\nkind = \"alertmanager\"\nname = \"prod-am\"\nevery = \"30s\"";
    let machine = exchange.machine("5s", &format!("{table}\nurls = [\"{}\"]\n", source.url()));
    assert_eq!(machine.run(&["list", "--json"]).json()["incidents"][0]["signals"], 2);
    let unsaid = machine.run(&CONTAIN);
    assert!(matches!(unsaid.code, Some(1 | 2)), "{unsaid:?}");
    assert!(unsaid.stderr.contains("tok-1") && unsaid.stderr.contains("tok-2"), "{unsaid:?}");
    assert!(unsaid.stderr.contains("--set"), "it says what to do: {unsaid:?}");
    assert_eq!(exchange.calls().len(), 0);
    machine.run(&[&CONTAIN[..], &["--set", "replica=tok-1"]].concat()).ok();
    assert_eq!((exchange.effects("isolate", "tok-1"), exchange.effects("isolate", "tok-2")), (1, 0));
}

#[test]
fn a_target_is_never_what_its_pattern_or_its_own_record_forbids() {
    let (exchange, machine) = scene();
    for (playbook, set) in [
        ("isolate-replica", "replica=tok-1/../tok-2"),
        ("isolate-replica", "replica=*"),
        ("isolate-replica", "replica="),
        ("freeze-account", "account=70001"),
    ] {
        let target = set.split_once('=').unwrap().1;
        let ran = machine.run(&["contain", "1", playbook, "--set", set, "--confirm-target", target]);
        assert_eq!(ran.code, Some(1), "{set}: {ran:?}");
    }
    let unknown = machine.run(&["contain", "1", "no-such-playbook", "--yes"]);
    assert_eq!(unknown.code, Some(2), "{unknown:?}");
    assert!(unknown.stderr.contains("isolate-replica"), "it names those there are: {unknown:?}");
    let bare = Scratch::new();
    bare.run(&["open", "--severity", "high", "Late"]).ok();
    let none = bare.run(&["contain", "1", "freeze", "--yes"]);
    assert_eq!(none.code, Some(2), "{none:?}");
    assert!(none.stderr.contains("there is no playbook freeze; none is configured"), "{none:?}");
    assert_eq!(exchange.calls().len(), 0);
}

#[test]
fn without_actions_quell_is_read_only_and_says_so() {
    let (exchange, machine) = scene();
    let config = std::fs::read_to_string(machine.config_file()).unwrap();
    machine.write_config(&config.replace("enabled = true", "enabled = false"));
    let ran = machine.run(&CONTAIN);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stderr.contains("[actions] enabled = true"), "{ran:?}");
    assert_eq!(exchange.calls().len(), 0);
}

#[test]
fn what_could_not_be_sent_as_shown_is_refused_before_it_is_confirmed() {
    let machine = Scratch::with_config(
        "[actions]\nenabled = true\n[[api]]\nname = \"admin\"\nurl = \"http://127.0.0.1:1\"\n\
         [[playbook]]\nid = \"odd\"\ntitle = \"Odd\"\nblast = \"nobody\"\nconfirm = \"enter\"\n\
         do.http = { api = \"admin\", path = \"/a b\" }\n",
    );
    machine.run(&["open", "--severity", "high", "Late"]).ok();
    let ran = machine.run(&["plan", "1", "odd"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stderr.contains("could not be sent"), "{ran:?}");
}

#[test]
fn each_end_of_an_action_has_its_exit_code() {
    let path = "/admin/replicas/tok-1";
    for (how, code, words) in [
        (json!({ "status": 409 }), 1, "refused"),
        (json!({ "status": 500 }), 4, "UNKNOWN"),
        (json!("drop"), 4, "UNKNOWN"),
    ] {
        let (exchange, machine) = scene();
        let config = std::fs::read_to_string(machine.config_file()).unwrap();
        machine.write_config(&config.replace("within = \"5s\"", "within = \"1s\""));
        // It is idempotent, so it is sent three times before nobody knows.
        exchange.misbehave("POST", path, 3, how.clone());
        let ran = machine.run(&CONTAIN);
        assert_eq!(ran.code, Some(code), "{how}: {ran:?}");
        assert!(ran.stdout.contains(words), "{how}: {ran:?}");
        assert_eq!(exchange.effects("isolate", "tok-1"), 0);
    }
    // The look-up fails: nothing is sent, and whoever asked is told that it could not be read.
    let (exchange, machine) = scene();
    exchange.misbehave("GET", path, 1, json!({ "status": 503 }));
    let ran = machine.run(&CONTAIN);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.stderr.contains("could not be looked up"), "{ran:?}");
    assert_eq!(exchange.calls().len(), 0);
}

#[test]
fn an_escalation_tells_the_next_step_and_says_who_was_told() {
    let (exchange, machine) = scene();
    let told =
        machine.run(&["escalate", "1", "--path", "incident", "--set", "affected users=about 500"]).ok();
    assert!(told.contains("told inc-room"), "{told}");
    let messages = exchange.messages("inc-room");
    assert_eq!(messages.len(), 1);
    let text = messages[0]["body"].to_string();
    assert!(text.contains("ANA-1") && text.contains("about 500") && text.contains("not yet known"), "{text}");
    let next = machine.run(&["escalate", "1", "--path", "incident", "--json"]).json();
    assert_eq!(next.as_array().unwrap().len(), 2, "the second step tells two rooms: {next}");
    let row = &machine.run(&["list", "--json"]).json()["incidents"][0];
    assert_eq!(row["escalation"].to_string(), r#"{"path":"incident","step":2,"next_at":null}"#);
    let empty = machine.run(&["escalate", "1", "--path", "operations"]);
    assert_eq!(empty.code, Some(1), "{empty:?}");
    assert!(empty.stderr.contains("[[path]]"), "{empty:?}");
    assert_eq!(machine.run(&["escalate", "1", "--path", "nowhere"]).code, Some(2));
}

#[test]
fn an_escalation_takes_a_step_that_was_sent_or_steps_of_its_own() {
    let (exchange, machine) = scene();
    machine.run(&["escalate", "1", "--path", "security", "--step", "2"]).ok();
    assert_eq!(exchange.messages("inc-room").len(), 1, "the second step tells both rooms");
    let again = machine.run(&["escalate", "1", "--path", "security", "--step", "2", "--json"]).json();
    assert_eq!(again.as_array().unwrap().len(), 2, "{again}");
    let keys: Vec<_> = exchange.messages("sec-room").iter().map(|m| m["body"]["key"].clone()).collect();
    assert_eq!(keys, ["ANA-1/security/2/1", "ANA-1/security/2/2"]);
    let own = ["escalate", "1", "--path", "technical", "--steps"];
    let told = machine.run(&[&own[..], &["0m sec-room; 5m inc-room"]].concat()).ok();
    assert!(told.contains("told sec-room"), "{told}");
    for (steps, words) in
        [("0m pigeon", "there are:"), ("sec-room", "does not begin with a time"), ("0m", "nobody")]
    {
        let refused = machine.run(&[&own[..], &[steps]].concat());
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(refused.stderr.contains(words), "{steps}: {refused:?}");
    }
    let both = machine.run(&["escalate", "1", "--step", "1", "--steps", "0m sec-room"]);
    assert_eq!(both.code, Some(2), "{both:?}");
    let none = machine.run(&["escalate", "1", "--path", "security", "--step", "7"]);
    assert_eq!(none.code, Some(2), "{none:?}");
    assert!(none.stderr.contains("security has no step 7; it has 2"), "{none:?}");
}

#[test]
fn the_headers_of_an_answer_are_kept_and_nothing_that_lets_their_reader_in() {
    let admin = Faultd::start();
    let answer = Reply::body(409, "application/json", "{}")
        .header("X-Request-Id", "req-7f3\u{9b}31m")
        .header("Set-Cookie", "session=canary")
        .header("X-Subject-Token", "canary")
        .header("Location", "https://canary@admin.example/jobs/7?sig=canary");
    admin.on("POST /odd", [answer]);
    let machine = Scratch::with_config(&format!(
        "ids = \"ANA\"\n[actions]\nenabled = true\n[[api]]\nname = \"admin\"\nurl = \"{}\"\ninsecure_http = true\n\
         [[playbook]]\nid = \"odd\"\ntitle = \"Odd\"\nblast = \"nobody\"\nconfirm = \"enter\"\n\
         do.http = {{ api = \"admin\", path = \"/odd\" }}\n",
        admin.url()
    ));
    machine.run(&["open", "--severity", "high", "Late"]).ok();
    let ran = machine.run(&["contain", "1", "odd", "--yes"]);
    assert_eq!(ran.code, Some(1), "a no is as much worth keeping as a yes: {ran:?}");
    let shown = machine.run(&["show", "1"]).ok();
    assert!(shown.contains("x-request-id: req-7f3\\u{9b}31m"), "{shown}");
    assert!(
        shown.contains("location: https://admin.example/jobs/7?…") && !shown.contains('\u{9b}'),
        "{shown}"
    );
    let told = machine.run(&["ledger", "tail", "-n", "100", "--json"]).ok();
    let records = told.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let answer = records.map(|record| record["entry"]["answered"]["answer"].clone());
    let answer = answer.into_iter().find(serde_json::Value::is_object).unwrap();
    assert_eq!((&answer["status"], &answer["headers"]["set-cookie"]), (&409.into(), &"••••".into()));
    assert_eq!(answer["headers"]["content-type"], "application/json");
    machine.run(&["evidence", "export", "1", "--to", "bundle.tar"]).ok();
    let bundle = String::from_utf8_lossy(&std::fs::read(machine.path("bundle.tar")).unwrap()).into_owned();
    assert!(bundle.contains("req-7f3"), "the bundle has it");
    assert!(![shown, told, bundle].concat().contains("canary"));
    machine.run(&["ledger", "verify"]).ok();
}
