//! Keys, and whatever identifies a person or an account.

use std::sync::LazyLock;

use super::reading::{Patterns, Reading, find};
use super::{Context, Findings, Rule, Rules, links, quoted};
use crate::domain::text::SafeText;

pub(super) const SECRETS: &[(&str, &str)] = &[
    (r"-----BEGIN [A-Z ]+", "a key"),
    (r"\b(?:AKIA|ASIA|AROA|AIDA)[0-9A-Z]{12,}\b", "a key"),
    (r"\beyJ[\w-]{6,}\.[\w-]{4,}(?:\.[\w-]*)?", "a token"),
    (
        r"\b(?:sk|pk|rk)_(?:live|test)_\w{6,}|\bgh[pousr]_\w{16,}|\bglpat-[\w-]{10,}|\bxox[abeprs]-[\w-]{8,}|\bAIza[\w-]{20,}|\bsk-[\w-]{16,}|\bnpm_\w{20,}",
        "a token",
    ),
    (r"(?i)\b(?:bearer|basic) [a-z0-9._~+/-]{12,}=*", "a token"),
    (
        r"(?i)\b(?:api[ _-]?key|secret(?:[ _-]?key)?|access[ _-]?token|token|passw(?:or)?d|pwd|passphrase)\b ?[=:] ?\S{4,}",
        "a secret",
    ),
    (r"(?i)\b[a-z][a-z0-9+.-]*://[^\s/@]+:[^\s/@]+@", "a login"),
    (r"(?i)\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", "an id"),
    (r"(?i)\b(?:0x)?[0-9a-f]{20,}\b", "a key or an address"),
    (r"\b[A-Za-z0-9+_-]{24,}={0,2}", "a key or an address"),
    (r"\+\d[\d ().-]{7,}\d\b|\(?\b\d{3}\)?[ .-]\d{3}[ .-]\d{4}\b", "a phone number"),
    (r"\b\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{2,4}\b|\b\d{9,}\b", "an account's or card's number"),
    (r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}\b", "an account's number"),
];

static SECRET: LazyLock<Patterns> = LazyLock::new(|| Patterns::new(SECRETS));

const REMEDY: &str = "remove it: this is read by everybody";

pub(super) fn check(reading: &Reading<'_>, rules: &Rules, context: &Context, findings: &mut Findings) {
    let part = reading.part;
    let mut wrong = |message: String, remedy: &str| findings.add(Rule::Secrets, part, message, remedy);
    // What an official link leads to may be long.
    let is_official = |host: &String| rules.is_official(host);
    let official = !links::linked_hosts(&reading.text).is_empty()
        && links::linked_hosts(&reading.text).iter().all(is_official);
    let text = if official { links::without_links(&reading.text) } else { reading.text.clone() };
    for (found, what) in SECRET.all(&text) {
        if found.len() < 24 || what != "a key or an address" || is_random(found) {
            // Not repeated in full: a message may be logged.
            wrong(format!("{what}: \"{}\"", SafeText::display(found.trim()).clip(6)), REMEDY);
        }
    }
    for mail in links::mails(&reading.text) {
        let host = mail.rsplit('@').next().unwrap_or_default();
        if !rules.is_official(host) {
            wrong(
                format!("an e-mail address: {}", quoted(mail)),
                "name the official way to reach us instead",
            );
        }
    }
    for (value, key) in &context.names.whom {
        if find(&reading.lower, value).is_some() {
            wrong(format!("whom or what it concerns, by {}", quoted(key)), REMEDY);
        }
    }
}

/// Whether letters and digits stand in it as in a key: a long word has no digits, a long number no letters.
fn is_random(found: &str) -> bool {
    let has = |is: fn(&char) -> bool| found.chars().any(|c| is(&c));
    has(char::is_ascii_digit) && (has(char::is_ascii_uppercase) || has(char::is_ascii_lowercase))
}
