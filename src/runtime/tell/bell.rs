//! The bell rings once for all who wait for it; they hear how it rang once the terminal has taken it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::sleep;

use crate::domain::notice::Notice;
use crate::domain::time::Time;
use crate::notify::pace::Pace;
use crate::notify::terminal::BELL;
use crate::notify::{Bell as Found, Ladder};
use crate::os::spawn;
use crate::runtime::mode;
use crate::runtime::writer::Writer;

/// Whether somebody is attached again is asked this often.
const AWAY: Duration = Duration::from_secs(3);
/// Whether whoever else has the terminal has given it back is looked at this often.
const LENT: Duration = Duration::from_millis(250);

/// How a bell rang.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rang {
    /// As far as can be known it was heard.
    Aloud,
    /// What stands between keeps bells to itself.
    Muted,
}

/// Whoever waits for a bell; its end says that there will be none.
pub(super) type Waiting = oneshot::Receiver<Rang>;

/// What rings.
#[derive(Clone)]
pub(super) struct Bell {
    ladder: Arc<Ladder>,
    writer: Writer,
    owed: Arc<Mutex<Owed>>,
}

#[derive(Default)]
struct Owed {
    /// Whoever waits for it, and for which notices.
    to: Vec<(Vec<Notice>, oneshot::Sender<Rang>)>,
    /// A bell waits for somebody who hears it, or for the terminal.
    under_way: bool,
    /// It is for somebody who hears it that it waits.
    away: bool,
}

impl Bell {
    pub(super) fn new(ladder: Arc<Ladder>, writer: Writer) -> Self {
        Self { ladder, writer, owed: Arc::default() }
    }

    /// Owes somebody a bell for these: the next that rings.
    pub(super) fn owe(&self, pace: &mut Pace, about: Vec<Notice>) -> Waiting {
        let (to, waiting) = oneshot::channel();
        let mut owed = self.lock();
        owed.to.push((about, to));
        if !owed.under_way {
            pace.owe_bell();
        }
        waiting
    }

    /// What somebody took while nobody was there rings for nobody who comes.
    pub(super) fn settle(&self, matters: impl Fn(&Notice) -> bool) {
        let mut owed = self.lock();
        if owed.away {
            let rings = |it: &Notice| !it.is_settled_by_acknowledging() || matters(it);
            owed.to.retain(|(about, _)| about.is_empty() || about.iter().any(rings));
        }
    }

    /// Rings if a bell is owed, and the last is long enough ago.
    pub(super) fn ring(&self, pace: &mut Pace, now: Time) {
        let mut owed = self.lock();
        if !owed.under_way && pace.rings(now) {
            owed.under_way = true;
            let bell = self.clone();
            drop(spawn::task("bell", async move { bell.go_on().await }));
        }
    }

    /// Rings as soon as somebody is there, and the terminal takes it. One that is gone is left with what is owed: the next
    /// console of the same person pays it.
    async fn go_on(&self) {
        let rang = loop {
            if self.is_settled() {
                return;
            }
            // Nobody is asked who hears it while it could not ring. Beside an editor it can.
            let lent = self.writer.is_lent() && mode::takes_from_the_background();
            if !lent && !self.writer.takes() && !self.writer.is_gone() {
                sleep(LENT).await;
                continue;
            }
            let found = self.ladder.bell().await;
            self.lock().away = found == Found::Waits;
            if found == Found::Waits {
                sleep(AWAY).await;
                continue;
            }
            // What is more than one byte may end up within what the editor writes.
            let ringing = if lent { vec![BELL] } else { self.ladder.ringing() };
            if self.writer.rings(ringing).await {
                break if found == Found::Rings { Rang::Aloud } else { Rang::Muted };
            }
            if self.writer.is_gone() {
                return;
            }
            sleep(LENT).await;
        };
        let to = {
            let mut owed = self.lock();
            owed.under_way = false;
            std::mem::take(&mut owed.to)
        };
        // Who waited may have been told otherwise meanwhile.
        for (_, to) in to {
            to.send(rang).ok();
        }
    }

    /// Whether nobody waits for a bell any more.
    fn is_settled(&self) -> bool {
        let mut owed = self.lock();
        if owed.to.is_empty() {
            (owed.under_way, owed.away) = (false, false);
        }
        owed.to.is_empty()
    }

    fn lock(&self) -> MutexGuard<'_, Owed> {
        self.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::notify::{Settings, Surroundings};

    #[tokio::test]
    async fn what_is_owed_is_paid_once_the_terminal_takes_it_and_by_one_bell() {
        let (writer, mut reader) = Writer::stalled();
        let ladder = Arc::new(Ladder::new(&Settings::default(), &Surroundings::default()));
        let (bell, mut pace) = (Bell::new(ladder, writer.clone()), Pace::new(None));
        let mut first = bell.owe(&mut pace, Vec::new());
        bell.ring(&mut pace, Time::UNIX_EPOCH);
        tokio::task::yield_now().await;
        assert_eq!(first.try_recv(), Err(oneshot::error::TryRecvError::Empty), "it only waits");
        let second = bell.owe(&mut pace, Vec::new());
        assert!(!pace.rings(Time::UNIX_EPOCH + chrono::TimeDelta::minutes(1)), "the first is for it as well");
        let read = tokio::task::spawn_blocking(move || {
            let mut all = Vec::new();
            reader.read_to_end(&mut all).map(|_| all)
        });
        tokio::select! {
            never = writer.flow() => match never {},
            rang = async { (first.await, second.await) } => assert_eq!(rang, (Ok(Rang::Aloud), Ok(Rang::Aloud))),
        }
        drop((writer, bell));
        let all = read.await.unwrap().unwrap();
        assert_eq!(all.iter().filter(|byte| **byte == 7).count(), 1);
    }
}
