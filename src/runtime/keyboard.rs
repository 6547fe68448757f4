//! The thread that reads the terminal, and notices when there is none any more.

use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::fault;
use super::input::{Decoder, Input};
use crate::domain::fault::Fault;
use crate::os::{clock, spawn};

/// Inputs that wait for the loop; the terminal keeps what comes beyond.
const WAITING: usize = 256;

/// Starts to read the terminal. The channel closes when the terminal is gone.
///
/// # Errors
/// The machine has no room for a thread.
pub fn listen() -> Result<Receiver<Input>, Fault> {
    let (into, inputs) = channel(WAITING);
    spawn::thread("terminal reader", move || read(&into))
        .map_err(|error| fault("the terminal's reader cannot start", &error))?;
    Ok(inputs)
}

/// Reads until the terminal hangs up (a read of nothing, or an error) or nobody listens.
fn read(into: &Sender<Input>) {
    let terminal = rustix::stdio::stdin();
    let mut decoder = Decoder::default();
    let mut inputs = Vec::new();
    let mut bytes = [0; 1024];
    loop {
        let mut ready = [PollFd::new(&terminal, PollFlags::IN)];
        match poll(&mut ready, decoder.patience().map(timespec).as_ref()) {
            Ok(0) => decoder.pause(clock::monotonic(), &mut inputs),
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
