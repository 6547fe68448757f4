//! The program of the operator hears once: across holders of the lease, of a backlog as one, and after quiet hours.

use std::sync::Arc;
use std::time::Duration;

use super::bench::Bench;
use super::notices::{delivered, hearing, lines};
use crate::backend::Backend;
use crate::domain::freshness::SourceStatus;
use crate::domain::id::Cursor;
use crate::domain::notice::{Notice, NoticeKind};
use crate::domain::operator::{Actor, Operator};
use crate::domain::record::Entry;
use crate::domain::severity::Severity;
use crate::domain::text::Outside;
use crate::domain::time::Span;
use crate::engine::notices::Outbox;
use crate::engine::{Adapters, Engine, Setup};
use crate::ledger::Draft;
use crate::sources;

const KEEP: &str = "echo \"$1\" >>@";

/// One look at what is to be told, and all that comes of it.
async fn look(bench: &Bench, engine: &Engine, outbox: &mut Outbox) {
    engine.tell_program(outbox, bench.now()).await;
    engine.drain(Duration::from_secs(30)).await;
}

async fn storm(bench: &Bench, count: usize) {
    for _incident in 0..count {
        bench.open(Severity::Critical).await;
    }
}

#[tokio::test]
async fn what_a_storm_held_back_is_not_told_again_by_the_next_holder() {
    let folder = tempfile::tempdir().unwrap();
    let (adapters, heard) = hearing(&folder, KEEP);
    let bench = Bench::with(Setup::default(), |_| adapters).await;
    let mut outbox = bench.engine.outbox();
    look(&bench, &bench.engine, &mut outbox).await;
    storm(&bench, 12).await;
    for _second in 0..4 {
        bench.pass(Span::secs(1)).await;
        look(&bench, &bench.engine, &mut outbox).await;
    }
    assert_eq!(lines(&heard)[5..], ["7 more notices: held back in a storm; see the console"]);
    let (adapters, _) = hearing(&folder, KEEP);
    let next = bench.another_with(Setup::default(), adapters).await;
    look(&bench, &next, &mut next.outbox()).await;
    assert_eq!(lines(&heard).len(), 6, "{:?}", lines(&heard));
}

#[tokio::test]
async fn where_a_storm_held_back_one_that_is_told_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (adapters, heard) = hearing(&folder, KEEP);
    let bench = Bench::with(Setup::default(), |_| adapters).await;
    let mut outbox = bench.engine.outbox();
    look(&bench, &bench.engine, &mut outbox).await;
    storm(&bench, 6).await;
    for _second in 0..4 {
        bench.pass(Span::secs(1)).await;
        look(&bench, &bench.engine, &mut outbox).await;
    }
    assert_eq!(lines(&heard)[5..], ["NEW ANA-6: gateway"]);
}

#[tokio::test]
async fn what_sources_tell_at_the_start_is_one_run_however_late_they_answer() {
    let folder = tempfile::tempdir().unwrap();
    let settings = "kind = 'alertmanager'\nname = 'prod-am'\nurls = ['http://127.0.0.1:1']";
    let adapters = || {
        let source = sources::build(&toml::from_str(settings).unwrap(), &[], |_| None).unwrap();
        let (mut adapters, heard) = hearing(&folder, KEEP);
        adapters.sources.push(Arc::from(source));
        (adapters, heard)
    };
    let (first, heard) = adapters();
    let bench = Bench::with(Setup::default(), |_| first).await;
    let mut outbox = bench.engine.outbox();
    look(&bench, &bench.engine, &mut outbox).await;
    storm(&bench, 12).await;
    bench.pass(Span::secs(1)).await;
    look(&bench, &bench.engine, &mut outbox).await;
    assert_eq!(lines(&heard), Vec::<String>::new(), "not every source was read");
    let as_of = Some(bench.now());
    let read = SourceStatus { as_of, ..SourceStatus::never("prod-am", Span::secs(15)) };
    bench.engine.0.mirror.write(|view| view.sources = vec![read]);
    look(&bench, &bench.engine, &mut outbox).await;
    assert_eq!(lines(&heard), ["12 notices wait for somebody: since before quell kept watch here"]);

    // What another process read before says nothing of now; nor is it waited for for long.
    storm(&bench, 3).await;
    bench.pass(Span::secs(1)).await;
    let next = bench.another_with(Setup::default(), adapters().0).await;
    next.refresh_live().await;
    let mut outbox = next.outbox();
    look(&bench, &next, &mut outbox).await;
    assert_eq!(lines(&heard).len(), 1);
    bench.hand.advance(Span::secs(10));
    look(&bench, &next, &mut outbox).await;
    assert_eq!(lines(&heard)[1..], ["3 notices wait for somebody: since before quell kept watch here"]);
}

fn at_night() -> Setup {
    let quiet = Some(toml::from_str("hours = ['14:00-15:00']\ncritical = false").unwrap());
    Setup { quiet, ..Setup::default() }
}

#[tokio::test]
async fn what_quiet_hours_withheld_is_told_at_their_end_by_whoever_keeps_watch_then() {
    let folder = tempfile::tempdir().unwrap();
    let (adapters, heard) = hearing(&folder, KEEP);
    let bench = Bench::with(at_night(), |_| adapters).await;
    storm(&bench, 1).await;
    bench.pass(Span::secs(1)).await;
    look(&bench, &bench.engine, &mut bench.engine.outbox()).await;
    let hows = async || delivered(&bench).await.into_iter().map(|(_, how)| how).collect::<Vec<_>>();
    assert_eq!(hows().await, ["quiet hours"]);
    bench.hand.advance(Span::mins(30));

    let next = bench.another_with(at_night(), hearing(&folder, KEEP).0).await;
    let mut outbox = next.outbox();
    look(&bench, &next, &mut outbox).await;
    assert_eq!((hows().await.len(), lines(&heard).len()), (1, 0));
    bench.hand.advance(Span::mins(31));
    look(&bench, &next, &mut outbox).await;
    assert_eq!(lines(&heard), ["1 notice was withheld in quiet hours: still open: NEW ANA-1"]);
    assert_eq!(hows().await, ["quiet hours", "exit 0"]);
    let last = bench.another_with(at_night(), hearing(&folder, KEEP).0).await;
    look(&bench, &last, &mut last.outbox()).await;
    assert_eq!(lines(&heard).len(), 1, "once");
}

#[tokio::test]
async fn what_quiet_hours_withheld_is_told_by_who_begins_after_them() {
    let folder = tempfile::tempdir().unwrap();
    let (adapters, heard) = hearing(&folder, KEEP);
    let bench = Bench::with(at_night(), |_| adapters).await;
    storm(&bench, 1).await;
    bench.pass(Span::secs(1)).await;
    look(&bench, &bench.engine, &mut bench.engine.outbox()).await;
    bench.hand.advance(Span::mins(90));
    let next = bench.another_with(at_night(), hearing(&folder, KEEP).0).await;
    look(&bench, &next, &mut next.outbox()).await;
    assert_eq!(lines(&heard), ["NEW ANA-1: gateway"]);
}

#[tokio::test]
async fn a_console_that_begins_is_owed_what_quiet_hours_withheld_from_that_person() {
    let bench = Bench::with(Setup::default(), |_| Adapters::default()).await;
    storm(&bench, 1).await;
    bench.pass(Span::secs(1)).await;
    let raised = |record: &crate::domain::record::Record| matches!(record.entry, Entry::NoticeRaised(_));
    let seq = bench.records().await.iter().find(|it| raised(it)).unwrap().seq;
    let ana = Operator::new("ana", "bastion");
    for (how, owed) in [("quiet hours", 1), ("bell, osc9", 0)] {
        Backend::delivered(&bench.engine, &ana, seq, &ana.console(), how).await.unwrap();
        let next = bench.another().await;
        let changes = Backend::changes(&next, &ana, &Cursor::default(), Duration::ZERO).await.unwrap();
        assert_eq!(changes.notices.len(), owed, "{how}");
    }
}

#[tokio::test]
async fn what_the_program_hears_at_this_moment_is_not_told_again_by_who_takes_the_lease_anew() {
    let folder = tempfile::tempdir().unwrap();
    let (adapters, heard) = hearing(&folder, "echo \"$1\" >>@; while [ ! -e @.on ]; do sleep 0.05; done");
    let bench = Bench::with(Setup::default(), |_| adapters).await;
    storm(&bench, 1).await;
    bench.pass(Span::secs(1)).await;
    for _lease in 0..2 {
        bench.engine.tell_program(&mut bench.engine.outbox(), bench.now()).await;
    }
    std::fs::write(folder.path().join("heard.on"), "").unwrap();
    bench.engine.drain(Duration::from_secs(30)).await;
    assert_eq!(lines(&heard), ["NEW ANA-1: gateway"]);
    look(&bench, &bench.engine, &mut bench.engine.outbox()).await;
    assert_eq!(lines(&heard).len(), 1);
}

#[tokio::test]
async fn what_is_seen_again_by_the_end_of_the_quiet_hours_is_not_said_to_be_open() {
    let folder = tempfile::tempdir().unwrap();
    let (adapters, heard) = hearing(&folder, KEEP);
    let bench = Bench::with(at_night(), |_| adapters).await;
    let never = SourceStatus::never("prod-am", Span::secs(15));
    bench.engine.0.mirror.write(|view| view.sources = vec![never]);
    let blind = Notice::new(NoticeKind::Blind, None, Outside::new("no source can be seen: no answer yet"));
    let raised = Draft::console(Actor::Engine, bench.now(), Entry::NoticeRaised(blind));
    bench.engine.note(vec![raised]).await;
    let mut outbox = bench.engine.outbox();
    look(&bench, &bench.engine, &mut outbox).await;
    bench.hand.advance(Span::mins(61));
    let as_of = Some(bench.now());
    let read = SourceStatus { as_of, ..SourceStatus::never("prod-am", Span::secs(15)) };
    bench.engine.0.mirror.write(|view| view.sources = vec![read]);
    look(&bench, &bench.engine, &mut outbox).await;
    assert_eq!(lines(&heard), ["1 notice was withheld in quiet hours: all of it is settled by now"]);
}
