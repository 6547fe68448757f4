//! What every kind of monitor owes: right is right, and whatever is wrong is said in words, in time, and without a secret.

mod kinds;
mod peer;

use std::net::Ipv4Addr;
use std::time::Duration;

use futures_util::future::join_all;
use quell::domain::fault::{Fault, FaultKind};
use quell::domain::monitor::Found;
use quell::domain::text::Outside;
use quell::domain::time::{Span, Time};
use quell::monitors::{self, Asked};

use crate::support::faultd::Faultd;
use crate::support::torture;
use kinds::{Hostile, Kind};
use peer::{Peer, Speaks};

/// Never to be read in what is said.
const SECRET: &str = "canary-7f3a";

/// What the other side does and what is said of it, or how that begins.
struct Case {
    /// Added to the table.
    more: String,
    peer: Peer,
    said: Said,
}

/// What is said.
#[derive(Clone, Copy, Debug)]
enum Said {
    Right(&'static str),
    Wrong(&'static str),
    Early(&'static str),
    Unseen(FaultKind, &'static str),
    Busy(FaultKind, &'static str),
}

fn now() -> Time {
    "2026-11-21T12:00:00Z".parse().unwrap()
}

impl Kind {
    /// What is said of an address.
    async fn probe(&self, address: &str, more: &str, beaten: Option<Time>) -> Found {
        let table = format!("{}\n{more}", (self.table)(address));
        let settings: monitors::Settings =
            toml::from_str(&table).unwrap_or_else(|error| panic!("{table}: {error}"));
        assert!(!settings.target().contains(SECRET), "{}", settings.target());
        let monitor = monitors::build(&settings, |_| Some(SECRET.to_owned())).unwrap();
        let found = monitor.probe(&Asked { now: now(), began: now() - Span::mins(5).delta(), beaten }).await;
        let said = text(&found);
        assert!(!said.contains(SECRET) && said.len() < 500, "{said}");
        assert!(!said.is_empty());
        found
    }

    /// What is said where nothing answers.
    fn failed(&self, is: FaultKind, words: &str) -> Found {
        match self.asks_about {
            true => Found::Unseen(Fault::new(is, words)),
            false => Found::Wrong(Outside::new(words)),
        }
    }

    /// The kinds that show a secret, without one.
    async fn without_its_secret(&self, address: &str) -> Option<Found> {
        let settings: monitors::Settings = toml::from_str(&(self.table)(address)).unwrap();
        let signs = (self.table)(address).contains("token_env");
        let monitor = monitors::build(&settings, |_| None).unwrap();
        if signs { Some(monitor.probe(&Asked::first(now())).await) } else { None }
    }

    async fn meet(&self, case: Case) {
        let what = format!("{:.200?} with {}", case.peer, case.more);
        let beaten = case.peer.beaten();
        let (running, address) = case.peer.start().await;
        let found = self.probe(&address, &case.more, beaten).await;
        drop(running);
        let fits = match (&found, case.said) {
            (Found::Right(says), Said::Right(words)) => says.raw() == words,
            (Found::Wrong(wrong), Said::Wrong(words)) => wrong.raw().starts_with(words),
            (Found::Early(says), Said::Early(words)) => says.raw() == words,
            (Found::Unseen(fault), Said::Unseen(is, words)) | (Found::Busy(fault), Said::Busy(is, words)) => {
                fault.kind == is && fault.detail.raw().starts_with(words)
            }
            _ => false,
        };
        assert!(fits, "{what}\n  said   {found:?}\n  wanted {:?}", case.said);
    }
}

fn is_wrong(found: &Found) -> bool {
    matches!(found, Found::Wrong(_))
}

fn text(found: &Found) -> &str {
    match found {
        Found::Right(says) | Found::Wrong(says) | Found::Early(says) => says.raw(),
        Found::Unseen(fault) | Found::Busy(fault) => fault.detail.raw(),
    }
}

async fn every_case_is_said_for_what_it_is(kind: &Kind) {
    let folder = tempfile::tempdir().unwrap();
    join_all((kind.cases)(folder.path()).into_iter().map(|case| kind.meet(case))).await;
}

async fn what_is_not_there_is_refused(kind: &Kind) {
    let port = match kind.speaks {
        Speaks::Streams => std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr(),
        Speaks::Datagrams => std::net::UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr(),
        Speaks::Nothing => return,
    };
    let found = kind.probe(&port.unwrap().to_string(), "", None).await;
    assert_eq!(found, kind.failed(FaultKind::Unreachable, "connection refused"));
}

async fn a_port_that_never_accepts_is_a_timeout(kind: &Kind) {
    if kind.speaks != Speaks::Streams {
        return;
    }
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    // Until its queue is full, and the system answers no more.
    let mut waiting = Vec::new();
    while let Ok(connected) =
        tokio::time::timeout(Duration::from_millis(300), tokio::net::TcpStream::connect(address)).await
    {
        waiting.push(connected.unwrap());
    }
    let found = kind.probe(&address.to_string(), "", None).await;
    assert_eq!(found, kind.failed(FaultKind::Unreachable, "no connection within 3s"));
}

/// What never left this machine says nothing of the other side.
async fn what_cannot_be_signed_is_not_sent_and_is_no_failure_of_what_is_watched(kind: &Kind) {
    let server = Faultd::start();
    let address = server.url().replace("http://", "");
    if let Some(found) = kind.without_its_secret(&address).await {
        let Found::Unseen(fault) = &found else { panic!("{found:?}") };
        assert!(fault.is_of_credentials() && fault.detail.raw().contains("TOKEN"), "{fault:?}");
    }
    assert_eq!(server.requests(), [], "nothing was sent");
}

/// What cannot be read is wrong, whatever it is.
async fn garbage_is_never_right(kind: &Kind) {
    if !kind.reads {
        return;
    }
    let garbage = [
        Vec::new(),
        vec![0],
        vec![0xff; 5000],
        b"\r\n\r\n".to_vec(),
        b"SSH-2.0-OpenSSH_9.2p1\r\n".to_vec(),
        b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n".to_vec(),
        (0..=255).cycle().take(3000).collect(),
    ];
    let probes = garbage.into_iter().map(|bytes| async move {
        let (running, address) = Peer::Bytes(kind.speaks, bytes.clone()).start().await;
        let found = kind.probe(&address, "", None).await;
        drop(running);
        let nothing = matches!(found, Found::Unseen(_));
        assert!(nothing == kind.asks_about && nothing != is_wrong(&found), "{bytes:.40?}: {found:?}");
    });
    join_all(probes).await;
}

/// Whatever text comes from the other side, what is said of it is wrong, or what is always said, and bounded
/// (`probe` looks after that). That it does no harm where it is shown is a matter of its type.
async fn hostile_text_stays_within_bounds(kind: &Kind) {
    for (name, payload) in torture::texts() {
        let payload: String = payload.chars().take(12_000).collect();
        let (more, peer, words) = match kind.hostile {
            Hostile::Said(more, peer) => (more, peer(&payload), None),
            Hostile::Unheard(words, peer) => ("", peer(&payload), Some(words)),
            Hostile::Wordless => return assert_eq!(kind.speaks, Speaks::Nothing),
        };
        let (running, address) = peer.start().await;
        let found = kind.probe(&address, more, None).await;
        drop(running);
        match words {
            None => assert!(matches!(found, Found::Wrong(_)), "{name}: {found:?}"),
            Some(words) => assert_eq!(found, Found::Right(Outside::new(words)), "{name}"),
        }
    }
}

/// The suite for one kind.
macro_rules! contract {
    ($name:ident, $kind:expr) => {
        mod $name {
            use super::*;

            #[tokio::test]
            async fn every_case_is_said_for_what_it_is() {
                super::every_case_is_said_for_what_it_is(&$kind).await;
            }

            #[tokio::test]
            async fn what_is_not_there_is_refused() {
                super::what_is_not_there_is_refused(&$kind).await;
            }

            #[tokio::test]
            async fn a_port_that_never_accepts_is_a_timeout() {
                super::a_port_that_never_accepts_is_a_timeout(&$kind).await;
            }

            #[tokio::test]
            async fn what_cannot_be_signed_is_not_sent_and_is_no_failure_of_what_is_watched() {
                super::what_cannot_be_signed_is_not_sent_and_is_no_failure_of_what_is_watched(&$kind).await;
            }

            #[tokio::test]
            async fn garbage_is_never_right() {
                super::garbage_is_never_right(&$kind).await;
            }

            #[tokio::test]
            async fn hostile_text_stays_within_bounds() {
                super::hostile_text_stays_within_bounds(&$kind).await;
            }
        }
    };
}

contract!(http, kinds::HTTP);
contract!(tcp, kinds::TCP);
contract!(tls, kinds::TLS);
contract!(dns, kinds::DNS);
contract!(promql, kinds::PROMQL);
contract!(heartbeat, kinds::HEARTBEAT);

/// Which kinds reach somebody, read what comes and hear text: what the suite asks of a kind is no less by oversight.
#[test]
fn what_each_kind_owes_stands_here() {
    use Speaks::{Datagrams, Nothing, Streams};
    let owes = |kind: &Kind| {
        let hears = match kind.hostile {
            Hostile::Said(..) => "text",
            Hostile::Unheard(..) => "no text",
            Hostile::Wordless => "nobody",
        };
        (kind.speaks, kind.reads, hears)
    };
    assert_eq!(owes(&kinds::HTTP), (Streams, true, "text"));
    assert_eq!(owes(&kinds::TCP), (Streams, false, "no text"));
    assert_eq!(owes(&kinds::TLS), (Streams, true, "text"));
    assert_eq!(owes(&kinds::DNS), (Datagrams, true, "text"));
    assert_eq!(owes(&kinds::PROMQL), (Streams, true, "text"));
    assert_eq!(owes(&kinds::HEARTBEAT), (Nothing, false, "nobody"));
}
