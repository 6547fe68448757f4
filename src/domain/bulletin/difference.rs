//! What changed since the last bulletin, word by word.

use serde::{Deserialize, Serialize};
use similar::{Algorithm, ChangeTag, capture_diff_slices};
use unicode_segmentation::UnicodeSegmentation;

use super::{Bulletin, Part};
use crate::domain::text::Outside;
use crate::domain::time::Time;

/// What became of a run of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fate {
    /// It stands in both.
    Kept,
    /// It is new.
    Added,
    /// It is gone.
    Removed,
}

/// A run of words with the same fate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// What became of it.
    pub fate: Fate,
    /// The words, with the space between them.
    pub text: Outside,
}

/// What changed in one part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The part.
    pub part: Part,
    /// Its runs in order.
    pub runs: Vec<Run>,
}

impl Difference {
    /// Whether anything changed.
    pub fn is_any(&self) -> bool {
        self.runs.iter().any(|run| run.fate != Fate::Kept)
    }
}

/// What changed from one bulletin to the next, part by part, unchanged parts included.
pub fn difference(before: &Bulletin, after: &Bulletin) -> Vec<Difference> {
    let next =
        |at: Option<Time>| at.map(|at| at.format("%Y-%m-%d %H:%M UTC").to_string()).unwrap_or_default();
    let texts = before.written().into_iter().zip(after.written());
    let mut all = vec![of(Part::Status, before.status.word(), after.status.word())];
    all.extend(texts.map(|((part, old), (_, new))| of(part, old.raw(), new.raw())));
    all.push(of(Part::Next, &next(before.next_at), &next(after.next_at)));
    all
}

fn of(part: Part, before: &str, after: &str) -> Difference {
    let old: Vec<&str> = before.split_word_bounds().collect();
    let new: Vec<&str> = after.split_word_bounds().collect();
    let mut runs: Vec<(Fate, String)> = Vec::new();
    for change in
        capture_diff_slices(Algorithm::Myers, &old, &new).iter().flat_map(|op| op.iter_changes(&old, &new))
    {
        let fate = match change.tag() {
            ChangeTag::Equal => Fate::Kept,
            ChangeTag::Insert => Fate::Added,
            ChangeTag::Delete => Fate::Removed,
        };
        match runs.last_mut() {
            Some((last, text)) if *last == fate => text.push_str(change.value()),
            _ => runs.push((fate, change.value().to_owned())),
        }
    }
    let run = |(fate, text)| Run { fate, text: Outside::new(text) };
    Difference { part, runs: runs.into_iter().map(run).collect() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(before: &str, after: &str) -> String {
        let mark = |run: &Run| match run.fate {
            Fate::Kept => run.text.raw().to_owned(),
            Fate::Added => format!("+{}+", run.text.raw()),
            Fate::Removed => format!("-{}-", run.text.raw()),
        };
        of(Part::Headline, before, after).runs.iter().map(mark).collect()
    }

    #[test]
    fn words_are_compared_and_not_letters() {
        assert_eq!(shown("orders are slow", "orders are late"), "orders are -slow-+late+");
        assert_eq!(shown("about 1,200 users", "about 1,500 users"), "about -1,200-+1,500+ users");
        assert_eq!(shown("", "new"), "+new+");
        assert_eq!(shown("same", "same"), "same");
    }

    proptest! {
        #[test]
        fn both_texts_can_be_read_back(before in "[a-c \u{301}é\n]{0,30}", after in "[a-c \u{301}é\n]{0,30}") {
            let runs = of(Part::Headline, &before, &after).runs;
            let without = |fate| -> String {
                runs.iter().filter(|run| run.fate != fate).map(|run| run.text.raw()).collect()
            };
            prop_assert_eq!(without(Fate::Added), before);
            prop_assert_eq!(without(Fate::Removed), after);
        }
    }
}
