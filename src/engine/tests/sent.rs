//! What is sent once more, and what is said of a no.

use std::collections::BTreeMap;

use super::bench::Bench;
use super::guards::{answering, plan, playbook, setup, submit};
use crate::backend::{Backend, Confirmation};
use crate::domain::action::{Stage, Verb};
use crate::domain::id::IncidentId;
use crate::domain::operator::Operator;
use crate::domain::severity::Severity;
use crate::engine::{Adapters, Setup};
use crate::net::peer::Act;

/// Reads the request and goes away: nobody knows whether it was done.
fn hangs_up() -> Act {
    Act::Raw(Vec::new())
}

async fn reverses(bench: &Bench, id: &IncidentId, twice: bool) -> Result<(), String> {
    let (ana, verb) = (Operator::new("ana", "bastion"), Verb::Undo { playbook: "freeze".into(), action: 1 });
    let made = bench.engine.plan(&ana, id, verb, BTreeMap::new()).await.unwrap();
    let confirmation = Confirmation { twice, ..Confirmation::default() };
    let done = bench.engine.submit(&ana, &made.hash, confirmation).await;
    done.map(drop).map_err(|refusal| refusal.message.raw().to_owned())
}

async fn becomes(bench: &Bench, id: &IncidentId, action: u32, stage: Stage) {
    bench.until(id, |it| it.actions.get(&action).is_some_and(|action| action.stage == stage)).await;
}

/// A bench on which action 1 froze account 1, or may have.
async fn frozen(adapters: Adapters, stage: Stage) -> (Bench, IncidentId) {
    let bench = Bench::with(setup(10), |_| adapters).await;
    let id = bench.open(Severity::High).await;
    let made = plan(&bench.engine, "ana", &id, "freeze", "1").await.unwrap();
    submit(&bench.engine, "ana", &made).await.unwrap();
    becomes(&bench, &id, 1, stage).await;
    (bench, id)
}

#[tokio::test]
async fn an_undo_that_may_have_been_done_is_sent_again_only_by_whoever_says_so() {
    let (peer, adapters) = answering([Act::say(200, b"{}"), hangs_up(), Act::say(200, b"{}")]);
    let (bench, id) = frozen(adapters(), Stage::Accepted).await;
    reverses(&bench, &id, false).await.unwrap();
    becomes(&bench, &id, 2, Stage::Unknown).await;
    let refused = reverses(&bench, &id, false).await.unwrap_err();
    assert!(refused.contains("this may happen twice"), "{refused}");
    assert_eq!((peer.seen().len(), bench.incident(&id).actions.len()), (2, 2), "nothing was sent");
    reverses(&bench, &id, true).await.unwrap();
    becomes(&bench, &id, 1, Stage::Undone).await;
    assert_eq!(peer.seen().len(), 3);
}

#[tokio::test]
async fn what_may_have_been_done_is_undone_without_being_asked_about_twice() {
    let (_peer, adapters) = answering([hangs_up(), Act::say(200, b"{}")]);
    let (bench, id) = frozen(adapters(), Stage::Unknown).await;
    reverses(&bench, &id, false).await.unwrap();
    becomes(&bench, &id, 1, Stage::Undone).await;
}

#[tokio::test]
async fn a_target_that_is_not_as_it_was_shown_is_looked_at_again() {
    let look_up = "lookup.http = { api = 'exchange', path = '/accounts/{{account}}', show = ['/status'] }";
    let says = |status: &str| Act::say(200, format!(r#"{{"status":"{status}"}}"#).as_bytes());
    for (status, after, words) in [
        (
            409,
            says("closed"),
            "changed since you looked (409): status 409 Conflict; /status was active, is now closed",
        ),
        (
            412,
            says("active"),
            "changed since you looked (412): status 412 Precondition Failed; its own record still says what was shown",
        ),
        (
            428,
            Act::say(503, b""),
            "changed since you looked (428): status 428 Precondition Required; looked at again: the target could not be looked up",
        ),
        (422, says("closed"), "status 422 Unprocessable Entity"),
    ] {
        let (peer, adapters) = answering([says("active"), says("active"), Act::say(status, b""), after]);
        let setup = Setup { playbooks: vec![playbook("freeze", look_up)], ..setup(10) };
        let bench = Bench::with(setup, |_| adapters()).await;
        let id = bench.open(Severity::High).await;
        let made = plan(&bench.engine, "ana", &id, "freeze", "1").await.unwrap();
        submit(&bench.engine, "ana", &made).await.unwrap();
        becomes(&bench, &id, 1, Stage::Refused).await;
        let detail = bench.incident(&id).actions[&1].detail.raw().to_owned();
        assert!(detail.starts_with(words), "{detail}");
        assert_eq!(peer.seen().len(), if status == 422 { 3 } else { 4 }, "{status}: once, and no more");
    }
}
