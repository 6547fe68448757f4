//! The hand-over card names everything the next person must know.

use std::sync::Arc;

use chrono::TimeDelta;
use quell::domain::action::{Stage, Verb};
use quell::domain::card::{Account, Card};
use quell::domain::deadline::{Deadline, DeadlineKind};
use quell::domain::freshness::SourceStatus;
use quell::domain::incident::Incident;
use quell::domain::parameter::{Kind, Origin};
use quell::domain::phase::Phase;
use quell::domain::plan::{LookUp, Value};
use quell::domain::record::{Entry, Record};
use quell::domain::signal::{Signal, SignalKey};
use quell::domain::text::Outside;
use quell::domain::time::{Span, Time};
use quell::domain::upstream::{Silence, Upstream};

use super::payloads;
use crate::support::response::{self, began, fold, plain};

fn now() -> Time {
    began() + TimeDelta::minutes(20)
}

/// The response as it stood at a time.
fn until(records: &[Record], at: Time) -> Account {
    let mut records: Vec<Record> = records.iter().filter(|record| record.at <= at).cloned().collect();
    records.sort_by_key(|record| record.at);
    account(fold(&records), records)
}

fn account(incident: Incident, records: Vec<Record>) -> Account {
    Account { incident: Arc::new(incident), records, signals: Vec::new() }
}

#[test]
fn the_card_of_a_watch_is_as_it_was() {
    let records = response::records(plain);
    let sources = [SourceStatus::never("prod-am", Span::secs(15))];
    let card = Card::of(&[until(&records, now())], now(), &sources, began(), now());
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
            now(),
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
        let mut account = whole.clone();
        let action = Arc::make_mut(&mut account.incident).actions.values_mut().next().unwrap();
        action.stage = stage;
        let card = Card::of(&[account], now(), &[], began(), began() + TimeDelta::days(2));
        let [open, review, _] = card.parts().map(|part| part.len());
        assert!(
            card.markdown().contains(&format!("{open} open, {review} in review,")),
            "{}",
            card.markdown()
        );
        (open, review)
    };
    assert_eq!(counts(Stage::Verified), (0, 1));
    assert_eq!(counts(Stage::Unknown), (1, 0));
}

#[test]
fn what_is_closed_is_on_it_as_long_as_something_is_due_or_a_containment_holds() {
    let at = began() + TimeDelta::days(30);
    let mut whole = until(&response::records(plain), at);
    let of =
        |account: &Account| Card::of(std::slice::from_ref(account), at, &[], at - TimeDelta::days(90), at);
    let incident = Arc::make_mut(&mut whole.incident);
    incident.phase = Phase::Closed;
    incident.deadlines.clear();
    incident.actions.values_mut().for_each(|action| action.stage = Stage::Undone);
    assert_eq!((of(&whole).open.len(), of(&whole).ended.len()), (0, 1));

    let mut due = whole.clone();
    let report = Deadline {
        kind: DeadlineKind::Regulator,
        name: "dora/final".into(),
        title: Outside::new("the final report"),
        due: at + TimeDelta::days(2),
        set_at: began(),
        announced: false,
        missed: false,
        met: None,
    };
    Arc::make_mut(&mut due.incident).deadlines.push(report);
    let card = of(&due);
    assert_eq!((card.parts().map(|part| part.len()), card.ended.len()), ([0, 0, 1], 0));
    assert!(card.markdown().contains("1 closed with something left, 0 ended"), "{}", card.markdown());
    assert!(card.markdown().contains("the final report") && !card.markdown().contains("Hypothesis"));
    assert!(due.incident.was_open_since(at), "it is asked for");

    // A containment holds until its own time is over, and without one until somebody undoes it.
    let mut held = whole.clone();
    let action = Arc::make_mut(&mut held.incident).actions.values_mut().next().unwrap();
    action.stage = Stage::Verified;
    assert!(of(&held).markdown().contains("without expiry"), "{}", of(&held).markdown());
    // Whoever comes on watch later hears of what somebody has to take back; what nobody can take back is done.
    let moved = held.incident.moved_at;
    assert_eq!((held.incident.was_open_since(at), held.incident.over_at()), (false, Some(moved)));
    let incident = Arc::make_mut(&mut held.incident);
    incident.actions.values_mut().next().unwrap().plan.undone_by = Some("unfreeze-account".into());
    let told = (incident.was_open_since(at), incident.is_alive(), incident.over_at());
    assert_eq!(told, (true, true, None));
    let lasts = |minutes: i64| {
        let mut held = held.clone();
        let action = Arc::make_mut(&mut held.incident).actions.values_mut().next().unwrap();
        let value = Outside::new(format!("{minutes}m"));
        let value = Value { value, origin: Origin::Person, kind: Kind::Duration };
        action.plan.made_at = at - TimeDelta::minutes(30);
        action.plan.parameters = [("for".into(), value)].into();
        let over = action.lasts_until();
        assert_eq!(held.incident.was_open_since(at), over > Some(at));
        assert_eq!(held.incident.over_at(), over.max(Some(moved)));
        of(&held)
    };
    assert_eq!(lasts(20).open.len(), 0);
    let page = lasts(60).markdown();
    assert!(page.contains("In force since") && page.contains(" until "), "{page}");
    assert!(!page.contains("without expiry"), "{page}");
}

#[test]
fn a_hypothesis_is_a_note_that_says_so_until_the_cause_is_known() {
    let records = response::records(plain);
    let believed = |at: i64| {
        let card = Card::of(&[until(&records, began() + TimeDelta::seconds(at))], now(), &[], began(), now());
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
fn a_hypothesis_is_ruled_out_by_words_of_it() {
    let believed = |notes: &[&str]| {
        let mut records: Vec<Record> = response::records(plain).into_iter().take(1).collect();
        for text in notes {
            let entry = Entry::Noted { text: Outside::new(*text) };
            records.push(Record { seq: records.len() as u64 + 1, entry, ..records[0].clone() });
        }
        let card = Card::of(&[account(fold(&records), records)], now(), &[], began(), now());
        let words = |all: &[Outside]| all.iter().map(|text| text.raw().to_owned()).collect::<Vec<_>>();
        let open = &card.open[0];
        (words(&open.hypotheses), words(&open.ruled_out), card.markdown())
    };
    let two = ["hypothesis: the certificate ran out", "Hypothesis: a bad deploy"];
    for not in [
        "not: The certificate because it is valid until May",
        "hypothesis: not the certificate because it is valid until May",
    ] {
        let (standing, out, card) = believed(&[two[0], two[1], not]);
        assert_eq!(standing, ["a bad deploy"], "{not}");
        assert_eq!(out, ["the certificate ran out, because it is valid until May"], "{not}");
        assert!(card.contains("Ruled out: the certificate ran out, because"), "{card}");
    }
    let (standing, out, _) = believed(&[two[0], "hypothesis: not enough memory", "not: a typhoon", "not: "]);
    assert_eq!(standing, ["not enough memory", "the certificate ran out"], "it is about none of them");
    assert_eq!(out, [""; 0]);
    // Whole words, and no doubt about which.
    let three =
        ["hypothesis: a bad deploy", "hypothesis: deployment is late", "hypothesis: a bad deploy of gw-2"];
    for (not, ruled_out) in [
        ("not: deploy", None),
        ("not: deploym", None),
        ("not: A bad deploy", Some("a bad deploy")),
        ("not: deploy of gw-2", Some("a bad deploy of gw-2")),
        ("not: deployment", Some("deployment is late")),
    ] {
        let (standing, out, _) = believed(&[three[0], three[1], three[2], not]);
        assert_eq!((out.first().map(String::as_str), standing.len()), (ruled_out, 3 - out.len()), "{not}");
    }
    assert_eq!(believed(&["hypothesis: 証明書の期限切れ", "not: 証明書"]).1, ["証明書の期限切れ"]);
}

#[test]
fn silences_made_from_here_stand_on_it_until_they_end() {
    let Account { incident: whole, records, .. } = until(&response::records(plain), now());
    let in_force = |kind, stage, minutes| {
        let mut incident = Incident::clone(&whole);
        let action = incident.actions.values_mut().next().unwrap();
        let value = |text: &str, kind| Value { value: Outside::new(text), origin: Origin::Person, kind };
        let parameters = [("matchers", value("alertname=\"X\"", kind)), ("for", value("2h", Kind::Duration))];
        action.plan.verb = Verb::Upstream { playbook: "prod-am/silence".into() };
        action.plan.parameters = parameters.map(|(name, value)| (name.to_owned(), value)).into();
        (action.stage, action.plan.made_at) = (stage, began());
        let all = [account(incident, records.clone())];
        let card = Card::of(&all, now(), &[], began(), began() + TimeDelta::minutes(minutes));
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

/// What was done from here to a silence, one after the other and a minute apart: made for two hours, then these.
fn silencing(deeds: &[(&str, Option<&str>)]) -> Account {
    let mut account = until(&response::records(plain), now());
    let incident = Arc::make_mut(&mut account.incident);
    let template = incident.actions.values().next().unwrap().clone();
    incident.actions.clear();
    let value = |text: &str, kind| Value { value: Outside::new(text), origin: Origin::Person, kind };
    for (id, (verb, lasts)) in (1..).zip([("silence", Some("2h"))].iter().chain(deeds)) {
        let mut action = template.clone();
        let at = began() + TimeDelta::minutes(i64::from(id) - 1);
        (action.id, action.stage, action.by) = (id, Stage::Verified, "ana".to_owned());
        (action.at, action.moved_at, action.plan.made_at) = (at, at, at);
        action.plan.verb = Verb::Upstream { playbook: format!("prod-am/{verb}") };
        action.plan.key = format!("quell-key-{id}");
        if let Some(lasts) = lasts {
            action.plan.parameters.insert("for".into(), value(lasts, Kind::Duration));
        }
        if *verb == "silence" {
            action.plan.parameters.insert("matchers".into(), value("alertname=X", Kind::Matchers));
        } else {
            action.plan.target = Some(("silence".into(), Outside::new("5f3c-am")));
            let read = template.plan.verify.as_ref().unwrap().read.clone();
            let comment = Outside::new("deploying (ANA-42, quell-key-1)");
            let shown = vec![("/comment".to_owned(), comment)];
            action.plan.look_up = Some(LookUp { shown, ..LookUp::of(read) });
        }
        incident.actions.insert(id, action);
    }
    account
}

/// The source's account of the incident's signal, quiet because of these.
fn said(account: &mut Account, silences: Vec<Silence>) {
    let (key, _) = account.incident.signals.iter().next().unwrap();
    let (source, fingerprint) = key.split_once('\0').unwrap();
    let key = SignalKey { source: source.into(), fingerprint: Outside::new(fingerprint) };
    let mut signal = Signal::undecodable(key, "an alert", Outside::new(""), began());
    let mut labels = signal.labels.unpacked();
    labels.insert(Outside::new("alertname"), Outside::new("X"));
    signal.labels = labels.into();
    signal.upstream = Some(Box::new(Upstream { silences, ..Upstream::default() }));
    account.signals = vec![signal];
}

fn silence(id: &str, comment: &str, until: i64) -> Silence {
    let until = Some(began() + TimeDelta::minutes(until));
    let (id, by, comment) = (Outside::new(id), Outside::new("bo"), Outside::new(comment));
    Silence { id, by, comment, until, ..Silence::default() }
}

/// Until when which actions keep quiet, and the lines about silences of others.
fn quiet(account: &Account, sources: &[SourceStatus], minutes: i64) -> (Vec<(u32, i64)>, Vec<String>) {
    let now = began() + TimeDelta::minutes(minutes);
    let card = Card::of(std::slice::from_ref(account), now, sources, began(), now);
    let minutes = |until: Option<Time>| until.map_or(-1, |until| (until - began()).num_minutes());
    let ours = card.open[0].in_force.iter().map(|held| (held.action, minutes(held.until))).collect();
    let lines =
        card.markdown().lines().filter(|line| line.contains("Silenced ")).map(str::to_owned).collect();
    (ours, lines)
}

#[test]
fn a_silence_that_was_extended_or_ended_from_here_is_told_once_and_as_it_is() {
    assert_eq!(quiet(&silencing(&[]), &[], 20).0, [(1, 120)]);
    let extended = [("extend-silence", Some("5h"))];
    assert_eq!(quiet(&silencing(&extended), &[], 20).0, [(1, 301)]);
    let ended = [("extend-silence", Some("5h")), ("expire-silence", None)];
    let ended = silencing(&ended);
    assert_eq!(quiet(&ended, &[], 20).0, []);
    assert_eq!(ended.incident.silences(), []);
    let silencing = silencing(&extended);
    let [kept] = silencing.incident.silences().try_into().unwrap();
    assert_eq!(
        (kept.action.id, kept.until),
        (1, began() + TimeDelta::minutes(301)),
        "who leaves reads the same"
    );
}

#[test]
fn what_the_source_says_now_counts_for_more_than_what_was_asked_of_it() {
    let mut account = silencing(&[]);
    said(
        &mut account,
        vec![silence("9", "deploying (ANA-42, quell-key-1)", 45), silence("7", "quiet please", 50)],
    );
    let (ours, others) = quiet(&account, &[], 20);
    assert_eq!(ours, [(1, 45)], "somebody made it shorter there");
    let [other] = others.try_into().unwrap();
    assert!(other.contains("Silenced by bo until 2026-11-20 14:51:22Z: quiet please"), "{other}");

    said(&mut account, Vec::new());
    let mut status = SourceStatus::never("prod-am", Span::mins(1));
    assert_eq!(quiet(&account, std::slice::from_ref(&status), 20).0, [(1, 120)], "nobody could be asked");
    status.as_of = Some(began() + TimeDelta::minutes(20));
    assert_eq!(quiet(&account, std::slice::from_ref(&status), 20).0, [], "ended there");
    status.as_of = Some(began() + TimeDelta::minutes(1));
    assert_eq!(quiet(&account, std::slice::from_ref(&status), 1).0, [(1, 120)], "it may not have heard yet");
    account.signals[0].labels = Default::default();
    status.as_of = Some(began() + TimeDelta::minutes(20));
    assert_eq!(quiet(&account, &[status], 20).0, [(1, 120)], "it is about something else");
}

#[test]
fn no_text_from_outside_adds_a_line() {
    let lines = |say: &dyn Fn(&str) -> String| {
        let records = response::records(say);
        let card = Card::of(&[until(&records, now())], now(), &[], began(), now()).markdown();
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
    use quell::domain::record::{Moving, Tied};
    let told = |tied: Tied| {
        let mut records: Vec<Record> = response::records(plain).into_iter().take(2).collect();
        let by = Actor::Person(Operator::new("ana", "bastion"));
        records.push(Record { seq: 3, by, entry: Entry::Tied(tied), ..records[1].clone() });
        let one = account(fold(&records), records);
        Card::of(&[one], now(), &[], began(), now()).markdown()
    };
    let other = IncidentId::new("ANA", 7);
    let took = Tied::TookIn {
        from: other.clone(),
        title: quell::domain::text::Outside::new("x"),
        groups: Vec::new(),
        signals: Moving::new(),
        said: quell::domain::sensitive::Said::new(),
        paths: Vec::new(),
    };
    assert!(told(took).contains("Merged in: ANA"));
    assert!(
        told(Tied::Linked { with: other.clone(), came: Moving::new(), went: Vec::new() })
            .contains("Linked: ANA")
    );
    assert!(told(Tied::MergedInto { into: other }).contains("duplicate of ANA"));
}
