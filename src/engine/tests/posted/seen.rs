//! Whether readers see what was posted, or may have been: looked at until they do, and said where they do not.

use super::*;
use crate::domain::incident::Posted;
use crate::domain::notice::{Notice, NoticeKind};
use crate::domain::record::Entry;

#[tokio::test(start_paused = true)]
async fn accepted_is_visible_only_once_it_was_seen() {
    for (looks, visible) in [(vec![false, false, true], true), (vec![false; 20], false)] {
        let scene = Scene::new(&[("page", Reach::Broadcast)]).await;
        *scene.pages[0].looks.lock().unwrap() = looks.into();
        let id = scene.bench.open(Severity::Critical).await;
        let plan = scene.plan(&id, Audience::Users, &[]).await.unwrap();
        scene.bench.engine.submit(&scene.ana, &plan.hash, Confirmation::default()).await.unwrap();
        let seen = |incident: &Incident| incident.bulletins[0].channels["page"].visible.is_some();
        let incident =
            scene.bench.until(&id, |incident| !incident.bulletins.is_empty() && seen(incident)).await;
        assert_eq!(incident.bulletins[0].channels["page"].visible, Some(visible));
        let left = scene.pages[0].looks.lock().unwrap().len();
        assert_eq!(left, if visible { 0 } else { 16 }, "two minutes, at thirty seconds a look");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_accepted_is_looked_at_by_whoever_comes_after_and_not_twice() {
    let scene = Scene::new(&[("page", Reach::Broadcast)]).await;
    let id = scene.bench.open(Severity::Critical).await;
    // The channel cannot be asked at first, as if the one that asks had died.
    scene.says(&id, &[]).await;
    scene.bench.recover().await;
    *scene.pages[0].looks.lock().unwrap() = [true].into();
    let seen = |incident: &Incident| incident.bulletins[0].channels["page"].visible;
    while seen(&scene.bench.incident(&id)).is_none() {
        scene.bench.recover().await;
        tokio::task::yield_now().await;
    }
    assert_eq!(seen(&scene.bench.incident(&id)), Some(true));
    let records = scene.bench.records().await.len();
    scene.bench.recover().await;
    assert_eq!((scene.bench.records().await.len(), scene.posted(0).len()), (records, 1));
}

#[tokio::test(start_paused = true)]
async fn who_looks_on_with_what_they_knew_before_it_was_seen_writes_nothing_twice() {
    let scene = Scene::new(&[("page", Reach::Broadcast)]).await;
    let id = scene.bench.open(Severity::Critical).await;
    scene.says(&id, &[]).await;
    let before = scene.bench.incident(&id);
    *scene.pages[0].looks.lock().unwrap() = [true].into();
    while posted(&scene.bench.incident(&id), 1).visible.is_none() {
        scene.bench.recover().await;
        tokio::task::yield_now().await;
    }
    // Whoever looked lets go of it.
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    *scene.pages[0].looks.lock().unwrap() = [true; 9].into();
    let (records, asked) = (scene.bench.records().await.len(), *scene.pages[0].asked.lock().unwrap());
    scene.bench.engine.resume_looks(&before);
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    let now = (scene.bench.records().await.len(), *scene.pages[0].asked.lock().unwrap());
    assert_eq!(now, (records, asked));
}

#[tokio::test(start_paused = true)]
async fn what_has_no_name_there_is_not_looked_for() {
    let scene = Scene::new(&[("nameless", Reach::Broadcast)]).await;
    let id = scene.bench.open(Severity::Critical).await;
    *scene.pages[0].looks.lock().unwrap() = [false; 9].into();
    scene.says(&id, &[]).await;
    scene.bench.pass(Span::mins(5)).await;
    scene.bench.recover().await;
    tokio::task::yield_now().await;
    assert_eq!(*scene.pages[0].asked.lock().unwrap(), 0);
}

fn posted(incident: &Incident, number: usize) -> Posted {
    incident.bulletins.get(number - 1).map(|sent| sent.channels["page"].clone()).unwrap_or_default()
}

/// The notices that bulletins raised, in order.
async fn raised(scene: &Scene) -> Vec<Notice> {
    let raised = scene.bench.records().await.into_iter().filter_map(|record| match record.entry {
        Entry::NoticeRaised(notice) if notice.text.raw().contains("bulletin") => Some(notice),
        _ => None,
    });
    raised.collect()
}

#[tokio::test(start_paused = true)]
async fn that_readers_do_not_see_it_is_told_and_asks_for_somebody_until_they_do() {
    let scene = Scene::new(&[("page", Reach::Broadcast)]).await;
    *scene.pages[0].looks.lock().unwrap() = [false, false, false, false, false, true].into();
    let id = scene.bench.open(Severity::Critical).await;
    scene.says(&id, &[]).await;
    let unseen = scene.bench.until(&id, |it| posted(it, 1).visible == Some(false)).await;
    let raised = raised(&scene).await;
    let [notice] = &raised[..] else { panic!("{raised:?}") };
    let words = "readers do not see it; look there, then post again or tell them another way";
    assert_eq!(notice.text.raw(), format!("{id}: bulletin 1 on page: {words}"));
    assert_eq!(notice.kind, NoticeKind::Deadline);
    assert!(notice.still_asks(&unseen, scene.bench.now()));
    // It is looked for on, and written down once.
    let seen = scene.bench.until(&id, |it| posted(it, 1).visible == Some(true)).await;
    assert!(!notice.still_asks(&seen, scene.bench.now()));
    assert_eq!(self::raised(&scene).await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn whoever_comes_much_later_looks_once_and_says_what_readers_see() {
    let scene = Scene::new(&[("page", Reach::Broadcast)]).await;
    let id = scene.bench.open(Severity::Critical).await;
    scene.says(&id, &[]).await;
    scene.bench.hand.advance(Span::mins(600));
    *scene.pages[0].looks.lock().unwrap() = [false; 9].into();
    let asked = *scene.pages[0].asked.lock().unwrap();
    while posted(&scene.bench.incident(&id), 1).visible.is_none() {
        scene.bench.recover().await;
        tokio::task::yield_now().await;
    }
    for _second in 0..3 {
        scene.bench.recover().await;
        tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    }
    assert_eq!(posted(&scene.bench.incident(&id), 1).visible, Some(false));
    let raised = raised(&scene).await.len();
    assert_eq!((*scene.pages[0].asked.lock().unwrap() - asked, raised), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn what_got_no_answer_counts_as_posted_once_it_is_seen_there() {
    let scene = Scene::new(&[("page", Reach::Broadcast)]).await;
    let id = scene.bench.open(Severity::Critical).await;
    scene.says(&id, &[]).await;
    scene.bench.pass(Span::secs(1)).await;
    scene.fails(0, FaultKind::NoAnswer);
    *scene.pages[0].looks.lock().unwrap() = [false, true].into();
    scene.says(&id, &[("status", "identified")]).await;
    let found = scene.bench.until(&id, |it| posted(it, 2).visible.is_some()).await;
    assert_eq!(
        (posted(&found, 2).outcome, posted(&found, 2).visible, posted(&found, 2).reference),
        (Some(Outcome::Accepted), Some(true), Some(Outside::new("s1")))
    );
    assert!(found.open_deadlines().is_empty(), "its readers have heard: {:?}", found.open_deadlines());
    let raised = raised(&scene).await;
    assert!(matches!(&raised[..], [it] if it.kind == NoticeKind::UnknownOutcome), "{raised:?}");
    assert!(!raised[0].still_asks(&found, scene.bench.now()));
    assert_eq!(scene.posted(0).len(), 2, "nothing is posted again");
}

#[tokio::test(start_paused = true)]
async fn what_got_no_answer_and_is_not_seen_stays_unknown() {
    let scene = Scene::new(&[("page", Reach::Broadcast)]).await;
    let id = scene.bench.open(Severity::Critical).await;
    scene.says(&id, &[]).await;
    scene.fails(0, FaultKind::NoAnswer);
    *scene.pages[0].looks.lock().unwrap() = [false; 9].into();
    scene.says(&id, &[("status", "identified")]).await;
    let unseen = scene.bench.until(&id, |it| posted(it, 2).visible.is_some()).await;
    assert_eq!(posted(&unseen, 2).outcome, Some(Outcome::Unknown));
    assert_eq!(raised(&scene).await.len(), 1, "it was said already that it may be there");
}

#[tokio::test(start_paused = true)]
async fn what_says_the_same_as_an_earlier_one_is_not_taken_for_it() {
    let scene = Scene::new(&[("page", Reach::Broadcast)]).await;
    let id = scene.bench.open(Severity::Critical).await;
    scene.says(&id, &[]).await;
    scene.fails(0, FaultKind::NoAnswer);
    *scene.pages[0].looks.lock().unwrap() = [true].into();
    scene.says(&id, &[]).await;
    scene.bench.recover().await;
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    assert_eq!(posted(&scene.bench.incident(&id), 2).outcome, Some(Outcome::Unknown));
}
