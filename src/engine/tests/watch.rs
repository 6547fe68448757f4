//! The watch changes hands as a whole, or not at all.

use super::bench::Bench;
use crate::backend::Backend;
use crate::domain::id::IncidentId;
use crate::domain::operator::Operator;
use crate::domain::record::Entry;
use crate::domain::role::Role;
use crate::domain::severity::Severity;
use crate::domain::story;
use crate::domain::text::Outside;

fn person(name: &str) -> Operator {
    Operator::new(name, "bastion")
}

fn takes(role: Role, name: &str, from: Option<&str>) -> Entry {
    Entry::RoleTaken { role, name: Outside::new(name), from: from.map(Outside::new) }
}

/// Ana holds the first and plays two roles in it, leads the second, and has nothing to do with the third.
async fn scene() -> (Bench, [IncidentId; 3]) {
    let bench = Bench::new().await;
    let ids = [
        bench.open(Severity::Critical).await,
        bench.open(Severity::High).await,
        bench.open(Severity::High).await,
    ];
    bench.ana_does(&ids[0], Entry::Acknowledged { lasts_s: 60, from: None }).await;
    for (id, role, name) in [
        (&ids[0], Role::Lead, "ana"),
        (&ids[0], Role::Commander, "ana"),
        (&ids[0], Role::Scribe, "dee"),
        (&ids[1], Role::Lead, "ana"),
        (&ids[2], Role::Lead, "dee"),
    ] {
        bench.ana_does(id, takes(role, name, None)).await;
    }
    (bench, ids)
}

async fn offer(bench: &Bench, to: &str) -> u64 {
    bench.engine.offer_watch(&person("ana"), to, Outside::new("# all of it")).await.unwrap();
    bench.engine.0.mirror.read().watch.as_ref().unwrap().seq
}

fn roles(bench: &Bench, id: &IncidentId) -> Vec<(Role, String)> {
    let incident = bench.incident(id);
    incident.roles.iter().map(|(role, held)| (*role, held.name.raw().to_owned())).collect()
}

#[tokio::test]
async fn who_accepts_it_holds_and_plays_all_that_its_giver_did() {
    let (bench, [first, second, third]) = scene().await;
    let seq = offer(&bench, "bo").await;
    assert_eq!(bench.incident(&first).owner.as_ref().unwrap().name, "ana", "an offer moves nothing");
    let before = bench.records().await.len();
    bench.engine.accept_watch(&person("bo"), seq).await.unwrap();
    let owner = bench.incident(&first).owner.clone().unwrap();
    assert_eq!((owner.name.as_str(), owner.lasts_s), ("bo", 30 * 60), "as long as anybody's");
    let of = |role, name: &str| (role, name.to_owned());
    let all = [of(Role::Lead, "bo"), of(Role::Commander, "bo"), of(Role::Scribe, "dee")];
    assert_eq!(roles(&bench, &first), all);
    assert_eq!(roles(&bench, &second), [of(Role::Lead, "bo")]);
    assert_eq!(bench.incident(&second).owner, None, "what nobody held is held by nobody");
    assert_eq!(roles(&bench, &third), [of(Role::Lead, "dee")]);
    assert_eq!(bench.records().await.len() - before, 5, "the watch, one acknowledgement, three roles");
    let again = bench.engine.accept_watch(&person("bo"), seq).await.unwrap_err();
    assert!(again.message.raw().contains("stands no more"), "{again}");
    let handed = bench.engine.0.mirror.read().handed.clone().unwrap();
    assert_eq!((handed.by.as_str(), handed.to.as_str(), handed.at), ("ana", "bo", bench.now()));
}

#[tokio::test]
async fn an_offer_that_is_taken_back_is_written_down_as_that() {
    let (bench, _) = scene().await;
    let seq = offer(&bench, "bo").await;
    bench.engine.accept_watch(&person("ana"), seq).await.unwrap();
    let last = bench.records().await.pop().unwrap();
    assert_eq!(story::sentence(&last, None).1, "ana took the offer of the watch back");
    let (watch, handed) = {
        let view = bench.engine.0.mirror.read();
        (view.watch.clone(), view.handed.clone())
    };
    assert_eq!((watch, handed), (None, None), "nobody has taken it");
}

#[tokio::test]
async fn it_is_taken_by_whom_it_was_offered_to_and_only_the_last_offer_stands() {
    let (bench, [first, ..]) = scene().await;
    for nobody in ["ana", "", "  "] {
        let refused = bench.engine.offer_watch(&person("ana"), nobody, Outside::new("x")).await;
        assert!(refused.unwrap_err().message.raw().contains("somebody else"), "{nobody:?}");
    }
    let old = offer(&bench, "bo").await;
    let refused = bench.engine.accept_watch(&person("cy"), old).await.unwrap_err();
    assert_eq!(refused.message.raw(), "the watch was offered to bo");
    let new = offer(&bench, "cy").await;
    assert!(bench.engine.accept_watch(&person("bo"), old).await.is_err());
    assert!(bench.engine.accept_watch(&person("bo"), new).await.is_err());
    assert_eq!(bench.incident(&first).owner.as_ref().unwrap().name, "ana");
    bench.engine.accept_watch(&person("cy"), new).await.unwrap();
    assert_eq!(bench.incident(&first).owner.as_ref().unwrap().name, "cy");
}

#[tokio::test]
async fn when_one_part_was_overtaken_nothing_changes_hands() {
    let (bench, [first, second, _]) = scene().await;
    let seq = offer(&bench, "bo").await;
    // Another process gave this role away; this one has not read it yet.
    bench.elsewhere(&second, takes(Role::Lead, "dee", Some("ana"))).await;
    let before = bench.records().await.len();
    assert!(bench.engine.accept_watch(&person("bo"), seq).await.is_err());
    assert_eq!(bench.records().await.len(), before, "not a single record");
    bench.ana_does(&first, Entry::Noted { text: Outside::new("reads the tail") }).await;
    bench.engine.accept_watch(&person("bo"), seq).await.unwrap();
    assert_eq!(roles(&bench, &second), [(Role::Lead, "dee".to_owned())]);
    assert_eq!(bench.incident(&first).owner.as_ref().unwrap().name, "bo");
}
