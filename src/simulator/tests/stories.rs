//! How the stories of the exchange grow, and what ends them.

use serde_json::{Value, json};

use super::{MARKET_MAKER, Service, Verb, World, act, at, firing, opened, world_after};
use crate::domain::time::Span;
use crate::simulator::Alert;
use crate::simulator::growth::Growth;

/// The alert that has this label.
fn about(world: &World, label: &str) -> Option<Alert> {
    world.alerts().into_iter().find(|alert| !alert.value(label).is_empty())
}

/// A count in the details of the alert that has this label.
fn count(world: &World, label: &str, pointer: &str) -> Option<u64> {
    let mut alerts = world.alerts().into_iter().filter(|alert| !alert.value(label).is_empty());
    alerts.find_map(|alert| alert.details?.pointer(pointer)?.as_u64())
}

/// Every count that grows, by the label its alert has: where it stands, and how much it may grow in a minute.
const COUNTS: [(&str, &str, u64); 6] = [
    ("source_ips", "/logins/failed", 5400),
    ("source_ips", "/order/placed", 400),
    ("replica", "/grants/failed", 3100),
    ("replica", "/impact/users/at_least", 620),
    ("api_key", "/withdrawal/count", 24),
    ("version", "/request/failed", 460),
];

#[test]
fn numbers_keep_growing_without_jumps_as_long_as_nobody_does_anything() {
    for seed in 0..5 {
        let mut world = world_after(seed, 180);
        let mut before = COUNTS.map(|(label, pointer, _)| count(&world, label, pointer).unwrap());
        let mut last_growth: [Option<u64>; COUNTS.len()] = Default::default();
        for minute in 4..120 {
            world.advance(at(minute * 60));
            for (n, (label, pointer, most)) in COUNTS.into_iter().enumerate() {
                let now = count(&world, label, pointer).unwrap();
                let grown = now - before[n];
                assert!((1..=most + 1).contains(&grown), "{pointer} grew by {grown} in minute {minute}");
                let usual = last_growth[n].unwrap_or(grown);
                assert!(grown.abs_diff(usual) <= usual / 2 + 1, "{pointer} grew by {usual}, then by {grown}");
                (before[n], last_growth[n]) = (now, Some(grown));
            }
        }
    }
}

#[test]
fn what_is_contained_grows_no_further() {
    let mut world = world_after(7, 200);
    let value = |world: &World, label| about(world, label).unwrap().value(label).to_owned();
    let (replica, version) = (firing(&world, "replica").unwrap(), value(&world, "version"));
    let account = firing(&world, "account_id").unwrap().value("account_id").to_owned();
    let service = about(&world, "version").unwrap().value("service").to_owned();
    act(&mut world, Verb::Freeze, &account);
    act(&mut world, Verb::Isolate, replica.value("replica"));
    act(&mut world, Verb::RollBack, &format!("{service}/{version}"));
    let contained = COUNTS.map(|(label, pointer, _)| count(&world, label, pointer).unwrap());
    world.advance(at(209));
    assert_eq!(COUNTS.map(|(label, pointer, _)| count(&world, label, pointer).unwrap()), contained);
    world.advance(at(225));
    for label in ["source_ips", "api_key", "version"] {
        assert!(about(&world, label).is_none(), "{label}");
    }
    assert!(firing(&world, "replica").is_none());
}

#[test]
fn a_rate_climbs_to_its_limit_and_the_count_is_what_it_adds_up_to() {
    for growth in
        [Growth { from: 20, to: 400, over: Span::mins(3) }, Growth { from: 620, to: 90, over: Span::mins(6) }]
    {
        assert_eq!((growth.rate(Span::secs(0)), growth.count(Span::secs(0))), (growth.from, 0));
        assert_eq!(growth.rate(Span::mins(500)), growth.to);
        let summed: u64 = (0..7200).map(|second| growth.rate(Span::secs(second))).sum::<u64>() / 60;
        assert!(growth.count(Span::secs(7200)).abs_diff(summed) < 70, "{summed}");
    }
}

#[test]
fn attackers_make_a_key_that_only_its_revocation_or_a_freeze_stops() {
    for seed in 0..10 {
        let mut world = world_after(seed, 45);
        let alert = about(&world, "api_key").unwrap();
        let (account, key) = (alert.value("account_id").to_owned(), alert.value("api_key").to_owned());
        assert_eq!(firing(&world, "account_id").unwrap().value("account_id"), account);
        let withdrawals = |world: &World| world.key(&account, &key).unwrap()["withdrawals"].as_u64().unwrap();
        let all = world.keys(&account).unwrap();
        assert_eq!(all.len(), 2, "theirs and the customer's own");
        assert_eq!(world.account(&account).unwrap()["api_keys"], 2);

        act(&mut world, Verb::RevokeSessions, &account);
        let before = withdrawals(&world);
        world.advance(at(85));
        assert!(withdrawals(&world) > before, "a key needs no session");

        assert_eq!(act(&mut world, Verb::RevokeKey, &format!("999/{key}")).status, 404);
        let own = all.iter().find(|other| other["id"] != key.as_str()).unwrap();
        assert_eq!(own["scopes"], "read");
        let done = act(&mut world, Verb::RevokeKey, &format!("{account}/{key}"));
        assert_eq!((done.status, &done.body["state"]), (200, &json!("revoked")));
        assert!(about(&world, "api_key").is_some(), "the alert takes its time");
        let before = withdrawals(&world);
        world.advance(at(105));
        assert_eq!(withdrawals(&world), before);
        assert!(about(&world, "api_key").is_none());
        assert!(firing(&world, "account_id").is_some(), "they are still inside");

        world.advance(at(240));
        let next = about(&world, "api_key").unwrap().value("api_key").to_owned();
        assert_ne!(next, key, "and make another one");
        act(&mut world, Verb::Freeze, &account);
        let paid = world.key(&account, &next).unwrap();
        world.advance(at(255));
        assert_eq!(world.key(&account, &next).unwrap(), paid);
    }
}

#[test]
fn the_market_makers_keys_cannot_be_revoked() {
    let mut world = world_after(7, 1);
    let key = world.keys(MARKET_MAKER).unwrap()[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(world.key(MARKET_MAKER, &key).unwrap()["protected"], true);
    assert_eq!(act(&mut world, Verb::RevokeKey, &format!("{MARKET_MAKER}/{key}")).status, 409);
    assert_eq!(act(&mut world, Verb::RevokeKey, MARKET_MAKER).status, 404);
    assert_eq!(world.key(MARKET_MAKER, &key).unwrap()["state"], "active");
}

#[test]
fn a_bad_version_degrades_its_service_until_it_is_rolled_back() {
    for seed in 0..10 {
        let mut world = world_after(seed, 60);
        assert_eq!(world.health(Service::Withdrawals).status, 200);
        let good = world.service(Service::Withdrawals).unwrap()["running"].as_str().unwrap().to_owned();
        world.advance(at(100));
        let alert = about(&world, "version").unwrap();
        let bad = alert.value("version").to_owned();
        assert_eq!((alert.value("previous"), alert.value("service")), (good.as_str(), "withdrawals"));
        let health = world.health(Service::Withdrawals);
        assert_eq!((health.status, &health.body["version"]), (503, &json!(bad)));
        let early = health.body["failing_share"].as_f64().unwrap();
        world.advance(at(400));
        let worst = world.health(Service::Withdrawals).body["failing_share"].as_f64().unwrap();
        assert!(early < worst && worst < 0.42, "{early} {worst}");

        assert_eq!(act(&mut world, Verb::RollBack, &format!("withdrawals/{good}")).status, 409);
        assert_eq!(act(&mut world, Verb::RollBack, "withdrawals/0.0.0").status, 404);
        assert_eq!(act(&mut world, Verb::RollBack, &format!("nothing/{bad}")).status, 404);
        assert_eq!(world.health(Service::Withdrawals).status, 503, "nothing of this has helped");
        let done = act(&mut world, Verb::RollBack, &format!("withdrawals/{bad}"));
        assert_eq!((done.status, &done.body["state"]), (200, &json!("rolled-back")));
        assert_eq!(world.version(Service::Withdrawals, &good).unwrap()["state"], "running");
        world.advance(at(404));
        assert_eq!(world.health(Service::Withdrawals).status, 200);
        assert_eq!(world.health(Service::Withdrawals).body["version"], json!(good));
        assert!(about(&world, "version").is_some(), "the alert takes its time");
        world.advance(at(420));
        assert!(about(&world, "version").is_none());
        world.advance(at(900));
        assert_eq!(about(&world, "version").unwrap().value("service"), "webhooks", "another one follows");
    }
}

#[test]
fn orders_are_lost_when_the_gateways_version_is_bad() {
    let mut world = World::new(3, opened());
    let mut now = 0;
    let bad = loop {
        now += 10;
        world.advance(at(now));
        match about(&world, "version") {
            Some(alert) if alert.value("service") == "gateway" => break alert.value("version").to_owned(),
            Some(alert) => {
                let target = format!("{}/{}", alert.value("service"), alert.value("version"));
                act(&mut world, Verb::RollBack, &target);
            }
            None => assert!(now < 3600),
        }
    };
    let orders = |world: &World| world.health(Service::Gateway).body["orders_per_min"].as_u64().unwrap();
    world.advance(at(now + 200));
    let lost = orders(&world);
    act(&mut world, Verb::RollBack, &format!("gateway/{bad}"));
    world.advance(at(now + 205));
    assert!(lost * 10 < orders(&world) * 8, "{lost}");
}

#[test]
fn what_ended_cannot_be_rolled_back_to_nothing() {
    let mut world = world_after(3, 1);
    let versions = world.service(Service::Auth).unwrap()["versions"].clone();
    let version = |n: usize| format!("auth/{}", versions[n]["version"].as_str().unwrap());
    assert_eq!(act(&mut world, Verb::RollBack, &version(0)).status, 200);
    assert_eq!(act(&mut world, Verb::RollBack, &version(0)).status, 200, "it is as asked");
    assert_eq!(act(&mut world, Verb::RollBack, &version(1)).status, 409);
    assert_eq!(world.service(Service::Auth).unwrap()["running"], versions[1]["version"]);
}

#[test]
fn details_are_nested_and_fit_into_an_annotation() {
    for seed in 0..20 {
        let world = world_after(seed, 300);
        let has = |label: &str, pointer: &str| {
            let mut alerts = world.alerts().into_iter().filter(|alert| !alert.value(label).is_empty());
            alerts.find_map(|alert| alert.details?.pointer(pointer)?.as_str().map(str::to_owned))
        };
        for (label, pointer, start) in [
            ("source_ips", "/account/id", ""),
            ("source_ips", "/user/mapping_id", "um_"),
            ("source_ips", "/request/ids/0", "req_"),
            ("source_ips", "/order/ids/3", "ord_"),
            ("source_ips", "/order/endpoint", "/v1/orders"),
            ("api_key", "/user/mapping_id", "um_"),
            ("api_key", "/request/ids/2", "req_"),
            ("replica", "/request/ids/3", "req_"),
            ("version", "/request/ids/0", "req_"),
            ("version", "/endpoint", "/v1/"),
        ] {
            assert!(has(label, pointer).is_some_and(|id| id.starts_with(start)), "{label} {pointer}");
        }
        assert_eq!(has("source_ips", "/user/mapping_id"), has("api_key", "/user/mapping_id"));
        for alert in world.alerts() {
            let shown = alert.json("http://127.0.0.1:4711", &[], world.now());
            let Some(details) = shown["annotations"]["details"].as_str() else { continue };
            // A source keeps a kilobyte of an annotation.
            assert!(details.len() < 1000, "{} bytes: {details}", details.len());
            assert!(serde_json::from_str::<Value>(details).unwrap().is_object());
        }
    }
    let opening = world_after(1, 0);
    let backlog = opening.alerts().into_iter().find(|alert| alert.value("queue") == "partner-out").unwrap();
    let details = backlog.details.unwrap();
    assert!(details["webhook"]["event_ids"][4].as_str().unwrap().starts_with("evt_"));
    assert!(world_after(1, 20).alerts().iter().any(|alert| alert.details.as_ref() == Some(&details)));
}
