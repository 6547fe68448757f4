//! What the alerts of an incident say: the details that monitoring sent along, with the ids in them.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::decode;
use crate::domain::fault::Fault;
use crate::domain::signal::Labels;
use crate::domain::text::Outside;

/// Alerts of one incident whose details are kept.
const MANY: usize = 20;
/// Bytes of one alert's details, and of all of an incident.
const ONE_BYTES: usize = 16 * 1024;
const ALL_BYTES: usize = 64 * 1024;
const LINE_BYTES: usize = 1024;

/// What the alerts of an incident say.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Details {
    /// How many alerts there were, and how many fired, when they were read.
    pub(super) counts: (u32, u32),
    /// A line an alert.
    pub(super) description: Outside,
    /// The details of each alert, as JSON.
    pub(super) annotations: Labels,
}

#[derive(Deserialize)]
struct Alert<'a> {
    summary: Option<String>,
    severity: Option<String>,
    #[serde(borrow)]
    body: Option<Body<'a>>,
}

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    details: Option<&'a RawValue>,
    #[serde(borrow)]
    cef_details: Option<Cef<'a>>,
}

/// Where integrations that know PagerDuty's common event format put the same.
#[derive(Deserialize)]
struct Cef<'a> {
    #[serde(borrow)]
    details: Option<&'a RawValue>,
}

/// What a page of alerts says.
///
/// # Errors
/// It is no such page.
pub(super) fn read(body: &str, counts: (u32, u32)) -> Result<Details, Fault> {
    let page = decode::page(body, "alerts")?;
    let mut details = Details { counts, ..Details::default() };
    let (mut lines, mut room) = (Vec::new(), ALL_BYTES);
    // There may be more of them than one page holds.
    let all = page.elements.len().max(usize::try_from(counts.0).unwrap_or(usize::MAX));
    let mut missing = all.saturating_sub(MANY);
    for (number, raw) in (1..).zip(page.elements.into_iter().take(MANY)) {
        // Of one that cannot be decoded, what came is as good a detail as any.
        let alert = serde_json::from_str::<Alert<'_>>(raw.get());
        let (text, line) = match &alert {
            Ok(alert) => (alert.details().unwrap_or_default(), alert.line()),
            Err(_) => (raw.get(), String::new()),
        };
        if !line.is_empty() {
            lines.push(Outside::capped(line, LINE_BYTES).raw().to_owned());
        }
        let text = Outside::capped(text, ONE_BYTES);
        if text.raw().len() > room {
            missing += 1;
        } else if !text.is_blank() {
            room -= text.raw().len();
            let name = if number == 1 { "details".to_owned() } else { format!("details {number}") };
            details.annotations.insert(Outside::new(name), text);
        }
    }
    if missing > 0 {
        let alerts = if missing == 1 { "alert" } else { "alerts" };
        let note = format!("the details of {missing} more {alerts} left out");
        details.annotations.insert(Outside::new("…"), Outside::new(note));
    }
    lines.dedup();
    details.description = Outside::capped(lines.join("\n"), ALL_BYTES);
    Ok(details)
}

impl<'a> Alert<'a> {
    fn details(&self) -> Option<&'a str> {
        let body = self.body.as_ref()?;
        let cef = || body.cef_details.as_ref()?.details;
        let some = |raw: &&RawValue| !matches!(raw.get(), "null" | "{}" | "\"\"");
        body.details.filter(some).or_else(|| cef().filter(some)).map(RawValue::get)
    }

    fn line(&self) -> String {
        let summary = self.summary.as_deref().unwrap_or_default();
        match self.severity.as_deref() {
            Some(severity) if !summary.is_empty() => format!("{summary} ({severity})"),
            _ => summary.to_owned(),
        }
    }
}
