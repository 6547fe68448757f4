//! Protected targets and caps, at the plan and once more before anything is written down.

use std::collections::BTreeMap;

use super::bench::Bench;
use crate::backend::{Backend, Confirmation, Refusal};
use crate::domain::action::{Answer, Outcome, Verb};
use crate::domain::id::IncidentId;
use crate::domain::identity::{Person, PublicKey, Standing};
use crate::domain::opening::Joining;
use crate::domain::operator::Operator;
use crate::domain::parameter::{Holding, Offer, Origin};
use crate::domain::plan::Plan;
use crate::domain::playbook::{Confirm, Playbook};
use crate::domain::protected::Protected;
use crate::domain::record::Entry;
use crate::domain::severity::Severity;
use crate::domain::signal::SignalKey;
use crate::domain::text::Outside;
use crate::domain::time::Span;
use crate::engine::guards::{Guarded, guard};
use crate::engine::sending::may_repeat;
use crate::engine::{Adapters, Engine, Setup};
use crate::net::Api;
use crate::net::peer::{Act, Peer};
use crate::playbooks::carry::Apis;

pub(super) fn playbook(id: &str, more: &str) -> Playbook {
    let text = format!(
        "id = '{id}'\ntitle = '{id}'\nblast = 'one customer'\ntarget = 'account'\nconfirm = 'enter'\n{more}
         parameter = [{{ name = 'account', allow = '[0-9a-z-]+', from = 'label:account' }}]
         do.http = {{ api = 'exchange', path = '/accounts/{{{{account}}}}/{id}' }}"
    );
    toml::from_str(&text).unwrap()
}

fn protected(text: &str) -> Protected {
    toml::from_str(text).unwrap()
}

pub(super) fn setup(per_hour: u32) -> Setup {
    Setup {
        actions_enabled: true,
        per_hour,
        playbooks: vec![
            playbook("freeze", "undo.http = { api = 'exchange', path = '/x' }"),
            playbook("hold", "per_hour = 2"),
        ],
        ..Setup::default()
    }
}

/// An exchange that says yes so often.
fn exchange(times: usize) -> (Peer, impl Fn() -> Adapters) {
    answering(std::iter::repeat_with(|| Act::say(200, b"{}")).take(times))
}

/// One that does this.
pub(super) fn answering(acts: impl IntoIterator<Item = Act>) -> (Peer, impl Fn() -> Adapters) {
    let peer = Peer::new(acts);
    let url = peer.url("");
    let adapters = move || {
        let settings = toml::from_str(&format!("name = 'exchange'\nurl = '{url}'\n")).unwrap();
        let apis = Apis::from([("exchange".to_owned(), Api::new(&settings, |_| None).unwrap())]);
        Adapters { apis, ..Adapters::default() }
    };
    (peer, adapters)
}

pub(super) async fn plan(
    engine: &Engine,
    who: &str,
    id: &IncidentId,
    playbook: &str,
    account: &str,
) -> Result<Plan, Refusal> {
    let given = BTreeMap::from([("account".to_owned(), Outside::new(account))]);
    let verb = Verb::Contain { playbook: playbook.to_owned() };
    engine.plan(&Operator::new(who, "bastion"), id, verb, given).await
}

pub(super) async fn submit(engine: &Engine, who: &str, plan: &Plan) -> Result<(), String> {
    let done = engine.submit(&Operator::new(who, "bastion"), &plan.hash, Confirmation::default()).await;
    done.map(drop).map_err(|refusal| refusal.message.raw().to_owned())
}

fn said(refusal: &Refusal) -> &str {
    refusal.message.raw()
}

#[tokio::test]
async fn a_protected_target_is_refused_or_sent_to_a_second_person() {
    let (_peer, adapters) = exchange(0);
    let mut setup = setup(10);
    setup.protected = vec![
        protected("targets = ['mm-.*', '1001']\nbecause = 'market maker'"),
        protected(
            "targets = ['vip-.*']\nplaybooks = ['freeze']\nneeds = 'approval'\nbecause = 'large client'",
        ),
        protected("targets = ['vip-1']\nneeds = 'approval'\nbecause = 'in litigation'"),
    ];
    let bench = Bench::with(setup, |_| adapters()).await;
    let id = bench.open(Severity::High).await;
    let refused = plan(&bench.engine, "ana", &id, "hold", "1001").await.unwrap_err();
    assert_eq!(said(&refused), "the target is protected: market maker; hold leaves it alone");
    let needs = async |playbook: &str, account: &str| {
        let plan = plan(&bench.engine, "ana", &id, playbook, account).await.unwrap();
        (plan.approvals, plan.approval_because.join("; "))
    };
    assert_eq!(needs("freeze", "vip-2").await, (1, "the target is protected: large client".to_owned()));
    assert_eq!(needs("hold", "vip-2").await, (0, String::new()));
    assert_eq!(
        needs("freeze", "vip-1").await.1,
        "the target is protected: large client; the target is protected: in litigation"
    );
    assert_eq!(needs("freeze", "88213").await, (0, String::new()));
}

#[tokio::test]
async fn a_plan_made_before_its_target_was_protected_is_refused_when_it_is_confirmed() {
    let (peer, adapters) = exchange(0);
    let bench = Bench::with(setup(10), |_| adapters()).await;
    let id = bench.open(Severity::High).await;
    let made = plan(&bench.engine, "ana", &id, "freeze", "1001").await.unwrap();
    let guarded = |needs: &str| {
        let text = format!("targets = ['1001']\nneeds = '{needs}'\nbecause = 'market maker'");
        Setup { protected: vec![protected(&text)], ..setup(10) }
    };
    let strict = bench.another_with(guarded("refuse"), adapters()).await;
    let why = submit(&strict, "ana", &made).await.unwrap_err();
    assert_eq!(why, "the target is protected: market maker; freeze leaves it alone");
    let careful = bench.another_with(guarded("approval"), adapters()).await;
    let why = submit(&careful, "ana", &made).await.unwrap_err();
    assert_eq!(why, "the target is protected: market maker; plan it again: a second person must approve it");
    assert_eq!(peer.seen().len(), 0);
    assert!(bench.incident(&id).actions.is_empty());
}

#[tokio::test]
async fn an_hour_is_counted_over_all_incidents_and_without_what_did_nothing() {
    let (_peer, adapters) = exchange(0);
    let bench = Bench::with(setup(3), |_| adapters()).await;
    let (one, other) = (bench.open(Severity::High).await, bench.open(Severity::High).await);
    let made = plan(&bench.engine, "ana", &one, "freeze", "1").await.unwrap();
    assert_eq!((made.caps.as_slice(), made.room), (&["0 of 3 this hour by ana".to_owned()][..], Some(3)));
    let intend = async |id: &IncidentId, account: &str| {
        let plan = plan(&bench.engine, "ana", id, "freeze", account).await.unwrap();
        let action = bench.incident(id).next_action();
        bench.ana_does(id, Entry::intended(action, Box::new(plan))).await;
        bench.hand.advance(Span::mins(5));
        action
    };
    intend(&one, "1").await;
    let left = intend(&other, "2").await;
    let answer = Answer::default();
    let answered = Entry::Answered {
        action: left,
        outcome: Outcome::NotSent,
        detail: Outside::new("it never left"),
        answer,
    };
    bench.ana_does(&other, answered).await;
    intend(&other, "3").await;
    intend(&one, "4").await;
    let guard_of = |who: &str, plan: &Plan, at| {
        guard(&setup(3), &bench.engine.0.mirror.all(), who, plan, at).map(|guarded| guarded.caps)
    };
    let now = bench.now();
    let full = "3 of 3 this hour by ana: the next is possible at 15:00:00Z ([actions] per_hour)";
    assert_eq!(guard_of("ana", &made, now), Err(full.to_owned()));
    assert_eq!(said(&plan(&bench.engine, "ana", &one, "freeze", "5").await.unwrap_err()), full);
    assert_eq!(guard_of("bob", &made, now), Ok(vec!["0 of 3 this hour by bob".to_owned()]));
    let last = "2026-11-20T14:59:59Z".parse().unwrap();
    assert!(guard_of("ana", &made, last).is_err());
    let next = last + Span::secs(1).delta();
    assert_eq!(guard_of("ana", &made, next), Ok(vec!["2 of 3 this hour by ana".to_owned()]));

    let mut undo = made;
    undo.verb = Verb::Undo { playbook: "freeze".into(), action: 1 };
    assert_eq!(guard(&setup(3), &bench.engine.0.mirror.all(), "ana", &undo, now), Ok(Guarded::default()));
}

#[tokio::test]
async fn a_playbook_has_a_cap_of_its_own_for_everybody_together() {
    let (_peer, adapters) = exchange(2);
    let bench = Bench::with(setup(10), |_| adapters()).await;
    let id = bench.open(Severity::High).await;
    for (who, account) in [("ana", "1"), ("bob", "2")] {
        let made = plan(&bench.engine, who, &id, "hold", account).await.unwrap();
        submit(&bench.engine, who, &made).await.unwrap();
    }
    let why = plan(&bench.engine, "cem", &id, "hold", "3").await.unwrap_err();
    assert_eq!(
        said(&why),
        "2 of 2 this hour of hold by anybody: the next is possible at 15:00:00Z (its per_hour)"
    );
    let caps = plan(&bench.engine, "bob", &id, "freeze", "3").await.unwrap().caps;
    assert_eq!(caps, ["1 of 10 this hour by bob"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_confirms_at_the_same_moment_in_another_process_is_counted() {
    let (peer, adapters) = exchange(12);
    let bench = Bench::with(setup(3), |_| adapters()).await;
    let other = bench.another_with(setup(3), adapters()).await;
    let id = bench.open(Severity::High).await;
    other.catch_up().await.unwrap();
    let mut plans = Vec::new();
    for number in 0..12 {
        let engine = if number % 2 == 0 { bench.engine.clone() } else { other.clone() };
        let made = plan(&engine, "ana", &id, "freeze", &number.to_string()).await.unwrap();
        plans.push((engine, made));
    }
    let submitted = plans.iter().map(|(engine, made)| submit(engine, "ana", made));
    let done = futures_util::future::join_all(submitted).await;
    let why = done.iter().filter_map(|done| done.as_ref().err()).collect::<Vec<_>>();
    assert_eq!(why.len(), 9, "{done:?}");
    assert!(why.iter().all(|why| why.starts_with("3 of 3 this hour by ana")), "{why:?}");
    bench.engine.drain(Span::secs(10).std()).await;
    other.drain(Span::secs(10).std()).await;
    assert_eq!(peer.seen().len(), 3);
}

#[tokio::test]
async fn a_label_brings_a_protected_target_no_further() {
    let (_peer, adapters) = exchange(0);
    let mut setup = setup(10);
    setup.protected = vec![protected("targets = ['.*market-maker.*']\nbecause = 'market maker'")];
    let bench = Bench::with(setup, |_| adapters()).await;
    let id = bench.fire_with("account", "acct-market-maker-1").await;
    let verb = Verb::Contain { playbook: "freeze".into() };
    let ana = Operator::new("ana", "bastion");
    let offered = bench.engine.applicable(&ana, &id).await.unwrap();
    let offer = &offered[0].asked[0].offers[0];
    assert_eq!((offer.value.raw(), &offer.origin), ("acct-market-maker-1", &Origin::Label("account".into())));
    let refused = bench.engine.plan(&ana, &id, verb, BTreeMap::new()).await.unwrap_err();
    assert!(said(&refused).contains("protected: market maker"), "{refused}");
}

#[tokio::test]
async fn a_target_that_is_held_already_is_offered_last_and_says_since_when() {
    let (_peer, adapters) = exchange(0);
    let bench = Bench::with(setup(10), |_| adapters()).await;
    let (one, other) = (bench.fire_with("account", "1").await, bench.fire_with("account", "1").await);
    let key = SignalKey { source: "prod-am".into(), fingerprint: Outside::new("9a1b") };
    let labels = [(Outside::new("account"), Outside::new("2"))].into();
    let joining = Joining { key, labels, ..bench.joining() };
    bench.ana_does(&one, Entry::SignalJoined(Box::new(joining))).await;
    let offers = async |id: &IncidentId| {
        let offered = bench.engine.applicable(&Operator::new("ana", "bastion"), id).await.unwrap();
        let held = |offer: &Offer| offer.held.as_ref().map(Holding::words).unwrap_or_default();
        let said = offered[0].asked[0].offers.iter().map(|it| format!("{} {}", it.value.raw(), held(it)));
        said.collect::<Vec<_>>()
    };
    assert_eq!(offers(&one).await, ["1 ", "2 "]);
    let made = plan(&bench.engine, "ana", &one, "freeze", "1").await.unwrap();
    bench.ana_does(&one, Entry::intended(1, Box::new(made))).await;
    bench.ana_does(&one, Entry::Sent { action: 1 }).await;
    assert_eq!(offers(&one).await, ["1 ", "2 "], "nobody knows yet");
    let warned = async |id: &IncidentId, account: &str| {
        plan(&bench.engine, "ana", id, "freeze", account).await.unwrap().warnings
    };
    bench.hand.advance(Span::mins(3));
    bench.ana_does(&one, Entry::answered(1, Outcome::Accepted, Outside::new("200"))).await;
    assert_eq!(offers(&one).await, ["2 ", "1 in force since 14:00Z (action 1)"]);
    assert_eq!(offers(&other).await, ["1 in force since 14:00Z (ANA-1 action 1)"]);
    assert!(warned(&one, "1").await.contains(&"already in force since 14:00Z (action 1)".to_owned()));
    assert!(warned(&other, "1").await.contains(&"already in force since 14:00Z (ANA-1 action 1)".to_owned()));
    assert!(!warned(&one, "2").await.iter().any(|it| it.contains("in force")));
}

#[tokio::test]
async fn several_are_confirmed_by_their_playbook_and_how_many_they_are_and_only_those_that_are_named() {
    let (peer, adapters) = exchange(2);
    let mut setup = setup(10);
    setup.playbooks[0].max_targets = 3;
    let bench = Bench::with(setup, |_| adapters()).await;
    let id = bench.open(Severity::High).await;
    let mut hashes = Vec::new();
    for (playbook, account) in
        [("freeze", "1"), ("freeze", "2"), ("freeze", "3"), ("freeze", "4"), ("hold", "1")]
    {
        hashes.push(plan(&bench.engine, "ana", &id, playbook, account).await.unwrap().hash);
    }
    let confirms = async |typed: &str, together: &[usize]| {
        let together = together.iter().map(|place| hashes[*place].clone()).collect();
        let confirmation =
            Confirmation { typed: Some(Outside::new(typed)), together, ..Confirmation::default() };
        let ana = Operator::new("ana", "bastion");
        bench.engine.submit(&ana, &hashes[0], confirmation).await.map_err(|it| said(&it).to_owned())
    };
    for typed in ["freeze 1", "freeze 2", "freeze 3"] {
        let refused = format!("typed {typed}, but the target is 1");
        assert_eq!(confirms(typed, &[]).await.unwrap_err(), refused);
    }
    for (typed, together) in [
        ("freeze 3", &[0, 1][..]),
        ("freeze 02", &[0, 1]),
        ("hold 2", &[0, 1]),
        ("1", &[0, 1]),
        ("freeze 1", &[0]),
        ("freeze 2", &[0, 0]),
        ("freeze 2", &[1, 2]),
    ] {
        let refused = "several freeze at once were not confirmed";
        assert_eq!(confirms(typed, together).await.unwrap_err(), refused, "{typed} {together:?}");
    }
    let many = confirms("freeze 4", &[0, 1, 2, 3]).await.unwrap_err();
    assert_eq!(many, "freeze takes 3 at once, not 4 (max_targets)");
    let mixed = confirms("freeze 2", &[0, 4]).await.unwrap_err();
    assert_eq!(mixed, "only containments with one playbook are confirmed together");
    assert_eq!(peer.seen().len(), 0);
    let done = confirms("freeze 2", &[0, 1]).await.unwrap();
    let confirmed = &done.incident.actions[&1].confirmed;
    assert_eq!((confirmed.typed.as_ref().unwrap().raw(), confirmed.together.len()), ("freeze 2", 2));
}

#[tokio::test]
async fn a_plan_made_before_its_playbook_asked_for_more_is_refused_when_it_is_confirmed() {
    let (peer, adapters) = exchange(0);
    let bench = Bench::with(setup(10), |_| adapters()).await;
    let id = bench.open(Severity::High).await;
    let made = plan(&bench.engine, "ana", &id, "freeze", "1").await.unwrap();
    let with = |change: fn(&mut Vec<Playbook>)| {
        let mut setup = setup(10);
        change(&mut setup.playbooks);
        setup
    };
    for (later, why) in [
        (with(|all| all[0].approvals = 1), "freeze needs a second person by now; plan it again"),
        (
            with(|all| all[0].confirm = Confirm::TypeTarget),
            "freeze needs its target typed by now; plan it again",
        ),
        (with(|all| drop(all.remove(0))), "there is no playbook freeze; configured: hold"),
    ] {
        let later = bench.another_with(later, adapters()).await;
        assert_eq!(submit(&later, "ana", &made).await.unwrap_err(), why);
    }
    assert_eq!(peer.seen().len(), 0);
    assert!(bench.incident(&id).actions.is_empty());
}

#[tokio::test]
async fn whoever_is_listed_asks_only_as_a_responder() {
    let (peer, adapters) = exchange(1);
    let key = PublicKey::new([7; 32]);
    let listed = |roles: &[Standing]| Setup {
        people: vec![Person { name: "ana".to_owned(), key, roles: roles.to_vec() }],
        ..setup(10)
    };
    let bench = Bench::with(listed(&[Standing::Approver]), |_| adapters()).await;
    let id = bench.open(Severity::High).await;
    let ana = Operator { key: Some(key.id()), ..Operator::new("ana", "bastion") };
    let made = plan(&bench.engine, "ana", &id, "freeze", "1").await.unwrap();
    let refused = bench.engine.submit(&ana, &made.hash, Confirmation::default()).await.unwrap_err();
    assert_eq!(
        said(&refused),
        "ana has not the role responder and may not ask for a change: add it to roles of their [[person]]"
    );
    let keyless = submit(&bench.engine, "ana", &made).await.unwrap_err();
    assert_eq!(keyless, said(&refused), "it helps nobody to leave the key at home");
    assert_eq!(peer.seen().len(), 0);
    let responder = bench.another_with(listed(&[Standing::Responder]), adapters()).await;
    responder.submit(&ana, &made.hash, Confirmation::default()).await.unwrap();
}

#[tokio::test]
async fn a_plan_that_was_changed_where_it_is_kept_is_none() {
    let (peer, adapters) = exchange(0);
    let bench = Bench::with(setup(10), |_| adapters()).await;
    let id = bench.open(Severity::High).await;
    let made = plan(&bench.engine, "ana", &id, "freeze", "1").await.unwrap();
    let other = plan(&bench.engine, "ana", &id, "freeze", "2").await.unwrap();
    assert!(made.is_sealed() && other.is_sealed());
    let forged = Plan { hash: made.hash.clone(), ..other };
    let live = rusqlite::Connection::open(bench.state().join("live.db")).unwrap();
    let forged = serde_json::to_string(&forged).unwrap();
    assert_eq!(live.execute("UPDATE plans SET state = ?2 WHERE hash = ?1", [&made.hash.0, &forged]), Ok(1));
    assert!(submit(&bench.engine, "ana", &made).await.unwrap_err().starts_with("there is no such plan"));
    assert_eq!(peer.seen().len(), 0);
}

#[tokio::test]
async fn a_key_is_sent_again_only_while_the_other_side_remembers_it() {
    let (_peer, adapters) = exchange(0);
    let mut setup = setup(10);
    setup.playbooks[0].idempotent = true;
    setup.playbooks[0].key_lifetime = Some(Span::secs(2));
    let bench = Bench::with(setup, |_| adapters()).await;
    let id = bench.open(Severity::High).await;
    let made = plan(&bench.engine, "ana", &id, "freeze", "1").await.unwrap();
    let after = |millis| may_repeat(&made, bench.now(), bench.now() + Span::millis(millis).delta());
    assert!(after(1999) && !after(2000));
    let for_good = Plan { key_lifetime: None, ..made.clone() };
    assert!(may_repeat(&for_good, bench.now(), bench.now() + Span::mins(60).delta()));
    let never = Plan { idempotent: false, ..for_good };
    assert!(!may_repeat(&never, bench.now(), bench.now()));
}
