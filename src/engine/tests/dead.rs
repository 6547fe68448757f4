//! A dead executor's action is judged by what the ledger says, not by what this process has read of it.

use super::bench::Bench;
use crate::domain::action::{Answer, Contained, Outcome, Settlement, Stage, Verb};
use crate::domain::id::IncidentId;
use crate::domain::plan::{Basis, HttpRequest, Plan, Request};
use crate::domain::playbook::Confirm;
use crate::domain::record::Entry;
use crate::domain::severity::Severity;
use crate::domain::text::Outside;

fn plan(incident: &IncidentId, bench: &Bench) -> Plan {
    let request = HttpRequest {
        api: "exchange".into(),
        method: "POST".into(),
        url: "http://127.0.0.1:1/freeze".into(),
        headers: Default::default(),
        body: None,
        instead: Vec::new(),
    };
    Plan {
        hash: Default::default(),
        verb: Verb::Contain { playbook: "freeze".into() },
        title: "Freeze account".into(),
        target: Some(("account".into(), Outside::new("88213"))),
        parameters: Default::default(),
        request: Request::Http(request),
        look_up: None,
        verify: None,
        undone_by: None,
        blast: "one customer".into(),
        confirm: Confirm::Enter,
        approvals: 0,
        approval_because: Vec::new(),
        caps: Vec::new(),
        room: None,
        before: Vec::new(),
        idempotent: true,
        key_lifetime: None,
        key: "k".into(),
        warnings: Vec::new(),
        basis: Basis {
            incident: incident.clone(),
            open: true,
            severity: Severity::High,
            owner: None,
            parameters: Default::default(),
            look_up: None,
            earlier: Vec::new(),
            ends: Vec::new(),
        },
        made_at: bench.now(),
    }
    .seal()
}

/// Everything that was said to have come of it.
async fn outcomes(bench: &Bench) -> Vec<Outcome> {
    let outcome = |entry| match entry {
        Entry::Answered { outcome, .. } => Some(outcome),
        _ => None,
    };
    bench.records().await.into_iter().filter_map(|record| outcome(record.entry)).collect()
}

#[tokio::test]
async fn what_was_sent_since_this_process_looked_is_unknown_and_never_not_sent() {
    let bench = Bench::new().await;
    let id = bench.open(Severity::High).await;
    bench.ana_does(&id, Entry::intended(1, Box::new(plan(&id, &bench)))).await;
    // Its executor writes that it sends, and dies: its lock is free.
    bench.elsewhere(&id, Entry::Sent { action: 1 }).await;
    assert_eq!(bench.engine.find(&id).unwrap().actions[&1].stage, Stage::Intended, "not read yet");

    bench.recover().await;
    assert_eq!(outcomes(&bench).await, [], "judged on what was old");
    bench.recover().await;
    assert_eq!(outcomes(&bench).await, [Outcome::Unknown]);
}

#[tokio::test]
async fn what_was_intended_and_went_no_further_was_not_sent() {
    let bench = Bench::new().await;
    let id = bench.open(Severity::High).await;
    let plan = plan(&id, &bench);
    bench.ana_does(&id, Entry::intended(1, Box::new(plan.clone()))).await;
    let lock = bench.engine.lock_plan(&plan.hash).unwrap();
    bench.recover().await;
    assert_eq!(outcomes(&bench).await, [], "its executor lives");
    drop(lock);
    bench.recover().await;
    assert_eq!(outcomes(&bench).await, [Outcome::NotSent]);
}

#[tokio::test]
async fn where_nobody_holds_the_lease_the_next_command_finds_it() {
    let bench = Bench::new().await;
    let id = bench.open(Severity::High).await;
    bench.ana_does(&id, Entry::intended(1, Box::new(plan(&id, &bench)))).await;
    bench.engine.stand_in().await;
    assert_eq!(outcomes(&bench).await, [Outcome::NotSent]);
}

#[tokio::test]
async fn what_becomes_of_a_silence_or_its_undo_says_nothing_of_the_containment() {
    let bench = Bench::new().await;
    let id = bench.open(Severity::High).await;
    let silence = || "prod-am/silence".to_owned();
    let verbs = [
        Verb::Contain { playbook: "freeze".into() },
        Verb::Upstream { playbook: silence() },
        Verb::Undo { playbook: silence(), action: 2 },
    ];
    for (action, verb) in (1..).zip(verbs) {
        let plan = Plan { verb, key: action.to_string(), ..plan(&id, &bench) }.seal();
        bench.ana_does(&id, Entry::intended(action, Box::new(plan))).await;
        bench.ana_does(&id, Entry::Sent { action }).await;
        let outcome = if action == 2 { Outcome::Accepted } else { Outcome::Unknown };
        let (detail, answer) = (Outside::new("so it said"), Answer::default());
        bench.ana_does(&id, Entry::Answered { action, outcome, detail, answer }).await;
        if action == 1 {
            let (settlement, detail) = (Settlement::Verified, Outside::new("read back"));
            bench.ana_does(&id, Entry::Settled { action, settlement, detail }).await;
        }
        assert_eq!(bench.incident(&id).contained(), Contained::Verified, "after action {action}");
    }
}
