//! Queries: the one language of the filter, of `when`, and of the command line.
//!
//! ```text
//! query   = all { "or" all }              all  = one { one }
//! one     = "-" one | "(" query ")" | term
//! term    = text | "text in quotes"
//!         | sev:S  phase:P  category:C  service:V  source:V  label:K  label:K=V
//!         | holder:V  is:acked|stale|mine|unknown|snoozed  age>10m  users>=100        (also < <=)
//! ```
//! A comma between values means any of them; `*` in a value stands for any characters unless quoted. `holder:me` is
//! whoever asks.

mod lex;
mod narrow;
mod parse;
mod pattern;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::category::Category;
use super::fuzzy::fit;
use super::phase::Phase;
use super::severity::Severity;
use super::time::{Span, Time};
use pattern::Pattern;

/// A question with yes or no as answer about an incident or a signal. Written as its source everywhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Query {
    source: String,
    expr: Expr,
}

/// What a query can be asked about.
pub trait Subject {
    /// How bad it is, where that is known.
    fn severity(&self) -> Option<Severity>;
    /// Where the response stands; a signal has none.
    fn phase(&self) -> Option<Phase>;
    /// What sort of trouble it is, where that is known.
    fn category(&self) -> Option<Category>;
    /// The service concerned, or nothing.
    fn service(&self) -> &str;
    /// Every value of the label: signals of one incident may differ in it.
    fn label(&self, key: &str) -> Vec<&str>;
    /// The names of the sources it came from.
    fn sources(&self) -> Vec<&str>;
    /// Whether anybody holds it, here or at its source.
    fn is_acked(&self) -> bool {
        self.owner().is_some()
    }
    /// Who holds the acknowledgement.
    fn owner(&self) -> Option<&str>;
    /// Whether none of its sources can be trusted to be current.
    fn is_stale(&self) -> bool;
    /// Whether an action on it has an unknown outcome.
    fn is_unknown(&self) -> bool;
    /// Whether somebody put it off, and its time is not over.
    fn is_snoozed(&self, _now: Time) -> bool {
        false
    }
    /// Since when.
    fn opened_at(&self) -> Option<Time>;
    /// How many users are affected; `None` if it is no such thing, as a signal is not.
    fn users(&self) -> Option<Users>;
    /// Who holds it, here or at its source.
    fn holders(&self) -> Vec<&str> {
        self.owner().into_iter().collect()
    }
    /// What quell calls it; a word that has no digit does not mean it, and no rule asks for it.
    fn id(&self) -> Option<String> {
        None
    }
    /// All that a text search looks into: title, service, upstream ids, label values.
    fn text(&self) -> Vec<Cow<'_, str>>;
    /// What people told of it besides: who looks for it means that as well, and no rule does.
    fn told(&self) -> Vec<Cow<'_, str>> {
        Vec::new()
    }
}

/// How many users are affected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Users {
    /// Nobody knows: counts as more than any number.
    Unknown,
    /// At least and at most so many; the most counts.
    Between(u64, u64),
}

/// Whoever asks, where a holder is named.
pub const ME: &str = "me";

/// Who asks, and when.
#[derive(Clone, Copy, Debug)]
pub struct Asker<'a> {
    /// The operator's name, for `is:mine`.
    pub me: &'a str,
    /// The time ages are counted to.
    pub now: Time,
}

/// Why a text is no query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct QueryError {
    /// The bytes of the source that are wrong.
    pub at: Range<usize>,
    /// One sentence that names the word and says what is possible. Holds no control characters.
    pub message: String,
}

#[derive(Clone, Debug, PartialEq)]
enum Expr {
    All(Vec<Expr>),
    Any(Vec<Expr>),
    Not(Box<Expr>),
    Term(Term),
}

#[derive(Clone, Debug, PartialEq)]
enum Term {
    Severity(Vec<Severity>),
    Phase(Vec<Phase>),
    Category(Vec<Category>),
    Service(Vec<Pattern>),
    Source(Vec<Pattern>),
    Holder(Vec<Pattern>),
    HasLabel(Vec<String>),
    Label(String, Vec<Pattern>),
    Is(Vec<State>),
    Age(Comparison, Span),
    Users(Comparison, u64),
    /// In lower case.
    Text(Pattern),
    /// A text without quotation marks and stars, in lower case: who looks for something may mean what is like it.
    Word(String),
}

/// How a word is looked for.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Search {
    /// As it is written, and only in what says what is wrong: what a rule does must not hang on a number that was handed out.
    Rule,
    /// As it is written, wherever a person may look.
    Written,
    /// What its letters could mean counts as well.
    Loose,
}

/// A word of fewer letters means nothing but itself.
const LOOSE_FROM: usize = 3;

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Acked,
    Stale,
    Mine,
    Unknown,
    Snoozed,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Comparison {
    Less,
    AtMost,
    AtLeast,
    More,
}

impl Query {
    /// Reads a query; an empty one matches everything.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place.
    pub fn parse(source: &str) -> Result<Self, QueryError> {
        Ok(Self { source: source.to_owned(), expr: parse::parse(source)? })
    }

    /// `sev:critical`.
    pub fn critical() -> Self {
        let critical = Term::Severity(vec![Severity::Critical]);
        Self { source: "sev:critical".to_owned(), expr: Expr::Term(critical) }
    }

    /// The query that matches everything.
    pub fn everything() -> Self {
        Self { source: String::new(), expr: Expr::All(Vec::new()) }
    }

    /// As it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether its answer changes with time alone.
    pub fn asks_age(&self) -> bool {
        let snoozed = |any: &[State]| any.contains(&State::Snoozed);
        self.expr.asks(&|term| matches!(term, Term::Age(..)) || matches!(term, Term::Is(any) if snoozed(any)))
    }

    /// Whether it says anything about phases.
    pub fn asks_phase(&self) -> bool {
        self.expr.asks(&|term| matches!(term, Term::Phase(_)))
    }

    /// The answer for a rule of the configuration.
    pub fn matches(&self, subject: &impl Subject, asker: &Asker<'_>) -> bool {
        self.expr.matches(subject, asker, Search::Rule)
    }

    /// The answer for somebody who says what they mean: ids and what people told count as well.
    pub fn means(&self, subject: &impl Subject, asker: &Asker<'_>) -> bool {
        self.expr.matches(subject, asker, Search::Written)
    }

    /// The answer for somebody who looks for something: words also find what their letters could mean. What is excluded
    /// is excluded only where it says so.
    pub fn finds(&self, subject: &impl Subject, asker: &Asker<'_>) -> bool {
        self.expr.matches(subject, asker, Search::Loose)
    }
}

impl Expr {
    fn asks(&self, so: &impl Fn(&Term) -> bool) -> bool {
        match self {
            Self::All(parts) | Self::Any(parts) => parts.iter().any(|part| part.asks(so)),
            Self::Not(part) => part.asks(so),
            Self::Term(term) => so(term),
        }
    }

    fn matches(&self, subject: &impl Subject, asker: &Asker<'_>, search: Search) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.matches(subject, asker, search)),
            Self::Any(parts) => parts.iter().any(|part| part.matches(subject, asker, search)),
            Self::Not(part) if search == Search::Loose => !part.matches(subject, asker, Search::Written),
            Self::Not(part) => !part.matches(subject, asker, search),
            Self::Term(term) => term.matches(subject, asker, search),
        }
    }
}

impl Term {
    fn matches(&self, subject: &impl Subject, asker: &Asker<'_>, search: Search) -> bool {
        match self {
            Self::Severity(any) => subject.severity().is_some_and(|it| any.contains(&it)),
            Self::Phase(any) => subject.phase().is_some_and(|it| any.contains(&it)),
            Self::Category(any) => subject.category().is_some_and(|it| any.contains(&it)),
            Self::Service(any) => any_matches(any, &[subject.service()]),
            Self::Source(any) => any_matches(any, &subject.sources()),
            Self::Holder(any) => {
                let me = |pattern: &Pattern| pattern.text() == ME;
                any_matches(any, &subject.holders())
                    || (any.iter().any(me) && subject.owner() == Some(asker.me))
            }
            Self::HasLabel(keys) => keys.iter().any(|key| !subject.label(key).is_empty()),
            Self::Label(key, any) => any_matches(any, &subject.label(key)),
            Self::Is(any) => any.iter().any(|state| state.holds(subject, asker)),
            Self::Age(comparison, span) => {
                subject.opened_at().is_some_and(|at| comparison.holds((asker.now - at).cmp(&span.delta())))
            }
            Self::Users(comparison, number) => subject.users().is_some_and(|users| {
                comparison.holds(match users {
                    Users::Unknown => Ordering::Greater,
                    Users::Between(_, most) => most.cmp(number),
                })
            }),
            Self::Text(needle) => any_text(subject, search, |text| needle.is_in(&text.to_lowercase())),
            Self::Word(word) if search == Search::Loose && word.chars().count() >= LOOSE_FROM => {
                subject.id().is_some_and(|id| fit(word, &id).is_some())
                    || any_text(subject, search, |text| fit(word, text).is_some())
            }
            Self::Word(word) => {
                (search != Search::Rule && names(subject, word))
                    || any_text(subject, search, |text| text.to_lowercase().contains(word))
            }
        }
    }
}

/// Whether any text that is looked into is so.
fn any_text(subject: &impl Subject, search: Search, so: impl Fn(&str) -> bool) -> bool {
    subject.text().iter().any(|text| so(text))
        || (search != Search::Rule && subject.told().iter().any(|text| so(text)))
}

/// Whether a word is of the id: one without a digit would be of every id there is.
fn names(subject: &impl Subject, word: &str) -> bool {
    word.contains(|c: char| c.is_ascii_digit())
        && subject.id().is_some_and(|id| id.to_lowercase().contains(word))
}

impl State {
    fn holds(self, subject: &impl Subject, asker: &Asker<'_>) -> bool {
        match self {
            Self::Acked => subject.is_acked(),
            Self::Stale => subject.is_stale(),
            Self::Mine => subject.owner() == Some(asker.me),
            Self::Unknown => subject.is_unknown(),
            Self::Snoozed => subject.is_snoozed(asker.now),
        }
    }
}

impl Comparison {
    /// Whether it holds for something that stands so to the number written.
    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Less => order.is_lt(),
            Self::AtMost => order.is_le(),
            Self::AtLeast => order.is_ge(),
            Self::More => order.is_gt(),
        }
    }
}

fn any_matches(patterns: &[Pattern], texts: &[&str]) -> bool {
    texts.iter().any(|text| patterns.iter().any(|pattern| pattern.matches(text)))
}

impl Default for Query {
    fn default() -> Self {
        Self::everything()
    }
}

impl std::fmt::Display for Query {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.source)
    }
}

impl std::str::FromStr for Query {
    type Err = QueryError;
    fn from_str(source: &str) -> Result<Self, QueryError> {
        Self::parse(source)
    }
}

impl TryFrom<String> for Query {
    type Error = QueryError;
    fn try_from(source: String) -> Result<Self, QueryError> {
        Self::parse(&source)
    }
}

impl From<Query> for String {
    fn from(query: Query) -> Self {
        query.source
    }
}
