//! How the terminal would draw the next character, and the fewest bytes that change it.

use ratatui::style::{Color, Modifier};

use super::bytes::{number, or};
use crate::view::Looks;

/// What turns a modifier on and off. Bold and dim have one end, and are never on at once.
const CODES: [(Modifier, u16, u16); 7] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];

impl Looks {
    /// Takes another pen.
    pub fn turn(&mut self, into: Self, out: &mut Vec<u8>) {
        if *self == into {
            return;
        }
        let start = out.len();
        Codes::write(out, |codes| self.change(into, codes));
        or(out, start, |out| {
            Codes::write(out, |codes| {
                codes.add(0);
                Self::default().change(into, codes);
            });
        });
        *self = into;
    }

    fn change(self, into: Self, codes: &mut Codes<'_>) {
        for (modifier, _, off) in CODES {
            if self.modifier.difference(into.modifier).contains(modifier) {
                codes.add(off);
            }
        }
        for (modifier, on, _) in CODES {
            if into.modifier.difference(self.modifier).contains(modifier) {
                codes.add(on);
            }
        }
        if self.fg != into.fg {
            codes.colour(into.fg, 30);
        }
        if self.bg != into.bg {
            codes.colour(into.bg, 40);
        }
    }
}

/// A sequence of `ESC [ … m` as it is written.
struct Codes<'a> {
    out: &'a mut Vec<u8>,
    first: bool,
}

impl<'a> Codes<'a> {
    fn write(out: &'a mut Vec<u8>, what: impl FnOnce(&mut Self)) {
        out.extend(b"\x1b[");
        let mut codes = Self { out, first: true };
        what(&mut codes);
        codes.out.push(b'm');
    }

    fn add(&mut self, code: u16) {
        if !std::mem::take(&mut self.first) {
            self.out.push(b';');
        }
        // Nothing means nought.
        if code > 0 {
            number(self.out, code);
        }
    }

    /// The sixteen colours have codes of their own; `base` is 30 or 40.
    fn colour(&mut self, colour: Color, base: u16) {
        match colour {
            Color::Reset => self.add(base + 9),
            Color::Black => self.add(base),
            Color::Red => self.add(base + 1),
            Color::Green => self.add(base + 2),
            Color::Yellow => self.add(base + 3),
            Color::Blue => self.add(base + 4),
            Color::Magenta => self.add(base + 5),
            Color::Cyan => self.add(base + 6),
            Color::Gray => self.add(base + 7),
            Color::DarkGray => self.add(base + 60),
            Color::LightRed => self.add(base + 61),
            Color::LightGreen => self.add(base + 62),
            Color::LightYellow => self.add(base + 63),
            Color::LightBlue => self.add(base + 64),
            Color::LightMagenta => self.add(base + 65),
            Color::LightCyan => self.add(base + 66),
            Color::White => self.add(base + 67),
            Color::Indexed(index) => self.chosen([base + 8, 5, index.into()]),
            Color::Rgb(red, green, blue) => self.chosen([base + 8, 2, red.into(), green.into(), blue.into()]),
        }
    }

    /// A colour that is named by numbers; here nought is written.
    fn chosen<const N: usize>(&mut self, codes: [u16; N]) {
        for code in codes {
            self.add(code);
            if code == 0 {
                self.out.push(b'0');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turned(from: Looks, into: Looks) -> String {
        let mut out = Vec::new();
        let mut pen = from;
        pen.turn(into, &mut out);
        assert_eq!(pen, into);
        String::from_utf8(out).unwrap().replace('\x1b', "^")
    }

    #[test]
    fn a_pen_is_changed_in_the_fewest_bytes() {
        let plain = Looks::default();
        let red = Looks { fg: Color::Red, ..plain };
        let bold = |pen: Looks| Looks { modifier: pen.modifier | Modifier::BOLD, ..pen };
        let dim = Looks { modifier: Modifier::DIM, ..plain };
        let alarm = Looks { fg: Color::LightRed, bg: Color::Indexed(0), modifier: Modifier::REVERSED };
        let cases = [
            (plain, plain, ""),
            (plain, red, "^[31m"),
            (red, plain, "^[m"),
            (bold(red), red, "^[22m"),
            (bold(red), bold(plain), "^[39m"),
            (bold(plain), dim, "^[;2m"),
            (dim, plain, "^[m"),
            (plain, alarm, "^[7;91;48;5;0m"),
            (alarm, bold(plain), "^[;1m"),
            (plain, Looks { fg: Color::Rgb(1, 0, 255), ..plain }, "^[38;2;1;0;255m"),
        ];
        for (from, into, bytes) in cases {
            assert_eq!(turned(from, into), bytes, "{from:?} {into:?}");
        }
    }
}
