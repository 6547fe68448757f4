//! One change, as a sentence and as an object. The names here are a promise to scripts.

use serde::Serialize;

use crate::backend::Changes;
use crate::cli::row::{self, Row, SourceRow};
use crate::console::banner::no_engine;
use crate::console::board::{Board, Sight};
use crate::console::page::moment;
use crate::domain::freshness::{SourceState, SourceStatus};
use crate::domain::incident::Incident;
use crate::domain::monitor::{Health, MonitorStatus};
use crate::domain::rank;
use crate::domain::record::{Entry, Record};
use crate::domain::sight::blind;
use crate::domain::story::{self, Tone};
use crate::domain::text::some_of;
use crate::domain::time::{Time, date_time};

/// The version of what `--json` prints.
const VERSION: u32 = 1;

/// One change.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Told {
    version: u32,
    at: String,
    #[serde(flatten)]
    what: What,
    sentence: String,
    #[serde(skip)]
    time: Time,
}

/// What changed.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum What {
    /// Nothing yet: how it was when watching began.
    Begin {
        open: usize,
        critical: usize,
        high: usize,
        normal: usize,
        unacked: usize,
        review: usize,
        matching: usize,
        sight: &'static str,
        sources: Vec<SourceRow>,
    },
    /// A record was written.
    Record { seq: u64, change: String, by: String, incident: Option<Box<Row>> },
    /// An incident matches, and no record says why: time has passed, or a source is worth something else.
    Matched { incident: Option<Box<Row>> },
    /// A source or monitor is worth something else.
    Source { was: &'static str, source: SourceRow },
    /// Quell sees, or does not.
    Sight { was: &'static str, sight: &'static str, sees: bool },
}

impl Told {
    fn new(time: Time, what: What, sentence: String) -> Self {
        Self { version: VERSION, at: row::second(time), what, sentence, time }
    }

    /// How it is now; so many incidents `matching` are watched.
    pub(super) fn begin(board: &Board, changes: &Changes, matching: Option<usize>) -> Self {
        let (tally, sight) = (board.tally(), board.sight(changes.now));
        let shown = matching.map(|count| format!("; {count} match")).unwrap_or_default();
        let sentence = format!(
            "as of {}: {} open, {} critical ({} unacknowledged), {} high, {} normal, {} in review{shown}; {}",
            date_time(changes.now),
            tally.open(),
            tally.critical,
            tally.unacked,
            tally.high,
            tally.normal,
            tally.review,
            seen(board, &sight, changes.now)
        );
        let what = What::Begin {
            open: tally.open(),
            critical: tally.critical,
            high: tally.high,
            normal: tally.normal,
            unacked: tally.unacked,
            review: tally.review,
            matching: matching.unwrap_or(tally.open()),
            sight: word(&sight),
            sources: row::sources(changes),
        };
        Self::new(changes.now, what, sentence)
    }

    /// A record about this incident, if it is about one, with its row where that is printed.
    pub(super) fn record(record: &Record, about: Option<&Incident>, rows: Option<&Rows>) -> Self {
        let (_, said) = story::sentence(record, about);
        let sentence = match about {
            Some(incident) => {
                let severity = incident.severity.word();
                format!("{} {severity}: {said} ({})", incident.id, incident.title().safe())
            }
            None => said,
        };
        let incident = rows.zip(about).map(|(rows, incident)| rows.row(incident));
        let (change, by) = (name(&record.entry), story::who(record));
        Self::new(record.at, What::Record { seq: record.seq, change, by, incident }, sentence)
    }

    /// An incident that matches by now.
    pub(super) fn matched(incident: &Incident, rows: Option<&Rows>, now: Time) -> Self {
        let (id, severity, title) = (&incident.id, incident.severity.word(), incident.title().safe());
        let sentence = format!("{id} {severity}: it matches now ({title})");
        Self::new(now, What::Matched { incident: rows.map(|rows| rows.row(incident)) }, sentence)
    }

    /// A source that was worth something else.
    /// A monitor's data may be as it should be, and what it watches down: that is said first.
    pub(super) fn source(
        status: &SourceStatus,
        monitor: Option<&MonitorStatus>,
        was: SourceState,
        now: Time,
    ) -> Self {
        let state = status.state(now);
        let ill = monitor.filter(|it| it.health == Health::Down && state.sees());
        let ill = ill.map(|it| format!("is still {} and its data ", it.word(now))).unwrap_or_default();
        let as_of =
            status.as_of.map_or("no answer yet".to_owned(), |at| format!("data as of {}", moment(at, now)));
        let fault = status.fault.as_ref().map_or(String::new(), |fault| format!(": {}", fault.detail.safe()));
        let (name, word, was_word) = (&status.name, state.word(), was.word());
        let sentence = format!("{name} {ill}is {word} (was {was_word}), {as_of}{fault}");
        Self::new(now, What::Source { was: was.word(), source: row::source(status, now) }, sentence)
    }

    /// What quell sees by now, and whether it saw anything before.
    pub(super) fn sight(board: &Board, was: &Sight, sight: &Sight, saw: bool, now: Time) -> Self {
        let sees = sees(sight);
        let lead = match (sees, saw) {
            (true, true) => "quell sees again: ",
            (true, false) => "quell sees: ",
            (false, _) => "",
        };
        let sentence = format!("{lead}{}", seen(board, sight, now));
        Self::new(now, What::Sight { was: word(was), sight: word(sight), sees }, sentence)
    }

    /// The sentence, after its time: with the day where the line before was of another one.
    pub(super) fn line(&self, before: Option<Time>) -> String {
        let when = before.map_or_else(|| date_time(self.time), |before| moment(self.time, before));
        if matches!(self.what, What::Begin { .. }) {
            self.sentence.clone()
        } else {
            format!("{when} {}", self.sentence)
        }
    }

    /// When.
    pub(super) fn time(&self) -> Time {
        self.time
    }
}

/// Whether a record is a change by itself: not what only follows from another one, or prepares it.
pub(super) fn is_change(record: &Record, about: Option<&Incident>) -> bool {
    match &record.entry {
        Entry::SafetyTurned { .. }
        | Entry::WatchOffered { .. }
        | Entry::WatchAccepted { .. }
        | Entry::WatchWithdrawn { .. } => true,
        // Each console says by itself what its sources are worth.
        _ if record.incident.is_none() => false,
        _ => story::sentence(record, about).0 != Tone::Aside,
    }
}

/// Whether silence can be trusted: what is not told is not happening.
pub(in crate::cli) fn sees(sight: &Sight) -> bool {
    matches!(sight, Sight::Clear | Sight::Failing(..) | Sight::Partly(..) | Sight::NoSources)
}

/// What there is to see, in words.
pub(in crate::cli) fn seen(board: &Board, sight: &Sight, now: Time) -> String {
    if let Some(text) = no_engine(sight) {
        return text;
    }
    match sight {
        Sight::Blind => {
            let why = blind(&board.sources, &board.monitors, now).unwrap_or_default();
            format!("BLIND: {why}")
        }
        Sight::Reading(tried, all) => format!("{tried} of {all} sources have been read"),
        Sight::NoSources => "no sources configured".to_owned(),
        Sight::Partly(..) => {
            let doubtful = board.watched().filter(|status| !status.is_calm(now));
            let names: Vec<String> =
                doubtful.map(|status| format!("{} {}", status.name, status.state(now).word())).collect();
            format!("not every source is LIVE: {}", names.join(", "))
        }
        Sight::Failing(some, all) => {
            format!("every source is LIVE, {} not up", some_of(*some, *all, "monitor"))
        }
        _ => "every source is LIVE".to_owned(),
    }
}

/// The word scripts read.
fn word(sight: &Sight) -> &'static str {
    match sight {
        Sight::Connecting => "connecting",
        Sight::Lost(..) => "lost",
        Sight::Stalled(_) => "stalled",
        Sight::Frozen(..) => "frozen",
        Sight::NoSources => "no-sources",
        Sight::Reading(..) => "reading",
        Sight::Blind => "blind",
        Sight::Partly(..) => "partly",
        Sight::Failing(..) => "failing",
        Sight::Clear => "clear",
    }
}

/// What rows are made of: once for all that is told at once, since each could be one of thousands.
pub(super) struct Rows {
    now: Changes,
    /// How all that stand on Triage rank.
    ranked: Vec<rank::Key>,
    at: Time,
}

impl Rows {
    pub(super) fn of(board: &Board, now: Changes) -> Self {
        #[cfg(test)]
        super::tests::RANKED.with(|times| times.set(times.get() + 1));
        let at = board.ranked_at();
        let mut ranked: Vec<rank::Key> =
            board.ranked().filter(|it| it.is_on_triage()).map(|it| rank::key(it, at)).collect();
        ranked.sort_unstable();
        Self { now, ranked, at }
    }

    fn row(&self, incident: &Incident) -> Box<Row> {
        Box::new(Row::of(incident, self.place(incident), &self.now))
    }

    /// The place of an incident among those on Triage; behind them, where it is not on it.
    fn place(&self, incident: &Incident) -> usize {
        let key = rank::key(incident, self.at);
        let before = |other: &rank::Key| !incident.is_on_triage() || *other < key;
        1 + self.ranked.partition_point(before)
    }
}

/// What the ledger calls it: `acknowledged`.
fn name(entry: &Entry) -> String {
    match serde_json::to_value(entry) {
        Ok(serde_json::Value::String(name)) => name,
        Ok(serde_json::Value::Object(fields)) => fields.keys().next().cloned().unwrap_or_default(),
        _ => String::new(),
    }
}
