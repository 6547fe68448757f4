//! What is admitted, what never is, and what is said of a parameter that contradicts itself.

use proptest::prelude::*;

use super::*;

/// What is given, and what becomes of it.
type Case = (&'static str, Option<&'static str>);

fn parameter(toml: &str) -> Parameter {
    toml::from_str(&format!("name = 'it'\n{toml}")).unwrap()
}

fn admit(toml: &str, value: &str) -> Option<String> {
    let allowed = parameter(toml).allowed().unwrap_or_else(|flaws| panic!("{flaws:?}"));
    allowed.admit("it", &Outside::new(value)).ok().map(|value| value.raw().to_owned())
}

fn words(toml: &str) -> String {
    parameter(toml).allowed().unwrap().words()
}

#[test]
fn what_could_widen_a_target_is_refused() {
    assert_eq!(admit("allow = '[0-9]{4,12}'", "88213").as_deref(), Some("88213"));
    for bad in ["", "*", "88213\n", " 88213", "8821\u{0663}", "88213; rm -rf /", "../1", "88213\u{200b}"] {
        assert_eq!(admit(r"allow = '^\d{4,12}$'", bad), None, "{bad:?}");
    }
    for bad in ["*", "all", "ALL", "..", ".", "\u{7f}", "a\u{85}b", "ｅ", "a\u{202e}b", "é"] {
        assert_eq!(admit("allow = '.*'", bad), None, "{bad:?}");
    }
    assert_eq!(admit(r"allow = '\p{L}+'", "é").as_deref(), Some("é"), "unless it is allowed by name");
}

#[test]
fn nothing_in_an_expression_ends_what_it_must_match_whole() {
    assert_eq!(admit("allow = 'a|b'", "b").as_deref(), Some("b"));
    for bad in ["ax", "xb"] {
        assert_eq!(admit("allow = 'a|b'", bad), None, "{bad:?}");
    }
    assert_eq!(admit("allow = '(?m)^a$'", "a\nb"), None);
    let flaws = parameter("allow = 'a)|(?:b'").allowed().unwrap_err();
    assert_eq!(flaws[0].message, "`allow` is no regular expression: unopened group");
}

#[test]
fn each_kind_admits_what_its_limits_say_in_one_way_of_writing() {
    let cases: [(&str, &[Case]); 7] = [
        (
            "kind = 'integer'\nmin = 1\nmax = 50",
            &[
                ("1", Some("1")),
                ("50", Some("50")),
                ("0", None),
                ("51", None),
                ("+5", None),
                ("05", None),
                ("5.0", None),
            ],
        ),
        ("kind = 'integer'", &[("0", Some("0")), ("-1", None), ("9007199254740992", None), ("1e3", None)]),
        (
            "kind = 'choice'\nchoices = ['eu-1', 'us-1']",
            &[("eu-1", Some("eu-1")), ("EU-1", None), ("eu", None)],
        ),
        (
            "kind = 'choice'\nchoices = ['B. Okafor (PXJ29D)', 'C. (the other)']",
            &[("PXJ29D", Some("B. Okafor (PXJ29D)")), ("B. Okafor", None), ("the other", None)],
        ),
        (
            "kind = 'duration'\nmin = '1m'\nmax = '24h'",
            &[
                ("90m", Some("90m")),
                ("60m", Some("1h")),
                ("24h", Some("1d")),
                ("59s", None),
                ("25h", None),
                ("61000ms", Some("61s")),
                ("60500ms", None),
                ("5", None),
            ],
        ),
        ("kind = 'duration'", &[("0s", None), ("1s", Some("1s"))]),
        (
            "kind = 'amount'\nunit = 'USDT'\nmin = '0.01'\nmax = 1000",
            &[
                ("1000.00", Some("1000.00 USDT")),
                ("1000.01", None),
                ("0.009", None),
                ("5 BTC", None),
                ("5 USDT", Some("5 USDT")),
                ("-5", None),
            ],
        ),
    ];
    for (toml, values) in cases {
        for (value, admitted) in values {
            assert_eq!(admit(toml, value).as_deref(), *admitted, "{toml}: {value}");
        }
    }
}

#[test]
fn a_refusal_says_what_would_be_accepted() {
    assert_eq!(words("kind = 'integer'\nmin = 1\nmax = 50"), "integer 1…50");
    assert_eq!(words("kind = 'integer'\nmin = -5"), "integer from -5");
    assert_eq!(
        words("kind = 'duration'\nmin = '1m'\nmax = '24h'"),
        "duration 1m…1d, written like 90 min, 2h or 3 days"
    );
    assert_eq!(words("kind = 'amount'\nunit = 'USDT'\nmax = '1000.50'"), "amount 0…1000.50 USDT");
    assert_eq!(words("kind = 'choice'\nchoices = ['eu-1', 'us-1']"), "one of eu-1, us-1");
    assert_eq!(words("kind = 'integer'\nallow = '[0-9]+0'"), "integer from 0 matching [0-9]+0");
    assert_eq!(
        words("kind = 'integer'\nallow = '[0-9]+0'\nallow_says = 'in tens'"),
        "integer from 0, in tens"
    );
    assert_eq!(words("allow = '[0-9]{4,12}'\nallow_says = '4 to 12 digits'"), "4 to 12 digits");
    let allowed = parameter("allow = '[0-9]+'").allowed().unwrap();
    let refused = allowed.admit("account", &Outside::new("a\u{1b}[2J")).unwrap_err();
    assert_eq!(refused, r#"account refuses "a\x1b[2J"; it takes text matching [0-9]+"#);
}

#[test]
fn where_it_is_prefilled_from_is_a_label_or_an_item() {
    let from = |from: &str| Parameter { from: Some(from.to_owned()), ..Parameter::default() };
    assert_eq!(from("label:account_id").prefill(), Some(Prefill::Label("account_id")));
    assert_eq!(from("packet:order ids").prefill(), Some(Prefill::Item("order ids")));
    for bad in ["account_id", "label:", "labels:a", "packet: "] {
        assert_eq!(from(bad).prefill(), None, "{bad}");
    }
}

proptest! {
    #[test]
    fn what_was_admitted_is_admitted_again_as_it_is(
        kind in 0..6_usize,
        value in r#"[-0-9a-z.]{0,12}( USDT)?|\PC{0,6}|[0-9]{1,4}(s|m|h|d)"#,
    ) {
        let kinds = [
            "allow = '.*'",
            r"allow = '[^/]\p{Any}*'",
            "kind = 'integer'\nmin = -9999",
            "kind = 'choice'\nchoices = ['a', 'b']",
            "kind = 'duration'",
            "kind = 'amount'\nunit = 'USDT'\nmin = '-9999'",
        ];
        if let Some(admitted) = admit(kinds[kind], &value) {
            prop_assert_eq!(admit(kinds[kind], &admitted), Some(admitted.clone()));
            prop_assert!(!admitted.is_empty() && !admitted.chars().any(char::is_control));
            prop_assert!(!["*", "all", ".", ".."].contains(&admitted.to_lowercase().as_str()));
        }
    }
}
