//! Markdown in which no text from outside can be anything but text.

use super::text::SafeText;

/// A page that is written from top to bottom. Whatever text is put in stays text: no markup, no HTML, no link, and
/// never more than the one line, cell or heading it was put into.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page(String);

impl Page {
    /// A page with this title.
    pub fn new(title: &str) -> Self {
        Self(format!("# {}\n", text(title)))
    }

    /// Begins a part.
    pub fn section(&mut self, title: &str) {
        self.0.push_str(&format!("\n## {}\n", text(title)));
    }

    /// One paragraph.
    pub fn paragraph(&mut self, words: &str) {
        self.0.push_str(&format!("\n{}\n", text(words)));
    }

    /// A list; nothing when it is empty.
    pub fn list(&mut self, items: impl IntoIterator<Item = String>) {
        let mut items = items.into_iter().peekable();
        if items.peek().is_some() {
            self.0.push('\n');
        }
        items.for_each(|item| self.0.push_str(&format!("- {}\n", text(&item))));
    }

    /// A table; an empty cell says that there is nothing to say.
    pub fn table<const N: usize>(&mut self, heads: [&str; N], rows: impl IntoIterator<Item = [String; N]>) {
        let line = |cells: [String; N]| format!("| {} |\n", cells.join(" | "));
        self.0.push_str(&format!("\n{}", line(heads.map(text))));
        self.0.push_str(&line([(); N].map(|()| "---".to_owned())));
        for row in rows {
            let cell = |cell: String| if cell.trim().is_empty() { "—".to_owned() } else { text(&cell) };
            self.0.push_str(&line(row.map(cell)));
        }
    }

    /// The whole page.
    pub fn into_text(self) -> String {
        self.0
    }
}

/// Text as Markdown that shows exactly its readable form and is nothing but text, wherever it is put in a line.
pub fn text(words: &str) -> String {
    let safe = SafeText::display(words);
    let line: Vec<char> = safe.trim().chars().collect();
    let at = |place: usize| line.get(place).copied();
    let mut out = String::with_capacity(safe.len());
    // A number at the start would begin a list with the mark that follows it.
    let digits = line.iter().take_while(|c| c.is_ascii_digit()).count();
    for (place, c) in line.iter().copied().enumerate() {
        let (before, after) = (place.checked_sub(1).and_then(at), at(place + 1));
        let inside = before.is_some_and(char::is_alphanumeric) && after.is_some_and(char::is_alphanumeric);
        let escaped = match c {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '|' | '~' | '^' | '$' | '{' | '}' => true,
            '_' => !inside,
            '&' => after.is_some_and(|next| next == '#' || next.is_alphabetic()),
            // A scheme, or a name between colons that becomes a picture.
            ':' => after.is_some_and(|next| next.is_alphabetic() || matches!(next, '/' | '+' | '-' | '_')),
            '.' | ')' if place == digits && digits > 0 && after.is_none_or(char::is_whitespace) => true,
            // A host name, which some readers make a link of.
            '.' => after.is_some_and(char::is_alphabetic) && before.is_some_and(|c| !c.is_whitespace()),
            '=' => place == 0 || after == Some('=') || before == Some('='),
            '#' | '+' | '-' => place == 0,
            _ => false,
        };
        match c {
            // No escape keeps readers from making a link or a call of this one.
            '@' => out.push_str("`@`"),
            c if escaped => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_words_stay_as_they_are() {
        for words in [
            "Order gateway refuses connections: 100 % of orders (eu-1), gw_2 – at 14:02:11Z",
            "203.0.113.7 since 2026-11-20. Then?",
            "R & D, 5 #1",
        ] {
            assert_eq!(text(words), words);
        }
    }

    #[test]
    fn what_could_be_markup_is_escaped() {
        for (words, written) in [
            ("# x", "\\# x"),
            ("- x - y", "\\- x - y"),
            ("12. x", "12\\. x"),
            ("a | b", "a \\| b"),
            ("a\nb", "a\\\\nb"),
            ("<b>&lt;", "\\<b\\>\\&lt;"),
            ("[x](https://evil.example)", "\\[x\\](https\\://evil\\.example)"),
            ("ops@evil.example", "ops`@`evil\\.example"),
            ("_x_", "\\_x\\_"),
            ("", "(blank)"),
        ] {
            assert_eq!(text(words), written);
        }
    }
}
