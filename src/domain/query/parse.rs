//! From the source of a query to its expression.

use std::ops::Range;

use super::lex::{Cursor, Word};
use super::pattern::Pattern;
use super::{Category, Comparison, Expr, Phase, QueryError, Severity, Span, State, Term};

/// Bytes a query may have.
const SOURCE_BYTES: usize = 4096;
/// Parentheses and negations that may stand inside one another.
const DEPTH: usize = 32;
/// Characters of a wrong word that a message repeats.
const QUOTED_CHARS: usize = 40;
/// What a term can begin with.
const TERMS: &str = "sev: phase: category: service: source: holder: label: is: age> users>";

type Result<T> = std::result::Result<T, QueryError>;

/// Reads a whole source.
pub(super) fn parse(source: &str) -> Result<Expr> {
    if source.len() > SOURCE_BYTES {
        let message = format!("the query has {} bytes; {SOURCE_BYTES} are possible", source.len());
        return fail(0..source.len(), message);
    }
    let mut cursor = Cursor::new(source);
    cursor.skip_space();
    if cursor.peek().is_none() {
        return Ok(Expr::All(Vec::new()));
    }
    let expr = any(&mut cursor, 0)?;
    match cursor.peek() {
        None => Ok(expr),
        // `any` stops only at the end or at this.
        Some(_) => fail_here(&mut cursor, "`)` closes nothing; remove it or open one before with ("),
    }
}

/// `all { "or" all }`
fn any(cursor: &mut Cursor<'_>, depth: usize) -> Result<Expr> {
    let mut parts = vec![all(cursor, depth)?];
    while cursor.eat_or() {
        parts.push(all(cursor, depth)?);
    }
    Ok(single(parts, Expr::Any))
}

/// `one { one }`
fn all(cursor: &mut Cursor<'_>, depth: usize) -> Result<Expr> {
    let mut parts = Vec::new();
    loop {
        cursor.skip_space();
        if matches!(cursor.peek(), None | Some(')')) || cursor.is_or() {
            break;
        }
        parts.push(one(cursor, depth)?);
    }
    if parts.is_empty() {
        return fail_here(cursor, format!("a term is missing here; possible are text and {TERMS}"));
    }
    Ok(single(parts, Expr::All))
}

/// `"-" one | "(" query ")" | term`
fn one(cursor: &mut Cursor<'_>, depth: usize) -> Result<Expr> {
    if depth > DEPTH {
        return fail_here(cursor, format!("this stands more than {DEPTH} levels deep; write it flatter"));
    }
    let start = cursor.at();
    if cursor.eat('-') {
        if cursor.peek().is_none_or(|c| c.is_whitespace() || c == ')') {
            return fail(start..start + 1, "`-` must stand right before a term; quote it to search for it");
        }
        return Ok(Expr::Not(Box::new(one(cursor, depth + 1)?)));
    }
    if cursor.eat('(') {
        let inner = any(cursor, depth + 1)?;
        if !cursor.eat(')') {
            return fail(start..start + 1, "`(` is never closed; close it with )");
        }
        return Ok(inner);
    }
    term(cursor).map(Expr::Term)
}

/// A text, or a key with its values.
fn term(cursor: &mut Cursor<'_>) -> Result<Term> {
    let Some(key) = cursor.word(&[':', '<', '>'])? else {
        return fail_here(cursor, format!("a word is missing before this; possible are {TERMS}"));
    };
    if !matches!(cursor.peek(), Some(':' | '<' | '>')) {
        return text(key);
    }
    if key.quoted {
        return fail_here(cursor, "a space is missing after the quoted text");
    }
    match key.text().to_ascii_lowercase().as_str() {
        "sev" => words(cursor, &key, Severity::parse, &Severity::ALL.map(Severity::word)).map(Term::Severity),
        "phase" => words(cursor, &key, Phase::parse, &Phase::ALL.map(Phase::word)).map(Term::Phase),
        "category" => {
            words(cursor, &key, Category::parse, &Category::ALL.map(Category::word)).map(Term::Category)
        }
        "is" => words(cursor, &key, State::parse, &State::ALL.map(State::word)).map(Term::Is),
        "service" => patterns(cursor, &key).map(Term::Service),
        "source" => patterns(cursor, &key).map(Term::Source),
        "holder" => patterns(cursor, &key).map(Term::Holder),
        "label" => label(cursor, &key),
        "age" => {
            let (comparison, word) = compared(cursor, &key, "age>10m")?;
            match Span::parse(&word.text()) {
                Ok(span) => Ok(Term::Age(comparison, span)),
                Err(message) => fail(word.at, message),
            }
        }
        "users" => {
            let (comparison, word) = compared(cursor, &key, "users>100")?;
            match word.text().parse() {
                Ok(number) => Ok(Term::Users(comparison, number)),
                Err(_) => fail(
                    word.at.clone(),
                    format!("`{}` is not a number of users; write it like users>100", named(&word)),
                ),
            }
        }
        _ => {
            let message =
                format!("`{}` is no term; possible are {TERMS}; quote it to search for it", named(&key));
            fail(key.at, message)
        }
    }
}

/// A text to search for, unless it looks like something else that was meant.
fn text(word: Word) -> Result<Term> {
    let plain = if word.quoted { String::new() } else { word.text().to_ascii_lowercase() };
    if plain == "and" {
        let message = "terms beside each other must all hold: leave `and` out, or quote it to search for it";
        return fail(word.at, message);
    }
    if plain == "not" {
        return fail(word.at, "`not` is written as - right before a term; quote it to search for it");
    }
    if let Some((key, _)) = plain.split_once('=')
        && TERMS.split(' ').any(|term| term.trim_end_matches([':', '>']) == key)
    {
        let message = format!(
            "`{key}` is not followed by =; write it like sev:high, label:k=v or age>10m, or quote it"
        );
        return fail(word.at, message);
    }
    let pattern = word.pattern.to_lowercase();
    Ok(match pattern.literal().filter(|_| !word.quoted) {
        Some(literal) => Term::Word(literal.to_owned()),
        None => Term::Text(pattern),
    })
}

/// `key[,key]` or `key=value[,value]`
fn label(cursor: &mut Cursor<'_>, key: &Word) -> Result<Term> {
    colon(cursor, key)?;
    let mut keys = Vec::new();
    loop {
        let Some(word) = cursor.word(&[',', '='])? else {
            return fail_here(cursor, "`label:` needs the name of a label, like label:account_id");
        };
        keys.push(word.text());
        let only = keys.len() == 1;
        if cursor.eat('=') {
            return match keys.pop() {
                Some(name) if only => values(cursor, &word).map(|any| Term::Label(name, patterns_of(any))),
                _ => fail(
                    word.at,
                    "one label with values stands alone; write the others as terms of their own, with or",
                ),
            };
        }
        if !cursor.eat(',') {
            return Ok(Term::HasLabel(keys));
        }
    }
}

fn patterns(cursor: &mut Cursor<'_>, key: &Word) -> Result<Vec<Pattern>> {
    colon(cursor, key)?;
    values(cursor, key).map(patterns_of)
}

fn patterns_of(words: Vec<Word>) -> Vec<Pattern> {
    words.into_iter().map(|word| word.pattern).collect()
}

/// Values out of a closed list of words.
fn words<T>(
    cursor: &mut Cursor<'_>,
    key: &Word,
    parse: fn(&str) -> Option<T>,
    possible: &[&str],
) -> Result<Vec<T>> {
    colon(cursor, key)?;
    let possible = possible.join(", ");
    if cursor.peek().is_none_or(|c| c.is_whitespace() || c == ')') {
        return fail(
            key.at.start..cursor.at(),
            format!("`{}:` needs a value; possible are {possible}", named(key)),
        );
    }
    let one = |word: Word| match parse(&word.text()) {
        Some(value) => Ok(value),
        None => {
            fail(word.at.clone(), format!("`{}` is no {}; possible are {possible}", named(&word), named(key)))
        }
    };
    values(cursor, key)?.into_iter().map(one).collect()
}

/// Values with commas between them, at least one.
fn values(cursor: &mut Cursor<'_>, key: &Word) -> Result<Vec<Word>> {
    let mut words = Vec::new();
    loop {
        match cursor.word(&[','])? {
            Some(word) => words.push(word),
            None => {
                return fail_here(
                    cursor,
                    format!("a value for `{}` is missing here; an empty one is \"\"", named(key)),
                );
            }
        }
        if !cursor.eat(',') {
            return Ok(words);
        }
    }
}

/// A comparison and its one value.
fn compared(cursor: &mut Cursor<'_>, key: &Word, example: &str) -> Result<(Comparison, Word)> {
    let less = cursor.eat('<');
    if !less && !cursor.eat('>') {
        return fail_here(
            cursor,
            format!("`{}` is compared with <, <=, > or >=, like {example}", named(key)),
        );
    }
    let comparison = match (less, cursor.eat('=')) {
        (true, false) => Comparison::Less,
        (true, true) => Comparison::AtMost,
        (false, true) => Comparison::AtLeast,
        (false, false) => Comparison::More,
    };
    match cursor.word(&[])? {
        Some(word) => Ok((comparison, word)),
        None => fail_here(cursor, format!("a value is missing here; write it like {example}")),
    }
}

fn colon(cursor: &mut Cursor<'_>, key: &Word) -> Result<()> {
    if cursor.eat(':') {
        Ok(())
    } else {
        fail_here(cursor, format!("`{0}` is followed by a colon: {0}:", named(key)))
    }
}

impl State {
    const ALL: [Self; 5] = [Self::Acked, Self::Stale, Self::Mine, Self::Unknown, Self::Snoozed];

    fn word(self) -> &'static str {
        match self {
            Self::Acked => "acked",
            Self::Stale => "stale",
            Self::Mine => "mine",
            Self::Unknown => "unknown",
            Self::Snoozed => "snoozed",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word().eq_ignore_ascii_case(word))
    }
}

/// The one part by itself, or all of them together.
fn single(mut parts: Vec<Expr>, together: fn(Vec<Expr>) -> Expr) -> Expr {
    match (parts.pop(), parts.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            parts.extend(last);
            together(parts)
        }
    }
}

/// The start of a word as messages repeat it.
fn named(word: &Word) -> String {
    word.text().chars().take(QUOTED_CHARS).flat_map(char::escape_default).collect()
}

fn fail<T>(at: Range<usize>, message: impl Into<String>) -> Result<T> {
    Err(QueryError { at, message: message.into() })
}

/// Fails at the character that comes next.
fn fail_here<T>(cursor: &mut Cursor<'_>, message: impl Into<String>) -> Result<T> {
    let at = cursor.at();
    fail(at..at + cursor.peek().map_or(0, char::len_utf8), message)
}
