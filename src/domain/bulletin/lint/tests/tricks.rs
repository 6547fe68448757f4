//! Hostile text in a bulletin is found, and repeated only as text that may be shown.

use super::*;

fn payloads(categories: &[&str]) -> Vec<(String, String)> {
    let all: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("../../../../../tests/torture.json")).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let decoded = |one: &serde_json::Value| match one["encoding"].as_str() {
        Some("hex") => {
            let hex = text(&one["payload_hex"]);
            let pairs = hex.as_bytes().chunks(2).map(|pair| std::str::from_utf8(pair).unwrap().to_owned());
            let bytes: Vec<u8> = pairs.map(|pair| u8::from_str_radix(&pair, 16).unwrap()).collect();
            String::from_utf8_lossy(&bytes).into_owned()
        }
        Some("gen") => text(&one["gen"]["prefix"]) + &text(&one["gen"]["unit"]).repeat(2000),
        _ => text(&one["payload_escaped"]),
    };
    let of = |one: &&serde_json::Value| categories.iter().any(|category| one["category"] == **category);
    all.iter().filter(of).map(|one| (text(&one["name"]), decoded(one))).collect()
}

#[test]
fn hostile_text_does_not_leave() {
    let hostile =
        payloads(&["terminal-escape", "c0-control", "c1-control", "bidi", "invisible", "notification"]);
    assert!(hostile.len() > 40);
    // Honest in any alert, or nothing to a reader of plain text.
    let harmless = ["arabic_trade", "only_spaces", "osc9_digit_prefix", "applescript_inject"];
    for (name, payload) in hostile.iter().filter(|(name, _)| !harmless.contains(&name.as_str())) {
        let findings = Case::new().said(&format!("It is slow. {payload}")).lint();
        assert!(!findings.is_empty(), "{name} leaves");
        for finding in findings {
            assert_eq!(*SafeText::display(&finding.message), *finding.message, "{name}");
        }
    }
}

#[test]
fn what_is_honest_in_the_collection_leaves() {
    for (name, payload) in payloads(&["legit-text"]) {
        let findings = Case::new().said(&format!("It is slow. {payload}")).lint();
        assert!(findings.is_empty(), "{name}: {findings:?}");
    }
}

#[test]
fn disguises_hide_nothing() {
    let disguised = [
        (Rule::Internals, "db01\u{200b}.corp.example.com is slow"),
        (Rule::Internals, "db01.c\u{43e}rp.example.com is slow"),
        (Rule::Internals, "ｄｂ０１．ｃｏｒｐ．ｅｘａｍｐｌｅ．ｃｏｍ is slow"),
        (Rule::Internals, "db01[.]corp[.]example[.]com is slow"),
        (Rule::Internals, "10\u{3002}0\u{3002}0\u{3002}7 is slow"),
        (Rule::Internals, "10.0.0.\u{667} is slow"),
        (Rule::Internals, "wd\u{2010}signer\u{2011}eu1 is slow"),
        (Rule::Internals, "Withdrawal\u{ad}QueueStuck is slow"),
        (Rule::Secrets, "AKIA\u{200d}IOSFODNN7EXAMPLE is slow"),
        (Rule::Secrets, "account 88\u{2060}213 is slow"),
        (Rule::Secrets, "account ８８２１３ is slow"),
        (Rule::Secrets, "ana\u{200b}@gmail\u{3002}com is slow"),
        (Rule::Links, "see https://stаtus.example.com/x"),
        (Rule::Links, "see https://status．example．com/x"),
        (Rule::Links, "see https://status.example.com/x and https://st\u{430}tus.example.com/x"),
        (Rule::Links, "see https://status.exam\u{200b}ple.com/x"),
        (Rule::Requests, "l\u{43e}g in here"),
        (Rule::Requests, "please enter your p\u{430}ssw\u{43e}rd"),
        (Rule::Requests, "𝐬𝐞𝐧𝐝 your funds to us"),
        (Rule::Requests, "c\u{336}l\u{336}i\u{336}c\u{336}k here"),
        (Rule::PlainWords, "the p\u{200b}od is slow"),
        (Rule::Certainty, "your fun\u{200b}ds are safe"),
        (Rule::Markup, "<\u{200b}b>slow</b>"),
        (Rule::Unfilled, "{\u{200b}{started}}"),
    ];
    none(disguised.into_iter().filter_map(|(rule, text)| Case::new().said(text).gap(rule)));
}

#[test]
fn a_disguised_code_counts_as_a_code() {
    let case = Case::new();
    let code = case.context.code.to_string();
    let wide: String = code.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap()).collect();
    none(case.clone().said(&format!("It is slow: {wide}")).gap(Rule::Code));
    none(case.said(&format!("It is slow: {}", code.replace('-', "\u{200b}-"))).gap(Rule::Code));
    let token = "{{anti\u{200b}_phishing_code}}";
    none(Case::new().with(|case| case.reach = Reach::PerRecipient).said(token).gap(Rule::Code));
}
