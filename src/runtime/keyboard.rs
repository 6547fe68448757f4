//! The thread that reads the terminal, and notices when there is none any more. It can be told to leave the terminal to
//! somebody else for a while.

use std::io::{PipeReader, PipeWriter, Read, Write};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::oneshot;

use super::fault;
use super::input::{Decoder, Input};
use crate::domain::fault::Fault;
use crate::os::{clock, spawn};

/// Inputs that wait for the loop; the terminal keeps what comes beyond.
const WAITING: usize = 256;
/// While somebody else has the terminal, between two looks at whether it is still there.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// What asks the reader to leave the terminal alone.
pub struct Keyboard {
    wakes: PipeWriter,
    asked: Arc<Mutex<Option<Pause>>>,
}

/// The terminal is read by nobody here until this is dropped.
pub struct Held {
    _until_dropped: mpsc::Sender<()>,
}

/// The reader says when it has let go, and takes the terminal again when the other side is gone.
struct Pause {
    let_go: oneshot::Sender<()>,
    until: mpsc::Receiver<()>,
}

/// The reader's side of it.
struct Asked {
    wakes: PipeReader,
    asked: Arc<Mutex<Option<Pause>>>,
}

/// Starts to read the terminal. The channel closes when the terminal is gone.
///
/// # Errors
/// The machine has no room for a thread or a pipe.
pub fn listen() -> Result<(Keyboard, Receiver<Input>), Fault> {
    let refused = |error| fault("the terminal's reader cannot start", &error);
    let (wakes, writer) = std::io::pipe().map_err(refused)?;
    let (into, inputs) = channel(WAITING);
    let asked = Arc::new(Mutex::new(None));
    let reader = Asked { wakes, asked: Arc::clone(&asked) };
    spawn::thread("terminal reader", move || read(&into, reader)).map_err(refused)?;
    Ok((Keyboard { wakes: writer, asked }, inputs))
}

impl Keyboard {
    /// Waits until the reader has let go of the terminal; what comes until then is dropped. `None` when there is no
    /// reader any more.
    pub async fn hold(&mut self, inputs: &mut Receiver<Input>) -> Option<Held> {
        let (let_go, mut has_let_go) = oneshot::channel();
        let (held, until) = mpsc::channel();
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(Pause { let_go, until });
        self.wakes.write_all(&[0]).ok()?;
        loop {
            tokio::select! {
                let_go = &mut has_let_go => return let_go.ok().map(|()| Held { _until_dropped: held }),
                input = inputs.recv() => drop(input?),
            }
        }
    }
}

impl Asked {
    /// Lets go of the terminal as long as somebody asks for it; whether anybody still may.
    fn wait(&mut self) -> bool {
        let mut byte = [0];
        if !matches!(self.wakes.read(&mut byte), Ok(1)) {
            return false;
        }
        let pause = self.asked.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(Pause { let_go, until }) = pause
            && let_go.send(()).is_ok()
        {
            // Nothing is ever sent: it ends when the other side is dropped. A terminal that is gone belongs to nobody.
            while until.recv_timeout(LOOK_EVERY) == Err(mpsc::RecvTimeoutError::Timeout) && !is_gone() {}
        }
        true
    }
}

/// Whether the terminal has hung up; takes nothing from it.
fn is_gone() -> bool {
    let terminal = rustix::stdio::stdin();
    let mut ready = [PollFd::new(&terminal, PollFlags::empty())];
    let [seen] = &mut ready;
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    poll(std::slice::from_mut(seen), Some(&now)).is_ok() && seen.revents().contains(PollFlags::HUP)
}

/// Reads until the terminal hangs up (a read of nothing, or an error) or nobody listens.
fn read(into: &Sender<Input>, asked: Asked) {
    let terminal = rustix::stdio::stdin();
    let mut asked = Some(asked);
    let mut decoder = Decoder::default();
    let mut inputs = Vec::new();
    let mut bytes = [0; 1024];
    loop {
        let mut ready = vec![PollFd::new(&terminal, PollFlags::IN)];
        ready.extend(asked.as_ref().map(|asked| PollFd::new(&asked.wakes, PollFlags::IN)));
        let woken = poll(&mut ready, decoder.patience().map(timespec).as_ref());
        let wanted = ready.get(1).is_some_and(|one| !one.revents().is_empty());
        drop(ready);
        match woken {
            Ok(0) => decoder.pause(clock::monotonic(), &mut inputs),
            Ok(_) if wanted => {
                asked.take_if(|asked| !asked.wait());
                decoder = Decoder::default();
            }
            Ok(_) => match rustix::io::read(terminal, &mut bytes) {
                Ok(0) => return,
                Ok(count) => {
                    decoder.feed(bytes.get(..count).unwrap_or_default(), clock::monotonic(), &mut inputs);
                }
                Err(Errno::INTR | Errno::AGAIN) => {}
                Err(_) => return,
            },
            Err(Errno::INTR) => {}
            Err(_) => return,
        }
        for input in inputs.drain(..) {
            if into.blocking_send(input).is_err() {
                return;
            }
        }
    }
}

fn timespec(patience: Duration) -> Timespec {
    Timespec { tv_sec: patience.as_secs().cast_signed(), tv_nsec: patience.subsec_nanos().into() }
}
