//! How much it weighs: said once freely, changed only with a reason.

use super::{Course, QUELL, text};
use quell::domain::category::Category;
use quell::domain::classification::{Fact, Funds, Impact, Scope, Urgency};
use quell::domain::phase::Phase;
use quell::domain::record::{Entry, Field};
use quell::domain::severity::Severity;

pub(super) fn severity(word: &str, because: Option<&str>) -> Entry {
    let severity = match word {
        "critical" => Severity::Critical,
        "high" => Severity::High,
        _ => Severity::Normal,
    };
    Entry::SeveritySet { severity, because: because.map(text) }
}

pub(super) fn category(word: &str, because: Option<&str>) -> Entry {
    let category = match word {
        "outage" => Category::Outage,
        "anomaly" => Category::Anomaly,
        _ => Category::UnauthorizedAccess,
    };
    Entry::CategorySet { category, because: because.map(text) }
}

pub(super) fn users(users: u64, because: Option<&str>) -> Entry {
    impact(Impact::Users { min: users, max: users }, because)
}

fn impact(impact: Impact, because: Option<&str>) -> Entry {
    Entry::ImpactAssessed { impact, because: because.map(text) }
}

fn fact(fact: Fact, because: Option<&str>) -> Entry {
    Entry::Classified { fact, because: because.map(text) }
}

/// Says the first, is refused the second without a reason, and says it with one.
#[track_caller]
fn is_changed_with_a_reason(field: Field, say: [fn(Option<&str>) -> Entry; 2]) {
    let mut course = Course::begins();
    let [first, second] = say;
    course.does("ana", first(Some("we looked")));
    let why = "it was said before; say why it changes";
    course.refuses("bo", second(None), why).refuses("bo", second(Some(" \t")), why);
    course.does("bo", second(Some("we counted again")));
    assert_eq!(course.incident.changed[&field], course.incident.version);
}

#[test]
fn what_was_said_is_changed_only_with_a_reason() {
    is_changed_with_a_reason(
        Field::Severity,
        [|why| severity("critical", why), |why| severity("normal", why)],
    );
    is_changed_with_a_reason(Field::Category, [|why| category("outage", why), |why| category("abuse", why)]);
    is_changed_with_a_reason(Field::Impact, [|why| users(3, why), |why| users(4, why)]);
    let unknown = |why: Option<&str>| impact(Impact::Unknown { because: text("the logs are down") }, why);
    is_changed_with_a_reason(Field::Impact, [|why| users(3, why), unknown]);
    let field = Field::Classification;
    is_changed_with_a_reason(
        field,
        [|why| fact(Fact::Urgency(Urgency::Immediate), why), |why| fact(Fact::Urgency(Urgency::Later), why)],
    );
    is_changed_with_a_reason(
        field,
        [|why| fact(Fact::Scope(Scope::All), why), |why| fact(Fact::Scope(Scope::One), why)],
    );
    is_changed_with_a_reason(
        field,
        [|why| fact(Fact::Funds(Funds::Unknown), why), |why| fact(Fact::Funds(Funds::No), why)],
    );
    is_changed_with_a_reason(
        field,
        [|why| fact(Fact::Area(text("orders")), why), |why| fact(Fact::Area(text("auth")), why)],
    );
    is_changed_with_a_reason(
        field,
        [|why| fact(Fact::Environment(text("eu")), why), |why| fact(Fact::Environment(text("us")), why)],
    );
}

#[test]
fn saying_the_same_again_needs_no_reason() {
    let mut course = Course::begins();
    let entries: [fn(Option<&str>) -> Entry; 4] = [
        |why| severity("critical", why),
        |why| category("outage", why),
        |why| fact(Fact::Funds(Funds::Yes), why),
        |why| users(3, why),
    ];
    for entry in entries {
        course.does("ana", entry(Some("we looked"))).does("bo", entry(None));
    }
}

#[test]
fn confirming_what_a_source_said_is_the_first_word_of_a_person() {
    let mut course = Course::begins();
    assert!(!course.incident.severity_set && !course.incident.category_set);
    course.does("ana", severity("high", None)).does("ana", category("anomaly", None));
    assert!(course.incident.severity_set && course.incident.category_set);
}

#[test]
fn whoever_differs_from_a_source_says_why_and_of_what_no_rule_knew_nobody_has_to() {
    let mut course = Course::begins();
    let why = "say why it changes";
    course.refuses("ana", severity("normal", None), why).refuses("ana", category("outage", None), why);
    let mut before = course.record("ana", severity("normal", None));
    before.v = 3;
    course.incident.clone().apply(&before).unwrap();
    course.does("ana", severity("normal", Some("nobody is affected")));
    course.does("ana", category("outage", Some("orders fail")));

    let mut unknown = Course::begins();
    let key = unknown.signal();
    unknown.does(QUELL, Entry::SignalResorted { key, severity: Severity::High, unmapped: true });
    unknown.does("ana", severity("critical", None));
}

#[test]
fn what_says_nothing_is_refused() {
    let mut course = Course::begins();
    course.refuses("ana", impact(Impact::Users { min: 4, max: 3 }, None), "upside down");
    course.refuses("ana", impact(Impact::Unknown { because: text(" ") }, None), "unknown needs a because");
    course.refuses("ana", fact(Fact::Area(text("  ")), None), "product area needs words");
    course.refuses("ana", fact(Fact::Environment(text("")), None), "environment needs words");
    let filled = |item: &str, value: &str| Entry::PacketFilled { item: item.into(), value: text(value) };
    course.refuses("ana", filled("order ids", " "), "needs words");
    course.refuses("ana", filled(" ", "o-1"), "needs words");
    course.does("ana", filled("order ids", "o-1"));
    assert_eq!(course.incident.filled["order ids"].by, "ana");
}

#[test]
fn nothing_is_said_of_what_is_closed() {
    let mut course = Course::in_phase(Phase::Closed);
    let why = Some("we know better now");
    for entry in [
        severity("normal", why),
        category("abuse", why),
        users(9, why),
        fact(Fact::Funds(Funds::Yes), why),
        Entry::PacketFilled { item: "order ids".into(), value: text("o-1") },
        Entry::HandedBack { because: None },
        Entry::Acknowledged { lasts_s: 60, from: None },
    ] {
        course.refuses("ana", entry, "it is closed; only notes can be added");
    }
    course.does("ana", Entry::Noted { text: text("still welcome") });
    course.refuses("ana", Entry::Noted { text: text(" ") }, "a note needs words");
}
