//! A message for Slack: one text in which nothing from outside can call anybody, link or pretend to be quell.

use serde_json::{Value, json};

use super::too_long;
use crate::channels::words::{self, Item};
use crate::domain::bulletin::Posting;
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::plan::Telling;
use crate::domain::text::Outside;
use crate::net::{Answer, Secret};

/// Characters of a text before Slack cuts it off.
const MAX_CHARS: usize = 40_000;

pub(super) fn telling(telling: &Telling) -> Value {
    let said = words::said(telling);
    let mut lines = vec![format!("*{}* {}", escape(&said.lead), escape(&said.subject))];
    for Item { name, lines: value } in &said.items {
        let name = escape(name);
        match value.as_slice() {
            [] => lines.push(format!("• {name}: not yet known")),
            [line] => lines.push(format!("• {name}: {}", escape(line))),
            several => {
                lines.push(format!("• {name}:"));
                lines.extend(several.iter().map(|line| format!("> {}", escape(line))));
            }
        }
    }
    let lines = words::fit(lines, MAX_CHARS, |line| line.chars().count() + 1, |marker| marker);
    message(&lines.join("\n"), true)
}

pub(super) fn posting(posting: &Posting) -> Result<Value, Fault> {
    let text = format!("{}\n\n{}", entities(posting.subject.raw()), entities(posting.body.raw()));
    if text.chars().count() > MAX_CHARS {
        return Err(too_long("40 000 characters"));
    }
    Ok(message(&text, false))
}

/// Slack says `ok`, and nothing else is a success.
pub(super) fn taken(answer: Answer, url: &Secret) -> Result<Answer, Fault> {
    let said = word(&answer, url).map(|word| format!(": {word}")).unwrap_or_default();
    let status = answer.status;
    match answer.success() {
        Ok(answer) if status == 200 && answer.body == b"ok" => Ok(answer),
        Ok(_) => Err(Fault {
            status: Some(status),
            ..Fault::new(FaultKind::Malformed, format!("the other side did not say \"ok\"{said}"))
        }),
        Err(fault) => {
            let detail = format!("{}{said}", fault.detail.raw());
            Err(Fault { detail: Outside::new(detail), ..fault })
        }
    }
}

/// The word Slack gives for a refusal, `channel_not_found` say. Nothing else is repeated: it could hold the URL.
fn word<'a>(answer: &'a Answer, url: &Secret) -> Option<&'a str> {
    let word = std::str::from_utf8(&answer.body).ok()?;
    let plain = word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_') && word.contains('_');
    (plain && word.len() <= 64 && !url.reveal().contains(word)).then_some(word)
}

fn message(text: &str, marked_up: bool) -> Value {
    json!({
        "text": text,
        "mrkdwn": marked_up,
        "link_names": false,
        "unfurl_links": false,
        "unfurl_media": false,
    })
}

/// Without what the chat reads as a mention, a link or a code.
fn escape(text: &str) -> String {
    // Followed by nothing visible, it names nobody.
    entities(text).replace('@', "@\u{200b}")
}

/// As the chat writes the three characters it reads as markup everywhere.
fn entities(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
