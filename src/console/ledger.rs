//! The ledger as this console has read it: the newest records first, older ones as they are asked for.

use serde::{Deserialize, Serialize};

use crate::domain::chain::{Stored, Verdict};
use crate::domain::id::IncidentId;
use crate::domain::operator::Actor;
use crate::domain::record::Record;
use crate::domain::story::{self, Tone};
use crate::domain::text::Outside;
use crate::domain::time::{Span, Time, date_time};

use super::asked::Asked;
use super::board::Board;
use super::choosing::scrolled;

/// How many records are asked for at once.
pub const BATCH: usize = 200;
/// How many are kept; older ones are for `quell ledger`.
const KEPT: usize = 20_000;
/// How soon it is asked what is new.
const AGAIN_AFTER: Span = Span::secs(1);

/// Which records are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stretch {
    /// The last ones.
    Last,
    /// Those before this one.
    Before(u64),
    /// This one and those after it.
    From(u64),
}

/// A record in one line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Its sequence number.
    pub seq: u64,
    /// When.
    pub at: Time,
    /// Who.
    pub by: String,
    /// Who, and where they sat.
    pub seat: String,
    /// The digest of the key that is theirs, where one is known.
    pub key: Option<String>,
    /// About which incident.
    pub incident: Option<IncidentId>,
    /// How much it matters.
    pub tone: Tone,
    /// What, as a sentence.
    pub said: String,
}

impl Row {
    fn of(record: &Record, board: &Board) -> Self {
        let incident = record.incident.as_ref().and_then(|id| board.get(id));
        let (tone, said) = story::sentence(record, incident.map(AsRef::as_ref));
        let by = story::who(record);
        let (seat, key) = match &record.by {
            Actor::Person(operator) => {
                let key = operator.key.as_ref().map(|key| key.to_string().replacen("SHA256:", "", 1));
                (Outside::new(operator.console()).safe().to_string(), key)
            }
            Actor::Engine => (by.clone(), None),
        };
        Self { seq: record.seq, at: record.at, by, seat, key, incident: record.incident.clone(), tone, said }
    }

    /// Whether every word stands somewhere in it, in whatever case.
    fn has(&self, words: &[String]) -> bool {
        if words.is_empty() {
            return true;
        }
        let about = self.incident.as_ref().map(ToString::to_string).unwrap_or_default();
        let key = self.key.as_deref().unwrap_or_default();
        let all = format!("{} {} {} {key} {about} {}", self.seq, date_time(self.at), self.seat, self.said);
        let all = all.to_lowercase();
        words.iter().all(|word| all.contains(word))
    }
}

/// What became of a check of the whole chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// It goes on, since then.
    Running(Time),
    /// It ended then.
    Done(Time, Verdict),
}

/// The ledger as this console has read it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    /// What was read, the newest first.
    pub rows: Vec<Row>,
    /// Only rows with all these words are shown.
    pub filter: String,
    /// The record under the cursor; `None` follows the newest.
    pub selected: Option<u64>,
    /// The place of the first row on the screen.
    pub top: usize,
    /// The first record of all is among the rows.
    pub whole: bool,
    /// What the engine was asked for.
    pub asked: Asked<Stretch>,
    /// The record that is shown whole, or why it cannot be.
    pub opened: Option<(u64, Result<Stored, Outside>)>,
    /// The last check of the chain.
    pub check: Option<Check>,
    /// Older ones are wanted.
    older: bool,
    /// When it was last asked what is new.
    looked: Option<Time>,
}

impl Ledger {
    /// Reads anew, as a person does who comes back later.
    pub fn begin(&mut self) {
        *self = Self { check: self.check.take(), ..Self::default() };
    }

    /// Whether anything was read yet.
    pub fn is_read(&self) -> bool {
        self.looked.is_some()
    }

    /// Which records to ask for, if any must be asked for now.
    pub fn wants(&mut self, at: Time) -> Option<Stretch> {
        if !self.asked.may_ask(at) {
            return None;
        }
        let just = |looked: Time| (looked..looked + AGAIN_AFTER.delta()).contains(&at);
        let oldest = self.rows.last().map(|row| row.seq).filter(|_| self.older);
        let wanted = match (self.rows.first(), oldest) {
            (_, Some(oldest)) => Stretch::Before(oldest),
            _ if self.looked.is_some_and(just) => return None,
            (Some(newest), None) => Stretch::From(newest.seq + 1),
            (None, None) => Stretch::Last,
        };
        Some(self.asked.ask(at, wanted))
    }

    /// Takes in what the engine answered; an answer to an older question is none.
    pub fn learn(&mut self, at: Time, stretch: Stretch, answer: Result<&[Record], Outside>, board: &Board) {
        let Some((_, records)) = self.asked.answered(at, stretch, answer) else { return };
        let rows = records.iter().rev().map(|record| Row::of(record, board));
        match stretch {
            Stretch::Last => self.rows = rows.collect(),
            Stretch::Before(_) => {
                self.rows.extend(rows);
                self.older = false;
            }
            Stretch::From(_) => {
                let words = self.words();
                let rows: Vec<Row> = rows.collect();
                if self.selected.is_some() || self.top > 0 {
                    // What is looked at stays where it is.
                    self.top += rows.iter().filter(|row| row.has(&words)).count();
                }
                self.rows.splice(0..0, rows);
                self.rows.truncate(KEPT);
            }
        }
        if !matches!(stretch, Stretch::Before(_)) {
            self.looked = Some(at);
        }
        let nothing_before = matches!(stretch, Stretch::Before(_)) && records.is_empty();
        self.whole = nothing_before || self.rows.last().is_none_or(|row| row.seq == 1);
    }

    /// Whether older ones are kept out because there are too many.
    pub fn is_full(&self) -> bool {
        !self.whole && self.rows.len() >= KEPT
    }

    /// The sequence number of the newest record.
    pub fn newest(&self) -> u64 {
        self.rows.first().map_or(0, |row| row.seq)
    }

    fn words(&self) -> Vec<String> {
        self.filter.split_whitespace().map(str::to_lowercase).collect()
    }

    /// The rows that are shown, the newest first.
    pub fn shown(&self) -> Vec<&Row> {
        let words = self.words();
        self.rows.iter().filter(|row| row.has(&words)).collect()
    }

    /// The place of the cursor among them.
    pub fn place(&self, shown: &[&Row]) -> usize {
        let Some(selected) = self.selected else { return 0 };
        let last = shown.len().saturating_sub(1);
        shown.partition_point(|row| row.seq > selected).min(last)
    }

    /// The record under the cursor.
    pub fn at_cursor(&self) -> Option<u64> {
        let shown = self.shown();
        shown.get(self.place(&shown)).map(|row| row.seq)
    }

    /// Moves the cursor; at the end of what was read, older ones are asked for.
    pub fn travel(&mut self, to: impl FnOnce(usize) -> usize) {
        let shown = self.shown();
        let last = shown.len().saturating_sub(1);
        let to = to(self.place(&shown));
        let seq = shown.get(to.min(last)).map(|row| row.seq);
        self.older |= to >= last && !self.whole && !self.is_full();
        self.selected = seq.filter(|_| to > 0);
    }

    /// Shows only rows with these words.
    pub fn find(&mut self, words: String) {
        (self.filter, self.top) = (words, 0);
    }

    /// Scrolls so that the cursor is among `height` rows.
    pub fn scroll_into(&mut self, height: usize) {
        let shown = self.shown();
        self.top = scrolled(self.top, self.place(&shown), shown.len(), height);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::operator::Operator;
    use crate::domain::record::{Entry, FORMAT};

    fn record(seq: u64) -> Record {
        let by = if seq.is_multiple_of(2) {
            Actor::Engine
        } else {
            Actor::Person(Operator::new("ana", "bastion"))
        };
        let entry = Entry::WatchOffered { to: format!("Bo{seq}"), card: Outside::default() };
        Record { v: FORMAT, on: None, seq, at: Time::UNIX_EPOCH, by, incident: None, entry }
    }

    fn now(second: u64) -> Time {
        Time::UNIX_EPOCH + Span::secs(second).delta()
    }

    /// A ledger of which the last three of ten records are read.
    fn read() -> Ledger {
        let mut ledger = Ledger::default();
        assert_eq!(ledger.wants(now(0)), Some(Stretch::Last));
        learn(&mut ledger, 0, Stretch::Last, 8..=10);
        ledger
    }

    fn learn(ledger: &mut Ledger, second: u64, stretch: Stretch, seqs: std::ops::RangeInclusive<u64>) {
        let records: Vec<Record> = seqs.map(record).collect();
        ledger.learn(now(second), stretch, Ok(&records), &Board::new(now(0)));
    }

    fn seqs(ledger: &Ledger) -> Vec<u64> {
        ledger.shown().iter().map(|row| row.seq).collect()
    }

    #[test]
    fn the_cursor_follows_the_newest_until_it_is_moved_and_then_stays_on_its_record() {
        let mut ledger = read();
        assert_eq!(ledger.wants(now(0)), None);
        assert_eq!(ledger.wants(now(1)), Some(Stretch::From(11)));
        learn(&mut ledger, 1, Stretch::From(11), 11..=12);
        assert_eq!((seqs(&ledger), ledger.at_cursor()), (vec![12, 11, 10, 9, 8], Some(12)));
        ledger.travel(|place| place + 1);
        assert_eq!(ledger.wants(now(2)), Some(Stretch::From(13)));
        learn(&mut ledger, 2, Stretch::From(13), 13..=14);
        assert_eq!((ledger.at_cursor(), ledger.top), (Some(11), 2));
        ledger.travel(|_| 0);
        assert_eq!((ledger.at_cursor(), ledger.selected), (Some(14), None));
    }

    #[test]
    fn older_ones_are_read_at_the_end_until_the_first() {
        let mut ledger = read();
        ledger.travel(|place| place + 1);
        assert_eq!(ledger.wants(now(0)), None);
        ledger.travel(|place| place + 1);
        assert_eq!(ledger.wants(now(0)), Some(Stretch::Before(8)));
        assert_eq!(ledger.wants(now(1)), None, "one question at a time");
        learn(&mut ledger, 1, Stretch::Before(8), 1..=7);
        assert_eq!(seqs(&ledger), (1..=10).rev().collect::<Vec<_>>());
        assert!(ledger.whole);
        ledger.travel(|_| usize::MAX);
        assert_eq!((ledger.at_cursor(), ledger.wants(now(1))), (Some(1), Some(Stretch::From(11))));
    }

    #[test]
    fn an_answer_to_another_question_is_none_and_a_refusal_is_asked_again_later() {
        let mut ledger = read();
        learn(&mut ledger, 0, Stretch::Before(8), 1..=7);
        assert_eq!(seqs(&ledger), [10, 9, 8]);
        assert_eq!(ledger.wants(now(1)), Some(Stretch::From(11)));
        ledger.learn(now(1), Stretch::From(11), Err(Outside::new("locked")), &Board::new(now(0)));
        assert_eq!(ledger.wants(now(5)), None);
        assert_eq!(ledger.wants(now(6)), Some(Stretch::From(11)));
    }

    #[test]
    fn words_are_found_wherever_they_stand_in_a_row() {
        let mut ledger = read();
        for (words, found) in [
            ("bo9", vec![9]),
            ("ANA offered", vec![9]),
            ("quell 10", vec![10]),
            ("1970", vec![10, 9, 8]),
            ("x", vec![]),
        ] {
            ledger.find(words.to_owned());
            assert_eq!(seqs(&ledger), found, "{words}");
        }
        assert_eq!(ledger.at_cursor(), None);
    }
}
