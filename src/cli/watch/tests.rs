//! What is told, to a printer of the test's own.

use std::io::Write;
use std::sync::{Arc, Mutex};

use super::*;
use crate::backend::{Backend, Report};
use crate::config::Config;
use crate::console::board::Board;
use crate::domain::category::Category;
use crate::domain::monitor::{Health, MonitorStatus};
use crate::domain::severity::Severity;
use crate::domain::signal::Labels;
use crate::domain::text::Outside;
use crate::domain::time::Span;

thread_local! {
    /// How often all were ranked in this test.
    pub(super) static RANKED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

/// What was printed.
#[derive(Clone, Default)]
struct Paper(Arc<Mutex<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, text: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend(text);
        Ok(text.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Paper {
    fn lines(&self) -> Vec<String> {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap().lines().map(str::to_owned).collect()
    }
}

#[tokio::test]
async fn what_others_write_while_it_begins_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    std::fs::write(&file, "operator = \"ana\"\nids = \"ANA\"\n").unwrap();
    let config = Config::load(Some(&file), None, None, |_| None).unwrap();
    let boot = Boot::at(config, folder.path().join("state")).unwrap();
    let mut follower = Follower::begin(&boot).await.unwrap();
    let other = boot.engine().await.unwrap();
    let report = Report {
        title: Outside::new("Orders are late"),
        severity: Severity::High,
        category: Category::Outage,
        service: Outside::default(),
        labels: Labels::new(),
        reported: None,
    };
    other.open(&boot.operator, report).await.unwrap();
    let (paper, out) = (Paper::default(), Out::new(false, false));
    let mut account = Account::new(&follower, None, &out, Printer::start(paper.clone()).unwrap());
    account.begin(&follower).await.unwrap();
    account.go_on(&mut follower).await.unwrap();
    let lines = paper.lines();
    assert!(lines.len() == 2 && lines[0].contains("0 open"), "{lines:?}");
    assert!(lines[1].contains("ANA-1 high: ") && lines[1].contains("Orders are late"), "{lines:?}");
}

#[tokio::test]
async fn what_comes_to_match_by_time_alone_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    std::fs::write(&file, "operator = \"ana\"\nids = \"ANA\"\n").unwrap();
    let config = Config::load(Some(&file), None, None, |_| None).unwrap();
    let boot = Boot::at(config, folder.path().join("state")).unwrap();
    let report = Report {
        title: Outside::new("Orders are late"),
        severity: Severity::High,
        category: Category::Outage,
        service: Outside::default(),
        labels: Labels::new(),
        reported: None,
    };
    boot.engine().await.unwrap().open(&boot.operator, report).await.unwrap();
    let mut follower = Follower::begin(&boot).await.unwrap();
    let (paper, out) = (Paper::default(), Out::new(false, false));
    let query = Some(list::query("-is:acked sev:high").unwrap());
    let mut account = Account::new(&follower, query, &out, Printer::start(paper.clone()).unwrap());
    // As if it had been too young until now.
    account.matching.clear();
    for _look in 0..2 {
        account.go_on(&mut follower).await.unwrap();
    }
    let lines = paper.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].ends_with("ANA-1 high: it matches now (Orders are late)"), "{lines:?}");
    // Once it matched no more, it comes to match again; and a record of it in between would still be told.
    account.matching.values_mut().for_each(|matches| *matches = false);
    account.go_on(&mut follower).await.unwrap();
    assert_eq!(paper.lines().len(), 2, "{:?}", paper.lines());
}

#[tokio::test]
async fn all_are_ranked_once_for_all_that_come_to_match_and_never_for_sentences() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    std::fs::write(&file, "operator = \"ana\"\nids = \"ANA\"\n").unwrap();
    let config = Config::load(Some(&file), None, None, |_| None).unwrap();
    let boot = Boot::at(config, folder.path().join("state")).unwrap();
    let engine = boot.engine().await.unwrap();
    for number in 0..12 {
        let report = Report {
            title: Outside::new("Orders are late"),
            severity: if number < 6 { Severity::High } else { Severity::Critical },
            category: Category::Outage,
            service: Outside::default(),
            labels: Labels::new(),
            reported: None,
        };
        engine.open(&boot.operator, report).await.unwrap();
    }
    let mut follower = Follower::begin(&boot).await.unwrap();
    for (json, times) in [(true, 1), (false, 0)] {
        let (paper, out) = (Paper::default(), Out::new(json, false));
        let query = Some(list::query("-is:acked").unwrap());
        let mut account = Account::new(&follower, query, &out, Printer::start(paper.clone()).unwrap());
        // As if they had been too young until now.
        account.matching.clear();
        RANKED.set(0);
        account.go_on(&mut follower).await.unwrap();
        account.go_on(&mut follower).await.unwrap();
        assert_eq!((paper.lines().len(), RANKED.get()), (12, times), "{json}");
        if json {
            let told = paper.lines();
            let told = told.iter().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
            let told = told.map(|it| (it["incident"]["id"].clone(), it["incident"]["rank"].clone()));
            let first = (7..=12).chain(1..=6).map(|number| format!("ANA-{number}").into());
            assert!(told.eq(first.zip((1..).map(serde_json::Value::from))), "{:?}", paper.lines());
        }
    }
}

#[test]
fn quell_sees_again_only_what_it_saw_before() {
    let at = Time::from_timestamp(1000, 0).unwrap();
    let board = Board::new(at);
    let said = |saw| Told::sight(&board, &Sight::Reading(0, 1), &Sight::Clear, saw, at).line(Some(at));
    assert!(said(false).ends_with("Z quell sees: every source is LIVE"), "{}", said(false));
    assert!(said(true).ends_with("Z quell sees again: every source is LIVE"), "{}", said(true));
}

#[test]
fn a_monitor_that_is_read_again_and_down_is_not_told_as_back() {
    let at = |secs| Time::from_timestamp(secs, 0).unwrap();
    let mut monitor = MonitorStatus::never("token-api", Span::secs(10));
    monitor.source.as_of = Some(at(1000));
    let said = |monitor: &MonitorStatus| {
        Told::source(&monitor.source, Some(monitor), SourceState::Stale, at(1001)).line(Some(at(1001)))
    };
    assert!(said(&monitor).contains("token-api is LIVE (was STALE), data as of"), "{}", said(&monitor));
    monitor.health = Health::Down;
    let told = said(&monitor);
    assert!(told.contains("token-api is still DOWN and its data is LIVE (was STALE), data as of"), "{told}");
}
