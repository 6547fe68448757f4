//! How words of the command line are read.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::domain::category::Category;
use crate::domain::phase::Phase;
use crate::domain::record::CloseReason;
use crate::domain::severity::Severity;
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time};

/// `critical`, `high` or `normal`.
pub(super) fn severity(word: &str) -> Result<Severity, String> {
    Severity::parse(word).ok_or_else(|| one_of(Severity::ALL.map(Severity::word)))
}

/// One of the five categories.
pub(super) fn category(word: &str) -> Result<Category, String> {
    Category::parse(word).ok_or_else(|| one_of(Category::ALL.map(Category::word)))
}

/// One of the six phases.
pub(super) fn phase(word: &str) -> Result<Phase, String> {
    Phase::parse(word).ok_or_else(|| one_of(Phase::ALL.map(Phase::word)))
}

/// Why an incident ends.
pub(super) fn reason(word: &str) -> Result<CloseReason, String> {
    CloseReason::parse(word).ok_or_else(|| one_of(CloseReason::ALL.map(CloseReason::word)))
}

/// A length of time: `12h`.
pub(super) fn span(text: &str) -> Result<Span, String> {
    Span::parse(text)
}

/// The end of a day, UTC: `2026-12-01`.
pub(super) fn day(text: &str) -> Result<Time, String> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok();
    let end = day.and_then(|day| day.and_hms_opt(23, 59, 59));
    end.map(|end| end.and_utc()).ok_or_else(|| "write a day like 2026-12-01".to_owned())
}

/// `key=value`.
pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("write key=value".to_owned()),
    }
}

/// Pairs by key.
pub(super) fn values(pairs: &[(String, String)]) -> BTreeMap<String, Outside> {
    pairs.iter().map(|(key, value)| (key.clone(), Outside::new(value.clone()))).collect()
}

fn one_of<const N: usize>(words: [&str; N]) -> String {
    format!("write one of {}", words.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_read() {
        assert_eq!(pair("a=b=c"), Ok(("a".to_owned(), "b=c".to_owned())));
        assert!(pair("=b").is_err() && pair("a").is_err());
    }
}
