//! A message for a workflow of Microsoft Teams: an adaptive card of plain text runs, which know no markup.

use serde_json::{Value, json};

use super::too_long;
use crate::channels::words::{self, Item};
use crate::domain::bulletin::Posting;
use crate::domain::fault::Fault;
use crate::domain::plan::{Purpose, Telling};

/// Bytes of a message that Teams still shows.
const MAX_BYTES: usize = 28 * 1024;
/// Of them, what the frame around the blocks takes.
const FRAME_BYTES: usize = 512;

pub(super) fn telling(telling: &Telling) -> Value {
    let said = words::said(telling);
    let colour = match telling.purpose {
        Purpose::Page | Purpose::Reopened => "Attention",
        Purpose::Filled | Purpose::Merged(_) => "Default",
        Purpose::Acknowledged(_) | Purpose::Ended => "Good",
    };
    let mut blocks = vec![block(&[title(&said.lead, colour)]), block(&[run(&said.subject)])];
    for Item { name, lines } in &said.items {
        let name = bold(&format!("{name}: "));
        match lines.as_slice() {
            [] => blocks.push(block(&[name, run("not yet known")])),
            [line] => blocks.push(block(&[name, run(line)])),
            several => {
                blocks.push(block(&[name]));
                blocks.extend(several.iter().map(|line| block(&[run(line)])));
            }
        }
    }
    let size = |block: &Value| block.to_string().len() + 1;
    card(&words::fit(blocks, MAX_BYTES - FRAME_BYTES, size, |marker| block(&[run(&marker)])))
}

pub(super) fn posting(posting: &Posting) -> Result<Value, Fault> {
    let mut blocks = vec![block(&[title(posting.subject.raw(), "Default")])];
    blocks.extend(posting.body.raw().lines().map(|line| block(&[run(line)])));
    let card = card(&blocks);
    if card.to_string().len() > MAX_BYTES {
        return Err(too_long("28 KiB"));
    }
    Ok(card)
}

fn card(body: &[Value]) -> Value {
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.2",
                "body": body,
                "msteams": { "width": "Full" },
            },
        }],
    })
}

fn block(runs: &[Value]) -> Value {
    json!({ "type": "RichTextBlock", "inlines": runs })
}

fn title(text: &str, colour: &str) -> Value {
    json!({ "type": "TextRun", "text": visible(text), "weight": "Bolder", "size": "Medium", "color": colour })
}

fn bold(text: &str) -> Value {
    json!({ "type": "TextRun", "text": text, "weight": "Bolder" })
}

fn run(text: &str) -> Value {
    json!({ "type": "TextRun", "text": visible(text) })
}

/// A run without text makes the whole card invalid.
fn visible(text: &str) -> &str {
    if text.is_empty() { " " } else { text }
}
