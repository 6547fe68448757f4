//! Commands with arguments: how each is written on the command line, and what it asks to be written down.

use serde::{Deserialize, Serialize};

pub mod other;
pub mod putting_off;
pub mod words;

use super::board::Board;
use super::command::{self, Command};
use super::prompt::line::Wrong;
use crate::domain::card::{self, Denied};
use crate::domain::deadline::{Deadline, DeadlineKind};
use crate::domain::incident::Incident;
use crate::domain::record::{DeadlineMet, DeadlineSet, Entry, Record};
use crate::domain::role::Role;
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time};

/// A command that takes arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phrase {
    /// Somebody is to do something in a while.
    Timer,
    /// What was due was done.
    Done,
    /// The commander's round of everybody on the bridge was made.
    Callout,
    /// Somebody plays a role.
    Role,
    /// What somebody believes of it.
    Hypothesis,
    /// It is another one.
    Merge,
    /// Take one that was merged in out again.
    Unmerge,
    /// It has to do with another one.
    Link,
    /// It has not.
    Unlink,
}

impl Phrase {
    /// Whether it names another incident.
    fn ties(self) -> bool {
        matches!(self, Self::Merge | Self::Unmerge | Self::Link | Self::Unlink)
    }
}

/// One row of the table.
#[derive(Debug)]
pub struct Row {
    /// The command.
    pub phrase: Phrase,
    /// Its name.
    pub name: &'static str,
    /// What follows the name.
    pub takes: &'static str,
    /// What it does.
    pub says: &'static str,
    /// A whole line.
    pub example: &'static str,
}

/// Every command with arguments.
pub const PHRASES: &[Row] = &[
    Row {
        phrase: Phrase::Timer,
        name: "timer",
        takes: "WHO SPAN WHAT",
        says: "ask somebody for something within a time",
        example: "timer bob 3m check the matching engine",
    },
    Row {
        phrase: Phrase::Done,
        name: "done",
        takes: "WHICH [NOTE]",
        says: "what was due is done: a timer's number, or a report's name",
        example: "done 1 the engine is fine",
    },
    Row {
        phrase: Phrase::Callout,
        name: "callout",
        takes: "WHAT",
        says: "everybody on the bridge was asked; what they said",
        example: "callout db fine, gateway restarting",
    },
    Row {
        phrase: Phrase::Role,
        name: "role",
        takes: "ROLE [NAME]",
        says: "take a role, name somebody, or offer it",
        example: "role commander ana",
    },
    Row {
        phrase: Phrase::Hypothesis,
        name: "hypothesis",
        takes: "TEXT",
        says: "what you believe: a note that stands on the hand-over card",
        example: "hypothesis the certificate ran out at 14:00Z",
    },
    Row {
        phrase: Phrase::Merge,
        name: "merge",
        takes: "ID",
        says: "it is a duplicate: it closes, and its signals go on there",
        example: "merge 1042",
    },
    Row {
        phrase: Phrase::Unmerge,
        name: "unmerge",
        takes: "[ID]",
        says: "one that was merged into it stands by itself again",
        example: "unmerge 1051",
    },
    Row {
        phrase: Phrase::Link,
        name: "link",
        takes: "ID [SIGNAL]",
        says: "each shows the other; a signal named by its upstream id moves there",
        example: "link 1042",
    },
    Row {
        phrase: Phrase::Unlink,
        name: "unlink",
        takes: "ID",
        says: "they have nothing to do with each other",
        example: "unlink 1042",
    },
];

/// A word of a line, and how many characters stand before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Characters before it.
    pub at: usize,
    /// The word.
    pub text: String,
    /// From its beginning to the end of the line.
    pub rest: String,
}

/// The words of a line.
pub fn words(line: &str) -> Vec<Word> {
    let mut out = Vec::new();
    let mut rest = line;
    let mut at = 0;
    loop {
        let trimmed = rest.trim_start();
        at += rest.chars().count() - trimmed.chars().count();
        let Some(text) = trimmed.split_whitespace().next() else { return out };
        out.push(Word { at, text: text.to_owned(), rest: trimmed.trim_end().to_owned() });
        at += text.chars().count();
        rest = trimmed.strip_prefix(text).unwrap_or_default();
    }
}

/// What a name on the command line stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Named {
    /// A command with arguments.
    Phrase(Phrase),
    /// A command that a key asks for as well.
    Command(Command),
}

/// Every name, those with arguments first.
fn names() -> impl Iterator<Item = (&'static str, Named)> {
    let phrases = PHRASES.iter().map(|row| (row.name, Named::Phrase(row.phrase)));
    let taken = |name: &str| PHRASES.iter().any(|row| row.name == name);
    let commands = command::TABLE.iter().filter(move |row| !taken(row.name));
    let commands = commands.filter(|row| row.command != Command::CommandLine);
    phrases.chain(commands.map(|row| (row.name, Named::Command(row.command))))
}

/// What a word stands for: a name, or the beginning of one name only.
///
/// # Errors
/// How to write it.
pub fn find(word: &Word) -> Result<Named, Wrong> {
    let exact = names().find(|(name, _)| *name == word.text);
    let begun: Vec<_> = names().filter(|(name, _)| name.starts_with(&word.text)).collect();
    match (exact, begun.as_slice()) {
        (Some((_, named)), _) => Ok(named),
        (None, [(_, named)]) => Ok(*named),
        (None, []) => Err(word.wrong("no command is called that; tab shows those there are".to_owned())),
        (None, several) => {
            let several: Vec<&str> = several.iter().map(|(name, _)| *name).collect();
            Err(word.wrong(format!("that could be {}", several.join(", "))))
        }
    }
}

impl Word {
    /// This word is wrong.
    pub fn wrong(&self, says: String) -> Wrong {
        Wrong { at: self.at, cells: self.text.chars().count(), says }
    }
}

/// A word is missing at the end.
fn missing(words: &[Word], what: &str, phrase: Phrase) -> Wrong {
    let end = words.last().map_or(0, |word| word.at + word.text.chars().count() + 1);
    let example = PHRASES.iter().find(|row| row.phrase == phrase).map_or("", |row| row.example);
    Wrong { at: end, cells: 1, says: format!("{what}, as in: {example}") }
}

/// How the command line names a deadline.
fn name_of(deadline: &Deadline) -> &str {
    if deadline.name.is_empty() { deadline.kind.word() } else { &deadline.name }
}

/// A line in the ledger, and what to say once it is written.
type Said = Result<(Entry, String), Wrong>;

/// `timer bob 3m check the engine`, `timer bob 90 min check the engine`
///
/// # Errors
/// Which word is wrong, and how to write it.
pub fn timer(words: &[Word], incident: &Incident, now: Time) -> Said {
    let missing = |what| missing(words, what, Phrase::Timer);
    let who = words.get(1).ok_or_else(|| missing("who is to do it"))?;
    let span = words.get(2).ok_or_else(|| missing("within which time"))?;
    let both = words.get(3).map(|unit| format!("{} {}", span.text, unit.text));
    let (length, next) = match (Span::parse(&span.text), both.and_then(|both| Span::parse(&both).ok())) {
        (Ok(length), _) => (length, 3),
        (Err(_), Some(length)) => (length, 4),
        (Err(says), None) => return Err(span.wrong(says)),
    };
    let what = words.get(next).ok_or_else(|| missing("what is to be done"))?;
    let title = Outside::new(format!("{}: {}", who.text, what.rest));
    let done = format!("{} timer of {length} for {}", incident.id, Outside::new(who.text.as_str()).safe());
    let (deadline, due) = (DeadlineKind::Timer, now + length.delta());
    Ok((Entry::DeadlineSet(DeadlineSet { deadline, name: String::new(), title, due }), done))
}

/// `done 1 the engine is fine`
///
/// # Errors
/// Which word is wrong, and what is due.
pub fn done(words: &[Word], incident: &Incident) -> Said {
    let which = words.get(1).ok_or_else(|| missing(words, "what is done", Phrase::Done))?;
    let open = incident.met_by_word();
    let Some(met) = open.iter().find(|deadline| name_of(deadline) == which.text) else {
        let names: Vec<&str> = open.iter().map(|deadline| name_of(deadline)).collect();
        let says = match names.as_slice() {
            [] => format!("nothing is due on {} that a word could end", incident.id),
            names => format!("nothing that is due is called that; there is: {}", names.join(", ")),
        };
        return Err(which.wrong(says));
    };
    let note = words.get(2).map(|note| Outside::new(note.rest.as_str()));
    let done = format!("{} {} is done", incident.id, Outside::new(name_of(met)).safe());
    Ok((Entry::DeadlineMet(DeadlineMet { deadline: met.kind, name: met.name.clone(), note }), done))
}

/// `callout db fine, gateway restarting`
///
/// # Errors
/// What is missing.
pub fn callout(words: &[Word], incident: &Incident) -> Said {
    let what = words.get(1).ok_or_else(|| missing(words, "what they said", Phrase::Callout))?;
    if !incident.met_by_word().iter().any(|deadline| deadline.kind == DeadlineKind::Callout) {
        return Err(Wrong::all(format!("no callout is due on {}; :note writes a note", incident.id)));
    }
    let note = Some(Outside::new(what.rest.as_str()));
    let met = Entry::DeadlineMet(DeadlineMet { deadline: DeadlineKind::Callout, name: String::new(), note });
    Ok((met, format!("{} callout written down", incident.id)))
}

/// `hypothesis the certificate ran out`
///
/// # Errors
/// What is missing.
pub fn hypothesis(words: &[Word], incident: &Incident, records: Option<&[Record]>) -> Said {
    let what = words.get(1).ok_or_else(|| missing(words, "what you believe", Phrase::Hypothesis))?;
    let text = card::hypothesis(&Outside::new(what.rest.as_str()));
    // Whoever wrote "not" and struck nothing out believes that something was.
    let beside = records.zip(Denied::by(&text)).and_then(|(all, denied)| denied.rules_nothing_out(all));
    let beside = beside.map(|beside| format!("; {beside}")).unwrap_or_default();
    Ok((Entry::Noted { text }, format!("{} hypothesis written down{beside}", incident.id)))
}

/// The role a line names.
///
/// # Errors
/// Which word is wrong, and how to write it.
pub fn role(words: &[Word]) -> Result<(Role, String), Wrong> {
    let word = words.get(1).ok_or_else(|| missing(words, "which role", Phrase::Role))?;
    let all = Role::ALL.map(Role::word).join(", ");
    let role = Role::parse(&word.text)
        .ok_or_else(|| word.wrong(format!("no role is called that; there is: {all}")))?;
    Ok((role, words.get(2).map(|name| name.rest.clone()).unwrap_or_default()))
}

/// Whether a line names a command and goes on behind it.
pub fn is_named(line: &str) -> bool {
    let all = words(line);
    let goes_on = all.len() > 1 || line.ends_with(char::is_whitespace);
    goes_on && all.first().is_some_and(|word| find(word).is_ok())
}

/// What could stand where the line ends: each word, and what it means.
pub fn candidates(line: &str, incident: Option<&Incident>, me: &str, board: &Board) -> Vec<(String, String)> {
    let all = words(line);
    let begun = if line.ends_with(char::is_whitespace) { None } else { all.last() };
    let place = all.len() - usize::from(begun.is_some());
    let named = all.first().filter(|_| place > 0).and_then(|word| find(word).ok());
    let phrase = named.and_then(|named| match named {
        Named::Phrase(phrase) => Some(phrase),
        Named::Command(_) => None,
    });
    let there: Vec<(String, String)> = match (place, phrase, incident) {
        (1 | 2, None, _) if named == Some(Named::Command(Command::Snooze)) => putting_off::candidates(&all),
        (1, None, _) => match named {
            Some(Named::Command(Command::Watch)) => people(incident, me),
            Some(Named::Command(Command::Open)) => other::over(board),
            Some(Named::Command(command)) => {
                let all = words::candidates(command, incident, board);
                all.into_iter().map(|word| (word, String::new())).collect()
            }
            _ => Vec::new(),
        },
        (1, Some(Phrase::Role), _) => Role::ALL.map(|role| (role.word().to_owned(), String::new())).into(),
        (1, Some(Phrase::Done), Some(incident)) => {
            let met = |due: &Deadline| (name_of(due).to_owned(), due.title.safe().to_string());
            incident.met_by_word().into_iter().map(met).collect()
        }
        (1, Some(phrase), Some(incident)) if phrase.ties() => other::incidents(phrase, incident, board),
        (2.., Some(Phrase::Link), Some(incident)) => other::signals_of(incident),
        (1, Some(Phrase::Timer), _) | (2, Some(Phrase::Role), _) => people(incident, me),
        _ => Vec::new(),
    };
    let begun = begun.map(|word| word.text.as_str()).unwrap_or_default();
    there.into_iter().filter(|(word, _)| word.starts_with(begun)).collect()
}

/// Those who are known to respond.
fn people(incident: Option<&Incident>, me: &str) -> Vec<(String, String)> {
    let mut out = vec![(me.to_owned(), "you".to_owned())];
    let Some(incident) = incident else { return out };
    let holder = incident.owner.iter().map(|owner| (owner.name.clone(), "holds it".to_owned()));
    let roles =
        incident.roles.iter().map(|(role, held)| (held.name.raw().to_owned(), role.word().to_owned()));
    for (name, what) in holder.chain(roles) {
        // A name of several words could not be read back.
        if !name.contains(char::is_whitespace) && out.iter().all(|(known, _)| *known != name) {
            out.push((name, what));
        }
    }
    out
}

/// The line with its last word completed as far as only one of these can follow.
pub fn complete(line: &str, all: &[&str]) -> String {
    let begun = line.rsplit(char::is_whitespace).next().unwrap_or_default();
    let mut begin_so = all.iter().filter(|word| word.starts_with(begun));
    let Some(first) = begin_so.next() else { return line.to_owned() };
    let mut common: String = (*first).to_owned();
    let mut others = 0;
    for word in begin_so {
        others += 1;
        let same = common.chars().zip(word.chars()).take_while(|(a, b)| a == b).count();
        common = common.chars().take(same).collect();
    }
    let kept = line.strip_suffix(begun).unwrap_or_default();
    let end = if others == 0 { " " } else { "" };
    format!("{kept}{common}{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_know_where_they_stand() {
        let all = words("  timer bób  3m check it ");
        let seen: Vec<(usize, &str, &str)> =
            all.iter().map(|word| (word.at, word.text.as_str(), word.rest.as_str())).collect();
        assert_eq!(seen[1], (8, "bób", "bób  3m check it"));
        assert_eq!(seen[3], (16, "check", "check it"));
        assert_eq!(words("  "), []);
    }

    #[test]
    fn names_may_be_begun_where_only_one_begins_so() {
        let find = |text: &str| find(&words(text)[0]);
        assert_eq!(find("ack"), Ok(Named::Command(Command::Acknowledge)));
        assert_eq!(find("timer"), Ok(Named::Phrase(Phrase::Timer)));
        assert_eq!(find("do").unwrap_err().says, "that could be done, down");
        assert!(find("dance").is_err());
    }

    #[test]
    fn a_line_is_completed_as_far_as_it_is_certain() {
        assert_eq!(complete("ti", &["timer"]), "timer ");
        assert_eq!(complete("do", &["done", "down"]), "do");
        assert_eq!(complete("role com", &["commander", "communications"]), "role comm");
        assert_eq!(complete("role s", &["commander", "scribe"]), "role scribe ");
        assert_eq!(complete("timer bob 3", &[]), "timer bob 3");
        assert_eq!(complete("tmr", &["timer"]), "tmr");
    }

    #[test]
    fn every_example_begins_with_its_name() {
        for row in PHRASES {
            assert!(row.example.starts_with(row.name), "{}", row.name);
        }
        let mut all: Vec<&str> = names().map(|(name, _)| name).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
