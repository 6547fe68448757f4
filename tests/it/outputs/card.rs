//! The hand-over card names everything the next person must know.

use std::sync::Arc;

use chrono::TimeDelta;
use quell::domain::action::{Stage, Verb};
use quell::domain::card::Card;
use quell::domain::freshness::SourceStatus;
use quell::domain::incident::Incident;
use quell::domain::parameter::{Kind, Origin};
use quell::domain::plan::Value;
use quell::domain::record::Record;
use quell::domain::text::Outside;
use quell::domain::time::{Span, Time};

use super::payloads;
use crate::support::response::{self, began, fold, plain};

fn now() -> Time {
    began() + TimeDelta::minutes(20)
}

/// The response as it stood at a time.
fn until(records: &[Record], at: Time) -> (Arc<Incident>, Vec<Record>) {
    let mut records: Vec<Record> = records.iter().filter(|record| record.at <= at).cloned().collect();
    records.sort_by_key(|record| record.at);
    (Arc::new(fold(&records)), records)
}

#[test]
fn the_card_of_a_watch_is_as_it_was() {
    let records = response::records(plain);
    let sources = [SourceStatus::never("prod-am", Span::secs(15))];
    let card = Card::of(&[until(&records, now())], &sources, began(), now());
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("hand_over", card.markdown());
    });
    let json = serde_json::to_string(&card).unwrap();
    assert_eq!(serde_json::from_str::<Card>(&json).unwrap(), card);
}

#[test]
fn what_ended_in_the_watch_is_on_it_and_what_ended_before_is_not() {
    let whole = until(&response::records(plain), began() + TimeDelta::days(2));
    let ended = |since: i64| {
        let card = Card::of(
            std::slice::from_ref(&whole),
            &[],
            began() + TimeDelta::minutes(since),
            began() + TimeDelta::days(2),
        );
        (card.open.len(), card.ended.len())
    };
    assert_eq!(ended(59), (1, 1), "in review, and ended an hour after it began");
    assert_eq!(ended(61), (1, 0));
}

#[test]
fn what_awaits_its_review_is_counted_apart_unless_an_outcome_is_unknown() {
    let whole = until(&response::records(plain), began() + TimeDelta::days(2));
    let counts = |stage| {
        let (mut incident, records) = whole.clone();
        let action = Arc::make_mut(&mut incident).actions.values_mut().next().unwrap();
        action.stage = stage;
        let card = Card::of(&[(incident, records)], &[], began(), began() + TimeDelta::days(2));
        let (open, review) = card.open_and_review();
        let said = format!("{} open, {} in review,", open.len(), review.len());
        assert!(card.markdown().contains(&said), "{}", card.markdown());
        (open.len(), review.len())
    };
    assert_eq!(counts(Stage::Verified), (0, 1));
    assert_eq!(counts(Stage::Unknown), (1, 0));
}

#[test]
fn a_hypothesis_is_a_note_that_says_so_until_the_cause_is_known() {
    let records = response::records(plain);
    let believed = |at: i64| {
        let card = Card::of(&[until(&records, began() + TimeDelta::seconds(at))], &[], began(), now());
        let open = &card.open[0];
        (
            open.hypotheses.iter().map(|text| text.raw().to_owned()).collect::<Vec<_>>(),
            open.root_cause.is_some(),
        )
    };
    assert_eq!(believed(440), (vec![], false));
    assert_eq!(believed(450), (vec!["passwords from another site's leak".to_owned()], false));
    assert_eq!(believed(7200), (vec![], true));
}

#[test]
fn silences_made_from_here_stand_on_it_until_they_end() {
    let (whole, records) = until(&response::records(plain), now());
    let in_force = |kind, stage, minutes| {
        let mut incident = Incident::clone(&whole);
        let action = incident.actions.values_mut().next().unwrap();
        let value = |text: &str, kind| Value { value: Outside::new(text), origin: Origin::Person, kind };
        let parameters = [("matchers", value("alertname=\"X\"", kind)), ("for", value("2h", Kind::Duration))];
        action.plan.verb = Verb::Upstream { playbook: "prod-am/silence".into() };
        action.plan.parameters = parameters.map(|(name, value)| (name.to_owned(), value)).into();
        (action.stage, action.plan.made_at) = (stage, began());
        let all = [(Arc::new(incident), records.clone())];
        let card = Card::of(&all, &[], began(), began() + TimeDelta::minutes(minutes));
        let until: Vec<_> = card.open[0].in_force.iter().map(|held| held.until).collect();
        (until, card.markdown())
    };
    let (until, card) = in_force(Kind::Matchers, Stage::Verified, 119);
    assert_eq!(until, [Some(began() + TimeDelta::hours(2))]);
    assert!(card.contains("until 2026-11-20 16:01:22Z: action 1"), "{card}");
    assert!(!card.contains("nobody has decided yet"), "{card}");
    assert_eq!(in_force(Kind::Matchers, Stage::Verified, 120).0, [], "it has ended");
    assert_eq!(in_force(Kind::Matchers, Stage::Undone, 119).0, []);
    assert_eq!(in_force(Kind::String, Stage::Verified, 119).0, [], "that is no silence");
}

#[test]
fn no_text_from_outside_adds_a_line() {
    let lines = |say: &dyn Fn(&str) -> String| {
        let records = response::records(say);
        let card = Card::of(&[until(&records, now())], &[], began(), now()).markdown();
        card.lines().map(|line| line.starts_with('#')).collect::<Vec<_>>()
    };
    let plainly = lines(&|words| plain(words));
    for (name, payload) in payloads() {
        let hostile = |words: &str| match words {
            // A channel's name tells postings apart, and a hypothesis is known by its first word.
            "status-page" => words.to_owned(),
            words if words.starts_with("Hypothesis") => format!("hypothesis: {payload}"),
            _ => payload.clone(),
        };
        assert_eq!(lines(&hostile), plainly, "{name}");
    }
}

#[test]
fn what_goes_on_in_another_one_and_what_is_linked_is_named() {
    use quell::domain::id::IncidentId;
    use quell::domain::operator::{Actor, Operator};
    use quell::domain::record::{Entry, Moving, Tied};
    let told = |tied: Tied| {
        let mut records: Vec<Record> = response::records(plain).into_iter().take(2).collect();
        let by = Actor::Person(Operator::new("ana", "bastion"));
        records.push(Record { seq: 3, by, entry: Entry::Tied(tied), ..records[1].clone() });
        let one = (Arc::new(fold(&records)), records);
        Card::of(&[one], &[], began(), now()).markdown()
    };
    let other = IncidentId::new("ANA", 7);
    let took = Tied::TookIn {
        from: other.clone(),
        title: quell::domain::text::Outside::new("x"),
        groups: Vec::new(),
        signals: Moving::new(),
        said: quell::domain::sensitive::Said::new(),
    };
    assert!(told(took).contains("Merged in: ANA"));
    assert!(
        told(Tied::Linked { with: other.clone(), came: Moving::new(), went: Vec::new() })
            .contains("Linked: ANA")
    );
    assert!(told(Tied::MergedInto { into: other }).contains("duplicate of ANA"));
}
