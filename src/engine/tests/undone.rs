//! What an undo has read back is true of its target, whoever had contained it.

use std::collections::BTreeMap;

use super::bench::Bench;
use super::guards::{answering, plan, playbook, setup, submit};
use crate::backend::{Backend, Confirmation, RefusalKind};
use crate::domain::action::{Contained, Outcome, Settlement, Stage, Verb};
use crate::domain::id::IncidentId;
use crate::domain::incident::Incident;
use crate::domain::operator::Operator;
use crate::domain::plan::Plan;
use crate::domain::record::Entry;
use crate::domain::severity::Severity;
use crate::domain::text::Outside;
use crate::domain::time::Span;
use crate::engine::{Engine, Setup};
use crate::net::peer::Act;

fn says(status: &str) -> Act {
    Act::say(200, format!(r#"{{"status":"{status}"}}"#).as_bytes())
}

/// A playbook that reads back what it did, and what its undo did, at this path.
fn read_back_at(path: &str) -> Setup {
    let more = format!(
        "verify.http = {{ api = 'exchange', path = '{path}', expect = {{ '/status' = 'frozen' }} }}
         undo.http = {{ api = 'exchange', path = '/x', expect_after = {{ '/status' = 'active' }} }}"
    );
    Setup { playbooks: vec![playbook("freeze", &more)], ..setup(10) }
}

pub(super) async fn freezes(engine: &Engine, id: &IncidentId) {
    let action = engine.find(id).unwrap().next_action();
    let made = plan(engine, "ana", id, "freeze", "1").await.unwrap();
    submit(engine, "ana", &made).await.unwrap();
    // Until it was read back its plan's basis may still change.
    let done: fn(Stage) -> bool = match made.verify {
        Some(_) => |stage| stage == Stage::Verified,
        None => |stage| stage == Stage::Accepted,
    };
    becomes(engine, id, action, done).await;
}

/// Waits until this engine knows it: another one reads nothing by itself here.
pub(super) async fn becomes(engine: &Engine, id: &IncidentId, action: u32, so: fn(Stage) -> bool) {
    let mut bell = engine.0.mirror.bell();
    while !engine.find(id).is_some_and(|it| it.actions.get(&action).is_some_and(|action| so(action.stage))) {
        bell.changed().await.unwrap();
    }
}

pub(super) async fn undo(engine: &Engine, id: &IncidentId, action: u32) -> Plan {
    let verb = Verb::Undo { playbook: "freeze".into(), action };
    engine.plan(&Operator::new("ana", "bastion"), id, verb, BTreeMap::new()).await.unwrap()
}

pub(super) fn stages(incident: &Incident) -> Vec<Stage> {
    incident.actions.values().map(|action| action.stage).collect()
}

#[tokio::test]
async fn what_holds_the_same_target_is_undone_with_it_on_every_incident() {
    let acts = ["", "frozen", "", "frozen", "", "frozen", "", "active"].map(says);
    let (_peer, adapters) = answering(acts);
    let bench = Bench::with(read_back_at("/accounts/{{account}}"), |_| adapters()).await;
    let (one, other) = (bench.open(Severity::High).await, bench.open(Severity::High).await);
    freezes(&bench.engine, &one).await;
    freezes(&bench.engine, &one).await;
    let bo = bench.another_with(read_back_at("/accounts/{{account}}"), adapters()).await;
    freezes(&bo, &other).await;
    let made = undo(&bench.engine, &one, 2).await;
    assert_eq!(
        made.warnings,
        [
            "action 1 holds the same account: it is undone with it",
            "ANA-2 action 1 holds the same account: it is undone with it"
        ]
    );
    submit(&bench.engine, "ana", &made).await.unwrap();
    becomes(&bench.engine, &one, 2, |stage| stage == Stage::Undone).await;
    let (one, other) = (bench.incident(&one), bench.incident(&other));
    assert_eq!(stages(&one), [Stage::Undone, Stage::Undone, Stage::Verified]);
    assert_eq!((stages(&other), other.contained()), (vec![Stage::Undone], Contained::Undone));
    assert_eq!(one.actions[&1].detail.raw(), "with action 3");
    assert_eq!(other.actions[&1].detail.raw(), "with ANA-1 action 3");
    assert_eq!((one.undecided().len(), other.undecided().len()), (0, 0));
    // Both are folds of their own records, and nobody reads one half of it.
    let records = bench.records().await;
    for incident in [&one, &other] {
        let own = records.iter().filter(|record| record.incident.as_ref() == Some(&incident.id));
        assert_eq!(&Incident::fold(own).unwrap().unwrap(), &**incident);
    }
    let proof = records.iter().position(|it| matches!(it.entry, Entry::Settled { action: 3, .. })).unwrap();
    let with = |it: &crate::domain::record::Record| matches!(it.entry, Entry::UndoneWith { .. });
    assert!(records[proof + 1..=proof + 2].iter().all(with));
    let kept = Entry::ContainmentKept { action: 1, because: Outside::new("customer asks for it") };
    let ana = Operator::new("ana", "bastion");
    let refused = bench.engine.record(&ana, &other.id, other.version, kept).await.unwrap_err();
    assert_eq!(refused.message.raw(), "action #1 is not in force");
}

/// What is said of one that holds the same, where nobody knows whether it ends too.
fn in_doubt(incident: &str, what: &str) -> String {
    format!(
        "{incident} action 1 holds the same {what}: whether this ends it is not known, and it stays in force here"
    )
}

#[tokio::test]
async fn what_is_read_back_elsewhere_is_another_thing_whatever_it_is_called() {
    let acts = ["", "frozen", "", "frozen", "", "active"].map(says);
    let (_peer, adapters) = answering(acts);
    let bench = Bench::with(read_back_at("/incidents/{{incident.id}}/{{account}}"), |_| adapters()).await;
    let (one, other) = (bench.open(Severity::High).await, bench.open(Severity::High).await);
    freezes(&bench.engine, &one).await;
    freezes(&bench.engine, &other).await;
    let made = undo(&bench.engine, &one, 1).await;
    assert_eq!(made.warnings, [in_doubt("ANA-2", "account")]);
    submit(&bench.engine, "ana", &made).await.unwrap();
    becomes(&bench.engine, &one, 1, |stage| stage == Stage::Undone).await;
    assert_eq!(stages(&bench.incident(&other)), [Stage::Verified]);
}

#[tokio::test]
async fn what_another_request_would_undo_is_another_thing_wherever_it_goes() {
    let with_body =
        |json: &str| format!("undo.http = {{ api = 'exchange', path = '/x', json = {{ {json} }} }}");
    for (more, also) in [
        (with_body("account = '{{account}}', by = '{{operator}}'"), true),
        (with_body("account = '{{account}}', ref = '{{incident.id}}'"), false),
        (with_body("account = '{{account}}', hold = '{{quell.key}}'"), false),
        (
            "undo.http = { api = 'exchange', path = '/x', headers = { Desk = '{{incident.id}}' } }".into(),
            false,
        ),
        ("undo.exec = ['true', '{{account}}']".into(), false),
    ] {
        let setup = Setup { playbooks: vec![playbook("freeze", &more)], ..setup(10) };
        let (_peer, adapters) = answering([""; 2].map(|_| Act::say(200, b"{}")));
        let bench = Bench::with(setup, |_| adapters()).await;
        let (one, other) = (bench.open(Severity::High).await, bench.open(Severity::High).await);
        freezes(&bench.engine, &one).await;
        freezes(&bench.engine, &other).await;
        let warnings = undo(&bench.engine, &one, 1).await.warnings;
        assert_eq!(warnings != [in_doubt("ANA-2", "account")], also, "{more}: {warnings:?}");
    }
}

#[tokio::test]
async fn what_is_read_back_as_somebody_else_is_another_thing() {
    let more = "verify.http = { api = 'exchange', path = '/a', headers = { Desk = '{{incident.id}}' }, expect = { '/status' = 'frozen' } }
         undo.http = { api = 'exchange', path = '/x', expect_after = { '/status' = 'active' } }";
    let (_peer, adapters) = answering(["", "frozen", "", "frozen"].map(says));
    let setup = Setup { playbooks: vec![playbook("freeze", more)], ..setup(10) };
    let bench = Bench::with(setup, |_| adapters()).await;
    let (one, other) = (bench.open(Severity::High).await, bench.open(Severity::High).await);
    freezes(&bench.engine, &one).await;
    freezes(&bench.engine, &other).await;
    assert_eq!(undo(&bench.engine, &one, 1).await.warnings, [in_doubt("ANA-2", "account")]);
}

#[tokio::test]
async fn a_person_who_says_that_an_undo_was_done_says_it_of_all() {
    let (_peer, adapters) =
        answering([Act::say(200, b"{}"), Act::say(200, b"{}"), Act::Raw(Vec::new()), Act::say(200, b"{}")]);
    let bench = Bench::with(setup(10), |_| adapters()).await;
    let (one, other) = (bench.open(Severity::High).await, bench.open(Severity::High).await);
    freezes(&bench.engine, &one).await;
    freezes(&bench.engine, &other).await;
    let made = undo(&bench.engine, &one, 1).await;
    submit(&bench.engine, "ana", &made).await.unwrap();
    becomes(&bench.engine, &one, 2, |stage| stage == Stage::Unknown).await;
    assert_eq!(stages(&bench.incident(&other)), [Stage::Accepted], "nobody knows yet");
    let settled = Entry::Settled {
        action: 2,
        settlement: Settlement::ByHand,
        detail: Outside::new("looked: it is active"),
    };
    let (ana, seen) = (Operator::new("ana", "bastion"), bench.incident(&one).version);
    let after = bench.engine.record(&ana, &one, seen, settled).await.unwrap();
    assert_eq!((after.id.clone(), stages(&after)[0]), (one, Stage::Undone));
    assert_eq!(stages(&bench.incident(&other)), [Stage::Undone]);
    // A containment that came after it is none of its business.
    freezes(&bench.engine, &other).await;
    assert_eq!(stages(&bench.incident(&other)), [Stage::Undone, Stage::Accepted]);
}

#[tokio::test]
async fn an_undo_that_would_end_more_than_was_shown_is_not_sent_before_it_was() {
    let (peer, adapters) = answering([""; 3].map(|_| Act::say(200, b"{}")));
    let bench = Bench::with(setup(10), |_| adapters()).await;
    let (one, other) = (bench.open(Severity::High).await, bench.open(Severity::High).await);
    freezes(&bench.engine, &one).await;
    let made = undo(&bench.engine, &one, 1).await;
    freezes(&bench.engine, &other).await;
    let ana = Operator::new("ana", "bastion");
    let refused = bench.engine.submit(&ana, &made.hash, Confirmation::default()).await.unwrap_err();
    assert_eq!(refused.kind, RefusalKind::Changed);
    assert_eq!(refused.differences, ["ANA-2 action 1 holds the same account: it is undone with it"]);
    assert_eq!(peer.seen().len(), 2, "nothing was sent");
    // What it says now is another plan; so is what somebody says about it since.
    let second = undo(&bench.engine, &one, 1).await;
    assert_eq!(second.warnings, refused.differences);
    bench.ana_does(&other, Entry::ContainmentKept { action: 1, because: Outside::new("asked for") }).await;
    assert!(submit(&bench.engine, "ana", &second).await.is_err());
    let third = undo(&bench.engine, &one, 1).await;
    let also = "ANA-2 action 1 holds the same account: it is undone with it, although it was kept: asked for";
    assert_eq!(third.warnings, [also]);
    assert!(made.hash != second.hash && second.hash != third.hash);
    submit(&bench.engine, "ana", &third).await.unwrap();
    becomes(&bench.engine, &other, 1, |stage| stage == Stage::Undone).await;
    assert_eq!(peer.seen().len(), 3);
}

#[tokio::test]
async fn what_is_written_down_is_the_plan_that_was_shown_last() {
    let (_peer, adapters) = answering([Act::say(200, b"{}")]);
    let bench = Bench::with(setup(10), |_| adapters()).await;
    let id = bench.open(Severity::High).await;
    let first = plan(&bench.engine, "ana", &id, "freeze", "1").await.unwrap();
    bench.hand.advance(Span::mins(1));
    let last = plan(&bench.engine, "ana", &id, "freeze", "1").await.unwrap();
    assert_eq!(first.hash, last.hash);
    submit(&bench.engine, "ana", &last).await.unwrap();
    becomes(&bench.engine, &id, 1, |stage| stage == Stage::Accepted).await;
    assert_eq!(bench.incident(&id).actions[&1].plan, last);
}

#[tokio::test]
async fn a_source_is_asked_anew_for_what_was_changed_there_from_here() {
    let (_peer, adapters) = answering([]);
    let bench = Bench::with(setup(10), |_| adapters()).await;
    let id = bench.open(Severity::High).await;
    let made = plan(&bench.engine, "ana", &id, "freeze", "1").await.unwrap();
    let verb = Verb::Upstream { playbook: "alerts/silence".to_owned() };
    let changed = || bench.engine.0.mirror.read().changed.get("alerts").copied();
    for entry in [
        Entry::intended(1, Box::new(Plan { verb, ..made }.seal())),
        Entry::Sent { action: 1 },
        Entry::answered(1, Outcome::Accepted, Outside::new("200")),
    ] {
        bench.ana_does(&id, entry).await;
        assert_eq!(changed(), None);
    }
    let detail = Outside::new("read back as expected");
    bench.ana_does(&id, Entry::Settled { action: 1, settlement: Settlement::Verified, detail }).await;
    assert_eq!(changed(), Some(bench.now()));
}

#[tokio::test]
async fn of_two_alike_each_undo_says_which() {
    let (_peer, adapters) = answering([Act::say(200, b"{}"), Act::say(200, b"{}")]);
    let bench = Bench::with(setup(10), |_| adapters()).await;
    let id = bench.open(Severity::High).await;
    freezes(&bench.engine, &id).await;
    let ana = Operator::new("ana", "bastion");
    let made = plan(&bench.engine, "ana", &id, "freeze", "2").await.unwrap();
    submit(&bench.engine, "ana", &made).await.unwrap();
    becomes(&bench.engine, &id, 2, |stage| stage == Stage::Accepted).await;
    let offered = bench.engine.applicable(&ana, &id).await.unwrap();
    let undos = offered.iter().filter(|it| matches!(it.verb, Verb::Undo { .. }));
    let titles: Vec<&str> = undos.map(|it| it.title.as_str()).collect();
    assert_eq!(titles, ["Undo #2: freeze 2, 14:00:00Z", "Undo #1: freeze 1, 14:00:00Z"]);
}

#[tokio::test]
async fn what_was_given_other_values_and_is_read_back_nowhere_is_another_thing() {
    let text = "id = 'block'\ntitle = 'Block'\nblast = 'one port'\ntarget = 'host'\nconfirm = 'enter'
        parameter = [{ name = 'host', allow = '[a-z0-9-]+' }, { name = 'port', allow = '[0-9]+' }]
        do.http = { api = 'exchange', path = '/hosts/{{host}}/block' }
        undo.http = { api = 'exchange', path = '/hosts/{{host}}/open/{{port}}' }";
    let setup = Setup { playbooks: vec![toml::from_str(text).unwrap()], ..setup(10) };
    let (_peer, adapters) = answering([""; 4].map(|_| Act::say(200, b"{}")));
    let bench = Bench::with(setup, |_| adapters()).await;
    let mut all = Vec::new();
    for port in ["22", "443", "22"] {
        let id = bench.open(Severity::High).await;
        let given = [("host", "gw-1"), ("port", port)];
        let given = given.map(|(name, value)| (name.to_owned(), Outside::new(value)));
        let verb = Verb::Contain { playbook: "block".into() };
        let made =
            bench.engine.plan(&Operator::new("ana", "bastion"), &id, verb, given.into()).await.unwrap();
        submit(&bench.engine, "ana", &made).await.unwrap();
        becomes(&bench.engine, &id, 1, |stage| stage == Stage::Accepted).await;
        all.push(id);
    }
    let kept = Entry::ContainmentKept { action: 1, because: Outside::new("customer asks for it") };
    let (ana, seen) = (Operator::new("ana", "bastion"), bench.incident(&all[2]).version);
    bench.engine.record(&ana, &all[2], seen, kept).await.unwrap();
    let verb = Verb::Undo { playbook: "block".into(), action: 1 };
    let made = bench.engine.plan(&ana, &all[0], verb, BTreeMap::new()).await.unwrap();
    let also = "ANA-3 action 1 holds the same host: it is undone with it, although it was kept: customer asks for it";
    assert_eq!(made.warnings, [also.to_owned(), in_doubt("ANA-2", "host")]);
    submit(&bench.engine, "ana", &made).await.unwrap();
    becomes(&bench.engine, &all[2], 1, |stage| stage == Stage::Undone).await;
    let first = |id: &IncidentId| stages(&bench.incident(id))[0];
    assert_eq!([&all[0], &all[1], &all[2]].map(first), [Stage::Undone, Stage::Accepted, Stage::Undone]);
}
