//! What it makes of answers, by hand-written ones.

use serde_json::{Value, json};

use super::decode::NAMELESS;
use super::*;
use crate::domain::signal::{Answer, Signal};
use crate::net::peer::{Act, Peer};

fn now() -> Time {
    "2026-11-20T14:02:00Z".parse().unwrap()
}

fn settings(more: &str) -> Settings {
    let text = "name = 'desk'\napi = 'desk'\npath = '/incidents'\nid = '/id'\ntitle = '/what'\nseverity = '/sev'\n\
                service = '/service'\nsince = '/since'\nlabels = '/tags'\nstate = '/state'\nheld_by = '/by'\n\
                states = { open = ['new'], acknowledged = ['held'], resolved = ['closed'] }\n";
    toml::from_str(&format!("{text}{more}")).unwrap()
}

fn decoded(pages: &[Value]) -> Decoded {
    let pages: Vec<String> = pages.iter().map(Value::to_string).collect();
    Decoded::of(&pages, &settings(""), &BTreeMap::new(), now())
}

fn read(elements: &[Value]) -> Answer {
    decoded(&[json!(elements)]).answer(true)
}

fn burning(id: impl Into<Value>) -> Value {
    let mut element = json!({ "what": "orders fail", "sev": "P1", "service": "orders", "state": "new" });
    element["id"] = id.into();
    element
}

fn ids(answer: &Answer) -> Vec<&str> {
    answer.signals.iter().map(|signal| signal.key.fingerprint.raw()).collect()
}

#[test]
fn an_element_becomes_a_signal_and_what_is_resolved_none() {
    let held =
        json!({ "id": "b", "state": "held", "by": "bo", "tags": { "pod": "gw-2", "n": 7, "no": null } });
    let over = json!({ "id": "c", "state": "closed", "what": { "never": "read" } });
    let answer = read(&[burning(7), held, over]);
    let [burning, held] = answer.signals.as_slice() else { panic!("{answer:#?}") };
    assert_eq!((burning.key.fingerprint.raw(), burning.title.raw()), ("7", "orders fail"));
    let label = |signal: &Signal, name: &str| signal.label(name).map(str::to_owned);
    assert_eq!(
        (label(burning, "severity"), label(burning, "service")),
        (Some("P1".into()), Some("orders".into()))
    );
    assert_eq!((label(burning, "desk_id"), label(held, "pod")), (Some("7".into()), Some("gw-2".into())));
    assert_eq!((label(held, "n"), label(held, "no")), (Some("7".into()), None));
    assert_eq!(held.title.raw(), "b", "without a title it is called by its id");
    let holds = |signal: &Signal| signal.upstream.clone().unwrap().held_by.map(|by| by.raw().to_owned());
    assert_eq!((holds(burning), holds(held)), (None, Some("bo".to_owned())));
    assert_eq!((answer.left_out, answer.complete), (0, true));
}

#[test]
fn its_labels_cannot_make_it_another_one() {
    let mut element = burning("7");
    element["tags"] = json!({ "desk_id": "8", "severity": "none", "service": "web" });
    let signal = &read(&[element]).signals[0];
    let label = |name: &str| signal.label(name).unwrap();
    assert_eq!((label("desk_id"), label("severity"), label("service")), ("7", "P1", "orders"));
}

#[test]
fn what_cannot_be_decoded_stands_for_itself_and_says_why() {
    let wrong = |at: &str, value: Value| {
        let mut element = burning("7");
        element[at] = value;
        element
    };
    for (element, id, why) in [
        (json!({ "what": "no id" }), None, "/id is no id"),
        (wrong("id", json!(7.5)), None, "/id is no id"),
        (wrong("id", json!("x".repeat(129))), None, "/id is no id"),
        (Value::Null, None, "/id is no id"),
        (wrong("what", json!(["x"])), Some("7"), "/what is a list"),
        (wrong("state", json!({ "name": "new" })), Some("7"), "/state is an object"),
        (wrong("sev", json!({})), Some("7"), "/sev is an object"),
        (wrong("tags", json!(["a=b"])), Some("7"), "/tags is no object of labels"),
    ] {
        let answer = read(&[element.clone(), burning("8")]);
        let [odd, other] = answer.signals.as_slice() else { panic!("{element}: {answer:#?}") };
        assert!(odd.undecodable && !other.undecodable && answer.left_out == 1, "{element}");
        assert!(id.is_none_or(|id| odd.key.fingerprint.raw() == id), "{element}: {:?}", odd.key);
        assert!(odd.description.raw().starts_with(why), "{element}: {:?}", odd.description);
    }
}

#[test]
fn what_has_no_id_is_the_same_whatever_moves_and_what_has_nothing_else_is_counted() {
    let ids = |element: Value| ids(&read(&[element])).iter().map(ToString::to_string).collect::<Vec<_>>();
    let odd = |what: &str, beats: u32| json!({ "what": what, "service": "orders", "beats": beats });
    assert_eq!(ids(odd("orders fail", 1)), ids(odd("orders fail", 2)));
    assert_ne!(ids(odd("orders fail", 1)), ids(odd("withdrawals fail", 1)));
    // So deep that only parts of it can be read.
    let deep = format!(r#"{{"id":"7","what":"x","more":{}{}}}"#, "[".repeat(1000), "]".repeat(1000));
    let answer = Decoded::of(&[format!("[{deep}]")], &settings(""), &BTreeMap::new(), now()).answer(true);
    assert_eq!((super::tests::ids(&answer), answer.left_out), (vec!["7"], 1));
    let none = decoded(&[json!([7, null, { "beats": 1 }, burning("8")])]);
    let said = remarks(&none, &settings(""), 1, None);
    assert!(
        said[0].partial && said[0].text.raw().starts_with("3 have no id at /id, nor a title"),
        "{said:?}"
    );
    let answer = none.answer(true);
    assert_eq!((answer.signals.len(), answer.left_out, answer.complete), (2, 3, true));
    assert!(answer.signals[0].undecodable && answer.signals[0].key.fingerprint.raw() == NAMELESS);
    let many = decoded(&[json!((0..3000).collect::<Vec<_>>())]).answer(true);
    assert_eq!((many.signals.len(), many.left_out, many.complete), (1, 3000, false));
}

#[test]
fn a_second_one_with_an_id_is_shown_and_the_source_is_not_whole() {
    let mut other = burning("7");
    other["what"] = json!("withdrawals fail");
    let decoded = decoded(&[json!([burning("7"), burning("7"), other])]);
    let said = remarks(&decoded, &settings(""), 1, None);
    assert!(said[0].partial && said[0].text.raw().contains("1 has the id of another one (7)"), "{said:?}");
    let answer = decoded.answer(true);
    assert_eq!((ids(&answer), answer.left_out), (vec!["7", "7#2"], 1), "the same one twice is one");
    assert!(
        answer.signals[1].undecodable && answer.signals[1].description.raw().contains("withdrawals fail")
    );
}

#[test]
fn of_many_with_one_id_a_few_are_shown_and_all_are_counted() {
    let alike = |n: usize| json!({ "id": "7", "what": format!("orders fail {n}"), "state": "new" });
    let decoded = decoded(&[json!((0..3000).map(alike).collect::<Vec<_>>())]);
    let said = remarks(&decoded, &settings(""), 1, None);
    assert!(said[0].text.raw().starts_with("2999 have the id of another one (7)"), "{said:?}");
    let answer = decoded.answer(true);
    assert_eq!((answer.signals.len(), answer.left_out, answer.complete), (16, 2999, false));
}

#[test]
fn a_later_page_is_right_about_what_an_earlier_one_said() {
    let mut held = burning("7");
    held["state"] = json!("held");
    let mut over = burning("8");
    over["state"] = json!("closed");
    let answer =
        decoded(&[json!([burning("7"), burning("8")]), json!([held, over, burning("9")])]).answer(true);
    assert_eq!((ids(&answer), answer.left_out), (vec!["7", "9"], 0));
    assert!(answer.signals[0].upstream.clone().unwrap().held_by.is_some());
}

#[test]
fn a_state_that_is_not_named_counts_as_open_and_says_so() {
    let mut odd = burning("7");
    odd["state"] = json!("resolved");
    let decoded = decoded(&[json!([odd, burning("8")])]);
    let said = remarks(&decoded, &settings(""), 1, None);
    assert!(!said[0].partial && said[0].text.raw().contains("(\"resolved\"): it counts as open"), "{said:?}");
    let answer = decoded.answer(true);
    let unnamed = |place: usize| answer.signals[place].upstream.clone().unwrap().unnamed_state;
    assert_eq!((unnamed(0).unwrap().raw(), unnamed(1)), ("resolved", None));
}

#[test]
fn a_time_is_read_as_backends_write_it() {
    for (since, at) in [
        (json!("2026-11-20T14:01:22Z"), Some("2026-11-20T14:01:22Z")),
        (json!("2026-11-20T16:01:22.5+02:00"), Some("2026-11-20T14:01:22.5Z")),
        (json!(1_795_183_282), Some("2026-11-20T14:01:22Z")),
        (json!(1_795_183_282.25), Some("2026-11-20T14:01:22Z")),
        (json!(1_795_183_282_500_u64), Some("2026-11-20T14:01:22.5Z")),
        (json!("1795183282"), Some("2026-11-20T14:01:22Z")),
        (json!("yesterday"), None),
        (json!(u64::MAX), None),
        (json!(i64::MIN), None),
        (json!(1e300), None),
    ] {
        let mut element = burning("7");
        element["since"] = since.clone();
        let decoded = decoded(&[json!([element])]);
        let untimed = decoded.untimed;
        let expected = at.map_or_else(now, |at| at.parse().unwrap());
        assert_eq!(
            (decoded.answer(true).signals[0].since, untimed),
            (expected, usize::from(at.is_none())),
            "{since}"
        );
    }
}

fn source(peer: &Peer, more: &str) -> HttpJson {
    let api = toml::from_str(&format!("name = 'desk'\nurl = '{}'", peer.url(""))).unwrap();
    HttpJson::new(&settings(more), &[api], |_| None).unwrap()
}

#[tokio::test]
async fn what_says_no_time_is_there_since_it_was_seen_first() {
    let page = |elements: &[Value]| Act::say(200, json!(elements).to_string().as_bytes());
    let peer = Peer::new([page(&[burning("7")]), page(&[burning("7"), burning("8")])]);
    let source = source(&peer, "");
    source.poll(now()).await.unwrap();
    let later = now() + Span::secs(15).delta();
    let answer = source.poll(later).await.unwrap().answer.unwrap();
    let since: Vec<Time> = answer.signals.iter().map(|signal| signal.since).collect();
    assert_eq!(since, [now(), later]);
}

#[tokio::test]
async fn the_same_answer_again_is_none_and_keeps_its_remarks() {
    let mut odd = burning("7");
    odd["state"] = json!("odd");
    let page = || Act::say(200, json!([odd]).to_string().as_bytes());
    let peer = Peer::new([page(), page(), page()]);
    let source = source(&peer, "");
    let first = source.poll(now()).await.unwrap();
    let again = source.poll(now()).await.unwrap();
    assert!(first.answer.is_some() && again.answer.is_none());
    assert_eq!((again.vitals.remarks.len(), again.vitals.remarks), (1, first.vitals.remarks));
    source.forget();
    assert!(source.poll(now()).await.unwrap().answer.is_some());
}

#[tokio::test]
async fn a_list_whose_end_is_not_read_is_partial_and_never_the_same() {
    let page = || Act::say(200, json!({ "items": [burning("7")], "next": "c2" }).to_string().as_bytes());
    let peer = Peer::new([page(), Act::say(503, b""), page(), Act::say(503, b"")]);
    let source = source(&peer, "list = '/items'\nnext = '/next'\ncursor = 'after'\n");
    for _ in 0..2 {
        let polled = source.poll(now()).await.unwrap();
        let (answer, remarks) = (polled.answer.unwrap(), polled.vitals.remarks);
        assert_eq!((ids(&answer), answer.left_out, answer.complete), (vec!["7"], 1, false));
        let [remark] = remarks.as_slice() else { panic!("{remarks:?}") };
        assert!(
            remark.partial && remark.text.raw().contains("the first page was read, and no more"),
            "{remark:?}"
        );
    }
    assert!(peer.seen()[1].starts_with("GET /incidents?after=c2 "), "{:?}", peer.seen());
}

#[tokio::test]
async fn of_a_list_of_pages_only_what_is_missing_twice_is_gone() {
    let first = |elements: &[Value]| json!({ "items": elements, "next": "c2" }).to_string();
    let last = |elements: &[Value]| json!({ "items": elements }).to_string();
    let (seven, eight, nine) = (burning("7"), burning("8"), burning("9"));
    let readings = [
        [first(&[seven.clone(), eight.clone()]), last(std::slice::from_ref(&nine))],
        // 8 went while it was read, so that 9 had moved to the page before.
        [first(&[seven.clone(), eight]), last(&[])],
        [first(std::slice::from_ref(&seven)), last(std::slice::from_ref(&nine))],
        [first(std::slice::from_ref(&seven)), last(std::slice::from_ref(&nine))],
        [first(std::slice::from_ref(&seven)), last(&[nine])],
    ];
    let peer = Peer::new(readings.concat().iter().map(|page| Act::say(200, page.as_bytes())));
    let source = source(&peer, "list = '/items'\nnext = '/next'\ncursor = 'after'\n");
    let mut said = Vec::new();
    // The first time it is read twice.
    for _ in 0..4 {
        let answer = source.poll(now()).await.unwrap().answer;
        said.push(answer.map(|answer| (ids(&answer).join(" "), answer.complete, answer.left_out)));
    }
    let whole = |ids: &str| Some((ids.to_owned(), true, 0));
    assert_eq!(said, [whole("7 8 9"), whole("7 9 8"), whole("7 9"), None]);
}

#[tokio::test]
async fn who_asks_a_list_of_pages_only_once_learns_what_is_gone_unless_it_cannot_be_read_again() {
    let first = || Act::say(200, json!({ "items": [burning("7")], "next": "c2" }).to_string().as_bytes());
    let last = || Act::say(200, json!({ "items": [burning("9")] }).to_string().as_bytes());
    let pages = "list = '/items'\nnext = '/next'\ncursor = 'after'\n";
    for (again, complete) in [(vec![first(), last()], true), (vec![first(), Act::say(503, b"")], false)] {
        let peer = Peer::new([first(), last()].into_iter().chain(again));
        let answer = source(&peer, pages).poll(now()).await.unwrap().answer.unwrap();
        assert_eq!((ids(&answer), answer.complete), (vec!["7", "9"], complete));
    }
    // Of one page it is known at once.
    let peer = Peer::new([last()]);
    let answer = source(&peer, pages).poll(now()).await.unwrap().answer.unwrap();
    assert_eq!((ids(&answer), answer.complete, peer.seen().len()), (vec!["9"], true, 1));
}

#[tokio::test]
async fn who_asks_too_much_in_the_middle_of_a_list_is_told_to_wait() {
    let page = Act::say(200, json!({ "items": [burning("7")], "next": "c2" }).to_string().as_bytes());
    let peer = Peer::new([page, Act::say(429, b"")]);
    let source = source(&peer, "list = '/items'\nnext = '/next'\ncursor = 'after'\n");
    assert_eq!(source.poll(now()).await.unwrap_err().kind, FaultKind::Throttled);
}

#[tokio::test]
async fn a_list_has_an_end() {
    let many = format!("[{}]", vec!["0"; MOST + 1].join(","));
    let peer = Peer::new([Act::say(200, many.as_bytes())]);
    assert_eq!(source(&peer, "").poll(now()).await.unwrap_err().kind, FaultKind::TooLarge);
}

#[tokio::test]
async fn what_is_no_list_is_no_calm_answer() {
    let peer = Peer::new([Act::say(200, br#"{"error":"log in"}"#)]);
    let fault = source(&peer, "list = '/items'\n").poll(now()).await.unwrap_err();
    assert_eq!(fault.kind, FaultKind::Malformed);
    assert!(fault.detail.raw().contains("holds no list at /items"), "{fault:?}");
}

#[test]
fn what_it_can_be_asked_is_what_its_table_says() {
    let peer = Peer::new([]);
    assert!(source(&peer, "").playbooks().is_empty() && source(&peer, "").acknowledges().is_none());
    let more = "acknowledge = { path = '/{{id}}/ack' }\nresolve = { path = '/{{id}}/close', json = { why = '{{text}}' } }\n";
    let source = source(&peer, more);
    let all = source.playbooks();
    let ids: Vec<&str> = all.iter().map(|playbook| playbook.id.as_str()).collect();
    assert_eq!(
        (ids, source.acknowledges().as_deref()),
        (vec!["desk/acknowledge", "desk/resolve"], Some("desk/acknowledge"))
    );
    let asked = |place: usize| all[place].parameter.iter().map(|it| it.name.as_str()).collect::<Vec<_>>();
    assert_eq!((asked(0), asked(1)), (vec!["id"], vec!["id", "text"]));
    assert_eq!(all[0].when.source(), "source:desk label:desk_id");
}

#[tokio::test]
async fn a_clock_is_read_off_the_first_page_alone() {
    let page = |date: &str, body: Value| Act::head(200, &[("date", date)], body.to_string().as_bytes());
    let (asked, later) = ("Fri, 20 Nov 2026 14:02:00 GMT", "Fri, 20 Nov 2026 14:02:40 GMT");
    let reading = |first: &str| {
        let begins = json!({ "items": [burning("7")], "next": "c2" });
        [page(first, begins), page(later, json!({ "items": [burning("8")] }))]
    };
    for (first, skew_ms) in [(asked, None), (later, Some(40_000))] {
        let peer = Peer::new(reading(first).into_iter().chain(reading(first)));
        let source = source(&peer, "list = '/items'\nnext = '/next'\ncursor = 'after'\n");
        let said = source.poll(now()).await.unwrap().vitals.skew_ms;
        // What the way and whole seconds explain is taken off.
        assert_eq!(
            said.map(|ms| (ms + 5000) / 10_000),
            skew_ms.map(|ms: i64| ms / 10_000),
            "{first}: {said:?}"
        );
    }
}
