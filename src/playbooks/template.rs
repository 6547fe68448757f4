//! `{{name}}` in paths, headers and bodies: strict, and never able to leave its place.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::template::{self, Piece};
pub use crate::domain::template::{VARIABLES, is_variable, json_names, names, program_flaw};
use crate::domain::text::Outside;

/// The values a template may name.
#[derive(Clone, Debug, Default)]
pub struct Values(BTreeMap<String, (Outside, Form)>);

/// What a value is beside its text.
#[derive(Clone, Debug)]
enum Form {
    Text,
    /// Where a string of a JSON template is nothing but its name, this stands there.
    Json(Value),
    /// Pairs of a query, each escaped by itself.
    Query,
}

impl Values {
    /// Adds a text.
    pub fn text(&mut self, name: impl Into<String>, value: Outside) {
        self.0.insert(name.into(), (value, Form::Text));
    }

    /// Adds a whole number: where a string of a JSON template is nothing but its name, it stands there as a number.
    pub fn number(&mut self, name: impl Into<String>, value: Outside) {
        let number = value.raw().parse::<i64>().map_or(Form::Text, |number| Form::Json(number.into()));
        self.0.insert(name.into(), (value, number));
    }

    /// Adds a JSON value: where a string of a JSON template is nothing but its name, it stands there as it is.
    pub fn json(&mut self, name: impl Into<String>, value: Value) {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        self.0.insert(name.into(), (Outside::new(text), Form::Json(value)));
    }

    /// Adds pairs of a query that are escaped already.
    pub fn query(&mut self, name: impl Into<String>, pairs: &str) {
        self.0.insert(name.into(), (Outside::new(pairs), Form::Query));
    }

    /// The value of a name, as text.
    pub fn get(&self, name: &str) -> Option<&Outside> {
        self.0.get(name).map(|(value, _)| value)
    }

    /// As it stands in a path.
    fn in_path(&self, name: &str) -> Option<String> {
        let (value, form) = self.0.get(name)?;
        Some(match form {
            Form::Query => value.raw().to_owned(),
            Form::Text | Form::Json(_) => encode_segment(value.raw()),
        })
    }

    /// What is no text and a string of a JSON template names alone.
    fn lone(&self, template: &str) -> Option<Value> {
        let pieces = template::pieces(template).ok()?;
        let [Piece::Text(""), Piece::Name(name), Piece::Text("")] = pieces.as_slice() else { return None };
        match self.0.get(*name)? {
            (_, Form::Json(value)) => Some(value.clone()),
            (_, Form::Text | Form::Query) => None,
        }
    }
}

/// Fills a path: each value percent-encoded, so that it stays within its segment.
///
/// # Errors
/// A sentence when a name has no value, or a segment would become empty, `.` or `..`.
pub fn path(template: &str, values: &Values) -> Result<String, String> {
    let filled = template::fill(template, |name| values.in_path(name))?;
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

/// Fills a text that stands by itself.
///
/// # Errors
/// A sentence when a name has no value.
pub fn text(template: &str, values: &Values) -> Result<String, String> {
    fill(template, values, str::to_owned)
}

/// Fills an argument list.
///
/// # Errors
/// As [`template::argv`].
pub fn argv(templates: &[String], values: &Values) -> Result<Vec<String>, String> {
    template::argv(templates, |name| values.get(name).map(|value| value.raw().to_owned()))
}

/// Fills every string of a JSON template; the serializer does the quoting. `"{{count}}"` alone becomes a number where
/// `count` is one.
///
/// # Errors
/// A sentence when a name has no value.
pub fn json(template: &Value, values: &Values) -> Result<Value, String> {
    Ok(match template {
        Value::String(text) => match values.lone(text) {
            Some(value) => value,
            None => Value::String(fill(text, values, str::to_owned)?),
        },
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

    use proptest::prelude::*;

    fn values(account: &str) -> Values {
        let mut values = Values::default();
        values.text("account", Outside::new(account));
        values.number("hours", Outside::new("24"));
        values
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

    #[test]
    fn a_value_that_is_no_text_stands_alone_as_it_is() {
        let mut values = values("1");
        values.json("found.list", serde_json::json!([{ "name": "a" }]));
        values.json("found.word", serde_json::json!("w"));
        values.query("list.query", "filter=a%3D%22%26%22&filter=b");
        let template = serde_json::json!({ "list": "{{found.list}}", "word": "a {{found.word}}" });
        let filled = json(&template, &values);
        assert_eq!(filled, Ok(serde_json::json!({ "list": [{ "name": "a" }], "word": "a w" })));
        let filled = path("/x/{{found.word}}?{{list.query}}&y=1", &values);
        assert_eq!(filled.as_deref(), Ok("/x/w?filter=a%3D%22%26%22&filter=b&y=1"));
    }

    #[test]
    fn a_number_alone_in_its_string_is_a_number() {
        let template =
            serde_json::json!({"for": "{{ hours }}", "note": "{{hours}} h", "acct": "{{account}}"});
        let filled = json(&template, &values("24"));
        assert_eq!(filled, Ok(serde_json::json!({"for": 24, "note": "24 h", "acct": "24"})));
    }

    /// What the other side reads out of a segment.
    fn decoded(segment: &str) -> String {
        let mut bytes = Vec::new();
        let mut rest = segment.bytes();
        while let Some(byte) = rest.next() {
            let hex: Vec<u8> = if byte == b'%' { rest.by_ref().take(2).collect() } else { Vec::new() };
            let escaped = std::str::from_utf8(&hex).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok());
            bytes.push(escaped.unwrap_or(byte));
        }
        String::from_utf8(bytes).unwrap()
    }

    proptest! {
        #[test]
        fn whatever_a_value_is_it_leaves_neither_its_segment_nor_its_string(value in r#"\PC{0,20}|[./%?#&"\\{}\n\r ]{1,8}"#) {
            let values = values(&value);
            if let Ok(path) = path("/a/{{account}}/b", &values) {
                let segments: Vec<&str> = path.split('/').collect();
                prop_assert_eq!([segments[0], segments[1], segments[3]], ["", "a", "b"]);
                prop_assert_eq!(segments.len(), 4);
                prop_assert!(segments[2].bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.~%".contains(&b)));
                prop_assert_eq!(decoded(segments[2]), value.clone());
            } else {
                prop_assert!(["", ".", ".."].contains(&value.as_str()));
            }
            let template = serde_json::json!({"{{account}}": ["{{account}}", 1], "n": "for {{account}}."});
            let sent = json(&template, &values).unwrap().to_string();
            let read: Value = serde_json::from_str(&sent).unwrap();
            prop_assert_eq!(read, serde_json::json!({"{{account}}": [value.clone(), 1], "n": format!("for {value}.")}));
            if let Ok(line) = header("{{account}}", &values) {
                prop_assert!(line == value && !line.contains(['\r', '\n']));
            }
        }
    }
}
