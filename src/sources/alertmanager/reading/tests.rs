//! Answers in pieces of any size, along any earlier answer.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::sources::alertmanager::tests::PARSED;

/// A list of alerts, each by its fingerprint and how often it changed.
fn body(alerts: &[(u16, u8)]) -> Vec<u8> {
    let alert = |(name, times): &(u16, u8)| {
        json!({
            "labels": { "alertname": "Lag", "pod": format!("p{name}") },
            "annotations": { "summary": format!("changed {times} times"), "description": "y".repeat(900) },
            "startsAt": "2026-11-20T14:01:22Z", "fingerprint": format!("{name:05}"),
        })
    };
    serde_json::to_vec(&alerts.iter().map(alert).collect::<Vec<_>>()).unwrap()
}

fn read(body: &[u8], known: &Known, piece: usize) -> Result<(Known, bool), Fault> {
    let mut reading = known.clone().read("am", Time::UNIX_EPOCH);
    for piece in body.chunks(piece) {
        reading.take(piece)?;
        let held = reading.rest.len();
        assert!(held <= 2 * BLOCK, "{held} bytes are held");
    }
    reading.finish()
}

fn fresh(body: &[u8]) -> Known {
    read(body, &Known::default(), usize::MAX).unwrap().0
}

fn titles(known: &Known) -> Vec<(&str, &str)> {
    known.signals().map(|signal| (signal.key.fingerprint.raw(), signal.title.raw())).collect()
}

/// Of several blocks.
fn many() -> Vec<(u16, u8)> {
    (0..500).map(|name| (name, 0)).collect()
}

#[test]
fn an_answer_that_repeats_the_last_one_is_neither_parsed_nor_kept() {
    let body = body(&many());
    assert!(body.len() > 3 * BLOCK);
    let known = fresh(&body);
    let before = PARSED.get();
    for known in [known.clone(), Known::recalled(known.trace)] {
        let (again, is_news) = read(&body, &known, 8192).unwrap();
        assert_eq!((is_news, &again.trace, again.is_whole()), (false, &known.trace, known.is_whole()));
    }
    assert_eq!(PARSED.get(), before);
}

#[test]
fn what_comes_before_the_first_difference_is_shared() {
    let first = fresh(&body(&many()));
    for place in [0, 250, 499] {
        let mut alerts = many();
        alerts[place].1 = 1;
        let (second, is_news) = read(&body(&alerts), &first, 4096).unwrap();
        assert!(is_news);
        let shared = second.signals().zip(first.signals()).filter(|(one, other)| Arc::ptr_eq(one, other));
        assert_eq!(shared.count(), 499);
        assert_eq!(titles(&second), titles(&fresh(&body(&alerts))));
    }
}

#[test]
fn what_is_recognised_says_that_it_differs_and_no_more() {
    let known = Known::recalled(fresh(&body(&many())).trace);
    let longer = [many(), vec![(900, 0)]].concat();
    for alerts in [&many()[..499], &longer[..]] {
        let (next, is_news) = read(&body(alerts), &known, 5000).unwrap();
        assert!(is_news && !next.is_whole());
        assert_eq!(next.trace.said, fresh(&body(alerts)).trace.said);
    }
}

#[test]
fn a_change_that_does_not_count_is_no_news_and_recognised_the_next_time() {
    let heard = |at: &str| {
        String::from_utf8(body(&many()))
            .unwrap()
            .replace("\"labels\"", &format!("\"updatedAt\":\"{at}\",\"labels\""))
    };
    let (first, second) = (heard("2026-11-20T14:01:22Z"), heard("2026-11-20T14:02:22Z"));
    for known in [fresh(first.as_bytes()), Known::recalled(fresh(first.as_bytes()).trace)] {
        let (next, is_news) = read(second.as_bytes(), &known, 8192).unwrap();
        assert_eq!((is_news, next.is_whole()), (false, known.is_whole()));
        let before = PARSED.get();
        assert!(!read(second.as_bytes(), &next, 8192).unwrap().1);
        assert_eq!(PARSED.get(), before);
    }
}

#[test]
fn what_is_cut_short_or_goes_on_is_no_list() {
    let whole = body(&many());
    let known = fresh(&whole);
    let longer = [&whole[..], b" []"].concat();
    for text in [&whole[..whole.len() - 1], &whole[..2 * BLOCK], &longer, b""] {
        for known in [&known, &Known::default(), &Known::recalled(known.trace.clone())] {
            assert!(read(text, known, 8192).is_err());
        }
    }
    assert!(!read(&[&whole[..], b"\n"].concat(), &known, 8192).unwrap().1);
}

#[test]
fn a_list_has_an_end() {
    let list = |length: usize| format!("[{}]", vec!["0"; length].join(","));
    let kind = |length| read(list(length).as_bytes(), &Known::default(), 8192).map_err(|fault| fault.kind);
    assert!(kind(MOST).is_ok());
    assert_eq!(kind(MOST + 1).map(drop), Err(crate::domain::fault::FaultKind::TooLarge));
}

#[test]
fn an_element_in_many_pieces_is_not_read_again_with_each() {
    let alerts = format!("[{{\"labels\":{{\"a\":\"{}\"}}}}]", "x".repeat(4 << 20));
    let mut reading = Known::default().read("am", Time::UNIX_EPOCH);
    let mut looked = 0;
    for piece in alerts.as_bytes().chunks(4096) {
        looked += usize::from(reading.rest.len() + piece.len() >= reading.enough);
        reading.take(piece).unwrap();
    }
    assert!(looked < 20, "{looked}");
    assert_eq!(reading.finish().unwrap().0.signals().count(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn along_an_earlier_answer_it_is_read_as_by_itself(
        earlier in prop::collection::btree_map(0u16..600, 0u8..2, 0..600),
        changed in prop::collection::btree_map(0u16..600, prop::option::of(2u8..4), 0..4),
        piece in 1usize..40_000,
    ) {
        let earlier: Vec<(u16, u8)> = earlier.into_iter().collect();
        let mut later: std::collections::BTreeMap<u16, u8> = earlier.iter().copied().collect();
        for (name, times) in &changed {
            match times {
                Some(times) => drop(later.insert(*name, *times)),
                None => drop(later.remove(name)),
            }
        }
        let later: Vec<(u16, u8)> = later.into_iter().collect();
        let (known, alone) = (fresh(&body(&earlier)), fresh(&body(&later)));
        let (next, is_news) = read(&body(&later), &known, piece).unwrap();
        prop_assert_eq!(titles(&next), titles(&alone));
        prop_assert_eq!(is_news, later != earlier);
        prop_assert_eq!((next.trace.bytes, next.trace.said), (alone.trace.bytes, alone.trace.said));
        let (recalled, is_news) = read(&body(&later), &Known::recalled(known.trace), piece).unwrap();
        prop_assert_eq!((recalled.trace.said, is_news), (alone.trace.said, later != earlier));
    }
}
