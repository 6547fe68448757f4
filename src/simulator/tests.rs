//! The exchange as tests of quell rely on it.

mod stories;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{Alert, Answer, Exchange, MARKET_MAKER, Service, Verb, World, demo_config, serve};
use crate::domain::link::Link;
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time};
use crate::os::clock::{Clock, Hand};
use crate::os::spawn;

fn opened() -> Time {
    Time::UNIX_EPOCH + Span::secs(1_790_000_000).delta()
}

fn at(secs: u64) -> Time {
    opened() + Span::secs(secs).delta()
}

fn world_after(seed: u64, secs: u64) -> World {
    let mut world = World::new(seed, opened());
    world.advance(at(secs));
    world
}

fn firing(world: &World, key: &str) -> Option<Alert> {
    let critical = |alert: &Alert| matches!(alert.value("severity"), "critical" | "page");
    world.alerts().into_iter().find(|alert| critical(alert) && !alert.value(key).is_empty())
}

fn act(world: &mut World, verb: Verb, target: &str) -> Answer {
    world.act(verb, target, None, None)
}

#[test]
fn a_seed_tells_the_same_story_however_it_is_looked_at() {
    for seed in 0..20 {
        let mut often = World::new(seed, opened());
        for secs in 0..400 {
            often.advance(at(secs));
            often.alerts();
        }
        assert_eq!(often, world_after(seed, 399));
        assert_eq!(often.alerts(), world_after(seed, 399).alerts());
    }
    assert_ne!(world_after(1, 30).alerts(), world_after(2, 30).alerts());
}

#[test]
fn the_first_screen_is_not_empty_and_nothing_on_it_is_critical() {
    for seed in 0..20 {
        let world = world_after(seed, 0);
        assert_eq!(world.alerts().len(), 8);
        assert!(world.alerts().iter().all(|alert| alert.since < opened()));
        assert!(firing(&world, "alertname").is_none());
        assert!(world.alerts().iter().any(|alert| alert.value("severity").is_empty()));
    }
}

#[test]
fn titles_fit_and_accounts_are_possible_targets() {
    for seed in 0..50 {
        let world = world_after(seed, 20);
        assert!(world.alerts().iter().all(|alert| (1..=60).contains(&alert.summary.chars().count())));
        let account = firing(&world, "account_id").unwrap().value("account_id").to_owned();
        assert!((4..=12).contains(&account.len()) && account.bytes().all(|b| b.is_ascii_digit()));
        assert_ne!(account, MARKET_MAKER);
        assert!(firing(&world, "replica").unwrap().value("replica").starts_with("tok-"));
    }
}

#[test]
fn what_an_alert_names_is_there_from_its_first_moment() {
    for seed in 0..20 {
        let mut world = World::new(seed, opened());
        for millis in (0..6000).step_by(7) {
            world.advance(opened() + Span::millis(millis).delta());
            for alert in world.alerts() {
                let account = alert.value("account_id");
                assert!(
                    account.is_empty() || world.account(account).is_some(),
                    "{account} after {millis} ms"
                );
            }
        }
    }
}

#[test]
fn an_attack_grows_until_the_account_is_frozen_and_another_follows() {
    let mut world = world_after(7, 6);
    let attack = firing(&world, "account_id").unwrap();
    let account = attack.value("account_id").to_owned();
    world.advance(at(40));
    let worse = firing(&world, "account_id").unwrap();
    assert_eq!(worse.fingerprint(), attack.fingerprint());
    assert_ne!(worse.description, attack.description);
    assert!(world.account(&account).unwrap()["orders_per_min"].as_u64().unwrap() > 50);

    assert_eq!(act(&mut world, Verb::Freeze, &account).status, 200);
    let frozen = world.account(&account).unwrap();
    assert_eq!((&frozen["status"], &frozen["orders_per_min"]), (&json!("frozen"), &json!(0)));
    world.advance(at(50));
    assert!(firing(&world, "account_id").is_some(), "they try a little longer");
    world.advance(at(65));
    assert!(firing(&world, "account_id").is_none());
    world.advance(at(230));
    let next = firing(&world, "account_id").unwrap();
    assert_ne!(next.value("account_id"), account);
    assert_ne!(next.value("alertname"), attack.value("alertname"));
    assert_eq!(world.account(&account).unwrap()["status"], "frozen");
}

#[test]
fn unfreezing_too_early_lets_the_attack_go_on() {
    let mut world = world_after(7, 10);
    let account = firing(&world, "account_id").unwrap().value("account_id").to_owned();
    act(&mut world, Verb::Freeze, &account);
    world.advance(at(20));
    act(&mut world, Verb::Unfreeze, &account);
    world.advance(at(200));
    assert_eq!(firing(&world, "account_id").unwrap().value("account_id"), account);
}

#[test]
fn revoked_sessions_stay_revoked_long_enough_to_be_seen() {
    let mut world = world_after(7, 20);
    let account = firing(&world, "account_id").unwrap().value("account_id").to_owned();
    act(&mut world, Verb::RevokeSessions, &account);
    world.advance(at(39));
    assert_eq!(world.account(&account).unwrap()["sessions"], 0);
    world.advance(at(60));
    assert_ne!(world.account(&account).unwrap()["sessions"], 0, "the attackers are back");
}

#[test]
fn isolating_the_bad_replica_cures_and_isolating_another_does_not() {
    let mut world = world_after(3, 20);
    let bad = firing(&world, "replica").unwrap().value("replica").to_owned();
    let health = world.health(Service::Tokens);
    assert_eq!((health.status, &health.body["status"]), (503, &json!("degraded")));

    let good = ["tok-1", "tok-2"].into_iter().find(|id| *id != bad).unwrap();
    act(&mut world, Verb::Isolate, good);
    world.advance(at(45));
    assert_eq!(world.health(Service::Tokens).status, 503);

    act(&mut world, Verb::Isolate, &bad);
    assert_eq!(world.replica(&bad).unwrap()["rotation"], "out");
    world.advance(at(49));
    assert_eq!(world.health(Service::Tokens).status, 200);
    assert!(firing(&world, "replica").is_some(), "the alert takes its time");
    world.advance(at(65));
    assert!(firing(&world, "replica").is_none());
    act(&mut world, Verb::Restore, &bad);
    assert_eq!(world.health(Service::Tokens).status, 200, "it was mended");
    world.advance(at(300));
    assert!(firing(&world, "replica").is_some(), "another outage follows");
}

#[test]
fn a_service_without_replicas_is_down() {
    let mut world = world_after(3, 1);
    let count = world.replicas().len();
    for n in 1..=count {
        let id = format!("tok-{n}");
        assert_eq!(world.replica(&id).unwrap()["last_in_rotation"], n == count);
        act(&mut world, Verb::Isolate, &id);
    }
    world.advance(at(5));
    assert_eq!(world.health(Service::Tokens).body["status"], "down");
}

#[test]
fn a_world_left_running_keeps_having_new_trouble() {
    for seed in 0..5 {
        let mut world = World::new(seed, opened());
        let mut accounts = BTreeSet::new();
        let mut begun = BTreeSet::new();
        let mut resting = BTreeSet::new();
        let at_first = names(&world);
        for secs in (0..7200).step_by(10) {
            world.advance(at(secs));
            if let Some(attack) = firing(&world, "account_id") {
                accounts.insert(attack.value("account_id").to_owned());
                act(&mut world, Verb::Freeze, attack.value("account_id"));
            }
            if let Some(outage) = firing(&world, "replica") {
                act(&mut world, Verb::Isolate, outage.value("replica"));
                begun.insert(outage.since);
            }
            resting.extend(at_first.difference(&names(&world)).cloned());
        }
        assert!(accounts.len() > 20 && begun.len() > 15, "{} and {}", accounts.len(), begun.len());
        assert_eq!(
            resting.len(),
            at_first.len() - 2,
            "all but the certificate and the watchdog rest at times"
        );
    }
}

fn names(world: &World) -> BTreeSet<String> {
    world.alerts().iter().map(|alert| alert.value("alertname").to_owned()).collect()
}

#[test]
fn a_key_takes_effect_once() {
    let mut world = world_after(7, 10);
    let account = firing(&world, "account_id").unwrap().value("account_id").to_owned();
    let first = world.act(Verb::Freeze, &account, Some("k1".to_owned()), None);
    world.advance(at(11));
    assert_eq!(world.act(Verb::Freeze, &account, Some("k1".to_owned()), None), first);
    assert_eq!(world.effects().count(Verb::Freeze, &account), 1);
    assert_eq!(world.act(Verb::Unfreeze, &account, Some("k1".to_owned()), None).status, 422);
    assert_eq!(world.act(Verb::Freeze, &account, Some("k2".to_owned()), None).status, 200);
    assert_eq!(world.effects().count(Verb::Freeze, &account), 2);
}

#[test]
fn the_market_maker_cannot_be_frozen() {
    let mut world = world_after(7, 1);
    assert_eq!(world.account(MARKET_MAKER).unwrap()["protected"], true);
    assert_eq!(act(&mut world, Verb::Freeze, MARKET_MAKER).status, 409);
    assert_eq!(act(&mut world, Verb::Freeze, "999").status, 404);
    assert_eq!(act(&mut world, Verb::Isolate, MARKET_MAKER).status, 404);
    assert_eq!(world.effects().count(Verb::Freeze, MARKET_MAKER), 0);
}

#[test]
fn the_demo_configuration_is_toml_whatever_the_folder_is_called() {
    let text = demo_config("http://127.0.0.1:4711", "127.0.0.1:4712", "/tmp/a \"b\" \\ \u{1}/token");
    let config: toml::Table = text.parse().unwrap();
    assert_eq!(config["api"][0]["token_file"].as_str(), Some("/tmp/a \"b\" \\ \u{1}/token"));
    assert_eq!(config["monitor"][3]["address"].as_str(), Some("127.0.0.1:4711"));
    assert!(!text.contains("@BASE@") && !text.contains("@MAILER@"));
}

/// An exchange on a real socket, as quell sees it.
struct Served {
    base: String,
    hand: Hand,
    client: reqwest::Client,
}

impl Served {
    async fn new() -> Self {
        let (clock, hand) = Clock::by_hand(opened());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let exchange = Exchange::new(7, "sesame", clock);
        spawn::task("exchange", async move { serve(listener, Arc::clone(&exchange)).await });
        let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build().unwrap();
        Self { base, hand, client }
    }

    async fn send(&self, method: &str, path: &str, body: Value) -> Result<(u16, Value), reqwest::Error> {
        let request = self.client.request(method.parse().unwrap(), format!("{}{path}", self.base));
        let request = request.bearer_auth("sesame").header("content-type", "application/json");
        let response = request.header("idempotency-key", "k1").body(body.to_string()).send().await?;
        let status = response.status().as_u16();
        let body = response.text().await?;
        Ok((status, serde_json::from_str(&body).unwrap_or(Value::String(body))))
    }

    async fn get(&self, path: &str) -> Value {
        self.send("GET", path, Value::Null).await.unwrap().1
    }
}

#[tokio::test]
async fn alerts_are_served_as_alertmanager_does() {
    let served = Served::new().await;
    served.hand.advance(Span::secs(20));
    let alerts = served.get("/api/v2/alerts").await;
    let alerts = alerts.as_array().unwrap();
    assert_eq!(alerts.len(), 10);
    let mut elsewhere = Vec::new();
    for alert in alerts {
        assert_eq!(alert["fingerprint"].as_str().unwrap().len(), 16);
        assert_eq!(alert["status"]["state"], "active");
        let time = |key: &str| alert[key].as_str().unwrap().parse::<Time>().unwrap();
        assert!(
            time("startsAt") <= time("updatedAt") && time("updatedAt") <= at(20) && at(20) < time("endsAt")
        );
        assert!(
            alert["annotations"]["summary"].is_string() && alert["annotations"]["description"].is_string()
        );
        assert!(alert["generatorURL"].as_str().unwrap().starts_with(&served.base));
        let runbook = alert["annotations"]["runbook_url"].as_str().unwrap();
        match runbook.strip_prefix(&served.base) {
            Some(path) => assert!(served.get(path).await.as_str().unwrap().starts_with("Runbook")),
            None => elsewhere.push(runbook.to_owned()),
        }
    }
    // One that quell would open, so that it can be seen what it asks before.
    assert_eq!(elsewhere.len(), 1);
    assert!(Link::read(&Outside::new(elsewhere[0].as_str())).is_ok(), "{elsewhere:?}");
    assert_eq!(served.get("/-/ready").await, "OK");
    assert_eq!(served.get("/api/v2/status").await["versionInfo"]["version"], "0.27.0");
}

#[tokio::test]
async fn silences_are_kept_as_alertmanager_does() {
    let served = Served::new().await;
    served.hand.advance(Span::secs(20));
    let filtered = "/api/v2/alerts?filter=severity%3D%22critical%22";
    let critical = served.get(filtered).await.as_array().unwrap().clone();
    assert!(!critical.is_empty() && critical.len() < 10, "{critical:#?}");
    let name = &critical[0]["labels"]["alertname"];
    let wanted = json!({
        "matchers": [{ "name": "alertname", "value": name, "isRegex": false, "isEqual": true }],
        "startsAt": at(20), "endsAt": at(80), "createdBy": "ana", "comment": "deploying",
    });
    let (status, made) = served.send("POST", "/api/v2/silences", wanted.clone()).await.unwrap();
    assert_eq!(status, 200, "{made}");
    let id = made["silenceID"].as_str().unwrap();
    assert_eq!(served.get("/api/v2/silences").await[0]["status"]["state"], "active");
    let quiet = |alert: &Value| alert["status"]["silencedBy"] == json!([id]);
    assert!(quiet(&served.get(filtered).await[0]));
    let mut longer = wanted.clone();
    longer["id"] = json!(id);
    longer["endsAt"] = json!(at(200));
    assert_eq!(served.send("POST", "/api/v2/silences", longer).await.unwrap().1["silenceID"], id);
    let one = format!("/api/v2/silence/{id}");
    assert_eq!(served.send("DELETE", &one, Value::Null).await.unwrap().0, 200);
    assert_eq!(served.get(&one).await["status"]["state"], "expired");
    assert!(!quiet(&served.get(filtered).await[0]));
    let mut late = wanted;
    late["endsAt"] = json!(at(1));
    assert_eq!(served.send("POST", "/api/v2/silences", late).await.unwrap().0, 400);
}

#[tokio::test]
async fn the_admin_api_asks_for_its_token() {
    let served = Served::new().await;
    let path = format!("{}/admin/accounts/{MARKET_MAKER}", served.base);
    let bare = served.client.get(&path).send().await.unwrap();
    assert_eq!(bare.status().as_u16(), 401);
    assert_eq!(served.get(&format!("/admin/accounts/{MARKET_MAKER}")).await["protected"], true);
}

#[tokio::test]
async fn keys_are_listed_revoked_and_read_back() {
    let served = Served::new().await;
    let path = format!("/admin/accounts/{MARKET_MAKER}/keys");
    let keys = served.get(&path).await;
    let id = keys["keys"][0]["id"].as_str().unwrap();
    assert_eq!(served.get(&format!("{path}/{id}")).await, keys["keys"][0]);
    assert_eq!(served.send("GET", "/admin/accounts/999/keys", json!({})).await.unwrap().0, 404);

    served.hand.advance(Span::secs(6));
    let alerts = served.get("/api/v2/alerts").await;
    let mut labels = alerts.as_array().unwrap().iter().map(|alert| &alert["labels"]);
    let taken = labels.find(|labels| labels["severity"] == "critical").unwrap();
    let path = format!("/admin/accounts/{}/keys", taken["account_id"].as_str().unwrap());
    let own = served.get(&path).await["keys"][0]["id"].as_str().unwrap().to_owned();
    let revoked = served.send("POST", &format!("{path}/{own}/revoke"), json!({})).await.unwrap();
    assert_eq!((revoked.0, &revoked.1["state"]), (200, &json!("revoked")));
    assert_eq!(served.get(&format!("{path}/{own}")).await["state"], "revoked");
    assert_eq!(served.get("/admin/effects").await["effects"][0]["verb"], "revoke-key");
}

#[tokio::test]
async fn services_show_their_versions_and_go_back_to_the_one_before() {
    let served = Served::new().await;
    let services = served.get("/admin/services").await;
    let running = |service: &Value| service["versions"][0]["state"] == "running";
    assert_eq!(services["services"].as_array().unwrap().iter().filter(|s| running(s)).count(), 5);
    let auth = served.get("/admin/services/auth").await;
    let (newest, previous) = (&auth["versions"][0], auth["versions"][1]["version"].as_str().unwrap());
    assert_eq!(auth["running"], newest["version"]);
    let path = |version: &Value| format!("/admin/services/auth/versions/{}", version.as_str().unwrap());
    let back = served.send("POST", &format!("{}/roll-back", path(&newest["version"])), json!({})).await;
    assert_eq!(back.unwrap().1["state"], "rolled-back");
    assert_eq!(served.get(&path(&newest["version"])).await["can_roll_back"], false);
    assert_eq!(served.get("/admin/services/auth").await["running"], previous);
    assert_eq!(served.get("/auth/health").await["version"], previous);
    assert_eq!(served.send("GET", "/admin/services/nothing", json!({})).await.unwrap().0, 404);
}

#[tokio::test]
async fn an_effect_whose_answer_was_lost_is_counted_once() {
    let served = Served::new().await;
    let switch = json!({ "path": "/admin/replicas/", "method": "POST", "how": "apply_then_drop" });
    assert_eq!(served.send("POST", "/admin/faults", switch).await.unwrap().0, 201);
    let isolate = "/admin/replicas/tok-1/isolate";
    assert!(served.send("POST", isolate, json!({ "reason": "ANA-1" })).await.is_err());
    assert_eq!(served.get("/admin/replicas/tok-1").await["rotation"], "out");
    assert_eq!(served.send("POST", isolate, json!({})).await.unwrap().0, 200);
    let effects = served.get("/admin/effects").await;
    assert_eq!(effects["effects"], json!([{ "verb": "isolate", "target": "tok-1", "count": 1 }]));
    assert_eq!(effects["calls"][1]["replayed"], true);
    assert_eq!(
        (&effects["calls"][0]["key"], &effects["calls"][0]["reason"]),
        (&json!("k1"), &json!("ANA-1"))
    );
}

#[tokio::test]
async fn an_effect_can_happen_without_an_answer() {
    let served = Served::new().await;
    let switch = json!({ "path": "/", "method": "POST", "how": "apply_then_hang" });
    served.send("POST", "/admin/faults", switch).await.unwrap();
    let request = served.client.post(format!("{}/admin/replicas/tok-2/isolate", served.base));
    let request = request.bearer_auth("sesame").timeout(Duration::from_millis(200));
    assert!(request.send().await.unwrap_err().is_timeout());
    assert_eq!(served.get("/admin/replicas/tok-2").await["rotation"], "out");
    assert_eq!(served.get("/admin/faults").await["faults"], json!([]));
}

#[tokio::test]
async fn other_misbehaviours_do_nothing_to_the_target() {
    let served = Served::new().await;
    for how in [json!("drop"), json!({ "status": 503 })] {
        let switch = json!({ "path": "/admin/replicas/tok-1", "times": 1, "how": how });
        served.send("POST", "/admin/faults", switch).await.unwrap();
        let answer = served.send("POST", "/admin/replicas/tok-1/isolate", json!({})).await;
        assert!(answer.is_err() || answer.unwrap().0 == 503);
    }
    let hang = json!({ "path": "/gateway", "how": "hang" });
    served.send("POST", "/admin/faults", hang).await.unwrap();
    let url = format!("{}/gateway/health", served.base);
    let request = served.client.get(url).timeout(Duration::from_millis(200));
    assert!(request.send().await.unwrap_err().is_timeout());
    assert_eq!(served.get("/admin/effects").await["effects"], json!([]));
    assert_eq!(served.get("/gateway/health").await["status"], "ok");
}

#[tokio::test]
async fn the_sink_keeps_what_was_said() {
    let served = Served::new().await;
    let said = json!({ "text": "paged" });
    assert_eq!(served.send("POST", "/sink/chat/inc-room", said.clone()).await.unwrap(), (200, json!("ok")));
    let heard = served.get("/sink/chat").await;
    assert_eq!(
        (&heard["messages"][0]["channel"], &heard["messages"][0]["body"]),
        (&json!("inc-room"), &said)
    );
    assert_eq!(served.get("/sink/chat/sec-room").await["messages"], json!([]));
}
