//! Words looked for in what fills the screen: the page scrolls, or the cursor goes, to the first place that has them.

use crate::console::choosing;
use crate::console::chord::{Chord, Key};
use crate::console::effect::Effect;
use crate::console::field::Field;
use crate::console::layout;
use crate::console::model::{Model, Screen};
use crate::console::page::seek;
use crate::console::prompt::Prompt;
use crate::domain::time::Time;

/// Asks for the words; some may stand there already.
pub(super) fn open(model: &mut Model, now: Time, field: Field) {
    look(model, now, field, None, None);
}

/// A key while they are typed. Letters only ever are letters of them.
pub(super) fn pressed(
    model: &mut Model,
    now: Time,
    chord: Chord,
    mut field: Field,
    place: Option<usize>,
) -> Vec<Effect> {
    let by = if chord.key == Key::Enter { Some(1) } else { choosing::step(chord) };
    match (chord.key, by) {
        (Key::Esc, _) => return Vec::new(),
        (_, Some(by)) => look(model, now, field, place, Some(by)),
        _ => {
            field.press(chord);
            look(model, now, field, place, None);
        }
    }
    Vec::new()
}

/// Pasted words count as typed ones.
pub(super) fn pasted(model: &mut Model, now: Time) {
    if let Some(Prompt::Seek { field, at }) = model.prompt.take() {
        look(model, now, field, at, None);
    }
}

/// Goes to a place that has the words: the next one, or the one before; without a step the nearest from where one is.
fn look(model: &mut Model, now: Time, field: Field, from: Option<usize>, by: Option<isize>) {
    let places = seek::places(model, now, &field.text());
    let here = from.or_else(|| seek::here(model, now)).unwrap_or(0);
    let at = match by {
        Some(by) if by < 0 => places.iter().rev().find(|place| **place < here).or(places.last()),
        Some(_) => places.iter().find(|place| **place > here).or(places.first()),
        None => places.iter().find(|place| **place >= here).or(places.first()),
    };
    let at = at.copied();
    if let Some(place) = at {
        show(model, now, place);
    }
    model.prompt = Some(Prompt::Seek { field, at: at.or(from) });
}

/// Brings a place into sight.
fn show(model: &mut Model, now: Time, place: usize) {
    let Some(rows) = layout::regions(model.size).map(|regions| regions.body.rows) else { return };
    if model.screen == Screen::Approvals {
        super::approvals::travel(model, now, |_| place);
    } else if let Some(list) = model.list_mut() {
        list.go_to(place);
    } else if let Some(top) = model.screen.top_mut() {
        let line = u16::try_from(place).unwrap_or(u16::MAX);
        if !(*top..top.saturating_add(rows)).contains(&line) {
            *top = line.saturating_sub(rows / 3);
        }
    }
}
