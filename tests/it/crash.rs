//! A quell that dies at any durable boundary: what was done, what was not, and what is unknown.

pub mod invariants;
mod merged;
mod points;
mod random;
mod response;
mod seen;

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::eventually;
use crate::support::exchange::Exchange;
use crate::support::pty::Pty;
use crate::support::scratch::{Scratch, run};

const REPLICA: &str = "/admin/replicas/tok-1";

/// An incident whose containment takes the replica tok-1 out, and a worse one beside it.
struct Scene {
    exchange: Exchange,
    machine: Scratch,
    id: String,
}

impl Scene {
    fn new(within: &str) -> Self {
        let exchange = Exchange::start();
        let machine = exchange.machine(within, "");
        machine.run(&["open", "--severity", "critical", "Orders are refused"]).ok();
        let late = ["open", "--severity", "normal", "Tokens are late", "--service", "tokens"];
        let opened = machine.run(&[&late[..], &["--label", "replica=tok-1"]].concat()).ok();
        Self { exchange, machine, id: opened.trim().to_owned() }
    }

    fn contain(&self, more: &[&str]) -> Command {
        let contain = ["contain", &self.id, "isolate-replica", "--confirm-target", "tok-1"];
        self.machine.quell(&[&contain[..], more].concat())
    }

    fn dies_at(&self, point: &str) {
        let ran = run(self.contain(&[]).env("QUELL_CRASH_AT", point));
        assert_eq!(ran.code, None, "it lives on after {point}: {ran:?}");
    }

    /// Starts a console, which finds what died, and waits until the incident's account says this.
    fn restart_until(&self, words: &str) -> Pty {
        let calls = self.exchange.calls().len();
        let console = self.machine.console(&[], 100, 30);
        console.shows("Tokens are late");
        self.until(words);
        assert_eq!(self.exchange.calls().len(), calls, "something was sent by itself");
        console
    }

    fn until(&self, words: &str) {
        eventually(words, || self.show().contains(words).then_some(()));
    }

    fn show(&self) -> String {
        self.machine.run(&["show", &self.id]).ok()
    }

    /// The row of `list --json`.
    fn row(&self) -> Value {
        let list = self.machine.run(&["list", "--json"]).json();
        let mut rows = list["incidents"].as_array().unwrap().iter();
        rows.find(|row| row["id"] == self.id.as_str()).unwrap().clone()
    }

    fn effects(&self) -> u64 {
        self.exchange.effects("isolate", "tok-1")
    }

    /// The keys of every intent, oldest first.
    fn keys(&self) -> Vec<String> {
        let tail = self.machine.run(&["ledger", "tail", "-n", "100000", "--json"]).ok();
        let records = tail.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let key = |record: Value| Some(record["entry"]["intended"]["plan"]["key"].as_str()?.to_owned());
        records.filter_map(key).collect()
    }

    /// What holds after any crash: no effect without an intent, and a chain that holds.
    fn holds(&self) {
        self.machine.run(&["ledger", "verify"]).ok();
        let keys = self.keys();
        for call in self.exchange.calls() {
            assert!(
                keys.iter().any(|key| call["key"] == key.as_str()),
                "{call} was never intended: {keys:?}"
            );
        }
    }

    /// The first two reads (of the plan, and of the submit) go well, and no later one.
    fn blind_read_backs(&self) {
        self.exchange.misbehave("GET", REPLICA, 2, serde_json::json!({ "delay_ms": 0 }));
        self.exchange.misbehave("GET", REPLICA, 10_000, serde_json::json!({ "status": 503 }));
    }
}

/// Whether the list under the title begins with the unknown one.
fn is_pinned(screen: &str) -> bool {
    let mut rows = screen.lines().skip_while(|line| !line.contains("── Triage")).skip(1);
    rows.next().is_some_and(|first| first.contains("UNKNOWN") && first.contains("Tokens are late"))
}

#[test]
fn dead_before_the_intent_nothing_happened() {
    let scene = Scene::new("2s");
    scene.dies_at("before-intent");
    let _console = scene.restart_until("Tokens are late");
    // Whoever holds the lease looks for the dead first, and then says what is critical.
    eventually("a round of the holder", || {
        scene
            .machine
            .run(&["ledger", "tail", "-n", "100000", "--json"])
            .ok()
            .contains("notice-raised")
            .then_some(())
    });
    assert!(!scene.show().contains("action #"), "{}", scene.show());
    assert_eq!((scene.effects(), scene.exchange.calls().len()), (0, 0));
    scene.holds();
    run(&mut scene.contain(&[])).ok();
    assert_eq!(scene.effects(), 1);
}

#[test]
fn dead_after_the_intent_it_was_not_sent_and_a_repeat_has_the_same_key() {
    let scene = Scene::new("2s");
    scene.dies_at("after-intent");
    let _console = scene.restart_until("NOT SENT");
    assert_eq!(scene.effects(), 0);
    assert_eq!(scene.row()["contained"], "none");
    run(&mut scene.contain(&[])).ok();
    let keys = scene.keys();
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[0], keys[1]);
    assert_eq!(scene.effects(), 1);
    scene.holds();
}

#[test]
fn dead_after_sending_began_it_is_unknown_on_top_and_a_repeat_says_it_may_happen_twice() {
    let scene = Scene::new("2s");
    scene.dies_at("after-sent");
    let console = scene.restart_until("OUTCOME UNKNOWN");
    console.until(|screen| screen.contains("UNKNOWN") && is_pinned(screen), "the unknown row on top");
    // A read-back that differs settles nothing: the write may still arrive.
    scene.until("NOT VERIFIED in time");
    let row = scene.row();
    assert_eq!((&row["contained"], &row["rank"]), (&"unknown".into(), &1.into()));
    assert_eq!(scene.effects(), 0);

    let refused = run(&mut scene.contain(&[]));
    assert_eq!(refused.code, Some(1), "{refused:?}");
    assert!(refused.stderr.contains("may happen twice"), "{refused:?}");
    assert_eq!(scene.effects(), 0);
    run(&mut scene.contain(&["--twice"])).ok();
    let keys = scene.keys();
    assert_eq!(keys[0], keys[1], "a repeat of an unknown one has its key");
    assert_eq!(scene.effects(), 1);
    scene.holds();
}

#[test]
fn dead_after_the_answer_it_is_unknown_until_it_is_read_back() {
    let scene = Scene::new("10s");
    scene.dies_at("after-answer");
    assert_eq!(scene.effects(), 1);
    let _console = scene.restart_until("VERIFIED: read back as expected");
    assert!(scene.show().contains("OUTCOME UNKNOWN"), "{}", scene.show());
    assert_eq!(scene.row()["contained"], "verified");
    assert_eq!(scene.effects(), 1);
    scene.holds();
}

#[test]
fn killed_on_the_wire_it_is_unknown_and_pinned_and_was_done_once() {
    let scene = Scene::new("60s");
    scene.blind_read_backs();
    scene.exchange.misbehave("POST", REPLICA, 1, "apply_then_hang");
    let mut contain = scene.contain(&[]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    eventually("the effect", || (scene.effects() == 1).then_some(()));
    contain.kill().unwrap();
    contain.wait().unwrap();

    let console = scene.restart_until("OUTCOME UNKNOWN");
    console.shows("UNKNOWN");
    let row = scene.row();
    assert_eq!((&row["contained"], &row["rank"]), (&"unknown".into(), &1.into()));
    assert_eq!(scene.effects(), 1);
    scene.holds();
    // It stays so as long as nobody can read it back, and no longer.
    scene.exchange.behave();
    scene.until("VERIFIED: read back as expected");
    assert_eq!((scene.row()["contained"].as_str(), scene.effects()), (Some("verified"), 1));
    assert_eq!(scene.exchange.calls().len(), 1);
}

#[test]
fn a_repeat_on_unknown_reaches_the_other_side_under_the_same_key_and_is_done_once() {
    let scene = Scene::new("1s");
    scene.blind_read_backs();
    // Every attempt of the first one: what is said to be idempotent goes out again by itself.
    scene.exchange.misbehave("POST", REPLICA, 3, "apply_then_drop");
    let unknown = run(&mut scene.contain(&[]));
    assert_eq!(unknown.code, Some(4), "{unknown:?}");
    assert!(unknown.stdout.contains("UNKNOWN"), "{unknown:?}");
    scene.exchange.behave();
    run(&mut scene.contain(&["--twice"])).ok();
    let calls = scene.exchange.calls();
    assert_eq!(calls.len(), 4, "{calls:?}");
    assert!(calls.iter().all(|call| call["key"] == calls[0]["key"]), "{calls:?}");
    let replayed: Vec<_> = calls.iter().map(|call| call["replayed"] == true).collect();
    assert_eq!(replayed, [false, true, true, true]);
    assert_eq!(scene.effects(), 1);
}

#[test]
fn an_undo_that_died_is_read_back_as_well() {
    let scene = Scene::new("10s");
    run(&mut scene.contain(&[])).ok();
    let mut undo = scene.machine.quell(&["undo", &scene.id, "1", "--confirm-target", "tok-1"]);
    assert_eq!(run(undo.env("QUELL_CRASH_AT", "after-answer")).code, None);
    assert_eq!(scene.exchange.effects("restore", "tok-1"), 1);
    let _console = scene.restart_until("undo isolate-replica tok-1 VERIFIED");
    assert_eq!(scene.row()["contained"], "undone");
    assert_eq!((scene.effects(), scene.exchange.effects("restore", "tok-1")), (1, 1));
    scene.holds();
}

#[test]
fn killed_while_telling_people_are_told_again_under_the_same_key() {
    let scene = Scene::new("2s");
    scene.exchange.misbehave("POST", "/sink/chat/sec-room", 1, "apply_then_hang");
    let mut escalate = scene.machine.quell(&["escalate", &scene.id, "--path", "security"]);
    let mut escalate = escalate.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    eventually("the message", || (scene.exchange.messages("sec-room").len() == 1).then_some(()));
    escalate.kill().unwrap();
    escalate.wait().unwrap();
    let _console = scene.restart_until("escalated, step 1");
    let messages = scene.exchange.messages("sec-room");
    assert_eq!(messages.len(), 2, "at least once, and not more than needed: {messages:#?}");
    assert!(messages[0]["body"]["key"].is_string());
    assert_eq!(messages[0]["body"]["key"], messages[1]["body"]["key"]);
}

/// The keys of what a room was told, oldest first.
fn told(scene: &Scene, room: &str) -> Vec<String> {
    let messages = scene.exchange.messages(room);
    messages.iter().map(|message| message["body"]["key"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn dead_before_a_step_left_it_is_sent_once_by_whoever_finds_it() {
    let scene = Scene::new("2s");
    let mut escalate = scene.machine.quell(&["escalate", &scene.id, "--path", "security"]);
    assert_eq!(run(escalate.env("QUELL_CRASH_AT", "after-step-started")).code, None);
    assert_eq!(told(&scene, "sec-room").len(), 0);
    let _console = scene.restart_until("escalated, step 1");
    assert_eq!(told(&scene, "sec-room"), [format!("{}/security/1/1", scene.id)]);
}

#[test]
fn an_acknowledgement_that_nobody_was_told_of_is_told_once_and_under_one_key() {
    let scene = Scene::new("2s");
    let told = || told(&scene, "sec-room");
    scene.machine.run(&["escalate", &scene.id, "--path", "security"]).ok();
    scene.machine.run(&["ack", &scene.id]).ok();
    assert_eq!(told().len(), 1, "nobody is there to tell them");
    // The first console tells them and dies before it is written down.
    let mut dies = scene.machine.quell(&[]);
    let console = Pty::start(dies.env("QUELL_CRASH_AT", "after-telling"), 100, 30);
    eventually("the second message", || (told().len() == 2).then_some(()));
    drop(console);
    let console = scene.restart_until("ana holds it; told sec-room: accepted");
    let keys = told();
    assert!(keys.len() == 3 && keys[1].contains("/acknowledged/1-") && keys[1] == keys[2], "{keys:?}");
    // Another one, after it is written down, has nothing left to say but what is new.
    drop(console);
    scene.machine.run(&["close", &scene.id, "false-alarm", "--note", "a drill"]).ok();
    let _console = scene.machine.console(&[], 100, 30);
    scene.until("it ended; told sec-room: accepted");
    let keys = told();
    assert!(keys.len() == 4 && keys[3].contains("/ended/2-"), "{keys:?}");
}

#[test]
fn twenty_at_once_have_one_effect() {
    let scene = Scene::new("5s");
    scene.exchange.misbehave("POST", REPLICA, 20, serde_json::json!({ "delay_ms": 6000 }));
    let start = |_| scene.contain(&[]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let all: Vec<_> = (0..20).map(start).collect();
    let mut codes: Vec<_> =
        all.into_iter().map(|one| one.wait_with_output().unwrap().status.code()).collect();
    codes.sort();
    // Who looked at the same moment has the same plan: its late submit is the old one, an early one is refused.
    assert_eq!(codes[0], Some(0), "{codes:?}");
    assert!(codes.iter().all(|code| matches!(code, Some(0 | 1))), "{codes:?}");
    assert_eq!((scene.effects(), scene.exchange.calls().len(), scene.keys().len()), (1, 1, 1));
    scene.holds();
}

#[test]
fn one_plan_submitted_by_many_is_carried_out_once() {
    let scene = Scene::new("5s");
    let plan = scene.machine.run(&["plan", &scene.id, "isolate-replica", "--json"]).json();
    let hash = plan["hash"].as_str().unwrap();
    let submit = ["contain", &scene.id, "--plan", hash, "--confirm-target", "tok-1"];
    let start =
        |_| scene.machine.quell(&submit).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let all: Vec<_> = (0..8).map(start).collect();
    for one in all {
        let output = one.wait_with_output().unwrap();
        assert!(matches!(output.status.code(), Some(0 | 1)), "{output:?}");
    }
    assert_eq!((scene.effects(), scene.exchange.calls().len()), (1, 1));
    assert_eq!(run(&mut scene.machine.quell(&submit)).code, Some(0), "a repeated submit is the old one");
    assert_eq!(scene.effects(), 1);
}
