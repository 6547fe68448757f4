//! Whether one value is what its key asks for.

use std::net::{IpAddr, SocketAddr};
use std::ops::Range;

use chrono::NaiveDate;
use toml::Spanned;
use toml::de::DeValue;

use super::shape::{Shape, nearest, quoted};
use crate::domain::calendar::{Within, Zone};
use crate::domain::id::is_prefix;
use crate::domain::identity::{KeyId, PublicKey};
use crate::domain::monitor::maintenance;
use crate::domain::query::Query;
use crate::domain::time::Span;
use crate::notify::quiet::Hours;

/// Why a value is wrong.
pub(super) struct Wrong {
    /// Where, when not all of it is.
    pub(super) at: Option<Range<usize>>,
    /// Follows the key's name.
    pub(super) message: String,
    /// What to do about it.
    pub(super) remedy: String,
}

type Checked = Result<(), Wrong>;

/// Checks a value that is no table of the shape's own.
pub(super) fn check(shape: Shape, value: &Spanned<DeValue<'_>>) -> Checked {
    match (shape, value.get_ref()) {
        (Shape::Flag, DeValue::Boolean(_)) | (Shape::Json, _) => Ok(()),
        (Shape::Whole(least, most), DeValue::Integer(_)) => whole(value, least, most),
        (Shape::Scalar, DeValue::Integer(_)) => whole(value, i64::MIN, i64::MAX),
        (Shape::Wholes(least, most), DeValue::Array(items)) => {
            items.iter().try_for_each(|item| whole(item, least, most).map_err(|wrong| within(wrong, item)))
        }
        (Shape::Argv | Shape::Words(_) | Shape::Hours, DeValue::Array(items)) if items.is_empty() => {
            fail("is empty", format!("write {}", shape.expected()))
        }
        (Shape::Hours, DeValue::Array(items)) => items.iter().try_for_each(|item| match item.get_ref() {
            DeValue::String(text) => text.parse::<Hours>().map(|_| ()).map_err(|_| {
                let message = format!("holds `{}`, which names no hours", text.escape_default());
                let remedy = format!("write {}", shape.expected());
                within(Wrong { at: None, message, remedy }, item)
            }),
            _ => Err(within(other(shape, item), item)),
        }),
        (Shape::Texts(least), DeValue::Array(items)) if items.len() < least => {
            fail("is empty", format!("write {}", shape.expected()))
        }
        (Shape::Texts(_) | Shape::Argv, DeValue::Array(items)) => {
            items.iter().try_for_each(|item| match item.get_ref() {
                DeValue::String(text) if !text.is_empty() => Ok(()),
                _ => Err(within(other(shape, item), item)),
            })
        }
        (Shape::Words(words), DeValue::Array(items)) => {
            let one = |item| check(Shape::Word(words), item).map_err(|wrong| within(wrong, item));
            items.iter().try_for_each(one)
        }
        (Shape::Dates, DeValue::Array(items)) => items.iter().try_for_each(|item| match item.get_ref() {
            DeValue::String(text) => date(text).map_err(|wrong| within(wrong, item)),
            _ => Err(within(other(shape, item), item)),
        }),
        (Shape::Addresses, DeValue::Array(items)) => items.iter().try_for_each(|item| match item.get_ref() {
            DeValue::String(text) => address(text).map_err(|wrong| within(wrong, item)),
            _ => Err(within(other(shape, item), item)),
        }),
        (Shape::Number, DeValue::Integer(_)) => whole(value, i64::MIN, i64::MAX),
        (Shape::Number, DeValue::Float(number)) => {
            let finite = number.as_str().replace('_', "").parse().is_ok_and(f64::is_finite);
            if finite { Ok(()) } else { fail("cannot be that", "write a number") }
        }
        (Shape::PointerList, DeValue::Array(items)) => {
            items.iter().try_for_each(|item| match item.get_ref() {
                DeValue::String(text) => pointer(text, item.span()),
                _ => Err(within(other(shape, item), item)),
            })
        }
        (Shape::Pointers, DeValue::Table(table)) => {
            table.keys().try_for_each(|key| pointer(key.get_ref(), key.span()))
        }
        (Shape::Attributes, DeValue::Table(table)) if table.is_empty() => {
            fail("names nothing", format!("write {}", shape.expected()))
        }
        (Shape::Headers | Shape::Phrases | Shape::Attributes, DeValue::Table(table)) => {
            let odd = table.values().find(|item| !item.get_ref().is_str());
            odd.map_or(Ok(()), |item| Err(within(other(shape, item), item)))
        }
        (Shape::Chords, DeValue::Table(table)) => {
            let keys = |item: &DeValue<'_>| match item {
                DeValue::Array(items) => items.iter().all(|item| item.get_ref().is_str()),
                item => item.is_str(),
            };
            let odd = table.values().find(|item| !keys(item.get_ref()));
            odd.map_or(Ok(()), |item| Err(within(other(shape, item), item)))
        }
        (_, DeValue::String(text)) => written(shape, text, value),
        _ => Err(other(shape, value)),
    }
}

fn written(shape: Shape, text: &str, value: &Spanned<DeValue<'_>>) -> Checked {
    let expected = || format!("write {}", shape.expected());
    let shown = text.escape_default();
    match shape {
        Shape::Text | Shape::Scalar | Shape::Secret | Shape::SecretFile if text.is_empty() => {
            fail("is empty", expected())
        }
        Shape::Text | Shape::Scalar | Shape::Secret | Shape::SecretFile => Ok(()),
        Shape::Pointer => pointer(text, value.span()),
        Shape::WholePath if text.starts_with('/') => Ok(()),
        Shape::WholePath if text.starts_with('~') => {
            fail(format!("cannot be `{shown}`: only a shell reads `~`"), expected())
        }
        Shape::WholePath => {
            let message = format!("cannot be `{shown}`: each quell would look for it where it was started");
            fail(message, expected())
        }
        Shape::Name if is_name(text) => Ok(()),
        Shape::Name => fail(format!("cannot be `{shown}`"), expected()),
        Shape::Operator if is_operator(text) => Ok(()),
        Shape::Operator => fail(format!("cannot be `{shown}`"), expected()),
        Shape::PublicKey if PublicKey::parse(text).is_ok() => Ok(()),
        Shape::PublicKey => fail("is no ed25519 key", expected()),
        Shape::Fingerprint if KeyId::parse(text).is_ok() => Ok(()),
        Shape::Fingerprint => fail("is no fingerprint of a key", expected()),
        Shape::Prefix if is_prefix(text) => Ok(()),
        Shape::Prefix => fail(format!("cannot be `{shown}`"), expected()),
        Shape::Word(words) if words.contains(&text) => Ok(()),
        Shape::Word(words) => {
            let remedy = match nearest(text, words.iter().copied()) {
                Some(meant) => format!("did you mean \"{meant}\"?"),
                None => format!("write one of {}", quoted(words)),
            };
            fail(format!("cannot be `{shown}`"), remedy)
        }
        Shape::Span(least) => match Span::parse(text) {
            Ok(span) if span >= Span::millis(least) => Ok(()),
            Ok(span) => fail(format!("is {span}"), format!("write at least \"{}\"", Span::millis(least))),
            Err(_) => fail(format!("cannot be `{shown}`"), expected()),
        },
        Shape::Regex if regex::Regex::new(text).is_ok() => Ok(()),
        Shape::Regex => {
            fail("is no regular expression", "correct it; a backslash before a sign takes it as it is")
        }
        Shape::Socket if text.parse::<SocketAddr>().is_ok() => Ok(()),
        Shape::Socket => fail(format!("cannot be `{shown}`"), expected()),
        Shape::Moment if maintenance::moment(text).is_ok() => Ok(()),
        Shape::Moment => fail(format!("cannot be `{shown}`"), expected()),
        Shape::OfWeek if maintenance::of_week(text).is_ok() => Ok(()),
        Shape::OfWeek => fail(format!("cannot be `{shown}`"), expected()),
        Shape::Within => match Within::parse(text) {
            Ok(_) => Ok(()),
            Err(why) => fail(format!("cannot be `{shown}`"), why),
        },
        Shape::Zone if text.parse::<Zone>().is_ok() => Ok(()),
        Shape::Zone => {
            let names = Zone::names();
            let remedy = match nearest(text, names.iter().map(String::as_str)) {
                Some(meant) => format!("did you mean \"{meant}\"?"),
                None => expected(),
            };
            fail(format!("cannot be `{shown}`"), remedy)
        }
        Shape::Query => Query::parse(text).map(|_| ()).map_err(|error| {
            let span = value.span();
            // Where the text stands as it is, between one quote and the other, the word itself can be marked.
            let plain = span.len() == text.len() + 2;
            let at = plain.then(|| span.start + 1 + error.at.start..span.start + 1 + error.at.end);
            Wrong { at, message: format!("is no query: {}", error.message), remedy: String::new() }
        }),
        _ => Err(other(shape, value)),
    }
}

fn whole(value: &Spanned<DeValue<'_>>, least: i64, most: i64) -> Checked {
    let number = value.get_ref().as_integer();
    let number = number.and_then(|n| i64::from_str_radix(&n.as_str().replace('_', ""), n.radix()).ok());
    match number {
        Some(number) if (least..=most).contains(&number) => Ok(()),
        _ => fail("is out of range", format!("write a whole number from {least} to {most}")),
    }
}

fn address(text: &str) -> Checked {
    let shown = text.escape_default();
    let remedy = format!("write {}", Shape::Addresses.expected());
    text.parse::<IpAddr>()
        .map(|_| ())
        .or_else(|_| fail(format!("holds `{shown}`, which is no address"), remedy))
}

fn date(text: &str) -> Checked {
    // Written as it is meant: chrono would take `2026-1-5` as well.
    match text.parse::<NaiveDate>() {
        Ok(day) if day.to_string() == text => Ok(()),
        Ok(day) => fail(format!("holds `{}`", text.escape_default()), format!("write \"{day}\"")),
        Err(_) => {
            let message = format!("holds `{}`, which is no day there is", text.escape_default());
            fail(message, "write year, month and day, like \"2026-12-25\"")
        }
    }
}

fn pointer(text: &str, span: Range<usize>) -> Checked {
    if text.starts_with('/') {
        return Ok(());
    }
    let shown = text.escape_default();
    Err(Wrong {
        at: Some(span),
        message: format!("holds `{shown}`, which is no JSON pointer"),
        remedy: format!("write \"/{shown}\""),
    })
}

fn fail(message: impl Into<String>, remedy: impl Into<String>) -> Checked {
    Err(Wrong { at: None, message: message.into(), remedy: remedy.into() })
}

fn other(shape: Shape, value: &Spanned<DeValue<'_>>) -> Wrong {
    let found = match value.get_ref() {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    Wrong { at: None, message: format!("cannot be {found}"), remedy: format!("write {}", shape.expected()) }
}

fn within(wrong: Wrong, item: &Spanned<DeValue<'_>>) -> Wrong {
    Wrong { at: Some(wrong.at.unwrap_or_else(|| item.span())), ..wrong }
}

/// Whether rows and other tables may call something this.
fn is_name(text: &str) -> bool {
    text.len() <= 32
        && text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b))
}

/// Whether a person may be called this.
pub(super) fn is_operator(text: &str) -> bool {
    (1..=32).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic())
}
