//! What those who were paged hear afterwards, where one of two channels does not take everything.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use super::bench::Bench;
use crate::channels::{Accepted, Channel};
use crate::domain::escalation::{SECURITY, Step};
use crate::domain::evidence::{Evidence, EvidenceKind};
use crate::domain::fault::{Fault, FaultKind};
use crate::domain::id::IncidentId;
use crate::domain::plan::Telling;
use crate::domain::record::Entry;
use crate::domain::severity::Severity;
use crate::domain::text::Outside;
use crate::domain::time::Span;
use crate::engine::{Adapters, Setup};

/// A channel that takes what it is told unless it refuses, and prints what it did.
struct Room {
    name: &'static str,
    refuses: AtomicBool,
    heard: Mutex<Vec<Telling>>,
}

#[async_trait]
impl Channel for Room {
    fn name(&self) -> &str {
        self.name
    }
    async fn tell(&self, telling: &Telling) -> Result<Accepted, Fault> {
        self.heard.lock().unwrap().push(telling.clone());
        match self.refuses.load(Ordering::SeqCst) {
            true => Err(Fault::new(FaultKind::Refused, "not now")),
            false => Ok(Accepted::status(200)),
        }
    }
    async fn tell_and_hear(&self, telling: &Telling) -> (Result<Accepted, Fault>, Option<String>) {
        (self.tell(telling).await, Some("exit 0\nstdout: carried\n".to_owned()))
    }
}

/// An incident of which a room and a pager were paged, and nothing else since.
struct Paged {
    bench: Bench,
    rooms: [Arc<Room>; 2],
    id: IncidentId,
}

impl Paged {
    async fn on(path: &str) -> Self {
        let room = |name| Arc::new(Room { name, refuses: AtomicBool::default(), heard: Mutex::default() });
        let rooms = ["room", "pager"].map(room);
        let mut setup = Setup::default();
        let path = setup.paths.iter_mut().find(|it| it.id == path).unwrap();
        path.when = Some("sev:critical".parse().unwrap());
        let step = |minutes, to: &[&str]| {
            let to = to.iter().map(|name| (*name).to_owned()).collect();
            Step { after: Span::mins(minutes), to }
        };
        path.steps = vec![step(0, &["room", "pager"]), step(600, &["room"])];
        let channels = rooms.iter().map(|room| (room.name.to_owned(), Arc::clone(room) as Arc<dyn Channel>));
        let channels: BTreeMap<_, _> = channels.collect();
        let bench = Bench::with(setup, |_| Adapters { channels, ..Adapters::default() }).await;
        let id = bench.open(Severity::Critical).await;
        let paged = Self { bench, rooms, id };
        paged.passes(1).await;
        paged.passes(1).await;
        assert_eq!(paged.heard(), (["page".to_owned()].into(), ["page".to_owned()].into()));
        paged
    }

    /// So much later the holder of the lease looks once, and all that is on its way arrives.
    async fn passes(&self, seconds: u64) {
        self.bench.pass(Span::secs(seconds)).await;
        while self.bench.engine.0.in_flight.load(Ordering::SeqCst) > 0 {
            tokio::task::yield_now().await;
        }
    }

    fn refuses(&self, refuses: bool) {
        self.rooms[1].refuses.store(refuses, Ordering::SeqCst);
    }

    async fn fills(&self, item: &str, value: &str) {
        let entry = Entry::PacketFilled { item: item.into(), value: Outside::new(value) };
        self.bench.ana_does(&self.id, entry).await;
    }

    async fn is_held(&self) {
        self.bench.ana_does(&self.id, Entry::Acknowledged { lasts_s: 36_000, from: None }).await;
    }

    /// What the room and the pager heard since this was asked last: why, and of what becomes known the values.
    fn heard(&self) -> (Vec<String>, Vec<String>) {
        let said = |telling: Telling| match telling.purpose.word() {
            "filled" => {
                telling.packet.iter().filter_map(|(_, it)| Some(it.as_ref()?.raw().to_owned())).collect()
            }
            word => vec![word.to_owned()],
        };
        let heard = |room: &Room| {
            let tellings = std::mem::take(&mut *room.heard.lock().unwrap());
            tellings.into_iter().map(|telling| said(telling).join(" ")).collect()
        };
        (heard(&self.rooms[0]), heard(&self.rooms[1]))
    }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn what_one_channel_did_not_take_reaches_it_although_nothing_more_was_learnt() {
    let paged = Paged::on("incident").await;
    paged.refuses(true);
    paged.fills("order ids", "o-1").await;
    paged.passes(15).await;
    assert_eq!(paged.heard(), (words(&["o-1"]), words(&["o-1"])));
    // What is corrected is news to nobody, and what is looked at in vain is looked at again.
    paged.fills("order ids", "o-2").await;
    paged.passes(20).await;
    paged.passes(20).await;
    assert_eq!(paged.heard(), (vec![], vec![]));
    paged.refuses(false);
    paged.passes(21).await;
    assert_eq!(paged.heard(), (vec![], words(&["o-2"])));
    paged.passes(900).await;
    assert_eq!(paged.heard(), (vec![], vec![]));
}

#[tokio::test(start_paused = true)]
async fn who_holds_it_reaches_those_that_did_not_take_it_while_items_are_missing() {
    let paged = Paged::on("incident").await;
    paged.refuses(true);
    paged.is_held().await;
    paged.passes(1).await;
    assert_eq!(paged.heard(), (words(&["acknowledged"]), words(&["acknowledged"])));
    paged.passes(20).await;
    paged.refuses(false);
    paged.passes(41).await;
    assert_eq!(paged.heard(), (vec![], words(&["acknowledged"])));
}

#[tokio::test(start_paused = true)]
async fn what_becomes_known_waits_for_no_channel_that_is_dead_and_is_told_it_whole() {
    let paged = Paged::on("incident").await;
    paged.refuses(true);
    paged.fills("order ids", "o-1").await;
    paged.passes(15).await;
    paged.fills("affected users", "500").await;
    // Filled in at the moment at which it was written down what the pager did not take.
    paged.bench.hand.advance(Span::secs(50));
    paged.passes(1).await;
    assert_eq!(paged.heard().0, words(&["o-1", "500 o-1"]));
    paged.refuses(false);
    paged.passes(120).await;
    assert_eq!(paged.heard().1.last(), Some(&"500 o-1".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn what_became_known_reaches_those_that_did_not_take_it_after_it_was_handed_back() {
    let paged = Paged::on("incident").await;
    paged.is_held().await;
    paged.passes(1).await;
    paged.refuses(true);
    paged.fills("order ids", "o-1").await;
    paged.passes(15).await;
    paged.bench.ana_does(&paged.id, Entry::HandedBack { because: None }).await;
    paged.passes(1).await;
    paged.heard();
    paged.refuses(false);
    paged.passes(61).await;
    assert_eq!(paged.heard(), (vec![], words(&["o-1"])));
}

#[tokio::test(start_paused = true)]
async fn what_is_told_again_has_the_key_it_had_whatever_else_was_told_between() {
    let paged = Paged::on("incident").await;
    paged.refuses(true);
    paged.fills("order ids", "o-1").await;
    paged.passes(15).await;
    paged.is_held().await;
    for _minute in 0..10 {
        paged.passes(61).await;
    }
    let keys = |room: &Room| -> Vec<String> {
        room.heard.lock().unwrap().iter().map(|telling| telling.key.clone()).collect()
    };
    let (room, pager) = (keys(&paged.rooms[0]), keys(&paged.rooms[1]));
    assert!(room.len() == 2 && pager.len() > 4, "{room:?} {pager:?}");
    assert_eq!(pager.iter().collect::<BTreeSet<_>>(), room.iter().collect(), "each message has one");
}

#[tokio::test(start_paused = true)]
async fn what_a_channel_printed_is_no_evidence_of_what_it_was_told_of() {
    let paged = Paged::on(SECURITY).await;
    for _minute in 0..3 {
        paged.passes(61).await;
    }
    let kept = paged.bench.incident(&paged.id).evidence.len();
    assert_eq!((kept, paged.heard()), (2, (vec![], vec![])));
    let evidence = Evidence {
        sha256: "0123456789abcdef".repeat(4),
        bytes: 3,
        name: Outside::new("access.log"),
        kind: EvidenceKind::File,
        note: None,
    };
    paged.bench.ana_does(&paged.id, Entry::EvidenceKept(evidence)).await;
    paged.passes(61).await;
    let told = words(&["access.log (sha256 0123456789ab)"]);
    assert_eq!(paged.heard(), (told.clone(), told));
}
