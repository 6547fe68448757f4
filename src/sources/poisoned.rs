//! What stays the same, from poll to poll, of an element that cannot be decoded: it is not a new one each time.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

/// Its labels as they came where it has any, else all of it but for the members that move with every answer.
pub(super) fn steady(element: &str, moving: &[&str]) -> String {
    type Members<'a> = BTreeMap<String, &'a RawValue>;
    let Ok(mut members) = serde_json::from_str::<Members<'_>>(element) else { return element.to_owned() };
    let labels = members.get("labels").map(|labels| labels.get());
    let named = |labels: &&str| serde_json::from_str::<Members<'_>>(labels).is_ok_and(|all| !all.is_empty());
    if let Some(labels) = labels.filter(named) {
        return labels.to_owned();
    }
    members.retain(|name, _| !moving.contains(&name.as_str()));
    members.iter().map(|(name, value)| format!("{name:?}: {}\n", value.get())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_makes_no_other_element_and_what_tells_them_apart_does() {
        let steady = |element: &str| steady(element, &["value"]);
        assert_eq!(steady(r#"{"state":7,"value":"1"}"#), steady(r#"{"value":"2","state":7}"#));
        assert_ne!(steady(r#"{"state":7,"value":"1"}"#), steady(r#"{"state":8,"value":"1"}"#));
        assert_eq!(steady(r#"{"labels":{"a":1},"b":1}"#), steady(r#"{"labels":{"a":1},"b":2}"#));
        assert_ne!(steady(r#"{"labels":{"a":1}}"#), steady(r#"{"labels":{"a":2}}"#));
        for nameless in ["{}", "7", "null"] {
            let element = |value| steady(&format!(r#"{{"labels":{nameless},"b":{value}}}"#));
            assert_ne!(element(1), element(2), "labels {nameless} are none");
        }
        assert_eq!(steady("7"), "7");
    }
}
