//! What is told at once, what waits for the end of a storm, and what for the end of the quiet hours.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::Popup;
use super::quiet::Quiet;
use super::storm::Storm;
use crate::domain::id::IncidentId;
use crate::domain::notice::{Notice, NoticeKind};
use crate::domain::text::{Outside, named};
use crate::domain::time::Time;

/// What quiet hours keep at most; the rest is counted.
const KEPT: usize = 200;
/// How many of those are named when they end.
const NAMED: usize = 3;
/// What was told of an incident is not told again within this.
const ONCE_IN: TimeDelta = TimeDelta::minutes(10);

/// What becomes of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is told now.
    Tell,
    /// It gets no popup: it is counted, and told when the storm is summed up, or it was told a moment ago.
    Hold,
    /// It is quiet; it is told when the quiet hours end.
    Withhold,
}

/// What is told late, and the sequence numbers of what it tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Due {
    /// So many had to wait for the end of a storm; where it was one, that one.
    Held { count: u32, only: Option<Notice>, seqs: Vec<u64> },
    /// These had to wait for the end of the quiet hours.
    Withheld { popup: Popup, seqs: Vec<u64> },
}

/// How much is told at once.
#[derive(Clone, Debug, Default)]
pub struct Pace {
    quiet: Option<Quiet>,
    storm: Storm,
    /// What the storm counts: the first of them, and where all stand in the ledger.
    held: (Option<Notice>, Vec<u64>),
    withheld: Vec<Notice>,
    more: usize,
    /// Where all that was withheld stands in the ledger.
    withheld_seqs: Vec<u64>,
    told: BTreeMap<Saying, Time>,
}

/// Of which incident it is said that it burns, or burns worse. Whatever else is said of one has its own reason each time.
type Saying = (IncidentId, &'static str);

fn saying(notice: &Notice) -> Option<Saying> {
    let burns = matches!(notice.kind, NoticeKind::NewCritical | NoticeKind::Upgraded);
    notice.incident.clone().filter(|_| burns).map(|id| (id, notice.kind.name()))
}

impl Pace {
    /// One that keeps these quiet hours.
    pub fn new(quiet: Option<Quiet>) -> Self {
        Self { quiet, ..Self::default() }
    }

    /// Takes a notice in, which stands at `seq` in the ledger; `critical` says whether it, or what it speaks of, is.
    pub fn take(&mut self, now: Time, seq: Option<u64>, notice: &Notice, critical: bool) -> Verdict {
        if self.is_quiet(now, critical) {
            self.withheld_seqs.extend(seq);
            if self.withheld.len() < KEPT {
                self.withheld.push(notice.clone());
            } else {
                self.more += 1;
            }
            return Verdict::Withhold;
        }
        // What is repeated comes at its own pace, and takes nobody's place.
        if notice.kind == NoticeKind::Unacknowledged {
            return Verdict::Tell;
        }
        if self.storm.take(now, critical) {
            return Verdict::Tell;
        }
        self.held.0.get_or_insert_with(|| notice.clone());
        self.held.1.extend(seq);
        Verdict::Hold
    }

    /// The same for what is `shown` where it is told: not again soon about the same incident. Whoever carries notices out of
    /// the house hears of each.
    pub fn take_shown(
        &mut self,
        now: Time,
        seq: Option<u64>,
        notice: &Notice,
        critical: bool,
        shown: bool,
    ) -> Verdict {
        self.told.retain(|_, at| *at <= now && now - *at < ONCE_IN);
        let saying = saying(notice);
        // It flaps: the bell and the banner say that, and it fills no bucket.
        let flaps = saying.as_ref().is_some_and(|saying| self.told.contains_key(saying));
        if flaps && !self.is_quiet(now, critical) {
            return Verdict::Hold;
        }
        let verdict = self.take(now, seq, notice, critical);
        if verdict == Verdict::Tell && shown {
            self.told.extend(saying.map(|saying| (saying, now)));
        }
        verdict
    }

    /// Whether nothing is told now, or nothing but what is `critical`.
    pub fn is_quiet(&self, now: Time, critical: bool) -> bool {
        self.quiet.as_ref().is_some_and(|quiet| quiet.holds(now) && !(critical && quiet.critical))
    }

    /// What is due by now: the rest of a storm, and what was withheld while it was quiet, of which some still `matters`.
    pub fn due(&mut self, now: Time, matters: impl Fn(&Notice) -> bool) -> Vec<Due> {
        let storm = if self.is_quiet(now, true) { None } else { self.storm.summary(now) };
        let storm = storm.map(|count| {
            let (first, seqs) = std::mem::take(&mut self.held);
            // What is settled by now is counted only.
            Due::Held { count, only: first.filter(|it| count == 1 && matters(it)), seqs }
        });
        let over = !self.withheld.is_empty() && !self.is_quiet(now, false);
        let withheld = over.then(|| {
            let all = std::mem::take(&mut self.withheld);
            let popup = withheld(&all, std::mem::take(&mut self.more), &matters);
            Due::Withheld { popup, seqs: std::mem::take(&mut self.withheld_seqs) }
        });
        storm.into_iter().chain(withheld).collect()
    }

    /// The bell is to ring; several that are to ring before it does are one.
    pub fn owe_bell(&mut self) {
        self.storm.owe_bell();
    }

    /// Whether the bell rings now: one is owed, and the last is long enough ago.
    pub fn rings(&mut self, now: Time) -> bool {
        self.storm.rings(now)
    }
}

/// What was withheld, in one popup.
fn withheld(all: &[Notice], more: usize, matters: impl Fn(&Notice) -> bool) -> Popup {
    let count = all.len() + more;
    let open: Vec<&Notice> = all.iter().filter(|notice| matters(notice)).collect();
    let words = |notice: &&Notice| match &notice.incident {
        Some(id) => format!("{} {id}", notice.kind.word()),
        None => notice.kind.word().to_owned(),
    };
    let body = if open.is_empty() {
        "all of it is settled by now".to_owned()
    } else {
        format!("still open: {}", named(open.iter().map(words), NAMED))
    };
    let many = if count == 1 { "1 notice was" } else { &format!("{count} notices were") };
    let title = Outside::new(format!("{many} withheld in quiet hours")).safe();
    let critical = open.iter().any(|notice| notice.kind.is_critical());
    Popup { critical, ..Popup::plain(title, Outside::new(body).safe()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NIGHT: &str = "hours = ['22:00-07:00']";

    fn pace(quiet: &str) -> Pace {
        Pace::new(Some(toml::from_str(quiet).unwrap()))
    }

    fn take(pace: &mut Pace, now: Time, notice: &Notice) -> Verdict {
        pace.take(now, None, notice, notice.kind.is_critical())
    }

    /// What is said at the end of the quiet hours, and of which.
    fn said(pace: &mut Pace, now: Time, matters: impl Fn(&Notice) -> bool) -> (Popup, Vec<u64>) {
        match <[Due; 1]>::try_from(pace.due(now, matters)) {
            Ok([Due::Withheld { popup, seqs }]) => (popup, seqs),
            other => panic!("{other:?}"),
        }
    }

    fn notice(number: u64, kind: NoticeKind) -> Notice {
        Notice::new(kind, Some(IncidentId::new("ANA", number)), Outside::new("x"))
    }

    fn at(clock: &str) -> Time {
        format!("2026-11-20T{clock}Z").parse().unwrap()
    }

    #[test]
    fn in_quiet_hours_only_what_is_critical_is_told_and_the_rest_is_said_when_they_end() {
        let mut pace = pace(NIGHT);
        let (critical, due) = (notice(1, NoticeKind::NewCritical), notice(2, NoticeKind::Deadline));
        assert_eq!(take(&mut pace, at("21:59:00"), &due), Verdict::Tell);
        assert_eq!(pace.take(at("22:00:00"), Some(7), &due, false), Verdict::Withhold);
        let expired = notice(3, NoticeKind::AckExpired);
        assert_eq!(pace.take(at("22:00:01"), Some(9), &expired, false), Verdict::Withhold);
        assert_eq!(take(&mut pace, at("23:00:00"), &critical), Verdict::Tell);
        let of_a_critical = notice(4, NoticeKind::AckExpired);
        assert_eq!(pace.take(at("23:00:01"), None, &of_a_critical, true), Verdict::Tell);
        assert_eq!(pace.due(at("06:59:59"), |_| true), []);
        let (popup, seqs) = said(&mut pace, at("07:00:00"), |notice| notice.kind == NoticeKind::Deadline);
        assert_eq!(popup.title.to_string(), "2 notices were withheld in quiet hours");
        assert_eq!(popup.body.to_string(), "still open: DUE ANA-2");
        assert_eq!(seqs, [7, 9], "also of what is settled by now");
        assert_eq!(pace.due(at("07:00:01"), |_| true), [], "it is said once");
    }

    #[test]
    fn what_is_critical_is_withheld_where_that_is_asked_for() {
        let mut pace = pace("hours = ['22:00-07:00']\ncritical = false");
        for number in 1..=300 {
            assert_eq!(
                take(&mut pace, at("23:00:00"), &notice(number, NoticeKind::NewCritical)),
                Verdict::Withhold
            );
        }
        let (popup, _) = said(&mut pace, at("12:00:00"), |_| true);
        assert_eq!(popup.title.to_string(), "300 notices were withheld in quiet hours");
        assert_eq!(popup.body.to_string(), "still open: NEW ANA-1, NEW ANA-2, NEW ANA-3, and 197 more");
        assert!(popup.critical);
    }

    #[test]
    fn what_a_storm_held_back_is_known_and_where_it_was_one_it_is_that_one() {
        let mut pace = Pace::default();
        for seq in 1..=6 {
            pace.take(at("12:00:00"), Some(seq), &notice(seq, NoticeKind::NewCritical), true);
        }
        let only = Some(notice(6, NoticeKind::NewCritical));
        assert_eq!(pace.due(at("12:00:02"), |_| true), [Due::Held { count: 1, only, seqs: vec![6] }]);
        for seq in 7..=8 {
            pace.take(at("12:00:03"), Some(seq), &notice(seq, NoticeKind::NewCritical), true);
        }
        let held = Due::Held { count: 2, only: None, seqs: vec![7, 8] };
        assert_eq!(pace.due(at("12:02:00"), |_| true), [held]);
    }

    #[test]
    fn what_is_repeated_neither_fills_the_bucket_nor_waits_for_it() {
        let mut pace = Pace::default();
        let again = notice(1, NoticeKind::Unacknowledged);
        assert!((0..20).all(|_| take(&mut pace, at("12:00:00"), &again) == Verdict::Tell));
        let news = |number: u64| notice(2 + number, NoticeKind::AckExpired);
        let told = (0..20).filter(|it| take(&mut pace, at("12:00:00"), &news(*it)) == Verdict::Tell).count();
        assert_eq!(told, 5);
        assert_eq!(take(&mut pace, at("12:00:00"), &again), Verdict::Tell);
    }

    #[test]
    fn an_alert_that_comes_and_goes_is_one_popup_in_ten_minutes() {
        let mut pace = Pace::default();
        let from = at("12:00:00");
        let comes_to = |pace: &mut Pace, second: i64, shown| {
            let critical = notice(1, NoticeKind::NewCritical);
            pace.take_shown(from + TimeDelta::seconds(second), None, &critical, true, shown)
        };
        assert_eq!(comes_to(&mut pace, 0, false), Verdict::Tell);
        assert_eq!(comes_to(&mut pace, 0, true), Verdict::Tell, "whoever looked saw no popup");
        let comes = |pace: &mut Pace, second| comes_to(pace, second, true);
        pace = Pace::default();
        let told = (0..20).filter(|turn| comes(&mut pace, turn * 29) == Verdict::Tell).count();
        assert_eq!(told, 1);
        assert_eq!(pace.due(from + TimeDelta::minutes(9), |_| true), [], "nor is it summed up");
        for kind in [NoticeKind::Upgraded, NoticeKind::Deadline, NoticeKind::UnknownOutcome] {
            assert_eq!(
                pace.take_shown(from + TimeDelta::minutes(9), None, &notice(1, kind), false, true),
                Verdict::Tell
            );
        }
        let another = notice(1, NoticeKind::Deadline);
        assert_eq!(pace.take_shown(from + TimeDelta::minutes(9), None, &another, false, true), Verdict::Tell);
        let again = notice(1, NoticeKind::NewCritical);
        assert_eq!(
            take(&mut pace, from + TimeDelta::minutes(9), &again),
            Verdict::Tell,
            "a program hears of each"
        );
        assert_eq!(comes(&mut pace, 599), Verdict::Hold);
        assert_eq!(comes(&mut pace, 600), Verdict::Tell);
        assert_eq!(comes(&mut pace, 300), Verdict::Tell, "the clock was set back");
    }
}
