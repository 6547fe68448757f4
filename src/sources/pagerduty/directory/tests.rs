//! What is read of who and what there is, also by who gives up.

use super::*;
use crate::net::peer::{Act, Peer};
use crate::net::{Client, Connection, Login};
use crate::sources::pagerduty::wire::Wire;

#[tokio::test]
async fn of_many_policies_what_was_answered_counts_and_who_gives_up_goes_on_there() {
    let of = |policy: &str| {
        let one = format!(
            r#"{{"escalation_policy":{{"id":"{policy}"}},"escalation_level":1,"user":{{"id":"U1"}}}}"#
        );
        Act::say(200, format!(r#"{{"oncalls":[{one}]}}"#).as_bytes())
    };
    let peer = Peer::new([of("E00"), Act::Hang, of("E25"), of("E50")]);
    let client = Client::for_polling(&Connection::default(), Login::none()).unwrap();
    let wire = Wire::new(peer.url(""), client);
    let (shelf, now) = (Shelf::default(), Time::UNIX_EPOCH);
    let names: Vec<String> = (0..60).map(|number| format!("E{number:02}")).collect();
    let policies: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    let (mut one, mut other) = (wire.asking(now), wire.asking(now));
    let hangs = async {
        while peer.seen().len() < 2 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = shelf.read_on_call(&mut one, &policies, now) => panic!("it hangs"),
        () = hangs => {}
    }
    let known = shelf.read();
    assert_eq!((known.on_call.len(), known.on_call["E00"].len()), (25, 1));
    assert_eq!(known.missing().collect::<Vec<_>>(), [(ON_CALL, "not yet for 35 of 60 policies")]);
    shelf.read_on_call(&mut other, &policies, now).await;
    let (known, seen) = (shelf.read(), peer.seen());
    assert_eq!((known.on_call.len(), known.missing().count(), seen.len()), (60, 0, 4));
    assert!(known.on_call["E25"].len() == 1 && known.on_call["E50"].len() == 1);
    assert!(seen[2].contains("E25") && !seen[2].contains("E24"), "it went on: {}", seen[2]);
    shelf.read_on_call(&mut other, &policies, now).await;
    assert_eq!(peer.seen().len(), 4, "and is asked rarely then");
}

#[tokio::test]
async fn who_gives_up_takes_nothing_from_what_others_learnt_meanwhile() {
    let say = |body: &str| Act::say(200, body.as_bytes());
    let peer = Peer::new([
        say(r#"{"priorities":[{"id":"P1","summary":"P1"}]}"#),
        Act::Hang,
        say(r#"{"oncalls":[{"escalation_policy":{"id":"E1"},"escalation_level":1,"user":{"id":"U1"}}]}"#),
    ]);
    let client = Client::for_polling(&Connection::default(), Login::none()).unwrap();
    let wire = Wire::new(peer.url(""), client);
    let (shelf, now) = (Shelf::default(), Time::UNIX_EPOCH);
    let (mut one, mut other) = (wire.asking(now), wire.asking(now));
    let learns = async {
        while peer.seen().len() < 2 {
            tokio::task::yield_now().await;
        }
        shelf.read_on_call(&mut other, &BTreeSet::from(["E1"]), now).await;
    };
    tokio::select! {
        () = shelf.read_basics(&mut one, now) => panic!("it hangs"),
        () = learns => {}
    }
    let known = shelf.read();
    assert_eq!((known.priorities.len(), known.on_call["E1"].len()), (1, 1));
    let missing: Vec<_> = known.missing().collect();
    assert_eq!(missing, [(WHOSE, "no answer in time")]);
}

#[tokio::test]
async fn the_policies_of_a_large_account_are_read_on_where_somebody_gave_up_and_none_is_lost_or_there_twice()
{
    let page = |from: usize, to: usize, more: bool| {
        let one = |number| format!(r#"{{"id":"E{number:03}","name":"policy {number:03}"}}"#);
        let all = (from..to).map(one).collect::<Vec<_>>().join(",");
        Act::say(200, format!(r#"{{"escalation_policies":[{all}],"more":{more}}}"#).as_bytes())
    };
    let acts = [page(0, 100, true), Act::Hang, page(99, 199, true), page(198, 230, false)];
    let peer = Peer::new(acts);
    let client = Client::for_polling(&Connection::default(), Login::none()).unwrap();
    let wire = Wire::new(peer.url(""), client);
    let (shelf, now) = (Shelf::default(), Time::UNIX_EPOCH);
    let (mut one, mut other) = (wire.asking(now), wire.asking(now));
    let hangs = async {
        while peer.seen().len() < 2 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = shelf.read_policies(&mut one, now) => panic!("it hangs"),
        () = hangs => {}
    }
    let known = shelf.read();
    assert_eq!(known.policies().len(), 100, "what is read is offered");
    assert_eq!(known.missing().collect::<Vec<_>>(), [(WHICH_POLICIES, "only 100 of them so far")]);
    shelf.read_policies(&mut other, now).await;
    let known = shelf.read();
    assert_eq!(known.missing().count(), 0);
    let all: Vec<String> = (0..230).map(|number| format!("policy {number:03} (E{number:03})")).collect();
    assert_eq!(known.policies(), all);
    let asked = |place: usize, offset: &str| peer.seen()[place].contains(&format!("offset={offset} "));
    assert!(asked(1, "99") && asked(2, "99") && asked(3, "198"), "{:?}", peer.seen());
    shelf.read_policies(&mut other, now).await;
    assert_eq!(peer.seen().len(), 4, "and is asked rarely then");
}
