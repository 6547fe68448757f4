//! The screen: frames are drawn into memory and handed to the writer whole. Nothing is ever asked of the terminal.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;
use ratatui::{Frame, Terminal, TerminalOptions, Viewport};
use tokio::time::timeout;

use super::writer::Writer;
use super::{fault, mode};
use crate::console::model::Size;
use crate::domain::fault::Fault;
use crate::os::env;

/// How long a terminal that takes nothing is waited for when it is given back.
const PATIENCE: Duration = Duration::from_millis(500);
/// Longest title that terminals take.
const TITLE_CHARS: usize = 200;

/// The terminal as a screen to draw on.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Ink>>,
    ink: Ink,
    writer: Writer,
    /// The terminal is known to show a frame at once when told where it begins and ends.
    at_once: bool,
    /// What the frame has to begin with.
    clear: bool,
}

impl Screen {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// It is gone, or the machine has no room for a thread.
    pub fn enter() -> Result<Self, Fault> {
        crossterm::style::force_color_output(true);
        let ink = Ink::default();
        let mut screen = Self {
            terminal: terminal(&ink, mode::size())?,
            ink,
            writer: Writer::start()?,
            at_once: shows_at_once(),
            clear: true,
        };
        screen.enter_again()?;
        Ok(screen)
    }

    /// Takes the terminal over again; the next frame is drawn whole.
    ///
    /// # Errors
    /// It is gone.
    pub fn enter_again(&mut self) -> Result<(), Fault> {
        if mode::is_ours() {
            // It was stopped without being asked: what it still holds is given back first.
            self.writer.write(mode::LEAVE.to_vec());
        }
        mode::raw()?;
        self.writer.write(mode::ENTER.to_vec());
        self.resize(mode::size())
    }

    /// The next frame has this size and is drawn whole.
    ///
    /// # Errors
    /// Never in practice: the frame is drawn into memory.
    pub fn resize(&mut self, size: Size) -> Result<(), Fault> {
        // A new terminal rather than a cleared one: clearing asks the terminal for the cursor and waits.
        self.terminal = terminal(&self.ink, size)?;
        self.clear = true;
        Ok(())
    }

    /// Draws a frame and hands it to the writer.
    ///
    /// # Errors
    /// Never in practice: the frame is drawn into memory.
    pub fn draw(&mut self, content: impl FnOnce(&mut Frame<'_>)) -> Result<(), Fault> {
        if self.at_once {
            self.ink.lock().extend(b"\x1b[?2026h");
        }
        if std::mem::take(&mut self.clear) {
            self.ink.lock().extend(b"\x1b[0m\x1b[H\x1b[2J");
        }
        let drawn = self.terminal.draw(content).map(drop);
        drawn.map_err(|error| fault("a frame cannot be drawn", &error))?;
        if self.at_once {
            self.ink.lock().extend(b"\x1b[?2026l");
        }
        self.writer.write(std::mem::take(&mut *self.ink.lock()));
        Ok(())
    }

    /// What writes to the terminal.
    pub fn writer(&self) -> Writer {
        self.writer.clone()
    }

    /// Sets the window's title.
    pub fn retitle(&self, title: &str) {
        let shown: String = title.chars().filter(|c| matches!(c, ' '..='~')).take(TITLE_CHARS).collect();
        self.writer.beside(format!("\x1b]2;{shown}\x1b\\").into_bytes());
    }

    /// Waits until everything is written, or the terminal is gone.
    pub async fn idle(&self) {
        self.writer.idle().await;
    }

    /// Whether the terminal no longer takes anything.
    pub fn is_gone(&self) -> bool {
        self.writer.is_gone()
    }

    /// Gives the terminal back; does not wait for one that takes nothing.
    pub async fn leave(&self) {
        self.writer.write(mode::LEAVE.to_vec());
        drop(timeout(PATIENCE, self.idle()).await);
        mode::cooked();
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        mode::abandon();
    }
}

fn terminal(ink: &Ink, size: Size) -> Result<Terminal<CrosstermBackend<Ink>>, Fault> {
    let area = Rect::new(0, 0, size.cols, size.rows);
    let options = TerminalOptions { viewport: Viewport::Fixed(area) };
    Terminal::with_options(CrosstermBackend::new(ink.clone()), options)
        .map_err(|error| fault("the screen cannot be set up", &error))
}

/// Whether this terminal is known to hold a frame back until it is whole (mode 2026). It is never asked.
fn shows_at_once() -> bool {
    let program = env::var("TERM_PROGRAM").unwrap_or_default();
    let term = env::var("TERM").unwrap_or_default();
    let known = ["ghostty", "WezTerm", "iTerm.app"].contains(&program.as_str())
        || ["xterm-kitty", "xterm-ghostty", "foot", "foot-extra", "alacritty"].contains(&term.as_str());
    known && env::var("TMUX").is_none()
}

/// Where a frame's bytes gather.
#[derive(Clone, Default)]
struct Ink(Arc<Mutex<Vec<u8>>>);

impl Ink {
    fn lock(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Write for Ink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.lock().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_screen_is_set_up_without_asking_the_terminal() {
        let ink = Ink::default();
        let mut terminal = terminal(&ink, Size { cols: 1000, rows: 1 }).unwrap();
        terminal
            .draw(|frame| frame.buffer_mut().set_string(0, 0, "x", ratatui::style::Style::new()))
            .map(drop)
            .unwrap();
        let bytes = ink.lock().clone();
        assert!(!bytes.windows(3).any(|window| window == b"[6n"), "{}", bytes.escape_ascii());
    }
}
