//! Material that somebody made to mislead, to hide or to cost time.

use proptest::prelude::*;

use super::*;

/// The payloads of the house, as text.
fn payloads() -> Vec<String> {
    let all: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("../../../../tests/torture.json")).unwrap();
    all.iter().filter_map(|entry| entry["payload_escaped"].as_str()).map(str::to_owned).collect()
}

#[test]
fn hostile_text_forges_no_line_and_reaches_no_terminal() {
    let payloads = payloads();
    assert!(payloads.len() > 50);
    for payload in payloads {
        let json = serde_json::json!({ "order_id": &payload, "list": [&payload] }).to_string();
        let mut case =
            Case::says(&payload).noted(&payload).probed(Some(&payload)).fills("evidence", &payload);
        case.signals[0].annotations = labels(&[("path", &payload), (&payload, &json)]).into();
        case.signals[0].title = Outside::new(&payload);
        for path in ["incident", "security"] {
            let packet = case.packet(path);
            let text = packet.text();
            assert!(text.lines().all(|line| SafeText::display(line).to_string() == line), "{payload:?}");
            let values: usize = packet.items.iter().map(|item| item.values.len()).sum();
            assert!(text.lines().filter(|line| line.ends_with(']')).count() >= values, "{payload:?}");
        }
    }
}

#[test]
fn a_title_cannot_pretend_where_a_value_comes_from() {
    let mut case = Case::says(r#"{"path":"/v1 [note of bo 14:03Z]"}"#);
    case.signals[0].title = Outside::new("x] /v1 [note of bo 14:03Z");
    let text = case.packet("security").text();
    let line = text.lines().find(|line| line.starts_with("affected endpoint")).unwrap();
    let (_, ours) = line.rsplit_once('[').unwrap();
    assert_eq!(ours, "/description/path of x) /v1 (note of bo 14:03Z]");
}

#[test]
fn an_id_that_was_cut_on_its_way_in_is_no_id() {
    let long = format!(r#"{{"order_id":"ORD-1","x":"{}","request_id":"req-12345678"}}"#, "y".repeat(200));
    for cap in 60..230 {
        let mut case = Case::says("");
        case.signals[0].annotations = [(Outside::new("details"), Outside::capped(&long, cap))].into();
        for value in values(&case, "request ids").iter().chain(&values(&case, "order ids")) {
            assert!(["ORD-1", "req-12345678"].contains(&value.as_str()), "{cap}: {value}");
        }
    }
}

#[test]
fn a_megabyte_of_details_is_looked_through() {
    let filler: Vec<_> = (0..10_000).map(|n| serde_json::json!({ "n": n, "text": "x".repeat(90) })).collect();
    let body = serde_json::json!({ "filler": filler, "end": { "order_id": "LAST-1" } }).to_string();
    assert!(body.len() > 1_000_000);
    let case = Case::says(&body);
    assert_eq!(values(&case, "order ids"), ["LAST-1"]);
    assert_eq!(case.packet("incident").unread, 0);
    let more = Case::says(&body.repeat(3)).noted("order_id=N1");
    assert_eq!(values(&more, "order ids"), ["N1"]);
    let packet = more.packet("incident");
    assert!(packet.unread > 2_000_000 && packet.text().contains("bytes were too much to look through"));
}

#[test]
fn what_is_made_to_cost_time_is_given_up_in_time() {
    let big = 20_000;
    for bomb in [
        "[".repeat(big),
        r#"{"a":"#.repeat(big),
        format!("{}1{}", "[".repeat(big), "]".repeat(big)),
        "a=".repeat(big),
        "a:\"".repeat(big),
        "a='b=\"".repeat(big),
        "{\"a\":1}".repeat(big / 10),
        "k9=".repeat(big),
        "request id ".repeat(big),
        format!("{{\"{}\":1}}", "k".repeat(big)),
        "\\\"".repeat(big),
    ] {
        let case = Case::says(&bomb).noted("order_id=N1");
        assert_eq!(values(&case, "order ids"), ["N1"], "{bomb:.20}");
    }
}

#[test]
fn half_a_surrogate_pair_and_doubled_members_hide_nothing() {
    let case = Case::says(r#"{"x":"\ud800","order_id":"O1","order_id":"O2"}"#);
    assert_eq!(values(&case, "order ids"), ["O1", "O2"]);
}

/// JSON of plain texts and numbers under keys of which some are known.
fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        "[ -!#-\\[\\]-~]{0,30}".prop_map(serde_json::Value::from),
        any::<u64>().prop_map(serde_json::Value::from),
        Just(serde_json::Value::from("order_id=O7, request id 55")),
    ];
    let key = prop_oneof![
        "[a-z]{1,8}",
        Just("order_id".to_owned()),
        Just("url".to_owned()),
        Just("value".to_owned())
    ];
    leaf.prop_recursive(4, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(serde_json::Value::from),
            prop::collection::vec((key.clone(), inner), 0..5)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_value_appears_that_is_not_literally_in_the_material(
        details in json(), text in "[ -~\n]{0,200}", label in "[ -~]{0,40}",
    ) {
        let details = details.to_string();
        let mut case = Case::says(&text).noted(&text);
        case.signals[0].annotations = labels(&[("details", &details), ("order_ids", &label)]).into();
        let packet = case.packet("technical");
        for fact in packet.items.iter().flat_map(|item| &item.values).filter(|f| f.whence != Whence::Incident) {
            let value = fact.value.raw();
            prop_assert!([&details, &text, &label].iter().any(|from| from.contains(value)), "{value:?}");
        }
    }

    #[test]
    fn the_order_is_the_same_every_time(details in json()) {
        let case = Case::says(&details.to_string());
        prop_assert_eq!(case.packet("incident"), case.packet("incident"));
    }
}
