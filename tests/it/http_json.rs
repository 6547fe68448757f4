//! A backend of somebody's own as a source that a responder can live in, against a small one that is really changed.

use std::collections::BTreeMap;
use std::sync::Arc;

use quell::backend::{Backend, Changes, Confirmation, Receipt, Refusal, RefusalKind};
use quell::domain::action::{Action, Stage, Verb};
use quell::domain::incident::Incident;
use quell::domain::operator::Operator;
use quell::domain::severity::Severity;
use quell::domain::text::Outside;
use quell::engine::{Adapters, Engine, Setup};
use quell::ledger::Ledger;
use quell::ledger::live::Live;
use quell::net::{Api, ApiSettings};
use quell::os::clock::Clock;
use quell::sources;
use serde_json::{Value, json};

use crate::support::desk::Desk;
use crate::support::scratch::Scratch;
use crate::support::venue::until_shown;
use crate::support::{eventually, torture, watched};

/// An engine that watches the desk for ana.
struct Shift {
    desk: Desk,
    _folder: tempfile::TempDir,
    engine: Engine,
    ana: Operator,
}

impl Shift {
    /// Begins with this many incidents, numbered from 1, two on a page.
    async fn with(incidents: u64, actions_enabled: bool) -> Self {
        let desk = Desk::start();
        {
            let mut book = desk.book();
            book.page = 2;
            (1..=incidents).for_each(|number| book.open(number, &format!("incident {number}")));
        }
        let folder = tempfile::tempdir().unwrap();
        let apis: Vec<ApiSettings> = vec![toml::from_str(&desk.api()).unwrap()];
        let source = sources::build(&toml::from_str(Desk::table()).unwrap(), &apis, |_| None).unwrap();
        let mut adapters = Adapters::default();
        adapters.apis.insert(apis[0].name.clone(), Api::new(&apis[0], |_| None).unwrap());
        adapters.sources.push(Arc::from(source));
        let state = folder.path().to_owned();
        let setup = Setup { state: state.clone(), actions_enabled, ..Setup::default() };
        let ledger = Ledger::open(&state.join("ledger.db"), "ANA").unwrap();
        let live = Live::open(&state.join("live.db")).unwrap();
        let engine = Engine::new(setup, adapters, ledger, live, Clock::system()).await.unwrap();
        engine.start();
        Self { desk, _folder: folder, engine, ana: Operator::new("ana", "bastion") }
    }

    async fn until<T>(&self, what: &str, ask: impl Fn(&Changes) -> Option<T>) -> T {
        watched::until(&self.engine, &self.ana, what, ask).await
    }

    /// The incident of this number, once quell has seen it.
    async fn incident(&self, number: u64) -> Arc<Incident> {
        let title = format!("incident {number}");
        let is = |it: &&Arc<Incident>| it.title().raw() == title;
        self.until(&title, |changes| changes.incidents.iter().find(is).cloned()).await
    }

    async fn plan(
        &self,
        incident: &Incident,
        verb: &str,
        text: Option<&str>,
    ) -> Result<quell::domain::plan::Plan, Refusal> {
        let verb = Verb::playbook(&format!("desk/{verb}"));
        let given = text.map(|text| ("text".to_owned(), Outside::new(text)));
        self.engine.plan(&self.ana, &incident.id, verb, given.into_iter().collect::<BTreeMap<_, _>>()).await
    }

    async fn ask(&self, incident: &Incident, verb: &str, text: Option<&str>) -> Result<Receipt, Refusal> {
        let plan = self.plan(incident, verb, text).await?;
        let confirmation = Confirmation { typed: plan.typed_target(), ..Confirmation::default() };
        self.engine.submit(&self.ana, &plan.hash, confirmation).await
    }

    /// What came of it in the end.
    async fn done(&self, receipt: &Receipt) -> Action {
        let (id, action) = (&receipt.incident.id, receipt.action.unwrap());
        self.until("the action to end", |changes| {
            let incident = changes.incidents.iter().find(|it| it.id == *id)?;
            let action = incident.actions.get(&action)?;
            let ended = !action.stage.is_open() && !action.is_verifying();
            ended.then(|| action.clone())
        })
        .await
    }
}

fn block(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(test);
}

#[test]
fn an_acknowledgement_here_is_one_there_looked_at_sent_once_and_read_back_from_the_third_page() {
    block(async {
        let shift = Shift::with(5, true).await;
        let incident = shift.incident(5).await;
        assert_eq!(
            (incident.severity, incident.is_unmapped()),
            (Severity::High, true),
            "no rule knows sev1 here"
        );
        assert_eq!(shift.engine.incident(&shift.ana, "desk:5").await.unwrap().incident.id, incident.id);
        let receipts = shift.engine.acknowledge_there(&shift.ana, &incident.id).await;
        let [Ok(receipt)] = receipts.as_slice() else { panic!("{receipts:?}") };
        assert_eq!(shift.done(receipt).await.stage, Stage::Verified);
        let write =
            ("PUT".to_owned(), "/api/incidents/5".to_owned(), json!({ "status": "held", "by": "ana" }));
        assert_eq!(shift.desk.book().writes, [write]);
        let held =
            |changes: &Changes| changes.incidents.iter().find(|it| it.held_upstream().is_some()).cloned();
        let held = shift.until("who holds it there", held).await;
        assert_eq!(held.held_upstream().unwrap().raw(), "ana");
        let again = shift.engine.acknowledge_there(&shift.ana, &held.id).await;
        assert!(again.is_empty(), "it is held there already: {again:?}");
    });
}

#[test]
fn a_stale_acknowledgement_opens_nothing_again() {
    block(async {
        let shift = Shift::with(3, true).await;
        let incident = shift.incident(3).await;
        let plan = shift.plan(&incident, "acknowledge", None).await.unwrap();
        shift.desk.book().set("3", "status", "closed");
        let refusal = shift.engine.submit(&shift.ana, &plan.hash, Confirmation::default()).await.unwrap_err();
        assert!(refusal.message.raw().contains("not in its source's list any more"), "{refusal:?}");
        let mut book = shift.desk.book();
        assert_eq!((book.status("3").as_str(), book.writes.len()), ("closed", 0));
    });
}

#[test]
fn what_was_done_and_answered_as_a_failure_is_found_out_from_the_list() {
    block(async {
        let shift = Shift::with(1, true).await;
        let incident = shift.incident(1).await;
        shift.desk.book().answers = vec![500];
        let receipt = shift.ask(&incident, "acknowledge", None).await.unwrap();
        shift
            .until("it to be settled", |changes| {
                let incident = changes.incidents.iter().find(|it| it.id == incident.id)?;
                (incident.actions.get(&receipt.action?)?.stage == Stage::Verified).then_some(())
            })
            .await;
        assert_eq!(shift.desk.book().writes.len(), 1, "it is not sent again");
    });
}

#[test]
fn resolving_it_needs_its_id_typed_and_that_it_left_the_list_is_the_proof() {
    block(async {
        let shift = Shift::with(3, true).await;
        let incident = shift.incident(2).await;
        let plan = shift.plan(&incident, "resolve", Some("rolled back")).await.unwrap();
        assert_eq!(plan.typed_target().unwrap().raw(), "2");
        let untyped = shift.engine.submit(&shift.ana, &plan.hash, Confirmation::default()).await.unwrap_err();
        assert!(untyped.message.raw().contains("--confirm-target"), "{untyped:?}");
        let receipt = shift.ask(&incident, "resolve", Some("rolled back")).await.unwrap();
        assert_eq!(shift.done(&receipt).await.stage, Stage::Verified);
        assert_eq!(shift.desk.book().status("2"), "closed");
        let cleared = |changes: &Changes| {
            changes.incidents.iter().find(|it| it.id == incident.id && it.firing() == 0).map(drop)
        };
        shift.until("the signal to clear", cleared).await;
        let firing = |changes: &Changes| changes.incidents.iter().filter(|it| it.firing() > 0).count();
        assert_eq!(shift.until("the others", |changes| Some(firing(changes))).await, 2);
    });
}

#[test]
fn without_actions_it_can_be_told_but_not_changed() {
    block(async {
        let shift = Shift::with(1, false).await;
        let incident = shift.incident(1).await;
        let refusal = shift.ask(&incident, "resolve", Some("it is over")).await.unwrap_err();
        assert_eq!(refusal.kind, RefusalKind::ReadOnly, "{refusal:?}");
        let text = "\"}, {\"status\": \"closed\" {{id}}";
        let told = shift.ask(&incident, "note", Some(text)).await.unwrap();
        assert_eq!(shift.done(&told).await.stage, Stage::Accepted);
        let mut book = shift.desk.book();
        assert_eq!((book.status("1").as_str(), &book.notes["1"]), ("new", &vec![format!("ana: {text}")]));
    });
}

#[test]
fn one_key_acknowledges_here_and_there_and_a_state_nobody_named_is_seen() {
    let desk = Desk::start();
    desk.book().open("INC/7 ?", "Order gateway refuses connections");
    desk.book().set("INC/7 ?", "status", "escalated");
    let machine = Scratch::with_config(&desk.config("5s"));
    let console = machine.console(&[], 130, 40);
    console.shows("state unmapped: its source says \"escalated\"");
    let row = |screen: &str| screen.lines().any(|line| line.contains("Identify ?escalated"));
    console.until(row, "that nobody knows who has it, in its row");
    until_shown(&console, "a", |screen| screen.contains("Held by ana"));
    eventually("it to be acknowledged there", || (desk.book().status("INC/7 ?") == "held").then_some(()));
    console.until(|screen| screen.contains("held there by ana"), "who holds it there");
    let writes = desk.book().writes.clone();
    let [(_, path, _)] = writes.as_slice() else { panic!("{writes:?}") };
    assert_eq!(path, "/api/incidents/INC%2F7%20%3F", "an id stays within its segment");
}

#[test]
fn it_is_listed_planned_acknowledged_and_resolved_on_the_command_line() {
    let desk = Desk::start();
    desk.book().open(4711, "Order gateway refuses connections");
    let machine = Scratch::with_config(&format!("{}[actions]\nenabled = true\n", desk.config("1m")));
    let list = machine.run(&["list", "--json"]).json();
    let row = &list["incidents"][0];
    assert_eq!(
        (&list["sources"][0]["state"], &row["upstream"]),
        (&json!("LIVE"), &json!(["4711"])),
        "{list:#}"
    );
    assert_eq!((&row["severity"], &row["service"]), (&json!("critical"), &json!("orders")));
    let plan = machine.run(&["plan", "desk:4711", "desk/acknowledge"]);
    for said in ["/state = open", "says /state = \"acknowledged\" of 4711", "credentials of api desk"] {
        assert!(plan.stdout.contains(said), "{said}: {plan:?}");
    }
    assert!(desk.book().writes.is_empty(), "a plan sends nothing");
    let acked = machine.run(&["ack", "desk:4711"]);
    assert_eq!((acked.code, desk.book().status("4711").as_str()), (Some(0), "held"), "{acked:?}");
    let resolve = ["upstream", "desk:4711", "desk/resolve", "--set", "text=rolled back"];
    let untyped = machine.run(&[&resolve[..], &["--yes"]].concat());
    assert_eq!((untyped.code, desk.book().status("4711").as_str()), (Some(2), "held"), "{untyped:?}");
    let done = machine.run(&[&resolve[..], &["--confirm-target", "4711"]].concat());
    assert_eq!((done.code, desk.book().status("4711").as_str()), (Some(0), "closed"), "{done:?}");
    let again = machine.run(&["upstream", "desk:4711", "desk/acknowledge", "--yes"]);
    assert_eq!((again.code, desk.book().status("4711").as_str()), (Some(1), "closed"), "{again:?}");
}

#[test]
fn hostile_text_in_every_place_is_listed_without_harm_and_reaches_no_other_place() {
    let desk = Desk::start();
    for (number, (_, text)) in torture::texts().iter().enumerate() {
        let text: String = text.chars().take(4000).collect();
        let mut book = desk.book();
        book.open(number.to_string(), &text);
        let id = number.to_string();
        for key in ["sev", "status", "holder"] {
            book.set(&id, key, text.as_str());
        }
        book.set(&id, "component", json!({ "name": text }));
        book.set(&id, "tags", json!({ text.as_str(): text, "desk_id": "0" }));
    }
    let machine = Scratch::with_config(&desk.config("1m"));
    let list = machine.run(&["list"]);
    let harmful = |c: char| c.is_control() && c != '\n';
    assert!(!list.stdout.contains(harmful), "{:?}", list.stdout);
    let shown = machine.run(&["show", "desk:1"]);
    assert!(shown.code == Some(0) && !shown.stdout.contains(harmful), "{shown:?}");
    assert!(machine.run(&["ack", "desk:1"]).code == Some(0));
    let writes = desk.book().writes.clone();
    let paths: Vec<&str> = writes.iter().map(|(_, path, _)| path.as_str()).collect();
    assert_eq!(paths, ["/api/incidents/1"], "the id is the element's own, whatever its labels say");
}

#[test]
fn what_cannot_be_called_is_said_once_and_where_it_stands() {
    let check = |api: &str, path: &str| {
        let api = format!("[[api]]\nname = \"desk\"\nurl = \"{api}\"\n");
        let source = "[[source]]\nkind = \"http-json\"\nname = \"desk\"\napi = \"desk\"\nid = \"/id\"\ntitle = \"/what\"\n";
        Scratch::with_config(&format!("{api}{source}path = \"{path}\"\n")).run(&["config", "check"])
    };
    assert_eq!(check("https://desk.example", "/a?b=c%20d").code, Some(0));
    let odd = check("https://desk.example", "/a b").stderr;
    assert!(odd.contains("path cannot be called as it is written") && odd.contains("\"/a b\""), "{odd}");
    let elsewhere = check("http://desk.example", "/a").stderr;
    assert!(
        elsewhere.contains("this api cannot be used") && !elsewhere.contains("this source"),
        "{elsewhere}"
    );
}

#[test]
fn an_acknowledgement_that_fails_there_is_printed_as_json_with_what_failed() {
    let desk = Desk::start();
    desk.book().open(4711, "Order gateway refuses connections");
    desk.book().answers = vec![422];
    let machine = Scratch::with_config(&desk.config("1m"));
    machine.run(&["list"]).ok();
    let acked = machine.run(&["ack", "1", "--json"]);
    let said: Value = serde_json::from_str(&acked.stdout).unwrap_or_else(|_| panic!("{acked:?}"));
    assert_eq!((acked.code, &said["owner"]["name"]), (Some(1), &json!("ana")), "{said:#}");
    let failed = said["failed"][0].as_str().unwrap_or_default();
    assert!(failed.contains("desk/acknowledge") && failed.contains("422"), "{said:#}");
}

#[test]
fn a_bare_number_says_which_it_was_taken_for_and_that_a_source_calls_another_one_so() {
    let desk = Desk::start();
    let machine = Scratch::with_config(&desk.config("1m"));
    machine.run(&["open", "--severity", "high", "Orders are late"]).ok();
    desk.book().open(1, "Order gateway refuses connections");
    for file in std::fs::read_dir(machine.state()).unwrap().map(Result::unwrap) {
        if file.file_name().to_string_lossy().starts_with("live.db") {
            std::fs::remove_file(file.path()).unwrap();
        }
    }
    let acked = machine.run(&["ack", "1"]);
    assert_eq!(acked.code, Some(0), "{acked:?}");
    assert!(acked.stdout.starts_with("ANA-1 acknowledged until "), "{acked:?}");
    assert!(acked.stderr.starts_with("1 is ANA-1: Orders are late\n"), "{acked:?}");
    let doubt = "ANA-1 was taken, but 1 is both ANA-1 and an upstream id of ANA-2; say which";
    assert!(acked.stderr.contains(doubt), "{acked:?}");
    assert!(
        machine.run(&["ack", "ANA-2"]).stdout.starts_with("ANA-2 acknowledged"),
        "what is full needs no more"
    );
}
