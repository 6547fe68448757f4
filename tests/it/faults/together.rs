//! All sources and monitors at once, one of each failing in turn: line 2 tells the truth each time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use quell::backend::Backend;
use quell::domain::record::{Entry, Record};
use regex::Regex;

use super::rig::{Rig, Screen};
use crate::sources::KINDS;
use crate::support::everything::{Everything, Place};
use crate::support::faultd::Reply;

/// Everything, an engine that watches it, and a job that says every second that it lives.
struct Scene {
    everything: Everything,
    rig: Rig,
    beats: Arc<AtomicBool>,
}

/// One of each kind.
const SOURCES: [&str; KINDS.len()] = ["am", "prom", "pd", "desk"];

/// Line 2 says that this source is LIVE; that it failed by turns until a moment ago may stand beside it.
fn is_live(screen: &Screen, name: &str) -> bool {
    let live = format!(r"(● {name}|◍ {name} flapping) \d\d:\d\d:\d\dZ( |$)");
    Regex::new(&live).unwrap().is_match(screen.sources())
}

fn all_up(screen: &Screen) -> bool {
    screen.sources().ends_with("● monitors 6/6 up")
}

/// Nothing is called clear while line 2 says that something is not as it should be.
fn honest(screen: &Screen) {
    let clear = screen.text().contains("All clear");
    let wrong = ['✗', '○', '◍', '·'].into_iter().any(|sign| screen.sources().contains(sign));
    assert!(!(clear && wrong), "a calm lie:\n{}", screen.text());
}

/// What makes a place fail.
type Failing<'a> = dyn Fn(&mut Place) + 'a;

impl Scene {
    async fn start() -> Option<Self> {
        let everything = Everything::start()?;
        let rig = Rig::watching(&everything.tables()).await;
        let beats = Arc::new(AtomicBool::new(true));
        let (engine, ana, beating) = (rig.engine.clone(), rig.ana.clone(), Arc::clone(&beats));
        drop(tokio::spawn(async move {
            loop {
                if beating.load(Ordering::SeqCst) {
                    engine.beat(&ana, "heartbeat").await.unwrap();
                }
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
        }));
        let scene = Self { everything, rig, beats };
        scene.well().await;
        Some(scene)
    }

    /// Waits until nothing is wrong any more.
    async fn well(&self) {
        let well = |screen: &Screen| {
            honest(screen);
            SOURCES.iter().all(|name| is_live(screen, name)) && all_up(screen)
        };
        self.rig.hurried_until("everything LIVE", well).await;
    }

    /// Waits until line 2 says this of a source, and that all others are as they were.
    async fn says(&self, name: &str, said: &str) -> Screen {
        let said = Regex::new(said).unwrap();
        let so = |screen: &Screen| {
            honest(screen);
            let others = SOURCES.iter().filter(|other| **other != name).all(|other| is_live(screen, other));
            said.is_match(screen.sources()) && others && all_up(screen)
        };
        self.rig.hurried_until(&format!("{said} alone"), so).await
    }

    /// One source after the other way to fail; and well again after each.
    async fn fails_in_every_way(&mut self, at: usize) {
        let name = SOURCES[at];
        let time = r"\d\d:\d\d:\d\dZ";
        let down = format!("✗ {name} DOWN {time}");
        let place = |scene: &mut Self, fail: &Failing<'_>| fail(&mut scene.everything.places[at]);
        let garbage = || Reply::body(200, "application/json", vec![0xff, 0, 0x1b, b'[']);
        let ways: [(&Failing<'_>, String); 6] = [
            (&Place::stop, down.clone()),
            (&|it| it.says(Reply::status(401)), format!("✗ {name} AUTH {time}")),
            (&|it| it.says(Reply::status(429).header("Retry-After", "2")), down.clone()),
            (&|it| it.says(garbage()), down),
            (&|it| it.says(Reply::hang()), format!("○ {name} STALE {time}")),
            (
                &|it| {
                    it.front().ahead(600);
                },
                format!("(● {name}|◍ {name} flapping) {time}"),
            ),
        ];
        for (fail, said) in ways {
            place(self, fail);
            self.says(name, &said).await;
            if said.starts_with('(') {
                let banner = format!("the clock of {name} is");
                self.rig.hurried_until("the skew", |screen| screen.banner().contains(&banner)).await;
            }
            place(self, &Place::mends);
            self.well().await;
        }
        // What is read as a whole only now and then is so after a failure.
        place(self, &|it| it.says(Reply::status(503)));
        self.says(name, &format!("✗ {name} DOWN")).await;
        place(self, &|it| it.is_poisoned());
        let screen = self.says(name, &format!("◍ {name} PARTIAL {time}")).await;
        assert!(screen.text().contains("that could not be decoded"), "{screen:?}");
        place(self, &Place::mends);
        place(self, &|it| it.says(Reply::status(503)));
        self.says(name, &format!("✗ {name} DOWN")).await;
        place(self, &Place::mends);
        self.well().await;
        if self.everything.places[at].has_pages() {
            self.fails_on_a_later_page(at).await;
        }
    }

    /// The same where only the beginning of its list can be read.
    async fn fails_on_a_later_page(&mut self, at: usize) {
        let name = SOURCES[at];
        let failures = [
            (Reply::status(503), format!("◍ {name} PARTIAL")),
            (Reply::status(429).header("Retry-After", "2"), format!("✗ {name} DOWN")),
            (Reply::status(401), format!("✗ {name} AUTH")),
        ];
        for (reply, said) in failures {
            // What is read as a whole only now and then is so after a failure.
            self.everything.places[at].says(Reply::status(503));
            self.says(name, &format!("✗ {name} DOWN")).await;
            self.everything.places[at].says_on_a_later_page(reply);
            self.says(name, &said).await;
            self.everything.places[at].mends();
            self.well().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn alertmanager_fails_in_every_way() {
    let Some(mut scene) = Scene::start().await else { return };
    assert!(scene.rig.screen().await.text().contains("All clear"));
    scene.fails_in_every_way(0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn prometheus_fails_in_every_way() {
    let Some(mut scene) = Scene::start().await else { return };
    scene.fails_in_every_way(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pagerduty_fails_in_every_way() {
    let Some(mut scene) = Scene::start().await else { return };
    scene.fails_in_every_way(2).await;
    // Its list, and not what changed since.
    for (reply, said) in [(503, "◍ pd PARTIAL"), (401, "✗ pd AUTH")] {
        scene.everything.places[2].front().on("GET /log_entries", [Reply::status(reply)]);
        scene.says("pd", said).await;
        scene.everything.places[2].mends();
        scene.well().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backend_of_ones_own_fails_in_every_way() {
    let Some(mut scene) = Scene::start().await else { return };
    scene.fails_in_every_way(3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_monitor_fails_in_turn() {
    let Some(mut scene) = Scene::start().await else { return };
    let down = |screen: &Screen, up: usize| {
        honest(screen);
        let sources = SOURCES.iter().all(|name| is_live(screen, name));
        sources && screen.sources().contains(&format!("◍ monitors {up}/6 up"))
    };
    let blind = |screen: &Screen| {
        honest(screen);
        let sources = SOURCES.iter().all(|name| is_live(screen, name));
        sources && screen.sources().contains("○ monitors 6/6 up, 1 not read")
    };
    let opens = |record: &&Record| matches!(record.entry, Entry::Opened(_));
    let failing = |screen: &Screen| screen.sources().contains("◐ monitors 6/6 up, 1 failing");
    scene.everything.web.on("GET /health", [Reply::status(503)]);
    scene.rig.until("one failure of three", failing).await;
    scene.rig.until("http to be down", |screen| down(screen, 5)).await;
    scene.everything.web.on("GET /health", [Reply::status(200)]);
    scene.well().await;

    scene.everything.tcp(false);
    scene.rig.until("tcp to be down", |screen| down(screen, 5)).await;
    scene.everything.tcp(true);
    scene.well().await;

    // Who is asked about the service and says nothing says nothing against it.
    let before = scene.rig.records().await.iter().filter(opens).count();
    for reply in [Reply::status(401), Reply::status(429).header("Retry-After", "2"), Reply::status(503)] {
        scene.everything.metrics.on("*", [reply]);
        scene.rig.until("promql not to be seen", blind).await;
        scene.everything.metrics.well();
        scene.well().await;
    }
    assert_eq!(scene.rig.records().await.iter().filter(opens).count(), before);

    scene.beats.store(false, Ordering::SeqCst);
    scene.rig.until("the heartbeat to be down", |screen| down(screen, 5)).await;
    scene.beats.store(true, Ordering::SeqCst);
    scene.well().await;

    // These stay away: each makes one more.
    scene.everything.no_dns();
    scene.rig.until("dns to be down", |screen| down(screen, 5)).await;
    scene.everything.no_tls();
    scene.rig.until("tls to be down", |screen| down(screen, 4)).await;
}
