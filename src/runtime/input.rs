//! What the terminal sends: bytes become keys, pastes and focus; the terminal's own replies become nothing.
//!
//! Quell reads its terminal itself. The usual reader turns replies into key presses and spins when the terminal
//! vanishes; this one swallows the former and reports the latter.

mod sequence;

use std::time::Duration;

use crate::console::chord::{Chord, Key};
use crate::domain::text::Outside;

/// A lone escape byte is the key when nothing follows within this.
const ESCAPE_ALONE: Duration = Duration::from_millis(50);
/// An unfinished sequence or reply is over when nothing follows within this.
const UNFINISHED: Duration = Duration::from_millis(200);
/// A paste without an end is over when nothing follows within this.
const UNFINISHED_PASTE: Duration = Duration::from_secs(1);
/// What still comes of a paste that was over is dropped for at most this long.
const REST_OF_PASTE: Duration = Duration::from_secs(30);
/// Keys so soon after a paste are taken for a part of it.
const AFTER_PASTE: Duration = Duration::from_millis(50);
/// Bytes of a paste that are kept.
const PASTE_BYTES: usize = 64 * 1024;
/// Bytes of a sequence that are looked at.
const SEQUENCE_BYTES: usize = 64;
const PASTE_END: &[u8] = b"\x1b[201~";

/// Something the person did at the terminal.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A key was pressed.
    Key(Chord),
    /// Text was pasted.
    Paste(Outside),
    /// The terminal got or lost the focus.
    Focus(bool),
}

/// Where in the stream of bytes the decoder stands.
#[derive(Debug, Default)]
enum State {
    #[default]
    Ground,
    /// After ESC.
    Escape,
    /// After ESC O.
    Shift3,
    /// After ESC [, with what came since.
    Control(Vec<u8>),
    /// In a reply (OSC, DCS, APC, PM, SOS), up to its end.
    Reply,
    /// In a reply, after ESC.
    ReplyEnd,
    /// After ESC [ [, as the Linux console begins its first function keys.
    Console,
    /// So many bytes mean nothing.
    Skip(u8),
    /// In a bracketed paste.
    Paste(Vec<u8>),
    /// In what still comes of a paste that took too long: its last bytes, and until when it is waited for.
    RestOfPaste(Vec<u8>, Duration),
    /// In a character of several bytes.
    Character { bytes: Vec<u8>, alt: bool },
}

/// Turns bytes into [`Input`]. Time is an argument.
#[derive(Debug, Default)]
pub struct Decoder {
    state: State,
    deaf_until: Option<Duration>,
}

impl Decoder {
    /// How long to wait for more bytes before [`pause`](Self::pause) has to be called; `None` is for ever.
    pub fn patience(&self) -> Option<Duration> {
        match self.state {
            State::Ground => None,
            State::Escape => Some(ESCAPE_ALONE),
            State::Paste(_) => Some(UNFINISHED_PASTE),
            State::RestOfPaste(..) => Some(REST_OF_PASTE),
            _ => Some(UNFINISHED),
        }
    }

    /// Nothing came for [`patience`](Self::patience): what stands unfinished is over.
    pub fn pause(&mut self, at: Duration, into: &mut Vec<Input>) {
        match std::mem::take(&mut self.state) {
            State::Escape => self.key(Chord::plain(Key::Esc), at, into),
            State::Paste(bytes) => {
                self.pasted(&bytes, at, into);
                // The end may have begun.
                let end = bytes.len().saturating_sub(PASTE_END.len());
                self.state = State::RestOfPaste(bytes.into_iter().skip(end).collect(), at + REST_OF_PASTE);
            }
            _ => {}
        }
    }

    /// Takes bytes that came at a moment.
    pub fn feed(&mut self, bytes: &[u8], at: Duration, into: &mut Vec<Input>) {
        for byte in bytes {
            self.byte(*byte, at, into);
        }
    }

    fn byte(&mut self, byte: u8, at: Duration, into: &mut Vec<Input>) {
        self.state = match (std::mem::take(&mut self.state), byte) {
            (State::Paste(bytes), _) => self.paste(bytes, byte, at, into),
            (State::RestOfPaste(bytes, until), _) if at < until => rest_of_paste(bytes, byte, until),
            (State::RestOfPaste(..), _) => {
                self.byte(byte, at, into);
                return;
            }
            (State::Skip(left), _) => {
                if left > 1 {
                    State::Skip(left - 1)
                } else {
                    State::Ground
                }
            }
            (State::Escape, 0x1b) => {
                self.key(Chord::plain(Key::Esc), at, into);
                State::Escape
            }
            (State::Reply, 0x1b) => State::ReplyEnd,
            (State::ReplyEnd, b'\\') => State::Ground,
            // It ends whatever it interrupts.
            (_, 0x1b) => State::Escape,
            (State::Reply, 0x07 | 0x18 | 0x1a) => State::Ground,
            (State::Reply, _) => State::Reply,
            (State::Escape | State::ReplyEnd, b'[') => State::Control(Vec::new()),
            (State::Escape | State::ReplyEnd, b'O') => State::Shift3,
            (State::Escape | State::ReplyEnd, b']' | b'P' | b'_' | b'^' | b'X') => State::Reply,
            (State::Escape | State::ReplyEnd, _) => self.ground(byte, true, at, into),
            (State::Shift3, _) => self.finish(&[], byte, at, into),
            (State::Console, _) => self.finish(b"[", byte, at, into),
            (State::Control(bytes), _) => self.control(bytes, byte, at, into),
            (State::Character { bytes, alt }, _) => self.character(bytes, alt, byte, at, into),
            (State::Ground, _) => self.ground(byte, false, at, into),
        };
    }

    fn ground(&mut self, byte: u8, alt: bool, at: Duration, into: &mut Vec<Input>) -> State {
        let (key, ctrl) = match byte {
            b'\r' => (Key::Enter, false),
            b'\t' => (Key::Tab, false),
            0x08 | 0x7f => (Key::Backspace, false),
            0 => (Key::Char(' '), true),
            0x01..=0x1a => (Key::Char(char::from(byte - 1 + b'a')), true),
            0x1c..=0x1f => (Key::Char(char::from(byte - 0x1c + b'4')), true),
            0x20..0x7f => (Key::Char(char::from(byte)), false),
            _ => return State::Character { bytes: vec![byte], alt },
        };
        self.key(Chord { ctrl, alt, ..Chord::plain(key) }, at, into);
        State::Ground
    }

    fn character(
        &mut self,
        mut bytes: Vec<u8>,
        alt: bool,
        byte: u8,
        at: Duration,
        into: &mut Vec<Input>,
    ) -> State {
        if !matches!(byte, 0x80..=0xbf) {
            return self.ground(byte, false, at, into);
        }
        bytes.push(byte);
        match std::str::from_utf8(&bytes) {
            Ok(text) => {
                for c in text.chars().filter(|c| !c.is_control()) {
                    self.key(Chord { alt, ..Chord::plain(Key::Char(c)) }, at, into);
                }
                State::Ground
            }
            Err(error) if error.error_len().is_none() => State::Character { bytes, alt },
            Err(_) => State::Ground,
        }
    }

    fn control(&mut self, mut bytes: Vec<u8>, byte: u8, at: Duration, into: &mut Vec<Input>) -> State {
        match byte {
            0x20..=0x3f => {
                if bytes.len() < SEQUENCE_BYTES {
                    bytes.push(byte);
                }
                State::Control(bytes)
            }
            // A mouse report of the oldest kind: three bytes that are anything.
            b'M' if bytes.is_empty() => State::Skip(3),
            b'[' if bytes.is_empty() => State::Console,
            b'~' if bytes == b"200" => State::Paste(Vec::new()),
            0x40..=0x7e => self.finish(&bytes, byte, at, into),
            _ => State::Ground,
        }
    }

    fn finish(&mut self, bytes: &[u8], last: u8, at: Duration, into: &mut Vec<Input>) -> State {
        match sequence::read(bytes, last) {
            Some(Input::Key(chord)) => self.key(chord, at, into),
            Some(other) => into.push(other),
            None => {}
        }
        State::Ground
    }

    fn paste(&mut self, mut bytes: Vec<u8>, byte: u8, at: Duration, into: &mut Vec<Input>) -> State {
        bytes.push(byte);
        if let Some(text) = bytes.strip_suffix(PASTE_END) {
            self.pasted(text, at, into);
            return State::Ground;
        }
        if bytes.len() >= 2 * PASTE_BYTES {
            // What is over the limit goes, but the beginning of an end stays.
            bytes.drain(PASTE_BYTES + 1..bytes.len() - PASTE_END.len());
        }
        State::Paste(bytes)
    }

    fn pasted(&mut self, bytes: &[u8], at: Duration, into: &mut Vec<Input>) {
        // A terminal sends a line's end as the Enter key would.
        let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n").replace('\r', "\n");
        into.push(Input::Paste(Outside::capped(text, PASTE_BYTES)));
        self.deaf_until = Some(at + AFTER_PASTE);
    }

    fn key(&mut self, chord: Chord, at: Duration, into: &mut Vec<Input>) {
        if self.deaf_until.is_none_or(|until| at >= until) {
            into.push(Input::Key(chord));
        }
    }
}

/// Pasted text never becomes keys, however late it comes.
fn rest_of_paste(mut bytes: Vec<u8>, byte: u8, until: Duration) -> State {
    bytes.push(byte);
    if bytes.ends_with(PASTE_END) {
        return State::Ground;
    }
    if bytes.len() > PASTE_END.len() {
        bytes.remove(0);
    }
    State::RestOfPaste(bytes, until)
}

#[cfg(test)]
mod tests;
