//! How roles look: a palette, as the terminal at hand can show it.

mod palette;

use ratatui::style::{Color, Modifier, Style};

use self::palette::{Colour, Palette};
use super::cells::{Cell, Legend};
use crate::console::look::Look;
use crate::console::page::Role;
use crate::domain::severity::Severity;

/// How many colours a terminal shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Depth {
    /// Sixteen, whatever they are.
    #[default]
    Sixteen,
    /// The sixteen, and a cube of colours that are the same everywhere.
    Indexed,
    /// Every colour.
    True,
}

/// Which block characters a terminal's font has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Blocks {
    /// Quarters of a cell.
    #[default]
    Quarters,
    /// Halves: the fonts of text consoles.
    Halves,
}

/// How roles look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Theme {
    /// Which colours.
    pub look: Look,
    /// How many the terminal shows.
    pub depth: Depth,
    /// What large letters are made of.
    pub blocks: Blocks,
    /// ASCII only.
    pub ascii: bool,
}

impl Theme {
    /// A look, on a terminal of sixteen colours.
    pub const fn new(look: Look) -> Self {
        Self { look, depth: Depth::Sixteen, blocks: Blocks::Quarters, ascii: false }
    }

    /// The same in ASCII.
    #[must_use]
    pub const fn in_ascii(self) -> Self {
        Self { ascii: true, ..self }
    }

    /// How a piece of text looks.
    pub fn role(&self, role: Role) -> Style {
        let plain = Style::new();
        let &Palette { bad, warn, good, key, dim, .. } = self.palette();
        match role {
            Role::Plain => plain,
            Role::Dim => dim.map_or(plain.add_modifier(Modifier::DIM), |dim| self.coloured(dim)),
            Role::Strong | Role::Heading => plain.add_modifier(Modifier::BOLD),
            Role::Bad => self.coloured(bad).add_modifier(Modifier::BOLD),
            Role::Warn => self.coloured(warn),
            Role::Good => self.coloured(good),
            Role::Typed => plain.add_modifier(Modifier::UNDERLINED),
            Role::Caret | Role::Chosen => plain.add_modifier(Modifier::REVERSED),
            Role::Key => self.coloured(key).add_modifier(Modifier::BOLD),
        }
    }

    /// How a severity looks; its word and sign say the same.
    pub fn severity(&self, severity: Severity) -> Style {
        match severity {
            Severity::Critical => self.role(Role::Bad),
            Severity::High => self.role(Role::Warn),
            Severity::Normal => self.role(Role::Plain),
        }
    }

    /// What must be seen across the room.
    pub fn alarm(&self) -> Style {
        self.role(Role::Bad).add_modifier(Modifier::REVERSED)
    }

    /// Puts the ground under what was drawn, where the look has one of its own.
    pub fn ground(&self, cells: &mut [Cell], legend: &mut Legend) {
        let Some((text, ground)) = self.palette().ground else { return };
        let (text, ground) = (text.on(self.depth), ground.on(self.depth));
        legend.look(cells, |mut looks| {
            if looks.fg == Color::Reset {
                // Of sixteen colours what is bold is drawn in the brighter one: black in grey, and a part of a bar unlike the rest.
                let unlike = text == Color::Black || looks.modifier.contains(Modifier::REVERSED);
                if self.depth == Depth::Sixteen && unlike {
                    looks.modifier.remove(Modifier::BOLD);
                }
                looks.fg = text;
            }
            looks.bg = if looks.bg == Color::Reset { ground } else { looks.bg };
            looks
        });
    }

    fn palette(&self) -> &'static Palette {
        palette::of(self.look)
    }

    fn coloured(&self, colour: Colour) -> Style {
        if self.look == Look::Mono { Style::new() } else { Style::new().fg(colour.on(self.depth)) }
    }
}

#[cfg(test)]
mod tests;
