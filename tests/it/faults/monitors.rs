//! A monitor on its way from one state to the other is not shown as if it stood still.

use quell::domain::freshness::SourceState;
use quell::domain::monitor::Health;
use quell::domain::record::Entry;

use super::rig::Rig;
use crate::support::faultd::{Faultd, Reply};
use crate::support::scratch::Scratch;

fn monitor(url: &str) -> String {
    format!(
        "[[monitor]]\nkind = \"http\"\nname = \"api\"\nservice = \"auth\"\nurl = \"{url}/\"\nevery = \"1s\"\n\
         down_after = 3\nup_after = 2\n"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failures_that_are_not_enough_yet_are_counted_beside_what_is_wrong() {
    let server = Faultd::start();
    // Two failures, and then nothing for as long as anybody looks.
    server.on("GET /", [Reply::status(200), Reply::status(503), Reply::status(503), Reply::hang()]);
    let rig = Rig::watching(&monitor(&server.url())).await;
    let failing = |screen: &super::rig::Screen| screen.sources().contains("◐ monitors 1/1 up, 1 failing");
    rig.until("that it fails", failing).await;
    let word = rig
        .changed("two of three", |changes| {
            let monitor = changes.monitors.first()?;
            (monitor.streak == -2).then(|| (monitor.word(rig.now()), monitor.wrong.clone().unwrap()))
        })
        .await;
    assert_eq!((word.0.as_str(), word.1.raw()), ("failing 2/3", "status 503, expected 2xx"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_its_secret_nothing_is_sent_and_nothing_is_down() {
    let server = Faultd::start();
    server.on("GET /", [Reply::status(200)]);
    let table = monitor(&server.url()).replace("down_after = 3", "down_after = 1\ntoken_env = \"UNSET\"");
    let rig = Rig::watching(&table).await;
    let health = rig
        .changed("that it cannot ask", |changes| {
            let monitor = changes.monitors.first()?;
            (monitor.source.state(rig.now()) == SourceState::Auth)
                .then_some((monitor.health, monitor.wrong.clone()))
        })
        .await;
    assert_eq!(health, (Health::Unknown, None));
    let screen = rig.screen().await;
    assert!(!screen.text().contains("All clear"), "{screen:?}");
    assert_eq!(server.requests(), []);
    assert!(!rig.records().await.iter().any(|record| matches!(record.entry, Entry::Opened(_))));
}

#[test]
fn the_screen_says_so_with_a_sign_and_a_word() {
    let server = Faultd::start();
    server.on("GET /", [Reply::status(200), Reply::status(503), Reply::status(503), Reply::hang()]);
    let machine = Scratch::with_config(&monitor(&server.url()));
    let console = machine.console(&[], 80, 24);
    console.shows("monitors 1/1 up");
    console.keys("m");
    let screen = console.shows("◐ api              failing 2/3");
    assert!(screen.contains("status 503, expected 2xx") && !screen.contains("● api"), "{screen}");
}
