//! Plain words: no jargon, and no abbreviations that readers need not know.

use std::sync::LazyLock;

use super::jargon::{EMPHASIS, JARGON, KNOWN, KNOWN_TO_PARTNERS, QUOTES};
use super::reading::{Patterns, Reading, find};
use super::{Findings, Rule, Rules, quoted};
use crate::domain::bulletin::Audience;
use crate::domain::id::IncidentId;

pub(super) const CAPITALS: &[(&str, &str)] = &[
    // Longer ones are words in capitals; an id of ours is taken whole.
    (r"\b[A-Z]{1,8}-\d+\b", "an id"),
    (r"\b[A-Z][A-Z0-9]{1,5}s?\b", "an abbreviation"),
];

static ACRONYM: LazyLock<Patterns> = LazyLock::new(|| Patterns::new(CAPITALS));

pub(super) fn check(reading: &Reading<'_>, audience: Audience, rules: &Rules, findings: &mut Findings) {
    let for_partners = audience == Audience::Partners;
    let shipped = JARGON.iter().filter(|word| !(for_partners && word.is_known_to_partners));
    let ours = rules.words.iter().map(|(jargon, plain)| (jargon.to_lowercase(), plain.as_str()));
    let all = shipped.map(|word| (word.jargon.to_owned(), word.plain)).chain(ours);
    let text = super::links::without_links(&reading.lower);
    for (jargon, plain) in all.filter(|(jargon, _)| find(&text, jargon).is_some()) {
        findings.add(
            Rule::PlainWords,
            reading.part,
            format!("readers may not know {}", quoted(&jargon)),
            format!("say {plain}"),
        );
    }
    acronyms(reading, for_partners, rules, findings);
}

fn acronyms(reading: &Reading<'_>, for_partners: bool, rules: &Rules, findings: &mut Findings) {
    let text = super::links::without_links(&reading.text);
    let is_known = |word: &str| {
        KNOWN.contains(&word)
            || EMPHASIS.contains(&word)
            || (for_partners && KNOWN_TO_PARTNERS.contains(&word))
            || rules.acronyms.iter().any(|known| known == word)
            // Explained where it stands: "service level agreement (SLA)".
            || text.contains(&format!("({word})"))
            || QUOTES.iter().any(|quote| text.contains(&format!("{word}/{quote}")))
    };
    for (found, what) in ACRONYM.all(&text) {
        let word = found.strip_suffix('s').unwrap_or(found);
        let is_id = IncidentId::parse(found).is_some();
        let part_of_id = what != "an id" && text.split_whitespace().any(|word| within_id(word, found));
        if what == "an id" || is_id || part_of_id || is_known(word) {
            continue;
        }
        findings.add(
            Rule::Acronyms,
            reading.part,
            format!("readers may not know {}", quoted(found)),
            "write it out, or explain it: \"service level agreement (SLA)\"",
        );
    }
}

/// Whether these letters stand in this word as the prefix of an incident's id.
fn within_id(word: &str, letters: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    IncidentId::parse(word).is_some() && word.starts_with(letters)
}
