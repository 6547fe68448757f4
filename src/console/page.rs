//! Lines of text with a role for each part: what screens and prompts are made of. Text from outside enters as
//! [`SafeText`] only.

use std::fmt::Display;

use crate::domain::text::Width;
use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;

use super::field::Field;
use super::model::{Model, Screen};
use crate::domain::severity::Severity;
use crate::domain::text::{Outside, SafeText};
use crate::domain::time::Time;

pub use crate::domain::time::moment;

pub mod agree;
pub mod approvals;
pub mod bulk;
pub mod bulletin;
pub mod bulletins;
pub mod confirm;
pub mod detail;
pub mod escalation;
mod evidence;
pub mod fields;
pub mod fill;
pub mod finder;
pub mod folds;
pub mod gates;
pub mod handover;
pub mod help;
pub mod incident;
mod labels;
pub mod leave;
pub mod ledger;
mod lesson;
pub mod line;
pub mod links;
pub mod markdown;
pub mod metrics;
pub mod parameters;
pub mod plan;
pub mod plot;
pub mod postmortem;
pub mod prompt;
pub mod report;
pub mod review;
pub mod roles;
pub mod seek;
pub mod shown;
mod signals;
pub mod sink;
mod snooze;
pub mod strip;
pub mod ties;
pub mod title;
mod together;
mod upstream;
pub mod wall;
pub mod watch;

/// What a piece of text is; the theme says how that looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Ordinary.
    Plain,
    /// Less important.
    Dim,
    /// More important.
    Strong,
    /// A heading.
    Heading,
    /// Something is wrong.
    Bad,
    /// Something may go wrong.
    Warn,
    /// It is as it should be.
    Good,
    /// Typed by the person.
    Typed,
    /// The place of the caret.
    Caret,
    /// The highlighted line.
    Chosen,
    /// A key that works.
    Key,
}

/// One line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line(pub Vec<(Role, String)>);

/// Lines, top first.
pub type Page = Vec<Line>;

impl Line {
    /// A line of one piece.
    pub fn of(role: Role, text: impl Display) -> Self {
        Self::default().and(role, text)
    }

    /// A line with one more piece.
    #[must_use]
    pub fn and(mut self, role: Role, text: impl Display) -> Self {
        self.0.push((role, text.to_string()));
        self
    }

    /// The line with its first piece in this role.
    #[must_use]
    pub fn with_head(mut self, role: Role) -> Self {
        if let Some((head, _)) = self.0.first_mut() {
            *head = role;
        }
        self
    }

    /// The line with every piece in this role.
    #[must_use]
    pub fn in_role(self, role: Role) -> Self {
        Self(self.0.into_iter().map(|(_, text)| (role, text)).collect())
    }

    /// The line's text.
    pub fn text(&self) -> String {
        self.0.iter().map(|(_, text)| text.as_str()).collect()
    }
}

/// An empty line.
pub fn gap() -> Line {
    Line::default()
}

/// Text of ours, or of the configuration, as it may be shown.
pub fn own(text: &str) -> SafeText {
    Outside::new(text).safe()
}

/// A text in lines of at most `cols` cells, broken between words where that is possible. Later lines are indented.
pub fn wrapped(role: Role, head: &str, text: &str, cols: u16) -> Page {
    let cols = usize::from(cols).max(8);
    let indent = head.width().min(cols / 2);
    let mut out = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    let room = cols.saturating_sub(indent).max(4);
    let words = text.split_inclusive(char::is_whitespace).flat_map(|word| {
        // What fits on no line is broken after its commas, if it has some.
        let end = if word.width() > room { ',' } else { '\0' };
        word.split_inclusive(end)
    });
    for word in words {
        let width = word.trim_end().width();
        // What still fits on no line is broken where it stands.
        if used + width > room && used > 0 && width <= room {
            out.push(std::mem::take(&mut line));
            used = 0;
        }
        if word.is_ascii() && used + word.len() <= room {
            line.push_str(word);
            used += word.len();
            continue;
        }
        for cluster in word.graphemes(true) {
            let width = cluster.width();
            if used + width > room && !cluster.trim().is_empty() {
                out.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push_str(cluster);
            used += width;
        }
    }
    if !line.trim().is_empty() || out.is_empty() {
        out.push(line);
    }
    let later = " ".repeat(indent);
    let lines = out.into_iter().enumerate();
    lines
        .map(|(n, text)| Line::of(Role::Dim, if n == 0 { head } else { &later }).and(role, text.trim_end()))
        .collect()
}

/// Pieces of text in lines of at most so many cells, broken between words, and rather between facts (` · `) where that
/// takes no more lines; every line begins with `head` cells of space, the first one with the head itself.
pub fn flowed(head: &str, pieces: &[(Role, String)], cols: u16) -> Page {
    let room = usize::from(cols).saturating_sub(head.width()).max(8);
    let words = pieces.iter().flat_map(|(role, text)| {
        text.split_inclusive(' ').flat_map(|word| broken(word, room)).map(|word| (*role, word))
    });
    let words: Vec<(Role, String)> = words.collect();
    let plain = in_lines(head, &words, room, false);
    if plain.len() < 2 {
        return plain;
    }
    let by_fact = in_lines(head, &words, room, true);
    if by_fact.len() <= plain.len() { by_fact } else { plain }
}

/// These words in lines; `whole`: what fits on a line with all of its fact, and the point behind it, begins a new one.
fn in_lines(head: &str, words: &[(Role, String)], room: usize, whole: bool) -> Page {
    let later = " ".repeat(head.width());
    let mut out = vec![Line::of(Role::Plain, head)];
    let (mut used, mut begins) = (0, true);
    for (at, (role, word)) in words.iter().enumerate() {
        let width = word.trim_end().width();
        let fact = (whole && begins).then(|| fact(words.get(at..).unwrap_or_default()));
        let needs = fact.filter(|fact| *fact <= room).unwrap_or(width);
        begins = word.trim() == POINT;
        if used + needs > room && used > 0 {
            if let Some((_, last)) = out.last_mut().and_then(|line| line.0.last_mut()) {
                last.truncate(last.trim_end().len());
            }
            out.push(Line::of(Role::Plain, &later));
            used = 0;
        }
        if used == 0 && width == 0 {
            continue;
        }
        used += word.width();
        if let Some(line) = out.last_mut() {
            line.0.push((*role, word.clone()));
        }
    }
    out
}

/// Cells of the fact that these words begin with, and of the point behind it.
fn fact(words: &[(Role, String)]) -> usize {
    let end = words.iter().position(|(_, word)| word.trim() == POINT).map_or(words.len(), |end| end + 1);
    let text: String = words.iter().take(end).map(|(_, word)| word.as_str()).collect();
    text.trim_end().width()
}

/// What stands between facts.
const POINT: &str = "·";

/// A word in parts that fit into so many cells.
fn broken(word: &str, room: usize) -> Vec<String> {
    if word.trim_end().width() <= room {
        return vec![word.to_owned()];
    }
    let mut out = vec![String::new()];
    let mut used = 0;
    for cluster in word.graphemes(true) {
        if used + cluster.width() > room && !cluster.trim().is_empty() {
            out.push(String::new());
            used = 0;
        }
        used += cluster.width();
        if let Some(part) = out.last_mut() {
            part.push_str(cluster);
        }
    }
    out
}

/// At most so many lines of a page; what is cut ends with `…`.
pub fn cut(mut page: Page, most: usize, cols: u16) -> Page {
    if page.len() > most {
        page.truncate(most);
        if let Some((last, rest)) = page.last_mut().and_then(|line| line.0.split_last_mut()) {
            let before: usize = rest.iter().map(|(_, text)| text.width()).sum();
            last.1 = own(&format!("{}…", last.1)).clip(usize::from(cols).saturating_sub(before));
        }
    }
    page
}

/// Name and value, the value wrapped.
pub fn pair(name: &str, role: Role, value: &str, cols: u16) -> Page {
    wrapped(role, &format!(" {name:<9} "), value, cols)
}

/// The page with the head of its first line in this role.
pub fn headed(mut page: Page, role: Role) -> Page {
    if let Some(first) = page.first_mut() {
        *first = std::mem::take(first).with_head(role);
    }
    page
}

/// Names in one line: `pd-platform, mail`.
pub fn names(all: &[String]) -> String {
    all.iter().map(|name| own(name).to_string()).collect::<Vec<_>>().join(", ")
}

/// A text in exactly so many cells.
pub fn fitted(text: &str, cells: usize) -> String {
    let text = own(text).clip(cells);
    format!("{text}{}", " ".repeat(cells.saturating_sub(text.width())))
}

/// Rows for a table in a body of so many; the first names the columns.
pub fn table_rows(rows: u16) -> usize {
    usize::from(rows.saturating_sub(1))
}

/// How far a page of so many lines can be scrolled in an area of so many rows.
pub fn furthest(lines: usize, rows: u16) -> u16 {
    u16::try_from(lines.saturating_sub(usize::from(rows))).unwrap_or(u16::MAX)
}

/// The page that fills the screen, unless a list does.
pub fn of_screen(model: &Model, cols: u16, now: Time) -> Page {
    match &model.screen {
        Screen::Triage | Screen::Review => Page::new(),
        Screen::Monitors { .. } => watch::monitors(model, cols, now),
        Screen::Sources { .. } => watch::sources(model, cols, now),
        Screen::Sink { .. } => sink::page(model, cols, now),
        Screen::Incident { id, .. } => incident::page(model, id, cols, now),
        Screen::PostMortem { id, .. } => postmortem::page(model, id, cols),
        Screen::HandOver { .. } => handover::page(model, cols, now),
        Screen::Metrics { .. } => metrics::page(model, cols),
        Screen::Approvals => approvals::page(model, now),
        Screen::Ledger => ledger::page(model, now),
        Screen::Record { seq, .. } => ledger::record(model, *seq, cols),
        Screen::Help { .. } => help::page(model, cols),
    }
}

/// What stands for the end of a line in a field of one line.
const LINE_END: &str = "⏎";

/// Lines of which the first stands behind a head, and the others below its text.
pub fn hanging(role: Role, head: &str, lines: &[String], cols: u16) -> Page {
    let below = " ".repeat(head.width());
    let heads = std::iter::once(head).chain(std::iter::repeat(below.as_str()));
    heads.zip(lines).flat_map(|(head, line)| wrapped(role, head, line, cols)).collect()
}

/// A text field with its caret: `name: text`. Where a line ends in it, that is seen.
pub fn field(head: &str, field: &Field, exact: bool) -> Line {
    let shown = |text: &str| {
        let text = Outside::new(if exact { text.to_owned() } else { text.replace('\n', LINE_END) });
        match (text.raw().is_empty(), exact) {
            (true, _) => String::new(),
            (_, true) => text.exact().to_string(),
            // White space alone would be shown as a word.
            _ if text.is_blank() => " ".repeat(text.raw().chars().count()),
            _ => text.safe().to_string(),
        }
    };
    let (before, after) = field.parts();
    let mut rest = after.chars();
    let at = rest.next().map_or(" ".to_owned(), |c| shown(&c.to_string()));
    Line::of(Role::Plain, head)
        .and(Role::Typed, shown(before))
        .and(Role::Caret, at)
        .and(Role::Typed, shown(rest.as_str()))
}

/// The sign of a severity.
pub fn sign(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "!!",
        Severity::High => " !",
        Severity::Normal => " ·",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_broken_between_words_and_long_words_anywhere() {
        let lines = |text: &str, cols| -> Vec<String> {
            wrapped(Role::Plain, "> ", text, cols).iter().map(Line::text).collect()
        };
        assert_eq!(lines("one two three", 10), ["> one two", "  three"]);
        assert_eq!(lines("abcdefghijkl", 8), ["> abcdef", "  ghijkl"]);
        assert_eq!(lines("", 10), ["> "]);
        assert_eq!(lines("取引停止", 8), ["> 取引停", "  止"]);
        assert_eq!(lines("{\"a\":1,\"bc\":2,\"d\":3}", 14), ["> {\"a\":1,", "  \"bc\":2,", "  \"d\":3}"]);
    }

    #[test]
    fn pieces_flow_and_a_word_that_fits_on_no_line_is_broken() {
        let pieces = [(Role::Plain, "one two ".to_owned()), (Role::Bad, "abcdefghijklmno".to_owned())];
        let lines: Vec<String> = flowed("> ", &pieces, 12).iter().map(Line::text).collect();
        assert_eq!(lines, ["> one two", "  abcdefghij", "  klmno"]);
    }

    #[test]
    fn facts_are_broken_between_each_other_before_they_are_broken_within() {
        let flow = |text: &str, cols| -> Vec<String> {
            let pieces: Vec<_> = text.split_inclusive("· ").map(|it| (Role::Plain, it.to_owned())).collect();
            flowed(" ", &pieces, cols).iter().map(Line::text).collect()
        };
        assert_eq!(flow("Lead — · Held by ana until noon", 24), [" Lead — ·", " Held by ana until noon"]);
        let longer = [" Lead — · Held", " by ana until", " noon"];
        assert_eq!(flow("Lead — · Held by ana until noon", 15), longer, "a fact that fits on no line");
    }

    #[test]
    fn what_is_cut_says_so_within_its_cells() {
        let cut = |text: &str, most| -> Vec<String> {
            cut(wrapped(Role::Plain, " ", text, 10), most, 10).iter().map(Line::text).collect()
        };
        assert_eq!(cut("one two three four", 2), [" one two", " three…"]);
        assert_eq!(cut("123456789 123456789 1", 2), [" 123456789", " 12345678…"]);
        assert_eq!(cut("one", 1), [" one"]);
    }
}
