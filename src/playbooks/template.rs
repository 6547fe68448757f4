//! `{{name}}` in paths, headers and bodies: strict, and never able to leave its place.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::template;
pub use crate::domain::template::{VARIABLES, is_variable, names, program_flaw};
use crate::domain::text::Outside;

/// The values a template may name.
pub type Values = BTreeMap<String, Outside>;

/// The names every string of a JSON template uses.
///
/// # Errors
/// As [`names`].
pub fn json_names(template: &Value) -> Result<Vec<String>, String> {
    Ok(match template {
        Value::String(text) => names(text)?,
        Value::Array(items) => collect(items.iter().map(json_names))?,
        Value::Object(map) => collect(map.values().map(json_names))?,
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    })
}

fn collect(all: impl Iterator<Item = Result<Vec<String>, String>>) -> Result<Vec<String>, String> {
    Ok(all.collect::<Result<Vec<_>, _>>()?.concat())
}

/// Fills a path: each value percent-encoded, so that it stays within its segment.
///
/// # Errors
/// A sentence when a name has no value, or a segment would become empty, `.` or `..`.
pub fn path(template: &str, values: &Values) -> Result<String, String> {
    let filled = fill(template, values, encode_segment)?;
    let path = filled.split('?').next().unwrap_or_default();
    let walks =
        |segment: &str| matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..");
    let hollow = template.split('/').zip(filled.split('/')).any(|(was, is)| !was.is_empty() && is.is_empty());
    if hollow || path.split('/').any(walks) {
        return Err(format!("the path {template} would lose a segment"));
    }
    Ok(filled)
}

/// Fills a header's value.
///
/// # Errors
/// A sentence when a name has no value, or the result is not visible ASCII.
pub fn header(template: &str, values: &Values) -> Result<String, String> {
    let filled = fill(template, values, str::to_owned)?;
    if filled.bytes().all(|b| (0x20..0x7f).contains(&b)) {
        Ok(filled)
    } else {
        Err("a header would hold more than visible ASCII".to_owned())
    }
}

/// Fills an argument list.
///
/// # Errors
/// As [`template::argv`].
pub fn argv(templates: &[String], values: &Values) -> Result<Vec<String>, String> {
    template::argv(templates, |name| values.get(name).map(|value| value.raw().to_owned()))
}

/// Fills every string of a JSON template; the serializer does the quoting.
///
/// # Errors
/// A sentence when a name has no value.
pub fn json(template: &Value, values: &Values) -> Result<Value, String> {
    Ok(match template {
        Value::String(text) => Value::String(fill(text, values, str::to_owned)?),
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| json(item, values)).collect::<Result<_, _>>()?)
        }
        Value::Object(map) => Value::Object(
            map.iter()
                .map(|(key, item)| Ok((key.clone(), json(item, values)?)))
                .collect::<Result<_, String>>()?,
        ),
        plain @ (Value::Null | Value::Bool(_) | Value::Number(_)) => plain.clone(),
    })
}

fn fill(template: &str, values: &Values, encode: impl Fn(&str) -> String) -> Result<String, String> {
    template::fill(template, |name| values.get(name).map(|value| encode(value.raw())))
}

fn encode_segment(value: &str) -> String {
    value.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            use std::fmt::Write;
            // Writing to a String cannot fail.
            let _ok = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(account: &str) -> Values {
        [("account".to_owned(), Outside::new(account))].into()
    }

    #[test]
    fn a_value_stays_within_its_segment() {
        let fill = |value: &str| path("/accounts/{{account}}/freeze", &values(value));
        assert_eq!(fill("88213").as_deref(), Ok("/accounts/88213/freeze"));
        assert_eq!(fill("a/b?c#d%2f").as_deref(), Ok("/accounts/a%2Fb%3Fc%23d%252f/freeze"));
        for bad in ["", ".", ".."] {
            assert!(fill(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_missing_value_is_an_error_and_not_an_empty_string() {
        assert!(path("/x/{{other}}", &values("1")).is_err());
        assert!(names("{{open").is_err());
    }

    #[test]
    fn json_is_quoted_by_the_serializer() {
        let template = serde_json::json!({"reason": "for {{account}}", "n": 1});
        let filled = json(&template, &values("\",\"admin\":\"true"));
        assert_eq!(filled, Ok(serde_json::json!({"reason": "for \",\"admin\":\"true", "n": 1})));
    }
}
