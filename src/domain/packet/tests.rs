//! What is recognised where, and how a packet is put together.

mod hostile;

use std::collections::BTreeMap;

use super::*;
use crate::domain::category::Category;
use crate::domain::classification::{Fact, Impact, Scope, Urgency};
use crate::domain::escalation::Path;
use crate::domain::incident::Incident;
use crate::domain::monitor::MonitorStatus;
use crate::domain::opening::{Joining, Opening};
use crate::domain::operator::Actor;
use crate::domain::record::{Entry, Record};
use crate::domain::severity::Severity;
use crate::domain::signal::{Labels, Packed, Signal, SignalKey, Standing};
use crate::domain::time::Span;

static SHIPPED: std::sync::LazyLock<Patterns> = std::sync::LazyLock::new(Patterns::default);

/// What a packet is made from, owned.
struct Case {
    incident: Incident,
    signals: Vec<Signal>,
    notes: Vec<Note>,
    monitors: Vec<MonitorStatus>,
    mended: Vec<Mended>,
    filled: BTreeMap<String, Filled>,
}

fn at(minute: i64) -> Time {
    Time::UNIX_EPOCH + chrono::TimeDelta::minutes(minute)
}

fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().map(|(key, value)| (Outside::new(*key), Outside::new(*value))).collect()
}

fn key() -> SignalKey {
    SignalKey { source: "prod".to_owned(), fingerprint: Outside::new("f1") }
}

impl Case {
    fn new(own: &[(&str, &str)]) -> Self {
        let title = Outside::new("gateway alert");
        let joining = Joining {
            sensitive: crate::domain::sensitive::Said::new(),
            key: key(),
            title: title.clone(),
            severity: Severity::Critical,
            unmapped: false,
            labels: labels(own).into(),
            since: at(2),
            policy: None,
            held_by: None,
            watched: false,
        };
        let opening = Opening {
            title,
            severity: Severity::Critical,
            unmapped: false,
            category: Category::Outage,
            service: Outside::new("trading"),
            group: None,
            signal: Some(Box::new(joining)),
            because: Outside::new("a rule"),
            labels: Labels::new().into(),
            ack_due: None,
            recurrence_of: None,
            reported: None,
        };
        let record = Record {
            v: 1,
            on: None,
            seq: 1,
            at: at(3),
            by: Actor::Engine,
            incident: IncidentId::parse("OPS-7"),
            entry: Entry::Opened(Box::new(opening)),
        };
        Self {
            incident: Incident::open(&record).unwrap(),
            signals: Vec::new(),
            notes: Vec::new(),
            monitors: Vec::new(),
            mended: Vec::new(),
            filled: BTreeMap::new(),
        }
    }

    fn says(description: &str) -> Self {
        let mut case = Self::new(&[]);
        case.signals.push(Signal {
            key: key(),
            title: Outside::new("gateway alert"),
            alertname: Outside::new("Gateway"),
            description: Outside::new(description),
            labels: Packed::default(),
            annotations: Packed::default(),
            runbook: None,
            link: None,
            since: at(2),
            standing: Standing::Firing,
            upstream: None,
            undecodable: false,
            watched: false,
        });
        case
    }

    fn noted(mut self, text: &str) -> Self {
        self.notes.push(Note { by: "ana".to_owned(), at: at(843), text: Outside::new(text) });
        self
    }

    fn probed(mut self, wrong: Option<&str>) -> Self {
        self.monitors.push(MonitorStatus {
            kind: "http".to_owned(),
            service: "trading".to_owned(),
            target: "https://gw.example.com/health".to_owned(),
            wrong: wrong.map(Outside::new),
            ..MonitorStatus::never("order-gw", Span::secs(10))
        });
        self
    }

    fn fills(mut self, item: &str, value: &str) -> Self {
        let filled = Filled { value: Outside::new(value), by: "bo".to_owned(), at: at(60) };
        self.filled.insert(item.to_owned(), filled);
        self
    }

    fn packet(&self, path: &str) -> Packet {
        self.packet_by(path, &SHIPPED)
    }

    fn packet_by(&self, path: &str, patterns: &Patterns) -> Packet {
        let Self { incident, signals, notes, monitors, mended, filled } = self;
        let path = Path::compiled_in().into_iter().find(|known| known.id == path).unwrap();
        Findings::of(Material { incident, signals, notes, monitors, mended, filled }, patterns).packet(&path)
    }

    /// The values of an item, each with where it was found.
    fn found(&self, item: &str) -> Vec<(String, String)> {
        found(&self.packet("incident"), item)
    }
}

fn found(packet: &Packet, item: &str) -> Vec<(String, String)> {
    let items = packet.items.iter().filter(|known| topic(&known.name) == topic(item));
    let facts = items.flat_map(|item| &item.values);
    facts.map(|fact| (fact.value.raw().to_owned(), fact.whence.words().to_string())).collect()
}

fn values(case: &Case, item: &str) -> Vec<String> {
    case.found(item).into_iter().map(|(value, _)| value).collect()
}

fn one(value: &str, whence: &str) -> Vec<(String, String)> {
    vec![(value.to_owned(), whence.to_owned())]
}

fn pattern(item: &str, keys: &[&str], find: Option<&str>) -> Pattern {
    Pattern {
        item: item.to_owned(),
        within: Place::ALL.to_vec(),
        keys: keys.iter().map(|key| (*key).to_owned()).collect(),
        find: find.map(str::to_owned),
        only: false,
    }
}

#[test]
fn a_label_is_found_with_its_name_and_signal() {
    let case =
        Case::new(&[("order_id", "ORD-1"), ("Request-ID", "r9"), ("env", "prod"), ("service", "trading")]);
    assert_eq!(case.found("order ids"), one("ORD-1", "label order_id of gateway alert"));
    assert_eq!(case.found("request ids"), one("r9", "label Request-ID of gateway alert"));
    assert_eq!(case.found("environment"), one("prod", "label env of gateway alert"));
    assert_eq!(case.found("product area"), one("trading", "label service of gateway alert"));
}

#[test]
fn what_the_record_knows_of_a_report_is_in_the_packet_of_the_security_path() {
    use crate::domain::evidence::{Evidence, EvidenceKind, Kept};
    use crate::domain::opening::{Reported, Reporter};
    use crate::domain::role::{Held, Role};
    let mut case = Case::new(&[]);
    let of = |case: &Case, item: &str| {
        let path = Path { packet: vec![item.to_owned()], ..Path::compiled_in().remove(0) };
        let Case { incident, signals, notes, monitors, mended, filled } = case;
        let material = Material { incident, signals, notes, monitors, mended, filled };
        found(&Findings::of(material, &SHIPPED).packet(&path), item)
    };
    assert_eq!(of(&case, "evidence"), []);
    assert_eq!(of(&case, "source"), one("prod", "the incident"));
    assert_eq!(of(&case, "reporter"), [], "a source is no person");
    let evidence = Evidence {
        sha256: "0123456789abcdef".to_owned(),
        bytes: 3,
        name: Outside::new("access.log"),
        kind: EvidenceKind::File,
        note: None,
    };
    let kept = |evidence: Evidence| Kept { evidence, by: "ana".to_owned(), at: at(5), seq: 2 };
    let told = Evidence { kind: EvidenceKind::Told, ..evidence.clone() };
    case.incident.evidence.extend(vec![kept(told); 6]);
    assert_eq!(of(&case, "evidence"), [], "that people were told");
    case.incident.evidence.insert(0, kept(evidence));
    assert_eq!(
        found(&case.packet("security"), "evidence"),
        one("access.log (sha256 0123456789ab)", "the incident")
    );
    let held = Held { name: Outside::new("cy"), since: at(5), offered: None };
    case.incident.roles.insert(Role::Commander, held);
    assert_eq!(of(&case, "incident commander"), one("cy", "the incident"));
    let (by, via) = (Outside::new("Acme"), Outside::new("mail"));
    case.incident.opening.reported =
        Some(Box::new(Reported { from: Reporter::Partner, by, via, told: BTreeMap::new() }));
    assert_eq!(of(&case, "reporter"), one("Acme (partner, by mail)", "the incident"));
}

#[test]
fn details_are_found_three_levels_deep_in_lists_and_in_json_within_text() {
    let case = Case::says(
        r#"28 failed log-ins on account 88213. details={"trading":{"book":{"orderIds":["A7","B8"]}},"trace":{"user_mapping_id":"m-1"},"n":{"order":{"id":12345678901234567890123}}} end"#,
    );
    let of = |pointer: &str| format!("{pointer} of gateway alert");
    assert_eq!(
        case.found("order ids"),
        [
            ("A7".to_owned(), of("/description/details/trading/book/orderIds/0")),
            ("B8".to_owned(), of("/description/details/trading/book/orderIds/1")),
            // As it was written, however long a number it is.
            ("12345678901234567890123".to_owned(), of("/description/details/n/order/id")),
        ]
    );
    assert_eq!(case.found("user-mapping ids"), one("m-1", &of("/description/details/trace/user_mapping_id")));
    assert_eq!(case.found("accounts"), one("88213", &of("/description")));
}

#[test]
fn json_in_a_json_string_is_read_and_so_are_names_beside_values() {
    let inner = r#"{"event_id":"e-5","list":[{"name":"order_id","value":"O5"}]}"#;
    let body = serde_json::json!({ "payload": { "body": inner } }).to_string();
    let mut case = Case::says("");
    case.signals[0].annotations = labels(&[("details", &body)]).into();
    let event = "/details/payload/body/event_id of gateway alert";
    assert_eq!(case.found("webhook event ids"), one("e-5", event));
    assert_eq!(case.found("order ids"), one("O5", "/details/payload/body/list/0/value of gateway alert"));
}

#[test]
fn notes_and_probes_are_read_and_say_so() {
    let case = Case::new(&[])
        .noted("see request id is 7f-33 and order_ids=O1,O2, evt_9a; POST /v1/orders fails since 2026-11-20T14:01:22Z.")
        .probed(Some(r#""/error" is {"request_id":"r-77"}, expected "ok""#));
    let note = "note of ana 14:03Z".to_owned();
    assert_eq!(
        case.found("request ids"),
        [("7f-33".to_owned(), note.clone()), ("r-77".to_owned(), "probe of order-gw".to_owned())]
    );
    assert_eq!(values(&case, "order ids"), ["O1", "O2"]);
    assert_eq!(case.found("webhook event ids"), one("evt_9a", &note));
    assert_eq!(
        case.found("endpoints"),
        [
            ("/v1/orders".to_owned(), note.clone()),
            ("https://gw.example.com/health".to_owned(), "probe of order-gw".to_owned())
        ]
    );
    assert_eq!(case.found("timestamps"), one("2026-11-20T14:01:22Z", &note));
    // Nothing is wrong with it: its address is no answer.
    let mut well = Case::new(&[]).probed(None);
    assert!(well.found("endpoints").is_empty());
    let (monitor, target, wrong) =
        ("order-gw".into(), "https://gw.example.com/health".into(), "request_id=r-7");
    well.mended.push(Mended { monitor, target, wrong: Outside::new(wrong), at: at(845) });
    let whence = "probe of order-gw, up again 14:05:00Z";
    assert_eq!(well.found("endpoints"), one("https://gw.example.com/health", whence));
    assert_eq!(well.found("request ids"), one("r-7", whence));
}

#[test]
fn ambiguous_values_all_stand_there_once_and_too_many_are_counted() {
    let many: Vec<String> = (0..30).map(|n| format!("O{n}")).collect();
    let mut case = Case::new(&[("order_id", "O3")]).noted(&format!("order_ids={}", many.join(",")));
    let packet = case.packet("incident");
    let item = packet.items.iter().find(|item| item.name == "order ids").unwrap();
    assert_eq!((item.values.len(), item.more), (VALUES, 10));
    assert_eq!(item.values[0].value.raw(), "O3");
    assert_eq!(item.values[1].value.raw(), "O0");
    assert!(item.said().unwrap().raw().ends_with("O19 and 10 more"));
    case = case.fills("order ids", "O99 only");
    assert_eq!(case.found("order ids"), one("O99 only", "bo 01:00Z"));
}

#[test]
fn a_person_wins_unless_a_form_gives_back_what_it_was_filled_with_or_nothing() {
    let case = |value| Case::new(&[("order_id", "O1")]).noted("order_id: O2").fills("order ids", value);
    assert_eq!(values(&case("O9"), "order ids"), ["O9"]);
    assert_eq!(values(&case("O1, O2"), "order ids"), ["O1", "O2"]);
    assert_eq!(values(&case(" "), "order ids"), ["O1", "O2"]);
    // Something nobody asked for is said all the same.
    assert_eq!(Case::new(&[]).fills("bridge", "+1 555").found("bridge"), one("+1 555", "bo 01:00Z"));
}

#[test]
fn what_people_said_comes_before_what_can_be_guessed() {
    let mut case = Case::new(&[("env", "eu-1")]);
    assert_eq!(found(&case.packet("security"), "urgency"), one("critical", "the incident"));
    let facts = [
        Fact::Urgency(Urgency::Later),
        Fact::Scope(Scope::Some),
        Fact::Area(Outside::new("withdrawals")),
        Fact::Environment(Outside::new("production")),
    ];
    let said = facts.map(|fact| Entry::Classified { fact, because: None });
    let impact = Impact::Users { min: 10, max: 20 };
    let done = [
        Entry::ImpactAssessed { impact, because: None },
        Entry::Mitigated { what: Outside::new("restarted gw-2") },
    ];
    for (seq, entry) in (2..).zip(said.into_iter().chain(done)) {
        let by = Actor::Person(crate::domain::operator::Operator::new("ana", "bastion"));
        let incident = Some(case.incident.id.clone());
        let record = Record { v: 1, on: None, seq, at: at(5), by, incident, entry };
        case.incident.apply(&record).unwrap();
    }
    let packet = case.packet("security");
    assert_eq!(found(&packet, "urgency"), one("later", "the incident"));
    assert_eq!(found(&packet, "product area"), one("withdrawals", "the incident"));
    assert_eq!(values(&case, "environment"), ["production", "eu-1"]);
    assert_eq!(values(&case, "impact scope"), ["some, 10 to 20 users"]);
    assert_eq!(values(&case, "affected users"), ["10 to 20 users"]);
    assert_eq!(values(&case, "current mitigation"), ["restarted gw-2"]);
}

#[test]
fn what_is_missing_is_named_and_what_stands_for_nothing_is_nothing() {
    let case = Case::new(&[("order_id", "N/A"), ("endpoint", "unknown")]);
    let packet = case.packet("incident");
    assert_eq!(packet.missing(), ["impact scope", "affected users", "order ids", "current mitigation"]);
    assert!(case.packet("security").missing().contains(&"affected endpoint"));
    assert_eq!(found(&packet, "start time"), one("1970-01-01 00:02:00Z", "the incident"));
    assert!(found(&packet, "timestamps").is_empty(), "the start is said already");
    assert_eq!(found(&case.packet("security"), "timestamps").len(), 1);
}

#[test]
fn one_topic_has_one_item_whatever_a_path_calls_it() {
    let case = Case::new(&[("request_id", "r1"), ("path", "/v1/x")]);
    let technical = case.packet("technical");
    assert_eq!(found(&technical, "request id").len(), 1);
    assert_eq!(technical.items.iter().filter(|item| topic(&item.name) == topic("request ids")).count(), 1);
    assert_eq!(found(&case.packet("security"), "affected endpoint")[0].0, "/v1/x");
}

#[test]
fn the_text_names_every_value_with_where_it_was_found() {
    let case = Case::new(&[("order_id", "O1")]).noted("order_id=O2");
    let text = case.packet("incident").text();
    assert_eq!(
        text,
        "OPS-7 packet: incident\n\
         impact scope: not yet known\n\
         start time: 1970-01-01 00:02:00Z [the incident]\n\
         affected users: not yet known\n\
         order ids:\n  \
           O1 [label order_id of gateway alert]\n  \
           O2 [note of ana 14:03Z]\n\
         current mitigation: not yet known\n\
         product area: trading [the incident]\n"
    );
}

#[test]
fn a_configured_pattern_adds_or_stands_alone() {
    let case = Case::new(&[("order_id", "O1"), ("wallet-address", "w1")]).noted("ticket X-44 /a/b/7/c");
    let ours = pattern("Order Ids", &[], Some("X-([0-9]+)"));
    let added = case.packet_by("incident", &Patterns::new(std::slice::from_ref(&ours)));
    assert_eq!(found(&added, "order ids").len(), 2);
    let alone = case.packet_by("incident", &Patterns::new(&[Pattern { only: true, ..ours }]));
    assert_eq!(found(&alone, "order ids"), one("44", "note of ana 14:03Z"));
    let new = case.packet_by("incident", &Patterns::new(&[pattern("wallets", &["*address"], None)]));
    assert_eq!(found(&new, "wallets")[0].0, "w1");
    let labels = Pattern { within: vec![Place::Labels], ..pattern("order ids", &[], Some("X-[0-9]+")) };
    assert_eq!(found(&case.packet_by("incident", &Patterns::new(&[labels])), "order ids").len(), 1);
}

#[test]
fn the_end_of_a_pointer_is_a_key_and_a_star_is_one_step() {
    let case = Case::says(r#"{"legs":[{"ref":"L1"},{"ref":"L2"}],"deep":{"x":{"ref":"D"}},"ref":"R"}"#);
    let legs = |key: &str| {
        let packet = case.packet_by("incident", &Patterns::new(&[pattern("legs", &[key], None)]));
        found(&packet, "legs").into_iter().map(|(value, _)| value).collect::<Vec<_>>()
    };
    assert_eq!(legs("/legs/*/ref"), ["L1", "L2"]);
    assert_eq!(legs("/x/ref"), ["D"]);
    assert_eq!(legs("/description/ref"), ["R"]);
    assert_eq!(legs("ref"), ["L1", "L2", "D", "R"]);
}

#[test]
fn the_shipped_patterns_are_sound_and_flaws_are_named() {
    for pattern in shipped::patterns() {
        assert_eq!(pattern.flaws(), [], "{pattern:?}");
    }
    let flaws = |pattern: Pattern| pattern.flaws().into_iter().map(|flaw| flaw.key).collect::<Vec<_>>();
    assert_eq!(flaws(pattern("", &["a"], None)), ["item"]);
    assert_eq!(flaws(pattern("a", &[], None)), ["item"]);
    assert_eq!(flaws(pattern("a", &["*"], None)), ["keys"]);
    assert_eq!(flaws(pattern("a", &["/*"], None)), ["keys"]);
    for bad in ["(", "(?=a)", "a*", "((a{1000}){1000}){9}", &"a".repeat(2000)] {
        assert_eq!(flaws(pattern("a", &[], Some(bad))), ["find"], "{bad}");
    }
}
