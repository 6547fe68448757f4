//! What is typed, read by the loop itself as it comes; notices when there is no terminal any more. It can leave the terminal to
//! somebody else for a while.

use std::collections::VecDeque;

use rustix::fs::OFlags;
use rustix::io::Errno;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::task::yield_now;
use tokio::time::Instant;

use super::fault;
use super::frames::at;
use super::input::{Decoder, Input};
use super::terminal::Terminal;
use crate::domain::fault::Fault;
use crate::os::clock;
use crate::os::ready::watch;

/// Bytes that are read before what they mean is acted on; the terminal keeps what comes beyond.
const AT_ONCE: usize = 1024;
/// After so many in a row everything else has its turn: a flood of keys delays neither a frame nor an answer for long.
const IN_A_ROW: usize = 256;
/// Reads that are thrown away at most: who floods the terminal is not waited for.
const THROWN_AWAY: usize = 64;

/// What reads the terminal.
pub struct Keyboard {
    terminal: AsyncFd<Terminal>,
    decoder: Decoder,
    /// What was typed and not yet acted on.
    typed: VecDeque<Input>,
    /// When bytes came last.
    heard: Instant,
    /// Inputs since everything else had its turn.
    in_a_row: usize,
    /// Somebody else has the terminal.
    lent: bool,
}

impl Keyboard {
    /// Begins to read the terminal.
    ///
    /// # Errors
    /// The machine has no room for a file.
    pub fn listen() -> Result<Self, Fault> {
        Self::on(Terminal::behind(rustix::stdio::stdin(), OFlags::RDONLY)?)
    }

    fn on(terminal: Terminal) -> Result<Self, Fault> {
        let terminal = watch(terminal, Interest::READABLE)
            .map_err(|error| fault("the terminal cannot be watched", &error))?;
        let (decoder, typed) = (Decoder::default(), VecDeque::new());
        Ok(Self { terminal, decoder, typed, heard: Instant::now(), in_a_row: 0, lent: false })
    }

    /// The next that is typed for the console; `None` when the terminal has hung up. May be dropped at any time.
    pub async fn next(&mut self) -> Option<Input> {
        if self.in_a_row == IN_A_ROW {
            self.in_a_row = 0;
            yield_now().await;
        }
        loop {
            if let Some(input) = self.typed.pop_front() {
                self.in_a_row += 1;
                return Some(input);
            }
            let over = self.decoder.patience().map(|patience| self.heard + patience);
            let mut ready = tokio::select! {
                biased;
                ready = self.terminal.readable() => ready.ok()?,
                () = at(over) => {
                    let mut typed = Vec::new();
                    self.decoder.pause(clock::monotonic(), &mut typed);
                    self.typed.extend(typed);
                    continue;
                }
            };
            if self.lent {
                // A terminal that is gone belongs to nobody.
                if ready.ready().is_read_closed() {
                    return None;
                }
                ready.clear_ready();
                continue;
            }
            let mut bytes = [0; AT_ONCE];
            match ready.get_inner().read(&mut bytes) {
                Ok(0) => return None,
                Ok(count) => {
                    let mut typed = Vec::new();
                    self.decoder.feed(bytes.get(..count).unwrap_or_default(), clock::monotonic(), &mut typed);
                    self.typed.extend(typed);
                    self.heard = Instant::now();
                    if count < AT_ONCE {
                        // There is no more: who asks again would only be told so. What comes now is told anew.
                        ready.clear_ready();
                    }
                }
                Err(Errno::AGAIN) => ready.clear_ready(),
                Err(Errno::INTR) => {}
                Err(_) => return None,
            }
        }
    }

    /// Leaves the terminal to somebody else: nothing is read any more, and what was is dropped.
    pub fn lend(&mut self) {
        self.forget();
        self.lent = true;
    }

    /// Reads the terminal again; what was typed meanwhile was for somebody else.
    pub fn take_back(&mut self) {
        self.lent = false;
        self.forget();
        let mut bytes = [0; AT_ONCE];
        for _ in 0..THROWN_AWAY {
            if !matches!(self.terminal.get_ref().read(&mut bytes), Ok(1..)) {
                break;
            }
        }
    }

    fn forget(&mut self) {
        self.decoder = Decoder::default();
        self.typed.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::os::fd::OwnedFd;
    use std::time::Duration;

    use futures_util::FutureExt;

    use super::*;
    use crate::console::chord::Chord;

    /// A keyboard, and what types on it. One that `waits` could not be opened anew.
    fn keyboard(waits: bool) -> (Keyboard, std::io::PipeWriter) {
        let (reader, writer) = std::io::pipe().unwrap();
        if !waits {
            rustix::io::ioctl_fionbio(&reader, true).unwrap();
        }
        (Keyboard::on(Terminal::over(OwnedFd::from(reader), waits)).unwrap(), writer)
    }

    fn key(name: &str) -> Option<Input> {
        Some(Input::Key(Chord::parse(name).unwrap()))
    }

    /// Nothing is typed, as far as the kernel has said by now.
    async fn says_nothing(keyboard: &mut Keyboard) {
        for _ in 0..3 {
            tokio::task::yield_now().await;
            assert_eq!(keyboard.next().now_or_never(), None);
        }
    }

    #[tokio::test]
    async fn what_is_typed_comes_key_by_key_and_then_its_end() {
        for waits in [false, true] {
            let (mut keyboard, mut types) = keyboard(waits);
            says_nothing(&mut keyboard).await;
            types.write_all(b"ab\x1b").unwrap();
            assert_eq!([keyboard.next().await, keyboard.next().await], [key("a"), key("b")]);
            // Nothing follows: that was the key.
            assert_eq!(keyboard.next().await, key("esc"));
            types.write_all(&[b'j'; 3 * AT_ONCE]).unwrap();
            for _ in 0..3 * AT_ONCE {
                assert_eq!(keyboard.next().await, key("j"));
                assert!(keyboard.typed.len() < AT_ONCE, "the terminal keeps the rest");
            }
            drop(types);
            assert_eq!(keyboard.next().await, None);
        }
    }

    #[tokio::test]
    async fn a_flood_of_keys_leaves_everything_else_its_turn() {
        let (mut keyboard, mut types) = keyboard(false);
        let mut keys = 0;
        loop {
            if keys % AT_ONCE == 0 {
                types.write_all(&[b'j'; AT_ONCE]).unwrap();
            }
            tokio::select! {
                biased;
                _ = keyboard.next() => keys += 1,
                () = std::future::ready(()) => {
                    // Before the kernel has said that there are any, it is everybody's turn.
                    if keys > 0 {
                        break;
                    }
                    tokio::task::yield_now().await;
                }
            }
        }
        assert_eq!(keys, IN_A_ROW);
    }

    #[tokio::test]
    async fn an_escape_that_waits_for_more_is_the_key_however_often_it_is_asked_for() {
        let (mut keyboard, mut types) = keyboard(false);
        types.write_all(b"\x1b").unwrap();
        let often = async {
            loop {
                let soon = tokio::time::timeout(Duration::from_millis(5), keyboard.next()).await;
                if let Ok(input) = soon {
                    return input;
                }
            }
        };
        assert_eq!(often.await, key("esc"));
    }

    #[tokio::test]
    async fn what_is_typed_while_somebody_else_has_the_terminal_is_theirs() {
        let (mut keyboard, mut types) = keyboard(false);
        types.write_all(b"ab").unwrap();
        assert_eq!(keyboard.next().await, key("a"));
        keyboard.lend();
        types.write_all(b"q").unwrap();
        says_nothing(&mut keyboard).await;
        let mut left = [0; 8];
        assert_eq!(keyboard.terminal.get_ref().read(&mut left), Ok(1), "nothing of it was read");
        types.write_all(b"x").unwrap();
        says_nothing(&mut keyboard).await;
        keyboard.take_back();
        says_nothing(&mut keyboard).await;
        types.write_all(b"c").unwrap();
        assert_eq!(keyboard.next().await, key("c"));
        keyboard.lend();
        drop(types);
        assert_eq!(keyboard.next().await, None, "it is gone, whoever has it");
    }
}
