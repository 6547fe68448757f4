//! A playbook's parameters: where their values come from, and which are refused.

use std::collections::BTreeMap;

use crate::domain::incident::{Incident, Joined};
use crate::domain::matcher::{ANCHORS, Matcher, Matchers};
use crate::domain::packet::Item;
use crate::domain::parameter::{Allowed, Offer, Origin, Parameter, Prefill};
use crate::domain::plan::Value;
use crate::domain::playbook::Playbook;
use crate::domain::text::{Outside, SafeText};
use crate::domain::upstream::Silence;

/// Values that disagree and are shown in a refusal.
const SHOWN: usize = 5;

/// What values can be taken from.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// The incident, whose signals have labels.
    pub incident: &'a Incident,
    /// The one source whose signals count, for what it is asked itself: what another says of an id there is not so.
    pub source: Option<&'a str>,
    /// What is known of each item of the packet that a parameter names.
    pub items: &'a BTreeMap<String, Item>,
    /// What keeps its signals quiet, by source, where a parameter asks for it.
    pub silences: &'a Silences,
}

/// What keeps signals quiet, by source.
pub type Silences = BTreeMap<String, Vec<Silence>>;

/// The items of the packet that these playbooks take values from.
pub fn items<'a>(playbooks: impl IntoIterator<Item = &'a Playbook>) -> Vec<&'a str> {
    let item = |parameter: &'a Parameter| match parameter.prefill() {
        Some(Prefill::Item(item)) => Some(item),
        Some(Prefill::Label(_) | Prefill::Silence | Prefill::Matchers) | None => None,
    };
    playbooks.into_iter().flat_map(|playbook| playbook.parameter.iter().filter_map(item)).collect()
}

/// Whether a silence can be given to it.
pub fn takes_silence(playbook: &Playbook) -> bool {
    playbook.parameter.iter().any(|parameter| parameter.prefill() == Some(Prefill::Silence))
}

/// Every different value that is known of a parameter; none of them is to be trusted for being here.
pub fn offers(parameter: &Parameter, known: Known<'_>) -> Vec<Offer> {
    match parameter.prefill() {
        Some(Prefill::Label(key)) => {
            let offer = |(value, from): (Outside, &Outside)| Offer {
                value,
                from: from.clone(),
                origin: Origin::Label(key.to_owned()),
                held: None,
            };
            known.label_values(key).into_iter().map(offer).collect()
        }
        Some(Prefill::Item(item)) => {
            let facts = known.items.get(item).map(|item| item.values.as_slice()).unwrap_or_default();
            let offer = |fact: &crate::domain::packet::Fact| Offer {
                value: fact.value.clone(),
                from: Outside::new(fact.whence.words().to_string()),
                origin: Origin::Packet(fact.whence.clone()),
                held: None,
            };
            // What an alert that went away has said counts where nothing else does.
            let stands = facts.iter().any(|fact| fact.whence.cleared().is_none());
            facts.iter().filter(|fact| !stands || fact.whence.cleared().is_none()).map(offer).collect()
        }
        Some(Prefill::Silence) => {
            let offer = |silence: &Silence| Offer {
                value: silence.id.clone(),
                from: Outside::new(silence.words().to_string()),
                origin: Origin::Label("silencedBy".to_owned()),
                held: None,
            };
            known.silences().iter().map(offer).collect()
        }
        Some(Prefill::Matchers) => shared(known).into_iter().collect(),
        None => Vec::new(),
    }
}

impl<'a> Known<'a> {
    /// The signals that count.
    fn signals(self) -> Vec<&'a Joined> {
        match self.source {
            Some(source) => self.incident.signals_from(source).collect(),
            None => self.incident.signals.values().map(Box::as_ref).collect(),
        }
    }

    /// What keeps them quiet at the one source.
    pub fn silences(self) -> &'a [Silence] {
        let there = self.source.and_then(|source| self.silences.get(source));
        there.map(Vec::as_slice).unwrap_or_default()
    }

    /// The different values of a label, each with the title of a signal that gives it.
    fn label_values(self, key: &str) -> Vec<(Outside, &'a Outside)> {
        if self.source.is_none() {
            return self.incident.label_values(key);
        }
        let firing = self.signals().into_iter().filter(|signal| signal.cleared.is_none());
        let mut out: Vec<(&str, &Outside)> =
            firing.filter_map(|signal| Some((signal.labels.raw_value(key)?, &signal.title))).collect();
        out.sort();
        out.dedup_by_key(|(value, _)| *value);
        out.into_iter().map(|(value, title)| (Outside::new(value), title)).collect()
    }
}

/// What the firing signals share, as matchers: alertname and service, or every label where they lack one of these.
fn shared(known: Known<'_>) -> Option<Offer> {
    let mut signals = known.signals();
    if signals.iter().any(|signal| signal.cleared.is_none()) {
        signals.retain(|signal| signal.cleared.is_none());
    }
    let first = signals.first()?;
    let all = first.labels.unpacked();
    let labels = all.iter().filter(|(name, value)| {
        let shared = |signal: &&Joined| signal.labels.raw_value(name.raw()) == Some(value.raw());
        signals.iter().all(shared) && !value.is_blank()
    });
    let labels: Vec<(&Outside, &Outside)> = labels.collect();
    let anchors: Vec<_> = labels.iter().filter(|(name, _)| ANCHORS.contains(&name.raw())).copied().collect();
    let meant = if anchors.len() == ANCHORS.len() { anchors } else { labels };
    let matchers = meant.iter().map(|(name, value)| Matcher::is(name.raw(), value.raw())).collect();
    let text = Matchers::new(matchers).ok()?.to_string();
    // What cannot be read back as it is written was never a label's value to be trusted with that.
    Matchers::parse(&text).ok()?;
    let names: Vec<&str> = meant.iter().map(|(name, _)| name.raw()).collect();
    Some(Offer {
        value: Outside::new(text),
        from: first.title.clone(),
        origin: Origin::Label(names.join(", ")),
        held: None,
    })
}

/// The value a parameter has before anybody says one: what is known, where that is one thing, else its default.
/// Sources that disagree are no reason for a default: a person chooses.
pub fn prefilled(parameter: &Parameter, offers: &[Offer]) -> Option<(Outside, Origin)> {
    match offers {
        [one] => Some((one.value.clone(), one.origin.clone())),
        [] => parameter.default.as_ref().map(|default| (Outside::new(default.clone()), Origin::Default)),
        _ => None,
    }
}

/// Every parameter's value and origin.
///
/// # Errors
/// One sentence for the first parameter that is missing or refused.
pub fn resolve(
    playbook: &Playbook,
    known: Known<'_>,
    given: &BTreeMap<String, Outside>,
) -> Result<BTreeMap<String, Value>, String> {
    if let Some(unknown) = given.keys().find(|name| !playbook.parameter.iter().any(|p| p.name == **name)) {
        let names: Vec<&str> = playbook.parameter.iter().map(|parameter| parameter.name.as_str()).collect();
        let takes = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        return Err(format!("{} has no parameter {}; it has {takes}", playbook.id, SafeText::exact(unknown)));
    }
    playbook.parameter.iter().map(|p| Ok((p.name.clone(), value(p, known, given.get(&p.name))?))).collect()
}

fn value(parameter: &Parameter, known: Known<'_>, given: Option<&Outside>) -> Result<Value, String> {
    let name = &parameter.name;
    let allowed = allowed(parameter)?;
    let offers = offers(parameter, known);
    let said = match given {
        Some(value) => {
            // Who gives what a label says has it from there, and who leaves a default alone typed nothing.
            let offer = offers.iter().find(|offer| offer.value == *value);
            let is_default = offers.is_empty() && parameter.default.as_deref() == Some(value.raw());
            let otherwise = if is_default { Origin::Default } else { Origin::Person };
            Some((value.clone(), offer.map_or(otherwise, |offer| offer.origin.clone())))
        }
        None => prefilled(parameter, &offers),
    };
    let Some((value, origin)) = said else {
        let why = match offers.len() {
            0 => match parameter.prefill() {
                Some(Prefill::Item(item)) => format!("nobody knows the packet's {item} yet"),
                Some(Prefill::Label(_)) => "no signal gives it".to_owned(),
                Some(Prefill::Silence) => "nothing silences its signals".to_owned(),
                Some(Prefill::Matchers) => "its signals share no alertname and service".to_owned(),
                None => "nothing gives it".to_owned(),
            },
            several => {
                let values: Vec<String> =
                    offers.iter().take(SHOWN).map(|offer| offer.value.exact().to_string()).collect();
                let more = if several > SHOWN { ", …" } else { "" };
                format!("there are {several} different values ({}{more}); choose one", values.join(", "))
            }
        };
        return Err(format!("{name} is missing: {why} (--set {name}=…, it takes {})", allowed.words()));
    };
    Ok(Value { value: allowed.admit(name, &value)?, origin, kind: parameter.kind })
}

/// What a parameter allows. One that contradicts itself, which no configuration that was checked holds, allows nothing.
fn allowed(parameter: &Parameter) -> Result<Allowed, String> {
    parameter.allowed().map_err(|flaws| {
        let flaw =
            flaws.first().map(|flaw| format!(": {}; {}", flaw.message, flaw.remedy)).unwrap_or_default();
        format!("{} cannot be given a value{flaw}", parameter.name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::category::Category;
    use crate::domain::id::IncidentId;
    use crate::domain::opening::{Joining, Opening};
    use crate::domain::operator::Actor;
    use crate::domain::packet::{Fact, Whence};
    use crate::domain::parameter::Kind;
    use crate::domain::record::{Entry, FORMAT, Record};
    use crate::domain::severity::Severity;
    use crate::domain::signal::SignalKey;
    use crate::domain::time::Time;

    fn parameter(toml: &str) -> Parameter {
        toml::from_str(toml).unwrap()
    }

    #[test]
    fn a_default_decides_nothing_that_signals_disagree_about() {
        let parameter =
            parameter("name = 'account'\nfrom = 'label:account_id'\nallow = '[0-9]+'\ndefault = '1'");
        let resolve = |values: &[&str]| {
            let items = BTreeMap::new();
            value(
                &parameter,
                Known {
                    incident: &incident(values),
                    source: None,
                    items: &items,
                    silences: &Silences::new(),
                },
                None,
            )
        };
        assert_eq!(resolve(&[]).unwrap().origin, Origin::Default);
        assert_eq!(resolve(&["88213"]).unwrap().value.raw(), "88213");
        let refused = resolve(&["88213", "90114"]).unwrap_err();
        assert!(refused.contains("2 different values (88213, 90114)"), "{refused}");
        assert!(resolve(&["88213 "]).unwrap_err().contains("it takes text matching [0-9]+"));
    }

    #[test]
    fn a_default_that_a_form_gives_back_is_not_typed() {
        let hold = parameter("name = 'hold'\nkind = 'duration'\ndefault = '60m'");
        let label = parameter("name = 'n'\nfrom = 'label:account_id'\nallow = '[0-9]+'\ndefault = '7'");
        let origin = |parameter: &Parameter, values: &[&str], given: &str| {
            let (incident, items, silences) = (incident(values), BTreeMap::new(), Silences::new());
            let known = Known { incident: &incident, source: None, items: &items, silences: &silences };
            value(parameter, known, Some(&Outside::new(given))).unwrap().origin
        };
        assert_eq!(origin(&hold, &[], "60m"), Origin::Default);
        assert_eq!(origin(&hold, &[], "61m"), Origin::Person);
        assert_eq!(origin(&label, &["8"], "7"), Origin::Person, "somebody preferred it to what a label says");
    }

    #[test]
    fn a_value_of_the_packet_brings_along_where_it_was_found() {
        let parameter = parameter("name = 'hold'\nkind = 'duration'\nfrom = 'packet:hold time'");
        let by = Whence::Person { name: "bob".into(), at: Time::UNIX_EPOCH };
        let note = Whence::Note { by: "bob".into(), at: Time::UNIX_EPOCH };
        let resolve = |facts: &[(&str, &Whence)], given: Option<&str>| {
            let fact = |(value, whence): &(&str, &Whence)| Fact {
                value: Outside::new(*value),
                whence: (*whence).clone(),
            };
            let values = facts.iter().map(fact).collect();
            let item = Item { name: "hold time".into(), required: false, values, more: 0 };
            let items = BTreeMap::from([("hold time".to_owned(), item)]);
            let given = given.map(Outside::new);
            value(
                &parameter,
                Known { incident: &incident(&[]), source: None, items: &items, silences: &Silences::new() },
                given.as_ref(),
            )
        };
        let filled = resolve(&[("60m", &by)], None).unwrap();
        assert_eq!((filled.value.raw(), filled.kind), ("1h", Kind::Duration));
        assert_eq!(filled.origin.words().to_string(), "filled in by bob 00:00Z");
        let noted = resolve(&[("60m", &note)], None).unwrap().origin;
        assert!(!noted.is_trusted() && noted.words().to_string() == "found in note of bob 00:00Z: untrusted");
        let chosen = resolve(&[("60m", &note), ("2h", &note)], Some("2h")).unwrap();
        assert_eq!(chosen.origin, Origin::Packet(note.clone()));
        assert!(resolve(&[("60m", &note), ("2h", &note)], None).unwrap_err().contains("choose one"));
        assert_eq!(resolve(&[("60m", &note)], Some("5m")).unwrap().origin, Origin::Person);
        let missing = resolve(&[], None).unwrap_err();
        assert_eq!(
            missing,
            "hold is missing: nobody knows the packet's hold time yet (--set hold=…, it takes duration from 1s, written like 90 min, 2h or 3 days)"
        );
    }

    #[test]
    fn what_a_source_is_asked_takes_its_values_from_nobody_else() {
        let (incident, items) = (incident(&["88213"]), BTreeMap::new());
        let silence = Silence { id: Outside::new("8d9e"), ..Silence::default() };
        let silences = Silences::from([("am".to_owned(), vec![silence])]);
        let label = parameter("name = 'account'\nfrom = 'label:account_id'\nallow = '[0-9]+'");
        let quiet = parameter("name = 'silence'\nfrom = 'signal:silence'");
        for (source, offered) in [("am", 1), ("pd", 0), ("a", 0)] {
            let known =
                Known { incident: &incident, source: Some(source), items: &items, silences: &silences };
            for parameter in [&label, &quiet] {
                assert_eq!(offers(parameter, known).len(), offered, "{source}: {}", parameter.name);
            }
        }
    }

    /// An incident whose signals say these.
    fn incident(values: &[&str]) -> Incident {
        let joining = |value: &&str| Joining {
            sensitive: crate::domain::sensitive::Said::new(),
            key: SignalKey { source: "am".into(), fingerprint: Outside::new(*value) },
            title: Outside::new("login failures"),
            severity: Severity::High,
            unmapped: false,
            labels: [(Outside::new("account_id"), Outside::new(*value))].into(),
            since: Time::UNIX_EPOCH,
            policy: None,
            held_by: None,
            watched: false,
        };
        let opening = Opening {
            title: Outside::new("login failures"),
            severity: Severity::High,
            unmapped: false,
            category: Category::Anomaly,
            service: Outside::default(),
            group: None,
            signal: None,
            because: Outside::default(),
            labels: BTreeMap::new().into(),
            ack_due: None,
            recurrence_of: None,
            reported: None,
        };
        let record = |entry| Record {
            v: FORMAT,
            on: None,
            seq: 1,
            at: Time::UNIX_EPOCH,
            by: Actor::Engine,
            incident: Some(IncidentId::new("ANA", 1)),
            entry,
        };
        let mut incident = Incident::open(&record(Entry::Opened(Box::new(opening)))).unwrap();
        for joining in values.iter().map(joining) {
            incident.apply(&record(Entry::SignalJoined(Box::new(joining)))).unwrap();
        }
        incident
    }
}
