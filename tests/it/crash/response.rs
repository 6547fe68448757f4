//! A quell that dies in the middle of a response: nothing said twice, no deadline lost, no step sent late.

use std::process::{Command, Stdio};

use quell::domain::deadline::DeadlineKind;
use quell::domain::escalation::Step;
use quell::domain::id::IncidentId;
use quell::domain::operator::{Actor, Operator};
use quell::domain::record::{DeadlineSet, Entry, PathArmed};
use quell::domain::text::Outside;
use quell::domain::time::{Span, Time};
use quell::ledger::{Draft, Ledger};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::support::eventually;
use crate::support::faultd::{Faultd, Reply};
use crate::support::pty::Pty;
use crate::support::scratch::{Scratch, run};

const BEGIN: &str = "POST /v1/pages/exchange/incidents";
const READ: &str = "GET /api/v2/incidents.json";
const NEWS: &str = "POST /news";
const ROOM: &str = "POST /room";

/// A status page, a mailer, and a room that is paged; and a machine with a critical incident.
struct Scene {
    outside: Faultd,
    machine: Scratch,
}

impl Scene {
    fn new() -> Self {
        let outside = Faultd::start();
        outside.on(BEGIN, [Reply::body(201, "application/json", r#"{"id":"p1"}"#)]);
        outside.on(READ, [Reply::ok(r#"{"incidents":[]}"#)]);
        outside.on(NEWS, [Reply::ok("{}")]).on(ROOM, [Reply::ok("{}")]);
        let url = outside.url();
        let config = format!(
            "operator = \"ana\"\nids = \"ANA\"\n\
             [[channel]]\nkind = \"statuspage\"\nname = \"page\"\npage = \"exchange\"\nurl = \"{url}\"\n\
             public_url = \"{url}\"\ntoken_env = \"HOME\"\n\
             [[channel]]\nkind = \"webhook\"\nname = \"news\"\nstyle = \"generic\"\nreach = \"broadcast\"\n\
             url = \"{url}/news\"\n\
             [[channel]]\nkind = \"webhook\"\nname = \"room\"\nstyle = \"generic\"\nurl = \"{url}/room\"\n\
             [[bulletin]]\naudience = \"users\"\nto = [\"page\", \"news\"]\n\
             [[path]]\nid = \"incident\"\nsteps = [{{ after = \"1m\", to = [\"room\"] }}]\n"
        );
        let machine = Scratch::with_config(&config);
        machine.run(&["open", "--severity", "critical", "Orders are refused"]).ok();
        Self { outside, machine }
    }

    fn bulletin(&self) -> Command {
        let says = ["bulletin", "1", "--to", "users", "--template", "--product", "orders", "--yes"];
        self.machine.quell(&says)
    }

    fn dies_at(&self, point: &str) {
        let ran = run(self.bulletin().env("QUELL_CRASH_AT", point));
        assert_eq!(ran.code, None, "it lives on after {point}: {ran:?}");
    }

    /// A console that keeps the engine.
    fn console(&self) -> Pty {
        let console = self.machine.console(&[], 100, 30);
        console.shows("Orders are refused");
        console
    }

    /// Every record of this kind, oldest first.
    fn records(&self, kind: &str) -> Vec<Value> {
        let tail = self.machine.run(&["ledger", "tail", "-n", "100000", "--json"]).ok();
        let records = tail.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        records.filter_map(|record| record["entry"].get(kind).cloned()).collect()
    }

    fn until(&self, kind: &str, count: usize) -> Vec<Value> {
        eventually(&format!("{count} records of {kind}"), || {
            Some(self.records(kind)).filter(|records| records.len() >= count)
        })
    }

    /// Waits until the holder of the lease has looked at everything once more.
    fn looked_again(&self, name: &str) {
        self.machine.run(&["open", "--severity", "critical", name]).ok();
        eventually(name, || {
            let told = self.records("notice-raised");
            told.iter().any(|notice| notice["text"] == name).then_some(())
        });
    }

    /// The channels of the bulletin and what they are said to have answered.
    fn answers(&self) -> Vec<(String, String)> {
        let text = |of: &Value, key: &str| of[key].as_str().unwrap().to_owned();
        let mut answers: Vec<_> = self
            .records("bulletin-answered")
            .iter()
            .map(|answer| (text(answer, "channel"), text(answer, "outcome")))
            .collect();
        answers.sort();
        answers
    }

    /// How often anything was posted.
    fn posted(&self) -> usize {
        self.outside.requests().iter().filter(|request| request.method != "GET").count()
    }

    fn both(outcome: &str) -> Vec<(String, String)> {
        ["news", "page"].map(|channel| (channel.to_owned(), outcome.to_owned())).into()
    }

    /// What a restart makes of it: both channels unknown, somebody told of each, and nothing posted again.
    fn is_unknown_and_stays_so(&self, posted: usize) {
        let _console = self.console();
        self.until("bulletin-answered", 2);
        assert_eq!(self.answers(), Self::both("unknown"));
        self.looked_again("Something else happens");
        assert_eq!(self.answers(), Self::both("unknown"), "each once");
        let told = self.records("notice-raised");
        let told = told.iter().filter(|notice| notice["kind"] == "unknown-outcome");
        assert_eq!(told.count(), 2);
        assert_eq!(self.posted(), posted, "something was posted by itself");
        self.machine.run(&["ledger", "verify"]).ok();
    }
}

#[test]
fn dead_between_written_down_and_posted_it_is_unknown_and_not_posted() {
    let scene = Scene::new();
    scene.dies_at("after-bulletin-started");
    assert_eq!(scene.posted(), 0);
    scene.is_unknown_and_stays_so(0);
}

#[test]
fn dead_between_posted_and_written_down_it_is_unknown_and_not_posted_again() {
    let scene = Scene::new();
    // The other one has been asked as well by the time this one has answered.
    scene.outside.on(NEWS, [Reply::ok("{}").reordered()]);
    scene.outside.on(BEGIN, [Reply::hang()]);
    let mut sends = scene.bulletin();
    let mut sends =
        sends.env("QUELL_CRASH_AT", "after-bulletin-posted").stdout(Stdio::null()).spawn().unwrap();
    scene.outside.wait_for(BEGIN, 1);
    scene.outside.wait_for(NEWS, 1);
    crate::support::http::get(scene.outside.port(), "/later").unwrap();
    assert!(!sends.wait().unwrap().success());
    scene.is_unknown_and_stays_so(2);
}

#[test]
fn killed_while_nobody_answers_it_is_unknown_and_not_posted_again() {
    let scene = Scene::new();
    scene.outside.on(NEWS, [Reply::hang()]).on(BEGIN, [Reply::hang()]);
    let mut sends = scene.bulletin().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    scene.outside.wait_for(BEGIN, 1);
    scene.outside.wait_for(NEWS, 1);
    sends.kill().unwrap();
    sends.wait().unwrap();
    scene.is_unknown_and_stays_so(2);
}

#[test]
fn dead_after_one_has_answered_only_the_other_is_unknown() {
    let scene = Scene::new();
    scene.outside.on(NEWS, [Reply::hang()]);
    let mut sends = scene.bulletin();
    let mut sends =
        sends.env("QUELL_CRASH_AT", "after-bulletin-answered").stdout(Stdio::null()).spawn().unwrap();
    scene.outside.wait_for(NEWS, 1);
    assert!(!sends.wait().unwrap().success());
    let posted = scene.posted();
    let _console = scene.console();
    scene.until("bulletin-answered", 2);
    let expected = [("news", "unknown"), ("page", "accepted")];
    assert_eq!(scene.answers(), expected.map(|(name, word)| (name.to_owned(), word.to_owned())));
    // What was accepted is looked at by who comes after.
    scene.outside.wait_for(READ, 1);
    assert_eq!(scene.posted(), posted);
}

#[test]
fn after_an_unknown_one_the_next_is_sent_by_a_person_and_warned_of() {
    let scene = Scene::new();
    scene.dies_at("after-bulletin-started");
    {
        let _console = scene.console();
        scene.until("bulletin-answered", 2);
    }
    let mut again = scene.bulletin();
    let said = run(again.args(["--status", "identified"])).ok();
    assert!(said.contains("may or may not stand on"), "{said}");
    assert_eq!(scene.posted(), 2, "one on each channel");
}

/// What was agreed an hour ago, when the last quell ended: a timer, a report, and a page that was never sent.
fn an_hour_ago(scene: &Scene) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let ledger = Ledger::open(&scene.machine.state().join("ledger.db"), "ANA").unwrap();
    let now: Time = chrono::Utc::now();
    let ago = |minutes| now - Span::mins(minutes).delta();
    let id = IncidentId::new("ANA", 1);
    let set = |deadline, name: &str, title: &str, due| {
        let (name, title) = (name.to_owned(), Outside::new(title));
        Entry::DeadlineSet(DeadlineSet { deadline, name, title, due })
    };
    let later = now + Span::mins(600).delta();
    let steps = vec![Step { after: Span::mins(1), to: vec!["room".into()] }];
    let ana = Actor::Person(Operator::new("ana", "bastion"));
    let drafts = [
        (ana.clone(), set(DeadlineKind::Timer, "", "check the matching engine", ago(50))),
        (Actor::Engine, set(DeadlineKind::Regulator, "dora/initial", "initial report", ago(10))),
        (Actor::Engine, set(DeadlineKind::Partner, "acme/first", "tell acme", later)),
        (Actor::Engine, Entry::PathArmed(PathArmed { path: "incident".into(), steps })),
    ];
    let drafts = drafts.map(|(by, entry)| Draft::of(&id, by, ago(60), entry));
    runtime.block_on(ledger.append(drafts.into())).unwrap();
}

/// The names of what was missed, and how many notices there are of pages and deadlines.
fn missed(scene: &Scene) -> (Vec<String>, usize) {
    let passed = scene.records("deadline-passed");
    let word = |of: &Value, key: &str| of[key].as_str().unwrap_or_default().to_owned();
    let mut passed: Vec<String> =
        passed.iter().map(|it| format!("{} {}", word(it, "deadline"), word(it, "name"))).collect();
    passed.sort();
    let notices = scene.records("notice-raised");
    let due =
        notices.iter().filter(|notice| ["deadline", "escalation"].contains(&word(notice, "kind").as_str()));
    (passed, due.count())
}

#[test]
fn what_passed_while_nobody_was_there_is_missed_once_and_no_step_is_sent_late() {
    let scene = Scene::new();
    an_hour_ago(&scene);
    let first = scene.console();
    let second = scene.machine.console(&[], 100, 30);
    second.shows(&format!("engine pid {}", first.pid()));
    scene.until("step-missed", 1);
    scene.looked_again("Something else happens");
    let all = ["regulator dora/initial", "step ", "timer 1"].map(str::to_owned);
    // The fourth one says that nobody is left to be paged.
    assert_eq!(missed(&scene), (all.to_vec(), 4), "each once, and somebody told");
    // The other one takes over, and knows of it.
    first.signal(Signal::KILL);
    second.until(|screen| !screen.contains("engine pid"), "the lease to be taken over");
    scene.looked_again("And something more");
    assert_eq!(missed(&scene), (all.to_vec(), 4), "each once, whoever holds the lease");
    drop(second);
    let _third = scene.console();
    scene.looked_again("And yet another");
    assert_eq!(missed(&scene), (all.to_vec(), 4));
    assert_eq!(scene.outside.requests().len(), 0, "a step sent late");
    let list = scene.machine.run(&["list", "--json"]).json();
    let rows = list["incidents"].as_array().unwrap();
    let row = rows.iter().find(|row| row["id"] == "ANA-1").unwrap();
    assert!(row["deadlines"].to_string().contains("partner"), "no deadline is lost: {row}");
    assert_eq!(row["rank"], json!(1), "what is late stands on top");
    scene.machine.run(&["ledger", "verify"]).ok();
}
