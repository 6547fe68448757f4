//! What is written down as undone with another one, and what holds on although that one is.

use std::collections::BTreeMap;

use super::bench::Bench;
use super::guards::{answering, setup, submit};
use super::undone::{becomes, freezes, stages, undo};
use crate::backend::Backend;
use crate::domain::action::{Outcome, Settlement, Stage, Verb};
use crate::domain::id::IncidentId;
use crate::domain::notice::{Notice, NoticeKind};
use crate::domain::operator::Operator;
use crate::domain::record::Entry;
use crate::domain::severity::Severity;
use crate::domain::text::Outside;
use crate::engine::Setup;
use crate::net::peer::Act;

fn yes() -> Act {
    Act::say(200, b"{}")
}

fn by_hand(action: u32) -> Entry {
    let detail = Outside::new("looked: it is so");
    Entry::Settled { action, settlement: Settlement::ByHand, detail }
}

/// Ana says that an undo whose outcome is unknown was done.
async fn settles(bench: &Bench, id: &IncidentId, action: u32) {
    let (ana, seen) = (Operator::new("ana", "bastion"), bench.incident(id).version);
    bench.engine.record(&ana, id, seen, by_hand(action)).await.unwrap();
}

#[tokio::test]
async fn a_persons_word_ends_nothing_that_the_plan_did_not_name() {
    let (_peer, adapters) = answering([yes(), Act::Raw(Vec::new())]);
    let bench = Bench::with(setup(10), |_| adapters()).await;
    let (one, other) = (bench.open(Severity::High).await, bench.open(Severity::High).await);
    freezes(&bench.engine, &one).await;
    // Nobody knows whether this one holds.
    let held = super::guards::plan(&bench.engine, "ana", &other, "freeze", "1").await.unwrap();
    for entry in [
        Entry::intended(1, Box::new(held)),
        Entry::Sent { action: 1 },
        Entry::answered(1, Outcome::Unknown, Outside::new("no answer")),
    ] {
        bench.ana_does(&other, entry).await;
    }
    let made = undo(&bench.engine, &one, 1).await;
    assert_eq!(made.warnings, [""; 0]);
    submit(&bench.engine, "ana", &made).await.unwrap();
    becomes(&bench.engine, &one, 2, |stage| stage == Stage::Unknown).await;
    bench.ana_does(&other, by_hand(1)).await;
    settles(&bench, &one, 2).await;
    assert_eq!(stages(&bench.incident(&one))[0], Stage::Undone);
    assert_eq!(stages(&bench.incident(&other)), [Stage::SettledByHand]);
}

#[tokio::test]
async fn a_persons_word_ends_nothing_that_only_a_read_back_would_show() {
    let text = "id = 'block'\ntitle = 'Block'\nblast = 'one port'\ntarget = 'host'\nconfirm = 'enter'
        parameter = [{ name = 'host', allow = '[a-z0-9-]+' }, { name = 'port', allow = '[0-9]+' }]
        do.http = { api = 'exchange', path = '/hosts/{{host}}/block' }
        verify.http = { api = 'exchange', path = '/hosts/{{host}}', expect = { '/blocked' = true } }
        undo.http = { api = 'exchange', path = '/hosts/{{host}}/open/{{port}}', expect_after = { '/blocked' = false } }";
    let setup = Setup { playbooks: vec![toml::from_str(text).unwrap()], ..setup(10) };
    let blocked = || Act::say(200, br#"{"blocked":true}"#);
    let (_peer, adapters) = answering([yes(), blocked(), yes(), blocked(), yes(), blocked()]);
    let bench = Bench::with(setup, |_| adapters()).await;
    let ana = Operator::new("ana", "bastion");
    let mut all = Vec::new();
    for port in ["22", "443", "22"] {
        let id = bench.open(Severity::High).await;
        let given = [("host", "gw-1"), ("port", port)];
        let given = given.map(|(name, value)| (name.to_owned(), Outside::new(value)));
        let verb = Verb::Contain { playbook: "block".into() };
        let made = bench.engine.plan(&ana, &id, verb, given.into()).await.unwrap();
        submit(&bench.engine, "ana", &made).await.unwrap();
        becomes(&bench.engine, &id, 1, |stage| stage == Stage::Verified).await;
        all.push(id);
    }
    let verb = Verb::Undo { playbook: "block".into(), action: 1 };
    let made = bench.engine.plan(&ana, &all[0], verb, BTreeMap::new()).await.unwrap();
    assert_eq!(made.warnings.len(), 2, "what reads it back would show both");
    for entry in [
        Entry::intended(2, Box::new(made)),
        Entry::Sent { action: 2 },
        Entry::answered(2, Outcome::Unknown, Outside::new("no answer")),
    ] {
        bench.ana_does(&all[0], entry).await;
    }
    settles(&bench, &all[0], 2).await;
    let first = |id: &IncidentId| stages(&bench.incident(id))[0];
    assert_eq!([&all[0], &all[1], &all[2]].map(first), [Stage::Undone, Stage::Verified, Stage::Undone]);
}

#[tokio::test]
async fn an_outcome_is_written_though_what_goes_with_it_cannot_be_and_somebody_hears_of_that() {
    let (_peer, adapters) = answering([yes(), yes()]);
    let bench = Bench::with(setup(10), |_| adapters()).await;
    let (one, other) = (bench.open(Severity::High).await, bench.open(Severity::High).await);
    freezes(&bench.engine, &one).await;
    freezes(&bench.engine, &other).await;
    let made = undo(&bench.engine, &one, 1).await;
    for entry in [Entry::intended(2, Box::new(made)), Entry::Sent { action: 2 }] {
        bench.ana_does(&one, entry).await;
    }
    let file = rusqlite::Connection::open(bench.engine.ledger().path()).unwrap();
    // A newer quell wrote the one before the last.
    for bytes in ["{\"v\":99}", "{}"] {
        let insert =
            "INSERT INTO records SELECT max(seq) + 1, NULL, CAST(?1 AS BLOB), zeroblob(32) FROM records";
        assert_eq!(file.execute(insert, [bytes]), Ok(1));
    }
    let again = bench.engine.plan(&Operator::new("ana", "bastion"), &one, undo_of(1), BTreeMap::new()).await;
    assert!(again.is_err(), "who cannot read what others did cannot say what it ends");
    let answered = Entry::answered(2, Outcome::Accepted, Outside::new("200"));
    tokio::time::pause();
    bench.engine.note_until_written(vec![bench.engine.by_engine(&one, answered)]).await;
    let mut last = file.prepare("SELECT CAST(bytes AS TEXT) FROM records ORDER BY seq DESC LIMIT 2").unwrap();
    let last: Vec<String> = last.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let [notice, outcome] = last.as_slice() else { panic!("{last:?}") };
    assert!(outcome.contains("accepted"), "{outcome}");
    assert!(notice.contains("ANA-2: action 1 still counts as in force, and may not be"), "{notice}");
    assert!(notice.contains("with ANA-1 action 2"), "{notice}");
    // Until somebody decided about it.
    assert!(notice.contains("\"unmarked\":1"), "whatever its words are: {notice}");
    let mut decided = (*bench.incident(&other)).clone();
    decided.actions.get_mut(&1).unwrap().stage = Stage::Undone;
    // Earlier formats said it in words alone.
    let words =
        "ANA-2: action 1 still counts as in force, and may not be: look. The same was undone with ANA-1";
    for (text, unmarked, expected) in [("look", Some(1), true), (words, None, true), ("look", None, false)] {
        let (kind, text) = (NoticeKind::UnknownOutcome, Outside::new(text));
        let notice = Notice { kind, incident: Some(other.clone()), text, to: None, unmarked };
        assert_eq!(notice.still_asks(&bench.incident(&other), bench.now()), expected);
        assert!(!notice.still_asks(&decided, bench.now()));
    }
}

fn undo_of(action: u32) -> Verb {
    Verb::Undo { playbook: "freeze".into(), action }
}
