//! The colours of each look, and the nearest a poorer terminal has.

use ratatui::style::Color;

use super::Depth;
use crate::console::look::Look;

/// A colour on every kind of terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// One of the terminal's own sixteen, wherever.
    Own(Color),
    /// This one where it can be had, and one of the sixteen in its place.
    Mixed([u8; 3], Color),
}

impl Colour {
    /// The colour on a terminal of so many.
    pub fn on(self, depth: Depth) -> Color {
        match (self, depth) {
            (Self::Own(own) | Self::Mixed(_, own), Depth::Sixteen) | (Self::Own(own), _) => own,
            (Self::Mixed(rgb, _), Depth::Indexed) => Color::Indexed(nearest(rgb)),
            (Self::Mixed([red, green, blue], _), Depth::True) => Color::Rgb(red, green, blue),
        }
    }
}

/// The colours of a look.
pub struct Palette {
    /// Text and ground; without them those of the terminal.
    pub ground: Option<(Colour, Colour)>,
    /// What is less important; without it dimmed by the terminal.
    pub dim: Option<Colour>,
    /// Something is wrong.
    pub bad: Colour,
    /// Something may go wrong.
    pub warn: Colour,
    /// It is as it should be.
    pub good: Colour,
    /// A key that works.
    pub key: Colour,
}

use Colour::{Mixed, Own};

const DARK: Palette = Palette {
    ground: None,
    dim: None,
    bad: Own(Color::LightRed),
    warn: Own(Color::Yellow),
    good: Own(Color::Green),
    key: Own(Color::Cyan),
};

// Of the sixteen only a few are dark enough for a white ground.
const LIGHT: Palette = Palette {
    ground: Some((Mixed([0x1c, 0x1c, 0x1c], Color::Black), Mixed([0xff, 0xff, 0xff], Color::White))),
    dim: Some(Mixed([0x5c, 0x5c, 0x5c], Color::Black)),
    bad: Mixed([0xaf, 0x00, 0x1f], Color::Red),
    warn: Mixed([0x87, 0x4b, 0x00], Color::Magenta),
    good: Mixed([0x00, 0x5f, 0x2a], Color::Blue),
    key: Mixed([0x00, 0x57, 0xa0], Color::LightBlue),
};

const HIGH_CONTRAST: Palette = Palette {
    ground: Some((Mixed([0xff, 0xff, 0xff], Color::White), Mixed([0, 0, 0], Color::Black))),
    dim: Some(Mixed([0xd0, 0xd0, 0xd0], Color::Gray)),
    bad: Mixed([0xff, 0x87, 0x87], Color::LightRed),
    warn: Mixed([0xff, 0xff, 0x00], Color::LightYellow),
    good: Mixed([0x00, 0xff, 0x00], Color::LightGreen),
    key: Mixed([0x00, 0xff, 0xff], Color::LightCyan),
};

// Vermillion, yellow, bluish green and sky blue. No two of the sixteen that stand for them are a red and a green.
const COLOUR_BLIND: Palette = Palette {
    ground: Some((Mixed([0xe4, 0xe4, 0xe4], Color::Gray), Mixed([0, 0, 0], Color::Black))),
    dim: Some(Mixed([0x9e, 0x9e, 0x9e], Color::Gray)),
    bad: Mixed([0xd5, 0x5e, 0x00], Color::LightRed),
    warn: Mixed([0xf0, 0xe4, 0x42], Color::LightYellow),
    good: Mixed([0x00, 0x9e, 0x73], Color::Cyan),
    key: Mixed([0x56, 0xb4, 0xe9], Color::LightCyan),
};

/// The colours of a look; one that has none uses none of these.
pub fn of(look: Look) -> &'static Palette {
    match look {
        Look::Dark | Look::Mono => &DARK,
        Look::Light => &LIGHT,
        Look::HighContrast => &HIGH_CONTRAST,
        Look::ColourBlind => &COLOUR_BLIND,
    }
}

/// The steps of the cube.
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
/// The first index of the cube, and of the greys behind it.
const CUBE: u8 = 16;
const GREYS: u8 = 232;

/// What an index above the sixteen stands for.
pub fn mixed(index: u8) -> [u8; 3] {
    if index >= GREYS {
        return [8 + 10 * (index - GREYS); 3];
    }
    let at = index.saturating_sub(CUBE);
    [at / 36, at / 6 % 6, at % 6].map(|step| STEPS.get(usize::from(step)).copied().unwrap_or_default())
}

/// The index that comes nearest to a colour. The sixteen are left out: each terminal has others.
fn nearest(rgb: [u8; 3]) -> u8 {
    let distance = |index: &u8| {
        let apart = |(a, b): (u8, u8)| u32::from(a.abs_diff(b)).pow(2);
        mixed(*index).into_iter().zip(rgb).map(apart).sum::<u32>()
    };
    (CUBE..=u8::MAX).min_by_key(distance).unwrap_or(CUBE)
}
