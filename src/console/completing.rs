//! What could stand where a filter ends: the names of its terms, and values of what is on the board.

use std::collections::BTreeMap;

use super::board::Board;
use crate::domain::category::Category;
use crate::domain::incident::Incident;
use crate::domain::phase::Phase;
use crate::domain::query::ME;
use crate::domain::sensitive::HIDDEN;
use crate::domain::severity::Severity;
use crate::domain::text::Outside;

/// So many incidents are asked for their values, those that burn hardest.
const ASKED: usize = 500;

/// What a term begins with, and what it asks.
const TERMS: [(&str, &str); 10] = [
    ("sev:", "how bad it is"),
    ("phase:", "where the response stands"),
    ("service:", "what it is about"),
    ("holder:", "who holds it; holder:me is you"),
    ("is:", "acked, stale, mine, unknown, snoozed"),
    ("category:", "what sort of trouble it is"),
    ("source:", "where it came from"),
    ("label:", "label:pod, or label:pod=gw-2"),
    ("age>", "older than: age>10m; also <, >= and <="),
    ("users>", "more users than: users>100"),
];

/// What could stand in the place of the word that ends a filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// How many characters it takes the place of.
    pub instead: usize,
    /// Each word, and what it means.
    pub words: Vec<(String, String)>,
}

/// What could follow, given what stands before the caret.
pub fn completion(typed: &str, board: &Board) -> Completion {
    let word = last_word(typed);
    let (term, value) = match word.split_once(':') {
        Some((term, values)) => (Some(term), values.rsplit(',').next().unwrap_or_default()),
        None => (None, word),
    };
    let (value, words) = match term.map(str::to_ascii_lowercase).as_deref() {
        None => (value, TERMS.map(|(term, says)| (term.to_owned(), says.to_owned())).into()),
        Some("label") => match value.split_once('=') {
            Some((key, value)) => {
                (value, values(board, |it| it.label_values(key).into_iter().map(|(it, _)| it).collect()))
            }
            None => (value, values(board, labels)),
        },
        Some(term) => (value, of_term(term, board)),
    };
    let begun = value.trim_start_matches('"').to_lowercase();
    let begins =
        |(word, _): &(String, String)| word.trim_start_matches('"').to_lowercase().starts_with(&begun);
    let whole = |(word, _): &(String, String)| *word == value;
    let mut words: Vec<_> = words.into_iter().filter(begins).collect();
    // Bare text begins no term, and a word that is whole needs no completion.
    if (term.is_none() && value.is_empty() && !typed.trim().is_empty() && !typed.ends_with(['-', '(', ' ']))
        || words.iter().any(whole)
    {
        words.clear();
    }
    Completion { instead: value.chars().count(), words }
}

/// The word before the caret, its minus left out.
fn last_word(typed: &str) -> &str {
    typed.get(last_word_at(typed)..).unwrap_or_default().trim_start_matches('-')
}

/// The byte at which the last word begins; blanks between quotation marks end none.
pub fn last_word_at(typed: &str) -> usize {
    let (mut quoted, mut escaped, mut from) = (false, false, 0);
    for (at, c) in typed.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ' ' | '(' | ')' if !quoted => from = at + 1,
            _ => {}
        }
    }
    from
}

fn of_term(term: &str, board: &Board) -> Vec<(String, String)> {
    let words = |words: &[&str]| words.iter().map(|word| ((*word).to_owned(), String::new())).collect();
    match term {
        "sev" => Severity::ALL
            .map(|it| (it.word().to_owned(), counted(open(board).filter(|one| one.severity == it).count())))
            .into(),
        "phase" => Phase::ALL
            .map(|it| (it.word().to_owned(), counted(open(board).filter(|one| one.phase == it).count())))
            .into(),
        "category" => words(&Category::ALL.map(Category::word)),
        "is" => words(&["acked", "stale", "mine", "unknown", "snoozed"]),
        "service" => values(board, |it| vec![it.opening.service.clone()]),
        "source" => values(board, |it| it.sources().into_iter().map(Outside::new).collect()),
        "holder" => {
            let mut out = vec![(ME.to_owned(), "you".to_owned())];
            out.extend(values(board, |it| {
                let own = it.owner.iter().map(|owner| Outside::new(owner.name.as_str()));
                own.chain(it.held_upstream().cloned()).collect()
            }));
            out
        }
        _ => Vec::new(),
    }
}

fn open(board: &Board) -> impl Iterator<Item = &Incident> {
    board.ranked().map(AsRef::as_ref).filter(|it: &&Incident| it.is_on_triage()).take(ASKED)
}

fn labels(incident: &Incident) -> Vec<Outside> {
    let theirs = incident.signals.values().flat_map(|signal| signal.labels.raw()).map(|(name, _)| name);
    let own = incident.opening.labels.keys().map(Outside::raw);
    let mut names: Vec<&str> = theirs.chain(own).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(Outside::new).collect()
}

/// What the open incidents say, the most frequent first. What cannot be shown as it is cannot be chosen either.
fn values(board: &Board, of: impl Fn(&Incident) -> Vec<Outside>) -> Vec<(String, String)> {
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    for value in open(board).flat_map(of) {
        let plain = *value.safe() == *value.raw() && value.raw() != HIDDEN && !value.is_blank();
        if plain {
            *found.entry(value.raw().to_owned()).or_default() += 1;
        }
    }
    let mut found: Vec<(String, usize)> = found.into_iter().collect();
    found.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    found.into_iter().map(|(value, count)| (quoted(&value), counted(count))).collect()
}

/// A value as a filter must write it.
fn quoted(value: &str) -> String {
    let plain = |c: char| !c.is_whitespace() && !matches!(c, '(' | ')' | '"' | ',' | '=' | '*' | ':');
    if value.chars().all(plain) {
        return value.to_owned();
    }
    format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

fn counted(count: usize) -> String {
    match count {
        0 => "none open".to_owned(),
        count => format!("{count} open"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::query::Query;
    use crate::domain::time::Time;

    fn words(typed: &str) -> (usize, Vec<String>) {
        let it = completion(typed, &Board::new(Time::UNIX_EPOCH));
        (it.instead, it.words.into_iter().map(|(word, _)| word).collect())
    }

    #[test]
    fn terms_and_their_words_are_offered_where_they_can_stand() {
        assert_eq!(words("").1.len(), TERMS.len());
        assert_eq!(words("s"), (1, vec!["sev:".into(), "service:".into(), "source:".into()]));
        assert_eq!(words("token -ser"), (3, vec!["service:".into()]));
        assert_eq!(words("(sev:cr"), (2, vec!["critical".into()]));
        assert_eq!(words("sev:high,n"), (1, vec!["normal".into()]));
        let states = ["acked", "stale", "mine", "unknown", "snoozed"].map(String::from);
        assert_eq!(words("-is:"), (0, states.into()));
        assert_eq!(words("sev:critical"), (8, vec![]), "it is whole");
        assert_eq!(words("holder:"), (0, vec!["me".into()]));
        assert_eq!(words("gateway"), (7, vec![]));
        assert_eq!(words("\"a sev:"), (0, vec![]), "between quotation marks stands text");
    }

    #[test]
    fn every_term_that_is_offered_is_one() {
        for (term, _) in TERMS {
            let value = match term {
                "sev:" => "high",
                "phase:" => "review",
                "category:" => "outage",
                "is:" => "acked",
                "age>" => "10m",
                "users>" => "100",
                _ => "x",
            };
            Query::parse(&format!("{term}{value}")).unwrap();
        }
    }

    #[test]
    fn values_are_written_so_that_they_are_read_back() {
        for value in ["auth api", "a,b", "a\"b\\c", "(x)", "a*", "plain-1.2", "k=v"] {
            let query = Query::parse(&format!("service:{}", quoted(value)));
            assert!(query.is_ok(), "{value}");
        }
    }
}
