//! What needs two persons and is done by one, or undone.

use super::*;

#[test]
fn the_glass_is_broken_with_a_reason_that_everybody_reads() {
    block(async |scene| {
        let ana = &scene.ana;
        let plan = scene.plan(ana, isolate()).await;
        let breaking =
            |why: &str| Confirmation { break_glass: Some(Outside::new(why)), ..ana.confirmation(None) };
        let refusal = ana.engine.submit(&ana.who, &plan.hash, breaking("  urgent  ")).await.unwrap_err();
        assert_eq!(refusal.kind, RefusalKind::Usage);
        assert_eq!(scene.isolated(), 0);

        let why = "funds leave while everybody sleeps";
        let receipt = ana.engine.submit(&ana.who, &plan.hash, breaking(why)).await.unwrap();
        assert_eq!(receipt.action, Some(1));
        let action = scene.ended(ana, 1).await;
        assert_eq!(action.confirmed.break_glass.as_ref().map(Outside::raw), Some(why));
        assert_eq!((action.confirmed.approved_by, scene.isolated()), (None, 1));
        let notices: Vec<_> = scene
            .records()
            .await
            .into_iter()
            .filter_map(|record| match record.entry {
                Entry::NoticeRaised(notice) => Some(notice),
                _ => None,
            })
            .collect();
        let [notice] = notices.as_slice() else { panic!("{notices:?}") };
        assert_eq!((notice.kind, notice.kind.word()), (NoticeKind::BreakGlass, "BREAK-GLASS"));
        assert!(notice.text.raw().contains("ana") && notice.text.raw().contains(why), "{notice:?}");

        // Where nobody else is needed there is no glass.
        let plan = scene.plan(ana, Verb::Contain { playbook: "isolate-alone".into() }).await;
        let refusal = ana.engine.submit(&ana.who, &plan.hash, breaking(why)).await.unwrap_err();
        assert!(refusal.message.raw().contains("needs no second person"), "{refusal}");
    });
}

#[test]
fn an_undo_of_what_two_agreed_on_needs_two_as_well() {
    block(async |scene| {
        let ask = scene.asked().await;
        scene.bo.approve(&ask).await.unwrap();
        scene.ended(&scene.ana, 1).await;
        let undo = Verb::Undo { playbook: "isolate-replica".into(), action: 1 };
        let plan = scene.plan(&scene.ana, undo).await;
        let receipt = scene.ana.submit(&plan).await.unwrap();
        let ask = receipt.incident.asks[&plan.hash].clone();
        assert_eq!(scene.call("GET", &format!("/admin/replicas/{REPLICA}"))["rotation"], "out");
        scene.bo.approve(&ask).await.unwrap();
        scene.ended(&scene.bo, 2).await;
        assert_eq!(scene.call("GET", &format!("/admin/replicas/{REPLICA}"))["rotation"], "in");
    });
}
