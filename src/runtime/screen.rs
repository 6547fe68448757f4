//! The screen: frames are drawn into memory and written whole. Nothing is ever asked of the terminal.

use std::time::Duration;

use ratatui::layout::Size as Cells;
use tokio::time::timeout;

use super::able::Able;
use super::emitter::Emitter;
use super::mode;
use super::signals::Signals;
use super::writer::Writer;
use crate::console::layout;
use crate::console::model::Size;
use crate::domain::fault::Fault;
use crate::os::{crash, env};
use crate::view::{Canvas, Theme};

/// How long a terminal that takes nothing is waited for when it is given back.
const PATIENCE: Duration = Duration::from_millis(500);
/// And how much longer before the program ends: who stalls for a second finds a terminal that works.
const LAST_PATIENCE: Duration = Duration::from_millis(1500);
/// Longest title that terminals take.
const TITLE_CHARS: usize = 200;

/// The terminal as a screen to draw on.
pub struct Screen {
    canvas: Canvas,
    emitter: Emitter,
    writer: Writer,
    able: Able,
    replaced: Replaced,
}

/// How many cells the last look before the terminal had to replace since the program began.
#[derive(Debug, Default)]
struct Replaced(usize);

impl Replaced {
    /// Counts them, and complains of the first: text from outside came as far as a cell.
    fn add(&mut self, cells: usize) {
        if self.0 == 0 && cells > 0 {
            tracing::error!(cells, "a bug: text from outside has reached a cell and was replaced there");
        }
        self.0 = self.0.saturating_add(cells);
    }
}

impl Screen {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// It is gone, or the machine has no room for a file.
    pub fn enter(theme: Theme) -> Result<Self, Fault> {
        let able = Able::known(&|name| env::var(name));
        let mut screen = Self {
            // They get their size as it is entered.
            canvas: Canvas::new(theme, 0, 0),
            emitter: emitter(Size { cols: 0, rows: 0 }, able),
            writer: Writer::open()?,
            able,
            replaced: Replaced::default(),
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
        self.writer.lend(false);
        self.resize(mode::size());
        Ok(())
    }

    /// The next frame has this size and is drawn whole.
    pub fn resize(&mut self, size: Size) {
        self.canvas = Canvas::new(self.canvas.theme, size.cols, size.rows);
        self.emitter = emitter(size, self.able);
    }

    /// The next frame is drawn whole, on a screen that was cleared.
    pub fn redraw(&mut self) {
        self.writer.write([mode::SCREEN, mode::AGAIN].concat());
        self.resize(mode::size());
    }

    /// Every cell of the next frame is written again, where it stands.
    pub fn repaint(&mut self) {
        self.writer.write(mode::AGAIN.to_vec());
        self.emitter.repaint();
    }

    /// Draws a frame and hands what it changes to the writer. Whether it changes anything.
    pub fn draw(&mut self, sketch: impl FnOnce(&mut Canvas)) -> bool {
        self.sketch(sketch, Emitter::draw);
        let bytes = self.emitter.take();
        let changes = !bytes.is_empty();
        if changes {
            self.writer.write(bytes);
        }
        changes
    }

    /// Draws a frame that may be the next one; the terminal shows nothing of it.
    pub fn ahead(&mut self, sketch: impl FnOnce(&mut Canvas)) {
        self.sketch(sketch, Emitter::ahead);
    }

    fn sketch(&mut self, sketch: impl FnOnce(&mut Canvas), emit: fn(&mut Emitter, &Canvas) -> usize) {
        crash::task("draw");
        self.canvas.begin();
        sketch(&mut self.canvas);
        let replaced = emit(&mut self.emitter, &self.canvas);
        self.replaced.add(replaced);
        debug_assert_eq!(replaced, 0, "text from outside has reached a cell without SafeText");
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

    /// Writes what waits whenever the terminal takes it. Ends once all is written, or the terminal is gone, where a frame was
    /// `drawn`; never where none was.
    pub async fn written(&self, drawn: bool) {
        self.writer.idle().await;
        if !drawn {
            match self.writer.flow().await {}
        }
    }

    /// Does something while what waits for the terminal is written as it takes it.
    pub async fn during<T>(&self, what: impl Future<Output = T>) -> T {
        tokio::select! {
            biased;
            done = what => done,
            never = self.writer.flow() => match never {},
        }
    }

    /// Whether the terminal no longer takes anything.
    pub fn is_gone(&self) -> bool {
        self.writer.is_gone()
    }

    /// Gives the terminal back, stops the process, and takes the terminal over again once it goes on.
    ///
    /// # Errors
    /// It is gone.
    pub async fn suspend(&mut self, signals: &mut Signals) -> Result<(), Fault> {
        self.leave().await;
        signals.stop().await;
        self.enter_again()
    }

    /// Gives the terminal back, where it is ours; does not wait for one that takes nothing.
    pub async fn leave(&self) {
        self.writer.lend(true);
        if mode::is_ours() {
            self.writer.write(mode::LEAVE.to_vec());
        }
        drop(timeout(PATIENCE, self.writer.idle()).await);
        mode::cooked();
    }

    /// Before the program ends: waits once more for what gives the terminal back, if that is still to be written.
    pub async fn left(&self) {
        drop(timeout(LAST_PATIENCE, self.writer.idle()).await);
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        mode::abandon();
    }
}

fn emitter(size: Size, able: Able) -> Emitter {
    let emitter = Emitter::new(Cells::new(size.cols, size.rows), able.at_once);
    match layout::regions(size) {
        Some(regions) => emitter.with_pane(regions.list.cols, able.margins),
        None => emitter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_had_to_be_replaced_is_counted() {
        let mut replaced = Replaced::default();
        [0, 2, 0, 1].into_iter().for_each(|cells| replaced.add(cells));
        assert_eq!(replaced.0, 3);
    }
}
