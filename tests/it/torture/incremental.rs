//! Hostile text as it comes and goes: frame after frame through one emitter, judged by two terminals, one that knows what
//! belongs together and one that knows code points only.

use quell::console::message::Message;
use quell::domain::text::Outside;
use quell::runtime::emitter::Emitter;
use quell::view::{self, Canvas, Theme};
use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};

use super::places::{PLACES, TYPED};
use super::play::Play;
use super::{ASCII, COLOUR, HARMLESS, MONO, each};
use crate::support::grid::{Grid, Takes};
use crate::support::torture::texts;
use crate::support::vt::{assert_inert, assert_only_allowed};

/// One terminal of each kind, drawn on by one emitter.
struct Wire {
    area: Rect,
    canvas: Canvas,
    emitter: Emitter,
    grids: [Grid; 2],
}

impl Wire {
    fn new(cols: u16, rows: u16) -> Self {
        let emitter = Emitter::new(Size::new(cols, rows), true);
        let mut grids = [Takes::Clusters, Takes::CodePoints].map(|takes| Grid::new(cols, rows, takes));
        // As the runtime takes a terminal over.
        grids.iter_mut().for_each(|grid| grid.take(b"\x1b[?7l"));
        let (area, canvas) = (Rect::new(0, 0, cols, rows), Canvas::new(COLOUR, cols, rows));
        Self { area, canvas, emitter, grids }
    }

    /// Draws, looks at every byte, and at what both terminals show.
    fn look(&mut self, play: &Play, theme: &Theme, payload: &str, place: &str) {
        let drawn = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            self.canvas.theme = *theme;
            self.canvas.begin();
            view::sketch(&play.model, play.now, &mut self.canvas);
            assert_eq!(self.emitter.draw(&self.canvas), 0);
            let mut whole = Buffer::empty(self.area);
            assert_eq!(self.canvas.show(&mut whole), 0);
            whole
        }));
        let wanted = drawn.unwrap_or_else(|_| panic!("{payload} in {place} cannot be drawn"));
        let bytes = self.emitter.take();
        let checked = std::panic::catch_unwind(|| {
            assert_only_allowed(&bytes);
            assert_inert(&bytes, play.text.as_bytes());
        });
        assert!(checked.is_ok(), "{payload} in {place}");
        for grid in &mut self.grids {
            grid.take(&bytes);
            let wrong = grid.differences(&wanted);
            assert_eq!(wrong, Vec::<String>::new(), "{payload} in {place}: {}", bytes.escape_ascii());
        }
    }
}

#[test]
fn no_payload_moves_a_cell_while_frames_come_and_go() {
    let sizes = [(80, 24), (40, 12)];
    each(|name, text| {
        let turn = texts().iter().position(|(other, _)| other == name).unwrap();
        let (cols, rows) = sizes[turn % sizes.len()];
        let mut wire = Wire::new(cols, rows);
        let mut play = Play::new(text, cols, rows);
        for (count, (place, keys)) in PLACES.iter().enumerate() {
            let theme = [COLOUR, ASCII, MONO][count / 8 % 3];
            play.reach(place, keys);
            if TYPED.contains(place) {
                play.tell(Message::Pasted(Outside::new(text)));
            }
            wire.look(&play, &theme, name, place);
            play.home();
        }
    });
}

/// The hostile text comes, moves down, and goes: nothing of it stays.
#[test]
fn nothing_of_a_payload_stays_where_it_was() {
    each(|name, text| {
        let mut wire = Wire::new(80, 24);
        let (hostile, harmless) = (Play::new(text, 80, 24), Play::new(HARMLESS, 80, 24));
        for turn in 0..3 {
            wire.look(&hostile, &COLOUR, name, &format!("turn {turn}"));
            wire.look(&harmless, &COLOUR, name, &format!("after turn {turn}"));
        }
    });
}
