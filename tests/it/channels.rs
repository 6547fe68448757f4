//! What every kind of channel owes: it says what it sent and what became of it, tells its secret to nobody, and lets
//! nothing from outside become an address, a header, a mention or markup.

mod exec;
mod mail;
mod renewed;
mod web;

use futures_util::future::join_all;
use quell::channels::{self, Channel, Settings};
use quell::domain::action::Outcome;
use quell::domain::bulletin::{Audience, MERGE_TOKEN, Posting, Status};
use quell::domain::fault::FaultKind;
use quell::domain::plan::{Purpose, Telling};
use quell::domain::severity::Severity;
use quell::domain::text::Outside;

use crate::support::torture;

/// Never to be read in what is said of a failure.
const SECRET: &str = "canary-7f3a";

/// A listener that a channel sends to.
trait Listener {
    /// The channel's table, reaching this listener with the secret `$TOKEN`.
    fn table(&self) -> String;
    /// How many messages it was sent.
    fn count(&self) -> usize;
    /// The key it was given with a message, or what stands for it.
    fn key(&self, message: usize) -> String;
    /// Everything a reader of a message could see, as they would see it.
    fn read(&self, message: usize) -> String;
    /// Panics when a message has something in it that is none of ours: a header, a mention, markup.
    fn is_plain(&self, message: usize);
    /// The name of the series that a message says it continues.
    fn series(&self, message: usize) -> Option<String>;
}

/// What goes wrong, where, and what that amounts to.
struct Trouble {
    what: &'static str,
    listener: Box<dyn Listener>,
    kind: FaultKind,
    outcome: Outcome,
    /// Whether it was sent at all.
    sent: bool,
}

/// What the suite must know of a kind.
struct Kind {
    /// A listener that takes everything.
    well: fn() -> Box<dyn Listener>,
    /// Listeners that do not.
    troubles: fn() -> Vec<Trouble>,
    /// Listeners that fall silent, which takes its time.
    silences: fn() -> Vec<Trouble>,
}

fn build(table: &str) -> (Settings, Box<dyn Channel>) {
    let settings: Settings = toml::from_str(table).unwrap_or_else(|error| panic!("{error} in {table}"));
    let channel = channels::build(&settings, |_| Some(SECRET.to_owned())).unwrap();
    (settings, channel)
}

fn telling() -> Telling {
    Telling {
        incident: serde_json::from_value(serde_json::json!("INC-1047")).unwrap(),
        path: "incident".into(),
        step: 1,
        purpose: Purpose::Page,
        to: vec!["room".into()],
        key: "INC-1047/incident/1".into(),
        thread: "INC-1047/incident".into(),
        severity: Severity::Critical,
        subject: Outside::new("Order gateway refuses connections"),
        packet: vec![("impact scope".into(), Some(Outside::new("all orders"))), ("order ids".into(), None)],
    }
}

fn posting() -> Posting {
    Posting {
        channel: "room".into(),
        incident: serde_json::from_value(serde_json::json!("INC-1047")).unwrap(),
        number: 1,
        key: "INC-1047/bulletin/1".into(),
        audience: Audience::Users,
        status: Status::Investigating,
        subject: Outside::new("Orders are delayed"),
        body: Outside::new(format!(
            "What happened\nOrders wait <5 min & more; Grüße, *all*.\n\nYour code: {MERGE_TOKEN}"
        )),
        series: None,
    }
}

/// Without what a reader does not see.
fn visible(text: &str) -> String {
    text.replace(['\r', '\u{200b}'], "").split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn what_is_sent_is_read_and_has_a_stable_key(kind: &Kind) {
    let listener = (kind.well)();
    let (settings, channel) = build(&listener.table());
    if settings.tells() {
        for _ in 0..2 {
            channel.tell(&telling()).await.unwrap();
        }
        assert_eq!((listener.count(), listener.key(0)), (2, listener.key(1)));
        let read = visible(&listener.read(0));
        for part in ["Order gateway refuses connections", "impact scope", "all orders", "order ids"] {
            assert!(read.contains(part), "no {part} in {read}");
        }
        let next = Telling { key: "INC-1047/incident/2".into(), ..telling() };
        channel.tell(&next).await.unwrap();
        assert_ne!(listener.key(2), listener.key(0));
    } else {
        assert_eq!(channel.tell(&telling()).await.unwrap_err().outcome(), Outcome::NotSent);
        assert_eq!(listener.count(), 0);
    }
}

async fn every_purpose_is_taken(kind: &Kind) {
    let listener = (kind.well)();
    let (settings, channel) = build(&listener.table());
    let purposes = [
        Purpose::Page,
        Purpose::Filled,
        Purpose::Acknowledged("ana".to_owned()),
        Purpose::Ended,
        Purpose::Merged(quell::domain::id::IncidentId::new("ANA", 9)),
    ];
    for purpose in purposes.into_iter().filter(|_| settings.tells()) {
        channel.tell(&Telling { purpose, ..telling() }).await.unwrap();
    }
    let read: std::collections::BTreeSet<String> = (0..listener.count()).map(|n| listener.read(n)).collect();
    let said = match &settings {
        _ if !settings.tells() => 0,
        // That it is over, or goes on elsewhere, is the same there.
        Settings::PagerdutyEvents(_) => 4,
        _ => 5,
    };
    assert_eq!(read.len(), said, "each says something else");
}

async fn a_bulletin_arrives_to_the_letter_and_its_series_goes_on(kind: &Kind) {
    let listener = (kind.well)();
    let (settings, channel) = build(&listener.table());
    if settings.reach().is_none() {
        assert_eq!(channel.post(&posting()).await.unwrap_err().outcome(), Outcome::NotSent);
        assert_eq!(listener.count(), 0);
        return;
    }
    let first = channel.post(&posting()).await.unwrap();
    let read = listener.read(0).replace('\r', "");
    for part in posting().body.raw().lines() {
        assert!(read.contains(part), "no {part:?} in {read}");
    }
    assert!(read.contains(posting().subject.raw()), "{read}");
    let last = Posting {
        number: 2,
        key: "INC-1047/bulletin/2".into(),
        status: Status::Resolved,
        series: first.reference.clone(),
        ..posting()
    };
    let second = channel.post(&last).await.unwrap();
    assert_eq!(second.reference, first.reference);
    assert_eq!((listener.count(), listener.series(0)), (2, None));
    assert_eq!(listener.series(1), first.reference.map(|reference| reference.raw().to_owned()));
    assert_ne!(listener.key(0), listener.key(1));
}

/// Whoever posts is told what became of it, and it is never sent twice.
async fn each_is_said_for_what_it_is(troubles: impl IntoIterator<Item = Trouble>) {
    let sends = troubles.into_iter().map(|trouble| async move {
        let Trouble { what, listener, kind, outcome, sent } = trouble;
        let (settings, channel) = build(&listener.table());
        let answer = match settings.reach() {
            Some(_) => channel.post(&posting()).await,
            None => channel.tell(&telling()).await,
        };
        let fault = answer.expect_err(what);
        assert_eq!((fault.kind, fault.outcome()), (kind, outcome), "{what}: {fault:?}");
        assert!(!format!("{fault:?}").contains(SECRET), "{what}: {fault:?}");
        assert_eq!(listener.count(), usize::from(sent), "{what}");
    });
    join_all(sends).await;
}

async fn hostile_text_stays_text(kind: &Kind) {
    let listener = (kind.well)();
    let (settings, channel) = build(&listener.table());
    let cut = |text: &str| text.chars().take(5000).collect::<String>();
    for (count, (name, text)) in torture::texts().iter().enumerate() {
        let text = cut(text);
        let sent = if settings.tells() {
            let packet = vec![(text.clone(), Some(Outside::new(text.clone()))), ("order ids".into(), None)];
            let purpose = Purpose::Filled;
            channel.tell(&Telling { subject: Outside::new(text), packet, purpose, ..telling() }).await
        } else {
            let body = Outside::new(text.clone());
            let subject = Outside::new(text.chars().take(200).collect::<String>());
            channel.post(&Posting { subject, body, ..posting() }).await
        };
        assert!(sent.is_ok(), "{name}: {sent:?}");
        listener.is_plain(count);
    }
}

/// The suite for one kind.
macro_rules! contract {
    ($name:ident, $kind:expr) => {
        mod $name {
            use super::*;

            #[tokio::test]
            async fn what_is_sent_is_read_and_has_a_stable_key() {
                super::what_is_sent_is_read_and_has_a_stable_key(&$kind).await;
            }

            #[tokio::test]
            async fn every_purpose_is_taken() {
                super::every_purpose_is_taken(&$kind).await;
            }

            #[tokio::test]
            async fn a_bulletin_arrives_to_the_letter_and_its_series_goes_on() {
                super::a_bulletin_arrives_to_the_letter_and_its_series_goes_on(&$kind).await;
            }

            #[tokio::test]
            async fn every_failure_is_said_for_what_it_is() {
                super::each_is_said_for_what_it_is(($kind.troubles)()).await;
            }

            #[tokio::test]
            async fn hostile_text_stays_text() {
                super::hostile_text_stays_text(&$kind).await;
            }
        }
    };
}

/// All at once: each takes as long as a channel has patience.
#[tokio::test]
async fn silence_is_said_for_what_it_is() {
    let kinds = [
        web::SLACK,
        web::TEAMS,
        web::GENERIC,
        web::PAGERDUTY_EVENTS,
        web::STATUSPAGE,
        web::CACHET,
        mail::SMTP,
        exec::PROGRAM,
    ];
    each_is_said_for_what_it_is(kinds.into_iter().flat_map(|kind| (kind.silences)())).await;
}

contract!(slack, web::SLACK);
contract!(teams, web::TEAMS);
contract!(generic, web::GENERIC);
contract!(pagerduty_events, web::PAGERDUTY_EVENTS);
contract!(statuspage, web::STATUSPAGE);
contract!(cachet, web::CACHET);
contract!(smtp, mail::SMTP);
contract!(program, exec::PROGRAM);
