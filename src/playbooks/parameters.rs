//! A playbook's parameters: where their values come from, and which are refused.

use std::collections::BTreeMap;

use regex::Regex;

use crate::domain::incident::Incident;
use crate::domain::plan::Value;
use crate::domain::playbook::{Origin, Parameter, Playbook};
use crate::domain::text::Outside;

/// Values no target may have, whatever `allow` says.
const NEVER: [&str; 4] = ["*", "all", "..", "."];

/// The value a label gives, when all signals that have one agree.
pub fn prefill<'a>(parameter: &Parameter, incident: &'a Incident) -> Option<&'a Outside> {
    match incident.label_values(parameter.label()?).as_slice() {
        [(value, _)] => Some(value),
        _ => None,
    }
}

/// Every parameter's value and origin.
///
/// # Errors
/// One sentence for the first parameter that is missing or refused.
pub fn resolve(
    playbook: &Playbook,
    incident: &Incident,
    given: &BTreeMap<String, Outside>,
) -> Result<BTreeMap<String, Value>, String> {
    if let Some(unknown) = given.keys().find(|name| !playbook.parameter.iter().any(|p| p.name == **name)) {
        let unknown = Outside::new(unknown.clone());
        return Err(format!("{} has no parameter {}", playbook.id, unknown.exact()));
    }
    playbook.parameter.iter().map(|p| Ok((p.name.clone(), value(p, incident, given)?))).collect()
}

fn value(
    parameter: &Parameter,
    incident: &Incident,
    given: &BTreeMap<String, Outside>,
) -> Result<Value, String> {
    let name = &parameter.name;
    let from_label = |value: &Outside| {
        let key = parameter.label()?;
        let says_so = incident.label_values(key).iter().any(|(said, _)| *said == value);
        says_so.then(|| Origin::Label(key.to_owned()))
    };
    let said = parameter.label().map(|key| incident.label_values(key)).unwrap_or_default();
    // Signals that disagree are no reason for a default: a person chooses.
    let default = parameter.default.as_ref().filter(|_| said.is_empty());
    let (value, origin) = if let Some(value) = given.get(name) {
        (value.clone(), from_label(value).unwrap_or(Origin::Person))
    } else if let Some(value) = prefill(parameter, incident) {
        (value.clone(), from_label(value).unwrap_or(Origin::Person))
    } else if let Some(default) = default {
        (Outside::new(default.clone()), Origin::Default)
    } else {
        let why = if said.len() > 1 {
            let values: Vec<String> =
                said.iter().take(5).map(|(value, _)| value.exact().to_string()).collect();
            format!("its signals say {} different values ({}); choose one", said.len(), values.join(", "))
        } else {
            "no signal gives it".to_owned()
        };
        return Err(format!("{name} is missing: {why} (--set {name}=…)"));
    };
    admit(parameter, &value)?;
    Ok(Value { value, origin })
}

/// Refuses a value that is not wholly what `allow` says, or that no target may be.
///
/// # Errors
/// A sentence that shows the value exactly.
pub fn admit(parameter: &Parameter, value: &Outside) -> Result<(), String> {
    let raw = value.raw();
    let allowed = Regex::new(&format!("^(?:{})$", parameter.allow)).is_ok_and(|allow| {
        // `$` also stands before a final newline in no mode of this crate, but a control never belongs in a target.
        allow.is_match(raw) && !raw.chars().any(char::is_control)
    });
    if raw.is_empty() || raw.trim() != raw || NEVER.contains(&raw.to_ascii_lowercase().as_str()) || !allowed {
        return Err(format!(
            "{} refuses \"{}\"; it must match {}",
            parameter.name,
            value.exact(),
            parameter.allow
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::category::Category;
    use crate::domain::id::IncidentId;
    use crate::domain::opening::{Joining, Opening};
    use crate::domain::operator::Actor;
    use crate::domain::record::{Entry, FORMAT, Record};
    use crate::domain::severity::Severity;
    use crate::domain::signal::SignalKey;
    use crate::domain::time::Time;

    #[test]
    fn what_could_widen_a_target_is_refused() {
        let account = |allow: &str| Parameter {
            name: "account".into(),
            from: None,
            allow: allow.into(),
            default: None,
        };
        assert!(admit(&account("[0-9]{4,12}"), &Outside::new("88213")).is_ok());
        for bad in ["", "*", "88213\n", " 88213", "8821\u{0663}", "88213; rm -rf /", "../1", "88213\u{200b}"]
        {
            assert!(admit(&account("^[0-9]{4,12}$"), &Outside::new(bad)).is_err(), "{bad:?}");
        }
        for bad in ["*", "all", "ALL", ".."] {
            assert!(admit(&account(".*"), &Outside::new(bad)).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_default_decides_nothing_that_signals_disagree_about() {
        let parameter = Parameter {
            name: "account".into(),
            from: Some("label:account_id".into()),
            allow: "[0-9]+".into(),
            default: Some("1".into()),
        };
        let resolve = |values: &[&str]| value(&parameter, &incident(values), &BTreeMap::new());
        assert_eq!(resolve(&[]).unwrap().origin, Origin::Default);
        assert_eq!(resolve(&["88213"]).unwrap().value.raw(), "88213");
        let refused = resolve(&["88213", "90114"]).unwrap_err();
        assert!(refused.contains("2 different values"), "{refused}");
    }

    /// An incident whose signals say these.
    fn incident(values: &[&str]) -> Incident {
        let joining = |value: &&str| Joining {
            key: SignalKey { source: "am".into(), fingerprint: Outside::new(*value) },
            title: Outside::new("login failures"),
            severity: Severity::High,
            unmapped: false,
            labels: [(Outside::new("account_id"), Outside::new(*value))].into(),
            since: Time::UNIX_EPOCH,
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
            labels: BTreeMap::new(),
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
