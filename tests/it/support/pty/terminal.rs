//! The other side of a pseudo-terminal: a screen that takes bytes, answers queries and rings.

use std::io::{Read, Write};
use std::sync::{Condvar, Mutex, MutexGuard};

use super::Exit;

pub(super) struct Shared {
    pub(super) state: Mutex<State>,
    pub(super) changed: Condvar,
}

pub(super) struct State {
    pub(super) screen: vt100::Parser<Terminal>,
    pub(super) bytes: Vec<u8>,
    pub(super) writer: Option<Box<dyn Write + Send>>,
    pub(super) unsent: Vec<u8>,
    pub(super) paused: bool,
    pub(super) hanging_up: bool,
    pub(super) reader_done: bool,
    pub(super) exit: Option<Exit>,
}

/// What a terminal does beside its screen: it answers queries and rings.
#[derive(Default)]
pub(super) struct Terminal {
    answers: Vec<u8>,
    pub(super) bells: usize,
    pub(super) title: String,
}

impl vt100::Callbacks for Terminal {
    fn audible_bell(&mut self, _: &mut vt100::Screen) {
        self.bells += 1;
    }

    fn set_window_title(&mut self, _: &mut vt100::Screen, title: &[u8]) {
        self.title = String::from_utf8_lossy(title).into_owned();
    }

    fn unhandled_csi(
        &mut self,
        screen: &mut vt100::Screen,
        private: Option<u8>,
        _: Option<u8>,
        parameters: &[&[u16]],
        last: char,
    ) {
        match (private, parameters, last) {
            (None, [[6]], 'n') => {
                let (row, column) = screen.cursor_position();
                self.answers.extend(format!("\x1b[{};{}R", row + 1, column + 1).into_bytes());
            }
            (None, [[5]], 'n') => self.answers.extend(b"\x1b[0n"),
            (None, _, 'c') => self.answers.extend(b"\x1b[?62;22c"),
            _ => {}
        }
    }
}

impl Shared {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.lock());
        self.changed.notify_all();
    }

    pub(super) fn read(&self, reader: &mut dyn Read) {
        let mut buffer = [0; 16 * 1024];
        loop {
            let mut state = self.lock();
            while state.paused && !state.hanging_up {
                state = self.changed.wait(state).unwrap();
            }
            drop(state);
            // The kernel says EIO once nobody holds the other side.
            let Ok(length @ 1..) = reader.read(&mut buffer) else { break };
            let mut state = self.lock();
            if state.hanging_up {
                break;
            }
            state.take(&buffer[..length]);
            drop(state);
            self.changed.notify_all();
        }
        self.change(|state| state.reader_done = true);
    }
}

impl State {
    fn take(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.screen.process(bytes);
        self.unsent.append(&mut self.screen.callbacks_mut().answers);
        self.answer();
    }

    pub(super) fn answer(&mut self) {
        if let Some(writer) = &mut self.writer {
            // A program that has just ended no longer wants its answer.
            let _unread = writer.write_all(&std::mem::take(&mut self.unsent));
        }
    }
}
