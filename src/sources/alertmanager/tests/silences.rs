//! Silences that are old.

use super::*;

#[tokio::test]
async fn silences_that_cannot_be_read_again_say_how_old_they_are_wherever_they_stand() {
    let mut silenced = alert("f1");
    silenced["status"] = json!({ "state": "suppressed", "silencedBy": ["s1"], "inhibitedBy": [] });
    let silences = json!([{ "id": "s1", "createdBy": "ana", "endsAt": "2026-11-20T16:00:00Z" }]);
    let (page, no) = (|| say(&json!([silenced])), || Act::say(503, b""));
    let acts = [page(), say(&silences), about("0.28.0"), page(), no(), page(), no(), page(), say(&silences)];
    let peer = Peer::new(acts);
    let source = Alertmanager::new(&settings(&[peer.url("")]), |_| None).unwrap();
    let mut said = Vec::new();
    for minutes in [0, 2, 4, 6] {
        let polled = source.poll(at() + chrono::TimeDelta::minutes(minutes)).await.unwrap();
        let words = |answer: Answer| {
            let upstream = answer.signals[0].upstream.as_ref().unwrap();
            upstream.silences[0].words().to_string()
        };
        let remark = polled.vitals.remarks[1].text.raw().to_owned();
        let as_of = polled.vitals.silences[0].as_of.is_some();
        let silenced: Vec<_> = polled.vitals.silenced.into_iter().collect();
        let until = "2026-11-20T16:00:00Z".parse().ok();
        assert_eq!(silenced, [(Outside::new("f1"), until)], "also where that is old");
        said.push((polled.answer.map(words), remark, as_of));
    }
    let fresh = "by ana until 2026-11-20 16:00:00Z";
    let date_time = |minutes| crate::domain::time::date_time(at() + chrono::TimeDelta::minutes(minutes));
    let first = |minutes| {
        format!(
            "1 silence; the first to end is ana's, at 2026-11-20 16:00:00Z (as of {})",
            date_time(minutes)
        )
    };
    let (since, why) = (date_time(0), "status 503 Service Unavailable");
    let old = format!("silences as of {since}, not read since: {why}");
    let expected = [
        (Some(fresh.to_owned()), first(0), false),
        (Some(format!("{fresh} (as of {since})")), old.clone(), true),
        (None, old, true),
        (Some(fresh.to_owned()), first(6), false),
    ];
    assert_eq!(said, expected);
}

#[tokio::test]
async fn what_was_changed_from_here_is_read_with_the_next_poll() {
    let silence = |until: &str| say(&json!([{ "id": "s1", "createdBy": "ana", "endsAt": until }]));
    let page = || say(&json!([alert("f1")]));
    let acts = [
        page(),
        silence("2026-11-20T16:00:00Z"),
        about("0.28.0"),
        page(),
        page(),
        silence("2026-11-20T18:00:00Z"),
        page(),
    ];
    let peer = Peer::new(acts);
    let source = Alertmanager::new(&settings(&[peer.url("")]), |_| None).unwrap();
    let mut said = Vec::new();
    for seconds in [0, 15, 30, 45] {
        let now = at() + chrono::TimeDelta::seconds(seconds);
        if seconds >= 30 {
            source.was_changed(at() + chrono::TimeDelta::seconds(20));
        }
        let polled = source.poll(now).await.unwrap();
        said.push(polled.vitals.silences[0].until.map(|until| until.to_string()));
    }
    let (four, six) = ("2026-11-20 16:00:00 UTC".to_owned(), "2026-11-20 18:00:00 UTC".to_owned());
    assert_eq!(said, [Some(four.clone()), Some(four), Some(six.clone()), Some(six)]);
    assert_eq!(peer.seen().len(), 7, "once more, and not again and again");
}
