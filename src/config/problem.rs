//! What is wrong with a configuration, said with its place and a remedy.

use std::fmt;
use std::ops::Range;

use crate::domain::text::SafeText;

/// What is shown in place of a secret.
pub(super) const HIDDEN: &str = "••••";
/// Keys whose values are not repeated in messages, wherever they stand.
const SECRET_WORDS: [&str; 5] = ["token", "secret", "password", "routing_key", "api_key"];

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// In one line.
    pub message: String,
    /// What to do about it.
    pub remedy: Option<String>,
    /// Where.
    pub place: Option<Place>,
}

/// Where in the file something is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The line as it may be shown.
    excerpt: String,
    /// Cells before the marked part.
    indent: usize,
    /// Cells of the marked part.
    width: usize,
}

impl Place {
    /// The place of these bytes of a file.
    pub(super) fn of(text: &str, span: &Range<usize>, secrets: &[Range<usize>]) -> Self {
        let before = text.get(..span.start).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let whole = text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default();
        let end = span.end.clamp(span.start, start + whole.len());
        let lead = text.get(start..span.start).unwrap_or_default();
        let marked = text.get(span.start..end).unwrap_or_default();
        let hidden = secrets.iter().any(|secret| secret.start < start + whole.len() && start < secret.end);
        Self {
            line,
            column: lead.chars().count() + 1,
            excerpt: excerpt(whole, hidden),
            indent: width(lead),
            width: if hidden { 1 } else { width(marked).max(1) },
        }
    }
}

/// The line of bytes within a text, from 1.
pub(super) fn line_of(text: &str, at: usize) -> usize {
    text.get(..at).unwrap_or(text).matches('\n').count() + 1
}

/// Whether a text holds a URL with a user's name and password in it.
pub(super) fn holds_login(text: &str) -> bool {
    let hosts = text.split("://").skip(1).filter_map(|rest| rest.split(['/', '"', '\'']).next());
    hosts.into_iter().any(|host| host.contains('@'))
}

fn excerpt(line: &str, hidden: bool) -> String {
    let hidden = hidden || holds_login(line);
    let secret = |key: &str| SECRET_WORDS.iter().any(|word| key.trim().eq_ignore_ascii_case(word));
    let shown = match line.split_once('=') {
        Some((key, _)) if secret(key) || (hidden && is_key(key)) => format!("{key}= {HIDDEN}"),
        _ if hidden && !is_header(line) => HIDDEN.to_owned(),
        _ => line.to_owned(),
    };
    SafeText::display(&shown.replace('\t', " ")).to_string()
}

/// Whether this is surely a key, and no part of a value over several lines.
fn is_key(text: &str) -> bool {
    text.ends_with(' ') && text.trim().bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
}

/// Whether this is the header of a table.
fn is_header(line: &str) -> bool {
    line.trim_start().starts_with('[') && !line.contains(['"', '\'', '='])
}

fn width(text: &str) -> usize {
    // A run of spaces alone would be shown as a blank.
    SafeText::display(&format!("|{}", text.replace('\t', " "))).width() - 1
}

/// Everything that is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems {
    /// The file.
    pub file: String,
    /// In the order of lines.
    pub list: Vec<Problem>,
}

impl Problems {
    /// One problem of a file as a whole.
    pub fn one(file: impl Into<String>, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        let problem = Problem { message: message.into(), remedy: Some(remedy.into()), place: None };
        Self { file: file.into(), list: vec![problem] }
    }
}

impl std::error::Error for Problems {}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = SafeText::display(&self.file);
        for (number, problem) in self.list.iter().enumerate() {
            if number > 0 {
                writeln!(f)?;
            }
            writeln!(f, "error: {}", SafeText::display(&problem.message))?;
            let gutter = match &problem.place {
                Some(place) => {
                    let gutter = place.line.to_string().len();
                    writeln!(f, "{:gutter$}--> {file}:{}:{}", "", place.line, place.column)?;
                    writeln!(f, "{:gutter$} |", "")?;
                    writeln!(f, "{} | {}", place.line, place.excerpt)?;
                    writeln!(
                        f,
                        "{:gutter$} | {:indent$}{:^<width$}",
                        "",
                        "",
                        "",
                        indent = place.indent,
                        width = place.width
                    )?;
                    gutter
                }
                None => {
                    writeln!(f, " --> {file}")?;
                    1
                }
            };
            if let Some(remedy) = &problem.remedy {
                writeln!(f, "{:gutter$} = {}", "", SafeText::display(remedy))?;
            }
        }
        if self.list.len() > 1 {
            writeln!(f, "\n{} problems", self.list.len())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_found_and_a_secret_is_not_shown() {
        let text = "a = 1\n\turl = \"https://hooks/T0/canary\"\ntoken = \"canary\"\n";
        let place = Place::of(text, &(7..10), &[]);
        assert_eq!((place.line, place.column, place.indent, place.width), (2, 2, 1, 3));
        let at = text.find("\"https").unwrap();
        let secret = at..text.find("\ntoken").unwrap();
        assert!(!Place::of(text, &(7..10), &[secret]).excerpt.contains("canary"));
        let token = text.find("token").unwrap();
        assert!(!Place::of(text, &(token..token + 5), &[]).excerpt.contains("canary"));
    }
}
