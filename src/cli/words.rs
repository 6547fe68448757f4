//! How words of the command line are read.

use std::collections::BTreeMap;

use crate::domain::bulletin::{Audience, Status};
use crate::domain::category::Category;
use crate::domain::classification::{Funds, Scope, Urgency};
use crate::domain::incident::Incident;
use crate::domain::opening::Reporter;
use crate::domain::phase::Phase;
use crate::domain::record::CloseReason;
use crate::domain::role::Role;
use crate::domain::severity::Severity;
use crate::domain::text::Outside;
use crate::domain::time::Span;

/// Which incident a bare number was taken for: a source may call another one so, which nobody has read yet.
pub(super) fn which(typed: &str, taken: &Incident) -> Option<String> {
    let bare = typed.parse::<u64>().is_ok();
    bare.then(|| format!("{typed} is {}: {}", taken.id, taken.title().safe()))
}

/// `critical`, `high` or `normal`.
pub(super) fn severity(word: &str) -> Result<Severity, String> {
    Severity::parse(word).ok_or_else(|| one_of(&Severity::ALL.map(Severity::word)))
}

/// One of the five categories.
pub(super) fn category(word: &str) -> Result<Category, String> {
    Category::parse(word).ok_or_else(|| one_of(&Category::ALL.map(Category::word)))
}

/// One of the six phases.
pub(super) fn phase(word: &str) -> Result<Phase, String> {
    Phase::parse(word).ok_or_else(|| one_of(&Phase::ALL.map(Phase::word)))
}

/// Why an incident ends.
pub(super) fn reason(word: &str) -> Result<CloseReason, String> {
    CloseReason::parse(word).ok_or_else(|| one_of(&CloseReason::ALL.map(CloseReason::word)))
}

/// One of the four roles.
pub(super) fn role(word: &str) -> Result<Role, String> {
    Role::parse(word).ok_or_else(|| one_of(&Role::ALL.map(Role::word)))
}

/// `immediate`, `today` or `later`.
pub(super) fn urgency(word: &str) -> Result<Urgency, String> {
    Urgency::parse(word).ok_or_else(|| one_of(&words(Urgency::ALL, Urgency::word)))
}

/// `one`, `some`, `all` or `internal`.
pub(super) fn scope(word: &str) -> Result<Scope, String> {
    Scope::parse(word).ok_or_else(|| one_of(&words(Scope::ALL, Scope::word)))
}

/// `yes`, `no` or `unknown`.
pub(super) fn funds(word: &str) -> Result<Funds, String> {
    Funds::parse(word).ok_or_else(|| one_of(&words(Funds::ALL, Funds::word)))
}

/// Who a bulletin is for.
pub(super) fn audience(word: &str) -> Result<Audience, String> {
    Audience::parse(word).ok_or_else(|| one_of(&Audience::ALL.map(Audience::word)))
}

/// Where the response stands, as readers are told.
pub(super) fn status(word: &str) -> Result<Status, String> {
    Status::parse(word).ok_or_else(|| one_of(&Status::ALL.map(Status::word)))
}

/// `partner` or `internal`.
pub(super) fn reporter(word: &str) -> Result<Reporter, String> {
    let all = [Reporter::Partner, Reporter::Internal];
    Reporter::parse(word).ok_or_else(|| one_of(&all.map(Reporter::word)))
}

/// Something that can be read.
pub(super) fn text(text: &str) -> Result<String, String> {
    if Outside::new(text).is_blank() { Err("write some words".to_owned()) } else { Ok(text.to_owned()) }
}

/// A whole number.
pub(super) fn whole(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "write a whole number, as in 20".to_owned())
}

/// A length of time: `12h`.
pub(super) fn span(text: &str) -> Result<Span, String> {
    Span::parse(text)
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

/// A text of the command line as it came.
pub(super) fn outside(text: impl Into<String>) -> Outside {
    Outside::new(text)
}

fn words<T: Copy>(all: &[T], word: fn(T) -> &'static str) -> Vec<&'static str> {
    all.iter().map(|one| word(*one)).collect()
}

fn one_of(words: &[&str]) -> String {
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

    #[test]
    fn a_wrong_word_is_told_which_ones_there_are() {
        assert_eq!(scope("everybody"), Err("write one of one, some, all, internal".to_owned()));
        assert_eq!(role("boss"), Err("write one of lead, commander, communications, scribe".to_owned()));
        assert!(text(" \u{200b}").is_err() && text("x").is_ok());
    }
}
