//! Credentials that are refused: fetched again once, and then left alone.

use quell::domain::fault::FaultKind;
use quell::domain::freshness::SourceState;

use super::polled;
use super::rig::{Rig, Screen};
use crate::sources::KINDS;
use crate::sources::contract::{Kind, SECRET};
use crate::support::faultd::{Faultd, Reply};

/// A source whose key is printed by a program that writes down each time it is run.
struct Keyed {
    server: Faultd,
    folder: tempfile::TempDir,
}

impl Keyed {
    /// One that answers well.
    fn of(kind: &Kind) -> Self {
        let keyed = Self { server: Faultd::start(), folder: tempfile::tempdir().unwrap() };
        keyed.prints(&format!("echo {}", secret(1)));
        (kind.beside)(&keyed.server);
        keyed.server.on(kind.route, [kind.page(&[])]);
        keyed
    }

    /// What the program does from now on.
    fn prints(&self, script: &str) {
        std::fs::write(self.folder.path().join("script"), script).unwrap();
    }

    /// How often it was run.
    fn runs(&self) -> usize {
        std::fs::read_to_string(self.folder.path().join("runs")).unwrap_or_default().lines().count()
    }

    fn table(&self, kind: &Kind, urls: &[String]) -> String {
        let folder = self.folder.path().display();
        let command = format!("token_command = ['sh', '-c', 'echo run >> {folder}/runs; . {folder}/script']");
        kind.tables(urls).replace("token_env = 'TOKEN'", &command)
    }

    async fn watched(&self, kind: &Kind) -> Rig {
        Rig::watching(&self.table(kind, &[self.server.url()])).await
    }

    /// With which keys it was asked for this, in turn.
    fn keys(&self, kind: &Kind, route: &str) -> Vec<String> {
        let route = route.split_once(' ').unwrap().1;
        let asked = self.server.requests().into_iter().filter(|it| it.path.split('?').next() == Some(route));
        let key = |it: crate::support::faultd::Request| {
            it.header("authorization").unwrap_or_default().replace(kind.login, "")
        };
        asked.map(key).collect()
    }
}

/// What is answered where nothing is wrong.
fn well(kind: &Kind) -> Reply {
    if polled(kind) == kind.route { kind.page(&[]) } else { Reply::ok(r#"{"log_entries":[],"more":false}"#) }
}

fn secret(number: u32) -> String {
    format!("{SECRET}-{number}")
}

/// Nothing that is shown or written down holds a key.
async fn shows_no_secret(rig: &Rig) {
    let (changes, records) = (rig.changes().await, rig.records().await);
    let all = format!("{changes:?} {records:?} {}", rig.shows(&changes).text());
    assert!(!all.contains(SECRET), "{all}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f06_a_key_that_was_replaced_is_fetched_again_and_nobody_notices() {
    for kind in KINDS {
        for status in [401, 403] {
            let keyed = Keyed::of(kind);
            let rig = keyed.watched(kind).await;
            rig.until("it to be LIVE", |screen| screen.sources().contains('●')).await;
            keyed.prints(&format!("echo {}", secret(2)));
            keyed.server.on(polled(kind), [Reply::status(status), well(kind)]);
            keyed.server.wait_for(polled(kind), keyed.server.count(polled(kind)) + 3);
            let keys = keyed.keys(kind, polled(kind));
            let turn = keys.iter().position(|key| *key == secret(2)).expect("the new key is used");
            assert!(keys[..turn].iter().all(|key| *key == secret(1)), "{keys:?}");
            assert!(keys[turn..].iter().all(|key| *key == secret(2)), "{keys:?}");
            assert_eq!(keyed.runs(), 2, "at first, and after the refusal");
            let screen = rig.screen().await;
            assert!(screen.sources().contains('●') && screen.text().contains("All clear"), "{screen:?}");
            shows_no_secret(&rig).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f06_a_key_that_is_wrong_is_auth_asked_once_a_minute_and_fetched_once_each_time() {
    for kind in KINDS {
        let keyed = Keyed::of(kind);
        keyed.server.on(kind.route, [Reply::status(401)]);
        let rig = keyed.watched(kind).await;
        let screen = rig
            .until("AUTH", |screen| screen.sources().contains("✗ ") && screen.sources().contains(" AUTH"))
            .await;
        assert!(screen.banner().contains("the command sh gives again what is refused"), "{screen:?}");
        assert!(!screen.text().contains("All clear"), "{screen:?}");
        let changes = rig.changes().await;
        let status = &changes.sources[0];
        let remedy =
            "status 401 Unauthorized: the command sh gives again what is refused; put a valid one there";
        assert!(status.fault.as_ref().unwrap().detail.raw().starts_with(remedy), "{status:?}");
        let wait = (status.next_poll.unwrap() - rig.now()).num_seconds();
        assert!((50..=60).contains(&wait), "asked again in {wait} s");
        assert_eq!(
            (keyed.keys(kind, kind.route).len(), keyed.runs()),
            (1, 2),
            "one question, one more look at the key"
        );
        shows_no_secret(&rig).await;
        // Somebody puts the right one there, and leans on the key until that is seen: which asks once in ten seconds.
        keyed.prints(&format!("echo {}", secret(2)));
        keyed.server.on(kind.route, [Reply::status(401), kind.page(&[])]);
        rig.hurried_until("it to be LIVE", |screen| screen.sources().contains('●')).await;
        assert_eq!(keyed.keys(kind, kind.route)[..3], [secret(1), secret(1), secret(2)]);
        assert_eq!(keyed.runs(), 3);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f06_a_key_that_is_another_one_each_time_is_no_loop() {
    let (keyed, kind) = (Keyed::of(KINDS[0]), KINDS[0]);
    keyed.prints(&format!("echo {SECRET}-$(wc -l < {}/runs)", keyed.folder.path().display()));
    keyed.server.on(kind.route, [Reply::status(403)]);
    let rig = keyed.watched(kind).await;
    let status = rig.source("am", |status| status.failures == 1).await;
    assert_eq!(status.state(rig.now()), SourceState::Auth);
    assert!(status.fault.unwrap().detail.raw().contains("gives now is refused as well"));
    assert_eq!((keyed.keys(kind, kind.route), keyed.runs()), (vec![secret(1), secret(2)], 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f06_a_program_that_fails_or_hangs_is_said_and_what_it_prints_is_not() {
    let kind = KINDS[0];
    for (script, said) in [
        (
            format!("echo {SECRET}; echo {SECRET} >&2; exit 3"),
            "the command sh failed; run it by hand to see why",
        ),
        ("sleep 60".to_owned(), "the command sh took longer than 5s; run it by hand to see why"),
    ] {
        let keyed = Keyed::of(kind);
        let rig = keyed.watched(kind).await;
        rig.until("it to be LIVE", |screen| screen.sources().contains('●')).await;
        keyed.prints(&script);
        keyed.server.on(kind.route, [Reply::status(401)]);
        let screen = rig.until("AUTH", |screen| screen.sources().contains("✗ am AUTH")).await;
        assert!(screen.banner().contains(said), "{screen:?}");
        assert_eq!(keyed.runs(), 2);
        shows_no_secret(&rig).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f76_a_program_that_gives_no_key_before_the_first_answer_is_auth_too() {
    for kind in KINDS {
        for (script, said) in [
            (
                format!("echo {SECRET}; echo {SECRET} >&2; exit 1"),
                "the command sh failed; run it by hand to see why",
            ),
            (format!("printf '{SECRET}\\001'"), "the command sh holds characters that no header may hold"),
            ("true".to_owned(), "the command sh holds no secret; put one there"),
        ] {
            let keyed = Keyed::of(kind);
            keyed.prints(&script);
            let rig = keyed.watched(kind).await;
            let auth =
                |screen: &Screen| screen.sources().contains("✗ ") && screen.sources().contains(" AUTH");
            let screen = rig.until("AUTH", auth).await;
            assert!(screen.banner().contains(said) && !screen.text().contains("All clear"), "{screen:?}");
            let status = rig.changes().await.sources.remove(0);
            let fault = status.fault.clone().unwrap();
            assert_eq!((fault.kind, fault.detail.raw()), (FaultKind::Unsigned, said));
            // It is run once a minute, however often the source is to be asked.
            let wait = (status.next_poll.unwrap() - rig.now()).num_seconds();
            assert!((50..=60).contains(&wait), "asked again in {wait} s");
            assert_eq!(keyed.server.requests(), [], "nothing is asked without a key");
            shows_no_secret(&rig).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn f06_peers_that_refuse_the_same_key_have_it_fetched_again_once() {
    let (keyed, kind) = (Keyed::of(KINDS[0]), KINDS[0]);
    let other = Faultd::start();
    for server in [&keyed.server, &other] {
        server.on(kind.route, [Reply::status(401)]);
    }
    let rig = Rig::watching(&keyed.table(kind, &[keyed.server.url(), other.url()])).await;
    rig.source("am", |status| status.failures == 1).await;
    assert_eq!((keyed.keys(kind, kind.route).len(), other.requests().len(), keyed.runs()), (1, 1, 2));
}
