//! A message as the other side understands it.

use serde_json::{Map, Value, json};

use crate::domain::plan::Telling;

/// Lines of one item of the packet.
const MAX_LINES: usize = 20;

/// Every field by itself, as it is.
pub(super) fn generic(telling: &Telling) -> Value {
    let packet: Map<String, Value> = telling
        .packet
        .iter()
        .map(|(item, value)| (item.clone(), value.as_ref().map_or(Value::Null, |value| value.raw().into())))
        .collect();
    json!({
        "key": telling.key,
        "incident": telling.incident.to_string(),
        "path": telling.path,
        "step": telling.step,
        "subject": telling.subject.raw(),
        "packet": packet,
    })
}

/// One text in which nothing from outside can call anybody, link or pretend to be quell.
pub(super) fn slack(telling: &Telling) -> Value {
    let mut lines =
        vec![format!("*{}* {}", escape(&telling.incident.to_string()), escape(&telling.subject.safe()))];
    for (item, value) in &telling.packet {
        let item = escape(item);
        let said: Vec<String> =
            value.iter().flat_map(|v| v.lines(MAX_LINES)).map(|line| escape(&line)).collect();
        match said.as_slice() {
            [] => lines.push(format!("• {item}: not yet known")),
            [line] => lines.push(format!("• {item}: {line}")),
            several => {
                lines.push(format!("• {item}:"));
                lines.extend(several.iter().map(|line| format!("> {line}")));
            }
        }
    }
    json!({ "text": lines.join("\n"), "link_names": false, "unfurl_links": false, "unfurl_media": false })
}

/// Without what the chat reads as a mention, a link or a code.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // Followed by nothing visible, it names nobody.
            '@' => out.push_str("@\u{200b}"),
            c => out.push(c),
        }
    }
    out
}
