//! What is found under sensitive names, and what is left of it behind a veil.

use super::*;
use crate::domain::packet::Whence;
use crate::domain::parameter::{Offer, Origin};
use crate::domain::signal::{SignalKey, Standing};
use crate::domain::time::Time;

fn said(pairs: &[(&str, &str)]) -> Said {
    pairs.iter().map(|(name, value)| (Outside::new(*name), Outside::new(*value))).collect()
}

fn hiding<'a>(sensitive: &'a Sensitive, pairs: &[(&str, &str)]) -> Veil<'a> {
    sensitive.veil(&said(pairs), Known::new())
}

fn signal(annotation: &str) -> Signal {
    Signal {
        key: SignalKey { source: "pd".into(), fingerprint: Outside::new("Q1") },
        title: Outside::new("Login failures of 88213"),
        alertname: Outside::new("Login failures of 88213"),
        description: Outside::new("email=ana@example.com, see the runbook"),
        labels: [(Outside::new("Account-ID"), Outside::new("90114"))].into(),
        annotations: [(Outside::new("details"), Outside::new(annotation))].into(),
        runbook: Some(Outside::new("http://x/?a=%2288213%22")),
        link: None,
        since: Time::UNIX_EPOCH,
        standing: Standing::Firing,
        upstream: None,
        undecodable: false,
        watched: false,
    }
}

#[test]
fn whole_words_are_hidden_and_parts_of_words_are_not() {
    let sensitive = Sensitive::new(["Account", "email"]);
    let veil = hiding(&sensitive, &[("account", "88213"), ("EMAIL", "Ana@Example.com"), ("pod", "88213-1")]);
    for (text, shown) in [
        ("Login failures acct 88213, 4 IPs", "Login failures acct ••••, 4 IPs"),
        ("acct-88213 and 88213", "acct-•••• and ••••"),
        ("order 882130, key 188213, ord_88213", "order 882130, key 188213, ord_88213"),
        ("mail to ANA@example.com bounced", "mail to •••• bounced"),
        ("ana@example.community", "ana@example.community"),
        ("é88213", "é88213"),
        ("", ""),
    ] {
        assert_eq!(veil.text(&Outside::new(text)).raw(), shown);
    }
    assert_eq!(veil.labels().into_iter().collect::<Vec<_>>(), ["account", "email"]);
}

#[test]
fn the_longer_value_goes_first_and_what_says_nothing_hides_nothing() {
    let sensitive = Sensitive::new(["account", "desk", "note", "team"]);
    let pairs = [("account", "88213"), ("desk", "88213 north"), ("note", " "), ("team", "none")];
    let veil = hiding(&sensitive, &pairs);
    assert_eq!(veil.text(&Outside::new("desk 88213 north of 88213")).raw(), "desk •••• of ••••");
    assert!(!veil.hides(&Outside::new("a b  c, none")));
    assert!(hiding(&Sensitive::default(), &[("account", "88213")]).is_empty());
}

#[test]
fn what_stands_deep_in_json_or_in_what_was_cut_is_found() {
    let sensitive = Sensitive::new(["account_id", "email"]);
    let deep = r#"{"user":{"accountId":88213,"mails":[{"email":["bo@x.org"]}]},"team":"blue"}"#;
    let found = sensitive.said_by(&signal(deep));
    let values: Vec<&str> = found.iter().map(|(_, value)| value.raw()).collect();
    assert_eq!(values, ["88213", "90114", "ana@example.com", "bo@x.org"]);
    let cut = r#"{"labels":{"account_id":"88213","x":1,"y"#;
    assert!(sensitive.said_by(&signal(cut)).contains(&(Outside::new("account_id"), Outside::new("88213"))));
}

#[test]
fn nothing_that_a_signal_says_of_it_is_left() {
    let sensitive = Sensitive::new(["account_id", "email"]);
    let mut signal = signal(r#"{"account_id":88213}"#);
    sensitive.veil(&sensitive.said_by(&signal), Known::new()).signal(&mut signal);
    let shown = serde_json::to_string(&signal).unwrap();
    for value in ["88213", "90114", "ana@example.com"] {
        assert!(!shown.contains(value), "{value} in {shown}");
    }
}

#[test]
fn what_was_read_is_shown_and_what_came_later_is_not() {
    let sensitive = Sensitive::new(["account_id"]);
    let one = said(&[("account_id", "88213")]);
    let read = sensitive.veil(&one, Known::new()).hidden().clone();
    assert!(sensitive.veil(&one, read.clone()).is_empty());
    let both = said(&[("account_id", "88213"), ("Account_ID", "90114")]);
    let veil = sensitive.veil(&both, read);
    assert_eq!(veil.text(&Outside::new("88213, 90114")).raw(), "88213, ••••");
    let mut later = signal("");
    veil.signal(&mut later);
    assert_eq!(later.labels.raw_value("Account-ID"), Some(HIDDEN));
    assert!(later.title.raw().contains("88213"));
}

#[test]
fn part_of_a_hidden_value_is_hidden_too() {
    let sensitive = Sensitive::new(["email"]);
    let veil = hiding(&sensitive, &[("email", "Ana <ana@example.com>")]);
    let (signal, value) = (Outside::new("x"), Outside::new("ana@example.com"));
    for whence in [
        Whence::Label { signal: signal.clone(), label: Outside::new("email"), cleared: None },
        Whence::Detail { signal, pointer: Outside::new("/user/email/0"), cleared: None },
    ] {
        let origin = Origin::Packet(whence);
        let mut offer = Offer { value: value.clone(), from: Outside::new("x"), origin, held: None };
        veil.offer(&mut offer);
        assert_eq!(offer.value.raw(), HIDDEN);
    }
    let mut typed =
        Offer { value: value.clone(), from: Outside::new("x"), origin: Origin::Person, held: None };
    veil.offer(&mut typed);
    assert_eq!(typed.value, value);
}
