//! What takes several rows of a frame, beside other things or alone: it is drawn once for all frames that ask for the same of it.

use std::hash::{BuildHasher, Hash};

use super::{Canvas, Row, Stroke};
use crate::console::layout::Area;
use crate::domain::time::Time;

/// So many are kept, those that were asked for last: what a frame has, what was drawn ahead of the next, and what they were before.
const KEPT: usize = 8;

/// What was drawn by itself.
#[derive(Default)]
pub(super) struct Panes {
    /// The one that was asked for last is the last.
    kept: Vec<Pane>,
    /// What the next one is drawn on.
    blank: Vec<Row>,
}

struct Pane {
    key: u64,
    drawn_at: Time,
    drawn: Drawn,
}

/// Rows, one behind the other.
#[derive(PartialEq)]
struct Drawn {
    strokes: Vec<Stroke>,
    text: String,
    /// How many strokes and bytes there are up to the end of each row.
    ends: Vec<(usize, usize)>,
}

impl Drawn {
    /// Takes from these rows what stands on them.
    fn take(rows: &mut [Row]) -> Self {
        let mut drawn = Self {
            strokes: Vec::with_capacity(rows.iter().map(|row| row.strokes.len()).sum()),
            text: String::with_capacity(rows.iter().map(|row| row.text.len()).sum()),
            ends: Vec::with_capacity(rows.len()),
        };
        for row in rows {
            drawn.strokes.append(&mut row.strokes);
            drawn.text.push_str(&row.text);
            drawn.ends.push((drawn.strokes.len(), drawn.text.len()));
            row.cut(0, 0);
        }
        drawn
    }

    /// Puts it behind what stands on these rows.
    fn put<'a>(&self, rows: impl Iterator<Item = &'a mut Row>) {
        let (mut strokes, mut text) = (0, 0);
        for (row, (last, end)) in rows.zip(&self.ends) {
            let by = row.text.len();
            row.text.push_str(self.text.get(text..*end).unwrap_or_default());
            let all = self.strokes.get(strokes..*last).unwrap_or_default();
            row.strokes.extend(all.iter().map(|stroke| stroke.moved(0, by)));
            (strokes, text) = (*last, *end);
        }
    }
}

impl Panes {
    /// None, on so many rows.
    pub(super) fn new(rows: u16) -> Self {
        Self { kept: Vec::new(), blank: super::blank(rows) }
    }
}

impl Canvas {
    /// Draws in an area, as it is at `now`, unless that was done lately in the same second with the same `key`, which says all
    /// else that it depends on: then the same stands here. A debug build draws it anyway, and compares.
    pub fn pane(&mut self, area: Area, now: Time, key: impl Hash, draw: impl Fn(&mut Self, Time)) {
        let key = self.hasher.hash_one((now.timestamp(), self.theme, area, key));
        let found = self.panes.kept.iter().position(|pane| pane.key == key);
        let pane = match found.map(|place| self.panes.kept.remove(place)) {
            Some(pane) => {
                if cfg!(debug_assertions) {
                    let anew = self.by_itself(area, pane.drawn_at, draw);
                    assert!(pane.drawn == anew, "what stands in {area:?} is not what is drawn there");
                }
                pane
            }
            None => Pane { key, drawn_at: now, drawn: self.by_itself(area, now, draw) },
        };
        pane.drawn.put(self.rows.iter_mut().skip(area.y.into()));
        if self.panes.kept.len() == KEPT {
            self.panes.kept.remove(0);
        }
        self.panes.kept.push(pane);
    }

    fn by_itself(&mut self, area: Area, now: Time, draw: impl Fn(&mut Self, Time)) -> Drawn {
        std::mem::swap(&mut self.rows, &mut self.panes.blank);
        draw(self, now);
        std::mem::swap(&mut self.rows, &mut self.panes.blank);
        let from = usize::from(area.y).min(self.panes.blank.len());
        let to = (from + usize::from(area.rows)).min(self.panes.blank.len());
        let drawn = Drawn::take(self.panes.blank.get_mut(from..to).unwrap_or_default());
        debug_assert!(self.panes.blank.iter().all(|row| row.strokes.is_empty()), "it stays in its area");
        drawn
    }
}

#[cfg(test)]
mod tests {
    use ratatui::style::Style;

    use super::*;
    use crate::view::{Cell, Legend, Theme};

    const AREA: Area = Area { x: 4, y: 1, cols: 8, rows: 2 };

    fn at(millis: i64) -> Time {
        Time::from_timestamp_millis(millis).unwrap()
    }

    /// What stands beside it on its first row, what it says, and on which canvas.
    fn frame(canvas: &mut Canvas, beside: &str, now: Time, key: &str) -> Vec<(Option<u64>, u64)> {
        canvas.begin();
        draw(canvas, beside, now, key);
        (0..4).map(|y| canvas.digest(y, 18)).collect()
    }

    fn draw(canvas: &mut Canvas, beside: &str, now: Time, key: &str) {
        canvas.text(0, 1, 4, beside, Style::new());
        canvas.pane(AREA, now, key, |canvas, now| said(canvas, now, key));
        canvas.text(14, 2, 4, "end", Style::new());
    }

    fn said(canvas: &mut Canvas, now: Time, key: &str) {
        canvas.fill(Area { rows: 1, ..AREA }, '─', Style::new());
        canvas.text(4, 1, 8, key, Style::new());
        canvas.text(4, 2, 8, &format!("{key} {}", now.timestamp_subsec_millis()), Style::new());
    }

    fn seen(canvas: &Canvas, y: u16) -> String {
        let mut legend = Legend::default();
        let mut row = vec![Cell::BLANK; canvas.area.cols.into()];
        canvas.paint(y, &mut row, &mut legend);
        assert_eq!(legend.replaced(), 0);
        row.into_iter().map(|cell| legend.symbol(cell)).collect()
    }

    #[test]
    fn a_pane_of_the_same_key_is_drawn_once_a_second_whatever_stands_before_it() {
        let mut canvas = Canvas::new(Theme::default(), 18, 4);
        let first = frame(&mut canvas, "ab", at(1100), "key");
        assert_eq!([seen(&canvas, 1), seen(&canvas, 2)], ["ab  key─────      ", "    key 100   end "]);
        assert_eq!(frame(&mut canvas, "ab", at(1200), "key"), first, "it was not drawn again");
        let moved = frame(&mut canvas, "漢", at(1300), "key");
        assert_eq!([seen(&canvas, 1), seen(&canvas, 2)], ["漢  key─────      ", "    key 100   end "]);
        assert_ne!(moved[1], first[1]);
        assert_eq!(moved[2], first[2]);
        assert_eq!(frame(&mut canvas, "ab", at(1999), "key"), first);
        assert_ne!(frame(&mut canvas, "ab", at(2000), "key")[2], first[2], "a second has passed");
        assert_eq!(seen(&canvas, 2), "    key 0     end ");
    }

    #[test]
    fn a_row_has_the_same_digest_whether_a_pane_of_it_was_drawn_or_kept() {
        let mut canvas = Canvas::new(Theme::default(), 18, 4);
        let kept = [(); 2].map(|()| frame(&mut canvas, "ab", at(1100), "key"));
        canvas.begin();
        canvas.text(0, 1, 4, "ab", Style::new());
        said(&mut canvas, at(1100), "key");
        canvas.text(14, 2, 4, "end", Style::new());
        let direct: Vec<_> = (0..4).map(|y| canvas.digest(y, 18)).collect();
        assert_eq!(kept, [direct.clone(), direct]);
    }

    #[test]
    fn another_key_or_another_theme_is_another_pane() {
        let mut canvas = Canvas::new(Theme::default(), 18, 4);
        let first = frame(&mut canvas, "", at(1100), "key");
        assert_ne!(frame(&mut canvas, "", at(1200), "lock")[1..3], first[1..3]);
        assert_eq!(seen(&canvas, 2), "    lock 200  end ");
        canvas.theme.ascii = true;
        frame(&mut canvas, "", at(1300), "lock");
        assert_eq!(seen(&canvas, 2), "    lock 300  end ", "it was drawn as that theme has it");
    }

    #[test]
    fn what_was_asked_for_last_is_kept() {
        let mut canvas = Canvas::new(Theme::default(), 18, 4);
        let mut said = |millis: i64, key: &str| {
            frame(&mut canvas, "", at(millis), key);
            let pages = canvas.panes.kept.len();
            (seen(&canvas, 2).replace("end", "").trim().to_owned(), pages)
        };
        for (n, key) in (1..).zip(["a", "b", "c", "d", "e", "f", "g", "h"]) {
            assert_eq!(said(1000 + n, key), (format!("{key} {n}"), usize::try_from(n).unwrap()));
        }
        assert_eq!(said(1100, "a"), ("a 1".to_owned(), KEPT));
        assert_eq!(said(1200, "i"), ("i 200".to_owned(), KEPT));
        assert_eq!(said(1300, "a"), ("a 1".to_owned(), KEPT));
        assert_eq!(said(1400, "b"), ("b 400".to_owned(), KEPT), "it was asked for longest ago");
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "is not what is drawn there")]
    fn a_key_that_does_not_say_all_is_found() {
        let mut canvas = Canvas::new(Theme::default(), 18, 4);
        for text in ["a", "b"] {
            canvas.begin();
            canvas.pane(AREA, at(0), 1, |canvas, _| _ = canvas.text(4, 2, 8, text, Style::new()));
        }
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "it stays in its area")]
    fn a_pane_stays_in_its_area() {
        let mut canvas = Canvas::new(Theme::default(), 18, 4);
        canvas.pane(AREA, at(0), 1, |canvas, _| _ = canvas.text(4, 3, 8, "a", Style::new()));
    }
}
