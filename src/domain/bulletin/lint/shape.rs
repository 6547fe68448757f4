//! Parts that say something, at a length people read, in plain visible text.

use std::sync::LazyLock;

use unicode_segmentation::UnicodeSegmentation;

use super::fold::is_mixed;
use super::reading::{Patterns, Reading};
use super::{Findings, Rule, quoted};
use crate::domain::bulletin::Part;
use crate::domain::text::{SafeText, is_safe_symbol};

/// Characters of the one line.
const HEADLINE: usize = 120;
/// Characters of a part.
const PART: usize = 1500;
/// Characters of the whole.
const LETTER: usize = 6000;
/// Lines of the whole: more are not read, and what shows it before it leaves never has to cut it.
const LINES: usize = 200;

/// What stands where nobody wrote anything.
const NOTHING: [&str; 9] = ["n/a", "na", "none", "tbd", "tba", "todo", "same", "see above", "as before"];

pub(super) const LEFT_OVER: &[(&str, &str)] = &[
    (r"\{\{[^}]*\}?\}?", "a name without its value"),
    (
        r"(?i)\[(?:insert|your|name|time|date|product|number|link|reason|tb[dac]|x+)\b[^\]]*\]",
        "a gap to fill",
    ),
    (r"\b(?:TBD|TBA|TBC|TODO|FIXME|XXX+)\b", "a gap to fill"),
    (r"(?i)\blorem ipsum\b", "filler"),
    (r"\?\?\?+|_{3,}", "a gap to fill"),
];
pub(super) const MARKS: &[(&str, &str)] = &[
    (r"(?i)</?[a-z!][^>\n]*>", "HTML or a chat's own syntax"),
    (r"<[@#!][^>\n]*>", "a mention"),
    (r"(?i)(?:^|\s)@(?:here|channel|everyone|all|group)\b", "a mention"),
    (r"!?\[[^\]\n]+\]\([^)\n]*\)", "a Markdown link"),
    (r"```|`[^`\n]+`|\*\*[^*\n]+\*\*", "Markdown"),
    (r"(?im)^#{1,6} ", "Markdown"),
    (r"&(?:#\d+|#x[0-9a-fA-F]+|[a-z]{2,8});", "an HTML entity"),
];

static LEFT: LazyLock<Patterns> = LazyLock::new(|| Patterns::new(LEFT_OVER));
static MARKUP: LazyLock<Patterns> = LazyLock::new(|| Patterns::new(MARKS));

pub(super) fn check(reading: &Reading<'_>, findings: &mut Findings) {
    let part = reading.part;
    let said = reading.lower.trim_matches(|c: char| !c.is_alphanumeric());
    if said.is_empty() || NOTHING.contains(&said) {
        let remedy = match part {
            Part::Todo => "if there is nothing to do, say \"You do not need to do anything.\"",
            _ => "write it, or begin with a template",
        };
        findings.add(Rule::EmptyPart, part, "it says nothing", remedy);
    }
    for (found, what) in LEFT.all(&reading.text) {
        findings.add(Rule::Unfilled, part, format!("{what}: {}", quoted(found)), "fill it in or remove it");
    }
    let limit = if part == Part::Headline { HEADLINE } else { PART };
    let long = reading.raw.chars().count();
    if long > limit {
        findings.add(Rule::Length, part, format!("{long} characters"), format!("say it in at most {limit}"));
    }
    if part == Part::Headline && reading.raw.trim().lines().count() > 1 {
        findings.add(Rule::Length, part, "it has more than one line", "say it in one");
    }
    characters(reading, findings);
    markup(reading, findings);
}

/// What is looked for in the letter as a whole.
pub(super) fn check_letter(reading: &Reading<'_>, findings: &mut Findings) {
    let long = reading.raw.chars().count();
    if long > LETTER {
        let message = format!("{long} characters in all");
        findings.add(Rule::Length, Part::Letter, message, format!("say it in at most {LETTER}"));
    }
    let lines = reading.raw.lines().count();
    if lines > LINES {
        let message = format!("{lines} lines in all");
        findings.add(Rule::Length, Part::Letter, message, format!("say it in at most {LINES}"));
    }
    characters(reading, findings);
    markup(reading, findings);
}

fn characters(reading: &Reading<'_>, findings: &mut Findings) {
    let mut odd = |message: String, remedy: &str| {
        findings.add(Rule::Characters, reading.part, message, remedy);
    };
    let visible = |cluster: &&str| !matches!(*cluster, "\n" | "\r\n") && !is_safe_symbol(cluster);
    if let Some(cluster) = reading.raw.graphemes(true).find(visible) {
        let shown = SafeText::exact(cluster).clip(24);
        odd(format!("a character that is invisible or shows as something else: {shown}"), "remove it");
    }
    if let Some(c) = reading.raw.chars().find(|c| is_disguised(*c)) {
        let shown = SafeText::exact(c.encode_utf8(&mut [0; 4])).clip(24);
        odd(format!("a letter or digit in disguise: {shown}"), "type the plain one");
    }
    if let Some(word) = reading.raw.split(|c: char| !c.is_alphanumeric()).find(|word| is_mixed(word)) {
        let shown = SafeText::exact(word).clip(48);
        odd(format!("a word of two alphabets: {shown}"), "type it in one");
    }
}

/// A variant of a plain letter or digit, made for mathematics, circles or narrow columns.
fn is_disguised(c: char) -> bool {
    matches!(c,
        '\u{ff10}'..='\u{ff19}' | '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}'
        | '\u{1d400}'..='\u{1d7ff}' | '\u{2460}'..='\u{24ff}' | '\u{1f100}'..='\u{1f189}')
}

fn markup(reading: &Reading<'_>, findings: &mut Findings) {
    for (found, what) in MARKUP.all(&reading.text) {
        findings.add(Rule::Markup, reading.part, format!("{what}: {}", quoted(found)), "write plain text");
    }
}
