//! All that is written to the terminal, in order and without ever waiting for it: what it does not take stays in memory until it does.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::fs::OFlags;
use rustix::io::Errno;
use tokio::io::Interest;
use tokio::sync::{Notify, oneshot};
use tokio::time::sleep;

use super::mode;
use super::terminal::Terminal;
use crate::domain::fault::Fault;
use crate::os::ready::watch;

/// Pieces that wait for a blocked terminal; what comes beside the frames is dropped beyond.
const WAITING: usize = 64;
/// Between two attempts on a terminal that the kernel has no room to watch.
const UNWATCHED: Duration = Duration::from_millis(20);

/// What writes to the terminal, for whoever has something to write.
#[derive(Clone)]
pub struct Writer(Arc<Shared>);

struct Shared {
    terminal: Terminal,
    /// Whether the terminal is taken over.
    is_ours: fn() -> bool,
    queue: Mutex<Queue>,
    /// Something waits for the terminal.
    waits: Notify,
}

/// What is to be written, in order.
#[derive(Default)]
struct Queue {
    waiting: VecDeque<Piece>,
    /// So many bytes of the first of them are written.
    begun: usize,
    gone: bool,
    /// Somebody else has the terminal for a while.
    lent: bool,
}

/// What is written whole or not at all.
struct Piece {
    bytes: Vec<u8>,
    /// Who waits until the terminal has taken all of it; dropped where it never does.
    taken: Option<oneshot::Sender<()>>,
    /// It rings, and moves nothing that somebody else draws.
    rings: bool,
}

impl From<Vec<u8>> for Piece {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes, taken: None, rings: false }
    }
}

impl Writer {
    /// What writes to the terminal that is standard output.
    ///
    /// # Errors
    /// The machine has no room for a file.
    pub fn open() -> Result<Self, Fault> {
        Ok(Self::on(Terminal::behind(rustix::stdio::stdout(), OFlags::WRONLY)?, mode::is_ours))
    }

    fn on(terminal: Terminal, is_ours: fn() -> bool) -> Self {
        Self(Arc::new(Shared { terminal, is_ours, queue: Mutex::default(), waits: Notify::new() }))
    }

    /// Writes a frame or a change of mode. The caller waits for [`idle`](Self::idle) between frames, so that a
    /// blocked terminal is shown the newest state and not a queue of old ones.
    pub fn write(&self, bytes: Vec<u8>) {
        self.0.add(self.0.lock(), bytes.into());
    }

    /// Writes something beside the frames, such as a title, as soon as the terminal takes it. Whether it waits for that: not
    /// while somebody else has the terminal, nor when too much does.
    pub fn beside(&self, bytes: Vec<u8>) -> bool {
        self.put(bytes.into())
    }

    /// Writes what somebody is told by. Whether the terminal has taken all of it, once that is known; not where somebody else
    /// has it, nor where it is gone or given back before.
    pub async fn told(&self, bytes: Vec<u8>) -> bool {
        self.take(bytes, false).await
    }

    /// The same for a bell, which rings also where somebody else has the terminal.
    pub async fn rings(&self, bytes: Vec<u8>) -> bool {
        self.take(bytes, true).await
    }

    async fn take(&self, bytes: Vec<u8>, rings: bool) -> bool {
        let (taken, is_taken) = oneshot::channel();
        self.put(Piece { bytes, taken: Some(taken), rings }) && is_taken.await.is_ok()
    }

    fn put(&self, piece: Piece) -> bool {
        let queue = self.0.lock();
        let takes = queue.takes() || queue.lent && piece.rings && queue.has_room();
        if takes {
            self.0.add(queue, piece);
        }
        takes
    }

    /// Whether something beside the frames would be written, or wait to be.
    pub fn takes(&self) -> bool {
        self.0.lock().takes()
    }

    /// Whether somebody else has the terminal.
    pub fn is_lent(&self) -> bool {
        self.0.lock().lent
    }

    /// Somebody else has the terminal from now on, or no more: until then nothing is written beside the frames but a bell.
    pub fn lend(&self, lent: bool) {
        self.0.lock().lent = lent;
    }

    /// Whether the terminal no longer takes anything.
    pub fn is_gone(&self) -> bool {
        self.0.lock().gone
    }

    /// Waits until everything is written, or the terminal is gone. Who waits is who writes: what the terminal did not take at
    /// once is written by this, [`flow`](Self::flow) or nobody.
    pub async fn idle(&self) {
        if self.0.lock().is_idle() {
            return;
        }
        let watched = watch(self.0.terminal.as_fd(), Interest::WRITABLE);
        while !self.0.goes_on() {
            match &watched {
                Ok(watched) => drop(watched.writable().await.map(|mut ready| ready.clear_ready())),
                Err(_) => sleep(UNWATCHED).await,
            }
        }
    }

    /// Writes what waits whenever the terminal takes it.
    pub async fn flow(&self) -> Infallible {
        loop {
            self.idle().await;
            self.0.waits.notified().await;
        }
    }

    /// One whose terminal takes nothing, and what reads what it took before that.
    #[cfg(test)]
    pub fn stalled() -> (Self, std::io::PipeReader) {
        Self::stalled_on(false)
    }

    /// The same on one that may have to be looked at first, since it `waits`.
    #[cfg(test)]
    fn stalled_on(waits: bool) -> (Self, std::io::PipeReader) {
        let (reader, pipe) = std::io::pipe().unwrap();
        rustix::io::ioctl_fionbio(&pipe, true).unwrap();
        while rustix::io::write(&pipe, &[b'.'; 1024]).is_ok() {}
        rustix::io::ioctl_fionbio(&pipe, !waits).unwrap();
        (Self::on(Terminal::over(pipe.into(), waits), || true), reader)
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, mut queue: MutexGuard<'_, Queue>, piece: Piece) {
        queue.waiting.push_back(piece);
        drop(queue);
        if !self.goes_on() {
            self.waits.notify_one();
        }
    }

    /// Writes what the terminal takes now; whether that was everything.
    fn goes_on(&self) -> bool {
        let mut queue = self.lock();
        queue.go_on(self.is_ours, |bytes| self.terminal.write(bytes));
        queue.is_idle()
    }
}

impl Queue {
    /// Writes until all of it is written, or the terminal takes no more.
    fn go_on(&mut self, is_ours: fn() -> bool, mut write: impl FnMut(&[u8]) -> Result<usize, Errno>) {
        while let Some(Piece { bytes, rings, .. }) = self.waiting.front().filter(|_| !self.gone) {
            // Nothing is begun on a terminal that was given back; what gives it back may come late, behind a stall.
            let aside = *rings && self.lent;
            let due = self.begun > 0 || aside || bytes.as_slice() == mode::LEAVE || is_ours();
            let rest = bytes.get(self.begun..).filter(|rest| due && !rest.is_empty());
            let Some(rest) = rest else {
                let taken = self.waiting.pop_front().and_then(|piece| piece.taken);
                // Who waited for it may be gone.
                taken.filter(|_| due).map(|taken| taken.send(()).ok());
                self.begun = 0;
                continue;
            };
            match write(rest) {
                Ok(taken) => self.begun += taken,
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return,
                Err(_) => self.gone = true,
            }
        }
        if self.gone {
            self.waiting.clear();
        }
    }

    fn takes(&self) -> bool {
        !self.lent && self.has_room()
    }

    fn has_room(&self) -> bool {
        self.waiting.len() < WAITING
    }

    fn is_idle(&self) -> bool {
        self.gone || self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn a_bell_rings_beside_an_editor_and_nothing_else_is_written() {
        let (mut reader, pipe) = std::io::pipe().unwrap();
        rustix::io::ioctl_fionbio(&pipe, true).unwrap();
        let writer = Writer::on(Terminal::over(pipe.into(), false), || false);
        writer.lend(true);
        assert_eq!(writer.rings(vec![7]).now_or_never(), Some(true));
        assert_eq!(writer.told(b"title".to_vec()).now_or_never(), Some(false));
        writer.lend(false);
        assert_eq!(writer.rings(vec![7]).now_or_never(), Some(false), "it was given back");
        drop(writer);
        let mut all = Vec::new();
        reader.read_to_end(&mut all).unwrap();
        assert_eq!(all, [7]);
    }

    #[test]
    fn what_waits_for_a_terminal_that_takes_nothing_is_bounded() {
        let (writer, _reader) = Writer::stalled();
        let taken = (0..1_000).filter(|_| writer.beside(vec![7])).count();
        assert_eq!(taken, WAITING);
        writer.0.lock().waiting.clear();
        writer.lend(true);
        assert!(!writer.beside(vec![7]), "somebody else has it");
        writer.lend(false);
        assert!(writer.beside(vec![7]));
    }

    #[tokio::test]
    async fn what_somebody_is_told_by_has_told_them_once_the_terminal_took_all_of_it_and_never_before() {
        let (writer, mut reader) = Writer::stalled();
        let mut told = std::pin::pin!(writer.told(b"a bell".to_vec()));
        assert_eq!((&mut told).now_or_never(), None, "it only waits");
        writer.lend(true);
        assert_eq!(writer.told(vec![7]).now_or_never(), Some(false), "somebody else has it");
        writer.lend(false);
        let room = tokio::task::spawn_blocking(move || reader.read(&mut [0; 8192]).map(|_| reader));
        assert!(tokio::join!(told, writer.idle()).0);
        let reader = room.await.unwrap().unwrap();
        let mut lost = std::pin::pin!(async {
            writer.write(vec![b'.'; 1 << 20]);
            writer.told(b"a bell".to_vec()).await
        });
        assert_eq!((&mut lost).now_or_never(), None);
        drop(reader);
        assert!(!tokio::join!(lost, writer.idle()).0, "the link is gone");
    }

    #[tokio::test]
    async fn what_was_not_taken_is_written_in_order_as_soon_as_it_is() {
        for waits in [false, true] {
            let (writer, mut reader) = Writer::stalled_on(waits);
            let frame: Vec<u8> = (0..=255).cycle().take(100_000).collect();
            writer.write(frame.clone());
            assert!(writer.beside(b"a bell".to_vec()));
            assert_eq!(writer.idle().now_or_never(), None);
            let read = tokio::task::spawn_blocking(move || {
                let mut all = Vec::new();
                reader.read_to_end(&mut all).map(|_| all)
            });
            writer.idle().await;
            drop(writer);
            let all = read.await.unwrap().unwrap();
            let before = all.iter().take_while(|byte| **byte == b'.').count();
            assert_eq!(all[before..], [&frame[..], b"a bell"].concat());
        }
    }

    #[tokio::test]
    async fn who_writes_from_elsewhere_wakes_whoever_keeps_it_flowing() {
        let (writer, mut reader) = Writer::stalled();
        let elsewhere = writer.clone();
        let mut flow = std::pin::pin!(writer.flow());
        assert!((&mut flow).now_or_never().is_none());
        std::thread::spawn(move || elsewhere.beside(b"a bell".to_vec())).join().unwrap();
        let (into, read) = tokio::sync::oneshot::channel();
        std::thread::spawn(move || {
            let (mut all, mut bytes) = (Vec::new(), [0; 4096]);
            while !all.ends_with(b"a bell") {
                let count = reader.read(&mut bytes).unwrap();
                all.extend(&bytes[..count]);
            }
            into.send(()).unwrap();
        });
        tokio::select! {
            never = flow => match never {},
            read = read => read.unwrap(),
        }
    }

    #[test]
    fn a_piece_that_was_begun_is_finished_and_no_other_is_begun_once_the_terminal_was_given_back() {
        let mut queue = Queue::default();
        let (late, mut is_taken) = oneshot::channel();
        queue.waiting.extend([b"frame".to_vec(), b"next".to_vec(), mode::LEAVE.to_vec()].map(Piece::from));
        queue.waiting.push_back(Piece { bytes: b"late".to_vec(), taken: Some(late), rings: false });
        let (mut taken, mut room) = (Vec::<u8>::new(), 2);
        let mut terminal = |bytes: &[u8]| match bytes.len().min(room) {
            0 => Err(Errno::AGAIN),
            some => {
                taken.extend(&bytes[..some]);
                room -= some;
                Ok(some)
            }
        };
        queue.go_on(|| true, &mut terminal);
        assert!(!queue.is_idle() && queue.begun == 2);
        let mut rest = Vec::<u8>::new();
        queue.go_on(
            || false,
            |bytes| {
                rest.push(bytes[0]);
                Ok(1)
            },
        );
        assert_eq!(rest, [b"ame", mode::LEAVE].concat());
        assert!(is_taken.try_recv().is_err(), "nobody was told by what was not written");
        assert_eq!(taken, b"fr");
        assert!(queue.is_idle() && !queue.gone);
    }

    #[test]
    fn a_terminal_that_is_gone_keeps_nothing_waiting() {
        let mut queue = Queue::default();
        queue.waiting.extend([b"frame".to_vec(), b"next".to_vec()].map(Piece::from));
        queue.go_on(|| true, |_| Err(Errno::IO));
        assert!(queue.is_idle() && queue.gone && queue.waiting.is_empty());
        queue.waiting.push_back(b"more".to_vec().into());
        queue.go_on(|| true, |_| unreachable!("nobody is there"));
        assert!(queue.waiting.is_empty());
    }
}
