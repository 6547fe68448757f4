//! The pieces of free text: JSON that stands in it, and `key=value` or `key: value` between.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::value::RawValue;

/// Brackets in one text from which JSON is tried and does not come.
const FAILURES: usize = 32;
/// Bytes before JSON in which its key may stand.
const KEY_BYTES: usize = 80;

/// A key and what parts it from its value.
static KEY: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"([A-Za-z][A-Za-z0-9_.-]*)["']?[ \t]{0,2}[=:][ \t]{0,2}"#).ok());

/// A piece of free text.
pub(super) enum Piece<'a> {
    /// Text in which no JSON could be read.
    Plain(&'a str),
    /// An object or list, and the key that stands before it.
    Json(&'a str, &'a RawValue),
}

/// Cuts a text into its pieces.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let (mut plain_from, mut at, mut failures) = (0, 0, 0);
    while failures < FAILURES
        && let Some(found) = text.get(at..).and_then(|rest| rest.find(['{', '[']))
    {
        let start = at + found;
        let rest = text.get(start..).unwrap_or_default();
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<&RawValue>();
        if let Some(Ok(json)) = values.next() {
            let before = text.get(plain_from..start).unwrap_or_default();
            pieces.push(Piece::Plain(before));
            pieces.push(Piece::Json(key_at_end(before), json));
            at = start + values.byte_offset();
            plain_from = at;
        } else {
            failures += 1;
            at = start + 1;
        }
    }
    pieces.push(Piece::Plain(text.get(plain_from..).unwrap_or_default()));
    pieces
}

/// The key of `key=` or `key: ` with which a text ends.
fn key_at_end(text: &str) -> &str {
    let said = text.trim_end().strip_suffix(['=', ':']).unwrap_or_default();
    let said = said.trim_end_matches([' ', '"', '\'']);
    let length = said.bytes().rev().take(KEY_BYTES).take_while(|b| is_key(*b)).count();
    said.get(said.len() - length..).unwrap_or_default()
}

fn is_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

/// Every `key=value` and `key: value`. No part of the text is read more than a few times.
pub(super) fn pairs<'a>(text: &'a str, mut take: impl FnMut(&'a str, &'a str)) {
    let mut from = 0;
    while let Some(found) = KEY.as_ref().and_then(|key| key.captures_at(text, from)) {
        let (Some(whole), Some(key)) = (found.get(0), found.get(1)) else { return };
        from = whole.end();
        let rest = text.get(from..).unwrap_or_default();
        if let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) {
            from += 1;
            let quoted = rest.get(1..).unwrap_or_default();
            if let Some(end) = quoted
                .find([quote, '\n'])
                .filter(|end| quoted.get(*end..).is_some_and(|at| at.starts_with(quote)))
            {
                take(key.as_str(), quoted.get(..end).unwrap_or_default());
                from += end + 1;
            }
        } else if !begins_pair(rest) {
            let value = bare(rest);
            from += value.len();
            take(key.as_str(), value.trim_end_matches([',', '.', ')', ']', '}', '>']));
        }
    }
}

/// Whether a value is itself a pair, as in `note: order_id=7`.
fn begins_pair(text: &str) -> bool {
    let after = text.trim_start_matches(|c: char| u8::try_from(c).is_ok_and(is_key));
    after.len() < text.len()
        && after
            .strip_prefix('=')
            .is_some_and(|value| !value.starts_with([' ', '=', '\n']) && !value.is_empty())
}

/// A value without quotes. `a,b` is one; of `a,key=b` only `a` is.
fn bare(text: &str) -> &str {
    let text = text.split([' ', '\t', '\r', '\n', '"', '\'', ';']).next().unwrap_or_default();
    let mut end = 0;
    for chunk in text.split_inclusive(',') {
        if end > 0 && chunk.contains(['=', ':']) {
            break;
        }
        end += chunk.len();
    }
    text.get(..end).unwrap_or(text)
}
