//! A message for a program: every field by itself, as it is.

use serde_json::{Map, Value, json};

use crate::domain::bulletin::Posting;
use crate::domain::plan::{Purpose, Telling};
use crate::domain::text::Outside;
use crate::net::Answer;

/// Bytes of one item of the packet.
const ITEM_BYTES: usize = 64 * 1024;
/// Bytes of what the other side may call a series.
const REFERENCE_BYTES: usize = 256;

pub(super) fn telling(telling: &Telling) -> Value {
    capped(telling, ITEM_BYTES)
}

/// A message in so many bytes: in a long one every item is cut, and says so.
pub(in crate::channels) fn message(telling: &Telling, bytes: usize) -> String {
    let mut item_bytes = ITEM_BYTES;
    loop {
        let message = capped(telling, item_bytes).to_string();
        if message.len() <= bytes || item_bytes < 64 {
            return message;
        }
        item_bytes /= 2;
    }
}

fn capped(telling: &Telling, item_bytes: usize) -> Value {
    let value = |value: &Outside| Value::from(Outside::capped(value.raw(), item_bytes).raw());
    let packet: Map<String, Value> = telling
        .packet
        .iter()
        .map(|(item, known)| (item.clone(), known.as_ref().map_or(Value::Null, value)))
        .collect();
    let by = match &telling.purpose {
        Purpose::Acknowledged(who) => Some(who),
        Purpose::Page | Purpose::Filled | Purpose::Ended | Purpose::Merged(_) | Purpose::Reopened => None,
    };
    json!({
        "purpose": telling.purpose.word(),
        "by": by,
        "key": telling.key,
        "thread": telling.thread,
        "incident": telling.incident.to_string(),
        "severity": telling.severity.word(),
        "path": telling.path,
        "step": telling.step,
        "subject": value(&telling.subject),
        "packet": packet,
    })
}

pub(super) fn posting(posting: &Posting) -> Value {
    json!({
        "purpose": "bulletin",
        "key": posting.key,
        "incident": posting.incident.to_string(),
        "number": posting.number,
        "audience": posting.audience.word(),
        "status": posting.status.word(),
        "subject": posting.subject.raw(),
        "body": posting.body.raw(),
        "series": posting.series.as_ref().map(Outside::raw),
    })
}

/// What the other side calls the series, when it says so: `{"reference": "…"}`.
pub(super) fn reference(answer: &Answer) -> Option<Outside> {
    let said: Value = serde_json::from_slice(&answer.body).ok()?;
    let reference = said.get("reference")?.as_str()?;
    (1..=REFERENCE_BYTES).contains(&reference.len()).then(|| Outside::new(reference))
}
