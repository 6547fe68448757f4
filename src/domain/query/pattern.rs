//! Values with `*` in them.

/// Literal pieces with anything between them; one piece is a literal value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Pattern {
    first: String,
    rest: Vec<String>,
}

impl Pattern {
    /// Appends a literal character.
    pub(super) fn push(&mut self, c: char) {
        self.rest.last_mut().unwrap_or(&mut self.first).push(c);
    }

    /// Appends a `*`.
    pub(super) fn push_any(&mut self) {
        self.rest.push(String::new());
    }

    /// The text it stands for, where it has no `*`.
    pub(super) fn literal(&self) -> Option<&str> {
        self.rest.is_empty().then_some(self.first.as_str())
    }

    /// As it is read by a person, with `*` for anything.
    pub(super) fn text(&self) -> String {
        self.rest.iter().fold(self.first.clone(), |text, piece| format!("{text}*{piece}"))
    }

    /// The same in lower case.
    pub(super) fn to_lowercase(&self) -> Self {
        Self { first: self.first.to_lowercase(), rest: self.rest.iter().map(|p| p.to_lowercase()).collect() }
    }

    /// Whether it matches the whole text.
    pub(super) fn matches(&self, text: &str) -> bool {
        let Some((last, middle)) = self.rest.split_last() else { return text == self.first };
        text.strip_prefix(self.first.as_str())
            .and_then(|after| find_all(after, middle))
            .is_some_and(|after| after.ends_with(last.as_str()))
    }

    /// Whether it matches a part of the text.
    pub(super) fn is_in(&self, text: &str) -> bool {
        find_all(text, std::slice::from_ref(&self.first))
            .and_then(|after| find_all(after, &self.rest))
            .is_some()
    }
}

/// What follows the pieces when each is taken where it first occurs after the one before.
fn find_all<'a>(text: &'a str, pieces: &[String]) -> Option<&'a str> {
    pieces.iter().try_fold(text, |text, piece| text.split_once(piece.as_str()).map(|(_, after)| after))
}
