//! What is signed counts for one request, for its time and for one plan.

use super::*;

#[test]
fn a_request_is_signed_anew_each_time() {
    block(async |scene| {
        let ana = &scene.ana;
        let plan = scene.plan(ana, isolate()).await;
        let signature = ana.signature(&Statement::Request { plan: &plan.hash }).await;
        let again =
            async || ana.engine.submit(&ana.who, &plan.hash, ana.confirmation(signature.clone())).await;
        let ask = again().await.unwrap().incident.asks[&plan.hash].clone();
        assert_eq!(ask.until, ask.signature.at + Span::mins(15).delta(), "counted from what was signed");
        scene.hand.advance(Span::mins(16));
        let plan = scene.plan(ana, isolate()).await;
        assert_eq!(plan.hash, ask.plan.hash, "the same plan");
        let replayed = again().await.unwrap_err();
        assert!(replayed.message.raw().contains("was not signed just now"), "{replayed}");
        assert!(ana.submit(&plan).await.unwrap().waits.is_some());
    });
}

#[test]
fn what_was_asked_for_is_what_its_hash_says_for_as_long_as_was_signed() {
    block(async |scene| {
        let (ana, bo) = (&scene.ana, &scene.bo);
        let plan = scene.plan(ana, isolate()).await;
        let other = serde_json::to_string(&plan).unwrap().replace("replicas/tok-1", "replicas/tok-2");
        let other: Plan = serde_json::from_str(&other).unwrap();
        for (plan, minutes, why) in [
            (&other, 15, "the plan that was asked for is not what its hash says"),
            (&plan, 60, "its time is not what ana signed"),
        ] {
            let signature = ana.signature(&Statement::Request { plan: &plan.hash }).await.unwrap();
            let now = signature.at;
            let asked = Entry::ApprovalAsked {
                plan: Box::new(plan.clone()),
                until: now + Span::mins(minutes).delta(),
                typed: None,
                signature,
            };
            let by = quell::domain::operator::Actor::Person(ana.who.clone());
            let draft = Draft::of(&scene.id, by, now, asked);
            let written = ana.engine.ledger().append(vec![draft]).await.unwrap();
            let ask = written[0].incident.as_ref().unwrap().asks[&plan.hash].clone();
            scene.refused(bo.approve(&ask).await, bo, why).await;
            scene.hand.advance(Span::mins(16));
        }
        assert_eq!(scene.isolated(), 0);
    });
}

#[test]
fn an_approval_is_signed_for_this_plan_this_request_and_its_time() {
    block(async |scene| {
        let ask = scene.asked().await;
        let (bo, plan, other) = (&scene.bo, &ask.plan.hash, PlanHash("0".repeat(64)));
        scene.refused(bo.approve_signed(&ask, None).await, bo, "must be signed").await;
        let until = ask.until;
        for wrong in [
            Statement::Request { plan },
            Statement::Approval { plan: &other, ask: ask.seq, until },
            Statement::Approval { plan, ask: ask.seq - 1, until },
            Statement::Approval { plan, ask: ask.seq, until: until + Span::mins(1).delta() },
        ] {
            let signature = bo.signature(&wrong).await;
            scene.refused(bo.approve_signed(&ask, signature).await, bo, "the signature is not over").await;
        }
        let typed = Some(Outside::new("tok-2"));
        let wrong = Confirmation { typed, ..bo.confirmation(bo.consent(&ask).await) };
        let approval = bo.engine.approve(&bo.who, plan, wrong).await;
        scene.refused(approval, bo, "the target is tok-1").await;
        let unknown = bo.engine.approve(&bo.who, &other, bo.confirmation(None)).await.unwrap_err();
        assert_eq!(unknown.kind, RefusalKind::NotFound);
        assert_eq!(scene.isolated(), 0);
    });
}
