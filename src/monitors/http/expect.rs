//! What an answer over HTTP must be, and the first thing that is not so.

use std::collections::BTreeMap;

use regex::bytes::Regex;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::fault::Fault;
use crate::domain::text::{Outside, size};
use crate::domain::time::Span;

/// Of a value that is not as expected, what is said of it.
const VALUE_BYTES: usize = 200;

/// What an answer must be.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Expect {
    /// The statuses that are right; any 2xx where none is named.
    pub status: Vec<u16>,
    /// JSON pointer → the value that must stand there.
    pub json: BTreeMap<String, Value>,
    /// A regular expression that must be found in the body.
    pub matches: Option<String>,
    /// The least size of the body.
    pub min_bytes: Option<usize>,
    /// The greatest.
    pub max_bytes: Option<usize>,
    /// How long the whole answer may take.
    pub under: Option<Span>,
}

/// The same, ready to be compared with.
pub(super) struct Expected {
    settings: Expect,
    matches: Option<Regex>,
}

impl Expected {
    /// # Errors
    /// A [local](Fault::local) fault: a pointer or the regular expression is none.
    pub(super) fn new(settings: &Expect) -> Result<Self, Fault> {
        if let Some(pointer) = settings.json.keys().find(|key| !key.is_empty() && !key.starts_with('/')) {
            let pointer = pointer.escape_default();
            return Err(Fault::local(format!("`{pointer}` is no JSON pointer; write it like \"/status\"")));
        }
        let matches = settings.matches.as_deref().map(Regex::new).transpose();
        let matches = matches.map_err(|_| Fault::local("matches is no regular expression; correct it"))?;
        Ok(Self { settings: settings.clone(), matches })
    }

    /// The first thing that is not as expected, in words.
    pub(super) fn differs(&self, status: u16, body: &[u8], took: Span) -> Option<String> {
        let of_status = self.status_differs(status).or_else(|| self.json_differs(body));
        let of_body = of_status.or_else(|| self.text_differs(body));
        of_body.or_else(|| self.size_differs(body.len())).or_else(|| self.time_differs(took))
    }

    /// The same, of a body that is larger than so many bytes, of which none were kept.
    pub(super) fn differs_unread(&self, status: u16, over: usize, took: Span) -> Option<String> {
        let of_size = || {
            let over = size(over as u64);
            if let Some(most) = self.settings.max_bytes {
                return Some(format!("the answer is over {over}, expected at most {}", size(most as u64)));
            }
            let reads = !self.settings.json.is_empty() || self.matches.is_some();
            reads.then(|| format!("the answer is over {over}; expect.max_bytes says how much of it is read"))
        };
        self.status_differs(status).or_else(of_size).or_else(|| self.time_differs(took))
    }

    fn status_differs(&self, status: u16) -> Option<String> {
        let named = &self.settings.status;
        let right = if named.is_empty() { (200..300).contains(&status) } else { named.contains(&status) };
        let wanted: Vec<_> = named.iter().map(u16::to_string).collect();
        let wanted = if wanted.is_empty() { "2xx".to_owned() } else { wanted.join(" or ") };
        (!right).then(|| format!("status {status}, expected {wanted}"))
    }

    fn time_differs(&self, took: Span) -> Option<String> {
        let under = self.settings.under.filter(|under| took >= *under)?;
        Some(format!("took {}, expected under {under}", seconds(took)))
    }

    fn json_differs(&self, body: &[u8]) -> Option<String> {
        let json = &self.settings.json;
        if json.is_empty() {
            return None;
        }
        let Ok(found) = serde_json::from_slice::<Value>(body) else {
            return Some("the answer is not JSON".to_owned());
        };
        json.iter().find_map(|(pointer, wanted)| match found.pointer(pointer) {
            Some(value) if value == wanted => None,
            Some(value) => Some(format!("\"{pointer}\" is {}, expected {}", brief(value), brief(wanted))),
            None => Some(format!("\"{pointer}\" is missing, expected {}", brief(wanted))),
        })
    }

    fn text_differs(&self, body: &[u8]) -> Option<String> {
        let matches = self.matches.as_ref().filter(|matches| !matches.is_match(body))?;
        Some(format!("the answer does not match \"{matches}\""))
    }

    fn size_differs(&self, bytes: usize) -> Option<String> {
        let (least, most) = (self.settings.min_bytes, self.settings.max_bytes);
        if let Some(least) = least.filter(|least| bytes < *least) {
            return Some(format!(
                "the answer has {}, expected at least {}",
                size(bytes as u64),
                size(least as u64)
            ));
        }
        let most = most.filter(|most| bytes > *most)?;
        Some(format!("the answer has {}, expected at most {}", size(bytes as u64), size(most as u64)))
    }
}

fn brief(value: &Value) -> String {
    Outside::capped(value.to_string(), VALUE_BYTES).raw().to_owned()
}

/// `1.2s` from a second on, `340ms` below.
fn seconds(span: Span) -> String {
    match span.as_millis() {
        millis @ 0..1000 => format!("{millis}ms"),
        millis => format!("{}.{}s", millis / 1000, millis % 1000 / 100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn differs(expect: &str, status: u16, body: &str) -> Option<String> {
        #[derive(Deserialize)]
        struct Table {
            expect: Expect,
        }
        let table: Table = toml::from_str(&format!("expect = {expect}")).unwrap();
        Expected::new(&table.expect).unwrap().differs(status, body.as_bytes(), Span::millis(340))
    }

    #[test]
    fn each_expectation_is_met_or_said() {
        let json = "{ json = { '/status' = 'ok' } }";
        for (expect, status, body, said) in [
            ("{}", 204, "", None),
            ("{}", 503, "", Some("status 503, expected 2xx")),
            ("{ status = [200, 401] }", 401, "", None),
            ("{ status = [200, 401] }", 302, "", Some("status 302, expected 200 or 401")),
            (json, 200, r#"{"status":"ok"}"#, None),
            (json, 200, r#"{"status":"degraded"}"#, Some(r#""/status" is "degraded", expected "ok""#)),
            (json, 200, "{}", Some(r#""/status" is missing, expected "ok""#)),
            (json, 200, "<html>", Some("the answer is not JSON")),
            ("{ matches = '^ready$' }", 200, "ready", None),
            ("{ matches = '(?m)^lag: [0-9]$' }", 200, "up\nlag: 3\n", None),
            ("{ matches = '^ready$' }", 200, "not ready", Some("the answer does not match \"^ready$\"")),
            ("{ min_bytes = 4 }", 200, "abcd", None),
            ("{ min_bytes = 4 }", 200, "abc", Some("the answer has 3 B, expected at least 4 B")),
            ("{ max_bytes = 2048 }", 200, "abc", None),
            ("{ max_bytes = 2 }", 200, "abc", Some("the answer has 3 B, expected at most 2 B")),
            ("{ under = '341ms' }", 200, "", None),
            ("{ under = '340ms' }", 200, "", Some("took 340ms, expected under 340ms")),
            // What is wrong with the status goes before what is wrong with the body.
            ("{ matches = 'ok' }", 500, "", Some("status 500, expected 2xx")),
        ] {
            assert_eq!(differs(expect, status, body).as_deref(), said, "{expect} {status} {body}");
        }
    }

    #[test]
    fn a_body_that_is_no_text_can_match() {
        let expect = Expect { matches: Some("ok".into()), ..Expect::default() };
        let expected = Expected::new(&expect).unwrap();
        assert_eq!(expected.differs(200, b"\xff\xfeok\x00", Span::millis(1)), None);
    }

    #[test]
    fn sizes_and_times_are_short() {
        assert_eq!(
            (seconds(Span::millis(999)), seconds(Span::millis(1234))),
            ("999ms".into(), "1.2s".into())
        );
        assert_eq!([size(1023), size(1280), size(3_565_159)], ["1023 B", "1.2 KiB", "3.4 MiB"]);
    }
}
