//! What people believe of an incident, and what they ruled out: notes that begin with a word for it.

use crate::domain::record::{Entry, Record};
use crate::domain::text::Outside;

/// How a note begins that says what somebody believes.
const HYPOTHESIS: &str = "hypothesis:";

/// How a note begins that says which belief is wrong, in words of it.
const NOT: &str = "not:";

/// Hypotheses that are shown.
const HYPOTHESES: usize = 3;

/// The note that says what somebody believes; "not", with words of an earlier one, that it is wrong.
pub fn hypothesis(text: &Outside) -> Outside {
    let text = text.raw().trim();
    Outside::new(if after(text, NOT).is_some() { text.to_owned() } else { format!("{HYPOTHESIS} {text}") })
}

/// What a note says is wrong: words of a hypothesis, which a reason may follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Denied<'a> {
    words: &'a str,
    why: &'a str,
}

impl<'a> Denied<'a> {
    /// What this note denies, where it denies anything.
    pub fn by(note: &'a Outside) -> Option<Self> {
        let believed = || after(note.raw(), HYPOTHESIS).and_then(|believed| after(believed, "not "));
        let said = after(note.raw(), NOT).or_else(believed)?;
        let (words, why) = said.split_once(" because ").unwrap_or((said, ""));
        Some(Self { words: words.trim(), why: why.trim() })
    }

    /// Whether it leaves no doubt about which of the hypotheses in these records is wrong; it may be about none.
    ///
    /// # Errors
    /// Those it may be about.
    pub fn is_clear(self, records: &[Record]) -> Result<(), String> {
        let all = Beliefs::whole(records);
        let several: Vec<String> =
            all.meant(self.words).into_iter().map(|one| format!("\"{}\"", one.safe())).collect();
        if several.len() < 2 {
            return Ok(());
        }
        let words = Outside::new(self.words);
        Err(format!("\"{}\" may be {}; name one by more of its words", words.safe(), several.join(" or ")))
    }

    /// That it rules nothing out of what these records say is believed, where that is so: it stands as it was written.
    pub fn rules_nothing_out(self, records: &[Record]) -> Option<String> {
        let all = Beliefs::whole(records);
        if !all.meant(self.words).is_empty() {
            return None;
        }
        let some: Vec<String> =
            all.standing.iter().take(HYPOTHESES).map(|it| format!("\"{}\"", it.safe())).collect();
        let there = if some.is_empty() {
            "there is none".to_owned()
        } else {
            format!("there is {}", some.join(", "))
        };
        Some(format!(
            "it rules nothing out: no hypothesis says \"{}\", {there}",
            Outside::new(self.words).safe()
        ))
    }
}

/// What is believed and what was ruled out, newest first.
#[derive(Default)]
pub(super) struct Beliefs {
    pub(super) standing: Vec<Outside>,
    pub(super) ruled_out: Vec<Outside>,
}

impl Beliefs {
    /// As many as are shown.
    pub(super) fn of(records: &[Record]) -> Self {
        let mut all = Self::whole(records);
        all.standing.truncate(HYPOTHESES);
        all.ruled_out.truncate(HYPOTHESES);
        all
    }

    fn whole(records: &[Record]) -> Self {
        let mut all = Self::default();
        for record in records {
            let Entry::Noted { text } = &record.entry else { continue };
            let ruled_out = Denied::by(text).is_some_and(|denied| all.rule_out(denied));
            let believed = after(text.raw(), HYPOTHESIS).filter(|words| !words.is_empty() && !ruled_out);
            if let Some(believed) = believed {
                all.standing.insert(0, Outside::new(believed));
            }
        }
        all
    }

    /// Strikes out the one that is meant. Says whether there was one.
    fn rule_out(&mut self, denied: Denied<'_>) -> bool {
        let [struck] = self.meant(denied.words)[..] else { return false };
        let struck = struck.clone();
        self.standing.retain(|one| *one != struck);
        let why = if denied.why.is_empty() { String::new() } else { format!(", because {}", denied.why) };
        self.ruled_out.insert(0, Outside::new(format!("{}{why}", struck.raw())));
        true
    }

    /// The hypotheses that these words can mean, each once: the one that says just them, else those that have them.
    fn meant(&self, words: &str) -> Vec<&Outside> {
        let words = words.to_lowercase();
        let has = |fits: &dyn Fn(&str) -> bool| {
            let mut found: Vec<&Outside> = Vec::new();
            for one in self.standing.iter().filter(|one| fits(&one.raw().to_lowercase())) {
                if !found.contains(&one) {
                    found.push(one);
                }
            }
            found
        };
        if words.is_empty() {
            return Vec::new();
        }
        let same = has(&|one| one == words);
        if same.is_empty() { has(&|one| has_words(one, &words)) } else { same }
    }
}

/// Whether a text has these words, none of them cut off.
fn has_words(text: &str, words: &str) -> bool {
    // Scripts that set no spaces say nowhere where a word ends.
    let in_word = |c: char| c.is_alphanumeric() && c < '\u{2e80}';
    let joined = |a: Option<char>, b: Option<char>| a.is_some_and(in_word) && b.is_some_and(in_word);
    let whole = |(at, found): (usize, &str)| {
        let (before, rest) = text.split_at_checked(at).unwrap_or_default();
        let behind = rest.get(found.len()..).unwrap_or_default();
        !joined(before.chars().next_back(), words.chars().next())
            && !joined(words.chars().next_back(), behind.chars().next())
    };
    text.match_indices(words).any(whole)
}

/// What follows these words at the beginning of a text, however they are written.
fn after<'a>(text: &'a str, words: &str) -> Option<&'a str> {
    let (begins, rest) = text.trim_start().split_at_checked(words.len())?;
    begins.eq_ignore_ascii_case(words).then(|| rest.trim())
}
