//! What is critical is told again until somebody holds it, and a program of the operator's own hears of everything once.

use std::sync::Arc;

use super::bench::Bench;
use crate::backend::Backend;
use crate::domain::escalation::Step;
use crate::domain::id::IncidentId;
use crate::domain::notice::{Notice, NoticeKind};
use crate::domain::record::{CloseReason, Entry, Snoozed};
use crate::domain::severity::Severity;
use crate::domain::text::Outside;
use crate::domain::time::Span;
use crate::engine::{Adapters, Setup};
use crate::notify::exec::Exec;
use crate::notify::{Detail, Settings};

fn repeating() -> Setup {
    Setup { repeat: Some(Span::mins(5)), ..Setup::default() }
}

/// What was told again, in order: whom it names, and the text.
async fn again(bench: &Bench) -> Vec<String> {
    let told = |entry| match entry {
        Entry::NoticeRaised(notice) if notice.kind == NoticeKind::Unacknowledged => {
            Some(notice.text.raw().to_owned())
        }
        _ => None,
    };
    bench.records().await.into_iter().filter_map(|record| told(record.entry)).collect()
}

async fn minutes_pass(bench: &Bench, minutes: u64) {
    for _minute in 0..minutes {
        bench.pass(Span::mins(1)).await;
    }
}

fn acknowledged() -> Entry {
    Entry::Acknowledged { lasts_s: 7200, from: None }
}

#[tokio::test]
async fn a_critical_that_nobody_holds_is_told_again_until_somebody_does() {
    let bench = Bench::with(repeating(), |_| Adapters::default()).await;
    let id = bench.open(Severity::Critical).await;
    bench.open(Severity::High).await;
    bench.pass(Span::secs(1)).await;
    minutes_pass(&bench, 4).await;
    assert_eq!(again(&bench).await, Vec::<String>::new());
    minutes_pass(&bench, 2).await;
    assert_eq!(again(&bench).await, [format!("{id} waits for somebody since 5 min: gateway")]);
    minutes_pass(&bench, 5).await;
    assert_eq!(again(&bench).await.len(), 2);
    bench.ana_does(&id, acknowledged()).await;
    minutes_pass(&bench, 30).await;
    assert_eq!(again(&bench).await.len(), 2);
}

#[tokio::test]
async fn a_critical_that_nobody_took_in_time_is_a_notice_once() {
    let mut setup = Setup::default();
    let path = setup.paths.first_mut().unwrap();
    path.when = Some("sev:critical".parse().unwrap());
    path.steps = vec![Step { after: Span::mins(9), to: vec!["room".into()] }];
    let bench = Bench::with(setup, |_| Adapters::default()).await;
    let (one, covered) = (bench.open(Severity::Critical).await, bench.open(Severity::Critical).await);
    bench.open(Severity::High).await;
    bench.pass(Span::secs(1)).await;
    minutes_pass(&bench, 4).await;
    let late = async || -> Vec<String> {
        bench.notices().await.into_iter().filter(|text| text.starts_with("nobody took")).collect()
    };
    assert_eq!(late().await, Vec::<String>::new());
    minutes_pass(&bench, 3).await;
    let said = [
        format!("nobody took {one} by 14:05Z: {}", bench.incident(&one).title().raw()),
        format!("nobody took {covered} by 14:05Z: {}", bench.incident(&covered).title().raw()),
    ];
    assert_eq!(late().await, said, "what is not critical is told nobody");
}

#[tokio::test]
async fn what_is_told_again_is_one_notice_however_many_wait_and_ends_some_day() {
    let bench = Bench::with(repeating(), |_| Adapters::default()).await;
    let mut ids = Vec::new();
    for _incident in 0..5 {
        ids.push(bench.open(Severity::Critical).await);
    }
    bench.pass(Span::secs(1)).await;
    minutes_pass(&bench, 6).await;
    let said =
        format!("5 critical incidents wait for somebody: {}, {}, {}, and 2 more", ids[0], ids[1], ids[2]);
    assert_eq!(again(&bench).await, [said]);
    bench.ana_does(&ids[0], Entry::Closed { reason: CloseReason::FalseAlarm, note: None }).await;
    // The next holder goes on from what the ledger says.
    let next = bench.another_with(repeating(), Adapters::default()).await;
    let mut sight = next.sight();
    for _minute in 0..120 {
        bench.hand.advance(Span::mins(1));
        next.keep_deadlines(&mut sight).await;
    }
    let all = again(&bench).await;
    assert!(all[1].starts_with("4 critical incidents"), "{all:?}");
    assert_eq!(all.len(), 12);
}

#[tokio::test]
async fn a_critical_that_is_snoozed_is_not_told_again_until_it_wakes() {
    let bench = Bench::with(repeating(), |_| Adapters::default()).await;
    let id = bench.open(Severity::Critical).await;
    bench.pass(Span::secs(1)).await;
    let (until, because) = (bench.now() + Span::mins(30).delta(), Some(Outside::new("it rolls back")));
    bench.ana_does(&id, Entry::Snoozed(Snoozed { until, because })).await;
    minutes_pass(&bench, 29).await;
    assert_eq!(again(&bench).await, Vec::<String>::new());
    minutes_pass(&bench, 10).await;
    assert!(!again(&bench).await.is_empty(), "awake, and nobody holds it");
}

#[tokio::test]
async fn without_a_word_nothing_is_told_again() {
    let bench = Bench::new().await;
    bench.open(Severity::Critical).await;
    minutes_pass(&bench, 30).await;
    assert_eq!(again(&bench).await, Vec::<String>::new());
}

/// A program that keeps what it hears, and the file it does so in.
pub(super) fn hearing(folder: &tempfile::TempDir, script: &str) -> (Adapters, std::path::PathBuf) {
    let heard = folder.path().join("heard");
    let script = script.replace("@", &heard.display().to_string());
    let exec = Some(["/bin/sh", "-c", &script, "hear"].map(str::to_owned).into());
    let exec =
        Exec::new(&Settings { exec, detail: Detail::Full, ..Settings::default() }).unwrap().map(Arc::new);
    (Adapters { exec, ..Adapters::default() }, heard)
}

pub(super) fn lines(file: &std::path::Path) -> Vec<String> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// What the ledger says of how the program was told of what.
pub(super) async fn delivered(bench: &Bench) -> Vec<(u64, String)> {
    let told = |entry| match entry {
        Entry::NoticeDelivered { notice, console, how } if console == "notify.exec" => Some((notice, how)),
        _ => None,
    };
    bench.records().await.into_iter().filter_map(|record| told(record.entry)).collect()
}

async fn raised(bench: &Bench, kind: NoticeKind) -> IncidentId {
    let id = bench.open(Severity::Critical).await;
    bench.pass(Span::secs(1)).await;
    assert!(bench.incident(&id).noticed.contains(&kind));
    id
}

#[tokio::test]
async fn the_program_of_the_holder_hears_of_each_notice_once_whoever_holds_the_lease() {
    let folder = tempfile::tempdir().unwrap();
    let (adapters, heard) = hearing(&folder, "echo \"$1\" >>@");
    let bench = Bench::with(Setup::default(), |_| adapters).await;
    let mut outbox = bench.engine.outbox();
    let id = raised(&bench, NoticeKind::NewCritical).await;
    for _second in 0..3 {
        bench.engine.tell_program(&mut outbox, bench.now()).await;
        bench.engine.drain(std::time::Duration::from_secs(30)).await;
    }
    assert_eq!(lines(&heard), [format!("NEW {id}: gateway")]);
    assert_eq!(delivered(&bench).await.iter().map(|(_, how)| how.as_str()).collect::<Vec<_>>(), ["exit 0"]);

    // Another process takes the lease: what was told stays told, what was raised meanwhile is told.
    let (adapters, _) = hearing(&folder, "echo \"$1\" >>@");
    let later = raised(&bench, NoticeKind::NewCritical).await;
    let next = bench.another_with(Setup::default(), adapters).await;
    let mut outbox = next.outbox();
    next.tell_program(&mut outbox, bench.now()).await;
    next.drain(std::time::Duration::from_secs(30)).await;
    assert_eq!(lines(&heard), [format!("NEW {id}: gateway"), format!("NEW {later}: gateway")]);
}

#[tokio::test]
async fn a_storm_and_a_backlog_are_few_runs() {
    let folder = tempfile::tempdir().unwrap();
    let (adapters, heard) = hearing(&folder, "echo \"$1\" >>@");
    let bench = Bench::with(Setup::default(), |_| adapters).await;
    for _incident in 0..30 {
        bench.open(Severity::Critical).await;
    }
    bench.pass(Span::secs(1)).await;
    let mut outbox = bench.engine.outbox();
    bench.engine.tell_program(&mut outbox, bench.now()).await;
    bench.engine.drain(std::time::Duration::from_secs(30)).await;
    assert_eq!(lines(&heard), ["30 notices wait for somebody: since before quell kept watch here"]);
    for _incident in 0..30 {
        bench.open(Severity::Critical).await;
    }
    for _second in 0..4 {
        bench.pass(Span::secs(1)).await;
        bench.engine.tell_program(&mut outbox, bench.now()).await;
        bench.engine.drain(std::time::Duration::from_secs(30)).await;
    }
    let heard = lines(&heard);
    assert_eq!(heard.len(), 7, "{heard:#?}");
    assert_eq!(heard[6], "25 more notices: held back in a storm; see the console");
}

#[tokio::test]
async fn a_program_that_fails_is_run_again_and_that_it_failed_is_written_down() {
    let folder = tempfile::tempdir().unwrap();
    let (adapters, heard) = hearing(&folder, "echo \"$1\" >>@; echo no such topic >&2; exit 3");
    let bench = Bench::with(Setup::default(), |_| adapters).await;
    let mut outbox = bench.engine.outbox();
    outbox.pauses = [std::time::Duration::ZERO; 2];
    raised(&bench, NoticeKind::NewCritical).await;
    bench.engine.tell_program(&mut outbox, bench.now()).await;
    bench.engine.drain(std::time::Duration::from_secs(30)).await;
    assert_eq!(lines(&heard).len(), 3);
    assert_eq!(delivered(&bench).await[0].1, "failed: exit 3: no such topic");
}

#[tokio::test]
async fn what_is_sensitive_does_not_reach_the_program() {
    use crate::domain::sensitive::Sensitive;
    let folder = tempfile::tempdir().unwrap();
    let (adapters, heard) = hearing(&folder, "cat >>@; echo \"$1\" >>@");
    let setup = Setup { sensitive: Sensitive::new(["account"]), ..Setup::default() };
    let bench = Bench::with(setup, |_| adapters).await;
    let id = bench.fire_with("account", "KX88213").await;
    let text = crate::domain::text::Outside::new("account KX88213 is drained");
    let notice = crate::domain::notice::Notice::new(NoticeKind::Escalation, Some(id.clone()), text);
    bench.elsewhere(&id, Entry::NoticeRaised(notice)).await;
    bench.pass(Span::secs(1)).await;
    let mut outbox = bench.engine.outbox();
    bench.engine.tell_program(&mut outbox, bench.now()).await;
    bench.engine.drain(std::time::Duration::from_secs(30)).await;
    let heard = lines(&heard).join("\n");
    assert!(heard.contains("is drained") && !heard.contains("KX88213"), "{heard}");
}

#[tokio::test]
async fn a_clock_that_is_set_back_does_not_silence_what_is_told_again() {
    let bench = Bench::with(repeating(), |_| Adapters::default()).await;
    bench.open(Severity::Critical).await;
    bench.pass(Span::secs(1)).await;
    minutes_pass(&bench, 6).await;
    assert_eq!(again(&bench).await.len(), 1);
    bench.hand.set_back(Span::mins(24 * 60));
    minutes_pass(&bench, 1).await;
    assert_eq!(again(&bench).await.len(), 2, "nobody knows how long ago it was told");
    minutes_pass(&bench, 4).await;
    assert_eq!(again(&bench).await.len(), 2, "at its pace again");
    minutes_pass(&bench, 2).await;
    assert_eq!(again(&bench).await.len(), 3);
}

#[tokio::test]
async fn a_program_that_fails_is_shown_until_it_hears_again() {
    let folder = tempfile::tempdir().unwrap();
    let (adapters, heard) =
        hearing(&folder, "echo \"$1\" >>@; test -e @.mended || { echo no such topic >&2; exit 3; }");
    let bench = Bench::with(Setup::default(), |_| adapters).await;
    let mut outbox = bench.engine.outbox();
    outbox.pauses = [std::time::Duration::ZERO; 2];
    let operator = crate::domain::operator::Operator::new("ana", "bastion");
    let deaf = async || {
        let begin = crate::domain::id::Cursor::default();
        let now = std::time::Duration::ZERO;
        let changes = bench.engine.changes(&operator, &begin, now).await.unwrap();
        changes.deaf.map(|why| why.raw().to_owned())
    };
    assert_eq!(deaf().await, None);
    raised(&bench, NoticeKind::NewCritical).await;
    bench.engine.tell_program(&mut outbox, bench.now()).await;
    bench.engine.drain(std::time::Duration::from_secs(30)).await;
    assert_eq!(deaf().await.as_deref(), Some("exit 3: no such topic"));
    // Whoever only follows the ledger reads it there.
    let other = bench.another().await;
    assert_eq!(other.0.mirror.read().deaf.as_ref().map(Outside::raw), Some("exit 3: no such topic"));
    // The next notice is tried all the same.
    std::fs::write(format!("{}.mended", heard.display()), "").unwrap();
    raised(&bench, NoticeKind::NewCritical).await;
    bench.engine.tell_program(&mut outbox, bench.now()).await;
    bench.engine.drain(std::time::Duration::from_secs(30)).await;
    assert_eq!(deaf().await, None);
    assert_eq!(lines(&heard).len(), 4);
}

#[tokio::test]
async fn the_program_is_told_what_anybody_may_read_unless_more_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let heard = folder.path().join("heard");
    let script = format!("cat >>{0}; echo \"$1\" >>{0}", heard.display());
    let exec = Some(["/bin/sh", "-c", &script, "hear"].map(str::to_owned).into());
    let exec = Exec::new(&Settings { exec, ..Settings::default() }).unwrap().map(Arc::new);
    let bench = Bench::with(Setup::default(), |_| Adapters { exec, ..Adapters::default() }).await;
    let mut outbox = bench.engine.outbox();
    let id = raised(&bench, NoticeKind::NewCritical).await;
    bench.engine.tell_program(&mut outbox, bench.now()).await;
    bench.engine.drain(std::time::Duration::from_secs(30)).await;
    let heard = lines(&heard);
    assert!(heard[1].starts_with(&format!("NEW {id}: critical")), "{heard:?}");
    assert!(!heard.join("\n").contains("gateway"), "{heard:?}");
}

#[tokio::test]
async fn in_quiet_hours_the_program_hears_of_what_is_critical_whatever_the_notice_says() {
    let folder = tempfile::tempdir().unwrap();
    let (adapters, heard) = hearing(&folder, "echo \"$1\" >>@");
    let quiet = Some(toml::from_str("hours = ['00:00-24:00']").unwrap());
    let bench = Bench::with(Setup { quiet, ..Setup::default() }, |_| adapters).await;
    let mut outbox = bench.engine.outbox();
    bench.engine.tell_program(&mut outbox, bench.now()).await;
    for severity in [Severity::High, Severity::Critical] {
        let id = bench.open(severity).await;
        bench.ana_does(&id, Entry::Acknowledged { lasts_s: 60, from: None }).await;
    }
    bench.pass(Span::mins(2)).await;
    bench.engine.tell_program(&mut outbox, bench.now()).await;
    bench.engine.drain(std::time::Duration::from_secs(30)).await;
    let heard = lines(&heard);
    let expired: Vec<_> = heard.iter().filter(|line| line.starts_with("ACK EXPIRED")).collect();
    assert_eq!(expired.len(), 1, "{heard:?}");
    assert!(expired[0].starts_with("ACK EXPIRED ANA-2"), "{heard:?}");
}

#[tokio::test]
async fn what_is_for_one_person_alone_is_not_told_to_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let (adapters, heard) = hearing(&folder, "echo \"$1\" >>@");
    let bench = Bench::with(Setup::default(), |_| adapters).await;
    let mut outbox = bench.engine.outbox();
    bench.engine.tell_program(&mut outbox, bench.now()).await;
    let id = bench.open(Severity::High).await;
    for to in [Some("ana".to_owned()), None] {
        let text = Outside::new("its snooze is over: gateway");
        let notice = Notice { to, ..Notice::new(NoticeKind::Awake, Some(id.clone()), text) };
        bench.ana_does(&id, Entry::NoticeRaised(notice)).await;
    }
    bench.engine.tell_program(&mut outbox, bench.now()).await;
    bench.engine.drain(std::time::Duration::from_secs(30)).await;
    assert_eq!(lines(&heard).len(), 1, "{:?}", lines(&heard));
    let told = delivered(&bench).await;
    let mut raised =
        bench.records().await.into_iter().filter(|it| matches!(it.entry, Entry::NoticeRaised(_)));
    assert_eq!(told, [(raised.next_back().unwrap().seq, "exit 0".to_owned())], "what is for everybody");
}

#[tokio::test]
async fn a_program_that_did_not_hear_is_forgotten_with_the_configuration_that_named_it() {
    let folder = tempfile::tempdir().unwrap();
    let tables =
        |notify: &str| [("ack", "1"), ("notify", notify)].map(|(a, b)| (a.to_owned(), b.to_owned())).into();
    let (adapters, _) = hearing(&folder, "exit 3");
    let bench = Bench::with(Setup { tables: tables("1"), ..Setup::default() }, |_| adapters).await;
    bench.engine.record_configuration().await.unwrap();
    let mut outbox = bench.engine.outbox();
    outbox.pauses = [std::time::Duration::ZERO; 2];
    raised(&bench, NoticeKind::NewCritical).await;
    bench.engine.tell_program(&mut outbox, bench.now()).await;
    bench.engine.drain(std::time::Duration::from_secs(30)).await;
    // With the same one it is still deaf, with another one nobody knows yet.
    for (notify, deaf) in [("1", true), ("2", false)] {
        let (adapters, _) = hearing(&folder, "exit 0");
        let setup = Setup { tables: tables(notify), ..Setup::default() };
        let next = bench.another_with(setup, adapters).await;
        next.record_configuration().await.unwrap();
        let begin = crate::domain::id::Cursor::default();
        let ana = crate::domain::operator::Operator::new("ana", "bastion");
        let changes = Backend::changes(&next, &ana, &begin, std::time::Duration::ZERO).await.unwrap();
        assert_eq!(changes.deaf.is_some(), deaf, "{notify}");
    }
}

#[tokio::test]
async fn what_is_quiet_at_the_first_look_is_told_when_the_quiet_hours_end() {
    let folder = tempfile::tempdir().unwrap();
    let (adapters, heard) = hearing(&folder, "echo \"$1\" >>@");
    let bench = Bench::with(Setup::default(), |_| Adapters::default()).await;
    for severity in [Severity::Critical, Severity::Critical, Severity::High] {
        let id = bench.open(severity).await;
        bench.ana_does(&id, Entry::Acknowledged { lasts_s: 60, from: None }).await;
    }
    bench.pass(Span::mins(2)).await;
    let quiet = Some(toml::from_str("hours = ['00:00-24:00']").unwrap());
    let next = bench.another_with(Setup { quiet, ..Setup::default() }, adapters).await;
    let mut outbox = next.outbox();
    next.tell_program(&mut outbox, bench.now()).await;
    next.drain(std::time::Duration::from_secs(30)).await;
    let mut told = delivered(&bench).await;
    told.retain(|(_, how)| how != "quiet hours");
    let high = raised_of(&bench, NoticeKind::AckExpired, "ANA-3").await;
    assert!(!told.is_empty() && told.iter().all(|(seq, _)| *seq != high), "{told:?} {high}");
    assert_eq!(
        lines(&heard),
        [format!("{} notices wait for somebody: since before quell kept watch here", told.len())]
    );
}

/// The sequence number of a notice of this kind about this incident.
async fn raised_of(bench: &Bench, kind: NoticeKind, of: &str) -> u64 {
    let is = |entry: &Entry| matches!(entry, Entry::NoticeRaised(it) if it.kind == kind && it.incident.as_ref().is_some_and(|id| id.to_string() == of));
    bench.records().await.into_iter().find(|record| is(&record.entry)).map(|record| record.seq).unwrap()
}

#[tokio::test]
async fn the_program_hears_of_what_is_due_and_of_what_may_stand_outside_after_the_end() {
    use crate::domain::deadline::DeadlineKind;
    use crate::domain::record::DeadlineSet;
    let folder = tempfile::tempdir().unwrap();
    let (adapters, heard) = hearing(&folder, "echo \"$1\" >>@");
    let bench = Bench::with(Setup::default(), |_| adapters).await;
    let mut outbox = bench.engine.outbox();
    bench.engine.tell_program(&mut outbox, bench.now()).await;
    let id = bench.open(Severity::High).await;
    let due = DeadlineSet {
        deadline: DeadlineKind::Regulator,
        name: "dora/final".into(),
        title: Outside::new("the final report"),
        due: bench.now() + Span::mins(600).delta(),
    };
    bench.ana_does(&id, Entry::DeadlineSet(due)).await;
    bench
        .ana_does(&id, Entry::Closed { reason: CloseReason::FalseAlarm, note: Some(Outside::new("no")) })
        .await;
    assert!(bench.incident(&id).is_closed());
    bench.pass(Span::mins(601)).await;
    // Nobody waits for anybody on what is closed.
    let text = Outside::new("nobody was reached");
    let escalation = Notice::new(NoticeKind::Escalation, Some(id.clone()), text);
    bench.ana_does(&id, Entry::NoticeRaised(escalation)).await;
    bench.engine.tell_program(&mut outbox, bench.now()).await;
    bench.engine.drain(std::time::Duration::from_secs(30)).await;
    let heard = lines(&heard);
    assert!(matches!(&heard[..], [line] if line.contains("the final report")), "{heard:?}");
}
