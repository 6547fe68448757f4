//! From answers to incidents: grouping, severity, coming and going.

mod merged;
mod upstream;
mod watchdog;

use std::collections::BTreeMap;
use std::sync::Arc;

use quell::domain::id::IncidentId;
use quell::domain::incident::Incident;
use quell::domain::operator::{Actor, Operator};
use quell::domain::phase::Phase;
use quell::domain::record::{CloseReason, Entry, FORMAT, Record};
use quell::domain::severity::Severity;
use quell::domain::signal::{Answer, Signal, SignalKey, Standing};
use quell::domain::text::Outside;
use quell::domain::tie::Tie;
use quell::domain::time::{Span, Time};
use quell::engine::Setup;
use quell::engine::intake::{Flaps, Intake, Taken, closes_itself};
use quell::ledger::{Draft, Subject};

fn at(second: i64) -> Time {
    chrono::DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
}

fn signal(fingerprint: &str, labels: &[(&str, &str)]) -> Signal {
    let labels: BTreeMap<_, _> = labels.iter().map(|(k, v)| (Outside::new(*k), Outside::new(*v))).collect();
    let alertname = labels.get("alertname").cloned().unwrap_or_default();
    Signal {
        key: SignalKey { source: "am".into(), fingerprint: Outside::new(fingerprint) },
        title: alertname.clone(),
        alertname,
        description: Outside::default(),
        labels: labels.into(),
        annotations: quell::domain::signal::Packed::default(),
        runbook: None,
        link: None,
        since: at(0),
        standing: Standing::Firing,
        upstream: None,
        undecodable: false,
        watched: false,
    }
}

fn critical(fingerprint: &str, name: &str) -> Signal {
    signal(fingerprint, &[("alertname", name), ("service", "trading"), ("severity", "critical")])
}

/// A ledger in memory: what the intake decides is folded at once.
#[derive(Default)]
struct Board {
    setup: Setup,
    incidents: BTreeMap<IncidentId, Arc<Incident>>,
    flaps: Flaps,
    watchdogs: Vec<String>,
    behind: Span,
    seq: u64,
}

impl Board {
    fn answer(&mut self, second: i64, signals: &[Signal]) -> Taken {
        self.take(
            second,
            &Answer { signals: signals.iter().cloned().map(Arc::new).collect(), left_out: 0, complete: true },
        )
    }

    fn take(&mut self, second: i64, answer: &Answer) -> Taken {
        loop {
            let incidents: Vec<_> = self.incidents.values().cloned().collect();
            let intake = Intake {
                setup: &self.setup,
                incidents: &incidents,
                source: "am",
                watchdogs: &self.watchdogs,
                now: at(second),
                behind: self.behind,
            };
            let taken = intake.take(answer, &mut self.flaps);
            for draft in taken.openings.iter().chain(taken.notes.values().flatten()) {
                self.write(draft);
            }
            if !taken.again {
                return taken;
            }
        }
    }

    fn write(&mut self, draft: &Draft) {
        self.seq += 1;
        let id = match &draft.subject {
            Subject::Incident(id) => id.clone(),
            _ => IncidentId::new("ANA", self.incidents.len() as u64 + 1),
        };
        let record = Record {
            v: FORMAT,
            on: None,
            seq: self.seq,
            at: draft.at,
            by: draft.by.clone(),
            incident: Some(id.clone()),
            entry: draft.entry.clone(),
        };
        match self.incidents.get_mut(&id) {
            Some(incident) => Arc::make_mut(incident).apply(&record).unwrap(),
            None => drop(self.incidents.insert(id, Arc::new(Incident::open(&record).unwrap()))),
        }
    }

    fn does(&mut self, second: i64, number: u64, entry: Entry) {
        let ana = Actor::Person(Operator::new("ana", "bastion"));
        self.write(&Draft::of(&IncidentId::new("ANA", number), ana, at(second), entry));
    }

    /// Ana says this of the first and the second.
    fn ties(&mut self, second: i64, tie: &Tie, one: u64, other: u64) {
        let (here, there) = tie.sides(self.incident(one), self.incident(other));
        self.does(second, one, Entry::Tied(here));
        self.does(second, other, Entry::Tied(there));
    }

    fn incident(&self, number: u64) -> &Incident {
        &self.incidents[&IncidentId::new("ANA", number)]
    }
}

#[test]
fn signals_that_share_name_and_service_are_one_incident() {
    let mut board = Board::default();
    board.answer(0, &[critical("a", "Down"), critical("b", "Down"), critical("c", "Other")]);
    assert_eq!(board.incidents.len(), 2);
    assert_eq!(board.incident(1).firing(), 2);
    board.answer(
        5,
        &[critical("a", "Down"), critical("b", "Down"), critical("c", "Other"), critical("d", "Down")],
    );
    assert_eq!((board.incidents.len(), board.incident(1).firing()), (2, 3));
}

#[test]
fn the_same_answer_twice_changes_nothing() {
    let mut board = Board::default();
    let signals = [critical("a", "Down"), signal("u", &[("alertname", "Odd")])];
    board.answer(0, &signals);
    let taken = board.answer(15, &signals);
    assert!(taken.openings.is_empty() && taken.notes.is_empty());
}

#[test]
fn an_unknown_severity_is_high_and_says_so() {
    let mut board = Board::default();
    board.answer(0, &[signal("u", &[("alertname", "Odd"), ("severity", "sev-banana")])]);
    assert_eq!((board.incident(1).severity, board.incident(1).is_unmapped()), (Severity::High, true));
}

#[test]
fn a_priority_whose_place_is_not_known_makes_nothing_harmless() {
    let mut board = Board::default();
    let low = [("alertname", "Odd"), ("pd_id", "PT4"), ("urgency", "low")];
    board.answer(0, &[signal("1", &low), signal("2", &[&low[1..], &[("priority", "P1")]].concat())]);
    assert_eq!((board.incident(1).severity, board.incident(1).is_unmapped()), (Severity::Normal, false));
    assert_eq!((board.incident(2).severity, board.incident(2).is_unmapped()), (Severity::High, true));
}

#[test]
fn absence_clears_only_from_a_complete_answer() {
    let mut board = Board::default();
    board.answer(0, &[critical("a", "Down")]);
    board.take(20, &Answer { signals: vec![], left_out: 3, complete: false });
    assert_eq!(board.incident(1).firing(), 1, "what an incomplete answer leaves out is not gone");
    board.answer(40, &[]);
    assert_eq!((board.incident(1).firing(), board.incident(1).cleared_at), (0, Some(at(40))));
}

#[test]
fn a_silenced_signal_opens_nothing_and_is_not_absent() {
    let mut board = Board::default();
    let silenced = |fingerprint| Signal { standing: Standing::Silenced, ..critical(fingerprint, "Down") };
    assert_eq!(board.answer(0, &[silenced("a")]).quiet, 1);
    assert!(board.incidents.is_empty());
    board.answer(15, &[critical("a", "Down")]);
    board.answer(30, &[silenced("a")]);
    assert_eq!(board.incident(1).firing(), 1);
}

#[test]
fn a_signal_back_within_half_an_hour_rejoins_and_takes_the_acknowledgement_away() {
    let mut board = Board::default();
    board.answer(0, &[critical("a", "Down")]);
    board.does(10, 1, Entry::Acknowledged { lasts_s: 7200, from: None });
    board.answer(60, &[]);
    board.answer(60 + 29 * 60, &[critical("a", "Down")]);
    assert_eq!(board.incidents.len(), 1);
    assert_eq!((board.incident(1).firing(), board.incident(1).owner.is_some()), (1, false));
}

#[test]
fn a_signal_back_later_opens_a_recurrence() {
    let mut board = Board::default();
    board.answer(0, &[critical("a", "Down")]);
    board.answer(60, &[]);
    let note = Some(Outside::new("restarted by hand"));
    board.does(90, 1, Entry::Closed { reason: CloseReason::Resolved, note });
    board.answer(60 + 31 * 60, &[critical("a", "Down")]);
    assert_eq!(board.incident(2).opening.recurrence_of.as_deref(), Some(&IncidentId::new("ANA", 1)));
}

#[test]
fn a_signal_that_comes_back_to_what_was_resolved_brings_it_back_to_triage() {
    let mut board = Board::default();
    board.answer(0, &[critical("a", "Down")]);
    board.answer(60, &[]);
    let note = Some(Outside::new("restarted by hand"));
    board.does(70, 1, Entry::Closed { reason: CloseReason::Resolved, note });
    assert_eq!(board.incident(1).phase, Phase::Review);
    board.answer(120, &[critical("a", "Down")]);
    assert_eq!((board.incidents.len(), board.incident(1).phase), (1, Phase::Identify));
}

#[test]
fn a_false_alarm_stays_closed_and_what_fires_again_is_a_new_incident() {
    let mut board = Board::default();
    board.answer(0, &[critical("a", "Down")]);
    let note = Some(Outside::new("a drill of the network team"));
    board.does(5, 1, Entry::Closed { reason: CloseReason::FalseAlarm, note });
    board.answer(15, &[critical("a", "Down")]);
    assert_eq!(board.incidents.len(), 1, "it still fires: it is the same false alarm");
    board.answer(30, &[]);
    board.answer(45, &[critical("a", "Down")]);
    assert_eq!((board.incident(1).phase, board.incidents.len()), (Phase::Closed, 2));
}

#[test]
fn flaps_are_written_at_most_once_a_minute_and_counted() {
    let mut board = Board::default();
    board.answer(0, &[critical("a", "Down")]);
    board.answer(10, &[]);
    board.answer(20, &[critical("a", "Down")]);
    let before = board.seq;
    for second in [25, 35, 45, 55] {
        board.answer(second, &[]);
        board.answer(second + 5, &[critical("a", "Down")]);
    }
    assert_eq!(board.seq, before, "it flaps: it counts as firing");
    board.answer(90, &[critical("a", "Down")]);
    assert_eq!(board.seq, before + 1, "and how often it did is written down once");
}

/// What was written down of its flapping: how often, each time.
fn flapped(taken: &Taken) -> Vec<u32> {
    let times = |draft: &Draft| match draft.entry {
        Entry::SignalFlapped { times, .. } => Some(times),
        _ => None,
    };
    taken.notes.values().flatten().filter_map(times).collect()
}

#[test]
fn a_flap_is_a_change_and_not_a_poll() {
    let mut board = Board::default();
    board.answer(0, &[critical("a", "Down")]);
    board.answer(10, &[]);
    board.answer(20, &[critical("a", "Down")]);
    for second in [25, 30, 35] {
        board.answer(second, &[]);
    }
    for second in [40, 45] {
        board.answer(second, &[critical("a", "Down")]);
    }
    assert_eq!(flapped(&board.answer(90, &[critical("a", "Down")])), [2], "it went and came");
    assert!(board.flaps.is_empty());
}

#[test]
fn what_flapped_and_then_went_for_good_is_written_down_and_forgotten() {
    let mut board = Board::default();
    board.answer(0, &[critical("a", "Down")]);
    board.answer(10, &[]);
    board.answer(20, &[critical("a", "Down")]);
    board.answer(30, &[]);
    board.answer(40, &[critical("a", "Down")]);
    board.answer(50, &[]);
    assert_eq!(flapped(&board.answer(90, &[])), [2], "its last going is written down as such");
    assert!(board.flaps.is_empty() && board.incident(1).cleared_at.is_some());
}

#[test]
fn only_an_incident_nobody_touched_closes_itself() {
    let mut board = Board::default();
    board.answer(0, &[critical("a", "Down"), critical("b", "Slow")]);
    board.does(5, 2, Entry::Noted { text: Outside::new("looking") });
    board.answer(10, &[]);
    let closes = |board: &Board, number, second| {
        let seen = [("am".to_owned(), Some(at(second)))].into();
        closes_itself(board.incident(number), &board.setup, &seen, at(second))
    };
    assert!(!closes(&board, 1, 10 + 299));
    assert!(closes(&board, 1, 10 + 300));
    assert!(!closes(&board, 2, 10 + 3000));
}

#[test]
fn the_worst_firing_signal_is_the_severity_until_a_person_says_otherwise() {
    let mut board = Board::default();
    let low = signal("b", &[("alertname", "Down"), ("service", "trading"), ("severity", "warning")]);
    board.answer(0, std::slice::from_ref(&low));
    assert_eq!(board.incident(1).severity, Severity::Normal);
    board.answer(15, &[low.clone(), critical("a", "Down")]);
    assert_eq!(board.incident(1).severity, Severity::Critical);
    board.does(
        20,
        1,
        Entry::SeveritySet { severity: Severity::Normal, because: Some(Outside::new("we looked")) },
    );
    assert_eq!(board.incident(1).severity, Severity::Normal);
    assert_eq!(board.incident(1).worse_upstream(), Some(Severity::Critical), "a badge, not a change");
}

#[test]
fn an_undecodable_element_is_an_incident_of_its_own() {
    let mut board = Board::default();
    let broken = |fingerprint| Signal { undecodable: true, ..signal(fingerprint, &[]) };
    board.answer(0, &[broken("x"), broken("y"), critical("a", "Down")]);
    assert_eq!(board.incidents.len(), 3);
    assert_eq!(board.incident(1).severity, Severity::High);
}

#[test]
fn what_comes_back_is_news_with_a_deadline_of_its_own() {
    use quell::domain::notice::{Notice, NoticeKind};
    let mut board = Board::default();
    board.answer(0, &[critical("a", "Down")]);
    let notice = Notice::new(NoticeKind::NewCritical, None, Outside::new("down"));
    board.does(1, 1, Entry::NoticeRaised(notice));
    board.does(2, 1, Entry::Acknowledged { lasts_s: 7200, from: None });
    board.answer(60, &[]);
    assert_eq!(*board.incident(1).noticed, [NoticeKind::NewCritical]);
    board.answer(600, &[critical("a", "Down")]);
    assert_eq!(*board.incident(1).noticed, []);
    assert_eq!(board.incident(1).ack_due(), Some(at(600 + 300)));
}

#[test]
fn a_source_that_gets_worse_than_a_person_said_is_noticed_once() {
    let mut board = Board::default();
    let mild =
        |severity| signal("a", &[("alertname", "Slow"), ("service", "trading"), ("severity", severity)]);
    board.answer(0, &[mild("high")]);
    board.does(
        5,
        1,
        Entry::SeveritySet { severity: Severity::Normal, because: Some(Outside::new("we looked")) },
    );
    board.answer(10, &[mild("high")]);
    assert!(!board.incident(1).rose, "what the person knew is no news");
    board.answer(20, &[mild("critical")]);
    assert!(board.incident(1).rose);
    assert_eq!(board.incident(1).severity, Severity::Normal);
}

#[test]
fn signals_of_a_group_that_return_late_are_one_incident_again() {
    let mut board = Board::default();
    board.answer(0, &[critical("a", "Down"), critical("b", "Down"), critical("c", "Down")]);
    board.answer(60, &[]);
    board.does(61, 1, Entry::Closed { reason: CloseReason::Cleared, note: None });
    board.answer(60 + 3600, &[critical("a", "Down"), critical("b", "Down"), critical("c", "Down")]);
    assert_eq!((board.incidents.len(), board.incident(2).firing()), (2, 3));
}

#[test]
fn nothing_ends_while_it_fires_without_a_word() {
    let mut board = Board::default();
    board.answer(0, &[critical("a", "Down")]);
    let close = |note: Option<&str>| Record {
        v: FORMAT,
        on: None,
        seq: 99,
        at: at(9),
        by: Actor::Person(Operator::new("ana", "bastion")),
        incident: Some(IncidentId::new("ANA", 1)),
        entry: Entry::Closed { reason: CloseReason::FalseAlarm, note: note.map(Outside::new) },
    };
    let mut incident = board.incident(1).clone();
    assert!(incident.apply(&close(None)).is_err() && incident.apply(&close(Some(" "))).is_err());
    assert!(incident.apply(&close(Some("a drill"))).is_ok());
}

#[test]
fn nothing_closes_itself_while_its_source_cannot_be_seen() {
    let mut board = Board::default();
    board.answer(0, &[critical("a", "Down")]);
    board.answer(10, &[]);
    let closes = |seen: Option<i64>| {
        let seen = [("am".to_owned(), seen.map(at))].into();
        closes_itself(board.incident(1), &board.setup, &seen, at(1000))
    };
    assert!(!closes(None) && !closes(Some(10)) && !closes(Some(309)), "it may burn in the dark");
    assert!(closes(Some(310)));
    assert!(closes_itself(board.incident(1), &board.setup, &[].into(), at(1000)), "its source was removed");
}

#[test]
fn a_new_signal_of_what_had_gone_quiet_is_news_within_half_an_hour_and_a_recurrence_later() {
    let mut board = Board::default();
    board.answer(0, &[critical("a", "Down")]);
    board.does(10, 1, Entry::Acknowledged { lasts_s: 7200, from: None });
    board.answer(60, &[]);
    board.answer(120, &[critical("b", "Down")]);
    assert_eq!((board.incidents.len(), board.incident(1).owner.is_some()), (1, false));
    assert_eq!(board.incident(1).ack_due(), Some(at(120 + 300)));
    board.answer(180, &[]);
    board.answer(180 + 1801, &[critical("c", "Down")]);
    assert_eq!((board.incidents.len(), board.incident(1).firing()), (2, 0));
    assert_eq!(board.incident(2).opening.recurrence_of.as_deref(), Some(&IncidentId::new("ANA", 1)));
}

#[test]
fn a_clock_that_is_behind_makes_nothing_look_as_if_it_had_burnt_for_long() {
    let since = |behind: Span, signal: Signal| {
        let mut board = Board { behind, ..Board::default() };
        board.answer(0, &[signal]);
        board.incident(1).signals.values().next().unwrap().since
    };
    let began = |second| Signal { since: at(second), ..critical("a", "Down") };
    let ten = Span::mins(10);
    assert_eq!(since(Span::default(), began(-615)), at(-615), "it was burning before");
    assert_eq!(since(ten, began(-615)), at(-15), "it began a moment ago");
    assert_eq!(since(ten, began(-300)), at(0), "nothing begins later than now");
    assert_eq!(since(Span::default(), began(300)), at(0), "also where a clock is ahead");
}
