//! What is asked of it: looked at first, written down, sent once, read back; and every way in which that is refused.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;

use quell::backend::{Backend, Changes, Confirmation, RefusalKind};
use quell::domain::action::{Stage, Verb};
use quell::domain::incident::Incident;
use quell::domain::notice::NoticeKind;
use quell::domain::plan::sheet;
use quell::domain::severity::Severity;
use quell::domain::story;
use quell::domain::text::Outside;

use crate::support::faultd::{Faultd, Reply};
use crate::support::pagerduty::{Account, ME, Pagerduty, Quota};

use super::shift::{Shift, block};

#[test]
fn an_acknowledgement_here_is_one_there_looked_at_sent_once_and_read_back() {
    block(async {
        let shift = Shift::new().await;
        let (id, incident) = shift.burning(4711).await;
        assert_eq!((incident.severity, incident.is_unmapped()), (Severity::High, false));
        assert!(incident.escalations.is_empty(), "where the source pages people itself, no path is armed");
        assert_eq!(shift.engine.incident(&shift.ana, "pd:4711").await.unwrap().incident.id, incident.id);
        let receipts = shift.engine.acknowledge_there(&shift.ana, &incident.id).await;
        let [Ok(receipt)] = receipts.as_slice() else { panic!("{receipts:?}") };
        assert_eq!(shift.done(receipt).await.stage, Stage::Verified);
        assert_eq!(shift.double.account().status(&id), "acknowledged");
        {
            let account = shift.double.account();
            let writes = account.writes();
            let [write] = writes.as_slice() else { panic!("{writes:?}") };
            assert_eq!((write.method.as_str(), write.path.clone()), ("PUT", format!("/incidents/{id}")));
            assert_eq!((write.header("from"), write.header("idempotency-key").is_some()), (Some(ME), true));
            assert_eq!(
                write.body,
                json!({ "incident": { "type": "incident_reference", "status": "acknowledged" } })
            );
        }
        let held =
            |changes: &Changes| changes.incidents.iter().find(|it| it.held_upstream().is_some()).cloned();
        let held = shift.until("who holds it there", held).await;
        assert!(
            shift.engine.acknowledge_there(&shift.ana, &held.id).await.is_empty(),
            "it is held there already"
        );
    });
}

#[test]
fn only_what_a_source_says_itself_and_nobody_holds_is_acknowledged_there() {
    block(async {
        let [double, other] = [Pagerduty::start(), Pagerduty::start()];
        let title = "Order gateway refuses connections";
        let (burns, held, unseen) = {
            let mut account = double.account();
            let held = account.open(2, title);
            account.acknowledge(&held, "Bo Okafor");
            (account.open(1, title), held, account.open(66, "an incident nobody looked at"))
        };
        let forger = Faultd::start();
        let alerts = "GET /api/v2/alerts";
        forger.on(alerts, [Reply::ok("[]")]);
        let am =
            format!("kind = \"alertmanager\"\nname = \"am\"\nurls = [\"{}\"]\nevery = \"1s\"", forger.url());
        let tables = [double.table(), other.table_of("pd-b"), am];
        let shift = Shift::watching(true, double, &tables).await;
        shift.engine.start();
        let burning = async |firing: usize| {
            let all = |changes: &Changes| {
                let held = |it: &Incident| it.signals.values().any(|signal| signal.held_by().is_some());
                let all = |it: &&Arc<Incident>| it.firing() == firing && held(it);
                changes.incidents.iter().find(all).cloned()
            };
            shift.until("all of it in one incident", all).await
        };
        burning(2).await;
        let elsewhere = other.account().open(3, title);
        let labels =
            json!({ "alertname": title, "service": "Trading", "severity": "critical", "pd_id": unseen });
        let status = json!({ "state": "active", "silencedBy": [], "inhibitedBy": [] });
        let alert = json!({ "labels": labels, "annotations": {}, "startsAt": "2026-11-20T14:01:22Z",
                            "fingerprint": "f1", "status": status });
        forger.on(alerts, [Reply::ok(&json!([alert]))]);
        let incident = burning(4).await;
        let receipts = shift.engine.acknowledge_there(&shift.ana, &incident.id).await;
        assert_eq!(receipts.len(), 2, "{receipts:#?}");
        for receipt in &receipts {
            assert_eq!(shift.done(receipt.as_ref().unwrap()).await.stage, Stage::Verified);
        }
        let paths = |account: &Account| -> Vec<String> {
            account.writes().iter().map(|write| write.path.clone()).collect()
        };
        let account = shift.double.account();
        assert_eq!(paths(&account), [format!("/incidents/{burns}")]);
        assert_eq!((account.status(&unseen), account.status(&held)), ("triggered", "acknowledged"));
        assert_eq!(paths(&other.account()), [format!("/incidents/{elsewhere}")]);
    });
}

#[test]
fn alerts_are_merged_only_into_what_was_looked_at() {
    block(async {
        let shift = Shift::new().await;
        let (id, incident) = shift.burning(1).await;
        let (other, _) = shift.burning(2).await;
        let over = shift.double.account().open(3, "over long ago");
        shift.double.account().resolve(&over);
        let plan = async |into: &str| {
            let given = BTreeMap::from([("into".to_owned(), Outside::new(into))]);
            shift.engine.plan(&shift.ana, &incident.id, Verb::playbook("pd/merge"), given).await
        };
        let planned = plan(&other).await.unwrap();
        assert_eq!(planned.typed_target().unwrap().raw(), id, "what closes is typed");
        let shown = planned.look_up.unwrap().shown;
        assert!(shown.iter().any(|(_, said)| said.raw() == "incident 2"), "what stays is seen: {shown:?}");
        for into in [over.as_str(), &id, "PNONE"] {
            let refusal = plan(into).await.unwrap_err();
            assert!(!refusal.message.is_blank(), "{into}: {refusal:?}");
        }
        assert_eq!(shift.writes(), 0);
    });
}

#[test]
fn a_stale_acknowledgement_opens_nothing_again() {
    block(async {
        let shift = Shift::new().await;
        let (id, incident) = shift.burning(1).await;
        let plan = shift
            .engine
            .plan(&shift.ana, &incident.id, Verb::playbook("pd/acknowledge"), BTreeMap::new())
            .await
            .unwrap();
        shift.double.account().resolve(&id);
        let refusal = shift.engine.submit(&shift.ana, &plan.hash, Confirmation::default()).await.unwrap_err();
        assert!(refusal.message.raw().contains("is \"resolved\": it must not be touched"), "{refusal:?}");
        assert_eq!(shift.double.account().status(&id), "resolved");
        assert_eq!(shift.writes(), 0);
        let again = shift.ask(&incident, "acknowledge", &[]).await.unwrap_err();
        assert!(again.message.raw().contains("resolved"), "{again:?}");
    });
}

#[test]
fn without_actions_it_can_be_told_but_not_changed() {
    block(async {
        let shift = Shift::with(false, "").await;
        let (id, incident) = shift.burning(1).await;
        let offered = shift.offered(&incident).await;
        let barred: Vec<&str> = offered
            .iter()
            .filter(|it| it.barred.is_some())
            .map(|it| it.verb.of().trim_start_matches("pd/"))
            .collect();
        assert_eq!(barred, ["resolve", "reassign", "reassign-policy", "priority", "snooze", "merge"]);
        let refusal = shift.ask(&incident, "resolve", &[("resolution", "it is over")]).await.unwrap_err();
        assert_eq!(refusal.kind, RefusalKind::ReadOnly, "{refusal:?}");
        let told = shift.ask(&incident, "note", &[("text", "looking at it")]).await.unwrap();
        assert_eq!(shift.done(&told).await.stage, Stage::Verified);
        let account = shift.double.account();
        let notes: Vec<_> = account.notes[&id].iter().map(|note| note["content"].as_str().unwrap()).collect();
        assert_eq!((account.status(&id), notes.as_slice()), ("triggered", &["looking at it"][..]));
    });
}

#[test]
fn every_verb_does_what_it_says() {
    block(async {
        let shift = Shift::new().await;
        let (id, incident) = shift.burning(1).await;
        let (other, _) = shift.burning(2).await;
        let ask = async |verb: &str, given: &[(&str, &str)]| {
            let receipt =
                shift.ask(&incident, verb, given).await.unwrap_or_else(|why| panic!("{verb}: {why:?}"));
            shift.done(&receipt).await.stage
        };
        let offered = shift.offered(&incident).await;
        let choices = |verb: &str| {
            let offered = offered.iter().find(|it| it.verb.of() == verb).unwrap();
            offered.asked[1].parameter.as_ref().unwrap().choices.clone()
        };
        let policies = ["Database on call (PPOL2)", "Trading on call (PPOL1)"];
        for verb in ["pd/reassign", "pd/responders"] {
            assert_eq!(choices(verb), ["Ana Ito (PUSR1)", "Bo Okafor (PUSR2)"]);
            assert_eq!(choices(&format!("{verb}-policy")), policies);
        }
        assert_eq!(ask("escalate", &[("level", "2")]).await, Stage::Verified);
        assert_eq!(shift.double.account().incidents[&id]["assignments"][0]["assignee"]["id"], "PUSR2");
        assert_eq!(ask("priority", &[("priority", "P2")]).await, Stage::Verified);
        assert_eq!(ask("acknowledge", &[]).await, Stage::Verified);
        assert_eq!(ask("snooze", &[("for", "2h")]).await, Stage::Verified);
        let responder = [("user", "Bo Okafor (PUSR2)"), ("message", "please help")];
        assert_eq!(ask("responders", &responder).await, Stage::Verified);
        // Nothing can be read of it, so it is never said to be verified.
        assert_eq!(ask("status-update", &[("message", "we are on it")]).await, Stage::Accepted);
        assert_eq!(ask("reassign", &[("user", "Bo Okafor (PUSR2)")]).await, Stage::Verified);
        let on_call = ("policy", "Database on call (PPOL2)");
        let responders = [on_call, ("message", "is it the database?")];
        assert_eq!(ask("responders-policy", &responders).await, Stage::Verified);
        // The policy by its id alone, as scripts name it.
        assert_eq!(ask("reassign-policy", &[("policy", "PPOL2")]).await, Stage::Verified);
        assert_eq!(shift.double.account().incidents[&id]["escalation_policy"]["id"], "PPOL2");
        assert_eq!(ask("merge", &[("into", &other)]).await, Stage::Verified);
        let account = shift.double.account();
        assert_eq!((account.status(&id), account.status(&other)), ("resolved", "triggered"));
        let body =
            |path: &str| account.writes().iter().find(|it| it.path.ends_with(path)).unwrap().body.clone();
        assert_eq!(body("/snooze"), json!({ "duration": 7200 }));
        assert_eq!(body("/responder_requests")["requester_id"], "PUSR1");
    });
}

#[test]
fn what_is_not_seen_to_be_done_since_is_not_verified() {
    block(async {
        let shift = Shift::new().await;
        let (id, incident) = shift.burning(1).await;
        {
            // The same was done before, and somebody else does it now.
            let mut account = shift.double.account();
            let now = chrono::Utc::now();
            account.note(&id, "PUSR1", "looking at it", now - chrono::TimeDelta::minutes(10));
            account.note(&id, "PUSR2", "looking at it", now);
            account.note_down(&id, "escalate_log_entry");
            account.note_down(&id, "snooze_log_entry");
            let earlier = json!([{
                "state": "pending", "user": { "id": "PUSR2" }, "message": "please help",
                "requester": { "id": "PUSR1" }, "requested_at": "2020-01-01T00:00:00Z",
            }]);
            account.set(&id, "incidents_responders", earlier);
            account.deaf = true;
        }
        let given = BTreeMap::from([("text".to_owned(), Outside::new("looking at it"))]);
        let plan =
            shift.engine.plan(&shift.ana, &incident.id, Verb::playbook("pd/note"), given).await.unwrap();
        let said = sheet::text(&plan).join("\n");
        let proof =
            "/notes lists one where /content = \"looking at it\", /user/id = \"PUSR1\", /created_at from ";
        assert!(said.contains(proof), "{said}");
        let given = BTreeMap::from([("policy".to_owned(), Outside::new("PPOL2"))]);
        let policy = Verb::playbook("pd/reassign-policy");
        let plan = shift.engine.plan(&shift.ana, &incident.id, policy, given).await.unwrap();
        let said = sheet::text(&plan).join("\n");
        for words in ["Database on call (PPOL2)", "/incident/escalation_policy/id = \"PPOL2\""] {
            assert!(said.contains(words), "{words}: {said}");
        }
        type Set = &'static [(&'static str, &'static str)];
        let verbs: [(&str, &str, Set); 5] = [
            ("note", "/notes", &[("text", "looking at it")]),
            ("escalate", "/log_entries", &[("level", "2")]),
            ("snooze", "/log_entries", &[("for", "2h")]),
            ("responders", "", &[("user", "Bo Okafor (PUSR2)"), ("message", "please help")]),
            ("responders-policy", "", &[("policy", "PPOL2"), ("message", "please help")]),
        ];
        for (verb, path, given) in verbs {
            let receipt = shift.ask(&incident, verb, given).await.unwrap();
            let path = format!("/incidents/{id}{path}");
            let looked_for = |_: &Changes| {
                let account = shift.double.account();
                let sent = account.requests.iter().rposition(|it| it.method != "GET")?;
                (account.requests[sent..].iter().filter(|it| it.path == path).count() >= 3).then_some(())
            };
            shift.until("it to be looked for in vain", looked_for).await;
            // Another verb's look may have been counted before this one was answered.
            let action = loop {
                let now = shift.engine.incident(&shift.ana, &incident.id.to_string()).await.unwrap().incident;
                let action = now.actions[&receipt.action.unwrap()].clone();
                if action.stage != Stage::Sent {
                    break action;
                }
                tokio::task::yield_now().await;
            };
            assert!(action.stage == Stage::Accepted && action.is_verifying(), "{verb}: {action:#?}");
        }
    });
}

#[test]
fn resolving_it_needs_its_id_typed_and_is_read_back() {
    block(async {
        let shift = Shift::new().await;
        let (id, incident) = shift.burning(1).await;
        let given = BTreeMap::from([("resolution".to_owned(), Outside::new("rolled back"))]);
        let plan =
            shift.engine.plan(&shift.ana, &incident.id, Verb::playbook("pd/resolve"), given).await.unwrap();
        assert_eq!(plan.typed_target().unwrap().raw(), id);
        let untyped = shift.engine.submit(&shift.ana, &plan.hash, Confirmation::default()).await.unwrap_err();
        assert!(untyped.message.raw().contains("--confirm-target"), "{untyped:?}");
        let receipt = shift.ask(&incident, "resolve", &[("resolution", "rolled back")]).await.unwrap();
        assert_eq!(shift.done(&receipt).await.stage, Stage::Verified);
        assert_eq!(shift.double.account().status(&id), "resolved");
        shift
            .until("the signal to clear", |changes| {
                changes.incidents.iter().find(|it| it.firing() == 0).map(drop)
            })
            .await;
    });
}

#[test]
fn each_of_its_noes_is_said_in_words() {
    block(async {
        let shift = Shift::new().await;
        let (id, incident) = shift.burning(1).await;
        for (status, code, words) in [
            (400, 1001, "it is resolved there already (1001)"),
            (400, 1006, "it cannot be escalated there"),
            (400, 1008, "there is no user with the address in `from`"),
            (400, 1015, "nobody is on call at that level"),
            (402, 2014, "this account's plan does not include that (2014)"),
            (429, 2020, "too many requests (2020)"),
        ] {
            shift.double.account().refusals.push_back(("PUT /incidents", status, code));
            let receipt = shift.ask(&incident, "escalate", &[("level", "2")]).await.unwrap();
            let action = shift.done(&receipt).await;
            assert_eq!(action.stage, Stage::Refused, "{code}: {:?}", action.detail);
            assert!(action.detail.raw().contains(words), "{code}: {:?}", action.detail);
        }
        shift.double.account().levels = vec![1];
        let receipt = shift.ask(&incident, "escalate", &[("level", "2")]).await.unwrap();
        assert!(shift.done(&receipt).await.detail.raw().contains("(1015)"));
        // Somebody changes it between the last look and the change.
        shift.double.account().after_look(|account, id| account.set(id, "urgency", "low".into()));
        let receipt = shift.ask(&incident, "priority", &[("priority", "P2")]).await.unwrap();
        let action = shift.done(&receipt).await;
        let said = "somebody changed it there since; look again (1005)";
        assert!(action.stage == Stage::Refused && action.detail.raw().contains(said), "{action:#?}");
        shift.double.account().after_look(|_, _| {});
        // Somebody there was quicker: what was asked for is so.
        shift.double.account().acknowledge(&id, "Bo Okafor");
        let receipt = shift.ask(&incident, "acknowledge", &[]).await.unwrap();
        let action = shift.done(&receipt).await;
        assert_eq!(action.stage, Stage::Verified, "{:?}", action.detail);
        assert_eq!(
            shift
                .double
                .account()
                .writes()
                .iter()
                .filter(|it| it.body["incident"]["status"].is_string())
                .count(),
            1
        );
    });
}

#[test]
fn what_the_plan_of_the_account_does_not_include_is_said_before_it_is_tried() {
    block(async {
        let shift = Shift::new().await;
        shift.double.account().abilities.clear();
        let (_, incident) = shift.burning(1).await;
        let barred = shift
            .offered(&incident)
            .await
            .into_iter()
            .filter_map(|it| Some((it.verb.of().trim_start_matches("pd/").to_owned(), it.barred?)));
        let lacks = |verb: &str, what: &str| {
            (verb.to_owned(), format!("this account's plan does not include {what}"))
        };
        let expected = [
            lacks("responders", "responder requests"),
            lacks("responders-policy", "responder requests"),
            lacks("priority", "priorities"),
        ];
        assert_eq!(barred.collect::<Vec<_>>(), expected);
        for (verb, given) in [
            ("responders", &[("user", "PUSR2"), ("message", "please help")][..]),
            ("priority", &[("priority", "P2")]),
        ] {
            let refusal = shift.ask(&incident, verb, given).await.unwrap_err();
            assert!(refusal.message.raw().contains("plan does not include"), "{refusal:?}");
        }
        assert_eq!(shift.writes(), 0);
    });
}

#[test]
fn a_round_in_which_nothing_may_be_asked_is_no_failure() {
    block(async {
        let shift = Shift::new().await;
        shift.burning(1).await;
        shift.double.account().quota = Some(Quota { left: 1, said: true });
        let held_back = |changes: &Changes| {
            let [status] = changes.sources.as_slice() else { return None };
            let fault = status.fault.as_ref()?;
            fault.is_held_back().then_some(status.failures)
        };
        let failures = shift.until("it to be left alone", held_back).await;
        assert_eq!(failures, 0, "nothing was asked that could have failed");
        assert_eq!(shift.double.account().quota.unwrap().left, 0);
    });
}

#[test]
fn where_nobody_knows_on_whose_behalf_the_address_is_asked_for() {
    block(async {
        let shift = Shift::new().await;
        shift.double.account().account_key = true;
        let (id, incident) = shift.burning(1).await;
        assert!(shift.engine.acknowledge_there(&shift.ana, &incident.id).await.is_empty());
        let refusal = shift.ask(&incident, "acknowledge", &[]).await.unwrap_err();
        assert!(refusal.message.raw().contains("from is missing"), "{refusal:?}");
        let receipt = shift.ask(&incident, "acknowledge", &[("from", ME)]).await.unwrap();
        assert_eq!(shift.done(&receipt).await.stage, Stage::Verified);
        assert_eq!(shift.double.account().status(&id), "acknowledged");
        let mute = Shift::with(true, &format!("from = \"{ME}\"\nacknowledge = false\n")).await;
        let (_, incident) = mute.burning(1).await;
        assert!(mute.engine.acknowledge_there(&mute.ana, &incident.id).await.is_empty(), "it is not wanted");
        assert!(!mute.offered(&incident).await.is_empty(), "but can be asked for");
    });
}

#[test]
fn an_exhausted_policy_is_a_notice() {
    block(async {
        let shift = Shift::new().await;
        let (id, incident) = shift.burning(1).await;
        shift.double.account().exhaust(&id);
        let text = shift
            .until("the notice", |changes| {
                let mut all = changes.notices.iter().map(|(_, _, notice)| notice);
                all.find(|it| it.kind == NoticeKind::Escalation).map(|it| it.text.raw().to_owned())
            })
            .await;
        assert_eq!(text, format!("nobody answered {} at any level of its policy at pd", incident.id));
        shift.ask(&incident, "reassign", &[("user", "PUSR2")]).await.unwrap();
        let goes_on = |changes: &Changes| {
            let signal = changes.incidents.iter().find(|it| it.id == incident.id)?.signals.values().next()?;
            (!signal.is_exhausted()).then_some(())
        };
        shift.until("somebody to be asked again", goes_on).await;
        let records = shift.engine.incident(&shift.ana, &incident.id.to_string()).await.unwrap().records;
        let said: Vec<String> = records.iter().map(|record| story::sentence(record, None).1).collect();
        assert!(said.iter().any(|text| text == "pd: somebody is paged about it again"), "{said:#?}");
    });
}
